//! Lengths of time and moments: where they stand, and what they come to.
//!
//! The thing to get right: a value is only as exact as it was stated. It is a stretch between an
//! earliest and a latest end; days end at midnight, and what is masked (`[数字x]小时`) is a stated time
//! of unknown length, neither vague nor known. Local milliseconds throughout: the caller adds the zone.

use super::values::{each, number, prefix, spaces};
use crate::civil::{DAY, HOUR, MINUTE, date, day, first_of, weekday};
use crate::span::Span;

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
    },
    /// Stated, but masked.
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

/// Every time stated in a plain text, in order, the longest where two overlap.
pub fn times(plain: &str, anchor: &Anchor<'_>) -> Vec<StatedTime> {
    let mut out: Vec<StatedTime> = Vec::new();
    each(plain, &mut |at| {
        let text = &plain[at..];
        let mut best: Option<(usize, When)> = None;
        lapse(text, &mut |length, lapse| {
            if best.is_none_or(|(longest, _)| length > longest) {
                best = Some(lapse.resolve(length, text, anchor));
            }
        });
        moment(text, &mut |length, moment| {
            if best.is_none_or(|(longest, _)| length > longest) {
                best = Some((length, moment.resolve(anchor)));
            }
        });
        let Some((length, when)) = best else {
            return at;
        };
        out.push(StatedTime {
            span: Span::new(at, at + length),
            when,
        });
        at + length
    });
    out
}

fn longest<T: Copy>(text: &str, list: &[(&str, T)]) -> Option<(usize, T)> {
    list.iter()
        .filter(|(word, _)| text.starts_with(word))
        .max_by_key(|(word, _)| word.len())
        .map(|(word, value)| (word.len(), *value))
        // Not in the middle of a Latin word.
        .filter(|(length, _)| {
            !(text[..*length].ends_with(|c: char| c.is_ascii_alphabetic())
                && text[*length..].starts_with(|c: char| c.is_ascii_alphabetic()))
        })
}

// --- numbers ---

/// A number, in thousandths: a stretch, or masked.
#[derive(Clone, Copy)]
struct Amount {
    least: i64,
    most: i64,
    masked: bool,
}

const fn exactly(thousandths: i64) -> Amount {
    Amount {
        least: thousandths,
        most: thousandths,
        masked: false,
    }
}

const fn between(least: i64, most: i64) -> Amount {
    Amount {
        least: least * 1000,
        most: most * 1000,
        masked: false,
    }
}

const LATIN_NUMBERS: &[(&str, Amount)] = &[
    ("half an ", exactly(500)),
    ("half a ", exactly(500)),
    ("a few ", between(2, 9)),
    ("few ", between(2, 9)),
    ("several ", between(2, 9)),
    ("a couple of ", between(2, 3)),
    ("a couple ", between(2, 3)),
    ("a ", between(1, 1)),
    ("an ", between(1, 1)),
    ("one ", between(1, 1)),
    ("two ", between(2, 2)),
    ("three ", between(3, 3)),
    ("four ", between(4, 4)),
    ("five ", between(5, 5)),
    ("six ", between(6, 6)),
    ("ten ", between(10, 10)),
    ("fifteen ", between(15, 15)),
    ("thirty ", between(30, 30)),
];

fn amount(text: &str) -> Option<(usize, Amount)> {
    let Some(length) = number(text) else {
        return longest(text, LATIN_NUMBERS);
    };
    let own = &text[..length];
    let value = if own.starts_with(['[', '*', 'x']) {
        Amount {
            masked: true,
            ..exactly(0)
        }
    } else if own == "半" {
        exactly(500)
    } else if own.starts_with(|c: char| c.is_ascii_digit()) {
        exactly(digits(own))
    } else {
        chinese(own)
    };
    Some((length, value))
}

