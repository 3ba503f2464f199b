//! Text: folding and its way back, phrases, words, and the guards, on named cases.

mod evasion;
mod properties;
mod times;

use zhijian::span::Span;
use zhijian::text::{
    Folded, Match, Phrases, PhrasesBuilder, Question, Set, SetId, SlotContext, Steps, Words,
    covers_all, is_question, longest, negated, quoted,
};

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|&one| one.to_owned()).collect()
}

fn phrases(patterns: &[&str], except: &[&str], evasion: bool) -> Phrases {
    let mut builder = PhrasesBuilder::new();
    builder.lexicon("self", strings(&["我", "我们", "这边"]));
    builder
        .add(Set {
            patterns: &strings(patterns),
            except: &strings(except),
            evasion: if evasion { Steps::EVASION } else { Steps::NONE },
        })
        .expect("the patterns are sound");
    builder.build()
}

fn scan(phrases: &Phrases, text: &str) -> Vec<Match> {
    let context = SlotContext::new(&strings(&["青禾家居旗舰店"]), &strings(&["小雨", "Amy"]));
    let mut out = Vec::new();
    phrases.scan(&Folded::new(text), &context, &mut out);
    out
}

/// The original words of all matches.
fn words<'a>(phrases: &Phrases, text: &'a str) -> Vec<&'a str> {
    scan(phrases, text)
        .iter()
        .map(|found| found.span.of(text))
        .collect()
}

/// The place of `part` in the plain form of `text`.
fn place(text: &str, part: &str) -> (String, Span) {
    let plain = Folded::new(text).plain().to_owned();
    let part = Folded::new(part).plain().to_owned();
    let at = plain
        .find(&part)
        .unwrap_or_else(|| panic!("{part} is in {plain}"));
    (plain, Span::new(at, at + part.len()))
}

#[test]
fn plain_text() {
    let cases = [
        ("nothing to do", "您好,亲", "您好,亲"),
        ("full width", "ＶＸ：１２３！", "vx:123!"),
        ("ideographic space", "草\u{3000}你", "草 你"),
        ("case", "WTF Ünder ÀÉ", "wtf ünder àé"),
        (
            "traditional",
            "請稍等,這個沒貨,妳裡麼著",
            "请稍等,这个没货,你里么着",
        ),
        ("circled", "Ⓕⓕ⒡①⑩⑴❶➀㊀㈠", "fff110111一一"),
        ("squared", "🅰🄱🅥🆇", "abvx"),
        ("mathematical", "𝐀𝒷𝔠𝟙𝟘ℎ", "abc10h"),
        ("keycap", "1\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3}", "12"),
        ("roman", "ⅤⅩ Ⅻ", "vx xii"),
        ("regional letters", "🇻🇽", "vx"),
        ("flag", "🇨🇳产", "🇨🇳产"),
        ("odd regional run", "🇹🇲🇩", "tmd"),
        ("zero width", "滚\u{200b}\u{200d}\u{feff}开\u{ad}", "滚开"),
        ("bidi", "\u{202e}滚\u{202c}", "滚"),
        ("struck out", "微\u{336}信\u{336}", "微信"),
        ("superscript", "1⁵₀²", "1502"),
        ("radicals", "⾃⼰看", "自己看"),
        ("small forms", "好﹐﹖︒", "好,?。"),
        ("quotes stay", "“滚”「滚」", "“滚”「滚」"),
        (
            "letters that are not Latin or Han stay",
            "カタカナ हिन्दी",
            "カタカナ हिन्दी",
        ),
    ];
    for (name, text, plain) in cases {
        assert_eq!(Folded::new(text).plain(), plain, "{name}");
    }
}

