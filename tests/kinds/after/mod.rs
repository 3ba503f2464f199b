use super::{found, outcome};
use zhijian::rule::profile::Profile;

fn tracking(within: &str) -> String {
    format!(
        "[[rules.after]]\nid = \"after-shipped\"\nwhen = {{ event = \"order-shipped\" }}\n\
         then = {{ said = \"单号\", by = [\"agent\", \"card\"] }}\nwithin = {within}\n"
    )
}

#[test]
fn the_next_turn_of_an_agent_is_all_of_it() {
    let rule = tracking("\"next-agent-turn\"");
    assert!(
        found(
            &rule,
            "客 发了吗\n系统 订单已发货\n服 发了\n服 好了\n服 单号在这"
        )
        .is_empty()
    );
    let late = "客 发了吗\n系统 订单已发货\n服 发了\n客 哦\n服 单号在这";
    assert_eq!(found(&rule, late), ["2 – ←[1] 服"]);
    assert!(found(&tracking("{ turns = 2 }"), late).is_empty());
    assert!(found(&rule, "客 发了吗\n系统 订单已发货\n系统 单号\n服 发了").is_empty());
}

#[test]
fn any_time_until_the_session_or_the_conversation_ends() {
    let next_day = "客 10:00:00 发了吗\n系统 10:00:05 订单已发货\n服 10:01:00 发了\n服 10:02:00 嗯\n客 14:00:00 单\n服 14:00:09 单号在这";
    assert_eq!(found(&tracking("\"session\""), next_day), ["2 – ←[1] 服"]);
    assert!(found(&tracking("\"conversation\""), next_day).is_empty());
}

#[test]
fn keys_of_a_trigger_mean_and() {
    let rule = "[[rules.after]]\nid = \"after-anger\"\nwhen = { said = \"生气\", by = \"customer\", ended-by = \"customer\" }\nthen = { said = \"抱歉\" }\nwithin = { messages = 1 }\n";
    assert_eq!(found(rule, "客 生气\n服 哦\n客 哼").len(), 1);
    assert_eq!(
        outcome(rule, "客 生气\n服 哦", &Profile::default()),
        "no occasion"
    );
}
