use super::{conversation, found, mistakes, outcome, with_switch};
use zhijian::report::Severity;
use zhijian::rule::profile::Profile;

const APOLOGY: &str = r#"[[rules.order]]
id = "order-apology"
when = { said = "碎了", by = "customer" }
steps = [{ id = "sorry", any = ["抱歉"], title = { zh = "致歉", en = "an apology" } }, { id = "proof", any = ["拍照", "照片"], title = { zh = "要凭证", en = "evidence" } }]
"#;

#[test]
fn the_step_that_came_too_early_is_blamed_and_names_the_other() {
    let conversation = conversation(
        APOLOGY,
        "客 杯子碎了\n服(阿雨) 请发照片\n客 好\n服(阿宁) 抱歉",
    );
    assert_eq!(super::shown(&conversation), ["1 照片 ←[0, 3] 阿雨"]);
    let why = &conversation.findings[0].why[0];
    assert_eq!(why.zh, "“照片”（要凭证）之前应先做：致歉");
    assert_eq!(
        why.en,
        "before “照片” (evidence) there should be: an apology"
    );
    assert_eq!(conversation.findings[0].severity, Severity::Minor);
}

#[test]
fn inside_one_message_the_place_decides_unless_it_does_not_matter() {
    let late = "客 杯子碎了\n服 请发照片，抱歉";
    assert_eq!(found(APOLOGY, late), ["1 照片 ←[0] 服"]);
    assert!(found(APOLOGY, "客 杯子碎了\n服 抱歉，请发照片").is_empty());
    let any = format!("{APOLOGY}same-message = \"any\"\n");
    assert!(found(&any, late).is_empty());
}

#[test]
fn judging_begins_at_the_trigger() {
    assert!(found(APOLOGY, "客 在吗\n服 发照片给您看\n客 谢谢").is_empty());
    let early = "客 在吗\n服 照片在首页\n客 收到碎了\n服 抱歉，请拍照";
    assert!(found(APOLOGY, early).is_empty());
    let none = outcome(APOLOGY, "客 在吗\n服 发照片给您看", &Profile::default());
    assert_eq!(none, "no occasion");
    // A new session is a new matter.
    let later = "客 10:00:00 碎了\n服 10:00:09 抱歉\n客 13:00:00 又碎了\n服 13:00:09 请拍照";
    assert_eq!(found(APOLOGY, later), ["3 拍照 ←[2] 服"]);
}

const THREE: &str = r#"[[rules.order]]
id = "order-three"
steps = ["甲步", "乙步", "丙步"]
"#;

#[test]
fn a_missing_step_is_what_the_rule_says_it_is() {
    let skipped = "客 好\n服 甲步\n服 丙步";
    assert_eq!(found(THREE, skipped), ["2 丙步 ←[] 服"]);
    let unfinished = "客 好\n服 甲步\n服 乙步";
    assert_eq!(outcome(THREE, unfinished, &Profile::default()), "passed");
    let ignore = format!("{THREE}missing = \"ignore\"\n");
    assert!(found(&ignore, skipped).is_empty());
    // What is out of order stays so, however many steps lie between.
    assert_eq!(
        found(&ignore, "客 好\n服 丙步\n服 甲步"),
        ["1 丙步 ←[2] 服"]
    );
    for (word, severity) in [("hint", Severity::Hint), ("fail", Severity::Minor)] {
        let rule = format!("{THREE}missing = \"{word}\"\n");
        let conversation = conversation(&rule, "客 好\n服 甲步\n服 丙步\n服 再见");
        assert_eq!(super::shown(&conversation), ["3 – ←[] 服"]);
        let finding = &conversation.findings[0];
        assert_eq!(finding.severity, severity);
        let measured = finding.measured.expect("counted");
        assert_eq!((measured.count, measured.required), (Some(2), Some(3)));
        assert_eq!(finding.why[0].zh, "要求；缺：乙步");
    }
}

