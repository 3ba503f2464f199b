//! From the text of a standard to its rules: every mistake at its place, none hidden by another.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Bilingual, Diagnostic};
use crate::metric::seconds;
use crate::report::{Band, Dimension, Severity};
use crate::rule::compile::{Compiler, Lexicon};
use crate::rule::condition::{By, Condition, STAGES, WHOSE, phrase_set, read_fold, read_guards};
use crate::rule::fields::{At, Fields, Source};
use crate::rule::promise::PromiseWords;
use crate::rule::scene::{EventPattern, Reading, StagePattern};
use crate::rule::{
    Common, Example, Guards, Kind, Raise, Responsible, Rule, Source as Origin, Tier, Whose,
    severity_points,
};
use crate::sorted;
use crate::text::{Spellings, Steps};
use crate::transcript::{Channel, Role};

use super::built_in::{BuiltIn, Shared};
use super::metrics;
use super::{Observer, Place, Standard};

const SCHEMA: &str = "zhijian-standard/1";

const ORIGINS: &[(&str, Origin)] = &[("seed", Origin::Seed), ("ours", Origin::Ours)];

const SEVERITIES: &[(&str, Severity)] = &[
    ("critical", Severity::Critical),
    ("major", Severity::Major),
    ("minor", Severity::Minor),
    ("hint", Severity::Hint),
];

const CHANNELS: &[(&str, Channel)] = &[
    ("chat", Channel::Chat),
    ("phone", Channel::Phone),
    ("email", Channel::Email),
    ("other", Channel::Other),
];

const ROLES: &[(&str, Role)] = &[
    ("customer", Role::Customer),
    ("agent", Role::Agent),
    ("bot", Role::Bot),
    ("system", Role::System),
    ("supervisor", Role::Supervisor),
];

/// How closely a standard is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Rules, not what they look for.
    Outline,
    /// What rules need to judge; nothing is observed.
    Rules,
    /// Everything that is used.
    Used,
    /// Lexicons that nothing uses as well.
    Whole,
}

/// Compiles a standard with the shared lexicons, events, observations, metrics and house clauses.
pub fn compile(text: &str, file: &str) -> Result<Standard, Vec<Diagnostic>> {
    read(text, file, Depth::Whole)
}

/// Compiles what rules need to judge: a standard that observes nothing. For whoever tries many variants
/// of a rule.
pub fn compile_rules(text: &str, file: &str) -> Result<Standard, Vec<Diagnostic>> {
    read(text, file, Depth::Rules)
}

/// Compiles a built-in standard, whose lexicons are known to hold no mistake.
pub fn compile_built_in(known: &BuiltIn) -> Result<Standard, Vec<Diagnostic>> {
    read(known.text(), &known.file(), Depth::Used)
}

/// A built-in standard for a list: all that it says of itself and of its rules, but without phrases, so
/// that it can judge nothing.
pub fn outline(known: &BuiltIn) -> Result<Standard, Vec<Diagnostic>> {
    read(known.text(), &known.file(), Depth::Outline)
}

/// Refuses what shows as something else than it says.
fn marks_of_direction(text: &str, source: &Source<'_>) {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    for (at, mark) in text.match_indices(turns) {
        let code = mark.chars().next().map_or(0, u32::from);
        source.fault(
            at,
            "direction-mark",
            "",
            format!("这里有看不见的文字方向标记（U+{code:04X}），显示的内容与实际不一致；请删去，确要查找它时写成 \\u{code:04X}"),
            format!("here is a mark of direction that nobody sees (U+{code:04X}): the text shows as something else than it says. Take it out; to look for it, write \\u{code:04X}"),
        );
    }
}

