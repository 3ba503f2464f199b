//! Personal data in a plain text: numbers with their check digits, mailboxes, plates, contacts, names and
//! addresses; and how each is shown without giving it away.
//!
//! What a reader would get wrong: digits that look like a mobile number are one only as a whole run. A
//! longer run, one that is joined to more digits by a dash, or one introduced as the number of an order or
//! a parcel is something else. Company numbers (eight digits, 統編) are public and not looked for.

use std::borrow::Cow;

use super::codes::letters_before;
use super::people::{addresses, persons};
use crate::sorted;
use crate::span::Span;
use crate::text::Folded;
use crate::text::signs::Signs;

/// No number of a person or a card has fewer digits.
const FEWEST_DIGITS: usize = 8;

/// How far back the beginning of a link is looked for.
const LONGEST_LINK: usize = 300;

/// A sort of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Datum {
    /// A mobile number of the mainland, Taiwan or (with +852) Hong Kong.
    Mobile,
    /// An identity number of the mainland or Taiwan whose check digit is right.
    IdCard,
    /// A card number whose check digit is right.
    BankCard,
    /// A mailbox that is not a public one such as `service@`.
    Email,
    /// A car's plate.
    Plate,
    /// An account named beside 微信, VX and the like.
    WechatId,
    /// A person's name.
    Person,
    /// A place where somebody lives or receives parcels.
    Address,
}

impl Datum {
    /// All, by the words that standards use.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("mobile", Self::Mobile),
        ("id-card", Self::IdCard),
        ("bank-card", Self::BankCard),
        ("email", Self::Email),
        ("plate", Self::Plate),
        ("wechat-id", Self::WechatId),
        ("person", Self::Person),
        ("address", Self::Address),
    ];

    /// All.
    pub const ALL: [Self; 8] = [
        Self::Mobile,
        Self::IdCard,
        Self::BankCard,
        Self::Email,
        Self::Plate,
        Self::WechatId,
        Self::Person,
        Self::Address,
    ];

    /// What a text alone tells beyond doubt, so that any quotation may be masked by it.
    pub const CERTAIN: &'static [Self] = &[Self::Mobile, Self::IdCard, Self::BankCard, Self::Email];

    /// Its name in Chinese and in English.
    pub fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::Mobile => ("手机号", "mobile number"),
            Self::IdCard => ("证件号", "identity number"),
            Self::BankCard => ("银行卡号", "card number"),
            Self::Email => ("邮箱", "mailbox"),
            Self::Plate => ("车牌", "number plate"),
            Self::WechatId => ("微信号", "WeChat id"),
            Self::Person => ("姓名", "name"),
            Self::Address => ("地址", "address"),
        }
    }

    /// A value as a report may show it: 138****5678.
    ///
    /// ```
    /// use zhijian::text::Datum;
    /// assert_eq!(Datum::Mobile.mask("13812345678"), "138****5678");
    /// assert_eq!(Datum::Email.mask("xiaohe@qq.com"), "x***@qq.com");
    /// ```
    pub fn mask(self, value: &str) -> String {
        let count = value.chars().filter(|c| c.is_alphanumeric()).count();
        match self {
            Self::Mobile => keep(value, count.saturating_sub(8), 4),
            Self::IdCard if count < 15 => keep(value, 1, 2),
            Self::IdCard => keep(value, 3, 2),
            Self::BankCard => keep(value, 4, 4),
            Self::Plate => keep(value, 2, 1),
            Self::WechatId => keep(value, 2, 0),
            Self::Person => {
                // With a title there is only a surname, or the given name goes.
                let title = [
                    "先生", "女士", "小姐", "太太", "老师", "师傅", "同学", "阿姨",
                ]
                .into_iter()
                .find(|title| value.ends_with(title))
                .unwrap_or_default();
                keep(&value[..value.len() - title.len()], 1, 0) + title
            }
            Self::Email => {
                let host = value.find(['@', '＠']).unwrap_or(value.len());
                let first = value.chars().next().map_or(0, char::len_utf8).min(host);
                [&value[..first], "***", &value[host..]].concat()
            }
            Self::Address => {
                let first = value
                    .char_indices()
                    .nth(2)
                    .map_or(value.len(), |(at, _)| at);
                let shown = value
                    .rmatch_indices(['市', '区', '縣', '县', '區'])
                    .find(|(at, _)| !value[..*at].ends_with(['小', '社', '园', '園']))
                    .map_or(first, |(at, _)| at + '市'.len_utf8());
                [&value[..shown], "***"].concat()
            }
        }
    }
}