#[test]
fn squeezed_text() {
    let cases = [
        ("dot", "微.信", Some("微信")),
        ("spaces and star", "傻 * 逼", Some("傻逼")),
        ("single letters", "T M D", Some("tmd")),
        ("two letters", "s b吧你", Some("sb吧你")),
        ("letter and word by a symbol", "v-x", Some("vx")),
        (
            "single letters in a sentence",
            "is t m d now",
            Some("is tmd now"),
        ),
        ("words stay apart", "no way", None),
        ("article", "a dog", None),
        ("dashed words stay", "well-known", None),
        ("digits stay apart", "1.5 2-3 1 000", None),
        ("number and letter stay apart", "sb-201", None),
        ("clause marks", "好,的。吗!呢?了;在、啊", None),
        ("line end", "滚\n筒", None),
        ("brackets of stickers", "好[微笑]的", None),
        ("five are too many", "微.-.-.信", None),
        ("four are not", "微....信", Some("微信")),
        ("repeats", "滚滚滚滚", Some("滚")),
        ("two are no run", "亲亲", None),
        ("repeats with slips", "滚 滚 滚开", Some("滚开")),
        ("digits repeat freely", "1000 888", None),
        ("punctuation at the ends", "~微信~", None),
    ];
    for (name, text, squeezed) in cases {
        assert_eq!(Folded::new(text).squeezed(), squeezed, "{name}");
    }
}

#[test]
fn one_value_serves_many_messages() {
    let mut folded = Folded::default();
    for text in ["微.信", "您好", "", "ＶＸ", "T M D", "滚"] {
        folded.fill(text);
        let fresh = Folded::new(text);
        assert_eq!(
            (folded.source(), folded.plain(), folded.squeezed()),
            (text, fresh.plain(), fresh.squeezed())
        );
    }
}

#[test]
fn the_way_back() {
    // What is found in the plain text, and the original words it came from.
    let cases = [
        ("same", "加微信", "微信", "微信"),
        ("longer original", "加ＶＸ吧", "vx", "ＶＸ"),
        ("shorter plain", "买⑩件", "10", "⑩"),
        ("half of an expansion", "买⑩件", "0", "⑩"),
        ("dropped inside", "滚\u{200b}开", "滚开", "滚\u{200b}开"),
        ("dropped before", "\u{200b}滚开", "滚开", "滚开"),
        ("dropped after", "滚\u{200b}开", "滚", "滚"),
        ("after a drop", "滚\u{200b}开", "开", "开"),
        ("keycap", "1\u{fe0f}\u{20e3}个", "个", "个"),
        ("regional", "加🇻🇽号", "vx", "🇻🇽"),
        ("astral", "加𝐕𝐗号", "号", "号"),
    ];
    for (name, text, part, original) in cases {
        let folded = Folded::new(text);
        let at = folded.plain().find(part).expect(name);
        assert_eq!(
            folded.original(Span::new(at, at + part.len())).of(text),
            original,
            "{name}"
        );
    }
}

#[test]
fn steps_name_what_was_changed() {
    let found = |pattern: &str, text: &str| {
        let matches = longest(&scan(&phrases(&[pattern], &[], true), text)).kept;
        assert_eq!(matches.len(), 1, "{text}");
        (
            matches[0].span.of(text).to_owned(),
            matches[0].steps.names().collect::<Vec<_>>(),
        )
    };
    assert_eq!(found("微信", "加微信"), ("微信".to_owned(), vec![]));
    assert_eq!(
        found("vx", "加ＶＸ"),
        ("ＶＸ".to_owned(), vec!["width", "case"])
    );
    assert_eq!(
        found("没货", "沒\u{200b}貨"),
        ("沒\u{200b}貨".to_owned(), vec!["script", "zero-width"])
    );
    assert_eq!(
        found("傻逼", "你傻 * 逼啊"),
        ("傻 * 逼".to_owned(), vec!["slip"])
    );
    assert_eq!(
        found("tmd", "T M D"),
        ("T M D".to_owned(), vec!["case", "slip"])
    );
    assert_eq!(
        found("烦死", "烦烦烦烦死"),
        ("烦烦烦烦死".to_owned(), vec!["repeat"])
    );
    assert_eq!(
        found("微信", "微\u{3000}信 在"),
        ("微\u{3000}信".to_owned(), vec!["width", "slip"])
    );
}

/// Name, patterns, exceptions, evasion, message, original words found.
type Case<'a> = (
    &'a str,
    &'a [&'a str],
    &'a [&'a str],
    bool,
    &'a str,
    &'a [&'a str],
);

