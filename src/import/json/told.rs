//! What there is to tell of a JSON text.
//!
//! The thing to get right: what costs a row is counted where it is told, so that neither is forgotten.

use super::Lined;
use crate::diagnostic::Diagnostic;
use crate::import::draft::shorten;
use crate::import::ledger::Ledger;
use crate::import::tree::{Sloppy, Tree};
use crate::sorted;

/// Tells what is sloppy about a text, and was read all the same.
pub(super) fn remark(tree: &Tree<'_>, line: u32, ledger: &mut Ledger) {
    if tree.lone > 0 {
        let count = tree.lone;
        ledger.report(
            Diagnostic::warning(
                "surrogate-lone",
                format!("有 {count} 个字符只剩一半（多为被截断的表情），已显示为 �；其余内容照常读取。"),
                format!("{count} characters are only half there (cut emoji, mostly) and are shown as �; the rest was read."),
            )
            .line(Lined::new(line, tree.text).offset(tree.first_lone)),
        );
    }
    if tree.sloppy.is_empty() {
        return;
    }
    let mut sloppy = tree.sloppy.clone();
    sorted::by_key(&mut sloppy, |remark| remark.1);
    let mut lined = Lined::new(line, tree.text);
    for &(what, at, key) in &sloppy {
        let (code, zh, en) = match what {
            Sloppy::KeyTwice => (
                "json-key-twice",
                "同一个对象里这个字段出现了两次，以最后一个为准；请核对导出程序。",
                "This key stands twice in one object, the last one counts; check what wrote the export.",
            ),
            Sloppy::TooDeep => (
                "json-too-deep",
                "这里嵌套超过 128 层，里面的内容没有读取，其余照常。",
                "This is nested more than 128 deep; what is inside was not read, the rest was.",
            ),
            Sloppy::Loose => (
                "json-loose",
                "这里不合 JSON 规范（NaN，或多了、少了逗号），已照其意思读取；请修正导出程序。",
                "This is not strictly JSON (NaN, or a comma too many or too few); it was read as meant. Mend what wrote the export.",
            ),
        };
        let mut diagnostic = Diagnostic::warning(code, zh, en).line(lined.offset(at));
        if !key.is_empty() {
            diagnostic = diagnostic.field(shorten(key));
        }
        ledger.report(diagnostic);
    }
}

/// An object in which there is nothing.
pub(super) fn nothing(line: u32, ledger: &mut Ledger) {
    ledger.exclude("messages-missing");
    ledger.report(
        Diagnostic::error(
            "messages-missing",
            "这个对象既没有消息列表，也不是一条消息，未计入；请确认含有 messages 数组。",
            "This object has no list of messages and is none itself, it was left out; it needs an array `messages`.",
        )
        .line(line)
        .field("messages"),
    );
}

/// A line that such an export ends with.
pub(super) fn no_data(line: u32, ledger: &mut Ledger) {
    ledger.exclude("not-a-message");
    ledger.report(
        Diagnostic::info(
            "not-a-message",
            "这一行不是消息（此类导出的末行不是数据），未计入。",
            "This line is no message (such exports end with a line that is no data) and was left out.",
        )
        .line(line),
    );
}

/// Counts and tells of what cannot be read.
pub(crate) fn invalid(line: u32, column: Option<usize>, why: &str, ledger: &mut Ledger) {
    ledger.exclude("json-invalid");
    tell_invalid(line, column, why, ledger);
}

pub(super) fn tell_invalid(line: u32, column: Option<usize>, why: &str, ledger: &mut Ledger) {
    let why = if why.is_empty() { "broken" } else { why };
    let mut diagnostic = Diagnostic::error(
        "json-invalid",
        format!("这里不是有效的 JSON 对象（{why}），已跳过，其余照常读取；请重新导出或修正这一处。"),
        format!("This is not a valid JSON object ({why}); it was skipped and the rest was read. Export again or mend it."),
    )
    .line(line);
    if let Some(column) = column.and_then(|column| u32::try_from(column).ok()) {
        diagnostic = diagnostic.column(column);
    }
    ledger.report(diagnostic);
}

pub(super) fn truncated(line: u32, lost: bool, ledger: &mut Ledger) {
    if lost {
        ledger.exclude("json-truncated");
    }
    ledger.report(
        Diagnostic::error(
            "json-truncated",
            "文件在这里中断，不完整；中断之前的完整消息已保留，请重新导出以取得其余部分。",
            "The file breaks off here; the whole messages before are kept. Export it again for the rest.",
        )
        .line(line),
    );
}
