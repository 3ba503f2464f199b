//! What was guessed about a file, and what the user says instead.

use zhijian::import::{self, Detection, Options};
use zhijian::transcript::{Role, Transcript};

fn read(text: &str, options: &Options) -> (Vec<Transcript>, Detection, Vec<String>) {
    read_bytes(text.into(), options)
}

fn read_bytes(bytes: Vec<u8>, options: &Options) -> (Vec<Transcript>, Detection, Vec<String>) {
    let mut reader = import::read("a.csv", bytes, options);
    let transcripts = reader.by_ref().collect();
    let codes = reader.diagnostics().iter().map(|it| it.code.clone());
    let codes = codes.collect();
    (transcripts, reader.detection().clone(), codes)
}

fn shown(found: &Detection) -> Vec<(&str, Option<&str>)> {
    let columns = found.columns.iter();
    columns.map(|it| (&*it.name, it.column)).collect()
}

fn said(transcripts: &[Transcript]) -> Vec<(Role, &str, &str)> {
    let of = |one: &'_ Transcript| one.messages.len();
    assert!(transcripts.iter().all(|one| of(one) > 0));
    transcripts
        .iter()
        .flat_map(|one| {
            let line = |it| (one.speaker(it).role, one.speaker(it).name.as_str(), it);
            one.messages.iter().map(line)
        })
        .map(|(role, name, it)| (role, name, it.text.as_str()))
        .collect()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, column): &(&str, &str)| ((*name).to_owned(), (*column).to_owned());
    of.iter().map(owned).collect()
}

const TABLE: &str =
    "\u{feff}会话ID,正文,备注,昵称,客服\n1,在吗,甲,tb8801,小迪\n1,在的,乙,小迪,小迪\n";

#[test]
fn columns_are_shown_and_the_header_has_a_fingerprint_of_its_own() {
    let stated = Options {
        columns: pairs(&[("正文", "text")]),
        ..Options::default()
    };
    let (_, found, _) = read(TABLE, &stated);
    assert_eq!(
        shown(&found),
        [
            ("会话ID", Some("session_id")),
            ("正文", Some("text")),
            ("备注", None),
            ("昵称", Some("sender")),
            ("客服", Some("agent")),
        ]
    );
    let other_rows = TABLE.replace("在吗", "有人吗").replace('\u{feff}', "");
    let (_, again, _) = read(&other_rows, &Options::default());
    assert!(found.fingerprint.is_some());
    assert_eq!(found.fingerprint, again.fingerprint);
    let (_, other, _) = read(&TABLE.replace("备注", "说明"), &stated);
    assert_ne!(found.fingerprint, other.fingerprint);
}

#[test]
fn what_the_user_says_of_a_column_goes_before_its_name() {
    let plain = read(TABLE, &Options::default());
    assert!(plain.0.is_empty(), "{:?}", plain.2);
    let (transcripts, _, _) = read(
        TABLE,
        &Options {
            columns: pairs(&[("正文", "text")]),
            ..Options::default()
        },
    );
    assert_eq!(
        said(&transcripts),
        [
            (Role::Customer, "tb8801", "在吗"),
            (Role::Agent, "小迪", "在的")
        ]
    );
    // Another column of texts, and one that is of no use.
    let (transcripts, found, _) = read(
        TABLE,
        &Options {
            columns: pairs(&[("备注", "text"), ("昵称", ""), ("会话ID", "")]),
            ..Options::default()
        },
    );
    assert_eq!(found.columns[3].column, None);
    assert!(transcripts.is_empty(), "nobody speaks: {transcripts:?}");
}

#[test]
fn a_column_without_a_name_can_be_told_what_it_holds() {
    let table = "会话ID,时间,角色,发送者,\ng1,2026-03-01 10:00:00,客户,阿圆,在吗\n";
    let (transcripts, _, codes) = read(table, &Options::default());
    assert!(transcripts.is_empty(), "{transcripts:?}");
    assert!(
        codes.contains(&"csv-header-missing".to_owned()),
        "{codes:?}"
    );
    let (transcripts, found, codes) = read(
        table,
        &Options {
            columns: pairs(&[("", "text")]),
            ..Options::default()
        },
    );
    assert_eq!(said(&transcripts), [(Role::Customer, "阿圆", "在吗")]);
    assert_eq!(shown(&found)[4], ("", Some("text")));
    assert!(
        !codes.contains(&"csv-header-missing".to_owned()),
        "{codes:?}"
    );
}

