//! Standards: TOML in, rules ready to judge out.
//!
//! [`compile`] reads a file as far as it goes and reports every mistake with its line and column. The
//! examples that the rules carry are run by [`crate::prove`].

pub mod built_in;
#[cfg(feature = "bundled")]
pub mod catalogue;

mod metrics;
mod name;
mod profile;
mod read;

use sha2::{Digest, Sha256};

use crate::diagnostic::Bilingual;
use crate::metric::Metric;
use crate::report::{Band, ClauseHead, Dimension, RuleHead, StandardHead};
use crate::rule::condition::By;
use crate::rule::scene::Reading;
use crate::rule::{Guards, Rule};
use crate::text::{Phrases, SetId};

pub use name::Name;
pub use profile::{read_profile, read_profile_for};
pub use read::{compile, compile_built_in, compile_rules, outline};

/// A compiled standard.
#[derive(Debug)]
pub struct Standard {
    /// Its id.
    pub id: String,
    /// Other names it answers to.
    pub aliases: Vec<String>,
    /// Its version.
    pub version: String,
    /// Its name.
    pub title: Bilingual,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// Dimensions, in order.
    pub dimensions: Vec<Dimension>,
    /// Bands, best first.
    pub bands: Vec<Band>,
    /// Rules, in the order of the kinds and then of the file, the house clauses last.
    pub rules: Vec<Rule>,
    /// The response-time figures of the report, and those that rules limit.
    pub metrics: Vec<Metric>,
    /// What is observed.
    pub observers: Vec<Observer>,
    /// How any conversation is read.
    pub reading: Reading,
    /// Every phrase.
    pub phrases: Phrases,
}

/// Where an observation may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In an agent's first turn of a session.
    Opening,
    /// In the last three agent messages of a session.
    Closing,
    /// Anywhere.
    Anywhere,
    /// In the agent messages that follow an escalation trigger.
    AfterTrigger,
}

/// One sort of observation.
#[derive(Clone, Debug)]
pub struct Observer {
    /// The kind of observation.
    pub kind: Name,
    /// Which sort.
    pub label: Option<Name>,
    /// Whose messages.
    pub role: By,
    /// Where.
    pub place: Place,
    /// Phrases.
    pub any: Option<SetId>,
    /// Phrases that count only when they are all that is said in the message.
    pub whole_turn: Option<SetId>,
    /// Whether hits must stand on word boundaries.
    pub boundary: bool,
    /// Which meaning guards apply.
    pub guards: Guards,
}

impl Standard {
    /// What a report says of the standard.
    pub fn head(&self) -> StandardHead {
        StandardHead {
            id: self.id.clone(),
            version: self.version.clone(),
            sha256: self.sha256.clone(),
            dimensions: self.dimensions.clone(),
            bands: self.bands.clone(),
            rules: self
                .rules
                .iter()
                .map(|rule| RuleHead {
                    id: rule.name.clone(),
                    title: rule.common.title.clone(),
                    clauses: rule.common.clauses.clone(),
                    source: rule.common.source,
                    ours: rule.common.ours.clone(),
                })
                .collect(),
            clauses: self.clauses(),
        }
    }

    /// The clauses that its rules cite, as far as they are in the catalogue.
    pub fn clauses(&self) -> Vec<ClauseHead> {
        let mut out: Vec<ClauseHead> = Vec::new();
        for id in self.rules.iter().flat_map(|rule| &rule.common.clauses) {
            if !out.iter().any(|known| known.id == *id)
                && let Some(title) = built_in::clause(id)
            {
                let id = id.clone();
                out.push(ClauseHead { id, title });
            }
        }
        out
    }
}

/// SHA-256 of a text, in lower-case hexadecimal.
pub fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
