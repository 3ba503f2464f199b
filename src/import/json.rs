//! `zhijian-transcript/1`: one object, an array of them, or one a line; also single messages, one a
//! line or an array of them, that carry the id of their conversation.
//!
//! The thing to get right: a conversation is read straight from its text and let go before the next,
//! and an object that serde rejects costs only itself: it is mended if it can be
//! ([`super::repair`]), else counted and passed over by its brackets or its line.

use serde::Deserialize;

use super::draft::{Draft, Groups};
use super::json_entry::{Element, Entry};
use super::ledger::Ledger;
use super::lines::{Lines, has_lines, line_at};
use super::plain::{self, Keys};
use super::repair::{elements, extent, repair};
use super::words;
use super::{Conversations, FormatInfo, Probe, Slices, Source};
use crate::diagnostic::Diagnostic;
use crate::transcript::{Transcript, Zone};

pub(crate) const FORMAT: FormatInfo = FormatInfo {
    id: "transcript-json",
    title_zh: "会话 JSON / JSONL",
    title_en: "Transcript JSON or JSONL",
    detect,
    open,
};

/// How sure [`detect`] is at most, which is more than any other format is.
const SURE: u8 = 95;

fn detect(probe: &Probe<'_>) -> u8 {
    let mut significant = probe.text.chars().filter(|c| !c.is_whitespace());
    match (significant.next(), significant.next()) {
        (Some('{'), Some('"' | '}')) | (Some('['), Some('{' | ']')) => SURE,
        (Some('{'), None) => 40,
        _ => 0,
    }
}

/// Whether a long file that begins with this text is read line by line.
pub(crate) fn is_one_a_line(text: &str) -> bool {
    let sure = detect(&Probe { name: "", text });
    sure == SURE && one_a_line(text)
}

fn open(source: Source) -> Box<dyn Conversations> {
    let by_line = source.more.is_some() || one_a_line(&source.text);
    Box::new(Json {
        objects: Objects {
            zone: source.options.zone,
            groups: Groups::default(),
            grouped: false,
            keys: Keys::default(),
        },
        more: source.more,
        behind: 0,
        offset: 0,
        // Whoever reads line by line counts as well.
        lines: Lines::new(if by_line { "" } else { &source.text }),
        by_line,
        number: 1,
        in_array: false,
        text: source.text,
    })
}

/// Whether the first line is a whole object and others follow.
fn one_a_line(text: &str) -> bool {
    let start = text.len() - text.trim_start().len();
    let (line, next) = line_at(text, start);
    if !line.starts_with('{') || text[next..].trim().is_empty() {
        return false;
    }
    match extent(line, 0) {
        Some(end) => line[end..].trim().trim_start_matches(',').is_empty(),
        // A first line that is cut, where the next begins anew. One object over many lines may look the
        // same (`"messages": [` and then `{`), but then its end is further down.
        None => text[next..].trim_start().starts_with('{') && extent(text, start).is_none(),
    }
}

struct Json {
    text: String,
    /// What comes after the text.
    more: Option<Slices>,
    /// How long the texts were that came before.
    behind: usize,
    offset: usize,
    lines: Lines,
    by_line: bool,
    /// The line at `offset`, when read line by line.
    number: u32,
    in_array: bool,
    objects: Objects,
}

impl Conversations for Json {
    fn next(&mut self, ledger: &mut Ledger) -> Option<Transcript> {
        loop {
            if self.objects.grouped {
                return self.objects.groups.next(ledger);
            }
            let step = if self.by_line {
                self.line(ledger)
            } else {
                self.value(ledger)
            };
            match step {
                Step::Conversation(transcript) => return Some(*transcript),
                Step::Other => {}
                Step::End => {
                    self.objects.groups.close();
                    self.objects.grouped = true;
                }
            }
        }
    }

    fn consumed(&self) -> usize {
        self.behind + self.offset
    }

    fn length(&self) -> Option<usize> {
        self.more.is_none().then_some(self.text.len())
    }
}

enum Step {
    Conversation(Box<Transcript>),
    Other,
    End,
}

impl Json {
    fn line(&mut self, ledger: &mut Ledger) -> Step {
        if self.offset >= self.text.len() && !self.go_on(ledger) {
            return Step::End;
        }
        let start = self.offset;
        let (line, next) = line_at(&self.text, start);
        self.offset = next;
        let number = self.number;
        self.number = self.number.saturating_add(1);
        // Files that were joined bring the mark of each into the middle.
        let raw = line
            .trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
            .trim_end()
            .trim_end_matches(',');
        if raw.is_empty() {
            return Step::Other;
        }
        match self.objects.object(raw, (number, false), ledger) {
            Ok(step) => step,
            Err(error) => {
                let column = line
                    .get(..error.column())
                    .map_or(error.column(), |head| head.chars().count());
                if error.is_eof() && self.is_at_end(ledger) {
                    truncated(number, true, ledger);
                } else {
                    invalid(number, Some(column), &error.to_string(), ledger);
                }
                Step::Other
            }
        }
    }

