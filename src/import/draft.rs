//! From the records a format finds to a [`Transcript`]: roles, times, order, duplicates, figures.
//! Every format ends here, so that they all treat a missing role or a repeated message alike.
//!
//! The thing to get right: a record takes its position when it is pushed, whatever becomes of it
//! later. Two records are one message only when both carry the same id and the same text, or when
//! neither tells them apart and second, sender and text are all stated and equal: at the resolution
//! of a minute, or without a sender, saying the same thing twice is two messages.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet, VecDeque};

use super::clock::Before;
use super::columns::{COLUMNS, Column, ROLE_COLUMNS};
use super::ledger::{Ledger, hash};
use super::time::{Day, Order, Problem, Stamp};
use super::{time, words};
use crate::civil::{self, Place};
use crate::diagnostic::Diagnostic;
use crate::sorted;
use crate::transcript::{
    Channel, Message, Resolution, Role, Speaker, SpeakerId, State, Time, Transcript, Zone,
};

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
    entries: Vec<Entry>,
    senders: Vec<String>,
    sender_index: BTreeMap<String, usize>,
    positions: usize,
    excluded: BTreeMap<&'static str, usize>,
    /// The ids of messages that other messages withdraw.
    withdrawn: Vec<Box<str>>,
    /// Whether some times wait for others to settle them.
    open: bool,
    /// The day of the first message, in a zone where clocks never change: mostly that of the others.
    midnight: Option<Midnight>,
}

/// When the day of a time that is written in full began.
#[derive(Clone, Copy)]
struct Midnight {
    /// `2024-05-06 ` as it is written.
    day: [u8; 11],
    millis: i64,
}

impl Midnight {
    /// The midnight before a moment and how it is written.
    fn before(written: &str, time: Time) -> Option<Self> {
        let midnight = Self {
            day: *written.as_bytes().first_chunk()?,
            millis: 0,
        };
        let clock = midnight.clock(written)?.millis;
        let [y, e, a, r, b'-', m, n, b'-', d, f, b' ' | b'T'] = midnight.day else {
            return None;
        };
        let is_day = [y, e, a, r, m, n, d, f].iter().all(u8::is_ascii_digit);
        (is_day && time.resolution == Resolution::Second).then(|| Self {
            millis: time.millis - clock,
            ..midnight
        })
    }

