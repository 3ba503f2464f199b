//! Stated times: what 明天上午, 1-3个工作日 and 24 hours come to.

use zhijian::text::{Anchor, Folded, When, times};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// 2024-05-06, a Monday, as a day since 1970.
const MONDAY: i64 = 19_849;

fn read(text: &str, local: i64) -> Vec<(String, When)> {
    let folded = Folded::new(text);
    let anchor = Anchor {
        local,
        closing: 18 * HOUR,
        works: &|day| (day + 3).rem_euclid(7) < 5,
    };
    times(folded.plain(), &anchor)
        .into_iter()
        .map(|time| (time.span.of(folded.plain()).to_owned(), time.when))
        .collect()
}

fn known(from: i64, to: i64) -> When {
    When::Known {
        from,
        to,
        assumed: false,
        working: false,
    }
}

/// What a text with one time in it comes to, said on Monday at ten.
fn at_ten(text: &str) -> When {
    let found = read(text, MONDAY * DAY + 10 * HOUR);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found[0].1
}

#[test]
fn lengths_run_from_the_moment_they_are_said() {
    let now = MONDAY * DAY + 10 * HOUR;
    for (text, least, most) in [
        ("5分钟内回您", 5, 5),
        ("半小时内回复", 30, 30),
        ("半個小時", 30, 30),
        ("一个半小时", 90, 90),
        ("個半鐘", 90, 90),
        ("两三分钟", 2, 3),
        ("3到5分钟", 3, 5),
        ("3-5分钟", 3, 5),
        ("几分钟", 2, 9),
        ("十几分钟", 12, 19),
        ("二三十分钟", 20, 30),
        ("一小时三十分钟", 90, 90),
        ("1小时30分钟", 90, 90),
        ("兩個小時", 120, 120),
        ("24小时内", 1440, 1440),
        ("48小時之內", 2880, 2880),
        ("24h", 1440, 1440),
        ("within 24 hours", 1440, 1440),
        ("in 5 minutes", 5, 5),
        ("half an hour", 30, 30),
        ("in an hour", 60, 60),
        ("10多分钟", 10, 15),
        ("一刻钟", 15, 15),
        ("半天", 720, 720),
        ("1.5小时", 90, 90),
        // Not to the minute: half as long again.
        ("半小时后", 30, 45),
        ("20分钟左右", 20, 30),
    ] {
        let expected = known(now + least * MINUTE, now + most * MINUTE);
        assert_eq!(at_ten(text), expected, "{text}");
    }
}

