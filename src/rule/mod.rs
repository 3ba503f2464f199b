//! Rules: few kinds in code, many rules in data.
//!
//! A [`Rule`] is what a table of a standard says. Its [`Kind`] judges a [`Scene`], which is one
//! conversation prepared once for all rules. What comes out is a [`Verdict`]: findings, and for each
//! agent whether the rule passed, failed, had no occasion or could not be assessed. Judging cannot
//! fail. A pass is never the absence of data: what cannot be judged is *not assessed*.

pub mod compile;
pub mod condition;
pub mod fields;
pub mod line;
pub mod profile;
pub mod scene;

mod after;
mod ask_once;
mod circumstances;
mod common;
mod forbid;
mod givers;
mod order;
mod privacy;
pub mod promise;
mod rate;
mod record;
mod repeat;
pub use record::{Kept, Record, remark, titled};
mod reply;
pub use rate::{ENOUGH, Rate};
pub use reply::{Reply, first_wait, wanting};
pub use why::{guarded, role_title, stage_title};
mod require;
mod why;

use crate::diagnostic::Bilingual;
use crate::report::{Measured, Severity};
use crate::span::Span;
use crate::text::{SetId, Steps};
use crate::transcript::{Channel, SpeakerId};

use compile::Compiler;
use condition::Condition;
use fields::Fields;
use scene::{Scene, Stage};

/// Declares the kinds: the word in the standard, and the module that reads and judges it.
macro_rules! kinds {
    ($($word:literal => $module:ident::$kind:ident),+ $(,)?) => {
        /// What a rule demands.
        #[derive(Clone, Debug)]
        pub enum Kind {
            $(#[doc = concat!("`", $word, "`")] $kind($module::$kind),)+
        }

        impl Kind {
            /// The words of all kinds, in the order in which a report sorts them.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word of this kind.
            pub fn word(&self) -> &'static str {
                match self { $(Self::$kind(_) => $word,)+ }
            }

            /// Reads the fields of a kind; `None` when they are not usable (all mistakes reported).
            pub fn read(word: &str, fields: &Fields<'_, '_>, common: &Common, compiler: &mut Compiler) -> Option<Self> {
                match word {
                    $($word => $module::$kind::read(fields, common, compiler).map(Self::$kind),)+
                    _ => None,
                }
            }

            fn judge(&self, rule: &Rule, scene: &Scene<'_>, verdict: &mut Verdict) {
                match self { $(Self::$kind(kind) => kind.judge(rule, scene, verdict),)+ }
            }
        }
    };
}

kinds! {
    "forbid" => forbid::Forbid,
    "require" => require::Require,
    "reply" => reply::Reply,
    "after" => after::After,
    "order" => order::Order,
    "ask-once" => ask_once::AskOnce,
    "repeat" => repeat::Repeat,
    "rate" => rate::Rate,
    "privacy" => privacy::Privacy,
    "promise" => promise::Promise,
    "record" => record::Record,
}

pub use crate::report::Origin as Source;

/// Whose words a rule judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// People of the shop.
    Agent,
    /// Robots.
    Bot,
    /// Customers.
    Customer,
}

/// Who answers for a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Responsible {
    /// Who spoke.
    Speaker,
    /// Who had the customer when the reply fell due; nobody: the team.
    Owed,
    /// The first agent of the conversation.
    FirstAgent,
    /// The team.
    Team,
}

/// Who a finding is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// An agent.
    Agent(SpeakerId),
    /// Nobody in particular.
    Team,
}

/// A step of a rule whose cost depends on how far a limit is exceeded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tier {
    /// Beyond this many seconds.
    pub over: f64,
    /// How grave.
    pub severity: Severity,
    /// What it costs.
    pub points: f64,
}

/// A heavier severity under a condition.
#[derive(Clone, Debug)]
pub struct Raise {
    /// The severity then.
    pub to: Severity,
    /// When.
    pub when: Vec<Condition>,
}