/// 24, 1.5, 1,000, 3万 in thousandths.
fn digits(text: &str) -> i64 {
    let (mut value, mut places) = (0_i64, None);
    for character in text.chars() {
        match character {
            '.' if places.is_none() => places = Some(0),
            '百' => value = value.saturating_mul(100),
            '千' => value = value.saturating_mul(1000),
            '万' => value = value.saturating_mul(10_000),
            _ => {
                if let (Some(digit), true) = (
                    character.to_digit(10),
                    places.is_none_or(|places| places < 3),
                ) {
                    value = value.saturating_mul(10).saturating_add(i64::from(digit));
                    places = places.map(|places| places + 1);
                }
            }
        }
    }
    (places.unwrap_or(0)..3).fold(value, |value, _| value.saturating_mul(10))
}

/// 二十五, 两三, 十几, 二零一五 in thousandths.
fn chinese(text: &str) -> Amount {
    let (mut sum, mut now) = ((0_i64, 0_i64), (0_i64, 0_i64));
    let mut seen = false;
    for character in text.chars() {
        let digit = match character {
            '〇' => Some(0),
            '两' => Some(2),
            _ => "零一二三四五六七八九"
                .chars()
                .zip(0..)
                .find(|(c, _)| *c == character)
                .map(|(_, digit)| digit),
        };
        let unit = match character {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            '万' => 10_000,
            _ => 0,
        };
        if let Some(digit) = digit {
            now = if seen && now.0 == now.1 && (1..10).contains(&now.0) && digit > now.0 {
                // 两三, 三五.
                (now.0, digit)
            } else {
                (
                    now.0.saturating_mul(10).saturating_add(digit),
                    now.1.saturating_mul(10).saturating_add(digit),
                )
            };
            // 零十五: the zero only joins.
            seen |= digit > 0;
        } else if character == '几' {
            (now, seen) = ((2, 9), true);
        } else if unit > 0 {
            let one = if seen { now } else { (1, 1) };
            sum.0 = sum.0.saturating_add(one.0.saturating_mul(unit));
            sum.1 = sum.1.saturating_add(one.1.saturating_mul(unit));
            (now, seen) = ((0, 0), false);
        } else if let Some(tens) = [('廿', 20), ('卅', 30)]
            .iter()
            .find(|(c, _)| *c == character)
        {
            sum = (sum.0.saturating_add(tens.1), sum.1.saturating_add(tens.1));
        }
    }
    Amount {
        least: sum.0.saturating_add(now.0).saturating_mul(1000),
        most: sum.1.saturating_add(now.1).saturating_mul(1000),
        masked: false,
    }
}

/// A number, or a range of two: 3-5, 三到五, 3~5.
fn amounts(text: &str) -> Option<(usize, Amount)> {
    let (first, from) = amount(text)?;
    let rest = &text[first..];
    let joint = ["--", "-", "~", "到", "至", "—", "–", "或", " to "]
        .into_iter()
        .find(|joint| rest.starts_with(joint));
    match joint.and_then(|joint| {
        let (second, to) = amount(&rest[joint.len()..])?;
        Some((joint.len() + second, to))
    }) {
        Some((second, to)) => Some((
            first + second,
            Amount {
                least: from.least.min(to.most),
                most: to.most.max(from.least),
                masked: from.masked || to.masked,
            },
        )),
        None => Some((first, from)),
    }
}

// --- lengths of time ---

