//! What a report says of one conversation, as numbers: which finding, which agent, how many points.
//!
//! The thing to get right: a [`Sheet`] holds indices into the transcript, the inspection and the
//! standard it was made from and is nothing without them. Most conversations of a batch are written
//! once and forgotten; their words are never copied.

use crate::inspect::Inspection;
use crate::report::{Range, Review, Severity, State};
use crate::rule::{Finding, Outcome, Owner, Rule, Verdict};
use crate::sorted;
use crate::span::{Span, Unit, convert};
use crate::transcript::{Role, SpeakerId, Transcript};

use super::charge;
use super::settle::{Fact, Mark, Part, Settled};
use super::{Card, Critical, Options, TEAM};

/// One conversation, scored.
#[derive(Debug)]
pub struct Sheet {
    pub(super) staff: Staff,
    /// Sorted by message, start of span, rule.
    pub(super) findings: Vec<Charged>,
    /// Index in the inspection and place, sorted by message, start of span, kind.
    pub(super) observations: Vec<(usize, Option<Range>)>,
    /// Rule, agent, and the owner of the outcome that says why; no agent is the team.
    pub(super) not_assessed: Vec<(usize, Option<usize>, Owner)>,
    /// One for each agent.
    pub(super) marks: Vec<Mark>,
    /// As many for each agent as the standard has dimensions.
    pub(super) parts: Vec<Part>,
}

/// One finding, and what it costs.
#[derive(Debug)]
pub(super) struct Charged {
    pub(super) rule: usize,
    /// Index in the findings of the rule's verdict.
    pub(super) finding: usize,
    pub(super) also: Vec<(usize, Severity)>,
    pub(super) span: Option<Range>,
    pub(super) review: Option<Review>,
    pub(super) points: f64,
}

impl Charged {
    pub(super) fn of<'a>(&self, inspection: &'a Inspection) -> &'a Finding {
        &inspection.verdicts[self.rule].findings[self.finding]
    }
}

impl Sheet {
    /// Scores a conversation.
    pub fn new(
        card: Card<'_>,
        transcript: &Transcript,
        inspection: &Inspection,
        options: &Options,
    ) -> Self {
        let staff = Staff::of(transcript);
        let mut ruler = Ruler::new(transcript, options.offsets);
        let mut sheet = Self {
            findings: findings(card, transcript, inspection, options, &mut ruler),
            observations: observations(transcript, inspection, &mut ruler),
            not_assessed: Vec::new(),
            marks: Vec::with_capacity(staff.len()),
            parts: Vec::with_capacity(staff.len() * card.dimensions.len()),
            staff,
        };
        for _ in 0..sheet.staff.len() {
            let part = |(dimension, entry): (usize, &crate::report::Dimension)| Part {
                dimension,
                weight: entry.weight,
                state: State::NotApplicable,
                deducted: 0.0,
            };
            sheet
                .parts
                .extend(card.dimensions.iter().enumerate().map(part));
        }
        sheet.states(card, &inspection.verdicts);
        sheet.settle(card, transcript, inspection);
        sheet
    }

    /// How many findings there are.
    pub fn findings(&self) -> usize {
        self.findings.len()
    }

    /// Which dimensions could be assessed, and what could not, once for each rule and agent.
    fn states(&mut self, card: Card<'_>, verdicts: &[Verdict]) {
        let dimensions = card.dimensions.len();
        for (number, (rule, verdict)) in card.rules.iter().zip(verdicts).enumerate() {
            if verdict.outcomes.is_empty() {
                continue;
            }
            for agent in 0..self.staff.len() {
                // Failed before passed before not assessed; of several reasons that of whoever spoke first.
                let outcomes = self.staff.owners(agent).filter_map(|owner| {
                    let outcome = verdict.outcome(owner)?;
                    Some((rank(outcome), owner))
                });
                let Some((rank, owner)) = outcomes.min_by_key(|(rank, _)| *rank) else {
                    continue;
                };
                let is_unknown = rank == UNKNOWN;
                if is_unknown {
                    self.not_assessed.push((number, Some(agent), owner));
                }
                if rule.common.dimension < dimensions {
                    let state = &mut self.parts[agent * dimensions + rule.common.dimension].state;
                    if !is_unknown {
                        *state = State::Assessed;
                    } else if *state == State::NotApplicable {
                        *state = State::NotAssessed;
                    }
                }
            }
            let team = verdict.outcome(Owner::Team);
            if team.is_some_and(|outcome| rank(outcome) == UNKNOWN) {
                self.not_assessed.push((number, None, Owner::Team));
            }
        }
    }

