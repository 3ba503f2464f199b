/**
 * The scan under way or done, and the reviews made on it. The inspection itself holds typed arrays
 * that Svelte cannot watch: whoever shows figures reads `version` as well.
 */
import type { Corrections, Diagnostic, Engine, Gathered, InputFile, Inspection, Progress, Review, StandardInfo } from 'zhijian';

import type { Change, Decided } from './reviews';

export type Phase = 'idle' | 'running' | 'ready' | 'failed';

export interface Failed {
  code: string;
  diagnostics: readonly Diagnostic[];
  detail?: string;
}

export interface Choice {
  standard: string;
  profile?: string;
}

export class Work {
  phase = $state<Phase>('idle');
  progress = $state.raw<Progress | undefined>();
  failed = $state.raw<Failed | undefined>();
  inspection = $state.raw<Inspection | undefined>();
  /** With all rules; empty until the first inspection asks for them. */
  standards = $state.raw<StandardInfo[]>([]);
  /** Rises whenever a review changed figures. */
  version = $state(0);
  history = $state.raw<Change[]>([]);
  /** Decisions on findings that are no longer there since a file was read in another way. */
  lost = $state.raw<readonly Decided[]>([]);
  /** Rises with every inspection, so that what belongs to the last one can be dropped. */
  round = $state(0);
  elapsed = $state(0);
  /** Whether files are being read again; what was found before stays in sight meanwhile. */
  correcting = $state(false);
  /** Files are being read again until then. */
  under: Promise<unknown> = Promise.resolve();
  /** Rises whenever somebody stops what is under way. */
  stops = 0;
  /** What somebody knew better about files of this inspection, by path. */
  corrections = $state.raw<ReadonlyMap<string, Corrections>>(new Map());
  private choice: Choice | undefined;
  private gathered: Gathered = { files: [], skipped: [] };
  private control: AbortController | undefined;

  constructor(private readonly engine: Engine) {}

  /** Asks for the rules of all standards. Without them the page shows ids for titles, so failing is no failure. */
  private async prepare(): Promise<void> {
    if (this.standards.length > 0) return;
    try {
      this.standards = await this.engine.standards();
    } catch {
      // The next inspection asks again.
    }
  }

  /** Inspects what was gathered; true when there is something to show. `corrections` go by the path of the file. */
  async start(gathered: Gathered, choice: Choice, corrections: ReadonlyMap<string, Corrections> = new Map()): Promise<boolean> {
    this.inspection?.dispose();
    this.inspection = undefined;
    this.history = [];
    this.lost = [];
    this.choice = choice;
    this.gathered = gathered;
    this.corrections = corrections;
    return this.run(gathered, choice, corrections);
  }

  /**
   * Reads one file again as somebody knows better; undefined: as it was guessed. The other files are not
   * read again, and decisions on findings that are still there are kept. When it fails, everything is as
   * it was.
   */
  correct(path: string, corrections: Corrections | undefined): Promise<boolean> {
    return this.correctAll(new Map([[path, corrections]]));
  }

  /** `correct`, of several files at once. */
  async correctAll(changes: ReadonlyMap<string, Corrections | undefined>): Promise<boolean> {
    const all = new Map(this.corrections);
    for (const [path, corrections] of changes) {
      if (corrections === undefined) all.delete(path);
      else all.set(path, corrections);
    }
    return this.again(all);
  }

  /** Tries a password on every archive that wants one, reads what is in those it opens, and gives the others. */
  async unlock(password: string): Promise<readonly InputFile[]> {
    const locked = this.inspection?.locked ?? [];
    const left = await this.engine.unlock(locked, password);
    if (left.length < locked.length) await this.again(this.corrections);
    return left;
  }

  /** Inspects the same files; what is read as it was is not read again. */
  private again(corrections: ReadonlyMap<string, Corrections>): Promise<boolean> {
    const again = this.readAgain(corrections);
    this.under = again;
    return again;
  }

  private async readAgain(corrections: ReadonlyMap<string, Corrections>): Promise<boolean> {
    const before = this.inspection;
    if (before === undefined || this.choice === undefined) return false;
    this.correcting = true;
    const done = await this.run(this.gathered, this.choice, corrections, before);
    this.correcting = false;
    if (done) {
      this.corrections = corrections;
      before.dispose();
    } else if (this.phase === 'failed' && this.inspection !== undefined) this.phase = 'ready';
    return done;
  }