fn read(text: &str, file: &str, depth: Depth) -> Result<Standard, Vec<Diagnostic>> {
    let source = Source::new(file, text);
    let table = source.parse();
    let fields = Fields::new(&table, 0, &source, "");
    let mut faults = Vec::new();
    if depth == Depth::Whole {
        marks_of_direction(text, &source);
    }

    let lexicons = match depth {
        Depth::Outline => "",
        Depth::Rules | Depth::Used | Depth::Whole => Shared::Lexicons.text(),
    };
    let shared_source = Source::new(Shared::Lexicons.file(), lexicons);
    let shared_table = shared_source.parse();
    let shared_fields = Fields::new(&shared_table, 0, &shared_source, "");
    let house_source = Source::new(Shared::House.file(), Shared::House.text());
    let house_table = house_source.parse();
    let house_fields = Fields::new(&house_table, 0, &house_source, "");
    // A standard's own lexicon wins over the shared one of the same name.
    let mut lexicons = BTreeMap::new();
    let mut places: BTreeMap<String, (&Source<'_>, Vec<usize>)> = BTreeMap::new();
    for from in [&shared_fields, &house_fields, &fields] {
        for (name, lexicon, at) in read_lexicons(from) {
            places.insert(name.clone(), (from.source(), at));
            lexicons.insert(name, lexicon);
        }
    }
    let mut spellings = Spellings::default();
    for from in [&shared_fields, &house_fields, &fields] {
        read_spellings(from, &mut spellings);
    }
    shared_fields.finish();
    let mut compiler = match depth {
        Depth::Outline => Compiler::outline(),
        Depth::Rules | Depth::Used | Depth::Whole => Compiler::new(lexicons, spellings),
    };
    compiler.metrics = metrics::read(&mut faults);
    let lexicon_faults = match depth {
        Depth::Whole => compiler.lexicon_faults(),
        Depth::Outline | Depth::Rules | Depth::Used => Vec::new(),
    };
    for (name, index, error) in lexicon_faults {
        if let Some((source, at)) = places.get(&name) {
            let at = at.get(index).copied().unwrap_or_default();
            let field = format!("lexicons.{name}");
            source.fault(
                at,
                "phrase-invalid",
                &field,
                error.message.zh,
                error.message.en,
            );
        }
    }

    let schema = fields.require_string("schema");
    if let Some(schema) = schema.filter(|schema| schema.value != SCHEMA) {
        fields.fault(
            schema.at,
            "schema-unknown",
            "schema",
            format!("这个版本只读 {SCHEMA}，这里是“{}”", schema.value),
            format!("this version reads {SCHEMA}, this is `{}`", schema.value),
        );
    }
    let id = fields.require_string("id");
    if let Some(id) = id.as_ref().filter(|id| !is_kebab(&id.value)) {
        not_kebab(&fields, id, "id");
    }
    let version = fields.require_string("version");
    let title = fields.require_bilingual("title");
    let aliases: Vec<String> = fields
        .strings("aliases")
        .into_iter()
        .map(|alias| alias.value)
        .collect();
    let session_gap = fields.duration("session-gap").unwrap_or(3_600_000);
    let dimensions = read_dimensions(&fields);
    let bands = read_bands(&fields);
    let standard_id = id.as_ref().map_or("", |id| id.value.as_str()).to_owned();

    let context = Context {
        standard: &standard_id,
        dimensions: &dimensions,
        house: None,
    };
    let mut rules = read_rules(&fields, &context, &mut compiler);

    if let Some(house) = fields.table("house") {
        let map = house.table("dimensions").map(|table| {
            let named = table.named_strings().into_iter();
            let pairs: BTreeMap<String, usize> =
                sorted::gathered(named.filter_map(|(name, value)| {
                    let value = value.into_iter().next()?;
                    Some((name.value, find_dimension(&table, &value, &dimensions)?))
                }));
            pairs
        });
        let off = house.strings("off").into_iter();
        let off: BTreeSet<String> = sorted::gathered(off.map(|clause| clause.value));
        if map.is_none() {
            house.missing::<()>("dimensions");
        }
        house.finish();
        if let Some(map) = map {
            let context = Context {
                standard: "house",
                dimensions: &dimensions,
                house: Some((&map, &off)),
            };
            rules.extend(read_rules(&house_fields, &context, &mut compiler));
        }
    }
    let reading = read_events(&mut compiler, session_gap, &mut faults);
    let observers = match depth {
        Depth::Used | Depth::Whole => read_observers(&mut compiler, &mut faults),
        Depth::Outline | Depth::Rules => Vec::new(),
    };
    let metrics = metrics::reported(&fields, &compiler);
    fields.finish();

    faults.extend(shared_source.into_faults());
    faults.extend(house_source.into_faults());
    let mut own = source.into_faults();
    own.extend(faults);
    if !own.is_empty() {
        return Err(own);
    }
    let (Some(id), Some(version), Some(title)) = (id, version, title) else {
        return Err(own);
    };
    Ok(Standard {
        id: id.value,
        aliases,
        version: version.value,
        title,
        sha256: super::sha256_hex(text),
        dimensions,
        bands,
        rules,
        metrics,
        observers,
        reading,
        phrases: compiler.into_builder().build(),
    })
}

/// What rules are read against.
struct Context<'a> {
    standard: &'a str,
    dimensions: &'a [Dimension],
    /// For house clauses: their dimensions in this standard, and the clauses switched off.
    house: Option<(&'a BTreeMap<String, usize>, &'a BTreeSet<String>)>,
}

