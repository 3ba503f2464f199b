//! Files in, transcripts out: who spoke, when, in which place, and what became of every row.

// A check that finds its input absent says so.
#![allow(clippy::print_stderr)]

use std::path::Path;

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use zhijian::diagnostic::{Diagnostic, Level};
use zhijian::import::{Options, formats, read};
use zhijian::report::Accounting;
use zhijian::transcript::{Channel, Resolution, Role, State, Transcript, Zone};

/// 2024-05-06T10:00:00+08:00.
const MAY6: i64 = 1_714_960_800_000;

struct Import {
    format: Option<&'static str>,
    transcripts: Vec<Transcript>,
    accounting: Accounting,
    diagnostics: Vec<Diagnostic>,
}

fn import(name: &str, bytes: Vec<u8>) -> Import {
    import_with(name, bytes, &Options::default())
}

fn import_with(name: &str, bytes: Vec<u8>, options: &Options) -> Import {
    let total = bytes.len();
    let mut reader = read(name, bytes, options);
    let mut transcripts = Vec::new();
    while let Some(transcript) = reader.next() {
        let so_far = reader.accounting();
        assert_eq!(
            so_far.rows,
            so_far.messages + so_far.excluded_rows(),
            "{name}, on the way"
        );
        assert!(reader.consumed() <= total);
        transcripts.push(transcript);
    }
    assert!(reader.next().is_none(), "{name}: it has ended");
    assert_eq!(
        (reader.consumed(), reader.total()),
        (total, total),
        "{name}"
    );
    let accounting = reader.accounting().clone();
    assert_eq!(accounting.files, 1);
    assert_eq!(
        accounting.rows,
        accounting.messages + accounting.excluded_rows(),
        "{name}"
    );
    assert_eq!(
        accounting.messages,
        transcripts
            .iter()
            .map(|one| one.messages.len())
            .sum::<usize>(),
        "{name}"
    );
    assert_eq!(accounting.conversations, transcripts.len(), "{name}");
    let diagnostics = reader.diagnostics().to_vec();
    if transcripts.is_empty() {
        assert!(
            diagnostics.iter().any(|one| one.severity == Level::Error),
            "{name}: nothing, and no word about it"
        );
    }
    for one in &diagnostics {
        assert_eq!(one.file.as_deref(), Some(name), "{one:?}");
        assert!(
            !one.message.zh.is_empty() && !one.message.en.is_empty(),
            "{one:?}"
        );
        assert!(
            one.code
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{one:?}"
        );
    }
    for transcript in &transcripts {
        assert_eq!(transcript.file, name);
        let times: Vec<i64> = transcript
            .messages
            .iter()
            .filter_map(|m| m.time.map(|time| time.millis))
            .collect();
        assert!(times.is_sorted(), "{name}: {times:?}");
        let mut positions: Vec<usize> = transcript.messages.iter().map(|m| m.position).collect();
        positions.sort_unstable();
        positions.dedup();
        assert_eq!(
            positions.len(),
            transcript.messages.len(),
            "{name}: positions are unique"
        );
        assert!(
            transcript
                .messages
                .iter()
                .all(|m| m.speaker.0 < transcript.speakers.len())
        );
    }
    Import {
        format: reader.format(),
        transcripts,
        accounting,
        diagnostics,
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/import")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn open(name: &str) -> Import {
    import(name, fixture(name))
}

impl Import {
    /// Code, line and field of every diagnostic.
    fn told(&self) -> Vec<(&str, Option<u32>, Option<&str>)> {
        self.diagnostics
            .iter()
            .map(|one| (one.code.as_str(), one.line, one.field.as_deref()))
            .collect()
    }

    fn excluded(&self) -> Vec<(&str, usize)> {
        self.accounting
            .excluded
            .iter()
            .map(|one| (one.reason.as_str(), one.count))
            .collect()
    }
}

/// Position, role, speaker, seconds after `from` (or nothing), text.
fn rows(transcript: &Transcript, from: i64) -> Vec<(usize, Role, &str, Option<f64>, &str)> {
    transcript
        .messages
        .iter()
        .map(|m| {
            let seconds = m.time.map(|time| (time.millis - from) as f64 / 1000.0);
            (
                m.position,
                m.role,
                transcript.speaker(m).name.as_str(),
                seconds,
                m.text.as_str(),
            )
        })
        .collect()
}

#[test]
fn jsonl_with_a_mark_and_a_bad_line() {
    let found = open("two-shops.bom.jsonl");
    assert_eq!(found.format, Some("transcript-json"));
    let ids: Vec<&str> = found
        .transcripts
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(ids, ["j-1", "123456789012345678", "j-4"]);
    assert_eq!(
        rows(&found.transcripts[0], MAY6),
        [
            (0, Role::Customer, "tb80", Some(0.0), "在吗"),
            (1, Role::Agent, "小雨", Some(6.0), "在的"),
        ]
    );
    assert_eq!(found.transcripts[0].channel, Some(Channel::Chat));
    assert_eq!(
        found.transcripts[0].zone,
        Zone {
            name: "+08:00".to_owned(),
            offset: 28800,
            assumed: false
        }
    );
    assert_eq!(
        rows(&found.transcripts[1], MAY6),
        [
            (0, Role::Bot, "机器人", Some(0.0), "自动回复"),
            (1, Role::Customer, "客户", Some(1.0), "12.50"),
        ]
    );
    assert_eq!(
        rows(&found.transcripts[2], MAY6),
        [(0, Role::System, "系统", Some(0.0), "[图片]")]
    );
    assert_eq!(found.transcripts[2].messages[0].state, State::Media);
    assert_eq!(
        found.told(),
        [
            ("json-invalid", Some(2), None),
            ("timezone-unknown", Some(5), Some("timezone")),
            ("json-invalid", Some(5), None),
            ("timezone-assumed", None, None),
        ]
    );
    assert_eq!(
        (found.accounting.rows, found.excluded()),
        (7, vec![("json-invalid", 2)])
    );
}

#[test]
fn a_gbk_table_whose_conversations_are_interleaved() {
    let found = open("shop.gbk.csv");
    assert_eq!(found.format, Some("csv"));
    // 2024-09-02T10:00+08:00.
    let base = 1_725_242_400_000;
    assert_eq!(
        found
            .transcripts
            .iter()
            .map(|one| one.id.as_str())
            .collect::<Vec<_>>(),
        ["K1", "K2"]
    );
    assert_eq!(
        rows(&found.transcripts[0], base),
        [
            (0, Role::Customer, "张**", Some(0.0), "发货了吗"),
            (1, Role::Agent, "小米", Some(180.0), "亲，今天发"),
        ]
    );
    assert_eq!(
        rows(&found.transcripts[1], base),
        [
            (
                0,
                Role::Customer,
                "李**",
                Some(60.0),
                "退款,怎么退\r\n要几天"
            ),
            (1, Role::Bot, "机器人", Some(120.0), "请稍候"),
            (2, Role::Agent, "阿宁", None, ",多一列"),
        ]
    );
    let resolutions: Vec<_> = found
        .transcripts
        .iter()
        .flat_map(|one| &one.messages)
        .filter_map(|m| m.time)
        .map(|time| time.resolution)
        .collect();
    assert_eq!(resolutions, [Resolution::Minute; 4]);
    assert_eq!(
        found.told(),
        [
            ("encoding-detected", None, None),
            ("role-unknown", Some(7), Some("角色")),
            ("csv-ragged-row", Some(8), None),
            ("time-invalid", Some(8), Some("消息时间")),
            ("csv-ragged-row", Some(9), None),
            ("text-missing", Some(9), Some("内容")),
            ("timezone-assumed", None, None),
        ]
    );
    assert!(found.diagnostics[0].message.en.contains("gb18030"));
    assert_eq!(
        (found.accounting.rows, found.excluded()),
        (7, vec![("role-unknown", 1), ("text-missing", 1)])
    );
}

#[test]
fn a_spreadsheet_saved_as_unicode_text() {
    let found = open("excel.utf16le.txt");
    assert_eq!(found.format, Some("csv"));
    assert_eq!(found.transcripts[0].id, "excel.utf16le.txt#1");
    assert_eq!(
        rows(&found.transcripts[0], 1_725_242_400_000),
        [
            (0, Role::Agent, "客服", Some(0.0), "您好"),
            (
                1,
                Role::Customer,
                "客户",
                Some(3.0 * 3600.0 + 300.0),
                "在吗"
            ),
        ]
    );
    assert_eq!(
        found.told(),
        [
            ("encoding-detected", None, None),
            ("timezone-assumed", None, None)
        ]
    );
}

#[test]
fn big5_is_not_taken_for_gb18030() {
    let found = open("store.big5.csv");
    let texts: Vec<&str> = found.transcripts[0]
        .messages
        .iter()
        .map(|m| m.text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "您好，請問訂單什麼時候出貨",
            "不好意思讓您久等，麻煩提供訂單編號"
        ]
    );
    assert_eq!(found.transcripts[0].speakers[1].name, "佩雯");
    assert!(
        found.diagnostics[0].message.en.contains("Big5"),
        "{:?}",
        found.diagnostics[0]
    );
}

