//! Which files to read: files, folders with everything below them, `-` for stdin. Workbooks and archives
//! are opened; what is in them are files of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zhijian::diagnostic::Diagnostic;
use zhijian::sheets::{self, Limits, Opened};

/// How much of a file shows whether it has to be opened first.
const HEAD: u64 = 4096;

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
    fn source(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match &self.path {
            Some(path) => Box::new(fs::File::open(path)?),
            None => Box::new(io::stdin()),
        })
    }

    /// What is to be read.
    pub fn open(&self, password: Option<&str>) -> io::Result<Content> {
        let mut source = self.source()?;
        let mut head = Vec::new();
        source.by_ref().take(HEAD).read_to_end(&mut head)?;
        if !sheets::is_container(&self.name, &head) {
            return Ok(Content::Text(Box::new(Cursor::new(head).chain(source))));
        }
        source.read_to_end(&mut head)?;
        Ok(Content::Members(opened(&self.name, &head, password)))
    }
}

/// What a file holds.
pub enum Content {
    /// One text.
    Text(Box<dyn Read + Send>),
    /// What was in it.
    Members(Opened),
}

/// Opens a workbook or an archive. Whatever it does to the libraries that read it costs this file alone.
pub fn opened(name: &str, bytes: &[u8], password: Option<&str>) -> Opened {
    let limits = Limits::default();
    let open = AssertUnwindSafe(|| sheets::open(name, bytes, password, &limits));
    catch_unwind(open).unwrap_or_else(|_| Opened {
        members: Vec::new(),
        diagnostics: vec![
            Diagnostic::error(
                "file-trapped",
                "读这个文件时程序出错，已跳过它，其余文件照常质检；这是程序的缺陷，请反馈。",
                "The program failed on this file; it was left out and the others were inspected. This is a defect of the program; please report it.",
            )
            .file(name),
        ],
    })
}

/// Finds files that say the same as one before. Only those are read for it that are as long as another.
pub struct Copies {
    lengths: BTreeMap<u64, usize>,
    seen: BTreeMap<[u8; 32], String>,
}

impl Copies {
    /// Among these.
    pub fn among(inputs: &[Input]) -> Self {
        let mut lengths: BTreeMap<u64, usize> = BTreeMap::new();
        let mut paths = BTreeSet::new();
        for input in inputs {
            // A pipe can be read but once, and one that is named twice is no copy.
            if input.path.as_ref().is_some_and(|path| path.is_file()) && paths.insert(&input.path) {
                *lengths.entry(input.size).or_default() += 1;
            }
        }
        lengths.retain(|length, count| *length > 0 && *count > 1);
        Self {
            lengths,
            seen: BTreeMap::new(),
        }
    }

    /// The name of the file that this one is a copy of.
    pub fn of(&mut self, input: &Input) -> Option<String> {
        if !self.lengths.contains_key(&input.size) {
            return None;
        }
        let path = input.path.as_ref()?;
        let mut hash = Sha256::new();
        // What cannot be read is told when it is its turn.
        let mut file = fs::File::open(path).ok()?;
        let mut block = vec![0; 1 << 16];
        loop {
            match file.read(&mut block).ok()? {
                0 => break,
                read => hash.update(&block[..read]),
            }
        }
        let key = hash.finalize().into();
        let first = self.seen.entry(key).or_insert_with(|| input.name.clone());
        (*first != input.name).then(|| first.clone())
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
                let told = Diagnostic::info(
                    "file-hidden",
                    "隐藏文件，没有读取；若里面有会话，请改名后重试。",
                    "A hidden file; it was not read. If it holds conversations, rename it.",
                );
                diagnostics.push(told.file(name(&entry.path())));
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

/// What is wrong with writing to a file that is read as well.
pub fn written_over(output: Option<&Path>, inputs: &[Input]) -> Option<Diagnostic> {
    let output = fs::canonicalize(output?).ok().filter(|it| it.is_file())?;
    let is_it = |input: &&Input| {
        let path = input
            .path
            .as_ref()
            .and_then(|path| fs::canonicalize(path).ok());
        path.is_some_and(|path| path == output)
    };
    let input = inputs.iter().find(is_it)?;
    Some(
        Diagnostic::error(
            "output-is-input",
            "要写入的文件也是要读取的文件，会被覆盖；请换一个输出文件名",
            "is to be written and is one of the files to read; it would be overwritten. Name another output",
        )
        .file(&*input.name),
    )
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
