//! The shared lexicons, observations and events against sentences that must and must not be found.
//!
//! Two sources: the sentences in `tests/fixtures/lexicons/*.toml`, which always run, and the phrase banks
//! of the shared folder, which run where it is present. Each sentence is tried in Simplified and in
//! Traditional. What only a guard can tell (negation, quotation, who speaks, what follows) is listed in
//! [`GUARDED`] with the guard that must decide, and nothing else may be missed.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use zhijian::text::{
    Folded, Match, Phrases, PhrasesBuilder, Set, SetId, SlotContext, covers_all, negated, quoted,
};

/// How a lexicon is meant to be used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Anywhere in a message.
    Anywhere,
    /// Only when nothing else is said.
    WholeTurn,
    /// Anywhere, with characters slipped in.
    Evasion,
}

use Use::{Anywhere, Evasion, WholeTurn};

/// Phrase banks, and the lexicons that together must find their hits.
const BANKS: &[(&str, &[(&str, Use)])] = &[
    (
        "PROFANITY",
        &[("profanity", Evasion), ("profanity-obfuscated", Evasion)],
    ),
    ("PROF_OBF", &[("profanity-obfuscated", Evasion)]),
    ("ARGUE", &[("argue", Anywhere)]),
    ("DEFLECT", &[("deflect", Anywhere)]),
    ("PERFUNCT", &[("perfunctory", WholeTurn)]),
    ("IMPATIENT", &[("impatient", Anywhere)]),
    ("COLD", &[("cold", WholeTurn)]),
    ("PROVOKE", &[("provoke", Anywhere), ("sneer", WholeTurn)]),
    ("EXAGG", &[("exaggeration", Anywhere)]),
    ("OVERPROM", &[("overpromise", Anywhere)]),
    ("HARDSELL", &[("hard-sell", Anywhere)]),
    ("GREET", &[("salute", Anywhere), ("presence", Anywhere)]),
    ("WELCOME", &[("welcome", Anywhere)]),
    ("OFFER", &[("service-offer", Anywhere)]),
    ("SELFINTRO", &[("self-intro", Anywhere)]),
    ("HAPPY", &[("glad", Anywhere)]),
    ("APOLOGY", &[("apology", Anywhere)]),
    ("EMPATHY", &[("empathy", Anywhere)]),
    ("THANKS", &[("thanks", Anywhere)]),
    ("CLOSECHECK", &[("close-check", Anywhere)]),
    ("FAREWELL", &[("farewell", Anywhere)]),
    ("COLLECT", &[("collect", Anywhere)]),
    ("HOLD", &[("hold", Anywhere)]),
    ("HOLDBACK", &[("hold-back", Anywhere)]),
    ("CALM", &[("calm", Anywhere), ("empathy", Anywhere)]),
    ("SOLUTION", &[("solution", Anywhere)]),
    ("ASKACCEPT", &[("ask-accept", Anywhere)]),
    ("VERIFYLATER", &[("verify-later", Anywhere)]),
    ("ETA", &[("eta-words", Anywhere)]),
    ("VAGUEETA", &[("vague-eta", Anywhere)]),
    ("HEDGE", &[("hedge", Anywhere)]),
    ("AMBIG", &[("ambiguous", Anywhere)]),
    ("COURTESY", &[("courtesy", Anywhere)]),
    (
        "ESCTRIG",
        &[
            ("escalation-trigger", Anywhere),
            ("repeated-contact", Anywhere),
        ],
    ),
    ("ESCACT", &[("escalated", Anywhere)]),
    ("PROGRESS", &[("progress", Anywhere)]),
    ("RECORD", &[("record", Anywhere)]),
    ("REPROCESS", &[("reprocess", Anywhere)]),
    ("COMPLAINTTRIG", &[("complaint", Anywhere)]),
    ("DISSAT", &[("dissatisfied", Anywhere)]),
    ("DAMAGETRIG", &[("damage", Anywhere)]),
    ("RETURNTRIG", &[("return-request", Anywhere)]),
    ("LOGITRIG", &[("logistics-trouble", Anywhere)]),
    ("TRANSFEROUT", &[("transfer-out", Anywhere)]),
    ("TRANSFERIN", &[("transfer-in", Anywhere)]),
    ("OFFPLATFORM", &[("off-platform", Evasion)]),
    ("PIIASK", &[("ask-secrets", Anywhere)]),
    ("SECRET", &[("company-secret", Anywhere)]),
    ("REVIEWASK", &[("review-ask", Anywhere)]),
    ("REVIEWINDUCE", &[("review-induce", Anywhere)]),
    ("REFUSERETURN", &[("refuse-return", Anywhere)]),
    ("BRUSH", &[("brush", Anywhere)]),
    ("OFFWORK", &[("off-work", Anywhere)]),
    ("TYPO", &[("typo", Anywhere)]),
];

/// Look-alikes that the words alone cannot tell from a hit, and the guard that can.
const GUARDED: &[(&str, &str, &str)] = &[];

/// Lexicons that are used as whole turns or with evasion; all others anywhere.
const USES: &[(&str, Use)] = &[
    ("perfunctory", WholeTurn),
    ("cold", WholeTurn),
    ("sneer", WholeTurn),
    ("bare-yes", WholeTurn),
    ("closers", WholeTurn),
    ("profanity-obfuscated", Evasion),
    ("off-platform", Evasion),
];

#[derive(Default, Clone)]
struct Words {
    phrases: Vec<String>,
    except: Vec<String>,
}

