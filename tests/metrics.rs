//! Published response-time metrics: what each gives on conversations whose figures are worked out by
//! hand, and what a report says of them.

// A check that finds its input absent says so.
#![allow(clippy::print_stderr)]

use std::sync::OnceLock;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};
use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::metric::{Aggregate, Sum};
use zhijian::rule::Owner;
use zhijian::rule::profile::Profile;
use zhijian::score::{self, Tally};
use zhijian::standard::{self, Standard, read_profile};
use zhijian::text::Words;
use zhijian::transcript::Transcript;

/// A standard that reports these metrics and judges nothing of interest.
fn reporting(metrics: &[&str]) -> Standard {
    let text = format!(
        r#"
schema = "zhijian-standard/1"
id = "figures"
version = "1.0.0"
title = {{ zh = "时长", en = "Figures" }}
metrics = {metrics:?}
[[dimensions]]
id = "all"
title = {{ zh = "全部", en = "All" }}
weight = 100
[[rules.forbid]]
id = "forbid-rude"
title = {{ zh = "不骂人", en = "No abuse" }}
clauses = ["F-1"]
severity = "hint"
dimension = "all"
any = ["坏话"]
flags = ["坏话"]
allows = ["好话"]
"#
    );
    standard::compile(&text, "figures.toml").unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn read(conversation: &Value) -> Transcript {
    let bytes = conversation.to_string().into_bytes();
    let mut reader = import::read("c.json", bytes, &import::Options::default());
    let transcript = reader.next().expect("one conversation");
    assert!(reader.next().is_none());
    transcript
}

/// A standard that reports every metric there is.
fn all() -> &'static Standard {
    static ALL: OnceLock<Standard> = OnceLock::new();
    ALL.get_or_init(|| {
        let ids: Vec<&str> = include_str!("../standards/metrics.toml")
            .lines()
            .filter_map(|line| line.strip_prefix("id = \"")?.strip_suffix('"'))
            .collect();
        assert!(ids.len() > 20, "{ids:?}");
        reporting(&ids)
    })
}

/// A metric over a conversation, whoever the values belong to.
fn sum_for(conversation: &Value, id: &str, profile: &str) -> (Sum, Option<f64>) {
    let metrics = &all().metrics;
    let metric = metrics.iter().position(|metric| metric.id == id).expect(id);
    let aggregate = metrics[metric].definition.aggregate;
    let profile = read_profile(profile, "profile.toml").expect("a profile");
    let words = Words::absent();
    let inspection = Inspector::borrowing(all(), profile, &words).inspect(&read(conversation));
    let mut sum = Sum::default();
    for sample in inspection.samples.iter().filter(|s| s.metric == metric) {
        sum.add(aggregate, sample.millis);
    }
    let figure = sum.figure(aggregate);
    (sum, figure)
}

fn sum(conversation: &Value, metric: &str) -> (Sum, Option<f64>) {
    sum_for(conversation, metric, "")
}

/// How many of a rate's values are in time, of how many.
fn share(conversation: &Value, metric: &str) -> (usize, usize) {
    let (sum, _) = sum(conversation, metric);
    (sum.within, sum.count)
}

fn figure(conversation: &Value, metric: &str) -> Option<f64> {
    sum(conversation, metric).1
}

/// A conversation of `2025-03-01 10:00:00 C text` lines; C asks, R is a robot, T the platform.
fn chat(lines: &[(&str, &str, &str)]) -> Value {
    let messages: Vec<Value> = lines
        .iter()
        .map(|(time, from, text)| {
            let role = match *from {
                "C" => "customer",
                "R" => "bot",
                "T" => "system",
                _ => "agent",
            };
            json!({ "role": role, "sender": from, "time": time, "text": text })
        })
        .collect();
    json!({ "id": "c", "messages": messages })
}

