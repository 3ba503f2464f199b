//! Which number of a date is its day, where what shows it stands far down in the file.
//!
//! The thing to get right: nothing but a time of a message is a proof, and neither the size of slices nor
//! the format decides whether one is seen.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use zhijian::diagnostic::Diagnostic;
use zhijian::import::{self, Begun, Detection, Options, Part, Reader, Sizes};
use zhijian::report::Accounting;
use zhijian::transcript::Transcript;

/// All that a file gives, and where each of its conversations stands.
#[derive(Debug, PartialEq)]
struct Found {
    transcripts: Vec<Transcript>,
    diagnostics: Vec<Diagnostic>,
    accounting: Accounting,
    detection: Detection,
}

impl Found {
    /// The day of the first message of each conversation.
    fn days(&self) -> Vec<String> {
        let day = |one: &Transcript| {
            let time = one.messages.first()?.time?;
            Some(one.zone.rfc3339(time)[..10].to_owned())
        };
        let days = self.transcripts.iter().map(day);
        days.map(|day| day.unwrap_or_else(|| "-".to_owned()))
            .collect()
    }

    /// Code, line and field of what is told about the order.
    fn told(&self) -> Vec<(&str, Option<u32>, Option<&str>)> {
        let about = self.diagnostics.iter();
        let about = about.filter(|one| one.code.starts_with("date-order"));
        about
            .map(|one| (one.code.as_str(), one.line, one.field.as_deref()))
            .collect()
    }
}

fn all(mut reader: Reader) -> (Found, Vec<Option<Part>>) {
    let (mut transcripts, mut parts) = (Vec::new(), Vec::new());
    while let Some(transcript) = reader.next() {
        transcripts.push(transcript);
        parts.push(reader.part());
    }
    let found = Found {
        transcripts,
        diagnostics: reader.diagnostics().to_vec(),
        accounting: reader.accounting().clone(),
        detection: reader.detection().clone(),
    };
    (found, parts)
}

fn read(text: &str) -> Found {
    all(import::read("a.txt", text.into(), &Options::default())).0
}

fn sliced(text: &str, first: usize, other: usize) -> (Found, Vec<Option<Part>>) {
    let source = Box::new(io::Cursor::new(text.as_bytes().to_vec()));
    let (sizes, options) = (Sizes { first, other }, Options::default());
    let begun = import::read_slices("a.txt", source, text.len(), sizes, &options);
    all(match begun.expect("readable") {
        Begun::Sliced(reader) => *reader,
        Begun::Whole(bytes) => import::read("a.txt", bytes, &options),
    })
}

/// So many dates, all of the first twelve days of January, or of the first of twelve months; and what
/// shows which, as the date of this place.
fn dates(count: usize, (place, proof): (usize, &str)) -> Vec<String> {
    let date = |at: usize| match at {
        _ if at == place => proof.to_owned(),
        _ => format!("1/{}/2024", 1 + at * 12 / count),
    };
    (0..count).map(date).collect()
}

/// A conversation on this day, as an object.
fn object(at: usize, date: &str, text: &str) -> String {
    format!(
        "{{\"id\":\"c{at}\",\"messages\":[\
         {{\"role\":\"customer\",\"sender\":\"tb8801\",\"time\":\"{date} 10:00:00\",\"text\":\"{text}\"}},\
         {{\"role\":\"agent\",\"sender\":\"小迪\",\"time\":\"{date} 10:00:05\",\"text\":\"在的{at}\"}}]}}"
    )
}

fn objects(dates: &[String], text: &str) -> Vec<String> {
    let object = |(at, date): (usize, &String)| object(at, date, text);
    dates.iter().enumerate().map(object).collect()
}

/// The day and the month of the proof come last and first.
const PROOFS: [(&str, bool, &str, &str); 2] = [
    ("13/12/2024", true, "2024-06-01", "2024-12-13"),
    ("12/13/2024", false, "2024-01-06", "2024-12-13"),
];

