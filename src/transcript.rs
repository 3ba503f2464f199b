//! The one shape every export is read into.
//!
//! The thing to get right: [`Message::position`] is the place in the *source* conversation, from 0,
//! counted before anything was excluded, sorted or collapsed. It is what reports call `message`.
//! Inside the crate a message is addressed by its index in [`Transcript::messages`] instead.

use serde::{Deserialize, Serialize};

use crate::civil;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// 客户/买家.
    Customer,
    /// 客服/坐席, a person.
    Agent,
    /// A robot or an automatic reply.
    Bot,
    /// The platform: order cards, transfers, notices.
    System,
    /// 主管, a person who steps in.
    Supervisor,
}

impl Role {
    /// Whether a person of the shop speaks.
    pub fn is_staff(self) -> bool {
        matches!(self, Self::Agent | Self::Supervisor)
    }
}

/// The channel of a conversation or of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Online chat.
    Chat,
    /// Telephone, transcribed.
    Phone,
    /// E-mail.
    Email,
    /// Anything else.
    Other,
}

/// What a message is, besides its text.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Ordinary text.
    #[default]
    Text,
    /// Withdrawn by its sender; its words are never judged.
    Recalled,
    /// The export says that something was here but not what.
    Unavailable,
    /// A picture, a voice message, a file.
    Media,
}

/// How fine the source states its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resolution {
    /// To the second or finer.
    Second,
    /// To the minute: a limit below two minutes cannot be judged.
    Minute,
}

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub millis: i64,
    /// How fine the source states it.
    pub resolution: Resolution,
}

/// A fixed offset from UTC, in seconds east, under the name it was given.
///
/// Chinese exports carry no zone; without one it is Asia/Shanghai, and the report says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// As given (`Asia/Shanghai`, `+08:00`).
    pub name: String,
    /// Seconds east of UTC.
    pub offset: i32,
    /// Whether nobody said it and it was assumed.
    pub assumed: bool,
}

impl Zone {
    /// A fixed offset such as `+08:00` or `Z`, or a name that has always stood for one of late.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        let zone = |offset| Self {
            name: name.to_owned(),
            offset,
            assumed: false,
        };
        match name {
            "Asia/Shanghai" | "Asia/Taipei" | "Asia/Hong_Kong" | "Asia/Macau"
            | "Asia/Singapore" | "Asia/Chongqing" | "PRC" => return Some(zone(8 * 3600)),
            "UTC" | "GMT" | "Z" | "z" => return Some(zone(0)),
            _ => {}
        }
        let (sign, clock) = match name.strip_prefix('+') {
            Some(clock) => (1, clock),
            None => (-1, name.strip_prefix(['-', '\u{2212}'])?),
        };
        let (hours, minutes) = match clock.split_once(':') {
            Some(parts) => parts,
            None if clock.len() == 4 && clock.is_ascii() => clock.split_at(2),
            None => (clock, "0"),
        };
        let number = |text: &str, most: i32| {
            let number: i32 = text.parse().ok()?;
            let digits = text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
            (digits && number <= most).then_some(number)
        };
        // No place on earth is farther from UTC.
        let seconds = number(hours, 14)? * 3600 + number(minutes, 59)? * 60;
        (seconds <= 14 * 3600).then(|| zone(sign * seconds))
    }
}

impl Zone {
    /// RFC 3339 of a moment here: `2024-05-06T10:00:05+08:00`, milliseconds only where there are any.
    pub fn rfc3339(&self, time: Time) -> String {
        civil::rfc3339(time.millis, self.offset)
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self {
            name: "Asia/Shanghai".to_owned(),
            offset: 8 * 3600,
            assumed: true,
        }
    }
}

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// The name reports use.
    pub name: String,
    /// Who they are.
    pub role: Role,
    /// A title such as 售后主管.
    pub title: Option<String>,
    /// A department such as 售前.
    pub department: Option<String>,
}

/// The index of a [`Speaker`] in [`Transcript::speakers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpeakerId(pub usize);

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Place in the source conversation, from 0, before exclusion, sorting or collapsing.
    pub position: usize,
    /// Who speaks, as the message says (a speaker may appear in more than one role).
    pub role: Role,
    /// Who speaks.
    pub speaker: SpeakerId,
    /// When, if the source says so.
    pub time: Option<Time>,
    /// What was said.
    pub text: String,
    /// The channel of this message, which wins over the conversation's.
    pub channel: Option<Channel>,
    /// What it is, besides its text.
    pub state: State,
}

/// One conversation, in the order in which it took place.
///
/// Messages with a time are in order of time (stable); every [`Message::speaker`] is in
/// [`Transcript::speakers`].
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// The conversation's id, or one made from the file's name and its place in it.
    pub id: String,
    /// Name or relative path of the file it came from.
    pub file: String,
    /// The channel, if the source says so.
    pub channel: Option<Channel>,
    /// The time zone of local times.
    pub zone: Zone,
    /// Everybody who speaks.
    pub speakers: Vec<Speaker>,
    /// A profile for this conversation alone, as the source gives it.
    pub config: Option<serde_json::Value>,
    /// What was said.
    pub messages: Vec<Message>,
}

impl Transcript {
    /// The speaker of a message.
    pub fn speaker(&self, message: &Message) -> &Speaker {
        &self.speakers[message.speaker.0]
    }
}
