//! A batch from files to report, in slices, and the shapes in which results leave Rust.
//!
//! [`Job`] is what the page's worker and the command line both drive, so that their bytes are equal by
//! construction. The thing to get right: a job stops at the first conversation whose rules need the
//! dictionary, and goes on from there once it has arrived. What was judged before is what would have
//! been judged with it, and the order of results is that of the source.

mod corrections;
mod part;

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read};
use std::sync::Arc;

use serde::Serialize;

use crate::cleaned::said;
use crate::diagnostic::{self, Bilingual, Diagnostic};
use crate::import::{self, Begun, Detection, Sizes};
use crate::inspect::{Inspection, Inspector};
use crate::prove;
use crate::records::Table;
use crate::report::{
    self, Accounting, Agent, Band, ClauseHead, Conversation, Dimension, FindingRef, Frame,
    Measured, Review, Severity, StandardHead, csv_rows, json,
};
use crate::rule::Source;
use crate::rule::profile::Profile;
use crate::score::{self, Card, Decision, Judged, Sheet, Tally, Wording};
use crate::sorted;
use crate::standard::{self, Standard, built_in};
use crate::text::Words;
use crate::transcript::Transcript;

pub use corrections::Corrections;
pub use part::reader;

/// Numbers in the row of a conversation.
pub const COLUMNS: usize = 15;

/// What a job does besides judging.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Offsets and critical findings.
    pub score: score::Options,
    /// How files are read.
    pub import: import::Options,
    /// Whether this is a part of a batch, whose figures another job sums up ([`Job::absorb`]).
    pub part: bool,
    /// How much is read at once.
    pub sizes: Sizes,
}

/// How far a job is; every figure is a total so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Whether everything added so far has been judged.
    pub done: bool,
    /// Whether nothing goes on before [`Job::load_dictionary`].
    pub needs_dictionary: bool,
    /// Messages judged.
    pub messages: usize,
    /// Conversations judged.
    pub conversations: usize,
    /// The file under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Bytes read.
    pub bytes_read: usize,
    /// Bytes added.
    pub bytes_total: usize,
}

/// Conversations judged since the last [`Job::take`], packed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Lines of the report, one after another.
    pub lines: Vec<u8>,
    /// Where each ends.
    pub line_ends: Vec<u32>,
    /// Transcripts as JSON objects, one after another.
    pub transcripts: Vec<u8>,
    /// Where each ends.
    pub transcript_ends: Vec<u32>,
    /// `[[id, file, [agent, …], seconds east of UTC], …]` as JSON.
    pub labels: Vec<u8>,
    /// Three numbers a conversation: begin and end of the part of its file from which it can be read
    /// again, and its place in there; -1: it is likely in there, behind the first line end, in rows of
    /// the file's header. NaN: only all of the file will do.
    pub places: Vec<f64>,
    /// Figures for the tally of the job that sums up; only of a part.
    pub tally: Vec<u8>,
    /// [`COLUMNS`] numbers a conversation: messages, findings, critical, major, minor, hint, not
    /// assessed, total and total if confirmed (the lowest of its agents), coverage (likewise), start
    /// and end in milliseconds, first and longest reply in seconds, findings pending. Absent is NaN.
    pub rows: Vec<f64>,
}

/// A conversation after a review.
#[derive(Clone, Debug, PartialEq)]
pub struct Reviewed {
    /// Its line.
    pub line: Vec<u8>,
    /// Its row.
    pub row: [f64; COLUMNS],
}

/// A conversation, and everything the report says of it.
#[derive(Debug)]
pub struct Judgement {
    /// What was said.
    pub transcript: Transcript,
    /// What was found.
    pub inspection: Inspection,
    /// What it costs.
    pub sheet: Sheet,
}

impl Judgement {
    /// All of it.
    pub fn view(&self) -> Judged<'_> {
        Judged {
            transcript: &self.transcript,
            inspection: &self.inspection,
            sheet: &self.sheet,
        }
    }
}

