import { describe, expect, it } from 'vitest';

import { hidden } from './files';
import { COLUMNS } from './core';
import { Figures, PackedLines } from './packed';
import { deflated } from './worker/deflate';
import { nextChunk } from './worker/host';

const bytes = (text: string) => new TextEncoder().encode(text);

async function text(lines: PackedLines, size: number, separator: string): Promise<string> {
  let all = '';
  for await (const part of lines.parts(size, separator)) all += new TextDecoder().decode(part.bytes);
  return all;
}

describe('packed lines', () => {
  const lines = new PackedLines();
  lines.push(bytes('12345'), Uint32Array.of(1, 5));
  lines.push(bytes(''), new Uint32Array());
  lines.push(bytes('67'), Uint32Array.of(1, 2));

  it('finds a line in the batch that has it', async () => {
    expect(await Promise.all([0, 1, 2, 3].map((i) => lines.parse(i)))).toEqual([1, 2345, 6, 7]);
    await expect(lines.line(4)).rejects.toThrow(RangeError);
  });

  it('gives deflated lines as they were', async () => {
    const packed = new PackedLines();
    for (let batch = 0; batch < 5; batch += 1) {
      const all = Array.from({ length: 100 }, (_, i) => `{"line":${batch * 100 + i}}`);
      const ends = new Uint32Array(100);
      all.reduce((end, line, i) => (ends[i] = end + line.length), 0);
      packed.push(await deflated(bytes(all.join(''))), ends, true);
    }
    expect(await packed.parse(0)).toEqual({ line: 0 });
    expect(await packed.parse(499)).toEqual({ line: 499 });
    expect((await text(packed, 1000, '')).length).toBe((await Promise.all(Array.from({ length: 500 }, (_, i) => packed.line(i)))).reduce((sum, { length }) => sum + length, 0));
  });

  it('joins lines with the separator between parts too', async () => {
    expect(await text(lines, 3, ',')).toBe('1,2345,6,7');
  });

  it('hands out the replacement of a line', async () => {
    lines.replace(1, bytes('99'));
    expect(await lines.parse(1)).toBe(99);
    expect(await text(lines, 100, ',')).toBe('1,99,6,7');
  });
});

it('figures grow and keep what they held', () => {
  const figures = new Figures();
  const rows = Float64Array.from({ length: COLUMNS.length * 700 }, (_, i) => i);
  figures.push(rows);
  figures.push(rows);
  expect(figures.length).toBe(1400);
  expect(figures.column('findings')[700]).toBe(1);
  expect(figures.column('messages')[1399]).toBe(699 * COLUMNS.length);
  for (let n = 0; n < 40; n += 1) figures.push(rows);
  expect([figures.length, figures.column('findings')[29_399]]).toEqual([29_400, 699 * COLUMNS.length + 1]);
  expect(figures.sum('findings')).toBe(figures.column('findings').reduce((sum, value) => sum + value, 0));
  expect([...figures.rows(16_099, 2)]).toEqual([...rows.slice(-COLUMNS.length), ...rows.slice(0, COLUMNS.length)]);
});

it('figures are taken back', () => {
  const figures = new Figures();
  const rows = (value: number, count: number) => new Float64Array(COLUMNS.length * count).fill(value);
  figures.push(rows(1, 20_000));
  figures.push(rows(2, 30_000));
  for (const length of [20_000, 16_384, 256, 255, 0]) {
    figures.cut(length);
    figures.push(rows(3, 1));
    figures.push(rows(4, 300));
    expect(figures.length).toBe(length + 301);
    expect([...figures.rows(Math.max(0, length - 1), 3)].filter((_, i) => i % COLUMNS.length === 0)).toEqual(length === 0 ? [3, 4, 4] : [1, 3, 4]);
    expect(figures.column('pending').slice(length - 1, length + 2)).toEqual(length === 0 ? new Float64Array() : Float64Array.of(1, 3, 4));
  }
});

it('a slice shrinks when it took too long and grows when it was short', () => {
  expect(nextChunk(400, 240)).toBe(100);
  expect(nextChunk(400, 2)).toBe(800);
  expect(nextChunk(20, 1000)).toBe(20);
});

it('hidden files are told from others', () => {
  expect(['.DS_Store', 'a/.git/x', '__MACOSX/a.csv', 'a/~$b.xlsx'].every(hidden)).toBe(true);
  expect(['a.csv', 'a/b.json'].some(hidden)).toBe(false);
});
