//! `privacy` from sentence to report: what is a leak, what is none, and that no report holds what leaked.

#![allow(clippy::print_stderr, reason = "a check that is skipped says so")]

use zhijian::report::Conversation;
use zhijian::rule::profile::Profile;
use zhijian::standard::read_profile;
use zhijian::text::Words;
use zhijian::wire::{self, Advance, Job, Options};

/// A dialogue of `客`, `服` and `系统` lines as one conversation of an export.
fn export(dialogue: &str) -> Vec<u8> {
    let messages: Vec<serde_json::Value> = dialogue
        .lines()
        .map(str::trim)
        .enumerate()
        .map(|(second, line)| {
            let (who, text) = line.split_once(' ').expect("speaker and words");
            let (role, sender) = match who {
                "客" => ("customer", "买家"),
                "系统" => ("system", "系统"),
                _ => ("agent", "小雨"),
            };
            serde_json::json!({"role": role, "sender": sender, "text": text,
                "time": format!("2024-05-06T10:00:{second:02}+08:00")})
        })
        .collect();
    serde_json::json!({"id": "a", "messages": messages})
        .to_string()
        .into_bytes()
}

struct Judged {
    conversation: Conversation,
    /// Everything that leaves the program about it.
    report: String,
}

fn judge_all(standard: &str, profile: Profile, dialogues: &[String]) -> Vec<Judged> {
    let standard =
        wire::open_standard(standard, "probe.toml", &Words::absent()).expect("a standard");
    let mut job = Job::new(standard, profile, Words::bundled(), Options::default());
    dialogues
        .iter()
        .map(|dialogue| {
            job.add("a.json", export(dialogue));
            let Advance::Judged(judged) = job.advance() else {
                panic!("no conversation in {dialogue}")
            };
            let conversation = judged.view().conversation(job.standard().into());
            let line = zhijian::report::line(&conversation);
            let mut report = job.report_head();
            report.extend_from_slice(&line);
            report.extend(job.csv(&line).expect("rows"));
            report.extend(job.report_tail());
            report.extend(job.summary());
            Judged {
                conversation,
                report: String::from_utf8(report).expect("UTF-8"),
            }
        })
        .collect()
}

fn judge_by(standard: &str, profile: Profile, dialogue: &str) -> Judged {
    judge_all(standard, profile, &[dialogue.to_owned()])
        .pop()
        .expect("one")
}

fn answers(said: &[&str]) -> Vec<Judged> {
    let dialogues: Vec<String> = said
        .iter()
        .map(|said| format!("客 在吗\n服 {said}"))
        .collect();
    judge_all("pinduoduo", Profile::default(), &dialogues)
}

/// The quotes of the findings of a rule.
fn quotes(judged: &Judged, rule: &str) -> Vec<String> {
    judged
        .conversation
        .findings
        .iter()
        .filter(|finding| finding.rule == rule || finding.also.iter().any(|also| also.rule == rule))
        .map(|finding| finding.quote.clone().unwrap_or_default())
        .collect()
}

const LEAK: &str = "house/privacy-leak";

#[test]
fn what_leaks_is_told_masked() {
    let leaks = [
        (
            "上一位客户张丽 13800000000 也买了",
            "张* 138****0000",
            "13800000000",
        ),
        (
            "她电话１３８ ００００ ００００",
            "１３８ **** ００００",
            "００００ ００００",
        ),
        (
            "他身份证是11010519491231002X哦",
            "110*************2X",
            "19491231",
        ),
        (
            "他卡号6222021234567890128",
            "6222***********0128",
            "12345678",
        ),
        ("找他 zhang.san@qq.com", "z***@qq.com", "zhang.san"),
        ("隔壁李先生就住翠苑小区8号楼", "李先生就住翠苑***", "8号楼"),
        ("他的车是粤B12345", "粤B****5", "B1234"),
        ("她的手机0912-345-678", "09**-**5-678", "345-678"),
    ];
    for ((said, shown, clear), judged) in leaks.iter().zip(answers(&leaks.map(|leak| leak.0))) {
        assert_eq!(quotes(&judged, LEAK), [*shown], "{said}");
        assert!(!judged.report.contains(clear), "{said}: {}", judged.report);
        let findings = &judged.conversation.findings;
        let leak = findings.iter().find(|f| f.rule == LEAK).expect("a leak");
        assert_eq!(
            (leak.message, leak.clauses[0].as_str()),
            (Some(1), "HS-008")
        );
    }
}

