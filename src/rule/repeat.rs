//! `repeat`: not the same again and again: in the same words, or to the same effect without news.
//!
//! What a reader would get wrong: messages are compared by letters and digits alone, and only with
//! those of the same agent. To the same effect counts across agents, because it is the customer who
//! waits.

use crate::diagnostic::Bilingual;
use crate::report::Measured;
use crate::sorted;
use crate::span::Span;
use crate::text::{SetId, Steps};
use crate::transcript::{Role, SpeakerId};

use super::common::{Number, Scope};
use super::compile::Compiler;
use super::condition::{Within, bare, is_letter, letters, phrase_set};
use super::fields::{At, Fields};
use super::scene::{Scene, Session, is_readable};
use super::{Common, Finding, Owner, Rule, Verdict};

/// What counts as the same.
#[derive(Clone, Debug)]
enum Same {
    /// The same words, but for punctuation.
    Text {
        /// From 0 to 1, by pairs of characters.
        similarity: f64,
        min_length: usize,
        /// Messages that do not count.
        except: Option<SetId>,
        /// Whether an answer to the same question is exempt.
        answers_exempt: bool,
    },
    /// The same text twice in one message.
    Inside { min_length: usize },
    /// The same effect, without news in between.
    Function { set: SetId, news: SetId },
}

/// Something not to repeat.
#[derive(Clone, Debug)]
pub struct Repeat {
    same: Same,
    at_least: Number,
    within: Option<Within>,
    scope: Scope,
}

/// Messages of one turn closer than this say one thing.
const ONE_BREATH: i64 = 60_000;

/// With how many earlier texts of an agent a message is compared.
const REMEMBERED: usize = 64;

/// Messages that are the same. Most stay alone, and cost no allocation.
struct Group {
    speaker: SpeakerId,
    /// Letters and digits, counted and summed up: different means different.
    key: (usize, u32),
    pairs: Vec<[char; 2]>,
    first: usize,
    others: Vec<usize>,
}

impl Group {
    fn is_of(&self, scene: &Scene<'_>, text: &str, key: (usize, u32)) -> bool {
        self.key == key && letters(scene.plain(self.first)).eq(letters(text))
    }
}

impl Repeat {
    /// Reads the fields of this kind.
    pub fn read(fields: &Fields<'_, '_>, common: &Common, compiler: &mut Compiler) -> Option<Self> {
        let except = fields.strings("except");
        let set = phrase_set(fields, "any", &except, common.evasion, compiler);
        let similarity = fields.number("similarity").unwrap_or(1.0);
        if similarity > 1.0 {
            fields.fault(
                fields.at,
                "number-range",
                "similarity",
                "similarity 在 0 到 1 之间",
                "`similarity` is from 0 to 1",
            );
        }
        let min_length = fields.count("min-length").unwrap_or(8);
        let answers_exempt = fields
            .word("same-question", &[("exempt", true), ("count", false)])
            .unwrap_or(true);
        let inside = fields.boolean("inside").unwrap_or(false);
        let mut news = fields.strings("new-fact");
        if news.is_empty() {
            let slots = ["{duration}", "{moment}", "{money}", "{tracking-no}"];
            news.extend(slots.map(|slot| At {
                value: slot.to_owned(),
                at: fields.at,
            }));
        }
        let same = if fields.has("any") {
            Same::Function {
                set: set?,
                news: compiler.set(fields, "new-fact", &news, &[], Steps::NONE)?,
            }
        } else if inside {
            Same::Inside { min_length }
        } else {
            let except = (!except.is_empty())
                .then(|| compiler.set(fields, "except", &except, &[], common.evasion))
                .flatten();
            Same::Text {
                similarity,
                min_length,
                except,
                answers_exempt,
            }
        };
        let at_least = if fields.has("at-least") {
            Number::read(fields, "at-least")?
        } else {
            fields.count("at-least");
            Number::Fixed(3.0)
        };
        let within = fields.table("within").map(Within::read);
        let scope = Scope::read(fields).unwrap_or(Scope::Session);
        Some(Self {
            same,
            at_least,
            within,
            scope,
        })
    }

