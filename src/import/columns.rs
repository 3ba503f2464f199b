//! What exports call their columns and keys.
//!
//! The thing to get right: a name is compared after case, spaces, `_`, `-` and `.` are gone, so
//! `session_id`, `sessionId` and `Session ID` are one entry here. Where several columns mean the same
//! thing, the one with the lower rank wins.

/// How many kinds of columns there are.
pub(crate) const COLUMNS: usize = 20;

/// What a column or key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// The conversation's id.
    Conversation,
    /// The message's id.
    Id,
    /// The moment, or the time of day beside [`Column::Date`].
    Time,
    /// The day.
    Date,
    /// Who speaks.
    Sender,
    /// The key of a participant, or who speaks.
    From,
    /// The agent of the row, who need not be its sender.
    Agent,
    /// The customer of the row, who need not be its sender.
    Customer,
    /// The role, in words.
    Role,
    /// 1 or true: the agent speaks; 0 or false: the customer.
    AgentSends,
    /// 0 the customer, 1 a robot.
    FromType,
    /// 2002 the agent, 2003 the customer.
    OperationCode,
    /// 1 the customer, 2 the agent, 3 the system.
    AccountRole,
    /// What was said.
    Text,
    /// The kind of message, or its state.
    State,
    /// The channel.
    Channel,
    /// The time zone.
    Zone,
    /// 1 or true: the account answered by itself.
    Auto,
    /// 0 or false: the account answered by itself.
    Manual,
    /// Left the customer, right the shop with its robots; or what was sent, and what came in.
    Side,
}

/// The columns a role can be read from, in order of trust.
pub(crate) const ROLE_COLUMNS: [Column; 6] = [
    Column::Role,
    Column::AgentSends,
    Column::FromType,
    Column::OperationCode,
    Column::AccountRole,
    Column::Side,
];

/// What names of columns mean, where the caller has something to say about them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    stated: Vec<(String, Option<Column>)>,
}

impl Names {
    /// By [`super::Options::columns`].
    pub(crate) fn new(columns: &[(String, String)]) -> Self {
        let stated = columns
            .iter()
            .map(|(name, column)| (bare(name).to_owned(), Column::of(column).map(|it| it.0)));
        Self {
            stated: stated.collect(),
        }
    }

    /// What the caller says, as the names are written.
    pub(crate) fn stated(&self) -> impl Iterator<Item = (&str, Option<Column>)> {
        self.stated.iter().map(|(name, column)| (&**name, *column))
    }

    /// Leaves out what is no news.
    pub(crate) fn retain(&mut self, is_news: impl Fn(&str, Option<Column>) -> bool) {
        self.stated.retain(|(name, column)| is_news(name, *column));
    }

    /// Whether the caller says anything.
    pub(crate) fn any(&self) -> bool {
        !self.stated.is_empty()
    }

    /// Whether the caller says what a name means.
    pub(crate) fn states(&self, name: &str) -> bool {
        self.stated.iter().any(|it| it.0 == bare(name))
    }

    /// The column of this name, with its rank. What was stated to be the text is the only text there is.
    pub(crate) fn of(&self, name: &str) -> Option<(Column, u8)> {
        if self.stated.is_empty() {
            return Column::of(name);
        }
        let known = |it: &&(String, Option<Column>)| it.0 == bare(name);
        if let Some((_, column)) = self.stated.iter().find(known) {
            return column.map(|column| (column, 0));
        }
        Column::of(name).filter(|found| !self.stated.iter().any(|(_, it)| *it == Some(found.0)))
    }
}

