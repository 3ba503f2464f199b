//! `when` and `unless`: one grammar for every kind. A list means or, the keys of one condition mean
//! and.

use crate::diagnostic::Bilingual;
use crate::span::Span;
use crate::text::{SetId, Steps};
use crate::transcript::{Role, State};

use super::circumstances::{Ended, FirstTurn, read_ended, read_first_turn, titled};
use super::compile::{Compiler, lexicon_names};
use super::fields::{At, Fields};
use super::scene::{Scene, Stage};
use super::why::{guarded, role_title, wrong_stage};
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

    /// Whether one of these means this role; none means anybody.
    pub fn any_of(list: &[Self], role: Role) -> bool {
        list.is_empty() || list.iter().any(|by| by.includes(role))
    }

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
    /// This many turns of people of the shop: only where an answer is waited for.
    pub turns: Option<usize>,
}

impl Within {
    /// Reads `{ messages = 3, time = "5m" }`.
    pub fn read(fields: Fields<'_, '_>) -> Self {
        Self::read_with(fields, None)
    }

    /// Reads `{ messages = 3, time = "5m", turns = 1 }`.
    pub fn read_turns(fields: Fields<'_, '_>) -> Self {
        let turns = fields.count("turns");
        Self::read_with(fields, turns)
    }

    /// Whether a later message is still inside the window of an earlier one: near enough by messages or
    /// by time, whichever is stated.
    pub fn holds(self, scene: &Scene<'_>, earlier: usize, later: usize) -> bool {
        reaches(scene, Place::Around(self), earlier, later)
    }