#[test]
fn a_proof_far_down_tells_the_order_of_every_format() {
    for (proof, day_first, halfway, last) in PROOFS {
        let dates = dates(401, (400, proof));
        let objects = objects(&dates, "在吗");
        let messages = dates.iter().enumerate().map(|(at, date)| {
            format!("{{\"session_id\":\"c{at}\",\"role\":\"customer\",\"sender\":\"tb{at}\",\"time\":\"{date} 10:00:00\",\"text\":\"在吗\"}}")
        });
        let messages: Vec<String> = messages.collect();
        let rows = dates.iter().enumerate().map(|(at, date)| {
            format!("c{at},{date} 10:00:00,客户,在吗\nc{at},{date} 10:00:05,客服,在的\n")
        });
        let rows: String = rows.collect();
        for (name, text) in [
            ("objects, one a line", objects.join("\n")),
            ("an array of objects", format!("[{}]", objects.join(",\n"))),
            (
                "objects over lines",
                objects
                    .join("\n")
                    .replace(",\"messages\"", ",\n\"messages\""),
            ),
            (
                "objects in an answer",
                format!("{{\"data\":{{\"list\":[{}]}}}}", objects.join(",")),
            ),
            ("messages, one a line", messages.join("\n")),
            ("an array of messages", format!("[{}]", messages.join(","))),
            ("a table", format!("会话ID,时间,角色,内容\n{rows}")),
        ] {
            let found = read(&text);
            let days = found.days();
            assert_eq!(days.len(), 401, "{name}");
            assert_eq!((&*days[200], &*days[400]), (halfway, last), "{name}");
            assert_eq!(found.told(), [], "{name}");
            assert_eq!(found.detection.day_first, Some(day_first), "{name}");
        }
        let lines = dates.iter().enumerate().map(|(at, date)| {
            let name = ["tb8801", "青禾旗舰店"][at % 2];
            format!("{date}, 10:00 - {name}: 第{at}句\n")
        });
        let chat = read(&lines.collect::<String>());
        assert_eq!(chat.detection.format, Some("whatsapp-text"));
        assert_eq!(chat.detection.day_first, Some(day_first));
        assert_eq!((chat.told(), chat.accounting.messages), (vec![], 401));
    }
}

#[test]
fn slices_of_any_size_show_the_same_proof() {
    for (proof, day_first, halfway, _) in PROOFS {
        // The proof is in line 400, and what cannot be read stands before and after it.
        let mut lines = objects(&dates(450, (399, proof)), "在吗");
        lines[17] = "{\"id\":\"x\",\"mess".to_owned();
        lines[420] = String::new();
        let text = lines.join("\n");
        let whole = read(&text);
        assert_eq!(whole.days()[200], halfway);
        assert_eq!(
            (whole.told(), whole.detection.day_first),
            (vec![], Some(day_first))
        );
        for slice in [1, 7, 65_536, 4 << 20] {
            for first in [slice, 3000] {
                let (found, parts) = sliced(&text, first, slice);
                assert_eq!(found, whole, "slices of {first} and {slice}");
                let is_sliced = text.len() > first && first > 1000;
                assert!(
                    parts.iter().all(|part| part.is_some() == is_sliced),
                    "{first}, {slice}"
                );
            }
        }
    }
}

#[test]
fn a_table_in_slices_of_any_size_shows_the_same_proof() {
    for (proof, day_first, halfway, _) in PROOFS {
        let dates = dates(420, (399, proof));
        let rows = dates.iter().enumerate().map(|(at, date)| {
            let words = "尺码表见详情页。".repeat(150);
            format!("c{at},{date} 10:00:00,客户,{words}\nc{at},{date} 10:00:05,客服,在的\n")
        });
        let text = format!("会话ID,时间,角色,内容\n{}", rows.collect::<String>());
        let whole = read(&text);
        assert_eq!(whole.days()[200], halfway);
        assert_eq!(whole.detection.day_first, Some(day_first));
        for slice in [1, 7, 65_536, 4 << 20] {
            let (found, _) = sliced(&text, Sizes::default().first, slice);
            assert!(found == whole, "slices of {slice}");
        }
    }
}

#[test]
fn a_long_file_in_slices_shows_the_same_proof_and_is_read_again_by_it() {
    for (proof, day_first, halfway, _) in PROOFS {
        let text = objects(&dates(420, (399, proof)), &"尺码表见详情页。".repeat(200)).join("\n");
        assert!(text.len() > 3 << 19, "{} bytes", text.len());
        let whole = read(&text);
        assert_eq!(whole.days()[200], halfway);
        for slice in [1, 7, 65_536, 4 << 20] {
            let (found, parts) = sliced(&text, Sizes::default().first, slice);
            assert_eq!(found, whole, "slices of {slice}");
            let options = Options {
                day_first: found.detection.day_first,
                ..Options::default()
            };
            assert_eq!(options.day_first, Some(day_first));
            for at in [0, 3, 209, 398, 399, 400, 419] {
                let part = parts[at].expect("a slice");
                let piece = text.as_bytes()[part.start..part.end].to_vec();
                let mut again = import::read("a.txt", piece, &options);
                let one = again.nth(part.ordinal).expect("a conversation");
                assert_eq!(one, whole.transcripts[at], "{part:?} in slices of {slice}");
            }
        }
    }
}

