//! Anger of customers and faults of agents on labelled messages: precision and recall.
//!
//! `tests/fixtures/evaluation/{customer,agent}.NAME.tsv`. The files `tune` and `dev…` have been tuned on
//! and prove little, nor does `own` (written before the phrases, looked at since); `measure` holds messages that
//! nobody who wrote a phrase has seen, as do `fifth` and `fresh` of the agents. What a reader would get wrong: nothing here is complete. Single misses
//! are expected and printed (`--nocapture`), only the shares are asserted.

#![allow(clippy::print_stderr, reason = "figures and misses are the result")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::report::{Conversation, Severity};
use zhijian::rule::profile::Profile;
use zhijian::score;
use zhijian::standard::{self, built_in};
use zhijian::text::Words;

/// Kinds that judge the words of one message.
const OF_WORDS: [&str; 3] = ["forbid", "privacy", "repeat"];

/// Name of a set, least precision, least recall.
const SETS: [(&str, f64, f64); 14] = [
    ("tune", 0.9, 0.85),
    ("second", 0.85, 0.6),
    ("third", 0.85, 0.85),
    ("fourth", 0.85, 0.85),
    ("own", 0.85, 0.75),
    ("measure", 0.85, 0.75),
    // Agents, learnt from.
    ("dev1", 0.95, 0.95),
    ("dev2", 0.95, 0.95),
    ("dev3", 0.95, 0.95),
    ("dev4", 0.95, 0.95),
    ("dev5", 0.95, 0.95),
    // Agents, seen by nobody who wrote a phrase: half of two sets whose other halves are `dev4` and `dev5`
    // (`fresh` is creative mockery throughout), and a month as an inspector comes across it.
    ("fifth", 0.9, 0.75),
    ("fresh", 0.84, 0.48),
    ("sixth", 0.9, 0.8),
];

/// The sets of agents that nobody tuned on, of which all together must hold what is promised.
const UNSEEN: [&str; 3] = ["fifth", "fresh", "sixth"];

#[derive(Default)]
struct Shares {
    right: usize,
    wrong: usize,
    missed: usize,
}

impl Shares {
    fn count(&mut self, truth: bool, predicted: bool) {
        match (truth, predicted) {
            (true, true) => self.right += 1,
            (false, true) => self.wrong += 1,
            (true, false) => self.missed += 1,
            (false, false) => {}
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "hundreds of messages")]
    fn share(part: usize, rest: usize) -> f64 {
        if part + rest == 0 {
            1.0
        } else {
            part as f64 / (part + rest) as f64
        }
    }

    fn precision(&self) -> f64 {
        Self::share(self.right, self.wrong)
    }

    fn recall(&self) -> f64 {
        Self::share(self.right, self.missed)
    }
}

impl std::fmt::Display for Shares {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "precision {:.3}, recall {:.3} (right {}, wrong {}, missed {})",
            self.precision(),
            self.recall(),
            self.right,
            self.wrong,
            self.missed
        )
    }
}

fn read(name: &str) -> Option<Vec<Vec<String>>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/evaluation");
    let text = std::fs::read_to_string(folder.join(name)).ok()?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    Some(
        lines
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect(),
    )
}

fn inspectors() -> Vec<Inspector<'static>> {
    let compiled = built_in::STANDARDS.iter().map(|entry| {
        standard::compile(entry.text(), entry.id)
            .unwrap_or_else(|faults| panic!("{}: {faults:?}", entry.id))
    });
    compiled
        .map(|standard| Inspector::new(standard, Profile::default(), Words::bundled()))
        .collect()
}

/// One conversation of so many messages for each line.
fn inspected(inspector: &Inspector<'_>, lines: &[Vec<(&str, &str)>]) -> Vec<Conversation> {
    let lines = lines.iter().enumerate().map(|(number, spoken)| {
        let spoken = spoken.iter().enumerate();
        let messages: Vec<serde_json::Value> = spoken
            .map(|(turn, (role, text))| {
                let time = format!("2024-05-06 10:00:{:02}", turn * 10);
                serde_json::json!({ "role": role, "sender": role, "time": time, "text": text })
            })
            .collect();
        serde_json::json!({ "id": number.to_string(), "messages": messages }).to_string()
    });
    let bytes = lines.collect::<Vec<_>>().join("\n").into_bytes();
    import::read("evaluation.jsonl", bytes, &import::Options::default())
        .map(|transcript| {
            let inspection = inspector.inspect(&transcript);
            let options = score::Options::default();
            score::conversation(inspector.standard(), &transcript, &inspection, &options)
        })
        .collect()
}

