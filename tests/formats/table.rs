//! Every file of `tests/fixtures/formats/FORMAT`, as its `case.toml` says: detected, roles, times, the
//! rows accounted for, and what is told. A format has at least one good file and one damaged.
//!
//! What a reader would get wrong: `codes` are all codes that are told, each once, sorted; the two that
//! only state an assumption (`timezone-assumed`, `role-inferred`) as well.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use zhijian::diagnostic::{Diagnostic, Level};
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

/// The row of a format: how it is detected, its roles and times, what became of the rows of its good
/// files, and what its damaged ones say.
fn row(folder: &Path) -> String {
    let format = folder
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name");
    let (mut low, mut high) = (u8::MAX, 0);
    let (mut said, mut times) = (BTreeSet::new(), Vec::new());
    let (mut figures, mut damage) = ([0; 4], BTreeSet::new());
    let mut rivals = 0;
    for case in cases(folder) {
        let bytes = std::fs::read(folder.join(&case.file)).expect("a fixture");
        let options = Options {
            date: case.date.clone(),
            ..Options::default()
        };
        let mut reader = import::read(&case.file, bytes, &options);
        let transcripts: Vec<Transcript> = reader.by_ref().collect();
        let detection = reader.detection();
        low = low.min(detection.confidence);
        high = high.max(detection.confidence);
        let most = detection.others.iter().map(|it| it.confidence).max();
        rivals = rivals.max(most.unwrap_or(0));
        if case.damaged {
            let assumed = ["timezone-assumed", "role-inferred"];
            for one in reader.diagnostics() {
                if !assumed.contains(&one.code.as_str()) {
                    let line = one.line.map_or(String::new(), |line| format!(":{line}"));
                    damage.insert(format!("`{}` ({}{line})", one.code, case.file));
                }
            }
            continue;
        }
        said.extend(roles(&transcripts).chars().filter(|c| *c != ' '));
        times.extend(moments(&transcripts));
        let it = reader.accounting();
        let all = [it.rows, it.messages, it.records, it.excluded_rows()];
        for (sum, one) in figures.iter_mut().zip(all) {
            *sum += one;
        }
    }
    times.sort();
    let [rows, messages, records, excluded] = figures;
    assert_eq!(rows, messages + records + excluded, "{format}");
    let times = match (times.first(), times.last()) {
        (Some(first), Some(last)) => format!("{first} – {last}"),
        _ => "none, told".to_owned(),
    };
    let damage: Vec<String> = damage.into_iter().take(2).collect();
    let sure = match low == high {
        true => low.to_string(),
        false => format!("{low}–{high}"),
    };
    format!(
        "| {format} | {sure} (next {rivals}) | {} | {times} | {rows} = {messages} + {records} + {excluded} | {} |",
        said.iter().collect::<String>(),
        damage.join(", "),
    )
}

/// The row of a container: what is in it is read as any table.
fn container(name: &str, good: &[u8], damaged: &[u8]) -> String {
    let opened = crate::books::opened(name, good);
    let bad = |one: &&Diagnostic| one.severity == Level::Error;
    assert_eq!(opened.diagnostics.iter().find(bad), None);
    let (mut figures, mut said, mut times) = ([0; 4], BTreeSet::new(), Vec::new());
    let mut confidence = u8::MAX;
    for member in opened.members {
        let mut reader = import::read(&member.name, member.bytes, &Options::default());
        let transcripts: Vec<Transcript> = reader.by_ref().collect();
        confidence = confidence.min(reader.detection().confidence);
        said.extend(roles(&transcripts).chars().filter(|c| *c != ' '));
        times.extend(moments(&transcripts));
        let it = reader.accounting();
        let all = [it.rows, it.messages, it.records, it.excluded_rows()];
        for (sum, one) in figures.iter_mut().zip(all) {
            *sum += one;
        }
    }
    let [rows, messages, records, excluded] = figures;
    assert!(
        messages > 0 && rows == messages + records + excluded,
        "{name}"
    );
    let damaged = crate::books::opened(name, damaged);
    let told = damaged.diagnostics.first().expect("something to tell");
    let place = told.field.as_deref().or(told.file.as_deref());
    format!(
        "| {name} | by content, its table {confidence} | {} | {} – {} | {rows} = {messages} + {records} + {excluded} | `{}` ({}) |",
        said.iter().collect::<String>(),
        times.first().map_or("", String::as_str),
        times.last().map_or("", String::as_str),
        told.code,
        place.unwrap_or_default(),
    )
}

#[test]
fn the_table_of_all_formats() {
    println!(
        "| format | detected, 0–100 | roles | times | rows = messages + records + excluded | damaged: diagnostic (file:line) |"
    );
    println!("|---|---|---|---|---|---|");
    let folders = folders();
    for folder in &folders {
        let row = row(folder);
        assert!(row.contains('`'), "{row}");
        println!("{row}");
    }
    let rows: &[&[&str]] = &[
        &["会话ID", "时间", "角色", "发送人", "内容"],
        &["c1", "2024-05-06 10:00:00", "客户", "tb8801", "在吗"],
        &["c1", "2024-05-06 10:00:05", "客服", "小迪", "在的"],
    ];
    let sheet = crate::books::table(rows);
    let book = |content: &str| {
        let sheets = vec![("S", content)];
        crate::books::Book {
            sheets,
            ..Default::default()
        }
        .bytes()
    };
    let bad = sheet.replace(
        "</sheetData>",
        "<row r=\"4\"><c r=\"A0\"><v>1</v></c></row></sheetData>",
    );
    println!("{}", container("chat.xlsx", &book(&sheet), &book(&bad)));
    let old = include_bytes!("../fixtures/sheets/chat.xls");
    println!("{}", container("chat.xls", old, &old[..old.len() / 2]));
    let text: String = rows.iter().map(|row| row.join(",") + "\n").collect();
    let zip = crate::books::zipped(&[("五月/a.csv", text.as_bytes())]);
    println!("{}", container("chats.zip", &zip, &zip[..zip.len() - 30]));
    assert_eq!(folders.len(), import::formats().len());
}
