//! Moments and zones as exports and people write them.
//!
//! The thing to get right: a time without an offset is local to the conversation's zone, which the
//! caller passes in; nothing here knows the clock or the zone of the machine. What a text alone leaves
//! open (which number is the day, which day 昨天 was) is a [`Stamp`], and others settle it:
//! [`super::clock`].

mod scan;

use crate::civil::{self, Place};
use crate::transcript::{Resolution, Time, Zone};
use scan::{Scan, scan};

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
    /// Not in any shape known here, or the day is left open.
    Shape,
    /// The shape of a time, but no such day, hour or year.
    Impossible,
}

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The day, as far as written.
    pub(crate) day: Day,
    /// Milliseconds since the midnight before; more than a day for what comes after 晚上12点.
    pub(crate) clock: i64,
    /// The offset that is written beside it, seconds east.
    pub(crate) offset: Option<i32>,
    /// How fine it is written.
    pub(crate) resolution: Resolution,
}

/// The day of a [`Stamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Day {
    /// Counted from 1970-01-01.
    Of(i64),
    /// Three numbers, in an order that others tell.
    Numbers(Numbers),
    /// Month and day of a year that is not written.
    OfYear(i64, i64),
    /// So many days before the day of the export: 今天 is 0.
    Ago(i64),
    /// The last such day of the week before the day of the export; Monday is 0.
    Weekday(i64),
    /// Excel's count, of 1900.
    Serial(i64),
    /// A time of day alone.
    None,
}

/// A date of which only the form is known: `1/2/26`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// As written.
    pub(crate) parts: [i64; 3],
    /// With dots, which nobody puts between month, day and year in this order.
    pub(crate) dotted: bool,
}

/// Which third of [`Numbers`] comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// `31/12/26`.
    Day,
    /// `12/31/26`.
    Month,
    /// `26/12/31`.
    Year,
}

/// Every order.
pub(crate) const ORDERS: [Order; 3] = [Order::Day, Order::Month, Order::Year];

impl Numbers {
    /// The day, read in this order.
    pub(crate) fn day(self, order: Order) -> Option<i64> {
        let [a, b, c] = self.parts;
        let (year, month, day) = match order {
            Order::Day => (c, b, a),
            Order::Month if self.dotted => return None,
            Order::Month => (c, a, b),
            Order::Year => (a, b, c),
        };
        // Two digits stand for years in which there are such chats.
        let year = match year {
            10..50 => year + 2000,
            1000.. => year,
            _ => return None,
        };
        civil::day(year, month, day)
    }
}

/// Reads a moment; `local` is the offset, in seconds east, of times that state none.
pub(crate) fn parse(text: &str, local: i32) -> Result<Parsed, Problem> {
    let text = text.trim();
    if let Some(found) = plain(text, local) {
        return Ok(found);
    }
    if text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        if let Some(millis) = epoch(text) {
            let resolution = Resolution::Second;
            return Ok(Parsed {
                time: Time { millis, resolution },
                offset: None,
            });
        }
        if matches!(text.len(), 12 | 14) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return compact(text, local);
        }
    }
    let stamp = scan(text)?;
    let Day::Of(day) = stamp.day else {
        return Err(Problem::Shape);
    };
    let millis = stamp
        .moment(day, Place::fixed(local), None)
        .ok_or(Problem::Impossible)?;
    Ok(Parsed {
        time: Time {
            millis,
            resolution: stamp.resolution,
        },
        offset: stamp.offset.filter(|_| !text.ends_with(['Z', 'z'])),
    })
}

/// Reads a time, whatever it leaves open; of the day that is written apart, if any.
pub(crate) fn stamp(date: Option<&str>, text: &str) -> Result<Stamp, Problem> {
    // Spreadsheets are kept from touching a time in these ways: `="2024-09-02"`, `'2024-09-02`.
    let text = text.trim().trim_start_matches(['=', '"', '\'']);
    let text = text.trim_end_matches(['"', '\'']);
    if let Some(moment) = epoch(text) {
        return Ok(Stamp::of_moment(moment));
    }
    let found = serial(text).map_or_else(|| scan(text), Ok);
    let (Some(date), Ok(Stamp { day: Day::None, .. }) | Err(Problem::Shape)) = (date, &found)
    else {
        return found;
    };
    // The day may come with a clock that says nothing: 2024-09-02 00:00:00.
    let mut of_day = Scan { rest: date.trim() };
    let day = match of_day.date() {
        None => return found,
        Some(day) => day?,
    };
    match found {
        Ok(stamp) if day != Day::None => Ok(Stamp { day, ..stamp }),
        _ => scan(&[date.trim(), " ", text].concat()),
    }
}

