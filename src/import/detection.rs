//! What was guessed about a file, so that somebody who knows better can correct it.
//!
//! The thing to get right: every guess stands here with what else it might have been. What was stated
//! by the caller stands here too, with full confidence.

use serde::Serialize;

use crate::transcript::Role;

/// How a file was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Detection {
    /// The id of the format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<&'static str>,
    /// How sure that is: 0 not at all, 100 beyond doubt.
    pub confidence: u8,
    /// The other formats that could read it, the likeliest first.
    pub others: Vec<Candidate>,
    /// The encoding, by its WHATWG name, and whether nothing else fits the bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Guess>,
    /// What stands between the cells of a table as text.
    pub delimiter: Option<char>,
    /// What columns or keys were taken for, in the order of the file.
    pub columns: Vec<Mapped>,
    /// Identifies the header, whatever the rows: what was corrected once holds for files like it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Who speaks, at most 200, in order of first appearance.
    pub senders: Vec<Sender>,
    /// Of whom nothing says who they are, at most 200: messages of theirs were left out.
    pub unknown: Vec<String>,
    /// Whether `1/2` was read as the first of February; `None` where no date leaves a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_first: Option<bool>,
    /// Whether the file gives times of day without a day.
    pub date_missing: bool,
}

/// A format that could read a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Its id.
    pub format: &'static str,
    /// 0 to 100.
    pub confidence: u8,
}

/// An encoding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Guess {
    /// Its WHATWG name.
    pub name: &'static str,
    /// Whether the bytes allow no other.
    pub certain: bool,
    /// Other encodings that fit, the likeliest first.
    pub others: Vec<&'static str>,
}

/// A column or key, and what it is taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mapped {
    /// As the file writes it.
    pub name: String,
    /// Such as `text` or `session_id`; `None`: of no use here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<&'static str>,
}

/// Somebody who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sender {
    /// As the file writes it.
    pub name: String,
    /// The role.
    pub role: Role,
    /// Whether the role was inferred, not stated.
    pub inferred: bool,
}