/// Stars for every letter and digit but the first and last few.
fn keep(value: &str, head: usize, tail: usize) -> String {
    let count = value.chars().filter(|c| c.is_alphanumeric()).count();
    let mut seen = 0;
    value
        .chars()
        .map(|character| {
            if !character.is_alphanumeric() {
                return character;
            }
            seen += 1;
            let shown = seen <= head || seen + tail > count;
            if shown { character } else { '*' }
        })
        .collect()
}

/// A part of a message as a report may quote it: every such datum of the message masked, also where
/// the part holds only some of it.
pub fn masked<'t>(text: &'t str, part: Span, wanted: &[Datum]) -> Cow<'t, str> {
    if wanted == Datum::CERTAIN && is_harmless(text) {
        return Cow::Borrowed(part.of(text));
    }
    let folded = Folded::new(text);
    let mut found = Vec::new();
    personal(folded.plain(), wanted, &mut found);
    if found.is_empty() {
        return Cow::Borrowed(part.of(text));
    }
    let mut out = String::new();
    let mut at = part.start;
    for (datum, plain) in found {
        let span = folded.original(plain);
        let (start, end) = (span.start.max(at), span.end.min(part.end));
        if start >= end {
            continue;
        }
        out.push_str(&text[at..start]);
        if (start, end) == (span.start, span.end) {
            out.push_str(&datum.mask(span.of(text)));
        } else {
            out.push_str(&keep(&text[start..end], 0, 0));
        }
        at = end;
    }
    out.push_str(&text[at.min(part.end)..part.end]);
    Cow::Owned(out)
}

/// Whether a text could hold nothing of [`Datum::CERTAIN`] however it is read: what most findings quote.
fn is_harmless(text: &str) -> bool {
    let mut digits = 0;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        at += match byte {
            b'0'..=b'9' => {
                digits += 1;
                1
            }
            b' '..=b'?' | b'A'..=b'~' => 1,
            // Chinese characters.
            0xE5..=0xE9 => 3,
            _ => match text[at..].chars().next().filter(|c| is_mere_word(*c)) {
                Some(c) => c.len_utf8(),
                None => return false,
            },
        };
    }
    digits < FEWEST_DIGITS
}

/// Whether a character is neither a digit nor `@`, nor read as one.
fn is_mere_word(c: char) -> bool {
    matches!(c, '\n' | ' '..='?' | 'A'..='~' | '–' | '‘' | '’' | '“' | '”' | '…' | '−')
        || matches!(
            c,
            '、' | '。' | '！' | '（' | '）' | '，' | '：' | '；' | '？' | '一'..='鿿'
        )
}

