//! Disguises: what each step looks through, what it leaves alone, and how a finding names it.

#![allow(clippy::print_stderr, reason = "a check that is skipped says so")]

use std::path::Path;

use serde_json::Value;
use zhijian::span::Span;
use zhijian::text::{Folded, Phrases, PhrasesBuilder, Set, SlotContext, Spellings, Steps, longest};

use super::strings;

fn fold(steps: &[&str]) -> Steps {
    let named = steps
        .iter()
        .map(|&name| Steps::named(name).unwrap_or_else(|| panic!("no step {name}")));
    named.fold(Steps::NONE, |all, step| all | step)
}

fn built(patterns: &[&str], except: &[&str], steps: &[&str]) -> Phrases {
    let mut spellings = Spellings::default();
    spellings.readings(
        "加jia微wei信xin我wo群qun支zhi付fu宝bao转zhuan账zhang你ni是shi傻sha逼bi滚gun蛋dan们men有you病bing电dian话hua",
    );
    spellings.words("支付宝 微信");
    spellings.split("信=亻言 强=弓虽 贱=贝戈戈 妈=女马");
    spellings.emoji("妈=🐎 电话=☎ 电话=📞 蛋=🥚");
    let mut builder = PhrasesBuilder::new();
    builder.spellings(spellings);
    builder
        .add(Set {
            patterns: &strings(patterns),
            except: &strings(except),
            evasion: fold(steps),
        })
        .expect("the patterns are sound");
    builder.build()
}

/// The original words of the longest matches, and the steps that led there.
fn found(phrases: &Phrases, text: &str) -> Vec<(String, Vec<&'static str>)> {
    let mut out = Vec::new();
    phrases.scan(&Folded::new(text), &SlotContext::default(), &mut out);
    let kept = longest(&out).kept.into_iter();
    kept.map(|hit| (hit.span.of(text).to_owned(), hit.steps.names().collect()))
        .collect()
}

/// Steps asked for, pattern, message, words found, steps shown.
type Case = (
    &'static [&'static str],
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

