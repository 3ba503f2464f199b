//! The clauses of the source documents in our own words, and how each is answered.
//!
//! What a reader would get wrong: that a clause is checked stands nowhere in the catalogue. Rules cite
//! clauses, so it follows from the standard; the catalogue says what no rule can: which data a clause
//! needs, that a person has to judge it, or that it is not about a conversation. A clause may be checked
//! in part and need data for the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Serialize;

use crate::diagnostic::{Bilingual, Diagnostic};
use crate::rule::fields::{Fields, Source};
use crate::rule::{Rule, Source as Origin};

use super::Standard;

const SCHEMA: &str = "zhijian-clauses/1";

/// Every catalogue, in the order in which they are shown; the house clauses last.
pub const CATALOGUES: &[&str] = &[
    "pinduoduo",
    "tmall",
    "franchise",
    "ecommerce-supervisor",
    "taobao",
    "house",
];

/// What a clause may need that a conversation does not hold: the word, and what it is.
pub const NEEDS: &[(&str, &str, &str)] = &[
    ("attendance", "考勤", "attendance records"),
    ("audio", "录音", "recordings"),
    ("callbacks", "回访记录", "records of calls back"),
    ("complaints", "投诉记录", "complaint records"),
    (
        "customer-id",
        "客户身份",
        "customers' identities across chats",
    ),
    (
        "figures",
        "客服指标（成交、退款率等）",
        "figures of agents (sales, refund rate)",
    ),
    ("logistics-events", "物流记录", "the carrier's events"),
    ("notices", "短信与站内信", "text and in-site messages"),
    ("offences", "违规记录", "records of offences"),
    ("order-events", "订单记录", "order events"),
    ("order-notes", "订单备注", "notes on orders"),
    ("presence", "上下线时间", "log-on and log-off times"),
    ("product-facts", "商品资料", "facts about the goods"),
    ("promotions", "活动表", "the list of promotions"),
    ("reviews", "评价", "reviews by customers"),
    (
        "ring-time",
        "振铃与接通时间",
        "ringing and connection times",
    ),
    ("roster", "人员名册", "the roster of agents"),
    ("satisfaction", "满意度", "satisfaction ratings"),
    ("shift-table", "班表", "the shift table"),
    ("shop-policy", "店铺规则", "the shop's rules"),
    ("stock", "库存", "stock"),
    ("tickets", "工单", "tickets"),
    ("workload", "同时接待数", "chats held at once"),
];

/// One clause.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// Its id.
    pub id: String,
    /// Where it stands in the source; absent for clauses of ours.
    pub place: Option<String>,
    /// What it asks, in our words.
    pub title: Bilingual,
    /// The threshold that the source states.
    pub threshold: Option<Bilingual>,
    /// That threshold as a length of time, in milliseconds.
    pub limit: Option<i64>,
    /// That threshold as a number of things.
    pub count: Option<usize>,
    /// The dimension that the clause names: every rule in it answers the clause.
    pub dimension: Option<String>,
    /// House clauses whose rules answer it.
    pub house: Vec<String>,
    /// Words of [`NEEDS`].
    pub needs: Vec<String>,
    /// Whether a person has to judge it.
    pub human: bool,
    /// Whether it asks nothing of a conversation.
    pub not_conversation: bool,
    /// Whether a rule is still to be written.
    pub pending: bool,
    /// Why, or which part a rule checks.
    pub why: Option<Bilingual>,
}

/// The clauses of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    /// The standard they belong to.
    pub standard: String,
    /// In the order of the source.
    pub clauses: Vec<Clause>,
}

/// How a clause is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A rule checks it.
    Checked,
    /// A rule checks a part; the rest needs data.
    CheckedInPart,
    /// It needs data that a conversation does not hold.
    NeedsData,
    /// A person judges it.
    Human,
    /// It asks nothing of a conversation.
    NotConversation,
    /// A rule is still to be written.
    Pending,
}

impl Answer {
    /// Every answer, in the order of a table.
    pub const ALL: [Self; 6] = [
        Self::Checked,
        Self::CheckedInPart,
        Self::NeedsData,
        Self::Human,
        Self::NotConversation,
        Self::Pending,
    ];

