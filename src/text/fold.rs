//! One message without its disguises, and the way back to what was written.
//!
//! [`Folded::plain`] replaces character by character: width, case, Traditional by Simplified, marks that
//! are not seen dropped. [`Folded::squeezed`] goes further and takes out what was slipped in between
//! (`微.信`, `傻 * 逼`) and runs of one character. A span in either leads back to bytes of the original
//! and always covers whole characters there. What a reader would get wrong: the two texts have
//! different offsets, and curly quotes are *not* folded, because guards read them.

use std::cell::{OnceCell, RefCell};
use std::ops::BitOr;

use super::variant::{self, SPECIAL, Variant};
use crate::span::Span;

/// The ways in which a piece of text was changed by folding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Steps(u8);

impl Steps {
    /// Nothing was changed.
    pub const NONE: Self = Self(0);
    /// Full width, circled, squared, mathematical and other decorated forms.
    pub const WIDTH: Self = Self(1);
    /// Capital letters.
    pub const CASE: Self = Self(2);
    /// Traditional characters.
    pub const SCRIPT: Self = Self(4);
    /// Marks that are not seen.
    pub const ZERO_WIDTH: Self = Self(8);
    /// One character three times or more.
    pub const REPEAT: Self = Self(16);
    /// Characters slipped in between.
    pub const SLIP: Self = Self(32);

    const NAMES: [&'static str; 6] = ["width", "case", "script", "zero-width", "repeat", "slip"];

    /// Whether nothing was changed.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` is in here.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the steps, in a fixed order, as a finding shows them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 >> bit & 1 == 1)
            .map(|(_, name)| name)
    }
}

impl BitOr for Steps {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

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
                    for _ in 1..count {
                        chars.next();
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

    /// The plain text without what was slipped in or repeated; `None` when that changes nothing.
    ///
    /// Made when first asked for. Slipped in are at most four spaces or symbols in a row between two
    /// letters or Han characters; never clause punctuation, quotes, square brackets or a line end, never
    /// beside a digit, never a space between Latin words unless both are single letters (`T M D`), and
    /// never anything between two Latin words of two letters and more. Runs of three and more equal
    /// characters, other than digits, count as one.
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
        let Some(slice) = self.original.get(original.start..original.end) else {
            return Steps::NONE;
        };
        let table = variant::table();
        let mut steps = Steps::NONE;
        for (at, character) in slice.char_indices() {
            if is_plain_ascii(character) {
                if character.is_ascii_uppercase() {
                    steps = steps | Steps::CASE;
                }
            } else if table.cell(character) != 0 {
                let (what, how) = variant::variant(character);
                if !matches!(what, Variant::Regional(_)) || self.is_edited(original.start + at) {
                    steps = steps | how;
                }
            }
        }
        steps
    }

    /// Which of [`Steps::SLIP`] and [`Steps::REPEAT`] happened inside a span of the squeezed text.
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

/// The plain text without what was slipped in or repeated.
#[derive(Clone, Debug, Default)]
struct Squeezed {
    differs: bool,
    text: String,
    // One for each character of the text.
    map: Vec<Kept>,
}

/// One character of the squeezed text.
#[derive(Clone, Copy, Debug)]
struct Kept {
    at: usize,
    plain: Span,
    slip_before: bool,
    inside: Steps,
}

/// The longest run of symbols that still counts as slipped in.
const LONGEST_SLIP: usize = 4;

impl Squeezed {
    fn fill(&mut self, plain: &str) {
        self.differs = false;
        self.text.clear();
        self.map.clear();
        if !may_differ(plain) {
            return;
        }
        let mut run = 0_usize;
        let mut last = None;
        // The character before, and how many Latin letters end there.
        let mut before: Option<char> = None;
        let mut letters = 0_usize;
        let mut slipped = false;
        let mut at = 0;
        while let Some(character) = plain[at..].chars().next() {
            if is_slip(character) {
                let (end, count, spaces) = slip_run(plain, at);
                let joins = count <= LONGEST_SLIP
                    && before.is_some_and(|left| joins(left, letters, &plain[end..], spaces));
                if joins {
                    slipped = true;
                    self.differs = true;
                    at = end;
                    // What stands before the slip is still the neighbour, so `before` stays.
                    letters = 0;
                    continue;
                }
                // All of it is kept, so that the run is looked at once.
                for (offset, symbol) in plain[at..end].char_indices() {
                    self.keep(plain, at + offset, symbol, &mut last, &mut run, false);
                    before = Some(symbol);
                }
                letters = 0;
                at = end;
                continue;
            }
            self.keep(plain, at, character, &mut last, &mut run, slipped);
            slipped = false;
            letters = if character.is_ascii_alphabetic() {
                letters + 1
            } else {
                0
            };
            before = Some(character);
            at += character.len_utf8();
        }
    }

