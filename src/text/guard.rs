//! Guards that tell a fault from a sentence that merely holds its words.
//!
//! All of them read the plain text ([`super::Folded::plain`]), and each gives the words that justify
//! it, so that a finding, or its absence, can be explained.

use crate::span::Span;

/// What kind of question a customer asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Asks for a fact: what, how, when, how much.
    Open,
    /// Can be answered with yes or no.
    YesNo,
}

/// The negator that takes back what was found, if there is one.
pub fn negated(plain: &str, hit: Span) -> Option<Span> {
    let _ = (plain, hit);
    None
}

/// The quotation or reporting words around what was found, if there are any.
pub fn quoted(plain: &str, hit: Span) -> Option<Span> {
    let _ = (plain, hit);
    None
}

/// Whether everything outside the hit is filler.
pub fn covers_all(plain: &str, hit: Span) -> bool {
    let _ = (plain, hit);
    false
}

/// Whether a customer's message asks something.
pub fn is_question(plain: &str) -> Option<Question> {
    let _ = plain;
    None
}
