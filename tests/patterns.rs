//! Fifteen patterns that inspectors draw fine lines in, one test each, through whole standards: what is
//! a finding, and what only looks like one.
//!
//! What a reader would get wrong: a test names the one rule it is about. Other rules may find something
//! in the same lines; what they find is their own tests' matter.

use std::sync::LazyLock;

use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::report::Conversation;
use zhijian::rule::profile::Profile;
use zhijian::score;
use zhijian::standard::{self, Standard, built_in};
use zhijian::text::Words;

static WORDS: LazyLock<Words> = LazyLock::new(Words::bundled);
static PINDUODUO: LazyLock<Standard> = LazyLock::new(|| compiled("pinduoduo"));
static TAOBAO: LazyLock<Standard> = LazyLock::new(|| compiled("taobao"));

fn compiled(id: &str) -> Standard {
    let entry = built_in::find(id).expect("built in");
    standard::compile(entry.text(), id).unwrap_or_else(|faults| panic!("{id}: {faults:?}"))
}

fn inspector(id: &str, profile: Profile) -> Inspector<'static> {
    let standard = if id == "taobao" { &TAOBAO } else { &PINDUODUO };
    Inspector::borrowing(standard, profile, &WORDS)
}

/// One line a message: `客 10:00:00 在吗`; the speaker, where it matters a day (`+1`) and a time, the words.
fn messages(dialogue: &str) -> Vec<serde_json::Value> {
    let (mut day, mut seconds) = (6, 36_000 - 20);
    let lines = dialogue
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (who, mut text) = line.split_once(' ').expect("a speaker and words");
            let (role, sender) = match who {
                "客" => ("customer", "买家"),
                "机" => ("bot", "小蜜"),
                "系统" => ("system", "系统"),
                "服" => ("agent", "小雨"),
                name => ("agent", name),
            };
            seconds += 20;
            if let Some((days, rest)) = text.strip_prefix('+').and_then(|t| t.split_once(' ')) {
                day += days.parse::<u32>().expect("days");
                text = rest;
            }
            if let Some((time, rest)) = text.split_once(' ')
                && let [hour, minute, second] = *time.split(':').collect::<Vec<_>>()
            {
                let number = |part: &str| part.parse::<u32>().expect("a time");
                seconds = number(hour) * 3_600 + number(minute) * 60 + number(second);
                text = rest;
            }
            let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
            let time = format!("2024-05-{day:02} {hour:02}:{minute:02}:{second:02}");
            serde_json::json!({ "role": role, "sender": sender, "time": time, "text": text })
        })
        .collect()
}

fn judged(inspector: &Inspector<'_>, dialogue: &str) -> Conversation {
    let source = serde_json::json!({ "id": "p", "messages": messages(dialogue) });
    let bytes = source.to_string().into_bytes();
    let mut reader = import::read("p.jsonl", bytes, &import::Options::default());
    let transcript = reader.next().expect("one conversation");
    let inspection = inspector.inspect(&transcript);
    let options = score::Options::default();
    score::conversation(inspector.standard(), &transcript, &inspection, &options)
}

