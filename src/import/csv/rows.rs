//! A row of a table as a record, in the ways that systems write them.
//!
//! The thing to get right: a row with more cells than the header is only read where nothing can have
//! moved into another column.

use std::borrow::Cow;

use super::header::{Table, Way};
use crate::diagnostic::Diagnostic;
use crate::import::cells::rounded;
use crate::import::columns::Column;
use crate::import::draft::{Groups, Record};
use crate::import::ledger::Ledger;
use crate::import::words;
use crate::transcript::{Role, Zone};

/// What becomes of rows.
pub(super) struct Rows {
    pub(super) zone: Option<Zone>,
    pub(super) groups: Groups,
}

pub(super) fn is_blank(cells: &[Cow<'_, str>]) -> bool {
    cells.iter().all(|cell| cell.trim().is_empty())
}

impl Rows {
    pub(super) fn row(
        &mut self,
        table: &Table,
        cells: &[Cow<'_, str>],
        line: u32,
        ledger: &mut Ledger,
    ) {
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
                if speaks.is_none() && words::role(Column::Side, side) == Some(Role::Agent) {
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
