//! Waits, and the named response-time metrics that are computed from them.
//!
//! The thing to get right: a [`Wait`] is raw. It begins at the first customer message nobody has
//! answered and ends at the next message of a person of the shop; bots and system messages neither
//! answer nor reset it. Closers, sessions, windows and hours belong to the [`Definition`] that looks
//! at it, and what a definition sees are [`Round`]s. Which messages make one, what ends it and how
//! long it was is decided in `waits.rs` and nowhere else.

mod calendar;
mod compute;
mod spread;
mod waits;

pub use calendar::{Calendar, Stretch, stretch};
pub use compute::{Sum, Timed, Value, timed, values, values_of};
pub use spread::Spread;
pub use waits::{
    End, Event, Log, Round, Session, Unmeasured, Wait, elapsed, first, rounds, session_at,
    sessions, waits, wanting,
};

use crate::diagnostic::Bilingual;

/// Milliseconds as seconds.
#[allow(clippy::cast_precision_loss)] // Waits and limits are far below 2^53 ms.
pub fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}

/// What one value of a metric stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// One customer message.
    Message,
    /// Customer messages without an answer, up to the answer.
    Round,
    /// The first answer of a session.
    Session,
    /// The worst message of one customer on one day.
    CustomerDay,
}

/// What starts the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The first unanswered message.
    First,
    /// The last unanswered message.
    Last,
    /// The first message of the session, whoever wrote it.
    Opening,
    /// The ring of the telephone.
    Ring,
}

/// Which time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// All of it.
    Wall,
    /// The shop's open hours.
    Business,
}

/// What a round that is never answered is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// Nothing: it is left out.
    Exclude,
    /// As much as the cap.
    Cap,
    /// It is not in time.
    Fail,
}

/// How values become a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// Each value is judged by itself; where a figure is wanted, the mean.
    Each,
    /// The arithmetic mean, in seconds.
    Mean,
    /// The median, in seconds.
    Median,
    /// The value that nine in ten do not exceed, in seconds.
    P90,
    /// The share of values within this many milliseconds, 0 to 1.
    Rate(i64),
}

/// The part of a day that a definition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Milliseconds of the day, half-open.
    pub hours: Stretch,
    /// Whether the start of the session decides, not the question.
    pub by_session: bool,
}

/// The parameters of a response time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What one value stands for.
    pub unit: Unit,
    /// What starts the clock.
    pub start: Start,
    /// Which time counts.
    pub clock: Clock,
    /// Whether a robot's answer counts.
    pub bots: bool,
    /// Whether an answer in the very second of the question is no answer.
    pub ignores_zero: bool,
    /// Whether closers need no reply, nor what asks for nothing and is left over when a session ends.
    pub closers: bool,
    /// Which part of a day counts.
    pub window: Option<Window>,
    /// The zone of the window and of days, in seconds east; absent: the conversation's.
    pub offset: Option<i32>,
    /// A longer silence starts a new session, in milliseconds; absent: as the conversation is read.
    pub session_gap: Option<i64>,
    /// Longer waits count as this many milliseconds.
    pub cap: Option<i64>,
    /// What a round without an answer is worth.
    pub unanswered: Unanswered,
    /// Whether each sub-account has its own round.
    pub splits: bool,
    /// How values become a figure.
    pub aggregate: Aggregate,
}

impl Definition {
    /// What the project means by a reply where nothing else is said: people answer, closers need no
    /// reply, every hour counts.
    pub const PLAIN: Self = Self {
        unit: Unit::Round,
        start: Start::First,
        clock: Clock::Wall,
        bots: false,
        ignores_zero: false,
        closers: true,
        window: None,
        offset: None,
        session_gap: None,
        cap: None,
        unanswered: Unanswered::Exclude,
        splits: false,
        aggregate: Aggregate::Each,
    };

    /// What decides which rounds there are and how long each is; the rest only makes values of them.
    #[must_use]
    pub fn shape(self) -> Self {
        Self {
            unit: match self.unit {
                Unit::CustomerDay => Unit::Message,
                unit => unit,
            },
            offset: self.offset.filter(|_| self.window.is_some()),
            cap: None,
            unanswered: Unanswered::Exclude,
            aggregate: Aggregate::Each,
            ..self
        }
    }
}

/// A named, versioned definition of a response time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its name.
    pub title: Bilingual,
    /// What it means.
    pub definition: Definition,
}
