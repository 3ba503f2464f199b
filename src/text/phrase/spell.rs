//! Other spellings of a phrase: pinyin, initials, characters taken to pieces, pictures for words.
//!
//! They are literals like any other, made when the sets are built, so that looking for them costs a
//! message nothing. What a reader would get wrong: a character without a reading makes no pinyin, and the
//! phrase is simply not looked for in that spelling.

use std::collections::BTreeMap;

use crate::sorted;
use crate::text::fold::Folded;
use crate::text::steps::Steps;

/// How characters and words are spelled otherwise.
#[derive(Clone, Debug, Default)]
pub struct Spellings {
    readings: BTreeMap<char, String>,
    // Words inside a longer phrase that somebody may write in pinyin or initials.
    syllables: Vec<(String, String)>,
    letters: Vec<(String, String)>,
    split: Vec<(String, String)>,
    emoji: Vec<(String, String)>,
}

/// The shortest pinyin of a whole phrase: below, it is somebody's English word.
const SHORTEST_PINYIN: usize = 5;
/// The shortest pinyin of a phrase that has other parts.
const SHORTEST_PART: usize = 3;
/// The fewest characters with initials, and one more for a whole phrase: fewer letters are everybody's
/// abbreviation (XXL).
const FEWEST_INITIALS: usize = 3;
/// Syllables in a row that are English words or the names of many people.
const WORDS: &[&str] = &[
    "change", "dating", "haochun", "huixin", "jiawei", "shader", "women",
];

impl Spellings {
    /// Adds readings: each character with its syllable, as in `微wei信xin`.
    pub fn readings(&mut self, text: &str) {
        let mut now = None;
        for character in Folded::new(text).plain().chars() {
            if character.is_ascii_alphabetic() {
                if let Some(reading) = now.and_then(|one| self.readings.get_mut(&one)) {
                    reading.push(character);
                }
            } else {
                self.readings.insert(character, String::new());
                now = Some(character);
            }
        }
    }

    /// Adds words that are written in pinyin or initials inside a phrase (用zhifubao转给我), with the
    /// readings known so far.
    pub fn words(&mut self, text: &str) {
        for word in Folded::new(text).plain().split_whitespace() {
            let mut out = Vec::new();
            self.read(word, Steps::INITIALS, true, &mut out);
            let pair = |other: String| (word.to_owned(), other);
            self.letters.extend(out.drain(..).map(pair));
            self.read(word, Steps::PINYIN, false, &mut out);
            // The first two are the whole word, with and without spaces.
            self.syllables.extend(out.drain(..).take(2).map(pair));
        }
    }

    /// Adds characters taken to pieces, as in `信=亻言 强=弓虽`.
    pub fn split(&mut self, text: &str) {
        pairs(text, &mut self.split);
    }

    /// Adds pictures for words, as in `妈=🐎 电话=☎`.
    pub fn emoji(&mut self, text: &str) {
        pairs(text, &mut self.emoji);
    }

    /// The spellings of one literal by one step; `part` when the phrase has others.
    pub(super) fn of(&self, literal: &str, step: Steps, part: bool) -> Vec<String> {
        let mut out = Vec::new();
        if step == Steps::SPLIT {
            replaced(literal, &self.split, &mut out);
        } else if step == Steps::EMOJI {
            // A picture alone is a picture.
            if part || !self.emoji.iter().any(|(word, _)| word == literal) {
                replaced(literal, &self.emoji, &mut out);
            }
        } else {
            self.read(literal, step, part, &mut out);
            let words = if step == Steps::PINYIN {
                &self.syllables
            } else {
                &self.letters
            };
            replaced(literal, words, &mut out);
        }
        out.retain(|other| other != literal);
        sorted::plain(&mut out);
        out.dedup();
        out
    }

    fn read(&self, literal: &str, step: Steps, part: bool, out: &mut Vec<String>) {
        // Each character with its reading; Latin letters and digits read as themselves.
        let mut syllables: Vec<(char, Option<&str>)> = Vec::new();
        for character in literal.chars() {
            if character.is_ascii_alphanumeric() {
                syllables.push((character, None));
            } else {
                match self.readings.get(&character) {
                    Some(reading) if !reading.is_empty() => {
                        syllables.push((character, Some(reading)));
                    }
                    _ => return,
                }
            }
        }
        let read = syllables.iter().filter(|(_, reading)| reading.is_some());
        let count = read.count();
        if step == Steps::INITIALS {
            let first = |(own, reading): &(char, Option<&str>)| {
                reading.and_then(|r| r.chars().next()).unwrap_or(*own)
            };
            let letters: String = syllables.iter().map(first).collect();
            let fewest = FEWEST_INITIALS + usize::from(!part);
            let varied = letters.chars().any(|letter| !letters.starts_with(letter));
            if count >= FEWEST_INITIALS && letters.len() >= fewest && varied {
                out.push(letters);
            }
            return;
        }
        if count == 0 || (count == 1 && syllables.len() == 1 && !part) {
            return;
        }
        let joined = |between: &str, only: Option<usize>| {
            let mut text = String::new();
            let mut after_syllable = false;
            for (index, (own, reading)) in syllables.iter().enumerate() {
                match reading.filter(|_| only.is_none_or(|only| only == index)) {
                    Some(reading) => {
                        if after_syllable {
                            text.push_str(between);
                        }
                        text.push_str(reading);
                        after_syllable = true;
                    }
                    None => {
                        text.push(*own);
                        after_syllable = false;
                    }
                }
            }
            text
        };
        let whole = joined("", None);
        let shortest = if part { SHORTEST_PART } else { SHORTEST_PINYIN };
        if whole.len() >= shortest && !WORDS.contains(&whole.as_str()) {
            if count > 1 {
                out.push(joined(" ", None));
            }
            out.push(whole);
        }
        // One syllable among characters: 微xin.
        if (2..=3).contains(&count) {
            out.extend((0..syllables.len()).map(|index| joined("", Some(index))));
        }
    }
}

fn pairs(text: &str, out: &mut Vec<(String, String)>) {
    let folded = Folded::new(text);
    out.extend(folded.plain().split_whitespace().filter_map(|pair| {
        let (word, other) = pair.split_once('=')?;
        (!word.is_empty() && !other.is_empty()).then(|| (word.to_owned(), other.to_owned()))
    }));
}

/// The literal with every word replaced that has another form, and with each of them alone.
fn replaced(literal: &str, pairs: &[(String, String)], out: &mut Vec<String>) {
    let mut whole = String::new();
    let mut count = 0;
    let mut at = 0;
    while let Some(next) = literal[at..].chars().next() {
        let mut length = next.len_utf8();
        let mut first = true;
        for (word, other) in pairs
            .iter()
            .filter(|(word, _)| literal[at..].starts_with(word.as_str()))
        {
            out.push([&literal[..at], other, &literal[at + word.len()..]].concat());
            if first {
                length = word.len();
                whole.push_str(other);
                count += 1;
                first = false;
            }
        }
        if first {
            whole.push(next);
        }
        at += length;
    }
    if count > 1 {
        out.push(whole);
    }
}
