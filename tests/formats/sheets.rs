//! Workbooks and archives as texts: every kind of cell, every kind of container.

use zhijian::import::{self, Options};
use zhijian::sheets::{Limits, open};

use crate::books::{Book, Entry, crafted, locked, opened, table, texts, told, zipped};

const CHAT: &[u8] = "会话ID,时间,角色,发送人,内容\nc1,2024-05-06 10:00:00,客户,tb8801,在吗\nc1,2024-05-06 10:00:05,客服,青禾旗舰店:小迪,在的\n".as_bytes();

#[test]
fn every_kind_of_cell_is_text() {
    let content = r#"<dimension ref="A1:XFD1048576"/><sheetData>
        <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><r><t>发送</t></r><r><t xml:space="preserve">时间 </t></r><rPh><t>fa</t></rPh></is></c><c r="D1" t="str"><f>A1</f><v>公式&amp;</v></c></row>
        <row r="2"><c r="A2"><v>600123456789012345</v></c><c r="B2" s="1"><v>45418.41672453704</v></c><c r="C2" t="b"><v>1</v></c><c r="D2" t="e"><v>#N/A</v></c></row>
        <row r="4"><c r="A4"><v>6.00123456789012E+17</v></c><c r="B4" s="2"><v>0.41672453704</v></c><c r="C4" t="b"><v>0</v></c><c r="D4" t="s"><v>1</v></c></row>
        <row r="5"><c r="A5"><v>1.5</v></c><c r="B5" s="3"><v>45418</v></c><c r="C5" t="d"><v>2024-05-06T10:00:05</v></c><c r="D5"><f>SUM(A1)</f></c></row>
        <row><c><v>7</v></c><c s="4"><v>42</v></c></row>
        </sheetData><mergeCells count="1"><mergeCell ref="A5:A6"/></mergeCells>"#;
    let book = Book {
        sheets: vec![("聊天", content), ("隐藏", ""), ("空", "<sheetData/>")],
        states: vec!["", "state=\"hidden\"", ""],
        strings: Some("<si><t>订单号</t></si><si><t>两_x000D_\n行,“引”\"</t></si>"),
        formats: vec![
            "yyyy\\-mm\\-dd hh:mm:ss",
            "h:mm:ss",
            "yyyy\"年\"m\"月\"d\"日\"",
            "00000",
        ],
        ..Book::default()
    };
    let opened = opened("book.xlsx", &book.bytes());
    let expected = "订单号,发送时间 ,,公式&\n600123456789012345,2024-05-06 10:00:05,TRUE,\n600123456789012000,10:00:05,FALSE,\"两\r\n行,“引”\"\"\"\n1.5,2024-05-06,2024-05-06 10:00:05,\n7,00042,,\n";
    assert_eq!(texts(&opened), [("book.xlsx!聊天", expected)]);
    let file = "book.xlsx!聊天";
    assert_eq!(
        told(&opened),
        [
            ("cell-error", file, Some(2), "聊天!D2"),
            ("number-inexact", file, Some(4), "聊天!A4"),
            ("formula-not-computed", file, Some(5), "聊天!D5"),
            ("cells-merged", file, Some(5), "聊天!A5:A6"),
            ("sheet-hidden", "book.xlsx", None, "隐藏"),
        ]
    );
    // Row 3 is missing, and the cell in row 4 has two lines.
    let rows = &opened.members[0].rows;
    let found: Vec<u32> = (1..=6).map(|line| import::row_of(rows, line)).collect();
    assert_eq!(found, [1, 2, 4, 5, 5, 6]);
}

#[test]
fn both_calendars_of_excel() {
    for (properties, text) in [
        ("", "2024-05-06 10:00:05"),
        ("date1904=\"1\"", "2028-05-07 10:00:05"),
        ("date1904=\"false\"", "2024-05-06 10:00:05"),
    ] {
        let book = Book {
            sheets: vec![(
                "S",
                "<sheetData><row r=\"1\"><c r=\"A1\" s=\"1\"><v>45418.41672453704</v></c></row></sheetData>",
            )],
            formats: vec!["yyyy/m/d h:mm"],
            properties,
            ..Book::default()
        };
        let opened = opened("b.xlsx", &book.bytes());
        assert_eq!(texts(&opened)[0].1.trim_end(), text, "{properties}");
    }
}

