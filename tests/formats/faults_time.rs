//! Faults of time and order, each named after its number.

use zhijian::diagnostic::Diagnostic;
use zhijian::import::{self, Detection, Options};
use zhijian::standard::read_profile;
use zhijian::transcript::{Resolution, Role, Time, Transcript};

use crate::located;

struct Found {
    transcripts: Vec<Transcript>,
    told: Vec<Diagnostic>,
    rows: [usize; 3],
    detection: Detection,
}

impl Found {
    /// Line and field of what is told under a code, in a file of this name.
    fn told(&self, code: &str) -> Vec<(Option<u32>, Option<&str>)> {
        let of = self.told.iter().filter(|it| it.code == code);
        of.inspect(|it| assert_eq!(it.file.as_deref(), Some("a.csv"), "{code}"))
            .map(|it| (it.line, it.field.as_deref()))
            .collect()
    }

    fn texts(&self) -> Vec<&str> {
        let all = self.transcripts.iter().flat_map(|one| &one.messages);
        all.map(|it| it.text.as_str()).collect()
    }

    fn times(&self) -> Vec<Option<String>> {
        let of = |one: &Transcript, time: Option<Time>| time.map(|time| one.zone.rfc3339(time));
        let mut found = Vec::new();
        for one in &self.transcripts {
            found.extend(one.messages.iter().map(|it| of(one, it.time)));
        }
        found
    }
}

fn read_with(text: &str, options: &Options) -> Found {
    let mut reader = import::read("a.csv", text.into(), options);
    let transcripts = reader.by_ref().collect();
    let figures = reader.accounting();
    let rows = [figures.rows, figures.messages, figures.excluded_rows()];
    assert_eq!(rows[0], rows[1] + rows[2]);
    located::note(reader.diagnostics());
    Found {
        transcripts,
        told: reader.diagnostics().to_vec(),
        rows,
        detection: reader.detection().clone(),
    }
}

fn read(text: &str) -> Found {
    read_with(text, &Options::default())
}

const HEADER: &str = "会话ID,时间,角色,昵称,内容\n";

fn iso(time: &str) -> Option<String> {
    Some(format!("2025-03-01T{time}+08:00"))
}

#[test]
pub fn e32_messages_out_of_order() {
    let row = |second: u32| format!("a,2025-03-01 10:00:{second:02},客户,tb8801,第{second}句\n");
    let sorted: String = (0..12).map(row).collect();
    let plain = read(&format!("{HEADER}{sorted}"));
    assert!(plain.told("time-out-of-order").is_empty());
    for turn in 1..12 {
        let mut order: Vec<u32> = (0..12).map(|at| at * 5 % 12).collect();
        order.rotate_left(turn);
        let rows: String = order.iter().map(|&at| row(at)).collect();
        let found = read(&format!("{HEADER}{rows}"));
        assert_eq!(found.texts(), plain.texts(), "turned by {turn}");
        let told = found.told("time-out-of-order");
        assert!(
            matches!(told[..], [(Some(line), Some("时间"))] if line > 2),
            "{told:?}"
        );
        // The place in the source stays.
        let first = &found.transcripts[0].messages[0];
        assert_eq!(order[first.position], 0);
    }
    // What was said in one second stays as it stands.
    let equal = read(&format!(
        "{HEADER}a,2025-03-01 10:00:05,客服,小迪,二\na,2025-03-01 10:00:01,客户,tb8801,零\na,2025-03-01 10:00:05,客服,小迪,三\n"
    ));
    assert_eq!(equal.texts(), ["零", "二", "三"]);
}

#[test]
pub fn e33_messages_twice() {
    let by_id = "会话ID,消息ID,时间,角色,内容\na,1,2025-03-01 10:00:00,客户,在吗\na,2,2025-03-01 10:00:05,客服,在的\na,1,2025-03-01 10:00:00,客户,在吗\na,2,2025-03-01 10:00:05,客服,另一句\n";
    let found = read(by_id);
    assert_eq!(found.texts(), ["在吗", "在的", "另一句"]);
    assert_eq!(found.rows, [4, 3, 1]);
    assert_eq!(found.told("message-duplicate"), [(Some(4), None)]);
    let by_words = format!(
        "{HEADER}a,2025-03-01 10:00:00,客户,tb8801,在吗\na,2025-03-01 10:00:00,客户,tb8801,在吗\n"
    );
    let found = read(&by_words);
    assert_eq!(
        (found.rows, found.told("message-duplicate")),
        ([2, 1, 1], vec![(Some(3), None)])
    );
    // To the minute, without a sender or without a time nobody knows.
    for rows in [
        "a,2025-03-01 10:00,客户,tb8801,在吗\na,2025-03-01 10:00,客户,tb8801,在吗\n",
        "a,2025-03-01 10:00:00,客户,,在吗\na,2025-03-01 10:00:00,客户,,在吗\n",
        "a,,客户,tb8801,在吗\na,,客户,tb8801,在吗\n",
    ] {
        assert_eq!(read(&format!("{HEADER}{rows}")).rows, [2, 2, 0], "{rows}");
    }
}

