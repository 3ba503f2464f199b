//! A [`Sheet`] put into words: a line of the report, its values, its findings one by one.
//!
//! The thing to get right: [`Wording::line`] gives the bytes that serialising [`Wording::conversation`]
//! gives. What a rule, a dimension or a band says of itself is written once for a standard, then copied.

use std::borrow::Cow;

use crate::diagnostic::Bilingual;
use crate::inspect::{Inspection, Seen};
use crate::report::{
    self, Also, Conversation, DimensionScore, FindingRef, Observation, Range, Review, Score,
    Severity, State, json,
};
use crate::rule::{Kind, Outcome, Owner, Rule};
use crate::span::Span;
use crate::text::{Datum, masked};
use crate::transcript::Transcript;

use super::Card;
use super::sheet::{Charged, Sheet, owner_name};

/// What findings and scores say that is the same in every conversation, as JSON.
#[derive(Debug)]
pub struct Wording {
    rules: Vec<RuleWords>,
    /// `{"id":…,"weight":…,"deducted":`
    dimensions: Vec<Vec<u8>>,
    /// `,"band":…`
    bands: Vec<Vec<u8>>,
}

#[derive(Debug)]
struct RuleWords {
    /// `{"rule":…,"clauses":[…]`
    cited: Vec<u8>,
    /// `,"kind":…,"severity":`
    kind: Vec<u8>,
    /// `{"rule":…,"dimension":…`
    unknown: Vec<u8>,
    /// `,"dimension":…,"agent":`
    dimension: Vec<u8>,
    /// `,"advice":{…}` or nothing.
    advice: Vec<u8>,
    /// What its quotations do not show.
    hidden: Cow<'static, [Datum]>,
}

/// A conversation on its way into a report.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// What was said.
    pub transcript: &'a Transcript,
    /// What was found.
    pub inspection: &'a Inspection,
    /// What it costs.
    pub sheet: &'a Sheet,
}

impl Wording {
    /// The words of a standard.
    pub fn new(card: Card<'_>) -> Self {
        let dimension = |index: usize| card.dimensions.get(index).map_or("", |entry| &entry.id);
        let rules = card.rules.iter().map(|rule| {
            let mut cited = b"{\"rule\":".to_vec();
            json::string(&mut cited, &rule.name);
            let mut place = b",\"dimension\":".to_vec();
            json::string(&mut place, dimension(rule.common.dimension));
            let unknown = [cited.as_slice(), &place].concat();
            place.extend_from_slice(b",\"agent\":");
            cited.extend_from_slice(b",\"clauses\":");
            json::list(&mut cited, &rule.common.clauses, |out, clause| {
                json::string(out, clause);
            });
            let mut kind = b",\"kind\":".to_vec();
            json::string(&mut kind, rule.kind.word());
            kind.extend_from_slice(b",\"severity\":");
            let mut advice = Vec::new();
            if let Some(words) = &rule.common.advice {
                advice.extend_from_slice(b",\"advice\":");
                json::bilingual(&mut advice, words);
            }
            RuleWords {
                cited,
                kind,
                unknown,
                dimension: place,
                advice,
                hidden: hidden(rule),
            }
        });
        let dimensions = card.dimensions.iter().map(|entry| {
            let mut head = b"{\"id\":".to_vec();
            json::string(&mut head, &entry.id);
            head.extend_from_slice(b",\"weight\":");
            json::number(&mut head, entry.weight);
            head.extend_from_slice(b",\"deducted\":");
            head
        });
        let bands = card.bands.iter().map(|band| {
            let mut words = b",\"band\":".to_vec();
            json::string(&mut words, &band.id);
            words
        });
        Self {
            rules: rules.collect(),
            dimensions: dimensions.collect(),
            bands: bands.collect(),
        }
    }

