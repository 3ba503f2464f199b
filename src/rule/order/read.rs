//! Reading an `order` from a standard: its steps, which comes before which, what waives them.

use crate::diagnostic::Bilingual;
use crate::rule::Common;
use crate::rule::common::Scope;
use crate::rule::compile::Compiler;
use crate::rule::condition::{By, phrase_set};
use crate::rule::fields::{At, Fields};
use crate::rule::givers::Givers;
use crate::sorted;

use super::{Missing, Order, Step, Waiver};

impl Order {
    /// Reads the fields of this kind.
    pub fn read(fields: &Fields<'_, '_>, common: &Common, compiler: &mut Compiler) -> Option<Self> {
        let steps = read_steps(fields, common, compiler);
        if !fields.has("steps") {
            fields.missing::<()>("steps");
        }
        let pairs = fields.pairs("before");
        let mut before: Vec<(usize, usize)> = if fields.has("before") {
            let pair = |[one, other]: &[At<String>; 2]| {
                let pair = (
                    find_step(fields, &steps, one)?,
                    find_step(fields, &steps, other)?,
                );
                if pair.0 >= pair.1 {
                    fields.fault(
                        one.at,
                        "order-backwards",
                        "before",
                        "先做的步骤应列在 steps 的前面",
                        "the step that comes first must be listed first in `steps`",
                    );
                    return None;
                }
                Some(pair)
            };
            pairs.iter().filter_map(pair).collect()
        } else {
            (1..steps.len()).map(|later| (later - 1, later)).collect()
        };
        close(&mut before);
        let missing = fields.word(
            "missing",
            &[
                ("skipped", Missing::Skipped),
                ("ignore", Missing::Ignore),
                ("hint", Missing::Hint),
                ("fail", Missing::Fail),
            ],
        );
        let by_position = fields.word("same-message", &[("by-position", true), ("any", false)]);
        let scope = Scope::read(fields).unwrap_or(Scope::Session);
        let filled_by = Givers::read(fields, "filled-by");
        let waivers = fields
            .tables("waived-by")
            .into_iter()
            .map(|table| read_waiver(table, &steps, common, compiler))
            .collect();
        if steps.len() < 2 {
            fields.fault(
                fields.at,
                "order-short",
                "steps",
                "至少要有两个步骤",
                "there must be two steps at least",
            );
            return None;
        }
        Some(Self {
            steps,
            before,
            missing: missing.unwrap_or(Missing::Skipped),
            by_position: by_position.unwrap_or(true),
            scope,
            filled_by,
            waivers,
        })
    }
}

fn read_steps(fields: &Fields<'_, '_>, common: &Common, compiler: &mut Compiler) -> Vec<Step> {
    if fields.lists_tables("steps") {
        let step = |(number, table): (usize, Fields<'_, '_>)| {
            let id = table.string("id").map(|id| id.value);
            let except = table.strings("except");
            let set = phrase_set(&table, "any", &except, common.evasion, compiler);
            if !table.has("any") {
                table.missing::<()>("any");
            }
            let by = table.word("by", By::WORDS).unwrap_or(By::Agent);
            let id = id.unwrap_or_else(|| number.to_string());
            let title = table
                .bilingual("title")
                .unwrap_or_else(|| Bilingual::new(&*id, &*id));
            table.finish();
            Some(Step {
                id,
                title,
                set: set?,
                by,
            })
        };
        return fields
            .tables("steps")
            .into_iter()
            .enumerate()
            .filter_map(step)
            .collect();
    }
    let step = |phrase: At<String>| {
        let spoken = phrase.value.rsplit_once(':').and_then(|(words, by)| {
            let by = By::WORDS.iter().find(|(word, _)| *word == by)?.1;
            Some((words.to_owned(), by))
        });
        let (words, by) = spoken.unwrap_or((phrase.value, By::Agent));
        let at = At {
            value: words.clone(),
            at: phrase.at,
        };
        let set = compiler.set(fields, "steps", &[at], &[], common.evasion)?;
        let id = words.trim_start_matches('@').to_owned();
        Some(Step {
            title: Bilingual::new(&*id, &*id),
            id,
            set,
            by,
        })
    };
    fields
        .strings("steps")
        .into_iter()
        .filter_map(step)
        .collect()
}

fn find_step(fields: &Fields<'_, '_>, steps: &[Step], wanted: &At<String>) -> Option<usize> {
    let name = wanted.value.trim_start_matches('@');
    let by_id = steps.iter().position(|step| step.id == name);
    let found = by_id.or_else(|| name.parse().ok().filter(|number| *number < steps.len()));
    if found.is_none() {
        fields.fault(
            wanted.at,
            "step-unknown",
            "steps",
            format!("没有步骤“{}”；写它的 id，或从 0 数起的序号", wanted.value),
            format!(
                "there is no step `{}`; write its id, or its number counted from 0",
                wanted.value
            ),
        );
    }
    found
}

fn read_waiver(
    table: Fields<'_, '_>,
    steps: &[Step],
    common: &Common,
    compiler: &mut Compiler,
) -> Waiver {
    let step = table
        .label("step")
        .and_then(|step| find_step(&table, steps, &step));
    let by = Givers::read(&table, "given-by");
    let said = phrase_set(&table, "said", &[], common.evasion, compiler);
    let switch = table.string("profile").map(|name| name.value);
    if switch.is_none() && !(table.has("step") && table.has("given-by")) {
        table.fault(
            table.at,
            "waiver-empty",
            "",
            "要写 step 和 given-by，或者 profile",
            "write `step` and `given-by`, or `profile`",
        );
    }
    table.finish();
    Waiver {
        step,
        by,
        said,
        switch,
    }
}

/// Adds what follows: A before B and B before C make A before C.
fn close(before: &mut Vec<(usize, usize)>) {
    loop {
        let known = before.clone();
        for &(first, middle) in &known {
            for &(from, last) in &known {
                if from == middle && !before.contains(&(first, last)) {
                    before.push((first, last));
                }
            }
        }
        if before.len() == known.len() {
            sorted::plain(before);
            return;
        }
    }
}
