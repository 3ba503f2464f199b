//! Reading a table of a standard field by field, so that every mistake of a file is reported at its
//! line and column, not only the first.
//!
//! A reader takes what it knows and calls [`Fields::finish`], which reports what nobody took.
//! Reading goes on after a mistake: a missing or wrong value is reported and stands as absent.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Bilingual, Diagnostic, Level};
use crate::sorted;

/// The text of a TOML file, and the mistakes found in it so far.
pub struct Source<'a> {
    text: &'a str,
    file: String,
    line_starts: Vec<usize>,
    faults: RefCell<Vec<(usize, Diagnostic)>>,
}

impl<'a> Source<'a> {
    /// The text of `file`.
    pub fn new(file: &str, text: &'a str) -> Self {
        let line_starts = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|(_, byte)| *byte == b'\n')
                    .map(|(at, _)| at + 1),
            )
            .collect();
        Self {
            text,
            file: file.to_owned(),
            line_starts,
            faults: RefCell::default(),
        }
    }

    /// Line and column (code points) of a byte offset, both from 1.
    pub fn place(&self, at: usize) -> (u32, u32) {
        let at = at.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= at);
        let start = self.line_starts[line - 1];
        let column = self
            .text
            .get(start..at)
            .map_or(0, |before| before.chars().count())
            + 1;
        (
            u32::try_from(line).unwrap_or(u32::MAX),
            u32::try_from(column).unwrap_or(u32::MAX),
        )
    }

    /// Reports a mistake at a byte offset.
    pub fn fault(
        &self,
        at: usize,
        code: &str,
        field: &str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        let (line, column) = self.place(at);
        let mut fault = Diagnostic::new(Level::Error, code, zh, en)
            .file(self.file.clone())
            .line(line)
            .column(column);
        if !field.is_empty() {
            fault = fault.field(field);
        }
        self.faults.borrow_mut().push((at, fault));
    }

    /// Whether nothing was wrong so far.
    pub fn is_clean(&self) -> bool {
        self.faults.borrow().is_empty()
    }

    /// Every mistake, in the order of the file.
    pub fn into_faults(self) -> Vec<Diagnostic> {
        let mut faults = self.faults.into_inner();
        sorted::by_key(&mut faults, |(at, _)| *at);
        faults.into_iter().map(|(_, fault)| fault).collect()
    }

    /// Parses the text as far as it goes, reporting what is not TOML.
    pub fn parse(&self) -> DeTable<'a> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            let message = error.message();
            self.fault(
                at,
                "toml-invalid",
                "",
                format!("这里不是合法的 TOML：{message}"),
                format!("this is not valid TOML: {message}"),
            );
        }
        table.into_inner()
    }
}

/// A value and the byte offset at which it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where its text begins.
    pub at: usize,
}

/// One table being read.
pub struct Fields<'a, 's> {
    table: &'a DeTable<'s>,
    /// Where the table stands.
    pub at: usize,
    source: &'a Source<'s>,
    path: String,
    taken: RefCell<BTreeSet<&'static str>>,
    /// Names of the author's own that were taken.
    named: RefCell<BTreeSet<String>>,
}

impl<'a, 's> Fields<'a, 's> {
    /// A table that stands at `at`; `path` names it in messages.
    pub fn new(table: &'a DeTable<'s>, at: usize, source: &'a Source<'s>, path: &str) -> Self {
        Self {
            table,
            at,
            source,
            path: path.to_owned(),
            taken: RefCell::default(),
            named: RefCell::default(),
        }
    }

    /// The file the table is in.
    pub fn source(&self) -> &'a Source<'s> {
        self.source
    }

