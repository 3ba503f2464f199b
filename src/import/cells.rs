//! Records of a table as text: cells between delimiters, with quotes around what holds delimiters,
//! quotes or lines.
//!
//! The thing to get right: a quote that is never closed would take the rest of a file for one cell, so a
//! cell ends after [`LINES`] lines whatever follows, and the record says so; what to make of it is for
//! [`super::csv`].

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;

/// Lines that a quoted cell may have.
const LINES: u32 = 4096;

/// Cells of a record, of which the last takes all that is left; a sheet of Excel has no more columns.
const COLUMNS: usize = 1 << 14;

/// What the quotes of a record say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    Sound,
    /// A quote is open at the end.
    Open,
    /// A quote closes where its cell goes on.
    Stray,
}

/// Where a record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Where the next one begins.
    pub(crate) next: usize,
    /// The line ends it passes.
    pub(crate) lines: u32,
    /// Those of them that stand between quotes.
    pub(crate) inner: u32,
    pub(crate) quotes: Quotes,
}

/// Cuts the record that begins at `start` into cells.
pub(crate) fn cut<'t>(
    text: &'t str,
    start: usize,
    delimiter: u8,
    quoting: bool,
    cells: &mut Vec<Cow<'t, str>>,
) -> Cut {
    let bytes = text.as_bytes();
    let plain_end = |at: usize, parts: bool| {
        let ends = |byte: &u8| *byte == delimiter && parts || *byte == b'\n' || *byte == b'\r';
        bytes[at..]
            .iter()
            .position(ends)
            .map_or(bytes.len(), |n| at + n)
    };
    cells.clear();
    let mut cut = Cut {
        next: start,
        lines: 0,
        inner: 0,
        quotes: Quotes::Sound,
    };
    loop {
        let mut cell = Cow::Borrowed("");
        let mut from = cut.next;
        if quoting && bytes.get(from) == Some(&b'"') {
            from += 1;
            let mut at = from;
            loop {
                let byte = bytes.get(at).copied();
                if byte.is_none() || cut.inner > LINES {
                    cell += &text[from..at];
                    cells.push(cell);
                    cut.next = at;
                    cut.lines = cut.inner;
                    cut.quotes = Quotes::Open;
                    return cut;
                }
                at += 1;
                let next = bytes.get(at).copied();
                match byte {
                    Some(b'\n') => cut.inner += 1,
                    Some(b'\r') if next != Some(b'\n') => cut.inner += 1,
                    Some(b'"') if next == Some(b'"') => {
                        cell += &text[from..at];
                        at += 1;
                        from = at;
                    }
                    Some(b'"') => {
                        cell += &text[from..at - 1];
                        from = at;
                        break;
                    }
                    _ => {}
                }
            }
            if plain_end(from, true) > from {
                cut.quotes = Quotes::Stray;
            }
        }
        let end = plain_end(from, cells.len() + 1 < COLUMNS);
        cell += &text[from..end];
        cells.push(cell);
        match bytes.get(end) {
            Some(byte) if *byte == delimiter => cut.next = end + 1,
            None => cut.next = end,
            Some(_) => {
                cut.next = end + 1 + usize::from(bytes[end..].starts_with(b"\r\n"));
                cut.lines = 1;
            }
        }
        if bytes.get(end).is_none_or(|byte| *byte != delimiter) {
            cut.lines += cut.inner;
            return cut;
        }
    }
}

/// Where the blank lines from `at` on end, and how many they are. Files that were joined bring the mark
/// of each into the middle.
pub(crate) fn past_blank(text: &str, mut at: usize) -> (usize, u32) {
    let bytes = text.as_bytes();
    let mut lines = 0;
    loop {
        match bytes.get(at) {
            Some(byte @ (b'\r' | b'\n')) => {
                at += 1;
                lines += u32::from(*byte == b'\n' || bytes.get(at) != Some(&b'\n'));
            }
            Some(0xef) if text[at..].starts_with('\u{feff}') => at += '\u{feff}'.len_utf8(),
            _ => return (at, lines),
        }
    }
}

