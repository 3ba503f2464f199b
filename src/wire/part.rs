//! A batch judged in parts: jobs that judge files, and one that sums up and writes the report.
//!
//! The thing to get right: the job that sums up takes the files in their order, whatever the order in
//! which they were judged, so that its report is what one job alone would have written.

use std::io::{self, Read};

use serde::Serialize;
use serde_json::Value;

use super::{COLUMNS, Job, to_json, write_transcript};
use crate::diagnostic::{Bilingual, Diagnostic, Level};
use crate::import::{self, Begun, Detection, Reader};
use crate::report::Accounting;

/// What became of one file.
#[derive(Serialize)]
struct Outcome {
    accounting: Accounting,
    diagnostics: Vec<Diagnostic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detection: Option<Detection>,
    /// It is a table of records.
    #[serde(skip_serializing_if = "is_false")]
    table: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // As serde calls it.
fn is_false(value: &bool) -> bool {
    !*value
}

impl Job {
    /// What became of the file that was judged last, as JSON:
    /// `{accounting, diagnostics, detection?, table?}`. It is forgotten here.
    pub fn outcome(&mut self) -> Vec<u8> {
        let detection = self.detection.take();
        to_json(&Outcome {
            accounting: std::mem::take(&mut self.accounting),
            diagnostics: std::mem::take(&mut self.diagnostics),
            table: detection.is_none(),
            detection,
        })
    }

    /// Takes over what another job found in the next file: what its batches hold ([`super::Batch`]), one
    /// after another, and its outcome; empty: there is more to come of this file.
    ///
    /// # Errors
    /// When these are not what a job of the same standard gives; then the figures are not to be used.
    pub fn absorb(
        &mut self,
        batches: &[(&[f64], &[u8], &[u8])],
        outcome: &[u8],
    ) -> Result<(), Vec<Diagnostic>> {
        for &(rows, labels, tally) in batches {
            let key = self.moments.len();
            for row in rows.chunks_exact(COLUMNS) {
                self.moments.push((row[10], row[11]));
                self.messages = self.messages.saturating_add(row[0] as usize);
            }
            if self.tally.absorb(key, tally).is_none() {
                return Err(unusable());
            }
            if !self.profile.records.is_empty() {
                type Label = (String, String, Vec<String>, i32);
                let labels: Vec<Label> = serde_json::from_slice(labels).map_err(|_| unusable())?;
                for (id, _, agents, _) in labels {
                    let agent = agents.into_iter().next().unwrap_or_default();
                    self.first_agents.insert(id, agent);
                }
            }
        }
        if outcome.is_empty() {
            return Ok(());
        }
        let outcome: Value = serde_json::from_slice(outcome).map_err(|_| unusable())?;
        let counts = &outcome["accounting"];
        let mut accounting = Accounting {
            files: count(&counts["files"]),
            rows: count(&counts["rows"]),
            messages: count(&counts["messages"]),
            records: count(&counts["records"]),
            conversations: count(&counts["conversations"]),
            ..Accounting::default()
        };
        for excluded in counts["excluded"].as_array().into_iter().flatten() {
            accounting.exclude(&text(&excluded["reason"]), count(&excluded["count"]));
        }
        self.accounting.add(&accounting);
        let told = outcome["diagnostics"].as_array().into_iter().flatten();
        self.diagnostics.extend(told.map(diagnostic));
        Ok(())
    }

    /// Adds something to know about the input: a [`Diagnostic`] as JSON.
    pub fn remark_json(&mut self, json: &[u8]) {
        if let Ok(value) = serde_json::from_slice(json) {
            self.remark(diagnostic(&value));
        }
    }

    /// How a file is to be read about which somebody knows better.
    ///
    /// # Errors
    /// As [`super::Corrections::over`].
    pub fn options_of(
        &self,
        corrections: super::Corrections,
    ) -> Result<import::Options, Vec<Diagnostic>> {
        corrections.over(&self.options.import)
    }

