//! Exports of all kinds in, [`Transcript`]s out, one conversation at a time, with everything that
//! could not be read named and counted.
//!
//! [`read`] never fails and never panics: a file that cannot be read yields no transcript and an
//! error in [`Reader::diagnostics`]. The thing to get right: figures and diagnostics are complete only
//! once the iterator has ended; until then they cover what was read so far, and
//! `rows = messages + excluded` holds all the way.
//!
//! A format is one file with a [`FormatInfo`], and two lines here: its `mod` and its place in
//! `FORMATS`. It turns text into `draft::Record`s and leaves roles, times, order and duplicates to
//! `draft::Draft`.

mod cells;
mod clock;
mod columns;
mod csv;
mod detection;
mod draft;
mod encoding;
mod json;
mod ledger;
mod lines;
mod pasted;
mod plain;
mod qianniu;
mod qianniu_web;
mod repair;
mod shape;
mod shapes;
mod slices;
mod table;
mod time;
mod tree;
mod whatsapp;
mod whole;
mod words;

use std::cell::OnceCell;
use std::io::{self, Read};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::report::Accounting;
use crate::transcript::{Role, Transcript, Zone};

use columns::Names;
pub use detection::{Candidate, Detection, Guess, Mapped, Sender};
use ledger::Ledger;
pub use lines::row_of;
pub use table::{TableFile, example_row, read_table, table_of};

use slices::Slices;
pub use slices::{Part, Sizes};

/// Every format, in the order in which ties are decided.
static FORMATS: &[FormatInfo] = &[
    json::FORMAT,
    qianniu::FORMAT,
    csv::FORMAT,
    qianniu_web::FORMAT,
    whatsapp::FORMAT,
    pasted::FORMAT,
    csv::QIANNIU_TABLE,
    csv::JDDC,
    csv::FEIGE,
    csv::ZENDESK_COMMENTS,
    csv::ZENDESK_CHAT,
    // A number each, of `shapes::SHAPES`.
    shape::format::<0>(),
    shape::format::<1>(),
    shape::format::<2>(),
    shape::format::<3>(),
    shape::format::<4>(),
    shape::format::<5>(),
    shape::format::<6>(),
    shape::format::<7>(),
    shape::format::<8>(),
    shape::format::<9>(),
    shape::format::<10>(),
    shape::format::<11>(),
    shape::format::<12>(),
    shape::format::<13>(),
    shape::format::<14>(),
    shape::format::<15>(),
    shape::format::<16>(),
    shape::format::<17>(),
    shape::format::<18>(),
    shape::format::<19>(),
];

// Every shape is one of the formats.
const _: () = assert!(shapes::SHAPES.len() == 20);

/// What the user knows better than the file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The time zone of conversations that state none.
    pub zone: Option<Zone>,
    /// The encoding, instead of detecting it.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// The id of the format, instead of detecting it.
    pub format: Option<&'static str>,
    /// What columns or keys hold, where their names mislead: the name as the file writes it, and what
    /// it holds, such as `text` or `session_id`; nothing: of no use.
    pub columns: Vec<(String, String)>,
    /// The roles of senders, by name as the file writes it.
    pub roles: Vec<(String, Role)>,
    /// The day of a file that gives times of day only, or speaks of yesterday: `2024-05-06`.
    pub date: Option<String>,
    /// Whether `1/2` is the first of February, instead of judging by the other dates of the file.
    pub day_first: Option<bool>,
    /// Where rows of a sheet have other numbers than lines of its text: pairs for [`row_of`].
    pub rows: Option<Arc<[u32]>>,
}

/// A format that can be read.
pub struct FormatInfo {
    /// Stable, kebab case.
    pub id: &'static str,
    /// Its name in Simplified Chinese.
    pub title_zh: &'static str,
    /// Its name in English.
    pub title_en: &'static str,
    /// How sure it is that a file is its own: 0 is not at all, 100 is beyond doubt.
    detect: fn(&Probe<'_>) -> u8,
    /// Begins to read.
    open: fn(Source) -> Box<dyn Conversations>,
}

impl FormatInfo {
    /// Whether it reads JSON, whose lines can be read one by one.
    pub fn is_json(&self) -> bool {
        self.id == json::FORMAT.id || shapes::SHAPES.iter().any(|shape| shape.id == self.id)
    }
}

/// What a format may look at to say whether a file is its own.
struct Probe<'a> {
    /// The file's name, in lower case.
    name: &'a str,
    /// All of its text.
    text: &'a str,
    /// What its columns and keys are called.
    names: &'a Names,
    /// See [`Probe::head`].
    head: OnceCell<shape::Head<'a>>,
}

