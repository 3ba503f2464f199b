//! `profile.toml`: what a shop says of itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::metric::Calendar;
use crate::rule::Kind;
use crate::rule::fields::{At, Fields, Source, nearest, parse_duration};
use crate::rule::profile::{Agent, Profile};
use crate::sorted;
use crate::transcript::Zone;

use super::Standard;
use super::built_in::{BuiltIn, STANDARDS, Shared};

/// Reads a profile, reporting every mistake at its place.
///
/// ```
/// let profile = zhijian::standard::read_profile("stores = [\"小禾美妆\"]\n[limits]\nfirst-reply = \"45s\"\n", "profile.toml");
/// assert_eq!(profile.unwrap().limits["first-reply"], Some(45_000));
/// ```
pub fn read_profile(text: &str, file: &str) -> Result<Profile, Vec<Diagnostic>> {
    read(text, file, None)
}

/// [`read_profile`], for one standard: a limit that neither it nor a built-in standard leaves open is a
/// mistake, because it would change nothing.
pub fn read_profile_for(
    text: &str,
    file: &str,
    standard: &Standard,
) -> Result<Profile, Vec<Diagnostic>> {
    let own = standard.rules.iter().filter_map(|rule| match &rule.kind {
        Kind::Reply(reply) => reply.limit_name(),
        Kind::Promise(promise) => promise.limit_name(),
        Kind::Record(record) => record.limit_name(),
        _ => None,
    });
    // By channel, whatever the standard.
    let mut known: Vec<&str> = vec!["email", "phone"];
    known.extend(own);
    let texts = STANDARDS.iter().map(BuiltIn::text);
    for line in texts.chain([Shared::House.text()]).flat_map(str::lines) {
        let names = ["limit = { profile = \"", "hold = { profile = \""];
        let name = names.iter().find_map(|start| line.strip_prefix(start));
        known.extend(name.and_then(|rest| rest.split('"').next()));
    }
    sorted::plain(&mut known);
    known.dedup();
    read(text, file, Some(&known))
}

