import { beforeEach, describe, expect, it } from 'vitest';
import type { Corrections, FileOutcome } from 'zhijian';

import { Reading } from './reading.svelte';
import { choicesOf, Memory, type Store } from './remembered.svelte';
import type { Work } from './work.svelte';

/** Corrections as the inspection takes them, without an inspection. */
class Desk {
  corrections: ReadonlyMap<string, Corrections> = new Map();
  fails = false;
  stops = 0;
  under: Promise<unknown> = Promise.resolve();
  found: FileOutcome[] = [];
  inspection = { files: () => this.found.map((file) => ({ ...file, ...(this.corrections.has(file.path) ? { corrections: this.corrections.get(file.path)! } : {}) })) };

  correct = (path: string, corrections: Corrections | undefined) => this.correctAll(new Map([[path, corrections]]));

  async correctAll(changes: ReadonlyMap<string, Corrections | undefined>): Promise<boolean> {
    if (this.fails) return false;
    const all = new Map(this.corrections);
    for (const [path, one] of changes) {
      if (one === undefined) all.delete(path);
      else all.set(path, one);
    }
    this.corrections = all;
    return true;
  }
}

function file(path: string, fingerprint?: string): FileOutcome {
  return {
    path, size: 9, state: 'read', conversations: 1, messages: 2, diagnostics: 0,
    detection: {
      confidence: 90, others: [], columns: [{ name: '说了啥' }, { name: '谁' }], senders: [], unknown: [], date_missing: false,
      ...(fingerprint === undefined ? {} : { fingerprint }),
    },
  };
}

class Shelf implements Store {
  text: string | null = null;
  broken = false;
  getItem = () => this.text;
  setItem = (_: string, text: string) => {
    if (this.broken) throw new DOMException('full', 'QuotaExceededError');
    this.text = text;
  };
}

let desk: Desk;
let shelf: Shelf;
let memory: Memory;
let reading: Reading;
beforeEach(() => {
  [desk, shelf, memory] = [new Desk(), new Shelf(), new Memory()];
  memory.load(shelf);
  reading = new Reading(desk as unknown as Work, memory);
});

describe('a correction', () => {
  it('adds to the one before, is remembered by its header without names of people, and is undone', async () => {
    const one = file('a.csv', 'f1');
    await reading.correct(one, { columns: [['说了啥', 'text']] });
    await reading.correct(one, { columns: [['谁', 'sender'], ['说了啥', '']] });
    await reading.correct(one, { roles: [['小迪', 'agent']], date: '2026-03-01' });
    const columns = [['说了啥', ''], ['谁', 'sender']];
    expect(desk.corrections.get('a.csv')).toEqual({ columns, roles: [['小迪', 'agent']], date: '2026-03-01' });
    expect(JSON.parse(shelf.text!)).toEqual([{ fingerprint: 'f1', names: ['说了啥', '谁'], choices: { columns } }]);
    expect(shelf.text).not.toContain('小迪');
    await reading.undo();
    await reading.undo();
    expect(desk.corrections.get('a.csv')).toEqual({ columns: [['说了啥', 'text']] });
    expect(memory.of('f1')).toEqual({ columns: [['说了啥', 'text']] });
    await reading.undo();
    expect([desk.corrections.size, memory.list.length, reading.history.length]).toEqual([0, 0, 0]);
    expect(await reading.undo()).toBe(false);
  });

  it('waits in line; what was asked for before a failure or a stop is dropped, and not what comes after', async () => {
    const done: string[] = [];
    const ask = (name: string, result = true) => reading.queue(async () => (done.push(name), await new Promise((resolve) => setTimeout(resolve, 5)), result));
    const first = [ask('a'), ask('b', false), ask('c')];
    expect(await Promise.all(first)).toEqual([true, false, false]);
    expect(await ask('d')).toBe(true);
    // Somebody stops what is under way, and goes on at once.
    const stopped = ask('e', false);
    const waiting = ask('f');
    await new Promise((resolve) => setTimeout(resolve, 1));
    desk.stops += 1;
    expect(await Promise.all([stopped, waiting, ask('g')])).toEqual([false, false, true]);
    reading.begin();
    expect(await ask('h')).toBe(true);
    const gone = ask('i');
    reading.begin();
    expect(await gone).toBe(false);
    expect(done.join('')).toBe('abdegh');
  });

  it('that fails changes nothing', async () => {
    desk.fails = true;
    expect(await reading.correct(file('a.csv', 'f1'), { zone: '+09:00' })).toBe(false);
    expect([memory.list.length, reading.history.length]).toEqual([0, 0]);
  });

  it('taken back leaves none', async () => {
    await reading.correct(file('a.csv', 'f1'), { encoding: 'Big5' });
    await reading.correct(file('a.csv', 'f1'), { encoding: undefined });
    expect([desk.corrections.size, memory.list.length]).toEqual([0, 0]);
  });

  it('of a file without a header is not remembered', async () => {
    await reading.correct(file('a.txt'), { date: '2026-03-01', zone: '+09:00' });
    expect([desk.corrections.size, memory.list.length]).toEqual([1, 0]);
  });
});

describe('what is remembered', () => {
  it('holds for files with the same header, and for no other', async () => {
    memory.keep('f1', ['说了啥'], { columns: [['说了啥', 'text']] });
    desk.found = [file('a.csv', 'f1'), file('b.csv', 'f2'), file('c.csv', 'f1')];
    expect(await reading.recall()).toBe(2);
    expect([...reading.recalled]).toEqual(['a.csv', 'c.csv']);
    expect([...desk.corrections.keys()]).toEqual(['a.csv', 'c.csv']);
    await reading.reset(desk.inspection.files()[0]!);
    expect([[...reading.recalled], memory.list.length]).toEqual([['c.csv'], 0]);
  });

  it('outlives the page, and its absence does no harm', () => {
    memory.keep('f1', ['甲'], { zone: '+09:00' });
    const next = new Memory();
    next.load(shelf);
    expect(next.list).toEqual(memory.list);
    next.forget('f1');
    expect(JSON.parse(shelf.text!)).toEqual([]);
    for (const text of ['{', '{"a":1}', '[1,null,{"fingerprint":3}]', 'null']) {
      shelf.text = text;
      next.load(shelf);
      expect(next.list).toEqual([]);
    }
    shelf.broken = true;
    next.keep('f2', [], { zone: '+09:00' });
    expect(next.of('f2')).toEqual({ zone: '+09:00' });
    next.load(undefined);
    next.keep('f3', [], { day_first: true });
    expect(next.list).toHaveLength(1);
    for (let i = 0; i < 120; i += 1) next.keep(`n${i}`, [], { day_first: true });
    expect([next.list.length, next.of('f3')]).toEqual([100, undefined]);
  });

  it('says nothing of people and days', () => {
    expect(choicesOf({ roles: [['小迪', 'agent']], date: '2026-03-01', format: 'csv' })).toEqual({ format: 'csv' });
  });
});
