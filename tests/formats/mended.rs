//! What was once lost, invented or told wrongly, one test each.

use zhijian::diagnostic::Diagnostic;
use zhijian::import::{self, Detection, Options};
use zhijian::transcript::{Resolution, Role, Transcript};

use crate::books::{Book, Entry, crafted, opened, texts, told, zipped};

struct Found {
    transcripts: Vec<Transcript>,
    told: Vec<Diagnostic>,
    /// Rows, messages, excluded.
    rows: [usize; 3],
    detection: Detection,
}

impl Found {
    fn said(&self) -> Vec<Vec<(Role, &str)>> {
        self.transcripts
            .iter()
            .map(|one| one.messages.iter().map(|it| (it.role, &*it.text)).collect())
            .collect()
    }

    /// Lines on which a code is told.
    fn lines(&self, code: &str) -> Vec<Option<u32>> {
        let of = self.told.iter().filter(|it| it.code == code);
        of.map(|it| it.line).collect()
    }

    fn one(&self, code: &str) -> &Diagnostic {
        let all: Vec<&Diagnostic> = self.told.iter().filter(|it| it.code == code).collect();
        assert_eq!(all.len(), 1, "{code}: {:?}", self.told);
        all[0]
    }

    fn times(&self) -> Vec<Option<String>> {
        let mut found = Vec::new();
        for one in &self.transcripts {
            let of = one.messages.iter().map(|it| it.time);
            found.extend(of.map(|time| time.map(|time| one.zone.rfc3339(time))));
        }
        found
    }
}

fn read_as(name: &str, text: &str, options: &Options) -> Found {
    let mut reader = import::read(name, text.into(), options);
    let transcripts = reader.by_ref().collect();
    let figures = reader.accounting();
    let rows = [figures.rows, figures.messages, figures.excluded_rows()];
    assert_eq!(rows[0], rows[1] + rows[2] + figures.records);
    Found {
        transcripts,
        told: reader.diagnostics().to_vec(),
        rows,
        detection: reader.detection().clone(),
    }
}

fn read(text: &str) -> Found {
    read_as("a.csv", text, &Options::default())
}

use Role::{Agent, Bot, Customer, System};

#[test]
fn words_behind_a_notice_of_the_client_are_the_speakers() {
    for notice in [
        "商品推荐",
        "由 服务助手 转交给 青禾旗舰店:小迪",
        "当前用户来自 商品详情页",
    ] {
        let text = format!(
            "tb1 2025-3-1 10:00:05\n在吗\n青禾旗舰店:小迪 2025-3-1 10:00:09\n{notice}\n你这个傻子\n由我说\ntb1 2025-3-1 10:00:15\n好\n"
        );
        let found = read(&text);
        assert_eq!(
            found.said(),
            [[
                (Customer, "在吗"),
                (System, notice),
                (Agent, "你这个傻子\n由我说"),
                (Customer, "好")
            ]]
        );
        assert_eq!(found.rows, [4, 4, 0]);
        let speaker = |at: usize| {
            let one = &found.transcripts[0];
            one.speaker(&one.messages[at]).name.clone()
        };
        assert_eq!(speaker(2), "青禾旗舰店:小迪");
        assert_eq!(
            found.times()[2].as_deref(),
            Some("2025-03-01T10:00:09+08:00")
        );
    }
    // A sentence that begins like a notice is none; nor is one that stands behind words.
    let text = "tb1 2025-3-1 10:00:05\n在吗\n青禾:小迪 2025-3-1 10:00:09\n由于太忙，我转交给同事\n青禾:小迪 2025-3-1 10:00:12\n看这个\n商品推荐\n滚\n";
    let found = read(text);
    assert_eq!(
        found.said(),
        [[
            (Customer, "在吗"),
            (Agent, "由于太忙，我转交给同事"),
            (Agent, "看这个"),
            (System, "商品推荐"),
            (Agent, "滚")
        ]]
    );
}

