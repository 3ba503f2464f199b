//! The day that most times of a conversation share, so that only their clock is read.
//!
//! The thing to get right: it holds for one way of writing and one fixed offset; whoever changes the zone
//! forgets it.

use crate::transcript::{Resolution, Time};

/// When the day of a time that is written in full began.
#[derive(Clone, Copy)]
pub(super) struct Midnight {
    /// `2024-05-06 ` as it is written.
    day: [u8; 11],
    millis: i64,
}

impl Midnight {
    /// The midnight before a moment and how it is written.
    pub(super) fn before(written: &str, time: Time) -> Option<Self> {
        let midnight = Self {
            day: *written.as_bytes().first_chunk()?,
            millis: 0,
        };
        let clock = midnight.clock(written)?.millis;
        let [y, e, a, r, b'-', m, n, b'-', d, f, b' ' | b'T'] = midnight.day else {
            return None;
        };
        let is_day = [y, e, a, r, m, n, d, f].iter().all(u8::is_ascii_digit);
        (is_day && time.resolution == Resolution::Second).then(|| Self {
            millis: time.millis - clock,
            ..midnight
        })
    }

    /// A time of the same day in the same words: `2024-05-06 10:00:05`.
    pub(super) fn clock(self, written: &str) -> Option<Time> {
        let bytes: &[u8; 19] = written.as_bytes().try_into().ok()?;
        let (day, clock) = bytes.split_first_chunk()?;
        let [h, i, b':', m, n, b':', s, t] = clock else {
            return None;
        };
        let number = |tens: &u8, ones: &u8, below: u8| {
            let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
            let is_number = tens < 10 && ones < 10 && tens * 10 + ones < below;
            is_number.then(|| i64::from(tens * 10 + ones))
        };
        let minutes = number(h, i, 24)? * 60 + number(m, n, 60)?;
        (*day == self.day).then_some(Time {
            millis: self.millis + (minutes * 60 + number(s, t, 60)?) * 1000,
            resolution: Resolution::Second,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Midnight;
    use crate::transcript::{Resolution, Time};

    #[test]
    fn a_clock_of_the_same_day_is_read_and_nothing_else() {
        let time = |millis, resolution| Time { millis, resolution };
        let first = time(36_005_000, Resolution::Second);
        let day = Midnight::before("1970-01-01 10:00:05", first).expect("a day");
        for (written, millis) in [
            ("1970-01-01 00:00:00", Some(0)),
            ("1970-01-01 23:59:59", Some(86_399_000)),
            ("1970-01-02 00:00:00", None),
            ("1970-01-01T10:00:05", None),
            ("1970-01-01 24:00:00", None),
            ("1970-01-01 10:60:00", None),
            ("1970-01-01 1:00:00", None),
            ("1970-01-01 10:00:05Z", None),
        ] {
            let expected = millis.map(|millis| time(millis, Resolution::Second));
            assert_eq!(day.clock(written), expected, "{written}");
        }
        let minute = time(36_000_000, Resolution::Minute);
        assert!(Midnight::before("1970-01-01 10:00:05", minute).is_none());
        assert!(Midnight::before("1970年1月1日 10:00:05", first).is_none());
    }
}
