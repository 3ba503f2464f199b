/**
 * A batch of files over several workers. The thing to get right: whatever order files are finished in,
 * they are summed up in their own, so that figures and report do not depend on who did what when. A
 * worker that goes down is replaced; the file that brought it down is named, the others are read.
 */
import type { Connection } from './connection';
import { COLUMNS, type Corrections, type SessionOptions } from './core';
import { type InputFile, duplicate, trapped, unreadable } from './files';
import { Inspection, type Result } from './inspection';
import { type Finished, Gathering, SPELL } from './gathering';
import { labels } from './packed';
import { EngineError, type Opening, type Part, type Piece, type ScanProgress, type Task, type Tuning } from './protocol';
import type { Diagnostic } from './types';

/** Files and bytes that a worker is given at once; the first time few, so that there is something to see soon. */
const FILES = 256;
const BYTES = 1 << 19;
const FIRST = { files: 4, bytes: 1 << 16 };
/** How long a file is of which the beginning is judged by itself, so that there is something to see; and how much that is. */
const PREVIEW = { from: 8 << 20, bytes: 1 << 17 };
/** Files of which it is known before anything is judged whether they are tables of records. */
const HEADS = 256;
/** From this size on it is worth knowing beforehand that a file is the same as another. */
const LARGE = 1 << 20;
/** Bytes of memory at which a worker is replaced. */
const MEMORY = 192 << 20;
/** Bytes for which another worker is worth its start. */
const SHARE = 1 << 19;
/** Milliseconds after which another worker stands by: reading a standard takes longer than anybody would wait in the middle. */
const STANDBY = 1500;
/** Conversations with findings that are shown while there is more to come. */
const PREVIEWS = 8;

export interface Progress {
  /** The file being read or inspected. */
  file: string;
  /** Files finished. */
  filesDone: number;
  files: number;
  bytesRead: number;
  bytesTotal: number;
  messages: number;
  conversations: number;
  /** Findings so far, by severity. */
  found: { critical: number; major: number; minor: number; hint: number };
  /** The first conversations in which something was found. */
  first: readonly Preview[];
}

/** A conversation, before everything has been summed up. */
export interface Preview {
  id: string;
  file: string;
  agents: string[];
  findings: number;
  critical: number;
  total: number;
}

export interface Batch {
  files: readonly InputFile[];
  /** The size of each file, as far as it has been asked for. */
  sizes: Sizes;
  session: SessionOptions;
  corrections: ReadonlyMap<string, Corrections>;
  /** What was found in these files before, where it still holds. */
  before: ReadonlyMap<File, Result>;
  remarks: readonly Diagnostic[];
  /** Archives that want a password. */
  locked: readonly InputFile[];
  signal: AbortSignal | undefined;
  onProgress: ((progress: Progress) => void) | undefined;
  tuning: Tuning;
  /** A worker that knows nothing of the engine yet. */
  spawn(): Connection;
  /** A worker that is ready and has no session. */
  connect(): Promise<Connection>;
  /** A worker with a session. */
  open(options: Opening, signal: AbortSignal | undefined): Promise<Connection>;
  /** Takes one back. */
  release(connection: Connection): void;
  dictionary(): Promise<Uint8Array>;
  /** The second module. */
  sheets(): Promise<WebAssembly.Module>;
}

/** Sizes of files. Each is asked of the system, which takes its time over thousands; so that is done in spells. */
export class Sizes {
  private readonly known: number[] = [];
  private sum = 0;
  readonly all: Promise<void>;

  constructor(private readonly files: readonly InputFile[]) {
    this.all = this.ask();
  }

  of(index: number): number | undefined {
    return this.known[index];
  }

  get complete(): boolean {
    return this.known.length === this.files.length;
  }

  /** Of all files; as long as some are not known, as if they were like the others. */
  get total(): number {
    return this.known.length === 0 ? 0 : Math.round((this.sum * this.files.length) / this.known.length);
  }

  private async ask(): Promise<void> {
    let begun = performance.now();
    for (const { file } of this.files) {
      const { size } = file;
      this.known.push(size);
      this.sum += size;
      if (performance.now() - begun < SPELL) continue;
      await new Promise((resolve) => setTimeout(resolve));
      begun = performance.now();
    }
  }
}