/// How a length of time ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    /// To the minute.
    Clock,
    /// With the day.
    Day,
    /// With the working day.
    Work,
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lapse {
    /// Milliseconds, or for working days as many days' worth.
    pub(super) least: i64,
    pub(super) most: i64,
    pub(super) grain: Grain,
    pub(super) masked: bool,
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
pub(super) fn lapse(text: &str, found: &mut dyn FnMut(usize, Lapse)) {
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
        let (more, _) = self::amount(after)?;
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
    } else if let Some((more, part)) = self::amount(&text[end..]) {
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
    /// The end of this length with the words that may follow it, and what it comes to.
    fn resolve(self, length: usize, text: &str, anchor: &Anchor<'_>) -> (usize, When) {
        let rest = &text[length..];
        let inner = length + spaces(rest, 1);
        let about = prefix(rest, &["左右", "上下", "后", "之后", "以后"]);
        let ago = prefix(rest, &["前", "之前", "以前"])
            .or_else(|| prefix(&text[inner..], &["ago"]).map(|ago| inner - length + ago));
        let inside = prefix(rest, &["内", "之内", "以内"]);
        let length = length + about.or(ago).or(inside).unwrap_or(0);
        if self.masked {
            return (length, When::Masked);
        }
        let known = |from, to| When::Known {
            from,
            to,
            assumed: false,
        };
        let local = anchor.local;
        let when = if ago.is_some() {
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
        };
        (length, when)
    }
}

// --- moments ---

/// A day or a run of days, seen from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Days {
    /// So many days ahead.
    In(i64),
    /// So many days ahead, in the morning, the afternoon or the evening.
    Part(i64, i64, i64),
    /// The next such day of the week.
    Next(i64),
    /// So many weeks ahead: the days from the first to the second.
    Week(i64, i64, i64),
    /// A date, perhaps without its year.
    Date(Option<i64>, i64, i64),
    /// A day of this or the next month.
    OfMonth(i64),
    /// So many months ahead, that day of the month.
    MonthDay(i64, i64),
    /// So many months ahead, the whole month or its end.
    Month(i64, bool),
    /// No day at all.
    Vague,
}

const DAYS: &[(&str, Days)] = &[
    ("今天", Days::In(0)),
    ("今日", Days::In(0)),
    ("今晚", Days::Part(0, 18, 24)),
    ("今早", Days::Part(0, 4, 12)),
    ("明天", Days::In(1)),
    ("明日", Days::In(1)),
    ("听日", Days::In(1)),
    ("明早", Days::Part(1, 4, 12)),
    ("明晚", Days::Part(1, 18, 24)),
    ("后天", Days::In(2)),
    ("后日", Days::In(2)),
    ("大后天", Days::In(3)),
    ("大后日", Days::In(3)),
    ("昨天", Days::In(-1)),
    ("昨日", Days::In(-1)),
    ("寻日", Days::In(-1)),
    ("昨晚", Days::Part(-1, 18, 24)),
    ("前天", Days::In(-2)),
    ("前日", Days::In(-2)),
    ("当天", Days::In(0)),
    ("当日", Days::In(0)),
    ("次日", Days::In(1)),
    ("隔天", Days::In(1)),
    ("第二天", Days::In(1)),
    ("月底", Days::Month(0, true)),
    ("月初", Days::MonthDay(1, 5)),
    ("年底", Days::Date(None, 12, 31)),
    ("年前", Days::Vague),
    ("年后", Days::Vague),
    ("晚点", Days::Vague),
    ("周末", Days::Week(0, 5, 6)),
    ("这周末", Days::Week(0, 5, 6)),
    ("本周末", Days::Week(0, 5, 6)),
    ("下周末", Days::Week(1, 5, 6)),
    ("本周", Days::Week(0, 0, 6)),
    ("这周", Days::Week(0, 0, 6)),
    ("这一周", Days::Week(0, 0, 6)),
    ("这星期", Days::Week(0, 0, 6)),
    ("这礼拜", Days::Week(0, 0, 6)),
    ("这一礼拜", Days::Week(0, 0, 6)),
    ("今个星期", Days::Week(0, 0, 6)),
    ("今个礼拜", Days::Week(0, 0, 6)),
    ("下周", Days::Week(1, 0, 6)),
    ("下星期", Days::Week(1, 0, 6)),
    ("下个星期", Days::Week(1, 0, 6)),
    ("下礼拜", Days::Week(1, 0, 6)),
    ("下个礼拜", Days::Week(1, 0, 6)),
    ("上周", Days::Week(-1, 0, 6)),
    ("上个星期", Days::Week(-1, 0, 6)),
    ("上个礼拜", Days::Week(-1, 0, 6)),
    ("本月", Days::Month(0, false)),
    ("今个月", Days::Month(0, false)),
    ("这个月", Days::Month(0, false)),
    ("下个月", Days::Month(1, false)),
    ("下月", Days::Month(1, false)),
    ("上个月", Days::Month(-1, false)),
    ("上月", Days::Month(-1, false)),
    ("today", Days::In(0)),
    ("end of day", Days::In(0)),
    ("end of the day", Days::In(0)),
    ("end of today", Days::In(0)),
    ("eod", Days::In(0)),
    ("close of business", Days::In(0)),
    ("this morning", Days::Part(0, 4, 12)),
    ("this afternoon", Days::Part(0, 12, 18)),
    ("this evening", Days::Part(0, 18, 24)),
    ("tonight", Days::Part(0, 18, 24)),
    ("tomorrow", Days::In(1)),
    ("yesterday", Days::In(-1)),
    ("this week", Days::Week(0, 0, 6)),
    ("end of the week", Days::Week(0, 0, 6)),
    ("next week", Days::Week(1, 0, 6)),
    ("monday", Days::Next(0)),
    ("tuesday", Days::Next(1)),
    ("wednesday", Days::Next(2)),
    ("thursday", Days::Next(3)),
    ("friday", Days::Next(4)),
    ("saturday", Days::Next(5)),
    ("sunday", Days::Next(6)),
];