/// The lexicons of a file: name, phrases, and where each phrase stands.
fn read_lexicons(fields: &Fields<'_, '_>) -> Vec<(String, Lexicon, Vec<usize>)> {
    let Some(table) = fields.table("lexicons") else {
        return Vec::new();
    };
    table
        .named_tables()
        .into_iter()
        .map(|(name, entry)| {
            if !is_kebab(&name.value) {
                not_kebab(&table, &name, &name.value);
            }
            let phrases = entry.strings("phrases");
            let except = entry.strings("except");
            entry.finish();
            let at = phrases.iter().map(|phrase| phrase.at).collect();
            let words = |list: Vec<At<String>>| list.into_iter().map(|word| word.value).collect();
            (
                name.value,
                Lexicon {
                    phrases: words(phrases),
                    except: words(except),
                },
                at,
            )
        })
        .collect()
}

/// How the characters of a file's phrases are spelled otherwise.
fn read_spellings(fields: &Fields<'_, '_>, spellings: &mut Spellings) {
    if let Some(table) = fields.table("spellings") {
        for (key, add) in [
            ("pinyin", Spellings::readings as fn(&mut Spellings, &str)),
            ("words", Spellings::words),
            ("split", Spellings::split),
            ("emoji", Spellings::emoji),
        ] {
            for text in table.strings(key) {
                add(spellings, &text.value);
            }
        }
        table.finish();
    }
}

fn read_dimensions(fields: &Fields<'_, '_>) -> Vec<Dimension> {
    let mut dimensions: Vec<Dimension> = Vec::new();
    let tables = fields.tables("dimensions");
    if tables.is_empty() {
        fields.missing::<()>("dimensions");
    }
    let first = tables.first().map(|table| table.place_of("weight"));
    for table in tables {
        let id = table.require_string("id");
        let title = table.require_bilingual("title");
        let weight = table.number("weight");
        if weight.is_none() && !table.has("weight") {
            table.missing::<()>("weight");
        }
        // Where the weight comes from is for readers; scoring does not ask.
        let source = table.word("source", ORIGINS).unwrap_or(Origin::Seed);
        if let Some(twice) = id
            .as_ref()
            .filter(|id| dimensions.iter().any(|d| d.id == id.value))
        {
            duplicate(&table, twice, "id");
        }
        table.finish();
        // Kept even when it has a mistake, so that one mistake does not become many: every rule that
        // names it would be told that it does not exist.
        if let Some(id) = id {
            dimensions.push(Dimension {
                id: id.value,
                title: title.unwrap_or_default(),
                weight: weight.unwrap_or_default(),
                source,
            });
        }
    }
    let is_weightless = dimensions.iter().all(|dimension| dimension.weight == 0.0);
    if let Some(at) = first
        && is_weightless
        && fields.source().is_clean()
    {
        fields.fault(
            at,
            "number-range",
            "dimensions",
            "维度的权重加起来是 0，算不出总分",
            "the weights of the dimensions add up to 0, so that there is no total",
        );
    }
    dimensions
}

fn read_bands(fields: &Fields<'_, '_>) -> Vec<Band> {
    let mut bands: Vec<Band> = fields
        .tables("bands")
        .into_iter()
        .filter_map(|table| {
            let id = table.require_string("id");
            let title = table.require_bilingual("title");
            let from = table.number("from");
            if from.is_none() && !table.has("from") {
                table.missing::<()>("from");
            }
            table.word("source", &[("seed", ()), ("ours", ())]);
            table.finish();
            Some(Band {
                id: id?.value,
                title: title?,
                from: from?,
            })
        })
        .collect();
    if bands.is_empty() {
        let band = |id: &str, zh: &str, en: &str, from| Band {
            id: id.to_owned(),
            title: Bilingual::new(zh, en),
            from,
        };
        bands = vec![
            band("excellent", "优秀", "excellent", 90.0),
            band("good", "良好", "good", 80.0),
            band("pass", "合格", "pass", 60.0),
            band("fail", "不合格", "fail", 0.0),
        ];
    }
    sorted::by(&mut bands, |a, b| b.from.total_cmp(&a.from));
    bands
}

