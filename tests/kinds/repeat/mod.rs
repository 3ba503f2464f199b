use super::{conversation, found, judged, mistakes, outcome};
use zhijian::rule::profile::Profile;

const COPIES: &str = "[[rules.repeat]]\nid = \"repeat-copies\"\n";
const COPY: &str = "这款商品目前活动价很优惠哦";

/// A copy after each of these customer messages.
fn copies(questions: &[&str]) -> String {
    let mut dialogue = String::new();
    for question in questions {
        dialogue += &format!("客 {question}\n服 {COPY}\n");
    }
    dialogue
}

#[test]
fn the_last_of_so_many_copies_is_the_finding() {
    let conversation = conversation(COPIES, &copies(&["能退吗", "什么材质", "多久到"]));
    assert_eq!(
        super::shown(&conversation),
        [format!("5 {COPY} ←[1, 3] 服")]
    );
    let measured = conversation.findings[0].measured.expect("counted");
    assert_eq!((measured.count, measured.required), (Some(3), Some(3)));
    assert_eq!(
        conversation.findings[0].why[0].en,
        "sent 3 times: the demand"
    );
    assert!(found(COPIES, &copies(&["能退吗", "什么材质"])).is_empty());
}

#[test]
fn punctuation_hides_nothing_and_another_agent_is_another() {
    let varied = format!("客 a?\n服 {COPY}\n客 b?\n服 {COPY}！！\n客 c?\n服 亲~{COPY}\n");
    assert!(found(COPIES, &varied).is_empty(), "亲 is a letter");
    let varied = varied.replace("亲~", "～");
    assert_eq!(found(COPIES, &varied).len(), 1);
    let two = format!("客 a?\n服 {COPY}\n客 b?\n服(阿雨) {COPY}\n客 c?\n服 {COPY}\n");
    assert!(found(COPIES, &two).is_empty());
}

#[test]
fn the_same_question_may_have_the_same_answer() {
    let same = copies(&["多少钱呀", "多少钱呀", "多少钱呀"]);
    assert!(found(COPIES, &same).is_empty());
    let count = format!("{COPIES}same-question = \"count\"\n");
    assert_eq!(found(&count, &same).len(), 1);
}

#[test]
fn near_copies_count_when_the_rule_says_how_near() {
    let near = "客 a?\n服 亲这款现在活动价很优惠的哦\n客 b?\n服 亲这款现在活动价很优惠的呢\n客 c?\n服 亲这款现在活动价很优惠的呀";
    assert!(found(COPIES, near).is_empty());
    let loose = format!("{COPIES}similarity = 0.8\n");
    assert_eq!(found(&loose, near).len(), 1);
    let other = format!("{near}\n").replace("活动价很优惠的呢", "库存还有三十几件");
    assert!(found(&loose, &other).is_empty());
    assert_eq!(
        mistakes(&format!("{COPIES}similarity = 80\n")),
        ["number-range"]
    );
}

#[test]
fn short_texts_templates_and_far_copies_do_not_count() {
    assert!(
        found(
            COPIES,
            "客 a?\n服 好的亲\n客 b?\n服 好的亲\n客 c?\n服 好的亲"
        )
        .is_empty()
    );
    let except = format!("{COPIES}except = [\"活动价\"]\n");
    let thrice = copies(&["能退吗", "什么材质", "多久到"]);
    assert!(found(&except, &thrice).is_empty());
    let near = format!("{COPIES}within = {{ messages = 2 }}\n");
    assert!(found(&near, &thrice).is_empty());
    let near = format!("{COPIES}within = {{ time = \"5m\" }}\n");
    assert_eq!(found(&near, &thrice).len(), 1);
}

#[test]
fn one_message_may_hold_a_paste_twice() {
    let rule = format!("{COPIES}inside = true\nmin-length = 6\n");
    let text = "亲，这款今天发货。亲，这款今天发货。";
    assert_eq!(
        found(&rule, &format!("客 多久发\n服 {text}")),
        ["1 亲，这款今天发货。 ←[] 服"]
    );
    assert!(found(&rule, "客 多久发\n服 亲，这款今天发货。那款明天发货。").is_empty());
    assert!(found(&rule, "客 哈哈\n服 哈哈哈哈哈哈哈哈哈哈哈哈哈哈").is_empty());
    assert_eq!(
        outcome(&rule, "客 多久发\n服 今天", &Profile::default()),
        "passed"
    );
}

const HOLDS: &str = "[[rules.repeat]]\nid = \"repeat-holds\"\nany = [\"(稍等|耐心等待|马上看)\"]\n";

#[test]
fn three_holds_without_news_are_a_loop_in_any_words() {
    let looped = "客 退款呢\n服 您稍等\n客 好了吗\n服(阿雨) 请耐心等待\n客 ？\n服 马上看";
    let conversation = conversation(HOLDS, looped);
    assert_eq!(super::shown(&conversation), ["5 马上看 ←[1, 3] 服"]);
    assert!(
        conversation.findings[0].why[0]
            .zh
            .starts_with("3 次（“稍等”“耐心等待”“马上看”），其间没有新的进展")
    );
    let news =
        "客 退款呢\n服 您稍等\n客 好了吗\n服 财务明天退30元\n客 ？\n服 耐心等待\n客 哦\n服 稍等";
    assert!(found(HOLDS, news).is_empty());
}

#[test]
fn old_news_is_none_and_one_breath_is_one_hold() {
    let stale =
        "客 退款呢\n服 明天退\n客 好了吗\n服 您稍等\n客 ？\n服 明天退，请耐心等待\n客 哦\n服 稍等";
    assert_eq!(found(HOLDS, stale), ["7 稍等 ←[3, 5] 服"]);
    let burst = "客 退款呢\n服 稍等\n服 马上看\n服 您耐心等待";
    assert!(found(HOLDS, burst).is_empty());
    let silence =
        "客 10:00:00 退款呢\n服 10:00:10 稍等\n服 10:05:00 您耐心等待\n服 10:11:00 再稍等";
    assert_eq!(found(HOLDS, silence), ["3 稍等 ←[1, 2] 服"]);
}

#[test]
fn the_number_may_be_the_shops() {
    let open = format!("{HOLDS}at-least = {{ profile = \"hold-times\" }}\n");
    let twice = "客 退款呢\n服 您稍等\n客 好了吗\n服 耐心等待";
    assert_eq!(
        outcome(&open, twice, &Profile::default()),
        "not assessed: the standard leaves the number open; the shop's profile must set it"
    );
    let mut profile = Profile::default();
    profile.numbers.insert("hold-times".to_owned(), 2.0);
    assert_eq!(
        super::shown(&judged(&[&open], twice, &profile)),
        ["3 耐心等待 ←[1] 服"]
    );
}
