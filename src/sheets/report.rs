//! A report as a workbook: agents, conversations, findings, what became of the rows, what to know.
//!
//! The thing to get right: a customer may write anything. What looks like a formula is written as a string
//! and marked as one, so that it stays text when somebody edits the cell. What a sheet or a cell cannot
//! hold goes on in another sheet, or is cut, and the workbook says so.

use std::collections::BTreeSet;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::diagnostic::{Bilingual, Diagnostic, Level};
use crate::report::{
    Accounting, Agent, Conversation, Finding, FindingRef, Report, Review, Severity, StandardHead,
};

/// Rows that a sheet has.
const ROWS: u32 = 1_048_576;
/// UTF-16 units that a cell holds.
const LETTERS: usize = 32_767;

/// The language of headers and reasons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    fn of(self, text: &Bilingual) -> &str {
        self.pick(&text.zh, &text.en)
    }
}

/// A column: its title in both languages, and its width in characters.
type Column = (&'static str, &'static str, f64);

const CONVERSATIONS: &[Column] = &[
    ("会话", "Conversation", 24.0),
    ("文件", "File", 28.0),
    ("消息数", "Messages", 9.0),
    ("客服", "Agent", 14.0),
    ("总分", "Total", 9.0),
    ("致命项确认后", "If confirmed", 13.0),
    ("覆盖率", "Coverage", 9.0),
    ("等级", "Band", 9.0),
    ("命中", "Findings", 9.0),
    ("未评规则", "Not assessed", 12.0),
];

const FINDINGS: &[Column] = &[
    ("会话", "Conversation", 24.0),
    ("文件", "File", 28.0),
    ("客服", "Agent", 14.0),
    ("消息序号", "Message", 9.0),
    ("规则", "Rule", 32.0),
    ("条款", "Clauses", 14.0),
    ("级别", "Severity", 8.0),
    ("维度", "Dimension", 14.0),
    ("扣分", "Points", 8.0),
    ("复核", "Review", 9.0),
    ("原文", "Words", 40.0),
    ("实测秒", "Seconds", 9.0),
    ("限值秒", "Limit (s)", 9.0),
    ("原因", "Why", 48.0),
    ("建议", "Advice", 40.0),
    ("要求", "Asked", 40.0),
];

const AGENTS: &[Column] = &[
    ("客服", "Agent", 14.0),
    ("组别", "Group", 12.0),
    ("会话数", "Conversations", 12.0),
    ("已评会话", "Assessed", 10.0),
    ("均分", "Mean", 9.0),
    ("区间下限", "Low (95%)", 10.0),
    ("区间上限", "High (95%)", 10.0),
    ("致命项确认后", "If confirmed", 13.0),
    ("等级", "Band", 9.0),
    ("致命", "Critical", 9.0),
    ("致命会话占比", "Critical share", 13.0),
    ("命中", "Findings", 9.0),
];

/// Metrics that have a name of their own.
const METRICS: &[(&str, &str, &str)] = &[
    ("first-human-reply", "首响(秒)", "First reply (s)"),
    ("average-reply", "平响(秒)", "Average reply (s)"),
    ("each-reply", "每轮回复(秒)", "Each reply (s)"),
    ("three-minute-rate", "三分钟回复率", "Within 3 min"),
];

const FIGURES: &[Column] = &[("项目", "Item", 44.0), ("数值", "Value", 60.0)];

const DIAGNOSTICS: &[Column] = &[
    ("级别", "Level", 8.0),
    ("代码", "Code", 26.0),
    ("文件", "File", 32.0),
    ("行", "Line", 8.0),
    ("字段", "Field", 20.0),
    ("说明", "Message", 90.0),
];

/// What goes into a cell.
enum Value<'a> {
    Text(&'a str),
    Number(f64),
    None,
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::None, Self::Text)
    }
}

impl From<Option<f64>> for Value<'_> {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::None, Self::Number)
    }
}

impl From<usize> for Value<'_> {
    fn from(count: usize) -> Self {
        Self::Number(count as f64)
    }
}

