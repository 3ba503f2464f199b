//! Text copied from the 聊天记录查询 page of 千牛: a line with the day, then blocks with the time of day
//! first, the words after it and the sender last.
//!
//! The thing to get right: the last line of a block is its sender, however many lines were said; and a
//! block of one line is a sender of whom the page shows nothing.

use std::collections::BTreeSet;

use super::columns::Column;
use super::draft::Record;
use super::lines::line_at;
use super::qianniu::{is_account, is_day, join, mixed, nick};
use super::whole::{Walk, open};
use super::{FormatInfo, Probe, time, words};
use crate::civil;
use crate::transcript::Role;

pub(crate) const FORMAT: FormatInfo = FormatInfo {
    id: "qianniu-web-text",
    title_zh: "千牛网页聊天记录文本",
    title_en: "Qianniu web history text",
    detect,
    open: |source| open(source, blocks),
};

/// A line that is nothing but a time of day, to the second.
fn is_time(line: &str) -> bool {
    let line = line.trim();
    line.len() > 6 && time::is_clock(line)
}

fn detect(probe: &Probe<'_>) -> u8 {
    let (mut blocks, mut previous, mut offset) = (0u8, None, 0);
    for _ in 0..400 {
        if offset >= probe.text.len() {
            break;
        }
        let (line, next) = line_at(probe.text, offset);
        offset = next;
        if line.trim().is_empty() {
            continue;
        }
        let time = is_time(line);
        // Before each time but the first stands who spoke.
        if time && previous.is_some_and(|line| is_day(line) || nick(line).is_some()) {
            blocks = blocks.saturating_add(1);
        }
        if time && previous.is_none() {
            blocks = blocks.saturating_add(1);
        }
        previous = Some(line);
    }
    if blocks == 0 {
        0
    } else {
        60 + blocks.min(7) * 5
    }
}

fn blocks(mut walk: Walk<'_, '_>) {
    let text = walk.text;
    let (mut day, mut block): (_, Option<(&str, u32)>) = (None, None);
    // The clock of the block before, and how many midnights passed since the day was shown.
    let (mut before, mut nights) = (0, 0);
    let mut lines: Vec<&str> = Vec::new();
    let mut buyers = BTreeSet::new();
    let (mut offset, mut number) = (0, 0u32);
    loop {
        let ended = offset >= text.len();
        let (line, next) = line_at(text, offset);
        offset = next;
        number = number.saturating_add(1);
        let begins = is_time(line);
        let dated = !begins && is_day(line);
        if !(ended || begins || dated) {
            if block.is_some() {
                lines.push(line);
            } else if !line.trim().is_empty() {
                walk.unattached(number, (
                            "这一行前面没有时间，不属于任何一条消息，未计入；请从日期那一行开始复制。",
                            "No time stands before this line, so it belongs to no message and was left out; copy from the line with the day on.",
                    ));
            }
            continue;
        }
        if let Some((time, at)) = block.take() {
            let mut record = Record::at(at);
            record.set(Column::Time, 0, time.trim());
            if let Some(day) = day {
                let clock = time::stamp(None, time).map_or(before, |stamp| stamp.clock);
                nights += i64::from(clock + civil::DAY / 2 < before);
                before = clock;
                match time::day(day).filter(|_| nights > 0) {
                    Some(day) => {
                        let (year, month, day) = civil::date(day.saturating_add(nights));
                        record.set(Column::Date, 0, format!("{year}-{month}-{day}"));
                    }
                    None => record.set(Column::Date, 0, day),
                }
            }
            while lines.last().is_some_and(|line| line.trim().is_empty()) {
                lines.pop();
            }
            let sender = lines.last().copied().and_then(nick);
            if let Some(sender) = sender {
                lines.pop();
                record.set(Column::Sender, 0, sender);
                if !is_account(sender) {
                    buyers.insert(sender);
                }
            }
            let mut body = String::new();
            lines.drain(..).for_each(|line| join(&mut body, line));
            if sender.is_none() && words::is_recall_notice(body.trim()) {
                record.set(Column::Role, 0, "system");
            }
            walk.say(None, record, &body);
        }
        if ended {
            break;
        }
        if begins {
            block = Some((line, number));
        } else {
            day = Some(line.trim());
            (before, nights) = (0, 0);
        }
    }
    buyers.retain(|name| words::role_of_sender(name).is_none_or(|it| it == Role::Customer));
    mixed(buyers.len(), walk.ledger);
}
