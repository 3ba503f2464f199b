import { expect, it } from 'vitest';
import type { Conversation, Finding, TranscriptLine } from 'zhijian';

import { entries, findingAt } from './chat';

const message = (position: number, role: 'customer' | 'agent', time: string, text = '…') => ({ position, role, sender: role, time: `2026-03-0${time}+08:00`, text });
const transcript: TranscriptLine = {
  id: 'x',
  file: 'x.json',
  messages: [
    message(0, 'customer', '1T23:00:00'),
    message(2, 'agent', '1T23:01:38'),
    message(3, 'customer', '2T09:00:00'),
    message(4, 'agent', '2T09:00:20'),
  ],
};
const finding = (at: number, start: number, end: number, kind = 'forbid'): Finding =>
  ({ message: at, span: { start, end }, kind, severity: 'major', clauses: [], related: [], why: [], also: [] }) as unknown as Finding;
const conversation = {
  findings: [finding(2, 0, 1, 'reply')],
  observations: [
    { kind: 'reply', message: 2, measured: { from_first: 98, from_last: 98 } },
    { kind: 'reply', message: 4, measured: { from_first: 20, from_last: 5 } },
  ],
} as unknown as Conversation;

it('puts days, gaps and waits between messages', () => {
  expect(entries(transcript, conversation).map(({ kind }) => kind)).toEqual([
    'day', 'message', 'wait', 'message', 'gap', 'day', 'message', 'wait', 'message',
  ]);
});

it('tells a wait that cost points from another, and both ends of a double question', () => {
  const waits = entries(transcript, conversation).filter((entry) => entry.kind === 'wait');
  expect(waits).toMatchObject([
    { fromFirst: 98, fromLast: undefined, slow: true },
    { fromFirst: 20, fromLast: 5, slow: false },
  ]);
});

it('hangs findings on messages by position, not by place', () => {
  const marked = entries(transcript, conversation).flatMap((entry) => (entry.kind === 'message' && entry.findings.length > 0 ? [entry.message.position] : []));
  expect(marked).toEqual([2]);
});

it('picks the shortest finding under a point', () => {
  const findings = [finding(2, 0, 9), finding(2, 3, 5), finding(2, 20, 22)].map((one, index) => ({ index, finding: one }));
  expect([findingAt(findings, 4), findingAt(findings, 8), findingAt(findings, 15)]).toEqual([1, 0, undefined]);
});
