//! Stickers and picture characters, in the ways that chat exports write them.

use super::values::number;
use crate::span::Span;

/// How a sticker is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::text) enum Written {
    /// `[微笑]`.
    Brackets,
    /// `/:^_^`, or `#e-s12`.
    Code,
    /// A picture character.
    Emoji,
}

pub(super) struct Group {
    /// What a pattern calls it.
    pub(super) name: &'static str,
    names: &'static [&'static str],
    codes: &'static [&'static str],
    emoji: &'static str,
}

/// Stickers that say the same.
pub(super) const GROUPS: &[Group] = &[
    Group {
        name: "smile",
        names: &[
            "微笑", "呲牙", "憨笑", "愉快", "可爱", "偷笑", "大笑", "笑脸", "开心", "害羞", "嘻嘻",
            "哈哈", "笑", "smile",
        ],
        codes: &[
            "/:^_^", "/:^$^", "/:087", "/:^w^", "/:809", "/:^o^", "/:815",
        ],
        emoji: "🙂😊😀😃😄😁😆☺😇🤗🥰😍😋",
    },
    Group {
        name: "cry",
        names: &["流泪", "大哭", "哭", "委屈", "快哭了", "可怜"],
        codes: &["/:>_<", "/:807", "/:'"],
        emoji: "😢😭🥺😥😿",
    },
    Group {
        name: "angry",
        names: &["发怒", "怒", "愤怒", "咒骂", "生气"],
        codes: &["/:-w", "/:804"],
        emoji: "😠😡🤬👿😤",
    },
    Group {
        name: "thumb",
        names: &["强", "赞", "点赞", "ok", "鼓掌", "胜利"],
        codes: &["/:~b", "/:y", "/:ok"],
        emoji: "👍👌👏✌🙆🆗",
    },
    Group {
        name: "thanks",
        names: &["抱拳", "合十", "感谢", "谢谢", "拜托"],
        codes: &["/:g"],
        emoji: "🙏🤝",
    },
    Group {
        name: "rose",
        names: &["玫瑰", "鲜花", "爱心", "心", "亲亲", "拥抱"],
        codes: &["/:-f", "/:rose", "/:814"],
        emoji: "🌹💐🌷❤💕💖😘💗",
    },
];

pub(super) fn matches_sticker(name: &str, text: &str, kind: Written) -> bool {
    if name == "*" {
        return true;
    }
    let group = GROUPS.iter().find(|group| group.name == name);
    match (kind, group) {
        (Written::Brackets, Some(group)) => group.names.contains(&text.trim_matches(['[', ']'])),
        (Written::Brackets, None) => text.trim_matches(['[', ']']) == name,
        (Written::Code, Some(group)) => group.codes.contains(&text),
        (Written::Emoji, Some(group)) => group.emoji.contains(text),
        (_, None) => false,
    }
}

/// Finds stickers and picture characters that `accept` takes.
pub(super) fn stickers(plain: &str, accept: impl Fn(&str, Written) -> bool, out: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(character) = plain[at..].chars().next() {
        let (length, kind) = match sticker(&plain[at..]) {
            Some(found) => found,
            None => {
                at += character.len_utf8();
                continue;
            }
        };
        if accept(&plain[at..at + length], kind) {
            out.push(Span::new(at, at + length));
        }
        at += length;
    }
}

/// The length of the sticker at the start of `text`, if there is one.
pub(in crate::text) fn sticker(text: &str) -> Option<(usize, Written)> {
    let first = text.chars().next()?;
    match first {
        '[' => {
            let inside = text[1..]
                .char_indices()
                .take(9)
                .find(|(_, c)| matches!(c, ']' | '[' | '\n'));
            let (length, _) = inside.filter(|&(length, c)| c == ']' && length > 0)?;
            let name = &text[1..=length];
            // [数字x] and [站点x] stand for something that was masked.
            (!name.ends_with('x') && !name.contains(|c: char| c.is_ascii_digit()))
                .then_some((length + 2, Written::Brackets))
        }
        '/' if text.starts_with("/:") => {
            let rest = &text[2..];
            let known = GROUPS
                .iter()
                .flat_map(|group| group.codes)
                .filter(|code| text.starts_with(**code))
                .map(|code| code.len());
            let digits = rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
            let marks = rest
                .bytes()
                .take(5)
                .take_while(u8::is_ascii_punctuation)
                .count();
            known
                .max()
                .or_else(|| (digits == 3).then_some(5))
                .or_else(|| {
                    (marks > 0).then(|| {
                        2 + marks
                            + usize::from(
                                rest[marks..].starts_with(|c: char| c.is_ascii_alphabetic()),
                            )
                    })
                })
                .map(|length| (length, Written::Code))
        }
        '#' if text.starts_with("#e-s") => {
            let rest = &text[4..];
            let length = number(rest).unwrap_or(0);
            Some((4 + length, Written::Code))
        }
        _ => is_emoji(first).then_some((first.len_utf8(), Written::Emoji)),
    }
}

/// Whether a character is drawn as a picture.
pub(in crate::text) fn is_emoji(character: char) -> bool {
    matches!(
        u32::from(character),
        0x1_F000..=0x1_F0FF | 0x1_F18E..=0x1_F1FF | 0x1_F200..=0x1_FAFF | 0x2600..=0x27BF | 0x2B05..=0x2B55 | 0x231A..=0x23FF
            | 0x2934..=0x2935 | 0x203C | 0x2049 | 0x3030 | 0x303D | 0x3297 | 0x3299
    )
}
