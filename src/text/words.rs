//! Word boundaries by jieba's dictionary, so that 滚 is not found in 滚筒.
//!
//! The dictionary may not have arrived yet ([`Words::absent`]): then nothing can be said about
//! boundaries, which is not the same as "every boundary fits". Ask [`Words::is_ready`] first.

use std::fmt;

use jieba_rs::Jieba;

use super::fold::Folded;
use crate::diagnostic::Bilingual;
use crate::span::Span;

/// A dictionary, or the lack of one.
#[derive(Clone, Default)]
pub struct Words {
    jieba: Option<Jieba>,
}

impl fmt::Debug for Words {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Words")
            .field("ready", &self.is_ready())
            .finish()
    }
}

/// A dictionary that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordsError {
    /// What is the matter.
    pub message: Bilingual,
}

impl fmt::Display for WordsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message.en)
    }
}

impl std::error::Error for WordsError {}

impl Words {
    /// No dictionary yet.
    pub fn absent() -> Self {
        Self::default()
    }

    /// A dictionary in jieba's text form: one word a line, with its frequency and, if known, its tag.
    ///
    /// # Errors
    /// When it is not such a text, or holds no word.
    pub fn from_dictionary(bytes: &[u8]) -> Result<Self, WordsError> {
        let mut bytes = bytes;
        let empty = bytes.iter().all(u8::is_ascii_whitespace);
        match Jieba::with_dict(&mut bytes) {
            Ok(jieba) if !empty => Ok(Self { jieba: Some(jieba) }),
            Ok(_) => Err(WordsError {
                message: Bilingual::new("词典是空的", "the dictionary holds no word"),
            }),
            Err(error) => Err(WordsError {
                message: Bilingual::new(
                    format!("词典读不了: {error}"),
                    format!("the dictionary cannot be read: {error}"),
                ),
            }),
        }
    }

    /// The dictionary that comes with jieba.
    #[cfg(feature = "cli")]
    pub fn bundled() -> Self {
        Self {
            jieba: Some(Jieba::new()),
        }
    }

    /// The same dictionary with words of a shop, such as product names.
    #[must_use]
    pub fn with_words(mut self, words: &[String]) -> Self {
        if let Some(jieba) = &mut self.jieba {
            let mut folded = Folded::default();
            for word in words {
                folded.fill(word.trim());
                if !folded.plain().is_empty() {
                    jieba.add_word(folded.plain(), None, None);
                }
            }
        }
        self
    }

    /// Whether there is a dictionary to ask.
    pub fn is_ready(&self) -> bool {
        self.jieba.is_some()
    }

    /// Where words begin and end in a folded text. Without a dictionary every place is a boundary.
    pub fn boundaries(&self, plain: &str) -> Boundaries {
        let Some(jieba) = &self.jieba else {
            return Boundaries { edges: None };
        };
        let mut edges = vec![0];
        let mut at = 0;
        for token in jieba.cut(plain, false) {
            at += token.word.len();
            edges.push(at);
        }
        Boundaries { edges: Some(edges) }
    }
}

/// The word boundaries of one folded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boundaries {
    // Ascending; none without a dictionary.
    edges: Option<Vec<usize>>,
}

impl Boundaries {
    /// Whether a plain span begins and ends where words do.
    pub fn fits(&self, plain: Span) -> bool {
        match &self.edges {
            None => true,
            Some(edges) => {
                edges.binary_search(&plain.start).is_ok() && edges.binary_search(&plain.end).is_ok()
            }
        }
    }
}