#[test]
fn robots_and_the_system_are_no_side() {
    let rows = [("机器人", "您好"), ("王大锤", "退款"), ("小迪", "亲")];
    let mut csv = "时间,发送者,内容\n".to_owned();
    for (at, (sender, text)) in rows.iter().enumerate() {
        csv.push_str(&format!("2024-09-02 10:00:0{at},{sender},{text}\n"));
    }
    let expected = [[(Bot, "您好"), (Customer, "退款"), (Agent, "亲")]];
    let found = read(&csv);
    assert_eq!(found.said(), expected);
    assert_eq!(found.rows, [3, 3, 0]);
    found.one("role-inferred");
    let found = read(
        "店:机器人 2024-9-2 10:00:00\n您好\n王大锤 2024-9-2 10:00:05\n退款\n小迪 2024-9-2 10:00:09\n亲\n",
    );
    assert_eq!(found.said(), expected);
    let found = read_as(
        "_chat.txt",
        "[2024/9/2 10:00:00] 机器人: 您好\n[2024/9/2 10:00:05] 王大锤: 退款\n[2024/9/2 10:00:09] 小迪: 亲\n",
        &Options::default(),
    );
    assert_eq!(found.said(), expected);
}

#[test]
fn a_blank_role_is_the_one_stated_elsewhere() {
    let header = "会话ID,时间,发送者,角色,内容\n";
    let found = read(&format!(
        "{header}1,2024-09-02 10:00:00,张三,客户,一\n1,2024-09-02 10:00:05,小迪,客服,二\n1,2024-09-02 10:00:09,小迪,,三\n1,2024-09-02 10:00:12,张三,,四\n"
    ));
    assert_eq!(
        found.said(),
        [[
            (Customer, "一"),
            (Agent, "二"),
            (Agent, "三"),
            (Customer, "四")
        ]]
    );
    assert_eq!(found.transcripts[0].speakers.len(), 2);
    let note = found.one("role-inferred");
    assert!(!note.message.zh.contains("文件没有角色"), "{note:?}");
    // In another conversation, before and after; the conversation's own word comes first.
    let found = read(&format!(
        "{header}1,2024-09-02 10:00:00,张三,客户,一\n1,2024-09-02 10:00:05,小迪,,二\n2,2024-09-02 10:00:05,小迪,客服,三\n2,2024-09-02 10:00:09,李四,,四\n3,2024-09-02 10:00:10,小迪,主管,五\n3,2024-09-02 10:00:12,小迪,,六\n"
    ));
    let roles: Vec<Vec<Role>> = found
        .transcripts
        .iter()
        .map(|one| one.messages.iter().map(|it| it.role).collect())
        .collect();
    assert_eq!(roles[1], [Agent, Customer]);
    assert_eq!(roles[2], [Role::Supervisor, Role::Supervisor]);
    assert_eq!(found.rows, [6, 6, 0]);
}

const A: &str = r#"{"role":"customer","text":"a"}"#;
const B: &str = r#"{"role":"agent","text":"b"}"#;

#[test]
fn what_stands_before_a_cut_of_json_is_kept() {
    let both = vec![vec![(Customer, "a"), (Agent, "b")]];
    for (text, rows) in [
        (format!("{{\"messages\":[{A},{B}]"), [2, 2, 0]),
        (format!("{{\"messages\":[{A},{B}"), [2, 2, 0]),
        (
            format!("{{\"messages\":[{A},{B},{{\"role\":\"cus"),
            [3, 2, 1],
        ),
        (format!("[{{\"id\":\"1\",\"messages\":[{A},{B}]"), [2, 2, 0]),
        (
            format!("{{\"data\":{{\"list\":[{{\"id\":\"1\",\"messages\":[{A},{B}]"),
            [2, 2, 0],
        ),
        (
            format!("{{\"data\":{{\"list\":[{{\"id\":\"1\",\"messages\":[{A},{B},{{\"role"),
            [3, 2, 1],
        ),
    ] {
        let found = read_as("a.json", &text, &Options::default());
        assert_eq!(found.said(), both, "{text}");
        assert_eq!(found.rows, rows, "{text}");
        found.one("json-truncated");
    }
}

#[test]
fn one_broken_message_costs_itself() {
    let text =
        format!("[{{\"id\":\"1\",\"messages\":[{A},{{]}},{{\"id\":\"2\",\"messages\":[{B}]}}]");
    let found = read_as("a.json", &text, &Options::default());
    assert_eq!(found.said(), [vec![(Customer, "a")], vec![(Agent, "b")]]);
    assert_eq!(found.rows, [3, 2, 1]);
    for list in [
        format!("{A},,{B}"),
        format!(",{A},{B}"),
        format!("{A},{B},,"),
        format!("{{\"role\":\"customer\",,\"text\":\"a\"}},{B}"),
    ] {
        let text = format!("{{\"messages\":[{list}]}}");
        let found = read_as("a.json", &text, &Options::default());
        assert_eq!(
            found.said(),
            [vec![(Customer, "a"), (Agent, "b")]],
            "{text}"
        );
        assert!(!found.lines("json-loose").is_empty(), "{text}");
    }
}

