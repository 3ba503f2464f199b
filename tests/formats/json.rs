//! What one file of a JSON format cannot show: wrappers, recalls, times from offsets, long ids, damage in
//! any place.

use std::path::{Path, PathBuf};

use zhijian::import::{self, Begun, Options, Reader};
use zhijian::transcript::{Role, State, Transcript};

struct Found {
    format: Option<&'static str>,
    transcripts: Vec<Transcript>,
    /// Code, line and field.
    told: Vec<(String, Option<u32>, Option<String>)>,
    rows: usize,
    accounted: usize,
    excluded: Vec<(String, usize)>,
}

impl Found {
    fn code(&self, code: &str) -> Option<(Option<u32>, Option<&str>)> {
        let one = self.told.iter().find(|told| told.0 == code)?;
        Some((one.1, one.2.as_deref()))
    }

    /// Role, seconds since 2024-05-06T10:00:00+08:00, text.
    fn said(&self) -> Vec<(Role, Option<f64>, &str)> {
        self.transcripts
            .iter()
            .flat_map(|one| &one.messages)
            .map(|it| {
                let time = it
                    .time
                    .map(|time| (time.millis - 1_714_960_800_000) as f64 / 1000.0);
                (it.role, time, it.text.as_str())
            })
            .collect()
    }
}

fn all(mut reader: Reader) -> Found {
    let transcripts: Vec<Transcript> = reader.by_ref().collect();
    let figures = reader.accounting();
    let told = reader.diagnostics().iter().map(|one| {
        assert_eq!(one.file.as_deref(), Some("x.json"));
        assert!(!one.message.zh.is_empty() && !one.message.en.is_empty());
        (one.code.clone(), one.line, one.field.clone())
    });
    Found {
        format: reader.format(),
        told: told.collect(),
        rows: figures.rows,
        accounted: figures.messages + figures.records + figures.excluded_rows(),
        excluded: figures
            .excluded
            .iter()
            .map(|one| (one.reason.clone(), one.count))
            .collect(),
        transcripts,
    }
}

fn read_with(text: &str, options: &Options) -> Found {
    let found = all(import::read("x.json", text.into(), options));
    assert_eq!(found.rows, found.accounted, "{text}");
    found
}

fn read(text: &str) -> Found {
    read_with(text, &Options::default())
}

/// The files of every format of the family, with the format's id.
fn fixtures() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    let mut found = Vec::new();
    for folder in std::fs::read_dir(root).expect("fixtures") {
        let folder = folder.expect("entry").path();
        let id = folder
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        for file in std::fs::read_dir(&folder).into_iter().flatten() {
            let file = file.expect("entry").path();
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            if text.starts_with(['{', '[']) && file.extension().is_some_and(|it| it != "toml") {
                found.push((id.clone(), file));
            }
        }
    }
    found.sort();
    assert!(found.len() > 40, "{}", found.len());
    found
}

#[test]
fn a_recall_withdraws_the_earlier_message_wherever_it_stands() {
    let message = |id: &str, text: &str| {
        format!(
            r#"{{"msgid":"{id}","action":"send","from":"LiAn","tolist":["wmErxtDgAA9AW32Y"],"roomid":"","msgtime":1714960800000,"msgtype":"text","text":{{"content":"{text}"}}}}"#
        )
    };
    let recall = r#"{"msgid":"3","action":"recall","from":"LiAn","tolist":["wmErxtDgAA9AW32Y"],"roomid":"","msgtime":1714960801000,"msgtype":"revoke","revoke":{"pre_msgid":"2"}}"#;
    for lines in [
        [
            message("1", "九折"),
            message("2", "五折"),
            recall.to_owned(),
        ],
        [
            recall.to_owned(),
            message("1", "九折"),
            message("2", "五折"),
        ],
    ] {
        let found = read(&lines.join("\n"));
        assert_eq!(found.format, Some("wecom-archive"));
        let messages = &found.transcripts[0].messages;
        let of = |text: &str| {
            messages
                .iter()
                .find(|it| it.text == text)
                .map(|it| it.state)
        };
        assert_eq!(of("九折"), Some(State::Text));
        assert_eq!(of("五折"), Some(State::Recalled));
        let notice = messages.last().expect("a notice");
        assert_eq!(
            (notice.role, notice.text.as_str()),
            (Role::System, "撤回了一条消息")
        );
    }
    // The one it withdraws may be in another file: nothing else is marked.
    let found = read(&[message("1", "九折"), recall.to_owned()].join("\n"));
    assert_eq!(found.transcripts[0].messages[0].state, State::Text);
}

