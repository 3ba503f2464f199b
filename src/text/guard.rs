//! Guards that tell a fault from a sentence that merely holds its words: negation, quotation, filler,
//! questions.
//!
//! All of them read the plain text ([`super::Folded::plain`]), and each gives the words that justify
//! it, so that a finding, or its absence, can be explained. They are rules of thumb on one clause; what
//! a reader would get wrong is to expect grammar of them.

use super::slot::sticker;
use crate::span::Span;

/// What kind of question a customer asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Asks for a fact: what, how, when, how much.
    Open,
    /// Can be answered with yes or no.
    YesNo,
}

/// Words that negate what follows in the clause, within [`REACH`] characters.
const NEGATORS: &[&str] = &[
    "不会",
    "不能",
    "不能够",
    "不敢",
    "不支持",
    "不可以",
    "不可",
    "没法",
    "没办法",
    "无法",
    "没有",
    "没能",
    "不是",
    "并非",
    "别",
    "勿",
    "请勿",
    "切勿",
    "莫",
    "不要",
    "不用",
    "不必",
    "不需要",
    "不得",
    "不许",
    "不准",
    "不让",
    "不想",
    "不愿",
    "不肯",
    "不该",
    "不应",
    "不允许",
    "不建议",
    "不提供",
    "不做",
    "不保证",
    "不承诺",
    "不曾",
    "不存在",
    "禁止",
    "谨防",
    "拒绝",
    "从不",
    "从未",
    "绝不",
    "绝非",
    "决不",
    "严禁",
    "杜绝",
    "避免",
    "防止",
    "以免",
    "免得",
    "甭",
    "不宜",
    "很难",
    "难以",
    "不好保证",
    "不太可能",
    "不可能",
];
/// Words that negate only what stands right behind them.
const CLOSE_NEGATORS: &[&str] = &["不", "没", "未", "非"];
const LATIN_NEGATORS: &[&str] = &[
    "don't",
    "dont",
    "don’t",
    "do not",
    "doesn't",
    "doesn’t",
    "does not",
    "didn't",
    "didn’t",
    "did not",
    "can't",
    "can’t",
    "cannot",
    "can not",
    "won't",
    "won’t",
    "will not",
    "wouldn't",
    "wouldn’t",
    "shouldn't",
    "shouldn’t",
    "isn't",
    "isn’t",
    "aren't",
    "aren’t",
    "never",
    "not",
    "no",
    "without",
];
/// How many characters may stand between a negator and what it negates.
const REACH: usize = 8;
const CLOSE_REACH: usize = 1;
const LATIN_REACH: usize = 24;

/// Words that hold a negator and negate nothing.
const PSEUDO: &[&str] = &[
    "不好意思",
    "对不起",
    "不错",
    "不过",
    "不仅",
    "不但",
    "不只",
    "不光",
    "不单",
    "不止",
    "差不多",
    "没问题",
    "没事",
    "没关系",
    "不要紧",
    "不用谢",
    "不客气",
    "不如",
    "不然",
    "不管",
    "不论",
    "无论",
    "不得了",
    "不得已",
    "不断",
    "不久",
    "不妨",
    "不愧",
    "不料",
    "不禁",
    "不由",
    "不一会",
    "不一样",
    "不同",
    "不少",
    "没准",
    "没错",
    "别人",
    "别的",
    "别家",
    "别处",
    "特别",
    "分别",
    "区别",
    "差别",
    "级别",
    "类别",
    "性别",
    "个别",
    "别墅",
    "告别",
    "识别",
    "鉴别",
    "别致",
    "不锈",
    "不干胶",
    "不倒翁",
    "不粘",
    "好不容易",
    "忍不住",
    "来不及",
    "了不起",
    "说不定",
    "巴不得",
    "恨不得",
    "非常",
    "除非",
    "非要",
    "是非",
    "未来",
    "莫非",
    "用不了",
    "要不然",
    "不好说",
    "not only",
    "no problem",
    "no worries",
];
/// Words between a negator and the hit that end what is negated: 不能退就加微信.
const SCOPE_ENDS: &[&str] = &[
    "的话", "就", "但", "而是", "却", "只能", "只好", "所以", "还是", "而且", "反正", "because",
    "but",
];

