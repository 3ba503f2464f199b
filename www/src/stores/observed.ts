/**
 * Names for what the engine saw. They are apart from the page's other words because only one view
 * shows them. A kind without a name is shown by its id: a newer engine may see more.
 */
import type { Observation } from 'zhijian';

import { i18n, type Locale } from './i18n.svelte';

type Names = Record<Locale, string>;

const name = (hans: string, hant: string, en: string): Names => ({ 'zh-Hans': hans, 'zh-Hant': hant, en });

export const KINDS: Record<string, Names> = {
  greeting: name('问候', '問候', 'Greeting'),
  closing: name('结束语', '結束語', 'Closing'),
  'escalation-trigger': name('需升级的信号', '需升級的信號', 'Reason to escalate'),
  'escalation-response': name('对升级的回应', '對升級的回應', 'Response to it'),
  empathy: name('共情', '同理', 'Empathy'),
  hold: name('请客户稍候', '請客戶稍候', 'Asked to wait'),
  transfer: name('转接', '轉接', 'Transfer'),
  reply: name('回复', '回覆', 'Reply'),
  stage: name('阶段', '階段', 'Stage'),
};

export const LABELS: Record<string, Names> = {
  salutation: name('称呼问好', '稱呼問好', 'salutation'),
  'service-offer': name('主动服务', '主動服務', 'offer of help'),
  presence: name('表示在线', '表示在線', 'presence'),
  farewell: name('道别', '道別', 'farewell'),
  inquiry: name('询问还有无需要', '詢問還有無需要', 'anything else?'),
  strong: name('强烈', '強烈', 'strong'),
  mild: name('轻微', '輕微', 'mild'),
  'human-request': name('要求转人工', '要求轉人工', 'asks for a person'),
  escalated: name('已升级', '已升級', 'escalated'),
  acknowledged: name('已回应', '已回應', 'acknowledged'),
  presale: name('售前', '售前', 'before the sale'),
  sale: name('售中', '售中', 'during the sale'),
  aftersale: name('售后', '售後', 'after the sale'),
};

export function seenAs({ kind, label }: Pick<Observation, 'kind' | 'label'>): string {
  const words = KINDS[kind]?.[i18n.locale] ?? kind;
  return label === undefined ? words : `${words} · ${LABELS[label]?.[i18n.locale] ?? label}`;
}
