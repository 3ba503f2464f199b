//! Bytes to text: byte order marks, strict UTF-8, UTF-16 by its NULs, then GB18030 or Big5 by what the
//! characters say.
//!
//! The thing to get right: neither GB18030 nor Big5 can be told from the other by validity, and a
//! damaged UTF-8 file is often valid GB18030. So UTF-8 wins as long as its three-byte characters
//! outnumber what is broken, and the other two compete by how common the characters they give are.
//! Even valid UTF-8 may be GB18030 when it has no character of three bytes. What was a close call is
//! told, and what else it might be stands in [`Guess::others`].

mod guess;
mod magic;

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::detection::Guess;
use super::ledger::Ledger;
use super::lines::{Lines, has_lines};
use crate::diagnostic::Diagnostic;
pub(crate) use guess::Verdict;
use guess::{Unicode, doubtful, legacy, sample, unicode};
use magic::magic;

/// How much of a file decides.
pub(crate) const SAMPLE: usize = 1 << 20;

/// The mark of UTF-8.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Decodes a file. What cannot be decoded becomes U+FFFD and is reported with its line; `None` when
/// the file is not text at all, which is reported too.
pub(crate) fn decode(
    bytes: Vec<u8>,
    forced: Option<&'static Encoding>,
    ledger: &mut Ledger,
) -> Option<String> {
    if bytes.is_empty() {
        empty(ledger);
        return None;
    }
    if forced.is_none()
        && let Some((zh, en)) = magic(&bytes)
    {
        not_text(ledger, zh, en);
        return None;
    }
    let (found, text) = match forced {
        Some(encoding) => (Verdict::of(encoding), None),
        None => match unicode(&bytes) {
            Unicode::Marked(encoding) => (Verdict::of(encoding), None),
            Unicode::Wide(encoding) => (
                Verdict {
                    certain: false,
                    ..Verdict::of(encoding)
                },
                None,
            ),
            Unicode::Unmarked => match valid(&bytes) {
                Some(text) => {
                    let found = doubtful(sample(&bytes)).unwrap_or(Verdict::of(UTF_8));
                    (found, Some(text))
                }
                None => (legacy(&bytes, Encoding::utf8_valid_up_to(&bytes)), None),
            },
            Unicode::Binary => {
                not_text(ledger, "二进制文件", "a binary file");
                return None;
            }
        },
    };
    let text = match text {
        Some(mut text) if found.encoding == UTF_8 => {
            detected(found, ledger);
            damage(&text, 1, ledger);
            unmark(&mut text);
            text
        }
        _ => begin(found, &bytes, ledger),
    };
    if text.trim().is_empty() {
        empty(ledger);
        return None;
    }
    Some(text)
}

/// Decodes the beginning of a file, which may be all of it.
pub(crate) fn begin(found: Verdict, bytes: &[u8], ledger: &mut Ledger) -> String {
    let encoding = found.encoding;
    detected(found, ledger);
    let bytes = match Encoding::for_bom(bytes) {
        Some((marked, length)) if marked == encoding => &bytes[length..],
        _ => bytes,
    };
    let mut text = String::new();
    if encoding == UTF_8 {
        damaged(bytes, &mut text);
        damage(&text, 1, ledger);
    } else {
        other(encoding, bytes, 1, &mut text, ledger);
    }
    unmark(&mut text);
    text
}

/// Text that is marked in the middle was put together of files that were marked: the marks are none of
/// its characters.
pub(crate) fn unmark(text: &mut String) {
    if has_mark(text.as_bytes(), 0xbb, 0xbf) {
        if text.starts_with('\u{feff}') {
            text.drain(..BOM.len());
        }
        for end in ["\n\u{feff}", "\r\u{feff}"] {
            if text.contains(end) {
                *text = text.replace(end, &end[..1]);
            }
        }
    }
}

/// Whether there is a character of `ef` and these two bytes.
fn has_mark(text: &[u8], second: u8, third: u8) -> bool {
    // Compared all over, which the compiler turns into a few wide steps: its bytes are common by themselves.
    let is_mark = |three: &[u8]| (three[0] == 0xef) & (three[1] == second) & (three[2] == third);
    text.windows(3)
        .fold(false, |any, three| any | is_mark(three))
}

