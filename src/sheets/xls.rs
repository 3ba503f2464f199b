//! Workbooks of Excel 5.0 to 2003: records one after another in a compound file.
//!
//! The thing to get right: a string may be cut by the end of a record anywhere, and begins the next one
//! with its width anew. Many writers put GBK where UTF-16 belongs; the codepage tells, and the bytes.

use encoding_rs::{BIG5, Encoding, GB18030, WINDOWS_1252};

use super::compound::{Compound, u16_at, u32_at};
use super::grid::{Grid, place};
use super::number::Format;
use super::xlsx::{empty, error_value, merged, number};
use super::{Fault, Opening, damaged};
use crate::diagnostic::Diagnostic;

/// Reads every sheet.
pub(super) fn open(opening: &mut Opening<'_>, name: &str, bytes: &[u8]) {
    if let Err(fault) = read(opening, name, bytes) {
        opening.fault(name, None, fault);
    }
}

fn read(opening: &mut Opening<'_>, name: &str, bytes: &[u8]) -> Result<(), Fault> {
    let file = Compound::read(bytes)?;
    if file.has("EncryptedPackage") {
        opening.told.tell(name, encrypted());
        return Ok(());
    }
    let stream = file.stream("Workbook").or_else(|| file.stream("Book"));
    let Some(stream) = stream else {
        let told = Diagnostic::error(
            "workbook-unsupported",
            "这是旧版 Office 文件，但不是 Excel 工作簿；请把聊天记录另存为 XLSX、CSV 或文本。",
            "This is a file of an older Office, but no workbook; save the chats as XLSX, CSV or text.",
        );
        opening.told.tell(name, told);
        return Ok(());
    };
    let stream = stream?;
    opening.mismatch(
        name,
        &["xls", "et", "xlt"],
        ("Excel 97-2003 工作簿", "an Excel 97-2003 workbook"),
    );
    let Some(book) = Book::read(&stream)? else {
        opening.told.tell(name, encrypted());
        return Ok(());
    };
    let mut count = 0;
    for sheet in &book.sheets {
        let added = opening.sheet(name, &sheet.name, sheet.hidden, |opening, grid| {
            book.sheet(opening, grid, &stream, sheet.offset)
        });
        count += usize::from(added);
    }
    if count == 0 {
        opening.told.tell(name, empty());
    }
    Ok(())
}

fn encrypted() -> Diagnostic {
    Diagnostic::error(
        "workbook-encrypted",
        "工作簿有打开密码；请用 Excel 打开，在“文件 → 信息 → 保护工作簿”里去掉密码，另存后重新导入。",
        "The workbook has a password; open it in Excel, take the password off (File, Info, Protect Workbook), save it and import it again.",
    )
}

/// A record, with the ones that continue it.
struct Record {
    kind: u16,
    data: Vec<u8>,
    /// Where the continuing ones begin in `data`.
    joints: Vec<usize>,
}

struct Records<'b> {
    bytes: &'b [u8],
    at: usize,
}

const CONTINUE: u16 = 0x3c;

impl Records<'_> {
    fn next(&mut self) -> Result<Option<Record>, Fault> {
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        let mut record = Record {
            kind: u16_at(self.bytes, self.at).ok_or_else(cut)?,
            data: self.body()?.to_vec(),
            joints: Vec::new(),
        };
        while u16_at(self.bytes, self.at) == Some(CONTINUE) {
            record.joints.push(record.data.len());
            let body = self.body()?;
            record.data.extend_from_slice(body);
        }
        Ok(Some(record))
    }

    fn body(&mut self) -> Result<&[u8], Fault> {
        let length = usize::from(u16_at(self.bytes, self.at + 2).ok_or_else(cut)?);
        let start = self.at + 4;
        self.at = start + length;
        self.bytes.get(start..self.at).ok_or_else(cut)
    }
}

fn cut() -> Fault {
    damaged("BIFF")
}

struct Sheet {
    name: String,
    offset: usize,
    hidden: bool,
}

struct Book {
    sheets: Vec<Sheet>,
    /// BIFF8, which has Unicode.
    unicode: bool,
    encoding: &'static Encoding,
    from_1904: bool,
    formats: Vec<Format>,
    texts: Vec<String>,
}

