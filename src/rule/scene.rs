//! One conversation, prepared once for all rules: folded texts, phrase hits, turns, sessions, stages,
//! events and waits.
//!
//! Everything here is addressed by index in [`Transcript::messages`]. A *turn* is what one speaker
//! says until another person speaks; system messages do not break it, so a sentence sent as three
//! messages is one turn.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use crate::diagnostic::Bilingual;
use crate::metric::{Wait, sessions, waits};
use crate::span::Span;
use crate::text::{
    Boundaries, Folded, Match, Phrases, Question, SetId, SlotContext, Words, is_question, negated,
    quoted,
};
use crate::transcript::{Channel, Message, Role, Speaker, SpeakerId, State, Time, Transcript};

pub use crate::metric::Session;

use super::profile::Profile;
use super::promise::{PromiseWords, Settled, Terms, made, settle};
use super::{Guards, Owner, Responsible};

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// 售前.
    Presale,
    /// 售中.
    Sale,
    /// 售后.
    Aftersale,
}

impl Stage {
    /// The word a standard uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Presale => "presale",
            Self::Sale => "sale",
            Self::Aftersale => "aftersale",
        }
    }
}

/// Something that happened, told by the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPattern {
    /// Its id, such as `order-paid`.
    pub id: String,
    /// Whose messages tell of it.
    pub roles: Vec<Role>,
    /// How they tell it.
    pub set: SetId,
}

/// What puts a conversation into a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagePattern {
    /// The stage.
    pub stage: Stage,
    /// By one of these events.
    pub events: Vec<String>,
    /// Or by these words of these roles.
    pub said: Option<(Vec<Role>, SetId)>,
}

/// What a standard says about reading any conversation.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Events.
    pub events: Vec<EventPattern>,
    /// Stages.
    pub stages: Vec<StagePattern>,
    /// Customer messages that need no reply.
    pub closers: Option<SetId>,
    /// Customer messages that want one though they ask nothing.
    pub demands: Option<SetId>,
    /// By which words promises are read.
    pub promise: Option<PromiseWords>,
    /// A longer silence starts a new session, in milliseconds.
    pub session_gap: i64,
}

/// A run of messages of one speaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Indices of its messages.
    pub messages: Vec<usize>,
    /// Who speaks.
    pub speaker: SpeakerId,
    /// As what.
    pub role: Role,
}

/// What kept a rule from finding something at a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Index of the message.
    pub message: usize,
    /// The first thing that was not so.
    pub reason: Bilingual,
}

/// A conversation ready to be judged.
pub struct Scene<'a> {
    /// The conversation.
    pub transcript: &'a Transcript,
    /// The profile in force.
    pub profile: Profile,
    /// Folded text of each message.
    plain: Vec<String>,
    /// Phrase hits of each message, sorted by set and place.
    matches: Vec<Vec<Match>>,
    /// Turns, in order; system messages are in none.
    pub turns: Vec<Turn>,
    turn_of: Vec<Option<usize>>,
    /// Sessions, in order.
    pub sessions: Vec<Session>,
    session_of: Vec<usize>,
    /// The stage each message is in.
    pub stages: Vec<Stage>,
    /// Events by message.
    pub events: Vec<(usize, String)>,
    /// Raw waits.
    pub waits: Vec<Wait>,
    words: &'a Words,
    boundaries: RefCell<Vec<Option<Rc<Boundaries>>>>,
    wants_words: Cell<bool>,
    questions: Vec<OnceCell<Option<Question>>>,
    reading: &'a Reading,
    promises: OnceCell<Vec<Settled>>,
    notes: RefCell<Option<Vec<Note>>>,
}

