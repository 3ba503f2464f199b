//! What the times of a file leave open, and what settles it: the other times of the file, or the caller.
//!
//! The thing to get right: whether `1/2` is in January or February is asked of all dates together, and
//! what a single one says for itself (`31/12`) decides for all. Where nothing does, one order is taken,
//! the same for the whole file, and the file is reported: waits within a day are right either way.

use super::time::{Day, Numbers, ORDERS, Order, Stamp};
use super::{Options, time};
use crate::civil;

/// Which of three numbers is the day, judged by all dates of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct DayOrder {
    /// For each order: dates it makes impossible, steps back in time, days from date to date.
    tallies: [(u32, u32, i64); 3],
    last: Option<Numbers>,
}

/// An order, and how it came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) order: Order,
    /// Whether the dates leave no other.
    pub(crate) certain: bool,
}

impl DayOrder {
    /// Takes in another date.
    pub(crate) fn add(&mut self, numbers: Numbers) {
        for (order, tally) in ORDERS.into_iter().zip(&mut self.tallies) {
            let Some(day) = numbers.day(order) else {
                tally.0 = tally.0.saturating_add(1);
                continue;
            };
            if let Some(before) = self.last.and_then(|last| last.day(order)) {
                tally.1 = tally.1.saturating_add(u32::from(day < before));
                tally.2 = tally.2.saturating_add((day - before).abs());
            }
        }
        self.last = Some(numbers);
    }

    /// Whether there is a choice, and the dates leave it open which is right.
    fn is_open(&self) -> bool {
        let impossible = self.tallies.map(|tally| tally.0);
        let least = impossible.iter().min();
        let possible = impossible.iter().filter(|count| Some(*count) == least);
        self.last.is_some() && possible.count() > 1
    }

    /// The order; `None` when there was no date that leaves a choice. `stated`: the caller says whether
    /// the day comes first.
    /// `month_likely`: where the dates themselves do not tell, the month comes first.
    pub(crate) fn decide(&self, stated: Option<bool>, month_likely: bool) -> Option<Decided> {
        self.last?;
        if let Some(day_first) = stated {
            return Some(Decided {
                order: ORDERS[usize::from(!day_first)],
                certain: true,
            });
        }
        let mut found: Vec<(usize, &(u32, u32, i64))> = self.tallies.iter().enumerate().collect();
        // Of equals the first, which most of the world writes.
        let unlikely = |index: usize| month_likely && ORDERS[index] != Order::Month;
        crate::sorted::by_key(&mut found, |&(index, &(bad, back, days))| {
            (bad, back, unlikely(index), days)
        });
        let ((best, first), (_, second)) = (found[0], found[1]);
        // Chats go forward, and so does the right order.
        let certain = first.0 < second.0 || first.1 == 0 && second.1 > 1;
        Some(Decided {
            order: ORDERS[best],
            certain,
        })
    }
}

/// What settles the times of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    /// The day that the caller states.
    pub(crate) date: Option<i64>,
    day_first: Option<bool>,
    order: DayOrder,
    /// The order in which dates were read already; what comes later cannot change it.
    settled: Option<Decided>,
    /// Whether the file is written as people write who put the month first.
    pub(crate) month_likely: bool,
}

/// What a conversation knows of the times before one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Before {
    /// The moment.
    pub(crate) moment: Option<i64>,
    /// Day and clock of the last that stated a day, or followed one that did.
    shown: Option<(i64, i64)>,
    /// The latest day that was stated with its year.
    stated: Option<i64>,
}

impl Before {
    /// Takes in a time whose day is known.
    pub(crate) fn show(&mut self, local: i64) {
        let day = local.div_euclid(civil::DAY);
        self.shown = Some((day, local.rem_euclid(civil::DAY)));
        self.stated = Some(day);
    }
}

impl Clock {
    /// With what the caller knows.
    pub(crate) fn of(options: &Options) -> Self {
        Self {
            date: options.date.as_deref().and_then(time::day),
            day_first: options.day_first,
            order: DayOrder::default(),
            settled: None,
            month_likely: false,
        }
    }

