//! The options of `reply`: channels, clocks, robots, rings, transfers and figures over a period.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};
use zhijian::import;
use zhijian::inspect::{Inspection, Inspector};
use zhijian::metric::Unanswered;
use zhijian::rule::profile::Profile;
use zhijian::rule::{Kind, Outcome, Owner, Rule};
use zhijian::score::{self, PeriodLimit, Tally};
use zhijian::standard::{self, Standard, read_profile};
use zhijian::text::Words;
use zhijian::transcript::Transcript;
use zhijian::wire;

/// A standard with one `reply` rule.
fn source(rule: &str) -> String {
    format!(
        r#"
schema = "zhijian-standard/1"
id = "probe"
version = "1.0.0"
title = {{ zh = "试", en = "Probe" }}
[[dimensions]]
id = "time"
title = {{ zh = "时效", en = "Time" }}
weight = 100
[[rules.reply]]
id = "reply-probe"
title = {{ zh = "及时", en = "In time" }}
clauses = ["R-1"]
severity = "minor"
dimension = "time"
flags = ["客 10:00:00 有货吗\n服 10:30:00 有"]
allows = ["客 10:00:00 有货吗\n服 10:00:01 有"]
{rule}
"#
    )
}

/// Compiled once for each rule that is tried; the tests end before it matters that it stays.
fn compile(rule: &str) -> &'static Standard {
    static KNOWN: Mutex<BTreeMap<String, &'static Standard>> = Mutex::new(BTreeMap::new());
    let known = KNOWN
        .lock()
        .expect("no test panicked here")
        .get(rule)
        .copied();
    known.unwrap_or_else(|| {
        let fresh: &'static Standard = Box::leak(Box::new(built(&source(rule))));
        let mut all = KNOWN.lock().expect("no test panicked here");
        all.insert(rule.to_owned(), fresh);
        fresh
    })
}

fn built(text: &str) -> Standard {
    standard::compile(text, "probe.toml").unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn read(conversation: &Value) -> Transcript {
    let bytes = conversation.to_string().into_bytes();
    let mut reader = import::read("c.json", bytes, &import::Options::default());
    reader.next().expect("one conversation")
}

fn chat(lines: &[(&str, &str, &str)]) -> Value {
    let messages: Vec<Value> = lines
        .iter()
        .map(|(time, from, text)| {
            let role = match *from {
                "客" => "customer",
                "机" => "bot",
                "系统" => "system",
                _ => "agent",
            };
            json!({ "role": role, "sender": from, "time": format!("2026-09-{time}"), "text": text })
        })
        .collect();
    json!({ "id": "c", "messages": messages })
}

fn inspect(rule: &str, profile: &str, talk: &Value) -> (Transcript, Inspection) {
    let profile = read_profile(profile, "profile.toml").expect("a profile");
    let transcript = read(talk);
    let words = Words::absent();
    let inspection = Inspector::borrowing(compile(rule), profile, &words).inspect(&transcript);
    (transcript, inspection)
}

/// What became of each occasion: seconds of a finding, a pass, or the reason for neither.
fn outcomes(rule: &str, profile: &str, talk: &Value) -> Vec<String> {
    let (_, inspection) = inspect(rule, profile, talk);
    let verdict = &inspection.verdicts[0];
    let mut findings = verdict.findings.iter();
    verdict
        .outcomes
        .iter()
        .map(|(_, outcome)| match outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Failed => {
                let measured = findings.next().and_then(|finding| finding.measured);
                format!("{:?}", measured.and_then(|m| m.seconds).expect("seconds"))
            }
            Outcome::NotAssessed(reason) => reason.en.clone(),
        })
        .collect()
}

const OFFICE: &str = "hours = [\"mon-fri 09:00-18:00\"]\nlunch = \"12:00-13:00\"\n";

