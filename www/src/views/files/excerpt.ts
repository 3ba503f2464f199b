/**
 * The lines around a place in a file, read back from the file. The thing to get right: lines end as the
 * engine counts them (LF, CRLF and CR alike), and a file of 500 MB is passed over, not held.
 */
export interface Excerpt {
  lines: { number: number; text: string; cut: boolean }[];
}

/** Bytes decoded at a time. */
const BLOCK = 1 << 20;
/** Characters of a line that are shown. */
const SHOWN = 1200;

/** `line` and so many lines before and after it; `column` says where in a long line to look. */
export async function excerpt(file: Blob, encoding: string, line: number, column = 1, around = 4, signal?: AbortSignal): Promise<Excerpt> {
  const decoder = new TextDecoder(encoding);
  const [from, to] = [Math.max(1, line - around), line + around];
  const lines: Excerpt['lines'] = [];
  let number = 1;
  let text = '';
  /** Characters of the line under way, and those of it before what is kept. */
  let [length, skipped] = [0, 0];
  const begin = () => (number === line ? Math.max(0, column - 1 - SHOWN / 2) : 0);
  const add = (piece: string) => {
    if (number >= from && number <= to && text.length < SHOWN) {
      const start = Math.max(0, begin() - length);
      if (start < piece.length) {
        if (text === '') skipped = length + start;
        text += piece.slice(start, start + SHOWN - text.length);
      }
    }
    length += piece.length;
  };
  const end = () => {
    if (number >= from && number <= to) lines.push({ number, text, cut: length > skipped + text.length || skipped > 0 });
    number += 1;
    [text, length, skipped] = ['', 0, 0];
  };
  let returned = false;
  for (let at = 0; at < file.size && number <= to; at += BLOCK) {
    signal?.throwIfAborted();
    const bytes = await file.slice(at, at + BLOCK).arrayBuffer();
    const block = decoder.decode(bytes, { stream: at + BLOCK < file.size });
    let start = 0;
    if (returned) {
      if (block.startsWith('\n')) start = 1;
      end();
      returned = false;
    }
    const ends = /\r\n|\r|\n/g;
    ends.lastIndex = start;
    for (let found = ends.exec(block); found !== null && number <= to; found = ends.exec(block)) {
      add(block.slice(start, found.index));
      start = ends.lastIndex;
      // What follows may be the other half.
      if (found[0] === '\r' && start === block.length) returned = true;
      else end();
    }
    if (!returned && number <= to) add(block.slice(start));
  }
  if (number <= to && (length > 0 || returned)) end();
  return { lines };
}
