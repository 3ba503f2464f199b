//! Tables as text: comma, tab, semicolon or bar, with a header in Chinese or English; and the tables of
//! particular systems ([`header`]), which only say what their columns are called.
//!
//! The thing to get right: rows of one conversation need not stand together, so a conversation is handed
//! out when none of its rows came for a long time ([`Groups::pass`]), counted in the text and not in
//! what was read at once; and a quote that is never closed would swallow every row after it, so a record
//! that looks like that is read again as one plain line.

mod header;
mod rows;

use std::borrow::Cow;

use super::cells::{Cut, Quotes, cut, past_blank};
use super::columns::Column;
use super::draft::Groups;
use super::ledger::Ledger;
use super::lines::{Lines, line_at};
use super::{Conversations, FormatInfo, Probe, Slices, Source};
use crate::diagnostic::Diagnostic;
use crate::transcript::Transcript;
use header::{DELIMITERS, DIALECTS, Dialect, Table, Way, head, header_missing, repeated};
use rows::{Rows, is_blank};

pub(crate) const FORMAT: FormatInfo = FormatInfo {
    id: "csv",
    title_zh: "表格文本（CSV/TSV）",
    title_en: "Table as text (CSV, TSV)",
    detect: detect::<0>,
    open: open::<0>,
};

pub(crate) const QIANNIU_TABLE: FormatInfo = FormatInfo {
    id: "qianniu-table",
    title_zh: "千牛聊天记录插件表格",
    title_en: "Qianniu chat table (browser plugin)",
    detect: detect::<1>,
    open: open::<1>,
};

pub(crate) const JDDC: FormatInfo = FormatInfo {
    id: "jddc-tsv",
    title_zh: "京东对话语料（JDDC）表格",
    title_en: "JDDC dialogue table",
    detect: detect::<2>,
    open: open::<2>,
};

pub(crate) const FEIGE: FormatInfo = FormatInfo {
    id: "feige-table",
    title_zh: "飞鸽历史会话表格",
    title_en: "Feige chat history table",
    detect: detect::<3>,
    open: open::<3>,
};

pub(crate) const ZENDESK_COMMENTS: FormatInfo = FormatInfo {
    id: "zendesk-comments-table",
    title_zh: "Zendesk 工单评论表格",
    title_en: "Zendesk ticket comments table",
    detect: detect::<4>,
    open: open::<4>,
};

pub(crate) const ZENDESK_CHAT: FormatInfo = FormatInfo {
    id: "zendesk-chat-table",
    title_zh: "Zendesk 聊天事件表格",
    title_en: "Zendesk chat events table",
    detect: detect::<5>,
    open: open::<5>,
};

/// Lines read again for a broken quote; beyond, quotes are taken for ordinary characters.
const REREAD: usize = 1000;

fn detect<const DIALECT: usize>(probe: &Probe<'_>) -> u8 {
    // No header looks like this, and finding a table in it would take longer than reading it.
    let text = probe.text.trim_start();
    let listed = text.strip_prefix('[').map_or(text, str::trim_start);
    if listed.starts_with('{') {
        return 0;
    }
    if let Some(table) = Table::of(probe.text, probe.names, &DIALECTS[DIALECT]) {
        let named = table.columns.iter().flatten().count();
        return match (table.has(Column::Text), named) {
            (true, 2..) if DIALECT > 0 => 97,
            (true, 2..) => 90,
            _ if DIALECT > 0 => 0,
            (_, 2..) => 50,
            _ => 30,
        };
    }
    if DIALECT == 0 && Table::guessed(probe.text, probe.names, &DIALECTS[0]).is_some() {
        return 60;
    }
    if DIALECT == 0
        && (probe.name.ends_with(".csv")
            || probe.name.ends_with(".tsv")
            || delimiter_of_lines(probe.text).is_some())
    {
        20
    } else {
        0
    }
}

fn open<const DIALECT: usize>(source: Source) -> Box<dyn Conversations> {
    Box::new(reader::<DIALECT>(source))
}