#[test]
fn senders_are_shown_with_their_roles_and_can_be_corrected() {
    let table = "会话ID,昵称,内容\n1,阿圆,在吗\n1,小雨,在的\n1,小蜜,欢迎\n";
    let (transcripts, found, codes) = read(table, &Options::default());
    // Nothing tells: whoever comes first has a question.
    assert_eq!(
        said(&transcripts),
        [
            (Role::Customer, "阿圆", "在吗"),
            (Role::Agent, "小雨", "在的"),
            (Role::Agent, "小蜜", "欢迎"),
        ]
    );
    assert!(codes.contains(&"role-inferred".to_owned()), "{codes:?}");
    let senders: Vec<_> = found
        .senders
        .iter()
        .map(|it| (&*it.name, it.role, it.inferred))
        .collect();
    assert_eq!(
        senders,
        [
            ("阿圆", Role::Customer, true),
            ("小雨", Role::Agent, true),
            ("小蜜", Role::Agent, true),
        ]
    );
    let (transcripts, found, codes) = read(
        table,
        &Options {
            roles: vec![
                ("小蜜".to_owned(), Role::Bot),
                ("小雨".to_owned(), Role::Agent),
                ("阿圆".to_owned(), Role::Customer),
            ],
            ..Options::default()
        },
    );
    assert_eq!(said(&transcripts)[2], (Role::Bot, "小蜜", "欢迎"));
    assert!(found.senders.iter().all(|it| !it.inferred));
    assert!(!codes.contains(&"role-inferred".to_owned()), "{codes:?}");
}

#[test]
fn a_stated_role_goes_before_the_files_own() {
    let table = "角色,昵称,内容\n客服,小蜜,欢迎\n谁,小雨,在的\n客户,阿圆,在吗\n";
    let stated = Options {
        roles: vec![
            ("小蜜".to_owned(), Role::Bot),
            ("小雨".to_owned(), Role::Supervisor),
        ],
        ..Options::default()
    };
    let (transcripts, found, codes) = read(table, &stated);
    let roles: Vec<Role> = said(&transcripts).iter().map(|it| it.0).collect();
    assert_eq!(roles, [Role::Bot, Role::Supervisor, Role::Customer]);
    assert!(!codes.contains(&"role-unknown".to_owned()), "{codes:?}");
    assert!(found.senders.iter().all(|it| !it.inferred));
}

#[test]
fn whose_role_nothing_says_is_named_until_it_is_stated() {
    // A word that is no role, and a message of nobody's role beside those that have one.
    let table = "会话ID,角色,昵称,内容\n1,客户,阿圆,在吗\n1,采购, 小雨 ,在的\n1,采购,小雨,亲\n1,客服,小蜜,欢迎\n1,,,无名\n1,采购,,无名\n";
    let (transcripts, found, codes) = read(table, &Options::default());
    assert_eq!(found.unknown, ["小雨"], "{codes:?}");
    assert!(found.senders.iter().all(|it| it.name != "小雨"));
    assert_eq!(said(&transcripts).len(), 2);
    let stated = Options {
        roles: vec![("小雨".to_owned(), Role::Agent)],
        ..Options::default()
    };
    let (transcripts, found, _) = read(table, &stated);
    assert_eq!(found.unknown, Vec::<String>::new());
    let messages = said(&transcripts);
    assert_eq!(messages[1], (Role::Agent, "小雨", "在的"));
    assert_eq!(messages[2], (Role::Agent, "小雨", "亲"));
    // Where the file states other roles, whoever has none may be anybody.
    let table = "角色,昵称,内容\n客户,阿圆,在吗\n,小雨,在的\n,小白,好\n";
    let (_, found, _) = read(table, &Options::default());
    assert_eq!(found.unknown, ["小雨", "小白"]);
}

#[test]
fn no_more_than_two_hundred_unknown_are_named() {
    let mut table = "会话ID,角色,昵称,内容\n".to_owned();
    for number in 0..500 {
        table += &format!("{number},客户,甲{number},在吗\n{number},采购,乙{number},嗯\n");
    }
    let (_, found, _) = read(&table, &Options::default());
    assert_eq!(found.unknown.len(), 200);
    assert_eq!(found.unknown[199], "乙199");
}

#[test]
fn no_more_than_two_hundred_senders_are_shown() {
    let mut table = "会话ID,角色,昵称,内容\n".to_owned();
    for number in 0..500 {
        table += &format!("{number},客户,甲{number},在吗\n");
    }
    let (transcripts, found, _) = read(&table, &Options::default());
    assert_eq!((transcripts.len(), found.senders.len()), (500, 200));
    assert_eq!(found.senders[199].name, "甲199");
}

