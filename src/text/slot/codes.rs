//! Numbers that name something: orders, parcels, telephones, and web addresses.

use crate::span::Span;

/// Runs of Latin letters, digits and inner dashes that a test accepts.
pub(super) fn codes(plain: &str, out: &mut Vec<Span>, accept: fn(&str) -> bool) {
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

pub(super) fn is_order(code: &str) -> bool {
    let (letters, digits, dashes) = shape(code);
    match dashes {
        // 240508-123456789012345
        1 => letters == 0 && code.as_bytes().get(6) == Some(&b'-') && digits >= 14,
        0 => (12..=24).contains(&digits) && letters <= 4,
        _ => false,
    }
}

pub(super) fn is_tracking(code: &str) -> bool {
    let (letters, digits, dashes) = shape(code);
    let leading = code.bytes().take_while(u8::is_ascii_alphabetic).count();
    dashes == 0
        && ((letters == 0 && (12..=15).contains(&digits))
            || ((2..=5).contains(&letters) && letters == leading && (8..=18).contains(&digits))
            || (letters == 4 && leading == 2 && digits == 9))
}

pub(super) fn phones(plain: &str, out: &mut Vec<Span>) {
    let bytes = plain.as_bytes();
    for start in 0..bytes.len() {
        if !matches!(bytes[start], b'0' | b'1') {
            continue;
        }
        let code = ["+86 ", "+86-", "+86", "0086", "86-", "86 ", "86"]
            .into_iter()
            .find(|code| plain[..start].ends_with(code))
            .map_or(0, str::len);
        let begin = start - code;
        if begin
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
        if !(mainland || taiwan) || letters_before(&bytes[..begin]) {
            continue;
        }
        out.push(Span::new(if mainland { begin } else { start }, end));
    }
}

/// Whether a number continues a code of letters (`yt139…`); the words that introduce a contact do not.
pub(super) fn letters_before(before: &[u8]) -> bool {
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

pub(super) fn urls(plain: &str, out: &mut Vec<Span>) {
    let address = |c: char| c.is_ascii_graphic() && !matches!(c, ',' | '"' | '<' | '>' | '[' | ']');
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
