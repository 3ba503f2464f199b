use super::{conversation, found, mistakes, outcome};
use zhijian::rule::profile::Profile;

const ASK: &str = r#"[[rules.ask-once]]
id = "ask-once"
slots = ["order-no", "phone", "photo", "issue", "address", "tracking-no"]
"#;

#[test]
fn who_asks_again_is_shown_where_it_was_given() {
    let conversation = conversation(
        ASK,
        "客 杯子漏水了，电话13800138000\n服(阿宁) 好的\n服(阿雨) 麻烦提供一下手机号",
    );
    let shown = super::shown(&conversation);
    assert_eq!(shown, ["2 麻烦提供一下手机号 ←[0] 阿雨"]);
    let why = &conversation.findings[0].why[0].zh;
    assert!(
        why.starts_with("又要手机号（“") && why.ends_with("客户已经给过"),
        "{why}"
    );
    assert!(!why.contains("13800138000"), "the value is not told again");
}

#[test]
fn a_card_gives_as_well() {
    let dialogue = "系统 订单号 240506123456789012\n客 到哪了\n服 请提供订单号";
    let conversation = conversation(ASK, dialogue);
    assert_eq!(conversation.findings[0].related, [0]);
    assert!(conversation.findings[0].why[0].zh.contains("卡片"));
}

#[test]
fn asking_before_it_was_given_is_no_fault() {
    let before = "客 我要改电话\n服 请提供一下手机号\n服 麻烦发一下手机号\n客 13800138000\n服 好的";
    assert!(found(ASK, before).is_empty());
    assert_eq!(outcome(ASK, before, &Profile::default()), "passed");
    let crossed = "客 10:00:00 查快递\n客 10:00:05 13800138000\n服 10:00:07 请提供一下手机号";
    assert!(found(ASK, crossed).is_empty());
    let none = outcome(ASK, "客 在吗\n服 在的", &Profile::default());
    assert_eq!(none, "no occasion");
}

#[test]
fn there_are_reasons_to_ask_again() {
    let given = "客 订单240506123456789012\n服 好的\n";
    for allowed in [
        "服 跟您核对一下，订单号是240506123456789012对吗，麻烦提供订单号确认",
        "服 麻烦提供另外一个订单的订单号",
        "服 这个查不到，麻烦重新提供订单号",
        "服 不用提供订单号了",
        "客 我还有第二个订单\n服 请提供订单号",
    ] {
        assert!(
            found(ASK, &format!("{given}{allowed}")).is_empty(),
            "{allowed}"
        );
    }
    let asked = found(ASK, &format!("{given}服 请提供订单号"));
    assert_eq!(asked.len(), 1, "{asked:?}");
    let photo = "客 杯子裂了\n客 [图片]\n";
    assert_eq!(found(ASK, &format!("{photo}服 麻烦拍一下照片")).len(), 1);
    for allowed in [
        "服 图片有点糊，麻烦拍一下照片",
        "服 麻烦拍一下外包装照片",
        "服 照片收到了",
    ] {
        assert!(
            found(ASK, &format!("{photo}{allowed}")).is_empty(),
            "{allowed}"
        );
    }
}

#[test]
fn a_story_is_not_asked_for_anew() {
    let told = "客 收到的杯子裂开了，里面全是碎渣\n";
    assert!(found(ASK, &format!("{told}服 请问具体是什么情况呢")).is_empty());
    let other = format!("{told}服(阿宁) 帮您转接\n服(阿雨) 您好，请描述一下具体问题");
    assert_eq!(found(ASK, &other).len(), 1);
    let again = format!("{told}服 麻烦您再描述一遍问题");
    assert_eq!(found(ASK, &again).len(), 1);
    let twice =
        "客 有问题\n服 请描述一下问题\n客 声音特别大，吵得睡不着\n服 好的\n服 请描述一下问题";
    assert_eq!(found(ASK, twice), ["4 描述一下问题 ←[2] 服"]);
    for told_by_the_agent in ["我再跟您说一次吧", "我重新给您说明一下"] {
        let dialogue = format!("{told}服 {told_by_the_agent}");
        assert!(found(ASK, &dialogue).is_empty(), "{told_by_the_agent}");
    }
    assert!(
        found(
            ASK,
            &format!("{told}服(阿宁) 转接\n服(阿雨) 看过记录，您不用再描述一遍")
        )
        .is_empty()
    );
}

#[test]
fn one_agent_may_be_let_off_for_what_another_was_told() {
    let own = format!("{ASK}across = \"agent\"\n");
    let other = "客 在吗\n服(阿宁) 在\n客 电话13800138000\n服(阿雨) 请提供一下手机号";
    assert!(found(&own, other).is_empty());
    assert_eq!(found(ASK, other).len(), 1);
    let same = "客 在吗\n服(阿宁) 在\n客 电话13800138000\n服(阿宁) 好\n服(阿宁) 请提供一下手机号";
    assert_eq!(found(&own, same).len(), 1);
}

#[test]
fn a_later_session_is_another_matter_unless_the_rule_says_otherwise() {
    let days = "客 10:00:00 电话13800138000\n服 10:00:30 好\n客 14:00:00 你好\n服 14:00:30 请提供一下手机号";
    assert!(found(ASK, days).is_empty());
    let whole = format!("{ASK}scope = \"conversation\"\n");
    assert_eq!(found(&whole, days).len(), 1);
}

#[test]
fn a_slot_is_two_lexicons() {
    let own = "[[rules.ask-once]]\nid = \"ask-once-size\"\nslots = [\"size\"]\n";
    assert_eq!(mistakes(own), ["slot-unknown"]);
    let with = format!(
        "{own}[lexicons.ask-size]\nphrases = [\"多高多重\"]\n[lexicons.given-size]\nphrases = [\"体重\"]\n"
    );
    assert_eq!(
        found(&with, "客 身高一米六体重五十公斤\n服 好\n服 亲多高多重呀"),
        ["2 多高多重 ←[0] 服"]
    );
}
