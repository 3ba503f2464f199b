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
    /// What a number begins with, as digits, in Chinese or masked.
    const NUMERAL: u16 = 128;
    /// An ASCII letter.
    const LATIN: u16 = 256;
    /// What the unit of a length of time cannot do without.
    const LAPSE: u16 = 512;
    /// What a moment in Chinese cannot do without.
    const MOMENT: u16 = 1024;
    /// What a sum of money in Chinese or with a sign cannot do without.
    const MONEY: u16 = 2048;
    /// What a title or what announces a name cannot do without.
    const PERSON: u16 = 4096;
    /// What the last part of an address cannot do without.
    const PLACE: u16 = 8192;
    /// What ends the name of a large area.
    const AREA: u16 = 16384;

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

    /// Whether a time may be stated: a length or a moment.
    pub(super) fn may_state_time(self) -> bool {
        self.may_lapse() || self.may_be_moment()
    }

    /// Whether a person may be named.
    pub(super) fn may_name_person(self) -> bool {
        self.any(Self::PERSON)
    }

    /// Whether there may be an address.
    pub(super) fn may_hold_address(self) -> bool {
        self.any(Self::PLACE) && self.any(Self::NUMERAL | Self::LATIN | Self::AREA)
    }

    fn may_lapse(self) -> bool {
        self.any(Self::NUMERAL | Self::LATIN) && self.any(Self::LAPSE | Self::LATIN)
    }

    fn may_be_moment(self) -> bool {
        self.any(Self::MOMENT | Self::DIGIT | Self::LATIN)
    }

    /// Whether a value of this kind may be in the text.
    pub(super) fn may_hold(self, slot: &Slot) -> bool {
        match slot {
            Slot::OrderNo | Slot::TrackingNo | Slot::Phone => self.any(Self::DIGIT),
            Slot::Url => self.any(Self::ADDRESS),
            Slot::Sticker(_) => self.any(Self::STICKER),
            Slot::Duration => self.may_lapse(),
            Slot::Moment => self.may_be_moment(),
            Slot::Money => {
                self.any(Self::MONEY | Self::LATIN) && self.any(Self::NUMERAL | Self::DIGIT)
            }
            Slot::Quantity => self.any(Self::NUMERAL),
            Slot::Person => self.may_name_person(),
            Slot::Address => self.may_hold_address(),
            Slot::Store | Slot::Agent => true,
        }
    }
}

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

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
            ("0123456789[*x", Signs::NUMERAL),
            (super::slot::NUMERALS, Signs::NUMERAL),
            (LETTERS, Signs::LATIN),
            ("秒分钟时天日周期拜月年", Signs::LAPSE),
            ("天日晚早周月年期拜点时号午晨昼夜班", Signs::MOMENT),
            ("元块毛角圆洋币¥$", Signs::MONEY),
            ("生士姐太傅姨人名叫户顾买", Signs::PERSON),
            ("路街道巷弄胡村区园寓厦苑场馆段县市镇乡", Signs::PLACE),
            ("省市州盟", Signs::AREA),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Signs, Slot};
    use crate::text::slot::SlotContext;

    /// Parts that values are made of, so that many texts hold one.
    const PARTS: &[&str] = &[
        "3",
        "24",
        "12:30",
        "2024-05-08",
        "[数字x]",
        "**",
        "x",
        "半",
        "两",
        "十",
        "几",
        "个",
        "多",
        "到",
        "-",
        " ",
        "秒",
        "分",
        "分钟",
        "小时",
        "个半小时",
        "分半钟",
        "天",
        "工作日",
        "周",
        "星期",
        "礼拜",
        "月",
        "年",
        "日内",
        "一",
        "上",
        "下",
        "晚",
        "晚点",
        "年后",
        "今晚",
        "点",
        "半",
        "号",
        "上午",
        "凌晨",
        "晏昼",
        "夜里",
        "下班",
        "周末",
        "元",
        "块",
        "毛",
        "角",
        "¥",
        "$",
        "rmb",
        "nt$",
        "人民币",
        "大洋",
        "美元",
        "港币",
        "件",
        "盒",
        "kg",
        "a ",
        "few ",
        "hours",
        "day",
        "pm",
        "today",
        "eod",
        "friday",
        "next week",
        "王",
        "先生",
        "女士",
        "小姐",
        "太太",
        "师傅",
        "阿姨",
        "收件人",
        "姓名",
        "我叫",
        "名字是",
        "客户",
        "买家",
        "顾客",
        "张",
        "丽",
        "杭州",
        "市",
        "西湖",
        "区",
        "浙江",
        "省",
        "文三",
        "路",
        "街",
        "大道",
        "胡同",
        "公寓",
        "花园",
        "大厦",
        "工业园",
        "公馆",
        "段",
        "村",
        "县",
        "镇",
        "州",
        "盟",
        "号楼",
        "栋",
        "单元",
        "室",
        "b",
        "，",
        "在",
        "的",
        "前",
        "后",
    ];

    proptest! {
        #[test]
        fn what_has_no_sign_has_no_value(parts in prop::collection::vec(prop::sample::select(PARTS), 1..7)) {
            let text = parts.concat();
            let signs = Signs::of(&text);
            let none = SlotContext::default();
            for slot in [Slot::Duration, Slot::Moment, Slot::Money, Slot::Quantity, Slot::Person, Slot::Address] {
                if !signs.may_hold(&slot) {
                    prop_assert!(slot.find(&text, &none).is_empty(), "{slot:?} in {text}");
                }
            }
        }
    }

    #[test]
    fn most_messages_have_no_sign_of_a_value() {
        let signs = Signs::of("好的，麻烦您了");
        for slot in [
            Slot::Duration,
            Slot::Moment,
            Slot::Money,
            Slot::Quantity,
            Slot::Address,
            Slot::Person,
        ] {
            assert!(!signs.may_hold(&slot), "{slot:?}");
        }
        assert!(Signs::of("三天内").may_hold(&Slot::Duration));
        assert!(Signs::of("明天").may_hold(&Slot::Moment));
        assert!(Signs::of("两块").may_hold(&Slot::Money));
        assert!(Signs::of("文三路12号").may_hold(&Slot::Address));
    }
}
