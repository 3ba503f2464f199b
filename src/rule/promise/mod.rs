//! `promise`: what was promised is done in time.
//!
//! The thing to get right: the finding stands at the promise and is charged to who made it, whoever was
//! to keep it; anybody may keep it.

mod made;

pub use made::{Due, Made, Open, Outcome, PromiseWords, Settled, Terms, covers, made, settle};

use made::{offset, wait_of};

use crate::civil::{DAY, HOUR, MINUTE, date};
use crate::diagnostic::Bilingual;
use crate::metric::seconds;
use crate::report::{Measured, round3};
use crate::text::{SetId, Steps};

use super::compile::Compiler;
use super::condition::phrase_set;
use super::fields::Fields;
use super::scene::Scene;
use super::{Common, Finding, Guards, Rule, Verdict, Whose, time_missing};

/// How long 稍等 may last.
#[derive(Clone, Debug)]
enum Hold {
    Fixed(i64),
    Profile { key: String, default: Option<i64> },
}

/// Promises that must be kept.
#[derive(Clone, Debug)]
pub struct Promise {
    /// Absent: the shared words.
    make: Option<SetId>,
    terms: Terms,
    hold: Option<Hold>,
}

impl Promise {
    /// Reads the fields of this kind.
    pub fn read(fields: &Fields<'_, '_>, common: &Common, compiler: &mut Compiler) -> Option<Self> {
        let make = phrase_set(fields, "make", &[], common.evasion, compiler);
        if !fields.has("make") && !compiler.knows("commitment") {
            fields.missing::<()>("make");
        }
        if common.role != Whose::Agent {
            fields.fault(
                fields.at,
                "word-unknown",
                "role",
                "promise 只看客服说的话",
                "`promise` looks at what agents say",
            );
        }
        let mut terms = Terms::default();
        if let Some(keep) = fields.table("keep") {
            terms.keep = phrase_set(&keep, "said", &[], Steps::NONE, compiler);
            terms.same_agent = keep
                .word("by", &[("any-agent", false), ("same-agent", true)])
                .unwrap_or(false);
            keep.finish();
        }
        if let Some(vague) = fields.table("vague") {
            terms.vague = vague.duration("due").unwrap_or(terms.vague);
            terms.by_time = vague
                .word(
                    "broken-by",
                    &[("customer-asks-again", false), ("time", true)],
                )
                .unwrap_or(false);
            vague.finish();
        }
        terms.renew = fields.boolean("renew").unwrap_or(true);
        let hold = if fields.is_table("hold") {
            fields.table("hold").and_then(|table| {
                let key = table.require_string("profile");
                let default = table.duration("default");
                table.finish();
                Some(Hold::Profile {
                    key: key?.value,
                    default,
                })
            })
        } else {
            fields.duration("hold").map(Hold::Fixed)
        };
        Some(Self { make, terms, hold })
    }

    /// The name of the limit that a shop may fill in.
    pub fn limit_name(&self) -> Option<&str> {
        match self.hold.as_ref()? {
            Hold::Profile { key, .. } => Some(key),
            Hold::Fixed(_) => None,
        }
    }

    fn hold_limit(&self, scene: &Scene<'_>) -> Option<i64> {
        match self.hold.as_ref()? {
            Hold::Fixed(millis) => Some(*millis),
            Hold::Profile { key, default } => match scene.profile.limits.get(key) {
                Some(limit) => *limit,
                None => *default,
            },
        }
    }

