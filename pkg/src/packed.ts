/**
 * Lines and figures as they came out of the core: batches are kept as they are, never joined, and an
 * object is made of one line only when it is asked for.
 */
import { type Batch, COLUMNS, type Column } from './core';
import type { Lines } from './protocol';

const decoder = new TextDecoder();

/** Lines in the batches they came in, with replacements on top. */
export class PackedLines {
  private readonly chunks: { bytes: Uint8Array; ends: Uint32Array; first: number }[] = [];
  private readonly replaced = new Map<number, Uint8Array>();
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(bytes: Uint8Array, ends: Uint32Array): void {
    if (ends.length === 0) return;
    this.chunks.push({ bytes, ends, first: this.count });
    this.count += ends.length;
  }

  replace(index: number, line: Uint8Array): void {
    this.replaced.set(index, line);
  }

  /** The bytes of one line: a view, not a copy. */
  line(index: number): Uint8Array {
    const replaced = this.replaced.get(index);
    if (replaced !== undefined) return replaced;
    if (!(index >= 0 && index < this.count)) throw new RangeError(`no line ${index}`);
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.chunks[middle]!.first <= index) low = middle;
      else high = middle - 1;
    }
    const chunk = this.chunks[low]!;
    const at = index - chunk.first;
    return chunk.bytes.subarray(at === 0 ? 0 : chunk.ends[at - 1], chunk.ends[at]);
  }

  parse<T>(index: number): T {
    return JSON.parse(decoder.decode(this.line(index))) as T;
  }

  /** All lines in parts of about `size` bytes, each line followed by `separator` unless it is the last. */
  *parts(size: number, separator = ''): Generator<Lines> {
    const mark = new TextEncoder().encode(separator);
    let index = 0;
    while (index < this.count) {
      const lines: Uint8Array[] = [];
      let length = 0;
      while (index < this.count && (length < size || lines.length === 0)) {
        const line = this.line(index);
        lines.push(line);
        index += 1;
        length += line.length + (index < this.count ? mark.length : 0);
      }
      const bytes = new Uint8Array(length);
      const ends = new Uint32Array(lines.length);
      let at = 0;
      lines.forEach((line, position) => {
        bytes.set(line, at);
        at += line.length;
        ends[position] = at;
        if (at < length) {
          bytes.set(mark, at);
          at += mark.length;
        }
      });
      yield { bytes, ends };
    }
  }
}

/** The figures, a column each, growing by doubling. */
export class Figures {
  private columns: Float64Array[] = COLUMNS.map(() => new Float64Array(256));
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(rows: Float64Array): void {
    const width = COLUMNS.length;
    const added = Math.floor(rows.length / width);
    const needed = this.count + added;
    if (needed > this.columns[0]!.length) {
      const size = Math.max(needed, this.columns[0]!.length * 2);
      this.columns = this.columns.map((old) => {
        const grown = new Float64Array(size);
        grown.set(old);
        return grown;
      });
    }
    this.columns.forEach((column, c) => {
      for (let r = 0; r < added; r += 1) column[this.count + r] = rows[r * width + c]!;
    });
    this.count = needed;
  }

  replace(index: number, row: Float64Array): void {
    this.columns.forEach((column, c) => {
      column[index] = row[c]!;
    });
  }

  column(name: Column): Float64Array {
    return this.columns[COLUMNS.indexOf(name)]!.subarray(0, this.count);
  }
}

/** Who and where: ids, and files and agents as indexes into lists of names. */
export class Labels {
  readonly ids: string[] = [];
  readonly files = new Names();
  readonly agents = new Names();
  readonly fileOf: number[] = [];
  readonly agentsOf: number[][] = [];

  push(batch: Batch): void {
    if (batch.labels.length === 0) return;
    const labels = JSON.parse(decoder.decode(batch.labels)) as [string, string, string[]][];
    for (const [id, file, agents] of labels) {
      this.ids.push(id);
      this.fileOf.push(this.files.index(file));
      this.agentsOf.push(agents.map((agent) => this.agents.index(agent)));
    }
  }
}

class Names {
  readonly list: string[] = [];
  private readonly known = new Map<string, number>();

  index(name: string): number {
    let index = this.known.get(name);
    if (index === undefined) {
      index = this.list.push(name) - 1;
      this.known.set(name, index);
    }
    return index;
  }
}
