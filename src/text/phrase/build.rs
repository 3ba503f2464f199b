//! From sets of patterns to the automaton.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

use zhijian_automaton::Automaton;

use super::pattern::{PatternError, Piece, Sequence, compile};
use super::spell::Spellings;
use super::{
    Compiled, Edges, Link, Phrases, PhrasesBuilder, Set, SetId, SetInfo, Use, Uses, Wake, Which,
    Whole, Word, index,
};
use crate::sorted;
use crate::text::fold::Folded;
use crate::text::steps::Steps;

/// What is looked up and never walked through.
pub(super) type Known<K, V> = HashMap<K, V, BuildHasherDefault<Sum>>;

/// A sum of what is hashed, the same everywhere.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum(u64);

impl Hasher for Sum {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.write_u64(u64::from_le_bytes(last));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(value.into());
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// A pattern as one of its sets looks for it: the ways it is spelled, each with the sequence to join.
pub(super) type Variants = Rc<[(Steps, Vec<Link>)]>;

/// What was made of patterns so far: lexicons are named by many sets.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    parsed: Known<String, Rc<[Sequence]>>,
    /// By pattern, disguises, and whether it is an exception.
    variants: Known<(String, Steps, bool), Variants>,
}

/// The most literals of all sets together, far below what the automaton can number.
const MOST_LITERALS: usize = 4_000_000;

