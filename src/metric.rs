//! Waits, and the named response-time metrics that are computed from them.
//!
//! The thing to get right: a [`Wait`] is raw. It begins at the first customer message nobody has
//! answered and ends at the next message of a person of the shop; bots and system messages neither
//! answer nor reset it. Closers, sessions and windows belong to the [`Metric`] that looks at it.

use crate::diagnostic::Bilingual;
use crate::transcript::{Resolution, Role, State, Transcript};

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

    /// The coarser of the resolutions of both ends.
    pub fn resolution(&self, transcript: &Transcript) -> Option<Resolution> {
        let first = transcript.messages[*self.questions.first()?].time?;
        let last = match self.answer {
            Some(answer) => transcript.messages[answer].time?,
            None => first,
        };
        Some(first.resolution.max(last.resolution))
    }
}

/// Milliseconds as seconds.
#[allow(clippy::cast_precision_loss)] // Waits and limits are far below 2^53 ms.
pub fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}

/// Whether a message of this kind answers a customer: a person spoke, and did not withdraw it.
fn answers(role: Role, state: State) -> bool {
    role.is_staff() && state != State::Recalled
}

/// Every wait of a conversation, in order.
pub fn waits(transcript: &Transcript) -> Vec<Wait> {
    let mut waits = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (index, message) in transcript.messages.iter().enumerate() {
        if message.role == Role::Customer && message.state != State::Recalled {
            open.push(index);
        } else if answers(message.role, message.state) && !open.is_empty() {
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

/// What one value of a metric stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The first answer of a session.
    Session,
    /// One wait.
    Wait,
}

/// Which of several unanswered messages starts the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The first.
    First,
    /// The last.
    Last,
}

/// How values become a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregate {
    /// Not at all: each value is judged by itself.
    Each,
    /// The arithmetic mean, in seconds.
    Mean,
    /// The share of values within this many seconds, 0 to 1.
    Rate(f64),
}

/// A named, versioned definition of a response time.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its name.
    pub title: Bilingual,
    /// What one value stands for.
    pub of: Of,
    /// What starts the clock.
    pub start: Start,
    /// How values become a figure.
    pub aggregate: Aggregate,
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