    /// Appends the line of a conversation, without a line feed.
    pub fn line(&self, judged: Judged<'_>, out: &mut Vec<u8>) {
        let Judged {
            transcript, sheet, ..
        } = judged;
        out.extend_from_slice(b"{\"id\":");
        json::string(out, &transcript.id);
        out.extend_from_slice(b",\"file\":");
        json::string(out, &transcript.file);
        out.extend_from_slice(b",\"messages\":");
        json::count(out, transcript.messages.len());
        out.extend_from_slice(b",\"agents\":");
        json::list(out, sheet.staff.names(transcript), json::string);
        out.extend_from_slice(b",\"findings\":");
        json::list(out, &sheet.findings, |out, charged| {
            self.finding(judged, charged, out);
        });
        out.extend_from_slice(b",\"observations\":");
        json::list(out, &sheet.observations, |out, (index, span)| {
            observation(judged, *index, *span, out);
        });
        out.extend_from_slice(b",\"not_assessed\":");
        json::list(out, &sheet.not_assessed, |out, (rule, agent, owner)| {
            out.extend_from_slice(&self.rules[*rule].unknown);
            if let Some(agent) = agent {
                out.extend_from_slice(b",\"agent\":");
                json::string(out, sheet.staff.name(transcript, *agent));
            }
            out.extend_from_slice(b",\"reason\":");
            json::bilingual(out, reason(judged.inspection, *rule, *owner));
            out.push(b'}');
        });
        out.extend_from_slice(b",\"scores\":");
        json::list(out, 0..sheet.marks.len(), |out, agent| {
            self.score(judged, agent, out);
        });
        out.push(b'}');
    }

    fn finding(&self, judged: Judged<'_>, charged: &Charged, out: &mut Vec<u8>) {
        let words = &self.rules[charged.rule];
        let finding = charged.of(judged.inspection);
        let message = &judged.transcript.messages[finding.message];
        out.extend_from_slice(&words.cited);
        out.extend_from_slice(&words.kind);
        severity(out, finding.severity);
        out.extend_from_slice(&words.dimension);
        json::string(out, owner_name(judged.transcript, finding.owner));
        out.extend_from_slice(b",\"message\":");
        json::count(out, message.position);
        out.extend_from_slice(b",\"related\":");
        related(judged.transcript, &finding.related, out);
        if let Some(place) = charged.span {
            out.extend_from_slice(b",\"span\":");
            range(place, out);
        }
        if let Some(span) = finding.span {
            out.extend_from_slice(b",\"quote\":");
            json::string(out, &masked(&message.text, span, &words.hidden));
        }
        out.extend_from_slice(b",\"points\":");
        json::number(out, charged.points);
        if let Some(review) = charged.review {
            out.extend_from_slice(match review {
                Review::Pending => b",\"review\":\"pending\"",
                Review::Confirmed => b",\"review\":\"confirmed\"",
                Review::Rejected => b",\"review\":\"rejected\"",
            });
        }
        if let Some(measured) = &finding.measured {
            out.extend_from_slice(b",\"measured\":");
            json::measured(out, measured);
        }
        out.extend_from_slice(b",\"why\":");
        json::list(out, &*reasons(&finding.why), json::bilingual);
        out.extend_from_slice(b",\"also\":");
        json::list(out, &charged.also, |out, (rule, grave)| {
            out.extend_from_slice(&self.rules[*rule].cited);
            out.extend_from_slice(b",\"severity\":");
            severity(out, *grave);
            out.push(b'}');
        });
        out.extend_from_slice(&words.advice);
        out.push(b'}');
    }

    fn score(&self, judged: Judged<'_>, agent: usize, out: &mut Vec<u8>) {
        let sheet = judged.sheet;
        let mark = &sheet.marks[agent];
        out.extend_from_slice(b"{\"agent\":");
        json::string(out, sheet.staff.name(judged.transcript, agent));
        if let Some(total) = mark.total {
            out.extend_from_slice(b",\"total\":");
            json::number(out, total);
        }
        if let Some(total) = mark.total_if_confirmed {
            out.extend_from_slice(b",\"total_if_confirmed\":");
            json::number(out, total);
        }
        out.extend_from_slice(b",\"coverage\":");
        json::number(out, mark.coverage);
        if let Some(band) = mark.band {
            out.extend_from_slice(&self.bands[band]);
        }
        out.extend_from_slice(b",\"dimensions\":");
        let count = self.dimensions.len();
        let parts = &sheet.parts[agent * count..(agent + 1) * count];
        json::list(out, parts, |out, part| {
            out.extend_from_slice(&self.dimensions[part.dimension]);
            json::number(out, part.deducted);
            out.extend_from_slice(match part.state {
                State::Assessed => b",\"state\":\"assessed\"}".as_slice(),
                State::NotApplicable => b",\"state\":\"not-applicable\"}",
                State::NotAssessed => b",\"state\":\"not-assessed\"}",
            });
        });
        out.push(b'}');
    }
}

