//! Judging a conversation by a standard. It cannot fail.
//!
//! The one thing to know: rules that ask for word boundaries need the dictionary. Until it is there,
//! [`Inspector::try_inspect`] answers `None` for a conversation in which it would matter, and the
//! caller brings the dictionary and asks again; the result never depends on when.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use crate::metric::{Metric, Timed, seconds, timed, values_of};
use crate::records::Records;
use crate::report::{Measured, round3};
use crate::rule::condition::By;
use crate::rule::profile::Profile;
use crate::rule::promise::{Outcome, Terms, measured};
use crate::rule::scene::{Scene, Workspace};
use crate::rule::{Owner, Verdict};
use crate::sorted;
use crate::span::Span;
use crate::standard::{Name, Observer, Place, Standard};
use crate::text::{Match, Words, covers_all};
use crate::transcript::{Role, SpeakerId, Transcript};

/// Something seen, whether or not it cost points, in the crate's own terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The kind of observation.
    pub kind: Name,
    /// Index of the message.
    pub message: usize,
    /// Indices of the other messages it rests on.
    pub related: Vec<usize>,
    /// Where in the message.
    pub span: Option<Span>,
    /// Whose message it is, when it is an agent's.
    pub agent: Option<SpeakerId>,
    /// Which sort.
    pub label: Option<Name>,
    /// What was measured.
    pub measured: Option<Measured>,
}

/// One value of a response-time metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Index of the metric in [`Standard::metrics`].
    pub metric: usize,
    /// Who answered, or should have.
    pub owner: Owner,
    /// Milliseconds waited; `None`: never answered, which is not in time.
    pub millis: Option<i64>,
}

/// Everything found in one conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inspection {
    /// One verdict for each rule of the standard, in its order.
    pub verdicts: Vec<Verdict>,
    /// What was seen, sorted by message, start of span, kind.
    pub observations: Vec<Seen>,
    /// Response times.
    pub samples: Vec<Sample>,
}

/// What an inspector works with: its own, or what it was lent.
enum Held<'a, T> {
    Own(Box<T>),
    Lent(&'a T),
}

impl<T> Held<'_, T> {
    fn get(&self) -> &T {
        match self {
            Self::Own(value) => value,
            Self::Lent(value) => value,
        }
    }
}

/// Judges conversations by one standard.
pub struct Inspector<'a> {
    standard: Held<'a, Standard>,
    profile: Profile,
    words: Held<'a, Words>,
    space: RefCell<Workspace>,
    /// By metric: the first that has the same rounds, and those rounds while a conversation is judged.
    rounds: RefCell<Vec<(usize, Vec<Timed>)>>,
}

impl Inspector<'static> {
    /// An inspector of its own.
    pub fn new(standard: Standard, profile: Profile, words: Words) -> Self {
        let words = words.with_words(&profile.products);
        Self {
            rounds: shapes(&standard.metrics),
            standard: Held::Own(Box::new(standard)),
            profile,
            words: Held::Own(Box::new(words)),
            space: RefCell::default(),
        }
    }

    /// Brings the dictionary.
    pub fn load_words(&mut self, words: Words) {
        self.words = Held::Own(Box::new(words.with_words(&self.profile.products)));
        // What is remembered was read with the words that were there.
        self.space = RefCell::default();
    }
}

impl<'a> Inspector<'a> {
    /// Brings tables of records.
    pub fn set_records(&mut self, records: Arc<Records>) {
        self.profile.records = records;
    }

    /// An inspector over a standard and a dictionary that somebody else holds.
    pub fn borrowing(standard: &'a Standard, profile: Profile, words: &'a Words) -> Self {
        Self {
            rounds: shapes(&standard.metrics),
            standard: Held::Lent(standard),
            profile,
            words: Held::Lent(words),
            space: RefCell::default(),
        }
    }

    /// The standard.
    pub fn standard(&self) -> &Standard {
        self.standard.get()
    }

    /// Judges a conversation. Without the dictionary, what depends on it is not found: bring it
    /// first, or use [`Inspector::try_inspect`].
    pub fn inspect(&self, transcript: &Transcript) -> Inspection {
        self.run(transcript, None).0
    }

    /// Judges a conversation, or answers `None` when the dictionary is needed first.
    pub fn try_inspect(&self, transcript: &Transcript) -> Option<Inspection> {
        let (inspection, wants_words) = self.run(transcript, None);
        (!wants_words).then_some(inspection)
    }

    /// Judges by one rule only; the other verdicts are empty. `None` when the dictionary is needed
    /// first.
    pub(crate) fn inspect_only(&self, transcript: &Transcript, rule: usize) -> Option<Inspection> {
        let (inspection, wants_words) = self.run(transcript, Some(rule));
        (!wants_words).then_some(inspection)
    }

