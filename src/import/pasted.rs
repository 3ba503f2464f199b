//! Text that somebody pasted: names with times above what was said, `名字: 内容` without times, or only
//! lines.
//!
//! The thing to get right: a label such as 地址 is no name. A name that stands before a colon is one when
//! it says what it is, as 客服 does, or when it comes again and again; and lines without any name are only
//! read when the user asks for it, for they may be anything.

use std::collections::BTreeMap;

use super::columns::Column;
use super::draft::Record;
use super::lines::line_at;
use super::qianniu::{inline_header, is_day, is_stamp, join, nick};
use super::whole::{Walk, open};
use super::{FormatInfo, Probe, time, words};
use crate::diagnostic::Diagnostic;

pub(crate) const FORMAT: FormatInfo = FormatInfo {
    id: "pasted-text",
    title_zh: "粘贴的对话文本",
    title_en: "Pasted conversation",
    detect,
    open: |source| open(source, lines),
};

fn detect(probe: &Probe<'_>) -> u8 {
    let names = Names::of(probe.text, 400);
    if names.timed > 0 {
        50 + names.timed.min(4) * 2
    } else if names.accepted > 0 && names.accepted * 2 >= names.lines {
        45
    } else {
        0
    }
}

/// What a line begins a message with.
struct Head<'a> {
    name: &'a str,
    stamp: Option<&'a str>,
    body: &'a str,
}

/// A moment, or a time of day.
fn is_time(text: &str) -> bool {
    let text = text.trim();
    time::is_clock(text) || is_stamp(text)
}

/// `小迪 10:00`, `10:00 小迪`, `10:00 小迪: 在`, `[10:00] 小迪: 在`, `小迪 10:00：在`, `小迪（10:00）：在`.
fn timed(line: &str) -> Option<Head<'_>> {
    let line = line.trim();
    if !line.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if let Some(header) = inline_header(line) {
        return Some(Head {
            name: header.sender,
            stamp: Some(header.stamp),
            body: "",
        });
    }
    // The time first: up to two words of it.
    let bare = line.trim_start_matches(['[', '【', '(', '（']);
    let ends = bare
        .match_indices([' ', '\t', ']', '】', ')', '）'])
        .take(3);
    let mut found = None;
    for (at, end) in ends {
        if is_time(&bare[..at]) {
            found = Some((&bare[..at], bare[at + end.len()..].trim_start()));
        }
    }
    if let Some((stamp, rest)) = found {
        let rest = rest.trim_start_matches(['-', '|']).trim_start();
        let (name, body) = speaker(rest);
        return Some(Head {
            name: nick(name.trim_end_matches([':', '：']))?,
            stamp: Some(stamp),
            body: body.trim(),
        });
    }
    // The name first, and a colon behind the time.
    for (at, colon) in line.match_indices([':', '：']).take(5) {
        let head = line[..at].trim_end().trim_end_matches([')', '）', ']']);
        if let Some(space) = head.rfind([' ', '(', '（', '[']) {
            let mut start = space;
            // The day before the clock.
            if let Some(before) = head[..space].trim_end().rfind([' ', '(', '（', '['])
                && is_stamp(
                    &head[before + head[before..].chars().next().map_or(1, char::len_utf8)..],
                )
            {
                start = before;
            }
            let stamp = head[start..].trim_start_matches([' ', '(', '（', '[']);
            if is_time(stamp) && stamp.matches(':').count() > 0 && !line[at..].starts_with(":0") {
                let body = line[at + colon.len()..].trim();
                let name = nick(&head[..start])?;
                return Some(Head {
                    name,
                    stamp: Some(stamp),
                    body,
                });
            }
        }
    }
    None
}

