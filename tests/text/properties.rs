//! What holds for any text and any pattern.

use proptest::prelude::*;
use zhijian::span::Span;
use zhijian::text::{
    Folded, Match, PhrasesBuilder, Set, SlotContext, Steps, covers_all, is_question, negated,
    quoted,
};

/// Characters that fold in every way there is, and some that do not.
const TRICKY: &[char] = &[
    '滚',
    '筒',
    '微',
    '信',
    '裡',
    '麼',
    'V',
    'x',
    'Ｖ',
    'ｘ',
    '①',
    '⑩',
    'Ⅻ',
    'Ⓥ',
    '𝐕',
    '🅰',
    '🇻',
    '🇽',
    '🇨',
    '🇳',
    '1',
    '\u{fe0f}',
    '\u{20e3}',
    '\u{200b}',
    '\u{200d}',
    '\u{ad}',
    '\u{301}',
    'e',
    ' ',
    '　',
    '*',
    '.',
    '·',
    '-',
    '/',
    ':',
    '^',
    '_',
    '[',
    ']',
    '“',
    '”',
    '"',
    '。',
    ',',
    '？',
    '\n',
    '不',
    '是',
    '吗',
    '您',
    '说',
    '😊',
    '👨',
    'İ',
    'ß',
    '\u{e0041}',
    '\0',
];

fn tricky() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(TRICKY), 0..40).prop_map(String::from_iter)
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn char_spans(text: &str) -> Vec<Span> {
    let edges: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    edges
        .iter()
        .enumerate()
        .flat_map(|(index, &start)| edges[index..].iter().map(move |&end| Span::new(start, end)))
        .collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn folding_takes_any_text(text in "\\PC*|(?s).{0,60}") {
        let folded = Folded::new(&text);
        prop_assert_eq!(folded.original(Span::new(0, folded.plain().len())).len() <= text.len(), true);
        folded.squeezed();
    }

    #[test]
    fn every_plain_span_leads_back_to_what_folds_to_it(text in tricky()) {
        let folded = Folded::new(&text);
        let plain = folded.plain();
        for span in char_spans(plain) {
            let back = folded.original(span);
            prop_assert!(text.is_char_boundary(back.start) && text.is_char_boundary(back.end), "{:?}", back);
            if span.is_empty() {
                prop_assert!(back.is_empty());
                continue;
            }
            let again = Folded::new(back.of(&text));
            // An expansion or a run of regional letters may be cut; whole characters are given then.
            let cut = text.contains(['⑩', 'Ⅻ']) || text.contains(|c| ('🇦'..='🇿').contains(&c));
            if cut {
                prop_assert!(!back.is_empty());
            } else {
                prop_assert_eq!(again.plain(), span.of(plain), "{:?} of {:?}", span, text);
            }
        }
    }

    #[test]
    fn every_squeezed_span_leads_back(text in tricky()) {
        let folded = Folded::new(&text);
        let Some(squeezed) = folded.squeezed() else { return Ok(()) };
        prop_assert!(squeezed.len() < folded.plain().len());
        for span in char_spans(squeezed).into_iter().filter(|span| !span.is_empty()) {
            let plain = folded.plain_squeezed(span);
            prop_assert!(folded.plain().is_char_boundary(plain.start) && folded.plain().is_char_boundary(plain.end));
            let back = folded.original_squeezed(span);
            prop_assert!(text.is_char_boundary(back.start) && text.is_char_boundary(back.end));
            // First and last character are the same there, but for digits.
            let (here, there) = (span.of(squeezed), plain.of(folded.plain()));
            if !folded.squeezed_steps(span).contains(Steps::DIGITS) {
                prop_assert_eq!(here.chars().next(), there.chars().next());
                prop_assert_eq!(here.chars().next_back(), there.chars().next_back());
            }
            if folded.squeezed_steps(span).is_empty() {
                prop_assert_eq!(here, there);
            } else {
                prop_assert!(here.len() < there.len());
            }
        }
    }

    #[test]
    fn a_reused_value_gives_what_a_fresh_one_gives(texts in prop::collection::vec(tricky(), 1..6)) {
        let mut folded = Folded::default();
        for text in &texts {
            folded.fill(text);
            let fresh = Folded::new(text);
            prop_assert_eq!(folded.plain(), fresh.plain());
            prop_assert_eq!(folded.squeezed(), fresh.squeezed());
        }
    }

    #[test]
    fn guards_take_any_text(text in tricky()) {
        let plain = Folded::new(&text).plain().to_owned();
        is_question(&plain);
        for span in char_spans(&plain) {
            for found in [negated(&plain, span), quoted(&plain, span)].into_iter().flatten() {
                prop_assert!(plain.get(found.start..found.end).is_some_and(|words| !words.is_empty()));
            }
            covers_all(&plain, span);
        }
    }

    #[test]
    fn slots_take_any_text(text in tricky(), numbers in "[0-9一二三x*元天点:月 .-]{0,20}") {
        for text in [&text, &numbers, &format!("{numbers}{text}")] {
            for found in scan(&ALL_SLOTS.map(str::to_owned), text) {
                prop_assert!(text.get(found.span.start..found.span.end).is_some());
            }
        }
    }

    #[test]
    fn the_automaton_agrees_with_a_naive_search(pattern in pattern(), text in "[甲乙丙丁。\n]{0,24}") {
        let source = pattern.source();
        let found: Vec<Span> = scan(std::slice::from_ref(&source), &text).iter().map(|one| one.span).collect();
        prop_assert_eq!(found, pattern.naive(&text), "{} in {:?}", source, text);
    }
}

