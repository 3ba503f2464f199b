// What the page exports is, byte for byte, what the command line writes. See ../wasm/native.mjs for the program that is
// compared with: `cargo xtask` names it in ZHIJIAN_BIN, and without any these tests fail.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { batch, difference, report } from '../wasm/native.mjs';
import { expect, test } from './fixtures';
import { drop, inspected, open, save } from './zhijian';

const CASES = join(import.meta.dirname, '../fixtures/cases');

for (const { name, standard, content } of [
  { name: '05-taobao.json', standard: 'taobao', content: () => readFileSync(join(CASES, '05-taobao.json')) },
  { name: '01-pdd.json', standard: 'pinduoduo', content: () => readFileSync(join(CASES, '01-pdd.json')) },
  { name: 'batch.jsonl', standard: 'taobao', content: () => Buffer.from(batch()) },
]) {
  test(`${name} under ${standard}: the page and the command line give the same bytes`, async ({ page }) => {
    const native = await report(name, content(), standard);
    await open(page);
    await page.locator('#standard').selectOption(standard);
    await drop(page, [{ name, content: content() }]);
    await inspected(page);
    const exported = await save(page, 'JSON');
    expect(exported.name).toBe(`zhijian-${standard}.json`);
    expect(difference(exported.bytes, native)).toBeUndefined();
  });
}