#[test]
fn made_ids_are_of_people_outside_and_words_are_not() {
    let message = |from: &str, to: &str, time: &str| {
        format!(
            r#"{{"msgid":"{from}{time}","action":"send","from":"{from}","tolist":["{to}"],"msgtime":{time},"msgtype":"text","text":{{"content":"{from}"}}}}"#
        )
    };
    let found = read(
        &[
            message("wmErxtDgAA9AW32Y", "wmli", "1714960800000"),
            message("wmli", "wmErxtDgAA9AW32Y", "1714960801"),
            message("woErxtDgAA9AW32Y", "wmli", "1714960802000"),
            message("wbErxtDgAA9AW32Y", "woErxtDgAA9AW32Y", "1714960803"),
            message("wmli", "lian", "1714960804"),
            message("lian", "wmli", "1714960805"),
        ]
        .join("\n"),
    );
    assert_eq!(
        found.said(),
        [
            (Role::Customer, Some(0.0), "wmErxtDgAA9AW32Y"),
            (Role::Agent, Some(1.0), "wmli"),
            (Role::Customer, Some(2.0), "woErxtDgAA9AW32Y"),
            (Role::Bot, Some(3.0), "wbErxtDgAA9AW32Y"),
            (Role::Agent, Some(4.0), "wmli"),
            (Role::Agent, Some(5.0), "lian"),
        ]
    );
    // Both directions of a pair are one conversation.
    assert_eq!(found.transcripts.len(), 4);
}

#[test]
fn offsets_count_from_what_is_known() {
    let ticket = |head: &str, first: &str| {
        format!(
            r#"{{"tickets":[{{"tid":"t"{head},"dialogue":[{{"role":"客户","words":"在吗","begin":1500,"end":1800{first}}},{{"role":"客服","words":"在的","begin":4000,"end":4100}}]}}]}}"#
        )
    };
    let times = |found: Found| {
        assert_eq!(found.format, Some("aliyun-sca"));
        found.said().iter().map(|it| it.1).collect::<Vec<_>>()
    };
    let stated = ticket("", r#","beginTime":"2024-05-06 10:00:02""#);
    assert_eq!(times(read(&stated)), [Some(2.0), Some(4.5)]);
    let called = ticket(r#","callTime":"2024-05-06 10:00:00""#, "");
    assert_eq!(times(read(&called)), [Some(1.5), Some(4.0)]);
    let bare = ticket("", "");
    let found = read(&bare);
    assert_eq!(
        found.code("time-missing"),
        Some((Some(1), Some("beginTime")))
    );
    assert_eq!(times(found), [None, None]);
    let options = Options {
        date: Some("2024-05-06".to_owned()),
        ..Options::default()
    };
    assert_eq!(
        times(read_with(&bare, &options)),
        [Some(-36000.0 + 1.5), Some(-36000.0 + 4.0)]
    );
}

#[test]
fn ids_of_eighteen_digits_and_more_stay_what_they_are() {
    for id in [
        "123456789012345678",
        "9007199254740993",
        "12345678901234567890123",
        "1.10",
    ] {
        let comment = format!(
            r#"{{"ticket_id":{id},"id":{id},"author_id":7,"body":"单号{id}","public":true,"created_at":"2024-05-06T02:00:00Z"}}"#
        );
        let found = read(&format!("{{\"comments\":[{comment}]}}"));
        assert_eq!(found.format, Some("zendesk-comments"));
        assert_eq!(found.transcripts[0].id, id);
        let generic = format!(
            r#"{{"data":[{{"session_id":{id},"role":"customer","text":{id},"time":"2024-05-06 10:00:00"}}]}}"#
        );
        let found = read(&generic);
        assert_eq!(found.format, Some("transcript-json"));
        assert_eq!(
            (found.transcripts[0].id.as_str(), found.said()[0].2),
            (id, id)
        );
    }
}

#[test]
fn bodies_of_html_become_what_is_read() {
    let body = r#"<p>Hi Anna,</p>\n<p>it is <b>on its&nbsp;way</b> &ndash; see <a href=\"https://t.example/?a=1&amp;b=2\">the page</a>.<br>1 &lt; 2</p><ul><li>one</li><li>two</li></ul><img src=\"x\">"#;
    let text = format!(
        r#"{{"id":"c","created_at":1714960800,"source":{{"delivered_as":"customer_initiated","id":"s","body":"<p>?</p>","author":{{"type":"lead","id":"1"}}}},
        "conversation_parts":{{"conversation_parts":[{{"id":"p","part_type":"comment","body":"{body}","created_at":1714960805,"author":{{"type":"admin","id":"2","name":"Di"}}}}]}}}}"#
    );
    assert_eq!(
        read(&text).said(),
        [
            (Role::Customer, Some(0.0), "?"),
            (
                Role::Agent,
                Some(5.0),
                "Hi Anna,\nit is on its way – see the page.\n1 < 2\n- one\n- two\n[图片]"
            ),
        ]
    );
}