/// Every result of the vectors, under the entry that defines it.
fn check_vectors(text: &str) {
    let vectors: Value = serde_json::from_str(text).expect("JSON");
    let lines: Vec<(&str, &str, &str)> = vectors["transcript"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|line| {
            let at = |index: usize| line[index].as_str().expect("a text");
            (at(0), at(1), at(2))
        })
        .collect();
    let talk = chat(&lines);
    let results = &vectors["results"];
    let seconds = |key: &str| results[key].as_f64();
    let ratio = |key: &str| {
        let at = |index: usize| results[key][index].as_u64().expect("a count") as usize;
        (at(0), at(1))
    };
    for (key, metric) in [
        ("taobao_2020_avg_response_s", "taobao-average-2020"),
        ("taobao_2022_avg_response_s", "taobao-average-2022"),
        ("zendesk_first_reply_time_calendar_s", "zendesk-first-reply"),
        ("intercom_like_median_reply_s", "median-reply"),
    ] {
        assert!(seconds(key).is_some(), "{key}");
        assert_eq!(figure(&talk, metric), seconds(key), "{key}");
    }
    // A shop that never closes takes nothing off.
    let always = "hours = \"daily 00:00-24:00\"\n";
    assert_eq!(
        sum_for(&talk, "intercom-median-reply", always).1,
        seconds("intercom_like_median_reply_s")
    );
    assert_eq!(
        Some(sum(&talk, "taobao-average-2022").0.count as u64),
        results["taobao_2022_n"].as_u64()
    );
    for (key, metric) in [
        ("taobao_3min_rate_8_24", "taobao-3min-rate-2023"),
        ("taobao_3min_rate_8_23", "taobao-3min-rate-2025"),
        ("douyin_3min_rate_per_message", "douyin-3min-rate"),
        (
            "pdd_2019_effective_reply_rate_customer_days",
            "pinduoduo-effective-reply-60min",
        ),
        ("jd_first30s_human", "jd-first-30s-rate"),
        ("jd_first30s_bot_counted", "jd-first-30s-rate-bot"),
    ] {
        assert_eq!(share(&talk, metric), ratio(key), "{key}");
    }
    let known = 11;
    assert_eq!(results.as_object().map(serde_json::Map::len), Some(known));

    // The rounds themselves: the mean of those answered, and how many there are.
    let rounds = vectors["rounds"].as_array().expect("rounds");
    let answered: Vec<f64> = rounds
        .iter()
        .filter_map(|round| round[1].as_f64())
        .collect();
    let (sum, mean) = sum(&talk, "douyin-average-reply");
    assert_eq!(sum.count, answered.len());
    assert_eq!(
        mean,
        Some(answered.iter().sum::<f64>() / answered.len() as f64)
    );
}

#[test]
fn every_published_figure_on_one_conversation() {
    check_vectors(include_str!("fixtures/metrics/response-time-vectors.json"));
}

#[test]
fn the_shared_vectors_are_the_same() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/fixtures/ours/response-time-vectors.json"
    );
    match std::fs::read_to_string(path) {
        Ok(text) => check_vectors(&text),
        Err(_) => eprintln!("{path} is absent; the copy among the fixtures was checked"),
    }
}

#[test]
fn the_worked_cases_of_the_three_minute_rate() {
    let mut lines = vec![
        ("2025-03-01 10:10:15", "C", "在吗"),
        ("2025-03-01 10:15:20", "C", "有人吗"),
        ("2025-03-01 10:18:10", "A", "在的"),
    ];
    assert_eq!(share(&chat(&lines), "taobao-3min-rate-2023"), (0, 1));
    lines.extend([
        ("2025-03-01 10:18:30", "C", "有货吗"),
        ("2025-03-01 10:19:00", "A", "有的"),
    ]);
    assert_eq!(share(&chat(&lines), "taobao-3min-rate-2023"), (1, 2));
    // Ten questions that nobody answers are one round, not in time.
    let texts = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"]
        .map(|n| format!("{n}问：有货吗？"));
    let unanswered = texts
        .each_ref()
        .map(|text| ("2025-03-01 11:00:00", "C", text.as_str()));
    assert_eq!(share(&chat(&unanswered), "taobao-3min-rate-2023"), (0, 1));
    assert_eq!(share(&chat(&unanswered), "douyin-3min-rate"), (0, 10));
    // The project's own rate leaves out what nobody has answered yet.
    assert_eq!(share(&chat(&unanswered), "three-minute-rate"), (0, 0));
    assert_eq!(share(&chat(&unanswered), "reply-rate"), (0, 1));
}

#[test]
fn three_minutes_are_in_time_and_a_second_more_is_not() {
    for (answered, within) in [("10:03:00", 1), ("10:03:01", 0)] {
        let time = format!("2025-03-01 {answered}");
        let talk = chat(&[("2025-03-01 10:00:00", "C", "有货吗"), (&time, "A", "有的")]);
        assert_eq!(share(&talk, "three-minute-rate"), (within, 1), "{answered}");
        assert_eq!(
            share(&talk, "taobao-3min-rate-2025"),
            (within, 1),
            "{answered}"
        );
    }
}

