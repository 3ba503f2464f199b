//! What becomes of an agent over everything that was inspected.
//!
//! The thing to get right: a [`Tally`] keeps numbers for each conversation, never its words, and can
//! have the scores of one replaced after a review. Whatever order conversations arrive in, the figures
//! are summed in the order of their keys. It is all that grows with a batch, so everything lies in a few
//! lists; response times, which no review changes, are summed at once.

mod block;
mod part;

use std::collections::BTreeMap;

use crate::diagnostic::Bilingual;
use crate::inspect::Inspection;
use crate::metric::{Aggregate, Metric, Sum, seconds};
use crate::report::{self, Conversation, Finding, MeanScore, Measured, NotAssessed, round3};
use crate::rule::profile::Profile;
use crate::rule::{ENOUGH, Kind, Owner, Rule, own_limit};
use crate::sorted;
use crate::standard::Standard;
use crate::transcript::Transcript;

use super::line::Judged;
use super::sheet::Staff;
use super::{Card, settle::BAND_COVERAGE, student};
use block::{Block, Broken, Entry, Line, Names, begun, room};

/// How often an agent kept a soft rule, or a share's occasions, in one conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Index in [`Conversation::agents`].
    pub agent: u32,
    /// Index of the rule in the standard.
    pub rule: u32,
    /// Occasions kept.
    pub passed: u32,
    /// Occasions judged.
    pub judged: u32,
}

/// The values of one metric of an agent in one conversation, summed.
#[derive(Clone, Debug)]
pub struct Times {
    /// Index in [`Conversation::agents`].
    pub agent: u32,
    /// Index of the metric in the standard.
    pub metric: u32,
    /// The values.
    pub sum: Sum,
}

/// What the figures of agents rest on, besides the conversation's report.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Soft rules and shares.
    pub shares: Vec<Share>,
    /// Response times.
    pub times: Vec<Times>,
}

/// Gathers from an inspection what [`Tally::add`] wants.
pub fn evidence(standard: &Standard, transcript: &Transcript, inspection: &Inspection) -> Evidence {
    let mut evidence = Evidence::default();
    let staff = Staff::of(transcript);
    evidence.shares = shares(standard, &staff, inspection);
    for agent in 0..staff.len() {
        let mut sums = Vec::new();
        let own = |owner| staff.index(owner) == Some(agent);
        time(standard, inspection, &own, &mut sums);
        let measured = sums.into_iter().enumerate();
        let measured = measured.filter(|(_, sum)| sum.count > 0);
        evidence.times.extend(measured.map(|(metric, sum)| Times {
            agent: small(agent),
            metric: small(metric),
            sum,
        }));
    }
    evidence
}

/// The shares that one conversation shows.
fn shares(standard: &Standard, staff: &Staff, inspection: &Inspection) -> Vec<Share> {
    let mut shares = Vec::new();
    let rules = standard.rules.iter().zip(&inspection.verdicts).enumerate();
    for (index, (rule, verdict)) in rules {
        let rate = match &rule.kind {
            Kind::Rate(rate) => Some(rate),
            _ => None,
        };
        if rate.is_none() && (rule.common.soft.is_none() || verdict.outcomes.is_empty()) {
            continue;
        }
        for agent in 0..staff.len() {
            let (mut passed, mut judged) = (0, 0);
            for owner in staff.owners(agent) {
                let share = match rate {
                    Some(rate) => rate.share(&standard.rules, &inspection.verdicts, index, owner),
                    None => verdict.share(owner),
                };
                passed += share.0;
                judged += share.1;
            }
            if judged > 0 {
                shares.push(Share {
                    agent: small(agent),
                    rule: small(index),
                    passed: small(passed),
                    judged: small(judged),
                });
            }
        }
    }
    shares
}

/// Adds what one conversation shows of the response times of some to their sums, by metric.
fn time(
    standard: &Standard,
    inspection: &Inspection,
    own: &dyn Fn(Owner) -> bool,
    sums: &mut Vec<Sum>,
) {
    for sample in inspection.samples.iter().filter(|it| own(it.owner)) {
        if let Some(metric) = standard.metrics.get(sample.metric) {
            at(sums, sample.metric).add(metric.definition.aggregate, sample.millis);
        }
    }
}

