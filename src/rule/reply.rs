//! `reply`: a named response-time metric stays within a limit.

use crate::diagnostic::Bilingual;
use crate::metric::{Start, Wait, seconds};
use crate::report::{Measured, round3};
use crate::transcript::{Resolution, Role};

use super::compile::Compiler;
use super::fields::Fields;
use super::profile::Profile;
use super::scene::Scene;
use super::{Common, Finding, Owner, Rule, Verdict, time_missing};

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The first answer of a session.
    First,
    /// Every wait.
    Each,
    /// The mean of an agent's waits: judged over the whole batch, not here.
    Average,
}

impl Measure {
    /// The id of the metric, as standards and reports write it.
    pub fn metric(self) -> &'static str {
        match self {
            Self::First => "first-human-reply",
            Self::Each => "each-reply",
            Self::Average => "average-reply",
        }
    }
}

/// A limit: a length of time, or the name of a value that a shop fills in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Limit {
    Fixed(i64),
    Profile { key: String, default: Option<i64> },
}

/// A limit on response time.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What is limited.
    pub measure: Measure,
    start: Start,
    limit: Limit,
}

impl Reply {
    /// Reads the fields of this kind.
    pub fn read(
        fields: &Fields<'_, '_>,
        _common: &Common,
        _compiler: &mut Compiler,
    ) -> Option<Self> {
        let measure = fields.word(
            "metric",
            &[
                ("first-human-reply", Measure::First),
                ("each-reply", Measure::Each),
                ("average-reply", Measure::Average),
            ],
        );
        if measure.is_none() && !fields.has("metric") {
            fields.missing::<()>("metric");
        }
        let start = fields
            .word("start", &[("first", Start::First), ("last", Start::Last)])
            .unwrap_or(Start::First);
        let limit = read_limit(fields);
        Some(Self {
            measure: measure?,
            start,
            limit: limit?,
        })
    }

