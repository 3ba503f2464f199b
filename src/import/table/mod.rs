//! Tables for rules of the kind `record`: satisfaction, roster, orders, tickets, manual marks, figures.
//!
//! The thing to get right: which table it is follows from the columns that it needs, unless the user says
//! so, and a table of messages is never one. Every row is taken or excluded with a reason, and a number
//! or a time that cannot be read excludes its row: half a row must not be judged.

mod names;

use std::sync::Arc;

use super::cells::{cut, past_blank, rounded};
use super::columns::Column;
use super::ledger::Ledger;
use super::lines::Lines;
use super::{Options, encoding, time};
use crate::diagnostic::Diagnostic;
use crate::records::{Row, Table};
use crate::report::Accounting;
use crate::text::Folded;
use crate::transcript::Zone;
use names::{Field, field, suffices};

/// A table that was read.
pub struct TableFile {
    /// Which it is; absent when that could not be told.
    pub table: Option<Table>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What became of every row.
    pub accounting: Accounting,
    /// What there is to tell.
    pub diagnostics: Vec<Diagnostic>,
}

/// How much of a file shows which table it is.
const HEAD: usize = 1 << 16;
/// Records among which the header is looked for.
const HEADER_WITHIN: usize = 10;

struct Header {
    table: Table,
    delimiter: u8,
    fields: Vec<Option<Field>>,
    names: Vec<String>,
    body: usize,
}

fn header(text: &str, wanted: Option<Table>) -> Option<Header> {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    for delimiter in [b',', b'\t', b';'] {
        let (mut at, mut record) = (0, Vec::new());
        for _ in 0..HEADER_WITHIN {
            at = past_blank(&text[..end], at).0;
            if at >= end {
                break;
            }
            at = cut(&text[..end], at, delimiter, true, &mut record).next;
            let is_text = |name: &str| Column::of(name).is_some_and(|c| c.0 == Column::Text);
            if record.len() < 2 || (wanted.is_none() && record.iter().any(|name| is_text(name))) {
                continue;
            }
            let tables = Table::WORDS.iter().map(|(_, table)| *table);
            for table in tables.filter(|table| wanted.is_none_or(|wanted| wanted == *table)) {
                let fields: Vec<_> = record.iter().map(|name| field(table, name)).collect();
                if suffices(table, &fields) {
                    return Some(Header {
                        table,
                        delimiter,
                        fields,
                        names: record.iter().map(|name| name.trim().to_owned()).collect(),
                        body: at,
                    });
                }
            }
        }
    }
    None
}

/// Which table a file is, if its header says so.
pub fn table_of(name: &str, bytes: &[u8]) -> Option<Table> {
    if matches!(
        bytes.iter().find(|b| !b.is_ascii_whitespace()),
        None | Some(b'{' | b'[')
    ) {
        return None;
    }
    let mut end = bytes.len().min(HEAD);
    // A whole line, so that no character is cut in two.
    if end < bytes.len() {
        end = bytes[..end]
            .iter()
            .rposition(|b| *b == b'\n')
            .unwrap_or(end);
    }
    let text = encoding::decode(bytes[..end].to_vec(), None, &mut Ledger::new(name))?;
    header(&text, None).map(|header| header.table)
}

/// Reads a table. `table` says which it is, where the user knows.
pub fn read_table(
    name: &str,
    bytes: Vec<u8>,
    table: Option<Table>,
    options: &Options,
) -> TableFile {
    let mut ledger = Ledger::new(name);
    ledger.number_rows(options.rows.as_ref());
    let mut rows = Vec::new();
    let mut found = None;
    if let Some(text) = encoding::decode(bytes, options.encoding, &mut ledger) {
        match header(&text, table) {
            Some(header) => {
                found = Some(header.table);
                read_rows(
                    &text,
                    &header,
                    name,
                    options.zone.as_ref(),
                    &mut ledger,
                    &mut rows,
                );
            }
            None => header_missing(&text, table, &mut ledger),
        }
    }
    ledger.close();
    TableFile {
        table: found,
        rows,
        accounting: ledger.accounting().clone(),
        diagnostics: ledger.diagnostics().to_vec(),
    }
}