#[test]
fn only_times_of_messages_are_a_proof() {
    let dates = dates(40, (99, ""));
    let decoys = "\"version\":\"13/5\",\"order\":\"13/5/2024 10:00:00\",\"amount\":\"31/1\",\"due\":\"25/12/2024\"";
    let text = "13/5/2024 10:00:00 到货，版本 13/5，共 31/1 元";
    let plain = read(&objects(&dates, "在吗").join("\n"));
    let line = |(at, line): (usize, String)| {
        line.replace("{\"role\"", &format!("{{{decoys},\"role\""))
            .replace(&format!("\"c{at}\""), &format!("\"13/5/24#{at}\""))
    };
    let lines: Vec<String> = objects(&dates, text)
        .into_iter()
        .enumerate()
        .map(line)
        .collect();
    let rows = dates
        .iter()
        .enumerate()
        .map(|(at, date)| format!("13/5/24#{at},{date} 10:00:00,客户,{text},13/5,31/12/2024\n"));
    let rows: String = rows.collect();
    for (name, text) in [
        ("json", lines.join("\n")),
        ("csv", format!("会话ID,时间,角色,内容,版本,到期\n{rows}")),
    ] {
        let found = read(&text);
        // Nothing shows the order, so days that follow each other are taken for days.
        assert_eq!(found.days(), plain.days(), "{name}");
        assert_eq!(found.days()[20], "2024-01-07", "{name}");
        assert_eq!(found.detection.day_first, Some(false), "{name}");
        let told = found.told();
        assert!(
            matches!(
                told[..],
                [("date-order-ambiguous", Some(1 | 2), Some("time" | "时间"))]
            ),
            "{name}: {told:?}"
        );
    }
}

#[test]
fn what_is_stated_goes_before_every_proof() {
    let text = objects(&dates(40, (30, "13/12/2024")), "在吗").join("\n");
    for day_first in [true, false] {
        let options = Options {
            day_first: Some(day_first),
            ..Options::default()
        };
        let (found, _) = all(import::read("a.txt", text.clone().into(), &options));
        assert_eq!(
            found.days()[20],
            ["2024-01-07", "2024-07-01"][usize::from(day_first)]
        );
        let contradicted = ("date-order-contradicted", Some(31), Some("time"));
        let told = [contradicted; 2];
        assert_eq!(found.told(), told[usize::from(day_first) * 2..]);
    }
}

#[test]
fn proofs_of_both_orders_are_told() {
    let mut dates = dates(40, (10, "20/1/2024"));
    dates[30] = "1/22/2024".to_owned();
    let lines = objects(&dates, "在吗");
    for text in [lines.join("\n"), format!("[{}]", lines.join(",\n"))] {
        let found = read(&text);
        assert_eq!(found.detection.day_first, Some(true));
        let days = found.days();
        assert_eq!(
            (&*days[9], &*days[10], &*days[30]),
            ("2024-03-01", "2024-01-20", "-")
        );
        let contradicted = ("date-order-contradicted", Some(31), Some("time"));
        assert_eq!(found.told(), [contradicted; 2]);
    }
}

/// Counts what is read of it.
struct Counted(io::Cursor<Vec<u8>>, Arc<AtomicUsize>);

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(into)?;
        self.1.fetch_add(read, Ordering::Relaxed);
        Ok(read)
    }
}

#[test]
fn no_more_is_read_ahead_than_shows_the_order() {
    let ahead = |dates: &[String], day_first: Option<bool>| {
        let bytes = objects(dates, "在吗").join("\n").into_bytes();
        let (size, count) = (bytes.len(), Arc::new(AtomicUsize::new(0)));
        let source = Box::new(Counted(io::Cursor::new(bytes), Arc::clone(&count)));
        let (first, other) = (2000, 500);
        let options = Options {
            day_first,
            ..Options::default()
        };
        let begun = import::read_slices("a.txt", source, size, Sizes { first, other }, &options);
        let Ok(Begun::Sliced(mut reader)) = begun else {
            panic!("not read in slices");
        };
        assert_eq!(reader.next().expect("a conversation").id, "c0");
        count.load(Ordering::Relaxed) * 100 / size
    };
    let certain: Vec<String> = (0..100)
        .map(|at| format!("2024-01-{:02}", 1 + at % 12))
        .collect();
    assert!(ahead(&certain, None) < 15);
    assert!(ahead(&dates(100, (0, "13/1/2024")), None) < 15);
    assert!(ahead(&dates(100, (100, "")), Some(true)) < 15);
    let half = ahead(&dates(100, (50, "13/12/2024")), None);
    assert!((50..60).contains(&half), "{half} %");
    assert_eq!(ahead(&dates(100, (100, "")), None), 100);
}

#[test]
fn in_what_is_read_by_lines_sixteen_megabytes_are_looked_at_whatever_the_slices() {
    let dates = dates(70, (68, "13/12/2024"));
    let lines = objects(&dates, &"尺码表见详情页。".repeat(11_000));
    let text = lines.join("\n");
    assert!(lines[..68].join("\n").len() > 16 << 20);
    let whole = read(&text);
    assert_eq!(whole.detection.day_first, Some(false));
    let contradicted = ("date-order-contradicted", Some(69), Some("time"));
    let ambiguous = ("date-order-ambiguous", Some(1), Some("time"));
    assert_eq!(whole.told(), [ambiguous, contradicted, contradicted]);
    for slice in [65_536, 4 << 20] {
        assert!(
            sliced(&text, Sizes::default().first, slice).0 == whole,
            "slices of {slice}"
        );
    }
    // What is held anyway is looked at to its end.
    let array = read(&format!("[{}]", lines.join(",\n")));
    assert_eq!(
        (array.told(), array.detection.day_first),
        (vec![], Some(true))
    );
    assert_eq!(array.days()[35], "2024-07-01");
}