#[test]
fn keys_of_json_are_shown_and_corrected_as_columns_are() {
    let text = "[{\"sid\":\"1\",\"who\":\"tb8801\",\"said\":\"在吗\",\"role\":\"客户\"},{\"sid\":\"1\",\"who\":\"青禾:小迪\",\"said\":\"在的\",\"role\":\"客服\"}]";
    let stated = Options {
        columns: pairs(&[("said", "text"), ("who", "sender")]),
        ..Options::default()
    };
    let (transcripts, found, codes) = read(text, &stated);
    assert_eq!(
        said(&transcripts),
        [
            (Role::Customer, "tb8801", "在吗"),
            (Role::Agent, "青禾:小迪", "在的")
        ],
        "{codes:?}"
    );
    assert_eq!(
        shown(&found),
        [
            ("sid", Some("session_id")),
            ("who", Some("sender")),
            ("said", Some("text")),
            ("role", Some("role")),
        ]
    );
    let plain = "{\"messages\":[{\"role\":\"agent\",\"text\":\"在的\",\"x\":1}]}";
    let slow = "{\"config\":{},\"messages\":[{\"role\":\"agent\",\"text\":\"好\",\"x\":1}]}";
    let (_, plain, _) = read(plain, &Options::default());
    let (_, slow, _) = read(slow, &Options::default());
    assert_eq!(plain.columns.len(), 3);
    assert!(plain.fingerprint.is_some());
    assert_eq!(plain.fingerprint, slow.fingerprint);
}

/// A good file of a format.
fn fixture(path: &str) -> Vec<u8> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/formats/");
    std::fs::read([root, path].concat()).expect("a fixture")
}

fn column_of(found: &Detection, name: &str) -> Option<&'static str> {
    let column = found.columns.iter().find(|it| it.name == name);
    column
        .unwrap_or_else(|| panic!("{name} in {:?}", found.columns))
        .column
}

const PUSH: &str = r#"{"response":"push","message":{"msg_id":"m1","nickname":"tb8801","remark":"老客","from":{"role":"user","uid":"u1"},"to":{"role":"mall_cs","uid":"m"},"time":1740794400,"at":1740794460,"type":0,"content":"在吗","extra":{"said":"有人吗"}}}
{"response":"push","message":{"msg_id":"m2","nickname":"青禾旗舰店","remark":"小迪","from":{"role":"mall_cs","uid":"m"},"to":{"role":"user","uid":"u1"},"time":1740794405,"at":1740794465,"type":0,"content":"在的","extra":{"said":"您好"},"manual_reply":1}}
{"response":"push","message":{"msg_id":"m3","nickname":"tb8801","remark":"老客","from":{"role":"user","uid":"u1"},"to":{"role":"mall_cs","uid":"m"},"time":1740794410,"at":1740794470,"type":1002,"content":"m1","extra":{"said":""}}}
"#;

#[test]
fn paths_of_other_systems_are_shown_with_what_they_are_taken_for() {
    let (_, found, _) = read(PUSH, &Options::default());
    assert_eq!(found.format, Some("pinduoduo-socket"));
    for (name, column) in [
        ("msg_id", Some("id")),
        ("time", Some("time")),
        ("content", Some("text")),
        ("nickname", Some("sender")),
        ("from.role", Some("role")),
        ("from.uid", Some("session_id")),
        ("manual_reply", Some("manual_reply")),
        ("extra.said", None),
        ("remark", None),
        ("at", None),
    ] {
        assert_eq!(column_of(&found, name), column, "{name}");
    }
    // Of one form are all files of the format, whatever their messages have.
    let first = PUSH.lines().next().expect("a line");
    let (_, again, _) = read(first, &Options::default());
    assert!(found.fingerprint.is_some() && found.fingerprint == again.fingerprint);
    // Keys around the message, a key that the kind of the message names, texts in pieces.
    for (path, name, column) in [
        (
            "qianniu-capture/capture.json",
            "^active_user_nickname",
            "session_id",
        ),
        ("wecom-archive/archive.jsonl", "text.content", "text"),
        ("wecom-archive/archive.jsonl", "from", "sender"),
        ("telegram-json/result.json", "text", "text"),
        ("intercom/conversation.json", "author.type", "role"),
        ("csds/dialogues.json", "speaker", "role"),
        ("jd-chatlog/pages.json", "waiterSend", "waiter_send"),
        ("aliyun-sca/tickets.json", "words", "text"),
    ] {
        let (_, found, _) = read_bytes(fixture(path), &Options::default());
        assert_eq!(column_of(&found, name), Some(column), "{path}: {name}");
    }
}

