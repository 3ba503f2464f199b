//! "Why not?": the first thing that was not so for each message a rule passed over, and the nearest
//! text.

use std::sync::LazyLock;

use zhijian::explain::{Ending, Explanation, rule_named};
use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::rule::profile::Profile;
use zhijian::standard::{self, Standard};
use zhijian::text::Words;

const TEXT: &str = r#"schema = "zhijian-standard/1"
id = "own"
version = "1.0.0"
title = { zh = "试", en = "Probe" }
[[dimensions]]
id = "d"
title = { zh = "维", en = "D" }
weight = 100
[[rules.forbid]]
id = "forbid-shirk"
title = { zh = "不得推诿", en = "No shirking" }
clauses = ["X-1"]
severity = "minor"
dimension = "d"
any = ["不归(我|我们)管", "(您|你)..2自己..2(问|查|联系)..4(快递|物流)"]
unless = { said = "我马上", by = "agent", same = "turn" }
flags = ["这不归我管"]
allows = ["好的"]
[[rules.forbid]]
id = "forbid-cold"
title = { zh = "不得生硬", en = "Not curt" }
clauses = ["X-2"]
severity = "minor"
dimension = "d"
whole-turn = ["不行", "没有"]
after-question = "any"
flags = ["客 能退吗\n服 不行"]
allows = ["客 能退吗\n服 可以"]
[[rules.forbid]]
id = "forbid-push"
title = { zh = "投诉时不得催", en = "No pushing over a complaint" }
clauses = ["X-3"]
severity = "minor"
dimension = "d"
any = ["快点"]
when = { said = "我要投诉", by = "customer", within = { messages = 1 } }
flags = ["客 我要投诉\n服 快点"]
allows = ["客 在吗\n服 快点"]
[[rules.after]]
id = "after-complaint-sorry"
title = { zh = "投诉后要致歉", en = "Apologise after a complaint" }
clauses = ["X-4"]
severity = "minor"
dimension = "d"
when = { said = "我要投诉", by = "customer" }
then = { said = "抱歉", by = "agent" }
within = { messages = 2 }
flags = ["客 我要投诉\n服 哦\n客 ？\n服 哦"]
allows = ["客 我要投诉\n服 抱歉"]
[[rules.require]]
id = "require-hello"
title = { zh = "开场要问候", en = "Greet" }
clauses = ["X-5"]
severity = "minor"
dimension = "d"
stage = "presale"
any = ["您好"]
where = "opening"
flags = ["客 在吗\n服 有"]
allows = ["客 在吗\n服 您好"]
[[rules.reply]]
id = "reply-fast"
title = { zh = "一分钟内回复", en = "Within a minute" }
clauses = ["X-6"]
severity = "minor"
dimension = "d"
metric = "each-reply"
limit = "60s"
flags = ["客 10:00:00 在吗？\n服 10:02:00 在"]
allows = ["客 10:00:00 在吗？\n服 10:00:20 在"]
"#;

static STANDARD: LazyLock<Standard> =
    LazyLock::new(|| standard::compile(TEXT, "own.toml").expect("compiles"));

/// Explains a rule in a conversation of `客…` and `服…` lines, ten seconds apart.
fn why(rule: &str, lines: &[&str]) -> Explanation {
    let number = rule_named(&STANDARD, rule).expect("a rule");
    let messages: Vec<serde_json::Value> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let (role, text) = match line.strip_prefix('客') {
                Some(text) => ("customer", text),
                None => ("agent", line.strip_prefix('服').expect("客 or 服")),
            };
            let time = format!("2024-05-06T10:{:02}:{:02}+08:00", at / 6, at % 6 * 10);
            serde_json::json!({"role": role, "sender": role, "time": time, "text": text})
        })
        .collect();
    let chat = serde_json::json!({"id": "a", "timezone": "+08:00", "messages": messages});
    let bytes = serde_json::to_vec(&chat).expect("JSON");
    let mut reader = import::read("a.json", bytes, &import::Options::default());
    let transcript = reader.next().expect("a conversation");
    let words = Words::absent();
    Inspector::borrowing(&STANDARD, Profile::default(), &words).explain(&transcript, number)
}

/// The reasons, each with its messages.
fn passed_over(explanation: &Explanation) -> Vec<(&[usize], &str)> {
    explanation
        .passed_over
        .iter()
        .map(|entry| (entry.messages.as_slice(), entry.reason.zh.as_str()))
        .collect()
}

#[test]
fn guards_roles_and_excuses_are_named_with_their_words() {
    let explanation = why(
        "forbid-shirk",
        &[
            "客这不归我管？",
            "服不是不归我管，您放心",
            "客你说什么",
            "服这不归我管，我马上帮您转",
            "客您刚才说什么",
            "服您刚才说“不归我管”，抱歉",
        ],
    );
    assert_eq!(explanation.result, Ending::Passed);
    assert!(explanation.found.is_empty());
    assert_eq!(
        passed_over(&explanation),
        [
            (&[0][..], "是客户说的，规则不看"),
            (&[1], "#1 的“不归我管”被“不是”否定"),
            (&[3], "#3 说了“我马上”，规则因此不算"),
            (&[5], "#5 的“不归我管”是引用或转述：“说“不归我管””"),
        ]
    );
    assert!(explanation.nearest.is_none());
}

