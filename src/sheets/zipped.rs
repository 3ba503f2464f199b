//! Zips: workbooks are one, and so are folders of chats and the exports that come with a password.
//!
//! The thing to get right: a name in an archive is only a name. Nothing is written anywhere, and yet a
//! path that climbs is not shown to people as it stands. Names that say no encoding are UTF-8 or GBK.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use encoding_rs::GB18030;
use zip::ZipArchive;
use zip::read::ZipReadOptions;
use zip::result::ZipError;

use super::xlsx::{self, Archive, broken};
use super::{Fault, Opening, ending};
use crate::diagnostic::Diagnostic;

/// Endings of what holds no chat and is not inflated.
const MEDIA: &str = "7z aac amr apk avi bin bmp db dll doc docx emf exe gif gz heic heif ico jpeg jpg m4a m4v mkv mov mp3 mp4 mpeg \
oga ogg opus otf pdf png ppt pptx rar sqlite svg tar tif tiff ttf vcf wav webm webp wma wmv woff woff2 3gp";

/// Reads a workbook, or everything readable of an archive.
pub(super) fn open(opening: &mut Opening<'_>, name: &str, bytes: &[u8], depth: usize) {
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => {
            opening.fault(name, None, broken(error));
            return;
        }
    };
    if xlsx::is_workbook(&archive) {
        let known = ["xlsx", "xlsm", "xltx", "xltm", "et", "ods", "xlsb"];
        opening.mismatch(name, &known, ("Excel 工作簿", "an Excel workbook"));
        xlsx::open(opening, name, &mut archive);
        return;
    }
    if archive
        .file_names_raw()
        .any(|name| name == b"[Content_Types].xml")
    {
        opening.told.tell(
            name,
            Diagnostic::error(
                "workbook-unsupported",
                "这是 Office 文档，但不是 Excel 工作簿；请把聊天记录另存为 XLSX、CSV 或文本后重新导入。",
                "This is a document of Office, but no workbook; save the chats as XLSX, CSV or text and import that.",
            ),
        );
        return;
    }
    if depth >= opening.limits.depth {
        let limit = Fault::Limit("depth", opening.limits.depth as u64);
        opening.fault(name, None, limit);
        return;
    }
    opening.mismatch(name, &["zip"], ("压缩包", "an archive"));
    let before = opening.members.len();
    let mut entries = Entries::default();
    if entries.all(opening, name, &mut archive, bytes, depth) == Going::Stop {
        return;
    }
    if opening.members.len() == before && !entries.told {
        opening.told.tell(
            name,
            Diagnostic::error(
                "archive-empty",
                "压缩包里没有可读的文件；请确认里面有聊天记录后重新导入。",
                "The archive holds no file that can be read; check that the chats are in it and import again.",
            ),
        );
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Going {
    On,
    Stop,
}

/// What was seen of an archive so far.
#[derive(Default)]
struct Entries {
    /// Whether something was told that explains why nothing was read.
    told: bool,
    /// How many files of one name there may have been already.
    round: usize,
}

/// Files of one name that are read.
const ROUNDS: usize = 4;

/// The files that others of the same name hide, as an archive of their own.
fn hidden(archive: &mut Archive<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
    if !archive.has_duplicate_names() {
        return None;
    }
    let shown = (0..archive.len()).map(|index| {
        let file = archive.by_index_raw(index);
        file.map_or(0, |file| file.central_header_start())
    });
    let shown: BTreeSet<u64> = shown.collect();
    let start = usize::try_from(archive.central_directory_start()).ok()?;
    let (mut at, mut count, mut headers) = (start, 0_u16, Vec::<u8>::new());
    while bytes
        .get(at..)
        .is_some_and(|rest| rest.starts_with(b"PK\x01\x02"))
    {
        let length = |from: usize| {
            let two = bytes.get(at + from..at + from + 2)?;
            Some(usize::from(two[0]) | usize::from(two[1]) << 8)
        };
        let end = at + 46 + length(28)? + length(30)? + length(32)?;
        if !shown.contains(&(at as u64)) {
            headers.extend(bytes.get(at..end)?);
            count = count.checked_add(1)?;
        }
        at = end;
    }
    if count == 0 {
        return None;
    }
    let size = u32::try_from(headers.len()).ok()?;
    let offset = u32::try_from(start.checked_sub(archive.offset() as usize)?).ok()?;
    let mut out = bytes[..start].to_vec();
    out.extend(headers);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend([size.to_le_bytes(), offset.to_le_bytes()].concat());
    out.extend([0, 0]);
    Some(out)
}

impl Entries {
    /// Reads every file, also those that have the name of another.
    fn all(
        &mut self,
        opening: &mut Opening<'_>,
        name: &str,
        archive: &mut Archive<'_>,
        bytes: &[u8],
        depth: usize,
    ) -> Going {
        for index in 0..archive.len() {
            opening.entries += 1;
            if opening.entries > opening.limits.members {
                let limit = Fault::Limit("members", opening.limits.members as u64);
                opening.fault(name, None, limit);
                return Going::On;
            }
            if self.one(opening, name, archive, index, depth) == Going::Stop {
                return Going::Stop;
            }
        }
        if !archive.has_duplicate_names() {
            return Going::On;
        }
        self.round += 1;
        let rest = hidden(archive, bytes).filter(|_| self.round < ROUNDS);
        let rest = rest
            .as_deref()
            .map(|rest| (rest, ZipArchive::new(Cursor::new(rest))));
        let Some((rest, Ok(mut archive))) = rest else {
            self.told = true;
            opening.told.tell(name, same_name());
            return Going::On;
        };
        self.all(opening, name, &mut archive, rest, depth)
    }

    fn one(
        &mut self,
        opening: &mut Opening<'_>,
        archive_name: &str,
        archive: &mut Archive<'_>,
        index: usize,
        depth: usize,
    ) -> Going {
        let file = match archive.by_index_raw(index) {
            Ok(file) => file,
            Err(error) => {
                self.told = true;
                opening.fault(archive_name, None, broken(error));
                return Going::On;
            }
        };
        if file.is_dir() {
            return Going::On;
        }
        let stated = path_of(file.name_raw());
        let (size, compressed, encrypted) = (file.size(), file.compressed_size(), file.encrypted());
        drop(file);
        let (mut path, unsafe_name) = sanitised(&stated);
        if self.round > 0 {
            let again = format!(" ({})", self.round + 1);
            let file = path.rfind('/').map_or(0, |slash| slash + 1);
            let at = path[file..].rfind('.').map_or(path.len(), |dot| file + dot);
            path.insert_str(at, &again);
        }
        let name = [archive_name, "/", &path].concat();
        if unsafe_name {
            opening.told.tell(
                &name,
                Diagnostic::warning(
                    "member-name-unsafe",
                    "压缩包里的文件名带有越级路径或不可见字符，已改为安全的名称；内容照常读取。",
                    "The name inside the archive climbs out of its folder or has invisible characters; it was made safe, and the file is read.",
                ),
            );
        }
        if self.round > 0 {
            opening.told.tell(
                &name,
                Diagnostic::info(
                    "member-name-twice",
                    "压缩包里有同名的文件，这一份以加了序号的名称读取；请核对是否重复计入。",
                    "The archive has several files of this name; this one is read under a name with a number. Check that nothing counts twice.",
                ),
            );
        }
        if let Some(told) = passed_over(&path) {
            opening.told.tell(&name, told);
            return Going::On;
        }
        if encrypted && opening.password.is_none() {
            self.told = true;
            opening.told.tell(archive_name, password_needed());
            return Going::Stop;
        }
        let outcome = read(opening, archive, index, (size, compressed));
        match outcome {
            Ok(bytes) if is_text_or_container(&path, &bytes) => {
                let known = opening.told.len();
                opening.file(&name, &bytes, depth + 1);
                self.told |= opening.told.len() > known;
            }
            Ok(_) => opening.told.tell(&name, not_readable()),
            Err(Unread::Password) => {
                self.told = true;
                opening.told.tell(archive_name, password_wrong());
                return Going::Stop;
            }
            Err(Unread::Fault(fault)) => {
                self.told = true;
                let stop = matches!(fault, Fault::Limit("inflated", _));
                opening.fault(&name, None, fault);
                if stop {
                    return Going::Stop;
                }
            }
        }
        Going::On
    }
}

enum Unread {
    Password,
    Fault(Fault),
}

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

fn read(
    opening: &Opening<'_>,
    archive: &mut Archive<'_>,
    index: usize,
    (size, compressed): (u64, u64),
) -> Result<Vec<u8>, Unread> {
    let password = opening.password.map(str::as_bytes);
    let options = ZipReadOptions::new().password(password);
    let file = match archive.by_index_with_options(index, options) {
        Ok(file) => file,
        Err(ZipError::InvalidPassword) => return Err(Unread::Password),
        Err(error) => return Err(broken(error).into()),
    };
    let encrypted = file.encrypted();
    let mut source = opening.inflating(file, size, compressed)?;
    let mut bytes = Vec::new();
    match source.read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => match Fault::from(error) {
            // One wrong password in 256 looks right until the content does not.
            Fault::Damaged(_) if encrypted => Err(Unread::Password),
            fault => Err(fault.into()),
        },
    }
}

