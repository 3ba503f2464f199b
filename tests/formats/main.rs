//! Exports of every format, in every encoding, whole and damaged.
//!
//! `table` goes through `tests/fixtures/formats`, one folder a format. A folder's `case.toml` says what
//! its files hold; the other modules ask what one file cannot show.

#![allow(clippy::print_stdout, reason = "seeds and figures")]

mod books;
mod convert;
mod dates;
mod encodings;
mod faults_files;
mod faults_text;
mod faults_time;
mod headers;
mod json;
mod located;
mod mapping;
mod mended;
mod reference;
mod sheets;
mod table;
mod times;
