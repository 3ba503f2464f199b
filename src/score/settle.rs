//! Points, deductions, totals: everything that follows from the findings and their reviews.
//!
//! The thing to get right: what a dimension has lost is always the sum of the points of the agent's
//! findings in it, in the order of the report. A confirmed critical finding therefore costs the whole
//! weight of its dimension, and no cap on findings spares it. It all happens in numbers, so that the
//! first scoring, which has no report yet, and every later one are the same code.

use crate::report::{Band, Measured, Review, Severity, State, round3};
use crate::rule::{Rule, severity_points};
use crate::sorted;

/// Findings of one clause that cost points, for rules the standard no longer has.
const USUAL_CAP: usize = 2;

/// No total exceeds this beside a confirmed critical finding.
const CRITICAL_CAP: f64 = 59.0;

/// Below this coverage there is no band.
pub(super) const BAND_COVERAGE: f64 = 0.6;

/// What of a finding decides its points. Agents and dimensions are numbers that the caller gives out.
pub(super) struct Fact<'a> {
    pub(super) agent: usize,
    pub(super) dimension: usize,
    clause: &'a str,
    severity: Severity,
    pub(super) review: Option<Review>,
    /// How many findings of its clause cost points.
    cap: usize,
    /// What it costs when it is not critical.
    plain: f64,
    /// What it costs when it is critical and confirmed.
    whole: f64,
}

/// One dimension of one agent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) dimension: usize,
    pub(super) weight: f64,
    pub(super) state: State,
    /// Points lost, set by [`Settled::mark`].
    pub(super) deducted: f64,
}

/// What became of an agent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    pub(super) total: Option<f64>,
    pub(super) total_if_confirmed: Option<f64>,
    pub(super) coverage: f64,
    /// Index of the band.
    pub(super) band: Option<usize>,
}

impl<'a> Fact<'a> {
    /// `weight` is that of its dimension; `rule` the one it breaks, if the standard still has it.
    pub(super) fn new(
        rule: Option<&Rule>,
        (agent, dimension): (usize, usize),
        clause: &'a str,
        (severity, review): (Severity, Option<Review>),
        measured: Option<&Measured>,
        weight: f64,
    ) -> Self {
        Self {
            agent,
            dimension,
            clause,
            severity,
            review,
            cap: rule.map_or(USUAL_CAP, |rule| rule.common.max_per_conversation),
            plain: match rule {
                Some(rule) if rule.common.soft.is_some() => 0.0,
                Some(rule) => rule.points(severity, measured),
                None => severity_points(severity),
            },
            whole: weight.max(severity_points(Severity::Major)),
        }
    }

    /// The review, or what it is taken for when every pending one is confirmed.
    fn review(&self, confirmed: bool) -> Option<Review> {
        match self.review {
            Some(Review::Pending) if confirmed => Some(Review::Confirmed),
            review => review,
        }
    }

    fn is_applied(&self, confirmed: bool) -> bool {
        self.severity == Severity::Critical && self.review(confirmed) == Some(Review::Confirmed)
    }

    /// What it costs before the cap on its clause.
    fn price(&self, confirmed: bool) -> f64 {
        if self.review == Some(Review::Rejected) {
            0.0
        } else if self.severity != Severity::Critical {
            self.plain
        } else if self.is_applied(confirmed) {
            self.whole
        } else {
            severity_points(Severity::Major)
        }
    }
}

/// What every finding of a conversation costs.
pub(super) struct Settled<'a> {
    facts: &'a [Fact<'a>],
    /// What each costs now.
    pub(super) points: Vec<f64>,
    /// What each costs if every pending one is confirmed, where that is something else.
    if_confirmed: Option<Vec<f64>>,
}

impl<'a> Settled<'a> {
    /// Findings are in the order of the report.
    pub(super) fn new(facts: &'a [Fact<'a>]) -> Self {
        let is_pending = |fact: &Fact<'_>| fact.review == Some(Review::Pending);
        Self {
            facts,
            points: prices(facts, false),
            if_confirmed: facts.iter().any(is_pending).then(|| prices(facts, true)),
        }
    }

    /// Scores an agent: `parts` are its dimensions.
    pub(super) fn mark(&self, agent: usize, parts: &mut [Part], bands: &[Band]) -> Mark {
        let coverage = round3(coverage(parts));
        let if_confirmed = self
            .if_confirmed
            .as_ref()
            .map(|points| self.total(agent, parts, points, true));
        // Last, so that what stays in the parts is what is lost now.
        let total = self.total(agent, parts, &self.points, false);
        for part in parts {
            part.deducted = round3(part.deducted);
        }
        Mark {
            total,
            total_if_confirmed: if_confirmed.unwrap_or(total),
            coverage,
            band: total
                .filter(|_| coverage >= BAND_COVERAGE)
                .and_then(|total| bands.iter().position(|band| total >= band.from)),
        }
    }

    /// 100 · Σ max(0, weight − deducted) / Σ weight over what was assessed.
    fn total(
        &self,
        agent: usize,
        parts: &mut [Part],
        points: &[f64],
        confirmed: bool,
    ) -> Option<f64> {
        let mut is_capped = false;
        for part in parts.iter_mut() {
            part.deducted = 0.0;
        }
        for (fact, points) in self.facts.iter().zip(points) {
            if fact.agent != agent {
                continue;
            }
            is_capped |= fact.is_applied(confirmed);
            for part in parts.iter_mut() {
                if part.dimension == fact.dimension {
                    part.deducted += points;
                }
            }
        }
        let mut left = 0.0;
        let mut weight = 0.0;
        for part in parts.iter().filter(|part| part.state == State::Assessed) {
            left += (part.weight - part.deducted).max(0.0);
            weight += part.weight;
        }
        if weight <= 0.0 {
            return None;
        }
        let total = 100.0 * left / weight;
        Some(round3(if is_capped {
            total.min(CRITICAL_CAP)
        } else {
            total
        }))
    }
}

/// What each finding costs. Of one clause the costliest are charged, in the order of the report: a lesser
/// finding never takes the place of a graver one.
fn prices(facts: &[Fact<'_>], confirmed: bool) -> Vec<f64> {
    let mut points: Vec<f64> = facts.iter().map(|fact| fact.price(confirmed)).collect();
    let mut costliest: Vec<usize> = (0..facts.len()).filter(|at| points[*at] > 0.0).collect();
    sorted::by(&mut costliest, |a, b| points[*b].total_cmp(&points[*a]));
    let mut charged: Vec<(usize, &str, usize)> = Vec::new();
    for at in costliest {
        let fact = &facts[at];
        let known = charged
            .iter()
            .position(|(agent, clause, _)| *agent == fact.agent && *clause == fact.clause);
        let entry = known.unwrap_or_else(|| {
            charged.push((fact.agent, fact.clause, 0));
            charged.len() - 1
        });
        let count = &mut charged[entry].2;
        let is_free = *count >= fact.cap && !fact.is_applied(confirmed);
        *count += 1;
        points[at] = if is_free { 0.0 } else { round3(points[at]) };
    }
    points
}

/// Assessed weight over assessed and not assessed weight; 0 when nothing was assessed.
fn coverage(parts: &[Part]) -> f64 {
    let of = |state: State| -> f64 {
        parts
            .iter()
            .filter(|part| part.state == state)
            .map(|part| part.weight)
            .sum()
    };
    let assessed = of(State::Assessed);
    let all = assessed + of(State::NotAssessed);
    if all > 0.0 { assessed / all } else { 0.0 }
}
