//! Typed slots of patterns: `{duration}`, `{phone}` and so on, found in the plain text by small parsers.
//!
//! A finder says where a value stands, not what it is worth. It may give several ends for one start
//! (`18点`, `18点前`), so that the words of a pattern can follow either. Masked values count as values:
//! `[数字x]小时` is a stated time of unknown length.

use super::fold::Folded;
use crate::diagnostic::Bilingual;
use crate::span::Span;

/// What `{store}` and `{agent}` stand for in one conversation, in folded form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotContext {
    stores: Vec<String>,
    agents: Vec<String>,
}

impl SlotContext {
    /// The names of the shop and of its agents, as people write them.
    pub fn new(stores: &[String], agents: &[String]) -> Self {
        let fold = |names: &[String]| {
            let mut folded: Vec<String> = names
                .iter()
                .map(|name| Folded::new(name.trim()).plain().to_owned())
                .collect();
            folded.retain(|name| !name.is_empty());
            folded.sort();
            folded.dedup();
            folded
        };
        Self {
            stores: fold(stores),
            agents: fold(agents),
        }
    }

    /// The shop's names, folded.
    pub fn stores(&self) -> &[String] {
        &self.stores
    }

    /// The agents' names, folded.
    pub fn agents(&self) -> &[String] {
        &self.agents
    }
}

/// A kind of value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// 24小时, 3-5个工作日, 半天.
    Duration,
    /// 今天, 明天上午, 18点前, 周五.
    Moment,
    /// 10元, ¥9.9.
    Money,
    /// 两件, 3盒.
    Quantity,
    /// An order number.
    OrderNo,
    /// A parcel number.
    TrackingNo,
    /// A mobile number of the mainland or Taiwan.
    Phone,
    /// A name of the shop.
    Store,
    /// A name of an agent.
    Agent,
    /// A web address.
    Url,
    /// A sticker of a group or name; `*` is any.
    Sticker(String),
}

impl Slot {
    /// The slot of this name, or why there is none.
    pub(super) fn named(name: &str) -> Result<Self, Bilingual> {
        Ok(match name {
            "duration" => Self::Duration,
            "moment" => Self::Moment,
            "money" => Self::Money,
            "quantity" => Self::Quantity,
            "order-no" => Self::OrderNo,
            "tracking-no" => Self::TrackingNo,
            "phone" => Self::Phone,
            "store" => Self::Store,
            "agent" => Self::Agent,
            "url" => Self::Url,
            "person" | "address" => {
                return Err(Bilingual::new(
                    format!("{{{name}}} 暂时还不能用"),
                    format!("{{{name}}} is not available yet"),
                ));
            }
            _ => match name.strip_prefix("sticker:").map(str::trim) {
                Some(sticker)
                    if sticker == "*" || GROUPS.iter().any(|group| group.name == sticker) =>
                {
                    Self::Sticker(sticker.to_owned())
                }
                Some(sticker) if !sticker.is_empty() && !sticker.is_ascii() => {
                    Self::Sticker(Folded::new(sticker).plain().to_owned())
                }
                Some(sticker) => {
                    let names: Vec<&str> = GROUPS.iter().map(|group| group.name).collect();
                    let names = names.join(", ");
                    return Err(Bilingual::new(
                        format!("没有叫 {sticker} 的表情组;可用 *、{names},或表情的中文名"),
                        format!(
                            "there is no sticker group {sticker}; use *, {names}, or a sticker's Chinese name"
                        ),
                    ));
                }
                None => {
                    return Err(Bilingual::new(
                        format!("没有叫 {{{name}}} 的槽位"),
                        format!("there is no slot named {{{name}}}"),
                    ));
                }
            },
        })
    }

