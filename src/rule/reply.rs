//! `reply`: a named response-time metric stays within a limit.
//!
//! The thing to get right: what a wait is, and how long, is for `metric`; here a round is compared
//! with a limit. Figures over many waits (mean, median, p90, rate) are judged over the whole batch, in
//! `score`, from the values that an inspection samples.

use std::ops::Range;

use crate::diagnostic::Bilingual;
use crate::metric::{
    self, Aggregate, Calendar, Clock, Definition, End, Event, Log, Round, Session, Start,
    Unanswered, Unit, Unmeasured, Wait, rounds, seconds,
};
use crate::report::{Measured, round3};
use crate::transcript::{Channel, Transcript};

use super::compile::Compiler;
use super::fields::Fields;
use super::profile::Profile;
use super::scene::Scene;
use super::{Common, Finding, Owner, Rule, Verdict, time_missing};

/// A limit: a length of time, or the name of a value that a shop fills in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Limit {
    Fixed(i64),
    Profile { key: String, default: Option<i64> },
}

/// A limit on response time.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The metric that is limited, as the report of a period calls it.
    pub metric: String,
    /// What it means, with what the rule says of its own.
    pub definition: Definition,
    /// The share that is wanted, where the metric is a share.
    pub target: Option<f64>,
    limit: Limit,
}

impl Reply {
    /// Reads the fields of this kind.
    pub fn read(fields: &Fields<'_, '_>, common: &Common, compiler: &mut Compiler) -> Option<Self> {
        if !fields.has("metric") {
            fields.missing::<()>("metric");
        }
        let known: Vec<(&str, usize)> = compiler
            .metrics
            .iter()
            .enumerate()
            .map(|(index, metric)| (metric.id.as_str(), index))
            .collect();
        let metric = fields.word("metric", &known);
        let clock = fields.word(
            "clock",
            &[("wall", Clock::Wall), ("business", Clock::Business)],
        );
        let counts = fields.words("counts", &[("human", false), ("bot", true)]);
        let metric = metric.and_then(|index| compiler.metrics.get(index));
        // Only what is measured once a session can start with it.
        let opens = metric.is_none_or(|metric| metric.definition.unit == Unit::Session);
        const STARTS: [(&str, Start); 3] = [
            ("first", Start::First),
            ("last", Start::Last),
            ("session-open", Start::Opening),
        ];
        let start = fields.word("start", &STARTS[..if opens { 3 } else { 2 }]);
        let Some(metric) = metric else {
            read_limit(fields);
            return None;
        };
        let mut definition = metric.definition;
        definition.start = start.unwrap_or(definition.start);
        definition.clock = clock.unwrap_or(definition.clock);
        if !counts.is_empty() {
            definition.bots = counts.contains(&true);
        }
        let (mut limit, mut target) = (None, None);
        if let Aggregate::Rate(own) = definition.aggregate {
            let within = if fields.has("limit") {
                fields.duration("limit")?
            } else {
                own
            };
            definition.aggregate = Aggregate::Rate(within);
            limit = Some(Limit::Fixed(within));
            target = fields.number("target");
            if target.is_none() && !fields.has("target") {
                fields.missing::<()>("target");
            }
            if target.is_some_and(|target| target > 1.0) {
                fields.fault(
                    fields.at,
                    "number-range",
                    "target",
                    "target 是 0 到 1 之间的占比",
                    "`target` is a share from 0 to 1",
                );
            }
            target?;
        }
        let limit = match limit {
            Some(limit) => limit,
            None => read_limit(fields)?,
        };
        let mut id = metric.id.clone();
        if definition.aggregate != Aggregate::Each {
            let mut figure = metric.clone();
            if definition != metric.definition {
                id = format!("{id}/{}", common.id);
                figure.id.clone_from(&id);
                figure.definition = definition;
            }
            compiler.figures.push(figure);
        }
        Some(Self {
            metric: id,
            definition,
            target,
            limit,
        })
    }

    /// Whether the rule can only be judged over a period.
    pub fn is_of_period(&self) -> bool {
        self.definition.aggregate != Aggregate::Each
    }

    /// The limit in force for a shop, in milliseconds; `None` when it has to fill it in and has not.
    pub fn limit_for(&self, profile: &Profile) -> Option<i64> {
        match &self.limit {
            Limit::Fixed(millis) => Some(*millis),
            Limit::Profile { key, default } => match profile.limits.get(key) {
                Some(limit) => *limit,
                None => *default,
            },
        }
    }

