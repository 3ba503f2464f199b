//! JSON as a tree that borrows from its text: where every value stands, numbers as they are written,
//! and what is broken no more than it has to be.
//!
//! The thing to get right: an element of an array that cannot be read costs itself alone. It becomes a
//! [`Kind::Bad`] node, so that whoever counts elements counts it as well. What is only sloppy (`NaN`, a
//! comma too many, a key twice, half of a surrogate pair) is read and remarked upon.

mod parse;

use std::borrow::Cow;

use parse::{PATIENCE, Parser};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    Text,
    /// A number or a truth, as written.
    Bare,
    Null,
    /// What cannot be read.
    Bad,
}

#[derive(Clone, Copy)]
struct Node {
    kind: Kind,
    /// The key without its quotes.
    key: (u32, u32),
    /// Whether there is a backslash in it.
    escaped: bool,
    start: u32,
    end: u32,
    /// The node after this one and all within it.
    next: u32,
}

/// What is sloppy about a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sloppy {
    /// The key stands twice in one object; the last counts.
    KeyTwice,
    /// Too deep to be looked at.
    TooDeep,
    /// `NaN`, or a comma where none belongs, or none where one does.
    Loose,
}

/// Why a text could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) why: &'static str,
    /// Whether the text ended too early, and no more than that.
    pub(crate) ended: bool,
}

/// A value and all within it, by number; 0 is the value itself.
pub(crate) struct Tree<'a> {
    pub(crate) text: &'a str,
    nodes: Vec<Node>,
    /// What is sloppy, where, and the key concerned.
    pub(crate) sloppy: Vec<(Sloppy, usize, &'a str)>,
    /// Halves of surrogate pairs that become U+FFFD, and where the first is.
    pub(crate) lone: usize,
    pub(crate) first_lone: usize,
    /// Where the element begins that the end of the text cut off.
    pub(crate) cut: Option<usize>,
    /// Where the value ends.
    pub(crate) end: usize,
}

impl<'a> Tree<'a> {
    /// Reads the value that `text` begins with. `cut`: if the text ends too early, what stands in arrays
    /// before that is kept.
    pub(crate) fn parse(text: &'a str, cut: bool) -> Result<Self, Fault> {
        if u32::try_from(text.len()).is_err() {
            return Err(Fault {
                at: 0,
                why: "longer than 4 GB",
                ended: false,
            });
        }
        let mut parser = Parser {
            bytes: text.as_bytes(),
            at: 0,
            may_cut: cut,
            patience: PATIENCE,
            arrays: 0,
            keys: Vec::new(),
            tree: Tree {
                text,
                nodes: Vec::with_capacity(32),
                sloppy: Vec::new(),
                lone: 0,
                first_lone: 0,
                cut: None,
                end: 0,
            },
        };
        parser.value((0, 0), 0)?;
        parser.tree.end = parser.at;
        Ok(parser.tree)
    }

    pub(crate) fn kind(&self, node: usize) -> Kind {
        self.nodes[node].kind
    }

    /// Where a value begins.
    pub(crate) fn start(&self, node: usize) -> usize {
        self.nodes[node].start as usize
    }

    /// Whether a value lacks its end.
    pub(crate) fn is_cut(&self, node: usize) -> bool {
        let node = self.nodes[node];
        let within = node.start as usize..node.end as usize;
        self.cut
            .is_some_and(|cut| node.start == 0 || within.contains(&cut))
    }

    /// Whether the end of the text took something that nobody reads: not only the ends of what is around.
    pub(crate) fn lost(&self) -> bool {
        let half = |cut: usize| self.nodes.iter().any(|node| node.start as usize == cut);
        let end = self
            .text
            .trim_end_matches(|c: char| c.is_whitespace() || c == ',');
        self.cut.is_some_and(|cut| cut < end.len() && !half(cut))
    }