/// What became of one call of [`Job::advance`].
#[derive(Debug)]
pub enum Advance {
    /// A conversation was judged.
    Judged(Box<Judgement>),
    /// The next one cannot be judged without the dictionary.
    NeedsDictionary,
    /// Everything added so far has been judged.
    Done,
}

/// A file that nobody has begun to judge.
enum Waiting {
    Bytes(Vec<u8>, import::Options),
    Reader(Box<import::Reader>),
}

/// Files in, a report out.
pub struct Job {
    inspector: Inspector<'static>,
    wording: Wording,
    profile: Profile,
    options: Options,
    head: StandardHead,
    waiting: VecDeque<(String, Waiting)>,
    reader: Option<(String, import::Reader)>,
    held: Option<Transcript>,
    accounting: Accounting,
    diagnostics: Vec<Diagnostic>,
    /// How the last file was understood.
    detection: Option<Detection>,
    tally: Tally,
    /// First and last moment of each conversation.
    moments: Vec<(f64, f64)>,
    /// The first agent of each conversation, kept while there are tables of records.
    first_agents: BTreeMap<String, String>,
    tables: Vec<TableInfo>,
    messages: usize,
    bytes_behind: usize,
    bytes_total: usize,
    batch: Batch,
}

impl Job {
    /// A job that judges by this standard, for this shop.
    pub fn new(standard: Standard, profile: Profile, words: Words, mut options: Options) -> Self {
        options.import.zone = options.import.zone.or_else(|| profile.zone.clone());
        let head = standard.head();
        Self {
            wording: Wording::new(Card::from(&standard)),
            inspector: Inspector::new(standard, profile.clone(), words),
            profile,
            options,
            head,
            waiting: VecDeque::new(),
            reader: None,
            held: None,
            accounting: Accounting::default(),
            diagnostics: Vec::new(),
            detection: None,
            tally: Tally::default(),
            moments: Vec::new(),
            first_agents: BTreeMap::new(),
            tables: Vec::new(),
            messages: 0,
            bytes_behind: 0,
            bytes_total: 0,
            batch: Batch::default(),
        }
    }

    /// How a sheet is read whose rows have these numbers ([`import::row_of`]).
    pub fn sheet_options(&self, rows: Vec<u32>) -> import::Options {
        import::Options {
            rows: Some(rows.into()),
            ..self.options.import.clone()
        }
    }

