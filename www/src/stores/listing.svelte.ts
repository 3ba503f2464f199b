/** The state of the list of conversations; it stays when one looks at a conversation and comes back. */
import type { Inspection, Severity } from 'zhijian';

import { type Filter, select, type Sort } from './list';
import type { Work } from './work.svelte';

export class Listing {
  agent = $state<number | undefined>();
  severity = $state<Severity | undefined>();
  only = $state<Filter['only']>('all');
  words = $state('');
  sort = $state.raw<Sort>({ by: 'order', descending: false });
  searching = $state(false);
  /** The conversation that is open, or was last. */
  active = $state(0);
  private matches = $state.raw<Uint32Array | undefined>();
  private control: AbortController | undefined;
  private round = -1;

  constructor(private readonly work: Work) {}

  order = $derived.by(() => {
    void this.work.version;
    const inspection = this.work.inspection;
    if (inspection === undefined) return new Uint32Array();
    const { agent, severity, only, matches } = this;
    return select(inspection, { agent, severity, only, matches }, this.sort);
  });

  get filtered(): boolean {
    return this.agent !== undefined || this.severity !== undefined || this.only !== 'all' || this.words !== '';
  }

  /** Forgets everything when the inspection is another one. */
  follow(round: number): void {
    if (this.round === round) return;
    this.round = round;
    this.active = 0;
    this.sort = { by: 'order', descending: false };
    this.clear();
  }

  clear(): void {
    this.agent = undefined;
    this.severity = undefined;
    this.only = 'all';
    void this.seek('');
  }

  sortBy(by: Sort['by']): void {
    const descending = this.sort.by === by ? !this.sort.descending : !['order', 'id', 'agent', 'total', 'coverage'].includes(by);
    this.sort = { by, descending };
  }

  async seek(words: string): Promise<void> {
    this.words = words;
    this.control?.abort();
    const inspection: Inspection | undefined = this.work.inspection;
    if (words.trim() === '' || inspection === undefined) {
      this.matches = undefined;
      this.searching = false;
      return;
    }
    const control = new AbortController();
    this.control = control;
    this.searching = true;
    try {
      const matches = await inspection.search(words.trim(), control.signal);
      if (!control.signal.aborted) this.matches = matches;
    } catch {
      // Another search has begun.
    }
    if (this.control === control) this.searching = false;
  }

  /** The conversation `step` places from this one in the order shown. */
  beside(index: number, step: number): number | undefined {
    const at = this.order.indexOf(index);
    if (at < 0) return this.order[0];
    return this.order[at + step];
  }
}