#[test]
fn members_of_one_name_are_all_read() {
    let entry = |name: &'static [u8], stored: &'static [u8]| Entry {
        name,
        stored,
        deflated: false,
        size: stored.len() as u32,
        crc: crc(stored),
    };
    let zip = crafted(&[
        entry(b"a.csv", b"one"),
        entry(b"b.csv", b"two"),
        entry(b"a.csv", b"three"),
        entry(b"a.csv", b"four"),
    ]);
    let opened = opened("all.zip", &zip);
    let mut found: Vec<&str> = texts(&opened).iter().map(|one| one.1).collect();
    found.sort_unstable();
    assert_eq!(found, ["four", "one", "three", "two"]);
    let mut names: Vec<&str> = texts(&opened).iter().map(|one| one.0).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(told(&opened).iter().any(|it| it.0 == "member-name-twice"));
}

/// CRC-32, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

#[test]
fn an_order_of_day_and_month_holds_for_the_whole_file() {
    // The first conversation is handed out before the last is seen.
    let mut text = "会话ID,时间,角色,内容\n".to_owned();
    text.push_str("1,2/8/2024 10:00:00,客户,在吗\n");
    for at in 0..18 {
        text.push_str(&format!(
            "2,,客户,{}\n",
            "长".repeat(333_333) + &at.to_string()
        ));
    }
    text.push_str("3,25/12/2024 10:00:00,客户,在吗\n4,12/25/2024 10:00:00,客服,在\n");
    let found = read(&text);
    let of = |id: &str| {
        let one = found.transcripts.iter().find(|one| one.id == id);
        let one = one.expect("a conversation");
        one.messages[0].time.map(|time| one.zone.rfc3339(time))
    };
    let day_first = found.detection.day_first.expect("an order");
    let (fits, contradicts) = if day_first { ("3", "4") } else { ("4", "3") };
    assert_eq!(of(fits).as_deref(), Some("2024-12-25T10:00:00+08:00"));
    assert_eq!(of(contradicts), None);
    let first = if day_first {
        "2024-08-02"
    } else {
        "2024-02-08"
    };
    assert!(of("1").expect("a time").starts_with(first));
    let line = if day_first { 22 } else { 21 };
    assert_eq!(found.lines("date-order-contradicted"), [Some(line)]);
    assert!(found.lines("time-invalid").is_empty());
}

#[test]
fn a_date_with_a_clock_has_its_seconds_once() {
    let content = r#"<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>时间</t></is></c></row>
        <row r="2"><c r="A2" s="1"><v>45538.5</v></c></row>
        <row r="3"><c r="A3" s="1"><v>45538.5001</v></c></row>
        <row r="4"><c r="A4" s="2"><v>45538.5</v></c></row></sheetData>"#;
    let book = Book {
        sheets: vec![("S", content)],
        formats: vec!["yyyy-mm-dd", "yyyy-mm-dd hh:mm"],
        ..Book::default()
    };
    let opened = opened("b.xlsx", &book.bytes());
    assert_eq!(
        texts(&opened)[0].1,
        "时间\n2024-09-03 12:00:00\n2024-09-03 12:00:09\n2024-09-03 12:00:00\n"
    );
}

#[test]
fn xml_spreadsheets_are_read() {
    let text = r#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Styles><Style ss:ID="Default"/><Style ss:ID="s1"><Alignment/></Style></Styles>
<Worksheet ss:Name="聊天"><Table>
<Row><Cell><Data ss:Type="String">时间</Data></Cell><Cell/><Cell><Data ss:Type="String">内容</Data></Cell></Row>
<Row ss:Index="4"><Cell><Data ss:Type="DateTime">2024-09-02T10:00:00.000</Data></Cell><Cell ss:Index="3"><Data ss:Type="String">在吗&#10;亲</Data><Comment><ss:Data>批注</ss:Data></Comment></Cell></Row>
</Table></Worksheet><Worksheet ss:Name="空"><Table/></Worksheet></Workbook>"#;
    let opened = opened("a.xls", text.as_bytes());
    assert_eq!(
        texts(&opened),
        [(
            "a.xls",
            "时间,,内容\n2024-09-02T10:00:00.000,,\"在吗\n亲\"\n"
        )]
    );
    assert_eq!(import::row_of(&opened.members[0].rows, 2), 4);
    let codes: Vec<&str> = told(&opened).iter().map(|it| it.0).collect();
    assert_eq!(codes, ["file-type-mismatch"]);
}

