//! The objects of a JSON export as serde reads them: tolerant of types, aliases and repeated keys,
//! borrowing from the text.
//!
//! The thing to get right: numbers become texts here, never floats; one that does not fit 64 bits
//! sets [`Entry::inexact`], and the caller reads the object again with its numbers quoted.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::columns::Column;
use super::draft::{Participant, Record};
use super::words;

/// A conversation, or a message that stands by itself.
#[derive(Default)]
pub(crate) struct Entry<'a> {
    pub(crate) id: Option<Cow<'a, str>>,
    pub(crate) channel: Option<Cow<'a, str>>,
    pub(crate) zone: Option<Cow<'a, str>>,
    pub(crate) participants: BTreeMap<String, Participant>,
    pub(crate) config: Option<Value>,
    pub(crate) messages: Option<Vec<Element<'a>>>,
    /// The object as a message.
    pub(crate) record: Record<'a>,
    /// Whether it has what a message has.
    pub(crate) speaks: bool,
    /// Whether a number lost digits.
    pub(crate) inexact: bool,
}

/// What stands in an array of messages.
pub(crate) enum Element<'a> {
    Message(Box<Record<'a>>),
    Other,
}

impl<'de> Deserialize<'de> for Entry<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entry = Entry::default();
        let mut id_rank = u8::MAX;
        while let Some(Text(key)) = map.next_key::<Text<'de>>()? {
            match key.as_ref() {
                "messages" | "dialogue" | "dialog" | "turns" | "msgs" => {
                    if let Elements(Some(messages), inexact) = map.next_value()? {
                        entry.messages = Some(messages);
                        entry.inexact |= inexact;
                    }
                    continue;
                }
                "participants" => {
                    entry.participants = participants(map.next_value()?);
                    continue;
                }
                "config" => {
                    entry.config = Some(map.next_value()?);
                    continue;
                }
                _ => {}
            }
            let Some((column, rank)) = Column::of(&key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = match map.next_value::<Scalar<'de>>()? {
                Scalar::Text(value) => value,
                Scalar::Inexact => {
                    entry.inexact = true;
                    continue;
                }
                Scalar::Nothing => {
                    entry.speaks |= column == Column::Text;
                    continue;
                }
            };
            match column {
                Column::Channel => entry.channel = Some(value.clone()),
                Column::Zone => entry.zone = Some(value.clone()),
                // `id` is a conversation's own name for itself; the others are as good.
                Column::Id | Column::Conversation => {
                    let rank = if key.eq_ignore_ascii_case("id") {
                        0
                    } else {
                        rank + 1
                    };
                    if rank <= id_rank {
                        id_rank = rank;
                        entry.id = Some(value.clone());
                    }
                }
                Column::Text | Column::Role => entry.speaks = true,
                _ => {}
            }
            entry.record.set(column, rank, value);
        }
        Ok(entry)
    }
}

/// A list of messages, and whether a number in it lost digits; `None` when it is no list.
struct Elements<'a>(Option<Vec<Element<'a>>>, bool);

impl<'de> Deserialize<'de> for Elements<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementsVisitor)
    }
}

struct ElementsVisitor;

impl<'de> Visitor<'de> for ElementsVisitor {
    type Value = Elements<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut messages = Vec::new();
        let mut inexact = false;
        while let Some(MaybeMessage(element, lost)) = seq.next_element()? {
            inexact |= lost;
            messages.push(element);
        }
        Ok(Elements(Some(messages), inexact))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        ignore_map(map)?;
        Ok(Elements(None, false))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Elements(None, false))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Elements(None, false))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Elements(None, false))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Elements(None, false))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Elements(None, false))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Elements(None, false))
    }
}

struct MaybeMessage<'a>(Element<'a>, bool);

impl<'de> Deserialize<'de> for MaybeMessage<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MessageVisitor)
    }
}

struct MessageVisitor;

impl<'de> Visitor<'de> for MessageVisitor {
    type Value = MaybeMessage<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut record = Box::<Record<'de>>::default();
        let mut inexact = false;
        while let Some(Text(key)) = map.next_key::<Text<'de>>()? {
            let Some((column, rank)) = Column::of(&key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            match map.next_value::<Scalar<'de>>()? {
                Scalar::Text(value) => record.set(column, rank, value),
                Scalar::Inexact => inexact = true,
                Scalar::Nothing => {}
            }
        }
        Ok(MaybeMessage(Element::Message(record), inexact))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        ignore_seq(seq)?;
        Ok(MaybeMessage(Element::Other, false))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(MaybeMessage(Element::Other, false))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(MaybeMessage(Element::Other, false))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(MaybeMessage(Element::Other, false))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(MaybeMessage(Element::Other, false))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(MaybeMessage(Element::Other, false))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(MaybeMessage(Element::Other, false))
    }
}

/// A string, borrowed where it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(value)))
            }

            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(value.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// A value as text.
enum Scalar<'a> {
    Text(Cow<'a, str>),
    /// A number that a float cannot be trusted with.
    Inexact,
    /// Null, or nothing that reads as one text.
    Nothing,
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Inexact)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(if value {
            "true"
        } else {
            "false"
        })))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        ignore_seq(seq)?;
        Ok(Scalar::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        ignore_map(map)?;
        Ok(Scalar::Nothing)
    }
}

fn ignore_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn ignore_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Participants by key, from `{key: {name, role, …}}`, `{key: name}` or `[{id, name, role, …}]`.
fn participants(value: Value) -> BTreeMap<String, Participant> {
    let text = |value: &Value, keys: &[&str]| {
        keys.iter()
            .find_map(|key| value.get(key).and_then(Value::as_str))
            .map(str::to_owned)
    };
    let one = |value: &Value| Participant {
        name: value
            .as_str()
            .map(str::to_owned)
            .or_else(|| text(value, &["name"]))
            .filter(|name| !name.trim().is_empty()),
        role: text(value, &["role"]).as_deref().and_then(words::role_word),
        title: text(value, &["title"]),
        department: text(value, &["dept", "department"]),
    };
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.trim().to_owned(), one(value)))
            .collect(),
        Value::Array(list) => list
            .iter()
            .filter_map(|value| {
                let key = text(value, &["id", "key", "from", "name"])?;
                Some((key.trim().to_owned(), one(value)))
            })
            .collect(),
        _ => BTreeMap::new(),
    }
}
