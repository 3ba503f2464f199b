//! `zhijian convert`: exports in, transcripts out, one a line; or, with `--check`, how each file is
//! understood and what became of every row of it.
//!
//! The thing to get right: `--check` reads everything just as `convert` does, so that what it says is
//! what would be written.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use zhijian::cleaned;
use zhijian::diagnostic::{self, Bilingual, Diagnostic, Level};
use zhijian::import::{self, Begun, Detection, Reader, formats};
use zhijian::report::Accounting;
use zhijian::sheets;
use zhijian::transcript::Role;
use zhijian::wire::Corrections;

use super::files::{self, Content, Input, unreadable};
use super::inspect::{Target, cannot_write};
use super::words::{Lang, clean};
use super::{End, print_diagnostics};

/// Arguments of `convert`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// 会话文件或文件夹，- 为标准输入 / files or folders of transcripts, - for stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// 不写会话，只报告每个文件如何读取、每一行的下落 / write nothing; say how each file is read and what became of its rows
    #[arg(long, conflicts_with = "output")]
    check: bool,
    /// 写入文件而不是标准输出 / write to a file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// 编码，如 GB18030 / the encoding, instead of detecting it
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// 格式代号，如 csv / the id of the format, instead of detecting it
    #[arg(long, value_name = "ID")]
    format: Option<String>,
    /// 列的含义，如 说了啥=text，等号后留空表示不用 / what columns hold; nothing after the sign: of no use
    #[arg(long, value_name = "NAME=MEANING", value_delimiter = ',')]
    columns: Vec<String>,
    /// 发送者的角色，如 小迪=agent / the roles of senders: customer, agent, bot, system, supervisor
    #[arg(long, value_name = "SENDER=ROLE", value_delimiter = ',')]
    roles: Vec<String>,
    /// 只有时刻的文件是哪一天 / the day of a file that gives times of day only
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
    /// 1/2 是二月一日 / 1/2 is the first of February
    #[arg(long, conflicts_with = "month_first")]
    day_first: bool,
    /// 1/2 是一月二日 / 1/2 is the second of January
    #[arg(long)]
    month_first: bool,
    /// 无时区的时间按此时区，如 +08:00 / the zone of times that state none
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    timezone: Option<String>,
    /// 压缩包的密码 / password of archives
    #[arg(long, value_name = "PASSWORD")]
    password: Option<String>,
}

/// How much is held before it is written.
const HELD: usize = 1 << 16;

/// Reads files, and writes their transcripts or says how they are read.
pub fn convert(arguments: &Arguments, lang: Lang) -> io::Result<End> {
    let options = match options(arguments) {
        Ok(options) => options,
        Err(faults) => {
            print_diagnostics(&mut io::stderr().lock(), &faults, lang)?;
            return Ok(End::Unusable);
        }
    };
    let (inputs, missing) = files::expand(&arguments.files);
    if let Some(fault) = files::written_over(arguments.output.as_deref(), &inputs) {
        print_diagnostics(&mut io::stderr().lock(), &[fault], lang)?;
        return Ok(End::Unusable);
    }
    let mut target = match Target::open(arguments.output.as_deref()) {
        Ok(target) => target,
        Err(error) => {
            let fault = cannot_write(arguments.output.as_deref(), &error);
            print_diagnostics(&mut io::stderr().lock(), &[fault], lang)?;
            return Ok(End::Unusable);
        }
    };
    let mut told = missing.clone();
    let mut all = Accounting::default();
    let mut copies = files::Copies::among(&inputs);
    for input in &inputs {
        if let Some(first) = copies.of(input) {
            let copy = sheets::duplicate(&first).file(input.name.as_str());
            if arguments.check {
                writeln!(target.out, "{}", clean(&input.name))?;
                print_diagnostics(&mut target.out, std::slice::from_ref(&copy), lang)?;
            }
            told.push(copy);
            continue;
        }
        let read = one(input, arguments, &options, &mut *target.out, lang);
        let (accounting, diagnostics) = match read? {
            Ok(read) => read,
            Err(fault) => (Accounting::default(), vec![fault]),
        };
        all.add(&accounting);
        if arguments.check {
            print_diagnostics(&mut target.out, &diagnostics, lang)?;
        }
        told.extend(diagnostics);
    }
    if arguments.check && inputs.len() > 1 {
        let files = inputs.len();
        let head = match lang {
            Lang::Zh => format!("合计：{files} 个文件"),
            Lang::En => format!("in all: {files} files"),
        };
        writeln!(target.out, "{head}")?;
        figures(&mut *target.out, &all, lang)?;
    }
    target.out.flush()?;
    drop(target.out);
    Target::finish(target.rename)?;
    let mut errors = io::stderr().lock();
    if !arguments.check {
        print_diagnostics(&mut errors, &diagnostic::summed(told.clone()), lang)?;
    } else {
        // What the files themselves say stands with them.
        print_diagnostics(&mut errors, &missing, lang)?;
    }
    if all.conversations == 0 && all.records == 0 {
        let nothing = lang.pick("没有可读的会话", "nothing could be read");
        writeln!(errors, "{nothing}")?;
        return Ok(End::Unusable);
    }
    let failed = told.iter().any(|one| one.severity == Level::Error);
    Ok(if failed || (arguments.check && all.excluded_rows() > 0) {
        End::Failed
    } else {
        End::Done
    })
}

