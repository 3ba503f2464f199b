//! Turning the phrases of rules into sets of the one automaton.

use std::collections::BTreeMap;

use crate::metric::Metric;
use crate::text::{PatternError, PhrasesBuilder, Set, SetId, Spellings, Steps, Which};

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
    known: BTreeMap<(Vec<String>, Vec<String>, Steps), SetId>,
    /// Every response-time metric that a rule may name.
    pub metrics: Vec<Metric>,
    /// Those whose figures rules limit.
    pub figures: Vec<Metric>,
    made: Vec<(String, SetId)>,
    /// Whether nobody will look for the phrases, so that they need not be read.
    outline: bool,
}

impl Compiler {
    /// A compiler that knows these lexicons and spellings.
    pub fn new(lexicons: BTreeMap<String, Lexicon>, spellings: Spellings) -> Self {
        let mut builder = PhrasesBuilder::new();
        builder.spellings(spellings);
        for (name, lexicon) in &lexicons {
            builder.lexicon(name, lexicon.phrases.clone());
        }
        Self {
            builder,
            lexicons,
            known: BTreeMap::new(),
            metrics: Vec::new(),
            figures: Vec::new(),
            made: Vec::new(),
            outline: false,
        }
    }

    /// A compiler that passes over all phrases, for who wants to know of a standard but not to judge.
    pub fn outline() -> Self {
        Self {
            outline: true,
            ..Self::new(BTreeMap::new(), Spellings::default())
        }
    }

    /// The mistakes in the lexicons themselves: lexicon, index of the phrase, mistake.
    pub fn lexicon_faults(&self) -> Vec<(String, usize, PatternError)> {
        let mut faults = self.builder.lexicon_errors();
        // A lexicon that names others whole is spread out when it is used, however long they are.
        faults.retain(|(name, index, _)| {
            let phrase = self
                .lexicons
                .get(name)
                .and_then(|lexicon| lexicon.phrases.get(*index));
            !phrase.is_some_and(|phrase| {
                alternatives(phrase).iter().all(|part| {
                    part.strip_prefix('@')
                        .is_some_and(|name| self.lexicons.contains_key(name))
                })
            })
        });
        faults
    }

    /// Whether there is a lexicon of this name. Where none are read, nobody is told that one is missing.
    pub fn knows(&self, lexicon: &str) -> bool {
        self.outline || self.lexicons.contains_key(lexicon)
    }

    /// The sets asked for since the last call, each with the dotted name of its field. Only whoever
    /// explains why nothing was found wants to know, so a browser keeps none.
    pub fn take_made(&mut self) -> Vec<(String, SetId)> {
        std::mem::take(&mut self.made)
    }

    /// The set of these phrases, reporting each that is wrong at its place under `key`.
    pub fn set(
        &mut self,
        fields: &Fields<'_, '_>,
        key: &str,
        patterns: &[At<String>],
        except: &[At<String>],
        evasion: Steps,
    ) -> Option<SetId> {
        let set = self.set_of(fields, key, patterns, except, evasion);
        if let Some(set) = set
            && cfg!(not(target_arch = "wasm32"))
        {
            self.made.push((fields.name(key), set));
        }
        set
    }

    fn set_of(
        &mut self,
        fields: &Fields<'_, '_>,
        key: &str,
        patterns: &[At<String>],
        except: &[At<String>],
        evasion: Steps,
    ) -> Option<SetId> {
        if self.outline {
            return Some(SetId(0));
        }
        let mut words: Vec<String> = Vec::new();
        let mut origins: Vec<usize> = Vec::new();
        for (origin, pattern) in patterns.iter().enumerate() {
            self.spread(&pattern.value, &mut words, 0);
            origins.resize(words.len(), origin);
        }
        let mut exceptions: Vec<String> =
            except.iter().map(|pattern| pattern.value.clone()).collect();
        let own = exceptions.len();
        let written: Vec<String> = patterns
            .iter()
            .map(|pattern| pattern.value.clone())
            .collect();
        self.inherited(&written, &mut exceptions, 0);
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
                        Which::Pattern(index) => (
                            key,
                            origins.get(index).and_then(|origin| patterns.get(*origin)),
                        ),
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

    /// Splits a phrase at its outermost `|`; what is a lexicon and nothing else becomes its phrases, so
    /// that a long lexicon is many short patterns and not one long one.
    fn spread(&self, phrase: &str, out: &mut Vec<String>, depth: usize) {
        for part in alternatives(phrase) {
            let lexicon = part
                .strip_prefix('@')
                .and_then(|name| self.lexicons.get(name));
            match lexicon {
                Some(lexicon) if depth <= 8 => {
                    for phrase in &lexicon.phrases {
                        self.spread(phrase, out, depth + 1);
                    }
                }
                _ => out.push(part.to_owned()),
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

/// The parts of a phrase between its outermost `|`.
pub fn alternatives(phrase: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut escaped) = (Vec::new(), 0, 0_usize, false);
    for (at, character) in phrase.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                parts.push(&phrase[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&phrase[start..]);
    parts
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
