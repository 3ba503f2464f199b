//! Tables in web pages: what shops export as `.xls` is often one. The XML spreadsheets of Excel 2003 are
//! read here as well: their rows and cells have other names, and may say where they stand.
//!
//! The thing to get right: such pages are written carelessly. Cells and rows that nobody closes end where
//! the next begins; entities and line breaks become characters, everything else inside a cell is ignored.

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::grid::{Grid, LAST_COLUMN, LAST_ROW};
use super::xml::unescape;
use super::{Fault, Opening};
use crate::diagnostic::Diagnostic;

/// Whether a file begins as an XML spreadsheet of Excel 2003.
pub(super) fn is_spreadsheet(bytes: &[u8]) -> bool {
    let text = decode(&bytes[..bytes.len().min(4096)]);
    text.contains("urn:schemas-microsoft-com:office:spreadsheet") && text.contains("<?xml")
}

/// Whether a file begins as a web page, or as the table of one, or as such a spreadsheet.
pub(super) fn is_page(head: &[u8]) -> bool {
    let text = decode(&head[..head.len().min(4096)]).to_ascii_lowercase();
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let begins = [
        "<html",
        "<table",
        "<!doctype html",
        "<meta",
        "<head",
        "<style",
        "<?xml",
        "<!--",
        "<body",
        "<div",
    ];
    begins.iter().any(|begin| text.starts_with(begin))
        && ["<html", "<table", "<workbook"]
            .iter()
            .any(|tag| text.contains(tag))
}

/// Reads every table.
pub(super) fn open(opening: &mut Opening<'_>, name: &str, bytes: &[u8]) {
    let text = decode(bytes);
    let before = opening.members.len();
    let mut tables = Tables {
        name,
        spreadsheet: is_spreadsheet(bytes),
        aside: false,
        count: 0,
        grid: None,
        row: 0,
        column: 0,
        cell: None,
        held: Vec::new(),
        span: (1, 1),
        depth: 0,
        open: false,
    };
    let outcome = tables.read(opening, &text);
    let failed = outcome.is_err();
    if let Err(fault) = outcome {
        opening.fault(name, None, fault);
        // What it had before stays.
        if let Some(grid) = tables.grid.take().filter(|grid| grid.count() > 0) {
            opening.add(grid.finish());
        }
    }
    if !failed && opening.members.len() == before {
        let told = Diagnostic::error(
            "workbook-empty",
            "里面没有表格，或表格没有内容；请在导出页面选择 Excel 或 CSV 后重新导出，或用 Excel 打开并另存为 XLSX。",
            "There is no table in it, or nothing in the tables; export it again as Excel or CSV, or open it in Excel and save it as XLSX.",
        );
        opening.told.tell(name, told);
    }
}

/// By its mark, by what it says of itself, else UTF-8 if it is that, else GB18030.
fn decode(bytes: &[u8]) -> String {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let head = &bytes[..bytes.len().min(2048)];
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let stated = head.split("charset=").nth(1).map(|rest| {
        let rest = rest.trim_start_matches(['"', '\'', ' ']);
        rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .next()
            .unwrap_or_default()
    });
    let encoding = marked.unwrap_or(match (std::str::from_utf8(bytes), stated) {
        (Ok(_), _) => UTF_8,
        (_, Some("big5")) => BIG5,
        (_, Some("utf-16" | "utf-16le" | "unicode")) if bytes.get(1) == Some(&0) => UTF_16LE,
        (_, Some("utf-16be")) => UTF_16BE,
        (_, Some("utf-8")) => UTF_8,
        _ => GB18030,
    });
    encoding.decode_with_bom_removal(bytes).0.into_owned()
}

struct Tables<'n> {
    name: &'n str,
    spreadsheet: bool,
    /// Whether this is a remark on a cell.
    aside: bool,
    count: usize,
    grid: Option<Grid>,
    row: u32,
    column: u32,
    cell: Option<String>,
    /// Rows that a column is still taken for by a cell above.
    held: Vec<u32>,
    /// Columns and rows of the cell under way.
    span: (u32, u32),
    depth: u32,
    /// Whether a row is under way.
    open: bool,
}

