//! `metrics.toml`: named definitions of response time, and which of them a standard reports.

use crate::diagnostic::Diagnostic;
use crate::metric::{
    Aggregate, Clock, Definition, Metric, Start, Unanswered, Unit, Window, stretch,
};
use crate::rule::compile::Compiler;
use crate::rule::fields::{Fields, Source};
use crate::transcript::Zone;

use super::built_in::Shared;
use super::read::duplicate;

/// What a report gives when a standard does not say.
const USUAL: [&str; 4] = [
    "first-human-reply",
    "each-reply",
    "average-reply",
    "three-minute-rate",
];

/// Every definition that comes with the program.
pub(super) fn read(faults: &mut Vec<Diagnostic>) -> Vec<Metric> {
    let (metrics, found) = read_text(Shared::Metrics.file(), Shared::Metrics.text());
    faults.extend(found);
    metrics
}

fn read_text(file: &str, text: &str) -> (Vec<Metric>, Vec<Diagnostic>) {
    let source = Source::new(file, text);
    let table = source.parse();
    let fields = Fields::new(&table, 0, &source, "");
    let mut metrics: Vec<Metric> = Vec::new();
    for entry in fields.tables("metrics") {
        let id = entry.require_string("id");
        let version = entry.require_string("version");
        let title = entry.require_bilingual("title");
        // Where a definition comes from is for readers of the file.
        for key in ["source", "date"] {
            entry.string(key);
        }
        entry.word(
            "trust",
            &["vendor", "repost", "marketing", "inferred", "seed", "ours"].map(|word| (word, ())),
        );
        if entry.has("note") {
            entry.bilingual("note");
        }
        let definition = read_definition(&entry);
        if let Some(twice) = id
            .as_ref()
            .filter(|id| metrics.iter().any(|metric| metric.id == id.value))
        {
            duplicate(&entry, twice, "id");
        }
        entry.finish();
        if let (Some(id), Some(version), Some(title), Some(definition)) =
            (id, version, title, definition)
        {
            metrics.push(Metric {
                id: id.value,
                version: version.value,
                title,
                definition,
            });
        }
    }
    fields.finish();
    (metrics, source.into_faults())
}

fn read_definition(entry: &Fields<'_, '_>) -> Option<Definition> {
    if !entry.has("unit") {
        entry.missing::<()>("unit");
    }
    // A conversation is a session that no silence ends.
    let unit = entry.word(
        "unit",
        &[
            ("message", (Unit::Message, None)),
            ("round", (Unit::Round, None)),
            ("session", (Unit::Session, None)),
            ("conversation", (Unit::Session, Some(i64::MAX))),
            ("customer-day", (Unit::CustomerDay, None)),
        ],
    );
    let start = entry.word(
        "start",
        &[
            ("first", Start::First),
            ("last", Start::Last),
            ("session-open", Start::Opening),
            ("ring", Start::Ring),
        ],
    );
    let clock = entry.word(
        "clock",
        &[("wall", Clock::Wall), ("business", Clock::Business)],
    );
    let counts = entry.words("counts", &[("human", false), ("bot", true)]);
    let ignores_zero = entry.word("zero-second", &[("reply", false), ("ignored", true)]);
    let closers = entry.word("closers", &[("@closers", true)]);
    let by_session = entry.word("window-by", &[("question", false), ("session", true)]);
    let splits = entry.word("transfer", &[("whole", false), ("split", true)]);
    let unanswered = entry.word(
        "unanswered",
        &[
            ("exclude", Unanswered::Exclude),
            ("cap", Unanswered::Cap),
            ("fail", Unanswered::Fail),
        ],
    );
    let session_gap = entry.duration("session-gap");
    let cap = entry.duration("cap");
    if unanswered == Some(Unanswered::Cap) && cap.is_none() {
        entry.missing::<()>("cap");
    }
    let window = entry.string("window").and_then(|text| {
        let hours = stretch(&text.value);
        if hours.is_none() {
            entry.fault(
                text.at,
                "hours-invalid",
                "window",
                format!("看不懂“{}”；写成 08:00-23:00", text.value),
                format!("`{}` cannot be read; write it like 08:00-23:00", text.value),
            );
        }
        hours
    });
    let offset = entry.string("timezone").and_then(|name| {
        let zone = Zone::named(&name.value);
        if zone.is_none() {
            entry.fault(
                name.at,
                "timezone-unknown",
                "timezone",
                format!("不认识时区“{}”", name.value),
                format!("the time zone `{}` is not known", name.value),
            );
        }
        zone.map(|zone| zone.offset)
    });
    if !entry.has("aggregate") {
        entry.missing::<()>("aggregate");
    }
    let aggregate = entry.word(
        "aggregate",
        &[
            ("each", Aggregate::Each),
            ("mean", Aggregate::Mean),
            ("median", Aggregate::Median),
            ("p90", Aggregate::P90),
            ("rate", Aggregate::Rate(0)),
        ],
    );
    let aggregate = match aggregate? {
        Aggregate::Rate(_) if !entry.has("limit") => return entry.missing("limit"),
        Aggregate::Rate(_) => Aggregate::Rate(entry.duration("limit")?),
        other => other,
    };
    if unanswered == Some(Unanswered::Fail) && !matches!(aggregate, Aggregate::Rate(_)) {
        entry.fault(
            entry.at,
            "metric-invalid",
            "unanswered",
            "只有占比（rate）可以把未回复算作未达标",
            "only a rate can count what was never answered as not in time",
        );
    }
    let (unit, endless) = unit?;
    if matches!(start, Some(Start::Opening | Start::Ring)) && unit != Unit::Session {
        entry.fault(
            entry.at,
            "metric-invalid",
            "start",
            "只有按会话（session、conversation）计的才能从会话开始或振铃算起",
            "only what is measured once a session can start with it or with a ring",
        );
    }
    Some(Definition {
        unit,
        start: start.unwrap_or(Start::First),
        clock: clock.unwrap_or(Clock::Wall),
        bots: counts.contains(&true),
        ignores_zero: ignores_zero.unwrap_or(false),
        closers: closers.unwrap_or(false),
        window: window.map(|hours| Window {
            hours,
            by_session: by_session.unwrap_or(false),
        }),
        offset,
        session_gap: endless.or(session_gap),
        cap,
        unanswered: unanswered.unwrap_or(Unanswered::Exclude),
        splits: splits.unwrap_or(false),
        aggregate,
    })
}

