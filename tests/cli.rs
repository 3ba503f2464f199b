//! The command line as a user meets it: what it writes, where, and how it exits.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use zhijian::report::Report;
use zhijian::score::{Decision, Options};
use zhijian::standard;
use zhijian::text::Words;
use zhijian::wire::{self, Job};

const STANDARD: &str = r#"schema = "zhijian-standard/1"
id = "probe"
version = "1.0.0"
title = { zh = "试", en = "Probe" }

[[dimensions]]
id = "manner"
title = { zh = "态度", en = "Manner" }
weight = 60

[[rules.forbid]]
id = "forbid-shirk"
title = { zh = "不得推诿", en = "No shirking" }
clauses = ["T-1"]
severity = "critical"
dimension = "manner"
any = ["不归我管"]
flags = ["这不归我管"]
allows = ["好的"]
"#;

const CHATS: &str = concat!(
    r#"{"id":"a","timezone":"+08:00","messages":[{"role":"customer","sender":"客","time":"2024-05-06T10:00:00+08:00","text":"在吗"},"#,
    r#"{"role":"agent","sender":"小雨","time":"2024-05-06T10:00:10+08:00","text":"👍这不归我管"}]}"#,
    "\n",
    r#"{"id":"=b","timezone":"+08:00","messages":[{"role":"customer","sender":"客","time":"2024-05-06T11:00:00+08:00","text":"在吗"},"#,
    r#"{"role":"agent","sender":"小雨","time":"2024-05-06T11:00:20+08:00","text":"好的"}]}"#,
    "\n",
);

/// A folder of its own for one test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        let folder = Self(path);
        folder.write("standard.toml", STANDARD);
        folder.write("chats.jsonl", CHATS);
        folder
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_zhijian"))
            .args(arguments)
            .current_dir(&self.0)
            .env("LC_ALL", "C")
            .output()
            .expect("the program runs")
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

/// Runs, and expects this exit code.
fn ends(folder: &Folder, arguments: &[&str], code: i32) -> Output {
    let output = folder.run(arguments);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}\n{out}\n{err}"
    );
    output
}

#[test]
fn json_is_what_the_library_gives_and_jsonl_holds_the_same() {
    let folder = Folder::new("json");
    let json = ends(
        &folder,
        &[
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--format",
            "json",
        ],
        0,
    )
    .stdout;
    let report: Report = serde_json::from_slice(&json).expect("a report");
    assert_eq!(serde_json::to_vec(&report).expect("bytes"), json);
    let finding = &report.conversations[0].findings[0];
    assert_eq!(
        (finding.rule.as_str(), finding.message, finding.points),
        ("probe/forbid-shirk", Some(1), 10.0)
    );
    assert_eq!(
        finding.span.map(|span| (span.start, span.end)),
        Some((3, 7))
    );
    assert_eq!(
        report.accounting.rows,
        report.accounting.messages + report.accounting.excluded_rows()
    );

    // The same through the library, a few messages at a time, as a worker does it.
    let loaded =
        zhijian::prove::load(STANDARD, "standard.toml", &Words::bundled()).expect("no mistakes");
    let mut job = Job::new(
        loaded,
        Default::default(),
        Words::absent(),
        wire::Options::default(),
    );
    job.add("chats.jsonl", CHATS.as_bytes().to_vec());
    let mut lines: Vec<Vec<u8>> = Vec::new();
    loop {
        let step = job.step(1);
        let batch = job.take();
        let mut start = 0;
        for end in batch.line_ends {
            lines.push(batch.lines[start..end as usize].to_vec());
            start = end as usize;
        }
        if step.done {
            break;
        }
    }
    let mut bytes = job.report_head();
    bytes.extend(lines.join(&b','));
    bytes.extend(job.report_tail());
    assert_eq!(text(&bytes), text(&json));

    let jsonl = ends(
        &folder,
        &[
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--format",
            "jsonl",
        ],
        0,
    )
    .stdout;
    let jsonl: Vec<&str> = text(&jsonl).lines().collect();
    assert_eq!(jsonl.len(), 4);
    assert_eq!(
        (jsonl[1].as_bytes(), jsonl[2].as_bytes()),
        (lines[0].as_slice(), lines[1].as_slice())
    );
    assert!(
        jsonl[0].starts_with("{\"schema\":\"zhijian-report/1\"")
            && jsonl[3].starts_with("{\"accounting\":")
    );
}