    /// Hands in a file; `name` is its name or relative path, as reports are to call it. A table of records
    /// is known by its header, and holds for what is judged from now on.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let options = self.options.import.clone();
        self.add_read_as(name, bytes, options);
    }

    /// [`Job::add`], of a file about which somebody knows better.
    pub fn add_read_as(&mut self, name: &str, bytes: Vec<u8>, options: import::Options) {
        let table = import::table_of(name, &bytes).filter(|_| options.format.is_none());
        if table.is_some() {
            if !self.moments.is_empty() {
                self.diagnostics.push(late(name));
            }
            self.add_records_read_as(name, bytes, table, &options);
            return;
        }
        self.bytes_total = self.bytes_total.saturating_add(bytes.len());
        let waiting = Waiting::Bytes(bytes, options);
        self.waiting.push_back((name.to_owned(), waiting));
    }

    /// Hands in a file that is read while it is judged; `size` is its size as far as known.
    ///
    /// # Errors
    /// When its beginning cannot be read.
    pub fn add_from(
        &mut self,
        name: &str,
        source: Box<dyn Read + Send>,
        size: usize,
    ) -> io::Result<()> {
        let options = self.options.import.clone();
        self.add_from_read_as(name, source, size, options)
    }

    /// [`Job::add_from`], of a file about which somebody knows better.
    ///
    /// # Errors
    /// As [`Job::add_from`].
    pub fn add_from_read_as(
        &mut self,
        name: &str,
        source: Box<dyn Read + Send>,
        size: usize,
        options: import::Options,
    ) -> io::Result<()> {
        match import::read_slices(name, source, size, self.options.sizes, &options)? {
            Begun::Sliced(reader) => {
                self.bytes_total = self.bytes_total.saturating_add(reader.total());
                let waiting = Waiting::Reader(reader);
                self.waiting.push_back((name.to_owned(), waiting));
            }
            Begun::Whole(bytes) => self.add_read_as(name, bytes, options),
        }
        Ok(())
    }

    /// Hands in a table of records, before the conversations it is about; `table` says which it is,
    /// where its header does not.
    pub fn add_records(&mut self, name: &str, bytes: Vec<u8>, table: Option<Table>) {
        let options = self.options.import.clone();
        self.add_records_read_as(name, bytes, table, &options);
    }

    /// [`Job::add_records`], of a file about which somebody knows better.
    pub fn add_records_read_as(
        &mut self,
        name: &str,
        bytes: Vec<u8>,
        table: Option<Table>,
        options: &import::Options,
    ) {
        let size = bytes.len();
        self.bytes_total = self.bytes_total.saturating_add(size);
        self.bytes_behind = self.bytes_behind.saturating_add(size);
        let file = import::read_table(name, bytes, table, options);
        self.accounting.add(&file.accounting);
        self.diagnostics.extend(file.diagnostics);
        if let Some(table) = file.table {
            self.tables.push(TableInfo {
                file: name.to_owned(),
                table: table.word(),
                rows: file.accounting.rows,
                records: file.accounting.records,
            });
            Arc::make_mut(&mut self.profile.records).add(table, file.rows);
            self.inspector
                .set_records(Arc::clone(&self.profile.records));
        }
    }

    /// Judges the next conversation.
    pub fn advance(&mut self) -> Advance {
        let transcript = match self.next_transcript() {
            Some(transcript) => transcript,
            None => return Advance::Done,
        };
        let Some(inspection) = self.inspector.try_inspect(&transcript) else {
            self.held = Some(transcript);
            return Advance::NeedsDictionary;
        };
        let standard = self.inspector.standard();
        let card = Card::from(standard);
        let sheet = Sheet::new(card, &transcript, &inspection, &self.options.score);
        self.moments.push(moments(&transcript));
        self.messages += transcript.messages.len();
        let judgement = Judgement {
            transcript,
            inspection,
            sheet,
        };
        if !self.profile.records.is_empty() {
            let agent = judgement.view().agents().next().unwrap_or_default();
            let id = judgement.transcript.id.clone();
            self.first_agents.insert(id, agent.to_owned());
        }
        let key = self.moments.len() - 1;
        self.tally.add_judged(key, standard, judgement.view());
        Advance::Judged(Box::new(judgement))
    }

    fn next_transcript(&mut self) -> Option<Transcript> {
        if let Some(held) = self.held.take() {
            return Some(held);
        }
        loop {
            if let Some((_, reader)) = &mut self.reader {
                if let Some(mut transcript) = reader.next() {
                    self.profile.name_people(&mut transcript);
                    return Some(transcript);
                }
                self.accounting.add(reader.accounting());
                self.diagnostics.extend_from_slice(reader.diagnostics());
                self.bytes_behind = self.bytes_behind.saturating_add(reader.total());
                self.detection = Some(reader.detection().clone());
                self.reader = None;
            }
            let (name, waiting) = self.waiting.pop_front()?;
            let reader = match waiting {
                Waiting::Bytes(bytes, options) => import::read(&name, bytes, &options),
                Waiting::Reader(reader) => *reader,
            };
            self.reader = Some((name, reader));
        }
    }

    /// Judges conversations until they hold `messages` messages or there is nothing more to do now,
    /// and keeps them for [`Job::take`].
    pub fn step(&mut self, messages: usize) -> Step {
        let enough = self.messages.saturating_add(messages.max(1));
        while self.messages < enough {
            match self.advance() {
                Advance::Judged(judged) => self.pack(judged.view()),
                Advance::NeedsDictionary => return self.progress(false, true),
                Advance::Done => return self.progress(true, false),
            }
        }
        self.progress(false, false)
    }

    /// How far the job is.
    pub fn progress(&self, done: bool, needs_dictionary: bool) -> Step {
        Step {
            done,
            needs_dictionary,
            messages: self.messages,
            conversations: self.moments.len(),
            file: self.reader.as_ref().map(|(name, _)| name.clone()),
            bytes_read: self.bytes_read(),
            bytes_total: self.bytes_total,
        }
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> usize {
        let current = self.reader.as_ref();
        self.bytes_behind + current.map_or(0, |(_, reader)| reader.consumed())
    }

    /// Appends the line of the report about a conversation, without a line feed.
    pub fn line(&self, judged: Judged<'_>, out: &mut Vec<u8>) {
        self.wording.line(judged, out);
    }

    /// The findings of a conversation, in the order of the report.
    pub fn findings<'a>(&'a self, judged: Judged<'a>) -> impl Iterator<Item = FindingRef<'a>> {
        judged.findings(Card::from(self.standard()))
    }

    fn pack(&mut self, judged: Judged<'_>) {
        let batch = &mut self.batch;
        self.wording.line(judged, &mut batch.lines);
        end(&batch.lines, &mut batch.line_ends);
        // Who sums up elsewhere reads the file again when somebody wants to see what was said.
        if !self.options.part {
            write_transcript(judged.transcript, &mut batch.transcripts);
            end(&batch.transcripts, &mut batch.transcript_ends);
        }
        let reader = self.reader.as_ref();
        batch
            .places
            .extend(reader.map_or([f64::NAN; 3], |(_, reader)| part::place(reader)));
        let labels = &mut batch.labels;
        labels.extend_from_slice(if labels.is_empty() { b"[[" } else { b",[" });
        json::string(labels, &judged.transcript.id);
        labels.push(b',');
        json::string(labels, &judged.transcript.file);
        labels.push(b',');
        json::list(labels, judged.agents(), json::string);
        labels.extend_from_slice(format!(",{}]", judged.transcript.zone.offset).as_bytes());
        let mut row = Row::new(
            judged.transcript.messages.len(),
            judged.not_assessed(),
            self.moments.last().copied(),
        );
        for (severity, review) in judged.severities() {
            row.finding(severity, review);
        }
        for (total, if_confirmed, coverage) in judged.totals() {
            row.score(total, if_confirmed, coverage);
        }
        for seen in judged.observations() {
            row.seen(&seen.kind, seen.measured.as_ref());
        }
        batch.rows.extend(row.0);
    }

    /// What [`Job::step`] has judged since the last call.
    pub fn take(&mut self) -> Batch {
        let mut batch = std::mem::take(&mut self.batch);
        if batch.labels.is_empty() {
            batch.labels.push(b'[');
        }
        batch.labels.push(b']');
        if self.options.part {
            batch.tally = self.tally.drain();
        }
        batch
    }

    /// Brings the dictionary.
    ///
    /// # Errors
    /// When it cannot be read; the job is as it was.
    pub fn load_dictionary(&mut self, bytes: &[u8]) -> Result<(), Vec<Diagnostic>> {
        let words = Words::from_dictionary(bytes).map_err(|error| {
            vec![Diagnostic::error(
                "dictionary-invalid",
                error.message.zh,
                error.message.en,
            )]
        })?;
        self.load_words(words);
        Ok(())
    }

    /// Brings the dictionary, already read.
    pub fn load_words(&mut self, words: Words) {
        self.inspector.load_words(words);
    }

    /// Scores a conversation again after a person's decisions. `index` is its place among all, and
    /// `line` what the report says of it now.
    ///
    /// # Errors
    /// When the line is no conversation, or a decision names a finding it has not.
    pub fn review(
        &mut self,
        index: usize,
        line: &[u8],
        decisions: &[Decision],
    ) -> Result<Reviewed, Vec<Diagnostic>> {
        let mut conversation = conversation(line)?;
        score::rescore(self.inspector.standard(), &mut conversation, decisions)?;
        if !self.tally.review(index, &conversation) {
            let count = self.moments.len();
            return Err(vec![Diagnostic::error(
                "conversation-unknown",
                format!("没有第 {index} 个会话（从 0 数起，共 {count} 个）；请重新质检后再复核"),
                format!(
                    "there is no conversation at index {index} ({count} in all); inspect again, then review"
                ),
            )]);
        }
        Ok(Reviewed {
            row: row(&conversation, self.moments.get(index).copied()),
            line: report::line(&conversation),
        })
    }

    /// What became of every row so far.
    pub fn accounting(&self) -> Accounting {
        let mut accounting = self.accounting.clone();
        if let Some((_, reader)) = &self.reader {
            accounting.add(reader.accounting());
        }
        accounting
    }

    /// What to know about the input so far.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let current = self
            .reader
            .iter()
            .flat_map(|(_, reader)| reader.diagnostics());
        let mut all: Vec<Diagnostic> = self.diagnostics.iter().chain(current).cloned().collect();
        all.extend(self.unmatched());
        diagnostic::summed(all)
    }

    /// Tables of which some rows name conversations that were not judged: a wrong id says nothing else.
    fn unmatched(&self) -> impl Iterator<Item = Diagnostic> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        if !self.moments.is_empty() {
            for row in self.profile.records.rows() {
                let named = row.conversation.as_ref();
                if named.is_some_and(|id| !self.first_agents.contains_key(id)) {
                    *counts.entry(&row.file).or_default() += 1;
                }
            }
        }
        counts.into_iter().map(|(file, count)| {
            Diagnostic::info(
                "record-unmatched",
                format!("{count} 行的会话ID不在这批会话里，未用于任何会话；请核对会话ID"),
                format!("{count} rows name conversations that are not among these and were used for none; check the ids"),
            )
            .file(file)
        })
    }

    /// Adds something to know about the input, such as a file that could not be opened.
    pub fn remark(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Every agent so far.
    pub fn agents(&self) -> Vec<Agent> {
        let standard = self.inspector.standard();
        let mut agents = self.tally.agents(standard, &|rule| {
            score::PeriodLimit::of(rule, &self.profile)
        });
        score::bring_in(standard, &self.profile, &self.first_agents, &mut agents);
        agents
    }

    /// Which standard judges.
    pub fn standard(&self) -> &Standard {
        self.inspector.standard()
    }

    /// What reports say of the standard.
    pub fn standard_head(&self) -> &StandardHead {
        &self.head
    }

    /// What the report says before its conversations.
    pub fn frame(&self) -> Frame<'_> {
        Frame {
            offsets: self.options.score.offsets,
            standard: &self.head,
        }
    }

    /// The report up to its first conversation.
    pub fn report_head(&self) -> Vec<u8> {
        self.frame().head(&self.accounting())
    }

    /// The report after its last conversation.
    pub fn report_tail(&self) -> Vec<u8> {
        report::tail(&self.agents(), &self.diagnostics())
    }

    /// The last line of the report's `jsonl` form.
    pub fn report_trailer(&self) -> Vec<u8> {
        report::trailer(&self.accounting(), &self.agents(), &self.diagnostics())
    }

    /// `{accounting, agents, diagnostics, standard, tables?}` as JSON.
    pub fn summary(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Summary<'a> {
            accounting: Accounting,
            agents: Vec<Agent>,
            diagnostics: Vec<Diagnostic>,
            standard: &'a StandardHead,
            #[serde(skip_serializing_if = "<[TableInfo]>::is_empty")]
            tables: &'a [TableInfo],
        }
        to_json(&Summary {
            accounting: self.accounting(),
            agents: self.agents(),
            diagnostics: self.diagnostics(),
            standard: &self.head,
            tables: &self.tables,
        })
    }

    /// The rows of a conversation in the table of findings.
    ///
    /// # Errors
    /// When the line is no conversation.
    pub fn csv(&self, line: &[u8]) -> Result<Vec<u8>, Vec<Diagnostic>> {
        Ok(csv_rows(&conversation(line)?, &self.head))
    }
}

