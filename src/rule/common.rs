//! What the fields that every rule has mean for a message: scope, conditions, severity.

use crate::diagnostic::Bilingual;
use crate::report::Severity;

use super::Common;
use super::fields::Fields;
use super::profile::Profile;
use super::scene::{Scene, Session, Stage};
use super::why::{role_title, wrong_stage};

/// How much of a conversation a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// None of it.
    Nowhere,
    /// What its channels and stages say.
    Somewhere,
    /// All of it.
    Everywhere,
}

/// How much of a conversation is looked at together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Each session by itself.
    Session,
    /// All of it.
    Conversation,
}

impl Scope {
    /// Reads `scope`.
    pub fn read(fields: &Fields<'_, '_>) -> Option<Self> {
        fields.word(
            "scope",
            &[
                ("session", Self::Session),
                ("conversation", Self::Conversation),
            ],
        )
    }

    /// The parts of a conversation that are looked at.
    pub fn ranges(self, scene: &Scene<'_>) -> Vec<Session> {
        match self {
            Self::Session => scene.sessions.clone(),
            Self::Conversation => vec![Session {
                start: 0,
                end: scene.transcript.messages.len(),
            }],
        }
    }
}

/// A number that a standard states or leaves to the shop.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// Stated.
    Fixed(f64),
    /// By this name in the shop's profile, or else this.
    Profile(String, Option<f64>),
}

impl Number {
    /// Reads `3` or `{ profile = "hold-times", default = 3 }`.
    pub fn read(fields: &Fields<'_, '_>, key: &'static str) -> Option<Self> {
        if !fields.is_table(key) {
            return fields.number(key).map(Self::Fixed);
        }
        let table = fields.table(key)?;
        let name = table.require_string("profile");
        let default = table.number("default");
        table.finish();
        Some(Self::Profile(name?.value, default))
    }

    /// The number in force; `None` when the shop has to fill it in and has not.
    pub fn value(&self, profile: &Profile) -> Option<f64> {
        match self {
            Self::Fixed(number) => Some(*number),
            Self::Profile(name, default) => profile.numbers.get(name).copied().or(*default),
        }
    }

    /// The number in force as a count of at least one.
    pub fn count(&self, profile: &Profile) -> Option<usize> {
        // Below a million, not negative: exact.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        self.value(profile)
            .map(|number| number.clamp(1.0, 1e6).ceil() as usize)
    }
}

impl Common {
    /// The severity of a breach at a message, raised where the rule says so.
    pub fn severity_at(
        &self,
        scene: &Scene<'_>,
        message: usize,
        why: &mut Vec<Bilingual>,
    ) -> Severity {
        let raised = self.raise.as_ref().filter(|raise| {
            raise
                .when
                .iter()
                .any(|condition| condition.holds(scene, message).is_some())
        });
        match raised {
            Some(raise) => {
                why.push(Bilingual::new(
                    "同处情节更重，按加重处理",
                    "made graver by what was said with it",
                ));
                raise.to
            }
            None => self.severity,
        }
    }

    /// Whether the rule looks at a message at all: role, channel, stage.
    pub fn covers(&self, scene: &Scene<'_>, index: usize) -> bool {
        let message = scene.message(index);
        scene.speaks(self.role, message.role) && self.in_scope(scene, index)
    }

    /// How much of the conversation lies in the rule's channels and stages, as far as that can be told
    /// without looking at its messages.
    pub fn reach(&self, scene: &Scene<'_>) -> Reach {
        let there = |stage: Stage| scene.stages_seen() >> stage as u8 & 1 == 1;
        if !self.stages.is_empty() && !self.stages.iter().any(|stage| there(*stage)) {
            return Reach::Nowhere;
        }
        let all = self.stages.is_empty() || {
            let stages = [Stage::Presale, Stage::Sale, Stage::Aftersale];
            stages
                .into_iter()
                .all(|stage| !there(stage) || self.stages.contains(&stage))
        };
        if all && self.channels.is_empty() {
            Reach::Everywhere
        } else {
            Reach::Somewhere
        }
    }

    /// Whether a message lies in the rule's channels and stages.
    pub fn in_scope(&self, scene: &Scene<'_>, index: usize) -> bool {
        (self.channels.is_empty() || self.channels.contains(&scene.channel(index)))
            && (self.stages.is_empty() || self.stages.contains(&scene.stages[index]))
    }

    /// Whether `when` holds at a message, or is not given.
    pub fn wanted(&self, scene: &Scene<'_>, index: usize) -> bool {
        self.when.is_empty() || self.when.iter().any(|c| c.holds(scene, index).is_some())
    }

    /// Whether an `unless` holds at a message.
    pub fn excused(&self, scene: &Scene<'_>, index: usize) -> bool {
        self.unless.iter().any(|c| c.holds(scene, index).is_some())
    }

    /// The first of the common fields that keeps the rule from judging a message: role, channel, stage,
    /// `when`, `unless`.
    pub fn why_not(&self, scene: &Scene<'_>, index: usize) -> Option<Bilingual> {
        self.out_of_scope(scene, index)
            .or_else(|| self.why_unwanted(scene, index))
            .or_else(|| self.why_excused(scene, index))
    }

    /// Why the rule does not look at a message: role, channel, stage.
    pub fn out_of_scope(&self, scene: &Scene<'_>, index: usize) -> Option<Bilingual> {
        if self.covers(scene, index) {
            return None;
        }
        self.out_of_place(scene, index).or_else(|| {
            let by = role_title(scene.message(index).role);
            Some(Bilingual::new(
                format!("是{}说的，规则不看", by.zh),
                format!("said by {}, at whom the rule does not look", by.en),
            ))
        })
    }

    /// Why a message lies outside the rule's channels and stages.
    pub fn out_of_place(&self, scene: &Scene<'_>, index: usize) -> Option<Bilingual> {
        let channel = scene.channel(index);
        if !self.channels.is_empty() && !self.channels.contains(&channel) {
            return Some(Bilingual::new(
                "不是规则所看的渠道",
                "not a channel the rule looks at",
            ));
        }
        let stage = scene.stages[index];
        if !self.stages.is_empty() && !self.stages.contains(&stage) {
            return Some(wrong_stage(stage, &self.stages));
        }
        None
    }

    /// Why `when` does not hold at a message.
    pub fn why_unwanted(&self, scene: &Scene<'_>, index: usize) -> Option<Bilingual> {
        let first = self.when.first().filter(|_| !self.wanted(scene, index))?;
        Some(first.why_not(scene, index))
    }

    /// Which `unless` holds at a message, and by what.
    pub fn why_excused(&self, scene: &Scene<'_>, index: usize) -> Option<Bilingual> {
        let evidence = self.unless.iter().find_map(|c| c.holds(scene, index))?;
        let message = scene.message(evidence.message);
        let number = message.position;
        Some(match evidence.span {
            Some(span) => {
                let words = span.of(&message.text);
                Bilingual::new(
                    format!("#{number} 说了“{words}”，规则因此不算"),
                    format!("#{number} says “{words}”, which excuses it"),
                )
            }
            None => Bilingual::new(
                format!("#{number} 使规则的例外成立"),
                format!("#{number} makes an exception of the rule hold"),
            ),
        })
    }

    /// Whether `when` holds (or is not given) and no `unless` does.
    pub fn applies(&self, scene: &Scene<'_>, index: usize) -> bool {
        self.wanted(scene, index) && !self.excused(scene, index)
    }
}