fn strings(value: &Value) -> Vec<String> {
    value
        .as_array()
        .map(|list| {
            list.iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect()
        })
        .unwrap_or_default()
}

fn read_toml(path: &str) -> Value {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&full).unwrap_or_else(|error| panic!("{path}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn lexicons() -> BTreeMap<String, Words> {
    read_toml("standards/lexicons.toml")["lexicons"]
        .as_object()
        .expect("[lexicons.NAME] tables")
        .iter()
        .map(|(name, table)| {
            let words = Words {
                phrases: strings(&table["phrases"]),
                except: table.get("except").map(strings).unwrap_or_default(),
            };
            (name.clone(), words)
        })
        .collect()
}

/// A pattern that is nothing but `@name` stands for that lexicon, its exceptions included.
fn spliced(words: &Words, all: &BTreeMap<String, Words>) -> Words {
    let mut out = Words {
        phrases: Vec::new(),
        except: words.except.clone(),
    };
    for phrase in &words.phrases {
        match phrase.strip_prefix('@').and_then(|name| all.get(name)) {
            Some(lexicon) => {
                let inner = spliced(lexicon, all);
                out.phrases.extend(inner.phrases);
                out.except.extend(inner.except);
            }
            None => out.phrases.push(phrase.clone()),
        }
    }
    out
}

/// Everything compiled into one automaton, as a standard would be.
struct Bench {
    phrases: Phrases,
    sets: BTreeMap<String, SetId>,
    patterns: BTreeMap<String, Vec<String>>,
}

impl Bench {
    fn new(tables: &BTreeMap<String, Words>, evasive: &[&str]) -> Self {
        let lexicons = lexicons();
        let mut builder = PhrasesBuilder::new();
        for (name, words) in &lexicons {
            builder.lexicon(name, words.phrases.clone());
        }
        let mut sets = BTreeMap::new();
        let mut patterns = BTreeMap::new();
        let mut mistakes = Vec::new();
        for (name, words) in tables {
            let words = spliced(words, &lexicons);
            let set = Set {
                patterns: &words.phrases,
                except: &words.except,
                evasion: evasive.contains(&name.as_str()),
            };
            match builder.add(set) {
                Ok(id) => {
                    sets.insert(name.clone(), id);
                }
                Err(errors) => mistakes.extend(
                    errors
                        .into_iter()
                        .map(|(which, error)| format!("{name} {which:?}: {}", error.message.en)),
                ),
            }
            patterns.insert(name.clone(), words.phrases);
        }
        assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
        Self {
            phrases: builder.build(),
            sets,
            patterns,
        }
    }

    /// What `name` finds in a sentence: the words, and the pattern.
    fn hits(&self, name: &str, used: Use, text: &str) -> Vec<(String, String)> {
        let folded = Folded::new(text);
        let mut found: Vec<Match> = Vec::new();
        self.phrases
            .scan(&folded, &SlotContext::default(), &mut found);
        let set = self.sets[name];
        found
            .into_iter()
            .filter(|one| one.set == set)
            .filter(|one| used != WholeTurn || covers_all(folded.plain(), one.plain))
            .map(|one| {
                (
                    one.span.of(text).to_owned(),
                    self.patterns[name][one.pattern as usize].clone(),
                )
            })
            .collect()
    }
}

fn all_lexicons() -> Bench {
    Bench::new(
        &lexicons(),
        &["profanity", "profanity-obfuscated", "off-platform"],
    )
}

fn traditional(text: &str) -> String {
    fast2s::convert(text)
}

/// A bank's sentence without the remark in brackets at its end, and the speaker that it names.
fn sentence(item: &str) -> (Option<&str>, &str) {
    let (speaker, text) = match item.split_once(':') {
        Some(("客户", rest)) => (Some("客户"), rest),
        _ => (None, item),
    };
    let text = text.trim_end();
    for (open, close) in [('(', ')'), ('（', '）')] {
        if let Some(at) = text
            .rfind(open)
            .filter(|&at| at > 0 && text.ends_with(close))
        {
            return (speaker, &text[..at]);
        }
    }
    (speaker, text)
}

#[test]
fn every_hit_of_the_banks_is_found_and_no_look_alike() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/domain/banks.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("../shared/domain/banks.json is absent: the banks are not checked");
        return;
    };
    let banks: Value = serde_json::from_str(&text).expect("banks.json is JSON");
    let bench = all_lexicons();
    let mut wrong = Vec::new();
    for (bank, used) in BANKS {
        let table = banks
            .get("banks")
            .unwrap_or(&banks)
            .get(*bank)
            .unwrap_or(&Value::Null);
        let find = |text: &str| {
            used.iter()
                .flat_map(|(name, how)| bench.hits(name, *how, text))
                .collect::<Vec<_>>()
        };
        for item in strings(&table["hit"]) {
            let (_, text) = sentence(&item);
            if find(text).is_empty() && !GUARDED.contains(&(*bank, item.as_str(), "missed")) {
                wrong.push(format!("{bank}: missed  {item}"));
            }
        }
        for item in strings(&table["nohit"]) {
            let (speaker, text) = sentence(&item);
            let found = find(text);
            let guarded = GUARDED
                .iter()
                .any(|(of, what, _)| of == bank && *what == item);
            if !found.is_empty() && speaker.is_none() && !guarded {
                wrong.push(format!("{bank}: wrongly {item}   {found:?}"));
            }
            if found.is_empty() && guarded {
                wrong.push(format!("{bank}: needs no guard {item}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
