//! The text that WhatsApp exports, in whatever language the telephone speaks: `8/8/19, 1:25 PM - A: Hi`,
//! `[13.06.2023, 18:08:08] ~ A: Hi`, `2021/3/18 下午3:02 - A: Hi`.
//!
//! The thing to get right: no line says whether its day or its month comes first; [`super::clock`] asks all
//! of them. And a line without a time goes on with the message before it, while one with a time but
//! without a name is the application's own.

use super::columns::Column;
use super::draft::Record;
use super::lines::line_at;
use super::whole::{Walk, open};
use super::{FormatInfo, Probe};

pub(crate) const FORMAT: FormatInfo = FormatInfo {
    id: "whatsapp-text",
    title_zh: "WhatsApp 聊天文本",
    title_en: "WhatsApp chat text",
    detect,
    open: |source| open(source, lines),
};

fn detect(probe: &Probe<'_>) -> u8 {
    let (mut heads, mut offset) = (0u8, 0);
    for _ in 0..100 {
        if offset >= probe.text.len() {
            break;
        }
        let (line, next) = line_at(probe.text, offset);
        offset = next;
        let speaks = head(line).is_some_and(|head| spoken(head.rest).is_some());
        heads = heads.saturating_add(u8::from(speaks));
    }
    if heads == 0 { 0 } else { 66 + heads.min(6) * 4 }
}

/// What stands before a message.
struct Head<'a> {
    /// As they come; the year is the one of four digits, else the last.
    date: [u32; 3],
    year_first: bool,
    dotted: bool,
    hour: u32,
    minute: u32,
    second: Option<u32>,
    /// Whether the half of the day is stated.
    half: bool,
    rest: &'a str,
}

impl Head<'_> {
    /// The clock of twenty-four hours; which number is the day, all stamps together say.
    fn stamp(&self) -> String {
        let [first, second, third] = self.date;
        // Two digits of a year stand last, whatever stands before them.
        let short = !self.year_first && third < 100;
        let third = third + if short { 2000 } else { 0 };
        let (hour, minute) = (self.hour, self.minute);
        let part = if self.year_first {
            '-'
        } else if self.dotted {
            '.'
        } else {
            '/'
        };
        let stamp = format!("{first}{part}{second}{part}{third:02} {hour:02}:{minute:02}");
        match self.second {
            Some(second) => format!("{stamp}:{second:02}"),
            None => stamp,
        }
    }
}

/// Direction marks, which no reader sees.
fn unmarked(text: &str) -> &str {
    text.trim_start_matches(|c: char| {
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    })
}

struct Scan<'a>(&'a str);

impl Scan<'_> {
    fn number(&mut self, most: usize) -> Option<(u32, usize)> {
        let digits = self
            .0
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let number = self.0[..digits].parse().ok()?;
        self.0 = &self.0[digits..];
        Some((number, digits))
    }

    /// The number of the text that comes, if it is one of these.
    fn one_of(&mut self, any: &[&str]) -> Option<usize> {
        let index = any.iter().position(|one| {
            let head = self.0.get(..one.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(one))
        })?;
        self.0 = &self.0[any[index].len()..];
        Some(index)
    }

    fn spaces(&mut self) {
        // Thin and unbreakable ones as well.
        self.0 = unmarked(self.0.trim_start());
    }

    /// Whether it is before or after noon.
    fn half(&mut self) -> Option<bool> {
        const HALVES: [&str; 14] = [
            "下午",
            "晚上",
            "中午",
            "上午",
            "凌晨",
            "早上",
            "清晨",
            "p.m.",
            "p. m.",
            "p.\u{a0}m.",
            "pm",
            "a.m.",
            "a. m.",
            "am",
        ];
        let found = self
            .one_of(&HALVES)
            .or_else(|| self.one_of(&["a.\u{a0}m."]).map(|_| 13))?;
        Some(found < 3 || (7..11).contains(&found))
    }
}