    /// Judges by one rule and lets `look` see the conversation as the rule saw it, with what the rule
    /// noted about what it passed over.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn explaining<T>(
        &self,
        transcript: &Transcript,
        rule: usize,
        look: impl FnOnce(&Scene<'_>, Verdict) -> T,
    ) -> Option<T> {
        self.prepared(transcript, |standard, scene| {
            scene.explain();
            let verdict = standard.rules.get(rule)?.judge(scene);
            Some(look(scene, verdict))
        })
    }

    /// Lets `look` see a conversation as every rule sees it.
    fn prepared<T>(
        &self,
        transcript: &Transcript,
        look: impl FnOnce(&Standard, &Scene<'_>) -> T,
    ) -> T {
        let standard = self.standard.get();
        let profile = match &transcript.config {
            Some(config) => Cow::Owned(self.profile.with_config(config)),
            None => Cow::Borrowed(&self.profile),
        };
        let mut space = self.space.borrow_mut();
        let scene = Scene::new(
            transcript,
            profile,
            &standard.phrases,
            &standard.reading,
            self.words.get(),
            &mut space,
        );
        look(standard, &scene)
    }

    fn run(&self, transcript: &Transcript, only: Option<usize>) -> (Inspection, bool) {
        self.prepared(transcript, |standard, scene| {
            let verdicts = standard
                .rules
                .iter()
                .enumerate()
                .map(|(number, rule)| match only {
                    Some(wanted) if wanted != number => Verdict::default(),
                    _ => rule.judge(scene),
                })
                .collect();
            let (observations, samples) = if only.is_some() {
                (Vec::new(), Vec::new())
            } else {
                (
                    observe(scene, &standard.observers),
                    samples(scene, standard, &mut self.rounds.borrow_mut()),
                )
            };
            let inspection = Inspection {
                verdicts,
                observations,
                samples,
            };
            (inspection, scene.wants_words())
        })
    }
}

/// Which metric was the first with the same rounds.
fn shapes(metrics: &[Metric]) -> RefCell<Vec<(usize, Vec<Timed>)>> {
    let shape = |metric: &Metric| metric.definition.shape();
    let first = |one: &Metric| metrics.iter().position(|other| shape(other) == shape(one));
    let firsts = metrics.iter().filter_map(first);
    RefCell::new(firsts.map(|first| (first, Vec::new())).collect())
}

fn samples(
    scene: &Scene<'_>,
    standard: &Standard,
    rounds: &mut [(usize, Vec<Timed>)],
) -> Vec<Sample> {
    let mut samples = Vec::with_capacity(4 * standard.metrics.len());
    for (metric, entry) in standard.metrics.iter().enumerate() {
        let first = rounds[metric].0;
        if first == metric {
            timed(&entry.definition, scene, &mut rounds[metric].1);
        }
        values_of(&entry.definition, scene, &rounds[first].1, &mut |value| {
            samples.push(Sample {
                metric,
                owner: value.owner.map_or(Owner::Team, Owner::Agent),
                millis: value.millis,
            });
        });
    }
    samples
}

/// How many agent messages after a trigger may respond to it.
const RESPONSES: usize = 3;
/// How many agent messages are the end of a session.
const LAST: usize = 3;

fn observe(scene: &Scene<'_>, observers: &[Observer]) -> Vec<Seen> {
    let mut seen = Vec::new();
    // The trigger that was seen last.
    let mut trigger: Option<usize> = None;
    for chunk in candidates(scene, observers).chunk_by(|one, next| one.0 == next.0) {
        let index = chunk[0].0;
        let message = scene.message(index);
        let mut labelled: Vec<&str> = Vec::new();
        for (_, number) in chunk {
            let observer = &observers[*number];
            let here = match observer.place {
                Place::Opening => is_opening(scene, index),
                Place::Closing => is_closing(scene, index),
                Place::Anywhere => true,
                Place::AfterTrigger => {
                    trigger.is_some_and(|trigger| responds(scene, trigger, index))
                }
            };
            // One label of a customer's message: the first listed is the gravest.
            let single = observer.role == By::Customer && labelled.contains(&&*observer.kind);
            if !here || single {
                continue;
            }
            let Some(hit) = observed(scene, observer, index) else {
                continue;
            };
            labelled.push(&observer.kind);
            if &*observer.kind == "escalation-trigger"
                && observer.label.as_deref() != Some("human-request")
            {
                trigger = Some(index);
            }
            seen.push(Seen {
                kind: observer.kind.clone(),
                message: index,
                related: Vec::new(),
                span: Some(hit.span),
                agent: message.role.is_staff().then_some(message.speaker),
                label: observer.label.clone(),
                measured: None,
            });
        }
    }
    seen.extend(replies(scene));
    seen.extend(promises(scene));
    seen.extend(stages(scene));
    sorted::by(&mut seen, |a, b| {
        let key = |s: &Seen| (s.message, s.span.map_or(0, |span| span.start));
        key(a)
            .cmp(&key(b))
            .then_with(|| a.kind.cmp(&b.kind))
            .then_with(|| a.label.cmp(&b.label))
    });
    seen
}

/// Which messages hold words of which observers, in order.
fn candidates(scene: &Scene<'_>, observers: &[Observer]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for (number, observer) in observers.iter().enumerate() {
        for set in observer.any.iter().chain(&observer.whole_turn) {
            let with = scene.messages_with(*set).iter();
            out.extend(
                with.filter(|index| observer.role.includes(scene.message(**index).role))
                    .map(|index| (*index, number)),
            );
        }
    }
    sorted::plain(&mut out);
    out.dedup();
    out
}