/** How a session is opened: to judge for another, or to sum up what others judged. */
export function opening(session: SessionOptions, tuning: Tuning, part: boolean): Opening {
  const slice = tuning.slice === undefined ? {} : { slice: tuning.slice };
  return { ...session, ...slice, ...(part ? { part } : { sums: true }), tuning };
}

/** A file turned out to be a table of records, which has to come before everything. */
class TableFound extends Error {
  constructor(readonly index: number) {
    super('table');
  }
}

export async function run(batch: Batch): Promise<Inspection> {
  const tables = await tablesAmong(batch);
  for (;;) {
    const pool = new Pool(batch, tables);
    try {
      return await pool.run();
    } catch (error) {
      pool.end();
      if (batch.signal?.aborted) throw new EngineError({ code: 'aborted' });
      if (!(error instanceof TableFound)) throw error;
      tables.add(error.index);
    }
  }
}

/** Which files are tables of records, as far as that is worth asking before. */
async function tablesAmong(batch: Batch): Promise<Set<number>> {
  const named = batch.files.map(({ path, file }, index) => ({ index, name: path, file }));
  const likely = named.filter(({ name }) => /\.(csv|tsv|txt|xls|html?)$|!/i.test(name) && batch.corrections.get(name)?.format === undefined).slice(0, HEADS);
  if (likely.length === 0) return new Set();
  const connection = await batch.connect();
  try {
    const found = await connection.request('heads', { files: likely.map(({ name, file }) => ({ name, file })) }, { signal: batch.signal });
    return new Set(likely.filter((_, i) => found[i]).map(({ index }) => index));
  } finally {
    batch.release(connection);
  }
}

class Pool {
  private readonly results: Result[];
  private readonly complete: boolean[];
  /** Files that nobody has taken, the first at the end. */
  private readonly queue: number[];
  private readonly gathering: Gathering;
  private readonly seen = new Map<string, string>();
  /** Files by size, once all sizes are known. */
  private twins: Map<number, number[]> | undefined;
  private readonly connections = new Set<Connection>();
  private readonly found = { critical: 0, major: 0, minor: 0, hint: 0 };
  private first: Preview[] = [];
  /** The file whose beginning alone has been seen. */
  private previewed = -1;
  private readonly running = new Map<number, number>();
  private keeper: Promise<Connection>;
  private spare: Connection | undefined;
  private standby: Promise<Connection> | undefined;
  private readonly begun = performance.now();
  private merged = 0;
  private bytesDone = 0;
  private filesDone = 0;
  private messages = 0;
  private conversations = 0;
  private chunks = 0;
  private words: Promise<Uint8Array> | undefined;
  private failed: unknown;
  private ended = false;

  constructor(
    private readonly batch: Batch,
    private readonly tables: ReadonlySet<number>,
  ) {
    const { files, before, corrections } = batch;
    const shared = new Set<number>();
    this.results = files.map(({ path, file }, index) => {
      const known = tables.has(index) ? undefined : before.get(file);
      if (known !== undefined) shared.add(index);
      // The inspection before keeps its own list, should this one come to nothing.
      return known === undefined ? { pieces: [], corrections: corrections.get(path) } : { ...known, pieces: [...known.pieces] };
    });
    this.complete = files.map((_, index) => tables.has(index) || this.results[index]!.outcome !== undefined);
    this.queue = files.map((_, index) => index).filter((index) => !this.complete[index]);
    this.queue.reverse();
    for (const [index, done] of this.complete.entries()) {
      if (!done) continue;
      this.filesDone += 1;
      this.bytesDone += batch.sizes.of(index) ?? 0;
    }
    this.keeper = this.prepare(false);
    // Whoever awaits it hears of it; until then it is nobody's.
    this.keeper.catch(() => undefined);
    this.gathering = new Gathering(this.results, this.keeper, tables.size > 0, shared, (error) => this.fail(error));
  }

