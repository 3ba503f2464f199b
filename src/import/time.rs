//! Moments and zones as exports write them.
//!
//! The thing to get right: a time without an offset is local to the conversation's zone, which the
//! caller passes in; nothing here knows the clock or the zone of the machine. Only zones whose offset
//! never changes are known by name, so no time zone database is needed.

use crate::civil;
use crate::transcript::{Resolution, Time, Zone};

/// A moment that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// The moment.
    pub(crate) time: Time,
    /// The offset the text itself states, other than `Z`; seconds east.
    pub(crate) offset: Option<i32>,
}

/// Why a text is not a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Not in any shape known here.
    Shape,
    /// The shape of a time, but no such day, hour or year.
    Impossible,
}

/// Reads a moment; `local` is the offset, in seconds east, of times that state none.
pub(crate) fn parse(text: &str, local: i32) -> Result<Parsed, Problem> {
    let text = text.trim();
    if let Some(found) = plain(text, local) {
        return found;
    }
    if text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        if let Some(found) = epoch(text) {
            return found.map(|time| Parsed { time, offset: None });
        }
        if text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return compact(text, local);
        }
    }
    let mut scan = Scan { rest: text };
    let (year, month, day) = scan.date().ok_or(Problem::Shape)?;
    let half = scan.half();
    let clock = scan.clock().ok_or(Problem::Shape)?;
    let half = half.or_else(|| scan.half());
    let stated = scan.offset().ok_or(Problem::Shape)?;
    if !scan.rest.trim().is_empty() {
        return Err(Problem::Shape);
    }
    let hour = match half {
        None => clock.hour,
        Some(_) if clock.hour > 12 => clock.hour,
        Some(Half::Morning) => clock.hour % 12,
        Some(Half::Afternoon) => clock.hour % 12 + 12,
        // 中午11:50 and 中午12:10 mean what they say; 中午1点 is after noon.
        Some(Half::Noon) => {
            if clock.hour < 10 {
                clock.hour + 12
            } else {
                clock.hour
            }
        }
    };
    let seconds = moment(
        year,
        month,
        day,
        hour,
        clock.minute,
        clock.second,
        stated.unwrap_or(local),
    )
    .ok_or(Problem::Impossible)?;
    let resolution = if clock.minutes_only {
        Resolution::Minute
    } else {
        Resolution::Second
    };
    let time = Time {
        millis: seconds + clock.millis,
        resolution,
    };
    Ok(Parsed {
        time,
        offset: stated.filter(|_| !scan.rest.ends_with('Z') && !text.ends_with(['Z', 'z'])),
    })
}

/// Reads a zone: a fixed offset, `UTC`, or one of the names that have always been +08:00 of late.
pub(crate) fn zone(name: &str) -> Option<Zone> {
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
    let mut scan = Scan { rest: digits };
    match scan.offset() {
        Some(Some(offset)) if scan.rest.is_empty() => known(offset),
        _ => None,
    }
}

/// Whether the whole of `text` reads as a moment, whatever the zone.
pub(crate) fn is_moment(text: &str) -> bool {
    parse(text, 0) != Err(Problem::Shape)
}

/// Whether a text is a time of day and no more: `9:05`, `10:00:05`.
pub(crate) fn is_clock(text: &str) -> bool {
    let text = text.trim();
    let parts = text.split(':');
    matches!(parts.clone().count(), 2 | 3)
        && parts
            .into_iter()
            .all(|part| matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit()))
}

/// `2018-09-30 15:57:00`, which most exports write, without looking for anything else.
fn plain(text: &str, local: i32) -> Option<Result<Parsed, Problem>> {
    let bytes: &[u8; 19] = text.as_bytes().try_into().ok()?;
    let [
        _,
        _,
        _,
        _,
        b'-',
        _,
        _,
        b'-',
        _,
        _,
        b' ' | b'T',
        _,
        _,
        b':',
        _,
        _,
        b':',
        _,
        _,
    ] = bytes
    else {
        return None;
    };
    let two = |at: usize| {
        let [tens, ones] = [
            bytes[at].wrapping_sub(b'0'),
            bytes[at + 1].wrapping_sub(b'0'),
        ];
        (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
    };
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let time = |millis| Parsed {
        time: Time {
            millis,
            resolution: Resolution::Second,
        },
        offset: None,
    };
    Some(
        moment(year, month, day, hour, minute, second, local)
            .map(time)
            .ok_or(Problem::Impossible),
    )
}

fn epoch(text: &str) -> Option<Result<Time, Problem>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.contains('.') {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let millis = match whole.len() {
        10 => number * 1000 + rounded_millis(fraction),
        13 => number + i64::from(fraction.starts_with(['5', '6', '7', '8', '9'])),
        16 => (number + 500) / 1000,
        _ => return None,
    };
    Some(Ok(Time {
        millis,
        resolution: Resolution::Second,
    }))
}

/// `20240902100005`.
fn compact(text: &str, local: i32) -> Result<Parsed, Problem> {
    let number =
        |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<i64>().ok());
    let parts = (
        number(0, 4),
        number(4, 6),
        number(6, 8),
        number(8, 10),
        number(10, 12),
        number(12, 14),
    );
    let (Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)) = parts else {
        return Err(Problem::Shape);
    };
    let millis =
        moment(year, month, day, hour, minute, second, local).ok_or(Problem::Impossible)?;
    Ok(Parsed {
        time: Time {
            millis,
            resolution: Resolution::Second,
        },
        offset: None,
    })
}

