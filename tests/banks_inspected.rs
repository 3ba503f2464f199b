//! The phrase banks of what must not be said, through whole standards: every hit gives a finding where a
//! conversation gives it its occasion, and no look-alike does.
//!
//! The thing to know: which rules judge a bank is read from the standards themselves, as the rules that
//! name one of the bank's lexicons among what they forbid. A hit must be found by one of them, in one of
//! the bank's settings; a look-alike must be quiet in all settings, in every standard. A bank that no
//! built-in standard judges is tried with a rule of this test. [`tests/banks.rs`](banks.rs) tries the
//! lexicons by themselves.

#![allow(
    clippy::print_stderr,
    reason = "exceptions and what is absent are told"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};
use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::report::{Conversation, Severity};
use zhijian::rule::profile::Profile;
use zhijian::score;
use zhijian::standard;
use zhijian::standard::built_in::{STANDARDS, Shared};
use zhijian::text::Words;

/// What is said before and after the sentence in question. The lines after it come two days later.
struct Setting {
    before: &'static [&'static str],
    after: &'static [&'static str],
}

const fn before(before: &'static [&'static str]) -> Setting {
    Setting { before, after: &[] }
}

const BROWSING: Setting = before(&["客 你好", "服 您好，请问有什么可以帮您", "客 我想看看这款"]);
const ASKED: Setting = before(&["客 你好", "服 您好，请讲", "客 这款和那款有什么区别"]);
const ASKED_YES_NO: Setting = before(&["客 你好", "服 您好，请讲", "客 能便宜点吗"]);
const UPSET: Setting = before(&["客 用了两天就坏了", "服 您好，给您看看", "客 态度太差了"]);
const RETURNING: Setting = before(&["客 衣服收到了，不合适", "服 您好", "客 我要退货"]);
const REFUSED: Setting = before(&[
    "客 这款怎么样",
    "服 您好，卖得很好",
    "客 先不要了，我再看看",
]);
const WAITING: Setting = Setting {
    before: &[
        "客 退款申请三天了",
        "服 您好，我看一下",
        "客 什么时候能处理好",
    ],
    after: &["客 怎么还没处理好"],
};
const TOLD: Setting = before(&[
    "客 订单号240506-771203456789012，杯子漏水",
    "客 [图片]",
    "客 电话13812345678，地址杭州市文三路12号",
    "服 好的，看到了",
    "客 嗯",
    "阿宁 我是售后阿宁",
]);

struct Bank {
    name: &'static str,
    lexicons: &'static [&'static str],
    settings: &'static [Setting],
    /// The rule of this test, where no built-in standard has one.
    own: &'static str,
}