fn header_missing(text: &str, table: Option<Table>, ledger: &mut Ledger) {
    let (zh, en) = match table {
        Some(Table::Roster) => ("子账号、姓名", "account, agent"),
        Some(Table::Orders) => (
            "订单编号，以及下单、付款、发货、签收时间之一",
            "order, and one of placed, paid, shipped, delivered",
        ),
        Some(Table::Tickets) => (
            "创建时间，首次响应时间或解决时间，会话ID或客服",
            "opened, first-response or solved, conversation or agent",
        ),
        Some(Table::Manual) => (
            "评分项、得分，会话ID或客服",
            "item, score, conversation or agent",
        ),
        Some(Table::Metrics) => ("客服、指标、数值", "agent, metric, value"),
        Some(Table::Satisfaction) => ("满意度，会话ID或客服", "score, conversation or agent"),
        None => (
            "满意度、花名册、订单、工单、人工评分或指标表所需的列",
            "the columns of one of satisfaction, roster, orders, tickets, manual, metrics",
        ),
    };
    ledger.report(
        Diagnostic::error(
            "record-header-missing",
            format!("表头里没有找到：{zh}。请在第一行写上列名后重新导入。"),
            format!("The header lacks {en}. Name the columns in the first row and import again."),
        )
        .line(1),
    );
    for line in text.lines().skip(1) {
        if !line.trim().is_empty() {
            ledger.exclude("record-header-missing");
        }
    }
}

fn read_rows(
    text: &str,
    header: &Header,
    name: &str,
    zone: Option<&Zone>,
    ledger: &mut Ledger,
    rows: &mut Vec<Row>,
) {
    let file: Arc<str> = name.into();
    let mut lines = Lines::new(text);
    let (mut at, mut record) = (header.body, Vec::new());
    loop {
        let start = past_blank(text, at).0;
        if start >= text.len() {
            break;
        }
        at = cut(text, start, header.delimiter, true, &mut record).next;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = lines.at(text, start);
        let cells = record
            .iter()
            .zip(&header.fields)
            .zip(&header.names)
            .filter_map(|((cell, field), name)| Some((name.as_str(), (*field)?, cell.as_ref())));
        for (name, field, cell) in cells.clone() {
            let is_id = matches!(field, Field::Conversation | Field::Account)
                || field == Field::Key && header.table == Table::Orders;
            if let Some(told) = rounded(cell).filter(|_| is_id) {
                ledger.report(told.line(line).field(name));
            }
        }
        let surplus = record
            .iter()
            .skip(header.fields.len())
            .any(|cell| !cell.trim().is_empty());
        let row = if surplus {
            Err(wrong(
                "csv-ragged-row",
                "",
                "这一行的列比表头多，各列可能错位",
                "the row has more columns than the header; they may be shifted",
            ))
        } else {
            row(header.table, &file, ledger.row(line), zone, cells)
        };
        match row {
            Ok(row) => {
                ledger.take_record();
                rows.push(row);
            }
            Err(fault) => {
                let (reason, told) = *fault;
                ledger.exclude(reason);
                ledger.report(told.line(line));
            }
        }
    }
}

