//! Phrases: patterns compiled into one automaton, and what they match in a message.
//!
//! All literals of all sets go into a single automaton that passes over the plain text once, and once
//! over the squeezed text where that differs. Matches of several pieces are then joined left to right.
//! What a reader would get wrong: a sequence with gaps reports for every place where it can *end* the
//! tightest match, not every combination; and overlaps are left to [`longest`].

mod build;
mod pattern;
mod spell;

use std::collections::BTreeMap;

use daachorse::CharwiseDoubleArrayAhoCorasick;

use self::pattern::Lexicons;
pub use self::pattern::PatternError;
pub use self::spell::Spellings;
use super::fold::Folded;
use super::slot::{Slot, SlotContext};
use super::steps::Steps;
use crate::span::Span;

/// Which set of a [`Phrases`] a match belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId(pub u32);

/// Patterns that mean one thing, and what they must not be mistaken for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Set<'a> {
    /// What to find.
    pub patterns: &'a [String],
    /// Look-alikes: a hit that lies inside a match of one of these is none (滚 inside 滚筒).
    pub except: &'a [String],
    /// Which disguises to look through. A hit counts only when it needed no other.
    pub evasion: Steps,
}

/// Which of a set's patterns a mistake is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// This one of [`Set::patterns`].
    Pattern(usize),
    /// This one of [`Set::except`].
    Except(usize),
}

/// Collects sets, then builds [`Phrases`].
#[derive(Clone, Debug, Default)]
pub struct PhrasesBuilder {
    lexicons: Lexicons,
    spellings: Spellings,
    sets: Vec<SetInfo>,
    sequences: Vec<Compiled>,
    literals: Vec<String>,
    uses: Vec<Vec<Use>>,
    ids: BTreeMap<String, u32>,
}

/// Sets of phrases, ready to be found.
#[derive(Clone)]
pub struct Phrases {
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    edges: Vec<Edges>,
    // The uses of literal n are `uses[first_use[n]..first_use[n + 1]]`.
    first_use: Vec<u32>,
    uses: Vec<Use>,
    sequences: Vec<Compiled>,
    slots_only: Vec<u32>,
    sets: Vec<SetInfo>,
    // Whether any set asks for the squeezed text.
    squeezes: bool,
}

/// A phrase found in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The set it belongs to.
    pub set: SetId,
    /// Which of the set's patterns matched.
    pub pattern: u32,
    /// Where in the original, with everything that was slipped in.
    pub span: Span,
    /// Where in the plain text.
    pub plain: Span,
    /// How far the original had to be folded for the match.
    pub steps: Steps,
}

/// Matches of one set without overlaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Longest {
    /// The leftmost, and of those the longest.
    pub kept: Vec<Match>,
    /// The others, each with the index in `kept` of the one that it overlaps.
    pub dropped: Vec<(Match, usize)>,
}

/// Resolves overlaps in the matches of one set: the leftmost wins, then the longest.
///
/// `matches` is in the order that [`Phrases::scan`] gives.
pub fn longest(matches: &[Match]) -> Longest {
    let mut out = Longest::default();
    for &found in matches {
        match out.kept.last() {
            Some(last) if last.span.overlaps(found.span) => {
                out.dropped.push((found, out.kept.len() - 1));
            }
            _ => out.kept.push(found),
        }
    }
    out
}

#[derive(Clone, Debug)]
struct SetInfo {
    patterns: Vec<String>,
    evasion: Steps,
}

/// What stands where a literal begins and ends: decides which neighbours it tolerates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Free,
    Letter,
    Digit,
}

#[derive(Clone, Copy, Debug)]
struct Edges {
    first: Edge,
    last: Edge,
}

/// A literal as a piece of a sequence.
#[derive(Clone, Copy, Debug)]
struct Use {
    sequence: u32,
    piece: u32,
    plain: bool,
    squeezed: bool,
}

#[derive(Clone, Debug)]
struct Compiled {
    set: u32,
    pattern: u32,
    except: bool,
    // How its literals are spelled.
    spelled: Steps,
    links: Vec<Link>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Link {
    Literals,
    Gap(usize),
    Slot(Slot),
}

/// A piece found: enough to join it with its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    sequence: u32,
    piece: u32,
    span: Span,
}