/// Decodes a part of a file that is not UTF-8; the part begins on line `first`. Lines that can only be
/// UTF-8 are told as well as what cannot be decoded.
pub(crate) fn other(
    encoding: &'static Encoding,
    bytes: &[u8],
    first: u32,
    text: &mut String,
    ledger: &mut Ledger,
) {
    text.push_str(&encoding.decode_without_bom_handling(bytes).0);
    let mut strange = Vec::new();
    if encoding == GB18030 || encoding == BIG5 {
        // Both leave line ends as they are, so lines are lines before and after.
        let carriage = !bytes.contains(&b'\n');
        let lines = bytes.split(|&byte| byte == if carriage { b'\r' } else { b'\n' });
        for (number, line) in (1u32..).zip(lines) {
            let long = |text: &str| text.chars().filter(|c| *c >= '\u{800}').count();
            if !line.is_ascii() && std::str::from_utf8(line).is_ok_and(|text| long(text) > 1) {
                strange.push(number);
            }
        }
    }
    marks(text, first, &strange, ledger);
}

fn empty(ledger: &mut Ledger) {
    ledger.report(Diagnostic::error(
        "file-empty",
        "文件是空的，请重新导出后再导入。",
        "The file is empty; export it again.",
    ));
}

fn not_text(ledger: &mut Ledger, zh: &str, en: &str) {
    ledger.report(Diagnostic::error(
        "file-not-text",
        format!("这不是聊天记录文本，而是{zh}；请导出为 CSV、JSON 或文本后再导入。"),
        format!("This is not text but {en}; export the conversations as CSV, JSON or text."),
    ));
}

/// What a long file is taken for by its beginning, and where the beginning is best cut: after a line, and
/// before what is no ASCII any more, where nothing said what that is. `None`: all of it must be seen.
/// `head` is longer than [`SAMPLE`].
pub(crate) fn settled(head: &[u8], forced: Option<&'static Encoding>) -> Option<(Verdict, usize)> {
    let mut whole = &head[..line_end(head, UTF_8)];
    let found = match forced {
        Some(encoding) => Verdict::of(encoding),
        None if magic(head).is_some() => return None,
        None => match unicode(head) {
            Unicode::Marked(encoding) => Verdict::of(encoding),
            Unicode::Wide(encoding) => Verdict {
                certain: false,
                ..Verdict::of(encoding)
            },
            Unicode::Binary => return None,
            Unicode::Unmarked => match Encoding::utf8_valid_up_to(whole) {
                valid if valid == whole.len() => {
                    if doubtful(sample(head)).is_some() {
                        return None;
                    }
                    Verdict::of(UTF_8)
                }
                // Whoever goes on says what it is.
                valid if valid >= SAMPLE / 2 && whole[..valid].is_ascii() => {
                    whole = &whole[..valid];
                    Verdict::of(UTF_8)
                }
                valid => legacy(head, valid),
            },
        },
    };
    let known = found.encoding;
    // Where a line end is not what it looks like, no slice could begin after it.
    let cut = known.is_ascii_compatible() || is_wide(known);
    cut.then(|| (found, line_end(whole, known)))
}

/// Whether every character has two bytes, or twice two.
fn is_wide(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Where the last line that is whole ends.
pub(crate) fn line_end(bytes: &[u8], encoding: &'static Encoding) -> usize {
    if is_wide(encoding) {
        let feed = [[b'\n', 0], [0, b'\n']][usize::from(encoding == UTF_16BE)];
        let (units, _) = bytes.as_chunks::<2>();
        let end = units.iter().rposition(|unit| *unit == feed);
        return end.map_or(0, |end| 2 * end + 2);
    }
    let end = bytes.iter().rposition(|&byte| byte == b'\n');
    end.map_or(0, |end| end + 1)
}

/// The encoding of a file that was ASCII up to these bytes, where it stops being UTF-8.
pub(crate) fn later(bytes: &[u8], ledger: &mut Ledger) -> &'static Encoding {
    let found = legacy(bytes, 0);
    let encoding = found.encoding;
    detected(found, ledger);
    encoding
}

/// UTF-8 that may be damaged.
pub(crate) fn damaged(bytes: &[u8], text: &mut String) {
    text.push_str(&UTF_8.decode_without_bom_handling(bytes).0);
}

