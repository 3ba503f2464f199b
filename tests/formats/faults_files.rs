//! Faults of files: empty, misnamed, cut, ragged, too large, in great number.

use std::collections::BTreeSet;

use zhijian::diagnostic::Diagnostic;
use zhijian::import::{self, Options};
use zhijian::report::Accounting;
use zhijian::sheets::{Limits, Opened, open};

use crate::books::{self, Book, Entry, crafted, stored, table, texts, told, zipped};
use crate::located;

/// What is told of a text, and what became of its rows.
fn read(name: &str, text: &str) -> (Vec<Diagnostic>, Accounting) {
    let mut reader = import::read(name, text.as_bytes().to_vec(), &Options::default());
    let _ = reader.by_ref().count();
    let accounting = reader.accounting().clone();
    located::note(reader.diagnostics());
    assert_eq!(
        accounting.rows,
        accounting.messages + accounting.records + accounting.excluded_rows()
    );
    (reader.diagnostics().to_vec(), accounting)
}

/// What is in a file; what is told of it is counted.
fn opened(name: &str, bytes: &[u8]) -> Opened {
    let opened = books::opened(name, bytes);
    located::note(&opened.diagnostics);
    opened
}

/// The diagnostic of a code.
fn of<'d>(diagnostics: &'d [Diagnostic], code: &str) -> &'d Diagnostic {
    let found = diagnostics.iter().find(|one| one.code == code);
    found.unwrap_or_else(|| {
        let codes: Vec<&str> = diagnostics.iter().map(|one| one.code.as_str()).collect();
        panic!("no {code} in {codes:?}")
    })
}

const HEADER: &str = "会话ID,时间,角色,发送人,内容\n";

#[test]
pub fn e20_empty_file_or_header_only() {
    for (text, code) in [
        ("", "file-empty"),
        (" \n\n", "file-empty"),
        (HEADER, "conversations-missing"),
    ] {
        let (told, accounting) = read("a.csv", text);
        let told = of(&told, code);
        assert_eq!(told.file.as_deref(), Some("a.csv"));
        assert_eq!((accounting.messages, accounting.conversations), (0, 0));
    }
    let empty = Book {
        sheets: vec![("S", "<sheetData/>")],
        ..Book::default()
    };
    assert_eq!(
        told(&opened("b.xlsx", &empty.bytes())),
        [("workbook-empty", "b.xlsx", None, "")]
    );
    let header = table(&[&["会话ID", "时间", "角色", "发送人", "内容"]]);
    let header = Book {
        sheets: vec![("S", header.as_str())],
        ..Book::default()
    };
    let opened = opened("b.xlsx", &header.bytes());
    let (name, text) = texts(&opened)[0];
    let (told, accounting) = read(name, text);
    assert_eq!(
        of(&told, "conversations-missing").file.as_deref(),
        Some("b.xlsx!S")
    );
    assert_eq!(accounting.messages, 0);
}

#[test]
pub fn e21_wrong_extension() {
    let rows = table(&[&["会话ID", "内容"], &["c1", "在吗"]]);
    let book = Book {
        sheets: vec![("S", rows.as_str())],
        ..Book::default()
    };
    let named_csv = opened("export.csv", &book.bytes());
    assert_eq!(
        texts(&named_csv),
        [("export.csv!S", "会话ID,内容\nc1,在吗\n")]
    );
    assert_eq!(
        told(&named_csv),
        [("file-type-mismatch", "export.csv", None, "")]
    );
    let page =
        "<table><tr><td>会话ID</td><td>内容</td></tr><tr><td>c1</td><td>在吗</td></tr></table>";
    let named_xls = opened("已卖出的宝贝.xls", page.as_bytes());
    assert_eq!(
        texts(&named_xls),
        [("已卖出的宝贝.xls", "会话ID,内容\nc1,在吗\n")]
    );
    assert_eq!(told(&named_xls)[0].0, "file-type-mismatch");
    let old = opened("chat.xlsx", include_bytes!("../fixtures/sheets/chat.xls"));
    assert_eq!(told(&old)[0], ("file-type-mismatch", "chat.xlsx", None, ""));
    assert_eq!(old.members.len(), 1);
    // A table with tabs that calls itself a workbook is text, and read as such.
    assert!(!zhijian::sheets::is_container(
        "a.xls",
        "会话ID\t内容\nc1\t在吗\n".as_bytes()
    ));
}