#[test]
fn no_other_rule_quotes_a_number_either() {
    let quoting = [
        "加我微信13812345678详聊",
        "我的手机号是138-1234-5678，直接转账便宜10元",
        "支付宝转我个人账户 13812345678 就行",
    ];
    for (said, judged) in quoting.iter().zip(answers(&quoting)) {
        assert!(!judged.conversation.findings.is_empty(), "{said}");
        for clear in ["13812345678", "138-1234-5678"] {
            assert!(!judged.report.contains(clear), "{said}: {}", judged.report);
        }
    }
}

#[test]
fn what_is_known_or_public_is_no_leak() {
    let dialogues = [
        "客 我的电话13812345678\n服 +86 138 1234 5678 对吗",
        "客 张丽，文三路12号\n服 张丽女士，文三路12号",
        "系统 收货人：张丽 13812345678\n服 13812345678 是您的吧",
        "客 在吗\n服 订单13812345678已发出",
        "客 在吗\n服 运单号：13812345678",
        "客 在吗\n服 顺丰SF13812345678",
        "客 在吗\n服 拍这个https://item.taobao.com/item.htm?id=13812345678",
        "客 在吗\n服 http://shop.example/goods/13812345678.html",
        "客 在吗\n服 这款的SN:13812345678，SKU 13812345678",
        "客 在吗\n服 商品ID 13812345678，优惠券码13812345678",
        "客 在吗\n服 138****5678这个号吗",
        "客 在吗\n服 派件员电话13812345678，您联系他",
        "客 在吗\n服 客服热线400-800-1234，投诉12315",
        "客 在吗\n服 李先生您好",
        "客 店在哪\n服 文三路12号哦",
        "客 在吗\n服 發票統編12345675已開好",
        "客 他电话多少\n服 您刚才说“打13812345678没人接”，我再查查",
    ]
    .map(str::to_owned);
    let all = judge_all("pinduoduo", Profile::default(), &dialogues);
    for (dialogue, judged) in dialogues.iter().zip(all) {
        assert_eq!(quotes(&judged, LEAK), [""; 0], "{dialogue}");
    }
}

#[test]
fn the_shops_own_numbers_are_public() {
    let dialogue = "客 在吗\n服 打138-0000-1111，或写信me@xiaohe.example";
    let own = "phones = [\"13800001111\", \"me@xiaohe.example\"]";
    let profile = read_profile(own, "profile.toml").expect("a profile");
    let stranger = judge_by("pinduoduo", Profile::default(), dialogue);
    assert_eq!(quotes(&stranger, LEAK).len(), 1);
    assert_eq!(
        quotes(&judge_by("pinduoduo", profile, dialogue), LEAK),
        [""; 0]
    );
}

/// A standard of one rule.
fn standard(rule: &str) -> String {
    format!(
        r#"schema = "zhijian-standard/1"
id = "probe"
version = "1.0.0"
title = {{ zh = "试", en = "Probe" }}
[[dimensions]]
id = "d"
title = {{ zh = "维", en = "d" }}
weight = 10
[[rules.privacy]]
id = "privacy-probe"
title = {{ zh = "不得泄露", en = "No leak" }}
clauses = ["T-1"]
severity = "major"
dimension = "d"
{rule}
"#
    )
}

