//! Conversations in the plain shape, read straight from their text: an object whose messages are flat
//! objects of strings and small whole numbers, with nothing to remark upon. Nearly every line of a large
//! export is one.
//!
//! The thing to get right: this is a short cut, not a second opinion. What is not plain, be it odd or
//! broken, is `None`, leaves no trace and goes the slow way ([`super::tree`]); what is plain comes
//! out as it would there.

use std::borrow::Cow;

use super::columns::Column;
use super::draft::{Draft, Record, Zoned};
use super::lines::Lines;
use super::words;
use crate::report::json::special;

/// What lists of messages are called.
pub(crate) const LISTS: [&str; 5] = ["messages", "dialogue", "dialog", "turns", "msgs"];

/// What keys mean, remembered from object to object.
#[derive(Default)]
pub(crate) struct Keys {
    known: Vec<Key>,
    /// The key that comes after the last one, if this object is like the one before.
    next: usize,
    /// The zone that was stated last, which others of the file mostly state as well.
    zone: Option<(String, Zoned)>,
}

struct Key {
    /// With its quotes and the colon.
    written: Box<[u8]>,
    meaning: Meaning,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Messages,
    /// Something the slow way knows how to read.
    Special,
    Column(Column, u8),
    /// `id` is a conversation's own name for itself; other columns of ids are as good.
    Id,
    Nothing,
}

/// More keys than nearly any export has.
const REMEMBERED: usize = 64;

impl Keys {
    /// Takes over the zone that a conversation states; whether it is known.
    fn zone(&mut self, name: &str, draft: &mut Draft) -> bool {
        if let Some((known, zoned)) = &self.zone
            && known == name
        {
            draft.set_zone(zoned.clone());
            return true;
        }
        let is_known = draft.is_zone(name);
        self.zone = is_known.then(|| (name.to_owned(), draft.zoned()));
        is_known
    }

    /// Reads a key and its colon, and says what it means. `seen`: the keys of the object so far, a bit
    /// each; a key that stands twice is not plain.
    fn read(&mut self, scan: &mut Scan<'_>, seen: &mut u64) -> Option<Meaning> {
        scan.space();
        if let Some(key) = self.known.get(self.next)
            && scan.rest().starts_with(&key.written)
        {
            first(seen, self.next)?;
            self.next += 1;
            scan.at += key.written.len();
            return Some(key.meaning);
        }
        let key = scan.key()?;
        let is_it = |known: &Key| {
            let end = known.written.len() - 2;
            known.written[1..end] == *key.as_bytes()
        };
        if let Some(index) = self.known.iter().position(is_it) {
            first(seen, index)?;
            self.next = index + 1;
            return Some(self.known[index].meaning);
        }
        let meaning = match key {
            _ if LISTS.contains(&key) => Meaning::Messages,
            "participants" | "config" => Meaning::Special,
            _ if key.eq_ignore_ascii_case("id") => Meaning::Id,
            _ => Column::of(key).map_or(Meaning::Nothing, |(column, rank)| {
                Meaning::Column(column, rank)
            }),
        };
        // With more keys than that, the slow way sees to it that none stands twice.
        if self.known.len() == REMEMBERED {
            return None;
        }
        first(seen, self.known.len())?;
        self.known.push(Key {
            written: [b"\"", key.as_bytes(), b"\":"].concat().into(),
            meaning,
        });
        Some(meaning)
    }
}

/// Notes a key; `None` when it was there before.
fn first(seen: &mut u64, index: usize) -> Option<()> {
    let bit = 1u64 << index;
    (*seen & bit == 0).then(|| *seen |= bit)
}

/// Reads a conversation into a draft that is fresh; `None` when it is not plain, and then the draft is of
/// no more use. `lined`: the text may be several lines.
pub(crate) fn conversation(
    text: &str,
    keys: &mut Keys,
    draft: &mut Draft,
    lined: bool,
) -> Option<()> {
    let mut scan = Scan { text, at: 0 };
    let mut id_rank = u8::MAX;
    let mut listed = false;
    let mut seen = 0;
    scan.expect(b'{')?;
    loop {
        match keys.read(&mut scan, &mut seen)? {
            Meaning::Messages if !listed => {
                listed = true;
                messages(&mut scan, keys, draft, lined)?;
            }
            Meaning::Messages | Meaning::Special => return None,
            Meaning::Nothing => {
                scan.scalar()?;
            }
            meaning @ (Meaning::Column(..) | Meaning::Id) => {
                let Some(value) = scan.scalar()? else {
                    if !scan.comma(b'}')? {
                        break;
                    }
                    continue;
                };
                let rank = match meaning {
                    Meaning::Column(Column::Id | Column::Conversation, rank) => rank + 1,
                    Meaning::Column(Column::Channel, _) => {
                        draft.channel = words::channel(&value);
                        u8::MAX
                    }
                    // The times of messages are read with the zone.
                    Meaning::Column(Column::Zone, _) => {
                        if listed || !keys.zone(&value, draft) {
                            return None;
                        }
                        u8::MAX
                    }
                    Meaning::Id => 0,
                    _ => u8::MAX,
                };
                if rank < u8::MAX && rank <= id_rank {
                    id_rank = rank;
                    draft.name(&value);
                }
            }
        }
        if !scan.comma(b'}')? {
            break;
        }
    }
    scan.space();
    (listed && scan.at == text.len()).then_some(())
}