#[test]
fn who_answers_in_intercom_may_be_a_machine() {
    let part = |author: &str, part_type: &str, body: &str| {
        let text = format!(
            r#"{{"id":"c","conversation_parts":[{{"id":"p","part_type":"{part_type}","body":{body},"created_at":1714960805,"author":{{{author},"id":"2","name":"Di"}}}}]}}"#
        );
        let found = read(&text);
        assert_eq!(found.format, Some("intercom"), "{text}");
        found.transcripts[0].messages[0].role
    };
    let admin = r#""type":"admin""#;
    for (author, part_type, body, role) in [
        (admin, "comment", "\"x\"", Role::Agent),
        (
            r#""type":"admin","from_ai_agent":true"#,
            "comment",
            "\"x\"",
            Role::Bot,
        ),
        (
            r#""type":"admin","is_ai_answer":true"#,
            "comment",
            "\"x\"",
            Role::Bot,
        ),
        (r#""type":"bot""#, "comment", "\"x\"", Role::Bot),
        (r#""type":"user""#, "comment", "\"x\"", Role::Customer),
        (r#""type":"contact""#, "open", "\"x\"", Role::Customer),
        (admin, "close", "\"bye\"", Role::Agent),
        (admin, "close", "null", Role::System),
        (admin, "assignment", "null", Role::System),
        (admin, "note", "\"x\"", Role::System),
    ] {
        assert_eq!(
            part(author, part_type, body),
            role,
            "{author} {part_type} {body}"
        );
    }
}

#[test]
fn whatever_wraps_an_answer_it_is_read_the_same() {
    for (id, file) in fixtures() {
        let text = std::fs::read_to_string(&file).expect("a fixture");
        let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) else {
            continue;
        };
        let plain = read(&text);
        let compact = value.to_string();
        let quoted = serde_json::to_string(&compact).expect("a text");
        for (how, wrapped) in [
            ("compact", compact.clone()),
            (
                "data",
                format!("{{\"code\":0,\"msg\":\"ok\",\"data\":{{\"result\":{text}}}}}"),
            ),
            ("array", format!("[{text}]")),
            ("marked", format!("\u{feff}{text}\n\n")),
            ("as text", format!("{{\"code\":200,\"message\":{quoted}}}")),
        ] {
            // An array in an array or a text is read by the tables only.
            if how == "as text" && id == "transcript-json" {
                continue;
            }
            let found = read(&wrapped);
            let label = format!("{} {how}", file.display());
            assert_eq!(found.format, Some(id.as_str()), "{label}");
            assert_eq!(found.said(), plain.said(), "{label}");
            assert_eq!(found.rows, plain.rows, "{label}");
        }
    }
}

#[test]
fn pages_one_after_the_other_or_one_a_line_are_one_export() {
    let page = |message: &str| format!(r#"{{"code":0,"data":{{"list":[{message}]}}}}"#);
    let pages = [
        page(
            r#"{"sid":"a","uuid":"1","waiterSend":0,"createdTime":1714960800000,"content":"在吗"}"#,
        ),
        page(r#"{"sid":"a","uuid":"2","waiterSend":1,"createdTime":1714960805,"content":"在的"}"#),
        page(r#"{"sid":"a","uuid":"2","waiterSend":1,"createdTime":1714960805,"content":"在的"}"#),
    ];
    for text in [
        pages.join("\n"),
        pages.join(""),
        pages.join(",\n"),
        format!("[{}]", pages.join(", ")),
        pages.join("\n\u{feff}"),
    ] {
        let found = read(&text);
        assert_eq!(found.format, Some("jd-chatlog"), "{text}");
        assert_eq!(found.transcripts.len(), 1, "{text}");
        assert_eq!(
            found.excluded,
            [("message-duplicate".to_owned(), 1)],
            "{text}"
        );
        assert_eq!(
            found.said(),
            [
                (Role::Customer, Some(0.0), "在吗"),
                (Role::Agent, Some(5.0), "在的")
            ]
        );
    }
}

#[test]
fn e27_json_that_is_broken_or_strange() {
    let good = r#"{"id":"1","timezone":"+08:00","messages":[{"role":"customer","time":"2024-05-06 10:00:00","text":"在吗"}]}"#;
    let bad = |inner: &str| {
        let lines = [good, inner, good];
        let found = read(&lines.join("\n"));
        assert!(found.transcripts.len() >= 2, "{inner}");
        found
    };
    // A bad line of JSONL is skipped and counted, with its place.
    let found = bad(r#"{"id":"2","messages":[{"role":"agent",}}"#);
    assert_eq!(found.code("json-invalid"), Some((Some(2), None)));
    assert_eq!(found.excluded, [("json-invalid".to_owned(), 1)]);
    // A key twice: the last counts, and it is told.
    let found = bad(r#"{"id":"2","messages":[{"role":"agent","text":"一","text":"二"}]}"#);
    assert_eq!(found.code("json-key-twice"), Some((Some(2), Some("text"))));
    assert_eq!(found.said()[1].2, "二");
    // NaN and a comma too many are read as meant.
    let found = bad(r#"{"id":"2","score":NaN,"messages":[{"role":"agent","text":"好"},]}"#);
    assert_eq!(found.code("json-loose"), Some((Some(2), Some("score"))));
    assert_eq!((found.transcripts.len(), found.said()[1].2), (3, "好"));
    // Too deep is not looked at; the rest of the object is.
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let found = bad(&format!(
        r#"{{"id":"2","x":{deep},"messages":[{{"role":"agent","text":"好"}}]}}"#
    ));
    assert_eq!(found.code("json-too-deep").map(|it| it.0), Some(Some(2)));
    assert_eq!(found.transcripts.len(), 3);
    // A key of this name is a key like any other.
    let found = bad(
        r#"{"id":"2","__proto__":{"role":"bot"},"messages":[{"__proto__":{"text":"x"},"role":"agent","text":"好"}]}"#,
    );
    assert_eq!((found.said()[1].0, found.said()[1].2), (Role::Agent, "好"));
    assert!(found.code("json-invalid").is_none());
    // The same in a format that a table reads, over several lines.
    let text = "{\"recordlist\":[\n{\"openid\":\"o\",\"opercode\":2003,\"time\":1714960800,\"text\":\"在吗\"},\n{\"openid\":\"o\",\"opercode\":2002,\"time\":017,\"text\":\"坏\"},\n{\"openid\":\"o\",\"opercode\":2002,\"opercode\":2002,\"time\":1714960805,\"text\":\"在的\"},\n]}";
    let found = read(text);
    assert_eq!(found.format, Some("wechat-kf"));
    assert_eq!(found.code("json-invalid"), Some((Some(3), None)));
    assert_eq!(
        found.code("json-key-twice"),
        Some((Some(4), Some("opercode")))
    );
    assert_eq!(found.code("json-loose"), Some((Some(5), None)));
    assert_eq!(found.said().len(), 2);
}

#[test]
fn what_stands_before_a_cut_is_read() {
    let message = |at: usize| {
        format!(
            "{{\"openid\":\"o\",\"opercode\":2003,\"time\":{},\"text\":\"第{at}\"}}",
            1_714_960_800 + at
        )
    };
    let list: Vec<String> = (0..9).map(message).collect();
    let whole = format!("{{\"recordlist\":[{}],\"number\":9}}", list.join(",\n"));
    let first = whole.find("},").expect("a first");
    for end in first + 1..whole.len() {
        if !whole.is_char_boundary(end) {
            continue;
        }
        let found = read(&whole[..end]);
        let complete = whole[..end].matches("\"}").count();
        assert_eq!(found.format, Some("wechat-kf"));
        assert_eq!(found.said().len(), complete, "{end} {:?}", found.told);
        assert!(found.code("json-truncated").is_some(), "{end}");
    }
}

#[test]
fn the_users_word_on_the_format_counts() {
    let text = r#"{"recordlist":[{"openid":"o","opercode":2003,"time":1714960800,"text":"在吗"}]}"#;
    let options = Options {
        format: Some("transcript-json"),
        ..Options::default()
    };
    let found = read_with(text, &options);
    assert_eq!(found.format, Some("transcript-json"));
    assert_eq!(found.said(), [(Role::Customer, Some(0.0), "在吗")]);
    let mut reader = import::read("x.json", text.into(), &Options::default());
    assert_eq!(reader.by_ref().count(), 1);
    let detection = reader.detection();
    assert_eq!(detection.format, Some("wechat-kf"));
    assert_eq!(detection.others.len(), 1, "{:?}", detection.others);
    assert_eq!(detection.others[0].format, "transcript-json");
    assert!(detection.others[0].confidence < detection.confidence);
}

#[test]
fn a_long_export_is_read_in_slices_as_it_is_whole() {
    let mut text = String::new();
    for at in 0..9000 {
        let (from, to) = if at % 3 == 0 {
            ("LiAn", "wmErxtDgAA9AW32Y")
        } else {
            ("wmErxtDgAA9AW32Y", "LiAn")
        };
        let time = 1_714_960_800 + at;
        text.push_str(&format!(
            "{{\"msgid\":\"{at}\",\"action\":\"send\",\"from\":\"{from}\",\"tolist\":[\"{to}\"],\"roomid\":\"\",\"msgtime\":{time},\"msgtype\":\"text\",\"text\":{{\"content\":\"第{at}句，请问什么时候发货\"}}}}\n"
        ));
        if at == 8000 {
            text.push_str("{\"msgid\":\n");
        }
    }
    assert!(text.len() > 1_400_000);
    let whole = read(&text);
    let source = Box::new(std::io::Cursor::new(text.clone().into_bytes()));
    let begun = import::read_from("x.json", source, text.len(), &Options::default());
    let Begun::Sliced(reader) = begun.expect("readable") else {
        panic!("it was not read in slices");
    };
    let sliced = all(*reader);
    assert_eq!(sliced.format, Some("wecom-archive"));
    assert_eq!(sliced.transcripts, whole.transcripts);
    assert_eq!(whole.said().len(), 9000);
    assert_eq!((sliced.told, sliced.rows), (whole.told, whole.rows));
}

/// Any bytes give rows that add up, and no panic: every file cut, with bytes changed, pieces doubled.
#[test]
fn damage_in_any_place_is_accounted_for() {
    const SEED: u64 = 0x5eed_0004;
    let mut state = SEED;
    let mut next = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % most.max(1) as u64) as usize
    };
    for (_, file) in fixtures() {
        let bytes = std::fs::read(&file).expect("a fixture");
        for _ in 0..120 {
            let mut some = bytes.clone();
            for _ in 0..=next(3) {
                let at = next(some.len());
                match next(4) {
                    0 => some.truncate(at.max(2)),
                    1 => some[at] = b"\"{}[],:\\0n"[next(10)],
                    2 => {
                        let end = (at + next(60)).min(some.len());
                        let piece = some[at..end].to_vec();
                        some.splice(at..at, piece);
                    }
                    _ => {
                        let end = (at + next(30)).min(some.len());
                        some.drain(at..end);
                    }
                }
                if some.is_empty() {
                    some.push(b'{');
                }
            }
            let lines = some
                .iter()
                .filter(|&&byte| byte == b'\n' || byte == b'\r')
                .count()
                + 1;
            let mut reader = import::read("x.json", some.clone(), &Options::default());
            let messages: usize = reader.by_ref().map(|one| one.messages.len()).sum();
            let figures = reader.accounting();
            let text = format!("seed {SEED:#x}: {}", String::from_utf8_lossy(&some));
            assert_eq!(messages, figures.messages, "{text}");
            let rows = figures.messages + figures.records + figures.excluded_rows();
            assert_eq!(figures.rows, rows, "{text}");
            for one in reader.diagnostics() {
                let line = one.line.unwrap_or(1) as usize;
                assert!((1..=lines).contains(&line), "{one:?} {text}");
            }
        }
    }
}
