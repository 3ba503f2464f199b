//! `forbid`: this must not be said here.

use std::borrow::Cow;

use crate::diagnostic::Bilingual;
use crate::sorted;
use crate::span::Span;
use crate::text::{Folded, Match, Question, SetId, Steps, covers_all};
use crate::transcript::Role;

use super::common::Reach;
use super::compile::Compiler;
use super::condition::{Within, phrase_set};
use super::fields::Fields;
use super::scene::{Scene, is_readable};
use super::{Common, Finding, Owner, Rule, Verdict, Whose};

/// After which questions a whole-turn answer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Open,
    YesNo,
    Any,
}

/// Phrases that must not be said.
#[derive(Clone, Debug)]
pub struct Forbid {
    any: Option<SetId>,
    whole_turn: Option<SetId>,
    after: Option<After>,
    at_least: Option<(usize, Within)>,
}

/// Hits of one rule in one message that stand this close (bytes of folded text) are one finding.
const NEIGHBOURS: usize = 18;

impl Forbid {
    /// Reads the fields of this kind.
    pub fn read(fields: &Fields<'_, '_>, common: &Common, compiler: &mut Compiler) -> Option<Self> {
        let except = fields.strings("except");
        let any = phrase_set(fields, "any", &except, common.evasion, compiler);
        let whole_turn = phrase_set(fields, "whole-turn", &except, common.evasion, compiler);
        if !fields.has("any") && !fields.has("whole-turn") {
            fields.missing::<()>("any");
        }
        let after = fields.word(
            "after-question",
            &[
                ("open", After::Open),
                ("yes-no", After::YesNo),
                ("any", After::Any),
            ],
        );
        let at_least = fields.table("at-least").map(|table| {
            let count = table.count("count").unwrap_or(1);
            if count == 0 {
                table.fault(
                    table.place_of("count"),
                    "number-range",
                    "count",
                    "count 至少是 1",
                    "`count` is at least 1",
                );
            }
            let within = Within {
                messages: table.count("messages"),
                millis: table.duration("within"),
                turns: None,
            };
            table.finish();
            (count, within)
        });
        (any.is_some() || whole_turn.is_some()).then_some(Self {
            any,
            whole_turn,
            after,
            at_least,
        })
    }

    /// Judges every message of the rule's role.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        let common = &rule.common;
        let everywhere = match common.reach(scene) {
            Reach::Nowhere => return,
            reach => reach == Reach::Everywhere,
        };
        let never = !common.when.is_empty() && common.when.iter().all(|when| when.never(scene));
        if never && scene.is_all_readable() {
            return;
        }
        if common.when.is_empty() && everywhere {
            for (owner, only_unread) in scene.speakers(common.role) {
                verdict.heard(*owner, *only_unread);
            }
        } else {
            for (owner, only_unread) in speakers(rule, scene, everywhere, never) {
                verdict.heard(owner, only_unread);
            }
        }
        let mut hits: Vec<Hit> = Vec::new();
        for index in self.candidates(scene).iter().copied() {
            if common.covers(scene, index)
                && is_readable(scene.message(index))
                && common.wanted(scene, index)
            {
                self.in_message(rule, scene, index, &mut hits);
            }
        }
        if let Some((count, within)) = self.at_least {
            hits = enough(scene, hits, count, within);
        }
        for hit in hits {
            let finding = hit.finding(rule, scene);
            verdict.fail(finding);
        }
    }

    /// The messages that hold any of the words, in order.
    fn candidates<'s>(&self, scene: &'s Scene<'_>) -> Cow<'s, [usize]> {
        let with = |set: Option<SetId>| set.map_or(&[][..], |set| scene.messages_with(set));
        match (with(self.any), with(self.whole_turn)) {
            (some, []) | ([], some) => Cow::Borrowed(some),
            (any, whole) => {
                let mut both = [any, whole].concat();
                sorted::plain(&mut both);
                both.dedup();
                Cow::Owned(both)
            }
        }
    }

    fn in_message(&self, rule: &Rule, scene: &Scene<'_>, index: usize, out: &mut Vec<Hit>) {
        let common = &rule.common;
        let mut found: Vec<Match> = Vec::new();
        let follows = self.after.is_none() || self.follows_question(scene, index);
        if let Some(set) = self.any
            && follows
        {
            found.extend(
                scene
                    .hits(index, &[set], common.guards, common.boundary)
                    .copied(),
            );
        }
        if let Some(set) = self.whole_turn
            && follows
        {
            found.extend(
                scene
                    .hits(index, &[set], common.guards, common.boundary)
                    .filter(|hit| {
                        let whole = is_whole_turn(scene, index, hit);
                        if !whole {
                            scene
                                .note(index, || not_whole(hit.span.of(&scene.message(index).text)));
                        }
                        whole
                    })
                    .copied(),
            );
        }
        if found.is_empty() || common.excused(scene, index) {
            return;
        }
        sorted::by_key(&mut found, |hit| {
            (hit.span.start, std::cmp::Reverse(hit.span.end))
        });
        let first = out.len();
        for hit in found {
            match out[first..]
                .last_mut()
                .filter(|last| last.is_beside(&hit, scene.plain(index)))
            {
                Some(last) => last.join(hit),
                None => out.push(Hit::new(index, hit)),
            }
        }
    }

    fn follows_question(&self, scene: &Scene<'_>, index: usize) -> bool {
        let before = scene
            .turn_before(index)
            .filter(|turn| turn.role == Role::Customer);
        let follows = before.is_some_and(|before| self.asked_in(scene, before.messages));
        // Of interest only where the words are there.
        if !follows && scene.is_explained() && self.has_words(scene, index) {
            scene.note(index, || {
                Bilingual::new(
                    "前一轮不是客户的提问，或不是规则所说的那种提问",
                    "the turn before is no question of the customer, or not of the sort the rule wants",
                )
            });
        }
        follows
    }

    fn has_words(&self, scene: &Scene<'_>, index: usize) -> bool {
        let mut sets = self.any.iter().chain(&self.whole_turn);
        sets.any(|set| !scene.raw_hits(index, *set).is_empty())
    }

    fn asked_in(&self, scene: &Scene<'_>, messages: &[usize]) -> bool {
        messages.iter().any(|asked| {
            let question = scene.question(*asked);
            match self.after {
                Some(After::Open) => question == Some(Question::Open),
                Some(After::YesNo) => question == Some(Question::YesNo),
                Some(After::Any) | None => question.is_some(),
            }
        })
    }
}