    /// The name of the limit that a shop may fill in.
    pub fn limit_name(&self) -> Option<&str> {
        match &self.limit {
            Limit::Profile { key, .. } => Some(key),
            Limit::Fixed(_) => None,
        }
    }

    /// The name of the limit when only a shop can say how long it is.
    pub fn open_limit(&self) -> Option<&str> {
        match &self.limit {
            Limit::Profile { key, default: None } => Some(key),
            _ => None,
        }
    }

    /// Whether the limit is one that the shop set itself.
    pub fn is_set_by(&self, profile: &Profile) -> bool {
        matches!(&self.limit, Limit::Profile { key, .. } if profile.limits.contains_key(key))
    }

    /// The limit in force at a message, in milliseconds: an e-mail has the shop's own, if it has one.
    fn limit_at(&self, scene: &Scene<'_>, message: usize) -> Option<i64> {
        let own = match scene.channel(message) {
            Channel::Email => scene.profile.limits.get("email"),
            Channel::Phone => scene.profile.limits.get("phone"),
            Channel::Chat | Channel::Other => None,
        };
        match own {
            Some(limit) => *limit,
            None => self.limit_for(&scene.profile),
        }
    }

    /// Whether a figure over everything there is misses the limit that the standard states.
    pub fn misses(&self, figure: f64) -> bool {
        if let Some(target) = self.target {
            return figure < target;
        }
        let stated = match &self.limit {
            Limit::Fixed(millis) => Some(*millis),
            Limit::Profile { default, .. } => *default,
        };
        stated.is_some_and(|limit| figure > seconds(limit))
    }

    /// Judges every round in scope.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        if self.is_of_period() {
            return;
        }
        let mut definition = self.definition;
        definition.bots |= scene.profile.bot_counts;
        if definition.start == Start::Ring {
            unheard(rule, scene, verdict);
        }
        rounds(&definition, scene, &mut |round| {
            self.judge_round(rule, scene, (&definition, &round), verdict);
        });
        if scene.is_explained() && definition.closers {
            note_closers(scene);
        }
    }

    fn judge_round(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        (definition, round): (&Definition, &Round<'_>),
        verdict: &mut Verdict,
    ) {
        let from = round.from;
        if !rule.common.in_scope(scene, from) || !asks_for(rule, scene, round) {
            scene.note(from, || why_not(rule, scene, round));
            return;
        }
        let answer = match round.end {
            End::Answer(answer) => Some(answer),
            End::Transfer(_) | End::Open => None,
        };
        let speaker = answer
            .map(|answer| scene.message(answer))
            .filter(|message| message.role.is_staff())
            .map(|message| message.speaker);
        let owner = scene.owner(rule.common.responsible, from, speaker);
        let Some(limit) = self.limit_at(scene, from) else {
            verdict.not_assessed(
                owner,
                Bilingual::new(
                    "标准没有给出时限，需在店铺设置中填写",
                    "the standard leaves the limit open; the shop's profile must set it",
                ),
            );
            return;
        };
        if !round.questions.is_empty()
            && super::promise::covers(scene, raw_wait(scene, from), from, limit)
        {
            scene.note(from, || {
                Bilingual::new(
                    "这段等待在承诺的时间之内",
                    "the wait lies inside the time of a promise",
                )
            });
            return;
        }
        let length = match round.length(definition, scene) {
            Some(length) => length,
            None => {
                let end = scene.end_time().map_or(i64::MIN, |time| time.millis);
                metric::elapsed(definition, scene, from, end)
            }
        };
        let waited = match length {
            Ok(waited) => waited,
            Err(reason) => {
                verdict.not_assessed(owner, unmeasured(reason));
                return;
            }
        };
        let waited = match (round.end, definition.unanswered, definition.cap) {
            // What the definition leaves out is no occasion.
            (End::Transfer(_), Unanswered::Exclude, _) => return,
            (End::Transfer(_), Unanswered::Cap, Some(cap)) => cap.max(waited),
            (End::Transfer(_), Unanswered::Fail, _) => waited.max(limit.saturating_add(1)),
            _ => waited,
        };
        // To the minute, a wait may be up to a minute shorter or longer than it seems.
        let uncertain = limit < 120_000
            || (waited.saturating_add(60_000) > limit && waited.saturating_sub(60_000) < limit);
        if answer.is_some() && round.is_coarse(scene.transcript) && uncertain {
            verdict.not_assessed(
                owner,
                Bilingual::new(
                    "时间只精确到分钟，离时限太近，无法判断",
                    "times are to the minute, too coarse for a limit so near",
                ),
            );
            return;
        }
        if waited <= limit && round.end == End::Open {
            verdict.not_assessed(
                owner,
                Bilingual::new(
                    "记录到此为止，尚未到时限",
                    "the log ends before the limit was reached",
                ),
            );
            return;
        }
        if waited <= limit {
            scene.note(from, || {
                Bilingual::new(
                    format!(
                        "等了 {} 秒，没有超过时限 {} 秒",
                        plain(waited),
                        plain(limit)
                    ),
                    format!(
                        "waited {} s, within the limit of {} s",
                        plain(waited),
                        plain(limit)
                    ),
                )
            });
            verdict.pass(owner);
            return;
        }
        verdict.fail(slow(rule, scene, round, (waited, limit, owner)));
    }
}

