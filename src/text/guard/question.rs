//! Whether a customer asks, and what kind of answer fits.

use super::list::List;
use super::{LONGEST_CLAUSE, is_clause_end, tail};
use crate::text::slot::sticker;

/// What kind of question a customer asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Asks for a fact: what, how, when, how much.
    Open,
    /// Can be answered with yes or no.
    YesNo,
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

static OPEN: List = List::new(
    "什么|啥|怎么|怎样|咋|多少|哪|谁|为何|如何|多久|多长|多大|多重|多高|多宽|多厚|多远|\
    何时|干嘛|几时|几个|几天|几点|几号|几件|几块|几次|几月|几折|几斤|几公斤|几米|几瓶|\
    几盒|几包|几片|几款|几种|几码|几家|几元|几小时|几分钟|几岁|几层",
);
/// Words that hold an open question word and ask nothing.
static NOT_OPEN: List = List::new(
    "没什么|什么的|什么都|不怎么|怎么都|没多少|哪怕|哪都|谁都|没啥|啥都|多少有点|好几|\
    十几",
);
static YES_NO: List = List::new("有没有|是否|能否|可否|有无");
static LATIN_OPEN: List = List::new("what|how|why|when|where|who|which");
static LATIN_YES_NO: List = List::new("can|could|do|does|did|is|are|will|would|have|has");
/// 呢 at the end of a yes softens it.
static AGREEING: List =
    List::new("好呢|好的呢|是呢|是的呢|对呢|对的呢|可以呢|可以的呢|行呢|嗯呢|收到呢|谢谢呢");

fn question(clause: &str, marked: bool) -> Option<Question> {
    if !clause.contains(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let core = strip_filler_end(clause);
    let latin_first = clause
        .trim_start()
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    if LATIN_OPEN.at(latin_first).any(|word| word == latin_first) {
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
    if a_not_a(clause) || YES_NO.is_in(clause) {
        return Some(Question::YesNo);
    }
    if OPEN.find(clause).any(|word| !NOT_OPEN.covers(clause, word)) {
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
        && !AGREEING.at(core).any(|word| word == core)
        && (marked
            || !["着呢", "在", "还", "正"]
                .iter()
                .any(|word| core.contains(word)))
    {
        return Some(Question::Open);
    }
    if marked
        || (LATIN_YES_NO.at(latin_first).any(|word| word == latin_first)
            && clause.trim_start()[latin_first.len()..].starts_with(" you "))
    {
        return Some(Question::YesNo);
    }
    None
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
pub(super) fn ends_asking(clause: &str) -> bool {
    strip_filler_end(clause).ends_with(['吗', '么', '嘛'])
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
