//! Which messages make a wait, what ends it and how long it was.
//!
//! The thing to get right: [`rounds`] hands out what a definition sees of the raw waits without
//! copying them. Only a definition in which robots answer, or an answer in the same second does not,
//! needs waits of its own, and only in a conversation in which that makes a difference.

use std::ops::Range;

use super::{Calendar, Clock, Definition, Start, Unit};
use crate::civil::DAY;
use crate::transcript::{Message, Resolution, Role, State, Transcript};

/// Customer messages and the answer to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Indices of the unanswered customer messages, in order; never empty.
    pub questions: Vec<usize>,
    /// Index of the answer; `None` when the log ends without one.
    pub answer: Option<usize>,
}

impl Wait {
    /// Milliseconds from `question` to the answer; `None` when a time is missing or runs backwards.
    pub fn millis_from(&self, transcript: &Transcript, question: usize) -> Option<i64> {
        let asked = transcript.messages[question].time?;
        let answered = transcript.messages[self.answer?].time?;
        let millis = answered.millis.checked_sub(asked.millis)?;
        (millis >= 0).then_some(millis)
    }
}

/// A run of messages without a long silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// First message.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// What a platform tells that matters to a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The customer was handed to somebody else.
    Transfer,
    /// The telephone rang.
    Ring,
}

/// A conversation whose words have been read.
pub trait Log {
    /// The messages.
    fn transcript(&self) -> &Transcript;
    /// The raw waits, as [`waits`] finds them.
    fn waits(&self) -> &[Wait];
    /// The sessions.
    fn sessions(&self) -> &[Session];
    /// Whether a customer's message needs no reply (好的谢谢).
    fn is_closer(&self, message: usize) -> bool;
    /// Whether a customer's message plainly asks for something.
    fn demands(&self, message: usize) -> bool;
    /// The first message of a range that tells of an event.
    fn told(&self, event: Event, range: Range<usize>) -> Option<usize>;
    /// When the shop is open.
    fn calendar(&self) -> &Calendar;
}

/// What ends a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// This message answers.
    Answer(usize),
    /// This message tells that somebody else was given the customer.
    Transfer(usize),
    /// The log ends first.
    Open,
}

/// A wait as a definition sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round<'w> {
    /// The customer messages that want an answer; empty where a ring is answered.
    pub questions: &'w [usize],
    /// The message that starts the clock.
    pub from: usize,
    /// What ends it.
    pub end: End,
}

/// Why a length is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmeasured {
    /// One of the times is not stated.
    TimeMissing,
    /// The second moment lies before the first.
    Backwards,
    /// Only open hours count, and none are stated.
    NoHours,
}

impl Round<'_> {
    /// Milliseconds from the start of the clock to what ends the round; `None`: nothing does.
    pub fn length(
        &self,
        definition: &Definition,
        log: &dyn Log,
    ) -> Option<Result<i64, Unmeasured>> {
        let (End::Answer(end) | End::Transfer(end)) = self.end else {
            return None;
        };
        let messages = &log.transcript().messages;
        Some(match messages[end].time {
            Some(end) => elapsed(definition, log, self.from, end.millis),
            None => Err(Unmeasured::TimeMissing),
        })
    }

    /// Whether one of the two times is only known to the minute.
    pub fn is_coarse(&self, transcript: &Transcript) -> bool {
        let coarse = |index: usize| {
            let time = transcript.messages[index].time;
            time.is_some_and(|time| time.resolution == Resolution::Minute)
        };
        match self.end {
            End::Answer(end) | End::Transfer(end) => coarse(self.from) || coarse(end),
            End::Open => coarse(self.from),
        }
    }
}

/// Milliseconds that count from a message to a moment.
pub fn elapsed(
    definition: &Definition,
    log: &dyn Log,
    from: usize,
    end: i64,
) -> Result<i64, Unmeasured> {
    let transcript = log.transcript();
    let start = transcript.messages[from]
        .time
        .ok_or(Unmeasured::TimeMissing)?
        .millis;
    let wall = end.checked_sub(start).filter(|millis| *millis >= 0);
    let wall = wall.ok_or(Unmeasured::Backwards)?;
    match definition.clock {
        Clock::Wall => Ok(wall),
        Clock::Business if log.calendar().has_hours() => {
            Ok(log
                .calendar()
                .open_between(start, end, transcript.zone.offset))
        }
        Clock::Business => Err(Unmeasured::NoHours),
    }
}

