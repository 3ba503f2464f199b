//! `privacy`: no personal data is given away (`leak`) or asked for (`harvest`).
//!
//! The thing to get right: what people write in chats is mostly their own. A datum that the customer or
//! a card of the platform wrote before is an echo, the shop's own numbers are public, and a name or an
//! address by itself says nothing about anybody. Reports never show the datum: quotations are masked
//! where findings become report, and `why` holds only what [`Datum::mask`] leaves.

use std::collections::BTreeMap;

use crate::diagnostic::Bilingual;
use crate::sorted;
use crate::span::Span;
use crate::text::{Datum, Folded, SetId, personal, quoted};
use crate::transcript::Role;

use super::common::Reach;
use super::compile::Compiler;
use super::condition::{letters, phrase_set};
use super::fields::Fields;
use super::scene::{Scene, is_readable};
use super::{Common, Finding, Owner, Rule, Verdict, Whose};

/// Personal data that must not be written, or asked for.
#[derive(Clone, Debug)]
pub struct Privacy {
    any: Option<SetId>,
    detect: Vec<Datum>,
    own_echo: bool,
}

impl Privacy {
    /// Reads the fields of this kind.
    pub fn read(fields: &Fields<'_, '_>, common: &Common, compiler: &mut Compiler) -> Option<Self> {
        let leak = fields
            .word("mode", &[("leak", true), ("harvest", false)])
            .unwrap_or(true);
        let except = fields.strings("except");
        let any = phrase_set(fields, "any", &except, common.evasion, compiler);
        let mut detect = fields.words("detect", Datum::WORDS);
        if !leak && !detect.is_empty() {
            fields.fault(
                fields.at,
                "field-useless",
                "detect",
                "索取靠 any 里的说法判断，detect 只用于 mode = \"leak\"",
                "asking is told by the phrases of `any`; `detect` is for `mode = \"leak\"`",
            );
        }
        if !fields.has("any") && (!leak || !fields.has("detect")) {
            fields.missing::<()>(if leak { "detect" } else { "any" });
        }
        sorted::plain(&mut detect);
        detect.dedup();
        Some(Self {
            any,
            detect,
            own_echo: fields.boolean("own-echo").unwrap_or(true),
        })
    }

    /// What a quotation of this rule must not show, besides what none may.
    pub fn hidden(&self) -> Vec<Datum> {
        let mut hidden = Datum::CERTAIN.to_vec();
        hidden.extend(&self.detect);
        hidden
    }

