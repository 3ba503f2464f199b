//! Every clause of the sources has an answer, and what a rule takes from its source is told apart from
//! what is ours.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use zhijian::report::{Origin, Report};
use zhijian::rule::fields::parse_duration;
use zhijian::standard::catalogue::{Answer, CATALOGUES, Catalogue, Clause, Coverage, markdown};
use zhijian::standard::{self, Standard, built_in};
use zhijian::text::Words;
use zhijian::wire::{self, Advance, Job};

/// Standards whose rules are still being written: their clauses may be pending.
const UNDER_CONSTRUCTION: &[&str] = &[];

/// Fields that hold a figure by which it is decided whether something is a breach.
const FIGURES: &[&str] = &[
    "limit", "within", "at-least", "at-most", "tiers", "target", "soft", "vague",
];

/// What the tests ask of the compiled standards; compiling them takes a while, so it is done once.
struct Compiled {
    coverage: Vec<Coverage>,
    /// Rules by name, with the clauses they cite.
    rules: Vec<(String, Vec<String>)>,
    /// Dimensions by standard.
    dimensions: BTreeMap<String, Vec<String>>,
}

static COMPILED: LazyLock<Compiled> = LazyLock::new(|| {
    let standards: Vec<Standard> = built_in::STANDARDS
        .iter()
        .map(|known| standard::compile(known.text(), &known.file()).expect("compiles"))
        .collect();
    Compiled {
        coverage: catalogues()
            .iter()
            .map(|catalogue| catalogue.coverage(&standards))
            .collect(),
        rules: standards
            .iter()
            .flat_map(|standard| &standard.rules)
            .map(|rule| (rule.name.clone(), rule.common.clauses.clone()))
            .collect(),
        dimensions: standards
            .iter()
            .map(|standard| {
                let ids = standard.dimensions.iter().map(|d| d.id.clone());
                (standard.id.clone(), ids.collect())
            })
            .collect(),
    }
});

fn catalogues() -> Vec<Catalogue> {
    CATALOGUES
        .iter()
        .map(|id| {
            Catalogue::built_in(id)
                .expect("there")
                .expect("no mistakes")
        })
        .collect()
}

#[test]
fn the_sources_have_367_clauses() {
    let counts: Vec<usize> = catalogues().iter().map(|c| c.clauses.len()).collect();
    assert_eq!(counts, [43, 55, 79, 43, 134, 13]);
    let mut ids = BTreeSet::new();
    for clause in catalogues().iter().flat_map(|c| &c.clauses) {
        assert!(ids.insert(clause.id.clone()), "{} twice", clause.id);
    }
}

#[test]
fn every_clause_has_an_answer() {
    let catalogues = catalogues();
    let mut open = Vec::new();
    for coverage in &COMPILED.coverage {
        let catalogue = catalogues
            .iter()
            .find(|catalogue| catalogue.standard == coverage.standard)
            .expect("its catalogue");
        for row in &coverage.clauses {
            let clause = catalogue.clause(&row.id).expect("its clause");
            let tolerated =
                clause.pending && UNDER_CONSTRUCTION.contains(&coverage.standard.as_str());
            if row.answer == Answer::Pending && !tolerated {
                open.push(row.id.clone());
            }
            // Once a standard is whole, nothing in it waits for a rule.
            if clause.pending && !UNDER_CONSTRUCTION.contains(&coverage.standard.as_str()) {
                open.push(format!("{} (pending)", row.id));
            }
            if clause.not_conversation || clause.human {
                assert!(
                    row.rules.is_empty(),
                    "{} is said to be beyond rules and is checked by {:?}",
                    row.id,
                    row.rules
                );
            }
        }
    }
    assert!(open.is_empty(), "no answer: {}", open.join(", "));
}

#[test]
fn rules_cite_clauses_that_exist() {
    let catalogues = catalogues();
    for (name, cited) in &COMPILED.rules {
        let owner = name.split('/').next().expect("a standard");
        for id in cited {
            let known = catalogues
                .iter()
                .any(|c| c.standard == owner && c.clause(id).is_some());
            assert!(known, "{name} cites {id}, which is no clause of {owner}");
        }
    }
    // House clauses that stand in for others, and dimensions that clauses name, are there too.
    for catalogue in &catalogues {
        let dimensions = COMPILED.dimensions.get(&catalogue.standard);
        for clause in &catalogue.clauses {
            for id in &clause.house {
                let house = catalogues.last().expect("the house clauses");
                assert!(house.clause(id).is_some(), "{} names {id}", clause.id);
            }
            if let (Some(dimensions), Some(name)) = (dimensions, &clause.dimension) {
                assert!(
                    dimensions.contains(name),
                    "{} names the dimension {name}",
                    clause.id
                );
            }
        }
    }
}