/// Finds data of the wanted sorts in a plain text, in order of place and without overlaps.
pub fn personal(plain: &str, wanted: &[Datum], out: &mut Vec<(Datum, Span)>) {
    out.clear();
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    let has_mail = plain.contains('@');
    // Nothing of the kind is written without a digit; most messages end here.
    if digits == 0 && !has_mail && !wanted.contains(&Datum::WechatId) {
        return;
    }
    if has_mail && wanted.contains(&Datum::Email) {
        emails(plain, out);
    }
    if digits >= FEWEST_DIGITS {
        numbers(plain, wanted, out);
    }
    if wanted.contains(&Datum::Plate) && digits > 0 && plain.bytes().any(|b| b.is_ascii_lowercase())
    {
        plates(plain, out);
    }
    if wanted.contains(&Datum::WechatId) {
        contacts(plain, out);
    }
    let mut spans = Vec::new();
    let signs = Signs::of(plain);
    for (datum, find, may) in [
        (
            Datum::Person,
            persons as fn(&str, &mut Vec<Span>),
            signs.may_name_person(),
        ),
        (Datum::Address, addresses, signs.may_hold_address()),
    ] {
        if may && wanted.contains(&datum) {
            find(plain, &mut spans);
            out.extend(spans.drain(..).map(|span| (datum, span)));
        }
    }
    sorted::by_key(out, |(datum, span)| {
        (span.start, std::cmp::Reverse(span.end), *datum)
    });
    let mut end = 0;
    out.retain(|(_, span)| {
        let free = span.start >= end;
        if free {
            end = span.end;
        }
        free
    });
}

/// Groups of digits with single separators between them, tried from the longest joint on.
fn numbers(plain: &str, wanted: &[Datum], out: &mut Vec<(Datum, Span)>) {
    let bytes = plain.as_bytes();
    let mut groups: Vec<Span> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_digit() {
            at += 1;
        }
        let joined = groups.last().is_some_and(|last| {
            last.end + 1 == start && matches!(bytes[last.end], b' ' | b'-' | b'.')
        });
        if !joined {
            in_groups(plain, &groups, wanted, out);
            groups.clear();
        }
        groups.push(Span::new(start, at));
    }
    in_groups(plain, &groups, wanted, out);
}

fn in_groups(plain: &str, groups: &[Span], wanted: &[Datum], out: &mut Vec<(Datum, Span)>) {
    let bytes = plain.as_bytes();
    // A dash or a dot to a group that is not part of it: a code, a date, an extension.
    let tied = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(|byte| matches!(byte, b'-' | b'.'))
    };
    let mut from = 0;
    while from < groups.len() {
        let mut taken = 1;
        for count in (1..=5.min(groups.len() - from)).rev() {
            let run = &groups[from..from + count];
            let mut span = Span::new(run[0].start, run[count - 1].end);
            let loose = (from == 0 || !tied(span.start.checked_sub(1)))
                && (from + count == groups.len() || !tied(Some(span.end)));
            if !loose {
                continue;
            }
            let Some(datum) = number(bytes, run, &mut span) else {
                continue;
            };
            taken = count;
            let code = is_code(plain, span.start);
            if wanted.contains(&datum) && !code && !is_price(plain, span) {
                out.push((datum, span));
            }
            break;
        }
        from += taken;
    }
}

/// What a run of groups is, if anything; widens the span by what belongs to it.
fn number(bytes: &[u8], run: &[Span], span: &mut Span) -> Option<Datum> {
    let mut digits = [0_u8; 24];
    let mut count = 0;
    for group in run {
        for byte in &bytes[group.start..group.end] {
            *digits.get_mut(count)? = byte - b'0';
            count += 1;
        }
    }
    let digits = &digits[..count];
    let after = bytes.get(span.end).copied().unwrap_or(b' ');
    let before = span.start.checked_sub(1).map_or(b' ', |at| bytes[at]);
    if after == b'x' && count == 17 {
        let next = bytes.get(span.end + 1).copied().unwrap_or(b' ');
        span.end += 1;
        return (!next.is_ascii_alphanumeric() && is_id(digits, 10)).then_some(Datum::IdCard);
    }
    if after.is_ascii_alphabetic() || after == b'@' || before == b'@' {
        return None;
    }
    if before.is_ascii_lowercase() {
        let letter = span.start - 1;
        let alone = letter == 0 || !bytes[letter - 1].is_ascii_alphanumeric();
        if alone && run.len() == 1 && is_taiwan_id(before, digits) {
            span.start = letter;
            return Some(Datum::IdCard);
        }
        if letters_before(&bytes[..span.start]) {
            return None;
        }
    }
    let plus = before == b'+';
    if is_mobile(digits, run, plus) {
        span.start -= usize::from(plus);
        return Some(Datum::Mobile);
    }
    let lengths = |wanted: &[usize]| {
        run.len() == wanted.len() && run.iter().zip(wanted).all(|(g, n)| g.len() == *n)
    };
    if count == 18
        && (run.len() == 1 || lengths(&[6, 8, 4]))
        && is_id(&digits[..17], usize::from(digits[17]))
    {
        return Some(Datum::IdCard);
    }
    let fours = run[..run.len() - 1].iter().all(|group| group.len() == 4);
    (fours && is_card(digits)).then_some(Datum::BankCard)
}

