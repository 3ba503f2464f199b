//! The text of an HTML body, as somebody who reads the message sees it.
//!
//! The thing to get right: this is for words, not for show. Nothing is ever rendered, so nothing need be
//! made safe: tags go, what they part is parted by lines, entities become characters.

/// The text of `html`; what is no HTML comes out as it is, without space around it.
pub(crate) fn text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    let mut is_markup = false;
    // Beyond the last bracket nothing is a tag.
    let last = html.rfind('>').unwrap_or(0);
    while let Some(at) = rest.find(['<', '&', '\n', '\r']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let width = match rest.as_bytes()[0] {
            b'<' if html.len() - rest.len() > last => 0,
            b'<' => tag(rest, &mut out),
            b'&' => entity(rest, &mut out),
            // Where there are tags, only they part lines.
            _ if is_markup => {
                if !out.ends_with(char::is_whitespace) {
                    out.push(' ');
                }
                rest.len() - rest.trim_start().len()
            }
            _ => 0,
        };
        is_markup |= width > 0 && rest.starts_with('<');
        if width == 0 {
            // It stands for itself.
            out.push_str(&rest[..1]);
        }
        rest = &rest[width.max(1)..];
    }
    out.push_str(rest);
    let lines: Vec<&str> = out.trim().split('\n').map(str::trim).collect();
    lines.join("\n")
}

/// What a tag says; its width, or 0 where none begins.
fn tag(rest: &str, out: &mut String) -> usize {
    if rest.starts_with("<!--") {
        return rest.find("-->").map_or(rest.len(), |end| end + 3);
    }
    let named = rest[1..].trim_start_matches('/');
    if !named.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return 0;
    }
    let Some(end) = rest.find('>') else {
        return 0;
    };
    let length = named
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(0);
    let name = named[..length].to_ascii_lowercase();
    let closes = rest.starts_with("</");
    let mut line = || {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
    };
    match name.as_str() {
        "script" | "style" if !closes => {
            let is_close = |&(at, _): &(usize, &str)| {
                let name_at = end + at + 2;
                let found = rest.as_bytes().get(name_at..name_at + name.len());
                found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
            };
            let close = rest[end..].match_indices("</").find(is_close);
            return close.map_or(rest.len(), |(at, _)| end + at);
        }
        "br" => out.push('\n'),
        "li" if !closes => {
            line();
            out.push_str("- ");
        }
        "img" => out.push_str("[图片]"),
        "p" | "div" | "ul" | "ol" | "li" | "tr" | "table" | "blockquote" | "pre" | "h1" | "h2"
        | "h3" | "h4" | "h5" | "h6" | "hr" => line(),
        "td" | "th" if closes => out.push(' '),
        _ => {}
    }
    end + 1
}

/// The character of an entity; its width, or 0 where it is none.
fn entity(rest: &str, out: &mut String) -> usize {
    const NAMED: [(&str, char); 16] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("hellip", '…'),
        ("mdash", '—'),
        ("ndash", '–'),
        ("lsquo", '‘'),
        ("rsquo", '’'),
        ("ldquo", '“'),
        ("rdquo", '”'),
        ("middot", '·'),
        ("yen", '¥'),
        ("copy", '©'),
    ];
    let Some(end) = rest
        .as_bytes()
        .iter()
        .take(12)
        .position(|&byte| byte == b';')
    else {
        return 0;
    };
    let name = &rest[1..end];
    let found = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            let code = code.ok().and_then(char::from_u32);
            code.map(|c| if c == '\u{a0}' { ' ' } else { c })
        }
        None => NAMED.iter().find(|one| one.0 == name).map(|one| one.1),
    };
    out.extend(found);
    if found.is_some() { end + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn what_a_reader_sees() {
        for (html, seen) in [
            ("<p>您好</p>", "您好"),
            (
                "<p>Hi &amp; welcome,<br>how&nbsp;can I help?</p><p>Bye</p>",
                "Hi & welcome,\nhow can I help?\nBye",
            ),
            (
                "<ul><li>One</li><li><b>Two</b></li></ul>after",
                "- One\n- Two\nafter",
            ),
            (
                r#"See <a href="https://a.example/?a=1&amp;b=2">the page</a>."#,
                "See the page.",
            ),
            ("<div class=\"x\">a\n b</div><img src=\"x\">", "a b\n[图片]"),
            ("1 < 2 && 3 > 2 & so", "1 < 2 && 3 > 2 & so"),
            ("a\nb", "a\nb"),
            ("&#20320;&#x597D;&bogus;&#xd800;", "你好&bogus;&#xd800;"),
            (
                "<style>p{}</style><script>x()</script><!-- no -->yes",
                "yes",
            ),
            ("<b", "<b"),
            ("<3 你", "<3 你"),
            ("", ""),
        ] {
            assert_eq!(text(html), seen, "{html}");
        }
    }
}