/// A name as people would write it.
fn bare(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// Whether a name, written in whatever way, is this one.
pub(crate) fn is_called(name: &str, wanted: &str) -> bool {
    let bytes = bare(name).bytes();
    let bytes = bytes.filter(|byte| !matches!(byte, b' ' | b'_' | b'-' | b'.'));
    bytes
        .map(|byte| byte.to_ascii_lowercase())
        .eq(wanted.bytes())
}

impl Column {
    /// The name the transcript format gives it, for messages about a column that is missing.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Conversation => "session_id",
            Self::Id => "id",
            Self::Time => "time",
            Self::Date => "date",
            Self::Sender => "sender",
            Self::From => "from",
            Self::Agent => "agent",
            Self::Customer => "customer",
            Self::Role => "role",
            Self::AgentSends => "waiter_send",
            Self::FromType => "from_type",
            Self::OperationCode => "opercode",
            Self::AccountRole => "FromAccountRole",
            Self::Text => "text",
            Self::State => "state",
            Self::Channel => "channel",
            Self::Zone => "timezone",
            Self::Auto => "auto",
            Self::Manual => "manual_reply",
            Self::Side => "direction",
        }
    }

    /// The column of this name, with its rank: 0 for the plainest names.
    pub(crate) fn of(name: &str) -> Option<(Self, u8)> {
        // The keys of most files, without further ado.
        match name {
            "role" => return Some((Self::Role, 0)),
            "sender" => return Some((Self::Sender, 0)),
            "time" => return Some((Self::Time, 0)),
            "text" => return Some((Self::Text, 0)),
            "from" => return Some((Self::From, 0)),
            _ => {}
        }
        let mut buffer = [0u8; 48];
        let mut length = 0;
        for byte in bare(name).bytes() {
            if matches!(byte, b' ' | b'_' | b'-' | b'.') {
                continue;
            }
            *buffer.get_mut(length)? = byte.to_ascii_lowercase();
            length += 1;
        }
        named(std::str::from_utf8(&buffer[..length]).ok()?)
    }
}

