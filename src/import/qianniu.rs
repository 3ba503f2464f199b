//! Text copied or exported from the 千牛/旺旺 client: a line with nick and time, then what was said.
//!
//! The thing to get right: everything after a header belongs to it until the next header, except what
//! the client writes by itself. Read flags (已读, 未读, 发送中) are no rows. A notice that something was
//! withdrawn becomes a message of the system: the withdrawn words are gone from such an export, so no
//! message before it may be marked in their stead. Transfers, the page a visitor came from and product
//! cards are the system's as well; they carry no time, and none is missing.

use std::collections::BTreeSet;

use super::columns::Column;
use super::draft::Record;
use super::ledger::Ledger;
use super::lines::line_at;
use super::whole::{Walk, open};
use super::{FormatInfo, Probe, time, words};
use crate::diagnostic::Diagnostic;
use crate::sorted;

pub(crate) const FORMAT: FormatInfo = FormatInfo {
    id: "qianniu-text",
    title_zh: "千牛/旺旺聊天文本",
    title_en: "Qianniu (Wangwang) chat text",
    detect,
    open: |source| open(source, walk),
};

/// What the client writes under a message; it is no row.
const STATUS: [&str; 5] = ["已读", "未读", "发送中", "已送达", "发送失败"];

/// Lines looked at to tell the format.
const LOOKED_AT: usize = 400;

fn detect(probe: &Probe<'_>) -> u8 {
    let mut headers = 0u8;
    let mut previous: Option<&str> = None;
    let mut offset = 0;
    for _ in 0..LOOKED_AT {
        if offset >= probe.text.len() {
            break;
        }
        let (line, next) = line_at(probe.text, offset);
        offset = next;
        if inline_header(line).is_some()
            || is_stamp(line) && previous.is_some_and(|name| nick(name).is_some())
        {
            headers = headers.saturating_add(1);
        }
        previous = Some(line);
    }
    if headers == 0 {
        0
    } else {
        60 + headers.min(6) * 5
    }
}

fn walk(walk: Walk<'_, '_>) {
    let text = walk.text;
    let mut writer = Writer {
        customers: customers(text),
        walk,
        current: None,
        spoke: None,
        key: None,
        day: None,
        senders: BTreeSet::new(),
    };
    writer.lines(text);
}

#[derive(Clone, Copy)]
pub(crate) struct Header<'a> {
    pub(crate) sender: &'a str,
    receiver: Option<&'a str>,
    pub(crate) stamp: &'a str,
}

impl<'a> Header<'a> {
    /// The buyer, where sender and receiver tell.
    fn customer(&self) -> Option<&'a str> {
        let receiver = self.receiver?;
        match (is_account(self.sender), is_account(receiver)) {
            (true, false) => Some(receiver),
            (false, true) => Some(self.sender),
            _ => None,
        }
    }
}

struct Open<'a> {
    line: u32,
    header: Option<Header<'a>>,
    body: String,
    system: bool,
}

struct Writer<'t, 'o> {
    customers: BTreeSet<&'t str>,
    walk: Walk<'t, 'o>,
    current: Option<Open<'t>>,
    /// Who spoke before a notice that stands in the middle.
    spoke: Option<Header<'t>>,
    key: Option<&'t str>,
    /// The day of a line that holds nothing else.
    day: Option<&'t str>,
    senders: BTreeSet<&'t str>,
}

