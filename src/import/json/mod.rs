//! `zhijian-transcript/1`: one object, an array of them, or one a line; also single messages, one a
//! line or an array of them, that carry the id of their conversation; and either of them inside whatever
//! wraps an answer of some service (`data`, `result`, `list`). [`super::shape`] reads other JSON exports
//! through the same door.
//!
//! The thing to get right: a conversation is read straight from its text and let go before the next,
//! unless its dates may be day and month in two orders: then it waits for one further down that shows
//! which. And what cannot be read costs only itself: it is counted and passed over by its brackets or
//! its line.

mod told;

use std::collections::{BTreeMap, VecDeque};

use super::columns::{Column, Names};
use super::draft::{Draft, Groups, Participant, Record};
use super::ledger::Ledger;
use super::lines::{Lines, has_lines, line_at};
use super::plain::{self, Keys, LISTS};
use super::repair::{extent, repair};
use super::shape::{Out, Shape, Shaped};
use super::tree::{Fault, Kind, Tree};
use super::words;
use super::{Conversations, FormatInfo, Probe, Slices, Source};
use crate::transcript::{Transcript, Zone};
pub(crate) use told::invalid;
use told::{no_data, nothing, remark, tell_invalid, truncated};

pub(crate) const FORMAT: FormatInfo = FormatInfo {
    id: "transcript-json",
    title_zh: "会话 JSON / JSONL",
    title_en: "Transcript JSON or JSONL",
    detect,
    open: |source| open_shaped(source, None),
};

/// How sure [`detect`] is at most, which is more than any format is that is not JSON.
const SURE: u8 = 95;

/// Objects without an end that are given up on, before the rest of the file is.
const PATIENCE: u8 = 16;

fn detect(probe: &Probe<'_>) -> u8 {
    let mut significant = probe.text.chars().filter(|c| !c.is_whitespace());
    match (significant.next(), significant.next()) {
        (Some('{'), Some('"' | '}')) | (Some('['), Some('{' | ']')) => SURE,
        (Some('{'), None) => 40,
        _ => 0,
    }
}

/// Opens a file of this shape; of none: conversations and messages with keys of many names.
pub(crate) fn open_shaped(source: Source, shape: Option<&'static Shape>) -> Box<dyn Conversations> {
    let by_line = source.more.is_some() || one_a_line(&source.text);
    Box::new(Json {
        objects: Objects {
            zone: source.options.zone,
            date: source.options.date,
            groups: Groups::default(),
            ready: VecDeque::new(),
            keys: Keys::default(),
            shaped: shape.map(|shape| Shaped::new(shape, &source.options.columns)),
            cut: false,
        },
        more: source.more,
        behind: 0,
        offset: 0,
        // Whoever reads line by line counts as well.
        lines: Lines::new(if by_line { "" } else { &source.text }),
        by_line,
        number: 1,
        in_array: false,
        patience: PATIENCE,
        grouped: false,
        text: source.text,
    })
}

/// Whether the first line is a whole object and others follow.
pub(crate) fn one_a_line(text: &str) -> bool {
    let start = text.len() - text.trim_start().len();
    let (line, next) = line_at(text, start);
    if !line.starts_with('{') || text[next..].trim().is_empty() {
        return false;
    }
    match extent(line, 0) {
        Some(end) => line[end..].trim().trim_start_matches(',').is_empty(),
        // A first line that is cut, where the next begins anew. One object over many lines may look the
        // same (`"messages": [` and then `{`), but then its end is further down, or its first line ends
        // where another may follow.
        None => {
            let may_go_on = line.trim_end().ends_with(['[', '{', ',']);
            let anew = !may_go_on && text[next..].trim_start().starts_with('{');
            anew && extent(text, start).is_none()
        }
    }
}

/// What may stand between values: files that were joined bring the mark of each into the middle.
pub(crate) fn is_between(c: char) -> bool {
    c.is_whitespace() || c == ',' || c == '\u{feff}'
}

struct Json {
    text: String,
    /// What comes after the text.
    more: Option<Slices>,
    /// How long the texts were that came before.
    behind: usize,
    offset: usize,
    lines: Lines,
    by_line: bool,
    /// The line at `offset`, when read line by line.
    number: u32,
    in_array: bool,
    patience: u8,
    /// Whether all is read, and only what was gathered from everywhere is left.
    grouped: bool,
    objects: Objects,
}

