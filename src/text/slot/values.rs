//! Money and amounts: small hand-written parsers, each tried where a value may begin.
//!
//! A parser gets the text from there on, and calls back with the length of every reading it finds.

use crate::span::Span;

/// Tries a parser at every character that may begin a value.
pub(super) fn scan(plain: &str, out: &mut Vec<Span>, parse: fn(&str, &mut dyn FnMut(usize))) {
    each(plain, &mut |at| {
        let mut reach = at;
        parse(&plain[at..], &mut |length| {
            reach = reach.max(at + length);
            out.push(Span::new(at, at + length));
        });
        reach
    });
}

/// Visits every place where a value may begin: not in the middle of a number or a Latin word, and not
/// inside the value before, whose end the visitor gives back.
pub(super) fn each(plain: &str, visit: &mut dyn FnMut(usize) -> usize) {
    let mut before: Option<char> = None;
    let mut in_number = false;
    let mut reach = 0;
    for (at, character) in plain.char_indices() {
        let numeral = is_numeral(character);
        let middle = at < reach
            || (numeral && in_number)
            || (character.is_ascii_alphabetic()
                && before.is_some_and(|c| c.is_ascii_alphanumeric()));
        if !middle {
            reach = reach.max(visit(at));
        }
        in_number = numeral
            || (in_number
                && matches!(character, '.' | ',')
                && plain[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
        before = Some(character);
    }
}

/// Chinese characters of which numbers are made.
pub(in crate::text) const NUMERALS: &str = "零〇一二两三四五六七八九十廿卅百千万半几";

fn is_numeral(character: char) -> bool {
    // As in the list above, but not searched for.
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
            | '廿'
            | '卅'
            | '百'
            | '千'
            | '万'
            | '半'
            | '几'
    )
}

/// Whether a number may begin with a character.
pub(super) fn begins_number(character: char) -> bool {
    is_numeral(character) || matches!(character, '[' | '*' | 'x')
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

pub(super) fn prefix(text: &str, list: &[&str]) -> Option<usize> {
    list.iter()
        .filter(|word| begins(text, word))
        .map(|word| word.len())
        .max()
}

/// [`str::starts_with`] for words of which hardly any is there: their last bytes differ most.
#[inline]
pub(super) fn begins(text: &str, word: &str) -> bool {
    match word.len().checked_sub(1) {
        Some(last) => {
            text.as_bytes().get(last) == word.as_bytes().get(last) && text.starts_with(word)
        }
        None => true,
    }
}

/// How many of at most `most` leading bytes are spaces.
pub(super) fn spaces(text: &str, most: usize) -> usize {
    text.bytes()
        .take(most)
        .take_while(|&byte| byte == b' ')
        .count()
}

/// A unit that ends where it stands, not in the middle of a Latin word.
fn unit(text: &str, list: &[&str]) -> Option<usize> {
    let length = prefix(text, list)?;
    let latin = text[..length].ends_with(|c: char| c.is_ascii_alphabetic())
        && text[length..].starts_with(|c: char| c.is_ascii_alphabetic());
    (!latin).then_some(length)
}

pub(super) fn money(text: &str, found: &mut dyn FnMut(usize)) {
    let begins = |c: char| begins_number(c) || matches!(c, '¥' | '$' | 'r' | 'n' | '人');
    if !text.starts_with(begins) {
        return;
    }
    if let Some(sign) = prefix(text, &["¥", "$", "rmb", "nt$", "人民币"]) {
        let gap = spaces(&text[sign..], 1);
        if let Some(length) = numbers(&text[sign + gap..]) {
            found(sign + gap + length);
        }
        return;
    }
    let Some(mut end) = numbers(text) else { return };
    end += spaces(&text[end..], 1);
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

pub(super) fn quantity(text: &str, found: &mut dyn FnMut(usize)) {
    let Some(mut end) = numbers(text) else { return };
    end += spaces(&text[end..], 1);
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
