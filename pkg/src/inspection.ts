/**
 * The result of a scan, as the page holds it: figures in typed arrays, everything else as bytes.
 * The session in the worker lives as long as this does, because reviews re-score there.
 */
import type { Connection } from './connection';
import type { Batch, Column, Decision, Summary, TableInfo, TranscriptLine } from './core';
import { Figures, Labels, PackedLines } from './packed';
import { search } from './search';
import type { Accounting, Agent, Conversation, Diagnostic, StandardHead } from './types';

const decoder = new TextDecoder();
/** Bytes of report handled at once, so that neither the page nor the worker stalls. */
const PART = 1 << 18;
const TIME = /"time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^"]*)"/;

/** What became of one file. */
export interface FileOutcome {
  path: string;
  size: number;
  /** `table`: a table of records, whose rows are no messages. */
  state: 'read' | 'failed' | 'skipped' | 'table';
  conversations: number;
  messages: number;
  diagnostics: number;
  /** Of a table of records: which it is, its rows and those taken. */
  table?: TableInfo;
}

/** What a scan has gathered so far. */
export class Collected {
  readonly lines = new PackedLines();
  readonly transcripts = new PackedLines();
  readonly figures = new Figures();
  readonly labels = new Labels();

  push(batch: Batch): void {
    this.lines.push(batch.lines, batch.lineEnds);
    this.transcripts.push(batch.transcripts, batch.transcriptEnds);
    this.figures.push(batch.rows);
    this.labels.push(batch);
  }
}

export interface Handed {
  path: string;
  size: number;
}

export class Inspection {
  private summary: Summary;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: Connection,
    private readonly collected: Collected,
    summary: Uint8Array,
    private readonly handed: readonly Handed[],
    /** What the page itself had to say about the files. */
    private readonly remarks: readonly Diagnostic[],
  ) {
    this.summary = parse(summary);
  }

  /** How many conversations there are. */
  get length(): number {
    return this.collected.labels.ids.length;
  }

  get agents(): readonly Agent[] {
    return this.summary.agents;
  }

  get accounting(): Accounting {
    return this.summary.accounting;
  }

  get standard(): StandardHead {
    return this.summary.standard;
  }

  get diagnostics(): readonly Diagnostic[] {
    return [...this.remarks, ...this.summary.diagnostics];
  }

  /** One figure of every conversation; absent is NaN. A view: it changes when a review does. */
  column(name: Column): Float64Array {
    return this.collected.figures.column(name);
  }

  id(index: number): string {
    return this.collected.labels.ids[index] ?? '';
  }

  file(index: number): string {
    return this.collected.labels.files.list[this.collected.labels.fileOf[index] ?? -1] ?? '';
  }

  /** When a conversation began, as its first time says (RFC 3339), without making an object of it. */
  started(index: number): string | undefined {
    // A quote inside a text is escaped, so the key cannot be part of one.
    return TIME.exec(decoder.decode(this.collected.transcripts.line(index).subarray(0, 4096)))?.[1];
  }

  /** The names of the agents of all conversations; `agentsOf` gives indexes into it. */
  get agentNames(): readonly string[] {
    return this.collected.labels.agents.list;
  }

  agentsOf(index: number): readonly number[] {
    return this.collected.labels.agentsOf[index] ?? [];
  }

  /** The report of one conversation, made of its line now. */
  conversation(index: number): Conversation {
    return this.collected.lines.parse<Conversation>(index);
  }

  /** What was said in one conversation, made of its line now. */
  transcript(index: number): TranscriptLine {
    return this.collected.transcripts.parse<TranscriptLine>(index);
  }

  /** The conversations in which these words are said, or which are called so. */
  search(words: string, signal?: AbortSignal): Promise<Uint32Array> {
    return search(this.collected.transcripts, words, signal);
  }

  /** What became of every file that was handed in, in order of path. */
  files(): FileOutcome[] {
    const { labels } = this.collected;
    const messages = this.column('messages');
    const outcomes = new Map<string, FileOutcome>();
    for (const { path, size } of this.handed) {
      outcomes.set(path, { path, size, state: 'failed', conversations: 0, messages: 0, diagnostics: 0 });
    }
    labels.fileOf.forEach((file, index) => {
      const outcome = outcomes.get(labels.files.list[file]!);
      if (outcome === undefined) return;
      outcome.state = 'read';
      outcome.conversations += 1;
      outcome.messages += messages[index]!;
    });
    for (const table of this.summary.tables ?? []) {
      const outcome = outcomes.get(table.file);
      if (outcome !== undefined) Object.assign(outcome, { state: 'table', table });
    }
    for (const diagnostic of this.diagnostics) {
      const path = diagnostic.file;
      if (path === undefined) continue;
      const outcome = outcomes.get(path);
      if (outcome !== undefined) outcome.diagnostics += 1;
      else if (diagnostic.code === 'file-hidden') {
        outcomes.set(path, { path, size: 0, state: 'skipped', conversations: 0, messages: 0, diagnostics: 1 });
      } else if (diagnostic.code === 'file-unreadable') {
        outcomes.set(path, { path, size: 0, state: 'failed', conversations: 0, messages: 0, diagnostics: 1 });
      }
    }
    return [...outcomes.values()];
  }

  /** Records decisions on one conversation's findings; scores, figures and agents follow. */
  review(index: number, decisions: Decision[]): Promise<void> {
    // One after another: each review starts from the line the one before left.
    const next = this.queue.then(async () => {
      const line = this.collected.lines.line(index).slice();
      const reviewed = await this.connection.request('review', { index, line, decisions }, { transfer: [line.buffer] });
      this.collected.lines.replace(index, reviewed.line);
      this.collected.figures.replace(index, reviewed.row);
      this.summary = parse(reviewed.summary);
    });
    this.queue = next.catch(() => undefined);
    return next;
  }

  /** The whole report, put together from the bytes the core wrote. */
  async report(format: 'json' | 'csv'): Promise<Blob> {
    await this.queue;
    const parts: BlobPart[] = [];
    if (format === 'json') {
      const { head, tail } = await this.connection.request('frame', null);
      parts.push(head as BlobPart);
      for (const { bytes } of this.collected.lines.parts(PART, ',')) {
        parts.push(bytes as BlobPart);
        await new Promise((resolve) => setTimeout(resolve));
      }
      parts.push(tail as BlobPart);
      return new Blob(parts, { type: 'application/json' });
    }
    let head = true;
    for (const lines of this.collected.lines.parts(PART)) {
      const transfer = [lines.bytes.buffer, lines.ends.buffer];
      parts.push((await this.connection.request('csv', { head, lines }, { transfer })) as BlobPart);
      head = false;
    }
    if (head) {
      const lines = { bytes: new Uint8Array(), ends: new Uint32Array() };
      parts.push((await this.connection.request('csv', { head, lines })) as BlobPart);
    }
    return new Blob(parts, { type: 'text/csv;charset=utf-8' });
  }

  /** Ends the worker and with it the session. What was read here stays readable. */
  dispose(): void {
    this.connection.terminate();
  }
}

function parse(summary: Uint8Array): Summary {
  return JSON.parse(decoder.decode(summary)) as Summary;
}
