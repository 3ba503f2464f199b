//! The examples that rules carry, run as tests: [`prove`], and [`load`] for what a user hands in.
//!
//! A sentence stands for one message in the rule's role. A dialogue has one line a message, each
//! beginning with its speaker: `客 10:00:00 在吗`. Lines without a time follow the line before by ten
//! seconds, so that time limits are only met where an example states times.

use std::sync::Arc;

use crate::civil;
use crate::diagnostic::Diagnostic;
use crate::import::example_row;
use crate::inspect::{Inspection, Inspector};
use crate::metric::{Calendar, Sum};
use crate::rule::fields::Source;
use crate::rule::profile::Profile;
use crate::rule::{Example, Kept, Kind, Owner, Rate, Record, Reply, Rule, Whose};
use crate::sorted;
use crate::text::Words;
use crate::transcript::{
    Message, Resolution, Role, Speaker, SpeakerId, State, Time, Transcript, Zone,
};

use crate::standard::built_in::Shared;
use crate::standard::{Standard, compile};

/// 2024-05-06T10:00:00+08:00: when examples take place unless they say otherwise.
const MORNING: i64 = 1_714_960_800_000;
const DAY: i64 = 86_400_000;
const STEP: i64 = 10_000;

/// Compiles a user's standard and proves its examples: it cannot score until they come out as they say.
///
/// # Errors
/// Every mistake of the text, or else every example that comes out otherwise.
pub fn load(text: &str, file: &str, words: &Words) -> Result<Standard, Vec<Diagnostic>> {
    let standard = compile(text, file)?;
    let faults = prove(&standard, text, file, words);
    if faults.is_empty() {
        Ok(standard)
    } else {
        Err(faults)
    }
}

/// Runs every example of a standard; each that does not come out as it says is reported at its place.
pub fn prove(standard: &Standard, text: &str, file: &str, words: &Words) -> Vec<Diagnostic> {
    prove_rules(standard, &standard.id, Source::new(file, text), words)
}

/// Runs the examples of the house clauses as this standard places them.
pub fn prove_house(standard: &Standard, words: &Words) -> Vec<Diagnostic> {
    prove_rules(
        standard,
        "house",
        Source::new(Shared::House.file(), Shared::House.text()),
        words,
    )
}

fn prove_rules(
    standard: &Standard,
    owner: &str,
    source: Source<'_>,
    words: &Words,
) -> Vec<Diagnostic> {
    for (number, rule) in standard.rules.iter().enumerate() {
        if rule.name.split('/').next() != Some(owner) {
            continue;
        }
        for example in &rule.examples {
            prove_one(standard, number, rule, example, &source, words);
        }
    }
    source.into_faults()
}

