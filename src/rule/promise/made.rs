//! Promises as they stand in a conversation: which words make one, when it falls due, what became of it.
//!
//! The thing to get right: what is not plainly broken is not broken. A promise whose time is masked,
//! that hangs on a condition, or whose fulfilment lies outside the log stays open.

use crate::civil::{DAY, HOUR, MINUTE};
use crate::rule::Guards;
use crate::rule::compile::Compiler;
use crate::rule::fields::{At, Fields};
use crate::rule::line::{Line, Promised};
use crate::rule::scene::{Scene, is_readable};
use crate::span::Span;
use crate::text::{Anchor, Match, Question, SetId, StatedTime, Steps, When, is_question};
use crate::transcript::{Resolution, Role, State};

/// When business ends where the shop does not say.
const CLOSING: i64 = 18 * HOUR;
/// Behind so many words of a promise in one message no further ones are looked at.
const MOST: usize = 100;
/// Within this time of a promise, only what names a result fulfils it in the same breath.
const BREATH: i64 = MINUTE;

/// The shared words by which promises are read. `None`: the standard has no such lexicon.
#[derive(Clone, Debug)]
pub struct PromiseWords {
    /// What makes a promise.
    pub commitment: SetId,
    /// What holds the customer: 稍等.
    pub hold: Option<SetId>,
    empty: Option<SetId>,
    substance: Option<SetId>,
    third: Option<SetId>,
    condition: Option<SetId>,
    nobody: Option<SetId>,
    quoted: Option<SetId>,
    waived: Option<SetId>,
    asks_again: Option<SetId>,
}

impl PromiseWords {
    /// The sets of the lexicons, when there is one that says what a promise is.
    pub fn compile(fields: &Fields<'_, '_>, compiler: &mut Compiler) -> Option<Self> {
        let mut set = |name: &str| {
            let phrase = At {
                value: format!("@{name}"),
                at: 0,
            };
            compiler
                .knows(name)
                .then(|| compiler.set(fields, "promise", &[phrase], &[], Steps::NONE))
                .flatten()
        };
        Some(Self {
            commitment: set("commitment")?,
            hold: set("hold"),
            empty: set("empty-answer"),
            substance: set("substance"),
            third: set("third-party"),
            condition: set("promise-condition"),
            nobody: set("nobody-came"),
            quoted: set("promise-quoted"),
            waived: set("waived"),
            asks_again: set("asks-again"),
        })
    }
}

/// When a promise falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// At this moment (milliseconds since 1970, UTC); `assumed` when it rests on closing time.
    At {
        /// The moment.
        millis: i64,
        /// Whether the end of business was taken for granted.
        assumed: bool,
        /// Whether holidays that nobody stated may put it off.
        working: bool,
    },
    /// It was said, but masked or impossible.
    Masked,
    /// It was not said.
    Vague,
    /// The message has no time to count from.
    Untimed,
}

/// A promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Index of the message.
    pub message: usize,
    /// Its words, in the original text.
    pub span: Span,
    /// When it falls due.
    pub due: Due,
    /// Whether somebody outside the log is to keep it.
    pub third: bool,
    /// Whether it hangs on something that has to happen first.
    pub conditional: bool,
}

/// What became of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Kept, by this message.
    Kept(usize),
    /// Broken; by this message it is seen (the late answer, or the customer's asking).
    Broken(Option<usize>),
    /// Another time was given before it fell due, in this message.
    Renewed(usize),
    /// Still open.
    Pending(Open),
    /// Nobody can say.
    Unknown(Open),
}

