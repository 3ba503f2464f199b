//! What is quoted is not said.

use super::list::List;
use super::{clause_start, head, is_sentence_end, tail};
use crate::span::Span;

static VERBS: List = List::new(
    "说|讲|回|回复|问|写|叫|骂|发|称|提到|提|表示|告诉|反馈|评价|喊|所谓|听到|看到|said|\
    says|say|wrote|asked|told",
);
static AFTER_QUOTE: List = List::new(
    "这种话|这句|这话|这样的话|这样的|这种|这个词|这两个字|这几个字|这些|这一句|这一说|\
    是什么意思|什么意思|之类|的说法|的话|等字眼|一词|两个字|这类|是谁说",
);

/// What a customer may have spoken of, behind 您说的: these words begin no report,
const TOPICS: [&str; 8] = [
    "这个",
    "那个",
    "这种情况",
    "问题",
    "情况",
    "事",
    "这件",
    "那件",
];
/// unless they are words themselves: 您说的那个词.
const WORDS: [&str; 4] = ["词", "字", "话", "句"];

/// Quotation marks.
pub(in crate::text) const MARKS: &str = "“”「」『』‘’\"";
/// What the subjects of a report, and the words that make a mention of what they follow, begin with.
pub(in crate::text) const SUBJECT_SIGNS: &str = "您你客买顾y他她对人有我这等";
/// What the verbs of a report begin with.
pub(in crate::text) const VERB_SIGNS: &str = "说提问讲反sam骂喊回写这等";

/// The quotation or reporting words around what was found, if there are any.
///
/// Either the hit stands inside paired quotes that somebody is said to have uttered (您说上家回“不知道”;
/// “滚”这种话), or the customer is the subject of an unquoted report before it in the clause (您刚才提到的…),
/// or a third person right before it (他说：滚), or it is spoken of as words (滚这种话, 我不会说滚的).
/// What one says oneself (我说“…”) is no quotation.
pub fn quoted(plain: &str, hit: Span) -> Option<Span> {
    if let Some(pair) = enclosing_quotes(plain, hit) {
        if let Some(verb) = verb_before(plain, pair.start) {
            return Some(verb.union(pair));
        }
        let after = &plain[pair.end..];
        let skipped = after.len() - after.trim_start_matches([' ', ',', '，']).len();
        if let Some(word) = AFTER_QUOTE.at(&after[skipped..]).next() {
            return Some(Span::new(pair.start, pair.end + skipped + word.len()));
        }
    }
    reported(plain, hit).or_else(|| mentioned(plain, hit))
}

/// What makes a mention of the words before it. 这样的话 is as often "in that case".
static MENTIONS: List =
    List::new("这种话|这类话|这种词|这个词|这两个字|这几个字|这句话|这些话|这些词|这种字眼|等字眼");
/// What one does not do, before a verb of saying.
static OWN_NO: List =
    List::new("不会|没|没有|不能|不该|不可以|不可能|不敢|从不|从未|绝不|怎么会|怎么可能");

/// Words that are spoken of, or that the speaker says he does not say.
fn mentioned(plain: &str, hit: Span) -> Option<Span> {
    if let Some(word) = MENTIONS.at(&plain[hit.end..]).next() {
        return Some(Span::new(hit.start, hit.end + word.len()));
    }
    let start = clause_start(plain, hit.start);
    let before = plain.get(start..hit.start)?;
    let before = before.strip_suffix('过').unwrap_or(before);
    let lead = ["说", "讲", "骂", "喊", "写"]
        .iter()
        .find_map(|verb| before.strip_suffix(verb))?;
    let no = OWN_NO.find(lead).last()?;
    let (subject, between) = (&lead[..no.start], &lead[no.end..]);
    // 你不会说…吗 and 别跟我说… are said to the customer.
    let own = !subject.ends_with(['你', '您', '还']) && !between.contains('我');
    (own && between.chars().count() <= 4).then(|| Span::new(start + no.start, hit.start))
}

const LONGEST_QUOTE: usize = 1_000;

/// The innermost pair of quotes around a hit, with the quotes.
fn enclosing_quotes(plain: &str, hit: Span) -> Option<Span> {
    // Bytes that no quotation mark is without.
    let marks = |byte: &u8| matches!(byte, 0xe2 | 0xe3 | b'"');
    if !plain.as_bytes().iter().any(marks) {
        return None;
    }
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut best: Option<Span> = None;
    // A quotation of more than a thousand characters is none.
    let from = tail(&plain[..hit.start], LONGEST_QUOTE);
    let to = hit.end + head(&plain[hit.end..], LONGEST_QUOTE);
    for (at, character) in plain[from..to].char_indices().map(|(at, c)| (from + at, c)) {
        let closes = match character {
            '“' => None,
            '”' => Some('“'),
            '「' => None,
            '」' => Some('「'),
            '『' => None,
            '』' => Some('『'),
            '‘' => None,
            '’' => Some('‘'),
            '"' => Some('"'),
            '\n' => {
                open.clear();
                continue;
            }
            _ => continue,
        };
        // A closing quote without an opening one opens: ”滚” is typed by many.
        let begun = closes.and_then(|closes| {
            open.iter().rposition(|&(_, opener)| {
                opener == closes || (opener == character && closes != opener)
            })
        });
        match begun {
            Some(index) => {
                let span = Span::new(open[index].0, at + character.len_utf8());
                open.truncate(index);
                if span.covers(hit) && best.is_none_or(|best| span.len() < best.len()) {
                    best = Some(span);
                }
            }
            // An apostrophe opens nothing.
            None if character == '’' => {}
            None => open.push((at, character)),
        }
        if at > hit.end && best.is_some() && open.is_empty() {
            break;
        }
    }
    best
}

