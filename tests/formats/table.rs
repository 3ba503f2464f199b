//! Every file of `tests/fixtures/formats/FORMAT`, as its `case.toml` says: detected, roles, times, the
//! rows accounted for, and what is told. A format has at least one good file and one damaged.
//!
//! What a reader would get wrong: `codes` are all codes that are told, each once, sorted; the two that
//! only state an assumption (`timezone-assumed`, `role-inferred`) as well.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use zhijian::import::{self, Options};
use zhijian::transcript::{Role, Transcript};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    file: String,
    /// A damaged file has something to tell about a line and, mostly, a field.
    #[serde(default)]
    damaged: bool,
    conversations: usize,
    messages: usize,
    #[serde(default)]
    excluded: usize,
    /// C customer, A agent, B bot, S system, V supervisor; conversations parted by a space.
    roles: String,
    /// `2024-05-06T10:00:05+08:00`, the first and the last of all messages; absent without times.
    first: Option<String>,
    last: Option<String>,
    /// Texts that messages have, whole.
    #[serde(default)]
    texts: Vec<String>,
    /// Names of speakers.
    #[serde(default)]
    speakers: Vec<String>,
    #[serde(default)]
    codes: Vec<String>,
    /// The day of an export that has times only.
    date: Option<String>,
}

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    let mut found: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("fixtures")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn cases(folder: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(folder.join("case.toml")).expect("case.toml");
    toml::from_str::<Cases>(&text)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .case
}

fn letter(role: Role) -> char {
    match role {
        Role::Customer => 'C',
        Role::Agent => 'A',
        Role::Bot => 'B',
        Role::System => 'S',
        Role::Supervisor => 'V',
    }
}

fn roles(transcripts: &[Transcript]) -> String {
    let of = |one: &Transcript| one.messages.iter().map(|it| letter(it.role)).collect();
    transcripts
        .iter()
        .map(of)
        .collect::<Vec<String>>()
        .join(" ")
}

fn moments(transcripts: &[Transcript]) -> Vec<String> {
    let mut found: Vec<(i64, String)> = transcripts
        .iter()
        .flat_map(|one| one.messages.iter().map(move |it| (it, &one.zone)))
        .filter_map(|(it, zone)| it.time.map(|time| (time.millis, zone.rfc3339(time))))
        .collect();
    found.sort();
    found.into_iter().map(|(_, iso)| iso).collect()
}

#[test]
fn every_format_is_read_as_its_cases_say() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for folder in folders() {
        let format = folder
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        for case in cases(&folder) {
            seen += 1;
            let label = format!("{format}/{}", case.file);
            let bytes = std::fs::read(folder.join(&case.file)).expect("a fixture");
            let options = Options {
                date: case.date.clone(),
                ..Options::default()
            };
            let mut reader = import::read(&case.file, bytes, &options);
            let transcripts: Vec<Transcript> = reader.by_ref().collect();
            let mut expect = |what: &str, found: String, wanted: String| {
                if found != wanted {
                    wrong.push(format!("{label}: {what}: {found}, not {wanted}"));
                }
            };
            let detection = reader.detection();
            expect(
                "format",
                format!("{:?}", detection.format),
                format!("{:?}", Some(format)),
            );
            let rivals: Vec<_> = detection
                .others
                .iter()
                .filter(|other| other.confidence >= detection.confidence)
                .collect();
            expect("rivals", format!("{rivals:?}"), "[]".to_owned());
            let figures = reader.accounting();
            let excluded = figures.excluded_rows();
            expect(
                "rows",
                figures.rows.to_string(),
                (figures.messages + figures.records + excluded).to_string(),
            );
            expect(
                "messages",
                figures.messages.to_string(),
                case.messages.to_string(),
            );
            expect(
                "excluded",
                format!("{excluded} {:?}", figures.excluded),
                format!("{} {:?}", case.excluded, figures.excluded),
            );
            expect(
                "conversations",
                transcripts.len().to_string(),
                case.conversations.to_string(),
            );
            expect("roles", roles(&transcripts), case.roles.clone());
            let moments = moments(&transcripts);
            expect(
                "first",
                format!("{:?}", moments.first()),
                format!("{:?}", case.first.as_ref()),
            );
            expect(
                "last",
                format!("{:?}", moments.last()),
                format!("{:?}", case.last.as_ref()),
            );
            for text in &case.texts {
                let there = transcripts
                    .iter()
                    .flat_map(|one| &one.messages)
                    .any(|it| it.text == *text);
                expect(
                    &format!("“{text}” is said"),
                    there.to_string(),
                    "true".to_owned(),
                );
            }
            for name in &case.speakers {
                let there = transcripts
                    .iter()
                    .flat_map(|one| &one.speakers)
                    .any(|it| it.name == *name);
                expect(
                    &format!("{name} speaks"),
                    there.to_string(),
                    "true".to_owned(),
                );
            }
            let codes: BTreeSet<&str> = reader
                .diagnostics()
                .iter()
                .map(|it| it.code.as_str())
                .collect();
            let mut wanted: BTreeSet<&str> = case.codes.iter().map(String::as_str).collect();
            expect("codes", format!("{codes:?}"), format!("{wanted:?}"));
            wanted.retain(|code| !matches!(*code, "timezone-assumed" | "role-inferred"));
            if case.damaged {
                let located = reader.diagnostics().iter().any(|it| {
                    wanted.contains(it.code.as_str())
                        && it.file.as_deref() == Some(case.file.as_str())
                        && it.line.is_some()
                });
                expect(
                    "the damage is located",
                    located.to_string(),
                    "true".to_owned(),
                );
            }
        }
    }
    assert!(seen > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_format_has_a_good_and_a_damaged_case() {
    let folders = folders();
    let names: BTreeSet<&str> = folders
        .iter()
        .filter_map(|folder| folder.file_name()?.to_str())
        .collect();
    let known: BTreeSet<&str> = import::formats().iter().map(|format| format.id).collect();
    assert_eq!(names, known);
    for folder in &folders {
        let cases = cases(folder);
        assert!(
            cases.iter().any(|case| case.damaged),
            "{}",
            folder.display()
        );
        assert!(
            cases.iter().any(|case| !case.damaged),
            "{}",
            folder.display()
        );
    }
}
