//! What went wrong or deserves attention, said once for every part of the crate: a stable code, a
//! place, and a sentence in Chinese and in English.

use serde::{Deserialize, Serialize};

/// Words for a person, in the two languages of the reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Bilingual {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// Both wordings.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something could not be read or used.
    Error,
    /// Something was read, but may not mean what it seems to.
    Warning,
    /// Something the reader should know.
    Info,
}

/// One thing to tell about the input, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Diagnostic {
    /// Stable, kebab case; never reworded.
    pub code: String,
    /// How much it matters.
    pub severity: Level,
    /// Name or relative path of the file, as given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
    /// Line in the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u32>,
    /// Column in the line, in code points, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<u32>,
    /// The field, column header or key concerned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// What is the matter, and what to do about it.
    pub message: Bilingual,
}

impl Diagnostic {
    /// A diagnostic without a place yet.
    pub fn new(severity: Level, code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            severity,
            file: None,
            line: None,
            column: None,
            field: None,
            message: Bilingual::new(zh, en),
        }
    }

    /// An error without a place yet.
    pub fn error(code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Level::Error, code, zh, en)
    }

    /// A warning without a place yet.
    pub fn warning(code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Level::Warning, code, zh, en)
    }

    /// A notice without a place yet.
    pub fn info(code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Level::Info, code, zh, en)
    }

    /// In this file.
    #[must_use]
    pub fn file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// At this line, from 1.
    #[must_use]
    pub fn line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// At this column, in code points from 1.
    #[must_use]
    pub fn column(mut self, column: u32) -> Self {
        self.column = Some(column);
        self
    }

    /// About this field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

/// Notes about whole files that are listed one by one for each code; the rest are summed up.
const LISTED: usize = 100;

/// Diagnostics of many files, without the notes that so many of them repeat.
pub fn summed(all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let mut listed = Vec::with_capacity(all.len().min(1 << 12));
    for one in all {
        if one.severity == Level::Info && one.line.is_none() && one.code != "more-like-this" {
            let known = counts.iter().position(|it| it.0 == one.code);
            let at = known.unwrap_or_else(|| {
                counts.push((one.code.clone(), 0));
                counts.len() - 1
            });
            counts[at].1 += 1;
            if counts[at].1 > LISTED {
                continue;
            }
        }
        listed.push(one);
    }
    for (code, count) in counts {
        if let Some(more) = count.checked_sub(LISTED).filter(|more| *more > 0) {
            let told = Diagnostic::info(
                "more-like-this",
                format!("……另有 {more} 个文件有同样的提示（{code}），未逐条列出。"),
                format!("… {more} more files have the same note ({code}); they are not listed."),
            );
            listed.push(told.field(code));
        }
    }
    listed
}