/// The day a text names: `2024-05-06`.
pub(crate) fn day(text: &str) -> Option<i64> {
    let mut scan = Scan { rest: text.trim() };
    match scan.date()? {
        Ok(Day::Of(day)) => Some(day),
        _ => None,
    }
}

impl Stamp {
    fn of_moment(millis: i64) -> Self {
        Self {
            day: Day::Of(millis.div_euclid(civil::DAY)),
            clock: millis.rem_euclid(civil::DAY),
            offset: Some(0),
            resolution: Resolution::Second,
        }
    }

    /// The moment, milliseconds since 1970, when it is of this day in this place; `None`: clocks never
    /// showed it. Of two, the first that is not before the moment `after`.
    pub(crate) fn moment(self, day: i64, place: Place, after: Option<i64>) -> Option<i64> {
        let local = day.checked_mul(civil::DAY)?.checked_add(self.clock)?;
        let millis = match self.offset {
            Some(offset) => local - i64::from(offset) * 1000,
            None => match place.moments(local) {
                [Some(first), Some(second)] if after.is_some_and(|after| first < after) => second,
                [first, second] => first.or(second)?,
            },
        };
        (0..=253_402_300_799_999).contains(&local).then_some(millis)
    }
}

/// Reads a zone: a fixed offset, `UTC`, or the name of a place.
pub(crate) fn zone(name: &str) -> Option<Zone> {
    let name = name.trim();
    let known = |offset| Zone {
        name: name.to_owned(),
        offset,
        assumed: false,
    };
    if let Some(place) = civil::place(name) {
        return Some(known(place.offset));
    }
    let mut scan = Scan { rest: name };
    let offset = scan.fixed_offset()?;
    scan.rest.is_empty().then(|| known(offset))
}

/// What clocks show in a zone.
pub(crate) fn place(zone: &Zone) -> Place {
    let named = if zone.assumed {
        None
    } else {
        civil::place(&zone.name)
    };
    named.unwrap_or(Place::fixed(zone.offset))
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
fn plain(text: &str, local: i32) -> Option<Parsed> {
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
    // What is no such moment may still be 24:00:00.
    let millis = moment(year, month, day, hour, minute, second, local)?;
    Some(Parsed {
        time: Time {
            millis,
            resolution: Resolution::Second,
        },
        offset: None,
    })
}

/// Seconds, or thousandths, millionths, thousand-millionths of one, since 1970: told by how many there are.
fn epoch(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || !matches!(whole.len(), 10 | 13 | 16 | 19) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    Some(match whole.len() {
        10 => number * 1000 + rounded_millis(fraction),
        13 => number + i64::from(fraction.starts_with(['5', '6', '7', '8', '9'])),
        16 => (number + 500) / 1000,
        _ => number / 1_000_000,
    })
}

/// Excel's number of a day, with the clock as its fraction. It counts 1900-02-29, which never was, so from
/// March 1900 on the first day is 1899-12-30. Only days from 1990 to 2100, and only of no other shape.
fn serial(text: &str) -> Option<Stamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 5 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let (mut part, mut one) = (0i64, 1i64);
    for digit in fraction.bytes().take(10) {
        part = part * 10 + i64::from(digit - b'0');
        one *= 10;
    }
    let millis = (part * civil::DAY + one / 2) / one;
    // What nine digits lose is far less than the second that Excel shows; what fewer lose may be more.
    let fine = fraction.len() >= 9 && (5..995).contains(&(millis % 1000));
    let clock = if fine {
        millis
    } else {
        (millis + 500) / 1000 * 1000
    };
    (32_874..73_050).contains(&number).then_some(Stamp {
        day: Day::Serial(number - 25_569),
        clock,
        offset: None,
        resolution: if (1..5).contains(&fraction.len()) {
            Resolution::Minute
        } else {
            Resolution::Second
        },
    })
}

