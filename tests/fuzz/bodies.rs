//! What must hold for whatever bytes: nothing panics, every row is accounted for, every diagnostic names
//! its file, messages are in order and their speakers exist.
//!
//! The bodies are shared: `cargo test --test fuzz` runs them over mutated fixtures, a bounded number of
//! times; the targets of `fuzz/` run them under libFuzzer for as long as one likes.

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use zhijian::import::{self, Options};
use zhijian::sheets::{Limits, open};

/// A body: its name, and what it does with an input.
pub type Body = (&'static str, fn(&[u8]));

/// Every body.
pub const BODIES: [Body; 6] = [
    ("decode", decode),
    ("csv", csv),
    ("json", json),
    ("chat", chat),
    ("time", time),
    ("xlsx", xlsx),
];

/// Reads a file to its end and checks what must hold of any.
fn hold(name: &str, bytes: &[u8], options: &Options) {
    let mut reader = import::read(name, bytes.to_vec(), options);
    let mut messages = 0;
    let mut conversations = 0;
    for transcript in reader.by_ref() {
        conversations += 1;
        messages += transcript.messages.len();
        assert!(!transcript.messages.is_empty(), "an empty conversation");
        assert_eq!(transcript.file, name);
        let mut latest = i64::MIN;
        for message in &transcript.messages {
            assert!(!transcript.speaker(message).name.contains('\0') || bytes.contains(&0));
            if let Some(time) = message.time {
                assert!(time.millis >= latest, "out of order");
                latest = time.millis;
                // What can be written down can be read again.
                assert!(transcript.zone.rfc3339(time).len() >= 25);
            }
        }
    }
    let figures = reader.accounting();
    assert_eq!(figures.messages, messages);
    assert_eq!(figures.conversations, conversations);
    assert_eq!(
        figures.rows,
        figures.messages + figures.records + figures.excluded_rows(),
        "rows"
    );
    assert!(reader.consumed() <= reader.total());
    assert!(
        messages > 0 || !reader.diagnostics().is_empty(),
        "nothing read, and nothing said"
    );
    for told in reader.diagnostics() {
        assert_eq!(told.file.as_deref(), Some(name), "{}", told.code);
        assert!(!told.message.zh.is_empty() && !told.message.en.is_empty());
        assert_ne!(told.line, Some(0), "{}", told.code);
    }
}

fn with_format(format: &'static str, data: &[u8]) {
    let options = Options {
        format: Some(format),
        encoding: Some(UTF_8),
        ..Options::default()
    };
    hold("a", data, &options);
}

/// Bytes to text: the first byte chooses the encoding, or none.
pub fn decode(data: &[u8]) {
    const FORCED: [Option<&Encoding>; 6] = [
        None,
        Some(UTF_8),
        Some(GB18030),
        Some(BIG5),
        Some(UTF_16LE),
        Some(UTF_16BE),
    ];
    let Some((&first, rest)) = data.split_first() else {
        return hold("a", data, &Options::default());
    };
    let options = Options {
        encoding: FORCED[usize::from(first) % FORCED.len()],
        ..Options::default()
    };
    hold("a.txt", rest, &options);
}

/// Tables as text, and those of one system.
pub fn csv(data: &[u8]) {
    const SYSTEMS: [&str; 5] = [
        "qianniu-table",
        "jddc-tsv",
        "feige-table",
        "zendesk-comments-table",
        "zendesk-chat-table",
    ];
    with_format("csv", data);
    with_format(SYSTEMS[data.len() % SYSTEMS.len()], data);
}

/// JSON, of whatever format it looks like, and as one of them: its length chooses which.
pub fn json(data: &[u8]) {
    hold("a.json", data, &Options::default());
    let formats: Vec<_> = import::formats().iter().filter(|it| it.is_json()).collect();
    with_format(formats[data.len() % formats.len()].id, data);
}

/// Text in which people speak.
pub fn chat(data: &[u8]) {
    for format in import::formats() {
        if format.id.contains("text") {
            with_format(format.id, data);
        }
    }
}

/// A time as people and programs write it: whatever it is, the message stays.
pub fn time(data: &[u8]) {
    let written = String::from_utf8_lossy(data);
    let cell: String = written
        .chars()
        // Two control characters in so short a file make it a binary one.
        .filter(|c| *c != '"' && !c.is_control())
        .take(60)
        .collect();
    let table = format!("角色,时间,内容\n客服,\"{cell}\",好的\n客户,\"{cell}\",谢谢\n");
    hold("a.csv", table.as_bytes(), &Options::default());
    let mut reader = import::read("a.csv", table.into_bytes(), &Options::default());
    let said: usize = reader.by_ref().map(|one| one.messages.len()).sum();
    assert_eq!(said, 2, "{cell}");
}

/// Workbooks, archives and pages with tables; the first byte says what the rest is a part of.
pub fn xlsx(data: &[u8]) {
    let (first, rest) = data.split_first().unwrap_or((&0, &[]));
    let part = |name: &'static str| {
        let mut parts = vec![
            ("xl/workbook.xml", &b"<workbook><workbookPr date1904=\"0\"/><sheets><sheet name=\"S\" id=\"r1\"/></sheets></workbook>"[..]),
            ("xl/_rels/workbook.xml.rels", b"<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"),
            ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>45418.5</v></c></row></sheetData></worksheet>"),
        ];
        parts.retain(|(known, _)| *known != name);
        parts.push((name, rest));
        zip(&parts)
    };
    let (name, bytes) = match first % 8 {
        0..=2 => ("a.xlsx", part("xl/worksheets/sheet1.xml")),
        3 => ("a.xlsx", part("xl/sharedStrings.xml")),
        4 => ("a.xls", compound(rest)),
        5 => ("a.xlsx", part("xl/styles.xml")),
        6 => ("a.zip", [b"PK\x03\x04", rest].concat()),
        _ => ("a.xls", rest.to_vec()),
    };
    let limits = Limits {
        held: 4 << 20,
        inflated: 32 << 20,
        ..Limits::default()
    };
    let opened = open(name, &bytes, Some("password"), &limits);
    assert!(
        !opened.members.is_empty() || !opened.diagnostics.is_empty(),
        "nothing read, and nothing said"
    );
    for told in &opened.diagnostics {
        let file = told.file.as_deref().unwrap_or_default();
        assert!(file.starts_with(name), "{}: {file}", told.code);
        assert_ne!(told.line, Some(0), "{}", told.code);
    }
    for member in opened.members {
        if member.name.contains('!') {
            assert!(
                std::str::from_utf8(&member.bytes).is_ok(),
                "{}",
                member.name
            );
        }
        let options = Options {
            rows: Some(member.rows.into()),
            ..Options::default()
        };
        hold(&member.name, &member.bytes, &options);
    }
}