/// Names are UTF-8 where they are valid as such, and GBK otherwise: the flag for it is seldom set.
fn path_of(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => GB18030.decode_without_bom_handling(raw).0.into_owned(),
    }
}

/// The path without what climbs, hides or turns text around, and whether there was any.
fn sanitised(stated: &str) -> (String, bool) {
    let stated = stated.replace('\\', "/");
    let odd = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let clean: String = stated
        .chars()
        .map(|letter| if odd(letter) { '_' } else { letter })
        .collect();
    let drive = clean.as_bytes().get(1) == Some(&b':') && clean.as_bytes()[0].is_ascii_alphabetic();
    let inside = if drive { &clean[2..] } else { &clean[..] };
    let parts = inside
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".."));
    let path = parts.collect::<Vec<_>>().join("/");
    let changed = path != stated;
    (path, changed)
}

/// Why a file is not even inflated.
fn passed_over(path: &str) -> Option<Diagnostic> {
    let system = |part: &str| {
        part.starts_with('.')
            || part.starts_with("~$")
            || matches!(part, "__MACOSX" | "Thumbs.db" | "desktop.ini")
    };
    if path.split('/').any(system) {
        return Some(Diagnostic::info(
            "file-hidden",
            "隐藏文件或系统文件，没有读取。",
            "A hidden or system file; it was not read.",
        ));
    }
    let ending = ending(path);
    let media = MEDIA.split(' ').any(|known| known == ending);
    media.then(|| {
        Diagnostic::info(
            "file-skipped",
            "图片、语音、视频或其他文件，不是聊天记录，没有读取。",
            "A picture, sound, film or another file that holds no chat; it was not read.",
        )
    })
}