    /// Takes in a time that leaves something open.
    pub(crate) fn see(&mut self, stamp: &Stamp) {
        if let Day::Numbers(numbers) = stamp.day {
            self.order.add(numbers);
        }
    }

    /// The order of day and month, by all that was seen, or by what was seen when it was first needed.
    pub(crate) fn order(&self) -> Option<Decided> {
        self.settled
            .or_else(|| self.order.decide(self.day_first, self.month_likely))
    }

    /// Whether dates were seen that can be read in two orders, and another date may still tell which.
    pub(crate) fn waits(&self) -> bool {
        self.settled.is_none() && self.day_first.is_none() && self.order.is_open()
    }

    /// Times are read from now on: what was seen decides for the whole file.
    pub(crate) fn settle(&mut self) {
        self.settled = self.order();
    }

    /// Whether a date that is none in the order of the file is one in another.
    pub(crate) fn contradicts(&self, stamp: &Stamp) -> bool {
        let Day::Numbers(numbers) = stamp.day else {
            return false;
        };
        let order = self.order().map(|found| found.order);
        let mut others = ORDERS.into_iter().filter(|one| Some(*one) != order);
        others.any(|one| numbers.day(one).is_some())
    }

    /// The day of a time; `Ok(None)`: nothing says; `Err`: there is no such day.
    pub(crate) fn day(&self, stamp: &Stamp, before: &mut Before) -> Result<Option<i64>, ()> {
        let day = match stamp.day {
            Day::Of(day) | Day::Serial(day) => Some(day),
            Day::Numbers(numbers) => {
                let order = self.order().map_or(Order::Day, |found| found.order);
                Some(numbers.day(order).ok_or(())?)
            }
            Day::OfYear(month, day) => match (self.date, before.stated) {
                // The last one up to the day of the export.
                (Some(date), _) => last_of_year(month, day, date),
                // The next one, or the same, or one that is a little out of order.
                (None, Some(stated)) => last_of_year(month, day, stated + 330),
                (None, None) => return Ok(None),
            },
            Day::Ago(days) => return Ok(self.date.map(|date| date - days)),
            Day::Weekday(weekday) => {
                let back = |date: i64| (civil::weekday(date) - weekday + 6).rem_euclid(7) + 1;
                return Ok(self.date.map(|date| date - back(date)));
            }
            Day::None => {
                let follows = before
                    .shown
                    .filter(|_| self.date.is_none() || before.stated.is_none());
                match follows {
                    // Past midnight the clock starts over.
                    Some((day, clock)) if stamp.clock + civil::DAY / 2 < clock => Some(day + 1),
                    Some((day, _)) => Some(day),
                    None => self.date,
                }
            }
        };
        if let Some(day) = day {
            before.shown = Some((day, stamp.clock));
            if stamp.day != Day::None {
                before.stated = Some(day);
            }
        }
        Ok(day)
    }
}

/// The last such day of the year up to a day.
fn last_of_year(month: i64, day: i64, until: i64) -> Option<i64> {
    let (year, ..) = civil::date(until);
    // Eight years hold a 29th of February.
    (0..=8)
        .filter_map(|back| civil::day(year - back, month, day))
        .find(|found| *found <= until)
}

#[cfg(test)]
mod tests {
    use super::{Before, Clock, DayOrder, Decided};
    use crate::civil;
    use crate::import::Options;
    use crate::import::time::{Day, Order, stamp};

    fn order(dates: &[&str]) -> DayOrder {
        let mut order = DayOrder::default();
        for date in dates {
            if let Ok(stamp) = stamp(None, &format!("{date} 10:05"))
                && let Day::Numbers(numbers) = stamp.day
            {
                order.add(numbers);
            }
        }
        order
    }

    fn decided(dates: &[&str]) -> Option<Decided> {
        order(dates).decide(None, false)
    }