fn is_mobile(digits: &[u8], run: &[Span], plus: bool) -> bool {
    let (prefixed, national) = match digits {
        [0, 0, rest @ ..] => (true, rest),
        _ => (plus, digits),
    };
    let mainland = |d: &[u8]| matches!(d, [1, 3..=9, ..]) && d.len() == 11;
    match national {
        d if mainland(d) && !prefixed => run.len() <= 3 && run[0].len() >= 3,
        [8, 6, rest @ ..] if mainland(rest) => run.len() <= 4,
        [0, 9, ..] => national.len() == 10 && run.len() <= 3,
        [8, 8, 6, 9, ..] => prefixed && national.len() == 12,
        // Taiwan in full: 00 is the prefix, or the zero of the area.
        [8, 5, 2, 4..=9, ..] => prefixed && national.len() == 11,
        _ => false,
    }
}

/// Seventeen digits and the value of the check character, of which `x` is ten.
fn is_id(digits: &[u8], check: usize) -> bool {
    const WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let value = |from: usize, to: usize| {
        digits[from..to]
            .iter()
            .fold(0_usize, |sum, digit| sum * 10 + usize::from(*digit))
    };
    let sum: usize = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| usize::from(*digit) * weight)
        .sum();
    let days = match value(10, 12) {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (11..=83).contains(&value(0, 2))
        && (1900..=2100).contains(&value(6, 10))
        && (1..=days).contains(&value(12, 14))
        && (12 - sum % 11) % 11 == check
}

fn is_taiwan_id(letter: u8, digits: &[u8]) -> bool {
    // The codes of the letters a to z.
    const CODES: [u8; 26] = [
        10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32,
        30, 31, 33,
    ];
    let code = usize::from(CODES[usize::from(letter - b'a') % 26]);
    let weights = [8, 7, 6, 5, 4, 3, 2, 1, 1];
    let sum: usize = digits
        .iter()
        .zip(weights)
        .map(|(digit, weight)| usize::from(*digit) * weight)
        .sum();
    digits.len() == 9
        && matches!(digits[0], 1 | 2 | 8 | 9)
        && (code / 10 + code % 10 * 9 + sum).is_multiple_of(10)
}

/// Sixteen to nineteen digits of an issuer whose cards have that many, with Luhn's check digit.
fn is_card(digits: &[u8]) -> bool {
    let issued = match digits {
        [6, 2, ..] => (16..=19).contains(&digits.len()),
        [9, 5, 5, 8, ..] => digits.len() == 19,
        [4, ..] | [5, 1..=5, ..] | [3, 5, ..] => digits.len() == 16,
        _ => false,
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match u32::from(*digit) {
            digit if place % 2 == 0 => digit,
            digit if digit > 4 => digit * 2 - 9,
            digit => digit * 2,
        })
        .sum();
    issued && sum.is_multiple_of(10)
}

