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
            carriage: text.contains('\r'),
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

/// The line that begins at `offset`, without its end, and where the next begins.
pub(crate) fn line_at(text: &str, offset: usize) -> (&str, usize) {
    let rest = &text[offset..];
    let end = rest.find('\n').unwrap_or(rest.len());
    // Lone CRs are rare; they are looked for only within what LF leaves.
    let line = &rest[..end];
    match line.find('\r') {
        Some(at) if at + 1 < line.len() || end == rest.len() => (&line[..at], offset + at + 1),
        Some(at) => (&line[..at], offset + end + 1),
        None => (line, (offset + end + 1).min(text.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, line_at};

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
