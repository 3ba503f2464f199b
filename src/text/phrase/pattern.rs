//! The pattern language: from what a supervisor writes to sequences of literals, gaps and slots.
//!
//! ```text
//! pattern  = sequence { "|" sequence }
//! sequence = { words | "(" pattern ")" [ "?" ] | ".." number | "@" lexicon | "{" slot "}" }
//! ```
//!
//! Neighbouring alternatives multiply into literals, so that matching needs no backtracking; gaps and
//! slots keep them apart. The product is bounded ([`MOST_LITERALS`]) while it grows, never after.

use std::collections::BTreeMap;

use crate::diagnostic::Bilingual;
use crate::sorted;
use crate::text::fold::Folded;
use crate::text::slot::Slot;

/// The most literals that one pattern may expand to.
pub(super) const MOST_LITERALS: usize = 1_000;
/// The widest gap.
const WIDEST_GAP: usize = 60;
/// The deepest nesting of parentheses and lexicons.
const DEEPEST: usize = 32;

/// A mistake in a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// Where in the pattern, in code points from 0.
    pub at: usize,
    /// What is the matter.
    pub message: Bilingual,
}

impl PatternError {
    fn new(at: usize, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            at,
            message: Bilingual::new(zh, en),
        }
    }
}

impl std::fmt::Display for PatternError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.message.en)
    }
}

impl std::error::Error for PatternError {}

/// One element of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// One of these, in plain form, none of them empty once compiled.
    Literals(Vec<String>),
    /// Up to so many code points.
    Gap(usize),
    /// Something a parser finds.
    Slot(Slot),
}

/// What must follow each other to match.
pub(super) type Sequence = Vec<Piece>;

/// The named lists that patterns may refer to.
pub(super) type Lexicons = BTreeMap<String, Vec<String>>;

/// Compiles a pattern. No sequence of the result is empty, begins or ends with a gap, or holds two gaps
/// in a row.
pub(super) fn compile(pattern: &str, lexicons: &Lexicons) -> Result<Vec<Sequence>, PatternError> {
    let mut parser = Parser {
        chars: pattern.chars().collect(),
        at: 0,
        lexicons,
        inside: Vec::new(),
        depth: 0,
    };
    let parsed = parser.whole()?;
    let mut out = Vec::new();
    let mut folded = Folded::default();
    for sequence in parsed {
        finish(sequence, &mut folded, &mut out)?;
    }
    check_size(&out, 0)?;
    Ok(out)
}

struct Parser<'a> {
    chars: Vec<char>,
    at: usize,
    lexicons: &'a Lexicons,
    inside: Vec<String>,
    depth: usize,
}