/// What became of a file, or of everything in it.
type Read = (Accounting, Vec<Diagnostic>);

/// Reads one file, or what is in it; the inner error is one that it cannot be opened.
fn one(
    input: &Input,
    arguments: &Arguments,
    options: &import::Options,
    out: &mut dyn Write,
    lang: Lang,
) -> io::Result<Result<Read, Diagnostic>> {
    let check = arguments.check;
    let unopened = |error: io::Error| Ok(Err(unreadable(&input.name, &error)));
    let mut read = Read::default();
    match input.open(arguments.password.as_deref()) {
        Ok(Content::Text(source)) => {
            match import::read_from(&input.name, source, input.size as usize, options) {
                Ok(Begun::Sliced(reader)) => {
                    taken(&input.name, *reader, check, &mut read, out, lang)?;
                }
                Ok(Begun::Whole(bytes)) => {
                    member(&input.name, bytes, options, check, &mut read, out, lang)?;
                }
                Err(error) => return unopened(error),
            }
        }
        Ok(Content::Members(opened)) => {
            for one in opened.members {
                let options = import::Options {
                    rows: Some(one.rows.into()),
                    ..options.clone()
                };
                member(&one.name, one.bytes, &options, check, &mut read, out, lang)?;
            }
            read.1.extend(opened.diagnostics);
        }
        Err(error) => return unopened(error),
    }
    Ok(Ok(read))
}

/// Reads what is held as a whole; a table of records has no conversations.
fn member(
    name: &str,
    bytes: Vec<u8>,
    options: &import::Options,
    check: bool,
    read: &mut Read,
    out: &mut dyn Write,
    lang: Lang,
) -> io::Result<()> {
    let table = import::table_of(name, &bytes).filter(|_| options.format.is_none());
    if table.is_none() {
        let reader = import::read(name, bytes, options);
        return taken(name, reader, check, read, out, lang);
    }
    let file = import::read_table(name, bytes, table, options);
    if check {
        writeln!(out, "{}", clean(name))?;
        figures(out, &file.accounting, lang)?;
    }
    read.0.add(&file.accounting);
    read.1.extend(file.diagnostics);
    Ok(())
}

/// Takes the conversations of a file out of its reader.
fn taken(
    name: &str,
    mut reader: Reader,
    check: bool,
    read: &mut Read,
    out: &mut dyn Write,
    lang: Lang,
) -> io::Result<()> {
    if check {
        reader.by_ref().for_each(drop);
        understood(out, name, &reader, lang)?;
    } else {
        let mut held = Vec::new();
        loop {
            let more = cleaned::write_some(&mut reader, HELD, &mut held);
            out.write_all(&held)?;
            held.clear();
            if !more {
                break;
            }
        }
    }
    read.0.add(reader.accounting());
    read.1.extend_from_slice(reader.diagnostics());
    Ok(())
}

