//! From what was found to what it costs: the wire form of a conversation, and its scores.
//!
//! The thing to get right: a score follows from the report alone. The first scoring and every later
//! one, after a person has confirmed or rejected findings, go through the same `settle`; nothing
//! that decides a point is kept anywhere but in the [`report::Conversation`] and the standard.

mod agents;
mod charge;
mod records;
mod settle;
mod student;

pub use agents::{Evidence, Key, PeriodLimit, Share, Tally, Times, evidence};
pub use records::bring_in;

use std::collections::BTreeMap;

use crate::diagnostic::{Bilingual, Diagnostic};
use crate::inspect::Inspection;
use crate::report::{self, Also, DimensionScore, Review, Score, Severity, State};
use crate::rule::{Kind, Outcome, Owner, Rule, Verdict};
use crate::sorted;
use crate::span::{Span, Unit, convert};
use crate::standard::Standard;
use crate::text::{Datum, masked};
use crate::transcript::{SpeakerId, Transcript};

use charge::Charge;
use settle::settle;

/// The name under which what nobody in particular answers for is listed.
pub const TEAM: &str = "team";

/// When a critical finding nobody has looked at costs what a critical finding costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Critical {
    /// Not before a person has confirmed it: until then it costs what a major one costs.
    #[default]
    Provisional,
    /// At once.
    Applied,
}

/// How a conversation is scored and put into its wire form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The unit of offsets.
    pub offsets: Unit,
    /// What pending critical findings cost.
    pub critical: Critical,
}

/// What of a standard decides points and totals.
#[derive(Clone, Copy, Debug)]
pub struct Card<'a> {
    /// Dimensions, in order.
    pub dimensions: &'a [report::Dimension],
    /// Bands, best first.
    pub bands: &'a [report::Band],
    /// Rules.
    pub rules: &'a [Rule],
}

impl<'a> From<&'a Standard> for Card<'a> {
    fn from(standard: &'a Standard) -> Self {
        Self {
            dimensions: &standard.dimensions,
            bands: &standard.bands,
            rules: &standard.rules,
        }
    }
}

impl<'a> Card<'a> {
    /// The rule of this name, if the standard has it.
    fn rule(&self, name: &str) -> Option<&'a Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// The weight of a dimension; none has no weight.
    fn weight(&self, dimension: &str) -> f64 {
        self.dimensions
            .iter()
            .find(|entry| entry.id == dimension)
            .map_or(0.0, |entry| entry.weight)
    }

    /// The band of a total.
    fn band(&self, total: f64) -> Option<String> {
        self.bands
            .iter()
            .find(|band| total >= band.from)
            .map(|band| band.id.clone())
    }
}

/// What a person decided about one finding of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Decision {
    /// Index in [`report::Conversation::findings`].
    pub finding: usize,
    /// The decision; [`Review::Pending`] takes an earlier one back.
    pub review: Review,
}

/// Everything a report says of one conversation.
pub fn conversation(
    standard: &Standard,
    transcript: &Transcript,
    inspection: &Inspection,
    options: &Options,
) -> report::Conversation {
    conversation_by(Card::from(standard), transcript, inspection, options)
}

/// [`conversation`], for whoever has no whole standard.
pub fn conversation_by(
    card: Card<'_>,
    transcript: &Transcript,
    inspection: &Inspection,
    options: &Options,
) -> report::Conversation {
    let staff = Staff::of(transcript);
    let charges = charge::once(card.rules, &inspection.verdicts);
    let (spans, seen_spans) = wire_spans(transcript, &charges, inspection, options.offsets);
    let mut findings: Vec<report::Finding> = charges
        .iter()
        .zip(spans)
        .map(|(charge, span)| wire_finding(card, transcript, charge, span, options.critical))
        .collect();
    sorted::by(&mut findings, |a, b| {
        (a.message, start(a.span), &a.rule).cmp(&(b.message, start(b.span), &b.rule))
    });
    let mut observations: Vec<report::Observation> = inspection
        .observations
        .iter()
        .zip(seen_spans)
        .map(|(seen, span)| report::Observation {
            kind: seen.kind.to_string(),
            message: transcript.messages[seen.message].position,
            related: positions(transcript, &seen.related),
            span,
            agent: seen.agent.map(|id| transcript.speakers[id.0].name.clone()),
            label: seen.label.as_deref().map(str::to_owned),
            measured: seen.measured,
        })
        .collect();
    sorted::by(&mut observations, |a, b| {
        (a.message, start(a.span), &a.kind).cmp(&(b.message, start(b.span), &b.kind))
    });
    let mut conversation = report::Conversation {
        id: transcript.id.clone(),
        file: transcript.file.clone(),
        messages: transcript.messages.len(),
        agents: staff.names.clone(),
        findings,
        observations,
        not_assessed: not_assessed(card, &staff, &inspection.verdicts),
        scores: staff
            .ids
            .iter()
            .zip(&staff.names)
            .map(|(ids, name)| unsettled(card, name, ids, &inspection.verdicts))
            .collect(),
    };
    settle(card, &mut conversation);
    conversation
}

