//! Transcripts as they were understood, one a line: `zhijian-transcript/1`, which the importer reads as
//! [`crate::import`]'s own format.
//!
//! The thing to get right: who reads a line again gets the same conversation. Its messages stand in the
//! order of time and carry their place in the source as their id, so that two that say the same are not
//! taken for one; a time that the source states to the minute is written without seconds, because a
//! made-up second would be judged. Only positions begin anew.

use std::collections::BTreeSet;

use crate::civil;
use crate::import::Reader;
use crate::report::json;
use crate::transcript::{Channel, Message, Resolution, Role, State, Transcript};

/// The name of the format, which begins every line.
pub const SCHEMA: &str = "zhijian-transcript/1";

/// Appends a conversation, without a line feed.
pub fn write(transcript: &Transcript, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"schema\":\"zhijian-transcript/1\",\"id\":");
    json::string(out, &transcript.id);
    channel(out, transcript.channel);
    out.extend_from_slice(b",\"timezone\":");
    json::string(out, &transcript.zone.name);
    participants(transcript, out);
    if let Some(config) = &transcript.config {
        out.extend_from_slice(b",\"config\":");
        out.extend_from_slice(config.to_string().as_bytes());
    }
    out.extend_from_slice(b",\"messages\":");
    json::list(out, &transcript.messages, |out, message| {
        out.extend_from_slice(b"{\"id\":");
        json::count(out, message.position);
        said(transcript, message, true, out);
    });
    out.push(b'}');
}

/// Appends the next conversations of a file, a line each, until there are `most` bytes; false at its end.
pub fn write_some(reader: &mut Reader, most: usize, out: &mut Vec<u8>) -> bool {
    while out.len() < most {
        let Some(transcript) = reader.next() else {
            return false;
        };
        write(&transcript, out);
        out.push(b'\n');
    }
    true
}

/// `,"role":…` and everything after it, to the end of a message; `to_the_minute`: a time that the source
/// states to the minute has no seconds.
pub(crate) fn said(
    transcript: &Transcript,
    message: &Message,
    to_the_minute: bool,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(match message.role {
        Role::Customer => b",\"role\":\"customer\"".as_slice(),
        Role::Agent => b",\"role\":\"agent\"",
        Role::Bot => b",\"role\":\"bot\"",
        Role::System => b",\"role\":\"system\"",
        Role::Supervisor => b",\"role\":\"supervisor\"",
    });
    out.extend_from_slice(b",\"sender\":");
    json::string(out, &transcript.speaker(message).name);
    if let Some(time) = message.time {
        let start = out.len();
        write_time(time.millis, transcript.zone.offset, out);
        if to_the_minute && time.resolution == Resolution::Minute {
            without_seconds(out, start);
        }
    }
    if message.channel != transcript.channel {
        channel(out, message.channel);
    }
    out.extend_from_slice(b",\"text\":");
    json::string(out, &message.text);
    out.extend_from_slice(match message.state {
        State::Text => b"}".as_slice(),
        State::Recalled => b",\"state\":\"recalled\"}",
        State::Unavailable => b",\"state\":\"unavailable\"}",
        State::Media => b",\"state\":\"media\"}",
    });
}

fn channel(out: &mut Vec<u8>, channel: Option<Channel>) {
    out.extend_from_slice(match channel {
        Some(Channel::Chat) => b",\"channel\":\"chat\"".as_slice(),
        Some(Channel::Phone) => b",\"channel\":\"phone\"",
        Some(Channel::Email) => b",\"channel\":\"email\"",
        Some(Channel::Other) => b",\"channel\":\"other\"",
        None => b"",
    });
}

/// Titles and departments, by name; nothing where nobody has any.
fn participants(transcript: &Transcript, out: &mut Vec<u8>) {
    let mut told = BTreeSet::new();
    for speaker in &transcript.speakers {
        let about = [
            ("title", &speaker.title),
            ("department", &speaker.department),
        ];
        if about.iter().all(|(_, value)| value.is_none()) || !told.insert(&speaker.name) {
            continue;
        }
        out.extend_from_slice(if told.len() == 1 {
            b",\"participants\":{".as_slice()
        } else {
            b","
        });
        json::string(out, &speaker.name);
        let mut before = b":{".as_slice();
        for (key, value) in about {
            if let Some(value) = value {
                out.extend_from_slice(before);
                before = b",";
                json::string(out, key);
                out.push(b':');
                json::string(out, value);
            }
        }
        out.push(b'}');
    }
    if !told.is_empty() {
        out.push(b'}');
    }
}

/// Takes `:00` and a fraction out of a time that was written from `start` on: `…T10:05:00+08:00`.
fn without_seconds(out: &mut Vec<u8>, start: usize) {
    let Some(clock) = out[start..].iter().position(|&byte| byte == b'T') else {
        return;
    };
    // Hours, a colon and minutes.
    let from = start + clock + 6;
    let zone = |byte: &u8| matches!(byte, b'+' | b'-' | b'Z');
    let to = out.get(from..).and_then(|rest| rest.iter().position(zone));
    if let Some(length) = to {
        out.drain(from..from + length);
    }
}

/// `,"time":"…"`, in the zone of the conversation.
fn write_time(millis: i64, offset: i32, out: &mut Vec<u8>) {
    // From 1970 to 2100, on the second, at an offset of whole minutes: every time of every export.
    let local = millis.saturating_add(i64::from(offset) * 1000);
    if (0..4_102_444_800_000).contains(&local) && local % 1000 == 0 && offset % 60 == 0 {
        let seconds = local / 1000;
        let (year, month, day) = civil::date(seconds / 86_400);
        let (minutes, sign) = (
            offset.unsigned_abs() / 60,
            if offset < 0 { b'-' } else { b'+' },
        );
        let two = |value: i64| [b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8];
        let pair = |value: i64, before: u8, out: &mut Vec<u8>| {
            out.push(before);
            out.extend_from_slice(&two(value));
        };
        out.extend_from_slice(b",\"time\":\"");
        out.extend_from_slice(&two(year / 100));
        out.extend_from_slice(&two(year));
        pair(month, b'-', out);
        pair(day, b'-', out);
        pair(seconds / 3600 % 24, b'T', out);
        pair(seconds / 60 % 60, b':', out);
        pair(seconds % 60, b':', out);
        pair(i64::from(minutes / 60), sign, out);
        pair(i64::from(minutes % 60), b':', out);
        out.push(b'"');
        return;
    }
    out.extend_from_slice(b",\"time\":");
    json::string(out, &civil::rfc3339(millis, offset));
}

#[cfg(test)]
mod tests {
    use super::write_time;
    use crate::civil;

    #[test]
    fn the_short_cut_writes_what_the_calendar_writes() {
        let mut millis = -90_000_000_000_i64;
        for round in 0..200_000_i64 {
            millis += 21_600_000 + round % 7 * 999;
            let offset = [0, 28_800, -34_200, 20_700, 17][(round % 5) as usize];
            let mut out = Vec::new();
            let millis = if round % 3 == 0 {
                millis
            } else {
                millis / 1000 * 1000
            };
            write_time(millis, offset, &mut out);
            let expected = format!(",\"time\":\"{}\"", civil::rfc3339(millis, offset));
            assert_eq!(String::from_utf8(out).expect("text"), expected, "{millis}");
        }
    }
}
