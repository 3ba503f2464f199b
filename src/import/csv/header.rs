//! What the header of a table says, and how the tables of particular systems are told by it.
//!
//! The thing to get right: titles may stand above a header, and where files were joined it comes again; so
//! it is looked for among the first records, and known again further down.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::import::cells::{cut, past_blank};
use crate::import::columns::{COLUMNS, Column, Names, is_called};
use crate::import::ledger::Ledger;
use crate::import::{time, words};
use crate::sorted;

/// How a system writes its tables.
pub(super) struct Dialect {
    /// Names that its header has; without any, it is any table.
    needs: &'static [&'static str],
    /// What its names mean, where that is not what they mean elsewhere.
    columns: &'static [(&'static str, Column)],
    pub(super) way: Way,
}

/// What a row of a dialect needs besides its columns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
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

pub(super) static DIALECTS: [Dialect; 6] = [
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

pub(super) const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Records among which the header is looked for: exports put titles above it.
const HEADER_WITHIN: usize = 10;

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

/// Where the header is and what it says.
pub(super) struct Table {
    pub(super) dialect: &'static Dialect,
    pub(super) delimiter: u8,
    pub(super) columns: Vec<Option<(Column, u8)>>,
    pub(super) names: Vec<String>,
    /// The columns that hold ids, whether or not of anything that is read.
    pub(super) ids: Vec<usize>,
    /// Where the header begins and where the first row does.
    pub(super) header: usize,
    pub(super) body: usize,
    pub(super) figures: usize,
}

impl Table {
    /// The header among the first records, over all delimiters.
    pub(super) fn of(text: &str, names: &Names, dialect: &'static Dialect) -> Option<Self> {
        let text = head(text);
        let mut best: Option<((usize, usize), Self)> = None;
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
                // The first that names a column for texts and another is the header, whatever the rows
                // below it quote; before that, the one that says most.
                let is_header = says && named > 1;
                let first = usize::MAX - if is_header { header } else { usize::MAX };
                let score = (first, named * 2 + table.figures + usize::from(says) * 100);
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

    /// The columns of a table without a header, by what stands in them: times in one, words for roles or
    /// names that come again in another, and texts in the one that differs most. Its header is empty.
    pub(super) fn guessed(text: &str, stated: &Names, dialect: &'static Dialect) -> Option<Self> {
        let text = head(text);
        DELIMITERS.into_iter().find_map(|delimiter| {
            let mut rows: Vec<Vec<Cow<'_, str>>> = Vec::new();
            let first = past_blank(text, 0).0;
            let mut at = first;
            while rows.len() < HEADER_WITHIN && at < text.len() {
                let mut cells = Vec::new();
                at = past_blank(text, cut(text, at, delimiter, true, &mut cells).next).0;
                rows.push(cells);
            }
            let width = rows.first()?.len();
            if rows.len() < 2 || width < 3 || rows.iter().any(|row| row.len() != width) {
                return None;
            }
            let all = |column: usize, holds: &dyn Fn(&str) -> bool| {
                rows.iter().all(|row| holds(row[column].trim()))
            };
            let names: Vec<_> = (1..=width)
                .map(|place| Cow::from(format!("列{place}")))
                .collect();
            let mut table = Self::named(&names, delimiter, stated, dialect);
            (table.header, table.body) = (first, first);
            let mut free: Vec<usize> = (0..width)
                .filter(|place| !stated.states(&names[*place]))
                .collect();
            let mut take = |column: Column, wanted: &dyn Fn(&[usize]) -> Option<usize>| {
                if table.has(column) {
                    return true;
                }
                let place = wanted(&free);
                free.retain(|other| Some(*other) != place);
                if let Some(place) = place {
                    table.columns[place] = Some((column, 0));
                }
                place.is_some()
            };
            let first = |places: &[usize], holds: &dyn Fn(&str) -> bool| {
                places.iter().copied().find(|place| all(*place, holds))
            };
            let values = |place: &usize| {
                let mut values: Vec<&str> = rows.iter().map(|row| row[*place].trim()).collect();
                sorted::plain(&mut values);
                values.dedup();
                values.len()
            };
            let is_role = |cell: &str| words::role_word(cell).is_some();
            let is_timed = take(Column::Time, &|places| first(places, &time::is_moment));
            let has_roles = take(Column::Role, &|places| first(places, &is_role));
            // Words differ more than names, and who says them mostly stands before.
            let says = take(Column::Text, &|places| {
                places.iter().copied().max_by_key(values)
            });
            let has_names = take(Column::Sender, &|places| {
                let several = places.iter().copied().filter(|place| values(place) > 1);
                let repeats = |place: &usize| values(place) < rows.len();
                several
                    .filter(repeats)
                    .find(|place| all(*place, &|cell| !cell.is_empty()))
            });
            if !(is_timed && says && (has_roles || has_names || stated.any())) {
                return None;
            }
            Some(table)
        })
    }

    /// A header of these names.
    pub(super) fn named(
        cells: &[Cow<'_, str>],
        delimiter: u8,
        stated: &Names,
        dialect: &'static Dialect,
    ) -> Self {
        let mut columns: Vec<Option<(Column, u8)>> = Vec::with_capacity(cells.len());
        let mut names: Vec<String> = Vec::with_capacity(cells.len());
        // A far cell makes a header of thousands of columns without a name.
        let is_nothing = !stated.states("");
        for cell in cells {
            if is_nothing && cell.is_empty() {
                columns.push(None);
                names.push(String::new());
                continue;
            }
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
        let figure =
            |name: &&String| !name.is_empty() && FIGURES.iter().any(|word| name.contains(word));
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

    pub(super) fn has(&self, column: Column) -> bool {
        self.columns.iter().flatten().any(|(one, _)| *one == column)
    }

    pub(super) fn index(&self, column: Column) -> Option<usize> {
        let is_it = |it: &Option<(Column, u8)>| it.is_some_and(|it| it.0 == column);
        self.columns.iter().position(is_it)
    }

    /// Whether a record is a header again, as where files were joined.
    pub(super) fn repeats(&self, cells: &[Cow<'_, str>], names: &Names) -> bool {
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

    /// Counts the rows that stand above the header (a title has few cells, and is none), and gives its line.
    pub(super) fn tell_above(&self, text: &str, ledger: &mut Ledger) -> u32 {
        let (mut at, mut line, mut cells) = (0, 1u32, Vec::new());
        loop {
            let (start, blank) = past_blank(text, at);
            line = line.saturating_add(blank);
            if start >= self.header {
                return line;
            }
            let found = cut(text, start, self.delimiter, true, &mut cells);
            let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
            if filled > 1 && filled * 2 > self.columns.len() {
                ledger.exclude("csv-above-header");
                ledger.report(
                    Diagnostic::warning(
                        "csv-above-header",
                        "这一行在表头上面，未计入；如果是消息，请把表头移到第一行。",
                        "This row stands above the header and was left out; if it is a message, move the header to the first row.",
                    )
                    .line(line),
                );
            }
            (at, line) = (found.next, line.saturating_add(found.lines));
        }
    }

    /// Tells what the columns are taken for.
    pub(super) fn tell(&self, line: u32, ledger: &mut Ledger) {
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
        // Of pairs, as elsewhere: another set would be more code to load.
        let mut before: HashSet<(&str, &str)> = HashSet::new();
        for (name, column) in self.names.iter().zip(&self.columns) {
            if !name.is_empty() && !before.insert((name, "")) {
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

/// The part of a text in which its header is looked for.
pub(super) fn head(text: &str) -> &str {
    let mut end = text.len().min(1 << 16);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A header in the middle: the columns of what follows are its own.
pub(super) fn repeated(table: &mut Table, again: Table, line: u32, ledger: &mut Ledger) {
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

pub(super) fn header_missing(line: u32, field: Option<&str>, ledger: &mut Ledger) {
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
