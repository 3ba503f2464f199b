//! From the records a format finds to a [`Transcript`]: roles, times, order, duplicates, figures.
//! Every format ends here, so that they all treat a missing role or a repeated message alike.
//!
//! The thing to get right: a record takes its position when it is pushed, whatever becomes of it
//! later. Two records are one message only when both carry the same id and the same text, or when
//! neither tells them apart and second, sender and text are all stated and equal: at the resolution
//! of a minute, or without a sender, saying the same thing twice is two messages.

mod groups;
mod midnight;
mod roles;
mod settle;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::columns::{COLUMNS, Column, ROLE_COLUMNS};
use super::ledger::Ledger;
use super::time::{Day, Problem, Stamp};
use super::{time, words};
use crate::civil::Place;
use crate::diagnostic::Diagnostic;
use crate::sorted;
use crate::transcript::{
    Channel, Message, Role, Speaker, SpeakerId, State, Time, Transcript, Zone,
};
pub(crate) use groups::Groups;
use midnight::Midnight;
use settle::tell_invalid;

pub(crate) use roles::Cast;

/// One message as a format found it: texts by column, nothing interpreted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record<'a> {
    values: [Option<Cow<'a, str>>; COLUMNS],
    ranks: [u8; COLUMNS],
    /// Which of the columns were ever set, a bit each.
    set: u32,
    /// Line in the file.
    pub(crate) line: u32,
    /// Whether the format has no time for such a record, so that nothing is missing.
    pub(crate) timeless: bool,
}

impl<'a> Record<'a> {
    /// An empty record found on this line.
    pub(crate) fn at(line: u32) -> Self {
        Self {
            line,
            ..Self::default()
        }
    }

    /// Sets a value, unless one from a plainer name is there.
    pub(crate) fn set(&mut self, column: Column, rank: u8, value: impl Into<Cow<'a, str>>) {
        let index = column as usize;
        if self.values[index].is_none() || rank <= self.ranks[index] {
            self.values[index] = Some(value.into());
            self.ranks[index] = rank;
            self.set |= 1 << index;
        }
    }

    /// Forgets every value.
    pub(crate) fn clear(&mut self) {
        while self.set != 0 {
            self.values[self.set.trailing_zeros() as usize] = None;
            self.set &= self.set - 1;
        }
    }

    /// What stands in a column; blank is nothing.
    pub(crate) fn get(&self, column: Column) -> Option<&str> {
        if self.set >> column as usize & 1 == 0 {
            return None;
        }
        self.values[column as usize]
            .as_deref()
            .filter(|value| !is_blank(value))
    }

    /// Takes what stands in a column out of it; blank is nothing.
    pub(crate) fn take(&mut self, column: Column) -> Option<Cow<'a, str>> {
        if self.set >> column as usize & 1 == 0 {
            return None;
        }
        self.values[column as usize]
            .take()
            .filter(|value| !is_blank(value))
    }
}

fn is_blank(value: &str) -> bool {
    // No space begins with one of these, and nearly everything else does.
    let shows = |byte: &u8| (0x21..0x7f).contains(byte) || *byte >= 0xe4;
    !value.as_bytes().first().is_some_and(shows) && value.trim().is_empty()
}

/// Somebody whom the conversation introduces by a key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Participant {
    pub(crate) name: Option<String>,
    pub(crate) role: Option<Role>,
    pub(crate) title: Option<String>,
    pub(crate) department: Option<String>,
}

/// Whether an agent's account answered by itself: an automatic welcome is no agent's reply.
fn is_automatic(record: &Record<'_>) -> bool {
    let says = |column, words: &[&str]| {
        record
            .get(column)
            .is_some_and(|value| words.contains(&value.trim()))
    };
    says(Column::Auto, &["1", "true", "True", "TRUE", "是"])
        || says(Column::Manual, &["0", "false", "False", "FALSE"])
}

