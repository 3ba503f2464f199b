//! What is known of one message's words, whoever says them: folded text, phrases, and what was found
//! out since.
//!
//! Shops say the same things all day, so what comes again is remembered ([`Lines`]). What a reader
//! would get wrong: nothing here may depend on the conversation. A line whose phrases turn on names is
//! therefore never remembered.

use std::cell::{Cell, OnceCell};

use crate::span::Span;
use crate::text::{
    Anchor, Boundaries, Datum, Folded, Match, Phrases, Question, Scratch, SetId, Signs,
    SlotContext, StatedTime, TimeWords, Words, covers_all, is_question, negated, personal, quoted,
    time_words,
};

use super::Guards;
use super::condition::letters;

/// The words of a message.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// As it was written; kept where it has to be known again.
    source: String,
    plain: String,
    signs: Signs,
    /// Sorted by set and place.
    matches: Vec<Match>,
    /// The sets that have matches, ascending, and the number of the first match of each.
    sets: Vec<(SetId, u32)>,
    /// What the guards said of each match, once they were asked.
    guarded: Vec<Cell<u8>>,
    question: Cell<Option<Option<Question>>>,
    is_filler: Cell<Option<bool>>,
    is_closer: Cell<Option<bool>>,
    letters: Cell<Option<(usize, u32)>>,
    twice: Cell<Option<(usize, Option<Span>)>>,
    boundaries: OnceCell<Boundaries>,
    times: OnceCell<Vec<TimeWords>>,
    is_impersonal: Cell<Option<bool>>,
    has_substance: Cell<Option<bool>>,
}

const NEGATION_ASKED: u8 = 1;
const NEGATED: u8 = 2;
const QUOTATION_ASKED: u8 = 4;
const QUOTED: u8 = 8;
const PROMISE_ASKED: u8 = 16;
const NO_PROMISE: u8 = 32;
const THIRD_PARTY: u8 = 64;
const CONDITIONAL: u8 = 128;

/// What the words alone say of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promised {
    /// Whether somebody outside the log is to keep it.
    pub third: bool,
    /// Whether it hangs on something that has to happen first.
    pub conditional: bool,
}

