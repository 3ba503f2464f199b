//! Which Chromium the page is tested in: one that is on the machine, or the distribution's.
//!
//! The easy mistake: Playwright would download a browser of its own. It is never asked to.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::project::{Project, on_path, output, run};

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Finds a Chromium, or installs one where that is possible without asking.
pub fn chromium(project: &Project) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        let path = PathBuf::from(named);
        if path.is_file() {
            return Ok(path);
        }
        bail!("CHROMIUM names {}, which is no file", path.display());
    }
    if let Some(found) = installed() {
        return Ok(found);
    }
    if !may_install(project) {
        bail!(
            "no Chromium found: install the package `chromium` (and `fonts-noto-cjk` for Chinese text), \
             or set CHROMIUM to the path of a Chromium or Chrome"
        );
    }
    println!("   no Chromium found: installing it with apt-get");
    run(project.command("apt-get").args(["update", "--quiet"]))?;
    run(project
        .command("apt-get")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args([
            "install",
            "--yes",
            "--quiet",
            "--no-install-recommends",
            "chromium",
            "fonts-noto-cjk",
        ]))?;
    installed().context("apt-get installed chromium, and yet none is found")
}

fn installed() -> Option<PathBuf> {
    NAMES.iter().find_map(|name| on_path(name)).or_else(|| {
        let mac = PathBuf::from("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
        mac.is_file().then_some(mac)
    })
}

fn may_install(project: &Project) -> bool {
    let debian = fs::read_to_string("/etc/os-release")
        .is_ok_and(|release| release.lines().any(|line| line == "ID=debian"));
    debian
        && on_path("apt-get").is_some()
        && output(project.command("id").arg("-u")).is_ok_and(|user| user.trim() == "0")
}