  async run(): Promise<Inspection> {
    const { files, tuning } = this.batch;
    // Few are known at once; of many the number says enough.
    await Promise.race([this.batch.sizes.all, new Promise((resolve) => setTimeout(resolve, 50))]);
    const waiting = this.batch.sizes.total;
    const wanted = tuning.workers ?? Math.min(8, Math.max(1, (globalThis.navigator?.hardwareConcurrency ?? 2) - 1));
    const useful = tuning.workers === undefined ? Math.ceil(waiting / SHARE) : this.queue.length;
    const count = this.queue.length === 0 ? 0 : Math.max(1, Math.min(wanted, useful, this.queue.length));
    this.tell('');
    this.merge();
    const workers = Array.from({ length: count }, () => this.work().catch((error: unknown) => this.fail(error)));
    await Promise.all(workers);
    if (this.failed !== undefined) throw this.failed;
    this.stopped();
    this.merge();
    const keeper = await this.keeper;
    await this.gathering.done();
    if (this.failed !== undefined) throw this.failed;
    await this.batch.sizes.all;
    const summary = await keeper.request('summary', null, { signal: this.batch.signal });
    // Reading the summary and showing what is in it are tasks of their own, so that the page stays free.
    await new Promise((resolve) => setTimeout(resolve));
    this.stopped();
    let helper = this.spare;
    let made: Promise<Connection> | undefined;
    return new Inspection({
      keeper,
      helper: () => {
        if (helper?.closed) helper = undefined;
        if (helper !== undefined) return Promise.resolve(helper);
        made ??= this.prepare(true).then(
          (connection) => ((helper = connection), (made = undefined), connection),
          (error: unknown) => {
            made = undefined;
            throw error;
          },
        );
        return made;
      },
      apart: async () => ({ module: await this.batch.sheets(), connection: this.batch.spawn() }),
      dispose: () => this.end(),
      collected: this.gathering.collected,
      summary,
      files,
      sizes: this.batch.sizes,
      results: this.results,
      remarks: this.batch.remarks,
      locked: this.batch.locked,
    });
  }

  /** Ends every worker. */
  end(): void {
    this.ended = true;
    for (const connection of this.connections) connection.terminate();
    this.connections.clear();
    void this.keeper.then((keeper) => keeper.terminate()).catch(() => undefined);
  }

  private fail(error: unknown): void {
    if (this.failed !== undefined) return;
    this.failed = error;
    // The others stop at once: what they find is of no use.
    for (const connection of this.connections) connection.terminate();
  }

  /** A worker with a session of its own that knows the tables. */
  private async prepare(part: boolean): Promise<Connection> {
    const { session, tuning, signal, files } = this.batch;
    const connection = await this.batch.open(opening(session, tuning, part), signal);
    this.connections.add(connection);
    if (this.ended) {
      this.drop(connection);
      throw new EngineError({ code: 'terminated' });
    }
    if (this.tables.size > 0) {
      const tables = files.filter((_, index) => this.tables.has(index)).map(({ path, file }) => ({ name: path, file, corrections: this.batch.corrections.get(path) }));
      await connection.request('tables', { files: tables }, { signal });
    }
    return connection;
  }

  /** One worker after another, until nothing is left. */
  private async work(): Promise<void> {
    const { signal, tuning } = this.batch;
    const most = tuning.memory ?? MEMORY;
    let connection = await this.prepare(true);
    /** After a worker went down without a word, one file at a time shows which it was. */
    let alone = 0;
    let memory = 0;
    for (let tasks = this.take(); tasks.length > 0; tasks = this.take(alone > 0)) {
      alone = Math.max(0, alone - 1);
      const own = tasks;
      const key = own[0]!.index;
      try {
        const onProgress = (progress: ScanProgress) => this.receive(key, progress);
        let scanned = await connection.request('scan', { tasks: own, preview: this.preview(own[0]!) }, { signal, onProgress });
        while (scanned.needsDictionary) {
          this.words ??= this.batch.dictionary();
          const bytes = (await this.words).slice();
          this.stopped();
          await connection.request('dictionary', { bytes }, { transfer: [bytes.buffer], signal });
          scanned = await connection.request('resume', null, { signal, onProgress });
        }
        memory = scanned.memory;
        if (memory > most && this.queue.length > 0) {
          this.drop(connection);
          connection = await this.another();
          memory = 0;
        }
      } catch (error) {
        this.drop(connection);
        this.stopped();
        const gone = performance.now();
        if (!(error instanceof EngineError) || !fatal(error) || this.failed !== undefined) throw error;
        const left = own.map(({ index }) => index).filter((index) => !this.complete[index]);
        const named = error.failure.place?.index ?? (left.length === 1 ? left[0] : undefined);
        for (const index of left) this.gathering.giveBack(index);
        if (named !== undefined) this.refuse(named, trapped(this.batch.files[named]!.path, error));
        else alone = left.length;
        this.queue.push(...left.filter((index) => index !== named).reverse());
        this.merge();
        connection = await this.another();
        performance.measure('zhijian-worker-replaced', { start: gone });
      } finally {
        this.running.delete(key);
      }
      this.merge();
    }
    const last = this.running.size === 0;
    if (this.spare === undefined && memory <= most) this.spare = connection;
    else this.drop(connection);
    if (last) void this.standby?.then((standing) => (this.spare === undefined ? (this.spare = standing) : this.drop(standing))).catch(() => undefined);
  }

