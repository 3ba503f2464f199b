// The browser's own decoder and segmenter say what tests/fixtures/encodings says, with which the engine is compared.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { tables } from '../wasm/encodings.mjs';
import { expect, test } from './fixtures';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures/encodings', name), 'utf8');

test('every code of GB18030, GBK and Big5 is decoded as the engine does', async ({ page }) => {
  expect(await page.evaluate(tables)).toEqual(JSON.parse(fixture('tables.json')));
});

test('clusters are those of the engine', async ({ page }) => {
  const lines = fixture('clusters.txt').trimEnd().split('\n');
  const found = await page.evaluate((texts) => {
    const segmenter = new Intl.Segmenter('zh', { granularity: 'grapheme' });
    return texts.map((text) => Array.from(segmenter.segment(text), ({ segment }) => segment).join('\u241f'));
  }, lines.map((line) => line.replaceAll('\u241f', '')));
  expect(found).toEqual(lines);
});