    /// The limit in force, in milliseconds; `None` when a shop has to fill it in and has not.
    pub fn limit(&self, scene: &Scene<'_>) -> Option<i64> {
        self.limit_for(&scene.profile)
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

    /// Whether the limit is one that the shop set itself.
    pub fn is_set_by(&self, profile: &Profile) -> bool {
        matches!(&self.limit, Limit::Profile { key, .. } if profile.limits.contains_key(key))
    }

    /// The limit a standard states, when it states one, in seconds.
    pub fn stated_limit(&self) -> Option<f64> {
        match &self.limit {
            Limit::Fixed(millis) => Some(seconds(*millis)),
            Limit::Profile { default, .. } => default.map(seconds),
        }
    }

    /// Judges every wait in scope.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        match self.measure {
            Measure::First => {
                for session in 0..scene.sessions.len() {
                    if let Some((number, question)) = first_wait(scene, session) {
                        self.judge_wait(rule, scene, number, &[question], verdict);
                    }
                }
            }
            Measure::Each => {
                for number in 0..scene.waits.len() {
                    let questions = wanting(scene, &scene.waits[number]);
                    if questions.is_empty() {
                        note_no_question(scene, number);
                    } else {
                        self.judge_wait(rule, scene, number, &questions, verdict);
                    }
                }
            }
            Measure::Average => {}
        }
    }

    fn judge_wait(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        number: usize,
        questions: &[usize],
        verdict: &mut Verdict,
    ) {
        let wait = &scene.waits[number];
        let from = match self.start {
            Start::First => questions[0],
            Start::Last => questions[questions.len() - 1],
        };
        if !rule.common.in_scope(scene, from) || !self.asks_for(rule, scene, questions) {
            scene.note(from, || self.why_not(rule, scene, questions));
            return;
        }
        let speaker = wait.answer.map(|answer| scene.message(answer).speaker);
        let owner = scene.owner(rule.common.responsible, from, speaker);
        let Some(limit) = self.limit(scene) else {
            verdict.not_assessed(
                owner,
                Bilingual::new(
                    "标准没有给出时限，需在店铺设置中填写",
                    "the standard leaves the limit open; the shop's profile must set it",
                ),
            );
            return;
        };
        if super::promise::covers(scene, number, from, limit) {
            scene.note(from, || {
                Bilingual::new(
                    "这段等待在承诺的时间之内",
                    "the wait lies inside the time of a promise",
                )
            });
            return;
        }
        let Some(answer) = wait.answer else {
            self.judge_unanswered(rule, scene, (number, from), (limit, owner), verdict);
            return;
        };
        let Some(waited) = wait.millis_from(scene.transcript, from) else {
            let reason = match (scene.message(from).time, scene.message(answer).time) {
                (Some(_), Some(_)) => Bilingual::new(
                    "时间倒流，无法计时",
                    "the clock runs backwards, so nothing can be measured",
                ),
                _ => time_missing(),
            };
            verdict.not_assessed(owner, reason);
            return;
        };
        // To the minute, a wait may be up to a minute shorter or longer than it seems.
        let uncertain = limit < 120_000
            || (waited.saturating_add(60_000) > limit && waited.saturating_sub(60_000) < limit);
        if wait.resolution(scene.transcript) == Some(Resolution::Minute) && uncertain {
            verdict.not_assessed(
                owner,
                Bilingual::new(
                    "时间只精确到分钟，离时限太近，无法判断",
                    "times are to the minute, too coarse for a limit so near",
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
        let mut why = vec![Bilingual::new(
            format!("等了 {} 秒，时限 {} 秒", plain(waited), plain(limit)),
            format!(
                "waited {} s, the limit is {} s",
                plain(waited),
                plain(limit)
            ),
        )];
        let measured = Measured {
            seconds: Some(round3(seconds(waited))),
            limit: Some(round3(seconds(limit))),
            ..Measured::default()
        };
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
        verdict.fail(Finding {
            owner,
            message: answer,
            related: questions.to_vec(),
            span: None,
            severity,
            measured: Some(measured),
            why,
            wait: Some(number),
        });
    }

    /// A wait that the log does not answer: broken when the log goes on past the limit, else pending.
    fn judge_unanswered(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        (number, from): (usize, usize),
        (limit, owner): (i64, Owner),
        verdict: &mut Verdict,
    ) {
        let Some(asked) = scene.message(from).time else {
            verdict.not_assessed(owner, time_missing());
            return;
        };
        let end = scene.end_time().map_or(asked.millis, |time| time.millis);
        let waited = end.saturating_sub(asked.millis);
        if waited <= limit {
            verdict.not_assessed(
                owner,
                Bilingual::new(
                    "记录到此为止，尚未到时限",
                    "the log ends before the limit was reached",
                ),
            );
            return;
        }
        let last = scene.transcript.messages.len() - 1;
        let mut why = vec![Bilingual::new(
            format!(
                "到记录结束仍无人答复，已等 {} 秒，时限 {} 秒",
                plain(waited),
                plain(limit)
            ),
            format!(
                "nobody had answered when the log ended after {} s; the limit is {} s",
                plain(waited),
                plain(limit)
            ),
        )];
        let severity = rule.common.severity_at(scene, from, &mut why);
        verdict.fail(Finding {
            owner: match owner {
                Owner::Agent(_) => owner,
                Owner::Team => scene.owner(super::Responsible::Owed, last, None),
            },
            message: from,
            related: Vec::new(),
            span: None,
            severity,
            measured: Some(Measured {
                seconds: Some(round3(seconds(waited))),
                limit: Some(round3(seconds(limit))),
                ..Measured::default()
            }),
            why,
            wait: Some(number),
        });
    }

    /// Why a wait is not one that the rule judges.
    fn why_not(&self, rule: &Rule, scene: &Scene<'_>, questions: &[usize]) -> Bilingual {
        let common = &rule.common;
        let from = questions[0];
        let excused = || {
            questions
                .iter()
                .find_map(|at| common.why_excused(scene, *at))
        };
        let unwanted = || common.when.first().map(|when| when.why_not(scene, from));
        common
            .out_of_place(scene, from)
            .or_else(excused)
            .or_else(unwanted)
            .unwrap_or_default()
    }

    /// Whether `when` and `unless` let this wait count: they are asked about its questions.
    fn asks_for(&self, rule: &Rule, scene: &Scene<'_>, questions: &[usize]) -> bool {
        let common = &rule.common;
        let when = common.when.is_empty()
            || questions.iter().any(|index| {
                common
                    .when
                    .iter()
                    .any(|c| c.in_message(scene, *index).is_some())
            });
        when && !questions.iter().any(|index| common.excused(scene, *index))
    }
}

fn note_no_question(scene: &Scene<'_>, wait: usize) {
    for index in &scene.waits[wait].questions {
        scene.note(*index, || {
            Bilingual::new(
                "只是收尾或闲谈，不需要回复",
                "only closes or chats, and needs no reply",
            )
        });
    }
}

/// The questions of a wait that want a reply: closers before the first real one need none.
///
/// Across a session's end only what plainly asks for something counts: who says 我再想想 and hears
/// from the shop two days later has not been kept waiting.
pub fn wanting(scene: &Scene<'_>, wait: &Wait) -> Vec<usize> {
    let open: Vec<usize> = wait
        .questions
        .iter()
        .copied()
        .skip_while(|index| scene.is_closer(*index))
        .collect();
    let Some(first) = open.first() else {
        return open;
    };
    let across = wait
        .answer
        .is_none_or(|answer| scene.session_of(*first) != scene.session_of(answer));
    if across && !open.iter().any(|index| scene.demands(*index)) {
        return Vec::new();
    }
    open
}

/// The wait that begins a session, with its first question: a customer comes before any person of
/// the shop, and says more than a closer.
pub fn first_wait(scene: &Scene<'_>, session: usize) -> Option<(usize, usize)> {
    let range = scene.sessions[session];
    let first = (range.start..range.end).find(|index| {
        let role = scene.message(*index).role;
        role == Role::Customer || role.is_staff()
    })?;
    if scene.message(first).role != Role::Customer {
        return None;
    }
    let number = scene
        .waits
        .iter()
        .position(|wait| wait.questions.contains(&first))?;
    let wait = &scene.waits[number];
    // A session that only carries on an older wait has no first reply of its own.
    if wait.questions[0] < range.start {
        return None;
    }
    let wanted = wanting(scene, wait);
    wanted.first().map(|question| (number, *question))
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
