//! Standards: TOML in, rules ready to judge out.

use crate::diagnostic::Bilingual;
use crate::metric::Metric;
use crate::report::{Band, Dimension, StandardHead};
use crate::rule::Rule;
use crate::rule::scene::Reading;
use crate::text::{Phrases, SetId};

/// A compiled standard.
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
    /// Rules, in the order of the file, the house clauses last.
    pub rules: Vec<Rule>,
    /// Response-time metrics.
    pub metrics: Vec<Metric>,
    /// How any conversation is read.
    pub reading: Reading,
    /// Every phrase.
    pub phrases: Phrases,
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
        }
    }
}
