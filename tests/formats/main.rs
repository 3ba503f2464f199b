//! Exports of every format, in every encoding, whole and damaged.
//!
//! `table` goes through `tests/fixtures/formats`, one folder a format. A folder's `case.toml` says what
//! its files hold; the other modules ask what one file cannot show.

mod convert;
mod encodings;
mod faults_text;
mod json;
mod table;
mod times;
