//! One conversation, prepared once for all rules: folded texts, phrase hits, turns, sessions, stages,
//! events and waits.
//!
//! Everything here is addressed by index in [`Transcript::messages`]. A *turn* is what one speaker
//! says until another person speaks; system messages do not break it, so a sentence sent as three
//! messages is one turn.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use crate::diagnostic::Bilingual;
use crate::metric::{Wait, sessions, waits};
use crate::sorted;
use crate::text::{Folded, Match, Phrases, Question, SetId, SlotContext, Words};
use crate::transcript::{Channel, Message, Role, Speaker, SpeakerId, State, Time, Transcript};

pub use crate::metric::Session;

use super::condition::By;
use super::line::{Line, Lines};
use super::profile::Profile;
use super::promise::{Made, PromiseWords, Settled, Terms, made, settle};
use super::{Guards, Owner, Responsible, Whose};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn<'a> {
    /// Indices of its messages.
    pub messages: &'a [usize],
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

/// What preparing a conversation needs, kept from one to the next.
#[derive(Default)]
pub struct Workspace {
    lines: Lines,
    /// By message: the number of its line.
    line_of: Vec<usize>,
    all_readable: bool,
    /// The messages that are in a turn, in order.
    spoken: Vec<usize>,
    turn_of: Vec<Option<usize>>,
    session_of: Vec<usize>,
    /// By set: the conversation in which it was last found, and where in `with` the messages are that
    /// hold it then. Marks are never cleared: most sets are found in few conversations.
    found: Vec<(u32, u32, u32)>,
    conversation: u32,
    /// The sets found in this conversation.
    sets: Vec<u32>,
    with: Vec<usize>,
}

/// A conversation ready to be judged.
pub struct Scene<'a> {
    /// The conversation.
    pub transcript: &'a Transcript,
    /// The profile in force.
    pub profile: Cow<'a, Profile>,
    space: &'a Workspace,
    /// Turns, in order; system messages are in none.
    pub turns: Vec<Turn<'a>>,
    /// Sessions, in order.
    pub sessions: Vec<Session>,
    /// The stage each message is in.
    pub stages: Vec<Stage>,
    stages_seen: u8,
    /// Events by message.
    pub events: Vec<(usize, String)>,
    /// Raw waits.
    pub waits: Vec<Wait>,
    words: &'a Words,
    wants_words: Cell<bool>,
    leaders: OnceCell<bool>,
    speakers: [OnceCell<Vec<(Owner, bool)>>; 3],
    spoken_by: [OnceCell<Vec<usize>>; 3],
    reading: &'a Reading,
    commitments: OnceCell<Vec<Made>>,
    promises: OnceCell<Vec<Settled>>,
    notes: RefCell<Option<Vec<Note>>>,
    passing: RefCell<Vec<Passing>>,
}

/// The messages in which the words of a set, by these people and under these guards, stand.
type Passing = ((SetId, Guards, Vec<By>), Rc<[usize]>);

impl<'a> Scene<'a> {
    /// Prepares a conversation.
    pub fn new(
        transcript: &'a Transcript,
        profile: Cow<'a, Profile>,
        phrases: &'a Phrases,
        reading: &'a Reading,
        words: &'a Words,
        space: &'a mut Workspace,
    ) -> Self {
        space.read(transcript, &profile, phrases);
        let gap = profile.session_gap.unwrap_or(reading.session_gap);
        let sessions = sessions(transcript, gap);
        space.session_of.clear();
        for (number, session) in sessions.iter().enumerate() {
            space.session_of.resize(session.end, number);
        }
        space.find_turns(transcript);
        let space: &'a Workspace = space;
        let mut scene = Self {
            transcript,
            profile,
            space,
            turns: turns(transcript, space),
            sessions,
            stages: Vec::new(),
            stages_seen: 0,
            events: Vec::new(),
            waits: waits(transcript),
            words,
            wants_words: Cell::new(false),
            leaders: OnceCell::new(),
            speakers: Default::default(),
            spoken_by: Default::default(),
            reading,
            commitments: OnceCell::new(),
            promises: OnceCell::new(),
            notes: RefCell::new(None),
            passing: RefCell::default(),
        };
        scene.find_events();
        scene.find_stages();
        scene
    }