    /// The dotted name of a field of this table.
    pub fn name(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Reports a mistake in a field.
    pub fn fault(
        &self,
        at: usize,
        code: &str,
        key: &str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.source.fault(at, code, &self.name(key), zh, en);
    }

    fn take(&self, key: &'static str) -> Option<(&'a DeValue<'s>, Range<usize>)> {
        self.taken.borrow_mut().insert(key);
        self.table
            .get(key)
            .map(|value| (value.get_ref(), value.span()))
    }

    /// Where the value of a field stands; the table itself when it is not there.
    pub fn place_of(&self, key: &str) -> usize {
        self.table
            .get(key)
            .map_or(self.at, |value| value.span().start)
    }

    /// Whether the field is there.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether the field is there and is a table.
    pub fn is_table(&self, key: &str) -> bool {
        self.table
            .get(key)
            .is_some_and(|value| value.get_ref().is_table())
    }

    /// Where the field is, when it is a list of nothing.
    pub fn empty_list(&self, key: &str) -> Option<usize> {
        let value = self.table.get(key)?;
        let is_empty = matches!(value.get_ref(), DeValue::Array(items) if items.is_empty());
        is_empty.then_some(value.span().start)
    }

    fn wrong<T>(&self, key: &str, at: usize, value: &DeValue<'_>, zh: &str, en: &str) -> Option<T> {
        let got = value.type_str();
        self.fault(
            at,
            "field-type",
            key,
            format!("“{key}”应为{zh}，这里是 {got}"),
            format!("`{key}` must be {en}, this is {got}"),
        );
        None
    }

    /// Reports that a field is missing.
    pub fn missing<T>(&self, key: &str) -> Option<T> {
        self.fault(
            self.at,
            "field-missing",
            key,
            format!("缺少“{key}”"),
            format!("`{key}` is missing"),
        );
        None
    }

    /// A string.
    pub fn string(&self, key: &'static str) -> Option<At<String>> {
        let (value, span) = self.take(key)?;
        match value {
            DeValue::String(text) => Some(At {
                value: text.to_string(),
                at: span.start,
            }),
            other => self.wrong(key, span.start, other, "字符串", "a string"),
        }
    }

    /// A string that must be there.
    pub fn require_string(&self, key: &'static str) -> Option<At<String>> {
        if self.has(key) {
            self.string(key)
        } else {
            self.missing(key)
        }
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &'static str) -> Option<bool> {
        let (value, span) = self.take(key)?;
        match value {
            DeValue::Boolean(value) => Some(*value),
            other => self.wrong(key, span.start, other, "true 或 false", "true or false"),
        }
    }

    /// A number, whole or not, not negative.
    pub fn number(&self, key: &'static str) -> Option<f64> {
        let (value, span) = self.take(key)?;
        let text = match value {
            DeValue::Integer(number) => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            other => return self.wrong(key, span.start, other, "数字", "a number"),
        };
        match text.replace('_', "").parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Some(number),
            _ => {
                self.fault(
                    span.start,
                    "number-range",
                    key,
                    format!("“{key}”应为不小于 0 的数，这里是 {text}"),
                    format!("`{key}` must be a number of at least 0, this is {text}"),
                );
                None
            }
        }
    }

    /// A whole number, not negative.
    pub fn count(&self, key: &'static str) -> Option<usize> {
        let at = self
            .table
            .get(key)
            .map_or(self.at, |value| value.span().start);
        let number = self.number(key)?;
        if number.fract() == 0.0 && number <= 1e9 {
            // Checked: whole, not negative, below a thousand million.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            return Some(number as usize);
        }
        self.fault(
            at,
            "number-range",
            key,
            format!("“{key}”应为整数"),
            format!("`{key}` must be a whole number"),
        );
        None
    }

    /// A length of time such as `60s`, `5m`, `24h`, `1d`, in milliseconds.
    pub fn duration(&self, key: &'static str) -> Option<i64> {
        let text = self.string(key)?;
        let parsed = parse_duration(&text.value);
        if parsed.is_none() {
            self.fault(
                text.at,
                "duration-invalid",
                key,
                format!("“{}”不是时长；写成 60s、5m、24h 或 1d", text.value),
                format!(
                    "`{}` is not a length of time; write 60s, 5m, 24h or 1d",
                    text.value
                ),
            );
        }
        parsed
    }