fn named(name: &str) -> Option<(Column, u8)> {
    Some(match name {
        "text" | "内容" | "消息内容" | "發送內容" | "内容文本" => (Column::Text, 0),
        "content" | "发送内容" | "聊天内容" | "內容" | "訊息內容" | "消息內容" | "words"
        | "utterance" | "body" => (Column::Text, 1),
        "message" | "msg" | "消息" | "聊天记录" | "文本" | "訊息" | "对话内容" | "原文" => {
            (Column::Text, 2)
        }
        "time" | "t" | "时间" | "发送时间" | "消息时间" | "時間" | "發送時間" | "訊息時間"
        | "聊天时间" | "聊天時間" => (Column::Time, 0),
        "timestamp" | "timestampms" | "sendtime" | "msgtime" | "msgts" | "createdat"
        | "createdtime" | "createtime" | "created" | "begintime" | "datetime" | "ts" | "时间戳"
        | "创建时间" | "chattime" => (Column::Time, 1),
        "date" | "日期" | "发送日期" | "grouptime" => (Column::Date, 0),
        "sender" | "发送者" | "发送人" | "發送者" | "發送人" | "发言人" | "说话人" => {
            (Column::Sender, 0)
        }
        "发送账号" | "发送方" | "昵称" | "暱稱" | "sendername" | "nickname" | "nick"
        | "speaker" | "authorname" | "fromname" | "identity" | "發送方" | "发送人昵称" => {
            (Column::Sender, 1)
        }
        "name" | "姓名" => (Column::Sender, 2),
        "from" => (Column::From, 0),
        "waiter" | "worker" | "staffname" | "客服昵称" | "员工账号" | "客服账号" | "客服"
        | "客服名称" | "客服姓名" | "agent" | "agentname" | "坐席" | "客服暱稱" | "客服帳號" => {
            (Column::Agent, 0)
        }
        "customer" | "客户名" | "客户" | "客户昵称" | "客户名称" | "顾客" | "顾客id" | "买家"
        | "买家昵称" | "用户" | "用户昵称" | "客戶" | "客戶名" | "顧客" | "買家" | "用戶" => {
            (Column::Customer, 0)
        }
        "customername" | "buyer" | "openid" | "externaluserid" | "visitor" | "userid"
        | "用户id" | "客户id" => (Column::Customer, 1),
        "role" | "角色" | "发言角色" | "发送方角色" | "說話角色" => {
            (Column::Role, 0)
        }
        "账号类型" | "帳號類型" | "sendertype" | "authortype" | "发送方类型" | "发送者类型"
        | "身份" | "speakerrole" | "usertype" | "senderrole" => (Column::Role, 1),
        "waitersend" | "isagent" | "是否客服" => (Column::AgentSends, 0),
        "fromtype" => (Column::FromType, 0),
        "opercode" => (Column::OperationCode, 0),
        "fromaccountrole" => (Column::AccountRole, 0),
        "sessionid" | "会话id" | "會話id" | "会话编号" | "會話編號" | "conversationid" => {
            (Column::Conversation, 0)
        }
        "conversation" | "session" | "会话" | "会话号" | "sid" | "cid" | "convid" | "chatid"
        | "tid" | "ticketid" | "roomid" | "对话id" | "對話id" | "dialogueid" | "dialogid"
        | "工单号" | "工单编号" => (Column::Conversation, 1),
        "messageid" | "msgid" | "消息id" | "消息编号" | "訊息id" | "mid" => (Column::Id, 0),
        "id" | "uuid" | "消息序号" => (Column::Id, 1),
        "state" | "状态" | "消息状态" | "狀態" => (Column::State, 0),
        "消息类型" | "msgtype" | "messagetype" | "contenttype" | "類型" | "訊息類型" => {
            (Column::State, 1)
        }
        "type" | "类型" | "parttype" => (Column::State, 2),
        "channel" | "渠道" => (Column::Channel, 0),
        "timezone" | "tz" | "时区" | "時區" => (Column::Zone, 0),
        "auto" | "isaut" | "isauto" | "autoreply" | "isautoreply" | "自动回复" | "是否自动回复" => {
            (Column::Auto, 0)
        }
        "manualreply" => (Column::Manual, 0),
        "direction" | "方向" | "消息方向" | "气泡位置" | "消息位置" | "左右" | "收发" | "side" => {
            (Column::Side, 0)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, Column, Names};

    #[test]
    fn spelling_does_not_matter() {
        for name in [
            "session_id",
            "sessionId",
            "Session ID",
            "会话ID",
            " 会话id ",
            "\u{feff}会话编号",
            "SESSION-ID",
        ] {
            assert_eq!(
                Column::of(name).map(|found| found.0),
                Some(Column::Conversation),
                "{name}"
            );
        }
        assert_eq!(
            Column::of("author.type").map(|found| found.0),
            Some(Column::Role)
        );
        assert_eq!(
            Column::of("发送内容").map(|found| found.0),
            Some(Column::Text)
        );
        assert_eq!(
            Column::of("waiterSend").map(|found| found.0),
            Some(Column::AgentSends)
        );
        assert_eq!(Column::of("商品名称"), None);
        assert_eq!(Column::of(&"长".repeat(40)), None);
    }

    #[test]
    fn the_last_column_fits_the_table() {
        assert_eq!(Column::Side as usize + 1, COLUMNS);
    }

    #[test]
    fn every_column_is_found_under_its_own_name() {
        for column in [
            Column::Conversation,
            Column::Id,
            Column::Time,
            Column::Date,
            Column::Sender,
            Column::From,
            Column::Agent,
            Column::Customer,
            Column::Role,
            Column::AgentSends,
            Column::FromType,
            Column::OperationCode,
            Column::AccountRole,
            Column::Text,
            Column::State,
            Column::Channel,
            Column::Zone,
            Column::Auto,
            Column::Manual,
            Column::Side,
        ] {
            assert_eq!(Column::of(column.name()).map(|found| found.0), Some(column));
        }
    }

    #[test]
    fn what_is_stated_wins() {
        let stated = |name: &str, column: &str| (name.to_owned(), column.to_owned());
        let names = Names::new(&[stated("正文 ", "text"), stated("昵称", "")]);
        assert_eq!(names.of("\u{feff}正文"), Some((Column::Text, 0)));
        assert_eq!(names.of("内容"), None);
        assert_eq!(names.of("昵称"), None);
        assert_eq!(names.of("发送人"), Some((Column::Sender, 0)));
        assert_eq!(Names::default().of("内容"), Some((Column::Text, 0)));
    }
}