impl Conversations for Json {
    fn next(&mut self, ledger: &mut Ledger) -> Option<Transcript> {
        loop {
            // How long the wait is must not depend on slices, nor be long for what is read in them.
            let far = self.by_line && self.behind + self.offset >= self.objects.groups.apart;
            let waits = !self.grouped && !far && ledger.clock.waits();
            if !waits && let Some(draft) = self.objects.ready.pop_front() {
                let transcript = draft.finish(None, ledger);
                if transcript.is_some() {
                    return transcript;
                }
                continue;
            }
            if self.grouped {
                return self.objects.groups.next(ledger);
            }
            let goes_on = if self.by_line {
                self.line(ledger)
            } else {
                self.value(ledger)
            };
            if !goes_on {
                self.objects.groups.close();
                self.grouped = true;
            }
        }
    }

    fn consumed(&self) -> usize {
        self.behind + self.offset
    }

    fn length(&self) -> Option<usize> {
        self.more.is_none().then_some(self.text.len())
    }
}

impl Json {
    /// Reads a line; whether there was one.
    fn line(&mut self, ledger: &mut Ledger) -> bool {
        if self.offset >= self.text.len() && !self.go_on(ledger) {
            return false;
        }
        let start = self.offset;
        let (line, next) = line_at(&self.text, start);
        self.offset = next;
        let number = self.number;
        self.number = self.number.saturating_add(1);
        let raw = line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let raw = raw.trim_end().trim_end_matches(',');
        if raw.is_empty() {
            return true;
        }
        let at = raw.as_ptr() as usize - line.as_ptr() as usize;
        let Err(fault) = self.objects.object(raw, (number, false), false, ledger) else {
            return true;
        };
        let column = line[..at + fault.at].chars().count();
        let is_last = (fault.ended || self.objects.has_tail()) && self.is_at_end(ledger);
        if is_last && self.objects.has_tail() {
            no_data(number, ledger);
        } else if is_last {
            truncated(number, true, ledger);
        } else {
            invalid(number, Some(column + 1), fault.why, ledger);
        }
        true
    }

    /// Goes on to the next slice; whether there is one.
    fn go_on(&mut self, ledger: &mut Ledger) -> bool {
        let Some(more) = &mut self.more else {
            return false;
        };
        let length = self.text.len();
        self.behind += length;
        self.offset = 0;
        more.next(&mut self.text, self.number, ledger)
    }

    /// Whether nothing but space follows.
    fn is_at_end(&mut self, ledger: &mut Ledger) -> bool {
        loop {
            if !self.text[self.offset..].trim().is_empty() {
                return false;
            }
            // Space says nothing, so it need not be kept; only the lines of it count.
            while self.offset < self.text.len() {
                self.offset = line_at(&self.text, self.offset).1;
                self.number = self.number.saturating_add(1);
            }
            if !self.go_on(ledger) {
                return true;
            }
        }
    }

    /// Reads a value, or a bracket around values; whether there was one.
    fn value(&mut self, ledger: &mut Ledger) -> bool {
        let skipped = self.text[self.offset..].trim_start_matches(is_between);
        self.offset = self.text.len() - skipped.len();
        let start = self.offset;
        match skipped.as_bytes().first() {
            None => {
                if self.in_array {
                    self.in_array = false;
                    let line = self.lines.at(&self.text, start);
                    truncated(line, false, ledger);
                }
                return false;
            }
            Some(b'[') if !self.in_array => {
                self.in_array = true;
                self.offset += 1;
            }
            Some(b']') if self.in_array => {
                self.in_array = false;
                self.offset += 1;
            }
            Some(b'{' | b'[') => {
                let line = self.lines.at(&self.text, start);
                // The extent is needed for the lines of messages, and for what cannot be read.
                let end = extent(&self.text, start);
                self.offset = end.unwrap_or(self.text.len());
                let raw = &self.text[start..self.offset];
                let read = self
                    .objects
                    .object(raw, (line, true), end.is_none(), ledger);
                let Err(fault) = read else {
                    self.in_array &= end.is_some();
                    return true;
                };
                let at = line.saturating_add(Lines::new(raw).at(raw, fault.at) - 1);
                if end.is_none() {
                    // A quote too many, and the rest can still be read; or the file ends here.
                    let again = raw.get(fault.at..).and_then(|rest| {
                        self.patience = self.patience.checked_sub(1)?;
                        Some(fault.at + rest.find("\n{").or_else(|| rest.find("},{"))? + 1)
                    });
                    let Some(again) = again.filter(|_| !fault.ended) else {
                        truncated(line, true, ledger);
                        self.in_array = false;
                        return true;
                    };
                    self.offset = start + again;
                    if self.text.as_bytes()[self.offset] == b',' {
                        self.offset += 1;
                    }
                }
                invalid(at, None, fault.why, ledger);
            }
            Some(byte) => {
                // Not an object: pass over it, up to what may separate it.
                let end = match byte {
                    b'"' => None,
                    _ => skipped
                        .find([',', ']', '\n', '\r', '{'])
                        .map(|at| start + at.max(1)),
                };
                let end = end.unwrap_or_else(|| {
                    let step = skipped
                        .char_indices()
                        .nth(1)
                        .map_or(skipped.len(), |(at, _)| at);
                    start
                        + skipped[step..]
                            .find([',', ']', '\n', '\r'])
                            .map_or(skipped.len(), |at| at + step)
                });
                let line = self.lines.at(&self.text, start);
                self.offset = end;
                if self.objects.has_tail() && self.text[end..].trim().is_empty() {
                    no_data(line, ledger);
                } else {
                    invalid(line, None, "expected an object", ledger);
                }
            }
        }
        true
    }
}