    /// A conversation as the page shows it, read again from its file or a part of it
    /// ([`super::Batch::places`]): the one at this place, under the id it is known by; without a place,
    /// the one of this id that has so many messages.
    pub fn reread(
        &self,
        mut reader: Reader,
        ordinal: Option<usize>,
        id: &str,
        messages: usize,
    ) -> Option<Vec<u8>> {
        let mut transcript = match ordinal {
            Some(ordinal) => reader.nth(ordinal)?,
            None => reader.find(|one| one.id == id && one.messages.len() == messages)?,
        };
        self.profile.name_people(&mut transcript);
        transcript.id = id.to_owned();
        let mut out = Vec::new();
        write_transcript(&transcript, &mut out);
        Some(out)
    }

    /// The places of the conversations of a file in which these words are said, or which are called so.
    pub fn find(&self, reader: Reader, words: &str) -> Vec<u32> {
        let words = words.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&words);
        let mut found = Vec::new();
        for (place, mut transcript) in (0..).zip(reader) {
            self.profile.name_people(&mut transcript);
            let said = transcript.messages.iter().any(|message| has(&message.text));
            let mut called = transcript.speakers.iter().map(|speaker| &speaker.name);
            if said || has(&transcript.id) || called.any(|name| has(name)) {
                found.push(place);
            }
        }
        found
    }
}

/// In files longer than this, a conversation is looked for where it was read; in shorter ones it is
/// counted off.
const LONG: usize = 24 << 20;
/// How far behind its last row a conversation may be handed out, and some more.
const WINDOW: usize = 18 << 20;

/// Where the conversation handed out last can be read again.
pub(super) fn place(reader: &Reader) -> [f64; 3] {
    if let Some(part) = reader.part() {
        return [part.start as f64, part.end as f64, part.ordinal as f64];
    }
    if reader.total() < LONG {
        return [f64::NAN; 3];
    }
    let end = reader.consumed();
    [end.saturating_sub(WINDOW) as f64, end as f64, -1.0]
}

/// Begins to read a file again.
///
/// # Errors
/// When its beginning cannot be read.
pub fn reader(
    name: &str,
    source: Box<dyn Read + Send>,
    size: usize,
    options: &import::Options,
) -> io::Result<Reader> {
    Ok(match import::read_from(name, source, size, options)? {
        Begun::Sliced(reader) => *reader,
        Begun::Whole(bytes) => import::read(name, bytes, options),
    })
}

fn count(value: &Value) -> usize {
    value.as_u64().map_or(0, |count| count as usize)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What was told elsewhere, as it was told.
fn diagnostic(value: &Value) -> Diagnostic {
    let number = |name: &str| value[name].as_u64().map(|number| number as u32);
    let words = |name: &str| value[name].as_str().map(str::to_owned);
    Diagnostic {
        code: text(&value["code"]),
        severity: match value["severity"].as_str() {
            Some("info") => Level::Info,
            Some("warning") => Level::Warning,
            _ => Level::Error,
        },
        file: words("file"),
        line: number("line"),
        column: number("column"),
        field: words("field"),
        message: Bilingual::new(text(&value["message"]["zh"]), text(&value["message"]["en"])),
    }
}

fn unusable() -> Vec<Diagnostic> {
    vec![Diagnostic::error(
        "part-invalid",
        "这不是同一标准下质检得到的结果",
        "this is not what a job of the same standard gives",
    )]
}

#[cfg(test)]
mod tests {
    use super::diagnostic;
    use crate::diagnostic::Diagnostic;

    #[test]
    fn what_was_told_elsewhere_is_told_the_same() {
        let told = Diagnostic::warning("csv-ragged-row", "列数不符", "ragged")
            .file("a/甲.csv")
            .line(7)
            .column(3)
            .field("内容");
        let bare = Diagnostic::info("timezone-assumed", "区", "zone");
        for one in [told, bare, Diagnostic::error("json-invalid", "", "")] {
            let json = serde_json::to_value(&one).expect("JSON");
            assert_eq!(diagnostic(&json), one);
        }
    }
}
