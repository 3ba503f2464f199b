//! `when` and `unless`: one grammar for every kind. A list means or, the keys of one condition mean
//! and.

use crate::span::Span;
use crate::text::SetId;
use crate::transcript::{Role, State};

use super::compile::{Compiler, lexicon_names};
use super::fields::{At, Fields};
use super::scene::{Scene, Stage};
use super::{Guards, Whose};

/// Whose words a condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Customers.
    Customer,
    /// People of the shop.
    Agent,
    /// Robots.
    Bot,
    /// The platform.
    System,
    /// Anybody.
    Any,
}

impl By {
    /// The words a standard uses.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("customer", Self::Customer),
        ("agent", Self::Agent),
        ("any-agent", Self::Agent),
        ("bot", Self::Bot),
        ("system", Self::System),
        ("card", Self::System),
        ("any", Self::Any),
    ];

    /// Whether it means this role.
    pub fn includes(self, role: Role) -> bool {
        match self {
            Self::Customer => role == Role::Customer,
            Self::Agent => role.is_staff(),
            Self::Bot => role == Role::Bot,
            Self::System => role == Role::System,
            Self::Any => true,
        }
    }
}

/// How far a window reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Within {
    /// This many messages.
    pub messages: Option<usize>,
    /// This many milliseconds.
    pub millis: Option<i64>,
}

impl Within {
    /// Reads `{ messages = 3, time = "5m" }`.
    pub fn read(fields: Fields<'_, '_>) -> Self {
        let within = Self {
            messages: fields.count("messages"),
            millis: fields.duration("time"),
        };
        if within == Self::default() && !fields.has("messages") && !fields.has("time") {
            fields.fault(
                fields.at,
                "field-missing",
                "messages",
                "窗口要写 messages 或 time",
                "a window needs `messages` or `time`",
            );
        }
        fields.finish();
        within
    }
}

/// Where a condition looks, seen from the message it is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Message,
    Turn,
    /// So far before it.
    Before(Within),
    /// So far before or after it.
    Around(Within),
    Earlier,
    /// That message, its turn, or anything before.
    UpToHere,
}

/// Words that must be there.
#[derive(Clone, Copy, Debug)]
struct Said {
    set: SetId,
    by: By,
    place: Place,
    guards: Guards,
    /// The words hand a matter up: a leader who steps in does the same.
    escalates: bool,
}

/// One condition.
#[derive(Clone, Debug)]
pub struct Condition {
    said: Option<Said>,
    event: Option<(String, Place)>,
    stage: Vec<Stage>,
    ended_by: Option<By>,
    open_question: Option<bool>,
    repeats: bool,
    titles: Vec<String>,
}

/// The words for stages.
pub const STAGES: &[(&str, Stage)] = &[
    ("presale", Stage::Presale),
    ("sale", Stage::Sale),
    ("aftersale", Stage::Aftersale),
];

/// What made a condition hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Index of the message.
    pub message: usize,
    /// Where in its original text, if it is words.
    pub span: Option<Span>,
}

impl Condition {
    /// Reads a list of conditions, or one.
    pub fn read_all(
        fields: &Fields<'_, '_>,
        key: &'static str,
        compiler: &mut Compiler,
    ) -> Vec<Self> {
        fields
            .tables(key)
            .into_iter()
            .filter_map(|table| Self::read(table, key, compiler))
            .collect()
    }

