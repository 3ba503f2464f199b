/**
 * The worker's side of the protocol, without a worker: it answers requests that come through a port.
 * The thing to get right: the core is never busy for longer than a slice, so that an abort is seen;
 * and once the core has trapped it is never called again.
 */
import type { Batch, Core, Corrections, Expanded, Pull, Session, Step } from '../core';
import type { Absorbed, Again, Answer, BookPart, Exchanges, Failure, Part, Piece, Port, Request, Scanned, Task, Tuning } from '../protocol';
import { Ahead } from './ahead';
import { deflated } from './deflate';

/** Milliseconds one call into the core should take. */
const SLICE = 24;
/** Milliseconds between two batches, so that the page is told often enough and not more. */
const REPORT_EVERY = 90;
/** From this size on a file is read in slices. */
const WHOLE = 2 << 20;
/** How much the core is given at a time. */
const PULL = 1 << 20;
/** Bytes of transcripts that are written at a time. */
const CLEANED = 1 << 18;
/** How much of a file says whether it is a table of records. */
const HEAD = 1 << 16;
/** Bytes of lines from which on deflating is worth its while. */
const WORTH = 1 << 13;

export interface HostOptions {
  start(module: WebAssembly.Module, standards: Uint8Array): Core;
  /** Reads a stretch of a file, at once; throws when it cannot be read any more. */
  read(file: File, start: number, end: number): Uint8Array;
  /** Reads files one after another, as one, in its own time. */
  together(files: File[]): Promise<Uint8Array>;
  /** Lets waiting messages in. */
  pause(): Promise<void>;
  now(): number;
  /** What is in a workbook or an archive, by the second module. */
  expand(module: WebAssembly.Module, name: string, bytes: Uint8Array, password?: string): Expanded;
  /** Puts the report into a workbook, part by part; the last gives it. */
  workbook(part: BookPart): Uint8Array | null;
}

type Progress = (value: unknown, transfer: Transferable[]) => void;

export function serve(port: Port, options: HostOptions): void {
  const host = new Host(options);
  port.addEventListener('message', (event) => {
    const request = event.data as Request;
    const answer = (value: Answer, transfer: Transferable[] = []) => port.postMessage(value, transfer);
    host
      .answer(request, (progress, transfer) => answer({ id: request.id, type: 'progress', progress }, transfer))
      .then(
        ([result, transfer]) => answer({ id: request.id, type: 'done', result }, transfer),
        (error: unknown) => answer({ id: request.id, type: 'failed', failure: host.failure(error) }),
      );
  });
}

class Refusal extends Error {
  constructor(readonly failure: Failure) {
    super(failure.code);
  }
}

class Host {
  private core: Core | undefined;
  private session: Session | undefined;
  private broken = false;
  private readonly aborted = new Set<number>();
  private tuning: Tuning = {};
  /** What is left of a scan; the first is under way. */
  private tasks: Task[] = [];
  private begun = false;
  private ahead: Ahead | undefined;
  private parts: Part[] = [];
  private chunk = 400;

  constructor(private readonly options: HostOptions) {}

