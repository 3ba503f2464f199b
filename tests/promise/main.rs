//! `promise`: which words promise, when it falls due, and what became of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use zhijian::import;
use zhijian::inspect::{Inspection, Inspector};
use zhijian::rule::profile::Profile;
use zhijian::rule::{Owner, Verdict};
use zhijian::standard::{self, Standard};
use zhijian::text::Words;
use zhijian::transcript::Transcript;

const HEAD: &str = r#"schema = "zhijian-standard/1"
id = "sample"
version = "1.0.0"
title = { zh = "样例", en = "sample" }
[[dimensions]]
id = "d"
title = { zh = "维度", en = "dimension" }
weight = 100
"#;

fn rule(kind: &str, id: &str, fields: &str) -> String {
    format!(
        "[[rules.{kind}]]\nid = \"{kind}-{id}\"\ntitle = {{ zh = \"题\", en = \"title\" }}\nclauses = [\"X-001\"]\nseverity = \"major\"\ndimension = \"d\"\nflags = [\"x\"]\nallows = [\"y\"]\n{fields}\n"
    )
}

/// Lines such as `客 10:00:00 在吗`, `服(阿宁) 2024-05-07 09:00:00 好`; without a time: none.
fn transcript_with(lines: &str, change: impl Fn(&mut Value)) -> Transcript {
    let mut date = "2024-05-06".to_owned();
    let messages: Vec<Value> = lines
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (who, rest) = line.split_once(' ').expect("a speaker");
            let (head, name) = match who.split_once('(') {
                Some((head, name)) => (head, name.trim_end_matches(')')),
                None => (who, who),
            };
            let role = match head {
                "客" => "customer",
                "服" => "agent",
                "机" => "bot",
                "主管" => "supervisor",
                _ => "system",
            };
            let mut words: Vec<&str> = rest.splitn(3, ' ').collect();
            let is_time = |word: &str| word.len() >= 5 && word.as_bytes()[2] == b':';
            if words[0].len() == 10 && words[0].as_bytes()[4] == b'-' {
                date = words.remove(0).to_owned();
            }
            let rest = words.join(" ");
            let (time, text) = match rest.split_once(' ') {
                Some((time, text)) if is_time(time) => (Some(time), text),
                _ => (None, rest.as_str()),
            };
            let mut message = json!({ "role": role, "sender": name, "text": text });
            if let Some(time) = time {
                message["time"] = json!(format!("{date} {time}"));
            }
            message
        })
        .collect();
    let mut value = json!({ "id": "c", "timezone": "+08:00", "messages": messages });
    change(&mut value);
    let bytes = value.to_string().into_bytes();
    import::read("c.json", bytes, &import::Options::default())
        .next()
        .expect("one conversation")
}

fn transcript(lines: &str) -> Transcript {
    transcript_with(lines, |_| {})
}

/// Compiled once for each text: the shared lexicons are long.
fn compiled(rules: &str) -> &'static Standard {
    static KNOWN: Mutex<BTreeMap<String, &'static Standard>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(rules.to_owned()).or_insert_with(|| {
        let text = format!("{HEAD}{rules}");
        let standard = standard::compile(&text, "sample.toml").unwrap_or_else(|faults| {
            let told = faults
                .iter()
                .map(|f| format!("{:?} {}", f.line, f.message.en));
            panic!("{}", told.collect::<Vec<_>>().join("\n"))
        });
        Box::leak(Box::new(standard))
    })
}

fn inspect_with(rules: &str, profile: Profile, transcript: &Transcript) -> Inspection {
    let words = Words::absent();
    Inspector::borrowing(compiled(rules), profile, &words).inspect(transcript)
}

fn judge(fields: &str, lines: &str) -> Verdict {
    let rules = rule("promise", "kept", fields);
    inspect_with(&rules, Profile::default(), &transcript(lines))
        .verdicts
        .remove(0)
}

/// What each promise seen comes to: message, its words, outcome, the message that settled it.
fn seen(lines: &str) -> Vec<(usize, String, String, Option<usize>)> {
    let transcript = transcript(lines);
    let inspection = inspect_with(
        &rule("promise", "kept", ""),
        Profile::default(),
        &transcript,
    );
    inspection
        .observations
        .iter()
        .filter(|seen| seen.kind == "promise")
        .map(|seen| {
            let text = &transcript.messages[seen.message].text;
            (
                seen.message,
                seen.span.expect("words").of(text).to_owned(),
                seen.label.as_deref().expect("an outcome").to_owned(),
                seen.related.first().copied(),
            )
        })
        .collect()
}

