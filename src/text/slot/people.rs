//! Names and addresses in a plain text, by their words: a surname with a title or behind a cue, a road
//! or an estate with a number, a chain of province, city and district.
//!
//! What a reader would get wrong: there is no list of names. A name is believed only where something
//! says that one stands here, so `{person}` misses names in passing and never takes a word for one.

use super::values::{begins, number};
use crate::sorted;
use crate::span::Span;

/// Common surnames; those that begin everyday words (方便, 高兴, 和) are left to their titles.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔汤向常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇栾隋刁沙荣巫寇桑郎甄丛仲虞敖巩佘池查麻苑迟邝";
/// Of these, what begins everyday words: behind a cue no name.
const WORDY: &str = "方高成常安全向车温石万连甘";
const DOUBLE: &[&str] = &[
    "欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫", "尉迟", "令狐", "慕容",
];
const TITLES: &[&str] = &["先生", "女士", "小姐", "太太", "师傅", "阿姨"];
const CUES: &[&str] = &[
    "收件人",
    "收货人",
    "姓名",
    "联系人",
    "我叫",
    "名字是",
    "名字叫",
    "客户",
    "顾客",
    "买家",
];
/// What may follow a name at once.
const AFTER: &[&str] = &[
    "先生", "女士", "小姐", "太太", "的", "电话", "手机", "号码", "地址", "住", "收", "也", "吗",
];

fn is_han(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}

/// The length of the surname at the start of a text.
fn surname(text: &str) -> Option<usize> {
    if let Some(double) = DOUBLE.iter().find(|double| text.starts_with(**double)) {
        return Some(double.len());
    }
    let first = text.chars().next()?;
    SURNAMES.contains(first).then(|| first.len_utf8())
}

/// Where names stand.
pub(super) fn persons(plain: &str, out: &mut Vec<Span>) {
    for title in TITLES {
        for (at, _) in plain.match_indices(title) {
            // 王先生, 王明先生, 王小明先生: the nearest surname begins the name.
            let name = plain[..at]
                .char_indices()
                .rev()
                .take(3)
                .take_while(|(_, c)| is_han(*c))
                .map(|(start, _)| start)
                .find(|start| surname(&plain[*start..at]).is_some());
            if let Some(start) = name {
                let double = DOUBLE
                    .iter()
                    .find(|double| plain[..at].ends_with(**double))
                    .map_or(start, |double| at - double.len());
                out.push(Span::new(start.min(double), at + title.len()));
            }
        }
    }
    for cue in CUES {
        for (at, _) in plain.match_indices(cue) {
            let from = at + cue.len();
            let lead = plain[from..]
                .find(|c| !matches!(c, ':' | '：' | ' ' | '是' | '叫' | '为' | '】' | ']'))
                .unwrap_or(0);
            let start = from + lead;
            if let Some(length) = name(&plain[start..]) {
                out.push(Span::new(start, start + length));
            }
        }
    }
    sorted::plain(out);
    // 联系人王小姐 is found both ways; the longer one is the name.
    out.dedup_by(|later, kept| {
        let same = later.start < kept.end;
        if same {
            kept.end = kept.end.max(later.end);
        }
        same
    });
}

/// The length of a name that stands where one is announced.
fn name(text: &str) -> Option<usize> {
    let family = surname(text)?;
    if text.starts_with(|first| WORDY.contains(first)) {
        return None;
    }
    let mut end = family;
    let mut ends = Vec::new();
    for character in text[family..].chars().take(2).take_while(|c| is_han(*c)) {
        end += character.len_utf8();
        ends.push(end);
    }
    // The longer name first: 张小丽的 before 张小.
    ends.into_iter().rev().find(|end| {
        let rest = &text[*end..];
        let inner = text[..*end].ends_with(['的', '住', '也', '收', '吗']);
        !inner && (!rest.starts_with(is_han) || AFTER.iter().any(|word| rest.starts_with(word)))
    })
}

/// Words before an address that are no part of it.
const LEADS: &[&str] = &[
    "地址", "寄到", "送到", "发到", "发往", "住在", "搬到", "改成", "改到", "改为", "先生", "女士",
    "收货", "在", "是", "到", "住", "您", "我", "的", "寄", "送", "往",
];
/// What carries a number in an address.
const ROADS: &[&str] = &[
    "路",
    "街",
    "大道",
    "街道",
    "巷",
    "弄",
    "胡同",
    "村",
    "小区",
    "社区",
    "花园",
    "家园",
    "公寓",
    "大厦",
    "新村",
    "苑",
    "花苑",
    "广场",
    "公馆",
    "段",
    "里弄",
    "工业园",
    "园区",
];
const UNITS: &[&str] = &[
    "号楼", "号院", "号", "弄", "巷", "段", "栋", "幢", "座", "单元", "室", "楼", "层", "房", "之",
];

/// Where addresses stand.
pub(super) fn addresses(plain: &str, out: &mut Vec<Span>) {
    let mut reach = 0;
    for (at, character) in plain.char_indices() {
        if at < reach || !may_end(character) {
            continue;
        }
        let road = ROADS
            .iter()
            .filter(|road| begins(&plain[at..], road))
            .map(|road| at + road.len())
            .max();
        let end = match road {
            Some(road) => house(&plain[road..]).map(|length| road + length),
            None => None,
        };
        let end = end.or_else(|| district(plain, at));
        let Some(end) = end else { continue };
        let start = begin(plain, at);
        // A road has a name.
        if plain[start..at].chars().count() >= 2 && out.last().is_none_or(|last| last.end <= start)
        {
            out.push(Span::new(start, end));
            reach = end;
        } else if let Some(last) = out
            .last_mut()
            .filter(|last| last.end >= start && last.end < end)
        {
            last.end = end;
            reach = end;
        }
    }
}

