//! What an import keeps count of: rows, and what there is to tell about them.
//!
//! The thing to get right: rows are counted together with what became of them
//! ([`Ledger::commit`]), so that `rows = messages + excluded` holds at every moment, not only at the
//! end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Options;
use super::clock::Clock;
use super::columns::{COLUMNS, Column, Names};
use super::detection::{Detection, Mapped, Sender};
use super::draft::Cast;
use super::lines::row_of;
use crate::diagnostic::{Diagnostic, Level};
use crate::report::Accounting;
use crate::sorted;
use crate::transcript::Role;

/// Diagnostics of one code that are listed one by one; the rest are summed up.
const LISTED: usize = 100;

/// Senders, and columns, that are shown for correction.
const SHOWN: usize = 200;

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
    /// Which row of a sheet each line is.
    rows: Option<Arc<[u32]>>,
    /// How the file is understood.
    pub(crate) detection: Detection,
    /// What settles its times.
    pub(crate) clock: Clock,
    /// Where in the file the slice under way begins and ends; `None`: there are no slices, or no more.
    pub(crate) part: Option<(usize, usize)>,
    /// The slice that holds the conversation handed out last, which may have been an earlier one.
    pub(crate) given: Option<(usize, usize)>,
    /// What its columns and keys are called.
    pub(crate) names: Names,
    /// The roles of senders that the caller states.
    pub(crate) roles: BTreeMap<String, Role>,
    /// What its conversations together say of who is who.
    pub(crate) cast: Cast,
    shown: BTreeSet<String>,
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
            rows: None,
            detection: Detection::default(),
            clock: Clock::default(),
            part: None,
            given: None,
            names: Names::default(),
            roles: BTreeMap::new(),
            cast: Cast::default(),
            shown: BTreeSet::new(),
        }
    }

    /// With what the caller knows better than the file.
    pub(crate) fn of(file: &str, options: &Options) -> Self {
        let roles = options.roles.iter().cloned();
        Self {
            names: Names::new(&options.columns),
            roles: sorted::gathered(roles),
            clock: Clock::of(options),
            ..Self::new(file)
        }
    }

    /// Lines are told as rows of a sheet ([`row_of`]).
    pub(crate) fn number_rows(&mut self, rows: Option<&Arc<[u32]>>) {
        self.rows = rows.cloned();
    }

    /// What people call this line.
    pub(crate) fn row(&self, line: u32) -> u32 {
        self.rows.as_ref().map_or(line, |rows| row_of(rows, line))
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
            let mut diagnostic = diagnostic.file(self.file.clone());
            diagnostic.line = diagnostic.line.map(|line| self.row(line));
            self.diagnostics.push(diagnostic);
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

    /// Notes what a column or key is taken for, unless that is known. To be called for all of a header,
    /// or for all keys of one object: together they are the fingerprint of the file.
    pub(crate) fn mapped<'n>(
        &mut self,
        names: impl IntoIterator<Item = (&'n str, Option<Column>)>,
    ) {
        let columns = &mut self.detection.columns;
        let mut whole = 0;
        for (name, column) in names {
            whole = hash(whole, &name.trim().to_ascii_lowercase());
            if columns.len() < SHOWN && !columns.iter().any(|it| it.name == name) {
                columns.push(Mapped {
                    name: name.to_owned(),
                    column: column.map(Column::name),
                });
            }
        }
        self.detection
            .fingerprint
            .get_or_insert_with(|| format!("{whole:016x}"));
    }

    /// Tells of columns of which the caller says something, and which the header does not have.
    pub(crate) fn tell_columns_not_found(&mut self) {
        let columns = &self.detection.columns;
        let found = |name: &str| columns.iter().any(|it| it.name.trim() == name);
        let stated = self
            .names
            .stated()
            .map(|it| it.0)
            .filter(|_| columns.len() < SHOWN);
        let missing: Vec<String> = stated
            .filter(|name| !found(name))
            .map(str::to_owned)
            .collect();
        for name in missing {
            self.report(
                Diagnostic::warning(
                    "column-not-found",
                    "指定的这一列不在文件里，没有起作用；请核对列名。",
                    "This column was stated but is not in the file, so nothing came of it; check its name.",
                )
                .field(name),
            );
        }
    }

    /// Whether there is room for more senders.
    pub(crate) fn shows_senders(&self) -> bool {
        self.shown.len() < SHOWN
    }

    /// Notes who speaks, unless that is known.
    pub(crate) fn sender(&mut self, name: &str, role: Role, inferred: bool) {
        if self.shows_senders() && !name.is_empty() && !self.shown.contains(name) {
            self.shown.insert(name.to_owned());
            self.detection.senders.push(Sender {
                name: name.to_owned(),
                role,
                inferred,
            });
        }
    }

    /// Notes somebody of whom nothing says who they are.
    pub(crate) fn unknown(&mut self, name: &str) {
        let unknown = &mut self.detection.unknown;
        if unknown.len() < SHOWN && !name.is_empty() && !unknown.iter().any(|it| it == name) {
            unknown.push(name.to_owned());
        }
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

/// FNV-1a of a text after others; nobody gains by forging one.
pub(crate) fn hash(before: u64, text: &str) -> u64 {
    let mut hash = before ^ 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes().chain([0]) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
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
