//! Whole conversations and single sentences as they are really written, and exactly what is found in
//! them: a finding too many costs somebody money, one too few hides a fault.
//!
//! What a reader would get wrong: the lists are complete. A rule of severity minor or graver that fires
//! elsewhere, or an observation beyond those named, fails as much as a missing one.

use std::collections::BTreeMap;

use serde::Deserialize;
use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::report::{Conversation, Severity};
use zhijian::rule::profile::Profile;
use zhijian::score;
use zhijian::standard::{self, built_in};
use zhijian::text::Words;

/// The observations that words decide; `reply`, `stage` and promises have tests of their own.
const KINDS: [&str; 7] = [
    "greeting",
    "closing",
    "escalation-trigger",
    "escalation-response",
    "empathy",
    "hold",
    "transfer",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// `message rule`, severity minor or graver.
    findings: Vec<String>,
    /// `message kind label`.
    observations: Vec<String>,
}

fn inspector(id: &str) -> Inspector<'static> {
    let entry = built_in::find(id).expect("built in");
    let compiled =
        standard::compile(entry.text(), id).unwrap_or_else(|faults| panic!("{id}: {faults:?}"));
    Inspector::new(compiled, Profile::default(), Words::bundled())
}

fn inspected(inspector: &Inspector<'_>, name: &str, bytes: Vec<u8>) -> Vec<Conversation> {
    import::read(name, bytes, &import::Options::default())
        .map(|transcript| {
            let inspection = inspector.inspect(&transcript);
            let options = score::Options::default();
            score::conversation(inspector.standard(), &transcript, &inspection, &options)
        })
        .collect()
}