fn one(lines: &str) -> (usize, String, String, Option<usize>) {
    let found = seen(lines);
    assert_eq!(found.len(), 1, "{lines}\n{found:?}");
    found[0].clone()
}

fn is(lines: &str, words: &str, label: &str, by: Option<usize>) {
    let found = one(lines);
    assert_eq!(
        (found.1.as_str(), found.2.as_str(), found.3),
        (words, label, by),
        "{lines}"
    );
}

#[test]
fn a_late_answer_breaks_a_promise_with_its_figures() {
    let verdict = judge(
        "",
        "客 10:00:40 那有316内胆的吗
         服(小雨) 10:01:05 我问一下产品同事,5分钟内回您
         客 10:12:30 还在吗?
         服(阿杰) 10:12:58 有的,内胆是316",
    );
    assert_eq!(verdict.findings.len(), 1);
    let finding = &verdict.findings[0];
    assert_eq!((finding.message, finding.related.as_slice()), (1, &[3][..]));
    let text = "我问一下产品同事,5分钟内回您";
    assert_eq!(finding.span.map(|span| span.of(text)), Some("5分钟内回您"));
    let measured = finding.measured.as_ref().expect("measured");
    assert_eq!(
        (measured.seconds, measured.limit),
        (Some(713.0), Some(300.0))
    );
    assert_eq!(
        finding.why[0].zh,
        "“5分钟内回您”，应在 05-06 10:06:05 前兑现"
    );
    assert!(matches!(finding.owner, Owner::Agent(_)), "who promised");
    assert_eq!(finding.wait, Some(1), "the wait that the late answer ends");
}

#[test]
fn anybody_may_keep_it() {
    is(
        "客 10:00:00 能开专票吗
         服(小雨) 10:00:20 我跟财务确认,10分钟内回您
         主管(阿宁) 10:09:00 可以开专票",
        "10分钟内回您",
        "kept",
        Some(2),
    );
    // Unless the rule says that only who promised may.
    let verdict = judge(
        "keep = { by = \"same-agent\" }",
        "客 10:00:00 能开专票吗
         服(小雨) 10:00:20 我跟财务确认,10分钟内回您
         服(阿宁) 10:09:00 可以开专票
         客 10:30:00 好",
    );
    assert_eq!(verdict.findings.len(), 1);
    assert_eq!(verdict.findings[0].related, [0_usize; 0]);
}

#[test]
fn holds_courtesy_and_questions_keep_nothing() {
    for filler in [
        "您好,请稍等",
        "非常抱歉让您久等了",
        "好的亲",
        "您方便发下订单号吗?",
        "感谢您的耐心等待",
        "帮您查一下",
    ] {
        is(
            &format!(
                "客 10:00:00 能开专票吗
                 服 10:00:20 我核实下,10分钟内回复您
                 客 10:02:00 好的
                 服 10:05:00 {filler}
                 客 10:30:00 人呢
                 服 10:31:00 可以开的"
            ),
            "10分钟内回复您",
            "broken",
            Some(5),
        );
    }
    // A few words are an answer.
    for answer in ["有货", "可以的,下单备注", "查到了,是仓库漏发", "[图片]"] {
        is(
            &format!(
                "客 10:00:00 有货吗
                 服 10:00:20 我核实下,10分钟内回复您
                 客 10:02:00 好的
                 服 10:05:00 {answer}"
            ),
            "10分钟内回复您",
            "kept",
            Some(3),
        );
    }
    // In the same breath only a result keeps it.
    is(
        "客 10:00:00 有货吗
         服 10:00:20 我问下仓库,10分钟内回复您
         服 10:00:24 您先看看别的款式
         客 10:30:00 人呢",
        "10分钟内回复您",
        "broken",
        Some(3),
    );
}

