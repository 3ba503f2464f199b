//! Faults E01 to E19: encodings and text. One test each; what is told is asserted with its code, file, line
//! and field.

use std::io::{self, Read};

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use zhijian::diagnostic::{Diagnostic, Level};
use zhijian::import::{self, Begun, Guess, Options};
use zhijian::span::{Span, Unit, convert};
use zhijian::text::{Folded, Match, PhrasesBuilder, Set, SlotContext, Steps, longest};
use zhijian::transcript::Transcript;

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
fn e01_mark_at_the_beginning() {
    let found = read("a.csv", ["\u{feff}", CHAT].concat());
    assert_eq!(found.texts(), SAID);
    assert_eq!(found.told(), []);
    assert_eq!(found.guess(), ("UTF-8", true, vec![]));
}

#[test]
fn e02_mark_in_the_middle_of_joined_files() {
    let found = read("a.csv", ["\u{feff}", CHAT, "\u{feff}", CHAT].concat());
    assert_eq!(found.texts(), [SAID, SAID].concat());
    // The header that comes again is a row that is left out, and told.
    assert_eq!(found.excluded, 1);
    assert!(found.told().iter().any(|told| told.1 == Some(4)));
    let json = r#"{"id":"1","messages":[{"role":"agent","text":"好"}]}"#;
    let found = read(
        "a.jsonl",
        format!("\u{feff}{json}\n\u{feff}{json}\r\n\u{feff}{json}\n"),
    );
    assert_eq!(found.texts(), ["好"; 3]);
    assert_eq!(found.told(), []);
}

#[test]
fn e03_utf16_with_and_without_a_mark() {
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
fn e04_gbk_and_gb18030() {
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
fn e05_big5() {
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
fn e06_gbk_that_is_valid_utf8() {
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
fn e07_mixed_encodings_in_one_file() {
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
fn e08_cut_characters() {
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
fn e09_overlong_and_surrogates_in_utf8() {
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
fn e10_nul_is_kept() {
    let found = read("a.csv", [CHAT, "客服,前\0后\n"].concat());
    assert_eq!(found.texts()[2], "前\0后");
    assert_eq!(found.told(), []);
    let json = r#"{"id":"1","messages":[{"role":"agent","text":"前\u0000后"}]}"#;
    assert_eq!(read("a.json", json).texts(), ["前\0后"]);
}

#[test]
fn e11_half_a_surrogate_pair_in_json() {
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
fn e12_a_highlight_splits_no_cluster() {
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
    let mut builder = PhrasesBuilder::new();
    builder
        .add(Set {
            patterns: &[pattern.to_owned()],
            except: &[],
            evasion: Steps::EVASION,
        })
        .expect("sound");
    let phrases = builder.build();
    let mut out: Vec<Match> = Vec::new();
    phrases.scan(&Folded::new(text), &SlotContext::default(), &mut out);
    let kept = longest(&out).kept.into_iter();
    kept.map(|hit| hit.span.of(text).to_owned()).collect()
}

#[test]
fn e13_invisible_characters_inside_a_phrase() {
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
fn e14_disguises_lead_back_to_what_is_written() {
    for (pattern, text, written) in [
        ("vx", "加ＶＸ吧", "ＶＸ"),
        ("110", "打①①⓪吧", "①①⓪"),
        ("转账", "轉賬給我", "轉賬"),
        ("微信", "加微.信吧", "微.信"),
        ("微信", "加微．信吧", "微．信"),
        ("vx", "加𝐕𝐗吧", "𝐕𝐗"),
    ] {
        assert_eq!(hits(pattern, text), [written], "{text}");
    }
}

#[test]
fn e15_marks_of_direction_are_kept_and_looked_through() {
    let text = "\u{202e}滚\u{202c}开\u{2066}吧\u{2069}";
    let found = read(
        "a.csv",
        format!("角色,发送人,内容\n客服,小\u{202e}雨,{text}\n"),
    );
    assert_eq!(found.texts(), [text]);
    assert_eq!(found.transcripts[0].speakers[0].name, "小\u{202e}雨");
    assert_eq!(hits("滚开", text), ["滚\u{202c}开"]);
}

#[test]
fn e16_a_message_of_a_million_characters() {
    // What is found grows as the text does, and a line of ten megabytes is one message.
    for count in [10_000usize, 100_000] {
        let text = "最好的一句话，".repeat(count);
        let found = read("a.csv", format!("角色,内容\n客服,\"{text}\"\n客户,好\n"));
        assert_eq!(found.texts()[0].len(), text.len());
        assert_eq!(found.texts()[1], "好");
        assert_eq!(hits("最好", &text).len(), count);
    }
    let long = "长".repeat(3_400_000);
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
fn e17_line_ends_of_every_kind() {
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
fn e18_composed_and_decomposed() {
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
fn e19_a_hundred_thousand_marks_on_one_letter() {
    // A step for each pair of marks would be five thousand million.
    for count in [1_000usize, 100_000] {
        let text = format!("最{}好", "\u{301}".repeat(count));
        let found = read("a.csv", format!("角色,内容\n客服,{text}\n"));
        assert_eq!(found.texts(), [text.as_str()]);
        assert_eq!(Unit::Grapheme.length(&text), 2);
        let folded = Folded::new(&text);
        assert!(folded.plain().len() <= text.len());
        let ends = [Span::new(0, 3), Span::new(text.len() - 3, text.len())];
        assert_eq!(
            convert(&text, &ends, Unit::Utf16),
            [Span::new(0, 1), Span::new(count + 1, count + 2)]
        );
    }
}