impl<'a> Scene<'a> {
    /// Prepares a conversation.
    pub fn new(
        transcript: &'a Transcript,
        profile: Profile,
        phrases: &'a Phrases,
        reading: &'a Reading,
        words: &'a Words,
        folded: &mut Folded,
    ) -> Self {
        let agents = transcript
            .speakers
            .iter()
            .filter(|s| s.role.is_staff())
            .map(|s| s.name.clone());
        let slots = SlotContext::new(&profile.stores, &agents.collect::<Vec<_>>());
        let mut plain = Vec::with_capacity(transcript.messages.len());
        let mut matches = Vec::with_capacity(transcript.messages.len());
        for message in &transcript.messages {
            let mut found = Vec::new();
            if is_readable(message) {
                folded.fill(&message.text);
                phrases.scan(folded, &slots, &mut found);
                plain.push(folded.plain().to_owned());
            } else {
                plain.push(String::new());
            }
            matches.push(found);
        }
        let count = transcript.messages.len();
        let gap = profile.session_gap.unwrap_or(reading.session_gap);
        let (turns, turn_of) = turns(transcript);
        let sessions = sessions(transcript, gap);
        let session_of = sessions
            .iter()
            .enumerate()
            .flat_map(|(number, session)| std::iter::repeat_n(number, session.end - session.start))
            .collect();
        let mut scene = Self {
            transcript,
            profile,
            plain,
            matches,
            turns,
            turn_of,
            sessions,
            session_of,
            stages: vec![Stage::Presale; count],
            events: Vec::new(),
            waits: waits(transcript),
            words,
            boundaries: RefCell::new(vec![None; count]),
            wants_words: Cell::new(false),
            questions: vec![OnceCell::new(); count],
            reading,
            promises: OnceCell::new(),
            notes: RefCell::new(None),
        };
        scene.find_events();
        scene.find_stages();
        scene
    }

    fn find_events(&mut self) {
        let mut events = Vec::new();
        for (index, message) in self.transcript.messages.iter().enumerate() {
            for event in &self.reading.events {
                if event.roles.contains(&message.role)
                    && !self.raw_hits(index, event.set).is_empty()
                {
                    events.push((index, event.id.clone()));
                }
            }
        }
        events.extend(super::record::events(self));
        events.sort_by_key(|(index, _)| *index);
        self.events = events;
    }

    fn find_stages(&mut self) {
        let mut stage = Stage::Presale;
        for index in 0..self.transcript.messages.len() {
            let role = self.transcript.messages[index].role;
            for pattern in &self.reading.stages {
                // Stages only move on: a question about the parcel does not undo a complaint.
                if pattern.stage <= stage {
                    continue;
                }
                let by_event = self
                    .events
                    .iter()
                    .any(|(at, id)| *at == index && pattern.events.contains(id));
                let by_words = || {
                    pattern.said.as_ref().is_some_and(|(roles, set)| {
                        roles.contains(&role)
                            && self
                                .hits(index, &[*set], Guards::ALL, false)
                                .next()
                                .is_some()
                    })
                };
                if by_event || by_words() {
                    stage = pattern.stage;
                }
            }
            self.stages[index] = stage;
        }
    }

    /// From now on, keeps what kept rules from finding something.
    pub fn explain(&self) {
        self.notes.replace(Some(Vec::new()));
    }

    /// Whether somebody asks why a rule finds nothing.
    pub fn is_explained(&self) -> bool {
        !cfg!(target_arch = "wasm32") && self.notes.borrow().is_some()
    }

    /// Why a rule finds nothing at a message. Kept only while somebody asks, so it costs nothing else;
    /// in a browser nobody can ask, and the sentences are no part of the download.
    pub fn note(&self, message: usize, reason: impl FnOnce() -> Bilingual) {
        if cfg!(target_arch = "wasm32") {
            return;
        }
        if let Some(notes) = self.notes.borrow_mut().as_mut() {
            notes.push(Note {
                message,
                reason: reason(),
            });
        }
    }

    /// What was noted since [`Scene::explain`] or the last time it was taken.
    pub fn take_notes(&self) -> Vec<Note> {
        self.notes
            .borrow_mut()
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }

