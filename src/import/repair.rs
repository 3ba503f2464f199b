//! Mends JSON that is broken in ways exports are known for: half of a surrogate pair, raw control
//! characters in strings, `NaN`. Also finds where a value ends without understanding it.
//!
//! The thing to get right: one lost character must not cost a file, and a number that a float cannot
//! hold (an order number, an id) must not change; [`Repair::exact`] keeps such numbers as text.

/// Mended JSON.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repaired {
    pub(crate) text: String,
    /// Halves of surrogate pairs that became U+FFFD.
    pub(crate) lone: usize,
    /// Where the first of them is, in bytes of the original.
    pub(crate) first: usize,
}

/// Mends `raw`; with `exact`, numbers that are no plain integers of at most 18 digits become strings.
pub(crate) fn repair(raw: &str, exact: bool) -> Repaired {
    let mut out = Repaired {
        text: String::with_capacity(raw.len() + 16),
        lone: 0,
        first: 0,
    };
    let bytes = raw.as_bytes();
    let mut at = 0;
    let mut copied = 0;
    let mut in_string = false;
    while at < bytes.len() {
        let byte = bytes[at];
        if in_string {
            match byte {
                b'"' => {
                    in_string = false;
                    at += 1;
                }
                b'\\' if bytes.get(at + 1) == Some(&b'u') => match unit(bytes, at) {
                    Some(0xd800..=0xdbff)
                        if matches!(unit(bytes, at + 6), Some(0xdc00..=0xdfff)) =>
                    {
                        at += 12;
                    }
                    Some(0xd800..=0xdfff) => {
                        out.text.push_str(&raw[copied..at]);
                        out.text.push_str("\\ufffd");
                        if out.lone == 0 {
                            out.first = at;
                        }
                        out.lone += 1;
                        at += 6;
                        copied = at;
                    }
                    _ => at += 2,
                },
                b'\\' => at += 2,
                0..32 => {
                    out.text.push_str(&raw[copied..at]);
                    out.text.push_str(&format!("\\u{byte:04x}"));
                    at += 1;
                    copied = at;
                }
                _ => at += 1,
            }
            continue;
        }
        match byte {
            b'"' => {
                in_string = true;
                at += 1;
            }
            b'N' if raw[at..].starts_with("NaN") => {
                out.text.push_str(&raw[copied..at]);
                out.text.push_str("null");
                at += 3;
                copied = at;
            }
            b'-' | b'0'..=b'9' => {
                let width = bytes[at..]
                    .iter()
                    .take_while(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
                    .count();
                let number = &raw[at..at + width];
                if exact && (number.len() > 18 || number.contains(['.', 'e', 'E'])) {
                    out.text.push_str(&raw[copied..at]);
                    out.text.push('"');
                    out.text.push_str(number);
                    out.text.push('"');
                    copied = at + width;
                }
                at += width;
            }
            _ => at += 1,
        }
    }
    out.text.push_str(&raw[copied.min(raw.len())..]);
    out
}

/// Where the object or array that begins at `start` ends; `None` when the text ends first. A bracket that
/// closes what is further out closes all within; one that closes nothing ends the value, and is taken in.
pub(crate) fn extent(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0usize;
    // The kinds of those that are open, as far as there are bits: the last lowest.
    let mut kinds = 0u128;
    let mut found = None;
    walk(text, start, |at, byte| match byte {
        b'{' | b'[' => {
            depth += 1;
            if depth <= 128 {
                kinds = kinds << 1 | u128::from(byte == b'[');
            }
            true
        }
        b'}' | b']' => {
            let kind = u128::from(byte == b']');
            // What is deeper than there are bits is not looked at.
            while depth > 1 && depth <= 128 && kinds & 1 != kind {
                depth -= 1;
                kinds >>= 1;
            }
            if depth <= 128 {
                kinds >>= 1;
            }
            depth = depth.saturating_sub(1);
            if depth == 0 {
                found = Some(at + 1);
            }
            depth > 0
        }
        _ => true,
    });
    found
}

/// Calls `visit` with every byte outside strings, and with the quote that opens each string.
fn walk(text: &str, start: usize, mut visit: impl FnMut(usize, u8) -> bool) {
    let bytes = text.as_bytes();
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        if !visit(at, byte) {
            return;
        }
        at += 1;
        if byte == b'"' {
            loop {
                match bytes.get(at) {
                    None => return,
                    Some(b'\\') => at += 2,
                    Some(b'"') => {
                        at += 1;
                        break;
                    }
                    Some(_) => at += 1,
                }
            }
        }
    }
}

/// The unit of `\uXXXX` at `at`.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let escape = bytes.get(at..at + 6)?;
    if !escape.starts_with(b"\\u") || !escape[2..].iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(&escape[2..]).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::{extent, repair};

    #[test]
    fn half_a_pair_loses_one_character() {
        let mended = repair(
            r#"{"a":"x\ud83dy","b":"\ud83d\ude00","c":"\ude00","\\ud83d":1}"#,
            false,
        );
        assert_eq!(
            mended.text,
            r#"{"a":"x\ufffdy","b":"\ud83d\ude00","c":"\ufffd","\\ud83d":1}"#
        );
        assert_eq!((mended.lone, mended.first), (2, 7));
        assert_eq!(
            repair(r#"["\ud83d\ud83d\ude00"]"#, false).text,
            r#"["\ufffd\ud83d\ude00"]"#
        );
    }

    #[test]
    fn controls_and_nan() {
        assert_eq!(
            repair("{\"a\":\"x\ty\",\"b\":NaN}\t", false).text,
            "{\"a\":\"x\\u0009y\",\"b\":null}\t"
        );
    }

    #[test]
    fn long_numbers_become_text_only_when_asked() {
        let raw = r#"[123456789012345678,1234567890123456789012,1.0,"1.5",-2]"#;
        assert_eq!(repair(raw, false).text, raw);
        assert_eq!(
            repair(raw, true).text,
            r#"[123456789012345678,"1234567890123456789012","1.0","1.5",-2]"#
        );
    }

    #[test]
    fn extents() {
        let text = r#"[{"a":"]}\""},{"b":[1]}]"#;
        assert_eq!(extent(text, 1), Some(13));
        assert_eq!(extent(text, 0), Some(text.len()));
        assert_eq!(extent(r#"{"a":"#, 0), None);
        assert_eq!(extent(r#"{"a\"#, 0), None);
    }

    #[test]
    fn nothing_breaks_on_fragments() {
        for text in [
            "\"\\",
            "\"\\u",
            "\"\\ud83d",
            "{\"a\":\"\\ud83d\\u",
            "-",
            "[[[",
            "\\",
            "é\"\\é",
        ] {
            let _ = (repair(text, true), extent(text, 0));
        }
    }
}
