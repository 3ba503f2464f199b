//! What a terminal shows: the language, the width of characters, and nothing that a transcript could
//! use to drive the terminal.

use std::borrow::Cow;

use zhijian::diagnostic::Bilingual;

/// The language of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The language of the locale: Chinese when it says so, else English.
    pub fn of_locale() -> Self {
        let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let locale = variables
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty());
        match locale {
            Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Self::Zh,
            _ => Self::En,
        }
    }

    /// The wording in this language.
    pub fn of(self, text: &Bilingual) -> String {
        self.pick(&text.zh, &text.en).to_owned()
    }

    /// One of two.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// The text on one line, without control and direction characters.
pub fn clean(text: &str) -> Cow<'_, str> {
    let cleaned = |c: char| match c {
        '\n' => '⏎',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => ' ',
        c => c,
    };
    // Most texts have none of them.
    if text.chars().all(|c| cleaned(c) == c) {
        return Cow::Borrowed(text);
    }
    text.chars().map(cleaned).collect()
}

/// Columns a terminal needs for the text.
pub fn width(text: &str) -> usize {
    text.chars().map(character_width).sum()
}

fn character_width(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f | 0x200b..=0x200d | 0x20d0..=0x20ff | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f => {
            2
        }
        0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1f9ff => 2,
        0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// The text, filled up with spaces to `columns`; numbers stand on the right.
pub fn padded(text: &str, columns: usize, right: bool) -> String {
    let space = " ".repeat(columns.saturating_sub(width(text)));
    if right {
        format!("{space}{text}")
    } else {
        format!("{text}{space}")
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, padded, width};

    #[test]
    fn a_transcript_cannot_drive_the_terminal() {
        assert_eq!(clean("滚\u{1b}[2J\r\n\u{202e}x"), "滚 [2J ⏎\u{fffd}x");
    }

    #[test]
    fn chinese_is_two_columns_wide() {
        assert_eq!((width("小雨a"), width("１"), width("é")), (5, 2, 1));
        assert_eq!(padded("小雨", 6, false), "小雨  ");
        assert_eq!(padded("9.5", 5, true), "  9.5");
    }
}