fn read_rules(
    fields: &Fields<'_, '_>,
    context: &Context<'_>,
    compiler: &mut Compiler,
) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let Some(kinds) = fields.table("rules") else {
        fields.missing::<()>("rules");
        return rules;
    };
    for word in Kind::WORDS {
        for table in kinds.tables(word) {
            let twice = table
                .string("id")
                .filter(|id| rules.iter().any(|rule| rule.common.id == id.value));
            if let Some(twice) = twice {
                duplicate(&table, &twice, "id");
            }
            if let Some(rule) = read_rule(word, table, context, compiler) {
                rules.push(rule);
            }
        }
    }
    for rule in &rules {
        if let Kind::Rate(rate) = &rule.kind
            && let Some(of) = rate.of()
            && !rules.iter().any(|other| other.common.id == of.value)
        {
            kinds.fault(
                of.at,
                "rule-unknown",
                "of",
                format!("没有规则“{}”", of.value),
                format!("there is no rule `{}`", of.value),
            );
        }
    }
    kinds.finish();
    rules
}

fn read_rule(
    word: &'static str,
    fields: Fields<'_, '_>,
    context: &Context<'_>,
    compiler: &mut Compiler,
) -> Option<Rule> {
    compiler.take_made();
    let id = fields.require_string("id");
    if let Some(id) = &id {
        if !is_kebab(&id.value) {
            not_kebab(&fields, id, "id");
        } else if !id.value.starts_with(word) {
            fields.fault(
                id.at,
                "rule-id-verb",
                "id",
                format!("“{}”应以“{word}-”开头", id.value),
                format!("`{}` must begin with `{word}-`", id.value),
            );
        }
    }
    let title = fields.require_bilingual("title");
    let clauses: Vec<String> = fields
        .strings("clauses")
        .into_iter()
        .map(|clause| clause.value)
        .collect();
    if clauses.is_empty() {
        fields.missing::<()>("clauses");
    }
    let source = fields.word("source", ORIGINS).unwrap_or(Origin::Seed);
    let ours = read_ours(&fields);
    let own_limit = LIMITS.iter().any(|limit| {
        fields.has(limit) && (source == Origin::Ours || ours.iter().any(|name| name == limit))
    });
    let severity = fields.word("severity", SEVERITIES);
    if severity.is_none() && !fields.has("severity") {
        fields.missing::<()>("severity");
    }
    let dimension = read_dimension(&fields, context);
    let evasion = read_fold(&fields);
    // What is blamed for its words is blamed only where it means them.
    let default_guards = if matches!(word, "forbid" | "order" | "ask-once" | "repeat" | "privacy") {
        Guards::ALL
    } else {
        Guards::NONE
    };
    let common = Common {
        id: id.as_ref().map_or_else(String::new, |id| id.value.clone()),
        title: title.clone().unwrap_or_default(),
        clauses,
        source,
        ours,
        own_limit,
        severity: severity.unwrap_or(Severity::Hint),
        dimension: dimension.unwrap_or_default(),
        points: read_points(&fields),
        role: fields.word("role", WHOSE).unwrap_or(Whose::Agent),
        channels: fields.words("channel", CHANNELS),
        stages: fields.words("stage", STAGES),
        evasion,
        boundary: fields.boolean("boundary").unwrap_or(false),
        guards: read_guards(&fields, default_guards),
        when: Condition::read_all(&fields, "when", compiler),
        unless: Condition::read_all(&fields, "unless", compiler),
        max_per_conversation: fields.count("max-per-conversation").unwrap_or(2),
        responsible: fields
            .word(
                "owner",
                &[
                    ("speaker", Responsible::Speaker),
                    ("owed", Responsible::Owed),
                    ("first-agent", Responsible::FirstAgent),
                    ("team", Responsible::Team),
                ],
            )
            .unwrap_or(Responsible::Speaker),
        charge_group: fields.string("charge-group").map(|group| group.value),
        soft: read_soft(&fields),
        tiers: read_tiers(&fields),
        raise: read_raise(&fields, compiler),
        advice: fields.bilingual("advice"),
    };
    let kind = Kind::read(word, &fields, &common, compiler);
    let mut examples = Vec::new();
    for (key, flagged) in [("flags", true), ("allows", false)] {
        let list = fields.strings(key);
        if list.is_empty() {
            fields.missing::<()>(key);
        }
        examples.extend(list.into_iter().map(|text| Example {
            text: text.value,
            flagged,
            at: text.at,
        }));
    }
    fields.finish();
    dimension?;
    if let Some((_, off)) = context.house
        && common.clauses.iter().any(|clause| off.contains(clause))
    {
        return None;
    }
    Some(Rule {
        name: format!("{}/{}", context.standard, id?.value),
        common: Common {
            title: title?,
            severity: severity?,
            ..common
        },
        kind: kind?,
        examples,
        phrases: compiler.take_made(),
    })
}

