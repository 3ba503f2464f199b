//! The bodies of `bodies.rs` over mutated fixtures: a bounded run, the same every time.
//!
//! `ZHIJIAN_FUZZ=2000000 cargo test --release --test fuzz` runs longer, `ZHIJIAN_FUZZ_SEED=7` elsewhere.
//! An input that fails is written to the temporary folder and named; once mended, it goes into
//! `tests/fixtures/fuzz/BODY` and is run for ever.

#![allow(clippy::print_stderr, reason = "seed and figures")]

mod bodies;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use bodies::{BODIES, Body};

/// Executions over all bodies.
const EXECUTIONS: usize = 200_000;

/// Inputs grow no longer.
const LONGEST: usize = 2048;

/// What formats stumble over.
const TOKENS: &[&str] = &[
    "\"",
    "\"\"",
    ",",
    ";",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\u{2028}",
    "\0",
    "{",
    "}",
    "[",
    "]",
    ":",
    "\\",
    "\\u",
    "\\ud83d",
    "null",
    "true",
    "1e999",
    "-",
    "0",
    "9223372036854775808",
    "1700000000",
    "1700000000000",
    "2024-02-30",
    "2024-12-31 24:00:00",
    "12:60",
    "上午",
    "下午",
    "凌晨",
    "昨天",
    "中午12点",
    "AM",
    "\u{202f}PM",
    "\u{feff}",
    "\u{200b}",
    "\u{202e}",
    "\u{1f468}\u{200d}\u{1f469}",
    "会话ID",
    "内容",
    "角色",
    "时间",
    "客服",
    "客户",
    "--> ",
    ":",
    "：",
    "[2024/1/2 ",
    "] ",
    " - ",
    "已读",
    "撤回了一条消息",
    "messages",
    "\"role\"",
    "\"time\"",
    "\"text\"",
    "+08:00",
    "Z",
    "=",
    "45000.5",
    "__proto__",
    "<br>",
    "&lt;",
    "<table>",
    "<td colspan=\"9\">",
    "<c r=\"XFD1048576\"><v>",
    "<row r=\"9\">",
    "</row>",
    " t=\"s\"",
    "<![CDATA[",
    "_x000D_",
];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

fn fixtures(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            fixtures(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Beginnings of the fixtures: enough of each for a few messages.
fn seeds() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut paths = Vec::new();
    for folder in ["formats", "import", "fuzz"] {
        fixtures(&root.join(folder), &mut paths);
    }
    paths.sort();
    let mut seeds: Vec<Vec<u8>> = paths
        .iter()
        .filter(|path| path.extension().is_none_or(|kind| kind != "toml"))
        .map(|path| {
            let mut bytes = std::fs::read(path).expect("a fixture");
            bytes.truncate(LONGEST);
            bytes
        })
        .collect();
    seeds.extend(TOKENS.iter().map(|token| token.as_bytes().to_vec()));
    seeds
}

fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = random.below(input.len() + 1);
        let end = at + random.below((input.len() - at).min(64) + 1);
        match random.below(9) {
            0 => {
                input.drain(at..end);
            }
            1 => {
                let token = TOKENS[random.below(TOKENS.len())].as_bytes();
                input.splice(at..at, token.iter().copied());
            }
            2 => {
                let token = TOKENS[random.below(TOKENS.len())].as_bytes();
                input.splice(at..end, token.iter().copied());
            }
            3 => {
                let again = input[at..end].to_vec();
                input.splice(at..at, again);
            }
            4 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len() + 1);
                let until = from + random.below((other.len() - from).min(200) + 1);
                input.splice(at..end, other[from..until].iter().copied());
            }
            5 => input.truncate(at),
            6 if at < input.len() => input[at] = random.next().to_le_bytes()[0],
            7 if at < input.len() => input[at] ^= 1 << random.below(8),
            _ => input.insert(at, random.next().to_le_bytes()[1]),
        }
    }
    input.truncate(LONGEST);
}

fn fuzz((name, run): Body) {
    let executions = number("ZHIJIAN_FUZZ").unwrap_or(EXECUTIONS) / BODIES.len() + 1;
    let seed = number("ZHIJIAN_FUZZ_SEED").unwrap_or(1) as u64;
    eprintln!("{name}: {executions} executions, seed {seed}");
    let seeds = seeds();
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut input = Vec::new();
    for execution in 0..executions {
        // Mutations pile up for a while, then it starts over.
        if execution % 8 == 0 {
            input.clone_from(&seeds[random.below(seeds.len())]);
        }
        mutate(&mut input, &seeds, &mut random);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(&input))) {
            let path = std::env::temp_dir().join(format!("zhijian-{name}-{seed}-{execution}.bin"));
            let kept = std::fs::write(&path, &input).is_ok();
            eprintln!(
                "{name}: execution {execution}, seed {seed}{}",
                if kept {
                    format!(": {}", path.display())
                } else {
                    String::new()
                }
            );
            resume_unwind(panic);
        }
    }
}

#[test]
fn bytes_of_any_encoding() {
    fuzz(BODIES[0]);
}

#[test]
fn tables() {
    fuzz(BODIES[1]);
}

#[test]
fn json() {
    fuzz(BODIES[2]);
}

#[test]
fn text_in_which_people_speak() {
    fuzz(BODIES[3]);
}

#[test]
fn times() {
    fuzz(BODIES[4]);
}

#[test]
fn workbooks() {
    fuzz(BODIES[5]);
}

/// What broke a body once.
#[test]
fn past_crashes() {
    for (name, run) in BODIES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/fuzz")
            .join(name);
        let mut paths = Vec::new();
        fixtures(&folder, &mut paths);
        for path in paths {
            eprintln!("{}", path.display());
            run(&std::fs::read(&path).expect("an input"));
        }
    }
}
