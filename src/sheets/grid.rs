//! A sheet on its way to CSV: cells come with their places, rows go out as lines.
//!
//! The thing to get right: a cell keeps its line ends, so lines and rows part ways; where they do is
//! written down. A time shown to the minute may hold seconds: what a column shows is known at its end.

use std::collections::BTreeSet;

use super::number::Moment;
use super::{Fault, Member, Opening};
use crate::diagnostic::Diagnostic;

/// The last column of a sheet, from 0.
pub(super) const LAST_COLUMN: u32 = 16_383;
/// The last row, from 1.
pub(super) const LAST_ROW: u32 = 1_048_576;

/// Bytes of one row. A short file may name one long text in each of its cells.
const ROW: usize = 16 << 20;

/// A sheet being written.
pub(super) struct Grid {
    name: String,
    sheet: String,
    out: String,
    line: u32,
    /// How far rows are ahead of lines.
    ahead: i64,
    rows: Vec<u32>,
    count: u32,
    row: u32,
    /// Columns of the first row that has more than one: rows are no shorter than their header.
    width: u32,
    texts: String,
    /// Whether the row has more text than it may.
    full: bool,
    /// Column, and where its text is in `texts`.
    cells: Vec<(u32, usize, usize)>,
    /// Cells of the row that are times to the minute.
    row_minutes: BTreeSet<u32>,
    /// Where in `out` a time to the minute ends, and its column.
    minutes: Vec<(usize, u32)>,
    /// Columns in which a time has seconds.
    seconds: BTreeSet<u32>,
}

impl Grid {
    pub(super) fn new(file: &str, sheet: &str) -> Self {
        Self {
            name: [file, "!", sheet].concat(),
            sheet: sheet.to_owned(),
            out: String::new(),
            line: 1,
            ahead: 0,
            rows: Vec::new(),
            count: 0,
            row: 0,
            width: 0,
            texts: String::new(),
            full: false,
            cells: Vec::new(),
            row_minutes: BTreeSet::new(),
            minutes: Vec::new(),
            seconds: BTreeSet::new(),
        }
    }

    /// Goes by this name instead.
    pub(super) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn sheet(&self) -> &str {
        &self.sheet
    }

    /// Rows that have something.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Begins a row, from 1.
    pub(super) fn begin(&mut self, row: u32) {
        self.row = row;
    }

    /// A text in the row, columns from 0. Empty ones are no cells.
    pub(super) fn cell(&mut self, column: u32, text: &str) {
        self.full |= self.texts.len().saturating_add(text.len()) > ROW;
        if !text.is_empty() && !self.full {
            let start = self.texts.len();
            self.texts.push_str(text);
            self.cells.push((column, start, self.texts.len()));
        }
    }

    /// A time in the row.
    pub(super) fn moment(&mut self, column: u32, moment: &Moment) {
        self.cell(column, &moment.text);
        if moment.to_the_minute {
            self.row_minutes.insert(column);
        } else if moment.has_seconds {
            self.seconds.insert(column);
        }
    }

    /// Ends the row.
    pub(super) fn end(&mut self, opening: &mut Opening<'_>) -> Result<(), Fault> {
        if std::mem::take(&mut self.full) {
            return Err(Fault::Limit("cell", ROW as u64));
        }
        if self.cells.is_empty() {
            return Ok(());
        }
        // What is out of order is put in order; of two cells in one place the first stands.
        self.cells.sort_by_key(|(column, ..)| *column);
        self.count += 1;
        if self.count > opening.limits.rows {
            return Err(Fault::Limit("rows", u64::from(opening.limits.rows)));
        }
        let last = self.cells.last().map_or(0, |(column, ..)| *column);
        if self.width == 0 && last > 0 {
            self.width = last + 1;
        }
        opening.count_cells(u64::from(self.width.max(last + 1)))?;
        // One text may be in many cells: what is handed out counts, not what the file holds.
        let more = self.texts.len().saturating_add(last as usize);
        let held = opening.held.saturating_add(self.out.len());
        if held.saturating_add(more) > opening.room {
            self.cells.clear();
            return Err(Fault::Limit("inflated", opening.room as u64));
        }
        let ahead = i64::from(self.row) - i64::from(self.line);
        if ahead != self.ahead {
            self.ahead = ahead;
            self.rows.extend([self.line, self.row]);
        }
        let mut next = 0;
        for (column, start, end) in std::mem::take(&mut self.cells) {
            if column < next {
                let place = place(&self.sheet, column, self.row);
                opening.told.tell(&self.name, twice(self.row).field(place));
                continue;
            }
            let commas = column - next + u32::from(next > 0);
            self.out.extend(std::iter::repeat_n(',', commas as usize));
            next = column + 1;
            self.write(start, end);
            if self.row_minutes.contains(&column) {
                self.minutes.push((self.out.len(), column));
            }
        }
        let short = self.width.saturating_sub(next) as usize;
        self.out.extend(std::iter::repeat_n(',', short));
        self.out.push('\n');
        self.line = self.line.saturating_add(1);
        self.texts.clear();
        self.row_minutes.clear();
        Ok(())
    }

