//! JSON exports that a table can describe: the engine behind [`super::shapes`].
//!
//! The thing to get right: no path says where the messages stand. Whatever object meets one of a
//! [`Shape::message`]'s conditions is a message, however deep in pages and wrappers; what stands in one
//! list with messages and is none is a row that is left out, and told. Numbers are the text they are
//! written as, so that ids of 18 digits stay what they are.

mod find;
mod html;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use find::{Place, leads, paths};

use super::columns::{Column, Names, ROLE_COLUMNS};
use super::draft::{Groups, Record};
use super::json::{self, Lined};
use super::ledger::{Ledger, hash};
use super::shapes::SHAPES;
use super::tree::{Kind, Tree};
use super::{FormatInfo, Probe, Source, time, words};
use crate::diagnostic::Diagnostic;
use crate::transcript::Zone;

/// A column, the condition under which it is filled, and with what: a template.
pub(crate) type Rule = (Column, &'static str, &'static str);

/// A format: where its messages say what.
pub(crate) struct Shape {
    pub(crate) id: &'static str,
    pub(crate) title_zh: &'static str,
    pub(crate) title_en: &'static str,
    /// An object is a message if it meets one of these conditions.
    pub(crate) message: &'static [&'static str],
    /// How sure it is that a file with such a message is of this format.
    pub(crate) sure: u8,
    /// The first rule of a column that holds and gives something is the one. `#` for the conversation: the
    /// object around the list is one, whatever it is called.
    pub(crate) rules: &'static [Rule],
    /// Where a message says what kind it is, for paths with `$`.
    pub(crate) kind: &'static str,
    /// When a message withdraws another, and its id.
    pub(crate) withdraws: (&'static str, &'static str),
    /// What is no message, though it looks like one.
    pub(crate) skip: &'static str,
    /// What belongs to the export and is no row of it.
    pub(crate) aside: &'static str,
    /// What holds the day for the messages that come after, themselves with a time of day only.
    pub(crate) day: &'static str,
    /// Milliseconds since the beginning, and the template of that moment.
    pub(crate) offset: (&'static str, &'static str),
    /// Whether texts are HTML.
    pub(crate) html: bool,
    /// Whether who speaks first, where nothing says who anybody is, is the customer.
    pub(crate) opener: bool,
    /// Whether messages have no times at all.
    pub(crate) timeless: bool,
    /// Whether the export ends with a line that is none of its rows.
    pub(crate) tail: bool,
    /// Whether what is found are figures about conversations and no messages.
    pub(crate) figures: bool,
}

impl Shape {
    /// A shape of which nothing is said.
    pub(crate) const NEW: Self = Self {
        id: "",
        title_zh: "",
        title_en: "",
        message: &[],
        sure: 97,
        rules: &[],
        kind: "",
        withdraws: ("", ""),
        skip: "",
        aside: "",
        day: "",
        offset: ("", ""),
        html: false,
        opener: false,
        timeless: false,
        tail: false,
        figures: false,
    };
}

/// The format of the shape of this number.
pub(crate) const fn format<const NUMBER: usize>() -> FormatInfo {
    FormatInfo {
        id: SHAPES[NUMBER].id,
        title_zh: SHAPES[NUMBER].title_zh,
        title_en: SHAPES[NUMBER].title_en,
        detect: |probe| detect(&SHAPES[NUMBER], probe),
        open: |source: Source| json::open_shaped(source, Some(&SHAPES[NUMBER])),
    }
}

/// How much of a file is looked at.
const LOOKED_AT: usize = 1 << 16;

/// How many keys are remembered of them.
const KEYS: usize = 256;

/// How many values of a file are looked at.
const VALUES: usize = 16;

/// The beginning of a text, as far as it is JSON.
#[derive(Default)]
pub(crate) struct Head<'a> {
    values: Vec<Tree<'a>>,
    /// The keys of all of them.
    keys: Vec<&'a str>,
    /// Whether texts hold JSON themselves, with other keys.
    nested: bool,
}

