//! What the columns of tables of records are called, and which a table needs.
//!
//! The thing to get right: names are compared folded, without spaces and marks; where a name means one
//! thing in one table and another elsewhere, the table goes first.

use crate::import::columns::Column;
use crate::records::Table;
use crate::text::Folded;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Conversation,
    Agent,
    Account,
    Customer,
    Key,
    Value,
    By,
    Note,
    /// One of the times of the table.
    Time(usize),
}

/// The names of columns, folded and without spaces, `_`, `-` and `.`; first those of one table.
type Names = &'static [(Field, &'static [&'static str])];

const ANY: Names = &[
    (
        Field::Account,
        &[
            "account",
            "子账号",
            "账号",
            "客服账号",
            "子帐号",
            "帐号",
            "客服帐号",
            "员工账号",
            "登录名",
        ],
    ),
    (
        Field::Agent,
        &["person", "姓名", "员工", "员工姓名", "真实姓名"],
    ),
    (
        Field::Customer,
        &["buyer", "买家会员名", "买家账号", "会员名"],
    ),
];

fn names(table: Table) -> Names {
    match table {
        Table::Roster => &[
            (Field::By, &["group", "组", "组别", "班组", "小组", "部门"]),
            (
                Field::Note,
                &["title", "职位", "职务", "岗位", "头衔", "职称"],
            ),
            (
                Field::Time(0),
                &[
                    "from",
                    "validfrom",
                    "start",
                    "生效",
                    "生效日期",
                    "开始",
                    "开始日期",
                    "起",
                ],
            ),
            (
                Field::Time(1),
                &[
                    "to",
                    "validto",
                    "end",
                    "失效",
                    "失效日期",
                    "结束",
                    "结束日期",
                    "止",
                    "至",
                ],
            ),
        ],
        Table::Orders => &[
            (
                Field::Key,
                &[
                    "order",
                    "orderid",
                    "orderno",
                    "订单",
                    "订单号",
                    "订单编号",
                    "主订单编号",
                ],
            ),
            (
                Field::Time(0),
                &[
                    "placed",
                    "ordered",
                    "下单时间",
                    "订单创建时间",
                    "拍下时间",
                    "创建时间",
                ],
            ),
            (
                Field::Time(1),
                &["paid", "付款时间", "支付时间", "订单付款时间"],
            ),
            (Field::Time(2), &["shipped", "发货时间", "出库时间"]),
            (
                Field::Time(3),
                &[
                    "delivered",
                    "signed",
                    "签收时间",
                    "收货时间",
                    "确认收货时间",
                    "送达时间",
                ],
            ),
        ],
        Table::Tickets => &[
            (
                Field::Key,
                &[
                    "case",
                    "casetype",
                    "type",
                    "工单类型",
                    "问题类型",
                    "类型",
                    "分类",
                ],
            ),
            (
                Field::Time(0),
                &[
                    "opened",
                    "created",
                    "创建时间",
                    "提交时间",
                    "开单时间",
                    "受理时间",
                ],
            ),
            (
                Field::Time(1),
                &[
                    "firstresponse",
                    "firstreply",
                    "首次响应时间",
                    "首次回复时间",
                    "首响时间",
                    "响应时间",
                ],
            ),
            (
                Field::Time(2),
                &[
                    "solved",
                    "resolved",
                    "closed",
                    "解决时间",
                    "完结时间",
                    "关闭时间",
                    "处理完成时间",
                ],
            ),
        ],
        Table::Manual => &[
            (
                Field::Key,
                &[
                    "item",
                    "itemid",
                    "question",
                    "questionid",
                    "评分项",
                    "考核项",
                    "题号",
                    "项目",
                    "质检项",
                ],
            ),
            (
                Field::Value,
                &[
                    "score", "mark", "answer", "result", "得分", "评分", "分数", "结果", "判定",
                    "答案",
                ],
            ),
            (
                Field::By,
                &["rater", "reviewer", "评分人", "质检员", "评审人", "打分人"],
            ),
            (
                Field::Note,
                &["reason", "comment", "理由", "原因", "备注", "说明", "评语"],
            ),
        ],
        Table::Metrics => &[
            (Field::Key, &["metric", "指标", "指标名", "指标名称"]),
            (Field::Value, &["value", "值", "数值", "指标值"]),
            (
                Field::By,
                &["period", "周期", "月份", "统计周期", "日期", "时间段"],
            ),
        ],
        Table::Satisfaction => &[
            (
                Field::Value,
                &[
                    "score",
                    "rating",
                    "csat",
                    "satisfaction",
                    "满意度",
                    "评分",
                    "评价",
                    "打分",
                    "星级",
                    "满意度评分",
                    "评价结果",
                    "服务评分",
                ],
            ),
            (Field::Time(0), &["评价时间", "评分时间", "ratedat"]),
            (Field::Note, &["comment", "评价内容", "备注"]),
        ],
    }
}

/// What a column of a table holds.
pub(super) fn field(table: Table, header: &str) -> Option<Field> {
    if header.is_empty() {
        return None;
    }
    let folded = Folded::new(header);
    let name: String = folded
        .plain()
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '.' | '\u{feff}' | '*'))
        .collect();
    let known = |names: Names| {
        names
            .iter()
            .find(|(_, list)| list.contains(&name.as_str()))
            .map(|(field, _)| *field)
    };
    known(names(table))
        .or_else(|| known(ANY))
        .or_else(|| match Column::of(header)?.0 {
            Column::Conversation => Some(Field::Conversation),
            Column::Agent | Column::Sender => Some(Field::Agent),
            Column::Customer => Some(Field::Customer),
            _ => None,
        })
}

/// Whether the columns are those that the table needs.
pub(super) fn suffices(table: Table, fields: &[Option<Field>]) -> bool {
    let has = |field| fields.contains(&Some(field));
    let somebody = has(Field::Conversation) || has(Field::Agent) || has(Field::Account);
    match table {
        Table::Roster => has(Field::Account) && has(Field::Agent),
        Table::Orders => has(Field::Key) && (0..4).any(|time| has(Field::Time(time))),
        Table::Tickets => {
            has(Field::Time(0)) && (has(Field::Time(1)) || has(Field::Time(2))) && somebody
        }
        Table::Manual => has(Field::Key) && has(Field::Value) && somebody,
        Table::Metrics => has(Field::Key) && has(Field::Value) && somebody,
        Table::Satisfaction => has(Field::Value) && somebody,
    }
}