/// The day, the clock and what follows, where a line begins with them as WhatsApp writes them.
fn head(line: &str) -> Option<Head<'_>> {
    let mut scan = Scan(unmarked(line));
    let bracket = scan.one_of(&["["]).is_some();
    if !scan.0.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (first, width) = scan.number(4)?;
    const SEPARATORS: [&str; 4] = ["/", ".", "-", "年"];
    let separator = scan.one_of(&SEPARATORS)?;
    let (second, _) = scan.number(2)?;
    scan.one_of(&[["/", ".", "-", "月"][separator]])?;
    let (third, last) = scan.number(4)?;
    let year_first = width == 4;
    if width == 3 || last == 3 || year_first && last > 2 || separator == 3 && !year_first {
        return None;
    }
    scan.one_of(&["日"]);
    scan.one_of(&[","]);
    scan.spaces();
    let mut half = scan.half();
    scan.spaces();
    let (mut hour, _) = scan.number(2)?;
    let colon = scan.one_of(&[":", "."])?;
    let (minute, digits) = scan.number(2)?;
    if digits != 2 {
        return None;
    }
    let second_hand = match scan.one_of(&[[":", "."][colon]]) {
        Some(_) => Some(scan.number(2)?.0),
        None => None,
    };
    let after = scan.0;
    scan.spaces();
    match scan.half() {
        None => scan.0 = after,
        found => half = found,
    }
    match half {
        Some(true) if hour < 12 => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        _ => {}
    }
    let rest = if bracket {
        scan.spaces();
        scan.one_of(&["]"])?;
        scan.0
    } else {
        scan.one_of(&[" - ", " – ", "\u{202f}- ", "\u{a0}- ", ": "])?;
        scan.0
    };
    Some(Head {
        date: [first, second, third],
        year_first,
        dotted: separator == 1,
        hour,
        minute,
        second: second_hand,
        half: half.is_some(),
        rest: unmarked(rest.trim_start()),
    })
}

/// Who speaks, and what is said.
fn spoken(rest: &str) -> Option<(&str, &str)> {
    let (name, body) = match rest.split_once(": ") {
        Some(found) => found,
        None => (rest.strip_suffix(':')?, ""),
    };
    // Not in the contacts.
    let name = unmarked(name);
    let name = name.strip_prefix('~').map_or(name, str::trim_start).trim();
    let named = !name.is_empty()
        && name.chars().count() <= 80
        && !name.contains(['"', '“', '”', '「', '«']);
    named.then_some((name, unmarked(body)))
}

/// The state of what stands for something that is not in the text.
fn state(body: &str) -> Option<&'static str> {
    let body = body.trim().trim_end_matches('.');
    const GONE: [&str; 6] = [
        "This message was deleted",
        "You deleted this message",
        "你已刪除此訊息",
        "此訊息已刪除",
        "此消息已删除",
        "你已删除此消息",
    ];
    if GONE.contains(&body) {
        return Some("recalled");
    }
    let angled = body.starts_with('<') && body.ends_with('>') && !body.contains('\n');
    const WORDS: [&str; 7] = [
        "omitted", "attached", "省略", "附件", "忽略", "附加", "omitido",
    ];
    let says = WORDS.iter().any(|word| body.contains(word));
    let short = body.len() <= 40 && !body.contains('\n');
    let media = angled && says
        || short
            && body.starts_with(char::is_alphabetic)
            && body.ends_with(" omitted")
            && body.split(' ').count() <= 3
        || body.ends_with("(file attached)")
        || body.ends_with("（檔案已附加）")
        || body.ends_with("（文件附件）")
        || short
            && matches!(
                body,
                "圖片已略去"
                    | "影片已略去"
                    | "音訊已略去"
                    | "图像已忽略"
                    | "视频已忽略"
                    | "音频已忽略"
            );
    media.then_some("media")
}

