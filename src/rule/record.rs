//! `record`: a figure or a human judgement from a table that was brought with the conversations.
//!
//! The thing to get right: a row is judged where it belongs. Without a target a row that names a
//! conversation is judged there; every other row is about an agent's period and is judged with the
//! agent's figures ([`Record::judge_row`] from there). A table that is not there is not assessed.

use crate::diagnostic::Bilingual;
use crate::metric::seconds;
use crate::records::{Row, Table};
use crate::report::{Measured, round3};
use crate::sorted;
use crate::transcript::{Role, SpeakerId};

use super::compile::Compiler;
use super::fields::Fields;
use super::profile::Profile;
use super::scene::Scene;
use super::{Common, Finding, Owner, Responsible, Rule, Verdict};

/// A length of time, or the name of one that a shop fills in.
#[derive(Clone, Debug)]
struct Limit {
    key: Option<String>,
    millis: Option<i64>,
}

/// What the rows of a table must keep.
#[derive(Clone, Debug)]
pub struct Record {
    /// The table.
    pub table: Table,
    /// The share of an agent's rows that must be kept; absent: every row by itself.
    pub target: Option<f64>,
    /// Only rows with one of these keys; empty: all.
    keys: Vec<String>,
    least: Option<f64>,
    most: Option<f64>,
    /// From one time of the row to another within a limit.
    span: Option<(usize, usize, Limit)>,
}

/// What a row says.
pub enum Kept {
    /// All is well.
    Yes,
    /// It is not.
    No(Option<Measured>, Bilingual),
    /// It cannot be judged.
    Unknown(Bilingual),
}

const TIMES: &[(&str, (Table, usize))] = &[
    ("placed", (Table::Orders, 0)),
    ("paid", (Table::Orders, 1)),
    ("shipped", (Table::Orders, 2)),
    ("delivered", (Table::Orders, 3)),
    ("opened", (Table::Tickets, 0)),
    ("first-response", (Table::Tickets, 1)),
    ("solved", (Table::Tickets, 2)),
];

impl Record {
    /// The name of the limit that a shop may fill in.
    pub fn limit_name(&self) -> Option<&str> {
        self.span.as_ref()?.2.key.as_deref()
    }

    /// Reads the fields of this kind.
    pub fn read(
        fields: &Fields<'_, '_>,
        _common: &Common,
        _compiler: &mut Compiler,
    ) -> Option<Self> {
        let judged: Vec<(&str, Table)> = Table::WORDS
            .iter()
            .copied()
            .filter(|(_, table)| *table != Table::Roster)
            .collect();
        let table = fields.word("table", &judged);
        if table.is_none() && !fields.has("table") {
            fields.missing::<()>("table");
        }
        let mut keys = Vec::new();
        for (key, of) in [
            ("item", Table::Manual),
            ("metric", Table::Metrics),
            ("case", Table::Tickets),
        ] {
            let words = fields.strings(key);
            if !words.is_empty() && table.is_some_and(|table| table != of) {
                useless(fields, key);
            }
            keys.extend(words.into_iter().map(|word| word.value));
        }
        let needs = match table? {
            Table::Manual => Some("item"),
            Table::Metrics => Some("metric"),
            _ => None,
        };
        if let Some(key) = needs.filter(|key| !fields.has(key)) {
            fields.missing::<()>(key);
        }
        let table = table?;
        let times = matches!(table, Table::Tickets | Table::Orders);
        let mut least = fields.number("at-least");
        let most = fields.number("at-most");
        let from = fields.word("from", TIMES);
        let to = fields.word("to", TIMES);
        let limit = read_limit(fields);
        let target = fields.number("target");
        if target.is_some_and(|target| target > 1.0) {
            fields.fault(
                fields.at,
                "number-range",
                "target",
                "target 是 0 到 1 之间的占比",
                "`target` is a share from 0 to 1",
            );
        }
        let mut span = None;
        if times {
            for key in ["at-least", "at-most"].iter().filter(|key| fields.has(key)) {
                useless(fields, key);
            }
            for key in ["from", "to", "limit"] {
                if !fields.has(key) {
                    fields.missing::<()>(key);
                }
            }
            let ((one, from), (other, to)) = (from?, to?);
            if one != table || other != table {
                useless(fields, if one == table { "to" } else { "from" });
            }
            span = Some((from, to, limit?));
        } else {
            for key in ["from", "to", "limit"].iter().filter(|key| fields.has(key)) {
                useless(fields, key);
            }
            if least.is_none() && most.is_none() {
                match table {
                    Table::Satisfaction => least = Some(4.0),
                    Table::Manual => least = Some(1.0),
                    _ => {
                        fields.missing::<()>("at-least");
                    }
                }
            }
        }
        Some(Self {
            table,
            target,
            keys,
            least,
            most,
            span,
        })
    }

