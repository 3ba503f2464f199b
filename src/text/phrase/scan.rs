//! Finding the phrases of a message: one pass of the automaton, then only what it woke.
//!
//! A sequence of several pieces is looked at only when a word of its rarest piece was found, and joined
//! only when all its other pieces were. What a reader would get wrong: marks are never cleared, they
//! count as set when they hold the number of the pass ([`Scratch::pass`]).

use super::{Compiled, Link, Match, Phrases, SetId, Uses, Wake, Whole, index};
use crate::span::Span;
use crate::text::fold::Folded;
use crate::text::signs::Signs;
use crate::text::slot::SlotContext;
use crate::text::steps::Steps;

/// What scanning needs besides phrases and text, kept from message to message.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    names: Option<SlotContext>,
    asked_names: bool,
    pass: u32,
    words: Vec<(u32, Span)>,
    found: Vec<Found>,
    /// By piece: the pass in which a sequence wanted it, and the last of its parts then.
    pieces: Vec<(u32, u32)>,
    parts: Vec<Part>,
    /// The sequences that were woken, each with the rarest of its other pieces.
    joins: Vec<(u32, u32)>,
    /// By sequence: the pass in which it was looked at.
    sequences: Vec<u32>,
    /// By slot: its values, once they were asked for.
    values: Vec<(bool, Vec<Span>)>,
    states: Vec<Span>,
    next: Vec<Span>,
    spans: Vec<Span>,
}

/// A literal as its neighbours see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edges {
    first: Edge,
    last: Edge,
}

/// What stands where a literal begins and ends: decides which neighbours it tolerates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Free,
    Letter,
    Digit,
}

/// What was found in one message, before it is sorted out. Exceptions first within each set, then by
/// place, the longest first: packed, for there are many to put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// 32 bits of set, one that is clear for an exception, 47 of start, 48 of how far the end is from the
    /// last there can be: no text has 2^47 bytes.
    place: u128,
    pattern: u32,
    steps: Steps,
}

/// The farthest end.
const FARTHEST: u128 = (1 << 48) - 1;

/// A word as one of a piece, and the part of the same piece before it.
#[derive(Clone, Copy, Debug)]
struct Part {
    span: Span,
    before: u32,
}

/// No part.
const NONE: u32 = u32::MAX;

impl Scratch {
    /// Forgets the names of the last conversation.
    pub fn forget_names(&mut self) {
        self.names = None;
    }

    /// Whether the last scan looked at names: its result holds for this conversation alone.
    pub fn asked_names(&self) -> bool {
        self.asked_names
    }
}

impl Phrases {
    /// Finds all phrases of all sets in a message, in place of what `out` held.
    ///
    /// Sorted by set, start, longest first; one match for each set and span, of the set's first pattern
    /// that gives it. Overlaps remain.
    ///
    /// A literal that begins or ends with a Latin letter does not touch another letter there (`hi` is not
    /// in `this`; `vx` is in `加vx13800`); one that begins or ends with a digit touches neither digit nor
    /// letter (`315` is not in `1315` or `T315`).
    pub fn scan(&self, folded: &Folded, slots: &SlotContext, out: &mut Vec<Match>) {
        let mut scratch = Scratch::default();
        let signs = Signs::of(folded.plain());
        self.scan_with(folded, signs, &|| slots.clone(), &mut scratch, out);
    }

