/**
 * The result of a scan, as the page holds it: figures in typed arrays, the report as bytes, and the
 * files themselves for what was said. The thing to get right: texts are not kept. Who wants to see a
 * conversation reads it again from its file, which may have changed or gone; that is told, and
 * everything else goes on.
 */
import type { Connection } from './connection';
import type { Column, Corrections, Decision, Detection, Outcome, Summary, TableInfo, TranscriptLine } from './core';
import type { InputFile } from './files';
import { Collected } from './packed';
import { type Again, EngineError, type Piece } from './protocol';
import type { Accounting, Agent, Conversation, Diagnostic, StandardHead } from './types';

const decoder = new TextDecoder();
/** Bytes of report handled at once, so that neither the page nor the worker stalls. */
const PART = 1 << 18;
/** Files searched by one request: few enough that somebody who goes on typing need not wait. */
const SEARCHED = 64;
/** Transcripts that stay as they were read last. */
const KEPT = 8;

/** What became of one file. */
export interface FileOutcome {
  path: string;
  size: number;
  /** `table`: a table of records, whose rows are no messages; `duplicate`: the same bytes as another; `locked`: it wants a password. */
  state: 'read' | 'failed' | 'skipped' | 'table' | 'duplicate' | 'locked';
  conversations: number;
  messages: number;
  diagnostics: number;
  /** Of a table of records: which it is, its rows and those taken. */
  table?: TableInfo;
  /** What became of its rows; absent when nothing was read. */
  accounting?: Accounting;
  /** How it was understood, and what else it might have been. */
  detection?: Detection;
  /** What somebody knew better. */
  corrections?: Corrections;
}

/** One file after the scan, as far as another scan could use it. */
export interface Result {
  pieces: Piece[];
  /** `Outcome` as JSON. */
  outcome?: Uint8Array;
  hash?: string;
  /** Why there is nothing: unreadable, trapped, the same as another. */
  refused?: Diagnostic;
  corrections?: Corrections | undefined;
  /** What was found is no longer here: there was too much of it. */
  partial?: true;
}

/** What an inspection is made of. */
export interface Made {
  /** The session that summed up. */
  keeper: Connection;
  /** A worker with a session in which files are read again. */
  helper(): Promise<Connection>;
  /** A worker for itself, and the second module. */
  apart(): Promise<{ connection: Connection; module: WebAssembly.Module }>;
  dispose(): void;
  collected: Collected;
  summary: Uint8Array;
  files: readonly InputFile[];
  sizes: { of(index: number): number | undefined };
  results: readonly Result[];
  /** What the page itself had to say about the files. */
  remarks: readonly Diagnostic[];
  /** Archives that want a password, or another one. */
  locked: readonly InputFile[];
}

export class Inspection {
  private summary: Summary;
  private queue: Promise<unknown> = Promise.resolve();
  private readonly transcripts = new Map<number, Promise<TranscriptLine>>();
  private readonly outcomes: (Outcome | undefined)[] = [];

  constructor(private readonly made: Made) {
    this.summary = parse<Summary>(made.summary);
  }

  /** How many conversations there are. */
  get length(): number {
    return this.made.collected.length;
  }

  get agents(): readonly Agent[] {
    return this.summary.agents;
  }

  get accounting(): Accounting {
    return this.summary.accounting;
  }

  get standard(): StandardHead {
    return this.summary.standard;
  }

  get diagnostics(): readonly Diagnostic[] {
    return [...this.made.remarks, ...this.summary.diagnostics];
  }

  /** The files that were handed in, for another scan. */
  get inputs(): readonly InputFile[] {
    return this.made.files;
  }

  /** What the page itself had to say about the files. */
  get remarks(): readonly Diagnostic[] {
    return this.made.remarks;
  }

  /** Archives that want a password, or another one: to be handed in again with `passwords`. */
  get locked(): readonly InputFile[] {
    return this.made.locked;
  }

