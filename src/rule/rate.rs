//! `rate`: a share over all conversations of an agent stays at or above a target.
//!
//! The thing to get right: nothing happens in a conversation. Judging only counts occasions, kept or
//! missed ([`Verdict::counted`]); whoever has all conversations compares the share with the target.

use crate::text::SetId;

use super::common::Number;
use super::compile::Compiler;
use super::condition::Condition;
use super::fields::{At, Fields};
use super::profile::Profile;
use super::scene::{Scene, is_readable};
use super::{Common, Outcome, Owner, Reply, Rule, Verdict};

/// What an occasion is, and when it is kept.
#[derive(Clone, Debug)]
enum Occasions {
    /// A wait, kept within the limit.
    Metric(Reply),
    /// A conversation or a message, kept by saying something of the groups.
    Groups {
        groups: Vec<Group>,
        min_messages: usize,
        by_message: bool,
    },
    /// Those of another rule.
    Of(At<String>),
}

/// Words of one purpose.
#[derive(Clone, Debug)]
struct Group {
    set: SetId,
    /// Always wanted.
    needed: bool,
    /// Wanted when one of these holds.
    when: Vec<Condition>,
}

/// A share to reach.
#[derive(Clone, Debug)]
pub struct Rate {
    occasions: Occasions,
    target: Number,
    /// With fewer occasions it is not assessed.
    pub min_occasions: usize,
}

/// A share is judged from this many occasions on, unless a rule says otherwise.
pub const ENOUGH: usize = 20;

impl Rate {
    /// Reads the fields of this kind.
    pub fn read(fields: &Fields<'_, '_>, common: &Common, compiler: &mut Compiler) -> Option<Self> {
        let forms = ["metric", "groups", "of"];
        if forms.iter().filter(|form| fields.has(form)).count() != 1 {
            fields.fault(
                fields.at,
                "rate-form",
                "metric",
                "metric、groups、of 要写一个，且只写一个",
                "write one of `metric`, `groups`, `of`, and only one",
            );
        }
        let occasions = if fields.has("metric") {
            let reply = Reply::read(fields, common, compiler);
            if reply.as_ref().is_some_and(Reply::is_of_period) {
                fields.fault(
                    fields.at,
                    "rate-average",
                    "metric",
                    "平均值没有达标率；用 each-reply 或 first-human-reply",
                    "an average has no share; use `each-reply` or `first-human-reply`",
                );
            }
            reply.map(Occasions::Metric)
        } else if fields.has("groups") {
            read_groups(fields, common, compiler)
        } else {
            fields.string("of").map(Occasions::Of)
        };
        let target = if fields.has("target") {
            Number::read(fields, "target")
        } else {
            fields.missing("target")
        };
        let stated = match &target {
            Some(Number::Fixed(target)) => Some(*target),
            Some(Number::Profile(_, default)) => *default,
            None => None,
        };
        if stated.is_some_and(|target| target > 1.0) {
            fields.fault(
                fields.at,
                "number-range",
                "target",
                "target 是 0 到 1 之间的占比",
                "`target` is a share from 0 to 1",
            );
        }
        let min_occasions = fields.count("min-occasions").unwrap_or(ENOUGH);
        Some(Self {
            occasions: occasions?,
            target: target?,
            min_occasions,
        })
    }

    /// The target in force for a shop; `None` when it has to fill it in and has not.
    pub fn target(&self, profile: &Profile) -> Option<f64> {
        self.target.value(profile)
    }

    /// The rule whose occasions these are, by its id, where it is another's.
    pub fn of(&self) -> Option<&At<String>> {
        match &self.occasions {
            Occasions::Of(id) => Some(id),
            _ => None,
        }
    }

    /// The occasions of an agent in one conversation, as (kept, all); `rules` and `verdicts` are those
    /// of the standard, and `number` is this rule's place among them.
    pub fn share(
        &self,
        rules: &[Rule],
        verdicts: &[Verdict],
        number: usize,
        owner: Owner,
    ) -> (usize, usize) {
        if let Some(of) = self.of() {
            let other = rules.iter().position(|rule| rule.common.id == of.value);
            return other
                .and_then(|other| verdicts.get(other))
                .map_or((0, 0), |verdict| verdict.share(owner));
        }
        let counted = verdicts.get(number).map_or(&[][..], |v| &v.counted);
        let own = counted.iter().filter(|(who, _)| *who == owner);
        own.fold((0, 0), |(kept, all), (_, is_kept)| {
            (kept + usize::from(*is_kept), all + 1)
        })
    }

