// What holds for the built page before any browser opens it.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import test from 'node:test';
import { gzipSync } from 'node:zlib';

const DIST = new URL('../../www/dist/', import.meta.url);
/** Scripts and styles that index.html names, compressed with gzip. 1 KB is 1,000 bytes. */
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

test('the engine and the dictionary are files of their own', () => {
  assert.equal(assets.filter((name) => name.endsWith('.wasm')).length, 1, assets.join());
  assert.equal(assets.filter((name) => /^dict-.*\.txt$/.test(name)).length, 1, assets.join());
});

test('no script carries a file inside it', async () => {
  for (const name of assets.filter((name) => name.endsWith('.js'))) {
    const source = await readFile(new URL(`assets/${name}`, DIST), 'utf8');
    assert.doesNotMatch(source, /data:[\w/+.-]*;base64,[\w+/]{200}/, name);
  }
});

test('what the page names at once stays within its budget', async () => {
  let raw = 0;
  let gzip = 0;
  for (const [, address] of html.matchAll(/\b(?:src|href)="(\.\/[^"]+\.(?:js|css))"/g)) {
    const body = await readFile(new URL(address, DIST));
    raw += body.length;
    gzip += gzipSync(body, { level: 9 }).length;
  }
  console.log(`named by index.html: ${gzip} bytes with gzip, ${raw} bytes as they are`);
  assert.ok(raw > 0);
  assert.ok(gzip <= BUDGET, `${gzip} bytes`);
});
