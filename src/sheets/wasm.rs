//! The boundary of the second module to JavaScript: glue, no decisions.

use js_sys::{Array, Object, Reflect, Uint8Array, Uint32Array};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::report::{Lang, ReportBook};
use super::{Limits, Opened};
use crate::diagnostic::Diagnostic;
use crate::report::{Conversation, Report};

fn plain(value: &impl Serialize) -> JsValue {
    // These types have nothing that JavaScript cannot hold.
    let serializer = Serializer::json_compatible();
    value.serialize(&serializer).unwrap_or(JsValue::NULL)
}

fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        // Setting a key of a fresh ordinary object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(key), value);
    }
    object.into()
}

/// `{ members: [{ name, bytes, rows }], diagnostics }` of a workbook, an archive or a web page.
#[wasm_bindgen]
pub fn expand(name: &str, bytes: &[u8], password: Option<String>) -> JsValue {
    let limits = Limits::default();
    let Opened {
        members,
        diagnostics,
    } = super::open(name, bytes, password.as_deref(), &limits);
    let found = Array::new();
    for member in members {
        found.push(&object(&[
            ("name", JsValue::from_str(&member.name)),
            ("bytes", Uint8Array::from(member.bytes.as_slice()).into()),
            ("rows", Uint32Array::from(member.rows.as_slice()).into()),
        ]));
    }
    object(&[
        ("members", found.into()),
        ("diagnostics", plain(&diagnostics)),
    ])
}

/// A report on its way into a workbook.
#[wasm_bindgen]
pub struct ReportSheets {
    book: ReportBook,
    frame: Report,
}

fn thrown(told: Diagnostic) -> JsValue {
    let code = told.code.clone();
    object(&[
        ("code", JsValue::from_str(&code)),
        ("diagnostics", plain(&[told])),
    ])
}

fn unreadable(error: &serde_json::Error) -> JsValue {
    thrown(Diagnostic::error(
        "line-invalid",
        format!("这不是报告的内容：{error}"),
        format!("this is no part of a report: {error}"),
    ))
}

#[wasm_bindgen]
impl ReportSheets {
    /// From the report up to its first conversation, and from after its last.
    #[wasm_bindgen(constructor)]
    pub fn new(head: &[u8], tail: &[u8], english: bool) -> Result<ReportSheets, JsValue> {
        let frame: Report =
            serde_json::from_slice(&[head, tail].concat()).map_err(|error| unreadable(&error))?;
        let lang = if english { Lang::En } else { Lang::Zh };
        Ok(Self {
            book: ReportBook::new(frame.standard.clone(), lang),
            frame,
        })
    }

    /// Adds a line of the report.
    pub fn add(&mut self, line: &[u8]) -> Result<(), JsValue> {
        let line: Conversation =
            serde_json::from_slice(line).map_err(|error| unreadable(&error))?;
        self.book.conversation(&line).map_err(|told| thrown(*told))
    }

    /// The workbook.
    pub fn finish(self) -> Result<Vec<u8>, JsValue> {
        let frame = self.frame;
        let book = self.book;
        book.finish(&frame.agents, &frame.accounting, &frame.diagnostics)
            .map_err(|told| thrown(*told))
    }
}