impl Line {
    /// The folded text.
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// All matches, sorted by set and place.
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }

    /// The matches of a set, and the number of the first.
    pub fn of_set(&self, set: SetId) -> (usize, &[Match]) {
        match self.sets.binary_search_by_key(&set, |(set, _)| *set) {
            Ok(at) => self.stretch(at),
            Err(_) => (self.matches.len(), &[]),
        }
    }

    /// The sets that have matches, ascending.
    pub fn sets(&self) -> impl Iterator<Item = SetId> {
        self.sets.iter().map(|(set, _)| *set)
    }

    /// The matches of a set by its place among those that have any, and the number of the first.
    fn stretch(&self, at: usize) -> (usize, &[Match]) {
        let start = |(_, first): &(SetId, u32)| *first as usize;
        let first = self.sets.get(at).map_or(self.matches.len(), start);
        let end = self.sets.get(at + 1).map_or(self.matches.len(), start);
        (first, &self.matches[first..end])
    }

    /// Whether a match is one that the guards let through.
    pub fn passes(&self, number: usize, guards: Guards) -> bool {
        let hit = self.matches[number].plain;
        let known = &self.guarded[number];
        if guards.negation && self.signs.may_negate() {
            if known.get() & NEGATION_ASKED == 0 {
                let found = negated(&self.plain, hit).map_or(0, |_| NEGATED);
                known.set(known.get() | NEGATION_ASKED | found);
            }
            if known.get() & NEGATED != 0 {
                return false;
            }
        }
        if guards.quotation && self.signs.may_quote() {
            if known.get() & QUOTATION_ASKED == 0 {
                let found = quoted(&self.plain, hit).map_or(0, |_| QUOTED);
                known.set(known.get() | QUOTATION_ASKED | found);
            }
            if known.get() & QUOTED != 0 {
                return false;
            }
        }
        true
    }

    /// What the words say of the promise that a match makes, as `read` says when it is first asked; the
    /// words by which it reads are those of the standard, whoever asks.
    pub fn promised(
        &self,
        number: usize,
        read: impl FnOnce(Span) -> Option<Promised>,
    ) -> Option<Promised> {
        let known = &self.guarded[number];
        if known.get() & PROMISE_ASKED == 0 {
            let found = match read(self.matches[number].plain) {
                None => NO_PROMISE,
                Some(it) => {
                    let third = if it.third { THIRD_PARTY } else { 0 };
                    third | if it.conditional { CONDITIONAL } else { 0 }
                }
            };
            known.set(known.get() | PROMISE_ASKED | found);
        }
        let bits = known.get();
        (bits & NO_PROMISE == 0).then_some(Promised {
            third: bits & THIRD_PARTY != 0,
            conditional: bits & CONDITIONAL != 0,
        })
    }

    /// Whether it says more than courtesies, as `find` said when it was first asked.
    pub fn has_substance(&self, find: impl FnOnce() -> bool) -> bool {
        known(&self.has_substance, find)
    }

    /// Whether a span of the folded text begins and ends between words.
    pub fn fits(&self, span: Span, words: &Words) -> bool {
        self.boundaries
            .get_or_init(|| words.boundaries(&self.plain))
            .fits(span)
    }

    /// What sort of question it asks.
    pub fn question(&self) -> Option<Question> {
        known(&self.question, || is_question(&self.plain))
    }

    /// Whether it is nothing but stickers and particles.
    pub fn is_filler(&self) -> bool {
        known(&self.is_filler, || covers_all(&self.plain, Span::default()))
    }

    /// Whether a match of this set is all that is said.
    pub fn is_closer(&self, closers: SetId) -> bool {
        known(&self.is_closer, || {
            let (_, hits) = self.of_set(closers);
            hits.iter().any(|hit| covers_all(&self.plain, hit.plain))
        })
    }

    /// The times it states.
    pub fn times(&self, anchor: &Anchor<'_>) -> Vec<StatedTime> {
        let words = self.times.get_or_init(|| time_words(&self.plain));
        let resolved = words.iter().map(|words| words.resolve(&self.plain, anchor));
        resolved.collect()
    }

    /// Whether it holds personal data of no sort.
    pub fn is_impersonal(&self) -> bool {
        known(&self.is_impersonal, || {
            let mut found = Vec::new();
            personal(&self.plain, &Datum::ALL, &mut found);
            found.is_empty()
        })
    }

    /// How many letters and digits it has, and a sum that tells most texts apart.
    pub fn letters(&self) -> (usize, u32) {
        known(&self.letters, || {
            letters(&self.plain).fold((0, 0_u32), |(count, sum), letter| {
                (count + 1, sum.wrapping_mul(31).wrapping_add(letter.into()))
            })
        })
    }

    /// Where so long a text stands for the second time in it, as `find` said when it was asked.
    pub fn twice(&self, min_length: usize, find: impl FnOnce() -> Option<Span>) -> Option<Span> {
        match self.twice.get() {
            Some((asked, found)) if asked == min_length => found,
            _ => {
                let found = find();
                self.twice.set(Some((min_length, found)));
                found
            }
        }
    }

    fn clear(&mut self) {
        self.source.clear();
        self.plain.clear();
        self.matches.clear();
        self.sets.clear();
        self.guarded.clear();
        self.signs = Signs::default();
        self.question.set(None);
        self.is_filler.set(None);
        self.is_closer.set(None);
        self.letters.set(None);
        self.twice.set(None);
        self.boundaries.take();
        self.times.take();
        self.is_impersonal.set(None);
        self.has_substance.set(None);
    }
}

fn known<T: Copy>(cell: &Cell<Option<T>>, find: impl FnOnce() -> T) -> T {
    cell.get().unwrap_or_else(|| {
        let value = find();
        cell.set(Some(value));
        value
    })
}

/// How many lines are remembered, a power of two.
const REMEMBERED: usize = 1 << 13;
/// How many of them a text may be remembered by: what is said often would otherwise drive out what is
/// said as often, turn by turn.
const WAYS: usize = 2;
/// How many texts are known to have come before, a power of two.
const SEEN: usize = 1 << 14;
/// Longer texts are not remembered.
const LONGEST: usize = 512;
/// The number of the line of a message without readable words.
const EMPTY: usize = 0;

