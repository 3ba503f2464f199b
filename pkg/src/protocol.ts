/**
 * What the page and the worker say to each other. Every request has an id; every answer carries the
 * same id and is `done`, `failed` or `progress`; nothing stays unanswered. A failure is data (code,
 * place), never a sentence: words are the page's business.
 */
import type { Corrections, Decision, Expanded, PartOptions, StandardInfo } from './core';
import type { Diagnostic } from './types';

export interface Failure {
  /** `aborted`, `trap`, `internal`, `unknown-request`, `not-ready`, `terminated`, or the core's own. */
  code: string;
  place?: { file?: string; index?: number };
  data?: { diagnostics?: Diagnostic[]; detail?: string };
}

/** Lines packed end to end. */
export interface Lines {
  bytes: Uint8Array;
  ends: Uint32Array;
}

/** One file of a scan. `File`s are handles: handing one over copies nothing. */
export interface Task {
  /** Which file of the batch. */
  index: number;
  name: string;
  file: File;
  corrections?: Corrections | undefined;
  /** Whether its hash is wanted even if it is long, because another file may be as long. */
  hash: boolean;
  /** Hashes of files that need not be read again. */
  known: readonly string[];
  /** Only so many bytes of it are wanted: what is found is shown, and then forgotten. */
  preview?: number;
}

/** Conversations of one file, in order. */
export interface Piece {
  /** Lines of the report, deflated (raw) when `deflated`. */
  lines: Uint8Array;
  deflated: boolean;
  /** Where each ends, before deflating. */
  lineEnds: Uint32Array;
  labels: Uint8Array;
  rows: Float64Array;
  places: Float64Array;
  tally: Uint8Array;
}

/** News about one file. */
export interface Part {
  index: number;
  piece?: Piece;
  /** The piece is of the beginning alone; nothing else is told of it. */
  preview?: true;
  /** Comes last: its `Outcome` as JSON. */
  outcome?: Uint8Array;
  hash?: string;
  /** Comes last: its bytes are those of a file that is known. */
  duplicate?: true;
  /** Comes last: it could not be read, for this reason. */
  unreadable?: string;
}

export interface ScanProgress {
  parts: Part[];
  /** Bytes of the file under way that are read. */
  bytes: number;
  file: string;
}

export interface Scanned {
  needsDictionary: boolean;
  /** Bytes of memory that the module has taken. */
  memory: number;
}

/** What the session that sums up takes, in order. */
export type Absorbed =
  | { rows: Float64Array[]; labels: Uint8Array[]; tallies: Uint8Array[]; outcome: Uint8Array }
  | { diagnostic: Diagnostic };

/** Where a conversation, or all of a file, can be read again. */
export interface Again {
  name: string;
  file: File;
  corrections?: Corrections | undefined;
}

/** For tests: sizes, and what is to go wrong. */
export interface Tuning {
  /** Workers that judge; otherwise one less than the machine has cores, at most eight. */
  workers?: number;
  /** How much of a long file is taken at once. */
  slice?: number;
  /** How much the engine is given at a time. */
  pull?: number;
  /** From which size on a file is read in slices. */
  whole?: number;
  /** From which size on the beginning of a file is judged by itself at first. */
  preview?: number;
  /** The name of a file that brings the engine down, and how. */
  trap?: { file: string; kind: 'trap' | 'overflow' };
  /** Bytes of memory at which a worker is replaced. */
  memory?: number;
  /** Milliseconds after which another worker stands by. */
  standby?: number;
}

/** A part of the report on its way into a workbook: first what stands around the conversations, then their lines. */
export interface BookPart {
  module: WebAssembly.Module;
  frame?: { head: Uint8Array; tail: Uint8Array };
  english?: boolean;
  lines?: Lines;
  /** Gives the workbook. */
  last?: boolean;
}

/** How a session is opened. */
export type Opening = PartOptions & { tuning?: Tuning };

interface Exchange<P, R, G = never> {
  params: P;
  result: R;
  progress: G;
}

/** Every request there is, with what it takes and gives. */
export interface Exchanges {
  init: Exchange<{ module: WebAssembly.Module; standards: Uint8Array }, null>;
  standards: Exchange<null, StandardInfo[]>;
  check: Exchange<{ toml: string }, { diagnostics: Diagnostic[] }>;
  open: Exchange<Opening, null>;
  /** Which of the files are tables of records, by their first bytes. */
  heads: Exchange<{ files: { name: string; file: File }[] }, boolean[]>;
  /** Tables of records, before everything that they are about. */
  tables: Exchange<{ files: Again[] }, null>;
  /** Reads and inspects files; ends early, with `needsDictionary`, when it cannot go on without. */
  scan: Exchange<{ tasks: Task[]; preview?: Task | undefined }, Scanned, ScanProgress>;
  /** Goes on after `dictionary`. */
  resume: Exchange<null, Scanned, ScanProgress>;
  dictionary: Exchange<{ bytes: Uint8Array }, null>;
  absorb: Exchange<{ files: Absorbed[] }, null>;
  /** A transcript as JSON, from the file or a part of it; nothing when it is not there any more. */
  reread: Exchange<Again & { start: number; end: number; ordinal: number; id: string; messages: number }, Uint8Array | null>;
  /** The transcripts of a file as they are understood, a line each. */
  clean: Exchange<Again, null, { lines: Uint8Array }>;
  /** The places of the conversations of each file in which the words are said. */
  find: Exchange<{ files: Again[]; words: string }, Uint32Array[]>;
  summary: Exchange<null, Uint8Array>;
  review: Exchange<
    { index: number; line: Uint8Array; decisions: Decision[] },
    { line: Uint8Array; row: Float64Array; summary: Uint8Array }
  >;
  frame: Exchange<null, { head: Uint8Array; tail: Uint8Array }>;
  csv: Exchange<{ head: boolean; lines: Lines }, Uint8Array>;
  /** What is in a workbook or an archive; the module is the second one. */
  expand: Exchange<{ module: WebAssembly.Module; name: string; file: File; password?: string | undefined }, Expanded>;
  workbook: Exchange<BookPart, Uint8Array | null>;
  /** Stops the request with the id `target`; its own answer says so as soon as it is seen. */
  abort: Exchange<{ target: number }, null>;
}

export type Kind = keyof Exchanges;

export type Request = {
  [K in Kind]: { id: number; kind: K; params: Exchanges[K]['params'] };
}[Kind];

export type Answer =
  | { id: number; type: 'done'; result: unknown }
  | { id: number; type: 'failed'; failure: Failure }
  | { id: number; type: 'progress'; progress: unknown };

/** The part of `Worker` and of a worker's own scope that the protocol uses. */
export interface Port {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** A failure as something that can be thrown. */
export class EngineError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.place?.file === undefined ? failure.code : `${failure.code}: ${failure.place.file}`);
    this.name = 'EngineError';
    this.failure = failure;
  }

  get code(): string {
    return this.failure.code;
  }

  get diagnostics(): Diagnostic[] {
    return this.failure.data?.diagnostics ?? [];
  }
}
