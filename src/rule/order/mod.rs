//! `order`: steps in this order; A before B.
//!
//! What a reader would get wrong: a step is *taken* as soon as it may have been (no guards), but it is
//! *blamed* for coming too early only where its words stand (the rule's guards, both by default). And
//! a step of the customer counts only after the steps before it: a yes to something else is none.

mod read;

use crate::diagnostic::Bilingual;
use crate::report::{Measured, Severity};
use crate::sorted;
use crate::span::Span;
use crate::text::SetId;
use crate::transcript::{Role, State};

use super::common::Scope;
use super::condition::By;
use super::givers::{Givers, is_picture};
use super::scene::{Scene, Session, is_readable};
use super::{Finding, Guards, Rule, Verdict};

/// One thing to do.
#[derive(Clone, Debug)]
struct Step {
    id: String,
    title: Bilingual,
    set: SetId,
    by: By,
}

/// What becomes of a step that nobody took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    /// A finding where a later step was taken without it.
    Skipped,
    /// Nothing.
    Ignore,
    /// A hint, whether or not a later step was taken.
    Hint,
    /// A finding, whether or not a later step was taken.
    Fail,
}

/// What makes a step, or the whole rule, needless.
#[derive(Clone, Debug)]
struct Waiver {
    /// Which step; all when absent.
    step: Option<usize>,
    by: Givers,
    said: Option<SetId>,
    switch: Option<String>,
}

/// Whether something is needless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Waived {
    No,
    /// The shop has not said.
    Unknown,
    Yes,
}

/// Steps in a partial order.
#[derive(Clone, Debug)]
pub struct Order {
    steps: Vec<Step>,
    /// Transitive.
    before: Vec<(usize, usize)>,
    missing: Missing,
    by_position: bool,
    scope: Scope,
    filled_by: Givers,
    waivers: Vec<Waiver>,
}

/// Where a step was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Taken {
    message: usize,
    /// In the folded text.
    at: usize,
    span: Option<Span>,
}

/// What was taken in one range.
struct Course<'a> {
    range: Session,
    start: usize,
    trigger: Option<usize>,
    /// Where each step was taken first, by whomever.
    taken: Vec<Option<Taken>>,
    /// Where each step of the shop stands first, guards heeded.
    blamed: Vec<Option<Taken>>,
    scene: &'a Scene<'a>,
}

impl Order {
    /// The switches of a profile that decide whether something is waived.
    pub fn switches(&self) -> impl Iterator<Item = &str> {
        let named = self.waivers.iter().map(|waiver| waiver.switch.as_deref());
        named.flatten()
    }

