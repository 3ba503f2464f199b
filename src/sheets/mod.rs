//! Workbooks and archives, turned into the texts that [`crate::import`] reads: every sheet becomes a table
//! in CSV, every readable file of a zip a member. A module of its own for browsers, loaded when the first
//! such file is dropped.
//!
//! The thing to get right: nothing that a file *states* is believed. Sizes are counted while inflating,
//! references are checked before a cell is placed, and no limit is reached by allocating first.

mod compound;
mod grid;
mod html;
mod number;
pub mod report;
mod told;
#[cfg(target_arch = "wasm32")]
mod wasm;
mod xls;
mod xlsx;
mod xml;
mod zipped;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostic;
use grid::Grid;
use told::Told;
use xlsx::hidden;

/// How much is taken from one file that was handed in, with everything inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after inflating, of everything that is read.
    pub inflated: u64,
    /// Bytes of all members together.
    pub held: usize,
    /// Inflated bytes for each compressed one, beyond the first megabyte.
    pub ratio: u64,
    /// Rows of a sheet.
    pub rows: u32,
    /// Cells of a workbook, the empty ones before others of their row included.
    pub cells: u64,
    /// Entries of an archive.
    pub members: usize,
    /// Archives within archives.
    pub depth: usize,
    /// Bytes of one cell.
    pub cell: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inflated: 1 << 30,
            held: 512 << 20,
            ratio: 200,
            rows: 1 << 20,
            cells: 50_000_000,
            members: 50_000,
            depth: 3,
            cell: 1 << 20,
        }
    }
}

/// Bytes that the sheets of any workbook may have.
const LEAST: usize = 64 << 20;

/// A text that was found in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// `book.xlsx!Sheet1`, `all.zip/may/a.csv`, `all.zip/book.xlsx!Sheet1`.
    pub name: String,
    /// What it says. A sheet is CSV in UTF-8; a file of an archive is as it was.
    pub bytes: Vec<u8>,
    /// Where lines of a sheet's CSV have other numbers than its rows: `line, row` and so on, each pair
    /// holding from that line on. Both count from 1; before the first pair they are equal.
    pub rows: Vec<u32>,
}

/// What was found in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// In the order of the file.
    pub members: Vec<Member>,
    /// What there is to tell, by the names of members or of what was left out.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a file is that has to be opened before it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A zip, and with it every newer workbook.
    Zip,
    /// The container of older workbooks, and of newer ones with a password.
    Compound,
    /// A web page with a table, or an XML spreadsheet of 2003, which some exports call `.xls`.
    Html,
}

impl Kind {
    fn of(name: &str, head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Some(Self::Zip);
        }
        if head.starts_with(compound::MAGIC) {
            return Some(Self::Compound);
        }
        let ending = ending(name);
        (matches!(ending.as_str(), "xls" | "xlsx" | "html" | "htm") && html::is_page(head))
            .then_some(Self::Html)
    }
}

/// Whether a file has to be opened first, by its name and its first kilobyte. What has not is text.
pub fn is_container(name: &str, head: &[u8]) -> bool {
    Kind::of(name, head).is_some()
}

/// Opens a file: a workbook, an archive, or a web page with tables. Anything else is its only member.
pub fn open(name: &str, bytes: &[u8], password: Option<&str>, limits: &Limits) -> Opened {
    let mut opening = Opening {
        limits,
        password,
        members: Vec::new(),
        held: 0,
        room: 0,
        told: Told::default(),
        inflated: Rc::new(Cell::new(0)),
        cells: 0,
        entries: 0,
        seen: BTreeMap::new(),
    };
    opening.file(name, bytes, 0);
    Opened {
        members: opening.members,
        diagnostics: opening.told.into_diagnostics(),
    }
}