impl<'a> Head<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let mut head = Self::default();
        let mut rest = text.trim_start_matches(json::is_between);
        if !rest.starts_with(['{', '[']) {
            return head;
        }
        rest = &rest[..rest.floor_char_boundary(LOOKED_AT)];
        head.nested = ["\"{\\\"", "\"[{\\\""]
            .iter()
            .any(|start| rest.contains(start));
        while head.values.len() < VALUES && !rest.is_empty() {
            let end = match Tree::parse(rest, true) {
                Ok(tree) => {
                    let end = tree.end;
                    tree.keys(&mut head.keys, KEYS);
                    head.values.push(tree);
                    end
                }
                // A line that cannot be read is not the last.
                Err(fault) => match rest[fault.at..].find('\n') {
                    Some(end) => fault.at + end,
                    None => break,
                },
            };
            rest = rest[end..].trim_start_matches(json::is_between);
        }
        head
    }

    /// Whether a condition could hold, as far as the keys tell.
    fn may_hold(&self, condition: &str) -> bool {
        self.nested
            || condition.split(' ').all(|term| {
                let end = term.find(['=', '~', '%', '@', '*']).unwrap_or(term.len());
                let keys = term[..end].split('|').map(|path| {
                    let path = path.trim_start_matches(['^', '?']);
                    path.split(['.', '[']).next().unwrap_or(path)
                });
                let mut keys = keys;
                term.starts_with('!') || keys.any(|key| self.keys.contains(&key))
            })
    }
}

fn detect(shape: &'static Shape, probe: &Probe<'_>) -> u8 {
    let head = probe.head();
    let may = shape.message.iter().any(|one| head.may_hold(one));
    let is_there = |tree| is_anywhere(shape, tree, 0, &mut Vec::new());
    let found = may && head.values.iter().any(is_there);
    if found { shape.sure } else { 0 }
}

fn is_message(shape: &Shape, tree: &Tree<'_>, node: usize, above: &[usize]) -> bool {
    let place = Place {
        tree,
        message: node,
        above,
        kind: shape.kind,
        stated: None,
    };
    tree.kind(node) == Kind::Object && shape.message.iter().any(|one| place.holds(one))
}

fn is_anywhere(shape: &Shape, tree: &Tree<'_>, node: usize, above: &mut Vec<usize>) -> bool {
    match tree.kind(node) {
        Kind::Object => {
            if is_message(shape, tree, node, above) {
                return true;
            }
            above.push(node);
            let found = tree
                .children(node)
                .any(|child| is_anywhere(shape, tree, child, above));
            above.pop();
            found
        }
        Kind::Array => tree
            .children(node)
            .any(|child| is_anywhere(shape, tree, child, above)),
        Kind::Text => inner(tree, node).is_some_and(|text| {
            Tree::parse(&text, true).is_ok_and(|tree| is_anywhere(shape, &tree, 0, &mut Vec::new()))
        }),
        _ => false,
    }
}

/// The JSON that a text holds.
fn inner<'a>(tree: &Tree<'a>, node: usize) -> Option<Cow<'a, str>> {
    let raw = tree.raw(node);
    if !raw.starts_with("\"{\\\"") && !raw.starts_with("\"[{\\\"") {
        return None;
    }
    tree.scalar(node)
}

/// Messages whose values are shown for correction.
const TOLD: usize = 8;

/// What the table takes a value for, which is written with the keys to it.
fn column_of(shape: &Shape, value: &str) -> Option<Column> {
    let has = |words: &str| paths(words).any(|path| leads(path, value));
    let rules = shape.rules.iter();
    let filled = rules.clone().find(|(_, _, what)| has(what));
    // Mostly a role is no value, but what a value says.
    let told = || {
        rules
            .clone()
            .find(|(column, when, what)| *column == Column::Role && *what != "system" && has(when))
    };
    filled.or_else(told).map(|(column, _, _)| *column)
}

/// The values of a message, each written with the keys to it.
fn values(tree: &Tree<'_>, node: usize, path: &str, into: &mut Vec<String>) {
    match tree.kind(node) {
        Kind::Object | Kind::Array => {
            for child in tree.children(node) {
                let key = tree.key(child);
                let dot = if path.is_empty() || key.is_empty() {
                    ""
                } else {
                    "."
                };
                values(tree, child, &[path, dot, &key].concat(), into);
            }
        }
        Kind::Bad => {}
        _ if !path.is_empty() && into.iter().all(|known| known != path) => {
            into.push(path.to_owned());
        }
        _ => {}
    }
}

/// Reads the values of a file of one shape.
pub(crate) struct Shaped {
    shape: &'static Shape,
    /// What the caller says of values.
    stated: Arc<Names>,
    /// Messages that may still show values nobody saw before.
    shows: usize,
    /// Which value of the file this is, and how many there were.
    unit: u32,
    units: u32,
    /// Who spoke first, by conversation.
    openers: BTreeMap<String, usize>,
    first_senders: Vec<String>,
    /// The day of what comes.
    day: Option<String>,
    /// When the conversation began, in milliseconds, and which.
    began: Option<(String, i64)>,
    /// Whether a message lacks its end.
    pub(crate) cut: bool,
}