    fn read(fields: Fields<'_, '_>, key: &str, compiler: &mut Compiler) -> Option<Self> {
        let phrases = fields.strings("said");
        let phrases = if phrases.is_empty() {
            fields.strings("any")
        } else {
            phrases
        };
        let by = fields.word("by", By::WORDS).unwrap_or(By::Any);
        let place = if let Some(same) = fields.word(
            "same",
            &[("message", Place::Message), ("turn", Place::Turn)],
        ) {
            same
        } else if let Some(within) = fields.table("within") {
            let within = Within::read(within);
            // What made a rule apply came before; what excuses may come after.
            if key == "unless" {
                Place::Around(within)
            } else {
                Place::Before(within)
            }
        } else if fields.boolean("earlier") == Some(true) {
            Place::Earlier
        } else {
            Place::UpToHere
        };
        let guards = read_guards(&fields, Guards::ALL);
        let evasion = fields
            .word("fold", &[("plain", false), ("evasion", true)])
            .unwrap_or(false);
        let escalates = phrases
            .iter()
            .any(|p| lexicon_names(&p.value).any(|name| name == "escalated"));
        let said = (!phrases.is_empty())
            .then(|| compiler.set(&fields, "said", &phrases, &[], evasion))
            .map(|set| {
                set.map(|set| Said {
                    set,
                    by,
                    place,
                    guards,
                    escalates,
                })
            });
        let event = fields.string("event");
        let condition = Self {
            said: said.flatten(),
            event: event.clone().map(|event| (event.value, place)),
            stage: fields.words("stage", STAGES),
            ended_by: fields.word("ended-by", By::WORDS),
            open_question: fields.boolean("open-question"),
            repeats: fields
                .word("repeats", &[("customer", true)])
                .unwrap_or(false),
            titles: fields
                .strings("speaker-title")
                .into_iter()
                .map(|title| title.value)
                .collect(),
        };
        let says_something = !phrases.is_empty()
            || event.is_some()
            || [
                "stage",
                "ended-by",
                "open-question",
                "repeats",
                "speaker-title",
            ]
            .iter()
            .any(|key| fields.has(key));
        if !says_something {
            fields.fault(
                fields.at,
                "condition-empty",
                "",
                "条件里什么都没有写",
                "this condition says nothing",
            );
        }
        fields.finish();
        // A mistake in the words was reported; a condition that lost them must not hold by accident.
        (says_something && (phrases.is_empty() || condition.said.is_some())).then_some(condition)
    }

    /// Whether it holds for no message: its words are nowhere in the conversation. A no says nothing.
    pub fn never(&self, scene: &Scene<'_>) -> bool {
        self.said.is_some_and(|said| said.never(scene))
            || (self.event.is_some() && scene.events.is_empty())
    }

    /// Whether it holds for message `at`, and by what.
    pub fn holds(&self, scene: &Scene<'_>, at: usize) -> Option<Evidence> {
        if self.never(scene) {
            return None;
        }
        let mut evidence = Evidence {
            message: at,
            span: None,
        };
        if !self.stage.is_empty() && !self.stage.contains(&scene.stages[at]) {
            return None;
        }
        if let Some(by) = self.ended_by {
            let session = scene.sessions[scene.session_of(at)];
            let last = (session.start..session.end)
                .rev()
                .find(|i| scene.message(*i).role != Role::System)?;
            if !by.includes(scene.message(last).role) {
                return None;
            }
            evidence.message = last;
        }
        if let Some(open) = self.open_question {
            let question = open_question(scene, at);
            if question.is_some() != open {
                return None;
            }
            evidence.message = question.unwrap_or(at);
        }
        if self.repeats {
            evidence.message = repeated(scene, at)?;
        }
        if !self.titles.is_empty() {
            let title = scene.speaker(at).title.as_deref().unwrap_or_default();
            if !self
                .titles
                .iter()
                .any(|wanted| title.contains(wanted.as_str()))
            {
                return None;
            }
        }
        if let Some((event, place)) = &self.event {
            evidence.message = scene
                .events
                .iter()
                .find(|(index, id)| id == event && reaches(scene, *place, at, *index))?
                .0;
        }
        if let Some(said) = &self.said {
            evidence = said.find(scene, at)?;
        }
        Some(evidence)
    }