impl Outcome {
    /// The word of an observation.
    pub fn label(self) -> &'static str {
        match self {
            Self::Kept(_) => "kept",
            Self::Broken(_) => "broken",
            Self::Renewed(_) => "renewed",
            Self::Pending(_) => "pending",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The message that settled it.
    pub fn by(self) -> Option<usize> {
        match self {
            Self::Kept(index) | Self::Renewed(index) => Some(index),
            Self::Broken(index) => index,
            Self::Pending(_) | Self::Unknown(_) => None,
        }
    }
}

/// Why a promise is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// The log ends before it falls due.
    NotDue,
    /// Its condition is not known to have come true.
    Condition,
    /// It is kept, or not, out of the log's sight.
    ThirdParty,
    /// Its time is masked.
    Masked,
    /// It was to be kept in working days, and the shop does not say which days are holidays.
    Holidays,
    /// A timestamp is missing.
    Untimed,
    /// Times to the minute are too coarse here.
    Coarse,
    /// A message that may have kept it cannot be read.
    Unreadable,
    /// The customer does not want it any more.
    Waived,
}

/// A promise and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The promise.
    pub made: Made,
    /// What became of it.
    pub outcome: Outcome,
    /// It only repeats, without a time, an earlier one that was still open.
    pub repeats: bool,
}

/// By what terms promises are settled.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// What keeps a promise; absent: anything of substance.
    pub keep: Option<SetId>,
    /// Whether only who promised can keep it.
    pub same_agent: bool,
    /// How long a promise without a time may stay open, in milliseconds.
    pub vague: i64,
    /// Whether that time alone breaks it, without the customer's asking again.
    pub by_time: bool,
    /// Whether a new time given in time replaces the old one.
    pub renew: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            keep: None,
            same_agent: false,
            vague: DAY,
            by_time: false,
            renew: true,
        }
    }
}

fn is_sentence_end(character: char) -> bool {
    matches!(character, '。' | '!' | '?' | '！' | '？' | '\n' | '\r')
}

fn is_clause_end(character: char) -> bool {
    is_sentence_end(character) || matches!(character, ',' | '，' | ';' | '；' | '…')
}

/// The part of a text around a span, up to characters that end it.
fn around(plain: &str, span: Span, ends: fn(char) -> bool) -> Span {
    let start = plain[..span.start]
        .char_indices()
        .rev()
        .find(|(_, c)| ends(*c))
        .map_or(0, |(at, c)| at + c.len_utf8());
    let end = plain[span.end..]
        .find(ends)
        .map_or(plain.len(), |at| span.end + at);
    Span::new(start, end.max(start))
}

fn overlaps(a: Span, b: Span) -> bool {
    a.start < b.end && b.start < a.end
}

/// The promises that the shop's people make with the words of a set.
pub fn made(scene: &Scene<'_>, words: &PromiseWords, make: SetId) -> Vec<Made> {
    let mut out = Vec::new();
    for &index in scene.messages_with(make) {
        if !scene.message(index).role.is_staff() {
            continue;
        }
        let line = scene.line(index);
        let (first, hits) = line.of_set(make);
        let mut hits = (first..)
            .zip(hits)
            .filter(|(number, _)| line.passes(*number, Guards::ALL))
            .take(MOST)
            .filter_map(|(number, hit)| {
                let promised = line.promised(number, |span| promised(line, words, span));
                Some((hit, promised?))
            })
            .peekable();
        if hits.peek().is_none() {
            continue;
        }
        let stated = stated(scene, index);
        let found = hits.filter_map(|hit| one(scene, index, hit, stated.as_deref()));
        // One message promises one thing: the words with a time before those without.
        if let Some(made) = found.min_by_key(|made| (made.due == Due::Vague, made.span.start)) {
            out.push(made);
        }
    }
    out
}

/// The times stated in a message; `None` when there is none to count them from.
fn stated(scene: &Scene<'_>, index: usize) -> Option<Vec<StatedTime>> {
    let time = scene.message(index).time?;
    let calendar = &scene.profile.calendar;
    let closing = calendar.closing(time.millis, scene.transcript.zone.offset);
    let anchor = Anchor {
        local: time.millis.saturating_add(offset(scene)),
        closing: closing.map_or(CLOSING, |closing| {
            closing.saturating_add(offset(scene)).rem_euclid(DAY)
        }),
        works: &|day| calendar.works_on(day),
    };
    Some(scene.line(index).times(&anchor))
}