/// The item at a place, which may be behind the end.
fn at<T: Clone + Default>(list: &mut Vec<T>, place: usize) -> &mut T {
    if place >= list.len() {
        list.resize(place + 1, T::default());
    }
    &mut list[place]
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Which conversation: its place among all that were read, from 0.
pub type Key = usize;

/// Figures of every agent in every conversation so far.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    agents: Names,
    rules: Names,
    /// Sorted by key. A list that grows moves, and leaves a hole where it was, so none grows long.
    blocks: Vec<Block>,
    /// By agent.
    fixed: Vec<Fixed>,
}

/// What no review changes.
#[derive(Clone, Debug, Default)]
struct Fixed {
    /// By rule: occasions of conversations in which it was kept throughout.
    kept: Vec<usize>,
    /// By metric.
    times: Vec<Sum>,
}

impl Tally {
    /// Counts a conversation. Its key must be new: [`Tally::review`] counts one anew.
    pub fn add(&mut self, key: Key, conversation: &Conversation, evidence: Evidence) {
        let block = room(&mut self.blocks, key);
        let lines = block.lines(conversation, &mut self.agents, &mut self.rules);
        for Times { agent, metric, sum } in evidence.times {
            if let Some(line) = lines.of(&block.lines).get(agent as usize) {
                let fixed = at(&mut self.fixed, line.agent as usize);
                at(&mut fixed.times, metric as usize).merge(&sum);
            }
        }
        block.enter(key, lines, evidence.shares, &mut self.fixed);
    }

    /// Counts a conversation that is no report yet. Its key must be new.
    pub fn add_judged(&mut self, key: Key, standard: &Standard, judged: Judged<'_>) {
        let block = room(&mut self.blocks, key);
        let lines = block.judged_lines(standard, judged, &mut self.agents, &mut self.rules);
        let Judged {
            inspection, sheet, ..
        } = judged;
        for (agent, line) in lines.of(&block.lines).iter().enumerate() {
            let fixed = at(&mut self.fixed, line.agent as usize);
            let is_own = |owner| sheet.staff.index(owner) == Some(agent);
            time(standard, inspection, &is_own, &mut fixed.times);
        }
        let shares = shares(standard, &sheet.staff, inspection);
        block.enter(key, lines, shares, &mut self.fixed);
    }

    /// Counts a conversation anew after a review; what was measured in it stays. Whether it was known.
    pub fn review(&mut self, key: Key, conversation: &Conversation) -> bool {
        let at = begun(&self.blocks, key).saturating_sub(1);
        let Some(block) = self.blocks.get_mut(at) else {
            return false;
        };
        let Ok(at) = block.place(key) else {
            return false;
        };
        block.entries[at].lines = block.lines(conversation, &mut self.agents, &mut self.rules);
        true
    }

    /// Conversations counted.
    pub fn conversations(&self) -> usize {
        self.blocks.iter().map(|block| block.entries.len()).sum()
    }

    fn all(&self) -> impl Iterator<Item = (&Block, &Entry)> {
        let blocks = self.blocks.iter();
        blocks.flat_map(|block| block.entries.iter().map(move |entry| (block, entry)))
    }

