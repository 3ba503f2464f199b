//! Which files to read: files, folders with everything below them, `-` for stdin.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zhijian::diagnostic::Diagnostic;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// As reports call it.
    pub name: String,
    /// Where it is; absent for stdin.
    pub path: Option<PathBuf>,
    /// Its size, as far as known.
    pub size: u64,
}

impl Input {
    /// Where its bytes come from.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match &self.path {
            Some(path) => Box::new(fs::File::open(path)?),
            None => Box::new(io::stdin()),
        })
    }

    /// Its bytes.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The files that the arguments name, in their order, those of a folder sorted by name; hidden ones in
/// folders are passed over. What cannot be opened is a diagnostic.
pub fn expand(arguments: &[PathBuf]) -> (Vec<Input>, Vec<Diagnostic>) {
    let mut inputs = Vec::new();
    let mut diagnostics = Vec::new();
    for argument in arguments {
        if argument.as_os_str() == "-" {
            inputs.push(Input {
                name: "-".to_owned(),
                path: None,
                size: 0,
            });
        } else {
            walk(argument, &mut inputs, &mut diagnostics);
        }
    }
    (inputs, diagnostics)
}

fn walk(path: &Path, inputs: &mut Vec<Input>, diagnostics: &mut Vec<Diagnostic>) {
    let outcome = fs::metadata(path).and_then(|metadata| {
        if !metadata.is_dir() {
            inputs.push(Input {
                name: name(path),
                path: Some(path.to_owned()),
                size: metadata.len(),
            });
            return Ok(());
        }
        let mut entries: Vec<(PathBuf, bool)> = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            // A link to a folder may lead back here.
            let is_loop = entry.file_type()?.is_symlink() && entry.path().is_dir();
            // A pipe in a folder would be waited for without end. Named as an argument it is read.
            let is_special = fs::metadata(entry.path())
                .is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
            if is_special {
                let error = io::Error::new(io::ErrorKind::Unsupported, "not a regular file");
                diagnostics.push(unreadable(&name(&entry.path()), &error));
                continue;
            }
            entries.push((entry.path(), is_loop));
        }
        entries.sort();
        for (entry, _) in entries.iter().filter(|(_, is_loop)| !is_loop) {
            walk(entry, inputs, diagnostics);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        diagnostics.push(unreadable(&name(path), &error));
    }
}

/// The text of a file in UTF-8, or what is wrong with it.
pub fn text(path: &Path, name: &str) -> Result<String, Vec<Diagnostic>> {
    let bytes = fs::read(path).map_err(|error| vec![unreadable(name, &error)])?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
        let fault = Diagnostic::error(
            "file-not-utf8",
            "不是 UTF-8 编码；请用编辑器另存为 UTF-8 后重试",
            "is not UTF-8; save it as UTF-8 and try again",
        )
        .file(name)
        .line(u32::try_from(line).unwrap_or(u32::MAX));
        vec![fault]
    })
}

/// A file that could not be opened or read.
pub fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(
        "file-unreadable",
        format!("打不开：{error}；请检查路径和权限"),
        format!("cannot be opened: {error}; check the path and the permissions"),
    )
    .file(name)
}

/// The path with forward slashes, as it was given.
fn name(path: &Path) -> String {
    let name = path.to_string_lossy();
    if cfg!(windows) {
        name.replace('\\', "/")
    } else {
        name.into_owned()
    }
}
