//! Why a rule found nothing: what it passed over in each message and the first thing that was not so,
//! and the text that comes nearest to its phrases.
//!
//! Two sources, in this order: the fields that every rule has are asked again here for each message
//! that holds the rule's words (role, channel, stage, guards, `when`, `unless`); what only a kind knows
//! (answered in time, not the whole turn) it notes itself while judging.

use std::cmp::Reverse;

use serde::Serialize;

use crate::diagnostic::{Bilingual, Diagnostic};
use crate::inspect::Inspector;
use crate::rule::compile::alternatives;
use crate::rule::scene::{Scene, is_readable};
use crate::rule::{Outcome, Rule, Verdict, guarded};
use crate::span::Span;
use crate::standard::Standard;
use crate::text::{Phrases, SetId};
use crate::transcript::{Role, Transcript};

/// How a rule came out for a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It found something.
    Found,
    /// It had an occasion and found nothing.
    Passed,
    /// It had an occasion that could not be judged.
    NotAssessed,
    /// It had no occasion.
    NoOccasion,
}

/// What a rule passed over, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// Positions of the messages.
    pub messages: Vec<usize>,
    /// The first thing that was not so.
    pub reason: Bilingual,
}

/// The text that comes nearest to a phrase of the rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Nearest {
    /// Position of the message.
    pub message: usize,
    /// Its text.
    pub text: String,
    /// The phrase as the standard has it.
    pub phrase: String,
    /// The field the phrase stands in, such as `when.said`.
    pub field: String,
    /// What both have, in order.
    pub shared: Vec<String>,
    /// How much of the phrase that is, 0 to 1; at 1 the words are there and something else keeps them
    /// from counting: a longer phrase that is excepted, a gap that is too wide or crosses a clause.
    pub share: f64,
}

/// Why a rule found what it found, and nothing else, in one conversation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// `standard/id`.
    pub rule: String,
    /// What the rule demands.
    pub title: Bilingual,
    /// The conversation's file.
    pub file: String,
    /// The conversation's id.
    pub conversation: String,
    /// How it came out.
    pub result: Ending,
    /// Positions of the messages in which something was found.
    pub found: Vec<usize>,
    /// Why something could not be judged.
    pub not_assessed: Vec<Bilingual>,
    /// What was passed over, by reason, in order of the first message.
    pub passed_over: Vec<Passed>,
    /// Why the rule had no occasion, when its `when` held nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_occasion: Option<Bilingual>,
    /// The nearest text, when nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<Nearest>,
}

/// A rule of a standard by its name, with or without the standard.
///
/// # Errors
/// That there is none of this name, with the names that come near.
pub fn rule_named(standard: &Standard, name: &str) -> Result<usize, Vec<Diagnostic>> {
    let rules = &standard.rules;
    let found = rules
        .iter()
        .position(|rule| rule.name == name)
        .or_else(|| rules.iter().position(|rule| rule.common.id == name));
    found.ok_or_else(|| {
        let near = near(name, rules);
        let (zh, en) = if near.is_empty() {
            (String::new(), String::new())
        } else {
            (
                format!("；是不是 {}", near.join("、")),
                format!("; did you mean {}?", near.join(", ")),
            )
        };
        vec![Diagnostic::error(
            "rule-unknown",
            format!("标准 {} 里没有规则“{name}”{zh}", standard.id),
            format!("the standard {} has no rule `{name}`{en}", standard.id),
        )]
    })
}

/// The names that share the most with a name, at most three.
fn near<'r>(name: &str, rules: &'r [Rule]) -> Vec<&'r str> {
    let asked = name.rsplit('/').next().unwrap_or(name);
    let mut ranked: Vec<(Reverse<usize>, &str)> = rules
        .iter()
        .map(|rule| {
            let shared = best_run(asked, &rule.common.id).len();
            (Reverse(shared), rule.name.as_str())
        })
        .filter(|(Reverse(shared), _)| *shared >= 4)
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().take(3).map(|(_, name)| name).collect()
}

impl Inspector<'_> {
    /// Why a rule of the standard, by its place in it, found what it found in a conversation.
    ///
    /// # Panics
    /// When the standard has no such rule.
    pub fn explain(&self, transcript: &Transcript, rule: usize) -> Explanation {
        self.explaining(transcript, rule, |scene, verdict| {
            let standard = self.standard();
            explain(scene, &standard.rules[rule], &standard.phrases, &verdict)
        })
        .expect("a rule of the standard")
    }
}

/// Kinds whose phrases are what must not be there: each place that holds one is a candidate.
const SUBJECTS: [&str; 5] = ["forbid", "privacy", "promise", "ask-once", "repeat"];

