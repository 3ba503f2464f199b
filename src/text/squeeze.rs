//! The plain text without what was put in to hide a phrase: slipped-in symbols, stacked marks, repeats,
//! numbers in Chinese digits.
//!
//! What a reader would get wrong: nothing is decided about a phrase here. Everything that may be a
//! disguise is taken out at once and noted beside the character after it; a rule then accepts a hit only
//! if it asked for every step inside.

use super::slot::is_emoji;
use super::steps::Steps;
use crate::span::Span;

/// A plain text, squeezed.
#[derive(Clone, Debug, Default)]
pub(super) struct Squeezed {
    /// Whether squeezing changed anything; without it the text is empty.
    pub(super) differs: bool,
    /// The text.
    pub(super) text: String,
    // One for each character of the text.
    map: Vec<Kept>,
    last: Option<char>,
    run: usize,
    // Whether a letter of the Latin word at hand stands three times in a row.
    stretched: bool,
}

/// One character of the squeezed text.
#[derive(Clone, Copy, Debug)]
struct Kept {
    at: usize,
    plain: Span,
    before: Steps,
    inside: Steps,
}

/// The longest run of symbols that still counts as slipped in.
const LONGEST_SLIP: usize = 4;
/// From so many digits in a row on, Chinese digits are a number.
const NUMBER: usize = 5;
/// From so many digits on, digits set apart one by one are a number.
const SPACED_NUMBER: usize = 7;

impl Squeezed {
    /// Squeezes another text in place of the last, in the same buffers.
    pub(super) fn fill(&mut self, plain: &str) {
        self.differs = false;
        self.text.clear();
        self.map.clear();
        if !may_differ(plain) {
            return;
        }
        (self.run, self.last) = (0, None);
        let mut left = Left::default();
        let mut before = Steps::NONE;
        // A number is looked at once, from its first digit.
        let (mut number_end, mut is_number) = (0, false);
        let mut at = 0;
        while let Some(character) = plain[at..].chars().next() {
            let end = at + character.len_utf8();
            if is_mark(character) && !self.map.is_empty() {
                before = before | Steps::MARKS;
                self.differs = true;
                at = end;
                continue;
            }
            if let Some(digit) = digit(character) {
                if at >= number_end {
                    (number_end, is_number) = number(&plain[at..]);
                    number_end += at;
                }
                if is_number {
                    let inside = if digit == character {
                        Steps::NONE
                    } else {
                        self.differs = true;
                        Steps::DIGITS
                    };
                    self.keep(Span::new(at, end), digit, before, inside);
                    before = Steps::NONE;
                    left = Left::of(digit);
                    at = end;
                    continue;
                }
            } else if is_number && end < number_end {
                before = before | Steps::DIGITS;
                self.differs = true;
                at = end;
                continue;
            }
            if is_slip(character) {
                let gap = Gap::at(plain, at);
                if let Some(steps) = gap.joins(&left, plain) {
                    self.differs = true;
                    before = before | steps;
                    // What stands before the slip is still the neighbour, but its word ends here: each
                    // letter of `t m d` is a word of one.
                    left.letters = 0;
                } else {
                    // All of it is kept, so that the run is looked at once.
                    for (offset, symbol) in plain[at..gap.end].char_indices() {
                        let start = at + offset;
                        self.keep(
                            Span::new(start, start + symbol.len_utf8()),
                            symbol,
                            before,
                            Steps::NONE,
                        );
                        before = Steps::NONE;
                        left = Left::of(symbol);
                    }
                }
                at = gap.end;
                continue;
            }
            if character.is_ascii_alphabetic() && left.letters == 0 {
                self.stretched = is_stretched(&plain[at..]);
            }
            self.keep(Span::new(at, end), character, before, Steps::NONE);
            before = Steps::NONE;
            left.take(character);
            at = end;
        }
    }

