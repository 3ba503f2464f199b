//! What must hold of any conversation: a violation never raises a score, a rule that is taken away takes
//! only its own findings with it, and neither the order in which things are handed in nor words that say
//! nothing change what is found.
//!
//! The conversations are assembled from the examples of the built-in standards, so that every rule has
//! its say. What a reader would get wrong: a violation is put into a message that is there anyway. A
//! message more would answer a question, or end a turn, and could rightly raise a score.

#![allow(clippy::print_stderr, reason = "the seed is told")]

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any};
use proptest::sample::Index;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};
use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::report::Conversation;
use zhijian::rule::profile::Profile;
use zhijian::rule::{Owner, Whose};
use zhijian::score;
use zhijian::standard::built_in::STANDARDS;
use zhijian::standard::{self, Standard};
use zhijian::text::Words;
use zhijian::transcript::Transcript;

const SEED: u64 = 0x5eed_2026;

static WORDS: LazyLock<Words> = LazyLock::new(Words::bundled);
static BUILT_IN: LazyLock<Vec<Standard>> = LazyLock::new(|| {
    let compiled = STANDARDS.iter().map(|entry| {
        standard::compile(entry.text(), entry.id)
            .unwrap_or_else(|faults| panic!("{}: {faults:?}", entry.id))
    });
    compiled.collect()
});
static EXAMPLES: LazyLock<Vec<Vec<Line>>> = LazyLock::new(|| {
    let rules = BUILT_IN.iter().flat_map(|standard| &standard.rules);
    let examples = rules.flat_map(|rule| {
        let role = rule.common.role;
        rule.examples
            .iter()
            .map(move |example| lines(&example.text, role))
    });
    examples.filter(|lines| !lines.is_empty()).collect()
});

/// Who says what.
#[derive(Clone, Debug)]
struct Line {
    role: &'static str,
    sender: String,
    text: String,
}

/// Says nothing that any rule wants or forbids.
const NEUTRAL: [&str; 4] = [
    "盒子里有一本册子和两根绳子",
    "圆的放左边，方的放右边",
    "盒子里有一本册子和两根绳子\u{200b}  ",
    "The box holds a booklet and two strings",
];

/// Breaches of some rule of every standard, and of nothing that a rule could want.
const VIOLATIONS: [&str; 5] = [
    "你有病吧",
    "有本事你去告",
    "不删差评不给退",
    "把验证码告诉我",
    "退款原因选不想要了就行",
];

fn runner(cases: u32) -> TestRunner {
    eprintln!("seed {SEED:#x}");
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&SEED.to_le_bytes());
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 64,
        ..ProptestConfig::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

/// The lines of an example; none of a table's.
fn lines(text: &str, whose: Whose) -> Vec<Line> {
    let written: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if written.iter().any(|line| line.starts_with("表 ")) {
        return Vec::new();
    }
    let spoken = written
        .iter()
        .map(|line| spoken(line))
        .collect::<Option<Vec<_>>>();
    spoken.unwrap_or_else(|| {
        let (role, sender) = match whose {
            Whose::Agent => ("agent", "小雨"),
            Whose::Bot => ("bot", "小蜜"),
            Whose::Customer => ("customer", "买家"),
        };
        vec![Line {
            role,
            sender: sender.to_owned(),
            text: text.trim().to_owned(),
        }]
    })
}

/// `服(阿宁) 10:00:00 在吗`, without its time: conversations have times of their own.
fn spoken(line: &str) -> Option<Line> {
    let (who, mut text) = line.split_once(' ')?;
    let (who, name) = who
        .trim_end_matches(')')
        .split_once('(')
        .unwrap_or((who, ""));
    let (role, usual) = match who {
        "客" => ("customer", "买家"),
        "服" => ("agent", "小雨"),
        "机" => ("bot", "小蜜"),
        "系统" => ("system", "系统"),
        "主管" => ("supervisor", "主管"),
        _ => return None,
    };
    while let Some((first, rest)) = text.split_once(' ')
        && first.contains([':', '-'])
        && first
            .chars()
            .all(|c| c.is_ascii_digit() || ":-".contains(c))
    {
        text = rest;
    }
    let sender = if name.is_empty() { usual } else { name };
    Some(Line {
        role,
        sender: sender.to_owned(),
        text: text.to_owned(),
    })
}

