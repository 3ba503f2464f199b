import { describe, expect, it } from 'vitest';

import { Connection } from './connection';
import { EngineError } from './protocol';
import { fakeCore } from './test/fake';
import { FakeWorker, file, jsonl, remove, rig } from './test/worker';

const good = () => jsonl('a.jsonl', [{ id: 'a1', says: ['在吗', '您好，在的'] }, { id: 'a2', says: ['有货吗', '不知道'] }]);
const rude = () => jsonl('b.jsonl', [{ id: 'b1', says: ['快点', '滚'] }]);

describe('protocol', () => {
  it('answers an unknown request with a failure', async () => {
    const connection = new Connection(new FakeWorker(fakeCore()));
    const asked = connection.request('dance' as never, null as never);
    await expect(asked).rejects.toMatchObject({ failure: { code: 'unknown-request', data: { detail: 'dance' } } });
  });

  it('answers a request that came too early', async () => {
    const connection = new Connection(new FakeWorker(fakeCore()));
    await expect(connection.request('summary', null)).rejects.toMatchObject({ failure: { code: 'not-ready' } });
  });

  it('fails what waits when the worker is ended, and everything after', async () => {
    const worker = new FakeWorker(fakeCore());
    const connection = new Connection(worker);
    const asked = connection.request('standards', null);
    connection.terminate();
    await expect(asked).rejects.toMatchObject({ failure: { code: 'terminated' } });
    await expect(connection.request('standards', null)).rejects.toBeInstanceOf(EngineError);
    expect(worker.ended).toBe(true);
  });
});

describe('inspect', () => {
  it('gives figures, labels and objects of one line each', async () => {
    const { engine } = rig();
    const inspection = await engine.inspect([good()], { standard: 'fake' });
    expect(inspection.length).toBe(2);
    expect([...inspection.column('major')]).toEqual([0, 1]);
    expect(inspection.id(1)).toBe('a2');
    expect(inspection.agentsOf(1).map((agent) => inspection.agentNames[agent])).toEqual(['小安']);
    expect((await inspection.conversation(1)).findings[0]).toMatchObject({ rule: 'fake/forbid-shirk', message: 1, span: { start: 0, end: 3 } });
    expect((await inspection.transcript(0)).messages[1]).toMatchObject({ text: '您好，在的', role: 'agent' });
    expect(inspection.started(1)).toBe('2026-03-01T10:00:00+08:00');
    expect(inspection.files()).toMatchObject([
      { path: 'a.jsonl', size: good().size, state: 'read', conversations: 2, messages: 4, diagnostics: 0, accounting: { rows: 4 }, detection: { format: 'transcript-json' } },
    ]);
  });

  it('hands in tables of records before the conversations they are about', async () => {
    const { engine, workers } = rig();
    const survey = file('survey.csv', '会话ID,满意度\na1,2\n');
    const inspection = await engine.inspect([good(), survey], { standard: 'fake' });
    for (const worker of workers) {
      const asked = worker.sent.map((sent) => (sent as { kind: string }).kind).filter((kind) => ['tables', 'scan', 'absorb'].includes(kind));
      expect(asked[0]).toBe('tables');
      expect(asked.length).toBeGreaterThan(1);
    }
    // The list of files keeps the order in which they were given.
    expect(inspection.files().map(({ path }) => path)).toEqual(['a.jsonl', 'survey.csv']);
  });

  it('fetches the dictionary only when it is needed', async () => {
    const made = rig();
    await made.engine.inspect([good()], { standard: 'fake' });
    expect(made.dictionaries).toBe(0);
    const inspection = await made.engine.inspect([rude()], { standard: 'fake' });
    expect(made.dictionaries).toBe(1);
    expect(inspection.length).toBe(1);
  });

  it('rejects with every mistake of a standard', async () => {
    const { engine } = rig();
    const asked = engine.inspect([good()], { standard: 'mistake' });
    await expect(asked).rejects.toMatchObject({
      code: 'standard-invalid',
      diagnostics: [{ code: 'unknown-field', line: 3, column: 1 }],
    });
  });

  it('names an unreadable file and goes on', async () => {
    const { engine } = rig();
    const broken = file('gone.csv', 'x');
    remove(broken);
    const inspection = await engine.inspect([broken, good()], { standard: 'fake' });
    expect(inspection.length).toBe(2);
    expect(inspection.diagnostics).toMatchObject([{ code: 'file-unreadable', file: 'gone.csv' }]);
    expect(inspection.files().map(({ path, state }) => [path, state])).toEqual([
      ['gone.csv', 'failed'],
      ['a.jsonl', 'read'],
    ]);
  });

  it('replaces a worker that trapped, names the file and keeps the rest', async () => {
    const made = rig({
      onStep: (file) => {
        if (file === 'trap.jsonl') throw new WebAssembly.RuntimeError('unreachable');
      },
    });
    const trap = jsonl('trap.jsonl', [{ id: 't', says: ['x', 'y'] }]);
    const inspection = await made.engine.inspect([good(), trap, rude()], { standard: 'fake' });
    expect([0, 1, 2].map((i) => inspection.id(i))).toEqual(['a1', 'a2', 'b1']);
    expect(inspection.diagnostics).toMatchObject([{ code: 'engine-trapped', file: 'trap.jsonl' }]);
    expect(inspection.agents).toMatchObject([{ agent: '小安', conversations: 3 }]);
    // The one that sums up, the one that went down, the one in its place.
    expect(made.workers.map(({ ended }) => ended)).toEqual([false, true, false]);
  });

  it('stops when told, and the worker is gone', async () => {
    const made = rig({
      onStep: () => {
        const until = performance.now() + 2;
        while (performance.now() < until);
      },
    });
    const many = jsonl('many.jsonl', Array.from({ length: 2000 }, (_, i) => ({ id: `c${i}`, says: ['a', 'b'] })));
    const control = new AbortController();
    let told = 0;
    const asked = made.engine.inspect([many], {
      standard: 'fake',
      signal: control.signal,
      onProgress: ({ conversations }) => {
        told = conversations;
        if (conversations > 0) control.abort();
      },
    });
    await expect(asked).rejects.toMatchObject({ code: 'aborted' });
    expect(told).toBeLessThan(2000);
    expect(made.workers.every(({ ended }) => ended)).toBe(true);
  });

  it('counts progress over all files', async () => {
    const { engine } = rig();
    const seen: number[] = [];
    const files = [good(), rude()];
    await engine.inspect(files, { standard: 'fake', onProgress: ({ bytesRead }) => seen.push(bytesRead) });
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(files[0]!.size + files[1]!.size);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  });
});

