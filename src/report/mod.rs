//! The report, as the contract `zhijian-report/1` states it: one value for the page, the command
//! line and everything else. Only these types are serialised, and only here, so that the same input
//! gives the same bytes everywhere.
//!
//! Absent values are omitted, never null; `clauses`, `related`, `why` and `also` are always arrays;
//! numbers are rounded to three decimals by [`round3`].

mod csv;
pub(crate) mod json;
#[cfg(test)]
mod types;
mod write;

pub use csv::{csv_head, csv_rows, csv_table};
pub use write::{Frame, line, tail, trailer};

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Bilingual, Diagnostic};
use crate::span::Unit;

/// The name and version of the report's shape.
pub const SCHEMA: &str = "zhijian-report/1";

/// Rounds to three decimals, halves away from zero, the precision of every number in a report.
pub fn round3(value: f64) -> f64 {
    // `round` is a platform function only in name: it is exact, and equal everywhere. Adding zero
    // turns −0, which an empty sum is, into 0.
    (value * 1000.0).round() / 1000.0 + 0.0
}

/// A half-open range in the unit of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Range {
    /// First unit.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// 提示.
    Hint,
    /// 一般.
    Minor,
    /// 严重.
    Major,
    /// 致命.
    Critical,
}

/// What a person decided about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Review {
    /// 待复核: a critical finding nobody has looked at.
    Pending,
    /// A person agrees.
    Confirmed,
    /// A person disagrees: it costs nothing.
    Rejected,
}

/// What was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Measured {
    /// Seconds waited.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seconds: Option<f64>,
    /// The limit, in the unit of what was measured.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<f64>,
    /// Seconds since the first unanswered customer message.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from_first: Option<f64>,
    /// Seconds since the last unanswered customer message.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from_last: Option<f64>,
    /// A count: parts found, messages passed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub count: Option<usize>,
    /// The count required.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub required: Option<usize>,
}

/// Another rule that found the same fact; it costs nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Also {
    /// `standard/id`.
    pub rule: String,
    /// Catalogue ids, the main one first.
    pub clauses: Vec<String>,
    /// How grave it would have been.
    pub severity: Severity,
}

/// One fault, with everything needed to defend the points it costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Finding {
    /// `standard/id`.
    pub rule: String,
    /// Catalogue ids, the main one first.
    pub clauses: Vec<String>,
    /// The kind of rule.
    pub kind: String,
    /// How grave it is.
    pub severity: Severity,
    /// The dimension it counts in.
    pub dimension: String,
    /// Who answers for it: an agent's name, or `team`.
    pub agent: String,
    /// Position of the message; absent for findings about a period.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<usize>,
    /// Positions of the other messages it rests on.
    pub related: Vec<usize>,
    /// Where in the message; absent when something is missing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub span: Option<Range>,
    /// The words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quote: Option<String>,
    /// What it costs now.
    pub points: f64,
    /// Set on critical findings.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub review: Option<Review>,
    /// What was measured.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub measured: Option<Measured>,
    /// The reasons, in reading order.
    pub why: Vec<Bilingual>,
    /// Other rules that found the same fact.
    pub also: Vec<Also>,
    /// What would have been right.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub advice: Option<Bilingual>,
}

/// What a table shows of a finding, wherever it is kept.
#[derive(Clone, Debug)]
pub struct FindingRef<'a> {
    /// `standard/id`.
    pub rule: &'a str,
    /// Catalogue ids, the main one first.
    pub clauses: &'a [String],
    /// How grave it is.
    pub severity: Severity,
    /// The dimension it counts in.
    pub dimension: &'a str,
    /// Who answers for it.
    pub agent: &'a str,
    /// Position of the message.
    pub message: Option<usize>,
    /// The words.
    pub quote: Option<Cow<'a, str>>,
    /// What it costs.
    pub points: f64,
    /// What a person decided.
    pub review: Option<Review>,
    /// What was measured.
    pub measured: Option<&'a Measured>,
    /// The reasons.
    pub why: Cow<'a, [Bilingual]>,
    /// What would have been right.
    pub advice: Option<&'a Bilingual>,
}

impl<'a> From<&'a Finding> for FindingRef<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            rule: &finding.rule,
            clauses: &finding.clauses,
            severity: finding.severity,
            dimension: &finding.dimension,
            agent: &finding.agent,
            message: finding.message,
            quote: finding.quote.as_deref().map(Cow::Borrowed),
            points: finding.points,
            review: finding.review,
            measured: finding.measured.as_ref(),
            why: Cow::Borrowed(&finding.why),
            advice: finding.advice.as_ref(),
        }
    }
}