/// Whether a number is a sum of money: 价格13812345678元.
fn is_price(plain: &str, span: Span) -> bool {
    let before = plain[..span.start].trim_end_matches([' ', ':', '：', '是', '为']);
    let after = plain[span.end..].trim_start();
    ["价格", "单价", "总价", "价钱", "售价", "金额", "¥", "￥"]
        .iter()
        .any(|word| before.ends_with(word))
        || ["元", "块钱", "圆", "rmb"]
            .iter()
            .any(|unit| after.starts_with(unit))
        || (after.starts_with('块') && !after.starts_with("块链"))
}

/// Whether the words before a number introduce it as that of an order, a parcel or a thing, or it is part
/// of a link (`?id=13…`) that does not call it a telephone.
fn is_code(plain: &str, start: usize) -> bool {
    let link = plain.as_bytes()[..start].iter().rev().take(LONGEST_LINK);
    let length = link
        .take_while(|byte| byte.is_ascii_graphic() && **byte != b',')
        .count();
    let link = &plain[start - length..start];
    if ["://", "www."].iter().any(|mark| link.contains(mark)) {
        return !["phone", "tel", "mobile", "wa.me"]
            .iter()
            .any(|call| link.contains(call));
    }
    const CODES: &[&str] = &[
        "单号",
        "订单",
        "运单",
        "物流",
        "快递",
        "编号",
        "流水",
        "货号",
        "型号",
        "款号",
        "工单",
        "票号",
        "发票",
        "税号",
        "统编",
        "条码",
        "批次",
        "序列",
        "追踪",
        "包裹",
        "券码",
        "取件码",
        "提货码",
        "核销码",
        "房间号",
        "商品id",
        "宝贝id",
        "产品id",
        "货品id",
        "sku",
        "spu",
        "s/n",
        "sn:",
        "order",
        "tracking",
        "no.",
    ];
    const OTHERS: &[&str] = &[
        "电话",
        "手机",
        "联系",
        "收件",
        "收货",
        "客户",
        "买家",
        "顾客",
        "先生",
        "女士",
        "小姐",
        "身份",
        "证件",
        "银行",
        "卡号",
        "微信",
        "phone",
        "tel",
        "mobile",
        "快递员",
        "小哥",
    ];
    let mut from = start.saturating_sub(36);
    while !plain.is_char_boundary(from) {
        from += 1;
    }
    let window = &plain[from..start];
    let clause = window
        .rfind(['\n', '。', ';', '；', '!', '！', '?', '？', ',', '，'])
        .map_or(window, |at| &window[at..]);
    let last = |words: &[&str]| words.iter().filter_map(|word| clause.rfind(word)).max();
    match (last(CODES), last(OTHERS)) {
        (Some(code), Some(other)) => code > other,
        (code, _) => code.is_some(),
    }
}

fn emails(plain: &str, out: &mut Vec<(Datum, Span)>) {
    const PUBLIC: &[&str] = &[
        "service", "services", "support", "kefu", "cs", "info", "help", "sales", "contact",
        "admin", "shouhou", "noreply", "no-reply",
    ];
    let bytes = plain.as_bytes();
    for (at, _) in plain.match_indices('@') {
        let local =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
        let start = at - bytes[..at].iter().rev().take_while(|b| local(b)).count();
        let host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        let mut end = at + 1 + bytes[at + 1..].iter().take_while(|b| host(b)).count();
        while end > at + 1 && !bytes[end - 1].is_ascii_alphanumeric() {
            end -= 1;
        }
        let domain = &plain[at + 1..end];
        let top = domain.rsplit_once('.').is_some_and(|(name, top)| {
            !name.is_empty() && top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic())
        });
        if start < at && top && !PUBLIC.contains(&&plain[start..at]) {
            out.push((Datum::Email, Span::new(start, end)));
        }
    }
}

