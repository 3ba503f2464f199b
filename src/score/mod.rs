//! From what was found to what it costs: the wire form of a conversation, and its scores.
//!
//! The thing to get right: a score follows from the report alone. The first scoring and every later
//! one, after a person has confirmed or rejected findings, go through the same `settle`; nothing
//! that decides a point is kept anywhere but in the [`report::Conversation`] and the standard.

mod agents;
mod charge;
mod line;
mod records;
mod settle;
mod sheet;
mod student;

pub use agents::{Evidence, Key, PeriodLimit, Share, Tally, Times, evidence};
pub use line::{Judged, Wording};
pub use records::bring_in;
pub use sheet::Sheet;

use crate::diagnostic::Diagnostic;
use crate::inspect::Inspection;
use crate::report::{self, Review, Score, Severity};
use crate::rule::Rule;
use crate::span::Unit;
use crate::standard::Standard;
use crate::transcript::Transcript;

use settle::{Fact, Part, Settled};

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
    let card = Card::from(standard);
    Judged {
        transcript,
        inspection,
        sheet: &Sheet::new(card, transcript, inspection, options),
    }
    .conversation(card)
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
    settle_again(Card::from(standard), conversation);
    Ok(())
}

/// Settles a conversation that is already a report: names become numbers, and back.
fn settle_again(card: Card<'_>, conversation: &mut report::Conversation) {
    fn number<'a>(names: &mut Vec<&'a str>, name: &'a str) -> usize {
        let known = names.iter().position(|known| *known == name);
        known.unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        })
    }
    let report::Conversation {
        findings, scores, ..
    } = conversation;
    let mut agents = Vec::new();
    let mut dimensions = Vec::new();
    let facts: Vec<Fact<'_>> = findings
        .iter()
        .map(|finding| {
            Fact::new(
                card.rule(&finding.rule),
                (
                    number(&mut agents, &finding.agent),
                    number(&mut dimensions, &finding.dimension),
                ),
                finding.clauses.first().unwrap_or(&finding.rule),
                (finding.severity, finding.review),
                finding.measured.as_ref(),
                card.weight(&finding.dimension),
            )
        })
        .collect();
    let settled = Settled::new(&facts);
    for score in scores {
        let Score {
            agent,
            dimensions: own,
            ..
        } = score;
        // Who has no finding is nobody's number.
        let agent = agents.iter().position(|known| *known == agent.as_str());
        let mut parts: Vec<Part> = own
            .iter()
            .map(|dimension| {
                let known = dimensions.iter().position(|known| *known == dimension.id);
                Part {
                    dimension: known.unwrap_or(usize::MAX),
                    weight: dimension.weight,
                    state: dimension.state,
                    deducted: 0.0,
                }
            })
            .collect();
        let mark = settled.mark(agent.unwrap_or(usize::MAX), &mut parts, card.bands);
        for (dimension, part) in own.iter_mut().zip(parts) {
            dimension.deducted = part.deducted;
        }
        score.total = mark.total;
        score.total_if_confirmed = mark.total_if_confirmed;
        score.coverage = mark.coverage;
        score.band = mark.band.map(|band| card.bands[band].id.clone());
    }
    let points = settled.points;
    for (finding, points) in findings.iter_mut().zip(points) {
        finding.points = points;
    }
}

fn dimension_id(card: Card<'_>, rule: &Rule) -> String {
    card.dimensions
        .get(rule.common.dimension)
        .map(|dimension| dimension.id.clone())
        .unwrap_or_default()
}