impl<'a> Probe<'a> {
    fn new(name: &'a str, text: &'a str, names: &'a Names) -> Self {
        Self {
            name,
            text,
            names,
            head: OnceCell::new(),
        }
    }

    /// The beginning, as far as the text is JSON.
    fn head(&self) -> &shape::Head<'a> {
        self.head.get_or_init(|| shape::Head::of(self.text))
    }
}

/// What a format reads.
struct Source {
    text: String,
    options: Options,
    /// What comes after the text, for a format that can read in slices; the text ends with a line then.
    more: Option<Slices>,
}

/// A file that is being read.
trait Conversations: Send {
    /// The next conversation. Every row it passes is accounted for in the ledger.
    fn next(&mut self, ledger: &mut Ledger) -> Option<Transcript>;
    /// Bytes of text behind it.
    fn consumed(&self) -> usize;
    /// Bytes of text in all; `None` when only the file knows.
    fn length(&self) -> Option<usize>;
}

/// Whether a text is a day that there is: `2024-05-06`.
pub fn is_date(text: &str) -> bool {
    time::day(text).is_some()
}

/// Every format, in the order in which they are tried.
pub fn formats() -> &'static [FormatInfo] {
    FORMATS
}

/// Begins to read a file. `name` is its name or relative path, as reports are to call it.
///
/// ```
/// let json = r#"{"id":"1","timezone":"+08:00","messages":[
///     {"role":"customer","time":"2024-05-06 10:00:00","text":"在吗"},
///     {"role":"agent","sender":"小雨","time":"2024-05-06 10:00:05","text":"在的"}]}"#;
/// let mut reader = zhijian::import::read("a.json", json.into(), &Default::default());
/// let transcript = reader.next().unwrap();
/// assert_eq!(transcript.speaker(&transcript.messages[1]).name, "小雨");
/// assert!(reader.next().is_none() && reader.diagnostics().is_empty());
/// assert_eq!(reader.accounting().messages, 2);
/// ```
pub fn read(name: &str, bytes: Vec<u8>, options: &Options) -> Reader {
    let mut ledger = Ledger::of(name, options);
    ledger.number_rows(options.rows.as_ref());
    let total = bytes.len();
    let mut source = None;
    if let Some(text) = encoding::decode(bytes, options.encoding, &mut ledger) {
        match choose(name, &text, options, &mut ledger) {
            Some(format) => {
                source = Some((format.open)(Source {
                    text,
                    options: options.clone(),
                    more: None,
                }));
            }
            None => unknown(&mut ledger),
        }
    }
    Reader {
        ledger,
        source,
        total,
        yielded: false,
        part: None,
    }
}

/// The format of a text, noted together with what else it might be.
fn choose(
    name: &str,
    text: &str,
    options: &Options,
    ledger: &mut Ledger,
) -> Option<&'static FormatInfo> {
    let found = candidates(name, text, &ledger.names);
    let (confidence, format) = match options.format {
        Some(id) => (100, FORMATS.iter().find(|format| format.id == id)?),
        None => *found.first()?,
    };
    let others = found.iter().filter(|(_, other)| other.id != format.id);
    let others = others.map(|&(confidence, other)| Candidate {
        format: other.id,
        confidence,
    });
    ledger.detection.format = Some(format.id);
    ledger.detection.confidence = confidence;
    ledger.detection.others = others.collect();
    Some(format)
}

/// What became of a file that was opened by [`read_from`].
pub enum Begun {
    /// It is read in slices.
    Sliced(Box<Reader>),
    /// It is held as a whole; nothing has looked at it yet.
    Whole(Vec<u8>),
}

/// [`read`], for what need not be held as a whole: a long file of one conversation a line is read in
/// slices. `size` is the size of the file as far as known, for progress.
///
/// # Errors
/// When its beginning cannot be read. What goes wrong later is a diagnostic.
pub fn read_from(
    name: &str,
    source: Box<dyn Read + Send>,
    size: usize,
    options: &Options,
) -> io::Result<Begun> {
    read_slices(name, source, size, Sizes::default(), options)
}