    /// [`Phrases::scan`] with buffers that serve many messages; `names` is asked once a conversation,
    /// when a phrase turns on it.
    pub fn scan_with(
        &self,
        folded: &Folded,
        signs: Signs,
        names: &dyn Fn() -> SlotContext,
        scratch: &mut Scratch,
        out: &mut Vec<Match>,
    ) {
        out.clear();
        scratch.asked_names = false;
        scratch.found.clear();
        let values = Values { signs, names };
        self.pass(folded.plain(), &self.plain, &values, scratch);
        self.find_slots(folded.plain(), Steps::NONE, &values, scratch);
        if self.squeezes
            && let Some(squeezed) = folded.squeezed()
        {
            let first = scratch.found.len();
            let values = Values {
                signs: Signs::of(squeezed),
                names,
            };
            self.pass(squeezed, &self.squeezed, &values, scratch);
            self.find_slots(squeezed, Steps::DIGITS, &values, scratch);
            // What was not squeezed has been found in the plain text, or is no match at all.
            let mut number = 0;
            scratch.found.retain_mut(|hit| {
                number += 1;
                if number <= first {
                    return true;
                }
                let steps = folded.squeezed_steps(hit.plain());
                let evasion = self.sets[hit.set() as usize].evasion;
                if steps.is_empty() || !(hit.is_except() || evasion.contains(steps)) {
                    return false;
                }
                hit.set_plain(folded.plain_squeezed(hit.plain()));
                hit.steps = steps | hit.steps;
                true
            });
        }
        if !scratch.found.is_empty() {
            sort_out(&mut scratch.found, folded, out);
        }
    }

    /// What is found without any word, in the sets that look through these disguises.
    fn find_slots(&self, text: &str, evasion: Steps, values: &Values<'_>, scratch: &mut Scratch) {
        for &sequence in &self.slots_only {
            let Compiled { links, whole, .. } = &self.sequences[sequence as usize];
            if !self.sets[whole.set as usize].evasion.contains(evasion) {
                continue;
            }
            match links.as_slice() {
                [Link::Slot(slot)] => {
                    self.values(*slot, text, values, scratch);
                    let Scratch { spans, found, .. } = scratch;
                    found.extend(spans.iter().map(|span| Found::new(*whole, *span)));
                }
                _ => self.join(text, sequence, values, scratch),
            }
        }
    }

    /// One pass over one text.
    fn pass(&self, text: &str, uses: &Uses, values: &Values<'_>, scratch: &mut Scratch) {
        for (known, _) in &mut scratch.values {
            *known = false;
        }
        let Some(automaton) = &self.automaton else {
            return;
        };
        scratch.begin(self);
        scratch.words.clear();
        let mut wakes = false;
        for found in automaton.find_overlapping_iter(text) {
            let literal = found.value();
            let span = Span::new(found.start(), found.end());
            if !self.edges[literal as usize].tolerate(text, span) {
                continue;
            }
            let [from, to] = uses.of(literal);
            for whole in &uses.whole[from.whole as usize..to.whole as usize] {
                scratch.found.push(Found::new(*whole, span));
            }
            if from.pieces < to.pieces {
                wakes |= from.wakes < to.wakes;
                scratch.words.push((literal, span));
            }
        }
        if !wakes {
            return;
        }
        let pass = scratch.pass;
        let Scratch {
            words,
            pieces,
            parts,
            joins,
            sequences,
            ..
        } = scratch;
        // Which sequences were woken, and what they are made of.
        joins.clear();
        for (literal, _) in words.iter() {
            for &Wake { sequence, other } in uses.wakes(*literal) {
                let seen = &mut sequences[sequence as usize];
                if *seen == pass {
                    continue;
                }
                *seen = pass;
                joins.push((sequence, other));
                for link in &self.sequences[sequence as usize].links {
                    if let Link::Literals(piece) = link {
                        pieces[*piece as usize] = (pass, NONE);
                    }
                }
            }
        }
        // Most of what was found is part of nothing.
        parts.clear();
        for (literal, span) in words.iter() {
            for piece in uses.pieces(*literal) {
                let (wanted, last) = &mut pieces[*piece as usize];
                if *wanted == pass {
                    let before = std::mem::replace(last, index(parts.len()));
                    parts.push(Part {
                        span: *span,
                        before,
                    });
                }
            }
        }
        joins.retain(|(sequence, other)| {
            let is_there = |piece: &u32| pieces[*piece as usize].1 != NONE;
            is_there(other)
                && self.sequences[*sequence as usize]
                    .needs
                    .iter()
                    .all(is_there)
        });
        for number in 0..scratch.joins.len() {
            self.join(text, scratch.joins[number].0, values, scratch);
        }
    }

