//! What a number in a cell says: digits, or by its format a date, a time, both.
//!
//! The thing to get right: digits are kept as they are stored. A long id that went through a floating
//! point number has lost its last digits; that is told, and the id is never written as 1.2E+17.

use crate::civil;
use crate::diagnostic::Diagnostic;

/// How a cell shows its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// As digits.
    #[default]
    Digits,
    /// As digits, filled up with zeros.
    Zeros(usize),
    /// As a date, a time of day, or both.
    Moment {
        date: bool,
        time: bool,
        seconds: bool,
        millis: bool,
        /// Hours go beyond 24.
        elapsed: bool,
    },
}

/// A date or time as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) text: String,
    /// It shows no seconds, and has none.
    pub(super) to_the_minute: bool,
    /// It has some.
    pub(super) has_seconds: bool,
}

impl Format {
    /// A format that needs no definition.
    pub(super) fn built_in(id: u32) -> Self {
        let moment = |date, time, seconds, elapsed| Self::Moment {
            date,
            time,
            seconds,
            millis: id == 47,
            elapsed,
        };
        match id {
            14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => moment(true, false, false, false),
            18 | 20 | 32 | 34 | 55 => moment(false, true, false, false),
            19 | 21 | 33 | 35 | 45 | 47 | 56 => moment(false, true, true, false),
            46 => moment(false, true, true, true),
            22 => moment(true, true, false, false),
            _ => Self::Digits,
        }
    }

    /// A format by its code.
    pub(super) fn of(code: &str) -> Self {
        if code.to_ascii_lowercase().contains("general") {
            return Self::Digits;
        }
        if code.len() > 1 && code.len() <= 30 && code.bytes().all(|byte| byte == b'0') {
            return Self::Zeros(code.len());
        }
        let (mut date, mut hours, mut seconds, mut month) = (false, false, false, false);
        let (mut millis, mut elapsed) = (false, false);
        let mut rest = code.chars().peekable();
        while let Some(letter) = rest.next() {
            match letter.to_ascii_lowercase() {
                '"' => while rest.next().is_some_and(|letter| letter != '"') {},
                '\\' | '_' | '*' => {
                    rest.next();
                }
                '[' => {
                    let mut inside = String::new();
                    for letter in rest.by_ref().take_while(|letter| *letter != ']') {
                        inside.push(letter.to_ascii_lowercase());
                    }
                    let of = |unit: char| !inside.is_empty() && inside.chars().all(|c| c == unit);
                    if of('h') || of('m') || of('s') {
                        (elapsed, hours) = (true, true);
                        seconds |= of('s');
                    }
                }
                // AM/PM, A/P
                'a' => while rest.next_if(|c| "mMpP/".contains(*c)).is_some() {},
                'e' if rest.peek().is_some_and(|next| "+-".contains(*next)) => return Self::Digits,
                'y' | 'd' | 'e' => date = true,
                'h' => hours = true,
                's' => seconds = true,
                'm' => month = true,
                '.' if seconds => millis |= rest.peek() == Some(&'0'),
                ';' => break,
                _ => {}
            }
        }
        let time = hours || seconds;
        date |= month && !time;
        if !date && !time {
            return Self::Digits;
        }
        Self::Moment {
            date,
            time,
            seconds,
            millis,
            elapsed,
        }
    }

    /// The moment that a number is in this format; nothing for plain numbers and days that are none.
    pub(super) fn moment(self, serial: f64, from_1904: bool) -> Option<Moment> {
        let Self::Moment {
            date,
            time,
            seconds,
            millis,
            elapsed,
        } = self
        else {
            return None;
        };
        if !(0.0..2_958_466.0).contains(&serial) {
            return None;
        }
        // What is shown is rounded, and so is this: a serial number is never exactly a second.
        let total = if millis {
            (serial * 86_400_000.0).round() as i64
        } else {
            (serial * 86_400.0).round() as i64 * 1000
        };
        let (day, of_day) = (total / civil::DAY, total % civil::DAY);
        let clock = |millis_of: i64, with_seconds: bool| {
            let mut text = format!(
                "{:02}:{:02}",
                millis_of / civil::HOUR,
                millis_of / civil::MINUTE % 60
            );
            if with_seconds {
                text.push_str(&format!(":{:02}", millis_of / 1000 % 60));
            }
            if millis_of % 1000 > 0 {
                text.push_str(&format!(".{:03}", millis_of % 1000));
            }
            text
        };
        let past_minute = of_day % civil::MINUTE > 0;
        let shown = seconds || past_minute;
        let moment = |text, timed: bool, shown: bool| Moment {
            text,
            to_the_minute: timed && !shown,
            has_seconds: timed && past_minute,
        };
        if elapsed || (day == 0 && !from_1904) || (!date && day == 0) {
            return Some(moment(clock(total, shown), true, shown));
        }
        let date_text = match (day, from_1904) {
            // The day that Lotus 1-2-3 believed in.
            (60, false) => "1900-02-29".to_owned(),
            _ => {
                let since_1970 = match (from_1904, day < 60) {
                    (true, _) => day - 24_107,
                    (false, true) => day - 25_568,
                    (false, false) => day - 25_569,
                };
                let (year, month, of_month) = civil::date(since_1970);
                format!("{year:04}-{month:02}-{of_month:02}")
            }
        };
        if !time && of_day == 0 {
            return Some(moment(date_text, false, false));
        }
        let shown = shown || !time;
        Some(moment(
            format!("{date_text} {}", clock(of_day, shown)),
            true,
            shown,
        ))
    }
}