#[test]
fn times_of_a_column_have_seconds_if_one_has() {
    let rows = |second: &str| {
        format!(
            "<sheetData><row r=\"1\"><c r=\"A1\" s=\"1\"><v>45418.416666666664</v></c></row><row r=\"2\"><c r=\"A2\" s=\"1\"><v>{second}</v></c></row></sheetData>"
        )
    };
    for (second, text) in [
        ("45418.417361111111", "2024-05-06 10:00\n2024-05-06 10:01\n"),
        (
            "45418.41672453704",
            "2024-05-06 10:00:00\n2024-05-06 10:00:05\n",
        ),
    ] {
        let rows = rows(second);
        let book = Book {
            sheets: vec![("S", rows.as_str())],
            formats: vec!["yyyy/m/d h:mm"],
            ..Book::default()
        };
        assert_eq!(texts(&opened("b.xlsx", &book.bytes()))[0].1, text);
    }
}

#[test]
fn a_workbook_is_read_as_conversations_and_told_by_its_rows() {
    let rows = table(&[
        &["会话ID", "时间", "角色", "发送人", "内容"],
        &[
            "c1",
            "2024-05-06 10:00:00",
            "客户",
            "tb8801",
            "在吗\n想问灯罩",
        ],
        &[
            "c1",
            "2024-05-06 10:00:05",
            "客服",
            "青禾旗舰店:小迪",
            "在的",
        ],
        &["c1", "不是时间", "客服", "青禾旗舰店:小迪", "有货"],
    ]);
    let book = Book {
        sheets: vec![("五月", rows.as_str())],
        ..Book::default()
    };
    let mut opened = opened("shop.xlsx", &book.bytes());
    let member = opened.members.remove(0);
    let options = Options {
        rows: Some(member.rows.into()),
        ..Options::default()
    };
    let mut reader = import::read(&member.name, member.bytes, &options);
    let transcripts: Vec<_> = reader.by_ref().collect();
    assert_eq!(transcripts.len(), 1);
    assert_eq!(transcripts[0].file, "shop.xlsx!五月");
    assert_eq!(transcripts[0].messages[0].text, "在吗\n想问灯罩");
    let wrong = reader
        .diagnostics()
        .iter()
        .find(|one| one.code.starts_with("time-"))
        .expect("a bad time");
    // Line 5 of the text is row 4 of the sheet.
    assert_eq!(
        (wrong.line, wrong.file.as_deref()),
        (Some(4), Some("shop.xlsx!五月"))
    );
}

#[test]
fn an_old_workbook_is_read() {
    let opened = opened("chat.xls", include_bytes!("../fixtures/sheets/chat.xls"));
    let (name, text) = texts(&opened)[0];
    assert_eq!((name, opened.members.len()), ("chat.xls!聊天记录", 1));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 60);
    for (index, row) in rows.iter().enumerate() {
        let seconds = 37 * index;
        let time = format!(
            "2024-05-06 {:02}:{:02}:{:02}",
            10 + seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        );
        assert_eq!(&row[1], time, "{index}");
        // Its text crosses the ends of records, in both widths.
        let said = if index % 2 == 0 {
            format!("第{index}条：请问台灯的灯罩可以单独换吗，想要暖白色的那一款").repeat(3)
        } else {
            format!("ok {index}, this one is in stock")
        };
        assert_eq!(&row[4], said, "{index}");
        assert_eq!(
            &row[5],
            (600_123_456_789_012_345_i64 + index as i64)
                .to_string()
                .parse::<f64>()
                .expect("a number")
                .to_string()
        );
    }
    let notes: Vec<&str> = rows.iter().take(12).map(|row| &row[6]).collect();
    assert_eq!(
        notes[2..9],
        ["TRUE", "2024-05-06", "09:05", "0.25", "-3", "合并", ""]
    );
    assert_eq!(notes[10], "两行\n文字");
    let told = told(&opened);
    assert_eq!(
        told.iter().filter(|one| one.0 == "number-inexact").count(),
        60
    );
    assert!(told.contains(&(
        "number-inexact",
        "chat.xls!聊天记录",
        Some(2),
        "聊天记录!F2"
    )));
    assert!(
        told.contains(&(
            "cells-merged",
            "chat.xls!聊天记录",
            Some(9),
            "聊天记录!G9:G10"
        )),
        "{told:?}"
    );
    assert!(told.contains(&("sheet-hidden", "chat.xls", None, "隐藏")));
}

