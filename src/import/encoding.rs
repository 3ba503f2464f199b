//! Bytes to text: byte order marks, strict UTF-8, UTF-16 by its NULs, then GB18030 or Big5 by what the
//! characters say.
//!
//! The thing to get right: neither GB18030 nor Big5 can be told from the other by validity, and a
//! damaged UTF-8 file is often valid GB18030. So UTF-8 wins as long as its three-byte characters
//! outnumber what is broken, and the other two compete by how common the characters they give are.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::ledger::Ledger;
use super::lines::Lines;
use crate::diagnostic::Diagnostic;
use crate::sorted;

/// How much of a file decides.
pub(crate) const SAMPLE: usize = 1 << 20;

/// The mark of UTF-8.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Characters that half of any chat consists of, in either script; what is decoded wrongly lacks them.
const COMMON: &str = "的一是不了在我有这這个個您你好吗嗎亲親请請谢謝没沒可以会會来來们們到要就说說天时時下单單\
发發货貨退款订訂服务務问問客户戶买買家收快递遞能什么麼为為哪里裡给給看想还還用对對么呢吧啊，。？！：内容間间角色";

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
    let encoding = match forced {
        Some(encoding) => encoding,
        None => match unicode(&bytes) {
            Unicode::Is(encoding) => encoding,
            Unicode::Binary => {
                not_text(ledger, "二进制文件", "a binary file");
                return None;
            }
            Unicode::Unmarked => UTF_8,
        },
    };
    let mut bytes = bytes;
    let text = if encoding == UTF_8 {
        let marked = bytes.starts_with(BOM);
        if marked {
            bytes.drain(..BOM.len());
        }
        match valid(&bytes) {
            Some(text) => text,
            None => {
                let encoding = if marked || forced.is_some() {
                    UTF_8
                } else {
                    legacy(&bytes, Encoding::utf8_valid_up_to(&bytes))
                };
                detected(encoding, ledger);
                encoding.decode_without_bom_handling(&bytes).0.into_owned()
            }
        }
    } else {
        detected(encoding, ledger);
        encoding.decode_with_bom_removal(&bytes).0.into_owned()
    };
    damage(&text, 1, ledger);
    if text.trim().is_empty() {
        empty(ledger);
        return None;
    }
    Some(text)
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

/// Whether the beginning of a long file leaves no doubt that it is UTF-8, as far as that goes: the text
/// of it. `head` ends where a line does and is longer than [`SAMPLE`].
pub(crate) fn settled(head: &[u8]) -> Option<String> {
    let unmarked = match unicode(head) {
        Unicode::Is(encoding) => encoding == UTF_8,
        Unicode::Unmarked => true,
        Unicode::Binary => false,
    };
    if magic(head).is_some() || !unmarked {
        return None;
    }
    valid(head.strip_prefix(BOM).unwrap_or(head))
}

/// The encoding of a file that was ASCII up to these bytes, where it stops being UTF-8.
pub(crate) fn later(bytes: &[u8], ledger: &mut Ledger) -> &'static Encoding {
    let encoding = legacy(bytes, 0);
    detected(encoding, ledger);
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

fn detected(encoding: &'static Encoding, ledger: &mut Ledger) {
    if encoding != UTF_8 {
        let name = encoding.name();
        ledger.report_first(Diagnostic::info(
            "encoding-detected",
            format!("该文件按 {name} 编码读取；若出现乱码，请另存为 UTF-8 后重新导入，或指定编码。"),
            format!("The file was read as {name}; if characters look wrong, save it as UTF-8 or state its encoding."),
        ));
    }
}

/// Lines that hold U+FFFD, whether it came from here or was in the file already; the text begins on
/// line `first`.
pub(crate) fn damage(text: &str, first: u32, ledger: &mut Ledger) {
    // Compared all over, which the compiler turns into a few wide steps: its bytes are common by themselves.
    let is_mark = |three: &[u8]| (three[0] == 0xef) & (three[1] == 0xbf) & (three[2] == 0xbd);
    let any = |part: &[u8]| {
        part.windows(3)
            .fold(false, |any, three| any | is_mark(three))
    };
    if !any(text.as_bytes()) {
        return;
    }
    let mut lines = Lines::new(text);
    let mut last = 0;
    for (offset, _) in text.match_indices('\u{fffd}') {
        let line = lines.at(text, offset);
        if line != last {
            last = line;
            ledger.report_first(
                Diagnostic::warning(
                    "encoding-damaged",
                    "这一行有无法还原的字符，已显示为 �；涉及这些字的判断可能不准，请核对原始记录。",
                    "This line has characters that cannot be decoded, shown as �; check the original where they matter.",
                )
                .line(line.saturating_add(first - 1)),
            );
        }
    }
}

