/** Names for what a report names by id. */
import type { Bilingual, RuleInfo, StandardHead, StandardInfo } from 'zhijian';

/** A rule, and what the clauses it cites ask, in our words. */
export type KnownRule = RuleInfo & { asked: Bilingual[] };

export type Rules = ReadonlyMap<string, KnownRule>;

/** The rules of all standards by `standard/id`. */
export function rulesOf(standards: readonly StandardInfo[]): Rules {
  const rules = new Map<string, KnownRule>();
  for (const standard of standards) {
    const clauses = new Map(standard.clauses.map(({ id, title }) => [id, title]));
    for (const rule of standard.rules) {
      const asked = rule.clauses.map((id) => clauses.get(id)).filter((title) => title !== undefined);
      rules.set(rule.id.includes('/') ? rule.id : `${standard.id}/${rule.id}`, { ...rule, asked });
    }
  }
  return rules;
}

export function titled(id: string, list: readonly { id: string; title: Bilingual }[]): Bilingual {
  return list.find((entry) => entry.id === id)?.title ?? { zh: id, en: id };
}

export function bandTitle(standard: StandardHead, band: string | undefined): Bilingual | undefined {
  return band === undefined ? undefined : titled(band, standard.bands);
}
