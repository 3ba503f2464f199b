//! Whether the examples of the built-in rules would notice a change: every rule is changed in one place
//! at a time (a phrase dropped, a window widened, a guard removed), and its own `flags` and `allows` must
//! no longer all come out.
//!
//! The thing to know: only what stands in the rule is changed. A lexicon it names counts as one phrase;
//! the phrases inside have tests of their own (`tests/banks.rs`).

#![allow(
    clippy::print_stderr,
    reason = "the mutants that nobody noticed are worth reading"
)]

use std::collections::BTreeMap;

use toml::{Table, Value};
use zhijian::prove::prove;
use zhijian::rule::compile::alternatives;
use zhijian::standard::built_in::{STANDARDS, Shared};
use zhijian::standard::compile_rules;
use zhijian::text::Words;

/// The share of mutants that the examples must notice.
const NOTICED: f64 = 0.9;

/// Lists and strings of phrases. Dropping one is a mutation.
const PHRASES: &[&str] = &[
    "any",
    "whole-turn",
    "said",
    "except",
    "make",
    "new-fact",
    "all",
    "also",
];
/// Tables whose values are lists of phrases.
const NAMED_PHRASES: &[&str] = &["parts", "groups"];
/// Lengths of time and counts: a window, a limit.
const WINDOWS: &[&str] = &[
    "messages",
    "time",
    "limit",
    "within",
    "over",
    "hold",
    "due",
    "count",
    "at-least",
    "min-length",
    "similarity",
];
/// What narrows a rule; without it the rule says more than it should.
const NARROWING: &[&str] = &[
    "when",
    "unless",
    "except",
    "boundary",
    "stage",
    "after-question",
    "at-least",
    "waived-by",
    "first-customer-turn",
];

struct Mutant {
    rule: String,
    what: String,
    table: Table,
}

#[test]
fn examples_notice_a_changed_rule() {
    let words = Words::bundled();
    let mut standards: Vec<(String, String)> = STANDARDS
        .iter()
        .map(|standard| (standard.id.to_owned(), standard.text().to_owned()))
        .collect();
    standards.push(("house".to_owned(), Shared::House.text().to_owned()));
    let (mut noticed, mut all) = (0_usize, 0_usize);
    let mut missed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let only = std::env::var("ZHIJIAN_RULE").ok();
    for (id, text) in &standards {
        let whole: Table = text.parse().expect("built-in standards are TOML");
        for (kind, rule) in rules(&whole) {
            let name = format!("{id}/{}", rule["id"].as_str().unwrap_or_default());
            if only
                .as_ref()
                .is_some_and(|only| !name.contains(only.as_str()))
            {
                continue;
            }
            let comes_out = |rule: &Table| -> Option<bool> {
                let text = alone(id, &whole, kind, rule);
                let standard = compile_rules(&text, "mutant.toml").ok()?;
                Some(prove(&standard, &text, "mutant.toml", &words).is_empty())
            };
            assert_eq!(comes_out(&rule), Some(true), "{name} as it is written");
            for mutant in mutants(&name, kind, &rule) {
                // A mutant that no longer compiles says nothing of the examples.
                let Some(unnoticed) = comes_out(&mutant.table) else {
                    continue;
                };
                all += 1;
                if unnoticed {
                    missed.entry(mutant.rule).or_default().push(mutant.what);
                } else {
                    noticed += 1;
                }
            }
        }
    }
    for (rule, what) in &missed {
        eprintln!("{rule}\n    {}", what.join("\n    "));
    }
    #[allow(clippy::cast_precision_loss)] // A few thousand.
    let share = noticed as f64 / all as f64;
    eprintln!(
        "{noticed} of {all} mutants noticed ({:.1} %)",
        share * 100.0
    );
    assert!(share >= NOTICED, "{noticed} of {all} mutants noticed");
}

/// The rules of a standard with the word of their kind.
fn rules(standard: &Table) -> Vec<(&str, Table)> {
    let kinds = standard["rules"].as_table().expect("rules");
    kinds
        .iter()
        .flat_map(|(kind, list)| {
            list.as_array()
                .into_iter()
                .flatten()
                .filter_map(move |rule| Some((kind.as_str(), rule.as_table()?.clone())))
        })
        .collect()
}