/// Something seen, whether or not it cost points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Observation {
    /// `greeting`, `closing`, `escalation-trigger`, `escalation-response`, `empathy`, `hold`,
    /// `transfer`, `stage`, `reply`.
    pub kind: String,
    /// Position of the message.
    pub message: usize,
    /// Positions of the other messages it rests on (`reply`: the questions).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<usize>>"))]
    pub related: Vec<usize>,
    /// Where in the message.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub span: Option<Range>,
    /// Whose message it is, when it is an agent's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agent: Option<String>,
    /// Which sort (`salutation`, `strong`, …).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
    /// What was measured.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub measured: Option<Measured>,
}

/// A rule that had an occasion and could not be judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct NotAssessed {
    /// `standard/id`.
    pub rule: String,
    /// The dimension whose coverage it lowers.
    pub dimension: String,
    /// The agent concerned, when it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agent: Option<String>,
    /// Why.
    pub reason: Bilingual,
}

/// Whether a dimension counts in a total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// At least one rule passed or failed.
    Assessed,
    /// No rule had an occasion.
    NotApplicable,
    /// There were occasions, and none could be judged.
    NotAssessed,
}

/// One dimension of one score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct DimensionScore {
    /// The dimension.
    pub id: String,
    /// Its weight in the standard.
    pub weight: f64,
    /// Points lost, before the weight caps them.
    pub deducted: f64,
    /// Whether it counts.
    pub state: State,
}

/// The score of one agent in one conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Score {
    /// The agent.
    pub agent: String,
    /// 0 to 100; absent when no dimension could be assessed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total: Option<f64>,
    /// The total if every pending critical finding were confirmed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total_if_confirmed: Option<f64>,
    /// Assessed weight over assessed and not assessed weight, 0 to 1.
    pub coverage: f64,
    /// The band; absent below 60 % coverage.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub band: Option<String>,
    /// Every dimension of the standard, in its order.
    pub dimensions: Vec<DimensionScore>,
}

/// What was found in one conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Conversation {
    /// Its id.
    pub id: String,
    /// The file it came from.
    pub file: String,
    /// Messages read.
    pub messages: usize,
    /// The agents who spoke, in order of first appearance.
    pub agents: Vec<String>,
    /// Sorted by message, start of span, rule.
    pub findings: Vec<Finding>,
    /// Sorted by message, start of span, kind.
    pub observations: Vec<Observation>,
    /// Rules that had an occasion and could not be judged.
    pub not_assessed: Vec<NotAssessed>,
    /// One for each agent.
    pub scores: Vec<Score>,
}

/// An agent's mean with its 95 % interval (Student t, clipped to 0–100).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct MeanScore {
    /// The mean of the conversations' totals.
    pub mean: f64,
    /// Lower end; absent below two conversations.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub low: Option<f64>,
    /// Upper end; absent below two conversations.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub high: Option<f64>,
}

/// One response-time figure of one agent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Metric {
    /// Seconds, or a share from 0 to 1, as the metric's definition says; absent when `count` is 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<f64>,
    /// How many waits (or sessions) it rests on.
    pub count: usize,
}

/// One agent over everything that was inspected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Agent {
    /// The name.
    pub agent: String,
    /// The group, where the profile or the roster says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<String>,
    /// Conversations in which the agent spoke.
    pub conversations: usize,
    /// Conversations with a total.
    pub assessed: usize,
    /// Absent when nothing could be assessed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score: Option<MeanScore>,
    /// The mean if every pending critical finding were confirmed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score_if_confirmed: Option<f64>,
    /// Absent under 20 assessed conversations.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub band: Option<String>,
    /// Critical findings not rejected.
    pub critical: usize,
    /// Share of conversations with a critical finding not rejected, 0 to 1.
    pub critical_share: f64,
    /// By metric id.
    pub metrics: BTreeMap<String, Metric>,
    /// Findings by rule.
    pub by_rule: BTreeMap<String, usize>,
    /// Findings about a period (averages, soft limits): no message.
    pub findings: Vec<Finding>,
    /// Rules about a period that could not be judged.
    pub not_assessed: Vec<NotAssessed>,
}