    /// What a person reads.
    pub fn title(self) -> Bilingual {
        match self {
            Self::Checked => Bilingual::new("规则查", "checked"),
            Self::CheckedInPart => {
                Bilingual::new("查一部分，其余要数据", "checked in part, needs data")
            }
            Self::NeedsData => Bilingual::new("要数据", "needs data"),
            Self::Human => Bilingual::new("人工判断", "judged by people"),
            Self::NotConversation => Bilingual::new("与会话无关", "not about a conversation"),
            Self::Pending => Bilingual::new("规则待写", "rule to be written"),
        }
    }
}

/// A rule that answers a clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `standard/id`.
    pub rule: String,
    /// `seed` or `ours`.
    pub source: &'static str,
    /// Fields whose value is ours.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ours: Vec<String>,
}

/// One clause with its answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The clause's id.
    pub id: String,
    /// Where it stands in the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What it asks.
    pub title: Bilingual,
    /// What the source states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Bilingual>,
    /// How it is answered.
    pub answer: Answer,
    /// The rules that check it.
    pub rules: Vec<Check>,
    /// What it needs.
    pub needs: Vec<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Bilingual>,
}

/// The answers to the clauses of one source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// The standard.
    pub standard: String,
    /// Every clause, in the order of the source.
    pub clauses: Vec<Row>,
    /// How many have which answer.
    pub totals: BTreeMap<Answer, usize>,
}

/// The text of a catalogue.
pub fn text(standard: &str) -> Option<&'static str> {
    Some(match standard {
        "pinduoduo" => include_str!("../../standards/clauses/pinduoduo.toml"),
        "tmall" => include_str!("../../standards/clauses/tmall.toml"),
        "franchise" => include_str!("../../standards/clauses/franchise.toml"),
        "ecommerce-supervisor" => {
            include_str!("../../standards/clauses/ecommerce-supervisor.toml")
        }
        "taobao" => include_str!("../../standards/clauses/taobao.toml"),
        "house" => include_str!("../../standards/clauses/house.toml"),
        _ => return None,
    })
}

impl Catalogue {
    /// The catalogue of a built-in standard, or of the house clauses.
    ///
    /// # Errors
    /// Every mistake in it; the project's tests prove that there is none.
    pub fn built_in(standard: &str) -> Option<Result<Self, Vec<Diagnostic>>> {
        Some(Self::read(
            text(standard)?,
            &format!("clauses/{standard}.toml"),
        ))
    }

    /// Reads a catalogue, reporting every mistake at its place.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn read(text: &str, file: &str) -> Result<Self, Vec<Diagnostic>> {
        let source = Source::new(file, text);
        let table = source.parse();
        let fields = Fields::new(&table, 0, &source, "");
        fields.word("schema", &[(SCHEMA, ())]);
        let standard = fields.require_string("standard");
        let mut seen = BTreeSet::new();
        let mut clauses = Vec::new();
        for entry in fields.tables("clauses") {
            let at = entry.at;
            if let Some(clause) = read_clause(entry) {
                if !seen.insert(clause.id.clone()) {
                    fields.fault(
                        at,
                        "id-duplicate",
                        "id",
                        format!("“{}”已经用过", clause.id),
                        format!("`{}` is already used", clause.id),
                    );
                }
                clauses.push(clause);
            }
        }
        fields.finish();
        let faults = source.into_faults();
        match standard {
            Some(standard) if faults.is_empty() => Ok(Self {
                standard: standard.value,
                clauses,
            }),
            _ => Err(faults),
        }
    }

    /// The clause of this id.
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id == id)
    }

    /// The answers, given the standards whose rules may check the clauses. A clause that neither a rule
    /// nor the catalogue answers comes out as pending.
    pub fn coverage(&self, standards: &[Standard]) -> Coverage {
        let mut totals = BTreeMap::new();
        let clauses = self
            .clauses
            .iter()
            .map(|clause| {
                let row = self.row(clause, standards);
                *totals.entry(row.answer).or_default() += 1;
                row
            })
            .collect();
        Coverage {
            standard: self.standard.clone(),
            clauses,
            totals,
        }
    }

    fn row(&self, clause: &Clause, standards: &[Standard]) -> Row {
        let mut rules: Vec<Check> = Vec::new();
        for standard in standards {
            // House rules come with every standard; a clause of a source is theirs only where it says so.
            let own = standard.id == self.standard;
            for rule in &standard.rules {
                let cites = |id: &String| rule.common.clauses.contains(id);
                let dimension = standard.dimensions.get(rule.common.dimension);
                let named = own
                    && clause.dimension.is_some()
                    && dimension.map(|dimension| &dimension.id) == clause.dimension.as_ref();
                let checks = cites(&clause.id) || (own && clause.house.iter().any(cites)) || named;
                if checks && !rules.iter().any(|known| known.rule == rule.name) {
                    rules.push(Check::of(rule));
                }
            }
        }
        let answer = match (rules.is_empty(), clause.needs.is_empty()) {
            (false, true) => Answer::Checked,
            (false, false) => Answer::CheckedInPart,
            (true, _) if clause.pending => Answer::Pending,
            (true, false) => Answer::NeedsData,
            (true, true) if clause.human => Answer::Human,
            (true, true) if clause.not_conversation => Answer::NotConversation,
            (true, true) => Answer::Pending,
        };
        Row {
            id: clause.id.clone(),
            place: clause.place.clone(),
            title: clause.title.clone(),
            threshold: clause.threshold.clone(),
            answer,
            rules,
            needs: clause.needs.clone(),
            why: clause.why.clone(),
        }
    }
}

