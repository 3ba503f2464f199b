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

mod columns;
mod csv;
mod draft;
mod encoding;
mod json;
mod json_entry;
mod ledger;
mod lines;
mod qianniu;
mod repair;
mod table;
mod time;
mod words;

use crate::diagnostic::Diagnostic;
use crate::report::Accounting;
use crate::transcript::{Transcript, Zone};

use ledger::Ledger;
pub use table::{TableFile, example_row, read_table, table_of};

/// Every format, in the order in which ties are decided.
static FORMATS: &[FormatInfo] = &[json::FORMAT, qianniu::FORMAT, csv::FORMAT];

/// What the user knows better than the file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The time zone of conversations that state none.
    pub zone: Option<Zone>,
    /// The encoding, instead of detecting it.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// The id of the format, instead of detecting it.
    pub format: Option<&'static str>,
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

/// What a format may look at to say whether a file is its own.
struct Probe<'a> {
    /// The file's name, in lower case.
    name: &'a str,
    /// All of its text.
    text: &'a str,
}

/// What a format reads.
struct Source {
    text: String,
    zone: Option<Zone>,
}

/// A file that is being read.
trait Conversations: Send {
    /// The next conversation. Every row it passes is accounted for in the ledger.
    fn next(&mut self, ledger: &mut Ledger) -> Option<Transcript>;
    /// Bytes of text behind it.
    fn consumed(&self) -> usize;
    /// Bytes of text in all.
    fn length(&self) -> usize;
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
    let mut ledger = Ledger::new(name);
    let total = bytes.len();
    let mut format = None;
    let mut source = None;
    if let Some(text) = encoding::decode(bytes, options.encoding, &mut ledger) {
        format = match options.format {
            Some(id) => FORMATS.iter().find(|format| format.id == id),
            None => detect(name, &text),
        };
        match format {
            Some(format) => {
                source = Some((format.open)(Source {
                    text,
                    zone: options.zone.clone(),
                }));
            }
            None => unknown(&mut ledger),
        }
    }
    Reader {
        ledger,
        source,
        format: format.map(|format| format.id),
        total,
        yielded: false,
    }
}

fn detect(name: &str, text: &str) -> Option<&'static FormatInfo> {
    let name = name.to_lowercase();
    let probe = Probe { name: &name, text };
    let mut best: Option<(u8, &FormatInfo)> = None;
    for format in FORMATS {
        let sure = (format.detect)(&probe);
        if sure > best.map_or(0, |(sure, _)| sure) {
            best = Some((sure, format));
        }
    }
    best.map(|(_, format)| format)
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
    format: Option<&'static str>,
    total: usize,
    yielded: bool,
}

impl Reader {
    /// The id of the format, once known.
    pub fn format(&self) -> Option<&'static str> {
        self.format
    }

    /// Bytes of the file that are read, for progress.
    pub fn consumed(&self) -> usize {
        let Some(source) = &self.source else {
            return self.total;
        };
        // Text that was recoded has another length than the file.
        let share = source.consumed() as f64 / source.length().max(1) as f64;
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

    fn close(&mut self) {
        if self.source.take().is_some() && !self.yielded && !self.ledger.has_error() {
            self.ledger.report(Diagnostic::error(
                "conversations-missing",
                "文件里没有任何可用的会话；请确认导出了聊天内容，而不只是表头或统计。",
                "The file has no usable conversation; check that the chats were exported, not only a header or statistics.",
            ));
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
            Some(_) => self.yielded = true,
            None => self.close(),
        }
        found
    }
}