/// A name and what is said after its colon. A shop's account has a colon of its own.
fn speaker(rest: &str) -> (&str, &str) {
    let Some((name, body)) = rest.split_once([':', '：']) else {
        return (rest, "");
    };
    let own = rest[name.len()..].starts_with(':') && !body.starts_with(char::is_whitespace);
    let account = body.find([':', '：']).map(|end| &body[..end]);
    let short = |account: &&str| account.chars().count() <= 12 && !account.contains(' ');
    match account.filter(short).filter(|_| own) {
        Some(account) => {
            let end = name.len() + 1 + account.len();
            (&rest[..end], rest[end..].trim_start_matches([':', '：']))
        }
        None if own && name.ends_with('店') => (rest, ""),
        None => (name, body),
    }
}

/// `小迪: 在的`; whether that is a name is for all lines to say.
fn named(line: &str) -> Option<Head<'_>> {
    let line = line.trim();
    let (name, body) = line.split_once([':', '：'])?;
    if body.starts_with("//") {
        return None;
    }
    let short = name.chars().count() <= 20;
    Some(Head {
        name: nick(name).filter(|_| short)?,
        stamp: None,
        body: body.trim(),
    })
}

/// What stands before a colon and is no name.
const LABELS: [&str; 24] = [
    "地址", "电话", "手机", "订单", "单号", "收货", "收件", "姓名", "备注", "注意", "链接", "商品",
    "价格", "快递", "原因", "型号", "尺码", "颜色", "数量", "金额", "运费", "日期", "ps", "http",
];

/// Who speaks in a text.
struct Names<'t> {
    /// How often each stands before a colon.
    before: BTreeMap<&'t str, usize>,
    /// Lines with a name and a time.
    timed: u8,
    /// Lines with a name that is one.
    accepted: usize,
    lines: usize,
}

impl<'t> Names<'t> {
    fn of(text: &'t str, most: usize) -> Self {
        let mut names = Names {
            before: BTreeMap::new(),
            timed: 0,
            accepted: 0,
            lines: 0,
        };
        let mut offset = 0;
        while offset < text.len() && names.lines < most {
            let (line, next) = line_at(text, offset);
            offset = next;
            if line.trim().is_empty() {
                continue;
            }
            names.lines += 1;
            if timed(line).is_some() {
                names.timed = names.timed.saturating_add(1);
            } else if let Some(head) = named(line) {
                *names.before.entry(head.name).or_default() += 1;
            }
        }
        let label = |name: &str| {
            let lower = name.to_ascii_lowercase();
            LABELS.iter().any(|label| lower.contains(label))
        };
        names.before.retain(|name, _| !label(name));
        // Two or three people talk; a list of settings has a name a line.
        let often = names.before.values().filter(|&&count| count > 1).count();
        let few = (1..=4).contains(&often);
        names
            .before
            .retain(|name, count| words::role_of_sender(name).is_some() || few && *count > 1);
        names.accepted = names.before.values().sum();
        let known = names
            .before
            .keys()
            .any(|name| words::role_of_sender(name).is_some());
        // One name alone may be the label of a list.
        if !known && names.before.len() < 2 {
            names.accepted = 0;
        }
        names
    }
}

