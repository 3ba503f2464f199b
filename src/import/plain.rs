//! Conversations in the plain shape, read straight from their text: an object whose messages are flat
//! objects of strings and small whole numbers. Nearly every line of a large export is one.
//!
//! The thing to get right: this is a short cut, not a second opinion. What is not plain, be it odd or
//! broken, is `None`, costs nothing and goes the slow way ([`super::json_entry`]); what is plain comes
//! out as it would there.

use std::borrow::Cow;

use super::columns::Column;
use super::draft::Record;
use crate::report::json::special;

/// A conversation in the plain shape.
pub(crate) struct Plain<'a> {
    pub(crate) id: Option<Cow<'a, str>>,
    pub(crate) channel: Option<Cow<'a, str>>,
    pub(crate) zone: Option<Cow<'a, str>>,
    values: Vec<Value<'a>>,
    /// Where each message begins in the text, and where its values end in `values`.
    messages: Vec<(usize, usize)>,
}

struct Value<'a> {
    column: Column,
    rank: u8,
    text: Cow<'a, str>,
}

impl<'a> Plain<'a> {
    /// Calls `take` with each message: where it begins, and the record of its values.
    pub(crate) fn messages(self, mut take: impl FnMut(usize, &mut Record<'a>)) {
        let mut values = self.values.into_iter();
        let mut record = Record::default();
        let mut first = 0;
        for (start, end) in self.messages {
            record.clear();
            for value in values.by_ref().take(end - first) {
                record.set(value.column, value.rank, value.text);
            }
            first = end;
            take(start, &mut record);
        }
    }
}

/// What keys mean, remembered from object to object.
#[derive(Default)]
pub(crate) struct Keys {
    known: Vec<(Box<str>, Meaning)>,
    /// The key that comes after the last one, if this object is like the one before.
    next: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Messages,
    /// Something the slow way knows how to read.
    Special,
    Column(Column, u8),
    Nothing,
}

/// More keys than any export has; beyond, they are looked up each time.
const REMEMBERED: usize = 32;

impl Keys {
    fn guess(&self) -> Option<&str> {
        self.known.get(self.next).map(|(known, _)| &**known)
    }

    fn meaning(&mut self, key: &str) -> Meaning {
        let guess = self
            .known
            .get(self.next)
            .filter(|(known, _)| **known == *key);
        if let Some(&(_, meaning)) = guess {
            self.next += 1;
            return meaning;
        }
        let known = self.known.iter().position(|(known, _)| **known == *key);
        if let Some(index) = known {
            self.next = index + 1;
            return self.known[index].1;
        }
        let meaning = match key {
            "messages" | "dialogue" | "dialog" | "turns" | "msgs" => Meaning::Messages,
            "participants" | "config" => Meaning::Special,
            _ => Column::of(key).map_or(Meaning::Nothing, |(column, rank)| {
                Meaning::Column(column, rank)
            }),
        };
        if self.known.len() < REMEMBERED {
            self.known.push((key.into(), meaning));
        }
        meaning
    }
}

/// Reads a conversation; `None` when it is not plain.
pub(crate) fn conversation<'a>(text: &'a str, keys: &mut Keys) -> Option<Plain<'a>> {
    let mut scan = Scan { text, at: 0 };
    let mut plain = Plain {
        id: None,
        channel: None,
        zone: None,
        values: Vec::new(),
        messages: Vec::new(),
    };
    let mut id_rank = u8::MAX;
    let mut listed = false;
    scan.expect(b'{')?;
    loop {
        let key = scan.key(keys.guess())?;
        match keys.meaning(key) {
            Meaning::Messages if !listed => {
                listed = true;
                messages(&mut scan, keys, &mut plain)?;
            }
            Meaning::Messages | Meaning::Special => return None,
            Meaning::Nothing => {
                scan.scalar()?;
            }
            Meaning::Column(column, rank) => {
                if let Some(value) = scan.scalar()? {
                    match column {
                        Column::Channel => plain.channel = Some(value),
                        Column::Zone => plain.zone = Some(value),
                        // `id` is a conversation's own name for itself; the others are as good.
                        Column::Id | Column::Conversation => {
                            let is_own = key.eq_ignore_ascii_case("id");
                            let rank = if is_own { 0 } else { rank + 1 };
                            if rank <= id_rank {
                                id_rank = rank;
                                plain.id = Some(value);
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        if !scan.comma(b'}')? {
            break;
        }
    }
    scan.space();
    (listed && scan.at == text.len()).then_some(plain)
}

fn messages<'a>(scan: &mut Scan<'a>, keys: &mut Keys, plain: &mut Plain<'a>) -> Option<()> {
    scan.expect(b'[')?;
    // A message is seldom shorter than this.
    let most = scan.text.len() / 64;
    plain.messages.reserve(most);
    plain.values.reserve(most.saturating_mul(4));
    loop {
        scan.space();
        let start = scan.at;
        scan.expect(b'{')?;
        loop {
            let key = scan.key(keys.guess())?;
            match keys.meaning(key) {
                // In a message these are keys like others, and mean what a column of that name means.
                Meaning::Messages | Meaning::Special => return None,
                Meaning::Nothing => {
                    scan.scalar()?;
                }
                Meaning::Column(column, rank) => {
                    if let Some(text) = scan.scalar()? {
                        plain.values.push(Value { column, rank, text });
                    }
                }
            }
            if !scan.comma(b'}')? {
                break;
            }
        }
        plain.messages.push((start, plain.values.len()));
        if !scan.comma(b']')? {
            return Some(());
        }
    }
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.space();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Whether a comma follows rather than the end.
    fn comma(&mut self, end: u8) -> Option<bool> {
        self.space();
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b',' => Some(true),
            byte if byte == end => Some(false),
            _ => None,
        }
    }

    /// A key without escapes, and its colon; `guess` is what it may be.
    fn key(&mut self, guess: Option<&str>) -> Option<&'a str> {
        self.expect(b'"')?;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let end = match guess {
            Some(guess)
                if bytes[start..].starts_with(guess.as_bytes())
                    && bytes.get(start + guess.len()) == Some(&b'"') =>
            {
                start + guess.len()
            }
            _ => special(bytes, start)?,
        };
        if self.text.as_bytes()[end] != b'"' {
            return None;
        }
        self.at = end + 1;
        self.expect(b':')?;
        Some(&self.text[start..end])
    }

    /// A value as text: `Some(None)` is null; `None` is a list, an object or a number to be careful with.
    fn scalar(&mut self) -> Option<Option<Cow<'a, str>>> {
        self.space();
        let start = self.at;
        match self.peek()? {
            b'"' => self.string().map(Some),
            b'-' | b'0'..=b'9' => {
                let digits = start + usize::from(self.peek()? == b'-');
                self.at = digits;
                while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                    self.at += 1;
                }
                let length = self.at - digits;
                let leads = self.text.as_bytes().get(digits) == Some(&b'0');
                // Neither 007, which is none, nor -0, which is not 0, nor what 64 bits may not hold.
                if length == 0
                    || length > 18
                    || leads && (length > 1 || digits > start)
                    || matches!(self.peek(), Some(b'.' | b'e' | b'E'))
                {
                    return None;
                }
                Some(Some(Cow::Borrowed(&self.text[start..self.at])))
            }
            b't' => self.word("true").map(|word| Some(Cow::Borrowed(word))),
            b'f' => self.word("false").map(|word| Some(Cow::Borrowed(word))),
            b'n' => self.word("null").map(|_| None),
            _ => None,
        }
    }

    fn word(&mut self, word: &'static str) -> Option<&'static str> {
        self.text[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            word
        })
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        let bytes = self.text.as_bytes();
        let quote = self.at;
        let mut end = special(bytes, quote + 1)?;
        if bytes[end] == b'"' {
            self.at = end + 1;
            return Some(Cow::Borrowed(&self.text[quote + 1..end]));
        }
        while bytes[end] != b'"' {
            if bytes[end] != b'\\' {
                return None;
            }
            end = special(bytes, end + 2)?;
        }
        self.at = end + 1;
        // Half of a surrogate pair is for the slow way to mend.
        let text: String = serde_json::from_str(&self.text[quote..=end]).ok()?;
        Some(Cow::Owned(text))
    }
}