/// What a standard reports, in its order, and then what its rules limit.
pub(super) fn reported(fields: &Fields<'_, '_>, compiler: &Compiler) -> Vec<Metric> {
    let known: Vec<(&str, usize)> = compiler
        .metrics
        .iter()
        .enumerate()
        .map(|(index, metric)| (metric.id.as_str(), index))
        .collect();
    let listed = if fields.has("metrics") {
        fields.words("metrics", &known)
    } else {
        let usual = |id: &&str| known.iter().find(|(known, _)| known == id);
        USUAL
            .iter()
            .filter_map(usual)
            .map(|(_, index)| *index)
            .collect()
    };
    let mut metrics: Vec<Metric> = Vec::new();
    let limited = compiler.figures.iter();
    for metric in listed
        .iter()
        .map(|index| &compiler.metrics[*index])
        .chain(limited)
    {
        if metrics.iter().all(|known| known.id != metric.id) {
            metrics.push(metric.clone());
        }
    }
    metrics
}

#[cfg(test)]
mod tests {
    use super::{USUAL, read, read_text};

    #[test]
    fn the_definitions_have_no_mistake() {
        let mut faults = Vec::new();
        let metrics = read(&mut faults);
        assert!(faults.is_empty(), "{faults:#?}");
        for id in USUAL {
            assert!(metrics.iter().any(|metric| metric.id == id), "{id}");
        }
    }

    #[test]
    fn a_definition_says_what_is_wrong_with_it() {
        let head = "[[metrics]]\nversion = \"1.0.0\"\ntitle = { zh = \"甲\", en = \"a\" }\n";
        let codes = |rest: &str| -> Vec<(String, String)> {
            read_text("m.toml", &format!("{head}{rest}"))
                .1
                .into_iter()
                .map(|fault| (fault.code, fault.field.unwrap_or_default()))
                .collect()
        };
        let expect = |rest: &str, code: &str, field: &str| {
            assert_eq!(
                codes(rest),
                [(code.to_owned(), format!("metrics[0].{field}"))],
                "{rest}"
            );
        };
        expect("id = \"a\"\naggregate = \"mean\"", "field-missing", "unit");
        let round = "id = \"a\"\nunit = \"round\"\n";
        let plus = |rest: &str| format!("{round}{rest}");
        expect(&plus("aggregate = \"rate\""), "field-missing", "limit");
        expect(
            &plus("aggregate = \"mean\"\nunanswered = \"cap\""),
            "field-missing",
            "cap",
        );
        expect(
            &plus("aggregate = \"mean\"\nunanswered = \"fail\""),
            "metric-invalid",
            "unanswered",
        );
        expect(
            &plus("aggregate = \"mean\"\nwindow = \"8-23\""),
            "hours-invalid",
            "window",
        );
        expect(
            &plus("aggregate = \"mean\"\ntimezone = \"Europe/Paris\""),
            "timezone-unknown",
            "timezone",
        );
        expect(&plus("aggregate = \"mode\""), "word-unknown", "aggregate");
        expect(
            &plus("aggregate = \"mean\"\nstart = \"ring\""),
            "metric-invalid",
            "start",
        );
    }
}