/// Every raw wait of a conversation, in order: people answer, nothing else does.
pub fn waits(transcript: &Transcript) -> Vec<Wait> {
    waits_answered(transcript, |message, _| message.role.is_staff())
}

fn waits_answered(
    transcript: &Transcript,
    answers: impl Fn(&Message, &Message) -> bool,
) -> Vec<Wait> {
    let mut waits = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (index, message) in transcript.messages.iter().enumerate() {
        // What was withdrawn neither asks nor answers.
        if message.state == State::Recalled {
            continue;
        }
        if message.role == Role::Customer {
            open.push(index);
        } else if let Some(last) = open.last()
            && answers(message, &transcript.messages[*last])
        {
            waits.push(Wait {
                questions: std::mem::take(&mut open),
                answer: Some(index),
            });
        }
    }
    if !open.is_empty() {
        waits.push(Wait {
            questions: open,
            answer: None,
        });
    }
    waits
}

/// Whether an answer comes in the very second of the question.
fn is_instant(answer: &Message, question: &Message) -> bool {
    match (answer.time, question.time) {
        (Some(answer), Some(question)) => {
            answer.resolution == Resolution::Second
                && question.resolution == Resolution::Second
                && answer.millis.div_euclid(1000) == question.millis.div_euclid(1000)
        }
        _ => false,
    }
}

/// The waits of a definition that differ from the raw ones; `None`: they do not.
fn own_waits(definition: &Definition, log: &dyn Log) -> Option<Vec<Wait>> {
    let transcript = log.transcript();
    let messages = &transcript.messages;
    let bots = definition.bots && messages.iter().any(|message| message.role == Role::Bot);
    let instant = definition.ignores_zero
        && log.waits().iter().any(|wait| {
            wait.answer.is_some_and(|answer| {
                let last = wait.questions.last();
                last.is_some_and(|last| is_instant(&messages[answer], &messages[*last]))
            })
        });
    (bots || instant).then(|| {
        waits_answered(transcript, |answer, question| {
            (answer.role.is_staff() || (bots && answer.role == Role::Bot))
                && !(definition.ignores_zero && is_instant(answer, question))
        })
    })
}

/// The sessions of a conversation, a silence longer than `gap` between two.
pub fn sessions(transcript: &Transcript, gap: i64) -> Vec<Session> {
    let mut sessions: Vec<Session> = Vec::new();
    let mut last: Option<i64> = None;
    for (index, message) in transcript.messages.iter().enumerate() {
        let silent = match (last, message.time) {
            (Some(before), Some(now)) => now.millis.saturating_sub(before) > gap,
            _ => false,
        };
        match sessions.last_mut() {
            Some(session) if !silent => session.end = index + 1,
            _ => sessions.push(Session {
                start: index,
                end: index + 1,
            }),
        }
        last = message.time.map(|time| time.millis).or(last);
    }
    sessions
}

/// The number of the session that a message is in.
pub fn session_at(sessions: &[Session], message: usize) -> usize {
    sessions.partition_point(|session| session.end <= message)
}

/// The questions of a wait that want a reply: closers before the first real one need none.
///
/// Across a session's end only what plainly asks for something counts: who says 我再想想 and hears
/// from the shop two days later has not been kept waiting.
pub fn wanting<'w>(
    definition: &Definition,
    log: &dyn Log,
    sessions: &[Session],
    wait: &'w Wait,
) -> &'w [usize] {
    let all = wait.questions.as_slice();
    if !definition.closers {
        return all;
    }
    let closers = all.iter().take_while(|index| log.is_closer(**index));
    let open = &all[closers.count()..];
    let Some(first) = open.first() else {
        return open;
    };
    let across = wait
        .answer
        .is_none_or(|answer| session_at(sessions, *first) != session_at(sessions, answer));
    if across && !open.iter().any(|index| log.demands(*index)) {
        return &[];
    }
    open
}