#[test]
fn a_new_time_in_time_renews_and_a_late_one_slips() {
    let renewed = "客 13:00:00 點解未出貨
         服 13:03:50 收到,請稍等,我跟倉庫確認,20分鐘內回覆您
         服 13:20:10 跟您更新:倉庫還在查,再給我一點時間,13:50前一定回覆您
         服 13:46:00 查到了,因颱風延誤,預計週一出貨,不想等也可以取消,您看可以嗎?";
    let found = seen(renewed);
    let labels: Vec<(usize, &str, Option<usize>)> = found
        .iter()
        .map(|(at, _, label, by)| (*at, label.as_str(), *by))
        .collect();
    assert_eq!(labels, [(1, "renewed", Some(2)), (2, "kept", Some(3))]);
    assert!(judge("", renewed).findings.is_empty());
    // `renew = false`: the first time holds.
    assert_eq!(
        judge("renew = false", &renewed.replace("13:46:00", "13:49:00"))
            .findings
            .len(),
        1
    );
    // Given after it fell due.
    let slipped = seen(
        "客 10:00:00 退款呢
         服 10:00:20 2小时内给您答复
         客 13:00:00 还没有答复
         服 13:01:00 抱歉,今天18点前给您答复
         服 17:00:00 退款已经原路退回",
    );
    let labels: Vec<(&str, Option<usize>)> = slipped
        .iter()
        .map(|(_, _, label, by)| (label.as_str(), *by))
        .collect();
    assert_eq!(labels, [("broken", Some(3)), ("kept", Some(4))]);
    // The customer holds them to the first; a later time does not replace it.
    let quoted = seen(
        "客 2024-05-06 10:00:00 退款呢
         服 10:00:20 明天给您答复
         客 2024-05-07 12:00:00 你们昨天说今天答复的
         服 12:01:00 后天给您答复
         服 2024-05-09 11:00:00 退款已经原路退回",
    );
    assert_eq!(quoted[0].2, "broken");
    assert_eq!(quoted[1].2, "kept");
}

#[test]
fn without_a_time_only_asking_again_after_a_day_breaks_it() {
    is(
        "客 2024-05-10 09:30:00 三天没更新物流了
         服 09:31:20 那我帮您登记催件,有消息通知您
         客 2024-05-12 16:40:00 还没到!都五天了,到底管不管
         服 16:40:41 快递慢我们也没办法",
        "有消息通知您",
        "broken",
        Some(2),
    );
    // Asked before the day is over, or not at all.
    is(
        "客 10:00:00 物流不动了
         服 10:01:00 我催一下,尽快给您答复
         客 15:00:00 还没到吗",
        "尽快给您答复",
        "pending",
        None,
    );
    is(
        "客 2024-05-06 10:00:00 物流不动了
         服 10:01:00 我催一下,尽快给您答复
         客 2024-05-09 15:00:00 好的谢谢",
        "尽快给您答复",
        "pending",
        None,
    );
    // By the time alone, where the rule says so.
    let lines = "客 2024-05-06 10:00:00 物流不动了
         服 10:01:00 我催一下,尽快给您答复
         客 2024-05-09 15:00:00 好的谢谢";
    let verdict = judge("vague = { due = \"2h\", broken-by = \"time\" }", lines);
    assert_eq!(verdict.findings.len(), 1);
    // Saying it again does not break it twice.
    let verdict = judge(
        "",
        "客 2024-05-10 09:30:00 三天没更新物流了
         服 09:31:20 有消息通知您
         客 09:32:00 快点
         服 09:32:20 好的,有消息通知您
         客 2024-05-12 16:40:00 还没到!到底管不管",
    );
    assert_eq!(verdict.findings.len(), 1);
}

#[test]
fn a_third_party_is_out_of_sight_until_the_customer_says_that_nobody_came() {
    for (promise, words) in [
        ("专员24小时内会联系您", "24小时内会联系您"),
        ("已登记,安装师傅会尽快联系您", "会尽快联系您"),
        ("24小时内给您回电", "24小时内给您回电"),
        ("同事會在24小時內聯繫您", "24小時內聯繫您"),
    ] {
        let silent = format!(
            "客 2024-05-06 10:00:00 安装怎么约
             服 10:01:00 {promise}
             客 2024-05-09 10:00:00 安装好了谢谢"
        );
        let found = one(&silent);
        assert_eq!(found.2, "pending", "{silent}");
        assert!(
            found.1.contains(words) || words.contains(&found.1),
            "{found:?}"
        );
        let complained = format!(
            "客 2024-05-06 10:00:00 安装怎么约
             服 10:01:00 {promise}
             客 2024-05-09 10:00:00 没人联系我"
        );
        assert_eq!(
            (one(&complained).2.as_str(), one(&complained).3),
            ("broken", Some(2))
        );
        let early = format!(
            "客 2024-05-06 10:00:00 安装怎么约
             服 10:01:00 {promise}
             客 11:00:00 没人联系我"
        );
        assert_eq!(one(&early).2, "pending", "{early}");
    }
    // Asked, not acting: it is the agent who comes back.
    is(
        "客 10:00:00 有货吗
         服 10:00:20 我问下仓库后10分钟内回复您
         客 11:00:00 人呢",
        "10分钟内回复您",
        "broken",
        Some(2),
    );
}

