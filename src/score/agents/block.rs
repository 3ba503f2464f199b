//! What is kept of each conversation, a block after another.
//!
//! The thing to get right: a list that grows moves, and leaves a hole where it was. So none grows long: a
//! block that is full is closed, and places in its lists mean nothing outside it.

use std::collections::BTreeMap;

use super::{Fixed, Key, Share, at, small};
use crate::report::{Conversation, Review, Severity};
use crate::score::line::Judged;
use crate::score::sheet::owner_name;
use crate::standard::Standard;

/// Conversations in a block that more come behind.
const BLOCK: usize = 1024;

/// Conversations that follow each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// Sorted by key.
    pub(super) entries: Vec<Entry>,
    pub(super) lines: Vec<Line>,
    pub(super) broken: Vec<Broken>,
    /// Those of which something was missed: what was kept throughout is kept after any review.
    pub(super) shares: Vec<Share>,
}

/// A conversation: where its figures lie in its block.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) lines: Stretch,
    pub(super) shares: Stretch,
}

/// Part of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    start: u32,
    end: u32,
}

impl Stretch {
    /// From `start` to the end of the list.
    pub(super) fn since<T>(start: usize, list: &[T]) -> Self {
        Self {
            start: small(start),
            end: small(list.len()),
        }
    }

    pub(super) fn of<T>(self, list: &[T]) -> &[T] {
        &list[self.start as usize..self.end as usize]
    }
}

/// One agent in one conversation.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) agent: u32,
    pub(super) critical: u32,
    /// NaN where nothing was assessed, as is the next.
    pub(super) total: f64,
    pub(super) if_confirmed: f64,
    pub(super) coverage: f64,
    pub(super) broken: Stretch,
}

/// A rule that an agent broke in one conversation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken {
    pub(super) rule: u32,
    /// Findings that stand.
    pub(super) standing: u32,
    /// Findings rejected.
    pub(super) rejected: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) all: Vec<Box<str>>,
    pub(super) index: BTreeMap<Box<str>, u32>,
    /// What was asked for last under each number of the caller's.
    recent: Vec<u32>,
}

impl Names {
    pub(super) fn intern(&mut self, name: &str) -> u32 {
        if let Some(known) = self.index.get(name) {
            return *known;
        }
        let id = small(self.all.len());
        self.all.push(name.into());
        self.index.insert(name.into(), id);
        id
    }

    /// [`Names::intern`], for a caller who has mostly the same name under the same number.
    fn intern_at(&mut self, number: usize, name: &str) -> u32 {
        if let Some(&id) = self.recent.get(number)
            && self
                .all
                .get(id as usize)
                .is_some_and(|known| **known == *name)
        {
            return id;
        }
        let id = self.intern(name);
        if number >= self.recent.len() {
            self.recent.resize(number + 1, u32::MAX);
        }
        self.recent[number] = id;
        id
    }
}

impl Block {
    pub(super) fn enter(
        &mut self,
        key: Key,
        lines: Stretch,
        shares: Vec<Share>,
        fixed: &mut Vec<Fixed>,
    ) {
        let start = self.shares.len();
        for share in shares {
            if share.passed < share.judged {
                self.shares.push(share);
            } else if let Some(line) = lines.of(&self.lines).get(share.agent as usize) {
                let fixed = at(fixed, line.agent as usize);
                *at(&mut fixed.kept, share.rule as usize) += share.judged as usize;
            }
        }
        let entry = Entry {
            key,
            lines,
            shares: Stretch::since(start, &self.shares),
        };
        match self.place(key) {
            Ok(at) => self.entries[at] = entry,
            Err(at) => self.entries.insert(at, entry),
        }
    }

    /// Where the entry of this key is, or belongs.
    pub(super) fn place(&self, key: Key) -> Result<usize, usize> {
        // Conversations come in order.
        match self.entries.last() {
            Some(last) if last.key < key => Err(self.entries.len()),
            _ => self.entries.binary_search_by_key(&key, |entry| entry.key),
        }
    }