fn reader<const DIALECT: usize>(source: Source) -> Csv {
    Csv {
        dialect: &DIALECTS[DIALECT],
        text: source.text,
        more: source.more,
        behind: 0,
        at: 0,
        line: 1,
        state: State::New,
        reread: 0,
        rows: Rows {
            zone: source.options.zone,
            groups: Groups::default(),
        },
    }
}

/// Whether a format is read here, and so can be read in slices.
pub(crate) fn is_table(format: &FormatInfo) -> bool {
    [
        FORMAT.id,
        QIANNIU_TABLE.id,
        JDDC.id,
        FEIGE.id,
        ZENDESK_COMMENTS.id,
        ZENDESK_CHAT.id,
    ]
    .contains(&format.id)
}

struct Csv {
    dialect: &'static Dialect,
    text: String,
    /// What comes after the text.
    more: Option<Slices>,
    /// How long the texts were that came before.
    behind: usize,
    at: usize,
    /// The line at `at`.
    line: u32,
    state: State,
    reread: usize,
    rows: Rows,
}

enum State {
    New,
    Rows(Table),
    /// Nothing can be read; rows are counted, under this reason.
    Refused(u8, &'static str),
    Ended,
}

impl Conversations for Csv {
    fn next(&mut self, ledger: &mut Ledger) -> Option<Transcript> {
        loop {
            if let Some(transcript) = self.rows.groups.next(ledger) {
                return Some(transcript);
            }
            match self.state {
                State::Ended => return None,
                State::New => self.begin(ledger),
                _ => self.records(ledger),
            }
        }
    }

    fn consumed(&self) -> usize {
        match &self.more {
            Some(more) => more.position(self.text.len() - self.at),
            None => self.behind + self.at,
        }
    }

    fn length(&self) -> Option<usize> {
        self.more.is_none().then_some(self.behind + self.text.len())
    }
}

impl Csv {
    fn begin(&mut self, ledger: &mut Ledger) {
        let table = Table::of(&self.text, &ledger.names, self.dialect)
            .or_else(|| Table::guessed(&self.text, &ledger.names, self.dialect));
        let Some(table) = table else {
            let (at, line) = past_blank(&self.text, 0);
            let delimiter = delimiter_of_lines(&self.text).unwrap_or(b',');
            let mut cells = Vec::new();
            cut(&self.text, at, delimiter, true, &mut cells);
            // What there is can still be said to be something.
            if cells.len() > 1 {
                Table::named(&cells, delimiter, &ledger.names, self.dialect).tell(1 + line, ledger);
            }
            header_missing(1, None, ledger);
            self.state = State::Refused(delimiter, "csv-header-missing");
            return;
        };
        let line = table.tell_above(&self.text, ledger);
        table.tell(line, ledger);
        if table.header == table.body {
            ledger.report(
                Diagnostic::warning(
                    "csv-header-guessed",
                    "这个表没有表头，各列是按内容判断的；请核对各列的对应，或在第一行写上列名。",
                    "This table has no header: what its columns are was told by what stands in them. Please check, or name the columns in the first row.",
                )
                .line(line),
            );
        }
        let text = &self.text[..table.body];
        self.line = Lines::new(text).at(text, text.len());
        self.at = table.body;
        if table.has(Column::Text) {
            let found = match table.dialect.way {
                Way::Plugin => Some((
                    "repeats-lost-upstream",
                    "这种插件表格只有时分秒，同一秒内重复的消息在导出时已被去掉，无法找回；请注明日期，计数以原始记录为准。",
                    "This plugin's table has times of day only, and what was said twice within a second was lost when it was exported. State the date; for counts see the original.",
                )),
                Way::Joined => Some((
                    "times-absent",
                    "这种语料没有时间，回复时长一律不判断。",
                    "This corpus has no times: waits are not judged.",
                )),
                _ => None,
            };
            if let Some((code, zh, en)) = found {
                ledger.report(Diagnostic::info(code, zh, en).line(line));
            }
            self.state = State::Rows(table);
        } else if table.figures > 2 {
            ledger.report(
                Diagnostic::error(
                    "statistics-not-chats",
                    "这是统计报表（人数、时长、比率），不是聊天记录，没有可检查的消息；请另外导出聊天内容。",
                    "This is a sheet of statistics (people, durations, rates), not of chats: there is no message to inspect. Export the chats themselves.",
                )
                .line(line),
            );
            self.state = State::Refused(table.delimiter, "statistics-not-chats");
        } else {
            header_missing(line, Some("text"), ledger);
            self.state = State::Refused(table.delimiter, "csv-header-missing");
        }
    }

