//! When a shop is open: hours of the week, lunches, holidays, and the time that counts between two
//! moments.
//!
//! The thing to get right: hours that run over midnight belong to the day on which they begin. A
//! holiday closes the night that begins on it, not the small hours left of the day before.

use crate::civil::{self, DAY};
use crate::sorted;

/// How many days are looked at, at most: whoever waited longer has waited too long by any limit.
const HORIZON: i64 = 4_000;

/// A stretch of milliseconds, half-open; one that ends beyond 24 hours runs into the next day.
pub type Stretch = (i64, i64);

/// When a shop is open.
///
/// ```
/// use zhijian::metric::Calendar;
///
/// let mut shop = Calendar::default();
/// assert!(shop.add_hours("mon-fri 09:00-18:00") && shop.add_lunch("12:00-13:00"));
/// const HOUR: i64 = 3_600_000;
/// // 1970-01-01 was a Thursday. From 17:00 of the day after to Monday, 13:00: an hour, and three before lunch.
/// let (from, to) = ((24 + 17) * HOUR, (4 * 24 + 13) * HOUR);
/// assert_eq!(shop.open_between(from, to, 0), 4 * HOUR);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Hours by the day on which they begin, Monday first.
    week: [Vec<Stretch>; 7],
    lunch: Vec<Stretch>,
    /// Spans of days since 1970-01-01, both ends included.
    holidays: Vec<Stretch>,
    workdays: Vec<Stretch>,
    /// The zone of the hours, in seconds east; absent: the conversation's.
    pub offset: Option<i32>,
}

impl Calendar {
    /// Adds opening hours: `mon-fri 09:00-12:00 13:00-18:00`, `周六 10:00-16:00`, `22:00-02:00`.
    /// Whether they could be read.
    pub fn add_hours(&mut self, text: &str) -> bool {
        let mut days = 0u8;
        let mut hours = Vec::new();
        for part in text.split([' ', ',', '，', '、', '\u{3000}']) {
            if part.is_empty() {
                continue;
            }
            if part.starts_with(|c: char| c.is_ascii_digit()) {
                let Some(stretch) = stretch(part) else {
                    return false;
                };
                hours.push(stretch);
            } else if let (Some(named), true) = (days_named(part), hours.is_empty()) {
                days |= named;
            } else {
                return false;
            }
        }
        if days == 0 {
            days = EVERY;
        }
        for (weekday, of_day) in self.week.iter_mut().enumerate() {
            if days & (1 << weekday) != 0 {
                of_day.extend_from_slice(&hours);
            }
        }
        !hours.is_empty()
    }

    /// Adds a break of every day, `12:00-13:00`. Whether it could be read.
    pub fn add_lunch(&mut self, text: &str) -> bool {
        let stretch = stretch(text.trim());
        self.lunch.extend(stretch);
        stretch.is_some()
    }

    /// Adds a day or a span of days, `2026-10-01..2026-10-07`, on which the shop is closed, or open
    /// whatever the weekday. Whether it could be read.
    pub fn add_days(&mut self, text: &str, open: bool) -> bool {
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let (Some(from), Some(to)) = (date(from), date(to)) else {
            return false;
        };
        if from <= to {
            let days = if open {
                &mut self.workdays
            } else {
                &mut self.holidays
            };
            days.push((from, to));
        }
        from <= to
    }

    /// Forgets the hours of the week, but not the holidays.
    pub fn clear_hours(&mut self) {
        self.week = Default::default();
    }

    /// Whether any hours are stated.
    pub fn has_hours(&self) -> bool {
        self.week.iter().any(|hours| !hours.is_empty())
    }

    /// Whether it is stated on which days the shop is closed or open out of turn.
    pub fn has_holidays(&self) -> bool {
        !self.holidays.is_empty() || !self.workdays.is_empty()
    }

    /// Open milliseconds between two moments; `zone` is the conversation's offset.
    pub fn open_between(&self, from: i64, to: i64, zone: i32) -> i64 {
        let shift = self.shift(zone);
        let (from, to) = (from.saturating_add(shift), to.saturating_add(shift));
        let first = from.div_euclid(DAY);
        let mut open: i64 = 0;
        for day in first..=to.div_euclid(DAY).min(first.saturating_add(HORIZON)) {
            for (start, end) in self.open_on(day) {
                let start = start.saturating_add(day.saturating_mul(DAY)).max(from);
                let end = end.saturating_add(day.saturating_mul(DAY)).min(to);
                open = open.saturating_add(end.saturating_sub(start).max(0));
            }
        }
        open
    }

