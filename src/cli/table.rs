//! The report for eyes: a table of agents, then what was found in each conversation.

use std::io::{self, Write};

use zhijian::report::{Accounting, Agent, FindingRef, Review, Severity, StandardHead};
use zhijian::score::Judged;
use zhijian::wire::Job;

use super::words::{Lang, clean, padded, width};

/// Writes the table of agents.
pub fn agents(
    out: &mut dyn Write,
    agents: &[Agent],
    standard: &StandardHead,
    lang: Lang,
) -> io::Result<()> {
    let header = match lang {
        Lang::Zh => [
            "客服",
            "会话",
            "均分",
            "95% 区间",
            "等级",
            "致命",
            "首响(秒)",
            "三分钟回复率",
        ],
        Lang::En => [
            "Agent",
            "Conv.",
            "Mean",
            "95% interval",
            "Band",
            "Critical",
            "First reply (s)",
            "Within 3 min",
        ],
    };
    let mut rows = vec![header.map(str::to_owned)];
    rows.extend(agents.iter().map(|agent| agent_row(agent, standard, lang)));
    let mut widths = [0; 8];
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            widths[column] = widths[column].max(width(cell));
        }
    }
    for row in &rows {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(column, cell)| padded(cell, widths[column], column != 0 && column != 4))
            .collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    for agent in agents {
        for finding in &agent.findings {
            write_finding(out, &finding.into(), standard, lang)?;
        }
    }
    Ok(())
}

fn agent_row(agent: &Agent, standard: &StandardHead, lang: Lang) -> [String; 8] {
    let none = || "–".to_owned();
    let interval = agent.score.and_then(|score| score.low.zip(score.high));
    let band = agent.band.as_ref().map(|id| {
        let band = standard.bands.iter().find(|band| band.id == *id);
        band.map_or_else(|| id.clone(), |band| lang.of(&band.title))
    });
    let metric = |id: &str| agent.metrics.get(id).and_then(|metric| metric.value);
    [
        match &agent.group {
            Some(group) => clean(&[&agent.agent, " · ", group].concat()).into_owned(),
            None => clean(&agent.agent).into_owned(),
        },
        agent.conversations.to_string(),
        agent
            .score
            .map_or_else(none, |score| format!("{:.1}", score.mean)),
        interval.map_or_else(none, |(low, high)| format!("{low:.1}–{high:.1}")),
        band.unwrap_or_else(none),
        agent.critical.to_string(),
        metric("first-human-reply").map_or_else(none, |seconds| format!("{seconds:.1}")),
        metric("three-minute-rate").map_or_else(none, |share| format!("{:.1}%", share * 100.0)),
    ]
}

/// Writes what was found in a conversation; nothing when nothing was.
pub fn conversation(
    out: &mut dyn Write,
    job: &Job,
    judged: Judged<'_>,
    lang: Lang,
) -> io::Result<()> {
    let mut findings = job.findings(judged).peekable();
    if findings.peek().is_none() {
        return Ok(());
    }
    let (file, id) = (&judged.transcript.file, &judged.transcript.id);
    write!(out, "\n{} · {} · ", clean(file), clean(id))?;
    for (index, (agent, (total, ..))) in judged.agents().zip(judged.totals()).enumerate() {
        if index > 0 {
            out.write_all(lang.pick("，", ", ").as_bytes())?;
        }
        match total {
            Some(total) => write!(out, "{} {total:.1}", clean(agent))?,
            None => write!(out, "{} –", clean(agent))?,
        }
    }
    writeln!(out)?;
    findings.try_for_each(|finding| write_finding(out, &finding, job.standard_head(), lang))
}

fn write_finding(
    out: &mut dyn Write,
    finding: &FindingRef<'_>,
    standard: &StandardHead,
    lang: Lang,
) -> io::Result<()> {
    let severity = match finding.severity {
        Severity::Critical => lang.pick("致命", "critical"),
        Severity::Major => lang.pick("严重", "major"),
        Severity::Minor => lang.pick("一般", "minor"),
        Severity::Hint => lang.pick("提示", "hint"),
    };
    let review = match finding.review {
        Some(Review::Pending) => lang.pick("（待复核）", " (to be reviewed)"),
        Some(Review::Confirmed) => lang.pick("（已确认）", " (confirmed)"),
        Some(Review::Rejected) => lang.pick("（已驳回）", " (rejected)"),
        None => "",
    };
    out.write_all(b"  ")?;
    if let Some(message) = finding.message {
        write!(out, "#{message} ")?;
    }
    let agent = clean(finding.agent);
    write!(out, "{severity}{review} −{} {agent} ", finding.points)?;
    for (index, clause) in finding.clauses.iter().enumerate() {
        write!(out, "{}{clause}", if index > 0 { " " } else { "" })?;
    }
    if let Some(quote) = &finding.quote {
        write!(out, " “{}”", clean(quote))?;
    }
    writeln!(out, "  {}", finding.rule)?;
    for why in finding.why.iter() {
        let why = lang.pick(&why.zh, &why.en);
        writeln!(out, "      {}", clean(why))?;
    }
    // What was asked and what would have been right, so that a line can be handed to the agent.
    let asked = standard.asked(finding);
    if let Some(main) = asked.first() {
        let label = lang.pick("要求：", "asked: ");
        writeln!(out, "      {label}{}", clean(lang.pick(&main.zh, &main.en)))?;
    }
    if let Some(advice) = finding.advice {
        let label = lang.pick("例句：", "for example: ");
        writeln!(
            out,
            "      {label}{}",
            clean(lang.pick(&advice.zh, &advice.en))
        )?;
    }
    Ok(())
}

/// Writes what became of the rows.
pub fn accounting(out: &mut dyn Write, accounting: &Accounting, lang: Lang) -> io::Result<()> {
    let Accounting {
        files,
        rows,
        messages,
        conversations,
        ..
    } = accounting;
    let excluded = accounting.excluded_rows();
    // Rows of tables only where there are any.
    let (zh, en) = match accounting.records {
        0 => (String::new(), String::new()),
        taken => (
            format!(" + {taken} 行表格记录"),
            format!(" + {taken} of tables"),
        ),
    };
    match lang {
        Lang::Zh => {
            writeln!(
                out,
                "\n{files} 个文件，{conversations} 个会话；{rows} 行 = {messages} 条消息{zh} + {excluded} 行未计入"
            )
        }
        Lang::En => writeln!(
            out,
            "\n{files} files, {conversations} conversations; {rows} rows = {messages} messages{en} + {excluded} left out"
        ),
    }
}
