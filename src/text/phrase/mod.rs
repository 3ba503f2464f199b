//! Phrases: patterns compiled into one automaton, and what they match in a message.
//!
//! All literals of all sets go into a single automaton that passes over the plain text once, and once
//! over the squeezed text where that differs. Matches of several pieces are then joined left to right.
//! What a reader would get wrong: a sequence with gaps reports for every place where it can *end* the
//! tightest match, not every combination; and overlaps are left to [`longest`].

mod build;
mod pattern;
mod scan;
mod spell;

use zhijian_automaton::Automaton;

use self::build::{Known, Made};
use self::pattern::Lexicons;
pub use self::pattern::PatternError;
use self::scan::Edges;
pub use self::scan::Scratch;
pub use self::spell::Spellings;
use super::slot::Slot;
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
    /// Every literal once, with its number.
    ids: Known<String, u32>,
    slots: Vec<Slot>,
    /// Lists of words, each once, however many sequences it is a piece of.
    pieces: Known<Vec<Word>, u32>,
    made: Made,
}

/// Sets of phrases, ready to be found.
#[derive(Clone)]
pub struct Phrases {
    automaton: Option<Automaton>,
    edges: Vec<Edges>,
    /// What the words of the plain text are for.
    plain: Uses,
    /// What the words of the squeezed text are for.
    squeezed: Uses,
    sequences: Vec<Compiled>,
    slots_only: Vec<u32>,
    slots: Vec<Slot>,
    pieces: usize,
    sets: Vec<SetInfo>,
    /// Whether any set asks for the squeezed text.
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

/// A literal of a piece, and in which text it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Word {
    literal: u32,
    plain: bool,
    squeezed: bool,
}

/// What literals are for, in one of the two texts.
#[derive(Clone, Debug, Default)]
struct Uses {
    /// Where the lists of literal n begin; they end where those of the next begin.
    starts: Vec<Starts>,
    /// The sequences that are this literal and nothing else.
    whole: Vec<Whole>,
    /// The sequences of several pieces that are looked at when this literal is found: those whose
    /// rarest piece it belongs to.
    wakes: Vec<Wake>,
    /// The pieces it belongs to, ascending.
    pieces: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Starts {
    whole: u32,
    wakes: u32,
    pieces: u32,
}

/// A sequence that is looked at, if the rarest of its other pieces was found as well.
#[derive(Clone, Copy, Debug, Default)]
struct Wake {
    sequence: u32,
    other: u32,
}

/// One use of a literal.
enum Use {
    Whole(Whole),
    Wakes(Wake),
    Piece(u32),
}

/// A number, which goes on to the next.
// Always: where size counts it would be a call for every use of every literal.
#[inline(always)]
fn took(next: &mut u32) -> usize {
    let now = *next as usize;
    *next += 1;
    now
}

/// Tells every use to whoever asks.
type Telling<'a> = dyn Fn(&mut dyn FnMut(u32, Use)) + 'a;

impl Uses {
    /// The lists of so many literals; `each` tells every use, and the same when it is asked again.
    fn gather(literals: usize, each: &Telling<'_>) -> Self {
        let mut starts = vec![Starts::default(); literals + 1];
        each(
            &mut |literal, used| match (&mut starts[literal as usize], used) {
                (starts, Use::Whole(_)) => starts.whole += 1,
                (starts, Use::Wakes(_)) => starts.wakes += 1,
                (starts, Use::Piece(_)) => starts.pieces += 1,
            },
        );
        // From counts to starts.
        let mut end = Starts::default();
        for start in &mut starts {
            let count = std::mem::replace(start, end);
            end.whole += count.whole;
            end.wakes += count.wakes;
            end.pieces += count.pieces;
        }
        let none = Whole {
            set: 0,
            pattern: 0,
            except: false,
            spelled: Steps::NONE,
        };
        let mut uses = Self {
            whole: vec![none; end.whole as usize],
            wakes: vec![Wake::default(); end.wakes as usize],
            pieces: vec![0; end.pieces as usize],
            starts: Vec::new(),
        };
        let mut next = starts.clone();
        uses.starts = starts;
        each(&mut |literal, used| {
            let next = &mut next[literal as usize];
            match used {
                Use::Whole(whole) => uses.whole[took(&mut next.whole)] = whole,
                Use::Wakes(wake) => uses.wakes[took(&mut next.wakes)] = wake,
                Use::Piece(piece) => uses.pieces[took(&mut next.pieces)] = piece,
            }
        });
        uses
    }

    /// Where the lists of a literal begin and end.
    #[inline]
    fn of(&self, literal: u32) -> [Starts; 2] {
        let at = literal as usize;
        [self.starts[at], self.starts[at + 1]]
    }

    #[inline]
    fn wakes(&self, literal: u32) -> &[Wake] {
        let [from, to] = self.of(literal);
        &self.wakes[from.wakes as usize..to.wakes as usize]
    }

    #[inline]
    fn pieces(&self, literal: u32) -> &[u32] {
        let [from, to] = self.of(literal);
        &self.pieces[from.pieces as usize..to.pieces as usize]
    }
}

/// A sequence of one piece.
#[derive(Clone, Copy, Debug)]
struct Whole {
    set: u32,
    pattern: u32,
    except: bool,
    /// How its literals are spelled.
    spelled: Steps,
}

#[derive(Clone, Debug)]
struct Compiled {
    whole: Whole,
    links: Vec<Link>,
    /// The pieces it cannot do without, besides the one that wakes it.
    needs: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// The number of a piece.
    Literals(u32),
    Gap(usize),
    /// The number of a slot.
    Slot(u32),
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
}

fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
