//! `zhijian coverage`: every clause of a source, and how it is answered.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::ValueEnum;
use zhijian::diagnostic::Diagnostic;
use zhijian::standard::catalogue::{Answer, CATALOGUES, Catalogue, Coverage, NEEDS, Row, markdown};
use zhijian::standard::{self, Standard, built_in};

use super::words::{Lang, padded, width};
use super::{End, print_diagnostics};

/// Arguments of `coverage`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// 内置标准的代号，或 house；不写则列出全部 / id of a built-in standard, or house; default: all
    #[arg(value_name = "ID")]
    standard: Option<String>,
    /// 输出格式 / what to write
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Markdown,
}

/// Prints the coverage of one source, or of all.
pub fn coverage(arguments: &Arguments, lang: Lang) -> io::Result<End> {
    let all = match collect(arguments.standard.as_deref()) {
        Ok(all) => all,
        Err(diagnostics) => {
            print_diagnostics(&mut io::stderr().lock(), &diagnostics, lang)?;
            return Ok(End::Unusable);
        }
    };
    let mut out = io::stdout().lock();
    match arguments.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &all)?;
            writeln!(out)?;
        }
        Format::Markdown => out.write_all(markdown(&all).as_bytes())?,
        Format::Table => table(&mut out, &all, lang)?,
    }
    Ok(End::Done)
}

fn collect(wanted: Option<&str>) -> Result<Vec<Coverage>, Vec<Diagnostic>> {
    let ids: Vec<&str> = match wanted {
        Some(name) => {
            let id = built_in::find(name).map_or(name, |known| known.id);
            CATALOGUES
                .iter()
                .copied()
                .filter(|known| *known == id)
                .collect()
        }
        None => CATALOGUES.to_vec(),
    };
    if ids.is_empty() {
        let name = wanted.unwrap_or_default();
        return Err(vec![Diagnostic::error(
            "catalogue-unknown",
            format!("没有“{name}”的条款；可用：{}", CATALOGUES.join("、")),
            format!(
                "there are no clauses of {name}; there are {}",
                CATALOGUES.join(", ")
            ),
        )]);
    }
    let standards = built_in::STANDARDS
        .iter()
        .map(|known| standard::compile(known.text(), &known.file()))
        .collect::<Result<Vec<Standard>, _>>()?;
    ids.into_iter()
        .filter_map(Catalogue::built_in)
        .map(|catalogue| Ok(catalogue?.coverage(&standards)))
        .collect()
}

fn table(out: &mut dyn Write, all: &[Coverage], lang: Lang) -> io::Result<()> {
    let mut sums: BTreeMap<Answer, usize> = BTreeMap::new();
    for coverage in all {
        writeln!(out, "{}", coverage.standard)?;
        let ids = coverage.clauses.iter().map(|row| width(&row.id)).max();
        let answers = Answer::ALL.map(|answer| width(&lang.of(&answer.title())));
        let answers = answers.into_iter().max().unwrap_or(0);
        for row in &coverage.clauses {
            writeln!(
                out,
                "  {}  {}  {}",
                padded(&row.id, ids.unwrap_or(0), false),
                padded(&lang.of(&row.answer.title()), answers, false),
                lang.of(&row.title)
            )?;
            details(out, row, lang)?;
        }
        totals(out, lang.pick("合计", "total"), &coverage.totals, lang)?;
        for (answer, count) in &coverage.totals {
            *sums.entry(*answer).or_default() += count;
        }
        writeln!(out)?;
    }
    if all.len() > 1 {
        totals(out, lang.pick("全部", "all"), &sums, lang)?;
    }
    Ok(())
}

fn details(out: &mut dyn Write, row: &Row, lang: Lang) -> io::Result<()> {
    if let Some(threshold) = &row.threshold {
        let label = lang.pick("来源写明：", "source states: ");
        writeln!(out, "      {label}{}", lang.of(threshold))?;
    }
    for check in &row.rules {
        let ours = match (check.source, check.ours.is_empty()) {
            ("ours", _) => lang.pick("（自拟）", " (ours)").to_owned(),
            (_, true) => String::new(),
            (_, false) => format!(
                "{}{})",
                lang.pick("（自拟：", " (ours: "),
                check.ours.join(", ")
            ),
        };
        let ours = if lang == Lang::Zh {
            ours.replace(')', "）")
        } else {
            ours
        };
        writeln!(out, "      {}{ours}", check.rule)?;
    }
    if !row.needs.is_empty() {
        let label = lang.pick("需要：", "needs: ");
        let needs: Vec<&str> = row
            .needs
            .iter()
            .map(|word| {
                let known = NEEDS.iter().find(|(known, ..)| known == word);
                known.map_or(word.as_str(), |(_, zh, en)| lang.pick(zh, en))
            })
            .collect();
        writeln!(out, "      {label}{}", needs.join(lang.pick("、", ", ")))?;
    }
    match &row.why {
        Some(why) => writeln!(out, "      {}", lang.of(why)),
        None => Ok(()),
    }
}

fn totals(
    out: &mut dyn Write,
    name: &str,
    totals: &BTreeMap<Answer, usize>,
    lang: Lang,
) -> io::Result<()> {
    let parts: Vec<String> = totals
        .iter()
        .map(|(answer, count)| format!("{} {count}", lang.of(&answer.title())))
        .collect();
    let sum: usize = totals.values().sum();
    writeln!(
        out,
        "{name} {sum}{}{}",
        lang.pick("：", ": "),
        parts.join(lang.pick("，", "; "))
    )
}
