//! Simplified and Traditional are one language to a rule: the same conversation gives the same findings
//! in either, and people in Taiwan and Hong Kong are understood in their own words.

#![allow(clippy::print_stderr, reason = "a check that is skipped says so")]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::report::{Conversation, Severity};
use zhijian::rule::profile::Profile;
use zhijian::score;
use zhijian::standard::{self, built_in};
use zhijian::text::Words;

const STANDARDS: [&str; 5] = [
    "pinduoduo",
    "tmall",
    "franchise",
    "ecommerce-supervisor",
    "taobao",
];

fn inspector(id: &str) -> Inspector<'static> {
    let entry = built_in::find(id).expect("built in");
    let compiled =
        standard::compile(entry.text(), id).unwrap_or_else(|faults| panic!("{id}: {faults:?}"));
    Inspector::new(compiled, Profile::default(), Words::bundled())
}

/// Words whose Traditional form no single character tells, as converters write them.
const WORDS: &[(&str, &str)] = &[
    ("什么", "甚麼"),
    ("回复", "回覆"),
    ("答复", "答覆"),
    ("咨询", "諮詢"),
    ("别扭", "彆扭"),
    ("叠加", "疊加"),
    ("头发", "頭髮"),
    ("了解", "瞭解"),
    ("拜托", "拜託"),
    ("家里", "家裏"),
    ("这里", "這裡"),
    ("里面", "裏面"),
    ("后台", "後臺"),
    ("台湾", "臺灣"),
    ("皂", "皁"),
    ("困了", "睏了"),
    ("卫生", "衞生"),
    ("在线", "在綫"),
    ("群", "羣"),
    ("床", "牀"),
    ("峰", "峯"),
    ("着急", "著急"),
    ("只有", "祇有"),
    ("一只", "一隻"),
    ("周", "週"),
    ("占", "佔"),
    ("布", "佈"),
    ("烟", "菸"),
    ("干净", "乾淨"),
    ("余额", "餘額"),
    ("准", "準"),
    ("折", "摺"),
    ("向", "嚮"),
    ("面", "麵"),
    ("松", "鬆"),
    ("系", "係"),
    ("姐", "姊"),
    ("尽", "儘"),
    ("吃", "喫"),
    ("你", "妳"),
    ("它", "牠"),
    ("钟", "鍾"),
    ("升", "昇"),
    ("药", "葯"),
    ("绣", "綉"),
    ("链", "鍊"),
    ("暗", "闇"),
];

/// From Simplified to one of several Traditional spellings.
struct Traditional {
    table: BTreeMap<char, Vec<char>>,
    last: bool,
    words: bool,
}

impl Traditional {
    fn new(last: bool, words: bool) -> Self {
        let mut table: BTreeMap<char, Vec<char>> = BTreeMap::new();
        for traditional in '\u{4e00}'..='\u{9fff}' {
            let mut simplified = fast2s::convert(&traditional.to_string())
                .chars()
                .collect::<Vec<_>>();
            if let (Some(to), true) = (simplified.pop(), simplified.is_empty())
                && to != traditional
            {
                table.entry(to).or_default().push(traditional);
            }
        }
        Self { table, last, words }
    }

    fn of(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if self.words {
            for (from, to) in WORDS {
                text = text.replace(from, to);
            }
        }
        let other = |one: char| match self.table.get(&one) {
            Some(all) if self.last => *all.last().unwrap_or(&one),
            Some(all) => all[0],
            None => one,
        };
        text.chars().map(other).collect()
    }
}

/// Conversations as `(role, text)`, from one example of a standard.
fn example(text: &str, role: &str) -> Vec<(String, String)> {
    let speaker = |line: &str| {
        let (who, rest) = line.split_once(' ')?;
        let known = [
            ("客", "customer"),
            ("服", "agent"),
            ("机", "bot"),
            ("系统", "system"),
            ("主管", "supervisor"),
        ];
        let (_, role) = known.iter().find(|(word, _)| who.starts_with(word))?;
        // A time is left out: what words say is compared, not what clocks say.
        let text = rest.trim_start_matches(|one: char| one.is_ascii_digit() || ":- ".contains(one));
        Some(((*role).to_owned(), text.to_owned()))
    };
    let lines: Option<Vec<_>> = text.trim().lines().map(speaker).collect();
    match lines {
        Some(lines) if text.contains('\n') => lines,
        _ => vec![(role.to_owned(), text.to_owned())],
    }
}