#[test]
pub fn e34_no_time_on_some_rows() {
    let found = read(&format!(
        "{HEADER}a,2025-03-01 10:00:00,客户,tb8801,在吗\na,,客服,小迪,在的\na,2025-03-01 10:01:00,客户,tb8801,好\n"
    ));
    assert_eq!(found.rows, [3, 3, 0]);
    assert_eq!(found.times(), [iso("10:00:00"), None, iso("10:01:00")]);
    assert_eq!(found.told("time-missing"), [(Some(3), Some("时间"))]);
}

#[test]
pub fn e35_halves_of_the_day() {
    for (written, expected) in [
        ("2025-3-1 上午9:05:07", "09:05:07"),
        ("2025-3-1 下午3:02:00", "15:02:00"),
        ("2025-3-1 凌晨0:30:00", "00:30:00"),
        ("2025-3-1 凌晨12:30:00", "00:30:00"),
        ("2025-3-1 中午12:30:00", "12:30:00"),
        ("2025/03/01 09:05:07 PM", "21:05:07"),
        ("2025/03/01 12:05:07 AM", "00:05:07"),
        ("2025年3月1日 晚上9:05:07", "21:05:07"),
    ] {
        let found = read(&format!("{HEADER}a,{written},客户,tb8801,在吗\n"));
        assert_eq!(
            found.times(),
            [iso(expected)],
            "{written}: {:?}",
            found.told
        );
    }
}

#[test]
pub fn e39_a_reply_before_its_question() {
    // One clock is ten seconds behind: what was read last stands first, and that is told.
    let found = read(&format!(
        "{HEADER}a,2025-03-01 10:00:10,客户,tb8801,在吗\na,2025-03-01 10:00:00,客服,小迪,在的\n"
    ));
    assert_eq!(found.texts(), ["在的", "在吗"]);
    assert_eq!(found.told("time-out-of-order"), [(Some(3), Some("时间"))]);
    let told = found
        .told
        .iter()
        .find(|it| it.code == "time-out-of-order")
        .expect("told");
    assert!(!told.message.zh.is_empty() && !told.message.en.is_empty());
}

#[test]
pub fn e40_across_midnight() {
    let found = read(&format!(
        "{HEADER}a,2025-02-28 23:59:50,客户,tb8801,在吗\na,2025-03-01 00:00:10,客服,小迪,在的\n"
    ));
    assert_eq!(found.transcripts.len(), 1);
    let times: Vec<i64> = found.transcripts[0]
        .messages
        .iter()
        .filter_map(|it| it.time)
        .map(|it| it.millis)
        .collect();
    assert_eq!(times[1] - times[0], 20_000);
    assert!(found.told("time-out-of-order").is_empty());
}

#[test]
pub fn e41_seconds_and_minutes() {
    let found = read(&format!(
        "{HEADER}a,2025-03-01 10:00,客户,tb8801,在吗\na,2025-03-01 10:01:30,客服,小迪,在的\n"
    ));
    let resolutions: Vec<_> = found.transcripts[0]
        .messages
        .iter()
        .filter_map(|it| it.time)
        .map(|it| it.resolution)
        .collect();
    assert_eq!(resolutions, [Resolution::Minute, Resolution::Second]);
}

#[test]
pub fn e42_one_agent_under_two_names_and_a_robot_before() {
    let rows = "会话ID,时间,昵称,内容\n\
        a,2025-03-01 10:00:00,tb8801,在吗\n\
        a,2025-03-01 10:00:01,小蜜,欢迎光临\n\
        a,2025-03-01 10:00:40,cntaobao青禾旗舰店:小迪,在的\n\
        a,2025-03-01 10:00:50,青禾旗舰店:小迪,请说\n";
    let options = Options {
        roles: vec![("小蜜".to_owned(), Role::Bot)],
        ..Options::default()
    };
    let found = read_with(rows, &options);
    let one = &found.transcripts[0];
    let said: Vec<_> = one
        .messages
        .iter()
        .map(|it| (it.role, one.speaker(it).name.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (Role::Customer, "tb8801"),
            (Role::Bot, "小蜜"),
            (Role::Agent, "青禾旗舰店:小迪"),
            (Role::Agent, "青禾旗舰店:小迪"),
        ]
    );
    let senders: Vec<_> = found
        .detection
        .senders
        .iter()
        .map(|it| (&*it.name, it.inferred))
        .collect();
    assert_eq!(
        senders,
        [("tb8801", true), ("小蜜", false), ("青禾旗舰店:小迪", true)]
    );
    // Without that, a robot that has a name like a person's is inferred, and said to be.
    let plain = read(rows);
    assert_eq!(plain.transcripts[0].messages[1].role, Role::Customer);
    assert_eq!(plain.told("role-inferred"), [(Some(3), None)]);
}

