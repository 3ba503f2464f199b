//! A reader of the XML inside workbooks: opening tags, closing tags, text, one after another.
//!
//! The thing to get right: nothing is held but one token, and a token has a limit; names are local, since
//! every writer chooses its own prefixes. Entities of a document type are never expanded.

use std::io::BufRead;

use super::{Fault, damaged};

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A tag opens: [`Xml::name`], [`Xml::attribute`].
    Open,
    /// A tag closes: [`Xml::name`]. An empty element opens and closes.
    Close,
    /// Text: [`Xml::text`].
    Text,
    /// Nothing.
    End,
}

pub(super) struct Xml<R> {
    source: R,
    token: Vec<u8>,
    /// Where the local name is in `token`.
    name: (usize, usize),
    inside_tag: bool,
    closes: bool,
    /// The tag that begins inside the one before.
    next: Option<Vec<u8>>,
    plain: bool,
    limit: usize,
}

impl<R: BufRead> Xml<R> {
    pub(super) fn new(source: R, limit: usize) -> Self {
        Self {
            source,
            token: Vec::new(),
            name: (0, 0),
            inside_tag: false,
            closes: false,
            next: None,
            plain: false,
            limit,
        }
    }

    pub(super) fn next(&mut self) -> Result<Token, Fault> {
        if std::mem::take(&mut self.closes) {
            return Ok(Token::Close);
        }
        loop {
            self.token.clear();
            let next = self.next.take();
            let joined = next.is_some();
            if let Some(next) = next {
                self.token = next;
            } else if !std::mem::take(&mut self.inside_tag) {
                self.inside_tag = self.until(b'<')?;
                if !self.token.is_empty() {
                    self.plain = false;
                    return Ok(Token::Text);
                }
                if !self.inside_tag {
                    return Ok(Token::End);
                }
                continue;
            } else {
                self.need(b'>')?;
            }
            match self.token.first() {
                Some(b'?') => self.until_ends(b"?")?,
                Some(b'!') if self.token.starts_with(b"![CDATA[") => {
                    self.until_ends(b"]]")?;
                    let end = self.token.len() - 2;
                    self.token.truncate(end);
                    self.token.drain(..8);
                    self.plain = true;
                    return Ok(Token::Text);
                }
                Some(b'!') if self.token.starts_with(b"!--") => self.until_ends(b"--")?,
                Some(b'!') => return Err(damaged("DOCTYPE")),
                Some(b'/') => {
                    self.find_name(1);
                    return Ok(Token::Close);
                }
                _ => {
                    // A `>` in an attribute ends no tag.
                    while !closed_quotes(&self.token) {
                        self.token.push(b'>');
                        self.need(b'>')?;
                    }
                    // A tag that nobody ended, and the next.
                    if let Some(next) = unquoted(&self.token, b'<') {
                        if joined {
                            return Err(damaged("XML"));
                        }
                        self.next = Some(self.token.split_off(next + 1));
                        self.token.pop();
                    } else if self.token.last() == Some(&b'/') {
                        self.token.pop();
                        self.closes = true;
                    }
                    self.find_name(0);
                    return Ok(Token::Open);
                }
            }
        }
    }

