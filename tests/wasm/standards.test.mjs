// The start view names the built-in standards before the engine is there, from www/src/standards.json. This test
// compares that list with the engine; after a standard changed, `ZHIJIAN_UPDATE=1 node --test tests/wasm/` writes it.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import test from 'node:test';

import { engine } from './engine.mjs';

const LIST = new URL('../../www/src/standards.json', import.meta.url);

test('the page’s list of built-in standards says what the engine says', async () => {
  const { standards } = await engine();
  const heads = standards().map(({ id, version, title, dimensions, rules }) => ({
    id,
    version,
    title,
    dimensions: dimensions.map(({ id, title, weight }) => ({ id, title, weight })),
    rules: rules.length,
  }));
  if (process.env.ZHIJIAN_UPDATE) await writeFile(LIST, `${JSON.stringify(heads, null, 2)}\n`);
  const listed = JSON.parse(await readFile(LIST, 'utf8'));
  assert.deepEqual(listed, heads, 'www/src/standards.json is out of date: ZHIJIAN_UPDATE=1 node --test tests/wasm/ writes it');
});
