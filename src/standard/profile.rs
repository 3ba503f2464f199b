//! `profile.toml`: what a shop says of itself.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::metric::Calendar;
use crate::rule::fields::{Fields, Source, parse_duration};
use crate::rule::profile::Profile;
use crate::transcript::Zone;

/// Reads a profile, reporting every mistake at its place.
///
/// ```
/// let profile = zhijian::standard::read_profile("stores = [\"小禾美妆\"]\n[limits]\nfirst-reply = \"45s\"\n", "profile.toml");
/// assert_eq!(profile.unwrap().limits["first-reply"], Some(45_000));
/// ```
pub fn read_profile(text: &str, file: &str) -> Result<Profile, Vec<Diagnostic>> {
    let source = Source::new(file, text);
    let table = source.parse();
    let fields = Fields::new(&table, 0, &source, "");
    let words = |key| {
        fields
            .strings(key)
            .into_iter()
            .map(|word| word.value)
            .collect()
    };
    let mut profile = Profile {
        stores: words("stores"),
        products: words("products"),
        bot_counts: fields.boolean("bot-counts").unwrap_or(false),
        session_gap: fields.duration("session-gap"),
        calendar: Arc::new(read_calendar(&fields)),
        ..Profile::default()
    };
    if let Some(limits) = fields.table("limits") {
        for (name, value) in limits.named_strings() {
            let Some(value) = value.into_iter().next() else {
                continue;
            };
            match parse_duration(&value.value) {
                Some(millis) => {
                    profile.limits.insert(name.value, Some(millis));
                }
                None if value.value == "off" => {
                    profile.limits.insert(name.value, None);
                }
                None => limits.fault(
                    value.at,
                    "duration-invalid",
                    &name.value,
                    format!("“{}”不是时长；写成 60s、5m、24h，或 off", value.value),
                    format!(
                        "`{}` is not a length of time; write 60s, 5m, 24h, or off",
                        value.value
                    ),
                ),
            }
        }
    }
    fields.finish();
    let faults = source.into_faults();
    if faults.is_empty() {
        Ok(profile)
    } else {
        Err(faults)
    }
}

fn read_zone(fields: &Fields<'_, '_>) -> Option<Zone> {
    let name = fields.string("timezone")?;
    let zone = Zone::named(&name.value);
    if zone.is_none() {
        fields.fault(
            name.at,
            "timezone-unknown",
            "timezone",
            format!("不认识时区“{}”；请写固定偏移，例如 +08:00", name.value),
            format!(
                "the time zone `{}` is not known; state a fixed offset such as +08:00",
                name.value
            ),
        );
    }
    zone
}

/// When the shop is open: `timezone`, `hours`, `lunch`, `holidays`, `workdays`.
fn read_calendar(fields: &Fields<'_, '_>) -> Calendar {
    let mut calendar = Calendar::default();
    calendar.offset = read_zone(fields).map(|zone| zone.offset);
    let mut read = |key, shape: &str, take: &mut dyn FnMut(&mut Calendar, &str) -> bool| {
        for text in fields.strings(key) {
            if !take(&mut calendar, &text.value) {
                fields.fault(
                    text.at,
                    "hours-invalid",
                    key,
                    format!("看不懂“{}”；写成 {shape}", text.value),
                    format!("`{}` cannot be read; write it like {shape}", text.value),
                );
            }
        }
    };
    read("hours", "mon-fri 09:00-18:00", &mut Calendar::add_hours);
    read("lunch", "12:00-13:00", &mut Calendar::add_lunch);
    let days = "2026-10-01, 2026-10-01..2026-10-07";
    read("holidays", days, &mut |calendar, text| {
        calendar.add_days(text, false)
    });
    read("workdays", days, &mut |calendar, text| {
        calendar.add_days(text, true)
    });
    calendar
}

#[cfg(test)]
mod tests {
    use super::read_profile;

    #[test]
    fn a_shop_says_when_it_is_open() {
        let text = "timezone = \"Asia/Taipei\"\nhours = [\"mon-fri 09:00-18:00\", \"sat 22:00-02:00\"]\n\
                    lunch = \"12:00-13:00\"\nholidays = [\"2026-10-01..2026-10-07\"]\nworkdays = \"2026-10-10\"\n";
        let profile = read_profile(text, "profile.toml").expect("no mistakes");
        assert_eq!(profile.calendar.offset, Some(8 * 3600));
        // Wednesday 2026-09-30 from 17:00, with nothing open until Thursday 2026-10-08 at 9:00.
        let at = |month, day, hour: i64| {
            crate::civil::moment((2026, month, day), (hour - 8, 0, 0)).expect("a moment")
        };
        let open = |from, to| profile.calendar.open_between(from, to, 0);
        assert_eq!(open(at(9, 30, 17), at(10, 8, 10)), 2 * 3_600_000);
    }

    #[test]
    fn every_mistake_of_the_hours_is_at_its_place() {
        let text = "timezone = \"America/New_York\"\nhours = [\"09:00-18:00\", \"nine to five\"]\n\
                    lunch = \"noon\"\nholidays = \"2026-02-30\"\n";
        let faults = read_profile(text, "profile.toml").expect_err("mistakes");
        let places: Vec<_> = faults
            .iter()
            .map(|fault| (fault.line, fault.column, fault.code.as_str()))
            .collect();
        assert_eq!(
            places,
            [
                (Some(1), Some(12), "timezone-unknown"),
                (Some(2), Some(25), "hours-invalid"),
                (Some(3), Some(9), "hours-invalid"),
                (Some(4), Some(12), "hours-invalid"),
            ]
        );
    }
}
