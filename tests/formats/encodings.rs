//! What is decoded is what a browser's `TextDecoder` decodes, code by code, and what is one character to a
//! person is what `Intl.Segmenter` says.
//!
//! `tests/fixtures/encodings` was written by Chromium and is checked against it by
//! `tests/e2e/encodings.spec.ts`, and against Node by `tests/wasm/encodings.test.mjs`; the rows are those of
//! `tests/wasm/encodings.mjs`.

// A check that finds its input absent says so.
#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use encoding_rs::{BIG5, Encoding, GB18030, GBK};
use zhijian::diagnostic::Diagnostic;
use zhijian::import::{self, Begun, Detection, Options, Reader, Sizes};
use zhijian::report::Accounting;
use zhijian::span::{Span, Unit, convert};
use zhijian::transcript::Transcript;

type Tables = BTreeMap<String, BTreeMap<String, String>>;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/encodings")
        .join(name)
}

fn hash(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{hash:08x}")
}

/// Every code of two bytes of a lead byte, each with a dot behind it.
fn two(lead: u8) -> Vec<u8> {
    codes(lead, &[0x7f])
}

/// Those of Big5, but for the four that stand for two characters: see `rare_characters_are_exact`.
fn big5(lead: u8) -> Vec<u8> {
    let double: &[u8] = if lead == 0x88 {
        &[0x7f, 0x62, 0x64, 0xa3, 0xa5]
    } else {
        &[0x7f]
    };
    codes(lead, double)
}

fn codes(lead: u8, without: &[u8]) -> Vec<u8> {
    let trails = (0x40..0xff).filter(|trail| !without.contains(trail));
    let codes = trails.flat_map(|trail| [lead, trail, b'.']);
    std::iter::once(b'.').chain(codes).collect()
}

/// Every thirteenth code of four bytes of a lead byte.
fn four(lead: u8) -> Vec<u8> {
    let codes = (0..12_600usize).step_by(13).flat_map(|at| {
        let digit = |value: usize| 0x30 + u8::try_from(value % 10).expect("a digit");
        let third = 0x81 + u8::try_from(at / 10 % 126).expect("a byte");
        [lead, digit(at / 1260), third, digit(at), b'.']
    });
    std::iter::once(b'.').chain(codes).collect()
}

/// A table with a message a row, read in this encoding.
fn rows(encoding: &'static Encoding, row: fn(u8) -> Vec<u8>) -> Vec<String> {
    let mut csv = b"role,text\n".to_vec();
    for lead in 0x81..0xff {
        csv.extend_from_slice(b"agent,");
        csv.extend(row(lead));
        csv.push(b'\n');
    }
    let options = Options {
        encoding: Some(encoding),
        ..Options::default()
    };
    let reader = import::read("codes.csv", csv, &options);
    reader
        .flat_map(|one| one.messages)
        .map(|message| message.text)
        .collect()
}

#[test]
fn every_code_is_decoded_as_a_browser_does() {
    let json = std::fs::read_to_string(fixture("tables.json")).expect("tables.json");
    let tables: Tables = serde_json::from_str(&json).expect("hashes");
    let mut wrong = Vec::new();
    let mut checked = 0;
    for (name, encoding, row) in [
        ("gb18030", GB18030, two as fn(u8) -> Vec<u8>),
        ("gbk", GBK, two),
        ("big5", BIG5, big5),
        ("four", GB18030, four),
    ] {
        let found = rows(encoding, row);
        assert_eq!(found.len(), 126, "{name}");
        for (lead, text) in (0x81u8..0xff).zip(found) {
            let key = format!("{lead:x}");
            if hash(&text) != tables[name][&key] {
                wrong.push(format!("{name} {key}"));
            }
            checked += 1;
        }
    }
    assert_eq!(wrong, [""; 0], "rows by lead byte");
    assert_eq!(checked, 4 * 126);
}

#[test]
fn rare_characters_are_exact() {
    let said = |bytes: &[u8], encoding| {
        let csv = [b"role,text\nagent,", bytes, b"\n"].concat();
        let options = Options {
            encoding: Some(encoding),
            ..Options::default()
        };
        let reader = import::read("a.csv", csv, &options);
        reader
            .flat_map(|one| one.messages)
            .map(|it| it.text)
            .collect::<String>()
    };
    assert_eq!(said(b"\x95\x32\x82\x36", GB18030), "\u{20000}");
    assert_eq!(said(b"\x95\x32\x82\x36", GBK), "\u{20000}");
    assert_eq!(said(b"\x81\x39\xee\x39\xfe\x56", GB18030), "㐀㑇");
    // HKSCS, of which some codes are two characters.
    assert_eq!(
        said(b"\x88\x62\x88\xa5", BIG5),
        "\u{ca}\u{304}\u{ea}\u{30c}"
    );
}

