/**
 * The engine as the page sees it. Scans run in workers that are thrown away afterwards. The thing to
 * get right: a trap costs the file that caused it and nothing else. The worker is replaced, the file
 * is named, and the other files are read again, because what the agents' figures rest on was in the
 * session that died.
 */
import { Connection, type WorkerLike } from './connection';
import type { SessionOptions, StandardInfo, Step } from './core';
import { type InputFile, unreadable } from './files';
import { Collected, Inspection } from './inspection';
import { EngineError, type ScanProgress } from './protocol';
import type { Diagnostic } from './types';

/** What the engine needs from where it runs. */
export interface Surroundings {
  spawn(): WorkerLike;
  module(): Promise<WebAssembly.Module>;
  /** The built-in standards, as the build made them. */
  standards(): Promise<Uint8Array>;
  dictionary(): Promise<Uint8Array>;
}

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
}

export interface InspectOptions extends SessionOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** What to tell beside the engine's own diagnostics, such as files left out. */
  remarks?: readonly Diagnostic[];
}

export interface Engine {
  standards(): Promise<StandardInfo[]>;
  /** Every mistake of a standard, each with its line and column. */
  compile(toml: string): Promise<{ diagnostics: Diagnostic[] }>;
  /**
   * Inspects files, one after another. Rejects with an `EngineError` when the standard or the profile
   * has mistakes (`diagnostics` has them all) or when `signal` says so (`aborted`). A file that cannot
   * be read is a diagnostic of the result.
   */
  inspect(files: readonly (File | InputFile)[], options: InspectOptions): Promise<Inspection>;
  dispose(): void;
}

export function engineIn(surroundings: Surroundings): Engine {
  /** A worker that is ready and has no session yet. */
  let idle: Promise<Connection> | undefined;

  const connect = async (): Promise<Connection> => {
    const [module, standards] = await Promise.all([surroundings.module(), surroundings.standards()]);
    const connection = new Connection(surroundings.spawn());
    await connection.request('init', { module, standards });
    return connection;
  };
  const ready = async (): Promise<Connection> => {
    idle ??= connect();
    const mine = idle;
    try {
      const connection = await mine;
      if (!connection.closed) return connection;
      if (idle === mine) idle = undefined;
      return ready();
    } catch (error) {
      if (idle === mine) idle = undefined;
      throw error;
    }
  };
  /** A worker for one scan alone: from this moment nobody else is given it. */
  const take = async (): Promise<Connection> => {
    const mine = idle ?? connect();
    idle = undefined;
    const connection = await mine;
    return connection.closed ? take() : connection;
  };

  return {
    standards: async () => (await ready()).request('standards', null),
    compile: async (toml) => (await ready()).request('check', { toml }),
    inspect: (files, options) => inspect(files.map(input), options, take, surroundings),
    dispose: () => {
      void idle?.then((connection) => connection.terminate()).catch(() => undefined);
      idle = undefined;
    },
  };
}

function input(file: File | InputFile): InputFile {
  return 'path' in file ? file : { path: file.webkitRelativePath || file.name, file };
}

async function inspect(
  files: InputFile[],
  options: InspectOptions,
  take: () => Promise<Connection>,
  surroundings: Surroundings,
): Promise<Inspection> {
  const { signal, onProgress, remarks = [], ...session } = options;
  const bytesTotal = files.reduce((sum, { file }) => sum + file.size, 0);
  const culprits = new Map<string, Diagnostic>();
  for (;;) {
    stopped(signal);
    const connection = await take();
    const collected = new Collected();
    const failed: Diagnostic[] = [];
    let bytesDone = 0;
    let filesDone = 0;
    let current: string | undefined;
    try {
      await connection.request('open', session, { signal });
      for (const { path, file } of await tablesFirst(connection, files, signal)) {
        current = undefined;
        stopped(signal);
        const before = bytesDone;
        const tell = (step?: Step) =>
          onProgress?.({
            file: path,
            filesDone,
            files: files.length,
            bytesRead: step === undefined ? before : before + share(step, file.size),
            bytesTotal,
            messages: step?.messages ?? sum(collected.figures.column('messages')),
            conversations: collected.labels.ids.length,
          });
        tell();
        if (!culprits.has(path)) {
          const buffer = await file.arrayBuffer().catch((error: unknown) => {
            failed.push(unreadable(path, error instanceof Error ? error.name : String(error)));
          });
          stopped(signal);
          if (buffer !== undefined) {
            current = path;
            const bytes = new Uint8Array(buffer);
            await scan(connection, { name: path, bytes }, surroundings, signal, ({ step, batch }) => {
              collected.push(batch);
              tell(step);
            });
          }
        }
        bytesDone = before + file.size;
        filesDone += 1;
      }
      current = undefined;
      const summary = await connection.request('summary', null, { signal });
      // Reading the summary and showing what is in it are tasks of their own, so that the page stays free.
      await new Promise((resolve) => setTimeout(resolve));
      stopped(signal);
      const handed = files.map(({ path, file }) => ({ path, size: file.size }));
      return new Inspection(connection, collected, summary, handed, [...remarks, ...failed, ...culprits.values()]);
    } catch (error) {
      connection.terminate();
      if (signal?.aborted) throw new EngineError({ code: 'aborted' });
      if (!(error instanceof EngineError) || current === undefined || !fatal(error)) throw error;
      culprits.set(current, trapped(current, error));
    }
  }
}

/** Tables of records hold for what is judged after them, so they go first; otherwise the order stays. */
async function tablesFirst(connection: Connection, files: InputFile[], signal: AbortSignal | undefined): Promise<InputFile[]> {
  const tables: InputFile[] = [];
  const others: InputFile[] = [];
  for (const input of files) {
    let table: string | null = null;
    if (/\.(csv|tsv|txt)$/i.test(input.path)) {
      stopped(signal);
      // What cannot be read is told when its turn comes.
      const head = await input.file.slice(0, 1 << 16).arrayBuffer().catch(() => undefined);
      if (head !== undefined) table = await connection.request('table', { name: input.path, head: new Uint8Array(head) }, { signal });
    }
    (table === null ? others : tables).push(input);
  }
  return [...tables, ...others];
}

async function scan(
  connection: Connection,
  file: { name: string; bytes: Uint8Array },
  surroundings: Surroundings,
  signal: AbortSignal | undefined,
  onProgress: (progress: ScanProgress) => void,
): Promise<void> {
  let step = await connection.request('scan', file, { transfer: [file.bytes.buffer], signal, onProgress });
  while (step.needsDictionary) {
    const bytes = await surroundings.dictionary();
    stopped(signal);
    await connection.request('dictionary', { bytes }, { transfer: [bytes.buffer], signal });
    step = await connection.request('resume', null, { signal, onProgress });
  }
}

/** How much of the file under way is done: the session counts from its beginning, over all files. */
function share(step: Step, size: number): number {
  const left = Math.max(0, step.bytesTotal - step.bytesRead);
  return Math.max(0, size - left);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function stopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EngineError({ code: 'aborted' });
}

function fatal(error: EngineError): boolean {
  return ['trap', 'internal', 'worker-failed'].includes(error.code);
}

function trapped(path: string, error: EngineError): Diagnostic {
  const detail = error.failure.data?.detail ?? error.code;
  return {
    code: 'file-trapped',
    severity: 'error',
    file: path,
    message: {
      zh: `读这个文件时引擎出错停下（${detail}），已跳过它；其余文件照常质检。这是程序的缺陷，请反馈。`,
      en: `The engine stopped on this file (${detail}); it was left out and the others were inspected. This is a defect of the program; please report it.`,
    },
  };
}