    /// Every agent, sorted by name.
    ///
    /// `limit` gives the limit in force, in seconds, of a rule about a period's average response time.
    pub fn agents(
        &self,
        standard: &Standard,
        limit: &dyn Fn(&Rule) -> Option<PeriodLimit>,
    ) -> Vec<report::Agent> {
        let none = Fixed::default();
        let mut sums: Vec<Sums<'_>> = (0..self.agents.all.len())
            .map(|agent| Sums::new(standard, self.fixed.get(agent).unwrap_or(&none)))
            .collect();
        // A share of another rule's occasions is rejected with that rule's findings.
        let rule_ids: Vec<Option<u32>> = standard
            .rules
            .iter()
            .map(|rule| {
                let of = match &rule.kind {
                    Kind::Rate(rate) => rate.of(),
                    _ => None,
                };
                let source = of.and_then(|of| {
                    let mut rules = standard.rules.iter();
                    rules.find(|rule| rule.common.id == of.value)
                });
                let name = source.unwrap_or(rule).name.as_str();
                self.rules.index.get(name).copied()
            })
            .collect();
        for (block, entry) in self.all() {
            let lines = entry.lines.of(&block.lines);
            for line in lines {
                sums[line.agent as usize].line(line, &block.broken);
            }
            for share in entry.shares.of(&block.shares) {
                let Some(line) = lines.get(share.agent as usize) else {
                    continue;
                };
                let rejected = rule_ids[share.rule as usize]
                    .and_then(|rule| {
                        let broken = line.broken.of(&block.broken);
                        broken.iter().find(|broken| broken.rule == rule)
                    })
                    .map_or(0, |broken| broken.rejected);
                let sum = &mut sums[line.agent as usize].shares[share.rule as usize];
                sum.0 += share.passed.saturating_add(rejected).min(share.judged) as usize;
                sum.1 += share.judged as usize;
            }
        }
        // The index is sorted by name.
        self.agents
            .index
            .iter()
            .filter(|(_, id)| sums[**id as usize].conversations > 0)
            .map(|(name, id)| sums[*id as usize].agent(name, standard, &self.rules, limit))
            .collect()
    }
}

/// A limit on the average of a period, or the target of a share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PeriodLimit {
    /// So many seconds.
    Seconds(f64),
    /// At least this share, 0 to 1.
    Share(f64),
    /// The shop has to fill it in and has not.
    Open,
}

impl PeriodLimit {
    /// The limit that a shop has for a rule; `None`: the rule is not about a period.
    pub fn of(rule: &Rule, profile: &Profile) -> Option<Self> {
        if let Kind::Rate(rate) = &rule.kind {
            return Some(rate.target(profile).map_or(Self::Open, Self::Share));
        }
        let Kind::Reply(reply) = &rule.kind else {
            return None;
        };
        if !reply.is_of_period() {
            return None;
        }
        Some(match (reply.target, reply.limit_for(profile)) {
            (Some(target), _) => Self::Share(target),
            (None, Some(millis)) => Self::Seconds(seconds(millis)),
            (None, None) => Self::Open,
        })
    }
}

fn figure(metric: &Metric, sum: &Sum) -> report::Metric {
    report::Metric {
        value: sum.figure(metric.definition.aggregate).map(round3),
        count: sum.count,
    }
}

struct Sums<'t> {
    conversations: usize,
    totals: Vec<f64>,
    if_confirmed: Vec<f64>,
    coverage: f64,
    critical: usize,
    with_critical: usize,
    by_rule: BTreeMap<u32, usize>,
    shares: Vec<(usize, usize)>,
    times: &'t [Sum],
}

impl<'t> Sums<'t> {
    fn new(standard: &Standard, fixed: &'t Fixed) -> Self {
        let kept = |rule| fixed.kept.get(rule).copied().unwrap_or_default();
        Self {
            conversations: 0,
            totals: Vec::new(),
            if_confirmed: Vec::new(),
            coverage: 0.0,
            critical: 0,
            with_critical: 0,
            by_rule: BTreeMap::new(),
            shares: (0..standard.rules.len())
                .map(|rule| (kept(rule), kept(rule)))
                .collect(),
            times: &fixed.times,
        }
    }

    fn line(&mut self, line: &Line, broken: &[Broken]) {
        self.conversations += 1;
        if !line.total.is_nan() {
            self.totals.push(line.total);
            self.coverage += line.coverage;
        }
        if !line.if_confirmed.is_nan() {
            self.if_confirmed.push(line.if_confirmed);
        }
        self.critical += line.critical as usize;
        self.with_critical += usize::from(line.critical > 0);
        for broken in line.broken.of(broken) {
            if broken.standing > 0 {
                *self.by_rule.entry(broken.rule).or_default() += broken.standing as usize;
            }
        }
    }