/// The fields that every rule has.
#[derive(Clone, Debug)]
pub struct Common {
    /// Its id, without the standard.
    pub id: String,
    /// The requirement, in our words.
    pub title: Bilingual,
    /// Catalogue ids, the main one first.
    pub clauses: Vec<String>,
    /// Where it comes from.
    pub source: Source,
    /// Fields whose value is ours though the clause is the source's.
    pub ours: Vec<String>,
    /// Whether a limit that decides is ours.
    pub own_limit: bool,
    /// How grave a breach is.
    pub severity: Severity,
    /// Index of the dimension it counts in.
    pub dimension: usize,
    /// What a breach costs; absent: by severity.
    pub points: Option<f64>,
    /// Whose words it judges.
    pub role: Whose,
    /// Only in these channels; empty: all.
    pub channels: Vec<Channel>,
    /// Only in these stages; empty: all.
    pub stages: Vec<Stage>,
    /// Which disguises are looked through.
    pub evasion: Steps,
    /// Whether hits must stand on word boundaries.
    pub boundary: bool,
    /// Which meaning guards apply.
    pub guards: Guards,
    /// It applies when one of these holds; empty: always.
    pub when: Vec<Condition>,
    /// It does not apply when one of these holds.
    pub unless: Vec<Condition>,
    /// How many findings of a conversation cost points.
    pub max_per_conversation: usize,
    /// Who answers for it.
    pub responsible: Responsible,
    /// Findings of one group about one fact cost only the gravest.
    pub charge_group: Option<String>,
    /// Points count only when the agent's share of passes is below this.
    pub soft: Option<f64>,
    /// Steps by the size of the excess.
    pub tiers: Vec<Tier>,
    /// A heavier severity under a condition.
    pub raise: Option<Raise>,
    /// A better sentence.
    pub advice: Option<Bilingual>,
}

/// Which meaning guards a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guards {
    /// A negated hit does not count.
    pub negation: bool,
    /// A quoted or reported hit does not count.
    pub quotation: bool,
}

impl Guards {
    /// Both.
    pub const ALL: Self = Self {
        negation: true,
        quotation: true,
    };
    /// None.
    pub const NONE: Self = Self {
        negation: false,
        quotation: false,
    };
}

/// One rule of a compiled standard.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `standard/id`: how reports cite it.
    pub name: String,
    /// The fields every rule has.
    pub common: Common,
    /// What it demands.
    pub kind: Kind,
    /// Examples it must flag and must allow.
    pub examples: Vec<Example>,
    /// Its phrases by the dotted name of their field; none in a browser.
    pub phrases: Vec<(String, SetId)>,
}

/// One example of a rule, kept as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The sentence or dialogue.
    pub text: String,
    /// Whether the rule must find something in it.
    pub flagged: bool,
    /// Byte offset in the standard's text.
    pub at: usize,
}

impl Rule {
    /// What a breach of this severity, measured so, costs before caps.
    pub fn points(&self, severity: Severity, measured: Option<&Measured>) -> f64 {
        if let Some(tier) = self.tier(measured.and_then(|m| m.seconds)) {
            return tier.points;
        }
        match self.common.points {
            Some(points) if severity == self.common.severity => points,
            _ => severity_points(severity),
        }
    }

    /// The tier that many seconds fall in.
    pub fn tier(&self, seconds: Option<f64>) -> Option<&Tier> {
        let seconds = seconds?;
        self.common
            .tiers
            .iter()
            .rev()
            .find(|tier| seconds > tier.over)
    }

    /// Judges a conversation.
    pub fn judge(&self, scene: &Scene<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        self.kind.judge(self, scene, &mut verdict);
        self.mark_own_limit(scene, &mut verdict);
        verdict
    }
}

impl Rule {
    /// Says of every finding that the limit behind it is ours, unless the shop set one of its own.
    fn mark_own_limit(&self, scene: &Scene<'_>, verdict: &mut Verdict) {
        let is_shops = matches!(&self.kind, Kind::Reply(reply) if reply.is_set_by(&scene.profile));
        if !self.common.own_limit || is_shops {
            return;
        }
        for finding in &mut verdict.findings {
            finding.why.push(own_limit());
        }
    }
}