/// How a file is understood, and what became of its rows.
fn understood(out: &mut dyn Write, name: &str, reader: &Reader, lang: Lang) -> io::Result<()> {
    writeln!(out, "{}", clean(name))?;
    let Detection {
        format,
        confidence,
        others,
        encoding,
        columns,
        senders,
        unknown,
        day_first,
        date_missing,
        ..
    } = reader.detection();
    let title = |id: &'static str| {
        let known = formats().iter().find(|format| format.id == id);
        known.map_or(id, |format| lang.pick(format.title_zh, format.title_en))
    };
    let mut row = |zh: &str, en: &str, value: String| {
        writeln!(
            out,
            "  {}{}{value}",
            lang.pick(zh, en),
            lang.pick("：", ": ")
        )
    };
    if let Some(format) = format {
        let mut value = format!("{} ({format}) {confidence}%", title(format));
        let (open, close) = (lang.pick("；也可能是 ", "; or "), lang.pick("、", ", "));
        let rivals: Vec<String> = others
            .iter()
            .map(|one| format!("{} {}%", one.format, one.confidence))
            .collect();
        if !rivals.is_empty() {
            value = value + open + &rivals.join(close);
        }
        row("格式", "format", value)?;
    }
    if let Some(encoding) = encoding {
        let mut value = encoding.name.to_owned();
        if !encoding.certain {
            value.push_str(lang.pick("（推测）", " (guessed)"));
        }
        if !encoding.others.is_empty() {
            value = value + lang.pick("；也可能是 ", "; or ") + &encoding.others.join(", ");
        }
        row("编码", "encoding", value)?;
    }
    if !columns.is_empty() {
        let value: Vec<String> = columns
            .iter()
            .map(|one| {
                let meaning = one.column.unwrap_or(lang.pick("（不用）", "(unused)"));
                format!("{} → {meaning}", clean(&one.name))
            })
            .collect();
        row("列的对应", "columns", value.join(lang.pick("，", ", ")))?;
    }
    if !senders.is_empty() {
        let value: Vec<String> = senders
            .iter()
            .map(|one| {
                let role = role_word(one.role, lang);
                let guess = if one.inferred { "?" } else { "" };
                format!("{} → {role}{guess}", clean(&one.name))
            })
            .collect();
        row("发送者", "senders", value.join(lang.pick("，", ", ")))?;
    }
    if !unknown.is_empty() {
        let names: Vec<_> = unknown.iter().map(|name| clean(name)).collect();
        let hint = lang.pick("；用 --roles 给出", "; state them with --roles");
        let value = names.join(lang.pick("，", ", ")) + hint;
        row("角色不明", "roles unknown", value)?;
    }
    if let Some(day_first) = day_first {
        let value = if *day_first {
            lang.pick("日在前（1/2 是二月一日）", "day first (1/2 is 1 February)")
        } else {
            lang.pick("月在前（1/2 是一月二日）", "month first (1/2 is 2 January)")
        };
        row("日期写法", "order of dates", value.to_owned())?;
    }
    if *date_missing {
        let value = lang.pick(
            "文件只有时刻，没有日期；用 --date 给出",
            "missing; state it with --date",
        );
        row("日期", "day", value.to_owned())?;
    }
    figures(out, reader.accounting(), lang)
}

/// `rows 10 = messages 8 + excluded 2 (text-missing 2)`.
fn figures(out: &mut dyn Write, accounting: &Accounting, lang: Lang) -> io::Result<()> {
    let Accounting {
        rows,
        messages,
        records,
        conversations,
        ..
    } = accounting;
    let excluded = accounting.excluded_rows();
    match lang {
        Lang::Zh => write!(
            out,
            "  行 {rows} = 消息 {messages} + 表格行 {records} + 排除 {excluded}，会话 {conversations}"
        )?,
        Lang::En => write!(
            out,
            "  rows {rows} = messages {messages} + records {records} + excluded {excluded}; conversations {conversations}"
        )?,
    }
    writeln!(out)?;
    for entry in &accounting.excluded {
        writeln!(out, "    {} {}", entry.reason, entry.count)?;
    }
    Ok(())
}

fn role_word(role: Role, lang: Lang) -> &'static str {
    match (role, lang) {
        (Role::Customer, Lang::Zh) => "客户",
        (Role::Customer, Lang::En) => "customer",
        (Role::Agent, Lang::Zh) => "客服",
        (Role::Agent, Lang::En) => "agent",
        (Role::Bot, Lang::Zh) => "机器人",
        (Role::Bot, Lang::En) => "bot",
        (Role::System, Lang::Zh) => "系统",
        (Role::System, Lang::En) => "system",
        (Role::Supervisor, Lang::Zh) => "主管",
        (Role::Supervisor, Lang::En) => "supervisor",
    }
}

/// What the arguments say about the files, in the words in which the page says it.
fn options(arguments: &Arguments) -> Result<import::Options, Vec<Diagnostic>> {
    let mut stated = Map::new();
    let texts = [
        ("encoding", &arguments.encoding),
        ("format", &arguments.format),
        ("date", &arguments.date),
        ("zone", &arguments.timezone),
    ];
    for (key, value) in texts {
        if let Some(value) = value {
            stated.insert(key.to_owned(), value.as_str().into());
        }
    }
    if arguments.day_first || arguments.month_first {
        stated.insert("day_first".to_owned(), arguments.day_first.into());
    }
    for (key, given) in [("columns", &arguments.columns), ("roles", &arguments.roles)] {
        let pairs = given.iter().map(|pair| {
            let (name, value) = pair
                .rsplit_once('=')
                .ok_or_else(|| vec![unpaired(key, pair)])?;
            Ok(json!([name, value.trim()]))
        });
        let pairs = pairs.collect::<Result<Vec<Value>, Vec<Diagnostic>>>()?;
        if !pairs.is_empty() {
            stated.insert(key.to_owned(), pairs.into());
        }
    }
    Corrections::from_json(&Value::from(stated).to_string())?.over(&import::Options::default())
}

fn unpaired(option: &str, pair: &str) -> Diagnostic {
    let text = Bilingual::new(
        format!("“{pair}”里没有等号；请写成 名称=含义"),
        format!("“{pair}” has no equals sign; write NAME=MEANING"),
    );
    Diagnostic::error("argument-invalid", text.zh, text.en).field(option)
}