#[test]
fn phrases_are_found() {
    let cases: &[Case<'_>] = &[
        ("word", &["没办法"], &[], false, "真没办法哦", &["没办法"]),
        (
            "traditional text",
            &["没办法"],
            &[],
            false,
            "真沒辦法哦",
            &["沒辦法"],
        ),
        (
            "traditional pattern",
            &["沒辦法"],
            &[],
            false,
            "真没办法哦",
            &["没办法"],
        ),
        (
            "overlaps remain",
            &["不知道", "知道"],
            &[],
            false,
            "不知道",
            &["不知道", "知道"],
        ),
        (
            "same span once",
            &["(不|)知道", "知道"],
            &[],
            false,
            "知道",
            &["知道"],
        ),
        (
            "gap",
            &["加..4微信"],
            &[],
            false,
            "加一下我微信",
            &["加一下我微信"],
        ),
        (
            "gap of nothing",
            &["加..4微信"],
            &[],
            false,
            "加微信",
            &["加微信"],
        ),
        (
            "gap too wide",
            &["加..4微信"],
            &[],
            false,
            "加一二三四五微信",
            &[],
        ),
        (
            "gap stops at a line",
            &["加..4微信"],
            &[],
            false,
            "加\n微信",
            &[],
        ),
        (
            "gap stops at a sentence",
            &["加..4微信"],
            &[],
            false,
            "加。微信 加!微信 加？微信",
            &[],
        ),
        (
            "gap stops at a clause",
            &["包..8发出"],
            &[],
            false,
            "包，明天发出 包,明天发出；包；明天发出",
            &[],
        ),
        (
            "a comma that is written",
            &["包(,)?..8发出"],
            &[],
            false,
            "包，明天发出",
            &["包，明天发出"],
        ),
        (
            "gap takes the tightest",
            &["加..4微信"],
            &[],
            false,
            "加加我微信",
            &["加我微信"],
        ),
        (
            "gap to several ends",
            &["不..3管"],
            &[],
            false,
            "不归管管",
            &["不归管管", "不归管"],
        ),
        (
            "three pieces",
            &["@self..2不..2管"],
            &[],
            false,
            "我们这不好管",
            &["我们这不好管"],
        ),
        (
            "letters have boundaries",
            &["hi", "sb", "vx"],
            &[],
            false,
            "this usb is hi加vx vx13800 138vx",
            &["hi", "vx", "vx", "vx"],
        ),
        (
            "letters in full width",
            &["sb"],
            &[],
            false,
            "ｕｓｂ ＳＢ",
            &["ＳＢ"],
        ),
        (
            "numbers have boundaries",
            &["315"],
            &[],
            false,
            "1315 315 T315 3150 打315投诉",
            &["315", "315"],
        ),
        (
            "exception",
            &["滚"],
            &["滚筒", "打滚"],
            false,
            "滚筒洗衣机,打滚,滚",
            &["滚"],
        ),
        (
            "exception in traditional",
            &["滚"],
            &["滚筒"],
            false,
            "滾筒 滾",
            &["滾"],
        ),
        (
            "exception must cover",
            &["滚开"],
            &["滚"],
            false,
            "滚开",
            &["滚开"],
        ),
        (
            "exception through a slip",
            &["滚"],
            &["滚筒"],
            true,
            "滚 筒",
            &[],
        ),
        (
            "no evasion unless asked",
            &["微信"],
            &[],
            false,
            "微.信",
            &[],
        ),
        ("evasion", &["微信"], &[], true, "微.信", &["微.信"]),
        (
            "evasion with a gap",
            &["加..2微信"],
            &[],
            true,
            "加我微 信",
            &["加我微 信"],
        ),
        (
            "evasion keeps boundaries",
            &["no"],
            &[],
            true,
            "n o way, know",
            &["n o"],
        ),
        (
            "repeated literal",
            &["呵呵呵"],
            &[],
            true,
            "呵呵呵呵",
            &["呵呵呵呵", "呵呵呵", "呵呵呵"],
        ),
        (
            "repeated literal, not one",
            &["呵呵呵"],
            &[],
            true,
            "呵 好",
            &[],
        ),
        (
            "brackets are words",
            &["[微笑]"],
            &[],
            false,
            "好[微笑]",
            &["[微笑]"],
        ),
        (
            "store and agent",
            &["欢迎光临{store}", "我是{agent}"],
            &[],
            false,
            "歡迎光臨青禾家居旗舰店,我是AMY",
            &["歡迎光臨青禾家居旗舰店", "我是AMY"],
        ),
        (
            "agent with boundary",
            &["我是{agent}"],
            &[],
            false,
            "我是amyx",
            &[],
        ),
        (
            "promise",
            &["{duration}(内|以内)"],
            &[],
            false,
            "24小时内发货,3-5个工作日以内到",
            &["24小时内", "3-5个工作日以内"],
        ),
        (
            "slot and gap",
            &["{moment}..3发(货|出)"],
            &[],
            false,
            "明天下午能发货",
            &["明天下午能发货"],
        ),
        (
            "phone",
            &["{phone}"],
            &[],
            false,
            "打１３８００１３８０００哦",
            &["１３８００１３８０００"],
        ),
    ];
    for &(name, patterns, except, evasion, text, expected) in cases {
        assert_eq!(
            words(&phrases(patterns, except, evasion), text),
            expected,
            "{name}"
        );
    }
}