    /// A value as written.
    pub(crate) fn raw(&self, node: usize) -> &'a str {
        let node = self.nodes[node];
        &self.text[node.start as usize..node.end as usize]
    }

    /// The key of a member.
    pub(crate) fn key(&self, node: usize) -> Cow<'a, str> {
        let (start, end) = self.nodes[node].key;
        unescaped(&self.text[start as usize..end as usize])
    }

    /// Adds every key there is, once, up to so many.
    pub(crate) fn keys(&self, into: &mut Vec<&'a str>, most: usize) {
        for node in &self.nodes {
            let key = &self.text[node.key.0 as usize..node.key.1 as usize];
            if into.len() < most && !into.contains(&key) {
                into.push(key);
            }
        }
    }

    /// The members of an object or the elements of an array.
    pub(crate) fn children(&self, node: usize) -> impl Iterator<Item = usize> {
        let end = self.nodes[node].next as usize;
        let mut at = node + 1;
        std::iter::from_fn(move || {
            let child = at;
            (child < end).then(|| {
                at = self.nodes[child].next as usize;
                child
            })
        })
    }

    /// The member of this name, the last of them.
    pub(crate) fn member(&self, node: usize, name: &str) -> Option<usize> {
        if self.kind(node) != Kind::Object {
            return None;
        }
        let named = |&child: &usize| {
            let Node { key, escaped, .. } = self.nodes[child];
            let key = &self.text[key.0 as usize..key.1 as usize];
            key == name || escaped && unescaped(key) == name
        };
        self.children(node).filter(named).last()
    }

    /// A text, number or truth as text.
    pub(crate) fn scalar(&self, node: usize) -> Option<Cow<'a, str>> {
        let raw = self.raw(node);
        match self.kind(node) {
            Kind::Text => Some(unescaped(&raw[1..raw.len() - 1])),
            Kind::Bare => Some(Cow::Borrowed(raw)),
            _ => None,
        }
    }
}

/// The text that stands between quotes.
fn unescaped(raw: &str) -> Cow<'_, str> {
    let Some(first) = raw.find('\\') else {
        return Cow::Borrowed(raw);
    };
    let mut out = String::with_capacity(raw.len());
    out.push_str(&raw[..first]);
    let mut rest = &raw[first..];
    while let Some(&byte) = rest.as_bytes().get(1) {
        // Here stands a backslash.
        let mut width = 2;
        out.push(match byte {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                width = 6;
                match (unit(rest.as_bytes(), 0), unit(rest.as_bytes(), 6)) {
                    (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
                        width = 12;
                        let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        char::from_u32(code).unwrap_or('\u{fffd}')
                    }
                    (code, _) => code.and_then(char::from_u32).unwrap_or('\u{fffd}'),
                }
            }
            byte => char::from(byte),
        });
        rest = rest.get(width..).unwrap_or_default();
        let next = rest.find('\\').unwrap_or(rest.len());
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    Cow::Owned(out)
}

