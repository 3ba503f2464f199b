//! Faults E01 to E19: encodings and text. One test each; what is told is asserted with its code, file, line
//! and field.

use std::io::{self, Read};

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use zhijian::diagnostic::{Diagnostic, Level};
use zhijian::import::{self, Begun, Guess, Options};
use zhijian::span::{Span, Unit, convert};
use zhijian::text::{Folded, Match, PhrasesBuilder, Set, SlotContext, Spellings, Steps, longest};
use zhijian::transcript::Transcript;

use crate::located;

#[derive(Debug, PartialEq)]
struct Found {
    transcripts: Vec<Transcript>,
    diagnostics: Vec<Diagnostic>,
    encoding: Option<Guess>,
    excluded: usize,
}

fn collect(mut reader: import::Reader) -> Found {
    let transcripts: Vec<Transcript> = reader.by_ref().collect();
    let figures = reader.accounting();
    assert_eq!(
        figures.rows,
        figures.messages + figures.records + figures.excluded_rows()
    );
    Found {
        transcripts,
        diagnostics: reader.diagnostics().to_vec(),
        encoding: reader.detection().encoding.clone(),
        excluded: figures.excluded_rows(),
    }
}

fn read_as(name: &str, bytes: impl Into<Vec<u8>>, options: &Options) -> Found {
    let found = collect(import::read(name, bytes.into(), options));
    located::note(&found.diagnostics);
    for one in &found.diagnostics {
        assert_eq!(one.file.as_deref(), Some(name), "{}", one.code);
        assert!(!one.message.zh.is_empty() && !one.message.en.is_empty());
    }
    found
}

fn read(name: &str, bytes: impl Into<Vec<u8>>) -> Found {
    read_as(name, bytes, &Options::default())
}

fn forced(encoding: &'static Encoding) -> Options {
    Options {
        encoding: Some(encoding),
        ..Options::default()
    }
}

impl Found {
    fn texts(&self) -> Vec<&str> {
        let messages = self.transcripts.iter().flat_map(|one| &one.messages);
        messages.map(|message| message.text.as_str()).collect()
    }

    /// Code, line and field of what is told about the text, not of what is missing in these short files.
    fn told(&self) -> Vec<(&str, Option<u32>, Option<&str>)> {
        self.diagnostics
            .iter()
            .filter(|one| one.code != "time-missing")
            .map(|one| (one.code.as_str(), one.line, one.field.as_deref()))
            .collect()
    }

    fn guess(&self) -> (&str, bool, Vec<&str>) {
        let guess = self.encoding.as_ref().expect("an encoding");
        (guess.name, guess.certain, guess.others.clone())
    }
}

fn encode(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let (bytes, _, lossy) = encoding.encode(text);
    assert!(!lossy, "{text}");
    bytes.into_owned()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let bytes = |unit: u16| {
        if big {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        }
    };
    text.encode_utf16().flat_map(bytes).collect()
}

const CHAT: &str = "角色,内容\n客户,在吗，请问什么时候发货\n客服,您好，已经给您发货了\n";
const SAID: [&str; 2] = ["在吗，请问什么时候发货", "您好，已经给您发货了"];

#[test]
pub fn e01_mark_at_the_beginning() {
    let found = read("a.csv", ["\u{feff}", CHAT].concat());
    assert_eq!(found.texts(), SAID);
    assert_eq!(found.told(), []);
    assert_eq!(found.guess(), ("UTF-8", true, vec![]));
}