    fn agent(
        &self,
        name: &str,
        standard: &Standard,
        rules: &Names,
        limit: &dyn Fn(&Rule) -> Option<PeriodLimit>,
    ) -> report::Agent {
        let (findings, not_assessed) = self.period(name, standard, limit);
        let lost: f64 = findings.iter().map(|finding| finding.points).sum();
        let lowered = |value: f64| (value - lost).clamp(0.0, 100.0);
        let none = Sum::default();
        let metrics = standard.metrics.iter().enumerate();
        let times = metrics.map(|(at, metric)| (metric, self.times.get(at).unwrap_or(&none)));
        let by_rule = self.by_rule.iter();
        let score = student::mean(&self.totals).map(|(mean, half)| MeanScore {
            mean: round3(lowered(mean)),
            low: half.map(|half| round3(lowered(mean - half))),
            high: half.map(|half| round3(lowered(mean + half))),
        });
        let assessed = self.totals.len();
        let is_covered = assessed >= ENOUGH && self.coverage / assessed as f64 >= BAND_COVERAGE;
        report::Agent {
            agent: name.to_owned(),
            group: None,
            conversations: self.conversations,
            assessed,
            score,
            score_if_confirmed: student::mean(&self.if_confirmed)
                .map(|(mean, _)| round3(lowered(mean))),
            band: score
                .filter(|_| is_covered)
                .and_then(|score| Card::from(standard).band(score.mean)),
            critical: self.critical,
            critical_share: round3(self.with_critical as f64 / self.conversations.max(1) as f64),
            metrics: sorted::gathered(
                times.map(|(metric, sum)| (metric.id.clone(), figure(metric, sum))),
            ),
            by_rule: sorted::gathered(
                by_rule.map(|(rule, count)| (rules.all[*rule as usize].to_string(), *count)),
            ),
            findings,
            not_assessed,
        }
    }

    /// Soft limits and averages: what can only be judged over a period.
    fn period(
        &self,
        name: &str,
        standard: &Standard,
        limit: &dyn Fn(&Rule) -> Option<PeriodLimit>,
    ) -> (Vec<Finding>, Vec<NotAssessed>) {
        let mut findings = Vec::new();
        let mut not_assessed = Vec::new();
        for (rule, (passed, judged)) in standard.rules.iter().zip(&self.shares) {
            let judgement = match (limit(rule), &rule.kind, rule.common.soft) {
                (Some(PeriodLimit::Share(target)), Kind::Rate(rate), _) => {
                    share(*passed, *judged, target, rate.min_occasions)
                }
                (Some(_), Kind::Rate(_), _) if *judged == 0 => Judgement::Fine,
                (Some(_), Kind::Rate(_), _) => Judgement::Unknown(open_limit()),
                (Some(limit), ..) => self.average(standard, rule, limit),
                (None, _, Some(target)) => share(*passed, *judged, target, ENOUGH),
                (None, _, None) => Judgement::Fine,
            };
            let dimension = super::dimension_id(Card::from(standard), rule);
            match judgement {
                Judgement::Fine => {}
                Judgement::Unknown(reason) => not_assessed.push(NotAssessed {
                    rule: rule.name.clone(),
                    dimension,
                    agent: Some(name.to_owned()),
                    reason,
                }),
                Judgement::Missed(measured, why) => {
                    let tier = rule.tier(measured.seconds);
                    let severity = tier.map_or(rule.common.severity, |tier| tier.severity);
                    let points = round3(rule.points(severity, Some(&measured)));
                    let cost = Bilingual::new(
                        format!("该客服的均分因此扣 {points} 分"),
                        format!("the agent's mean is lowered by {points}"),
                    );
                    let mut why = vec![why, cost];
                    let figure = if rule.common.soft.is_some() {
                        "soft"
                    } else {
                        "limit"
                    };
                    if rule.common.ours.iter().any(|name| name == figure) {
                        why.push(own_limit());
                    }
                    findings.push(Finding {
                        rule: rule.name.clone(),
                        clauses: rule.common.clauses.clone(),
                        kind: rule.kind.word().to_owned(),
                        severity,
                        dimension,
                        agent: name.to_owned(),
                        message: None,
                        related: Vec::new(),
                        span: None,
                        quote: None,
                        points,
                        review: None,
                        measured: Some(measured),
                        why,
                        also: Vec::new(),
                        advice: rule.common.advice.clone(),
                    });
                }
            }
        }
        sorted::by(&mut findings, |a, b| a.rule.cmp(&b.rule));
        (findings, not_assessed)
    }