/// The wait that begins a session, by its number, and those of its messages that want an answer: a
/// customer comes before any person of the shop, and says more than a closer.
pub fn first<'w>(
    definition: &Definition,
    log: &dyn Log,
    (sessions, waits): (&[Session], &'w [Wait]),
    session: usize,
) -> Option<(usize, &'w [usize])> {
    let range = sessions.get(session)?;
    let messages = &log.transcript().messages;
    let speaks = |index: &usize| {
        let role = messages[*index].role;
        role == Role::Customer || role.is_staff()
    };
    let first = match definition.start {
        // Who opens a session makes no difference when the clock starts with it.
        Start::Opening => {
            (range.start..range.end).find(|index| messages[*index].role == Role::Customer)?
        }
        _ => (range.start..range.end)
            .find(speaks)
            .filter(|index| messages[*index].role == Role::Customer)?,
    };
    let number = waits.partition_point(|wait| wait.questions.last().is_some_and(|q| *q < first));
    let wait = waits.get(number)?;
    // A session that only carries on an older wait has no first reply of its own.
    if wait.questions[0] < range.start || wait.questions.binary_search(&first).is_err() {
        return None;
    }
    let wanted = wanting(definition, log, sessions, wait);
    (!wanted.is_empty()).then_some((number, wanted))
}

/// Every round that a definition sees in a conversation, in order.
///
/// For [`Unit::CustomerDay`] these are single messages, as for [`Unit::Message`].
pub fn rounds(definition: &Definition, log: &dyn Log, each: &mut dyn FnMut(Round<'_>)) {
    let own = own_waits(definition, log);
    let waits = own.as_deref().unwrap_or_else(|| log.waits());
    let apart = definition
        .session_gap
        .map(|gap| sessions(log.transcript(), gap));
    let sessions = apart.as_deref().unwrap_or_else(|| log.sessions());
    let seen = Seen {
        definition,
        log,
        sessions,
    };
    if definition.unit == Unit::Session {
        for (number, session) in sessions.iter().enumerate() {
            if definition.start == Start::Ring {
                seen.rings(*session, each);
            } else if let Some((wait, wanted)) = first(definition, log, (sessions, waits), number) {
                let (questions, from) = match definition.start {
                    Start::Last => (wanted, wanted[wanted.len() - 1]),
                    Start::Opening => (&wanted[..1], session.start),
                    _ => (&wanted[..1], wanted[0]),
                };
                seen.give(questions, from, waits[wait].answer, each);
            }
        }
        return;
    }
    for wait in waits {
        let wanted = wanting(definition, log, sessions, wait);
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else {
            continue;
        };
        if definition.unit == Unit::Round {
            let from = match definition.start {
                Start::Last => *last,
                _ => *first,
            };
            seen.give(wanted, from, wait.answer, each);
            continue;
        }
        for (place, question) in wanted.iter().enumerate() {
            if !(definition.closers && log.is_closer(*question)) {
                seen.give(&wanted[place..=place], *question, wait.answer, each);
            }
        }
    }
}

/// What one definition sees of one conversation.
struct Seen<'l> {
    definition: &'l Definition,
    log: &'l dyn Log,
    sessions: &'l [Session],
}

