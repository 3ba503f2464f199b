//! Files that are no text, by their first bytes.
//!
//! The thing to get right: the name of a file says nothing; a workbook called `.csv` is one.

/// What a file is by its first bytes, when it is no text.
pub(super) fn magic(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const KNOWN: [(&[u8], &str, &str); 16] = [
        (b"\x89PNG\r\n\x1a\n", "PNG 图片", "a PNG image"),
        (b"\xff\xd8\xff", "JPEG 图片", "a JPEG image"),
        (b"GIF87a", "GIF 图片", "a GIF image"),
        (b"GIF89a", "GIF 图片", "a GIF image"),
        (b"%PDF-", "PDF 文档", "a PDF document"),
        (b"\x1f\x8b\x08", "gzip 压缩包", "a gzip archive"),
        (b"Rar!\x1a\x07", "RAR 压缩包", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", "a 7z archive"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "旧版 Office 文件（xls/doc）",
            "an old Office file (xls or doc)",
        ),
        (b"SQLite format 3\0", "SQLite 数据库", "an SQLite database"),
        (b"ID3\x03", "MP3 录音", "an MP3 recording"),
        (b"ID3\x04", "MP3 录音", "an MP3 recording"),
        (b"OggS\0", "Ogg 录音", "an Ogg recording"),
        (b"#!AMR", "AMR 录音", "an AMR recording"),
        (b"II*\0", "TIFF 图片", "a TIFF image"),
        (b"MM\0*", "TIFF 图片", "a TIFF image"),
    ];
    if let Some((_, zh, en)) = KNOWN.iter().find(|(start, _, _)| bytes.starts_with(start)) {
        return Some((zh, en));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        let head = &bytes[..bytes.len().min(4096)];
        let names = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
        return Some(if names(b"xl/") {
            ("Excel 工作簿（xlsx）", "an Excel workbook (xlsx)")
        } else if names(b"word/") {
            ("Word 文档（docx）", "a Word document (docx)")
        } else {
            ("ZIP 压缩包", "a ZIP archive")
        });
    }
    match bytes.get(..4) {
        Some(b"RIFF") => match bytes.get(8..12) {
            Some(b"WEBP") => Some(("WebP 图片", "a WebP image")),
            Some(b"WAVE") => Some(("WAV 录音", "a WAV recording")),
            Some(b"AVI ") => Some(("AVI 视频", "an AVI video")),
            _ => None,
        },
        _ if bytes.get(4..8) == Some(b"ftyp") => Some(("MP4 音视频", "an MP4 recording")),
        _ => None,
    }
}
