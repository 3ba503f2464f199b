//! Workbooks and archives made for the tests, part by part.

use std::io::{Cursor, Write};

use zhijian::sheets::{Limits, Opened, open};
use zip::unstable::write::FileOptionsExt;
use zip::write::{FileOptions, SimpleFileOptions};
use zip::{AesMode, CompressionMethod, ZipWriter};

/// A zip of these files.
pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zipped_as(files, options)
}

/// A zip that every file of is encrypted, as newer programs do it or as old ones did.
pub fn locked(files: &[(&str, &[u8])], password: &str, aes: bool) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    if aes {
        zipped_as(
            files,
            options.with_aes_encryption(AesMode::Aes256, password),
        )
    } else {
        zipped_as(
            files,
            options
                .with_deprecated_encryption(password.as_bytes())
                .expect("a password"),
        )
    }
}

fn zipped_as(files: &[(&str, &[u8])], options: FileOptions<'_, '_, ()>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, options).expect("a file");
        writer.write_all(bytes).expect("its bytes");
    }
    writer.finish().expect("a zip").into_inner()
}

/// A file in a zip written byte by byte: nothing of it need be true.
pub struct Entry<'a> {
    /// Its name, in any encoding.
    pub name: &'a [u8],
    /// Its bytes, as they are stored.
    pub stored: &'a [u8],
    /// Whether they claim to be deflated.
    pub deflated: bool,
    /// How long they claim to be once inflated.
    pub size: u32,
    /// Their claimed checksum.
    pub crc: u32,
}

/// A zip of such files.
pub fn crafted(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let offset = out.len() as u32;
        let mut common = Vec::new();
        common.extend([
            20,
            0,
            0,
            0,
            if entry.deflated { 8 } else { 0 },
            0,
            0,
            0,
            0x21,
            0,
        ]);
        common.extend(entry.crc.to_le_bytes());
        common.extend((entry.stored.len() as u32).to_le_bytes());
        common.extend(entry.size.to_le_bytes());
        common.extend((entry.name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(entry.name);
        out.extend(entry.stored);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(entry.name);
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(
        [
            (entries.len() as u16).to_le_bytes(),
            (entries.len() as u16).to_le_bytes(),
        ]
        .concat(),
    );
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// The bytes of the only file of a zip, as they are stored.
pub fn stored(zip: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).expect("a zip");
    let mut file = archive.by_index_raw(0).expect("a file");
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut file, &mut bytes).expect("its bytes");
    bytes
}

/// A workbook from its XML: what stands in `sheetData` and after it, sheet by sheet.
#[derive(Default)]
pub struct Book<'a> {
    /// Name, content, and further attributes of the sheet.
    pub sheets: Vec<(&'a str, &'a str)>,
    /// Attributes of the sheets in the workbook, such as `state="hidden"`.
    pub states: Vec<&'a str>,
    /// `<si>…</si>`…; absent when there are to be no shared strings.
    pub strings: Option<&'a str>,
    /// Attributes of `workbookPr`.
    pub properties: &'a str,
    /// Codes of number formats: style 1 is the first.
    pub formats: Vec<&'a str>,
}

impl Book<'_> {
    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let mut sheets = String::new();
        let mut relations = String::new();
        let mut parts: Vec<(String, String)> = Vec::new();
        for (index, (name, content)) in self.sheets.iter().enumerate() {
            let state = self.states.get(index).copied().unwrap_or_default();
            sheets.push_str(&format!(
                "<sheet name=\"{name}\" sheetId=\"{0}\" r:id=\"rId{0}\" {state}/>",
                index + 1
            ));
            relations.push_str(&format!(
                "<Relationship Id=\"rId{0}\" Type=\"{REL}/worksheet\" Target=\"worksheets/sheet{0}.xml\"/>",
                index + 1
            ));
            parts.push((
                format!("xl/worksheets/sheet{}.xml", index + 1),
                format!("<?xml version=\"1.0\"?><worksheet xmlns=\"{MAIN}\">{content}</worksheet>"),
            ));
        }
        let formats: String = (self.formats.iter().enumerate())
            .map(|(at, code)| {
                let code = code.replace('"', "&quot;");
                format!("<numFmt numFmtId=\"{}\" formatCode=\"{code}\"/>", 170 + at)
            })
            .collect();
        let styles: String = (0..self.formats.len())
            .map(|at| format!("<xf numFmtId=\"{}\"/>", 170 + at))
            .collect();
        parts.push((
            "xl/styles.xml".into(),
            format!("<styleSheet><numFmts>{formats}</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>{styles}</cellXfs></styleSheet>"),
        ));
        relations.push_str(&format!(
            "<Relationship Id=\"rId90\" Type=\"{REL}/styles\" Target=\"styles.xml\"/>"
        ));
        if let Some(strings) = self.strings {
            relations.push_str(&format!(
                "<Relationship Id=\"rId91\" Type=\"{REL}/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/>"
            ));
            parts.push((
                "xl/sharedStrings.xml".into(),
                format!("<sst>{strings}</sst>"),
            ));
        }
        parts.push((
            "xl/workbook.xml".into(),
            format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{REL}\"><workbookPr {}/><sheets>{sheets}</sheets></workbook>", self.properties),
        ));
        parts.push((
            "xl/_rels/workbook.xml.rels".into(),
            format!("<Relationships>{relations}</Relationships>"),
        ));
        parts.push((
            "_rels/.rels".into(),
            format!("<Relationships><Relationship Id=\"rId1\" Type=\"{REL}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
        ));
        let files: Vec<(&str, &[u8])> = parts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_bytes()))
            .collect();
        zipped(&files)
    }
}

/// One sheet of rows of texts.
pub fn table(rows: &[&[&str]]) -> String {
    let rows = rows.iter().enumerate().map(|(row, cells)| {
        let cells: String = cells
            .iter()
            .map(|cell| format!("<c t=\"inlineStr\"><is><t>{cell}</t></is></c>"))
            .collect();
        format!("<row r=\"{}\">{cells}</row>", row + 1)
    });
    format!("<sheetData>{}</sheetData>", rows.collect::<String>())
}

/// What is in a file, without a password, within the usual limits.
pub fn opened(name: &str, bytes: &[u8]) -> Opened {
    open(name, bytes, None, &Limits::default())
}

/// Name and text of every member.
pub fn texts(opened: &Opened) -> Vec<(&str, &str)> {
    let members = opened.members.iter();
    members
        .map(|one| {
            (
                one.name.as_str(),
                std::str::from_utf8(&one.bytes).expect("UTF-8"),
            )
        })
        .collect()
}

/// Code, file, line and field of every diagnostic.
pub fn told(opened: &Opened) -> Vec<(&str, &str, Option<u32>, &str)> {
    let told = opened.diagnostics.iter();
    told.map(|one| {
        assert!(!one.message.zh.is_empty() && !one.message.en.is_empty());
        (
            one.code.as_str(),
            one.file.as_deref().expect("a file"),
            one.line,
            one.field.as_deref().unwrap_or(""),
        )
    })
    .collect()
}