#[test]
fn each_step_looks_through_its_disguise() {
    let cases: &[Case] = &[
        (&["slip"], "微信", "加微.信", "微.信", &["slip"]),
        (&["slip"], "微信", "加 微 信 吧", "微 信", &["slip"]),
        (&["slip"], "微信", "加微*_*信", "微*_*信", &["slip"]),
        (&["slip"], "傻逼", "真是个傻*逼吧", "傻*逼", &["slip"]),
        (
            &["repeat"],
            "好烦死",
            "好烦烦烦死",
            "好烦烦烦死",
            &["repeat"],
        ),
        (&["repeat"], "fuck", "fffuucck off", "fffuucck", &["repeat"]),
        (
            &["repeat"],
            "asshole",
            "aaasshole",
            "aaasshole",
            &["repeat"],
        ),
        (
            &["marks"],
            "滚蛋",
            "滚\u{301}\u{302}蛋",
            "滚\u{301}\u{302}蛋",
            &["marks"],
        ),
        (
            &["marks", "slip"],
            "微信",
            "微\u{489}.\u{489}信",
            "微\u{489}.\u{489}信",
            &["slip", "marks"],
        ),
        (
            &["marks"],
            "vx",
            "加v\u{30a}x\u{30a}",
            "v\u{30a}x",
            &["marks"],
        ),
        (
            &["digits"],
            "12315",
            "打幺二三幺五",
            "幺二三幺五",
            &["digits"],
        ),
        (&["digits"], "12315", "打壹2叁1伍", "壹2叁1伍", &["digits"]),
        (
            &["digits"],
            "{phone}",
            "我的号一三八零零幺三八零零零",
            "一三八零零幺三八零零零",
            &["digits"],
        ),
        (
            &["digits"],
            "{phone}",
            "号码1.3.8.0.0.1.3.8.0.0.0记下",
            "1.3.8.0.0.1.3.8.0.0.0",
            &["digits"],
        ),
        (
            &["digits"],
            "{phone}",
            "号码1 三 8 零 0 1 3 8 0 0 0",
            "1 三 8 零 0 1 3 8 0 0 0",
            &["digits"],
        ),
        (
            &["digits"],
            "电话..3{phone}",
            "电话是⑬8零零①38零零零",
            "电话是⑬8零零①38零零零",
            &["width", "digits"],
        ),
        (&["emoji"], "(你)?妈的", "你🐎的", "你🐎的", &["emoji"]),
        (&["emoji"], "打电话", "给我打☎️", "打☎", &["emoji"]),
        (
            &["emoji"],
            "滚蛋",
            "滚\u{200b}🥚吧",
            "滚\u{200b}🥚",
            &["zero-width", "emoji"],
        ),
        (&["split"], "加微信", "加微亻言", "加微亻言", &["split"]),
        (
            &["split", "slip"],
            "加微信",
            "加微 亻 言",
            "加微 亻 言",
            &["slip", "split"],
        ),
        (
            &["split"],
            "贱人",
            "貝戈戈人",
            "貝戈戈人",
            &["script", "split"],
        ),
        (&["pinyin"], "加微信", "jiaweixin", "jiaweixin", &["pinyin"]),
        (
            &["pinyin"],
            "加微信",
            "Jia Wei Xin 吧",
            "Jia Wei Xin",
            &["case", "pinyin"],
        ),
        (&["pinyin"], "微信", "加weixin", "weixin", &["pinyin"]),
        (&["pinyin"], "微信", "加微xin", "微xin", &["pinyin"]),
        (
            &["pinyin", "slip"],
            "微信",
            "w.e.i.x.i.n",
            "w.e.i.x.i.n",
            &["slip", "pinyin"],
        ),
        (
            &["pinyin"],
            "加..4微信",
            "jia我weixin",
            "jia我weixin",
            &["pinyin"],
        ),
        (
            &["pinyin"],
            "加..4微信",
            "加我wei xin",
            "加我wei xin",
            &["pinyin"],
        ),
        (
            &["initials"],
            "转账付我",
            "ZZFW吧",
            "ZZFW",
            &["case", "initials"],
        ),
        (
            &["initials", "slip"],
            "转账付我",
            "z-z-f-w",
            "z-z-f-w",
            &["slip", "initials"],
        ),
        (
            &["initials"],
            "加我的..2{phone}|支付宝..2我",
            "zfb给我",
            "zfb给我",
            &["initials"],
        ),
        (
            &["pinyin"],
            "加我支付宝群",
            "加我zhifubao群",
            "加我zhifubao群",
            &["pinyin"],
        ),
        (
            &["initials"],
            "加我支付宝群",
            "加我ZFB群",
            "加我ZFB群",
            &["case", "initials"],
        ),
        (&["evasion"], "vx", "加🇻🇽", "🇻🇽", &["width"]),
        (&["evasion"], "vx", "加🆅.🆇", "🆅.🆇", &["width", "slip"]),
        (&["slip"], "加微信", "加微 信聊吧", "加微 信", &["slip"]),
        (&["slip"], "傻逼", "傻……逼吧你", "傻……逼", &["slip"]),
        (
            &["slip", "pause"],
            "傻逼",
            "真是个傻-逼吧",
            "傻-逼",
            &["slip", "pause"],
        ),
        (
            &["slip", "pause"],
            "傻逼",
            "你真是个傻 逼我不买了",
            "傻 逼",
            &["slip", "pause"],
        ),
    ];
    for &(steps, pattern, text, words, path) in cases {
        assert_eq!(
            found(&built(&[pattern], &[], steps), text),
            [(words.to_owned(), path.to_vec())],
            "{pattern} in {text}"
        );
        // No rule that did not ask for it looks through it.
        let always = ["width", "case", "script", "zero-width"];
        if path.iter().any(|step| !always.contains(step)) {
            assert_eq!(
                found(&built(&[pattern], &[], &["plain"]), text),
                [],
                "{text}, plain"
            );
        }
        for left_out in path.iter().filter(|step| !always.contains(step)) {
            let others: Vec<&str> = [
                "slip", "pause", "repeat", "marks", "digits", "emoji", "split", "pinyin",
                "initials",
            ]
            .into_iter()
            .filter(|step| step != left_out)
            .collect();
            assert_eq!(
                found(&built(&[pattern], &[], &others), text),
                [],
                "{text} without {left_out}"
            );
        }
    }
}

