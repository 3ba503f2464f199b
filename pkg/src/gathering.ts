/**
 * What was found in files goes where it stays: lines, figures and labels to the page, sums to the session
 * that keeps them. The thing to get right: files are taken in their order, whoever is finished first. The
 * one whose turn it is is taken while it is read, so that a long one does not lie about twice; should it
 * come to nothing after all, what was taken of it is given back.
 */
import type { Connection } from './connection';
import type { Result } from './inspection';
import { Collected } from './packed';
import type { Absorbed, Piece } from './protocol';
import type { Diagnostic } from './types';

/** Milliseconds that the page is kept from other things at a time. */
export const SPELL = 8;
/** Bytes that are handed to the session that sums up at a time, and parts of them. */
const LOAD = { bytes: 1 << 20, files: 256 };
/** Bytes of what was found that are kept, so that a correction of one file does not read the others again. */
const KEPT = 48 << 20;
const NOTHING = new Uint8Array();
const NO_ROWS = new Float64Array();

/** A file that is finished, or what is to be told in its place. */
export type Finished = { index: number; diagnostic?: never } | { diagnostic: Diagnostic; index?: never };

export class Gathering {
  readonly collected = new Collected();
  /** What is finished and not yet summed up, in order. */
  private readonly finished: Finished[] = [];
  /** The file that is being taken: where it begins, how many of its pieces are taken, and their bytes. */
  private open: { index: number; first: number; taken: number; bytes: number } | undefined;
  /** The first file that is not finished. */
  private turn = 0;
  private kept = 0;
  private work: Promise<void> | undefined;

  /**
   * `labelled`: whether the session that sums up wants to know who and where, as it does when there are
   * tables of records. `shared`: the files whose pieces belong to another inspection as well.
   */
  constructor(
    private readonly results: readonly Result[],
    private readonly keeper: Promise<Connection>,
    private readonly labelled: boolean,
    private readonly shared: ReadonlySet<number>,
    private readonly fail: (error: unknown) => void,
  ) {}

  /** These are finished, and it is the turn of the file of this index, of which there may be more than before. */
  go(turn: number, finished: readonly Finished[] = []): void {
    this.turn = turn;
    this.finished.push(...finished);
    this.work ??= this.all().catch(this.fail);
  }

  /** Nothing that was found in this file counts. */
  giveBack(index: number): void {
    const result = this.results[index]!;
    result.pieces = [];
    delete result.partial;
    if (this.open?.index !== index) return;
    this.collected.cut(this.open.first, index);
    this.open = undefined;
  }

  /** Everything that is finished has been summed up, or something failed. */
  async done(): Promise<void> {
    while (this.work !== undefined) await this.work;
  }

  private async all(): Promise<void> {
    try {
      const load = new Load(await this.keeper);
      do {
        for (let one = this.finished[0]; one !== undefined; one = this.finished[0]) {
          if (one.index === undefined) load.add({ diagnostic: one.diagnostic }, 0, []);
          else await this.whole(one.index, load);
          this.finished.shift();
          if (load.full) await load.send();
        }
        await load.send();
        // Not before what was finished while that was on its way.
        if (this.finished.length === 0) await this.take(this.turn);
      } while (this.finished.length > 0);
    } finally {
      // In the same task as the last look at what is there, so that nothing is left lying.
      this.work = undefined;
    }
  }

  /** Takes what there is of a file to the page. */
  private async take(index: number): Promise<void> {
    const result = this.results[index];
    let begun = performance.now();
    while (result !== undefined) {
      if (this.open?.index !== index) this.open = { index, first: this.collected.length, taken: 0, bytes: 0 };
      const { open } = this;
      const piece = result.pieces[open.taken];
      if (piece === undefined) return;
      this.collected.push(index, piece);
      open.taken += 1;
      open.bytes += bytesOf(piece);
      if (this.kept + open.bytes > KEPT) {
        const from = result.partial ? open.taken - 1 : 0;
        result.partial = true;
        for (let at = from; at < open.taken; at += 1) result.pieces[at] = this.rest(result.pieces[at]!);
      }
      if (performance.now() - begun < SPELL) continue;
      await new Promise((resolve) => setTimeout(resolve));
      begun = performance.now();
      // It may be finished, or have come to nothing, in the meantime.
      if (this.open !== open) return;
    }
  }

  /** What is needed of a piece that is not kept, once the page has it. */
  private rest(piece: Piece): Piece {
    return { ...piece, lines: NOTHING, rows: NO_ROWS, labels: this.labelled ? piece.labels : NOTHING, places: NO_ROWS };
  }

  /** Takes a file that is finished to the page and to the session that sums up. */
  private async whole(index: number, load: Load): Promise<void> {
    const result = this.results[index]!;
    await this.take(index);
    const { pieces } = result;
    let first = this.open!.first;
    if (!result.partial) this.kept += this.open!.bytes;
    this.open = undefined;
    for (const { lineEnds, labels, tally } of pieces) {
      const rows = this.collected.figures.rows(first, lineEnds.length);
      first += lineEnds.length;
      const known = this.labelled ? labels : NOTHING;
      // What nobody else wants is handed over, not copied.
      const own = result.partial && !this.shared.has(index) ? [rows.buffer, tally.buffer] : [rows.buffer];
      load.add({ rows: [rows], labels: [known], tallies: [tally], outcome: NOTHING }, rows.byteLength + known.byteLength + tally.byteLength, own);
      if (load.full) await load.send();
    }
    if (result.partial) result.pieces = [];
    load.add({ rows: [], labels: [], tallies: [], outcome: result.outcome ?? NOTHING }, 0, []);
  }
}

/** What is on its way to the session that sums up. */
class Load {
  private files: Absorbed[] = [];
  private transfer: Transferable[] = [];
  private bytes = 0;
  private begun = performance.now();

  constructor(private readonly keeper: Connection) {}

  get full(): boolean {
    return this.bytes > LOAD.bytes || this.files.length > LOAD.files || performance.now() - this.begun > SPELL;
  }

  add(file: Absorbed, bytes: number, transfer: Transferable[]): void {
    this.files.push(file);
    this.bytes += bytes;
    this.transfer.push(...transfer);
  }

  async send(): Promise<void> {
    const { files, transfer } = this;
    [this.files, this.transfer, this.bytes] = [[], [], 0];
    if (files.length > 0) await this.keeper.request('absorb', { files }, { transfer });
    this.begun = performance.now();
  }
}

function bytesOf({ rows, labels, tally }: Piece): number {
  return rows.byteLength + labels.byteLength + tally.byteLength;
}