/// Before the day of a week; more than a year: whichever comes next.
const WEEKS: &[(&str, i64)] = &[
    ("下下周", 2),
    ("下周", 1),
    ("本周", 0),
    ("这周", 0),
    ("上周", -1),
    ("周", 99),
    ("下星期", 1),
    ("这星期", 0),
    ("上星期", -1),
    ("今个星期", 0),
    ("今星期", 0),
    ("星期", 99),
    ("下礼拜", 1),
    ("这礼拜", 0),
    ("上礼拜", -1),
    ("今个礼拜", 0),
    ("今礼拜", 0),
    ("礼拜", 99),
];

/// Hours of the day; the end of business is no hour.
const PARTS: &[(&str, (i64, i64))] = &[
    ("凌晨", (0, 6)),
    ("清晨", (4, 9)),
    ("早上", (4, 12)),
    ("早晨", (4, 12)),
    ("上午", (4, 12)),
    ("中午", (11, 13)),
    ("下午", (12, 18)),
    ("晏昼", (12, 18)),
    ("午后", (12, 18)),
    ("傍晚", (17, 20)),
    ("晚上", (18, 24)),
    ("晚间", (18, 24)),
    ("夜里", (18, 24)),
    ("上班", (8, 12)),
    ("下班", CLOSING),
];
const CLOSING: (i64, i64) = (-1, -1);
/// Only behind a day: "good morning" is no time.
const LATIN_PARTS: &[(&str, (i64, i64))] = &[
    (" morning", (4, 12)),
    (" noon", (11, 13)),
    (" afternoon", (12, 18)),
    (" evening", (18, 24)),
    (" night", (18, 24)),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    At,
    Before,
    After,
    About,
}

const AROUND: &[(&str, Around)] = &[
    ("前", Around::Before),
    ("之前", Around::Before),
    ("以前", Around::Before),
    ("后", Around::After),
    ("之后", Around::After),
    ("以后", Around::After),
    ("左右", Around::About),
    ("内", Around::Before),
];

/// A clock as stated.
#[derive(Clone, Copy, Debug)]
struct Clock {
    hour: i64,
    minute: i64,
    /// Whether it cannot be twelve hours later.
    sure: bool,
}

/// A moment as stated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    days: Option<Days>,
    part: Option<(i64, i64)>,
    clock: Option<Clock>,
    around: Around,
    masked: bool,
}

