//! Quality inspection of customer-service conversations.

pub mod diagnostic;
pub mod inspect;
pub mod metric;
pub mod report;
pub mod rule;
pub mod span;
pub mod standard;
pub mod text;
pub mod transcript;