/// Role and name of each message.
fn speakers(found: &Found) -> Vec<(Role, String)> {
    let of = |one: &Transcript| -> Vec<(Role, String)> {
        let name = |it| one.speaker(it).name.clone();
        one.messages.iter().map(|it| (it.role, name(it))).collect()
    };
    found.transcripts.iter().flat_map(of).collect()
}

#[test]
pub fn e42_an_account_with_its_shop_and_without() {
    let read = |names: [&str; 3]| {
        let rows: String = (0..)
            .zip(names)
            .map(|(at, name)| format!("a,2025-03-01 10:00:1{at},{name},第{at}句\n"))
            .collect();
        read(&format!("会话ID,时间,昵称,内容\n{rows}"))
    };
    let agent = |name: &str| (Role::Agent, name.to_owned());
    for long in [
        "青禾旗舰店:小迪",
        "青禾旗舰店：小迪",
        "cntaobao青禾旗舰店:小迪",
        "cnalichn青禾旗舰店:小迪",
    ] {
        let name = long
            .trim_start_matches("cntaobao")
            .trim_start_matches("cnalichn");
        let found = read(["tb8801", long, "小迪"]);
        assert_eq!(speakers(&found)[1..], [agent(name), agent(name)], "{long}");
        assert_eq!(found.transcripts[0].speakers.len(), 2, "{long}");
        assert_eq!(
            found.told("sender-alias"),
            [(Some(4), Some("昵称"))],
            "{long}"
        );
    }
    // The short name first.
    let found = read(["小迪", "青禾旗舰店:小迪", "tb8801"]);
    assert_eq!(speakers(&found)[0], agent("青禾旗舰店:小迪"));
    assert_eq!(found.told("sender-alias"), [(Some(2), Some("昵称"))]);
    // Two shops have one of that name, or the name is another: nothing is put together.
    let two = read(["青禾旗舰店:小迪", "青禾专卖店:小迪", "小迪"]);
    assert_eq!(two.transcripts[0].speakers.len(), 3);
    assert!(two.told("sender-alias").is_empty());
    let other = read(["tb8801", "青禾旗舰店:小迪", "小雨"]);
    assert_eq!(other.transcripts[0].speakers.len(), 3);
    // Who is said to be a customer stays one.
    let stated = read_with(
        "会话ID,时间,角色,昵称,内容\na,2025-03-01 10:00:00,客户,小迪,在吗\na,2025-03-01 10:00:05,客服,青禾旗舰店:小迪,在的\na,2025-03-01 10:00:06,客服,青禾旗舰店:小雨,在的\n",
        &Options::default(),
    );
    assert_eq!(speakers(&stated)[0], (Role::Customer, "小迪".to_owned()));
    assert!(stated.told("sender-alias").is_empty());
}

#[test]
pub fn e42_aliases_that_the_profile_states() {
    let rows = "会话ID,时间,昵称,内容\n\
        a,2025-03-01 10:00:00,tb8801,在吗\n\
        a,2025-03-01 10:00:40,青禾旗舰店:小迪,在的\n\
        a,2025-03-01 10:00:50,青禾旗舰店:晚班03,请说\n";
    let mut found = read(rows);
    assert!(found.told("sender-alias").is_empty());
    let profile = "[agents.\"张迪\"]\naliases = [\"青禾旗舰店:小迪\", \"青禾旗舰店:晚班03\"]\n";
    let profile = read_profile(profile, "profile.toml").expect("a profile");
    found
        .transcripts
        .iter_mut()
        .for_each(|one| profile.name_people(one));
    let named = (Role::Agent, "张迪".to_owned());
    assert_eq!(speakers(&found)[1..], [named.clone(), named]);
}

#[test]
pub fn e36_two_digit_years_and_which_comes_first() {
    let of = |rows: &str, day_first: Option<bool>| {
        let options = Options {
            day_first,
            ..Options::default()
        };
        read_with(&format!("{HEADER}{rows}"), &options)
    };
    let rows = "a,13/2/26 10:00:00,客户,tb8801,在吗\na,1/3/26 10:00:05,客服,小迪,在的\n";
    let found = of(rows, None);
    assert_eq!(
        found.times(),
        [
            Some("2026-02-13T10:00:00+08:00".to_owned()),
            Some("2026-03-01T10:00:05+08:00".to_owned()),
        ]
    );
    assert_eq!(found.detection.day_first, Some(true));
    assert!(found.told("date-order-ambiguous").is_empty());
    // Nothing tells: one order for all, and it is asked.
    let rows = "a,1/2/26 10:00:00,客户,tb8801,在吗\n";
    let found = of(rows, None);
    assert_eq!(
        found.told("date-order-ambiguous"),
        [(Some(2), Some("时间"))]
    );
    for (stated, expected) in [(true, "2026-02-01"), (false, "2026-01-02")] {
        let found = of(rows, Some(stated));
        assert_eq!(found.times(), [Some(format!("{expected}T10:00:00+08:00"))]);
        assert!(found.told("date-order-ambiguous").is_empty());
    }
}

