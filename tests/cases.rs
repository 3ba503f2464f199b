//! Whole conversations with a complete answer key: every expected finding of the kinds that exist,
//! and nothing where the key says that nothing may fire.

use serde_json::Value;
use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::report::{Conversation, Finding, Severity};
use zhijian::rule::profile::Profile;
use zhijian::score;
use zhijian::standard::{self, built_in};
use zhijian::text::Words;

/// Detectors of the keys that the kinds `forbid`, `require`, `reply`, `after` and `promise` stand for.
const DETECTORS: [&str; 9] = [
    "first_reply",
    "turn_reply",
    "greeting",
    "closing",
    "ban_phrase",
    "claim",
    "curt_tone",
    "escalation",
    "promise",
];

struct Case {
    source: Value,
    key: Value,
    conversation: Conversation,
}

fn case(name: &str, standard: &str) -> Case {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cases");
    let bytes = std::fs::read(format!("{folder}/{name}.json")).expect("the case");
    let key = std::fs::read_to_string(format!("{folder}/{name}.key.json")).expect("its key");
    let source = serde_json::from_slice(&bytes).expect("JSON");
    let mut reader = import::read(name, bytes, &import::Options::default());
    let transcript = reader.next().expect("one conversation");
    assert!(reader.next().is_none(), "only one conversation");
    let entry = built_in::find(standard).expect("built in");
    let compiled =
        standard::compile(entry.text(), standard).unwrap_or_else(|faults| panic!("{faults:?}"));
    let inspector = Inspector::new(compiled, Profile::default(), Words::bundled());
    let inspection = inspector.inspect(&transcript);
    let conversation = score::conversation(
        inspector.standard(),
        &transcript,
        &inspection,
        &score::Options::default(),
    );
    Case {
        source,
        key: serde_json::from_str(&key).expect("JSON"),
        conversation,
    }
}

impl Case {
    fn agent(&self, short: &str) -> String {
        match self.source["participants"][short]["name"].as_str() {
            Some(name) => name.to_owned(),
            None => short.to_owned(),
        }
    }

    fn list(&self, field: &str) -> Vec<Value> {
        self.key[field].as_array().cloned().unwrap_or_default()
    }

    fn shown(&self) -> String {
        let findings = self.conversation.findings.iter().map(|f| {
            format!(
                "  #{:?} {:?} {} {:?} {} {:?}",
                f.message, f.related, f.agent, f.clauses, f.rule, f.quote
            )
        });
        findings.collect::<Vec<_>>().join("\n")
    }
}

fn messages(entry: &Value) -> Vec<usize> {
    let list = entry["messages"].as_array().cloned().unwrap_or_default();
    list.iter()
        .filter_map(|m| m.as_u64().and_then(|m| usize::try_from(m).ok()))
        .collect()
}

/// Whether a finding is of the sort that a detector of the key stands for.
fn is_of(detector: &str, finding: &Finding) -> bool {
    match detector {
        "first_reply" => finding.kind == "reply" && finding.rule.contains("first"),
        "turn_reply" | "unanswered" | "reply_stat" => finding.kind == "reply",
        "greeting" | "closing" => finding.kind == "require",
        "ban_phrase" | "claim" | "curt_tone" | "hedge" => finding.kind == "forbid",
        "escalation" => finding.kind == "after",
        "promise" => finding.kind == "promise",
        _ => false,
    }
}

