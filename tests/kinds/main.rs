//! Each kind of rule by itself: which message, which words, by whom, for which reason. A rule is
//! written as in a standard, a dialogue as in its examples, and both go the whole way to a report.

mod after;
mod ask_once;
mod conditions;
mod order;
mod rate;
mod repeat;
mod require;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{LazyLock, Mutex};

use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::report::{Conversation, Finding};
use zhijian::rule::profile::Profile;
use zhijian::score;
use zhijian::standard::{self, Standard};
use zhijian::text::Words;
use zhijian::transcript::Transcript;

/// A standard of these rules; the fields that every rule has are filled in.
fn text(rules: &[&str]) -> String {
    let mut text = String::from(
        "schema = \"zhijian-standard/1\"\nid = \"t\"\nversion = \"1.0.0\"\n\
         title = { zh = \"测试\", en = \"test\" }\n\
         [[dimensions]]\nid = \"d\"\ntitle = { zh = \"维\", en = \"d\" }\nweight = 100\n",
    );
    for rule in rules {
        let (head, rest) = rule.trim_start().split_once('\n').expect("a head line");
        let _ = write!(
            text,
            "{head}\ntitle = {{ zh = \"要求\", en = \"the demand\" }}\nclauses = [\"T-1\"]\n\
             severity = \"minor\"\ndimension = \"d\"\nflags = [\"x\"]\nallows = [\"y\"]\n{rest}\n"
        );
    }
    text
}

/// The standard of these rules. Compiling is slow in a debug build, so each is kept.
fn compiled(rules: &[&str]) -> &'static Standard {
    static KNOWN: Mutex<BTreeMap<String, &Standard>> = Mutex::new(BTreeMap::new());
    let text = text(rules);
    let known = KNOWN.lock().expect("no test holds it").get(&text).copied();
    known.unwrap_or_else(|| {
        let fresh = standard::compile(&text, "t.toml").unwrap_or_else(|f| panic!("{f:#?}"));
        let fresh: &'static Standard = Box::leak(Box::new(fresh));
        KNOWN.lock().expect("no test holds it").insert(text, fresh);
        fresh
    })
}

static NO_WORDS: LazyLock<Words> = LazyLock::new(Words::absent);

fn inspector(rules: &[&str], profile: &Profile) -> Inspector<'static> {
    Inspector::borrowing(compiled(rules), profile.clone(), &NO_WORDS)
}

/// The codes of the mistakes of a rule.
fn mistakes(rule: &str) -> Vec<String> {
    let faults = standard::compile(&text(&[rule]), "t.toml").expect_err("a mistake");
    faults.into_iter().map(|fault| fault.code).collect()
}

/// A dialogue, one line a message: `客 10:00:05 在吗`, `服(阿雨) 您好`. Without a time a message comes
/// ten seconds after the one before; `[图片]` is a picture, `[不可见]` cannot be read.
fn talk(dialogue: &str) -> Transcript {
    let mut clock = 10 * 3600 - 10;
    let mut messages = Vec::new();
    for line in dialogue.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let (who, mut words) = line.split_once(' ').expect("a speaker and words");
        let (head, name) = match who.split_once('(') {
            Some((head, name)) => (head, name.trim_end_matches(')')),
            None => (who, who),
        };
        let role = match head {
            "客" => "customer",
            "服" => "agent",
            "机" => "bot",
            "系统" => "system",
            "主管" => "supervisor",
            other => panic!("who is {other}?"),
        };
        clock += 10;
        if let Some((time, rest)) = words.split_once(' ')
            && time.len() == 8
            && time.as_bytes()[2] == b':'
        {
            let parts: Vec<i64> = time
                .split(':')
                .map(|p| p.parse().expect("a time"))
                .collect();
            clock = parts[0] * 3600 + parts[1] * 60 + parts[2];
            words = rest;
        }
        let time = format!(
            "2024-05-06T{:02}:{:02}:{:02}+08:00",
            clock / 3600,
            clock / 60 % 60,
            clock % 60
        );
        let state = match words {
            "[图片]" => "media",
            "[不可见]" => "unavailable",
            _ => "text",
        };
        messages.push(serde_json::json!({
            "role": role, "sender": name, "time": time, "text": words, "state": state,
        }));
    }
    let json = serde_json::json!({ "id": "t", "messages": messages }).to_string();
    let mut read = import::read("t.json", json.into_bytes(), &import::Options::default());
    read.next().expect("one conversation")
}

fn judged(rules: &[&str], dialogue: &str, profile: &Profile) -> Conversation {
    let transcript = talk(dialogue);
    let inspector = inspector(rules, profile);
    let inspection = inspector.inspect(&transcript);
    let options = score::Options::default();
    score::conversation(inspector.standard(), &transcript, &inspection, &options)
}

fn conversation(rule: &str, dialogue: &str) -> Conversation {
    judged(&[rule], dialogue, &Profile::default())
}

/// `message "quote" ←related agent`, for each finding.
fn shown(conversation: &Conversation) -> Vec<String> {
    let one = |finding: &Finding| {
        format!(
            "{} {} ←{:?} {}",
            finding.message.expect("in a conversation"),
            finding.quote.as_deref().unwrap_or("–"),
            finding.related,
            finding.agent
        )
    };
    conversation.findings.iter().map(one).collect()
}

/// What a rule finds in a dialogue.
fn found(rule: &str, dialogue: &str) -> Vec<String> {
    shown(&conversation(rule, dialogue))
}

/// `passed`, `failed`, `not assessed: reason` or `no occasion`, for the first agent.
fn outcome(rule: &str, dialogue: &str, profile: &Profile) -> String {
    let conversation = judged(&[rule], dialogue, profile);
    if !conversation.findings.is_empty() {
        return "failed".to_owned();
    }
    if let Some(open) = conversation.not_assessed.first() {
        return format!("not assessed: {}", open.reason.en);
    }
    match conversation.scores[0].total {
        Some(_) => "passed".to_owned(),
        None => "no occasion".to_owned(),
    }
}

fn with_switch(name: &str, on: bool) -> Profile {
    let mut profile = Profile::default();
    profile.switches.insert(name.to_owned(), on);
    profile
}