/// The clusters that a text falls into, by the conversion that reports use.
fn clusters(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let count = Unit::Grapheme.length(text);
    for (at, _) in text.char_indices().skip(1).chain([(text.len(), ' ')]) {
        let before = convert(text, &[Span::new(0, at)], Unit::Grapheme)[0].end;
        let whole = convert(text, &[Span::new(at, text.len())], Unit::Grapheme)[0].start;
        if before == whole || at == text.len() {
            found.push(&text[start..at]);
            start = at;
        }
    }
    assert_eq!(found.len(), count, "{text}");
    found
}

#[test]
fn clusters_are_what_a_browser_says() {
    // A text a line, its clusters parted by U+241F.
    let list = std::fs::read_to_string(fixture("clusters.txt")).expect("clusters.txt");
    let mut lines = 0;
    for line in list.lines() {
        let expected: Vec<&str> = line.split('\u{241f}').collect();
        assert_eq!(clusters(&expected.concat()), expected, "{line}");
        lines += 1;
    }
    assert!(lines > 30, "{lines} lines");
}

#[test]
fn every_emoji_is_one_cluster() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/fixtures/reference/text/emoji-sequences/dist/latest/index-strings.txt");
    let Ok(list) = std::fs::read_to_string(&path) else {
        eprintln!("the list of emoji is absent: its check is skipped");
        return;
    };
    let mut count = 0;
    for emoji in list.lines() {
        assert_eq!(Unit::Grapheme.length(emoji), 1, "{emoji}");
        // A colour alone would go with the letter before it.
        let text = format!("\n{emoji}后");
        // Whatever part of it is found, all of it is shown.
        for (at, c) in emoji.char_indices() {
            let start = 1 + at;
            let part = Span::new(start, start + c.len_utf8());
            let shown = convert(&text, &[part], Unit::Grapheme);
            assert_eq!(shown, [Span::new(1, 2)], "{emoji}");
        }
        count += 1;
    }
    assert!(count > 3000, "{count} emoji");
}

/// What was read of a file, whole or in slices.
fn all(mut reader: Reader) -> (Vec<Transcript>, Vec<Diagnostic>, Accounting, Detection) {
    let transcripts = reader.by_ref().collect();
    let told = reader.diagnostics().to_vec();
    let figures = reader.accounting().clone();
    (transcripts, told, figures, reader.detection().clone())
}

/// A table of some length: rows of many conversations in turn, cells of several lines, and here and there
/// something that is told.
fn long_table(traditional: bool) -> String {
    let said = match traditional {
        false => "您好，已经给您发货了，请问还有什么可以帮您的吗，亲",
        true => "您好，已經幫您查詢，請問訂單還有什麼問題嗎，謝謝",
    };
    let header = ["会话ID,时间,角色,内容\n", "會話ID,時間,角色,內容\n"][usize::from(traditional)];
    let (customer, agent) = [("客户", "客服"), ("客戶", "客服")][usize::from(traditional)];
    let mut text = header.to_owned();
    for at in 0..24_000 {
        let (hour, minute, second) = (at / 3600, at / 60 % 60, at % 60);
        let role = [customer, agent][at % 2];
        let cell = match at % 997 {
            0 => format!("\"{said}\n第二行，{at}\""),
            1 => format!("{said}{at},多"),
            _ => format!("{said}{at}"),
        };
        let time = match at % 1009 {
            0 => String::new(),
            _ => format!("2025-03-01 {hour:02}:{minute:02}:{second:02}"),
        };
        text += &format!("c{},{time},{role},{cell}\n", at % 700);
    }
    text
}