#[test]
fn on_the_business_clock_a_question_at_night_starts_in_the_morning() {
    let rule = "metric = \"each-reply\"\nlimit = \"180s\"\nclock = \"business\"";
    // Wednesday 23:00; Thursday's shop opens at 9:00.
    let asked = |answered: &str| chat(&[("23 23:00:00", "客", "有货吗？"), (answered, "服", "有")]);
    assert_eq!(outcomes(rule, OFFICE, &asked("24 09:03:00")), ["passed"]);
    assert_eq!(outcomes(rule, OFFICE, &asked("24 09:03:01")), ["181.0"]);
    // Answered at night: no open second has gone by.
    assert_eq!(outcomes(rule, OFFICE, &asked("24 01:00:00")), ["passed"]);
    // Lunch does not count.
    let noon = chat(&[
        ("23 11:58:00", "客", "有货吗？"),
        ("23 13:01:00", "服", "有"),
    ]);
    assert_eq!(outcomes(rule, OFFICE, &noon), ["passed"]);
    // A conversation's own shift wins; without any hours nothing is assessed.
    let mut night = asked("24 09:00:00");
    night["config"] = json!({ "shift": "20:00-02:00" });
    assert_eq!(outcomes(rule, OFFICE, &night), ["10800.0"]);
    assert_eq!(
        outcomes(rule, "", &asked("24 09:03:00")),
        ["only opening hours count, and the shop's profile states none"]
    );
    // By the wall clock it is ten hours and more.
    let wall = "metric = \"each-reply\"\nlimit = \"180s\"";
    assert_eq!(outcomes(wall, OFFICE, &asked("24 09:03:00")), ["36180.0"]);
}

#[test]
fn the_shop_of_the_examples_is_open_from_nine_to_six() {
    let rule = |late: &str| {
        source("metric = \"each-reply\"\nlimit = \"180s\"\nclock = \"business\"").replace(
            "flags = [",
            &format!("flags = [\"客 2024-05-06 20:00:00 有货吗\\n服 2024-05-07 {late} 有\", "),
        )
    };
    let words = Words::absent();
    assert!(wire::open_standard(&rule("09:03:01"), "probe.toml", &words).is_ok());
    let faults = wire::open_standard(&rule("09:03:00"), "probe.toml", &words).err();
    let codes: Vec<String> = faults
        .into_iter()
        .flatten()
        .map(|fault| fault.code)
        .collect();
    assert_eq!(codes, ["example-not-flagged"]);
}

#[test]
fn a_log_that_ends_at_night_has_not_waited_yet() {
    let rule = "metric = \"each-reply\"\nlimit = \"180s\"\nclock = \"business\"";
    let talk = chat(&[
        ("23 18:30:00", "客", "有货吗？"),
        ("23 23:00:00", "系统", "订单已付款"),
    ]);
    assert_eq!(
        outcomes(rule, OFFICE, &talk),
        ["the log ends before the limit was reached"]
    );
    let morning = chat(&[
        ("23 18:30:00", "客", "有货吗？"),
        ("24 10:00:00", "系统", "订单已付款"),
    ]);
    assert_eq!(outcomes(rule, OFFICE, &morning), ["3600.0"]);
}

#[test]
fn a_robot_answers_where_the_rule_or_the_shop_says_so() {
    let talk = chat(&[
        ("23 10:00:00", "客", "有货吗？"),
        ("23 10:00:01", "机", "有的"),
        ("23 10:02:00", "客", "多少钱？"),
        ("23 10:07:00", "服", "十元"),
    ]);
    let human = "metric = \"each-reply\"\nlimit = \"180s\"";
    let both = format!("{human}\ncounts = [\"human\", \"bot\"]");
    assert_eq!(outcomes(human, "", &talk), ["420.0"]);
    assert_eq!(outcomes(&both, "", &talk), ["passed", "300.0"]);
    assert_eq!(
        outcomes(human, "bot-counts = true\n", &talk),
        ["passed", "300.0"]
    );
    // The finding is about the raw wait that holds its question.
    let (_, inspection) = inspect(&both, "", &talk);
    let finding = &inspection.verdicts[0].findings[0];
    assert_eq!((finding.wait, &finding.related[..]), (Some(0), &[2][..]));
    assert_eq!(inspection.verdicts[0].outcomes[0].0, Owner::Team);
}