impl<'t> Writer<'t, '_> {
    fn lines(&mut self, text: &'t str) {
        // With one buyer, or none named, the file is one conversation.
        let many = self.customers.len() > 1;
        if many {
            self.key = first_customer(text);
        }
        let mut offset = 0;
        let mut number = 0u32;
        while offset < text.len() {
            let (line, next) = line_at(text, offset);
            offset = next;
            number = number.saturating_add(1);
            let at = number;
            let trimmed = line.trim();
            if trimmed.is_empty() {
                if let Some(open) = &mut self.current
                    && !open.body.is_empty()
                {
                    open.body.push('\n');
                }
                continue;
            }
            if STATUS.contains(&trimmed) {
                continue;
            }
            if is_day(trimmed) {
                self.flush();
                self.day = Some(trimmed);
                continue;
            }
            let mut header = inline_header(line);
            if header.is_none()
                && offset < text.len()
                && let Some(sender) = nick(line)
            {
                let (below, after) = line_at(text, offset);
                if is_stamp(below) {
                    header = Some(Header {
                        sender,
                        receiver: None,
                        stamp: below.trim(),
                    });
                    offset = after;
                    number = number.saturating_add(1);
                }
            }
            if let Some(header) = header {
                self.flush();
                self.spoke = None;
                if many {
                    self.key = header
                        .customer()
                        .or_else(|| self.customers.get(header.sender).copied())
                        .or(self.key);
                }
                self.senders.insert(header.sender);
                self.current = Some(Open {
                    line: at,
                    header: Some(header),
                    body: String::new(),
                    system: false,
                });
            } else if words::is_recall_notice(trimmed) {
                self.flush();
                self.spoke = None;
                self.current = Some(Open {
                    line: at,
                    header: None,
                    body: trimmed.to_owned(),
                    system: true,
                });
                self.flush();
            } else if is_system(trimmed) {
                match &mut self.current {
                    Some(open) if open.body.is_empty() || open.system => {
                        open.system = true;
                        join(&mut open.body, trimmed);
                    }
                    _ => {
                        let spoke = self.current.as_ref().and_then(|open| open.header);
                        self.flush();
                        self.current = Some(Open {
                            line: at,
                            header: None,
                            body: trimmed.to_owned(),
                            system: true,
                        });
                        self.spoke = spoke;
                    }
                }
            } else {
                // Behind a notice, and what is on its card, the one whose line it is under goes on.
                if let Some(open) = &self.current
                    && open.system
                    && !trimmed.starts_with(['¥', '￥'])
                    && !trimmed.starts_with("http")
                    && let Some(header) = open.header.or(self.spoke)
                {
                    self.flush();
                    self.current = Some(Open {
                        line: at,
                        header: Some(header),
                        body: String::new(),
                        system: false,
                    });
                }
                match &mut self.current {
                    Some(open) => join(&mut open.body, line),
                    None => {
                        self.walk.unattached(at, (
                                "这一行不属于任何一条消息（前面没有昵称和时间），未计入；请检查导出是否缺头。",
                                "This line belongs to no message (no nick and time before it) and was left out; check the export's beginning.",
                        ));
                    }
                }
            }
        }
        self.flush();
        self.report_mixture();
    }

    fn flush(&mut self) {
        let Some(open) = self.current.take() else {
            return;
        };
        let body = open.body.trim_end();
        let mut record = Record::at(open.line);
        record.timeless = open.header.is_none();
        if let Some(header) = &open.header {
            record.set(Column::Time, 0, header.stamp);
            if let Some(day) = self.day.filter(|_| time::is_clock(header.stamp)) {
                record.set(Column::Date, 0, day);
            }
            if !open.system {
                record.set(Column::Sender, 0, header.sender);
                if let Some(customer) = header.customer() {
                    record.set(Column::Customer, 0, customer);
                }
            }
        }
        if open.system {
            record.set(Column::Role, 0, "system");
        }
        // The client shows a picture or a card that the text does not hold.
        self.walk.say(self.key, record, body);
    }

    /// Without receivers nothing says to whom the shop speaks.
    fn report_mixture(&mut self) {
        if !self.customers.is_empty() {
            return;
        }
        let buyers = self
            .senders
            .iter()
            .filter(|sender| {
                words::role_of_sender(sender)
                    .is_none_or(|role| role == crate::transcript::Role::Customer)
            })
            .count();
        if self.senders.iter().any(|sender| is_account(sender)) {
            mixed(buyers, self.walk.ledger);
        }
    }
}

/// Tells when there are several buyers and nothing says to whom the shop speaks.
pub(crate) fn mixed(buyers: usize, ledger: &mut Ledger) {
    if buyers > 1 {
        ledger.report(Diagnostic::warning(
            "conversation-mixed",
            format!("文件里有 {buyers} 位买家，无法分开，按一个会话处理；请逐个买家导出。"),
            format!("The file holds {buyers} buyers that cannot be told apart and is read as one conversation; export each buyer separately."),
        ));
    }
}

/// The buyers that arrows name.
fn customers(text: &str) -> BTreeSet<&str> {
    sorted::gathered(headers(text).filter_map(|header| header.customer()))
}

fn first_customer(text: &str) -> Option<&str> {
    headers(text).find_map(|header| header.customer())
}

