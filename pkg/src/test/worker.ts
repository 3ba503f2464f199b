/** A worker without a thread: the real host over a fake core, messages passed as macrotasks. */
import type { WorkerLike } from '../connection';
import type { Core } from '../core';
import { engineIn, type Engine } from '../engine';
import type { Tuning } from '../protocol';
import { serve } from '../worker/host';
import { fakeCore, type FakeOptions } from './fake';

/** What `file` holds, because reading a `File` at once is for workers alone. `undefined`: it has gone. */
const contents = new WeakMap<File, Uint8Array | undefined>();

export function file(name: string, text: string): File {
  const bytes = new TextEncoder().encode(text);
  const made = new File([bytes], name);
  contents.set(made, bytes);
  return made;
}

/** Takes a file away, as somebody might between the drop and the reading. */
export function remove(from: File): void {
  contents.set(from, undefined);
}

function read(from: File, start: number, end: number): Uint8Array {
  const bytes = contents.get(from);
  if (bytes === undefined) throw new DOMException('gone', 'NotReadableError');
  return bytes.slice(start, end);
}

async function together(files: File[]): Promise<Uint8Array> {
  return new Uint8Array(await new Blob(files.map((one) => read(one, 0, one.size) as Uint8Array<ArrayBuffer>)).arrayBuffer());
}

type Listener = (event: never) => void;

export class FakeWorker implements WorkerLike {
  ended = false;
  readonly sent: unknown[] = [];
  private readonly outside: Listener[] = [];
  private readonly inside: Listener[] = [];
  private readonly failures: Listener[] = [];

  constructor(core: Core) {
    serve(
      {
        postMessage: (data) => this.later(this.outside, structuredClone(data)),
        addEventListener: (_, listener) => this.inside.push(listener as Listener),
      },
      { start: () => core, read, together, pause: () => new Promise((resolve) => setTimeout(resolve)), now: () => performance.now(), expand: () => ({ members: [], diagnostics: [] }), workbook: () => null },
    );
  }

  postMessage(data: unknown): void {
    this.sent.push(data);
    // A module cannot be cloned here, and a file not be known again; the fake changes neither.
    this.later(this.inside, data);
  }

  addEventListener(type: string, listener: Listener): void {
    if (type === 'message') this.outside.push(listener);
    if (type === 'error') this.failures.push(listener);
  }

  /** Goes without a word. */
  crash(): void {
    for (const listener of this.failures) listener({ message: 'out of memory' } as never);
  }

  terminate(): void {
    this.ended = true;
  }

  private later(listeners: Listener[], data: unknown): void {
    setTimeout(() => {
      if (this.ended) return;
      for (const listener of listeners) listener({ data } as never);
    });
  }
}

export interface Rig {
  engine: Engine;
  workers: FakeWorker[];
  dictionaries: number;
}

export function rig(options: FakeOptions = {}, tuning: Tuning = { workers: 1 }): Rig {
  const made: Rig = {
    workers: [],
    dictionaries: 0,
    engine: engineIn({
      spawn: () => {
        const worker = new FakeWorker(fakeCore(options));
        made.workers.push(worker);
        return worker;
      },
      module: () => Promise.resolve({} as WebAssembly.Module),
      sheets: () => Promise.resolve({} as WebAssembly.Module),
      standards: () => Promise.resolve(new Uint8Array()),
      tuning: () => tuning,
      dictionary: () => {
        made.dictionaries += 1;
        return Promise.resolve(new Uint8Array([1]));
      },
    }),
  };
  return made;
}

export function jsonl(name: string, conversations: { id: string; says: string[] }[]): File {
  const lines = conversations.map(({ id, says }) =>
    JSON.stringify({
      id,
      messages: says.map((text, i) => ({
        role: i % 2 === 0 ? 'customer' : 'agent',
        sender: i % 2 === 0 ? '买家' : '小安',
        time: new Date(Date.UTC(2026, 2, 1, 2, 0, i * 20)).toISOString(),
        text,
      })),
    }),
  );
  return file(name, lines.join('\n'));
}
