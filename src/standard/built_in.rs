//! The standards that come with the program, and what they share.
//!
//! The thing to get right: the texts are part of a native program (feature `bundled`), but not of the
//! module that a browser downloads. There they are one asset beside it, handed over once with
//! [`supply`] before anything is compiled.

use std::sync::OnceLock;

use crate::diagnostic::{Bilingual, Diagnostic};

/// A standard that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// Its id.
    pub id: &'static str,
    /// Other names it answers to.
    pub aliases: &'static [&'static str],
}

/// Every built-in standard, in the order in which they are offered.
pub const STANDARDS: &[BuiltIn] = &[
    BuiltIn {
        id: "pinduoduo",
        aliases: &["pdd"],
    },
    BuiltIn {
        id: "tmall",
        aliases: &[],
    },
    BuiltIn {
        id: "franchise",
        aliases: &[],
    },
    BuiltIn {
        id: "ecommerce-supervisor",
        aliases: &["supervisor"],
    },
    BuiltIn {
        id: "taobao",
        aliases: &[],
    },
];

/// What every standard shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// Phrases every standard may use.
    Lexicons,
    /// Events and stages.
    Events,
    /// What is observed, whether or not it costs points.
    Observations,
    /// Response-time metrics.
    Metrics,
    /// The house clauses.
    House,
}

impl Shared {
    /// The file it is in.
    pub fn file(self) -> &'static str {
        match self {
            Self::Lexicons => "lexicons.toml",
            Self::Events => "events.toml",
            Self::Observations => "observations.toml",
            Self::Metrics => "metrics.toml",
            Self::House => "house.toml",
        }
    }

    /// Its text; empty when the texts were not handed over.
    pub fn text(self) -> &'static str {
        text(self.file())
    }
}

/// The built-in standard of this id or alias.
pub fn find(id: &str) -> Option<&'static BuiltIn> {
    STANDARDS
        .iter()
        .find(|standard| standard.id == id || standard.aliases.contains(&id))
}

impl BuiltIn {
    /// The file it is in.
    pub fn file(&self) -> String {
        format!("{}.toml", self.id)
    }

    /// Its text; empty when the texts were not handed over.
    pub fn text(&self) -> &'static str {
        text(&self.file())
    }
}

/// What a clause of a source asks, in our words.
pub fn clause(id: &str) -> Option<Bilingual> {
    // One clause a line, so that nothing has to be kept: `"PDD-010": ["…", "…"],`.
    let line = text("clauses.json").lines().find(|line| {
        let rest = line
            .strip_prefix('"')
            .and_then(|rest| rest.strip_prefix(id));
        rest.is_some_and(|rest| rest.starts_with('"'))
    })?;
    let (_, words) = line.split_once(": ")?;
    let words: Vec<String> = serde_json::from_str(words.trim_end_matches(',')).ok()?;
    let [zh, en] = words.try_into().ok()?;
    Some(Bilingual { zh, en })
}

static SUPPLIED: OnceLock<Vec<(String, String)>> = OnceLock::new();

/// Hands over the texts, as the JSON object that the build makes of the folder `standards`: file name
/// to text. Only the first call counts; where the texts are part of the program none is needed.
///
/// # Errors
/// When the bytes are no such object.
pub fn supply(json: &[u8]) -> Result<(), Vec<Diagnostic>> {
    let texts: std::collections::BTreeMap<String, String> =
        serde_json::from_slice(json).map_err(|error| {
            vec![Diagnostic::error(
                "standards-invalid",
                format!("内置标准的文件读不懂：{error}"),
                format!("the built-in standards cannot be read: {error}"),
            )]
        })?;
    // A second call hands over the same build's texts; there is nothing to replace.
    let _ = SUPPLIED.set(texts.into_iter().collect());
    Ok(())
}

fn text(file: &str) -> &'static str {
    if let Some(text) = bundled(file) {
        return text;
    }
    SUPPLIED
        .get()
        .and_then(|texts| texts.iter().find(|(name, _)| name == file))
        .map_or("", |(_, text)| text.as_str())
}

#[cfg(feature = "bundled")]
fn bundled(file: &str) -> Option<&'static str> {
    let text = match file {
        "clauses.json" => include_str!("../../standards/clauses.json"),
        "lexicons.toml" => include_str!("../../standards/lexicons.toml"),
        "events.toml" => include_str!("../../standards/events.toml"),
        "observations.toml" => include_str!("../../standards/observations.toml"),
        "metrics.toml" => include_str!("../../standards/metrics.toml"),
        "house.toml" => include_str!("../../standards/house.toml"),
        "franchise.toml" => include_str!("../../standards/franchise.toml"),
        "pinduoduo.toml" => include_str!("../../standards/pinduoduo.toml"),
        "tmall.toml" => include_str!("../../standards/tmall.toml"),
        "taobao.toml" => include_str!("../../standards/taobao.toml"),
        "ecommerce-supervisor.toml" => {
            include_str!("../../standards/ecommerce-supervisor.toml")
        }
        _ => return None,
    };
    Some(text)
}

#[cfg(not(feature = "bundled"))]
fn bundled(_file: &str) -> Option<&'static str> {
    None
}
