//! What is brought in from outside the conversations: satisfaction, the roster, orders, tickets, manual
//! marks, figures. Plain data; [`crate::import`] reads it and rules of the kind `record` judge it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::Bilingual;

/// Which table a row is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Which person an account was, and when.
    Roster,
    /// When orders were placed, paid, shipped and delivered.
    Orders,
    /// When cases were opened, first answered and solved.
    Tickets,
    /// What a person judged.
    Manual,
    /// Figures of agents.
    Metrics,
    /// What customers said of the service.
    Satisfaction,
}

impl Table {
    /// All, by the words that standards and arguments use.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("roster", Self::Roster),
        ("orders", Self::Orders),
        ("tickets", Self::Tickets),
        ("manual", Self::Manual),
        ("metrics", Self::Metrics),
        ("satisfaction", Self::Satisfaction),
    ];

    /// The word of this table.
    pub fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, table)| *table == self)
            .map_or("", |(word, _)| word)
    }

    /// Its name for people.
    pub fn title(self) -> Bilingual {
        let zh = match self {
            Self::Roster => "花名册",
            Self::Orders => "订单表",
            Self::Tickets => "工单表",
            Self::Manual => "人工评分表",
            Self::Metrics => "指标表",
            Self::Satisfaction => "满意度表",
        };
        Bilingual::new(zh, self.word())
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which table it is from.
    pub table: Table,
    /// The file's name.
    pub file: Arc<str>,
    /// Line in the file, from 1.
    pub line: u32,
    /// The conversation it is about.
    pub conversation: Option<String>,
    /// The agent it is about, by name or account; in the roster the person.
    pub agent: Option<String>,
    /// Roster: the account. Orders: the number. Tickets: the case. Manual: the item. Metrics: the figure.
    pub key: Option<String>,
    /// The customer, in orders.
    pub customer: Option<String>,
    /// The number.
    pub value: Option<f64>,
    /// Orders: placed, paid, shipped, delivered. Tickets: opened, first response, solved. Roster: from, to.
    /// Others: when. In milliseconds since 1970.
    pub times: [Option<i64>; 4],
    /// Roster: the group. Manual: the rater. Metrics: the period.
    pub by: Option<String>,
    /// Roster: the title. Manual: the reason.
    pub note: Option<String>,
}

/// All rows of all tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    rows: Vec<Row>,
    tables: BTreeSet<Table>,
    conversations: BTreeMap<String, Vec<usize>>,
    orders: BTreeMap<String, Vec<usize>>,
    customers: BTreeMap<String, Vec<usize>>,
    accounts: BTreeMap<String, Vec<usize>>,
}

impl Records {
    /// Adds a table, which is there from now on even without rows.
    pub fn add(&mut self, table: Table, rows: Vec<Row>) {
        self.tables.insert(table);
        for row in rows {
            let number = self.rows.len();
            let mut index = |map: fn(&mut Self) -> &mut BTreeMap<String, Vec<usize>>,
                             key: &Option<String>| {
                if let Some(key) = key {
                    map(self).entry(key.clone()).or_default().push(number);
                }
            };
            index(|records| &mut records.conversations, &row.conversation);
            match table {
                Table::Orders => {
                    index(|records| &mut records.orders, &row.key);
                    index(|records| &mut records.customers, &row.customer);
                }
                Table::Roster => {
                    index(|records| &mut records.accounts, &row.key);
                    index(|records| &mut records.accounts, &row.agent);
                }
                _ => {}
            }
            self.rows.push(row);
        }
    }

    /// Whether a table was brought.
    pub fn has(&self, table: Table) -> bool {
        self.tables.contains(&table)
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    /// All rows of a table, in the order of the files.
    pub fn of(&self, table: Table) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.table == table)
    }

    /// The rows of a table about a conversation.
    pub fn about(&self, table: Table, conversation: &str) -> impl Iterator<Item = &Row> {
        self.at(&self.conversations, conversation)
            .filter(move |row| row.table == table)
    }

    /// The orders with this number.
    pub fn order(&self, number: &str) -> impl Iterator<Item = &Row> {
        self.at(&self.orders, number)
    }

    /// The orders of this customer.
    pub fn orders_of(&self, customer: &str) -> impl Iterator<Item = &Row> {
        self.at(&self.customers, customer)
    }

    /// Who an account or a name is in the roster at a moment; without one the last who was.
    pub fn person(&self, account: &str, at: Option<i64>) -> Option<&Row> {
        self.at(&self.accounts, account)
            .filter(|row| {
                at.is_none_or(|at| {
                    row.times[0].is_none_or(|from| from <= at)
                        && row.times[1].is_none_or(|to| at < to)
                })
            })
            .last()
    }

    fn at<'a>(
        &'a self,
        map: &'a BTreeMap<String, Vec<usize>>,
        key: &str,
    ) -> impl Iterator<Item = &'a Row> {
        map.get(key)
            .into_iter()
            .flatten()
            .filter_map(|number| self.rows.get(*number))
    }
}
