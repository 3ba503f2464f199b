/**
 * Finding words in packed transcripts: bytes first, and an object only of the lines that may hold
 * them, because a key or an escape can look like a match.
 */
import type { TranscriptLine } from './core';
import type { PackedLines } from './packed';

/** A finder of `words` in the JSON of a transcript, ignoring the case of ASCII letters. */
export function finder(words: string): (bytes: Uint8Array) => boolean {
  const needle = new TextEncoder().encode(JSON.stringify(words).slice(1, -1)).map(lower);
  const length = needle.length;
  const last = length - 1;
  const jump = new Uint32Array(256).fill(length);
  for (let i = 0; i < last; i += 1) {
    jump[needle[i]!] = last - i;
  }
  return (bytes) => {
    if (length === 0) return true;
    let at = last;
    while (at < bytes.length) {
      let back = 0;
      while (back < length && lower(bytes[at - back]!) === needle[last - back]!) back += 1;
      if (back === length) return true;
      at += jump[lower(bytes[at]!)]!;
    }
    return false;
  };
}

/** Whether a transcript says the words, or its id or a sender is called so. */
export function says(transcript: TranscriptLine, words: string): boolean {
  const wanted = words.toLowerCase();
  const has = (text: string) => text.toLowerCase().includes(wanted);
  return has(transcript.id) || transcript.messages.some((message) => has(message.text) || has(message.sender));
}

/** The indexes of the transcripts that say the words, found in slices that leave the page free. */
export async function search(transcripts: PackedLines, words: string, signal?: AbortSignal): Promise<Uint32Array> {
  const may = finder(words);
  const found: number[] = [];
  let begun = performance.now();
  for (let index = 0; index < transcripts.length; index += 1) {
    if (may(transcripts.line(index)) && says(transcripts.parse<TranscriptLine>(index), words)) found.push(index);
    if ((index & 15) === 15 && performance.now() - begun > 12) {
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      begun = performance.now();
    }
  }
  return Uint32Array.from(found);
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
