//! What a shop says of itself: names, limits a standard leaves open, switches.
//!
//! Precedence: the standard, then the profile, then the conversation's own `config`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::metric::Calendar;

/// The values in force for one conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Names the shop goes by, for `{store}`.
    pub stores: Vec<String>,
    /// Product words, never broken up and never abuse.
    pub products: Vec<String>,
    /// Limits by name (`first-reply`), in milliseconds; `None` switches a limit off.
    pub limits: BTreeMap<String, Option<i64>>,
    /// Whether a robot's answer or greeting counts as the agent's.
    pub bot_counts: bool,
    /// A longer silence starts a new session, in milliseconds; absent: the standard's.
    pub session_gap: Option<i64>,
    /// When the shop is open. Shared, because every conversation has a profile.
    pub calendar: Arc<Calendar>,
}

impl Profile {
    /// This profile with what a conversation says of itself laid over it.
    ///
    /// Understood are `store`, `session_gap_min`, `bot_counts`, `shift` (hours, every day unless it
    /// names days) and every `…_limit_s`: `first_reply_limit_s` is the limit `first-reply`. Anything
    /// else is ignored.
    #[must_use]
    pub fn with_config(&self, config: &serde_json::Value) -> Self {
        let mut profile = self.clone();
        let Some(config) = config.as_object() else {
            return profile;
        };
        for (key, value) in config {
            match key.as_str() {
                "store" => profile.stores.extend(strings(value).map(str::to_owned)),
                "shift" => {
                    let mut calendar = Calendar::clone(&profile.calendar);
                    calendar.clear_hours();
                    let mut shifts = strings(value).peekable();
                    // What cannot be read leaves the shop's own hours as they are.
                    if shifts.peek().is_some() && shifts.all(|shift| calendar.add_hours(shift)) {
                        profile.calendar = Arc::new(calendar);
                    }
                }
                "bot_counts" => profile.bot_counts = value.as_bool().unwrap_or(profile.bot_counts),
                "session_gap_min" => {
                    if let Some(minutes) = value.as_u64().and_then(|m| i64::try_from(m).ok()) {
                        profile.session_gap = minutes.checked_mul(60_000);
                    }
                }
                _ => {
                    let Some(name) = key.strip_suffix("_limit_s") else {
                        continue;
                    };
                    let name = name.replace('_', "-");
                    if value.is_null() {
                        profile.limits.insert(name, None);
                    } else if let Some(seconds) = value.as_u64().and_then(|s| i64::try_from(s).ok())
                    {
                        profile.limits.insert(name, seconds.checked_mul(1000));
                    }
                }
            }
        }
        profile
    }
}

/// A string, or those in a list.
fn strings(value: &serde_json::Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().into_iter().flatten();
    std::iter::once(value)
        .chain(list)
        .filter_map(serde_json::Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::Profile;

    #[test]
    fn a_conversation_overrides_the_profile() {
        let mut base = Profile {
            stores: vec!["甲".into()],
            ..Profile::default()
        };
        base.limits.insert("first-reply".into(), Some(30_000));
        let config = serde_json::json!({
            "first_reply_limit_s": 60, "email_limit_s": null, "store": "乙", "session_gap_min": 90,
            "bot_counts": true, "shift": "09:00-18:00",
        });
        let own = base.with_config(&config);
        assert_eq!(own.limits["first-reply"], Some(60_000));
        assert_eq!(own.limits["email"], None);
        assert_eq!(own.stores, ["甲", "乙"]);
        assert_eq!(own.session_gap, Some(5_400_000));
        assert!(own.bot_counts);
        // 9:00 to 18:00 on the first day of 1970, in Greenwich.
        assert_eq!(own.calendar.open_between(0, 86_400_000, 0), 9 * 3_600_000);
        let unread = own.with_config(&serde_json::json!({ "shift": ["白班", "10:00-11:00"] }));
        assert_eq!(unread.calendar, own.calendar);
    }
}