fn read(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/precision");
    std::fs::read_to_string(format!("{folder}/{name}"))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn findings(conversation: &Conversation) -> Vec<String> {
    let costly = conversation.findings.iter();
    costly
        .filter(|finding| finding.severity >= Severity::Minor)
        .map(|finding| {
            let message = finding.message.expect("findings of a conversation");
            format!("{message} {}", finding.rule)
        })
        .collect()
}

fn observations(conversation: &Conversation) -> Vec<String> {
    let of_words = conversation.observations.iter();
    of_words
        .filter(|seen| KINDS.contains(&seen.kind.as_str()))
        .map(|seen| match &seen.label {
            Some(label) => format!("{} {} {label}", seen.message, seen.kind),
            None => format!("{} {}", seen.message, seen.kind),
        })
        .collect()
}

fn differences(id: &str, what: &str, found: &[String], expected: &[String]) -> Vec<String> {
    let surplus = found.iter().filter(|entry| !expected.contains(entry));
    let missing = expected.iter().filter(|entry| !found.contains(entry));
    surplus
        .map(|entry| format!("{id}: {what} too many: {entry}"))
        .chain(missing.map(|entry| format!("{id}: {what} missing: {entry}")))
        .collect()
}

fn conversations_come_out_as_expected(standard: &str, count: usize) {
    let expected: BTreeMap<String, Expected> =
        serde_json::from_str(&read(&format!("{standard}.expected.json"))).expect("expectations");
    let name = format!("{standard}.jsonl");
    let found = inspected(&inspector(standard), &name, read(&name).into_bytes());
    assert_eq!(found.len(), count, "conversations read");
    assert_eq!(expected.len(), count, "conversations with expectations");
    let mut wrong = Vec::new();
    for conversation in &found {
        let id = &conversation.id;
        let expected = expected
            .get(id)
            .unwrap_or_else(|| panic!("{id} has no expectations"));
        wrong.extend(differences(
            id,
            "finding",
            &findings(conversation),
            &expected.findings,
        ));
        wrong.extend(differences(
            id,
            "observation",
            &observations(conversation),
            &expected.observations,
        ));
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn pinduoduo_conversations_come_out_as_expected() {
    conversations_come_out_as_expected("pinduoduo", 21);
}

#[test]
fn taobao_conversations_come_out_as_expected() {
    conversations_come_out_as_expected("taobao", 32);
}

/// One conversation for each sentence, spoken last in `before` by `role`.
fn conversations(before: &[(&str, &str)], role: &str, sentences: &[&str]) -> Vec<u8> {
    let lines = sentences.iter().enumerate().map(|(number, sentence)| {
        let spoken = before.iter().copied().chain([(role, *sentence)]);
        let messages: Vec<serde_json::Value> = spoken
            .enumerate()
            .map(|(second, (role, text))| {
                let time = format!("2024-05-06 10:00:{:02}", second * 10);
                serde_json::json!({ "role": role, "sender": role, "time": time, "text": text })
            })
            .collect();
        serde_json::json!({ "id": number.to_string(), "messages": messages }).to_string()
    });
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

#[test]
fn harmless_sentences_of_agents_cost_nothing() {
    let text = read("agent-quiet.txt");
    let sentences: Vec<&str> = text.lines().collect();
    assert!(sentences.len() > 100, "{} sentences", sentences.len());
    let before = [
        ("customer", "你好，想买这个"),
        ("agent", "[微笑]您好，欢迎光临，请问需要什么"),
        ("customer", "嗯嗯 好的"),
    ];
    let mut wrong = Vec::new();
    for standard in [
        "pinduoduo",
        "tmall",
        "franchise",
        "ecommerce-supervisor",
        "taobao",
    ] {
        let bytes = conversations(&before, "agent", &sentences);
        let found = inspected(&inspector(standard), "quiet.jsonl", bytes);
        assert_eq!(found.len(), sentences.len());
        for (conversation, sentence) in found.iter().zip(&sentences) {
            let costly = conversation.findings.iter().filter(|finding| {
                finding.severity >= Severity::Minor
                    && finding.kind == "forbid"
                    && finding.message == Some(before.len())
            });
            wrong.extend(costly.map(|f| format!("{}: {sentence} {:?}", f.rule, f.quote)));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn sentences_of_customers_get_their_label() {
    let text = read("customer.txt");
    let (labels, sentences): (Vec<&str>, Vec<&str>) = text
        .lines()
        .map(|line| line.split_once(' ').expect("label and sentence"))
        .unzip();
    assert!(sentences.len() > 200, "{} sentences", sentences.len());
    let bytes = conversations(&[], "customer", &sentences);
    let found = inspected(&inspector("taobao"), "customer.jsonl", bytes);
    assert_eq!(found.len(), sentences.len());
    let mut wrong = Vec::new();
    for ((conversation, sentence), label) in found.iter().zip(&sentences).zip(&labels) {
        let trigger = conversation
            .observations
            .iter()
            .find(|seen| seen.kind == "escalation-trigger");
        let seen = match trigger.and_then(|seen| seen.label.as_deref()) {
            None => "none",
            Some("human-request") => "human",
            Some(label) => label,
        };
        if seen != *label {
            wrong.push(format!("{sentence}: {label}, seen as {seen}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// What one sentence of an agent costs under a standard: the forbid rules, minor or graver.
fn forbidden(inspector: &Inspector<'_>, before: &[(&str, &str)], sentence: &str) -> Vec<String> {
    let bytes = conversations(before, "agent", &[sentence]);
    let found = inspected(inspector, "one.jsonl", bytes).remove(0);
    let costly = found.findings.into_iter().filter(|finding| {
        finding.severity >= Severity::Minor
            && finding.kind == "forbid"
            && finding.message == Some(before.len())
    });
    costly.map(|finding| finding.rule).collect()
}

#[test]
fn a_concession_is_no_refusal_and_a_mention_no_insult() {
    let pinduoduo = inspector("pinduoduo");
    let asked = [("customer", "你好，这个和那款有什么区别")];
    let cases = [
        ("不方便的话加我微信", Some("house/forbid-off-platform")),
        ("不麻烦的话加下微信", Some("house/forbid-off-platform")),
        (
            "平台规定不让加微信，不过你可以加我微信",
            Some("house/forbid-off-platform"),
        ),
        ("微.信加我", Some("house/forbid-off-platform")),
        ("请不要加任何自称客服的微信", None),
        ("我们不加微信的", None),
        ("平台不允许加微信哦", None),
        ("能加微信吗？不能哦亲", None),
        ("滚蛋", Some("house/forbid-abuse")),
        ("你滚蛋吧", Some("house/forbid-abuse")),
        ("您脑子有病", Some("house/forbid-abuse")),
        ("他说：滚蛋", None),
        ("不要说滚蛋这种话", None),
        ("我不会说滚蛋的", None),
        ("您脑子没病", None),
        ("我不知道", Some("house/forbid-bare-dont-know")),
        ("我不知道您选的是哪一款，您发图我看下", None),
    ];
    let mut wrong = Vec::new();
    for (sentence, expected) in cases {
        let found = forbidden(&pinduoduo, &asked, sentence);
        let right = match expected {
            Some(rule) => found.iter().any(|id| id == rule),
            None => found.is_empty(),
        };
        if !right {
            wrong.push(format!("{sentence}: {found:?}"));
        }
    }
    let tmall = inspector("tmall");
    for sentence in ["别倒打一耙", "少无理取闹"] {
        if forbidden(&tmall, &asked, sentence).is_empty() {
            wrong.push(format!("{sentence}: nothing"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
