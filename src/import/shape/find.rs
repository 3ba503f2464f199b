//! The words of the tables in [`super::super::shapes`]: where a value stands (a path), what must be
//! true of a message (a condition), and a text made of values (a template).
//!
//! A path is keys joined by dots. `^` before it looks into the objects around the message, the nearest
//! first, that have its first key. Arrays are passed through: what is asked of one is asked of its
//! elements. A key may be written `$` (the key is what the message's kind says), `key?` (or the value
//! itself, where it is a text), `key!` (a text that holds JSON) and `key[id=path]` (of the elements of
//! the array, the one whose `id` is what stands at `path`). `a|b` is the first of both that is there.
//!
//! A condition is terms joined by spaces, all of which must hold: `path` (is there and not blank), `?path`
//! (the key is there, whatever it holds), `path=a,b` (is one of these), `path~a,b` (begins with one of these), `path%a,b` (begins with one of
//! these and is no word in small letters), `path*a` (has this in it), `path@path` (both are the same); `!`
//! before a term denies it.
//!
//! A template is a text with `{path}` in it, or `{+path}` (all values there are, joined as they are, for
//! they are parts of one text), or `{,path}` (with spaces between), or `{&a&b}` (the values of both,
//! sorted). It gives nothing where none of its values does.
//!
//! The thing to get right: a path that is not there is nothing, never a mistake; the tables name the keys
//! of several versions of one export.

use std::borrow::Cow;

use super::super::columns::Names;
use super::super::tree::{Kind, Tree};

/// How many elements are looked at for the one of an id.
const LOOKED_UP: usize = 1000;

/// A message, and what stands around it.
pub(crate) struct Place<'t, 'a> {
    pub(crate) tree: &'t Tree<'a>,
    pub(crate) message: usize,
    /// The objects around it, the nearest last.
    pub(crate) above: &'t [usize],
    /// Where a message says what kind it is.
    pub(crate) kind: &'static str,
    /// What somebody says of paths: templates leave those out.
    pub(crate) stated: Option<&'t Names>,
}

/// Whether what a table calls a path leads to this value, which is written with the keys to it alone.
pub(crate) fn leads(path: &str, value: &str) -> bool {
    let mut keys = value.split('.');
    let mut inside = false;
    for segment in path.split('.') {
        let name = segment.trim_end_matches(['?', '!']);
        match keys.next() {
            Some(key) if name == key || name == "$" => inside = segment.ends_with('!'),
            None => return inside || segment.ends_with('?'),
            _ => return false,
        }
    }
    keys.next().is_none()
}

/// The paths in a template, and in a condition.
pub(crate) fn paths(words: &str) -> impl Iterator<Item = &str> {
    words.split(['{', '}', ' ', '|']).map(|word| {
        let word = word.trim_start_matches(['+', ',', '?', '!']);
        let brackets = word.find(']').unwrap_or(0);
        let end = word[brackets..].find(['=', '~', '%', '@', '*']);
        end.map_or(word, |end| &word[..brackets + end])
    })
}

/// A value: a text, or something else that is there.
type Found<'a> = Option<Cow<'a, str>>;