fn check(name: &str, standard: &str, expected_count: usize) {
    let case = case(name, standard);
    let mut missing = Vec::new();
    let mut matched = 0;
    for expected in case.list("expected") {
        let detector = expected["rule_kind"].as_str().unwrap_or_default();
        if !DETECTORS.contains(&detector) {
            continue;
        }
        let clause = expected["clause"].as_str().unwrap_or_default();
        let agent = case.agent(expected["agent"].as_str().unwrap_or_default());
        let at = messages(&expected);
        let quote = expected["evidence"]["quote"].as_str().unwrap_or_default();
        let found = case.conversation.findings.iter().find(|finding| {
            finding.clauses.iter().any(|c| c == clause)
                && finding.agent == agent
                && finding.message.is_some_and(|message| at.contains(&message))
                && at.iter().all(|message| {
                    finding.message == Some(*message) || finding.related.contains(message)
                })
                && is_of(detector, finding)
        });
        let Some(found) = found else {
            missing.push(format!("{clause} {detector} {agent} {at:?}"));
            continue;
        };
        matched += 1;
        if let (Some(own), false) = (&found.quote, quote.is_empty()) {
            assert!(
                own.contains(quote) || quote.contains(own.as_str()),
                "{clause}: evidence “{own}”, the key has “{quote}”"
            );
        }
        if let Some(seconds) = expected["measured"]["seconds"].as_f64() {
            assert_eq!(
                found.measured.and_then(|m| m.seconds),
                Some(seconds),
                "{clause}"
            );
        }
    }
    assert!(
        missing.is_empty(),
        "missing: {missing:#?}\nfound:\n{}",
        case.shown()
    );
    assert_eq!(
        matched, expected_count,
        "how many the key expects of these kinds"
    );
    let mut wrong = Vec::new();
    for forbidden in case.list("must_not_fire") {
        let detector = forbidden["rule_kind"].as_str().unwrap_or_default();
        let at = messages(&forbidden);
        wrong.extend(case.conversation.findings.iter().filter(|finding| {
            finding.severity > Severity::Hint
                && is_of(detector, finding)
                && finding.message.is_some_and(|message| at.contains(&message))
        }));
    }
    assert!(wrong.is_empty(), "must not fire: {wrong:#?}");
}

#[test]
fn a_thermos_on_pinduoduo() {
    check("01-pdd", "pinduoduo", 5);
}

#[test]
fn a_cream_on_taobao() {
    check("05-taobao", "taobao", 10);
    let case = case("05-taobao", "taobao");
    let shipped = case.conversation.findings.iter();
    let shipped: Vec<_> = shipped
        .filter(|finding| finding.clauses.iter().any(|clause| clause == "TB-119"))
        .map(|finding| (finding.message, finding.severity, finding.quote.as_deref()))
        .collect();
    assert_eq!(shipped, [(Some(6), Severity::Major, Some("已发货"))]);
}

#[test]
fn a_clean_conversation_full_of_traps() {
    check("06-tricky-pdd-clean", "pdd", 0);
    let case = case("06-tricky-pdd-clean", "pdd");
    assert!(case.conversation.findings.is_empty(), "{}", case.shown());
    let score = &case.conversation.scores[0];
    assert_eq!((score.agent.as_str(), score.total), ("小雨", Some(100.0)));
}

#[test]
fn one_second_too_late_among_many_traps() {
    check("08-tricky-franchise-hant", "franchise", 1);
    let case = case("08-tricky-franchise-hant", "franchise");
    let found: Vec<_> = case.conversation.findings.iter().collect();
    let [late] = &found[..] else {
        panic!("one finding:\n{}", case.shown());
    };
    assert_eq!(late.rule, "franchise/reply-each-3min");
    assert_eq!(late.severity, Severity::Minor);
    assert_eq!(late.dimension, "efficiency");
}

/// The outcome of the five-minute rule for one wait, with times to the minute.
fn five_minutes(answered: &str) -> (bool, bool) {
    let source = format!(
        r#"{{"id":"m","messages":[
            {{"role":"customer","sender":"买家","time":"2024-05-06 10:00","text":"能换大瓶吗？"}},
            {{"role":"agent","sender":"小雨","time":"2024-05-06 10:00","text":"可以的"}},
            {{"role":"customer","sender":"买家","time":"2024-05-06 10:05","text":"那要补多少钱？"}},
            {{"role":"agent","sender":"小雨","time":"2024-05-06 {answered}","text":"补10元"}}]}}"#
    );
    let mut reader = import::read("m.json", source.into_bytes(), &import::Options::default());
    let transcript = reader.next().expect("one conversation");
    let entry = built_in::find("pinduoduo").expect("built in");
    let compiled = standard::compile(entry.text(), "pinduoduo").expect("no mistakes");
    let inspector = Inspector::new(compiled, Profile::default(), Words::bundled());
    let judged = score::conversation(
        inspector.standard(),
        &transcript,
        &inspector.inspect(&transcript),
        &score::Options::default(),
    );
    let rule = "pinduoduo/reply-each-5min";
    (
        judged.findings.iter().any(|finding| finding.rule == rule),
        judged.not_assessed.iter().any(|entry| entry.rule == rule),
    )
}

#[test]
fn times_to_the_minute_are_not_assessed_near_a_limit() {
    // 4 minutes are at most 299 s; 6 are at least 301 s; 5 may be either.
    assert_eq!(five_minutes("10:09"), (false, false));
    assert!(!five_minutes("10:10").0);
    assert_eq!(five_minutes("10:11"), (true, false));
}
