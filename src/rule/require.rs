//! `require`: this must be said there.

use crate::diagnostic::Bilingual;
use crate::report::Measured;
use crate::text::{SetId, covers_all};
use crate::transcript::{Role, SpeakerId, State};

use super::common::{Reach, Scope};
use super::compile::Compiler;
use super::condition::{By, phrase_set, shared_set};
use super::fields::Fields;
use super::givers::{Givers, is_picture};
use super::scene::{Scene, Session, Stage, Turn, is_readable};
use super::why::stage_title;
use super::{Common, Finding, Guards, Owner, Rule, Verdict};

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
    /// The turn of `when.said`, or the next turn of an agent after `when.event`.
    SameTurn,
    /// That turn and the speaker's next.
    NextTurnToo,
    /// Anywhere.
    Conversation,
}

/// One thing to say.
#[derive(Clone, Debug)]
struct Part {
    name: String,
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
    filled_by: Givers,
    /// How the customer says yes afterwards, where that is wanted.
    confirmed: Option<Confirmed>,
    scope: Scope,
}

/// How a customer says yes.
#[derive(Clone, Copy, Debug)]
struct Confirmed {
    said: Option<SetId>,
    /// All that a message says.
    alone: Option<SetId>,
}

impl Confirmed {
    fn holds(self, scene: &Scene<'_>, index: usize) -> bool {
        let plain = scene.plain(index);
        let said = self.said.is_some_and(|set| {
            let mut hits = scene.hits(index, std::slice::from_ref(&set), Guards::ALL, false);
            hits.next().is_some()
        });
        let alone = || {
            let hits = self.alone.map_or(&[][..], |set| scene.raw_hits(index, set));
            hits.iter().any(|hit| covers_all(plain, hit.plain))
        };
        !scene.asks(index) && (said || alone() || scene.is_closer(index))
    }
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
                    let name = name.value;
                    parts.push(Part { name, title, set });
                }
            }
        }
        if let Some(set) = phrase_set(fields, "any", &except, common.evasion, compiler) {
            parts.push(Part {
                name: "any".to_owned(),
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
                ("same-turn+1", Place::NextTurnToo),
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
        let mut filled_by = Givers::read(fields, "filled-by");
        if filled_by.by.is_empty() {
            filled_by.by.push(By::Agent);
        }
        let confirmed = fields
            .word("then-confirmed-by", &[("customer", ())])
            .map(|()| Confirmed {
                said: shared_set(fields, &["confirms"], compiler),
                alone: shared_set(fields, &["confirms-bare"], compiler),
            });
        let scope = Scope::read(fields).unwrap_or(Scope::Conversation);
        if parts.is_empty() {
            return None;
        }
        Some(Self {
            parts,
            at_least,
            place: place?,
            per_part,
            filled_by,
            confirmed,
            scope,
        })
    }

    /// Judges every place where it was due.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        if rule.common.reach(scene) == Reach::Nowhere && !scene.is_explained() {
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
        let is_filled = |part: &&Part| self.is_filled(rule, scene, occasion, part, usize::MAX);
        if self.parts.iter().filter(is_filled).count() >= self.at_least {
            scene.note(occasion.due, || {
                Bilingual::new(
                    format!("该说的说了：{}", zh(&self.found(rule, scene, occasion))),
                    format!(
                        "what must be said is there: {}",
                        en(&self.found(rule, scene, occasion))
                    ),
                )
            });
            self.judge_confirmed(rule, scene, occasion, owner, verdict);
            return;
        }
        if occasion.window.is_empty() {
            let reason = Bilingual::new(
                "记录到此为止，客服没有再发言",
                "the log ends before anybody of the shop speaks again",
            );
            verdict.not_assessed(owner, reason);
            return;
        }
        let session = scene.sessions[scene.session_of(occasion.due)];
        if self.filled_by.image
            && (session.start..session.end).any(|index| is_picture(scene, index))
        {
            let reason = Bilingual::new(
                "客户发了图片，内容可能在图片里",
                "the customer sent a picture, which may hold it",
            );
            verdict.not_assessed(owner, reason);
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

    /// Everything was said; where the customer has to agree to it, whether they did.
    fn judge_confirmed(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        occasion: &Occasion,
        owner: Owner,
        verdict: &mut Verdict,
    ) {
        let Some(yes) = self.confirmed else {
            verdict.pass(owner);
            return;
        };
        // The yes may come before the window ends: it counts from where enough was said.
        let is_enough = |last: &usize| {
            let parts = self.parts.iter();
            let filled = parts.filter(|part| self.is_filled(rule, scene, occasion, part, *last));
            filled.count() >= self.at_least
        };
        let window = occasion.window.iter().copied();
        let said = window.filter(is_enough).min().unwrap_or(0);
        let end = scene.sessions[scene.session_of(said)].end;
        let answers: Vec<usize> = (said + 1..end)
            .filter(|index| scene.message(*index).role == Role::Customer)
            .collect();
        let Some(first) = answers.first() else {
            let reason = Bilingual::new(
                "客户没有再说话，无从确认",
                "the customer never wrote again, so nothing could be confirmed",
            );
            verdict.not_assessed(owner, reason);
            return;
        };
        if answers.iter().any(|index| yes.holds(scene, *index)) {
            verdict.pass(owner);
            return;
        }
        let mut why = vec![Bilingual::new(
            format!("说了，但客户没有确认：{}", rule.common.title.zh),
            format!(
                "said, but the customer did not confirm it: {}",
                rule.common.title.en
            ),
        )];
        let severity = rule.common.severity_at(scene, occasion.due, &mut why);
        verdict.fail(Finding {
            owner,
            message: occasion.due,
            related: vec![*first],
            span: None,
            severity,
            measured: None,
            why,
            wait: None,
        });
    }

    fn found<'s>(&'s self, rule: &Rule, scene: &Scene<'_>, occasion: &Occasion) -> Vec<&'s Part> {
        let parts = self.parts.iter();
        parts
            .filter(|part| self.is_filled(rule, scene, occasion, part, usize::MAX))
            .collect()
    }

    /// Whether a part is said, up to the message `last`.
    fn is_filled(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        occasion: &Occasion,
        part: &Part,
        last: usize,
    ) -> bool {
        let guards = rule.common.guards;
        if self.filled_by.profile && scene.profile.switches.get(&part.name) == Some(&true) {
            return true;
        }
        if scene.messages_with(part.set).is_empty() {
            return false;
        }
        let mut window = occasion.window.iter().filter(|index| **index <= last);
        window.any(|index| {
            is_readable(scene.message(*index))
                && scene
                    .hits(*index, &[part.set], guards, rule.common.boundary)
                    .next()
                    .is_some()
        })
    }

    fn may_fill(&self, scene: &Scene<'_>, index: usize) -> bool {
        let role = scene.message(index).role;
        By::any_of(&self.filled_by.by, role) || (role == Role::Bot && scene.profile.bot_counts)
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
            Place::SameTurn | Place::NextTurnToo => self.same_turn(rule, scene),
            Place::Conversation => self
                .scope
                .ranges(scene)
                .into_iter()
                .filter_map(|range| self.conversation(rule, scene, range))
                .collect(),
        }
    }

    fn opening(&self, rule: &Rule, scene: &Scene<'_>, session: usize) -> Option<Occasion> {
        let range = scene.sessions[session];
        let first = (range.start..range.end)
            .find(|index| is_staff(scene, *index))
            .or_else(|| nobody(scene, range.start))?;
        // Somebody must have come first: who writes on their own account opens no consultation.
        (range.start..first)
            .find(|index| scene.message(*index).role == Role::Customer)
            .or_else(|| no_customer(scene, first))?;
        if !rule.common.in_scope(scene, first) || !rule.common.applies(scene, first) {
            note_no_occasion(rule, scene, first);
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
            .find(|index| is_staff(scene, *index))
            .or_else(|| nobody(scene, range.start))?;
        (range.start..range.end)
            .find(|index| scene.message(*index).role == Role::Customer)
            .or_else(|| no_customer(scene, last))?;
        if !rule.common.in_scope(scene, last) || !rule.common.applies(scene, last) {
            note_no_occasion(rule, scene, last);
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
            .find(|index| in_stage(index) && is_staff(scene, *index))
            .or_else(|| no_stage(scene, range.start, stage))?;
        (range.start..=due)
            .find(|index| in_stage(index) && scene.message(*index).role == Role::Customer)
            .or_else(|| no_customer(scene, due))?;
        if !rule.common.in_scope(scene, due) || !rule.common.applies(scene, due) {
            note_no_occasion(rule, scene, due);
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
                let at = trigger.message;
                let event = condition.is_event();
                let covered = if event {
                    rule.common.in_scope(scene, at)
                } else {
                    rule.common.covers(scene, at)
                };
                if !covered || rule.common.excused(scene, at) {
                    continue;
                }
                let spoken = if event {
                    next_staff(scene, at)
                } else {
                    Some(at)
                };
                let Some((spoken, turn)) = spoken.and_then(|at| Some((at, scene.turn_of(at)?)))
                else {
                    // Somebody had the customer, and the log ends here.
                    if let Some(last) = scene.staff_before(at) {
                        out.push(Occasion {
                            window: Vec::new(),
                            due: at,
                            related: Vec::new(),
                            speaker: scene.message(last).speaker,
                        });
                    }
                    continue;
                };
                let first = turn.messages[0];
                if seen.contains(&first) {
                    continue;
                }
                seen.push(first);
                let mut window = turn.messages.to_vec();
                if self.place == Place::NextTurnToo {
                    window.extend(next_turn(scene, turn));
                }
                let last = window.last().copied().unwrap_or(spoken);
                window.extend((at..last).filter(|index| {
                    !scene.message(*index).role.is_staff() && self.may_fill(scene, *index)
                }));
                out.push(Occasion {
                    window,
                    due: if event { spoken } else { at },
                    related: if event { vec![at] } else { Vec::new() },
                    speaker: turn.speaker,
                });
            }
        }
        out
    }

    fn conversation(&self, rule: &Rule, scene: &Scene<'_>, range: Session) -> Option<Occasion> {
        let last = (range.start..range.end).rev().find(|index| {
            scene.message(*index).role.is_staff() && rule.common.in_scope(scene, *index)
        })?;
        if !rule.common.applies(scene, last) {
            note_no_occasion(rule, scene, last);
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
            window: (range.start..range.end)
                .filter(|index| self.may_fill(scene, *index))
                .collect(),
            due: last,
            related: related.into_iter().collect(),
            speaker: scene.message(last).speaker,
        })
    }
}

fn nobody<T>(scene: &Scene<'_>, start: usize) -> Option<T> {
    scene.note(start, || {
        Bilingual::new(
            "这一段会话里没有客服说话",
            "no agent speaks in this session",
        )
    });
    None
}

fn no_customer<T>(scene: &Scene<'_>, at: usize) -> Option<T> {
    scene.note(at, || {
        Bilingual::new("在此之前没有客户说话", "no customer speaks before it")
    });
    None
}

fn no_stage<T>(scene: &Scene<'_>, start: usize, stage: Stage) -> Option<T> {
    scene.note(start, || {
        let name = stage_title(stage);
        Bilingual::new(
            format!("从这里起的会话里，客服没有在{}阶段说过话", name.zh),
            format!("in the session from here on no agent speaks {}", name.en),
        )
    });
    None
}

/// Why nothing was due where it would have been.
fn note_no_occasion(rule: &Rule, scene: &Scene<'_>, due: usize) {
    scene.note(due, || {
        rule.common.why_not(scene, due).unwrap_or_else(|| {
            Bilingual::new("这里没有这样的要求", "nothing of the sort is due here")
        })
    });
}

/// The next message of a person of the shop.
fn next_staff(scene: &Scene<'_>, at: usize) -> Option<usize> {
    (at..scene.transcript.messages.len()).find(|index| is_staff(scene, *index))
}

/// The messages of the next turn of whoever speaks in a turn.
fn next_turn<'s>(scene: &Scene<'s>, turn: &Turn<'_>) -> &'s [usize] {
    let last = turn.messages.last().copied().unwrap_or_default();
    let next = scene
        .turns
        .iter()
        .find(|other| other.speaker == turn.speaker && other.messages[0] > last);
    next.map_or(&[], |next| next.messages)
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