#[test]
fn what_is_open_is_not_assessed() {
    let reason = |lines: &str| {
        let verdict = judge("", lines);
        assert!(verdict.findings.is_empty(), "{lines}");
        match verdict.outcomes.as_slice() {
            [(_, zhijian::rule::Outcome::NotAssessed(reason))] => reason.en.clone(),
            other => panic!("{lines}: {other:?}"),
        }
    };
    assert_eq!(
        reason("客 10:00:00 有货吗\n服 10:00:20 半小时内回复您\n客 10:10:00 好"),
        "the log ends before the promise fell due"
    );
    assert_eq!(
        reason(
            "客 10:00:00 有货吗\n服 10:00:20 [数字x]小时内回复您\n客 20:10:00 人呢\n服 20:11:00 有货的"
        ),
        "the promised time is masked or impossible, its length unknown"
    );
    assert_eq!(
        reason(
            "客 10:00:00 退款呢\n服 10:00:20 收到退件后3天内给您答复\n客 2024-05-16 10:10:00 退款呢\n服 10:11:00 还没有收到"
        ),
        "the promise hangs on a condition that may not have come true"
    );
    assert_eq!(
        reason("客 有货吗\n服 半小时内回复您\n客 人呢\n服 有货的"),
        "a timestamp is missing, so nothing can be measured"
    );
    // To the minute, a minute either way is nobody's fault.
    assert_eq!(
        reason("客 10:00 有货吗\n服 10:00 5分钟内回复您\n客 10:01 好\n服 10:05 有货的"),
        "times are to the minute, too coarse for a limit so near"
    );
    assert_eq!(
        judge(
            "",
            "客 10:00 有货吗\n服 10:00 5分钟内回复您\n客 10:01 好\n服 10:07 有货的"
        )
        .findings
        .len(),
        1
    );
}

#[test]
fn look_alikes_promise_nothing() {
    for line in [
        "马上为您查询,请稍等",
        "预计明天到",
        "活动明天结束",
        "您稍等一下",
        "我5分钟前发您了",
        "保修一年的",
        "7天无理由退换",
        "您看我明天给您答复可以吗",
        "明天答复您,可以吗?",
        "我昨天已经回复您了",
        "退款1到3个工作日原路退回",
        "48小时内发货",
        "您说“半小时内回复您”是哪位客服说的呢",
        "我不能保证今天给您答复",
        "您可以明天联系我们",
        "我告诉您,这款是纯棉的",
        "刚刚已经给您反馈了",
        "上次是阿杰联系您的",
        "有问题随时联系我",
    ] {
        let found = seen(&format!(
            "客 10:00:00 在吗\n服 10:00:20 {line}\n客 20:00:00 人呢"
        ));
        assert!(found.is_empty(), "{line}: {found:?}");
    }
}

#[test]
fn many_forms_are_understood() {
    // The words, the due time in seconds from 10:00:00 of a Monday.
    for (line, words, limit) in [
        ("帮您核实,半小时内回复您", "半小时内回复您", 1800.0),
        ("我去確認,兩個小時內給您答覆", "兩個小時內給您答覆", 7200.0),
        ("明天上午给您答复", "明天上午给您答复", 26.0 * 3600.0),
        ("今天下班前给您结果", "今天下班前给您结果", 8.0 * 3600.0),
        ("24小时内处理好", "24小时内处理好", 86_400.0),
        ("今日18点前处理完成", "今日18点前处理完成", 8.0 * 3600.0),
        (
            "1到3个工作日内给您回复",
            "1到3个工作日内给您回复",
            86_400.0 * 4.0 - 36_000.0,
        ),
        (
            "结果明天18点前在这里告诉您",
            "明天18点前在这里告诉您",
            32.0 * 3600.0,
        ),
        ("我核实一下再回复您,预计20分钟", "再回复您", 1200.0),
        (
            "I'll get back to you within 24 hours",
            "I'll get back to you within 24 hours",
            86_400.0,
        ),
        (
            "We will let you know by tomorrow 10am",
            "We will let you know by tomorrow 10am",
            24.0 * 3600.0,
        ),
    ] {
        let transcript = transcript(&format!("客 09:59:00 在吗\n服 10:00:00 {line}"));
        let inspection = inspect_with(
            &rule("promise", "kept", ""),
            Profile::default(),
            &transcript,
        );
        let promise = inspection
            .observations
            .iter()
            .find(|seen| seen.kind == "promise")
            .unwrap_or_else(|| panic!("{line}"));
        let text = &transcript.messages[1].text;
        let shown = promise.span.expect("words").of(text);
        assert!(
            shown.contains(words) || words.contains(shown),
            "{line}: {shown}"
        );
        let given = promise
            .measured
            .as_ref()
            .and_then(|m| m.limit)
            .expect("a limit");
        assert!(
            (given - limit).abs() <= 600.0,
            "{line}: {given} is not {limit}"
        );
    }
}