    fn write(&mut self, start: usize, end: usize) {
        let text = &self.texts[start..end];
        let lines = line_ends(text);
        let odd = |byte: u8| matches!(byte, b',' | b'"' | b'\r' | b'\n' | b'\t' | b';' | b'|');
        // A table whose first cell looks like the beginning of something else is still a table.
        let quoted = text.starts_with(['{', '[', '<', ' ']) || text.bytes().any(odd);
        if quoted {
            self.out.push('"');
            self.out.push_str(&text.replace('"', "\"\""));
            self.out.push('"');
        } else {
            self.out.push_str(text);
        }
        self.line = self.line.saturating_add(lines);
    }

    /// The whole sheet.
    pub(super) fn finish(self) -> Member {
        let mut out = self.out;
        let wanted = |(_, column): &&(usize, u32)| self.seconds.contains(column);
        if self.minutes.iter().any(|one| wanted(&one)) {
            // The others of the column have seconds, so these have them too: none.
            let mut whole = String::with_capacity(out.len() + 3 * self.minutes.len());
            let mut from = 0;
            for (at, _) in self.minutes.iter().filter(wanted) {
                whole.push_str(&out[from..*at]);
                whole.push_str(":00");
                from = *at;
            }
            whole.push_str(&out[from..]);
            out = whole;
        }
        Member {
            name: self.name,
            bytes: out.into_bytes(),
            rows: self.rows,
        }
    }
}

fn twice(row: u32) -> Diagnostic {
    Diagnostic::error(
        "cell-reference-invalid",
        "同一位置有两个单元格，只保留第一个；请用 Excel 打开并另存后重新导入。",
        "Two cells are in one place; the first was kept. Open the workbook, save it and import it again.",
    )
    .line(row)
}

/// Line ends as whoever reads the CSV counts them: a CR before an LF is none of its own.
fn line_ends(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|(at, byte)| {
        **byte == b'\n' || **byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')
    });
    u32::try_from(ends.count()).unwrap_or(u32::MAX)
}

/// `Sheet1!B7`.
pub(super) fn place(sheet: &str, column: u32, row: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    letters.reverse();
    let letters: String = letters.into_iter().map(char::from).collect();
    format!("{sheet}!{letters}{row}")
}

/// Column from 0 and row from 1 of a reference such as `B7`; nothing when there is no such cell.
pub(super) fn reference(text: &str) -> Option<(u32, u32)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    if !(1..=3).contains(&letters) {
        return None;
    }
    let (letters, digits) = text.split_at(letters);
    let column = letters.bytes().fold(0_u32, |sum, letter| {
        sum * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1
    }) - 1;
    if digits.is_empty() || digits.len() > 7 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let row = digits.parse().ok()?;
    (column <= LAST_COLUMN && (1..=LAST_ROW).contains(&row)).then_some((column, row))
}

#[cfg(test)]
mod tests {
    use super::{place, reference};

    #[test]
    fn references_are_cells_that_exist() {
        for (text, found) in [
            ("A1", Some((0, 1))),
            ("b7", Some((1, 7))),
            ("AA10", Some((26, 10))),
            ("XFD1048576", Some((16_383, 1_048_576))),
            ("XFE1", None),
            ("A0", None),
            ("A1048577", None),
            ("ZZZZZZZ1", None),
            ("A", None),
            ("1", None),
            ("", None),
            ("A+1", None),
            ("A99999999999", None),
        ] {
            assert_eq!(reference(text), found, "{text}");
            if let Some((column, row)) = found {
                let named = place("S", column, row);
                assert_eq!(named, format!("S!{}", text.to_uppercase()));
            }
        }
    }
}
