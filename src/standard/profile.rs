//! `profile.toml`: what a shop says of itself.

use crate::diagnostic::Diagnostic;
use crate::rule::fields::{Fields, Source, parse_duration};
use crate::rule::profile::Profile;

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
        phones: words("phones"),
        bot_counts: fields.boolean("bot-counts").unwrap_or(false),
        session_gap: fields.duration("session-gap"),
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
