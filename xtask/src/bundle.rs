//! From sources to `www/dist`: the engine as wasm, the dictionary beside it, the page around both.
//!
//! The easy mistake: `wasm-bindgen-cli-support` must have exactly the version of the `wasm-bindgen` crate; both are
//! pinned, and a test here compares the pins.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::project::{Project, WASM_TARGET, npm, output, run, succeeds};

/// Where the bindings, the module and the dictionary go. Ignored by git.
pub const WASM_FOLDER: &str = "pkg/wasm";
/// Where the page goes. Ignored by git.
pub const PAGE_FOLDER: &str = "www/dist";

/// Adds the wasm target to the compiler when it is missing.
pub fn wasm_target(project: &Project) -> Result<()> {
    let library = output(project.command("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        WASM_TARGET,
    ]))?;
    if Path::new(library.trim()).is_dir() {
        return Ok(());
    }
    run(project
        .command("rustup")
        .args(["target", "add", WASM_TARGET]))
    .with_context(|| format!("the compiler has no {WASM_TARGET}; install it and try again"))
}

/// Installs what `package-lock.json` says, when it says something else than last time.
pub fn npm_packages(project: &Project) -> Result<()> {
    let version = output(project.command("node").arg("--version"))
        .context("Node.js 20.19 or newer is needed")?;
    if !node_is_enough(version.trim()) {
        bail!(
            "Node.js 20.19 or newer is needed, this is {}",
            version.trim()
        );
    }
    let inputs = [
        ".npmrc",
        "package.json",
        "package-lock.json",
        "pkg/package.json",
        "www/package.json",
    ]
    .map(|file| project.path(file));
    let outputs = [project.path("node_modules/.package-lock.json")];
    project.when_changed("npm", &inputs, &outputs, || {
        run(project
            .command(npm())
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
    })?;
    Ok(())
}

fn node_is_enough(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(20), Some(minor)) => minor >= 19,
        (Some(22), Some(minor)) => minor >= 12,
        (Some(major), _) => major > 22,
        (None, _) => false,
    }
}

/// A module for browsers: the name of its files, and what it is compiled with.
struct Module {
    name: &'static str,
    /// Cargo gives every library file of the package one name, so each module has a profile and with it a folder.
    profile: &'static str,
    features: &'static str,
}

/// The engine, and what opens workbooks and archives, which is loaded when the first of those is dropped.
const MODULES: [Module; 2] = [
    Module {
        name: "zhijian",
        profile: "wasm",
        features: "",
    },
    Module {
        name: "sheets",
        profile: "sheets",
        features: "sheets",
    },
];

/// Compiles the modules and writes their bindings, the built-in standards and the dictionary to `pkg/wasm`.
pub fn wasm(project: &Project) -> Result<()> {
    let folder = project.path(WASM_FOLDER);
    for module in &MODULES {
        let compiled = compile(project, module)?;
        let bound = [".js", ".d.ts", "_bg.wasm"];
        let bound = bound.map(|end| folder.join([module.name, end].concat()));
        let inputs = [compiled.clone()];
        // No wasm-opt after this: measured, it takes 30 s and 100 MB of packages to save 0.3 % of the download and
        // no time.
        let step = format!("bindgen-{}", module.name);
        project.when_changed(&step, &inputs, &bound, || bind(module, &compiled, &folder))?;
    }

    let texts = standards(project)?;
    let asset = folder.join("standards.json");
    project.when_changed("standards", &texts, std::slice::from_ref(&asset), || {
        let mut files = serde_json::Map::new();
        for path in &texts {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
            files.insert(name, text.into());
        }
        Ok(fs::write(&asset, serde_json::to_vec(&files)?)?)
    })?;

    let dictionary = project.sources_of("jieba-rs")?.join("src/data/dict.txt");
    let asset = folder.join("dict.txt");
    let inputs = [dictionary.clone()];
    project.when_changed("dictionary", &inputs, std::slice::from_ref(&asset), || {
        // Read and write rather than copy: the registry may keep its files read-only.
        let bytes = fs::read(&dictionary).with_context(|| dictionary.display().to_string())?;
        Ok(fs::write(&asset, bytes)?)
    })?;
    Ok(())
}