#[test]
fn the_nearest_text_is_shown_with_the_phrase_it_resembles() {
    let explanation = why("forbid-shirk", &["客在吗", "服您联系一下物流吧"]);
    let nearest = explanation.nearest.as_ref().expect("something near");
    assert_eq!(nearest.message, 1);
    assert_eq!(
        nearest.phrase,
        "(您|你)..2自己..2(问|查|联系)..4(快递|物流)"
    );
    assert_eq!(nearest.shared, ["您", "联系", "物流"]);
    assert_eq!((nearest.field.as_str(), nearest.share), ("any", 0.714));
    let last = explanation.lines().pop().expect("a line");
    assert!(
        last.zh.starts_with("最接近的是 #1“您联系一下物流吧”"),
        "{}",
        last.zh
    );
    assert!(last.en.starts_with("nearest is #1"), "{}", last.en);
    // Nothing alike is nothing near.
    assert!(
        why("forbid-shirk", &["客在吗", "服在的，请讲"])
            .nearest
            .is_none()
    );
}

#[test]
fn what_was_found_is_not_passed_over() {
    let explanation = why("own/forbid-shirk", &["客在吗", "服这不归我管"]);
    assert_eq!(explanation.result, Ending::Found);
    assert_eq!(explanation.found, [1]);
    assert!(explanation.passed_over.is_empty());
    assert_eq!(explanation.lines()[0].en, "found in #1");
}

#[test]
fn a_whole_turn_says_what_else_was_said() {
    let explanation = why(
        "forbid-cold",
        &["客能退吗", "服不行，不过可以换", "客好的", "服没有"],
    );
    assert_eq!(
        passed_over(&explanation),
        [
            (&[1][..], "“不行”不是这一轮的全部，旁边还说了别的"),
            (&[3], "前一轮不是客户的提问，或不是规则所说的那种提问"),
        ]
    );
}

#[test]
fn a_condition_says_what_it_missed() {
    let explanation = why(
        "forbid-push",
        &["客我要投诉", "服好的", "客嗯", "服快点", "服我要投诉"],
    );
    assert_eq!(
        passed_over(&explanation),
        [(&[3][..], "条件里的话“我要投诉”在 #4，是客服说的，条件不看")]
    );
    let explanation = why("forbid-push", &["客我要投诉", "服好的", "客嗯", "服快点"]);
    assert_eq!(
        passed_over(&explanation),
        [(&[3][..], "条件里的话“我要投诉”在 #0，不在条件所看的范围内")]
    );
    let explanation = why("forbid-push", &["客在吗", "服快点"]);
    assert_eq!(
        passed_over(&explanation),
        [(&[1][..], "没有人说过条件里的话")]
    );
}

#[test]
fn what_must_follow_says_where_it_did_or_why_nothing_was_due() {
    let explanation = why("after-complaint-sorry", &["客我要投诉", "服非常抱歉"]);
    assert_eq!(
        passed_over(&explanation),
        [(&[0][..], "该做的在 #1 已经做到")]
    );
    let explanation = why("after-complaint-sorry", &["客我不投诉了", "服好的"]);
    assert_eq!(explanation.result, Ending::NoOccasion);
    assert_eq!(
        explanation
            .no_occasion
            .as_ref()
            .map(|reason| reason.en.as_str()),
        Some("nobody said the words of the condition")
    );
    let explanation = why("after-complaint-sorry", &["客我会去投诉", "服好的"]);
    let nearest = explanation.nearest.expect("something near");
    assert_eq!((nearest.field.as_str(), nearest.message), ("when.said", 0));
}

#[test]
fn what_must_be_said_and_replies_explain_themselves() {
    let explanation = why("require-hello", &["客在吗", "服您好"]);
    assert_eq!(
        passed_over(&explanation),
        [(&[1][..], "该说的说了：开场要问候")]
    );
    let explanation = why("require-hello", &["服您好"]);
    assert_eq!(
        passed_over(&explanation),
        [(&[0][..], "在此之前没有客户说话")]
    );
    let explanation = why("require-hello", &["客我要退货，收到是坏的", "服哦"]);
    assert_eq!(
        passed_over(&explanation),
        [(&[1][..], "处在售后阶段，规则只看售前")]
    );
    let explanation = why(
        "reply-fast",
        &["客有货吗", "服有的", "客好的谢谢", "服不客气"],
    );
    assert_eq!(
        passed_over(&explanation),
        [
            (&[0][..], "等了 10 秒，没有超过时限 60 秒"),
            (&[2], "只是收尾或闲谈，不需要回复"),
        ]
    );
}

#[test]
fn an_unknown_rule_names_those_that_come_near() {
    let faults = rule_named(&STANDARD, "forbid-shrk").expect_err("no such rule");
    let fault = &faults[0];
    assert_eq!(fault.code, "rule-unknown");
    assert_eq!(
        fault.message.en,
        "the standard own has no rule `forbid-shrk`; did you mean own/forbid-shirk, own/forbid-cold, own/forbid-push?"
    );
    let faults = rule_named(&STANDARD, "xyz").expect_err("no such rule");
    assert_eq!(faults[0].message.zh, "标准 own 里没有规则“xyz”");
}