    /// A message.
    pub fn message(&self, index: usize) -> &'a Message {
        &self.transcript.messages[index]
    }

    /// Who speaks in a message.
    pub fn speaker(&self, index: usize) -> &'a Speaker {
        self.transcript.speaker(self.message(index))
    }

    /// The folded text of a message.
    pub fn plain(&self, index: usize) -> &str {
        &self.plain[index]
    }

    /// The channel of a message: its own, or the conversation's, or chat.
    pub fn channel(&self, index: usize) -> Channel {
        self.message(index)
            .channel
            .or(self.transcript.channel)
            .unwrap_or(Channel::Chat)
    }

    /// The turn a message is in; `None` for system messages.
    pub fn turn_of(&self, index: usize) -> Option<&Turn> {
        self.turn_of[index].map(|turn| &self.turns[turn])
    }

    /// The turn of another person before the one a message is in.
    pub fn turn_before(&self, index: usize) -> Option<&Turn> {
        let turn = self.turn_of[index]?;
        turn.checked_sub(1).map(|before| &self.turns[before])
    }

    /// The number of the session a message is in.
    pub fn session_of(&self, index: usize) -> usize {
        self.session_of[index]
    }

    /// Hits of a set in a message, unguarded.
    pub fn raw_hits(&self, index: usize, set: SetId) -> &[Match] {
        let found = &self.matches[index];
        let start = found.partition_point(|hit| hit.set < set);
        let end = found.partition_point(|hit| hit.set <= set);
        &found[start..end]
    }

    /// Hits of sets in a message that the guards let through, in order of place.
    pub fn hits<'s>(
        &'s self,
        index: usize,
        sets: &'s [SetId],
        guards: Guards,
        boundary: bool,
    ) -> impl Iterator<Item = &'s Match> + 's {
        sets.iter()
            .flat_map(move |set| self.raw_hits(index, *set))
            .filter(move |hit| self.passes(index, hit, guards, boundary))
    }

    fn passes(&self, index: usize, hit: &Match, guards: Guards, boundary: bool) -> bool {
        let plain = self.plain(index);
        if guards.negation && negated(plain, hit.plain).is_some() {
            return false;
        }
        if guards.quotation && quoted(plain, hit.plain).is_some() {
            return false;
        }
        !boundary || self.on_boundary(index, hit.plain)
    }

    /// Whether a span of the folded text begins and ends between words. Without a dictionary the
    /// answer is no, and the scene asks for one.
    fn on_boundary(&self, index: usize, span: Span) -> bool {
        if !self.words.is_ready() {
            self.wants_words.set(true);
            return false;
        }
        let known = self.boundaries.borrow()[index].clone();
        let boundaries = known.unwrap_or_else(|| {
            let fresh = Rc::new(self.words.boundaries(&self.plain[index]));
            self.boundaries.borrow_mut()[index] = Some(Rc::clone(&fresh));
            fresh
        });
        boundaries.fits(span)
    }

    /// Whether something could not be judged for want of the dictionary.
    pub fn wants_words(&self) -> bool {
        self.wants_words.get()
    }

    /// Whether a customer message asks something, in any form.
    pub fn asks(&self, index: usize) -> bool {
        self.question(index).is_some()
    }

    /// What sort of question a message asks. Many rules want to know, so it is found out once.
    pub fn question(&self, index: usize) -> Option<Question> {
        *self.questions[index].get_or_init(|| is_question(&self.plain[index]))
    }

    /// Whether a customer message needs no reply: it only closes (好的谢谢, 👌).
    pub fn is_closer(&self, index: usize) -> bool {
        let message = self.message(index);
        if message.state != State::Text {
            return false;
        }
        let plain = self.plain(index);
        if crate::text::covers_all(plain, Span::default()) {
            // Nothing but stickers and particles. A bare ？？ is a question.
            return !self.asks(index);
        }
        let Some(set) = self.reading.closers else {
            return false;
        };
        self.raw_hits(index, set)
            .iter()
            .any(|hit| crate::text::covers_all(plain, hit.plain))
    }

    /// Whether a customer message plainly wants an answer.
    pub fn demands(&self, index: usize) -> bool {
        self.asks(index)
            || self.reading.demands.is_some_and(|set| {
                self.hits(index, &[set], Guards::ALL, false)
                    .next()
                    .is_some()
            })
    }

    /// By which words promises are read.
    pub fn promise_words(&self) -> Option<&'a PromiseWords> {
        self.reading.promise.as_ref()
    }

    /// The promises of the shop's people by the shared words and terms, found when somebody first asks.
    pub fn promises(&self) -> &[Settled] {
        self.promises.get_or_init(|| {
            self.promise_words().map_or_else(Vec::new, |words| {
                let made = made(self, words, &[words.commitment]);
                settle(self, words, made, &Terms::default())
            })
        })
    }

    /// Whether a person of the shop with a leader's title, or a supervisor, speaks.
    pub fn is_leader(&self, index: usize) -> bool {
        let message = self.message(index);
        if message.role == Role::Supervisor {
            return true;
        }
        const TITLES: [&str; 6] = ["主管", "经理", "店长", "supervisor", "manager", "leader"];
        let speaker = self.speaker(index);
        message.role == Role::Agent
            && speaker.title.as_ref().is_some_and(|title| {
                let title = Folded::new(title);
                TITLES.iter().any(|word| title.plain().contains(word))
            })
    }

    /// Messages of the shop's people whose words can be judged.
    pub fn staff(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        (0..self.transcript.messages.len()).filter(|index| self.message(*index).role.is_staff())
    }

    /// The last message of the shop's people before `index` in its session.
    pub fn staff_before(&self, index: usize) -> Option<usize> {
        let start = self.sessions[self.session_of(index)].start;
        (start..index)
            .rev()
            .find(|at| self.message(*at).role.is_staff())
    }

    /// Who answers for something due at `index`; `speaker` is who spoke.
    pub fn owner(
        &self,
        responsible: Responsible,
        index: usize,
        speaker: Option<SpeakerId>,
    ) -> Owner {
        match responsible {
            Responsible::Speaker => speaker
                .or_else(|| self.staff_before(index).map(|at| self.message(at).speaker))
                .map_or(Owner::Team, Owner::Agent),
            Responsible::Owed => self
                .staff_before(index)
                .map_or(Owner::Team, |at| Owner::Agent(self.message(at).speaker)),
            Responsible::FirstAgent => self
                .staff()
                .next()
                .map_or(Owner::Team, |at| Owner::Agent(self.message(at).speaker)),
            Responsible::Team => Owner::Team,
        }
    }

    /// The last time the log states.
    pub fn end_time(&self) -> Option<Time> {
        self.transcript
            .messages
            .iter()
            .filter_map(|message| message.time)
            .max()
    }
}

/// Whether a message has words that can be judged.
pub fn is_readable(message: &Message) -> bool {
    message.state == State::Text
}

fn turns(transcript: &Transcript) -> (Vec<Turn>, Vec<Option<usize>>) {
    let mut turns: Vec<Turn> = Vec::new();
    let mut turn_of = Vec::with_capacity(transcript.messages.len());
    for (index, message) in transcript.messages.iter().enumerate() {
        if message.role == Role::System {
            turn_of.push(None);
            continue;
        }
        match turns.last_mut() {
            Some(turn) if turn.speaker == message.speaker && turn.role == message.role => {
                turn.messages.push(index);
            }
            _ => turns.push(Turn {
                messages: vec![index],
                speaker: message.speaker,
                role: message.role,
            }),
        }
        turn_of.push(Some(turns.len() - 1));
    }
    (turns, turn_of)
}
