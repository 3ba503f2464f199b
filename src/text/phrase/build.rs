//! From sets of patterns to the automaton.

use daachorse::CharwiseDoubleArrayAhoCorasick;

use super::pattern::{PatternError, Piece, Sequence, compile};
use super::{
    Compiled, Edges, Link, Phrases, PhrasesBuilder, Set, SetId, SetInfo, Use, Which, index,
};
use crate::text::fold::Folded;

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
                self.add_sequence(
                    sequence,
                    set.evasion,
                    Compiled {
                        set: id,
                        pattern,
                        except,
                        links: Vec::new(),
                    },
                );
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
            sequences: self.sequences,
            sets: self.sets,
        }
    }

    fn add_sequence(&mut self, sequence: Sequence, evasion: bool, mut compiled: Compiled) {
        let at = index(self.sequences.len());
        // Slots are found in the plain text, so a sequence with one is not looked for elsewhere.
        let evasion = evasion && !sequence.iter().any(|piece| matches!(piece, Piece::Slot(_)));
        for (piece, what) in (0_u32..).zip(sequence) {
            compiled.links.push(match what {
                Piece::Gap(width) => Link::Gap(width),
                Piece::Slot(slot) => Link::Slot(slot),
                Piece::Literals(list) => {
                    for literal in list {
                        if evasion {
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