    fn keep(
        &mut self,
        plain: &str,
        at: usize,
        character: char,
        last: &mut Option<char>,
        run: &mut usize,
        slip_before: bool,
    ) {
        debug_assert!(plain.is_char_boundary(at));
        let end = at + character.len_utf8();
        if *last == Some(character) && !character.is_ascii_digit() {
            *run += 1;
        } else {
            *run = 1;
            *last = Some(character);
        }
        let slip = if slip_before {
            Steps::SLIP
        } else {
            Steps::NONE
        };
        if *run == 3 {
            // The second goes, and the first stands for all three.
            if let Some(second) = self.map.pop() {
                self.text.truncate(second.at);
                self.differs = true;
                let second_slip = if second.slip_before {
                    Steps::SLIP
                } else {
                    Steps::NONE
                };
                self.grow(end, Steps::REPEAT | slip | second_slip);
            }
        } else if *run > 3 {
            self.grow(end, slip);
        } else {
            self.map.push(Kept {
                at: self.text.len(),
                plain: Span::new(at, end),
                slip_before,
                inside: Steps::NONE,
            });
            self.text.push(character);
        }
    }

    fn grow(&mut self, end: usize, steps: Steps) {
        if let Some(first) = self.map.last_mut() {
            first.plain.end = end;
            first.inside = first.inside | steps;
        }
    }

    /// The characters that a span touches.
    fn kept(&self, span: Span) -> &[Kept] {
        let first = self.map.partition_point(|kept| kept.at < span.start);
        let end = self.map.partition_point(|kept| kept.at < span.end);
        self.map.get(first..end).unwrap_or_default()
    }

    fn plain(&self, span: Span) -> Span {
        match self.kept(span) {
            [] => {
                let start = self
                    .map
                    .get(self.map.partition_point(|kept| kept.at < span.start));
                let at = start.or(self.map.last()).map_or(0, |kept| {
                    if kept.at < span.start {
                        kept.plain.end
                    } else {
                        kept.plain.start
                    }
                });
                Span::new(at, at)
            }
            [only] => only.plain,
            [first, .., last] => first.plain.union(last.plain),
        }
    }

    fn steps(&self, span: Span) -> Steps {
        let mut steps = Steps::NONE;
        for (index, kept) in self.kept(span).iter().enumerate() {
            steps = steps | kept.inside;
            if index > 0 && kept.slip_before {
                steps = steps | Steps::SLIP;
            }
        }
        steps
    }
}

/// Whether squeezing may change the text at all: a cheap look before the map is made. It says yes
/// too often, never too rarely.
fn may_differ(plain: &str) -> bool {
    let (mut first, mut second) = ('\0', '\0');
    let mut letters = 0_usize;
    let mut done = 0;
    for (at, character) in plain.char_indices() {
        if at < done {
            continue;
        }
        if is_slip(character) {
            let (end, count, spaces) = slip_run(plain, at);
            let slips = at > 0 && joins(second, letters, &plain[end..], spaces);
            if slips || count > 2 {
                return true;
            }
            (second, letters, done) = (character, 0, end);
            continue;
        }
        if character == first && character == second {
            return true;
        }
        letters = if character.is_ascii_alphabetic() {
            letters + 1
        } else {
            0
        };
        (first, second) = (second, character);
    }
    false
}

/// Where the run of symbols at `at` ends, how many there are, and whether they are all spaces.
fn slip_run(plain: &str, at: usize) -> (usize, usize, bool) {
    let (mut end, mut count, mut spaces) = (at, 0, true);
    for character in plain[at..]
        .chars()
        .take_while(|&character| is_slip(character))
    {
        end += character.len_utf8();
        count += 1;
        spaces &= character == ' ' || character == '\t';
    }
    (end, count, spaces)
}

/// Whether what stands left and right of a run of symbols belongs together without it.
fn joins(left: char, letters: usize, rest: &str, spaces: bool) -> bool {
    let Some(right) = rest.chars().next() else {
        return false;
    };
    if !left.is_alphabetic() || !right.is_alphabetic() {
        return false;
    }
    if !left.is_ascii() || !right.is_ascii() {
        return true;
    }
    // After a slip the count starts anew, so that each letter of `t m d` is a word of one.
    let right_is_single = !rest
        .chars()
        .nth(1)
        .is_some_and(|next| next.is_ascii_alphabetic());
    let left_is_single = letters <= 1;
    if spaces {
        left_is_single && right_is_single
    } else {
        left_is_single || right_is_single
    }
}

/// Whether a character of the plain text may have been slipped in between.
fn is_slip(character: char) -> bool {
    matches!(
        character,
        ' ' | '\t'
            | '*'
            | '.'
            | '-'
            | '_'
            | '~'
            | '@'
            | '#'
            | '$'
            | '%'
            | '^'
            | '&'
            | '+'
            | '='
            | '|'
            | '/'
            | '\\'
            | '('
            | ')'
            | '<'
            | '>'
            | '{'
            | '}'
            | '`'
            | '·'
            | '¥'
            | '×'
            | '÷'
            | '•'
            | '‧'
            | '∙'
            | '・'
            | '–'
            | '〜'
            | '※'
            | '★'
            | '☆'
            | '\u{25A0}'..='\u{25FF}'
    )
}
/// Whether a character is ASCII that stays as it is but for case; control characters do not.
fn is_plain_ascii(character: char) -> bool {
    character.is_ascii() && (!character.is_ascii_control() || matches!(character, '\t'..='\r'))
}
