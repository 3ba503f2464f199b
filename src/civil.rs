//! Days of the calendar as numbers: what importing and reading promises both count with.
//!
//! A *day* is counted from 1970-01-01, which is 0. There are no zones here: whoever has an offset adds
//! it before and takes it off again.

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

#[cfg(test)]
mod tests {
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
}