#[test]
fn sets_are_apart_and_sorted() {
    let mut builder = PhrasesBuilder::new();
    let first = builder
        .add(Set {
            patterns: &strings(&["管", "不归我管"]),
            except: &[],
            evasion: Steps::NONE,
        })
        .expect("sound");
    let second = builder
        .add(Set {
            patterns: &strings(&["不归我管|管不了"]),
            except: &[],
            evasion: Steps::EVASION,
        })
        .expect("sound");
    assert_eq!(builder.literals(), 3);
    let phrases = builder.build();
    let found: Vec<_> = scan(&phrases, "不归我管不了")
        .iter()
        .map(|one| (one.set, one.pattern, one.span.start, one.span.end))
        .collect();
    assert_eq!(
        found,
        [
            (first, 1, 0, 12),
            (first, 0, 9, 12),
            (second, 0, 0, 12),
            (second, 0, 9, 18)
        ]
    );
    assert_eq!(phrases.pattern(first, 1), "不归我管");
    let of_second: Vec<Match> = scan(&phrases, "不归我管不了")
        .into_iter()
        .filter(|one| one.set == SetId(1))
        .collect();
    let resolved = longest(&of_second);
    assert_eq!(
        (
            resolved.kept.len(),
            resolved.dropped.len(),
            resolved.dropped[0].1
        ),
        (1, 1, 0)
    );
    assert_eq!(resolved.kept[0].span, Span::new(0, 12));
}

#[test]
fn mistakes_of_a_set_are_told_together() {
    let mut builder = PhrasesBuilder::new();
    let errors = builder
        .add(Set {
            patterns: &strings(&["好", "(坏", "{fax}"]),
            except: &strings(&["@nobody"]),
            evasion: Steps::NONE,
        })
        .expect_err("three mistakes");
    let places: Vec<_> = errors
        .iter()
        .map(|(which, error)| (*which, error.at))
        .collect();
    use zhijian::text::Which::{Except, Pattern};
    assert_eq!(places, [(Pattern(1), 0), (Pattern(2), 0), (Except(0), 0)]);
    assert_eq!(builder.literals(), 0);
    assert!(scan(&builder.build(), "好").is_empty());
}