/// A standard by its id or alias, or from its TOML text. A user's standard must come out as its own
/// examples say; `file` names it in diagnostics.
///
/// # Errors
/// Every mistake of the standard, or that there is none of this name.
pub fn open_standard(
    name_or_text: &str,
    file: &str,
    words: &Words,
) -> Result<Standard, Vec<Diagnostic>> {
    let name = name_or_text.trim();
    if let Some(known) = built_in::find(name) {
        return standard::compile_built_in(known);
    }
    // A text has at least a key; an id never has an equals sign.
    if name.contains('=') {
        return prove::load(name_or_text, file, words);
    }
    let ids: Vec<&str> = built_in::STANDARDS
        .iter()
        .map(|standard| standard.id)
        .collect();
    let list = ids.join("、");
    Err(vec![Diagnostic::error(
        "standard-unknown",
        format!("没有名为“{name}”的标准；内置标准：{list}，或给出 TOML 文件"),
        format!(
            "there is no standard named {name}; built in are {}, or give a TOML file",
            ids.join(", ")
        ),
    )])
}

/// [`open_standard`], for a job that only sums up what others judged ([`Job::absorb`]): of a built-in
/// standard everything but what its rules look for.
///
/// # Errors
/// As [`open_standard`].
pub fn open_outline(
    name_or_text: &str,
    file: &str,
    words: &Words,
) -> Result<Standard, Vec<Diagnostic>> {
    match built_in::find(name_or_text.trim()) {
        Some(known) => standard::outline(known),
        None => open_standard(name_or_text, file, words),
    }
}