#[test]
fn folders_nested_archives_and_media() {
    let book = Book {
        sheets: vec![(
            "S",
            "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>",
        )],
        ..Book::default()
    };
    let book = book.bytes();
    let inner = zipped(&[("深/一.csv", CHAT)]);
    let zip = zipped(&[
        ("五月/", b""),
        ("五月/a.csv", b"a"),
        ("五月/book.xlsx", &book),
        ("五月/IMG-001.jpg", b"\xff\xd8\xff"),
        ("_chat.txt", b"[31/12/2022 11:40:26] A: Hi"),
        ("__MACOSX/._a.csv", b"x"),
        (".hidden", b"x"),
        ("sound.opus", b"OggS"),
        ("blob.dat", b"\0\x01\x02"),
        ("inner.zip", &inner),
        ("copy.csv", b"a"),
    ]);
    let opened = opened("all.zip", &zip);
    let names: Vec<&str> = texts(&opened).iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "all.zip/五月/a.csv",
            "all.zip/五月/book.xlsx!S",
            "all.zip/_chat.txt",
            "all.zip/inner.zip/深/一.csv"
        ]
    );
    let told: Vec<(&str, &str)> = told(&opened).iter().map(|one| (one.0, one.1)).collect();
    assert_eq!(
        told,
        [
            ("file-skipped", "all.zip/五月/IMG-001.jpg"),
            ("file-hidden", "all.zip/__MACOSX/._a.csv"),
            ("file-hidden", "all.zip/.hidden"),
            ("file-skipped", "all.zip/sound.opus"),
            ("file-skipped", "all.zip/blob.dat"),
            ("file-duplicate", "all.zip/copy.csv"),
        ]
    );
}

#[test]
fn names_in_gbk_and_names_that_climb() {
    let gbk = encoding_rs::GBK.encode("五月/小迪.csv").0.into_owned();
    let entry = |name| Entry {
        name,
        stored: b"",
        deflated: false,
        size: 0,
        crc: 0,
    };
    let zip = crafted(&[entry(&gbk), entry(b"../../etc/x.csv"), entry(b"C:\\y.csv")]);
    let opened = opened("a.zip", &zip);
    let names: Vec<&str> = texts(&opened).iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        ["a.zip/五月/小迪.csv", "a.zip/etc/x.csv", "a.zip/y.csv"]
    );
    let told: Vec<(&str, &str)> = told(&opened).iter().map(|one| (one.0, one.1)).collect();
    assert_eq!(
        told,
        [
            ("member-name-unsafe", "a.zip/etc/x.csv"),
            ("member-name-unsafe", "a.zip/y.csv")
        ]
    );
}

#[test]
fn a_password_is_asked_for_and_used() {
    for aes in [false, true] {
        let files: [(&str, &[u8]); 2] = [
            ("x/session.txt", b"{\"id\":1}\n1"),
            ("x/message.txt", b"{\"sessionId\":1}\n1"),
        ];
        let zip = locked(&files, "3858be3c2058", aes);
        for (password, code) in [
            (None, "password-needed"),
            (Some("falsch"), "password-wrong"),
        ] {
            let opened = open("q.zip", &zip, password, &Limits::default());
            let told: Vec<(&str, &str)> = told(&opened).iter().map(|one| (one.0, one.1)).collect();
            assert_eq!(told, [(code, "q.zip")], "{password:?}");
            assert_eq!(opened.members, []);
        }
        let opened = open("q.zip", &zip, Some("3858be3c2058"), &Limits::default());
        assert_eq!(
            texts(&opened),
            [
                ("q.zip/x/session.txt", "{\"id\":1}\n1"),
                ("q.zip/x/message.txt", "{\"sessionId\":1}\n1")
            ]
        );
        assert_eq!(told(&opened), []);
    }
}

#[test]
fn limits_are_told_and_what_is_within_is_kept() {
    let rows = table(&[&["a", "b"], &["c", "d"], &["e", "f"], &["g", "h"]]);
    let book = Book {
        sheets: vec![("S", rows.as_str())],
        ..Book::default()
    };
    let book = book.bytes();
    let limited = |limits: Limits| {
        let opened = open("b.xlsx", &book, None, &limits);
        let codes: Vec<String> = opened
            .diagnostics
            .iter()
            .map(|one| one.code.clone())
            .collect();
        let text = texts(&opened).first().map(|(_, text)| (*text).to_owned());
        (codes, text)
    };
    let (codes, text) = limited(Limits {
        rows: 2,
        ..Limits::default()
    });
    assert_eq!(
        (codes.as_slice(), text.as_deref()),
        (&["rows-too-many".to_owned()][..], Some("a,b\nc,d\n"))
    );
    let (codes, text) = limited(Limits {
        cells: 5,
        ..Limits::default()
    });
    assert_eq!(
        (codes.as_slice(), text.as_deref()),
        (&["cells-too-many".to_owned()][..], Some("a,b\nc,d\n"))
    );
    let (codes, _) = limited(Limits {
        inflated: 100,
        ..Limits::default()
    });
    assert_eq!(codes, ["inflated-too-large"]);
    let (codes, _) = limited(Limits {
        held: 4,
        ..Limits::default()
    });
    assert!(
        codes.contains(&"inflated-too-large".to_owned()),
        "{codes:?}"
    );

    let inner = zipped(&[("a.csv", b"a")]);
    let middle = zipped(&[("inner.zip", &inner)]);
    let outer = zipped(&[("middle.zip", &middle), ("b.csv", b"b")]);
    let opened = open(
        "o.zip",
        &outer,
        None,
        &Limits {
            depth: 2,
            ..Limits::default()
        },
    );
    assert_eq!(texts(&opened), [("o.zip/b.csv", "b")]);
    assert_eq!(told(&opened)[0].0, "nesting-too-deep");
    let opened = open(
        "o.zip",
        &outer,
        None,
        &Limits {
            members: 1,
            ..Limits::default()
        },
    );
    assert_eq!(told(&opened)[0].0, "members-too-many");
}

