//! Moments: 明天上午, 今天下班前, 周五, by 6 pm today.

use super::super::values::{begins_number, number, prefix, spaces};
use super::amount::{amount, digits};
use super::{Anchor, When, longest};
use crate::civil::{DAY, HOUR, MINUTE, date, day, first_of, weekday};

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

/// From hour to hour of a day.
type Hours = (i64, i64);

/// Parts of the day; the end of business is no hour.
const PARTS: &[(&str, Hours)] = &[
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
const CLOSING: Hours = (-1, -1);
/// Only behind a day: "good morning" is no time.
const LATIN_PARTS: &[(&str, Hours)] = &[
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
pub(crate) struct Moment {
    days: Option<Days>,
    part: Option<Hours>,
    clock: Option<Clock>,
    around: Around,
    masked: bool,
}

/// Calls back with every end of a moment at the start of `text`.
pub(crate) fn moment(text: &str, found: &mut dyn FnMut(usize, Moment)) {
    // Most characters begin no moment; the lists above are long.
    let may_begin = |c: char| {
        c.is_ascii_alphabetic()
            || begins_number(c)
            || matches!(
                c,
                '今' | '明'
                    | '后'
                    | '大'
                    | '昨'
                    | '前'
                    | '当'
                    | '次'
                    | '隔'
                    | '第'
                    | '月'
                    | '年'
                    | '周'
                    | '本'
                    | '这'
                    | '下'
                    | '上'
                    | '晚'
                    | '凌'
                    | '清'
                    | '早'
                    | '中'
                    | '傍'
                    | '夜'
                    | '午'
                    | '星'
                    | '礼'
                    | '听'
                    | '寻'
                    | '晏'
            )
    };
    if !text.starts_with(may_begin) {
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
            && of_month.most <= 31_000
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
                hour: hour.min(25),
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
    if let Some((more, minute)) = super::amount::amount(after).filter(|_| number(after).is_some()) {
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
    pub(super) fn resolve(self, anchor: &Anchor<'_>) -> When {
        if self.masked || self.is_impossible() {
            return When::Masked;
        }
        let today = anchor.local.div_euclid(DAY);
        let now = anchor.local.rem_euclid(DAY);
        let Some((first, last, part)) = self.stretch(today) else {
            // There is no such day.
            return match self.days {
                Some(Days::Date(..)) => When::Masked,
                _ => When::Vague,
            };
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
        When::Known {
            from,
            to,
            assumed,
            working: false,
        }
    }

    /// Whether there is no such day in any year, or no such hour.
    fn is_impossible(&self) -> bool {
        let never = match self.days {
            Some(Days::OfMonth(wanted) | Days::MonthDay(_, wanted)) => !(1..=31).contains(&wanted),
            _ => false,
        };
        never || self.clock.is_some_and(|clock| clock.hour > 24)
    }

    /// The first and last day, and the part of it that goes without saying.
    fn stretch(&self, today: i64) -> Option<(i64, i64, Option<Hours>)> {
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
    fn of_day(self, part: Option<Hours>, other_day: bool, now: i64) -> i64 {
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