/// Tells of an id that a spreadsheet wrote as a rounded number, such as `1.23E+17`.
pub(crate) fn rounded(cell: &str) -> Option<Diagnostic> {
    let value = cell.trim();
    let (number, power) = value.split_once("E+").or_else(|| value.split_once("e+"))?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let counts = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 1 || ![whole, part, power].into_iter().all(counts) {
        return None;
    }
    Some(Diagnostic::warning(
        "number-inexact",
        format!(
            "编号写成了 {value}，后面的数字在导出时已丢失，不同的编号可能变成同一个；请把该列设为文本后重新导出。"
        ),
        format!(
            "This id reads {value}: its other digits were lost in the export, and different ids may have become one. Make the column text and export again."
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::{Cut, LINES, Quotes, cut, rounded};

    #[test]
    fn ids_that_were_rounded() {
        for value in ["1.23E+17", " 9E+18 ", "1.2345e+15"] {
            assert!(rounded(value).is_some(), "{value}");
        }
        for value in [
            "",
            "E+",
            "1.2E+",
            "12E+3",
            "1.E+3",
            "a1E+3",
            "1E17",
            "1.2.3E+4",
            "123456789012345678",
        ] {
            assert!(rounded(value).is_none(), "{value}");
        }
    }

    fn all(text: &str) -> Vec<Vec<String>> {
        let (mut at, mut cells, mut found) = (0, Vec::new(), Vec::new());
        while at < text.len() {
            at = cut(text, at, b',', true, &mut cells).next;
            found.push(cells.iter().map(|cell| cell.to_string()).collect());
        }
        found
    }

    #[test]
    fn cells_are_those_of_the_csv_crate() {
        for text in [
            "a,b\n1,2",
            "a,\"b,c\"\r\nd,e\r\n",
            "\"a\"\"b\",\"\"\rx,y",
            "\"a\nb\r\nc\",d\n",
            "a,b,\n,,\n\"\",\"\"\n",
            "a\"b,c\"d\"\n",
            "\"a\"b,c\n",
            "\"a\" \"b\",c\n",
            " \"a,b\"\n",
            "a,\"b",
            "a,\"b\"\"",
            "一,\"二\"\"三\"\"\"\n",
            ",",
        ] {
            let mut reader = csv::ReaderBuilder::new();
            reader.has_headers(false).flexible(true);
            let expected: Vec<Vec<String>> = reader
                .from_reader(text.as_bytes())
                .records()
                .map(|record| {
                    record
                        .expect("a record")
                        .iter()
                        .map(str::to_owned)
                        .collect()
                })
                .collect();
            assert_eq!(all(text), expected, "{text:?}");
        }
    }

    #[test]
    fn quotes_and_lines() {
        for (text, quotes, lines, inner) in [
            ("a,\"b", Quotes::Open, 0, 0),
            ("a,\"b\"\n", Quotes::Sound, 1, 0),
            ("a,\"b\"\"", Quotes::Open, 0, 0),
            ("a,b\"c\r\n", Quotes::Sound, 1, 0),
            ("a,\"b\"c\r", Quotes::Stray, 1, 0),
            ("a,\"b\r\n\rc\"\n", Quotes::Sound, 3, 2),
            ("", Quotes::Sound, 0, 0),
        ] {
            let found = cut(text, 0, b',', true, &mut Vec::new());
            let expected = Cut {
                next: text.len(),
                lines,
                inner,
                quotes,
            };
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn a_quote_is_not_followed_for_ever() {
        let text = format!("a,\"{}", "b\n".repeat(10_000));
        let found = cut(&text, 0, b',', true, &mut Vec::new());
        assert_eq!((found.quotes, found.inner), (Quotes::Open, LINES + 1));
        assert!(found.next < text.len());
    }
}