impl Check {
    fn of(rule: &Rule) -> Self {
        Self {
            rule: rule.name.clone(),
            source: match rule.common.source {
                Origin::Seed => "seed",
                Origin::Ours => "ours",
            },
            ours: rule.common.ours.clone(),
        }
    }
}

fn read_clause(entry: Fields<'_, '_>) -> Option<Clause> {
    let id = entry.require_string("id");
    let title = entry.require_bilingual("title");
    let words = |key| {
        entry
            .strings(key)
            .into_iter()
            .map(|word| word.value)
            .collect::<Vec<_>>()
    };
    let optional = |key| entry.has(key).then(|| entry.bilingual(key)).flatten();
    let known: Vec<(&str, &str)> = NEEDS.iter().map(|(word, ..)| (*word, *word)).collect();
    let flag = |key| entry.boolean(key).unwrap_or(false);
    let clause = Clause {
        id: id.as_ref().map(|id| id.value.clone()).unwrap_or_default(),
        place: entry.string("place").map(|place| place.value),
        title: title.unwrap_or_default(),
        threshold: optional("threshold"),
        limit: entry.duration("limit"),
        count: entry.count("count"),
        dimension: entry.string("dimension").map(|name| name.value),
        house: words("house"),
        needs: entry
            .words("needs", &known)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        human: flag("human"),
        not_conversation: flag("not-conversation"),
        pending: flag("pending"),
        why: optional("why"),
    };
    let alone = [
        clause.human,
        clause.not_conversation,
        clause.pending || !clause.needs.is_empty(),
    ];
    if alone.iter().filter(|said| **said).count() > 1 {
        entry.fault(
            entry.at,
            "answer-twice",
            "id",
            format!("“{}”有两种互相排斥的答案", clause.id),
            format!("`{}` has two answers that exclude each other", clause.id),
        );
    }
    let says_no = clause.human || clause.not_conversation || !clause.needs.is_empty();
    if says_no && clause.why.is_none() {
        entry.missing::<()>("why");
    }
    entry.finish();
    id.map(|_| clause)
}