/// One conversation a line, each message ten seconds after the one before.
fn jsonl(conversations: &[Vec<(String, String)>]) -> Vec<u8> {
    let line = |(number, talk): (usize, &Vec<(String, String)>)| {
        let messages: Vec<Value> = talk
            .iter()
            .enumerate()
            .map(|(at, (role, text))| {
                let time = format!("2024-05-06 10:{:02}:{:02}", at / 6 % 60, at % 6 * 10);
                json!({ "role": role, "sender": role, "time": time, "text": text })
            })
            .collect();
        json!({ "id": number.to_string(), "messages": messages }).to_string()
    };
    let lines: Vec<String> = conversations.iter().enumerate().map(line).collect();
    lines.join("\n").into_bytes()
}

fn inspected(inspector: &Inspector<'_>, bytes: Vec<u8>) -> Vec<Conversation> {
    import::read("talk.jsonl", bytes, &import::Options::default())
        .map(|transcript| {
            let inspection = inspector.inspect(&transcript);
            let options = score::Options::default();
            score::conversation(inspector.standard(), &transcript, &inspection, &options)
        })
        .collect()
}

/// What a report says, without the words themselves: rule, message and how many characters.
fn said(conversation: &Conversation) -> Vec<String> {
    let length = |quote: &Option<String>| quote.as_ref().map_or(0, |words| words.chars().count());
    let findings = conversation.findings.iter().map(|one| {
        format!(
            "{} at {:?}, {} characters, {:?}",
            one.rule,
            one.message,
            length(&one.quote),
            one.points
        )
    });
    let seen = conversation
        .observations
        .iter()
        .map(|one| format!("{} {:?} at {}", one.kind, one.label, one.message));
    findings.chain(seen).collect()
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect()
}

/// Every example of every rule, the conversations of the other tests, and, where present, the banks.
fn material() -> Vec<Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path));
    let mut out = Vec::new();
    for file in [
        "house",
        "pinduoduo",
        "tmall",
        "franchise",
        "ecommerce-supervisor",
        "taobao",
    ] {
        let text = read(&format!("standards/{file}.toml")).expect("a standard");
        let table: Value = toml::from_str(&text).expect("TOML");
        for rules in table["rules"].as_object().expect("rules").values() {
            for rule in rules.as_array().expect("a list") {
                let role = rule.get("role").and_then(Value::as_str).unwrap_or("agent");
                for key in ["flags", "allows"] {
                    out.extend(strings(&rule[key]).iter().map(|text| example(text, role)));
                }
            }
        }
    }
    assert!(out.len() > 300, "{} examples", out.len());
    for file in ["precision/pinduoduo.jsonl", "precision/taobao.jsonl"] {
        let text = read(&format!("tests/fixtures/{file}")).expect("conversations");
        out.extend(text.lines().map(|line| {
            let talk: Value = serde_json::from_str(line).expect("JSON");
            let messages = talk["messages"].as_array().expect("messages").iter();
            let field =
                |message: &Value, key: &str| message[key].as_str().unwrap_or_default().to_owned();
            messages
                .map(|one| (field(one, "role"), field(one, "text")))
                .collect()
        }));
    }
    for file in [
        "01-pdd",
        "05-taobao",
        "06-tricky-pdd-clean",
        "08-tricky-franchise-hant",
    ] {
        let text = read(&format!("tests/fixtures/cases/{file}.json")).expect("a case");
        let case: Value = serde_json::from_str(&text).expect("JSON");
        let messages = case["messages"].as_array().expect("messages").iter();
        let role = |one: &Value| {
            let from = one["from"].as_str().unwrap_or_default();
            let role = case["participants"][from]["role"]
                .as_str()
                .or(one["role"].as_str());
            role.unwrap_or("customer").to_owned()
        };
        out.push(
            messages
                .map(|one| {
                    (
                        role(one),
                        one["text"].as_str().unwrap_or_default().to_owned(),
                    )
                })
                .collect(),
        );
    }
    match read("../shared/domain/banks.json") {
        Ok(text) => {
            let banks: Value = serde_json::from_str(&text).expect("JSON");
            for bank in banks.as_object().expect("banks").values() {
                for text in [strings(&bank["hit"]), strings(&bank["nohit"])].concat() {
                    let says = |role: &str| (role.to_owned(), text.clone());
                    out.push(vec![says("customer"), says("agent")]);
                }
            }
        }
        Err(_) => {
            eprintln!("../shared/domain/banks.json is absent: its sentences are not compared");
        }
    }
    out
}