#[test]
fn a_hold_is_judged_only_where_it_has_a_limit() {
    let lines = "客 10:00:00 有货吗
         服 10:00:20 请稍等
         客 10:10:00 人呢
         服 10:10:20 有货的";
    assert_eq!(judge("", lines), Verdict::default());
    let verdict = judge("hold = \"3m\"", lines);
    assert_eq!(verdict.findings.len(), 1);
    assert_eq!(verdict.findings[0].related, [3]);
    let by_profile = rule("promise", "kept", "hold = { profile = \"hold\" }");
    let mut profile = Profile::default();
    let unset = inspect_with(&by_profile, profile.clone(), &transcript(lines));
    assert!(unset.verdicts[0].findings.is_empty());
    profile.limits.insert("hold".to_owned(), Some(180_000));
    let set = inspect_with(&by_profile, profile, &transcript(lines));
    assert_eq!(set.verdicts[0].findings.len(), 1);
    // Answered at once, or held again in time.
    for kept in [
        "客 10:00:00 有货吗\n服 10:00:20 请稍等\n服 10:00:40 有货的",
        "客 10:00:00 有货吗\n服 10:00:20 请稍等\n服 10:03:00 还在查,请稍等\n服 10:05:00 有货的",
    ] {
        assert!(judge("hold = \"3m\"", kept).findings.is_empty(), "{kept}");
    }
}

#[test]
fn a_wait_inside_a_promise_is_not_slow_and_one_beyond_it_is_charged_once() {
    let rules = rule(
        "reply",
        "each",
        "metric = \"each-reply\"\nlimit = \"60s\"\nowner = \"owed\"",
    ) + &rule("promise", "kept", "");
    let inside = inspect_with(
        &rules,
        Profile::default(),
        &transcript(
            "客 10:00:00 有货吗
             服 10:00:20 我问下仓库,30分钟内回复您
             客 10:01:00 好了告诉我啊
             服 10:20:00 有货的",
        ),
    );
    assert!(
        inside
            .verdicts
            .iter()
            .all(|verdict| verdict.findings.is_empty())
    );
    let beyond = inspect_with(
        &rules,
        Profile::default(),
        &transcript(
            "客 10:00:00 有货吗
             服 10:00:20 我问下仓库,5分钟内回复您
             客 10:01:00 好了告诉我啊
             服 10:20:00 有货的",
        ),
    );
    let waits: Vec<Option<usize>> = beyond
        .verdicts
        .iter()
        .flat_map(|verdict| verdict.findings.iter().map(|finding| finding.wait))
        .collect();
    assert_eq!(waits, [Some(1), Some(1)], "one wait, one charge");
    // A promise without a time covers nothing.
    let vague = inspect_with(
        &rules,
        Profile::default(),
        &transcript(
            "客 10:00:00 有货吗
             服 10:00:20 我问下仓库,尽快回复您
             客 10:01:00 快点
             服 10:20:00 有货的",
        ),
    );
    assert_eq!(vague.verdicts[0].findings.len(), 1);
}

#[test]
fn a_customer_who_wants_it_no_more_ends_it() {
    is(
        "客 10:00:00 有货吗
         服 10:00:20 我问下仓库,30分钟内回复您
         客 10:05:00 不用问了,我买到了
         客 12:00:00 在吗",
        "30分钟内回复您",
        "unknown",
        None,
    );
    assert_eq!(
        judge(
            "",
            "客 10:00:00 有货吗\n服 10:00:20 我问下仓库,30分钟内回复您\n客 10:05:00 不用问了\n客 12:00:00 在吗"
        ),
        Verdict::default()
    );
}

