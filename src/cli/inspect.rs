//! `zhijian inspect`: one file at a time, each conversation written as soon as it is judged where the
//! format allows; nothing is held but the report.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use zhijian::diagnostic::{Diagnostic, Level};
use zhijian::import;
use zhijian::report;
use zhijian::rule::profile::Profile;
use zhijian::score::{self, Critical, Judged};
use zhijian::sheets::{self, report::ReportBook};
use zhijian::span::Unit;
use zhijian::standard::{Standard, built_in, read_profile, read_profile_for};
use zhijian::text::Words;
use zhijian::transcript::Zone;
use zhijian::wire::{self, Advance, Job};

use super::explain::{Form, explain};
use super::files::{self, Content, Copies, Input, unreadable};
use super::words::Lang;
use super::{End, print_diagnostics, records, table};

/// Arguments of `inspect`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// 会话文件或文件夹，- 为标准输入 / files or folders of transcripts, - for stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// 内置标准的代号，或标准文件 / id of a built-in standard, or a file
    #[arg(long, value_name = "ID|FILE.toml")]
    standard: String,
    /// 店铺设置 / what the shop says of itself
    #[arg(long, value_name = "FILE.toml")]
    profile: Option<PathBuf>,
    /// 满意度、花名册、订单、工单、人工评分、指标表（CSV、XLSX），必要时写明是哪张表
    /// / tables of satisfaction, roster, orders, tickets, manual marks, metrics; say which where the header does not
    #[arg(long, value_name = "[TABLE=]FILE", num_args = 1..)]
    records: Vec<String>,
    /// 输出格式 / what to write
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// 位置的计数单位 / the unit of offsets
    #[arg(long, value_enum, default_value_t = Offsets::Utf16)]
    offsets: Offsets,
    /// 致命项何时生效 / when critical findings count in full
    #[arg(long, value_enum, default_value_t = CriticalChoice::Provisional)]
    critical: CriticalChoice,
    /// 任一客服均分低于此数则退出码为 1 / exit with 1 when an agent's mean is below this
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = finite)]
    fail_under: Option<f64>,
    /// 压缩包的密码（七鱼导出：appKey 的前 12 位）/ password of archives (exports of 七鱼: the first 12 characters of the appKey)
    #[arg(long, value_name = "PASSWORD")]
    password: Option<String>,
    /// 写入文件而不是标准输出 / write to a file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// 无时区的时间按此时区，如 +08:00 / the zone of times that state none
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    timezone: Option<String>,
    /// 不写报告，逐会话说明这条规则为什么（没有）命中 / instead of a report, why this rule found what it found, or nothing
    #[arg(long, value_name = "RULE")]
    explain: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Jsonl,
    Csv,
    Xlsx,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Offsets {
    Utf16,
    Codepoint,
    Byte,
    Grapheme,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum CriticalChoice {
    Provisional,
    Applied,
}

/// Inspects files.
pub fn inspect(arguments: &Arguments, lang: Lang) -> io::Result<End> {
    let (standard, profile, options) = match open(arguments) {
        Ok(opened) => opened,
        Err(diagnostics) => {
            print_diagnostics(&mut io::stderr().lock(), &diagnostics, lang)?;
            return Ok(End::Unusable);
        }
    };
    let password = arguments.password.as_deref();
    if let Some(rule) = &arguments.explain {
        let form = match arguments.format {
            Format::Json | Format::Jsonl => Form::Lines,
            Format::Table | Format::Csv | Format::Xlsx => Form::Text,
        };
        let files = (arguments.files.as_slice(), password, &options.import);
        return explain(rule, (standard, profile), files, form, lang);
    }
    let mut job = Job::new(standard, profile, Words::absent(), options);
    if let Err(faults) = records::add(&mut job, &arguments.records, password) {
        print_diagnostics(&mut io::stderr().lock(), &faults, lang)?;
        return Ok(End::Unusable);
    }
    let (inputs, missing) = files::expand(&arguments.files);
    if let Some(fault) = files::written_over(arguments.output.as_deref(), &inputs) {
        print_diagnostics(&mut io::stderr().lock(), &[fault], lang)?;
        return Ok(End::Unusable);
    }
    for diagnostic in missing {
        job.remark(diagnostic);
    }
    let target = match Target::open(arguments.output.as_deref()) {
        Ok(target) => target,
        Err(error) => {
            let fault = cannot_write(arguments.output.as_deref(), &error);
            print_diagnostics(&mut io::stderr().lock(), &[fault], lang)?;
            return Ok(End::Unusable);
        }
    };
    let mut sink = Sink {
        format: arguments.format,
        lang,
        out: target.out,
        line: Vec::new(),
        held: Held::default(),
        book: None,
    };
    let mut copies = Copies::among(&inputs);
    let bar = progress_bar(&inputs);
    sink.begin(&job)?;
    for input in &inputs {
        bar.set_message(super::words::clean(&input.name).into_owned());
        if let Some(first) = copies.of(input) {
            job.remark(sheets::duplicate(&first).file(input.name.as_str()));
            continue;
        }
        let opened = input.open(password).and_then(|content| match content {
            Content::Text(source) => job.add_from(&input.name, source, input.size as usize),
            Content::Members(opened) => {
                for told in opened.diagnostics {
                    job.remark(told);
                }
                for member in opened.members {
                    let options = job.sheet_options(member.rows);
                    job.add_read_as(&member.name, member.bytes, options);
                }
                Ok(())
            }
        });
        if let Err(error) = opened {
            job.remark(unreadable(&input.name, &error));
            continue;
        }
        judge(&mut job, &mut sink, &bar)?;
    }
    bar.finish_and_clear();
    sink.end(&job)?;
    drop(sink);
    Target::finish(target.rename)?;
    let diagnostics = job.diagnostics();
    let nothing = job.accounting().conversations == 0;
    let mut errors = io::stderr().lock();
    if matches!(arguments.format, Format::Table | Format::Csv | Format::Xlsx) {
        print_diagnostics(&mut errors, &diagnostics, lang)?;
    } else if nothing {
        let faults: Vec<Diagnostic> = diagnostics
            .into_iter()
            .filter(|diagnostic| diagnostic.severity == Level::Error)
            .collect();
        print_diagnostics(&mut errors, &faults, lang)?;
    }
    if nothing {
        writeln!(
            errors,
            "{}",
            lang.pick("没有可读的会话", "nothing could be read")
        )?;
        return Ok(End::Unusable);
    }
    gate(&job, arguments.fail_under, &mut errors, lang)
}

/// Whether every agent reaches the limit.
fn gate(job: &Job, limit: Option<f64>, errors: &mut dyn Write, lang: Lang) -> io::Result<End> {
    let Some(limit) = limit else {
        return Ok(End::Done);
    };
    let mut end = End::Done;
    let agents = job.agents();
    // Not assessed is never a pass.
    if agents.iter().all(|agent| agent.score.is_none()) {
        match lang {
            Lang::Zh => writeln!(errors, "没有一位客服能评分，不算达到 {limit}")?,
            Lang::En => writeln!(
                errors,
                "nobody could be scored, which is not reaching {limit}"
            )?,
        }
        end = End::Failed;
    }
    for agent in agents {
        if let Some(score) = agent.score.filter(|score| score.mean < limit) {
            let (name, mean) = (super::words::clean(&agent.agent), score.mean);
            match lang {
                Lang::Zh => writeln!(errors, "{name}：均分 {mean} 低于 {limit}")?,
                Lang::En => writeln!(errors, "{name}: the mean {mean} is below {limit}")?,
            }
            end = End::Failed;
        }
    }
    Ok(end)
}

/// Judges everything that has been added.
fn judge(job: &mut Job, sink: &mut Sink, bar: &ProgressBar) -> io::Result<()> {
    loop {
        match job.advance() {
            Advance::Judged(judged) => {
                sink.conversation(job, judged.view())?;
                bar.set_position(job.bytes_read() as u64);
            }
            // Loading takes longer than many a batch, so it waits until it is needed.
            Advance::NeedsDictionary => job.load_words(Words::bundled()),
            Advance::Done => return Ok(()),
        }
    }
}

/// Everything that can be wrong with the arguments, found before any file is read.
fn open(arguments: &Arguments) -> Result<(Standard, Profile, wire::Options), Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let standard = standard(&arguments.standard)
        .map_err(|diagnostics| faults.extend(diagnostics))
        .ok();
    let profile = match &arguments.profile {
        Some(path) => profile(path, standard.as_ref())
            .map_err(|diagnostics| faults.extend(diagnostics))
            .ok(),
        None => Some(Profile::default()),
    };
    let zone = arguments.timezone.as_ref().map(|name| {
        Zone::named(name).ok_or_else(|| {
            faults.push(Diagnostic::error(
                "timezone-unknown",
                format!("不认识时区“{name}”；请写固定偏移，例如 +08:00"),
                format!("the time zone “{name}” is not known; state a fixed offset such as +08:00"),
            ));
        })
    });
    let (Some(standard), Some(profile), true) = (standard, profile, faults.is_empty()) else {
        return Err(faults);
    };
    let options = wire::Options {
        score: score::Options {
            offsets: match arguments.offsets {
                Offsets::Utf16 => Unit::Utf16,
                Offsets::Codepoint => Unit::Codepoint,
                Offsets::Byte => Unit::Byte,
                Offsets::Grapheme => Unit::Grapheme,
            },
            critical: match arguments.critical {
                CriticalChoice::Provisional => Critical::Provisional,
                CriticalChoice::Applied => Critical::Applied,
            },
        },
        import: import::Options {
            zone: zone.and_then(Result::ok),
            ..import::Options::default()
        },
        ..wire::Options::default()
    };
    Ok((standard, profile, options))
}