#[test]
fn a_correction_changes_which_path_is_read() {
    let corrected = |columns: &[(&str, &str)]| {
        let options = Options {
            columns: pairs(columns),
            ..Options::default()
        };
        read(PUSH, &options)
    };
    let (plain, _, _) = read(PUSH, &Options::default());
    assert_eq!(
        said(&plain),
        [
            (Role::Customer, "tb8801", "在吗"),
            (Role::Agent, "m", "在的"),
            (Role::System, "系统", "撤回了一条消息"),
        ]
    );
    let (other, found, _) =
        corrected(&[("extra.said", "text"), ("remark", "sender"), ("at", "time")]);
    assert_eq!(
        said(&other),
        [
            (Role::Customer, "老客", "有人吗"),
            (Role::Agent, "小迪", "您好"),
            // What kind of message it is stays.
            (Role::System, "系统", "撤回了一条消息"),
        ]
    );
    let millis = |one: &[Transcript]| one[0].messages[0].time.map(|time| time.millis);
    assert_eq!(
        millis(&other)
            .zip(millis(&plain))
            .map(|(other, plain)| other - plain),
        Some(60_000)
    );
    assert_eq!(column_of(&found, "extra.said"), Some("text"));
    assert_eq!(column_of(&found, "remark"), Some("sender"));
    // Of no use: the next best is read.
    let (next, found, _) = corrected(&[("nickname", "")]);
    assert_eq!(said(&next)[0], (Role::Customer, "u1", "在吗"));
    assert_eq!(column_of(&found, "nickname"), None);
    // Another role than the table's, in words that roles are known by.
    let swapped = PUSH
        .replace("\"remark\":\"老客\"", "\"remark\":\"客服\"")
        .replace("\"remark\":\"小迪\"", "\"remark\":\"客户\"");
    let options = Options {
        columns: pairs(&[("remark", "role")]),
        ..Options::default()
    };
    let (roles, _, codes) = read(&swapped, &options);
    let roles: Vec<Role> = said(&roles).iter().map(|it| it.0).collect();
    assert_eq!(
        roles,
        [Role::Agent, Role::Customer, Role::System],
        "{codes:?}"
    );
    // Another id is another conversation.
    let (split, _, _) = corrected(&[("remark", "session_id")]);
    assert_eq!(split.len(), 2);
    // To say what the table says changes nothing.
    let shown = read(PUSH, &Options::default()).1.columns;
    let same: Vec<(&str, &str)> = shown
        .iter()
        .map(|it| (&*it.name, it.column.unwrap_or_default()))
        .collect();
    assert_eq!(corrected(&same).0, plain);
}

#[test]
fn stated_roles_reach_the_json_of_other_systems() {
    let options = Options {
        roles: vec![("m".to_owned(), Role::Bot)],
        ..Options::default()
    };
    let (transcripts, found, _) = read(PUSH, &options);
    assert_eq!(said(&transcripts)[1], (Role::Bot, "m", "在的"));
    let shop = found.senders.iter().find(|it| it.name == "m");
    assert_eq!(
        shop.map(|it| (it.role, it.inferred)),
        Some((Role::Bot, false))
    );
}

#[test]
fn every_json_format_shows_its_text_and_its_time() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/formats");
    let mut seen = 0;
    for format in import::formats().iter().filter(|format| format.is_json()) {
        let folder = std::path::Path::new(root).join(format.id);
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("a file").path();
            let name = path.file_name().and_then(|it| it.to_str()).expect("a name");
            if name.starts_with("damaged") || name == "case.toml" || format.id == "qiyu-sessions" {
                continue;
            }
            seen += 1;
            let bytes = std::fs::read(&path).expect("a file");
            let (plain, found, _) = read_bytes(bytes.clone(), &Options::default());
            let has = |column| found.columns.iter().any(|it| it.column == Some(column));
            assert!(has("text"), "{}: {:?}", path.display(), found.columns);
            let timeless = format.id == "csds";
            assert!(
                timeless || has("time"),
                "{}: {:?}",
                path.display(),
                found.columns
            );
            assert!(found.fingerprint.is_some());
            // What is shown, said again, is nothing new.
            let stated = found.columns.iter();
            let stated =
                stated.map(|it| (it.name.clone(), it.column.unwrap_or_default().to_owned()));
            let options = Options {
                columns: stated.collect(),
                ..Options::default()
            };
            if format.id != "transcript-json" {
                assert_eq!(read_bytes(bytes, &options).0, plain, "{}", path.display());
            }
        }
    }
    assert!(seen > 20, "{seen}");
}