#[test]
fn the_zone_of_the_conversation_decides_what_tomorrow_is() {
    let lines = "客 23:00:00 在吗\n服 23:30:00 明天给您答复";
    for (zone, limit) in [("+08:00", 24.5), ("-05:00", 24.5)] {
        let transcript = transcript_with(lines, |value| value["timezone"] = json!(zone));
        let inspection = inspect_with(
            &rule("promise", "kept", ""),
            Profile::default(),
            &transcript,
        );
        let promise = inspection
            .observations
            .iter()
            .find(|seen| seen.kind == "promise")
            .expect("a promise");
        assert_eq!(
            promise.measured.as_ref().and_then(|m| m.limit),
            Some(limit * 3600.0),
            "{zone}"
        );
    }
}

#[test]
fn mistakes_in_the_rule_are_told() {
    let text = format!(
        "{HEAD}{}",
        rule(
            "promise",
            "kept",
            "role = \"customer\"\nvague = { due = \"soon\", broken-by = \"luck\" }\nkept = 1"
        )
    );
    let codes: Vec<String> = standard::compile(&text, "sample.toml")
        .expect_err("mistakes")
        .into_iter()
        .map(|fault| fault.code)
        .collect();
    for code in ["word-unknown", "duration-invalid", "field-unknown"] {
        assert!(codes.iter().any(|found| found == code), "{code}: {codes:?}");
    }
}

#[test]
fn working_days_without_holidays_charge_nobody_over_a_holiday() {
    // 30 April 2026 is a Thursday; the next day is a holiday that the calendar does not know of.
    let late = "客 2026-04-30 10:00:00 什么时候退款
         服 10:00:20 1个工作日内给您回复
         客 2026-05-04 10:00:00 人呢,怎么还没回复";
    let rules = rule("promise", "kept", "");
    let judged = |profile: Profile, lines: &str| {
        inspect_with(&rules, profile, &transcript(lines))
            .verdicts
            .remove(0)
    };
    let verdict = judged(Profile::default(), late);
    assert_eq!(verdict.findings.len(), 0, "{:?}", verdict.findings);
    let told = format!("{:?}", verdict.outcomes);
    assert!(
        told.contains("NotAssessed") && told.contains("holidays"),
        "{told}"
    );
    // No holidays last as long.
    let longer = late.replace("2026-05-04", "2026-05-11");
    assert_eq!(judged(Profile::default(), &longer).findings.len(), 1);
    // The shop that states its holidays is taken at its word.
    let with = |days: &str| {
        zhijian::standard::read_profile(&format!("holidays = [\"{days}\"]\n"), "p.toml")
            .expect("a profile")
    };
    assert_eq!(judged(with("2026-10-01"), late).findings.len(), 1);
    let stated = judged(with("2026-05-01..2026-05-05"), late);
    assert_eq!(stated.findings.len(), 0, "not due yet");
    // Calendar days have no holidays.
    let days = late.replace("1个工作日内", "1天内");
    assert_eq!(judged(Profile::default(), &days).findings.len(), 1);
}

#[test]
fn a_time_that_cannot_be_is_no_midnight() {
    for time in ["2月30日前", "25点前"] {
        let verdict = judge(
            "",
            &format!("客 10:00:00 在吗\n服 10:00:20 {time}给您回复\n客 2024-05-09 10:00:00 人呢"),
        );
        assert_eq!(verdict.findings.len(), 0, "{time}");
        let told = format!("{:?}", verdict.outcomes);
        assert!(told.contains("impossible"), "{time}: {told}");
    }
}

#[test]
fn a_waived_promise_does_not_stand_for_the_next() {
    let found = seen(
        "客 10:00:00 能开专票吗
         服 10:00:20 我核实一下再回复您
         客 10:01:00 不用了
         客 15:00:00 还是想问一下能开专票吗
         服 15:00:20 我核实一下再回复您
         客 2024-05-08 16:00:00 人呢,怎么还没回复我",
    );
    let outcomes: Vec<(usize, &str)> = found
        .iter()
        .map(|(at, _, label, _)| (*at, label.as_str()))
        .collect();
    assert_eq!(outcomes, [(1, "unknown"), (4, "broken")]);
}
