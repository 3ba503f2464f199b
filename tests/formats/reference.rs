//! Public samples with what should be read from them, where they are at hand.

use std::path::{Path, PathBuf};

use serde_json::Value;
use zhijian::import::{self, Options};
use zhijian::transcript::{Role, Transcript, Zone};

/// The samples of this name; says so where there are none.
fn samples(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/reference/formats");
    let found = root.join(name);
    if !found.is_dir() {
        println!("{} is not there: nothing was compared", found.display());
        return None;
    }
    Some(found)
}

fn json(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("a target");
    serde_json::from_str(&text).expect("a list")
}

/// Time, name and words of each message of a person; lines are joined, as the targets do.
fn said(transcripts: &[Transcript]) -> Vec<[String; 3]> {
    let mut found = Vec::new();
    for one in transcripts {
        for it in one.messages.iter().filter(|it| it.role != Role::System) {
            let time = it.time.map_or(String::new(), |time| one.zone.rfc3339(time));
            let time = time.get(..19).unwrap_or_default().to_owned();
            found.push([
                time,
                one.speaker(it).name.clone(),
                it.text.replace('\n', " "),
            ]);
        }
    }
    found.sort();
    found
}

fn wanted(path: &Path) -> Vec<[String; 3]> {
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let mut found: Vec<_> = json(path)
        .iter()
        .map(|it| {
            [
                text(it, "timestamp"),
                text(it, "author"),
                text(it, "message"),
            ]
        })
        .collect();
    found.sort();
    found
}

#[test]
fn whatsapp_in_five_ways_to_write_a_date() {
    let Some(folder) = samples("chat-miner/test/whatsapp") else {
        return;
    };
    let wanted = wanted(&folder.join("target.json"));
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|it| it != "txt") {
            continue;
        }
        seen += 1;
        let bytes = std::fs::read(&path).expect("a sample");
        let mut reader = import::read("chat.txt", bytes, &Options::default());
        let transcripts: Vec<Transcript> = reader.by_ref().collect();
        let name = path.display();
        assert_eq!(reader.format(), Some("whatsapp-text"), "{name}");
        assert_eq!(said(&transcripts), wanted, "{name}");
    }
    assert_eq!(seen, 5);
}

fn utc() -> Options {
    Options {
        zone: Some(Zone {
            name: "UTC".to_owned(),
            offset: 0,
            assumed: false,
        }),
        ..Options::default()
    }
}

/// Every file of a folder but its target, as the target says.
fn as_wanted(name: &str, format: &str, options: &Options, files: usize) {
    let Some(folder) = samples(&format!("chat-miner/test/{name}")) else {
        return;
    };
    let wanted = wanted(&folder.join("target.json"));
    assert!(!wanted.is_empty());
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.ends_with("target.json") {
            continue;
        }
        seen += 1;
        let bytes = std::fs::read(&path).expect("a sample");
        let file = path.file_name().and_then(|it| it.to_str()).expect("a name");
        let mut reader = import::read(file, bytes, options);
        let transcripts: Vec<Transcript> = reader.by_ref().collect();
        assert_eq!(reader.format(), Some(format), "{file}");
        // Who wrote the target puts a space between the parts of a text; here they are joined as they are.
        let mut wanted = wanted.clone();
        if name == "telegram" {
            wanted[1][2] = wanted[1][2].replace(": ", ":");
        }
        assert_eq!(said(&transcripts), wanted, "{file}");
        let figures = reader.accounting();
        assert_eq!(figures.rows, figures.messages + figures.excluded_rows());
    }
    assert_eq!(seen, files, "{name}");
}

#[test]
fn telegram_one_chat_and_several() {
    as_wanted("telegram", "telegram-json", &utc(), 2);
}

#[test]
fn other_messengers() {
    as_wanted("instagram", "transcript-json", &utc(), 1);
    as_wanted("signal", "whatsapp-text", &Options::default(), 1);
    as_wanted("whatsapp", "whatsapp-text", &Options::default(), 5);
}

#[test]
fn nothing_there_is_left_out() {
    let Some(folder) = samples("") else {
        return;
    };
    let mut found: Vec<String> = Vec::new();
    for folder in [folder.clone(), folder.join("chat-miner/test")] {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            found.push(
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned(),
            );
        }
    }
    found.sort();
    assert_eq!(
        found,
        [
            "chat-miner",
            "csv-spectrum",
            "instagram",
            "signal",
            "telegram",
            "whatsapp"
        ]
    );
}

#[test]
fn tables_with_every_kind_of_quotes() {
    let Some(folder) = samples("csv-spectrum") else {
        return;
    };
    let mut seen = 0;
    for entry in std::fs::read_dir(folder.join("csvs")).expect("a folder") {
        let path = entry.expect("a file").path();
        let name = path.file_stem().and_then(|it| it.to_str()).expect("a name");
        let bytes = std::fs::read(&path).expect("a sample");
        let rows = json(&folder.join("json").join(format!("{name}.json")));
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
        for column in &header {
            // Each column in turn is what was said; any other names who said it.
            let speaker = header
                .iter()
                .find(|other| other != &column)
                .expect("another");
            let stated = header.iter().map(|other| {
                let means = match other {
                    _ if other == column => "text",
                    _ if other == speaker => "sender",
                    _ => "",
                };
                ((*other).to_owned(), means.to_owned())
            });
            let options = Options {
                columns: stated.collect(),
                ..Options::default()
            };
            let found: Vec<Transcript> = import::read("a.csv", bytes.clone(), &options).collect();
            let found: Vec<&str> = found
                .iter()
                .flat_map(|one| &one.messages)
                .map(|it| it.text.as_str())
                .collect();
            let key = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let wanted: Vec<String> = rows
                .iter()
                .filter(|row| !key(row, column).is_empty() && !key(row, speaker).is_empty())
                .map(|row| key(row, column))
                .collect();
            let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let crlf = |text: &[&str]| {
                text.iter()
                    .map(|it| it.replace("\r\n", "\n"))
                    .collect::<Vec<_>>()
            };
            assert_eq!(crlf(&found), crlf(&wanted), "{name}, {column}");
            seen += 1;
        }
    }
    assert!(seen >= 11, "{seen}");
}