#[test]
fn slots_find_values() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "duration",
            "24小时,半天,1个半小时,三到五天,[数字x]小时,**小时,约x个工作日,5 minutes,两天半",
            &[
                "24小时",
                "半天",
                "1个半小时",
                "三到五天",
                "[数字x]小时",
                "**小时",
                "x个工作日",
                "5 minutes",
                "两天",
                "两天半",
            ],
        ),
        ("duration", "3日内 5月8日 5分好评 一点", &["3日"]),
        ("moment", "今天", &["今天"]),
        ("moment", "明天上午", &["明天", "明天上午"]),
        ("moment", "周五18点前", &["周五", "周五18点", "周五18点前"]),
        ("moment", "18:30", &["18:30"]),
        ("moment", "一点点,有一点,好点", &[]),
        ("moment", "5月8日", &["5月8日"]),
        (
            "money",
            "9.9元 ¥100 20块钱 3块5",
            &["9.9元", "¥100", "20块钱", "3块", "3块5"],
        ),
        ("quantity", "两件 3盒 3个工作日 20块钱", &["两件", "3盒"]),
        (
            "order-no",
            "240508-123456789012345 1234567890123456789 13800138000",
            &["240508-123456789012345", "1234567890123456789"],
        ),
        (
            "tracking-no",
            "YT7700112233445 SF1234567890123 你好",
            &["YT7700112233445", "SF1234567890123"],
        ),
        (
            "phone",
            "13800138000 138-0013-8000 +8613800138000 0912-345-678 vx13800138000 YT13912345678 123456789012345 138****8000",
            &[
                "13800138000",
                "138-0013-8000",
                "+8613800138000",
                "0912-345-678",
                "13800138000",
            ],
        ),
        (
            "url",
            "看https://a.example.com/x?y=1。www.example.com,shop.example.cn/1 3.5 ok.好",
            &[
                "https://a.example.com/x?y=1",
                "www.example.com",
                "shop.example.cn/1",
            ],
        ),
        (
            "sticker:*",
            "好[微笑]/:^_^😊#E-s[数字x][数字x]",
            &["[微笑]", "/:^_^", "😊", "#E-s[数字x]"],
        ),
        (
            "sticker:smile",
            "[微笑][流泪]😊😭/:^_^",
            &["[微笑]", "😊", "/:^_^"],
        ),
        ("sticker:玫瑰", "[玫瑰][微笑]", &["[玫瑰]"]),
    ];
    for &(slot, text, expected) in cases {
        let mut found = words(&phrases(&[&format!("{{{slot}}}")], &[], false), text);
        found.sort_by_key(|one| (one.as_ptr(), one.len()));
        if slot == "moment" {
            // Parts of a moment are moments too; those from the first start matter here.
            let first = found.first().map(|one| one.as_ptr());
            found.retain(|one| Some(one.as_ptr()) == first);
        }
        assert_eq!(found, expected, "{slot}: {text}");
    }
}

#[test]
fn negation() {
    let cases: &[(&str, &str, &str, Option<&str>)] = &[
        ("plain", "不能加微信", "加微信", Some("不能")),
        (
            "modal",
            "我们不敢说全网最低价哦",
            "全网最低价",
            Some("不敢"),
        ),
        ("will not", "我们不会让您自己看的", "自己看", Some("不会")),
        (
            "cannot promise",
            "没法保证明天一定到",
            "保证明天一定到",
            Some("没法"),
        ),
        ("please do not", "请勿添加微信", "添加微信", Some("请勿")),
        ("beware", "谨防加微信转账的骗子", "加微信", Some("谨防")),
        ("bare not", "不保证百分百", "百分百", Some("不保证")),
        ("traditional", "不會讓您自己看", "自己看", Some("不会")),
        ("affirmative", "我们全网最低价", "全网最低价", None),
        ("other clause", "不能退,加微信", "加微信", None),
        ("too far", "没有一二三四五六七八九加微信", "加微信", None),
        ("sorry", "不好意思加微信", "加微信", None),
        ("sorry again", "对不起加微信吧", "加微信", None),
        ("not bad", "不错的加微信", "加微信", None),
        ("however", "不过加微信", "加微信", None),
        ("A-not-A", "能不能加微信", "加微信", None),
        ("is-or-not", "是不是全网最低价", "全网最低价", None),
        ("have-or-not", "有没有微信", "微信", None),
        ("no problem", "没问题加微信", "加微信", None),
        ("others", "别人都加微信", "加微信", None),
        ("suggestion", "要不加微信", "加微信", None),
        ("provided not", "只要不加微信", "加微信", Some("不")),
        ("double", "不能不加微信", "加微信", None),
        ("double, not but", "不是不能加微信", "加微信", None),
        ("must", "不得不加微信", "加微信", None),
        ("rhetorical", "这不是自己看详情页吗", "自己看", None),
        ("rhetorical without doubt", "难道不会自己看", "自己看", None),
        ("rhetorical you", "你不会自己看吗", "自己看", None),
        (
            "question that denies",
            "我们不会让您自己看的对吗",
            "自己看",
            Some("不会"),
        ),
        ("not this but that", "不是客服而是自己看", "自己看", None),
        ("then", "不能退就加微信", "加微信", None),
        ("english", "we never say wtf here", "wtf", Some("never")),
        ("english, only", "not only wtf", "wtf", None),
        ("english, part of a word", "another wtf", "wtf", None),
        ("negator in the hit", "不知道", "不知道", None),
        (
            "imperative in the hit",
            "您可别倒打一耙",
            "别倒打一耙",
            None,
        ),
        (
            "imperative before the hit",
            "别倒打一耙",
            "倒打一耙",
            Some("别"),
        ),
        ("less of that", "少来这套", "少来这套", None),
    ];
    for &(name, text, part, expected) in cases {
        let (plain, hit) = place(text, part);
        assert_eq!(
            negated(&plain, hit).map(|span| span.of(&plain)),
            expected,
            "{name}: {text}"
        );
    }
}

