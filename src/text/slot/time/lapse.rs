//! Lengths of time: 半小时内, 1-3个工作日, 24 hours.

use super::super::values::{begins_number, number, prefix, spaces};
use super::amount::{self, amounts, between, chinese, digits, exactly};
use super::{Anchor, When, longest};
use crate::civil::{DAY, HOUR, MINUTE};

/// How a length of time ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grain {
    /// To the minute.
    Clock,
    /// With the day.
    Day,
    /// With the working day.
    Work,
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lapse {
    /// Milliseconds, or for working days as many days' worth.
    least: i64,
    most: i64,
    grain: Grain,
    masked: bool,
}

const MONTH: i64 = 30 * DAY;
const YEAR: i64 = 365 * DAY;

const UNITS: &[(&str, (i64, Grain))] = &[
    ("秒", (1000, Grain::Clock)),
    ("秒钟", (1000, Grain::Clock)),
    ("分钟", (MINUTE, Grain::Clock)),
    // The half is added where the unit is read.
    ("分半钟", (MINUTE, Grain::Clock)),
    ("小时", (HOUR, Grain::Clock)),
    ("钟头", (HOUR, Grain::Clock)),
    ("个钟", (HOUR, Grain::Clock)),
    ("个钟头", (HOUR, Grain::Clock)),
    ("刻钟", (15 * MINUTE, Grain::Clock)),
    ("天", (DAY, Grain::Day)),
    ("工作日", (DAY, Grain::Work)),
    ("工作天", (DAY, Grain::Work)),
    ("自然日", (DAY, Grain::Day)),
    ("周", (7 * DAY, Grain::Day)),
    ("星期", (7 * DAY, Grain::Day)),
    ("礼拜", (7 * DAY, Grain::Day)),
    ("个月", (MONTH, Grain::Day)),
    ("年", (YEAR, Grain::Day)),
    ("日内", (DAY, Grain::Day)),
    ("分内", (MINUTE, Grain::Clock)),
    ("s", (1000, Grain::Clock)),
    ("sec", (1000, Grain::Clock)),
    ("seconds", (1000, Grain::Clock)),
    ("second", (1000, Grain::Clock)),
    ("min", (MINUTE, Grain::Clock)),
    ("mins", (MINUTE, Grain::Clock)),
    ("minute", (MINUTE, Grain::Clock)),
    ("minutes", (MINUTE, Grain::Clock)),
    ("h", (HOUR, Grain::Clock)),
    ("hr", (HOUR, Grain::Clock)),
    ("hrs", (HOUR, Grain::Clock)),
    ("hour", (HOUR, Grain::Clock)),
    ("hours", (HOUR, Grain::Clock)),
    ("day", (DAY, Grain::Day)),
    ("days", (DAY, Grain::Day)),
    ("business day", (DAY, Grain::Work)),
    ("business days", (DAY, Grain::Work)),
    ("working day", (DAY, Grain::Work)),
    ("working days", (DAY, Grain::Work)),
    ("week", (7 * DAY, Grain::Day)),
    ("weeks", (7 * DAY, Grain::Day)),
    ("month", (MONTH, Grain::Day)),
    ("months", (MONTH, Grain::Day)),
];

