import { describe, expect, it } from 'vitest';

import { Connection } from './connection';
import { EngineError } from './protocol';
import { fakeCore } from './test/fake';
import { FakeWorker, jsonl, rig } from './test/worker';

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
    expect(inspection.conversation(1).findings[0]).toMatchObject({ rule: 'fake/forbid-shirk', message: 1, span: { start: 0, end: 3 } });
    expect(inspection.transcript(0).messages[1]).toMatchObject({ text: '您好，在的', role: 'agent' });
    expect(inspection.files()).toEqual([
      { path: 'a.jsonl', size: good().size, state: 'read', conversations: 2, messages: 4, diagnostics: 0 },
    ]);
  });

  it('hands in tables of records before the conversations they are about', async () => {
    const { engine } = rig();
    const survey = new File(['会话ID,满意度\na1,2\n'], 'survey.csv');
    const seen: string[] = [];
    const inspection = await engine.inspect([good(), survey], {
      standard: 'fake',
      onProgress: ({ file }) => {
        if (file !== undefined && seen.at(-1) !== file) seen.push(file);
      },
    });
    expect(seen).toEqual(['survey.csv', 'a.jsonl']);
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
    const broken = new File(['x'], 'gone.csv');
    broken.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'));
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
    expect(inspection.diagnostics).toMatchObject([{ code: 'file-trapped', file: 'trap.jsonl' }]);
    expect(inspection.agents).toMatchObject([{ agent: '小安', conversations: 3 }]);
    expect(made.workers.map(({ ended }) => ended)).toEqual([true, false]);
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
    expect(made.workers[0]!.ended).toBe(true);
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

describe('an inspection', () => {
  it('re-scores a reviewed conversation and the agents', async () => {
    const { engine } = rig();
    const inspection = await engine.inspect([good(), rude()], { standard: 'fake' });
    expect(inspection.column('total')[2]).toBe(90);
    await inspection.review(2, [{ finding: 0, review: 'confirmed' }]);
    expect(inspection.column('total')[2]).toBe(40);
    expect(inspection.conversation(2).findings[0]!.review).toBe('confirmed');
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

  it('finds words, ids and senders, and not keys', async () => {
    const { engine } = rig();
    const inspection = await engine.inspect([good(), rude()], { standard: 'fake' });
    expect([...(await inspection.search('有货'))]).toEqual([1]);
    expect([...(await inspection.search('B1'))]).toEqual([2]);
    expect([...(await inspection.search('小安'))]).toEqual([0, 1, 2]);
    expect([...(await inspection.search('sender'))]).toEqual([]);
  });
});