  /** A worker in place of one that has ended. */
  private async another(): Promise<Connection> {
    const { standby } = this;
    this.standby = undefined;
    const connection = await standby?.catch(() => undefined);
    return connection === undefined || connection.closed ? this.prepare(true) : connection;
  }

  /** What takes long gets a worker that stands by, as long as there is anything beside the file under way. */
  private provide(): void {
    const { standby = STANDBY } = this.batch.tuning;
    if (this.standby !== undefined || this.results.length - this.filesDone < 2 || performance.now() - this.begun < standby) return;
    this.standby = this.prepare(true);
    this.standby.catch(() => undefined);
  }

  private drop(connection: Connection): void {
    connection.terminate();
    this.connections.delete(connection);
  }

  private stopped(): void {
    if (this.batch.signal?.aborted) throw new EngineError({ code: 'aborted' });
  }

  /** The next files, in order. */
  private take(alone = false): Task[] {
    const { files: all, corrections } = this.batch;
    const most = alone ? { files: 1, bytes: 1 } : this.chunks === 0 ? FIRST : { files: FILES, bytes: BYTES };
    this.chunks += 1;
    const tasks: Task[] = [];
    let bytes = 0;
    while (tasks.length < most.files && bytes < most.bytes) {
      const index = this.queue.pop();
      if (index === undefined) break;
      const { path: name, file } = all[index]!;
      const size = this.batch.sizes.of(index);
      bytes += size ?? BYTES / 64;
      const twins = size === undefined || size < LARGE ? undefined : this.alike(size);
      const known = twins === undefined || corrections.has(name) ? [] : twins.flatMap((twin) => (twin < index ? (this.results[twin]?.hash ?? []) : []));
      tasks.push({ index, name, file, corrections: corrections.get(name), hash: twins === undefined || twins.length > 1, known });
    }
    return tasks;
  }

  /**
   * The beginning of the first file, where that is long: a table is judged long after it was begun to be
   * read, because rows of a conversation may stand apart.
   */
  private preview(task: Task): Task | undefined {
    const size = this.batch.sizes.of(task.index) ?? 0;
    if (this.batch.onProgress === undefined || this.filesDone > 0 || this.conversations > 0 || this.previewed >= 0) return undefined;
    if (size < (this.batch.tuning.preview ?? PREVIEW.from) || /\.(jsonl?|ndjson)$/i.test(task.name)) return undefined;
    this.previewed = task.index;
    return { ...task, hash: false, preview: PREVIEW.bytes };
  }

  /** The files of a size; undefined while it is not known of all. */
  private alike(size: number): number[] | undefined {
    const { sizes, files } = this.batch;
    if (!sizes.complete) return undefined;
    if (this.twins === undefined) {
      this.twins = new Map();
      for (const index of files.keys()) {
        const of = sizes.of(index) ?? 0;
        const twins = this.twins.get(of);
        if (twins === undefined) this.twins.set(of, [index]);
        else twins.push(index);
      }
    }
    return this.twins.get(size) ?? [];
  }

  private receive(key: number, { parts, bytes, file }: ScanProgress): void {
    this.provide();
    for (const part of parts) this.part(part);
    this.running.set(key, bytes);
    let read = this.bytesDone;
    for (const one of this.running.values()) read += one;
    this.merge();
    this.tell(file, read);
  }