/// [`read_from`], in slices of another size. What is found does not depend on it, as long as the first
/// is no shorter than what decides about a file.
///
/// # Errors
/// As [`read_from`].
pub fn read_slices(
    name: &str,
    mut source: Box<dyn Read + Send>,
    size: usize,
    sizes: Sizes,
    options: &Options,
) -> io::Result<Begun> {
    let mut head = Vec::new();
    let ended = slices::fill(&mut source, &mut head, sizes.first)?;
    if !ended && let Some((found, end)) = encoding::settled(&head, options.encoding) {
        let begun = head.split_off(end);
        let encoding = found.encoding;
        let mut ledger = Ledger::of(name, options);
        let text = encoding::begin(found, &head, &mut ledger);
        let format = choose(name, &text, options, &mut ledger);
        let in_slices = |found: &&FormatInfo| {
            csv::is_table(found) || found.is_json() && json::one_a_line(&text)
        };
        if let Some(format) = format.filter(in_slices) {
            ledger.part = Some((0, head.len()));
            let settled = options.encoding.is_some() || !head.is_ascii();
            let place = (head.len(), begun);
            let slices = Slices::new(source, (encoding, settled), place, sizes.other);
            return Ok(Begun::Sliced(Box::new(Reader {
                ledger,
                source: Some((format.open)(Source {
                    text,
                    options: options.clone(),
                    more: Some(slices),
                })),
                total: size,
                yielded: false,
                part: None,
            })));
        }
        head.extend(begun);
    }
    head.reserve_exact(size.saturating_sub(head.len()));
    source.read_to_end(&mut head)?;
    Ok(Begun::Whole(head))
}

/// The formats that could read a text, the likeliest first; of equals, the one that is tried first.
fn candidates(name: &str, text: &str, names: &Names) -> Vec<(u8, &'static FormatInfo)> {
    let name = name.to_lowercase();
    let probe = Probe::new(&name, text, names);
    let mut found: Vec<(u8, &FormatInfo)> = Vec::new();
    for format in FORMATS {
        let sure = (format.detect)(&probe);
        if sure > 0 {
            let place = found.partition_point(|(other, _)| *other >= sure);
            found.insert(place, (sure, format));
        }
    }
    found
}

fn unknown(ledger: &mut Ledger) {
    let list = |title: fn(&FormatInfo) -> &str, comma: &str| {
        FORMATS.iter().map(title).collect::<Vec<_>>().join(comma)
    };
    let (zh, en) = (
        list(|format| format.title_zh, "、"),
        list(|format| format.title_en, ", "),
    );
    ledger.report(Diagnostic::error(
        "format-unknown",
        format!("认不出这个文件的格式；可导入：{zh}。若是表格，请保留带“内容”“时间”“角色”等列名的表头。"),
        format!("The format of this file is not known. These can be read: {en}. A table needs a header that names its columns."),
    ));
}

/// A file that is being read; an iterator over its conversations.
pub struct Reader {
    ledger: Ledger,
    source: Option<Box<dyn Conversations>>,
    total: usize,
    yielded: bool,
    part: Option<Part>,
}

impl Reader {
    /// The id of the format, once known.
    pub fn format(&self) -> Option<&'static str> {
        self.ledger.detection.format
    }

    /// How the file is understood, as far as known; complete once the iterator has ended.
    pub fn detection(&self) -> &Detection {
        &self.ledger.detection
    }

    /// Bytes of the file that are read, for progress.
    pub fn consumed(&self) -> usize {
        let Some(source) = &self.source else {
            return self.total;
        };
        let Some(length) = source.length() else {
            return source.consumed().min(self.total);
        };
        // Text that was recoded has another length than the file.
        let share = source.consumed() as f64 / length.max(1) as f64;
        ((share * self.total as f64) as usize).min(self.total)
    }

    /// Bytes of the file.
    pub fn total(&self) -> usize {
        self.total
    }

    /// What became of the rows so far; of all rows once the iterator has ended.
    pub fn accounting(&self) -> &Accounting {
        self.ledger.accounting()
    }

    /// What there is to tell so far.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        self.ledger.diagnostics()
    }

    /// Which part of the file suffices to read the conversation handed out last again; `None`: all of it.
    pub fn part(&self) -> Option<Part> {
        self.part
    }

    fn close(&mut self) {
        let nothing = !self.yielded && self.ledger.accounting().records == 0;
        if self.source.take().is_some() && nothing && !self.ledger.has_error() {
            self.ledger.report(Diagnostic::error(
                "conversations-missing",
                "文件里没有任何可用的会话；请确认导出了聊天内容，而不只是表头或统计。",
                "The file has no usable conversation; check that the chats were exported, not only a header or statistics.",
            ));
        }
        if self
            .format()
            .is_some_and(|id| FORMATS.iter().any(|it| it.id == id && csv::is_table(it)))
        {
            self.ledger.tell_columns_not_found();
        }
        self.ledger.close();
    }
}