    /// Judges every session, or the conversation.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        let Some(at_least) = self.at_least.count(&scene.profile) else {
            for owner in owners(rule, scene) {
                let reason = Bilingual::new(
                    "标准没有给出次数，需在店铺设置中填写",
                    "the standard leaves the number open; the shop's profile must set it",
                );
                verdict.not_assessed(owner, reason);
            }
            return;
        };
        for owner in owners(rule, scene) {
            verdict.pass(owner);
        }
        for range in self.scope.ranges(scene) {
            match &self.same {
                Same::Text { .. } => self.by_text(rule, scene, range, at_least, verdict),
                Same::Inside { min_length } => {
                    for index in scene.spoken_in(rule.common.role, range) {
                        inside(rule, scene, index, *min_length, verdict);
                    }
                }
                Same::Function { set, news } => {
                    self.by_function(rule, scene, range, at_least, (*set, *news), verdict);
                }
            }
        }
    }

    fn by_text(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        range: Session,
        at_least: usize,
        verdict: &mut Verdict,
    ) {
        let Same::Text {
            similarity,
            min_length,
            except,
            answers_exempt,
        } = &self.same
        else {
            return;
        };
        let mut groups: Vec<Group> = Vec::new();
        for index in scene.spoken_in(rule.common.role, range) {
            let message = scene.message(index);
            if !rule.common.in_scope(scene, index) || !is_readable(message) {
                continue;
            }
            // Bytes bound characters from above: most short messages need no look.
            if scene.plain(index).len() < *min_length {
                continue;
            }
            let text = scene.plain(index);
            let key = scene.line(index).letters();
            if key.0 < *min_length
                || except.is_some_and(|set| !scene.raw_hits(index, set).is_empty())
                || !rule.common.applies(scene, index)
            {
                continue;
            }
            let pairs = if *similarity < 1.0 {
                pairs(text)
            } else {
                Vec::new()
            };
            let same = groups.iter_mut().rev().take(REMEMBERED).find(|group| {
                group.speaker == message.speaker
                    && if *similarity < 1.0 {
                        dice(&group.pairs, &pairs) >= *similarity
                    } else {
                        group.is_of(scene, text, key)
                    }
            });
            let Some(group) = same else {
                groups.push(Group {
                    speaker: message.speaker,
                    key,
                    pairs,
                    first: index,
                    others: Vec::new(),
                });
                continue;
            };
            let exempt = *answers_exempt
                && std::iter::once(&group.first)
                    .chain(&group.others)
                    .any(|earlier| same_question(scene, *earlier, index));
            if exempt {
                scene.note(index, || {
                    Bilingual::new(
                        "客户原样再问，同样回答",
                        "the customer asked the same again",
                    )
                });
                continue;
            }
            group.others.push(index);
        }
        for group in &groups {
            if group.others.len() + 1 < at_least {
                continue;
            }
            let mut messages = vec![group.first];
            messages.extend(&group.others);
            let Some(run) = self.run(scene, &messages, at_least) else {
                continue;
            };
            let (last, earlier) = run.split_last().unwrap_or((&0, &[]));
            let text = &scene.message(*last).text;
            let why = Bilingual::new(
                format!("同样的话发了 {} 次：{}", run.len(), rule.common.title.zh),
                format!("sent {} times: {}", run.len(), rule.common.title.en),
            );
            let span = Span::new(0, text.len());
            fail(
                rule,
                scene,
                (*last, earlier),
                Some(span),
                (run.len(), at_least),
                why,
                verdict,
            );
        }
    }

    fn by_function(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        range: Session,
        at_least: usize,
        (set, news): (SetId, SetId),
        verdict: &mut Verdict,
    ) {
        if scene.messages_with(set).is_empty() {
            return;
        }
        let mut told: Vec<String> = Vec::new();
        let mut counted: Vec<(usize, Span)> = Vec::new();
        for index in range.start..range.end {
            let message = scene.message(index);
            if !is_readable(message) || message.role == Role::Customer {
                continue;
            }
            let is_news = scene
                .raw_hits(index, news)
                .iter()
                .fold(false, |is_news, hit| {
                    let fact = hit.plain.of(scene.plain(index));
                    let fresh = !told.iter().any(|known| known == fact);
                    if fresh {
                        told.push(fact.to_owned());
                    }
                    is_news || fresh
                });
            if is_news {
                counted.clear();
                continue;
            }
            if !rule.common.covers(scene, index) || !rule.common.applies(scene, index) {
                continue;
            }
            let sets = [set];
            let mut hits = scene.hits(index, &sets, rule.common.guards, rule.common.boundary);
            let Some(span) = hits.next().map(|hit| hit.span) else {
                continue;
            };
            if counted
                .last()
                .is_some_and(|(last, _)| one_breath(scene, *last, index))
            {
                continue;
            }
            counted.push((index, span));
            let messages: Vec<usize> = counted.iter().map(|(message, _)| *message).collect();
            let Some(run) = self.run(scene, &messages, at_least) else {
                continue;
            };
            let (last, earlier) = run.split_last().unwrap_or((&index, &[]));
            let words: Vec<&str> = counted
                .iter()
                .filter(|(message, _)| run.contains(message))
                .map(|(message, span)| span.of(&scene.message(*message).text))
                .collect();
            let why = Bilingual::new(
                format!(
                    "{} 次（“{}”），其间没有新的进展：{}",
                    run.len(),
                    words.join("”“"),
                    rule.common.title.zh
                ),
                format!(
                    "{} times (“{}”) without news in between: {}",
                    run.len(),
                    words.join("”, “"),
                    rule.common.title.en
                ),
            );
            fail(
                rule,
                scene,
                (*last, earlier),
                Some(span),
                (run.len(), at_least),
                why,
                verdict,
            );
            counted.clear();
        }
    }

    /// The first messages that are so many inside the window, with all that follow closely enough.
    fn run(&self, scene: &Scene<'_>, messages: &[usize], at_least: usize) -> Option<Vec<usize>> {
        let Some(within) = self.within else {
            return (messages.len() >= at_least).then(|| messages.to_vec());
        };
        let mut run: Vec<usize> = Vec::new();
        for &message in messages {
            if run.len() < at_least {
                run.retain(|earlier| within.holds(scene, *earlier, message));
                run.push(message);
            } else if within.holds(scene, run[run.len() - 1], message) {
                run.push(message);
            }
        }
        (run.len() >= at_least).then_some(run)
    }
}

