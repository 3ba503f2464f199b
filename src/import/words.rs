//! What exports call roles, states and channels, and what a sender's name gives away.

use crate::transcript::{Channel, Role, State};

use super::columns::Column;

/// The role a value of a role column means.
pub(crate) fn role(column: Column, value: &str) -> Option<Role> {
    let value = value.trim();
    match column {
        Column::AgentSends => match value {
            "1" | "true" | "True" | "TRUE" | "是" => Some(Role::Agent),
            "0" | "false" | "False" | "FALSE" | "否" => Some(Role::Customer),
            _ => role_word(value),
        },
        Column::FromType => match value {
            "0" => Some(Role::Customer),
            "1" => Some(Role::Bot),
            _ => role_word(value),
        },
        Column::OperationCode => match value {
            "2002" => Some(Role::Agent),
            "2003" => Some(Role::Customer),
            _ => role_word(value),
        },
        Column::AccountRole => match value {
            "1" => Some(Role::Customer),
            "2" => Some(Role::Agent),
            "3" => Some(Role::System),
            _ => role_word(value),
        },
        Column::Side => match value {
            "右" | "右侧" | "发送" | "发出" | "已发送" => Some(Role::Agent),
            "左" | "左侧" | "接收" | "收到" => Some(Role::Customer),
            "中" | "居中" => Some(Role::System),
            _ => match value.to_ascii_lowercase().as_str() {
                "right" | "out" | "outgoing" | "outbound" | "send" | "sent" => Some(Role::Agent),
                "left" | "in" | "incoming" | "inbound" | "receive" | "received" => {
                    Some(Role::Customer)
                }
                "center" | "centre" | "middle" => Some(Role::System),
                _ => role_word(value),
            },
        },
        _ => role_word(value),
    }
}

/// The role a word names.
pub(crate) fn role_word(word: &str) -> Option<Role> {
    let word = word.trim();
    Some(match word {
        "customer" | "客户" | "买家" | "顾客" | "用户" | "访客" | "客戶" | "買家" | "顧客"
        | "用戶" | "訪客" | "客人" | "消费者" | "C" => Role::Customer,
        "agent" | "客服" | "坐席" | "卖家" | "商家" | "座席" | "賣家" | "人工" | "人工客服"
        | "真人客服" | "店铺" | "店家" | "商户" | "员工" | "客服人员" => {
            Role::Agent
        }
        "bot" | "机器人" | "自动回复" | "智能客服" | "機器人" | "自動回覆" | "自動回復"
        | "机器人客服" | "智能机器人" => Role::Bot,
        "system" | "系统" | "平台" | "系統" | "平臺" | "系统消息" | "系统通知" => {
            Role::System
        }
        "supervisor" | "主管" | "客服主管" => Role::Supervisor,
        _ if word.is_ascii() && word.len() <= 16 => match word.to_ascii_lowercase().as_str() {
            "customer" | "user" | "buyer" | "visitor" | "client" | "contact" | "guest"
            | "consumer" | "usr" | "c" | "end-user" | "enduser" | "end_user" => Role::Customer,
            "agent" | "seller" | "staff" | "waiter" | "worker" | "admin" | "kefu" | "mall_cs"
            | "merchant" | "business" | "service" | "operator" => Role::Agent,
            "bot" | "robot" | "chatbot" => Role::Bot,
            "system" | "sys" | "platform" | "notice" => Role::System,
            "supervisor" | "manager" => Role::Supervisor,
            _ => return None,
        },
        _ => return None,
    })
}

/// The name of somebody of whom only the role is known.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Customer => "客户",
        Role::Agent => "客服",
        Role::Bot => "机器人",
        Role::System => "系统",
        Role::Supervisor => "主管",
    }
}

