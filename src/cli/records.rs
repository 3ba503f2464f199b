//! Tables of records from the arguments: CSV as it is, workbooks turned into CSV.
//!
//! The thing to get right: a long id in a number cell has lost its last digits when the workbook was
//! saved. It is written out whole, never as 1.2E+17, and told.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader, Xlsx};
use zhijian::diagnostic::Diagnostic;
use zhijian::import;
use zhijian::records::Table;
use zhijian::wire::Job;

use super::files::unreadable;

/// Numbers of more digits than this are not exact in a workbook.
const EXACT: f64 = 1e15;

/// Hands in every table; the first that cannot be used ends it.
pub fn add(job: &mut Job, arguments: &[String]) -> Result<(), Vec<Diagnostic>> {
    for argument in arguments {
        let (table, name) = which(argument);
        let path = Path::new(name);
        let bytes = fs::read(path).map_err(|error| vec![unreadable(name, &error)])?;
        let bytes = if bytes.starts_with(b"PK\x03\x04") {
            let (csv, remarks) = workbook(name, bytes, table)?;
            for remark in remarks {
                job.remark(remark);
            }
            csv
        } else {
            bytes
        };
        let known = job.diagnostics().len();
        job.add_records(name, bytes, table);
        // Judging without a table that was asked for would pass in silence.
        let faults: Vec<Diagnostic> = job.diagnostics().split_off(known);
        let unusable = |fault: &&Diagnostic| fault.severity == zhijian::diagnostic::Level::Error;
        if faults.iter().any(|fault| unusable(&fault)) {
            return Err(faults);
        }
    }
    Ok(())
}

/// `manual=marks.csv` is the table of manual marks; a file of that very name is a file.
fn which(argument: &str) -> (Option<Table>, &str) {
    let named = argument.split_once('=').and_then(|(word, file)| {
        let table = Table::WORDS.iter().find(|(known, _)| *known == word)?.1;
        Some((Some(table), file))
    });
    named
        .filter(|_| !Path::new(argument).exists())
        .unwrap_or((None, argument))
}

/// The first sheet that is a table of records, as CSV.
fn workbook(
    name: &str,
    bytes: Vec<u8>,
    table: Option<Table>,
) -> Result<(Vec<u8>, Vec<Diagnostic>), Vec<Diagnostic>> {
    let broken = |error: &dyn std::fmt::Display| {
        let fault = Diagnostic::error(
            "workbook-invalid",
            format!("读不出这个工作簿：{error}；请另存为 CSV 后重试"),
            format!("this workbook cannot be read: {error}; save it as CSV and try again"),
        )
        .file(name);
        vec![fault]
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let mut first = None;
    for sheet in book.sheet_names() {
        let range = book
            .worksheet_range(&sheet)
            .map_err(|error| broken(&error))?;
        let mut remarks = Vec::new();
        let mut writer = csv_of(&range, &sheet, name, &mut remarks);
        let is_it = import::table_of(name, &writer)
            .is_some_and(|found| table.is_none_or(|table| table == found));
        if is_it {
            return Ok((writer, remarks));
        }
        first.get_or_insert_with(|| (std::mem::take(&mut writer), remarks));
    }
    first.ok_or_else(|| broken(&"no sheet"))
}

fn csv_of(
    range: &calamine::Range<Data>,
    sheet: &str,
    name: &str,
    remarks: &mut Vec<Diagnostic>,
) -> Vec<u8> {
    let mut out = String::new();
    // Rows keep their numbers.
    let (top, left) = range.start().unwrap_or_default();
    for _ in 0..top {
        out.push('\n');
    }
    for (row, cells) in range.rows().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            if column > 0 {
                out.push(',');
            }
            let text = match cell {
                Data::Empty => String::new(),
                Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
                    text.clone()
                }
                Data::Float(number) => {
                    if number.abs() >= EXACT {
                        let place = (top as usize + row + 1, left as usize + column + 1);
                        remarks.push(inexact(name, sheet, place));
                    }
                    // Rust writes numbers out whole.
                    number.to_string()
                }
                Data::DateTime(moment) => moment_text(moment),
                other => other.to_string(),
            };
            out.push('"');
            // A line end inside a cell would move the rows after it.
            out.push_str(&text.replace('"', "\"\"").replace(['\r', '\n'], " "));
            out.push('"');
        }
        out.push('\n');
    }
    out.into_bytes()
}

fn moment_text(moment: &calamine::ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

fn inexact(name: &str, sheet: &str, (row, column): (usize, usize)) -> Diagnostic {
    Diagnostic::warning(
        "workbook-number-inexact",
        format!("工作表“{sheet}”第 {row} 行第 {column} 列的长数字存成了数值，末几位已丢失；请把该列设为文本后重新导出"),
        format!("sheet {sheet}, row {row}, column {column}: a long number was stored as a number and has lost its last digits; make the column text and export again"),
    )
    .file(name)
    .line(u32::try_from(row).unwrap_or(u32::MAX))
}
