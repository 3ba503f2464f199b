//! Tables as text: comma, tab or semicolon, with a header in Chinese or English.
//!
//! The thing to get right: rows of one conversation need not stand together, so nothing is handed out
//! before the last row; and a quote that is never closed would swallow every row after it, so a record
//! that looks like that is read again as one plain line.

use csv::{ReaderBuilder, StringRecord};

use super::columns::Column;
use super::draft::{Groups, Record};
use super::ledger::Ledger;
use super::lines::{Lines, line_at};
use super::{Conversations, FormatInfo, Probe, Source};
use crate::diagnostic::Diagnostic;
use crate::transcript::{Transcript, Zone};

pub(crate) const FORMAT: FormatInfo = FormatInfo {
    id: "csv",
    title_zh: "表格文本（CSV/TSV）",
    title_en: "Table as text (CSV, TSV)",
    detect,
    open,
};

const DELIMITERS: [u8; 3] = [b',', b'\t', b';'];

/// Records among which the header is looked for: exports put titles above it.
const HEADER_WITHIN: usize = 10;

/// Lines read again for a broken quote; beyond, quotes are taken for ordinary characters.
const REREAD: usize = 1000;

fn detect(probe: &Probe<'_>) -> u8 {
    // No header looks like this, and finding a table in it would take longer than reading it.
    let text = probe.text.trim_start();
    let listed = text.strip_prefix('[').map_or(text, str::trim_start);
    if listed.starts_with('{') {
        return 0;
    }
    if let Some(table) = Table::of(probe.text) {
        let named = table.columns.iter().flatten().count();
        return match (table.has(Column::Text), named) {
            (true, 2..) => 90,
            (_, 2..) => 50,
            _ => 30,
        };
    }
    if probe.name.ends_with(".csv")
        || probe.name.ends_with(".tsv")
        || delimiter_of_lines(probe.text).is_some()
    {
        20
    } else {
        0
    }
}

fn open(source: Source) -> Box<dyn Conversations> {
    Box::new(Csv {
        text: source.text,
        zone: source.options.zone,
        groups: Groups::default(),
        read: false,
    })
}

struct Csv {
    text: String,
    zone: Option<Zone>,
    groups: Groups,
    read: bool,
}

impl Conversations for Csv {
    fn next(&mut self, ledger: &mut Ledger) -> Option<Transcript> {
        if !self.read {
            self.read = true;
            self.rows(ledger);
            self.groups.close();
        }
        self.groups.next(ledger)
    }

    fn consumed(&self) -> usize {
        if self.read { self.text.len() } else { 0 }
    }

    fn length(&self) -> Option<usize> {
        Some(self.text.len())
    }
}

/// Where the header is and what it says.
struct Table {
    delimiter: u8,
    columns: Vec<Option<(Column, u8)>>,
    names: Vec<String>,
    /// Where the header begins and where the first row does.
    header: usize,
    body: usize,
}

impl Table {
    /// The most telling header among the first records, over all delimiters.
    fn of(text: &str) -> Option<Self> {
        let mut best: Option<(usize, Self)> = None;
        for delimiter in DELIMITERS {
            let head = head(text);
            let mut reader = reader(head, delimiter, true);
            let mut record = StringRecord::new();
            for _ in 0..HEADER_WITHIN {
                if !matches!(reader.read_record(&mut record), Ok(true)) {
                    break;
                }
                let columns: Vec<_> = record.iter().map(Column::of).collect();
                let named = columns.iter().flatten().count();
                let text_named = columns
                    .iter()
                    .flatten()
                    .any(|(column, _)| *column == Column::Text);
                if named < 2 && !(text_named && columns.len() > 1) {
                    continue;
                }
                let score = named * 2 + usize::from(text_named) * 100;
                if best.as_ref().is_none_or(|(most, _)| score > *most) {
                    let names = record
                        .iter()
                        .map(|name| name.trim().trim_start_matches('\u{feff}').to_owned())
                        .collect();
                    let header = start_of(text, record.position().map_or(0, |at| at.byte()));
                    let body = usize::try_from(reader.position().byte()).unwrap_or(text.len());
                    best = Some((
                        score,
                        Self {
                            delimiter,
                            columns,
                            names,
                            header,
                            body,
                        },
                    ));
                }
            }
        }
        best.map(|(_, table)| table)
    }

    fn has(&self, column: Column) -> bool {
        self.columns.iter().flatten().any(|(one, _)| *one == column)
    }
}