    fn read_with(fields: Fields<'_, '_>, turns: Option<usize>) -> Self {
        let within = Self {
            messages: fields.count("messages"),
            millis: fields.duration("time"),
            turns,
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
#[derive(Clone, Debug)]
struct Said {
    set: SetId,
    /// Anybody when empty.
    by: Vec<By>,
    /// In so many messages.
    at_least: usize,
    place: Place,
    guards: Guards,
    /// The words hand a matter up: a leader who steps in does the same.
    escalates: bool,
}

/// One condition.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    said: Option<Said>,
    event: Option<(String, Place)>,
    stage: Vec<Stage>,
    ended_by: Option<By>,
    open_question: Option<bool>,
    repeats: bool,
    titles: Vec<String>,
    ended: Option<Ended>,
    first_turn: Option<FirstTurn>,
    switch: Option<String>,
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
        let by = fields.words("by", By::WORDS);
        let at_least = fields.count("at-least").unwrap_or(1);
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
        let evasion = read_fold(&fields);
        let escalates = phrases
            .iter()
            .any(|p| lexicon_names(&p.value).any(|name| name == "escalated"));
        let said = (!phrases.is_empty())
            .then(|| compiler.set(&fields, "said", &phrases, &[], evasion))
            .map(|set| {
                set.map(|set| Said {
                    set,
                    by,
                    at_least,
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
            ended: read_ended(&fields, compiler),
            first_turn: read_first_turn(&fields, compiler),
            switch: fields.string("profile").map(|name| name.value),
        };
        let says_something = !phrases.is_empty()
            || event.is_some()
            || [
                "stage",
                "ended-by",
                "open-question",
                "repeats",
                "speaker-title",
                "ended",
                "first-customer-turn",
                "profile",
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
        self.said.as_ref().is_some_and(|said| said.never(scene))
            || (self.event.is_some() && scene.events.is_empty())
    }

    /// Whether it holds for message `at`, and by what.
    pub fn holds(&self, scene: &Scene<'_>, at: usize) -> Option<Evidence> {
        if self.never(scene) {
            return None;
        }
        let mut evidence = Evidence {
            message: self.circumstances(scene, at)?,
            span: None,
        };
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

    /// The first of its keys that keeps it from holding for message `at`, in words.
    pub fn why_not(&self, scene: &Scene<'_>, at: usize) -> Bilingual {
        if !self.stage.is_empty() && !self.stage.contains(&scene.stages[at]) {
            return wrong_stage(scene.stages[at], &self.stage);
        }
        if let Some(switch) = &self.switch
            && scene.profile.switches.get(switch) != Some(&true)
        {
            return Bilingual::new(
                format!("店铺设置里没有打开 {switch}"),
                format!("the shop's profile does not switch on {switch}"),
            );
        }
        if self
            .ended
            .is_some_and(|ended| ended.holds(scene, at).is_none())
        {
            return Bilingual::new(
                "会话不是以条件所说的方式结束的",
                "the session does not end as the condition says",
            );
        }
        if self
            .first_turn
            .is_some_and(|first| first.holds(scene, at).is_none())
        {
            return Bilingual::new(
                "客户的第一轮话不是条件所说的那种",
                "the customer's first turn is not of the sort the condition wants",
            );
        }
        if self.ended_by.is_some() {
            let alone = Self {
                ended_by: self.ended_by,
                ..Self::default()
            };
            if alone.holds(scene, at).is_none() {
                return Bilingual::new(
                    "会话的最后一句不是条件要求的一方说的",
                    "the session's last words are not by whom the condition wants",
                );
            }
        }
        if let Some(open) = self.open_question
            && open_question(scene, at).is_some() != open
        {
            return if open {
                Bilingual::new(
                    "前面没有客户未得到答复的提问",
                    "no question of the customer stands open before it",
                )
            } else {
                Bilingual::new(
                    "前面客户的提问还没有答复",
                    "a question of the customer stands open before it",
                )
            };
        }
        if self.repeats && repeated(scene, at).is_none() {
            return Bilingual::new("客户没有重复说过", "the customer has not said it before");
        }
        if !self.titles.is_empty() {
            let alone = Self {
                titles: self.titles.clone(),
                ..Self::default()
            };
            if alone.holds(scene, at).is_none() {
                return Bilingual::new(
                    format!("说话的人没有这样的职务：{}", self.titles.join("、")),
                    format!("the speaker has no such title: {}", self.titles.join(", ")),
                );
            }
        }
        if let Some((event, place)) = &self.event
            && !scene
                .events
                .iter()
                .any(|(index, id)| id == event && reaches(scene, *place, at, *index))
        {
            return Bilingual::new(
                format!("没有发生过 {event}"),
                format!("{event} has not happened"),
            );
        }
        match &self.said {
            Some(said) => said.why_not(scene, at),
            None => Bilingual::new("条件不成立", "the condition does not hold"),
        }
    }

    /// Whether everything but words and events holds at a message; gives the message that tells.
    fn circumstances(&self, scene: &Scene<'_>, at: usize) -> Option<usize> {
        let mut tells = at;
        if !self.stage.is_empty() && !self.stage.contains(&scene.stages[at]) {
            return None;
        }
        if let Some(switch) = &self.switch
            && scene.profile.switches.get(switch) != Some(&true)
        {
            return None;
        }
        if let Some(ended) = self.ended {
            tells = ended.holds(scene, at)?;
        }
        if let Some(first) = self.first_turn {
            tells = first.holds(scene, at)?;
        }
        if let Some(by) = self.ended_by {
            let session = scene.sessions[scene.session_of(at)];
            let last = (session.start..session.end)
                .rev()
                .find(|i| scene.message(*i).role != Role::System)?;
            if !by.includes(scene.message(last).role) {
                return None;
            }
            tells = last;
        }
        if let Some(open) = self.open_question {
            let question = open_question(scene, at);
            if question.is_some() != open {
                return None;
            }
            tells = question.unwrap_or(at);
        }
        if self.repeats {
            tells = repeated(scene, at)?;
        }
        if !self.titles.is_empty() && !titled(scene, at, &self.titles) {
            return None;
        }
        Some(tells)
    }

    /// Whether there are words or an event that can trigger something.
    pub fn triggers(&self) -> bool {
        self.said.is_some() || self.event.is_some()
    }

    /// Whether it is an event alone that triggers.
    pub fn is_event(&self) -> bool {
        self.said.is_none() && self.event.is_some()
    }

    /// Where the words (or the event) of this condition occur in the whole conversation: the triggers of `after`.
    pub fn occurrences(&self, scene: &Scene<'_>) -> Vec<Evidence> {
        let holds = |found: &Evidence| self.circumstances(scene, found.message).is_some();
        if let Some(said) = &self.said {
            let found = |index| said.look(scene, index);
            if said.may_be_a_leader(scene) {
                let all = 0..scene.transcript.messages.len();
                return all.filter_map(found).filter(holds).collect();
            }
            let with = scene.messages_with(said.set).iter().copied();
            return with.filter_map(found).filter(holds).collect();
        }
        let Some((event, _)) = &self.event else {
            return Vec::new();
        };
        let mut found: Vec<Evidence> = Vec::new();
        for (message, id) in &scene.events {
            let evidence = Evidence {
                message: *message,
                span: None,
            };
            if id == event
                && found.last().is_none_or(|last| last.message != *message)
                && holds(&evidence)
            {
                found.push(evidence);
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
        if self.at_least > 1 {
            let mut found = (0..scene.transcript.messages.len())
                .filter(|index| reaches(scene, self.place, at, *index))
                .filter_map(look);
            return found.nth(self.at_least - 1);
        }
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
        // What nobody may be blamed for is looked at once, not again for every message asked about.
        let passing = (with.len() > MANY).then(|| {
            scene.passing(self.set, self.guards, &self.by, || {
                let passes = |index: &usize| self.in_message(scene, *index).is_some();
                with.iter().copied().filter(passes).collect()
            })
        });
        let with = passing.as_deref().unwrap_or(with);
        let before = &with[..with.partition_point(|index| *index < at)];
        let mut before = before.iter().rev().copied();
        let of_turn = |index: &usize| in_turn.binary_search(index).is_ok();
        let mut near = with.iter().copied();
        match self.place {
            Place::Message => look(at),
            Place::Turn => of_turn_only(with, in_turn).filter(of_turn).find_map(look),
            // Nearer messages are nearer all the way, so that the first is found by halving.
            Place::Before(within) | Place::Around(within) if within.millis.is_none() => {
                let far = |index: &usize| *index < at && !reaches(scene, self.place, at, *index);
                with[with.partition_point(far)..]
                    .iter()
                    .take_while(|index| reaches(scene, self.place, at, **index))
                    .find_map(|index| look(*index))
            }
            Place::Before(_) | Place::Around(_) => {
                near.find_map(|index| look(index).filter(|_| reaches(scene, self.place, at, index)))
            }
            Place::Earlier => before.find_map(look),
            Place::UpToHere => {
                let turn = of_turn_only(with, in_turn)
                    .rev()
                    .filter(of_turn)
                    .find_map(look);
                turn.or_else(|| before.find_map(look))
            }
        }
    }

    fn why_not(&self, scene: &Scene<'_>, at: usize) -> Bilingual {
        let mut first = None;
        for index in 0..scene.transcript.messages.len() {
            let Some(hit) = scene.raw_hits(index, self.set).first() else {
                continue;
            };
            let message = scene.message(index);
            let (words, number) = (hit.span.of(&message.text), message.position);
            let reason = if !By::any_of(&self.by, message.role) {
                Bilingual::new(
                    format!(
                        "条件里的话“{words}”在 #{number}，是{}说的，条件不看",
                        role_title(message.role).zh
                    ),
                    format!(
                        "the condition's words “{words}” are in #{number}, said by {}, at whom it does not look",
                        role_title(message.role).en
                    ),
                )
            } else if let Some(guard) = guarded(scene, index, hit, self.guards, false) {
                guard
            } else if !reaches(scene, self.place, at, index) {
                Bilingual::new(
                    format!("条件里的话“{words}”在 #{number}，不在条件所看的范围内"),
                    format!(
                        "the condition's words “{words}” are in #{number}, outside where it looks"
                    ),
                )
            } else {
                continue;
            };
            // The nearest to the message asked about says most.
            let distance = index.abs_diff(at);
            if first.as_ref().is_none_or(|(best, _)| distance < *best) {
                first = Some((distance, reason));
            }
        }
        first.map_or_else(
            || {
                Bilingual::new(
                    "没有人说过条件里的话",
                    "nobody said the words of the condition",
                )
            },
            |(_, reason)| reason,
        )
    }

    /// The span of the first hit in a message; `Some(None)` when a leader's stepping in stands for it.
    fn in_message(&self, scene: &Scene<'_>, index: usize) -> Option<Option<Span>> {
        let message = scene.message(index);
        if !By::any_of(&self.by, message.role) {
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

/// So many messages with the words of a condition are looked at one by one.
const MANY: usize = 64;

/// Those of the messages that lie between the first and the last of a turn.
fn of_turn_only<'m>(
    with: &'m [usize],
    turn: &[usize],
) -> impl DoubleEndedIterator<Item = usize> + use<'m> {
    let (first, last) = (turn.first().copied(), turn.last().copied());
    let from = with.partition_point(|index| Some(*index) < first);
    let to = with.partition_point(|index| Some(*index) <= last);
    with[from..to.max(from)].iter().copied()
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
                    .take(most.saturating_add(1))
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

/// The set of these lexicons, as far as there are any.
pub fn shared_set(
    fields: &Fields<'_, '_>,
    lexicons: &[&str],
    compiler: &mut Compiler,
) -> Option<SetId> {
    let known = lexicons.iter().filter(|name| compiler.knows(name));
    let phrases: Vec<At<String>> = known
        .map(|name| At {
            value: format!("@{name}"),
            at: fields.at,
        })
        .collect();
    if phrases.is_empty() {
        return None;
    }
    compiler.set(fields, "", &phrases, &[], Steps::NONE)
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

/// The letters and digits of a text.
pub fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|character| is_letter(*character))
}

/// [`char::is_alphanumeric`], at once for what most texts are made of.
pub fn is_letter(character: char) -> bool {
    matches!(character, '一'..='鿿') || character.is_alphanumeric()
}

/// A text without anything but letters and digits.
pub fn bare(plain: &str) -> String {
    letters(plain).collect()
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

/// What a rule looks through to find its phrases.
pub fn read_fold(fields: &Fields<'_, '_>) -> Steps {
    const FOLDS: [&str; 11] = [
        "plain", "evasion", "slip", "pause", "repeat", "marks", "digits", "emoji", "split",
        "pinyin", "initials",
    ];
    let known = FOLDS.map(|name| (name, Steps::named(name).unwrap_or_default()));
    let steps = fields.words("fold", &known).into_iter();
    steps.fold(Steps::NONE, |all, step| all | step)
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
    evasion: Steps,
    compiler: &mut Compiler,
) -> Option<SetId> {
    let phrases = fields.strings(key);
    if phrases.is_empty() {
        // Without this, a rule of no phrases would be dropped without a word.
        if let Some(at) = fields.empty_list(key) {
            fields.fault(
                at,
                "phrase-invalid",
                key,
                "至少要写一个说法",
                "at least one phrase is needed",
            );
        }
        return None;
    }
    compiler.set(fields, key, &phrases, except, evasion)
}