/// The files of the built-in standards and the clauses they cite, in order of name.
fn standards(project: &Project) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(project.path("standards"))? {
        let path = entry?.path();
        let is_data = path
            .extension()
            .is_some_and(|extension| extension == "toml" || extension == "json");
        if is_data {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn compile(project: &Project, module: &Module) -> Result<PathBuf> {
    // Together with an rlib, which Cargo.toml asks for, a cdylib is built without link-time optimisation.
    let mut command = project.cargo(&[
        "rustc",
        "--package",
        "zhijian",
        "--lib",
        "--crate-type",
        "cdylib",
        "--profile",
        module.profile,
        "--no-default-features",
        "--features",
        module.features,
        "--target",
        WASM_TARGET,
    ]);
    // Messages of panics name source files; the home folder of whoever builds is nobody's business, and the same
    // sources should give the same bytes everywhere.
    if let Some(home) = cargo_home() {
        let mut flags = std::env::var("RUSTFLAGS").unwrap_or_default();
        if !home.to_string_lossy().contains(' ') {
            flags.push_str(&format!(
                " --remap-path-prefix={}=cargo",
                home.to_string_lossy()
            ));
        }
        command.env("RUSTFLAGS", flags.trim());
    }
    run(&mut command)?;
    Ok(project
        .target
        .join(WASM_TARGET)
        .join(module.profile)
        .join("zhijian.wasm"))
}

fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

fn bind(module: &Module, compiled: &Path, folder: &Path) -> Result<()> {
    // A file left by an earlier version would otherwise be served for ever.
    if folder.exists() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let others = MODULES.iter().filter(|other| other.name != module.name);
            let of_others = others
                .map(|other| other.name)
                .chain(["dict.", "standards."])
                .any(|other| name.starts_with(other));
            if !of_others {
                fs::remove_file(&path).with_context(|| path.display().to_string())?;
            }
        }
    }
    Bindgen::new()
        .input_path(compiled)
        .out_name(module.name)
        .web(true)?
        .typescript(true)
        // Names of functions are a seventh of the download and serve nobody who uses the page.
        .remove_name_section(true)
        .omit_default_module_path(true)
        .generate(folder)
}

/// Builds the page into `www/dist`.
pub fn page(project: &Project) -> Result<()> {
    let inputs = [
        "package-lock.json",
        "pkg/package.json",
        "pkg/src",
        WASM_FOLDER,
        "tsconfig.base.json",
        "www/index.html",
        "www/package.json",
        "www/public",
        "www/src",
        "www/svelte.config.js",
        "www/tsconfig.json",
        "www/vite.config.ts",
    ]
    .map(|path| project.path(path));
    let outputs = [
        project.path(PAGE_FOLDER),
        project.path(PAGE_FOLDER).join("index.html"),
    ];
    project.when_changed("page", &inputs, &outputs, || {
        run(project
            .node("vite/bin/vite.js")?
            .arg("build")
            .current_dir(project.path("www")))
    })?;
    Ok(())
}

/// Adds a component of the toolchain (`clippy`, `rustfmt`) when `probe` does not run.
pub fn component(project: &Project, name: &str, probe: &[&str]) -> Result<()> {
    if succeeds(&mut project.cargo(probe)) {
        return Ok(());
    }
    run(project.command("rustup").args(["component", "add", name]))
        .with_context(|| format!("the toolchain has no {name}; install it and try again"))
}

#[cfg(test)]
mod tests {
    use super::node_is_enough;

    #[test]
    fn both_sides_of_the_binding_have_one_version() {
        let root = include_str!("../../Cargo.toml");
        let own = include_str!("../Cargo.toml");
        let pin = |manifest: &str, name: &str| -> Option<String> {
            let value = manifest
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{name} = \"=")))?;
            Some(value.trim_end_matches('"').to_owned())
        };
        let crate_pin = pin(root, "wasm-bindgen");
        assert!(crate_pin.is_some(), "wasm-bindgen is not pinned with `=`");
        assert_eq!(crate_pin, pin(own, "wasm-bindgen-cli-support"));
    }

    #[test]
    fn node_versions_that_vite_runs_on() {
        for version in ["v20.19.0", "v20.20.2", "v22.12.0", "v24.1.0"] {
            assert!(node_is_enough(version), "{version}");
        }
        for version in ["v18.19.0", "v20.18.9", "v21.7.0", "v22.11.0", ""] {
            assert!(!node_is_enough(version), "{version:?}");
        }
    }
}
