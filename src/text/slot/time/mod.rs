//! Lengths of time and moments: where they stand, and what they come to.
//!
//! The thing to get right: a value is only as exact as it was stated. It is a stretch between an
//! earliest and a latest end; days end at midnight, and what is masked (`[数字x]小时`) is a stated time
//! of unknown length, neither vague nor known. Local milliseconds throughout: the caller adds the zone.

mod amount;
mod lapse;
mod moment;

pub(super) use self::lapse::lapse;
pub(super) use self::moment::moment;
use super::values::{begins, each};
use crate::span::Span;
use crate::text::signs::Signs;

/// From where a stated time is counted.
pub struct Anchor<'a> {
    /// Local milliseconds since 1970.
    pub local: i64,
    /// When business ends, in milliseconds of the day.
    pub closing: i64,
    /// Whether a day (since 1970) is a working day.
    pub works: &'a dyn Fn(i64) -> bool,
}

/// What a stated time comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Between these local milliseconds; `assumed` when the end of business was taken for granted.
    Known {
        /// The earliest.
        from: i64,
        /// The latest.
        to: i64,
        /// Whether it rests on the hour at which business ends.
        assumed: bool,
        /// Whether it is counted in working days.
        working: bool,
    },
    /// Stated, but masked, or no time there is: 2月30日, 25点.
    Masked,
    /// No time at all: 晚点.
    Vague,
}

/// A time stated in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatedTime {
    /// Where, in the plain text.
    pub span: Span,
    /// What it comes to.
    pub when: When,
}

/// A time as it was stated, before anybody said from when to count.
#[derive(Clone, Copy, Debug)]
pub struct TimeWords {
    /// Where, in the plain text.
    pub span: Span,
    /// How much of it states the value, without the words around it.
    own: usize,
    value: Value,
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Lapse(lapse::Lapse),
    Moment(moment::Moment),
}

impl TimeWords {
    /// What it comes to, in the text it was found in.
    pub fn resolve(&self, plain: &str, anchor: &Anchor<'_>) -> StatedTime {
        let when = match self.value {
            Value::Lapse(lapse) => lapse.resolve(self.own, &plain[self.span.start..], anchor),
            Value::Moment(moment) => moment.resolve(anchor),
        };
        StatedTime {
            span: self.span,
            when,
        }
    }
}

/// Every time stated in a plain text, in order, the longest where two overlap.
pub fn times(plain: &str, anchor: &Anchor<'_>) -> Vec<StatedTime> {
    let words = time_words(plain);
    let resolved = words.iter().map(|words| words.resolve(plain, anchor));
    resolved.collect()
}

/// [`times`] as far as the text alone tells.
pub fn time_words(plain: &str) -> Vec<TimeWords> {
    let mut out: Vec<TimeWords> = Vec::new();
    if !Signs::of(plain).may_state_time() {
        return out;
    }
    each(plain, &mut |at| {
        let text = &plain[at..];
        let mut best: Option<(usize, usize, Value)> = None;
        lapse(text, &mut |length, lapse| {
            if best.is_none_or(|(longest, ..)| length > longest) {
                best = Some((lapse.reach(length, text), length, Value::Lapse(lapse)));
            }
        });
        moment(text, &mut |length, moment| {
            if best.is_none_or(|(longest, ..)| length > longest) {
                best = Some((length, length, Value::Moment(moment)));
            }
        });
        let Some((length, own, value)) = best else {
            return at;
        };
        out.push(TimeWords {
            span: Span::new(at, at + length),
            own,
            value,
        });
        at + length
    });
    out
}

fn longest<T: Copy>(text: &str, list: &[(&str, T)]) -> Option<(usize, T)> {
    let first = text.as_bytes().first();
    list.iter()
        // Hardly any begins like the text.
        .filter(|(word, _)| word.as_bytes().first() == first && begins(text, word))
        .max_by_key(|(word, _)| word.len())
        .map(|(word, value)| (word.len(), *value))
        // Not in the middle of a Latin word.
        .filter(|(length, _)| {
            !(text[..*length].ends_with(|c: char| c.is_ascii_alphabetic())
                && text[*length..].starts_with(|c: char| c.is_ascii_alphabetic()))
        })
}