    pub(super) fn lines(
        &mut self,
        conversation: &Conversation,
        agents: &mut Names,
        rules: &mut Names,
    ) -> Stretch {
        let start = self.lines.len();
        for score in &conversation.scores {
            let first = self.broken.len();
            let mut critical = 0;
            for finding in conversation
                .findings
                .iter()
                .filter(|finding| finding.agent == score.agent)
            {
                let stands = finding.review != Some(Review::Rejected);
                critical += u32::from(stands && finding.severity == Severity::Critical);
                let rule = rules.intern(&finding.rule);
                count_broken(&mut self.broken, first, rule, stands);
            }
            self.lines.push(Line {
                agent: agents.intern(&score.agent),
                critical,
                total: score.total.unwrap_or(f64::NAN),
                if_confirmed: score.total_if_confirmed.unwrap_or(f64::NAN),
                coverage: score.coverage,
                broken: Stretch::since(first, &self.broken),
            });
        }
        Stretch::since(start, &self.lines)
    }

    pub(super) fn judged_lines(
        &mut self,
        standard: &Standard,
        judged: Judged<'_>,
        agents: &mut Names,
        rules: &mut Names,
    ) -> Stretch {
        let Judged {
            transcript,
            inspection,
            sheet,
        } = judged;
        let start = self.lines.len();
        for (name, mark) in sheet.staff.names(transcript).zip(&sheet.marks) {
            let first = self.broken.len();
            let mut critical = 0;
            for charged in &sheet.findings {
                let finding = charged.of(inspection);
                if owner_name(transcript, finding.owner) != name {
                    continue;
                }
                let stands = charged.review != Some(Review::Rejected);
                critical += u32::from(stands && finding.severity == Severity::Critical);
                let rule = &standard.rules[charged.rule].name;
                let rule = rules.intern_at(charged.rule, rule);
                count_broken(&mut self.broken, first, rule, stands);
            }
            self.lines.push(Line {
                agent: agents.intern(name),
                critical,
                total: mark.total.unwrap_or(f64::NAN),
                if_confirmed: mark.total_if_confirmed.unwrap_or(f64::NAN),
                coverage: mark.coverage,
                broken: Stretch::since(first, &self.broken),
            });
        }
        Stretch::since(start, &self.lines)
    }
}

/// The block in which a conversation is entered.
pub(super) fn room(blocks: &mut Vec<Block>, key: Key) -> &mut Block {
    let behind = begun(blocks, key);
    let is_full = |block: &Block| {
        let is_next = block.entries.last().is_some_and(|last| last.key < key);
        is_next && block.entries.len() >= BLOCK
    };
    let mut at = behind.saturating_sub(1);
    if behind == blocks.len() && blocks.last().is_none_or(is_full) {
        if let Some(full) = blocks.last_mut() {
            full.entries.shrink_to_fit();
            full.lines.shrink_to_fit();
            full.broken.shrink_to_fit();
            full.shares.shrink_to_fit();
        }
        at = blocks.len();
        blocks.push(Block::default());
    }
    &mut blocks[at]
}

/// How many blocks begin with this key or before it.
pub(super) fn begun(blocks: &[Block], key: Key) -> usize {
    blocks.partition_point(|block| block.entries.first().is_some_and(|first| first.key <= key))
}

/// Counts a finding among those of one agent in one conversation, which begin at `first`.
fn count_broken(list: &mut Vec<Broken>, first: usize, rule: u32, stands: bool) {
    let (standing, rejected) = (u32::from(stands), u32::from(!stands));
    match list[first..].iter_mut().find(|known| known.rule == rule) {
        Some(known) => {
            known.standing = known.standing.saturating_add(standing);
            known.rejected = known.rejected.saturating_add(rejected);
        }
        None => list.push(Broken {
            rule,
            standing,
            rejected,
        }),
    }
}
