//! Where things are, how other programs are started, and what has not changed since the last run.
//!
//! The easy mistake: the target directory is cargo's to name (`CARGO_TARGET_DIR`), and may be shared by several
//! checkouts; so stamps carry the checkout they belong to.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The target the page's engine is compiled for.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The checkout and what cargo says about it.
pub struct Project {
    /// The workspace root.
    pub root: PathBuf,
    /// Cargo's target directory.
    pub target: PathBuf,
    metadata: Value,
}

impl Project {
    /// Asks cargo.
    pub fn locate() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = manifest.parent().context("xtask has no parent folder")?;
        let mut command = cargo();
        command
            .current_dir(root)
            .args(["metadata", "--format-version", "1"]);
        let metadata: Value =
            serde_json::from_str(&output(&mut command)?).context("cargo metadata")?;
        let path = |field: &str| -> Result<PathBuf> {
            let value = metadata[field]
                .as_str()
                .with_context(|| format!("cargo metadata has no {field}"))?;
            Ok(PathBuf::from(value))
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            metadata,
        })
    }

    /// A path inside the checkout.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The folder in which cargo keeps the sources of a dependency.
    pub fn sources_of(&self, package: &str) -> Result<PathBuf> {
        let manifest = self.package(package)?["manifest_path"]
            .as_str()
            .context("cargo metadata has no manifest_path")?;
        Ok(Path::new(manifest)
            .parent()
            .context("a manifest without a folder")?
            .to_path_buf())
    }

    /// The features of the root package that a user may name, without `default`.
    pub fn features(&self) -> Result<Vec<String>> {
        let features = self.package("zhijian")?["features"]
            .as_object()
            .context("cargo metadata has no features")?;
        Ok(features
            .keys()
            .filter(|name| *name != "default")
            .cloned()
            .collect())
    }

    /// Whether the root package has a target of this kind (`bench`, `test`, …).
    pub fn has_target(&self, kind: &str) -> Result<bool> {
        let targets = self.package("zhijian")?["targets"]
            .as_array()
            .context("cargo metadata has no targets")?;
        Ok(targets.iter().any(|target| {
            target["kind"]
                .as_array()
                .is_some_and(|kinds| kinds.iter().any(|k| k == kind))
        }))
    }

    /// Each dependency with the licence it names.
    pub fn licences(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|package| package["source"].is_string())
            .map(|package| {
                let name = package["name"].as_str().unwrap_or_default();
                (name, package["license"].as_str())
            })
    }

    fn package(&self, name: &str) -> Result<&Value> {
        self.metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|package| package["name"] == name)
            .with_context(|| format!("cargo metadata does not list {name}"))
    }

    /// A command run at the root of the checkout.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // Tests compare what the module gives with what this program gives.
        let program = format!("zhijian{}", std::env::consts::EXE_SUFFIX);
        command
            .current_dir(&self.root)
            .env("ZHIJIAN_BIN", self.target.join("debug").join(program));
        command
    }

    /// Cargo, at the root of the checkout.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// A program of an installed npm package, by the path of its script below `node_modules`.
    pub fn node(&self, script: &str) -> Result<Command> {
        let script = self.path("node_modules").join(script);
        if !script.is_file() {
            bail!("{} is missing: run `npm ci`", script.display());
        }
        let mut command = self.command("node");
        command.arg(script);
        Ok(command)
    }

    /// Does `work` unless `inputs` and everything that exists in `outputs` are as they were after the last success.
    /// Returns whether there was anything to do.
    pub fn when_changed(
        &self,
        name: &str,
        inputs: &[PathBuf],
        outputs: &[PathBuf],
        work: impl FnOnce() -> Result<()>,
    ) -> Result<bool> {
        let mut hasher = DefaultHasher::new();
        self.root.hash(&mut hasher);
        let stamp = self
            .target
            .join("xtask")
            .join(format!("{name}-{:016x}", hasher.finish()));
        let state = || -> Result<String> {
            Ok(format!(
                "{:016x} {:016x}",
                fingerprint(inputs)?,
                fingerprint(outputs)?
            ))
        };
        let made = outputs.iter().all(|path| path.exists());
        if made && fs::read_to_string(&stamp).ok() == Some(state()?) {
            return Ok(false);
        }
        work()?;
        if let Some(missing) = outputs.iter().find(|path| !path.exists()) {
            bail!(
                "{name} ended well, and yet {} is missing",
                missing.display()
            );
        }
        fs::create_dir_all(self.target.join("xtask"))?;
        fs::write(&stamp, state()?)?;
        Ok(true)
    }
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs to the end, showing what the program writes; fails with its words when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs to the end and returns what the program wrote.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program starts and ends well; what it writes is thrown away.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// npm under the name the system starts it by.
pub fn npm() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

/// A file by this name in a folder of `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(OsStr::to_string_lossy));
    format!("`{}`", words.join(" "))
}

/// Names, sizes and times of change of all files below the given paths.
fn fingerprint(paths: &[PathBuf]) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        add(path, &mut hasher)?;
    }
    Ok(hasher.finish())
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    path.hash(hasher);
    let Ok(metadata) = fs::metadata(path) else {
        return Ok(());
    };
    if metadata.is_dir() {
        let mut entries = fs::read_dir(path)?
            .map(|entry| entry.map(|e| e.path()))
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort();
        for entry in entries {
            add(&entry, hasher)?;
        }
    } else {
        metadata.len().hash(hasher);
        metadata.modified()?.hash(hasher);
    }
    Ok(())
}