impl<'a> Judged<'a> {
    /// The findings, in the order of the report.
    pub fn findings(self, card: Card<'a>) -> impl Iterator<Item = FindingRef<'a>> {
        let Judged {
            transcript,
            inspection,
            sheet,
        } = self;
        sheet.findings.iter().map(move |charged| {
            let rule = &card.rules[charged.rule];
            let finding = charged.of(inspection);
            let message = &transcript.messages[finding.message];
            FindingRef {
                rule: &rule.name,
                clauses: &rule.common.clauses,
                severity: finding.severity,
                dimension: card
                    .dimensions
                    .get(rule.common.dimension)
                    .map_or("", |dimension| &dimension.id),
                agent: owner_name(transcript, finding.owner),
                message: Some(message.position),
                quote: finding
                    .span
                    .map(|span| masked(&message.text, span, &hidden(rule))),
                points: charged.points,
                review: charged.review,
                measured: finding.measured.as_ref(),
                why: reasons(&finding.why),
                advice: rule.common.advice.as_ref(),
            }
        })
    }

    /// How grave each finding is, and what a person decided, in the order of the report.
    pub fn severities(self) -> impl Iterator<Item = (Severity, Option<Review>)> {
        let of = move |charged: &Charged| (charged.of(self.inspection).severity, charged.review);
        self.sheet.findings.iter().map(of)
    }

    /// The agents who spoke, in order of first appearance.
    pub fn agents(self) -> impl Iterator<Item = &'a str> {
        self.sheet.staff.names(self.transcript)
    }

    /// The total of each agent, the total if confirmed, and the coverage.
    pub fn totals(self) -> impl Iterator<Item = (Option<f64>, Option<f64>, f64)> {
        let marks = self.sheet.marks.iter();
        marks.map(|mark| (mark.total, mark.total_if_confirmed, mark.coverage))
    }

    /// How many rules had an occasion and could not be judged, each agent for itself.
    pub fn not_assessed(self) -> usize {
        self.sheet.not_assessed.len()
    }

    /// What was seen, in the order of the report.
    pub fn observations(self) -> impl Iterator<Item = &'a Seen> {
        let seen = &self.inspection.observations;
        self.sheet
            .observations
            .iter()
            .map(|(index, _)| &seen[*index])
    }

    /// Everything a report says of the conversation, as values.
    pub fn conversation(self, card: Card<'a>) -> Conversation {
        let Judged {
            transcript,
            inspection,
            sheet,
        } = self;
        let name = |agent: usize| sheet.staff.name(transcript, agent).to_owned();
        let positions = |indices: &[usize]| {
            let position = |index: &usize| transcript.messages[*index].position;
            indices.iter().map(position).collect::<Vec<_>>()
        };
        let observation = |(index, span): &(usize, Option<Range>)| {
            let seen = &inspection.observations[*index];
            Observation {
                kind: (*seen.kind).to_owned(),
                message: transcript.messages[seen.message].position,
                related: positions(&seen.related),
                span: *span,
                agent: seen.agent.map(|id| transcript.speakers[id.0].name.clone()),
                label: seen.label.as_deref().map(str::to_owned),
                measured: seen.measured,
            }
        };
        let finding = |(charged, shown): (&Charged, FindingRef<'_>)| {
            let finding = charged.of(inspection);
            report::Finding {
                rule: shown.rule.to_owned(),
                clauses: shown.clauses.to_vec(),
                kind: card.rules[charged.rule].kind.word().to_owned(),
                severity: shown.severity,
                dimension: shown.dimension.to_owned(),
                agent: shown.agent.to_owned(),
                message: shown.message,
                related: positions(&finding.related),
                span: charged.span,
                quote: shown.quote.map(Cow::into_owned),
                points: shown.points,
                review: shown.review,
                measured: finding.measured,
                why: shown.why.into_owned(),
                also: charged
                    .also
                    .iter()
                    .map(|(rule, severity)| Also {
                        rule: card.rules[*rule].name.clone(),
                        clauses: card.rules[*rule].common.clauses.clone(),
                        severity: *severity,
                    })
                    .collect(),
                advice: shown.advice.cloned(),
            }
        };
        let not_assessed =
            |(rule, agent, owner): &(usize, Option<usize>, Owner)| report::NotAssessed {
                rule: card.rules[*rule].name.clone(),
                dimension: super::dimension_id(card, &card.rules[*rule]),
                agent: agent.map(name),
                reason: reason(inspection, *rule, *owner).clone(),
            };
        let count = card.dimensions.len();
        let score = |agent: usize| {
            let mark = &sheet.marks[agent];
            Score {
                agent: name(agent),
                total: mark.total,
                total_if_confirmed: mark.total_if_confirmed,
                coverage: mark.coverage,
                band: mark.band.map(|band| card.bands[band].id.clone()),
                dimensions: sheet.parts[agent * count..(agent + 1) * count]
                    .iter()
                    .map(|part| DimensionScore {
                        id: card.dimensions[part.dimension].id.clone(),
                        weight: part.weight,
                        deducted: part.deducted,
                        state: part.state,
                    })
                    .collect(),
            }
        };
        Conversation {
            id: transcript.id.clone(),
            file: transcript.file.clone(),
            messages: transcript.messages.len(),
            agents: (0..sheet.staff.len()).map(name).collect(),
            findings: sheet
                .findings
                .iter()
                .zip(self.findings(card))
                .map(finding)
                .collect(),
            observations: sheet.observations.iter().map(observation).collect(),
            not_assessed: sheet.not_assessed.iter().map(not_assessed).collect(),
            scores: (0..sheet.marks.len()).map(score).collect(),
        }
    }
}