#[test]
fn qianniu_text() {
    let found = open("client.qianniu.txt");
    assert_eq!(found.format, Some("qianniu-text"));
    assert_eq!(found.transcripts.len(), 1);
    // 2025-03-01T10:00:00+08:00.
    let (shop, base) = ("青禾旗舰店:小迪", 1_740_794_400_000);
    assert_eq!(
        rows(&found.transcripts[0], base),
        [
            (1, Role::Customer, "tb8801", Some(-2.0), "在吗"),
            (
                0,
                Role::Agent,
                shop,
                Some(5.0),
                "亲，在的\n\n有什么可以帮您"
            ),
            (2, Role::Agent, shop, Some(30.0), "稍等"),
            (
                3,
                Role::System,
                "系统",
                None,
                "青禾旗舰店:小迪 撤回了一条消息"
            ),
            (
                4,
                Role::System,
                "系统",
                Some(40.0),
                "当前用户来自 商品详情页\n由 服务助手 转交给 青禾旗舰店:阿宁\n原因：【离线留言自动分配】"
            ),
            (
                5,
                Role::Agent,
                "青禾旗舰店:阿宁",
                Some(60.0),
                "我来为您处理\n发货时间：2025-3-1 12:00:00"
            ),
            (6, Role::Customer, "tb8801", Some(80.0), ""),
        ]
    );
    let states: Vec<State> = found.transcripts[0]
        .messages
        .iter()
        .map(|m| m.state)
        .collect();
    assert_eq!(states[3], State::Recalled);
    assert_eq!(states[6], State::Unavailable);
    assert_eq!(
        found.told(),
        [
            ("time-out-of-order", Some(6), Some("time")),
            ("timezone-assumed", None, None)
        ]
    );
    assert_eq!((found.accounting.rows, found.accounting.messages), (7, 7));
}

