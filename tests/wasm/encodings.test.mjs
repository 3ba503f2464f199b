// What Node makes of the old encodings and of clusters is what tests/fixtures/encodings says, which the engine is
// compared with (tests/formats/encodings.rs). The fixture is Chromium's; where Node's tables are not those of the
// Encoding Standard, the rows are named here and ../e2e/encodings.spec.ts answers for them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { tables } from './encodings.mjs';

const FIXTURES = new URL('../fixtures/encodings/', import.meta.url);
const EMOJI = new URL('../../../shared/fixtures/reference/text/emoji-sequences/dist/latest/index-strings.txt', import.meta.url);

/** Rows in which Node 20 differs: private codes of GBK, the Hong Kong and vendors' parts of Big5. */
const ODD = {
  gb18030: /^$/,
  four: /^$/,
  gbk: /^(a[23689]|fe)$/,
  big5: /^(8\w|9\w|a[03]|c[678]|f[9-e])$/,
};

test('the tables of TextDecoder', async () => {
  const expected = JSON.parse(await readFile(new URL('tables.json', FIXTURES), 'utf8'));
  const found = tables();
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [label, rows] of Object.entries(expected)) {
    const odd = Object.keys(rows).filter((lead) => found[label][lead] !== rows[lead]);
    assert.deepEqual(odd.filter((lead) => !ODD[label].test(lead)), [], label);
    console.log(`${label}: ${Object.keys(rows).length - odd.length} of ${Object.keys(rows).length} rows are the same`);
  }
});

const segmenter = new Intl.Segmenter('zh', { granularity: 'grapheme' });
const clusters = (text) => Array.from(segmenter.segment(text), ({ segment }) => segment);

test('the clusters of Intl.Segmenter', async () => {
  const lines = (await readFile(new URL('clusters.txt', FIXTURES), 'utf8')).trimEnd().split('\n');
  for (const line of lines) assert.equal(clusters(line.replaceAll('\u241f', '')).join('\u241f'), line);
});

test('every emoji is one cluster', async (context) => {
  const list = await readFile(EMOJI, 'utf8').catch(() => undefined);
  if (list === undefined) return context.diagnostic('the list of emoji is absent: its check is skipped');
  const emoji = list.trimEnd().split('\n');
  assert.deepEqual(emoji.filter((one) => clusters(one).length !== 1), []);
  context.diagnostic(`${emoji.length} emoji`);
});
