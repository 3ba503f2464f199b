//! What each character folds to: width, case, script, and the marks that are not seen.
//!
//! The rule is a function of one character and, once, a table by code point ([`table`]). Only regional
//! indicators need their neighbours, and those are left to the caller ([`Variant::Regional`]).

use std::sync::OnceLock;

use super::script;
use super::steps::Steps;

/// What becomes of one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    /// It stays.
    Same,
    /// Another character takes its place.
    Char(char),
    /// Several ASCII characters take its place.
    Text(&'static str),
    /// It is not seen and goes.
    Gone,
    /// A regional indicator: this letter, unless it is half of a flag.
    Regional(char),
}

/// The cell that says: ask [`variant`].
pub(super) const SPECIAL: u16 = 0xFFFF;

/// [`variant`] as a table by code point, for the characters that fold to one character of the Basic
/// Multilingual Plane.
pub(super) struct Table {
    pages: [u8; PAGES],
    cells: Vec<u16>,
}

const PAGES: usize = 0x200;

impl Table {
    /// `0` when the character stays, [`SPECIAL`], or the code point it folds to.
    #[inline]
    pub(super) fn cell(&self, character: char) -> u16 {
        let code = character as usize;
        match self.pages.get(code >> 8) {
            Some(&page) => self.cells[usize::from(page) << 8 | (code & 0xFF)],
            // Tags and the supplementary variation selectors are the only ones up there.
            None if (0xE_0000..0xE_1000).contains(&code) => SPECIAL,
            None => 0,
        }
    }

    fn set(&mut self, code: u32, cell: u16) {
        let code = code as usize;
        let Some(slot) = self.pages.get_mut(code >> 8) else {
            return;
        };
        if *slot == 0 {
            // At most 171 pages hold anything; a test counts them.
            *slot = u8::try_from(self.cells.len() >> 8).unwrap_or(0);
            self.cells.resize(self.cells.len() + 0x100, 0);
        }
        self.cells[usize::from(*slot) << 8 | (code & 0xFF)] = cell;
    }
}

/// The table, built on first use.
pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table {
            pages: [0; PAGES],
            cells: vec![0; 0x100],
        };
        // ASCII shares page 0 with Latin-1, so page 0 must be a page of its own.
        table.pages[0] = 0;
        let mut place = |code: u32| {
            let Some(character) = char::from_u32(code) else {
                return;
            };
            match variant(character).0 {
                Variant::Same => {}
                Variant::Char(to) => {
                    table.set(code, u16::try_from(u32::from(to)).unwrap_or(SPECIAL));
                }
                _ => table.set(code, SPECIAL),
            }
        };
        for range in [
            // Letters and signs of ASCII never come here.
            0..0x20,
            0x7F..0x3400,
            0xA640..0xA800,
            0xAB70..0xABC0,
            0xF900..0x1_0600,
            0x1_D400..0x1_D800,
            0x1_F100..0x1_F200,
            0x1_FBF0..0x1_FBFA,
        ] {
            range.for_each(&mut place);
        }
        script::pairs().for_each(|(from, _)| place(u32::from(from)));
        table
    })
}

/// What becomes of `character`, and by which steps.
pub(super) fn variant(character: char) -> (Variant, Steps) {
    let mut steps = Steps::NONE;
    let mut now = character;
    match width(character) {
        Variant::Same => {}
        Variant::Char(to) => {
            now = to;
            steps = steps | Steps::WIDTH;
        }
        Variant::Gone => return (Variant::Gone, Steps::ZERO_WIDTH),
        other => return (other, Steps::WIDTH),
    }
    let mut lower = now.to_lowercase();
    if let (Some(to), None) = (lower.next(), lower.next())
        && to != now
    {
        now = to;
        steps = steps | Steps::CASE;
    }
    if let Some(to) = script::simplified(now) {
        now = to;
        steps = steps | Steps::SCRIPT;
    }
    if now == character {
        (Variant::Same, Steps::NONE)
    } else {
        (Variant::Char(now), steps)
    }
}

/// Numbers that have circled, parenthesised or dotted forms.
const NUMBERS: [&str; 51] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
    "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32",
    "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47", "48",
    "49", "50",
];

const ROMAN: [&str; 16] = [
    "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "l", "c", "d", "m",
];

/// The radicals U+2F00..=U+2FD5 as the characters they look like, in order.
const RADICALS: &str = "一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾干幺广廴廾弋弓彐彡彳心戈戶手支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行衣襾見角言谷豆豕豸貝赤走足身車辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠";

