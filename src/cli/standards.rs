//! `zhijian standards` and `zhijian check`.

use std::io::{self, Write};
use std::path::PathBuf;

use zhijian::text::Words;
use zhijian::wire;

use super::files;
use super::words::Lang;
use super::{End, print_diagnostics};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct CheckArguments {
    /// 标准文件 / the standard
    #[arg(value_name = "STANDARD.toml")]
    standard: PathBuf,
}

/// Lists the built-in standards.
pub fn list(lang: Lang) -> io::Result<End> {
    let standards = match wire::standards() {
        Ok(standards) => standards,
        Err(diagnostics) => {
            print_diagnostics(&mut io::stderr().lock(), &diagnostics, lang)?;
            return Ok(End::Unusable);
        }
    };
    let mut out = io::stdout().lock();
    for standard in standards {
        let rules = standard.rules.len();
        let count = lang.pick("条规则", "rules");
        writeln!(
            out,
            "{} {}  {}  ({rules} {count})",
            standard.id,
            standard.version,
            lang.of(&standard.title)
        )?;
        for dimension in &standard.dimensions {
            writeln!(
                out,
                "    {:>4}  {}",
                dimension.weight,
                lang.of(&dimension.title)
            )?;
        }
    }
    Ok(End::Done)
}

/// Names every mistake of a standard.
pub fn check(arguments: &CheckArguments, lang: Lang) -> io::Result<End> {
    let file = arguments.standard.to_string_lossy();
    let text = match files::text(&arguments.standard, &file) {
        Ok(text) => text,
        Err(faults) => {
            print_diagnostics(&mut io::stderr().lock(), &faults, lang)?;
            return Ok(End::Unusable);
        }
    };
    let mut out = io::stdout().lock();
    match zhijian::prove::load(&text, &file, &Words::bundled()) {
        Ok(standard) => {
            let (rules, id) = (standard.rules.len(), &standard.id);
            match lang {
                Lang::Zh => writeln!(
                    out,
                    "{file}：没有错误（{id}，{rules} 条规则，例句全部符合）"
                )?,
                Lang::En => writeln!(
                    out,
                    "{file}: no mistakes ({id}, {rules} rules, every example as it says)"
                )?,
            }
            Ok(End::Done)
        }
        Err(diagnostics) => {
            print_diagnostics(&mut out, &diagnostics, lang)?;
            let count = diagnostics.len();
            match lang {
                Lang::Zh => writeln!(out, "共 {count} 处错误")?,
                Lang::En => writeln!(out, "{count} mistakes")?,
            }
            Ok(End::Failed)
        }
    }
}