    /// Joins the parts of one sequence, left to right. For each end only the latest start is kept:
    /// what follows depends on the end alone, and the tightest match is the one that was meant.
    fn join(&self, text: &str, sequence: u32, values: &Values<'_>, scratch: &mut Scratch) {
        let Compiled { links, whole, .. } = &self.sequences[sequence as usize];
        let (mut gap, mut begun) = (0, false);
        for (number, link) in links.iter().enumerate() {
            match link {
                Link::Gap(width) => {
                    gap = *width;
                    continue;
                }
                Link::Literals(piece) => {
                    scratch.spans.clear();
                    let mut next = scratch.pieces[*piece as usize].1;
                    while let Some(part) = scratch.parts.get(next as usize) {
                        scratch.spans.push(part.span);
                        next = part.before;
                    }
                    scratch.spans.sort_unstable();
                    scratch.spans.dedup();
                }
                Link::Slot(slot) => self.values(*slot, text, values, scratch),
            }
            let Scratch {
                states,
                next,
                spans,
                ..
            } = scratch;
            next.clear();
            if begun {
                for state in states.iter() {
                    let first = spans.partition_point(|span| span.start < state.end);
                    // A character has four bytes at most.
                    let farthest = state.end.saturating_add(gap.saturating_mul(4));
                    if spans.get(first).is_none_or(|span| span.start > farthest) {
                        continue;
                    }
                    let limit = gap_end(text, state.end, gap);
                    next.extend(
                        spans[first..]
                            .iter()
                            .take_while(|span| span.start <= limit)
                            .map(|span| Span::new(state.start, span.end)),
                    );
                }
            } else {
                begun = true;
                next.extend_from_slice(spans);
            }
            next.sort_unstable_by_key(|span| (span.end, std::cmp::Reverse(span.start)));
            // With a first piece the shorter literal at one end would hide the longer; both are kept there.
            if number > 0 {
                next.dedup_by_key(|span| span.end);
            }
            std::mem::swap(states, next);
            if states.is_empty() {
                return;
            }
            gap = 0;
        }
        let found = scratch.states.iter().map(|span| Found::new(*whole, *span));
        scratch.found.extend(found);
    }

    /// The values of a slot, parsed when first asked for.
    fn values(&self, slot: u32, text: &str, values: &Values<'_>, scratch: &mut Scratch) {
        let at = slot as usize;
        if scratch.values.len() < self.slots.len() {
            scratch.values.resize(self.slots.len(), (false, Vec::new()));
        }
        let kind = &self.slots[at];
        if !scratch.values[at].0 {
            scratch.values[at] = (true, Vec::new());
            if kind.is_name() {
                scratch.asked_names = true;
            }
            if values.signs.may_hold(kind) {
                let names = scratch.names.get_or_insert_with(values.names);
                scratch.values[at].1 = kind.find(text, names);
            }
        }
        scratch.spans.clear();
        scratch.spans.extend_from_slice(&scratch.values[at].1);
    }
}

impl Scratch {
    fn begin(&mut self, phrases: &Phrases) {
        self.pieces.resize(phrases.pieces, (0, NONE));
        self.sequences.resize(phrases.sequences.len(), 0);
        self.pass = self.pass.wrapping_add(1);
        if self.pass == 0 {
            self.pieces.fill((0, NONE));
            self.sequences.fill(0);
            self.pass = 1;
        }
    }
}

impl Found {
    #[inline]
    fn new(whole: Whole, span: Span) -> Self {
        let group = u128::from(whole.set) << 1 | u128::from(!whole.except);
        Self {
            place: group << 95 | Self::span_bits(span),
            pattern: whole.pattern,
            steps: whole.spelled,
        }
    }