impl Seen<'_> {
    /// Hands out a round, or one for each sub-account that had it.
    fn give(
        &self,
        questions: &[usize],
        mut from: usize,
        answer: Option<usize>,
        each: &mut dyn FnMut(Round<'_>),
    ) {
        let transcript = self.log.transcript();
        let messages = &transcript.messages;
        if self.definition.splits {
            let had = messages[..from]
                .iter()
                .rev()
                .find(|message| message.role.is_staff());
            let until = answer.unwrap_or(messages.len());
            // Nobody had the customer, or whoever had it answers after all: nothing was handed over.
            let moved = had.is_some_and(|had| {
                answer.is_none_or(|answer| {
                    transcript.speaker(&messages[answer]).name != transcript.speaker(had).name
                })
            });
            while moved && let Some(at) = self.log.told(Event::Transfer, from + 1..until) {
                self.within(questions, from, End::Transfer(at), each);
                from = at;
            }
        }
        self.within(questions, from, answer.map_or(End::Open, End::Answer), each);
    }

    fn rings(&self, session: Session, each: &mut dyn FnMut(Round<'_>)) {
        let messages = &self.log.transcript().messages;
        let Some(from) = self.log.told(Event::Ring, session.start..session.end) else {
            return;
        };
        let answer = (from + 1..session.end).find(|index| messages[*index].role.is_staff());
        self.within(&[], from, answer.map_or(End::Open, End::Answer), each);
    }

    /// Hands out a round that falls into the definition's window, or may do so.
    fn within(&self, questions: &[usize], from: usize, end: End, each: &mut dyn FnMut(Round<'_>)) {
        let transcript = self.log.transcript();
        if let Some(window) = self.definition.window {
            let decides = if window.by_session {
                self.sessions[session_at(self.sessions, from)].start
            } else {
                from
            };
            let time = transcript.messages[decides].time;
            let offset = self.definition.offset.unwrap_or(transcript.zone.offset);
            if time.is_some_and(|time| !is_within(window.hours, time.millis, offset)) {
                return;
            }
        }
        each(Round {
            questions,
            from,
            end,
        });
    }
}

fn is_within((start, end): (i64, i64), millis: i64, offset: i32) -> bool {
    let of_day = millis
        .saturating_add(i64::from(offset) * 1000)
        .rem_euclid(DAY);
    (start..end).contains(&of_day) || (start..end).contains(&(of_day + DAY))
}

#[cfg(test)]
mod tests {
    use super::{Wait, waits};
    use crate::transcript::{
        Message, Resolution, Role, Speaker, SpeakerId, State, Time, Transcript, Zone,
    };

    fn transcript(rows: &[(Role, i64)]) -> Transcript {
        let roles = [
            Role::Customer,
            Role::Agent,
            Role::Bot,
            Role::System,
            Role::Supervisor,
        ];
        Transcript {
            id: "t".into(),
            file: "t.json".into(),
            channel: None,
            zone: Zone::default(),
            speakers: roles
                .iter()
                .map(|&role| Speaker {
                    name: format!("{role:?}"),
                    role,
                    title: None,
                    department: None,
                })
                .collect(),
            config: None,
            messages: rows
                .iter()
                .enumerate()
                .map(|(position, &(role, seconds))| Message {
                    position,
                    role,
                    speaker: SpeakerId(roles.iter().position(|r| *r == role).expect("listed")),
                    time: Some(Time {
                        millis: seconds * 1000,
                        resolution: Resolution::Second,
                    }),
                    text: "x".into(),
                    channel: None,
                    state: State::Text,
                })
                .collect(),
        }
    }

    #[test]
    fn a_bot_neither_answers_nor_resets() {
        let t = transcript(&[
            (Role::Customer, 0),
            (Role::Bot, 2),
            (Role::Customer, 50),
            (Role::Agent, 77),
        ]);
        let all = waits(&t);
        assert_eq!(
            all,
            [Wait {
                questions: vec![0, 2],
                answer: Some(3)
            }]
        );
        assert_eq!(all[0].millis_from(&t, 0), Some(77_000));
        assert_eq!(all[0].millis_from(&t, 2), Some(27_000));
    }

    #[test]
    fn a_withdrawn_answer_is_none() {
        let mut t = transcript(&[(Role::Customer, 0), (Role::Agent, 5), (Role::Agent, 9)]);
        t.messages[1].state = State::Recalled;
        assert_eq!(
            waits(&t),
            [Wait {
                questions: vec![0],
                answer: Some(2)
            }]
        );
    }

    #[test]
    fn the_log_may_end_open_and_time_may_run_backwards() {
        let t = transcript(&[
            (Role::Customer, 10),
            (Role::Supervisor, 5),
            (Role::Customer, 20),
        ]);
        let all = waits(&t);
        assert_eq!(all[0].millis_from(&t, 0), None);
        assert_eq!(
            all[1],
            Wait {
                questions: vec![2],
                answer: None
            }
        );
    }
}
