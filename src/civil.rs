//! Civil dates: moments of a day and a clock at an offset, and the zones that have one.
//!
//! The thing to get right: nothing here knows the clock or the zone of the machine. Only zones whose
//! offset never changes are known by name, so no time zone database is needed.

use jiff::civil::{Date, DateTime, Time as Clock};
use jiff::tz::Offset;

use crate::transcript::Zone;

/// Milliseconds of a civil time at an offset, in seconds east; `None` when there is no such moment.
pub fn moment(
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    offset: i32,
) -> Option<i64> {
    if year < 1970 {
        return None;
    }
    let small = |value: i64| i8::try_from(value).ok();
    let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    let clock = Clock::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
    let stamp = Offset::from_seconds(offset)
        .ok()?
        .to_timestamp(DateTime::from_parts(date, clock))
        .ok()?;
    Some(stamp.as_millisecond())
}

/// Reads a zone: a fixed offset, `UTC`, or one of the names that have always been +08:00 of late.
pub fn zone(name: &str) -> Option<Zone> {
    let name = name.trim();
    let known = |offset| {
        Some(Zone {
            name: name.to_owned(),
            offset,
            assumed: false,
        })
    };
    match name {
        "Z" | "z" | "UTC" | "utc" | "GMT" | "Etc/UTC" => return known(0),
        "Asia/Shanghai" | "Asia/Taipei" | "Asia/Hong_Kong" | "Asia/Chongqing"
        | "Asia/Singapore" | "Asia/Macau" | "PRC" | "北京时间" | "北京時間" | "中国标准时间" =>
        {
            return known(8 * 3600);
        }
        _ => {}
    }
    let digits = name
        .strip_prefix("UTC")
        .or_else(|| name.strip_prefix("GMT"))
        .unwrap_or(name);
    match offset(digits) {
        Some((Some(offset), "")) => known(offset),
        _ => None,
    }
}

/// The offset that a text begins with, in seconds east (`Z`, `UTC`, `+08:00`, `UTC+8`), and what
/// follows it. `None`: not an offset; `Some((None, ""))`: nothing stated.
pub(crate) fn offset(text: &str) -> Option<(Option<i32>, &str)> {
    let rest = text.trim_start();
    if rest.is_empty() {
        return Some((None, rest));
    }
    if let Some(rest) = rest.strip_prefix(['Z', 'z']) {
        return Some((Some(0), rest));
    }
    let named = rest
        .strip_prefix("UTC")
        .or_else(|| rest.strip_prefix("GMT"));
    let rest = named.unwrap_or(rest);
    let mut signed = rest.chars();
    let sign = match signed.next() {
        Some('+') => 1,
        Some('-' | '\u{2212}') => -1,
        _ if named.is_some() => return Some((Some(0), rest)),
        _ => return None,
    };
    let (hours, rest) = two_digits(signed.as_str())?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = two_digits(rest).unwrap_or((0, rest));
    (hours <= 14 && minutes <= 59).then_some((Some(sign * (hours * 3600 + minutes * 60)), rest))
}

/// A number of one or two digits, and what follows it.
fn two_digits(text: &str) -> Option<(i32, &str)> {
    let width = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(width);
    Some((digits.parse().ok()?, rest))
}