impl Parser<'_> {
    fn whole(&mut self) -> Result<Vec<Sequence>, PatternError> {
        let parsed = self.alternatives()?;
        match self.chars.get(self.at) {
            None => Ok(parsed),
            Some(_) => Err(PatternError::new(
                self.at,
                "多了一个右括号;要匹配括号本身请写 \\)",
                "this closing parenthesis has no opening one; write \\) for the character itself",
            )),
        }
    }

    fn alternatives(&mut self) -> Result<Vec<Sequence>, PatternError> {
        let start = self.at;
        let mut all = self.sequence()?;
        while self.chars.get(self.at) == Some(&'|') {
            self.at += 1;
            all.extend(self.sequence()?);
            check_size(&all, start)?;
        }
        // Branches that are words alone become one list.
        let mut words = Vec::new();
        let mut others = Vec::new();
        for mut sequence in all {
            match sequence.as_mut_slice() {
                [] => words.push(String::new()),
                [Piece::Literals(list)] => words.append(list),
                _ => others.push(sequence),
            }
        }
        if !words.is_empty() {
            others.insert(0, vec![Piece::Literals(words)]);
        }
        Ok(others)
    }

    fn sequence(&mut self) -> Result<Vec<Sequence>, PatternError> {
        let mut all: Vec<Sequence> = vec![Vec::new()];
        let mut text = String::new();
        while let Some(&character) = self.chars.get(self.at) {
            let start = self.at;
            let next = self.chars.get(self.at + 1).copied();
            let item = match character {
                '|' | ')' => break,
                '\\' => {
                    match next {
                        Some(escaped @ ('(' | ')' | '|' | '?' | '@' | '{' | '}' | '.' | '\\')) => {
                            text.push(escaped);
                        }
                        _ => {
                            return Err(PatternError::new(
                                start,
                                "反斜杠只能写在 ( ) | ? @ { } . \\ 之前",
                                "a backslash may only stand before ( ) | ? @ { } . \\",
                            ));
                        }
                    }
                    self.at += 2;
                    continue;
                }
                '(' => self.group()?,
                '?' => {
                    return Err(PatternError::new(
                        start,
                        "? 只能跟在括号之后;要匹配问号本身请写 \\?",
                        "? may only follow a closing parenthesis; write \\? for the character itself",
                    ));
                }
                '@' => self.lexicon()?,
                '{' => self.slot()?,
                '}' => {
                    return Err(PatternError::new(
                        start,
                        "多了一个 };要匹配它本身请写 \\}",
                        "this } has no {; write \\} for the character itself",
                    ));
                }
                '.' if next == Some('.') => self.gap()?,
                _ => {
                    text.push(character);
                    self.at += 1;
                    continue;
                }
            };
            flush(&mut all, &mut text, start)?;
            all = product(&all, &item, start)?;
        }
        flush(&mut all, &mut text, self.at)?;
        Ok(all)
    }

    fn group(&mut self) -> Result<Vec<Sequence>, PatternError> {
        let start = self.at;
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(PatternError::new(
                start,
                "括号套得太深",
                "the parentheses are nested too deeply",
            ));
        }
        let mut inside = self.alternatives()?;
        self.depth -= 1;
        if self.chars.get(self.at) != Some(&')') {
            return Err(PatternError::new(
                start,
                "括号没有关上",
                "this parenthesis is never closed",
            ));
        }
        self.at += 1;
        if self.chars.get(self.at) == Some(&'?') {
            self.at += 1;
            match inside
                .iter_mut()
                .find_map(|sequence| match sequence.as_mut_slice() {
                    [Piece::Literals(list)] => Some(list),
                    _ => None,
                }) {
                Some(list) => list.push(String::new()),
                None => inside.push(vec![Piece::Literals(vec![String::new()])]),
            }
        }
        Ok(inside)
    }

    fn gap(&mut self) -> Result<Vec<Sequence>, PatternError> {
        let start = self.at;
        self.at += 2;
        let mut width = 0_usize;
        let digits = self.at;
        while let Some(digit) = self.chars.get(self.at).and_then(|c| c.to_digit(10)) {
            width = width.saturating_mul(10).saturating_add(digit as usize);
            self.at += 1;
        }
        if digits == self.at || width == 0 || width > WIDEST_GAP {
            return Err(PatternError::new(
                start,
                format!("..后面要写最多隔几个字,1 到 {WIDEST_GAP};要匹配点号本身请写 \\."),
                format!(
                    "after .. comes the most characters between, 1 to {WIDEST_GAP}; write \\. for the character itself"
                ),
            ));
        }
        Ok(vec![vec![Piece::Gap(width)]])
    }

    fn slot(&mut self) -> Result<Vec<Sequence>, PatternError> {
        let start = self.at;
        let Some(length) = self.chars[start..].iter().position(|&c| c == '}') else {
            return Err(PatternError::new(
                start,
                "{ 没有关上",
                "this { is never closed",
            ));
        };
        let name: String = self.chars[start + 1..start + length].iter().collect();
        self.at = start + length + 1;
        match Slot::named(&name) {
            Ok(slot) => Ok(vec![vec![Piece::Slot(slot)]]),
            Err(message) => Err(PatternError { at: start, message }),
        }
    }

    fn lexicon(&mut self) -> Result<Vec<Sequence>, PatternError> {
        let start = self.at;
        let name: String = self.chars[start + 1..]
            .iter()
            .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || **c == '-')
            .collect();
        self.at = start + 1 + name.len();
        if name.is_empty() {
            return Err(PatternError::new(
                start,
                "@ 后面要写词表的名字;要匹配 @ 本身请写 \\@",
                "after @ comes the name of a lexicon; write \\@ for the character itself",
            ));
        }
        let Some(patterns) = self.lexicons.get(&name) else {
            return Err(PatternError::new(
                start,
                format!("没有叫 {name} 的词表"),
                format!("there is no lexicon named {name}"),
            ));
        };
        if self.inside.contains(&name) || self.inside.len() >= DEEPEST {
            return Err(PatternError::new(
                start,
                format!("词表 {name} 引用了自己"),
                format!("the lexicon {name} refers to itself"),
            ));
        }
        let mut inside = self.inside.clone();
        inside.push(name.clone());
        let mut all = Vec::new();
        for pattern in patterns {
            let mut parser = Parser {
                chars: pattern.chars().collect(),
                at: 0,
                lexicons: self.lexicons,
                inside: inside.clone(),
                depth: self.depth,
            };
            let parsed = parser.whole().map_err(|error| {
                PatternError::new(
                    start,
                    format!("词表 {name} 里的“{pattern}”有误:{}", error.message.zh),
                    format!(
                        "in the lexicon {name}, the pattern “{pattern}”: {}",
                        error.message.en
                    ),
                )
            })?;
            all.extend(parsed);
            check_size(&all, start)?;
        }
        let mut words = Vec::new();
        let mut others = Vec::new();
        for mut sequence in all {
            match sequence.as_mut_slice() {
                [Piece::Literals(list)] => words.append(list),
                _ => others.push(sequence),
            }
        }
        if !words.is_empty() {
            others.insert(0, vec![Piece::Literals(words)]);
        }
        Ok(others)
    }
}