#[test]
pub fn e02_mark_in_the_middle_of_joined_files() {
    let found = read("a.csv", ["\u{feff}", CHAT, "\u{feff}", CHAT].concat());
    assert_eq!(found.texts(), [SAID, SAID].concat());
    // The header that comes again is a row that is left out, and told.
    assert_eq!(found.excluded, 1);
    let again = ("csv-header-repeated", Some(4), None);
    assert_eq!(found.told(), [again]);
    // In other encodings as well, and where three were joined.
    for bytes in [
        encode(&[CHAT, CHAT].concat(), GB18030),
        utf16(&["\u{feff}", CHAT, "\u{feff}", CHAT].concat(), false),
        utf16(&["\u{feff}", CHAT, "\u{feff}", CHAT].concat(), true),
    ] {
        let found = read("a.csv", bytes);
        assert_eq!(found.texts(), [SAID, SAID].concat());
        assert_eq!(found.told(), [("encoding-detected", None, None), again]);
    }
    let found = read("a.csv", ["\u{feff}", CHAT].concat().repeat(3));
    assert_eq!(found.excluded, 2);
    assert_eq!(
        found.told(),
        [again, ("csv-header-repeated", Some(7), None)]
    );
    // Another header is another file's: its rows are read by its own names.
    let other = "时间,内容,角色\n2025-03-01 10:00:00,好的,客服\n";
    let found = read("a.csv", ["\u{feff}", CHAT, "\u{feff}", other].concat());
    assert_eq!(found.texts().last(), Some(&"好的"));
    assert_eq!(found.told()[0], ("csv-header-changed", Some(4), None));
    // Joined without a line end between, the row is told: it holds more than its own.
    let found = read(
        "a.csv",
        ["\u{feff}", CHAT.trim_end(), "\u{feff}", CHAT].concat(),
    );
    assert!(found.texts().len() >= 3, "{:?}", found.texts());
    assert!(
        found.told().iter().any(|told| told.1 == Some(3)),
        "{:?}",
        found.told()
    );
    let json = r#"{"id":"1","messages":[{"role":"agent","text":"好"}]}"#;
    let found = read(
        "a.jsonl",
        format!("\u{feff}{json}\n\u{feff}{json}\r\n\u{feff}{json}\n"),
    );
    assert_eq!(found.texts(), ["好"; 3]);
    assert_eq!(found.told(), []);
}

#[test]
pub fn e03_utf16_with_and_without_a_mark() {
    for big in [false, true] {
        let name = ["UTF-16LE", "UTF-16BE"][usize::from(big)];
        for (text, certain) in [
            (CHAT.to_owned(), false),
            (["\u{feff}", CHAT].concat(), true),
        ] {
            let found = read("a.csv", utf16(&text, big));
            assert_eq!(found.texts(), SAID, "{name}");
            assert_eq!(found.told(), [("encoding-detected", None, None)], "{name}");
            assert_eq!(found.guess(), (name, certain, vec![]));
        }
        // Without a single digit, comma or line end.
        let text = "您好请问有什么可以帮您的吗我们已经给您发货了谢谢您";
        let found = read("a.txt", utf16(text, big));
        assert_eq!(found.guess(), (name, false, vec![]), "{:?}", found.told());
    }
    assert_eq!(
        read_as("a.csv", utf16(CHAT, true), &forced(UTF_16BE)).texts(),
        SAID
    );
    assert_eq!(
        read_as("a.csv", utf16(CHAT, false), &forced(UTF_16LE)).texts(),
        SAID
    );
}

#[test]
pub fn e04_gbk_and_gb18030() {
    let found = read("a.csv", encode(CHAT, GB18030));
    assert_eq!(found.texts(), SAID);
    assert_eq!(found.told(), [("encoding-detected", None, None)]);
    assert_eq!(found.guess().0, "gb18030");
    let rare = "角色,内容\n客服,您好，𠀀㐂小姐👍，已经给您发货了，谢谢您的支持\n";
    let found = read("a.csv", encode(rare, GB18030));
    assert_eq!(
        found.texts(),
        ["您好，𠀀㐂小姐👍，已经给您发货了，谢谢您的支持"]
    );
}

#[test]
pub fn e05_big5() {
    let text = "角色,內容\n客戶,請問訂單什麼時候可以出貨？謝謝\n客服,您好，已經幫您查詢\n";
    let mut bytes = encode(text, BIG5);
    // Hong Kong's part of it.
    bytes.truncate(bytes.len() - 1);
    bytes.extend_from_slice(b"\x88\x62\n");
    let found = read("a.csv", bytes);
    assert_eq!(
        found.texts(),
        [
            "請問訂單什麼時候可以出貨？謝謝",
            "您好，已經幫您查詢\u{ca}\u{304}"
        ]
    );
    assert_eq!(found.told(), [("encoding-detected", None, None)]);
    assert_eq!(found.guess().0, "Big5");
}