/// Said of a finding whose limit the source does not state.
pub fn own_limit() -> Bilingual {
    Bilingual::new(
        "判定所用的时限或数目为本工具所定，来源未写明",
        "the limit applied is ours; the source states none",
    )
}

/// What a breach costs when the rule does not say. A critical one costs what a major one costs until
/// a person has confirmed it.
pub fn severity_points(severity: Severity) -> f64 {
    match severity {
        Severity::Critical | Severity::Major => 10.0,
        Severity::Minor => 5.0,
        Severity::Hint => 1.0,
    }
}

/// A breach, in the crate's own terms: indices of messages, byte spans.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Who it is charged to.
    pub owner: Owner,
    /// Index of the message.
    pub message: usize,
    /// Indices of the other messages it rests on.
    pub related: Vec<usize>,
    /// Where in the message; absent when something is missing.
    pub span: Option<Span>,
    /// How grave.
    pub severity: Severity,
    /// What was measured.
    pub measured: Option<Measured>,
    /// The reasons.
    pub why: Vec<Bilingual>,
    /// The wait it is about, by its index in [`Scene::waits`].
    pub wait: Option<usize>,
}

/// How a rule came out for one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was an occasion, and nothing was wrong.
    Passed,
    /// Something was wrong.
    Failed,
    /// There was an occasion that could not be judged, for this reason.
    NotAssessed(Bilingual),
}

/// Everything one rule says of one conversation. An agent without an entry had no occasion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// The breaches.
    pub findings: Vec<Finding>,
    /// One entry for each occasion.
    pub outcomes: Vec<(Owner, Outcome)>,
    /// Occasions that only count over all conversations of an agent, and whether each was kept.
    pub counted: Vec<(Owner, bool)>,
}

impl Verdict {
    /// An occasion at which nothing was wrong.
    pub fn pass(&mut self, owner: Owner) {
        self.outcomes.push((owner, Outcome::Passed));
    }

    /// An occasion at which something was wrong.
    pub fn fail(&mut self, finding: Finding) {
        self.outcomes.push((finding.owner, Outcome::Failed));
        self.findings.push(finding);
    }

    /// An occasion that could not be judged.
    pub fn not_assessed(&mut self, owner: Owner, reason: Bilingual) {
        self.outcomes.push((owner, Outcome::NotAssessed(reason)));
    }

    /// A speaker in whose messages nothing was found, unless none of them can be read.
    pub(crate) fn heard(&mut self, owner: Owner, only_unread: bool) {
        if only_unread {
            self.not_assessed(
                owner,
                Bilingual::new(
                    "消息内容不可见，无法判断",
                    "the messages cannot be read, so nothing can be judged",
                ),
            );
        } else {
            self.pass(owner);
        }
    }

    /// How the rule came out for `owner`: failed before passed before not assessed; `None` is not
    /// applicable.
    pub fn outcome(&self, owner: Owner) -> Option<&Outcome> {
        let of_owner = || {
            self.outcomes
                .iter()
                .filter(|(who, _)| *who == owner)
                .map(|(_, outcome)| outcome)
        };
        of_owner()
            .find(|outcome| **outcome == Outcome::Failed)
            .or_else(|| of_owner().find(|outcome| **outcome == Outcome::Passed))
            .or_else(|| of_owner().next())
    }

    /// The share of occasions passed, as (passed, judged).
    pub fn share(&self, owner: Owner) -> (usize, usize) {
        let of_owner = self.outcomes.iter().filter(|(who, _)| *who == owner);
        of_owner.fold((0, 0), |(passed, judged), (_, outcome)| match outcome {
            Outcome::Passed => (passed + 1, judged + 1),
            Outcome::Failed => (passed, judged + 1),
            Outcome::NotAssessed(_) => (passed, judged),
        })
    }
}

/// Why nothing could be measured: a timestamp is missing.
pub(crate) fn time_missing() -> Bilingual {
    Bilingual::new(
        "缺少时间，无法计时",
        "a timestamp is missing, so nothing can be measured",
    )
}
