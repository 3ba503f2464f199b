//! The direction of dependencies between modules: an arrow that runs the other way fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each module may use, besides itself. The order is the order of the pipeline.
const MAY_USE: &[(&str, &[&str])] = &[
    ("civil", &[]),
    ("diagnostic", &[]),
    ("sorted", &[]),
    ("span", &["sorted"]),
    ("transcript", &["civil"]),
    ("records", &["diagnostic"]),
    ("report", &["diagnostic", "span"]),
    ("text", &["civil", "diagnostic", "sorted", "span"]),
    (
        "import",
        &[
            "civil",
            "diagnostic",
            "records",
            "report",
            "sorted",
            "text",
            "transcript",
        ],
    ),
    ("metric", &["civil", "diagnostic", "sorted", "transcript"]),
    (
        "rule",
        &[
            "civil",
            "diagnostic",
            "metric",
            "records",
            "report",
            "sorted",
            "span",
            "text",
            "transcript",
        ],
    ),
    (
        "standard",
        &[
            "diagnostic",
            "metric",
            "report",
            "rule",
            "sorted",
            "text",
            "transcript",
        ],
    ),
    (
        "inspect",
        &[
            "metric",
            "records",
            "report",
            "rule",
            "sorted",
            "span",
            "standard",
            "text",
            "transcript",
        ],
    ),
    (
        "explain",
        &[
            "diagnostic",
            "inspect",
            "report",
            "rule",
            "span",
            "standard",
            "text",
            "transcript",
        ],
    ),
    (
        "prove",
        &[
            "civil",
            "diagnostic",
            "import",
            "inspect",
            "metric",
            "records",
            "rule",
            "sorted",
            "standard",
            "text",
            "transcript",
        ],
    ),
    (
        "score",
        &[
            "diagnostic",
            "inspect",
            "metric",
            "records",
            "report",
            "rule",
            "sorted",
            "span",
            "standard",
            "text",
            "transcript",
        ],
    ),
    ("cleaned", &["civil", "import", "report", "transcript"]),
    // Beside the others: a module of its own for browsers.
    ("sheets", &["civil", "diagnostic", "report"]),
    (
        "wire",
        &[
            "cleaned",
            "diagnostic",
            "import",
            "inspect",
            "prove",
            "records",
            "report",
            "rule",
            "score",
            "sorted",
            "span",
            "standard",
            "text",
            "transcript",
        ],
    ),
    (
        "wasm",
        &[
            "cleaned",
            "diagnostic",
            "import",
            "prove",
            "report",
            "rule",
            "score",
            "span",
            "standard",
            "text",
            "wire",
        ],
    ),
];

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

/// The modules that a file names after `crate::`, outside its tests and comments.
fn used(text: &str) -> BTreeSet<String> {
    let code = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let mut found = BTreeSet::new();
    for line in code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
    {
        for (at, _) in line.match_indices("crate::") {
            let name: String = line[at + 7..]
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            if !name.is_empty() {
                found.insert(name);
            }
        }
    }
    found
}

#[test]
fn module_arrows_run_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut all = Vec::new();
    files(&source, &mut all);
    let mut wrong = Vec::new();
    for path in all {
        let inside = path.strip_prefix(&source).expect("under src");
        let first = inside
            .components()
            .next()
            .expect("a name")
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let module = first.trim_end_matches(".rs");
        if matches!(module, "lib" | "main" | "cli") {
            continue;
        }
        let Some(may) = allowed.get(module) else {
            wrong.push(format!(
                "{module} has no place in the order of modules; give it one here"
            ));
            continue;
        };
        for name in used(&std::fs::read_to_string(&path).expect("text")) {
            if name != module
                && !may.contains(&name.as_str())
                && allowed.contains_key(name.as_str())
            {
                wrong.push(format!("{} uses {name}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_order_has_no_circle() {
    let mut before: BTreeSet<&str> = BTreeSet::new();
    for (module, may) in MAY_USE {
        for name in *may {
            assert!(
                before.contains(name),
                "{module} may use {name}, which comes after it"
            );
        }
        before.insert(module);
    }
}
