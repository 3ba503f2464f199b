//! What was guessed about a file, and what the user says instead.

use zhijian::import::{self, Detection, Options};
use zhijian::transcript::{Role, Transcript};

fn read(text: &str, options: &Options) -> (Vec<Transcript>, Detection, Vec<String>) {
    let mut reader = import::read("a.csv", text.into(), options);
    let transcripts = reader.by_ref().collect();
    let codes = reader.diagnostics().iter().map(|it| it.code.clone());
    let codes = codes.collect();
    (transcripts, reader.detection().clone(), codes)
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
    let columns: Vec<_> = found
        .columns
        .iter()
        .map(|it| (&*it.name, it.column))
        .collect();
    assert_eq!(
        columns,
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
    let columns: Vec<_> = found
        .columns
        .iter()
        .map(|it| (&*it.name, it.column))
        .collect();
    assert_eq!(
        columns,
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