/// The lines of one conversation, and those that came often.
#[derive(Default)]
pub struct Lines {
    /// The empty one, then the remembered ones, then those of this conversation.
    lines: Vec<Line>,
    /// How many of those of this conversation are in use.
    fresh: usize,
    /// By hash: the conversation that uses a remembered line, so that it is not taken away.
    users: Vec<u32>,
    conversation: u32,
    seen: Vec<u32>,
    folded: Folded,
    scratch: Scratch,
}

impl Lines {
    /// Begins another conversation.
    pub fn begin(&mut self) {
        if self.lines.is_empty() {
            self.lines.resize_with(1 + REMEMBERED, Line::default);
            self.users = vec![0; REMEMBERED];
            self.seen = vec![0; SEEN];
        }
        self.fresh = 0;
        self.scratch.forget_names();
        self.conversation = self.conversation.wrapping_add(1);
        if self.conversation == 0 {
            self.users.fill(0);
            self.conversation = 1;
        }
    }

    /// The number of the line that says nothing.
    pub fn empty(&self) -> usize {
        EMPTY
    }

    /// The line of this number.
    pub fn get(&self, number: usize) -> &Line {
        &self.lines[number]
    }

    /// Reads a text; the number of its line holds until the next conversation.
    pub fn read(
        &mut self,
        text: &str,
        phrases: &Phrases,
        names: &dyn Fn() -> SlotContext,
    ) -> usize {
        if text.len() > LONGEST {
            return self.read_fresh(text, phrases, names);
        }
        let hash = hash(text);
        let first = hash as usize & (REMEMBERED - 1) & !(WAYS - 1);
        let mut slots = first..first + WAYS;
        if let Some(slot) = slots.find(|slot| self.lines[1 + slot].source == text)
            && !text.is_empty()
        {
            self.users[slot] = self.conversation;
            return 1 + slot;
        }
        // In place of what was used the longest ago.
        let age = |slot: &usize| self.conversation.wrapping_sub(self.users[*slot]);
        let slot = (first..first + WAYS).max_by_key(age).unwrap_or(first);
        let number = 1 + slot;
        // Only what comes a second time is worth keeping, and not in place of what is in use.
        let mark = (hash >> 32) as u32 | 1;
        let seen = &mut self.seen[(hash >> 12) as usize & (SEEN - 1)];
        let again = *seen == mark;
        *seen = mark;
        if !again || self.users[slot] == self.conversation {
            return self.read_fresh(text, phrases, names);
        }
        self.fill(number, text, phrases, names);
        if self.scratch.asked_names() {
            let line = std::mem::take(&mut self.lines[number]);
            let fresh = self.next_fresh();
            self.lines[fresh] = line;
            return fresh;
        }
        self.lines[number].source.push_str(text);
        self.users[slot] = self.conversation;
        number
    }

    fn read_fresh(
        &mut self,
        text: &str,
        phrases: &Phrases,
        names: &dyn Fn() -> SlotContext,
    ) -> usize {
        let number = self.next_fresh();
        self.fill(number, text, phrases, names);
        number
    }

    fn next_fresh(&mut self) -> usize {
        let number = 1 + REMEMBERED + self.fresh;
        self.fresh += 1;
        if number == self.lines.len() {
            self.lines.push(Line::default());
        }
        number
    }

    fn fill(
        &mut self,
        number: usize,
        text: &str,
        phrases: &Phrases,
        names: &dyn Fn() -> SlotContext,
    ) {
        let line = &mut self.lines[number];
        line.clear();
        self.folded.fill(text);
        line.plain.push_str(self.folded.plain());
        line.signs = Signs::of(&line.plain);
        phrases.scan_with(
            &self.folded,
            line.signs,
            names,
            &mut self.scratch,
            &mut line.matches,
        );
        line.guarded.resize(line.matches.len(), Cell::new(0));
        for (first, hit) in (0_u32..).zip(&line.matches) {
            if line.sets.last().is_none_or(|(set, _)| *set != hit.set) {
                line.sets.push((hit.set, first));
            }
        }
    }
}

/// A hash of a text: equal on every machine, and not proof against ill will. What collides is merely
/// not remembered.
fn hash(text: &str) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = text.len() as u64;
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    for word in words {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
        hash ^= hash >> 29;
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    hash = (hash ^ u64::from_le_bytes(last)).wrapping_mul(FACTOR);
    hash ^ hash >> 32
}