/// A standard to judge by.
struct Bench(Inspector<'static>);

impl Bench {
    fn of(id: &str) -> Self {
        Self(inspector(id, Profile::default()))
    }

    fn judged(&self, dialogue: &str) -> Conversation {
        judged(&self.0, dialogue)
    }

    /// The messages at which a rule finds something.
    fn at(&self, rule: &str, dialogue: &str) -> Vec<usize> {
        let judged = self.judged(dialogue);
        let findings = judged
            .findings
            .iter()
            .filter(|finding| finding.rule == rule);
        findings.filter_map(|finding| finding.message).collect()
    }

    /// Each dialogue has exactly one finding of the rule, at this message.
    fn hits(&self, rule: &str, cases: &[(usize, &str)]) {
        for (message, dialogue) in cases {
            assert_eq!(self.at(rule, dialogue), [*message], "{rule}\n{dialogue}");
        }
    }

    /// No dialogue has a finding of the rule.
    fn quiet(&self, rule: &str, dialogues: &[&str]) {
        for dialogue in dialogues {
            assert_eq!(
                self.at(rule, dialogue),
                Vec::<usize>::new(),
                "{rule}\n{dialogue}"
            );
        }
    }

    /// The labels of the observations of a kind, with their messages.
    fn seen(&self, kind: &str, dialogue: &str) -> Vec<(usize, String)> {
        let judged = self.judged(dialogue);
        let seen = judged.observations.iter().filter(|seen| seen.kind == kind);
        seen.map(|seen| (seen.message, seen.label.clone().unwrap_or_default()))
            .collect()
    }
}

#[test]
fn sent_back_to_the_same_door() {
    let bench = Bench::of("pinduoduo");
    let rule = "house/forbid-same-door";
    bench.hits(
        rule,
        &[
            (1, "客 快递电话打过了，没人接\n服 您自己打快递电话催一下"),
            (1, "客 我联系过厂家了，他们不管\n服 请联系厂家"),
            (
                3,
                "客 怎么装\n服 看说明书\n客 说明书我看过了，没写\n服 看说明书就行",
            ),
        ],
    );
    bench.quiet(
        rule,
        &[
            "客 快递到哪了\n服 您可以打快递电话95338问一下",
            "客 我打了快递电话没人接\n服 您别再打了，我来联系网点",
            "客 还没打过快递电话\n服 您可以打快递电话95338问一下",
            "客 我问过他们了\n服 那我帮您登记催件，今天17点前回您",
        ],
    );
}

#[test]
fn a_closing_phrase_instead_of_an_answer() {
    let bench = Bench::of("pinduoduo");
    let rule = "house/forbid-close-over-question";
    bench.hits(
        rule,
        &[
            (1, "客 到底什么时候发货\n服 祝您生活愉快"),
            (
                1,
                "客 运费谁出呀\n服 请问还有其他可以帮您的吗\n客 运费谁出？",
            ),
            (1, "客 能换大一码吗\n服 满意的话麻烦给个五星哦"),
        ],
    );
    bench.quiet(
        rule,
        &[
            "客 运费谁出呀\n服 运费我们出，请问还有其他可以帮您的吗",
            "客 运费谁出呀\n服 运费我们出\n服 祝您生活愉快",
            "客 好的呢\n服 祝您生活愉快",
            "客 没问题了，谢谢\n服 期待您再次光临",
        ],
    );
    bench.hits(
        "house/forbid-close-over-complaint",
        &[
            (1, "客 我要投诉你们\n服 祝您购物愉快"),
            (1, "客 收到是碎的\n服 感谢您的光临"),
        ],
    );
    bench.quiet(
        "house/forbid-close-over-complaint",
        &["客 收到是碎的\n服 抱歉，马上给您补发，祝您购物愉快"],
    );
}

#[test]
fn waiting_again_and_again_in_other_words() {
    let bench = Bench::of("pinduoduo");
    let rule = "house/repeat-hold-loop";
    bench.hits(
        rule,
        &[
            (5, "客 我的退款呢\n服 稍等，我看一下\n客 好了吗\n服 还在查呢，您再等等\n客 ？？\n服 请您耐心等待"),
            (5, "客 单号呢\n服 尽快给您处理\n客 多久\n服 有消息通知您\n客 到底什么时候\n服 在催了"),
        ],
    );
    bench.quiet(
        rule,
        &[
            "客 我的退款呢\n服 稍等，我看一下\n客 好了吗\n服 还在查呢，今天17点前回您\n客 ？？\n服 请您耐心等待",
            "客 我的退款呢\n服 稍等，我看一下\n客 好了吗\n服 已经退了35元，请查收\n客 运费呢\n服 稍等",
            "客 有货吗\n服 请稍等\n服 我看一下\n服 马上好",
        ],
    );
}

#[test]
fn a_date_that_slips() {
    let bench = Bench::of("taobao");
    let rule = "taobao/promise-kept";
    bench.hits(
        rule,
        &[
            // Each later time is given only when the one before has passed.
            (1, "客 10:00:00 退款查得怎样\n服 10:00:20 今天下班前给您答复\n客 +1 09:30:00 退款呢\n服 09:31:00 我再看下\n服 +1 18:00:00 已退款"),
            (1, "客 10:00:00 什么时候有结果\n服 10:00:20 明天给您答复\n客 +2 10:00:00 你们说明天答复的\n服 10:01:00 退款已完成"),
        ],
    );
    bench.quiet(
        rule,
        &[
            // Moved before it was due, and kept.
            "客 10:00:00 退款查得怎样\n服 10:00:20 1小时内回复您\n服 10:50:00 还没查到，下午3点前回复您\n服 14:30:00 退款已完成，请查收",
            "客 10:00:00 退款查得怎样\n服 10:00:20 今天下班前给您答复\n服 16:00:00 退款已完成，请查收",
        ],
    );
}

#[test]
fn steering_the_customers_rights() {
    let bench = Bench::of("pinduoduo");
    let rule = "house/forbid-rights-steering";
    bench.hits(
        rule,
        &[
            (1, "客 杯子碎了\n服 您先确认收货，我再给您补发"),
            (1, "客 质量问题想退\n服 退款原因选不想要了就行"),
            (1, "客 我投诉了\n服 您先把投诉撤了，我给您处理"),
        ],
    );
    bench.quiet(
        rule,
        &[
            "客 杯子碎了\n服 请先不要确认收货，我给您补发",
            "客 质量问题想退\n服 退款原因按实际情况选就可以",
            "客 我投诉了\n服 不需要您撤销投诉，我们照常处理",
            "客 什么时候自动收货\n服 系统会在签收后十天自动确认收货",
        ],
    );
}

#[test]
fn a_bare_yes_to_a_question_of_safety() {
    let bench = Bench::of("pinduoduo");
    let rule = "house/forbid-bare-yes-on-safety";
    bench.hits(
        rule,
        &[
            (1, "客 孕妇能用吗\n服 可以的"),
            (1, "客 宝宝可以吃吗\n服 亲，可以哦~"),
            (1, "客 充一晚上电会不会起火\n服 不会"),
        ],
    );
    bench.quiet(
        rule,
        &[
            "客 孕妇能用吗\n服 可以，成分表发您，建议先给医生看一下",
            "客 能开发票吗\n服 可以的",
            "客 宝宝可以吃吗\n服 一岁以上可以，坚果过敏的不要吃",
        ],
    );
}

#[test]
fn resignation_is_neither_consent_nor_a_closer() {
    let bench = Bench::of("taobao");
    for words in ["算了", "不买了", "随便吧", "行吧不要了", "懒得跟你们说了"] {
        let dialogue = format!("客 能便宜点吗\n服 不行的哦\n客 {words}\n服 好的");
        assert_eq!(
            bench.seen("escalation-trigger", &dialogue),
            [(2, "mild".to_owned())],
            "{words}"
        );
    }
    for words in ["结算了一下正好", "随便看看", "好的，不用了谢谢"] {
        let dialogue = format!("客 能便宜点吗\n服 可以领券\n客 {words}\n服 好的");
        assert_eq!(bench.seen("escalation-trigger", &dialogue), [], "{words}");
    }
    // It wants an answer, where 好的 wants none.
    let late = |words: &str| {
        let dialogue =
            format!("客 能便宜点吗\n服 不行的哦\n客 {words}\n服 10:30:00 那给您申请5元券");
        Bench::of("pinduoduo").at("pinduoduo/reply-each-5min", &dialogue)
    };
    assert_eq!((late("算了"), late("好的")), (vec![3], vec![]));
    bench.hits(
        "house/forbid-cheer-to-upset",
        &[(
            3,
            "客 没有蓝色吗\n服 没有了呢\n客 算了\n服 好哒，感谢亲的理解",
        )],
    );
}

#[test]
fn at_whom_the_customer_is_angry() {
    // Whoever it is, the anger wants acknowledgement; the agent's good answer costs nothing.
    let bench = Bench::of("taobao");
    let rule = "taobao/after-trouble-calm";
    for target in [
        "快递也太过分了，包裹丢了",
        "安装师傅态度太差了",
        "你们客服态度太差了",
    ] {
        let bad = format!("客 {target}\n服 好的\n服 在的\n服 请说\n服 嗯");
        assert!(
            !bench.judged(&bad).findings.iter().all(|f| f.rule != rule),
            "{target}"
        );
        let good = format!("客 {target}\n服 非常抱歉，换我也着急，我马上联系处理");
        bench.quiet(rule, &[&good]);
        for tone in ["house/forbid-close-over-complaint", "taobao/forbid-quarrel"] {
            bench.quiet(tone, &[&good]);
        }
    }
    // A complaint against others is no threat to this shop.
    assert_eq!(
        bench.seen(
            "escalation-trigger",
            "客 我投诉的是快递，不是你们\n服 好的，我帮您催件"
        ),
        []
    );
}

#[test]
fn before_a_person_speaks() {
    let bench = Bench::of("pinduoduo");
    for words in ["人工", "转人工客服"] {
        let dialogue = format!("客 {words}\n机 正在为您转接人工\n服 您好，请问有什么可以帮您");
        assert_eq!(
            bench.seen("escalation-trigger", &dialogue),
            [(0, "human-request".to_owned())],
            "{words}"
        );
        bench.quiet("pinduoduo/require-ask-need", &[&dialogue]);
    }
    // A robot's welcome is no first human reply, unless the shop says so.
    let greeted = "客 10:00:00 在吗\n机 10:00:01 欢迎光临\n服 10:02:00 您好，请问需要什么";
    bench.hits("pinduoduo/reply-first-60s", &[(2, greeted)]);
    let counts = Profile {
        bot_counts: true,
        ..Profile::default()
    };
    let lenient = inspector("pinduoduo", counts);
    let found = judged(&lenient, greeted);
    assert!(
        found
            .findings
            .iter()
            .all(|f| f.rule != "pinduoduo/reply-first-60s")
    );
}

#[test]
fn a_salutation_as_filler() {
    let bench = Bench::of("pinduoduo");
    let dialogue = "客 这款有货吗\n服 您好，有货的\n客 能便宜吗\n服 您好，可以领券\n客 好\n服 您好，领券减10元";
    let greetings = bench.seen("greeting", dialogue);
    assert!(
        greetings.iter().all(|(message, _)| *message == 1),
        "{greetings:?}"
    );
    assert!(!greetings.is_empty());
    // A greeting in a later turn heals no missing one, and begins nothing.
    bench.hits(
        "pinduoduo/require-welcome",
        &[(
            1,
            "客 这款有货吗\n服 有货的\n客 能便宜吗\n服 您好，可以领券",
        )],
    );
}

#[test]
fn masked_numbers_are_numbers() {
    let bench = Bench::of("pinduoduo");
    let rule = "pinduoduo/forbid-vague-ship-time";
    bench.quiet(
        rule,
        &[
            "客 拍好了，什么时候发\n服 [数字x]小时内发货，会发的您放心",
            "客 拍好了，什么时候发\n服 会发的，***小时内",
        ],
    );
    bench.hits(rule, &[(1, "客 拍好了，什么时候发\n服 收到，会发的")]);
    let taobao = Bench::of("taobao");
    let masked = "客 10:00:00 退款查得怎样\n服 10:00:20 [数字x]小时内给您答复\n客 +2 10:00:00 有结果了吗\n服 10:01:00 已退款";
    taobao.quiet("taobao/promise-kept", &[masked]);
    let judged = taobao.judged(masked);
    assert!(
        judged
            .not_assessed
            .iter()
            .any(|entry| entry.rule == "taobao/promise-kept")
    );
}

#[test]
fn how_agents_call_themselves() {
    let bench = Bench::of("pinduoduo");
    for own in ["我们", "小妹", "小二", "这边", "我这边", "本店"] {
        let turned_away = format!("客 快递坏了谁管\n服 这不归{own}管");
        bench.hits("house/forbid-shirk", &[(1, &turned_away)]);
        let taken_on = format!("客 快递坏了谁管\n服 {own}马上帮您联系处理");
        bench.quiet("house/forbid-shirk", &[&taken_on]);
    }
}

#[test]
fn not_knowing_with_and_without_a_next_step() {
    let bench = Bench::of("pinduoduo");
    let rule = "house/forbid-bare-dont-know";
    bench.hits(
        rule,
        &[
            (1, "客 这个和那款有什么区别\n服 不知道"),
            (1, "客 保温多久呀\n服 亲，不太清楚呢"),
            (2, "客 怎么安装\n服 亲\n服 看详情页~"),
        ],
    );
    bench.quiet(
        rule,
        &[
            "客 这个和那款有什么区别\n服 不知道\n服 我问下产品同事，10分钟内回您",
            "客 保温多久呀\n服 这个不清楚，我问下技术再回您",
            "客 有线头吗\n服 没有",
            "客 哪天能到\n服 这个不能保证，一般三天左右",
        ],
    );
    bench.quiet(
        "house/forbid-overpromise",
        &["客 哪天能到\n服 没法保证明天一定到，以快递为准"],
    );
}

#[test]
fn what_somebody_else_promised() {
    let bench = Bench::of("taobao");
    let rule = "taobao/promise-kept";
    bench.quiet(
        rule,
        &[
            "客 10:00:00 安装怎么约\n服 10:00:20 安装师傅24小时内会联系您",
            "客 10:00:00 安装怎么约\n服 10:00:20 安装师傅24小时内会联系您\n客 +3 10:00:00 装好了，谢谢",
        ],
    );
    bench.hits(
        rule,
        &[(1, "客 10:00:00 快递两天没更新了\n服 10:00:20 站点24小时内会联系您\n客 +2 10:00:00 没人联系我\n服 10:01:00 我再催")],
    );
}

#[test]
fn damaged_output() {
    let bench = Bench::of("pinduoduo");
    bench.hits(
        "house/repeat-pasted-twice",
        &[(
            1,
            "客 有货吗\n服 您好，这款有现货，今天能发。您好，这款有现货，今天能发。",
        )],
    );
    bench.quiet(
        "house/repeat-pasted-twice",
        &["客 有货吗\n服 哈哈哈哈哈哈哈哈，有货的，有货的"],
    );
    bench.hits(
        "house/forbid-unfilled-template",
        &[
            (1, "客 有货吗\n服 亲爱的{买家昵称}，您好"),
            (1, "客 有货吗\n服 您好，欢迎光临XX旗舰店"),
            (1, "客 有货吗\n服 预计【时间】送达"),
        ],
    );
    bench.quiet(
        "house/forbid-unfilled-template",
        &[
            "客 有货吗\n服 有XL和XXL，[数字x]小时内发",
            "客 有货吗\n服 【活动】满99减10",
        ],
    );
    bench.hits(
        "house/forbid-punctuation-only",
        &[(1, "客 什么时候发货\n服 。。。")],
    );
    bench.quiet(
        "house/forbid-punctuation-only",
        &["客 好的\n服 ~", "客 好看吗\n服 👍"],
    );
    // A stray curse in a template; and a slip that the next words put right.
    bench.hits(
        "house/forbid-abuse",
        &[(1, "客 有货吗\n服 亲，妈的这款有现货，欢迎选购")],
    );
    let taobao = Bench::of("taobao");
    taobao.hits(
        "taobao/forbid-unclear",
        &[(1, "客 发货了吗\n服 已经给您发或了")],
    );
    taobao.quiet(
        "taobao/forbid-unclear",
        &["客 发货了吗\n服 已经给您发或了\n服 打错了，是发货"],
    );
}