describe('a pool', () => {
  const many = () =>
    Array.from({ length: 30 }, (_, n) =>
      jsonl(`f${String(n).padStart(2, '0')}.jsonl`, Array.from({ length: 1 + (n % 5) }, (_, c) => ({ id: `c${n}-${c}`, says: ['在吗', n % 7 === 0 ? '不知道' : `好的${n}`, '谢谢', '哦'] }))),
    );

  it.each([1, 2, 8])('gives the same report with %i workers', async (workers) => {
    const made = rig({}, { workers });
    const inspection = await made.engine.inspect(many(), { standard: 'fake' });
    const one = await rig().engine.inspect(many(), { standard: 'fake' });
    expect(await (await inspection.report('json')).text()).toBe(await (await one.report('json')).text());
    expect(inspection.agents).toEqual(one.agents);
    expect(inspection.files()).toEqual(one.files());
    expect(made.workers.length).toBe(workers + 1);
  });

  it.each(['trap', 'overflow'] as const)('finishes the rest after a file that ends in a %s', async (kind) => {
    const files = many();
    const inspection = await rig({}, { workers: 2, trap: { file: 'f17.jsonl', kind } }).engine.inspect(files, { standard: 'fake' });
    const others = await rig().engine.inspect(files.filter(({ name }) => name !== 'f17.jsonl'), { standard: 'fake' });
    expect(inspection.diagnostics).toMatchObject([{ code: 'engine-trapped', severity: 'error', file: 'f17.jsonl' }]);
    expect(inspection.agents).toEqual(others.agents);
    expect(inspection.length).toBe(others.length);
    expect(inspection.files().filter(({ state }) => state !== 'read').map(({ path }) => path)).toEqual(['f17.jsonl']);
  });

  it('finds the file after a worker that went without a word', async () => {
    const made = rig({}, { workers: 1 });
    const bad = 'f03.jsonl';
    // Whoever is handed this file is gone.
    const inspecting = made.engine.inspect(many().slice(0, 8), { standard: 'fake' });
    const watch = setInterval(() => {
      for (const worker of made.workers) {
        const asked = worker.sent.at(-1) as { kind: string; params: { tasks: { name: string }[] } } | undefined;
        if (!worker.ended && asked?.kind === 'scan' && asked.params.tasks.some(({ name }) => name === bad)) worker.crash();
      }
    });
    const inspection = await inspecting;
    clearInterval(watch);
    expect(inspection.diagnostics).toMatchObject([{ code: 'engine-trapped', file: bad }]);
    expect(inspection.files().filter(({ state }) => state === 'read').length).toBe(7);
  });

  it('replaces a worker that has taken much memory', async () => {
    const made = rig({ memory: () => 2000 }, { workers: 1, memory: 1000 });
    const inspection = await made.engine.inspect(many(), { standard: 'fake' });
    expect(inspection.files().every(({ state }) => state === 'read')).toBe(true);
    expect(made.workers.length).toBeGreaterThan(2);
  });

  it('e29: counts the same bytes once, and keeps files of one name apart', async () => {
    const same = (name: string) => jsonl(name, [{ id: 'x', says: ['在吗', '在'] }]);
    const files = [
      { path: '一/a.jsonl', file: same('a.jsonl') },
      { path: '二/a.jsonl', file: jsonl('a.jsonl', [{ id: 'y', says: ['在吗', '好'] }]) },
      { path: '三/b.jsonl', file: same('b.jsonl') },
      { path: '二/a.jsonl', file: jsonl('a.jsonl', [{ id: 'z', says: ['在吗', '嗯'] }]) },
    ];
    for (const workers of [1, 2]) {
      const inspection = await rig({}, { workers }).engine.inspect(files, { standard: 'fake' });
      expect(inspection.files().map(({ path, state }) => [path, state])).toEqual([
        ['一/a.jsonl', 'read'],
        ['二/a.jsonl', 'read'],
        ['三/b.jsonl', 'duplicate'],
        ['二/a (2).jsonl', 'read'],
      ]);
      expect(inspection.diagnostics).toMatchObject([{ code: 'file-duplicate', file: '三/b.jsonl', message: { en: 'Its bytes are those of 一/a.jsonl; they are counted once.' } }]);
      expect([0, 1, 2].map((i) => [inspection.id(i), inspection.file(i)])).toEqual([
        ['x', '一/a.jsonl'],
        ['y', '二/a.jsonl'],
        ['z', '二/a (2).jsonl'],
      ]);
    }
  });

  it('reads only the file again about which somebody knows better', async () => {
    const made = rig({}, { workers: 1 });
    const files = many();
    const before = await made.engine.inspect(files, { standard: 'fake' });
    const corrections = new Map([['f05.jsonl', { format: 'other' }]]);
    const known = made.workers.length;
    const again = await made.engine.inspect(before.inputs, { standard: 'fake', corrections, before });
    const scanned = made.workers.slice(known).flatMap(({ sent }) => sent).filter((sent) => (sent as { kind: string }).kind === 'scan');
    expect(scanned).toMatchObject([{ params: { tasks: [{ name: 'f05.jsonl', corrections: { format: 'other' } }] } }]);
    // Each has a list of its own, so that nothing is missing here should the other come to nothing.
    expect(again.results[4]!.pieces).toEqual(before.results[4]!.pieces);
    expect(again.results[4]!.pieces).not.toBe(before.results[4]!.pieces);
    expect(again.files()[5]).toMatchObject({ detection: { format: 'other' }, corrections: { format: 'other' } });
    expect(await (await again.report('json')).text()).toBe(await (await before.report('json')).text());
  });

  it('shows what was found first', async () => {
    const seen: string[][] = [];
    await rig().engine.inspect(many(), { standard: 'fake', onProgress: ({ first }) => seen.push(first.map(({ id }) => id)) });
    expect(seen.at(-1)!.length).toBe(8);
    expect(seen.at(-1)![0]).toBe('c0-0');
  });

  it('shows what is in the beginning of a long file, and counts it once', async () => {
    const lines = Array.from({ length: 12 }, (_, n) => JSON.stringify({ id: `c${n}`, messages: [{ role: 'customer', sender: '买家', text: '在吗' }, { role: 'agent', sender: '小安', text: '不知道' }] }));
    const rude = () => file('a.csv', `${lines.join('\n')}\n`);
    const seen: { first: string[]; conversations: number }[] = [];
    const made = rig({}, { workers: 1, preview: 1 });
    const inspection = await made.engine.inspect([rude()], { standard: 'fake', onProgress: ({ first, conversations }) => seen.push({ first: first.map(({ id }) => id), conversations }) });
    const plain = await rig().engine.inspect([rude()], { standard: 'fake' });
    // Half of the beginning, because the rest may go on behind it.
    const [beginning] = seen.filter(({ first }) => first.length > 0);
    expect(beginning).toEqual({ first: ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'], conversations: 0 });
    expect(seen.at(-1)).toEqual({ first: ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'], conversations: 12 });
    expect(await (await inspection.report('json')).text()).toBe(await (await plain.report('json')).text());
    expect(inspection.files()).toEqual(plain.files());
  });
});

describe('an inspection', () => {
  it('re-scores a reviewed conversation and the agents', async () => {
    const { engine } = rig();
    const inspection = await engine.inspect([good(), rude()], { standard: 'fake' });
    expect(inspection.column('total')[2]).toBe(90);
    await inspection.review(2, [{ finding: 0, review: 'confirmed' }]);
    expect(inspection.column('total')[2]).toBe(40);
    expect((await inspection.conversation(2)).findings[0]!.review).toBe('confirmed');
    await inspection.review(2, [{ finding: 0, review: 'rejected' }]);
    expect(inspection.column('total')[2]).toBe(100);
    expect(inspection.agents[0]!.critical).toBe(0);
  });

  it('puts the report together from bytes, with the reviewed line', async () => {
    const { engine } = rig();
    const inspection = await engine.inspect([good(), rude()], { standard: 'fake' });
    await inspection.review(2, [{ finding: 0, review: 'confirmed' }]);
    const json = JSON.parse(await (await inspection.report('json')).text());
    expect(json.conversations.map(({ id }: { id: string }) => id)).toEqual(['a1', 'a2', 'b1']);
    expect(json.conversations[2].findings[0].review).toBe('confirmed');
    const csv = new Uint8Array(await (await inspection.report('csv')).arrayBuffer());
    expect([...csv.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(new TextDecoder().decode(csv).split('\r\n')).toEqual([
      'conversation,rule,quote',
      'a2,fake/forbid-shirk,不知道',
      'b1,fake/forbid-abuse,滚',
      '',
    ]);
  });

  it('gives the transcripts of every file, one a line, and says which has gone', async () => {
    const { engine } = rig();
    const gone = rude();
    const inspection = await engine.inspect([good(), gone], { standard: 'fake' });
    const lines = (await (await inspection.cleaned()).text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(['a1', 'a2', 'b1']);
    remove(gone);
    await expect(inspection.cleaned()).rejects.toMatchObject({ code: 'file-unreadable', failure: { place: { file: 'b.jsonl' } } });
  });

  it('finds words, ids and senders, and not keys', async () => {
    const { engine } = rig();
    const inspection = await engine.inspect([good(), rude()], { standard: 'fake' });
    expect([...(await inspection.search('有货'))]).toEqual([1]);
    expect([...(await inspection.search('B1'))]).toEqual([2]);
    expect([...(await inspection.search('小安'))]).toEqual([0, 1, 2]);
    expect([...(await inspection.search('sender'))]).toEqual([]);
  });

  it('e28: tells that a file has changed since, and goes on', async () => {
    const { engine } = rig();
    const gone = rude();
    const inspection = await engine.inspect([good(), gone], { standard: 'fake' });
    remove(gone);
    await expect(inspection.transcript(2)).rejects.toMatchObject({ code: 'file-unreadable', failure: { place: { file: 'b.jsonl' } } });
    expect((await inspection.transcript(1)).messages[0]!.text).toBe('有货吗');
    expect((await inspection.conversation(2)).findings.length).toBe(1);
    expect([...(await inspection.search('在吗'))]).toEqual([0]);
  });
});
