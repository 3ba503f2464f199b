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
use zhijian::import::{self, Options};
use zhijian::span::{Span, Unit, convert};

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