#[test]
fn an_e_mail_has_the_shop_s_own_limit() {
    let rule = "metric = \"each-reply\"\nlimit = { profile = \"turn-reply\", default = \"180s\" }";
    let mut talk = chat(&[
        ("23 10:00:00", "客", "有货吗？"),
        ("23 10:03:01", "服", "有"),
        ("23 14:00:00", "客", "能开发票吗？"),
        ("23 15:00:00", "服", "可以"),
    ]);
    talk["messages"][2]["channel"] = json!("email");
    talk["messages"][3]["channel"] = json!("email");
    assert_eq!(outcomes(rule, "", &talk), ["181.0", "3600.0"]);
    let day = "[limits]\nemail = \"24h\"\n";
    assert_eq!(outcomes(rule, day, &talk), ["181.0", "passed"]);
    talk["config"] = json!({ "email_limit_s": null, "turn_reply_limit_s": 240 });
    assert_eq!(
        outcomes(rule, day, &talk),
        [
            "passed",
            "the standard leaves the limit open; the shop's profile must set it"
        ]
    );
    let chat_only = format!("{rule}\nchannel = \"chat\"");
    talk["config"] = json!({});
    assert_eq!(outcomes(&chat_only, "", &talk), ["181.0"]);
}

#[test]
fn a_call_is_taken_within_ten_seconds_of_the_ring() {
    let rule = "metric = \"ringing\"\nlimit = \"10s\"\nchannel = \"phone\"";
    let call = |lines: &[(&str, &str, &str)]| {
        let mut talk = chat(lines);
        talk["channel"] = json!("phone");
        talk
    };
    let taken = |at: &str| {
        outcomes(
            rule,
            "",
            &call(&[
                ("23 10:00:00", "系统", "来电振铃"),
                (at, "服", "您好，请讲"),
                ("23 10:01:00", "客", "我的货呢"),
            ]),
        )
    };
    assert_eq!(taken("23 10:00:10"), ["passed"]);
    assert_eq!(taken("23 10:00:11"), ["11.0"]);
    let silent = [
        ("23 10:00:20", "服", "您好"),
        ("23 10:00:30", "客", "我的货呢"),
    ];
    assert_eq!(
        outcomes(rule, "", &call(&silent)),
        ["the log does not tell when the telephone rang"]
    );
    // A chat has no ring to tell.
    assert!(outcomes(rule, "", &chat(&silent)).is_empty());
}

#[test]
fn a_wait_nobody_was_assigned_is_the_team_s() {
    let rule = "metric = \"each-reply\"\nlimit = \"60s\"\nowner = \"owed\"";
    let talk = chat(&[
        ("23 10:00:00", "客", "有货吗？"),
        ("23 10:05:00", "小雨", "有"),
        ("23 10:06:00", "客", "多少钱？"),
        ("23 10:09:00", "小雪", "十元"),
    ]);
    let (transcript, inspection) = inspect(rule, "", &talk);
    let owners: Vec<&str> = inspection.verdicts[0]
        .findings
        .iter()
        .map(|finding| match finding.owner {
            Owner::Agent(id) => transcript.speakers[id.0].name.as_str(),
            Owner::Team => "team",
        })
        .collect();
    assert_eq!(owners, ["team", "小雨"]);
}

#[test]
fn the_clock_may_start_at_the_last_question() {
    let talk = chat(&[
        ("23 10:00:00", "客", "有货吗？"),
        ("23 10:02:00", "客", "在吗？"),
        ("23 10:05:00", "服", "有"),
    ]);
    let rule = "metric = \"each-reply\"\nlimit = \"180s\"";
    assert_eq!(outcomes(rule, "", &talk), ["300.0"]);
    let last = format!("{rule}\nstart = \"last\"");
    assert_eq!(outcomes(&last, "", &talk), ["passed"]);
}