    fn settle(&mut self, card: Card<'_>, transcript: &Transcript, inspection: &Inspection) {
        let dimensions = card.dimensions.len();
        // Names beyond those of the staff: a robot's, a customer's, the team's.
        let mut others: Vec<&str> = Vec::new();
        let facts: Vec<Fact<'_>> = self
            .findings
            .iter()
            .map(|charged| {
                let (rule, finding) = (&card.rules[charged.rule], charged.of(inspection));
                let agent = self.staff.index(finding.owner).unwrap_or_else(|| {
                    let name = owner_name(transcript, finding.owner);
                    self.staff.named(transcript, name).unwrap_or_else(|| {
                        let known = others.iter().position(|other| *other == name);
                        self.staff.len()
                            + known.unwrap_or_else(|| {
                                others.push(name);
                                others.len() - 1
                            })
                    })
                });
                let weight = card
                    .dimensions
                    .get(rule.common.dimension)
                    .map_or(0.0, |dimension| dimension.weight);
                Fact::new(
                    Some(rule),
                    (agent, rule.common.dimension),
                    main_clause(rule),
                    (finding.severity, charged.review),
                    finding.measured.as_ref(),
                    weight,
                )
            })
            .collect();
        let settled = Settled::new(&facts);
        for agent in 0..self.staff.len() {
            let parts = &mut self.parts[agent * dimensions..(agent + 1) * dimensions];
            self.marks.push(settled.mark(agent, parts, card.bands));
        }
        for (charged, points) in self.findings.iter_mut().zip(&settled.points) {
            charged.points = *points;
        }
    }
}

/// The clause a finding of the rule is counted under.
fn main_clause(rule: &Rule) -> &str {
    rule.common.clauses.first().unwrap_or(&rule.name)
}

/// The name under which a report lists an owner.
pub(super) fn owner_name(transcript: &Transcript, owner: Owner) -> &str {
    match owner {
        Owner::Agent(id) => &transcript.speakers[id.0].name,
        Owner::Team => TEAM,
    }
}

/// What an outcome that could not be judged ranks as.
const UNKNOWN: u8 = 2;

fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Failed => 0,
        Outcome::Passed => 1,
        Outcome::NotAssessed(_) => UNKNOWN,
    }
}

fn findings(
    card: Card<'_>,
    transcript: &Transcript,
    inspection: &Inspection,
    options: &Options,
    ruler: &mut Ruler<'_>,
) -> Vec<Charged> {
    let charges = charge::once(card.rules, &inspection.verdicts);
    let review = match options.critical {
        Critical::Provisional => Review::Pending,
        Critical::Applied => Review::Confirmed,
    };
    let places = charges
        .iter()
        .map(|charge| (charge.finding.message, charge.finding.span));
    let spans = ruler.ranges(places);
    let mut findings: Vec<(usize, Charged)> = charges
        .into_iter()
        .zip(spans)
        .map(|(charge, span)| {
            let charged = Charged {
                rule: charge.rule,
                finding: charge.index,
                also: charge.also,
                span,
                review: (charge.finding.severity == Severity::Critical).then_some(review),
                points: 0.0,
            };
            (
                transcript.messages[charge.finding.message].position,
                charged,
            )
        })
        .collect();
    let name = |charged: &Charged| card.rules[charged.rule].name.as_str();
    sorted::by(&mut findings, |(at, a), (other, b)| {
        (at, start(a.span))
            .cmp(&(other, start(b.span)))
            .then_with(|| name(a).cmp(name(b)))
    });
    findings.into_iter().map(|(_, charged)| charged).collect()
}

fn observations(
    transcript: &Transcript,
    inspection: &Inspection,
    ruler: &mut Ruler<'_>,
) -> Vec<(usize, Option<Range>)> {
    let seen = &inspection.observations;
    let places = seen.iter().map(|seen| (seen.message, seen.span));
    let mut observations: Vec<(usize, Option<Range>)> =
        ruler.ranges(places).into_iter().enumerate().collect();
    let position = |index: usize| transcript.messages[seen[index].message].position;
    sorted::by(&mut observations, |(a, one), (b, other)| {
        (position(*a), start(*one))
            .cmp(&(position(*b), start(*other)))
            .then_with(|| (*seen[*a].kind).cmp(&*seen[*b].kind))
    });
    observations
}

fn start(range: Option<Range>) -> Option<usize> {
    range.map(|range| range.start)
}

/// Converts places in messages to the unit of the report.
struct Ruler<'a> {
    transcript: &'a Transcript,
    unit: Unit,
    /// The message measured last, how far in bytes, and what that is in the unit.
    at: (usize, usize, usize),
}

impl<'a> Ruler<'a> {
    fn new(transcript: &'a Transcript, unit: Unit) -> Self {
        Self {
            transcript,
            unit,
            at: (usize::MAX, 0, 0),
        }
    }

