import { describe, expect, it } from 'vitest';

import type { Connection } from './connection';
import { COLUMNS } from './core';
import { type Finished, Gathering } from './gathering';
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

function setting(count: number, labelled = false, answers: () => number = () => 0, shared: number[] = []) {
  const results: Result[] = Array.from({ length: count }, () => ({ pieces: [] }));
  const absorbed: Absorbed[] = [];
  const failed: unknown[] = [];
  const keeper = {
    request: async (_: string, { files }: { files: Absorbed[] }, { transfer }: { transfer: Transferable[] }) => {
      // As a worker would: what is handed over is gone here.
      absorbed.push(...structuredClone(files, { transfer }));
      await new Promise((resolve) => setTimeout(resolve, answers()));
      return null;
    },
  };
  const gathering = new Gathering(results, Promise.resolve(keeper as unknown as Connection), labelled, new Set(shared), (error) => failed.push(error));
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

  it('waits for what was finished while something else was on its way', async () => {
    const { results, gathering, sums } = setting(3, false, () => 20);
    results[0]!.pieces.push(piece(['a1']));
    results[0]!.outcome = bytes('{}');
    gathering.go(1, [{ index: 0 }]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    results[1]!.pieces.push(piece(['b1']));
    results[1]!.outcome = bytes('{}');
    results[2]!.pieces.push(piece(['c1']));
    gathering.go(2, [{ index: 1 }]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    results[2]!.outcome = bytes('{}');
    gathering.go(3, [{ index: 2 }]);
    await gathering.done();
    expect(gathering.collected.labels.ids).toEqual(['a1', 'b1', 'c1']);
    expect(sums()).toEqual(['a1', '.', 'b1', '.', 'c1', '.']);
  });

  it('is whole and in order however files are finished, given back and refused', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      let state = seed;
      const random = (below: number) => ((state = (state * 1_103_515_245 + 12_345) & 0x7fffffff), (state >> 8) % below);
      const count = 2 + random(6);
      const { results, gathering, sums, failed } = setting(count, random(2) === 0, () => random(3));
      const outcomes = results.map(() => 'open');
      const wanted: string[][] = results.map(() => []);
      let [turn, next] = [0, 0];
      while (turn < count) {
        const index = Math.min(count - 1, turn + random(3));
        if (outcomes[index] === 'open') {
          const what = random(10);
          if (what < 6) {
            const ids = Array.from({ length: 1 + random(40) }, () => `i${next++}`);
            wanted[index]!.push(...ids);
            results[index]!.pieces.push(piece(ids, `agent ${index % 3}`));
          } else if (what < 8) {
            gathering.giveBack(index);
            wanted[index] = [];
            if (what === 7) outcomes[index] = 'refused';
          } else {
            outcomes[index] = 'done';
            results[index]!.outcome = bytes('{}');
          }
        }
        const finished: Finished[] = [];
        for (; turn < count && outcomes[turn] !== 'open'; turn += 1) {
          finished.push(outcomes[turn] === 'done' ? { index: turn } : { diagnostic: { code: 'x', severity: 'error', message: { zh: '', en: '' } } });
        }
        gathering.go(turn, finished);
        if (random(3) === 0) await new Promise((resolve) => setTimeout(resolve, random(3)));
      }
      await gathering.done();
      const { labels } = gathering.collected;
      expect(failed, `seed ${seed}`).toEqual([]);
      expect(labels.ids, `seed ${seed}`).toEqual(wanted.flat());
      expect(labels.fileOf, `seed ${seed}`).toEqual(wanted.flatMap((ids, index) => ids.map(() => index)));
      expect(labels.agentsOf.map(([at]) => labels.agents.list[at!]), `seed ${seed}`).toEqual(wanted.flatMap((ids, index) => ids.map(() => `agent ${index % 3}`)));
      expect(sums().filter((one) => one !== '.' && one !== 'x').join(), `seed ${seed}`).toBe(wanted.flat().join());
    }
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
    const { results, gathering, absorbed } = setting(2, true, undefined, [1]);
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
    // They may belong to the inspection before as well.
    expect([many.rows.length, many.labels.length > 0, many.lines.length > 0, many.tally.length > 0]).toEqual([20_000 * COLUMNS.length, true, true, true]);
  });

  it('is handed over where nobody else wants it', async () => {
    const { results, gathering, sums } = setting(1);
    const pieces = Array.from({ length: 2 }, (_, n) => ({ ...piece([`a${n}`]), tally: new Uint8Array(25 << 20).fill(65) }));
    results[0]!.pieces.push(...pieces);
    results[0]!.outcome = bytes('{}');
    gathering.go(1, [{ index: 0 }]);
    await gathering.done();
    expect(pieces.map(({ tally }) => tally.length)).toEqual([0, 0]);
    expect(sums().map(({ length }) => length)).toEqual([25 << 20, 25 << 20, 1]);
  });

  it('fails once, and nobody waits for ever', async () => {
    const { results, failed } = setting(1);
    const gathering = new Gathering(results, Promise.reject(new Error('gone')), false, new Set(), (error) => failed.push(error));
    results[0]!.outcome = bytes('{}');
    gathering.go(1, [{ index: 0 }]);
    await gathering.done();
    expect(String(failed[0])).toContain('gone');
  });
});