fn label(conversation: &Conversation, message: usize) -> &str {
    let trigger = conversation
        .observations
        .iter()
        .find(|seen| seen.kind == "escalation-trigger" && seen.message == message);
    match trigger {
        None => "none",
        Some(seen) => seen.label.as_deref().unwrap_or("none"),
    }
}

fn is_anger(label: &str) -> bool {
    matches!(label, "strong" | "mild")
}

#[test]
fn anger_of_customers_is_noticed() {
    let inspectors = inspectors();
    let inspector = inspectors.first().expect("a standard");
    for (set, least_precision, least_recall) in SETS {
        let Some(rows) = read(&format!("customer.{set}.tsv")) else {
            eprintln!("customer.{set}.tsv is absent");
            continue;
        };
        let lines: Vec<Vec<(&str, &str)>> = rows
            .iter()
            .map(|row| vec![("customer", row[1].as_str())])
            .collect();
        let found = inspected(inspector, &lines);
        assert_eq!(found.len(), rows.len());
        let (mut anger, mut human) = (Shares::default(), Shares::default());
        let mut confusion: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (row, conversation) in rows.iter().zip(&found) {
            let (truth, seen) = (row[0].as_str(), label(conversation, 0));
            anger.count(is_anger(truth), is_anger(seen));
            human.count(truth == "human-request", seen == "human-request");
            *confusion.entry((truth, seen)).or_default() += 1;
            if truth != seen {
                let mark = if is_anger(truth) == is_anger(seen) {
                    "~"
                } else {
                    "!"
                };
                let quote = conversation
                    .observations
                    .iter()
                    .find(|one| one.kind == "escalation-trigger")
                    .map(|one| one.span);
                eprintln!("{mark} {truth} seen as {seen}: {} {quote:?}", row[1]);
            }
        }
        eprintln!("customer.{set}: anger {anger}");
        eprintln!("customer.{set}: wish for a human {human}");
        eprintln!("customer.{set}: {confusion:?}");
        assert!(anger.precision() >= least_precision, "{set}: {anger}");
        assert!(anger.recall() >= least_recall, "{set}: {anger}");
    }
}

#[test]
fn faults_of_agents_are_found() {
    let inspectors = inspectors();
    let mut unseen = Shares::default();
    for (set, least_precision, least_recall) in SETS {
        let Some(rows) = read(&format!("agent.{set}.tsv")) else {
            eprintln!("agent.{set}.tsv is absent");
            continue;
        };
        let lines: Vec<Vec<(&str, &str)>> = rows
            .iter()
            .map(|row| {
                let before = Some(("customer", row[1].as_str())).filter(|one| !one.1.is_empty());
                before
                    .into_iter()
                    .chain([("agent", row[2].as_str())])
                    .collect()
            })
            .collect();
        let found: Vec<Vec<Conversation>> = inspectors
            .iter()
            .map(|inspector| inspected(inspector, &lines))
            .collect();
        let mut faults = Shares::default();
        for (number, row) in rows.iter().enumerate() {
            let last = lines[number].len() - 1;
            let blamed: Vec<_> = found
                .iter()
                .flat_map(|conversations| &conversations[number].findings)
                .filter(|finding| {
                    finding.severity >= Severity::Minor
                        && OF_WORDS.contains(&finding.kind.as_str())
                        && finding.message == Some(last)
                })
                .map(|finding| (&finding.rule, &finding.quote))
                .collect();
            let (truth, seen) = (row[0] == "fault", !blamed.is_empty());
            faults.count(truth, seen);
            if UNSEEN.contains(&set) {
                unseen.count(truth, seen);
            }
            if truth != seen {
                eprintln!("! {}: {} | {} {blamed:?}", row[0], row[1], row[2]);
            }
        }
        eprintln!("agent.{set}: faults {faults}");
        assert!(faults.precision() >= least_precision, "{set}: {faults}");
        assert!(faults.recall() >= least_recall, "{set}: {faults}");
    }
    eprintln!("agents, unseen: faults {unseen}");
    assert!(unseen.precision() >= 0.85, "{unseen}");
    assert!(unseen.recall() >= 0.75, "{unseen}");
}
