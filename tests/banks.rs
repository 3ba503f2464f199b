//! The shared lexicons, observations and events against sentences that must and must not be found.
//!
//! Two sources: the sentences in `tests/fixtures/lexicons/*.toml`, which always run, and the phrase banks
//! of the shared folder, which run where it is present. Each sentence is tried in Simplified and in
//! Traditional. What only a guard can tell (negation, quotation, who speaks, what follows) is listed in
//! [`GUARDED`] with the guard that must decide, and nothing else may be missed.

#![allow(clippy::print_stderr, reason = "a check that is skipped says so")]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use zhijian::text::{
    Folded, Match, Phrases, PhrasesBuilder, Set, SetId, SlotContext, Spellings, Steps, covers_all,
    negated, quoted,
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
    ("NEEDPROBE", &[("need-probe", Anywhere)]),
    ("RECOMMEND", &[("recommendation", Anywhere)]),
    ("PRODINFO", &[("product-facts", Anywhere)]),
    ("PROMO", &[("promotion", Anywhere)]),
    ("ORDERGUIDE", &[("order-guide", Anywhere)]),
    ("REVISIT", &[("revisit", Anywhere)]),
    ("PAYURGE", &[("pay-reminder", Anywhere)]),
    ("PRICECHG", &[("price-changed", Anywhere)]),
    ("ORDERACK", &[("order-received", Anywhere)]),
    ("SHIPETA", &[("ship-eta", Anywhere)]),
    ("TRACKING", &[("tracking-given", Anywhere)]),
    ("LOGIFOLLOW", &[("carrier-chased", Anywhere)]),
    ("STOCKTRIG", &[("shortage-told", Anywhere)]),
    ("ORDERCONFIRM", &[("order-read-back", Anywhere)]),
    ("MODIFYTRIG", &[("change-request", Anywhere)]),
    ("IDVERIFY", &[("identity-asked", Anywhere)]),
    ("PAYHELP", &[("pay-help", Anywhere)]),
    ("CANCELREASON", &[("cancel-reason-asked", Anywhere)]),
    ("DELIVERCHECK", &[("delivery-checked", Anywhere)]),
    ("EVIDENCEASK", &[("evidence-asked", Anywhere)]),
    ("ORDERNOASK", &[("order-no-asked", Anywhere)]),
    ("RETURNFLOW", &[("return-explained", Anywhere)]),
    ("REFUNDTIME", &[("refund-eta", Anywhere)]),
    ("FREIGHT", &[("freight-borne", Anywhere)]),
    ("IMPROVE", &[("improvement", Anywhere)]),
    ("RESULTBACK", &[("result-told", Anywhere)]),
    ("SATASK", &[("satisfaction-asked", Anywhere)]),
    ("TROUBLESHOOT", &[("troubleshooting", Anywhere)]),
    ("PRAISE", &[("praise-answered", Anywhere)]),
];

/// Look-alikes that the words alone cannot tell from a hit, and the guard that can.
///
/// `missed` is a hit that no phrase list can know.
const GUARDED: &[(&str, &str, &str)] = &[
    ("PROFANITY", "您刚才说“滚”,我理解您很生气", "quotation"),
    (
        "DEFLECT",
        "这不归我管,我马上帮您转给售后小周并备注好",
        "own-action",
    ),
    ("DEFLECT", "虽然不是我们的问题,但我帮您一起催", "own-action"),
    ("EXAGG", "不能保证百分百没有色差", "negation"),
    ("OVERPROM", "没法保证明天一定到", "negation"),
    ("VAGUEETA", "尽快,最晚今天18点", "stated time"),
    ("VAGUEETA", "预计明天,尽快", "stated time"),
    // Needs the agent's name from the profile, and a judgement of the writing.
    ("SELFINTRO", "This is Mia", "missed"),
    ("TYPO", "货号打错一长串无标点", "missed"),
];

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

#[derive(Clone)]
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

/// How the shared lexicons spell phrases otherwise.
fn spellings() -> Spellings {
    let table = &read_toml("standards/lexicons.toml")["spellings"];
    let text = |key: &str| {
        table[key]
            .as_str()
            .unwrap_or_else(|| panic!("{key}"))
            .to_owned()
    };
    let mut spellings = Spellings::default();
    spellings.readings(&text("pinyin"));
    spellings.words(&text("words"));
    spellings.split(&text("split"));
    spellings.emoji(&text("emoji"));
    spellings
}