/// Milliseconds from UTC to the local time of a conversation.
pub(super) fn offset(scene: &Scene<'_>) -> i64 {
    i64::from(scene.transcript.zone.offset) * 1000
}

/// 您看明天可以吗 asks and promises nothing.
fn asks(plain: &str, hit: Span) -> bool {
    let clause = around(plain, hit, is_clause_end);
    let marked = plain[clause.end..].starts_with(['?', '？']);
    let asking = |text: &str| is_question(text) == Some(Question::YesNo);
    if marked || asking(clause.of(plain)) {
        return true;
    }
    // …,可以吗?
    let rest = plain[clause.end..].trim_start_matches([',', '，']);
    let tag = rest.split(is_clause_end).next().unwrap_or_default();
    rest.len() < plain.len() - clause.end && tag.chars().count() <= 6 && asking(tag)
}

/// What the words of a message say of a promise in it; nothing when they ask.
fn promised(line: &Line, words: &PromiseWords, hit: Span) -> Option<Promised> {
    let plain = line.plain();
    if asks(plain, hit) {
        return None;
    }
    let clause = around(plain, hit, is_clause_end);
    let sentence = around(plain, hit, is_sentence_end);
    let hits = |set: Option<SetId>| set.map_or(&[][..], |set| line.of_set(set).1);
    let third = hits(words.third).iter().any(|who| {
        let before = &plain[clause.start..who.plain.start.max(clause.start)];
        who.plain.start >= clause.start
            && who.plain.start < hit.end
            && !OBJECT.iter().any(|word| before.ends_with(word))
            && !plain[who.plain.end..hit.end.max(who.plain.end)].contains('我')
    }) || ELSEWHERE.iter().any(|word| clause.of(plain).contains(word));
    let conditional = hits(words.condition)
        .iter()
        .any(|head| overlaps(head.plain, sentence) && head.plain.start < hit.start);
    Some(Promised { third, conditional })
}

fn one(
    scene: &Scene<'_>,
    index: usize,
    (hit, promised): (&Match, Promised),
    stated: Option<&[StatedTime]>,
) -> Option<Made> {
    let plain = scene.plain(index);
    let clause = around(plain, hit.plain, is_clause_end);
    let sentence = around(plain, hit.plain, is_sentence_end);
    let mut span = hit.span;
    let due = match stated {
        None => Due::Untimed,
        Some(stated) => {
            let now = scene.message(index).time?.millis;
            let utc = |local: i64| local.saturating_sub(offset(scene));
            let past =
                |time: &StatedTime| matches!(time.when, When::Known { to, .. } if utc(to) <= now);
            let inside: Vec<&StatedTime> = stated
                .iter()
                .filter(|time| overlaps(time.span, clause))
                .collect();
            // 昨天回复您的: told, not promised.
            if !inside.is_empty() && inside.iter().all(|time| past(time)) {
                return None;
            }
            let near = |time: &&&StatedTime| time.span.start.abs_diff(hit.plain.start);
            let own = inside.iter().filter(|time| !past(time)).min_by_key(near);
            let chosen = match own {
                Some(time) => {
                    if let Some(original) = original(scene, index, time.span) {
                        span =
                            Span::new(span.start.min(original.start), span.end.max(original.end));
                    }
                    Some(**time)
                }
                None => stated
                    .iter()
                    .find(|time| {
                        !past(time)
                            && overlaps(time.span, sentence)
                            && stands_alone(plain, time.span)
                    })
                    .copied(),
            };
            match chosen.map(|time| time.when) {
                Some(When::Known {
                    to,
                    assumed,
                    working,
                    ..
                }) => Due::At {
                    millis: utc(to),
                    assumed,
                    working: working && !scene.profile.calendar.has_holidays(),
                },
                Some(When::Masked) => Due::Masked,
                Some(When::Vague) | None => Due::Vague,
            }
        }
    };
    Some(Made {
        message: index,
        span,
        due,
        third: promised.third,
        conditional: promised.conditional,
    })
}