#[test]
fn an_echo_can_be_forbidden_too() {
    let toml = standard(
        "detect = [\"mobile\"]\nown-echo = false\nflags = [\"客 我13812345678\\n服 13812345678吗\"]\nallows = [\"尾号5678\"]",
    );
    let judged = judge_by(
        &toml,
        Profile::default(),
        "客 我13812345678\n服 13812345678吗",
    );
    assert_eq!(quotes(&judged, "probe/privacy-probe"), ["138****5678"]);
    assert_eq!(judged.conversation.findings[0].why.len(), 1);
}

#[test]
fn mistakes_of_an_author_are_told_at_their_place() {
    for (rule, code, line) in [
        (
            "detect = [\"mobil\"]\nflags = [\"a\"]\nallows = [\"b\"]",
            "word-unknown",
            15,
        ),
        ("flags = [\"a\"]\nallows = [\"b\"]", "field-missing", 9),
        (
            "mode = \"harvest\"\nflags = [\"a\"]\nallows = [\"b\"]",
            "field-missing",
            9,
        ),
        (
            "mode = \"harvest\"\nany = [\"密码\"]\ndetect = [\"mobile\"]\nflags = [\"密码\"]\nallows = [\"b\"]",
            "field-useless",
            9,
        ),
    ] {
        let Err(faults) = wire::open_standard(&standard(rule), "probe.toml", &Words::absent())
        else {
            panic!("{rule} compiles")
        };
        let told: Vec<_> = faults.iter().map(|f| (f.code.as_str(), f.line)).collect();
        assert!(told.contains(&(code, Some(line))), "{rule}: {told:?}");
    }
}

#[test]
fn the_phrase_banks_of_privacy_come_out_as_they_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/domain/banks.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("no phrase banks here; the sentences above have been tried");
        return;
    };
    let banks: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let mut tried = Vec::new();
    for (bank, rule) in [
        ("PIIASK", "house/privacy-harvest"),
        ("PIILEAK", LEAK),
        ("OFFPLATFORM", "house/forbid-off-platform"),
    ] {
        for (key, wanted) in [("hit", true), ("nohit", false)] {
            for item in banks[bank][key].as_array().expect("a list") {
                let item = item.as_str().expect("a sentence");
                for said in [item.to_owned(), fast2s::convert(item)] {
                    let dialogue = match said.split_once(':').filter(|(who, _)| *who == "客户") {
                        Some((_, asked)) => format!("客 {asked}\n服 不可以的哦"),
                        None => format!("客 在吗\n服 {said}"),
                    };
                    tried.push((bank, rule, wanted, dialogue));
                }
            }
        }
    }
    let dialogues: Vec<String> = tried.iter().map(|tried| tried.3.clone()).collect();
    let all = judge_all("pinduoduo", Profile::default(), &dialogues);
    let wrong: Vec<_> = tried
        .iter()
        .zip(all)
        // What is shown or told of somebody else has a rule of its own beside what is written out.
        .filter(|((_, rule, wanted, _), judged)| {
            let told = *rule == LEAK && !quotes(judged, "house/privacy-leak-told").is_empty();
            (!told && quotes(judged, rule).is_empty()) == *wanted
        })
        .map(|(tried, _)| tried)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn many_numbers_are_each_compared_with_what_was_written_before() {
    // Every second number is the customer's own, one is written only afterwards.
    let mut lines = String::new();
    for number in 0..200 {
        if number % 2 == 0 {
            lines.push_str(&format!("客 我的是139{number:04}5678,+86也行\n"));
        }
        lines.push_str(&format!("服 139-{number:04}-5678\n"));
    }
    lines.push_str("客 13901995678");
    let judged = judge_by(
        "pinduoduo",
        Profile::default(),
        &lines.replace("服 139-0001-5678", "服 +86 139 0002 5678\n服 139-0001-5678"),
    );
    let leaks = judged
        .conversation
        .findings
        .iter()
        .filter(|finding| finding.kind == "privacy");
    // 100 of the odd ones, and the even one that was written before its customer did.
    assert_eq!(leaks.count(), 101);
}