#[test]
fn a_web_page_that_is_called_a_workbook() {
    let page = r#"<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><style>td { color: red; content: "<td>" }</style></head>
        <body><!-- <td>no</td> --><table border=1><tr><th>会话ID<th>时间<th colspan="2">内容
        <tr><td rowspan='2'>c1</td><td x:str='>'>2024-05-06 10:00:00</td><td>在吗&nbsp;&lt;急&gt;<br>想问<b>灯罩</b></td><td></td></tr>
        <tr><td>2024-05-06 10:00:05</td><td>在的<table><tr><td>里面</td></tr></table></td></tr></table>
        <table><tr><td>第二张</td></tr></table></body></html>"#;
    for bytes in [
        encoding_rs::GBK.encode(page).0.into_owned(),
        page.as_bytes().to_vec(),
    ] {
        let opened = opened("导出.xls", &bytes);
        assert_eq!(
            texts(&opened),
            [
                (
                    "导出.xls",
                    "会话ID,时间,内容\nc1,2024-05-06 10:00:00,\"在吗 <急>\n想问灯罩\"\n,2024-05-06 10:00:05,在的里面\n"
                ),
                ("导出.xls!2", "第二张\n"),
            ]
        );
        let told: Vec<(&str, &str)> = told(&opened).iter().map(|one| (one.0, one.1)).collect();
        assert_eq!(told, [("file-type-mismatch", "导出.xls")]);
        assert_eq!(opened.members[0].rows, [4, 3]);
    }
}

#[test]
fn cells_are_where_their_references_say() {
    let content = r#"<sheetData><row r="2"><c r="C2"><v>3</v></c><c r="A2"><v>1</v></c><c r="A2"><v>9</v></c><c r="B3"><v>8</v></c></row></sheetData>"#;
    let book = Book {
        sheets: vec![("S", content)],
        ..Book::default()
    };
    let opened = opened("b.xlsx", &book.bytes());
    assert_eq!(texts(&opened), [("b.xlsx!S", "1,,3\n")]);
    assert_eq!(
        told(&opened),
        [
            ("cell-reference-invalid", "b.xlsx!S", Some(2), "S!B3"),
            ("cell-reference-invalid", "b.xlsx!S", Some(2), "S!A2"),
        ]
    );
}

#[test]
fn damage_anywhere_is_told_and_never_stops_the_program() {
    let rows = table(&[&["会话ID", "内容"], &["c1", "在吗"], &["c1", "在的"]]);
    let book = Book {
        sheets: vec![("S", rows.as_str())],
        strings: Some("<si><t>x</t></si>"),
        ..Book::default()
    };
    let files: [(&str, Vec<u8>); 3] = [
        ("b.xlsx", book.bytes()),
        (
            "chat.xls",
            include_bytes!("../fixtures/sheets/chat.xls").to_vec(),
        ),
        ("q.zip", locked(&[("a.txt", CHAT)], "pw", true)),
    ];
    let seed = 0x5eed_u64;
    println!("seed {seed:#x}");
    let mut state = seed;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let limits = Limits {
        held: 8 << 20,
        inflated: 64 << 20,
        ..Limits::default()
    };
    for (name, bytes) in &files {
        for _ in 0..400 {
            let mut damaged = bytes.clone();
            for _ in 0..1 + random() % 8 {
                let at = (random() % damaged.len() as u64) as usize;
                damaged[at] = random() as u8;
            }
            if random() % 4 == 0 {
                damaged.truncate((random() % damaged.len() as u64) as usize);
            }
            let opened = open(name, &damaged, Some("pw"), &limits);
            let silent = opened.members.is_empty() && opened.diagnostics.is_empty();
            assert!(!silent, "{name}: nothing was read and nothing told");
        }
    }
}