fn messages<'a>(
    scan: &mut Scan<'a>,
    keys: &mut Keys,
    draft: &mut Draft,
    lined: bool,
) -> Option<()> {
    let first = draft.line();
    let mut lines = lined.then(|| Lines::new(scan.text));
    let mut record: Record<'a> = Record::at(first);
    // The key that messages begin with.
    let mut opening = None;
    scan.expect(b'[')?;
    loop {
        scan.expect(b'{')?;
        keys.next = opening.unwrap_or(keys.next);
        if let Some(lines) = &mut lines {
            record.line = first.saturating_add(lines.at(scan.text, scan.at - 1) - 1);
        }
        let mut seen = 0;
        loop {
            let meaning = keys.read(scan, &mut seen)?;
            opening = opening.or(keys.next.checked_sub(1));
            match meaning {
                // In a message these mean what a column of that name means, if any does.
                Meaning::Messages | Meaning::Special => return None,
                Meaning::Nothing => {
                    scan.scalar()?;
                }
                Meaning::Id => {
                    if let Some(text) = scan.scalar()? {
                        record.set(Column::Id, ID_RANK, text);
                    }
                }
                Meaning::Column(column, rank) => {
                    if let Some(text) = scan.scalar()? {
                        record.set(column, rank, text);
                    }
                }
            }
            if !scan.comma(b'}')? {
                break;
            }
        }
        draft.push_plain(&mut record)?;
        record.clear();
        if !scan.comma(b']')? {
            return Some(());
        }
    }
}

/// The rank of `id` among the names of its column.
const ID_RANK: u8 = 1;

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

    /// What is left.
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// A key without escapes, and its colon.
    fn key(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let end = special(bytes, start)?;
        if bytes[end] != b'"' {
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
    use crate::import::draft::Draft;
    use crate::import::ledger::Ledger;

    #[test]
    fn what_is_plain_and_what_is_not() {
        let read = |text: &str| {
            let mut draft = Draft::new(None, 1, None);
            conversation(text, &mut Keys::default(), &mut draft, true)?;
            let mut ledger = Ledger::new("a.json");
            let transcript = draft.finish(None, &mut ledger)?;
            Some(
                transcript
                    .messages
                    .into_iter()
                    .map(|message| message.text)
                    .collect::<Vec<_>>(),
            )
        };
        let one = |text: &str| Some(vec![text.to_owned()]);
        let whole =
            |text: &str| format!(r#"{{"messages":[{{"role":"agent","sender":"a",{text}}}]}}"#);
        assert_eq!(read(&whole(r#""text":"好""#)), one("好"));
        assert_eq!(read(&whole(r#""text":"a\n\u4f60" "#)), one("a\n你"));
        assert_eq!(read(&whole(r#""text":-12,"x":null"#)), one("-12"));
        assert_eq!(read(&whole(r#""text":true"#)), one("true"));
        assert_eq!(
            read(&whole(r#""text":"a","time":"2024-05-06 10:00:00""#)),
            one("a")
        );
        for odd in [
            r#""text":"""#,
            r#""text":"a","time":"yesterday""#,
            r#""text":"a","role":"nobody""#,
            r#""text":["a"]"#,
            r#""text":"a","config":1"#,
            r#""text":1.5"#,
            r#""text":1e3"#,
            r#""text":-0"#,
            r#""text":007"#,
            r#""text":-"#,
            r#""text":1234567890123456789"#,
            r#""text":"\ud800""#,
            r#""text":"a\x""#,
            r#""t\u0065xt":"a""#,
            r#""text":"a",""#,
            r#""text":nul"#,
            "\"text\":\"a\u{1}\"",
        ] {
            assert_eq!(read(&whole(odd)), None, "{odd}");
        }
        for other in [
            "",
            "{}",
            r#"{"id":"1"}"#,
            r#"{"messages":{}}"#,
            r#"{"messages":[]}"#,
            r#"{"messages":[1]}"#,
            r#"{"messages":[{}]}"#,
            r#"{"messages":[{"text":"a"}],"messages":[{"text":"b"}]}"#,
            r#"{"messages":[{"text":"a"}],"timezone":"+08:00"}"#,
            r#"{"timezone":"nowhere","messages":[{"text":"a"}]}"#,
            r#"{"messages":[{"text":"a"}],"config":null}"#,
            r#"{"messages":[{"text":"a"},]}"#,
            r#"{"messages":[{"text":"a"}]"#,
            r#"{"messages":[{"text":"a"}]}x"#,
            r#"{"messages":[{"text":"a"}],}"#,
            "{\"messages\":[{\"text\":\"a",
            "{\"messages\":[{\"text\":\"a\\",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn ids_rank_as_their_name_says() {
        let found = crate::import::columns::Column::of("id");
        assert_eq!(found.map(|(_, rank)| rank), Some(super::ID_RANK));
    }
}