fn headers(text: &str) -> impl Iterator<Item = Header<'_>> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        while offset < text.len() {
            let (line, next) = line_at(text, offset);
            offset = next;
            if line.contains("-->")
                && let Some(header) = inline_header(line)
            {
                return Some(header);
            }
        }
        None
    })
}

/// `nick 2025-3-1 10:00:05`, `nick2025-3-1 10:00:05`, `a --> b 2025-3-1 10:00:05`, `[nick] 10:30`.
pub(crate) fn inline_header(line: &str) -> Option<Header<'_>> {
    let line = line.trim();
    let bare = line.trim_end_matches([')', '）']);
    if !bare.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let at = stamp_start(bare)?;
    let (mut names, stamp) = (line[..at].trim_end(), &bare[at..]);
    if bare.len() < line.len() {
        names = names.strip_suffix(['(', '（'])?.trim_end();
    }
    if let Some((sender, receiver)) = names.split_once("-->") {
        return Some(Header {
            sender: nick(sender)?,
            receiver: Some(nick(receiver)?),
            stamp,
        });
    }
    Some(Header {
        sender: nick(names)?,
        receiver: None,
        stamp,
    })
}

/// Where the moment at the end of a line begins.
fn stamp_start(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let from = bytes.len().saturating_sub(32);
    for at in from.max(1)..bytes.len() {
        let digits = bytes[at..]
            .iter()
            .take(4)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 4
            && line.is_char_boundary(at)
            && line[at + 4..].starts_with(['-', '/', '.', '年'])
            && time::is_moment(&line[at..])
        {
            return Some(at);
        }
    }
    // The time of day alone, behind a nick in brackets or one that gives itself away.
    let (name, clock) = line.rsplit_once([' ', '\t', '(', '（'])?;
    let name = name.trim_end();
    let known = || {
        let name = name.rsplit("-->").next().unwrap_or(name);
        name.ends_with(']') || nick(name).is_some_and(|it| words::role_of_sender(it).is_some())
    };
    (time::is_clock(clock) && known()).then(|| line.len() - clock.len())
}