    fn span_bits(span: Span) -> u128 {
        (span.start as u128) << 48 | (FARTHEST - span.end as u128)
    }

    fn set(&self) -> u32 {
        (self.place >> 96) as u32
    }

    fn is_except(&self) -> bool {
        self.place >> 95 & 1 == 0
    }

    fn plain(&self) -> Span {
        let start = (self.place >> 48) as u64 & ((1 << 47) - 1);
        Span::new(
            start as usize,
            (FARTHEST - (self.place & FARTHEST)) as usize,
        )
    }

    fn set_plain(&mut self, span: Span) {
        self.place = self.place >> 95 << 95 | Self::span_bits(span);
    }
}

/// Takes out what lies inside an exception and what was found twice.
fn sort_out(found: &mut [Found], folded: &Folded, out: &mut Vec<Match>) {
    found.sort_unstable();
    out.reserve(found.len());
    let as_written = folded.is_as_written();
    for group in found.chunk_by(|one, next| one.set() == next.set()) {
        let split = group.iter().take_while(|one| one.is_except()).count();
        let (except, hits) = group.split_at(split);
        let (mut reach, mut seen, mut last) = (0, 0, None);
        for hit in hits {
            let plain = hit.plain();
            while let Some(one) = except.get(seen).map(Found::plain)
                && one.start <= plain.start
            {
                reach = reach.max(one.end);
                seen += 1;
            }
            if last == Some(plain) || plain.end <= reach {
                continue;
            }
            last = Some(plain);
            let (span, steps) = if as_written {
                (plain, Steps::NONE)
            } else {
                let span = folded.original(plain);
                (span, folded.steps_in(span))
            };
            out.push(Match {
                set: SetId(hit.set()),
                pattern: hit.pattern,
                span,
                plain,
                steps: steps | hit.steps,
            });
        }
    }
    // Two plain spans can come from one original character (`⑩`).
    out.dedup_by(|one, before| one.set == before.set && one.span == before.span);
}

/// The farthest start of what may follow `at` with up to `width` code points between. A gap does not
/// cross a line, a sentence or a clause: the two halves of “包，明天上午发出” say different things, and
/// a phrase that may span two clauses says so with `(,)?`.
fn gap_end(text: &str, at: usize, width: usize) -> usize {
    let mut end = at;
    for character in text[at..].chars().take(width) {
        if matches!(
            character,
            '\n' | '\r'
                | '\u{2028}'
                | '\u{2029}'
                | '。'
                | '!'
                | '?'
                | '！'
                | '？'
                | ','
                | '，'
                | ';'
                | '；'
        ) {
            break;
        }
        end += character.len_utf8();
    }
    end
}

impl Edges {
    pub(super) fn of(literal: &str) -> Self {
        let edge = |character: Option<char>| match character {
            Some(character) if character.is_ascii_alphabetic() => Edge::Letter,
            Some(character) if character.is_ascii_digit() => Edge::Digit,
            _ => Edge::Free,
        };
        Self {
            first: edge(literal.chars().next()),
            last: edge(literal.chars().next_back()),
        }
    }

    #[inline]
    fn tolerate(self, text: &str, span: Span) -> bool {
        let bytes = text.as_bytes();
        let before = span.start.checked_sub(1).and_then(|at| bytes.get(at));
        self.first.tolerates(before) && self.last.tolerates(bytes.get(span.end))
    }
}

impl Edge {
    #[inline]
    fn tolerates(self, neighbour: Option<&u8>) -> bool {
        match (self, neighbour) {
            (Self::Free, _) | (_, None) => true,
            (Self::Letter, Some(byte)) => !byte.is_ascii_alphabetic(),
            (Self::Digit, Some(byte)) => !byte.is_ascii_alphanumeric(),
        }
    }
}

/// What the values of slots depend on.
struct Values<'a> {
    signs: Signs,
    names: &'a dyn Fn() -> SlotContext,
}