    /// The moment itself when the shop is open, else when it opens next; `None`: not in years.
    pub fn next_opening(&self, at: i64, zone: i32) -> Option<i64> {
        let shift = self.shift(zone);
        let local = at.checked_add(shift)?;
        let first = local.div_euclid(DAY);
        (first..=first.checked_add(HORIZON)?).find_map(|day| {
            let midnight = day.checked_mul(DAY)?;
            self.open_on(day)
                .into_iter()
                .find(|(_, end)| midnight.saturating_add(*end) > local)
                .map(|(start, _)| {
                    midnight
                        .saturating_add(start)
                        .max(local)
                        .saturating_sub(shift)
                })
        })
    }

    /// When the shop closes on the day of a moment (今天下班); `None` on a day without hours.
    pub fn closing(&self, at: i64, zone: i32) -> Option<i64> {
        let shift = self.shift(zone);
        let day = at.checked_add(shift)?.div_euclid(DAY);
        let end = self.hours_on(day).iter().map(|(_, end)| *end).max()?;
        day.checked_mul(DAY)?.checked_add(end)?.checked_sub(shift)
    }

    /// Whether the day of a moment is a working day. Where no hours are stated, Monday to Friday are.
    pub fn is_working_day(&self, at: i64, zone: i32) -> bool {
        self.works_on(at.saturating_add(self.shift(zone)).div_euclid(DAY))
    }

    /// The same time of day so many working days later; the day itself does not count.
    pub fn add_business_days(&self, at: i64, days: u32, zone: i32) -> Option<i64> {
        let mut day = at.checked_add(self.shift(zone))?.div_euclid(DAY);
        let (start, last) = (day, day.checked_add(HORIZON)?);
        let mut left = days;
        while left > 0 {
            day += 1;
            if day > last {
                return None;
            }
            left -= u32::from(self.works_on(day));
        }
        at.checked_add((day - start).checked_mul(DAY)?)
    }

    fn shift(&self, zone: i32) -> i64 {
        i64::from(self.offset.unwrap_or(zone)) * 1000
    }

    /// Whether a day, counted from 1970-01-01, is a working day.
    pub fn works_on(&self, day: i64) -> bool {
        if self.has_hours() {
            return !self.hours_on(day).is_empty();
        }
        within(&self.workdays, day) || (weekday(day) < 5 && !within(&self.holidays, day))
    }

    /// The hours that begin on a day.
    fn hours_on(&self, day: i64) -> &[Stretch] {
        let usual = &self.week[weekday(day)];
        if within(&self.workdays, day) {
            // A Sunday worked instead of a Thursday has no hours of its own.
            let any = self.week.iter().find(|hours| !hours.is_empty());
            return match any {
                Some(hours) if usual.is_empty() => hours,
                _ => usual,
            };
        }
        if within(&self.holidays, day) {
            return &[];
        }
        usual
    }

    /// When the shop is open on a day, including what is left of the night before: in order, apart.
    fn open_on(&self, day: i64) -> Vec<Stretch> {
        let mut open: Vec<Stretch> = Vec::new();
        let night = self.hours_on(day.saturating_sub(1)).iter();
        let night = night
            .filter(|(_, end)| *end > DAY)
            .map(|(_, end)| (0, *end - DAY));
        let today = self
            .hours_on(day)
            .iter()
            .map(|(start, end)| (*start, (*end).min(DAY)));
        for (start, end) in night.chain(today) {
            let mut rest = vec![(start, end)];
            for (from, to) in &self.lunch {
                rest = rest
                    .into_iter()
                    .flat_map(|(start, end)| [(start, end.min(*from)), (start.max(*to), end)])
                    .filter(|(start, end)| start < end)
                    .collect();
            }
            open.extend(rest);
        }
        sorted::plain(&mut open);
        let mut apart: Vec<Stretch> = Vec::new();
        for (start, end) in open {
            match apart.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => apart.push((start, end)),
            }
        }
        apart
    }
}

/// `09:00-18:00`, `22:00-02:00`, `00:00-24:00` as milliseconds of a day, the end after the start.
pub fn stretch(text: &str) -> Option<Stretch> {
    let (from, to) = text.split_once(['-', '~', '—', '～'])?;
    let (from, to) = (clock(from)?, clock(to)?);
    if from == to || from == DAY {
        return None;
    }
    Some((from, if to < from { to + DAY } else { to }))
}

