//! The ways in which a text can be disguised, as a set: what a rule asks to be looked through, and what
//! was in the way of a match.
//!
//! Width, case, script and marks that are not seen are always looked through; the others a rule asks for.

use std::ops::BitOr;

/// The ways in which a piece of text was changed by folding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Steps(u16);

impl Steps {
    /// Nothing was changed.
    pub const NONE: Self = Self(0);
    /// Full width, circled, squared, mathematical and other decorated forms.
    pub const WIDTH: Self = Self(1);
    /// Capital letters.
    pub const CASE: Self = Self(1 << 1);
    /// Traditional characters.
    pub const SCRIPT: Self = Self(1 << 2);
    /// Marks that are not seen.
    pub const ZERO_WIDTH: Self = Self(1 << 3);
    /// One character three times or more.
    pub const REPEAT: Self = Self(1 << 4);
    /// Characters slipped in between.
    pub const SLIP: Self = Self(1 << 5);
    /// Marks stacked on characters.
    pub const MARKS: Self = Self(1 << 6);
    /// A number in Chinese digits, or digit by digit.
    pub const DIGITS: Self = Self(1 << 7);
    /// A picture for a word.
    pub const EMOJI: Self = Self(1 << 8);
    /// A character taken to pieces.
    pub const SPLIT: Self = Self(1 << 9);
    /// Pinyin for characters.
    pub const PINYIN: Self = Self(1 << 10);
    /// The first letters of the pinyin.
    pub const INITIALS: Self = Self(1 << 11);
    /// What was slipped in stands where writers pause, and the phrase takes neither side whole.
    pub const PAUSE: Self = Self(1 << 12);
    /// What `fold = "evasion"` asks for.
    pub const EVASION: Self =
        Self(Self::SLIP.0 | Self::REPEAT.0 | Self::MARKS.0 | Self::DIGITS.0 | Self::EMOJI.0);

    /// Those found in the squeezed text.
    pub(super) const SQUEEZED: Self =
        Self(Self::SLIP.0 | Self::PAUSE.0 | Self::REPEAT.0 | Self::MARKS.0 | Self::DIGITS.0);
    /// Those for which phrases are spelled in other ways.
    pub(super) const SPELLED: [Self; 4] = [Self::EMOJI, Self::SPLIT, Self::PINYIN, Self::INITIALS];

    const NAMES: [&'static str; 13] = [
        "width",
        "case",
        "script",
        "zero-width",
        "repeat",
        "slip",
        "marks",
        "digits",
        "emoji",
        "split",
        "pinyin",
        "initials",
        "pause",
    ];

    /// The step of this name that a rule may ask for.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "plain" => Some(Self::NONE),
            "evasion" => Some(Self::EVASION),
            _ => {
                let bit = Self::NAMES.iter().position(|known| *known == name)?;
                (bit >= 4).then_some(Self(1 << bit))
            }
        }
    }

    /// Whether nothing was changed.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` is in here.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is in here.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// All but `other`.
    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
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