    fn average(&self, standard: &Standard, rule: &Rule, limit: PeriodLimit) -> Judgement {
        let Kind::Reply(reply) = &rule.kind else {
            return Judgement::Fine;
        };
        let aggregate = reply.definition.aggregate;
        let sum = standard
            .metrics
            .iter()
            .position(|metric| metric.id == reply.metric)
            .and_then(|index| self.times.get(index));
        let Some((sum, value)) = sum.and_then(|sum| Some((sum, sum.figure(aggregate)?))) else {
            return Judgement::Fine;
        };
        let count = sum.count;
        let limit = match limit {
            PeriodLimit::Seconds(limit) => limit,
            PeriodLimit::Share(target) => return share(sum.within, count, target, ENOUGH),
            PeriodLimit::Open => {
                return Judgement::Unknown(Bilingual::new(
                    "标准没有给出时限，需在店铺设置中填写",
                    "the standard leaves the limit open; the shop's profile must set it",
                ));
            }
        };
        if count < ENOUGH {
            return Judgement::Unknown(too_few(count, ENOUGH));
        }
        if value <= limit {
            return Judgement::Fine;
        }
        let shown = round3(value);
        let title = &rule.common.title;
        let (zh, en) = match aggregate {
            Aggregate::Median => ("的中位数为", "as the median"),
            Aggregate::P90 => ("的九成位数为", "at the ninetieth percentile"),
            _ => ("平均", "on average"),
        };
        let zh = format!(
            "{count} 次回复{zh} {shown} 秒，时限 {limit} 秒（{}）",
            title.zh
        );
        let en = format!(
            "{count} replies took {shown} s {en}, the limit is {limit} s ({})",
            title.en
        );
        let measured = Measured {
            seconds: Some(shown),
            limit: Some(round3(limit)),
            count: Some(count),
            ..Measured::default()
        };
        Judgement::Missed(measured, Bilingual::new(zh, en))
    }
}

pub(super) enum Judgement {
    Fine,
    Unknown(Bilingual),
    Missed(Measured, Bilingual),
}

/// A soft limit or a share over a period: `count` of a miss is the occasions kept, `required` those the
/// target wants.
pub(super) fn share(passed: usize, judged: usize, target: f64, enough: usize) -> Judgement {
    if judged == 0 {
        return Judgement::Fine;
    }
    if judged < enough {
        return Judgement::Unknown(too_few(judged, enough));
    }
    let share = round3(passed as f64 / judged as f64);
    // The slack is for targets such as 0.9 that have no exact binary form.
    if passed as f64 + 1e-9 >= target * judged as f64 {
        return Judgement::Fine;
    }
    let percent = |share: f64| round3(share * 100.0);
    let measured = Measured {
        limit: Some(round3(target)),
        count: Some(passed),
        required: Some((target * judged as f64 - 1e-9).ceil() as usize),
        ..Measured::default()
    };
    Judgement::Missed(
        measured,
        Bilingual::new(
            format!(
                "{judged} 次中做到 {passed} 次，占 {}%，目标 {}%",
                percent(share),
                percent(target)
            ),
            format!(
                "kept on {passed} of {judged} occasions, {}%; the target is {}%",
                percent(share),
                percent(target)
            ),
        ),
    )
}

fn open_limit() -> Bilingual {
    Bilingual::new(
        "标准没有给出时限，需在店铺设置中填写",
        "the standard leaves the limit open; the shop's profile must set it",
    )
}

fn too_few(count: usize, enough: usize) -> Bilingual {
    Bilingual::new(
        format!("只有 {count} 次，少于 {enough} 次，不判断"),
        format!("only {count} occasions; at least {enough} are needed"),
    )
}