impl PhrasesBuilder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes `@name` stand for these patterns in sets that are added later.
    pub fn lexicon(&mut self, name: &str, patterns: Vec<String>) {
        self.lexicons.insert(name.to_owned(), patterns);
        self.made = Made::default();
    }

    /// Says how characters and words are spelled otherwise in sets that are added later.
    pub fn spellings(&mut self, spellings: Spellings) {
        self.spellings = spellings;
        self.made = Made::default();
    }

    /// The mistakes in the lexicons themselves, whether or not a set uses them: lexicon, index, mistake.
    pub fn lexicon_errors(&self) -> Vec<(String, usize, PatternError)> {
        let mut out = Vec::new();
        for (name, patterns) in &self.lexicons {
            for (index, pattern) in patterns.iter().enumerate() {
                if let Err(error) = compile(pattern, &self.lexicons) {
                    out.push((name.clone(), index, error));
                }
            }
        }
        out
    }

    /// Adds a set.
    ///
    /// # Errors
    /// All mistakes of all its patterns; nothing of the set is added then.
    pub fn add(&mut self, set: Set<'_>) -> Result<SetId, Vec<(Which, PatternError)>> {
        let mut compiled = Vec::new();
        let mut errors = Vec::new();
        let patterns = set
            .patterns
            .iter()
            .enumerate()
            .map(|(index, pattern)| (Which::Pattern(index), pattern));
        let except = set
            .except
            .iter()
            .enumerate()
            .map(|(index, pattern)| (Which::Except(index), pattern));
        for (which, pattern) in patterns.chain(except) {
            match self.parse(pattern) {
                Ok(sequences) => compiled.push((which, pattern, sequences)),
                Err(error) => errors.push((which, error)),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let id = index(self.sets.len());
        self.sets.push(SetInfo {
            patterns: set.patterns.to_vec(),
            evasion: set.evasion,
        });
        for (which, text, sequences) in compiled {
            let (pattern, except) = match which {
                Which::Pattern(pattern) => (index(pattern), false),
                Which::Except(pattern) => (index(pattern), true),
            };
            let variants = self.variants(text, &sequences, set.evasion, except);
            for (spelled, links) in variants.iter() {
                self.sequences.push(Compiled {
                    whole: Whole {
                        set: id,
                        pattern,
                        except,
                        spelled: *spelled,
                    },
                    links: links.clone(),
                    needs: Vec::new(),
                });
            }
        }
        Ok(SetId(id))
    }

    fn parse(&mut self, pattern: &str) -> Result<Rc<[Sequence]>, PatternError> {
        if let Some(known) = self.made.parsed.get(pattern) {
            return Ok(known.clone());
        }
        let parsed: Rc<[Sequence]> = compile(pattern, &self.lexicons)?.into();
        let parsed_too = parsed.clone();
        self.made.parsed.insert(pattern.to_owned(), parsed_too);
        Ok(parsed)
    }

    fn variants(
        &mut self,
        pattern: &str,
        sequences: &[Sequence],
        evasion: Steps,
        except: bool,
    ) -> Variants {
        let key = (pattern.to_owned(), evasion, except);
        if let Some(known) = self.made.variants.get(&key) {
            return known.clone();
        }
        let mut variants = Vec::new();
        for sequence in sequences {
            for step in Steps::SPELLED {
                if !except && evasion.contains(step) {
                    let others = self.spelled(sequence, step);
                    if !others.is_empty() {
                        variants.push((step, self.links(others, evasion)));
                    }
                }
            }
            variants.push((Steps::NONE, self.links(sequence.clone(), evasion)));
        }
        let variants: Variants = variants.into();
        self.made.variants.insert(key, variants.clone());
        variants
    }

    /// Numbers the literals anew, the commonest first: what is found often then lies close together.
    fn number_by(literals: &mut Vec<String>, costs: &mut Vec<f64>) -> Vec<u32> {
        // Not negative, so their bits are in the same order.
        let mut order: Vec<(u64, u32)> =
            costs.iter().map(|cost| !cost.to_bits()).zip(0..).collect();
        order.sort_unstable();
        let mut numbers = vec![0; order.len()];
        let mut renumbered = Vec::with_capacity(order.len());
        let mut sorted = Vec::with_capacity(order.len());
        for (next, (_, number)) in (0_u32..).zip(order) {
            let number = number as usize;
            numbers[number] = next;
            renumbered.push(std::mem::take(&mut literals[number]));
            sorted.push(costs[number]);
        }
        *literals = renumbered;
        *costs = sorted;
        numbers
    }

    /// How many different literals the sets have so far.
    pub fn literals(&self) -> usize {
        self.ids.len()
    }

    /// Builds the automaton.
    pub fn build(mut self) -> Phrases {
        self.made = Made::default();
        let mut literals = vec![String::new(); self.ids.len()];
        for (literal, number) in std::mem::take(&mut self.ids) {
            literals[number as usize] = literal;
        }
        let mut of_literal = costs(&literals);
        let numbers = Self::number_by(&mut literals, &mut of_literal);
        let is_many = literals.len() > MOST_LITERALS;
        let automaton = (!is_many).then(|| Automaton::new(&literals));
        let mut words = vec![Vec::new(); self.pieces.len()];
        for (mut list, piece) in std::mem::take(&mut self.pieces) {
            for word in &mut list {
                word.literal = numbers[word.literal as usize];
            }
            words[piece as usize] = list;
        }
        let costs: Vec<f64> = words
            .iter()
            .map(|list| {
                let literals = list.iter().map(|word| word.literal as usize);
                literals.map(|at| of_literal[at]).sum()
            })
            .collect();
        let mut sequences = self.sequences;
        let mut of_piece: Vec<Vec<(Wake, bool)>> = vec![Vec::new(); words.len()];
        let mut slots_only = Vec::new();
        let mut needed = vec![false; words.len()];
        for (at, sequence) in (0_u32..).zip(&mut sequences) {
            let pieces: Vec<u32> = sequence
                .links
                .iter()
                .filter_map(|link| match link {
                    Link::Literals(piece) => Some(*piece),
                    _ => None,
                })
                .collect();
            let cost = |piece: &u32| costs[*piece as usize];
            let rarest = pieces.iter().copied();
            let Some(rarest) = rarest.min_by(|a, b| cost(a).total_cmp(&cost(b))) else {
                slots_only.push(at);
                continue;
            };
            let is_whole = sequence.links.len() == 1;
            let others = pieces.iter().copied().filter(|piece| *piece != rarest);
            let wake = Wake {
                sequence: at,
                other: others
                    .min_by(|a, b| cost(a).total_cmp(&cost(b)))
                    .unwrap_or(rarest),
            };
            of_piece[rarest as usize].push((wake, is_whole));
            if !is_whole {
                for piece in &pieces {
                    needed[*piece as usize] = true;
                }
                sequence.needs = pieces;
                sequence.needs.retain(|piece| *piece != rarest);
                sorted::plain(&mut sequence.needs);
                sequence.needs.dedup();
            }
        }
        let uses = |wanted: fn(&Word) -> bool| {
            // Once to count, once to fill in: tens of thousands of lists, most of them short or empty.
            let each = |visit: &mut dyn FnMut(u32, Use)| {
                for (piece, list) in (0_u32..).zip(&words) {
                    for word in list.iter().filter(|word| wanted(word)) {
                        let literal = word.literal;
                        if needed[piece as usize] {
                            visit(literal, Use::Piece(piece));
                        }
                        for (wake, is_whole) in &of_piece[piece as usize] {
                            visit(
                                literal,
                                if *is_whole {
                                    Use::Whole(sequences[wake.sequence as usize].whole)
                                } else {
                                    Use::Wakes(*wake)
                                },
                            );
                        }
                    }
                }
            };
            Uses::gather(literals.len(), &each)
        };
        Phrases {
            automaton,
            edges: literals.iter().map(|literal| Edges::of(literal)).collect(),
            plain: uses(|word| word.plain),
            squeezed: uses(|word| word.squeezed),
            slots_only,
            slots: self.slots,
            pieces: words.len(),
            squeezes: self
                .sets
                .iter()
                .any(|set| set.evasion.meets(Steps::SQUEEZED)),
            sequences,
            sets: self.sets,
        }
    }

    /// A sequence as it is spelled by one step; empty when it is spelled no other way. In a sequence of
    /// several pieces any of them may be spelled otherwise, so it holds the literals as they are as well:
    /// where nothing was, the sequence itself gives the same match and comes first.
    fn spelled(&self, sequence: &Sequence, step: Steps) -> Sequence {
        let part = sequence.len() > 1;
        let mut any = false;
        let pieces = sequence.iter().map(|piece| match piece {
            Piece::Literals(list) => {
                let mut all: Vec<String> = Vec::new();
                for literal in list {
                    all.extend(self.spellings.of(literal, step, part));
                }
                any |= !all.is_empty();
                if part {
                    all.extend_from_slice(list);
                }
                Piece::Literals(all)
            }
            other => other.clone(),
        });
        let pieces: Sequence = pieces.collect();
        if any { pieces } else { Sequence::new() }
    }

    fn links(&mut self, sequence: Sequence, evasion: Steps) -> Vec<Link> {
        // Of what is squeezed out, only digits change the value of a slot.
        let wanted = if sequence.iter().any(|piece| matches!(piece, Piece::Slot(_))) {
            Steps::DIGITS
        } else {
            Steps::SQUEEZED
        };
        let evasion = evasion.meets(wanted);
        sequence
            .into_iter()
            .map(|piece| match piece {
                Piece::Gap(width) => Link::Gap(width),
                Piece::Slot(slot) => {
                    let known = self.slots.iter().position(|known| *known == slot);
                    Link::Slot(index(known.unwrap_or_else(|| {
                        self.slots.push(slot);
                        self.slots.len() - 1
                    })))
                }
                Piece::Literals(list) => Link::Literals(self.piece(list, evasion)),
            })
            .collect()
    }

    /// The number of a list of words.
    fn piece(&mut self, list: Vec<String>, evasion: bool) -> u32 {
        let mut words = Vec::with_capacity(list.len());
        let mut folded = Folded::default();
        for literal in list {
            let mut squeezed = None;
            if evasion {
                folded.fill(&literal);
                squeezed = folded.squeezed().map(str::to_owned);
            }
            let slipped = squeezed.is_some();
            // A word drawn out loses its own doubled letters as well.
            let single = evasion
                .then(|| single_letters(&literal))
                .filter(|single| *single != literal);
            for (literal, plain, squeezed) in [
                (single, false, true),
                (Some(literal), true, evasion && !slipped),
                (squeezed, false, true),
            ] {
                if let Some(literal) = literal.filter(|literal| !literal.is_empty()) {
                    words.push(Word {
                        literal: self.literal(literal),
                        plain,
                        squeezed,
                    });
                }
            }
        }
        sorted::plain(&mut words);
        words.dedup();
        let next = index(self.pieces.len());
        *self.pieces.entry(words).or_insert(next)
    }

    fn literal(&mut self, literal: String) -> u32 {
        let next = index(self.ids.len());
        *self.ids.entry(literal).or_insert(next)
    }
}

/// How common words are likely to be, judged by how often the standard's own words use their
/// characters. Decides only what is looked at first.
fn costs(literals: &[String]) -> Vec<f64> {
    let mut counts: Vec<f64> = Vec::new();
    let mut all = 0.0;
    for character in literals.iter().flat_map(|literal| literal.chars()) {
        let at = character as usize;
        if at >= counts.len() {
            counts.resize(at + 1, 0.0);
        }
        counts[at] += 1.0;
        all += 1.0;
    }
    let share = |c: char| counts[c as usize] / all;
    let cost = |literal: &String| literal.chars().map(share).product();
    literals.iter().map(cost).collect()
}

/// A text with one of each letter that stands twice.
fn single_letters(text: &str) -> String {
    let mut single = text.to_owned();
    let mut last = None;
    single.retain(|character| {
        let again = character.is_ascii_alphabetic() && last == Some(character);
        last = Some(character);
        !again
    });
    single
}