/// What a quotation of this rule does not show. Whichever rule quotes it: a report holds nobody's number.
fn hidden(rule: &Rule) -> Cow<'static, [Datum]> {
    match &rule.kind {
        Kind::Privacy(privacy) => Cow::Owned(privacy.hidden()),
        _ => Cow::Borrowed(Datum::CERTAIN),
    }
}

/// The reasons of a finding as a report gives them: they quote too.
pub(super) fn reasons(why: &[Bilingual]) -> Cow<'_, [Bilingual]> {
    let mask = |text: &str| masked(text, Span::new(0, text.len()), Datum::CERTAIN).into_owned();
    let shown = |why: &Bilingual| Bilingual::new(mask(&why.zh), mask(&why.en));
    let is_plain = |text: &str| {
        let shown = masked(text, Span::new(0, text.len()), Datum::CERTAIN);
        matches!(shown, Cow::Borrowed(_))
    };
    if why.iter().all(|why| is_plain(&why.zh) && is_plain(&why.en)) {
        return Cow::Borrowed(why);
    }
    Cow::Owned(why.iter().map(shown).collect())
}

fn reason(inspection: &Inspection, rule: usize, owner: Owner) -> &Bilingual {
    match inspection.verdicts[rule].outcome(owner) {
        Some(Outcome::NotAssessed(reason)) => reason,
        _ => unreachable!("a sheet lists what was not assessed"),
    }
}

fn observation(judged: Judged<'_>, index: usize, span: Option<Range>, out: &mut Vec<u8>) {
    let transcript = judged.transcript;
    let seen = &judged.inspection.observations[index];
    out.extend_from_slice(b"{\"kind\":");
    json::string(out, &seen.kind);
    out.extend_from_slice(b",\"message\":");
    json::count(out, transcript.messages[seen.message].position);
    if !seen.related.is_empty() {
        out.extend_from_slice(b",\"related\":");
        related(transcript, &seen.related, out);
    }
    if let Some(span) = span {
        out.extend_from_slice(b",\"span\":");
        range(span, out);
    }
    if let Some(agent) = seen.agent {
        out.extend_from_slice(b",\"agent\":");
        json::string(out, &transcript.speakers[agent.0].name);
    }
    if let Some(label) = &seen.label {
        out.extend_from_slice(b",\"label\":");
        json::string(out, label);
    }
    if let Some(measured) = &seen.measured {
        out.extend_from_slice(b",\"measured\":");
        json::measured(out, measured);
    }
    out.push(b'}');
}

fn related(transcript: &Transcript, indices: &[usize], out: &mut Vec<u8>) {
    json::list(out, indices, |out, index| {
        json::count(out, transcript.messages[*index].position);
    });
}

fn range(range: Range, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"start\":");
    json::count(out, range.start);
    out.extend_from_slice(b",\"end\":");
    json::count(out, range.end);
    out.push(b'}');
}

fn severity(out: &mut Vec<u8>, severity: Severity) {
    out.extend_from_slice(match severity {
        Severity::Hint => b"\"hint\"".as_slice(),
        Severity::Minor => b"\"minor\"",
        Severity::Major => b"\"major\"",
        Severity::Critical => b"\"critical\"",
    });
}