/// The vertical and small forms of punctuation, as pairs.
const FORMS: &str = "︐,︑、︒。︓:︔;︕!︖?﹐,﹑、﹒.﹔;﹕:﹖?﹗!﹘—﹙(﹚)﹛{﹜}﹟#﹠&﹡*﹢+﹣-﹤<﹥>﹦=﹨\\﹩$﹪%﹫@︱—︳_︴_︵(︶)︷{︸}︻【︼】︽《︾》︿〈﹀〉﹁「﹂」﹃『﹄』﹇[﹈]﹍_﹎_﹏_";

/// Letter-like symbols U+2100..U+214F that are one Latin letter, as pairs.
/// Cyrillic letters that look like Latin ones, capital and small.
const ALIKE: &str = "АAВBЕEЅSІIЈJКKМMНHОOРPСCТTУYХXѴVаaеeоoрpсcуyхxѕsіiјjѵv";
const LETTERLIKE: &str = "ℂcℊgℋhℌhℍhℎhℐiℑiℒlℓlℕnℙpℚqℛrℜrℝrℤzℨzKkℬbℭcℯeℰeℱfℳmℴoℹiⅅdⅆdⅇeⅈiⅉj";

fn pair(pairs: &str, character: char) -> Option<char> {
    let mut chars = pairs.chars();
    while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
        if from == character {
            return Some(to);
        }
    }
    None
}

fn number(value: u32) -> Variant {
    match NUMBERS.get(value as usize) {
        Some(text) => match text.as_bytes() {
            &[digit] => Variant::Char(char::from(digit)),
            _ => Variant::Text(text),
        },
        None => Variant::Same,
    }
}

fn letter(index: u32) -> Variant {
    Variant::Char(letter_of(index))
}

fn letter_of(index: u32) -> char {
    char::from(b'a' + u8::try_from(index % 26).unwrap_or(0))
}

fn character(code: u32) -> Variant {
    char::from_u32(code).map_or(Variant::Same, Variant::Char)
}

/// Width and decoration: the plain form of one character, without case or script.
fn width(c: char) -> Variant {
    let code = u32::from(c);
    match code {
        // Control characters show nothing; tab and line ends are spaces.
        0..=0x08 | 0x0E..=0x1F | 0x7F..=0x84 | 0x86..=0x9F => Variant::Gone,
        0..=0x7E => Variant::Same,
        // Not seen: soft hyphen, joiners, bidi marks, fillers, variation selectors, tags, and the marks
        // that only strike out or enclose what stands before them.
        0xAD
        | 0x34F
        | 0x334..=0x338
        | 0x61C
        | 0x115F..=0x1160
        | 0x180B..=0x180F
        | 0x200B..=0x200F
        | 0x202A..=0x202E
        | 0x2060..=0x206F
        | 0x20D0..=0x20F0
        | 0x3164
        | 0xFE00..=0xFE0F
        | 0xFEFF
        | 0xFFA0
        | 0xFFF9..=0xFFFB
        | 0xE_0000..=0xE_0FFF => Variant::Gone,
        0xA0 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => Variant::Char(' '),
        0xB2 | 0xB3 => number(code - 0xB0),
        0xB9 => number(1),
        0x2070 => number(0),
        0x2074..=0x2079 => number(code - 0x2070),
        0x2080..=0x2089 => number(code - 0x2080),
        0x405..=0x475 => pair(ALIKE, c).map_or(Variant::Same, Variant::Char),
        0x2100..=0x214F => pair(LETTERLIKE, c).map_or(Variant::Same, Variant::Char),
        0x2160..=0x217F => {
            let text = ROMAN[(code as usize - 0x2160) % 16];
            match text.as_bytes() {
                &[only] => Variant::Char(char::from(only)),
                _ => Variant::Text(text),
            }
        }
        0x2460..=0x2473 => number(code - 0x245F),
        0x2474..=0x2487 => number(code - 0x2473),
        0x2488..=0x249B => number(code - 0x2487),
        0x249C..=0x24B5 => letter(code - 0x249C),
        0x24B6..=0x24CF => letter(code - 0x24B6),
        0x24D0..=0x24E9 => letter(code - 0x24D0),
        0x24EA | 0x24FF => number(0),
        0x24EB..=0x24F4 => number(code - 0x24EB + 11),
        0x24F5..=0x24FE => number(code - 0x24F4),
        0x2776..=0x277F => number(code - 0x2775),
        0x2780..=0x2789 => number(code - 0x277F),
        0x278A..=0x2793 => number(code - 0x2789),
        0x2F00..=0x2FD5 => RADICALS
            .chars()
            .nth(code as usize - 0x2F00)
            .map_or(Variant::Same, Variant::Char),
        0x3220..=0x3229 => chinese_number(code - 0x3220),
        0x3251..=0x325F => number(code - 0x3251 + 21),
        0x3280..=0x3289 => chinese_number(code - 0x3280),
        0x32B1..=0x32BF => number(code - 0x32B1 + 36),
        0xFE10..=0xFE6F => pair(FORMS, c).map_or(Variant::Same, Variant::Char),
        0xFF01..=0xFF5E => character(code - 0xFEE0),
        0xFF61 => Variant::Char('。'),
        0xFF62 => Variant::Char('「'),
        0xFF63 => Variant::Char('」'),
        0xFF64 => Variant::Char('、'),
        0xFF65 => Variant::Char('・'),
        0xFFE5 => Variant::Char('¥'),
        0x1_D400..=0x1_D6A3 => letter((code - 0x1_D400) % 52),
        0x1_D7CE..=0x1_D7FF => number((code - 0x1_D7CE) % 10),
        0x1_F100 | 0x1_F10B | 0x1_F10C => number(0),
        0x1_F110..=0x1_F129 => letter(code - 0x1_F110),
        0x1_F130..=0x1_F149 => letter(code - 0x1_F130),
        0x1_F150..=0x1_F169 => letter(code - 0x1_F150),
        0x1_F170..=0x1_F189 => letter(code - 0x1_F170),
        0x1_F1E6..=0x1_F1FF => Variant::Regional(letter_of(code - 0x1_F1E6)),
        0x1_FBF0..=0x1_FBF9 => number(code - 0x1_FBF0),
        _ => Variant::Same,
    }
}