    /// Judges every session, or the conversation.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        let of_all = self.waivers.iter().filter(|waiver| waiver.step.is_none());
        let whole = of_all
            .map(|waiver| waiver.by_profile(scene))
            .max()
            .unwrap_or(Waived::No);
        if whole == Waived::Yes {
            return;
        }
        let triggers: Vec<usize> = rule
            .common
            .when
            .iter()
            .filter(|condition| condition.triggers())
            .flat_map(|condition| condition.occurrences(scene))
            .map(|trigger| trigger.message)
            .filter(|index| rule.common.in_scope(scene, *index))
            .collect();
        for range in self.scope.ranges(scene) {
            if let Some((start, trigger)) = begins(rule, scene, range, &triggers) {
                let course = self.course(rule, scene, range, start, trigger);
                self.judge_course(rule, &course, whole, verdict);
            }
        }
    }

    fn course<'a>(
        &self,
        rule: &Rule,
        scene: &'a Scene<'a>,
        range: Session,
        start: usize,
        trigger: Option<usize>,
    ) -> Course<'a> {
        let mut course = Course {
            range,
            start,
            trigger,
            taken: Vec::with_capacity(self.steps.len()),
            blamed: Vec::with_capacity(self.steps.len()),
            scene,
        };
        for (number, step) in self.steps.iter().enumerate() {
            let is_ours = step.by == By::Agent;
            let mut from = (start, 0);
            if !is_ours {
                let earlier = self.before.iter().filter(|(_, later)| *later == number);
                let earlier = earlier.filter_map(|(first, _)| course.taken[*first]);
                from = earlier
                    .map(|taken| (taken.message, taken.at + 1))
                    .max()
                    .map_or(from, |at| at.max(from));
            }
            let mut taken = course.first(rule, step.set, &[step.by], from, Guards::NONE);
            if is_ours {
                if !self.filled_by.by.is_empty() {
                    let by = &self.filled_by.by;
                    let filled = course.first(rule, step.set, by, (range.start, 0), Guards::NONE);
                    taken = [taken, filled].into_iter().flatten().min();
                }
                let known =
                    self.filled_by.profile && scene.profile.switches.get(&step.id) == Some(&true);
                if known {
                    taken = Some(Taken {
                        message: range.start,
                        at: 0,
                        span: None,
                    });
                }
            }
            let blamed = is_ours
                .then(|| course.first(rule, step.set, &[By::Agent], from, rule.common.guards))
                .flatten()
                .filter(|taken| rule.common.in_scope(scene, taken.message));
            course.taken.push(taken);
            course.blamed.push(blamed);
        }
        course
    }

    fn judge_course(&self, rule: &Rule, course: &Course<'_>, whole: Waived, verdict: &mut Verdict) {
        let scene = course.scene;
        let is_staff = |index: &usize| {
            let message = scene.message(*index);
            message.role.is_staff() && message.state != State::Recalled
        };
        let first_staff = (course.start..course.range.end).find(is_staff);
        let last_staff = (course.start..course.range.end).rev().find(is_staff);
        let (Some(first_staff), Some(last_staff)) = (first_staff, last_staff) else {
            return;
        };
        let owner_at = |message: usize| {
            let speaker = Some(scene.message(message).speaker);
            scene.owner(rule.common.responsible, message, speaker)
        };
        let mut judged = None;
        let mut open: Option<(usize, Bilingual)> = None;
        let mut is_failed = false;
        for (later, blamed) in course.blamed.iter().enumerate() {
            let Some(blamed) = *blamed else { continue };
            let earlier = self.before.iter().filter(|(_, step)| *step == later);
            let mut early: Vec<usize> = Vec::new();
            let mut waived = whole;
            for &(first, _) in earlier {
                judged = judged.max(Some(blamed.message));
                let is_kept = course.taken[first].is_some_and(|taken| {
                    taken.message < blamed.message
                        || (taken.message == blamed.message
                            && (!self.by_position || taken.at < blamed.at))
                });
                let may_miss = self.missing == Missing::Skipped || course.taken[first].is_some();
                if is_kept || !may_miss {
                    continue;
                }
                let step_waived = self
                    .waived(course, rule, first, blamed)
                    .max(self.waived(course, rule, later, blamed));
                if step_waived == Waived::Yes {
                    scene.note(blamed.message, || {
                        Bilingual::new("前一步不需要做", "the step before it was waived")
                    });
                    continue;
                }
                waived = waived.max(step_waived);
                early.push(first);
            }
            if early.is_empty() || self.is_excused(rule, course, blamed.message) {
                continue;
            }
            let unknown = if waived == Waived::Unknown {
                Some(switch_unset())
            } else if course.hides(blamed.message) {
                Some(unreadable())
            } else {
                None
            };
            if let Some(reason) = unknown {
                open = Some((blamed.message, reason));
                continue;
            }
            is_failed = true;
            verdict.fail(self.too_early(rule, course, later, blamed, &early));
        }
        if matches!(self.missing, Missing::Hint | Missing::Fail) {
            judged = judged.max(Some(last_staff));
            let missing = self.never_taken(rule, course, last_staff);
            if !missing.is_empty() && !self.is_excused(rule, course, last_staff) {
                if course.hides(course.range.end) {
                    open = Some((last_staff, unreadable()));
                } else if whole == Waived::Unknown {
                    open = Some((last_staff, switch_unset()));
                } else {
                    is_failed = true;
                    verdict.fail(self.not_taken(rule, course, last_staff, &missing));
                }
            }
        }
        if let Some((message, reason)) = open {
            verdict.not_assessed(owner_at(message), reason);
        } else if let Some(message) = judged.filter(|_| !is_failed) {
            verdict.pass(owner_at(message));
        } else if !is_failed {
            scene.note(first_staff, || {
                Bilingual::new(
                    "没有哪一步需要前一步",
                    "no step was taken that needs another before it",
                )
            });
        }
    }

    fn is_excused(&self, rule: &Rule, course: &Course<'_>, at: usize) -> bool {
        rule.common.excused(course.scene, at)
            || course
                .trigger
                .is_some_and(|trigger| rule.common.excused(course.scene, trigger))
    }

    fn too_early(
        &self,
        rule: &Rule,
        course: &Course<'_>,
        later: usize,
        blamed: Taken,
        early: &[usize],
    ) -> Finding {
        let scene = course.scene;
        let message = scene.message(blamed.message);
        let words = blamed.span.map_or("", |span| span.of(&message.text));
        let (zh, en) = self.titles(early);
        let step = &self.steps[later].title;
        let mut why = vec![Bilingual::new(
            format!("“{words}”（{}）之前应先做：{zh}", step.zh),
            format!("before “{words}” ({}) there should be: {en}", step.en),
        )];
        let mut related: Vec<usize> = early
            .iter()
            .filter_map(|first| course.taken[*first])
            .map(|taken| taken.message)
            .chain(course.trigger)
            .filter(|index| *index != blamed.message)
            .collect();
        sorted::plain(&mut related);
        related.dedup();
        if early.iter().any(|first| course.taken[*first].is_none()) {
            why.push(Bilingual::new(
                "到记录结束也没有做",
                "which was not done at all",
            ));
        }
        let severity = rule.common.severity_at(scene, blamed.message, &mut why);
        Finding {
            owner: scene.owner(
                rule.common.responsible,
                blamed.message,
                Some(message.speaker),
            ),
            message: blamed.message,
            related,
            span: blamed.span,
            severity,
            measured: None,
            why,
            wait: None,
        }
    }

    fn not_taken(
        &self,
        rule: &Rule,
        course: &Course<'_>,
        last: usize,
        missing: &[usize],
    ) -> Finding {
        let scene = course.scene;
        let (zh, en) = self.titles(missing);
        let mut why = vec![Bilingual::new(
            format!("{}；缺：{zh}", rule.common.title.zh),
            format!("{}; missing: {en}", rule.common.title.en),
        )];
        let severity = if self.missing == Missing::Hint {
            Severity::Hint
        } else {
            rule.common.severity_at(scene, last, &mut why)
        };
        Finding {
            owner: scene.owner(
                rule.common.responsible,
                last,
                Some(scene.message(last).speaker),
            ),
            message: last,
            related: course.trigger.into_iter().collect(),
            span: None,
            severity,
            measured: Some(Measured {
                count: Some(self.steps.len() - missing.len()),
                required: Some(self.steps.len()),
                ..Measured::default()
            }),
            why,
            wait: None,
        }
    }

    /// The shop's steps that nobody took, and that were not needless.
    fn never_taken(&self, rule: &Rule, course: &Course<'_>, last: usize) -> Vec<usize> {
        let end = Taken {
            message: last,
            at: usize::MAX,
            span: None,
        };
        (0..self.steps.len())
            .filter(|step| {
                self.steps[*step].by == By::Agent
                    && course.taken[*step].is_none()
                    && self.waived(course, rule, *step, end) == Waived::No
            })
            .collect()
    }

    /// Whether a step was needless by the time of another.
    fn waived(&self, course: &Course<'_>, rule: &Rule, step: usize, by: Taken) -> Waived {
        let own = self.waivers.iter().filter(|w| w.step == Some(step));
        own.map(|waiver| {
            let scene = course.scene;
            if waiver.switch.is_some() {
                return waiver.by_profile(scene);
            }
            let known = scene.profile.switches.get(&self.steps[step].id) == Some(&true);
            if waiver.by.profile && known {
                return Waived::Yes;
            }
            let pictured = waiver.by.image
                && (course.range.start..by.message).any(|index| is_picture(scene, index));
            let set = waiver.said.unwrap_or(self.steps[step].set);
            let givers = &waiver.by.by;
            let from = (course.range.start, 0);
            let said = !givers.is_empty()
                && course
                    .first(rule, set, givers, from, Guards::NONE)
                    .is_some_and(|given| given < by);
            if pictured || said {
                Waived::Yes
            } else {
                Waived::No
            }
        })
        .max()
        .unwrap_or(Waived::No)
    }

    fn titles(&self, steps: &[usize]) -> (String, String) {
        let titles = || steps.iter().map(|step| &self.steps[*step].title);
        let zh: Vec<&str> = titles().map(|title| title.zh.as_str()).collect();
        let en: Vec<&str> = titles().map(|title| title.en.as_str()).collect();
        (zh.join("、"), en.join(", "))
    }
}