/// Every step a built-in rule asks for, but the pause, which needs the dictionary.
fn disguises() -> Steps {
    Steps::EVASION | Steps::SPLIT | Steps::PINYIN | Steps::INITIALS
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
        builder.spellings(spellings());
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
                evasion: if evasive.contains(&name.as_str()) {
                    disguises()
                } else {
                    Steps::NONE
                },
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

    fn scan(&self, text: &str) -> (Folded, Vec<Match>) {
        let folded = Folded::new(text);
        let mut found = Vec::new();
        self.phrases
            .scan(&folded, &SlotContext::default(), &mut found);
        (folded, found)
    }

    /// What `name` finds in a sentence.
    fn found(&self, name: &str, used: Use, text: &str) -> Vec<Match> {
        let (folded, mut found) = self.scan(text);
        let set = self.sets[name];
        found.retain(|one| {
            one.set == set && (used != WholeTurn || covers_all(folded.plain(), one.plain))
        });
        found
    }

    /// The same as words and patterns.
    fn hits(&self, name: &str, used: Use, text: &str) -> Vec<(String, String)> {
        self.found(name, used, text)
            .into_iter()
            .map(|one| {
                (
                    one.span.of(text).to_owned(),
                    self.patterns[name][one.pattern as usize].clone(),
                )
            })
            .collect()
    }

    /// The first of these lexicons that finds something, and what.
    fn any(&self, names: &[&'static str], text: &str) -> Option<(&'static str, String)> {
        let (_, found) = self.scan(text);
        names.iter().find_map(|&name| {
            let hit = found.iter().find(|one| one.set == self.sets[name])?;
            Some((name, hit.span.of(text).to_owned()))
        })
    }
}

fn all_lexicons() -> Bench {
    Bench::new(
        &lexicons(),
        &["profanity", "profanity-obfuscated", "off-platform"],
    )
}

/// Simplified to Traditional, character by character: enough to prove that folding takes it back.
struct Traditional(BTreeMap<char, char>);

impl Traditional {
    fn new() -> Self {
        let mut table = BTreeMap::new();
        for traditional in '\u{4e00}'..='\u{9fff}' {
            let mut simplified = fast2s::convert(&traditional.to_string())
                .chars()
                .collect::<Vec<_>>();
            if simplified.len() == 1
                && let Some(simplified) = simplified.pop()
                && simplified != traditional
            {
                table.entry(simplified).or_insert(traditional);
            }
        }
        Self(table)
    }

    fn of(&self, text: &str) -> String {
        text.chars()
            .map(|one| self.0.get(&one).copied().unwrap_or(one))
            .collect()
    }
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

/// What the lexicons of a bank find.
fn bank_hits(bench: &Bench, used: &[(&str, Use)], text: &str) -> Vec<(String, String)> {
    used.iter()
        .flat_map(|(name, how)| bench.hits(name, *how, text))
        .collect()
}

fn report(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_hit_of_the_banks_is_found_and_no_look_alike() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/domain/banks.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("../shared/domain/banks.json is absent: the banks are not checked");
        return;
    };
    let banks: Value = serde_json::from_str(&text).expect("banks.json is JSON");
    let banks = banks.get("banks").unwrap_or(&banks);
    for (name, _) in banks.as_object().expect("banks by name") {
        // These two are told by more than words: `tests/banks_inspected.rs` tries them.
        let is_kind = ["REASK", "PIILEAK"].contains(&name.as_str());
        assert!(
            is_kind || BANKS.iter().any(|(bank, _)| bank == name),
            "{name}"
        );
    }
    let bench = all_lexicons();
    let traditional = Traditional::new();
    let mut wrong = Vec::new();
    for (bank, used) in BANKS {
        for item in strings(&banks[*bank]["hit"]) {
            let (_, text) = sentence(&item);
            for text in scripts(&traditional, text) {
                if bank_hits(&bench, used, &text).is_empty()
                    && !GUARDED.contains(&(*bank, item.as_str(), "missed"))
                {
                    wrong.push(format!("{bank}: missed  {text}"));
                }
            }
        }
        for item in strings(&banks[*bank]["nohit"]) {
            let (speaker, text) = sentence(&item);
            for text in scripts(&traditional, text) {
                let found = bank_hits(&bench, used, &text);
                let guarded = GUARDED
                    .iter()
                    .any(|(of, what, _)| of == bank && *what == item);
                if !found.is_empty() && speaker.is_none() && !guarded {
                    wrong.push(format!("{bank}: wrongly {text}   {found:?}"));
                }
                if found.is_empty() && guarded {
                    wrong.push(format!("{bank}: needs no guard {text}"));
                }
            }
        }
    }
    report(&wrong);
}

/// A phrase does not get away by what is put between its characters.
#[test]
fn disguised_phrases_are_still_found() {
    let bench = all_lexicons();
    let own = read_toml("tests/fixtures/lexicons/banks.toml");
    let (mut tried, mut wrong) = (0, Vec::new());
    for bank in ["PROFANITY", "PROF_OBF", "OFFPLATFORM"] {
        let (_, used) = BANKS.iter().find(|(name, _)| *name == bank).expect(bank);
        for text in strings(&own[bank]["hit"]) {
            let all = used
                .iter()
                .flat_map(|(name, how)| bench.found(name, *how, &text));
            let Some(found) = all.max_by_key(|one| one.span.len()) else {
                continue;
            };
            let inside = found.span.of(&text);
            let han = |one: Option<char>| one.is_some_and(|c| c.is_alphabetic() && !c.is_ascii());
            for (at, _) in inside.char_indices().skip(1) {
                let (left, right) = (
                    inside[..at].chars().next_back(),
                    inside[at..].chars().next(),
                );
                if !han(left) || !han(right) {
                    continue;
                }
                for put in [
                    "*",
                    ".",
                    "_·_",
                    "\u{200b}",
                    "\u{336}",
                    "\u{489}",
                    "\u{301}\u{302}",
                ] {
                    let mut text = text.clone();
                    text.insert_str(found.span.start + at, put);
                    tried += 1;
                    if bank_hits(&bench, used, &text).is_empty() {
                        wrong.push(format!("{bank}: {text:?}"));
                    }
                }
            }
        }
    }
    assert!(tried > 300, "{tried} disguises");
    report(&wrong);
}

#[test]
fn the_guards_take_back_what_words_alone_cannot_tell() {
    let bench = all_lexicons();
    for (bank, text, guard) in GUARDED {
        let (_, used) = BANKS.iter().find(|(name, _)| name == bank).expect(bank);
        let folded = Folded::new(text);
        for (name, _) in *used {
            for found in bench.found(name, Anywhere, text) {
                let taken_back = match *guard {
                    "quotation" => quoted(folded.plain(), found.plain).is_some(),
                    "negation" => negated(folded.plain(), found.plain).is_some(),
                    "own-action" => !bench.hits("own-action", Anywhere, text).is_empty(),
                    "stated time" => !bench.hits("eta-words", Anywhere, text).is_empty(),
                    _ => true,
                };
                assert!(taken_back, "{bank}: {text}: {guard} does not hold");
            }
        }
    }
}

/// Both scripts of a sentence.
fn scripts(traditional: &Traditional, text: &str) -> [String; 2] {
    [text.to_owned(), traditional.of(text)]
}

#[test]
fn our_own_sentences_in_both_scripts() {
    let bench = all_lexicons();
    let traditional = Traditional::new();
    let mut wrong = Vec::new();
    for file in ["banks", "own"] {
        let table = read_toml(&format!("tests/fixtures/lexicons/{file}.toml"));
        for (name, sentences) in table.as_object().expect("tables") {
            if name == "observations" {
                continue;
            }
            let own = [(
                name.as_str(),
                USES.iter()
                    .find(|(of, _)| of == name)
                    .map_or(Anywhere, |(_, how)| *how),
            )];
            let used = BANKS
                .iter()
                .find(|(bank, _)| bank == name)
                .map_or(&own[..], |(_, used)| used);
            let hits = strings(&sentences["hit"]);
            assert!(file == "banks" || hits.len() >= 6, "{name}: too few hits");
            for text in hits.iter().flat_map(|text| scripts(&traditional, text)) {
                if bank_hits(&bench, used, &text).is_empty() {
                    wrong.push(format!("{name}: missed  {text}"));
                }
            }
            for text in strings(&sentences["not"])
                .iter()
                .flat_map(|text| scripts(&traditional, text))
            {
                let found = bank_hits(&bench, used, &text);
                if !found.is_empty() {
                    wrong.push(format!("{name}: wrongly {text}   {found:?}"));
                }
            }
        }
    }
    report(&wrong);
}

/// One entry of `standards/observations.toml`, as far as the words of a message decide.
struct Observe {
    name: String,
    guards: Vec<String>,
}

#[test]
fn observations_name_what_they_should() {
    let mut tables = BTreeMap::new();
    let mut observes: Vec<Observe> = Vec::new();
    let list = read_toml("standards/observations.toml");
    for (index, entry) in list["observe"]
        .as_array()
        .expect("[[observe]]")
        .iter()
        .enumerate()
    {
        let kind = entry["kind"].as_str().expect("a kind");
        let name = entry
            .get("label")
            .and_then(Value::as_str)
            .map_or(kind.to_owned(), |label| format!("{kind}/{label}"));
        let get = |key: &str| entry.get(key).map(strings).unwrap_or_default();
        tables.insert(
            format!("{index}"),
            Words {
                phrases: get("any"),
                except: get("except"),
            },
        );
        let whole = get("whole-turn");
        if !whole.is_empty() {
            tables.insert(
                format!("{index} whole"),
                Words {
                    phrases: whole,
                    except: Vec::new(),
                },
            );
        }
        observes.push(Observe {
            name,
            guards: get("guards"),
        });
    }
    let bench = Bench::new(&tables, &[]);
    let fires = |index: usize, text: &str| -> Vec<String> {
        let folded = Folded::new(text);
        let any = format!("{index}");
        let mut out: Vec<String> = bench
            .found(&any, Anywhere, text)
            .into_iter()
            .filter(|one| {
                !observes[index]
                    .guards
                    .iter()
                    .any(|guard| match guard.as_str() {
                        "negation" => negated(folded.plain(), one.plain).is_some(),
                        "quotation" => quoted(folded.plain(), one.plain).is_some(),
                        other => panic!("no guard {other}"),
                    })
            })
            .map(|one| bench.patterns[&any][one.pattern as usize].clone())
            .collect();
        let whole = format!("{index} whole");
        if bench.sets.contains_key(&whole) {
            out.extend(
                bench
                    .hits(&whole, WholeTurn, text)
                    .into_iter()
                    .map(|(_, by)| by),
            );
        }
        out
    };
    let traditional = Traditional::new();
    let fixtures = read_toml("tests/fixtures/lexicons/own.toml");
    let fixtures = fixtures["observations"].as_object().expect("observations");
    let mut wrong = Vec::new();
    for (name, sentences) in fixtures {
        let indices: Vec<usize> = (0..observes.len())
            .filter(|&index| observes[index].name == *name)
            .collect();
        assert!(!indices.is_empty(), "no observation {name}");
        let find = |text: &str| -> Vec<String> {
            indices
                .iter()
                .flat_map(|&index| fires(index, text))
                .collect()
        };
        for text in strings(&sentences["hit"])
            .iter()
            .flat_map(|text| scripts(&traditional, text))
        {
            if find(&text).is_empty() {
                wrong.push(format!("{name}: missed  {text}"));
            }
        }
        for text in strings(&sentences["not"])
            .iter()
            .flat_map(|text| scripts(&traditional, text))
        {
            let found = find(&text);
            if !found.is_empty() {
                wrong.push(format!("{name}: wrongly {text}   {found:?}"));
            }
        }
    }
    for observe in &observes {
        if !fixtures.contains_key(&observe.name) {
            wrong.push(format!("{} has no sentences", observe.name));
        }
    }
    report(&wrong);
}

/// The lexicons that make a finding by themselves, looked for in talk that has no such fault.
const BANNED: &[&str] = &[
    "profanity",
    "profanity-obfuscated",
    "argue",
    "deflect",
    "impatient",
    "provoke",
    "exaggeration",
    "overpromise",
    "hard-sell",
    "off-platform",
    "ask-secrets",
    "company-secret",
    "review-induce",
    "refuse-return",
    "brush",
    "off-work",
    "blame-customer",
    "threat",
    "rights-steering",
    "hedge",
    "ambiguous",
    "vague-eta",
];

#[test]
fn talk_without_faults_stays_quiet() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/fixtures/reference/conversations/zh_crosswoz_1000.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("../shared has no travel talk: false positives are not counted");
        return;
    };
    let bench = all_lexicons();
    let (mut messages, mut loud) = (0_usize, Vec::new());
    for line in text.lines() {
        let talk: Value = serde_json::from_str(line).expect("a line of JSON");
        for message in talk["messages"].as_array().expect("messages") {
            if message["role"] != "agent" {
                continue;
            }
            messages += 1;
            let text = message["text"].as_str().unwrap_or_default();
            if let Some((name, found)) = bench.any(BANNED, text) {
                loud.push(format!("{name} {found}: {text}"));
            }
        }
    }
    assert!(messages > 1_000);
    let most = messages / 200;
    assert!(
        loud.len() <= most,
        "{} of {messages}\n{}",
        loud.len(),
        loud.join("\n")
    );
}

