import { describe, expect, it } from 'vitest';

import { Ahead } from './ahead';

const made = (count: number) => Array.from({ length: count }, (_, n) => ({ file: new File([`file ${n}`], `f${n}.txt`) }));

/** Takes files in order, as a scan does; what has to be read by itself is said so. */
async function take(files: { file: File }[], most = 1000, fails: (read: File[]) => boolean = () => false): Promise<{ texts: string[]; reads: number[] }> {
  const reads: number[] = [];
  const ahead = new Ahead(async (together) => {
    reads.push(together.length);
    if (fails(together)) throw new DOMException('gone', 'NotReadableError');
    return new Uint8Array(await new Blob(together).arrayBuffer());
  }, most);
  const texts: string[] = [];
  for (let at = 0; at < files.length; at += 1) {
    const bytes = await ahead.first(files.slice(at));
    texts.push(bytes === undefined ? 'by itself' : new TextDecoder().decode(bytes));
  }
  return { texts, reads };
}

describe('files read ahead', () => {
  it('come one by one as they are, out of few reads', async () => {
    const { texts, reads } = await take(made(200));
    expect(texts).toEqual(Array.from({ length: 200 }, (_, n) => `file ${n}`));
    expect(reads).toEqual([8, 16, 32, 64, 64, 16]);
  });

  it('are read by themselves when they are long, empty or alone', async () => {
    const files = [...made(3), { file: new File(['x'.repeat(2000)], 'long.txt') }, ...made(2), { file: new File([], 'empty.txt') }, ...made(1)];
    const { texts } = await take(files);
    expect(texts).toEqual(['file 0', 'file 1', 'file 2', 'by itself', 'file 0', 'file 1', 'by itself', 'by itself']);
  });

  it('are read by themselves where one of them spoils the read', async () => {
    const files = made(30);
    const { texts } = await take(files, 1000, (read) => read.includes(files[12]!.file));
    expect(texts.flatMap((text, n) => (text === 'by itself' ? [n] : []))).toEqual(Array.from({ length: 16 }, (_, n) => n + 8));
    expect(texts[24]).toBe('file 24');
  });
});