/// What a file is by its first bytes, when it is no text.
fn magic(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const KNOWN: [(&[u8], &str, &str); 16] = [
        (b"\x89PNG\r\n\x1a\n", "PNG 图片", "a PNG image"),
        (b"\xff\xd8\xff", "JPEG 图片", "a JPEG image"),
        (b"GIF87a", "GIF 图片", "a GIF image"),
        (b"GIF89a", "GIF 图片", "a GIF image"),
        (b"%PDF-", "PDF 文档", "a PDF document"),
        (b"\x1f\x8b\x08", "gzip 压缩包", "a gzip archive"),
        (b"Rar!\x1a\x07", "RAR 压缩包", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", "a 7z archive"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "旧版 Office 文件（xls/doc）",
            "an old Office file (xls or doc)",
        ),
        (b"SQLite format 3\0", "SQLite 数据库", "an SQLite database"),
        (b"ID3\x03", "MP3 录音", "an MP3 recording"),
        (b"ID3\x04", "MP3 录音", "an MP3 recording"),
        (b"OggS\0", "Ogg 录音", "an Ogg recording"),
        (b"#!AMR", "AMR 录音", "an AMR recording"),
        (b"II*\0", "TIFF 图片", "a TIFF image"),
        (b"MM\0*", "TIFF 图片", "a TIFF image"),
    ];
    if let Some((_, zh, en)) = KNOWN.iter().find(|(start, _, _)| bytes.starts_with(start)) {
        return Some((zh, en));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        let head = &bytes[..bytes.len().min(4096)];
        let names = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
        return Some(if names(b"xl/") {
            ("Excel 工作簿（xlsx）", "an Excel workbook (xlsx)")
        } else if names(b"word/") {
            ("Word 文档（docx）", "a Word document (docx)")
        } else {
            ("ZIP 压缩包", "a ZIP archive")
        });
    }
    match bytes.get(..4) {
        Some(b"RIFF") => match bytes.get(8..12) {
            Some(b"WEBP") => Some(("WebP 图片", "a WebP image")),
            Some(b"WAVE") => Some(("WAV 录音", "a WAV recording")),
            Some(b"AVI ") => Some(("AVI 视频", "an AVI video")),
            _ => None,
        },
        _ if bytes.get(4..8) == Some(b"ftyp") => Some(("MP4 音视频", "an MP4 recording")),
        _ => None,
    }
}

/// What the bytes say before any of them is decoded.
enum Unicode {
    /// Marked, or UTF-16 by its NULs.
    Is(&'static Encoding),
    /// UTF-8, or an older encoding.
    Unmarked,
    /// No text.
    Binary,
}

fn unicode(bytes: &[u8]) -> Unicode {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Unicode::Is(encoding);
    }
    let sample = sample(bytes);
    if let Some(encoding) = utf16(sample) {
        return Unicode::Is(encoding);
    }
    let controls = sample
        .iter()
        .filter(|&&byte| byte < 9 || (14..32).contains(&byte) && byte != 0x1b)
        .count();
    if controls * 50 > sample.len() {
        return Unicode::Binary;
    }
    Unicode::Unmarked
}

/// The encoding of bytes that are not valid UTF-8; UTF-8 when they are that, but damaged.
fn legacy(bytes: &[u8], valid: usize) -> &'static Encoding {
    // A file may begin with much that is ASCII, and says nothing: look where it stops being UTF-8.
    let start = if valid < SAMPLE / 2 {
        0
    } else {
        let before = &bytes[..valid];
        // So much of it, and not by chance.
        if !before.is_ascii() {
            return UTF_8;
        }
        before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |end| end + 1)
    };
    let sample = sample(&bytes[start..]);
    // GBK text holds many accidental two-byte characters of UTF-8 and hardly any of three bytes.
    let (mut long, mut broken) = (0usize, 0usize);
    for chunk in sample.utf8_chunks() {
        long += chunk.valid().chars().filter(|c| c.len_utf8() > 2).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if broken == 0 || long >= broken {
        return UTF_8;
    }
    let gb = Candidate::new(GB18030, sample);
    let big5 = Candidate::new(BIG5, sample);
    // A stray byte in a file that is otherwise ASCII: as good as any, and says least.
    if gb.errors >= broken && big5.errors >= broken {
        return UTF_8;
    }
    if gb.errors * 4 < big5.errors && gb.common * 2 >= big5.common {
        return GB18030;
    }
    if big5.errors * 4 < gb.errors && big5.common * 2 >= gb.common {
        return BIG5;
    }
    if gb.common != big5.common {
        return if gb.common > big5.common {
            GB18030
        } else {
            BIG5
        };
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let big5_wins = detector.guess(None, Utf8Detection::Deny) == BIG5;
    if big5_wins { BIG5 } else { GB18030 }
}

/// The beginning of the file, cut where no character of any encoding is cut.
fn sample(bytes: &[u8]) -> &[u8] {
    if bytes.len() <= SAMPLE {
        return bytes;
    }
    let head = &bytes[..SAMPLE];
    match head.iter().rposition(|&byte| byte == b'\n') {
        Some(end) => &head[..end],
        None => head,
    }
}

/// UTF-16 without a mark: digits, commas and line ends leave a NUL on one side.
fn utf16(sample: &[u8]) -> Option<&'static Encoding> {
    let head = &sample[..sample.len().min(1 << 16)];
    if head.len() < 4 {
        return None;
    }
    let (mut even, mut odd) = (0usize, 0usize);
    for (index, &byte) in head.iter().enumerate() {
        if byte == 0 {
            if index % 2 == 0 {
                even += 1;
            } else {
                odd += 1;
            }
        }
    }
    let units = head.len() / 2;
    if odd * 20 > units && odd > even * 2 {
        Some(UTF_16LE)
    } else if even * 20 > units && even > odd * 2 {
        Some(UTF_16BE)
    } else {
        None
    }
}

struct Candidate {
    errors: usize,
    common: usize,
}

impl Candidate {
    fn new(encoding: &'static Encoding, sample: &[u8]) -> Self {
        let (text, _) = encoding.decode_without_bom_handling(sample);
        let mut common = COMMON.chars().collect::<Vec<_>>();
        sorted::plain(&mut common);
        let mut candidate = Self {
            errors: 0,
            common: 0,
        };
        for character in text.chars().filter(|c| !c.is_ascii()) {
            if character == '\u{fffd}' {
                candidate.errors += 1;
            } else if common.binary_search(&character).is_ok() {
                candidate.common += 1;
            }
        }
        candidate
    }
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