fn clock(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once([':', '：'])?;
    let two = |text: &str| {
        let digits = text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let millis = (hours * 60 + minutes) * 60_000;
    (minutes < 60 && millis <= DAY).then_some(millis)
}

/// The day since 1970-01-01 of `2026-10-01`.
fn date(text: &str) -> Option<i64> {
    let mut parts = text.trim().split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let day = civil::day(year, month, day)?;
    parts.next().is_none().then_some(day)
}

/// Monday is 0.
fn weekday(day: i64) -> usize {
    usize::try_from(civil::weekday(day)).unwrap_or_default()
}

fn within(days: &[Stretch], day: i64) -> bool {
    days.iter().any(|(from, to)| (*from..=*to).contains(&day))
}

/// A bit for each weekday.
const EVERY: u8 = 0x7f;

/// The days that a word names, a bit each: `mon-fri`, `周一至周五`, `daily`.
fn days_named(word: &str) -> Option<u8> {
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "daily" | "每天" | "每日" => return Some(EVERY),
        "工作日" => return Some(0x1f),
        "周末" | "週末" => return Some(0x60),
        _ => {}
    }
    let Some((from, to)) = lower.split_once(['-', '至', '到']) else {
        return day_named(&lower).map(|day| 1 << day);
    };
    let (mut day, last) = (day_named(from)?, day_named(to)?);
    let mut days = 1u8 << day;
    while day != last {
        day = (day + 1) % 7;
        days |= 1 << day;
    }
    Some(days)
}

fn day_named(word: &str) -> Option<u8> {
    const ENGLISH: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    const CHINESE: [char; 8] = ['一', '二', '三', '四', '五', '六', '日', '天'];
    let index = match ["周", "週", "星期", "礼拜", "禮拜"]
        .iter()
        .find_map(|prefix| word.strip_prefix(prefix))
    {
        Some(day) => {
            let mut chars = day.chars();
            let day = chars.next()?;
            let index = CHINESE.iter().position(|name| *name == day)?.min(6);
            chars.next().is_none().then_some(index)?
        }
        None => ENGLISH.iter().position(|name| *name == word)?,
    };
    u8::try_from(index).ok()
}

#[cfg(test)]
mod tests {
    use super::{Calendar, stretch};
    use crate::civil::moment;

    const EAST8: i32 = 8 * 3600;
    const HOUR: i64 = 3_600_000;

    fn at(month: i64, day: i64, hour: i64, minute: i64) -> i64 {
        let local = moment((2026, month, day), (hour, minute, 0)).expect("a moment");
        local - i64::from(EAST8) * 1000
    }

    /// Monday to Friday with a lunch, Saturdays, a week of holidays and a Saturday worked instead.
    fn shop() -> Calendar {
        let mut shop = Calendar::default();
        for hours in ["mon-fri 09:00-18:00", "sat 10:00-16:00"] {
            assert!(shop.add_hours(hours), "{hours}");
        }
        assert!(shop.add_lunch("12:00-13:00"));
        assert!(shop.add_days("2026-10-01..2026-10-07", false));
        assert!(shop.add_days("2026-10-11", true));
        shop
    }

    #[test]
    fn only_open_hours_count() {
        let shop = shop();
        let open = |from, to| shop.open_between(from, to, EAST8);
        // Wednesday 2026-09-23: within the morning, over lunch, in the lunch, into the night.
        assert_eq!(open(at(9, 23, 9, 30), at(9, 23, 10, 0)), HOUR / 2);
        assert_eq!(open(at(9, 23, 11, 30), at(9, 23, 13, 30)), HOUR);
        assert_eq!(open(at(9, 23, 12, 10), at(9, 23, 12, 50)), 0);
        assert_eq!(open(at(9, 23, 17, 0), at(9, 24, 9, 10)), HOUR + HOUR / 6);
        // Saturday is short, Sunday closed.
        assert_eq!(open(at(9, 26, 0, 0), at(9, 28, 0, 0)), 5 * HOUR);
        // The holidays, and the Sunday after them that is worked with Monday's hours.
        assert_eq!(open(at(10, 1, 0, 0), at(10, 8, 0, 0)), 0);
        assert_eq!(open(at(10, 11, 0, 0), at(10, 12, 0, 0)), 8 * HOUR);
        assert_eq!(open(at(9, 23, 10, 0), at(9, 23, 9, 0)), 0);
    }