fn lines(mut walk: Walk<'_, '_>) {
    let text = walk.text;
    let names = Names::of(text, usize::MAX);
    let nobody = names.timed == 0 && names.before.is_empty();
    let mut current: Option<(Head<'_>, u32, String)> = None;
    let (mut day, mut count) = (None, 0usize);
    let (mut offset, mut number) = (0, 0u32);
    loop {
        let ended = offset >= text.len();
        let (line, next) = line_at(text, offset);
        offset = next;
        number = number.saturating_add(1);
        let trimmed = line.trim();
        let dated = is_day(trimmed);
        let mut begun = None;
        if !ended && !dated {
            begun =
                timed(line).or_else(|| named(line).filter(|it| names.before.contains_key(it.name)));
            if nobody && !trimmed.is_empty() {
                // Whoever asks comes first, and then they take turns.
                begun = Some(Head {
                    name: ["甲", "乙"][count % 2],
                    stamp: None,
                    body: trimmed,
                });
                count += 1;
            }
            if begun.is_none() {
                if let Some((_, _, body)) = &mut current {
                    join(body, line);
                } else if !trimmed.is_empty() {
                    walk.unattached(number, (
                                "这一行前面没有名字，不知道是谁说的，未计入；请从有名字的一行开始粘贴。",
                                "No name stands before this line, so nobody knows who said it and it was left out; paste from a line with a name on.",
                        ));
                }
                continue;
            }
        }
        if let Some((head, at, body)) = current.take() {
            let mut record = Record::at(at);
            record.set(Column::Sender, 0, head.name);
            record.timeless = names.timed == 0;
            if let Some(stamp) = head.stamp {
                record.set(Column::Time, 0, stamp);
                if let Some(day) = day.filter(|_| time::is_clock(stamp)) {
                    record.set(Column::Date, 0, day);
                }
            }
            walk.say(None, record, &body);
        }
        if ended {
            break;
        }
        if dated {
            day = Some(trimmed);
        }
        current = begun.map(|head| {
            let body = head.body.to_owned();
            (head, number, body)
        });
    }
    if nobody && count > 0 {
        walk.ledger.report(
                Diagnostic::warning(
                    "turns-assumed",
                    "这些文字没有名字，按一人一行轮流说话处理，先说的“甲”当作客户；请核对，或补上名字。",
                    "These lines name nobody: they were taken for turns, a line each, and whoever comes first (甲) for the customer. Check it, or supply names.",
                )
                .line(1),
            );
    }
    if names.timed == 0 && (count > 0 || names.accepted > 0) {
        walk.ledger.report(
            Diagnostic::info(
                "times-absent",
                "粘贴的文字没有时间，回复时长一律不判断。",
                "The pasted text has no times: waits are not judged.",
            )
            .line(1),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, named, timed};

    #[test]
    fn names_with_times_in_the_usual_shapes() {
        for (line, name, stamp, body) in [
            ("小迪 2024-5-6 10:00:05", "小迪", "2024-5-6 10:00:05", ""),
            (
                "2024-05-06 10:00:05 小迪",
                "小迪",
                "2024-05-06 10:00:05",
                "",
            ),
            (
                "2024-05-06 10:00:05 小迪: 在的",
                "小迪",
                "2024-05-06 10:00:05",
                "在的",
            ),
            (
                "[2024-05-06 10:00:05] 小迪：在的：好",
                "小迪",
                "2024-05-06 10:00:05",
                "在的：好",
            ),
            ("10:00:05 小迪：在的", "小迪", "10:00:05", "在的"),
            ("10:00 青禾:小迪：在的", "青禾:小迪", "10:00", "在的"),
            ("小迪 10:00：在的", "小迪", "10:00", "在的"),
            ("小迪（10:00:05）：在的", "小迪", "10:00:05", "在的"),
            (
                "小迪 2024/5/6 10:00: 在的",
                "小迪",
                "2024/5/6 10:00",
                "在的",
            ),
            ("小迪(2024-5-6 10:00:05)", "小迪", "2024-5-6 10:00:05", ""),
        ] {
            let head = timed(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(
                (head.name, head.stamp, head.body),
                (name, Some(stamp), body),
                "{line}"
            );
        }
        for line in [
            "在的",
            "小迪：10点发货",
            "小迪: 在的",
            "见 10:00",
            "10:00 之前，请付款",
            "12",
        ] {
            assert!(timed(line).is_none(), "{line}");
        }
    }

    #[test]
    fn labels_are_no_names() {
        assert_eq!(
            named("小迪：在的").map(|head| (head.name, head.body)),
            Some(("小迪", "在的"))
        );
        assert!(named("https://example.com/a").is_none());
        let accepted = |text| Names::of(text, 400).accepted;
        assert_eq!(accepted("客服：在的\n客户: 好\n地址：上海\n地址：北京"), 2);
        assert_eq!(accepted("小迪：在\n阿圆：好\n小迪：嗯\n阿圆：哦"), 4);
        assert_eq!(accepted("name: a\nversion: 1\nlicense: MIT"), 0);
        assert_eq!(accepted("host: a\nhost: b\nhost: c"), 0);
    }
}