    /// Words in both languages, `{ zh = "…", en = "…" }`.
    pub fn bilingual(&self, key: &'static str) -> Option<Bilingual> {
        let fields = self.table(key)?;
        let zh = fields.require_string("zh");
        let en = fields.require_string("en");
        fields.finish();
        Some(Bilingual::new(zh?.value, en?.value))
    }

    /// Words in both languages under a name that the author gave.
    pub fn bilingual_of(&self, name: &str) -> Option<Bilingual> {
        let (key, fields) = self
            .named_tables()
            .into_iter()
            .find(|(key, _)| key.value == name)?;
        self.named.borrow_mut().insert(key.value);
        let zh = fields.require_string("zh");
        let en = fields.require_string("en");
        fields.finish();
        Some(Bilingual::new(zh?.value, en?.value))
    }

    /// Words in both languages that must be there.
    pub fn require_bilingual(&self, key: &'static str) -> Option<Bilingual> {
        if self.has(key) {
            self.bilingual(key)
        } else {
            self.missing(key)
        }
    }

    /// A string or a list of strings; absent is an empty list.
    pub fn strings(&self, key: &'static str) -> Vec<At<String>> {
        let Some((value, span)) = self.take(key) else {
            return Vec::new();
        };
        match value {
            DeValue::String(text) => vec![At {
                value: text.to_string(),
                at: span.start,
            }],
            DeValue::Array(items) => items
                .iter()
                .filter_map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(At {
                        value: text.to_string(),
                        at: item.span().start,
                    }),
                    other => self.wrong(key, item.span().start, other, "字符串", "a string"),
                })
                .collect(),
            other => self
                .wrong(key, span.start, other, "字符串列表", "a list of strings")
                .unwrap_or_default(),
        }
    }

    /// A string, or a number as it is written; absent is nothing.
    pub fn label(&self, key: &'static str) -> Option<At<String>> {
        let (value, span) = self.take(key)?;
        self.as_label(key, value, span.start)
    }

    fn as_label(&self, key: &str, value: &DeValue<'_>, at: usize) -> Option<At<String>> {
        let value = match value {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            other => return self.wrong(key, at, other, "编号或名字", "a number or a name"),
        };
        Some(At { value, at })
    }

    /// A list of pairs, `[[0, 1], ["a", "b"]]`; absent is an empty list.
    pub fn pairs(&self, key: &'static str) -> Vec<[At<String>; 2]> {
        let Some((value, span)) = self.take(key) else {
            return Vec::new();
        };
        let pair = |value: &DeValue<'_>, at: usize| match value {
            DeValue::Array(two) if two.len() == 2 => {
                let one = |index: usize| {
                    let item = two.get(index)?;
                    self.as_label(key, item.get_ref(), item.span().start)
                };
                Some([one(0)?, one(1)?])
            }
            other => self.wrong(key, at, other, "两项的列表", "a pair"),
        };
        match value {
            DeValue::Array(items) => items
                .iter()
                .filter_map(|item| pair(item.get_ref(), item.span().start))
                .collect(),
            other => self
                .wrong(key, span.start, other, "列表", "a list of pairs")
                .unwrap_or_default(),
        }
    }

    /// Whether the field is a list whose first item is a table.
    pub fn lists_tables(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| {
            matches!(value.get_ref(), DeValue::Array(items)
                if items.iter().next().is_some_and(|item| item.get_ref().is_table()))
        })
    }

    /// The switches of this table by the names their author gave them.
    pub fn named_switches(&self) -> Vec<(String, bool)> {
        let named = self.named("true 或 false", "true or false", |value| value.as_bool());
        named
            .into_iter()
            .map(|(name, on)| (name.value, on.value))
            .collect()
    }

    /// The numbers of this table by the names their author gave them.
    pub fn named_numbers(&self) -> Vec<(String, f64)> {
        let named = self.named("数字", "a number", |value| {
            let text = match value {
                DeValue::Integer(number) => number.as_str(),
                DeValue::Float(number) => number.as_str(),
                _ => return None,
            };
            let number = text.replace('_', "").parse::<f64>();
            number.ok().filter(|number| number.is_finite())
        });
        named
            .into_iter()
            .map(|(name, number)| (name.value, number.value))
            .collect()
    }

    /// One of a set of words.
    pub fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.string(key)?;
        self.meaning(key, &text, words)
    }

    /// Any number of a set of words.
    pub fn words<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Vec<T> {
        self.strings(key)
            .iter()
            .filter_map(|text| self.meaning(key, text, words))
            .collect()
    }

    fn meaning<T: Copy>(&self, key: &str, text: &At<String>, words: &[(&str, T)]) -> Option<T> {
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(*meaning);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let hint = nearest(&text.value, &known);
        let list = known.join(", ");
        self.fault(
            text.at,
            "word-unknown",
            key,
            format!(
                "“{key}”不认识“{}”{}；可用：{list}",
                text.value,
                hint.map(|h| format!("，是不是“{h}”")).unwrap_or_default()
            ),
            format!(
                "`{key}` does not know `{}`{}; it takes {list}",
                text.value,
                hint.map(|h| format!(", did you mean `{h}`?"))
                    .unwrap_or_default()
            ),
        );
        None
    }

    /// A table.
    pub fn table(&self, key: &'static str) -> Option<Fields<'a, 's>> {
        let (value, span) = self.take(key)?;
        match value {
            DeValue::Table(table) => {
                Some(Fields::new(table, span.start, self.source, &self.name(key)))
            }
            other => self.wrong(key, span.start, other, "表", "a table"),
        }
    }

    /// A table or a list of tables; absent is an empty list.
    pub fn tables(&self, key: &'static str) -> Vec<Fields<'a, 's>> {
        let Some((value, span)) = self.take(key) else {
            return Vec::new();
        };
        match value {
            DeValue::Table(table) => {
                vec![Fields::new(table, span.start, self.source, &self.name(key))]
            }
            DeValue::Array(items) => items
                .iter()
                .enumerate()
                .filter_map(|(index, item)| match item.get_ref() {
                    DeValue::Table(table) => {
                        let path = format!("{}[{index}]", self.name(key));
                        Some(Fields::new(table, item.span().start, self.source, &path))
                    }
                    other => self.wrong(key, item.span().start, other, "表", "a table"),
                })
                .collect(),
            other => self
                .wrong(key, span.start, other, "表的列表", "a list of tables")
                .unwrap_or_default(),
        }
    }

    /// The tables inside this one by the names their author gave them, in order of name.
    pub fn named_tables(&self) -> Vec<(At<String>, Fields<'a, 's>)> {
        self.table
            .iter()
            .filter_map(|(key, value)| {
                let name = At {
                    value: key.get_ref().to_string(),
                    at: key.span().start,
                };
                match value.get_ref() {
                    DeValue::Table(table) => {
                        let path = self.name(&name.value);
                        Some((
                            name,
                            Fields::new(table, value.span().start, self.source, &path),
                        ))
                    }
                    other => self.wrong(&name.value, value.span().start, other, "表", "a table"),
                }
            })
            .collect()
    }

    /// The lists of strings inside this table by the names their author gave them.
    pub fn named_strings(&self) -> Vec<(At<String>, Vec<At<String>>)> {
        self.table
            .iter()
            .filter_map(|(key, value)| {
                let name = At {
                    value: key.get_ref().to_string(),
                    at: key.span().start,
                };
                match value.get_ref() {
                    DeValue::String(text) => Some((
                        name,
                        vec![At {
                            value: text.to_string(),
                            at: value.span().start,
                        }],
                    )),
                    DeValue::Array(items) => {
                        let list = items
                            .iter()
                            .filter_map(|item| match item.get_ref() {
                                DeValue::String(text) => Some(At {
                                    value: text.to_string(),
                                    at: item.span().start,
                                }),
                                other => self.wrong(
                                    &name.value,
                                    item.span().start,
                                    other,
                                    "字符串",
                                    "a string",
                                ),
                            })
                            .collect();
                        Some((name, list))
                    }
                    other => self.wrong(
                        &name.value,
                        value.span().start,
                        other,
                        "字符串列表",
                        "a list of strings",
                    ),
                }
            })
            .collect()
    }

    /// The texts inside this table by the names their author gave them; `zh` and `en` say what each must be.
    pub fn named_texts(&self, zh: &str, en: &str) -> Vec<(At<String>, At<String>)> {
        self.named(zh, en, |value| value.as_str().map(str::to_owned))
    }

    fn named<T>(
        &self,
        zh: &str,
        en: &str,
        read: impl Fn(&DeValue<'_>) -> Option<T>,
    ) -> Vec<(At<String>, At<T>)> {
        let mut found = Vec::new();
        for (key, value) in self.table {
            let (name, at) = (key.get_ref().to_string(), value.span().start);
            let read = read(value.get_ref());
            let read = read.or_else(|| self.wrong(&name, at, value.get_ref(), zh, en));
            if let Some(value) = read {
                let key = At {
                    value: name,
                    at: key.span().start,
                };
                found.push((key, At { value, at }));
            }
        }
        found
    }

    /// Reports every field nobody took.
    pub fn finish(self) {
        let taken = self.taken.borrow();
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if taken.contains(name) || self.named.borrow().contains(name) {
                continue;
            }
            let known: Vec<&str> = taken.iter().copied().collect();
            let hint = nearest(name, &known);
            let list = known.join(", ");
            self.fault(
                key.span().start,
                "field-unknown",
                name,
                format!(
                    "不认识的字段“{name}”{}；可用：{list}",
                    hint.map(|h| format!("，是不是“{h}”")).unwrap_or_default()
                ),
                format!(
                    "unknown field `{name}`{}; known are {list}",
                    hint.map(|h| format!(", did you mean `{h}`?"))
                        .unwrap_or_default()
                ),
            );
        }
    }
}