/// Milliseconds of a civil time at an offset; `None` when there is no such moment.
fn moment(
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
    let local = civil::moment((year, month, day), (hour, minute, second))?;
    Some(local - i64::from(offset) * 1000)
}

/// A decimal fraction of a second in milliseconds, halves up: what floats add is noise.
fn rounded_millis(fraction: &str) -> i64 {
    let mut value = 0;
    for place in 0..4 {
        value = value * 10
            + fraction
                .as_bytes()
                .get(place)
                .map_or(0, |byte| i64::from(byte - b'0'));
    }
    (value + 5) / 10
}

#[derive(Clone, Copy)]
enum Half {
    Morning,
    Noon,
    Afternoon,
}

struct ClockParts {
    hour: i64,
    minute: i64,
    second: i64,
    millis: i64,
    minutes_only: bool,
}

struct Scan<'a> {
    rest: &'a str,
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
            if let Some(rest) = self.rest.strip_prefix(text) {
                self.rest = rest;
                return Some(index);
            }
        }
        None
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn date(&mut self) -> Option<(i64, i64, i64)> {
        let before = self.rest.len();
        let year = self.number(4)?;
        if before - self.rest.len() != 4 {
            return None;
        }
        let separator = self.take(&["-", "/", ".", "年"])?;
        let month = self.number(2)?;
        self.take(&[["-", "/", ".", "月"][separator]])?;
        let day = self.number(2)?;
        if separator == 3 {
            self.take(&["日", "号", "號"]);
        }
        let glued = self.rest.len();
        if self.take(&["T", "t"]).is_none() {
            self.spaces();
            if self.take(&["星期", "周", "週"]).is_some() {
                self.take(&["一", "二", "三", "四", "五", "六", "日", "天"])?;
                self.spaces();
            }
            // Only Chinese dates may run straight into the clock: 2024年9月2日10:00.
            if glued == self.rest.len() && separator != 3 {
                return None;
            }
        }
        Some((year, month, day))
    }

    fn half(&mut self) -> Option<Half> {
        let start = self.rest;
        self.spaces();
        let names = [
            ("上午", Half::Morning),
            ("凌晨", Half::Morning),
            ("早上", Half::Morning),
            ("中午", Half::Noon),
            ("下午", Half::Afternoon),
            ("晚上", Half::Afternoon),
            ("AM", Half::Morning),
            ("am", Half::Morning),
            ("PM", Half::Afternoon),
            ("pm", Half::Afternoon),
        ];
        for (name, half) in names {
            if let Some(rest) = self.rest.strip_prefix(name) {
                self.rest = rest;
                self.spaces();
                return Some(half);
            }
        }
        self.rest = start;
        None
    }

    fn clock(&mut self) -> Option<ClockParts> {
        let hour = self.number(2)?;
        self.take(&[":", "：", "时", "時", "点", "點"])?;
        let minute = self.number(2)?;
        self.take(&["分"]);
        let mut parts = ClockParts {
            hour,
            minute,
            second: 0,
            millis: 0,
            minutes_only: true,
        };
        self.take(&[":", "："]);
        if let Some(second) = self.number(2) {
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

    /// `None`: not an offset; `Some(None)`: nothing stated.
    fn offset(&mut self) -> Option<Option<i32>> {
        self.spaces();
        if self.rest.is_empty() {
            return Some(None);
        }
        if self.take(&["Z", "z"]).is_some() {
            return Some(Some(0));
        }
        let universal = self.take(&["UTC", "GMT"]).is_some();
        let sign = match self.take(&["+", "-", "\u{2212}"]) {
            Some(0) => 1,
            Some(_) => -1,
            None if universal => return Some(Some(0)),
            None => return None,
        };
        let hours = self.number(2)?;
        self.take(&[":"]);
        let minutes = self.number(2).unwrap_or(0);
        if hours > 14 || minutes > 59 {
            return None;
        }
        i32::try_from(sign * (hours * 3600 + minutes * 60))
            .ok()
            .map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, is_moment, moment, parse, zone};
    use crate::transcript::Resolution;

    #[test]
    fn moments_are_of_the_years_that_are_written() {
        assert_eq!(moment(1970, 1, 1, 0, 0, 0, 0), Some(0));
        assert_eq!(moment(1969, 12, 31, 0, 0, 0, 0), None);
        assert_eq!(moment(10_000, 1, 1, 0, 0, 0, 0), None);
    }

    const EAST8: i32 = 8 * 3600;
    /// 2018-09-30T15:57:00+08:00.
    const NOON: i64 = 1_538_294_220_000;

    fn millis(text: &str) -> i64 {
        parse(text, EAST8)
            .unwrap_or_else(|problem| panic!("{text}: {problem:?}"))
            .time
            .millis
    }

    #[test]
    fn the_same_moment_in_every_shape() {
        for text in [
            "2018-09-30 15:57:00",
            "2018-9-30 15:57:00",
            "2018/09/30 15:57:00",
            "2018.9.30 15:57",
            "2018年9月30日 15:57",
            "2018年09月30日15时57分00秒",
            "2018年9月30日 下午3:57",
            "2018-09-30 3:57 PM",
            "2018-09-30 3:57\u{202f}PM",
            "2018-09-30 星期日 15:57:00",
            "2018-09-30T15:57:00+08:00",
            "2018-09-30T15:57:00.000+0800",
            "2018-09-30T07:57:00Z",
            "2018-09-30T07:57Z",
            "2018-09-30 07:57:00 UTC",
            "1538294220",
            "1538294220.0",
            "1538294220000",
            "1538294220000000",
            "20180930155700",
        ] {
            assert_eq!(millis(text), NOON, "{text}");
        }
    }

    #[test]
    fn float_noise_is_rounded_to_the_millisecond() {
        let base = millis("2018-09-30 16:38:06");
        assert_eq!(millis("2018-09-30 16:38:06.000003"), base);
        assert_eq!(millis("2018-09-30 16:38:05.999996"), base);
        assert_eq!(millis("2018-09-30 16:38:06.5"), base + 500);
        assert_eq!(millis("2018-09-30 16:38:06.1235"), base + 124);
        // Rounding may reach the next year.
        assert_eq!(
            millis("2018-12-31 23:59:59.9999"),
            millis("2019-01-01 00:00:00")
        );
    }

    #[test]
    fn minutes_are_minutes() {
        let resolution = |text| parse(text, EAST8).map(|parsed| parsed.time.resolution);
        assert_eq!(resolution("2025-3-1 9:05"), Ok(Resolution::Minute));
        assert_eq!(resolution("2025-3-1 9:05:05"), Ok(Resolution::Second));
        assert_eq!(resolution("1538294220"), Ok(Resolution::Second));
    }

    #[test]
    fn halves_of_the_day() {
        assert_eq!(millis("2024-9-2 上午12:05"), millis("2024-9-2 00:05"));
        assert_eq!(millis("2024-9-2 中午12:05"), millis("2024-9-2 12:05"));
        assert_eq!(millis("2024-9-2 下午12:05"), millis("2024-9-2 12:05"));
        assert_eq!(millis("2024-9-2 晚上9:05"), millis("2024-9-2 21:05"));
        assert_eq!(millis("2024-9-2 下午15:05"), millis("2024-9-2 15:05"));
    }

    #[test]
    fn what_is_no_moment_says_why() {
        for text in [
            "2024-02-30 10:00:00",
            "2023-02-29 10:00",
            "2024-13-01 10:00",
            "2024-01-01 25:00:00",
        ] {
            assert_eq!(parse(text, EAST8), Err(Problem::Impossible), "{text}");
        }
        for text in [
            "",
            "10:00:05",
            "2024-01-01",
            "昨天 10:00",
            "12",
            "2024-01/01 10:00",
            "2024-01-01 10:00:00 x",
            "1.2.3",
        ] {
            assert_eq!(parse(text, EAST8), Err(Problem::Shape), "{text}");
        }
        assert!(is_moment("2024-02-30 10:00:00"));
    }

    #[test]
    fn a_stated_offset_is_told_apart() {
        assert_eq!(
            parse("2018-09-30T15:57:00-05:00", EAST8).map(|parsed| parsed.offset),
            Ok(Some(-5 * 3600))
        );
        assert_eq!(
            parse("2018-09-30T15:57:00Z", EAST8).map(|parsed| parsed.offset),
            Ok(None)
        );
        assert_eq!(
            parse("2018-09-30 15:57:00", EAST8).map(|parsed| parsed.offset),
            Ok(None)
        );
    }

    #[test]
    fn zones_by_offset_and_by_name() {
        for name in [
            "+08:00",
            "+0800",
            "+8",
            "UTC+8",
            "GMT+08:00",
            "Asia/Shanghai",
            "Asia/Taipei",
            "Asia/Hong_Kong",
        ] {
            assert_eq!(
                zone(name).map(|zone| (zone.offset, zone.assumed)),
                Some((EAST8, false)),
                "{name}"
            );
        }
        assert_eq!(zone("Z").map(|zone| zone.offset), Some(0));
        assert_eq!(zone("-03:30").map(|zone| zone.offset), Some(-12600));
        assert_eq!(zone("America/New_York"), None);
        assert_eq!(zone("+25:00"), None);
        assert_eq!(zone(""), None);
    }
}