    /// Reads until a conversation is done, or what there is of the text.
    fn records(&mut self, ledger: &mut Ledger) {
        let mut cells = Vec::new();
        loop {
            let (start, blank) = past_blank(&self.text, self.at);
            self.at = start;
            self.line = self.line.saturating_add(blank);
            if start >= self.text.len() {
                return self.go_on(0, ledger);
            }
            let quoting = self.reread < REREAD;
            let delimiter = match &self.state {
                State::Rows(table) => table.delimiter,
                State::Refused(delimiter, _) => *delimiter,
                _ => return,
            };
            let found = cut(&self.text, start, delimiter, quoting, &mut cells);
            if found.quotes == Quotes::Open && found.next == self.text.len() && self.more.is_some()
            {
                return self.go_on(found.lines, ledger);
            }
            let line = self.line;
            let next = match &mut self.state {
                State::Rows(table) => {
                    if self.rows.groups.pass(self.behind + start) {
                        return;
                    }
                    let swallows =
                        quoting && swallowed(&self.text, start, &found, cells.len(), table);
                    let mut next = (found.next, found.lines);
                    if swallows {
                        self.reread += 1;
                        ledger.report(
                            Diagnostic::warning(
                                "csv-quote-unterminated",
                                "从这一行开始的引号没有结束，该行已按普通文字读取，其后各行照常读取；请检查这一行的引号。",
                                "A quote that opens on this line is not closed; the line was read as plain text, and the rows after it as usual. Check its quotes.",
                            )
                            .line(line),
                        );
                        let (plain, after) = line_at(&self.text, start);
                        cells = unquoted(plain, delimiter);
                        next = (after, 1);
                    }
                    if table.repeats(&cells, &ledger.names) {
                        let again = Table::named(&cells, delimiter, &ledger.names, self.dialect);
                        repeated(table, again, line, ledger);
                    } else {
                        self.rows.row(table, &cells, line, ledger);
                        if std::mem::take(&mut self.rows.groups.again) {
                            ledger.report(
                                Diagnostic::warning(
                                    "conversation-split",
                                    "这个会话前面的消息相隔太远（超过 16 MB），已分段检查；请按会话排序后重新导出。",
                                    "The messages of this conversation stand too far apart (more than 16 MB) and were judged in pieces; sort the file by conversation.",
                                )
                                .line(line)
                                .field(ledger.field(Column::Conversation)),
                            );
                        }
                    }
                    next
                }
                State::Refused(_, reason) => {
                    if !is_blank(&cells) {
                        ledger.exclude(reason);
                    }
                    (found.next, found.lines)
                }
                _ => return,
            };
            self.at = next.0;
            self.line = line.saturating_add(next.1);
        }
    }

    /// Puts the next slice behind what is left; `lines` is how many line ends that has.
    fn go_on(&mut self, lines: u32, ledger: &mut Ledger) {
        let Some(more) = &mut self.more else {
            self.rows.groups.close();
            self.state = State::Ended;
            return;
        };
        self.behind += self.at;
        self.text.drain(..self.at);
        self.at = 0;
        let mut next = String::new();
        if !more.next(&mut next, self.line.saturating_add(lines), ledger) {
            self.more = None;
        } else if self.text.is_empty() {
            self.text = next;
        } else {
            self.text.push_str(&next);
        }
    }
}

/// Whether a record is one row with a broken quote that took others along.
fn swallowed(text: &str, start: usize, found: &Cut, cells: usize, table: &Table) -> bool {
    let width = table.columns.len();
    found.quotes == Quotes::Open
        || found.inner > 0 && (cells != width || found.quotes == Quotes::Stray) && {
            // The next line would be a good row by itself.
            let (second, _) = line_at(text, line_at(text, start).1);
            let mut alone = Vec::new();
            cut(second, 0, table.delimiter, true, &mut alone);
            alone.len() == width
        }
}

/// The cells of a line whose quotes mean nothing.
fn unquoted(line: &str, delimiter: u8) -> Vec<Cow<'_, str>> {
    line.split(char::from(delimiter))
        .map(|cell| {
            let cell = cell.strip_prefix('"').unwrap_or(cell);
            Cow::Borrowed(cell.strip_suffix('"').unwrap_or(cell))
        })
        .collect()
}

