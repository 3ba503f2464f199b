import { describe, expect, it } from 'vitest';

import { hidden } from './files';
import { COLUMNS } from './core';
import { Figures, PackedLines } from './packed';
import { finder } from './search';
import { nextChunk } from './worker/host';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('packed lines', () => {
  const lines = new PackedLines();
  lines.push(bytes('12345'), Uint32Array.of(1, 5));
  lines.push(bytes(''), new Uint32Array());
  lines.push(bytes('67'), Uint32Array.of(1, 2));

  it('finds a line in the batch that has it', () => {
    expect([0, 1, 2, 3].map((i) => lines.parse(i))).toEqual([1, 2345, 6, 7]);
    expect(() => lines.line(4)).toThrow(RangeError);
  });

  it('joins lines with the separator between parts too', () => {
    const joined = [...lines.parts(3, ',')].map((part) => new TextDecoder().decode(part.bytes));
    expect(joined.join('')).toBe('1,2345,6,7');
    expect(joined.length).toBeGreaterThan(1);
  });

  it('hands out the replacement of a line', () => {
    lines.replace(1, bytes('99'));
    expect(lines.parse(1)).toBe(99);
    expect([...lines.parts(100, ',')].map((part) => new TextDecoder().decode(part.bytes))).toEqual(['1,99,6,7']);
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
});

it('the finder ignores the case of ASCII and knows escapes', () => {
  expect(finder('ABC')(bytes('xxabcx'))).toBe(true);
  expect(finder('"q"')(bytes('a\\"q\\"'))).toBe(true);
  expect(finder('没办法')(bytes('真没办法哦'))).toBe(true);
  expect(finder('没办法')(bytes('真没法办哦'))).toBe(false);
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