type Fault = Box<(&'static str, Diagnostic)>;

fn wrong(code: &'static str, field: &str, zh: &str, en: &str) -> Fault {
    let told = Diagnostic::warning(
        code,
        [zh, "；该行未计入，请改正后重新导入"].concat(),
        [en, "; the row was left out. Correct it and import again"].concat(),
    );
    Box::new((
        code,
        if field.is_empty() {
            told
        } else {
            told.field(field)
        },
    ))
}

fn row<'c>(
    table: Table,
    file: &Arc<str>,
    line: u32,
    zone: Option<&Zone>,
    cells: impl Iterator<Item = (&'c str, Field, &'c str)>,
) -> Result<Row, Fault> {
    let mut row = Row {
        table,
        file: Arc::clone(file),
        line,
        conversation: None,
        agent: None,
        key: None,
        customer: None,
        value: None,
        times: [None; 4],
        by: None,
        note: None,
    };
    let local = zone.map_or_else(|| Zone::default().offset, |zone| zone.offset);
    let mut account = None;
    for (name, field, cell) in cells {
        // `'123` and `="123"` are how spreadsheets keep a number a text.
        let cell = cell
            .trim()
            .trim_start_matches('\'')
            .trim_matches(['=', '"'])
            .trim();
        if cell.is_empty() || cell == "-" || cell == "--" {
            continue;
        }
        let text = || Some(cell.to_owned());
        match field {
            Field::Conversation => row.conversation = text(),
            Field::Agent => row.agent = text(),
            Field::Account => account = text(),
            Field::Customer => row.customer = text(),
            Field::Key => row.key = text(),
            Field::By => row.by = text(),
            Field::Note => row.note = text(),
            Field::Value => {
                row.value = Some(number(cell).ok_or_else(|| {
                    wrong(
                        "record-value-invalid",
                        name,
                        "不是数字，也不是满意程度或是否",
                        "neither a number nor a degree nor yes or no",
                    )
                })?);
            }
            Field::Time(index) => {
                let moment = time::parse(cell, local)
                    .or_else(|_| time::parse(&[cell, " 00:00:00"].concat(), local));
                let moment = moment.map_err(|_| {
                    wrong(
                        "record-time-invalid",
                        name,
                        "看不懂这个时间",
                        "this time cannot be read",
                    )
                })?;
                row.times[index] = Some(moment.time.millis);
            }
        }
    }
    if table == Table::Roster {
        row.key = account;
    } else if row.agent.is_none() {
        row.agent = account;
    }
    let missing = match table {
        Table::Roster => row.key.is_none() || row.agent.is_none(),
        Table::Orders => row.key.is_none() || row.times == [None; 4],
        Table::Tickets => row.times[0].is_none(),
        Table::Manual | Table::Metrics => row.key.is_none() || row.value.is_none(),
        Table::Satisfaction => row.value.is_none(),
    };
    let nobody = row.conversation.is_none() && row.agent.is_none();
    if missing || (nobody && table != Table::Orders) {
        return Err(wrong(
            "record-field-missing",
            "",
            "缺少这张表必需的内容",
            "what this table needs is missing",
        ));
    }
    Ok(row)
}

/// A number, a share, a degree of satisfaction (5 to 1), or yes (1) and no (0).
fn number(text: &str) -> Option<f64> {
    let folded = Folded::new(text);
    let plain = folded.plain().trim();
    let word = match plain {
        "非常满意" | "很满意" => 5.0,
        "满意" => 4.0,
        "一般" | "基本满意" => 3.0,
        "不满意" => 2.0,
        "非常不满意" | "很不满意" => 1.0,
        "是" | "yes" | "y" | "true" | "通过" | "合格" | "√" | "✓" => 1.0,
        "否" | "no" | "n" | "false" | "不通过" | "不合格" | "×" | "✗" => 0.0,
        _ => {
            let share = plain.strip_suffix('%');
            let digits = share.unwrap_or_else(|| plain.trim_end_matches(['分', '星', '颗']));
            let digits = digits.trim().replace(',', "");
            let well = digits
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
            let number: f64 = digits.parse().ok().filter(|_| well)?;
            if share.is_some() {
                number / 100.0
            } else {
                number
            }
        }
    };
    Some(word)
}

/// A row as an example of a rule writes it: `score=2, agent=小雨`.
pub fn example_row(table: Table, text: &str) -> Option<Row> {
    let mut cells = Vec::new();
    for part in text.split([',', '，']) {
        let (name, cell) = part.split_once('=')?;
        cells.push((name.trim(), field(table, name)?, cell));
    }
    // An example need not say whose row it is.
    cells.push(("", Field::Conversation, "example"));
    row(table, &"example".into(), 1, None, cells.into_iter()).ok()
}