fn explain(scene: &Scene<'_>, rule: &Rule, phrases: &Phrases, verdict: &Verdict) -> Explanation {
    let position = |index: usize| scene.message(index).position;
    let mut found: Vec<usize> = verdict.findings.iter().map(|f| f.message).collect();
    found.sort_unstable();
    found.dedup();
    let mut not_assessed: Vec<Bilingual> = Vec::new();
    for (_, outcome) in &verdict.outcomes {
        if let Outcome::NotAssessed(reason) = outcome
            && !not_assessed.contains(reason)
        {
            not_assessed.push(reason.clone());
        }
    }
    let result = if !found.is_empty() {
        Ending::Found
    } else if verdict.outcomes.iter().any(|(_, o)| *o == Outcome::Passed) {
        Ending::Passed
    } else if not_assessed.is_empty() {
        Ending::NoOccasion
    } else {
        Ending::NotAssessed
    };
    let reasons = reasons(scene, rule, &found);
    let no_occasion = unmet(scene, rule);
    // The nearest text is for where there was nothing to pass over.
    let looked_at = reasons
        .iter()
        .any(|(index, _)| rule.common.covers(scene, *index));
    let nearest = (found.is_empty() && !looked_at)
        .then(|| nearest(scene, rule, phrases, no_occasion.is_some()))
        .flatten();
    let mut passed_over: Vec<Passed> = Vec::new();
    for (index, reason) in reasons {
        match passed_over.iter_mut().find(|entry| entry.reason == reason) {
            Some(entry) => entry.messages.push(position(index)),
            None => passed_over.push(Passed {
                messages: vec![position(index)],
                reason,
            }),
        }
    }
    Explanation {
        rule: rule.name.clone(),
        title: rule.common.title.clone(),
        file: scene.transcript.file.clone(),
        conversation: scene.transcript.id.clone(),
        result,
        found: found.into_iter().map(position).collect(),
        not_assessed,
        passed_over,
        no_occasion: no_occasion.filter(|_| result != Ending::Found),
        nearest,
    }
}

/// By message, in order: the first thing that was not so.
fn reasons(scene: &Scene<'_>, rule: &Rule, found: &[usize]) -> Vec<(usize, Bilingual)> {
    let mut out: Vec<(usize, Bilingual)> = Vec::new();
    if SUBJECTS.contains(&rule.kind.word()) {
        let sets: Vec<SetId> = subjects(rule).map(|(_, set)| set).collect();
        for index in 0..scene.transcript.messages.len() {
            if let Some(reason) = why_not_said(scene, rule, &sets, index) {
                out.push((index, reason));
            }
        }
    }
    for note in scene.take_notes() {
        if !out.iter().any(|(index, _)| *index == note.message) {
            out.push((note.message, note.reason));
        }
    }
    out.retain(|(index, _)| found.binary_search(index).is_err());
    out.sort_by_key(|(index, _)| *index);
    out
}

/// Why the words of a rule in a message are no breach as far as the common fields say.
fn why_not_said(scene: &Scene<'_>, rule: &Rule, sets: &[SetId], index: usize) -> Option<Bilingual> {
    let common = &rule.common;
    let hits: Vec<_> = sets
        .iter()
        .flat_map(|set| scene.raw_hits(index, *set))
        .collect();
    let first = hits.first()?;
    if let Some(reason) = common.out_of_scope(scene, index) {
        return Some(reason);
    }
    // One hit that stands is enough for the rule to go on.
    let guard = |hit| guarded(scene, index, hit, common.guards, common.boundary);
    if hits.iter().all(|hit| guard(hit).is_some()) {
        return guard(first);
    }
    common
        .why_unwanted(scene, index)
        .or_else(|| common.why_excused(scene, index))
}

/// Why `when` holds nowhere, when it holds nowhere.
fn unmet(scene: &Scene<'_>, rule: &Rule) -> Option<Bilingual> {
    let when = &rule.common.when;
    let first = when.first()?;
    let count = scene.transcript.messages.len();
    let held = (0..count).any(|index| rule.common.wanted(scene, index))
        || when.iter().any(|c| !c.occurrences(scene).is_empty());
    (!held && count > 0).then(|| first.why_not(scene, count - 1))
}

/// The phrases that a rule looks for: those of its own fields, or of what sets it off.
fn subjects(rule: &Rule) -> impl Iterator<Item = (&str, SetId)> {
    rule.phrases.iter().filter_map(|(path, set)| {
        let field = path.split_once(']').map_or(path.as_str(), |(_, rest)| rest);
        let field = field.trim_start_matches('.');
        let own = !field.contains('.');
        own.then_some((field, *set))
    })
}

/// Below this share of a phrase, what is near is chance.
const NEAR: f64 = 0.6;