  private part({ index, piece, preview, outcome, hash, duplicate: same, unreadable: reason }: Part): void {
    const result = this.results[index]!;
    if (this.complete[index]) return;
    if (preview) {
      // The later ones may go on where the beginning ends.
      if (piece !== undefined) this.show(index, piece, Math.ceil(piece.lineEnds.length / 2));
      return;
    }
    if (this.previewed === index && piece !== undefined) {
      this.first = [];
      this.previewed = this.results.length;
    }
    if (hash !== undefined) result.hash = hash;
    if (piece !== undefined) {
      result.pieces.push(piece);
      this.count(index, piece);
    }
    if (reason !== undefined) this.refuse(index, unreadable(this.batch.files[index]!.path, reason));
    else if (same) this.refuse(index, undefined);
    else if (outcome !== undefined) {
      result.outcome = outcome;
      this.finish(index);
    }
  }

  private refuse(index: number, reason: Diagnostic | undefined): void {
    this.gathering.giveBack(index);
    if (reason !== undefined) this.results[index]!.refused = reason;
    this.finish(index);
  }

  private finish(index: number): void {
    if (this.complete[index]) return;
    this.complete[index] = true;
    this.filesDone += 1;
    this.bytesDone += this.batch.sizes.of(index) ?? 0;
  }

  /** Counts for those who wait; figures that count are summed up elsewhere. */
  private count(index: number, piece: Piece): void {
    const { rows } = piece;
    for (let at = 0; at < rows.length; at += COLUMNS.length) {
      this.conversations += 1;
      this.messages += rows[at]!;
      this.found.critical += rows[at + 2]!;
      this.found.major += rows[at + 3]!;
      this.found.minor += rows[at + 4]!;
      this.found.hint += rows[at + 5]!;
    }
    this.show(index, piece);
  }

  /** Keeps the first in which something was found, for those who wait. */
  private show(index: number, { rows, labels: packed }: Piece, most = Infinity): void {
    let names: ReturnType<typeof labels> | undefined;
    for (let at = 0, place = 0; at < rows.length && place < most && this.first.length < PREVIEWS; at += COLUMNS.length, place += 1) {
      if (!(rows[at + 1]! > 0)) continue;
      names ??= labels(packed);
      const [id, , agents] = names[place]!;
      this.first.push({ id, file: this.batch.files[index]!.path, agents, findings: rows[at + 1]!, critical: rows[at + 2]!, total: rows[at + 7]! });
    }
  }

  /** Sums up every file whose turn has come. */
  private merge(): void {
    const { files } = this.batch;
    const finished: Finished[] = [];
    while (this.merged < files.length && this.complete[this.merged]) {
      const index = this.merged;
      this.merged += 1;
      if (this.tables.has(index)) continue;
      const result = this.results[index]!;
      const { path } = files[index]!;
      if (result.hash !== undefined && result.refused === undefined) {
        // The same bytes read in another way are not the same.
        const key = `${result.hash} ${JSON.stringify(result.corrections ?? null)}`;
        const same = this.seen.get(key);
        if (same !== undefined) result.refused = duplicate(path, same);
        else if (result.outcome !== undefined) this.seen.set(key, path);
        // The one it is the same as was refused for a reason that holds for its bytes.
        else result.refused = duplicate(path, files.find((_, other) => other !== index && this.results[other]?.hash === result.hash)?.path ?? path);
      }
      if (result.refused !== undefined) {
        this.gathering.giveBack(index);
        delete result.outcome;
        finished.push({ diagnostic: result.refused });
      } else if (result.outcome !== undefined) {
        if (result.pieces.length === 0 && isTable(result.outcome)) {
          this.fail(new TableFound(index));
          return;
        }
        finished.push({ index });
      }
    }
    this.gathering.go(this.merged, finished);
  }

  private tell(file: string, bytesRead = this.bytesDone): void {
    const { files, onProgress } = this.batch;
    if (onProgress === undefined) return;
    const bytesTotal = this.batch.sizes.total;
    onProgress({
      file,
      filesDone: this.filesDone,
      files: files.length,
      bytesRead: Math.min(bytesRead, bytesTotal),
      bytesTotal,
      messages: this.messages,
      conversations: this.conversations,
      found: { ...this.found },
      first: this.first.slice(),
    });
  }
}

const TABLE = new TextEncoder().encode('"table":true');

function isTable(outcome: Uint8Array): boolean {
  // A table is told in few words.
  if (outcome.length > 1 << 16) return false;
  return new TextDecoder().decode(outcome.subarray(-TABLE.length - 8)).includes('"table":true');
}

function fatal(error: EngineError): boolean {
  return ['trap', 'internal', 'worker-failed'].includes(error.code);
}