/// A zip of files as they are.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, bytes) in files {
        let offset = out.len() as u32;
        let crc = !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
            })
        });
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        for number in [crc, bytes.len() as u32, bytes.len() as u32] {
            common.extend(number.to_le_bytes());
        }
        common.extend([name.len() as u8, 0, 0, 0]);
        out.extend([&b"PK\x03\x04"[..], &common, name.as_bytes(), bytes].concat());
        directory.extend([&b"PK\x01\x02\x14\0"[..], &common, &[0; 10]].concat());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, start) = (files.len() as u8, out.len() as u32);
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, 0, count, 0]);
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// A compound file with this stream as its workbook.
fn compound(stream: &[u8]) -> Vec<u8> {
    const END: u32 = u32::MAX - 1;
    let length = stream.len().next_multiple_of(512).max(4096);
    let mut out = vec![0; 512];
    out[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    let words = [
        (26, 0xfffe_0003),
        (30, 0x0006_0009),
        (44, 1),
        (48, 1),
        (56, 4096),
        (60, END),
        (68, END),
    ];
    for (at, word) in words
        .into_iter()
        .chain((1..109).map(|at| (76 + 4 * at, u32::MAX)))
    {
        out[at..at + 4].copy_from_slice(&u32::to_le_bytes(word));
    }
    let last = length / 512 + 1;
    let next = |at: usize| match at {
        0 => u32::MAX - 2,
        1 => END,
        at if at == last => END,
        at if at < last => at as u32 + 1,
        _ => u32::MAX,
    };
    out.extend((0..128).flat_map(|at| next(at).to_le_bytes()));
    for (name, kind, start, size) in [("Root Entry", 5, END, 0), ("Workbook", 2, 2, length as u32)]
    {
        let mut entry = [0; 128];
        for (at, byte) in name.bytes().enumerate() {
            entry[2 * at] = byte;
        }
        entry[64] = (2 * name.len() + 2) as u8;
        entry[66] = kind;
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&size.to_le_bytes());
        out.extend(entry);
    }
    out.resize(1536, 0);
    out.extend(stream);
    out.resize(1536 + length, 0);
    out
}