/// A conversation that is being put together.
pub(crate) struct Draft {
    id: Option<String>,
    line: u32,
    zone: Zone,
    place: Place,
    /// The channel, if the source says so.
    pub(crate) channel: Option<Channel>,
    /// Whom the source introduces, by key.
    pub(crate) participants: BTreeMap<String, Participant>,
    /// The conversation's own profile.
    pub(crate) config: Option<serde_json::Value>,
    /// The slice of the file that it is in, if it is in one.
    pub(crate) part: Option<(usize, usize)>,
    entries: Vec<Entry>,
    senders: Vec<String>,
    sender_index: BTreeMap<String, usize>,
    positions: usize,
    excluded: BTreeMap<&'static str, usize>,
    /// The ids of messages that other messages withdraw.
    withdrawn: Vec<Box<str>>,
    /// Whether some times wait for others to settle them.
    open: bool,
    /// Whether some messages do not say who speaks.
    loose: bool,
    /// The day of the first message, in a zone where clocks never change: mostly that of the others.
    midnight: Option<Midnight>,
}

/// A zone, and what clocks show there.
pub(crate) type Zoned = (Place, Zone);

/// A time that others must settle.
struct Open {
    stamp: Stamp,
    written: String,
}

struct Entry {
    position: usize,
    line: u32,
    id: Option<Box<str>>,
    role: Option<Role>,
    /// Whether it is said who speaks, not guessed by a name.
    stated: bool,
    automatic: bool,
    sender: Option<usize>,
    time: Option<Time>,
    open: Option<Box<Open>>,
    timeless: bool,
    time_invalid: bool,
    text: String,
    channel: Option<Channel>,
    state: State,
}

impl Draft {
    /// An empty conversation; `zone` as the caller states it, if at all.
    pub(crate) fn new(id: Option<String>, line: u32, zone: Option<&Zone>) -> Self {
        Self {
            id,
            line,
            place: zone.map_or(Place::fixed(Zone::default().offset), time::place),
            zone: zone.cloned().unwrap_or_default(),
            channel: None,
            participants: BTreeMap::new(),
            config: None,
            part: None,
            entries: Vec::new(),
            senders: Vec::new(),
            sender_index: BTreeMap::new(),
            positions: 0,
            excluded: BTreeMap::new(),
            open: false,
            loose: false,
            withdrawn: Vec::new(),
            midnight: None,
        }
    }

    /// Withdraws the message of this id, before or after it is taken in.
    pub(crate) fn withdraw(&mut self, id: &str) {
        self.withdrawn.push(id.trim().into());
    }

    /// The zone as the conversation itself states it.
    pub(crate) fn zone(&mut self, name: &str, ledger: &mut Ledger) {
        if self.is_zone(name) {
            return;
        }
        let shown = shorten(name);
        ledger.report(
            Diagnostic::warning(
                "timezone-unknown",
                format!("不认识时区“{shown}”，按 +08:00 处理；请改为固定偏移，例如 +08:00。"),
                format!("The time zone “{shown}” is not known, +08:00 was used; state a fixed offset such as +08:00."),
            )
            .line(self.line)
            .field(ledger.field(Column::Zone)),
        );
    }

    /// What the conversation calls itself.
    pub(crate) fn name(&mut self, id: &str) {
        self.id = Some(id.trim().to_owned());
    }

    /// Takes over the zone that the conversation states, if it is known.
    pub(crate) fn is_zone(&mut self, name: &str) -> bool {
        let zone = time::zone(name);
        let known = zone.is_some();
        let zone = zone.unwrap_or_default();
        self.set_zone((time::place(&zone), zone));
        known
    }

    /// The zone, and what clocks show there.
    pub(crate) fn zoned(&self) -> Zoned {
        (self.place, self.zone.clone())
    }

    /// Takes over a zone.
    pub(crate) fn set_zone(&mut self, (place, zone): Zoned) {
        (self.place, self.zone, self.midnight) = (place, zone, None);
    }

    /// The line on which it begins.
    pub(crate) fn line(&self) -> u32 {
        self.line
    }