/// Behind these a third party is asked and does not act: 我问一下仓库再回您.
const OBJECT: [&str; 16] = [
    "问",
    "问下",
    "问一下",
    "跟",
    "和",
    "与",
    "向",
    "找",
    "催",
    "催下",
    "催一下",
    "联系",
    "联系下",
    "给",
    "到",
    "等",
];
/// Where nobody sees whether it was done.
const ELSEWHERE: [&str; 7] = ["电话", "致电", "回电", "来电", "短信", "邮件", "call you"];

/// A clause that holds little but a time, such as 预计半小时.
fn stands_alone(plain: &str, time: Span) -> bool {
    let clause = around(plain, time, is_clause_end);
    let others = clause
        .of(plain)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .count();
    let own = time
        .of(plain)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .count();
    others <= own + 4
}

/// The original bytes of a span of the plain text.
fn original(scene: &Scene<'_>, index: usize, plain: Span) -> Option<Span> {
    let text = &scene.message(index).text;
    if text == scene.plain(index) {
        return Some(plain);
    }
    let folded = crate::text::Folded::new(text);
    (folded.plain() == scene.plain(index)).then(|| folded.original(plain))
}

/// What became of each promise.
pub fn settle(
    scene: &Scene<'_>,
    words: &PromiseWords,
    made: Vec<Made>,
    terms: &Terms,
) -> Vec<Settled> {
    // Up to where an earlier promise without a time was open.
    let mut open = 0;
    let mut unsettled = false;
    let outcomes: Vec<(Outcome, bool)> = made
        .iter()
        .map(|one| {
            let plainly = one.due == Due::Vague && !one.third && !one.conditional;
            // What nothing settled up to the end, nothing settles when it is said again.
            let outcome = if plainly && unsettled && !terms.by_time && !terms.same_agent {
                Outcome::Pending(Open::NotDue)
            } else {
                let outcome = outcome(scene, words, &made, one, terms);
                unless_on_holiday(scene, one, outcome)
            };
            let repeats = plainly && one.message < open;
            if plainly && !repeats {
                open = match outcome {
                    // What the customer took back is not open any more.
                    Outcome::Unknown(Open::Waived) => one.message,
                    _ => outcome.by().unwrap_or(usize::MAX),
                };
                unsettled = outcome == Outcome::Pending(Open::NotDue);
            }
            (outcome, repeats)
        })
        .collect();
    made.into_iter()
        .zip(outcomes)
        .map(|(made, (outcome, repeats))| Settled {
            made,
            outcome,
            repeats,
        })
        .collect()
}

/// How long a promise in working days may be put off by holidays that nobody stated.
const HOLIDAYS: i64 = 8 * DAY;

/// What is late by fewer days than the longest holidays may not be late.
fn unless_on_holiday(scene: &Scene<'_>, made: &Made, outcome: Outcome) -> Outcome {
    let (
        Outcome::Broken(by),
        Due::At {
            millis,
            working: true,
            ..
        },
    ) = (outcome, made.due)
    else {
        return outcome;
    };
    let seen = match by {
        Some(by) => scene.message(by).time,
        None => scene.end_time(),
    };
    match seen {
        Some(seen) if seen.millis < millis.saturating_add(HOLIDAYS) => {
            Outcome::Unknown(Open::Holidays)
        }
        _ => outcome,
    }
}