#[test]
fn traditional_gives_what_simplified_gives() {
    let material = material();
    let spellings = [Traditional::new(true, false), Traditional::new(false, true)];
    let mut wrong = Vec::new();
    for id in STANDARDS {
        let inspector = inspector(id);
        let simplified = inspected(&inspector, jsonl(&material));
        let count: usize = simplified.iter().map(|talk| said(talk).len()).sum();
        assert!(
            count > 2_000,
            "{count} findings and observations to compare"
        );
        for spelling in &spellings {
            let other: Vec<Vec<(String, String)>> = material
                .iter()
                .map(|talk| {
                    talk.iter()
                        .map(|(role, text)| (role.clone(), spelling.of(text)))
                        .collect()
                })
                .collect();
            let changed = material.iter().zip(&other).filter(|(one, two)| one != two);
            assert!(
                changed.count() * 5 > material.len() * 4,
                "most talks are written otherwise"
            );
            let traditional = inspected(&inspector, jsonl(&other));
            assert_eq!(simplified.len(), traditional.len());
            for ((one, two), talk) in simplified.iter().zip(&traditional).zip(&other) {
                if said(one) != said(two) {
                    wrong.push(format!(
                        "{id}: {talk:?}\n  {:?}\n  {:?}",
                        said(one),
                        said(two)
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// `\u{200b}` as the character it names.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}').expect("a closed escape");
        let code = u32::from_str_radix(code, 16).expect("a code point");
        out.push(char::from_u32(code).expect("a character"));
        out.push_str(rest);
    }
    out
}

/// A fault, and the rules of the standards that forbid it.
const FAULTS: &[(&str, &[&str])] = &[
    (
        "off-platform",
        &["forbid-off-platform", "forbid-private-dealing"],
    ),
    ("abuse", &["forbid-abuse", "forbid-swearing"]),
    (
        "deflect",
        &[
            "forbid-push",
            "forbid-deflect",
            "forbid-same-door",
            "forbid-shirk",
        ],
    ),
];

#[test]
fn taiwan_and_hong_kong_are_understood() {
    sentences_come_out_as_labelled("taiwan-hongkong", 40);
}

#[test]
fn disguises_are_looked_through_and_look_alikes_are_not() {
    sentences_come_out_as_labelled("disguises", 30);
}

/// At least so many sentences in which something is to be found, and as many in which nothing is.
fn sentences_come_out_as_labelled(file: &str, least: usize) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/scripts");
    let text = std::fs::read_to_string(format!("{folder}/{file}.txt")).expect("the sentences");
    // Marks that are not seen are written out.
    let text = unescaped(&text);
    let lines: Vec<(&str, &str, &str)> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.splitn(3, ' ');
            let mut next = || parts.next().expect("speaker, label, sentence");
            (next(), next(), next())
        })
        .collect();
    let talk = |&(speaker, label, sentence): &(&str, &str, &str)| {
        let turn = |role: &str, text: &str| (role.to_owned(), text.to_owned());
        match (speaker, label) {
            ("客", _) => vec![turn("customer", sentence)],
            (_, "greeting") => vec![turn("customer", "請問"), turn("agent", sentence)],
            _ => vec![
                turn("customer", "您好"),
                turn("agent", "您好，歡迎光臨，請問有什麼可以為您服務的嗎"),
                turn("customer", "嗯嗯 好的"),
                turn("agent", sentence),
            ],
        }
    };
    let talks: Vec<_> = lines.iter().map(talk).collect();
    let hits = lines
        .iter()
        .filter(|(_, label, _)| !matches!(*label, "none" | "quiet"))
        .count();
    assert!(
        hits >= least && lines.len() - hits >= least,
        "{hits} of {}",
        lines.len()
    );
    let mut wrong = Vec::new();
    for id in STANDARDS {
        let found = inspected(&inspector(id), jsonl(&talks));
        for ((conversation, talk), &(speaker, label, sentence)) in
            found.iter().zip(&talks).zip(&lines)
        {
            let at = talk.len() - 1;
            let seen: Vec<&str> = conversation
                .observations
                .iter()
                .filter(|one| one.message == at)
                .flat_map(|one| [Some(one.kind.as_str()), one.label.as_deref()])
                .flatten()
                .collect();
            let costly: Vec<String> = conversation
                .findings
                .iter()
                .filter(|one| {
                    one.severity >= Severity::Minor
                        && one.kind == "forbid"
                        && one.message == Some(at)
                })
                .map(|one| format!("{} {:?}", one.rule, one.quote))
                .collect();
            let trigger = conversation
                .observations
                .iter()
                .find(|one| one.kind == "escalation-trigger");
            let right = match (speaker, label) {
                ("客", label) => {
                    let found = match trigger.and_then(|one| one.label.as_deref()) {
                        None => "none",
                        Some("human-request") => "human",
                        Some(other) => other,
                    };
                    found == label
                }
                (_, "quiet") => costly.is_empty(),
                (_, fault) if FAULTS.iter().any(|(name, _)| *name == fault) => {
                    let (_, rules) = FAULTS[FAULTS
                        .iter()
                        .position(|(name, _)| *name == fault)
                        .unwrap_or(0)];
                    costly
                        .iter()
                        .any(|one| rules.iter().any(|rule| one.contains(rule)))
                }
                (_, label) => seen.contains(&label) && costly.is_empty(),
            };
            if !right {
                wrong.push(format!("{id} {label}: {sentence}: {seen:?} {costly:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// What a finding says of the way its words were found.
#[test]
fn a_finding_shows_the_way_through_the_disguise() {
    let inspector = inspector("pinduoduo");
    let cases = [
        (
            "加我微.信领券",
            "还原后命中：加我微.信 → 加我微信（去掉夹杂符号）",
        ),
        ("用zhifubao转给我", "还原后命中：用zhifubao转给（拼音）"),
        ("加我微亻言吧", "还原后命中：加我微亻言（拆字）"),
        (
            "加我ＶＸ吧",
            "还原后命中：加我ＶＸ → 加我vx（全半角与变体字形、大小写）",
        ),
        ("我的手机号一三八零零一三八零零零", "（数字写法）"),
        ("加我微信详聊", ""),
    ];
    for (text, expected) in cases {
        let talk = vec![vec![("agent".to_owned(), text.to_owned())]];
        let found = inspected(&inspector, jsonl(&talk));
        let finding = found[0]
            .findings
            .iter()
            .find(|one| one.rule == "house/forbid-off-platform")
            .unwrap_or_else(|| panic!("{text}"));
        let why: Vec<&str> = finding.why.iter().map(|line| line.zh.as_str()).collect();
        let path = why.iter().find(|line| line.starts_with("还原后命中"));
        match path {
            Some(path) => assert!(
                !expected.is_empty() && path.contains(expected),
                "{text}: {why:?}"
            ),
            None => assert!(expected.is_empty(), "{text}: {why:?}"),
        }
    }
}