    /// Whether nothing has been taken in yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.positions == 0
    }

    /// Counts a record that could not even be read as one. The caller reports why.
    pub(crate) fn skip(&mut self, reason: &'static str) {
        self.positions += 1;
        *self.excluded.entry(reason).or_default() += 1;
    }

    /// Takes in a record, and what it says out of it.
    pub(crate) fn push(&mut self, record: &mut Record<'_>, ledger: &mut Ledger) {
        // What is left out has been reported.
        let _ = self.take_in(record, Some(ledger));
    }

    /// Takes in a record with which nothing is the matter; `None` where there is something to report.
    pub(crate) fn push_plain(&mut self, record: &mut Record<'_>) -> Option<()> {
        self.take_usual(record)
            .or_else(|| self.take_in(record, None))
    }

    /// Takes in a record that says what most say and no more: who speaks, as what, when, and the words.
    /// As [`Draft::take_in`] does, or not at all.
    fn take_usual(&mut self, record: &mut Record<'_>) -> Option<()> {
        const USUAL: u32 = 1 << Column::Role as u32
            | 1 << Column::Sender as u32
            | 1 << Column::Time as u32
            | 1 << Column::Text as u32;
        if record.set != USUAL || !self.participants.is_empty() || !self.place.is_fixed() {
            return None;
        }
        let value = |column: Column| record.values[column as usize].as_deref();
        let role = match value(Column::Role)? {
            "customer" => Role::Customer,
            "agent" => Role::Agent,
            _ => return None,
        };
        let time = self.midnight?.clock(value(Column::Time)?)?;
        let sender = value(Column::Sender)?;
        if sender.starts_with("cntaobao") {
            return None;
        }
        let few = &self.senders[..self.senders.len().min(4)];
        let sender = few.iter().position(|known| known == sender)?;
        let text = record.values[Column::Text as usize].take_if(|text| !is_blank(text))?;
        let entry = Entry {
            position: self.positions,
            line: record.line,
            id: None,
            role: Some(role),
            stated: true,
            automatic: false,
            sender: Some(sender),
            time: Some(time),
            open: None,
            timeless: record.timeless,
            time_invalid: false,
            channel: None,
            state: words::state_of_text(&text),
            text: text.into_owned(),
        };
        self.positions += 1;
        self.entries.push(entry);
        Some(())
    }

    /// `None` when it was left out, or, without a ledger, when there is something to report.
    fn take_in(&mut self, record: &mut Record<'_>, mut ledger: Option<&mut Ledger>) -> Option<()> {
        let line = record.line;
        let stated = record.get(Column::State).and_then(words::state_word);
        let text = match (record.take(Column::Text), stated) {
            (Some(text), _) => text,
            // A picture needs no words, nor does what was withdrawn.
            (None, Some(State::Recalled | State::Unavailable | State::Media)) => Cow::Borrowed(""),
            (None, _) => {
                let ledger = ledger?;
                self.skip("text-missing");
                ledger.report(
                    Diagnostic::warning(
                        "text-missing",
                        "这条消息没有文字，未计入；请检查导出时是否漏了内容。",
                        "This message has no text and was left out; check that the export holds the contents.",
                    )
                    .line(line)
                    .field(ledger.field(Column::Text)),
                );
                return None;
            }
        };
        let state = stated
            .filter(|&state| state != State::Text)
            .unwrap_or_else(|| words::state_of_text(&text));
        let key = record.take(Column::From);
        let named = record.take(Column::Sender);
        let participant = self
            .participant(key.as_deref())
            .or_else(|| self.participant(named.as_deref()));
        let (mut role, stated) = match self.role(
            record,
            participant.map(|found| found.1),
            named.as_deref().or(key.as_deref()),
            ledger.as_deref_mut(),
        ) {
            Ok(role) => role,
            Err(()) => {
                ledger?;
                self.skip("role-unknown");
                return None;
            }
        };
        let automatic = is_automatic(record);
        if role == Some(Role::Agent) && automatic {
            role = Some(Role::Bot);
        }
        let sender = match participant {
            Some((key, participant)) => {
                Some(Cow::Owned(participant.name.as_ref().unwrap_or(key).clone()))
            }
            None => named.or(key).or_else(|| match role {
                Some(Role::Agent | Role::Supervisor) => record.take(Column::Agent),
                Some(Role::Bot) => record
                    .take(Column::Agent)
                    .filter(|name| words::role_of_sender(name) == Some(Role::Bot)),
                Some(Role::Customer) => record.take(Column::Customer),
                _ => None,
            }),
        };
        let (time, open, time_invalid) = self.time(record, ledger)?;
        self.open |= open.is_some();
        self.loose |= role.is_none();
        let entry = Entry {
            position: self.positions,
            line,
            id: record.get(Column::Id).map(|id| id.trim().into()),
            role,
            stated,
            automatic,
            sender: sender.map(|sender| self.sender(sender.trim())),
            time,
            open,
            timeless: record.timeless,
            time_invalid,
            channel: record.get(Column::Channel).and_then(words::channel),
            text: text.into_owned(),
            state,
        };
        self.positions += 1;
        self.entries.push(entry);
        Some(())
    }

    /// Whether somebody here is known to be of the shop.
    pub(crate) fn has_staff(&self) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.role.is_some_and(Role::is_staff))
    }

    /// The finished conversation; `None`, reported, when nothing of it is left. `others` is the role
    /// of senders of whom nothing says who they are.
    pub(crate) fn finish(
        mut self,
        others: Option<Role>,
        ledger: &mut Ledger,
    ) -> Option<Transcript> {
        let ordinal = ledger.ordinal();
        ledger.given = self.part;
        let id = self
            .id
            .take()
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| format!("{}#{ordinal}", ledger.file()));
        self.settle_times(ledger);
        self.settle_withdrawn();
        if self.senders.len() > 2 {
            self.join_accounts(ledger);
        }
        self.settle_roles(others, ledger);
        self.report_missing_times(ledger);
        self.sort(&id, ledger);
        self.collapse(ledger);
        ledger.commit(self.entries.len(), &self.excluded);
        if self.entries.is_empty() {
            let shown = shorten(&id);
            ledger.report(
                Diagnostic::warning(
                    "conversation-empty",
                    format!("会话“{shown}”没有可用的消息，已跳过。"),
                    format!("Conversation “{shown}” has no usable message and was skipped."),
                )
                .line(self.line),
            );
            return None;
        }
        if self.zone.assumed && self.entries.iter().any(|entry| entry.time.is_some()) {
            ledger.report_once(Diagnostic::info(
                "timezone-assumed",
                "文件没有注明时区，按 Asia/Shanghai（+08:00）处理；若不是，请在导入时指定时区。",
                "The file states no time zone; Asia/Shanghai (+08:00) was assumed. State the zone if it is another.",
            ));
        }
        Some(self.transcript(id, ledger.file().to_owned()))
    }

    fn participant(&self, key: Option<&str>) -> Option<(&String, &Participant)> {
        if self.participants.is_empty() {
            return None;
        }
        self.participants.get_key_value(key?.trim())
    }

    /// The role, and whether it was said; `Ok(None)`: nothing says; `Err`: something does, and it is not
    /// known. Reported.
    fn role(
        &self,
        record: &Record<'_>,
        participant: Option<&Participant>,
        sender: Option<&str>,
        ledger: Option<&mut Ledger>,
    ) -> Result<(Option<Role>, bool), ()> {
        let stated = ROLE_COLUMNS
            .into_iter()
            .find_map(|column| record.get(column).map(|value| (column, value)));
        if let Some((column, value)) = stated
            && let Some(role) = words::role(column, value)
        {
            // The shop's side is also where its robots speak.
            let by_name = sender
                .or_else(|| record.get(Column::Agent))
                .filter(|_| column == Column::Side && role == Role::Agent)
                .and_then(words::role_of_sender)
                .filter(|role| matches!(role, Role::Bot | Role::System));
            return Ok((by_name.or(Some(role)), true));
        }
        let is_in = |column: Column, sender: &str| {
            let name = record.get(column);
            name.is_some_and(|name| name.trim() == sender.trim())
        };
        let guess = match (participant.and_then(|it| it.role), sender) {
            (Some(role), _) => Some((role, true)),
            (None, None) => None,
            // A sender who is the row's own customer or agent.
            (None, Some(sender)) if is_in(Column::Customer, sender) => Some((Role::Customer, true)),
            (None, Some(sender)) if is_in(Column::Agent, sender) => Some((Role::Agent, true)),
            (None, Some(sender)) => words::role_of_sender(sender)
                // Of two parties, the one who is not the row's customer is the shop's.
                .or_else(|| record.get(Column::Customer).map(|_| Role::Agent))
                .map(|role| (role, false)),
        };
        let guess_stated = guess.is_some_and(|it| it.1);
        let guess = guess.map(|it| it.0);
        let Some((column, value)) = stated else {
            return Ok((guess, guess_stated));
        };
        // Without a ledger nobody may hear of it, so nobody may go by the guess.
        let Some(ledger) = ledger else {
            return Err(());
        };
        let known = participant.and_then(|it| it.name.as_deref()).or(sender);
        if let Some(&role) = known.and_then(|name| ledger.roles.get(name.trim())) {
            return Ok((Some(role), true));
        }
        if let (None, Some(name)) = (guess, known) {
            ledger.unknown(name.trim());
        }
        let shown = shorten(value);
        let (zh, en) = match guess {
            Some(role) => (
                format!(
                    "不认识角色“{shown}”，已根据发送者判断为{}；请核对。",
                    words::role_name(role)
                ),
                format!(
                    "The role “{shown}” is not known; the sender suggests {role:?}. Please check."
                ),
            ),
            None => (
                format!(
                    "不认识角色“{shown}”，这条消息未计入；请改为 客户、客服、机器人、系统 或 主管。"
                ),
                format!(
                    "The role “{shown}” is not known and the message was left out; use customer, agent, bot, system or supervisor."
                ),
            ),
        };
        ledger.report(
            Diagnostic::warning("role-unknown", zh, en)
                .line(record.line)
                .field(ledger.field(column)),
        );
        guess.map(|role| (Some(role), false)).ok_or(())
    }

    /// The moment, or what others must settle of it, and whether what is stated is none; `None` when only
    /// a ledger could say so.
    fn time(
        &mut self,
        record: &Record<'_>,
        ledger: Option<&mut Ledger>,
    ) -> Option<(Option<Time>, Option<Box<Open>>, bool)> {
        let (date, clock) = (record.get(Column::Date), record.get(Column::Time));
        let Some(shown) = clock.or(date) else {
            return Some((None, None, false));
        };
        // Where clocks change, the time before tells which of two hours it is.
        let fixed = self.place.is_fixed();
        let mut parsed = Err(Problem::Shape);
        if fixed {
            if let Some(time) = self.midnight.and_then(|midnight| midnight.clock(shown)) {
                return Some((Some(time), None, false));
            }
            parsed = time::parse(shown, self.zone.offset);
        }
        if parsed == Err(Problem::Shape) {
            let date = date.filter(|_| clock.is_some());
            parsed = match time::stamp(date, shown) {
                Ok(stamp) => match stamp.day {
                    Day::Of(day) if fixed || stamp.offset.is_some() => stamp
                        .moment(day, self.place, None)
                        .map(|millis| time::Parsed {
                            time: Time {
                                millis,
                                resolution: stamp.resolution,
                            },
                            offset: stamp.offset,
                        })
                        .ok_or(Problem::Impossible),
                    _ => {
                        ledger?.clock.see(&stamp);
                        let date = date.map_or(String::new(), |date| [date, " "].concat());
                        let written = date + shown;
                        return Some((None, Some(Box::new(Open { stamp, written })), false));
                    }
                },
                Err(problem) => Err(problem),
            };
        }
        match parsed {
            Ok(parsed) => {
                if let Some(offset) = parsed.offset {
                    if self.zone.assumed {
                        // The times themselves say where they were taken.
                        let minutes = offset.abs() / 60;
                        let sign = if offset < 0 { '-' } else { '+' };
                        let name = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
                        self.zone = Zone {
                            name,
                            offset,
                            assumed: false,
                        };
                        self.place = Place::fixed(offset);
                        self.midnight = None;
                    } else if offset != self.place.offset_at(parsed.time.millis) {
                        let ledger = ledger?;
                        ledger.report_once(
                            Diagnostic::info(
                                "timezone-mixed",
                                "文件里的时间写了不同的时区，已各自换算；显示时每个会话用一个时区。",
                                "The times of the file are of several zones; each was converted, and a conversation is shown in one of them.",
                            )
                            .line(record.line)
                            .field(ledger.field(Column::Time)),
                        );
                    }
                }
                if fixed && self.midnight.is_none() {
                    self.midnight = Midnight::before(shown, parsed.time);
                }
                Some((Some(parsed.time), None, false))
            }
            Err(problem) => {
                tell_invalid(problem, shown, record.line, ledger?);
                Some((None, None, true))
            }
        }
    }

    fn sender(&mut self, name: &str) -> usize {
        // A long nick and a short one are of one person.
        let long = name.strip_prefix("cntaobao");
        let long = long.or_else(|| name.strip_prefix("cnalichn"));
        let name = long.filter(|rest| !rest.is_empty()).unwrap_or(name);
        // Two people talk, mostly.
        let few = &self.senders[..self.senders.len().min(4)];
        if let Some(index) = few.iter().position(|known| known == name) {
            return index;
        }
        if let Some(&index) = self.sender_index.get(name) {
            return index;
        }
        let index = self.senders.len();
        self.senders.push(name.to_owned());
        self.sender_index.insert(name.to_owned(), index);
        index
    }

    fn transcript(self, id: String, file: String) -> Transcript {
        let mut speakers: Vec<Speaker> = Vec::new();
        let mut known: BTreeMap<(Option<usize>, Role), SpeakerId> = BTreeMap::new();
        let introduced = self.participants.iter().rev();
        let introduced = introduced.map(|(key, one)| (one.name.as_deref().unwrap_or(key), one));
        let introductions: BTreeMap<&str, &Participant> = sorted::gathered(introduced);
        let mut messages = Vec::with_capacity(self.entries.len());
        // Two people talk, mostly.
        let mut recent: [Option<(Option<usize>, Role, SpeakerId)>; 2] = [None; 2];
        for entry in self.entries {
            let Some(role) = entry.role else {
                continue;
            };
            // Somebody unnamed and somebody named 客服 are one speaker.
            let sender = entry
                .sender
                .or_else(|| self.sender_index.get(words::role_name(role)).copied());
            let mut spoke = recent.iter().flatten();
            let again = spoke.find(|one| (one.0, one.1) == (sender, role));
            let again = again.map(|one| one.2);
            let speaker = again.unwrap_or_else(|| {
                *known.entry((sender, role)).or_insert_with(|| {
                    let name =
                        sender.map_or(words::role_name(role), |sender| &self.senders[sender]);
                    let introduced = introductions.get(name);
                    speakers.push(Speaker {
                        name: name.to_owned(),
                        role,
                        title: introduced.and_then(|one| one.title.clone()),
                        department: introduced.and_then(|one| one.department.clone()),
                    });
                    SpeakerId(speakers.len() - 1)
                })
            });
            if again.is_none() {
                recent = [Some((sender, role, speaker)), recent[0]];
            }
            messages.push(Message {
                position: entry.position,
                role,
                speaker,
                time: entry.time,
                text: entry.text,
                channel: entry.channel,
                state: entry.state,
            });
        }
        Transcript {
            id,
            file,
            channel: self.channel,
            zone: self.zone,
            speakers,
            config: self.config,
            messages,
        }
    }
}

/// A value of the file, short enough for a sentence.
pub(crate) fn shorten(value: &str) -> String {
    let value = value.trim();
    match value.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
