//! Tables of records from the arguments: CSV as it is, workbooks and archives opened.
//!
//! The thing to get right: a workbook has many sheets, and the table is the one whose header says so.

use std::fs;
use std::path::Path;

use zhijian::diagnostic::Diagnostic;
use zhijian::import;
use zhijian::records::Table;
use zhijian::sheets::{self, Member, Opened};
use zhijian::wire::Job;

use super::files::{opened, unreadable};

/// Hands in every table; the first that cannot be used ends it.
pub fn add(
    job: &mut Job,
    arguments: &[String],
    password: Option<&str>,
) -> Result<(), Vec<Diagnostic>> {
    for argument in arguments {
        let (table, name) = which(argument);
        let path = Path::new(name);
        let bytes = fs::read(path).map_err(|error| vec![unreadable(name, &error)])?;
        let known = job.diagnostics().len();
        if sheets::is_container(name, &bytes) {
            let mut opened = opened(name, &bytes, password);
            let diagnostics = std::mem::take(&mut opened.diagnostics);
            let Some(member) = table_in(opened, table) else {
                return Err(diagnostics);
            };
            for told in diagnostics {
                // What is wrong with another sheet is not wrong with this one.
                if told
                    .file
                    .as_ref()
                    .is_none_or(|file| *file == member.name || file == name)
                {
                    job.remark(told);
                }
            }
            let options = job.sheet_options(member.rows);
            job.add_records_read_as(&member.name, member.bytes, table, &options);
        } else {
            job.add_records(name, bytes, table);
        }
        // Judging without a table that was asked for would pass in silence.
        let faults: Vec<Diagnostic> = job.diagnostics().split_off(known);
        let unusable = |fault: &&Diagnostic| fault.severity == zhijian::diagnostic::Level::Error;
        if faults.iter().any(|fault| unusable(&fault)) {
            return Err(faults);
        }
    }
    Ok(())
}

/// `manual=marks.csv` is the table of manual marks; a file of that very name is a file.
fn which(argument: &str) -> (Option<Table>, &str) {
    let named = argument.split_once('=').and_then(|(word, file)| {
        let table = Table::WORDS.iter().find(|(known, _)| *known == word)?.1;
        Some((Some(table), file))
    });
    named
        .filter(|_| !Path::new(argument).exists())
        .unwrap_or((None, argument))
}

/// The first sheet, or file of an archive, that is a table of records; else the first of all.
fn table_in(opened: Opened, table: Option<Table>) -> Option<Member> {
    let is_it = |member: &Member| {
        import::table_of(&member.name, &member.bytes)
            .is_some_and(|found| table.is_none_or(|table| table == found))
    };
    let mut members = opened.members;
    let found = members.iter().position(is_it).unwrap_or(0);
    (found < members.len()).then(|| members.swap_remove(found))
}
