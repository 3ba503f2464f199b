/**
 * How the files of an inspection are read, and what somebody said instead. The thing to get right: a
 * correction is remembered under the header as it was guessed, because that is what the next such file
 * will show.
 */
import type { Corrections, FileOutcome } from 'zhijian';

import { type Choices, choicesOf, type Memory } from './remembered.svelte';
import type { Work } from './work.svelte';

/** A change of corrections; undefined takes one back. */
export type Change = { [K in keyof Corrections]?: Corrections[K] | undefined };

interface Header {
  fingerprint: string;
  names: string[];
}

interface Done {
  path: string;
  before: Corrections | undefined;
  header: Header | undefined;
  memory: Choices | undefined;
}

export class Reading {
  /** The file whose reading is shown. */
  shown = $state('');
  history = $state.raw<readonly Done[]>([]);
  /** Files that are read as others like them were before. */
  recalled = $state.raw<ReadonlySet<string>>(new Set());
  private headers = new Map<string, Header>();
  private line: Promise<unknown> = Promise.resolve();
  private failures = 0;

  constructor(
    private readonly work: Work,
    private readonly memory: Memory,
  ) {}

  /** Forgets the inspection before. */
  begin(): void {
    this.shown = '';
    this.history = [];
    this.recalled = new Set();
    this.headers = new Map();
    this.failures += 1;
  }

  /**
   * Does one thing after another, whichever file it is about. What was asked for before something failed
   * or was stopped is dropped; what is asked for afterwards is not.
   */
  queue(does: () => Promise<boolean>): Promise<boolean> {
    const { failures } = this;
    const { stops } = this.work;
    const next = this.line.then(async () => {
      await this.work.under;
      if (failures !== this.failures || stops !== this.work.stops) return false;
      const done = await does();
      if (!done && stops === this.work.stops) this.failures += 1;
      return done;
    });
    this.line = next.catch(() => undefined);
    return next;
  }

  /** Reads files as they were read before, by their header; says how many. */
  async recall(): Promise<number> {
    const { inspection } = this.work;
    if (inspection === undefined || this.memory.list.length === 0) return 0;
    const changes = new Map<string, Corrections>();
    for (const file of inspection.files()) {
      const choices = file.detection?.fingerprint === undefined ? undefined : this.memory.of(file.detection.fingerprint);
      if (choices === undefined || file.corrections !== undefined) continue;
      this.note(file);
      changes.set(file.path, choices);
    }
    if (changes.size === 0 || !(await this.work.correctAll(changes))) return 0;
    this.recalled = new Set(changes.keys());
    return changes.size;
  }

  /** Reads a file again; what is said of columns and senders adds to what was said before. */
  correct(file: FileOutcome, change: Change): Promise<boolean> {
    return this.set(file, merged(this.work.corrections.get(file.path), change));
  }

  /** Reads a file as it is guessed. */
  reset(file: FileOutcome): Promise<boolean> {
    return this.set(file, undefined);
  }

  async undo(): Promise<boolean> {
    const last = this.history.at(-1);
    if (last === undefined || !(await this.work.correct(last.path, last.before))) return false;
    if (last.header !== undefined) this.memory.keep(last.header.fingerprint, last.header.names, last.memory);
    this.history = this.history.slice(0, -1);
    return true;
  }

  private async set(file: FileOutcome, corrections: Corrections | undefined): Promise<boolean> {
    const { path } = file;
    const before = this.work.corrections.get(path);
    if (before === undefined) this.note(file);
    const header = this.headers.get(path);
    const memory = header === undefined ? undefined : this.memory.of(header.fingerprint);
    if (!(await this.work.correct(path, corrections))) return false;
    if (header !== undefined) this.memory.keep(header.fingerprint, header.names, corrections === undefined ? undefined : choicesOf(corrections));
    this.recalled = new Set([...this.recalled].filter((one) => one !== path));
    this.history = [...this.history, { path, before, header, memory }];
    return true;
  }

  private note({ path, detection }: FileOutcome): void {
    if (detection?.fingerprint === undefined) return;
    this.headers.set(path, { fingerprint: detection.fingerprint, names: detection.columns.map(({ name }) => name) });
  }
}

function merged(before: Corrections | undefined, change: Change): Corrections | undefined {
  const { columns, roles, ...plain } = change;
  const all: Change = { ...before, ...plain };
  if (columns !== undefined) all.columns = over(before?.columns, columns);
  if (roles !== undefined) all.roles = over(before?.roles, roles);
  const stated = Object.entries(all).filter(([, value]) => value !== undefined);
  return stated.length === 0 ? undefined : (Object.fromEntries(stated) as Corrections);
}

/** The later word about a name counts. */
function over<T>(before: readonly [string, T][] = [], after: readonly [string, T][]): [string, T][] {
  return [...new Map([...before, ...after])];
}