/// Calls back with every end of a moment at the start of `text`.
pub(super) fn moment(text: &str, found: &mut dyn FnMut(usize, Moment)) {
    // Most characters begin no moment; the lists above are long.
    const FIRST: &str = "零〇一二两三四五六七八九十百千万半几廿卅[*今明后大昨前当次隔第月年周本这下上晚凌清早中傍夜午星礼听寻晏";
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric() || FIRST.contains(c)) {
        return;
    }
    let mut value = Moment {
        days: None,
        part: None,
        clock: None,
        around: Around::At,
        masked: text.starts_with(['[', '*']),
    };
    let mut end = 0;
    if let Some((length, days)) = named_day(text) {
        end += length;
        value.days = Some(days);
        found(end, value);
    }
    let gap = spaces(&text[end..], 1);
    let latin = || longest(&text[end..], LATIN_PARTS).filter(|_| end > 0);
    if let Some((length, part)) = longest(&text[end + gap..], PARTS)
        .map(|(length, part)| (gap + length, part))
        .or_else(latin)
    {
        end += length;
        value.part = Some(part);
        found(end, value);
    }
    let gap = spaces(&text[end..], 1)
        + longest(
            &text[end..],
            if end > 0 {
                &[(" at ", ()), (" by ", ())]
            } else {
                &[]
            },
        )
        .map_or(0, |(length, ())| length - 1);
    if let Some((length, clock, masked)) = clock(&text[end + gap..]) {
        end += gap + length;
        value.clock = Some(clock);
        value.masked |= masked;
        found(end, value);
        // 6 pm today, 10am tomorrow.
        if value.days.is_none()
            && let Some(rest) = text[end..].strip_prefix(' ')
            && let Some((length, days)) = longest(rest, DAYS).filter(|_| rest.is_char_boundary(1))
        {
            end += 1 + length;
            value.days = Some(days);
            found(end, value);
        }
    }
    if end > 0
        && let Some((length, around)) = longest(&text[end..], AROUND)
    {
        value.around = around;
        found(end + length, value);
    }
}

fn named_day(text: &str) -> Option<(usize, Days)> {
    if let Some((length, weeks)) = longest(text, WEEKS) {
        let rest = &text[length..];
        if let Some((which, weekday)) = rest.chars().next().and_then(|c| {
            let at = "一二三四五六日1234567天末".chars().position(|day| day == c)?;
            Some((c.len_utf8(), i64::try_from(at).ok()?))
        })
            // 一周一次 is no Monday.
            && !rest[which..].starts_with(['次', '年', '期'])
        {
            let ahead = if weeks == 99 { 0 } else { weeks };
            let days = match weekday {
                15 => Days::Week(ahead, 5, 6),
                _ => {
                    let weekday = if weekday == 14 { 6 } else { weekday % 7 };
                    if weeks == 99 {
                        Days::Next(weekday)
                    } else {
                        Days::Week(weeks, weekday, weekday)
                    }
                }
            };
            return Some((length + which, days));
        }
    }
    if let Some((length, days)) = longest(text, DAYS) {
        // 下个月20号.
        if let Days::Month(ahead, false) = days
            && let Some((more, of_month)) = amount(&text[length..])
            && let Some(mark) = prefix(&text[length + more..], &["日", "号"])
            && !of_month.masked
        {
            return Some((
                length + more + mark,
                Days::MonthDay(ahead, of_month.most / 1000),
            ));
        }
        return Some((length, days));
    }
    stated_date(text)
}

/// 5月8日, 8号, 2024-05-08, 2024年5月8日.
fn stated_date(text: &str) -> Option<(usize, Days)> {
    let (mut first, mut value) = amount(text).filter(|_| number(text).is_some())?;
    let (mut before, mut year) = (0, None);
    if let Some(rest) = text[first..].strip_prefix('年')
        && (1900..2200).contains(&(value.most / 1000))
        && let Some((month, of_year)) = amount(rest)
        && rest[month..].starts_with('月')
    {
        year = Some(value.most / 1000);
        before = first + '年'.len_utf8();
        (first, value) = (month, of_year);
    }
    let rest = &text[before + first..];
    if let Some(after) = rest.strip_prefix('月') {
        let (length, of_month) = amount(after)?;
        let mark = prefix(&after[length..], &["日", "号"]).unwrap_or(0);
        let days = if value.masked || of_month.masked {
            Days::Vague
        } else {
            Days::Date(year, value.most / 1000, of_month.most / 1000)
        };
        return Some((before + first + '月'.len_utf8() + length + mark, days));
    }
    if before > 0 {
        return None;
    }
    if let Some(more) = rest.strip_prefix('号')
        && text.starts_with(|c: char| c.is_ascii_digit())
        && first <= 2
    {
        let other = more.starts_with(['线', '楼', '店', '码', '色', '机', '仓', '床', '链']);
        return (!other).then_some((first + '号'.len_utf8(), Days::OfMonth(value.most / 1000)));
    }
    let bytes = text.as_bytes();
    let run = |from: usize| {
        bytes.get(from..).map_or(0, |rest| {
            rest.iter().take_while(|b| b.is_ascii_digit()).count()
        })
    };
    let value = |from: usize, length: usize| digits(&text[from..from + length]) / 1000;
    let width = run(0);
    let mark = bytes
        .get(width)
        .copied()
        .filter(|b| matches!(b, b'-' | b'/'))?;
    let month = run(width + 1);
    if width == 4 && (1..=2).contains(&month) && bytes.get(width + 1 + month) == Some(&mark) {
        let of_month = run(width + month + 2);
        return (1..=2).contains(&of_month).then(|| {
            (
                width + month + of_month + 2,
                Days::Date(
                    Some(value(0, 4)),
                    value(5, month),
                    value(6 + month, of_month),
                ),
            )
        });
    }
    None
}

