//! A thousand friendly conversations in which nobody does wrong: what must not be said is found in next
//! to none of their messages, by any built-in standard.
//!
//! They are about travel, and played by volunteers who greet nobody; only `forbid` and `privacy` are
//! looked at, because the occasions of the other kinds are a shop's. Every finding of severity minor or
//! graver that was left has been read, and is printed:
//!
//! - guesses that are guesses: at a station, at whose telephone it is, at what else might cost so much;
//! - superlatives that advertising law forbids, whatever is praised;
//! - satisfaction guaranteed, where the customer is the one to be satisfied.

#![allow(
    clippy::print_stderr,
    reason = "findings, and what is absent, are told"
)]

use std::path::Path;

use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::report::Severity;
use zhijian::rule::profile::Profile;
use zhijian::score;
use zhijian::standard::{self, built_in};
use zhijian::text::Words;
use zhijian::transcript::{Role, Transcript};

/// One message in so many may have a finding.
const ONE_IN: usize = 200;

#[test]
fn friendly_talk_breaks_next_to_no_prohibition() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/fixtures/reference/conversations/zh_crosswoz_1000.jsonl");
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("../shared has no travel talk: false positives are not counted");
        return;
    };
    let transcripts: Vec<Transcript> =
        import::read("talk.jsonl", bytes, &import::Options::default()).collect();
    assert_eq!(transcripts.len(), 1_000, "conversations read");
    let messages = transcripts.iter().flat_map(|talk| &talk.messages);
    let messages = messages
        .filter(|message| message.role == Role::Agent)
        .count();
    let words = Words::bundled();
    for entry in built_in::STANDARDS {
        let compiled = standard::compile(entry.text(), entry.id)
            .unwrap_or_else(|faults| panic!("{}: {faults:?}", entry.id));
        let inspector = Inspector::borrowing(&compiled, Profile::default(), &words);
        let mut found = Vec::new();
        for transcript in &transcripts {
            let inspection = inspector.inspect(transcript);
            let options = score::Options::default();
            let judged = score::conversation(&compiled, transcript, &inspection, &options);
            let costly = judged.findings.iter().filter(|finding| {
                finding.severity >= Severity::Minor
                    && (finding.kind == "forbid" || finding.kind == "privacy")
            });
            found.extend(costly.map(|finding| {
                let text = finding
                    .message
                    .and_then(|at| transcript.messages.get(at))
                    .map_or("", |message| message.text.as_str());
                let quote = finding.quote.as_deref().unwrap_or_default();
                format!("  {} {} “{quote}” {text}", judged.id, finding.rule)
            }));
        }
        eprintln!(
            "{}: {} findings in {messages} messages\n{}",
            entry.id,
            found.len(),
            found.join("\n")
        );
        assert!(found.len() * ONE_IN <= messages, "{}", entry.id);
    }
}