/// Counts lines from where a value begins.
pub(crate) struct Lined<'t> {
    first: u32,
    text: &'t str,
    lines: Option<Lines>,
}

impl<'t> Lined<'t> {
    pub(crate) fn new(first: u32, text: &'t str) -> Self {
        Self {
            first,
            text,
            lines: has_lines(text).then(|| Lines::new(text)),
        }
    }

    /// The line of a value, of which none may stand before the last one asked for.
    pub(crate) fn at(&mut self, tree: &Tree<'_>, node: usize) -> u32 {
        self.offset(tree.start(node))
    }

    fn offset(&mut self, offset: usize) -> u32 {
        match &mut self.lines {
            None => self.first,
            Some(lines) => self.first.saturating_add(lines.at(self.text, offset) - 1),
        }
    }
}

/// Reads objects, whatever they stand in.
struct Objects {
    zone: Option<Zone>,
    date: Option<String>,
    /// What belongs together, wherever it stands.
    groups: Groups,
    /// What is whole.
    ready: VecDeque<Draft>,
    keys: Keys,
    shaped: Option<Shaped>,
    /// Whether a message lacks its end.
    cut: bool,
}

/// What an object says besides its lists.
#[derive(Default)]
struct Said {
    /// What was said; 2: under a name that answers of services use as well.
    text: Option<u8>,
    role: bool,
    who: bool,
    when: bool,
    nested: bool,
}

impl Objects {
    /// Takes in a conversation that is whole.
    fn take(&mut self, mut draft: Draft, ledger: &Ledger) {
        draft.part = ledger.part;
        self.ready.push_back(draft);
    }

    fn has_tail(&self) -> bool {
        self.shaped.as_ref().is_some_and(Shaped::has_tail)
    }

    /// Reads what begins on `line`; `lined`: and may go on on others; `cut`: and has no end.
    fn object(
        &mut self,
        raw: &str,
        (line, lined): (u32, bool),
        cut: bool,
        ledger: &mut Ledger,
    ) -> Result<(), Fault> {
        if self.shaped.is_none() && !cut && !ledger.names.any() {
            let mut draft = Draft::new(None, line, self.zone.as_ref());
            if plain::conversation(raw, &mut self.keys, &mut draft, lined).is_some() {
                if ledger.detection.fingerprint.is_none()
                    && let Ok(tree) = Tree::parse(raw, false)
                    && let Some(list) = LISTS.iter().find_map(|name| tree.member(0, name))
                    && let Some(first) = tree.children(list).next()
                {
                    tell(&tree, first, ledger);
                }
                self.take(draft, ledger);
                return Ok(());
            }
        }
        let mut start = 0;
        while start < raw.len() {
            let rest = &raw[start..];
            let tree = Tree::parse(rest, cut).map_err(|fault| Fault {
                at: fault.at + start,
                ..fault
            })?;
            self.tree(&tree, line, ledger);
            // Several may share a line.
            let after = rest[tree.end..].trim_start_matches(is_between);
            start = raw.len() - after.len();
        }
        Ok(())
    }