/// Every sequence followed by the text.
fn flush(all: &mut [Sequence], text: &mut String, at: usize) -> Result<(), PatternError> {
    if text.is_empty() {
        return Ok(());
    }
    for sequence in all.iter_mut() {
        match sequence.last_mut() {
            Some(Piece::Literals(ends)) => ends.iter_mut().for_each(|end| end.push_str(text)),
            _ => sequence.push(Piece::Literals(vec![text.clone()])),
        }
    }
    text.clear();
    check_size(all, at)
}

/// Every left sequence followed by every right one.
fn product(
    left: &[Sequence],
    right: &[Sequence],
    at: usize,
) -> Result<Vec<Sequence>, PatternError> {
    let mut out = Vec::new();
    let mut size = 0_usize;
    for first in left {
        for second in right {
            let joined = match (first.split_last(), second.split_first()) {
                (Some((Piece::Literals(ends), before)), Some((Piece::Literals(starts), after))) => {
                    if ends.len().saturating_mul(starts.len()) > MOST_LITERALS {
                        return Err(too_many(at));
                    }
                    let mut both = Vec::with_capacity(ends.len() * starts.len());
                    for end in ends {
                        both.extend(starts.iter().map(|start| [end.as_str(), start].concat()));
                    }
                    let both = Piece::Literals(both);
                    let mut joined = before.to_vec();
                    joined.push(both);
                    joined.extend_from_slice(after);
                    joined
                }
                _ => [first.as_slice(), second].concat(),
            };
            size = size.saturating_add(weight(&joined));
            if size > MOST_LITERALS {
                return Err(too_many(at));
            }
            out.push(joined);
        }
    }
    Ok(out)
}

/// What a sequence counts against the limit: its literals, and one for itself.
fn weight(sequence: &Sequence) -> usize {
    let literals: usize = sequence
        .iter()
        .map(|piece| match piece {
            Piece::Literals(list) => list.len(),
            _ => 0,
        })
        .sum();
    literals.max(1)
}

fn check_size(all: &[Sequence], at: usize) -> Result<(), PatternError> {
    if all.iter().map(weight).sum::<usize>() > MOST_LITERALS {
        Err(too_many(at))
    } else {
        Ok(())
    }
}

fn too_many(at: usize) -> PatternError {
    PatternError::new(
        at,
        format!("展开后超过 {MOST_LITERALS} 个词;请拆成几条,或用 .. 隔开"),
        format!(
            "this expands to more than {MOST_LITERALS} literals; split it, or put a gap between"
        ),
    )
}

/// Each once, where it stands first.
fn distinct(mut list: Vec<String>) -> Vec<String> {
    if list.len() < 2 {
        return list;
    }
    // Sums are compared before texts, which mostly differ.
    let sum = |text: &String| {
        let step = |sum: u64, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
    };
    let mut order: Vec<(u64, u32)> = list.iter().map(sum).zip(0..).collect();
    order.sort_unstable();
    let mut again: Vec<usize> = Vec::new();
    for same in order.chunk_by(|one, next| one.0 == next.0) {
        for (at, (_, index)) in same.iter().enumerate() {
            let index = *index as usize;
            let is_known = |(_, known): &(u64, u32)| list[*known as usize] == list[index];
            if same[..at].iter().any(is_known) {
                again.push(index);
            }
        }
    }
    sorted::plain(&mut again);
    for index in again.into_iter().rev() {
        list.remove(index);
    }
    list
}