#[cfg(test)]
mod tests {
    use super::{Keys, conversation};
    use crate::import::columns::Column;

    #[test]
    fn what_is_plain_and_what_is_not() {
        let read = |text: &str| {
            let mut keys = Keys::default();
            let mut out = Vec::new();
            conversation(text, &mut keys)?.messages(|start, record| {
                let text = record.get(Column::Text).unwrap_or_default().to_owned();
                out.push((start, text));
            });
            Some(out)
        };
        let one = |text: &str| Some(vec![(13, text.to_owned())]);
        assert_eq!(read(r#"{"messages":[{"text":"好"}]}"#), one("好"));
        assert_eq!(
            read(r#"{"messages":[{"text":"a\n\u4f60"}] }"#),
            one("a\n你")
        );
        assert_eq!(read(r#"{"messages":[{"text":-12,"x":null}]}"#), one("-12"));
        assert_eq!(read(r#"{"messages":[{"text":true}],"id":3}"#), one("true"));
        for other in [
            "",
            "{}",
            r#"{"id":"1"}"#,
            r#"{"messages":{}}"#,
            r#"{"messages":[]}"#,
            r#"{"messages":[1]}"#,
            r#"{"messages":[{}]}"#,
            r#"{"messages":[{"text":"a"}],"messages":[{"text":"b"}]}"#,
            r#"{"messages":[{"text":["a"]}]}"#,
            r#"{"messages":[{"text":"a","config":1}]}"#,
            r#"{"messages":[{"text":"a"}],"config":null}"#,
            r#"{"messages":[{"text":1.5}]}"#,
            r#"{"messages":[{"text":1e3}]}"#,
            r#"{"messages":[{"text":-0}]}"#,
            r#"{"messages":[{"text":007}]}"#,
            r#"{"messages":[{"text":-}]}"#,
            r#"{"messages":[{"text":1234567890123456789}]}"#,
            r#"{"messages":[{"text":"\ud800"}]}"#,
            r#"{"messages":[{"text":"a\x"}]}"#,
            r#"{"messages":[{"t\u0065xt":"a"}]}"#,
            r#"{"messages":[{"text":"a"},]}"#,
            r#"{"messages":[{"text":"a"}]"#,
            r#"{"messages":[{"text":"a"}]}x"#,
            r#"{"messages":[{"text":"a"}],}"#,
            r#"{"messages":[{"text":nul}]}"#,
            "{\"messages\":[{\"text\":\"a\u{1}\"}]}",
            "{\"messages\":[{\"text\":\"a",
            "{\"messages\":[{\"text\":\"a\\",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
