//! From sets of patterns to the automaton.

use daachorse::CharwiseDoubleArrayAhoCorasick;

use super::pattern::{PatternError, Piece, Sequence, compile};
use super::spell::Spellings;
use super::{
    Compiled, Edges, Link, Phrases, PhrasesBuilder, Set, SetId, SetInfo, Use, Which, index,
};
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
            for sequence in sequences {
                let compiled = |spelled| Compiled {
                    set: id,
                    pattern,
                    except,
                    spelled,
                    links: Vec::new(),
                };
                for step in Steps::SPELLED {
                    if !except && set.evasion.contains(step) {
                        let others = self.spelled(&sequence, step);
                        if !others.is_empty() {
                            self.add_sequence(others, set.evasion, compiled(step));
                        }
                    }
                }
                self.add_sequence(sequence, set.evasion, compiled(Steps::NONE));
            }
        }
        Ok(SetId(id))
    }

    /// How many different literals the sets have so far.
    pub fn literals(&self) -> usize {
        self.literals.len()
    }

    /// Builds the automaton.
    pub fn build(self) -> Phrases {
        let automaton = if self.literals.is_empty() || self.literals.len() > MOST_LITERALS {
            None
        } else {
            // Fails only for an empty or an astronomically large list.
            CharwiseDoubleArrayAhoCorasick::with_values(self.literals.iter().zip(0_u32..)).ok()
        };
        let mut first_use = vec![0];
        let mut uses = Vec::new();
        for list in self.uses {
            uses.extend(list);
            first_use.push(index(uses.len()));
        }
        let slots_only = (0..)
            .zip(&self.sequences)
            .filter(|(_, sequence)| !sequence.links.contains(&Link::Literals))
            .map(|(at, _)| at)
            .collect();
        Phrases {
            automaton,
            edges: self
                .literals
                .iter()
                .map(|literal| Edges::of(literal))
                .collect(),
            first_use,
            uses,
            slots_only,
            squeezes: self
                .sets
                .iter()
                .any(|set| set.evasion.meets(Steps::SQUEEZED)),
            sequences: self.sequences,
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

    fn add_sequence(&mut self, sequence: Sequence, evasion: Steps, mut compiled: Compiled) {
        let at = index(self.sequences.len());
        // Of what is squeezed out, only digits change the value of a slot.
        let wanted = if sequence.iter().any(|piece| matches!(piece, Piece::Slot(_))) {
            Steps::DIGITS
        } else {
            Steps::SQUEEZED
        };
        let evasion = evasion.meets(wanted);
        for (piece, what) in (0_u32..).zip(sequence) {
            compiled.links.push(match what {
                Piece::Gap(width) => Link::Gap(width),
                Piece::Slot(slot) => Link::Slot(slot),
                Piece::Literals(list) => {
                    for literal in list {
                        if evasion {
                            // A word drawn out loses its own doubled letters as well.
                            let mut single = literal.clone();
                            dedup_letters(&mut single);
                            if single != literal {
                                self.use_literal(
                                    single,
                                    Use {
                                        sequence: at,
                                        piece,
                                        plain: false,
                                        squeezed: true,
                                    },
                                );
                            }
                            let squeezed = Folded::new(&literal).squeezed().map(str::to_owned);
                            if let Some(squeezed) = squeezed {
                                self.use_literal(
                                    squeezed,
                                    Use {
                                        sequence: at,
                                        piece,
                                        plain: false,
                                        squeezed: true,
                                    },
                                );
                                self.use_literal(
                                    literal,
                                    Use {
                                        sequence: at,
                                        piece,
                                        plain: true,
                                        squeezed: false,
                                    },
                                );
                                continue;
                            }
                        }
                        self.use_literal(
                            literal,
                            Use {
                                sequence: at,
                                piece,
                                plain: true,
                                squeezed: evasion,
                            },
                        );
                    }
                    Link::Literals
                }
            });
        }
        self.sequences.push(compiled);
    }

    fn use_literal(&mut self, literal: String, its: Use) {
        if literal.is_empty() {
            return;
        }
        let next = index(self.literals.len());
        let id = *self.ids.entry(literal).or_insert_with_key(|literal| {
            self.literals.push(literal.clone());
            self.uses.push(Vec::new());
            next
        });
        self.uses[id as usize].push(its);
    }
}

/// Makes one of each letter that stands twice.
fn dedup_letters(text: &mut String) {
    let mut last = None;
    text.retain(|character| {
        let again = character.is_ascii_alphabetic() && last == Some(character);
        last = Some(character);
        !again
    });
}