  async answer(request: Request, progress: Progress): Promise<[unknown, Transferable[]]> {
    if (request.kind === 'abort') {
      this.aborted.add(request.params.target);
      return [null, []];
    }
    if (this.broken) throw new Refusal({ code: 'not-ready' });
    switch (request.kind) {
      case 'init':
        this.core = this.options.start(request.params.module, request.params.standards);
        return [null, []];
      case 'standards':
        return [this.ready().standards(), []];
      case 'check':
        return [this.ready().check(request.params.toml), []];
      case 'open': {
        const core = this.ready();
        const { tuning, ...session } = request.params;
        this.tuning = tuning ?? {};
        this.session?.free();
        this.session = undefined;
        this.session = new core.Session(session);
        return [null, []];
      }
      case 'heads':
        return [await this.heads(request.id, request.params.files), []];
      case 'tables':
        for (const { name, file, corrections } of request.params.files) {
          // What cannot be read is told when its turn comes.
          const bytes = this.read(file, 0, file.size);
          if (typeof bytes !== 'string') this.open().addCorrected(name, bytes, json(corrections));
        }
        return [null, []];
      case 'scan':
        this.tasks = [...(request.params.preview === undefined ? [] : [request.params.preview]), ...request.params.tasks];
        this.begun = false;
        this.parts = [];
        this.ahead = new Ahead(this.options.together, this.tuning.whole ?? WHOLE);
        return [await this.scan(request.id, progress), []];
      case 'resume':
        return [await this.scan(request.id, progress), []];
      case 'dictionary':
        this.open().loadDictionary(request.params.bytes);
        return [null, []];
      case 'absorb':
        for (const one of request.params.files) this.absorb(one);
        return [null, []];
      case 'reread': {
        const bytes = this.reread(request.params);
        return [bytes, bytes === null ? [] : [bytes.buffer]];
      }
      case 'clean':
        await this.clean(request.id, request.params, progress);
        return [null, []];
      case 'find':
        return [await this.find(request.id, request.params.files, request.params.words), []];
      case 'summary': {
        const summary = this.open().summary();
        return [summary, [summary.buffer]];
      }
      case 'review': {
        const session = this.open();
        const { index, line, decisions } = request.params;
        const reviewed = session.review(index, line, decisions);
        const summary = session.summary();
        return [
          { line: reviewed.line, row: reviewed.row, summary },
          [reviewed.line.buffer, reviewed.row.buffer, summary.buffer],
        ];
      }
      case 'frame': {
        const session = this.open();
        const head = session.head();
        const tail = session.tail();
        return [{ head, tail }, [head.buffer, tail.buffer]];
      }
      case 'csv': {
        const bytes = await this.csv(request.params.head, request.params.lines);
        return [bytes, [bytes.buffer]];
      }
      case 'expand': {
        const { module, name, file, password } = request.params;
        const bytes = this.read(file, 0, file.size);
        if (typeof bytes === 'string') throw new Refusal({ code: 'file-unreadable', data: { detail: bytes } });
        const expanded = this.options.expand(module, name, bytes, password);
        return [expanded, expanded.members.map((member) => member.bytes.buffer)];
      }
      case 'workbook': {
        const bytes = this.options.workbook(request.params);
        return [bytes, bytes === null ? [] : [bytes.buffer]];
      }
      default:
        throw new Refusal({ code: 'unknown-request', data: { detail: String((request as { kind: unknown }).kind) } });
    }
  }

  /** Turns whatever was thrown into a failure, and gives the core up if it is no longer sound. */
  failure(error: unknown): Failure {
    if (error instanceof Refusal) return error.failure;
    if (typeof error === 'object' && error !== null && !(error instanceof Error)) {
      const { code, diagnostics } = error as { code?: unknown; diagnostics?: Failure['data'] };
      if (typeof code === 'string') {
        return { code, data: Array.isArray(diagnostics) ? { diagnostics } : {} } as Failure;
      }
    }
    this.broken = true;
    const [task] = this.tasks;
    const place = task === undefined ? {} : { place: { file: task.name, index: task.index } };
    const code = error instanceof WebAssembly.RuntimeError || error instanceof RangeError ? 'trap' : 'internal';
    return { code, ...place, data: { detail: error instanceof Error ? error.message : String(error) } };
  }

  private async scan(id: number, progress: Progress): Promise<Scanned> {
    const { now, pause } = this.options;
    const session = this.open();
    let reported = now();
    let paused = reported;
    let step: Step | undefined;
    const report = () => {
      const [task] = this.tasks;
      const bytes = task === undefined ? 0 : share(step, task.file.size);
      const parts = this.parts;
      this.parts = [];
      progress({ parts, bytes, file: task?.name ?? '' }, buffers(parts));
      reported = now();
    };
    const rest = async () => {
      await pause();
      paused = now();
      if (this.aborted.delete(id)) throw new Refusal({ code: 'aborted' });
    };
    for (let task = this.tasks[0]; task !== undefined; task = this.tasks[0]) {
      if (!this.begun) {
        this.begun = true;
        const refused = await this.begin(task, session, rest);
        if (refused !== undefined) {
          this.parts.push(refused);
          this.finish();
          continue;
        }
      }
      for (;;) {
        const begun = now();
        step = session.step(this.chunk);
        const ended = now();
        this.chunk = nextChunk(this.chunk, ended - begun, step.done);
        const due = ended - reported >= REPORT_EVERY;
        if (step.done || step.needsDictionary || due) {
          const piece = await packed(session.take());
          if (piece !== undefined) this.parts.push({ index: task.index, piece, ...(task.preview === undefined ? {} : { preview: true }) });
        }
        if (step.needsDictionary) {
          report();
          return { needsDictionary: true, memory: this.ready().memory() };
        }
        if (step.done) {
          const outcome = session.outcome();
          if (task.preview === undefined) this.parts.push({ index: task.index, outcome });
          this.finish();
          step = undefined;
        }
        if (due || (task.preview !== undefined && !this.begun)) report();
        if (now() - paused >= SLICE) await rest();
        if (!this.begun) break;
      }
    }
    report();
    return { needsDictionary: false, memory: this.ready().memory() };
  }

