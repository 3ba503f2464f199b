//! `cargo xtask`: everything that is done to this project, by the same words at a desk and in CI.
//!
//! Rust and Node.js are all it expects. What can be had without asking (the wasm target, the npm packages, on Debian
//! a Chromium) it brings itself.

mod browser;
mod bundle;
mod licences;
mod project;
mod serve;
mod steps;
mod verify;

use std::io::{IsTerminal, stdout};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::serve::Server;
use crate::steps::Steps;

const USAGE: &str = "\
cargo xtask COMMAND

  serve [--port N] [--no-open] [--no-build] [--under PATH]
           build the page and serve it on 127.0.0.1, from port 8080 on (0: any)
  build    the engine as wasm and the page, into www/dist
  check    formatting, lints, documentation, types
  test     check, then every test, down to the page in a real browser
  e2e [ARGUMENT…]
           build, then only the tests in the browser; arguments go to Playwright
  bench    measurements
  soak [ARGUMENT…]
           build, then the tests that take long; arguments go to Playwright";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut steps = Steps::default();
    let result = dispatch(&arguments, &mut steps);
    let summary = !matches!(
        arguments.first().map(String::as_str),
        None | Some("serve" | "help" | "--help" | "-h")
    );
    if summary {
        steps.summary();
    }
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String], steps: &mut Steps) -> Result<()> {
    let Some((command, rest)) = arguments.split_first() else {
        bail!("no command\n\n{USAGE}");
    };
    if matches!(command.as_str(), "help" | "--help" | "-h") {
        println!("{USAGE}");
        return Ok(());
    }
    if let Some(surplus) = rest.first()
        && !matches!(command.as_str(), "serve" | "e2e" | "soak")
    {
        bail!("`{command}` takes no argument, and was given {surplus}\n\n{USAGE}");
    }
    let project = Project::locate()?;
    match command.as_str() {
        "serve" => serve(&project, steps, rest),
        "build" => build(&project, steps),
        "check" => verify::check(&project, steps),
        "test" => verify::test(&project, steps),
        "e2e" => {
            build(&project, steps)?;
            verify::end_to_end(&project, steps, rest)
        }
        "bench" => verify::bench(&project, steps),
        "soak" => {
            build(&project, steps)?;
            verify::soak(&project, steps, rest)
        }
        unknown => bail!("there is no command `{unknown}`\n\n{USAGE}"),
    }
}

fn build(project: &Project, steps: &mut Steps) -> Result<()> {
    steps.step("wasm target", || bundle::wasm_target(project))?;
    steps.step("npm packages", || bundle::npm_packages(project))?;
    steps.step("wasm", || bundle::wasm(project))?;
    steps.step("page", || bundle::page(project))
}

fn serve(project: &Project, steps: &mut Steps, arguments: &[String]) -> Result<()> {
    let mut port = None;
    let mut open = stdout().is_terminal();
    let mut wanted = true;
    let mut under = "/";
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--port" => {
                let value = rest.next().context("--port needs a number")?;
                port = Some(value.parse().with_context(|| format!("--port {value}"))?);
            }
            "--under" => under = rest.next().context("--under needs a path")?,
            "--no-open" => open = false,
            "--no-build" => wanted = false,
            unknown => bail!("`serve` has no {unknown}\n\n{USAGE}"),
        }
    }
    if wanted {
        build(project, steps)?;
    }
    let server = Server::bind(&project.path(bundle::PAGE_FOLDER), port, under)?;
    let address = server.address()?;
    println!("\n{address}\n");
    if open {
        serve::open(&address);
    }
    server.run();
    Ok(())
}