    /// The messages that hold the words of a condition, found once.
    pub fn passing(
        &self,
        set: SetId,
        guards: Guards,
        by: &[By],
        find: impl FnOnce() -> Vec<usize>,
    ) -> Rc<[usize]> {
        let is_it = |known: &&Passing| {
            let (of, under, who) = &known.0;
            *of == set && *under == guards && who == by
        };
        if let Some((_, known)) = self.passing.borrow().iter().find(is_it) {
            return known.clone();
        }
        let found: Rc<[usize]> = find().into();
        let key = (set, guards, by.to_vec());
        self.passing.borrow_mut().push((key, found.clone()));
        found
    }

    fn find_events(&mut self) {
        let mut found = Vec::new();
        for (number, event) in self.reading.events.iter().enumerate() {
            for &index in self.messages_with(event.set) {
                if event.roles.contains(&self.message(index).role) {
                    found.push((index, number));
                }
            }
        }
        sorted::plain(&mut found);
        let mut events: Vec<(usize, String)> = found
            .into_iter()
            .map(|(index, number)| (index, self.reading.events[number].id.clone()))
            .collect();
        events.extend(super::record::events(self));
        sorted::by_key(&mut events, |(index, _)| *index);
        self.events = events;
    }

    fn find_stages(&mut self) {
        let mut stage = Stage::Presale;
        // Where a stage may begin: everything between is in the stage before.
        let mut steps: Vec<usize> = Vec::new();
        for pattern in &self.reading.stages {
            if let Some((_, set)) = &pattern.said {
                steps.extend_from_slice(self.messages_with(*set));
            }
        }
        steps.extend(self.events.iter().map(|(index, _)| *index));
        sorted::plain(&mut steps);
        steps.dedup();
        let mut stages = Vec::with_capacity(self.transcript.messages.len());
        for index in steps {
            stages.resize(index, stage);
            for pattern in &self.reading.stages {
                // Stages only move on: a question about the parcel does not undo a complaint.
                if pattern.stage > stage && self.begins(pattern, index) {
                    stage = pattern.stage;
                }
            }
        }
        stages.resize(self.transcript.messages.len(), stage);
        self.stages_seen = stages
            .iter()
            .fold(0, |seen, stage| seen | 1 << *stage as u8);
        self.stages = stages;
    }

    /// Whether a message puts the conversation into this stage.
    fn begins(&self, pattern: &StagePattern, index: usize) -> bool {
        let mut events = self.events.iter();
        events.any(|(at, id)| *at == index && pattern.events.contains(id))
            || pattern.said.as_ref().is_some_and(|(roles, set)| {
                roles.contains(&self.message(index).role)
                    && self
                        .hits(index, &[*set], Guards::ALL, false)
                        .next()
                        .is_some()
            })
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
    pub fn plain(&self, index: usize) -> &'a str {
        self.line(index).plain()
    }