/// `20240902100005`, `202409021000`.
fn compact(text: &str, local: i32) -> Result<Parsed, Problem> {
    let number =
        |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<i64>().ok());
    let year = number(0, 4).filter(|year| (1990..2100).contains(year));
    let date = year.zip(number(4, 6)).zip(number(6, 8));
    let clock = number(8, 10).zip(number(10, 12));
    let (Some(((year, month), day)), Some((hour, minute))) = (date, clock) else {
        return Err(Problem::Shape);
    };
    let (second, resolution) = match number(12, 14) {
        Some(second) => (second, Resolution::Second),
        None => (0, Resolution::Minute),
    };
    let millis =
        moment(year, month, day, hour, minute, second, local).ok_or(Problem::Impossible)?;
    Ok(Parsed {
        time: Time { millis, resolution },
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

#[cfg(test)]
mod tests {
    use super::{Day, Problem, is_moment, moment, parse, stamp, zone};
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
            "1538294220000000000",
            "2018/9/30 15:57",
            "18年9月30日 15:57",
            "2018-9-30, 15:57",
            "\u{200e}2018/9/30 下午\u{202f}3:57\u{200e}",
            "2018年9月30日 15时57分",
            "2018年9月30日15点57",
            "2018年9月30日 周日 15:57",
            "2018年9月30日（星期日） 15:57",
            "2018-09-30 3:57 p. m.",
            "2018-09-30 3:57\u{a0}p.m.",
            "2018-09-30 3:57:00pm",
            "2018-09-30 15.57",
            "Sep 30, 2018, 3:57 PM",
            "September 30 2018 15:57",
            "30 Sep 2018 15:57:00",
            "Sunday, September 30, 2018 3:57 PM",
            "Sun, 30 Sep 2018 07:57:00 GMT",
            "Sun Sep 30 2018 15:57:00 GMT+0800 (中国标准时间)",
            "2018-09-30T15:57:00+08:00[Asia/Shanghai]",
            "2018-09-30 15:57 GMT+8",
            "2018-09-30 10:57 UTC+3",
            "2018-09-30 16:57 Asia/Tokyo",
            "2018-09-30 02:57 -05:00",
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
        for (written, hour, minute) in [
            ("上午12:05", 0, 5),
            ("上午9:05", 9, 5),
            ("凌晨12:30", 0, 30),
            ("凌晨12点", 0, 0),
            ("凌晨3:05", 3, 5),
            ("清晨6:05", 6, 5),
            ("早上8点", 8, 0),
            ("中午11:50", 11, 50),
            ("中午12:05", 12, 5),
            ("中午12点", 12, 0),
            ("中午1点半", 13, 30),
            ("下午12:05", 12, 5),
            ("下午3点5分", 15, 5),
            ("下午15:05", 15, 5),
            ("傍晚6:05", 18, 5),
            ("晚上9:05", 21, 5),
            ("晚上11点59分", 23, 59),
            ("晚上12点", 24, 0),
            ("晚上12:30", 24, 30),
            ("半夜11:05", 23, 5),
            ("半夜2点", 2, 0),
            ("12:05 AM", 0, 5),
            ("12:05 PM", 12, 5),
            ("1:05 a.m.", 1, 5),
            ("24:00", 24, 0),
            ("0:00", 0, 0),
            ("10点", 10, 0),
            ("10点半", 10, 30),
        ] {
            let found = millis(&format!("2024-9-2 {written}"));
            let expected = millis("2024-9-2 00:00") + (hour * 60 + minute) * 60_000;
            assert_eq!(found, expected, "{written}");
        }
        assert_eq!(millis("2024-12-31 24:00:00"), millis("2025-01-01 00:00:00"));
    }

    #[test]
    fn what_is_no_moment_says_why() {
        for text in [
            "2024-02-30 10:00:00",
            "2023-02-29 10:00",
            "2024-13-01 10:00",
            "2024-01-01 25:00:00",
            "2024-01-01 24:00:01",
            "2024-01-01 24:30",
            "2024-01-01 10:60",
            "2024-01-01 10:00:60",
            "2024-01-01 上午13:05",
            "2024-01-01 晚上2:05",
            "2024-01-01 中午7:05",
            "Feb 30, 2024 10:00",
        ] {
            assert_eq!(parse(text, EAST8), Err(Problem::Impossible), "{text}");
        }
        for text in [
            "",
            "10:00:05",
            "2024-01-01",
            "昨天 10:00",
            "1/2/26 10:00",
            "9月2日 10:05",
            "45537.5",
            "12",
            "2024-01/01 10:00",
            "2024-01-01 10:00:00 x",
            "2024-13-45 好的",
            "2024-01-01 10:00 (周一)",
            "2024-01-01 10:00 CST",
            "1.2.3",
            "1.7E+12",
            "9999999999999999999",
            "周末 10:00x",
            "Martin 10:00",
            "2024年",
            "/",
        ] {
            assert_eq!(parse(text, EAST8), Err(Problem::Shape), "{text}");
        }
        assert!(is_moment("2024-02-30 10:00:00"));
    }

    #[test]
    fn what_a_text_leaves_open() {
        for (text, day) in [
            ("10:05", Day::None),
            ("下午3点", Day::None),
            ("昨天 10:05", Day::Ago(1)),
            ("今天下午3:05", Day::Ago(0)),
            ("大前天 10:05", Day::Ago(3)),
            ("YESTERDAY 10:05", Day::Ago(1)),
            ("星期天 10:05", Day::Weekday(6)),
            ("周三10:05", Day::Weekday(2)),
            ("Wednesday 10:05", Day::Weekday(2)),
            ("9月2日 10时5分", Day::OfYear(9, 2)),
            ("9月2号晚上8点", Day::OfYear(9, 2)),
            ("02-29 10:05", Day::OfYear(2, 29)),
            ("45537.4201388889", Day::Serial(19_968)),
        ] {
            assert_eq!(stamp(None, text).map(|it| it.day), Ok(day), "{text}");
        }
        for (text, parts, dotted) in [
            ("1/2/26 10:05", [1, 2, 26], false),
            ("[", [0; 3], false),
            ("13.06.2023, 18:08:08", [13, 6, 2023], true),
            ("31-12-24 10:05", [31, 12, 24], false),
            ("8/8/19, 1:25 PM", [8, 8, 19], false),
        ] {
            match stamp(None, text).map(|it| it.day) {
                Ok(Day::Numbers(found)) => assert_eq!((found.parts, found.dotted), (parts, dotted)),
                found => assert_eq!((found, text), (Err(Problem::Shape), "[")),
            }
        }
        for text in ["昨天", "约 10:05", "2024-09-02"] {
            assert_eq!(stamp(None, text), Err(Problem::Shape), "{text}");
        }
        assert_eq!(
            stamp(None, "02-30 10:05").map(|it| it.day),
            Err(Problem::Impossible)
        );
    }

    #[test]
    fn a_day_that_is_written_apart() {
        let base = stamp(None, "2024-09-02 10:05:06");
        for (date, clock) in [
            ("2024-09-02", "10:05:06"),
            ("2024年9月2日", "10:05:06"),
            ("2024-09-02 00:00:00", "10:05:06"),
            ("2024-09-02 星期一", "上午10:05:06"),
            ("1999-01-01", "2024-09-02 10:05:06"),
        ] {
            assert_eq!(stamp(Some(date), clock), base, "{date} {clock}");
        }
        let yesterday = stamp(Some("昨天"), "10:05").map(|it| it.day);
        assert_eq!(yesterday, Ok(Day::Ago(1)));
        assert_eq!(stamp(Some("2024-02-30"), "10:05"), Err(Problem::Impossible));
        assert_eq!(stamp(Some("?"), "10:05").map(|it| it.day), Ok(Day::None));
    }

    #[test]
    fn excel_counts_days() {
        let clock = |text| stamp(None, text).map(|it| (it.day, it.clock, it.resolution));
        let day = Day::Serial(19_968);
        let second = Resolution::Second;
        assert_eq!(clock("45537"), Ok((day, 0, second)));
        assert_eq!(clock("45537.5"), Ok((day, 43_200_000, Resolution::Minute)));
        // 10:05:06, as long as Excel writes it and cut short.
        for text in ["45537.420208333335", "45537.4202083", "45537.42021"] {
            assert_eq!(clock(text), Ok((day, 36_306_000, second)), "{text}");
        }
        assert_eq!(
            clock("45537.420214120370"),
            Ok((day, 36_306_500, second)),
            "half a second"
        );
        assert_eq!(clock("45537.9999999999"), Ok((day, 86_400_000, second)));
        for text in ["32873", "73050", "4553", "455370", "-45537", "45537.5.5"] {
            assert!(clock(text).is_err(), "{text}");
        }
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
        assert_eq!(
            zone("America/New_York").map(|zone| zone.offset),
            Some(-5 * 3600)
        );
        assert_eq!(zone("Nowhere/Land"), None);
        assert_eq!(zone("+25:00"), None);
        assert_eq!(zone(""), None);
    }
}
