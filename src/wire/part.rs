//! A batch judged in parts: jobs that judge files, and one that sums up and writes the report.
//!
//! The thing to get right: the job that sums up takes the files in their order, whatever the order in
//! which they were judged, so that its report is what one job alone would have written.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use super::{COLUMNS, Job, to_json, write_transcript};
use crate::diagnostic::Diagnostic;
use crate::import::{self, Begun, Detection, Reader};
use crate::report::Accounting;

/// What became of one file.
#[derive(Serialize, Deserialize)]
struct Outcome {
    accounting: Accounting,
    diagnostics: Vec<Diagnostic>,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    detection: Option<Detection>,
    /// It is a table of records.
    #[serde(skip_deserializing, skip_serializing_if = "is_false")]
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
    /// after another, and its outcome.
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
        let outcome: Outcome = serde_json::from_slice(outcome).map_err(|_| unusable())?;
        self.accounting.add(&outcome.accounting);
        self.diagnostics.extend(outcome.diagnostics);
        Ok(())
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

    /// A conversation as the page shows it, read again from its file or the part of it that suffices
    /// ([`super::Batch::places`]): the one at this place, under the id it is known by.
    pub fn reread(&self, mut reader: Reader, ordinal: usize, id: &str) -> Option<Vec<u8>> {
        let mut transcript = reader.nth(ordinal)?;
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

fn unusable() -> Vec<Diagnostic> {
    vec![Diagnostic::error(
        "part-invalid",
        "这不是同一标准下质检得到的结果",
        "this is not what a job of the same standard gives",
    )]
}