/// Everybody whose words the rule judges.
fn owners(rule: &Rule, scene: &Scene<'_>) -> Vec<Owner> {
    let mut owners: Vec<Owner> = Vec::new();
    for &index in scene.spoken_by(rule.common.role) {
        let message = scene.message(index);
        let owner = Owner::Agent(message.speaker);
        if message.role.is_staff()
            && is_readable(message)
            && !owners.contains(&owner)
            && rule.common.in_scope(scene, index)
        {
            owners.push(owner);
        }
    }
    owners
}

fn fail(
    rule: &Rule,
    scene: &Scene<'_>,
    (last, earlier): (usize, &[usize]),
    span: Option<Span>,
    (count, required): (usize, usize),
    why: Bilingual,
    verdict: &mut Verdict,
) {
    let mut why = vec![why];
    let severity = rule.common.severity_at(scene, last, &mut why);
    let speaker = Some(scene.message(last).speaker);
    verdict.fail(Finding {
        owner: scene.owner(rule.common.responsible, last, speaker),
        message: last,
        related: earlier.to_vec(),
        span,
        severity,
        measured: Some(Measured {
            count: Some(count),
            required: Some(required),
            ..Measured::default()
        }),
        why,
        wait: None,
    });
}

/// Whether two messages say one thing: one turn, and close in time or without times.
fn one_breath(scene: &Scene<'_>, earlier: usize, later: usize) -> bool {
    let same_turn = scene
        .turn_of(later)
        .is_some_and(|turn| turn.messages.contains(&earlier));
    let far = match (scene.message(earlier).time, scene.message(later).time) {
        (Some(a), Some(b)) => b.millis.saturating_sub(a.millis) >= ONE_BREATH,
        _ => false,
    };
    same_turn && !far
}

/// Whether the customer said the same, word for word, before two messages.
fn same_question(scene: &Scene<'_>, one: usize, other: usize) -> bool {
    let asked = |index: usize| {
        let turn = scene.turn_before(index)?;
        let words = || turn.messages.iter().map(|at| bare(scene.plain(*at)));
        (turn.role == Role::Customer).then(|| words().collect::<String>())
    };
    match (asked(one), asked(other)) {
        (Some(a), Some(b)) => !a.is_empty() && a == b,
        _ => false,
    }
}

/// The same text twice in one message: as two halves, or as a sentence that comes again.
fn inside(rule: &Rule, scene: &Scene<'_>, index: usize, min_length: usize, verdict: &mut Verdict) {
    let message = scene.message(index);
    if !is_readable(message)
        || scene.plain(index).len() < min_length.saturating_mul(2)
        || !rule.common.in_scope(scene, index)
        || !rule.common.applies(scene, index)
    {
        return;
    }
    let text = &message.text;
    let second = || second_half(text, min_length).or_else(|| second_sentence(text, min_length));
    let Some(span) = scene.line(index).twice(min_length, second) else {
        return;
    };
    let words = span.of(text);
    let why = Bilingual::new(
        format!("同一段文字在一条消息里出现了两次：“{words}”"),
        format!("the same text stands twice in one message: “{words}”"),
    );
    fail(rule, scene, (index, &[]), Some(span), (2, 2), why, verdict);
}

