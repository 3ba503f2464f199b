/**
 * Workbooks and archives among the files are opened before anything is inspected: what is in them are
 * files of their own, called `book.xlsx!Sheet1` or `all.zip/may/a.csv`. The thing to get right: the
 * module that opens them is fetched only when there is one, and it runs in a worker that is thrown away,
 * so that whatever a file does to it costs that file and nothing else.
 */
import type { Connection } from './connection';
import type { Corrections, Expanded } from './core';
import { type InputFile, unreadable } from './files';
import { EngineError } from './protocol';
import type { Diagnostic } from './types';

export interface Opened {
  /** What is to be inspected, in the order of the files that were given. */
  files: InputFile[];
  /** What was told of the containers. */
  diagnostics: Diagnostic[];
  /** Those that want a password, or another one. */
  locked: InputFile[];
}

export interface Opening {
  /** A worker for this alone; it needs nothing of the engine's. */
  spawn(): Connection;
  /** The module that opens them. */
  sheets(): Promise<WebAssembly.Module>;
  /** By the path of the file. */
  passwords: Readonly<Record<string, string>>;
  signal: AbortSignal | undefined;
}

/** Bytes that show what a file is. */
const HEAD = 1024;
/** Above so many files tables are taken at their word, because looking at each takes longer than reading it. */
const MANY = 1000;
const COMPOUND = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/** See `Member.rows`. */
const rowsOf = new WeakMap<File, number[]>();
/** What was in a container, so that inspecting again does not open it again, nor ask for its password. */
const known = new WeakMap<File, Opened>();
const PAGE = /^\s*<(html|table|!doctype html|meta|head|style|\?xml|!--|body|div)/i;

/** Whether a file has to be opened first, by its name and its first bytes. */
export function isContainer(name: string, head: Uint8Array): boolean {
  const [a, b, c, d] = head;
  if (a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6))) return true;
  if (COMPOUND.every((byte, at) => head[at] === byte)) return true;
  if (!/\.(xlsx?|html?)$/i.test(name)) return false;
  const wide = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  const text = new TextDecoder(wide ? (a === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8').decode(head);
  return PAGE.test(text) && /<(html|table)/i.test(text);
}

/** Opens every workbook and archive among the files. */
export async function openAll(given: readonly InputFile[], opening: Opening): Promise<Opened> {
  const all: Opened = { files: [], diagnostics: [], locked: [] };
  const containers = await which(given, opening.signal);
  let connection: Connection | undefined;
  try {
    for (const input of given) {
      if (!containers.has(input)) {
        all.files.push(input);
        continue;
      }
      const { path, file } = input;
      const password = Object.hasOwn(opening.passwords, path) ? opening.passwords[path] : undefined;
      let opened = known.get(file);
      if (opened !== undefined && opened.locked.length > 0 && password !== undefined) opened = undefined;
      if (opened === undefined) {
        stopped(opening.signal);
        // The worker starts while the module is on its way.
        if (connection === undefined || connection.closed) connection = opening.spawn();
        const module = await opening.sheets();
        try {
          opened = made(await connection.request('expand', { name: path, file, module, password }, { signal: opening.signal }), input);
          // A password that is wrong leaves what is known without it.
          if (opened.locked.length === 0 || password === undefined) known.set(file, opened);
        } catch (error) {
          connection.terminate();
          stopped(opening.signal);
          opened = { files: [], diagnostics: [failed(path, error)], locked: [] };
        }
      }
      all.files.push(...opened.files);
      all.diagnostics.push(...opened.diagnostics);
      all.locked.push(...opened.locked);
    }
  } finally {
    // Its memory comes back with it.
    connection?.terminate();
  }
  return all;
}

/** Tries a password on archives; gives those that it did not open. What is in the others is known from then on. */
export async function unlock(locked: readonly InputFile[], password: string, opening: Omit<Opening, 'passwords'>): Promise<InputFile[]> {
  await openAll(locked, { ...opening, passwords: Object.fromEntries(locked.map(({ path }) => [path, password])) });
  return locked.filter(({ file }) => known.get(file)?.locked.length !== 0);
}

/** What is known of the files beside what a person stated: which lines of a sheet's text are which rows. */
export function withRows(files: readonly InputFile[], stated: ReadonlyMap<string, Corrections>): ReadonlyMap<string, Corrections> {
  const all = new Map(stated);
  for (const { path, file } of files) {
    const rows = rowsOf.get(file);
    if (rows !== undefined) all.set(path, { ...stated.get(path), rows });
  }
  return all;
}

function made({ members, diagnostics }: Expanded, from: InputFile): Opened {
  const files = members.map(({ name, bytes, rows }) => {
    const file = new File([bytes as BlobPart], name, { lastModified: from.file.lastModified });
    if (rows.length > 0) rowsOf.set(file, [...rows]);
    return { path: name, file };
  });
  const locked = diagnostics.some(({ code }) => code === 'password-needed' || code === 'password-wrong');
  return { files, diagnostics, locked: locked ? [from] : [] };
}

async function which(given: readonly InputFile[], signal: AbortSignal | undefined): Promise<Set<InputFile>> {
  const text = given.length > MANY ? /\.(txt|jsonl?|ndjson|tsv|log|md|csv)$/i : /\.(txt|jsonl?|ndjson|tsv|log|md)$/i;
  const found = new Set<InputFile>();
  for (const input of given) {
    // What came out of a container is none.
    if (text.test(input.path) || input.path.includes('!')) continue;
    stopped(signal);
    // What cannot be read is told when its turn comes.
    const head = await input.file.slice(0, HEAD).arrayBuffer().catch(() => undefined);
    if (head !== undefined && isContainer(input.path, new Uint8Array(head))) found.add(input);
  }
  return found;
}

function failed(path: string, error: unknown): Diagnostic {
  const code = error instanceof EngineError ? error.code : 'internal';
  const detail = (error instanceof EngineError ? error.failure.data?.detail : undefined) ?? String(error);
  if (code === 'file-unreadable') return unreadable(path, detail);
  return {
    code: 'file-trapped',
    severity: 'error',
    file: path,
    message: {
      zh: `打开这个文件时程序出错（${detail}），已跳过它；其余文件照常质检。这是程序的缺陷，请反馈。`,
      en: `The program failed on opening this file (${detail}); it was left out and the others were inspected. This is a defect of the program; please report it.`,
    },
  };
}

function stopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EngineError({ code: 'aborted' });
}