/// A number as it is stored, without an exponent, and whether its last digits are gone.
pub(super) fn digits(stored: &str, format: Format) -> (String, bool) {
    let stored = stored.trim();
    let plain = stored.strip_prefix('-').unwrap_or(stored);
    let whole = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
    let value = stored.parse::<f64>().unwrap_or(f64::NAN);
    if !value.is_finite() {
        return (stored.to_owned(), false);
    }
    let written = value.to_string();
    let mut text = match whole {
        true => stored.to_owned(),
        // An exponent is nothing that anybody wrote.
        false if stored.contains(['e', 'E']) => written.clone(),
        false => stored.to_owned(),
    };
    let integral = value.fract() == 0.0;
    // Excel keeps fifteen digits; beyond 2^53 a floating point number has no room for them. Digits that such a
    // number would not give again were written by something that had them all.
    let lost = integral
        && (!whole || text == written)
        && (value.abs() >= 9_007_199_254_740_992.0 || value.abs() >= 1e15 && text.ends_with('0'));
    if let Format::Zeros(width) = format
        && integral
        && text.bytes().all(|byte| byte.is_ascii_digit())
    {
        text = format!("{text:0>width$}");
    }
    (text, lost)
}

/// A long number whose last digits are gone.
pub(super) fn inexact(row: u32) -> Diagnostic {
    Diagnostic::warning(
        "number-inexact",
        "长数字存成了数值，第 15 位以后的数字在导出时已丢失；若是订单号等编号，请把该列设为文本后重新导出。",
        "A long number was stored as a number; what is beyond its 15th digit was lost in the export. If it is an id, make the column text and export again.",
    )
    .line(row)
}

#[cfg(test)]
mod tests {
    use super::{Format, digits};

    fn shown(code: &str, serial: f64, from_1904: bool) -> String {
        let found = Format::of(code).moment(serial, from_1904);
        found.map_or_else(|| "–".to_owned(), |moment| moment.text)
    }

    #[test]
    fn formats_say_what_a_number_is() {
        for (code, serial, text) in [
            (
                "yyyy-mm-dd hh:mm:ss",
                45_418.416_724_537_04,
                "2024-05-06 10:00:05",
            ),
            (
                "yyyy/m/d h:mm",
                45_418.416_724_537_04,
                "2024-05-06 10:00:05",
            ),
            ("yyyy/m/d h:mm", 45_418.416_666_666_664, "2024-05-06 10:00"),
            ("yyyy-mm-dd hh:mm:ss", 45_418.0, "2024-05-06 00:00:00"),
            ("yyyy\"年\"m\"月\"d\"日\"", 45_418.0, "2024-05-06"),
            ("[$-804]yyyy年m月d日;@", 45_418.5, "2024-05-06 12:00:00"),
            ("h:mm:ss", 0.416_724_537_04, "10:00:05"),
            ("h:mm AM/PM", 0.75, "18:00"),
            ("h:mm:ss", 45_418.416_724_537_04, "2024-05-06 10:00:05"),
            ("[h]:mm:ss", 1.5, "36:00:00"),
            ("mm:ss.0", 0.001_157_412_037, "00:01:40.000"),
            ("yyyy-mm-dd", 1.0, "1900-01-01"),
            ("yyyy-mm-dd", 59.0, "1900-02-28"),
            ("yyyy-mm-dd", 60.0, "1900-02-29"),
            ("yyyy-mm-dd", 61.0, "1900-03-01"),
            ("yyyy-mm-dd", 2_958_465.0, "9999-12-31"),
            ("yyyy-mm-dd", 2_958_466.0, "–"),
            ("yyyy-mm-dd", -1.0, "–"),
            ("yyyy-mm-dd hh:mm:ss", 0.25, "06:00:00"),
            (
                "yyyy-mm-dd hh:mm:ss",
                45_418.999_999_99,
                "2024-05-07 00:00:00",
            ),
            ("0.00E+00", 45_418.0, "–"),
            ("#,##0.00\"days\"", 45_418.0, "–"),
            ("General", 45_418.0, "–"),
            ("[Red]0", 45_418.0, "–"),
        ] {
            let found = shown(code, serial, false);
            let found = found.strip_suffix(".000").unwrap_or(&found);
            let text = text.strip_suffix(".000").unwrap_or(text);
            assert_eq!(found, text, "{code} {serial}");
        }
        assert_eq!(shown("yyyy-mm-dd", 0.0, true), "1904-01-01");
        assert_eq!(shown("yyyy-mm-dd", 43_956.0, true), "2024-05-06");
    }

    #[test]
    fn digits_stay_and_what_was_lost_is_known() {
        for (stored, text, lost) in [
            ("123456789012345678", "123456789012345678", false),
            ("123456789012345680", "123456789012345680", true),
            ("1.23456789012345E+17", "123456789012345000", true),
            ("1.2E3", "1200", false),
            ("9007199254740991", "9007199254740991", false),
            ("1234567890123450", "1234567890123450", true),
            ("45.300000000000004", "45.300000000000004", false),
            ("-7", "-7", false),
            ("1E-3", "0.001", false),
        ] {
            let found = digits(stored, Format::Digits);
            assert_eq!(found, (text.to_owned(), lost), "{stored}");
        }
        assert_eq!(digits("42", Format::of("00000")).0, "00042");
    }
}
