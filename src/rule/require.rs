//! `require`: this must be said there.

use crate::diagnostic::Bilingual;
use crate::report::Measured;
use crate::text::SetId;
use crate::transcript::{Role, SpeakerId, State};

use super::common::Reach;
use super::compile::Compiler;
use super::condition::{By, phrase_set};
use super::fields::Fields;
use super::scene::{Scene, Stage, is_readable};
use super::{Common, Finding, Rule, Verdict};

/// Where it must be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The agent's first turn of a session.
    Opening,
    /// The first message of that turn.
    FirstSentence,
    /// The last three agent messages of a session.
    SessionEnd,
    /// The last three agent messages before the rule's stage ends.
    StageEnd,
    /// The turn of `when.said`.
    SameTurn,
    /// Anywhere.
    Conversation,
}

/// One thing to say.
#[derive(Clone, Debug)]
struct Part {
    title: Bilingual,
    set: SetId,
}

/// Phrases that must be said.
#[derive(Clone, Debug)]
pub struct Require {
    parts: Vec<Part>,
    at_least: usize,
    place: Place,
    per_part: bool,
    filled_by: Vec<By>,
}

/// A place where something was due.
struct Occasion {
    /// Messages in which it may be said.
    window: Vec<usize>,
    /// The message that a finding points at.
    due: usize,
    related: Vec<usize>,
    speaker: SpeakerId,
}

/// How many messages of an agent count as the end of something.
const LAST: usize = 3;

impl Require {
    /// Reads the fields of this kind.
    pub fn read(fields: &Fields<'_, '_>, common: &Common, compiler: &mut Compiler) -> Option<Self> {
        let except = fields.strings("except");
        let mut parts = Vec::new();
        let listed = fields.has("parts");
        let titles = fields.table("titles");
        if let Some(table) = fields.table("parts") {
            for (name, phrases) in table.named_strings() {
                if let Some(set) = compiler.set(&table, "parts", &phrases, &except, common.evasion)
                {
                    let title = titles
                        .as_ref()
                        .and_then(|titles| titles.bilingual_of(&name.value));
                    let title = title.unwrap_or_else(|| Bilingual::new(&*name.value, &*name.value));
                    parts.push(Part { title, set });
                }
            }
        }
        if let Some(set) = phrase_set(fields, "any", &except, common.evasion, compiler) {
            parts.push(Part {
                title: common.title.clone(),
                set,
            });
        }
        if let Some(titles) = titles {
            titles.finish();
        }
        if !listed && !fields.has("any") {
            fields.missing::<()>("any");
        }
        let place = fields.word(
            "where",
            &[
                ("opening", Place::Opening),
                ("first-sentence", Place::FirstSentence),
                ("closing", Place::SessionEnd),
                ("session-end", Place::SessionEnd),
                ("stage-end", Place::StageEnd),
                ("same-turn", Place::SameTurn),
                ("conversation", Place::Conversation),
            ],
        );
        if place.is_none() && !fields.has("where") {
            fields.missing::<()>("where");
        }
        if place == Some(Place::StageEnd) && common.stages.len() != 1 {
            fields.fault(
                fields.at,
                "stage-missing",
                "where",
                "where = \"stage-end\" 需要且只需要一个 stage",
                "`where = \"stage-end\"` needs exactly one `stage`",
            );
        }
        let most = parts.len().max(1);
        let at_least = fields.count("at-least").unwrap_or(most);
        if at_least == 0 || (at_least > most && !parts.is_empty()) {
            fields.fault(
                fields.at,
                "number-range",
                "at-least",
                format!("at-least 应在 1 到 {most} 之间"),
                format!("`at-least` must be from 1 to {most}"),
            );
        }
        let per_part = fields
            .word("charge", &[("once", false), ("per-missing-part", true)])
            .unwrap_or(false);
        let mut filled_by = fields.words("filled-by", By::WORDS);
        if filled_by.is_empty() {
            filled_by.push(By::Agent);
        }
        if parts.is_empty() {
            return None;
        }
        Some(Self {
            parts,
            at_least,
            place: place?,
            per_part,
            filled_by,
        })
    }

