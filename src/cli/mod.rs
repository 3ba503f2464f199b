//! Arguments, language and exit codes: 0 done, 1 a gate failed, 2 wrong arguments or nothing readable.

mod convert;
mod coverage;
mod explain;
mod files;
mod inspect;
mod records;
mod standards;
mod table;
mod words;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use zhijian::diagnostic::{Bilingual, Diagnostic, Level};

use words::{Lang, clean};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Done,
    /// A gate failed: an agent below the limit, a standard with mistakes.
    Failed,
    /// Wrong arguments, or nothing could be read.
    Unusable,
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        Self::from(match end {
            End::Done => 0,
            End::Failed => 1,
            End::Unusable => 2,
        })
    }
}

/// 质检客服会话：逐条依据标准，扣分可追溯。
/// Quality inspection of customer-service conversations.
#[derive(Debug, Parser)]
#[command(name = "zhijian", version, about, long_about = None)]
struct Arguments {
    /// 输出语言，默认随系统 / language of what is printed; default: the locale's
    #[arg(long, global = true, value_enum)]
    lang: Option<Choice>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Choice {
    Zh,
    En,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 按标准质检会话文件 / inspect transcripts by a standard
    Inspect(inspect::Arguments),
    /// 读懂各种导出并写成会话 JSONL，或只报告读得如何 / read exports and write their transcripts, or only say how they are read
    Convert(convert::Arguments),
    /// 列出内置标准 / list the built-in standards
    Standards,
    /// 检查标准文件，列出全部错误及行列 / check a standard, naming every mistake with line and column
    Check(standards::CheckArguments),
    /// 逐条列出来源条款由什么回答 / how every clause of the sources is answered
    Coverage(coverage::Arguments),
}

/// Runs a command and says how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to stdout and are no failure.
            let is_asked = !error.use_stderr();
            let _ = error.print();
            return if is_asked {
                End::Done.into()
            } else {
                End::Unusable.into()
            };
        }
    };
    let lang = match arguments.lang {
        Some(Choice::Zh) => Lang::Zh,
        Some(Choice::En) => Lang::En,
        None => Lang::of_locale(),
    };
    let end = match &arguments.command {
        Command::Inspect(arguments) => inspect::inspect(arguments, lang),
        Command::Convert(arguments) => convert::convert(arguments, lang),
        Command::Standards => standards::list(lang),
        Command::Check(arguments) => standards::check(arguments, lang),
        Command::Coverage(arguments) => coverage::coverage(arguments, lang),
    };
    match end {
        Ok(end) => end.into(),
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => End::Done.into(),
        Err(error) => {
            let message = Bilingual::new(
                format!("写出失败：{error}"),
                format!("cannot write: {error}"),
            );
            let _ = writeln!(io::stderr(), "{}", lang.of(&message));
            End::Unusable.into()
        }
    }
}

/// Prints diagnostics, one a line: place, how bad, what, code.
fn print_diagnostics(
    out: &mut dyn Write,
    diagnostics: &[Diagnostic],
    lang: Lang,
) -> io::Result<()> {
    for diagnostic in diagnostics {
        let mut place = clean(diagnostic.file.as_deref().unwrap_or_default()).into_owned();
        for number in [diagnostic.line, diagnostic.column].into_iter().flatten() {
            place.push_str(&format!(":{number}"));
        }
        if !place.is_empty() {
            place.push_str(": ");
        }
        let level = lang.of(&match diagnostic.severity {
            Level::Error => Bilingual::new("错误", "error"),
            Level::Warning => Bilingual::new("警告", "warning"),
            Level::Info => Bilingual::new("提示", "note"),
        });
        let field = diagnostic
            .field
            .as_ref()
            .map(|field| format!("{}: ", clean(field)))
            .unwrap_or_default();
        let message = lang.pick(&diagnostic.message.zh, &diagnostic.message.en);
        let message = clean(message);
        writeln!(out, "{place}{level}[{}]: {field}{message}", diagnostic.code)?;
    }
    Ok(())
}