/// A line that is nothing but a day: `2025-03-01`, `2025年3月1日 星期六`.
pub(crate) fn is_day(line: &str) -> bool {
    let line = line.trim();
    let (day, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let weekday = |rest: &str| rest.starts_with(['星', '周', '週']) && rest.chars().count() <= 4;
    (8..=17).contains(&day.len())
        && (rest.is_empty() || weekday(rest.trim()))
        && day.starts_with(|c: char| c.is_ascii_digit())
        && time::is_moment(&format!("{day} 0:00"))
}

/// A line that is nothing but a moment.
pub(crate) fn is_stamp(line: &str) -> bool {
    let line = line.trim();
    line.len() <= 32
        && line.contains(':')
        && line.starts_with(|c: char| c.is_ascii_digit())
        && time::is_moment(line)
}

/// A nick as it may stand in a header; sentences and labels such as 发货时间 are none.
pub(crate) fn nick(name: &str) -> Option<&str> {
    let name = name.trim();
    let inner = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .or_else(|| {
            name.strip_prefix('【')
                .and_then(|rest| rest.strip_suffix('】'))
        });
    let bare = inner.unwrap_or(name).trim();
    let bare = bare
        .strip_prefix("cntaobao")
        .filter(|rest| !rest.is_empty())
        .unwrap_or(bare);
    let unlikely = bare.is_empty()
        || bare.chars().count() > 40
        || bare.contains([
            '。', '，', '！', '？', '；', ',', ';', '\t', '?', '!', '"', '{', '}', '[', ']',
        ])
        || bare.ends_with(['：', ':', '于', '至', '到'])
        || bare.ends_with("时间")
        || bare.ends_with("日期")
        || is_label(bare)
        || bare.contains("://")
        || (inner.is_none() && bare.contains(char::is_whitespace))
        || STATUS.contains(&bare)
        || time::is_moment(bare);
    (!unlikely).then_some(bare)
}

/// `订单:123`: what is copied into a message, and no account of a shop.
fn is_label(name: &str) -> bool {
    let parts = name.split_once([':', '：']);
    parts.is_some_and(|(label, value)| {
        value.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && [
                "订单", "单号", "编号", "快递", "电话", "手机", "数量", "金额", "货号",
            ]
            .iter()
            .any(|end| label.trim_end().ends_with(end))
    })
}

/// `店铺:子账号`.
pub(crate) fn is_account(name: &str) -> bool {
    words::role_of_sender(name).is_some_and(|role| role != crate::transcript::Role::Customer)
}

/// What the client writes by itself.
fn is_system(line: &str) -> bool {
    let says = line.contains(['，', '。', '！', '？', ',', '!', '?']);
    line.starts_with('由') && !line.starts_with("由于") && line.contains("转交给") && !says
        || line.starts_with("原因：【")
        || line.starts_with("当前用户来自") && !says
        || line == "商品推荐"
        || line.starts_with("系统提示")
        || line.starts_with("以上是历史消息")
        || line.starts_with("以上为历史消息")
}

pub(crate) fn join(body: &mut String, line: &str) {
    if !body.is_empty() {
        body.push('\n');
    }
    body.push_str(line.trim_end());
}

#[cfg(test)]
mod tests {
    use super::{inline_header, is_stamp, nick};
    use crate::import::{Options, read};
    use crate::transcript::{Role, Transcript};

    fn only(text: &str) -> Transcript {
        let mut all: Vec<_> = read("a.txt", text.into(), &Options::default()).collect();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    #[test]
    fn headers_in_every_form() {
        for (line, sender, receiver, stamp) in [
            (
                "青禾:小迪 2025-3-1 10:00:05",
                "青禾:小迪",
                None,
                "2025-3-1 10:00:05",
            ),
            (
                "青禾:小迪2025-3-1 10:00:05",
                "青禾:小迪",
                None,
                "2025-3-1 10:00:05",
            ),
            ("tb1232025-3-1 10:00:05", "tb123", None, "2025-3-1 10:00:05"),
            (
                "tb123 --> 青禾:小迪 2025-3-1 9:00:09",
                "tb123",
                Some("青禾:小迪"),
                "2025-3-1 9:00:09",
            ),
            (
                "tb123-->青禾:小迪2025-3-1 9:00:09",
                "tb123",
                Some("青禾:小迪"),
                "2025-3-1 9:00:09",
            ),
            (
                "[小迪] 2024-01-01 10:00:00",
                "小迪",
                None,
                "2024-01-01 10:00:00",
            ),
            ("[小 迪] 10:30", "小 迪", None, "10:30"),
            (
                "cntaobao青禾:小迪 2025-3-1 10:00:05",
                "青禾:小迪",
                None,
                "2025-3-1 10:00:05",
            ),
        ] {
            let header = inline_header(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(
                (header.sender, header.receiver, header.stamp),
                (sender, receiver, stamp),
                "{line}"
            );
        }
        for line in [
            "发货时间：2025-3-1 10:00:05",
            "订单创建时间 2025-3-1 10:00:05",
            "亲，预计 2025-3-1 10:00:05",
            "2025-3-1 10:00:05",
            "小迪 10:30",
            "",
            "您好",
        ] {
            assert!(inline_header(line).is_none(), "{line}");
        }
        assert!(is_stamp(" 2025-3-1 10:00:05 ") && !is_stamp("1709258405"));
        assert_eq!(nick("已读"), None);
    }

    #[test]
    fn the_older_form_has_the_time_on_the_next_line() {
        let found =
            only("tb123\n2025-3-1 10:00:05\n在吗\n第二行\n青禾:小迪\n2025-3-1 10:00:15\n在的\n");
        let said: Vec<_> = found
            .messages
            .iter()
            .map(|m| (m.role, m.text.as_str()))
            .collect();
        assert_eq!(
            said,
            [(Role::Customer, "在吗\n第二行"), (Role::Agent, "在的")]
        );
    }

    #[test]
    fn buyers_named_by_arrows_are_conversations() {
        let text = "a1 --> 店:x 2025-3-1 10:00:05\n一\nb2 --> 店:x 2025-3-1 10:00:06\n二\n店:x --> a1 2025-3-1 10:00:07\n三\n";
        let all: Vec<_> = read("a.txt", text.into(), &Options::default()).collect();
        let said: Vec<Vec<_>> = all
            .iter()
            .map(|t| t.messages.iter().map(|m| (m.role, &*m.text)).collect())
            .collect();
        assert_eq!(
            said,
            [
                vec![(Role::Customer, "一"), (Role::Agent, "三")],
                vec![(Role::Customer, "二")]
            ]
        );
    }
}
