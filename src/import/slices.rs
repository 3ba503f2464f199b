//! A file in slices of whole lines, so that a long one need not be held.
//!
//! The thing to get right: a file in slices is read as the whole file would be. What decides about all
//! of it (its format, its encoding) is decided by the beginning, which is as long as the sample that
//! decides for a whole file; when a file that began as ASCII turns out not to be UTF-8, it is as if it
//! had been looked at where that is ([`encoding::later`]).

use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_8};

use super::encoding;
use super::ledger::Ledger;
use crate::diagnostic::Diagnostic;

/// How much is read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// At first: what decides about the whole file.
    pub first: usize,
    /// Afterwards.
    pub other: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        let slice = encoding::SAMPLE + encoding::SAMPLE / 4;
        Self {
            first: slice,
            other: slice,
        }
    }
}

/// A part of a file from which one conversation can be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it begins, in bytes of the file.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Which of its conversations it is, from 0.
    pub ordinal: usize,
}

/// The rest of a file.
pub(crate) struct Slices {
    source: Box<dyn Read + Send>,
    /// What was read beyond the last line end.
    begun: Vec<u8>,
    encoding: &'static Encoding,
    /// Whether there was anything but ASCII so far.
    beyond_ascii: bool,
    size: usize,
    /// Bytes of the file behind the slice under way.
    behind: usize,
    ended: bool,
}

impl Slices {
    /// Reads on after `head`, which ends where a line does, `behind` bytes into the file; `begun` are the
    /// bytes after it.
    /// `settled`: nothing that comes says anything about the encoding any more.
    pub(crate) fn new(
        source: Box<dyn Read + Send>,
        (encoding, settled): (&'static Encoding, bool),
        (behind, begun): (usize, Vec<u8>),
        size: usize,
    ) -> Self {
        Self {
            source,
            begun,
            encoding,
            beyond_ascii: settled,
            size: size.max(1),
            behind,
            ended: false,
        }
    }

    /// Puts the next slice in place of `text`; `line` is the number of its first line. At the end of the
    /// file the text is empty, and the answer false.
    pub(crate) fn next(&mut self, text: &mut String, line: u32, ledger: &mut Ledger) -> bool {
        if self.ended {
            text.clear();
            ledger.part = None;
            return false;
        }
        let mut bytes = std::mem::take(&mut self.begun);
        let mut wanted = self.size;
        loop {
            self.read(&mut bytes, wanted, ledger);
            if self.ended || encoding::line_end(&bytes, self.encoding) > 0 {
                break;
            }
            wanted = wanted.saturating_mul(2);
        }
        let known = self.encoding == UTF_8;
        let whole = &bytes[..self.cut(&bytes)];
        let valid = if known && !self.beyond_ascii {
            Encoding::utf8_valid_up_to(whole)
        } else {
            whole.len()
        };
        if valid < whole.len() && bytes[..valid].is_ascii() {
            let start = encoding::line_end(&bytes[..valid], UTF_8);
            self.read(&mut bytes, start + encoding::SAMPLE + 1, ledger);
            self.encoding = encoding::later(&bytes[start..], ledger);
        }
        let (whole, begun) = bytes.split_at(self.cut(&bytes));
        self.begun.extend_from_slice(begun);
        let start = self.behind;
        self.behind = start.saturating_add(whole.len());
        ledger.part = Some((start, self.behind));
        self.beyond_ascii = self.beyond_ascii || !whole.is_ascii();
        text.clear();
        if self.encoding == UTF_8 {
            encoding::damaged(whole, text);
            encoding::damage(text, line, ledger);
        } else {
            encoding::other(self.encoding, whole, line, text, ledger);
        }
        encoding::unmark(text);
        if text.is_empty() {
            ledger.part = None;
        }
        !text.is_empty()
    }

    /// How far into the file it was read, if so many bytes of text are not yet looked at.
    pub(crate) fn position(&self, left: usize) -> usize {
        // Of other encodings nobody knows how many bytes they were: no more than a slice.
        let left = if self.encoding == UTF_8 { left } else { 0 };
        self.behind.saturating_sub(left)
    }

    /// Where the whole lines end; at the end of the file everything is one.
    fn cut(&self, bytes: &[u8]) -> usize {
        if self.ended {
            bytes.len()
        } else {
            encoding::line_end(bytes, self.encoding)
        }
    }

    /// Reads until there are so many bytes.
    fn read(&mut self, bytes: &mut Vec<u8>, wanted: usize, ledger: &mut Ledger) {
        match fill(&mut self.source, bytes, wanted) {
            Ok(ended) => self.ended |= ended,
            Err(error) => {
                self.ended = true;
                ledger.report(Diagnostic::error(
                    "file-unreadable",
                    format!("读到一半读不下去了：{error}；之前的会话已保留"),
                    format!(
                        "it cannot be read to its end: {error}; the conversations before are kept"
                    ),
                ));
            }
        }
    }
}

/// Reads until there are so many bytes; whether the source ended before.
pub(crate) fn fill(
    source: &mut Box<dyn Read + Send>,
    bytes: &mut Vec<u8>,
    wanted: usize,
) -> io::Result<bool> {
    let missing = wanted.saturating_sub(bytes.len());
    bytes.reserve(missing);
    let read = source.take(missing as u64).read_to_end(bytes)?;
    Ok(read < missing)
}
