//! The boundary to JavaScript: glue around [`Job`], no decisions.
//!
//! The thing to get right: large things cross as bytes and numbers, copied once. Small ones cross as
//! plain objects. Whatever goes wrong is thrown as a plain object `{ code, diagnostics }`; a thrown
//! `Error` is a defect.

use std::cell::RefCell;
use std::io::{self, Read};

use js_sys::{Float64Array, Function, Reflect, Uint8Array, Uint32Array};
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::cleaned;
use crate::diagnostic::Diagnostic;
use crate::import::{self, Reader, Sizes};
use crate::prove;
use crate::report::csv_head;
use crate::rule::profile::Profile;
use crate::score::{self, Critical, Decision};
use crate::span::Unit;
use crate::standard::{self, read_profile_for};
use crate::text::Words;
use crate::wire::{self, Corrections, Job};

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
    /// Whether this judges for another session, which sums up.
    part: Option<bool>,
    /// Whether this only sums up what others judged.
    sums: Option<bool>,
    /// How much of a file is taken at once after its beginning.
    slice: Option<usize>,
}

thread_local! {
    /// What gives the bytes of the files that are being read, by number.
    static PULLS: RefCell<Vec<(u32, Function)>> = const { RefCell::new(Vec::new()) };
}

/// A file that is read from JavaScript, synchronously: `pull(offset)` gives the bytes from there, as many
/// as it likes, none at the end.
// Readers may be sent to other threads, JavaScript's functions may not; so this holds a number.
struct Pulled {
    number: u32,
    offset: f64,
    bytes: Vec<u8>,
    at: usize,
}

impl Pulled {
    fn new(pull: Function) -> Self {
        let number = PULLS.with_borrow_mut(|pulls| {
            let number = pulls.last().map_or(0, |(last, _)| last.wrapping_add(1));
            pulls.push((number, pull));
            number
        });
        Self {
            number,
            offset: 0.0,
            bytes: Vec::new(),
            at: 0,
        }
    }

    fn pull(&mut self) -> io::Result<()> {
        let pull = PULLS.with_borrow(|pulls| {
            let mut known = pulls.iter();
            known
                .find(|(number, _)| *number == self.number)
                .map(|(_, pull)| pull.clone())
        });
        let pulled = pull
            .ok_or(JsValue::NULL)
            .and_then(|pull| pull.call1(&JsValue::NULL, &self.offset.into()))
            .map_err(|error| io::Error::other(name_of(&error)))?;
        self.bytes = Uint8Array::new(&pulled).to_vec();
        self.at = 0;
        self.offset += self.bytes.len() as f64;
        Ok(())
    }
}

impl Read for Pulled {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.bytes.len() {
            self.pull()?;
        }
        let read = (&self.bytes[self.at..]).read(into)?;
        self.at += read;
        Ok(read)
    }
}

impl Drop for Pulled {
    fn drop(&mut self) {
        PULLS.with_borrow_mut(|pulls| pulls.retain(|(number, _)| *number != self.number));
    }
}

/// `NotReadableError`, and the like.
fn name_of(error: &JsValue) -> String {
    let name = Reflect::get(error, &JsValue::from_str("name")).ok();
    name.and_then(|name| name.as_string())
        .unwrap_or_else(|| "Error".to_owned())
}

fn unreadable(name: &str, error: &io::Error) -> JsValue {
    failure(&[Diagnostic::error(
        "file-unreadable",
        format!("读不出这个文件（{error}）；它可能已被移动、改名或修改，请重新选择"),
        format!("this file cannot be read ({error}); it may have been moved, renamed or changed; choose it again"),
    )
    .file(name)])
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
    /// The file whose transcripts are being written.
    cleaned: Option<Reader>,
}