    /// Goes on to the next slice; whether there is one.
    fn go_on(&mut self, ledger: &mut Ledger) -> bool {
        let Some(more) = &mut self.more else {
            return false;
        };
        let length = self.text.len();
        self.behind += length;
        self.offset = 0;
        more.next(&mut self.text, self.number, ledger)
    }

    /// Whether nothing but space follows.
    fn is_at_end(&mut self, ledger: &mut Ledger) -> bool {
        loop {
            if !self.text[self.offset..].trim().is_empty() {
                return false;
            }
            // Space says nothing, so it need not be kept; only the lines of it count.
            while self.offset < self.text.len() {
                self.offset = line_at(&self.text, self.offset).1;
                self.number = self.number.saturating_add(1);
            }
            if !self.go_on(ledger) {
                return true;
            }
        }
    }

    fn value(&mut self, ledger: &mut Ledger) -> Step {
        let rest = &self.text[self.offset..];
        let skipped =
            rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',' || c == '\u{feff}');
        self.offset = self.text.len() - skipped.len();
        let start = self.offset;
        match skipped.as_bytes().first() {
            None => {
                if self.in_array {
                    self.in_array = false;
                    let line = self.lines.at(&self.text, start);
                    truncated(line, false, ledger);
                }
                Step::End
            }
            Some(b'[') if !self.in_array => {
                self.in_array = true;
                self.offset += 1;
                Step::Other
            }
            Some(b']') if self.in_array => {
                self.in_array = false;
                self.offset += 1;
                Step::Other
            }
            Some(b'{') => {
                let line = self.lines.at(&self.text, start);
                // The extent is needed for the lines of messages, and when serde rejects the object.
                let Some(end) = extent(&self.text, start) else {
                    truncated(line, true, ledger);
                    self.in_array = false;
                    self.offset = self.text.len();
                    return Step::Other;
                };
                self.offset = end;
                match self
                    .objects
                    .object(&self.text[start..end], (line, true), ledger)
                {
                    Ok(step) => step,
                    Err(error) => {
                        let at = line.saturating_add(
                            u32::try_from(error.line().saturating_sub(1)).unwrap_or(0),
                        );
                        invalid(at, None, &error.to_string(), ledger);
                        Step::Other
                    }
                }
            }
            Some(byte) => {
                // Not an object: pass over it, by its brackets, or up to what may separate it.
                let end = match byte {
                    b'[' => extent(&self.text, start),
                    b'"' => None,
                    _ => skipped
                        .find([',', ']', '\n', '\r', '{'])
                        .map(|at| start + at.max(1)),
                };
                let end = end.unwrap_or_else(|| {
                    let step = skipped
                        .char_indices()
                        .nth(1)
                        .map_or(skipped.len(), |(at, _)| at);
                    start
                        + skipped[step..]
                            .find([',', ']', '\n', '\r'])
                            .map_or(skipped.len(), |at| at + step)
                });
                let line = self.lines.at(&self.text, start);
                invalid(line, None, "expected an object", ledger);
                self.offset = end;
                Step::Other
            }
        }
    }
}

/// Reads objects, whatever they stand in.
struct Objects {
    zone: Option<Zone>,
    groups: Groups,
    grouped: bool,
    keys: Keys,
}

impl Objects {
    /// Reads an object that begins on `line`; `lined`: and that may go on on others.
    fn object(
        &mut self,
        raw: &str,
        (line, lined): (u32, bool),
        ledger: &mut Ledger,
    ) -> Result<Step, serde_json::Error> {
        let mut draft = Draft::new(None, line, self.zone.as_ref());
        if plain::conversation(raw, &mut self.keys, &mut draft, lined).is_some() {
            return Ok(finished(draft, ledger));
        }
        match parse(raw) {
            Ok(entry) if !entry.inexact => Ok(self.entry(entry, raw, line, ledger)),
            first => {
                // The slow way, for what is broken and for numbers beyond 64 bits.
                let mended = repair(raw, false);
                let config = match first {
                    Ok(entry) => entry.config,
                    Err(_) => parse(&mended.text)?.config,
                };
                let exact = repair(raw, true);
                let mut entry = parse(&exact.text)?;
                entry.config = config;
                if mended.lone > 0 {
                    let at = Lines::new(raw).at(raw, mended.first);
                    let count = mended.lone;
                    ledger.report(
                        Diagnostic::warning(
                            "surrogate-lone",
                            format!("有 {count} 个字符只剩一半（多为被截断的表情），已显示为 �；其余内容照常读取。"),
                            format!("{count} characters are only half there (cut emoji, mostly) and are shown as �; the rest was read."),
                        )
                        .line(line.saturating_add(at - 1)),
                    );
                }
                Ok(self.entry(entry, raw, line, ledger))
            }
        }
    }

