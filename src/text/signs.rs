//! Which telling characters a plain text holds: one cheap look that spares the expensive ones.
//!
//! What a reader would get wrong: a sign says that something *may* be there. Only its absence decides.

use std::sync::OnceLock;

use super::slot::{Slot, is_emoji};

/// A set of signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs(u16);

impl Signs {
    /// An ASCII digit.
    const DIGIT: u16 = 1;
    /// What a web address cannot do without.
    const ADDRESS: u16 = 2;
    /// What a negating word begins with.
    const NEGATION: u16 = 4;
    /// A quotation mark.
    const QUOTATION: u16 = 8;
    /// What the subject of a report begins with.
    const SUBJECT: u16 = 16;
    /// What the verb of a report begins with.
    const VERB: u16 = 32;
    /// What a sticker begins with.
    const STICKER: u16 = 64;

    /// The signs of a text.
    pub fn of(plain: &str) -> Self {
        let table = table();
        let mut signs = 0;
        for character in plain.chars() {
            signs |= table.of(character);
        }
        Self(signs)
    }

    /// Whether something may be negated.
    pub fn may_negate(self) -> bool {
        self.any(Self::NEGATION)
    }

    /// Whether something may be quoted or reported.
    pub fn may_quote(self) -> bool {
        self.any(Self::QUOTATION) || (self.any(Self::SUBJECT) && self.any(Self::VERB))
    }

    /// Whether there is one of these.
    fn any(self, signs: u16) -> bool {
        self.0 & signs != 0
    }

    /// Whether a value of this kind may be in the text.
    pub(super) fn may_hold(self, slot: &Slot) -> bool {
        match slot {
            Slot::OrderNo | Slot::TrackingNo | Slot::Phone => self.any(Self::DIGIT),
            Slot::Url => self.any(Self::ADDRESS),
            Slot::Sticker(_) => self.any(Self::STICKER),
            _ => true,
        }
    }
}

struct Table {
    pages: [u8; 0x100],
    cells: Vec<u16>,
}

impl Table {
    #[inline]
    fn of(&self, character: char) -> u16 {
        let code = character as usize;
        match self.pages.get(code >> 8) {
            Some(&page) => self.cells[usize::from(page) << 8 | (code & 0xFF)],
            // Picture characters, for the most part.
            None => Signs::STICKER,
        }
    }
}

impl Table {
    fn add(&mut self, character: char, sign: u16) {
        let code = character as usize;
        let Some(page) = self.pages.get_mut(code >> 8) else {
            return;
        };
        if *page == 1 {
            // There are fewer pages than numbers for them.
            *page = u8::try_from(self.cells.len() >> 8).unwrap_or(1);
            self.cells.resize(self.cells.len() + 0x100, 0);
        }
        self.cells[usize::from(*page) << 8 | (code & 0xFF)] |= sign;
    }
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        // Page 0 is ASCII; page 1 stands for every page without signs.
        let mut table = Table {
            pages: [1; 0x100],
            cells: vec![0; 0x200],
        };
        table.pages[0] = 0;
        let all = [
            ("0123456789", Signs::DIGIT),
            ("./", Signs::ADDRESS),
            (super::guard::NEGATION_SIGNS, Signs::NEGATION),
            (super::guard::MARKS, Signs::QUOTATION),
            (super::guard::SUBJECT_SIGNS, Signs::SUBJECT),
            (super::guard::VERB_SIGNS, Signs::VERB),
            ("[/#", Signs::STICKER),
        ];
        for (characters, sign) in all {
            for character in characters.chars() {
                table.add(character, sign);
            }
        }
        let pictures = (0x2000..0x3400).filter_map(char::from_u32);
        for character in pictures.filter(|c| is_emoji(*c)) {
            table.add(character, Signs::STICKER);
        }
        table
    })
}