/// Who spoke where the rule applies, and whether nothing they said can be read.
fn speakers(rule: &Rule, scene: &Scene<'_>, everywhere: bool, never: bool) -> Vec<(Owner, bool)> {
    let common = &rule.common;
    let mut out: Vec<(Owner, bool)> = Vec::new();
    // What a rule waits for holds later rather than earlier, so the last is asked first.
    for &index in scene.spoken_by(common.role).iter().rev() {
        if !everywhere && !common.in_scope(scene, index) {
            continue;
        }
        let message = scene.message(index);
        let owner = Owner::Agent(message.speaker);
        let at = out.iter().position(|(known, _)| *known == owner);
        let readable = is_readable(message);
        match at {
            Some(at) if !out[at].1 => {}
            _ if readable && (never || !common.wanted(scene, index)) => {}
            Some(at) => out[at].1 &= !readable,
            None => out.push((owner, !readable)),
        }
    }
    sorted::by_key(&mut out, |(owner, _)| *owner);
    out
}

fn not_whole(words: &str) -> Bilingual {
    Bilingual::new(
        format!("“{words}”不是这一轮的全部，旁边还说了别的"),
        format!("“{words}” is not all that is said in the turn"),
    )
}

/// Whether a hit is all that is said in the turn.
fn is_whole_turn(scene: &Scene<'_>, index: usize, hit: &Match) -> bool {
    let Some(turn) = scene.turn_of(index) else {
        return false;
    };
    turn.messages.iter().all(|other| {
        if *other == index {
            covers_all(scene.plain(index), hit.plain)
        } else {
            scene.is_filler(*other)
        }
    })
}

/// Keeps the last hit of every run that reaches the count inside its window.
fn enough(scene: &Scene<'_>, hits: Vec<Hit>, count: usize, within: Within) -> Vec<Hit> {
    let mut out: Vec<Hit> = Vec::new();
    let mut run: Vec<Hit> = Vec::new();
    for hit in hits {
        run.retain(|earlier| {
            let near = within
                .messages
                .is_none_or(|most| hit.message - earlier.message <= most);
            let soon = within.millis.is_none_or(|most| {
                match (
                    scene.message(earlier.message).time,
                    scene.message(hit.message).time,
                ) {
                    (Some(a), Some(b)) => b.millis.saturating_sub(a.millis) <= most,
                    _ => false,
                }
            });
            near && soon
                && scene.message(earlier.message).speaker == scene.message(hit.message).speaker
        });
        run.push(hit);
        let so_far = run.len();
        if so_far < count {
            scene.note(run[so_far - 1].message, || {
                Bilingual::new(
                    format!("到这里只有 {so_far} 次，规则要 {count} 次"),
                    format!("{so_far} so far, the rule wants {count}"),
                )
            });
        } else {
            let mut last = run.pop().unwrap_or_else(|| unreachable!("just pushed"));
            last.related
                .extend(run.drain(..).map(|earlier| earlier.message));
            out.push(last);
        }
    }
    out
}

/// Hits of one rule in one message that overlap or stand side by side: one fault.
struct Hit {
    message: usize,
    span: Span,
    plain: Span,
    /// The words as a reader sees them: overlapping matches make one.
    words: Vec<Span>,
    matches: Vec<Match>,
    related: Vec<usize>,
}

impl Hit {
    fn new(message: usize, found: Match) -> Self {
        Self {
            message,
            span: found.span,
            plain: found.plain,
            words: vec![found.span],
            matches: vec![found],
            related: Vec::new(),
        }
    }

