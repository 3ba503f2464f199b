//! Forty hard clauses as rules: the language says them, and every example comes out as it says, on the
//! way that `zhijian check` goes.

use std::collections::BTreeSet;

use zhijian::prove;
use zhijian::standard::Standard;
use zhijian::text::Words;

const TEXT: &str = include_str!("fixtures/rules40.toml");

/// One clause of each of the forty; those of `promise` and `record` stand with their kinds.
const CLAUSES: [&str; 36] = [
    "PDD-010", "PDD-012", "PDD-015", "PDD-019", "PDD-024", "PDD-025", "PDD-034", "TM-009",
    "TM-010", "TM-017", "TM-022", "TM-026", "TM-039", "TM-052", "TM-053", "FR-023", "FR-025",
    "FR-034", "FR-045", "FR-050", "FR-063", "FR-065", "FR-067", "SV-009", "SV-011", "SV-019",
    "SV-041", "SV-040", "TB-018", "TB-027", "TB-033", "TB-055", "TB-057", "TB-060", "TB-120",
    "TB-122",
];

fn proven(text: &str) -> Standard {
    prove::load(text, "standard.toml", &Words::bundled()).unwrap_or_else(|faults| {
        let shown: Vec<String> = faults
            .iter()
            .map(|fault| {
                format!(
                    "{}:{}:{} [{}] {}",
                    fault.file.as_deref().unwrap_or_default(),
                    fault.line.unwrap_or(0),
                    fault.column.unwrap_or(0),
                    fault.code,
                    fault.message.en
                )
            })
            .collect();
        panic!("{}", shown.join("\n"))
    })
}

#[test]
fn the_manual_says_what_works() {
    let manual = include_str!("../docs/standards.md");
    let blocks = manual.split("```toml\n").skip(1);
    let blocks = blocks.filter_map(|block| block.split("```").next());
    let (rules, profiles): (Vec<&str>, Vec<&str>) =
        blocks.partition(|block| block.contains("[[rules."));
    assert_eq!(proven(&rules.concat()).rules.len(), 2);
    for profile in profiles {
        let read = zhijian::standard::read_profile(profile, "profile.toml");
        assert!(read.is_ok(), "{read:?}");
    }
}

#[test]
fn forty_clauses_can_be_said() {
    let standard = proven(TEXT);
    let said: BTreeSet<&str> = standard
        .rules
        .iter()
        .flat_map(|rule| rule.common.clauses.iter().map(String::as_str))
        .collect();
    for clause in CLAUSES {
        assert!(said.contains(clause), "no rule says {clause}");
    }
    for rule in &standard.rules {
        for flagged in [true, false] {
            let has = rule.examples.iter().any(|e| e.flagged == flagged);
            assert!(has, "{} has no example with flagged = {flagged}", rule.name);
        }
    }
}