#[test]
pub fn e06_gbk_that_is_valid_utf8() {
    let bytes = encode("role,text\ncustomer,谢谢\nagent,没时写\n", GB18030);
    assert!(std::str::from_utf8(&bytes).is_ok());
    let found = read("a.csv", bytes.clone());
    assert_eq!(found.texts(), ["谢谢", "没时写"]);
    assert_eq!(found.told(), [("encoding-ambiguous", None, None)]);
    assert_eq!(found.diagnostics[0].severity, Level::Warning);
    assert_eq!(found.guess(), ("gb18030", false, vec!["UTF-8"]));
    // One click, and it is read again.
    let other = read_as("a.csv", bytes, &forced(UTF_8));
    assert_eq!(other.texts()[0], "лл");
    assert_eq!((other.told(), other.guess().0), (vec![], "UTF-8"));
    // The other way round: what is rarely Chinese stays, and is told.
    let found = read("a.csv", "role,text\nagent,оно\n");
    assert_eq!(found.texts(), ["оно"]);
    assert_eq!(found.told(), [("encoding-ambiguous", None, None)]);
    assert_eq!(found.guess(), ("UTF-8", false, vec!["gb18030"]));
    // What has other characters as well is no question, nor is a lone letter with an accent.
    for text in [
        "role,text\nagent,оно 好\n",
        "role,text\nagent,café 25°C\n",
        "role,text\nagent,при\n",
    ] {
        assert_eq!(read("a.csv", text).told(), [], "{text}");
    }
    // GB18030 or Big5, where hardly anything is common in either.
    let found = read("a.csv", encode("role,text\nagent,鼹鼠\n", GB18030));
    assert_eq!(found.told(), [("encoding-ambiguous", None, None)]);
    assert!(!found.guess().2.is_empty());
}

#[test]
pub fn e07_mixed_encodings_in_one_file() {
    let bytes = [
        CHAT.as_bytes(),
        b"\xe5\xae\xa2\xe6\x9c\x8d,",
        &encode("亲亲", GB18030),
        b"\n",
        "客服,最后一句好的\n客户,好\n".as_bytes(),
        &encode("客户,谢\n", GB18030),
    ]
    .concat();
    let found = read("a.csv", bytes);
    assert_eq!(found.guess().0, "UTF-8");
    assert_eq!(found.texts()[..2], SAID);
    assert!(found.texts().contains(&"最后一句好的"));
    let told = found.told();
    let lines: Vec<_> = told
        .iter()
        .filter(|it| it.0 == "encoding-damaged")
        .collect();
    assert_eq!(
        lines,
        [
            &("encoding-damaged", Some(4), None),
            &("encoding-damaged", Some(7), None)
        ]
    );
    let marks = found.texts()[2].matches('\u{fffd}').count();
    assert!(marks > 0);
    let damaged = found
        .diagnostics
        .iter()
        .find(|it| it.code == "encoding-damaged");
    let message = &damaged.expect("told").message;
    assert!(message.en.contains(&format!(" {marks} ")), "{}", message.en);
    // The other way round the line is garbled without a sign; it is told by what it can only be.
    let chat = encode(&CHAT.repeat(3), GB18030);
    let bytes = [
        &chat[..],
        "客服,亲亲好的\n".as_bytes(),
        &encode("客服,好的\n", GB18030),
    ]
    .concat();
    let found = read("a.csv", bytes);
    assert_eq!(found.guess().0, "gb18030");
    assert!(
        found.told().contains(&("encoding-mixed", Some(10), None)),
        "{:?}",
        found.told()
    );
    assert_eq!(found.texts().last(), Some(&"好的"));
}

/// Bytes that come so many at a time.
struct Drops {
    bytes: Vec<u8>,
    at: usize,
    size: usize,
}

