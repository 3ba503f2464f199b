//! What must hold for whatever bytes: nothing panics, every row is accounted for, every diagnostic names
//! its file, messages are in order and their speakers exist.
//!
//! The bodies are shared: `cargo test --test fuzz` runs them over mutated fixtures, a bounded number of
//! times; the targets of `fuzz/` run them under libFuzzer for as long as one likes.

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use zhijian::import::{self, Options};

/// A body: its name, and what it does with an input.
pub type Body = (&'static str, fn(&[u8]));

/// Every body.
pub const BODIES: [Body; 5] = [
    ("decode", decode),
    ("csv", csv),
    ("json", json),
    ("chat", chat),
    ("time", time),
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

/// JSON, of whatever format it looks like, and as plain transcripts.
pub fn json(data: &[u8]) {
    hold("a.json", data, &Options::default());
    with_format("transcript-json", data);
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