  private finish(): void {
    this.tasks.shift();
    this.begun = false;
  }

  /** Hands a file to the session, unless there is a reason not to. */
  private async begin(task: Task, session: Session, rest: () => Promise<void>): Promise<Part | undefined> {
    const { index, name, file } = task;
    const corrections = json(task.corrections);
    const { trap, whole = WHOLE } = this.tuning;
    try {
      if (task.preview !== undefined) {
        const head = this.read(file, 0, Math.min(file.size, task.preview));
        // What cannot be read is told when its turn comes.
        if (typeof head === 'string') return { index, preview: true };
        session.addCorrected(name, head.subarray(0, head.lastIndexOf(10) + 1), corrections);
        return undefined;
      }
      const small = file.size <= whole;
      const bytes = small ? ((await this.ahead?.first(this.tasks)) ?? this.read(file, 0, file.size)) : undefined;
      if (typeof bytes === 'string') return { index, unreadable: bytes };
      if (small || task.hash) {
        const hash = await this.hash(bytes ?? file, rest);
        if (task.known.includes(hash)) return { index, hash, duplicate: true };
        this.parts.push({ index, hash });
      }
      if (trap?.file === name) throw trap.kind === 'trap' ? new WebAssembly.RuntimeError('unreachable') : new RangeError('stack');
      if (bytes === undefined) session.addPulled(name, file.size, this.pull(file, 0, file.size), corrections);
      else if (corrections === undefined) session.add(name, bytes);
      else session.addCorrected(name, bytes, corrections);
      return undefined;
    } catch (error) {
      const { code, diagnostics } = error as Failure & { diagnostics?: { message: { en: string } }[] };
      if (code === 'file-unreadable') return { index, unreadable: /\((\w+)\)/.exec(diagnostics?.[0]?.message.en ?? '')?.[1] ?? code };
      if (error instanceof Unreadable) return { index, unreadable: error.message };
      throw error;
    }
  }