fn standard(argument: &str) -> Result<Standard, Vec<Diagnostic>> {
    let path = Path::new(argument);
    if built_in::find(argument).is_some() || (!path.exists() && !argument.ends_with(".toml")) {
        return wire::open_standard(argument, argument, &Words::absent());
    }
    let text = files::text(path, argument)?;
    zhijian::prove::load(&text, argument, &Words::bundled())
}

/// A number that a mean can be compared with; below NaN there is nothing.
fn finite(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err("not a finite number".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn profile(path: &Path, standard: Option<&Standard>) -> Result<Profile, Vec<Diagnostic>> {
    let name = path.to_string_lossy();
    let text = files::text(path, &name)?;
    match standard {
        Some(standard) => read_profile_for(&text, &name, standard),
        None => read_profile(&text, &name),
    }
}

/// Shown on a terminal only.
fn progress_bar(inputs: &[Input]) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(inputs.iter().map(|input| input.size).sum());
    if let Ok(style) =
        ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {eta} {wide_msg}")
    {
        bar.set_style(style);
    }
    bar
}

/// That nothing can be written there.
pub(super) fn cannot_write(output: Option<&Path>, error: &io::Error) -> Diagnostic {
    let name = output.unwrap_or(Path::new("-")).to_string_lossy();
    Diagnostic::error(
        "output-unwritable",
        format!("无法写入：{error}；请检查文件夹是否存在、是否有权限"),
        format!("cannot be written: {error}; check that the folder exists and may be written to"),
    )
    .file(name)
}

/// How much is written at once.
const BUFFER: usize = 1 << 18;

/// Where the report goes. A file gets its name only once it is complete.
pub(super) struct Target {
    pub(super) out: Box<dyn Write>,
    pub(super) rename: Option<(PathBuf, PathBuf)>,
}

impl Target {
    pub(super) fn open(output: Option<&Path>) -> io::Result<Self> {
        let Some(output) = output else {
            return Ok(Self {
                out: Box::new(BufWriter::with_capacity(BUFFER, io::stdout())),
                rename: None,
            });
        };
        let standing = fs::metadata(output).ok();
        if standing.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // A device or a pipe is written to: renaming onto it would put a file in its place.
        if standing.is_some_and(|standing| !standing.is_file()) {
            let file = File::options().write(true).open(output)?;
            return Ok(Self {
                out: Box::new(BufWriter::with_capacity(BUFFER, file)),
                rename: None,
            });
        }
        // A link stays a link: what it points to is replaced.
        let output = fs::canonicalize(output).unwrap_or_else(|_| output.to_owned());
        let mut part = output.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let out = Box::new(BufWriter::with_capacity(BUFFER, File::create(&part)?));
        Ok(Self {
            out,
            rename: Some((part, output)),
        })
    }

    /// Gives what was written its name; whoever wrote it has let go of it.
    pub(super) fn finish(rename: Option<(PathBuf, PathBuf)>) -> io::Result<()> {
        rename.map_or(Ok(()), |(part, output)| fs::rename(part, output))
    }
}

/// Bytes that wait, in blocks: one long list would be copied, and held twice, whenever it grows.
#[derive(Default)]
struct Held {
    blocks: Vec<Vec<u8>>,
}

impl Held {
    const BLOCK: usize = 1 << 20;

    /// Where to append the next.
    fn block(&mut self) -> &mut Vec<u8> {
        let full = |block: &Vec<u8>| block.len() > Self::BLOCK - Self::BLOCK / 16;
        if self.blocks.last().is_none_or(full) {
            self.blocks.push(Vec::with_capacity(Self::BLOCK));
        }
        let last = self.blocks.len() - 1;
        &mut self.blocks[last]
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.blocks
            .iter()
            .try_for_each(|block| out.write_all(block))
    }
}

/// Writes the report as it comes.
struct Sink {
    format: Format,
    lang: Lang,
    out: Box<dyn Write>,
    /// The line under way.
    line: Vec<u8>,
    /// What cannot be written before the end: the accounting of `json` and the agents of `table` come first.
    held: Held,
    book: Option<ReportBook>,
}

fn unwritable(told: &Diagnostic) -> io::Error {
    io::Error::other(told.message.zh.clone())
}

impl Sink {
    fn begin(&mut self, job: &Job) -> io::Result<()> {
        match self.format {
            Format::Jsonl => self.write_line(&job.frame().header()),
            Format::Csv => self.out.write_all(&report::csv_head()),
            Format::Xlsx => {
                let lang = match self.lang {
                    Lang::Zh => sheets::report::Lang::Zh,
                    Lang::En => sheets::report::Lang::En,
                };
                self.book = Some(ReportBook::new(job.standard_head().clone(), lang));
                Ok(())
            }
            Format::Json | Format::Table => Ok(()),
        }
    }

    fn write_line(&mut self, line: &[u8]) -> io::Result<()> {
        self.out.write_all(line)?;
        self.out.write_all(b"\n")
    }

    fn conversation(&mut self, job: &Job, judged: Judged<'_>) -> io::Result<()> {
        match self.format {
            Format::Jsonl => {
                self.line.clear();
                job.line(judged, &mut self.line);
                self.line.push(b'\n');
                self.out.write_all(&self.line)
            }
            Format::Csv => self.out.write_all(&report::csv_table(
                &judged.transcript.id,
                &judged.transcript.file,
                job.findings(judged),
                job.standard_head(),
            )),
            Format::Json => {
                let is_first = self.held.blocks.is_empty();
                let block = self.held.block();
                if !is_first {
                    block.push(b',');
                }
                job.line(judged, block);
                Ok(())
            }
            Format::Table => table::conversation(self.held.block(), job, judged, self.lang),
            Format::Xlsx => {
                self.line.clear();
                job.line(judged, &mut self.line);
                let line = serde_json::from_slice(&self.line)?;
                match &mut self.book {
                    Some(book) => book.conversation(&line).map_err(|told| unwritable(&told)),
                    None => Ok(()),
                }
            }
        }
    }

    fn end(&mut self, job: &Job) -> io::Result<()> {
        match self.format {
            Format::Jsonl => self.write_line(&job.report_trailer())?,
            Format::Csv => {}
            Format::Json => {
                self.out.write_all(&job.report_head())?;
                self.held.write(&mut self.out)?;
                self.out.write_all(&job.report_tail())?;
            }
            Format::Table => {
                table::agents(&mut self.out, &job.agents(), job.standard_head(), self.lang)?;
                self.held.write(&mut self.out)?;
                table::accounting(&mut self.out, &job.accounting(), self.lang)?;
            }
            Format::Xlsx => {
                if let Some(book) = self.book.take() {
                    let whole = book.finish(&job.agents(), &job.accounting(), &job.diagnostics());
                    self.out
                        .write_all(&whole.map_err(|told| unwritable(&told))?)?;
                }
            }
        }
        self.out.flush()
    }
}
