//! The boundary to JavaScript: glue around [`Job`], no decisions.
//!
//! The thing to get right: large things cross as bytes and numbers, copied once. Small ones cross as
//! plain objects. Whatever goes wrong is thrown as a plain object `{ code, diagnostics }`; a thrown
//! `Error` is a defect.

use js_sys::{Float64Array, Uint8Array, Uint32Array};
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::diagnostic::Diagnostic;
use crate::prove;
use crate::report::csv_head;
use crate::rule::profile::Profile;
use crate::score::{self, Critical, Decision};
use crate::span::Unit;
use crate::standard::{self, read_profile_for};
use crate::text::Words;
use crate::wire::{self, Job};

/// What is thrown.
#[derive(Serialize)]
struct Failure<'a> {
    code: &'a str,
    diagnostics: &'a [Diagnostic],
}

fn object(value: &impl Serialize) -> JsValue {
    // These types have nothing that JavaScript cannot hold.
    value
        .serialize(&Serializer::json_compatible())
        .unwrap_or(JsValue::NULL)
}

fn failure(diagnostics: &[Diagnostic]) -> JsValue {
    let code = diagnostics
        .first()
        .map_or("internal", |diagnostic| diagnostic.code.as_str());
    object(&Failure { code, diagnostics })
}

fn refused(diagnostics: Vec<Diagnostic>) -> JsValue {
    failure(&diagnostics)
}

fn argument<T: for<'de> Deserialize<'de>>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        failure(&[Diagnostic::error(
            "arguments-invalid",
            format!("参数有误：{error}"),
            format!("wrong arguments: {error}"),
        )])
    })
}

#[derive(Deserialize)]
struct SessionOptions {
    standard: String,
    profile: Option<String>,
    offsets: Option<Unit>,
    critical: Option<Critical>,
}

/// Hands over the built-in standards, the asset that lies beside the module; before anything else.
#[wasm_bindgen(js_name = supplyStandards)]
pub fn supply_standards(json: &[u8]) -> Result<(), JsValue> {
    standard::built_in::supply(json).map_err(refused)
}

/// A batch of files under one standard.
#[wasm_bindgen]
pub struct Session {
    job: Job,
}

#[wasm_bindgen]
impl Session {
    /// `{ standard, profile?, offsets?, critical? }`; throws `{ code, diagnostics }` with every mistake
    /// of the standard or the profile.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Session, JsValue> {
        let options: SessionOptions = argument(options)?;
        let words = Words::absent();
        let standard = wire::open_standard(&options.standard, "standard.toml", &words)
            .map_err(|diagnostics| failure(&diagnostics))?;
        let profile = match &options.profile {
            Some(text) => read_profile_for(text, "profile.toml", &standard)
                .map_err(|diagnostics| failure(&diagnostics))?,
            None => Profile::default(),
        };
        let score = score::Options {
            offsets: options.offsets.unwrap_or_default(),
            critical: options.critical.unwrap_or_default(),
        };
        let options = wire::Options {
            score,
            ..wire::Options::default()
        };
        Ok(Self {
            job: Job::new(standard, profile, words, options),
        })
    }

    /// Hands in a file.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) {
        self.job.add(name, bytes);
    }

    /// Judges conversations until they hold so many messages.
    pub fn step(&mut self, messages: usize) -> JsValue {
        object(&self.job.step(messages))
    }

    /// What was judged since the last call.
    pub fn take(&mut self) -> JsValue {
        let batch = self.job.take();
        packed(&[
            ("lines", Uint8Array::from(batch.lines.as_slice()).into()),
            (
                "lineEnds",
                Uint32Array::from(batch.line_ends.as_slice()).into(),
            ),
            (
                "transcripts",
                Uint8Array::from(batch.transcripts.as_slice()).into(),
            ),
            (
                "transcriptEnds",
                Uint32Array::from(batch.transcript_ends.as_slice()).into(),
            ),
            ("labels", Uint8Array::from(batch.labels.as_slice()).into()),
            ("rows", Float64Array::from(batch.rows.as_slice()).into()),
        ])
    }

    /// Brings the dictionary.
    #[wasm_bindgen(js_name = loadDictionary)]
    pub fn load_dictionary(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        self.job.load_dictionary(bytes).map_err(refused)
    }

    /// Scores a conversation again: `{ line, row }`.
    pub fn review(
        &mut self,
        index: usize,
        line: &[u8],
        decisions: JsValue,
    ) -> Result<JsValue, JsValue> {
        let decisions: Vec<Decision> = argument(decisions)?;
        let reviewed = self.job.review(index, line, &decisions).map_err(refused)?;
        Ok(packed(&[
            ("line", Uint8Array::from(reviewed.line.as_slice()).into()),
            ("row", Float64Array::from(reviewed.row.as_slice()).into()),
        ]))
    }

    /// `{accounting, agents, diagnostics, standard}` as JSON.
    pub fn summary(&self) -> Vec<u8> {
        self.job.summary()
    }

    /// The report up to its first conversation.
    pub fn head(&self) -> Vec<u8> {
        self.job.report_head()
    }

    /// The report after its last conversation.
    pub fn tail(&self) -> Vec<u8> {
        self.job.report_tail()
    }

    /// The head of the table of findings.
    #[wasm_bindgen(js_name = csvHead)]
    pub fn csv_head(&self) -> Vec<u8> {
        csv_head()
    }

    /// The rows of one conversation in the table of findings.
    pub fn csv(&self, line: &[u8]) -> Result<Vec<u8>, JsValue> {
        self.job.csv(line).map_err(refused)
    }
}

/// An object of typed arrays.
fn packed(entries: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (key, value) in entries {
        // Setting a key of a fresh ordinary object cannot fail.
        let _ = js_sys::Reflect::set(&object, &JsValue::from_str(key), value);
    }
    object.into()
}

/// Every built-in standard with its rules.
#[wasm_bindgen]
pub fn standards() -> Result<JsValue, JsValue> {
    wire::standards()
        .map(|all| object(&all))
        .map_err(|diagnostics| failure(&diagnostics))
}

/// Every mistake of a standard: `{ diagnostics }`.
#[wasm_bindgen]
pub fn check(toml: &str, file: Option<String>) -> JsValue {
    #[derive(Serialize)]
    struct Checked {
        diagnostics: Vec<Diagnostic>,
    }
    let file = file.as_deref().unwrap_or("standard.toml");
    let diagnostics = prove::load(toml, file, &Words::absent())
        .err()
        .unwrap_or_default();
    object(&Checked { diagnostics })
}

/// Which table of records a file is, by its first bytes; nothing for transcripts.
#[wasm_bindgen(js_name = tableOf)]
pub fn table_of(name: &str, head: &[u8]) -> Option<String> {
    wire::table_of(name, head).map(str::to_owned)
}

/// The program's version.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
