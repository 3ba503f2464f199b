//! Times as whole files give them: what one time leaves open the others settle, or the caller does, or
//! it is asked for.

use zhijian::diagnostic::Diagnostic;
use zhijian::import::{self, Detection, Options};
use zhijian::transcript::{Resolution, Transcript};

struct Read {
    transcripts: Vec<Transcript>,
    detection: Detection,
    diagnostics: Vec<Diagnostic>,
}

fn read(text: &str, options: &Options) -> Read {
    let mut reader = import::read("a.csv", text.into(), options);
    let transcripts = reader.by_ref().collect();
    Read {
        transcripts,
        detection: reader.detection().clone(),
        diagnostics: reader.diagnostics().to_vec(),
    }
}

/// A conversation of messages at these times.
fn at(times: &[&str], options: &Options) -> Read {
    let mut csv = "角色,时间,内容\n".to_owned();
    for (index, time) in times.iter().enumerate() {
        let role = ["客户", "客服"][index % 2];
        csv += &format!("{role},\"{time}\",第{index}句\n");
    }
    let found = read(&csv, options);
    assert_eq!(found.transcripts.len(), 1, "{times:?}");
    assert_eq!(found.transcripts[0].messages.len(), times.len());
    found
}

fn on(date: &str) -> Options {
    Options {
        date: Some(date.to_owned()),
        ..Options::default()
    }
}

fn zone(name: &str) -> String {
    format!("\"timezone\":\"{name}\"")
}

impl Read {
    /// The times in the order of the file; `-` where there is none.
    fn times(&self) -> Vec<String> {
        let one = &self.transcripts[0];
        let mut messages: Vec<_> = one.messages.iter().collect();
        messages.sort_by_key(|message| message.position);
        let written = |time| one.zone.rfc3339(time).replace("+08:00", "");
        messages
            .iter()
            .map(|message| message.time.map_or("-".to_owned(), written))
            .collect()
    }

    /// Code, line and field of what is told, but for the zone that is assumed.
    fn told(&self) -> Vec<(&str, Option<u32>, Option<&str>)> {
        self.diagnostics
            .iter()
            .map(|one| (one.code.as_str(), one.line, one.field.as_deref()))
            .filter(|(code, ..)| *code != "timezone-assumed")
            .collect()
    }
}

#[test]
fn one_date_tells_the_order_of_all() {
    for (times, expected, day_first) in [
        (
            ["1/2/24 10:00", "20/2/24 10:00"],
            ["2024-02-01T10:00:00", "2024-02-20T10:00:00"],
            Some(true),
        ),
        (
            ["1/2/24 10:00 AM", "1/20/24 1:00 PM"],
            ["2024-01-02T10:00:00", "2024-01-20T13:00:00"],
            Some(false),
        ),
        (
            ["11/10/12 10:00", "24/9/2 10:00"],
            ["2011-10-12T10:00:00", "2024-09-02T10:00:00"],
            None,
        ),
        (
            ["01.02.2024, 10:00", "03.02.2024, 10:00"],
            ["2024-02-01T10:00:00", "2024-02-03T10:00:00"],
            Some(true),
        ),
    ] {
        let found = at(&times, &Options::default());
        assert_eq!(found.times(), expected, "{times:?}");
        assert_eq!(found.detection.day_first, day_first, "{times:?}");
        assert_eq!(found.told(), [], "{times:?}");
    }
}

#[test]
fn an_order_that_nothing_tells_is_asked_for_and_can_be_stated() {
    let times = ["1/2/26 10:00", "1/2/26 10:01"];
    let found = at(&times, &Options::default());
    assert_eq!(
        found.times(),
        ["2026-02-01T10:00:00", "2026-02-01T10:01:00"]
    );
    assert_eq!(found.detection.day_first, Some(true));
    assert_eq!(
        found.told(),
        [("date-order-ambiguous", Some(2), Some("时间"))]
    );
    for (day_first, expected) in [
        (true, "2026-02-01T10:00:00"),
        (false, "2026-01-02T10:00:00"),
    ] {
        let stated = Options {
            day_first: Some(day_first),
            ..Options::default()
        };
        let found = at(&times, &stated);
        assert_eq!(found.times()[0], expected);
        assert_eq!(found.detection.day_first, Some(day_first));
        assert_eq!(found.told(), []);
    }
}

