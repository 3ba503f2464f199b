//! Days of the calendar as numbers: what importing and reading promises both count with.
//!
//! A *day* is counted from 1970-01-01, which is 0. Days and clocks know no zones: whoever has an offset
//! adds it before and takes it off again. A [`Place`] says what its clocks show over the year, by the
//! rules of today: what they showed before 2007, and in China in the summers of 1986 to 1991, is not
//! known here, as nobody chatted then.

/// Milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;
/// Milliseconds of an hour.
pub(crate) const HOUR: i64 = 3_600_000;
/// Milliseconds of a minute.
pub(crate) const MINUTE: i64 = 60_000;

/// The day of a date; `None` when there is none such.
pub(crate) fn day(year: i64, month: i64, of_month: i64) -> Option<i64> {
    let sane = (-9999..=9999).contains(&year) && (1..=12).contains(&month);
    (sane && (1..=month_length(year, month)).contains(&of_month))
        .then(|| first_of(year, month) + of_month - 1)
}

/// The first day of a month. Months beyond 12 or below 1 run on into other years.
pub(crate) fn first_of(year: i64, month: i64) -> i64 {
    let month = month - 1;
    // The year begins in March, so that the leap day is its last.
    let (year, month) = (year + month.div_euclid(12), month.rem_euclid(12));
    let (year, month) = if month < 2 {
        (year - 1, month + 10)
    } else {
        (year, month - 2)
    };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// How many days a month has.
pub(crate) fn month_length(year: i64, month: i64) -> i64 {
    first_of(year, month + 1) - first_of(year, month)
}

/// Year, month and day of the month.
pub(crate) fn date(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let year = year + era * 400;
    if month < 10 {
        (year, month + 3, of_month)
    } else {
        (year + 1, month - 9, of_month)
    }
}

/// The day of the week; Monday is 0.
pub(crate) fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// Milliseconds since 1970 of a clock time on a date, without a zone; `None` when there is none such.
pub(crate) fn moment(date: (i64, i64, i64), clock: (i64, i64, i64)) -> Option<i64> {
    let (hour, minute, second) = clock;
    let sane = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    let day = day(date.0, date.1, date.2)?;
    sane.then(|| day * DAY + hour * HOUR + minute * MINUTE + second * 1000)
}

/// RFC 3339 of a moment, at an offset in seconds east; milliseconds only where there are any.
pub(crate) fn rfc3339(millis: i64, offset: i32) -> String {
    let local = millis.saturating_add(i64::from(offset) * 1000);
    let (year, month, of_month) = date(local.div_euclid(DAY));
    let clock = local.rem_euclid(DAY);
    let (hour, minute, second) = (clock / HOUR, clock / MINUTE % 60, clock / 1000 % 60);
    let fraction = match clock % 1000 {
        0 => String::new(),
        part => format!(".{part:03}").trim_end_matches('0').to_owned(),
    };
    let sign = if offset < 0 { '-' } else { '+' };
    let (east, minutes) = (offset.abs() / 3600, offset.abs() / 60 % 60);
    format!(
        "{year:04}-{month:02}-{of_month:02}T{hour:02}:{minute:02}:{second:02}{fraction}{sign}{east:02}:{minutes:02}"
    )
}

/// What the clocks of a place show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Seconds east of UTC, in winter.
    pub(crate) offset: i32,
    /// Which of [`SUMMERS`], if any.
    summer: Option<usize>,
}

/// When clocks are an hour ahead: from and until which Sunday (of which month, which one, 0 is the last;
/// at which hour of winter time), and whether those hours are of UTC.
type Summer = ([(i64, i64, i64); 2], bool);

const AMERICA: usize = 0;
const EUROPE: usize = 1;
const AUSTRALIA: usize = 2;
const NEW_ZEALAND: usize = 3;
const SUMMERS: [Summer; 4] = [
    ([(3, 2, 2), (11, 1, 1)], false),
    ([(3, 0, 1), (10, 0, 1)], true),
    ([(10, 1, 2), (4, 1, 2)], false),
    ([(9, 0, 2), (4, 1, 2)], false),
];

