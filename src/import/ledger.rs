//! What an import keeps count of: rows, and what there is to tell about them.
//!
//! The thing to get right: rows are counted together with what became of them
//! ([`Ledger::commit`]), so that `rows = messages + excluded` holds at every moment, not only at the
//! end.

use std::collections::BTreeMap;

use super::clock::Clock;
use super::columns::{COLUMNS, Column};
use super::detection::Detection;
use crate::diagnostic::{Diagnostic, Level};
use crate::report::Accounting;

/// Diagnostics of one code that are listed one by one; the rest are summed up.
const LISTED: usize = 100;

/// Figures and diagnostics of one file.
pub(crate) struct Ledger {
    file: String,
    accounting: Accounting,
    diagnostics: Vec<Diagnostic>,
    /// How many of the diagnostics, the first, are about the text itself.
    about_text: usize,
    counts: BTreeMap<String, (Level, usize)>,
    labels: [Option<String>; COLUMNS],
    ordinal: usize,
    /// How the file is understood.
    pub(crate) detection: Detection,
    /// What settles its times.
    pub(crate) clock: Clock,
    /// Where in the file the slice under way begins and ends; `None`: there are no slices, or no more.
    pub(crate) part: Option<(usize, usize)>,
}

impl Ledger {
    pub(crate) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            accounting: Accounting {
                files: 1,
                ..Accounting::default()
            },
            diagnostics: Vec::new(),
            about_text: 0,
            counts: BTreeMap::new(),
            labels: [const { None }; COLUMNS],
            ordinal: 0,
            detection: Detection::default(),
            clock: Clock::default(),
            part: None,
        }
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    pub(crate) fn accounting(&self) -> &Accounting {
        &self.accounting
    }

    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Lists a diagnostic, or only counts it when enough of its kind are listed.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        let count = match self.counts.get_mut(&diagnostic.code) {
            Some((_, count)) => count,
            None => {
                &mut self
                    .counts
                    .entry(diagnostic.code.clone())
                    .or_insert((diagnostic.severity, 0))
                    .1
            }
        };
        *count += 1;
        if *count <= LISTED {
            self.diagnostics.push(diagnostic.file(self.file.clone()));
        }
    }

    /// Like [`Ledger::report`], before everything that is not about the text itself: a file in slices
    /// tells of its encoding late, and is to tell the same as a whole one.
    pub(crate) fn report_first(&mut self, diagnostic: Diagnostic) {
        let count = self.diagnostics.len();
        self.report(diagnostic);
        if self.diagnostics.len() > count {
            self.diagnostics[self.about_text..].rotate_right(1);
            self.about_text += 1;
        }
    }

    /// Like [`Ledger::report`], but only the first of its code.
    pub(crate) fn report_once(&mut self, diagnostic: Diagnostic) {
        if !self.counts.contains_key(&diagnostic.code) {
            self.report(diagnostic);
        }
    }

    /// Whether anything was reported that could not be read.
    pub(crate) fn has_error(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Level::Error)
    }

    /// What the file itself calls a column, for the `field` of diagnostics.
    pub(crate) fn label(&mut self, column: Column, label: &str) {
        self.labels[column as usize] = Some(label.to_owned());
    }

    /// The `field` of a diagnostic about a column.
    pub(crate) fn field(&self, column: Column) -> String {
        self.labels[column as usize]
            .clone()
            .unwrap_or_else(|| column.name().to_owned())
    }

    /// Excludes one row that never came as far as a conversation.
    pub(crate) fn exclude(&mut self, reason: &str) {
        self.accounting.rows += 1;
        self.accounting.exclude(reason, 1);
    }

    /// Takes one row of a table of figures.
    pub(crate) fn take_record(&mut self) {
        self.accounting.rows += 1;
        self.accounting.records += 1;
    }

    /// Counts the rows of one conversation, and what became of them.
    pub(crate) fn commit(&mut self, messages: usize, excluded: &BTreeMap<&'static str, usize>) {
        self.accounting.messages += messages;
        self.accounting.conversations += usize::from(messages > 0);
        self.accounting.rows += messages;
        for (reason, &count) in excluded {
            self.accounting.rows += count;
            self.accounting.exclude(reason, count);
        }
    }

    /// The number of the next conversation in the file, from 1.
    pub(crate) fn ordinal(&mut self) -> usize {
        self.ordinal += 1;
        self.ordinal
    }

    /// Sums up what was not listed. To be called once, at the end.
    pub(crate) fn close(&mut self) {
        for (code, (severity, count)) in std::mem::take(&mut self.counts) {
            let Some(more) = count.checked_sub(LISTED).filter(|&more| more > 0) else {
                continue;
            };
            self.diagnostics.push(
                Diagnostic::new(
                    severity,
                    "more-like-this",
                    format!("……另有 {more} 处同类问题（{code}）未逐条列出，请先处理已列出的 {LISTED} 处。"),
                    format!(
                        "… {more} more of the kind {code} are not listed; deal with the {LISTED} that are listed first."
                    ),
                )
                .file(self.file.clone())
                .field(code),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Ledger;
    use crate::diagnostic::{Diagnostic, Level};

    #[test]
    fn a_hundred_of_a_code_and_a_summary() {
        let mut ledger = Ledger::new("a.csv");
        for line in 1..=250 {
            ledger.report(Diagnostic::warning("time-invalid", "时", "t").line(line));
        }
        ledger.report(Diagnostic::info("timezone-assumed", "区", "z"));
        ledger.close();
        assert_eq!(ledger.diagnostics().len(), 102);
        assert_eq!(ledger.diagnostics()[99].line, Some(100));
        let last = &ledger.diagnostics()[101];
        assert_eq!(
            (last.code.as_str(), last.field.as_deref()),
            ("more-like-this", Some("time-invalid"))
        );
        assert_eq!(last.severity, Level::Warning);
        assert!(
            last.message.zh.contains("150") && last.message.en.contains("150"),
            "{:?}",
            last.message
        );
    }

    #[test]
    fn rows_are_what_became_of_them() {
        let mut ledger = Ledger::new("a.csv");
        ledger.commit(3, &BTreeMap::from([("text-missing", 2)]));
        ledger.commit(0, &BTreeMap::from([("text-missing", 1)]));
        ledger.exclude("json-invalid");
        let accounting = ledger.accounting();
        assert_eq!(
            (
                accounting.rows,
                accounting.messages,
                accounting.conversations
            ),
            (7, 3, 1)
        );
        assert_eq!(accounting.excluded_rows(), 4);
    }
}
