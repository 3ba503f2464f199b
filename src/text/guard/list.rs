//! Lists of words, found by their first characters.
//!
//! What a reader would get wrong: words that begin alike keep the order of the list, all others are
//! found in the order of the text.

use std::sync::OnceLock;

use crate::sorted;
use crate::span::Span;

/// A list that is written as one text, with `|` between its words.
pub(in crate::text) struct List {
    text: &'static str,
    index: OnceLock<Index>,
}

struct Index {
    /// Whether a word begins with a character of this number modulo 256: four of five do not.
    begins: [u64; 4],
    /// Sorted by first character.
    words: Vec<(char, &'static str)>,
    /// The most bytes of a word.
    longest: usize,
}

impl Index {
    /// Whether a word may begin with a character.
    fn begins(&self, first: char) -> bool {
        let code = first as usize & 255;
        self.begins[code / 64] >> (code % 64) & 1 == 1
    }
}

impl List {
    pub(in crate::text) const fn new(text: &'static str) -> Self {
        Self {
            text,
            index: OnceLock::new(),
        }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut index = Index {
                begins: [0; 4],
                words: Vec::new(),
                longest: 0,
            };
            for word in self.text.split('|') {
                let Some(first) = word.chars().next() else {
                    continue;
                };
                let code = first as usize & 255;
                index.begins[code / 64] |= 1 << (code % 64);
                index.words.push((first, word));
                index.longest = index.longest.max(word.len());
            }
            sorted::by_key(&mut index.words, |(first, _)| *first);
            index
        })
    }

    /// The words at the start of a text.
    pub(in crate::text) fn at<'s>(
        &self,
        text: &'s str,
    ) -> impl Iterator<Item = &'static str> + use<'s, '_> {
        let index = self.index();
        let first = text.chars().next().unwrap_or_default();
        let words = if index.begins(first) {
            let from = index.words.partition_point(|(begin, _)| *begin < first);
            &index.words[from..]
        } else {
            &[]
        };
        words
            .iter()
            .take_while(move |(begin, _)| *begin == first)
            .map(|(_, word)| *word)
            .filter(move |word| text.starts_with(*word))
    }

    /// Every occurrence of every word.
    pub(in crate::text) fn find<'s>(
        &self,
        text: &'s str,
    ) -> impl Iterator<Item = Span> + use<'s, '_> {
        let index = self.index();
        let begun = text.char_indices().filter(|(_, c)| index.begins(*c));
        begun.flat_map(move |(at, _)| {
            self.at(&text[at..])
                .map(move |word| Span::new(at, at + word.len()))
        })
    }

    /// Whether one of the words is in a text.
    pub(in crate::text) fn is_in(&self, text: &str) -> bool {
        self.find(text).next().is_some()
    }

    /// Whether a word lies over a span of a text.
    pub(in crate::text) fn covers(&self, text: &str, span: Span) -> bool {
        let reach = self.index().longest.saturating_sub(span.len());
        let from = text.floor_char_boundary(span.start.saturating_sub(reach));
        let to = span.start + text[span.start..].chars().next().map_or(0, char::len_utf8);
        text[from..to].char_indices().any(|(at, _)| {
            self.at(&text[from + at..])
                .any(|word| from + at + word.len() >= span.end)
        })
    }

    /// The words, in their order.
    #[cfg(test)]
    pub(in crate::text) fn words(&self) -> impl Iterator<Item = &'static str> {
        self.text.split('|')
    }
}
