//! The bytes of a report, in pieces, so that nobody has to hold all of it.
//!
//! The thing to get right: the pieces *are* the report. [`Frame::head`], the [`line`]s joined by
//! commas and the [`tail`] are the bytes that serialising a whole [`super::Report`] gives, and the
//! lines of the `jsonl` form are the same lines.

use serde::Serialize;

use super::{Accounting, Agent, Conversation, SCHEMA, StandardHead};
use crate::diagnostic::Diagnostic;
use crate::span::Unit;

/// What a report says before it says what it found.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The unit of every offset.
    pub offsets: Unit,
    /// Which standard judged.
    pub standard: &'a StandardHead,
}

#[derive(Serialize)]
struct Head<'a> {
    schema: &'a str,
    engine: &'a str,
    offsets: Unit,
    standard: &'a StandardHead,
    #[serde(skip_serializing_if = "Option::is_none")]
    accounting: Option<&'a Accounting>,
}

#[derive(Serialize)]
struct Tail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    accounting: Option<&'a Accounting>,
    agents: &'a [Agent],
    diagnostics: &'a [Diagnostic],
}

impl Frame<'_> {
    /// Everything up to the first conversation.
    pub fn head(&self, accounting: &Accounting) -> Vec<u8> {
        let mut bytes = self.bytes(Some(accounting));
        bytes.pop();
        bytes.extend_from_slice(b",\"conversations\":[");
        bytes
    }

    /// The first line of the `jsonl` form, without its line feed.
    pub fn header(&self) -> Vec<u8> {
        self.bytes(None)
    }

    fn bytes(&self, accounting: Option<&Accounting>) -> Vec<u8> {
        bytes(&Head {
            schema: SCHEMA,
            engine: env!("CARGO_PKG_VERSION"),
            offsets: self.offsets,
            standard: self.standard,
            accounting,
        })
    }
}

/// One conversation, on one line, without a line feed.
pub fn line(conversation: &Conversation) -> Vec<u8> {
    bytes(conversation)
}

/// Everything after the last conversation.
pub fn tail(agents: &[Agent], diagnostics: &[Diagnostic]) -> Vec<u8> {
    let rest = bytes(&Tail {
        accounting: None,
        agents,
        diagnostics,
    });
    let mut bytes = b"],".to_vec();
    bytes.extend_from_slice(&rest[1..]);
    bytes
}

/// The last line of the `jsonl` form, without its line feed.
pub fn trailer(accounting: &Accounting, agents: &[Agent], diagnostics: &[Diagnostic]) -> Vec<u8> {
    bytes(&Tail {
        accounting: Some(accounting),
        agents,
        diagnostics,
    })
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    // Writing to memory cannot fail, and every key of these types is a string.
    serde_json::to_vec(value).expect("plain data becomes JSON")
}

#[cfg(test)]
mod tests {
    use super::{Frame, line, tail, trailer};
    use crate::diagnostic::{Bilingual, Diagnostic};
    use crate::report::{
        Accounting, Agent, Band, Conversation, Dimension, DimensionScore, Finding, MeanScore,
        Measured, Metric, Origin, Range, Report, Review, Score, Severity, StandardHead, State,
    };
    use crate::span::Unit;

    fn standard() -> StandardHead {
        StandardHead {
            id: "probe".into(),
            version: "1.0.0".into(),
            sha256: "00".into(),
            dimensions: vec![Dimension {
                id: "d".into(),
                title: Bilingual::new("维", "d"),
                weight: 100.0,
                source: Origin::Ours,
            }],
            bands: vec![Band {
                id: "good".into(),
                title: Bilingual::new("良", "good"),
                from: 80.0,
            }],
            rules: vec![],
            clauses: vec![],
        }
    }

    fn conversation(id: &str) -> Conversation {
        Conversation {
            id: id.into(),
            file: "f.json".into(),
            messages: 3,
            agents: vec!["小雨".into()],
            findings: vec![Finding {
                rule: "probe/forbid-x".into(),
                clauses: vec!["P-1".into()],
                kind: "forbid".into(),
                severity: Severity::Critical,
                dimension: "d".into(),
                agent: "小雨".into(),
                message: Some(1),
                related: vec![0],
                span: Some(Range { start: 0, end: 2 }),
                quote: Some("滚\"\u{2028}".into()),
                points: 10.0,
                review: Some(Review::Pending),
                measured: Some(Measured {
                    seconds: Some(1.5),
                    ..Measured::default()
                }),
                why: vec![Bilingual::new("因", "why")],
                also: vec![],
                advice: None,
            }],
            observations: vec![],
            not_assessed: vec![],
            scores: vec![Score {
                agent: "小雨".into(),
                total: Some(90.0),
                total_if_confirmed: Some(0.0),
                coverage: 1.0,
                band: Some("good".into()),
                dimensions: vec![DimensionScore {
                    id: "d".into(),
                    weight: 100.0,
                    deducted: 10.0,
                    state: State::Assessed,
                }],
            }],
        }
    }

    #[test]
    fn the_pieces_are_the_report() {
        let standard = standard();
        let frame = Frame {
            offsets: Unit::Codepoint,
            standard: &standard,
        };
        let mut accounting = Accounting {
            files: 1,
            rows: 7,
            messages: 6,
            conversations: 2,
            ..Accounting::default()
        };
        accounting.exclude("text-missing", 1);
        let agents = vec![Agent {
            agent: "小雨".into(),
            group: None,
            conversations: 2,
            assessed: 2,
            score: Some(MeanScore {
                mean: 90.0,
                low: Some(90.0),
                high: Some(90.0),
            }),
            score_if_confirmed: Some(0.0),
            band: None,
            critical: 2,
            critical_share: 1.0,
            metrics: [(
                "each-reply".to_owned(),
                Metric {
                    value: Some(1.5),
                    count: 2,
                },
            )]
            .into(),
            by_rule: [("probe/forbid-x".to_owned(), 2)].into(),
            findings: vec![],
            not_assessed: vec![],
        }];
        let diagnostics = vec![Diagnostic::warning("time-missing", "缺", "missing").line(3)];
        for count in 0..3 {
            let conversations: Vec<_> = (0..count)
                .map(|index| conversation(&index.to_string()))
                .collect();
            let lines: Vec<_> = conversations.iter().map(line).collect();
            let mut json = frame.head(&accounting);
            json.extend(lines.join(&b','));
            json.extend(tail(&agents, &diagnostics));
            let report: Report = serde_json::from_slice(&json).expect("a report");
            assert_eq!(report.conversations, conversations);
            assert_eq!(serde_json::to_vec(&report).expect("bytes"), json);

            // The `jsonl` form holds the same values under the same keys.
            let header: serde_json::Value =
                serde_json::from_slice(&frame.header()).expect("a line");
            let trailer = trailer(&accounting, &agents, &diagnostics);
            let trailer: serde_json::Value = serde_json::from_slice(&trailer).expect("a line");
            let whole: serde_json::Value = serde_json::from_slice(&json).expect("an object");
            for (key, value) in header
                .as_object()
                .expect("an object")
                .iter()
                .chain(trailer.as_object().expect("one"))
            {
                assert_eq!(&whole[key], value, "{key}");
            }
            assert_eq!(header.as_object().map(serde_json::Map::len), Some(4));
            assert_eq!(trailer.as_object().map(serde_json::Map::len), Some(3));
        }
    }
}
