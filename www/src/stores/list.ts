/** Which conversations to show and in what order: pure, over typed columns. */
import type { Column, Severity } from 'zhijian';

export interface Filter {
  /** Index of an agent's name. */
  agent: number | undefined;
  severity: Severity | undefined;
  /** `findings`: with any; `pending`: with a critical one nobody has looked at; `clean`: without. */
  only: 'all' | 'findings' | 'pending' | 'clean';
  /** Indexes of the conversations that say the words sought; undefined when none are sought. */
  matches: Uint32Array | undefined;
}

export interface Sort {
  by: 'order' | 'id' | 'agent' | Column;
  descending: boolean;
}

/** What the list needs of an inspection. */
export interface Listed {
  readonly length: number;
  readonly agentNames: readonly string[];
  column(name: Column): Float64Array;
  id(index: number): string;
  agentsOf(index: number): readonly number[];
}

export const NO_FILTER: Filter = { agent: undefined, severity: undefined, only: 'all', matches: undefined };

export function select(listed: Listed, filter: Filter, sort: Sort): Uint32Array {
  const kept = keep(listed, filter);
  return order(listed, kept, sort);
}

function keep(listed: Listed, filter: Filter): Uint32Array {
  const { agent, severity, only, matches } = filter;
  const candidates = matches ?? Uint32Array.from({ length: listed.length }, (_, i) => i);
  const severe = severity === undefined ? undefined : listed.column(severity);
  const findings = listed.column('findings');
  const pending = listed.column('pending');
  return candidates.filter(
    (i) =>
      (agent === undefined || listed.agentsOf(i).includes(agent)) &&
      (severe === undefined || severe[i]! > 0) &&
      (only === 'all' || (only === 'findings' ? findings[i]! > 0 : only === 'pending' ? pending[i]! > 0 : findings[i] === 0)),
  );
}

function order(listed: Listed, kept: Uint32Array, { by, descending }: Sort): Uint32Array {
  const sign = descending ? -1 : 1;
  if (by === 'order') return descending ? kept.reverse() : kept;
  if (by === 'id') {
    return kept.sort((a, b) => {
      const [x, y] = [listed.id(a), listed.id(b)];
      return sign * (x < y ? -1 : x > y ? 1 : 0) || a - b;
    });
  }
  const column = by === 'agent' ? ranks(listed) : listed.column(by);
  return kept.sort((a, b) => {
    const [x, y] = [column[a]!, column[b]!];
    // What is absent comes last in either direction.
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
    return sign * (x - y) || a - b;
  });
}

/** The place of each conversation's first agent in the order of names. */
function ranks(listed: Listed): Float64Array {
  const collator = new Intl.Collator('zh');
  const places = listed.agentNames.map((_, i) => i).sort((a, b) => collator.compare(listed.agentNames[a]!, listed.agentNames[b]!));
  const rank = new Float64Array(places.length);
  places.forEach((name, i) => {
    rank[name] = i;
  });
  return Float64Array.from({ length: listed.length }, (_, i) => rank[listed.agentsOf(i)[0] ?? -1] ?? NaN);
}