/// Where what is read goes.
pub(crate) struct Out<'o> {
    pub(crate) groups: &'o mut Groups,
    pub(crate) zone: Option<&'o Zone>,
    /// The day of a file that has none.
    pub(crate) date: Option<&'o str>,
    pub(crate) ledger: &'o mut Ledger,
}

impl Shaped {
    pub(crate) fn new(shape: &'static Shape, columns: &[(String, String)]) -> Self {
        let mut stated = Names::new(columns);
        stated.retain(|name, column| column_of(shape, name) != column);
        Self {
            shape,
            stated: Arc::new(stated),
            shows: TOLD,
            unit: 0,
            units: 0,
            openers: BTreeMap::new(),
            first_senders: Vec::new(),
            day: None,
            began: None,
            cut: false,
        }
    }

    /// Whether the export ends with a line that is none of its rows.
    pub(crate) fn has_tail(&self) -> bool {
        self.shape.tail
    }

    /// Reads a value; how many messages there were.
    pub(crate) fn value(
        &mut self,
        tree: &Tree<'_>,
        lined: &mut Lined<'_>,
        out: &mut Out<'_>,
    ) -> usize {
        if self.units == 0 {
            self.label(out.ledger);
        }
        self.units = self.units.saturating_add(1);
        let around = std::mem::replace(&mut self.unit, self.units);
        let found = self.walk(tree, 0, &mut Vec::new(), lined, out);
        self.unit = around;
        found
    }

    /// What the export itself calls its columns.
    fn label(&self, ledger: &mut Ledger) {
        // Of several rules the first names it.
        for &(column, _, what) in self.shape.rules.iter().rev() {
            let hole = what
                .strip_prefix('{')
                .and_then(|what| what.strip_suffix('}'));
            if let Some(hole) = hole.filter(|hole| !hole.contains(['{', '+', ',', '$', '&', '^'])) {
                ledger.label(column, hole.split(['|', '!']).next().unwrap_or(hole));
            }
        }
        for (name, column) in self.stated.stated() {
            if let Some(column) = column {
                ledger.label(column, name);
            }
        }
    }

    /// Tells what the values of a message are taken for.
    fn tell(&mut self, place: &Place<'_, '_>, ledger: &mut Ledger) {
        self.shows -= 1;
        let mut names = Vec::new();
        values(place.tree, place.message, "", &mut names);
        let around = self.shape.rules.iter().flat_map(|(_, _, what)| paths(what));
        let around = around.filter(|path| path.starts_with('^') && place.scalar(path).is_some());
        names.extend(around.map(str::to_owned));
        let mut columns = Vec::with_capacity(names.len());
        for name in &names {
            let stated = self.stated.states(name);
            columns.push(match stated {
                true => self.stated.of(name).map(|found| found.0),
                false => column_of(self.shape, name),
            });
        }
        // One message need not have what another has, and the file is of one form all the same.
        let form = &mut ledger.detection.fingerprint;
        form.get_or_insert_with(|| format!("{:016x}", hash(0, self.shape.id)));
        ledger.mapped(names.iter().map(String::as_str).zip(columns));
    }

    /// Whether what the caller says takes the place of a rule: what kind of message it is stays, which the
    /// first rules of roles say.
    fn is_replaced(&self, &(column, when, what): &Rule, by_kind: bool) -> bool {
        let is_role = |column: Column| ROLE_COLUMNS.contains(&column);
        let mut stated = self.stated.stated();
        stated.any(|(name, stated)| {
            if is_role(column) {
                let says = stated.is_some_and(is_role);
                (says && !by_kind) || paths(when).any(|path| leads(path, name))
            } else {
                stated == Some(column) && what.contains(['{', '#'])
            }
        })
    }