impl Read for Drops {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let rest = &self.bytes[self.at..];
        let count = rest.len().min(self.size).min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

#[test]
pub fn e08_cut_characters() {
    // Cut anywhere, all but the last character is what it was.
    for encoding in [UTF_8, GB18030, BIG5, UTF_16LE, UTF_16BE] {
        let whole = "role,text\nagent,您好，已經㐂𠀀發貨👍\n";
        let whole = if encoding == BIG5 {
            "role,text\nagent,您好，已經發貨\n"
        } else {
            whole
        };
        let bytes = match encoding.name() {
            "UTF-16LE" => utf16(whole, false),
            "UTF-16BE" => utf16(whole, true),
            _ => encode(whole, encoding),
        };
        let said = read_as("a.csv", bytes.clone(), &forced(encoding));
        let said = said.texts()[0].to_owned();
        let start = encode_len("role,text\nagent,", encoding);
        for cut in start + 1..bytes.len() {
            let found = read_as("a.csv", &bytes[..cut], &forced(encoding));
            let text = found.texts()[0].to_owned();
            let kept = text.trim_end_matches(|c: char| c == '\u{fffd}' || c.is_ascii());
            assert!(
                said.starts_with(kept),
                "{} at {cut}: {text}",
                encoding.name()
            );
            assert!(
                text.len() - kept.len() <= 8,
                "{} at {cut}: {text}",
                encoding.name()
            );
        }
    }
    // However many bytes come at a time.
    let line = |id: usize| {
        format!(
            "{{\"id\":\"{id}\",\"messages\":[{{\"role\":\"customer\",\"text\":\"在吗{id}👍\"}},{{\"role\":\"agent\",\"text\":\"您好，已经给您发货了\"}}]}}\n"
        )
    };
    let mut bytes: Vec<u8> = (0..16_000).flat_map(|id| line(id).into_bytes()).collect();
    bytes[1_500_000] = 0xff;
    assert!(bytes.len() > 1_900_000);
    let whole = collect(import::read("a.jsonl", bytes.clone(), &Options::default()));
    assert!(whole.told().iter().any(|it| it.0 == "encoding-damaged"));
    for size in [1, 7, 64 << 10, 4 << 20] {
        let source = Drops {
            bytes: bytes.clone(),
            at: 0,
            size,
        };
        let begun = import::read_from(
            "a.jsonl",
            Box::new(source),
            bytes.len(),
            &Options::default(),
        );
        let Ok(Begun::Sliced(reader)) = begun else {
            panic!("read in slices");
        };
        assert!(collect(*reader) == whole, "{size} bytes at a time");
    }
}

fn encode_len(text: &str, encoding: &'static Encoding) -> usize {
    if encoding == UTF_16LE || encoding == UTF_16BE {
        text.len() * 2
    } else {
        text.len()
    }
}

#[test]
pub fn e09_overlong_and_surrogates_in_utf8() {
    let bytes = [
        CHAT.as_bytes(),
        "客服,斜".as_bytes(),
        b"\xc0\xaf",
        "线\n客服,笑".as_bytes(),
        b"\xed\xa0\xbd\xed\xb8\x80",
        "脸\n".as_bytes(),
    ]
    .concat();
    let found = read("a.csv", bytes);
    assert_eq!(found.texts()[2], "斜\u{fffd}\u{fffd}线");
    assert_eq!(found.texts()[3], format!("笑{}脸", "\u{fffd}".repeat(6)));
    assert_eq!(
        found.told(),
        [
            ("encoding-damaged", Some(4), None),
            ("encoding-damaged", Some(5), None)
        ]
    );
}

#[test]
pub fn e10_nul_is_kept() {
    let found = read("a.csv", [CHAT, "客服,前\0后\n"].concat());
    assert_eq!(found.texts()[2], "前\0后");
    assert_eq!(found.told(), []);
    let json = r#"{"id":"1","messages":[{"role":"agent","text":"前\u0000后"}]}"#;
    assert_eq!(read("a.json", json).texts(), ["前\0后"]);
}

#[test]
pub fn e11_half_a_surrogate_pair_in_json() {
    let json = "{\"id\":\"1\",\"messages\":[\n{\"role\":\"agent\",\"text\":\"好\\ud83d的，最好\"},\n{\"role\":\"agent\",\"text\":\"\\ude00完\\ud83d\\ude00\"}]}";
    let found = read("a.json", json);
    assert_eq!(found.texts(), ["好\u{fffd}的，最好", "\u{fffd}完😀"]);
    assert_eq!(found.told(), [("surrogate-lone", Some(2), None)]);
    assert!(
        found
            .diagnostics
            .iter()
            .any(|it| it.message.en.starts_with("2 "))
    );
    // One unit for one unit: what stands behind stays where a browser has it.
    let text = found.texts()[0];
    let at = text.find("最好").expect("there");
    let span = convert(text, &[Span::new(at, at + 6)], Unit::Utf16);
    assert_eq!(span, [Span::new(4, 6)]);
}

#[test]
pub fn e12_a_highlight_splits_no_cluster() {
    for cluster in [
        "👨\u{200d}👩\u{200d}👧",
        "🇨🇳",
        "e\u{301}",
        "☎\u{fe0e}",
        "☎\u{fe0f}",
        "1\u{fe0f}\u{20e3}",
        "👍🏽",
        "㐀",
        "𠀀",
        "葛\u{e0100}",
    ] {
        let text = format!("前{cluster}后");
        for (at, c) in cluster.char_indices() {
            let start = "前".len() + at;
            let found = Span::new(start, start + c.len_utf8());
            assert_eq!(
                convert(&text, &[found], Unit::Grapheme),
                [Span::new(1, 2)],
                "{cluster}"
            );
        }
        // Offsets lead back to the text in every unit.
        for unit in [Unit::Utf16, Unit::Codepoint, Unit::Byte, Unit::Grapheme] {
            let all = Span::new("前".len(), "前".len() + cluster.len());
            let there = convert(&text, &[all], unit)[0];
            let back = |at| zhijian::span::byte_offset(&text, at, unit);
            assert_eq!(
                (back(there.start), back(there.end)),
                (Some(all.start), Some(all.end)),
                "{cluster} {unit:?}"
            );
        }
    }
}

/// The words of `text` that the pattern finds, as they are written.
fn hits(pattern: &str, text: &str) -> Vec<String> {
    hits_by(Steps::EVASION, pattern, text)
}

fn hits_by(evasion: Steps, pattern: &str, text: &str) -> Vec<String> {
    let mut spellings = Spellings::default();
    spellings.readings("微wei信xin加jia转zhuan账zhang");
    spellings.words("微信");
    spellings.split("信=亻言");
    spellings.emoji("电话=☎");
    let mut builder = PhrasesBuilder::new();
    builder.spellings(spellings);
    builder
        .add(Set {
            patterns: &[pattern.to_owned()],
            except: &[],
            evasion,
        })
        .expect("sound");
    let phrases = builder.build();
    let mut out: Vec<Match> = Vec::new();
    phrases.scan(&Folded::new(text), &SlotContext::default(), &mut out);
    let kept = longest(&out).kept.into_iter();
    kept.map(|hit| hit.span.of(text).to_owned()).collect()
}

#[test]
pub fn e13_invisible_characters_inside_a_phrase() {
    for text in [
        "最\u{200b}好",
        "最\u{ad}好",
        "最\u{feff}\u{200d}好",
        "最\u{2060}好",
    ] {
        assert_eq!(hits("最好", &format!("这是{text}的")), [text], "{text:?}");
    }
    // Through a file as well: nothing is dropped on the way in.
    let found = read("a.csv", "角色,内容\n客服,这是最\u{200b}好的\n");
    assert_eq!(found.texts(), ["这是最\u{200b}好的"]);
}

#[test]
pub fn e14_disguises_lead_back_to_what_is_written() {
    for (pattern, text, written) in [
        ("vx", "加ＶＸ吧", "ＶＸ"),
        ("110", "打①①⓪吧", "①①⓪"),
        ("转账", "轉賬給我", "轉賬"),
        ("微信", "加微.信吧", "微.信"),
        ("微信", "加微．信吧", "微．信"),
        ("vx", "加𝐕𝐗吧", "𝐕𝐗"),
        // Letters of other alphabets that look the same.
        ("vx", "加ѵх吧", "ѵх"),
        ("pos机", "办РОЅ机", "РОЅ机"),
        // Set apart by a space, a picture, a mark that is not seen.
        ("加微信", "加微😀信吧", "加微😀信"),
        ("加微信", "加微\u{200d}👍🏽信吧", "加微\u{200d}👍🏽信"),
        ("vx", "加v😀x吧", "v😀x"),
        ("微信", "微😀😀信", "微😀😀信"),
        ("打电话", "你打☎吧", "打☎"),
    ] {
        assert_eq!(hits(pattern, text), [written], "{text}");
    }
    // What a rule did not ask for is not looked through.
    let all = Steps::EVASION | Steps::PAUSE | Steps::PINYIN | Steps::SPLIT;
    for (step, pattern, text, written) in [
        (Steps::PINYIN, "加微信", "jiaweixin", "jiaweixin"),
        (Steps::PINYIN, "微信", "加weixin", "weixin"),
        (Steps::PINYIN, "微信", "加微xin吧", "微xin"),
        (Steps::SPLIT, "微信", "加微亻言吧", "微亻言"),
        (Steps::SLIP, "加微信", "加微😀信吧", "加微😀信"),
        (Steps::SLIP | Steps::PAUSE, "微信", "加微😀信吧", "微😀信"),
        (Steps::EMOJI, "打电话", "你打☎吧", "打☎"),
        (
            Steps::SLIP | Steps::PAUSE,
            "傻逼",
            "你真是个傻 逼我不买了",
            "傻 逼",
        ),
    ] {
        assert_eq!(hits_by(step, pattern, text), [written], "{text}");
        assert_eq!(hits_by(all, pattern, text), [written], "{text}");
        assert!(hits_by(Steps::NONE, pattern, text).is_empty(), "{text}");
    }
    // Through a file: the place of the words is the place in what was read.
    let found = read("a.csv", "角色,内容\n客服,亲，加微😀信吧\n");
    let text = found.texts()[0];
    let at = text.find('微').expect("there");
    let end = text.find('吧').expect("there");
    assert_eq!(&text[at..end], hits_by(all, "微信", text)[0]);
    // People pause at a picture: what stands on both sides of it belongs to neither.
    assert!(hits("威信", "品质权威😀信赖之选").is_empty());
    assert!(hits("好评", "质量真好😊评价一下").is_empty());
}

#[test]
pub fn e15_marks_of_direction_are_kept_and_looked_through() {
    let text = "\u{202e}滚\u{202c}开\u{2066}吧\u{2069}";
    let found = read(
        "a.csv",
        format!("角色,发送人,内容\n客服,小\u{202e}雨,{text}\n"),
    );
    assert_eq!(found.texts(), [text]);
    assert_eq!(found.transcripts[0].speakers[0].name, "小\u{202e}雨");
    assert_eq!(hits("滚开", text), ["滚\u{202c}开"]);
}

/// A standard of one rule.
pub const STANDARD: &str = r#"schema = "zhijian-standard/1"
id = "small"
version = "1.0.0"
title = { zh = "小标准", en = "Small" }

[[dimensions]]
id = "manner"
title = { zh = "态度", en = "Manner" }
weight = 100

[[rules.forbid]]
id = "forbid-leave"
title = { zh = "不得请人离开", en = "Sends nobody away" }
clauses = ["T-1"]
severity = "critical"
dimension = "manner"
any = ["滚开"]
flags = ["滚开"]
allows = ["好的"]
"#;

#[test]
pub fn e15_a_standard_with_marks_of_direction_is_refused() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats-e15");
    std::fs::create_dir_all(&folder).expect("a folder");
    let check = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).expect("a standard");
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_zhijian"))
            .args(["check", name, "--lang", "en"])
            .current_dir(&folder)
            .output()
            .expect("it runs");
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    let (fine, said) = check("fine.toml", STANDARD);
    assert!(fine, "{said}");
    // In a phrase, in a title, in a comment: each at its place.
    for (from, to) in [
        ("any = [\"滚开\"]", "any = [\"滚\u{202e}开\"]"),
        ("小标准", "小\u{2066}标准\u{2069}"),
        ("weight = 100", "weight = 100 # \u{202d}x"),
    ] {
        let before = &STANDARD[..STANDARD.find(from).expect("there")];
        let line = before.matches('\n').count() + 1;
        let (fine, said) = check("turned.toml", &STANDARD.replacen(from, to, 1));
        assert!(!fine, "{said}");
        assert!(said.contains("direction-mark"), "{said}");
        assert!(
            said.contains(&format!("turned.toml:{line}")),
            "{line}: {said}"
        );
        // The mark itself is named and not shown.
        assert!(said.contains("U+20") && !said.contains(['\u{202e}', '\u{2066}', '\u{202d}']));
    }
    // Written as what it is, it may be looked for.
    let (fine, said) = check(
        "escaped.toml",
        &STANDARD.replacen("[\"滚开\"]", "[\"滚开\", \"甲\\u202E乙\"]", 1),
    );
    assert!(!said.contains("direction-mark"), "{fine} {said}");
}

