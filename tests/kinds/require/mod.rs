use super::{found, outcome, with_switch};
use zhijian::rule::profile::Profile;

const READBACK: &str = r#"[[rules.require]]
id = "require-readback"
when = { event = "order-placed" }
where = "same-turn"
parts = { goods = ["杯子"], price = ["{money}"] }
"#;

#[test]
fn after_an_event_the_next_turn_of_an_agent_counts() {
    assert!(found(READBACK, "客 拍了\n系统 买家已拍下\n服 杯子一个\n服 30元").is_empty());
    assert_eq!(
        found(
            READBACK,
            "客 拍了\n系统 买家已拍下\n服 收到\n客 嗯\n服 杯子30元"
        ),
        ["2 – ←[1] 服"]
    );
    assert_eq!(
        outcome(
            READBACK,
            "客 在吗\n服 在\n系统 买家已拍下",
            &Profile::default()
        ),
        "not assessed: the log ends before anybody of the shop speaks again"
    );
}

#[test]
fn others_may_have_said_it() {
    let dialogue = "客 拍了\n系统 买家已拍下 杯子\n服 一共30元";
    assert_eq!(found(READBACK, dialogue).len(), 1);
    let card = format!("{READBACK}filled-by = [\"agent\", \"card\"]\n");
    assert!(found(&card, dialogue).is_empty());
    let known = format!("{READBACK}filled-by = [\"agent\", \"profile\"]\n");
    assert_eq!(
        outcome(&known, dialogue, &with_switch("goods", true)),
        "passed"
    );
    let image = format!("{READBACK}filled-by = [\"agent\", \"image\"]\n");
    assert_eq!(
        outcome(
            &image,
            &format!("客 [图片]\n{dialogue}"),
            &Profile::default()
        ),
        "not assessed: the customer sent a picture, which may hold it"
    );
}

#[test]
fn the_customer_may_have_to_say_yes() {
    let rule = format!("{READBACK}then-confirmed-by = \"customer\"\n");
    let said = "客 拍了\n系统 买家已拍下\n服 杯子30元";
    for (answer, expected) in [
        ("客 对的", "passed"),
        ("客 嗯\n客 没问题", "passed"),
        ("客 不对，是两个", "failed"),
    ] {
        assert_eq!(
            outcome(&rule, &format!("{said}\n{answer}"), &Profile::default()),
            expected,
            "{answer}"
        );
    }
    assert_eq!(
        outcome(&rule, said, &Profile::default()),
        "not assessed: the customer never wrote again, so nothing could be confirmed"
    );
    assert_eq!(
        found(&rule, &format!("{said}\n客 不对，是两个")),
        ["2 – ←[3] 服"]
    );
}

#[test]
fn the_yes_counts_from_where_enough_was_said() {
    let rule = READBACK.replace("\"same-turn\"", "\"same-turn+1\"");
    let rule = format!("{rule}then-confirmed-by = \"customer\"\n");
    let said = "客 拍了\n系统 买家已拍下\n服 杯子30元";
    for (rest, expected) in [
        ("客 对的\n服 好，杯子今天发\n客 几点发", "passed"),
        ("客 不对，是两个\n服 好", "failed"),
    ] {
        let dialogue = format!("{said}\n{rest}");
        let outcome = outcome(&rule, &dialogue, &Profile::default());
        assert_eq!(outcome, expected, "{rest}");
    }
}

#[test]
fn a_turn_and_the_next_one() {
    let rule = "[[rules.require]]\nid = \"require-eta\"\nwhen = { said = \"核实一下\", by = \"agent\" }\nwhere = \"same-turn+1\"\nany = [\"{duration}\"]\n";
    assert!(found(rule, "客 多久\n服 我核实一下\n客 好\n服 10分钟").is_empty());
    assert_eq!(
        found(
            rule,
            "客 多久\n服 我核实一下\n客 好\n服 稍等\n客 嗯\n服 10分钟"
        ),
        ["1 – ←[] 服"]
    );
}

#[test]
fn anywhere_may_be_in_each_session() {
    let rule =
        "[[rules.require]]\nid = \"require-hello\"\nwhere = \"conversation\"\nany = [\"您好\"]\n";
    let dialogue = "客 10:00:00 在吗\n服 10:00:05 您好\n客 14:00:00 在吗\n服 14:00:05 说";
    assert!(found(rule, dialogue).is_empty());
    assert_eq!(
        found(&format!("{rule}scope = \"session\"\n"), dialogue),
        ["3 – ←[] 服"]
    );
}
