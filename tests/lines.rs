//! The lines of a report are written by hand; here they are held against what serde makes of the same
//! values.

use std::fs;
use std::path::{Path, PathBuf};

use zhijian::report;
use zhijian::rule::profile::Profile;
use zhijian::score::{self, Card, Critical, Sheet, Wording, rescore};
use zhijian::span::Unit;
use zhijian::text::Words;
use zhijian::wire::{self, Advance, Job};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder of fixtures")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            files(&entry, out);
        } else {
            out.push(entry);
        }
    }
}

#[test]
fn every_line_is_what_serde_would_write_in_every_unit() {
    let mut inputs = Vec::new();
    files(Path::new("tests/fixtures"), &mut inputs);
    for standard in ["pinduoduo", "taobao"] {
        let (mut lines, mut findings, mut unknown) = (0, 0, 0);
        for (offsets, critical) in [
            (Unit::Utf16, Critical::Provisional),
            (Unit::Grapheme, Critical::Applied),
            (Unit::Codepoint, Critical::Provisional),
            (Unit::Byte, Critical::Applied),
        ] {
            let opened = wire::open_standard(standard, standard, &Words::absent());
            let score = score::Options { offsets, critical };
            let options = wire::Options {
                score,
                ..wire::Options::default()
            };
            let opened = opened.expect("built in");
            let mut job = Job::new(opened, Profile::default(), Words::bundled(), options);
            for input in &inputs {
                let bytes = fs::read(input).expect("a fixture");
                job.add(&input.to_string_lossy(), bytes);
            }
            while let Advance::Judged(judged) = job.advance() {
                let card = Card::from(job.standard());
                let value = judged.view().conversation(card);
                let mut line = Vec::new();
                job.line(judged.view(), &mut line);
                assert_eq!(line, report::line(&value), "{}", value.id);

                // Made again from the same inspection, and settled again, it is the same.
                let sheet = Sheet::new(card, &judged.transcript, &judged.inspection, &score);
                let mut again = Vec::new();
                let view = score::Judged {
                    sheet: &sheet,
                    ..judged.view()
                };
                Wording::new(card).line(view, &mut again);
                assert_eq!(again, line, "{}", value.id);
                let mut settled = value.clone();
                rescore(job.standard(), &mut settled, &[]).expect("no decision");
                assert_eq!(settled, value);

                lines += 1;
                findings += value.findings.len();
                unknown += value.not_assessed.len();
            }
        }
        assert!(
            lines > 100 && findings > 100 && unknown > 4,
            "{lines} {findings} {unknown}"
        );
    }
}