/// The reporting verb within ten characters before a quote, unless the speaker reports himself.
fn verb_before(plain: &str, quote: usize) -> Option<Span> {
    let from = plain[..quote]
        .char_indices()
        .rev()
        .take(10)
        .take_while(|&(_, c)| !is_sentence_end(c))
        .last()?
        .0;
    let window = &plain[from..quote];
    let verb = VERBS
        .find(window)
        .map(|verb| Span::new(from + verb.start, from + verb.end))
        .filter(|verb| {
            !matches!(
                plain[..verb.start].chars().next_back(),
                Some('小' | '传' | '听' | '返' | '收' | '退')
            )
        })
        .max_by_key(|verb| (verb.end, std::cmp::Reverse(verb.start)))?;
    let subject = &plain[verb.start - tail_len(&plain[..verb.start], 4)..verb.start];
    let selfish = subject.rfind('我').is_some_and(|at| {
        let lead = &subject[..at];
        !lead.ends_with(['跟', '对', '给', '和', '向', '与', '让', '被'])
            && !subject[at..].contains(['您', '他', '她'])
    });
    (!selfish).then_some(verb)
}

fn tail_len(text: &str, count: usize) -> usize {
    text.len() - tail(text, count)
}

/// Reported speech without quotes, with the customer as its subject.
fn reported(plain: &str, hit: Span) -> Option<Span> {
    let start = clause_start(plain, hit.start);
    let before = plain.get(start..hit.start)?;
    // What subjects and verbs begin with: most clauses lack the one or the other.
    let subject = [
        '您', '你', '客', '买', '顾', 'y', '他', '她', '对', '人', '有',
    ];
    let verb = [
        '说', '提', '问', '讲', '反', 's', 'a', 'm', '骂', '喊', '回', '写',
    ];
    if !before.contains(subject) || !before.contains(verb) {
        return None;
    }
    let mut found = None;
    for subject in [
        "您", "你", "客户", "买家", "顾客", "you ", "他", "她", "他们", "她们", "对方", "人家",
        "有人",
    ] {
        let third = subject.starts_with(['他', '她', '对', '人', '有']);
        for (at, _) in before.match_indices(subject) {
            // 跟您说: the customer is told.
            if before[..at].ends_with([
                '跟', '和', '对', '给', '向', '与', '同', '请', '让', '帮', '其',
            ]) {
                continue;
            }
            let mut end = at + subject.len();
            for adverb in [
                "刚才", "刚刚", "之前", "上面", "前面", "上次", "昨天", "一直", "这边", "也", "又",
                "刚", "是",
            ] {
                if before[end..].starts_with(adverb) {
                    end += adverb.len();
                }
            }
            let verbs = [
                "说",
                "提到",
                "提",
                "问",
                "讲",
                "反馈",
                "said",
                "asked",
                "mentioned",
            ];
            let others = ["骂", "喊", "回", "写"];
            let others = others.iter().filter(|_| third);
            let Some(verb) = verbs
                .iter()
                .chain(others)
                .find(|verb| before[end..].starts_with(**verb))
            else {
                continue;
            };
            end += verb.len();
            let rest = &before[end..];
            if third {
                // Only what follows at once: 他说明天到,我看看 reports no more than that.
                let rest = rest
                    .trim_start_matches(['我', '们', '过', '了'])
                    .trim_start();
                if rest.is_empty() || matches!(rest.trim_end(), ":" | "：") {
                    found = Some(Span::new(start + at, start + end));
                }
                continue;
            }
            // 您说“好”: what was said ends with the quotes.
            if rest
                .trim_start_matches([':', ' '])
                .starts_with(['“', '”', '‘', '「', '『', '"'])
            {
                continue;
            }
            // 您说一下, 您问下: a request. 您问题: the noun. 您提供: another verb.
            if ["一下", "下", "题", "供", "前", "交", "明一下"]
                .iter()
                .any(|other| rest.starts_with(other))
            {
                continue;
            }
            // 您说的这个不归我管 speaks of it, and reports nothing.
            let topic = rest.strip_prefix('的').is_some_and(|what| {
                TOPICS.iter().any(|topic| what.starts_with(topic))
                    && !WORDS.iter().any(|words| what.contains(words))
            });
            if topic {
                continue;
            }
            found = Some(Span::new(start + at, start + end));
        }
    }
    found
}