    #[test]
    fn one_date_that_has_no_choice_decides_for_all() {
        for (dates, order) in [
            (&["01/02/24", "20/01/19", "03/04/24"][..], Order::Day),
            (&["01/02/24", "01/20/19,"], Order::Month),
            (&["1/2/2024", "31/1/2024"], Order::Day),
            (&["1-2-2024", "1-31-2024"], Order::Month),
            (&["13.06.2023"], Order::Day),
            (&["1.2.2024"], Order::Day),
            (&["24-9-2"], Order::Year),
            (&["11/10/12", "24/9/2"], Order::Year),
        ] {
            let found = decided(dates).unwrap_or_else(|| panic!("{dates:?}"));
            assert_eq!((found.order, found.certain), (order, true), "{dates:?}");
        }
    }

    #[test]
    fn chats_go_forward() {
        let found = decided(&["1/2/24", "1/3/24", "2/1/24", "2/2/24", "3/1/24"]);
        assert_eq!(
            found,
            Some(Decided {
                order: Order::Month,
                certain: true
            })
        );
        // Days that follow each other are likelier than months that do, but that is all.
        let found = decided(&["1/2/24", "1/3/24", "1/4/24"]);
        assert_eq!(
            found,
            Some(Decided {
                order: Order::Month,
                certain: false
            })
        );
        let found = decided(&["1/2/26"]);
        assert_eq!(
            found,
            Some(Decided {
                order: Order::Day,
                certain: false
            })
        );
        assert_eq!(decided(&["2024-01-02", "2024/1/2", "", "x"]), None);
    }

    #[test]
    fn a_likely_month_decides_what_the_dates_leave_open() {
        let of = |dates: &[&str]| {
            let found = order(dates).decide(None, true).expect("an order");
            (found.order, found.certain)
        };
        assert_eq!(of(&["1/2/24"]), (Order::Month, false));
        assert_eq!(of(&["1/2/24", "2/2/24"]), (Order::Month, false));
        assert_eq!(of(&["1/2/24", "13/2/24"]), (Order::Day, true));
        assert_eq!(of(&["1.2.24"]), (Order::Day, true));
    }

    #[test]
    fn what_the_caller_says_holds() {
        let found = order(&["1/31/24"])
            .decide(Some(true), true)
            .expect("an order");
        assert_eq!((found.order, found.certain), (Order::Day, true));
    }

    #[test]
    fn days_that_others_settle() {
        // A Tuesday.
        let options = Options {
            date: Some("2024-09-03".to_owned()),
            ..Options::default()
        };
        let clock = Clock::of(&options);
        for (text, date) in [
            ("今天 10:05", (2024, 9, 3)),
            ("昨天10:05", (2024, 9, 2)),
            ("前天 下午3:05", (2024, 9, 1)),
            ("Yesterday, 10:05", (2024, 9, 2)),
            ("星期一 10:05", (2024, 9, 2)),
            ("周三 10:05", (2024, 8, 28)),
            ("星期二 10:05", (2024, 8, 27)),
            ("星期日 10:05", (2024, 9, 1)),
            ("Friday 10:05", (2024, 8, 30)),
            ("9月2日 10:05", (2024, 9, 2)),
            ("12月31日 10:05", (2023, 12, 31)),
            ("02-29 10:05", (2024, 2, 29)),
            ("10:05", (2024, 9, 3)),
        ] {
            let stamp = stamp(None, text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
            let day = clock.day(&stamp, &mut Before::default());
            let (year, month, of_month) = date;
            assert_eq!(day, Ok(civil::day(year, month, of_month)), "{text}");
            let unknown = Clock::default().day(&stamp, &mut Before::default());
            assert_eq!(unknown, Ok(None), "{text}");
        }
    }

    #[test]
    fn times_of_day_follow_the_day_that_was_shown() {
        let clock = Clock::default();
        let mut before = Before::default();
        let mut days = Vec::new();
        for text in [
            "2024-12-30 23:50",
            "23:58",
            "23:57",
            "00:03",
            "12:00",
            "1月2日 9:00",
            "9:05",
        ] {
            let stamp = stamp(None, text).expect(text);
            let day = clock.day(&stamp, &mut before).expect(text).expect(text);
            days.push(civil::date(day));
        }
        assert_eq!(
            days,
            [
                (2024, 12, 30),
                (2024, 12, 30),
                (2024, 12, 30),
                (2024, 12, 31),
                (2024, 12, 31),
                (2025, 1, 2),
                (2025, 1, 2)
            ]
        );
    }
}