const ALL_SLOTS: [&str; 9] = [
    "{duration}",
    "{moment}",
    "{money}",
    "{quantity}",
    "{order-no}",
    "{tracking-no}",
    "{phone}",
    "{url}",
    "{sticker:*}",
];

fn scan(patterns: &[String], text: &str) -> Vec<Match> {
    let mut builder = PhrasesBuilder::new();
    builder
        .add(Set {
            patterns,
            except: &[],
            evasion: Steps::NONE,
        })
        .expect("a sound pattern");
    let mut out = Vec::new();
    builder
        .build()
        .scan(&Folded::new(text), &SlotContext::default(), &mut out);
    out
}

/// Lists of words with gaps between.
#[derive(Clone, Debug)]
struct Pattern(Vec<(usize, Vec<String>)>);

fn pattern() -> impl Strategy<Value = Pattern> {
    let list = prop::collection::vec("[甲乙丙]{1,2}", 1..4);
    prop::collection::vec((1..4_usize, list), 1..4).prop_map(Pattern)
}

impl Pattern {
    fn source(&self) -> String {
        let mut out = String::new();
        for (index, (gap, list)) in self.0.iter().enumerate() {
            if index > 0 {
                out.push_str(&format!("..{gap}"));
            }
            out.push_str(&format!("({})", list.join("|")));
        }
        out
    }

    /// All matches, by trying every start; of those with gaps, the tightest for each end.
    fn naive(&self, text: &str) -> Vec<Span> {
        let mut all = Vec::new();
        for (start, _) in text.char_indices() {
            let mut ends = Vec::new();
            for word in self.0[0]
                .1
                .iter()
                .filter(|word| text[start..].starts_with(word.as_str()))
            {
                self.follow(text, start + word.len(), 1, &mut ends);
            }
            all.extend(ends.into_iter().map(|end| Span::new(start, end)));
        }
        all.sort();
        all.dedup();
        if self.0.len() > 1 {
            let copy = all.clone();
            all.retain(|one| {
                !copy
                    .iter()
                    .any(|other| other.end == one.end && other.start > one.start)
            });
        }
        all.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        all
    }

    fn follow(&self, text: &str, at: usize, piece: usize, ends: &mut Vec<usize>) {
        let Some((gap, list)) = self.0.get(piece) else {
            ends.push(at);
            return;
        };
        let mut from = at;
        for step in 0..=*gap {
            for word in list
                .iter()
                .filter(|word| text[from..].starts_with(word.as_str()))
            {
                self.follow(text, from + word.len(), piece + 1, ends);
            }
            match text[from..].chars().next() {
                Some(next) if step < *gap && !matches!(next, '。' | '\n') => {
                    from += next.len_utf8();
                }
                _ => break,
            }
        }
    }
}

/// Odd texts, each of which once made some step look back to the beginning again and again.
#[test]
fn long_messages_take_linear_time() {
    let mut builder = PhrasesBuilder::new();
    let patterns = ["滚", "加..60微信..60好", "@x", "是", "呵呵呵"].map(str::to_owned);
    builder.lexicon("x", vec!["{moment}..9发".to_owned(), "不".to_owned()]);
    builder
        .add(Set {
            patterns: &patterns,
            except: &["滚筒".to_owned()],
            evasion: Steps::EVASION,
        })
        .expect("sound");
    builder
        .add(Set {
            patterns: &ALL_SLOTS.map(str::to_owned),
            except: &[],
            evasion: Steps::NONE,
        })
        .expect("sound");
    let phrases = builder.build();
    let context = SlotContext::default();
    let mut folded = Folded::default();
    let mut out = Vec::new();
    let units = [
        "\u{301}",
        "e\u{301}\u{200b}",
        "🇻",
        "🇨🇳",
        "滚",
        "滚 ",
        " ",
        "*",
        "x",
        "一",
        "1",
        "1 ",
        "加微信好",
        "[",
        "“",
        "\"滚",
        "什么",
        "亲",
        "说“",
        "不是",
        "/:",
        "http://",
        "a.",
        "不",
        "今天",
        "⑩",
        "明天发",
    ];
    for unit in units {
        let mut seconds = |characters: usize| {
            let text = unit.repeat(characters / unit.chars().count());
            let begun = std::time::Instant::now();
            folded.fill(&text);
            phrases.scan(&folded, &context, &mut out);
            let plain = folded.plain();
            is_question(plain);
            covers_all(plain, Span::new(0, 0));
            for found in out.iter().step_by(out.len() / 100 + 1) {
                negated(plain, found.plain);
                quoted(plain, found.plain);
            }
            begun.elapsed().as_secs_f64()
        };
        // Eight times the text may take eight times as long, not sixty-four; the rest is room for a
        // busy machine.
        let (short, long) = (seconds(4_000), seconds(32_000));
        assert!(
            long < 40.0 * short + 0.5,
            "{unit:?}: {short} s, then {long} s for eight times as much"
        );
    }
}
