//! Judging a conversation by a standard. It cannot fail.

use crate::report::Measured;
use crate::rule::{Owner, Verdict};
use crate::span::Span;
use crate::transcript::SpeakerId;

/// Something seen, whether or not it cost points, in the crate's own terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The kind of observation.
    pub kind: String,
    /// Index of the message.
    pub message: usize,
    /// Indices of the other messages it rests on.
    pub related: Vec<usize>,
    /// Where in the message.
    pub span: Option<Span>,
    /// Whose message it is, when it is an agent's.
    pub agent: Option<SpeakerId>,
    /// Which sort.
    pub label: Option<String>,
    /// What was measured.
    pub measured: Option<Measured>,
}

/// One value of a response-time metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Index of the metric in [`crate::standard::Standard::metrics`].
    pub metric: usize,
    /// Who answered.
    pub owner: Owner,
    /// Seconds waited.
    pub seconds: f64,
}

/// Everything found in one conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inspection {
    /// One verdict for each rule of the standard, in its order.
    pub verdicts: Vec<Verdict>,
    /// What was seen, sorted by message, start of span, kind.
    pub observations: Vec<Seen>,
    /// Response times.
    pub samples: Vec<Sample>,
}