    fn keep(&mut self, plain: Span, character: char, before: Steps, inside: Steps) {
        if self.last == Some(character) && !character.is_ascii_digit() {
            self.run += 1;
        } else {
            self.run = 1;
            self.last = Some(character);
        }
        let doubled = self.stretched && character.is_ascii_alphabetic();
        if doubled && self.run > 1 {
            self.differs = true;
            self.grow(plain.end, Steps::REPEAT | before);
        } else if self.run == 3 {
            // The second goes, and the first stands for all three.
            if let Some(second) = self.map.pop() {
                self.text.truncate(second.at);
                self.differs = true;
                self.grow(plain.end, Steps::REPEAT | before | second.before);
            }
        } else if self.run > 3 {
            self.grow(plain.end, before);
        } else {
            self.map.push(Kept {
                at: self.text.len(),
                plain,
                before,
                inside,
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

    /// The span of the plain text that a span of this text came from.
    pub(super) fn plain(&self, span: Span) -> Span {
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

    /// What was done inside a span of this text. Where people pause as well, only a span that takes all
    /// of one side has no [`Steps::PAUSE`]: `加微 信聊` says 加微信, `权威 信赖` does not say 威信.
    pub(super) fn steps(&self, span: Span) -> Steps {
        let first = self.map.partition_point(|kept| kept.at < span.start);
        let end = self.map.partition_point(|kept| kept.at < span.end);
        let mut steps = Steps::NONE;
        for index in first..end {
            steps = steps | self.map[index].inside;
            if index > first {
                let before = self.map[index].before;
                let whole = before.contains(Steps::PAUSE)
                    && (self.begins(first, index) || self.ends(index, end));
                steps = steps
                    | if whole {
                        before.without(Steps::PAUSE)
                    } else {
                        before
                    };
            }
        }
        steps
    }

    /// Whether a word begins at `first` or later, before `index`.
    fn begins(&self, first: usize, index: usize) -> bool {
        (first..index).any(|at| self.is_edge(at)) || (first..index).any(|at| !self.is_letter(at))
    }

    /// Whether the word at `index` ends before `end` or there.
    fn ends(&self, index: usize, end: usize) -> bool {
        (index + 1..=end).any(|at| self.is_edge(at)) || (index..end).any(|at| !self.is_letter(at))
    }

    /// Whether there is no letter right before the character at `index`.
    fn is_edge(&self, index: usize) -> bool {
        match self.map.get(index) {
            Some(kept) if kept.before.contains(Steps::SLIP) => true,
            Some(_) => index == 0 || !self.is_letter(index - 1) || !self.is_letter(index),
            None => true,
        }
    }

    fn is_letter(&self, index: usize) -> bool {
        let kept = self.map.get(index);
        let character = kept.and_then(|kept| self.text[kept.at..].chars().next());
        character.is_some_and(char::is_alphabetic)
    }
}

/// What stands before a place: the character, and how many Latin letters end there.
#[derive(Clone, Copy, Debug, Default)]
struct Left {
    before: Option<char>,
    letters: usize,
}

impl Left {
    fn of(character: char) -> Self {
        let mut left = Self::default();
        left.take(character);
        left
    }

    fn take(&mut self, character: char) {
        self.before = Some(character);
        self.letters = if character.is_ascii_alphabetic() {
            self.letters + 1
        } else {
            0
        };
    }
}

/// A run of symbols, with the marks stacked on them.
struct Gap {
    end: usize,
    count: usize,
    spaces: bool,
    pause: bool,
    marks: Steps,
}

impl Gap {
    fn at(plain: &str, at: usize) -> Self {
        let mut gap = Self {
            end: at,
            count: 0,
            spaces: true,
            pause: true,
            marks: Steps::NONE,
        };
        let mut pictures = false;
        for character in plain[at..].chars() {
            if is_mark(character) {
                gap.marks = Steps::MARKS;
                gap.end += character.len_utf8();
                continue;
            }
            // A picture beside other symbols may be a word of its own.
            let picture = is_picture(character);
            if !is_slip(character) || gap.count > 0 && picture != pictures {
                break;
            }
            pictures = picture;
            gap.end += character.len_utf8();
            gap.count += 1;
            gap.spaces &= character == ' ' || character == '\t';
            gap.pause &= picture || is_pause(character);
        }
        // A dot hides something, an ellipsis trails off.
        gap.pause &= gap.count > 1 || !plain[at..].starts_with('.');
        gap
    }

    /// As which steps what stands left and right belongs together without these symbols, if it does.
    fn joins(&self, left: &Left, plain: &str) -> Option<Steps> {
        let rest = &plain[self.end..];
        let (before, after) = (left.before?, rest.chars().next()?);
        if self.count > LONGEST_SLIP || !before.is_alphabetic() || !after.is_alphabetic() {
            return None;
        }
        if before.is_ascii() && after.is_ascii() {
            let right_is_single = !rest
                .chars()
                .nth(1)
                .is_some_and(|next| next.is_ascii_alphabetic());
            let left_is_single = left.letters <= 1;
            let joined = if self.spaces {
                left_is_single && right_is_single
            } else {
                left_is_single || right_is_single
            };
            return joined.then_some(Steps::SLIP | self.marks);
        }
        Some(if self.pause {
            Steps::SLIP | Steps::PAUSE | self.marks
        } else {
            Steps::SLIP | self.marks
        })
    }
}

/// Where the number at the beginning of a text ends, and whether it is one to be read: enough digits in
/// a row, or enough set apart one by one by the same symbol. Without a number, how far there is none.
fn number(text: &str) -> (usize, bool) {
    let row = text
        .chars()
        .take_while(|&one| digit(one).is_some())
        .map(char::len_utf8);
    let (count, end) = row.fold((0, 0), |(count, end), length| (count + 1, end + length));
    if count != 1 {
        return (end, count >= NUMBER);
    }
    let separator = text[end..].chars().next();
    let Some(separator) = separator.filter(|&one| is_slip(one)) else {
        return (end, false);
    };
    let (mut spaced_end, mut spaced, mut chars) = (end, 1, text[end..].chars());
    while chars.next() == Some(separator)
        && let Some(next) = chars.next().filter(|&one| digit(one).is_some())
    {
        spaced_end += separator.len_utf8() + next.len_utf8();
        spaced += 1;
    }
    // A last digit that begins a longer row is not set apart, and neither are the others then.
    let apart = !text[spaced_end..].starts_with(|one| digit(one).is_some());
    (spaced_end, spaced >= SPACED_NUMBER && apart)
}

/// Whether the Latin word at the beginning of a text has a letter three times in a row: then its doubled
/// letters are for show as well (`fffuuucck`).
fn is_stretched(text: &str) -> bool {
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = &text.as_bytes()[..length];
    word.windows(3)
        .any(|three| three[0] == three[1] && three[1] == three[2])
}

/// Whether squeezing may change the text at all: a cheap look before the map is made. It says yes
/// too often, never too rarely.
fn may_differ(plain: &str) -> bool {
    let (mut first, mut second) = ('\0', '\0');
    let mut left = Left::default();
    // Digits in a row, whether one of them is Chinese, and digits with one symbol between.
    let (mut row, mut chinese, mut spaced) = (0_usize, false, 0_usize);
    let mut done = 0;
    for (at, character) in plain.char_indices() {
        if at < done {
            continue;
        }
        if is_slip(character) {
            let gap = Gap::at(plain, at);
            if gap.joins(&left, plain).is_some() || gap.count > 2 {
                return true;
            }
            spaced = if row == 1 && gap.count == 1 {
                spaced.max(1)
            } else {
                0
            };
            (row, chinese) = (0, false);
            left = Left::of(character);
            (second, done) = (character, gap.end);
            continue;
        }
        if (character == first && character == second) || is_mark(character) {
            return true;
        }
        if let Some(digit) = digit(character) {
            row += 1;
            chinese |= digit != character;
            if row == 1 {
                spaced += 1;
            }
            if chinese && row >= NUMBER || spaced >= SPACED_NUMBER {
                return true;
            }
        } else {
            (row, chinese, spaced) = (0, false, 0);
        }
        left.take(character);
        (first, second) = (second, character);
    }
    false
}

/// The value of a digit of either kind, as an ASCII digit.
fn digit(character: char) -> Option<char> {
    Some(match character {
        '0'..='9' => character,
        '〇' | '零' => '0',
        '一' | '壹' | '幺' => '1',
        '二' | '贰' => '2',
        '三' | '叁' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

/// Whether a character is a mark stacked on the one before.
fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36F}'
            | '\u{483}'..='\u{489}'
            | '\u{1AB0}'..='\u{1AFF}'
            | '\u{1DC0}'..='\u{1DFF}'
            | '\u{FE20}'..='\u{FE2F}'
    )
}

/// Whether people write this symbol between words that they do not hide.
fn is_pause(character: char) -> bool {
    matches!(
        character,
        ' ' | '\t'
            | '…'
            | '.'
            | '-'
            | '~'
            | '〜'
            | '–'
            | '/'
            | '|'
            | '('
            | ')'
            | '<'
            | '>'
            | '+'
            | '&'
            | '='
            | '×'
    )
}

/// Whether a character is a small picture: people pause at one, or hide a word with it.
fn is_picture(character: char) -> bool {
    // Characters proper stand between, and leave here.
    !('\u{3000}'..'\u{1f000}').contains(&character) && is_emoji(character)
}

/// Whether a character of the plain text may have been slipped in between.
fn is_slip(character: char) -> bool {
    is_picture(character)
        || matches!(
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
                | '…'
                | '★'
                | '☆'
                | '\u{25A0}'..='\u{25FF}'
        )
}
