//! A time as people and exports write it, from left to right.
//!
//! The thing to get right: what is not there is nothing, and what is there and impossible is a fault; a
//! date that could be read in two orders stays three numbers.

use super::{Day, Numbers, Order, Problem, Stamp, rounded_millis};
use crate::civil;
use crate::transcript::Resolution;

pub(super) fn scan(text: &str) -> Result<Stamp, Problem> {
    let mut scan = Scan { rest: text };
    scan.spaces();
    let day = scan.date();
    let half = scan.half();
    let clock = scan.clock(day.is_some()).ok_or(Problem::Shape)?;
    let half = half.or_else(|| scan.half());
    let start = scan.rest;
    scan.spaces();
    if scan.weekday().is_none() {
        scan.rest = start;
    }
    let offset = scan.offset().ok_or(Problem::Shape)?;
    let day = day.transpose()?;
    let hour = match half {
        None => Some(clock.hour),
        Some(half) => half.hour(clock.hour),
    };
    let hour = hour
        .filter(|_| clock.minute < 60 && clock.second < 60)
        .ok_or(Problem::Impossible)?;
    let late = hour * 3600 + clock.minute * 60 + clock.second;
    // 24:00 is the end of the day; 24:30 only ever comes of 晚上12:30.
    if hour > 24 || hour == 24 && half.is_none() && late > 24 * 3600 {
        return Err(Problem::Impossible);
    }
    Ok(Stamp {
        day: day.unwrap_or(Day::None),
        clock: late * 1000 + clock.millis,
        offset,
        resolution: if clock.minutes_only {
            Resolution::Minute
        } else {
            Resolution::Second
        },
    })
}

/// A part of the day, which says what hours up to twelve are.
#[derive(Clone, Copy)]
enum Half {
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
}

const HALVES: [(Half, &[&str]); 5] = [
    (
        Half::Morning,
        &["上午", "凌晨", "早上", "早晨", "清晨", "午夜", "am"],
    ),
    (Half::Noon, &["中午", "正午"]),
    (Half::Afternoon, &["下午", "午后", "午後", "傍晚", "pm"]),
    (Half::Evening, &["晚上", "晚间", "晚間"]),
    (Half::Night, &["半夜", "深夜", "夜里", "夜裡", "夜间"]),
];

impl Half {
    /// The hour of the day; `None` where nobody can tell which is meant.
    fn hour(self, hour: i64) -> Option<i64> {
        match (self, hour) {
            (Self::Morning, 0..=12) => Some(hour % 12),
            // 中午11:50 and 中午12:10 mean what they say; 中午1点 is after noon.
            (Self::Noon, 0..=3) | (Self::Evening | Self::Night, 6..=11) => Some(hour + 12),
            (Self::Noon, 10..=15) | (Self::Night, 0..=5) => Some(hour),
            (Self::Afternoon, 0..=12) => Some(hour % 12 + 12),
            (Self::Evening, 5) => Some(17),
            // Twelve at night ends the day.
            (Self::Evening | Self::Night, 12) => Some(24),
            // 下午15:05 says it twice.
            (Self::Afternoon | Self::Evening | Self::Night, 13..=23) => Some(hour),
            _ => None,
        }
    }
}

struct ClockParts {
    hour: i64,
    minute: i64,
    second: i64,
    millis: i64,
    minutes_only: bool,
}

pub(super) struct Scan<'a> {
    pub(super) rest: &'a str,
}