/// The text of bytes that are UTF-8. Ten times as fast as `str::from_utf8` where Latin and Chinese mix.
fn valid(bytes: &[u8]) -> Option<String> {
    let text = UTF_8.decode_without_bom_handling_and_without_replacement(bytes)?;
    Some(text.into_owned())
}

fn detected(found: Verdict, ledger: &mut Ledger) {
    let name = found.encoding.name();
    let others: Vec<&str> = found.others.iter().map(|other| other.name()).collect();
    if found.close {
        let rest = others.join(", ");
        ledger.report_first(Diagnostic::warning(
            "encoding-ambiguous",
            format!("该文件按 {name} 编码读取，但也可能是 {rest}；若出现乱码，请换一种编码重新读取。"),
            format!("The file was read as {name} but may as well be {rest}; if characters look wrong, have it read in the other encoding."),
        ));
    } else if found.encoding != UTF_8 {
        ledger.report_first(Diagnostic::info(
            "encoding-detected",
            format!("该文件按 {name} 编码读取；若出现乱码，请另存为 UTF-8 后重新导入，或指定编码。"),
            format!("The file was read as {name}; if characters look wrong, save it as UTF-8 or state its encoding."),
        ));
    }
    ledger.detection.encoding = Some(Guess {
        name,
        certain: found.certain,
        others,
    });
}

/// Lines that hold U+FFFD, whether it came from here or was in the file already; the text begins on
/// line `first`.
pub(crate) fn damage(text: &str, first: u32, ledger: &mut Ledger) {
    marks(text, first, &[], ledger);
}