fn chinese_number(index: u32) -> Variant {
    "一二三四五六七八九十"
        .chars()
        .nth(index as usize)
        .map_or(Variant::Same, Variant::Char)
}

/// The two-letter codes that are drawn as flags.
const FLAGS: &str = "acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjblbmbnbobqbrbsbtbvbwbybzcacccdcfcgchcickclcmcncocpcrcucvcwcxcyczdedgdjdkdmdodzeaeceeegeheresetfifjfkfmfofrgagbgdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhnhrhthuicidieiliminioiqirisitjejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlulvlymamcmdmemfmgmhmkmlmmmnmompmqmrmsmtmumvmwmxmymznancnenfngninlnonpnrnunzomompapepfpgphpkplpmpnprpsptpwpyqarerorsrurwsasbscsdsesgshsisjskslsmsnsosrssstsvsxsysztatctdtftgthtjtktltmtntotrtttvtwtzuaugumunusuyuzvavcvevgvivnvuwfwsxkyeytzazmzw";

/// Whether two regional letters make a flag.
pub(super) fn is_flag(first: char, second: char) -> bool {
    FLAGS
        .as_bytes()
        .chunks_exact(2)
        .any(|pair| char::from(pair[0]) == first && char::from(pair[1]) == second)
}

#[cfg(test)]
mod tests {
    use super::{SPECIAL, Variant, table, variant};

    #[test]
    fn the_table_agrees_with_the_rule_for_every_character() {
        let table = table();
        for character in (0x80..=0x10_FFFF_u32).filter_map(char::from_u32) {
            let cell = table.cell(character);
            match variant(character).0 {
                // Case pairs of scripts nobody writes to a shop in are outside the table's ranges.
                Variant::Same => {
                    assert!(
                        cell == 0 || (cell == SPECIAL && character as u32 >= 0xE_0000),
                        "{character:?}"
                    );
                }
                Variant::Char(to) if cell != SPECIAL && cell != 0 => {
                    assert_eq!(u32::from(cell), u32::from(to), "{character:?}");
                }
                Variant::Char(_) => assert!(
                    cell == SPECIAL || u32::from(character) > 0x1_0600,
                    "{character:?}"
                ),
                _ => assert_eq!(cell, SPECIAL, "{character:?}"),
            }
        }
        assert!(
            table.cells.len() / 256 < 255,
            "{} pages",
            table.cells.len() / 256
        );
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for character in (0..=0x10_FFFF_u32).filter_map(char::from_u32) {
            if let Variant::Char(to) = variant(character).0 {
                assert_eq!(variant(to).0, Variant::Same, "{character:?} to {to:?}");
            }
        }
    }
}
