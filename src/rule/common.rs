//! What the fields that every rule has mean for a message: scope, conditions, severity.

use crate::diagnostic::Bilingual;
use crate::report::Severity;

use super::Common;
use super::scene::{Scene, Stage};

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

    /// Whether `when` holds (or is not given) and no `unless` does.
    pub fn applies(&self, scene: &Scene<'_>, index: usize) -> bool {
        self.wanted(scene, index) && !self.excused(scene, index)
    }
}
