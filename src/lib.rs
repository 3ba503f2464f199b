//! Quality inspection of customer-service conversations.

pub mod diagnostic;
pub mod report;
pub mod span;
pub mod text;
pub mod transcript;