/// A standard that holds this rule and nothing else but the lexicons.
fn alone(id: &str, whole: &Table, kind: &str, rule: &Table) -> String {
    let mut text = Table::new();
    text.insert("schema".into(), "zhijian-standard/1".into());
    text.insert("id".into(), id.into());
    text.insert("version".into(), "1.0.0".into());
    let title = Table::from_iter([("zh".into(), "x".into()), ("en".into(), "x".into())]);
    text.insert("title".into(), title.clone().into());
    if let Some(gap) = whole.get("session-gap") {
        text.insert("session-gap".into(), gap.clone());
    }
    let dimension = Table::from_iter([
        ("id".into(), rule["dimension"].clone()),
        ("title".into(), title.into()),
        ("weight".into(), 100.into()),
    ]);
    text.insert("dimensions".into(), Value::Array(vec![dimension.into()]));
    if let Some(lexicons) = whole.get("lexicons") {
        text.insert("lexicons".into(), lexicons.clone());
    }
    let rules = Table::from_iter([(
        kind.to_owned(),
        Value::Array(vec![Value::Table(rule.clone())]),
    )]);
    text.insert("rules".into(), rules.into());
    toml::to_string(&text).expect("what was read can be written")
}

fn mutants(name: &str, kind: &str, rule: &Table) -> Vec<Mutant> {
    let mut out = Vec::new();
    let mut push = |what: String, table: Table| {
        out.push(Mutant {
            rule: name.to_owned(),
            what,
            table,
        });
    };
    // Guards: those a rule names, and those every `forbid` has.
    let guards: Vec<&str> = match rule.get("guards").and_then(Value::as_array) {
        Some(list) => list.iter().filter_map(Value::as_str).collect(),
        None if kind == "forbid" => vec!["negation", "quotation"],
        None => Vec::new(),
    };
    for guard in &guards {
        let rest = guards.iter().filter(|one| one != &guard);
        let mut table = rule.clone();
        let rest = rest.map(|one| Value::from(*one)).collect::<Vec<_>>();
        table.insert("guards".into(), Value::Array(rest));
        push(format!("without the guard {guard}"), table);
    }
    for key in NARROWING {
        if rule.contains_key(*key) {
            let mut table = rule.clone();
            table.remove(*key);
            push(format!("without {key}"), table);
        }
    }
    let mut path = Vec::new();
    walk(
        &Value::Table(rule.clone()),
        &mut path,
        false,
        &mut |path, what, value| {
            let mut table = Value::Table(rule.clone());
            *at(&mut table, path) = value;
            if let Value::Table(table) = table {
                push(format!("{}: {what}", show(path)), table);
            }
        },
    );
    out
}

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Index(usize),
}

fn show(path: &[Step]) -> String {
    let parts = path.iter().map(|step| match step {
        Step::Key(key) => key.clone(),
        Step::Index(index) => index.to_string(),
    });
    parts.collect::<Vec<_>>().join(".")
}

fn at<'v>(value: &'v mut Value, path: &[Step]) -> &'v mut Value {
    path.iter().fold(value, |value, step| match step {
        Step::Key(key) => &mut value[key.as_str()],
        Step::Index(index) => &mut value[*index],
    })
}

/// Visits everything in a rule that can be changed, with what it becomes.
fn walk(
    value: &Value,
    path: &mut Vec<Step>,
    phrases: bool,
    visit: &mut impl FnMut(&[Step], String, Value),
) {
    match value {
        Value::Table(table) => {
            for (key, inner) in table {
                let skip = [
                    "flags", "allows", "advice", "title", "titles", "clauses", "raise", "tiers",
                    "soft",
                ];
                if skip.contains(&key.as_str()) {
                    continue;
                }
                path.push(Step::Key(key.clone()));
                let named = path.len() >= 2
                    && matches!(&path[path.len() - 2], Step::Key(k) if NAMED_PHRASES.contains(&k.as_str()));
                if WINDOWS.contains(&key.as_str()) {
                    widen(inner, path, visit);
                }
                walk(inner, path, named || PHRASES.contains(&key.as_str()), visit);
                path.pop();
            }
        }
        Value::Array(list) if phrases && list.iter().all(Value::is_str) && list.len() > 1 => {
            for (index, dropped) in list.iter().enumerate() {
                let mut rest = list.clone();
                rest.remove(index);
                let what = format!("without {dropped}");
                visit(path, what, Value::Array(rest));
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                path.push(Step::Index(index));
                walk(inner, path, phrases, visit);
                path.pop();
            }
        }
        Value::String(text) if phrases => {
            let parts = alternatives(text);
            if parts.len() > 1 {
                for index in 0..parts.len() {
                    let mut rest = parts.clone();
                    let dropped = rest.remove(index);
                    visit(path, format!("without {dropped}"), rest.join("|").into());
                }
            }
        }
        _ => {}
    }
}

fn widen(value: &Value, path: &[Step], visit: &mut impl FnMut(&[Step], String, Value)) {
    match value {
        Value::Integer(number) => {
            let wider = number * 3 + 3;
            visit(path, format!("{number} becomes {wider}"), wider.into());
        }
        Value::String(text) => {
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
            if let Ok(number) = text[..end].parse::<i64>() {
                let wider = format!("{}{}", number * 3, &text[end..]);
                visit(path, format!("{text} becomes {wider}"), wider.into());
            }
        }
        _ => {}
    }
}