#[test]
fn look_alikes_stay_what_they_are() {
    // Every step, and nothing is found.
    let all = ["evasion", "split", "pinyin", "initials"];
    let cases: &[(&[&str], &[&str], &str)] = &[
        // Clause marks, line ends and lists keep words apart.
        (&["加微信", "微信"], &[], "加微，信不信由你"),
        (&["微信"], &[], "太微。信我"),
        (&["微信"], &[], "稍微、信任"),
        (&["微信"], &[], "1.微 2.信"),
        (&["微信"], &[], "微\n信"),
        (&["微信"], &[], "①微②信"),
        // A space or an ellipsis between clauses is a pause.
        (&["威信"], &[], "品质权威 信赖之选"),
        (&["威信"], &[], "我们最权威...信我没错"),
        (&["傻逼"], &[], "这话有点傻 逼我也没用"),
        (&["滚"], &["滚筒"], "滚.筒"),
        (&["滚"], &["滚筒"], "滚 筒"),
        // Latin letters are words of their own.
        (&["vip"], &[], "no vi p0 here"),
        (&["vx"], &[], "V. I. X"),
        (&["加微信", "微信"], &[], "jiaweixing 是我的名字"),
        (&["加微信", "微信"], &[], "ajiaweixin"),
        (&["加微信"], &[], "ajwxb jwxs"),
        (&["微信"], &[], "wx型号"),
        (&["滚"], &[], "glue gun 一把"),
        (&["我们"], &[], "women 尺码"),
        (&["转账"], &[], "zz-201"),
        (&["加微信"], &[], "jwx"),
        (&["你是"], &[], "🥚"),
        (&["蛋"], &[], "送一只🥚"),
        // Digits in words are words.
        (&["1下"], &[], "一下"),
        (&["12"], &[], "一二"),
        (&["315"], &[], "三幺五"),
        (&["{phone}"], &[], "一心一意二话不说三番五次"),
        (&["12345"], &[], "1 2 3 4 5"),
        (&["363738"], &[], "36 37 38"),
        // Parts that only look like a split character.
        (&["贱人"], &[], "贝戈人"),
        (&["妈的"], &[], "女马术的"),
        (&["妈的"], &[], "骑🐎去的"),
    ];
    for &(patterns, except, text) in cases {
        assert_eq!(
            found(&built(patterns, except, &all), text),
            [],
            "{patterns:?} in {text}"
        );
    }
}

#[test]
fn a_rule_that_asks_for_one_step_gets_no_other() {
    let phrases = built(&["微信"], &[], &["slip"]);
    assert!(
        found(&phrases, "微信信信信")
            .iter()
            .all(|(_, steps)| steps.is_empty())
    );
    assert_eq!(found(&phrases, "weixin 微\u{301}信 微亻言"), []);
    // Asked for together they work together.
    let phrases = built(&["烦死人"], &[], &["slip", "repeat"]);
    assert_eq!(
        found(&phrases, "烦烦烦.死.人"),
        [("烦烦烦.死.人".to_owned(), vec!["repeat", "slip"])]
    );
}