fn outcome(
    scene: &Scene<'_>,
    words: &PromiseWords,
    all: &[Made],
    made: &Made,
    terms: &Terms,
) -> Outcome {
    let said = |index: usize, set: Option<SetId>| {
        set.is_some_and(|set| {
            scene
                .hits(index, &[set], Guards::NONE, false)
                .next()
                .is_some()
        })
    };
    let start = scene.message(made.message);
    let elsewhere = made.third || made.conditional;
    let (mut quoted, mut unreadable, mut spoke) = (false, false, false);
    let mut asked = None;
    for index in made.message + 1..scene.transcript.messages.len() {
        let message = scene.message(index);
        let passed = match (start.time, message.time) {
            (Some(from), Some(now)) => Some(now.millis.saturating_sub(from.millis)),
            _ => None,
        };
        // Whether the time given, or the time a vague promise has, is over.
        let over = match (made.due, message.time, passed) {
            (Due::At { millis, .. }, Some(now), _) => now.millis > millis,
            (Due::Vague, _, Some(passed)) => passed >= terms.vague,
            _ => false,
        };
        match message.role {
            Role::Customer if is_readable(message) => {
                spoke = true;
                let nobody = said(index, words.nobody);
                if over && nobody && !made.conditional {
                    return Outcome::Broken(Some(index));
                }
                if !over && said(index, words.waived) {
                    return Outcome::Unknown(Open::Waived);
                }
                quoted |= said(index, words.quoted);
                if over && (nobody || said(index, words.asks_again)) {
                    if made.due == Due::Vague && !elsewhere {
                        return Outcome::Broken(Some(index));
                    }
                    asked = asked.or(Some(index));
                }
            }
            Role::Agent | Role::Supervisor => {
                if message.state == State::Recalled || elsewhere {
                    continue;
                }
                if message.state == State::Unavailable {
                    unreadable = true;
                    continue;
                }
                if terms.same_agent && message.speaker != start.speaker {
                    continue;
                }
                let next = all.binary_search_by_key(&index, |next| next.message);
                if let Some(next) = next.ok().and_then(|next| all.get(next)) {
                    let timed = next.due != Due::Vague || next.third || next.conditional;
                    if timed && (over || quoted) && made.due != Due::Vague {
                        return judged(
                            scene,
                            made,
                            index,
                            Outcome::Broken(Some(index)),
                            unreadable,
                        );
                    }
                    if timed && (terms.renew || made.due == Due::Vague) {
                        return Outcome::Renewed(index);
                    }
                    continue;
                }
                let breath = !spoke && passed.is_some_and(|passed| passed < BREATH);
                let result = said(index, words.substance);
                let kept = match terms.keep {
                    Some(keep) => said(index, Some(keep)),
                    None => result || (!breath && has_substance(scene, words, index)),
                };
                if kept {
                    return kept_by(scene, made, index, unreadable);
                }
            }
            Role::System if !elsewhere && terms.keep.is_none() && said(index, words.substance) => {
                return kept_by(scene, made, index, unreadable);
            }
            _ => {}
        }
    }
    if made.conditional {
        return Outcome::Pending(Open::Condition);
    }
    if made.third {
        return Outcome::Pending(Open::ThirdParty);
    }
    let end = scene.end_time();
    let limit = match (made.due, start.time) {
        (Due::Masked, _) => return Outcome::Unknown(Open::Masked),
        (Due::Untimed, _) | (_, None) => return Outcome::Unknown(Open::Untimed),
        (Due::At { millis, .. }, _) => millis,
        (Due::Vague, Some(_)) if !terms.by_time => return Outcome::Pending(Open::NotDue),
        (Due::Vague, Some(from)) => from.millis.saturating_add(terms.vague),
    };
    match end {
        Some(end) if end.millis > limit => {
            let coarse =
                end.resolution == Resolution::Minute && end.millis.saturating_sub(limit) < MINUTE;
            if unreadable {
                Outcome::Unknown(Open::Unreadable)
            } else if coarse {
                Outcome::Unknown(Open::Coarse)
            } else {
                Outcome::Broken(asked)
            }
        }
        _ => Outcome::Pending(Open::NotDue),
    }
}

/// What it means that a message brings what was promised.
fn kept_by(scene: &Scene<'_>, made: &Made, index: usize, unreadable: bool) -> Outcome {
    let outcome = match (made.due, scene.message(index).time) {
        (Due::Masked, _) => return Outcome::Unknown(Open::Masked),
        (Due::Untimed, _) => return Outcome::Unknown(Open::Untimed),
        (Due::Vague, _) => return Outcome::Kept(index),
        (Due::At { .. }, None) => return Outcome::Unknown(Open::Untimed),
        (Due::At { millis, .. }, Some(now)) if now.millis > millis => Outcome::Broken(Some(index)),
        (Due::At { .. }, Some(_)) => Outcome::Kept(index),
    };
    judged(scene, made, index, outcome, unreadable)
}