/// A table that was handed in, for a list of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct TableInfo {
    file: String,
    table: &'static str,
    rows: usize,
    records: usize,
}

/// Which table of records a file is, by its beginning: those must come before the conversations.
pub fn table_of(name: &str, head: &[u8]) -> Option<&'static str> {
    import::table_of(name, head).map(Table::word)
}

/// One rule, for a list of what a standard judges.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleInfo {
    /// `standard/id`.
    pub id: String,
    /// The requirement.
    pub title: Bilingual,
    /// The kind of rule.
    pub kind: String,
    /// Catalogue ids, the main one first.
    pub clauses: Vec<String>,
    /// How grave a breach is.
    pub severity: Severity,
    /// The dimension it counts in.
    pub dimension: String,
    /// Where it comes from.
    pub source: Source,
    /// Fields whose value is ours though the clause is the source's.
    pub ours: Vec<String>,
    /// What would have been right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<Bilingual>,
}

/// A standard, for a list of standards.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StandardInfo {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its name.
    pub title: Bilingual,
    /// Dimensions, in order.
    pub dimensions: Vec<Dimension>,
    /// Bands, best first.
    pub bands: Vec<Band>,
    /// Rules, in order.
    pub rules: Vec<RuleInfo>,
    /// The clauses that they cite, as far as they are in the catalogue.
    pub clauses: Vec<ClauseHead>,
}