    /// A time of the same day in the same words: `2024-05-06 10:00:05`.
    fn clock(self, written: &str) -> Option<Time> {
        let bytes: &[u8; 19] = written.as_bytes().try_into().ok()?;
        let (day, clock) = bytes.split_first_chunk()?;
        let [h, i, b':', m, n, b':', s, t] = clock else {
            return None;
        };
        let number = |tens: &u8, ones: &u8, below: u8| {
            let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
            let is_number = tens < 10 && ones < 10 && tens * 10 + ones < below;
            is_number.then(|| i64::from(tens * 10 + ones))
        };
        let minutes = number(h, i, 24)? * 60 + number(m, n, 60)?;
        (*day == self.day).then_some(Time {
            millis: self.millis + (minutes * 60 + number(s, t, 60)?) * 1000,
            resolution: Resolution::Second,
        })
    }
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
            entries: Vec::new(),
            senders: Vec::new(),
            sender_index: BTreeMap::new(),
            positions: 0,
            excluded: BTreeMap::new(),
            open: false,
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
        let id = self
            .id
            .take()
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| format!("{}#{ordinal}", ledger.file()));
        self.settle_times(ledger);
        self.settle_withdrawn();
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

    /// What the times of the file together, or the caller, say of those that leave something open.
    fn settle_times(&mut self, ledger: &mut Ledger) {
        if self.open {
            self.settle_open(ledger);
        }
        if !self.place.is_fixed()
            && let Some(time) = self.entries.iter().find_map(|entry| entry.time)
        {
            self.zone.offset = self.place.offset_at(time.millis);
        }
    }

    fn settle_open(&mut self, ledger: &mut Ledger) {
        let place = self.place;
        let serial = |open: &Open| matches!(open.stamp.day, Day::Serial(_));
        let open = || self.entries.iter().filter_map(|entry| entry.open.as_ref());
        // A number of five digits is a time only where every time is one, and of minutes if all are whole.
        let serials =
            self.entries.iter().all(|entry| entry.time.is_none()) && open().all(|it| serial(it));
        let minutes =
            open().nth(1).is_some() && open().all(|it| it.stamp.clock % civil::MINUTE == 0);
        let mut before = Before::default();
        for entry in &mut self.entries {
            if let Some(time) = entry.time {
                let offset = i64::from(place.offset_at(time.millis)) * 1000;
                before.show(time.millis.saturating_add(offset));
                before.moment = Some(time.millis);
                continue;
            }
            let Some(open) = entry.open.take() else {
                continue;
            };
            let stamp = open.stamp;
            if serial(&open) && !serials {
                entry.time_invalid = true;
                tell_invalid(Problem::Shape, &open.written, entry.line, ledger);
                continue;
            }
            let found = ledger.clock.day(&stamp, &mut before);
            let field = ledger.field(Column::Time);
            let tell = |diagnostic: Diagnostic| diagnostic.line(entry.line).field(field);
            match stamp.day {
                Day::Numbers(_) => {
                    if let Some(decided) = ledger.clock.order() {
                        let day_first = decided.order == Order::Day;
                        let known = decided.order != Order::Year;
                        ledger.detection.day_first = known.then_some(day_first);
                        if !decided.certain {
                            let (zh, en) = match decided.order {
                                Order::Day => ("日/月/年", "day, month, year"),
                                Order::Month => ("月/日/年", "month, day, year"),
                                Order::Year => ("年/月/日", "year, month, day"),
                            };
                            ledger.report_once(tell(Diagnostic::warning(
                                "date-order-ambiguous",
                                format!("日期看不出哪个数是日、哪个是月，全文件按“{zh}”读取；请确认，若不对请指明日在前还是月在前。"),
                                format!("Nothing tells day and month apart in the dates; all were read as {en}. Please check, and state which comes first."),
                            )));
                        }
                    }
                }
                Day::Serial(_) => ledger.report_once(tell(Diagnostic::info(
                    "time-serial",
                    "时间是 Excel 的日期序号，已按 1900 年日期系统换算；请核对年份。",
                    "The times are Excel's numbers of days and were read in its 1900 date system; check the year.",
                ))),
                Day::Of(_) => {}
                _ => {
                    let asked = found == Ok(None);
                    ledger.detection.date_missing |= asked || ledger.clock.date.is_some();
                    if asked {
                        ledger.report_once(tell(Diagnostic::warning(
                            "date-missing",
                            "有的时间没有写明是哪一天（只有时分、“昨天”、星期或缺年份），这些消息按没有时间处理；请注明文件是哪一天的。",
                            "Some times do not say which day (a time of day only, yesterday, a weekday, no year); these messages are kept without a time. State the day of the file.",
                        )));
                    }
                }
            }
            let moment = found.map(|day| day.map(|day| stamp.moment(day, place, before.moment)));
            match moment {
                Ok(Some(Some(millis))) => {
                    let resolution = if serials && minutes {
                        Resolution::Minute
                    } else {
                        stamp.resolution
                    };
                    before.moment = Some(millis);
                    entry.time = Some(Time { millis, resolution });
                }
                Ok(None) => entry.time_invalid = true,
                Ok(Some(None)) | Err(()) => {
                    entry.time_invalid = true;
                    tell_invalid(Problem::Impossible, &open.written, entry.line, ledger);
                }
            }
        }
    }

    fn sender(&mut self, name: &str) -> usize {
        // A long nick and a short one are of one person.
        let name = match name.strip_prefix("cntaobao") {
            Some(rest) if !rest.is_empty() => rest,
            _ => name,
        };
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

    fn settle_withdrawn(&mut self) {
        if self.withdrawn.is_empty() {
            return;
        }
        // The same kind of set as for messages that repeat: a second kind would be more code to download.
        let ids: HashSet<(&str, &str)> = self.withdrawn.iter().map(|id| (&**id, "")).collect();
        for entry in &mut self.entries {
            if entry
                .id
                .as_deref()
                .is_some_and(|id| ids.contains(&(id, "")))
            {
                entry.state = State::Recalled;
            }
        }
    }

    fn settle_roles(&mut self, others: Option<Role>, ledger: &mut Ledger) {
        let says = |role: Role| role != Role::System;
        let stated = |entry: &Entry| entry.stated && entry.role.is_some_and(says);
        let stated = self.entries.iter().any(stated);
        if !ledger.roles.is_empty() {
            let known = self.senders.iter().map(|name| ledger.roles.get(name));
            let known: Vec<Option<Role>> = known.map(Option::<&Role>::copied).collect();
            for entry in &mut self.entries {
                let Some(role) = entry.sender.and_then(|sender| known[sender]) else {
                    continue;
                };
                let answers = role == Role::Agent && entry.automatic;
                entry.role = Some(if answers { Role::Bot } else { role });
                entry.stated = true;
            }
        }
        let mut known = self.entries.iter().filter_map(|entry| entry.role);
        let nobody = known.clone().all(|role| role == Role::System);
        let others = others
            .or_else(|| self.has_staff().then_some(Role::Customer))
            .or_else(|| {
                // Where the file states roles, one that it leaves open may be anything.
                (!stated && known.any(|role| role == Role::Customer)).then_some(Role::Agent)
            });
        // Where nothing tells, whoever comes first has a question.
        let unknown = self.entries.iter().filter(|entry| entry.role.is_none());
        let mut asks = unknown.filter_map(|entry| entry.sender);
        let asks = asks
            .next()
            .filter(|_| nobody && !stated && others.is_none());
        let others = others.or(asks.map(|_| Role::Agent));
        let (senders, excluded) = (&self.senders, &mut self.excluded);
        let mut inferred = None;
        self.entries.retain_mut(|entry| {
            if entry.role.is_some() {
                return true;
            }
            // Nobody at all said it: then it cannot be the one who is not of the shop either.
            if let (Some(role), Some(sender)) = (others, entry.sender) {
                entry.role = Some(if asks == Some(sender) { Role::Customer } else { role });
                inferred.get_or_insert(entry.line);
                return true;
            }
            *excluded.entry("role-unknown").or_default() += 1;
            let name = entry.sender.map_or("", |sender| &senders[sender]);
            let shown = shorten(name);
            ledger.report(
                Diagnostic::warning(
                    "role-unknown",
                    format!("看不出发送者“{shown}”是客户还是客服，这条消息未计入；请增加“角色”一列。"),
                    format!(
                        "Nothing says whether “{shown}” is customer or agent, the message was left out; add a role column."
                    ),
                )
                .line(entry.line)
                .field(ledger.field(Column::Role)),
            );
            false
        });
        if let Some(line) = inferred {
            let (zh, en) = if asks.is_some() {
                (
                    "文件没有角色，也看不出谁是客服，先把第一个说话的人当作客户、其余当作客服；请核对并更正。",
                    "The file states no roles and nothing tells who is of the shop; whoever speaks first was taken for the customer, others for agents. Please check and correct.",
                )
            } else {
                (
                    "文件没有角色，已根据发送者名称判断：店铺账号为客服，其余为客户；请核对。",
                    "The file states no roles; they were inferred from the senders: shop accounts are agents, others customers. Please check.",
                )
            };
            ledger.report_once(Diagnostic::info("role-inferred", zh, en).line(line));
        }
        if ledger.shows_senders() {
            let mut told = 0;
            for entry in &self.entries {
                // Senders are numbered as they come.
                if let (Some(sender), Some(role)) = (entry.sender, entry.role)
                    && sender >= told
                {
                    told = sender + 1;
                    ledger.sender(&self.senders[sender], role, !entry.stated);
                }
            }
        }
    }

    fn report_missing_times(&self, ledger: &mut Ledger) {
        let missing =
            |entry: &&Entry| entry.time.is_none() && !entry.time_invalid && !entry.timeless;
        let count = self.entries.iter().filter(missing).count();
        let field = ledger.field(Column::Time);
        let tell = |line: u32, zh: String, en: String| {
            Diagnostic::warning("time-missing", zh, en)
                .line(line)
                .field(field.clone())
        };
        if count > 1 && self.entries.iter().all(|entry| entry.time.is_none()) {
            let line = self
                .entries
                .iter()
                .find(missing)
                .map_or(self.line, |entry| entry.line);
            ledger.report(tell(
                line,
                format!("这个会话的 {count} 条消息都没有时间，回复时长无法判断；请导出带时间的记录。"),
                format!("None of the {count} messages of this conversation has a time, so replies cannot be timed; export with times."),
            ));
            return;
        }
        for entry in self.entries.iter().filter(missing) {
            ledger.report(tell(
                entry.line,
                "这条消息没有时间，与它有关的回复时长无法判断；请补上时间。".to_owned(),
                "This message has no time, so waits around it cannot be judged; supply it."
                    .to_owned(),
            ));
        }
    }

    /// By time, stably; a message without a time stays behind the one it follows.
    fn sort(&mut self, id: &str, ledger: &mut Ledger) {
        let mut latest = i64::MIN;
        let mut first = None;
        let mut count = 0usize;
        for entry in &self.entries {
            if let Some(time) = entry.time {
                if time.millis < latest {
                    first.get_or_insert(entry.line);
                    count += 1;
                }
                latest = latest.max(time.millis);
            }
        }
        let Some(line) = first else {
            return;
        };
        let mut key = i64::MIN;
        let mut keyed: Vec<(i64, Entry)> = std::mem::take(&mut self.entries)
            .into_iter()
            .map(|entry| {
                key = entry.time.map_or(key, |time| time.millis);
                (key, entry)
            })
            .collect();
        sorted::by_key(&mut keyed, |(key, _)| *key);
        self.entries = keyed.into_iter().map(|(_, entry)| entry).collect();
        let shown = shorten(id);
        ledger.report(
            Diagnostic::warning(
                "time-out-of-order",
                format!("会话“{shown}”有 {count} 条消息早于前面的消息，已按时间重新排列；请确认导出顺序。"),
                format!("{count} messages of “{shown}” are earlier than ones before them; they were sorted by time. Check the export's order."),
            )
            .line(line)
            .field(ledger.field(Column::Time)),
        );
    }

    fn collapse(&mut self, ledger: &mut Ledger) {
        // Numbers that only rise, as most ids are, cannot repeat.
        let ids = self.entries.iter().filter_map(|entry| entry.id.as_deref());
        let rising = ids.is_sorted_by(|one, next| (one.len(), *one) < (next.len(), *next));
        let mut by_id: HashSet<(&str, &str)> = HashSet::new();
        let mut by_words: HashSet<(usize, &str)> = HashSet::new();
        let mut told = Vec::new();
        let mut previous = None;
        let millis = |index: usize| self.entries.get(index)?.time.map(|time| time.millis);
        for (index, entry) in self.entries.iter().enumerate() {
            let again = if let Some(id) = &entry.id {
                !rising && !by_id.insert((id, &entry.text))
            } else if let (
                Some(Time {
                    millis: now,
                    resolution: Resolution::Second,
                }),
                Some(sender),
            ) = (entry.time, entry.sender)
            {
                // In order of time, so only messages of one moment need to be remembered.
                let continues = previous == Some(now);
                if !continues {
                    previous = Some(now);
                    by_words.clear();
                }
                // Alone in its moment, as far as the neighbours say: nothing to compare with.
                let is_last = index + 1 == self.entries.len();
                let alone =
                    !continues && (is_last || millis(index + 1).is_some_and(|next| next != now));
                !alone && !by_words.insert((sender, &entry.text))
            } else {
                false
            };
            if again {
                told.push((index, entry.line));
            }
        }
        if told.is_empty() {
            return;
        }
        *self.excluded.entry("message-duplicate").or_default() += told.len();
        for (_, line) in &told {
            ledger.report(
                Diagnostic::info(
                    "message-duplicate",
                    "这条消息与前面一条完全相同（编号，或时间、发送者和内容），只计一次。",
                    "This message repeats an earlier one exactly (by id, or by time, sender and text) and counts once.",
                )
                .line(*line),
            );
        }
        let mut told = told.into_iter().map(|(index, _)| index).peekable();
        let mut index = 0;
        self.entries.retain(|_| {
            index += 1;
            told.next_if_eq(&(index - 1)).is_none()
        });
    }

    fn transcript(self, id: String, file: String) -> Transcript {
        let mut speakers: Vec<Speaker> = Vec::new();
        let mut known: BTreeMap<(Option<usize>, Role), SpeakerId> = BTreeMap::new();
        let introductions: BTreeMap<&str, &Participant> = self
            .participants
            .iter()
            .rev()
            .map(|(key, one)| (one.name.as_deref().unwrap_or(key), one))
            .collect();
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

fn tell_invalid(problem: Problem, value: &str, line: u32, ledger: &mut Ledger) {
    let value = shorten(value);
    let (zh, en) = match problem {
        Problem::Shape => (
            format!(
                "看不懂时间“{value}”，这条消息按没有时间处理；请改为 2024-09-02 10:00:05 这样的写法。"
            ),
            format!(
                "The time “{value}” cannot be read, the message is kept without one; write it like 2024-09-02 10:00:05."
            ),
        ),
        Problem::Impossible => (
            format!("不存在“{value}”这个时间，这条消息按没有时间处理；请核对原始记录。"),
            format!(
                "There is no such time as “{value}”, the message is kept without one; check the original."
            ),
        ),
    };
    ledger.report(
        Diagnostic::warning("time-invalid", zh, en)
            .line(line)
            .field(ledger.field(Column::Time)),
    );
}

/// How far apart rows of one conversation may stand, in bytes of text. A file is held no longer than
/// this, and a longer one reads the same whichever way it comes in.
const APART: usize = 16 << 20;

/// Conversations whose records come in any order, by id, in order of first appearance.
pub(crate) struct Groups {
    index: BTreeMap<String, usize>,
    /// With the place of their last row, by the number of their first.
    open: BTreeMap<usize, (usize, Draft)>,
    done: VecDeque<Draft>,
    /// The keys of conversations that were handed out before the end, hashed.
    gone: HashSet<u64>,
    /// Whether one of those came again.
    pub(crate) again: bool,
    /// The last one, for rows that stand together.
    last: (String, usize),
    count: usize,
    at: usize,
    /// Where it is time again to look for conversations that have ended.
    due: usize,
    pub(crate) apart: usize,
    staffed: bool,
}

impl Default for Groups {
    fn default() -> Self {
        Self {
            index: BTreeMap::new(),
            open: BTreeMap::new(),
            done: VecDeque::new(),
            gone: HashSet::new(),
            again: false,
            last: (String::new(), 0),
            count: 0,
            at: 0,
            due: 0,
            apart: APART,
            staffed: false,
        }
    }
}

impl Groups {
    /// The conversation of this id; without an id, the one that collects all such records.
    pub(crate) fn draft(&mut self, id: Option<&str>, line: u32, zone: Option<&Zone>) -> &mut Draft {
        let key = id.unwrap_or_default().trim();
        self.keyed(key, key, line, zone)
    }

    /// The conversation of this key, which is called `name`, if anything.
    pub(crate) fn keyed(
        &mut self,
        key: &str,
        name: &str,
        line: u32,
        zone: Option<&Zone>,
    ) -> &mut Draft {
        if self.last.0 != key || self.last.1 == 0 {
            let number = self.index.get(key).copied();
            self.last = (key.to_owned(), number.unwrap_or(0));
        }
        if self.last.1 == 0 {
            self.count += 1;
            self.last.1 = self.count;
            self.index.insert(key.to_owned(), self.count);
            self.again |= !self.gone.is_empty() && self.gone.contains(&hash(0, key));
        }
        let (last, draft) = self
            .open
            .entry(self.last.1)
            .or_insert_with(|| (0, Draft::new(Some(name.trim().to_owned()), line, zone)));
        *last = self.at;
        draft
    }

    /// The next record stands at this place of the text: conversations that ended long before are done.
    /// Whether there are any.
    pub(crate) fn pass(&mut self, at: usize) -> bool {
        self.at = at;
        if at < self.due {
            return false;
        }
        // At places of the text, not of a slice of it.
        let step = self.apart / 8 + 1;
        self.due = (at / step + 1) * step;
        let apart = self.apart;
        let ended = |it: &&(usize, Draft)| it.0 + apart < at;
        if !self.open.values().any(|it| ended(&it)) {
            return false;
        }
        self.know_staff();
        let gone = self.open.extract_if(.., |_, it| ended(&&*it));
        self.done.extend(gone.map(|(_, (_, draft))| draft));
        let (open, gone) = (&self.open, &mut self.gone);
        self.index.retain(|key, number| {
            let stays = open.contains_key(number);
            if !stays {
                gone.insert(hash(0, key));
            }
            stays
        });
        self.last.1 = 0;
        true
    }

    /// Looks over all conversations for what one alone does not show.
    fn know_staff(&mut self) {
        self.staffed |= self.open.values().any(|(_, draft)| draft.has_staff());
    }

    /// Nothing more will come.
    pub(crate) fn close(&mut self) {
        self.know_staff();
        self.index.clear();
        let open = std::mem::take(&mut self.open);
        self.done.extend(open.into_values().map(|(_, draft)| draft));
    }

    /// The next finished conversation, after [`Groups::pass`] or [`Groups::close`].
    pub(crate) fn next(&mut self, ledger: &mut Ledger) -> Option<Transcript> {
        while let Some(draft) = self.done.pop_front() {
            // Where the shop's people are known, in whatever conversation, the others are customers.
            let others = self.staffed.then_some(Role::Customer);
            if let Some(transcript) = draft.finish(others, ledger) {
                return Some(transcript);
            }
        }
        None
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
