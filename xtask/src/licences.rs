//! Whether everything that is compiled in may be passed on under this project's own terms.

use anyhow::{Result, bail};

use crate::project::Project;

/// Licences that ask for no more than a notice.
const PERMISSIVE: [&str; 9] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-3-Clause",
    "BSL-1.0",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Fails with the names of the packages whose licence is missing or asks for more.
pub fn check(project: &Project) -> Result<()> {
    let refused: Vec<String> = project
        .licences()
        .filter(|(_, licence)| !licence.is_some_and(permissive))
        .map(|(name, licence)| format!("{name}: {}", licence.unwrap_or("none named")))
        .collect();
    if !refused.is_empty() {
        bail!("licences to look at: {}", refused.join("; "));
    }
    Ok(())
}

/// Whether each part that applies offers a permissive choice. `AND` outside, `OR` inside, as the packages in use write
/// them; a nested expression the other way round would be refused, which is the safe mistake.
fn permissive(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" AND ").all(|part| {
        part.split(" OR ")
            .any(|choice| PERMISSIVE.contains(&choice.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::permissive;

    #[test]
    fn a_choice_is_enough_and_an_addition_is_not_overlooked() {
        for fine in [
            "MIT",
            "Apache-2.0/MIT",
            "Apache-2.0 / MIT",
            "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
            "(Apache-2.0 OR MIT) AND BSD-3-Clause",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
        ] {
            assert!(permissive(fine), "{fine}");
        }
        for refused in ["GPL-3.0", "MIT AND GPL-2.0-or-later", "LGPL-2.1", ""] {
            assert!(!permissive(refused), "{refused}");
        }
    }
}