    fn entry(&mut self, entry: Entry<'_>, raw: &str, line: u32, ledger: &mut Ledger) -> Step {
        let Some(messages) = entry.messages else {
            let mut record = entry.record;
            if !entry.speaks {
                ledger.exclude("messages-missing");
                ledger.report(
                    Diagnostic::error(
                        "messages-missing",
                        "这个对象既没有消息列表，也不是一条消息，未计入；请确认含有 messages 数组。",
                        "This object has no list of messages and is none itself, it was left out; it needs an array `messages`.",
                    )
                    .line(line)
                    .field("messages"),
                );
                return Step::Other;
            }
            record.line = line;
            let id = record
                .get(super::columns::Column::Conversation)
                .map(str::to_owned);
            let draft = self.groups.draft(id.as_deref(), line, self.zone.as_ref());
            if let Some(zone) = entry.zone.as_deref().filter(|_| draft.is_fresh()) {
                draft.zone(zone, ledger);
            }
            draft.push(&mut record, ledger);
            return Step::Other;
        };
        let starts = if has_lines(raw) {
            elements(raw)
        } else {
            Vec::new()
        };
        let mut lines = Lines::new(if starts.is_empty() { "" } else { raw });
        let mut draft = Draft::new(
            entry.id.map(|id| id.trim().to_owned()),
            line,
            self.zone.as_ref(),
        );
        if let Some(zone) = &entry.zone {
            draft.zone(zone, ledger);
        }
        draft.channel = entry.channel.as_deref().and_then(words::channel);
        draft.config = entry.config.filter(|config| !config.is_null());
        draft.participants = entry.participants;
        for (index, element) in messages.into_iter().enumerate() {
            let at = match starts.get(index) {
                Some(&start) => line.saturating_add(lines.at(raw, start) - 1),
                None => line,
            };
            match element {
                Element::Message(mut record) => {
                    record.line = at;
                    draft.push(&mut record, ledger);
                }
                Element::Other => {
                    draft.skip("json-invalid");
                    tell_invalid(at, None, "a message must be an object", ledger);
                }
            }
        }
        finished(draft, ledger)
    }
}

fn finished(draft: Draft, ledger: &mut Ledger) -> Step {
    draft
        .finish(None, ledger)
        .map_or(Step::Other, |transcript| {
            Step::Conversation(Box::new(transcript))
        })
}

fn parse(raw: &str) -> Result<Entry<'_>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(raw);
    let entry = Entry::deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(entry)
}

fn invalid(line: u32, column: Option<usize>, why: &str, ledger: &mut Ledger) {
    ledger.exclude("json-invalid");
    tell_invalid(line, column, why, ledger);
}

fn tell_invalid(line: u32, column: Option<usize>, why: &str, ledger: &mut Ledger) {
    // serde_json counts lines from the start of what it was given; ours is in `line`.
    let why = why.split(" at line ").next().unwrap_or(why);
    let mut diagnostic = Diagnostic::error(
        "json-invalid",
        format!("这里不是有效的 JSON 对象（{why}），已跳过，其余照常读取；请重新导出或修正这一处。"),
        format!("This is not a valid JSON object ({why}); it was skipped and the rest was read. Export again or mend it."),
    )
    .line(line);
    if let Some(column) = column
        .and_then(|column| u32::try_from(column).ok())
        .filter(|&column| column > 0)
    {
        diagnostic = diagnostic.column(column);
    }
    ledger.report(diagnostic);
}

fn truncated(line: u32, lost: bool, ledger: &mut Ledger) {
    if lost {
        ledger.exclude("json-truncated");
    }
    ledger.report(
        Diagnostic::error(
            "json-truncated",
            "文件在这里中断，不完整；中断之前的完整会话已保留，请重新导出以取得其余部分。",
            "The file breaks off here; the whole conversations before are kept. Export it again for the rest.",
        )
        .line(line),
    );
}