    /// What the caller says where values are.
    fn fill_stated<'a>(
        &self,
        place: &Place<'_, 'a>,
        record: &mut Record<'a>,
    ) -> Option<Cow<'a, str>> {
        let mut key = None;
        for (name, column) in self.stated.stated() {
            let value = match column {
                None => continue,
                Some(Column::Text) => place.joined(name, true),
                Some(_) => place.scalar(name),
            };
            let (Some(column), Some(value)) = (column, value) else {
                continue;
            };
            match column {
                Column::Conversation => key = Some(value),
                column if ROLE_COLUMNS.contains(&column) && record.get(Column::Role).is_some() => {}
                // The system is nobody in particular.
                Column::Sender if record.get(Column::Role) == Some("system") => {}
                Column::Text => record.set(column, 0, self.words(value)),
                _ => record.set(column, 0, value),
            }
        }
        key
    }

    fn words<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if self.shape.html && text.contains(['<', '&']) {
            return Cow::Owned(html::text(&text));
        }
        text
    }

    fn walk(
        &mut self,
        tree: &Tree<'_>,
        node: usize,
        above: &mut Vec<usize>,
        lined: &mut Lined<'_>,
        out: &mut Out<'_>,
    ) -> usize {
        let mut found = 0;
        match tree.kind(node) {
            Kind::Object if is_message(self.shape, tree, node, above) => {
                if tree.is_cut(node) {
                    // Whoever tells of the cut counts it.
                    self.cut = true;
                    return 1;
                }
                self.message(tree, node, above, lined.at(tree, node), out);
                return 1;
            }
            Kind::Object
                if !self.shape.aside.is_empty()
                    && self.place(tree, node, above).holds(self.shape.aside) =>
            {
                return 1;
            }
            Kind::Object => {
                above.push(node);
                for child in tree.children(node) {
                    found += self.walk(tree, child, above, lined, out);
                }
                above.pop();
            }
            Kind::Array => {
                let is_list = tree
                    .children(node)
                    .any(|child| is_message(self.shape, tree, child, above));
                for child in tree.children(node) {
                    let line = lined.at(tree, child);
                    let read = match tree.kind(child) {
                        Kind::Bad => {
                            json::invalid(line, None, "", out.ledger);
                            continue;
                        }
                        _ => self.walk(tree, child, above, lined, out),
                    };
                    if is_list && read == 0 && !tree.is_cut(child) {
                        self.no_message(tree, child, above, line, out);
                    }
                    found += read;
                }
            }
            Kind::Text => {
                if let Some(text) = inner(tree, node)
                    && let Ok(inner) = Tree::parse(&text, true)
                {
                    let line = lined.at(tree, node);
                    found += self.value(&inner, &mut Lined::new(line, ""), out);
                }
            }
            _ => {}
        }
        found
    }

    /// What stands among messages and is none.
    fn no_message(
        &mut self,
        tree: &Tree<'_>,
        node: usize,
        above: &[usize],
        line: u32,
        out: &mut Out<'_>,
    ) {
        let place = self.place(tree, node, above);
        if !self.shape.day.is_empty()
            && let Some(day) = place.scalar(self.shape.day)
        {
            // A line between the days is no row.
            self.day = Some(day.into_owned());
            return;
        }
        if tree.kind(node) != Kind::Object {
            json::invalid(line, None, "expected an object", out.ledger);
            return;
        }
        out.ledger.exclude("message-unrecognized");
        // What it lacks to be one.
        let mut terms = self.shape.message[0].split(' ');
        let wanted = key_of(terms.find(|term| !place.holds(term)).unwrap_or_default());
        out.ledger.report(
            Diagnostic::warning(
                "message-unrecognized",
                format!("这一项不像消息（缺少 {wanted}，或其值不在预期之内），未计入；请核对导出是否完整。"),
                format!("This entry does not look like a message ({wanted} is missing, or holds something unexpected) and was left out; check that the export is complete."),
            )
            .line(line)
            .field(wanted),
        );
    }

    fn place<'t, 'a>(
        &self,
        tree: &'t Tree<'a>,
        message: usize,
        above: &'t [usize],
    ) -> Place<'t, 'a> {
        Place {
            tree,
            message,
            above,
            kind: self.shape.kind,
            stated: None,
        }
    }

    fn message(
        &mut self,
        tree: &Tree<'_>,
        node: usize,
        above: &[usize],
        line: u32,
        out: &mut Out<'_>,
    ) {
        let shape = self.shape;
        let stated = Arc::clone(&self.stated);
        let corrected = stated.any();
        let mut place = self.place(tree, node, above);
        if shape.figures {
            out.ledger.take_record();
            out.ledger.report_once(Diagnostic::info(
                "records-only",
                "这个文件只有会话数据，没有聊天内容；聊天内容在同一导出的 message.txt 里。",
                "This file holds figures about conversations and no words; the words are in message.txt of the same export.",
            ));
            return;
        }
        if !shape.skip.is_empty() && place.holds(shape.skip) {
            out.ledger.exclude("not-a-message");
            return;
        }
        let mut record = Record::at(line);
        record.timeless = shape.timeless;
        let mut key = None;
        let mut by_holder = false;
        if self.shows > 0 {
            self.tell(&place, out.ledger);
        }
        place.stated = corrected.then_some(&*stated);
        let mut by_kind = true;
        for rule in shape.rules {
            let &(column, when, what) = rule;
            by_kind &= column != Column::Role || what == "system";
            let is_set = match column {
                Column::Conversation => key.is_some() || by_holder,
                // The system is nobody in particular.
                Column::Sender if record.get(Column::Role) == Some("system") => true,
                _ => record.get(column).is_some(),
            };
            if is_set || (corrected && self.is_replaced(rule, by_kind)) || !place.holds(when) {
                continue;
            }
            if what == "#" {
                by_holder = true;
            } else if let Some(value) = place.render(what) {
                match column {
                    Column::Conversation => key = Some(value),
                    Column::Text => record.set(column, 0, self.words(value)),
                    _ => record.set(column, 0, value),
                }
            }
        }
        if corrected {
            key = self.fill_stated(&place, &mut record).or(key);
        }
        // Without an object around them, all messages are one conversation.
        let holder = above.last().filter(|_| by_holder);
        let held = holder.map(|holder| format!("\u{0}{}.{holder}", self.unit));
        let group = held.as_deref().or(key.as_deref()).unwrap_or_default();
        let day = (!shape.day.is_empty())
            .then(|| place.scalar(shape.day))
            .flatten();
        if let Some(day) = day {
            self.day = Some(day.into_owned());
        }
        if let Some(day) = &self.day {
            // The day of `2025-3-1 10:00` or `2025年3月1日 10:00`.
            record.set(
                Column::Date,
                0,
                day.split_whitespace().next().unwrap_or(day).to_owned(),
            );
        }
        if !shape.offset.0.is_empty() {
            self.time_from_offset(&place, group, &mut record, out);
        }
        if shape.opener
            && record.get(Column::Role).is_none()
            && let Some(sender) = record.get(Column::Sender).or(record.get(Column::From))
            && words::role_of_sender(sender).is_none()
        {
            let opens = match self.openers.get(group) {
                Some(&first) => self.first_senders[first] == sender,
                None => {
                    let first = self.first_senders.len();
                    self.openers.insert(group.to_owned(), first);
                    self.first_senders.push(sender.to_owned());
                    true
                }
            };
            record.set(Column::Role, 0, if opens { "customer" } else { "agent" });
            out.ledger.report_once(
                Diagnostic::info(
                    "role-inferred",
                    "文件没有角色，已按“先开口的是客户，其余为客服”判断；请核对。",
                    "The file states no roles; whoever speaks first was taken for the customer, others for agents. Please check.",
                )
                .line(line),
            );
        }
        let draft = out
            .groups
            .keyed(group, key.as_deref().unwrap_or_default(), line, out.zone);
        if !shape.withdraws.1.is_empty()
            && place.holds(shape.withdraws.0)
            && let Some(id) = place.render(shape.withdraws.1)
        {
            draft.withdraw(&id);
        }
        draft.push(&mut record, out.ledger);
    }

    /// The moment of a message that is so many milliseconds into its conversation.
    fn time_from_offset(
        &mut self,
        place: &Place<'_, '_>,
        group: &str,
        record: &mut Record<'_>,
        out: &Out<'_>,
    ) {
        let zone = out
            .zone
            .map_or_else(|| Zone::default().offset, |zone| zone.offset);
        let moment = |text: &str| {
            time::parse(text, zone)
                .ok()
                .map(|parsed| parsed.time.millis)
        };
        let offset = place.scalar(self.shape.offset.0);
        let offset: Option<i64> = offset.and_then(|text| text.trim().parse().ok());
        let same = |began: &&(String, i64)| began.0 == group;
        if let Some(stated) = record.get(Column::Time) {
            if self.began.as_ref().filter(same).is_none()
                && let (Some(at), Some(offset)) = (moment(stated), offset)
            {
                self.began = Some((group.to_owned(), at.saturating_sub(offset)));
            }
            return;
        }
        let Some(offset) = offset else {
            return;
        };
        let began = match self.began.as_ref().filter(same) {
            Some(&(_, began)) => Some(began),
            None => place
                .render(self.shape.offset.1)
                .and_then(|text| moment(&text))
                .or_else(|| moment(&format!("{} 00:00:00", out.date?))),
        };
        if let Some(began) = began {
            let at = began.saturating_add(offset);
            // Thirteen digits are milliseconds, whenever it was.
            record.set(Column::Time, 0, format!("{at:013}"));
            self.began = Some((group.to_owned(), began));
        }
    }
}

/// The key that a term asks for first.
fn key_of(term: &str) -> &str {
    let term = term.trim_start_matches(['?', '!']);
    let end = term.find(['|', '=', '~', '%', '@', '*']);
    &term[..end.unwrap_or(term.len())]
}
