/**
 * Lines and figures as they came out of the core: batches are kept as they are, never joined, and an
 * object is made of one line only when it is asked for. The thing to get right: the lines of a large
 * batch are deflated, so a line comes with a promise.
 */
import { COLUMNS, type Column } from './core';
import type { Lines, Piece } from './protocol';
import { inflated } from './worker/deflate';

const decoder = new TextDecoder();
/** Batches that stay inflated, so that neighbours cost nothing. */
const KEPT = 3;

/** Things in a row, in the batches they came in. */
export class Batches<T> {
  private readonly batches: { what: T; first: number }[] = [];
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(what: T, count: number): void {
    if (count === 0) return;
    this.batches.push({ what, first: this.count });
    this.count += count;
  }

  /** The batch that has this one, and its place in there. */
  at(index: number): [T, number] {
    if (!(index >= 0 && index < this.count)) throw new RangeError(`nothing at ${index}`);
    let low = 0;
    let high = this.batches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.batches[middle]!.first <= index) low = middle;
      else high = middle - 1;
    }
    const batch = this.batches[low]!;
    return [batch.what, index - batch.first];
  }
}

interface Packed {
  bytes: Uint8Array;
  ends: Uint32Array;
  deflated: boolean;
}

/** Lines in the batches they came in, with replacements on top. */
export class PackedLines {
  private readonly batches = new Batches<Packed>();
  private readonly replaced = new Map<number, Uint8Array>();
  private readonly inflated = new Map<Packed, Promise<Uint8Array>>();

  get length(): number {
    return this.batches.length;
  }

  push(bytes: Uint8Array, ends: Uint32Array, deflated = false): void {
    this.batches.push({ bytes, ends, deflated }, ends.length);
  }

  replace(index: number, line: Uint8Array): void {
    this.replaced.set(index, line);
  }

  /** The bytes of one line: a view, not a copy. */
  async line(index: number): Promise<Uint8Array> {
    const replaced = this.replaced.get(index);
    if (replaced !== undefined) return replaced;
    const [packed, at] = this.batches.at(index);
    const bytes = await this.bytes(packed);
    return bytes.subarray(at === 0 ? 0 : packed.ends[at - 1], packed.ends[at]);
  }

  async parse<T>(index: number): Promise<T> {
    return JSON.parse(decoder.decode(await this.line(index))) as T;
  }

  /** All lines in parts of about `size` bytes, each line followed by `separator` unless it is the last. */
  async *parts(size: number, separator = ''): AsyncGenerator<Lines> {
    const mark = new TextEncoder().encode(separator);
    let index = 0;
    while (index < this.length) {
      const lines: Uint8Array[] = [];
      let length = 0;
      while (index < this.length && (length < size || lines.length === 0)) {
        const line = await this.line(index);
        lines.push(line);
        index += 1;
        length += line.length + (index < this.length ? mark.length : 0);
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

  private bytes(packed: Packed): Promise<Uint8Array> | Uint8Array {
    if (!packed.deflated) return packed.bytes;
    let bytes = this.inflated.get(packed);
    if (bytes === undefined) {
      bytes = inflated(packed.bytes);
      this.inflated.set(packed, bytes);
      const [oldest] = this.inflated.keys();
      if (this.inflated.size > KEPT) this.inflated.delete(oldest!);
    }
    return bytes;
  }
}

/** The figures, a column each, growing by leaps. */
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
    const room = this.columns[0]!.length;
    if (needed > room) {
      // One column after another, so that only one is there twice; and large ones by less than double.
      const size = Math.max(needed, room < 1 << 16 ? room * 2 : Math.ceil(room * 1.25));
      for (const [c, old] of this.columns.entries()) {
        const grown = new Float64Array(size);
        grown.set(old);
        this.columns[c] = grown;
      }
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

/** Who and where: ids, and files and agents as indexes. */
export class Labels {
  readonly ids: string[] = [];
  readonly agents = new Names();
  /** Which file of those that were handed in. */
  readonly fileOf: number[] = [];
  readonly agentsOf: (readonly number[])[] = [];
  /** Seconds east of UTC. */
  readonly offsets: number[] = [];
  /** Most conversations have one agent: the same list serves for all of them. */
  private readonly lists = new Map<string, number[]>();

  push(packed: Uint8Array, file: number): void {
    if (packed.length === 0) return;
    for (const [id, , agents, offset] of labels(packed)) {
      this.ids.push(id);
      this.fileOf.push(file);
      this.offsets.push(offset);
      const list = agents.map((agent) => this.agents.index(agent));
      const key = list.join();
      const known = this.lists.get(key);
      if (known === undefined) this.lists.set(key, list);
      this.agentsOf.push(known ?? list);
    }
  }
}

/** Ids, files, agents and seconds east of UTC, as a batch has them. */
export function labels(packed: Uint8Array): [id: string, file: string, agents: string[], offset: number][] {
  return JSON.parse(decoder.decode(packed)) as [string, string, string[], number][];
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

/** What a scan has gathered, in the order of the files. */
export class Collected {
  readonly lines = new PackedLines();
  readonly figures = new Figures();
  readonly labels = new Labels();
  readonly places = new Batches<Float64Array>();
  /** The first conversation of each file. */
  readonly firstOf = new Map<number, number>();

  get length(): number {
    return this.labels.ids.length;
  }

  push(file: number, piece: Piece): void {
    if (!this.firstOf.has(file)) this.firstOf.set(file, this.length);
    this.lines.push(piece.lines, piece.lineEnds, piece.deflated);
    this.figures.push(piece.rows);
    this.labels.push(piece.labels, file);
    this.places.push(piece.places, piece.lineEnds.length);
  }

  /** Begin, end and place of the part of its file from which a conversation can be read again. */
  place(index: number): { start: number; end: number; ordinal: number } {
    const [values, at] = this.places.at(index);
    const start = values[at * 3]!;
    if (!Number.isNaN(start)) return { start, end: values[at * 3 + 1]!, ordinal: values[at * 3 + 2]! };
    const first = this.firstOf.get(this.labels.fileOf[index]!) ?? 0;
    return { start: NaN, end: NaN, ordinal: index - first };
  }
}