/// A few examples one after the other, and a neutral message of an agent somewhere among them.
fn talk() -> impl Strategy<Value = (Vec<Line>, usize)> {
    (vec(any::<Index>(), 1..6), any::<Index>()).prop_map(|(chosen, at)| {
        let examples = chosen.iter().map(|index| index.get(&EXAMPLES));
        let mut lines: Vec<Line> = examples.flatten().cloned().collect();
        let at = at.index(lines.len() + 1);
        let neutral = Line {
            role: "agent",
            sender: "小雨".to_owned(),
            text: NEUTRAL[0].to_owned(),
        };
        lines.insert(at, neutral);
        (lines, at)
    })
}

fn messages(lines: &[Line]) -> Vec<Value> {
    let spoken = lines.iter().enumerate().map(|(index, line)| {
        let time = format!("2024-05-06 10:{:02}:{:02}", index / 3, index % 3 * 20);
        json!({ "role": line.role, "sender": line.sender, "time": time, "text": line.text })
    });
    spoken.collect()
}

fn read(conversations: &[(&str, Vec<Value>)]) -> Vec<Transcript> {
    let lines = conversations.iter().map(|(id, messages)| {
        let line = json!({ "id": id, "messages": messages });
        line.to_string()
    });
    let bytes = lines.collect::<Vec<_>>().join("\n").into_bytes();
    import::read("p.jsonl", bytes, &import::Options::default()).collect()
}

fn inspector(standard: &Standard) -> Inspector<'_> {
    Inspector::borrowing(standard, Profile::default(), &WORDS)
}

fn judged(inspector: &Inspector<'_>, transcript: &Transcript) -> Conversation {
    let inspection = inspector.inspect(transcript);
    let options = score::Options::default();
    score::conversation(inspector.standard(), transcript, &inspection, &options)
}

/// What each rule finds, without the words that explain it.
fn found(standard: &Standard, transcript: &Transcript) -> Vec<String> {
    let inspection = inspector(standard).inspect(transcript);
    let verdicts = standard.rules.iter().zip(&inspection.verdicts);
    let found = verdicts.flat_map(|(rule, verdict)| {
        verdict.findings.iter().map(|finding| {
            let owner = match finding.owner {
                Owner::Agent(speaker) => transcript.speakers[speaker.0].name.as_str(),
                Owner::Team => "team",
            };
            let (at, span, severity) = (finding.message, finding.span, finding.severity);
            let (name, related) = (&rule.name, &finding.related);
            format!("{name} {owner} #{at} {span:?} {severity:?} {related:?}")
        })
    });
    found.collect()
}

fn same<T: PartialEq + std::fmt::Debug>(
    left: &T,
    right: &T,
    what: &str,
) -> Result<(), TestCaseError> {
    if left == right {
        return Ok(());
    }
    Err(TestCaseError::fail(format!(
        "{what}\n{left:#?}\n{right:#?}"
    )))
}

