//! What a shop says of itself: names, numbers, people, limits a standard leaves open, switches; and the
//! tables it brings.
//!
//! Precedence: the standard, then the profile, then the conversation's own `config`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::metric::Calendar;
use crate::records::Records;
use crate::transcript::{Transcript, Zone};

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
    /// Facts about the shop or the customer by name (`platform-verified`); absent is unknown.
    pub switches: BTreeMap<String, bool>,
    /// Numbers by name (`courtesy-target`).
    pub numbers: BTreeMap<String, f64>,
    /// Whether a robot's answer or greeting counts as the agent's.
    pub bot_counts: bool,
    /// A longer silence starts a new session, in milliseconds; absent: the standard's.
    pub session_gap: Option<i64>,
    /// The time zone of times that state none.
    pub zone: Option<Zone>,
    /// People by their name and by every account they use.
    pub agents: Arc<BTreeMap<String, Agent>>,
    /// The tables that were brought.
    pub records: Arc<Records>,
    /// When the shop is open. Shared, because every conversation has a profile.
    pub calendar: Arc<Calendar>,
}

/// One person of the shop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// The name reports use.
    pub name: String,
    /// The group they work in.
    pub group: Option<String>,
    /// A title such as 主管.
    pub title: Option<String>,
}

impl Profile {
    /// Who goes by a name or an account at a moment: the profile's agents first, then the roster.
    pub fn agent(&self, account: &str, at: Option<i64>) -> Option<Agent> {
        let account = account.trim();
        if let Some(agent) = self.agents.get(account) {
            return Some(agent.clone());
        }
        let row = self.records.person(account, at)?;
        Some(Agent {
            name: row.agent.clone()?,
            group: row.by.clone(),
            title: row.note.clone(),
        })
    }

    /// Gives the shop's people in a conversation the names and titles they have here.
    pub fn name_people(&self, transcript: &mut Transcript) {
        if self.agents.is_empty() && self.records.is_empty() {
            return;
        }
        let at = transcript
            .messages
            .iter()
            .find_map(|message| message.time)
            .map(|time| time.millis);
        let staff = transcript
            .speakers
            .iter_mut()
            .filter(|speaker| speaker.role.is_staff());
        for speaker in staff {
            if let Some(agent) = self.agent(&speaker.name, at) {
                speaker.name = agent.name;
                speaker.title = agent.title.or(speaker.title.take());
                speaker.department = speaker.department.take().or(agent.group);
            }
        }
    }

    /// This profile with what a conversation says of itself laid over it.
    ///
    /// Understood are `store`, `phones`, `session_gap_min`, `bot_counts`, `shift` (hours, every day unless it names
    /// days) and every `…_limit_s`: `first_reply_limit_s` is the limit `first-reply`. Any other `true` or `false` is a switch and any other number a number:
    /// `platform_verified` is the switch `platform-verified`. Anything else is ignored.
    #[must_use]
    pub fn with_config(&self, config: &serde_json::Value) -> Self {
        let mut profile = self.clone();
        let Some(config) = config.as_object() else {
            return profile;
        };
        let words = |value| strings(value).map(str::to_owned).collect::<Vec<_>>();
        for (key, value) in config {
            match key.as_str() {
                "store" => profile.stores.extend(words(value)),
                "phones" => profile.phones.extend(words(value)),
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
                        let name = key.replace('_', "-");
                        if let Some(on) = value.as_bool() {
                            profile.switches.insert(name, on);
                        } else if let Some(number) = value.as_f64() {
                            profile.numbers.insert(name, number);
                        }
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
        base.switches.insert("platform-verified".into(), true);
        let config = serde_json::json!({
            "first_reply_limit_s": 60, "email_limit_s": null, "store": "乙", "session_gap_min": 90,
            "bot_counts": true, "shift": "09:00-18:00", "platform_verified": false, "hold_times": 4,
            "phones": ["13800001111"],
        });
        let own = base.with_config(&config);
        assert_eq!(own.limits["first-reply"], Some(60_000));
        assert_eq!(own.limits["email"], None);
        assert_eq!(own.stores, ["甲", "乙"]);
        assert_eq!(own.phones, ["13800001111"]);
        assert_eq!(own.session_gap, Some(5_400_000));
        assert!(own.bot_counts);
        assert_eq!(own.switches.get("platform-verified"), Some(&false));
        assert_eq!(own.switches.len(), 1);
        assert_eq!(own.numbers["hold-times"], 4.0);
        // 9:00 to 18:00 on the first day of 1970, in Greenwich.
        assert_eq!(own.calendar.open_between(0, 86_400_000, 0), 9 * 3_600_000);
        let unread = own.with_config(&serde_json::json!({ "shift": ["白班", "10:00-11:00"] }));
        assert_eq!(unread.calendar, own.calendar);
    }
}