/// The negator that takes back what was found, if there is one.
///
/// It stands before the hit in the same clause, at most eight characters away. 不好意思, 差不多 and the like
/// are no negators, nor are A-not-A questions (能不能); 不是…吗 and 难道不… assert; two negators in a row
/// cancel each other.
pub fn negated(plain: &str, hit: Span) -> Option<Span> {
    let start = clause_start(plain, hit.start);
    let before = plain.get(start..hit.start)?;
    let negator = nearest_negator(plain, start, hit.start)?;
    let between = negator
        .end
        .checked_sub(start)
        .and_then(|at| before.get(at..))?;
    if SCOPE_ENDS.iter().any(|word| between.contains(word)) {
        return None;
    }
    // 不能不, 没有不: look at what stands right before, as often as it takes.
    let mut first = negator;
    let mut count = 1;
    while let Some(earlier) =
        nearest_negator(plain, start, first.start).filter(|one| one.end == first.start)
    {
        first = earlier;
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

/// The negator nearest before `to` that reaches it.
fn nearest_negator(plain: &str, from: usize, to: usize) -> Option<Span> {
    let clause = plain.get(from..to)?;
    let mut best: Option<Span> = None;
    let latin_before = |at: usize| plain[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    let lists = [
        (NEGATORS, REACH, false),
        (CLOSE_NEGATORS, CLOSE_REACH, false),
        (LATIN_NEGATORS, LATIN_REACH, true),
    ];
    for (list, reach, latin) in lists {
        // Nothing farther than the reach and the longest negator matters.
        let window = from + tail(clause, reach + 10);
        for word in list {
            for (at, _) in plain[window..to].match_indices(word) {
                let span = Span::new(window + at, window + at + word.len());
                let glued = latin
                    && (latin_before(span.start)
                        || plain[span.end..].starts_with(|c: char| c.is_ascii_alphanumeric()));
                if glued
                    || plain[span.end..to].chars().nth(reach).is_some()
                    || is_pseudo(plain, span)
                {
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
    }
    best
}

/// Where the last `count` characters of `text` begin.
fn tail(text: &str, count: usize) -> usize {
    text.char_indices()
        .rev()
        .take(count)
        .last()
        .map_or(text.len(), |(at, _)| at)
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
    inside(plain, negator, PSEUDO)
        || PSEUDO
            .iter()
            .any(|pseudo| overlaps_end(plain, negator, pseudo))
}

/// Whether `pseudo` begins inside the negator and runs on behind it (没有 before 关系 is none, 不会 is).
fn overlaps_end(plain: &str, negator: Span, pseudo: &str) -> bool {
    negator
        .of(plain)
        .char_indices()
        .skip(1)
        .any(|(offset, _)| plain[negator.start + offset..].starts_with(pseudo))
}

fn is_clause_end(character: char) -> bool {
    matches!(
        character,
        '。' | '!' | '?' | ';' | ',' | '！' | '？' | '；' | '，' | '\n' | '\r' | '…'
    )
}

fn is_sentence_end(character: char) -> bool {
    matches!(character, '。' | '!' | '?' | '！' | '？' | '\n' | '\r')
}

/// How far a clause is followed: long enough for any, and a bound for a text without clause marks.
const LONGEST_CLAUSE: usize = 120;

fn clause_start(plain: &str, at: usize) -> usize {
    let mut start = at;
    for (position, character) in plain[..at].char_indices().rev().take(LONGEST_CLAUSE) {
        if is_clause_end(character) {
            break;
        }
        start = position;
    }
    start
}

fn clause_end(plain: &str, at: usize) -> usize {
    let mut clause = plain[at..].char_indices().take(LONGEST_CLAUSE);
    clause.find(|&(_, c)| is_clause_end(c)).map_or_else(
        || at + head(&plain[at..], LONGEST_CLAUSE),
        |(length, _)| at + length,
    )
}

/// Where the first `count` characters of `text` end.
fn head(text: &str, count: usize) -> usize {
    text.char_indices()
        .nth(count)
        .map_or(text.len(), |(at, _)| at)
}

fn ends_asking(clause: &str) -> bool {
    strip_filler_end(clause).ends_with(['吗', '么', '嘛'])
}

const VERBS: &[&str] = &[
    "说", "讲", "回", "回复", "问", "写", "叫", "骂", "发", "称", "提到", "提", "表示", "告诉",
    "反馈", "评价", "喊", "所谓", "听到", "看到", "said", "says", "say", "wrote", "asked", "told",
];
const AFTER_QUOTE: &[&str] = &[
    "这种话",
    "这句",
    "这话",
    "这样的话",
    "这样的",
    "这种",
    "这个词",
    "这两个字",
    "这几个字",
    "这些",
    "这一句",
    "这一说",
    "是什么意思",
    "什么意思",
    "之类",
    "的说法",
    "的话",
    "等字眼",
    "一词",
    "两个字",
    "这类",
    "是谁说",
];

/// The quotation or reporting words around what was found, if there are any.
///
/// Either the hit stands inside paired quotes that somebody is said to have uttered (您说上家回“不知道”;
/// “滚”这种话), or the customer is the subject of an unquoted report before it in the clause (您刚才提到的…).
/// What one says oneself (我说“…”) is no quotation.
pub fn quoted(plain: &str, hit: Span) -> Option<Span> {
    if let Some(pair) = enclosing_quotes(plain, hit) {
        if let Some(verb) = verb_before(plain, pair.start) {
            return Some(verb.union(pair));
        }
        let after = &plain[pair.end..];
        let skipped = after.len() - after.trim_start_matches([' ', ',', '，']).len();
        if let Some(word) = AFTER_QUOTE
            .iter()
            .find(|word| after[skipped..].starts_with(**word))
        {
            return Some(Span::new(pair.start, pair.end + skipped + word.len()));
        }
    }
    reported(plain, hit)
}

const LONGEST_QUOTE: usize = 1_000;

/// The innermost pair of quotes around a hit, with the quotes.
fn enclosing_quotes(plain: &str, hit: Span) -> Option<Span> {
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
        .iter()
        .flat_map(|verb| {
            window
                .rmatch_indices(verb)
                .map(|(at, verb)| Span::new(from + at, from + at + verb.len()))
        })
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
    let mut found = None;
    for subject in ["您", "你", "客户", "买家", "顾客", "you "] {
        for (at, _) in before.match_indices(subject) {
            // 跟您说: the customer is told.
            if before[..at].ends_with(['跟', '和', '对', '给', '向', '与', '同', '请', '让', '帮'])
            {
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
            let Some(verb) = verbs.iter().find(|verb| before[end..].starts_with(**verb)) else {
                continue;
            };
            end += verb.len();
            let rest = &before[end..];
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
            found = Some(Span::new(start + at, start + end));
        }
    }
    found
}

/// Words that add nothing to a message: address and particles. 嗯 is an answer and not among them.
const FILLER: &[&str] = &[
    "亲爱的",
    "亲亲",
    "亲",
    "宝宝",
    "宝贝",
    "家人",
    "小主",
    "哦",
    "呢",
    "哈",
    "啊",
    "呀",
    "吧",
    "嘛",
    "的",
    "了",
    "哟",
    "噢",
    "喔",
    "啦",
    "哒",
    "呐",
    "哇",
    "咯",
    "喽",
    "嘞",
    "呗",
    "滴",
    "哩",
    "dear",
];

/// Whether everything outside the hit is filler: spaces, punctuation, picture characters, stickers,
/// words of address, particles.
pub fn covers_all(plain: &str, hit: Span) -> bool {
    let (Some(before), Some(after)) = (plain.get(..hit.start), plain.get(hit.end..)) else {
        return false;
    };
    is_filler(before) && is_filler(after)
}

fn is_filler(text: &str) -> bool {
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let rest = &text[at..];
        at += if let Some((length, _)) = sticker(rest) {
            length
        } else if !character.is_alphanumeric() {
            character.len_utf8()
        } else if let Some(word) = FILLER.iter().find(|word| rest.starts_with(**word)) {
            word.len()
        } else {
            return false;
        };
    }
    true
}

/// Without particles, punctuation, stickers and thanks at the end. Question particles stay.
fn strip_filler_end(text: &str) -> &str {
    let mut text = &text[tail(text, LONGEST_CLAUSE)..];
    loop {
        let shorter = text.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ']' && c != '_');
        let shorter = shorter
            .rfind('[')
            .filter(|&at| {
                sticker(&shorter[at..]).is_some_and(|(length, _)| at + length == shorter.len())
            })
            .map_or(shorter, |at| &shorter[..at]);
        let shorter = shorter
            .rfind("/:")
            .filter(|&at| shorter.len() - at <= 6 && shorter[at..].is_ascii())
            .map_or(shorter, |at| &shorter[..at]);
        let shorter = [
            "谢谢",
            "亲爱的",
            "亲亲",
            "亲",
            "啊",
            "呀",
            "哦",
            "哈",
            "呐",
            "哇",
            "客服",
            "您好",
            "你好",
        ]
        .into_iter()
        .find_map(|word| shorter.strip_suffix(word))
        .unwrap_or(shorter);
        let shorter = shorter.trim_end_matches([']', '_']);
        if shorter.len() == text.len() {
            return text;
        }
        text = shorter;
    }
}

/// Whether a customer's message asks something; of several questions the last counts.
///
/// A message of question marks alone is chasing, not a question.
pub fn is_question(plain: &str) -> Option<Question> {
    let mut found = None;
    let mut start = 0;
    for (at, character) in plain.char_indices().chain([(plain.len(), '\n')]) {
        if !is_clause_end(character) {
            continue;
        }
        let clause = &plain[start..at];
        found = question(clause, matches!(character, '?' | '？')).or(found);
        start = (at + character.len_utf8()).min(plain.len());
    }
    found
}

const OPEN: &[&str] = &[
    "什么",
    "啥",
    "怎么",
    "怎样",
    "咋",
    "多少",
    "哪",
    "谁",
    "为何",
    "如何",
    "多久",
    "多长",
    "多大",
    "多重",
    "多高",
    "多宽",
    "多厚",
    "多远",
    "何时",
    "干嘛",
    "几时",
    "几个",
    "几天",
    "几点",
    "几号",
    "几件",
    "几块",
    "几次",
    "几月",
    "几折",
    "几斤",
    "几公斤",
    "几米",
    "几瓶",
    "几盒",
    "几包",
    "几片",
    "几款",
    "几种",
    "几码",
    "几家",
    "几元",
    "几小时",
    "几分钟",
    "几岁",
    "几层",
];
/// Words that hold an open question word and ask nothing.
const NOT_OPEN: &[&str] = &[
    "没什么",
    "什么的",
    "什么都",
    "不怎么",
    "怎么都",
    "没多少",
    "哪怕",
    "哪都",
    "谁都",
    "没啥",
    "啥都",
    "多少有点",
    "好几",
    "十几",
];
const LATIN_OPEN: &[&str] = &["what", "how", "why", "when", "where", "who", "which"];
const LATIN_YES_NO: &[&str] = &[
    "can", "could", "do", "does", "did", "is", "are", "will", "would", "have", "has",
];

fn question(clause: &str, marked: bool) -> Option<Question> {
    if !clause.contains(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let core = strip_filler_end(clause);
    let open = OPEN.iter().any(|word| {
        clause
            .match_indices(word)
            .any(|(at, _)| !inside(clause, Span::new(at, at + word.len()), NOT_OPEN))
    });
    let latin_first = clause
        .trim_start()
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    if LATIN_OPEN.contains(&latin_first) {
        return Some(Question::Open);
    }
    if core.ends_with('吗') {
        return Some(Question::YesNo);
    }
    if core.ends_with(['么', '嘛'])
        && !["什么", "怎么", "那么", "这么", "多么", "干嘛", "为么"]
            .iter()
            .any(|word| core.ends_with(word))
    {
        return Some(Question::YesNo);
    }
    if a_not_a(clause)
        || ["有没有", "是否", "能否", "可否", "有无"]
            .iter()
            .any(|word| clause.contains(word))
    {
        return Some(Question::YesNo);
    }
    if open {
        return Some(Question::Open);
    }
    let undecided = core.ends_with("没有") || core.ends_with('没') || core.ends_with("了不");
    if undecided
        && (marked
            || ["了没", "了没有", "好没", "好没有", "到没", "到没有"]
                .iter()
                .any(|end| core.ends_with(end)))
    {
        return Some(Question::YesNo);
    }
    if core.ends_with('呢')
        && (marked
            || !["着呢", "在", "还", "正"]
                .iter()
                .any(|word| core.contains(word)))
    {
        return Some(Question::Open);
    }
    if marked
        || (LATIN_YES_NO.contains(&latin_first)
            && clause.trim_start()[latin_first.len()..].starts_with(" you "))
    {
        return Some(Question::YesNo);
    }
    None
}

/// Whether a span of `text` lies inside an occurrence of one of these words.
fn inside(text: &str, span: Span, words: &[&str]) -> bool {
    let part = span.of(text);
    words.iter().any(|word| {
        word.match_indices(part).any(|(offset, _)| {
            span.start
                .checked_sub(offset)
                .and_then(|at| text.get(at..))
                .is_some_and(|rest| rest.starts_with(word))
        })
    })
}

/// 好不好, 能不能, 发没发: one character on both sides of 不 or 没.
fn a_not_a(clause: &str) -> bool {
    let mut window = ['\0'; 3];
    for character in clause.chars() {
        window = [window[1], window[2], character];
        let [left, middle, right] = window;
        if matches!(middle, '不' | '没') && left == right && left.is_alphabetic() && left != middle
        {
            return true;
        }
    }
    false
}
