//! Which telling characters a plain text holds: one cheap look that spares the expensive ones.
//!
//! What a reader would get wrong: a sign says that something *may* be there. Only its absence decides.

use std::sync::OnceLock;

use super::slot::Slot;

/// A set of signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs(u8);

impl Signs {
    /// An ASCII digit.
    const DIGIT: u8 = 1;
    /// What a number or its mask may begin with.
    const NUMBER: u8 = 2;
    /// What a day or a time of day may begin with.
    const MOMENT: u8 = 4;
    /// What a web address cannot do without.
    const ADDRESS: u8 = 8;
    /// What a negating word begins with.
    const NEGATION: u8 = 16;
    /// A quotation mark, or what the subject of a report begins with.
    const QUOTATION: u8 = 32;

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
        self.any(Self::QUOTATION)
    }

    /// Whether there is one of these.
    fn any(self, signs: u8) -> bool {
        self.0 & signs != 0
    }

    /// Whether a value of this kind may be in the text.
    pub(super) fn may_hold(self, slot: &Slot) -> bool {
        match slot {
            Slot::Duration | Slot::Quantity => self.any(Self::NUMBER),
            Slot::Moment => self.any(Self::MOMENT),
            Slot::OrderNo | Slot::TrackingNo | Slot::Phone => self.any(Self::DIGIT),
            Slot::Url => self.any(Self::ADDRESS),
            _ => true,
        }
    }
}

struct Table {
    pages: [u8; 0x100],
    cells: Vec<u8>,
}

impl Table {
    #[inline]
    fn of(&self, character: char) -> u8 {
        let code = character as usize;
        match self.pages.get(code >> 8) {
            Some(&page) => self.cells[usize::from(page) << 8 | (code & 0xFF)],
            None => 0,
        }
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
        let numbers = "0123456789零〇一二两三四五六七八九十百千万半几[*x";
        let moments = "0123456789零〇一二两三四五六七八九十百千万半几[*x\
            abcdefghijklmnopqrstuvwxyz今明后大昨前当次隔第月年周本这下上晚凌清早中傍夜午星礼";
        let all = [
            ("0123456789", Signs::DIGIT),
            (numbers, Signs::NUMBER),
            (moments, Signs::MOMENT),
            ("./", Signs::ADDRESS),
            (super::guard::NEGATION_SIGNS, Signs::NEGATION),
            (super::guard::QUOTATION_SIGNS, Signs::QUOTATION),
        ];
        for (characters, sign) in all {
            for character in characters.chars() {
                let code = character as usize;
                let Some(page) = table.pages.get_mut(code >> 8) else {
                    continue;
                };
                if *page == 1 {
                    *page = u8::try_from(table.cells.len() >> 8).unwrap_or(1);
                    table.cells.resize(table.cells.len() + 0x100, 0);
                }
                table.cells[usize::from(*page) << 8 | (code & 0xFF)] |= sign;
            }
        }
        table
    })
}
