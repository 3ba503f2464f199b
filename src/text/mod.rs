//! Reading text the way people mean it: folding ([`Folded`]), phrases ([`Phrases`]), word boundaries
//! ([`Words`]) and the guards that tell a fault from its look-alike ([`guard`]).
//!
//! Two coordinate systems live here and must not be mixed up. A *plain* span counts bytes of
//! [`Folded::plain`]; an *original* span counts bytes of the message as it was written.
//! [`Folded::original`] leads from the first to the second. Guards and word boundaries read the plain
//! text, people are shown the original.

mod fold;
pub mod guard;
mod phrase;
mod script;
mod script_table;
mod signs;
mod slot;
mod squeeze;
mod steps;
mod variant;
mod words;

pub use fold::Folded;
pub use guard::{Question, covers_all, is_question, negated, quoted};
pub use phrase::{
    Longest, Match, PatternError, Phrases, PhrasesBuilder, Scratch, Set, SetId, Spellings, Which,
    longest,
};
pub use signs::Signs;
pub use slot::{
    Anchor, Datum, SlotContext, StatedTime, TimeWords, When, masked, personal, time_words, times,
};
pub use steps::Steps;
pub use words::{Boundaries, Words, WordsError};
