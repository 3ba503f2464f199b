// What holds for the module whatever it exports: it starts, wants nothing from its host but its own bindings, tells
// nothing about the machine that built it, and stays small.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import test from 'node:test';
import { brotliCompressSync, constants } from 'node:zlib';

import { bytes, dictionary, engine, fresh } from './engine.mjs';

/** The engine without the dictionary, with brotli at 11. 1 KB is 1,000 bytes. */
const BUDGET = 600_000;

test('the module starts, and each instance is its own', async () => {
  const [one, two] = [await engine(), await fresh()];
  assert.notEqual(one, two);
  assert.equal(one, await engine());
});

test('the module imports nothing but its bindings', async () => {
  const module = await WebAssembly.compile(bytes);
  const foreign = WebAssembly.Module.imports(module).filter(({ module }) => module !== './zhijian_bg.js');
  assert.deepEqual(foreign, []);
});

test('the bindings fetch nothing by themselves', async () => {
  const source = await readFile(new URL('../../pkg/wasm/zhijian.js', import.meta.url), 'utf8');
  assert.doesNotMatch(source, /import\.meta\.url/);
});

test('the module does not name the folders of the machine that built it', () => {
  const text = bytes.toString('latin1');
  assert.ok(!text.includes(homedir()), homedir());
  assert.doesNotMatch(text, /\/(home|Users|root)\/[\w.-]+\/|\.cargo\/registry/);
});

test('the engine stays within its budget', () => {
  const compressed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  console.log(`engine: ${compressed.length} bytes with brotli, ${bytes.length} bytes as it is`);
  assert.ok(compressed.length <= BUDGET, `${compressed.length} bytes`);
});

test('the dictionary is whole: a word, a frequency and a part of speech in every line', async () => {
  const lines = (await dictionary()).trimEnd().split('\n');
  assert.ok(lines.length > 300_000, `${lines.length} lines`);
  const odd = lines.findIndex((line) => !/^\S+ \d+( \S+)?\r?$/u.test(line));
  assert.equal(odd, -1, lines[odd]);
});