    /// What is known of the words of a message.
    pub fn line(&self, index: usize) -> &'a Line {
        self.space.lines.get(self.space.line_of[index])
    }

    /// The messages in which a set has hits, guarded or not, in order. Most sets have none in most
    /// conversations, so whoever begins here seldom looks at a message.
    pub fn messages_with(&self, set: SetId) -> &'a [usize] {
        match self.space.found.get(set.0 as usize) {
            Some((conversation, from, to)) if *conversation == self.space.conversation => {
                &self.space.with[*from as usize..*to as usize]
            }
            _ => &[],
        }
    }

    /// The channel of a message: its own, or the conversation's, or chat.
    pub fn channel(&self, index: usize) -> Channel {
        self.message(index)
            .channel
            .or(self.transcript.channel)
            .unwrap_or(Channel::Chat)
    }

    /// The turn a message is in; `None` for system messages.
    pub fn turn_of(&self, index: usize) -> Option<&Turn<'a>> {
        self.space.turn_of[index].map(|turn| &self.turns[turn])
    }

    /// The turn of another person before the one a message is in.
    pub fn turn_before(&self, index: usize) -> Option<&Turn<'a>> {
        let turn = self.space.turn_of[index]?;
        turn.checked_sub(1).map(|before| &self.turns[before])
    }

    /// The number of the session a message is in.
    pub fn session_of(&self, index: usize) -> usize {
        self.space.session_of[index]
    }

    /// Hits of a set in a message, unguarded.
    pub fn raw_hits(&self, index: usize, set: SetId) -> &'a [Match] {
        self.line(index).of_set(set).1
    }

    /// Hits of sets in a message that the guards let through, in order of place.
    pub fn hits<'s>(
        &'s self,
        index: usize,
        sets: &'s [SetId],
        guards: Guards,
        boundary: bool,
    ) -> impl Iterator<Item = &'s Match> + 's {
        let line = self.line(index);
        sets.iter().flat_map(move |set| {
            let (first, hits) = line.of_set(*set);
            hits.iter()
                .enumerate()
                .filter(move |(number, hit)| {
                    line.passes(first + number, guards)
                        && (!boundary || self.on_boundary(line, hit))
                })
                .map(|(_, hit)| hit)
        })
    }

    /// Whether a hit begins and ends between words. Without a dictionary the answer is no, and the
    /// scene asks for one.
    fn on_boundary(&self, line: &Line, hit: &Match) -> bool {
        if !self.words.is_ready() {
            self.wants_words.set(true);
            return false;
        }
        line.fits(hit.plain, self.words)
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
        self.line(index).question()
    }

    /// Whether a message is readable, and nothing but stickers and particles.
    pub fn is_filler(&self, index: usize) -> bool {
        is_readable(self.message(index)) && self.line(index).is_filler()
    }

    /// Whether a customer message needs no reply: it only closes (好的谢谢, 👌).
    pub fn is_closer(&self, index: usize) -> bool {
        if !is_readable(self.message(index)) {
            return false;
        }
        let line = self.line(index);
        if line.is_filler() {
            // Nothing but stickers and particles. A bare ？？ is a question.
            return !self.asks(index);
        }
        self.reading
            .closers
            .is_some_and(|closers| line.is_closer(closers))
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
                let made = self.commitments().to_vec();
                settle(self, words, made, &Terms::default())
            })
        })
    }

    /// The promises that the shared words make, whatever becomes of them.
    pub fn commitments(&self) -> &[Made] {
        self.commitments.get_or_init(|| {
            let words = self.promise_words();
            words.map_or_else(Vec::new, |words| made(self, words, words.commitment))
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

    /// Which stages the conversation goes through, as bits.
    pub fn stages_seen(&self) -> u8 {
        self.stages_seen
    }

    /// Whether every message has words that can be judged.
    pub fn is_all_readable(&self) -> bool {
        self.space.all_readable
    }

    /// Whether anybody may be a leader: [`Scene::is_leader`] is false everywhere if not.
    pub fn has_leaders(&self) -> bool {
        *self.leaders.get_or_init(|| {
            let messages = 0..self.transcript.messages.len();
            let mut speakers = self.transcript.speakers.iter();
            let supervised = |index| self.message(index).role == Role::Supervisor;
            speakers.any(|speaker| speaker.title.is_some()) || messages.into_iter().any(supervised)
        })
    }

    /// Whether a message of this role is one of those that a rule is about.
    pub fn speaks(&self, whose: Whose, role: Role) -> bool {
        match whose {
            Whose::Agent => role.is_staff() || (role == Role::Bot && self.profile.bot_counts),
            Whose::Bot => role == Role::Bot,
            Whose::Customer => role == Role::Customer,
        }
    }

    /// The messages of those people, in order.
    pub fn spoken_by(&self, whose: Whose) -> &[usize] {
        self.spoken_by[whose as usize].get_or_init(|| {
            let messages = self.transcript.messages.iter().enumerate();
            messages
                .filter(|(_, message)| self.speaks(whose, message.role))
                .map(|(index, _)| index)
                .collect()
        })
    }

    /// Those of them in a stretch of the conversation.
    pub fn spoken_in(&self, whose: Whose, range: Session) -> impl Iterator<Item = usize> + '_ {
        let spoken = self.spoken_by(whose);
        let first = spoken.partition_point(|index| *index < range.start);
        let rest = spoken[first..].iter().copied();
        rest.take_while(move |index| *index < range.end)
    }

    /// Who spoke, by id, and whether nothing they said can be read.
    pub fn speakers(&self, whose: Whose) -> &[(Owner, bool)] {
        self.speakers[whose as usize].get_or_init(|| {
            let mut out: Vec<(Owner, bool)> = Vec::new();
            for message in &self.transcript.messages {
                if !self.speaks(whose, message.role) {
                    continue;
                }
                let owner = Owner::Agent(message.speaker);
                let at = out.iter().position(|(known, _)| *known == owner);
                let at = at.unwrap_or_else(|| {
                    out.push((owner, true));
                    out.len() - 1
                });
                out[at].1 &= !is_readable(message);
            }
            sorted::by_key(&mut out, |(owner, _)| *owner);
            out
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

impl Workspace {
    /// Reads every message, and notes where each set has hits.
    fn read(&mut self, transcript: &Transcript, profile: &Profile, phrases: &Phrases) {
        let names = || {
            let staff = transcript.speakers.iter().filter(|s| s.role.is_staff());
            let agents: Vec<String> = staff.map(|s| s.name.clone()).collect();
            SlotContext::new(&profile.stores, &agents)
        };
        self.lines.begin();
        self.line_of.clear();
        self.found.resize(phrases.sets(), (0, 0, 0));
        self.sets.clear();
        self.conversation = self.conversation.wrapping_add(1);
        if self.conversation == 0 {
            self.found.fill((0, 0, 0));
            self.conversation = 1;
        }
        self.all_readable = true;
        for message in &transcript.messages {
            let line = if is_readable(message) {
                self.lines.read(&message.text, phrases, &names)
            } else {
                self.all_readable = false;
                self.lines.empty()
            };
            self.line_of.push(line);
            for set in self.lines.get(line).sets() {
                let found = &mut self.found[set.0 as usize];
                if found.0 != self.conversation {
                    *found = (self.conversation, 0, 0);
                    self.sets.push(set.0);
                }
                found.2 += 1;
            }
        }
        // From counts to starts, then filled in order.
        let mut end = 0;
        for set in &self.sets {
            let (_, from, to) = &mut self.found[*set as usize];
            let count = *to;
            (*from, *to) = (end, end);
            end += count;
        }
        self.with.clear();
        self.with.resize(end as usize, 0);
        for (index, line) in self.line_of.iter().enumerate() {
            for set in self.lines.get(*line).sets() {
                let (_, _, to) = &mut self.found[set.0 as usize];
                self.with[*to as usize] = index;
                *to += 1;
            }
        }
    }

    fn find_turns(&mut self, transcript: &Transcript) {
        self.spoken.clear();
        self.turn_of.clear();
        let mut turn = 0;
        let mut last: Option<&Message> = None;
        for (index, message) in transcript.messages.iter().enumerate() {
            if message.role == Role::System {
                self.turn_of.push(None);
                continue;
            }
            if last.is_some_and(|last| last.speaker != message.speaker || last.role != message.role)
            {
                turn += 1;
            }
            self.turn_of.push(Some(turn));
            self.spoken.push(index);
            last = Some(message);
        }
    }
}

fn turns<'a>(transcript: &Transcript, space: &'a Workspace) -> Vec<Turn<'a>> {
    space
        .spoken
        .chunk_by(|one, next| space.turn_of[*one] == space.turn_of[*next])
        .map(|messages| {
            let first = &transcript.messages[messages[0]];
            Turn {
                messages,
                speaker: first.speaker,
                role: first.role,
            }
        })
        .collect()
}
