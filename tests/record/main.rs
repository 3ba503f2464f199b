//! `record` from table to report: where a row is judged, what it costs, what is not assessed, and the
//! people and events that tables bring.

use zhijian::records::Table;
use zhijian::report::{Agent, Conversation};
use zhijian::rule::profile::Profile;
use zhijian::standard::read_profile;
use zhijian::text::Words;
use zhijian::wire::{self, Advance, Job, Options};

/// A standard with these rules, each without its common fields.
fn standard(rules: &[(&str, &str)]) -> String {
    let mut text = r#"schema = "zhijian-standard/1"
id = "probe"
version = "1.0.0"
title = { zh = "试", en = "Probe" }
[[dimensions]]
id = "d"
title = { zh = "维", en = "d" }
weight = 100
"#
    .to_owned();
    for (id, rule) in rules {
        let kind = id.split('-').next().expect("a verb");
        text.push_str(&format!(
            "[[rules.{kind}]]\nid = \"{id}\"\ntitle = {{ zh = \"要求\", en = \"the demand\" }}\nclauses = [\"T-1\"]\nseverity = \"minor\"\ndimension = \"d\"\n{rule}\n"
        ));
    }
    text
}

const SURVEY: (&str, &str) = (
    "record-satisfaction",
    "table = \"satisfaction\"\nflags = [\"表 score=2\"]\nallows = [\"表 score=满意\"]",
);
const SHARE: (&str, &str) = (
    "record-share",
    "table = \"satisfaction\"\ntarget = 0.9\npoints = 7\nflags = [\"表 score=2\"]\nallows = [\"表 score=5\"]",
);

/// The mistakes of a standard that has some.
fn faults(rules: &[(&str, &str)]) -> Vec<zhijian::diagnostic::Diagnostic> {
    match wire::open_standard(&standard(rules), "probe.toml", &Words::absent()) {
        Ok(_) => panic!("{rules:?} compiles"),
        Err(faults) => faults,
    }
}

fn job(rules: &[(&str, &str)], profile: Profile) -> Job {
    let standard = wire::open_standard(&standard(rules), "probe.toml", &Words::absent())
        .unwrap_or_else(|faults| panic!("{faults:#?}"));
    Job::new(standard, profile, Words::absent(), Options::default())
}

/// One conversation of an agent with a customer, from ten o'clock on, a minute a message.
fn chat(id: &str, agent: &str, said: &[&str]) -> Vec<u8> {
    let messages: Vec<serde_json::Value> = said
        .iter()
        .enumerate()
        .map(|(minute, text)| {
            let (role, sender) = if minute % 2 == 0 {
                ("customer", "买家甲")
            } else {
                ("agent", agent)
            };
            serde_json::json!({"role": role, "sender": sender, "text": text,
                "time": format!("2024-05-06T10:{minute:02}:00+08:00")})
        })
        .collect();
    serde_json::json!({"id": id, "messages": messages})
        .to_string()
        .into_bytes()
}

fn judged(job: &mut Job, name: &str, bytes: Vec<u8>) -> Conversation {
    job.add(name, bytes);
    match job.advance() {
        Advance::Judged(judged) => judged.view().conversation(job.standard().into()),
        other => panic!("{other:?}"),
    }
}

fn agent<'a>(agents: &'a [Agent], name: &str) -> &'a Agent {
    agents.iter().find(|agent| agent.agent == name).expect(name)
}

#[test]
fn a_row_that_names_a_conversation_is_judged_there() {
    let mut job = job(&[SURVEY], Profile::default());
    job.add(
        "survey.csv",
        "会话ID,客服,满意度,备注\na,小雨,2,等太久\nb,小雨,5,\n".into(),
    );
    let bad = judged(&mut job, "a.json", chat("a", "小雨", &["在吗", "在的"]));
    assert_eq!(bad.findings.len(), 1, "{bad:#?}");
    let finding = &bad.findings[0];
    assert_eq!(
        (
            finding.agent.as_str(),
            finding.message,
            finding.points,
            finding.span
        ),
        ("小雨", Some(1), 5.0, None)
    );
    assert_eq!(
        finding.why[0].en,
        "`satisfaction` says 2, it must be at least 4 (survey.csv line 2): the demand"
    );
    assert_eq!(finding.why[1].zh, "评语：等太久");
    assert_eq!(bad.scores[0].total, Some(95.0));
    let good = judged(&mut job, "b.json", chat("b", "小雨", &["在吗", "在的"]));
    assert_eq!(
        (good.findings.len(), good.scores[0].total),
        (0, Some(100.0))
    );
    // No row is no occasion.
    let other = judged(&mut job, "c.json", chat("c", "小雨", &["在吗", "在的"]));
    assert_eq!((other.scores[0].total, other.not_assessed.len()), (None, 0));
    let accounting = job.accounting();
    assert_eq!(
        (accounting.rows, accounting.messages, accounting.records),
        (8, 6, 2)
    );
    assert_eq!(accounting.files, 4);
}