/// Scores a conversation again after a person's decisions. With none, nothing changes.
///
/// A rejected finding costs nothing, and the next one of its clause may cost instead; what is listed
/// in its `also` is the same fact and goes with it.
///
/// # Errors
/// When a decision names a finding the conversation has not; then nothing has changed.
pub fn rescore(
    standard: &Standard,
    conversation: &mut report::Conversation,
    decisions: &[Decision],
) -> Result<(), Vec<Diagnostic>> {
    rescore_by(Card::from(standard), conversation, decisions)
}

/// [`rescore`], for whoever has no whole standard.
///
/// # Errors
/// As [`rescore`].
pub fn rescore_by(
    card: Card<'_>,
    conversation: &mut report::Conversation,
    decisions: &[Decision],
) -> Result<(), Vec<Diagnostic>> {
    let count = conversation.findings.len();
    if let Some(wrong) = decisions.iter().find(|decision| decision.finding >= count) {
        let index = wrong.finding;
        let fault = Diagnostic::error(
            "finding-unknown",
            format!("该会话只有 {count} 条命中，没有第 {index} 条（从 0 数起）；请刷新后重试"),
            format!(
                "the conversation has {count} findings, none at index {index}; reload and try again"
            ),
        )
        .file(conversation.file.clone());
        return Err(vec![fault]);
    }
    for decision in decisions {
        let finding = &mut conversation.findings[decision.finding];
        finding.review = match decision.review {
            Review::Pending if finding.severity != Severity::Critical => None,
            review => Some(review),
        };
    }
    settle(card, conversation);
    Ok(())
}

/// The people of the shop who spoke, in order of first appearance. One name is one agent, even when
/// the source lists it as two speakers.
struct Staff {
    names: Vec<String>,
    ids: Vec<Vec<SpeakerId>>,
}

impl Staff {
    fn of(transcript: &Transcript) -> Self {
        let mut staff = Self {
            names: Vec::new(),
            ids: Vec::new(),
        };
        for message in transcript
            .messages
            .iter()
            .filter(|message| message.role.is_staff())
        {
            let name = &transcript.speaker(message).name;
            match staff.names.iter().position(|known| known == name) {
                Some(at) if staff.ids[at].contains(&message.speaker) => {}
                Some(at) => staff.ids[at].push(message.speaker),
                None => {
                    staff.names.push(name.clone());
                    staff.ids.push(vec![message.speaker]);
                }
            }
        }
        staff
    }

    /// Which of the agents answers, if one does.
    fn index(&self, owner: Owner) -> Option<usize> {
        let Owner::Agent(id) = owner else { return None };
        self.ids.iter().position(|ids| ids.contains(&id))
    }
}

/// How a rule came out for an agent: failed before passed before not assessed.
fn outcome<'a>(verdict: &'a Verdict, ids: &[SpeakerId]) -> Option<&'a Outcome> {
    let all = || {
        ids.iter()
            .filter_map(|id| verdict.outcome(Owner::Agent(*id)))
    };
    all()
        .find(|outcome| **outcome == Outcome::Failed)
        .or_else(|| all().find(|outcome| **outcome == Outcome::Passed))
        .or_else(|| all().next())
}

/// A score in which the states are known and nothing has been deducted yet.
fn unsettled(card: Card<'_>, agent: &str, ids: &[SpeakerId], verdicts: &[Verdict]) -> Score {
    let mut states = vec![State::NotApplicable; card.dimensions.len()];
    for (rule, verdict) in card.rules.iter().zip(verdicts) {
        let Some(state) = states.get_mut(rule.common.dimension) else {
            continue;
        };
        match outcome(verdict, ids) {
            Some(Outcome::Passed | Outcome::Failed) => *state = State::Assessed,
            Some(Outcome::NotAssessed(_)) if *state == State::NotApplicable => {
                *state = State::NotAssessed;
            }
            _ => {}
        }
    }
    Score {
        agent: agent.to_owned(),
        total: None,
        total_if_confirmed: None,
        coverage: 0.0,
        band: None,
        dimensions: card
            .dimensions
            .iter()
            .zip(states)
            .map(|(dimension, state)| DimensionScore {
                id: dimension.id.clone(),
                weight: dimension.weight,
                deducted: 0.0,
                state,
            })
            .collect(),
    }
}

