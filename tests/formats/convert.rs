//! Transcripts written again: what is written is read as the same transcripts, whatever export they came
//! from; and what `zhijian convert` says and how it exits.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use zhijian::cleaned;
use zhijian::import::{self, Options};
use zhijian::transcript::Transcript;

/// Every file below `tests/fixtures/formats` and `tests/fixtures/import`, in order.
fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut found = Vec::new();
    for folder in ["formats", "import"] {
        walk(&root.join(folder), &mut found);
    }
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("fixtures") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.file_name().is_some_and(|name| name != "case.toml") {
            found.push(path);
        }
    }
}

fn read(name: &str, bytes: Vec<u8>) -> (Vec<Transcript>, Vec<String>) {
    let mut reader = import::read(name, bytes, &Options::default());
    let transcripts = reader.by_ref().collect();
    let told = reader.diagnostics().iter().map(|one| one.code.clone());
    (transcripts, told.collect())
}

/// Without what begins anew: the file, places in the source, and that a zone was assumed.
fn same(transcript: &Transcript) -> Transcript {
    let mut transcript = transcript.clone();
    transcript.file = String::new();
    transcript.zone.assumed = false;
    for (position, message) in transcript.messages.iter_mut().enumerate() {
        message.position = position;
        // Where a conversation states a channel, a message without one is in it.
        message.channel = message.channel.or(transcript.channel);
    }
    transcript
}

#[test]
fn what_is_written_is_read_as_the_same_transcripts() {
    let (mut files, mut conversations) = (0, 0);
    for path in fixtures() {
        let name = path.file_name().and_then(|name| name.to_str());
        let (transcripts, _) = read(name.expect("a name"), std::fs::read(&path).expect("bytes"));
        if transcripts.is_empty() {
            continue;
        }
        files += 1;
        let mut lines = Vec::new();
        for transcript in &transcripts {
            conversations += 1;
            cleaned::write(transcript, &mut lines);
            lines.push(b'\n');
        }
        let (again, told) = read("again.jsonl", lines.clone());
        let text = String::from_utf8_lossy(&lines);
        assert_eq!(again.len(), transcripts.len(), "{}\n{text}", path.display());
        for (one, other) in transcripts.iter().zip(&again) {
            assert_eq!(same(one), same(other), "{}\n{text}", path.display());
        }
        // Nothing about order, roles, columns or zones is left to be guessed.
        let clean = ["time-missing", "times-absent", "encoding-damaged"];
        let odd: Vec<&String> = told
            .iter()
            .filter(|code| !clean.contains(&code.as_str()))
            .collect();
        assert!(odd.is_empty(), "{}: {odd:?}\n{text}", path.display());
        // And written once more, it is the same but for the ids of messages.
        let mut twice = Vec::new();
        for transcript in &again {
            cleaned::write(transcript, &mut twice);
            twice.push(b'\n');
        }
        let (third, _) = read("again.jsonl", twice);
        assert_eq!(third, again, "{}", path.display());
    }
    assert!(
        files >= 10 && conversations >= 20,
        "{files} {conversations}"
    );
}

#[test]
fn minutes_titles_channels_profiles_and_twins_are_kept() {
    let json = r#"{"id":"甲\"1","channel":"phone","timezone":"+09:00","config":{"shop":{"name":"青禾旗舰店"}},
        "participants":{"小迪":{"title":"售后主管","department":"售后"}},"messages":[
        {"role":"customer","sender":"tb8801","time":"2024-05-06 10:00","text":"在吗"},
        {"role":"customer","sender":"tb8801","time":"2024-05-06 10:00","text":"在吗"},
        {"id":"m1","role":"agent","sender":"小迪","time":"2024-05-06 10:01:05.250","text":"好","channel":"chat"},
        {"id":"m2","role":"agent","sender":"小迪","time":"2024-05-06 10:01:05.250","text":"好","channel":"chat"},
        {"role":"agent","sender":"小迪","time":"2024-05-06 10:02:00","text":"撤","state":"recalled"}]}"#;
    let (transcripts, _) = read("a.json", json.as_bytes().to_vec());
    let mut line = Vec::new();
    cleaned::write(&transcripts[0], &mut line);
    assert_eq!(
        String::from_utf8(line.clone()).expect("text"),
        concat!(
            r#"{"schema":"zhijian-transcript/1","id":"甲\"1","channel":"phone","timezone":"+09:00","#,
            r#""participants":{"小迪":{"title":"售后主管","department":"售后"}},"#,
            r#""config":{"shop":{"name":"青禾旗舰店"}},"messages":["#,
            r#"{"id":0,"role":"customer","sender":"tb8801","time":"2024-05-06T10:00+09:00","text":"在吗"},"#,
            r#"{"id":1,"role":"customer","sender":"tb8801","time":"2024-05-06T10:00+09:00","text":"在吗"},"#,
            r#"{"id":2,"role":"agent","sender":"小迪","time":"2024-05-06T10:01:05.25+09:00","channel":"chat","text":"好"},"#,
            r#"{"id":3,"role":"agent","sender":"小迪","time":"2024-05-06T10:01:05.25+09:00","channel":"chat","text":"好"},"#,
            r#"{"id":4,"role":"agent","sender":"小迪","time":"2024-05-06T10:02:00+09:00","text":"撤","state":"recalled"}]}"#,
        )
    );
    let (again, told) = read("b.jsonl", line);
    assert_eq!(told, Vec::<String>::new());
    assert_eq!(
        again.iter().map(same).collect::<Vec<_>>(),
        transcripts.iter().map(same).collect::<Vec<_>>()
    );
}

