//! What there is to tell: a hundred of a kind for each file, and how many more there were.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Level};

/// Diagnostics of one code that are listed one by one; the rest are summed up.
const LISTED: usize = 100;

#[derive(Default)]
pub(super) struct Told {
    diagnostics: Vec<Diagnostic>,
    counts: BTreeMap<(String, String), (Level, usize)>,
}

impl Told {
    /// Lists a diagnostic about a file, or only counts it when enough of its kind are listed.
    pub(super) fn tell(&mut self, file: &str, diagnostic: Diagnostic) {
        let key = (file.to_owned(), diagnostic.code.clone());
        let (_, count) = self.counts.entry(key).or_insert((diagnostic.severity, 0));
        *count += 1;
        if *count <= LISTED {
            self.diagnostics.push(diagnostic.file(file));
        }
    }

    /// How many are listed.
    pub(super) fn len(&self) -> usize {
        self.diagnostics.len()
    }

    pub(super) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        for ((file, code), (severity, count)) in self.counts {
            let Some(more) = count.checked_sub(LISTED).filter(|more| *more > 0) else {
                continue;
            };
            let told = Diagnostic::new(
                severity,
                "more-like-this",
                format!(
                    "……另有 {more} 处同类问题（{code}）未逐条列出，请先处理已列出的 {LISTED} 处。"
                ),
                format!(
                    "… {more} more of the kind {code} are not listed; deal with the {LISTED} that are listed first."
                ),
            );
            self.diagnostics.push(told.file(file).field(code));
        }
        self.diagnostics
    }
}