    /// Where the words (or the event) of this condition occur in the whole conversation: the triggers of `after`.
    pub fn occurrences(&self, scene: &Scene<'_>) -> Vec<Evidence> {
        let in_stage =
            |index: &usize| self.stage.is_empty() || self.stage.contains(&scene.stages[*index]);
        if let Some(said) = &self.said {
            let found = |index| said.look(scene, index);
            if said.may_be_a_leader(scene) {
                let all = 0..scene.transcript.messages.len();
                return all.filter(in_stage).filter_map(found).collect();
            }
            let with = scene.messages_with(said.set).iter().copied();
            return with.filter(in_stage).filter_map(found).collect();
        }
        let Some((event, _)) = &self.event else {
            return Vec::new();
        };
        let mut found: Vec<Evidence> = Vec::new();
        for (index, id) in &scene.events {
            if id == event
                && in_stage(index)
                && found.last().is_none_or(|last| last.message != *index)
            {
                found.push(Evidence {
                    message: *index,
                    span: None,
                });
            }
        }
        found
    }

    /// Whether the words of this condition are in one message: the answers of `after`.
    pub fn in_message(&self, scene: &Scene<'_>, index: usize) -> Option<Evidence> {
        match (&self.said, &self.event) {
            (Some(said), _) => said.in_message(scene, index).map(|span| Evidence {
                message: index,
                span,
            }),
            (None, Some((event, _))) => scene
                .events
                .iter()
                .any(|(at, id)| *at == index && id == event)
                .then_some(Evidence {
                    message: index,
                    span: None,
                }),
            (None, None) => self.holds(scene, index),
        }
    }
}

impl Said {
    /// Whether it can be in no message.
    fn never(&self, scene: &Scene<'_>) -> bool {
        scene.messages_with(self.set).is_empty() && !self.may_be_a_leader(scene)
    }

    /// Whether a leader's stepping in may stand for the words.
    fn may_be_a_leader(&self, scene: &Scene<'_>) -> bool {
        self.escalates && scene.has_leaders()
    }

    fn look(&self, scene: &Scene<'_>, index: usize) -> Option<Evidence> {
        self.in_message(scene, index).map(|span| Evidence {
            message: index,
            span,
        })
    }

    fn find(&self, scene: &Scene<'_>, at: usize) -> Option<Evidence> {
        let look = |index: usize| self.look(scene, index);
        let turn = scene.turn_of(at).map(|turn| turn.messages);
        let in_turn = turn.unwrap_or(std::slice::from_ref(&at));
        if self.may_be_a_leader(scene) {
            return match self.place {
                Place::Message => look(at),
                Place::Turn => in_turn.iter().copied().find_map(look),
                Place::Before(_) | Place::Around(_) => (0..scene.transcript.messages.len())
                    .filter(|index| reaches(scene, self.place, at, *index))
                    .find_map(look),
                Place::Earlier => (0..at).rev().find_map(look),
                Place::UpToHere => {
                    let turn = in_turn.iter().rev().copied();
                    turn.chain((0..at).rev()).find_map(look)
                }
            };
        }
        let with = scene.messages_with(self.set);
        let before = &with[..with.partition_point(|index| *index < at)];
        let mut before = before.iter().rev().copied();
        let of_turn = |index: &usize| in_turn.binary_search(index).is_ok();
        let mut near = with.iter().copied();
        match self.place {
            Place::Message => look(at),
            Place::Turn => near.filter(of_turn).find_map(look),
            Place::Before(_) | Place::Around(_) => {
                near.find_map(|index| look(index).filter(|_| reaches(scene, self.place, at, index)))
            }
            Place::Earlier => before.find_map(look),
            Place::UpToHere => {
                let turn = near.rev().filter(of_turn).find_map(look);
                turn.or_else(|| before.find_map(look))
            }
        }
    }