    /// Whether a row is one that the rule is about.
    pub fn wants(&self, row: &Row) -> bool {
        row.table == self.table
            && (self.keys.is_empty() || row.key.as_ref().is_some_and(|key| self.keys.contains(key)))
    }

    /// Whether a row is judged in the conversation it names.
    pub fn is_local(&self, row: &Row) -> bool {
        self.target.is_none() && row.conversation.is_some()
    }

    /// Why nothing can be judged without the table.
    pub fn absent(&self) -> Bilingual {
        let title = self.table.title();
        Bilingual::new(
            format!("没有提供{}", title.zh),
            format!("no table `{}` was brought", title.en),
        )
    }

    /// What a row says.
    pub fn judge_row(&self, row: &Row, profile: &Profile) -> Kept {
        let Some((from, to, limit)) = &self.span else {
            return self.judge_value(row);
        };
        let set = limit.key.as_ref().and_then(|key| profile.limits.get(key));
        let Some(most) = set.copied().unwrap_or(limit.millis) else {
            return Kept::Unknown(Bilingual::new(
                "标准没有给出时限，需在店铺设置中填写",
                "the standard leaves the limit open; the shop's profile must set it",
            ));
        };
        let (Some(start), Some(end)) = (row.times[*from], row.times[*to]) else {
            return Kept::Unknown(Bilingual::new(
                format!("{}缺少时间", place(row).zh),
                format!("a time is missing in {}", place(row).en),
            ));
        };
        let took = end.saturating_sub(start);
        if took <= most {
            return Kept::Yes;
        }
        let (took, most) = (round3(seconds(took)), round3(seconds(most)));
        let place = place(row);
        Kept::No(
            Some(Measured {
                seconds: Some(took),
                limit: Some(most),
                ..Measured::default()
            }),
            Bilingual::new(
                format!("用了 {took} 秒，时限 {most} 秒（{}）", place.zh),
                format!("took {took} s, the limit is {most} s ({})", place.en),
            ),
        )
    }

    fn judge_value(&self, row: &Row) -> Kept {
        let Some(value) = row.value else {
            return Kept::Unknown(place(row));
        };
        // The slack is for shares such as 0.9 that have no exact binary form.
        let low = self.least.filter(|least| value + 1e-9 < *least);
        let high = self.most.filter(|most| value > *most + 1e-9);
        let (zh, en, limit) = match (low, high) {
            (Some(least), _) => ("不应低于", "at least", least),
            (_, Some(most)) => ("不应高于", "at most", most),
            _ => return Kept::Yes,
        };
        let place = place(row);
        let title = self.table.title();
        let value = round3(value);
        Kept::No(
            None,
            Bilingual::new(
                format!("{}记为 {value}，{zh} {limit}（{}）", title.zh, place.zh),
                format!(
                    "`{}` says {value}, it must be {en} {limit} ({})",
                    title.en, place.en
                ),
            ),
        )
    }

    /// Judges the rows about this conversation.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        // What concerns an agent's period is judged with the agent's figures.
        if self.target.is_some() || self.table == Table::Metrics {
            return;
        }
        let records = &scene.profile.records;
        if !records.has(self.table) {
            let mut told: Vec<SpeakerId> = Vec::new();
            for index in scene.staff() {
                let speaker = scene.message(index).speaker;
                if !told.contains(&speaker) {
                    told.push(speaker);
                    verdict.not_assessed(Owner::Agent(speaker), self.absent());
                }
            }
            return;
        }
        for row in records.about(self.table, &scene.transcript.id) {
            if !self.wants(row) {
                continue;
            }
            let Some((owner, message)) = whose(rule, scene, row) else {
                continue;
            };
            if !rule.common.in_scope(scene, message) || !rule.common.applies(scene, message) {
                continue;
            }
            match self.judge_row(row, &scene.profile) {
                Kept::Yes => verdict.pass(owner),
                Kept::Unknown(reason) => verdict.not_assessed(owner, reason),
                Kept::No(measured, reason) => {
                    let mut why = vec![titled(rule, reason)];
                    why.extend(remark(row));
                    let severity = match rule.tier(measured.and_then(|m| m.seconds)) {
                        Some(tier) => tier.severity,
                        None => rule.common.severity_at(scene, message, &mut why),
                    };
                    verdict.fail(Finding {
                        owner,
                        message,
                        related: Vec::new(),
                        span: None,
                        severity,
                        measured,
                        why,
                        wait: None,
                    });
                }
            }
        }
    }
}

/// A reason with what the rule wants.
pub fn titled(rule: &Rule, reason: Bilingual) -> Bilingual {
    let title = &rule.common.title;
    Bilingual::new(
        [&reason.zh, "：", &title.zh].concat(),
        [&reason.en, ": ", &title.en].concat(),
    )
}

