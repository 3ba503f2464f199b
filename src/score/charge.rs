//! One fact is charged once.
//!
//! The thing to get right: facts do not chain. A finding joins the gravest one that is about the same
//! fact as itself; two that both touch a third, but not each other, stay two facts.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::report::Severity;
use crate::rule::{Finding, Rule, Verdict};
use crate::sorted;

/// A finding that stands, and the others that are about the same fact.
pub(super) struct Charge<'a> {
    /// Index of the rule.
    pub(super) rule: usize,
    /// The gravest finding.
    pub(super) finding: &'a Finding,
    /// Its index in the verdict.
    pub(super) index: usize,
    /// Index and severity of each other rule, the gravest first.
    pub(super) also: Vec<(usize, Severity)>,
}

/// Keeps of the findings about one fact the gravest.
pub(super) fn once<'a>(rules: &[Rule], verdicts: &'a [Verdict]) -> Vec<Charge<'a>> {
    let mut all: Vec<(usize, usize, &Finding)> = Vec::new();
    for (rule, verdict) in verdicts.iter().take(rules.len()).enumerate() {
        let findings = verdict.findings.iter().enumerate();
        all.extend(findings.map(|(index, finding)| (rule, index, finding)));
    }
    // Stable: of equals the rule that comes first in the standard wins, then the earlier finding.
    sorted::by(&mut all, |a, b| {
        gravest_first(rules, (a.0, a.2), (b.0, b.2))
    });
    let mut kept: Vec<Charge<'a>> = Vec::with_capacity(all.len());
    // Only findings of one message, or of one wait, can be about one fact: what is kept, by either.
    let mut at_message: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut at_wait: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (rule, index, finding) in all {
        let near = at_message.entry(finding.message).or_default();
        let same_wait = finding.wait.map(|wait| at_wait.entry(wait).or_default());
        let others = same_wait.as_deref().into_iter().flatten();
        let same = near.iter().chain(others).copied().filter(|number| {
            let charge = &kept[*number];
            charge.rule != rule && one_fact(rules, (charge.rule, charge.finding), (rule, finding))
        });
        // The gravest.
        match same.min().map(|number| &mut kept[number]) {
            Some(charge) if charge.also.iter().any(|(known, _)| *known == rule) => {}
            Some(charge) => charge.also.push((rule, finding.severity)),
            None => {
                near.push(kept.len());
                if let Some(same_wait) = same_wait {
                    same_wait.push(kept.len());
                }
                kept.push(Charge {
                    rule,
                    finding,
                    index,
                    also: Vec::new(),
                });
            }
        }
    }
    kept
}

/// Whether two findings of different rules are about one fact.
fn one_fact(
    rules: &[Rule],
    (rule_a, a): (usize, &Finding),
    (rule_b, b): (usize, &Finding),
) -> bool {
    if a.wait.is_some() && a.wait == b.wait {
        return true;
    }
    if a.message != b.message {
        return false;
    }
    let overlap = a
        .span
        .zip(b.span)
        .is_some_and(|(one, other)| one.overlaps(other));
    let group = &rules[rule_a].common.charge_group;
    overlap || (group.is_some() && *group == rules[rule_b].common.charge_group)
}

/// By severity, points, severity before raising, whose rule it is, length of the span.
fn gravest_first(
    rules: &[Rule],
    (rule_a, a): (usize, &Finding),
    (rule_b, b): (usize, &Finding),
) -> Ordering {
    let length = |finding: &Finding| finding.span.map_or(0, |span| span.len());
    let (one, other) = (&rules[rule_a], &rules[rule_b]);
    b.severity
        .cmp(&a.severity)
        .then_with(|| cost(other, b).total_cmp(&cost(one, a)))
        // What is grave by itself names the fact better than what the company makes graver.
        .then_with(|| other.common.severity.cmp(&one.common.severity))
        .then_with(|| is_house(one).cmp(&is_house(other)))
        .then_with(|| length(b).cmp(&length(a)))
}

/// What a finding costs by itself. A soft limit costs nothing in a conversation, so that it never
/// stands in the way of what does.
fn cost(rule: &Rule, finding: &Finding) -> f64 {
    if rule.common.soft.is_some() {
        0.0
    } else {
        rule.points(finding.severity, finding.measured.as_ref())
    }
}

/// Whether a rule is one that loads with every standard.
fn is_house(rule: &Rule) -> bool {
    rule.name.starts_with("house/")
        || rule
            .common
            .clauses
            .first()
            .is_some_and(|clause| clause.starts_with("HS-"))
}