impl Book {
    /// What holds for all sheets; nothing when there is a password.
    fn read(stream: &[u8]) -> Result<Option<Self>, Fault> {
        let mut book = Self {
            sheets: Vec::new(),
            unicode: true,
            encoding: WINDOWS_1252,
            from_1904: false,
            formats: Vec::new(),
            texts: Vec::new(),
        };
        let mut own: Vec<(u32, Format)> = Vec::new();
        let mut styles: Vec<u32> = Vec::new();
        let mut records = Records {
            bytes: stream,
            at: 0,
        };
        while let Some(record) = records.next()? {
            let data = &record.data;
            match record.kind {
                0x0809 => book.unicode = u16_at(data, 0) == Some(0x0600),
                // FILEPASS
                0x002f => return Ok(None),
                // CODEPAGE
                0x0042 => {
                    book.encoding = match u16_at(data, 0) {
                        Some(936 | 54_936) => GB18030,
                        Some(950) => BIG5,
                        _ => WINDOWS_1252,
                    }
                }
                // DATEMODE
                0x0022 => book.from_1904 = u16_at(data, 0) == Some(1),
                // BOUNDSHEET; the last byte of what it is: 0 for a worksheet
                0x0085 => {
                    let mut text = Text::of(&record, 6);
                    let length = text.byte().ok_or_else(cut)?;
                    let name = text.short(usize::from(length), &book).ok_or_else(cut)?;
                    if data.get(5) == Some(&0) {
                        book.sheets.push(Sheet {
                            name,
                            offset: u32_at(data, 0).ok_or_else(cut)? as usize,
                            hidden: data.get(4).is_some_and(|state| state & 3 != 0),
                        });
                    }
                }
                // SST
                0x00fc => book.texts = shared(&record, &book),
                // FORMAT
                0x041e => {
                    let id = u16_at(data, 0).ok_or_else(cut)?;
                    let mut text = Text::of(&record, 2);
                    let length = text.length(&book, true).ok_or_else(cut)?;
                    let code = text.short(length, &book).ok_or_else(cut)?;
                    own.push((u32::from(id), Format::of(&code)));
                }
                // XF
                0x00e0 => styles.push(u32::from(u16_at(data, 2).unwrap_or(0))),
                // EOF
                0x000a => break,
                _ => {}
            }
        }
        book.formats = styles
            .into_iter()
            .map(|id| {
                let own = own.iter().find(|(known, _)| *known == id);
                own.map_or_else(|| Format::built_in(id), |(_, own)| *own)
            })
            .collect();
        Ok(Some(book))
    }

    fn sheet(
        &self,
        opening: &mut Opening<'_>,
        grid: &mut Grid,
        stream: &[u8],
        offset: usize,
    ) -> Result<(), Fault> {
        let mut cells = Vec::new();
        let outcome = self.cells(opening, grid, stream, offset, &mut cells);
        // Rows come in blocks, and formulas after the rest: sorted, they are a table.
        cells.sort_by_key(|cell| (cell.row, cell.column));
        let mut row = None;
        for cell in &cells {
            if row != Some(cell.row) {
                grid.end(opening)?;
                grid.begin(cell.row);
                row = Some(cell.row);
            }
            match &cell.value {
                Value::Text(text) => grid.cell(cell.column, text),
                Value::Shared(index) => match self.texts.get(*index) {
                    Some(text) => grid.cell(cell.column, text),
                    None => {
                        let told = Diagnostic::error(
                            "shared-string-missing",
                            "单元格的文字不在文件里，内容已丢失；请用 Excel 打开并另存，或重新导出。",
                            "The text of this cell is not in the file; it is lost. Open the workbook and save it, or export it again.",
                        );
                        let told = told.field(place(grid.sheet(), cell.column, cell.row));
                        opening.told.tell(grid.name(), told.line(cell.row));
                    }
                },
                Value::Number(value, style) => {
                    let format = self.formats.get(*style).copied().unwrap_or_default();
                    let at = (cell.column, cell.row);
                    number(
                        opening,
                        grid,
                        at,
                        &value.to_string(),
                        (format, self.from_1904),
                    );
                }
            }
        }
        grid.end(opening)?;
        outcome
    }

