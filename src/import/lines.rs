//! Line numbers and lines, with LF, CRLF and CR alike.

/// Counts lines forwards through one text: offsets must not go back.
pub(crate) struct Lines {
    offset: usize,
    line: u32,
    carriage: bool,
}

impl Lines {
    /// At the first line of `text`.
    pub(crate) fn new(text: &str) -> Self {
        Self {
            offset: 0,
            line: 1,
            carriage: text.as_bytes().contains(&b'\r'),
        }
    }

    /// The line of `offset`, from 1.
    pub(crate) fn at(&mut self, text: &str, offset: usize) -> u32 {
        let bytes = text.as_bytes();
        let passed = bytes.get(self.offset..offset).unwrap_or_default();
        let ends = if self.carriage {
            let mut ends = 0;
            for (index, &byte) in passed.iter().enumerate() {
                // A CR is an end of its own unless an LF follows, which then counts.
                let next = bytes.get(self.offset + index + 1);
                ends += usize::from(byte == b'\n' || byte == b'\r' && next != Some(&b'\n'));
            }
            ends
        } else {
            passed.iter().filter(|&&byte| byte == b'\n').count()
        };
        self.offset = self.offset.max(offset);
        self.line = self
            .line
            .saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
        self.line
    }
}

/// The row that a line of a sheet's text is: `pairs` are a line and its row, each pair holding from that
/// line on, both counted from 1. Before the first they are equal.
pub fn row_of(pairs: &[u32], line: u32) -> u32 {
    let (pairs, _) = pairs.as_chunks::<2>();
    let after = pairs.partition_point(|[from, _]| *from <= line);
    match after.checked_sub(1).and_then(|last| pairs.get(last)) {
        Some([from, row]) => row.saturating_add(line.saturating_sub(*from)),
        None => line,
    }
}

/// Where the first CR or LF is.
fn line_end(bytes: &[u8]) -> Option<usize> {
    // Eight bytes at a time: subtracting borrows into the high bit of what became zero.
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    const FEEDS: u64 = u64::from_le_bytes([b'\n'; 8]);
    const RETURNS: u64 = u64::from_le_bytes([b'\r'; 8]);
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let (eights, rest) = bytes.as_chunks::<8>();
    for (index, eight) in eights.iter().enumerate() {
        let word = u64::from_le_bytes(*eight);
        let found = (zeros(word ^ FEEDS) | zeros(word ^ RETURNS)) & HIGH;
        if found != 0 {
            return Some(index * 8 + (found.trailing_zeros() / 8) as usize);
        }
    }
    let found = rest.iter().position(|&byte| matches!(byte, b'\n' | b'\r'));
    found.map(|offset| eights.len() * 8 + offset)
}

/// Whether a text has more than one line.
pub(crate) fn has_lines(text: &str) -> bool {
    line_end(text.as_bytes()).is_some()
}

/// The line that begins at `offset`, without its end, and where the next begins.
pub(crate) fn line_at(text: &str, offset: usize) -> (&str, usize) {
    let rest = &text[offset..];
    let Some(end) = line_end(rest.as_bytes()) else {
        return (rest, text.len());
    };
    let both = rest.as_bytes()[end..].starts_with(b"\r\n");
    (&rest[..end], offset + end + 1 + usize::from(both))
}

#[cfg(test)]
mod tests {
    use super::{Lines, line_at, row_of};

    #[test]
    fn lines_lead_to_rows() {
        let rows = [3, 5, 6, 6, 8, 1_048_576];
        let found: Vec<u32> = (1..=9).map(|line| row_of(&rows, line)).collect();
        assert_eq!(found, [1, 2, 5, 6, 7, 6, 7, 1_048_576, 1_048_577]);
        assert_eq!(row_of(&[], 7), 7);
    }

    #[test]
    fn every_line_end_counts_once() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["一", "", "二", "三"].join(end);
            let mut seen = Vec::new();
            let mut lines = Lines::new(&text);
            let mut offset = 0;
            while offset < text.len() {
                let (line, next) = line_at(&text, offset);
                seen.push((lines.at(&text, offset), line));
                offset = next;
            }
            assert_eq!(seen, [(1, "一"), (2, ""), (3, "二"), (4, "三")], "{end:?}");
        }
    }

    #[test]
    fn mixed_ends() {
        let text = "a\rb\r\nc\n\rd";
        let mut lines = Lines::new(text);
        let found: Vec<u32> = text
            .match_indices(char::is_alphabetic)
            .map(|(at, _)| lines.at(text, at))
            .collect();
        assert_eq!(found, [1, 2, 3, 5]);
    }
}