  /** What was found in each file, for a scan that need not look at it again. */
  get results(): readonly Result[] {
    return this.made.results;
  }

  /** One figure of every conversation; absent is NaN. A view: it changes when a review does. */
  column(name: Column): Float64Array {
    return this.made.collected.figures.column(name);
  }

  /** One figure of all conversations together. */
  sum(name: Column): number {
    return this.made.collected.figures.sum(name);
  }

  id(index: number): string {
    return this.made.collected.labels.ids[index] ?? '';
  }

  file(index: number): string {
    return this.made.files[this.made.collected.labels.fileOf[index] ?? -1]?.path ?? '';
  }

  /** When a conversation began, in its own zone (RFC 3339). */
  started(index: number): string | undefined {
    const millis = this.column('startMillis')[index] ?? NaN;
    if (Number.isNaN(millis)) return undefined;
    const offset = this.made.collected.labels.offsets[index] ?? 0;
    const [sign, minutes] = [offset < 0 ? '-' : '+', Math.floor(Math.abs(offset) / 60)];
    const two = (value: number) => String(value).padStart(2, '0');
    const local = new Date(millis + offset * 1000).toISOString().slice(0, 19);
    return `${local}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }

  /** The names of the agents of all conversations; `agentsOf` gives indexes into it. */
  get agentNames(): readonly string[] {
    return this.made.collected.labels.agents.list;
  }

  agentsOf(index: number): readonly number[] {
    return this.made.collected.labels.agentsOf[index] ?? [];
  }

  /** The report of one conversation, made of its line now. */
  conversation(index: number): Promise<Conversation> {
    return this.made.collected.lines.parse<Conversation>(index);
  }

  /**
   * What was said in one conversation, read again from its file. Rejects with an `EngineError`:
   * `file-unreadable` when the file has changed or gone, `conversation-gone` when it is not in there.
   */
  transcript(index: number): Promise<TranscriptLine> {
    let transcript = this.transcripts.get(index);
    if (transcript === undefined) {
      transcript = this.reread(index);
      this.transcripts.set(index, transcript);
      transcript.catch(() => this.transcripts.delete(index));
      const [oldest] = this.transcripts.keys();
      if (this.transcripts.size > KEPT) this.transcripts.delete(oldest!);
    }
    return transcript;
  }

  private async reread(index: number): Promise<TranscriptLine> {
    const { collected, helper } = this.made;
    const file = collected.labels.fileOf[index];
    if (file === undefined) throw new RangeError(`no conversation ${index}`);
    const [id, messages] = [this.id(index), this.column('messages')[index] ?? 0];
    const read = async (place: { start: number; end: number; ordinal: number }, dayFirst?: boolean) => {
      const known = this.again(file, !Number.isNaN(place.start));
      const corrections = dayFirst === undefined ? known.corrections : { ...known.corrections, day_first: dayFirst };
      const again = { ...known, corrections, ...place, id, messages };
      const connection = await helper();
      return connection.request('reread', again).catch((error: unknown) => {
        throw error instanceof EngineError ? new EngineError({ ...error.failure, place: { file: again.name } }) : error;
      });
    };
    const place = collected.place(index);
    let bytes = await read(place);
    // It was not where it was looked for: then all of the file is read.
    if (bytes === null && place.ordinal < 0) bytes = await read({ start: NaN, end: NaN, ordinal: index - (collected.firstOf.get(file) ?? 0) });
    if (bytes === null) throw new EngineError({ code: 'conversation-gone', place: { file: this.file(index) } });
    const transcript = parse<TranscriptLine>(bytes);
    const decided = this.outcome(file)?.detection?.day_first;
    if (decided === undefined || this.made.results[file]?.corrections?.day_first !== undefined || this.agrees(index, transcript)) return transcript;
    // What showed the order of day and month came only after this conversation had been judged.
    bytes = await read(place, !decided);
    const other = bytes === null ? undefined : parse<TranscriptLine>(bytes);
    return other !== undefined && this.agrees(index, other) ? other : transcript;
  }

  /** Whether a transcript begins when the conversation that was judged does. */
  private agrees(index: number, { messages }: TranscriptLine): boolean {
    const start = this.column('startMillis')[index] ?? NaN;
    return Number.isNaN(start) || messages.some(({ time }) => time !== undefined && Date.parse(time) === start);
  }

  /** How a file is read again; a part of it might not show by itself what all of it does. */
  private again(index: number, part: boolean): Again {
    const { path, file } = this.made.files[index]!;
    const given = this.made.results[index]?.corrections;
    if (!part) return { name: path, file, corrections: given };
    const { format, encoding, day_first } = this.outcome(index)?.detection ?? {};
    const known: Corrections = {
      ...(format === undefined ? {} : { format }),
      ...(encoding === undefined ? {} : { encoding: encoding.name }),
      ...(day_first === undefined ? {} : { day_first }),
    };
    return { name: path, file, corrections: { ...known, ...given } };
  }

  private outcome(index: number): Outcome | undefined {
    const bytes = this.made.results[index]?.outcome;
    if (bytes === undefined) return undefined;
    return (this.outcomes[index] ??= parse<Outcome>(bytes));
  }

  /** The conversations in which these words are said, or which are called so; read from the files. */
  async search(words: string, signal?: AbortSignal): Promise<Uint32Array> {
    const { collected, helper } = this.made;
    const files = [...collected.firstOf].sort(([a], [b]) => a - b);
    const found: number[] = [];
    for (let at = 0; at < files.length; at += SEARCHED) {
      const some = files.slice(at, at + SEARCHED);
      const connection = await helper();
      const lists = await connection.request('find', { files: some.map(([file]) => this.again(file, false)), words }, { signal });
      lists.forEach((places, i) => {
        for (const place of places) found.push(some[i]![1] + place);
      });
      signal?.throwIfAborted();
    }
    return Uint32Array.from(found);
  }

  /** What became of every file that was handed in, in order of path. */
  files(): FileOutcome[] {
    const tables = new Map((this.summary.tables ?? []).map((table) => [table.file, table]));
    const told = new Map<string, number>();
    for (const { file } of this.diagnostics) {
      if (file !== undefined) told.set(file, (told.get(file) ?? 0) + 1);
    }
    const outcomes = this.made.files.map(({ path }, index): FileOutcome => {
      const { refused, corrections, outcome } = this.made.results[index] ?? {};
      const table = tables.get(path);
      const { conversations, messages } = this.made.collected.counts.get(index) ?? { conversations: 0, messages: 0 };
      const state = table !== undefined ? 'table' : refused?.code === 'file-duplicate' ? 'duplicate' : conversations > 0 ? 'read' : 'failed';
      const one: FileOutcome = { path, size: this.made.sizes.of(index) ?? 0, state, conversations, messages, diagnostics: told.get(path) ?? 0 };
      if (table !== undefined) one.table = table;
      // The rows of a sheet are nothing that somebody stated.
      const { rows: _, ...said } = corrections ?? {};
      if (Object.keys(said).length > 0) one.corrections = said;
      if (outcome !== undefined) {
        // Thousands of them are looked at one by one, if at all.
        const read = () => this.outcome(index)!;
        Object.defineProperties(one, {
          accounting: { enumerable: true, get: () => read().accounting },
          detection: { enumerable: true, get: () => read().detection },
        });
      }
      return one;
    });
    const known = new Set(outcomes.map(({ path }) => path));
    const locked = new Map(this.made.locked.map((one) => [one.path, one]));
    for (const { code, severity, file } of this.made.remarks) {
      if (file === undefined || known.has(file)) continue;
      known.add(file);
      const wants = locked.get(file);
      const state = wants !== undefined ? 'locked' : severity === 'error' ? 'failed' : code === 'file-duplicate' ? 'duplicate' : 'skipped';
      outcomes.push({ path: file, size: wants?.file.size ?? 0, state, conversations: 0, messages: 0, diagnostics: told.get(file) ?? 0 });
    }
    return outcomes;
  }

  /** Records decisions on one conversation's findings; scores, figures and agents follow. */
  review(index: number, decisions: Decision[]): Promise<void> {
    // One after another: each review starts from the line the one before left.
    const next = this.queue.then(async () => {
      const { collected, keeper } = this.made;
      const line = (await collected.lines.line(index)).slice();
      const reviewed = await keeper.request('review', { index, line, decisions }, { transfer: [line.buffer] });
      collected.lines.replace(index, reviewed.line);
      collected.figures.replace(index, reviewed.row);
      this.summary = parse(reviewed.summary);
    });
    this.queue = next.catch(() => undefined);
    return next;
  }

  /** The whole report, put together from the bytes the core wrote. */
  async report(format: 'json' | 'csv'): Promise<Blob> {
    await this.queue;
    const { collected, keeper } = this.made;
    // A blob of its own each: its bytes are the browser's from then on, and not the page's.
    const parts: Blob[] = [];
    const add = (bytes: Uint8Array) => parts.push(new Blob([bytes as BlobPart]));
    if (format === 'json') {
      const { head, tail } = await keeper.request('frame', null);
      add(head);
      for await (const { bytes } of collected.lines.parts(PART, ',')) {
        add(bytes);
        await new Promise((resolve) => setTimeout(resolve));
      }
      add(tail);
      return whole(new Blob(parts, { type: 'application/json' }));
    }
    let head = true;
    for await (const lines of collected.lines.parts(PART)) {
      const transfer = [lines.bytes.buffer, lines.ends.buffer];
      add(await keeper.request('csv', { head, lines }, { transfer }));
      head = false;
    }
    if (head) {
      const lines = { bytes: new Uint8Array(), ends: new Uint32Array() };
      add(await keeper.request('csv', { head, lines }));
    }
    return whole(new Blob(parts, { type: 'text/csv;charset=utf-8' }));
  }

  /**
   * The transcripts as they were understood, one a line, read again from their files: what was said,
   * without anything that was found in it. Rejects with an `EngineError` when a file has changed or gone.
   */
  async cleaned(signal?: AbortSignal): Promise<Blob> {
    const parts: Blob[] = [];
    for (const index of [...this.made.collected.firstOf.keys()].sort((a, b) => a - b)) {
      const again = this.again(index, false);
      const connection = await this.made.helper();
      const add = ({ lines }: { lines: Uint8Array }) => void parts.push(new Blob([lines as BlobPart]));
      await connection.request('clean', again, { signal, onProgress: add }).catch((error: unknown) => {
        throw error instanceof EngineError ? new EngineError({ ...error.failure, place: { file: again.name } }) : error;
      });
    }
    return whole(new Blob(parts, { type: 'application/x-ndjson' }));
  }

  /** The report as a workbook. */
  async workbook(english: boolean): Promise<Blob> {
    await this.queue;
    const { collected, keeper, apart } = this.made;
    const frame = await keeper.request('frame', null);
    const { connection, module } = await apart();
    try {
      await connection.request('workbook', { module, frame, english });
      for await (const lines of collected.lines.parts(PART)) await connection.request('workbook', { module, lines });
      const bytes = await connection.request('workbook', { module, last: true });
      return await whole(new Blob([bytes as BlobPart], { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' }));
    } finally {
      connection.terminate();
    }
  }

  /** Ends the workers and with them the session. The report of what was read stays readable. */
  dispose(): void {
    this.made.dispose();
  }
}

/** A blob that the browser had no room for looks like any other until it is read. */
async function whole(blob: Blob): Promise<Blob> {
  await blob.slice(-1).arrayBuffer();
  return blob;
}

function parse<T>(bytes: Uint8Array): T {
  return JSON.parse(decoder.decode(bytes)) as T;
}