/// Folds the literals, takes the empty ones apart, and checks what remains.
fn finish(
    sequence: Sequence,
    folded: &mut Folded,
    out: &mut Vec<Sequence>,
) -> Result<(), PatternError> {
    let mut variants: Vec<Sequence> = vec![Vec::new()];
    for piece in sequence {
        let (piece, optional) = match piece {
            Piece::Literals(list) => {
                let mut plain = list;
                for literal in &mut plain {
                    folded.fill(literal);
                    if folded.plain() != literal {
                        literal.clear();
                        literal.push_str(folded.plain());
                    }
                }
                let count = plain.len();
                plain.retain(|literal| !literal.is_empty());
                let optional = plain.len() < count;
                (Piece::Literals(distinct(plain)), optional)
            }
            other => (other, false),
        };
        let present = !matches!(&piece, Piece::Literals(list) if list.is_empty());
        let mut next = Vec::new();
        for variant in variants {
            if present {
                let mut with = variant.clone();
                match (with.last_mut(), &piece) {
                    (Some(Piece::Gap(before)), Piece::Gap(width)) => *before += width,
                    _ => with.push(piece.clone()),
                }
                next.push(with);
            }
            if optional {
                next.push(variant);
            }
        }
        variants = next;
        check_size(&variants, 0)?;
    }
    let gap = |piece: Option<&Piece>| matches!(piece, Some(Piece::Gap(_)));
    let idle = |variant: &Sequence| variant.iter().all(|piece| gap(Some(piece)));
    if !variants.iter().any(idle)
        && (variants.iter().all(|variant| gap(variant.first()))
            || variants.iter().all(|variant| gap(variant.last())))
    {
        return Err(PatternError::new(
            0,
            "..的两边都要有必需的词",
            "a gap needs a required word on both sides",
        ));
    }
    for variant in variants {
        if variant.iter().all(|piece| matches!(piece, Piece::Gap(_))) {
            return Err(PatternError::new(
                0,
                "这个写法可以什么都不匹配;至少要有一个必需的词",
                "this can match nothing at all; at least one word must be required",
            ));
        }
        let mut variant = variant;
        // What stood on the far side of the gap is optional and absent here, so the gap is idle.
        while matches!(variant.last(), Some(Piece::Gap(_))) {
            variant.pop();
        }
        let idle = variant
            .iter()
            .take_while(|piece| matches!(piece, Piece::Gap(_)))
            .count();
        variant.drain(..idle);
        if !out.contains(&variant) {
            out.push(variant);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Lexicons, Piece, Sequence, compile};
    use crate::text::slot::Slot;

    fn lexicons() -> Lexicons {
        [
            ("self", vec!["我", "我们", "这边"]),
            ("deny", vec!["不(归)?@self管", "没办法"]),
            ("loop", vec!["@pool"]),
            ("pool", vec!["@loop"]),
            ("broken", vec!["好", "(坏"]),
            (
                "many",
                vec!["(1|2|3|4|5|6|7|8|9|0)(1|2|3|4|5|6|7|8|9|0)(1|2|3|4|5|6|7|8|9|0)"],
            ),
        ]
        .into_iter()
        .map(|(name, list)| {
            (
                name.to_owned(),
                list.into_iter().map(str::to_owned).collect(),
            )
        })
        .collect()
    }

    fn words(list: &[&str]) -> Piece {
        Piece::Literals(list.iter().map(|&word| word.to_owned()).collect())
    }

    #[test]
    fn patterns_become_sequences() {
        let cases: Vec<(&str, &str, Vec<Sequence>)> = vec![
            ("words", "微信", vec![vec![words(&["微信"])]]),
            (
                "top-level alternatives",
                "加|減",
                vec![vec![words(&["加", "减"])]],
            ),
            (
                "group",
                "加(微信|V信)",
                vec![vec![words(&["加微信", "加v信"])]],
            ),
            (
                "optional",
                "请(您)?稍等",
                vec![vec![words(&["请您稍等", "请稍等"])]],
            ),
            (
                "gap",
                "加..4微信",
                vec![vec![words(&["加"]), Piece::Gap(4), words(&["微信"])]],
            ),
            (
                "gap in a branch",
                "加(..2微|v)信",
                vec![
                    vec![words(&["加v信"])],
                    vec![words(&["加"]), Piece::Gap(2), words(&["微信"])],
                ],
            ),
            (
                "lexicon",
                "@deny",
                vec![vec![words(&[
                    "不归我管",
                    "不归我们管",
                    "不归这边管",
                    "不我管",
                    "不我们管",
                    "不这边管",
                    "没办法",
                ])]],
            ),
            (
                "optional before a slot",
                "(请)?{duration}内",
                vec![
                    vec![words(&["请"]), Piece::Slot(Slot::Duration), words(&["内"])],
                    vec![Piece::Slot(Slot::Duration), words(&["内"])],
                ],
            ),
            (
                "gaps meet",
                "加..4(我)?..2微信",
                vec![
                    vec![
                        words(&["加"]),
                        Piece::Gap(4),
                        words(&["我"]),
                        Piece::Gap(2),
                        words(&["微信"]),
                    ],
                    vec![words(&["加"]), Piece::Gap(6), words(&["微信"])],
                ],
            ),
            (
                "escapes",
                r"\(1\.\.5\)\?\|\@\{\}\\",
                vec![vec![words(&[r"(1..5)?|@{}\"])]],
            ),
            (
                "square brackets",
                "[数字x]小时",
                vec![vec![words(&["[数字x]小时"])]],
            ),
            ("folded alike", "Ｖ信|v信|V信", vec![vec![words(&["v信"])]]),
            (
                "a gap beside an absent option is idle",
                "加..4(微信)?",
                vec![
                    vec![words(&["加"]), Piece::Gap(4), words(&["微信"])],
                    vec![words(&["加"])],
                ],
            ),
            ("one dot", "1.5米", vec![vec![words(&["1.5米"])]]),
        ];
        for (name, pattern, expected) in cases {
            assert_eq!(
                compile(pattern, &lexicons()).as_ref(),
                Ok(&expected),
                "{name}"
            );
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        let cases = [
            ("empty", "", 0, "nothing at all"),
            ("optional only", "(好)?", 0, "nothing at all"),
            ("only unseen marks", "\u{200b}", 0, "nothing at all"),
            ("empty branch", "好|", 0, "nothing at all"),
            ("open", "加(微信", 1, "never closed"),
            ("close", "加微信)", 3, "no opening"),
            ("question mark", "好?", 1, "may only follow"),
            ("unknown lexicon", "加@nobody", 1, "no lexicon named nobody"),
            ("no name", "a@b@", 3, "name of a lexicon"),
            ("recursion", "@loop", 0, "refers to itself"),
            ("broken lexicon", "啊@broken", 1, "never closed"),
            ("unknown slot", "打{fax}", 1, "no slot"),
            ("open slot", "打{phone", 1, "never closed"),
            ("close slot", "打}", 1, "no {"),
            ("gap without width", "加..微信", 1, "most characters"),
            ("gap too wide", "加..61微信", 1, "most characters"),
            ("gap first", "..4微信", 0, "both sides"),
            ("gap last", "微信..4", 0, "both sides"),
            ("backslash", r"好\n", 1, "backslash"),
            ("trailing backslash", "好\\", 1, "backslash"),
            ("too many", "@many@many", 5, "more than 1000"),
            (
                "too many of gaps",
                "(a..1b|c..1d)(a..1b|c..1d)(a..1b|c..1d)(a..1b|c..1d)(a..1b|c..1d)(a..1b|c..1d)(a..1b|c..1d)(a..1b|c..1d)(a..1b|c..1d)(a..1b|c..1d)",
                78,
                "more than 1000",
            ),
        ];
        for (name, pattern, at, says) in cases {
            // `@b` in "no name" must exist for the second @ to be the mistake.
            let mut lexicons = lexicons();
            lexicons.insert("b".to_owned(), vec!["好".to_owned()]);
            let error = compile(pattern, &lexicons).expect_err(name);
            assert!(
                error.message.en.contains(says),
                "{name}: {}",
                error.message.en
            );
            assert_eq!(error.at, at, "{name}");
        }
    }

    #[test]
    fn deep_nesting_is_a_mistake_and_not_a_crash() {
        let deep = format!("{}好{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(compile(&deep, &Lexicons::new()).is_err());
    }
}