#[test]
pub fn e16_a_message_of_a_million_characters() {
    // What is found grows as the text does, and a line of ten megabytes is one message.
    for count in [10_000usize, 100_000] {
        let text = "最好的一句话，".repeat(count);
        let found = read("a.csv", format!("角色,内容\n客服,\"{text}\"\n客户,好\n"));
        assert_eq!(found.texts()[0].len(), text.len());
        assert_eq!(found.texts()[1], "好");
        assert_eq!(hits("最好", &text).len(), count);
    }
    // More than a million characters, in one cell of one line.
    let text = "亲，最.好的宝贝。".repeat(130_000);
    assert!(text.chars().count() > 1_000_000);
    let found = read("a.csv", format!("角色,内容\n客服,{text}\n客户,好\n"));
    assert_eq!(found.texts()[0].len(), text.len());
    assert_eq!(found.told(), []);
    assert_eq!(hits("最好", &text).len(), 130_000);
    let ends = [Span::new(0, 3), Span::new(text.len() - 3, text.len())];
    let units = convert(&text, &ends, Unit::Utf16);
    assert_eq!(units[1].end, text.encode_utf16().count());
    let long = "长".repeat(3_400_000);
    let found = read("a.csv", format!("角色,内容\n客服,{long}"));
    assert_eq!((found.texts()[0].len(), found.told()), (long.len(), vec![]));
    let json =
        format!("{{\"id\":\"1\",\"messages\":[{{\"role\":\"agent\",\"text\":\"{long}\"}}]}}");
    assert!(json.len() > 10_000_000 && !json.contains('\n'));
    assert_eq!(read("a.json", json).texts()[0].len(), long.len());
    // A mark for each damaged place of one line is counted once over.
    let bytes = ["好的".as_bytes(), &b"\xff".repeat(500_000)].concat();
    let found = read_as(
        "a.csv",
        ["角色,内容\n客服,".as_bytes(), &bytes].concat(),
        &forced(UTF_8),
    );
    assert_eq!(found.told(), [("encoding-damaged", Some(2), None)]);
    assert!(found.diagnostics[0].message.en.contains("500000"));
}