impl Waiver {
    fn by_profile(&self, scene: &Scene<'_>) -> Waived {
        let Some(switch) = &self.switch else {
            return Waived::No;
        };
        match scene.profile.switches.get(switch) {
            Some(true) => Waived::Yes,
            Some(false) => Waived::No,
            None => Waived::Unknown,
        }
    }
}

impl Course<'_> {
    /// The first hit of a set at or after a place, by these.
    fn first(
        &self,
        rule: &Rule,
        set: SetId,
        by: &[By],
        (message, at): (usize, usize),
        guards: Guards,
    ) -> Option<Taken> {
        let scene = self.scene;
        (message..self.range.end).find_map(|index| {
            let role = scene.message(index).role;
            let bot = role == Role::Bot && scene.profile.bot_counts && by.contains(&By::Agent);
            if !(bot || By::any_of(by, role)) || !is_readable(scene.message(index)) {
                return None;
            }
            let sets = [set];
            let mut hits = scene.hits(index, &sets, guards, rule.common.boundary);
            hits.find(|hit| index > message || hit.plain.start >= at)
                .map(|hit| Taken {
                    message: index,
                    at: hit.plain.start,
                    span: Some(hit.span),
                })
        })
    }

    /// Whether a message of the shop before `end` cannot be read: the step may be in it.
    fn hides(&self, end: usize) -> bool {
        (self.start..end).any(|index| {
            let message = self.scene.message(index);
            message.role.is_staff() && message.state == State::Unavailable
        })
    }
}

/// Where judging begins in a range, and by which trigger.
fn begins(
    rule: &Rule,
    scene: &Scene<'_>,
    range: Session,
    triggers: &[usize],
) -> Option<(usize, Option<usize>)> {
    let common = &rule.common;
    if common.when.is_empty() {
        return Some((range.start, None));
    }
    let last = || {
        (range.start..range.end)
            .rev()
            .find(|index| scene.message(*index).role.is_staff())
    };
    let mut standing = common.when.iter().filter(|when| !when.triggers());
    if standing.any(|when| last().is_some_and(|last| when.holds(scene, last).is_some())) {
        return Some((range.start, None));
    }
    let inside = triggers.iter().copied();
    inside
        .filter(|index| (range.start..range.end).contains(index))
        .min()
        .map(|index| (index, Some(index)))
}

fn switch_unset() -> Bilingual {
    Bilingual::new(
        "是否可以免做取决于店铺设置，设置里没有填写",
        "whether it is waived depends on a switch that the profile does not set",
    )
}

fn unreadable() -> Bilingual {
    Bilingual::new(
        "有客服消息内容不可见，无法判断先后",
        "a message of the shop cannot be read, so the order is unknown",
    )
}