impl Tables<'_> {
    fn read(&mut self, opening: &mut Opening<'_>, text: &str) -> Result<(), Fault> {
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            self.text(&rest[..at]);
            rest = &rest[at..];
            if let Some(comment) = rest.strip_prefix("<!--") {
                rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
                continue;
            }
            let Some(end) = tag_end(rest) else {
                break;
            };
            let tag = &rest[1..end];
            rest = &rest[end + 1..];
            let name: String = tag
                .chars()
                .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '/')
                .collect::<String>()
                .to_ascii_lowercase();
            if matches!(name.as_str(), "style" | "script" | "xml") && !tag.ends_with('/') {
                let closing = format!("</{name}");
                let end = rest.as_bytes().windows(closing.len());
                let mut end = end.enumerate();
                let end = end.find(|(_, part)| part.eq_ignore_ascii_case(closing.as_bytes()));
                rest = end.map_or("", |(end, _)| &rest[end..]);
                continue;
            }
            self.tag(opening, &name, tag)?;
            let limit = opening.limits.cell;
            if self.cell.as_ref().is_some_and(|cell| cell.len() > limit) {
                return Err(Fault::Limit("cell", limit as u64));
            }
        }
        self.close_table(opening)
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = self.cell.as_mut().filter(|_| !self.aside) {
            // Line ends of the source are spaces.
            let text = text.replace(['\r', '\n', '\t'], " ");
            cell.push_str(&unescape(&text));
        }
    }

    fn tag(&mut self, opening: &mut Opening<'_>, name: &str, tag: &str) -> Result<(), Fault> {
        let (name, closed) = match name {
            _ if !self.spreadsheet => (name, false),
            "comment" | "/comment" => {
                self.aside = name == "comment";
                return Ok(());
            }
            "row" | "row/" => ("tr", tag.ends_with('/')),
            "/row" => ("/tr", false),
            "cell" | "cell/" => ("td", tag.ends_with('/')),
            "/cell" => ("/td", false),
            "table" | "table/" if tag.ends_with('/') => return Ok(()),
            _ => (name, false),
        };
        // Where it stands, if that is not next to the one before.
        let index = || attribute(tag, "index")?.parse::<u32>().ok()?.checked_sub(1);
        match name {
            "table" => {
                // Only a cell has tables inside.
                self.depth = if self.cell.is_some() {
                    self.depth + 1
                } else {
                    1
                };
                if self.depth == 1 {
                    self.close_table(opening)?;
                    self.count += 1;
                    let named = match self.count {
                        1 => self.name.to_owned(),
                        more => format!("{}!{more}", self.name),
                    };
                    let sheet = format!("Table{}", self.count);
                    self.grid = Some(Grid::new(self.name, &sheet).named(&named));
                    (self.row, self.held) = (0, Vec::new());
                }
            }
            "/table" => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.close_table(opening)?;
                }
            }
            // What is inside a table inside a cell is text of that cell.
            _ if self.depth > 1 => {}
            "tr" => {
                self.close_row(opening)?;
                if self.spreadsheet
                    && let Some(index) = index()
                {
                    self.row = self.row.max(index.min(LAST_ROW));
                }
                self.begin_row();
                if closed {
                    self.close_row(opening)?;
                }
            }
            "/tr" => self.close_row(opening)?,
            "td" | "th" => {
                self.close_cell();
                if !self.open {
                    self.begin_row();
                }
                let span = |name| {
                    let stated = attribute(tag, name)?;
                    stated.parse().ok()
                };
                let of = |name| span(name).unwrap_or(1_u32).clamp(1, 1000);
                self.span = (of("colspan"), of("rowspan"));
                if self.spreadsheet {
                    self.column = self.column.max(index().unwrap_or(0).min(LAST_COLUMN));
                    let more = |name| span(name).unwrap_or(0_u32).min(999) + 1;
                    self.span = (more("mergeacross"), more("mergedown"));
                }
                self.cell = Some(String::new());
                if closed {
                    self.close_cell();
                }
            }
            "/td" | "/th" => self.close_cell(),
            "br" | "br/" | "/p" | "/div" => {
                if let Some(cell) = &mut self.cell {
                    cell.push('\n');
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn begin_row(&mut self) {
        self.row = self.row.saturating_add(1);
        self.column = 0;
        self.open = true;
        if let Some(grid) = &mut self.grid {
            grid.begin(self.row);
        }
    }

    fn close_cell(&mut self) {
        let Some(text) = self.cell.take() else {
            return;
        };
        let lines: Vec<&str> = text.split('\n').map(str::trim).collect();
        let text = lines.join("\n");
        while self
            .held
            .get(self.column as usize)
            .is_some_and(|left| *left > 0)
        {
            self.column += 1;
        }
        let (columns, rows) = self.span;
        if self.column.saturating_add(columns) > LAST_COLUMN {
            return;
        }
        if let Some(grid) = &mut self.grid {
            grid.cell(self.column, text.trim());
        }
        let end = (self.column + columns) as usize;
        if rows > 1 {
            if self.held.len() < end {
                self.held.resize(end, 0);
            }
            // This row counts as one of them; it is taken off where the row closes.
            self.held[self.column as usize..end].fill(rows);
        }
        self.column += columns;
    }

    fn close_row(&mut self, opening: &mut Opening<'_>) -> Result<(), Fault> {
        self.close_cell();
        if std::mem::take(&mut self.open) {
            for left in &mut self.held {
                *left = left.saturating_sub(1);
            }
            self.column = 0;
        }
        match &mut self.grid {
            Some(grid) => grid.end(opening),
            None => Ok(()),
        }
    }

    fn close_table(&mut self, opening: &mut Opening<'_>) -> Result<(), Fault> {
        self.close_row(opening)?;
        if let Some(grid) = self.grid.take()
            && grid.count() > 0
        {
            opening.add(grid.finish());
        }
        Ok(())
    }
}

/// Where the tag that a text begins with ends; a `>` in quotes does not count.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match quote {
            Some(open) if byte == open => quote = None,
            None if byte == b'>' => return Some(at),
            // Only behind an equals sign; text has apostrophes too.
            None if matches!(byte, b'"' | b'\'') && text[..at].trim_end().ends_with('=') => {
                quote = Some(byte);
            }
            _ => {}
        }
    }
    None
}

fn attribute<'t>(tag: &'t str, wanted: &str) -> Option<&'t str> {
    let lower = tag.to_ascii_lowercase();
    let at = lower.find(&format!("{wanted}="))? + wanted.len() + 1;
    let value = tag.get(at..)?.trim_start_matches(['"', '\'']);
    value.split(['"', '\'', ' ', '/']).next()
}