/// `60s`, `5m`, `24h`, `1d`, `500ms` in milliseconds.
pub fn parse_duration(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: i64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim() {
        "ms" => 1,
        "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(unit)
}

/// The known word one or two letters away, if there is one.
pub fn nearest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= 2.min(candidate.chars().count() / 2))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, in code points.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{Fields, Source, distance, parse_duration};

    #[test]
    fn every_mistake_is_at_its_own_place() {
        let text = "a = 1\nb = \"x\"\n[c]\nzh = \"好\"\nmistyped = true\n";
        let source = Source::new("s.toml", text);
        let table = source.parse();
        let fields = Fields::new(&table, 0, &source, "");
        assert_eq!(fields.string("a"), None);
        assert_eq!(fields.number("b"), None);
        assert_eq!(fields.bilingual("c"), None);
        fields.finish();
        let faults: Vec<_> = source
            .into_faults()
            .into_iter()
            .map(|f| (f.line.unwrap_or(0), f.column.unwrap_or(0), f.code))
            .collect();
        assert_eq!(
            faults,
            [
                (1, 5, "field-type".to_owned()),
                (2, 5, "field-type".to_owned()),
                (3, 1, "field-missing".to_owned()),
                (5, 1, "field-unknown".to_owned()),
            ]
        );
    }

    #[test]
    fn broken_toml_is_reported_and_the_rest_is_read() {
        let source = Source::new("s.toml", "a = \nb = 2\n");
        let table = source.parse();
        let fields = Fields::new(&table, 0, &source, "");
        assert_eq!(fields.number("b"), Some(2.0));
        assert!(!source.is_clean());
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration("60s"), Some(60_000));
        assert_eq!(parse_duration("24h"), Some(86_400_000));
        assert_eq!(parse_duration("60"), None);
        assert_eq!(parse_duration("ten"), None);
        assert_eq!(parse_duration("99999999999999999d"), None);
    }

    #[test]
    fn distances() {
        assert_eq!(distance("severty", "severity"), 1);
        assert_eq!(distance("", "ab"), 2);
    }
}