/// Rows excluded for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Excluded {
    /// The diagnostic code.
    pub reason: String,
    /// How many rows.
    pub count: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What became of every row: `rows = messages + records + excluded`, always.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Accounting {
    /// Files handed in.
    pub files: usize,
    /// Message records found.
    pub rows: usize,
    /// Rows that became messages.
    pub messages: usize,
    /// Rows of tables that were taken (satisfaction, roster, …).
    #[serde(skip_serializing_if = "is_zero", default)]
    #[cfg_attr(test, ts(optional, as = "Option<usize>"))]
    pub records: usize,
    /// Conversations.
    pub conversations: usize,
    /// Rows that did not, by reason, sorted by reason.
    pub excluded: Vec<Excluded>,
}

impl Accounting {
    /// Counts `count` more rows excluded for `reason`.
    pub fn exclude(&mut self, reason: &str, count: usize) {
        if count == 0 {
            return;
        }
        match self
            .excluded
            .binary_search_by(|entry| entry.reason.as_str().cmp(reason))
        {
            Ok(index) => self.excluded[index].count += count,
            Err(index) => {
                self.excluded.insert(
                    index,
                    Excluded {
                        reason: reason.to_owned(),
                        count,
                    },
                );
            }
        }
    }

    /// Adds another file's figures.
    pub fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.rows += other.rows;
        self.messages += other.messages;
        self.records += other.records;
        self.conversations += other.conversations;
        for entry in &other.excluded {
            self.exclude(&entry.reason, entry.count);
        }
    }

    /// Rows excluded, for whatever reason.
    pub fn excluded_rows(&self) -> usize {
        self.excluded.iter().map(|entry| entry.count).sum()
    }
}

/// Where something in a standard comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The source document states it.
    #[default]
    Seed,
    /// It is ours.
    Ours,
}

/// One rule of a standard, as far as a reader of findings needs it: what rests on the source, and
/// what is ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct RuleHead {
    /// `standard/id`.
    pub id: String,
    /// The requirement.
    pub title: Bilingual,
    /// Catalogue ids, the main one first.
    pub clauses: Vec<String>,
    /// Where the rule comes from.
    pub source: Origin,
    /// Fields whose value is ours though the clause is the source's.
    pub ours: Vec<String>,
}

/// A clause that rules of a standard cite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ClauseHead {
    /// Its id.
    pub id: String,
    /// What it asks, in our words.
    pub title: Bilingual,
}

/// One dimension of a standard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Dimension {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: Bilingual,
    /// Its share of the total.
    pub weight: f64,
    /// Where the weight comes from.
    #[serde(default)]
    pub source: Origin,
}

/// One band of a standard: totals from `from` up are in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Band {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: Bilingual,
    /// The lowest total in it.
    pub from: f64,
}

/// Which standard judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct StandardHead {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// Its dimensions, in order.
    pub dimensions: Vec<Dimension>,
    /// Its bands, best first.
    pub bands: Vec<Band>,
    /// Its rules, in order.
    #[serde(default)]
    pub rules: Vec<RuleHead>,
    /// The clauses that they cite, as far as they are in the catalogue.
    #[serde(default)]
    pub clauses: Vec<ClauseHead>,
}

impl StandardHead {
    /// What was asked where something was found: the clauses in our words, or else what the rule says.
    pub fn asked(&self, finding: &FindingRef<'_>) -> Vec<&Bilingual> {
        let clauses = finding.clauses.iter();
        let known: Vec<&Bilingual> = clauses
            .filter_map(|id| self.clauses.iter().find(|clause| clause.id == *id))
            .map(|clause| &clause.title)
            .collect();
        if !known.is_empty() {
            return known;
        }
        let rule = self.rules.iter().find(|rule| rule.id == finding.rule);
        rule.map(|rule| &rule.title).into_iter().collect()
    }
}

/// The whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of the program.
    pub engine: String,
    /// The unit of every offset.
    #[cfg_attr(test, ts(type = "string"))]
    pub offsets: Unit,
    /// Which standard judged.
    pub standard: StandardHead,
    /// What became of every row.
    pub accounting: Accounting,
    /// In order of file and place in it.
    pub conversations: Vec<Conversation>,
    /// Sorted by name.
    pub agents: Vec<Agent>,
    /// What to know about the input.
    pub diagnostics: Vec<Diagnostic>,
}