#[test]
fn dates_that_contradict_each_other_are_named() {
    let found = at(
        &["20/1/2024 10:00", "21/1/2024 10:00", "1/22/2024 10:00"],
        &Options::default(),
    );
    assert_eq!(
        found.times(),
        ["2024-01-20T10:00:00", "2024-01-21T10:00:00", "-"]
    );
    assert_eq!(
        found.told(),
        [("date-order-contradicted", Some(4), Some("时间"))]
    );
}

#[test]
fn days_near_the_export_need_its_day() {
    let times = [
        "前天 10:00",
        "星期一 下午3:05",
        "昨天10:05",
        "今天 10:05",
        "10:06",
    ];
    let found = at(&times, &Options::default());
    assert_eq!(found.times(), ["-"; 5]);
    assert!(found.detection.date_missing);
    assert_eq!(found.told(), [("date-missing", Some(2), Some("时间"))]);
    // A Wednesday.
    let found = at(&times, &on("2024-09-04"));
    assert_eq!(
        found.times(),
        [
            "2024-09-02T10:00:00",
            "2024-09-02T15:05:00",
            "2024-09-03T10:05:00",
            "2024-09-04T10:05:00",
            "2024-09-04T10:06:00"
        ]
    );
    assert_eq!(found.told(), []);
    assert!(found.detection.date_missing, "so that it can be corrected");
}

#[test]
fn times_of_day_follow_a_day_and_pass_midnight() {
    let times = ["23:58:00", "23:59:30", "0:01:00", "0:00:30"];
    let found = at(&times, &on("2024-12-31"));
    assert_eq!(
        found.times(),
        [
            "2024-12-31T23:58:00",
            "2024-12-31T23:59:30",
            "2025-01-01T00:01:00",
            "2025-01-01T00:00:30"
        ]
    );
    assert_eq!(found.told()[0].0, "time-out-of-order");
    let found = at(&["2024-12-31 23:58:00", "0:01:00"], &Options::default());
    assert_eq!(
        found.times(),
        ["2024-12-31T23:58:00", "2025-01-01T00:01:00"]
    );
    assert!(!found.detection.date_missing);
}

#[test]
fn a_year_comes_from_the_file_or_the_caller() {
    let found = at(&["2024-12-31 23:58:00", "1月1日 0:01"], &Options::default());
    assert_eq!(found.times()[1], "2025-01-01T00:01:00");
    let found = at(&["9月2日 10:05", "9月2日 10时6分"], &on("2025-03-01"));
    assert_eq!(
        found.times(),
        ["2024-09-02T10:05:00", "2024-09-02T10:06:00"]
    );
    let found = at(&["9月2日 10:05", "9月2日 10:06"], &Options::default());
    assert_eq!(found.told(), [("date-missing", Some(2), Some("时间"))]);
}

#[test]
fn a_column_of_days_and_one_of_clocks() {
    let csv = "日期,时间,角色,内容\n2024/9/2,10:05:06,客户,在吗\n2024/9/2 0:00,上午10:05:09,客服,在的\n昨天,10:06,客户,好\n";
    let found = read(csv, &on("2024-09-03"));
    assert_eq!(
        found.times(),
        [
            "2024-09-02T10:05:06",
            "2024-09-02T10:05:09",
            "2024-09-02T10:06:00"
        ]
    );
}

#[test]
fn numbers_of_days_are_times_only_where_all_are() {
    let found = at(
        &["45537.420208333335", "45537.4202546296"],
        &Options::default(),
    );
    assert_eq!(
        found.times(),
        ["2024-09-02T10:05:06", "2024-09-02T10:05:10"]
    );
    assert_eq!(found.told(), [("time-serial", Some(2), Some("时间"))]);
    let found = at(
        &["2024-09-02 10:05:06", "45537.4202546296"],
        &Options::default(),
    );
    assert_eq!(found.times(), ["2024-09-02T10:05:06", "-"]);
    assert_eq!(found.told(), [("time-invalid", Some(3), Some("时间"))]);
    // Whole minutes throughout are no accident.
    let found = at(
        &["45537.4201388889", "45537.4208333333"],
        &Options::default(),
    );
    assert_eq!(
        found.times(),
        ["2024-09-02T10:05:00", "2024-09-02T10:06:00"]
    );
    let messages = &found.transcripts[0].messages;
    let resolutions: Vec<_> = messages.iter().filter_map(|it| it.time).collect();
    assert!(
        resolutions
            .iter()
            .all(|time| time.resolution == Resolution::Minute)
    );
}