/// Fields that hold a figure by which it is decided whether something is a breach.
const LIMITS: &[&str] = &["limit", "within", "at-least", "at-most", "tiers", "target"];

/// The names of fields whose value is ours: fields of the rule, or what every rule has.
fn read_ours(fields: &Fields<'_, '_>) -> Vec<String> {
    let names = fields.strings("ours");
    for name in &names {
        let always = ["severity", "points", "wording"].contains(&name.value.as_str());
        if !always && !fields.has(&name.value) {
            fields.fault(
                name.at,
                "field-unknown",
                "ours",
                format!("这条规则没有字段“{}”", name.value),
                format!("this rule has no field `{}`", name.value),
            );
        }
    }
    names.into_iter().map(|name| name.value).collect()
}

fn read_dimension(fields: &Fields<'_, '_>, context: &Context<'_>) -> Option<usize> {
    let name = fields.require_string("dimension")?;
    let Some((map, _)) = context.house else {
        return find_dimension(fields, &name, context.dimensions);
    };
    let found = map.get(&name.value).copied();
    if found.is_none() {
        fields.fault(
            name.at,
            "dimension-unknown",
            "dimension",
            format!("标准的 [house] dimensions 没有给出“{}”", name.value),
            format!(
                "the standard's `[house] dimensions` does not place `{}`",
                name.value
            ),
        );
    }
    found
}

fn find_dimension(
    fields: &Fields<'_, '_>,
    name: &At<String>,
    dimensions: &[Dimension],
) -> Option<usize> {
    let found = dimensions
        .iter()
        .position(|dimension| dimension.id == name.value);
    if found.is_none() {
        let known: Vec<&str> = dimensions
            .iter()
            .map(|dimension| dimension.id.as_str())
            .collect();
        fields.fault(
            name.at,
            "dimension-unknown",
            "dimension",
            format!("没有维度“{}”；可用：{}", name.value, known.join(", ")),
            format!(
                "there is no dimension `{}`; there are {}",
                name.value,
                known.join(", ")
            ),
        );
    }
    found
}

fn read_soft(fields: &Fields<'_, '_>) -> Option<f64> {
    let table = fields.table("soft")?;
    let target = table.number("target");
    if target.is_some_and(|target| target > 1.0) {
        table.fault(
            table.at,
            "number-range",
            "target",
            "target 是 0 到 1 之间的占比",
            "`target` is a share from 0 to 1",
        );
    }
    table.finish();
    target
}

/// The most that one finding may cost: totals go from 0 to 100.
const MOST_POINTS: f64 = 1000.0;

fn read_points(fields: &Fields<'_, '_>) -> Option<f64> {
    let points = fields.number("points")?;
    if points > MOST_POINTS {
        fields.fault(
            fields.place_of("points"),
            "number-range",
            "points",
            format!("扣分最多写 {MOST_POINTS}"),
            format!("`points` is at most {MOST_POINTS}"),
        );
        return None;
    }
    Some(points)
}

fn read_tiers(fields: &Fields<'_, '_>) -> Vec<Tier> {
    let mut last = None;
    let mut tiers: Vec<Tier> = fields
        .tables("tiers")
        .into_iter()
        .filter_map(|table| {
            let over = table.duration("over");
            if over.is_none() && !table.has("over") {
                table.missing::<()>("over");
            }
            let severity = table
                .word("severity", SEVERITIES)
                .unwrap_or(Severity::Major);
            let points = read_points(&table).unwrap_or_else(|| severity_points(severity));
            if let Some(over) = over {
                if last.is_some_and(|last| over <= last) {
                    table.fault(
                        table.at,
                        "tiers-order",
                        "over",
                        "档位要从短到长写，over 一档比一档大",
                        "tiers go from short to long: each `over` is greater than the one before",
                    );
                }
                last = Some(over);
            }
            table.finish();
            Some(Tier {
                over: seconds(over?),
                severity,
                points,
            })
        })
        .collect();
    sorted::by(&mut tiers, |a, b| a.over.total_cmp(&b.over));
    tiers
}

fn read_raise(fields: &Fields<'_, '_>, compiler: &mut Compiler) -> Option<Raise> {
    let table = fields.table("raise")?;
    let to = table.word("to", SEVERITIES);
    let when = Condition::read_all(&table, "when", compiler);
    if when.is_empty() && !table.has("when") {
        table.missing::<()>("when");
    }
    table.finish();
    Some(Raise { to: to?, when })
}

