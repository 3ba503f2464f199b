//! Findings as a table for spreadsheets: UTF-8 with a byte-order mark, CRLF, quoted as RFC 4180 says,
//! one row a finding, the header in Chinese.
//!
//! The thing to get right: a customer may write anything, and spreadsheets run what looks like a
//! formula. A cell that begins with `=`, `+`, `-`, `@`, one of their full-width forms or a control
//! character gets an apostrophe in front, which spreadsheets show as text and whoever reads the file
//! can take off again. Numbers are written by this module alone and stay numbers.

use super::{Conversation, FindingRef, Review, Severity, StandardHead};

/// The columns: conversation, file, agent, message, rule, clauses, severity, dimension, points,
/// review, words, measured and limit in seconds, reasons, advice, what was asked.
const COLUMNS: [&str; 16] = [
    "会话",
    "文件",
    "客服",
    "消息序号",
    "规则",
    "条款",
    "级别",
    "维度",
    "扣分",
    "复核",
    "原文",
    "实测秒",
    "限值秒",
    "原因",
    "建议",
    "要求",
];

/// The byte-order mark and the header row.
pub fn csv_head() -> Vec<u8> {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    bytes.extend(rows([COLUMNS.map(str::to_owned)].into_iter()));
    bytes
}

/// One row for each finding of a conversation.
pub fn csv_rows(conversation: &Conversation, standard: &StandardHead) -> Vec<u8> {
    let findings = conversation.findings.iter().map(FindingRef::from);
    csv_table(&conversation.id, &conversation.file, findings, standard)
}

/// One row for each of these findings of the conversation `id` in `file`.
pub fn csv_table<'a>(
    id: &str,
    file: &str,
    findings: impl Iterator<Item = FindingRef<'a>>,
    standard: &StandardHead,
) -> Vec<u8> {
    rows(findings.map(|finding| row((id, file), finding, standard)))
}

fn rows(rows: impl Iterator<Item = [String; COLUMNS.len()]>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .has_headers(false)
        .from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail, and all rows are of one length.
        writer.write_record(&row).expect("a row of the table");
    }
    writer.into_inner().expect("a table in memory")
}

fn row(
    (id, file): (&str, &str),
    finding: FindingRef<'_>,
    standard: &StandardHead,
) -> [String; COLUMNS.len()] {
    let dimension = standard
        .dimensions
        .iter()
        .find(|dimension| dimension.id == finding.dimension);
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let asked = standard.asked(&finding);
    let asked: Vec<&str> = asked.iter().map(|asked| asked.zh.as_str()).collect();
    let why: Vec<&str> = finding.why.iter().map(|why| why.zh.as_str()).collect();
    [
        cell(id),
        cell(file),
        cell(finding.agent),
        finding
            .message
            .map(|message| message.to_string())
            .unwrap_or_default(),
        cell(finding.rule),
        cell(&finding.clauses.join(";")),
        severity(finding.severity).to_owned(),
        cell(dimension.map_or(finding.dimension, |dimension| &dimension.title.zh)),
        number(Some(finding.points)),
        finding.review.map(review).unwrap_or_default().to_owned(),
        cell(finding.quote.as_deref().unwrap_or_default()),
        number(finding.measured.and_then(|measured| measured.seconds)),
        // A limit may be a share; only that of a time is one in seconds.
        number(
            finding
                .measured
                .filter(|measured| measured.seconds.is_some())
                .and_then(|measured| measured.limit),
        ),
        cell(&why.join("；")),
        cell(finding.advice.map_or("", |advice| &advice.zh)),
        cell(&asked.join("；")),
    ]
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "致命",
        Severity::Major => "严重",
        Severity::Minor => "一般",
        Severity::Hint => "提示",
    }
}

fn review(review: Review) -> &'static str {
    match review {
        Review::Pending => "待复核",
        Review::Confirmed => "已确认",
        Review::Rejected => "已驳回",
    }
}

/// A text that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let is_formula = |c: char| {
        matches!(
            c,
            '=' | '+'
                | '-'
                | '@'
                | '＝'
                | '＋'
                | '－'
                | '＠'
                | '﹦'
                | '﹢'
                | '﹣'
                | '﹫'
                | '\u{2212}'
        ) || c.is_control()
    };
    // What shows nothing hides nothing.
    let shown =
        text.trim_start_matches(['\u{feff}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}']);
    if shown.starts_with(is_formula) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{cell, csv_head, csv_rows};
    use crate::diagnostic::Bilingual;
    use crate::report::{
        Conversation, Dimension, Finding, Measured, Origin, Review, RuleHead, Severity,
        StandardHead,
    };

    #[test]
    fn what_looks_like_a_formula_is_text() {
        for text in [
            "=HYPERLINK(\"http://x\")",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\0=1",
            "＝1",
            "＋1",
            "－1",
            "＠a",
        ] {
            assert_eq!(cell(text), format!("'{text}"));
        }
        for text in ["", "亲=1", "'=1", " 您好", "１"] {
            assert_eq!(cell(text), text);
        }
    }

    #[test]
    fn a_row_is_quoted_and_reads_back() {
        let standard = StandardHead {
            id: "p".into(),
            version: "1.0.0".into(),
            sha256: String::new(),
            dimensions: vec![Dimension {
                id: "d".into(),
                title: Bilingual::new("态度", "Attitude"),
                weight: 1.0,
                source: Origin::Ours,
            }],
            bands: vec![],
            rules: vec![RuleHead {
                id: "p/reply-x".into(),
                title: Bilingual::new("不得迟复", "Reply in time"),
                clauses: vec!["P-1".into()],
                source: Origin::Seed,
                ours: vec![],
            }],
            clauses: vec![],
        };
        let conversation = Conversation {
            id: "=1+1".into(),
            file: "a,b.csv".into(),
            messages: 1,
            agents: vec![],
            findings: vec![Finding {
                rule: "p/reply-x".into(),
                clauses: vec!["P-1".into(), "P-2".into()],
                kind: "reply".into(),
                severity: Severity::Critical,
                dimension: "d".into(),
                agent: "@小雨".into(),
                message: Some(4),
                related: vec![],
                span: None,
                quote: Some("他说\"滚\"\r\n-走".into()),
                points: 2.5,
                review: Some(Review::Pending),
                measured: Some(Measured {
                    seconds: Some(98.0),
                    limit: Some(60.0),
                    ..Measured::default()
                }),
                why: vec![
                    Bilingual::new("等了 98 秒", "waited"),
                    Bilingual::new("超时", "late"),
                ],
                also: vec![],
                advice: None,
            }],
            observations: vec![],
            not_assessed: vec![],
            scores: vec![],
        };
        let mut bytes = csv_head();
        assert_eq!(&bytes[..3], b"\xef\xbb\xbf");
        bytes.extend(csv_rows(&conversation, &standard));
        let text = String::from_utf8(bytes).expect("UTF-8");
        assert_eq!(
            text.strip_prefix('\u{feff}').expect("a mark"),
            "会话,文件,客服,消息序号,规则,条款,级别,维度,扣分,复核,原文,实测秒,限值秒,原因,建议,要求\r\n\
             '=1+1,\"a,b.csv\",'@小雨,4,p/reply-x,P-1;P-2,致命,态度,2.5,待复核,\"他说\"\"滚\"\"\r\n-走\",98,60,等了 98 秒；超时,,不得迟复\r\n"
        );
    }
}
