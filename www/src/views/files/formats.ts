/** What formats, meanings of columns and encodings are called. Formats without a name here go by their id. */
import type { Bilingual } from 'zhijian';

import type { Key } from '../../stores/i18n.svelte';

const names = (list: [id: string, zh: string, en: string][]): Record<string, Bilingual> => Object.fromEntries(list.map(([id, zh, en]) => [id, { zh, en }]));

export const FORMATS = names([
  ['transcript-json', '会话 JSON / JSONL', 'Transcript JSON or JSONL'],
  ['csv', '表格（CSV、TSV、XLSX）', 'Table (CSV, TSV, XLSX)'],
  ['qianniu-text', '千牛聊天文本', 'Qianniu chat text'],
  ['qianniu-web-text', '千牛网页记录', 'Qianniu web history'],
  ['qianniu-table', '千牛插件表格', 'Qianniu plugin table'],
  ['qianniu-capture', '千牛网页采集 JSON', 'Qianniu page capture'],
  ['pinduoduo-socket', '拼多多网页消息', 'Pinduoduo web client'],
  ['pinduoduo-logistics-bot', '拼多多物流机器人', 'Pinduoduo parcel robot'],
  ['jd-chatlog', '京东咚咚接口', 'JD Dongdong interface'],
  ['jd-backend', '京东后台', 'JD back end'],
  ['jddc-tsv', '京东 JDDC 表格', 'JDDC table'],
  ['csds', 'CSDS 语料', 'CSDS corpus'],
  ['feige-table', '飞鸽表格', 'Feige table'],
  ['wecom-archive', '企业微信会话存档', 'WeCom archive'],
  ['wechat-kf', '公众号客服记录', 'WeChat official account'],
  ['tencent-desk', '腾讯 Desk', 'Tencent Desk'],
  ['tencent-ccc', '腾讯云联络中心', 'Tencent Cloud contact centre'],
  ['qiyu-messages', '七鱼消息', 'Qiyu messages'],
  ['qiyu-sessions', '七鱼会话列表', 'Qiyu sessions'],
  ['aliyun-sca', '阿里云智能对话分析', 'Aliyun SCA upload'],
  ['zendesk-comments', 'Zendesk 工单评论', 'Zendesk ticket comments'],
  ['zendesk-comments-table', 'Zendesk 工单评论表格', 'Zendesk ticket comments, table'],
  ['zendesk-chat', 'Zendesk Chat', 'Zendesk Chat'],
  ['zendesk-chat-table', 'Zendesk 聊天事件表格', 'Zendesk chat events, table'],
  ['zendesk-qa', 'Zendesk QA', 'Zendesk QA'],
  ['intercom', 'Intercom 会话', 'Intercom conversations'],
  ['chatlab', 'ChatLab', 'ChatLab'],
  ['whatsapp-text', 'WhatsApp 文本', 'WhatsApp text'],
  ['pasted-text', '粘贴的聊天文本', 'Pasted text'],
  ['taobao-chatlog', '淘宝旺旺接口', 'Taobao chat log'],
  ['telegram-json', 'Telegram 导出', 'Telegram export'],
]);

/** What a column can be said to hold; those that only some exports have go by their own names. */
export const MEANINGS: [column: string, key?: Key][] = [
  ['text', 'column.text'],
  ['time', 'column.time'],
  ['date', 'column.date'],
  ['role', 'column.role'],
  ['sender', 'column.sender'],
  ['agent', 'column.agent'],
  ['customer', 'column.customer'],
  ['session_id', 'column.session_id'],
  ['id', 'column.id'],
  ['state', 'column.state'],
  ['channel', 'column.channel'],
  ['timezone', 'column.timezone'],
  ['auto', 'column.auto'],
  ['manual_reply', 'column.manual_reply'],
  ['waiter_send', 'column.waiter_send'],
  ['direction', 'column.direction'],
  ['from'],
  ['from_type'],
  ['opercode'],
  ['FromAccountRole'],
];

export const ENCODINGS = ['UTF-8', 'GB18030', 'Big5', 'UTF-16LE', 'UTF-16BE'];

/** Offsets that are in use. */
export const ZONES = [-10, -8, -7, -6, -5, -4, -3, 0, 1, 2, 3, 4, 5, 5.5, 6, 7, 8, 9, 9.5, 10, 11, 12, 13].map((hours) => {
  const [whole, minutes] = [Math.floor(Math.abs(hours)), (Math.abs(hours) % 1) * 60];
  return `${hours < 0 ? '-' : '+'}${String(whole).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
});