    fn cells(
        &self,
        opening: &mut Opening<'_>,
        grid: &Grid,
        stream: &[u8],
        offset: usize,
        cells: &mut Vec<Cell>,
    ) -> Result<(), Fault> {
        let mut records = Records {
            bytes: stream,
            at: offset,
        };
        let mut depth = 0_u32;
        // The place of a formula whose text is in the record after it.
        let mut awaited: Option<(u32, u32)> = None;
        loop {
            let record = records.next()?.ok_or_else(cut)?;
            let data = &record.data;
            let half = |at: usize| u16_at(data, at).map(u32::from).ok_or_else(cut);
            if record.kind == 0x0809 {
                depth += 1;
                continue;
            }
            if record.kind == 0x000a {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Ok(());
                }
                continue;
            }
            // A chart within the sheet has records of its own.
            if depth != 1 {
                continue;
            }
            match record.kind {
                // LABELSST
                0x00fd => {
                    let index = u32_at(data, 6).ok_or_else(cut)? as usize;
                    Cell::at(data, cells, Value::Shared(index))?;
                }
                // LABEL, RSTRING
                0x0204 | 0x00d6 => {
                    let mut text = Text::of(&record, 6);
                    let length = text.length(self, false).ok_or_else(cut)?;
                    let found = text.short(length, self).ok_or_else(cut)?;
                    Cell::at(data, cells, Value::Text(found))?;
                }
                // STRING
                0x0207 => {
                    let mut text = Text::of(&record, 0);
                    let length = text.length(self, false).ok_or_else(cut)?;
                    let found = text.short(length, self).ok_or_else(cut)?;
                    if let Some((row, column)) = awaited.take() {
                        cells.push(Cell {
                            row,
                            column,
                            value: Value::Text(found),
                        });
                    }
                }
                // NUMBER
                0x0203 => {
                    let value = double(data, 6).ok_or_else(cut)?;
                    Cell::at(data, cells, Value::Number(value, half(4)? as usize))?;
                }
                // RK
                0x027e => {
                    let value = packed(u32_at(data, 6).ok_or_else(cut)?);
                    Cell::at(data, cells, Value::Number(value, half(4)? as usize))?;
                }
                // MULRK
                0x00bd => {
                    let (row, first) = (half(0)?, half(2)?);
                    let (six, _) = data.get(4..).unwrap_or_default().as_chunks::<6>();
                    for (index, one) in six.iter().enumerate() {
                        let style = usize::from(u16::from_le_bytes([one[0], one[1]]));
                        let value = packed(u32::from_le_bytes([one[2], one[3], one[4], one[5]]));
                        cells.push(Cell {
                            row: row + 1,
                            column: first + index as u32,
                            value: Value::Number(value, style),
                        });
                    }
                }
                // FORMULA
                0x0006 => {
                    let place_of = (half(0)? + 1, half(2)?);
                    let result = data.get(6..14).ok_or_else(cut)?;
                    awaited = None;
                    match (result[6..] == [0xff, 0xff], result[0]) {
                        (false, _) => {
                            let value = double(data, 6).ok_or_else(cut)?;
                            Cell::at(data, cells, Value::Number(value, half(4)? as usize))?;
                        }
                        (true, 0) => awaited = Some(place_of),
                        (true, 1) => Cell::at(data, cells, truth(result[2]))?,
                        (true, 2) => told_error(opening, grid, place_of, result[2]),
                        (true, _) => {}
                    }
                }
                // BOOLERR
                0x0205 => {
                    let (value, is_error) = (data.get(6), data.get(7));
                    let value = *value.ok_or_else(cut)?;
                    if is_error == Some(&1) {
                        told_error(opening, grid, (half(0)? + 1, half(2)?), value);
                    } else {
                        Cell::at(data, cells, truth(value))?;
                    }
                }
                // MERGEDCELLS
                0x00e5 => {
                    let (eights, _) = data.get(2..).unwrap_or_default().as_chunks::<8>();
                    for one in eights {
                        let half =
                            |at: usize| u32::from(u16::from_le_bytes([one[at], one[at + 1]]));
                        let corner = |column, row| {
                            let named = place("", column, row + 1);
                            named.trim_start_matches('!').to_owned()
                        };
                        let (from, to) = (corner(half(4), half(0)), corner(half(6), half(2)));
                        merged(opening, grid, &format!("{from}:{to}"));
                    }
                }
                _ => {}
            }
        }
    }
}

fn told_error(opening: &mut Opening<'_>, grid: &Grid, (row, column): (u32, u32), code: u8) {
    let value = match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    };
    let told = error_value(value).field(place(grid.sheet(), column, row));
    opening.told.tell(grid.name(), told.line(row));
}

enum Value {
    Text(String),
    Shared(usize),
    /// With its style.
    Number(f64, usize),
}

struct Cell {
    row: u32,
    column: u32,
    value: Value,
}

