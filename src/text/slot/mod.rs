//! Typed slots of patterns: `{duration}`, `{phone}` and so on, found in the plain text by small parsers.
//!
//! A finder says where a value stands, not what it is worth. It may give several ends for one start
//! (`18点`, `18点前`), so that the words of a pattern can follow either. Masked values count as values:
//! `[数字x]小时` is a stated time of unknown length.

mod codes;
mod people;
mod personal;
mod sticker;
mod time;
mod values;

pub use self::personal::{Datum, masked, personal};

use self::codes::{codes, is_order, is_tracking, phones, urls};
use self::people::{addresses, persons};
use self::sticker::{GROUPS, matches_sticker, stickers};
pub(super) use self::sticker::{is_emoji, sticker};
pub use self::time::{Anchor, StatedTime, TimeWords, When, time_words, times};
use self::time::{lapse, moment};
pub(super) use self::values::NUMERALS;
use self::values::{money, quantity, scan};
use super::fold::Folded;
use crate::diagnostic::Bilingual;
use crate::sorted;
use crate::span::Span;

/// What `{store}` and `{agent}` stand for in one conversation, in folded form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotContext {
    stores: Vec<String>,
    agents: Vec<String>,
}

impl SlotContext {
    /// The names of the shop and of its agents, as people write them.
    pub fn new(stores: &[String], agents: &[String]) -> Self {
        let fold = |names: &[String]| {
            let mut folded: Vec<String> = names
                .iter()
                .map(|name| Folded::new(name.trim()).plain().to_owned())
                .collect();
            folded.retain(|name| !name.is_empty());
            sorted::plain(&mut folded);
            folded.dedup();
            folded
        };
        Self {
            stores: fold(stores),
            agents: fold(agents),
        }
    }

    /// The shop's names, folded.
    pub fn stores(&self) -> &[String] {
        &self.stores
    }

    /// The agents' names, folded.
    pub fn agents(&self) -> &[String] {
        &self.agents
    }
}

/// A kind of value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// 24小时, 3-5个工作日, 半天.
    Duration,
    /// 今天, 明天上午, 18点前, 周五.
    Moment,
    /// 10元, ¥9.9.
    Money,
    /// 两件, 3盒.
    Quantity,
    /// An order number.
    OrderNo,
    /// A parcel number.
    TrackingNo,
    /// A mobile number of the mainland or Taiwan.
    Phone,
    /// A person's name.
    Person,
    /// Where somebody lives.
    Address,
    /// A name of the shop.
    Store,
    /// A name of an agent.
    Agent,
    /// A web address.
    Url,
    /// A sticker of a group or name; `*` is any.
    Sticker(String),
}

impl Slot {
    /// The slot of this name, or why there is none.
    pub(super) fn named(name: &str) -> Result<Self, Bilingual> {
        Ok(match name {
            "duration" => Self::Duration,
            "moment" => Self::Moment,
            "money" => Self::Money,
            "quantity" => Self::Quantity,
            "order-no" => Self::OrderNo,
            "tracking-no" => Self::TrackingNo,
            "phone" => Self::Phone,
            "store" => Self::Store,
            "agent" => Self::Agent,
            "url" => Self::Url,
            "person" => Self::Person,
            "address" => Self::Address,
            _ => match name.strip_prefix("sticker:").map(str::trim) {
                Some(sticker)
                    if sticker == "*" || GROUPS.iter().any(|group| group.name == sticker) =>
                {
                    Self::Sticker(sticker.to_owned())
                }
                Some(sticker) if !sticker.is_empty() && !sticker.is_ascii() => {
                    Self::Sticker(Folded::new(sticker).plain().to_owned())
                }
                Some(sticker) => {
                    let names: Vec<&str> = GROUPS.iter().map(|group| group.name).collect();
                    let names = names.join(", ");
                    return Err(Bilingual::new(
                        format!("没有叫 {sticker} 的表情组;可用 *、{names},或表情的中文名"),
                        format!(
                            "there is no sticker group {sticker}; use *, {names}, or a sticker's Chinese name"
                        ),
                    ));
                }
                None => {
                    return Err(Bilingual::new(
                        format!("没有叫 {{{name}}} 的槽位"),
                        format!("there is no slot named {{{name}}}"),
                    ));
                }
            },
        })
    }

    /// Whether it depends on who takes part.
    pub(super) fn is_name(&self) -> bool {
        matches!(self, Self::Store | Self::Agent)
    }

    /// Where such values stand in a plain text, by start, then end.
    pub(super) fn find(&self, plain: &str, context: &SlotContext) -> Vec<Span> {
        let mut out = Vec::new();
        match self {
            Self::Store => names(plain, &context.stores, &mut out),
            Self::Agent => names(plain, &context.agents, &mut out),
            Self::Duration => scan(plain, &mut out, |text, found| {
                lapse(text, &mut |length, _| found(length));
            }),
            Self::Moment => scan(plain, &mut out, |text, found| {
                moment(text, &mut |length, _| found(length));
            }),
            Self::Money => scan(plain, &mut out, money),
            Self::Quantity => scan(plain, &mut out, quantity),
            Self::OrderNo => codes(plain, &mut out, is_order),
            Self::TrackingNo => codes(plain, &mut out, is_tracking),
            Self::Phone => phones(plain, &mut out),
            Self::Person => persons(plain, &mut out),
            Self::Address => addresses(plain, &mut out),
            Self::Url => urls(plain, &mut out),
            Self::Sticker(name) => stickers(
                plain,
                |text, kind| matches_sticker(name, text, kind),
                &mut out,
            ),
        }
        sorted::plain(&mut out);
        out.dedup();
        out
    }
}

fn names(plain: &str, names: &[String], out: &mut Vec<Span>) {
    for name in names {
        let latin = |character: Option<char>| character.is_some_and(|c| c.is_ascii_alphanumeric());
        for (at, found) in plain.match_indices(name.as_str()) {
            let end = at + found.len();
            let glued_left = latin(name.chars().next()) && latin(plain[..at].chars().next_back());
            let glued_right = latin(name.chars().next_back()) && latin(plain[end..].chars().next());
            if !glued_left && !glued_right {
                out.push(Span::new(at, end));
            }
        }
    }
}