fn is_text_or_container(path: &str, bytes: &[u8]) -> bool {
    if super::is_container(path, bytes) {
        return true;
    }
    let known = [
        "txt", "csv", "tsv", "json", "jsonl", "ndjson", "log", "xls", "xlsx",
    ];
    if known.contains(&ending(path).as_str()) {
        return true;
    }
    let head = &bytes[..bytes.len().min(4096)];
    !head.contains(&0) || head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff")
}

fn same_name() -> Diagnostic {
    Diagnostic::error(
        "member-name-twice",
        "压缩包里有多个同名的文件，其中有的没有读取；请改名后重新打包再导入。",
        "The archive has several files of one name, some of which were not read; rename them, pack them again and import that.",
    )
}

fn not_readable() -> Diagnostic {
    Diagnostic::info(
        "file-skipped",
        "不是文本，也不是表格，没有读取。",
        "Neither text nor a workbook; it was not read.",
    )
}

fn password_needed() -> Diagnostic {
    Diagnostic::error(
        "password-needed",
        "压缩包有密码；请填写密码后重试（七鱼导出的密码是 appKey 的前 12 位），命令行用 --password。",
        "The archive has a password; enter it and try again (for exports of 七鱼 the first 12 characters of the appKey), on the command line with --password.",
    )
}

fn password_wrong() -> Diagnostic {
    Diagnostic::error(
        "password-wrong",
        "密码不对，或压缩包已损坏；请核对密码后重试（七鱼导出的密码是 appKey 的前 12 位）。",
        "The password is wrong, or the archive is damaged; check it and try again (for exports of 七鱼 the first 12 characters of the appKey).",
    )
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;

    use super::{path_of, sanitised};

    #[test]
    fn names_are_made_safe() {
        for (stated, path, changed) in [
            ("五月/一.csv", "五月/一.csv", false),
            ("../../etc/passwd", "etc/passwd", true),
            ("/abs.csv", "abs.csv", true),
            ("C:\\x\\..\\y.csv", "x/y.csv", true),
            ("a\\b.csv", "a/b.csv", false),
            ("evil\u{202e}vsc.exe", "evil_vsc.exe", true),
            ("a\0b", "a_b", true),
        ] {
            assert_eq!(sanitised(stated), (path.to_owned(), changed), "{stated}");
        }
    }

    #[test]
    fn names_are_utf8_or_gbk() {
        assert_eq!(path_of("五月.csv".as_bytes()), "五月.csv");
        assert_eq!(path_of(&GB18030.encode("五月.csv").0), "五月.csv");
    }
}
