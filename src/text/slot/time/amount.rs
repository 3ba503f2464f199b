//! Numbers as people write them, with what they come to.

use super::super::values::number;
use super::longest;

/// A number, in thousandths: a stretch, or masked.
#[derive(Clone, Copy)]
pub(super) struct Amount {
    pub(super) least: i64,
    pub(super) most: i64,
    pub(super) masked: bool,
}

pub(super) const fn exactly(thousandths: i64) -> Amount {
    Amount {
        least: thousandths,
        most: thousandths,
        masked: false,
    }
}

pub(super) const fn between(least: i64, most: i64) -> Amount {
    Amount {
        least: least * 1000,
        most: most * 1000,
        masked: false,
    }
}

const LATIN_NUMBERS: &[(&str, Amount)] = &[
    ("half an ", exactly(500)),
    ("half a ", exactly(500)),
    ("a few ", between(2, 9)),
    ("few ", between(2, 9)),
    ("several ", between(2, 9)),
    ("a couple of ", between(2, 3)),
    ("a couple ", between(2, 3)),
    ("a ", between(1, 1)),
    ("an ", between(1, 1)),
    ("one ", between(1, 1)),
    ("two ", between(2, 2)),
    ("three ", between(3, 3)),
    ("four ", between(4, 4)),
    ("five ", between(5, 5)),
    ("six ", between(6, 6)),
    ("ten ", between(10, 10)),
    ("fifteen ", between(15, 15)),
    ("thirty ", between(30, 30)),
];

pub(super) fn amount(text: &str) -> Option<(usize, Amount)> {
    let Some(length) = number(text) else {
        let latin = text.starts_with(|c: char| c.is_ascii_alphabetic());
        return latin.then(|| longest(text, LATIN_NUMBERS)).flatten();
    };
    let own = &text[..length];
    let value = if own.starts_with(['[', '*', 'x']) {
        Amount {
            masked: true,
            ..exactly(0)
        }
    } else if own == "半" {
        exactly(500)
    } else if own.starts_with(|c: char| c.is_ascii_digit()) {
        exactly(digits(own))
    } else {
        chinese(own)
    };
    Some((length, value))
}

/// 24, 1.5, 1,000, 3万 in thousandths.
pub(super) fn digits(text: &str) -> i64 {
    let (mut value, mut places) = (0_i64, None);
    for character in text.chars() {
        match character {
            '.' if places.is_none() => places = Some(0),
            '百' => value = value.saturating_mul(100),
            '千' => value = value.saturating_mul(1000),
            '万' => value = value.saturating_mul(10_000),
            _ => {
                if let (Some(digit), true) = (
                    character.to_digit(10),
                    places.is_none_or(|places| places < 3),
                ) {
                    value = value.saturating_mul(10).saturating_add(i64::from(digit));
                    places = places.map(|places| places + 1);
                }
            }
        }
    }
    (places.unwrap_or(0)..3).fold(value, |value, _| value.saturating_mul(10))
}

/// 二十五, 两三, 十几, 二零一五 in thousandths.
pub(super) fn chinese(text: &str) -> Amount {
    let (mut sum, mut now) = ((0_i64, 0_i64), (0_i64, 0_i64));
    let mut seen = false;
    for character in text.chars() {
        let digit = match character {
            '〇' => Some(0),
            '两' => Some(2),
            _ => "零一二三四五六七八九"
                .chars()
                .zip(0..)
                .find(|(c, _)| *c == character)
                .map(|(_, digit)| digit),
        };
        let unit = match character {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            '万' => 10_000,
            _ => 0,
        };
        if let Some(digit) = digit {
            now = if seen && now.0 == now.1 && (1..10).contains(&now.0) && digit > now.0 {
                // 两三, 三五.
                (now.0, digit)
            } else {
                (
                    now.0.saturating_mul(10).saturating_add(digit),
                    now.1.saturating_mul(10).saturating_add(digit),
                )
            };
            // 零十五: the zero only joins.
            seen |= digit > 0;
        } else if character == '几' {
            (now, seen) = ((2, 9), true);
        } else if unit > 0 {
            let one = if seen { now } else { (1, 1) };
            sum.0 = sum.0.saturating_add(one.0.saturating_mul(unit));
            sum.1 = sum.1.saturating_add(one.1.saturating_mul(unit));
            (now, seen) = ((0, 0), false);
        } else if let Some(tens) = [('廿', 20), ('卅', 30)]
            .iter()
            .find(|(c, _)| *c == character)
        {
            sum = (sum.0.saturating_add(tens.1), sum.1.saturating_add(tens.1));
        }
    }
    Amount {
        least: sum.0.saturating_add(now.0).saturating_mul(1000),
        most: sum.1.saturating_add(now.1).saturating_mul(1000),
        masked: false,
    }
}

/// A number, or a range of two: 3-5, 三到五, 3~5.
pub(super) fn amounts(text: &str) -> Option<(usize, Amount)> {
    let (first, from) = amount(text)?;
    let rest = &text[first..];
    let joint = ["--", "-", "~", "到", "至", "—", "–", "或", " to "]
        .into_iter()
        .find(|joint| rest.starts_with(joint));
    match joint.and_then(|joint| {
        let (second, to) = amount(&rest[joint.len()..])?;
        Some((joint.len() + second, to))
    }) {
        Some((second, to)) => Some((
            first + second,
            Amount {
                least: from.least.min(to.most),
                most: to.most.max(from.least),
                masked: from.masked || to.masked,
            },
        )),
        None => Some((first, from)),
    }
}
