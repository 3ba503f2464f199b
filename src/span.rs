//! Where something is in a message, and in which unit.
//!
//! Inside the crate every [`Span`] counts bytes of one message's UTF-8 text. The unit a caller
//! counts in ([`Unit`]) appears only where a value leaves the crate, and all spans of a message are
//! converted in one pass by [`convert`].

use crate::sorted;
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

/// A half-open range of bytes in the text of one message: think `start..end`.
///
/// Both ends lie on character boundaries of that text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span over `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span covers nothing.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Whether the two spans share at least one byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly inside this span.
    pub fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that holds both.
    pub fn union(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The text the span covers.
    ///
    /// # Panics
    /// When the span does not belong to `text`.
    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }
}

/// The unit in which offsets are counted where they leave the crate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// UTF-16 code units: JavaScript strings, the DOM, Java.
    #[default]
    Utf16,
    /// Unicode code points: Python strings.
    Codepoint,
    /// Bytes of UTF-8.
    Byte,
    /// Extended grapheme clusters (UAX #29): what a person counts as one character.
    Grapheme,
}

impl Unit {
    /// The length of `text` in this unit.
    pub fn length(self, text: &str) -> usize {
        match self {
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
            Self::Codepoint => text.chars().count(),
            Self::Byte => text.len(),
            Self::Grapheme => text.graphemes(true).count(),
        }
    }
}

/// Converts byte spans of `text` to `unit`, in one pass however many there are.
///
/// Offsets inside a character (or, for [`Unit::Grapheme`], inside a cluster) round down at the start
/// and up at the end, so that what is underlined is never less than what was found.
///
/// ```
/// use zhijian::span::{Span, Unit, convert};
/// let text = "👍滚";
/// assert_eq!(convert(text, &[Span::new(4, 7)], Unit::Utf16), [Span::new(2, 3)]);
/// assert_eq!(convert(text, &[Span::new(4, 7)], Unit::Codepoint), [Span::new(1, 2)]);
/// ```
pub fn convert(text: &str, spans: &[Span], unit: Unit) -> Vec<Span> {
    if unit == Unit::Byte {
        return spans.to_vec();
    }
    // (byte offset, span index, is end); sorted, so that one walk over the text serves all.
    let mut edges: Vec<(usize, usize, bool)> = spans
        .iter()
        .enumerate()
        .flat_map(|(index, span)| [(span.start, index, false), (span.end, index, true)])
        .collect();
    sorted::plain(&mut edges);
    let mut out = spans.to_vec();
    let mut edges = edges.into_iter().peekable();
    let mut count = 0;
    let mut place = |from: usize, to: usize, width: usize| {
        while let Some(&(offset, index, is_end)) = edges.peek() {
            if offset >= to && from != to {
                break;
            }
            edges.next();
            let value = if is_end && offset > from {
                count + width
            } else {
                count
            };
            if is_end {
                out[index].end = value;
            } else {
                out[index].start = value;
            }
        }
        count += width;
    };
    match unit {
        Unit::Grapheme => {
            for (at, cluster) in text.grapheme_indices(true) {
                place(at, at + cluster.len(), 1);
            }
        }
        _ => {
            for (at, character) in text.char_indices() {
                let width = if unit == Unit::Utf16 {
                    character.len_utf16()
                } else {
                    1
                };
                place(at, at + character.len_utf8(), width);
            }
        }
    }
    place(text.len(), text.len(), 0);
    out
}

/// The byte offset of `offset` counted in `unit`: the way back, for offsets that callers hand in.
///
/// `None` when the offset lies past the end or inside a character.
pub fn byte_offset(text: &str, offset: usize, unit: Unit) -> Option<usize> {
    if unit == Unit::Byte {
        return text.is_char_boundary(offset).then_some(offset);
    }
    let mut count = 0;
    if unit == Unit::Grapheme {
        for (at, _) in text.grapheme_indices(true) {
            if count == offset {
                return Some(at);
            }
            count += 1;
        }
    } else {
        for (at, character) in text.char_indices() {
            if count == offset {
                return Some(at);
            }
            count += if unit == Unit::Utf16 {
                character.len_utf16()
            } else {
                1
            };
        }
    }
    (count == offset).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::{Span, Unit, byte_offset, convert};

    const HARD: &str = "a👨🏻‍🚒𠮷é滚\u{200b}筒🇨🇳";

    #[test]
    fn every_boundary_round_trips_in_every_unit() {
        for unit in [Unit::Utf16, Unit::Codepoint, Unit::Byte] {
            for (at, character) in HARD.char_indices() {
                let span = Span::new(at, at + character.len_utf8());
                let there = convert(HARD, &[span], unit)[0];
                assert_eq!(
                    byte_offset(HARD, there.start, unit),
                    Some(span.start),
                    "{unit:?} {span:?}"
                );
                assert_eq!(
                    byte_offset(HARD, there.end, unit),
                    Some(span.end),
                    "{unit:?} {span:?}"
                );
            }
        }
    }

    #[test]
    fn a_grapheme_is_never_split() {
        // The firefighter is four code points; a span inside it grows to the whole cluster.
        let inside = Span::new(5, 9);
        assert_eq!(convert(HARD, &[inside], Unit::Grapheme), [Span::new(1, 2)]);
    }

    #[test]
    fn many_overlapping_spans_convert_in_one_pass() {
        let text = "亲👍亲👍亲";
        let spans = [
            Span::new(7, 10),
            Span::new(0, 17),
            Span::new(3, 7),
            Span::new(17, 17),
        ];
        let utf16: Vec<_> = convert(text, &spans, Unit::Utf16)
            .iter()
            .map(|s| (s.start, s.end))
            .collect();
        assert_eq!(utf16, [(3, 4), (0, 7), (1, 3), (7, 7)]);
    }

    #[test]
    fn the_empty_text_has_one_offset() {
        assert_eq!(
            convert("", &[Span::new(0, 0)], Unit::Utf16),
            [Span::new(0, 0)]
        );
        assert_eq!(byte_offset("", 0, Unit::Utf16), Some(0));
        assert_eq!(byte_offset("", 1, Unit::Utf16), None);
    }
}