/// The delimiter that stands equally often, at least twice, in each of the first lines.
fn delimiter_of_lines(text: &str) -> Option<u8> {
    let lines: Vec<&str> = head(text)
        .split(['\n', '\r'])
        .filter(|line| !line.trim().is_empty())
        .take(5)
        .collect();
    if lines.len() < 3 {
        return None;
    }
    DELIMITERS.into_iter().find(|&delimiter| {
        let count = |line: &str| line.bytes().filter(|&byte| byte == delimiter).count();
        let first = count(lines[0]);
        first >= 2 && lines.iter().all(|line| count(line) == first)
    })
}
#[cfg(test)]
mod tests {
    use std::io;

    use super::unquoted;
    use crate::import::ledger::Ledger;
    use crate::import::slices::Slices;
    use crate::import::{Conversations, Options, Source, read};

    fn texts(csv: &str) -> Vec<String> {
        read("a.csv", csv.into(), &Options::default())
            .flat_map(|t| t.messages)
            .map(|m| m.text)
            .collect()
    }

    #[test]
    fn quotes_that_mean_nothing() {
        assert_eq!(unquoted("a,\"b,c\"", b','), ["a", "b", "c"]);
    }

    /// What is read, as text, and what is told; in slices of this size, where there is one.
    fn all(csv: &str, slice: Option<usize>, apart: usize) -> (Vec<String>, String, Vec<usize>) {
        let mut ledger = Ledger::new("a.csv");
        let head = csv
            .match_indices('\n')
            .nth(2)
            .map_or(csv.len(), |(at, _)| at + 1);
        let more = slice.map(|slice| {
            let rest = Box::new(io::Cursor::new(csv.as_bytes()[head..].to_vec()));
            Slices::new(
                rest,
                (encoding_rs::UTF_8, !csv[..head].is_ascii()),
                (head, Vec::new()),
                slice,
            )
        });
        let text = if more.is_some() { &csv[..head] } else { csv };
        let mut reader = super::reader::<0>(Source {
            text: text.to_owned(),
            options: Options::default(),
            more,
        });
        reader.rows.groups.apart = apart;
        let (mut found, mut counts) = (Vec::new(), Vec::new());
        while let Some(transcript) = reader.next(&mut ledger) {
            counts.push(transcript.messages.len());
            found.push(format!("{transcript:?}"));
        }
        let told = format!("{:?} {:?}", ledger.accounting(), ledger.diagnostics());
        (found, told, counts)
    }

