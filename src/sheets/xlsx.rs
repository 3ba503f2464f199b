//! Workbooks of Excel 2007 and later: a zip of XML. Sheets are read as a stream, cell by cell.
//!
//! The thing to get right: the dimension that a sheet states is not looked at, and a cell is placed only
//! where its reference is one that exists. What a sheet had before it broke off is kept, and told.

use std::io::{BufRead, BufReader, Cursor};

use zip::ZipArchive;

use super::grid::{Grid, LAST_COLUMN, LAST_ROW, place, reference};
use super::number::{Format, digits, inexact};
use super::xml::{Token, Xml};
use super::{Fault, Opening, damaged};
use crate::diagnostic::Diagnostic;

pub(super) type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// Whether an archive is a workbook, or one of a kind that cannot be read.
pub(super) fn is_workbook(archive: &Archive<'_>) -> bool {
    archive
        .file_names_raw()
        .any(|name| name.starts_with(b"xl/workbook") || name == b"content.xml")
}

/// Reads every sheet.
pub(super) fn open(opening: &mut Opening<'_>, name: &str, archive: &mut Archive<'_>) {
    if find(archive, "xl/workbook.bin").is_some() || find(archive, "content.xml").is_some() {
        let told = Diagnostic::error(
            "workbook-unsupported",
            "还读不了这种工作簿（XLSB 或 ODS）；请另存为 XLSX 或 CSV 后重新导入。",
            "Workbooks of this kind (XLSB or ODS) cannot be read; save it as XLSX or CSV and import that.",
        );
        opening.told.tell(name, told);
        return;
    }
    match Book::read(opening, archive) {
        Ok(book) => book.sheets(opening, name, archive),
        Err(fault) => opening.fault(name, None, fault),
    }
}

struct Sheet {
    name: String,
    part: String,
    hidden: bool,
}

#[derive(Default)]
struct Book {
    sheets: Vec<Sheet>,
    from_1904: bool,
    formats: Vec<Format>,
    texts: Option<Texts>,
}

/// Shared strings, one after another.
#[derive(Default)]
struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    fn at(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .map_or(0, |end| *end);
        self.text.get(start..end)
    }
}

fn find(archive: &Archive<'_>, part: &str) -> Option<usize> {
    archive.index_for_name(part).or_else(|| {
        let same = |name: &[u8]| name.eq_ignore_ascii_case(part.as_bytes());
        let found = archive.file_names_raw().position(same)?;
        (found < archive.len()).then_some(found)
    })
}

/// A part, as XML; nothing when there is none of this name.
fn part<'a, 'b>(
    opening: &Opening<'_>,
    archive: &'a mut Archive<'b>,
    path: &str,
) -> Result<Option<Xml<impl BufRead + use<'a, 'b>>>, Fault> {
    let Some(index) = find(archive, path) else {
        return Ok(None);
    };
    let file = archive.by_index(index).map_err(broken)?;
    let (size, compressed) = (file.size(), file.compressed_size());
    let source = opening.inflating(file, size, compressed)?;
    let source = BufReader::with_capacity(1 << 16, source);
    Ok(Some(Xml::new(source, opening.limits.cell)))
}

pub(super) fn broken(error: zip::result::ZipError) -> Fault {
    match error {
        zip::result::ZipError::Io(error) => error.into(),
        other => Fault::Damaged(other.to_string()),
    }
}