/// Quarters of an hour east, which summer, and the names that go with it.
const PLACES: [(i32, Option<usize>, &str); 30] = [
    (0, None, "Z z UTC utc GMT Etc/UTC"),
    (
        32,
        None,
        "Asia/Shanghai Asia/Taipei Asia/Hong_Kong Asia/Macau Asia/Singapore Asia/Chongqing Asia/Harbin PRC \
         北京时间 北京時間 中国标准时间 Asia/Kuala_Lumpur Asia/Manila Australia/Perth ROC Hongkong Singapore",
    ),
    (24, None, "Asia/Urumqi Asia/Almaty Asia/Dhaka"),
    (36, None, "Asia/Tokyo Asia/Seoul Japan ROK"),
    (
        28,
        None,
        "Asia/Bangkok Asia/Ho_Chi_Minh Asia/Saigon Asia/Jakarta",
    ),
    (26, None, "Asia/Yangon"),
    (23, None, "Asia/Kathmandu"),
    (22, None, "Asia/Kolkata Asia/Calcutta Asia/Colombo"),
    (20, None, "Asia/Karachi Asia/Tashkent"),
    (16, None, "Asia/Dubai"),
    (
        12,
        None,
        "Asia/Riyadh Europe/Moscow Europe/Istanbul Africa/Nairobi",
    ),
    (8, None, "Africa/Johannesburg"),
    (4, None, "Africa/Lagos"),
    (
        -12,
        None,
        "America/Sao_Paulo America/Argentina/Buenos_Aires",
    ),
    (-20, None, "America/Bogota America/Lima"),
    (-24, None, "America/Mexico_City"),
    (-28, None, "America/Phoenix"),
    (-40, None, "Pacific/Honolulu"),
    (40, None, "Australia/Brisbane"),
    (0, Some(EUROPE), "Europe/London Europe/Dublin Europe/Lisbon"),
    (
        4,
        Some(EUROPE),
        "Europe/Paris Europe/Berlin Europe/Madrid Europe/Rome Europe/Amsterdam Europe/Brussels Europe/Vienna \
         Europe/Zurich Europe/Stockholm Europe/Copenhagen Europe/Oslo Europe/Warsaw Europe/Prague Europe/Budapest",
    ),
    (
        8,
        Some(EUROPE),
        "Europe/Athens Europe/Helsinki Europe/Kyiv Europe/Kiev Europe/Bucharest Europe/Sofia",
    ),
    (-16, Some(AMERICA), "America/Halifax"),
    (
        -20,
        Some(AMERICA),
        "America/New_York America/Toronto America/Detroit US/Eastern",
    ),
    (
        -24,
        Some(AMERICA),
        "America/Chicago America/Winnipeg US/Central",
    ),
    (-28, Some(AMERICA), "America/Denver US/Mountain"),
    (
        -32,
        Some(AMERICA),
        "America/Los_Angeles America/Vancouver US/Pacific",
    ),
    (38, Some(AUSTRALIA), "Australia/Adelaide"),
    (
        40,
        Some(AUSTRALIA),
        "Australia/Sydney Australia/Melbourne Australia/Canberra Australia/Hobart",
    ),
    (48, Some(NEW_ZEALAND), "Pacific/Auckland"),
];

/// The place of this name.
pub(crate) fn place(name: &str) -> Option<Place> {
    let named = |names: &str| names.split(' ').any(|one| one == name);
    let found = PLACES.iter().find(|(_, _, names)| named(names))?;
    Some(Place {
        offset: found.0 * 900,
        summer: found.1,
    })
}

impl Place {
    /// Where clocks are always so far ahead.
    pub(crate) const fn fixed(offset: i32) -> Self {
        Self {
            offset,
            summer: None,
        }
    }

    /// Whether clocks never change.
    pub(crate) fn is_fixed(self) -> bool {
        self.summer.is_none()
    }

    /// Seconds east of UTC at a moment.
    pub(crate) fn offset_at(self, millis: i64) -> i32 {
        let Some(([from, until], of_utc)) = self.summer.map(|summer| SUMMERS[summer]) else {
            return self.offset;
        };
        let east = i64::from(self.offset) * 1000;
        let winter = millis.saturating_add(east);
        let (year, ..) = date(winter.div_euclid(DAY));
        if year < 2007 {
            return self.offset;
        }
        let change = |(month, which, hour): (i64, i64, i64)| {
            let first = first_of(year, month);
            let sunday = match which {
                0 => {
                    let last = first_of(year, month + 1) - 1;
                    last - (weekday(last) + 1) % 7
                }
                _ => first + 6 - weekday(first) + 7 * (which - 1),
            };
            sunday * DAY + hour * HOUR + if of_utc { east } else { 0 }
        };
        let (from, until) = (change(from), change(until));
        let summer = if from < until {
            (from..until).contains(&winter)
        } else {
            !(until..from).contains(&winter)
        };
        self.offset + if summer { 3600 } else { 0 }
    }