fn prove_one(
    standard: &Standard,
    number: usize,
    rule: &Rule,
    example: &Example,
    source: &Source<'_>,
    words: &Words,
) {
    if let Kind::Record(record) = &rule.kind {
        prove_rows(rule, record, example, source);
        return;
    }
    let transcript = match dialogue(&example.text, rule.common.role) {
        Ok(transcript) => transcript,
        Err(line) => {
            source.fault(
                example.at,
                "example-unreadable",
                "",
                format!("看不懂例子里的这一行：{line}"),
                format!("cannot read this line of the example: {line}"),
            );
            return;
        }
    };
    // The shop of the examples has a name and hours, so that rules that ask for them can be tried.
    let mut calendar = Calendar::default();
    calendar.add_hours("09:00-18:00");
    let mut profile = Profile {
        stores: vec!["小店".to_owned()],
        calendar: Arc::new(calendar),
        ..Profile::default()
    };
    // An unset switch leaves everything open; an example is about a shop where it is off.
    if let Kind::Order(order) = &rule.kind {
        let off = order.switches().map(|name| (name.to_owned(), false));
        profile.switches.extend(off);
    }
    // A limit that only a shop can set is one minute in the shop of the examples.
    if let Kind::Reply(reply) = &rule.kind
        && let Some(open) = reply.open_limit()
    {
        profile.limits.insert(open.to_owned(), Some(60_000));
    }
    let inspector = Inspector::borrowing(standard, profile, words);
    // Without a dictionary an example that turns on a word boundary can be neither right nor wrong.
    let Some(inspection) = inspector.inspect_only(&transcript, number) else {
        return;
    };
    let mut shown: Vec<String> = inspection.verdicts[number]
        .findings
        .iter()
        .map(|finding| {
            let message = &transcript.messages[finding.message];
            finding
                .span
                .map_or(message.text.as_str(), |span| span.of(&message.text))
                .to_owned()
        })
        .collect();
    if let Kind::Reply(reply) = &rule.kind
        && reply.is_of_period()
    {
        shown.extend(average_over(
            standard,
            reply,
            &inspector.inspect(&transcript),
        ));
    }
    if let Kind::Rate(rate) = &rule.kind {
        let inspection = inspector.inspect(&transcript);
        let target = rate.target(&Profile::default()).unwrap_or(1.0);
        shown.extend(share_over(standard, rate, number, &inspection, target));
    }
    let name = &rule.common.id;
    if example.flagged && shown.is_empty() {
        source.fault(
            example.at,
            "example-not-flagged",
            name,
            format!(
                "规则 {name} 没有在这个 flags 例子里发现问题：{}",
                example.text
            ),
            format!(
                "rule {name} finds nothing in this `flags` example: {}",
                example.text
            ),
        );
    } else if !example.flagged && !shown.is_empty() {
        source.fault(
            example.at,
            "example-flagged",
            name,
            format!(
                "规则 {name} 不该在这个 allows 例子里发现“{}”：{}",
                shown.join("”“"),
                example.text
            ),
            format!(
                "rule {name} must not find “{}” in this `allows` example: {}",
                shown.join("”, “"),
                example.text
            ),
        );
    }
}

/// The rows of an example, `表 score=2` each: flagged when one is not kept, or their share misses the target.
fn prove_rows(rule: &Rule, record: &Record, example: &Example, source: &Source<'_>) {
    let profile = Profile::default();
    let (mut passed, mut judged) = (0.0, 0.0);
    let lines = example.text.lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty()) {
        let row = line
            .strip_prefix("表 ")
            .and_then(|cells| example_row(record.table, cells))
            .map(|row| (record.wants(&row), record.judge_row(&row, &profile)));
        match row {
            Some((true, Kept::Yes)) => (passed, judged) = (passed + 1.0, judged + 1.0),
            Some((true, Kept::No(..))) => judged += 1.0,
            Some(_) => {}
            None => {
                source.fault(
                    example.at,
                    "example-unreadable",
                    "",
                    format!("看不懂例子里的这一行：{line}"),
                    format!("cannot read this line of the example: {line}"),
                );
                return;
            }
        }
    }
    let flagged = passed + 1e-9 < record.target.unwrap_or(1.0) * judged;
    if flagged != example.flagged {
        let (name, text) = (&rule.common.id, &example.text);
        let (code, zh, en) = if flagged {
            (
                "example-flagged",
                "不该在这个 allows 例子里发现问题",
                "must find nothing in this `allows` example",
            )
        } else {
            (
                "example-not-flagged",
                "没有在这个 flags 例子里发现问题",
                "finds nothing in this `flags` example",
            )
        };
        source.fault(
            example.at,
            code,
            name,
            format!("规则 {name} {zh}：{text}"),
            format!("rule {name} {en}: {text}"),
        );
    }
}

