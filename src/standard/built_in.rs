//! The standards that come with the program, and what they share.

/// Phrases every standard may use.
pub const LEXICONS: &str = include_str!("../../standards/lexicons.toml");
/// Events and stages.
pub const EVENTS: &str = include_str!("../../standards/events.toml");
/// What is observed, whether or not it costs points.
pub const OBSERVATIONS: &str = include_str!("../../standards/observations.toml");
/// Response-time metrics.
pub const METRICS: &str = include_str!("../../standards/metrics.toml");
/// The house clauses.
pub const HOUSE: &str = include_str!("../../standards/house.toml");

/// A standard that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// Its id.
    pub id: &'static str,
    /// Other names it answers to.
    pub aliases: &'static [&'static str],
    /// Its text.
    pub text: &'static str,
}

/// Every built-in standard, in the order in which they are offered.
pub const STANDARDS: &[BuiltIn] = &[
    BuiltIn {
        id: "pinduoduo",
        aliases: &["pdd"],
        text: include_str!("../../standards/pinduoduo.toml"),
    },
    BuiltIn {
        id: "taobao",
        aliases: &[],
        text: include_str!("../../standards/taobao.toml"),
    },
];

/// The built-in standard of this id or alias.
pub fn find(id: &str) -> Option<&'static BuiltIn> {
    STANDARDS
        .iter()
        .find(|standard| standard.id == id || standard.aliases.contains(&id))
}