#[test]
fn mistakes_are_named_at_their_place() {
    let each = "metric = \"each-reply\"\nlimit = \"1s\"\n";
    let wrong = [
        ("limit = \"1s\"".to_owned(), "field-missing", "metric"),
        (
            "metric = \"each-replay\"\nlimit = \"1s\"".to_owned(),
            "word-unknown",
            "metric",
        ),
        (
            "metric = \"each-reply\"".to_owned(),
            "field-missing",
            "limit",
        ),
        (
            "metric = \"three-minute-rate\"".to_owned(),
            "field-missing",
            "target",
        ),
        (
            "metric = \"three-minute-rate\"\ntarget = 90".to_owned(),
            "number-range",
            "target",
        ),
        (format!("{each}target = 0.9"), "field-unknown", "target"),
        (format!("{each}clock = \"shop\""), "word-unknown", "clock"),
        (
            format!("{each}start = \"session-open\""),
            "word-unknown",
            "start",
        ),
    ];
    let (head, rule) = source("RULE").split_once("[[rules.reply]]").map_or_else(
        || panic!("a rule"),
        |(head, rule)| (head.to_owned(), rule.to_owned()),
    );
    let mut text = head.replace(
        "[[dimensions]]",
        "metrics = [\"each-replay\"]\n[[dimensions]]",
    );
    for (number, (fields, ..)) in wrong.iter().enumerate() {
        text.push_str("[[rules.reply]]");
        text.push_str(
            &rule
                .replace("reply-probe", &format!("reply-probe-{number}"))
                .replace("RULE", fields),
        );
    }
    let faults = standard::compile(&text, "probe.toml").expect_err("mistakes");
    let found: Vec<(String, String)> = faults
        .into_iter()
        .map(|fault| (fault.code, fault.field.unwrap_or_default()))
        .collect();
    let mut expected = vec![("word-unknown".to_owned(), "metrics".to_owned())];
    expected.extend(wrong.iter().enumerate().map(|(number, (_, code, field))| {
        ((*code).to_owned(), format!("rules.reply[{number}].{field}"))
    }));
    assert_eq!(found, expected);
}

/// What twenty conversations, `slow` of them answered after 400 s and the rest after 20, come to.
fn period(rule: &str, slow: usize) -> zhijian::report::Agent {
    let standard = compile(rule);
    let words = Words::absent();
    let mut tally = Tally::default();
    for key in 0..20 {
        let answered = if key < slow {
            "23 10:06:40"
        } else {
            "23 10:00:20"
        };
        let transcript = read(&chat(&[
            ("23 10:00:00", "客", "有货吗？"),
            (answered, "服", "有"),
        ]));
        let inspection =
            Inspector::borrowing(standard, Profile::default(), &words).inspect(&transcript);
        let options = score::Options::default();
        let conversation = score::conversation(standard, &transcript, &inspection, &options);
        tally.add(
            key,
            &conversation,
            score::evidence(standard, &transcript, &inspection),
        );
    }
    let limit = |rule: &Rule| PeriodLimit::of(rule, &Profile::default());
    tally.agents(standard, &limit).swap_remove(0)
}

#[test]
fn figures_of_a_period_have_limits() {
    let seconds = |rule: &str, slow| {
        let agent = period(rule, slow);
        assert!(agent.not_assessed.is_empty());
        let findings = agent.findings.iter();
        findings
            .map(|finding| finding.measured.and_then(|m| m.seconds))
            .collect::<Vec<_>>()
    };
    let limited = |metric: &str| format!("metric = \"{metric}\"\nlimit = \"60s\"");
    // 2 · 400 + 18 · 20 = 1160 s over twenty; the median is 20, and so is the ninetieth percentile.
    assert_eq!(seconds(&limited("average-reply"), 2), []);
    assert_eq!(seconds(&limited("average-reply"), 3), [Some(77.0)]);
    assert_eq!(seconds(&limited("p90-reply"), 2), []);
    assert_eq!(seconds(&limited("p90-reply"), 3), [Some(400.0)]);
    assert_eq!(seconds(&limited("median-reply"), 9), []);
    assert_eq!(seconds(&limited("median-reply"), 10), [Some(210.0)]);
}

#[test]
fn a_rate_has_a_target() {
    let rule = "metric = \"three-minute-rate\"\ntarget = 0.9";
    assert!(period(rule, 2).findings.is_empty());
    let agent = period(rule, 3);
    let measured = agent.findings[0].measured.expect("measured");
    assert_eq!(
        (measured.count, measured.required, measured.limit),
        (Some(17), Some(18), Some(0.9))
    );
    assert!(
        agent.findings[0].why[0].zh.contains("85%"),
        "{:?}",
        agent.findings[0].why
    );
    // With a limit of its own the figure has a name of its own beside the usual one.
    let own = period(
        "metric = \"three-minute-rate\"\ntarget = 0.9\nlimit = \"10s\"",
        0,
    );
    let shown = |id: &str| own.metrics[id].value;
    assert_eq!(shown("three-minute-rate"), Some(1.0));
    assert_eq!(shown("three-minute-rate/reply-probe"), Some(0.0));
    assert_eq!(own.findings.len(), 1);
}