/// Whether a word of [`ROADS`] begins here, or an area ends.
fn may_end(character: char) -> bool {
    matches!(
        character,
        '路' | '街'
            | '大'
            | '巷'
            | '弄'
            | '胡'
            | '村'
            | '小'
            | '社'
            | '花'
            | '家'
            | '公'
            | '新'
            | '苑'
            | '广'
            | '段'
            | '里'
            | '工'
            | '园'
            | '区'
            | '县'
            | '市'
            | '镇'
            | '乡'
    )
}

/// The number of a house and all that narrows it down: 四段100号5楼, 3栋2单元501.
fn house(text: &str) -> Option<usize> {
    let mut end = 0;
    let mut units = 0;
    loop {
        let rest = &text[end..];
        let letter = usize::from(rest.starts_with(|c: char| c.is_ascii_lowercase()));
        let length = number(&rest[letter..])
            .map(|length| length + letter)
            .or((letter > 0).then_some(1));
        let Some(length) = length else { break };
        match UNITS.iter().find(|unit| rest[length..].starts_with(**unit)) {
            Some(unit) => {
                // 3号线, 3号前 are no houses.
                let after = &rest[length + unit.len()..];
                if after.starts_with(['线', '前', '后', '发', '到', '左']) {
                    break;
                }
                units += 1;
                end += length + unit.len();
            }
            None if units > 0 => {
                end += length;
                break;
            }
            None => break,
        }
    }
    (units > 0).then_some(end)
}

/// The end of a chain of two areas that ends with the character at `at`: 杭州市西湖区.
fn district(plain: &str, at: usize) -> Option<usize> {
    let last = plain[at..]
        .chars()
        .next()
        .filter(|c| matches!(c, '区' | '县' | '市' | '镇' | '乡'))?;
    let before = &plain[begin(plain, at)..at];
    let (upper, lower) = before
        .rmatch_indices(['省', '市', '州', '盟'])
        .map(|(cut, found)| (&before[..cut], &before[cut + found.len()..]))
        .find(|(upper, lower)| {
            upper.chars().count() >= 2 && (2..=6).contains(&lower.chars().count())
        })?;
    let word = |text: &str| {
        text.contains([
            '各', '全', '地', '专', '城', '场', '超', '小', '社', '这', '那',
        ])
    };
    (!word(upper) && !word(lower)).then(|| at + last.len_utf8())
}

/// Where the words that lead up to `at` begin to be an address.
fn begin(plain: &str, at: usize) -> usize {
    let mut start = at;
    for (index, character) in plain[..at].char_indices().rev().take(24) {
        if !is_han(character) && !character.is_ascii_digit() {
            break;
        }
        start = index;
    }
    let cut = LEADS
        .iter()
        .filter_map(|lead| {
            plain[start..at]
                .rfind(lead)
                .map(|cut| start + cut + lead.len())
        })
        .max();
    cut.unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use super::{addresses, persons};

    fn all(find: fn(&str, &mut Vec<crate::span::Span>), text: &str) -> Vec<&str> {
        let mut out = Vec::new();
        find(text, &mut out);
        out.into_iter().map(|span| span.of(text)).collect()
    }

    #[test]
    fn names_where_something_says_so() {
        for (text, name) in [
            ("王先生您好", "王先生"),
            ("找张小明先生", "张小明先生"),
            ("欧阳女士", "欧阳女士"),
            ("收件人：张丽 13800000000", "张丽"),
            ("收件人:李小花,电话", "李小花"),
            ("姓名是陈晓东", "陈晓东"),
            ("我叫刘洋", "刘洋"),
            ("联系人王小姐", "王小姐"),
            ("客户张丽的电话", "张丽"),
        ] {
            assert_eq!(all(persons, text), [name], "{text}");
        }
        for text in [
            "先生您好",
            "客户方便的时候",
            "客户高兴就好",
            "我叫不出来",
            "收件人写错了",
            "姓名不对",
        ] {
            assert!(
                all(persons, text).is_empty(),
                "{text}: {:?}",
                all(persons, text)
            );
        }
    }

    #[test]
    fn addresses_have_a_road_and_a_number_or_two_areas() {
        for (text, address) in [
            ("地址是文三路12号", "文三路12号"),
            (
                "寄到浙江省杭州市西湖区文三路12号3幢501室,谢谢",
                "浙江省杭州市西湖区文三路12号3幢501室",
            ),
            (
                "台北市大安区忠孝东路四段100号5楼",
                "台北市大安区忠孝东路四段100号5楼",
            ),
            ("寄到杭州市西湖区", "杭州市西湖区"),
            ("他住幸福花园3栋2单元501", "幸福花园3栋2单元501"),
            ("翠苑小区8号楼", "翠苑小区8号楼"),
        ] {
            assert_eq!(all(addresses, text), [address], "{text}");
        }
        for text in [
            "坐3号线",
            "5号发货",
            "超市专区",
            "全市各地区包邮",
            "一路顺风",
            "街上买的3号",
            "这段时间2号前",
        ] {
            assert!(
                all(addresses, text).is_empty(),
                "{text}: {:?}",
                all(addresses, text)
            );
        }
    }
}