const BANKS: &[Bank] = &[
    Bank {
        name: "PROFANITY",
        lexicons: &["profanity"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "PROF_OBF",
        lexicons: &["profanity-obfuscated"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "ARGUE",
        lexicons: &["argue", "provoke"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "DEFLECT",
        lexicons: &["deflect"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "PERFUNCT",
        lexicons: &["perfunctory"],
        settings: &[ASKED],
        own: "",
    },
    Bank {
        name: "IMPATIENT",
        lexicons: &["impatient"],
        settings: &[BROWSING, ASKED],
        own: "",
    },
    Bank {
        name: "COLD",
        lexicons: &["cold"],
        settings: &[ASKED_YES_NO, ASKED],
        own: "",
    },
    Bank {
        name: "PROVOKE",
        lexicons: &["provoke", "threat", "sneer"],
        settings: &[BROWSING, UPSET],
        own: "",
    },
    Bank {
        name: "EXAGG",
        lexicons: &["exaggeration"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "OVERPROM",
        lexicons: &["overpromise"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "HARDSELL",
        lexicons: &["hard-sell"],
        settings: &[REFUSED, UPSET],
        own: "[[rules.forbid]]\nany = [\"@hard-sell\"]",
    },
    Bank {
        name: "VAGUEETA",
        lexicons: &["vague-eta"],
        settings: &[WAITING],
        own: "[[rules.forbid]]\nany = [\"@vague-eta\"]\nunless = { said = [\"{moment}\", \"{duration}(内|之内|后|左右)\"], by = \"agent\", same = \"turn\" }",
    },
    Bank {
        name: "HEDGE",
        lexicons: &["hedge"],
        settings: &[BROWSING, ASKED],
        own: "",
    },
    Bank {
        name: "AMBIG",
        lexicons: &["ambiguous"],
        settings: &[ASKED_YES_NO, ASKED],
        own: "",
    },
    Bank {
        name: "REASK",
        lexicons: &[],
        settings: &[TOLD],
        own: "[[rules.ask-once]]\nslots = [\"order-no\", \"phone\", \"address\", \"photo\", \"issue\"]",
    },
    Bank {
        name: "OFFPLATFORM",
        lexicons: &["off-platform"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "PIIASK",
        lexicons: &["ask-secrets"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "PIILEAK",
        lexicons: &["leak"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "SECRET",
        lexicons: &["company-secret"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "REVIEWINDUCE",
        lexicons: &["review-induce"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "REFUSERETURN",
        lexicons: &["refuse-return"],
        settings: &[RETURNING],
        own: "[[rules.forbid]]\nany = [\"@refuse-return\"]",
    },
    Bank {
        name: "BRUSH",
        lexicons: &["brush"],
        settings: &[BROWSING],
        own: "",
    },
    Bank {
        name: "OFFWORK",
        lexicons: &["off-work"],
        settings: &[BROWSING],
        own: "[[rules.forbid]]\nany = [\"@off-work\"]",
    },
    Bank {
        name: "TYPO",
        lexicons: &["typo"],
        settings: &[BROWSING],
        own: "",
    },
];

/// What is not as the banks say, one by one, and why. `hit`: not found; `quiet`: found all the same.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "TYPO",
    "货号打错一长串无标点",
    "describes a message, is none",
)];

/// Rules that judge somebody's words, by the fields that say which.
const JUDGING: [&str; 3] = ["any", "whole-turn", "make"];

/// The rules of a standard's text that name one of these lexicons among what they judge.
fn rules_of(bank: &Bank, id: &str, text: &str) -> BTreeSet<String> {
    let table: toml::Table = text.parse().expect("built-in standards are TOML");
    let kinds = table.get("rules").and_then(toml::Value::as_table);
    let mut names = BTreeSet::new();
    for (kind, rules) in kinds.into_iter().flatten() {
        for rule in rules.as_array().into_iter().flatten() {
            let judges = match (kind.as_str(), bank.name) {
                ("ask-once", "REASK") => true,
                ("privacy", "PIILEAK") => rule.get("mode").and_then(|m| m.as_str()) == Some("leak"),
                ("forbid" | "privacy" | "promise", _) => JUDGING.iter().any(|field| {
                    let words = rule.get(field).map(ToString::to_string).unwrap_or_default();
                    bank.lexicons
                        .iter()
                        .any(|name| words.contains(&format!("\"@{name}\"")))
                }),
                _ => false,
            };
            if judges {
                let rule = rule["id"].as_str().expect("an id");
                names.insert(format!("{id}/{rule}"));
            }
        }
    }
    names
}

/// A standard of this test with the one rule of a bank.
fn own_standard(bank: &Bank) -> String {
    let head = "schema = \"zhijian-standard/1\"\nid = \"bench\"\nversion = \"1.0.0\"\ntitle = { zh = \"x\", en = \"x\" }\n\
        [[dimensions]]\nid = \"service\"\ntitle = { zh = \"x\", en = \"x\" }\nweight = 100\n";
    let common = "id = \"ID\"\ntitle = { zh = \"x\", en = \"x\" }\nclauses = [\"X-1\"]\nseverity = \"minor\"\n\
        dimension = \"service\"\nflags = [\"x\"]\nallows = [\"y\"]\n";
    let id = if bank.own.contains("ask-once") {
        "ask-once-own"
    } else {
        "forbid-own"
    };
    format!("{head}{}\n{}", bank.own, common.replace("ID", id))
}

fn inspector(text: &str, file: &str) -> Inspector<'static> {
    let compiled =
        standard::compile(text, file).unwrap_or_else(|faults| panic!("{file}: {faults:?}"));
    Inspector::new(compiled, Profile::default(), Words::bundled())
}

/// A line's role, name and text.
fn line(line: &str) -> (&'static str, &str, &str) {
    let (who, text) = line.split_once(' ').expect("a speaker and a text");
    match who {
        "客" => ("customer", "买家", text),
        "服" => ("agent", "小雨", text),
        name => ("agent", name, text),
    }
}

/// The conversation of a sentence in its setting, and the index of the sentence.
fn conversation(setting: &Setting, role: &str, text: &str) -> (Vec<u8>, usize) {
    let said = setting.before.len();
    let last = setting.before.last().map_or("小雨", |last| line(last).1);
    let sender = match (role, last) {
        ("customer", _) => "买家",
        (_, "买家") => "小雨",
        (_, agent) => agent,
    };
    let lines = setting.before.iter().map(|text| line(text));
    let lines = lines
        .chain([(
            if role == "customer" {
                "customer"
            } else {
                "agent"
            },
            sender,
            text,
        )])
        .chain(setting.after.iter().map(|text| line(text)));
    let messages: Vec<Value> = lines
        .enumerate()
        .map(|(index, (role, sender, text))| {
            let day = if index > said { 8 } else { 6 };
            let time = format!("2024-05-{day:02} 10:{index:02}:00");
            match text {
                "[图片]" => json!({ "role": role, "sender": sender, "time": time, "text": text, "type": "image" }),
                _ => json!({ "role": role, "sender": sender, "time": time, "text": text }),
            }
        })
        .collect();
    let bytes = json!({ "id": "b", "messages": messages })
        .to_string()
        .into_bytes();
    (bytes, said)
}

fn inspected(inspector: &Inspector<'_>, bytes: Vec<u8>) -> Conversation {
    let mut reader = import::read("b.jsonl", bytes, &import::Options::default());
    let transcript = reader.next().expect("one conversation");
    let inspection = inspector.inspect(&transcript);
    let options = score::Options::default();
    score::conversation(inspector.standard(), &transcript, &inspection, &options)
}

/// The bank's rules that find something of severity minor or graver at the sentence.
fn found(judge: &Judge, setting: &Setting, role: &str, text: &str) -> Vec<String> {
    let (bytes, at) = conversation(setting, role, text);
    let judged = inspected(&judge.inspector, bytes);
    let findings = judged.findings.iter().filter(|finding| {
        finding.message == Some(at)
            && finding.severity >= Severity::Minor
            && judge.rules.contains(&finding.rule)
    });
    findings
        .map(|f| format!("{} {:?}", f.rule, f.quote))
        .collect()
}

/// A standard that judges a bank, and by which rules.
struct Judge {
    id: String,
    inspector: std::rc::Rc<Inspector<'static>>,
    rules: BTreeSet<String>,
}

/// Simplified to Traditional, character by character: enough to prove that folding takes it back.
fn traditional() -> BTreeMap<char, char> {
    let mut table = BTreeMap::new();
    for traditional in '\u{4e00}'..='\u{9fff}' {
        let simplified = fast2s::convert(&traditional.to_string());
        let mut simplified = simplified.chars();
        if let (Some(one), None) = (simplified.next(), simplified.next())
            && one != traditional
        {
            table.entry(one).or_insert(traditional);
        }
    }
    table
}

/// A bank's sentence without remarks in brackets, and who speaks.
fn sentence(item: &str) -> (&'static str, &str) {
    let (role, mut text) = match item.split_once(':') {
        Some(("客户", rest)) => ("customer", rest.trim()),
        _ => ("agent", item.trim()),
    };
    if text.ends_with(')')
        && let Some(at) = text.rfind('(').filter(|&at| at > 0)
    {
        text = &text[..at];
    }
    if text.starts_with('(')
        && let Some(at) = text.find(')')
    {
        text = &text[at + 1..];
    }
    (role, text)
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

#[test]
fn every_hit_is_a_finding_and_no_look_alike_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/domain/banks.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!(
            "../shared/domain/banks.json is absent: the banks are not tried in conversations"
        );
        return;
    };
    let banks: Value = serde_json::from_str(&text).expect("banks.json is JSON");
    let banks = banks.get("banks").unwrap_or(&banks);
    let traditional = traditional();
    let built_in: Vec<(String, String, std::rc::Rc<Inspector<'static>>)> = STANDARDS
        .iter()
        .map(|entry| {
            let inspector = inspector(entry.text(), &entry.file());
            (
                entry.id.to_owned(),
                entry.text().to_owned(),
                std::rc::Rc::new(inspector),
            )
        })
        .collect();
    let only = std::env::var("ZHIJIAN_BANK").ok();
    let mut wrong = Vec::new();
    for bank in BANKS {
        if only.as_ref().is_some_and(|only| only != bank.name) {
            continue;
        }
        let house = rules_of(bank, "house", Shared::House.text());
        let mut judges: Vec<Judge> = built_in
            .iter()
            .map(|(id, text, inspector)| {
                let loaded: BTreeSet<&str> = inspector
                    .standard()
                    .rules
                    .iter()
                    .map(|rule| rule.name.as_str())
                    .collect();
                let mut rules = rules_of(bank, id, text);
                rules.extend(
                    house
                        .iter()
                        .filter(|rule| loaded.contains(rule.as_str()))
                        .cloned(),
                );
                Judge {
                    id: id.clone(),
                    inspector: std::rc::Rc::clone(inspector),
                    rules,
                }
            })
            .filter(|judge| !judge.rules.is_empty())
            .collect();
        if judges.is_empty() {
            assert!(!bank.own.is_empty(), "{}: no standard judges it", bank.name);
            eprintln!(
                "{}: judged by no built-in standard, tried with a rule of this test",
                bank.name
            );
            let inspector = inspector(&own_standard(bank), "bench.toml");
            let rules = inspector
                .standard()
                .rules
                .iter()
                .map(|rule| rule.name.clone())
                .collect();
            judges.push(Judge {
                id: "bench".to_owned(),
                inspector: std::rc::Rc::new(inspector),
                rules,
            });
        }
        for (kind, is_hit) in [("hit", true), ("nohit", false)] {
            for item in strings(&banks[bank.name][kind]) {
                let exception = EXCEPTIONS
                    .iter()
                    .find(|(of, what, _)| *of == bank.name && *what == item);
                if let Some((_, _, reason)) = exception {
                    eprintln!("{} {kind} {item}: {reason}", bank.name);
                    continue;
                }
                let (role, text) = sentence(&item);
                let other: String = text
                    .chars()
                    .map(|one| traditional.get(&one).copied().unwrap_or(one))
                    .collect();
                for text in [text, other.as_str()] {
                    if is_hit {
                        // Each bank has one main place; a standard may leave it to another one's rule.
                        let caught = judges.iter().any(|judge| {
                            bank.settings
                                .iter()
                                .any(|setting| !found(judge, setting, role, text).is_empty())
                        });
                        if !caught {
                            let ids: Vec<&str> =
                                judges.iter().map(|judge| judge.id.as_str()).collect();
                            wrong.push(format!(
                                "{}: missed {text} by {}",
                                bank.name,
                                ids.join(", ")
                            ));
                        }
                        continue;
                    }
                    for judge in &judges {
                        for setting in bank.settings {
                            let found = found(judge, setting, role, text);
                            if !found.is_empty() {
                                wrong.push(format!("{}: wrongly {text} {found:?}", bank.name));
                            }
                        }
                    }
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