    fn tree(&mut self, tree: &Tree<'_>, line: u32, ledger: &mut Ledger) {
        remark(tree, line, ledger);
        let mut lined = Lined::new(line, tree.text);
        let found = match &mut self.shaped {
            Some(shaped) => {
                let mut out = Out {
                    groups: &mut self.groups,
                    zone: self.zone.as_ref(),
                    date: self.date.as_deref(),
                    ledger,
                };
                shaped.value(tree, &mut lined, &mut out)
            }
            None => self.entry(tree, 0, None, &mut lined, ledger),
        };
        if tree.cut.is_some() {
            let cut = self.shaped.as_mut().map_or(&mut self.cut, |it| &mut it.cut);
            truncated(line, std::mem::take(cut) || tree.lost(), ledger);
        } else if found == 0 && self.has_tail() {
            no_data(line, ledger);
        } else if found == 0 && tree.kind(0) != Kind::Object {
            invalid(line, None, "expected an object", ledger);
        } else if found == 0 {
            nothing(line, ledger);
        }
    }

    /// Reads an object, or what it wraps; how many conversations and messages there were.
    fn entry(
        &mut self,
        tree: &Tree<'_>,
        node: usize,
        within: Option<&str>,
        lined: &mut Lined<'_>,
        ledger: &mut Ledger,
    ) -> usize {
        let mut found = 0;
        if tree.kind(node) == Kind::Array {
            let is_list = tree.children(node).any(|child| {
                let said = said(tree, child, &ledger.names);
                said.text.is_some() && (said.who || said.when)
            });
            for child in tree.children(node) {
                let line = lined.at(tree, child);
                match tree.kind(child) {
                    Kind::Bad => invalid(line, None, "", ledger),
                    Kind::Object | Kind::Array => {
                        let read = self.entry(tree, child, within, lined, ledger);
                        if is_list && read == 0 {
                            nothing(line, ledger);
                        }
                        found += read;
                    }
                    _ if is_list => invalid(line, None, "expected an object", ledger),
                    _ => {}
                }
            }
            return found;
        }
        if tree.kind(node) != Kind::Object {
            return 0;
        }
        let list = LISTS.iter().find_map(|name| {
            tree.member(node, name)
                .filter(|&list| tree.kind(list) == Kind::Array)
        });
        if let Some(list) = list {
            return self.conversation(tree, (node, list), within, lined, ledger);
        }
        let said = said(tree, node, &ledger.names);
        let speaks = said.text.is_some() || said.role;
        let plainly = speaks && said.who && (said.text.is_none_or(|rank| rank < 2) || !said.nested);
        if said.nested && !plainly {
            let id = own_id(tree, node, &ledger.names);
            let within = id.as_deref().or(within);
            for child in tree.children(node) {
                if matches!(tree.kind(child), Kind::Object | Kind::Array) {
                    found += self.entry(tree, child, within, lined, ledger);
                }
            }
        }
        if found > 0 || !(plainly || speaks && (node == 0 || said.when)) {
            return found;
        }
        if tree.is_cut(node) {
            // Whoever tells of the cut counts it.
            self.cut = true;
            return 1;
        }
        let mut record = Record::at(lined.at(tree, node));
        tell(tree, node, ledger);
        fill(tree, node, &mut record, &ledger.names);
        let id = record
            .get(Column::Conversation)
            .or(within)
            .map(str::to_owned);
        let draft = self
            .groups
            .draft(id.as_deref(), record.line, self.zone.as_ref());
        if let Some(zone) = record.get(Column::Zone).filter(|_| draft.is_fresh()) {
            let zone = zone.to_owned();
            draft.zone(&zone, ledger);
        }
        draft.push(&mut record, ledger);
        1
    }

    /// Reads a conversation and the list of its messages.
    fn conversation(
        &mut self,
        tree: &Tree<'_>,
        (node, list): (usize, usize),
        within: Option<&str>,
        lined: &mut Lined<'_>,
        ledger: &mut Ledger,
    ) -> usize {
        let mut head = Record::at(lined.at(tree, node));
        fill(tree, node, &mut head, &ledger.names);
        let id = own_id(tree, node, &ledger.names).or_else(|| within.map(str::to_owned));
        let mut draft = Draft::new(id, head.line, self.zone.as_ref());
        if let Some(zone) = head.get(Column::Zone) {
            draft.zone(zone, ledger);
        }
        draft.channel = head.get(Column::Channel).and_then(words::channel);
        draft.config = tree.member(node, "config").and_then(|config| {
            let raw = tree.raw(config);
            let value: Option<serde_json::Value> = serde_json::from_str(raw)
                .or_else(|_| serde_json::from_str(&repair(raw, false).text))
                .ok();
            value.filter(|value| !value.is_null())
        });
        if let Some(introduced) = tree.member(node, "participants") {
            draft.participants = participants(tree, introduced);
        }
        for element in tree.children(list) {
            let line = lined.at(tree, element);
            if tree.is_cut(element) {
                self.cut = true;
            } else if tree.kind(element) == Kind::Object {
                let mut record = Record::at(line);
                tell(tree, element, ledger);
                fill(tree, element, &mut record, &ledger.names);
                draft.push(&mut record, ledger);
            } else {
                draft.skip("json-invalid");
                tell_invalid(line, None, "a message must be an object", ledger);
            }
        }
        // Of what was cut before its first message there is no more to tell than that.
        if !(tree.is_cut(node) && draft.is_fresh()) {
            self.take(draft, ledger);
        }
        1
    }
}