#[test]
fn tables_in_every_encoding_are_read_in_slices_as_they_are_whole() {
    let simple = long_table(false);
    let wide = |text: &str, big: bool| -> Vec<u8> {
        let bytes = |unit: u16| [unit.to_le_bytes(), unit.to_be_bytes()][usize::from(big)];
        text.encode_utf16().flat_map(bytes).collect()
    };
    let gb = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    let mut broken = gb(&simple);
    let length = broken.len();
    broken[length - 4000] = 0xff;
    broken[length / 2] = 0xff;
    let late = [
        "会话ID,时间,角色,内容\n".replace("会话ID,时间,角色,内容", "id,time,role,text"),
        "1,2025-03-01 10:00:00,agent,hello there\n".repeat(20_000),
    ]
    .concat();
    assert!(late.len() > 700_000 && late.len() < 1 << 20);
    let late = [
        late.into_bytes(),
        gb(&simple[simple.find('\n').expect("a line") + 1..]),
    ]
    .concat();
    let forced = |name: &str| Encoding::for_label(name.as_bytes());
    for (name, bytes, encoding) in [
        ("UTF-8", simple.clone().into_bytes(), None),
        ("GB18030", gb(&simple), None),
        ("GB18030, stated", gb(&simple), forced("gb18030")),
        ("GB18030, damaged", broken, None),
        ("GB18030 after much ASCII", late, None),
        (
            "Big5",
            encoding_rs::BIG5.encode(&long_table(true)).0.into_owned(),
            None,
        ),
        ("UTF-16LE", wide(&simple, false), None),
        (
            "UTF-16BE, marked",
            wide(&format!("\u{feff}{simple}"), true),
            None,
        ),
        (
            "UTF-16LE, marked",
            wide(&format!("\u{feff}{}", simple.replace('\n', "\r\n")), false),
            None,
        ),
        ("UTF-16BE, stated", wide(&simple, true), forced("utf-16be")),
    ] {
        assert!(bytes.len() > 1_310_720 + 100_000, "{name}: {}", bytes.len());
        let options = Options {
            encoding,
            ..Options::default()
        };
        let whole = all(import::read("a.csv", bytes.clone(), &options));
        assert!(whole.2.messages > 23_000, "{name}: {:?}", whole.2);
        assert!(
            whole
                .1
                .iter()
                .any(|one| one.code == "time-missing" && one.line.is_some())
        );
        for other in [1, 7, 64 << 10, 4 << 20] {
            let sizes = Sizes {
                other,
                ..Sizes::default()
            };
            let source = Box::new(std::io::Cursor::new(bytes.clone()));
            let begun = import::read_slices("a.csv", source, bytes.len(), sizes, &options);
            let Ok(Begun::Sliced(reader)) = begun else {
                panic!("{name} is not read in slices");
            };
            let found = all(*reader);
            assert!(
                found.3 == whole.3,
                "{name} by {other}: {:?}, not {:?}",
                found.3,
                whole.3
            );
            assert!(
                found.2 == whole.2,
                "{name} by {other}: {:?}, not {:?}",
                found.2,
                whole.2
            );
            for (one, wanted) in found.1.iter().zip(&whole.1) {
                assert_eq!(one, wanted, "{name} by {other}");
            }
            assert!(found == whole, "{name} by {other}");
        }
    }
}

#[test]
fn no_more_of_a_long_table_is_held_than_a_window() {
    // Bytes without end, as far as the reader goes; it must not go far ahead of what it hands out.
    struct Rows {
        block: Vec<u8>,
        at: usize,
        left: usize,
        read: std::sync::Arc<std::sync::atomic::AtomicUsize>,
    }
    impl std::io::Read for Rows {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = into.len().min(self.block.len() - self.at).min(self.left);
            into[..count].copy_from_slice(&self.block[self.at..self.at + count]);
            self.at = (self.at + count) % self.block.len();
            self.left -= count;
            self.read
                .fetch_add(count, std::sync::atomic::Ordering::Relaxed);
            Ok(count)
        }
    }
    let row = "c1,2025-03-01 10:00:00,客服,您好，已经给您发货了，请问还有什么可以帮您的吗\n";
    let head = encoding_rs::GB18030
        .encode("会话ID,时间,角色,内容\n")
        .0
        .into_owned();
    // One conversation, then others: the first is done when it did not come for sixteen megabytes.
    let block = encoding_rs::GB18030
        .encode(&row.replace("c1", "c2").repeat(500))
        .0
        .into_owned();
    let first = encoding_rs::GB18030.encode(row).0.into_owned();
    let read = std::sync::Arc::default();
    let rows = Rows {
        block,
        at: 0,
        left: 64 << 20,
        read: std::sync::Arc::clone(&read),
    };
    let head = std::io::Cursor::new([head, first].concat());
    let source: Box<dyn std::io::Read + Send> = Box::new(std::io::Read::chain(head, rows));
    let begun = import::read_from("a.csv", source, 64 << 20, &Options::default());
    let Ok(Begun::Sliced(mut reader)) = begun else {
        panic!("in slices");
    };
    assert_eq!(reader.next().map(|one| one.messages.len()), Some(1));
    let read = read.load(std::sync::atomic::Ordering::Relaxed);
    assert!(
        read < 24 << 20,
        "{read} bytes before the first conversation"
    );
}