/// A target of a relationship, from the root of the archive.
fn target(folder: &str, target: &str) -> String {
    let whole = match target.strip_prefix('/') {
        Some(rooted) => rooted.to_owned(),
        None => [folder, target].concat(),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

struct Relation {
    id: String,
    kind: String,
    target: String,
}

fn relations(
    opening: &Opening<'_>,
    archive: &mut Archive<'_>,
    path: &str,
    folder: &str,
) -> Result<Vec<Relation>, Fault> {
    let mut found = Vec::new();
    let Some(mut xml) = part(opening, archive, path)? else {
        return Ok(found);
    };
    loop {
        match xml.next()? {
            Token::Open if xml.name() == b"Relationship" => {
                let of = |name| xml.attribute(name).unwrap_or_default();
                found.push(Relation {
                    id: of("Id"),
                    kind: of("Type"),
                    target: target(folder, &of("Target")),
                });
            }
            Token::End => return Ok(found),
            _ => {}
        }
    }
}

impl Book {
    fn read(opening: &mut Opening<'_>, archive: &mut Archive<'_>) -> Result<Self, Fault> {
        let roots = relations(opening, archive, "_rels/.rels", "")?;
        let main = roots
            .iter()
            .find(|one| one.kind.ends_with("/officeDocument"))
            .map_or("xl/workbook.xml", |one| &one.target);
        let (folder, file) = main.rsplit_once('/').unwrap_or(("", main));
        let folder = [folder, "/"].concat();
        let path = format!("{folder}_rels/{file}.rels");
        let relations = relations(opening, archive, &path, &folder)?;
        let of_kind = |kind: &str| relations.iter().find(|one| one.kind.ends_with(kind));

        let mut book = Self::default();
        let Some(mut xml) = part(opening, archive, main)? else {
            return Err(damaged("xl/workbook.xml"));
        };
        loop {
            match xml.next()? {
                Token::Open if xml.name() == b"workbookPr" => {
                    let set = xml.attribute("date1904");
                    book.from_1904 = set.is_some_and(|set| set == "1" || set == "true");
                }
                Token::Open if xml.name() == b"sheet" => {
                    let id = xml.attribute("id").unwrap_or_default();
                    let Some(found) = relations.iter().find(|one| one.id == id) else {
                        continue;
                    };
                    // Charts are no sheets.
                    if found.kind.ends_with("/worksheet") {
                        book.sheets.push(Sheet {
                            name: xml.attribute("name").unwrap_or_default(),
                            part: found.target.clone(),
                            hidden: xml.attribute("state").is_some_and(|it| it != "visible"),
                        });
                    }
                }
                Token::End => break,
                _ => {}
            }
        }
        drop(xml);
        let styles = of_kind("/styles").map_or("xl/styles.xml", |one| &one.target);
        if let Some(xml) = part(opening, archive, styles)? {
            book.formats = formats(xml)?;
        }
        let strings = of_kind("/sharedStrings").map_or("xl/sharedStrings.xml", |one| &one.target);
        if let Some(xml) = part(opening, archive, strings)? {
            book.texts = Some(texts(xml, opening.limits.held)?);
        }
        Ok(book)
    }

    fn sheets(&self, opening: &mut Opening<'_>, name: &str, archive: &mut Archive<'_>) {
        let mut count = 0;
        for sheet in &self.sheets {
            let added = opening.sheet(name, &sheet.name, sheet.hidden, |opening, grid| match part(
                opening,
                archive,
                &sheet.part,
            )? {
                Some(xml) => self.cells(opening, grid, xml),
                None => Err(damaged(&sheet.part)),
            });
            count += usize::from(added);
        }
        if count == 0 {
            opening.told.tell(name, empty());
        }
    }

    fn cells<R: BufRead>(
        &self,
        opening: &mut Opening<'_>,
        grid: &mut Grid,
        mut xml: Xml<R>,
    ) -> Result<(), Fault> {
        let (mut row, mut column) = (0_u32, 0_u32);
        let mut cell = Cell::default();
        loop {
            match xml.next()? {
                Token::Open => match xml.name() {
                    b"row" => {
                        row = match xml.attribute("r").map(|stated| stated.parse()) {
                            Some(Ok(stated)) if (1..=LAST_ROW).contains(&stated) => stated,
                            Some(_) => {
                                let stated = xml.attribute("r").unwrap_or_default();
                                self.bad_reference(opening, grid, &stated, row + 1);
                                row + 1
                            }
                            None => row + 1,
                        };
                        column = 0;
                        grid.begin(row);
                    }
                    b"c" => {
                        let stated = xml.attribute("r");
                        let placed = match &stated {
                            Some(stated) => reference(stated).filter(|(_, at)| *at == row),
                            None => (column <= LAST_COLUMN && row > 0).then_some((column, row)),
                        };
                        cell.begin(
                            placed.map(|(column, _)| column),
                            xml.attribute("t"),
                            xml.attribute("s"),
                        );
                        match placed {
                            Some((placed, _)) => column = placed + 1,
                            None => {
                                let stated = stated.unwrap_or_default();
                                self.bad_reference(opening, grid, &stated, row.max(1));
                            }
                        }
                    }
                    b"v" => xml.text_inside(&mut cell.value)?,
                    b"is" => {
                        let from = &mut cell.value;
                        rich(&mut xml, from)?;
                    }
                    b"f" => cell.formula = true,
                    b"mergeCell" => {
                        let range = xml.attribute("ref").unwrap_or_default();
                        merged(opening, grid, &range);
                    }
                    _ => {}
                },
                Token::Close => match xml.name() {
                    b"c" => {
                        if let Some(column) = cell.column.take() {
                            self.value(opening, grid, &cell, column, row);
                        }
                    }
                    b"row" => grid.end(opening)?,
                    _ => {}
                },
                Token::Text => {}
                Token::End => return grid.end(opening),
            }
        }
    }

    fn bad_reference(&self, opening: &mut Opening<'_>, grid: &Grid, stated: &str, row: u32) {
        let stated: String = stated.chars().take(40).collect();
        opening.told.tell(
            grid.name(),
            Diagnostic::error(
                "cell-reference-invalid",
                format!("没有“{stated}”这个单元格，它的内容未读取；请用 Excel 打开并另存后重新导入。"),
                format!("There is no cell {stated}; what it holds was not read. Open the workbook, save it and import it again."),
            )
            .field(format!("{}!{stated}", grid.sheet()))
            .line(row),
        );
    }

    fn value(
        &self,
        opening: &mut Opening<'_>,
        grid: &mut Grid,
        cell: &Cell,
        column: u32,
        row: u32,
    ) {
        let format = self.formats.get(cell.style).copied().unwrap_or_default();
        let at = |grid: &Grid| place(grid.sheet(), column, row);
        let value = cell.value.as_str();
        match cell.kind.as_deref() {
            Some("s") => {
                let index = value.trim().parse().ok();
                let found = self.texts.as_ref().zip(index);
                match found.and_then(|(texts, index): (_, usize)| texts.at(index)) {
                    Some(text) => grid.cell(column, text),
                    None if value.is_empty() => {}
                    None => {
                        let told = Diagnostic::error(
                            "shared-string-missing",
                            "单元格的文字不在文件里，内容已丢失；请用 Excel 打开并另存，或重新导出。",
                            "The text of this cell is not in the file; it is lost. Open the workbook and save it, or export it again.",
                        );
                        let told = told.field(at(grid)).line(row);
                        opening.told.tell(grid.name(), told);
                    }
                }
            }
            Some("str" | "inlineStr") => grid.cell(column, &unescape_controls(value)),
            Some("b") => grid.cell(
                column,
                if matches!(value.trim(), "1" | "true") {
                    "TRUE"
                } else {
                    "FALSE"
                },
            ),
            Some("e") => {
                let told = error_value(value).field(at(grid)).line(row);
                opening.told.tell(grid.name(), told);
            }
            // An ISO date.
            Some("d") => grid.cell(column, &value.replacen('T', " ", 1)),
            _ if value.trim().is_empty() => {
                if cell.formula {
                    let told = Diagnostic::warning(
                        "formula-not-computed",
                        "这个公式没有保存计算结果，按空白处理；请用 Excel 打开并另存后重新导入。",
                        "The result of this formula was not saved; the cell counts as empty. Open the workbook in Excel, save it and import it again.",
                    );
                    let told = told.field(at(grid)).line(row);
                    opening.told.tell(grid.name(), told);
                }
            }
            _ => number(
                opening,
                grid,
                (column, row),
                value,
                (format, self.from_1904),
            ),
        }
    }
}

/// A number, by its format.
pub(super) fn number(
    opening: &mut Opening<'_>,
    grid: &mut Grid,
    (column, row): (u32, u32),
    stored: &str,
    (format, from_1904): (Format, bool),
) {
    let serial = stored.trim().parse().unwrap_or(f64::NAN);
    if let Some(moment) = format.moment(serial, from_1904) {
        grid.moment(column, &moment);
        return;
    }
    let (text, lost) = digits(stored, format);
    grid.cell(column, &text);
    if lost {
        let told = inexact(row).field(place(grid.sheet(), column, row));
        opening.told.tell(grid.name(), told);
    }
}

pub(super) fn merged(opening: &mut Opening<'_>, grid: &Grid, range: &str) {
    let first = range.split(':').next().unwrap_or_default();
    let Some((_, row)) = reference(first) else {
        return;
    };
    let told = Diagnostic::info(
        "cells-merged",
        "合并单元格：内容只算在左上角的第一格，其余为空；若每行都应有值，请取消合并并填充后重新导入。",
        "Merged cells: their content counts in the first one, the others are empty. If each row needs it, unmerge and fill them and import again.",
    );
    let told = told.field(format!("{}!{range}", grid.sheet())).line(row);
    opening.told.tell(grid.name(), told);
}

pub(super) fn error_value(value: &str) -> Diagnostic {
    Diagnostic::warning(
        "cell-error",
        format!("单元格是错误值 {value}，按空白处理；请在表里修正公式后重新导入。"),
        format!(
            "The cell holds the error {value} and counts as empty; correct the formula and import again."
        ),
    )
}

pub(super) fn hidden() -> Diagnostic {
    Diagnostic::info(
        "sheet-hidden",
        "隐藏的工作表，没有读取；若里面有会话，请取消隐藏后重新导入。",
        "A hidden sheet; it was not read. If it holds conversations, unhide it and import again.",
    )
}

pub(super) fn empty() -> Diagnostic {
    Diagnostic::error(
        "workbook-empty",
        "工作簿里没有任何内容；请确认导出了聊天记录后重新导入。",
        "The workbook has nothing in it; check that the chats were exported and import again.",
    )
}

#[derive(Default)]
struct Cell {
    column: Option<u32>,
    kind: Option<String>,
    style: usize,
    formula: bool,
    value: String,
}

impl Cell {
    fn begin(&mut self, column: Option<u32>, kind: Option<String>, style: Option<String>) {
        self.column = column;
        self.kind = kind;
        self.style = style.and_then(|style| style.parse().ok()).unwrap_or(0);
        self.formula = false;
        self.value.clear();
    }
}

/// The text of a string that is plain or in runs, without how it is pronounced. Its element is open, and
/// closed afterwards.
fn rich<R: BufRead>(xml: &mut Xml<R>, into: &mut String) -> Result<(), Fault> {
    let mut depth = 1_u32;
    let mut beside = String::new();
    while depth > 0 {
        match xml.next()? {
            Token::Open => match xml.name() {
                b"t" => xml.text_inside(into)?,
                b"rPh" => {
                    beside.clear();
                    xml.text_inside(&mut beside)?;
                }
                _ => depth += 1,
            },
            Token::Close => depth -= 1,
            Token::Text => {}
            Token::End => return Err(damaged("XML")),
        }
    }
    Ok(())
}

/// `_x000D_` is how XML carries a character that it cannot.
fn unescape_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let code = rest
            .get(at + 2..at + 7)
            .filter(|code| code.ends_with('_'))
            .and_then(|code| u32::from_str_radix(&code[..4], 16).ok());
        // A NUL would make the table look like no text.
        let found = code.and_then(char::from_u32).filter(|found| *found != '\0');
        match found {
            Some(found) => {
                out.push_str(&rest[..at]);
                out.push(found);
                rest = &rest[at + 7..];
            }
            None => {
                out.push_str(&rest[..at + 2]);
                rest = &rest[at + 2..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn texts<R: BufRead>(mut xml: Xml<R>, held: usize) -> Result<Texts, Fault> {
    let mut texts = Texts::default();
    let mut one = String::new();
    loop {
        match xml.next()? {
            Token::Open if xml.name() == b"si" => {
                one.clear();
                rich(&mut xml, &mut one)?;
                texts.text.push_str(&unescape_controls(&one));
                texts.ends.push(texts.text.len());
                if texts.text.len() + texts.ends.len() * size_of::<usize>() > held {
                    return Err(Fault::Limit("inflated", held as u64));
                }
            }
            Token::End => return Ok(texts),
            _ => {}
        }
    }
}

fn formats<R: BufRead>(mut xml: Xml<R>) -> Result<Vec<Format>, Fault> {
    let mut own: Vec<(u32, Format)> = Vec::new();
    let mut formats = Vec::new();
    let mut of_cells = false;
    loop {
        match xml.next()? {
            Token::Open => match xml.name() {
                b"numFmt" => {
                    let id = xml.attribute("numFmtId").and_then(|id| id.parse().ok());
                    if let (Some(id), Some(code)) = (id, xml.attribute("formatCode")) {
                        own.push((id, Format::of(&code)));
                    }
                }
                b"cellXfs" => of_cells = true,
                b"xf" if of_cells => {
                    let id = xml.attribute("numFmtId").and_then(|id| id.parse().ok());
                    let id = id.unwrap_or(0);
                    let own = own.iter().find(|(known, _)| *known == id);
                    formats.push(own.map_or_else(|| Format::built_in(id), |(_, own)| *own));
                }
                _ => {}
            },
            Token::Close if xml.name() == b"cellXfs" => of_cells = false,
            Token::End => return Ok(formats),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{target, unescape_controls};

    #[test]
    fn characters_that_xml_cannot_carry() {
        for (text, found) in [
            ("a_x000D_\nb", "a\r\nb"),
            ("_x005F_x000D_", "_x000D_"),
            ("x_x00_y", "x_x00_y"),
            ("尾_x", "尾_x"),
            ("_x0000_", "_x0000_"),
            ("_x中文字_", "_x中文字_"),
        ] {
            assert_eq!(unescape_controls(text), found, "{text}");
        }
    }

    #[test]
    fn targets_stay_inside() {
        for (folder, to, found) in [
            ("xl/", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            (
                "xl/",
                "/xl/worksheets/sheet1.xml",
                "xl/worksheets/sheet1.xml",
            ),
            ("xl/", "../../../etc/passwd", "etc/passwd"),
            ("xl/", "./a.xml", "xl/a.xml"),
        ] {
            assert_eq!(target(folder, to), found);
        }
    }
}