#[test]
pub fn e17_line_ends_of_every_kind() {
    let expected = read("a.csv", CHAT);
    for end in ["\r\n", "\r"] {
        let found = read("a.csv", CHAT.replace('\n', end));
        assert_eq!(found, expected, "{end:?}");
        let bad = CHAT.replace('\n', end).replace("在吗", "在\u{fffd}");
        assert_eq!(
            read("a.csv", bad).told(),
            [("encoding-damaged", Some(2), None)],
            "{end:?}"
        );
    }
    // What a person may write within a message ends no row.
    for inside in ["\u{2028}", "\u{2029}", "\u{b}", "\u{c}", "\u{85}"] {
        let text = format!("第一句{inside}第二句");
        let found = read("a.csv", format!("角色,内容\n客服,{text}\n客户,好\n"));
        assert_eq!(found.texts(), [text.as_str(), "好"], "{inside:?}");
    }
}

#[test]
pub fn e18_composed_and_decomposed() {
    // The same words are found around them, as they are written.
    for (composed, decomposed) in [
        ("é", "e\u{301}"),
        ("한", "\u{1112}\u{1161}\u{11ab}"),
        ("が", "か\u{3099}"),
    ] {
        for letter in [composed, decomposed] {
            let text = format!("{letter}最好{letter}最.好{letter}");
            assert_eq!(hits("最好", &text), ["最好", "最.好"], "{letter:?}");
            assert_eq!(Unit::Grapheme.length(&text), 8, "{letter:?}");
        }
    }
}

#[test]
pub fn e19_a_hundred_thousand_marks_on_one_letter() {
    // A step for each pair of marks would be five thousand million.
    for count in [1_000usize, 100_000] {
        let text = format!("最{}好", "\u{301}".repeat(count));
        let found = read("a.csv", format!("角色,内容\n客服,{text}\n"));
        assert_eq!(found.texts(), [text.as_str()]);
        assert_eq!(Unit::Grapheme.length(&text), 2);
        let folded = Folded::new(&text);
        assert!(folded.plain().len() <= text.len());
        // Of ten on every letter, each letter is found.
        let many = format!("最{0}好{0}，", "\u{302}".repeat(10)).repeat(count / 20);
        assert_eq!(hits("最好", &many).len(), count / 20);
        let json =
            format!("{{\"id\":\"1\",\"messages\":[{{\"role\":\"agent\",\"text\":\"{text}\"}}]}}");
        assert_eq!(read("a.json", json).texts(), [text.as_str()]);
        let ends = [Span::new(0, 3), Span::new(text.len() - 3, text.len())];
        assert_eq!(
            convert(&text, &ends, Unit::Utf16),
            [Span::new(0, 1), Span::new(count + 1, count + 2)]
        );
    }
}
