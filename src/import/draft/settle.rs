//! What the records of a conversation say together: times that others settle, who is who, the order, and
//! what was said twice.
//!
//! The thing to get right: what a record states goes before what is inferred, and whatever is inferred is
//! told.

use std::collections::{BTreeMap, HashSet};

use super::roles::is_side;
use super::{Draft, Entry, Open, shorten};
use crate::civil;
use crate::diagnostic::Diagnostic;
use crate::import::clock::Before;
use crate::import::columns::Column;
use crate::import::ledger::Ledger;
use crate::import::time::{Day, Order, Problem};
use crate::sorted;
use crate::transcript::{Resolution, Role, State, Time};

impl Draft {
    /// What the times of the file together, or the caller, say of those that leave something open.
    pub(super) fn settle_times(&mut self, ledger: &mut Ledger) {
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
            ledger.clock.settle();
            let found = ledger.clock.day(&stamp, &mut before);
            let field = ledger.field(Column::Time);
            let tell = |it: Diagnostic| it.line(entry.line).field(field.clone());
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
                Err(()) if ledger.clock.contradicts(&stamp) => {
                    entry.time_invalid = true;
                    let value = shorten(&open.written);
                    ledger.report(tell(Diagnostic::warning(
                        "date-order-contradicted",
                        format!("“{value}”与全文件已采用的日、月顺序矛盾，这条消息按没有时间处理；请指明日在前还是月在前。"),
                        format!("“{value}” contradicts the order of day and month in which the file is read; the message is kept without a time. State which comes first."),
                    )));
                }
                Ok(Some(None)) | Err(()) => {
                    entry.time_invalid = true;
                    tell_invalid(Problem::Impossible, &open.written, entry.line, ledger);
                }
            }
        }
    }

    /// An account is written with its shop and without: `青禾旗舰店:小迪` and `小迪` are one person, as
    /// long as no other shop here has one of that name, and nothing says otherwise.
    pub(super) fn join_accounts(&mut self, ledger: &mut Ledger) {
        let parts = |name: &str| name.find([':', '：']);
        for sender in 0..self.senders.len() {
            let name = &self.senders[sender];
            if parts(name).is_some() {
                continue;
            }
            let is_account = |other: &&String| {
                let at = parts(other).filter(|at| *at > 0);
                at.is_some_and(|at| other[at..].trim_start_matches([':', '：']) == name)
            };
            let mut accounts = self.senders.iter().filter(is_account);
            let (Some(account), None) = (accounts.next(), accounts.next()) else {
                continue;
            };
            let account = account.clone();
            let known = self.sender(&account);
            let staff = |role: Option<Role>| role.is_none_or(Role::is_staff);
            let own = |entry: &&Entry| entry.sender == Some(sender);
            let (mut all, first) = (
                self.entries.iter().filter(own),
                self.entries.iter().find(own).map(|entry| entry.line),
            );
            if !all.all(|entry| staff(entry.role))
                || ledger.roles.contains_key(&self.senders[sender])
            {
                continue;
            }
            let agent =
                |entry: &Entry| entry.sender == Some(known) && entry.role == Some(Role::Agent);
            if !self.entries.iter().any(agent) {
                continue;
            }
            for entry in &mut self.entries {
                if entry.sender == Some(sender) {
                    entry.sender = Some(known);
                    entry.role = entry.role.or(Some(Role::Agent));
                }
            }
            let (short, whole) = (shorten(&self.senders[sender]), shorten(&account));
            let mut told = Diagnostic::info(
                "sender-alias",
                format!(
                    "“{short}”与“{whole}”按同一个客服处理；若不是同一人，请在角色或配置里注明。"
                ),
                format!(
                    "“{short}” and “{whole}” were taken for one agent; if they are two, say so in the roles or the profile."
                ),
            );
            told.line = first;
            ledger.report(told.field(ledger.field(Column::Sender)));
        }
    }

    pub(super) fn settle_withdrawn(&mut self) {
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

    pub(super) fn settle_roles(&mut self, others: Option<Role>, ledger: &mut Ledger) {
        let stated = |entry: &Entry| entry.stated && entry.role.is_some_and(is_side);
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
        self.carry_roles(ledger);
        let mut known = self.entries.iter().filter_map(|entry| entry.role);
        let nobody = !known.clone().any(is_side);
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
            if let Some(sender) = entry.sender {
                ledger.unknown(&senders[sender]);
            }
            let named = |before: &str, other: &str| match entry.sender {
                Some(sender) => format!("{before}“{}”", shorten(&senders[sender])),
                None => other.to_owned(),
            };
            let (zh, en) = (named("发送者", "说话的人"), named("", "whoever speaks"));
            ledger.report(
                Diagnostic::warning(
                    "role-unknown",
                    format!("看不出{zh}是客户还是客服，这条消息未计入；请补上“角色”一列。"),
                    format!(
                        "Nothing says whether {en} is customer or agent, the message was left out; add a role column."
                    ),
                )
                .line(entry.line)
                .field(ledger.field(Column::Role)),
            );
            false
        });
        if let Some(line) = inferred {
            let (zh, en) = if stated || ledger.cast.states() {
                (
                    "有的消息没有写角色，已根据发送者和其余角色判断；请核对。",
                    "Some messages state no role; it was inferred from the sender and the other roles. Please check.",
                )
            } else if asks.is_some() {
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
        self.tell_one_sided(ledger);
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

    pub(super) fn report_missing_times(&self, ledger: &mut Ledger) {
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
    pub(super) fn sort(&mut self, id: &str, ledger: &mut Ledger) {
        let mut latest = i64::MIN;
        let mut first = None;
        let mut count = 0usize;
        for entry in &mut self.entries {
            if let Some(time) = &mut entry.time {
                if is_within(*time, latest) {
                    // Any moment of its minute is as true as the first.
                    time.millis = latest;
                } else if time.millis < latest {
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
        // The last moment of the minutes that came before.
        let mut minutes: BTreeMap<i64, i64> = BTreeMap::new();
        let mut keyed: Vec<(i64, Entry)> = std::mem::take(&mut self.entries)
            .into_iter()
            .map(|mut entry| {
                if let Some(time) = &mut entry.time {
                    let minute = time.millis.div_euclid(civil::MINUTE);
                    if let Some(&last) = minutes.get(&minute)
                        && is_within(*time, last)
                    {
                        time.millis = last;
                    }
                    key = time.millis;
                    minutes.insert(minute, key);
                }
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

    pub(super) fn collapse(&mut self, ledger: &mut Ledger) {
        // Numbers that only rise, as most ids are, cannot repeat.
        let ids = self.entries.iter().filter_map(|entry| entry.id.as_deref());
        let rising = ids.is_sorted_by(|one, next| (one.len(), *one) < (next.len(), *next));
        let mut by_id: HashSet<(&str, &str)> = HashSet::new();
        let mut by_words: HashSet<(usize, &str)> = HashSet::new();
        let mut told = Vec::new();
        let mut previous = None;
        let millis = |index: usize| {
            let time = self.entries.get(index)?.time;
            let time = time.filter(|time| time.resolution == Resolution::Second);
            time.map(|time| time.millis)
        };
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
}

/// Whether a time is known to the minute only, and another is in that minute.
fn is_within(time: Time, other: i64) -> bool {
    let minute = time.millis..time.millis.saturating_add(civil::MINUTE);
    time.resolution == Resolution::Minute && minute.contains(&other)
}

pub(super) fn tell_invalid(problem: Problem, value: &str, line: u32, ledger: &mut Ledger) {
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