    fn ranges(
        &mut self,
        places: impl Iterator<Item = (usize, Option<Span>)>,
    ) -> Vec<Option<Range>> {
        if self.unit == Unit::Grapheme {
            return self.clusters(places);
        }
        places
            .map(|(message, span)| {
                let span = span?;
                Some(Range {
                    start: self.measure(message, span.start),
                    end: self.measure(message, span.end),
                })
            })
            .collect()
    }

    /// Spans come mostly in order, so a message is walked about once however many it has.
    fn measure(&mut self, message: usize, offset: usize) -> usize {
        if self.unit == Unit::Byte {
            return offset;
        }
        let (last, from, count) = match self.at {
            (last, from, count) if last == message && from <= offset => (last, from, count),
            _ => (message, 0, 0),
        };
        let passed = &self.transcript.messages[message].text.as_bytes()[from..offset];
        // Each character once, by its first byte; those beyond the first plane are two units of UTF-16.
        // Wrapping, though it never does, so that many bytes are counted at once.
        let first = |byte: u8| usize::from(byte & 0xc0 != 0x80);
        let more = match self.unit {
            Unit::Utf16 => passed.iter().fold(0_usize, |sum, &byte| {
                sum.wrapping_add(first(byte).wrapping_add(usize::from(byte >= 0xf0)))
            }),
            _ => passed
                .iter()
                .fold(0_usize, |sum, &byte| sum.wrapping_add(first(byte))),
        };
        self.at = (last, offset, count + more);
        count + more
    }

    /// Clusters are found by walking the whole message, so all its spans go in one walk.
    fn clusters(&self, places: impl Iterator<Item = (usize, Option<Span>)>) -> Vec<Option<Range>> {
        let mut out = Vec::new();
        let mut wanted: Vec<(usize, usize, Span)> = Vec::new();
        for (slot, (message, span)) in places.enumerate() {
            out.push(None);
            wanted.extend(span.map(|span| (message, slot, span)));
        }
        sorted::by_key(&mut wanted, |(message, ..)| *message);
        for group in wanted.chunk_by(|one, next| one.0 == next.0) {
            let spans: Vec<Span> = group.iter().map(|(.., span)| *span).collect();
            let text = &self.transcript.messages[group[0].0].text;
            for ((_, slot, _), span) in group.iter().zip(convert(text, &spans, self.unit)) {
                out[*slot] = Some(Range {
                    start: span.start,
                    end: span.end,
                });
            }
        }
        out
    }
}

/// The people of the shop who spoke, in order of first appearance. One name is one agent, even when
/// the source lists it as two speakers.
#[derive(Debug)]
pub(super) struct Staff {
    /// The speaker that gave each agent its name.
    first: Vec<SpeakerId>,
    /// Speakers in order of appearance, with their agent.
    speakers: Vec<(SpeakerId, usize)>,
}

impl Staff {
    pub(super) fn of(transcript: &Transcript) -> Self {
        let mut staff = Self {
            first: Vec::new(),
            speakers: Vec::new(),
        };
        for message in &transcript.messages {
            if !matches!(message.role, Role::Agent | Role::Supervisor)
                || staff.agent(message.speaker).is_some()
            {
                continue;
            }
            let name = &transcript.speaker(message).name;
            let agent = staff.named(transcript, name).unwrap_or_else(|| {
                staff.first.push(message.speaker);
                staff.first.len() - 1
            });
            staff.speakers.push((message.speaker, agent));
        }
        staff
    }

    /// How many agents there are.
    pub(super) fn len(&self) -> usize {
        self.first.len()
    }

    /// Their names.
    pub(super) fn names<'a>(&self, transcript: &'a Transcript) -> impl Iterator<Item = &'a str> {
        self.first
            .iter()
            .map(|id| transcript.speakers[id.0].name.as_str())
    }

    /// The name of one.
    pub(super) fn name<'a>(&self, transcript: &'a Transcript, agent: usize) -> &'a str {
        &transcript.speakers[self.first[agent].0].name
    }

    /// Which of the agents a speaker is, if one.
    fn agent(&self, id: SpeakerId) -> Option<usize> {
        let found = self.speakers.iter().find(|(known, _)| *known == id);
        found.map(|(_, agent)| *agent)
    }

    /// Which of the agents answers, if one does.
    pub(super) fn index(&self, owner: Owner) -> Option<usize> {
        let Owner::Agent(id) = owner else { return None };
        self.agent(id)
    }

    fn named(&self, transcript: &Transcript, name: &str) -> Option<usize> {
        self.names(transcript).position(|known| known == name)
    }

    /// The owners that are one agent, in order of appearance.
    pub(super) fn owners(&self, agent: usize) -> impl Iterator<Item = Owner> {
        let own = self
            .speakers
            .iter()
            .filter(move |(_, known)| *known == agent);
        own.map(|(id, _)| Owner::Agent(*id))
    }
}
