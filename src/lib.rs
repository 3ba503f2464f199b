//! Quality inspection of customer-service conversations.

pub mod diagnostic;
pub mod import;
pub mod report;
pub mod span;
pub mod transcript;
