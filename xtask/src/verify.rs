//! What is checked, and in which order: the cheap before the dear, what others need before them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::browser;
use crate::bundle::{self, PAGE_FOLDER};
use crate::licences;
use crate::project::{Project, WASM_TARGET, run};
use crate::serve::Server;
use crate::steps::Steps;

/// The profile of whatever is only checked. `dev` optimises dependencies, procedural macros among them, which takes
/// minutes and changes no lint.
const LIGHT: &str = "tool";

/// Formatting, lints, documentation and types; nothing is run.
pub fn check(project: &Project, steps: &mut Steps) -> Result<()> {
    steps.step("toolchain", || {
        bundle::wasm_target(project)?;
        bundle::component(project, "rustfmt", &["fmt", "--version"])?;
        bundle::component(project, "clippy", &["clippy", "--version"])
    })?;
    steps.step("npm packages", || bundle::npm_packages(project))?;
    steps.step("licences", || licences::check(project))?;
    steps.step("format", || {
        run(&mut project.cargo(&["fmt", "--all", "--check"]))
    })?;
    steps.step("clippy", || {
        run(&mut project.cargo(&[
            "clippy",
            "--profile",
            LIGHT,
            "--workspace",
            "--all-targets",
            "--",
            "-Dwarnings",
        ]))
    })?;
    for features in ["", "sheets"] {
        steps.step(&format!("clippy, wasm {features}"), || {
            run(&mut project.cargo(&[
                "clippy",
                "--profile",
                LIGHT,
                "--package",
                "zhijian",
                "--lib",
                "--no-default-features",
                "--features",
                features,
                "--target",
                WASM_TARGET,
                "--",
                "-Dwarnings",
            ]))
        })?;
    }
    steps.step("documentation", || {
        run(project
            .cargo(&[
                "doc",
                "--profile",
                LIGHT,
                "--package",
                "zhijian",
                "--lib",
                "--no-deps",
            ])
            .env("RUSTDOCFLAGS", "-Dwarnings"))
    })?;
    // The bindings carry the types of the engine, so the page cannot be checked without them.
    steps.step("wasm", || bundle::wasm(project))?;
    steps.step("types", || types(project))
}

fn types(project: &Project) -> Result<()> {
    for config in configurations(&project.path("pkg"))? {
        println!("   tsc --project {}", config.display());
        run(project
            .node("typescript/bin/tsc")?
            .arg("--noEmit")
            .arg("--project")
            .arg(&config))?;
    }
    println!("   tsc --project tests/tsconfig.json");
    run(project.node("typescript/bin/tsc")?.args([
        "--noEmit",
        "--project",
        "tests/tsconfig.json",
    ]))?;
    run(project
        .node("svelte-check/bin/svelte-check")?
        .args(["--tsconfig", "./tsconfig.json", "--fail-on-warnings"])
        .current_dir(project.path("www")))
}

/// Every `tsconfig*.json` of a folder, of which at least one is expected.
fn configurations(folder: &Path) -> Result<Vec<PathBuf>> {
    let found = files(folder, &|name| {
        name.starts_with("tsconfig") && name.ends_with(".json")
    })?;
    if found.is_empty() {
        bail!("{} has no tsconfig.json", folder.display());
    }
    Ok(found)
}

/// Everything.
pub fn test(project: &Project, steps: &mut Steps) -> Result<()> {
    check(project, steps)?;
    steps.step("library without features", || {
        run(&mut project.cargo(&[
            "check",
            "--profile",
            LIGHT,
            "--package",
            "zhijian",
            "--no-default-features",
        ]))
    })?;
    for feature in project.features()? {
        steps.step(&format!("feature {feature} alone"), || {
            run(project
                .cargo(&[
                    "check",
                    "--profile",
                    LIGHT,
                    "--package",
                    "zhijian",
                    "--no-default-features",
                    "--features",
                ])
                .arg(&feature))
        })?;
    }
    steps.step("cargo test", || {
        let packages = ["--package", "zhijian", "--package", "zhijian-automaton"];
        run(project.cargo(&["test"]).args(packages))
    })?;
    steps.step("cargo test, xtask", || {
        run(&mut project.cargo(&["test", "--package", "xtask", "--profile", LIGHT]))
    })?;
    steps.step("page", || bundle::page(project))?;
    steps.step("node tests over the wasm", || {
        node_tests(project, "tests/wasm", &[])
    })?;
    if !unit_tests(project)?.is_empty() {
        steps.step("vitest", || {
            run(project.node("vitest/vitest.mjs")?.arg("run"))
        })?;
    }
    let mut chromium = PathBuf::new();
    steps.step("browser", || {
        chromium = browser::chromium(project)?;
        println!("   {}", chromium.display());
        Ok(())
    })?;
    steps.step("end to end", || {
        playwright(project, &chromium, "tests/e2e/playwright.config.ts", &[])
    })
}