/// The code unit of the `\uXXXX` that begins here.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |code, &digit| {
        Some(code * 16 + char::from(digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use super::{Kind, Sloppy, Tree};

    fn texts(text: &str) -> Vec<String> {
        let tree = Tree::parse(text, false).expect("readable");
        let list = tree.member(0, "m").expect("a list");
        tree.children(list)
            .map(|node| match tree.kind(node) {
                Kind::Bad => "bad".to_owned(),
                _ => tree.raw(node).to_owned(),
            })
            .collect()
    }

    #[test]
    fn values_are_found_and_numbers_stay_as_written() {
        let tree = Tree::parse(
            r#" {"id":123456789012345678901,"x":{"y":[1,"a\n\u4f60\ud83d\udc4d"]},"\u0074":-1.50e3} "#,
            false,
        )
        .expect("readable");
        let of = |node: Option<usize>| node.and_then(|node| tree.scalar(node)).map(String::from);
        assert_eq!(
            of(tree.member(0, "id")).as_deref(),
            Some("123456789012345678901")
        );
        assert_eq!(of(tree.member(0, "t")).as_deref(), Some("-1.50e3"));
        let inner = tree
            .member(0, "x")
            .and_then(|x| tree.member(x, "y"))
            .expect("y");
        let last = tree.children(inner).last();
        assert_eq!(of(last).as_deref(), Some("a\n你👍"));
        assert_eq!(tree.member(0, "z"), None);
        assert_eq!(tree.key(1), "id");
    }

    #[test]
    fn a_broken_element_costs_itself() {
        assert_eq!(
            texts(r#"{"m":[{"a":1},{"a":01},{"a":"他说"好"了"},[nul],x, 7 ,{"a":2}]}"#),
            [
                r#"{"a":1}"#,
                "bad",
                "bad",
                "[nul]",
                "bad",
                "7",
                r#"{"a":2}"#
            ]
        );
        // A quote that is never closed takes its neighbour along, no more.
        assert_eq!(
            texts(r#"{"m":[{"a":1},{"a":"x},{"a":2},{"a":3},{"a":4}]}"#)
                .last()
                .map(String::as_str),
            Some(r#"{"a":4}"#)
        );
    }

    #[test]
    fn sloppy_texts_are_read_and_remarked_upon() {
        let text = r#"{"a":NaN,"b":1,"b":2,"c":[1,2,],"d":"\ud83dx",}"#;
        let tree = Tree::parse(text, false).expect("readable");
        let b = tree.member(0, "b").and_then(|node| tree.scalar(node));
        assert_eq!(b.as_deref(), Some("2"));
        let told: Vec<(Sloppy, &str)> = tree.sloppy.iter().map(|one| (one.0, one.2)).collect();
        assert_eq!(
            told,
            [
                (Sloppy::Loose, "a"),
                (Sloppy::Loose, ""),
                (Sloppy::Loose, ""),
                (Sloppy::KeyTwice, "b"),
            ]
        );
        assert_eq!(
            (tree.lone, &text[tree.first_lone..tree.first_lone + 6]),
            (1, "\\ud83d")
        );
        let deep = format!("{{\"x\":{}{},\"y\":1}}", "[".repeat(5000), "]".repeat(5000));
        let tree = Tree::parse(&deep, false).expect("readable");
        assert_eq!(tree.sloppy.len(), 1);
        assert_eq!(tree.sloppy[0].0, Sloppy::TooDeep);
        assert!(tree.member(0, "y").is_some());
    }

    #[test]
    fn what_a_cut_leaves() {
        let text = r#"{"x":{"m":[{"a":1},{"a":2},{"a":"#;
        assert!(Tree::parse(text, false).is_err_and(|fault| fault.ended));
        let tree = Tree::parse(text, true).expect("readable");
        let list = tree
            .member(0, "x")
            .and_then(|x| tree.member(x, "m"))
            .expect("m");
        assert_eq!(tree.children(list).count(), 2);
        assert_eq!(tree.cut, Some(27));
        let tree = Tree::parse(r#"{"x":{"m":[{"a":1}],"n":{"o":"#, true).expect("readable");
        let list = tree
            .member(0, "x")
            .and_then(|x| tree.member(x, "m"))
            .expect("m");
        assert_eq!(tree.children(list).count(), 1);
        assert!(Tree::parse(r#"{"x":{"text":"a","n":{"o":"#, true).is_err());
    }

    #[test]
    fn nothing_breaks_on_fragments() {
        let whole = r#"{"a":[1,"\u4f60\ud83d\ude00",{"b":[]},tru],"c":-1.5e+3,}"#;
        for end in 0..=whole.len() {
            for start in 0..end {
                for cut in [false, true] {
                    if let Ok(tree) = Tree::parse(&whole[start..end], cut) {
                        for node in 0..tree.nodes.len() {
                            let _ = (
                                tree.scalar(node),
                                tree.key(node),
                                tree.children(node).count(),
                            );
                        }
                    }
                }
            }
        }
        for bad in [
            "007",
            "-",
            "1.",
            "1e",
            "\"\\x\"",
            "nul",
            "[1 2]",
            "{\"a\" 1}",
            "\"\\u12\"",
        ] {
            assert!(Tree::parse(bad, false).is_err(), "{bad}");
        }
    }
}