    /// Whether a later match belongs to the same fault.
    fn is_beside(&self, later: &Match, plain: &str) -> bool {
        let (from, to) = (self.plain.end.min(later.plain.start), later.plain.start);
        to - from <= NEIGHBOURS && !plain[from..to].contains(['。', '！', '!', '\n'])
    }

    fn join(&mut self, found: Match) {
        match self
            .words
            .last_mut()
            .filter(|last| last.overlaps(found.span))
        {
            Some(last) => *last = last.union(found.span),
            None => self.words.push(found.span),
        }
        self.span = self.span.union(found.span);
        self.plain = self.plain.union(found.plain);
        self.matches.push(found);
    }

    /// What was said, by which steps it was found, and what it rests on.
    fn explain(&self, text: &str, common: &Common, why: &mut Vec<Bilingual>) {
        let words = few(self.words.iter().map(|span| span.of(text)), &[]);
        why.push(Bilingual::new(
            format!("说了“{}”：{}", words.join("”“"), common.title.zh),
            format!("said “{}”: {}", words.join("”, “"), common.title.en),
        ));
        why.extend(path(&self.matches, text));
        let inside = few(self.matches.iter().map(|hit| hit.span.of(text)), &words);
        if !inside.is_empty() {
            why.push(Bilingual::new(
                format!("其中的依据：“{}”", inside.join("”“")),
                format!("resting on “{}” inside it", inside.join("”, “")),
            ));
        }
    }

    fn finding(self, rule: &Rule, scene: &Scene<'_>) -> Finding {
        let common = &rule.common;
        let message = scene.message(self.message);
        let text = &message.text;
        let mut why = Vec::new();
        if self.matches.len() == 1 && self.matches[0].steps.is_empty() {
            let word = self.span.of(text);
            why.push(Bilingual::new(
                ["说了“", word, "”：", &common.title.zh].concat(),
                ["said “", word, "”: ", &common.title.en].concat(),
            ));
        } else {
            self.explain(text, common, &mut why);
        }
        let mut related = self.related;
        for condition in &common.when {
            if let Some(evidence) = condition.holds(scene, self.message)
                && evidence.message != self.message
                && !related.contains(&evidence.message)
            {
                related.push(evidence.message);
            }
        }
        sorted::plain(&mut related);
        let severity = common.severity_at(scene, self.message, &mut why);
        let speaker = (common.role == Whose::Agent).then_some(message.speaker);
        Finding {
            owner: scene.owner(common.responsible, self.message, speaker),
            message: self.message,
            related,
            span: Some(self.span),
            severity,
            measured: None,
            why,
            wait: None,
        }
    }
}

/// How many different words an explanation lists.
const LISTED: usize = 20;

/// The first few different words that are not among those known.
fn few<'t>(words: impl Iterator<Item = &'t str>, known: &[&str]) -> Vec<&'t str> {
    let mut out = Vec::new();
    for word in words {
        if out.len() == LISTED {
            break;
        }
        if !known.contains(&word) && !out.contains(&word) {
            out.push(word);
        }
    }
    out
}

/// How the words had to be read to be found: each disguised piece and what it is without the disguise,
/// and the steps that took it off. What is spelled otherwise stays as it is written.
fn path(matches: &[Match], text: &str) -> Option<Bilingual> {
    let mut steps = Steps::NONE;
    let mut pieces = String::new();
    let mut longest_first: Vec<&Match> = matches.iter().collect();
    sorted::by_key(&mut longest_first, |hit| std::cmp::Reverse(hit.span.len()));
    for hit in longest_first {
        // What says nothing new says nothing.
        if steps.contains(hit.steps) {
            continue;
        }
        steps = steps | hit.steps;
        let written = hit.span.of(text);
        let folded = Folded::new(written);
        let read = folded.squeezed().unwrap_or(folded.plain());
        if !pieces.is_empty() {
            pieces.push('，');
        }
        pieces.push_str(written);
        if read != written {
            pieces.push_str(" → ");
            pieces.push_str(read);
        }
    }
    if steps.is_empty() {
        return None;
    }
    // A pause is a slip, only one that fewer rules accept.
    let names: Vec<&str> = steps.names().filter(|name| *name != "pause").collect();
    let zh: Vec<&str> = names.iter().map(|step| step_zh(step)).collect();
    Some(Bilingual::new(
        format!("还原后命中：{pieces}（{}）", zh.join("、")),
        format!("found after folding: {pieces} ({})", names.join(", ")),
    ))
}

fn step_zh(step: &str) -> &'static str {
    match step {
        "width" => "全半角与变体字形",
        "case" => "大小写",
        "script" => "繁简",
        "zero-width" => "去掉不可见字符",
        "repeat" => "去掉重复字符",
        "slip" => "去掉夹杂符号",
        "marks" => "去掉叠加符号",
        "digits" => "数字写法",
        "emoji" => "表情代字",
        "split" => "拆字",
        "pinyin" => "拼音",
        "initials" => "拼音首字母",
        _ => "折叠",
    }
}