#[wasm_bindgen]
impl Session {
    /// `{ standard, profile?, offsets?, critical?, part?, sums?, slice? }`; throws `{ code, diagnostics }` with every mistake
    /// of the standard or the profile.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Session, JsValue> {
        let options: SessionOptions = argument(options)?;
        let words = Words::absent();
        let open = match options.sums {
            Some(true) => wire::open_outline,
            _ => wire::open_standard,
        };
        let standard = open(&options.standard, "standard.toml", &words)
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
        let mut sizes = Sizes::default();
        sizes.other = options.slice.unwrap_or(sizes.other);
        let options = wire::Options {
            score,
            part: options.part.unwrap_or_default(),
            sizes,
            ..wire::Options::default()
        };
        Ok(Self {
            job: Job::new(standard, profile, words, options),
            cleaned: None,
        })
    }

    /// Hands in a file.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) {
        self.job.add(name, bytes);
    }

    /// Hands in a file with what somebody knows better about it.
    #[wasm_bindgen(js_name = addCorrected)]
    pub fn add_corrected(
        &mut self,
        name: &str,
        bytes: Vec<u8>,
        corrections: Option<String>,
    ) -> Result<(), JsValue> {
        let options = self.options_of(corrections)?;
        self.job.add_read_as(name, bytes, options);
        Ok(())
    }

    /// Hands in a file of this size that is read while it is judged: `pull(offset)` gives the bytes from
    /// there on.
    #[wasm_bindgen(js_name = addPulled)]
    pub fn add_pulled(
        &mut self,
        name: &str,
        size: f64,
        pull: Function,
        corrections: Option<String>,
    ) -> Result<(), JsValue> {
        let options = self.options_of(corrections)?;
        let source = Box::new(Pulled::new(pull));
        self.job
            .add_from_read_as(name, source, size as usize, options)
            .map_err(|error| unreadable(name, &error))
    }

    /// What became of the file judged last: `{accounting, diagnostics, detection?, table?}` as JSON. It is
    /// forgotten here.
    pub fn outcome(&mut self) -> Vec<u8> {
        self.job.outcome()
    }

    /// Takes over what parts found in the next file: three lists of arrays (rows, labels, tally), an
    /// entry a batch, and the outcome.
    pub fn absorb(
        &mut self,
        rows: Vec<Float64Array>,
        labels: Vec<Uint8Array>,
        tallies: Vec<Uint8Array>,
        outcome: &[u8],
    ) -> Result<(), JsValue> {
        let batches = rows.iter().zip(&labels).zip(&tallies);
        let batches: Vec<_> = batches
            .map(|((rows, labels), tally)| (rows.to_vec(), labels.to_vec(), tally.to_vec()))
            .collect();
        let batches = batches.iter();
        let batches: Vec<_> = batches
            .map(|(rows, labels, tally)| (&rows[..], &labels[..], &tally[..]))
            .collect();
        self.job.absorb(&batches, outcome).map_err(refused)
    }

    /// Adds something to know about the input: a diagnostic as JSON.
    pub fn remark(&mut self, diagnostic: &[u8]) {
        self.job.remark_json(diagnostic);
    }

    /// One conversation of a file, or of the part of it that `pull` gives, as JSON: the one at this place,
    /// or, if that is negative, of this id and so many messages. Nothing when there is none.
    #[allow(clippy::too_many_arguments)] // A call from JavaScript.
    pub fn reread(
        &self,
        name: &str,
        size: f64,
        pull: Function,
        corrections: Option<String>,
        ordinal: i32,
        id: &str,
        messages: usize,
    ) -> Result<Option<Vec<u8>>, JsValue> {
        let reader = self.reader(name, size, pull, corrections)?;
        let ordinal = usize::try_from(ordinal).ok();
        Ok(self.job.reread(reader, ordinal, id, messages))
    }

    /// Begins to write the transcripts of a file, as they are understood; [`Session::cleaned`] gives them.
    pub fn clean(
        &mut self,
        name: &str,
        size: f64,
        pull: Function,
        corrections: Option<String>,
    ) -> Result<(), JsValue> {
        self.cleaned = Some(self.reader(name, size, pull, corrections)?);
        Ok(())
    }

    /// The next lines of the file that is being written, about so many bytes; nothing at its end. Throws
    /// when it could not be read to its end.
    pub fn cleaned(&mut self, most: usize) -> Result<Option<Vec<u8>>, JsValue> {
        let mut out = Vec::new();
        if let Some(reader) = &mut self.cleaned
            && !cleaned::write_some(reader, most.max(1), &mut out)
        {
            let mut told = reader.diagnostics().iter();
            let cut = told.find(|one| one.code == "file-unreadable").cloned();
            self.cleaned = None;
            if let Some(cut) = cut {
                return Err(failure(&[cut]));
            }
        }
        Ok((!out.is_empty()).then_some(out))
    }

    /// The places of the conversations of a file in which these words are said, or which are called so.
    pub fn find(
        &self,
        name: &str,
        size: f64,
        pull: Function,
        corrections: Option<String>,
        words: &str,
    ) -> Result<Vec<u32>, JsValue> {
        let reader = self.reader(name, size, pull, corrections)?;
        Ok(self.job.find(reader, words))
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
            ("places", Float64Array::from(batch.places.as_slice()).into()),
            ("tally", Uint8Array::from(batch.tally.as_slice()).into()),
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

impl Session {
    fn options_of(&self, corrections: Option<String>) -> Result<import::Options, JsValue> {
        let corrections = corrections.map_or(Ok(Corrections::default()), |json| {
            Corrections::from_json(&json)
        });
        let options = corrections.and_then(|corrections| self.job.options_of(corrections));
        options.map_err(refused)
    }

    fn reader(
        &self,
        name: &str,
        size: f64,
        pull: Function,
        corrections: Option<String>,
    ) -> Result<Reader, JsValue> {
        let options = self.options_of(corrections)?;
        wire::reader(name, Box::new(Pulled::new(pull)), size as usize, &options)
            .map_err(|error| unreadable(name, &error))
    }
}

/// SHA-256 of what comes in pieces, to know a file that was handed in twice.
#[wasm_bindgen]
#[derive(Default)]
pub struct Hash(Sha256);

#[wasm_bindgen]
impl Hash {
    /// Of nothing so far.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything; then it begins anew.
    pub fn digest(&mut self) -> Vec<u8> {
        self.0.finalize_reset().to_vec()
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