#[test]
fn who_hands_a_customer_over_without_a_word_has_not_replied() {
    let mut standard = built(&source("metric = \"each-reply\"\nlimit = \"180s\""));
    // No built-in entry is judged wait by wait and split, so this one is made up.
    let Kind::Reply(reply) = &mut standard.rules[0].kind else {
        panic!("a reply");
    };
    reply.definition.splits = true;
    reply.definition.unanswered = Unanswered::Fail;
    let transcript = read(&chat(&[
        ("23 10:00:00", "客", "在吗？"),
        ("23 10:00:05", "小雨", "在的"),
        ("23 10:01:00", "客", "我要退货"),
        ("23 10:01:30", "系统", "小雨转交给小雪"),
        ("23 10:02:00", "小雪", "马上为您办理"),
    ]));
    let inspection =
        Inspector::new(standard, Profile::default(), Words::absent()).inspect(&transcript);
    let [finding] = &inspection.verdicts[0].findings[..] else {
        panic!("one finding: {:?}", inspection.verdicts[0]);
    };
    assert_eq!((finding.message, &finding.related[..]), (2, &[3][..]));
    let Owner::Agent(id) = finding.owner else {
        panic!("an agent");
    };
    assert_eq!(transcript.speakers[id.0].name, "小雨");
    assert_eq!(inspection.verdicts[0].outcomes.len(), 3);
}

/// A chat of exact limits, and e-mails for which the conversation says that there is no limit.
#[test]
fn one_second_too_late_in_a_chat_and_hours_in_an_e_mail() {
    let talk: Value =
        serde_json::from_str(include_str!("fixtures/cases/08-tricky-franchise-hant.json"))
            .expect("JSON");
    let key: Value = serde_json::from_str(include_str!(
        "fixtures/cases/08-tricky-franchise-hant.key.json"
    ))
    .expect("JSON");
    let rule = |metric: &str, limit: &str| {
        format!(
            "metric = \"{metric}\"\nlimit = {{ profile = \"{limit}\", default = \"60s\" }}\nowner = \"owed\""
        )
    };
    let switched_off = "the standard leaves the limit open; the shop's profile must set it";
    // 180 s for the first reply of the chat; the e-mail opens a session of its own.
    assert_eq!(
        outcomes(&rule("first-human-reply", "first-reply"), "", &talk),
        ["passed", switched_off]
    );
    let each = rule("each-reply", "turn-reply");
    let (transcript, inspection) = inspect(&each, "", &talk);
    let [finding] = &inspection.verdicts[0].findings[..] else {
        panic!("one finding: {:#?}", inspection.verdicts[0].findings);
    };
    let expected = &key["expected"][0];
    let mut messages = finding.related.clone();
    messages.push(finding.message);
    assert_eq!(json!(messages), expected["messages"]);
    let measured = finding.measured.expect("measured");
    assert_eq!(json!(measured.seconds), expected["measured"]["seconds"]);
    assert_eq!(measured.limit, expected["measured"]["limit_s"].as_f64());
    let Owner::Agent(id) = finding.owner else {
        panic!("an agent");
    };
    assert_eq!(transcript.speakers[id.0].name, "佩雯");
    let unknown = outcomes(&each, "", &talk);
    let unknown = unknown.iter().filter(|outcome| *outcome == switched_off);
    assert_eq!(unknown.count(), 1);
    // Under a limit of its own the first e-mail took too long. The second asks for nothing, and what
    // is answered in the next session has then kept nobody waiting.
    let mut limited = talk.clone();
    limited["config"]["email_limit_s"] = json!(3 * 3600);
    assert!(outcomes(&each, "", &limited).ends_with(&["21600.0".into()]));
}
