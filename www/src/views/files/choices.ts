/** What there is to choose about how a file is read, in the order in which it is offered. */
import type { Corrections, Detection, Diagnostic, FileOutcome } from 'zhijian';

import { FORMATS } from './formats';

/** Formats besides the one in use: those that fit as well, the likeliest first, and all others. */
export function otherFormats({ format, others }: Detection, stated: string | undefined): { likely: Detection['others']; rest: string[] } {
  const likely = others.filter((one) => one.format !== stated);
  const offered = new Set([stated ?? format, ...likely.map((one) => one.format)]);
  return { likely, rest: Object.keys(FORMATS).filter((id) => !offered.has(id)) };
}

export interface Speaker {
  name: string;
  /** Absent: nothing says it, of some of what they said at least. */
  role?: Detection['senders'][number]['role'];
  inferred: boolean;
}

/** Everybody who speaks, of whom nothing says who they are first. Who was told apart stays, however many others are shown. */
export function speakers({ senders, unknown }: Detection, stated: Corrections['roles'] = []): Speaker[] {
  const all = new Map<string, Speaker>(unknown.map((name) => [name, { name, inferred: false }]));
  const told = stated.map(([name, role]) => ({ name, role, inferred: false }));
  for (const one of [...senders, ...told]) if (!all.has(one.name)) all.set(one.name, one);
  return [...all.values()];
}

/** Who was shown once keeps the place: what a correction changes is not to jump from under the hand. */
export class Places {
  private readonly known = new Map<string, number>();

  sorted<T extends { name: string }>(list: readonly T[]): T[] {
    for (const { name } of list) if (!this.known.has(name)) this.known.set(name, this.known.size);
    return [...list].sort((a, b) => this.known.get(a.name)! - this.known.get(b.name)!);
  }
}

/** What a file of which nothing was read wants to be told first. */
export function missing({ state, detection }: FileOutcome): 'format' | 'text' | undefined {
  if (state !== 'failed' || detection === undefined) return undefined;
  if (detection.format === undefined) return 'format';
  return detection.columns.length > 0 && !detection.columns.some(({ column }) => column === 'text') ? 'text' : undefined;
}

/** Why nothing could be read of a file: the first error of each kind, and no more than three. */
export function reasons(diagnostics: readonly Diagnostic[], path: string): Diagnostic[] {
  const kinds = new Map<string, Diagnostic>();
  for (const one of diagnostics) {
    if (one.file === path && one.severity === 'error' && one.code !== 'more-like-this' && !kinds.has(one.code)) kinds.set(one.code, one);
  }
  return [...kinds.values()].slice(0, 3);
}