#[test]
fn events_read_system_messages() {
    let list = read_toml("standards/events.toml");
    let mut tables = BTreeMap::new();
    for (kind, key) in [("events", "id"), ("stages", "stage")] {
        for entry in list[kind].as_array().expect("a list") {
            let words = Words {
                phrases: strings(&entry["any"]),
                except: entry.get("except").map(strings).unwrap_or_default(),
            };
            tables.insert(entry[key].as_str().expect("a name").to_owned(), words);
        }
    }
    let bench = Bench::new(&tables, &[]);
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "order-placed",
            &["[系统] 买家已拍下", "订单已创建", "等待买家付款"],
            &["买家已付款", "订单已取消"],
        ),
        (
            "order-paid",
            &[
                "[系统] 买家已付款",
                "[系统] 买家已付款 订单 240506-771203",
                "支付成功",
            ],
            &["等待买家付款", "付款失败"],
        ),
        (
            "order-shipped",
            &[
                "[系统] 订单 240506-771203 已发货",
                "卖家已发货",
                "包裹已揽收",
            ],
            &["等待卖家发货", "买家已付款"],
        ),
        (
            "delivered",
            &["包裹已签收", "订单已送达", "买家已确认收货"],
            &["包裹未签收", "已发货"],
        ),
        (
            "transfer",
            &["由小雨转交给阿杰", "会话已转接", "正在为您转接人工"],
            &["转账成功", "买家已付款"],
        ),
        (
            "rated",
            &["客户已评价:非常满意", "已邀请客户评价", "客户完成了评价"],
            &["未评价", "买家已付款"],
        ),
        (
            "closed",
            &["会话已结束", "客户离开了会话", "本次会话超时关闭"],
            &["订单已关闭", "买家已付款"],
        ),
        (
            "sale",
            &[
                "怎么还没发货",
                "我想改下地址",
                "快递到哪了",
                "拍好了,什么时候发呀",
                "帮我催一下",
            ],
            &["今天能发吗", "发什么快递", "会不会碎", "现在拍什么时候发货"],
        ),
        (
            "aftersale",
            &[
                "我要退货",
                "用了过敏了",
                "收到是碎的",
                "我要投诉",
                "少发了一件",
                "退款怎么还没到",
            ],
            &[
                "支持七天无理由吗",
                "会不会碎",
                "发什么快递",
                "今天能发吗",
                "保修多久",
            ],
        ),
        (
            "presale",
            &["有货吗", "多少钱", "推荐一款", "支持七天无理由吗"],
            &["我要退货", "快递到哪了"],
        ),
    ];
    let traditional = Traditional::new();
    let mut wrong = Vec::new();
    for (name, hits, not) in cases {
        for text in hits.iter().flat_map(|text| scripts(&traditional, text)) {
            if bench.hits(name, Anywhere, &text).is_empty() {
                wrong.push(format!("{name}: missed  {text}"));
            }
        }
        for text in not.iter().flat_map(|text| scripts(&traditional, text)) {
            let found = bench.hits(name, Anywhere, &text);
            if !found.is_empty() {
                wrong.push(format!("{name}: wrongly {text}   {found:?}"));
            }
        }
    }
    report(&wrong);
}