/// The coverage of every source as Markdown.
pub fn markdown(all: &[Coverage]) -> String {
    let mut out = String::from(
        "# Clause coverage\n\n\
         Made by `ZHIJIAN_ACCEPT=1 cargo test`; not to be edited by hand. `zhijian coverage` prints the same.\n\n\
         Every clause of the sources in our own words, and how it is answered. *Checked in part*: a rule checks what a\n\
         transcript shows, the rest needs data. *Needs data*: brought in through tables or the profile, otherwise not\n\
         assessed, which is never a pass. After a rule, in brackets, which figures of it are ours and not the source's;\n\
         *ours* alone means the whole rule. No source states severities or points: those are ours everywhere.\n\n\
         | standard | clauses |",
    );
    for answer in Answer::ALL {
        let _ = write!(out, " {} |", answer.title().en);
    }
    out.push_str("\n| --- | ---: |");
    out.push_str(&" ---: |".repeat(Answer::ALL.len()));
    let mut sums = BTreeMap::new();
    for coverage in all {
        total_row(&mut out, &coverage.standard, &coverage.totals);
        for (answer, count) in &coverage.totals {
            *sums.entry(*answer).or_default() += count;
        }
    }
    total_row(&mut out, "**all**", &sums);
    out.push('\n');
    for coverage in all {
        let _ = write!(
            out,
            "\n## {}\n\n| clause | place | asks | source states | answer | rules | why |\n| --- | --- | --- | --- | --- | --- | --- |\n",
            coverage.standard
        );
        for row in &coverage.clauses {
            let both = |text: &Option<Bilingual>| {
                text.as_ref()
                    .map(|text| format!("{}<br>{}", cell(&text.zh), cell(&text.en)))
                    .unwrap_or_default()
            };
            let mut answer = row.answer.title().en;
            if !row.needs.is_empty() {
                let _ = write!(answer, ": {}", row.needs.join(", "));
            }
            let rules: Vec<String> = row.rules.iter().map(check_cell).collect();
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {answer} | {} | {} |",
                row.id,
                cell(row.place.as_deref().unwrap_or_default()),
                both(&Some(row.title.clone())),
                both(&row.threshold),
                rules.join("<br>"),
                both(&row.why)
            );
        }
    }
    out
}

fn check_cell(check: &Check) -> String {
    let mut text = format!("`{}`", check.rule);
    if check.source == "ours" {
        text.push_str(" (ours)");
    } else if !check.ours.is_empty() {
        let _ = write!(text, " ({})", check.ours.join(", "));
    }
    text
}

fn total_row(out: &mut String, name: &str, totals: &BTreeMap<Answer, usize>) {
    let _ = write!(out, "\n| {name} | {} |", totals.values().sum::<usize>());
    for answer in Answer::ALL {
        let _ = write!(out, " {} |", totals.get(&answer).copied().unwrap_or(0));
    }
}

/// A text inside a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::{CATALOGUES, Catalogue};

    fn codes(text: &str) -> Vec<(u32, String)> {
        Catalogue::read(text, "clauses/x.toml")
            .expect_err("mistakes")
            .into_iter()
            .map(|fault| (fault.line.unwrap_or(0), fault.code))
            .collect()
    }

    #[test]
    fn every_built_in_catalogue_reads() {
        for id in CATALOGUES {
            let catalogue = Catalogue::built_in(id)
                .expect("there")
                .expect("no mistakes");
            assert_eq!(catalogue.standard, *id);
        }
        assert!(Catalogue::built_in("nobody").is_none());
    }

    #[test]
    fn a_limit_is_read_in_milliseconds() {
        let catalogue = Catalogue::built_in("pinduoduo")
            .expect("there")
            .expect("no mistakes");
        let clause = catalogue.clause("PDD-010").expect("there");
        assert_eq!(clause.limit, Some(60_000));
        assert_eq!(clause.threshold.as_ref().expect("stated").zh, "60 秒");
    }

    #[test]
    fn mistakes_are_named_at_their_line() {
        let head = "schema = \"zhijian-clauses/1\"\nstandard = \"x\"\n";
        let clause = "[[clauses]]\nid = \"X-1\"\ntitle = { zh = \"甲\", en = \"a\" }\n";
        let why = "why = { zh = \"因\", en = \"because\" }\n";
        assert_eq!(
            codes(&format!("{head}{clause}{why}needs = [\"tickts\"]\n")),
            [(7, "word-unknown".to_owned())]
        );
        assert_eq!(
            codes(&format!("{head}{clause}human = true\n")),
            [(3, "field-missing".to_owned())]
        );
        assert_eq!(
            codes(&format!(
                "{head}{clause}{why}human = true\nnot-conversation = true\n"
            )),
            [(3, "answer-twice".to_owned())]
        );
        assert_eq!(
            codes(&format!("{head}{clause}{clause}")),
            [(6, "id-duplicate".to_owned())]
        );
    }
}