    /// The span of the first hit in a message; `Some(None)` when a leader's stepping in stands for it.
    fn in_message(&self, scene: &Scene<'_>, index: usize) -> Option<Option<Span>> {
        let message = scene.message(index);
        if !self.by.includes(message.role) {
            return None;
        }
        let hit = scene
            .hits(index, std::slice::from_ref(&self.set), self.guards, false)
            .next();
        if let Some(hit) = hit {
            return Some(Some(hit.span));
        }
        (self.escalates && message.state == State::Text && scene.is_leader(index)).then_some(None)
    }
}

/// Whether `index` lies in the place that a condition asked about `at` looks at.
fn reaches(scene: &Scene<'_>, place: Place, at: usize, index: usize) -> bool {
    match place {
        Place::Message => index == at,
        Place::Turn => scene
            .turn_of(at)
            .map_or(index == at, |turn| turn.messages.contains(&index)),
        Place::Earlier => index < at,
        Place::UpToHere => index <= at,
        Place::Before(_) if index > at => false,
        Place::Before(within) | Place::Around(within) => {
            let near = within.messages.is_some_and(|most| {
                let (low, high) = (at.min(index), at.max(index));
                let between = (low..high)
                    .filter(|i| scene.message(*i).role != Role::System)
                    .count();
                between <= most
            });
            let soon = within.millis.is_some_and(|most| {
                match (scene.message(at).time, scene.message(index).time) {
                    (Some(a), Some(b)) => (a.millis - b.millis).abs() <= most,
                    _ => false,
                }
            });
            near || soon
        }
    }
}

/// The customer's question that the turn of `at` follows directly, if it does: nothing else was said
/// in the turn before.
fn open_question(scene: &Scene<'_>, at: usize) -> Option<usize> {
    let turn = scene.turn_of(at)?;
    if turn.messages.first() != Some(&at) {
        return None;
    }
    let before = scene.turn_before(at)?;
    if before.role != Role::Customer {
        return None;
    }
    before
        .messages
        .iter()
        .rev()
        .copied()
        .find(|index| scene.asks(*index))
}

/// The earlier message in which the customer said what the turn before `at` says.
fn repeated(scene: &Scene<'_>, at: usize) -> Option<usize> {
    let turn = scene.turn_of(at)?;
    let asked = if turn.role == Role::Customer {
        turn
    } else {
        scene.turn_before(at)?
    };
    if asked.role != Role::Customer {
        return None;
    }
    asked.messages.iter().find_map(|index| {
        let text = bare(scene.plain(*index));
        if text.chars().count() < 4 {
            return None;
        }
        (0..*index)
            .rev()
            .filter(|i| scene.message(*i).role == Role::Customer && !asked.messages.contains(i))
            .find(|i| bare(scene.plain(*i)) == text)
    })
}

/// A text without anything but letters and digits.
fn bare(plain: &str) -> String {
    plain.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Reads `guards = ["negation", "quotation"]`.
pub fn read_guards(fields: &Fields<'_, '_>, default: Guards) -> Guards {
    if !fields.has("guards") {
        // Taken all the same, so that it is listed among the known fields.
        fields.strings("guards");
        return default;
    }
    let mut guards = Guards::NONE;
    for word in fields.words("guards", &[("negation", true), ("quotation", false)]) {
        if word {
            guards.negation = true;
        } else {
            guards.quotation = true;
        }
    }
    guards
}

/// The words for whose words a rule judges.
pub const WHOSE: &[(&str, Whose)] = &[
    ("agent", Whose::Agent),
    ("bot", Whose::Bot),
    ("customer", Whose::Customer),
];

/// The set of one list of phrases, if it is there.
pub fn phrase_set(
    fields: &Fields<'_, '_>,
    key: &'static str,
    except: &[At<String>],
    evasion: bool,
    compiler: &mut Compiler,
) -> Option<SetId> {
    let phrases = fields.strings(key);
    if phrases.is_empty() {
        return None;
    }
    compiler.set(fields, key, &phrases, except, evasion)
}