fn nearest(
    scene: &Scene<'_>,
    rule: &Rule,
    phrases: &Phrases,
    no_occasion: bool,
) -> Option<Nearest> {
    let is_subject = SUBJECTS.contains(&rule.kind.word());
    let mut best: Option<Nearest> = None;
    for (path, set) in &rule.phrases {
        let field = path.split_once(']').map_or(path.as_str(), |(_, rest)| rest);
        let field = field.trim_start_matches('.');
        let own = !field.contains('.');
        // What sets a rule off is looked for in anybody's words, what it forbids in those it judges.
        if !(own && is_subject || no_occasion && field.starts_with("when")) {
            continue;
        }
        for index in 0..scene.transcript.messages.len() {
            let message = scene.message(index);
            let looked_at = if own {
                rule.common.covers(scene, index)
            } else {
                message.role != Role::System
            };
            if !looked_at || !is_readable(message) {
                continue;
            }
            for phrase in phrases.patterns(*set) {
                let (share, shared) = resemblance(phrase, scene.plain(index));
                let least = best.as_ref().map_or(NEAR, |nearest| nearest.share);
                if share > least || (best.is_none() && share >= least) {
                    best = Some(Nearest {
                        message: message.position,
                        text: message.text.clone(),
                        phrase: phrase.clone(),
                        field: field.to_owned(),
                        shared,
                        share: crate::report::round3(share),
                    });
                }
            }
        }
    }
    best
}

/// How much of a phrase a text holds, and which parts, each the longest run of one alternative.
fn resemblance(phrase: &str, text: &str) -> (f64, Vec<String>) {
    let (mut length, mut shared_length) = (0, 0);
    let mut shared = Vec::new();
    for group in groups(phrase) {
        let best = group
            .iter()
            .map(|word| (best_run(word, text), word))
            .map(|(run, word)| (held(word, run, text), word.chars().count(), run))
            .max_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)).then(a.0.cmp(&b.0)));
        let Some((run, of, words)) = best else {
            continue;
        };
        length += of;
        // A single character in common says nothing, unless the word is no longer.
        if words.chars().count() >= 2 || run == of {
            shared_length += run;
            shared.push(words.to_owned());
        }
    }
    // A character here and there is chance.
    if !shared.iter().any(|run| run.chars().count() >= 2) {
        return (0.0, Vec::new());
    }
    (
        f64::from(u32::try_from(shared_length).unwrap_or(0)) / length as f64,
        shared,
    )
}

/// How many characters of `word` a text holds around its longest run, in order and close by.
fn held(word: &str, run: &str, text: &str) -> usize {
    let (Some(in_word), Some(in_text)) = (word.find(run), text.find(run)) else {
        return 0;
    };
    let near = word.chars().count();
    let before = text[..in_text].chars().rev().take(near);
    let after = text[in_text + run.len()..].chars().take(near);
    run.chars().count()
        + in_order(word[..in_word].chars().rev(), before)
        + in_order(word[in_word + run.len()..].chars(), after)
}

/// How many of some characters others hold in their order.
fn in_order(wanted: impl Iterator<Item = char>, there: impl Iterator<Item = char>) -> usize {
    let mut there: Vec<char> = there.collect();
    let mut count = 0;
    for character in wanted {
        if let Some(at) = there.iter().position(|other| *other == character) {
            there.drain(..=at);
            count += 1;
        }
    }
    count
}

/// The longest run of characters of `word` that `text` holds.
fn best_run<'w>(word: &'w str, text: &str) -> &'w str {
    let ends: Vec<usize> = word
        .char_indices()
        .map(|(at, _)| at)
        .chain([word.len()])
        .collect();
    let count = ends.len() - 1;
    for length in (1..=count).rev() {
        for start in 0..=count - length {
            let run = Span::new(ends[start], ends[start + length]).of(word);
            if text.contains(run) {
                return run;
            }
        }
    }
    ""
}

/// The parts of a phrase in order, each as its alternatives; gaps, slots, lexicons and what may be
/// left out are no parts.
fn groups(phrase: &str) -> Vec<Vec<String>> {
    let mut out: Vec<Vec<String>> = Vec::new();
    let mut literal = String::new();
    let mut rest = phrase;
    while let Some(character) = rest.chars().next() {
        let length = character.len_utf8();
        if character == '\\' {
            let next = rest[length..].chars().next();
            literal.extend(next);
            rest = &rest[length + next.map_or(0, char::len_utf8)..];
            continue;
        }
        if !matches!(character, '(' | '{' | '@') && !rest.starts_with("..") {
            literal.push(character);
            rest = &rest[length..];
            continue;
        }
        if !literal.is_empty() {
            out.push(vec![std::mem::take(&mut literal)]);
        }
        rest = match character {
            '(' => {
                let end = closing(rest);
                let inner = rest[1..end].strip_suffix(')').unwrap_or(&rest[1..end]);
                let after = &rest[end..];
                match after.strip_prefix('?') {
                    Some(after) => after,
                    None => {
                        out.push(alternatives(inner).into_iter().map(plainest).collect());
                        after
                    }
                }
            }
            '{' => rest.split_once('}').map_or("", |(_, after)| after),
            '@' => rest[1..].trim_start_matches(|c: char| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
            }),
            _ => rest[2..].trim_start_matches(|c: char| c.is_ascii_digit()),
        };
    }
    if !literal.is_empty() {
        out.push(vec![literal]);
    }
    out
}