    /// Judges every place where it was due.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        if rule.common.reach(scene) == Reach::Nowhere {
            return;
        }
        for occasion in self.occasions(rule, scene) {
            self.judge_occasion(rule, scene, &occasion, verdict);
        }
    }

    fn judge_occasion(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        occasion: &Occasion,
        verdict: &mut Verdict,
    ) {
        let owner = scene.owner(
            rule.common.responsible,
            occasion.due,
            Some(occasion.speaker),
        );
        let is_filled = |part: &&Part| self.is_filled(rule, scene, occasion, part);
        if self.parts.iter().filter(is_filled).count() >= self.at_least {
            verdict.pass(owner);
            return;
        }
        let (found, missing): (Vec<&Part>, Vec<&Part>) = self.parts.iter().partition(is_filled);
        // A picture or a withdrawn message may have held it.
        if occasion
            .window
            .iter()
            .any(|index| scene.message(*index).state == State::Unavailable)
        {
            verdict.not_assessed(
                owner,
                Bilingual::new(
                    "有消息内容不可见，无法判断是否说过",
                    "a message cannot be read, so it may have been said",
                ),
            );
            return;
        }
        let findings = if self.per_part { missing.len() } else { 1 };
        for number in 0..findings {
            let mut why = Vec::new();
            let absent: Vec<&Part> = if self.per_part {
                vec![missing[number]]
            } else {
                missing.clone()
            };
            if self.parts.len() == 1 {
                why.push(Bilingual::new(
                    ["该说而没说：", &rule.common.title.zh].concat(),
                    ["not said: ", &rule.common.title.en].concat(),
                ));
            } else {
                why.push(Bilingual::new(
                    format!("{}；缺：{}", rule.common.title.zh, zh(&absent)),
                    format!("{}; missing: {}", rule.common.title.en, en(&absent)),
                ));
                if !found.is_empty() {
                    why.push(Bilingual::new(
                        format!("已有：{}", zh(&found)),
                        format!("there: {}", en(&found)),
                    ));
                }
            }
            let severity = rule.common.severity_at(scene, occasion.due, &mut why);
            verdict.fail(Finding {
                owner,
                message: occasion.due,
                related: occasion.related.clone(),
                span: None,
                severity,
                measured: (self.parts.len() > 1).then(|| Measured {
                    count: Some(found.len()),
                    required: Some(self.at_least),
                    ..Measured::default()
                }),
                why,
                wait: None,
            });
        }
    }

    fn is_filled(&self, rule: &Rule, scene: &Scene<'_>, occasion: &Occasion, part: &Part) -> bool {
        let guards = rule.common.guards;
        if scene.messages_with(part.set).is_empty() {
            return false;
        }
        occasion.window.iter().any(|index| {
            is_readable(scene.message(*index))
                && scene
                    .hits(*index, &[part.set], guards, rule.common.boundary)
                    .next()
                    .is_some()
        })
    }

    fn may_fill(&self, scene: &Scene<'_>, index: usize) -> bool {
        let role = scene.message(index).role;
        self.filled_by.iter().any(|by| by.includes(role))
            || (role == Role::Bot && scene.profile.bot_counts)
    }

    fn occasions(&self, rule: &Rule, scene: &Scene<'_>) -> Vec<Occasion> {
        match self.place {
            Place::Opening | Place::FirstSentence => (0..scene.sessions.len())
                .filter_map(|session| self.opening(rule, scene, session))
                .collect(),
            Place::SessionEnd => (0..scene.sessions.len())
                .filter_map(|session| self.session_end(rule, scene, session))
                .collect(),
            Place::StageEnd => (0..scene.sessions.len())
                .filter_map(|session| self.stage_end(rule, scene, session))
                .collect(),
            Place::SameTurn => self.same_turn(rule, scene),
            Place::Conversation => self.conversation(rule, scene).into_iter().collect(),
        }
    }

    fn opening(&self, rule: &Rule, scene: &Scene<'_>, session: usize) -> Option<Occasion> {
        let range = scene.sessions[session];
        let first = (range.start..range.end).find(|index| is_staff(scene, *index))?;
        // Somebody must have come first: who writes on their own account opens no consultation.
        (range.start..first).find(|index| scene.message(*index).role == Role::Customer)?;
        if !rule.common.in_scope(scene, first) || !rule.common.applies(scene, first) {
            return None;
        }
        let turn = scene.turn_of(first)?;
        let mut window: Vec<usize> = if self.place == Place::FirstSentence {
            vec![first]
        } else {
            turn.messages
                .iter()
                .copied()
                .filter(|index| *index < range.end)
                .collect()
        };
        window.extend((range.start..first).filter(|index| {
            !scene.message(*index).role.is_staff() && self.may_fill(scene, *index)
        }));
        Some(Occasion {
            window,
            due: first,
            related: Vec::new(),
            speaker: scene.message(first).speaker,
        })
    }

    fn session_end(&self, rule: &Rule, scene: &Scene<'_>, session: usize) -> Option<Occasion> {
        let range = scene.sessions[session];
        let last = (range.start..range.end)
            .rev()
            .find(|index| is_staff(scene, *index))?;
        (range.start..range.end).find(|index| scene.message(*index).role == Role::Customer)?;
        if !rule.common.in_scope(scene, last) || !rule.common.applies(scene, last) {
            return None;
        }
        Some(Occasion {
            window: self.last_of(scene, range.start, range.end),
            due: last,
            related: Vec::new(),
            speaker: scene.message(last).speaker,
        })
    }

    fn stage_end(&self, rule: &Rule, scene: &Scene<'_>, session: usize) -> Option<Occasion> {
        let range = scene.sessions[session];
        let stage: Stage = *rule.common.stages.first()?;
        let in_stage = |index: &usize| scene.stages[*index] == stage;
        let due = (range.start..range.end)
            .rev()
            .find(|index| in_stage(index) && is_staff(scene, *index))?;
        (range.start..=due)
            .find(|index| in_stage(index) && scene.message(*index).role == Role::Customer)?;
        if !rule.common.in_scope(scene, due) || !rule.common.applies(scene, due) {
            return None;
        }
        let end = due + 1;
        let mut window = self.last_of(scene, range.start, end);
        // Said at the end of the session instead, it was still said before leaving.
        window.extend(self.last_of(scene, end, range.end));
        let last = (range.start..range.end)
            .rev()
            .find(|index| is_staff(scene, *index))?;
        Some(Occasion {
            window,
            due,
            related: if last == due { Vec::new() } else { vec![last] },
            speaker: scene.message(due).speaker,
        })
    }

    /// The last messages, of those who may say it, in a range.
    fn last_of(&self, scene: &Scene<'_>, start: usize, end: usize) -> Vec<usize> {
        (start..end)
            .rev()
            .filter(|index| self.may_fill(scene, *index))
            .take(LAST)
            .collect()
    }

    fn same_turn(&self, rule: &Rule, scene: &Scene<'_>) -> Vec<Occasion> {
        let mut seen: Vec<usize> = Vec::new();
        let mut out = Vec::new();
        for condition in &rule.common.when {
            for trigger in condition.occurrences(scene) {
                let Some(turn) = scene.turn_of(trigger.message) else {
                    continue;
                };
                let first = turn.messages[0];
                if seen.contains(&first)
                    || !rule.common.covers(scene, trigger.message)
                    || rule.common.excused(scene, trigger.message)
                {
                    continue;
                }
                seen.push(first);
                out.push(Occasion {
                    window: turn.messages.to_vec(),
                    due: trigger.message,
                    related: Vec::new(),
                    speaker: turn.speaker,
                });
            }
        }
        out
    }

    fn conversation(&self, rule: &Rule, scene: &Scene<'_>) -> Option<Occasion> {
        let last = scene
            .staff()
            .rev()
            .find(|index| rule.common.in_scope(scene, *index))?;
        if !rule.common.applies(scene, last) {
            return None;
        }
        let related = rule
            .common
            .when
            .iter()
            .find_map(|condition| condition.holds(scene, last))
            .map(|evidence| evidence.message)
            .filter(|message| *message != last);
        Some(Occasion {
            window: (0..scene.transcript.messages.len())
                .filter(|index| self.may_fill(scene, *index))
                .collect(),
            due: last,
            related: related.into_iter().collect(),
            speaker: scene.message(last).speaker,
        })
    }
}

fn is_staff(scene: &Scene<'_>, index: usize) -> bool {
    let message = scene.message(index);
    message.role.is_staff() && message.state != State::Recalled
}

fn zh(parts: &[&Part]) -> String {
    parts
        .iter()
        .map(|part| part.title.zh.as_str())
        .collect::<Vec<_>>()
        .join("、")
}

fn en(parts: &[&Part]) -> String {
    parts
        .iter()
        .map(|part| part.title.en.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}