  private async run(gathered: Gathered, choice: Choice, corrections: ReadonlyMap<string, Corrections>, before?: Inspection): Promise<boolean> {
    this.control?.abort();
    const control = new AbortController();
    this.control = control;
    this.failed = undefined;
    this.progress = undefined;
    this.phase = 'running';
    const begun = performance.now();
    try {
      const inspection = await this.engine.inspect(gathered.files, {
        ...choice,
        signal: control.signal,
        remarks: gathered.skipped,
        corrections,
        ...(before === undefined ? {} : { before }),
        onProgress: (progress) => {
          if (this.control === control && !control.signal.aborted) this.progress = progress;
        },
      });
      this.elapsed = (performance.now() - begun) / 1000;
      // Decisions wait in line, and nobody decides while files are read again.
      await this.last;
      const { history, lost } = this;
      const reviews = before === undefined || history.length + lost.length === 0 ? { history: [], lost: [] } : await (await import('./reviews')).carried(before, inspection, history, lost);
      // What shows the result begins with a task of its own.
      await new Promise((resolve) => setTimeout(resolve));
      if (control.signal.aborted) {
        inspection.dispose();
        return false;
      }
      this.inspection = inspection;
      this.history = reviews.history;
      this.lost = reviews.lost;
      this.round += 1;
      this.version += 1;
      this.phase = 'ready';
      // Not before: compiling every standard would take time from the scan. The worker that does it waits for the next.
      void this.prepare();
      return true;
    } catch (error) {
      if (this.control !== control) return false;
      const failed = describe(error);
      if (failed.code === 'aborted') this.phase = this.inspection === undefined ? 'idle' : 'ready';
      else {
        this.failed = failed;
        this.phase = 'failed';
      }
      return false;
    }
  }

  /** Stops at once as far as one can see; the worker is dealt with behind. */
  cancel(): void {
    this.stops += 1;
    this.control?.abort();
    this.phase = this.inspection === undefined ? 'idle' : 'ready';
    this.progress = undefined;
  }

  dismiss(): void {
    this.failed = undefined;
    this.phase = this.inspection === undefined ? 'idle' : 'ready';
  }

  /** The decision under way; the next waits for it, so that a double click is one decision and its undoing. */
  private last: Promise<unknown> = Promise.resolve();

  /** Confirms or rejects a finding; asking for what it already is takes it back. */
  decide(index: number, finding: number, review: Review): Promise<void> {
    const next = this.last.then(() => this.decideNow(index, finding, review));
    this.last = next;
    return next;
  }

  private async decideNow(index: number, finding: number, review: Review): Promise<void> {
    // What is being read again takes along what was decided before.
    if (this.correcting) return;
    const from = (await this.inspection?.conversation(index))?.findings[finding]?.review;
    if (from === undefined) return;
    const to = from === review ? 'pending' : review;
    if (await this.apply(index, finding, to)) this.history = [...this.history, { index, finding, from, to }];
  }

  /** Takes the last decision back and says which conversation it was in. */
  async undo(): Promise<number | undefined> {
    const last = this.history.at(-1);
    if (last === undefined || this.correcting) return undefined;
    if (await this.apply(last.index, last.finding, last.from)) this.history = this.history.slice(0, -1);
    return last.index;
  }

  private async apply(index: number, finding: number, review: Review): Promise<boolean> {
    try {
      await this.inspection?.review(index, [{ finding, review }]);
      this.version += 1;
      return true;
    } catch (error) {
      this.failed = describe(error);
      return false;
    }
  }
}

function describe(error: unknown): Failed {
  const { code, diagnostics, failure } = error as {
    code?: unknown;
    diagnostics?: Diagnostic[];
    failure?: { data?: { detail?: string } };
  };
  const detail = failure?.data?.detail ?? (error instanceof Error && failure === undefined ? error.message : undefined);
  return {
    code: typeof code === 'string' ? code : 'internal',
    diagnostics: diagnostics ?? [],
    ...(detail === undefined ? {} : { detail }),
  };
}