/// One wording of an alternative that holds alternatives itself.
fn plainest(phrase: &str) -> String {
    groups(phrase)
        .into_iter()
        .filter_map(|group| group.into_iter().next())
        .collect()
}

/// One past the bracket that closes the one a phrase begins with.
fn closing(phrase: &str) -> usize {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, character) in phrase.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' if depth == 1 => return at + 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    phrase.len()
}

/// What an agent or a lead reads, one line each.
impl Explanation {
    /// The explanation in words, the first line saying how the rule came out.
    pub fn lines(&self) -> Vec<Bilingual> {
        let places = |list: &[usize]| {
            let all: Vec<String> = list.iter().map(|at| format!("#{at}")).collect();
            all.join(" ")
        };
        let mut out = vec![match self.result {
            Ending::Found => Bilingual::new(
                format!("有命中：{}", places(&self.found)),
                format!("found in {}", places(&self.found)),
            ),
            Ending::Passed => Bilingual::new(
                "有适用之处，没有发现问题",
                "there was an occasion, and nothing was wrong",
            ),
            Ending::NotAssessed => Bilingual::new("无法判断", "could not be judged"),
            Ending::NoOccasion => Bilingual::new("没有适用之处", "there was no occasion"),
        }];
        out.extend(self.not_assessed.iter().map(|reason| {
            Bilingual::new(
                format!("无法判断：{}", reason.zh),
                format!("not assessed: {}", reason.en),
            )
        }));
        out.extend(self.no_occasion.iter().map(|reason| {
            Bilingual::new(
                format!("规则的前提没有出现：{}", reason.zh),
                format!("what the rule starts from did not happen: {}", reason.en),
            )
        }));
        for entry in &self.passed_over {
            let at = places(&entry.messages);
            out.push(Bilingual::new(
                format!("{at}：{}", entry.reason.zh),
                format!("{at}: {}", entry.reason.en),
            ));
        }
        if let Some(nearest) = &self.nearest {
            let Nearest {
                message,
                text,
                phrase,
                field,
                shared,
                ..
            } = nearest;
            let whole = nearest.share >= 1.0;
            let (text, phrase) = (short(text), short(phrase));
            let (zh, en) = (
                if whole {
                    "；词都在，但落在例外里、跨了句或隔得太远"
                } else {
                    ""
                },
                if whole {
                    "; the words are there, but inside an exception, across a clause or too far apart"
                } else {
                    ""
                },
            );
            out.push(Bilingual::new(
                format!(
                    "最接近的是 #{message}“{text}”，像 {field} 的“{phrase}”（共有：{}）{zh}",
                    shared.join("、")
                ),
                format!(
                    "nearest is #{message} “{text}”, like “{phrase}” of {field} (shared: {}){en}",
                    shared.join(", ")
                ),
            ));
        }
        out
    }
}

/// A text of a length that can be read at a glance.
fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{best_run, groups, resemblance};

    #[test]
    fn a_phrase_falls_into_its_parts() {
        let parts = |phrase: &str| -> Vec<String> {
            groups(phrase).iter().map(|group| group.join("/")).collect()
        };
        assert_eq!(parts("加..4(微信|V信)"), ["加", "微信/V信"]);
        assert_eq!(parts("(您)?自己..2(去(问|打)|查)"), ["自己", "去问/查"]);
        assert_eq!(parts("@own-action{duration}内\\(含\\)"), ["内(含)"]);
        assert_eq!(parts("(没关"), ["没关"]);
        assert!(parts("").is_empty());
    }

    #[test]
    fn the_longest_run_counts() {
        assert_eq!(best_run("联系客服", "请您联系物流"), "联系");
        assert_eq!(best_run("x", "y"), "");
        let (share, shared) = resemblance("自己..2(打|联系)..6(快递|物流)", "您联系一下物流吧");
        assert_eq!(shared, ["联系", "物流"]);
        assert!((share - 4.0 / 6.0).abs() < 1e-9, "{share}");
        assert_eq!(resemblance("滚", "滚筒").0, 0.0);
        // What stands around the run counts in its order.
        assert_eq!(resemblance("我要投诉", "我会去投诉").0, 0.75);
        assert_eq!(resemblance("我要投诉", "投诉要我").0, 0.5);
    }
}
