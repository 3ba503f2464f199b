//! Tables whose header is not the first row, or not there.

use zhijian::import::{self, Options};
use zhijian::transcript::Role;

struct Read {
    format: Option<String>,
    said: Vec<(Role, String, String)>,
    told: Vec<(String, Option<u32>)>,
    rows: usize,
    excluded: usize,
}

fn read(text: &str, options: &Options) -> Read {
    let mut reader = import::read("a.csv", text.as_bytes().to_vec(), options);
    let mut said = Vec::new();
    for transcript in reader.by_ref() {
        for message in &transcript.messages {
            let name = transcript.speakers[message.speaker.0].name.clone();
            said.push((message.role, name, message.text.clone()));
        }
    }
    let figures = reader.accounting();
    assert_eq!(
        figures.rows,
        figures.messages + figures.records + figures.excluded_rows()
    );
    Read {
        format: reader.detection().format.as_ref().map(|it| it.to_string()),
        said,
        told: reader
            .diagnostics()
            .iter()
            .map(|it| (it.code.clone(), it.line))
            .collect(),
        rows: figures.rows,
        excluded: figures.excluded_rows(),
    }
}

#[test]
fn rows_above_the_header_are_counted_and_told() {
    let text = "聊天记录导出\n1,2024-09-02 10:05:06,张三,客户,你好\n会话ID,时间,发送者,角色,内容\n1,2024-09-02 10:06:06,张三,客户,好\n";
    let found = read(text, &Options::default());
    assert_eq!((found.rows, found.excluded, found.said.len()), (2, 1, 1));
    assert!(
        found.told.contains(&("csv-above-header".into(), Some(2))),
        "{:?}",
        found.told
    );
}

#[test]
fn titles_above_the_header_are_no_rows() {
    let text = "聊天记录导出,,,,\n导出时间,2024-09-02,,,\n会话ID,时间,发送者,角色,内容\n1,2024-09-02 10:06:06,张三,客户,好\n";
    let found = read(text, &Options::default());
    assert_eq!((found.rows, found.excluded, found.said.len()), (1, 0, 1));
    assert!(
        !found
            .told
            .iter()
            .any(|(code, _)| code == "csv-above-header")
    );
}

#[test]
fn a_header_that_somebody_quotes_is_none() {
    let text = "角色,时间,内容\n客户,2024-09-02 10:05:06,会话ID;发送时间;角色;内容;2024\n客服,2024-09-02 10:05:09,好的\n";
    let found = read(text, &Options::default());
    assert_eq!((found.rows, found.excluded, found.said.len()), (2, 0, 2));
}

#[test]
fn a_table_without_header_is_read_by_what_stands_in_it() {
    let text = "2024-09-02 10:05:06,张三,你好\n2024-09-02 10:05:16,青禾旗舰店:小迪,亲在的\n2024-09-02 10:06:16,张三,好\n";
    let found = read(text, &Options::default());
    assert_eq!(found.format.as_deref(), Some("csv"));
    let expected = [
        (Role::Customer, "张三", "你好"),
        (Role::Agent, "青禾旗舰店:小迪", "亲在的"),
        (Role::Customer, "张三", "好"),
    ]
    .map(|(role, name, text)| (role, name.to_owned(), text.to_owned()));
    assert_eq!(found.said, expected);
    assert!(found.told.contains(&("csv-header-guessed".into(), Some(1))));
    assert_eq!((found.rows, found.excluded), (3, 0));
}

#[test]
fn columns_without_header_can_be_corrected() {
    let text = "青,2024-09-02 10:05:06,张三,长长的一列备注文字\n青,2024-09-02 10:05:16,青禾旗舰店:小迪,长长的一列备注文字\n青,2024-09-02 10:06:16,张三,长长的一列备注文字\n";
    let columns = vec![
        ("列1".to_owned(), "text".to_owned()),
        ("列4".to_owned(), String::new()),
    ];
    let options = Options {
        columns,
        ..Options::default()
    };
    let found = read(text, &options);
    let texts: Vec<&str> = found.said.iter().map(|it| &*it.2).collect();
    assert_eq!(texts, ["青", "青", "青"]);
}
