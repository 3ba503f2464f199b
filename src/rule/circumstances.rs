//! Conditions that are neither words nor events: how a session ends, how the customer begins, who
//! speaks.

use crate::span::Span;
use crate::text::{SetId, covers_all};
use crate::transcript::{Role, State};

use super::Guards;
use super::compile::Compiler;
use super::condition::shared_set;
use super::fields::Fields;
use super::scene::Scene;

/// How a session ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ended {
    /// By handing over: these words, or the event.
    Transfer(Option<SetId>),
    /// With a customer who only thanks, agrees or says that it is done.
    Resolved {
        yes: Option<SetId>,
        no: Option<SetId>,
    },
}

/// What the customer's first turn is.
#[derive(Clone, Copy, Debug)]
pub(super) struct FirstTurn {
    specific: bool,
    /// Words that say nothing yet.
    bare: Option<SetId>,
}

impl Ended {
    pub(super) fn holds(self, scene: &Scene<'_>, at: usize) -> Option<usize> {
        let session = scene.sessions[scene.session_of(at)];
        let says = |index: usize, set: Option<SetId>| {
            set.is_some_and(|set| {
                let mut hits = scene.hits(index, std::slice::from_ref(&set), Guards::ALL, false);
                hits.next().is_some()
            })
        };
        let last_turn = |is_one: &dyn Fn(Role) -> bool| {
            let last = (session.start..session.end)
                .rev()
                .find(|index| is_one(scene.message(*index).role))?;
            let turn = scene.turn_of(last)?.messages.iter().copied();
            let own: Vec<usize> = turn.filter(|index| *index >= session.start).collect();
            Some((last, own))
        };
        match self {
            Self::Transfer(words) => {
                let (last, turn) = last_turn(&Role::is_staff)?;
                let said = turn.iter().copied().find(|index| says(*index, words));
                let event = || {
                    let mut events = scene.events.iter();
                    let after = |index: usize| index > last && index < session.end;
                    events
                        .find(|(index, id)| id == "transfer" && after(*index))
                        .map(|(index, _)| *index)
                };
                said.or_else(event)
            }
            Self::Resolved { yes, no } => {
                let (last, turn) = last_turn(&|role| role == Role::Customer)?;
                let is_content = |index: &usize| says(*index, yes) || scene.is_closer(*index);
                let is_not = |index: &usize| says(*index, no) || scene.asks(*index);
                (turn.iter().any(is_content) && !turn.iter().any(is_not)).then_some(last)
            }
        }
    }
}

impl FirstTurn {
    /// The customer's first message that says what it is about, before anybody of the shop speaks; or
    /// the first at all, when none does and that is what is asked for.
    pub(super) fn holds(self, scene: &Scene<'_>, at: usize) -> Option<usize> {
        let session = scene.sessions[scene.session_of(at)];
        let mut first = None;
        for index in session.start..session.end {
            let message = scene.message(index);
            if message.role.is_staff() {
                break;
            }
            if message.role == Role::Customer {
                first = first.or(Some(index));
                if message.state == State::Text && !is_only(scene, index, self.bare) {
                    return self.specific.then_some(index);
                }
            }
        }
        first.filter(|_| !self.specific)
    }
}

/// Whether a message is nothing but words of a set, stickers, punctuation and particles.
fn is_only(scene: &Scene<'_>, index: usize, set: Option<SetId>) -> bool {
    let plain = scene.plain(index);
    let is_filler = |text: &str| covers_all(text, Span::default());
    let mut from = 0;
    for hit in set.map_or(&[][..], |set| scene.raw_hits(index, set)) {
        if hit.plain.start > from && !is_filler(&plain[from..hit.plain.start]) {
            return false;
        }
        from = from.max(hit.plain.end);
    }
    is_filler(&plain[from..])
}

/// Whether who speaks, or at a customer's message who answers, has one of these titles.
pub(super) fn titled(scene: &Scene<'_>, at: usize, titles: &[String]) -> bool {
    let end = scene.sessions[scene.session_of(at)].end;
    let Some(by) = (at..end).find(|index| scene.message(*index).role.is_staff()) else {
        return false;
    };
    let speaker = scene.speaker(by);
    // Many exports carry no titles, but agents who name themselves 店长阿宁.
    let title = speaker.title.as_deref().unwrap_or(&speaker.name);
    titles.iter().any(|wanted| title.contains(wanted.as_str()))
}

pub(super) fn read_ended(fields: &Fields<'_, '_>, compiler: &mut Compiler) -> Option<Ended> {
    let resolved = fields.word("ended", &[("transfer", false), ("resolved", true)])?;
    let mut set = |names: &[&str]| shared_set(fields, names, compiler);
    Some(if resolved {
        Ended::Resolved {
            yes: set(&["resolved", "thanks"]),
            no: set(&["dissatisfied", "giving-up", "complaint", "anger"]),
        }
    } else {
        Ended::Transfer(set(&["transfer-out"]))
    })
}

pub(super) fn read_first_turn(
    fields: &Fields<'_, '_>,
    compiler: &mut Compiler,
) -> Option<FirstTurn> {
    let words = [("specific", true), ("bare", false)];
    let specific = fields.word("first-customer-turn", &words)?;
    Some(FirstTurn {
        specific,
        bare: shared_set(fields, &["opening-words"], compiler),
    })
}