#[test]
fn the_unit_of_offsets_and_applied_critical_findings() {
    let folder = Folder::new("offsets");
    for (unit, start, end) in [("codepoint", 2, 6), ("byte", 7, 19), ("grapheme", 2, 6)] {
        let arguments = [
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--format",
            "json",
            "--offsets",
            unit,
            "--critical",
            "applied",
        ];
        let report: Report =
            serde_json::from_slice(&ends(&folder, &arguments, 0).stdout).expect("a report");
        let finding = &report.conversations[0].findings[0];
        assert_eq!(
            finding.span.map(|span| (span.start, span.end)),
            Some((start, end)),
            "{unit}"
        );
        assert_eq!(finding.points, 60.0);
        assert_eq!(report.conversations[0].scores[0].total, Some(0.0));
        assert_eq!(report.agents[0].score.map(|score| score.mean), Some(50.0));
    }
}

#[test]
fn csv_is_for_spreadsheets() {
    let folder = Folder::new("csv");
    folder.write(
        "chats.jsonl",
        CHATS.replace("\"id\":\"a\"", "\"id\":\"=a\""),
    );
    let output = ends(
        &folder,
        &[
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--format",
            "csv",
        ],
        0,
    );
    let csv = text(&output.stdout);
    assert!(csv.starts_with("\u{feff}会话,文件,客服,消息序号,"), "{csv}");
    let row = csv.split("\r\n").nth(1).expect("a row");
    assert!(
        row.starts_with(
            "'=a,chats.jsonl,小雨,1,probe/forbid-shirk,T-1,致命,态度,10,待复核,不归我管,"
        ),
        "{row}"
    );
    // The clause is nobody's but the user's, so the rule says what was asked.
    assert!(row.ends_with(",,不得推诿"), "{row}");
}

#[test]
fn the_table_speaks_both_languages() {
    let folder = Folder::new("table");
    let arguments = |lang| {
        [
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--lang",
            lang,
        ]
    };
    let zh = ends(&folder, &arguments("zh"), 0).stdout;
    assert!(
        text(&zh).contains("小雨")
            && text(&zh).contains("#1 致命（待复核） −10 小雨 T-1 “不归我管”"),
        "{}",
        text(&zh)
    );
    assert!(
        text(&zh).contains("4 行 = 4 条消息 + 0 行未计入"),
        "{}",
        text(&zh)
    );
    assert!(
        text(&zh).contains("\n      要求：不得推诿\n"),
        "{}",
        text(&zh)
    );
    let en = ends(&folder, &arguments("en"), 0).stdout;
    assert!(
        text(&en).contains("#1 critical (to be reviewed) −10 小雨 T-1"),
        "{}",
        text(&en)
    );
}

