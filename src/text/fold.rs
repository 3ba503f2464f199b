//! One message without its disguises, and the way back to what was written.
//!
//! [`Folded::plain`] replaces character by character: width, case, Traditional by Simplified, marks that
//! are not seen dropped. [`Folded::squeezed`] goes further and takes out what was slipped in between
//! (`微.信`, `傻 * 逼`) and runs of one character. A span in either leads back to bytes of the original
//! and always covers whole characters there. What a reader would get wrong: the two texts have
//! different offsets, and curly quotes are *not* folded, because guards read them.

use std::cell::{OnceCell, RefCell};

use super::squeeze::Squeezed;
use super::steps::Steps;
use super::variant::{self, SPECIAL, Variant};
use crate::span::Span;

/// A message in its folded forms. One value serves any number of messages through [`Folded::fill`].
///
/// ```
/// use zhijian::span::Span;
/// use zhijian::text::Folded;
/// let folded = Folded::new("加Ⓥ．信");
/// assert_eq!(folded.plain(), "加v.信");
/// assert_eq!(folded.squeezed(), Some("加v信"));
/// assert_eq!(folded.original_squeezed(Span::new(3, 7)).of("加Ⓥ．信"), "Ⓥ．信");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Folded {
    original: String,
    plain: String,
    edits: Vec<Edit>,
    /// Where in the original the characters are that were changed.
    changed: Vec<usize>,
    squeezed: OnceCell<Squeezed>,
    // The buffers of the last squeezed text, kept for the next.
    spare: RefCell<Squeezed>,
}

/// A character whose folded form has another length. Between edits, offsets run in parallel.
#[derive(Clone, Copy, Debug)]
struct Edit {
    plain: usize,
    original: usize,
    plain_len: u8,
    original_len: u8,
}

impl Folded {
    /// Folds `text`.
    pub fn new(text: &str) -> Self {
        let mut folded = Self::default();
        folded.fill(text);
        folded
    }

    /// Folds another text in place of the last, in the same buffers.
    pub fn fill(&mut self, text: &str) {
        self.original.clear();
        self.original.push_str(text);
        self.plain.clear();
        self.edits.clear();
        self.changed.clear();
        self.plain.reserve(text.len());
        if let Some(squeezed) = self.squeezed.take() {
            self.spare.replace(squeezed);
        }
        let table = variant::table();
        // Bytes of the text before `done` are in the plain text already.
        let mut done = 0;
        let mut chars = text.char_indices();
        while let Some((at, character)) = chars.next() {
            if is_plain_ascii(character) {
                if character.is_ascii_uppercase() {
                    self.changed.push(at);
                    self.plain.push_str(&text[done..at]);
                    self.plain.push(character.to_ascii_lowercase());
                    done = at + 1;
                }
                continue;
            }
            let cell = table.cell(character);
            if cell == 0 {
                continue;
            }
            self.changed.push(at);
            if done < at {
                self.plain.push_str(&text[done..at]);
            }
            let length = character.len_utf8();
            done = at + length;
            if cell != SPECIAL {
                self.replace(
                    at,
                    length,
                    char::from_u32(u32::from(cell)).unwrap_or(character),
                );
                continue;
            }
            match variant::variant(character).0 {
                Variant::Same => self.plain.push(character),
                Variant::Char(to) => self.replace(at, length, to),
                Variant::Text(to) => {
                    self.edit(at, length, to.len());
                    self.plain.push_str(to);
                }
                Variant::Gone => self.edit(at, length, 0),
                Variant::Regional(_) => {
                    let count = self.regional(at, &text[at..]);
                    for letter in 1..count {
                        chars.next();
                        self.changed.push(at + 4 * letter);
                    }
                    done = at + 4 * count;
                }
            }
        }
        self.plain.push_str(&text[done..]);
    }

    /// The message as it was written.
    pub fn source(&self) -> &str {
        &self.original
    }

    /// Whether nothing had to be changed for the plain text.
    pub fn is_as_written(&self) -> bool {
        self.plain == self.original
    }

    /// The text with every character in its plain form.
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// The plain text without what was slipped in, stacked on or repeated, and with long numbers in
    /// ASCII digits; `None` when that changes nothing.
    ///
    /// Made when first asked for. Slipped in are at most four spaces or symbols in a row between two
    /// letters or Han characters; never clause punctuation, quotes, square brackets or a line end, never
    /// beside a digit, never a space between Latin words unless both are single letters (`T M D`), and
    /// never anything between two Latin words of two letters and more. What writers pause with, a space,
    /// a dash or an ellipsis, may be [`Steps::PAUSE`] as well, which the span decides.
    /// Runs of three and more equal characters, other than digits, count as one, and in a Latin word with
    /// such a run doubled letters too. Chinese digits are
    /// read from five digits in a row, so that 一下 stays; digits set apart one by one from seven.
    pub fn squeezed(&self) -> Option<&str> {
        let squeezed = self.squeezed.get_or_init(|| {
            let mut squeezed = self.spare.take();
            squeezed.fill(&self.plain);
            squeezed
        });
        squeezed.differs.then_some(squeezed.text.as_str())
    }

