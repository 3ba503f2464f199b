//! Points, deductions, totals: everything that follows from the findings and their reviews.
//!
//! The thing to get right: what a dimension has lost is always the sum of the points of the agent's
//! findings in it. A confirmed critical finding therefore costs the whole weight of its dimension,
//! and no cap on findings spares it.

use crate::report::{
    Conversation, DimensionScore, Finding, Review, Score, Severity, State, round3,
};
use crate::rule::severity_points;

use super::Card;

/// Findings of one clause that cost points, for rules the standard no longer has.
const USUAL_CAP: usize = 2;

/// No total exceeds this beside a confirmed critical finding.
const CRITICAL_CAP: f64 = 59.0;

/// Below this coverage there is no band.
pub(super) const BAND_COVERAGE: f64 = 0.6;

/// Sets points, deductions, coverage, totals and bands.
pub(super) fn settle(card: Card<'_>, conversation: &mut Conversation) {
    let reviews: Vec<Option<Review>> = conversation
        .findings
        .iter()
        .map(|finding| finding.review)
        .collect();
    let confirmed: Vec<Option<Review>> = reviews
        .iter()
        .map(|review| {
            if *review == Some(Review::Pending) {
                Some(Review::Confirmed)
            } else {
                *review
            }
        })
        .collect();
    let findings = &mut conversation.findings;
    let if_confirmed = prices(card, findings, &confirmed);
    let points = prices(card, findings, &reviews);
    for (finding, points) in findings.iter_mut().zip(&points) {
        finding.points = *points;
    }
    for score in &mut conversation.scores {
        score.coverage = round3(coverage(&score.dimensions));
        score.total_if_confirmed = total(score, findings, &if_confirmed, &confirmed);
        score.total = total(score, findings, &points, &reviews);
        score.band = score
            .total
            .filter(|_| score.coverage >= BAND_COVERAGE)
            .and_then(|total| card.band(total));
        for dimension in &mut score.dimensions {
            dimension.deducted = round3(deducted(&score.agent, &dimension.id, findings, &points));
        }
    }
}

/// What each finding costs under these reviews. Findings are in the order of the report, and so are
/// those that the cap lets through.
fn prices(card: Card<'_>, findings: &[Finding], reviews: &[Option<Review>]) -> Vec<f64> {
    let mut charged: Vec<(&str, &str, usize)> = Vec::new();
    let mut prices = Vec::with_capacity(findings.len());
    for (finding, review) in findings.iter().zip(reviews) {
        let price = price(card, finding, *review);
        if price <= 0.0 {
            prices.push(0.0);
            continue;
        }
        let clause = finding.clauses.first().unwrap_or(&finding.rule).as_str();
        let entry = charged
            .iter()
            .position(|(agent, known, _)| *agent == finding.agent && *known == clause);
        let entry = entry.unwrap_or_else(|| {
            charged.push((&finding.agent, clause, 0));
            charged.len() - 1
        });
        let count = &mut charged[entry].2;
        let cap = card
            .rule(&finding.rule)
            .map_or(USUAL_CAP, |rule| rule.common.max_per_conversation);
        let is_free = *count >= cap && !is_applied(finding, *review);
        *count += 1;
        prices.push(if is_free { 0.0 } else { round3(price) });
    }
    prices
}

/// What a finding costs before the cap on its clause.
fn price(card: Card<'_>, finding: &Finding, review: Option<Review>) -> f64 {
    if review == Some(Review::Rejected) {
        return 0.0;
    }
    if finding.severity == Severity::Critical {
        let provisional = severity_points(Severity::Major);
        return if is_applied(finding, review) {
            card.weight(&finding.dimension).max(provisional)
        } else {
            provisional
        };
    }
    match card.rule(&finding.rule) {
        Some(rule) if rule.common.soft.is_some() => 0.0,
        Some(rule) => rule.points(finding.severity, finding.measured.as_ref()),
        None => severity_points(finding.severity),
    }
}

fn is_applied(finding: &Finding, review: Option<Review>) -> bool {
    finding.severity == Severity::Critical && review == Some(Review::Confirmed)
}

fn deducted(agent: &str, dimension: &str, findings: &[Finding], points: &[f64]) -> f64 {
    findings
        .iter()
        .zip(points)
        .filter(|(finding, _)| finding.agent == agent && finding.dimension == dimension)
        .map(|(_, points)| points)
        .sum()
}

/// 100 · Σ max(0, weight − deducted) / Σ weight over what was assessed.
fn total(
    score: &Score,
    findings: &[Finding],
    points: &[f64],
    reviews: &[Option<Review>],
) -> Option<f64> {
    let mut left = 0.0;
    let mut weight = 0.0;
    for dimension in score
        .dimensions
        .iter()
        .filter(|dimension| dimension.state == State::Assessed)
    {
        let lost = deducted(&score.agent, &dimension.id, findings, points);
        left += (dimension.weight - lost).max(0.0);
        weight += dimension.weight;
    }
    if weight <= 0.0 {
        return None;
    }
    let total = 100.0 * left / weight;
    let is_capped = findings
        .iter()
        .zip(reviews)
        .any(|(finding, review)| finding.agent == score.agent && is_applied(finding, *review));
    Some(round3(if is_capped {
        total.min(CRITICAL_CAP)
    } else {
        total
    }))
}

/// Assessed weight over assessed and not assessed weight; 0 when nothing was assessed.
fn coverage(dimensions: &[DimensionScore]) -> f64 {
    let of = |state: State| -> f64 {
        dimensions
            .iter()
            .filter(|dimension| dimension.state == state)
            .map(|dimension| dimension.weight)
            .sum()
    };
    let assessed = of(State::Assessed);
    let all = assessed + of(State::NotAssessed);
    if all > 0.0 { assessed / all } else { 0.0 }
}