/// A folder of its own for one test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("convert-{name}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("a file");
    }

    /// Runs `convert`, and expects this exit code.
    fn convert(&self, arguments: &[&str], code: i32) -> (String, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(env!("CARGO_BIN_EXE_zhijian"))
            .arg("convert")
            .args(arguments)
            .current_dir(&self.0)
            .env("LC_ALL", "C")
            .output()
            .expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let (out, err) = (text(stdout), text(stderr));
        assert_eq!(status.code(), Some(code), "{arguments:?}\n{out}\n{err}");
        (out, err)
    }
}

const GOOD: &str = "会话ID,时间,角色,发送者,内容\n\
    g1,2026-03-01 10:00:00,客户,tb8801,在吗\n\
    g1,2026-03-01 10:00:20,客服,小迪,您好\n";

#[test]
fn the_transcripts_of_a_table_are_written_one_a_line() {
    let folder = Folder::new("written");
    folder.write("good.csv", GOOD);
    let line = concat!(
        r#"{"schema":"zhijian-transcript/1","id":"g1","timezone":"+09:00","messages":["#,
        r#"{"id":0,"role":"customer","sender":"tb8801","time":"2026-03-01T10:00:00+09:00","text":"在吗"},"#,
        r#"{"id":1,"role":"agent","sender":"小迪","time":"2026-03-01T10:00:20+09:00","text":"您好"}]}"#,
        "\n",
    );
    let (out, err) = folder.convert(&["good.csv", "--timezone", "+09:00"], 0);
    assert_eq!((out.as_str(), err.as_str()), (line, ""));
    let (out, _) = folder.convert(
        &["good.csv", "--timezone=+09:00", "--output", "out.jsonl"],
        0,
    );
    assert_eq!(out, "");
    let written = std::fs::read_to_string(folder.0.join("out.jsonl")).expect("a file");
    assert_eq!(written, line);
}

#[test]
fn check_says_how_a_file_is_read_and_what_became_of_its_rows() {
    let folder = Folder::new("check");
    folder.write("good.csv", GOOD);
    let (out, err) = folder.convert(&["good.csv", "--check"], 0);
    for words in [
        "good.csv\n",
        "  format: ",
        "(csv) ",
        "  rows 2 = messages 2 + records 0 + excluded 0; conversations 1\n",
        "good.csv: note[timezone-assumed]: ",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    assert_eq!(err, "");

    folder.write(
        "bad.csv",
        &format!("{GOOD}g1,2026-03-01 10:00:30,客服,小迪,\n"),
    );
    let (out, _) = folder.convert(&["good.csv", "bad.csv", "--check", "--lang", "zh"], 1);
    for words in [
        "  行 3 = 消息 2 + 表格行 0 + 排除 1，会话 1\n    text-missing 1\n",
        "bad.csv:4: 警告[text-missing]: 内容: ",
        "合计：2 个文件\n  行 5 = 消息 4 + 表格行 0 + 排除 1，会话 2\n",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    folder.write(
        "who.csv",
        &format!("{GOOD}g1,2026-03-01 10:00:30,采购,小雨,在的\n"),
    );
    let (out, _) = folder.convert(&["who.csv", "--check"], 1);
    let words = "  roles unknown: 小雨; state them with --roles\n";
    assert!(out.contains(words), "{out}");
    let (out, _) = folder.convert(&["who.csv", "--check", "--roles=小雨=agent"], 0);
    assert!(!out.contains("roles unknown"), "{out}");
    // What is written leaves out the same row, says so, and is no failure.
    let (out, err) = folder.convert(&["bad.csv"], 0);
    assert_eq!(out.lines().count(), 1);
    assert!(err.contains("bad.csv:4: warning[text-missing]"), "{err}");
}

#[test]
fn what_cannot_be_asked_for_or_read_is_told() {
    let folder = Folder::new("wrong");
    folder.write("good.csv", GOOD);
    for (arguments, words) in [
        (["good.csv", "--encoding=latin-9"], "encoding: "),
        (["good.csv", "--format=docx"], "format: "),
        (["good.csv", "--timezone=nowhere"], "zone: "),
        (["good.csv", "--roles=小迪"], "roles: "),
        (["good.csv", "--roles=小迪=boss"], "roles: "),
    ] {
        let (out, err) = folder.convert(&arguments, 2);
        assert!(out.is_empty() && err.contains(words), "{arguments:?} {err}");
    }
    let (_, err) = folder.convert(&["absent.csv", "--check"], 2);
    assert!(err.contains("absent.csv: error[file-unreadable]"), "{err}");
    let (out, _) = folder.convert(&["good.csv", "absent.csv", "--check"], 1);
    assert!(out.contains("good.csv\n"), "{out}");
    folder.convert(&["good.csv", "--check", "--output", "x"], 2);
    folder.convert(&["good.csv", "--day-first", "--month-first"], 2);
}
