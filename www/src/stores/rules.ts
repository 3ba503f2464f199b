/** Names for what a report names by id. */
import type { Bilingual, RuleInfo, StandardHead, StandardInfo } from 'zhijian';

export type Rules = ReadonlyMap<string, RuleInfo>;

/** The rules of all standards by `standard/id`. */
export function rulesOf(standards: readonly StandardInfo[]): Rules {
  const rules = new Map<string, RuleInfo>();
  for (const standard of standards) {
    for (const rule of standard.rules) rules.set(rule.id.includes('/') ? rule.id : `${standard.id}/${rule.id}`, rule);
  }
  return rules;
}

export function titled(id: string, list: readonly { id: string; title: Bilingual }[]): Bilingual {
  return list.find((entry) => entry.id === id)?.title ?? { zh: id, en: id };
}

export function bandTitle(standard: StandardHead, band: string | undefined): Bilingual | undefined {
  return band === undefined ? undefined : titled(band, standard.bands);
}