#[cfg(test)]
mod tests {
    use super::{number, read_table, table_of};
    use crate::import::Options;
    use crate::records::Table;

    #[test]
    fn a_table_is_known_by_its_header() {
        for (header, table) in [
            ("会话ID,满意度", Some(Table::Satisfaction)),
            ("客服,评分,评价时间", Some(Table::Satisfaction)),
            ("session_id\tCSAT", Some(Table::Satisfaction)),
            ("子账号,姓名,组别,职位", Some(Table::Roster)),
            ("子帳號;姓名;部門", Some(Table::Roster)),
            ("訂單編號,買家,付款時間", Some(Table::Orders)),
            ("工单类型,客服,创建时间,解决时间", Some(Table::Tickets)),
            ("评分项,会话ID,得分,评分人,理由", Some(Table::Manual)),
            ("agent,period,metric,value", Some(Table::Metrics)),
            ("会话ID,时间,客服,内容", None),
            ("会话ID,评分,内容", None),
            ("a,b", None),
            ("{\"score\":1}", None),
        ] {
            assert_eq!(
                table_of("t.csv", format!("{header}\nx").as_bytes()),
                table,
                "{header}"
            );
        }
    }

    #[test]
    fn every_row_is_taken_or_excluded() {
        let text = "月报\n会话ID,客服,满意度,评价时间\na,小雨,5分,2024-05-06 10:00\n,,3,\nb,阿宁,很好,\n\nc,阿宁,不满意,昨天\nd,阿宁,不满意,\ne,阿宁,1,,多\n1234567890123456789,阿宁,90%,2024-05-06\n";
        let (gbk, ..) = encoding_rs::GBK.encode(text);
        for bytes in [text.as_bytes().to_vec(), gbk.into_owned()] {
            let file = read_table("s.csv", bytes, None, &Options::default());
            assert_eq!(file.table, Some(Table::Satisfaction));
            let rows: Vec<_> = file
                .rows
                .iter()
                .map(|row| {
                    (
                        row.line,
                        row.conversation.as_deref().unwrap_or(""),
                        row.value,
                    )
                })
                .collect();
            assert_eq!(
                rows,
                [
                    (3, "a", Some(5.0)),
                    (8, "d", Some(2.0)),
                    (10, "1234567890123456789", Some(0.9))
                ]
            );
            assert_eq!(file.rows[0].times[0], Some(1_714_960_800_000));
            assert_eq!((file.accounting.rows, file.accounting.records), (7, 3));
            assert_eq!(file.accounting.excluded_rows(), 4);
            let told: Vec<_> = file
                .diagnostics
                .iter()
                .filter(|d| d.code != "encoding-detected")
                .map(|d| (d.code.as_str(), d.line, d.field.as_deref()))
                .collect();
            assert_eq!(
                told,
                [
                    ("record-field-missing", Some(4), None),
                    ("record-value-invalid", Some(5), Some("满意度")),
                    ("record-time-invalid", Some(7), Some("评价时间")),
                    ("csv-ragged-row", Some(9), None),
                ]
            );
        }
    }

    #[test]
    fn a_header_that_lacks_a_column_excludes_all() {
        let text = b"agent,value\nx,1\ny,2\n".to_vec();
        let file = read_table("m.csv", text, Some(Table::Metrics), &Options::default());
        assert_eq!(
            (
                file.table,
                file.accounting.rows,
                file.accounting.excluded_rows()
            ),
            (None, 2, 2)
        );
        assert_eq!(file.diagnostics[0].code, "record-header-missing");
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (text, value) in [
            ("4.5", Some(4.5)),
            ("５分", Some(5.0)),
            ("1,200", Some(1200.0)),
            ("滿意", Some(4.0)),
            ("是", Some(1.0)),
            ("No", Some(0.0)),
            ("nan", None),
            ("1e5", None),
            ("", None),
        ] {
            assert_eq!(number(text), value, "{text}");
        }
    }
}
