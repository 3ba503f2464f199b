//! Where faults are: all that the tests of faults make the reader say, counted.
//!
//! What a reader would get wrong: some codes are about all of a file, and have no line; some are about a
//! row, and have no field. They are named here, and everything else has both.

use std::cell::RefCell;
use std::collections::BTreeMap;

use zhijian::diagnostic::Diagnostic;

use crate::{faults_files, faults_text, faults_time};

thread_local! {
    static SEEN: RefCell<Vec<Diagnostic>> = const { RefCell::new(Vec::new()) };
}

/// Remembers what was told, for whoever counts on this thread.
pub fn note(told: &[Diagnostic]) {
    SEEN.with(|seen| seen.borrow_mut().extend_from_slice(told));
}

/// About a file, or about everything in it.
const FILES: &[&str] = &[
    "archive-ratio",
    "conversations-missing",
    "encoding-ambiguous",
    "encoding-detected",
    "file-damaged",
    "file-duplicate",
    "file-empty",
    "file-type-mismatch",
    "more-like-this",
    "timezone-assumed",
    "workbook-empty",
    "workbook-encrypted",
];

/// About a row, or a place in it, whatever its columns are called.
const ROWS: &[&str] = &[
    "csv-header-changed",
    "csv-header-repeated",
    "csv-quote-unterminated",
    "csv-ragged-row",
    "encoding-damaged",
    "encoding-mixed",
    "json-invalid",
    "json-loose",
    "json-too-deep",
    "message-duplicate",
    "role-inferred",
    "surrogate-lone",
];

#[test]
fn every_fault_names_its_file_and_nearly_all_their_line_and_field() {
    for fault in [
        faults_text::e01_mark_at_the_beginning as fn(),
        faults_text::e02_mark_in_the_middle_of_joined_files,
        faults_text::e03_utf16_with_and_without_a_mark,
        faults_text::e04_gbk_and_gb18030,
        faults_text::e05_big5,
        faults_text::e06_gbk_that_is_valid_utf8,
        faults_text::e07_mixed_encodings_in_one_file,
        faults_text::e09_overlong_and_surrogates_in_utf8,
        faults_text::e10_nul_is_kept,
        faults_text::e11_half_a_surrogate_pair_in_json,
        faults_text::e13_invisible_characters_inside_a_phrase,
        faults_text::e14_disguises_lead_back_to_what_is_written,
        faults_text::e15_marks_of_direction_are_kept_and_looked_through,
        faults_text::e17_line_ends_of_every_kind,
        faults_files::e20_empty_file_or_header_only,
        faults_files::e21_wrong_extension,
        faults_files::e22_unterminated_quote,
        faults_files::e23_ragged_rows_and_headers,
        faults_files::e24_other_delimiters,
        faults_files::e25_crafted_workbooks,
        faults_files::e25_bombs_are_refused,
        faults_files::e26_long_ids_are_never_floats,
        faults_files::e27_broken_json,
        faults_time::e32_messages_out_of_order,
        faults_time::e33_messages_twice,
        faults_time::e34_no_time_on_some_rows,
        faults_time::e35_halves_of_the_day,
        faults_time::e36_two_digit_years_and_which_comes_first,
        faults_time::e37_numbers_for_times,
        faults_time::e38_zones_missing_mixed_and_changing,
        faults_time::e39_a_reply_before_its_question,
        faults_time::e40_across_midnight,
        faults_time::e41_seconds_and_minutes,
        faults_time::e42_one_agent_under_two_names_and_a_robot_before,
        faults_time::e42_an_account_with_its_shop_and_without,
    ] {
        fault();
    }
    let seen = SEEN.take();
    let unnamed = seen.iter().filter(|one| one.file.is_none()).count();
    assert_eq!(unnamed, 0, "of {} do not name their file", seen.len());
    let mut without: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let (mut lines, mut fields) = ([0, 0], [0, 0]);
    for one in &seen {
        if FILES.contains(&one.code.as_str()) {
            continue;
        }
        lines[usize::from(one.line.is_some())] += 1;
        if one.line.is_none() {
            *without.entry((one.code.as_str(), "line")).or_default() += 1;
        }
        if !ROWS.contains(&one.code.as_str()) {
            fields[usize::from(one.field.is_some())] += 1;
            if one.field.is_none() {
                *without.entry((one.code.as_str(), "field")).or_default() += 1;
            }
        }
    }
    println!(
        "{} told, all with their file; line: {} of {}; field: {} of {}",
        seen.len(),
        lines[1],
        lines[0] + lines[1],
        fields[1],
        fields[0] + fields[1]
    );
    for [no, yes] in [lines, fields] {
        assert!(yes > 50 && no * 20 <= yes + no, "{without:?}");
    }
}