/// The length of a clock time, what it says, and whether it is masked.
fn clock(text: &str) -> Option<(usize, Clock, bool)> {
    let (length, amount) = amount(text).filter(|_| number(text).is_some())?;
    let rest = &text[length..];
    let hour = amount.most / 1000;
    let said = |end, minute, sure| {
        Some((
            end,
            Clock {
                hour: hour.min(24),
                minute,
                sure,
            },
            amount.masked,
        ))
    };
    let digital = text.starts_with(|c: char| c.is_ascii_digit());
    let half_of = |at: usize| {
        let gap = spaces(&text[at..], 1);
        longest(
            &text[at + gap..],
            &[("am", 0), ("a.m.", 0), ("pm", 12), ("p.m.", 12), ("p", 12)],
        )
        .filter(|_| digital && length <= 2 && hour <= 12)
        .map(|(mark, half)| (at + gap + mark, hour % 12 + half))
    };
    let latin = |end, hour, minute| {
        let clock = Clock {
            hour,
            minute,
            sure: true,
        };
        Some((end, clock, false))
    };
    if let Some(minutes) = rest.strip_prefix(':') {
        let width = minutes.bytes().take_while(u8::is_ascii_digit).count();
        if length > 2 || width != 2 {
            return None;
        }
        let (end, minute) = (length + 3, digits(&minutes[..2]) / 1000);
        if let Some((end, hour)) = half_of(end) {
            return latin(end, hour, minute);
        }
        return said(end, minute, hour > 12 || text.starts_with('0'));
    }
    if let Some((end, hour)) = half_of(length).filter(|(end, _)| !text[..*end].ends_with("p")) {
        return latin(end, hour, 0);
    }
    let mark = prefix(rest, &["点钟", "点整", "点", "时"])?;
    let end = length + mark;
    let after = &text[end..];
    // 一点点, 有点: a little, not an hour. 小时 never comes here, 时间 and 时候 do.
    if after.starts_with(['点', '间', '候', '儿', '击', '赞', '评'])
        || (length == 3 && text.starts_with(['半', '几']))
    {
        return None;
    }
    // 一点 is as often "a bit": believed only in digits or with more to it.
    let bare = text.starts_with('一') && length == 3 && mark == 3;
    if let Some((more, minute)) = longest(after, &[("半", 30), ("一刻", 15), ("三刻", 45)]) {
        return said(end + more, minute, hour > 12);
    }
    if let Some((more, minute)) = self::amount(after).filter(|_| number(after).is_some()) {
        let closed = prefix(&after[more..], &["分"]);
        let spoken = !after.starts_with(|c: char| c.is_ascii_digit()) && more > 3;
        if closed.is_some() || spoken || (more == 2 && after.as_bytes()[0].is_ascii_digit()) {
            return said(
                end + more + closed.unwrap_or(0),
                (minute.most / 1000).min(59),
                hour > 12,
            );
        }
    }
    if bare && longest(after, AROUND).is_none() {
        return None;
    }
    said(end, 0, hour > 12)
}

