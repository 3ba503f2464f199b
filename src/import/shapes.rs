//! The JSON exports that [`super::shape`] reads, a table each: what makes an object a message of theirs,
//! and where it says what. The words of paths, conditions and templates are explained in `shape::find`.
//!
//! The thing to get right: rules are tried in order, and those for the role stand before those for the
//! sender, because the system has no name.

use super::columns::Column::{AccountRole, AgentSends};
use super::columns::Column::{
    Auto, Conversation, Date, FromType, Id, Manual, Role, Sender, State, Text, Time,
};
use super::shape::Shape;

/// Every shape, under the number by which it is one of the formats.
pub(crate) static SHAPES: [Shape; 20] = [
    // What the merchant's web client gets over its socket and sends. `time` is in seconds or milliseconds;
    // what an account sent by itself says `manual_reply: 0` or `is_aut: 1`.
    Shape {
        id: "pinduoduo-socket",
        title_zh: "拼多多 socket JSON",
        title_en: "Pinduoduo socket JSON",
        message: &[
            "from.role to.role ?content",
            "from.role=user,mall_cs msg_id",
        ],
        rules: &[
            (Id, "", "{msg_id}"),
            (Conversation, "from.role=user", "{from.uid}"),
            (Conversation, "to.role=user", "{to.uid}"),
            (Time, "", "{time|ts}"),
            (Role, "type=24,64,1002", "system"),
            (Role, "type=0 sub_type=1", "system"),
            (Role, "from.role=user", "customer"),
            (Role, "from.role=mall_cs", "agent"),
            (Role, "from.role=robot,bot", "bot"),
            (Role, "from.role", "system"),
            (Auto, "", "{is_aut}"),
            (Manual, "", "{manual_reply}"),
            (
                Sender,
                "from.role=user",
                "{nickname|from.nickname|from.uid}",
            ),
            (Sender, "", "{from.csid|from.nickname|from.uid}"),
            (State, "type=1,5,14", "media"),
            (Text, "type=1002", "撤回了一条消息"),
            (Text, "type=24 !content", "会话已转接"),
            (
                Text,
                "type=0 sub_type=1",
                "[订单] {info.orderSequenceNo|info.order_sequence_no} {info.afterSalesStatus} {info.goodsName}",
            ),
            (
                Text,
                "type=64",
                "[商品] {info.goodsName|content} {info.goodsPrice}",
            ),
            (Text, "", "{content}"),
            (
                Text,
                "info.goodsName",
                "[商品] {info.goodsName} {info.goodsPrice}",
            ),
        ],
        withdraws: (
            "type=1002",
            "{info.withdraw_msg_id|withdraw_msg_id|info.msg_id|content}",
        ),
        ..Shape::NEW
    },
    // The service's own log of the robot that answers about parcels.
    Shape {
        id: "pinduoduo-logistics-bot",
        title_zh: "拼多多物流机器人记录",
        title_en: "Pinduoduo logistics robot log",
        message: &["msg_ts from_type"],
        rules: &[
            (Id, "", "{id}"),
            (Conversation, "", "{^order_sn|^conversation_id|^session_id}"),
            (Conversation, "", "#"),
            (Time, "", "{msg_ts}"),
            (FromType, "", "{from_type}"),
            (Text, "", "{text}"),
        ],
        ..Shape::NEW
    },
    // The open interface's chat log.
    Shape {
        id: "jd-chatlog",
        title_zh: "京东咚咚聊天记录 JSON",
        title_en: "JD Dongdong chat log",
        message: &["waiterSend createdTime"],
        rules: &[
            (Id, "", "{uuid|id}"),
            (Conversation, "", "{sid}"),
            (Conversation, "", "{&waiter&customer}"),
            (Time, "", "{createdTime}"),
            (AgentSends, "", "{waiterSend}"),
            (Sender, "waiterSend=1,true", "{waiter}"),
            (Sender, "waiterSend", "{customer|xidBuyer}"),
            (State, "revokeFlag=1,true", "recalled"),
            (State, "imgUrl !content", "media"),
            (Text, "", "{content}"),
        ],
        ..Shape::NEW
    },
    // What the merchant's back end shows, row by row with its messages.
    Shape {
        id: "jd-backend",
        title_zh: "京东客服后台记录 JSON",
        title_en: "JD merchant back-end records",
        message: &["mid waiterSend created"],
        rules: &[
            (Id, "", "{mid}"),
            (Conversation, "", "{sid|^sid|^sessionId|^chatId}"),
            (Conversation, "", "#"),
            (Time, "", "{created}"),
            (AgentSends, "", "{waiterSend}"),
            (
                Sender,
                "waiterSend=1,true",
                "{waiter|^waiter|^waiterName|^mallName}",
            ),
            (
                Sender,
                "waiterSend",
                "{customer|^customer|^customerPin|^pin}",
            ),
            (State, "revokeFlag=1,true", "recalled"),
            (State, "imgUrl !content", "media"),
            (Text, "", "{content}"),
        ],
        ..Shape::NEW
    },
    // The research corpus CSDS: who asks is Q, who answers is A; no times at all.
    Shape {
        id: "csds",
        title_zh: "CSDS 客服对话 JSON",
        title_en: "CSDS dialogues",
        message: &["speaker=Q,A ?utterance"],
        rules: &[
            (Conversation, "", "{^DialogueID|^dialogueid|^SessionID}"),
            (Conversation, "", "#"),
            (Role, "speaker=Q ^QRole=客服,商家,seller,agent", "agent"),
            (Role, "speaker=A ^QRole=客服,商家,seller,agent", "customer"),
            (Role, "speaker=Q", "customer"),
            (Role, "", "agent"),
            (Text, "", "{utterance}"),
        ],
        timeless: true,
        ..Shape::NEW
    },
    // The archive after decryption: the body stands under the key that `msgtype` names, `msgtime` is in
    // milliseconds or seconds. Made ids are wm…, wo… for people outside and wb… for robots.
    Shape {
        id: "wecom-archive",
        title_zh: "企业微信会话存档",
        title_en: "WeCom message archive",
        message: &["msgid action=send,recall,switch"],
        kind: "msgtype",
        skip: "action=switch",
        rules: &[
            (Id, "", "{msgid}"),
            (Conversation, "", "{roomid}"),
            (Conversation, "", "{&from&tolist}"),
            (Time, "", "{msgtime|time}"),
            (Role, "action=recall", "system"),
            (Role, "msgtype=revoke,agree,disagree", "system"),
            (Role, "from%wm,wo", "customer"),
            (Role, "from%wb", "bot"),
            (Role, "from", "agent"),
            (Sender, "", "{from}"),
            (
                State,
                "msgtype=image,voice,video,emotion,file,meeting_voice_call,voip_doc_share",
                "media",
            ),
            (Text, "action=recall", "撤回了一条消息"),
            (Text, "msgtype=revoke", "撤回了一条消息"),
            (Text, "msgtype=agree", "客户同意存档会话内容"),
            (Text, "msgtype=disagree", "客户不同意存档会话内容"),
            (Text, "msgtype=mixed", "{,mixed.item.content!.content}"),
            (Text, "msgtype=text,markdown", "{$.content|info.content}"),
            (
                Text,
                "msgtype=link",
                "[链接] {link.title} {link.description} {link.link_url}",
            ),
            (
                Text,
                "msgtype=location",
                "[位置] {location.title} {location.address}",
            ),
            (Text, "msgtype=card", "[名片] {card.corpname} {card.userid}"),
            (
                Text,
                "msgtype=weapp",
                "[小程序] {weapp.title} {weapp.displayname}",
            ),
            (Text, "msgtype=chatrecord", "[聊天记录] {chatrecord.title}"),
            (
                Text,
                "",
                "[{msgtype}] {$.filename|$.title|$.topic|$.wish|info.title|info.item.title}",
            ),
        ],
        withdraws: ("", "{revoke.pre_msgid}"),
        ..Shape::NEW
    },
    // The official account's record of its customer service.
    Shape {
        id: "wechat-kf",
        title_zh: "微信公众号客服记录",
        title_en: "WeChat official account service records",
        message: &["openid opercode"],
        rules: &[
            (Id, "", "{msgid|msg_id}"),
            (Conversation, "", "{openid}"),
            (Time, "", "{time}"),
            (Role, "opercode~1", "system"),
            (Role, "opercode=2002", "agent"),
            (Role, "opercode=2001,2003", "customer"),
            (Sender, "opercode=2002", "{worker}"),
            (Sender, "opercode=2001,2003", "{openid}"),
            (Text, "", "{text|content}"),
            (Text, "opercode=1003", "会话已转接"),
            (Text, "opercode=1004", "会话已关闭"),
            (Text, "opercode~1", "会话已接入"),
        ],
        ..Shape::NEW
    },
    // `Messages[]` of 腾讯 Desk: 1 the customer, 2 the agent, 3 the system.
    Shape {
        id: "tencent-desk",
        title_zh: "腾讯 Desk 会话记录",
        title_en: "Tencent Desk chat messages",
        message: &["FromAccountRole MsgBody"],
        rules: &[
            (Id, "", "{MsgKey|MsgId}"),
            (Conversation, "", "{SessionId|^SessionId}"),
            (Time, "", "{Timestamp}"),
            (AccountRole, "", "{FromAccountRole}"),
            (Role, "FromAccountRole=3", "system"),
            (Sender, "", "{FromAccount}"),
            (
                State,
                "MsgBody.MsgType=TIMImageElem,TIMSoundElem,TIMVideoFileElem,TIMFileElem,TIMFaceElem",
                "media",
            ),
            (Text, "", "{,MsgBody.MsgContent.Text}"),
            (Text, "", "{MsgBody.MsgContent.FileName}"),
            (
                Text,
                "",
                "[卡片] {MsgBody.MsgContent.Desc|MsgBody.MsgContent.Data}",
            ),
        ],
        ..Shape::NEW
    },
    // `DescribeChatMessages` of 腾讯云联络中心: agents are known by the mail address they sign in with.
    Shape {
        id: "tencent-ccc",
        title_zh: "腾讯云联络中心聊天记录",
        title_en: "Tencent Cloud Contact Center chats",
        message: &["From Timestamp Messages.Type"],
        rules: &[
            (Conversation, "", "{SessionId|^SessionId|^CdrId}"),
            (Time, "", "{Timestamp}"),
            (Role, "From=system,admin", "system"),
            (Role, "From*@", "agent"),
            (Sender, "", "{From}"),
            (State, "Messages.Type=Image,Audio,Video,File", "media"),
            (Text, "", "{,Messages.Content}"),
        ],
        opener: true,
        ..Shape::NEW
    },
    // `message.txt` of the export: who has a staff id of zero or less is a robot, the last line is no data.
    Shape {
        id: "qiyu-messages",
        title_zh: "七鱼导出 message.txt",
        title_en: "Qiyu export, message.txt",
        message: &["sessionId from=0,1 time"],
        rules: &[
            (Id, "", "{id|msgIdClient|msgId}"),
            (Conversation, "", "{sessionId}"),
            (Time, "", "{time}"),
            (Role, "from=1", "customer"),
            (Role, "staffId=0", "bot"),
            (Role, "staffId~-", "bot"),
            (Role, "", "agent"),
            (Auto, "", "{autoReply}"),
            (Sender, "from=1", "{userName|fromUser|userId}"),
            (Sender, "", "{staffName|staffId}"),
            (State, "", "{type|msgType}"),
            (Text, "", "{content|msg|text}"),
        ],
        tail: true,
        ..Shape::NEW
    },
    // `session.txt` beside it: figures about the conversations, no words.
    Shape {
        id: "qiyu-sessions",
        title_zh: "七鱼导出 session.txt（会话数据，无聊天内容）",
        title_en: "Qiyu export, session.txt (figures, no chats)",
        message: &["id staffId interaction", "id staffId sType"],
        tail: true,
        figures: true,
        ..Shape::NEW
    },
    // What is uploaded to 智能对话分析: `begin` in milliseconds since the beginning, `beginTime` where known.
    Shape {
        id: "aliyun-sca",
        title_zh: "阿里云智能对话分析 JSON",
        title_en: "Alibaba Cloud SCA dialogues",
        message: &["?words role begin|beginTime"],
        rules: &[
            (Conversation, "", "{^tid|^callId|^taskId}"),
            (Conversation, "", "#"),
            (Time, "", "{beginTime}"),
            (Role, "", "{role}"),
            (Sender, "", "{identity}"),
            (Text, "", "{words}"),
        ],
        offset: ("begin", "{^beginTime|^callTime|^startTime}"),
        ..Shape::NEW
    },
    // Comments of tickets, from the interface or from a warehouse; what is not public is a note.
    Shape {
        id: "zendesk-comments",
        title_zh: "Zendesk 工单回复 JSON",
        title_en: "Zendesk ticket comments",
        message: &[
            "author_id|user_id ?body public created_at|created",
            "type=Comment body|html_body public",
        ],
        rules: &[
            (Id, "", "{id}"),
            (Conversation, "", "{ticket_id|^ticket_id|^ticket.id|^id}"),
            (Time, "", "{created_at|created|^created_at}"),
            (Role, "public=false,0", "system"),
            (Role, "^users[id=author_id].role=end-user", "customer"),
            (Role, "^users[id=author_id].role", "agent"),
            (
                Role,
                "author_id|user_id@^requester_id|^ticket.requester_id",
                "customer",
            ),
            (Role, "^requester_id|^ticket.requester_id", "agent"),
            (
                Sender,
                "",
                "{^users[id=author_id].name|author.name|author_id|user_id}",
            ),
            (Text, "", "{plain_body|body|html_body}"),
        ],
        html: true,
        opener: true,
        ..Shape::NEW
    },
    // Chats: `history` of the interface, or the events of a warehouse.
    Shape {
        id: "zendesk-chat",
        title_zh: "Zendesk Chat 记录 JSON",
        title_en: "Zendesk Chat histories",
        message: &[
            "type~chat. ?timestamp",
            "type~chat. ?created_timestamp",
            "chat_id actor_id chat_index",
            "sender_type ?msg timestamp",
            "type=offline_msg message",
        ],
        rules: &[
            (Id, "", "{msg_id}"),
            (Conversation, "", "{chat_id|^chat_id|^id}"),
            (Conversation, "", "#"),
            (Time, "", "{timestamp|created_timestamp|created_at}"),
            (Role, "type~chat. !type=chat.msg,chat.file", "system"),
            (Role, "type~Chat !type~chat. !type=ChatMessage", "system"),
            (Role, "type=offline_msg", "customer"),
            (Role, "original_message!.source.type=zd:answerBot", "bot"),
            (Role, "sender_type=trigger,bot", "bot"),
            (Role, "nick~trigger", "bot"),
            (Role, "sender_type=visitor", "customer"),
            (Role, "sender_type=agent", "agent"),
            (Role, "nick~visitor", "customer"),
            (Role, "nick~agent", "agent"),
            (Role, "actor_id~agent", "agent"),
            (Role, "original_message!.author.type=BUSINESS", "agent"),
            (Role, "actor_id", "customer"),
            (
                Sender,
                "",
                "{name|original_message!.author.display_name|visitor.name|nick|actor_id}",
            ),
            (State, "type=chat.file", "media"),
            (Text, "type=chat.memberjoin", "{name|nick} 加入会话"),
            (Text, "type=chat.memberleave", "{name|nick} 离开会话"),
            (Text, "type=chat.rating", "客户评价：{new_rating|rating}"),
            (Text, "type=ChatDepartmentTransfer", "会话已转接"),
            (
                Text,
                "",
                "{msg|message|original_message!.content.text|attachment.name}",
            ),
            (Text, "", "[{type}]"),
        ],
        ..Shape::NEW
    },
    // What is imported into Zendesk QA.
    Shape {
        id: "zendesk-qa",
        title_zh: "Zendesk QA 导入 JSON",
        title_en: "Zendesk QA import",
        message: &["authorIsNotClient ?comment"],
        rules: &[
            (Id, "", "{id}"),
            (Conversation, "", "{^id}"),
            (Time, "", "{created}"),
            (Role, "public=false,0", "system"),
            (Role, "authorIsNotClient=true,1", "agent"),
            (Role, "", "customer"),
            (Sender, "", "{authorName|authorEmail}"),
            (Text, "", "{comment}"),
        ],
        html: true,
        ..Shape::NEW
    },
    // Conversations with their parts; `source` is the first message. Bodies are HTML, times in seconds.
    Shape {
        id: "intercom",
        title_zh: "Intercom 会话 JSON",
        title_en: "Intercom conversations",
        message: &[
            "author.type part_type",
            "author.type delivered_as",
            "author.type type=conversation_message",
            "author.type ?body ^source",
        ],
        rules: &[
            (Id, "", "{id}"),
            (Conversation, "", "{^id}"),
            (Time, "", "{created_at}"),
            (Time, "!part_type", "{^created_at}"),
            (
                Role,
                "part_type !part_type=comment,close,open,quick_reply,snoozed",
                "system",
            ),
            (Role, "part_type !body !attachments", "system"),
            (Role, "author.from_ai_agent=true", "bot"),
            (Role, "author.is_ai_answer=true", "bot"),
            (Role, "author.type=bot", "bot"),
            (
                Role,
                "delivered_as=campaigns_initiated,operator_initiated,automated",
                "bot",
            ),
            (Role, "author.type=user,contact,lead,visitor", "customer"),
            (Role, "author.type=admin,teammate", "agent"),
            (Role, "", "system"),
            (Sender, "", "{author.name|author.email|author.id}"),
            (State, "redacted=true", "unavailable"),
            (State, "attachments.name|attachments.url !body", "media"),
            (Text, "", "{body}"),
            (Text, "part_type=close", "会话已关闭"),
            (
                Text,
                "part_type*assignment",
                "会话已转接给 {assigned_to.name|assigned_to.id}",
            ),
            (Text, "part_type*assignment", "会话已转接"),
            (Text, "", "{,attachments.name}"),
            (Text, "", "[{part_type}]"),
        ],
        html: true,
        ..Shape::NEW
    },
    // The neutral format of ChatLab, whole or one a line; the owner of the export is of the shop.
    Shape {
        id: "chatlab",
        title_zh: "ChatLab JSON",
        title_en: "ChatLab JSON",
        message: &[
            "sender timestamp type ^chatlab",
            "_type=message sender timestamp",
        ],
        aside: "_type=header,member",
        rules: &[
            (Id, "", "{platformMessageId}"),
            (Conversation, "", "{^meta.groupId|^meta.name}"),
            (Time, "", "{timestamp}"),
            (Role, "type=80,81", "system"),
            (Role, "sender@^meta.ownerId", "agent"),
            (Role, "^meta.ownerId ^meta.type=private", "customer"),
            (
                Sender,
                "",
                "{groupNickname|accountName|^members[platformId=sender].accountName|sender}",
            ),
            (State, "type=1,2,3,4,5", "media"),
            (Text, "", "{content}"),
            (Text, "type=81", "撤回了一条消息"),
        ],
        opener: true,
        ..Shape::NEW
    },
    // What tools take from the client's HTML: the day stands in the header of a group.
    Shape {
        id: "qianniu-capture",
        title_zh: "千牛页面抓取 JSON",
        title_en: "Qianniu captured chats",
        message: &["chatName chatTime|groupTime"],
        rules: &[
            (Conversation, "", "{^active_user_nickname}"),
            (Conversation, "", "#"),
            (Time, "", "{chatTime|groupTime}"),
            (Date, "", "{chatDate}"),
            (Role, "chatName@^active_user_nickname", "customer"),
            (Role, "chatName*机器人", "bot"),
            (Role, "^active_user_nickname", "agent"),
            (Sender, "", "{chatName}"),
            (State, "img !chatTextLeft|chatTextRight|chatText", "media"),
            (Text, "", "{chatTextLeft|chatTextRight|chatText}"),
        ],
        day: "groupTime",
        ..Shape::NEW
    },
    // The retired `taobao.wangwang.eservice.chatlog.get`: 0 is from `from_id`, mostly the shop's, to `to_id`.
    Shape {
        id: "taobao-chatlog",
        title_zh: "旺旺聊天记录接口 JSON",
        title_en: "Wangwang chat log interface",
        message: &["direction=0,1 ?content time"],
        rules: &[
            (Conversation, "", "{&^from_id&^to_id}"),
            (Conversation, "", "#"),
            (Time, "", "{time}"),
            (Role, "direction=0 ^to_id*:", "customer"),
            (Role, "direction=1 ^to_id*:", "agent"),
            (Role, "direction=0", "agent"),
            (Role, "direction=1", "customer"),
            (Sender, "direction=0", "{^from_id}"),
            (Sender, "direction=1", "{^to_id}"),
            (Text, "", "{content}"),
        ],
        ..Shape::NEW
    },
    // A chat that Telegram Desktop exported.
    Shape {
        id: "telegram-json",
        title_zh: "Telegram 导出 JSON",
        title_en: "Telegram export",
        message: &["date_unixtime from|from_id|actor"],
        rules: &[
            (Id, "", "{id}"),
            (Conversation, "", "{^id|^name}"),
            (Time, "", "{date_unixtime}"),
            (Role, "type=service", "system"),
            (Sender, "", "{from|from_id}"),
            (State, "photo|file|media_type !text", "media"),
            (Text, "", "{+text.text?}"),
            (Text, "type=service", "[{action}]"),
        ],
        opener: true,
        ..Shape::NEW
    },
];