#[test]
pub fn e22_unterminated_quote() {
    let text = [HEADER, "c1,2024-05-06 10:00:00,客户,tb8801,\"在吗\nc1,2024-05-06 10:00:05,客服,小迪,在的\nc1,2024-05-06 10:00:09,客户,tb8801,好\n"].concat();
    let (told, accounting) = read("a.csv", &text);
    let told = of(&told, "csv-quote-unterminated");
    assert_eq!((told.line, told.file.as_deref()), (Some(2), Some("a.csv")));
    assert!(accounting.messages >= 2, "{accounting:?}");
}

#[test]
pub fn e23_ragged_rows_and_headers() {
    let text = [HEADER, "c1,2024-05-06 10:00:00,客户,tb8801,在吗\nc1,2024-05-06 10:00:05,客服,小迪,在的,多,余\nc1,2024-05-06 10:00:09,客户,tb8801,好\n"].concat();
    let (told, accounting) = read("a.csv", &text);
    let told = of(&told, "csv-ragged-row");
    assert_eq!((told.line, told.file.as_deref()), (Some(3), Some("a.csv")));
    // Told, and read as far as the header goes: nothing moves into another column.
    assert_eq!((accounting.rows, accounting.messages), (3, 3));
    // The same in a sheet, by its row.
    let rows = table(&[
        &["会话ID", "时间", "角色", "发送人", "内容"],
        &["c1", "2024-05-06 10:00:00", "客户", "tb8801", "在\n吗"],
        &["c1", "2024-05-06 10:00:05", "客服", "小迪", "在的", "多"],
    ]);
    let book = Book {
        sheets: vec![("S", rows.as_str())],
        ..Book::default()
    };
    let mut opened = opened("b.xlsx", &book.bytes());
    let member = opened.members.remove(0);
    let options = Options {
        rows: Some(member.rows.into()),
        ..Options::default()
    };
    let mut reader = import::read(&member.name, member.bytes, &options);
    let _ = reader.by_ref().count();
    assert_eq!(of(reader.diagnostics(), "csv-ragged-row").line, Some(3));
}

#[test]
pub fn e24_other_delimiters() {
    for delimiter in [";", "\t"] {
        let text = [
            HEADER,
            "c1,2024-05-06 10:00:00,客户,tb8801,在吗\nc1,2024-05-06 10:00:05,客服,小迪,在的\n",
        ]
        .concat();
        let (_, accounting) = read("a.csv", &text.replace(',', delimiter));
        assert_eq!(
            (accounting.messages, accounting.excluded_rows()),
            (2, 0),
            "{delimiter:?}"
        );
    }
}