/// The second half of a text whose letters and digits are twice the same.
fn second_half(text: &str, min_length: usize) -> Option<Span> {
    let letters = || text.char_indices().filter(|(_, c)| is_letter(*c));
    let count = letters().count();
    let half = count / 2;
    if half < min_length.max(1) || half * 2 != count {
        return None;
    }
    let is_same = letters().skip(half).zip(letters()).all(|(a, b)| a.1 == b.1);
    // 哈哈哈哈哈哈 is laughter, no paste.
    let first = text.chars().find(|c| is_letter(*c));
    let is_text = || letters().any(|(_, character)| Some(character) != first);
    let start = letters().nth(half)?.0;
    (is_same && is_text()).then(|| Span::new(start, text.len()))
}

/// The second occurrence of a long sentence.
fn second_sentence(text: &str, min_length: usize) -> Option<Span> {
    let mut known: Vec<String> = Vec::new();
    // The first that is long enough: nothing to compare with, mostly, so it waits for another.
    let mut first: Option<&str> = None;
    let mut start = 0;
    let ends = text
        .char_indices()
        .filter(|(_, c)| {
            matches!(
                c,
                '。' | '！' | '!' | '？' | '?' | '；' | ';' | '\n' | '~' | '～'
            )
        })
        .map(|(at, c)| (at, at + c.len_utf8()))
        .chain([(text.len(), text.len())]);
    for (at, next) in ends {
        let sentence = &text[start..at];
        let begin = std::mem::replace(&mut start, next);
        if sentence.len() < min_length.max(1) {
            continue;
        }
        if first.is_none() {
            first = Some(sentence);
            continue;
        }
        if known.is_empty() {
            known.extend(first.map(bare));
        }
        let letters = bare(sentence);
        if letters.chars().count() >= min_length.max(1) {
            if known.contains(&letters) {
                return Some(Span::new(begin, at));
            }
            known.push(letters);
        }
    }
    None
}

/// The pairs of neighbouring characters of a text, sorted.
fn pairs(text: &str) -> Vec<[char; 2]> {
    let mut pairs: Vec<[char; 2]> = letters(text)
        .zip(letters(text).skip(1))
        .map(|(one, other)| [one, other])
        .collect();
    sorted::plain(&mut pairs);
    pairs
}

/// Twice what two sorted lists have in common, over what both have.
fn dice(one: &[[char; 2]], other: &[[char; 2]]) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0_usize);
    while let (Some(a), Some(b)) = (one.get(i), other.get(j)) {
        common += usize::from(a == b);
        let step = a.cmp(b);
        i += usize::from(step.is_le());
        j += usize::from(step.is_ge());
    }
    let both = one.len() + other.len();
    if both == 0 {
        return 0.0;
    }
    // Far below 2^53.
    #[allow(clippy::cast_precision_loss)]
    let share = (2 * common) as f64 / both as f64;
    share
}

#[cfg(test)]
mod tests {
    use super::{dice, pairs, second_half, second_sentence};

    #[test]
    fn likeness_is_by_pairs() {
        let like = |a: &str, b: &str| dice(&pairs(a), &pairs(b));
        assert_eq!(like("亲请您耐心等待", "亲请您耐心等待"), 1.0);
        assert_eq!(like("亲请您耐心等待", "我查一下物流单"), 0.0);
        let close = like("亲请您耐心等待一下", "亲请您耐心等待一会");
        assert!(close > 0.8 && close < 1.0, "{close}");
        assert_eq!(like("", ""), 0.0);
    }

    #[test]
    fn a_paste_is_found_whole() {
        let text = "亲，这款有现货的哦。亲，这款有现货的哦。";
        assert_eq!(
            second_half(text, 6).map(|s| s.of(text)),
            Some("亲，这款有现货的哦。")
        );
        assert_eq!(second_half("哈哈哈哈哈哈哈哈哈哈哈哈", 4), None);
        assert_eq!(second_half("在的亲在的亲", 6), None);
        let text = "您好！这款今天下单明天发货！还有赠品！这款今天下单明天发货！";
        let found = second_sentence(text, 6).expect("twice");
        assert_eq!(
            (found.start, found.of(text)),
            (text.rfind("这款").unwrap(), "这款今天下单明天发货")
        );
        assert_eq!(second_sentence("谢谢！谢谢！", 6), None);
    }
}