/// An outcome that turns on the times of two messages, unless they are too coarse for it.
fn judged(
    scene: &Scene<'_>,
    made: &Made,
    index: usize,
    outcome: Outcome,
    unreadable: bool,
) -> Outcome {
    let times = (scene.message(made.message).time, scene.message(index).time);
    if let (Due::At { millis, .. }, (Some(from), Some(now))) = (made.due, times) {
        let coarse = from.resolution.max(now.resolution) == Resolution::Minute;
        if now.millis < from.millis {
            return Outcome::Unknown(Open::Untimed);
        }
        if coarse && now.millis.abs_diff(millis) < MINUTE.unsigned_abs() {
            return Outcome::Unknown(Open::Coarse);
        }
    }
    match outcome {
        Outcome::Broken(_) if unreadable => Outcome::Unknown(Open::Unreadable),
        _ => outcome,
    }
}

/// Whether a message of the shop says something: a clause that neither asks, holds nor is only polite.
fn has_substance(scene: &Scene<'_>, words: &PromiseWords, index: usize) -> bool {
    let line = scene.line(index);
    scene.message(index).state == State::Media || line.has_substance(|| says_something(line, words))
}

fn says_something(line: &Line, words: &PromiseWords) -> bool {
    let plain = line.plain();
    let hits = |set: Option<SetId>| set.map_or(&[][..], |set| line.of_set(set).1);
    let (empty, hold) = (hits(words.empty), hits(words.hold));
    let mut start = 0;
    for (at, character) in plain.char_indices().chain([(plain.len(), '\n')]) {
        if !is_clause_end(character) {
            continue;
        }
        let clause = Span::new(start, at);
        start = (at + character.len_utf8()).min(plain.len());
        let asks = matches!(character, '?' | '？') || is_question(clause.of(plain)).is_some();
        if asks || hold.iter().any(|hit| overlaps(hit.plain, clause)) {
            continue;
        }
        let polite = |at: usize| {
            empty
                .iter()
                .any(|hit| (hit.plain.start..hit.plain.end).contains(&(clause.start + at)))
        };
        let mut covered = false;
        let mut left = 0;
        for (at, character) in clause.of(plain).char_indices() {
            if character.is_alphanumeric() {
                let is_polite = polite(at);
                covered |= is_polite;
                left += usize::from(!is_polite);
            }
        }
        // 非常抱歉给您带来不便 is still only polite.
        if left >= if covered { 7 } else { 2 } {
            return true;
        }
    }
    false
}

/// Whether a wait from `from` that lasted beyond `limit` lay inside the time of a promise: it is not
/// charged as slow. A promise without a time covers nothing.
pub fn covers(scene: &Scene<'_>, number: usize, from: usize, limit: i64) -> bool {
    let Some(wait) = scene.waits.get(number) else {
        return false;
    };
    let end = match wait.answer {
        Some(answer) => scene.message(answer).time,
        None => scene.end_time(),
    };
    let (Some(asked), Some(end)) = (scene.message(from).time, end) else {
        return false;
    };
    end.millis.saturating_sub(asked.millis) > limit
        && scene.promises().iter().any(|settled| {
            let made = &settled.made;
            let live = match made.due {
                Due::At { millis, .. } => end.millis <= millis,
                Due::Masked => scene.session_of(made.message) == scene.session_of(from),
                Due::Vague | Due::Untimed => false,
            };
            live && made.message < from
                && !made.conditional
                && settled.outcome.by().is_none_or(|by| by > from)
        })
}

/// The wait that a broken promise is about: one fact with its being slow.
pub(super) fn wait_of(scene: &Scene<'_>, made: &Made, by: Option<usize>) -> Option<usize> {
    let by = by?;
    scene.waits.iter().position(|wait| {
        wait.questions.contains(&by)
            || (wait.answer == Some(by) && wait.questions.iter().all(|at| *at > made.message))
    })
}