#[test]
fn the_window_is_half_open() {
    let at = |time: &str| {
        let time = format!("2025-03-01 {time}");
        share(&chat(&[(&time, "C", "有货吗")]), "taobao-3min-rate-2025").1
    };
    assert_eq!(
        ["07:59:59", "08:00:00", "22:59:59", "23:00:00"].map(at),
        [0, 1, 1, 0]
    );
    let late = chat(&[("2025-03-01 23:59:59", "C", "有货吗")]);
    assert_eq!(share(&late, "taobao-3min-rate-2023").1, 1);
    // The platform's day, not the log's: 22:30 in Tokyo is 21:30 there, 0:30 is 23:30.
    let mut tokyo = chat(&[
        ("2025-03-01 22:30:00", "C", "有货吗"),
        ("2025-03-01 22:31:00", "A", "有"),
        ("2025-03-02 00:30:00", "C", "还在吗"),
    ]);
    tokyo["timezone"] = json!("+09:00");
    assert_eq!(share(&tokyo, "taobao-3min-rate-2025"), (1, 1));
}

#[test]
fn sessions_are_counted_by_their_own_start() {
    // A session of 8:59 does not count even where it goes on after 9:00.
    let talk = chat(&[
        ("2025-03-01 08:59:00", "C", "在吗"),
        ("2025-03-01 09:01:00", "A", "在的"),
        ("2025-03-01 09:05:00", "C", "有货吗"),
        ("2025-03-01 09:06:00", "A", "有的"),
        ("2025-03-01 09:20:00", "C", "多少钱"),
        ("2025-03-01 09:20:30", "A", "十元"),
    ]);
    assert_eq!(share(&talk, "jd-first-30s-rate"), (1, 1));
    assert_eq!(figure(&talk, "jd-average-reply"), Some(30.0));
}

#[test]
fn a_zero_second_answer_is_a_machine_to_one_definition_and_a_reply_to_another() {
    let talk = chat(&[
        ("2025-03-01 10:00:00", "C", "有货吗"),
        ("2025-03-01 10:00:00", "A", "您好，欢迎光临"),
        ("2025-03-01 10:01:40", "A", "有的"),
    ]);
    assert_eq!(figure(&talk, "taobao-average-2020"), Some(100.0));
    assert_eq!(figure(&talk, "taobao-average-2022"), Some(0.0));
    // To the minute, the same minute is not the same second.
    let coarse = chat(&[
        ("2025-03-01 10:00", "C", "有货吗"),
        ("2025-03-01 10:00", "A", "有的"),
    ]);
    assert_eq!(figure(&coarse, "taobao-average-2020"), Some(0.0));
}

#[test]
fn long_waits_count_as_the_cap() {
    let talk = chat(&[
        ("2025-03-01 10:00:00", "C", "有货吗"),
        ("2025-03-01 11:00:00", "A", "有的"),
        ("2025-03-01 11:10:00", "C", "多少钱"),
    ]);
    assert_eq!(figure(&talk, "taobao-average-2020"), Some(600.0));
    let (sum, mean) = sum(&talk, "taobao-average-2022");
    assert_eq!((sum.count, mean), (2, Some(600.0)));
}

/// The values of the metric with a round for each sub-account: who owes it, and seconds.
fn by_account(lines: &[(&str, &str, &str)]) -> Vec<(String, i64)> {
    let transcript = read(&chat(lines));
    let standard = reporting(&["taobao-average-2022"]);
    let inspector = Inspector::new(standard, Profile::default(), Words::absent());
    inspector
        .inspect(&transcript)
        .samples
        .iter()
        .map(|sample| {
            let owner = match sample.owner {
                Owner::Agent(id) => transcript.speakers[id.0].name.clone(),
                Owner::Team => "team".to_owned(),
            };
            (owner, sample.millis.expect("capped") / 1000)
        })
        .collect()
}

