//! What tables say of an agent's period: shares of kept rows, figures, judgements of no single
//! conversation. Added to the agents' figures once those are summed.

use std::collections::BTreeMap;

use crate::diagnostic::Bilingual;
use crate::records::{Row, Table};
use crate::report::{self, Measured, NotAssessed, round3};
use crate::rule::profile::Profile;
use crate::rule::{Kept, Kind, Record, Rule, remark, titled};
use crate::sorted;
use crate::standard::Standard;

use super::Card;
use super::agents::{Judgement, share};
use super::line::reasons;

/// Adds findings from tables to agents, and lowers their means by what those cost. `seen` gives the first
/// agent of each conversation, for rows that name a conversation only.
pub fn bring_in(
    standard: &Standard,
    profile: &Profile,
    seen: &BTreeMap<String, String>,
    agents: &mut [report::Agent],
) {
    for agent in agents.iter_mut() {
        agent.group = profile
            .agent(&agent.agent, None)
            .and_then(|known| known.group);
    }
    for rule in &standard.rules {
        let Kind::Record(record) = &rule.kind else {
            continue;
        };
        // The rows of each agent; those judged in their conversation are not among them.
        let mut rows: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        let of_rule = profile.records.of(record.table);
        for row in of_rule.filter(|row| record.wants(row) && !record.is_local(row)) {
            let known = row.agent.as_ref().map(|account| {
                let known = profile.agent(account, row.times[0]);
                known.map_or_else(|| account.clone(), |agent| agent.name)
            });
            let name = known.or_else(|| seen.get(row.conversation.as_ref()?).cloned());
            if let Some(name) = name {
                rows.entry(name).or_default().push(row);
            }
        }
        for agent in agents.iter_mut() {
            let own = rows.get(&agent.agent).map_or(&[][..], Vec::as_slice);
            judge(standard, profile, rule, record, own, agent);
        }
    }
    for agent in agents {
        sorted::by(&mut agent.findings, |a, b| a.rule.cmp(&b.rule));
    }
}

fn judge(
    standard: &Standard,
    profile: &Profile,
    rule: &Rule,
    record: &Record,
    rows: &[&Row],
    agent: &mut report::Agent,
) {
    let mut unknown: Vec<Bilingual> = Vec::new();
    let mut missed: Vec<(Option<Measured>, Vec<Bilingual>)> = Vec::new();
    let period = record.target.is_some() || record.table == Table::Metrics;
    let (mut passed, mut judged) = (0, 0);
    if !profile.records.has(record.table) {
        // Where rows are judged in conversations, each of them says so.
        if period {
            unknown.push(record.absent());
        }
    } else if rows.is_empty() && period {
        let title = record.table.title();
        unknown.push(Bilingual::new(
            format!("{}里没有该客服", title.zh),
            format!("`{}` has no row of this agent", title.en),
        ));
    } else {
        for row in rows {
            match record.judge_row(row, profile) {
                Kept::Yes => (passed, judged) = (passed + 1, judged + 1),
                Kept::No(..) if record.target.is_some() => judged += 1,
                Kept::No(measured, reason) => {
                    let mut why = vec![titled(rule, reason)];
                    why.extend(remark(row));
                    missed.push((measured, why));
                }
                Kept::Unknown(reason) => unknown.push(reason),
            }
        }
        if let Some(target) = record.target {
            match share(passed, judged, target, crate::rule::ENOUGH) {
                Judgement::Fine if judged > 0 => unknown.clear(),
                Judgement::Fine => unknown.truncate(1),
                Judgement::Unknown(reason) => unknown = vec![reason],
                Judgement::Missed(measured, why) => {
                    unknown.clear();
                    missed.push((Some(measured), vec![titled(rule, why)]));
                }
            }
        }
    }
    let dimension = super::dimension_id(Card::from(standard), rule);
    agent
        .not_assessed
        .extend(unknown.into_iter().map(|reason| NotAssessed {
            rule: rule.name.clone(),
            dimension: dimension.clone(),
            agent: Some(agent.agent.clone()),
            reason,
        }));
    for (number, (measured, mut why)) in missed.into_iter().enumerate() {
        let tier = rule.tier(measured.and_then(|measured| measured.seconds));
        let severity = tier.map_or(rule.common.severity, |tier| tier.severity);
        let free = number >= rule.common.max_per_conversation;
        let points = if free {
            0.0
        } else {
            round3(rule.points(severity, measured.as_ref()))
        };
        why.push(Bilingual::new(
            format!("该客服的均分因此扣 {points} 分"),
            format!("the agent's mean is lowered by {points}"),
        ));
        lower(standard, agent, points);
        agent.findings.push(report::Finding {
            rule: rule.name.clone(),
            clauses: rule.common.clauses.clone(),
            kind: rule.kind.word().to_owned(),
            severity,
            dimension: dimension.clone(),
            agent: agent.agent.clone(),
            message: None,
            related: Vec::new(),
            span: None,
            quote: None,
            points,
            review: None,
            measured,
            why: reasons(&why).into_owned(),
            also: Vec::new(),
            advice: rule.common.advice.clone(),
        });
    }
}

/// Takes points off an agent's mean, as other findings about a period do.
fn lower(standard: &Standard, agent: &mut report::Agent, points: f64) {
    let lowered = |value: f64| round3((value - points).clamp(0.0, 100.0));
    if let Some(score) = &mut agent.score {
        score.mean = lowered(score.mean);
        score.low = score.low.map(lowered);
        score.high = score.high.map(lowered);
        if agent.band.is_some() {
            agent.band = Card::from(standard).band(score.mean);
        }
    }
    agent.score_if_confirmed = agent.score_if_confirmed.map(lowered);
}