#[test]
fn folders_stdin_and_files_that_cannot_be_read() {
    let folder = Folder::new("files");
    folder.write("in/b/2.jsonl", format!("\n{CHATS}"));
    folder.write("in/a.jsonl", CHATS);
    folder.write("in/.hidden.jsonl", CHATS);
    folder.write("in/c.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let arguments = [
        "inspect",
        "in",
        "missing.json",
        "--standard",
        "standard.toml",
        "--format",
        "json",
    ];
    let report: Report =
        serde_json::from_slice(&ends(&folder, &arguments, 0).stdout).expect("a report");
    let files: Vec<&str> = report
        .conversations
        .iter()
        .map(|conversation| conversation.file.as_str())
        .collect();
    assert_eq!(
        files,
        ["in/a.jsonl", "in/a.jsonl", "in/b/2.jsonl", "in/b/2.jsonl"]
    );
    let told = |file: &str| {
        report
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.file.as_deref() == Some(file))
    };
    assert!(
        told("missing.json") && told("in/c.png"),
        "{:?}",
        report.diagnostics
    );

    let output = ends(
        &folder,
        &["inspect", "missing.json", "--standard", "standard.toml"],
        2,
    );
    let told = text(&output.stderr);
    assert!(
        told.contains("missing.json: error[file-unreadable]")
            && told.contains("nothing could be read"),
        "{told}"
    );

    let mut child = Command::new(env!("CARGO_BIN_EXE_zhijian"))
        .args([
            "inspect",
            "-",
            "--standard",
            "standard.toml",
            "--format",
            "json",
        ])
        .current_dir(&folder.0)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program runs");
    std::io::Write::write_all(&mut child.stdin.take().expect("stdin"), CHATS.as_bytes())
        .expect("written");
    let output = child.wait_with_output().expect("it ends");
    let report: Report = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(
        (
            report.conversations.len(),
            report.conversations[0].file.as_str()
        ),
        (2, "-")
    );
}

#[test]
fn joined_files_lose_nothing_to_the_mark_between_them() {
    let folder = Folder::new("joined");
    folder.write("joined.jsonl", format!("{CHATS}\u{feff}{CHATS}"));
    let output = ends(
        &folder,
        &[
            "inspect",
            "joined.jsonl",
            "--standard",
            "standard.toml",
            "--format",
            "json",
        ],
        0,
    );
    let report: Report = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(
        (
            report.conversations.len(),
            report.accounting.excluded_rows()
        ),
        (4, 0)
    );
}