fn read_events(compiler: &mut Compiler, session_gap: i64, faults: &mut Vec<Diagnostic>) -> Reading {
    let source = Source::new(Shared::Events.file(), Shared::Events.text());
    let table = source.parse();
    let fields = Fields::new(&table, 0, &source, "");
    let mut reading = Reading {
        session_gap,
        ..Reading::default()
    };
    for event in fields.tables("events") {
        let id = event.require_string("id");
        let roles = event.words("role", ROLES);
        let except = event.strings("except");
        let set = phrase_set(&event, "any", &except, Steps::NONE, compiler);
        event.finish();
        if let (Some(id), Some(set)) = (id, set) {
            reading.events.push(EventPattern {
                id: id.value,
                roles,
                set,
            });
        }
    }
    for stage in fields.tables("stages") {
        let which = stage.word("stage", STAGES);
        let events = stage
            .strings("event")
            .into_iter()
            .map(|event| event.value)
            .collect();
        let roles = stage.words("role", ROLES);
        let except = stage.strings("except");
        let set = phrase_set(&stage, "any", &except, Steps::NONE, compiler);
        stage.finish();
        if let Some(which) = which {
            reading.stages.push(StagePattern {
                stage: which,
                events,
                said: set.map(|set| (roles, set)),
            });
        }
    }
    let lexicon = |name: &str| {
        vec![At {
            value: format!("@{name}"),
            at: 0,
        }]
    };
    if compiler.knows("closers") {
        reading.closers = compiler.set(&fields, "closers", &lexicon("closers"), &[], Steps::NONE);
    }
    let demands: Vec<At<String>> = [
        "return-request",
        "damage",
        "complaint",
        "logistics-trouble",
        "urgency",
        "chasing",
    ]
    .into_iter()
    .filter(|name| compiler.knows(name))
    .flat_map(lexicon)
    .collect();
    if !demands.is_empty() {
        reading.demands = compiler.set(&fields, "demands", &demands, &[], Steps::NONE);
    }
    reading.promise = PromiseWords::compile(&fields, compiler);
    fields.finish();
    faults.extend(source.into_faults());
    reading
}

fn read_observers(compiler: &mut Compiler, faults: &mut Vec<Diagnostic>) -> Vec<Observer> {
    let source = Source::new(Shared::Observations.file(), Shared::Observations.text());
    let table = source.parse();
    let fields = Fields::new(&table, 0, &source, "");
    let mut observers = Vec::new();
    for entry in fields.tables("observe") {
        let kind = entry.require_string("kind");
        let label = entry.string("label").map(|label| label.value);
        let role = entry.word("role", By::WORDS);
        let place = entry.word(
            "where",
            &[
                ("opening", Place::Opening),
                ("closing", Place::Closing),
                ("anywhere", Place::Anywhere),
                ("after-trigger", Place::AfterTrigger),
            ],
        );
        let except = entry.strings("except");
        let any = phrase_set(&entry, "any", &except, Steps::NONE, compiler);
        let whole_turn = phrase_set(&entry, "whole-turn", &except, Steps::NONE, compiler);
        let boundary = entry.boolean("boundary").unwrap_or(false);
        let guards = read_guards(&entry, Guards::ALL);
        entry.finish();
        if let (Some(kind), Some(role)) = (kind, role) {
            observers.push(Observer {
                kind: kind.value.into(),
                label: label.map(Into::into),
                role,
                place: place.unwrap_or(Place::Anywhere),
                any,
                whole_turn,
                boundary,
                guards,
            });
        }
    }
    fields.finish();
    faults.extend(source.into_faults());
    observers
}

pub(super) fn duplicate(fields: &Fields<'_, '_>, id: &At<String>, key: &str) {
    fields.fault(
        id.at,
        "id-duplicate",
        key,
        format!("“{}”已经用过", id.value),
        format!("`{}` is already used", id.value),
    );
}

fn is_kebab(id: &str) -> bool {
    !id.is_empty()
        && !id.starts_with('-')
        && !id.ends_with('-')
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn not_kebab(fields: &Fields<'_, '_>, id: &At<String>, key: &str) {
    fields.fault(
        id.at,
        "id-invalid",
        key,
        format!("“{}”应由小写字母、数字和连字符组成", id.value),
        format!(
            "`{}` must be lower-case letters, digits and hyphens",
            id.value
        ),
    );
}