    #[test]
    fn nights_belong_to_the_day_on_which_they_begin() {
        let mut bar = Calendar::default();
        assert!(bar.add_hours("周五 22:00-02:00") && bar.add_hours("sat 01:00-03:00"));
        let open = |from, to| bar.open_between(from, to, EAST8);
        assert_eq!(open(at(9, 25, 0, 0), at(9, 25, 22, 30)), HOUR / 2);
        // What overlaps counts once: Friday's night until 2:00 and Saturday from 1:00 to 3:00.
        assert_eq!(open(at(9, 25, 23, 0), at(9, 26, 12, 0)), 4 * HOUR);
        assert!(bar.add_days("2026-09-26", false));
        assert_eq!(
            bar.open_between(at(9, 26, 0, 0), at(9, 27, 0, 0), EAST8),
            2 * HOUR
        );
    }

    #[test]
    fn opening_closing_and_working_days() {
        let shop = shop();
        let opens = |at| shop.next_opening(at, EAST8);
        assert_eq!(opens(at(9, 23, 10, 0)), Some(at(9, 23, 10, 0)));
        assert_eq!(opens(at(9, 23, 12, 0)), Some(at(9, 23, 13, 0)));
        assert_eq!(opens(at(9, 23, 18, 0)), Some(at(9, 24, 9, 0)));
        assert_eq!(opens(at(9, 30, 18, 0)), Some(at(10, 8, 9, 0)));
        assert_eq!(Calendar::default().next_opening(0, 0), None);
        assert_eq!(shop.closing(at(9, 23, 8, 0), EAST8), Some(at(9, 23, 18, 0)));
        assert_eq!(shop.closing(at(9, 27, 8, 0), EAST8), None);
        // 30 September, then the 8th, 9th, Saturday the 10th and the worked Sunday.
        let after = |days| shop.add_business_days(at(9, 30, 15, 0), days, EAST8);
        assert_eq!(after(0), Some(at(9, 30, 15, 0)));
        assert_eq!(after(1), Some(at(10, 8, 15, 0)));
        assert_eq!(after(4), Some(at(10, 11, 15, 0)));
        // Without hours Monday to Friday work.
        let mut plain = Calendar::default();
        assert!(plain.add_days("2026-10-01..2026-10-07", false));
        assert_eq!(
            plain.add_business_days(at(9, 30, 15, 0), 3, EAST8),
            Some(at(10, 12, 15, 0))
        );
        assert!(!plain.is_working_day(at(9, 26, 12, 0), EAST8));
        assert_eq!(plain.add_business_days(0, u32::MAX, EAST8), None);
    }

    #[test]
    fn the_zone_of_the_hours_wins() {
        let mut shop = Calendar {
            offset: Some(0),
            ..Calendar::default()
        };
        assert!(shop.add_hours("daily 09:00-10:00"));
        // 17:00 in Shanghai is 9:00 in Greenwich.
        let (from, to) = (at(9, 23, 16, 0), at(9, 23, 17, 30));
        assert_eq!(shop.open_between(from, to, EAST8), HOUR / 2);
        assert_eq!(shop.open_between(i64::MIN, i64::MIN + 1, EAST8), 0);
        assert!(shop.open_between(0, i64::MAX, EAST8) > 0);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let mut shop = Calendar::default();
        for hours in [
            "mon-fri",
            "funday 09:00-10:00",
            "09:00",
            "09:00-25:00",
            "9-18",
            "10:00-10:00",
            "09:00-10:00 mon",
            "",
            "24:00-08:00",
            "周八 09:00-10:00",
            "+9:00-10:00",
        ] {
            assert!(!shop.add_hours(hours), "{hours}");
        }
        for days in [
            "2026-02-30",
            "2026-10",
            "2026-10-07..2026-10-01",
            "x",
            "2026-10-01-1",
        ] {
            assert!(!shop.add_days(days, true), "{days}");
        }
        assert!(!shop.has_hours());
        assert_eq!(stretch("00:00-24:00"), Some((0, 24 * HOUR)));
        for hours in [
            "周一至周五 9:00-18:00",
            "星期六、星期日 10:00-16:00",
            "工作日 09:00～18:00",
        ] {
            assert!(shop.add_hours(hours), "{hours}");
        }
    }
}