    /// Where such values stand in a plain text, by start, then end.
    pub(super) fn find(&self, plain: &str, context: &SlotContext) -> Vec<Span> {
        let mut out = Vec::new();
        match self {
            Self::Store => names(plain, &context.stores, &mut out),
            Self::Agent => names(plain, &context.agents, &mut out),
            Self::Duration => scan(plain, &mut out, duration),
            Self::Moment => scan(plain, &mut out, moment),
            Self::Money => scan(plain, &mut out, money),
            Self::Quantity => scan(plain, &mut out, quantity),
            Self::OrderNo => codes(plain, &mut out, is_order),
            Self::TrackingNo => codes(plain, &mut out, is_tracking),
            Self::Phone => phones(plain, &mut out),
            Self::Url => urls(plain, &mut out),
            Self::Sticker(name) => stickers(
                plain,
                |text, kind| matches_sticker(name, text, kind),
                &mut out,
            ),
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}

fn names(plain: &str, names: &[String], out: &mut Vec<Span>) {
    for name in names {
        let latin = |character: Option<char>| character.is_some_and(|c| c.is_ascii_alphanumeric());
        for (at, found) in plain.match_indices(name.as_str()) {
            let end = at + found.len();
            let glued_left = latin(name.chars().next()) && latin(plain[..at].chars().next_back());
            let glued_right = latin(name.chars().next_back()) && latin(plain[end..].chars().next());
            if !glued_left && !glued_right {
                out.push(Span::new(at, end));
            }
        }
    }
}

/// Tries a parser at every character that may begin a value. A value is not begun in the middle of a
/// number or a Latin word.
fn scan(plain: &str, out: &mut Vec<Span>, parse: fn(&str, &mut dyn FnMut(usize))) {
    let mut before: Option<char> = None;
    let mut in_number = false;
    for (at, character) in plain.char_indices() {
        let numeral = is_numeral(character);
        let middle = (numeral && in_number)
            || (character.is_ascii_alphabetic()
                && before.is_some_and(|c| c.is_ascii_alphanumeric()));
        if !middle {
            parse(&plain[at..], &mut |length| {
                out.push(Span::new(at, at + length))
            });
        }
        in_number = numeral
            || (in_number
                && matches!(character, '.' | ',')
                && plain[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
        before = Some(character);
    }
}

fn is_numeral(character: char) -> bool {
    character.is_ascii_digit() || "零〇一二两三四五六七八九十百千万半几".contains(character)
}

/// The length of a number at the start of `text`: digits, Chinese numerals, or a mask.
fn number(text: &str) -> Option<usize> {
    for mask in ["[数字x]", "[数字]"] {
        if text.starts_with(mask) {
            return Some(mask.len());
        }
    }
    let first = text.chars().next()?;
    if first == '*' || first == 'x' {
        let length = text.len() - text.trim_start_matches(first).len();
        let end = text[length..].chars().next();
        return (length <= 6 && !end.is_some_and(|c| c.is_ascii_alphanumeric())).then_some(length);
    }
    if first.is_ascii_digit() {
        let mut end = 0;
        let bytes = text.as_bytes();
        while let Some(byte) = bytes.get(end) {
            let digit_follows = bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
            if byte.is_ascii_digit() || (matches!(byte, b'.' | b',') && digit_follows) {
                end += 1;
            } else {
                break;
            }
        }
        // 3万, 5千.
        let scale = text[end..]
            .chars()
            .next()
            .filter(|&c| matches!(c, '万' | '千' | '百'));
        return Some(end + scale.map_or(0, char::len_utf8));
    }
    let end = text
        .find(|c: char| c.is_ascii_digit() || !is_numeral(c))
        .unwrap_or(text.len());
    (end > 0).then_some(end)
}

/// A number, or a range of two: 3-5, 三到五, 3~5.
fn numbers(text: &str) -> Option<usize> {
    let first = number(text)?;
    let rest = &text[first..];
    let joint = ["--", "-", "~", "到", "至", "—", "–", "或"]
        .into_iter()
        .find(|joint| rest.starts_with(joint));
    match joint.and_then(|joint| Some(joint.len() + number(&rest[joint.len()..])?)) {
        Some(second) => Some(first + second),
        None => Some(first),
    }
}

fn prefix(text: &str, list: &[&str]) -> Option<usize> {
    list.iter()
        .filter(|word| text.starts_with(**word))
        .map(|word| word.len())
        .max()
}

fn spaces(text: &str) -> usize {
    text.len() - text.trim_start_matches(' ').len()
}

/// A unit that ends where it stands, not in the middle of a Latin word.
fn unit(text: &str, list: &[&str]) -> Option<usize> {
    let length = prefix(text, list)?;
    let latin = text[..length].ends_with(|c: char| c.is_ascii_alphabetic())
        && text[length..].starts_with(|c: char| c.is_ascii_alphabetic());
    (!latin).then_some(length)
}

const UNITS: &[&str] = &[
    "秒",
    "秒钟",
    "分钟",
    "小时",
    "钟头",
    "刻钟",
    "天",
    "工作日",
    "自然日",
    "周",
    "星期",
    "礼拜",
    "个月",
    "年",
    "日内",
    "分内",
    "s",
    "sec",
    "seconds",
    "second",
    "min",
    "mins",
    "minute",
    "minutes",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "day",
    "days",
    "business days",
    "working days",
    "week",
    "weeks",
    "month",
    "months",
];

fn duration(text: &str, found: &mut dyn FnMut(usize)) {
    let Some(mut end) = numbers(text) else { return };
    end += spaces(&text[end..]).min(2);
    if let Some(length) = prefix(
        &text[end..],
        &["多个", "来个", "个半", "个", "多", "来", "+"],
    ) {
        // 个月 is a unit of its own.
        if !text[end..].starts_with("个月") {
            end += length;
        }
    }
    let Some(length) = unit(&text[end..], UNITS) else {
        return;
    };
    // 3日内, 5分内: the word after makes the unit, but is not part of it.
    let shown = if text[end..end + length].ends_with('内') {
        length - '内'.len_utf8()
    } else {
        length
    };
    end += shown;
    // 两天半, 1小时30分钟.
    if text[end..].starts_with('半') {
        end += '半'.len_utf8();
    } else if let Some(more) = number(&text[end..])
        && let Some(length) = unit(&text[end + more..], UNITS)
        && !text[end + more..end + more + length].ends_with('内')
    {
        found(end);
        end += more + length;
    }
    found(end);
}

const DAYS: &[&str] = &[
    "今天",
    "今日",
    "今晚",
    "今早",
    "明天",
    "明日",
    "明早",
    "明晚",
    "后天",
    "大后天",
    "昨天",
    "昨晚",
    "前天",
    "当天",
    "当日",
    "次日",
    "隔天",
    "第二天",
    "月底",
    "月初",
    "年底",
    "年前",
    "年后",
    "周末",
    "本周",
    "这周",
    "下周",
    "上周",
    "本月",
    "这个月",
    "下个月",
    "下月",
    "晚点",
    "today",
    "tomorrow",
    "tonight",
    "yesterday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
const PARTS: &[&str] = &[
    "凌晨", "清晨", "早上", "早晨", "上午", "中午", "下午", "傍晚", "晚上", "晚间", "夜里", "午后",
    "下班", "上班",
];
const AROUND: &[&str] = &["前", "之前", "以前", "后", "之后", "以后", "左右", "内"];

fn moment(text: &str, found: &mut dyn FnMut(usize)) {
    let mut end = 0;
    if let Some(length) = day(text) {
        end += length;
        found(end);
    }
    let gap = spaces(&text[end..]).min(1);
    if let Some(length) = prefix(&text[end + gap..], PARTS) {
        end += gap + length;
        found(end);
    }
    let gap = spaces(&text[end..]).min(1);
    if let Some(length) = clock(&text[end + gap..]) {
        end += gap + length;
        found(end);
    }
    if end > 0
        && let Some(length) = prefix(&text[end..], AROUND)
    {
        found(end + length);
    }
}

fn day(text: &str) -> Option<usize> {
    for week in [
        "下下周",
        "下周",
        "本周",
        "这周",
        "上周",
        "周",
        "下星期",
        "星期",
        "下礼拜",
        "礼拜",
    ] {
        if let Some(rest) = text.strip_prefix(week)
            && let Some(which) = rest.chars().next().filter(|c| "一二三四五六日天末1234567".contains(*c))
            // 周三十 is no weekday, 一周一次 no Monday.
            && !rest[which.len_utf8()..].starts_with(|c: char| is_numeral(c) || matches!(c, '次' | '年' | '期'))
        {
            return Some(week.len() + which.len_utf8());
        }
    }
    if let Some(length) = unit(text, DAYS) {
        return Some(length);
    }
    // 5月8日, 8号, 2024-05-08, 5/8.
    let first = number(text)?;
    let rest = &text[first..];
    if let Some(month) = rest.strip_prefix('月') {
        let day = number(month)?;
        let mark = prefix(&month[day..], &["日", "号"]).unwrap_or(0);
        return Some(first + '月'.len_utf8() + day + mark);
    }
    if rest.starts_with('号') && text.starts_with(|c: char| c.is_ascii_digit()) && first <= 2 {
        let more = rest.strip_prefix("号");
        let other = more.is_some_and(|more| {
            more.starts_with(['线', '楼', '店', '码', '色', '机', '仓', '床', '链'])
        });
        return (!other).then_some(first + '号'.len_utf8());
    }
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes.get(from..).map_or(0, |rest| {
            rest.iter().take_while(|b| b.is_ascii_digit()).count()
        })
    };
    let year = digits(0);
    let mark = bytes
        .get(year)
        .copied()
        .filter(|b| matches!(b, b'-' | b'/'))?;
    let month = digits(year + 1);
    if year == 4 && (1..=2).contains(&month) && bytes.get(year + 1 + month) == Some(&mark) {
        let day = digits(year + month + 2);
        return (1..=2).contains(&day).then_some(year + month + day + 2);
    }
    None
}

fn clock(text: &str) -> Option<usize> {
    let hour = number(text)?;
    let rest = &text[hour..];
    if let Some(minutes) = rest.strip_prefix(':') {
        let digits = minutes.bytes().take_while(u8::is_ascii_digit).count();
        return (hour <= 2 && digits == 2).then_some(hour + 1 + digits);
    }
    let mark = prefix(rest, &["点钟", "点整", "点", "时"])?;
    let mut end = hour + mark;
    let after = &text[end..];
    // 一点点, 有点: a little, not an hour. 小时 never comes here, 时间 and 时候 do.
    if after.starts_with(['点', '间', '候', '儿', '击', '赞', '评', '评'])
        || (hour == 3 && text.starts_with(['半', '几']))
    {
        return None;
    }
    // 一点 is as often "a bit": believed only in digits or with more to it.
    let bare = text.starts_with('一') && hour == 3 && mark == 3;
    if let Some(length) = prefix(after, &["半", "一刻", "三刻"]) {
        return Some(end + length);
    }
    if let Some(minutes) = number(after) {
        let closed = prefix(&after[minutes..], &["分"]);
        if closed.is_some() || (after.starts_with(|c: char| c.is_ascii_digit()) && minutes == 2) {
            end += minutes + closed.unwrap_or(0);
            return Some(end);
        }
    }
    if bare && prefix(after, AROUND).is_none() {
        return None;
    }
    Some(end)
}

fn money(text: &str, found: &mut dyn FnMut(usize)) {
    if let Some(sign) = prefix(text, &["¥", "$", "rmb", "nt$", "人民币"]) {
        let gap = spaces(&text[sign..]).min(1);
        if let Some(length) = numbers(&text[sign + gap..]) {
            found(sign + gap + length);
        }
        return;
    }
    let Some(mut end) = numbers(text) else { return };
    end += spaces(&text[end..]).min(1);
    let list = [
        "元", "元钱", "块钱", "块", "毛", "毛钱", "角", "万元", "圆", "美元", "港币", "港元",
        "台币", "rmb", "大洋", "yuan",
    ];
    let Some(length) = unit(&text[end..], &list) else {
        return;
    };
    end += length;
    found(end);
    // 三块五, 9块9.
    if let Some(more) = number(&text[end..]) {
        found(end + more);
    }
}

const MEASURES: &[&str] = &[
    "件", "个", "只", "条", "双", "套", "盒", "瓶", "包", "袋", "箱", "支", "片", "台", "把", "张",
    "本", "份", "斤", "公斤", "千克", "克", "kg", "g", "ml", "l", "毫升", "升", "米", "厘米",
    "毫米", "cm", "mm", "m", "罐", "桶", "卷", "对", "组", "款", "颗", "粒", "枚", "串", "寸",
    "码", "块", "顶", "副", "根", "批", "单", "pcs",
];

fn quantity(text: &str, found: &mut dyn FnMut(usize)) {
    let Some(mut end) = numbers(text) else { return };
    end += spaces(&text[end..]).min(1);
    if let Some(length) = unit(&text[end..], MEASURES) {
        // 3个工作日, 两个月 are times, 三块钱 is money.
        let rest = &text[end..];
        let other = prefix(
            rest,
            &[
                "个月",
                "个小时",
                "个工作日",
                "个自然日",
                "个星期",
                "个礼拜",
                "个钟",
                "块钱",
                "个半",
            ],
        );
        if other.is_none() {
            found(end + length);
        }
    }
}

/// Runs of Latin letters, digits and inner dashes that a test accepts.
fn codes(plain: &str, out: &mut Vec<Span>, accept: fn(&str) -> bool) {
    let bytes = plain.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let start = at;
        let mut dash = None;
        while at < bytes.len() {
            let inner =
                bytes[at] == b'-' && bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
            if inner {
                dash.get_or_insert(at);
            } else if !bytes[at].is_ascii_alphanumeric() {
                break;
            }
            at += 1;
        }
        if accept(&plain[start..at]) {
            out.push(Span::new(start, at));
        }
    }
}

fn shape(code: &str) -> (usize, usize, usize) {
    let letters = code.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    (letters, digits, code.len() - letters - digits)
}

fn is_order(code: &str) -> bool {
    let (letters, digits, dashes) = shape(code);
    match dashes {
        // 240508-123456789012345
        1 => letters == 0 && code.as_bytes().get(6) == Some(&b'-') && digits >= 14,
        0 => digits >= 12 && digits <= 24 && letters <= 4,
        _ => false,
    }
}

fn is_tracking(code: &str) -> bool {
    let (letters, digits, dashes) = shape(code);
    let leading = code.bytes().take_while(u8::is_ascii_alphabetic).count();
    dashes == 0
        && ((letters == 0 && (12..=15).contains(&digits))
            || ((2..=5).contains(&letters) && letters == leading && (8..=18).contains(&digits))
            || (letters == 4 && leading == 2 && digits == 9))
}

fn phones(plain: &str, out: &mut Vec<Span>) {
    let bytes = plain.as_bytes();
    for start in 0..bytes.len() {
        if !matches!(bytes[start], b'0' | b'1')
            || start
                .checked_sub(1)
                .is_some_and(|at| bytes[at].is_ascii_digit())
        {
            continue;
        }
        // Digits with single separators between groups.
        let mut digits = [0_u8; 12];
        let mut count = 0;
        let mut end = start;
        let mut at = start;
        let mut separators = 0;
        while at < bytes.len() && count < digits.len() {
            if bytes[at].is_ascii_digit() {
                digits[count] = bytes[at];
                count += 1;
                at += 1;
                end = at;
            } else if matches!(bytes[at], b' ' | b'-')
                && separators < 2
                && matches!(count, 3 | 4 | 7)
            {
                separators += 1;
                at += 1;
            } else {
                break;
            }
        }
        let mainland = count == 11 && digits[0] == b'1' && (b'3'..=b'9').contains(&digits[1]);
        let taiwan = count == 10 && digits[..2] == *b"09";
        if !(mainland || taiwan) || letters_before(&bytes[..start]) {
            continue;
        }
        let begin = ["+86 ", "+86-", "+86", "0086", "86-", "86 "]
            .into_iter()
            .find(|code| mainland && plain[..start].ends_with(code))
            .map_or(start, |code| start - code.len());
        out.push(Span::new(begin, end));
    }
}

/// Whether a number continues a code of letters (`yt139…`); the words that introduce a contact do not.
fn letters_before(before: &[u8]) -> bool {
    let count = before
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let word = &before[before.len() - count..];
    !matches!(
        word,
        b"" | b"v" | b"vx" | b"wx" | b"q" | b"qq" | b"tel" | b"phone" | b"weixin" | b"mobile"
    )
}

fn urls(plain: &str, out: &mut Vec<Span>) {
    let address = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '[' | ']');
    let mut at = 0;
    while let Some(found) = plain[at..].find(address) {
        let start = at + found;
        let end = plain[start..]
            .find(|c| !address(c))
            .map_or(plain.len(), |length| start + length);
        let run = plain[start..end].trim_end_matches([',', '.', ';', '!', '?', ')', '\'']);
        let scheme = ["https://", "http://", "www."]
            .into_iter()
            .filter_map(|scheme| run.find(scheme))
            .min();
        if let Some(offset) = scheme {
            if run.len() - offset > 10 {
                out.push(Span::new(start + offset, start + run.len()));
            }
        } else if let Some(offset) = bare_domain(run) {
            out.push(Span::new(start + offset, start + run.len()));
        }
        at = end;
    }
}

/// Where a name such as `shop.example.com/x` begins in a run of Latin characters.
fn bare_domain(run: &str) -> Option<usize> {
    const ENDS: &[&str] = &[
        "com", "cn", "net", "org", "top", "vip", "shop", "cc", "io", "me", "tw", "hk", "xyz",
        "link", "app", "cyou", "club", "site",
    ];
    let host = run.split(['/', '?', '#', ':']).next()?;
    let end = host.rsplit('.').next()?;
    let dot = host.len().checked_sub(end.len() + 1)?;
    let offset = host[..dot]
        .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.')
        .map_or(0, |at| at + 1);
    let name = &host[offset..dot];
    (ENDS.contains(&end)
        && name.len() >= 2
        && !name.starts_with('.')
        && !host[..offset].ends_with('@'))
    .then_some(offset)
}

/// How a sticker is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// `[微笑]`.
    Brackets,
    /// `/:^_^`, or `#e-s12`.
    Code,
    /// A picture character.
    Emoji,
}

struct Group {
    name: &'static str,
    names: &'static [&'static str],
    codes: &'static [&'static str],
    emoji: &'static str,
}

