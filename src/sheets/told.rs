//! What there is to tell: a hundred of a kind, wherever in a file it is, and how many more there were.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Level};

/// Diagnostics of one code that are listed one by one; the rest are summed up.
const LISTED: usize = 100;

/// What is not listed of a code.
struct More {
    severity: Level,
    count: usize,
    /// What it is about: a file, or what several files are in.
    file: String,
}

#[derive(Default)]
pub(super) struct Told {
    diagnostics: Vec<Diagnostic>,
    counts: BTreeMap<String, More>,
    told: usize,
}

impl Told {
    /// Lists a diagnostic about a file, or only counts it when enough of its kind are listed.
    pub(super) fn tell(&mut self, file: &str, diagnostic: Diagnostic) {
        self.told += 1;
        let more = self.counts.entry(diagnostic.code.clone());
        let more = more.or_insert_with(|| More {
            severity: diagnostic.severity,
            count: 0,
            file: file.to_owned(),
        });
        more.count += 1;
        if more.count <= LISTED {
            self.diagnostics.push(diagnostic.file(file));
        }
        while !file.starts_with(&more.file) {
            let end = more.file.rfind(['/', '!']).unwrap_or(0);
            more.file.truncate(end);
        }
    }

    /// How many there were.
    pub(super) fn len(&self) -> usize {
        self.told
    }

    pub(super) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        for (
            code,
            More {
                severity,
                count,
                file,
            },
        ) in self.counts
        {
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
