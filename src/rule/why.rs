//! Sentences for whoever asks why a rule found nothing.
//!
//! Nothing here judges: everything is asked again, in the order in which a rule asks it, once somebody
//! wants to know.

use crate::diagnostic::Bilingual;
use crate::text::{Match, negated, quoted};
use crate::transcript::Role;

use super::Guards;
use super::scene::{Scene, Stage};

/// What takes a hit back, with the words that justify it: a negation, a quotation, a word boundary.
pub fn guarded(
    scene: &Scene<'_>,
    index: usize,
    hit: &Match,
    guards: Guards,
    boundary: bool,
) -> Option<Bilingual> {
    let (plain, number) = (scene.plain(index), scene.message(index).position);
    let words = hit.span.of(&scene.message(index).text);
    if guards.negation
        && let Some(by) = negated(plain, hit.plain)
    {
        let by = by.of(plain);
        return Some(Bilingual::new(
            format!("#{number} 的“{words}”被“{by}”否定"),
            format!("“{words}” in #{number} is negated by “{by}”"),
        ));
    }
    if guards.quotation
        && let Some(by) = quoted(plain, hit.plain)
    {
        let by = by.of(plain);
        return Some(Bilingual::new(
            format!("#{number} 的“{words}”是引用或转述：“{by}”"),
            format!("“{words}” in #{number} is quoted or reported: “{by}”"),
        ));
    }
    let on_boundary = !boundary
        || scene
            .hits(index, &[hit.set], Guards::NONE, true)
            .any(|found| found.plain == hit.plain);
    (!on_boundary).then(|| {
        Bilingual::new(
            format!("#{number} 的“{words}”不在词的边界上"),
            format!("“{words}” in #{number} does not stand on word boundaries"),
        )
    })
}

/// A message is in a stage that is not asked for.
pub fn wrong_stage(stage: Stage, wanted: &[Stage]) -> Bilingual {
    let all: Vec<Bilingual> = wanted.iter().map(|stage| stage_title(*stage)).collect();
    let zh: Vec<&str> = all.iter().map(|name| name.zh.as_str()).collect();
    let en: Vec<&str> = all.iter().map(|name| name.en.as_str()).collect();
    let is = stage_title(stage);
    Bilingual::new(
        format!("处在{}阶段，规则只看{}", is.zh, zh.join("、")),
        format!(
            "in the stage {}, the rule looks at {}",
            is.en,
            en.join(", ")
        ),
    )
}

/// What people call a stage.
pub fn stage_title(stage: Stage) -> Bilingual {
    match stage {
        Stage::Presale => Bilingual::new("售前", "before the sale"),
        Stage::Sale => Bilingual::new("售中", "during the sale"),
        Stage::Aftersale => Bilingual::new("售后", "after the sale"),
    }
}

/// What people call a role.
pub fn role_title(role: Role) -> Bilingual {
    match role {
        Role::Customer => Bilingual::new("客户", "the customer"),
        Role::Agent => Bilingual::new("客服", "an agent"),
        Role::Bot => Bilingual::new("机器人", "a bot"),
        Role::System => Bilingual::new("系统", "the platform"),
        Role::Supervisor => Bilingual::new("主管", "a supervisor"),
    }
}
