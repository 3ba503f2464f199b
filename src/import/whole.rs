//! Formats that go through all lines of a text before anything is handed out.
//!
//! The thing to get right: who somebody is may only show on the last line, and so may which number of a
//! date is its day; so whatever was gathered is closed once, at the end.

use super::columns::Column;
use super::draft::{Groups, Record};
use super::ledger::Ledger;
use super::{Conversations, Source};
use crate::diagnostic::Diagnostic;
use crate::transcript::{Transcript, Zone};

/// A text, and where what it says goes.
pub(crate) struct Walk<'t, 'o> {
    pub(crate) text: &'t str,
    pub(crate) zone: Option<&'o Zone>,
    pub(crate) groups: &'o mut Groups,
    pub(crate) ledger: &'o mut Ledger,
}

impl Walk<'_, '_> {
    /// Takes in a record of the conversation of this key, and its words. Without any, the source showed
    /// something that its text does not hold.
    pub(crate) fn say(&mut self, key: Option<&str>, mut record: Record<'_>, words: &str) {
        let words = words.trim();
        if words.is_empty() {
            record.set(Column::State, 0, "unavailable");
        } else {
            record.set(Column::Text, 0, words.to_owned());
        }
        let draft = self.groups.draft(key, record.line, self.zone);
        draft.push(&mut record, self.ledger);
    }

    /// Leaves out a line that belongs to no message, because none of these stands before it.
    pub(crate) fn unattached(&mut self, line: u32, (zh, en): (&str, &str)) {
        self.ledger.exclude("line-unattached");
        self.ledger
            .report(Diagnostic::warning("line-unattached", zh, en).line(line));
    }
}

/// Opens a text that `walk` goes through.
pub(crate) fn open(source: Source, walk: fn(Walk<'_, '_>)) -> Box<dyn Conversations> {
    Box::new(Whole {
        text: source.text,
        zone: source.options.zone,
        walk: Some(walk),
        groups: Groups::default(),
    })
}

struct Whole {
    text: String,
    zone: Option<Zone>,
    /// Absent once it is done.
    walk: Option<fn(Walk<'_, '_>)>,
    groups: Groups,
}

impl Conversations for Whole {
    fn next(&mut self, ledger: &mut Ledger) -> Option<Transcript> {
        if let Some(walk) = self.walk.take() {
            walk(Walk {
                text: &self.text,
                zone: self.zone.as_ref(),
                groups: &mut self.groups,
                ledger,
            });
            self.groups.close();
        }
        self.groups.next(ledger)
    }

    fn consumed(&self) -> usize {
        match self.walk {
            Some(_) => 0,
            None => self.text.len(),
        }
    }

    fn length(&self) -> Option<usize> {
        Some(self.text.len())
    }
}