/// What the person who judged says.
pub fn remark(row: &Row) -> Option<Bilingual> {
    let who = row.by.as_deref().filter(|_| row.table == Table::Manual);
    let reason = row.note.as_deref();
    (who.is_some() || reason.is_some()).then(|| {
        let said = [who.unwrap_or_default(), reason.unwrap_or_default()].join(": ");
        let said = said.trim_matches([':', ' ']).to_owned();
        Bilingual::new(format!("评语：{said}"), format!("remark: {said}"))
    })
}

/// Which row of which file.
pub fn place(row: &Row) -> Bilingual {
    let key = row.key.as_deref().unwrap_or_default();
    let period = row.by.as_deref().filter(|_| row.table == Table::Metrics);
    let mut what = [key, period.unwrap_or_default()]
        .join(" ")
        .trim()
        .to_owned();
    if !what.is_empty() {
        what.push(' ');
    }
    Bilingual::new(
        format!("{what}{} 第 {} 行", row.file, row.line),
        format!("{what}{} line {}", row.file, row.line),
    )
}

fn useless(fields: &Fields<'_, '_>, key: &str) {
    fields.fault(
        fields.at,
        "field-useless",
        key,
        format!("这张表用不到“{key}”"),
        format!("`{key}` says nothing about this table"),
    );
}

fn read_limit(fields: &Fields<'_, '_>) -> Option<Limit> {
    if !fields.is_table("limit") {
        let millis = fields.duration("limit");
        return millis.is_some().then_some(Limit { key: None, millis });
    }
    let table = fields.table("limit")?;
    let key = table.require_string("profile");
    let millis = table.duration("default");
    table.finish();
    Some(Limit {
        key: Some(key?.value),
        millis,
    })
}

/// Who a row is about in a conversation, and the message it is told at: the last of that agent.
fn whose(rule: &Rule, scene: &Scene<'_>, row: &Row) -> Option<(Owner, usize)> {
    let last = scene.transcript.messages.len().checked_sub(1)?;
    let Some(account) = &row.agent else {
        let owner = match rule.common.responsible {
            Responsible::Team => Owner::Team,
            _ => scene.owner(Responsible::FirstAgent, last, None),
        };
        return Some((owner, scene.staff().next_back().unwrap_or(last)));
    };
    let at = scene.transcript.messages[0].time.map(|time| time.millis);
    let known = scene.profile.agent(account, at);
    let name = known.as_ref().map_or(account.as_str(), |agent| &agent.name);
    let index = scene
        .staff()
        .rev()
        .find(|index| scene.speaker(*index).name == name);
    Some(match index {
        Some(index) => (Owner::Agent(scene.message(index).speaker), index),
        None => (Owner::Team, last),
    })
}

/// How long before a conversation an order of its customer still belongs to it.
const MONTH: i64 = 30 * 86_400_000;
const EVENTS: [&str; 4] = ["order-placed", "order-paid", "order-shipped", "delivered"];

/// What the orders of a conversation tell: by its id, by a number that is written in it, or by its
/// customer. An event stands at the last message before it, one before the conversation at the first.
pub(super) fn events(scene: &Scene<'_>) -> Vec<(usize, String)> {
    let records = &scene.profile.records;
    let messages = &scene.transcript.messages;
    let times = || {
        messages
            .iter()
            .filter_map(|message| message.time.map(|time| time.millis))
    };
    let mut out = Vec::new();
    if !records.has(Table::Orders) {
        return out;
    }
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        return out;
    };
    let mut rows: Vec<(&Row, i64)> = records
        .about(Table::Orders, &scene.transcript.id)
        .map(|row| (row, i64::MIN))
        .collect();
    for index in 0..messages.len() {
        let plain = scene.plain(index);
        let code = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let codes = plain
            .split(|c: char| !code(c))
            .filter(|code| code.len() >= 8);
        rows.extend(
            codes
                .flat_map(|code| records.order(code))
                .map(|row| (row, i64::MIN)),
        );
    }
    let customers = scene
        .transcript
        .speakers
        .iter()
        .filter(|s| s.role == Role::Customer);
    rows.extend(
        customers
            .flat_map(|customer| records.orders_of(&customer.name))
            .map(|row| (row, first.saturating_sub(MONTH))),
    );
    for (row, since) in rows {
        for (time, event) in row.times.iter().zip(EVENTS) {
            let Some(time) = time.filter(|time| (since..=last).contains(time)) else {
                continue;
            };
            let before = |message: &crate::transcript::Message| {
                message.time.is_some_and(|stated| stated.millis <= time)
            };
            let index = messages.iter().rposition(before).unwrap_or(0);
            out.push((index, event.to_owned()));
        }
    }
    sorted::plain(&mut out);
    out.dedup();
    out
}