/// Stickers that say the same.
const GROUPS: &[Group] = &[
    Group {
        name: "smile",
        names: &[
            "微笑", "呲牙", "憨笑", "愉快", "可爱", "偷笑", "大笑", "笑脸", "开心", "害羞", "嘻嘻",
            "哈哈", "笑", "smile",
        ],
        codes: &[
            "/:^_^", "/:^$^", "/:087", "/:^w^", "/:809", "/:^o^", "/:815",
        ],
        emoji: "🙂😊😀😃😄😁😆☺😇🤗🥰😍😋",
    },
    Group {
        name: "cry",
        names: &["流泪", "大哭", "哭", "委屈", "快哭了", "可怜"],
        codes: &["/:>_<", "/:807", "/:'"],
        emoji: "😢😭🥺😥😿",
    },
    Group {
        name: "angry",
        names: &["发怒", "怒", "愤怒", "咒骂", "生气"],
        codes: &["/:-w", "/:804"],
        emoji: "😠😡🤬👿😤",
    },
    Group {
        name: "thumb",
        names: &["强", "赞", "点赞", "ok", "鼓掌", "胜利"],
        codes: &["/:~b", "/:y", "/:ok"],
        emoji: "👍👌👏✌🙆🆗",
    },
    Group {
        name: "thanks",
        names: &["抱拳", "合十", "感谢", "谢谢", "拜托"],
        codes: &["/:g"],
        emoji: "🙏🤝",
    },
    Group {
        name: "rose",
        names: &["玫瑰", "鲜花", "爱心", "心", "亲亲", "拥抱"],
        codes: &["/:-f", "/:rose", "/:814"],
        emoji: "🌹💐🌷❤💕💖😘💗",
    },
];