#[test]
pub fn e25_crafted_workbooks() {
    // A cell at the far end: both cells are read.
    let content = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>2</v></c></row></sheetData>";
    let book = |content| {
        Book {
            sheets: vec![("S", content)],
            ..Book::default()
        }
        .bytes()
    };
    let far = opened("far.xlsx", &book(content));
    let text = texts(&far)[0].1;
    assert_eq!((text.lines().count(), text.len()), (2, 2 + 16_383 + 2));
    assert_eq!(import::row_of(&far.members[0].rows, 2), 1_048_576);
    assert_eq!(told(&far), []);

    // References that are none.
    let content = "<sheetData><row r=\"1\"><c r=\"A0\"><v>1</v></c><c r=\"ZZZZZZZ1\"><v>2</v></c><c r=\"B1\"><v>3</v></c></row><row r=\"99999999999\"><c><v>4</v></c></row></sheetData>";
    let bad = opened("bad.xlsx", &book(content));
    assert_eq!(texts(&bad), [("bad.xlsx!S", ",3\n4,\n")]);
    let file = "bad.xlsx!S";
    assert_eq!(
        told(&bad),
        [
            ("cell-reference-invalid", file, Some(1), "S!A0"),
            ("cell-reference-invalid", file, Some(1), "S!ZZZZZZZ1"),
            ("cell-reference-invalid", file, Some(2), "S!99999999999"),
        ]
    );

    // Shared strings that are not there, all or one.
    let content = "<sheetData><row r=\"7\"><c r=\"B7\" t=\"s\"><v>5</v></c><c r=\"C7\"><v>1</v></c></row></sheetData>";
    for strings in [None, Some("<si><t>x</t></si>")] {
        let missing = Book {
            sheets: vec![("Sheet1", content)],
            strings,
            ..Book::default()
        };
        let missing = opened("m.xlsx", &missing.bytes());
        assert_eq!(
            told(&missing),
            [(
                "shared-string-missing",
                "m.xlsx!Sheet1",
                Some(7),
                "Sheet1!B7"
            )]
        );
        assert_eq!(texts(&missing), [("m.xlsx!Sheet1", ",,1\n")]);
    }

    // Cut short.
    let whole = book("<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>");
    for length in [4, 30, whole.len() / 2, whole.len() - 1] {
        let cut = opened("cut.xlsx", &whole[..length]);
        let told = told(&cut);
        assert_eq!(
            (told[0].0, told[0].1),
            ("file-damaged", "cut.xlsx"),
            "{length}"
        );
    }

    // With a password: a compound file with one stream.
    let locked = opened("locked.xlsx", &compound("EncryptedPackage", &[0; 5000]));
    let codes: Vec<&str> = told(&locked).iter().map(|one| one.0).collect();
    assert_eq!(codes, ["workbook-encrypted"]);
    let filepass = [biff(0x0809, &[0, 6, 5, 0]), biff(0x002f, &[0; 6])].concat();
    let locked = opened("locked.xls", &compound("Workbook", &filepass));
    assert_eq!(
        told(&locked),
        [("workbook-encrypted", "locked.xls", None, "")]
    );

    // An old workbook whose narrow strings are GBK.
    let gbk = encoding_rs::GBK.encode("亲，在的 café").0.into_owned();
    let latin = b"caf\xe9 ol\xe9";
    let narrow = |row: u8, bytes: &[u8]| {
        let head = [row, 0, 0, 0, 0, 0, bytes.len() as u8, 0, 0];
        biff(0x0204, &[&head, bytes].concat())
    };
    let globals = |offset: u32| {
        let sheet = [&offset.to_le_bytes()[..], &[0, 0, 1, 0, b'S']].concat();
        [
            biff(0x0809, &[0, 6, 5, 0]),
            biff(0x0042, &936_u16.to_le_bytes()),
            biff(0x0085, &sheet),
            biff(0x000a, &[]),
        ]
        .concat()
    };
    let offset = globals(0).len() as u32;
    let cells = [
        biff(0x0809, &[0, 6, 16, 0]),
        narrow(0, &gbk[..9]),
        narrow(1, latin),
        biff(0x000a, &[]),
    ]
    .concat();
    let old = opened(
        "old.xls",
        &compound("Workbook", &[globals(offset), cells].concat()),
    );
    assert_eq!(texts(&old), [("old.xls!S", "亲，在的 \ncafé olé\n")]);
    assert_eq!(told(&old), []);
}

/// A record of an old workbook.
fn biff(kind: u16, data: &[u8]) -> Vec<u8> {
    [
        &kind.to_le_bytes()[..],
        &(data.len() as u16).to_le_bytes(),
        data,
    ]
    .concat()
}

