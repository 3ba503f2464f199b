use super::{found, judged, shown, with_switch};
use zhijian::rule::profile::Profile;

/// A rule that flags 再见 under a condition.
fn forbid(condition: &str) -> String {
    format!("[[rules.forbid]]\nid = \"forbid-bye\"\nany = [\"再见\"]\n{condition}\n")
}

#[test]
fn the_first_turn_may_say_what_it_is_about_or_not() {
    let specific = forbid("unless = { first-customer-turn = \"specific\" }");
    for bare in [
        "在吗",
        "你好，有人吗？",
        "人工",
        "[微笑]",
        "亲亲在不在",
        "https://item.example.com/a?id=1",
    ] {
        assert_eq!(
            found(&specific, &format!("客 {bare}\n服 再见")).len(),
            1,
            "{bare}"
        );
    }
    for told in ["在吗，160穿多大", "怎么还不发货", "杯子碎了"] {
        assert!(
            found(&specific, &format!("客 {told}\n服 再见")).is_empty(),
            "{told}"
        );
    }
    // A robot does not end the turn, a person does.
    assert!(found(&specific, "客 人工\n机 请描述问题\n客 杯子碎了\n服 再见").is_empty());
    assert_eq!(
        found(&specific, "客 在吗\n服 在\n客 杯子碎了\n服 再见").len(),
        1
    );
    let bare = forbid("when = { first-customer-turn = \"bare\" }");
    assert_eq!(found(&bare, "客 在吗\n服 再见").len(), 1);
    assert!(found(&bare, "客 杯子碎了\n服 再见").is_empty());
}

#[test]
fn a_session_may_end_by_handing_over() {
    let rule = forbid("unless = { ended = \"transfer\" }");
    assert!(found(&rule, "客 退款\n服 再见\n服 帮您转接给售后专员").is_empty());
    assert!(found(&rule, "客 退款\n服 再见\n系统 会话已转接").is_empty());
    assert_eq!(found(&rule, "客 退款\n系统 会话已转接\n服 再见").len(), 1);
}

#[test]
fn a_session_may_end_resolved() {
    let rule = forbid("when = { ended = \"resolved\" }");
    assert_eq!(found(&rule, "客 退款呢\n服 再见\n客 收到了，谢谢").len(), 1);
    assert_eq!(found(&rule, "客 退款呢\n服 再见\n客 好的").len(), 1);
    for open in [
        "还没解决",
        "算了，谢谢",
        "好的，那什么时候到账",
        "行吧我要投诉",
    ] {
        assert!(
            found(&rule, &format!("客 退款呢\n服 再见\n客 {open}")).is_empty(),
            "{open}"
        );
    }
}

#[test]
fn a_title_is_the_speakers_or_the_answerers() {
    let rule = forbid("unless = { speaker-title = [\"店长\", \"主管\"] }");
    assert!(found(&rule, "客 在吗\n服(店长阿宁) 再见").is_empty());
    assert!(found(&rule, "客 在吗\n主管 再见").is_empty());
    assert_eq!(found(&rule, "客 在吗\n服(阿宁) 再见").len(), 1);
}

#[test]
fn a_switch_holds_only_when_it_is_on() {
    let rule = forbid("unless = { profile = \"platform-verified\" }");
    let count = |profile: &Profile| shown(&judged(&[&rule], "客 在吗\n服 再见", profile)).len();
    assert_eq!(count(&Profile::default()), 1);
    assert_eq!(count(&with_switch("platform-verified", false)), 1);
    assert_eq!(count(&with_switch("platform-verified", true)), 0);
}

#[test]
fn it_may_have_to_be_said_more_than_once_and_by_several() {
    let rule = forbid("when = { said = \"没好\", by = [\"customer\", \"bot\"], at-least = 3 }");
    assert!(found(&rule, "客 没好\n客 没好\n服 没好\n服 再见").is_empty());
    assert_eq!(
        found(&rule, "客 没好\n机 没好\n客 没好\n服 再见"),
        ["3 再见 ←[2] 服"]
    );
}
