// What the engine in wasm says is, byte for byte, what the command line says. See native.mjs for the program compared with.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { dictionary, engine } from './engine.mjs';
import { batch, difference, report } from './native.mjs';

const CASES = new URL('../fixtures/cases/', import.meta.url);

/** The report, put together as the page does it. */
async function inspected(name, bytes, standard) {
  const { Session } = await engine();
  const session = new Session({ standard });
  const lines = [];
  session.add(name, bytes);
  for (;;) {
    const step = session.step(50);
    const taken = session.take();
    let start = 0;
    for (const end of taken.lineEnds) {
      lines.push(taken.lines.slice(start, end));
      start = end;
    }
    if (step.needsDictionary) session.loadDictionary(new TextEncoder().encode(await dictionary()));
    else if (step.done) break;
  }
  const parts = [session.head()];
  lines.forEach((line, index) => parts.push(...(index === 0 ? [line] : [Buffer.from(','), line])));
  parts.push(session.tail());
  session.free();
  return Buffer.concat(parts);
}

for (const [name, standard] of [
  ['05-taobao.json', 'taobao'],
  ['01-pdd.json', 'pinduoduo'],
  ['06-tricky-pdd-clean.json', 'pinduoduo'],
]) {
  test(`${name} under ${standard}: wasm and native give the same bytes`, async () => {
    const bytes = await readFile(new URL(name, CASES));
    const native = await report(name, bytes, standard);
    assert.ok(JSON.parse(native.toString('utf8')).conversations.length > 0);
    assert.equal(difference(await inspected(name, bytes, standard), native), undefined);
  });
}

for (const standard of ['taobao', 'pinduoduo']) {
  test(`a made batch under ${standard}: wasm and native give the same bytes`, async () => {
    const bytes = Buffer.from(batch());
    const native = await report('batch.jsonl', bytes, standard);
    const findings = JSON.parse(native.toString('utf8')).conversations.flatMap(({ findings }) => findings);
    assert.ok(findings.length > 20, `${findings.length} findings`);
    assert.equal(difference(await inspected('batch.jsonl', bytes, standard), native), undefined);
  });
}