    #[test]
    fn slices_of_any_size_are_the_whole() {
        let row = |id: usize, at: usize, text: &str| {
            let (minute, second) = (at / 60 % 60, at % 60);
            let role = if at.is_multiple_of(2) {
                "客户"
            } else {
                "客服"
            };
            format!("{id},2024-05-06 10:{minute:02}:{second:02},{role},{text}\n")
        };
        let rows = |of: fn(usize) -> (usize, &'static str)| {
            let row = |at| row(of(at).0, at, of(at).1);
            (0..300).map(row).collect::<String>()
        };
        let header = "会话ID,时间,角色,内容\n";
        for (name, body) in [
            ("runs", rows(|at| (at / 7, "在吗"))),
            ("woven", rows(|at| (at * 7 % 30, "好的\r"))),
            ("quoted", rows(|at| (at / 5, "\"一\n\n\"\"二,三\"\"\""))),
            (
                "open",
                rows(|at| (at / 5, ["在", "\"在", "在\"吗", "\"在\"吗"][at * 7 / 6 % 4])),
            ),
            (
                "ragged",
                rows(|at| (at / 5, ["", "在,吗", "在\n1,2"][at % 3])),
            ),
            (
                "joined",
                rows(|at| {
                    (
                        at / 5,
                        ["在", "吗\n\u{feff}会话ID,时间,角色,内容"][usize::from(at % 50 == 9)],
                    )
                }),
            ),
            (
                "other header",
                rows(|at| {
                    (
                        at / 5,
                        ["在", "吗\n会话ID,内容,时间,角色"][usize::from(at == 99)],
                    )
                }),
            ),
            ("returns", rows(|at| (at / 5, "在")).replace('\n', "\r")),
            ("no end", rows(|at| (at / 5, "在")).trim_end().to_owned()),
        ] {
            let csv = format!("{header}{body}");
            for apart in [300, 2000, 1 << 24] {
                let whole = all(&csv, None, apart);
                assert!(!whole.0.is_empty(), "{name}");
                for slice in [1, 7, 64, 1000, 64 << 10, 4 << 20] {
                    assert!(
                        all(&csv, Some(slice), apart) == whole,
                        "{name}, slices of {slice}, {apart} apart"
                    );
                }
            }
        }
    }

    #[test]
    fn a_conversation_is_handed_out_when_nothing_came_for_long() {
        let row = |id: usize, at: usize| format!("{id},客服,第{at}句\n");
        let rows: String = (0..100).map(|at| row(at / 10, at)).collect();
        let csv = format!("会话ID,角色,内容\n{rows}{}", row(1, 100));
        let (_, told, counts) = all(&csv, None, 400);
        assert_eq!(counts, [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 1]);
        assert!(told.contains("conversation-split"), "{told}");
        let (_, told, counts) = all(&csv, None, 1 << 24);
        assert_eq!(counts, [10, 11, 10, 10, 10, 10, 10, 10, 10, 10]);
        assert!(!told.contains("conversation-split"), "{told}");
    }

    #[test]
    fn delimiters() {
        for delimiter in [",", "\t", ";"] {
            let csv = ["角色", "内容", "\n客服", "在的", "\n客户", "好"]
                .join(delimiter)
                .replace(&format!("{delimiter}\n"), "\n");
            assert_eq!(texts(&csv), ["在的", "好"], "{delimiter:?}");
        }
    }

    #[test]
    fn titles_above_the_header_are_passed_over() {
        assert_eq!(
            texts(
                "店铺聊天记录\n导出时间,2024-01-01\n\n角色,时间,内容\n客服,2024-01-01 10:00,在的\n"
            ),
            ["在的"]
        );
    }

    #[test]
    fn quoted_cells_keep_their_lines() {
        assert_eq!(
            texts("role,text\nagent,\"一\n\n二,\"\"三\"\"\"\nuser,好\n"),
            ["一\n\n二,\"三\"", "好"]
        );
    }

    #[test]
    fn a_quote_that_never_closes_costs_no_other_row() {
        let csv = "role,text\nagent,一\nagent,\"二\nuser,三\nagent,四\n";
        let mut reader = read("a.csv", csv.into(), &Options::default());
        let found: Vec<_> = reader
            .by_ref()
            .flat_map(|t| t.messages)
            .map(|m| m.text)
            .collect();
        assert_eq!(found, ["一", "二", "三", "四"]);
        let told: Vec<_> = reader
            .diagnostics()
            .iter()
            .map(|d| (d.code.as_str(), d.line))
            .collect();
        assert_eq!(told[0], ("csv-quote-unterminated", Some(3)));
        // Closed by accident, further down.
        let csv = "role,text\nagent,\"二\nuser,三\nagent,\"四\"\nuser,五\n";
        assert_eq!(texts(csv), ["二", "三", "四", "五"]);
    }
}
