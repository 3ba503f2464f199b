// What holds for the built page before any browser opens it.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import test from 'node:test';
import { gzipSync } from 'node:zlib';

const DIST = new URL('../../www/dist/', import.meta.url);
/** Bytes of JavaScript before the first drop, as they are. Styles are not counted. */
const BUDGET = 100_000;

const html = await readFile(new URL('index.html', DIST), 'utf8');
const assets = await readdir(new URL('assets/', DIST));

test('the page has no inline script, style or handler', () => {
  for (const [, attributes, body] of html.matchAll(/<script\b([^>]*)>([^]*?)<\/script>/g)) {
    assert.match(attributes, /\bsrc=/);
    assert.equal(body.trim(), '');
  }
  assert.doesNotMatch(html, /<style\b|\sstyle=|\son\w+=/);
});

test('every address in the page is relative to it', () => {
  const addresses = [...html.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  assert.ok(addresses.length > 0);
  assert.deepEqual(
    addresses.filter((address) => !/^(\.\/|data:,$)/.test(address)),
    [],
  );
});

test('the engine, what opens workbooks and the dictionary are files of their own', () => {
  assert.equal(assets.filter((name) => name.endsWith('.wasm')).length, 2, assets.join());
  assert.equal(assets.filter((name) => /^sheets_bg-.*\.wasm$/.test(name)).length, 1, assets.join());
  assert.equal(assets.filter((name) => /^dict-.*\.txt$/.test(name)).length, 1, assets.join());
});

test('no script carries a file inside it', async () => {
  for (const name of assets.filter((name) => name.endsWith('.js'))) {
    const source = await readFile(new URL(`assets/${name}`, DIST), 'utf8');
    assert.doesNotMatch(source, /data:[\w/+.-]*;base64,[\w+/]{200}/, name);
  }
});

/** What a script imports without being asked to. */
function imports(source) {
  return [...source.matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)].map(([, name]) => name);
}

test('the JavaScript before the first drop stays within its budget, in every language', async () => {
  const named = [...html.matchAll(/\b(?:src|href)="\.\/assets\/([^"]+\.js)"/g)].map(([, name]) => name);
  assert.ok(named.length > 0);
  const words = assets.filter((name) => /^(en|zh-Han[st])-[\w-]+\.js$/.test(name));
  assert.equal(words.length, 3, `the words of each language are a file of their own: ${words.join()}`);
  for (const language of words) {
    const needed = new Set([...named, language]);
    let raw = 0;
    let gzip = 0;
    // A set that grows while it is walked is walked to its end.
    for (const name of needed) {
      const body = await readFile(new URL(`assets/${name}`, DIST));
      raw += body.length;
      gzip += gzipSync(body, { level: 9 }).length;
      for (const imported of imports(body.toString('utf8'))) needed.add(imported);
    }
    console.log(`JavaScript before the first drop with ${language}: ${raw} bytes, ${gzip} with gzip, ${needed.size} files`);
    assert.ok(raw <= BUDGET, `${raw} bytes`);
  }
});