#[test]
fn sentences_why_are_written_for_their_clause() {
    let mut seen = BTreeMap::new();
    for clause in catalogues().iter().flat_map(|c| &c.clauses) {
        if let Some(why) = &clause.why {
            assert!(
                !why.zh.is_empty() && !why.en.is_empty(),
                "{} says nothing",
                clause.id
            );
            *seen.entry(why.zh.clone()).or_insert(0) += 1;
        }
    }
    // A few clauses say the same thing in several sources; one sentence for everything would say nothing.
    for (why, count) in seen {
        assert!(count <= 8, "“{why}” stands for {count} clauses");
    }
}

/// Whether a figure of a rule is one that the clauses it cites state.
fn is_stated(name: &str, value: &toml::Value, clauses: &[&Clause]) -> bool {
    let millis = |text: &str| parse_duration(text);
    let limit = |wanted: Option<i64>| {
        wanted.is_some() && clauses.iter().any(|clause| clause.limit == wanted)
    };
    match (name, value) {
        ("limit", toml::Value::String(text)) => limit(millis(text)),
        ("limit", toml::Value::Table(table)) => match table.get("default") {
            Some(default) => limit(default.as_str().and_then(millis)),
            None => true,
        },
        ("within", toml::Value::Table(table)) => {
            table.get("messages").is_none()
                && limit(table.get("time").and_then(|time| millis(time.as_str()?)))
        }
        ("at-least", toml::Value::Integer(count)) => clauses
            .iter()
            .any(|clause| clause.count == usize::try_from(*count).ok()),
        _ => false,
    }
}

#[test]
fn figures_that_the_source_does_not_state_are_marked_as_ours() {
    let catalogues = catalogues();
    let mut faults = Vec::new();
    for known in built_in::STANDARDS {
        let table: toml::Table = known.text().parse().expect("TOML");
        let catalogue = catalogues.iter().find(|c| c.standard == known.id);
        let catalogue = catalogue.expect("a catalogue");
        for rules in table["rules"].as_table().expect("rules").values() {
            for rule in rules.as_array().expect("a list") {
                let rule = rule.as_table().expect("a rule");
                let list = |key: &str| -> Vec<&str> {
                    let items = rule.get(key).and_then(toml::Value::as_array);
                    items
                        .into_iter()
                        .flatten()
                        .filter_map(toml::Value::as_str)
                        .collect()
                };
                if rule.get("source").and_then(toml::Value::as_str) == Some("ours") {
                    continue;
                }
                let clauses: Vec<&Clause> = list("clauses")
                    .iter()
                    .filter_map(|id| catalogue.clause(id))
                    .collect();
                let ours = list("ours");
                for name in FIGURES {
                    let Some(value) = rule.get(*name) else {
                        continue;
                    };
                    let stated = is_stated(name, value, &clauses);
                    if stated == ours.contains(name) {
                        faults.push(format!(
                            "{}/{:?}: {name} = {value:?} is {}stated by {}",
                            known.id,
                            rule["id"],
                            if stated { "" } else { "not " },
                            list("clauses").join(", ")
                        ));
                    }
                }
            }
        }
    }
    assert!(
        faults.is_empty(),
        "`ours` names what the source does not state:\n{}",
        faults.join("\n")
    );
}

#[test]
fn the_page_of_clause_coverage_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/clause-coverage.md");
    let fresh = markdown(&COMPILED.coverage);
    if std::env::var_os("ZHIJIAN_ACCEPT").is_some() {
        std::fs::write(path, &fresh).expect("written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == fresh,
        "docs/clause-coverage.md is out of date; run ZHIJIAN_ACCEPT=1 cargo test --test coverage"
    );
}

const OWN: &str = r#"schema = "zhijian-standard/1"
id = "own"
version = "1.0.0"
title = { zh = "试", en = "Probe" }
[[dimensions]]
id = "speed"
title = { zh = "时效", en = "Speed" }
weight = 100
source = "ours"
[[rules.reply]]
id = "reply-each"
title = { zh = "一分钟内回复", en = "Within a minute" }
clauses = ["X-1", "X-2"]
ours = ["limit"]
severity = "minor"
dimension = "speed"
metric = "each-reply"
limit = { profile = "turn-reply", default = "60s" }
flags = ["客 10:00:00 在吗？\n服 10:02:00 在"]
allows = ["客 10:00:00 在吗？\n服 10:00:20 在"]
"#;