#[test]
fn pages_of_which_nothing_is_read_are_an_error() {
    for page in [
        "<html><table></table></html>",
        "<table><tr><td></td></tr></table>",
        "<html><table><tr></table>",
    ] {
        let opened = opened("a.xls", page.as_bytes());
        assert!(opened.members.is_empty());
        let codes: Vec<&str> = told(&opened).iter().map(|it| it.0).collect();
        assert!(codes.contains(&"workbook-empty"), "{page} {codes:?}");
    }
    // A table that nobody closes, around one that holds something.
    let page =
        "<table><table><tr><td>时间</td><td>内容</td></tr><tr><td>10:00</td><td>在吗</td></tr>";
    let opened = opened("a.xls", page.as_bytes());
    assert_eq!(texts(&opened)[0].1, "时间,内容\n10:00,在吗\n");
}

#[test]
fn parts_of_one_text_are_joined_as_they_are() {
    let text = r#"{"name":"小圆子","type":"personal_chat","id":1,"messages":[{"id":1,"type":"message","date":"2024-05-06T10:00:00","date_unixtime":"1714960800","from":"小迪","from_id":"user1","text":["亲，",{"type":"bold","text":"全网最"},"低价"]}]}"#;
    let found = read_as("result.json", text, &Options::default());
    assert_eq!(found.transcripts[0].messages[0].text, "亲，全网最低价");
}

#[test]
fn one_long_text_in_many_cells_stops_early_and_keeps_what_came_before() {
    let cells: String = (1..=20_000)
        .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>"))
        .collect();
    let content = format!("<sheetData>{cells}</sheetData>");
    let strings = format!("<si><t>{}</t></si>", "a".repeat(30_000));
    let book = Book {
        sheets: vec![("S", content.as_str())],
        strings: Some(strings.as_str()),
        ..Book::default()
    };
    let opened = opened("b.xlsx", &book.bytes());
    assert_eq!(opened.members.len(), 1);
    let bytes = opened.members[0].bytes.len();
    assert!((30 << 20..=70 << 20).contains(&bytes), "{bytes}");
    let codes: Vec<&str> = told(&opened).iter().map(|it| it.0).collect();
    assert_eq!(codes, ["inflated-too-large"]);
}

#[test]
fn the_web_text_of_a_night_goes_on_to_the_next_day() {
    let text = "2024-09-02\n23:59:58\n在吗\ntb123\n00:00:05\n在的\n青禾旗舰店:小迪\n2024-09-03\n09:00:00\n早\ntb123\n";
    let found = read(text);
    let times: Vec<String> = found.times().into_iter().flatten().collect();
    assert_eq!(
        times,
        [
            "2024-09-02T23:59:58+08:00",
            "2024-09-03T00:00:05+08:00",
            "2024-09-03T09:00:00+08:00"
        ]
    );
    assert!(found.lines("time-out-of-order").is_empty());
}

#[test]
fn whoever_talks_with_several_is_of_the_shop() {
    let header = "会话ID,时间,发送者,内容\n";
    let found = read(&format!(
        "{header}1,2024-09-02 10:00:00,王五,在吗\n1,2024-09-02 10:00:05,小迪,在的\n2,2024-09-02 11:00:00,小迪,您好\n2,2024-09-02 11:00:05,赵六,好\n"
    ));
    assert_eq!(
        found.said(),
        [
            [(Customer, "在吗"), (Agent, "在的")],
            [(Agent, "您好"), (Customer, "好")]
        ]
    );
    let note = found.one("role-inferred");
    assert!(note.message.zh.contains("小迪"), "{note:?}");
    // The same two again: nothing tells who is who.
    let found = read(&format!(
        "{header}1,2024-09-02 10:00:00,王五,在吗\n1,2024-09-02 10:00:05,小迪,在的\n2,2024-09-02 11:00:00,小迪,您好\n2,2024-09-02 11:00:05,王五,好\n"
    ));
    assert_eq!(found.said()[0], [(Customer, "在吗"), (Agent, "在的")]);
    // Both sides have several.
    let found = read(&format!(
        "{header}1,2024-09-02 10:00:00,王五,在吗\n1,2024-09-02 10:00:05,小迪,在的\n2,2024-09-02 11:00:00,王五,您好\n2,2024-09-02 11:00:05,小雨,好\n"
    ));
    assert_eq!(
        found.said(),
        [
            [(Customer, "在吗"), (Agent, "在的")],
            [(Customer, "您好"), (Agent, "好")]
        ]
    );
}