  private async hash(of: File | Uint8Array, rest: () => Promise<void>): Promise<string> {
    const hash = new (this.ready().Hash)();
    if (of instanceof Uint8Array) hash.update(of);
    else {
      for (let start = 0; start < of.size; start += PULL) {
        const bytes = this.read(of, start, Math.min(of.size, start + PULL));
        if (typeof bytes === 'string') throw new Unreadable(bytes);
        hash.update(bytes);
        await rest();
      }
    }
    const digest = hash.digest();
    hash.free();
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  private absorb(one: Absorbed): void {
    if ('diagnostic' in one) this.open().remark(new TextEncoder().encode(JSON.stringify(one.diagnostic)));
    else this.open().absorb(one.rows, one.labels, one.tallies, one.outcome);
  }

  private async heads(id: number, files: { name: string; file: File }[]): Promise<boolean[]> {
    const core = this.ready();
    const found: boolean[] = [];
    for (const { name, file } of files) {
      const head = this.read(file, 0, Math.min(file.size, HEAD));
      found.push(typeof head !== 'string' && core.tableOf(name, head) !== undefined);
      if ((found.length & 31) === 0) await this.options.pause();
      if (this.aborted.delete(id)) throw new Refusal({ code: 'aborted' });
    }
    return found;
  }

  private reread({ name, file, corrections, start, end, ordinal, id, messages }: Exchanges['reread']['params']): Uint8Array | null {
    const known = json(corrections);
    if (Number.isNaN(start)) return this.open().reread(name, file.size, this.pull(file, 0, file.size), known, ordinal, id, messages) ?? null;
    if (ordinal < 0 && start > 0) {
      // Rows mean nothing without their header, and the first may be cut.
      const header = this.options.read(file, 0, Math.min(file.size, HEAD));
      const rows = this.options.read(file, start, Math.min(file.size, end));
      const bytes = concat([header.subarray(0, header.indexOf(10) + 1), rows.subarray(rows.indexOf(10) + 1)]);
      return this.open().reread(name, bytes.length, (offset) => bytes.subarray(offset, offset + PULL), known, ordinal, id, messages) ?? null;
    }
    return this.open().reread(name, end - start, this.pull(file, start, end), known, ordinal, id, messages) ?? null;
  }

  private async clean(id: number, { name, file, corrections }: Again, progress: Progress): Promise<void> {
    const session = this.open();
    session.clean(name, file.size, this.pull(file, 0, file.size), json(corrections));
    let paused = this.options.now();
    for (let lines = session.cleaned(CLEANED); lines !== undefined; lines = session.cleaned(CLEANED)) {
      progress({ lines }, [lines.buffer]);
      if (this.options.now() - paused < SLICE) continue;
      await this.options.pause();
      paused = this.options.now();
      if (this.aborted.delete(id)) throw new Refusal({ code: 'aborted' });
    }
  }

  private async find(id: number, files: Again[], words: string): Promise<Uint32Array[]> {
    const found: Uint32Array[] = [];
    let paused = this.options.now();
    for (const { name, file, corrections } of files) {
      try {
        found.push(this.open().find(name, file.size, this.pull(file, 0, file.size), json(corrections), words));
      } catch (error) {
        if ((error as Failure).code !== 'file-unreadable') throw error;
        found.push(new Uint32Array());
      }
      if (this.options.now() - paused >= SLICE) {
        await this.options.pause();
        paused = this.options.now();
        if (this.aborted.delete(id)) throw new Refusal({ code: 'aborted' });
      }
    }
    return found;
  }

  private async csv(head: boolean, lines: { bytes: Uint8Array; ends: Uint32Array }): Promise<Uint8Array> {
    const session = this.open();
    const parts: Uint8Array[] = head ? [session.csvHead()] : [];
    let start = 0;
    for (const end of lines.ends) {
      parts.push(session.csv(lines.bytes.subarray(start, end)));
      start = end;
    }
    return concat(parts);
  }

  /** A stretch of a file, or why it cannot be read. */
  private read(file: File, start: number, end: number): Uint8Array | string {
    try {
      return this.options.read(file, start, end);
    } catch (error) {
      return error instanceof Error ? error.name : String(error);
    }
  }

  private pull(file: File, start: number, end: number): Pull {
    const whole: Pull = (offset) => this.options.read(file, Math.min(end, start + offset), Math.min(end, start + offset + PULL));
    const { pull: size } = this.tuning;
    if (size === undefined || size > PULL) return whole;
    // Smaller pieces come out of one that was read before; a read costs a good deal.
    let begin = 0;
    let block: Uint8Array = new Uint8Array();
    return (offset) => {
      if (offset < begin || offset >= begin + block.length) {
        begin = offset;
        block = whole(offset);
      }
      return block.subarray(offset - begin, offset - begin + size);
    };
  }

  private ready(): Core {
    if (this.core === undefined) throw new Refusal({ code: 'not-ready' });
    return this.core;
  }

  private open(): Session {
    this.ready();
    if (this.session === undefined) throw new Refusal({ code: 'not-ready' });
    return this.session;
  }
}

class Unreadable extends Error {}

function json(corrections: Corrections | undefined): string | undefined {
  return corrections === undefined ? undefined : JSON.stringify(corrections);
}

/** How many messages the next slice takes, after `chunk` took `elapsed` milliseconds; one that ended early says little. */
export function nextChunk(chunk: number, elapsed: number, early = false): number {
  const most = early ? 1 : 2;
  const factor = Math.min(most, Math.max(0.25, SLICE / Math.max(elapsed, 0.5)));
  return Math.round(Math.min(50_000, Math.max(20, chunk * factor)));
}

/** How much of the file under way is done: the session counts from its beginning, over all files. */
function share(step: Step | undefined, size: number): number {
  if (step === undefined) return 0;
  return Math.max(0, size - Math.max(0, step.bytesTotal - step.bytesRead));
}

async function packed(batch: Batch): Promise<Piece | undefined> {
  if (batch.lineEnds.length === 0) return undefined;
  const { lineEnds, labels, rows, places, tally } = batch;
  const worth = batch.lines.length >= WORTH;
  const lines = worth ? await deflated(batch.lines) : batch.lines;
  return { lines, deflated: worth, lineEnds, labels, rows, places, tally };
}

/** What is handed over; what is small is copied, which costs less. */
function buffers(parts: Part[]): Transferable[] {
  const all = parts.flatMap(({ piece }) => (piece === undefined ? [] : [piece.lines, piece.lineEnds, piece.labels, piece.rows, piece.places, piece.tally]));
  return [...new Set(all.filter(({ byteLength }) => byteLength >= 4096).map(({ buffer }) => buffer))];
}

function concat(parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