#[test]
fn a_gate_fails_with_one() {
    let folder = Folder::new("gate");
    let arguments = |limit| {
        [
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--fail-under",
            limit,
        ]
    };
    // 83.333 and 100.
    ends(&folder, &arguments("91"), 0);
    let output = ends(&folder, &arguments("92"), 1);
    assert!(
        text(&output.stderr).contains("小雨: the mean 91.667 is below 92"),
        "{}",
        text(&output.stderr)
    );
    // Nothing is below NaN: as a limit it would let everybody pass.
    for limit in ["nan", "inf", "many"] {
        ends(&folder, &arguments(limit), 2);
    }
    ends(&folder, &arguments("-5"), 0);
    // Not assessed is never a pass.
    let silent = r#"{"id":"c","messages":[{"role":"customer","sender":"买家","text":"在吗"}]}"#;
    fs::write(folder.0.join("chats.jsonl"), silent).expect("written");
    let output = ends(&folder, &arguments("1"), 1);
    assert!(
        text(&output.stderr).contains("nobody could be scored"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn an_output_file_is_whole_or_absent() {
    let folder = Folder::new("output");
    ends(
        &folder,
        &[
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--format",
            "json",
            "--output",
            "out.json",
        ],
        0,
    );
    let report: Report =
        serde_json::from_slice(&fs::read(folder.0.join("out.json")).expect("a file"))
            .expect("a report");
    assert_eq!(report.conversations.len(), 2);
    assert!(!folder.0.join("out.json.part").exists());
    let output = ends(
        &folder,
        &[
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--output",
            "none/out.json",
        ],
        2,
    );
    assert!(
        text(&output.stderr).contains("none/out.json"),
        "{}",
        text(&output.stderr)
    );
    fs::create_dir(folder.0.join("folder")).expect("a folder");
    let output = ends(
        &folder,
        &[
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--output",
            "folder",
        ],
        2,
    );
    assert!(
        text(&output.stderr).contains("folder: error[output-unwritable]"),
        "{}",
        text(&output.stderr)
    );
    assert!(!folder.0.join("folder.part").exists());
}

/// A link stands for every output that is not a plain file: what it leads to is written, and it stays.
#[cfg(unix)]
#[test]
fn an_output_that_is_a_link_stays_one() {
    let folder = Folder::new("link");
    fs::write(folder.0.join("real.json"), "old").expect("a file");
    std::os::unix::fs::symlink("real.json", folder.0.join("link.json")).expect("a link");
    ends(
        &folder,
        &[
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--format",
            "json",
            "--output",
            "link.json",
        ],
        0,
    );
    let link = fs::symlink_metadata(folder.0.join("link.json")).expect("a link");
    assert!(link.is_symlink());
    let report = fs::read(folder.0.join("real.json")).expect("a file");
    serde_json::from_slice::<Report>(&report).expect("a report");
}

#[test]
fn wrong_arguments_are_two_and_say_what_is_wrong() {
    let folder = Folder::new("arguments");
    ends(&folder, &["--help"], 0);
    ends(&folder, &["inspect"], 2);
    ends(&folder, &["inspect", "chats.jsonl"], 2);
    let output = ends(
        &folder,
        &["inspect", "chats.jsonl", "--standard", "nowhere"],
        2,
    );
    assert!(
        text(&output.stderr).contains("standard-unknown"),
        "{}",
        text(&output.stderr)
    );
    let output = ends(
        &folder,
        &["inspect", "chats.jsonl", "--standard", "nowhere.toml"],
        2,
    );
    assert!(
        text(&output.stderr).contains("nowhere.toml: error[file-unreadable]"),
        "{}",
        text(&output.stderr)
    );
    let output = ends(
        &folder,
        &[
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--timezone",
            "Mars",
        ],
        2,
    );
    assert!(
        text(&output.stderr).contains("timezone-unknown"),
        "{}",
        text(&output.stderr)
    );
    let timed = |zone| {
        [
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--timezone",
            zone,
        ]
    };
    ends(&folder, &timed("-03:30"), 0);
    ends(&folder, &timed("Asia/Shanghai"), 0);
}

#[test]
fn check_names_every_mistake_with_its_place() {
    let folder = Folder::new("check");
    let output = ends(&folder, &["check", "standard.toml"], 0);
    assert!(
        text(&output.stdout).contains("no mistakes (probe, 1 rules"),
        "{}",
        text(&output.stdout)
    );
    let wrong = STANDARD
        .replace("severity = \"critical\"", "severity = \"awful\"")
        .replace("dimension = \"manner\"", "dimension = \"style\"")
        .replace("any = [", "anny = [");
    folder.write("wrong.toml", wrong);
    let output = ends(&folder, &["check", "wrong.toml"], 1);
    let told = text(&output.stdout);
    for place in [
        "wrong.toml:15:12: error",
        "wrong.toml:16:13: error",
        "wrong.toml:17:1: error",
    ] {
        assert!(told.contains(place), "{place} in\n{told}");
    }
    let output = ends(&folder, &["check", "wrong.toml", "--lang", "zh"], 1);
    assert!(
        text(&output.stdout).contains("错误"),
        "{}",
        text(&output.stdout)
    );
    // The same standard cannot score.
    ends(
        &folder,
        &["inspect", "chats.jsonl", "--standard", "wrong.toml"],
        2,
    );
    ends(&folder, &["check", "none.toml"], 2);
    folder.write("latin.toml", b"id = \"\xff\"");
    ends(&folder, &["check", "latin.toml"], 2);
    // An example that does not come out as it says is a mistake as well.
    folder.write(
        "example.toml",
        STANDARD.replace("allows = [\"好的\"]", "allows = [\"这也不归我管\"]"),
    );
    let output = ends(&folder, &["check", "example.toml"], 1);
    assert!(
        text(&output.stdout).contains("example.toml:19:"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn a_job_keeps_figures_and_follows_reviews() {
    let loaded =
        zhijian::prove::load(STANDARD, "standard.toml", &Words::bundled()).expect("no mistakes");
    let options = wire::Options {
        score: Options::default(),
        ..Default::default()
    };
    let mut job = Job::new(loaded, Default::default(), Words::absent(), options);
    job.add("chats.jsonl", CHATS.as_bytes().to_vec());
    let step = job.step(usize::MAX);
    assert!(step.done && !step.needs_dictionary);
    assert_eq!(
        (
            step.messages,
            step.conversations,
            step.bytes_read,
            step.bytes_total
        ),
        (4, 2, CHATS.len(), CHATS.len())
    );
    let batch = job.take();
    assert_eq!(
        text(&batch.labels),
        r#"[["a","chats.jsonl",["小雨"],28800],["=b","chats.jsonl",["小雨"],28800]]"#
    );
    assert_eq!(
        (
            batch.rows.len(),
            batch.line_ends.len(),
            batch.transcript_ends.len()
        ),
        (2 * wire::COLUMNS, 2, 2)
    );
    let start = 1_714_960_800_000.0;
    let expected = [
        2.0,
        1.0,
        1.0,
        0.0,
        0.0,
        0.0,
        0.0,
        83.333,
        0.0,
        1.0,
        start,
        start + 10_000.0,
        10.0,
        10.0,
        1.0,
    ];
    assert_eq!(batch.rows[..wire::COLUMNS], expected);
    let transcript = text(&batch.transcripts[..batch.transcript_ends[0] as usize]);
    assert_eq!(
        transcript,
        r#"{"id":"a","file":"chats.jsonl","timezone":"+08:00","messages":[{"position":0,"role":"customer","sender":"客","time":"2024-05-06T10:00:00+08:00","text":"在吗"},{"position":1,"role":"agent","sender":"小雨","time":"2024-05-06T10:00:10+08:00","text":"👍这不归我管"}]}"#
    );
    let empty = job.take();
    assert_eq!((text(&empty.labels), empty.rows.len()), ("[]", 0));

    let line = &batch.lines[..batch.line_ends[0] as usize];
    let reject = [Decision {
        finding: 0,
        review: zhijian::report::Review::Rejected,
    }];
    let reviewed = job.review(0, line, &reject).expect("known");
    assert_eq!(
        (reviewed.row[7], reviewed.row[14], reviewed.row[10]),
        (100.0, 0.0, start)
    );
    assert_eq!(job.agents()[0].score.map(|score| score.mean), Some(100.0));
    let undo = [Decision {
        finding: 0,
        review: zhijian::report::Review::Pending,
    }];
    assert_eq!(
        job.review(0, &reviewed.line, &undo).expect("known").line,
        line
    );
    assert_eq!(
        job.review(5, line, &[]).expect_err("not there")[0].code,
        "conversation-unknown"
    );
    assert_eq!(
        job.review(0, b"{", &[]).expect_err("no line")[0].code,
        "line-invalid"
    );
    assert_eq!(
        job.load_dictionary(b"").expect_err("empty")[0].code,
        "dictionary-invalid"
    );
    let csv = job.csv(line).expect("a row");
    assert!(text(&csv).contains("不归我管"));
}

#[test]
fn what_waits_for_the_dictionary_comes_out_as_if_it_had_been_there() {
    let bounded = STANDARD.replace("any = [", "boundary = true\nany = [");
    let run = |words: Words, slice: usize| {
        let loaded = standard::compile(&bounded, "standard.toml").expect("no mistakes");
        let mut job = Job::new(loaded, Default::default(), words, wire::Options::default());
        job.add("chats.jsonl", CHATS.as_bytes().to_vec());
        let mut lines = Vec::new();
        let mut waited = 0;
        loop {
            let step = job.step(slice);
            lines.extend(job.take().lines);
            if step.needs_dictionary {
                waited += 1;
                assert!(
                    waited == 1 && job.step(slice).needs_dictionary,
                    "it stays put"
                );
                job.load_words(Words::bundled());
            } else if step.done {
                lines.extend(job.report_tail());
                return (lines, waited);
            }
        }
    };
    let (with, none) = run(Words::bundled(), usize::MAX);
    let (without, once) = run(Words::absent(), 1);
    assert_eq!((none, once), (0, 1));
    assert_eq!(text(&with), text(&without));
}

const SURVEY: &str = r#"
[[rules.record]]
id = "record-satisfaction"
title = { zh = "满意度至少四分", en = "Satisfaction at least four" }
clauses = ["T-2"]
severity = "minor"
dimension = "manner"
table = "satisfaction"
flags = ["表 score=2"]
allows = ["表 score=5"]
"#;

/// A folder whose standard also judges a survey.
fn surveyed(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("standard.toml", [STANDARD, SURVEY].concat());
    folder
}

#[test]
fn tables_are_handed_in_with_the_transcripts() {
    let folder = surveyed("records");
    folder.write(
        "survey.csv",
        "会话ID,客服,满意度\na,小雨,2\n,,\n,小雨,3\nb,小雨,坏\n",
    );
    let arguments = [
        "inspect",
        "chats.jsonl",
        "--standard",
        "standard.toml",
        "--format",
        "json",
        "--records",
    ];
    for named in ["survey.csv", "satisfaction=survey.csv"] {
        let output = ends(&folder, &[&arguments[..], &[named]].concat(), 0);
        let report: Report = serde_json::from_slice(&output.stdout).expect("a report");
        let of = |rule: &str| {
            let all = report.conversations.iter().flat_map(|c| &c.findings);
            all.filter(|f| f.rule.ends_with(rule)).count()
        };
        assert_eq!(of("record-satisfaction"), 1);
        // The row of no conversation is the agent's.
        assert_eq!(report.agents[0].findings.len(), 1);
        let accounting = &report.accounting;
        assert_eq!(
            (accounting.rows, accounting.messages, accounting.records),
            (7, 4, 2)
        );
        assert_eq!(accounting.excluded_rows(), 1);
        let told = report
            .diagnostics
            .iter()
            .find(|d| d.code == "record-value-invalid");
        let told = told.expect("a remark");
        assert_eq!(
            (told.file.as_deref(), told.line, told.field.as_deref()),
            (Some("survey.csv"), Some(5), Some("满意度"))
        );
    }
    let output = ends(
        &folder,
        &[&arguments[..], &["metrics=survey.csv"]].concat(),
        2,
    );
    assert!(
        text(&output.stderr).contains("survey.csv:1: error[record-header-missing]"),
        "{}",
        text(&output.stderr)
    );
    ends(&folder, &[&arguments[..], &["nowhere.csv"]].concat(), 2);
}

#[test]
fn a_workbook_is_a_table_and_long_ids_stay_whole() {
    let folder = surveyed("workbook");
    let book = include_bytes!("fixtures/record/survey.xlsx");
    folder.write("survey.xlsx", book);
    let output = ends(
        &folder,
        &[
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--format",
            "json",
            "--records",
            "survey.xlsx",
        ],
        0,
    );
    let report: Report = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(
        (report.accounting.records, report.accounting.excluded_rows()),
        (3, 1)
    );
    let found: Vec<_> = report
        .conversations
        .iter()
        .flat_map(|c| &c.findings)
        .filter(|f| f.kind == "record")
        .collect();
    assert_eq!(found.len(), 1);
    assert!(
        found[0].why[0].en.contains("survey.xlsx!满意度 line 3"),
        "{:?}",
        found[0].why
    );
    let told: Vec<_> = report
        .diagnostics
        .iter()
        .map(|d| (d.code.as_str(), d.line))
        .collect();
    // The file has all its digits, though as those of a number.
    assert!(told.iter().all(|one| one.0 != "number-inexact"), "{told:?}");
    assert!(
        told.contains(&("record-value-invalid", Some(6))),
        "{told:?}"
    );
    folder.write("broken.xlsx", &book[..400]);
    let output = ends(
        &folder,
        &[
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--records",
            "broken.xlsx",
        ],
        2,
    );
    assert!(
        text(&output.stderr).contains("error[file-damaged]"),
        "{}",
        text(&output.stderr)
    );
}

/// A workbook of these rows, on one sheet.
fn workbook(sheet: &str, rows: &[&[&str]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let written = book.add_worksheet().set_name(sheet).expect("a name");
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            written.write_string(row, column, *cell).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn workbooks_and_archives_are_opened() {
    use std::io::Write as _;
    use zip::unstable::write::FileOptionsExt as _;

    let folder = Folder::new("containers");
    let head: &[&str] = &["会话ID", "时间", "角色", "发送人", "内容"];
    let book = workbook(
        "五月",
        &[
            head,
            &["c1", "2024-05-06 10:00:00", "客户", "tb8801", "在吗\n急"],
            &["c1", "2024-05-06 10:03:05", "客服", "小迪", "在的"],
            &["c1", "不是时间", "客服", "小迪", "有货"],
        ],
    );
    folder.write("a.xlsx", &book);
    folder.write("same.xlsx", &book);
    let chat = "会话ID,时间,角色,发送人,内容\nz1,2024-05-06 10:00:00,客户,tb8802,在吗\nz1,2024-05-06 10:00:05,客服,小迪,在的\n";
    let options = zip::write::SimpleFileOptions::default()
        .with_deprecated_encryption(b"3858be3c2058")
        .expect("a password");
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("五月/z.csv", options).expect("a file");
    archive.write_all(chat.as_bytes()).expect("its bytes");
    folder.write("b.zip", archive.finish().expect("a zip").into_inner());

    let inspect = &[
        "inspect",
        "a.xlsx",
        "b.zip",
        "same.xlsx",
        "--standard",
        "taobao",
    ];
    let json = &["--format", "json"];
    let output = ends(&folder, &[&inspect[..], json].concat(), 0);
    let report: Report = serde_json::from_slice(&output.stdout).expect("a report");
    let files: Vec<&str> = report
        .conversations
        .iter()
        .map(|one| one.file.as_str())
        .collect();
    assert_eq!(files, ["a.xlsx!五月"]);
    let told: Vec<_> = report
        .diagnostics
        .iter()
        .map(|one| {
            (
                one.code.as_str(),
                one.file.as_deref().unwrap_or(""),
                one.line,
            )
        })
        .collect();
    assert!(
        told.contains(&("password-needed", "b.zip", None)),
        "{told:?}"
    );
    assert!(
        told.contains(&("file-duplicate", "same.xlsx", None)),
        "{told:?}"
    );
    // The row of the sheet, though the row before it has two lines.
    assert!(
        told.iter()
            .any(|one| one.0.starts_with("time-") && (one.1, one.2) == ("a.xlsx!五月", Some(4))),
        "{told:?}"
    );

    let password = &["--password", "3858be3c2058"];
    let output = ends(&folder, &[&inspect[..], json, password].concat(), 0);
    let report: Report = serde_json::from_slice(&output.stdout).expect("a report");
    let files: Vec<&str> = report
        .conversations
        .iter()
        .map(|one| one.file.as_str())
        .collect();
    assert_eq!(files, ["a.xlsx!五月", "b.zip/五月/z.csv"]);

    let xlsx = &["--format", "xlsx", "--output", "out.xlsx", "--lang", "zh"];
    ends(&folder, &[&inspect[..], xlsx, password].concat(), 0);
    let bytes = std::fs::read(folder.0.join("out.xlsx")).expect("a workbook");
    let limits = zhijian::sheets::Limits::default();
    let opened = zhijian::sheets::open("out.xlsx", &bytes, None, &limits);
    let names: Vec<&str> = opened.members.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "out.xlsx!客服",
            "out.xlsx!会话",
            "out.xlsx!明细",
            "out.xlsx!统计",
            "out.xlsx!提示"
        ]
    );
    let text = String::from_utf8(opened.members[1].bytes.clone()).expect("UTF-8");
    assert!(text.contains("c1,a.xlsx!五月,3,小迪"), "{text}");
    assert!(text.contains("z1,b.zip/五月/z.csv,2,小迪"), "{text}");
}

#[test]
fn a_standard_or_profile_in_another_encoding_says_so() {
    let folder = Folder::new("encoding");
    let (gbk, ..) = encoding_rs::GBK.encode(STANDARD);
    folder.write("gbk.toml", gbk);
    folder.write("profile.toml", b"[limits]\nx = \"1h\" # \xb5\xea");
    for arguments in [
        &["check", "gbk.toml"][..],
        &["inspect", "chats.jsonl", "--standard", "gbk.toml"],
        &[
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--profile",
            "profile.toml",
        ],
    ] {
        let output = ends(&folder, arguments, 2);
        let told = text(&output.stderr);
        assert!(
            told.contains("error[file-not-utf8]") && told.contains("UTF-8"),
            "{told}"
        );
    }
}

#[test]
fn coverage_answers_every_clause() {
    let folder = Folder::new("coverage");
    let printed = ends(&folder, &["--lang", "zh", "coverage", "pdd"], 0);
    let table = text(&printed.stdout);
    assert!(table.starts_with("pinduoduo\n"), "{table}");
    for line in [
        "  PDD-010  规则查",
        "      来源写明：60 秒",
        "      pinduoduo/after-dissatisfied-retry（自拟：within）",
        "      需要：商品资料",
    ] {
        assert!(table.contains(line), "{line}\n{table}");
    }
    assert!(table.contains("合计 43："), "{table}");

    let printed = ends(&folder, &["coverage", "house", "--format", "json"], 0);
    let all: serde_json::Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    assert_eq!(all[0]["standard"], "house");
    assert_eq!(all[0]["totals"]["checked"], 13);
    assert_eq!(all[0]["clauses"][6]["id"], "HS-007");
    assert_eq!(
        all[0]["clauses"][6]["rules"][0]["rule"],
        "house/forbid-off-platform"
    );

    let printed = ends(&folder, &["coverage", "--format", "markdown"], 0);
    assert!(text(&printed.stdout).contains("| **all** | 367 |"));

    let printed = ends(&folder, &["--lang", "en", "coverage", "nobody"], 2);
    assert!(text(&printed.stderr).contains("there are no clauses of nobody"));
}

#[test]
fn a_rule_explains_what_it_passed_over() {
    let folder = Folder::new("explain");
    let arguments = |rule, format| {
        [
            "inspect",
            "chats.jsonl",
            "--standard",
            "standard.toml",
            "--lang",
            "zh",
            "--explain",
            rule,
            "--format",
            format,
        ]
    };
    let printed = ends(&folder, &arguments("forbid-shirk", "table"), 0);
    assert_eq!(
        text(&printed.stdout),
        "chats.jsonl · a · probe/forbid-shirk  不得推诿\n  有命中：#1\n\
         chats.jsonl · =b · probe/forbid-shirk  不得推诿\n  有适用之处，没有发现问题\n"
    );
    let printed = ends(&folder, &arguments("forbid-shirk", "json"), 0);
    let lines: Vec<serde_json::Value> = text(&printed.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["result"], "found");
    assert_eq!(lines[0]["found"], serde_json::json!([1]));
    assert_eq!(lines[1]["result"], "passed");
    let printed = ends(&folder, &arguments("forbid-shrik", "table"), 2);
    assert!(
        text(&printed.stderr).contains("是不是 probe/forbid-shirk"),
        "{}",
        text(&printed.stderr)
    );
}