#[test]
fn a_minute_keeps_its_place_among_its_seconds() {
    let header = "会话ID,时间,角色,内容\n";
    let found = read(&format!(
        "{header}1,2024-09-02 10:05:30,客户,问\n1,2024-09-02 10:05,客服,答\n1,2024-09-02 10:06:10,客户,再问\n"
    ));
    let texts = |found: &Found| -> Vec<String> {
        let all = found.transcripts[0].messages.iter();
        all.map(|it| it.text.clone()).collect()
    };
    assert_eq!(texts(&found), ["问", "答", "再问"]);
    assert!(found.lines("time-out-of-order").is_empty());
    assert_eq!(
        found.transcripts[0].messages[1]
            .time
            .map(|it| it.resolution),
        Some(Resolution::Minute)
    );
    // What is out of order elsewhere does not move it either.
    let found = read(&format!(
        "{header}1,2024-09-02 10:05:30,客户,问\n1,2024-09-02 10:05,客服,答\n1,2024-09-02 10:04:00,客户,先\n1,2024-09-02 10:05,客服,又答\n"
    ));
    assert_eq!(texts(&found), ["先", "问", "答", "又答"]);
    assert_eq!(found.lines("time-out-of-order"), [Some(4)]);
}

#[test]
fn two_agents_and_no_customer_are_told() {
    let found = read("tb:123 2025-3-1 9:00:00\n在吗\n店:小迪 2025-3-1 9:00:05\n在\n");
    assert_eq!(found.said(), [[(Customer, "在吗"), (Agent, "在")]]);
    let found = read("客服小王 2025-3-1 9:00:00\n在吗\n店:小迪 2025-3-1 9:00:05\n在\n");
    assert_eq!(found.said(), [[(Agent, "在吗"), (Agent, "在")]]);
    let note = found.one("role-inferred");
    assert!(note.message.zh.contains("没有客户"), "{note:?}");
    let found = read(
        "tb1 2025-3-1 9:00:00\n帮我查\n订单:123 2025-3-1 09:00:00\n店:小迪 2025-3-1 9:00:05\n在\n",
    );
    assert_eq!(
        found.said(),
        [[
            (Customer, "帮我查\n订单:123 2025-3-1 09:00:00"),
            (Agent, "在")
        ]]
    );
}

#[test]
fn times_as_spreadsheets_and_clients_write_them() {
    let found = read(
        "会话ID,聊天时间,角色,内容\n1,=\"2024-09-02 10:00:00\",客户,一\n1,'2024-09-02 10:00:05,客服,二\n1,2024-09-02 10:05:06 星期一,客户,三\n",
    );
    let times: Vec<Option<String>> = found.times();
    assert_eq!(
        times.iter().flatten().collect::<Vec<_>>(),
        [
            "2024-09-02T10:00:00+08:00",
            "2024-09-02T10:00:05+08:00",
            "2024-09-02T10:05:06+08:00"
        ]
    );
}

#[test]
fn a_source_of_intercom_is_a_message_however_it_came() {
    let text = r#"{"type":"conversation","id":"7","created_at":1714960800,"source":{"type":"conversation","id":"9","body":"<p>在吗</p>","author":{"type":"user","id":"1","name":"小圆子"}},"conversation_parts":{"type":"conversation_part.list","conversation_parts":[{"type":"conversation_part","id":"2","part_type":"comment","body":"<p>在的</p>","created_at":1714960805,"author":{"type":"admin","id":"3","name":"小迪"}}]}}"#;
    let found = read_as("a.json", text, &Options::default());
    assert_eq!(found.said(), [[(Customer, "在吗"), (Agent, "在的")]]);
}

#[test]
fn a_sender_that_is_blank_is_not_quoted() {
    let found = read(
        "会话ID,时间,发送者,角色,内容\n1,2024-09-02 10:00:00,张三,客户,一\n1,2024-09-02 10:00:05,,,二\n",
    );
    let note = found.one("role-unknown");
    assert!(!note.message.zh.contains("“”"), "{note:?}");
}