    /// The moments at which the clocks show this, milliseconds since 1970: one mostly, none where an hour
    /// is left out in spring, two where one comes twice in autumn.
    pub(crate) fn moments(self, local: i64) -> [Option<i64>; 2] {
        let at = |ahead: i32| {
            let offset = self.offset + ahead;
            let millis = local.saturating_sub(i64::from(offset) * 1000);
            (self.offset_at(millis) == offset).then_some(millis)
        };
        [if self.is_fixed() { None } else { at(3600) }, at(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, place};
    use super::{date, day, first_of, moment, month_length, rfc3339, weekday};

    #[test]
    fn days_and_dates_lead_back_to_each_other() {
        assert_eq!(day(1970, 1, 1), Some(0));
        assert_eq!(day(2024, 5, 6), Some(19_849));
        assert_eq!(weekday(19_849), 0, "a Monday");
        assert_eq!(weekday(-4), 6, "1969-12-28 was a Sunday");
        let mut before = date(-800_000);
        for number in -799_999..800_000 {
            let (year, month, of_month) = date(number);
            assert_eq!(day(year, month, of_month), Some(number));
            assert!((year, month, of_month) > before);
            before = (year, month, of_month);
        }
    }

    #[test]
    fn what_is_no_day_is_none() {
        for (year, month, of_month) in [(2023, 2, 29), (2024, 13, 1), (2024, 4, 31), (2024, 1, 0)] {
            assert_eq!(day(year, month, of_month), None);
        }
        assert_eq!(month_length(2024, 2), 29);
        assert_eq!(month_length(1900, 2), 28);
        assert_eq!(first_of(2024, 13), first_of(2025, 1));
        assert_eq!(first_of(2024, 0), first_of(2023, 12));
        assert_eq!(moment((2024, 1, 1), (24, 0, 0)), None);
        assert_eq!(moment((1970, 1, 2), (1, 2, 3)), Some(90_123_000));
    }

    #[test]
    fn moments_are_written_at_their_offset() {
        assert_eq!(
            rfc3339(1_714_960_800_000, 28_800),
            "2024-05-06T10:00:00+08:00"
        );
        assert_eq!(
            rfc3339(1_714_960_800_500, -12_600),
            "2024-05-05T22:30:00.5-03:30"
        );
        assert_eq!(rfc3339(-1, 0), "1969-12-31T23:59:59.999+00:00");
    }

    fn clock(date: (i64, i64, i64), hour: i64, minute: i64) -> i64 {
        moment(date, (hour, minute, 0)).expect("a moment")
    }

    #[test]
    fn summers_begin_and_end() {
        let hour = 3_600_000;
        // Name, the last winter minute and the first summer one, then the last summer minute as the clocks
        // show it; all of 2024.
        for (name, east, spring, autumn) in [
            ("America/New_York", -5, ((3, 10), 2), ((11, 3), 2)),
            ("America/Los_Angeles", -8, ((3, 10), 2), ((11, 3), 2)),
            ("Europe/London", 0, ((3, 31), 1), ((10, 27), 2)),
            ("Europe/Berlin", 1, ((3, 31), 2), ((10, 27), 3)),
            ("Australia/Sydney", 10, ((10, 6), 2), ((4, 7), 3)),
            ("Pacific/Auckland", 12, ((9, 29), 2), ((4, 7), 3)),
        ] {
            let place = place(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(place.offset, east * 3600, "{name}");
            let ((month, day), gap) = spring;
            let gap = clock((2024, month, day), gap, 0);
            let east = i64::from(east);
            assert_eq!(
                place.moments(gap - 1),
                [None, Some(gap - 1 - east * hour)],
                "{name}"
            );
            assert_eq!(place.moments(gap), [None, None], "{name}");
            assert_eq!(place.moments(gap + hour - 1), [None, None], "{name}");
            assert_eq!(
                place.moments(gap + hour),
                [Some(gap - east * hour), None],
                "{name}"
            );
            let ((month, day), end) = autumn;
            let end = clock((2024, month, day), end, 0);
            let first = end - (east + 1) * hour;
            assert_eq!(
                place.moments(end - hour - 1),
                [Some(first - hour - 1), None],
                "{name}"
            );
            assert_eq!(
                place.moments(end - hour),
                [Some(first - hour), Some(first)],
                "{name}"
            );
            assert_eq!(
                place.moments(end - 1),
                [Some(first - 1), Some(first - 1 + hour)],
                "{name}"
            );
            assert_eq!(place.moments(end), [None, Some(first + hour)], "{name}");
        }
    }

    #[test]
    fn china_has_no_summer() {
        let shanghai = place("Asia/Shanghai").expect("known");
        assert_eq!(shanghai, Place::fixed(8 * 3600));
        for year in [1988, 2024] {
            let noon = clock((year, 7, 1), 12, 0);
            assert_eq!(shanghai.moments(noon), [None, Some(noon - 8 * 3_600_000)]);
        }
        assert_eq!(place("Asia/Calcutta").map(|it| it.offset), Some(19_800));
        assert_eq!(place("Nowhere"), None);
        assert_eq!(place(""), None);
    }
}