impl Csv {
    fn rows(&mut self, ledger: &mut Ledger) {
        let Some(table) = Table::of(&self.text) else {
            header_missing(1, None, ledger);
            let delimiter = delimiter_of_lines(&self.text).unwrap_or(b',');
            self.exclude_all(0, delimiter, ledger);
            return;
        };
        let mut lines = Lines::new(&self.text);
        let header_line = lines.at(&self.text, table.header);
        if !table.has(Column::Text) {
            header_missing(header_line, Some("text"), ledger);
            self.exclude_all(table.body, table.delimiter, ledger);
            return;
        }
        let mut labelled = [u8::MAX; super::columns::COLUMNS];
        for (name, (column, rank)) in table
            .names
            .iter()
            .zip(&table.columns)
            .filter_map(|(n, c)| c.map(|c| (n, c)))
        {
            if rank < labelled[column as usize] {
                labelled[column as usize] = rank;
                ledger.label(column, name);
            }
        }
        let mut base = table.body;
        let mut reread = 0;
        // Every turn reads records from `base` on until a broken quote makes it start over behind it.
        while base < self.text.len() {
            let mut reader = reader(&self.text[base..], table.delimiter, reread < REREAD);
            let mut record = StringRecord::new();
            let mut again = None;
            while let Ok(true) = reader.read_record(&mut record) {
                let start = start_of(
                    &self.text,
                    base as u64 + record.position().map_or(0, |at| at.byte()),
                );
                let end = usize::try_from(reader.position().byte())
                    .map_or(self.text.len(), |at| base + at);
                let line = lines.at(&self.text, start);
                if reread < REREAD && swallowed(&self.text, start, end, &record, &table) {
                    reread += 1;
                    ledger.report(
                        Diagnostic::warning(
                            "csv-quote-unterminated",
                            "从这一行开始的引号没有结束，该行已按普通文字读取，其后各行照常读取；请检查这一行的引号。",
                            "A quote that opens on this line is not closed; the line was read as plain text, and the rows after it as usual. Check its quotes.",
                        )
                        .line(line),
                    );
                    let (plain, next) = line_at(&self.text, start);
                    let fields = unquoted(plain, table.delimiter);
                    row(
                        &table,
                        &fields,
                        line,
                        self.zone.as_ref(),
                        &mut self.groups,
                        ledger,
                    );
                    again = Some(next);
                    break;
                }
                row(
                    &table,
                    &record,
                    line,
                    self.zone.as_ref(),
                    &mut self.groups,
                    ledger,
                );
            }
            match again {
                Some(next) => base = next,
                None => break,
            }
        }
    }

    fn exclude_all(&self, from: usize, delimiter: u8, ledger: &mut Ledger) {
        let mut reader = reader(&self.text[from..], delimiter, true);
        let mut record = StringRecord::new();
        while let Ok(true) = reader.read_record(&mut record) {
            if record.iter().any(|field| !field.trim().is_empty()) {
                ledger.exclude("csv-header-missing");
            }
        }
    }
}

fn row(
    table: &Table,
    fields: &StringRecord,
    line: u32,
    zone: Option<&Zone>,
    groups: &mut Groups,
    ledger: &mut Ledger,
) {
    if fields.iter().all(|field| field.trim().is_empty()) {
        return;
    }
    let width = table.columns.len();
    let text_last = table
        .columns
        .last()
        .copied()
        .flatten()
        .is_some_and(|(column, _)| column == Column::Text);
    let surplus = fields
        .iter()
        .skip(width)
        .any(|field| !field.trim().is_empty());
    let mut joined = None;
    if surplus || fields.len() < width {
        let (count, row) = (fields.len(), "csv-ragged-row");
        let (zh, en) = if surplus && text_last {
            // What is too much can only be the end of the text, which was not quoted.
            let delimiter = char::from(table.delimiter).to_string();
            joined = Some(
                fields
                    .iter()
                    .skip(width - 1)
                    .collect::<Vec<_>>()
                    .join(&delimiter),
            );
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
                format!("This row has {count} columns, the header {width}; {en}. Please check."),
            )
            .line(line),
        );
        if surplus && joined.is_none() {
            let id = table
                .columns
                .iter()
                .position(|column| column.is_some_and(|(column, _)| column == Column::Conversation))
                .and_then(|index| fields.get(index));
            groups.draft(id, line, zone).skip("csv-ragged-row");
            return;
        }
    }
    let mut record = Record::at(line);
    for (index, (field, column)) in fields.iter().zip(&table.columns).enumerate() {
        let Some((column, rank)) = *column else {
            continue;
        };
        match &joined {
            Some(text) if index + 1 == width => record.set(column, rank, text.as_str()),
            _ if field.trim().is_empty() => {}
            _ => record.set(column, rank, field),
        }
    }
    let key = if table.has(Column::Conversation) {
        Column::Conversation
    } else {
        Column::Customer
    };
    let draft = groups.draft(record.get(key), line, zone);
    if let Some(zone) = record.get(Column::Zone).filter(|_| draft.is_fresh()) {
        draft.zone(zone, ledger);
    }
    draft.push(&mut record, ledger);
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

