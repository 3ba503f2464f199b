// Many files and long files: the same figures however they are cut and shared out, and nothing that goes wrong with
// one of them keeps the others.
import { rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { difference, report } from '../wasm/native.mjs';
import { expect, test } from './fixtures';
import { choose, digest, done, line, tune } from './made';
import { drop, inspected, open, save } from './zhijian';

test.describe.configure({ timeout: 120_000 });

/** One file that is longer than what is read at once. */
const LONG = Array.from({ length: 260 }, (_, n) => line(n, '，'.padEnd(220, '尺码表见详情页。'))).join('');

test('slices and workers change nothing', async ({ browser, page: first }, info) => {
  const folder = info.outputPath('files');
  mkdirSync(folder, { recursive: true });
  const files = [join(folder, 'a-long.jsonl')];
  writeFileSync(files[0]!, LONG);
  for (let n = 0; n < 12; n += 1) {
    files.push(join(folder, `b${n}.jsonl`));
    writeFileSync(files.at(-1)!, line(1000 + n) + line(2000 + n));
  }
  expect(Buffer.byteLength(LONG)).toBeGreaterThan(1.5 * (1 << 20));
  const native = await report('a-long.jsonl', LONG, 'pinduoduo');
  await open(first);
  await choose(first, files[0]!);
  await done(first, 60_000);
  expect(difference((await save(first, 'JSON')).bytes, native)).toBeUndefined();
  const found: Record<string, string> = {};
  for (const tuning of [
    { workers: 1 },
    { workers: 2, whole: 0, slice: 1, pull: 7 },
    { workers: 8, whole: 0, slice: 7, pull: 65536 },
    { workers: 2, whole: 0, slice: 65536, pull: 1 },
    { workers: 1, whole: 0, slice: 4 << 20, pull: 4 << 20 },
  ]) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await tune(page, tuning);
    await page.goto(first.url().replace(/#.*/, ''));
    await choose(page, files);
    await done(page, 60_000);
    found[JSON.stringify(tuning)] = digest((await save(page, 'JSON')).bytes);
    await context.close();
  }
  expect(new Set(Object.values(found)).size, JSON.stringify(found, null, 1)).toBe(1);
});

for (const kind of ['trap', 'overflow'] as const) {
  test(`e49: a file that ends in a ${kind} is named and the others are judged`, async ({ page }) => {
    await tune(page, { workers: 2, trap: { file: 'b.jsonl', kind } });
    await open(page);
    await drop(page, ['a', 'b', 'c', 'd'].map((name, n) => ({ name: `${name}.jsonl`, content: line(n) })));
    await inspected(page);
    const replaced = await page.evaluate(() => performance.getEntriesByName('zhijian-worker-replaced').map(({ duration }) => Math.round(duration)));
    console.log(`${kind}: the worker was replaced after ${replaced.join(', ')} ms`);
    expect(replaced.length).toBe(1);
    await page.getByRole('link', { name: '文件与诊断' }).click();
    await expect(page.locator('.remarks li').filter({ hasText: 'engine-trapped' })).toContainText('b.jsonl');
    await expect(page.locator('main table tbody tr').filter({ hasText: '已质检' })).toHaveCount(3);
  });
}

test('e28: a file that has changed or gone is told, and everything else goes on', async ({ page, troubles }, info) => {
  troubles.expect(/ERR_UPLOAD_FILE_CHANGED|could not be read/);
  const paths = ['a', 'b', 'c'].map((name, n) => {
    const path = info.outputPath(`${name}.jsonl`);
    writeFileSync(path, line(n));
    return path;
  });
  // The engine comes when the third file has gone.
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('./');
  await choose(page, paths);
  rmSync(paths[2]!);
  go();
  await inspected(page);
  await page.goto('./#/files');
  await expect(page.locator('.remarks li').filter({ hasText: 'file-unreadable' })).toContainText('c.jsonl');
  await page.goto('./#/conversation/0');
  await expect(page.locator('[data-text="0"]')).toBeVisible();
  writeFileSync(paths[1]!, line(77) + line(78));
  await page.goto('./#/conversation/1');
  await expect(page.getByRole('alert')).toContainText('b.jsonl');
  await expect(page.locator('[data-total]')).toBeVisible();
  await page.goto('./#/conversation/0');
  await expect(page.locator('[data-text="0"]')).toBeVisible();
});

test('e30: of a folder everything is listed, and what is hidden or no text is left out', async ({ page }, info) => {
  const folder = info.outputPath('导出');
  mkdirSync(join(folder, '三月', '.cache'), { recursive: true });
  writeFileSync(join(folder, 'a.jsonl'), line(1));
  writeFileSync(join(folder, '三月', 'a.jsonl'), line(2));
  writeFileSync(join(folder, '三月', '晒图.jpg'), 'no picture');
  writeFileSync(join(folder, '三月', '.DS_Store'), 'x');
  writeFileSync(join(folder, '三月', '.cache', 'b.jsonl'), line(3));
  await open(page);
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
  }
  await inspected(page);
  await page.goto('./#/files');
  await expect(page.locator('main table tbody tr')).toHaveCount(5);
  const rows = await page.locator('main table tbody tr').allInnerTexts();
  const states = rows.map((row) => row.replace(/\s+/g, ' ').trim().split(' ').slice(0, 2).join(' '));
  expect(states).toEqual(['导出/a.jsonl 已质检', '导出/三月/a.jsonl 已质检', '导出/三月/.DS_Store 跳过', '导出/三月/.cache 跳过', '导出/三月/晒图.jpg 跳过']);
});

test('e29: a thousand files, some of them twice', async ({ page }, info) => {
  const files: string[] = [];
  for (let n = 0; n < 1000; n += 1) {
    files.push(info.outputPath(`f${n}.jsonl`));
    writeFileSync(files.at(-1)!, line(n % 990));
  }
  await open(page);
  await choose(page, files);
  await done(page, 100_000);
  await expect(page.locator('main').getByText('990 段会话')).toBeVisible();
  await page.goto('./#/files');
  await expect(page.locator('.remarks li').filter({ hasText: 'file-duplicate' })).toHaveCount(10);
});

test('e31: when there is no room to save, the work is kept and can be saved later', async ({ page, troubles }) => {
  troubles.expect(/quota/);
  await page.addInitScript(() => {
    const read = Blob.prototype.arrayBuffer;
    Blob.prototype.arrayBuffer = function () {
      if ((globalThis as { full?: boolean }).full) return Promise.reject(new DOMException('quota exceeded', 'QuotaExceededError'));
      return read.call(this);
    };
  });
  await open(page);
  await drop(page, [{ name: 'a.jsonl', content: line(4) }]);
  await inspected(page);
  await page.evaluate(() => Object.assign(globalThis, { full: true }));
  await page.getByRole('button', { name: '导出' }).click();
  await page.getByRole('button', { name: /^JSON / }).click();
  await expect(page.getByRole('button', { name: '再试一次' })).toBeVisible();
  await page.evaluate(() => Object.assign(globalThis, { full: false }));
  await page.getByRole('button', { name: '再试一次' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /^JSON / }).click()]);
  expect(download.suggestedFilename()).toBe('zhijian-pinduoduo.json');
});