    /// The bytes of the original that a span of the plain text came from.
    ///
    /// Dropped marks are included when they lie inside, not when they follow.
    pub fn original(&self, plain: Span) -> Span {
        let start = self.original_start(plain.start);
        if plain.is_empty() {
            return Span::new(start, start);
        }
        Span::new(start, self.original_end(plain.end).max(start))
    }

    /// The bytes of the original that a span of the squeezed text came from.
    pub fn original_squeezed(&self, squeezed: Span) -> Span {
        self.original(self.plain_squeezed(squeezed))
    }

    /// The span of the plain text that a span of the squeezed text came from, with what was slipped in.
    pub fn plain_squeezed(&self, squeezed: Span) -> Span {
        match self.squeezed.get() {
            Some(text) if text.differs => text.plain(squeezed),
            _ => squeezed,
        }
    }

    /// Which steps changed anything inside a span of the original, on the way to the plain text.
    pub fn steps_in(&self, original: Span) -> Steps {
        let mut steps = Steps::NONE;
        let first = self.changed.partition_point(|at| *at < original.start);
        for at in self.changed[first..].iter().copied() {
            if at >= original.end {
                break;
            }
            let Some(character) = self.original[at..].chars().next() else {
                break;
            };
            if is_plain_ascii(character) {
                steps = steps | Steps::CASE;
                continue;
            }
            let (what, how) = variant::variant(character);
            if !matches!(what, Variant::Regional(_)) || self.is_edited(at) {
                steps = steps | how;
            }
        }
        steps
    }

    /// Which steps happened inside a span of the squeezed text, on the way from the plain text.
    pub fn squeezed_steps(&self, squeezed: Span) -> Steps {
        match self.squeezed.get() {
            Some(text) if text.differs => text.steps(squeezed),
            _ => Steps::NONE,
        }
    }

    fn replace(&mut self, at: usize, length: usize, to: char) {
        if to.len_utf8() != length {
            self.edit(at, length, to.len_utf8());
        }
        self.plain.push(to);
    }

    fn edit(&mut self, original: usize, original_len: usize, plain_len: usize) {
        // One character is at most four bytes, its replacement at most four letters.
        self.edits.push(Edit {
            plain: self.plain.len(),
            original,
            plain_len: plain_len as u8,
            original_len: original_len as u8,
        });
    }

    /// Folds a whole run of regional indicators, and says how many there were: flags stay when the run
    /// is nothing but flags, otherwise all of it is letters.
    fn regional(&mut self, at: usize, rest: &str) -> usize {
        let letters = || {
            rest.chars()
                .map_while(|character| match variant::variant(character).0 {
                    Variant::Regional(letter) => Some(letter),
                    _ => None,
                })
        };
        let count = letters().count();
        let mut pairs = letters();
        let mut flags = count % 2 == 0;
        while let (true, Some(first), Some(second)) = (flags, pairs.next(), pairs.next()) {
            flags = variant::is_flag(first, second);
        }
        if flags {
            self.plain.push_str(&rest[..4 * count]);
        } else {
            for (index, letter) in letters().enumerate() {
                self.edit(at + 4 * index, 4, 1);
                self.plain.push(letter);
            }
        }
        count
    }

    fn is_edited(&self, original: usize) -> bool {
        self.edits
            .binary_search_by_key(&original, |edit| edit.original)
            .is_ok()
    }

    fn original_start(&self, plain: usize) -> usize {
        let after = self.edits.partition_point(|edit| edit.plain <= plain);
        let Some(edit) = after.checked_sub(1).map(|index| self.edits[index]) else {
            return plain;
        };
        let plain_end = edit.plain + usize::from(edit.plain_len);
        if plain < plain_end {
            edit.original
        } else {
            edit.original + usize::from(edit.original_len) + (plain - plain_end)
        }
    }

    fn original_end(&self, plain: usize) -> usize {
        let after = self.edits.partition_point(|edit| edit.plain < plain);
        let Some(edit) = after.checked_sub(1).map(|index| self.edits[index]) else {
            return plain;
        };
        let plain_end = edit.plain + usize::from(edit.plain_len);
        edit.original + usize::from(edit.original_len) + plain.saturating_sub(plain_end)
    }
}

/// Whether a character is ASCII that stays as it is but for case; control characters do not.
fn is_plain_ascii(character: char) -> bool {
    character.is_ascii() && (!character.is_ascii_control() || matches!(character, '\t'..='\r'))
}