fn reader(text: &str, delimiter: u8, quoting: bool) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .quoting(quoting)
        .from_reader(text.as_bytes())
}

/// The first record's own start: the reader counts the blank lines before it.
fn start_of(text: &str, position: u64) -> usize {
    let mut start = usize::try_from(position)
        .unwrap_or(text.len())
        .min(text.len());
    while matches!(text.as_bytes().get(start), Some(b'\r' | b'\n')) {
        start += 1;
    }
    start
}

/// The part of a text in which its header is looked for.
fn head(text: &str) -> &str {
    let mut end = text.len().min(1 << 16);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Whether a record of several lines is one row with a broken quote that took others along.
fn swallowed(text: &str, start: usize, end: usize, record: &StringRecord, table: &Table) -> bool {
    let end = end.min(text.len());
    let raw = text.get(start..end).unwrap_or_default();
    let (first, next) = line_at(text, start);
    let at_end = end == text.len();
    if raw.trim_end_matches(['\r', '\n']).len() <= first.len() {
        // One line; only at the end of the file may its quote be open.
        return at_end && quotes(raw, table.delimiter) == Quotes::Open;
    }
    let quotes = quotes(raw, table.delimiter);
    if at_end && quotes == Quotes::Open {
        return true;
    }
    // The next line would be a good row by itself.
    (record.len() != table.columns.len() || quotes == Quotes::Stray) && {
        let (second, _) = line_at(text, next);
        let mut alone = StringRecord::new();
        reader(second, table.delimiter, true)
            .read_record(&mut alone)
            .is_ok()
            && alone.len() == table.columns.len()
    }
}

/// What the quotes of a record say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    Sound,
    /// A quote is open at the end.
    Open,
    /// A quote closes where its field goes on.
    Stray,
}

fn quotes(raw: &str, delimiter: u8) -> Quotes {
    let bytes = raw.as_bytes();
    let (mut open, mut fresh, mut stray) = (false, true, false);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        if open && byte == b'"' {
            if next == Some(b'"') {
                at += 1;
            } else {
                open = false;
                stray |=
                    next.is_some_and(|next| next != delimiter && next != b'\n' && next != b'\r');
            }
        } else if byte == b'"' && fresh {
            open = true;
        }
        fresh = !open && (byte == delimiter || byte == b'\n' || byte == b'\r');
        at += 1;
    }
    match (open, stray) {
        (true, _) => Quotes::Open,
        (false, true) => Quotes::Stray,
        (false, false) => Quotes::Sound,
    }
}

/// The fields of a line whose quotes mean nothing.
fn unquoted(line: &str, delimiter: u8) -> StringRecord {
    line.split(char::from(delimiter))
        .map(|field| {
            let field = field.strip_prefix('"').unwrap_or(field);
            field.strip_suffix('"').unwrap_or(field)
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
    use super::{Quotes, quotes, unquoted};
    use crate::import::{Options, read};

    fn texts(csv: &str) -> Vec<String> {
        read("a.csv", csv.into(), &Options::default())
            .flat_map(|t| t.messages)
            .map(|m| m.text)
            .collect()
    }

    #[test]
    fn open_quotes() {
        for (raw, expected) in [
            ("a,\"b", Quotes::Open),
            ("a,\"b\"", Quotes::Sound),
            ("a,\"b\"\"", Quotes::Open),
            ("a,b\"c", Quotes::Sound),
            ("a,\"b\"c", Quotes::Stray),
            ("", Quotes::Sound),
        ] {
            assert_eq!(quotes(raw, b','), expected, "{raw}");
        }
        assert_eq!(
            unquoted("a,\"b,c\"", b',').iter().collect::<Vec<_>>(),
            ["a", "b", "c"]
        );
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