#[test]
pub fn e36_which_comes_first_in_what_telephones_export() {
    let of = |dates: &[&str], day_first: Option<bool>| {
        let lines: String = dates
            .iter()
            .map(|date| format!("{date} - tb8801: hi\n"))
            .collect();
        let options = Options {
            day_first,
            ..Options::default()
        };
        let found = read_with(&lines, &options);
        let days = found.times().into_iter().flatten();
        let days: Vec<String> = days.map(|time| time[..10].to_owned()).collect();
        let asked = found.told("date-order-ambiguous").len();
        (days.join(" "), found.detection.day_first, asked)
    };
    for (dates, days, first, asked) in [
        (
            &["13/2/24, 13:00", "14/2/24, 13:00"][..],
            "2024-02-13 2024-02-14",
            Some(true),
            0,
        ),
        (
            &["2/13/24, 1:00 PM", "2/14/24, 1:00 PM"],
            "2024-02-13 2024-02-14",
            Some(false),
            0,
        ),
        (&["2024/2/3, 13:00"], "2024-02-03", None, 0),
        (
            &["13.2.24, 13:00", "1.3.24, 13:00"],
            "2024-02-13 2024-03-01",
            Some(true),
            0,
        ),
        // Only one order goes forward; with a single step it is asked all the same.
        (
            &["1/2/24, 13:00", "2/1/24, 13:00"],
            "2024-01-02 2024-02-01",
            Some(false),
            1,
        ),
        // Nothing tells but the clock.
        (&["1/2/24, 13:00"], "2024-02-01", Some(true), 1),
        (&["1/2/24, 1:00 PM"], "2024-01-02", Some(false), 1),
    ] {
        let found = of(dates, None);
        assert_eq!(found, (days.to_owned(), first, asked), "{dates:?}");
    }
    let stated = of(&["1/2/24, 1:00 PM"], Some(true));
    assert_eq!(stated, ("2024-02-01".to_owned(), Some(true), 0));
}

#[test]
pub fn e37_numbers_for_times() {
    for written in ["1740794405", "1740794405000", "1740794405000000"] {
        let found = read(&format!("{HEADER}a,{written},客户,tb8801,在吗\n"));
        assert_eq!(
            found.times(),
            [iso("10:00:05")],
            "{written}: {:?}",
            found.told
        );
    }
    let found = read(&format!(
        "{HEADER}a,45717.5,客户,tb8801,在吗\na,45717.75,客服,小迪,在的\n"
    ));
    assert_eq!(found.times(), [iso("12:00:00"), iso("18:00:00")]);
    assert_eq!(found.told("time-serial"), [(Some(2), Some("时间"))]);
}

#[test]
pub fn e38_zones_missing_mixed_and_changing() {
    let found = read(&format!(
        "{HEADER}a,2025-03-01 10:00:00,客户,tb8801,在吗\nb,2025-03-01 10:00:00,客户,tb8802,在吗\n"
    ));
    assert_eq!(found.told("timezone-assumed").len(), 1);
    assert!(
        found
            .transcripts
            .iter()
            .all(|one| one.zone.offset == 8 * 3600 && one.zone.assumed)
    );
    let found = read(&format!(
        "{HEADER}a,2025-03-01T10:00:00+08:00,客户,tb8801,在吗\na,2025-03-01T02:00:05Z,客服,小迪,在的\n"
    ));
    assert_eq!(found.times(), [iso("10:00:00"), iso("10:00:05")]);
    assert!(found.told("time-out-of-order").is_empty());
    // An hour that comes twice, and one that never comes.
    let header = "会话ID,时区,时间,角色,内容\n";
    let found = read(&format!(
        "{header}a,America/New_York,2025-11-02 01:59:50,客户,在吗\na,America/New_York,2025-11-02 01:00:10,客服,在的\na,America/New_York,2025-03-09 02:30:00,客户,好\n"
    ));
    let at: Vec<_> = found.transcripts[0]
        .messages
        .iter()
        .map(|it| (it.text.as_str(), it.time.map(|it| it.millis)))
        .collect();
    let millis = |text: &str| at.iter().find(|it| it.0 == text).and_then(|it| it.1);
    assert_eq!(
        millis("在的")
            .zip(millis("在吗"))
            .map(|(late, early)| late - early),
        Some(20_000),
        "{at:?}"
    );
}
