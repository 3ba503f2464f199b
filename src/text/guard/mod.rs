//! Guards that tell a fault from a sentence that merely holds its words: negation, quotation, filler,
//! questions.
//!
//! All of them read the plain text ([`super::Folded::plain`]), and each gives the words that justify
//! it, so that a finding, or its absence, can be explained. They are rules of thumb on one clause; what
//! a reader would get wrong is to expect grammar of them.

mod list;
mod negation;
mod question;
mod quotation;

pub(super) use self::list::List;
pub(super) use self::negation::FIRST as NEGATION_SIGNS;
pub use self::negation::negated;
pub use self::question::{Question, is_question};
pub use self::quotation::quoted;
pub(super) use self::quotation::{MARKS, SUBJECT_SIGNS, VERB_SIGNS};
use super::slot::sticker;
use crate::span::Span;

/// Words that add nothing to a message: address and particles. 嗯 is an answer and not among them.
static FILLER: List = List::new(
    "亲爱的|亲亲|亲|宝宝|宝贝|家人|小主|哦|呢|哈|啊|呀|吧|嘛|的|了|哟|噢|喔|啦|哒|呐|哇|\
    咯|喽|嘞|呗|滴|哩|dear",
);

/// Whether everything outside the hit is filler: spaces, punctuation, picture characters, stickers,
/// words of address, particles.
pub fn covers_all(plain: &str, hit: Span) -> bool {
    let (Some(before), Some(after)) = (plain.get(..hit.start), plain.get(hit.end..)) else {
        return false;
    };
    is_filler(before) && is_filler(after)
}

/// More bytes than this are no filler, whatever they are: a bound for a message of nothing but dots.
const LONGEST_FILLER: usize = 4_000;

fn is_filler(text: &str) -> bool {
    if text.len() > LONGEST_FILLER {
        return false;
    }
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let rest = &text[at..];
        at += if let Some((length, _)) = sticker(rest) {
            length
        } else if !character.is_alphanumeric() {
            character.len_utf8()
        } else if let Some(word) = FILLER.at(rest).next() {
            word.len()
        } else {
            return false;
        };
    }
    true
}

/// Where the last `count` characters of `text` begin.
fn tail(text: &str, count: usize) -> usize {
    text.char_indices()
        .rev()
        .take(count)
        .last()
        .map_or(text.len(), |(at, _)| at)
}

fn is_clause_end(character: char) -> bool {
    matches!(
        character,
        '。' | '!' | '?' | ';' | ',' | '！' | '？' | '；' | '，' | '\n' | '\r' | '…'
    )
}

fn is_sentence_end(character: char) -> bool {
    matches!(character, '。' | '!' | '?' | '！' | '？' | '\n' | '\r')
}

/// How far a clause is followed: long enough for any, and a bound for a text without clause marks.
const LONGEST_CLAUSE: usize = 120;

fn clause_start(plain: &str, at: usize) -> usize {
    let mut start = at;
    for (position, character) in plain[..at].char_indices().rev().take(LONGEST_CLAUSE) {
        if is_clause_end(character) {
            break;
        }
        start = position;
    }
    start
}

fn clause_end(plain: &str, at: usize) -> usize {
    let mut clause = plain[at..].char_indices().take(LONGEST_CLAUSE);
    clause.find(|&(_, c)| is_clause_end(c)).map_or_else(
        || at + head(&plain[at..], LONGEST_CLAUSE),
        |(length, _)| at + length,
    )
}

/// Where the first `count` characters of `text` end.
fn head(text: &str, count: usize) -> usize {
    text.char_indices()
        .nth(count)
        .map_or(text.len(), |(at, _)| at)
}