/// A whole sequence found, in the coordinates of the text that was searched.
#[derive(Clone, Copy, Debug)]
struct Hit {
    sequence: u32,
    span: Span,
}

/// What was found of one set in one message, before it is sorted out.
#[derive(Clone, Copy, Debug)]
struct Found {
    set: u32,
    except: bool,
    pattern: u32,
    plain: Span,
    steps: Steps,
}

impl std::fmt::Debug for Phrases {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Phrases")
            .field("sets", &self.sets.len())
            .field("sequences", &self.sequences.len())
            .field("literals", &self.edges.len())
            .finish()
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
        out.clear();
        let mut found = Vec::new();
        let mut hits = Vec::new();
        let mut values = Values {
            context: slots,
            known: Vec::new(),
        };
        self.pass(folded.plain(), false, &mut values, &mut hits);
        for hit in &hits {
            let sequence = &self.sequences[hit.sequence as usize];
            found.push(Found {
                set: sequence.set,
                except: sequence.except,
                pattern: sequence.pattern,
                plain: hit.span,
                steps: sequence.spelled,
            });
        }
        if self.squeezes
            && let Some(squeezed) = folded.squeezed()
        {
            hits.clear();
            values.known.clear();
            self.pass(squeezed, true, &mut values, &mut hits);
            for hit in &hits {
                let sequence = &self.sequences[hit.sequence as usize];
                let steps = folded.squeezed_steps(hit.span);
                let evasion = self.sets[sequence.set as usize].evasion;
                // What was not squeezed has been found in the plain text, or is no match at all.
                if !steps.is_empty() && (sequence.except || evasion.contains(steps)) {
                    found.push(Found {
                        set: sequence.set,
                        except: sequence.except,
                        pattern: sequence.pattern,
                        plain: folded.plain_squeezed(hit.span),
                        steps: steps | sequence.spelled,
                    });
                }
            }
        }
        if found.is_empty() {
            return;
        }
        // Exceptions first within each set.
        found.sort_unstable_by_key(|one| {
            (
                one.set,
                !one.except,
                one.plain.start,
                std::cmp::Reverse(one.plain.end),
                one.pattern,
                one.steps,
            )
        });
        for group in found.chunk_by(|one, next| one.set == next.set) {
            let split = group.partition_point(|one| one.except);
            let (except, hits) = group.split_at(split);
            let mut reach = 0;
            let mut seen = 0;
            let mut last = None;
            for hit in hits {
                while let Some(one) = except
                    .get(seen)
                    .filter(|one| one.plain.start <= hit.plain.start)
                {
                    reach = reach.max(one.plain.end);
                    seen += 1;
                }
                if last == Some(hit.plain) || hit.plain.end <= reach {
                    continue;
                }
                last = Some(hit.plain);
                let span = folded.original(hit.plain);
                out.push(Match {
                    set: SetId(hit.set),
                    pattern: hit.pattern,
                    span,
                    plain: hit.plain,
                    steps: folded.steps_in(span) | hit.steps,
                });
            }
        }
        // Two plain spans can come from one original character (`⑩`).
        out.dedup_by(|one, before| one.set == before.set && one.span == before.span);
    }

    /// The pattern as it was written.
    ///
    /// # Panics
    /// When there is no such set or pattern.
    pub fn pattern(&self, set: SetId, pattern: u32) -> &str {
        &self.sets[set.0 as usize].patterns[pattern as usize]
    }

    /// The patterns of a set as they were written.
    ///
    /// # Panics
    /// When there is no such set.
    pub fn patterns(&self, set: SetId) -> &[String] {
        &self.sets[set.0 as usize].patterns
    }

    /// How many sets there are.
    pub fn sets(&self) -> usize {
        self.sets.len()
    }

    /// One pass over one text: the plain one or the squeezed one.
    fn pass(&self, text: &str, squeezed: bool, values: &mut Values<'_>, hits: &mut Vec<Hit>) {
        let mut parts: Vec<Part> = Vec::new();
        if let Some(automaton) = &self.automaton {
            for found in automaton.find_overlapping_iter(text) {
                let literal = found.value() as usize;
                let span = Span::new(found.start(), found.end());
                if !self.edges[literal].tolerate(text, span) {
                    continue;
                }
                let range = self.first_use[literal] as usize..self.first_use[literal + 1] as usize;
                for its in &self.uses[range] {
                    if !(if squeezed { its.squeezed } else { its.plain }) {
                        continue;
                    }
                    if self.sequences[its.sequence as usize].links.len() == 1 {
                        hits.push(Hit {
                            sequence: its.sequence,
                            span,
                        });
                    } else {
                        parts.push(Part {
                            sequence: its.sequence,
                            piece: its.piece,
                            span,
                        });
                    }
                }
            }
        }
        parts.sort_unstable();
        parts.dedup();
        for group in parts.chunk_by(|one, next| one.sequence == next.sequence) {
            self.join(text, group[0].sequence, group, values, hits);
        }
        for &sequence in &self.slots_only {
            let set = self.sequences[sequence as usize].set;
            if !squeezed || self.sets[set as usize].evasion.contains(Steps::DIGITS) {
                self.join(text, sequence, &[], values, hits);
            }
        }
    }

    /// Joins the parts of one sequence, left to right. For each end only the latest start is kept:
    /// what follows depends on the end alone, and the tightest match is the one that was meant.
    fn join(
        &self,
        text: &str,
        sequence: u32,
        parts: &[Part],
        values: &mut Values<'_>,
        hits: &mut Vec<Hit>,
    ) {
        let links = &self.sequences[sequence as usize].links;
        let of_piece = |piece: u32| {
            let first = parts.partition_point(|part| part.piece < piece);
            let end = parts.partition_point(|part| part.piece <= piece);
            &parts[first..end]
        };
        // Every list of words must have been found before slots are worth parsing.
        let missing = (0_u32..)
            .zip(links)
            .any(|(piece, link)| *link == Link::Literals && of_piece(piece).is_empty());
        if missing {
            return;
        }
        let mut states: Vec<Span> = Vec::new();
        let mut next: Vec<Span> = Vec::new();
        let mut spans: Vec<Span> = Vec::new();
        let mut gap = 0;
        let mut begun = false;
        for (piece, link) in (0_u32..).zip(links) {
            spans.clear();
            match link {
                Link::Gap(width) => {
                    gap = *width;
                    continue;
                }
                Link::Literals => spans.extend(of_piece(piece).iter().map(|part| part.span)),
                Link::Slot(slot) => spans.extend_from_slice(values.of(slot, text)),
            }
            if begun {
                next.clear();
                for state in &states {
                    let limit = gap_end(text, state.end, gap);
                    let first = spans.partition_point(|span| span.start < state.end);
                    next.extend(
                        spans[first..]
                            .iter()
                            .take_while(|span| span.start <= limit)
                            .map(|span| Span::new(state.start, span.end)),
                    );
                }
            } else {
                begun = true;
                next.clone_from(&spans);
            }
            next.sort_unstable_by_key(|span| (span.end, std::cmp::Reverse(span.start)));
            // With a first piece the shorter literal at one end would hide the longer; both are kept there.
            if piece > 0 {
                next.dedup_by_key(|span| span.end);
            }
            std::mem::swap(&mut states, &mut next);
            if states.is_empty() {
                return;
            }
            gap = 0;
        }
        hits.extend(states.iter().map(|&span| Hit { sequence, span }));
    }
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
    fn of(literal: &str) -> Self {
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
    fn tolerates(self, neighbour: Option<&u8>) -> bool {
        match (self, neighbour) {
            (Self::Free, _) | (_, None) => true,
            (Self::Letter, Some(byte)) => !byte.is_ascii_alphabetic(),
            (Self::Digit, Some(byte)) => !byte.is_ascii_alphanumeric(),
        }
    }
}

/// The slot values of one message, parsed when first asked for.
struct Values<'a> {
    context: &'a SlotContext,
    known: Vec<(Slot, Vec<Span>)>,
}

impl Values<'_> {
    fn of(&mut self, slot: &Slot, text: &str) -> &[Span] {
        let at = self
            .known
            .iter()
            .position(|(known, _)| known == slot)
            .unwrap_or_else(|| {
                self.known
                    .push((slot.clone(), slot.find(text, self.context)));
                self.known.len() - 1
            });
        &self.known[at].1
    }
}

fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
