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

/** How a worker's session is opened. */
export interface PartOptions extends SessionOptions {
  /** Whether it judges for another session, which sums up. */
  part?: boolean;
  /** Whether it only sums up what others judged: it is opened sooner, and judges nothing. */
  sums?: boolean;
  /** How much of a file is taken at once after its beginning. */
  slice?: number;
}

/** What a person knows better about one file; what is absent is guessed. */
export interface Corrections {
  /** By its WHATWG name: UTF-8, GB18030, GBK, Big5, UTF-16LE, UTF-16BE. */
  encoding?: string;
  /** The id of the format. */
  format?: string;
  /** What columns or keys hold: the name as the file writes it, and what it holds; empty: of no use. */
  columns?: [name: string, column: string][];
  /** The roles of senders, by name as the file writes it. */
  roles?: [sender: string, role: TranscriptMessage['role']][];
  /** The day of a file that gives times of day only: `2024-05-06`. */
  date?: string;
  /** Whether `1/2` is the first of February. */
  day_first?: boolean;
  /** The time zone of conversations that state none: `Asia/Shanghai`, `+09:00`. */
  zone?: string;
  /** Of a sheet: lines of its text and the rows they are, in pairs, each holding from that line on. */
  rows?: number[];
}

/** How a file was understood: every guess, with what else it might have been. */
export interface Detection {
  /** The id of the format. */
  format?: string;
  /** 0 not at all, 100 beyond doubt. */
  confidence: number;
  /** The other formats that could read it, the likeliest first. */
  others: { format: string; confidence: number }[];
  /** By its WHATWG name; `certain`: the bytes allow no other. */
  encoding?: { name: string; certain: boolean; others: string[] };
  /** What columns or keys were taken for, in the order of the file. */
  columns: { name: string; column?: string }[];
  /** Identifies the header, whatever the rows: a correction holds for files like it. */
  fingerprint?: string;
  /** Who speaks, at most 200, in order of first appearance. */
  senders: { name: string; role: TranscriptMessage['role']; inferred: boolean }[];
  /** Of whom nothing says who they are, at most 200: messages of theirs were left out. */
  unknown: string[];
  /** Whether `1/2` was read as the first of February; absent where no date leaves a choice. */
  day_first?: boolean;
  /** Whether the file gives times of day without a day. */
  date_missing: boolean;
}

/** What became of one file. */
export interface Outcome {
  accounting: Accounting;
  diagnostics: Diagnostic[];
  detection?: Detection;
  /** It is a table of records. */
  table?: boolean;
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
  /** JSON: `[[id, file, [agent, …], seconds east of UTC], …]`. */
  labels: Uint8Array;
  /** `COLUMNS.length` numbers a conversation. */
  rows: Float64Array;
  /** Begin, end and place of the part of the file from which it can be read again; NaN: all of the file; place -1: it is likely in there. */
  places: Float64Array;
  /** Figures for the session that sums up. */
  tally: Uint8Array;
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

/** Gives the bytes of a file from an offset on, as many as it likes, none at the end; throws what reading throws. */
export type Pull = (offset: number) => Uint8Array;

/** Corrections go in as JSON. */
export interface Session {
  add(name: string, bytes: Uint8Array): void;
  addCorrected(name: string, bytes: Uint8Array, corrections: string | undefined): void;
  addPulled(name: string, size: number, pull: Pull, corrections: string | undefined): void;
  /** `Outcome` of the file judged last, as JSON; it is forgotten in the session. */
  outcome(): Uint8Array;
  absorb(rows: Float64Array[], labels: Uint8Array[], tallies: Uint8Array[], outcome: Uint8Array): void;
  /** Takes a diagnostic as JSON. */
  remark(diagnostic: Uint8Array): void;
  reread(name: string, size: number, pull: Pull, corrections: string | undefined, ordinal: number, id: string, messages: number): Uint8Array | undefined;
  /** Begins to write the transcripts of a file; `cleaned` gives them, a line each, about so many bytes at a time, nothing at the end. */
  clean(name: string, size: number, pull: Pull, corrections: string | undefined): void;
  cleaned(most: number): Uint8Array | undefined;
  find(name: string, size: number, pull: Pull, corrections: string | undefined, words: string): Uint32Array;
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
  Session: new (options: PartOptions) => Session;
  Hash: new () => { update(bytes: Uint8Array): void; digest(): Uint8Array; free(): void };
  /** Bytes of memory that the module has taken. */
  memory(): number;
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

/** A text that was found in a file. */
export interface Member {
  name: string;
  bytes: Uint8Array;
  /** Lines of a sheet's text and the rows they are, in pairs; each holds from that line on. */
  rows: Uint32Array;
}

export interface Expanded {
  members: Member[];
  diagnostics: Diagnostic[];
}