/// The role that a sender's name alone gives away: `店铺:子账号` is an agent, `tb1234` a customer.
pub(crate) fn role_of_sender(name: &str) -> Option<Role> {
    let name = name.trim();
    if let Some(role) = role_word(name) {
        return Some(role);
    }
    if let Some((shop, account)) = name.split_once([':', '：'])
        && !shop.is_empty()
        && !account.is_empty()
    {
        // A buyer's nick, cut in two.
        if matches!(shop, "tb" | "t") && account.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(Role::Customer);
        }
        return Some(if account.contains("机器人") {
            Role::Bot
        } else {
            Role::Agent
        });
    }
    for (prefix, role) in [
        ("智能客服", Role::Bot),
        ("商家配置", Role::Bot),
        ("自动", Role::Bot),
        ("机器人", Role::Bot),
        ("機器人", Role::Bot),
        ("系统", Role::System),
        ("系統", Role::System),
        ("服务助手", Role::System),
        ("客服", Role::Agent),
        ("坐席", Role::Agent),
        ("主管", Role::Supervisor),
        ("买家", Role::Customer),
        ("買家", Role::Customer),
        ("客户", Role::Customer),
        ("客戶", Role::Customer),
        ("顾客", Role::Customer),
        ("访客", Role::Customer),
        ("用户", Role::Customer),
    ] {
        if name.starts_with(prefix) {
            return Some(role);
        }
    }
    let numbered = |prefix: &str| {
        name.strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    // Masked nicks are buyers': a shop does not mask its own staff.
    (numbered("tb") || numbered("t_") || name.contains("**")).then_some(Role::Customer)
}

/// The state a word of a state or type column means; other types are text.
pub(crate) fn state_word(word: &str) -> Option<State> {
    let word = word.trim();
    Some(match word {
        "撤回" | "已撤回" | "撤回消息" => State::Recalled,
        "图片" | "语音" | "视频" | "文件" | "圖片" | "語音" | "視頻" | "影片" => {
            State::Media
        }
        "不可用" | "无法展示" => State::Unavailable,
        "文本" | "文字" => State::Text,
        _ if word.is_ascii() && word.len() <= 16 => match word.to_ascii_lowercase().as_str() {
            "recalled" | "recall" | "revoke" | "revoked" | "withdraw" | "withdrawn" => {
                State::Recalled
            }
            "unavailable" => State::Unavailable,
            "media" | "image" | "picture" | "voice" | "audio" | "video" | "file" => State::Media,
            "text" => State::Text,
            _ => return None,
        },
        _ => return None,
    })
}

/// The state that a text which only stands for something gives away.
pub(crate) fn state_of_text(text: &str) -> State {
    // What neither begins like a placeholder nor ends like a notice is words: nearly everything.
    let mut ends = text.chars();
    if let (Some(first @ '一'..='鿿'), Some(last)) = (ends.next(), ends.next_back())
        && !matches!(first, '请' | '該' | '该' | '暂' | '此' | '已' | '消')
        && !(last == '息' || last.is_whitespace())
    {
        return State::Text;
    }
    let text = text.trim();
    // Placeholders are short; most messages leave here.
    let first = text.as_bytes().first().copied().unwrap_or(0);
    if text.len() > 150 || (first.is_ascii_alphanumeric() && !text.ends_with("撤回了一条消息"))
    {
        return State::Text;
    }
    if !text.starts_with([
        '[', '【', '(', '（', '请', '該', '该', '暂', '此', '已', '消',
    ]) && !is_recall_notice(text)
    {
        return State::Text;
    }
    if is_media(text) {
        return State::Media;
    }
    const UNAVAILABLE: [&str; 8] = [
        "请在客户端查看",
        "請在客戶端查看",
        "请在手机端查看",
        "该消息类型暂不支持",
        "暂不支持的消息类型",
        "暂不支持查看",
        "此消息无法展示",
        "[unsupported",
    ];
    let inner = text.trim_start_matches(['[', '【', '(', '（']);
    if UNAVAILABLE
        .iter()
        .any(|start| text.starts_with(start) || inner.starts_with(start))
    {
        return State::Unavailable;
    }
    if matches!(
        inner.trim_end_matches([']', '】', ')', '）']),
        "已撤回" | "消息已撤回" | "该消息已撤回"
    ) || is_recall_notice(text)
    {
        return State::Recalled;
    }
    State::Text
}

/// `店铺名:小迪 撤回了一条消息`.
pub(crate) fn is_recall_notice(text: &str) -> bool {
    text.len() <= 150 && (text.ends_with("撤回了一条消息") || text.ends_with("撤回了一則訊息"))
}