impl Moment {
    /// What it comes to.
    fn resolve(self, anchor: &Anchor<'_>) -> When {
        if self.masked {
            return When::Masked;
        }
        let today = anchor.local.div_euclid(DAY);
        let now = anchor.local.rem_euclid(DAY);
        let Some((first, last, part)) = self.stretch(today) else {
            return When::Vague;
        };
        let part = self.part.or(part);
        let assumed = part == Some(CLOSING);
        let (mut from, mut to) = (first * DAY, (last + 1) * DAY);
        if let Some(clock) = self.clock {
            let at = clock.of_day(part, self.days.is_some() && first != today, now);
            // Nobody named the day, and today it is over.
            let next = self.days.is_none() && part.is_none() && at <= now;
            from = (first + i64::from(next)) * DAY + at;
            to = from
                + match self.around {
                    Around::Before => 0,
                    Around::At => 10 * MINUTE,
                    Around::About => 30 * MINUTE,
                    Around::After => DAY - at.min(DAY),
                };
        } else if assumed {
            from = last * DAY + anchor.closing;
            to = if self.around == Around::Before {
                from
            } else {
                to
            };
        } else if let Some((begin, end)) = part {
            from = last * DAY + begin * HOUR;
            to = last * DAY + end * HOUR;
        }
        When::Known { from, to, assumed }
    }

    /// The first and last day, and the part of it that goes without saying.
    fn stretch(&self, today: i64) -> Option<(i64, i64, Option<(i64, i64)>)> {
        let (year, month, of_month) = date(today);
        let monday = today - weekday(today);
        let one = |day| Some((day, day, None));
        match self.days {
            None => one(today),
            Some(Days::Vague) => None,
            Some(Days::In(ahead)) => one(today + ahead),
            Some(Days::Part(ahead, from, to)) => {
                Some((today + ahead, today + ahead, Some((from, to))))
            }
            Some(Days::Next(day)) => one(today + (day - weekday(today) - 1).rem_euclid(7) + 1),
            Some(Days::Week(weeks, from, to)) => {
                Some((monday + 7 * weeks + from, monday + 7 * weeks + to, None))
            }
            Some(Days::Date(stated, month, of_month)) => {
                let of = |year| day(year, month, of_month);
                let found = match stated {
                    Some(year) => of(year),
                    // Without a year it is the nearest.
                    None => [year - 1, year, year + 1]
                        .into_iter()
                        .filter_map(of)
                        .min_by_key(|day| (day - today).abs()),
                };
                one(found?)
            }
            Some(Days::OfMonth(wanted)) => {
                let next = i64::from(wanted < of_month);
                one(first_of(year, month + next) + wanted - 1)
            }
            Some(Days::MonthDay(ahead, wanted)) => one(first_of(year, month + ahead) + wanted - 1),
            Some(Days::Month(ahead, end)) => {
                let first = first_of(year, month + ahead);
                let last = first_of(year, month + ahead + 1) - 1;
                Some((if end { last } else { first }, last, None))
            }
        }
    }
}

impl Clock {
    /// Milliseconds of the day: which half is meant, the part of the day or the time now decides.
    fn of_day(self, part: Option<(i64, i64)>, other_day: bool, now: i64) -> i64 {
        let at = |hour: i64| hour * HOUR + self.minute * MINUTE;
        let hour = self.hour;
        if self.sure || hour > 12 {
            return at(hour);
        }
        match part {
            Some((0, _)) => at(hour % 12),
            Some((from, to)) if from >= 11 || to > 13 => {
                // 晚上1点 is after midnight, 中午11点 before noon.
                if from >= 18 && hour < 5 {
                    at(hour + 24)
                } else if hour < 10 || from > 11 && hour < 12 {
                    at(hour + 12)
                } else if from >= 18 && hour == 12 {
                    at(24)
                } else {
                    at(hour)
                }
            }
            Some(_) => at(hour),
            None if other_day => at(if hour < 8 { hour + 12 } else { hour }),
            None => {
                let later = at(hour + 12);
                if at(hour) > now || later <= now {
                    at(hour)
                } else {
                    later
                }
            }
        }
    }
}
