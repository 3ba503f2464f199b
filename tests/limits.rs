//! What a hostile workbook or archive may take: 200 ms and 64 MiB. Alone in its program, because the peak
//! of memory is that of the whole process.

#![allow(clippy::print_stdout, reason = "seeds and figures")]

#[path = "formats/books.rs"]
#[allow(dead_code)] // The other binary uses the rest.
mod books;

use std::time::{Duration, Instant};

use books::{Book, Entry, crafted, opened, stored, told, zipped};

/// The peak of memory in KiB, where the system says so.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn far_cells_and_bombs_cost_next_to_nothing() {
    let far = Book {
        sheets: vec![(
            "S",
            "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>2</v></c></row></sheetData>",
        )],
        ..Book::default()
    };
    // A megabyte of zeros, again and again: what it inflates to is never seen whole.
    let zeros = vec![b'0'; 24 << 20];
    let packed = stored(&zipped(&[("x", &zeros)]));
    drop(zeros);
    let honest = crafted(&[Entry {
        name: b"xl/workbook.xml",
        stored: &[0; 523_000],
        deflated: true,
        size: 512 << 20,
        crc: 0,
    }]);
    let lying = crafted(&[Entry {
        name: b"a.csv",
        stored: &packed,
        deflated: true,
        size: 900,
        crc: 0,
    }]);
    for (name, bytes, code) in [
        ("far.xlsx", far.bytes(), None),
        ("bomb.xlsx", honest, Some("archive-ratio")),
        ("lie.zip", lying, Some("")),
    ] {
        let before = peak();
        let begun = Instant::now();
        let opened = opened(name, &bytes);
        let took = begun.elapsed();
        let grown = before.zip(peak()).map(|(before, after)| after - before);
        println!("{name}: {} bytes, {took:?}, {grown:?} KiB", bytes.len());
        assert!(took < Duration::from_millis(200), "{name}: {took:?}");
        if let Some(grown) = grown {
            assert!(grown < 64 << 10, "{name}: {grown} KiB");
        }
        match code {
            None => assert_eq!(opened.members.len(), 1),
            Some(code) => {
                assert_eq!(opened.members, []);
                assert!(told(&opened)[0].0.contains(code), "{:?}", told(&opened));
            }
        }
    }
}
