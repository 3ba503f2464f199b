//! Times, money and amounts: small hand-written parsers, each tried where a value may begin.
//!
//! A parser gets the text from there on, and calls back with the length of every reading it finds.

use crate::span::Span;
use crate::text::guard::List;
use crate::text::signs::Signs;

/// Tries a parser at every character that may begin a value: not in the middle of a number or a Latin
/// word, and not inside the value before.
pub(super) fn scan(
    plain: &str,
    out: &mut Vec<Span>,
    may_begin: fn(Signs) -> bool,
    parse: fn(&str, &mut dyn FnMut(usize)),
) {
    let mut before: Option<char> = None;
    let mut in_number = false;
    let mut reach = 0;
    for (at, character) in plain.char_indices() {
        let signs = Signs::of_one(character);
        let numeral = signs.may_be_number() && is_numeral(character);
        if may_begin(signs) {
            let middle = at < reach
                || (numeral && in_number)
                || (character.is_ascii_alphabetic()
                    && before.is_some_and(|c| c.is_ascii_alphanumeric()));
            if !middle {
                parse(&plain[at..], &mut |length| {
                    reach = reach.max(at + length);
                    out.push(Span::new(at, at + length));
                });
            }
        }
        in_number = numeral
            || (in_number
                && matches!(character, '.' | ',')
                && plain[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
        before = Some(character);
    }
}

fn is_numeral(character: char) -> bool {
    matches!(
        character,
        '0'..='9'
            | '零'
            | '〇'
            | '一'
            | '二'
            | '两'
            | '三'
            | '四'
            | '五'
            | '六'
            | '七'
            | '八'
            | '九'
            | '十'
            | '百'
            | '千'
            | '万'
            | '半'
            | '几'
    )
}

/// The length of a number at the start of `text`: digits, Chinese numerals, or a mask.
pub(super) fn number(text: &str) -> Option<usize> {
    for mask in ["[数字x]", "[数字]"] {
        if text.starts_with(mask) {
            return Some(mask.len());
        }
    }
    let first = text.chars().next()?;
    if first == '*' || first == 'x' {
        // Longer runs decorate; the bound keeps a wall of stars cheap.
        let length = text.chars().take(7).take_while(|&c| c == first).count();
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

/// How many of at most `most` leading bytes are spaces.
fn spaces(text: &str, most: usize) -> usize {
    text.bytes()
        .take(most)
        .take_while(|&byte| byte == b' ')
        .count()
}

/// A unit that ends where it stands, not in the middle of a Latin word.
fn unit(text: &str, list: &List) -> Option<usize> {
    let length = list.longest_at(text)?;
    let latin = text[..length].ends_with(|c: char| c.is_ascii_alphabetic())
        && text[length..].starts_with(|c: char| c.is_ascii_alphabetic());
    (!latin).then_some(length)
}

static UNITS: List = List::new(
    "秒|秒钟|分钟|小时|钟头|刻钟|天|工作日|自然日|周|星期|礼拜|个月|年|日内|分内|s|sec|\
    seconds|second|min|mins|minute|minutes|h|hr|hrs|hour|hours|day|days|business days|\
    working days|week|weeks|month|months",
);

pub(super) fn duration(text: &str, found: &mut dyn FnMut(usize)) {
    let Some(mut end) = numbers(text) else { return };
    end += spaces(&text[end..], 2);
    if let Some(length) = prefix(
        &text[end..],
        &["多个", "来个", "个半", "个", "多", "来", "+"],
    ) {
        // 个月 is a unit of its own.
        if !text[end..].starts_with("个月") {
            end += length;
        }
    }
    let Some(length) = unit(&text[end..], &UNITS) else {
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
        found(end);
        end += '半'.len_utf8();
    } else if let Some(more) = number(&text[end..])
        && let Some(length) = unit(&text[end + more..], &UNITS)
        && !text[end + more..end + more + length].ends_with('内')
    {
        found(end);
        end += more + length;
    }
    found(end);
}

static WEEKS: List = List::new("下下周|下周|本周|这周|上周|周|下星期|星期|下礼拜|礼拜");
static DAYS: List = List::new(
    "今天|今日|今晚|今早|明天|明日|明早|明晚|后天|大后天|昨天|昨晚|前天|当天|当日|次日|\
    隔天|第二天|月底|月初|年底|年前|年后|周末|本周|这周|下周|上周|本月|这个月|下个月|\
    下月|晚点|today|tomorrow|tonight|yesterday|monday|tuesday|wednesday|thursday|friday|\
    saturday|sunday",
);
static PARTS: List =
    List::new("凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜里|午后|下班|上班");
/// What may begin a moment besides a number.
static MOMENTS: List = List::new(
    "下下周|下周|本周|这周|上周|周|下星期|星期|下礼拜|礼拜|今天|今日|今晚|今早|明天|明日|\
    明早|明晚|后天|大后天|昨天|昨晚|前天|当天|当日|次日|隔天|第二天|月底|月初|年底|年前|\
    年后|周末|本月|这个月|下个月|下月|晚点|today|tomorrow|tonight|yesterday|monday|\
    tuesday|wednesday|thursday|friday|saturday|sunday|凌晨|清晨|早上|早晨|上午|中午|\
    下午|傍晚|晚上|晚间|夜里|午后|下班|上班",
);
static AROUND: List = List::new("前|之前|以前|后|之后|以后|左右|内");

pub(super) fn moment(text: &str, found: &mut dyn FnMut(usize)) {
    let number = text
        .chars()
        .next()
        .is_some_and(|c| Signs::of_one(c).may_be_number());
    // Most characters begin no moment.
    if !number && MOMENTS.at(text).next().is_none() {
        return;
    }
    let mut end = 0;
    if let Some(length) = day(text) {
        end += length;
        found(end);
    }
    let gap = spaces(&text[end..], 1);
    if let Some(length) = PARTS.longest_at(&text[end + gap..]) {
        end += gap + length;
        found(end);
    }
    let gap = spaces(&text[end..], 1);
    if let Some(length) = clock(&text[end + gap..]) {
        end += gap + length;
        found(end);
    }
    if end > 0
        && let Some(length) = AROUND.longest_at(&text[end..])
    {
        found(end + length);
    }
}

fn day(text: &str) -> Option<usize> {
    for week in WEEKS.at(text) {
        if let Some(rest) = text.strip_prefix(week)
            && let Some(which) = rest.chars().next().filter(|c| "一二三四五六日天末1234567".contains(*c))
            // 一周一次 is no Monday.
            && !rest[which.len_utf8()..].starts_with(['次', '年', '期'])
        {
            return Some(week.len() + which.len_utf8());
        }
    }
    if let Some(length) = unit(text, &DAYS) {
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
    if bare && AROUND.longest_at(after).is_none() {
        return None;
    }
    Some(end)
}

static MONEY: List =
    List::new("元|元钱|块钱|块|毛|毛钱|角|万元|圆|美元|港币|港元|台币|rmb|大洋|yuan");

pub(super) fn money(text: &str, found: &mut dyn FnMut(usize)) {
    if let Some(sign) = prefix(text, &["¥", "$", "rmb", "nt$", "人民币"]) {
        let gap = spaces(&text[sign..], 1);
        if let Some(length) = numbers(&text[sign + gap..]) {
            found(sign + gap + length);
        }
        return;
    }
    let Some(mut end) = numbers(text) else { return };
    end += spaces(&text[end..], 1);
    let Some(length) = unit(&text[end..], &MONEY) else {
        return;
    };
    end += length;
    found(end);
    // 三块五, 9块9.
    if let Some(more) = number(&text[end..]) {
        found(end + more);
    }
}

static MEASURES: List = List::new(
    "件|个|只|条|双|套|盒|瓶|包|袋|箱|支|片|台|把|张|本|份|斤|公斤|千克|克|kg|g|ml|l|\
    毫升|升|米|厘米|毫米|cm|mm|m|罐|桶|卷|对|组|款|颗|粒|枚|串|寸|码|块|顶|副|根|批|单|\
    pcs",
);

pub(super) fn quantity(text: &str, found: &mut dyn FnMut(usize)) {
    let Some(mut end) = numbers(text) else { return };
    end += spaces(&text[end..], 1);
    if let Some(length) = unit(&text[end..], &MEASURES) {
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