#[test]
fn what_stands_before_a_cut_is_kept() {
    let found = open("cut.json");
    assert_eq!(found.transcripts.len(), 1);
    assert_eq!(found.transcripts[0].id, "c-1");
    assert_eq!(found.told(), [("json-truncated", Some(5), None)]);
    assert_eq!(found.excluded(), [("json-truncated", 1)]);
}

#[test]
fn a_picture_is_named_for_what_it_is() {
    let found = open("picture.csv");
    assert!(found.transcripts.is_empty() && found.format.is_none());
    assert_eq!(found.told(), [("file-not-text", None, None)]);
    assert!(
        found.diagnostics[0].message.zh.contains("PNG")
            && found.diagnostics[0].severity == Level::Error
    );
    assert_eq!(found.accounting.rows, 0);
}

#[test]
fn every_trouble_of_a_message_is_told_with_its_line() {
    let found = open("trouble.json");
    let transcript = &found.transcripts[0];
    assert_eq!(
        rows(transcript, MAY6),
        [
            (0, Role::Customer, "买家", Some(0.0), "半个\u{fffd}表情"),
            (1, Role::Agent, "阿宁", None, "没有这一天"),
            (4, Role::Agent, "阿宁", Some(10.0), "早了"),
            (3, Role::Customer, "买家", Some(30.0), "42"),
            (7, Role::Agent, "阿宁", None, "没有时间"),
            (
                8,
                Role::Agent,
                "阿宁",
                Some(50.25),
                "请在客户端查看原始聊天记录"
            ),
            (9, Role::Agent, "阿宁", Some(60.0), ""),
        ]
    );
    let state = |position| {
        transcript
            .messages
            .iter()
            .find(|m| m.position == position)
            .map(|m| m.state)
    };
    assert_eq!(
        (state(8), state(9)),
        (Some(State::Unavailable), Some(State::Recalled))
    );
    assert_eq!(transcript.speakers.len(), 2);
    assert_eq!(transcript.speakers[1].title.as_deref(), Some("售后主管"));
    assert_eq!(transcript.speakers[1].department.as_deref(), Some("售后"));
    assert_eq!(transcript.zone.name, "Asia/Taipei");
    let config = transcript.config.as_ref().map(ToString::to_string);
    assert_eq!(
        config.as_deref(),
        Some(r#"{"first_reply_limit_s":60,"ratio":0.5}"#)
    );
    assert_eq!(
        found.told(),
        [
            ("surrogate-lone", Some(11), None),
            ("time-invalid", Some(12), Some("time")),
            ("text-missing", Some(13), Some("text")),
            ("role-unknown", Some(17), Some("role")),
            ("json-invalid", Some(21), None),
            ("time-missing", Some(18), Some("time")),
            ("time-out-of-order", Some(15), Some("time")),
            ("message-duplicate", Some(16), None),
        ]
    );
    assert_eq!(
        found.excluded(),
        [
            ("json-invalid", 1),
            ("message-duplicate", 1),
            ("role-unknown", 1),
            ("text-missing", 1)
        ]
    );
    assert_eq!(found.accounting.rows, 11);
}

#[test]
fn one_message_a_line() {
    let found = open("lines.messages.jsonl");
    assert_eq!(
        found
            .transcripts
            .iter()
            .map(|one| one.id.as_str())
            .collect::<Vec<_>>(),
        ["s1", "s2"]
    );
    let base = 1_704_074_400_000;
    assert_eq!(
        rows(&found.transcripts[0], base),
        [
            (0, Role::Customer, "u1", Some(0.0), "一"),
            (1, Role::Agent, "小美", Some(2.0), "三")
        ]
    );
    assert_eq!(
        found.told(),
        [
            ("messages-missing", Some(4), Some("messages")),
            ("timezone-assumed", None, None)
        ]
    );
}

#[test]
fn a_quote_that_is_never_closed() {
    let found = open("quote.csv");
    let texts: Vec<&str> = found.transcripts[0]
        .messages
        .iter()
        .map(|m| m.text.as_str())
        .collect();
    assert_eq!(texts, ["没有收尾", "在的", "好\"的"]);
    assert_eq!(found.told()[0], ("csv-quote-unterminated", Some(2), None));
}

#[test]
fn a_table_without_text() {
    let found = open("columns.csv");
    assert_eq!(
        found.told(),
        [("csv-header-missing", Some(1), Some("text"))]
    );
    assert_eq!(
        (found.accounting.rows, found.excluded()),
        (2, vec![("csv-header-missing", 2)])
    );
    let found = import(
        "a.csv",
        "1,2024-01-01 10:00:00,您好\n2,2024-01-01 10:00:01,在的\n".into(),
    );
    assert_eq!(found.told(), [("csv-header-missing", Some(1), None)]);
    assert_eq!(found.accounting.rows, 2);
}

#[test]
fn files_that_are_nothing() {
    for (bytes, code) in [
        (&b""[..], "file-empty"),
        (b"\xef\xbb\xbf \n", "file-empty"),
        (b"%PDF-1.4 x", "file-not-text"),
        ("今天天气不错\n".as_bytes(), "format-unknown"),
        (b"{\"id\":\"x\",\"messages\":[{\"role\":", "json-truncated"),
        (b"{\"id\":\"x\",\"messages\":[", "json-truncated"),
        (b"{}", "messages-missing"),
        (b"[]", "conversations-missing"),
        (b"[{\"id\":\"x\",\"messages\":[]}]", "conversation-empty"),
        (b"{\"messages\":{}}", "messages-missing"),
        (b"[{]}", "json-invalid"),
        ("内容,角色\n".as_bytes(), "conversations-missing"),
    ] {
        let found = import("x", bytes.to_vec());
        assert!(
            found.transcripts.is_empty(),
            "{}",
            String::from_utf8_lossy(bytes)
        );
        assert!(
            found.told().iter().any(|told| told.0 == code),
            "{}: {:?}",
            String::from_utf8_lossy(bytes),
            found.told()
        );
    }
}

#[test]
fn hostile_json_costs_only_itself() {
    let bomb = format!(
        "{{\"id\":\"b\",\"config\":{}{},\"messages\":[]}}",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    let fine = r#"{"id":"f","timezone":"Z","__proto__":{"x":1},"messages":[{"id":123456789012345678901234,"role":"user","role":"agent","time":"2024-01-01 10:00:00","text":"好"},{"id":123456789012345678901235,"role":"agent","time":"2024-01-01 10:00:00","text":"好"}]}"#;
    let ignored = format!(
        "{{\"zzz\":{}1{},\"id\":\"g\",\"messages\":[{{\"role\":\"agent\",\"text\":\"在\"}}]}}",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    let found = import(
        "x.jsonl",
        format!("{fine}\n{bomb}\n{ignored}\n{fine}\n").into(),
    );
    let ids: Vec<&str> = found
        .transcripts
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(ids, ["f", "g", "f"]);
    // Ids beyond 64 bits that differ in their last digit are two; the last of two roles counts.
    assert_eq!(found.transcripts[0].messages.len(), 2);
    assert_eq!(found.transcripts[0].messages[0].role, Role::Agent);
    let told: Vec<_> = found.told().into_iter().take(4).collect();
    assert_eq!(
        told,
        [
            ("json-key-twice", Some(1), Some("role")),
            ("json-too-deep", Some(2), None),
            ("conversation-empty", Some(2), None),
            ("json-too-deep", Some(3), None),
        ]
    );
}

#[test]
fn what_counts_as_the_same_message() {
    let message = |id: &str, time: &str, sender: &str, text: &str| {
        format!(r#"{{"role":"agent"{id}{time}{sender},"text":"{text}"}}"#)
    };
    let count = |messages: &[String]| {
        let json = format!(
            r#"{{"id":"x","timezone":"Z","messages":[{}]}}"#,
            messages.join(",")
        );
        let found = import("x.json", json.into());
        assert_eq!(found.accounting.rows, messages.len());
        found.accounting.messages
    };
    let (time, minute, sender) = (
        r#","time":"2024-01-01 10:00:00""#,
        r#","time":"2024-01-01 10:00""#,
        r#","sender":"小雨""#,
    );
    let twice = |id: &str, time: &str, sender: &str| {
        vec![
            message(id, time, sender, "好"),
            message(id, time, sender, "好"),
        ]
    };
    assert_eq!(count(&twice("", time, sender)), 1, "time, sender and text");
    assert_eq!(count(&twice("", "", sender)), 2, "no time");
    assert_eq!(count(&twice("", minute, sender)), 2, "only a minute");
    assert_eq!(count(&twice("", time, "")), 2, "no sender");
    assert_eq!(count(&twice(r#","id":7"#, "", "")), 1, "the id");
    let other_text = [
        message(r#","id":7"#, time, sender, "好"),
        message(r#","id":7"#, time, sender, "不"),
    ];
    assert_eq!(count(&other_text), 2, "one id, two texts: nothing is lost");
    let other_id = [
        message(r#","id":7"#, time, sender, "好"),
        message(r#","id":8"#, time, sender, "好"),
    ];
    assert_eq!(count(&other_id), 2, "two ids are two messages");
}

#[test]
fn an_array_of_messages_and_one_of_conversations() {
    let messages =
        r#"[{"role":"user","text":"一","会话ID":"a"},{"role":"agent","text":"二","会话ID":"a"}]"#;
    let found = import("x.json", messages.into());
    assert_eq!(
        (found.transcripts.len(), found.transcripts[0].id.as_str()),
        (1, "a")
    );
    let both = r#"[{"messages":[{"role":"user","text":"一"}]},{"messages":[{"role":"user","text":"二"}]}]"#;
    let found = import("x.json", both.into());
    assert_eq!(
        found
            .transcripts
            .iter()
            .map(|one| one.id.as_str())
            .collect::<Vec<_>>(),
        ["x.json#1", "x.json#2"]
    );
}

#[test]
fn senders_give_roles_away_where_no_column_does() {
    let csv = "发送人,时间,内容\n青禾:小迪,2024-01-01 10:00:00,在的\n海绵宝宝,2024-01-01 10:00:01,好\n系统,2024-01-01 10:00:02,转接\n";
    let found = import("x.csv", csv.into());
    let roles: Vec<Role> = found.transcripts[0]
        .messages
        .iter()
        .map(|m| m.role)
        .collect();
    assert_eq!(roles, [Role::Agent, Role::Customer, Role::System]);
    assert!(
        found.told().contains(&("role-inferred", Some(3), None)),
        "{:?}",
        found.told()
    );
    let nobody = import("x.csv", "发送人,内容\n甲,在吗\n乙,好\n".into());
    let roles = nobody.transcripts[0].messages.iter().map(|m| m.role);
    assert!(roles.eq([Role::Customer, Role::Agent]));
    assert_eq!(nobody.told()[0], ("role-inferred", Some(2), None));
    let nameless = import("x.csv", "时间,内容\n2024-01-01 10:00:00,在的\n".into());
    assert!(nameless.transcripts.is_empty());
    assert_eq!(nameless.told()[0], ("role-unknown", Some(2), Some("role")));
}

#[test]
fn the_users_word_on_zone_encoding_and_format() {
    let zone = Zone {
        name: "UTC".to_owned(),
        offset: 0,
        assumed: false,
    };
    let options = Options {
        zone: Some(zone),
        ..Options::default()
    };
    let json = r#"{"messages":[{"role":"user","time":"2024-05-06 02:00:00","text":"好"}]}"#;
    let found = import_with("x.json", json.into(), &options);
    assert_eq!(
        found.transcripts[0].messages[0]
            .time
            .map(|time| time.millis),
        Some(MAY6)
    );
    assert!(found.told().is_empty());
    let options = Options {
        format: Some("csv"),
        ..Options::default()
    };
    assert_eq!(
        import_with("x", json.into(), &options).told(),
        [("csv-header-missing", Some(1), None)]
    );
    let options = Options {
        format: Some("no-such"),
        ..Options::default()
    };
    assert_eq!(
        import_with("x", json.into(), &options).told(),
        [("format-unknown", None, None)]
    );
}

#[test]
fn line_ends_make_no_difference() {
    for name in [
        "client.qianniu.txt",
        "quote.csv",
        "trouble.json",
        "lines.messages.jsonl",
        "two-shops.bom.jsonl",
    ] {
        let text = String::from_utf8(fixture(name))
            .expect("UTF-8")
            .replace("\r\n", "\n");
        let expected = import(name, text.clone().into());
        for end in ["\r\n", "\r"] {
            let found = import(name, text.replace('\n', end).into());
            assert_eq!(found.transcripts, expected.transcripts, "{name} {end:?}");
            assert_eq!(found.accounting, expected.accounting, "{name} {end:?}");
            assert_eq!(found.told(), expected.told(), "{name} {end:?}");
        }
    }
}

#[test]
fn formats_are_told_apart_and_named() {
    let ids: Vec<&str> = formats().iter().map(|format| format.id).collect();
    assert!(
        ids.starts_with(&["transcript-json", "qianniu-text", "csv"]),
        "{ids:?}"
    );
    assert!(
        formats()
            .iter()
            .all(|format| !format.title_zh.is_empty() && !format.title_en.is_empty())
    );
}

#[test]
fn the_page_offers_every_format_and_no_other() {
    let page = include_str!("../www/src/views/files/formats.ts");
    let (_, list) = page.split_once("FORMATS = names([").expect("the list");
    let (list, _) = list.split_once("]);").expect("its end");
    let offered = list
        .lines()
        .filter_map(|line| line.trim().strip_prefix("['"));
    let mut offered: Vec<&str> = offered.filter_map(|rest| rest.split('\'').next()).collect();
    let mut known: Vec<&str> = formats().iter().map(|format| format.id).collect();
    offered.sort_unstable();
    known.sort_unstable();
    assert_eq!(offered, known);
}

#[test]
fn shared_conversations_are_all_accounted_for() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures");
    if !shared.exists() {
        eprintln!("../shared/fixtures is absent");
        return;
    }
    let load = |path: &str| {
        import(
            path,
            std::fs::read(shared.join(path)).unwrap_or_else(|e| panic!("{path}: {e}")),
        )
    };
    for name in [
        "01-pdd",
        "05-taobao",
        "06-tricky-pdd-clean",
        "08-tricky-franchise-hant",
    ] {
        let found = load(&format!("ours/cases/{name}.json"));
        assert_eq!(found.transcripts[0].id, name);
        assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
        assert_eq!(found.accounting.rows, found.accounting.messages);
        assert!(found.transcripts[0].config.is_some() && !found.transcripts[0].zone.assumed);
        for (index, message) in found.transcripts[0].messages.iter().enumerate() {
            assert_eq!(message.position, index);
            assert!(message.time.is_some());
        }
    }
    let taobao = load("ours/cases/05-taobao.json");
    let lead = taobao.transcripts[0]
        .speakers
        .iter()
        .find(|one| one.name == "阿宁")
        .expect("she speaks");
    assert_eq!(
        (lead.role, lead.title.as_deref()),
        (Role::Agent, Some("售后主管"))
    );
    for (name, conversations) in [
        ("zh_uneed_timestamped", 5),
        ("zh_crosswoz_1000", 1000),
        ("en_abcd_sample", 3),
    ] {
        let found = load(&format!("reference/conversations/{name}.jsonl"));
        assert_eq!(found.transcripts.len(), conversations, "{name}");
        let text =
            std::fs::read_to_string(shared.join(format!("reference/conversations/{name}.jsonl")))
                .expect("readable");
        assert_eq!(
            found.accounting.rows,
            text.matches("\"role\":").count(),
            "{name}"
        );
        assert!(
            found
                .accounting
                .excluded
                .iter()
                .all(|one| one.reason == "message-duplicate"),
            "{name}: {:?}",
            found.accounting
        );
    }
}

fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        prop_oneof![
            Just("{\"id\":\"a\",\"messages\":["),
            Just("]}"),
            Just("{\"role\":\"agent\",\"text\":\""),
            Just("\"}"),
            Just(","),
            Just("[{"),
            Just("\n"),
            Just("\r"),
            Just("\r\n"),
            Just("\""),
            Just("\\ud83d"),
            Just("\\"),
            Just("内容,角色,时间"),
            Just("客服"),
            Just("2024-01-01 10:00:00"),
            Just("店:甲 2025-3-1 1:00:05\n"),
            Just("tb1 --> 店:甲 2025-3-1 1:00:05\r"),
            Just("撤回了一条消息"),
            Just("由 甲 转交给 乙"),
            Just("1e999"),
            Just("[[[["),
            Just("\u{feff}"),
            Just("é"),
            Just("\t"),
            Just(";"),
            Just("text,role\n"),
            Just("agent,好\n"),
            Just("[小 迪] 10:30\n"),
            Just("\"time\":99999999999999999999,"),
            Just("-->"),
        ]
        .prop_map(|text: &str| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_panics_and_every_row_is_accounted_for(bytes in fragments()) {
        import("x", bytes.clone());
        for format in formats() {
            import_with("x", bytes.clone(), &Options { format: Some(format.id), ..Options::default() });
        }
    }

    #[test]
    fn nothing_panics_on_a_damaged_file(at in any::<usize>(), byte in any::<u8>(), cut in any::<usize>()) {
        for name in ["client.qianniu.txt", "shop.gbk.csv", "trouble.json", "cut.json", "excel.utf16le.txt"] {
            let mut bytes = fixture(name);
            let length = bytes.len();
            bytes[at % length] = byte;
            bytes.truncate(cut % length + 1);
            import(name, bytes);
        }
    }
}