#[test]
fn an_absent_table_is_not_assessed() {
    let mut job = job(&[SURVEY, SHARE], Profile::default());
    let chat = judged(&mut job, "a.json", chat("a", "小雨", &["在吗", "在的"]));
    assert_eq!(chat.not_assessed.len(), 1);
    assert_eq!(chat.not_assessed[0].reason.zh, "没有提供满意度表");
    assert_eq!((chat.scores[0].total, chat.scores[0].coverage), (None, 0.0));
    let agents = job.agents();
    let missing = &agents[0].not_assessed;
    assert_eq!(
        (missing.len(), missing[0].rule.as_str()),
        (1, "probe/record-share")
    );
}

#[test]
fn a_share_is_judged_over_the_period_and_survives_a_review() {
    let mut job = job(
        &[
            SHARE,
            (
                "forbid-x",
                "any = [\"不归我管\"]\nflags = [\"不归我管\"]\nallows = [\"好\"]",
            ),
        ],
        Profile::default(),
    );
    let mut table = "会话ID,客服,满意度\n".to_owned();
    for row in 0..20 {
        // Half of the rows name the conversation only.
        let (who, of) = if row % 2 == 0 {
            ("小雨", "x")
        } else {
            ("", "a")
        };
        table.push_str(&format!("{of},{who},{}\n", if row < 17 { 5 } else { 1 }));
    }
    job.add("survey.csv", table.into());
    let chat_a = judged(&mut job, "a.json", chat("a", "小雨", &["在吗", "不归我管"]));
    judged(&mut job, "b.json", chat("b", "阿宁", &["在吗", "在的"]));
    let agents = job.agents();
    let rain = agent(&agents, "小雨");
    assert_eq!(rain.findings.len(), 1, "{:#?}", rain.not_assessed);
    let finding = &rain.findings[0];
    assert_eq!((finding.points, finding.message), (7.0, None));
    let measured = finding.measured.expect("measured");
    assert_eq!(
        (measured.count, measured.required, measured.limit),
        (Some(17), Some(18), Some(0.9))
    );
    assert_eq!(rain.score.map(|score| score.mean), Some(88.0));
    let other = agent(&agents, "阿宁");
    assert_eq!(other.not_assessed[0].reason.zh, "满意度表里没有该客服");
    // A review scores from the report alone, and the table still counts.
    let line = zhijian::report::line(&chat_a);
    let decision = serde_json::from_str(r#"[{"finding":0,"review":"rejected"}]"#).expect("one");
    let decisions: Vec<zhijian::score::Decision> = decision;
    job.review(0, &line, &decisions).expect("reviewed");
    assert_eq!(
        agent(&job.agents(), "小雨").score.map(|score| score.mean),
        Some(93.0)
    );
}

#[test]
fn too_few_rows_say_nothing() {
    let mut job = job(&[SHARE], Profile::default());
    job.add("survey.csv", "客服,满意度\n小雨,1\n".into());
    judged(&mut job, "a.json", chat("a", "小雨", &["在吗", "在的"]));
    let agents = job.agents();
    assert_eq!(
        (agents[0].findings.len(), agents[0].not_assessed.len()),
        (0, 1)
    );
}

#[test]
fn tickets_have_limits_that_a_shop_may_set() {
    let rule = (
        "record-case",
        "table = \"tickets\"\ncase = [\"退款\"]\nfrom = \"opened\"\nto = \"solved\"\nlimit = { profile = \"case\" }\nmax-per-conversation = 5\nflags = []\nallows = []",
    );
    let codes: Vec<_> = faults(&[rule]).into_iter().map(|f| f.code).collect();
    assert_eq!(codes, ["field-missing", "field-missing"]);
    let fixed = (
        "record-case",
        "table = \"tickets\"\ncase = \"退款\"\nfrom = \"opened\"\nto = \"solved\"\nlimit = { profile = \"case\", default = \"24h\" }\nflags = [\"表 case=退款, opened=2024-05-06 10:00, solved=2024-05-07 10:00:01\"]\nallows = [\"表 case=退款, opened=2024-05-06 10:00, solved=2024-05-07 10:00\", \"表 case=换货, opened=2024-05-06, solved=2024-06-06\"]",
    );
    let table = "工单类型,会话ID,创建时间,解决时间\n退款,a,2024-05-06 10:00:00,2024-05-06 13:00:00\n退款,b,2024-05-06 10:00:00,\n";
    for (profile, found) in [("", 0), ("[limits]\ncase = \"2h\"\n", 1)] {
        let mut job = job(
            &[fixed],
            read_profile(profile, "p.toml").expect("a profile"),
        );
        job.add("tickets.csv", table.into());
        let chat_a = judged(&mut job, "a.json", chat("a", "小雨", &["在吗", "在的"]));
        assert_eq!(chat_a.findings.len(), found);
        if let Some(finding) = chat_a.findings.first() {
            let measured = finding.measured.expect("measured");
            assert_eq!(
                (measured.seconds, measured.limit),
                (Some(10_800.0), Some(7200.0))
            );
        }
        let open = judged(&mut job, "b.json", chat("b", "小雨", &["在吗", "在的"]));
        assert_eq!(open.not_assessed.len(), 1, "an open ticket is not assessed");
    }
}

#[test]
fn figures_and_marks_reach_the_agent_by_any_account() {
    let rules = [
        (
            "record-refunds",
            "table = \"metrics\"\nmetric = \"退款率\"\nat-most = 0.05\npoints = 4\nflags = [\"表 metric=退款率, value=6%\"]\nallows = [\"表 metric=退款率, value=5%\", \"表 metric=其他, value=9\"]",
        ),
        (
            "record-manual",
            "table = \"manual\"\nitem = \"MI-01\"\npoints = 3\nflags = [\"表 item=MI-01, score=否\"]\nallows = [\"表 item=MI-01, score=是\"]",
        ),
    ];
    let text = "[agents.\"小雨\"]\naliases = [\"shop:01\", \"shop:02\"]\ngroup = \"售前\"\n";
    let mut job = job(&rules, read_profile(text, "p.toml").expect("a profile"));
    job.add(
        "figures.csv",
        "客服,指标,数值,月份\nshop:02,退款率,6.5%,2024-04\n".into(),
    );
    job.add(
        "marks.csv",
        "评分项,子账号,得分,评分人,理由\nMI-01,shop:01,否,王主管,客户电话13812345678没登记\n"
            .into(),
    );
    judged(&mut job, "a.json", chat("a", "shop:01", &["在吗", "在的"]));
    let second = judged(&mut job, "b.json", chat("b", "shop:02", &["在吗", "在的"]));
    assert_eq!(second.agents, ["小雨"]);
    let agents = job.agents();
    assert_eq!(agents.len(), 1, "two accounts, one person");
    assert_eq!(
        (agents[0].conversations, agents[0].group.as_deref()),
        (2, Some("售前"))
    );
    let rules: Vec<_> = agents[0]
        .findings
        .iter()
        .map(|f| (f.rule.as_str(), f.points))
        .collect();
    assert_eq!(
        rules,
        [("probe/record-manual", 3.0), ("probe/record-refunds", 4.0)]
    );
    assert_eq!(
        agents[0].findings[0].why[1].zh,
        "评语：王主管: 客户电话138****5678没登记"
    );
    assert!(
        agents[0].findings[1].why[0]
            .zh
            .contains("2024-04 figures.csv 第 2 行")
    );
}

#[test]
fn the_roster_says_who_an_account_was_and_when() {
    let mut job = job(&[SURVEY], Profile::default());
    job.add(
        "roster.csv",
        "子账号,姓名,组别,职位,开始,结束\nshop:01,小雨,售前,客服,,2024-05-01\nshop:01,阿宁,售后,售后主管,2024-05-01,\n".into(),
    );
    let chat = judged(&mut job, "a.json", chat("a", "shop:01", &["在吗", "在的"]));
    assert_eq!(chat.agents, ["阿宁"]);
    assert_eq!(job.agents()[0].group.as_deref(), Some("售后"));
    assert_eq!(job.accounting().records, 2);
}

#[test]
fn orders_raise_events() {
    let rule = (
        "forbid-urge",
        "any = [\"赶紧付款\"]\nwhen = { event = \"order-paid\" }\nflags = [\"系统 买家已付款\\n服 赶紧付款\"]\nallows = [\"赶紧付款\"]",
    );
    for (orders, found) in [
        ("订单编号,会话ID,付款时间\n1,a,2024-05-06 10:00:30\n", 1),
        ("订单编号,会话ID,付款时间\n1,b,2024-05-06 10:00:30\n", 0),
        ("订单编号,会话ID,付款时间\n1,a,2024-05-06 10:02:30\n", 0),
        (
            "订单编号,买家昵称,付款时间\n1,买家甲,2024-04-20 10:00:00\n",
            1,
        ),
        (
            "订单编号,买家昵称,付款时间\n1,买家甲,2023-04-20 10:00:00\n",
            0,
        ),
        (
            "订单编号,付款时间\n240508-123456789012345,2023-04-20 10:00:00\n",
            1,
        ),
    ] {
        let mut job = job(&[rule], Profile::default());
        job.add("orders.csv", orders.into());
        let said = ["单号240508-123456789012345", "赶紧付款"];
        let chat = judged(&mut job, "a.json", chat("a", "小雨", &said));
        assert_eq!(chat.findings.len(), found, "{orders}");
    }
}

#[test]
fn a_table_that_comes_late_says_so() {
    let mut job = job(&[SURVEY], Profile::default());
    judged(&mut job, "a.json", chat("a", "小雨", &["在吗", "在的"]));
    job.add("survey.csv", "会话ID,满意度\na,2\n".into());
    let codes: Vec<_> = job.diagnostics().into_iter().map(|d| d.code).collect();
    assert!(codes.contains(&"record-late".to_owned()), "{codes:?}");
}

#[test]
fn rows_that_match_no_conversation_are_told() {
    let mut job = job(&[SURVEY], Profile::default());
    job.add("survey.csv", "会话ID,满意度\na,5\nx,2\ny,2\n".into());
    judged(&mut job, "a.json", chat("a", "小雨", &["在吗", "在的"]));
    let told = job.diagnostics();
    let told = told
        .iter()
        .find(|d| d.code == "record-unmatched")
        .expect("told");
    assert_eq!(told.file.as_deref(), Some("survey.csv"));
    assert!(told.message.en.starts_with("2 rows"), "{}", told.message.en);
    let summary: serde_json::Value = serde_json::from_slice(&job.summary()).expect("JSON");
    assert_eq!(
        summary["tables"],
        serde_json::json!([{"file": "survey.csv", "table": "satisfaction", "rows": 3, "records": 3}])
    );
}

#[test]
fn a_condition_may_ask_for_a_switch() {
    let rule = (
        "forbid-ask",
        "any = [\"报下手机号\"]\nunless = { profile = \"platform-verified\" }\nflags = [\"报下手机号\"]\nallows = [\"好\"]",
    );
    for (switches, found) in [("", 1), ("[switches]\nplatform-verified = true\n", 0)] {
        let mut job = job(
            &[rule],
            read_profile(switches, "p.toml").expect("a profile"),
        );
        let chat = judged(
            &mut job,
            "a.json",
            chat("a", "小雨", &["在吗", "报下手机号"]),
        );
        assert_eq!(chat.findings.len(), found, "{switches}");
    }
}

#[test]
fn mistakes_of_an_author_are_told() {
    for (rule, code, field) in [
        ("table = \"survey\"", "word-unknown", "table"),
        ("table = \"roster\"", "word-unknown", "table"),
        ("table = \"manual\"", "field-missing", "item"),
        (
            "table = \"metrics\"\nmetric = \"x\"",
            "field-missing",
            "at-least",
        ),
        (
            "table = \"tickets\"\nfrom = \"opened\"\nlimit = \"1h\"",
            "field-missing",
            "to",
        ),
        (
            "table = \"tickets\"\nfrom = \"paid\"\nto = \"solved\"\nlimit = \"1h\"",
            "field-useless",
            "from",
        ),
        (
            "table = \"satisfaction\"\nlimit = \"1h\"",
            "field-useless",
            "limit",
        ),
        (
            "table = \"satisfaction\"\nitem = \"x\"",
            "field-useless",
            "item",
        ),
        (
            "table = \"satisfaction\"\ntarget = 90",
            "number-range",
            "target",
        ),
    ] {
        let rule = [
            rule,
            "\nflags = [\"表 score=1\"]\nallows = [\"表 score=5\"]",
        ]
        .concat();
        let faults = faults(&[("record-x", &rule)]);
        assert!(
            faults.iter().any(|f| f.code == code
                && f.field.as_deref().is_some_and(|name| name.ends_with(field))
                && f.line.is_some()),
            "{rule}: {faults:#?}"
        );
    }
    let faults = faults(&[(
        "record-x",
        "table = \"satisfaction\"\nflags = [\"表 score=5\"]\nallows = [\"表 score=1\", \"不满意\"]",
    )]);
    let codes: Vec<_> = faults.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "example-not-flagged",
            "example-flagged",
            "example-unreadable"
        ]
    );
}

#[test]
fn the_user_may_say_which_table_it_is() {
    let mut job = job(&[SURVEY], Profile::default());
    job.add_records(
        "x.csv",
        "评分项,会话ID,得分\nMI,a,1\n".into(),
        Some(Table::Satisfaction),
    );
    // 得分 is no column of that table.
    let codes: Vec<_> = job.diagnostics().into_iter().map(|d| d.code).collect();
    assert_eq!(codes, ["record-header-missing"]);
}
