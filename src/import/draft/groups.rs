//! Conversations whose records come in any order, put together by what each calls its own.
//!
//! The thing to get right: a conversation is handed out when none of its rows came for so many bytes of
//! text ([`APART`]), wherever a slice of the file ended; so what is read is the same in slices of any size.

use std::collections::{BTreeMap, HashSet, VecDeque};

use super::{Cast, Draft};
use crate::import::ledger::{Ledger, hash};
use crate::transcript::{Role, Transcript, Zone};

/// How far apart rows of one conversation may stand, in bytes of text. A file is held no longer than
/// this, and a longer one reads the same whichever way it comes in.
const APART: usize = 16 << 20;

/// Conversations whose records come in any order, by id, in order of first appearance.
pub(crate) struct Groups {
    index: BTreeMap<String, usize>,
    /// With the place of their last row, by the number of their first.
    open: BTreeMap<usize, (usize, Draft)>,
    done: VecDeque<Draft>,
    /// The keys of conversations that were handed out before the end, hashed.
    gone: HashSet<u64>,
    /// Whether one of those came again.
    pub(crate) again: bool,
    /// The last one, for rows that stand together.
    last: (String, usize),
    count: usize,
    at: usize,
    /// Where it is time again to look for conversations that have ended.
    due: usize,
    pub(crate) apart: usize,
    staffed: bool,
    cast: Cast,
}

impl Default for Groups {
    fn default() -> Self {
        Self {
            index: BTreeMap::new(),
            open: BTreeMap::new(),
            done: VecDeque::new(),
            gone: HashSet::new(),
            again: false,
            last: (String::new(), 0),
            count: 0,
            at: 0,
            due: 0,
            apart: APART,
            staffed: false,
            cast: Cast::default(),
        }
    }
}

impl Groups {
    /// The conversation of this id; without an id, the one that collects all such records.
    pub(crate) fn draft(&mut self, id: Option<&str>, line: u32, zone: Option<&Zone>) -> &mut Draft {
        let key = id.unwrap_or_default().trim();
        self.keyed(key, key, line, zone)
    }

    /// The conversation of this key, which is called `name`, if anything.
    pub(crate) fn keyed(
        &mut self,
        key: &str,
        name: &str,
        line: u32,
        zone: Option<&Zone>,
    ) -> &mut Draft {
        if self.last.0 != key || self.last.1 == 0 {
            let number = self.index.get(key).copied();
            self.last = (key.to_owned(), number.unwrap_or(0));
        }
        if self.last.1 == 0 {
            self.count += 1;
            self.last.1 = self.count;
            self.index.insert(key.to_owned(), self.count);
            self.again |= !self.gone.is_empty() && self.gone.contains(&hash(0, key));
        }
        let (last, draft) = self
            .open
            .entry(self.last.1)
            .or_insert_with(|| (0, Draft::new(Some(name.trim().to_owned()), line, zone)));
        *last = self.at;
        draft
    }

    /// The next record stands at this place of the text: conversations that ended long before are done.
    /// Whether there are any.
    pub(crate) fn pass(&mut self, at: usize) -> bool {
        self.at = at;
        if at < self.due {
            return false;
        }
        // At places of the text, not of a slice of it.
        let step = self.apart / 8 + 1;
        self.due = (at / step + 1) * step;
        let apart = self.apart;
        let ended = |it: &&(usize, Draft)| it.0 + apart < at;
        if !self.open.values().any(|it| ended(&it)) {
            return false;
        }
        self.know_staff();
        let gone = self.open.extract_if(.., |_, it| ended(&&*it));
        self.done.extend(gone.map(|(_, (_, draft))| draft));
        let (open, gone) = (&self.open, &mut self.gone);
        self.index.retain(|key, number| {
            let stays = open.contains_key(number);
            if !stays {
                gone.insert(hash(0, key));
            }
            stays
        });
        self.last.1 = 0;
        true
    }

    /// Looks over all conversations for what one alone does not show.
    fn know_staff(&mut self) {
        self.staffed |= self.open.values().any(|(_, draft)| draft.has_staff());
        self.cast.learn(self.open.values().map(|it| &it.1));
    }

    /// Nothing more will come.
    pub(crate) fn close(&mut self) {
        self.know_staff();
        self.index.clear();
        let open = std::mem::take(&mut self.open);
        self.done.extend(open.into_values().map(|(_, draft)| draft));
    }

    /// The next finished conversation, after [`Groups::pass`] or [`Groups::close`].
    pub(crate) fn next(&mut self, ledger: &mut Ledger) -> Option<Transcript> {
        while let Some(draft) = self.done.pop_front() {
            // Where the shop's people are known, in whatever conversation, the others are customers.
            let others = self.staffed.then_some(Role::Customer);
            std::mem::swap(&mut ledger.cast, &mut self.cast);
            let transcript = draft.finish(others, ledger);
            std::mem::swap(&mut ledger.cast, &mut self.cast);
            if transcript.is_some() {
                return transcript;
            }
        }
        None
    }
}
