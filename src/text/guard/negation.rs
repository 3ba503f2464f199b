//! 不能加微信 is no 加微信.

use super::list::List;
use super::question::ends_asking;
use super::{clause_end, clause_start, is_filler, tail};
use crate::span::Span;

/// Words that negate what follows in the clause, within [`REACH`] characters.
static NEGATORS: List = List::new(
    "不会|不能|不能够|无需|不敢|不支持|不可以|不可|没法|没办法|无法|没有|没能|不是|并非|别|勿|\
    请勿|切勿|莫|不要|不用|不必|不需要|不得|不许|不准|不让|不想|不愿|不肯|不该|不应|\
    不允许|不建议|不提供|不做|不保证|不承诺|不曾|不存在|禁止|谨防|拒绝|从不|从未|绝不|\
    绝非|决不|严禁|杜绝|避免|防止|以免|免得|甭|不宜|很难|难以|不好保证|不太可能|不可能",
);
/// Words that negate only what stands right behind them.
static CLOSE_NEGATORS: List = List::new("不|没|未|非");
static LATIN_NEGATORS: List = List::new(
    "don't|dont|don’t|do not|doesn't|doesn’t|does not|didn't|didn’t|did not|can't|\
    can’t|cannot|can not|won't|won’t|will not|wouldn't|wouldn’t|shouldn't|shouldn’t|\
    isn't|isn’t|aren't|aren’t|never|not|no|without",
);
/// What negators begin with: most clauses hold none of these, and need no look at the lists.
pub(in crate::text) const FIRST: &str =
    "不没无并别勿请切莫禁谨拒从绝决严杜避防以免甭很难未非dcwsian";
/// How many characters may stand between a negator and what it negates.
const REACH: usize = 8;
const CLOSE_REACH: usize = 1;
const LATIN_REACH: usize = 24;

/// Words that hold a negator and negate nothing.
static PSEUDO: List = List::new(
    "不好意思|对不起|不错|不过|不仅|不但|不只|不光|不单|不止|差不多|没问题|没事|没关系|\
    不要紧|不用谢|不客气|不如|不然|不管|不论|无论|不得了|不得已|不断|不久|不妨|不愧|\
    不料|不禁|不由|不一会|不一样|不同|不少|没准|没错|别人|别的|别家|别处|特别|分别|区别|\
    差别|级别|类别|性别|个别|别墅|告别|识别|鉴别|别致|不锈|不干胶|不倒翁|不粘|好不容易|\
    忍不住|来不及|了不起|说不定|巴不得|恨不得|非常|除非|非要|是非|未来|莫非|用不了|\
    要不然|不好说|not only|no problem|no worries",
);
/// Words between a negator and the hit that end what is negated: 不能退就加微信.
static SCOPE_ENDS: List =
    List::new("的话|不过|然而|就|但|而是|却|只能|只好|所以|还是|而且|反正|because|but");
/// Behind these 可以 is still what is negated: 不能保证可以明天到.
static UNSURE: List = List::new("保证|承诺|确定|肯定|说|表示|代表|意味|认为|知道|允许|同意");
/// A no that stands alone behind one's own question: 能加微信吗?不能哦亲.
static DENIALS: List =
    List::new("不能|不能加|不可以|不可以加|不行|不会|不会加|不可|不允许|不支持|不加|不让|不给");

/// The negator that takes back what was found, if there is one.
///
/// It stands before the hit in the same clause, at most eight characters away. 不好意思, 差不多 and the like
/// are no negators, nor are A-not-A questions (能不能); 不是…吗 and 难道不… assert; two negators in a row
/// cancel each other. Where nothing before it negates, a no to one's own question does.
pub fn negated(plain: &str, hit: Span) -> Option<Span> {
    negated_before(plain, hit).or_else(|| denied(plain, hit))
}