/// Why something could not be read.
#[derive(Debug)]
enum Fault {
    /// It is not what it should be.
    Damaged(String),
    /// It is more than is allowed: which limit, and how much that is.
    Limit(&'static str, u64),
}

/// A limit on its way through [`io::Error`].
#[derive(Debug)]
struct TooMuch(&'static str, u64);

impl std::fmt::Display for TooMuch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for TooMuch {}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(TooMuch(limit, most)) => Self::Limit(limit, *most),
            None => Self::Damaged(error.to_string()),
        }
    }
}

fn damaged(what: &str) -> Fault {
    Fault::Damaged(what.to_owned())
}

/// One call of [`open`].
struct Opening<'a> {
    limits: &'a Limits,
    password: Option<&'a str>,
    members: Vec<Member>,
    held: usize,
    /// How much `held` may become with the sheets of the workbook under way.
    room: usize,
    told: Told,
    inflated: Rc<Cell<u64>>,
    cells: u64,
    entries: usize,
    /// Lengths and hashes of members, and what has them.
    seen: BTreeMap<(usize, [u8; 32]), String>,
}

impl Opening<'_> {
    fn file(&mut self, name: &str, bytes: &[u8], depth: usize) {
        let ratio = usize::try_from(self.limits.ratio).unwrap_or(usize::MAX);
        let own = bytes.len().saturating_mul(ratio).max(LEAST);
        self.room = self.held.saturating_add(own).min(self.limits.held);
        match Kind::of(name, bytes) {
            Some(Kind::Zip) => zipped::open(self, name, bytes, depth),
            Some(Kind::Compound) => xls::open(self, name, bytes),
            Some(Kind::Html) => {
                let (endings, what): (&[&str], _) = if html::is_spreadsheet(bytes) {
                    (&["xml"], ("XML 表格（2003）", "an XML spreadsheet of 2003"))
                } else {
                    (&["html", "htm"], ("网页表格", "a web page with a table"))
                };
                self.mismatch(name, endings, what);
                html::open(self, name, bytes);
            }
            None => self.keep(name, bytes.to_vec()),
        }
    }

    /// Tells that a file is not what its name says.
    fn mismatch(&mut self, name: &str, endings: &[&str], (zh, en): (&str, &str)) {
        let own = ending(name);
        if !endings.contains(&own.as_str()) {
            self.told.tell(
                name,
                Diagnostic::info(
                    "file-type-mismatch",
                    format!("扩展名是“{own}”，内容其实是{zh}；已按内容读取。"),
                    format!(
                        "The name ends in “{own}”, but this is {en}; it was read as what it is."
                    ),
                ),
            );
        }
    }

    /// Takes a file of an archive, unless its like was taken already.
    fn keep(&mut self, name: &str, bytes: Vec<u8>) {
        let key = (bytes.len(), Sha256::digest(&bytes).into());
        if let Some(first) = self.seen.get(&key).filter(|_| !bytes.is_empty()) {
            let told = duplicate(first);
            self.told.tell(name, told);
            return;
        }
        self.seen.insert(key, name.to_owned());
        self.add(Member {
            name: name.to_owned(),
            bytes,
            rows: Vec::new(),
        });
    }

    fn add(&mut self, member: Member) {
        let held = self.held.saturating_add(member.bytes.len());
        if held > self.limits.held {
            let limit = Fault::Limit("inflated", self.limits.held as u64);
            self.fault(&member.name, None, limit);
            return;
        }
        self.held = held;
        self.members.push(member);
    }

    /// Reads a sheet of a workbook and adds what came before a fault; whether there was anything.
    fn sheet(
        &mut self,
        file: &str,
        name: &str,
        is_hidden: bool,
        read: impl FnOnce(&mut Self, &mut Grid) -> Result<(), Fault>,
    ) -> bool {
        if is_hidden {
            self.told.tell(file, hidden().field(name));
            return false;
        }
        let mut grid = Grid::new(file, name);
        if let Err(fault) = read(self, &mut grid) {
            let whole = grid.name().to_owned();
            self.fault(&whole, Some(name), fault);
        }
        let is_filled = grid.count() > 0;
        if is_filled {
            self.add(grid.finish());
        }
        is_filled
    }

    /// Tells why a file, or a part of it, could not be read.
    fn fault(&mut self, name: &str, field: Option<&str>, fault: Fault) {
        let told = match fault {
            Fault::Damaged(detail) => Diagnostic::error(
                "file-damaged",
                format!(
                    "文件不完整或已损坏（{detail}），没有读到的部分未计入；请重新导出或重新下载。"
                ),
                format!(
                    "The file is cut short or damaged ({detail}); what could not be read was left out. Export or download it again."
                ),
            ),
            Fault::Limit(limit, most) => {
                let (code, zh, en) = match limit {
                    "ratio" => (
                        "archive-ratio",
                        "解压后膨胀的倍数",
                        "the factor by which it inflates",
                    ),
                    "rows" => ("rows-too-many", "工作表行数", "the rows of a sheet"),
                    "cells" => ("cells-too-many", "单元格数", "the number of cells"),
                    "members" => (
                        "members-too-many",
                        "压缩包内文件数",
                        "the number of files inside",
                    ),
                    "depth" => (
                        "nesting-too-deep",
                        "压缩包嵌套层数",
                        "the depth of archives within archives",
                    ),
                    "cell" => (
                        "cell-too-long",
                        "单个单元格的字节数",
                        "the bytes of one cell",
                    ),
                    _ => (
                        "inflated-too-large",
                        "解压后的字节数",
                        "its size after inflating",
                    ),
                };
                Diagnostic::error(
                    code,
                    format!("{zh}超过上限 {most}，超出的部分未读取；请拆成较小的文件再导入。"),
                    format!(
                        "{en} is over the limit of {most}; what is beyond was not read. Split it into smaller files and import those."
                    ),
                )
            }
        };
        let told = match field {
            Some(field) => told.field(field),
            None => told,
        };
        self.told.tell(name, told);
    }

    /// Counts cells, and says when there are too many.
    fn count_cells(&mut self, cells: u64) -> Result<(), Fault> {
        self.cells = self.cells.saturating_add(cells);
        if self.cells > self.limits.cells {
            return Err(Fault::Limit("cells", self.limits.cells));
        }
        Ok(())
    }

    /// A source that inflates, once what it declares is within the limits.
    fn inflating<R: Read>(
        &self,
        source: R,
        declared: u64,
        compressed: u64,
    ) -> Result<Inflating<R>, Fault> {
        let total = self.inflated.get().saturating_add(declared);
        if total > self.limits.inflated {
            return Err(Fault::Limit("inflated", self.limits.inflated));
        }
        let most = compressed.saturating_mul(self.limits.ratio).max(1 << 20);
        if declared > most {
            return Err(Fault::Limit("ratio", self.limits.ratio));
        }
        Ok(Inflating {
            source,
            inflated: Rc::clone(&self.inflated),
            limit: self.limits.inflated,
            left: most,
            ratio: self.limits.ratio,
        })
    }
}

/// Two files that say the same.
pub fn duplicate(first: &str) -> Diagnostic {
    Diagnostic::warning(
        "file-duplicate",
        format!("与“{first}”内容完全相同，只计一次，这一份没有读取。"),
        format!("This is a copy of “{first}”; it counts once, and this one was not read."),
    )
}

/// Counts what comes out, whatever was declared.
struct Inflating<R> {
    source: R,
    inflated: Rc<Cell<u64>>,
    limit: u64,
    left: u64,
    ratio: u64,
}

impl<R: Read> Read for Inflating<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        let total = self.inflated.get().saturating_add(read as u64);
        self.inflated.set(total);
        if total > self.limit {
            return Err(io::Error::other(TooMuch("inflated", self.limit)));
        }
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other(TooMuch("ratio", self.ratio))),
        }
        Ok(read)
    }
}

/// The ending of a name, in lower case; nothing without one.
fn ending(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or_default();
    match file.rsplit_once('.') {
        Some((_, ending)) => ending.to_ascii_lowercase(),
        None => String::new(),
    }
}
