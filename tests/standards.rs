//! The built-in standards: they compile, every example comes out as it says, and the catalogue as a
//! whole holds together.

use std::collections::BTreeSet;

use zhijian::diagnostic::Diagnostic;
use zhijian::prove;
use zhijian::standard::{self, Standard, built_in};
use zhijian::text::Words;

fn shown(faults: &[Diagnostic]) -> String {
    faults
        .iter()
        .map(|f| {
            format!(
                "{}:{}:{} [{}] {}",
                f.file.as_deref().unwrap_or_default(),
                f.line.unwrap_or(0),
                f.column.unwrap_or(0),
                f.code,
                f.message.zh
            )
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn compiled(id: &str) -> Standard {
    let found = built_in::find(id).expect("built in");
    standard::compile(found.text(), &found.file())
        .unwrap_or_else(|faults| panic!("{}", shown(&faults)))
}

#[test]
fn every_example_of_every_built_in_standard_comes_out_as_it_says() {
    let words = Words::bundled();
    let mut faults = Vec::new();
    for entry in built_in::STANDARDS {
        let standard = compiled(entry.id);
        faults.extend(prove::prove(&standard, entry.text(), &entry.file(), &words));
        faults.extend(prove::prove_house(&standard, &words));
    }
    assert!(
        faults.is_empty(),
        "{} examples fail:\n{}",
        faults.len(),
        shown(&faults)
    );
}

#[test]
fn the_catalogue_holds_together() {
    for entry in built_in::STANDARDS {
        let standard = compiled(entry.id);
        assert_eq!(standard.id, entry.id);
        assert_eq!(standard.aliases, entry.aliases);
        let mut names = BTreeSet::new();
        for rule in &standard.rules {
            assert!(names.insert(rule.name.clone()), "{} twice", rule.name);
            assert!(
                rule.common.advice.is_some(),
                "{} gives no advice",
                rule.name
            );
            for flagged in [true, false] {
                let count = rule
                    .examples
                    .iter()
                    .filter(|example| example.flagged == flagged)
                    .count();
                assert!(
                    count >= 3,
                    "{} has {count} examples with flagged = {flagged}",
                    rule.name
                );
            }
        }
        let weights: f64 = standard
            .dimensions
            .iter()
            .map(|dimension| dimension.weight)
            .sum();
        assert!(
            (weights - 100.0).abs() < 1e-9,
            "{}: weights add up to {weights}",
            entry.id
        );
    }
}

#[test]
fn five_planted_mistakes_are_all_named_with_line_and_column() {
    let text = r#"schema = "zhijian-standard/1"
id = "planted"
version = "1.0.0"
title = { zh = "样例", en = "sample" }
[[dimensions]]
id = "attitude"
title = { zh = "态度", en = "attitude" }
weight = "100"
[[rules.forbid]]
id = "forbid-shirk"
title = { zh = "不得推诿", en = "no shirking" }
clauses = ["MY-001"]
severity = "serious"
dimension = "attitude"
any = ["不归(我管", "没办法"]
flags = ["没办法"]
allows = ["好的"]
mistyped = true
[[rules.forbid]]
id = "forbid-nothing"
title = { zh = "空", en = "nothing" }
clauses = ["MY-003"]
severity = "minor"
dimension = "attitude"
any = []
flags = ["没办法"]
allows = ["好的"]
[[rules.reply]]
id = "reply-fast"
title = { zh = "及时", en = "in time" }
clauses = ["MY-002"]
severity = "minor"
dimension = "attitude"
metric = "each-reply"
limit = "fast"
flags = ["x"]
allows = ["y"]
"#;
    let faults = standard::compile(text, "planted.toml").expect_err("six mistakes");
    let found: Vec<(u32, u32, &str)> = faults
        .iter()
        .map(|fault| {
            (
                fault.line.unwrap_or(0),
                fault.column.unwrap_or(0),
                fault.code.as_str(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (8, 10, "field-type"),
            (13, 12, "word-unknown"),
            (15, 11, "phrase-invalid"),
            (18, 1, "field-unknown"),
            (25, 7, "phrase-invalid"),
            (35, 9, "duration-invalid"),
        ]
    );
}

#[test]
fn figures_that_make_no_sense_are_told_at_their_place() {
    let head = |weight: &str| {
        format!(
            "schema = \"zhijian-standard/1\"\nid = \"s\"\nversion = \"1.0.0\"\ntitle = {{ zh = \"s\", en = \"s\" }}\n[[dimensions]]\nid = \"d\"\ntitle = {{ zh = \"d\", en = \"d\" }}\nweight = {weight}\n"
        )
    };
    let rule = |fields: &str| {
        format!(
            "[[rules.forbid]]\nid = \"forbid-x\"\ntitle = {{ zh = \"x\", en = \"x\" }}\nclauses = [\"X-1\"]\nseverity = \"minor\"\ndimension = \"d\"\nany = [\"滚\"]\nflags = [\"滚\"]\nallows = [\"好\"]\n{fields}\n"
        )
    };
    for (weight, fields, line, column, code) in [
        ("100", "points = 1e308", 18, 10, "number-range"),
        ("0", "", 8, 10, "number-range"),
        ("100", "at-least = { count = 0 }", 18, 22, "number-range"),
        (
            "100",
            "tiers = [{ over = \"5m\" }, { over = \"1m\" }]",
            18,
            27,
            "tiers-order",
        ),
    ] {
        let text = head(weight) + &rule(fields);
        let faults = zhijian::standard::compile_rules(&text, "s.toml").expect_err(fields);
        let told: Vec<_> = faults
            .iter()
            .map(|fault| {
                let place = (fault.line.unwrap_or(0), fault.column.unwrap_or(0));
                (place, fault.code.as_str())
            })
            .collect();
        assert_eq!(told, [((line, column), code)], "{fields}: {faults:?}");
    }
}