fn negated_before(plain: &str, hit: Span) -> Option<Span> {
    let start = clause_start(plain, hit.start);
    let before = plain.get(start..hit.start)?;
    let negator = nearest_negator(plain, start, hit.start)?;
    let between = negator
        .end
        .checked_sub(start)
        .and_then(|at| before.get(at..))?;
    // 不方便你可以加我: 可以 begins something else, unless it is what is denied.
    let permits = between
        .find("可以")
        .is_some_and(|at| at > 0 && !UNSURE.is_in(&between[..at]));
    if permits || SCOPE_ENDS.is_in(between) {
        return None;
    }
    // 不能不, 没有不: look at what stands right before, a few times.
    let mut first = negator;
    let mut count = 1;
    for _ in 0..3 {
        match nearest_negator(plain, start, first.start).filter(|one| one.end == first.start) {
            Some(earlier) => first = earlier,
            None => break,
        }
        count += 1;
    }
    if count % 2 == 0 {
        return None;
    }
    let lead = plain.get(start..first.start)?;
    if lead.contains("难道") || lead.contains('岂') || lead.contains("何尝") {
        return None;
    }
    let asks = ends_asking(&plain[hit.end..clause_end(plain, hit.end)]);
    if asks && (negator.of(plain) == "不是" || lead.ends_with('你') || lead.ends_with('您')) {
        return None;
    }
    Some(negator)
}

/// The no with which a speaker answers the question that he asks himself.
fn denied(plain: &str, hit: Span) -> Option<Span> {
    let end = clause_end(plain, hit.end);
    if !plain[end..].starts_with(['?', '？']) && !ends_asking(&plain[hit.end..end]) {
        return None;
    }
    let start = end + plain[end..].find(char::is_alphanumeric)?;
    let word = DENIALS.at(&plain[start..]).max_by_key(|word| word.len())?;
    let no = Span::new(start, start + word.len());
    is_filler(&plain[no.end..clause_end(plain, no.end)]).then_some(no)
}

/// The negator nearest before `to` that reaches it.
fn nearest_negator(plain: &str, from: usize, to: usize) -> Option<Span> {
    let clause = plain.get(from..to)?;
    if !clause.contains(|c| FIRST.contains(c)) {
        return None;
    }
    let mut best: Option<Span> = None;
    let latin_before = |at: usize| plain[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    let lists = [
        (&NEGATORS, REACH, false),
        (&CLOSE_NEGATORS, CLOSE_REACH, false),
        (&LATIN_NEGATORS, LATIN_REACH, true),
    ];
    for (list, reach, latin) in lists {
        // Nothing farther than the reach and the longest negator matters.
        let window = from + tail(clause, reach + 10);
        for found in list.find(&plain[window..to]) {
            let span = Span::new(window + found.start, window + found.end);
            let glued = latin
                && (latin_before(span.start)
                    || plain[span.end..].starts_with(|c: char| c.is_ascii_alphanumeric()));
            if glued || plain[span.end..to].chars().nth(reach).is_some() || is_pseudo(plain, span) {
                continue;
            }
            // The nearest; of those that end together the longest.
            let nearer = best.is_none_or(|best| {
                span.end > best.end || (span.end == best.end && span.start < best.start)
            });
            if nearer {
                best = Some(span);
            }
        }
    }
    best
}

/// Whether the characters of a negator belong to a word or a question that negates nothing.
fn is_pseudo(plain: &str, negator: Span) -> bool {
    let word = negator.of(plain);
    // A不A, A没A: the same character on both sides.
    if let Some(at) = word.find(['不', '没']).map(|at| negator.start + at) {
        let left = plain[..at].chars().next_back();
        let right = plain[at + '不'.len_utf8()..].chars().next();
        if left.is_some() && left == right && left != Some('不') {
            return true;
        }
    }
    // 要不 suggests; 只要不 and 需要不 negate.
    if word.starts_with('不') {
        let left = &plain[..negator.start];
        if left.ends_with('要')
            && !left.ends_with("只要")
            && !left.ends_with("需要")
            && !left.ends_with("不要")
        {
            return true;
        }
    }
    PSEUDO.covers(plain, negator) || overlaps_end(plain, negator)
}

/// Whether one of them begins inside the negator and runs on behind it (没有 before 关系 is none, 不会 is).
fn overlaps_end(plain: &str, negator: Span) -> bool {
    negator
        .of(plain)
        .char_indices()
        .skip(1)
        .any(|(offset, _)| PSEUDO.at(&plain[negator.start + offset..]).next().is_some())
}

#[cfg(test)]
mod tests {
    use super::{CLOSE_NEGATORS, FIRST, LATIN_NEGATORS, NEGATORS};

    #[test]
    fn every_negator_begins_with_a_listed_character() {
        for list in [&NEGATORS, &CLOSE_NEGATORS, &LATIN_NEGATORS] {
            for word in list.words() {
                assert!(word.starts_with(|c| FIRST.contains(c)), "{word}");
            }
        }
    }
}
