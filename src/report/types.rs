//! The TypeScript types of the report are made from the Rust types and compared with the committed
//! file; `ZHIJIAN_ACCEPT=1 cargo test` accepts a change.

use ts_rs::{Config, TS};

use crate::diagnostic::{Bilingual, Diagnostic, Level};

use super::{
    Accounting, Agent, Also, Band, ClauseHead, Conversation, Dimension, DimensionScore, Excluded,
    Finding, MeanScore, Measured, Metric, NotAssessed, Observation, Origin, Range, Report, Review,
    RuleHead, Score, Severity, StandardHead, State,
};

const HEAD: &str = "// Made from the Rust types by `ZHIJIAN_ACCEPT=1 cargo test`; not to be edited by hand.\n// Absent values are omitted, never null; words for people come in Chinese and in English.\n";

fn generated() -> String {
    let config = Config::default();
    let mut out = HEAD.to_owned();
    macro_rules! types {
        ($($name:ty),+ $(,)?) => {
            $(
                out.push_str("\nexport ");
                // Prose belongs to the Rust types; the shape is what callers need here.
                out.push_str(&without_comments(&<$name as TS>::decl(&config)).replace(", };", ",\n};"));
                out.push('\n');
            )+
        };
    }
    types!(
        Bilingual,
        Level,
        Diagnostic,
        Range,
        Severity,
        Review,
        Measured,
        Also,
        Finding,
        Observation,
        NotAssessed,
        State,
        DimensionScore,
        Score,
        Conversation,
        MeanScore,
        Metric,
        Agent,
        Excluded,
        Accounting,
        Origin,
        Dimension,
        Band,
        RuleHead,
        ClauseHead,
        StandardHead,
        Report,
    );
    out
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("/**") {
        out.push_str(rest[..start].trim_end());
        let end = rest[start..]
            .find("*/")
            .map_or(rest.len(), |end| start + end + 2);
        out.push_str("\n  ");
        rest = rest[end..].trim_start();
    }
    out.push_str(rest);
    out
}

#[test]
fn the_typescript_types_are_those_of_the_report() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/pkg/src/types.ts");
    let fresh = generated();
    if std::env::var_os("ZHIJIAN_ACCEPT").is_some() {
        std::fs::write(path, &fresh).expect("written");
    }
    let committed = std::fs::read_to_string(path).expect("pkg/src/types.ts");
    assert!(
        committed == fresh,
        "pkg/src/types.ts is not what the Rust types give; ZHIJIAN_ACCEPT=1 cargo test accepts:\n{fresh}"
    );
}