#[test]
fn days_end_at_midnight_and_working_days_skip_the_weekend() {
    for (text, last) in [
        ("3天内", 3),
        ("1到3个工作日", 3),
        ("1-3个工作日", 3),
        ("5个工作日内", 7),
        ("within 5 business days", 7),
        ("七天", 7),
        ("两周", 14),
        ("15日内", 15),
    ] {
        match at_ten(text) {
            When::Known { to, .. } => assert_eq!(to, (MONDAY + last + 1) * DAY, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn moments_are_stretches_of_local_time() {
    let day = |ahead: i64| (MONDAY + ahead) * DAY;
    for (text, from, to) in [
        ("明天", day(1), day(2)),
        ("明天上午", day(1) + 4 * HOUR, day(1) + 12 * HOUR),
        ("明日下午", day(1) + 12 * HOUR, day(1) + 18 * HOUR),
        ("后天", day(2), day(3)),
        ("今天内", day(0), day(1)),
        ("今天下午4点前", day(0) + 16 * HOUR, day(0) + 16 * HOUR),
        ("晚上8点前", day(0) + 20 * HOUR, day(0) + 20 * HOUR),
        ("明天18点前", day(1) + 18 * HOUR, day(1) + 18 * HOUR),
        (
            "12:30前",
            day(0) + 12 * HOUR + 30 * MINUTE,
            day(0) + 12 * HOUR + 30 * MINUTE,
        ),
        ("3点前", day(0) + 15 * HOUR, day(0) + 15 * HOUR),
        (
            "明早9点",
            day(1) + 9 * HOUR,
            day(1) + 9 * HOUR + 10 * MINUTE,
        ),
        (
            "明天3点左右",
            day(1) + 15 * HOUR,
            day(1) + 15 * HOUR + 30 * MINUTE,
        ),
        ("周五", day(4), day(5)),
        ("周一", day(7), day(8)),
        ("下周一", day(7), day(8)),
        ("下周", day(7), day(14)),
        ("周末", day(5), day(7)),
        ("月底前", day(25), day(26)),
        ("5月8号", day(2), day(3)),
        ("8号", day(2), day(3)),
        ("3号", day(28), day(29)),
        ("2024-05-09", day(3), day(4)),
        ("2024年5月9日", day(3), day(4)),
        ("下个月20号", day(45), day(46)),
        ("tomorrow morning", day(1) + 4 * HOUR, day(1) + 12 * HOUR),
        ("by end of day", day(0), day(1)),
        (
            "by 6 pm today",
            day(0) + 18 * HOUR,
            day(0) + 18 * HOUR + 10 * MINUTE,
        ),
        (
            "tomorrow at 10am",
            day(1) + 10 * HOUR,
            day(1) + 10 * HOUR + 10 * MINUTE,
        ),
        ("friday", day(4), day(5)),
        ("1月2号", day(-125), day(-124)),
    ] {
        assert_eq!(at_ten(text), known(from, to), "{text}");
    }
    let closing = day(0) + 18 * HOUR;
    for text in ["今天下班前", "下班之前", "今日下班前"] {
        let expected = When::Known {
            from: closing,
            to: closing,
            assumed: true,
            working: false,
        };
        assert_eq!(at_ten(text), expected, "{text}");
    }
}

#[test]
fn the_past_is_past() {
    let now = MONDAY * DAY + 10 * HOUR;
    for text in [
        "5分钟前",
        "昨天",
        "两天前",
        "5 minutes ago",
        "上周五",
        "昨晚",
    ] {
        match at_ten(text) {
            When::Known { to, .. } => assert!(to <= now, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn masked_is_stated_and_later_is_not() {
    for text in [
        "[数字x]小时内",
        "***小时内",
        "X个工作日",
        "约x个工作日",
        "[数字x]点前",
        // Stated, and there is none.
        "2月30日前",
        "13月1日",
        "25点前",
        "32号前",
    ] {
        assert_eq!(at_ten(text), When::Masked, "{text}");
    }
    assert_eq!(at_ten("晚点给您回复"), When::Vague);
    for text in [
        "尽快",
        "稍等",
        "马上",
        "一点点",
        "有点",
        "第一时间",
        "小时候",
        "asap",
        "good morning",
    ] {
        assert_eq!(read(text, MONDAY * DAY), [], "{text}");
    }
}

#[test]
fn no_text_overflows() {
    for text in [
        "九".repeat(400) + "年",
        "9".repeat(400) + "个工作日",
        "9".repeat(30) + "点" + &"9".repeat(30) + "分",
        "99999999999年前".to_owned(),
        "9999月9999号".to_owned(),
        "9999-99-99".to_owned(),
        "万".repeat(200) + "小时半",
        "下个月".to_owned() + &"9".repeat(30) + "号",
        "9".repeat(30) + "月" + &"9".repeat(30) + "日",
    ] {
        for local in [0, MONDAY * DAY, 8_640_000_000_000_000] {
            read(&text, local);
        }
    }
}

/// What the peer's corpus gives for one line, as far as service chats use it.
enum Peer {
    Lasts(i64),
    Starts(i64),
    Within(i64, i64),
}

fn numbers(text: &str) -> Vec<i64> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter_map(|part| part.parse().ok())
        .collect()
}

fn civil(parts: &[i64]) -> i64 {
    // Months count from 0 to 12 in the corpus; the days between are enough for a bound.
    let (year, month, day) = (parts[0], parts[1].max(1), parts[2].max(1));
    let shifted = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + of_year - 719_468;
    days * DAY + parts[3] * HOUR + parts[4] * MINUTE + parts[5] * 1000
}

/// Why a line of the corpus is none of ours, or what it gives.
fn peer(text: &str, dimension: &str, value: &str) -> Result<Peer, &'static str> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if dimension == "Duration" {
        if has(&["個字", "个字"]) {
            return Err("Cantonese counts of five minutes");
        }
        if text.ends_with("分半") || text == "分半鐘" {
            return Err("分半 without a unit");
        }
        if ["10 月", "十 月", "五 日"].contains(&text) {
            return Err("a month or a day of the month as likely as a length");
        }
        let count = numbers(value)[0];
        let unit = [
            ("Second", 1000),
            ("Minute", MINUTE),
            ("Hour", HOUR),
            ("Day", DAY),
            ("Month", 30 * DAY),
        ];
        let (_, each) = unit
            .iter()
            .find(|(name, _)| value.ends_with(name))
            .expect("a unit");
        return Ok(Peer::Lasts(count * each));
    }
    if value.contains("Holiday") {
        return Err("holidays by name");
    }
    let years_off = has(&["年前", "年之前", "年後", "年之後"]) && !has(&["前两", "前兩", "下三"]);
    if has(&["年"]) && !value.contains("Day") && !years_off {
        return Err("whole years");
    }
    if has(&[
        "上两", "上二", "上兩", "前两", "前二", "前兩", "下三", "后三", "後三",
    ]) {
        return Err("runs of units counted from now");
    }
    if has(&[
        "现在", "此时", "此刻", "当前", "現在", "此時", "當前", "宜家", "而家", "依家",
    ]) {
        return Err("now");
    }
    if has(&[
        "踏",
        "搭",
        "個字",
        "個鐘之",
        "晏晝三點三",
        "晏晝三點一",
        "两月",
        "兩月",
    ]) && !text.contains("十")
        && !text.contains("個鐘之")
    {
        return Err("Cantonese counts of five minutes");
    }
    if has(&["第一"]) || text.contains(',') {
        return Err("weekdays counted in a month, a date beside its weekday");
    }
    if ["3月", "3月份", "三月"].contains(&text) {
        return Err("months by name alone");
    }
    if text.contains('/') {
        return Err("dates with slashes that do not begin with the year");
    }
    if text.contains("CET") {
        return Err("zones");
    }
    if ["下周三", "下礼拜三", "下週三", "下禮拜三", "下星期三"].contains(&text)
        || (has(&[
            "这周一",
            "这礼拜一",
            "這週一",
            "這禮拜一",
            "今個星期一",
            "今個礼拜一",
            "今個禮拜一",
        ]))
    {
        return Err("下周三 and 这周一: the peer takes the nearest, Chinese the week");
    }
    if has(&["日前", "日之前", "日後", "日之後"]) {
        return Err("日 as a unit: 5日前 is a date");
    }
    let stated = numbers(value);
    if stated.len() >= 12 && has(&["前", "後", "后", "周末", "週末"]) {
        return Ok(Peer::Within(civil(&stated[..6]), civil(&stated[6..12])));
    }
    Ok(Peer::Starts(civil(&stated[..6])))
}

#[allow(clippy::print_stderr, reason = "what is left out, or skipped, is said")]
#[test]
fn the_relevant_part_of_a_public_corpus_is_read() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/fixtures/reference/peers/duckling_zh.jsonl"
    );
    let Ok(lines) = std::fs::read_to_string(path) else {
        eprintln!("absent: {path}");
        return;
    };
    // The corpus is anchored at 2013-02-12 04:30.
    let now = civil(&[2013, 2, 12, 4, 30, 0]);
    let mut left_out: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    let (mut asserted, mut wrong) = (0, Vec::new());
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let row: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let field = |name: &str| row[name].as_str().expect("text").to_owned();
        let (dimension, text, value) = (field("dim"), field("text"), field("value"));
        if dimension != "Time" && dimension != "Duration" {
            *left_out
                .entry("numbers, money, distances, quantities")
                .or_default() += 1;
            continue;
        }
        let expected = match peer(&text, &dimension, &value) {
            Ok(expected) => expected,
            Err(reason) => {
                *left_out.entry(reason).or_default() += 1;
                continue;
            }
        };
        asserted += 1;
        let found = read(&text, now);
        let fits = match (found.as_slice(), expected) {
            ([(_, When::Known { from, to, .. })], Peer::Lasts(length)) => {
                // Days end at midnight; a year is 365 days and not twelve times thirty.
                let day_grain = length >= DAY;
                let slack = if length > 300 * DAY { 15 * DAY } else { 0 };
                if day_grain {
                    (from - now - length).abs() <= slack && to - from <= DAY + slack
                } else {
                    (*from, *to) == (now + length, now + length)
                }
            }
            ([(_, When::Known { from, .. })], Peer::Starts(start)) => *from == start,
            ([(_, When::Known { from, to, .. })], Peer::Within(start, end)) => {
                *from >= start && (*from <= end || *to <= end)
            }
            _ => false,
        };
        if !fits {
            wrong.push(format!("{text} | {value} | {found:?}"));
        }
    }
    eprintln!("{asserted} lines read; left out: {left_out:#?}");
    assert!(
        wrong.is_empty(),
        "{} of {asserted}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(asserted > 200, "{asserted}");
}