/// Calls back with every end of a length of time at the start of `text`.
pub(crate) fn lapse(text: &str, found: &mut dyn FnMut(usize, Lapse)) {
    let may_begin =
        |c: char| begins_number(c) || c.is_ascii_alphabetic() || matches!(c, '个' | '分');
    if !text.starts_with(may_begin) {
        return;
    }
    // 个半小时 and 分半钟 leave the one unsaid.
    let unsaid = ["个半小时", "个半钟", "个半月", "分半钟"];
    let (mut end, mut amount) = if let Some(read) = amounts(text) {
        read
    } else if prefix(text, &unsaid).is_some() {
        (0, between(1, 1))
    } else {
        return;
    };
    // 五点五分钟; 五点五分 is a clock.
    if let Some(rest) = text[end..].strip_prefix('点')
        && let Some(more) = number(rest)
        && prefix(&rest[more..], &["分钟", "小时", "天"]).is_some()
    {
        let (length, part) = (end + '点'.len_utf8() + more, chinese(&rest[..more]));
        let part = if rest.starts_with(|c: char| c.is_ascii_digit()) {
            digits(&rest[..more])
        } else {
            part.most
        };
        if part < 10_000 {
            amount = exactly(amount.most.saturating_add(part / 10));
            end = length;
        }
    }
    end += spaces(&text[end..], 2);
    let counter = ["多个", "来个", "个半", "个多", "个", "多", "来", "+"]
        .into_iter()
        .find(|counter| text[end..].starts_with(counter));
    let mut unit = None;
    if let Some(counter) = counter
        // 个月 and 个钟 are units of their own.
        && !text[end..].starts_with("个月")
        && !text[end..].starts_with("个钟")
    {
        end += counter.len();
        if counter == "个半" {
            amount.least = amount.least.saturating_add(500);
            amount.most = amount.most.saturating_add(500);
            unit = longest(
                &text[end..],
                &[("月", (MONTH, Grain::Day)), ("钟", (HOUR, Grain::Clock))],
            );
        } else if counter != "个" {
            amount.most = amount.most.saturating_add(amount.most / 2);
        }
    }
    let rest = &text[end..];
    // 半日; 五日 is a date.
    let unit = unit.or_else(|| {
        text.starts_with("半日")
            .then_some(('日'.len_utf8(), (DAY, Grain::Day)))
    });
    let Some((mut length, (each, grain))) = longest(rest, UNITS).or(unit).or_else(|| {
        // 五分三十秒.
        let after = rest.strip_prefix('分')?;
        let (more, _) = amount::amount(after)?;
        after[more..]
            .starts_with('秒')
            .then_some(('分'.len_utf8(), (MINUTE, Grain::Clock)))
    }) else {
        return;
    };
    if rest.starts_with("分半钟") {
        amount.least = amount.least.saturating_add(500);
        amount.most = amount.most.saturating_add(500);
    } else if rest[..length].ends_with('内') {
        // 3日内, 5分内: the word after makes the unit, but is not part of it.
        length -= '内'.len_utf8();
    }
    end += length;
    let whole = Lapse {
        least: amount.least.saturating_mul(each) / 1000,
        most: amount.most.saturating_mul(each) / 1000,
        grain,
        masked: amount.masked,
    };
    let mut value = whole;
    // 两天半, 1小时30分钟.
    if text[end..].starts_with('半') {
        found(end, whole);
        end += '半'.len_utf8();
        value.least = whole.least.saturating_add(each / 2);
        value.most = whole.most.saturating_add(each / 2);
    } else if let Some((more, part)) = amount::amount(&text[end..]) {
        let mut rest = &text[end + more..];
        let mut length = more;
        if rest.starts_with('个') && !rest.starts_with("个月") && !rest.starts_with("个钟") {
            rest = &rest['个'.len_utf8()..];
            length += '个'.len_utf8();
        }
        // 两小时十分.
        let bare = (each == HOUR && rest.starts_with('分') && !rest.starts_with("分之"))
            .then_some(('分'.len_utf8(), (MINUTE, Grain::Clock)));
        if let Some((unit, (smaller, grain))) = longest(rest, UNITS).or(bare)
            && !rest[..unit].ends_with('内')
        {
            found(end, whole);
            end += length + unit;
            value.least = whole
                .least
                .saturating_add(part.least.saturating_mul(smaller) / 1000);
            value.most = whole
                .most
                .saturating_add(part.most.saturating_mul(smaller) / 1000);
            value.grain = grain;
            value.masked |= part.masked;
        }
    }
    found(end, value);
}

impl Lapse {
    /// The end of this length with the words that may follow it.
    pub(super) fn reach(self, length: usize, text: &str) -> usize {
        let inside = || prefix(&text[length..], &["内", "之内", "以内"]);
        let more = about(&text[length..])
            .or_else(|| ago(&text[length..]))
            .or_else(inside);
        length + more.unwrap_or(0)
    }

    /// What it comes to, with the words that may follow it.
    pub(super) fn resolve(self, length: usize, text: &str, anchor: &Anchor<'_>) -> When {
        if self.masked {
            return When::Masked;
        }
        let about = about(&text[length..]);
        let ago = ago(&text[length..]);
        let known = |from, to| When::Known {
            from,
            to,
            assumed: false,
            working: self.grain == Grain::Work,
        };
        let local = anchor.local;
        if ago.is_some() {
            known(
                local.saturating_sub(self.most),
                local.saturating_sub(self.least),
            )
        } else if self.grain == Grain::Clock || self.most < DAY {
            // 半小时后, 一小时左右: half as long again.
            let slack = if about.is_some() { self.most / 2 } else { 0 };
            known(
                local.saturating_add(self.least),
                local.saturating_add(self.most).saturating_add(slack),
            )
        } else {
            let today = local.div_euclid(DAY);
            // Nobody promises for longer; the bound keeps the walk over working days short.
            let days = |span: i64| (span / DAY).min(4000);
            let last = match self.grain {
                Grain::Work => {
                    let mut left = days(self.most);
                    let mut last = today;
                    for next in today + 1..today + 8000 {
                        if left == 0 {
                            break;
                        }
                        last = next;
                        left -= i64::from((anchor.works)(next));
                    }
                    last
                }
                _ => today + days(self.most),
            };
            known(
                local.saturating_add(self.least.min(4000 * DAY)),
                (last + 1) * DAY,
            )
        }
    }
}

fn about(rest: &str) -> Option<usize> {
    prefix(rest, &["左右", "上下", "后", "之后", "以后"])
}

fn ago(rest: &str) -> Option<usize> {
    let inner = spaces(rest, 1);
    prefix(rest, &["前", "之前", "以前"])
        .or_else(|| prefix(&rest[inner..], &["ago"]).map(|ago| inner + ago))
}