#[test]
fn each_sub_account_has_its_own_round() {
    let name = |who: &str, seconds| (who.to_owned(), seconds);
    let start = [
        ("2025-03-01 10:00:00", "C", "在吗"),
        ("2025-03-01 10:00:10", "A", "在的"),
        ("2025-03-01 10:01:00", "C", "我要退货"),
    ];
    let with = |rest: &[(&'static str, &'static str, &'static str)]| {
        let mut lines = start.to_vec();
        lines.extend_from_slice(rest);
        by_account(&lines)
    };
    let answer = ("2025-03-01 10:02:00", "B", "好的，马上为您办理");
    let moved = ("2025-03-01 10:01:30", "T", "A转交给B");
    assert_eq!(
        with(&[moved, answer]),
        [name("A", 10), name("A", 600), name("B", 30)]
    );
    // Nobody said that it was handed over: one round, of who answered.
    assert_eq!(with(&[answer]), [name("A", 10), name("B", 60)]);
    // It came back, or never left.
    let again = ("2025-03-01 10:02:00", "A", "好的，马上为您办理");
    assert_eq!(with(&[moved, again]), [name("A", 10), name("A", 60)]);
    // From a robot to a person nobody's round is lost.
    assert_eq!(
        by_account(&[
            ("2025-03-01 10:00:00", "C", "转人工"),
            ("2025-03-01 10:00:05", "T", "正在为您转接人工客服"),
            ("2025-03-01 10:00:30", "A", "您好"),
        ]),
        [name("A", 30)]
    );
    // Handed on twice and never answered.
    assert_eq!(
        with(&[moved, ("2025-03-01 10:01:50", "T", "B转交给D")]),
        [
            name("A", 10),
            name("A", 600),
            name("A", 600),
            name("A", 600)
        ]
    );
}

#[test]
fn a_customer_day_is_as_good_as_its_worst_message() {
    let mut talk = chat(&[
        ("2025-03-01 10:00:00", "C", "有货吗"),
        ("2025-03-01 10:10:00", "A", "有的"),
        ("2025-03-01 22:59:00", "C", "什么时候发"),
        ("2025-03-02 00:30:00", "A", "明天"),
        ("2025-03-02 10:00:00", "C", "发了吗"),
        ("2025-03-02 10:00:10", "A", "发了"),
    ]);
    // The first day has an answer after 91 minutes.
    assert_eq!(share(&talk, "pinduoduo-effective-reply-60min"), (1, 2));
    talk["messages"][3]["time"] = json!("2025-03-01 23:59:00");
    assert_eq!(share(&talk, "pinduoduo-effective-reply-60min"), (2, 2));
    assert_eq!(share(&talk, "pinduoduo-effective-reply-15min"), (1, 2));
    // Two customers are two days.
    talk["messages"][4]["sender"] = json!("D");
    talk["messages"][4]["time"] = json!("2025-03-01 10:20:00");
    talk["messages"][5]["time"] = json!("2025-03-01 10:20:10");
    assert_eq!(share(&talk, "pinduoduo-effective-reply-5min"), (1, 2));
}

#[test]
fn a_ticket_is_as_old_as_its_first_message() {
    let talk = chat(&[
        ("2025-03-01 10:00:00", "A", "您的包裹破损了，我们来处理"),
        ("2025-03-01 12:00:00", "C", "好的，怎么处理？"),
        ("2025-03-01 12:05:00", "A", "补发"),
    ]);
    assert_eq!(figure(&talk, "zendesk-first-reply"), Some(7500.0));
    // To the project two hours of silence make a session, which the customer opens.
    assert_eq!(figure(&talk, "first-human-reply"), Some(300.0));
}

#[test]
fn business_hours_are_the_shop_s() {
    // Asked on Friday at 17:50, answered on Monday at 9:05: ten minutes and five.
    let talk = chat(&[
        ("2026-09-25 17:50:00", "C", "有货吗？"),
        ("2026-09-28 09:05:00", "A", "有的"),
    ]);
    let shop = "hours = [\"mon-fri 09:00-18:00\"]\nlunch = \"12:00-13:00\"\n";
    let business = |profile: &str| sum_for(&talk, "zendesk-first-reply-business", profile).1;
    assert_eq!(business(shop), Some(900.0));
    assert_eq!(figure(&talk, "zendesk-first-reply"), Some(227_700.0));
    // Without hours there is no figure.
    assert_eq!(business(""), None);
    let closed = format!("{shop}holidays = [\"2026-09-28\"]\n");
    assert_eq!(business(&closed), Some(600.0));
    let worked = format!("{shop}workdays = [\"2026-09-26\"]\n");
    assert_eq!(business(&worked), Some(900.0 + 8.0 * 3600.0));
}

#[test]
fn a_report_gives_the_figures_that_the_standard_lists() {
    let ids = ["median-reply", "taobao-average-2022", "p90-reply"];
    let standard = reporting(&ids);
    let mut tally = Tally::default();
    for (key, seconds) in [10, 20, 40].into_iter().enumerate() {
        let answered = format!("2025-03-01 10:00:{seconds}");
        let transcript = read(&chat(&[
            ("2025-03-01 10:00:00", "C", "有货吗"),
            (&answered, "A", "有的"),
        ]));
        let words = Words::absent();
        let inspection =
            Inspector::borrowing(&standard, Profile::default(), &words).inspect(&transcript);
        let conversation = score::conversation(
            &standard,
            &transcript,
            &inspection,
            &score::Options::default(),
        );
        let evidence = score::evidence(&standard, &transcript, &inspection);
        tally.add(key, &conversation, evidence);
    }
    let agents = tally.agents(&standard, &|_| None);
    let shown: Vec<_> = agents[0]
        .metrics
        .iter()
        .map(|(id, metric)| (id.as_str(), metric.value, metric.count))
        .collect();
    assert_eq!(
        shown,
        [
            ("median-reply", Some(20.0), 3),
            ("p90-reply", Some(40.0), 3),
            ("taobao-average-2022", Some(23.333), 3),
        ]
    );
}

#[test]
fn an_account_that_answers_by_itself_is_a_robot() {
    for flag in [
        json!({ "auto": true }),
        json!({ "manual_reply": 0 }),
        json!({ "is_aut": 1 }),
    ] {
        let mut talk = chat(&[
            ("2025-03-01 10:00:00", "C", "有货吗"),
            ("2025-03-01 10:00:02", "A", "您好，欢迎光临"),
            ("2025-03-01 10:01:00", "A", "有的"),
        ]);
        let (key, value) = flag
            .as_object()
            .and_then(|flag| flag.iter().next())
            .expect("one");
        talk["messages"][1][key] = value.clone();
        talk["messages"][2]["auto"] = json!(false);
        talk["messages"][2]["manual_reply"] = json!(1);
        assert_eq!(figure(&talk, "first-human-reply"), Some(60.0), "{key}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is said and when: a value is no less than nothing and no more than the cap, a shop that
    /// never closes has no hours to take off, and only shares count what nobody answered.
    #[test]
    fn values_are_sound(lines in vec((0usize..5, 0i64..4000, 0usize..6), 1..40)) {
        let mut at: i64 = 1_772_000_000;
        let messages: Vec<Value> = lines
            .iter()
            .map(|(who, later, what)| {
                at += later;
                let (role, sender) = [
                    ("customer", "C"), ("agent", "A"), ("agent", "B"), ("bot", "R"), ("system", "T"),
                ][*who];
                let text = ["在吗", "有货吗？", "谢谢", "A转交给B", "好的", "来电振铃"][*what];
                json!({ "role": role, "sender": sender, "time": at, "text": text })
            })
            .collect();
        let transcript = read(&json!({ "id": "c", "messages": messages }));
        let open = read_profile("hours = \"00:00-24:00\"\n", "profile.toml").expect("a profile");
        let words = Words::absent();
        let inspection = Inspector::borrowing(all(), open, &words).inspect(&transcript);
        let of = |id: &str| -> Vec<(Owner, Option<i64>)> {
            let metric = all().metrics.iter().position(|metric| metric.id == id).expect(id);
            let samples = inspection.samples.iter().filter(|sample| sample.metric == metric);
            samples.map(|sample| (sample.owner, sample.millis)).collect()
        };
        for sample in &inspection.samples {
            let definition = all().metrics[sample.metric].definition;
            match sample.millis {
                Some(millis) => {
                    prop_assert!(millis >= 0);
                    prop_assert!(definition.cap.is_none_or(|cap| millis <= cap));
                }
                None => prop_assert!(matches!(definition.aggregate, Aggregate::Rate(_))),
            }
        }
        prop_assert_eq!(of("zendesk-first-reply"), of("zendesk-first-reply-business"));
        prop_assert_eq!(of("taobao-3min-rate-2023").len() >= of("taobao-3min-rate-2025").len(), true);
        prop_assert!(of("pinduoduo-effective-reply-5min").len() <= of("douyin-3min-rate").len());
        prop_assert_eq!(of("each-reply"), of("average-reply"));
    }
}