#[test]
fn numbers_in_other_digits_lead_back() {
    let cases = [
        ("五位", "幺二三四五", Some("12345")),
        ("四位", "幺二三四", None),
        ("凡是词", "一下二话三番四五六", None),
        ("混写", "9⓿二肆⁹₈③⑸⒋➃㈤㊄", Some("902498354455")),
        ("ASCII", "13800138000", None),
        ("日期", "2024-05-06 10:00", None),
        ("一位一位", "1-3-8-0-0-1-3", Some("1380013")),
        ("尺码", "36 37 38 39 40 41 42", None),
        ("后面连着", "1 2 3 4 5 6 78", None),
    ];
    for (name, text, squeezed) in cases {
        assert_eq!(Folded::new(text).squeezed(), squeezed, "{name}");
    }
}

/// What a number of at least so many digits is, after every digit is read.
fn numbers(text: &str, least: usize) -> Vec<&str> {
    let folded = Folded::new(text);
    let squeezed = folded.squeezed().unwrap_or(folded.plain());
    let mut out = Vec::new();
    let mut start = None;
    for (at, character) in squeezed.char_indices().chain([(squeezed.len(), ' ')]) {
        match (character.is_ascii_digit(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                if at - from >= least {
                    out.push(folded.original_squeezed(Span::new(from, at)).of(text));
                }
                start = None;
            }
            _ => {}
        }
    }
    out
}

/// Cases that other filters set themselves. Where we decide otherwise, the test says why.
#[test]
fn what_other_filters_look_through() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/fixtures/reference/peers/evasion_sensitive_word.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("../shared has no cases of other filters: they are not checked");
        return;
    };
    let mut wrong = Vec::new();
    let mut seen = 0;
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).expect("a line of JSON");
        let list = |key: &str| -> Vec<String> {
            let items = case[key].as_array().expect("a list");
            items
                .iter()
                .filter_map(|one| one.as_str().map(str::to_owned))
                .collect()
        };
        let message = case["text"].as_str().expect("a text");
        let (words, mut expected, options) = (list("words"), list("expect"), list("options"));
        let asks = |name: &str| options.iter().any(|option| option.starts_with(name));
        seen += 1;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut steps = vec!["plain"];
        if asks("ignore_chars") {
            steps.push("slip");
        }
        if asks("ignore_repeat") {
            steps.push("repeat");
        }
        let mut except: Vec<&str> = options
            .iter()
            .filter_map(|one| one.strip_prefix("allow:"))
            .collect();
        let mut found: Vec<String> = if asks("num_check") {
            let least = options[0]
                .rsplit('=')
                .next()
                .and_then(|n| n.parse().ok())
                .expect("a number");
            numbers(message, least)
                .into_iter()
                .map(str::to_owned)
                .collect()
        } else if asks("url") {
            if asks("url_no_prefix") {
                // There the scheme is left out of an address, here an address is found whole.
                expected[0].insert_str(0, "https://");
            }
            found(&built(&["{url}"], &[], &steps), message)
                .into_iter()
                .map(|(one, _)| one)
                .collect()
        } else if asks("email_check") || asks("ipv4_check") {
            // Addresses are personal data, which has a kind of its own.
            continue;
        } else {
            if asks("dictionary") {
                // A word of its own is asked of the dictionary by `boundary`, or of `except`.
                except.push("生日");
            }
            if asks("shortest_match") || asks("substring") {
                // Overlaps go to the longest, and a Latin word is never found inside another.
                continue;
            }
            found(&built(&words, &except, &steps), message)
                .into_iter()
                .map(|(one, _)| one)
                .collect()
        };
        if options.as_slice() == ["english_word_match"] && words.contains(&"69") {
            // There `69` is found in 695; here a number never begins inside another, as their
            // english_word_num_match wants it.
            assert!(!found.contains(&"69".to_owned()));
            found.push("69".to_owned());
        }
        if found != expected {
            wrong.push(format!(
                "{}: {message}: {found:?}, not {expected:?}",
                case["source"]
            ));
        }
    }
    assert!(seen >= 37, "{seen} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