#[test]
fn a_violation_never_raises_a_score() {
    let cases = (talk(), any::<Index>());
    let outcome = runner(24).run(&cases, |((mut lines, at), violation)| {
        let clean = read(&[("p", messages(&lines))]);
        let violation = violation.get(&VIOLATIONS);
        lines[at].text = format!("{}。{violation}", NEUTRAL[0]);
        let broken = read(&[("p", messages(&lines))]);
        for standard in BUILT_IN.iter() {
            let inspector = inspector(standard);
            let before = judged(&inspector, &clean[0]);
            let after = judged(&inspector, &broken[0]);
            let more = after.findings.iter().any(|f| f.message == Some(at));
            same(
                &more,
                &true,
                &format!("{}: {violation} is found", standard.id),
            )?;
            for (was, is) in before.scores.iter().zip(&after.scores) {
                same(&was.agent, &is.agent, "the same agents")?;
                // Nothing judged before is no score, and no bound.
                let rises = match (was.total, is.total) {
                    (Some(was), Some(is)) => is > was + 1e-9,
                    (was, is) => was.is_some() && is.is_none(),
                };
                let what = format!(
                    "{}: {violation} raises {:?} to {:?}",
                    standard.id, was.total, is.total
                );
                same(&rises, &false, &what)?;
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// A standard's text without its rule of this number; the rule's name.
fn without_rule(text: &str, number: Index) -> (String, String) {
    let mut table: toml::Table = text.parse().expect("built-in standards are TOML");
    let kinds = table["rules"].as_table_mut().expect("rules");
    let count: usize = kinds
        .iter()
        .filter_map(|(_, list)| list.as_array())
        .map(Vec::len)
        .sum();
    let mut number = number.index(count);
    for (_, list) in kinds.iter_mut() {
        let list = list.as_array_mut().expect("a list");
        if number < list.len() {
            let rule = list.remove(number);
            let id = rule["id"].as_str().expect("an id").to_owned();
            return (
                toml::to_string(&table).expect("what was read can be written"),
                id,
            );
        }
        number -= list.len();
    }
    unreachable!("a number below the count")
}

#[test]
fn a_rule_taken_away_takes_only_its_own_findings() {
    let cases = (any::<Index>(), any::<Index>(), vec(talk(), 4));
    let outcome = runner(4).run(&cases, |(entry, number, talks)| {
        let chosen = entry.index(STANDARDS.len());
        let (text, id) = without_rule(STANDARDS[chosen].text(), number);
        // A rule that counts another one's occasions cannot do without it.
        let Ok(shorter) = standard::compile(&text, "shorter.toml") else {
            return Ok(());
        };
        let whole = &BUILT_IN[chosen];
        let gone = format!("{}/{id} ", whole.id);
        for (lines, _) in &talks {
            let transcripts = read(&[("p", messages(lines))]);
            let mut left = found(whole, &transcripts[0]);
            left.retain(|finding| !finding.starts_with(&gone));
            left.sort();
            let mut right = found(&shorter, &transcripts[0]);
            right.sort();
            same(&right, &left, &format!("without {gone}"))?;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn neither_order_nor_empty_words_change_what_is_found() {
    let cases = (talk(), talk(), any::<Index>(), any::<u64>());
    let outcome = runner(24).run(&cases, |((mut lines, at), (other, _), neutral, key)| {
        let own = messages(&lines);
        let mut shuffled = own.clone();
        // Knuth's generator is good enough to put messages into disorder.
        shuffled.sort_by_cached_key(|message| {
            let text = message.to_string();
            text.bytes().fold(key, |key, byte| {
                key.wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(byte.into())
            })
        });
        let alone = read(&[("p", own.clone())]);
        let among = read(&[("other", messages(&other)), ("p", own)]);
        let mixed = read(&[("p", shuffled)]);
        lines[at].text = (*neutral.get(&NEUTRAL)).to_owned();
        let reworded = read(&[("p", messages(&lines))]);
        for standard in BUILT_IN.iter() {
            let inspector = inspector(standard);
            let first = judged(&inspector, &alone[0]);
            let _ = judged(&inspector, &among[0]);
            same(
                &judged(&inspector, &among[1]),
                &first,
                "beside another conversation",
            )?;
            // Reports give places in the source, so the findings are compared in order of time.
            let sorted = found(standard, &alone[0]);
            same(&found(standard, &mixed[0]), &sorted, "messages in disorder")?;
            let what = "other words that say nothing";
            same(&found(standard, &reworded[0]), &sorted, what)?;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
