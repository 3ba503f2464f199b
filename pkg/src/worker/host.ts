/**
 * The worker's side of the protocol, without a worker: it answers requests that come through a port.
 * The thing to get right: the core is never busy for longer than a slice, so that an abort is seen;
 * and once the core has trapped it is never called again.
 */
import type { Batch, Core, Session, Step } from '../core';
import type { Answer, Failure, Port, Request } from '../protocol';

/** Milliseconds one call into the core should take. */
const SLICE = 24;
/** Milliseconds between two batches, so that the page is told often enough and not more. */
const REPORT_EVERY = 90;

export interface HostOptions {
  start(module: WebAssembly.Module, standards: Uint8Array): Core;
  /** Lets waiting messages in. */
  pause(): Promise<void>;
  now(): number;
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
  private file: string | undefined;
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
        this.session?.free();
        this.session = undefined;
        this.session = new core.Session(request.params);
        return [null, []];
      }
      case 'table':
        return [this.ready().tableOf(request.params.name, request.params.head) ?? null, []];
      case 'scan':
        this.file = request.params.name;
        this.open().add(request.params.name, request.params.bytes);
        return [await this.run(request.id, progress), []];
      case 'resume':
        return [await this.run(request.id, progress), []];
      case 'dictionary':
        this.open().loadDictionary(request.params.bytes);
        return [null, []];
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
      default:
        throw new Refusal({ code: 'unknown-request', data: { detail: String((request as { kind: unknown }).kind) } });
    }
  }

  /** Turns whatever was thrown into a failure, and gives the core up if it is no longer sound. */
  failure(error: unknown): Failure {
    if (error instanceof Refusal) return error.failure;
    const place = this.file === undefined ? {} : { place: { file: this.file } };
    if (typeof error === 'object' && error !== null && !(error instanceof Error)) {
      const { code, diagnostics } = error as { code?: unknown; diagnostics?: Failure['data'] };
      if (typeof code === 'string') {
        return { code, data: Array.isArray(diagnostics) ? { diagnostics } : {} } as Failure;
      }
    }
    this.broken = true;
    const code = error instanceof WebAssembly.RuntimeError || error instanceof RangeError ? 'trap' : 'internal';
    return { code, ...place, data: { detail: error instanceof Error ? error.message : String(error) } };
  }

  private async run(id: number, progress: Progress): Promise<Step> {
    const session = this.open();
    const { now, pause } = this.options;
    let reported = now();
    for (;;) {
      const begun = now();
      const step = session.step(this.chunk);
      const ended = now();
      const stop = step.done || step.needsDictionary;
      if (stop || ended - reported >= REPORT_EVERY) {
        const batch = session.take();
        progress({ step, batch }, buffers(batch));
        reported = now();
      }
      if (stop) return step;
      this.chunk = nextChunk(this.chunk, ended - begun);
      await pause();
      if (this.aborted.delete(id)) throw new Refusal({ code: 'aborted' });
    }
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

/** How many messages the next slice takes, after `chunk` took `elapsed` milliseconds. */
export function nextChunk(chunk: number, elapsed: number): number {
  const factor = Math.min(2, Math.max(0.25, SLICE / Math.max(elapsed, 0.5)));
  return Math.round(Math.min(50_000, Math.max(20, chunk * factor)));
}

function buffers(batch: Batch): Transferable[] {
  const all = [batch.lines, batch.lineEnds, batch.transcripts, batch.transcriptEnds, batch.labels, batch.rows];
  return [...new Set(all.map((array) => array.buffer))];
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
