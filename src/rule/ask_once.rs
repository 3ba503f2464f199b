//! `ask-once`: do not ask for what was already given.
//!
//! A slot is two lexicons, how agents ask for it and how it is given. The thing to get right is what is
//! *not* asking again: reading the value back, another order, an unclear picture, a value that does not
//! fit, and a question that crossed with the answer.

use crate::diagnostic::Bilingual;
use crate::text::{Match, SetId};
use crate::transcript::{Role, SpeakerId};

use super::common::Scope;
use super::compile::Compiler;
use super::condition::{bare, shared_set};
use super::fields::{At, Fields};
use super::givers::is_picture;
use super::scene::{Scene, Session, is_readable};
use super::{Common, Finding, Guards, Owner, Rule, Verdict};

/// Something to ask for.
#[derive(Clone, Debug)]
struct Slot {
    title: Bilingual,
    ask: SetId,
    given: Option<SetId>,
    /// A picture gives it.
    by_picture: bool,
    /// A story rather than a value: asking for more of it is not asking again.
    is_story: bool,
}

/// Things not to ask for twice.
#[derive(Clone, Debug)]
pub struct AskOnce {
    slots: Vec<Slot>,
    same_agent: bool,
    scope: Scope,
    /// Words that say why it is asked again.
    reasons: Option<SetId>,
    /// Words for another order: what was given belongs to the one before.
    other: Option<SetId>,
    again: Option<SetId>,
}

/// Something that was given.
struct Given {
    message: usize,
    /// The value without punctuation.
    value: String,
    /// Whether an agent had asked for it.
    was_asked: bool,
}

/// This soon after the answer, the question was already on its way.
const CROSSED: i64 = 5_000;

/// So many characters answer a question for the story.
const STORY: usize = 6;

/// So many characters in a row repeat a value.
const READ_BACK: usize = 4;

impl AskOnce {
    /// Reads the fields of this kind.
    pub fn read(
        fields: &Fields<'_, '_>,
        _common: &Common,
        compiler: &mut Compiler,
    ) -> Option<Self> {
        let names = fields.strings("slots");
        if names.is_empty() {
            fields.missing::<()>("slots");
        }
        let slots: Vec<Slot> = names
            .iter()
            .filter_map(|name| read_slot(fields, name, compiler))
            .collect();
        let same_agent = fields.word("across", &[("agents", false), ("agent", true)]);
        let scope = Scope::read(fields).unwrap_or(Scope::Session);
        let reasons = [
            "other-order",
            "unclear-photo",
            "incomplete-value",
            "reads-back",
        ];
        (!slots.is_empty()).then_some(Self {
            slots,
            same_agent: same_agent.unwrap_or(false),
            scope,
            reasons: shared_set(fields, &reasons, compiler),
            other: shared_set(fields, &["other-order"], compiler),
            again: shared_set(fields, &["ask-again"], compiler),
        })
    }

    /// Judges every question for something that was given.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        let mut had: Vec<SpeakerId> = Vec::new();
        for range in self.scope.ranges(scene) {
            for slot in &self.slots {
                self.judge_slot(rule, scene, range, slot, &mut had, verdict);
            }
        }
        for speaker in had {
            verdict.pass(Owner::Agent(speaker));
        }
    }

    fn judge_slot(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        range: Session,
        slot: &Slot,
        had: &mut Vec<SpeakerId>,
        verdict: &mut Verdict,
    ) {
        if !self.may_be_given(scene, slot) {
            return;
        }
        let mut given: Option<Given> = None;
        let mut asked: Option<usize> = None;
        let mut found_in: Option<usize> = None;
        for index in range.start..range.end {
            let message = scene.message(index);
            if matches!(message.role, Role::Customer | Role::System) {
                let is_other = message.role == Role::Customer
                    && self.other.is_some_and(|set| says(scene, index, set));
                if is_other {
                    given = None;
                }
                if let Some(value) = slot.given_in(scene, index, asked) {
                    given = Some(Given {
                        message: index,
                        value,
                        was_asked: asked.is_some(),
                    });
                }
                continue;
            }
            if !rule.common.covers(scene, index) || !is_readable(message) {
                continue;
            }
            if given.is_some() && !had.contains(&message.speaker) {
                had.push(message.speaker);
            }
            let sets = [slot.ask];
            let mut hits = scene.hits(index, &sets, rule.common.guards, rule.common.boundary);
            let Some(hit) = hits.next() else { continue };
            let turn = scene.turn_of(index).map(|turn| turn.messages[0]);
            if let Some(given) = &given
                && found_in != turn
                && self.is_again(rule, scene, slot, given, index)
            {
                found_in = turn;
                verdict.fail(finding(rule, scene, slot, given, index, hit));
            }
            asked = Some(index);
        }
    }

    /// Whether anything here may give what the slot stands for: nobody asks again for what never was.
    fn may_be_given(&self, scene: &Scene<'_>, slot: &Slot) -> bool {
        let with = |set: SetId| !scene.messages_with(set).is_empty();
        let pictured = || {
            let messages = 0..scene.transcript.messages.len();
            slot.by_picture && messages.into_iter().any(|index| is_picture(scene, index))
        };
        slot.given.is_some_and(with) || (slot.is_story && with(slot.ask)) || pictured()
    }

    /// Whether asking at `index` asks again for what was given.
    fn is_again(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        slot: &Slot,
        given: &Given,
        index: usize,
    ) -> bool {
        let reason = self.why_not(rule, scene, slot, given, index);
        if let Some(reason) = reason {
            scene.note(index, || reason);
            return false;
        }
        true
    }

    /// What makes a question no repeated one.
    fn why_not(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        slot: &Slot,
        given: &Given,
        index: usize,
    ) -> Option<Bilingual> {
        let asker = scene.message(index).speaker;
        let turn = scene.turn_of(index).map_or(&[][..], |turn| turn.messages);
        if let (Some(then), Some(now)) =
            (scene.message(given.message).time, scene.message(index).time)
            && now.millis.saturating_sub(then.millis) < CROSSED
        {
            return Some(Bilingual::new(
                "与客户的回答前后脚，不算重复",
                "the question crossed with the answer",
            ));
        }
        // Who had the customer when it was given: the first of the shop to speak afterwards.
        let hearer = (given.message + 1..=index)
            .find(|at| scene.message(*at).role.is_staff())
            .map_or(asker, |at| scene.message(at).speaker);
        let before = scene
            .staff_before(given.message)
            .map_or(hearer, |at| scene.message(at).speaker);
        let was_there = asker == before;
        if self.same_agent && !was_there {
            return Some(Bilingual::new(
                "给的时候是别的客服接待",
                "it was given to another agent",
            ));
        }
        if turn
            .iter()
            .any(|at| self.reasons.is_some_and(|set| says(scene, *at, set)))
        {
            return Some(Bilingual::new(
                "说明了再要的原因",
                "the agent said why it is needed again",
            ));
        }
        if !slot.is_story
            && turn
                .iter()
                .any(|at| reads_back(&bare(scene.plain(*at)), &given.value))
        {
            return Some(Bilingual::new(
                "是在复述核对",
                "the agent reads it back to verify it",
            ));
        }
        let again = self.again.is_some_and(|set| says(scene, index, set));
        let is_more = slot.is_story && !again && was_there && !given.was_asked;
        if is_more {
            return Some(Bilingual::new(
                "是在追问细节，不是要客户重讲",
                "the agent asks for details, not for the story again",
            ));
        }
        rule.common
            .excused(scene, index)
            .then(|| Bilingual::new("unless 的条件成立", "a condition of `unless` holds"))
    }
}

