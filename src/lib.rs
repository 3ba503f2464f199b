//! Quality inspection of customer-service conversations.

pub mod diagnostic;
pub mod import;
pub mod inspect;
pub mod metric;
pub mod report;
pub mod rule;
pub mod score;
pub mod span;
pub mod standard;
pub mod text;
pub mod transcript;
#[cfg(target_arch = "wasm32")]
mod wasm;
pub mod wire;