/// A limit on an average is settled over all conversations of an agent; an example is all there is.
fn average_over(standard: &Standard, reply: &Reply, inspection: &Inspection) -> Option<String> {
    let metric = standard
        .metrics
        .iter()
        .position(|metric| metric.id == reply.metric)?;
    let aggregate = reply.definition.aggregate;
    let mut sum = Sum::default();
    for sample in inspection.samples.iter().filter(|s| s.metric == metric) {
        sum.add(aggregate, sample.millis);
    }
    let figure = sum.figure(aggregate)?;
    reply.misses(figure).then(|| figure.to_string())
}

/// A share is settled over all conversations of an agent; an example is all there is.
fn share_over(
    standard: &Standard,
    rate: &Rate,
    number: usize,
    inspection: &Inspection,
    target: f64,
) -> Option<String> {
    let mut owners: Vec<Owner> = Vec::new();
    for verdict in &inspection.verdicts {
        let outcomes = verdict.outcomes.iter().map(|(owner, _)| *owner);
        let counted = verdict.counted.iter().map(|(owner, _)| *owner);
        owners.extend(outcomes.chain(counted));
    }
    sorted::plain(&mut owners);
    owners.dedup();
    let (mut kept, mut all) = (0.0, 0.0);
    for owner in owners {
        let share = rate.share(&standard.rules, &inspection.verdicts, number, owner);
        kept += share.0 as f64;
        all += share.1 as f64;
    }
    (all > 0.0 && kept + 1e-9 < target * all).then(|| format!("{kept}/{all}"))
}

/// Reads an example into a transcript; an unreadable line is the error.
pub(crate) fn dialogue(text: &str, whose: Whose) -> Result<Transcript, String> {
    let mut transcript = Transcript {
        id: "example".to_owned(),
        file: "example".to_owned(),
        channel: None,
        zone: Zone::default(),
        speakers: Vec::new(),
        config: None,
        messages: Vec::new(),
    };
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let is_dialogue = lines.len() > 1 || lines.first().is_some_and(|line| speaker(line).is_some());
    if !is_dialogue {
        let role = match whose {
            Whose::Agent => Role::Agent,
            Whose::Bot => Role::Bot,
            Whose::Customer => Role::Customer,
        };
        push(
            &mut transcript,
            role,
            default_name(role),
            MORNING,
            text.trim(),
        );
        return Ok(transcript);
    }
    let mut clock = MORNING - STEP;
    let mut day = 0;
    for line in lines {
        let (role, name, rest) = speaker(line).ok_or_else(|| line.to_owned())?;
        let (date, rest) = match rest.split_once(' ') {
            Some((word, tail)) if is_date(word) => (Some(word), tail.trim_start()),
            _ => (None, rest),
        };
        if let Some(date) = date {
            let stated = stated_day(date).ok_or_else(|| line.to_owned())?;
            day = stated - MORNING.div_euclid(DAY);
        }
        let (time, rest) = match rest.split_once(' ') {
            Some((word, tail)) => match clock_time(word) {
                Some(millis) => (Some(millis), tail.trim_start()),
                None => (None, rest),
            },
            None => (None, rest),
        };
        clock = match time {
            // Ten o'clock is the reference; 00:00 of the day is ten hours before it.
            Some(millis) => MORNING - 36_000_000 + day * DAY + millis,
            None => clock + STEP,
        };
        push(&mut transcript, role, name, clock, rest);
    }
    Ok(transcript)
}

/// The day of `2024-05-06`.
fn stated_day(date: &str) -> Option<i64> {
    let mut parts = date.split('-').map(str::parse::<i64>);
    let mut part = || parts.next()?.ok();
    civil::day(part()?, part()?, part()?)
}

