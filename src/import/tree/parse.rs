//! From text to nodes, forgivingly.
//!
//! The thing to get right: an array goes on behind an element that cannot be read, an object does not.

use super::{Fault, Kind, Node, Sloppy, Tree, unit};
use crate::import::repair::extent;
use crate::report::json::special;
use crate::sorted;

/// Values deeper than this are not looked at.
const DEPTH: usize = 128;

/// So many keys are compared each with each.
const FEW_KEYS: usize = 24;

/// Elements without an end that are given up on, before the whole is.
pub(super) const PATIENCE: u8 = 16;

pub(super) struct Parser<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) may_cut: bool,
    pub(super) patience: u8,
    /// How many arrays stand around.
    pub(super) arrays: usize,
    pub(super) keys: Vec<(&'a str, (u32, u32))>,
    pub(super) tree: Tree<'a>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                0xef if self.bytes[self.at..].starts_with("\u{feff}".as_bytes()) => self.at += 3,
                _ => return,
            }
        }
    }

    fn fault<T>(&self, why: &'static str) -> Result<T, Fault> {
        let ended = self.at >= self.bytes.len();
        Err(Fault {
            at: self.at,
            why: if ended { "it ends too early" } else { why },
            ended,
        })
    }

    fn remark(&mut self, sloppy: Sloppy, at: usize, key: (u32, u32)) {
        let key = &self.tree.text[key.0 as usize..key.1 as usize];
        self.tree.sloppy.push((sloppy, at, key));
    }

    pub(super) fn value(&mut self, key: (u32, u32), depth: usize) -> Result<(), Fault> {
        self.space();
        let (index, start) = (self.tree.nodes.len(), self.at);
        self.tree.nodes.push(Node {
            kind: Kind::Null,
            key,
            escaped: self.tree.text.as_bytes()[key.0 as usize..key.1 as usize].contains(&b'\\'),
            start: start as u32,
            end: 0,
            next: 0,
        });
        let kind = match self.peek() {
            Some(b'{' | b'[') if depth >= DEPTH => {
                let Some(end) = extent(self.tree.text, start) else {
                    self.at = self.bytes.len();
                    return self.fault("");
                };
                self.remark(Sloppy::TooDeep, start, key);
                self.at = end;
                Kind::Null
            }
            Some(b'{') => {
                self.object(index, depth)?;
                Kind::Object
            }
            Some(b'[') => {
                self.array(depth)?;
                Kind::Array
            }
            Some(b'"') => {
                self.string()?;
                Kind::Text
            }
            Some(b'-' | b'0'..=b'9' | b'a'..=b'z' | b'I' | b'N') => self.bare(key)?,
            _ => return self.fault("expected a value"),
        };
        let (end, next) = (self.at as u32, self.tree.nodes.len() as u32);
        let node = &mut self.tree.nodes[index];
        (node.kind, node.end, node.next) = (kind, end, next);
        Ok(())
    }

    fn object(&mut self, index: usize, depth: usize) -> Result<(), Fault> {
        let fault = match self.members(depth) {
            Ok(()) => {
                self.keys_twice(index);
                return Ok(());
            }
            Err(fault) => fault,
        };
        // Around the lists that were read there may be half an object; in a list it is the one cut off.
        let lists = |node: &Node| node.kind == Kind::Array && node.next > 0;
        let keep = fault.ended && self.may_cut;
        if !keep || !self.tree.nodes[index + 1..].iter().any(lists) {
            return Err(fault);
        }
        // A member that was not finished has no end.
        if let Some(open) = self.tree.nodes[index + 1..]
            .iter()
            .position(|node| node.next == 0)
        {
            self.tree.nodes.truncate(index + 1 + open);
        }
        self.at = self.bytes.len();
        let start = self.tree.nodes[index].start as usize;
        self.tree.cut = Some(if self.arrays > 0 { start } else { self.at });
        Ok(())
    }

    fn members(&mut self, depth: usize) -> Result<(), Fault> {
        self.at += 1;
        let mut comma = false;
        loop {
            self.space();
            match self.peek() {
                Some(b'"') => {}
                Some(b',') if self.stray() => {
                    comma = false;
                    continue;
                }
                Some(b'}') => {
                    if comma {
                        self.remark(Sloppy::Loose, self.at, (0, 0));
                    }
                    break;
                }
                _ => return self.fault("expected a key"),
            }
            let start = self.at + 1;
            self.string()?;
            let key = (start as u32, (self.at - 1) as u32);
            self.space();
            if self.peek() != Some(b':') {
                return self.fault("expected a colon");
            }
            self.at += 1;
            self.value(key, depth + 1)?;
            if self.tree.cut.is_some() {
                return Ok(());
            }
            self.space();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    comma = true;
                }
                Some(b'}') => break,
                _ => return self.fault("expected a comma or a brace"),
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Passes over a comma where none belongs.
    fn stray(&mut self) -> bool {
        let stray = self.peek() == Some(b',');
        if stray {
            self.remark(Sloppy::Loose, self.at, (0, 0));
            self.at += 1;
        }
        stray
    }

    fn keys_twice(&mut self, index: usize) {
        let mut keys = std::mem::take(&mut self.keys);
        keys.clear();
        let mut at = index + 1;
        while let Some(node) = self.tree.nodes.get(at) {
            let (start, end) = node.key;
            keys.push((&self.tree.text[start as usize..end as usize], node.key));
            at = node.next as usize;
        }
        // Objects have few keys; those with many are put in order first.
        let many = keys.len() > FEW_KEYS;
        if many {
            sorted::by_key(&mut keys, |(key, _)| *key);
        }
        for (index, &(key, place)) in keys.iter().enumerate() {
            let before = &keys[if many { index.saturating_sub(1) } else { 0 }..index];
            if before.iter().any(|(other, _)| *other == key) {
                self.remark(Sloppy::KeyTwice, place.0 as usize, place);
            }
        }
        self.keys = keys;
    }

    fn array(&mut self, depth: usize) -> Result<(), Fault> {
        self.arrays += 1;
        let read = self.elements(depth);
        self.arrays -= 1;
        read
    }

    fn elements(&mut self, depth: usize) -> Result<(), Fault> {
        self.at += 1;
        let mut comma = false;
        loop {
            self.space();
            if self.peek() == Some(b']') {
                if comma {
                    self.remark(Sloppy::Loose, self.at, (0, 0));
                }
                break;
            }
            if self.stray() {
                comma = false;
                continue;
            }
            let (start, known) = (self.at, self.tree.nodes.len());
            let remarks = self.tree.sloppy.len();
            match self.value((0, 0), depth + 1) {
                Ok(()) if self.tree.cut.is_some() => return Ok(()),
                Ok(()) => {}
                Err(fault) => {
                    self.tree.nodes.truncate(known);
                    self.tree.sloppy.truncate(remarks);
                    match self.element_end(start, fault) {
                        Some(end) => {
                            self.tree.nodes.push(Node {
                                kind: Kind::Bad,
                                key: (0, 0),
                                escaped: false,
                                start: start as u32,
                                end: end as u32,
                                next: known as u32 + 1,
                            });
                            self.at = end;
                        }
                        None if fault.ended && self.may_cut => {
                            self.tree.cut = Some(start);
                            self.at = self.bytes.len();
                            return Ok(());
                        }
                        None => return Err(fault),
                    }
                }
            }
            self.space();
            comma = false;
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    comma = true;
                }
                Some(b']') => break,
                Some(b'{') => self.remark(Sloppy::Loose, self.at, (0, 0)),
                None if self.may_cut => {
                    self.tree.cut = Some(self.at);
                    return Ok(());
                }
                _ => return self.fault("expected a comma or a bracket"),
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Where an element ends that cannot be read.
    fn element_end(&mut self, start: usize, fault: Fault) -> Option<usize> {
        let text = self.tree.text;
        if fault.ended {
            return None;
        }
        if matches!(self.bytes.get(start), Some(b'{' | b'[')) {
            if let Some(end) = extent(text, start) {
                // What closes the list around it is not its own.
                let own = (self.bytes[start] == b'{') == (self.bytes[end - 1] == b'}');
                return Some(end - usize::from(!own));
            }
            // A quote too many or too few: go on where an object follows another.
            self.patience = self.patience.checked_sub(1)?;
            let mut rest = text.get(fault.at..)?;
            while let Some(brace) = rest.find('{') {
                let before = text[..text.len() - rest.len() + brace].trim_end();
                let end = before.strip_suffix(',').map(str::trim_end);
                if let Some(end) = end.filter(|end| end.ends_with('}') && end.len() > start) {
                    return Some(end.len());
                }
                rest = &rest[brace + 1..];
            }
            return None;
        }
        let rest = text.get(fault.at.max(start)..)?;
        rest.find([',', ']', '\n'])
            .map(|at| at + fault.at.max(start))
            .filter(|&end| end > start)
    }

    /// Passes over a text and its quotes.
    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            let Some(at) = special(self.bytes, self.at) else {
                self.at = self.bytes.len();
                return self.fault("");
            };
            self.at = at + 1;
            match self.bytes[at] {
                b'"' => return Ok(()),
                b'\\' => match self.peek() {
                    Some(b'u') => match (unit(self.bytes, at), unit(self.bytes, at + 6)) {
                        (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => self.at += 11,
                        (Some(0xd800..0xe000), _) => {
                            if self.tree.lone == 0 {
                                self.tree.first_lone = at;
                            }
                            self.tree.lone += 1;
                            self.at += 5;
                        }
                        (Some(_), _) => self.at += 5,
                        (None, _) => return self.fault("no such escape"),
                    },
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
                    _ => return self.fault("no such escape"),
                },
                // A control character stands for itself.
                _ => {}
            }
        }
    }

    fn bare(&mut self, key: (u32, u32)) -> Result<Kind, Fault> {
        let start = self.at;
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let width = self.bytes[start..].iter().take_while(|b| word(b)).count();
        self.at += width;
        match &self.tree.text[start..self.at] {
            "true" | "false" => Ok(Kind::Bare),
            "null" => Ok(Kind::Null),
            "NaN" | "Infinity" | "-Infinity" | "undefined" => {
                self.remark(Sloppy::Loose, start, key);
                Ok(Kind::Null)
            }
            number if is_number(number.as_bytes()) => Ok(Kind::Bare),
            _ if self.at == self.bytes.len() => self.fault(""),
            _ => {
                self.at = start;
                self.fault("expected a value")
            }
        }
    }
}

fn is_number(number: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = number.strip_prefix(b"-").unwrap_or(number);
    let whole = digits(rest);
    if whole == 0 || whole > 1 && rest[0] == b'0' {
        return false;
    }
    rest = &rest[whole..];
    if let [b'.', fraction @ ..] = rest {
        let width = digits(fraction);
        if width == 0 {
            return false;
        }
        rest = &fraction[width..];
    }
    if let [b'e' | b'E', power @ ..] = rest {
        let power = power
            .strip_prefix(b"+")
            .or(power.strip_prefix(b"-"))
            .unwrap_or(power);
        return !power.is_empty() && digits(power) == power.len();
    }
    rest.is_empty()
}