    /// Judges every message of the rule's role.
    pub fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
        let common = &rule.common;
        let everywhere = common.reach(scene) == Reach::Everywhere;
        let mut unread: Vec<(Owner, bool)> = Vec::new();
        let mut found = (Vec::new(), Known::default());
        for &index in scene.spoken_by(common.role) {
            if !everywhere && !common.in_scope(scene, index) {
                continue;
            }
            let message = scene.message(index);
            let owner = Owner::Agent(message.speaker);
            let readable = is_readable(message);
            if readable && !common.wanted(scene, index) {
                continue;
            }
            match unread.iter_mut().find(|(known, _)| *known == owner) {
                Some((_, only_unread)) => *only_unread &= !readable,
                None => unread.push((owner, !readable)),
            }
            if readable && let Some(finding) = self.in_message(rule, scene, index, &mut found) {
                verdict.fail(finding);
            }
        }
        sorted::by_key(&mut unread, |(owner, _)| *owner);
        for (owner, only_unread) in unread {
            verdict.heard(owner, only_unread);
        }
    }

    fn in_message(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        index: usize,
        (found, known): &mut (Vec<(Datum, Span)>, Known),
    ) -> Option<Finding> {
        let common = &rule.common;
        let plain = scene.plain(index);
        found.clear();
        if !self.detect.is_empty() && !scene.line(index).is_impersonal() {
            personal(plain, &self.detect, found);
            found.retain(|(datum, span)| self.leaks(rule, scene, (index, *datum, *span), known));
            let company = found.len() > 1 && found.iter().any(|(datum, _)| *datum != found[0].0);
            if !company {
                found.retain(|(datum, _)| {
                    let alone = matches!(datum, Datum::Person | Datum::Address);
                    if alone {
                        scene.note(index, || {
                            Bilingual::new(
                                "只有姓名或地址，不指向任何人",
                                "a name or an address alone says nothing about anybody",
                            )
                        });
                    }
                    !alone
                });
            }
        }
        let said = self.any.and_then(|set| {
            scene
                .hits(index, &[set], common.guards, common.boundary)
                .next()
                .copied()
        });
        if (found.is_empty() && said.is_none()) || common.excused(scene, index) {
            return None;
        }
        let message = scene.message(index);
        let mut span = said.map(|hit| hit.span);
        let mut zh = Vec::new();
        let mut en = Vec::new();
        if !found.is_empty() {
            let folded = Folded::new(&message.text);
            for (datum, plain) in found.iter() {
                let original = folded.original(*plain);
                let shown = datum.mask(original.of(&message.text));
                let title = datum.title();
                zh.push([title.0, " ", &shown].concat());
                en.push([title.1, " ", &shown].concat());
                span = Some(span.map_or(original, |span| span.union(original)));
            }
        }
        let mut why = Vec::new();
        if zh.is_empty() {
            let words = said.map_or("", |hit| hit.span.of(&message.text));
            why.push(Bilingual::new(
                format!("说了“{words}”：{}", common.title.zh),
                format!("said “{words}”: {}", common.title.en),
            ));
        } else {
            why.push(Bilingual::new(
                format!("写出了{}：{}", zh.join("、"), common.title.zh),
                format!("wrote {}: {}", en.join(", "), common.title.en),
            ));
            if self.own_echo {
                why.push(Bilingual::new(
                    "此前客户没有写过，平台卡片上也没有",
                    "neither the customer nor a card of the platform had written it before",
                ));
            }
        }
        let severity = common.severity_at(scene, index, &mut why);
        let speaker = (common.role == Whose::Agent).then_some(message.speaker);
        Some(Finding {
            owner: scene.owner(common.responsible, index, speaker),
            message: index,
            related: Vec::new(),
            span,
            severity,
            measured: None,
            why,
            wait: None,
        })
    }

    /// Whether a datum is somebody's, and not known here already.
    fn leaks(
        &self,
        rule: &Rule,
        scene: &Scene<'_>,
        (index, datum, span): (usize, Datum, Span),
        known: &mut Known,
    ) -> bool {
        let plain = scene.plain(index);
        let value = bare(span.of(plain));
        let reject = |zh: &str, en: &str| {
            scene.note(index, || Bilingual::new(zh, en));
            false
        };
        if rule.common.guards.quotation && quoted(plain, span).is_some() {
            return reject("在引用别人的话", "quoted from somebody else");
        }
        // +86 and the like may stand on one side only.
        let same = |own: &str| {
            let own = bare(Folded::new(own).plain());
            !own.is_empty() && (value.ends_with(&own) || own.ends_with(&value))
        };
        if scene.profile.phones.iter().any(|own| same(own)) {
            return reject("是店铺自己的联系方式", "the shop's own");
        }
        if self.own_echo && known.holds(scene, index, datum, &value) {
            return reject(
                "客户或平台此前写过",
                "written before by the customer or the platform",
            );
        }
        true
    }
}

/// What customers and the platform wrote, read once: a shop that gives away ten thousand numbers would
/// otherwise have it read as often.
#[derive(Default)]
struct Known {
    texts: Option<Vec<(usize, String)>>,
    /// By length: every piece of so many ASCII letters and digits, and where it was written first.
    pieces: BTreeMap<usize, BTreeMap<String, usize>>,
}

impl Known {
    /// Whether a value was written before a message.
    fn holds(&mut self, scene: &Scene<'_>, index: usize, datum: Datum, value: &str) -> bool {
        let texts = self.texts.get_or_insert_with(|| {
            (0..scene.transcript.messages.len())
                .filter(|at| matches!(scene.message(*at).role, Role::Customer | Role::System))
                .map(|at| (at, bare(scene.plain(at))))
                .collect()
        });
        if value.is_ascii() && !value.is_empty() {
            let mut piece = |wanted: &str| {
                let pieces = self.pieces.entry(wanted.len()).or_insert_with(|| {
                    let mut pieces = BTreeMap::new();
                    for (at, text) in texts.iter() {
                        for run in text.split(|c: char| !c.is_ascii()) {
                            for from in 0..(run.len() + 1).saturating_sub(wanted.len()) {
                                let piece = run[from..from + wanted.len()].to_owned();
                                pieces.entry(piece).or_insert(*at);
                            }
                        }
                    }
                    pieces
                });
                pieces.get(wanted).is_some_and(|at| *at < index)
            };
            // A mobile number is the same but for its country code.
            let national = (datum == Datum::Mobile)
                .then(|| value.len().checked_sub(11).and_then(|at| value.get(at..)))
                .flatten();
            return piece(value) || national.is_some_and(piece);
        }
        // 张先生 is an echo of 我叫张三; what the customer is called by any name is known.
        let first = value
            .chars()
            .next()
            .filter(|_| datum == Datum::Person && value.ends_with(['生', '士', '姐', '太']));
        texts
            .iter()
            .take_while(|(at, _)| *at < index)
            .any(|(_, text)| text.contains(value) || first.is_some_and(|c| text.contains(c)))
    }
}

/// A text without anything but letters and digits.
fn bare(plain: &str) -> String {
    letters(plain).collect()
}