impl<'a> Place<'_, 'a> {
    /// The first value that is not blank.
    pub(crate) fn scalar(&self, paths: &str) -> Option<Cow<'a, str>> {
        self.first(paths.split('|'))
    }

    fn first<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Option<Cow<'a, str>> {
        let mut first = None;
        for path in paths {
            self.each(path, &mut |found| {
                first = found.filter(|text| !text.trim().is_empty());
                first.is_some()
            });
            if first.is_some() {
                break;
            }
        }
        first
    }

    /// Whether a condition holds.
    pub(crate) fn holds(&self, condition: &str) -> bool {
        condition
            .split(' ')
            .filter(|term| !term.is_empty())
            .all(|term| {
                let (wanted, term) = match term.strip_prefix('!') {
                    Some(term) => (false, term),
                    None => (true, term),
                };
                self.term(term) == wanted
            })
    }

    fn term(&self, term: &str) -> bool {
        if let Some(path) = term.strip_prefix('?') {
            let member = |node, key| self.tree.member(node, key);
            return path.split('.').try_fold(self.message, member).is_some();
        }
        let brackets = term.find(']').unwrap_or(0);
        let Some(at) = term[brackets..].find(['=', '~', '%', '@', '*']) else {
            return term.split('|').any(|path| self.is_there(path));
        };
        let (paths, rest) = term.split_at(brackets + at);
        let Some(value) = self.scalar(paths) else {
            return false;
        };
        let value = value.trim();
        let (sign, list) = rest.split_at(1);
        let begins = |prefix: &str| value.as_bytes().get(..prefix.len()) == Some(prefix.as_bytes());
        match sign {
            "=" => list.split(',').any(|one| one.eq_ignore_ascii_case(value)),
            "~" => list.split(',').any(begins),
            "%" => list.split(',').any(|prefix| {
                begins(prefix) && !value.bytes().all(|byte| byte.is_ascii_lowercase())
            }),
            "*" => value.contains(list),
            _ => self.scalar(list).is_some_and(|other| other.trim() == value),
        }
    }

    fn is_there(&self, path: &str) -> bool {
        let mut there = false;
        self.each(path, &mut |found| {
            there = found.is_none_or(|text| !text.trim().is_empty());
            there
        });
        there
    }

    /// A template with its values.
    pub(crate) fn render(&self, template: &'static str) -> Option<Cow<'a, str>> {
        let Some(open) = template.find('{') else {
            return Some(Cow::Borrowed(template));
        };
        if open == 0 && template.find('}') == Some(template.len() - 1) {
            return self.hole(&template[1..template.len() - 1]);
        }
        let mut out = String::new();
        let mut filled = false;
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (hole, after) = after.split_once('}')?;
            if let Some(value) = self.hole(hole) {
                out.push_str(&value);
                filled = true;
            }
            rest = after;
        }
        out.push_str(rest);
        filled.then(|| Cow::Owned(out.trim().to_owned()))
    }

    /// Whether a template may look there.
    fn is_open(&self, path: &str) -> bool {
        self.stated.is_none_or(|names| {
            let mut stated = names.stated();
            !stated.any(|(stated, _)| leads(path, stated))
        })
    }

    /// All values there are; `apart`: with spaces between.
    pub(crate) fn joined(&self, path: &str, apart: bool) -> Option<Cow<'a, str>> {
        let mut all: Option<Cow<'a, str>> = None;
        self.each(path, &mut |found| {
            let Some(text) = found.filter(|text| !text.is_empty()) else {
                return false;
            };
            match &mut all {
                None => all = Some(text),
                Some(all) => {
                    let all = all.to_mut();
                    if apart
                        && !all.ends_with(char::is_whitespace)
                        && !text.starts_with(char::is_whitespace)
                    {
                        all.push(' ');
                    }
                    all.push_str(&text);
                }
            }
            false
        });
        all
    }

    fn hole(&self, hole: &str) -> Option<Cow<'a, str>> {
        match hole.split_at(1) {
            (sign @ ("+" | ","), path) => {
                let mut open = path.split('|').filter(|path| self.is_open(path));
                open.find_map(|path| self.joined(path, sign == ","))
            }
            ("&", paths) => {
                let mut all: Vec<Cow<'a, str>> = Vec::new();
                for path in paths.split('&') {
                    self.each(path, &mut |found| {
                        if let Some(text) = found.filter(|text| !text.trim().is_empty()) {
                            let at = all.partition_point(|one| *one < text);
                            if all.get(at) != Some(&text) {
                                all.insert(at, text);
                            }
                        }
                        all.len() >= LOOKED_UP
                    });
                }
                (!all.is_empty()).then(|| Cow::Owned(all.join("&")))
            }
            _ => self.first(hole.split('|').filter(|path| self.is_open(path))),
        }
    }

    /// Shows every value at a path, until one is taken.
    fn each(&self, path: &str, visit: &mut dyn FnMut(Found<'a>) -> bool) {
        let Some(path) = path.strip_prefix('^') else {
            self.walk(self.message, path, visit);
            return;
        };
        let first = path.split(['.', '[', '?', '!']).next().unwrap_or(path);
        let has = |&&node: &&usize| self.tree.member(node, first).is_some();
        if let Some(&node) = self.above.iter().rev().find(has) {
            self.walk(node, path, visit);
        }
    }

    fn walk(&self, node: usize, path: &str, visit: &mut dyn FnMut(Found<'a>) -> bool) -> bool {
        match self.tree.kind(node) {
            Kind::Array => {
                return self
                    .tree
                    .children(node)
                    .any(|child| self.walk(child, path, visit));
            }
            Kind::Null | Kind::Bad => return false,
            _ => {}
        }
        if path.is_empty() {
            return visit(self.tree.scalar(node));
        }
        let (segment, rest) = next_segment(path);
        if let Some((name, by)) = segment.split_once('[') {
            let (id, wanted) = by.trim_end_matches(']').split_once('=').unwrap_or_default();
            let (Some(list), Some(wanted)) = (self.tree.member(node, name), self.scalar(wanted))
            else {
                return false;
            };
            let is_it = |&element: &usize| {
                let found = self.tree.member(element, id);
                found.and_then(|found| self.tree.scalar(found)).as_deref() == Some(&*wanted)
            };
            let found = self.tree.children(list).take(LOOKED_UP).find(is_it);
            return found.is_some_and(|element| self.walk(element, rest, visit));
        }
        if segment == "$" {
            let Some(kind) = self.scalar(self.kind) else {
                return false;
            };
            let member = self.tree.member(node, &kind);
            return member.is_some_and(|member| self.walk(member, rest, visit));
        }
        if let Some(name) = segment.strip_suffix('?') {
            if self.tree.kind(node) != Kind::Object {
                return self.walk(node, rest, visit);
            }
            let member = self.tree.member(node, name);
            return member.is_some_and(|member| self.walk(member, rest, visit));
        }
        if let Some(name) = segment.strip_suffix('!') {
            let member = self.tree.member(node, name);
            let Some(text) = member.and_then(|member| self.tree.scalar(member)) else {
                return member.is_some_and(|member| self.walk(member, rest, visit));
            };
            let Ok(tree) = Tree::parse(&text, true) else {
                return false;
            };
            let inner = Place {
                tree: &tree,
                message: 0,
                above: &[],
                kind: "",
                stated: None,
            };
            return inner.walk(0, rest, &mut |found| {
                visit(found.map(|text| Cow::Owned(text.into_owned())))
            });
        }
        let member = self.tree.member(node, segment);
        member.is_some_and(|member| self.walk(member, rest, visit))
    }
}

/// The first key of a path, and the rest; a dot in brackets parts nothing.
fn next_segment(path: &str) -> (&str, &str) {
    let brackets = match (path.find('['), path.find(']'), path.find('.')) {
        (Some(open), Some(close), Some(dot)) if open < dot => close,
        _ => 0,
    };
    match path[brackets..].find('.') {
        Some(dot) => (&path[..brackets + dot], &path[brackets + dot + 1..]),
        None => (path, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, leads, paths};
    use crate::import::tree::Tree;

    const TEXT: &str = r#"{"users":[{"id":7,"role":"agent"},{"id":8,"role":"user"}],"sid":"s","owner":8,"list":[
        {"who":8,"kind":"text","text":{"content":"好"},"to":["b","a"],"blank":" ","none":null,"n":-3,
         "parts":["x",{"text":"y"},{"text":" z"}],"in":"{\"a\":[{\"b\":\"深\"}]}","id":"wmAB","staff":"wmli"}]}"#;

    fn with<T>(ask: impl FnOnce(&Place<'_, '_>) -> T) -> T {
        let tree = Tree::parse(TEXT, false).expect("readable");
        let list = tree.member(0, "list").expect("a list");
        ask(&Place {
            tree: &tree,
            message: tree.children(list).next().expect("a message"),
            above: &[0],
            kind: "kind",
            stated: None,
        })
    }

    #[test]
    fn paths_of_tables_and_those_of_values() {
        for (path, value, does) in [
            ("from.role", "from.role", true),
            ("from", "from.role", false),
            ("from.role", "from", false),
            ("text.text?", "text", true),
            ("text.text?", "text.text", true),
            ("$.content", "text.content", true),
            ("in.content!.content", "in.content", true),
            ("^users[id=who].name", "^users[id=who].name", true),
        ] {
            assert_eq!(leads(path, value), does, "{path} {value}");
        }
        let of = |words| {
            paths(words)
                .filter(|path| !path.is_empty())
                .collect::<Vec<_>>()
        };
        assert_eq!(of("{+a.b?|c}"), ["a.b?", "c"]);
        assert_eq!(of("from.role=user !b ?c|d"), ["from.role", "b", "c", "d"]);
        assert_eq!(of("^users[id=who].role=agent"), ["^users[id=who].role"]);
    }

    #[test]
    fn templates() {
        with(|place| {
            for (template, found) in [
                ("{who}", Some("8")),
                ("{$.content}", Some("好")),
                ("{none|blank|who}", Some("8")),
                ("{^sid}", Some("s")),
                ("{^users[id=who].role}", Some("user")),
                ("{+parts.text?}", Some("xy z")),
                ("{,parts.text?}", Some("x y z")),
                ("{+in!.a.b}", Some("深")),
                ("{&to&who}", Some("8&a&b")),
                ("[{who}] {missing}", Some("[8]")),
                ("[{missing}]", None),
                ("{blank}", None),
                ("客服", Some("客服")),
            ] {
                assert_eq!(place.render(template).as_deref(), found, "{template}");
            }
        });
    }

    #[test]
    fn conditions() {
        with(|place| {
            for (condition, holds) in [
                ("", true),
                ("who", true),
                ("text", true),
                ("blank", false),
                ("?blank ?none ?text.content", true),
                ("?missing", false),
                ("none", false),
                ("missing|who", true),
                ("!missing who=7,8", true),
                ("who=7", false),
                ("n~-", true),
                ("kind=TEXT", true),
                ("who@^owner", true),
                ("$.content*好", true),
                ("^sid*:", false),
                ("^users[id=who].role=user", true),
                ("^users[id=who].role=agent", false),
                ("id%wm,wo", true),
                ("staff%wm,wo", false),
                ("missing=", false),
            ] {
                assert_eq!(place.holds(condition), holds, "{condition}");
            }
        });
    }
}
