/** The table of agents: which figures it has, and its orders. */
import type { Agent } from 'zhijian';

export type AgentColumn = 'agent' | 'conversations' | 'score' | 'critical' | 'first' | 'three' | 'average';

export function metric(agent: Agent, id: string): number | undefined {
  const found = agent.metrics[id];
  return found === undefined || found.count === 0 ? undefined : found.value;
}

export function figure(agent: Agent, column: AgentColumn): number | string | undefined {
  switch (column) {
    case 'agent':
      return agent.agent;
    case 'conversations':
      return agent.conversations;
    case 'score':
      return agent.score?.mean;
    case 'critical':
      return agent.critical;
    case 'first':
      return metric(agent, 'first-human-reply');
    case 'three':
      return metric(agent, 'three-minute-rate');
    case 'average':
      return metric(agent, 'average-reply');
  }
}

/** Sorted copies; whatever is absent comes last in either direction. */
export function sorted(agents: readonly Agent[], column: AgentColumn, descending: boolean): Agent[] {
  const collator = new Intl.Collator('zh');
  const sign = descending ? -1 : 1;
  return [...agents].sort((a, b) => {
    const [x, y] = [figure(a, column), figure(b, column)];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
    const by = typeof x === 'string' || typeof y === 'string' ? collator.compare(String(x), String(y)) : x - y;
    return sign * by || collator.compare(a.agent, b.agent);
  });
}

/** Assessed conversations from which an agent gets a band. */
export const ENOUGH = 20;