#[test]
fn an_order_may_be_partial() {
    let rule = format!("{THREE}before = [[0, 2]]\n");
    assert!(found(&rule, "客 好\n服 乙步\n服 甲步\n服 丙步").is_empty());
    assert_eq!(
        found(&rule, "客 好\n服 乙步\n服 丙步\n服 甲步"),
        ["2 丙步 ←[3] 服"]
    );
    assert_eq!(
        mistakes(&format!("{THREE}before = [[2, 0]]\n")),
        ["order-backwards"]
    );
    assert_eq!(
        mistakes(&format!("{THREE}before = [[0, \"丁步\"]]\n")),
        ["step-unknown"]
    );
    assert_eq!(
        mistakes("[[rules.order]]\nid = \"order-one\"\nsteps = [\"甲\"]\n"),
        ["order-short"]
    );
}

const SHIP: &str = r#"[[rules.order]]
id = "order-confirm"
steps = ["核对订单", "(对的|是的):customer", "安排发货"]
"#;

#[test]
fn a_yes_to_something_else_is_none() {
    let yes_before = "客 是的\n服 核对订单\n服 安排发货";
    assert_eq!(found(SHIP, yes_before), ["2 安排发货 ←[] 服"]);
    assert!(found(SHIP, "客 在吗\n服 核对订单\n客 对的\n服 安排发货").is_empty());
}

#[test]
fn only_plain_words_are_blamed() {
    assert!(found(SHIP, "客 催一下\n服 还没有安排发货").is_empty());
    assert_eq!(
        found(SHIP, "客 催一下\n服 已安排发货"),
        ["1 安排发货 ←[] 服"]
    );
}

#[test]
fn what_was_given_before_waives_a_step() {
    let rule = format!("{APOLOGY}waived-by = {{ step = \"proof\", given-by = [\"image\"] }}\n");
    let sent = "客 杯子碎了\n客 [图片]\n服 再拍照看下底部";
    assert!(found(&rule, sent).is_empty());
    assert_eq!(found(APOLOGY, sent), ["2 拍照 ←[0] 服"]);
    let sent_later = "客 杯子碎了\n服 请拍照\n客 [图片]";
    assert_eq!(found(&rule, sent_later), ["1 拍照 ←[0] 服"]);
    let said = format!(
        "{APOLOGY}waived-by = {{ step = 0, given-by = [\"customer\"], said = [\"不用道歉\"] }}\n"
    );
    assert!(found(&said, "客 碎了，不用道歉\n服 请拍照").is_empty());
}

#[test]
fn a_step_may_be_taken_by_others_and_before() {
    let rule = format!("{SHIP}filled-by = [\"card\"]\n");
    assert!(found(&rule, "系统 核对订单\n客 对的\n服 安排发货").is_empty());
    let known = format!("{THREE}filled-by = [\"profile\"]\n");
    let dialogue = "客 好\n服 甲步\n服 丙步";
    assert_eq!(
        outcome(&known, dialogue, &with_switch("乙步", true)),
        "passed"
    );
    assert_eq!(outcome(&known, dialogue, &Profile::default()), "failed");
}

#[test]
fn a_switch_waives_the_rule_and_an_unset_one_leaves_it_open() {
    let rule = format!("{APOLOGY}waived-by = {{ profile = \"platform-verified\" }}\n");
    let breach = "客 杯子碎了\n服 请拍照";
    assert_eq!(
        outcome(&rule, breach, &with_switch("platform-verified", true)),
        "no occasion"
    );
    assert_eq!(
        outcome(&rule, breach, &with_switch("platform-verified", false)),
        "failed"
    );
    assert_eq!(
        outcome(&rule, breach, &Profile::default()),
        "not assessed: whether it is waived depends on a switch that the profile does not set"
    );
    let kept = "客 杯子碎了\n服 抱歉，请拍照";
    assert_eq!(outcome(&rule, kept, &Profile::default()), "passed");
}

#[test]
fn what_cannot_be_read_may_be_the_step() {
    assert_eq!(
        outcome(
            APOLOGY,
            "客 杯子碎了\n服 [不可见]\n服 请拍照",
            &Profile::default()
        ),
        "not assessed: a message of the shop cannot be read, so the order is unknown"
    );
}

#[test]
fn an_excuse_holds_before_or_at_the_step() {
    let rule = format!("{APOLOGY}unless = {{ said = \"改天\", by = \"customer\" }}\n");
    assert!(found(&rule, "客 碎了，改天再说\n服 请拍照").is_empty());
}