const SLOW: &str = r#"{"id":"a","timezone":"+08:00","messages":[
{"role":"customer","time":"2024-05-06T10:00:00+08:00","text":"有货吗？"},
{"role":"agent","sender":"小雨","time":"2024-05-06T10:05:00+08:00","text":"有的"}]}"#;

fn report(standard: &str, profile: &str) -> Report {
    let standard = standard::compile(standard, "own.toml").expect("compiles");
    let profile = standard::read_profile(profile, "profile.toml").expect("a profile");
    let mut job = Job::new(standard, profile, Words::absent(), wire::Options::default());
    job.add("a.json", SLOW.as_bytes().to_vec());
    let Advance::Judged(judged) = job.advance() else {
        panic!("nothing judged")
    };
    let mut bytes = Vec::new();
    let Advance::Done = job.advance() else {
        panic!("more than one conversation")
    };
    bytes.extend(job.report_head());
    job.line(judged.view(), &mut bytes);
    bytes.extend(job.report_tail());
    serde_json::from_slice(&bytes).expect("a report")
}

#[test]
fn the_report_says_what_is_ours() {
    let report = report(OWN, "");
    assert_eq!(report.standard.dimensions[0].source, Origin::Ours);
    let head = &report.standard.rules[0];
    assert_eq!(
        (head.id.as_str(), head.source, head.ours.as_slice()),
        ("own/reply-each", Origin::Seed, &["limit".to_owned()][..])
    );
    assert_eq!(head.clauses, ["X-1", "X-2"]);
    assert_eq!(head.title.zh, "一分钟内回复");
    assert!(report.standard.clauses.is_empty());
    let why = &report.conversations[0].findings[0].why;
    assert_eq!(why[0].zh, "等了 300 秒，时限 60 秒");
    assert_eq!(why[1].zh, "判定所用的时限或数目为本工具所定，来源未写明");
    assert_eq!(why.len(), 2);
}

#[test]
fn a_limit_of_the_source_or_of_the_shop_is_not_called_ours() {
    let stated = OWN.replace("ours = [\"limit\"]\n", "");
    for (standard, profile) in [
        (stated.as_str(), ""),
        (OWN, "[limits]\nturn-reply = \"120s\"\n"),
    ] {
        let report = report(standard, profile);
        let why = &report.conversations[0].findings[0].why;
        assert_eq!(why.len(), 1, "{why:?}");
    }
}

#[test]
fn ours_names_fields_that_the_rule_has() {
    let text = OWN.replace(
        "ours = [\"limit\"]",
        "ours = [\"limit\", \"severity\", \"within\"]",
    );
    let faults = standard::compile(&text, "own.toml").expect_err("a mistake");
    let found: Vec<(Option<u32>, Option<u32>, &str)> = faults
        .iter()
        .map(|fault| (fault.line, fault.column, fault.code.as_str()))
        .collect();
    assert_eq!(found, [(Some(14), Some(30), "field-unknown")]);
}

#[test]
fn the_words_of_the_clauses_are_those_of_the_catalogue() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/standards/clauses.json");
    let catalogues = catalogues();
    let lines: Vec<String> = catalogues
        .iter()
        .flat_map(|catalogue| &catalogue.clauses)
        .map(|clause| {
            let words = serde_json::to_string(&[&clause.title.zh, &clause.title.en]);
            format!("{:?}: {}", clause.id, words.expect("JSON"))
        })
        .collect();
    let fresh = format!("{{\n{}\n}}\n", lines.join(",\n"));
    if std::env::var_os("ZHIJIAN_ACCEPT").is_some() {
        std::fs::write(path, &fresh).expect("written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == fresh,
        "standards/clauses.json is out of date; run ZHIJIAN_ACCEPT=1 cargo test --test coverage"
    );
    for clause in catalogues.iter().flat_map(|catalogue| &catalogue.clauses) {
        assert_eq!(built_in::clause(&clause.id).as_ref(), Some(&clause.title));
    }
    assert_eq!(built_in::clause("PDD-0"), None);
    assert_eq!(built_in::clause(""), None);
}