/// What had an occasion and could not be judged: once for each rule and agent, the team last.
fn not_assessed(card: Card<'_>, staff: &Staff, verdicts: &[Verdict]) -> Vec<report::NotAssessed> {
    let mut out = Vec::new();
    for (rule, verdict) in card.rules.iter().zip(verdicts) {
        let mut push = |agent: Option<&String>, outcome: Option<&Outcome>| {
            if let Some(Outcome::NotAssessed(reason)) = outcome {
                out.push(report::NotAssessed {
                    rule: rule.name.clone(),
                    dimension: dimension_id(card, rule),
                    agent: agent.cloned(),
                    reason: reason.clone(),
                });
            }
        };
        if verdict.outcomes.is_empty() {
            continue;
        }
        for (name, ids) in staff.names.iter().zip(&staff.ids) {
            push(Some(name), outcome(verdict, ids));
        }
        push(None, verdict.outcome(Owner::Team));
    }
    out
}

fn dimension_id(card: Card<'_>, rule: &Rule) -> String {
    card.dimensions
        .get(rule.common.dimension)
        .map(|dimension| dimension.id.clone())
        .unwrap_or_default()
}

fn start(range: Option<report::Range>) -> Option<usize> {
    range.map(|range| range.start)
}

fn positions(transcript: &Transcript, indices: &[usize]) -> Vec<usize> {
    indices
        .iter()
        .map(|index| transcript.messages[*index].position)
        .collect()
}

/// The spans of the charges and of the observations in the caller's unit; each message is walked once.
fn wire_spans(
    transcript: &Transcript,
    charges: &[Charge<'_>],
    inspection: &Inspection,
    unit: Unit,
) -> (Vec<Option<report::Range>>, Vec<Option<report::Range>>) {
    let places = charges
        .iter()
        .map(|charge| (charge.finding.message, charge.finding.span));
    let seen = inspection
        .observations
        .iter()
        .map(|seen| (seen.message, seen.span));
    let mut by_message: BTreeMap<usize, (Vec<Span>, Vec<usize>)> = BTreeMap::new();
    for (slot, (message, span)) in places.chain(seen).enumerate() {
        if let Some(span) = span {
            let (spans, slots) = by_message.entry(message).or_default();
            spans.push(span);
            slots.push(slot);
        }
    }
    let mut out = vec![None; charges.len() + inspection.observations.len()];
    for (message, (spans, slots)) in by_message {
        for (span, slot) in convert(&transcript.messages[message].text, &spans, unit)
            .into_iter()
            .zip(slots)
        {
            out[slot] = Some(report::Range {
                start: span.start,
                end: span.end,
            });
        }
    }
    let of_seen = out.split_off(charges.len());
    (out, of_seen)
}

fn wire_finding(
    card: Card<'_>,
    transcript: &Transcript,
    charge: &Charge<'_>,
    span: Option<report::Range>,
    critical: Critical,
) -> report::Finding {
    let rule = &card.rules[charge.rule];
    let finding = charge.finding;
    let message = &transcript.messages[finding.message];
    // Whichever rule quotes it: a report holds nobody's number.
    let hidden = match &rule.kind {
        Kind::Privacy(privacy) => privacy.hidden(),
        _ => Datum::CERTAIN.to_vec(),
    };
    let mask = |text: &str| masked(text, Span::new(0, text.len()), Datum::CERTAIN);
    report::Finding {
        rule: rule.name.clone(),
        clauses: rule.common.clauses.clone(),
        kind: rule.kind.word().to_owned(),
        severity: finding.severity,
        dimension: dimension_id(card, rule),
        agent: match finding.owner {
            Owner::Agent(id) => transcript.speakers[id.0].name.clone(),
            Owner::Team => TEAM.to_owned(),
        },
        message: Some(message.position),
        related: positions(transcript, &finding.related),
        span,
        quote: finding
            .span
            .map(|span| masked(&message.text, span, &hidden)),
        points: 0.0,
        review: (finding.severity == Severity::Critical).then_some(match critical {
            Critical::Provisional => Review::Pending,
            Critical::Applied => Review::Confirmed,
        }),
        measured: finding.measured,
        why: finding
            .why
            .iter()
            .map(|why| Bilingual::new(mask(&why.zh), mask(&why.en)))
            .collect(),
        also: charge
            .also
            .iter()
            .map(|(rule, severity)| Also {
                rule: card.rules[*rule].name.clone(),
                clauses: card.rules[*rule].common.clauses.clone(),
                severity: *severity,
            })
            .collect(),
        advice: rule.common.advice.clone(),
    }
}
