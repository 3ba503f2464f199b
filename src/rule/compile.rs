//! Turning the phrases of rules into sets of the one automaton.

use std::collections::BTreeMap;

use crate::text::{PhrasesBuilder, Set, SetId, Which};

use super::fields::{At, Fields};

/// Phrases under a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lexicon {
    /// The phrases.
    pub phrases: Vec<String>,
    /// Longer phrases inside which a hit does not count.
    pub except: Vec<String>,
}

/// Collects the phrase sets of a standard while its rules are read.
pub struct Compiler {
    builder: PhrasesBuilder,
    lexicons: BTreeMap<String, Lexicon>,
    known: BTreeMap<(Vec<String>, Vec<String>, bool), SetId>,
}

impl Compiler {
    /// A compiler that knows these lexicons.
    pub fn new(lexicons: BTreeMap<String, Lexicon>) -> Self {
        let mut builder = PhrasesBuilder::new();
        for (name, lexicon) in &lexicons {
            builder.lexicon(name, lexicon.phrases.clone());
        }
        Self {
            builder,
            lexicons,
            known: BTreeMap::new(),
        }
    }

    /// Whether there is a lexicon of this name.
    pub fn knows(&self, lexicon: &str) -> bool {
        self.lexicons.contains_key(lexicon)
    }

    /// The set of these phrases, reporting each that is wrong at its place under `key`.
    pub fn set(
        &mut self,
        fields: &Fields<'_, '_>,
        key: &str,
        patterns: &[At<String>],
        except: &[At<String>],
        evasion: bool,
    ) -> Option<SetId> {
        let words: Vec<String> = patterns
            .iter()
            .map(|pattern| pattern.value.clone())
            .collect();
        let mut exceptions: Vec<String> =
            except.iter().map(|pattern| pattern.value.clone()).collect();
        let own = exceptions.len();
        self.inherited(&words, &mut exceptions, 0);
        let identity = (words, exceptions, evasion);
        if let Some(id) = self.known.get(&identity) {
            return Some(*id);
        }
        let set = Set {
            patterns: &identity.0,
            except: &identity.1,
            evasion,
        };
        match self.builder.add(set) {
            Ok(id) => {
                self.known.insert(identity, id);
                Some(id)
            }
            Err(errors) => {
                for (which, error) in errors {
                    let (key, pattern) = match which {
                        Which::Pattern(index) => (key, patterns.get(index)),
                        Which::Except(index) if index < own => ("except", except.get(index)),
                        Which::Except(_) => ("except", None),
                    };
                    // One byte for the opening quote: exact for strings without escapes.
                    let at = pattern.map_or(fields.at, |pattern| {
                        let before: usize = pattern
                            .value
                            .chars()
                            .take(error.at)
                            .map(char::len_utf8)
                            .sum();
                        pattern.at + 1 + before
                    });
                    fields.fault(
                        at,
                        "phrase-invalid",
                        key,
                        error.message.zh,
                        error.message.en,
                    );
                }
                None
            }
        }
    }

    /// Adds the exceptions of every lexicon the phrases name.
    fn inherited(&self, phrases: &[String], exceptions: &mut Vec<String>, depth: usize) {
        if depth > 8 {
            return;
        }
        for phrase in phrases {
            for name in lexicon_names(phrase) {
                if let Some(lexicon) = self.lexicons.get(name) {
                    for exception in &lexicon.except {
                        if !exceptions.contains(exception) {
                            exceptions.push(exception.clone());
                        }
                    }
                    self.inherited(&lexicon.phrases, exceptions, depth + 1);
                }
            }
        }
    }

    /// The builder, once every rule has been read.
    pub fn into_builder(self) -> PhrasesBuilder {
        self.builder
    }
}

/// The lexicons a phrase names.
pub fn lexicon_names(phrase: &str) -> impl Iterator<Item = &str> {
    phrase
        .match_indices('@')
        .filter(|(at, _)| !phrase[..*at].ends_with('\\'))
        .map(|(at, _)| {
            let name = &phrase[at + 1..];
            let end = name
                .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
                .unwrap_or(name.len());
            &name[..end]
        })
}
