//! JSON by hand, for the lines of a report: the bytes that serde_json would write.
//!
//! The thing to get right: exactly those bytes. Whoever writes a value here has a test that serialises
//! the same value with serde and compares.

use crate::diagnostic::Bilingual;

use super::Measured;

/// A string with its quotes.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(at) = special(bytes, start) {
        out.extend_from_slice(&bytes[start..at]);
        start = at + 1;
        let byte = bytes[at];
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0c => b'f',
            _ => {
                out.extend_from_slice(b"\\u00");
                for digit in [byte >> 4, byte & 15] {
                    out.push(if digit < 10 { b'0' } else { b'a' - 10 } + digit);
                }
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', short]);
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}

/// The first quote, backslash or control character from `at` on: what cannot stand in a string.
pub(crate) fn special(bytes: &[u8], at: usize) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
    const SLASHES: u64 = u64::from_le_bytes([b'\\'; 8]);
    const SPACES: u64 = u64::from_le_bytes([b' '; 8]);
    // Sets the high bit of bytes that are zero, and maybe of some above the lowest of them.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let (eights, rest) = bytes.get(at..)?.as_chunks::<8>();
    for (index, eight) in eights.iter().enumerate() {
        let word = u64::from_le_bytes(*eight);
        let found =
            (zeros(word ^ QUOTES) | zeros(word ^ SLASHES) | word.wrapping_sub(SPACES) & !word)
                & HIGH;
        if found != 0 {
            return Some(at + index * 8 + (found.trailing_zeros() / 8) as usize);
        }
    }
    let found = rest
        .iter()
        .position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\');
    found.map(|offset| at + eights.len() * 8 + offset)
}

/// A whole number.
pub(crate) fn integer(out: &mut Vec<u8>, mut value: u64) {
    if value < 10 {
        out.push(b'0' + value as u8);
        return;
    }
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// An index or a count.
pub(crate) fn count(out: &mut Vec<u8>, value: usize) {
    integer(out, value as u64);
}

/// A number. Those of a report have three decimals at most, and then the shortest digits that give the
/// number back are those three without their zeros.
pub(crate) fn number(out: &mut Vec<u8>, value: f64) {
    let whole = value as u32;
    if f64::from(whole) == value && value.is_sign_positive() {
        integer(out, u64::from(whole));
        out.extend_from_slice(b".0");
        return;
    }
    let thousandths = value * 1000.0;
    if (0.0..1e12).contains(&thousandths) && !value.is_sign_negative() {
        let whole = thousandths.round();
        if whole / 1000.0 == value {
            let whole = whole as u64;
            integer(out, whole / 1000);
            let rest = whole % 1000;
            let digits = [rest / 100, rest / 10 % 10, rest % 10].map(|digit| b'0' + digit as u8);
            let length = match rest {
                _ if rest.is_multiple_of(100) => 1,
                _ if rest.is_multiple_of(10) => 2,
                _ => 3,
            };
            out.push(b'.');
            out.extend_from_slice(&digits[..length]);
            return;
        }
    }
    // Writing to memory cannot fail; what is not finite becomes null.
    serde_json::to_writer(out, &value).expect("a number becomes JSON");
}

/// A list.
pub(crate) fn list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// Words in both languages.
pub(crate) fn bilingual(out: &mut Vec<u8>, words: &Bilingual) {
    out.extend_from_slice(b"{\"zh\":");
    string(out, &words.zh);
    out.extend_from_slice(b",\"en\":");
    string(out, &words.en);
    out.push(b'}');
}

/// What was measured.
pub(crate) fn measured(out: &mut Vec<u8>, measured: &Measured) {
    let start = out.len();
    let mut seconds = |key: &[u8], value: Option<f64>| {
        if let Some(value) = value {
            out.extend_from_slice(key);
            number(out, value);
        }
    };
    seconds(b",\"seconds\":", measured.seconds);
    seconds(b",\"limit\":", measured.limit);
    seconds(b",\"from_first\":", measured.from_first);
    seconds(b",\"from_last\":", measured.from_last);
    if let Some(value) = measured.count {
        out.extend_from_slice(b",\"count\":");
        count(out, value);
    }
    if let Some(value) = measured.required {
        out.extend_from_slice(b",\"required\":");
        count(out, value);
    }
    // The first comma is the brace.
    match out.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::{bilingual, measured, number, special, string};
    use crate::diagnostic::Bilingual;
    use crate::report::{Measured, round3};

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_first_special_byte_wherever_it_stands() {
        let plain = "什么时候发货abc，👍好的好的";
        for at in 0..plain.len() {
            for byte in [b'"', b'\\', 0, 0x1f] {
                let mut bytes = plain.as_bytes().to_vec();
                bytes[at] = byte;
                assert_eq!(special(&bytes, 0), Some(at), "{byte:#x}");
                assert_eq!(special(&bytes, at + 1), None, "{byte:#x}");
            }
        }
        assert_eq!(special(b"", 0), None);
        assert_eq!(special(b"a", 3), None);
    }

    #[test]
    fn strings_are_serdes() {
        let every: String = (0..0x300).filter_map(char::from_u32).collect();
        for text in ["", "滚\"\\\u{2028}👍", "\u{0}\u{1f}\u{7f}", &every] {
            let expected = serde_json::to_string(text).expect("JSON");
            assert_eq!(written(|out| string(out, text)), expected);
        }
        let words = Bilingual::new("因\n", "why");
        let expected = serde_json::to_string(&words).expect("JSON");
        assert_eq!(written(|out| bilingual(out, &words)), expected);
    }

    #[test]
    fn numbers_are_serdes() {
        let mut state = 20_260_301_u64;

        let mut values = vec![
            0.0,
            -0.0,
            5.0,
            0.001,
            0.1,
            84.211,
            99.999,
            1e9,
            123_456_789.125,
            -3.5,
            1e15,
            1e16,
            1e21,
            1e-7,
            0.0005,
            f64::MAX,
            f64::NAN,
            f64::INFINITY,
        ];
        for _ in 0..20_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let value = (state >> 11) as f64 / (1_u64 << 33) as f64;
            values.extend([value, round3(value), round3(value / 1000.0), value * 1e6]);
        }
        for value in values {
            let expected = serde_json::to_string(&value).expect("JSON");
            assert_eq!(
                written(|out| number(out, value)),
                expected,
                "{value:?}, seed 20260301"
            );
        }
    }

    #[test]
    fn every_choice_of_what_was_measured() {
        for bits in 0..64 {
            let has = |bit: u32| bits >> bit & 1 == 1;
            let value = Measured {
                seconds: has(0).then_some(1.5),
                limit: has(1).then_some(60.0),
                from_first: has(2).then_some(0.0),
                from_last: has(3).then_some(7.125),
                count: has(4).then_some(0),
                required: has(5).then_some(12),
            };
            let expected = serde_json::to_string(&value).expect("JSON");
            assert_eq!(written(|out| measured(out, &value)), expected);
        }
    }
}