/// Tells what the keys of the first message are taken for.
fn tell(tree: &Tree<'_>, node: usize, ledger: &mut Ledger) {
    if ledger.detection.fingerprint.is_some() {
        return;
    }
    let keys: Vec<_> = tree.children(node).map(|child| tree.key(child)).collect();
    let column = |key: &str| ledger.names.of(key).map(|found| found.0);
    let found: Vec<_> = keys.iter().map(|key| column(key)).collect();
    ledger.mapped(keys.iter().map(|key| &**key).zip(found));
}

/// The columns of an object.
fn fill<'a>(tree: &Tree<'a>, node: usize, record: &mut Record<'a>, names: &Names) {
    for child in tree.children(node) {
        if let Some((column, rank)) = names.of(&tree.key(child))
            && let Some(value) = tree.scalar(child)
        {
            record.set(column, rank, value);
        }
    }
}

/// What a conversation calls itself: `id` is its own name, others are as good.
fn own_id(tree: &Tree<'_>, node: usize, names: &Names) -> Option<String> {
    let mut best = u8::MAX;
    let mut id = None;
    for child in tree.children(node) {
        let key = tree.key(child);
        let rank = match names.of(&key) {
            Some((Column::Id | Column::Conversation, _)) if key.eq_ignore_ascii_case("id") => 0,
            Some((Column::Id | Column::Conversation, rank)) => rank + 1,
            _ => continue,
        };
        if rank <= best
            && let Some(value) = tree.scalar(child)
        {
            best = rank;
            id = Some(value.trim().to_owned());
        }
    }
    id
}

fn said(tree: &Tree<'_>, node: usize, names: &Names) -> Said {
    let mut said = Said::default();
    if tree.kind(node) != Kind::Object {
        return said;
    }
    for child in tree.children(node) {
        let kind = tree.kind(child);
        if matches!(kind, Kind::Object | Kind::Array) {
            said.nested = true;
            continue;
        }
        let Some((column, rank)) = names.of(&tree.key(child)) else {
            continue;
        };
        match column {
            // A message without words says so.
            Column::Text => said.text = Some(said.text.map_or(rank, |known| known.min(rank))),
            _ if kind == Kind::Null => {}
            Column::Role => said.role = true,
            Column::Time | Column::Date => said.when = true,
            Column::AgentSends
            | Column::FromType
            | Column::OperationCode
            | Column::AccountRole
            | Column::Sender
            | Column::From => said.who = true,
            _ => {}
        }
    }
    said.who |= said.role;
    said
}

/// Participants by key, from `{key: {name, role, …}}`, `{key: name}` or `[{id, name, role, …}]`.
fn participants(tree: &Tree<'_>, node: usize) -> BTreeMap<String, Participant> {
    let text = |one: usize, keys: &[&str]| {
        let found = keys.iter().find_map(|key| {
            let member = tree.member(one, key)?;
            (tree.kind(member) == Kind::Text).then(|| tree.scalar(member))?
        });
        found.map(String::from)
    };
    let mut all = BTreeMap::new();
    for one in tree.children(node) {
        let key = match tree.kind(node) {
            Kind::Object => Some(tree.key(one).into_owned()),
            _ => text(one, &["id", "key", "from", "name"]),
        };
        let Some(key) = key else {
            continue;
        };
        let own = (tree.kind(one) == Kind::Text)
            .then(|| tree.scalar(one))
            .flatten();
        let participant = Participant {
            name: own
                .map(String::from)
                .or_else(|| text(one, &["name"]))
                .filter(|name| !name.trim().is_empty()),
            role: text(one, &["role"]).as_deref().and_then(words::role_word),
            title: text(one, &["title"]),
            department: text(one, &["dept", "department"]),
        };
        all.insert(key.trim().to_owned(), participant);
    }
    all
}