/// Tells of lines that are damaged, and of those that are of another encoding than the file, by their
/// numbers in this text.
fn marks(text: &str, first: u32, mut strange: &[u32], ledger: &mut Ledger) {
    let mut tell_strange = |until: u32, ledger: &mut Ledger| {
        while let Some((&line, rest)) = strange.split_first()
            && line <= until
        {
            strange = rest;
            ledger.report_first(
                Diagnostic::warning(
                    "encoding-mixed",
                    "这一行是另一种编码（UTF-8），与文件其余部分不同，读出来是乱码；请把各部分分别存成 UTF-8 后再合并。",
                    "This line is of another encoding (UTF-8) than the rest of the file and comes out garbled; save the parts as UTF-8 before joining them.",
                )
                .line(line.saturating_add(first - 1)),
            );
        }
    };
    if has_mark(text.as_bytes(), 0xbf, 0xbd) {
        let mut lines = Lines::new(text);
        let mut found = text.match_indices('\u{fffd}').peekable();
        while let Some((offset, _)) = found.next() {
            let line = lines.at(text, offset);
            let (mut count, mut at) = (1, offset);
            while let Some((next, _)) = found.peek()
                && !has_lines(&text[at..*next])
            {
                count += 1;
                at = *next;
                found.next();
            }
            tell_strange(line, ledger);
            ledger.report_first(
                Diagnostic::warning(
                    "encoding-damaged",
                    format!("这一行有 {count} 处无法还原的字符，已显示为 �；涉及这些字的判断可能不准，请核对原始记录。"),
                    format!("This line has {count} characters that cannot be decoded, shown as �; check the original where they matter."),
                )
                .line(line.saturating_add(first - 1)),
            );
        }
    }
    tell_strange(u32::MAX, ledger);
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, Encoding, GB18030, GBK};

    use super::decode;
    use crate::import::ledger::Ledger;

    fn read(bytes: &[u8]) -> (Option<String>, Vec<(String, Option<u32>)>) {
        let mut ledger = Ledger::new("a.txt");
        let text = decode(bytes.to_vec(), None, &mut ledger);
        (
            text,
            ledger
                .diagnostics()
                .iter()
                .map(|d| (d.code.clone(), d.line))
                .collect(),
        )
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn utf8_with_and_without_a_mark_says_nothing() {
        assert_eq!(read("您好".as_bytes()), (Some("您好".to_owned()), vec![]));
        assert_eq!(
            read("\u{feff}您好".as_bytes()),
            (Some("您好".to_owned()), vec![])
        );
    }

    #[test]
    fn utf16_with_and_without_a_mark() {
        let text = "角色,内容\n客服,您好，一二三\n";
        for big in [false, true] {
            let expected = (
                Some(text.to_owned()),
                vec![("encoding-detected".to_owned(), None)],
            );
            assert_eq!(read(&utf16(text, big)), expected, "big {big}");
            assert_eq!(
                read(&utf16(&format!("\u{feff}{text}"), big)),
                expected,
                "big {big}, mark"
            );
        }
    }

    #[test]
    fn simplified_and_traditional_are_told_apart() {
        let cases: [(&str, &'static Encoding); 8] = [
            ("您好", GBK),
            ("亲，在的", GBK),
            (
                "会话ID,时间,角色,内容\n1,2024-01-01 10:00:00,客服,亲，已经给您发货了",
                GBK,
            ),
            ("这款保温杯能装多热的水呀？", GBK),
            ("请问什么时候发货，急用", GBK),
            ("您好，請問訂單什麼時候可以出貨？謝謝", BIG5),
            ("不好意思讓您久等，麻煩提供訂單編號好嗎？", BIG5),
            (
                "會話編號,時間,角色,內容\n1,2024-01-01 10:00:00,客服,請稍等",
                BIG5,
            ),
        ];
        for (text, encoding) in cases {
            let (bytes, _, lossy) = encoding.encode(text);
            assert!(!lossy);
            let (decoded, _) = read(&bytes);
            assert_eq!(decoded.as_deref(), Some(text), "{}", encoding.name());
        }
    }

    #[test]
    fn a_long_beginning_in_ascii_hides_nothing() {
        let head = "role,text\n".repeat(200_000);
        let (bytes, _, _) = GBK.encode("客服,您好，请问有什么可以帮您\n");
        let found = read(&[head.as_bytes(), &bytes].concat()).0;
        assert!(found.is_some_and(|text| text.ends_with("客服,您好，请问有什么可以帮您\n")));
    }

    #[test]
    fn four_byte_gb18030() {
        let text = "客服，您好👍㐀㐁的一是";
        let (bytes, _, _) = GB18030.encode(text);
        assert_eq!(read(&bytes).0.as_deref(), Some(text));
    }

    #[test]
    fn damage_is_reported_with_its_lines_and_reading_goes_on() {
        let mut bytes = "第一行\n第".as_bytes().to_vec();
        bytes.extend_from_slice(b"\xe4\xbd\n");
        bytes.extend_from_slice("第三行\r\n\u{fffd}四".as_bytes());
        let (text, told) = read(&bytes);
        assert_eq!(
            text.as_deref(),
            Some("第一行\n第\u{fffd}\n第三行\r\n\u{fffd}四")
        );
        let damaged = "encoding-damaged".to_owned();
        assert_eq!(told, [(damaged.clone(), Some(2)), (damaged, Some(4))]);
        assert_eq!(
            read(b"plain \xff text").0.as_deref(),
            Some("plain \u{fffd} text")
        );
    }

    #[test]
    fn damage_in_gbk_too() {
        let (bytes, _, _) = GBK.encode("您好，亲\n在的，请问有什么可以帮您\n");
        let mut bytes = bytes.into_owned();
        bytes.extend_from_slice(b"\xff\xff\n");
        let (text, told) = read(&bytes);
        assert!(text.is_some_and(|text| text.starts_with("您好，亲\n在的")));
        assert_eq!(told[1], ("encoding-damaged".to_owned(), Some(3)));
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (bytes, name) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "PNG"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
            (b"GIF89a\x01\0", "GIF"),
            (b"%PDF-1.7\n", "PDF"),
            (b"PK\x03\x04\x14\0\0\0abc", "ZIP"),
            (b"PK\x03\x04\x14\0\0\0xl/workbook.xml", "Excel"),
            (b"\x01\x02\x03\x04\x05\x06", "binary"),
        ] {
            let mut ledger = Ledger::new("a");
            assert_eq!(decode(bytes.to_vec(), None, &mut ledger), None, "{name}");
            let told = &ledger.diagnostics()[0];
            assert_eq!(told.code, "file-not-text");
            assert!(
                told.message.en.contains(name),
                "{name}: {}",
                told.message.en
            );
        }
        for bytes in [&b""[..], b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe"] {
            assert_eq!(
                read(bytes).1.last().map(|told| told.0.as_str()),
                Some("file-empty"),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn a_stated_encoding_is_believed() {
        let mut ledger = Ledger::new("a");
        let (bytes, _, _) = BIG5.encode("測試");
        assert_eq!(
            decode(bytes.into_owned(), Some(BIG5), &mut ledger).as_deref(),
            Some("測試")
        );
    }
}
