import { describe, expect, it } from 'vitest';

import type { Connection } from './connection';
import { COLUMNS } from './core';
import { Gathering } from './gathering';
import type { Result } from './inspection';
import type { Absorbed, Piece } from './protocol';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Conversations of these ids and this agent, a line and a row each. */
function piece(ids: string[], agent = '小迪', messages = 2): Piece {
  const lines = ids.map((id) => `{"id":"${id}"}`);
  let end = 0;
  return {
    lines: bytes(lines.join('')),
    deflated: false,
    lineEnds: Uint32Array.from(lines.map((line) => (end += line.length))),
    labels: bytes(JSON.stringify(ids.map((id) => [id, 'a', [agent], 28_800]))),
    rows: Float64Array.from(ids.flatMap((id) => COLUMNS.map((_, c) => (c === 0 ? messages : id.length + c / 100)))),
    places: Float64Array.from(ids.flatMap((_, i) => [i, i + 1, 0])),
    tally: bytes(ids.join()),
  };
}

function setting(count: number, labelled = false) {
  const results: Result[] = Array.from({ length: count }, () => ({ pieces: [] }));
  const absorbed: Absorbed[] = [];
  const failed: unknown[] = [];
  const keeper = {
    request: async (_: string, { files }: { files: Absorbed[] }) => {
      // As a worker would: what was handed over is read from a copy.
      absorbed.push(...structuredClone(files));
      await new Promise((resolve) => setTimeout(resolve));
      return null;
    },
  };
  const gathering = new Gathering(results, Promise.resolve(keeper as unknown as Connection), labelled, (error) => failed.push(error));
  const sums = () => absorbed.map((one) => ('diagnostic' in one ? one.diagnostic.code : one.tallies.map((tally) => new TextDecoder().decode(tally)).join() || '.'));
  return { results, gathering, absorbed, sums, failed };
}

const later = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('what was found in files', () => {
  it('is taken in the order of the files, of the one whose turn it is while it is read', async () => {
    const { results, gathering, sums } = setting(3);
    const { collected } = gathering;
    results[1]!.pieces.push(piece(['b1']));
    results[0]!.pieces.push(piece(['a1', 'a2']));
    gathering.go(0);
    await later();
    expect(collected.labels.ids).toEqual(['a1', 'a2']);
    expect(sums()).toEqual([]);
    results[0]!.pieces.push(piece(['a3']));
    results[0]!.outcome = bytes('{}');
    results[1]!.outcome = bytes('{}');
    gathering.go(2, [{ index: 0 }, { index: 1 }]);
    await gathering.done();
    expect(collected.labels.ids).toEqual(['a1', 'a2', 'a3', 'b1']);
    expect(collected.labels.fileOf).toEqual([0, 0, 0, 1]);
    expect([...collected.figures.column('findings')]).toEqual([2.01, 2.01, 2.01, 2.01]);
    expect(await collected.lines.parse(3)).toEqual({ id: 'b1' });
    expect([...collected.firstOf]).toEqual([[0, 0], [1, 3]]);
    expect(sums()).toEqual(['a1,a2', 'a3', '.', 'b1', '.']);
  });

  it('is given back when the file comes to nothing', async () => {
    const { results, gathering, sums } = setting(3);
    const { collected } = gathering;
    results[0]!.pieces.push(piece(['a']));
    results[0]!.outcome = bytes('{}');
    results[1]!.pieces.push(piece(['gone', 'gone too'], '小安'));
    gathering.go(1, [{ index: 0 }]);
    await later();
    expect(collected.labels.ids).toEqual(['a', 'gone', 'gone too']);
    gathering.giveBack(1);
    expect([collected.length, collected.lines.length, collected.figures.length, collected.places.length]).toEqual([1, 1, 1, 1]);
    expect(collected.labels.agents.list).toEqual(['小迪']);
    results[2]!.pieces.push(piece(['c'], '小禾', 7));
    results[2]!.outcome = bytes('{}');
    gathering.go(3, [{ diagnostic: { code: 'file-unreadable', severity: 'error', message: { zh: '', en: '' } } }, { index: 2 }]);
    await gathering.done();
    expect(collected.labels.ids).toEqual(['a', 'c']);
    expect(collected.labels.agentsOf.map((list) => list.map((at) => collected.labels.agents.list[at]))).toEqual([['小迪'], ['小禾']]);
    expect([...collected.figures.column('messages')]).toEqual([2, 7]);
    expect([...collected.counts]).toEqual([[0, { conversations: 1, messages: 2 }], [2, { conversations: 1, messages: 7 }]]);
    expect(collected.place(1)).toEqual({ start: 0, end: 1, ordinal: 0 });
    expect(sums()).toEqual(['a', '.', 'file-unreadable', 'c', '.']);
  });

  it('is kept for the next inspection unless there is too much of it', async () => {
    const { results, gathering, absorbed } = setting(2, true);
    results[0]!.pieces.push(piece(['a']));
    results[0]!.outcome = bytes('{}');
    const many = piece(Array.from({ length: 20_000 }, (_, i) => `b${i}`));
    results[1]!.outcome = bytes('{}');
    gathering.go(1, [{ index: 0 }]);
    for (let n = 0; n < 20; n += 1) {
      results[1]!.pieces.push({ ...many });
      gathering.go(1);
      await later();
    }
    expect(results[1]!.partial).toBe(true);
    expect(results[1]!.pieces.map(({ rows }) => rows.length)).toEqual(Array.from({ length: 20 }, () => 0));
    gathering.go(2, [{ index: 1 }]);
    await gathering.done();
    expect(results[1]!.pieces).toEqual([]);
    expect(results[0]!.partial).toBeUndefined();
    expect(results[0]!.pieces[0]!.rows.length).toBe(COLUMNS.length);
    const sent = absorbed.filter((one) => 'rows' in one && one.rows.length > 0) as Extract<Absorbed, { rows: unknown }>[];
    expect(sent.length).toBe(21);
    expect(sent.every(({ rows, labels }) => rows[0]![0] === 2 && labels[0]!.length > 0)).toBe(true);
    expect(gathering.collected.length).toBe(400_001);
  });

  it('fails once, and nobody waits for ever', async () => {
    const { results, failed } = setting(1);
    const gathering = new Gathering(results, Promise.reject(new Error('gone')), false, (error) => failed.push(error));
    results[0]!.outcome = bytes('{}');
    gathering.go(1, [{ index: 0 }]);
    await gathering.done();
    expect(String(failed[0])).toContain('gone');
  });
});