    /// Reads to the end of the text of the element that just opened, whatever is in it, and gives it.
    pub(super) fn text_inside(&mut self, into: &mut String) -> Result<(), Fault> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.next()? {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                Token::Text => into.push_str(&self.text()),
                Token::End => return Err(damaged("XML")),
            }
            if into.len() > self.limit {
                return Err(Fault::Limit("cell", self.limit as u64));
            }
        }
        Ok(())
    }

    /// The name of the tag, without its prefix.
    pub(super) fn name(&self) -> &[u8] {
        self.token.get(self.name.0..self.name.1).unwrap_or_default()
    }

    /// The text.
    pub(super) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.token);
        if self.plain {
            return text.into_owned();
        }
        unescape(&text)
    }

    /// An attribute of the tag, by its local name.
    pub(super) fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.token.get(self.name.1..)?;
        loop {
            let equals = rest.iter().position(|byte| *byte == b'=')?;
            let name = rest[..equals].trim_ascii();
            let name = match name.iter().rposition(|byte| *byte == b':') {
                Some(colon) => &name[colon + 1..],
                None => name,
            };
            let value = rest[equals + 1..].trim_ascii_start();
            let quote = *value.first()?;
            let end = value.iter().skip(1).position(|byte| *byte == quote)?;
            if name == wanted.as_bytes() {
                return Some(unescape(&String::from_utf8_lossy(&value[1..=end])));
            }
            rest = &value[end + 2..];
        }
    }

    fn find_name(&mut self, from: usize) {
        let end = self.token[from..]
            .iter()
            .position(u8::is_ascii_whitespace)
            .map_or(self.token.len(), |length| from + length);
        let start = self.token[from..end]
            .iter()
            .rposition(|byte| *byte == b':')
            .map_or(from, |colon| from + colon + 1);
        self.name = (start, end);
    }

    fn need(&mut self, end: u8) -> Result<(), Fault> {
        match self.until(end)? {
            true => Ok(()),
            false => Err(damaged("XML")),
        }
    }

    fn until_ends(&mut self, end: &[u8]) -> Result<(), Fault> {
        while !self.token.ends_with(end) {
            self.token.push(b'>');
            self.need(b'>')?;
        }
        Ok(())
    }

    /// Appends everything before `end` to the token, and swallows `end`; whether there was one.
    fn until(&mut self, end: u8) -> Result<bool, Fault> {
        loop {
            let buffer = self.source.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let found = buffer.iter().position(|byte| *byte == end);
            let taken = found.unwrap_or(buffer.len());
            self.token.extend_from_slice(&buffer[..taken]);
            self.source.consume(taken + usize::from(found.is_some()));
            if self.token.len() > self.limit {
                return Err(Fault::Limit("cell", self.limit as u64));
            }
            if found.is_some() {
                return Ok(true);
            }
        }
    }
}

fn closed_quotes(tag: &[u8]) -> bool {
    let mut open = None;
    for byte in tag {
        match open {
            Some(quote) if *byte == quote => open = None,
            None if matches!(byte, b'"' | b'\'') => open = Some(*byte),
            _ => {}
        }
    }
    open.is_none()
}

/// Where a byte stands outside quotes.
fn unquoted(tag: &[u8], wanted: u8) -> Option<usize> {
    // Hardly any tag has one at all.
    let first = tag.iter().position(|byte| *byte == wanted)?;
    (first..tag.len()).find(|&at| tag[at] == wanted && closed_quotes(&tag[..at]))
}

/// The text with its character references resolved, those of web pages among them; unknown ones stay.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let found = end.and_then(|end| Some((character(&rest[1..end])?, end + 1)));
        let (found, length) = found.unwrap_or(('&', 1));
        out.push(found);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(number) => u32::from_str_radix(number, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?).filter(|found| *found != '\0');
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "yen" => '¥',
        "middot" => '·',
        "ldquo" => '“',
        "rdquo" => '”',
        "mdash" => '—',
        "hellip" => '…',
        "times" => '×',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Token, Xml};

    #[test]
    fn tokens_one_after_another() {
        let text = "<?xml version=\"1.0\"?><!-- a > b --><x:row r=\"1\" t='a>b &amp; c'><c/>在&lt;吗&#x4eb2;<![CDATA[<&>]]></x:row>";
        for size in [1, 7, 4096] {
            let source = std::io::BufReader::with_capacity(size, text.as_bytes());
            let mut xml = Xml::new(source, 1000);
            let mut seen = Vec::new();
            loop {
                let token = xml.next().unwrap_or_else(|fault| panic!("{fault:?}"));
                let name = String::from_utf8_lossy(xml.name()).into_owned();
                seen.push(match token {
                    Token::Open => format!("<{name} {:?}", xml.attribute("t")),
                    Token::Close => format!("/{name}"),
                    Token::Text => xml.text(),
                    Token::End => break,
                });
            }
            assert_eq!(
                seen,
                [
                    "<row Some(\"a>b & c\")",
                    "<c None",
                    "/c",
                    "在<吗亲",
                    "<&>",
                    "/row"
                ]
            );
        }
    }
}