    /// Counts the occasions of one conversation.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        match &self.occasions {
            Occasions::Metric(reply) => {
                let mut waits = Verdict::default();
                reply.judge(rule, scene, &mut waits);
                let judged = waits.outcomes.into_iter();
                verdict
                    .counted
                    .extend(judged.filter_map(|(owner, outcome)| match outcome {
                        Outcome::Passed => Some((owner, true)),
                        Outcome::Failed => Some((owner, false)),
                        Outcome::NotAssessed(_) => None,
                    }));
            }
            Occasions::Groups {
                groups,
                min_messages,
                by_message,
            } => count_groups(rule, scene, (groups, *min_messages, *by_message), verdict),
            Occasions::Of(_) => {}
        }
    }
}

fn count_groups(
    rule: &Rule,
    scene: &Scene<'_>,
    (groups, min_messages, by_message): (&[Group], usize, bool),
    verdict: &mut Verdict,
) {
    let mut agents: Vec<(Owner, Vec<usize>)> = Vec::new();
    for index in scene.staff() {
        if !rule.common.covers(scene, index) || !is_readable(scene.message(index)) {
            continue;
        }
        let owner = Owner::Agent(scene.message(index).speaker);
        match agents.iter_mut().find(|(known, _)| *known == owner) {
            Some((_, messages)) => messages.push(index),
            None => agents.push((owner, vec![index])),
        }
    }
    let says = |index: usize, group: &Group| {
        let sets = [group.set];
        let mut hits = scene.hits(index, &sets, rule.common.guards, rule.common.boundary);
        hits.next().is_some()
    };
    for (owner, messages) in agents {
        let last = messages[messages.len() - 1];
        if messages.len() < min_messages || !rule.common.applies(scene, last) {
            continue;
        }
        let is_wanted = |group: &Group| {
            group.needed
                || group
                    .when
                    .iter()
                    .any(|when| when.holds(scene, last).is_some())
        };
        if by_message {
            let kept = |index: &usize| {
                groups
                    .iter()
                    .any(|group| is_wanted(group) && says(*index, group))
            };
            let counted = messages.iter().map(|index| (owner, kept(index)));
            verdict.counted.extend(counted);
        } else {
            let kept = groups
                .iter()
                .filter(|group| is_wanted(group))
                .all(|group| messages.iter().any(|index| says(*index, group)));
            verdict.counted.push((owner, kept));
        }
    }
}

fn read_groups(
    fields: &Fields<'_, '_>,
    common: &Common,
    compiler: &mut Compiler,
) -> Option<Occasions> {
    let table = fields.table("groups")?;
    let mut names: Vec<String> = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    for (name, phrases) in table.named_strings() {
        let Some(set) = compiler.set(&table, "groups", &phrases, &[], common.evasion) else {
            continue;
        };
        names.push(name.value);
        groups.push(Group {
            set,
            needed: false,
            when: Vec::new(),
        });
    }
    let find = |wanted: &At<String>| {
        let found = names.iter().position(|name| *name == wanted.value);
        if found.is_none() {
            fields.fault(
                wanted.at,
                "group-unknown",
                "groups",
                format!("groups 里没有“{}”", wanted.value),
                format!("`groups` has no `{}`", wanted.value),
            );
        }
        found
    };
    for entry in fields.tables("conditional") {
        let group = entry.require_string("group").and_then(|name| find(&name));
        let when = Condition::read_all(&entry, "when", compiler);
        if !entry.has("when") {
            entry.missing::<()>("when");
        }
        entry.finish();
        if let Some(group) = group {
            groups[group].when.extend(when);
        }
    }
    let need = fields.strings("need");
    for name in &need {
        if let Some(group) = find(name) {
            groups[group].needed = true;
        }
    }
    if !fields.has("need") {
        for group in groups.iter_mut().filter(|group| group.when.is_empty()) {
            group.needed = true;
        }
    }
    let unit = fields.word("unit", &[("conversation", false), ("message", true)]);
    Some(Occasions::Groups {
        groups,
        min_messages: fields.count("min-agent-messages").unwrap_or(4),
        by_message: unit.unwrap_or(false),
    })
}