impl From<&Standard> for StandardInfo {
    fn from(standard: &Standard) -> Self {
        let rules = standard.rules.iter().map(|rule| RuleInfo {
            id: rule.name.clone(),
            title: rule.common.title.clone(),
            kind: rule.kind.word().to_owned(),
            clauses: rule.common.clauses.clone(),
            severity: rule.common.severity,
            dimension: standard
                .dimensions
                .get(rule.common.dimension)
                .map(|entry| entry.id.clone())
                .unwrap_or_default(),
            source: rule.common.source,
            ours: rule.common.ours.clone(),
            advice: rule.common.advice.clone(),
        });
        Self {
            id: standard.id.clone(),
            version: standard.version.clone(),
            title: standard.title.clone(),
            dimensions: standard.dimensions.clone(),
            bands: standard.bands.clone(),
            rules: sorted::gathered(rules),
            clauses: standard.clauses(),
        }
    }
}

/// Every built-in standard, in the order in which they are offered.
///
/// # Errors
/// The mistakes of the first that has any; the project's tests prove that none has.
pub fn standards() -> Result<Vec<StandardInfo>, Vec<Diagnostic>> {
    built_in::STANDARDS
        .iter()
        .map(|known| standard::outline(known).map(|standard| StandardInfo::from(&standard)))
        .collect()
}