fn push(transcript: &mut Transcript, role: Role, name: String, millis: i64, text: &str) {
    let known = transcript
        .speakers
        .iter()
        .position(|speaker| speaker.name == name && speaker.role == role);
    let speaker = known.unwrap_or_else(|| {
        transcript.speakers.push(Speaker {
            name,
            role,
            title: None,
            department: None,
        });
        transcript.speakers.len() - 1
    });
    let position = transcript.messages.len();
    let state = match text {
        "[图片]" | "[视频]" | "[语音]" => State::Media,
        _ => State::Text,
    };
    transcript.messages.push(Message {
        position,
        role,
        speaker: SpeakerId(speaker),
        time: Some(Time {
            millis,
            resolution: Resolution::Second,
        }),
        text: text.to_owned(),
        channel: None,
        state,
    });
}

fn default_name(role: Role) -> String {
    match role {
        Role::Customer => "客户",
        Role::Agent => "客服",
        Role::Bot => "机器人",
        Role::System => "系统",
        Role::Supervisor => "主管",
    }
    .to_owned()
}

/// Splits `服(阿宁) 10:00:00 您好` into role, name and rest.
fn speaker(line: &str) -> Option<(Role, String, &str)> {
    let heads = [
        ("系统", Role::System),
        ("主管", Role::Supervisor),
        ("客", Role::Customer),
        ("服", Role::Agent),
        ("机", Role::Bot),
    ];
    for (head, role) in heads {
        let Some(rest) = line.strip_prefix(head) else {
            continue;
        };
        if let Some(rest) = rest.strip_prefix([' ', '：', ':']) {
            return Some((role, default_name(role), rest.trim_start()));
        }
        if let Some((name, rest)) = rest
            .strip_prefix(['(', '（'])
            .and_then(|rest| rest.split_once([')', '）']))
        {
            return Some((
                role,
                name.to_owned(),
                rest.trim_start_matches(['：', ':']).trim_start(),
            ));
        }
    }
    None
}

fn is_date(word: &str) -> bool {
    word.len() == 10 && word.as_bytes()[4] == b'-'
}

/// `10:00:00` or `10:00` as milliseconds of the day.
fn clock_time(word: &str) -> Option<i64> {
    let mut parts = word.split(':');
    let mut part = |most: i64| -> Option<i64> {
        let text = parts.next()?;
        let value: i64 = (text.len() <= 2).then(|| text.parse().ok()).flatten()?;
        (0..=most).contains(&value).then_some(value)
    };
    let hours = part(23)?;
    let minutes = part(59)?;
    let seconds = part(59).unwrap_or(0);
    Some(((hours * 60 + minutes) * 60 + seconds) * 1000)
}

#[cfg(test)]
mod tests {
    use super::{Whose, dialogue};
    use crate::transcript::Role;

    #[test]
    fn a_dialogue_has_speakers_and_times() {
        let t = dialogue(
            "客 10:00:00 在吗\n机 稍候\n服(阿宁) 2024-05-07 09:05:00 早上好\n系统 [系统] 已发货",
            Whose::Agent,
        )
        .expect("readable");
        let roles: Vec<Role> = t.messages.iter().map(|m| m.role).collect();
        assert_eq!(
            roles,
            [Role::Customer, Role::Bot, Role::Agent, Role::System]
        );
        let start = t.messages[0].time.expect("timed").millis;
        let offsets: Vec<i64> = t
            .messages
            .iter()
            .map(|m| m.time.expect("timed").millis - start)
            .collect();
        assert_eq!(
            offsets,
            [0, 10_000, 86_400_000 - 3_300_000, 86_400_000 - 3_290_000]
        );
        assert_eq!(t.speakers[2].name, "阿宁");
        assert_eq!(t.messages[2].text, "早上好");
    }

    #[test]
    fn a_sentence_is_one_message_even_if_it_begins_like_a_speaker() {
        let t = dialogue("客服很忙的", Whose::Agent).expect("readable");
        assert_eq!((t.messages.len(), t.messages[0].role), (1, Role::Agent));
    }

    #[test]
    fn a_line_without_a_speaker_is_told() {
        assert_eq!(
            dialogue("客 在吗\n你好", Whose::Agent).expect_err("unreadable"),
            "你好"
        );
    }
}