/// One table, on as many sheets as it needs.
struct Table {
    title: &'static str,
    columns: Vec<(String, f64)>,
    sheets: Vec<Worksheet>,
    /// Rows written on the last sheet, the header among them.
    row: u32,
    rows: u32,
    cut: usize,
}

impl Table {
    fn new(title: &'static str, columns: &[Column], lang: Lang, rows: u32) -> Self {
        let columns = columns
            .iter()
            .map(|(zh, en, width)| (lang.pick(zh, en).to_owned(), *width));
        Self {
            title,
            columns: columns.collect(),
            sheets: Vec::new(),
            row: 0,
            rows,
            cut: 0,
        }
    }

    fn push(&mut self, looks: &Looks, cells: &[Value<'_>]) -> Result<(), XlsxError> {
        if self.sheets.is_empty() || self.row >= self.rows {
            self.next_sheet(looks)?;
        }
        let row = self.row;
        self.row += 1;
        let Some(sheet) = self.sheets.last_mut() else {
            return Ok(());
        };
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Value::Text("") | Value::None => {}
                Value::Number(number) => {
                    sheet.write_number(row, column, *number)?;
                }
                Value::Text(text) => {
                    let short = shortened(text);
                    self.cut += usize::from(short.is_some());
                    let text = short.as_deref().unwrap_or(text);
                    if is_formula(text) {
                        sheet.write_string_with_format(row, column, text, &looks.quoted)?;
                    } else {
                        sheet.write_string(row, column, text)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn next_sheet(&mut self, looks: &Looks) -> Result<(), XlsxError> {
        self.close_sheet()?;
        let mut sheet = Worksheet::new();
        match self.sheets.len() {
            0 => sheet.set_name(self.title)?,
            more => sheet.set_name(format!("{} {}", self.title, more + 1))?,
        };
        for (column, (title, width)) in (0_u16..).zip(&self.columns) {
            sheet.write_string_with_format(0, column, title, &looks.header)?;
            sheet.set_column_width(column, *width)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        self.sheets.push(sheet);
        self.row = 1;
        Ok(())
    }

    fn close_sheet(&mut self) -> Result<(), XlsxError> {
        let columns = u16::try_from(self.columns.len()).unwrap_or(u16::MAX);
        if let Some(sheet) = self.sheets.last_mut()
            && self.row > 1
            && columns > 0
        {
            sheet.autofilter(0, 0, self.row - 1, columns - 1)?;
        }
        Ok(())
    }

    /// What the table could not hold as it was, to be told.
    fn notices(&self, lang: Lang) -> Vec<String> {
        let mut notices = Vec::new();
        let (title, rows) = (self.title, self.rows);
        if self.sheets.len() > 1 {
            let last = self.sheets.len();
            notices.push(match lang {
                Lang::Zh => format!("“{title}”超过 {rows} 行，续在“{title} 2”至“{title} {last}”"),
                Lang::En => format!(
                    "{title} has more than {rows} rows and goes on in {title} 2 to {title} {last}"
                ),
            });
        }
        if self.cut > 0 {
            let cut = self.cut;
            notices.push(match lang {
                Lang::Zh => format!("“{title}”里有 {cut} 个单元格超过 {LETTERS} 字，已截断；全文见 JSON 报告"),
                Lang::En => format!("{cut} cells of {title} had more than {LETTERS} characters and were cut; the JSON report has all"),
            });
        }
        notices
    }

    fn into_book(mut self, book: &mut Workbook, looks: &Looks) -> Result<(), XlsxError> {
        if self.sheets.is_empty() {
            self.next_sheet(looks)?;
        }
        self.close_sheet()?;
        for sheet in self.sheets {
            book.push_worksheet(sheet);
        }
        Ok(())
    }
}

/// How cells look.
struct Looks {
    header: Format,
    quoted: Format,
}

/// A report on its way into a workbook: conversations first, the rest at the end.
pub struct ReportBook {
    lang: Lang,
    rows: u32,
    standard: StandardHead,
    looks: Looks,
    conversations: Table,
    findings: Table,
}

impl ReportBook {
    /// An empty one.
    pub fn new(standard: StandardHead, lang: Lang) -> Self {
        Self::with_rows(standard, lang, ROWS)
    }

    /// One whose sheets have fewer rows.
    fn with_rows(standard: StandardHead, lang: Lang, rows: u32) -> Self {
        let title = |zh, en| lang.pick(zh, en);
        Self {
            lang,
            rows,
            standard,
            looks: Looks {
                header: Format::new().set_bold().set_background_color(0x00E8_EEF7),
                quoted: Format::new().set_quote_prefix(),
            },
            conversations: Table::new(title("会话", "Conversations"), CONVERSATIONS, lang, rows),
            findings: Table::new(title("明细", "Findings"), FINDINGS, lang, rows),
        }
    }

    /// Adds a conversation and its findings.
    ///
    /// # Errors
    /// When it cannot be written, which only a lack of memory explains.
    pub fn conversation(&mut self, conversation: &Conversation) -> Result<(), Box<Diagnostic>> {
        self.add(conversation).map_err(unwritable)
    }

    fn add(&mut self, conversation: &Conversation) -> Result<(), XlsxError> {
        let findings = |agent: &str| {
            let its = conversation.findings.iter();
            its.filter(|finding| finding.agent == agent).count()
        };
        let head = |agent| {
            [
                Value::from(conversation.id.as_str()),
                Value::from(conversation.file.as_str()),
                Value::from(conversation.messages),
                Value::from(agent),
            ]
        };
        for score in &conversation.scores {
            let band = score.band.as_deref();
            let band = band.map(|id| band_title(&self.standard, id, self.lang));
            let mut cells = Vec::from(head(Some(score.agent.as_str())));
            cells.extend([
                score.total.into(),
                score.total_if_confirmed.into(),
                Some(score.coverage).into(),
                band.into(),
                findings(&score.agent).into(),
                conversation.not_assessed.len().into(),
            ]);
            self.conversations.push(&self.looks, &cells)?;
        }
        if conversation.scores.is_empty() {
            self.conversations.push(&self.looks, &head(None))?;
        }
        for finding in &conversation.findings {
            self.finding((&conversation.id, &conversation.file), finding)?;
        }
        Ok(())
    }

    fn finding(&mut self, (id, file): (&str, &str), finding: &Finding) -> Result<(), XlsxError> {
        let lang = self.lang;
        let mut dimensions = self.standard.dimensions.iter();
        let dimension = dimensions
            .find(|dimension| dimension.id == finding.dimension)
            .map_or(finding.dimension.as_str(), |one| lang.of(&one.title));
        let severity = match finding.severity {
            Severity::Critical => lang.pick("致命", "critical"),
            Severity::Major => lang.pick("严重", "major"),
            Severity::Minor => lang.pick("一般", "minor"),
            Severity::Hint => lang.pick("提示", "hint"),
        };
        let review = finding.review.map(|review| match review {
            Review::Pending => lang.pick("待复核", "pending"),
            Review::Confirmed => lang.pick("已确认", "confirmed"),
            Review::Rejected => lang.pick("已驳回", "rejected"),
        });
        let joined = |texts: Vec<&Bilingual>| {
            let texts: Vec<&str> = texts.into_iter().map(|text| lang.of(text)).collect();
            texts.join(lang.pick("；", "; "))
        };
        let asked = joined(self.standard.asked(&FindingRef::from(finding)));
        let why = joined(finding.why.iter().collect());
        let clauses = finding.clauses.join("; ");
        let measured = finding.measured.as_ref();
        let seconds = measured.and_then(|measured| measured.seconds);
        // A limit may be a share; only that of a time is one in seconds.
        let limit = seconds.and(measured.and_then(|measured| measured.limit));
        let cells = [
            id.into(),
            file.into(),
            finding.agent.as_str().into(),
            finding.message.map_or(Value::None, Value::from),
            finding.rule.as_str().into(),
            clauses.as_str().into(),
            severity.into(),
            dimension.into(),
            Some(finding.points).into(),
            review.into(),
            finding.quote.as_deref().into(),
            seconds.into(),
            limit.into(),
            why.as_str().into(),
            finding.advice.as_ref().map(|advice| lang.of(advice)).into(),
            asked.as_str().into(),
        ];
        self.findings.push(&self.looks, &cells)
    }

    /// The workbook, once every conversation is in it.
    ///
    /// # Errors
    /// When it cannot be written, which only a lack of memory explains.
    pub fn finish(
        self,
        agents: &[Agent],
        accounting: &Accounting,
        diagnostics: &[Diagnostic],
    ) -> Result<Vec<u8>, Box<Diagnostic>> {
        self.whole(agents, accounting, diagnostics)
            .map_err(unwritable)
    }

    fn whole(
        mut self,
        agents: &[Agent],
        accounting: &Accounting,
        diagnostics: &[Diagnostic],
    ) -> Result<Vec<u8>, XlsxError> {
        for agent in agents {
            for finding in &agent.findings {
                self.finding(("", ""), finding)?;
            }
        }
        let table = self.agents(agents)?;
        let told = self.told(diagnostics)?;
        let figures = self.figures(
            accounting,
            &[&table, &self.conversations, &self.findings, &told],
        )?;
        let mut book = Workbook::new();
        // The same report gives the same bytes, whenever it is written.
        let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
        let properties = DocProperties::new().set_creation_datetime(&made);
        book.set_properties(&properties);
        for table in [table, self.conversations, self.findings, figures, told] {
            table.into_book(&mut book, &self.looks)?;
        }
        book.save_to_buffer()
    }

    fn agents(&self, agents: &[Agent]) -> Result<Table, XlsxError> {
        let lang = self.lang;
        let mut table = Table::new(lang.pick("客服", "Agents"), AGENTS, lang, self.rows);
        let metrics: BTreeSet<&str> = agents
            .iter()
            .flat_map(|agent| agent.metrics.keys())
            .map(String::as_str)
            .collect();
        for id in &metrics {
            let known = METRICS.iter().find(|(known, ..)| known == id);
            let title = known.map_or(*id, |(_, zh, en)| lang.pick(zh, en));
            table.columns.push((title.to_owned(), 14.0));
        }
        for agent in agents {
            let score = agent.score;
            let band = agent.band.as_deref();
            let band = band.map(|id| band_title(&self.standard, id, lang));
            let mut cells = vec![
                Value::from(agent.agent.as_str()),
                agent.group.as_deref().into(),
                agent.conversations.into(),
                agent.assessed.into(),
                score.map(|score| score.mean).into(),
                score.and_then(|score| score.low).into(),
                score.and_then(|score| score.high).into(),
                agent.score_if_confirmed.into(),
                band.into(),
                agent.critical.into(),
                Some(agent.critical_share).into(),
                agent.by_rule.values().sum::<usize>().into(),
            ];
            cells.extend(metrics.iter().map(|id| {
                let metric = agent.metrics.get(*id);
                Value::from(metric.and_then(|metric| metric.value))
            }));
            table.push(&self.looks, &cells)?;
        }
        Ok(table)
    }

    fn figures(&self, accounting: &Accounting, tables: &[&Table]) -> Result<Table, XlsxError> {
        let lang = self.lang;
        let title = lang.pick("统计", "Accounting");
        let mut table = Table::new(title, FIGURES, lang, self.rows);
        let texts = [
            ("标准", "Standard", &self.standard.id),
            (
                "标准版本",
                "Version of the standard",
                &self.standard.version,
            ),
            (
                "标准 SHA-256",
                "SHA-256 of the standard",
                &self.standard.sha256,
            ),
        ];
        for (zh, en, text) in texts {
            let cells = [lang.pick(zh, en).into(), text.as_str().into()];
            table.push(&self.looks, &cells)?;
        }
        let counts = [
            ("文件", "Files", accounting.files),
            ("行", "Rows", accounting.rows),
            ("消息", "Messages", accounting.messages),
            ("表格记录", "Records", accounting.records),
            ("会话", "Conversations", accounting.conversations),
            ("未计入的行", "Rows left out", accounting.excluded_rows()),
        ];
        for (zh, en, count) in counts {
            table.push(&self.looks, &[lang.pick(zh, en).into(), count.into()])?;
        }
        for excluded in &accounting.excluded {
            let reason = [lang.pick("未计入：", "left out: "), &excluded.reason].concat();
            let cells = [reason.as_str().into(), excluded.count.into()];
            table.push(&self.looks, &cells)?;
        }
        for notice in tables.iter().flat_map(|table| table.notices(lang)) {
            let cells = [lang.pick("注意", "Note").into(), notice.as_str().into()];
            table.push(&self.looks, &cells)?;
        }
        Ok(table)
    }

    fn told(&self, diagnostics: &[Diagnostic]) -> Result<Table, XlsxError> {
        let lang = self.lang;
        let title = lang.pick("提示", "Diagnostics");
        let mut table = Table::new(title, DIAGNOSTICS, lang, self.rows);
        for one in diagnostics {
            let level = match one.severity {
                Level::Error => lang.pick("错误", "error"),
                Level::Warning => lang.pick("警告", "warning"),
                Level::Info => lang.pick("提示", "note"),
            };
            let cells = [
                level.into(),
                one.code.as_str().into(),
                one.file.as_deref().into(),
                one.line.map(f64::from).into(),
                one.field.as_deref().into(),
                lang.of(&one.message).into(),
            ];
            table.push(&self.looks, &cells)?;
        }
        Ok(table)
    }
}

fn band_title<'a>(standard: &'a StandardHead, id: &'a str, lang: Lang) -> &'a str {
    let band = standard.bands.iter().find(|band| band.id == id);
    band.map_or(id, |band| lang.of(&band.title))
}

/// A whole report as a workbook.
///
/// # Errors
/// When it cannot be written, which only a lack of memory explains.
pub fn write_report(report: Report, lang: Lang) -> Result<Vec<u8>, Box<Diagnostic>> {
    let mut book = ReportBook::new(report.standard, lang);
    for conversation in &report.conversations {
        book.conversation(conversation)?;
    }
    book.finish(&report.agents, &report.accounting, &report.diagnostics)
}

fn unwritable(error: XlsxError) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(
        "workbook-unwritable",
        format!("写不出工作簿：{error}；请减少文件后重试，或导出 CSV。"),
        format!(
            "The workbook cannot be written: {error}; try again with fewer files, or export CSV."
        ),
    ))
}

/// What a spreadsheet would take for a formula if it were typed.
fn is_formula(text: &str) -> bool {
    text.starts_with([
        '=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '\u{2212}', '\'', '\t',
        '\r',
    ])
}

/// The text as far as a cell holds it; nothing when it holds all.
fn shortened(text: &str) -> Option<String> {
    if text.len() <= LETTERS || text.encode_utf16().count() <= LETTERS {
        return None;
    }
    let mut units = 0;
    let fits = text.chars().take_while(|letter| {
        units += letter.len_utf16();
        units < LETTERS
    });
    let mut short: String = fits.collect();
    short.push('…');
    Some(short)
}

#[cfg(test)]
mod tests {
    use super::{Lang, ReportBook, shortened};
    use crate::diagnostic::Bilingual;
    use crate::report::{
        Accounting, Band, Conversation, Dimension, DimensionScore, Finding, Origin, Score,
        Severity, StandardHead, State,
    };
    use crate::sheets::{Limits, open};

    fn standard() -> StandardHead {
        StandardHead {
            id: "p".into(),
            version: "1.0.0".into(),
            sha256: "00".into(),
            dimensions: vec![Dimension {
                id: "d".into(),
                title: Bilingual::new("态度", "Attitude"),
                weight: 1.0,
                source: Origin::Ours,
            }],
            bands: vec![Band {
                id: "a".into(),
                title: Bilingual::new("优", "Good"),
                from: 90.0,
            }],
            rules: Vec::new(),
            clauses: Vec::new(),
        }
    }

    fn conversation(id: &str, quotes: &[&str]) -> Conversation {
        let finding = |quote: &&str| Finding {
            rule: "p/forbid-x".into(),
            clauses: vec!["P-1".into()],
            kind: "forbid".into(),
            severity: Severity::Major,
            dimension: "d".into(),
            agent: "小雨".into(),
            message: Some(2),
            related: Vec::new(),
            span: None,
            quote: Some((*quote).to_owned()),
            points: 5.0,
            review: None,
            measured: None,
            why: vec![Bilingual::new("说了不该说的", "said what must not be said")],
            also: Vec::new(),
            advice: None,
        };
        Conversation {
            id: id.into(),
            file: "a.csv".into(),
            messages: 4,
            agents: vec!["小雨".into()],
            findings: quotes.iter().map(finding).collect(),
            observations: Vec::new(),
            not_assessed: Vec::new(),
            scores: vec![Score {
                agent: "小雨".into(),
                total: Some(95.0),
                total_if_confirmed: Some(95.0),
                coverage: 1.0,
                band: Some("a".into()),
                dimensions: vec![DimensionScore {
                    id: "d".into(),
                    weight: 1.0,
                    deducted: 5.0,
                    state: State::Assessed,
                }],
            }],
        }
    }

    /// The sheets as CSV, by name.
    fn read(bytes: &[u8]) -> Vec<(String, String)> {
        let opened = open("r.xlsx", bytes, None, &Limits::default());
        assert_eq!(opened.diagnostics, []);
        let texts = opened.members.into_iter().map(|member| {
            let text = String::from_utf8(member.bytes).expect("UTF-8");
            (member.name, text)
        });
        texts.collect()
    }

    #[test]
    fn a_report_reads_back() {
        let long = "长".repeat(40_000);
        let quotes = [
            "=HYPERLINK(\"http://x\")",
            "+1",
            "-1",
            "@a",
            "两\n行",
            "\u{0}零",
            &long,
        ];
        let mut book = ReportBook::new(standard(), Lang::Zh);
        book.conversation(&conversation("600123456789012345", &quotes))
            .expect("written");
        let bytes = book
            .finish(&[], &Accounting::default(), &[])
            .expect("written");
        let sheets = read(&bytes);
        let named: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            named,
            [
                "r.xlsx!客服",
                "r.xlsx!会话",
                "r.xlsx!明细",
                "r.xlsx!统计",
                "r.xlsx!提示"
            ]
        );
        assert!(
            sheets[1]
                .1
                .contains("600123456789012345,a.csv,4,小雨,95,95,1,优,7,0"),
            "{}",
            sheets[1].1
        );
        let mut findings = csv::Reader::from_reader(sheets[2].1.as_bytes());
        let words: Vec<String> = findings
            .records()
            .map(|record| record.expect("a row")[10].to_owned())
            .collect();
        assert_eq!(words[..5], quotes[..5]);
        assert_eq!(words[6].encode_utf16().count(), 32_767);
        assert!(words[6].ends_with("长…"));
        assert!(sheets[3].1.contains("已截断"), "{}", sheets[3].1);
        // The same report gives the same bytes.
        let mut again = ReportBook::new(standard(), Lang::Zh);
        again
            .conversation(&conversation("600123456789012345", &quotes))
            .expect("written");
        let again = again.finish(&[], &Accounting::default(), &[]);
        assert_eq!(again.expect("written"), bytes);
    }

    #[test]
    fn more_rows_than_a_sheet_has_go_on_in_another() {
        let mut book = ReportBook::with_rows(standard(), Lang::En, 4);
        let quotes = ["a", "b", "c", "d", "e", "f", "g"];
        book.conversation(&conversation("c", &quotes))
            .expect("written");
        let bytes = book
            .finish(&[], &Accounting::default(), &[])
            .expect("written");
        let sheets = read(&bytes);
        let rows = |name: &str| {
            let sheet = sheets.iter().find(|(known, _)| known == name);
            sheet.map(|(_, text)| text.lines().count())
        };
        assert_eq!(rows("r.xlsx!Findings"), Some(4));
        assert_eq!(rows("r.xlsx!Findings 2"), Some(4));
        assert_eq!(rows("r.xlsx!Findings 3"), Some(2));
        let all: String = sheets.into_iter().map(|(_, text)| text).collect();
        assert!(all.contains("goes on in Findings 2 to Findings 3"), "{all}");
    }

    #[test]
    fn texts_are_cut_between_letters() {
        let text = "😀".repeat(16_384);
        let short = shortened(&text).expect("too long");
        assert!(short.encode_utf16().count() <= 32_767 && short.ends_with("😀…"));
        assert_eq!(shortened(&"字".repeat(32_767)), None);
    }
}