impl Cell {
    /// At the place that a record begins with.
    fn at(data: &[u8], cells: &mut Vec<Self>, value: Value) -> Result<(), Fault> {
        let half = |at: usize| u16_at(data, at).map(u32::from).ok_or_else(cut);
        cells.push(Self {
            row: half(0)? + 1,
            column: half(2)?,
            value,
        });
        Ok(())
    }
}

fn truth(value: u8) -> Value {
    Value::Text(if value == 0 { "FALSE" } else { "TRUE" }.to_owned())
}

fn double(data: &[u8], at: usize) -> Option<f64> {
    let eight = data.get(at..at + 8)?;
    Some(f64::from_le_bytes(eight.try_into().ok()?))
}

/// A number in thirty bits.
fn packed(bits: u32) -> f64 {
    let value = if bits & 2 != 0 {
        f64::from(bits as i32 >> 2)
    } else {
        f64::from_bits(u64::from(bits & !3) << 32)
    };
    if bits & 1 != 0 { value / 100.0 } else { value }
}

/// Reads strings out of a record and what continues it.
struct Text<'r> {
    record: &'r Record,
    at: usize,
}

impl<'r> Text<'r> {
    fn of(record: &'r Record, at: usize) -> Self {
        Self { record, at }
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.record.data.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn half(&mut self) -> Option<u16> {
        let half = u16_at(&self.record.data, self.at)?;
        self.at += 2;
        Some(half)
    }

    /// The length before a string.
    fn length(&mut self, book: &Book, short_in_old: bool) -> Option<usize> {
        if !book.unicode && short_in_old {
            return self.byte().map(usize::from);
        }
        self.half().map(usize::from)
    }

    /// A string without runs or pronunciation.
    fn short(&mut self, length: usize, book: &Book) -> Option<String> {
        if !book.unicode {
            let bytes = self
                .record
                .data
                .get(self.at..self.at.checked_add(length)?)?;
            self.at += length;
            return Some(
                book.encoding
                    .decode_without_bom_handling(bytes)
                    .0
                    .into_owned(),
            );
        }
        let flags = self.byte()?;
        let runs = if flags & 8 != 0 { self.half()? } else { 0 };
        let beside = if flags & 4 != 0 {
            let word = u32_at(&self.record.data, self.at)?;
            self.at += 4;
            word
        } else {
            0
        };
        let text = self.letters(length, flags & 1 != 0, book)?;
        self.at = self
            .at
            .checked_add(usize::from(runs) * 4)?
            .checked_add(beside as usize)?;
        Some(text)
    }

    /// So many letters, across the ends of records.
    fn letters(&mut self, mut left: usize, mut wide: bool, book: &Book) -> Option<String> {
        let data = &self.record.data;
        let mut out = String::new();
        while left > 0 {
            let joint = self.record.joints.iter().find(|joint| **joint > self.at);
            let end = joint.copied().unwrap_or(data.len());
            let width = if wide { 2 } else { 1 };
            let count = left.min((end - self.at.min(end)) / width);
            let bytes = data.get(self.at..self.at + count * width)?;
            if wide {
                let (units, _) = bytes.as_chunks::<2>();
                let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
                out.extend(char::decode_utf16(units).map(|one| one.unwrap_or('\u{fffd}')));
            } else {
                out.push_str(&narrow(bytes, book.encoding));
            }
            self.at += count * width;
            left -= count;
            if left > 0 {
                if self.at != end || end == data.len() {
                    return None;
                }
                // The width is said anew where a string goes on.
                wide = self.byte()? & 1 != 0;
            }
        }
        Some(out)
    }
}

/// Bytes that should be the lower halves of UTF-16, and often are GBK or Big5.
fn narrow(bytes: &[u8], encoding: &'static Encoding) -> String {
    if encoding != WINDOWS_1252 && bytes.iter().any(|byte| *byte >= 0x80) {
        let decoded = encoding.decode_without_bom_handling_and_without_replacement(bytes);
        if let Some(text) = decoded {
            return text.into_owned();
        }
    }
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn shared(record: &Record, book: &Book) -> Vec<String> {
    let mut texts = Vec::new();
    let mut text = Text::of(record, 8);
    // What is stated to be there is not believed: the record ends somewhere.
    while let Some(length) = text.half() {
        match text.short(usize::from(length), book) {
            Some(found) => texts.push(found),
            None => break,
        }
    }
    texts
}