#[test]
fn what_is_stated_about_columns_that_are_not_there_is_told() {
    let options = Options {
        columns: vec![("无此列".to_owned(), "text".to_owned())],
        ..Options::default()
    };
    let found = read_as(
        "a.csv",
        "会话ID,时间,角色,内容\n1,2024-09-02 10:00:00,客户,一\n",
        &options,
    );
    assert_eq!(
        found.one("column-not-found").field.as_deref(),
        Some("无此列")
    );
}

#[test]
fn a_cell_without_the_end_of_its_row_is_read() {
    let content = r#"<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="3"<c r="A3"><v>3</v></c></row></sheetData>"#;
    let book = Book {
        sheets: vec![("S", content)],
        ..Book::default()
    };
    let opened = opened("b.xlsx", &book.bytes());
    let codes: Vec<&str> = told(&opened).iter().map(|it| it.0).collect();
    assert!(
        texts(&opened)[0].1 == "1\n3\n" || codes.contains(&"file-damaged"),
        "{codes:?}"
    );
}

#[test]
fn a_kind_is_listed_so_often_in_a_whole_archive() {
    let inner = zipped(&[("a.txt", b"x")]);
    let mut deep = inner;
    for at in 0..4 {
        deep = zipped(&[(&format!("{at}.zip"), &deep)]);
    }
    let files: Vec<(String, Vec<u8>)> = (0..300)
        .map(|at| {
            let mut one = deep.clone();
            one.extend(format!("{at}").bytes());
            (format!("{at}.zip"), one)
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|it| (&*it.0, &*it.1)).collect();
    let opened = opened("all.zip", &zipped(&files));
    let count = |code: &str| told(&opened).iter().filter(|it| it.0 == code).count();
    assert_eq!(count("nesting-too-deep"), 100);
    assert_eq!(count("more-like-this"), 1);
}

#[test]
fn a_row_has_no_more_columns_than_a_sheet() {
    let words = "在".to_owned() + &",x".repeat(3_000_000);
    let found = read(&format!(
        "会话ID,角色,内容\n1,客户,在吗\n1,客服,{words}\n1,客户,好\n"
    ));
    let said = &found.said()[0];
    assert_eq!(said.len(), 3);
    assert!(said[1] == (Agent, words.as_str()) && said[2] == (Customer, "好"));
    let note = found.one("csv-ragged-row");
    assert_eq!(note.line, Some(3));
    assert!(note.message.zh.contains("16384"), "{note:?}");
}

#[test]
fn the_command_tells_what_it_does_not_do() {
    let folder = std::env::temp_dir().join(format!("zhijian-mended-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = "会话ID,时间,角色,内容\n1,2024-09-02 10:00:00,客户,在吗\n";
    for name in ["self.csv", ".hidden.csv"] {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_zhijian"));
        let output = command.current_dir(&folder).args(arguments).output();
        let output = output.expect("a run");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), told)
    };
    let (code, told) = run(&["convert", "self.csv", "-o", "./self.csv"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("output-is-input"), "{told}");
    let left = std::fs::read_to_string(folder.join("self.csv"));
    assert_eq!(left.expect("the file"), text);
    assert!(!folder.join("self.csv.part").exists());
    let (code, told) = run(&[
        "inspect",
        "--standard",
        "taobao",
        "self.csv",
        "-o",
        "self.csv",
    ]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("output-is-input"), "{told}");
    let (_, told) = run(&["convert", "."]);
    assert!(
        told.contains("file-hidden") && told.contains(".hidden.csv"),
        "{told}"
    );
    let (code, told) = run(&["convert", "self.csv", "--date", "2024-02-30"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("correction-unknown"), "{told}");
    let (_, told) = run(&["convert", "self.csv", "--columns", "无此列=text"]);
    assert!(told.contains("column-not-found"), "{told}");
    let names: Vec<String> = (0..120).map(|at| format!("{at}.txt")).collect();
    for name in &names {
        let chat = format!("tb1 2024-9-2 10:00:00\n在吗{name}\n");
        std::fs::write(folder.join(name), chat).expect("a file");
    }
    let mut arguments = vec!["convert"];
    arguments.extend(names.iter().map(String::as_str));
    let (_, told) = run(&arguments);
    assert_eq!(told.matches("timezone-assumed]").count(), 100);
    assert!(told.contains("more-like-this"));
    std::fs::remove_dir_all(&folder).expect("the end");
}