/// Messages of one conversation in a zone, with what became of them.
fn in_zone(name: &str, times: &[&str]) -> Read {
    let messages: Vec<String> = times
        .iter()
        .enumerate()
        .map(|(at, time)| {
            let role = ["customer", "agent"][at % 2];
            format!(r#"{{"role":"{role}","time":"{time}","text":"第{at}句"}}"#)
        })
        .collect();
    let json = format!(
        "{{\"id\":\"1\",{},\"messages\":[\n{}]}}",
        zone(name),
        messages.join(",\n")
    );
    read(&json, &Options::default())
}

#[test]
fn an_hour_that_comes_twice_makes_no_wait_negative() {
    let found = in_zone(
        "America/New_York",
        &[
            "2024-11-03 00:59:00",
            "2024-11-03 01:58:00",
            "2024-11-03 01:02:00",
            "2024-11-03 01:10:00",
            "2024-11-03 02:00:00",
        ],
    );
    let millis: Vec<i64> = found.transcripts[0]
        .messages
        .iter()
        .map(|message| message.time.map_or(0, |time| time.millis / 60_000))
        .collect();
    let waits: Vec<i64> = millis.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits, [59, 4, 8, 50]);
    assert_eq!(found.told(), []);
    assert_eq!(found.transcripts[0].zone.offset, -4 * 3600, "as it began");
    assert_eq!(found.times()[0], "2024-11-03T00:59:00-04:00");
}

#[test]
fn an_hour_that_is_left_out_is_no_time() {
    let found = in_zone(
        "Europe/Berlin",
        &[
            "2024-03-31 01:59:00",
            "2024-03-31 02:30:00",
            "2024-03-31 03:00:00",
        ],
    );
    assert_eq!(
        found.times(),
        [
            "2024-03-31T01:59:00+01:00",
            "-",
            "2024-03-31T02:00:00+01:00"
        ]
    );
    assert_eq!(found.told(), [("time-invalid", Some(3), Some("time"))]);
}

#[test]
fn china_keeps_its_eight_hours() {
    for name in ["Asia/Shanghai", "PRC", "UTC+8", "+08:00"] {
        let found = in_zone(name, &["2024-07-01 12:00:00", "2024-12-01 12:00:00"]);
        assert_eq!(
            found.times(),
            ["2024-07-01T12:00:00", "2024-12-01T12:00:00"],
            "{name}"
        );
    }
}

#[test]
fn times_of_several_zones_are_told() {
    let found = at(
        &["2024-09-02T10:00:00+08:00", "2024-09-02T11:00:05+09:00"],
        &Options::default(),
    );
    assert_eq!(
        found.times(),
        ["2024-09-02T10:00:00", "2024-09-02T10:00:05"]
    );
    assert_eq!(found.told(), [("timezone-mixed", Some(3), Some("时间"))]);
}

#[test]
fn any_two_fields_of_any_shape_end_in_a_time_or_a_word() {
    const PARTS: [&str; 24] = [
        "昨天",
        "星期",
        "星期三",
        "9月",
        "2日",
        "1/2/26",
        "13/13/13",
        "24-9-2",
        "2024年",
        "0",
        "99",
        "45000.5",
        "10:05",
        "24:00",
        "上午",
        "晚上12点",
        "半",
        "PM",
        "a. m.",
        "T",
        "+08:00",
        "GMT+99",
        "\u{202f}",
        "(",
    ];
    for one in PARTS {
        for two in PARTS {
            for three in PARTS {
                for join in [" ", ""] {
                    let text = [one, two, three].join(join);
                    let found = at(&[&text, "2024-09-02 10:05:06"], &on("2024-09-03"));
                    let timed = found.times()[0] != "-";
                    let told = found
                        .told()
                        .iter()
                        .any(|it| matches!(it.0, "time-invalid" | "time-missing" | "date-missing"));
                    assert!(timed || told, "{text}");
                }
            }
        }
    }
}