fn observed(scene: &Scene<'_>, observer: &Observer, index: usize) -> Option<Match> {
    let anywhere = observer.any.as_slice();
    let whole = observer.whole_turn.as_slice();
    let first = scene
        .hits(index, anywhere, observer.guards, observer.boundary)
        .next()
        .copied();
    first.or_else(|| {
        scene
            .hits(index, whole, observer.guards, observer.boundary)
            .find(|hit| covers_all(scene.plain(index), hit.plain))
            .copied()
    })
}

/// Whether a message belongs to the first turn that a person of the shop has in its session.
fn is_opening(scene: &Scene<'_>, index: usize) -> bool {
    let session = scene.sessions[scene.session_of(index)];
    let first = (session.start..session.end).find(|index| scene.message(*index).role.is_staff());
    let turn = first.and_then(|first| scene.turn_of(first));
    turn.is_some_and(|turn| turn.messages.binary_search(&index).is_ok())
}

/// Whether a message is among the last of the shop's people in its session.
fn is_closing(scene: &Scene<'_>, index: usize) -> bool {
    let session = scene.sessions[scene.session_of(index)];
    let staff = |index: &usize| scene.message(*index).role.is_staff();
    staff(&index) && (index..session.end).filter(staff).take(LAST + 1).count() <= LAST
}

/// Whether few enough messages of the shop's people lie between a trigger and a message.
fn responds(scene: &Scene<'_>, trigger: usize, index: usize) -> bool {
    let staff = |index: &usize| scene.message(*index).role.is_staff();
    let since = (trigger + 1..=index).filter(staff);
    since.take(RESPONSES + 1).count() <= RESPONSES
}

fn replies<'s>(scene: &'s Scene<'_>) -> impl Iterator<Item = Seen> + 's {
    scene.waits.iter().filter_map(|wait| {
        let answer = wait.answer?;
        let first = *wait.questions.first()?;
        let last = *wait.questions.last()?;
        let measure = |question| {
            wait.millis_from(scene.transcript, question)
                .map(|ms| round3(seconds(ms)))
        };
        let (from_first, from_last) = (measure(first), measure(last));
        let measured = (from_first.is_some() || from_last.is_some()).then(|| Measured {
            from_first,
            from_last,
            ..Measured::default()
        });
        Some(Seen {
            kind: Name::from("reply"),
            message: answer,
            related: wait.questions.clone(),
            span: None,
            agent: Some(scene.message(answer).speaker),
            label: None,
            measured,
        })
    })
}

/// What the shop's people promised, and what became of it.
fn promises<'s>(scene: &'s Scene<'_>) -> impl Iterator<Item = Seen> + 's {
    scene.promises().iter().map(|settled| {
        let made = &settled.made;
        let by = settled.outcome.by();
        let mut figures = measured(scene, made, by, Terms::default().vague);
        if by.is_none() && !matches!(settled.outcome, Outcome::Broken(_)) {
            figures.seconds = None;
        }
        Seen {
            kind: Name::from("promise"),
            message: made.message,
            related: by.into_iter().collect(),
            span: Some(made.span),
            agent: Some(scene.message(made.message).speaker),
            label: Some(Name::from(settled.outcome.label())),
            measured: (figures.seconds.is_some() || figures.limit.is_some()).then_some(figures),
        }
    })
}

/// Where a conversation enters a stage.
fn stages(scene: &Scene<'_>) -> Vec<Seen> {
    let mut out = Vec::new();
    for index in 0..scene.transcript.messages.len() {
        let stage = scene.stages[index];
        let entered = index == 0 || scene.stages[index - 1] != stage;
        if entered && scene.message(index).role != Role::Bot {
            out.push(Seen {
                kind: Name::from("stage"),
                message: index,
                related: Vec::new(),
                span: None,
                agent: None,
                label: Some(Name::from(stage.word())),
                measured: None,
            });
        }
    }
    out
}