fn read(text: &str, file: &str, known: Option<&[&str]>) -> Result<Profile, Vec<Diagnostic>> {
    let source = Source::new(file, text);
    let table = source.parse();
    let fields = Fields::new(&table, 0, &source, "");
    let zone = read_zone(&fields);
    let mut profile = Profile {
        stores: words(&fields, "stores"),
        products: words(&fields, "products"),
        phones: words(&fields, "phones"),
        bot_counts: fields.boolean("bot-counts").unwrap_or(false),
        session_gap: fields.duration("session-gap"),
        agents: Arc::new(read_agents(&fields)),
        calendar: Arc::new(read_calendar(&fields, zone.as_ref())),
        zone,
        ..Profile::default()
    };
    if let Some(limits) = fields.table("limits") {
        for (name, value) in limits.named_texts("时长，如 60s", "a length of time such as 60s")
        {
            if let Some(known) = known.filter(|known| !known.contains(&name.value.as_str())) {
                unknown_limit(&limits, &name, known);
            }
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
    if let Some(switches) = fields.table("switches") {
        profile.switches = sorted::gathered(switches.named_switches());
    }
    if let Some(numbers) = fields.table("numbers") {
        profile.numbers = sorted::gathered(numbers.named_numbers());
    }
    fields.finish();
    let faults = source.into_faults();
    if faults.is_empty() {
        Ok(profile)
    } else {
        Err(faults)
    }
}

fn unknown_limit(limits: &Fields<'_, '_>, name: &At<String>, known: &[&str]) {
    let hint = nearest(&name.value, known);
    let list = known.join(", ");
    let hinted = |before: &str, after: &str| {
        hint.map(|hint| [before, hint, after].concat())
            .unwrap_or_default()
    };
    limits.fault(
        name.at,
        "limit-unknown",
        &name.value,
        format!(
            "没有规则用到时限“{}”{}；可用：{list}",
            name.value,
            hinted("，是不是“", "”")
        ),
        format!(
            "no rule has a limit `{}`{}; there are {list}",
            name.value,
            hinted(", did you mean `", "`?")
        ),
    );
}

fn words(fields: &Fields<'_, '_>, key: &'static str) -> Vec<String> {
    let words = fields.strings(key).into_iter();
    words.map(|word| word.value).collect()
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

fn read_agents(fields: &Fields<'_, '_>) -> BTreeMap<String, Agent> {
    let mut agents: BTreeMap<String, Agent> = BTreeMap::new();
    let Some(table) = fields.table("agents") else {
        return agents;
    };
    for (name, entry) in table.named_tables() {
        let agent = Agent {
            name: name.value.trim().to_owned(),
            group: entry.string("group").map(|group| group.value),
            title: entry.string("title").map(|title| title.value),
        };
        let mut accounts = entry.strings("aliases");
        accounts.push(name);
        for account in accounts {
            let taken = agents.insert(account.value.trim().to_owned(), agent.clone());
            if let Some(other) = taken.filter(|other| other.name != agent.name) {
                entry.fault(
                    account.at,
                    "id-duplicate",
                    "aliases",
                    format!("“{}”已经是“{}”的账号", account.value, other.name),
                    format!(
                        "`{}` is already an account of {}",
                        account.value, other.name
                    ),
                );
            }
        }
        entry.finish();
    }
    agents
}

/// When the shop is open, in its zone: `hours`, `lunch`, `holidays`, `workdays`.
fn read_calendar(fields: &Fields<'_, '_>, zone: Option<&Zone>) -> Calendar {
    let mut calendar = Calendar::default();
    calendar.offset = zone.map(|zone| zone.offset);
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
    fn everything_a_shop_may_say() {
        let text = "phones = [\"13800001111\"]\ntimezone = \"+09:00\"\n[switches]\nplatform-verified = true\n\
            [agents.\"小雨\"]\naliases = [\"shop:01\", \"shop:02\"]\ngroup = \"售前\"\ntitle = \"主管\"\n[limits]\nreply-x = \"2h\"\nemail = \"off\"\n";
        let profile = read_profile(text, "p.toml").expect("a profile");
        assert_eq!(profile.phones, ["13800001111"]);
        assert_eq!(profile.zone.as_ref().map(|zone| zone.offset), Some(32_400));
        assert!(profile.switches["platform-verified"]);
        assert_eq!(profile.limits["reply-x"], Some(7_200_000));
        assert_eq!(profile.limits["email"], None);
        for account in ["小雨", "shop:01", " shop:02 "] {
            let agent = profile.agent(account, None).expect("known");
            assert_eq!(
                (
                    agent.name.as_str(),
                    agent.group.as_deref(),
                    agent.title.as_deref()
                ),
                ("小雨", Some("售前"), Some("主管"))
            );
        }
        assert_eq!(profile.agent("阿宁", None), None);
    }

    #[test]
    fn every_mistake_has_its_place() {
        let text = "timezone = \"火星\"\nphone = []\n[limits]\nfirst-reply = 45\nother = \"soon\"\n[switches]\nx = 1\n\
            [agents.\"甲\"]\naliases = [\"a\"]\nteam = \"b\"\n[agents.\"乙\"]\naliases = [\"a\"]\n";
        let faults = read_profile(text, "p.toml").expect_err("mistakes");
        let told: Vec<_> = faults
            .iter()
            .map(|f| (f.line.unwrap_or(0), f.column.unwrap_or(0), f.code.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (1, 12, "timezone-unknown"),
                (2, 1, "field-unknown"),
                (4, 15, "field-type"),
                (5, 9, "duration-invalid"),
                (7, 5, "field-type"),
                (9, 12, "id-duplicate"),
                (10, 1, "field-unknown"),
            ]
        );
        assert!(
            faults[2].message.en.contains("a length of time"),
            "{:?}",
            faults[2]
        );
    }

    #[test]
    fn a_limit_that_no_rule_has_is_a_mistake() {
        let entry = crate::standard::built_in::find("pinduoduo").expect("built in");
        let standard = crate::standard::outline(entry).expect("an outline");
        let read = |text| super::read_profile_for(text, "p.toml", &standard);
        let faults =
            read("[limits]\nemail = \"off\"\nfrist-reply = \"1s\"\n").expect_err("a mistake");
        assert_eq!(faults.len(), 1);
        assert_eq!(
            (faults[0].line, faults[0].column, faults[0].code.as_str()),
            (Some(3), Some(1), "limit-unknown")
        );
        let message = &faults[0].message;
        assert!(
            message.en.contains("did you mean `first-reply`?"),
            "{}",
            message.en
        );
        assert!(message.zh.contains("是不是“first-reply”"), "{}", message.zh);
        // What another built-in standard leaves open may stand in the profile of a shop that uses both.
        for name in [
            "first-reply",
            "hold",
            "after-sale",
            "returns",
            "ringing",
            "case-taken-up",
        ] {
            let text = format!("[limits]\n{name} = \"10s\"\n");
            assert!(
                super::read_profile_for(&text, "p.toml", &standard).is_ok(),
                "{name}"
            );
        }
        assert!(
            read("[limits]\ncourtesy = \"10s\"\n").is_err(),
            "a target is no limit"
        );
    }

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
