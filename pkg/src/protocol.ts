/**
 * What the page and the worker say to each other. Every request has an id; every answer carries the
 * same id and is `done`, `failed` or `progress`; nothing stays unanswered. A failure is data (code,
 * place), never a sentence: words are the page's business.
 */
import type {
  Batch,
  Decision,
  SessionOptions,
  StandardInfo,
  Step,
} from './core';
import type { Diagnostic } from './types';

export interface Failure {
  /** `aborted`, `trap`, `internal`, `unknown-request`, `not-ready`, `terminated`, or the core's own. */
  code: string;
  place?: { file?: string };
  data?: { diagnostics?: Diagnostic[]; detail?: string };
}

/** Lines packed end to end. */
export interface Lines {
  bytes: Uint8Array;
  ends: Uint32Array;
}

export interface ScanProgress {
  step: Step;
  batch: Batch;
}

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
  open: Exchange<SessionOptions, null>;
  /** Which table of records a file is, by its first bytes. */
  table: Exchange<{ name: string; head: Uint8Array }, string | null>;
  /** Reads and inspects one file; ends early, with `needsDictionary`, when it cannot go on without. */
  scan: Exchange<{ name: string; bytes: Uint8Array }, Step, ScanProgress>;
  /** Goes on after `dictionary`. */
  resume: Exchange<null, Step, ScanProgress>;
  dictionary: Exchange<{ bytes: Uint8Array }, null>;
  summary: Exchange<null, Uint8Array>;
  review: Exchange<
    { index: number; line: Uint8Array; decisions: Decision[] },
    { line: Uint8Array; row: Float64Array; summary: Uint8Array }
  >;
  frame: Exchange<null, { head: Uint8Array; tail: Uint8Array }>;
  csv: Exchange<{ head: boolean; lines: Lines }, Uint8Array>;
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