fn lines(mut walk: Walk<'_, '_>) {
    let text = walk.text;
    let (mut offset, mut number) = (0, 0u32);
    let mut current: Option<(Head<'_>, u32, String)> = None;
    loop {
        let ended = offset >= text.len();
        let (line, next) = line_at(text, offset);
        offset = next;
        number = number.saturating_add(1);
        let mut begun = if ended { None } else { head(line) };
        if !ended && begun.is_none() {
            if let Some((_, _, body)) = &mut current {
                body.push('\n');
                body.push_str(line);
            } else if !line.trim().is_empty() {
                walk.unattached(number, (
                    "这一行前面没有时间，不属于任何一条消息，未计入；请检查导出是否缺头。",
                    "No time stands before this line, so it belongs to no message and was left out; check the export's beginning.",
                ));
            }
            continue;
        }
        if let Some((head, at, more)) = current.take() {
            let mut record = Record::at(at);
            record.set(Column::Time, 0, head.stamp());
            // A clock of twelve hours is mostly where months come first.
            walk.ledger.clock.month_likely |= head.half;
            let body = match spoken(head.rest) {
                Some((name, body)) => {
                    record.set(Column::Sender, 0, name);
                    body
                }
                None => {
                    record.set(Column::Role, 0, "system");
                    head.rest
                }
            };
            let body = format!("{body}{more}");
            if let Some(state) = state(&body) {
                record.set(Column::State, 0, state);
            }
            walk.say(None, record, &body);
        }
        if ended {
            break;
        }
        current = begun.take().map(|head| (head, number, String::new()));
    }
}

#[cfg(test)]
mod tests {
    use super::{head, spoken, state};

    #[test]
    fn heads_in_every_language() {
        for (line, stamp, rest) in [
            ("8/8/19, 1:25 PM - A: Hi", "8/8/2019 13:25", "A: Hi"),
            ("8/8/19, 1:25\u{202f}PM - A: Hi", "8/8/2019 13:25", "A: Hi"),
            ("8/8/19, 1:25\u{2009}am - A: Hi", "8/8/2019 01:25", "A: Hi"),
            ("2021-03-18, 3:02 p.m. - A: Hi", "2021-3-18 15:02", "A: Hi"),
            (
                "2021-03-18, 12:02 a. m. - A: Hi",
                "2021-3-18 00:02",
                "A: Hi",
            ),
            (
                "08/08/2019, 12:02 p.\u{a0}m. - A: Hi",
                "8/8/2019 12:02",
                "A: Hi",
            ),
            (
                "[08/08/2022 11:40:26] A B: <attached: 0.opus>",
                "8/8/2022 11:40:26",
                "A B: <attached: 0.opus>",
            ),
            (
                "\u{200e}[2017-09-07, 7:58:30 AM] A: Hi",
                "2017-9-07 07:58:30",
                "A: Hi",
            ),
            (
                "[06.06.2023, 18:08:08] ~ A: Hi",
                "6.6.2023 18:08:08",
                "~ A: Hi",
            ),
            (
                "[06.06.23, 18.08.08] \u{200e}A: Hi",
                "6.6.2023 18:08:08",
                "A: Hi",
            ),
            ("09/09/2012 17:03:48: A: Hi", "9/9/2012 17:03:48", "A: Hi"),
            ("2021/3/18 下午3:02 - A: 在", "2021-3-18 15:02", "A: 在"),
            (
                "[2021/3/18 上午12:02:05] A: 在",
                "2021-3-18 00:02:05",
                "A: 在",
            ),
            ("2021年3月18日 凌晨3:02 - A: 在", "2021-3-18 03:02", "A: 在"),
        ] {
            let head = head(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((head.stamp().as_str(), head.rest), (stamp, rest), "{line}");
        }
        for line in [
            "",
            "A: Hi",
            "2021-03-18",
            "8/8/19, 1:25 PM A: Hi",
            "8/8, 1:25 - A: Hi",
            "[8/8/19, 1:25 A: Hi",
            "1.2.3",
            "12:30 - A: Hi",
            "800/8/19, 1:25 - A: Hi",
        ] {
            assert!(head(line).is_none(), "{line}");
        }
    }

    #[test]
    fn names_and_what_stands_for_something() {
        assert_eq!(spoken("~\u{202f}Li: hi: there"), Some(("Li", "hi: there")));
        assert_eq!(spoken("Li:"), Some(("Li", "")));
        assert_eq!(spoken("You were added"), None);
        assert_eq!(spoken("Li changed the subject to “a: b”"), None);
        assert_eq!(state("<Media omitted>"), Some("media"));
        assert_eq!(state("image omitted"), Some("media"));
        assert_eq!(state("<省略多媒体文件>"), Some("media"));
        assert_eq!(state("IMG-1.jpg (file attached)"), Some("media"));
        assert_eq!(state("This message was deleted."), Some("recalled"));
        assert_eq!(state("the invoice you omitted to send is omitted"), None);
        assert_eq!(state("<b> omitted"), None);
    }
}
