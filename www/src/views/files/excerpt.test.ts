import { describe, expect, it } from 'vitest';

import { excerpt } from './excerpt';

const numbered = async (bytes: BlobPart, encoding: string, line: number, column?: number) =>
  (await excerpt(new Blob([bytes]), encoding, line, column, 1)).lines.map(({ number, text }) => `${number} ${text}`);

describe('the lines around a place', () => {
  it.each([
    ['一\n二\n三\n四\n', 2, ['1 一', '2 二', '3 三']],
    ['一\r\n二\r三\n四', 3, ['2 二', '3 三', '4 四']],
    ['一\n\n三', 1, ['1 一', '2 ']],
    ['一\n二', 9, []],
    ['', 1, []],
  ])('%j, %i', async (text, line, expected) => {
    expect(await numbered(text, 'utf-8', line)).toEqual(expected);
  });

  it('are in the encoding of the file', async () => {
    expect(await numbered(new Uint8Array([0xc4, 0xe3, 10, 0xba, 0xc3]), 'gb18030', 2)).toEqual(['1 你', '2 好']);
    expect(await numbered(new Uint8Array([0x60, 0x4f, 10, 0, 0x7d, 0x59]), 'utf-16le', 2)).toEqual(['1 你', '2 好']);
  });

  it('are found where blocks meet, and cut where they are long', async () => {
    const filler = 'x'.repeat((1 << 20) - 1);
    expect((await excerpt(new Blob([`${filler}\r\n二`]), 'utf-8', 2, 1, 0)).lines).toEqual([{ number: 2, text: '二', cut: false }]);
    expect((await excerpt(new Blob([`${filler}\r二`]), 'utf-8', 2, 1, 0)).lines).toEqual([{ number: 2, text: '二', cut: false }]);
    const [long] = (await excerpt(new Blob([`${'x'.repeat(3_000_000)}甲乙${'y'.repeat(9000)}`]), 'utf-8', 1, 3_000_001, 0)).lines;
    expect([long?.text.includes('x甲乙y'), long?.cut, long?.text.length]).toEqual([true, true, 1200]);
  });
});