impl Iterator for Reader {
    type Item = Transcript;

    fn next(&mut self) -> Option<Transcript> {
        let found = self
            .source
            .as_mut()
            .and_then(|source| source.next(&mut self.ledger));
        match &found {
            Some(_) => {
                self.yielded = true;
                // Of one object a line, each stands in a slice; of others nobody says so.
                self.part = self.ledger.given.map(|(start, end)| Part {
                    start,
                    end,
                    ordinal: match self.part {
                        Some(before) if before.start == start => before.ordinal + 1,
                        _ => 0,
                    },
                });
            }
            None => self.close(),
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::{Begun, Options, Reader, Sizes, read, read_from, read_slices};
    use crate::report::Accounting;
    use crate::transcript::Transcript;

    /// What was read, and what there is to tell.
    fn all(mut reader: Reader) -> (Vec<Transcript>, Vec<String>, Accounting) {
        let transcripts: Vec<Transcript> = reader.by_ref().collect();
        let told = reader.diagnostics().iter();
        let told = told.map(|one| format!("{:?} {} {}", one.line, one.code, one.message.en));
        (transcripts, told.collect(), reader.accounting().clone())
    }

    fn reader(begun: io::Result<Begun>) -> Reader {
        match begun.expect("readable") {
            Begun::Sliced(reader) => *reader,
            Begun::Whole(bytes) => read("a.jsonl", bytes, &Options::default()),
        }
    }

    fn conversation(id: usize, text: &str) -> String {
        format!(
            "{{\"id\":\"{id}\",\"messages\":[{{\"role\":\"customer\",\"time\":\"2024-05-06 10:00:00\",\"text\":\"{text}\"}},\
             {{\"role\":\"agent\",\"sender\":\"小雨\",\"time\":\"2024-05-06 10:00:05\",\"text\":\"在的{id}\"}}]}}"
        )
    }

    #[test]
    fn slices_are_read_as_the_whole_is() {
        let lines: Vec<String> = (0..40).map(|id| conversation(id, "在吗")).collect();
        let plain = lines.join("\n");
        let broken = lines.join("\r\n").replace("在的9", "在的9\u{fffd}");
        let odd = format!(
            "{}\n\n{{\"messages\":[]}}\n{}\n[1]\n{}\n{{\"id\":\"x\",\"mess\n  \n\n",
            lines[..9].join("\n"),
            lines[9..30]
                .join("\n\u{feff}")
                .replace("\"agent\"", "\"agnet\""),
            lines[30..].join(",\n"),
        );
        let singles: Vec<String> = (0..40)
            .map(|at| {
                format!(
                    "{{\"session_id\":\"{}\",\"role\":\"agent\",\"text\":\"好{at}\"}}",
                    at % 7
                )
            })
            .collect();
        let mut damaged = plain.clone().into_bytes();
        let middle = damaged.len() / 2;
        damaged[middle] = 0xff;
        for (name, bytes) in [
            ("plain", plain.clone().into_bytes()),
            ("ended", format!("{plain}\n").into_bytes()),
            ("marked", format!("\u{feff}{plain}").into_bytes()),
            ("broken", broken.into_bytes()),
            ("odd", odd.into_bytes()),
            ("cut", plain.as_bytes()[..plain.len() - 30].to_vec()),
            (
                "cut and blank",
                format!("{}\n \n\n", &plain[..plain.len() - 30]).into_bytes(),
            ),
            ("returns", lines.join("\r").into_bytes()),
            ("singles", singles.join("\n").into_bytes()),
            ("damaged", damaged),
            ("array", format!("[{}]", lines.join(",\n")).into_bytes()),
            ("other", "角色,内容\n客服,好的\n".repeat(200).into_bytes()),
        ] {
            let expected = all(read("a.jsonl", bytes.clone(), &Options::default()));
            for slice in [1, 7, 64, 701, 4000, 1 << 20] {
                let source = Box::new(io::Cursor::new(bytes.clone()));
                let sizes = Sizes {
                    first: slice,
                    other: slice,
                };
                let begun = read_slices("a.jsonl", source, bytes.len(), sizes, &Options::default());
                let found = all(reader(begun));
                assert_eq!(found, expected, "{name}, slices of {slice}");
            }
        }
    }

    #[test]
    fn an_encoding_that_shows_late_is_the_same_in_slices() {
        // More ASCII than is looked at, then what no UTF-8 is.
        let ascii: Vec<String> = (0..9000)
            .map(|id| {
                conversation(id, "hello, is anybody there? I would like to know more")
                    .replace("小雨", "rain")
                    .replace("在的", "yes ")
            })
            .collect();
        let ascii = ascii.join("\n");
        let later: Vec<String> = (0..3000)
            .map(|id| conversation(id, "您好，请问发货了吗"))
            .collect();
        let later = later.join("\n");
        assert!(ascii.len() > 1_300_000);
        let other = encoding_rs::GB18030.encode(&later).0.into_owned();
        let mut damaged = later.clone().into_bytes();
        damaged[5000] = 0xff;
        for (name, rest, told) in [
            ("GB18030", other.clone(), "encoding-detected"),
            ("damaged", damaged.clone(), "encoding-damaged"),
            (
                "damaged, then other",
                [damaged, b"\n".to_vec(), other].concat(),
                "encoding-damaged",
            ),
        ] {
            let bytes = [ascii.as_bytes(), b"\n", &rest].concat();
            let expected = all(read("a.jsonl", bytes.clone(), &Options::default()));
            assert!(expected.1[0].contains(told), "{name}: {:?}", expected.1[0]);
            let source = Box::new(io::Cursor::new(bytes.clone()));
            let begun = read_from("a.jsonl", source, bytes.len(), &Options::default());
            let found = all(reader(begun));
            assert!(found == expected, "{name}: {:?}", found.1.first());
        }
    }

    #[test]
    fn the_short_cut_reads_what_the_slow_way_reads() {
        let messages = [
            r#"{"role":"customer","time":"2024-05-06 10:00:00","text":"在吗"}"#,
            r#"{"from":"tb1","time":1714960800,"text":"a\n\"b\"\t\u4f60\ud83d\udc4d","x":[],"id":7}"#,
            r#"{"msg_id":"m1","content":"在","message":"x","speaker":"店铺:小雨","send_time":"2024-05-06T10:00:05Z"}"#,
            r#" { "role" : "bot" , "text" : "您好" , "state" : null , "is_agent" : false } "#,
            r#"{"role":"agent","text":"","time":"昨天"}"#,
            r#"{"role":"nobody","text":"好","sender":"谁"}"#,
            r#"{"role":"agent","text":"好","sender":"小雨","time":"2024-05-06 10:00:00","channel":"phone"}"#,
            r#"{"text":3,"sender":true,"role":"C","uuid":-5,"text":"后"}"#,
            "{\"role\":\"agent\",\n\"text\":\"两行\"}",
        ];
        let heads = [
            r#""id":" 1024 ","timezone":"+09:00""#,
            r#""session_id":77,"id":"own","channel":"旺旺","extra":null"#,
            r#""conversation":"c","sid":"s","tz":"nowhere""#,
            r#""title":"x""#,
        ];
        for (number, head) in heads.into_iter().enumerate() {
            for skip in 0..messages.len() {
                let mut some = messages.to_vec();
                some.rotate_left(skip);
                some.truncate(1 + (skip + number) % messages.len());
                let list = some.join(",\n");
                let plain = format!("{{{head},\"messages\":[{list}]}}");
                let slow = format!("{{\"config\":null,{head},\"messages\":[{list}]}}");
                let read =
                    |text: String| all(read("a.json", text.into_bytes(), &Options::default()));
                assert_eq!(read(plain.clone()), read(slow), "{plain}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_to_its_end_says_so_and_keeps_what_was_read() {
        struct Fails(io::Cursor<Vec<u8>>);
        impl Read for Fails {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                match self.0.read(into)? {
                    0 => Err(io::Error::other("pulled out")),
                    read => Ok(read),
                }
            }
        }
        let lines: Vec<String> = (0..40).map(|id| conversation(id, "在吗")).collect();
        let bytes = lines.join("\n").into_bytes();
        let source = Box::new(Fails(io::Cursor::new(bytes.clone())));
        let sizes = |first| Sizes {
            first,
            other: first,
        };
        let begun = read_slices(
            "a.jsonl",
            source,
            bytes.len(),
            sizes(2000),
            &Options::default(),
        );
        let (transcripts, told, _) = all(reader(begun));
        assert_eq!(transcripts.len(), 40);
        assert!(
            told.iter()
                .any(|one| one.contains("file-unreadable") && one.contains("pulled out")),
            "{told:?}"
        );
        let source = Box::new(Fails(io::Cursor::new(bytes)));
        let whole = read_slices("a.jsonl", source, 0, sizes(1 << 20), &Options::default());
        assert!(whole.is_err());
    }
}
