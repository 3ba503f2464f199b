/**
 * What the WebAssembly module offers, and the shapes that cross it. Everything large crosses as
 * bytes: a conversation becomes an object only when somebody looks at it.
 */
import type {
  Accounting,
  Agent,
  Bilingual,
  ClauseHead,
  Diagnostic,
  Dimension,
  Band,
  Origin,
  Review,
  Severity,
  StandardHead,
} from './types';

/** The unit of every offset in a report. */
export type Offsets = 'utf16' | 'codepoint' | 'byte';

export interface SessionOptions {
  /** Id of a built-in standard, or the TOML text of one. */
  standard: string;
  /** TOML text of a shop's profile. */
  profile?: string;
  offsets?: Offsets;
  /** Whether critical findings count before a person confirmed them. */
  critical?: 'provisional' | 'applied';
}

/** How far a session is; every figure is a total so far. */
export interface Step {
  done: boolean;
  needsDictionary: boolean;
  messages: number;
  conversations: number;
  file?: string;
  bytesRead: number;
  bytesTotal: number;
}

/** Conversations finished since the last `take`; `ends` are exclusive and rise. */
export interface Batch {
  lines: Uint8Array;
  lineEnds: Uint32Array;
  transcripts: Uint8Array;
  transcriptEnds: Uint32Array;
  /** JSON: `[[id, file, [agent, …]], …]`. */
  labels: Uint8Array;
  /** `COLUMNS.length` numbers a conversation. */
  rows: Float64Array;
}

/** The figures of a conversation, in the order of `Batch.rows`. Absent is NaN. */
export const COLUMNS = [
  'messages',
  'findings',
  'critical',
  'major',
  'minor',
  'hint',
  'notAssessed',
  'total',
  'totalIfConfirmed',
  'coverage',
  'startMillis',
  'endMillis',
  'firstReplySeconds',
  'longestReplySeconds',
  'pending',
] as const;

export type Column = (typeof COLUMNS)[number];

export interface Decision {
  /** Index in the conversation's findings. */
  finding: number;
  review: Review;
}

export interface Reviewed {
  line: Uint8Array;
  row: Float64Array;
}

export interface Summary {
  accounting: Accounting;
  agents: Agent[];
  diagnostics: Diagnostic[];
  standard: StandardHead;
  /** Tables of records among the files: satisfaction, roster, orders, tickets, manual, metrics. */
  tables?: TableInfo[];
}

export interface TableInfo {
  file: string;
  table: 'satisfaction' | 'roster' | 'orders' | 'tickets' | 'manual' | 'metrics';
  /** Rows found, and those taken. */
  rows: number;
  records: number;
}

export interface RuleInfo {
  /** `standard/id`, or the id alone. */
  id: string;
  title: Bilingual;
  kind: string;
  clauses: string[];
  severity: Severity;
  dimension: string;
  source: Origin;
  /** Fields whose value is ours though the clause is the source's. */
  ours: string[];
  advice?: Bilingual;
}

export interface StandardInfo {
  id: string;
  version: string;
  title: Bilingual;
  dimensions: Dimension[];
  bands: Band[];
  rules: RuleInfo[];
  /** The clauses that the rules cite, as far as they are in the catalogue. */
  clauses: ClauseHead[];
}

export interface Session {
  add(name: string, bytes: Uint8Array): void;
  step(messages: number): Step;
  take(): Batch;
  loadDictionary(bytes: Uint8Array): void;
  review(index: number, line: Uint8Array, decisions: Decision[]): Reviewed;
  summary(): Uint8Array;
  head(): Uint8Array;
  tail(): Uint8Array;
  csvHead(): Uint8Array;
  csv(line: Uint8Array): Uint8Array;
  free(): void;
}

export interface Core {
  Session: new (options: SessionOptions) => Session;
  standards(): StandardInfo[];
  check(toml: string): { diagnostics: Diagnostic[] };
  /** Which table of records a file is, by its first bytes; nothing for transcripts. */
  tableOf(name: string, head: Uint8Array): string | undefined;
}

/** One message of a transcript line. */
export interface TranscriptMessage {
  position: number;
  role: 'customer' | 'agent' | 'bot' | 'system' | 'supervisor';
  sender: string;
  time?: string;
  text: string;
  state?: 'recalled' | 'unavailable' | 'media';
}

export interface TranscriptLine {
  id: string;
  file: string;
  timezone?: string;
  messages: TranscriptMessage[];
}