    /// Judges every promise in scope.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        let Some(words) = scene.promise_words() else {
            return;
        };
        let own = self.make.map(|make| made(scene, words, make));
        let promises = own.as_deref().unwrap_or_else(|| scene.commitments());
        if let Some(limit) = self.hold_limit(scene)
            && let Some(hold) = words.hold
        {
            let holds = holds(scene, hold, limit, promises);
            self.judge_all(rule, scene, words, holds, verdict);
        }
        self.judge_all(rule, scene, words, promises.to_vec(), verdict);
    }

    fn judge_all(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        words: &PromiseWords,
        promises: Vec<Made>,
        verdict: &mut Verdict,
    ) {
        for settled in settle(scene, words, promises, &self.terms) {
            let at = settled.made.message;
            if settled.repeats || !rule.common.covers(scene, at) || !rule.common.applies(scene, at)
            {
                continue;
            }
            let speaker = scene.message(at).speaker;
            let owner = scene.owner(rule.common.responsible, at, Some(speaker));
            match settled.outcome {
                Outcome::Kept(_) | Outcome::Renewed(_) => {
                    scene.note(at, || {
                        Bilingual::new("承诺已兑现或已续期", "the promise was kept or renewed")
                    });
                    verdict.pass(owner);
                }
                Outcome::Broken(by) => self.fail(rule, scene, (&settled.made, by, owner), verdict),
                Outcome::Unknown(Open::Waived) => scene.note(at, || why_open(Open::Waived)),
                Outcome::Pending(open) | Outcome::Unknown(open) => {
                    scene.note(at, || why_open(open));
                    verdict.not_assessed(owner, why_open(open));
                }
            }
        }
    }

    fn fail(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        (made, by, owner): (&Made, Option<usize>, super::Owner),
        verdict: &mut Verdict,
    ) {
        let measured = measured(scene, made, by, self.terms.vague);
        let words = made.span.of(&scene.message(made.message).text);
        let mut why = vec![match made.due {
            Due::At {
                millis, assumed, ..
            } => {
                let due = stamp(millis.saturating_add(offset(scene)));
                let (zh, en) = if assumed {
                    ("（按 18:00 下班算）", " (business taken to end at 18:00)")
                } else {
                    ("", "")
                };
                Bilingual::new(
                    format!("“{words}”，应在 {due} 前兑现{zh}"),
                    format!("“{words}” fell due at {due}{en}"),
                )
            }
            _ => Bilingual::new(
                format!("“{words}”没有给出时间，客户只好再来问"),
                format!("“{words}” named no time, and the customer had to ask again"),
            ),
        }];
        if by.is_none() {
            why.push(Bilingual::new(
                "到记录结束仍未兑现",
                "it was not kept by the end of the log",
            ));
        }
        let severity = match rule.tier(measured.seconds) {
            Some(tier) => tier.severity,
            None => rule.common.severity_at(scene, made.message, &mut why),
        };
        verdict.fail(Finding {
            owner,
            message: made.message,
            related: by.into_iter().collect(),
            span: Some(made.span),
            severity,
            measured: Some(measured),
            why,
            wait: wait_of(scene, made, by),
        });
    }
}

/// How long a promise took, and how long it was given.
pub fn measured(scene: &Scene<'_>, made: &Made, by: Option<usize>, vague: i64) -> Measured {
    let start = scene.message(made.message).time;
    let end = match by {
        Some(index) => scene.message(index).time,
        None => scene.end_time(),
    };
    let passed = match (start, end) {
        (Some(start), Some(end)) => Some(end.millis.saturating_sub(start.millis)),
        _ => None,
    };
    let limit = match (made.due, start) {
        (Due::At { millis, .. }, Some(start)) => Some(millis.saturating_sub(start.millis)),
        (Due::Vague, _) => Some(vague),
        _ => None,
    };
    let figure = |millis: Option<i64>| millis.map(|millis| round3(seconds(millis)));
    Measured {
        seconds: figure(passed),
        limit: figure(limit),
        ..Measured::default()
    }
}

/// Every 稍等 as a promise for so long, but those beside a promise proper.
fn holds(scene: &Scene<'_>, hold: SetId, limit: i64, promises: &[Made]) -> Vec<Made> {
    let with = scene.messages_with(hold).iter().copied();
    with.filter(|index| scene.message(*index).role.is_staff())
        .filter(|index| !promises.iter().any(|made| made.message == *index))
        .filter_map(|index| {
            let hit = scene
                .hits(index, std::slice::from_ref(&hold), Guards::ALL, false)
                .next()?;
            Some(Made {
                message: index,
                span: hit.span,
                due: scene
                    .message(index)
                    .time
                    .map_or(Due::Untimed, |time| Due::At {
                        millis: time.millis.saturating_add(limit),
                        assumed: false,
                        working: false,
                    }),
                third: false,
                conditional: false,
            })
        })
        .collect()
}

/// `05-06 10:06:05`.
fn stamp(local: i64) -> String {
    let (_, month, day) = date(local.div_euclid(DAY));
    let clock = local.rem_euclid(DAY);
    format!(
        "{month:02}-{day:02} {:02}:{:02}:{:02}",
        clock / HOUR,
        clock % HOUR / MINUTE,
        clock % MINUTE / 1000
    )
}

fn why_open(open: Open) -> Bilingual {
    let (zh, en) = match open {
        Open::NotDue => (
            "记录到此为止，承诺尚未到期",
            "the log ends before the promise fell due",
        ),
        Open::Condition => (
            "承诺附有条件，条件是否成立不得而知",
            "the promise hangs on a condition that may not have come true",
        ),
        Open::ThirdParty => (
            "由第三方或在记录之外兑现，无从得知",
            "it is kept by a third party or outside the log",
        ),
        Open::Masked => (
            "承诺的时间被遮盖或不可能存在，长短不明",
            "the promised time is masked or impossible, its length unknown",
        ),
        Open::Holidays => (
            "按工作日承诺，店铺设置没有写 holidays，期间可能有节假日，无法判断",
            "promised in working days, and the profile states no `holidays` that may lie between",
        ),
        Open::Untimed => return time_missing(),
        Open::Coarse => (
            "时间只精确到分钟，离时限太近，无法判断",
            "times are to the minute, too coarse for a limit so near",
        ),
        Open::Unreadable => (
            "有答复内容不可见，无法判断",
            "an answer cannot be read, so nothing can be judged",
        ),
        Open::Waived => ("客户表示不再需要", "the customer no longer wants it"),
    };
    Bilingual::new(zh, en)
}