/// The finding about a round that took too long.
fn slow(
    rule: &Rule,
    scene: &Scene<'_>,
    round: &Round<'_>,
    (waited, limit, mut owner): (i64, i64, Owner),
) -> Finding {
    let (shown, allowed) = (plain(waited), plain(limit));
    let measured = Measured {
        seconds: Some(round3(seconds(waited))),
        limit: Some(round3(seconds(limit))),
        ..Measured::default()
    };
    let mut why = vec![match round.end {
        End::Answer(_) => Bilingual::new(
            format!("等了 {shown} 秒，时限 {allowed} 秒"),
            format!("waited {shown} s, the limit is {allowed} s"),
        ),
        End::Transfer(_) => Bilingual::new(
            format!("未答复就转走，按 {shown} 秒计，时限 {allowed} 秒"),
            format!(
                "handed over without a reply, which counts as {shown} s; the limit is {allowed} s"
            ),
        ),
        End::Open => Bilingual::new(
            format!("到记录结束仍无人答复，已等 {shown} 秒，时限 {allowed} 秒"),
            format!(
                "nobody had answered when the log ended after {shown} s; the limit is {allowed} s"
            ),
        ),
    }];
    let (message, related, severity) = match round.end {
        End::Answer(answer) => {
            if owner == Owner::Team && rule.common.responsible == super::Responsible::Owed {
                why.push(Bilingual::new(
                    "此前没有客服接手，归团队",
                    "nobody had taken the customer on, so it is the team's",
                ));
            }
            let severity = match rule.tier(measured.seconds) {
                Some(tier) => tier.severity,
                None => rule.common.severity_at(scene, answer, &mut why),
            };
            let related = match round.questions {
                [] => vec![round.from],
                questions => questions.to_vec(),
            };
            (answer, related, severity)
        }
        End::Transfer(_) | End::Open => {
            if owner == Owner::Team && round.end == End::Open {
                // Who had the customer last has left the question open.
                let last = scene.transcript.messages.len() - 1;
                owner = scene.owner(super::Responsible::Owed, last, None);
            }
            let related = match round.end {
                End::Transfer(at) => vec![at],
                _ => Vec::new(),
            };
            let severity = rule.common.severity_at(scene, round.from, &mut why);
            (round.from, related, severity)
        }
    };
    Finding {
        owner,
        message,
        related,
        span: None,
        severity,
        measured: Some(measured),
        why,
        wait: round
            .questions
            .first()
            .map(|question| raw_wait(scene, *question)),
    }
}

/// The number of the raw wait that a question belongs to.
fn raw_wait(scene: &Scene<'_>, question: usize) -> usize {
    scene
        .waits
        .partition_point(|wait| wait.questions.last().is_some_and(|last| *last < question))
}

/// Says of messages that want no reply that they want none.
fn note_closers(scene: &Scene<'_>) {
    let idle = scene
        .waits
        .iter()
        .filter(|wait| wanting(scene, wait).is_empty());
    for question in idle.flat_map(|wait| &wait.questions) {
        scene.note(*question, || {
            Bilingual::new(
                "只是收尾或闲谈，不需要回复",
                "only closes or chats, and needs no reply",
            )
        });
    }
}