/// A table that came after conversations it may be about.
fn late(name: &str) -> Diagnostic {
    Diagnostic::warning(
        "record-late",
        "这张表在部分会话评过之后才提供，对那些会话不起作用；请与会话一起重新导入，命令行用 --records",
        "this table came after some conversations had been judged and says nothing about those; hand it in together with them, on the command line with --records",
    )
    .file(name)
}

fn conversation(line: &[u8]) -> Result<Conversation, Vec<Diagnostic>> {
    serde_json::from_slice(line).map_err(|error| {
        vec![Diagnostic::error(
            "line-invalid",
            format!("这一行不是报告里的会话：{error}"),
            format!("this line is no conversation of a report: {error}"),
        )]
    })
}

fn end(bytes: &[u8], ends: &mut Vec<u32>) {
    // A batch is taken many times a second; 4 GB of it do not exist.
    ends.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    // Writing to memory cannot fail, and every key of these types is a string.
    serde_json::to_vec(value).expect("plain data becomes JSON")
}

/// First and last moment of a conversation, in milliseconds; NaN without times.
fn moments(transcript: &Transcript) -> (f64, f64) {
    let times = || {
        transcript
            .messages
            .iter()
            .filter_map(|message| message.time)
            .map(|time| time.millis)
    };
    let number = |millis: Option<i64>| millis.map_or(f64::NAN, |millis| millis as f64);
    (number(times().min()), number(times().max()))
}

/// The figures of a conversation, in the order that [`Batch::rows`] states.
struct Row([f64; COLUMNS]);

impl Row {
    fn new(messages: usize, not_assessed: usize, moments: Option<(f64, f64)>) -> Self {
        let (start, end) = moments.unwrap_or((f64::NAN, f64::NAN));
        let (none, unknown) = (f64::NAN, not_assessed as f64);
        Self([
            messages as f64,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            unknown,
            none,
            none,
            none,
            start,
            end,
            none,
            none,
            0.0,
        ])
    }

    fn finding(&mut self, severity: Severity, review: Option<Review>) {
        let column = match severity {
            Severity::Critical => 2,
            Severity::Major => 3,
            Severity::Minor => 4,
            Severity::Hint => 5,
        };
        self.0[1] += 1.0;
        self.0[column] += 1.0;
        self.0[14] += f64::from(u8::from(review == Some(Review::Pending)));
    }

    fn score(&mut self, total: Option<f64>, if_confirmed: Option<f64>, coverage: f64) {
        let columns = [(7, total), (8, if_confirmed), (9, Some(coverage))];
        for (column, value) in columns {
            // What is absent is neither the lowest nor anything else.
            self.0[column] = value.map_or(self.0[column], |value| value.min(self.0[column]));
        }
    }

    fn seen(&mut self, kind: &str, measured: Option<&Measured>) {
        let waited = measured.and_then(|measured| measured.from_first);
        if let Some(waited) = waited.filter(|_| kind == "reply") {
            if self.0[12].is_nan() {
                self.0[12] = waited;
            }
            self.0[13] = waited.max(self.0[13]);
        }
    }
}

/// The figures of a conversation that is a report already.
fn row(conversation: &Conversation, moments: Option<(f64, f64)>) -> [f64; COLUMNS] {
    let mut row = Row::new(
        conversation.messages,
        conversation.not_assessed.len(),
        moments,
    );
    for finding in &conversation.findings {
        row.finding(finding.severity, finding.review);
    }
    for score in &conversation.scores {
        row.score(score.total, score.total_if_confirmed, score.coverage);
    }
    for seen in &conversation.observations {
        row.seen(&seen.kind, seen.measured.as_ref());
    }
    row.0
}

/// A transcript as the page shows it.
fn write_transcript(transcript: &Transcript, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"id\":");
    json::string(out, &transcript.id);
    out.extend_from_slice(b",\"file\":");
    json::string(out, &transcript.file);
    out.extend_from_slice(b",\"timezone\":");
    json::string(out, &transcript.zone.name);
    out.extend_from_slice(b",\"messages\":");
    json::list(out, &transcript.messages, |out, message| {
        out.extend_from_slice(b"{\"position\":");
        json::count(out, message.position);
        said(transcript, message, false, out);
    });
    out.push(b'}');
}
