//! What a shop says of itself: names, limits a standard leaves open, switches.
//!
//! Precedence: the standard, then the profile, then the conversation's own `config`.

use std::collections::BTreeMap;

/// The values in force for one conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Names the shop goes by, for `{store}`.
    pub stores: Vec<String>,
    /// Product words, never broken up and never abuse.
    pub products: Vec<String>,
    /// Its own telephones, mailboxes and accounts: no personal data.
    pub phones: Vec<String>,
    /// Limits by name (`first-reply`), in milliseconds; `None` switches a limit off.
    pub limits: BTreeMap<String, Option<i64>>,
    /// Whether a robot's answer or greeting counts as the agent's.
    pub bot_counts: bool,
    /// A longer silence starts a new session, in milliseconds; absent: the standard's.
    pub session_gap: Option<i64>,
}

impl Profile {
    /// This profile with what a conversation says of itself laid over it.
    ///
    /// Understood are `store`, `session_gap_min`, `bot_counts` and every `…_limit_s`: `first_reply_limit_s`
    /// is the limit `first-reply`. Anything else is ignored.
    #[must_use]
    pub fn with_config(&self, config: &serde_json::Value) -> Self {
        let mut profile = self.clone();
        let Some(config) = config.as_object() else {
            return profile;
        };
        for (key, value) in config {
            match key.as_str() {
                "store" => {
                    let names = value.as_str().into_iter().chain(
                        value
                            .as_array()
                            .into_iter()
                            .flatten()
                            .filter_map(serde_json::Value::as_str),
                    );
                    profile.stores.extend(names.map(str::to_owned));
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
    }
}
