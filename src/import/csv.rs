//! Tables as text: comma, tab, semicolon or bar, with a header in Chinese or English; and the tables of
//! particular systems ([`DIALECTS`]), which only say what their columns are called.
//!
//! The thing to get right: rows of one conversation need not stand together, so a conversation is handed
//! out when none of its rows came for a long time ([`Groups::pass`]), counted in the text and not in
//! what was read at once; and a quote that is never closed would swallow every row after it, so a record
//! that looks like that is read again as one plain line.

use std::borrow::Cow;

use super::cells::{Cut, Quotes, cut, past_blank, rounded};
use super::columns::{COLUMNS, Column, Names, is_called};
use super::draft::{Groups, Record};
use super::ledger::Ledger;
use super::lines::line_at;
use super::{Conversations, FormatInfo, Probe, Slices, Source};
use crate::diagnostic::Diagnostic;
use crate::transcript::{Transcript, Zone};

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

/// How a system writes its tables.
struct Dialect {
    /// Names that its header has; without any, it is any table.
    needs: &'static [&'static str],
    /// What its names mean, where that is not what they mean elsewhere.
    columns: &'static [(&'static str, Column)],
    way: Way,
}

/// What a row of a dialect needs besides its columns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    /// Times of day; what was said twice in a second is there once.
    Plugin,
    /// Several messages in a cell, and answers to choose from; no times.
    Joined,
    /// The shop's side of the screen is also that of its robots.
    Sided,
    /// Some rows are notes among agents.
    Public,
    /// Some rows are events, and what a robot says is known by where it came from.
    Events,
}

static DIALECTS: [Dialect; 6] = [
    Dialect {
        needs: &[],
        columns: &[],
        way: Way::Plain,
    },
    Dialect {
        needs: &["客户名", "消息序号", "发送时间", "发送内容", "发送账号"],
        columns: &[],
        way: Way::Plugin,
    },
    Dialect {
        needs: &["sessionid", "userid", "waitersend", "istransfer", "content"],
        columns: &[],
        way: Way::Joined,
    },
    Dialect {
        needs: &["用户信息", "方向"],
        columns: &[("用户信息", Column::Customer)],
        way: Way::Sided,
    },
    Dialect {
        needs: &["ticketid", "userid", "public", "body"],
        columns: &[("userid", Column::Sender), ("public", Column::Auto)],
        way: Way::Public,
    },
    Dialect {
        needs: &["chatid", "actorid", "chatindex", "message"],
        columns: &[
            ("actorid", Column::Sender),
            ("chatindex", Column::Id),
            ("originalmessage", Column::Auto),
        ],
        way: Way::Events,
    },
];

const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Records among which the header is looked for: exports put titles above it.
const HEADER_WITHIN: usize = 10;

/// Lines read again for a broken quote; beyond, quotes are taken for ordinary characters.
const REREAD: usize = 1000;

/// Words that only names of statistics have.
const FIGURES: [&str; 9] = [
    "人数",
    "率",
    "时长",
    "会话量",
    "销售额",
    "服务分",
    "CPD",
    "分钟",
    "排名",
];

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

/// What becomes of rows.
struct Rows {
    zone: Option<Zone>,
    groups: Groups,
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

/// Where the header is and what it says.
struct Table {
    dialect: &'static Dialect,
    delimiter: u8,
    columns: Vec<Option<(Column, u8)>>,
    names: Vec<String>,
    /// The columns that hold ids, whether or not of anything that is read.
    ids: Vec<usize>,
    /// Where the header begins and where the first row does.
    header: usize,
    body: usize,
    figures: usize,
}

impl Table {
    /// The most telling header among the first records, over all delimiters.
    fn of(text: &str, names: &Names, dialect: &'static Dialect) -> Option<Self> {
        let text = head(text);
        let mut best: Option<(usize, Self)> = None;
        for delimiter in DELIMITERS {
            let (mut at, mut cells) = (0, Vec::new());
            for _ in 0..HEADER_WITHIN {
                at = past_blank(text, at).0;
                if at >= text.len() {
                    break;
                }
                let header = at;
                at = cut(text, at, delimiter, true, &mut cells).next;
                let mut table = Self::named(&cells, delimiter, names, dialect);
                let named = table.columns.iter().flatten().count();
                let says = table.has(Column::Text);
                if (named < 2 && !(says && cells.len() > 1) && table.figures < 3)
                    || !dialect
                        .needs
                        .iter()
                        .all(|need| table.names.iter().any(|name| is_called(name, need)))
                {
                    continue;
                }
                let score = named * 2 + table.figures + usize::from(says) * 100;
                if best.as_ref().is_none_or(|(most, _)| score > *most) {
                    (table.header, table.body) = (header, at);
                    best = Some((score, table));
                }
                if says {
                    // What names columns further down is for the rows there.
                    break;
                }
            }
        }
        best.map(|(_, table)| table)
    }