impl Slot {
    /// The value that a message of the customer or the platform gives.
    fn given_in(&self, scene: &Scene<'_>, index: usize, asked: Option<usize>) -> Option<String> {
        if self.by_picture && is_picture(scene, index) {
            return Some(String::new());
        }
        if !is_readable(scene.message(index)) {
            return None;
        }
        let guards = Guards {
            negation: true,
            quotation: false,
        };
        let hit = scene
            .hits(index, self.given.as_slice(), guards, false)
            .next();
        if let Some(hit) = hit {
            return Some(bare(hit.plain.of(scene.plain(index))));
        }
        // An answer right after the question for the story is the story, in whatever words.
        let answers = self.is_story
            && scene.message(index).role == Role::Customer
            && asked.is_some()
            && scene.turn_before(index).map(|turn| turn.messages.last()) == Some(asked.as_ref());
        let text = answers.then(|| bare(scene.plain(index)))?;
        (text.chars().count() >= STORY).then_some(text)
    }
}

fn finding(
    rule: &Rule,
    scene: &Scene<'_>,
    slot: &Slot,
    given: &Given,
    index: usize,
    hit: &Match,
) -> Finding {
    let message = scene.message(index);
    let words = hit.span.of(&message.text);
    let by_card = scene.message(given.message).role == Role::System;
    let (who_zh, who_en) = if by_card {
        ("卡片或系统消息里已有", "a card or notice had already given")
    } else {
        ("客户已经给过", "the customer had already given")
    };
    let mut why = vec![Bilingual::new(
        format!("又要{}（“{words}”），{who_zh}", slot.title.zh),
        format!("asked for {} (“{words}”), which {who_en}", slot.title.en),
    )];
    let severity = rule.common.severity_at(scene, index, &mut why);
    Finding {
        owner: scene.owner(rule.common.responsible, index, Some(message.speaker)),
        message: index,
        related: vec![given.message],
        span: Some(hit.span),
        severity,
        measured: None,
        why,
        wait: None,
    }
}

fn says(scene: &Scene<'_>, index: usize, set: SetId) -> bool {
    !scene.raw_hits(index, set).is_empty()
}

/// Whether a text repeats a run of a value.
fn reads_back(text: &str, value: &str) -> bool {
    let value: Vec<char> = value.chars().collect();
    value
        .windows(READ_BACK)
        .any(|run| text.contains(&run.iter().collect::<String>()))
}

fn read_slot(fields: &Fields<'_, '_>, name: &At<String>, compiler: &mut Compiler) -> Option<Slot> {
    let (ask, given) = (
        format!("ask-{}", name.value),
        format!("given-{}", name.value),
    );
    let by_picture = name.value == "photo";
    if !compiler.knows(&ask) || !(by_picture || compiler.knows(&given)) {
        fields.fault(
            name.at,
            "slot-unknown",
            "slots",
            format!("没有词表 {ask} 和 {given}，无法判断“{}”", name.value),
            format!("`{}` needs the lexicons `{ask}` and `{given}`", name.value),
        );
        return None;
    }
    let (zh, en) = match name.value.as_str() {
        "order-no" => ("订单号", "the order number"),
        "tracking-no" => ("快递单号", "the tracking number"),
        "phone" => ("手机号", "the telephone number"),
        "address" => ("地址", "the address"),
        "photo" => ("照片", "a picture"),
        "issue" => ("问题经过", "the story"),
        other => (other, other),
    };
    Some(Slot {
        title: Bilingual::new(zh, en),
        ask: shared_set(fields, &[&ask], compiler)?,
        given: shared_set(fields, &[&given], compiler),
        by_picture,
        is_story: name.value == "issue",
    })
}