fn plates(plain: &str, out: &mut Vec<(Datum, Span)>) {
    const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    for (at, province) in plain.char_indices().filter(|(_, c)| PROVINCES.contains(*c)) {
        let rest = &plain[at + province.len_utf8()..];
        let bytes = rest.as_bytes();
        if !bytes
            .first()
            .is_some_and(|b| b.is_ascii_lowercase() && *b != b'i')
        {
            continue;
        }
        let gap = ["·", "•", "-", " "]
            .into_iter()
            .find(|gap| rest[1..].starts_with(gap))
            .map_or(0, str::len);
        let run = bytes[1 + gap..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric())
            .count();
        let code = &rest[1 + gap..1 + gap + run];
        let digits = code.bytes().filter(u8::is_ascii_digit).count();
        // 最新A12345 is a model.
        let new = province == '新' && !plain[..at].ends_with(['车', '牌', '是', ':']);
        if (5..=6).contains(&run) && digits >= 3 && !code.contains(['i', 'o']) && !new {
            out.push((
                Datum::Plate,
                Span::new(at, at + province.len_utf8() + 1 + gap + run),
            ));
        }
    }
}

/// Accounts right behind a word for WeChat.
fn contacts(plain: &str, out: &mut Vec<(Datum, Span)>) {
    if !plain.contains(['信', 'v', 'w']) {
        return;
    }
    for word in [
        "微信", "薇信", "威信", "v信", "vx", "wx", "weixin", "wechat",
    ] {
        for (at, _) in plain.match_indices(word) {
            let rest = &plain[at + word.len()..];
            let cue = rest
                .find(|c: char| !matches!(c, '号' | '是' | ':' | '：' | ' ' | '我' | '加'))
                .unwrap_or(rest.len());
            let stated = rest[..cue].contains(['号', '是', ':', '：']);
            let id = &rest[cue..];
            let length = id
                .bytes()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
                .count();
            let marked = id[..length]
                .bytes()
                .any(|b| b.is_ascii_digit() || b == b'_');
            if (6..=20).contains(&length) && (marked || stated) && cue <= 12 {
                let start = at + word.len() + cue;
                out.push((Datum::WechatId, Span::new(start, start + length)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Datum, is_harmless, is_mere_word, masked, personal};
    use crate::span::Span;
    use crate::text::Folded;

    fn found(text: &str) -> Vec<(Datum, String)> {
        let all: Vec<Datum> = Datum::WORDS.iter().map(|(_, datum)| *datum).collect();
        let folded = Folded::new(text);
        let mut out = Vec::new();
        personal(folded.plain(), &all, &mut out);
        out.into_iter()
            .map(|(datum, span)| (datum, folded.original(span).of(text).to_owned()))
            .collect()
    }

    fn only(text: &str, datum: Datum, value: &str) {
        assert_eq!(found(text), [(datum, value.to_owned())], "{text}");
    }

    #[test]
    fn mobile_numbers_in_every_dress() {
        for (text, value) in [
            ("打13812345678", "13812345678"),
            ("138 1234 5678找他", "138 1234 5678"),
            ("138-1234-5678", "138-1234-5678"),
            ("电话：＋86 138 1234 5678", "＋86 138 1234 5678"),
            ("0086-13812345678", "0086-13812345678"),
            ("１３８１２３４５６７８", "１３８１２３４５６７８"),
            ("他的手機0912-345-678", "0912-345-678"),
            ("+886 912 345 678", "+886 912 345 678"),
            ("+852 9123 4567", "+852 9123 4567"),
            ("vx13812345678", "13812345678"),
            ("订单的收件人电话13812345678", "13812345678"),
            ("日期2024-05-06 13812345678", "13812345678"),
        ] {
            only(text, Datum::Mobile, value);
        }
    }

    #[test]
    fn what_only_looks_like_a_mobile_number() {
        for text in [
            "单号13812345678",
            "价格13812345678元",
            "13812345678元",
            "13812345678块",
            "总价：13812345678",
            "¥13812345678",
            "订单编号：13812345678",
            "运单號 13812345678",
            "138123456789",
            "YT13812345678",
            "13812345678-8001",
            "240508-13812345678",
            "400-800-1234",
            "12315",
            "0571-88889999",
            "138****0000",
            "尾号6021",
            "統編 12345675",
            "91234567",
            "型号A13812345678B",
            "价格138.12",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn identity_and_card_numbers_are_checked() {
        only(
            "身份证11010519491231002X",
            Datum::IdCard,
            "11010519491231002X",
        );
        only("440524198001010013", Datum::IdCard, "440524198001010013");
        only("身分證A123456789", Datum::IdCard, "A123456789");
        only(
            "卡号6222021234567890128",
            Datum::BankCard,
            "6222021234567890128",
        );
        only(
            "4111 1111 1111 1111",
            Datum::BankCard,
            "4111 1111 1111 1111",
        );
        for text in [
            "110105194912310021",
            "110105194913310020",
            "A123456788",
            "6222021234567890123",
            "订单4111111111111111",
            "9111111111111111",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn mailboxes_plates_and_contacts() {
        only("写到xiao.he@qq.com。", Datum::Email, "xiao.he@qq.com");
        only("13812345678@163.com", Datum::Email, "13812345678@163.com");
        only("车牌粤B·12345", Datum::Plate, "粤B·12345");
        only("沪AD12345在楼下", Datum::Plate, "沪AD12345");
        only("他微信号：zhang_san88", Datum::WechatId, "zhang_san88");
        only("vx zhang2024", Datum::WechatId, "zhang2024");
        for text in [
            "service@xiaohe.com",
            "@小禾",
            "最新A12345",
            "微信支付",
            "微信小程序wxpay",
            "苏A",
            "川味123",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn masks() {
        for (datum, value, shown) in [
            (Datum::Mobile, "13812345678", "138****5678"),
            (Datum::Mobile, "+86 138 1234 5678", "+86 138 **** 5678"),
            (Datum::Mobile, "0912-345-678", "09**-**5-678"),
            (Datum::IdCard, "11010519491231002X", "110*************2X"),
            (Datum::IdCard, "A123456789", "A*******89"),
            (
                Datum::BankCard,
                "4111 1111 1111 1111",
                "4111 **** **** 1111",
            ),
            (Datum::Plate, "粤B·12345", "粤B·****5"),
            (Datum::WechatId, "zhang88", "zh*****"),
            (Datum::Person, "张小丽", "张**"),
            (Datum::Person, "李先生", "李先生"),
            (Datum::Address, "杭州市西湖区文三路12号", "杭州市西湖区***"),
            (Datum::Address, "文三路12号", "文三***"),
        ] {
            assert_eq!(datum.mask(value), shown);
        }
    }

    #[test]
    fn a_quotation_is_masked_even_where_it_holds_half_of_it() {
        let text = "加我微信１３８１２３４５６７８吧";
        let whole = Span::new(0, text.len());
        assert_eq!(
            masked(text, whole, Datum::CERTAIN),
            "加我微信１３８****５６７８吧"
        );
        let end = "加我微信１３８１２３".len();
        assert_eq!(
            masked(text, Span::new(0, end), Datum::CERTAIN),
            "加我微信******"
        );
        assert_eq!(masked("好的", Span::new(0, 6), Datum::CERTAIN), "好的");
    }

    #[test]
    fn what_is_harmless_is_read_as_neither_digit_nor_at() {
        let mut text = String::new();
        for c in (0..0x11_0000).filter_map(char::from_u32) {
            if is_mere_word(c) && !c.is_ascii_digit() {
                text.push(c);
                assert!(is_harmless(c.encode_utf8(&mut [0; 4])), "{c}");
            }
        }
        let folded = Folded::new(&text);
        let odd = folded
            .plain()
            .find(|c: char| c.is_ascii_digit() || c == '@');
        assert_eq!(odd, None);
        assert!(is_harmless("等了 98 秒，超过 60 秒") && !is_harmless("13812345678"));
        assert!(!is_harmless("a@b.cn") && !is_harmless("１３８") && !is_harmless("①"));
    }
}
