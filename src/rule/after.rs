//! `after`: when A happens, B follows in time.
//!
//! A trigger opens a window; further triggers inside it are the same matter. The window is closed by
//! the answer, or runs out after so many agent messages *and* turns *and* so much time, whichever
//! allows most.

use crate::diagnostic::Bilingual;
use crate::report::Measured;
use crate::sorted;
use crate::transcript::Role;

use super::common::Scope;
use super::compile::Compiler;
use super::condition::{Condition, Evidence, Within};
use super::fields::Fields;
use super::scene::{Scene, is_readable};
use super::{Common, Finding, Rule, Verdict};

/// Something that must follow something.
#[derive(Clone, Debug)]
pub struct After {
    then: Vec<Condition>,
    within: Within,
    until: Option<Scope>,
    pending_at_end: bool,
}

impl After {
    /// Reads the fields of this kind.
    pub fn read(fields: &Fields<'_, '_>, common: &Common, compiler: &mut Compiler) -> Option<Self> {
        let then = Condition::read_all(fields, "then", compiler);
        if !fields.has("then") {
            fields.missing::<()>("then");
        }
        if common.when.is_empty() && !fields.has("when") {
            fields.missing::<()>("when");
        }
        let (within, until) = read_window(fields)?;
        let pending_at_end = fields
            .word("at-end", &[("judge", false), ("pending", true)])
            .unwrap_or(false);
        (!then.is_empty()).then_some(Self {
            then,
            within,
            until,
            pending_at_end,
        })
    }

    /// Judges every trigger.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        let mut triggers: Vec<Evidence> = rule
            .common
            .when
            .iter()
            .flat_map(|when| when.occurrences(scene))
            .collect();
        sorted::by_key(&mut triggers, |trigger| trigger.message);
        let mut closed = 0;
        for trigger in triggers {
            let at = trigger.message;
            if at < closed {
                scene.note(at, || {
                    Bilingual::new(
                        "与前一处是同一件事，只判一次",
                        "the same matter as the trigger before, judged once",
                    )
                });
                continue;
            }
            if !rule.common.in_scope(scene, at) || rule.common.excused(scene, at) {
                continue;
            }
            closed = self.judge_trigger(rule, scene, trigger, verdict);
        }
    }

    /// Judges one trigger; returns the first message that may trigger again.
    fn judge_trigger(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        trigger: Evidence,
        verdict: &mut Verdict,
    ) -> usize {
        let at = trigger.message;
        let started = scene.message(at).time;
        let mut staff = Vec::new();
        let mut clock = started;
        let mut last = at;
        let mut turns: Vec<usize> = Vec::new();
        let end = match self.until {
            Some(Scope::Session) => scene.sessions[scene.session_of(at)].end,
            _ => scene.transcript.messages.len(),
        };
        for index in at..end {
            let message = scene.message(index);
            if index > at && message.role.is_staff() {
                if staff.is_empty() {
                    // The time to act runs from the first person who looked at the matter; being
                    // slow to look is for `reply`.
                    clock = message.time.or(clock);
                }
                let soon = match (clock, message.time, self.within.millis) {
                    (Some(from), Some(now), Some(most)) => {
                        now.millis.saturating_sub(from.millis) <= most
                    }
                    _ => false,
                };
                let near = self.within.messages.is_some_and(|most| staff.len() < most);
                let turn = scene.turn_of(index).map_or(index, |turn| turn.messages[0]);
                let is_new = !turns.contains(&turn);
                let taken = turns.len() + usize::from(is_new);
                let in_turn = self.within.turns.is_some_and(|most| taken <= most);
                if !soon && !near && !in_turn && self.until.is_none() {
                    break;
                }
                if is_new {
                    turns.push(turn);
                }
                staff.push(index);
            }
            last = index;
            if (index > at || message.role != Role::Customer)
                && let Some(answer) = self
                    .then
                    .iter()
                    .find_map(|then| then.in_message(scene, index))
            {
                let owner = scene.owner(
                    rule.common.responsible,
                    at,
                    Some(self.speaker(scene, answer.message, &staff)),
                );
                verdict.pass(owner);
                scene.note(at, || {
                    let number = scene.message(answer.message).position;
                    Bilingual::new(
                        format!("该做的在 #{number} 已经做到"),
                        format!("what must follow is done in #{number}"),
                    )
                });
                return answer.message + 1;
            }
        }
        let speaker = staff.first().map(|index| scene.message(*index).speaker);
        let owner = scene.owner(rule.common.responsible, at, speaker);
        let ended = last + 1 == scene.transcript.messages.len();
        let room = self.within.messages.is_none_or(|most| staff.len() < most)
            && self.within.turns.is_none_or(|most| turns.len() < most);
        if staff.is_empty() || (ended && room && self.pending_at_end) {
            verdict.not_assessed(
                owner,
                Bilingual::new(
                    "记录在规定的范围内结束，无法判断后续",
                    "the log ends inside the window, so what followed is unknown",
                ),
            );
            return last + 1;
        }
        if staff
            .iter()
            .any(|index| !is_readable(scene.message(*index)))
        {
            verdict.not_assessed(
                owner,
                Bilingual::new(
                    "有答复内容不可见，无法判断",
                    "an answer cannot be read, so nothing can be judged",
                ),
            );
            return last + 1;
        }
        let due = staff[0];
        let words = trigger
            .span
            .map(|span| span.of(&scene.message(at).text).to_owned());
        let quoted_zh = words.as_ref().map(|w| format!("“{w}”")).unwrap_or_default();
        let quoted_en = words
            .as_ref()
            .map(|w| format!(" (“{w}”)"))
            .unwrap_or_default();
        let mut why = vec![Bilingual::new(
            format!(
                "客户{quoted_zh}之后的 {} 条客服消息里没有：{}",
                staff.len(),
                rule.common.title.zh
            ),
            format!(
                "none of the {} agent messages after the trigger{quoted_en} does it: {}",
                staff.len(),
                rule.common.title.en
            ),
        )];
        let severity = rule.common.severity_at(scene, at, &mut why);
        verdict.fail(Finding {
            owner,
            message: due,
            related: vec![at],
            span: None,
            severity,
            measured: Some(Measured {
                count: Some(staff.len()),
                required: self.within.messages,
                ..Measured::default()
            }),
            why,
            wait: None,
        });
        last + 1
    }

    fn speaker(
        &self,
        scene: &Scene<'_>,
        answer: usize,
        staff: &[usize],
    ) -> crate::transcript::SpeakerId {
        let by = if scene.message(answer).role.is_staff() {
            answer
        } else {
            *staff.first().unwrap_or(&answer)
        };
        scene.message(by).speaker
    }
}

/// Reads `within`: a table, or a word for a usual one.
fn read_window(fields: &Fields<'_, '_>) -> Option<(Within, Option<Scope>)> {
    if !fields.has("within") {
        return fields.missing("within");
    }
    if fields.is_table("within") {
        return Some((Within::read_turns(fields.table("within")?), None));
    }
    let words = [
        ("next-agent-turn", None),
        ("session", Some(Scope::Session)),
        ("conversation", Some(Scope::Conversation)),
    ];
    let until = fields.word("within", &words)?;
    let turns = until.is_none().then_some(1);
    let within = Within {
        turns,
        ..Within::default()
    };
    Some((within, until))
}