/// Only the tests in a browser, for those who work on them. Arguments go to Playwright.
pub fn end_to_end(project: &Project, steps: &mut Steps, arguments: &[String]) -> Result<()> {
    steps.step("command line", || {
        run(&mut project.cargo(&["build", "--package", "zhijian"]))
    })?;
    steps.step("end to end", || {
        let chromium = browser::chromium(project)?;
        playwright(
            project,
            &chromium,
            "tests/e2e/playwright.config.ts",
            arguments,
        )
    })
}

/// Tests that take long.
pub fn soak(project: &Project, steps: &mut Steps, arguments: &[String]) -> Result<()> {
    // Whoever names tests in the browser wants those.
    if arguments.is_empty() {
        steps.step("fuzz, 2,000,000 executions", || {
            run(project
                .cargo(&[
                    "test",
                    "--package",
                    "zhijian",
                    "--release",
                    "--test",
                    "fuzz",
                ])
                .env("ZHIJIAN_FUZZ", "2000000"))
        })?;
    }
    steps.step("soak", || {
        let chromium = browser::chromium(project)?;
        playwright(project, &chromium, "tests/e2e/soak.config.ts", arguments)
    })
}

/// Measurements: `cargo bench`, and every `benches/*.mjs` in Node.
pub fn bench(project: &Project, steps: &mut Steps) -> Result<()> {
    let native = project.has_target("bench")?;
    let scripts = files(&project.path("benches"), &|name| name.ends_with(".mjs"))?;
    if !native && scripts.is_empty() {
        bail!("there is nothing to measure in benches/");
    }
    if native {
        steps.step("cargo bench", || {
            run(&mut project.cargo(&["bench", "--package", "zhijian"]))
        })?;
    }
    if !scripts.is_empty() {
        steps.step("npm packages", || bundle::npm_packages(project))?;
        steps.step("wasm", || bundle::wasm(project))?;
        steps.step("release build", || {
            run(&mut project.cargo(&["build", "--package", "zhijian", "--release"]))
        })?;
    }
    let program = project
        .target
        .join("release")
        .join(format!("zhijian{}", std::env::consts::EXE_SUFFIX));
    for script in scripts {
        let name = script
            .strip_prefix(&project.root)
            .unwrap_or(&script)
            .display()
            .to_string();
        steps.step(&name, || {
            run(project
                .command("node")
                .arg("--expose-gc")
                .arg(&script)
                .env("ZHIJIAN_RELEASE", &program))
        })?;
    }
    Ok(())
}

fn node_tests(project: &Project, folder: &str, arguments: &[&str]) -> Result<()> {
    // Named one by one: Node 20 and Node 22 disagree about what a folder means here.
    let scripts = files(&project.path(folder), &|name| name.ends_with(".test.mjs"))?;
    if scripts.is_empty() {
        bail!("{folder} has no tests");
    }
    run(project
        .command("node")
        .args(["--test", "--test-reporter=spec"])
        .args(arguments)
        .args(scripts))
}

fn unit_tests(project: &Project) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in ["pkg/src", "www/src"] {
        found.extend(files_below(&project.path(folder), &|name| {
            name.ends_with(".test.ts")
        })?);
    }
    Ok(found)
}

/// The page is served by this process, under a path, as on a shared host.
fn playwright(
    project: &Project,
    chromium: &Path,
    config: &str,
    arguments: &[String],
) -> Result<()> {
    let server = Server::bind(&project.path(PAGE_FOLDER), Some(0), "/under/a/path/")?;
    let address = server.address()?;
    thread::spawn(move || server.run());
    let mut command: Command = project.node("@playwright/test/cli.js")?;
    run(command
        .args(["test", "--config", config])
        .args(arguments)
        .env("ZHIJIAN_URL", address)
        .env("CHROMIUM", chromium)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
    .context("the page in Chromium")
}

fn files(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && wanted(&entry.file_name().to_string_lossy()) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn files_below(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = files(folder, wanted)?;
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                found.extend(files_below(&path, wanted)?);
            }
        }
    }
    Ok(found)
}
