//! Which encoding bytes are of, by what they would say in each.
//!
//! The thing to get right: bytes that are valid say little, for GB18030 and Big5 take nearly anything; what
//! counts is how common the characters are that come out.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::SAMPLE;
use crate::sorted;

/// Characters that half of any chat consists of, in either script; what is decoded wrongly lacks them.
const COMMON: &str = "的一是不了在我有这這个個您你好吗嗎亲親请請谢謝没沒可以会會来來们們到要就说說天时時下单單\
发發货貨退款订訂服务務问問客户戶买買家收快递遞能什么麼为為哪里裡给給看想还還用对對么呢吧啊，。？！：内容間间角色";

/// What bytes are taken for.
pub(crate) struct Verdict {
    pub(crate) encoding: &'static Encoding,
    pub(crate) certain: bool,
    pub(crate) others: Vec<&'static Encoding>,
    /// Whether the next is nearly as likely.
    pub(crate) close: bool,
}

impl Verdict {
    pub(super) fn of(encoding: &'static Encoding) -> Self {
        Self {
            encoding,
            certain: true,
            others: Vec::new(),
            close: false,
        }
    }
}

/// What the bytes say before any of them is decoded.
pub(super) enum Unicode {
    /// By its first bytes.
    Marked(&'static Encoding),
    /// UTF-16, by what its bytes are like.
    Wide(&'static Encoding),
    /// UTF-8, or an older encoding.
    Unmarked,
    /// No text.
    Binary,
}

pub(super) fn unicode(bytes: &[u8]) -> Unicode {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Unicode::Marked(encoding);
    }
    let sample = sample(bytes);
    if let Some(encoding) = utf16(sample) {
        return Unicode::Wide(encoding);
    }
    let controls = sample
        .iter()
        .filter(|&&byte| byte < 9 || (14..32).contains(&byte) && byte != 0x1b)
        .count();
    if controls * 50 > sample.len() {
        return wide(sample).map_or(Unicode::Binary, Unicode::Wide);
    }
    Unicode::Unmarked
}

/// UTF-16 in which hardly anything but Chinese is written.
fn wide(sample: &[u8]) -> Option<&'static Encoding> {
    let even = &sample[..sample.len() & !1];
    [UTF_16LE, UTF_16BE].into_iter().find(|&encoding| {
        let read = Candidate::new(encoding, even);
        read.errors == 0 && read.total > 3 && read.common * 5 > read.total
    })
}

/// Bytes that are valid UTF-8 but may be GB18030 nevertheless: 1,920 of its characters of two bytes are
/// also characters of two bytes there, such as `谢` and `л`.
pub(super) fn doubtful(sample: &[u8]) -> Option<Verdict> {
    if sample.is_ascii() {
        return None;
    }
    let text = std::str::from_utf8(sample).ok()?;
    let (mut foreign, mut pairs) = (false, false);
    let mut before = 0;
    for c in text.chars().filter(|c| !c.is_ascii()) {
        // Three bytes of UTF-8 are hardly ever anything else, and the second of GB2312 is never so low.
        let low = u32::from(c) & 0x3f;
        if c >= '\u{800}' || low < 0x21 {
            return None;
        }
        foreign |= c > '\u{ff}';
    }
    for &byte in sample {
        before = if byte < 0x80 { 0 } else { before + 1 };
        pairs |= before > 2;
    }
    let gb = Candidate::new(GB18030, sample);
    let wins = pairs && gb.common * 4 >= gb.total;
    let (encoding, other) = if wins {
        (GB18030, UTF_8)
    } else {
        (UTF_8, GB18030)
    };
    Some(Verdict {
        encoding,
        certain: false,
        others: vec![other],
        // A single é or ° among Latin letters is what it seems.
        close: pairs || foreign,
    })
}

/// The encoding of bytes that are not valid UTF-8; UTF-8 when they are that, but damaged.
pub(super) fn legacy(bytes: &[u8], valid: usize) -> Verdict {
    // A file may begin with much that is ASCII, and says nothing: look where it stops being UTF-8.
    let start = if valid < SAMPLE / 2 {
        0
    } else {
        let before = &bytes[..valid];
        // So much of it, and not by chance.
        if !before.is_ascii() {
            return Verdict::of(UTF_8);
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
        return Verdict::of(UTF_8);
    }
    let gb = Candidate::new(GB18030, sample);
    let big5 = Candidate::new(BIG5, sample);
    if start == 0
        && gb.errors > 0
        && big5.errors > 0
        && let Some(encoding) = wide(sample)
    {
        return Verdict {
            certain: false,
            ..Verdict::of(encoding)
        };
    }
    // A stray byte in a file that is otherwise ASCII: as good as any, and says least.
    if gb.errors >= broken && big5.errors >= broken {
        return Verdict::of(UTF_8);
    }
    let gb_wins = if gb.errors * 4 < big5.errors && gb.common * 2 >= big5.common {
        true
    } else if big5.errors * 4 < gb.errors && big5.common * 2 >= gb.common {
        false
    } else if gb.common != big5.common {
        gb.common > big5.common
    } else {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(sample, true);
        detector.guess(None, Utf8Detection::Deny) != BIG5
    };
    let (encoding, other, won, lost) = if gb_wins {
        (GB18030, BIG5, gb, big5)
    } else {
        (BIG5, GB18030, big5, gb)
    };
    // Either would do, and the characters of the one are hardly more common than those of the other.
    let fits = lost.errors <= won.errors * 2 + lost.total / 10;
    let close = fits && won.common <= lost.common * 2 + 1;
    Verdict {
        encoding,
        certain: !fits,
        others: if fits { vec![other] } else { Vec::new() },
        close,
    }
}

/// The beginning of the file, cut where no character of any encoding is cut.
pub(super) fn sample(bytes: &[u8]) -> &[u8] {
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

/// What bytes would be in an encoding.
struct Candidate {
    errors: usize,
    common: usize,
    /// Characters beyond ASCII.
    total: usize,
}

impl Candidate {
    fn new(encoding: &'static Encoding, sample: &[u8]) -> Self {
        let (text, _) = encoding.decode_without_bom_handling(sample);
        let mut common = COMMON.chars().collect::<Vec<_>>();
        sorted::plain(&mut common);
        let mut candidate = Self {
            errors: 0,
            common: 0,
            total: 0,
        };
        for character in text.chars().filter(|c| !c.is_ascii()) {
            candidate.total += 1;
            if character == '\u{fffd}' {
                candidate.errors += 1;
            } else if common.binary_search(&character).is_ok() {
                candidate.common += 1;
            }
        }
        candidate
    }
}