#[test]
fn quotation() {
    let cases: &[(&str, &str, &str, Option<&str>)] = &[
        (
            "case 06",
            "您说上家回“不知道,自己看详情页”,换成是我也不舒服,我们不会让您自己看的",
            "不知道",
            Some("回“不知道,自己看详情页”"),
        ),
        (
            "case 06, customer",
            "上一家客服回我“不知道,自己看详情页”",
            "自己看",
            Some("回我“不知道,自己看详情页”"),
        ),
        ("told me", "别像他们那样跟我说“滚”", "滚", Some("说“滚”")),
        (
            "just said",
            "您刚才说“滚”,我理解您很生气",
            "滚",
            Some("说“滚”"),
        ),
        ("corner quotes", "您說「滾」我理解", "滾", Some("说「滚」")),
        ("straight quotes", "他骂\"滚\"了", "滚", Some("骂\"滚\"")),
        ("both closing", "您说”滚”", "滚", Some("说”滚”")),
        (
            "words after",
            "“滚”这种话我们不说",
            "滚",
            Some("“滚”这种话"),
        ),
        (
            "what does it mean",
            "“不知道”是什么意思",
            "不知道",
            Some("“不知道”是什么意思"),
        ),
        ("no verb", "“滚”", "滚", None),
        ("own words", "我说“滚”", "滚", None),
        ("outside the quotes", "您说“好”滚", "滚", None),
        ("other sentence", "您说得对。“滚”", "滚", None),
        (
            "unquoted",
            "您刚才说的全网最低价",
            "全网最低价",
            Some("您刚才说"),
        ),
        ("mentioned", "您提到的微信", "微信", Some("您提到")),
        (
            "told the customer",
            "我跟您说全网最低价",
            "全网最低价",
            None,
        ),
        ("request", "您说一下微信", "微信", None),
        ("other clause, unquoted", "您说的对,滚", "滚", None),
        ("unpaired", "您说“好,滚", "滚", None),
        ("a topic", "您说的这个不归我管", "不归我管", None),
        ("another topic", "您反馈的问题不归我管", "不归我管", None),
        (
            "words as a topic",
            "您说的这个词最便宜",
            "最便宜",
            Some("您说"),
        ),
    ];
    for &(name, text, part, expected) in cases {
        let (plain, hit) = place(text, part);
        assert_eq!(
            quoted(&plain, hit).map(|span| span.of(&plain)),
            expected,
            "{name}: {text}"
        );
    }
}

#[test]
fn the_whole_message() {
    let cases = [
        ("bare", "不知道", "不知道", true),
        ("particles", "亲,不知道哦~", "不知道", true),
        ("stickers", "不知道[微笑]/:^_^😊", "不知道", true),
        (
            "masked sticker",
            "亲亲 不知道呢 #E-s[数字x]",
            "不知道",
            true,
        ),
        ("more to it", "不知道的话我帮您问", "不知道", false),
        ("answer before", "嗯不知道", "不知道", false),
        ("number", "不知道1", "不知道", false),
        ("placeholder", "不知道[数字x]", "不知道", false),
    ];
    let dots = ".".repeat(1_000_000);
    assert!(!covers_all(&dots, Span::new(500_000, 500_003)));
    for (name, text, part, expected) in cases {
        let (plain, hit) = place(text, part);
        assert_eq!(covers_all(&plain, hit), expected, "{name}: {text}");
    }
}