/// A compound file with one stream, filled up so that it is none of the small ones.
fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut stream = stream.to_vec();
    stream.resize(stream.len().next_multiple_of(512).max(4096), 0);
    let sectors = stream.len() / 512;
    let mut out = vec![0; 512];
    out[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    let mut put = |at: usize, value: u32| out[at..at + 4].copy_from_slice(&value.to_le_bytes());
    put(26, 0xfffe_0003);
    put(30, 0x0006_0009);
    put(44, 1);
    put(48, 1);
    put(56, 4096);
    put(60, u32::MAX - 1);
    put(68, u32::MAX - 1);
    for index in 1..109 {
        put(76 + 4 * index, u32::MAX);
    }
    // Sector 0 holds the chains, 1 the directory, the stream follows.
    let mut chains = vec![u32::MAX - 2, u32::MAX - 1];
    chains.extend((0..sectors).map(|at| {
        if at + 1 == sectors {
            u32::MAX - 1
        } else {
            at as u32 + 3
        }
    }));
    chains.resize(128, u32::MAX);
    out.extend(chains.iter().flat_map(|next| next.to_le_bytes()));
    let entry = |name: &str, kind: u8, start: u32, size: u32| {
        let mut entry = vec![0; 128];
        for (at, unit) in name.encode_utf16().enumerate() {
            entry[2 * at..2 * at + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[64] = (2 * name.len() + 2) as u8;
        entry[66] = kind;
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&size.to_le_bytes());
        entry
    };
    out.extend(entry("Root Entry", 5, u32::MAX - 1, 0));
    out.extend(entry(name, 2, 2, stream.len() as u32));
    out.resize(1536, 0);
    out.extend(stream);
    out
}

#[test]
pub fn e25_bombs_are_refused() {
    // It says what it is.
    let bomb = crafted(&[Entry {
        name: b"big.csv",
        stored: &[0; 523_000],
        deflated: true,
        size: 512 << 20,
        crc: 0,
    }]);
    let opened_bomb = opened("bomb.zip", &bomb);
    assert_eq!(
        told(&opened_bomb)[0],
        ("archive-ratio", "bomb.zip/big.csv", None, "")
    );
    assert_eq!(opened_bomb.members, []);

    // It says something else.
    let zeros = vec![b'0'; 64 << 20];
    let packed = stored(&zipped(&[("x", &zeros)]));
    for name in ["big.csv", "xl/worksheets/sheet1.xml"] {
        let mut parts = vec![Entry {
            name: name.as_bytes(),
            stored: &packed,
            deflated: true,
            size: 900,
            crc: 0,
        }];
        let workbook = b"<workbook><sheets><sheet name=\"S\" id=\"r1\"/></sheets></workbook>";
        let relations = b"<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>";
        for (name, bytes) in [
            ("xl/workbook.xml", &workbook[..]),
            ("xl/_rels/workbook.xml.rels", relations),
        ] {
            if !name.starts_with("big") && parts[0].name != b"big.csv" {
                parts.push(Entry {
                    name: name.as_bytes(),
                    stored: bytes,
                    deflated: false,
                    size: bytes.len() as u32,
                    crc: crc32(bytes),
                });
            }
        }
        let lied = opened("lie.zip", &crafted(&parts));
        let codes: Vec<&str> = told(&lied).iter().map(|one| one.0).collect();
        let refused = ["archive-ratio", "file-damaged", "cell-too-long"];
        assert!(
            codes.iter().any(|code| refused.contains(code)),
            "{name}: {codes:?}"
        );
        assert_eq!(lied.members, [], "{name}");
    }
}

/// As zips have it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

#[test]
pub fn e26_long_ids_are_never_floats() {
    let content = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>订单号</t></is></c></row>\
        <row r=\"2\"><c r=\"A2\"><v>1.23456789012345E+17</v></c></row>\
        <row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><t>123456789012345678</t></is></c></row>\
        <row r=\"4\"><c r=\"A4\"><v>123456789012345678</v></c></row></sheetData>";
    let book = Book {
        sheets: vec![("S", content)],
        ..Book::default()
    };
    let opened = opened("b.xlsx", &book.bytes());
    assert_eq!(
        texts(&opened),
        [(
            "b.xlsx!S",
            "订单号\n123456789012345000\n123456789012345678\n123456789012345678\n"
        )]
    );
    assert_eq!(
        told(&opened),
        [("number-inexact", "b.xlsx!S", Some(2), "S!A2")]
    );
    // In text the digits are gone already: told at every row, of what is read and of what is not.
    let text = "会话ID,订单号,角色,内容\n1.23E+17,4567,客户,在吗\n1.23E+17,2.5E+18,客服,在的，1.23E+17\n123456789012345678,123456789012345678,客户,好\n";
    for (name, text) in [
        ("a.csv", text.to_owned()),
        ("a.tsv", text.replace(',', "\t")),
    ] {
        let (told, accounting) = read(name, &text);
        let told: Vec<_> = told
            .iter()
            .filter(|one| one.code == "number-inexact")
            .map(|one| (one.line, one.field.as_deref(), one.file.as_deref()))
            .collect();
        let file = Some(name);
        assert_eq!(
            told,
            [
                (Some(2), Some("会话ID"), file),
                (Some(3), Some("会话ID"), file),
                (Some(3), Some("订单号"), file),
            ]
        );
        assert_eq!((accounting.messages, accounting.conversations), (3, 2));
    }
    // As a number in JSON an id stays what is written.
    let json = "{\"id\":123456789012345678,\"messages\":[{\"role\":\"agent\",\"text\":\"好\"}]}";
    let mut reader = import::read("a.json", json.into(), &Options::default());
    assert_eq!(
        reader.next().map(|one| one.id).as_deref(),
        Some("123456789012345678")
    );
    // Tables of orders as well.
    let orders = "订单编号,下单时间,付款时间\n1.23E+17,2024-05-06 10:00:00,2024-05-06 10:01:00\n";
    let file = import::read_table("o.csv", orders.into(), None, &Options::default());
    let told = of(&file.diagnostics, "number-inexact");
    assert_eq!(
        (told.line, told.field.as_deref()),
        (Some(2), Some("订单编号"))
    );
    assert_eq!(file.accounting.records, 1);
}

#[test]
pub fn e27_broken_json() {
    let message = "{\"role\":\"customer\",\"time\":\"2024-05-06 10:00:00\",\"text\":\"在吗\"}";
    let good = |id: &str| format!("{{\"id\":\"{id}\",\"messages\":[{message}]}}");
    let located = |told: &[Diagnostic], line: u32| {
        let at = |one: &Diagnostic| one.line == Some(line) && one.file.is_some();
        told.iter()
            .any(|one| at(one) && one.severity != zhijian::diagnostic::Level::Info)
    };
    // A line that is none: skipped, counted, located.
    let (told, accounting) = read(
        "a.jsonl",
        &format!("{}\n{{\"id\":\"b\" oops]\n{}\n", good("a"), good("c")),
    );
    assert!(located(&told, 2), "{told:?}");
    assert_eq!((accounting.conversations, accounting.messages), (2, 2));
    assert!(accounting.excluded_rows() >= 1);
    // Deeper than anybody writes, and a number that is none: located, the rest read.
    let deep = format!("{}1{}", "[".repeat(400), "]".repeat(400));
    for broken in [deep.as_str(), "{\"role\":\"agent\",\"text\":NaN}"] {
        let text = format!("{{\"id\":\"a\",\"messages\":[{message},{broken}]}}");
        let (told, accounting) = read("a.json", &text);
        assert!(located(&told, 1), "{told:?}");
        assert_eq!(
            (accounting.messages, accounting.excluded_rows()),
            (1, 1),
            "{broken}"
        );
    }
    // Names that mean something elsewhere mean nothing here.
    let (_, accounting) = read(
        "a.json",
        &format!("{{\"__proto__\":{{\"x\":1}},{}", &good("a")[1..]),
    );
    assert_eq!(accounting.messages, 1);
}

#[test]
pub fn e29_copies_on_the_command_line_count_once() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats-e29");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("b")).expect("a folder");
    let text = [
        HEADER,
        "c1,2024-05-06 10:00:00,客户,tb8801,在吗\nc1,2024-05-06 10:00:05,客服,小迪,在的\n",
    ]
    .concat();
    std::fs::write(folder.join("small.toml"), crate::faults_text::STANDARD).expect("a standard");
    for name in ["a.csv", "b.csv", "b/a.csv"] {
        std::fs::write(folder.join(name), &text).expect("a file");
    }
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_zhijian"))
            .args(arguments)
            .current_dir(&folder)
            .output()
            .expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    let (report, _) = run(&[
        "inspect",
        "--standard",
        "small.toml",
        "--format",
        "json",
        "a.csv",
        "b.csv",
        "b",
    ]);
    let report: serde_json::Value = serde_json::from_str(&report).expect("a report");
    let told: Vec<_> = report["diagnostics"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["code"] == "file-duplicate")
        .map(|one| one["file"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(told, ["b.csv", "b/a.csv"]);
    let figures = &report["accounting"];
    assert_eq!(
        (&figures["messages"], &figures["conversations"]),
        (&2.into(), &1.into())
    );
    let (lines, told) = run(&["convert", "--lang", "en", "a.csv", "b.csv", "b"]);
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert_eq!(told.matches("file-duplicate").count(), 2, "{told}");
    let (check, _) = run(&["convert", "--check", "--lang", "en", "a.csv", "b.csv"]);
    assert_eq!(check.matches("file-duplicate").count(), 1, "{check}");
}

#[test]
pub fn e29_ten_thousand_files() {
    let files: Vec<(String, String)> = (0..10_000)
        .map(|at| {
            let text = format!(
                "{HEADER}c{},2024-05-06 10:00:00,客户,tb8801,在吗{}\n",
                at % 9_990,
                at % 9_990
            );
            (format!("{at}/chat.csv"), text)
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes()))
        .collect();
    let opened = open("all.zip", &zipped(&files), None, &Limits::default());
    assert_eq!(opened.members.len(), 9_990);
    let names: BTreeSet<&str> = opened.members.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names.len(), 9_990);
    // Each copy is told once, by its own name.
    let told = told(&opened);
    assert_eq!(told.len(), 10);
    assert_eq!(
        (told[0].0, told[0].1),
        ("file-duplicate", "all.zip/9990/chat.csv")
    );
    assert!(
        opened.diagnostics[0]
            .message
            .en
            .contains("all.zip/0/chat.csv")
    );
    let total: usize = opened
        .members
        .into_iter()
        .map(|member| {
            let mut reader = import::read(&member.name, member.bytes, &Options::default());
            let _ = reader.by_ref().count();
            reader.accounting().messages
        })
        .sum();
    assert_eq!(total, 9_990);
}