/// The channel a word names; what is not known is [`Channel::Other`].
pub(crate) fn channel(word: &str) -> Option<Channel> {
    let word = word.trim();
    if word.is_empty() {
        return None;
    }
    Some(match word.to_ascii_lowercase().as_str() {
        "chat" | "im" | "online" | "web" | "webchat" | "app" | "wechat" | "在线" | "线上"
        | "在线聊天" | "聊天" | "线上聊天" | "線上" | "旺旺" | "千牛" | "咚咚" | "飞鸽"
        | "微信" | "企业微信" | "pdd" | "pinduoduo" | "taobao" | "tmall" | "jd" | "douyin" => {
            Channel::Chat
        }
        "phone" | "call" | "tel" | "telephone" | "voice" | "电话" | "热线" | "電話" => {
            Channel::Phone
        }
        "email" | "e-mail" | "mail" | "邮件" | "郵件" | "邮箱" => Channel::Email,
        _ => Channel::Other,
    })
}

/// Only `[图片]`, `[voice]` and their like, one or several.
fn is_media(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let close = match rest.chars().next() {
            Some('[') => ']',
            Some('【') => '】',
            _ => return false,
        };
        let open = close.len_utf8();
        let Some(end) = rest.find(close) else {
            return false;
        };
        if !matches!(state_word(&rest[open..end]), Some(State::Media))
            && !rest[open..end].eq_ignore_ascii_case("photo")
        {
            return false;
        }
        rest = rest[end + close.len_utf8()..].trim_start();
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{channel, role, role_of_sender, role_word, state_of_text};
    use crate::import::columns::Column;
    use crate::transcript::{Channel, Role, State};

    #[test]
    fn every_listed_role_word() {
        for (words, expected) in [
            (
                "customer user buyer visitor Buyer 客户 买家 顾客 用户 访客 C 客戶 買家",
                Role::Customer,
            ),
            (
                "agent seller staff 客服 坐席 卖家 商家 AGENT waiter",
                Role::Agent,
            ),
            ("bot robot 机器人 自动回复 智能客服 機器人", Role::Bot),
            ("system 系统 平台 系統", Role::System),
            ("supervisor 主管", Role::Supervisor),
        ] {
            for word in words.split(' ') {
                assert_eq!(role_word(word), Some(expected), "{word}");
            }
        }
        assert_eq!(role_word("路人"), None);
    }

    #[test]
    fn numbers_mean_what_their_column_means() {
        assert_eq!(role(Column::AgentSends, "1"), Some(Role::Agent));
        assert_eq!(role(Column::AgentSends, "0"), Some(Role::Customer));
        assert_eq!(role(Column::FromType, "1"), Some(Role::Bot));
        assert_eq!(role(Column::AccountRole, "2"), Some(Role::Agent));
        assert_eq!(role(Column::OperationCode, "2003"), Some(Role::Customer));
        assert_eq!(role(Column::Role, "1"), None);
    }

    #[test]
    fn senders_give_themselves_away() {
        assert_eq!(role_of_sender("青禾旗舰店:小迪"), Some(Role::Agent));
        assert_eq!(role_of_sender("客服小美"), Some(Role::Agent));
        assert_eq!(role_of_sender("tb8946567709"), Some(Role::Customer));
        assert_eq!(role_of_sender("张**"), Some(Role::Customer));
        assert_eq!(role_of_sender("小美"), None);
        assert_eq!(role_of_sender(":"), None);
    }

    #[test]
    fn placeholders_have_a_state_and_sentences_do_not() {
        for text in [
            "[图片]",
            "[image]",
            " [语音] ",
            "[图片][图片]",
            "【视频】",
            "[Voice]",
        ] {
            assert_eq!(state_of_text(text), State::Media, "{text}");
        }
        assert_eq!(
            state_of_text("请在客户端查看原始聊天记录，网页版无法展示"),
            State::Unavailable
        );
        assert_eq!(state_of_text("tb123 撤回了一条消息"), State::Recalled);
        for text in [
            "[图片]看一下",
            "[微笑]",
            "图片",
            "",
            "请在客厅等",
            "[",
            "您撤回了一条消息是吗",
        ] {
            assert_eq!(state_of_text(text), State::Text, "{text}");
        }
    }

    #[test]
    fn channels() {
        assert_eq!(channel("chat"), Some(Channel::Chat));
        assert_eq!(channel("电话"), Some(Channel::Phone));
        assert_eq!(channel("EMAIL"), Some(Channel::Email));
        assert_eq!(channel("sms"), Some(Channel::Other));
        assert_eq!(channel(" "), None);
    }
}