impl Scan<'_> {
    fn number(&mut self, most: usize) -> Option<i64> {
        let width = self
            .rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        if width == 0 {
            return None;
        }
        let (digits, rest) = self.rest.split_at(width);
        self.rest = rest;
        digits.parse().ok()
    }

    fn take(&mut self, any: &[&str]) -> Option<usize> {
        for (index, text) in any.iter().enumerate() {
            let head = self.rest.as_bytes().get(..text.len());
            if head.is_some_and(|head| head.eq_ignore_ascii_case(text.as_bytes())) {
                self.rest = &self.rest[text.len()..];
                return Some(index);
            }
        }
        None
    }

    /// Passes over spaces of every width, and the marks that phones put around dates.
    fn spaces(&mut self) {
        self.rest = self.rest.trim_start_matches(|c: char| {
            c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        });
    }

    fn weekday(&mut self) -> Option<i64> {
        const ENGLISH: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let start = self.rest;
        if self.take(&["星期", "礼拜", "禮拜", "周", "週"]).is_some() {
            let found = self.take(&["一", "二", "三", "四", "五", "六", "日", "天"]);
            if found.is_none() {
                self.rest = start;
            }
            return Some(found?.min(6) as i64);
        }
        let found = self.take(&ENGLISH)?;
        self.take(&["nesday", "rsday", "urday", "sday", "day"]);
        Some(found as i64)
    }

    fn month(&mut self) -> Option<i64> {
        let found = self.take(&[
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ])?;
        let word = self
            .rest
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        self.rest = &self.rest[word..];
        self.take(&["."]);
        Some(found as i64 + 1)
    }

    /// The day, up to where its clock begins; `None`: none is written.
    pub(super) fn date(&mut self) -> Option<Result<Day, Problem>> {
        let start = self.rest;
        self.spaces();
        let weekday = self.weekday();
        if weekday.is_some() {
            self.take(&[","]);
            self.spaces();
        }
        let after = self.rest;
        // Only Chinese dates may run straight into the clock: 2024年9月2日10:00.
        let Some((day, glued)) = self.written() else {
            self.rest = after;
            return match weekday {
                Some(weekday) => Some(Ok(Day::Weekday(weekday))),
                None => {
                    self.rest = start;
                    None
                }
            };
        };
        let end = self.rest.len();
        if self.take(&["T"]).is_none() {
            self.take(&[",", "，"]);
            self.spaces();
            let bracket = self.take(&["(", "（"]).is_some();
            if self.weekday().is_some() {
                if bracket {
                    self.take(&[")", "）"]);
                }
                self.spaces();
            }
            if end == self.rest.len() && !glued && end > 0 {
                self.rest = start;
                return None;
            }
        }
        Some(day.ok_or(Problem::Impossible))
    }

    /// The day itself, `None` inside when there is no such; and whether a clock may follow at once.
    fn written(&mut self) -> Option<(Option<Day>, bool)> {
        const NEAR: [(&str, i64); 9] = [
            ("今天", 0),
            ("今日", 0),
            ("昨天", 1),
            ("昨日", 1),
            ("前天", 2),
            ("前日", 2),
            ("大前天", 3),
            ("today", 0),
            ("yesterday", 1),
        ];
        let of = |year, month, day| civil::day(year, month, day).map(Day::Of);
        let of_year = |month, day| {
            // Of a leap year, so that every day is one.
            let known = civil::day(2000, month, day).is_some();
            known.then_some(Day::OfYear(month, day))
        };
        for (word, ago) in NEAR {
            if self.take(&[word]).is_some() {
                return Some((Some(Day::Ago(ago)), true));
            }
        }
        if let Some(month) = self.month() {
            self.spaces();
            let day = self.number(2)?;
            self.take(&[","]);
            self.spaces();
            return Some((of(self.number(4)?, month, day), false));
        }
        let before = self.rest.len();
        let first = self.number(4)?;
        let width = before - self.rest.len();
        let Some(separator) = self.take(&["-", "/", ".", "年", "月"]) else {
            self.spaces();
            let month = self.month()?;
            self.take(&[","]);
            self.spaces();
            return Some((of(self.number(4)?, month, first), false));
        };
        let second = self.number(2)?;
        if separator == 4 {
            self.take(&["日", "号", "號"]);
            return (width <= 2).then(|| (of_year(first, second), true));
        }
        if self.take(&[["-", "/", ".", "月"][separator]]).is_none() {
            let plain = separator < 2 && width <= 2;
            return plain.then(|| (of_year(first, second), false));
        }
        let before = self.rest.len();
        let third = self.number(if width == 4 || separator == 3 { 2 } else { 4 })?;
        let last = before - self.rest.len();
        let numbers = Numbers {
            parts: [first, second, third],
            dotted: separator == 2,
        };
        let day = match (width, last) {
            _ if separator == 3 => {
                self.take(&["日", "号", "號"]);
                numbers.day(Order::Year).map(Day::Of)
            }
            (4, _) => of(first, second, third),
            (1 | 2, 1 | 2 | 4) => Some(Day::Numbers(numbers)),
            _ => return None,
        };
        Some((day, separator == 3))
    }

    fn half(&mut self) -> Option<Half> {
        let start = self.rest;
        self.spaces();
        for (half, names) in HALVES {
            if self.take(names).is_some() {
                self.spaces();
                return Some(half);
            }
        }
        // a.m., p. m.
        if let Some(half) = self.take(&["a.", "p."]) {
            self.spaces();
            if self.take(&["m.", "m"]).is_some() {
                self.spaces();
                return Some([Half::Morning, Half::Afternoon][half]);
            }
        }
        self.rest = start;
        None
    }

    fn clock(&mut self, dated: bool) -> Option<ClockParts> {
        let hour = self.number(2)?;
        let mut parts = ClockParts {
            hour,
            minute: 0,
            second: 0,
            millis: 0,
            minutes_only: true,
        };
        match self.take(&[":", "：", "时", "時", "点", "點", "."])? {
            named @ 2..=5 => match self.number(2) {
                Some(minute) => parts.minute = minute,
                // 10点, 10点半.
                None if named > 3 => {
                    if self.take(&["半", "整"]) == Some(0) {
                        parts.minute = 30;
                    }
                    return Some(parts);
                }
                None => return None,
            },
            // 10.05, as they write in the north of Europe.
            6 if !dated => return None,
            separator => {
                let before = self.rest.len();
                parts.minute = self.number(2)?;
                if separator == 6 && before - self.rest.len() != 2 {
                    return None;
                }
            }
        }
        let named = self.take(&["分"]).is_some();
        let more = self.take(&[":", "："]).is_some() || named;
        if more && let Some(second) = self.number(2) {
            parts.second = second;
            parts.minutes_only = false;
            self.take(&["秒"]);
            if self.take(&[".", ","]).is_some() {
                let width = self.rest.bytes().take_while(u8::is_ascii_digit).count();
                let (digits, rest) = self.rest.split_at(width);
                if width == 0 {
                    return None;
                }
                parts.millis = rounded_millis(digits);
                self.rest = rest;
            }
        }
        Some(parts)
    }

    /// What ends a time. `None`: something else; `Some(None)`: nothing is stated.
    fn offset(&mut self) -> Option<Option<i32>> {
        self.spaces();
        let mut found = None;
        if !self.rest.is_empty() && !self.rest.starts_with(['(', '[']) {
            let fixed = civil::place(self.rest.trim_end()).filter(|place| place.is_fixed());
            if let Some(place) = fixed {
                self.rest = "";
                return Some(Some(place.offset));
            }
            found = Some(self.fixed_offset()?);
        }
        // (中国标准时间), [Asia/Shanghai].
        self.spaces();
        let rest = self.rest.trim_end();
        let named = rest.starts_with('(') && rest.ends_with(')')
            || rest.starts_with('[') && rest.ends_with(']');
        (rest.is_empty() || named && found.is_some()).then_some(found)
    }

    pub(super) fn fixed_offset(&mut self) -> Option<i32> {
        if self.take(&["Z"]).is_some() {
            return Some(0);
        }
        let universal = self.take(&["UTC", "GMT"]).is_some();
        let sign = match self.take(&["+", "-", "\u{2212}"]) {
            Some(0) => 1,
            Some(_) => -1,
            None if universal => return Some(0),
            None => return None,
        };
        let hours = self.number(2)?;
        self.take(&[":"]);
        let minutes = self.number(2).unwrap_or(0);
        if hours > 14 || minutes > 59 {
            return None;
        }
        i32::try_from(sign * (hours * 3600 + minutes * 60)).ok()
    }
}
