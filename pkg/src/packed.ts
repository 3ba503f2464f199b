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

  /** Takes back everything from a place on, at which a batch begins. */
  cut(length: number): void {
    while (this.count > length) this.count = this.batches.pop()!.first;
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

  cut(length: number): void {
    this.batches.cut(length);
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

/** Numbers that grow in number without being moved; who wants them in a row joins them. */
class Series {
  /** Full but for the last. */
  private blocks: Float64Array[] = [];
  private room = 0;
  count = 0;

  push(value: number): void {
    if (this.count === this.room) {
      const block = new Float64Array(Math.min(1 << 14, Math.max(1 << 8, this.room)));
      this.blocks.push(block);
      this.room += block.length;
    }
    const last = this.blocks[this.blocks.length - 1]!;
    last[this.count - this.room + last.length] = value;
    this.count += 1;
  }

  cut(count: number): void {
    this.count = count;
    for (let last = this.blocks.at(-1); last !== undefined && this.room - last.length >= count; last = this.blocks.at(-1)) {
      this.blocks.pop();
      this.room -= last.length;
    }
  }

  /** Puts values from one on into every so many places. */
  read(first: number, into: Float64Array, from: number, step: number): void {
    let start = 0;
    let at = from;
    for (const block of this.blocks) {
      const end = Math.min(start + block.length, this.count);
      for (let index = Math.max(first, start); index < end && at < into.length; index += 1, at += step) into[at] = block[index - start]!;
      start += block.length;
    }
  }

  /** All together. A loop of its own: a callback for each of hundreds of thousands takes a tenth of a second. */
  sum(): number {
    let sum = 0;
    let left = this.count;
    for (const block of this.blocks) {
      const end = Math.min(block.length, left);
      for (let at = 0; at < end; at += 1) sum += block[at]!;
      left -= end;
    }
    return sum;
  }

  /** All in a row, to be changed there as well. */
  joined(): Float64Array {
    if (this.blocks.length !== 1) {
      const all = new Float64Array(this.count);
      this.read(0, all, 0, 1);
      this.blocks = [all];
      this.room = this.count;
    }
    return this.blocks[0]!.subarray(0, this.count);
  }
}

/** The figures, a column each. */
export class Figures {
  private readonly columns = COLUMNS.map(() => new Series());

  get length(): number {
    return this.columns[0]!.count;
  }

  push(rows: Float64Array): void {
    const width = COLUMNS.length;
    const end = rows.length - (rows.length % width);
    this.columns.forEach((column, c) => {
      for (let at = c; at < end; at += width) column.push(rows[at]!);
    });
  }

  /** Takes back everything from a conversation on. */
  cut(length: number): void {
    for (const column of this.columns) column.cut(length);
  }

  /** So many rows from one on, as they came. */
  rows(first: number, count: number): Float64Array {
    const rows = new Float64Array(count * COLUMNS.length);
    for (const [c, column] of this.columns.entries()) column.read(first, rows, c, COLUMNS.length);
    return rows;
  }

  replace(index: number, row: Float64Array): void {
    for (const [c, column] of this.columns.entries()) column.joined()[index] = row[c]!;
  }

  /** One of them of all conversations, together. */
  sum(name: Column): number {
    return this.columns[COLUMNS.indexOf(name)]!.sum();
  }

  /** One of them of all conversations: a view, which changes when one is replaced. */
  column(name: Column): Float64Array {
    return this.columns[COLUMNS.indexOf(name)]!.joined();
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

  /** Takes back everything from a conversation on; names that nobody has any more as well. */
  cut(length: number): void {
    for (const list of [this.ids, this.fileOf, this.offsets, this.agentsOf]) list.length = length;
    this.agents.cut(this.agentsOf.reduce((most, list) => list.reduce((a, b) => Math.max(a, b + 1), most), 0));
  }
}

/** Ids, files, agents and seconds east of UTC, as a batch has them. */
export function labels(packed: Uint8Array): [id: string, file: string, agents: string[], offset: number][] {
  return JSON.parse(decoder.decode(packed)) as [string, string, string[], number][];
}

class Names {
  readonly list: string[] = [];
  private readonly known = new Map<string, number>();

  cut(length: number): void {
    for (const name of this.list.splice(length)) this.known.delete(name);
  }

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
  /** Of each file: its conversations and messages. */
  readonly counts = new Map<number, { conversations: number; messages: number }>();

  get length(): number {
    return this.labels.ids.length;
  }

  push(file: number, piece: Piece): void {
    if (!this.firstOf.has(file)) this.firstOf.set(file, this.length);
    const { conversations, messages } = this.counts.get(file) ?? { conversations: 0, messages: 0 };
    let said = 0;
    for (let at = 0; at < piece.rows.length; at += COLUMNS.length) said += piece.rows[at]!;
    this.counts.set(file, { conversations: conversations + piece.lineEnds.length, messages: messages + said });
    this.lines.push(piece.lines, piece.lineEnds, piece.deflated);
    this.figures.push(piece.rows);
    this.labels.push(piece.labels, file);
    this.places.push(piece.places, piece.lineEnds.length);
  }

  /** Takes back what was found in a file, from its first conversation on; it came last. */
  cut(first: number, file: number): void {
    for (const one of [this.lines, this.figures, this.labels, this.places]) one.cut(first);
    this.firstOf.delete(file);
    this.counts.delete(file);
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