#[test]
fn questions() {
    use Question::{Open, YesNo};
    let cases = [
        ("particle", "包邮吗", Some(YesNo)),
        ("traditional", "包郵嗎", Some(YesNo)),
        ("old particle", "有货么", Some(YesNo)),
        ("soft particle", "可以嘛", Some(YesNo)),
        ("particle then thanks", "能便宜点吗谢谢", Some(YesNo)),
        ("particle then sticker", "在吗[微笑]", Some(YesNo)),
        ("A-not-A", "好不好用", Some(YesNo)),
        ("have or not", "有没有线头", Some(YesNo)),
        ("yet", "发货了没", Some(YesNo)),
        ("mark alone decides", "这款是纯棉的?", Some(YesNo)),
        ("what", "这是什么", Some(Open)),
        ("how", "怎么退货", Some(Open)),
        ("how much", "多少钱", Some(Open)),
        ("when", "啥时候发货呀", Some(Open)),
        ("which", "哪个好", Some(Open)),
        ("how many days", "几天到", Some(Open)),
        ("where is it", "我的快递呢?", Some(Open)),
        ("english", "How long does it take", Some(Open)),
        ("the last counts", "包邮吗?多少钱?", Some(Open)),
        ("a greeting after", "怎么洗,谢谢", Some(Open)),
        ("statement", "好的谢谢", None),
        ("nothing much", "没什么", None),
        ("marks alone", "???", None),
        ("all", "什么都好", None),
        ("almost", "差不多", None),
        ("still not", "还没", None),
    ];
    for (name, text, expected) in cases {
        assert_eq!(
            is_question(Folded::new(text).plain()),
            expected,
            "{name}: {text}"
        );
    }
}

#[cfg(feature = "cli")]
#[test]
fn words_have_boundaries() {
    let dictionary = Words::bundled().with_words(&strings(&["沙比诺"]));
    assert!(dictionary.is_ready());
    let cases = [
        ("滚筒洗衣机有现货", "滚", false),
        ("你滚", "滚", true),
        ("妈妈的生日礼物", "妈的", false),
        ("妈的烦死了", "妈的", true),
        ("草莓味", "草", false),
        ("操作步骤发您了", "操", false),
        ("路口交通", "口交", false),
        ("沙比诺风格", "沙比", false),
    ];
    for (text, part, fits) in cases {
        let (plain, hit) = place(text, part);
        assert_eq!(
            dictionary.boundaries(&plain).fits(hit),
            fits,
            "{part} in {text}"
        );
    }
}

#[test]
fn words_without_a_dictionary() {
    let words = Words::absent();
    assert!(!words.is_ready());
    assert!(words.boundaries("滚筒").fits(Span::new(0, 3)));
    assert!(Words::from_dictionary(b"").is_err());
    assert!(Words::from_dictionary("滚筒 很多 n".as_bytes()).is_err());
    let small =
        Words::from_dictionary("滚筒 100 n\n洗衣机 100 n\n".as_bytes()).expect("a dictionary");
    assert!(small.is_ready());
    assert!(!small.boundaries("滚筒洗衣机").fits(Span::new(0, 3)));
    assert!(small.boundaries("滚筒洗衣机").fits(Span::new(0, 6)));
}

#[test]
fn control_characters_hide_no_words() {
    let phrases = phrases(&["不归我管"], &[], false);
    for hidden in ["\u{0}", "\u{7}", "\u{1b}", "\u{7f}", "\u{85}"] {
        let text = format!("这不{hidden}归我管");
        let found = words(&phrases, &text);
        let expected = format!("不{hidden}归我管");
        if hidden == "\u{85}" {
            // A line end, not a mark.
            assert!(found.is_empty());
        } else {
            assert_eq!(found, [expected.as_str()]);
        }
    }
}