/// Why a round is not one that the rule judges.
fn why_not(rule: &Rule, scene: &Scene<'_>, round: &Round<'_>) -> Bilingual {
    let common = &rule.common;
    let excused = || {
        let mut questions = round.questions.iter();
        questions.find_map(|at| common.why_excused(scene, *at))
    };
    let unwanted = || {
        common
            .when
            .first()
            .map(|when| when.why_not(scene, round.from))
    };
    common
        .out_of_place(scene, round.from)
        .or_else(excused)
        .or_else(unwanted)
        .unwrap_or_default()
}

/// Whether `when` and `unless` let a round count: they are asked about its questions.
fn asks_for(rule: &Rule, scene: &Scene<'_>, round: &Round<'_>) -> bool {
    let common = &rule.common;
    let when = common.when.is_empty()
        || round.questions.iter().any(|index| {
            common
                .when
                .iter()
                .any(|c| c.in_message(scene, *index).is_some())
        });
    when && !round
        .questions
        .iter()
        .any(|index| common.excused(scene, *index))
}

/// Calls whose ring the log does not tell cannot be judged.
fn unheard(rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
    for session in &scene.sessions {
        let is_call = scene.channel(session.start) == Channel::Phone
            && rule.common.in_scope(scene, session.start);
        if is_call
            && scene
                .told(Event::Ring, session.start..session.end)
                .is_none()
        {
            let answered = (session.start..session.end)
                .map(|index| scene.message(index))
                .find(|message| message.role.is_staff());
            let owner = scene.owner(
                rule.common.responsible,
                session.start,
                answered.map(|message| message.speaker),
            );
            verdict.not_assessed(
                owner,
                Bilingual::new(
                    "记录里没有振铃时间，无法计时",
                    "the log does not tell when the telephone rang",
                ),
            );
        }
    }
}

fn unmeasured(reason: Unmeasured) -> Bilingual {
    match reason {
        Unmeasured::TimeMissing => time_missing(),
        Unmeasured::Backwards => Bilingual::new(
            "时间倒流，无法计时",
            "the clock runs backwards, so nothing can be measured",
        ),
        Unmeasured::NoHours => Bilingual::new(
            "规则只计营业时间，店铺设置中没有填写",
            "only opening hours count, and the shop's profile states none",
        ),
    }
}

impl Log for Scene<'_> {
    fn transcript(&self) -> &Transcript {
        self.transcript
    }

    fn waits(&self) -> &[Wait] {
        &self.waits
    }

    fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    fn is_closer(&self, message: usize) -> bool {
        Scene::is_closer(self, message)
    }

    fn demands(&self, message: usize) -> bool {
        Scene::demands(self, message)
    }

    fn told(&self, event: Event, range: Range<usize>) -> Option<usize> {
        let wanted = match event {
            Event::Transfer => "transfer",
            Event::Ring => "ring",
        };
        self.events
            .iter()
            .find(|(at, id)| range.contains(at) && id == wanted)
            .map(|(at, _)| *at)
    }

    fn calendar(&self) -> &Calendar {
        &self.profile.calendar
    }
}

/// The questions of a raw wait that want a reply, where a definition says nothing of its own.
pub fn wanting<'w>(scene: &Scene<'_>, wait: &'w Wait) -> &'w [usize] {
    metric::wanting(&Definition::PLAIN, scene, &scene.sessions, wait)
}

/// The raw wait that begins a session, with its first question, where a definition says nothing of
/// its own.
pub fn first_wait(scene: &Scene<'_>, session: usize) -> Option<(usize, usize)> {
    let log = (scene.sessions.as_slice(), scene.waits.as_slice());
    metric::first(&Definition::PLAIN, scene, log, session)
        .map(|(number, questions)| (number, questions[0]))
}

fn read_limit(fields: &Fields<'_, '_>) -> Option<Limit> {
    if !fields.has("limit") {
        return fields.missing("limit");
    }
    if !fields.is_table("limit") {
        return fields.duration("limit").map(Limit::Fixed);
    }
    let table = fields.table("limit")?;
    let key = table.require_string("profile");
    let default = table.duration("default");
    table.finish();
    Some(Limit::Profile {
        key: key?.value,
        default,
    })
}

/// Milliseconds as seconds, without needless decimals.
fn plain(millis: i64) -> String {
    let rounded = round3(seconds(millis));
    format!("{rounded}")
}
