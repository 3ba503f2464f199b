/**
 * The engine as the page sees it. Scans run in workers that are thrown away afterwards; `pool.ts` deals
 * the files out.
 */
import { openAll, unlock, withRows } from './archives';
import { Connection, type WorkerLike } from './connection';
import type { Corrections, SessionOptions, StandardInfo } from './core';
import { type InputFile, apart } from './files';
import type { Inspection, Result } from './inspection';
import { type Progress, Sizes, opening, run } from './pool';
import { EngineError, type Opening, type Tuning } from './protocol';
import type { Diagnostic } from './types';

export type { Preview, Progress } from './pool';

/** What the engine needs from where it runs. */
export interface Surroundings {
  spawn(): WorkerLike;
  module(): Promise<WebAssembly.Module>;
  /** The built-in standards, as the build made them. */
  standards(): Promise<Uint8Array>;
  dictionary(): Promise<Uint8Array>;
  /** The second module, which opens workbooks and archives. */
  sheets(): Promise<WebAssembly.Module>;
  /** For tests. */
  tuning?(): Tuning;
}

export interface InspectOptions extends SessionOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** What to tell beside the engine's own diagnostics, such as files left out. */
  remarks?: readonly Diagnostic[];
  /** What a person knows better, by the path of the file. */
  corrections?: ReadonlyMap<string, Corrections>;
  /** Passwords of archives, by the path of the file; where one is missing `password-needed` is told. */
  passwords?: Readonly<Record<string, string>>;
  /** An inspection of these files under the same standard and profile: only what is read otherwise is read again. */
  before?: Inspection;
}

export interface Engine {
  standards(): Promise<StandardInfo[]>;
  /** Every mistake of a standard, each with its line and column. */
  compile(toml: string): Promise<{ diagnostics: Diagnostic[] }>;
  /**
   * Inspects files. Rejects with an `EngineError` when the standard, the profile or a correction has
   * mistakes (`diagnostics` has them all) or when `signal` says so (`aborted`). A file that cannot
   * be read is a diagnostic of the result.
   */
  inspect(files: readonly (File | InputFile)[], options: InspectOptions): Promise<Inspection>;
  /**
   * Tries a password on archives that want one, the `locked` of an inspection, and gives those that it did
   * not open. Inspecting the same files again reads what is in the others; the password itself is not kept.
   */
  unlock(locked: readonly InputFile[], password: string, signal?: AbortSignal): Promise<InputFile[]>;
  /** Reads a standard before there is anything to inspect, because somebody is about to hand something in. */
  prepare(options: SessionOptions): void;
  dispose(): void;
}

export function engineIn(surroundings: Surroundings): Engine {
  /** A worker that is ready and has no session yet. */
  let idle: Promise<Connection> | undefined;

  const spawn = () => new Connection(surroundings.spawn());
  const connect = async (): Promise<Connection> => {
    const [module, standards] = await Promise.all([surroundings.module(), surroundings.standards()]);
    const connection = spawn();
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
  const release = (connection: Connection): void => {
    if (idle === undefined && !connection.closed) idle = Promise.resolve(connection);
    else connection.terminate();
  };
  /** Workers whose sessions were opened before anybody asked, by how they were opened. */
  let prepared = new Map<string, Promise<Connection>>();
  const opened = async (options: Opening, signal?: AbortSignal): Promise<Connection> => {
    const connection = await take();
    try {
      await connection.request('open', options, { signal });
    } catch (error) {
      connection.terminate();
      throw error;
    }
    return connection;
  };
  const open = async (options: Opening, signal: AbortSignal | undefined): Promise<Connection> => {
    const key = JSON.stringify(options);
    const connection = await prepared.get(key)?.catch(() => undefined);
    if (connection !== undefined && prepared.delete(key) && !connection.closed) return connection;
    return opened(options, signal);
  };
  const forget = (): void => {
    for (const one of prepared.values()) void one.then((connection) => connection.terminate()).catch(() => undefined);
    prepared = new Map();
  };
  /** What each inspection was made under. */
  const terms = new WeakMap<Inspection, string>();

  return {
    standards: async () => (await ready()).request('standards', null),
    compile: async (toml) => (await ready()).request('check', { toml }),
    inspect: async (given, options) => {
      const { signal, onProgress, remarks = [], corrections: stated = new Map(), passwords = {}, before, ...session } = options;
      if (signal?.aborted) throw new EngineError({ code: 'aborted' });
      const under = JSON.stringify(session);
      const sheets = () => surroundings.sheets();
      await rest();
      const opened = await openAll(apart(given.map(input)), { spawn, sheets, passwords, signal });
      await rest();
      const files = apart(opened.files);
      const corrections = withRows(files, stated);
      const known = before !== undefined && terms.get(before) === under ? usable(before, files, corrections) : new Map<File, Result>();
      await rest();
      const inspection = await run({
        files,
        sizes: new Sizes(files),
        session,
        corrections,
        before: known,
        remarks: [...remarks, ...opened.diagnostics],
        locked: opened.locked,
        signal,
        onProgress,
        tuning: surroundings.tuning?.() ?? {},
        spawn,
        connect: take,
        sheets,
        open,
        release,
        dictionary: () => surroundings.dictionary(),
      });
      terms.set(inspection, under);
      return inspection;
    },
    unlock: (locked, password, signal) => unlock(locked, password, { spawn, sheets: () => surroundings.sheets(), signal }),
    prepare: (session) => {
      const tuning = surroundings.tuning?.() ?? {};
      const all = [false, true].map((part) => opening(session, tuning, part));
      const keys = all.map((options) => JSON.stringify(options));
      if (keys.every((key) => prepared.has(key))) return;
      forget();
      for (const [i, options] of all.entries()) {
        const connection = opened(options);
        // Whoever inspects asks again, and is told then.
        connection.catch(() => undefined);
        prepared.set(keys[i]!, connection);
      }
      // And one to look at the heads of tables, after those that take longer.
      void Promise.allSettled(prepared.values()).then(() => ready()).catch(() => undefined);
    },
    dispose: () => {
      forget();
      void idle?.then((connection) => connection.terminate()).catch(() => undefined);
      idle = undefined;
    },
  };
}

/** What is done about thousands of files is done in several tasks, so that the page stays free. */
function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** What was found before in files that are read as they were. */
function usable(before: Inspection, files: readonly InputFile[], corrections: ReadonlyMap<string, Corrections>): Map<File, Result> {
  const results = new Map<File, Result>();
  const old = new Map(before.inputs.map(({ path, file }, index) => [path, { file, result: before.results[index] }]));
  for (const { path, file } of files) {
    const known = old.get(path);
    if (known?.file !== file || known.result?.outcome === undefined || known.result.partial) continue;
    const same = JSON.stringify(known.result.corrections ?? null) === JSON.stringify(corrections.get(path) ?? null);
    if (same) results.set(file, known.result);
  }
  return results;
}

function input(file: File | InputFile): InputFile {
  return 'path' in file ? file : { path: file.webkitRelativePath || file.name, file };
}
