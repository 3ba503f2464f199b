//! From sets of patterns to the automaton.

use std::collections::BTreeMap;

use daachorse::CharwiseDoubleArrayAhoCorasickBuilder;

use super::pattern::{PatternError, Piece, Sequence, compile};
use super::spell::Spellings;
use super::{
    Compiled, Edges, Link, Phrases, PhrasesBuilder, Set, SetId, SetInfo, Uses, Which, Whole, Word,
    index,
};
use crate::sorted;
use crate::text::fold::Folded;
use crate::text::steps::Steps;

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
    }

    /// Says how characters and words are spelled otherwise in sets that are added later.
    pub fn spellings(&mut self, spellings: Spellings) {
        self.spellings = spellings;
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
            match compile(pattern, &self.lexicons) {
                Ok(sequences) => compiled.push((which, sequences)),
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
        for (which, sequences) in compiled {
            let (pattern, except) = match which {
                Which::Pattern(pattern) => (index(pattern), false),
                Which::Except(pattern) => (index(pattern), true),
            };
            let whole = |spelled| Whole {
                set: id,
                pattern,
                except,
                spelled,
            };
            for sequence in sequences {
                for step in Steps::SPELLED {
                    if !except && set.evasion.contains(step) {
                        let others = self.spelled(&sequence, step);
                        if !others.is_empty() {
                            self.add_sequence(others, set.evasion, whole(step));
                        }
                    }
                }
                self.add_sequence(sequence, set.evasion, whole(Steps::NONE));
            }
        }
        Ok(SetId(id))
    }

    /// Numbers the literals anew, the commonest first: what is found often then lies close together.
    fn number_by(&mut self, rarity: &Rarity) -> Vec<u32> {
        let mut order: Vec<(f64, usize)> = self
            .literals
            .iter()
            .enumerate()
            .map(|(number, literal)| (rarity.cost(literal), number))
            .collect();
        sorted::by(&mut order, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut numbers = vec![0; order.len()];
        let mut literals = Vec::with_capacity(order.len());
        for (next, (_, number)) in (0_u32..).zip(order) {
            numbers[number] = next;
            literals.push(std::mem::take(&mut self.literals[number]));
        }
        self.literals = literals;
        numbers
    }

    /// How many different literals the sets have so far.
    pub fn literals(&self) -> usize {
        self.literals.len()
    }

    /// Builds the automaton.
    pub fn build(mut self) -> Phrases {
        let rarity = Rarity::of(&self.literals);
        let numbers = self.number_by(&rarity);
        let automaton = if self.literals.is_empty() || self.literals.len() > MOST_LITERALS {
            None
        } else {
            // Fails only for an empty or an astronomically large list. So many words leave nothing for
            // a filter to skip.
            CharwiseDoubleArrayAhoCorasickBuilder::new()
                .use_prefilter(false)
                .build_with_values(self.literals.iter().zip(0_u32..))
                .ok()
        };
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
                literals.map(|at| rarity.cost(&self.literals[at])).sum()
            })
            .collect();
        let mut sequences = self.sequences;
        let mut of_piece: Vec<Vec<(u32, bool)>> = vec![Vec::new(); words.len()];
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
            of_piece[rarest as usize].push((at, is_whole));
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
            let count = self.literals.len();
            let mut whole = vec![Vec::new(); count];
            let mut wakes = vec![Vec::new(); count];
            let mut pieces = vec![Vec::new(); count];
            for (piece, list) in (0_u32..).zip(&words) {
                for word in list.iter().filter(|word| wanted(word)) {
                    let literal = word.literal as usize;
                    if needed[piece as usize] {
                        pieces[literal].push(piece);
                    }
                    for (sequence, is_whole) in &of_piece[piece as usize] {
                        if *is_whole {
                            whole[literal].push(sequences[*sequence as usize].whole);
                        } else {
                            wakes[literal].push(*sequence);
                        }
                    }
                }
            }
            let mut uses = Uses::default();
            for ((whole, wakes), pieces) in whole.into_iter().zip(wakes).zip(pieces) {
                uses.add(whole, wakes, pieces);
            }
            uses.starts.push(uses.ends());
            uses
        };
        Phrases {
            automaton,
            edges: self
                .literals
                .iter()
                .map(|literal| Edges::of(literal))
                .collect(),
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

    fn add_sequence(&mut self, sequence: Sequence, evasion: Steps, whole: Whole) {
        // Of what is squeezed out, only digits change the value of a slot.
        let wanted = if sequence.iter().any(|piece| matches!(piece, Piece::Slot(_))) {
            Steps::DIGITS
        } else {
            Steps::SQUEEZED
        };
        let evasion = evasion.meets(wanted);
        let links = sequence
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
            .collect();
        self.sequences.push(Compiled {
            whole,
            links,
            needs: Vec::new(),
        });
    }

    /// The number of a list of words.
    fn piece(&mut self, list: Vec<String>, evasion: bool) -> u32 {
        let mut words = Vec::with_capacity(list.len());
        for literal in list {
            let squeezed = evasion
                .then(|| Folded::new(&literal).squeezed().map(str::to_owned))
                .flatten();
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
        let next = index(self.literals.len());
        *self.ids.entry(literal).or_insert_with_key(|literal| {
            self.literals.push(literal.clone());
            next
        })
    }
}

/// How common words are likely to be, judged by how often the standard's own words use their
/// characters. Decides only what is looked at first.
struct Rarity {
    counts: BTreeMap<char, f64>,
    all: f64,
}

impl Rarity {
    fn of(literals: &[String]) -> Self {
        let mut counts = BTreeMap::new();
        let mut all = 0.0;
        for character in literals.iter().flat_map(|literal| literal.chars()) {
            *counts.entry(character).or_insert(0.0) += 1.0;
            all += 1.0;
        }
        Self { counts, all }
    }

    fn cost(&self, literal: &str) -> f64 {
        let share = |c: char| self.counts.get(&c).copied().unwrap_or(1.0) / self.all;
        literal.chars().map(share).product()
    }
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