    /// A header of these names.
    fn named(
        cells: &[Cow<'_, str>],
        delimiter: u8,
        stated: &Names,
        dialect: &'static Dialect,
    ) -> Self {
        let mut columns: Vec<Option<(Column, u8)>> = Vec::with_capacity(cells.len());
        let mut names: Vec<String> = Vec::with_capacity(cells.len());
        for cell in cells {
            let mut own = dialect.columns.iter();
            let column = match own.find(|(name, _)| is_called(cell, name)) {
                Some(&(_, column)) if !stated.states(cell) => Some((column, 0)),
                _ => stated.of(cell),
            };
            // Of two columns alike the second only fills what the first leaves blank.
            let again = columns.contains(&column);
            columns.push(column.map(|(column, rank)| (column, rank + u8::from(again))));
            names.push(cell.trim().trim_start_matches('\u{feff}').to_owned());
        }
        let is_id = |index: &usize| {
            let (name, column) = (&names[*index], columns[*index]);
            name.ends_with(['号', '號'])
                || name
                    .get(name.len().wrapping_sub(2)..)
                    .is_some_and(|end| end.eq_ignore_ascii_case("id"))
                || column.is_some_and(|it| matches!(it.0, Column::Conversation | Column::Id))
        };
        let ids = (0..names.len()).filter(is_id).collect();
        let figure = |name: &&String| FIGURES.iter().any(|word| name.contains(word));
        Self {
            dialect,
            delimiter,
            columns,
            figures: names.iter().filter(figure).count(),
            names,
            ids,
            header: 0,
            body: 0,
        }
    }

    fn has(&self, column: Column) -> bool {
        self.columns.iter().flatten().any(|(one, _)| *one == column)
    }

    fn index(&self, column: Column) -> Option<usize> {
        let is_it = |it: &Option<(Column, u8)>| it.is_some_and(|it| it.0 == column);
        self.columns.iter().position(is_it)
    }

    /// Whether a record is a header again, as where files were joined.
    fn repeats(&self, cells: &[Cow<'_, str>], names: &Names) -> bool {
        let is_name = |cell: &Cow<'_, str>| names.of(cell).is_some();
        let text = self.index(Column::Text).and_then(|index| cells.get(index));
        // Hardly anybody says the name of a column.
        let Some(text) = text.filter(|text| text.len() < 48 && is_name(text)) else {
            return false;
        };
        // And nobody says “内容” under a sender of the name “发送人”.
        let named = cells.iter().filter(|cell| is_name(cell)).count();
        let own = cells.iter().zip(&self.names);
        own.clone().all(|(cell, name)| cell.trim() == name) && cells.len() == self.names.len()
            || named > 2
                && named * 2 > cells.len()
                && (self.names.iter().any(|name| name == text.trim())
                    || cells
                        .iter()
                        .any(|cell| names.of(cell).is_some_and(|it| it.0 == Column::Text)))
    }

    /// Tells what the columns are taken for.
    fn tell(&self, line: u32, ledger: &mut Ledger) {
        // Where a dialect smuggles something in, nobody can correct it.
        let own = |column: &Column| {
            !matches!(self.dialect.way, Way::Public | Way::Events) || *column != Column::Auto
        };
        let found = self.columns.iter().map(|it| it.map(|it| it.0).filter(own));
        ledger.mapped(self.names.iter().map(String::as_str).zip(found));
        ledger
            .detection
            .delimiter
            .get_or_insert(char::from(self.delimiter));
        let mut labelled = [u8::MAX; COLUMNS];
        for (index, (name, column)) in self.names.iter().zip(&self.columns).enumerate() {
            if !name.is_empty() && self.names[..index].contains(name) {
                ledger.report(
                    Diagnostic::warning(
                        "csv-header-duplicate",
                        format!("表头里有多列都叫“{name}”，只取第一列，它空白时才取后面的；请改名区分。"),
                        format!("Several columns are called “{name}”: the first is read, the next only where it is blank. Give them different names."),
                    )
                    .line(line)
                    .field(name.clone()),
                );
            }
            if let Some((column, rank)) = *column
                && rank < labelled[column as usize]
            {
                labelled[column as usize] = rank;
                ledger.label(column, name);
            }
        }
    }
}

impl Csv {
    fn begin(&mut self, ledger: &mut Ledger) {
        let Some(table) = Table::of(&self.text, &ledger.names, self.dialect) else {
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
        let text = &self.text[..table.header];
        let line = super::lines::Lines::new(text).at(text, text.len());
        table.tell(line, ledger);
        let text = &self.text[..table.body];
        self.line = super::lines::Lines::new(text).at(text, text.len());
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

/// A header in the middle: the columns of what follows are its own.
fn repeated(table: &mut Table, again: Table, line: u32, ledger: &mut Ledger) {
    if again.names == table.names {
        ledger.exclude("csv-header-repeated");
        ledger.report(
            Diagnostic::info(
                "csv-header-repeated",
                "这一行又是表头（多为几个文件拼在一起），没有当作消息。",
                "This row is the header again, as where files were joined; it was not taken for a message.",
            )
            .line(line),
        );
    } else if again.has(Column::Text) {
        ledger.exclude("csv-header-changed");
        ledger.report(
            Diagnostic::warning(
                "csv-header-changed",
                "从这一行起换了表头，其后各行按新的列名读取；请核对列的对应。",
                "Another header begins here; the rows after it are read by its names. Please check them.",
            )
            .line(line),
        );
        *table = again;
        table.tell(line, ledger);
    } else {
        ledger.exclude("csv-header-changed");
        ledger.report(
            Diagnostic::warning(
                "csv-header-changed",
                "这一行像是另一个表头，但没有消息内容这一列；其后各行仍按原来的列名读取，请核对。",
                "This row looks like another header, but has no column for texts; the rows after it are still read by the first. Please check.",
            )
            .line(line),
        );
    }
}

fn is_blank(cells: &[Cow<'_, str>]) -> bool {
    cells.iter().all(|cell| cell.trim().is_empty())
}

impl Rows {
    fn row(&mut self, table: &Table, cells: &[Cow<'_, str>], line: u32, ledger: &mut Ledger) {
        if is_blank(cells) {
            return;
        }
        let width = table.columns.len();
        let mut joined = None;
        let full = cells.iter().rposition(|cell| !cell.trim().is_empty());
        let surplus = full.is_some_and(|last| last >= width);
        if surplus || cells.len() < width {
            let (count, row) = (cells.len(), "csv-ragged-row");
            let text_last = table.index(Column::Text) == Some(width - 1);
            let (zh, en) = if surplus && text_last {
                // What is too much can only be the end of the text, which was not quoted.
                let delimiter = char::from(table.delimiter).to_string();
                joined = Some(cells[width - 1..].join(&delimiter));
                (
                    "多出的部分已并入内容",
                    "what is too much was taken as part of the text",
                )
            } else if surplus {
                (
                    "各列可能错位，未计入",
                    "its columns may be shifted and it was left out",
                )
            } else {
                ("缺少的列按空白处理", "the missing ones were taken as blank")
            };
            ledger.report(
                Diagnostic::warning(
                    row,
                    format!("这一行有 {count} 列，表头有 {width} 列；{zh}，请核对。"),
                    format!(
                        "This row has {count} columns, the header {width}; {en}. Please check."
                    ),
                )
                .line(line),
            );
            if surplus && joined.is_none() {
                let id = table.index(Column::Conversation);
                let id = id.and_then(|index| cells.get(index)).map(Cow::as_ref);
                self.groups.draft(id, line, self.zone.as_ref()).skip(row);
                return;
            }
        }
        for &index in &table.ids {
            if let Some(told) = cells.get(index).and_then(|cell| rounded(cell)) {
                ledger.report(told.line(line).field(table.names[index].clone()));
            }
        }
        let mut record = Record::at(line);
        for (index, (cell, column)) in cells.iter().zip(&table.columns).enumerate() {
            let Some((column, rank)) = *column else {
                continue;
            };
            match &joined {
                Some(text) if index + 1 == width => record.set(column, rank, text.as_str()),
                _ if cell.trim().is_empty() => {}
                _ => record.set(column, rank, cell.as_ref()),
            }
        }
        let key = if table.has(Column::Conversation) {
            Column::Conversation
        } else {
            Column::Customer
        };
        let draft = self.groups.draft(record.get(key), line, self.zone.as_ref());
        if let Some(zone) = record.get(Column::Zone).filter(|_| draft.is_fresh()) {
            draft.zone(zone, ledger);
        }
        match table.dialect.way {
            Way::Plain | Way::Plugin => {}
            Way::Joined => {
                record.timeless = true;
                let text = record.get(Column::Text).unwrap_or_default().to_owned();
                let mut parts = text.split("!@@@!").filter(|part| !part.trim().is_empty());
                let mut part = parts.next().unwrap_or_default();
                loop {
                    let mut choices = part.split("<sep>");
                    let mut one = record.clone();
                    one.set(Column::Text, 0, choices.next().unwrap_or_default().trim());
                    draft.push(&mut one, ledger);
                    choices.for_each(|_| draft.skip("answer-alternative"));
                    match parts.next() {
                        Some(next) => part = next,
                        None => return,
                    }
                }
            }
            Way::Sided => {
                let speaks = record.get(Column::Sender).or(record.get(Column::Agent));
                let side = record.get(Column::Side).unwrap_or_default().trim();
                if speaks.is_none()
                    && super::words::role(Column::Side, side)
                        == Some(crate::transcript::Role::Agent)
                {
                    record.set(Column::Role, 0, "bot");
                    ledger.report_once(
                        Diagnostic::warning(
                            "side-ambiguous",
                            "店铺一侧的消息没有客服名字，可能是智能客服或商家配置的自动消息，没有算作人工；请导出带客服昵称的记录。",
                            "A message on the shop's side names no agent: it may be a robot's or an automatic one and was not taken for a person's. Export with agents' names.",
                        )
                        .line(line)
                        .field(ledger.field(Column::Agent)),
                    );
                }
            }
            Way::Public => {
                let public = record.take(Column::Auto);
                if public.is_some_and(|it| matches!(it.trim(), "false" | "False" | "FALSE" | "0")) {
                    // Nobody said it to the customer.
                    draft.skip("note-internal");
                    return;
                }
            }
            Way::Events => {
                let origin = record.take(Column::Auto);
                let kind = record.take(Column::State).unwrap_or_default();
                if !kind.is_empty() && kind.trim() != "ChatMessage" {
                    record.set(Column::Role, 0, "system");
                    if record.get(Column::Text).is_none() {
                        record.set(Column::Text, 0, kind);
                    }
                } else if origin.is_some_and(|it| it.contains("answerBot")) {
                    record.set(Column::Role, 0, "bot");
                }
            }
        }
        draft.push(&mut record, ledger);
    }
}

fn header_missing(line: u32, field: Option<&str>, ledger: &mut Ledger) {
    let diagnostic = match field {
        Some(field) => Diagnostic::error(
            "csv-header-missing",
            "表头里没有消息内容这一列；请把该列命名为“内容”（或 text、content）后重新导入。",
            "The header has no column for the text of messages; name it `text`, `content` or 内容 and import again.",
        )
        .field(field),
        None => Diagnostic::error(
            "csv-header-missing",
            "没有找到表头；请在第一行写上列名，例如：会话ID、时间、角色、发送人、内容。",
            "No header was found; name the columns in the first row, for instance: session_id, time, role, sender, text.",
        ),
    };
    ledger.report(diagnostic.line(line));
}

/// The part of a text in which its header is looked for.
fn head(text: &str) -> &str {
    let mut end = text.len().min(1 << 16);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
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