fn matches_sticker(name: &str, text: &str, kind: Written) -> bool {
    if name == "*" {
        return true;
    }
    let group = GROUPS.iter().find(|group| group.name == name);
    match (kind, group) {
        (Written::Brackets, Some(group)) => group.names.contains(&text.trim_matches(['[', ']'])),
        (Written::Brackets, None) => text.trim_matches(['[', ']']) == name,
        (Written::Code, Some(group)) => group.codes.contains(&text),
        (Written::Emoji, Some(group)) => group.emoji.contains(text),
        (_, None) => false,
    }
}

/// Finds stickers and picture characters that `accept` takes.
pub(super) fn stickers(plain: &str, accept: impl Fn(&str, Written) -> bool, out: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(character) = plain[at..].chars().next() {
        let (length, kind) = match sticker(&plain[at..]) {
            Some(found) => found,
            None => {
                at += character.len_utf8();
                continue;
            }
        };
        if accept(&plain[at..at + length], kind) {
            out.push(Span::new(at, at + length));
        }
        at += length;
    }
}

/// The sticker at the start of `text`, if there is one.
pub(super) fn sticker(text: &str) -> Option<(usize, Written)> {
    let first = text.chars().next()?;
    match first {
        '[' => {
            let inside = text[1..]
                .char_indices()
                .take(9)
                .find(|(_, c)| matches!(c, ']' | '[' | '\n'));
            let (length, _) = inside.filter(|&(length, c)| c == ']' && length > 0)?;
            let name = &text[1..=length];
            // [数字x] and [站点x] stand for something that was masked.
            (!name.ends_with('x') && !name.contains(|c: char| c.is_ascii_digit()))
                .then_some((length + 2, Written::Brackets))
        }
        '/' if text.starts_with("/:") => {
            let rest = &text[2..];
            let known = GROUPS
                .iter()
                .flat_map(|group| group.codes)
                .filter(|code| text.starts_with(**code))
                .map(|code| code.len());
            let digits = rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
            let marks = rest
                .bytes()
                .take(5)
                .take_while(u8::is_ascii_punctuation)
                .count();
            known
                .max()
                .or_else(|| (digits == 3).then_some(5))
                .or_else(|| {
                    (marks > 0).then(|| {
                        2 + marks
                            + usize::from(
                                rest[marks..].starts_with(|c: char| c.is_ascii_alphabetic()),
                            )
                    })
                })
                .map(|length| (length, Written::Code))
        }
        '#' if text.starts_with("#e-s") => {
            let rest = &text[4..];
            let length = number(rest).unwrap_or(0);
            Some((4 + length, Written::Code))
        }
        _ => is_emoji(first).then_some((first.len_utf8(), Written::Emoji)),
    }
}

/// Whether a character is drawn as a picture.
pub(super) fn is_emoji(character: char) -> bool {
    matches!(
        u32::from(character),
        0x1_F000..=0x1_F0FF | 0x1_F18E..=0x1_F1FF | 0x1_F200..=0x1_FAFF | 0x2600..=0x27BF | 0x2B05..=0x2B55 | 0x231A..=0x23FF
            | 0x2934..=0x2935 | 0x203C | 0x2049 | 0x3030 | 0x303D | 0x3297 | 0x3299
    )
}
