// Ten thousand conversations: the page stays free, tells how far it is, and stops when told.
import { writeFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

import { expect, test } from './fixtures';
import { inspected, open, transcript } from './zhijian';

const QUESTIONS = ['请问有货吗', '什么时候发货', '能便宜点吗', '怎么还没到', '尺寸怎么选', '可以退吗'];
const ANSWERS = ['您好，有货的', '今天下午发出', '不知道，你看物流吧', '亲，稍等我查一下', '哦', '可以的，7 天内都能退换，祝您生活愉快'];

function batch(conversations: number): string {
  const lines: string[] = [];
  for (let c = 0; c < conversations; c += 1) {
    const said = Array.from({ length: 12 }, (_, m) => ({
      role: m % 2 === 0 ? ('customer' as const) : ('agent' as const),
      sender: m % 2 === 0 ? `买家${c}` : `客服${c % 40}`,
      after: 10 + ((c * 7 + m * 13) % 90),
      text: m % 2 === 0 ? `${QUESTIONS[(c + m) % 6]}${c}` : `${ANSWERS[(c * 5 + m) % 6]}`,
    }));
    lines.push(JSON.stringify(transcript(`L${c}`, said, Date.UTC(2026, 2, 1) + c * 60_000)));
  }
  return lines.join('\n');
}

async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    (globalThis as unknown as { tasks: number[] }).tasks = tasks;
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ entryTypes: ['longtask'] });
  });
}

const tasks = (page: Page) => page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks.map(Math.round));

// Tracing takes snapshots in the page itself, and those are long tasks.
test.use({ trace: 'off', screenshot: 'off' });
test.describe.configure({ timeout: 180_000 });

/** Makes every worker remember the memory of the module it instantiates; the page's own code stays as it is. */
async function weigh(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const hook = `{
      const Made = WebAssembly.Instance;
      WebAssembly.Instance = function (...args) {
        const instance = new Made(...args);
        globalThis.heap = () => instance.exports.memory.buffer.byteLength;
        return instance;
      };
    }`;
    const Whole = Blob;
    globalThis.Blob = class extends Whole {
      constructor(parts: BlobPart[] = [], options?: BlobPropertyBag) {
        super(/javascript/.test(options?.type ?? '') ? [hook, ...parts] : parts, options);
      }
    };
  });
}

/** The linear memory of every worker that has one, in bytes. It never shrinks, so the last figure is the highest. */
async function heaps(page: Page): Promise<number[]> {
  const all = await Promise.all(
    page.workers().map((worker) => worker.evaluate(() => (globalThis as { heap?: () => number }).heap?.()).catch(() => undefined)),
  );
  return all.filter((bytes) => bytes !== undefined);
}

test('120,000 messages are inspected with progress, and no task of the page is long', async ({ page }, info) => {
  const file = info.outputPath('large.jsonl');
  writeFileSync(file, batch(10_000));
  await weigh(page);
  await open(page);
  await page.waitForTimeout(500);
  await watch(page);
  await page.evaluate(() => {
    const seen: number[] = [];
    (globalThis as unknown as { seen: number[] }).seen = seen;
    new MutationObserver(() => {
      const value = document.querySelector('progress')?.value;
      if (value !== undefined && value !== seen.at(-1)) seen.push(value);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  const begun = Date.now();
  await page.locator('input[type=file][multiple]').setInputFiles(file);
  await expect(page.getByRole('heading', { level: 1, name: '客服', exact: true })).toBeVisible({ timeout: 150_000 });
  const took = Date.now() - begun;
  await expect(page.locator('main tbody tr')).toHaveCount(40);
  const weights = await heaps(page);
  expect(weights.length).toBeGreaterThan(0);
  expect(Math.max(...weights)).toBeLessThan(200_000_000);
  await expect(page.getByText('10,000 段会话')).toBeVisible();
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);
  expect(seen.length).toBeGreaterThan(2);
  expect([...seen].sort((a, b) => a - b)).toEqual(seen);

  await page.getByRole('link', { name: '会话', exact: true }).click();
  await expect(page.locator('tr.row').first()).toBeVisible();
  expect(await page.locator('tr.row').count()).toBeLessThan(80);
  await page.keyboard.press('End');
  await expect(page.locator('tr.row', { hasText: 'L9999' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'L9999' })).toBeVisible();
  await page.goBack();
  await expect(page.locator('tr.row', { hasText: 'L9999' })).toBeInViewport();
  await page.getByRole('button', { name: '得分' }).click();
  await page.getByRole('searchbox').fill('尺寸怎么选9998');
  await expect(page.locator('tr.row')).toHaveCount(1, { timeout: 30_000 });
  await page.locator('tr.row a').first().click();
  await expect(page.locator('[data-text="0"]')).toBeVisible();
  await page.getByRole('button', { name: '导出' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /^JSON 完整/ }).click()]);
  await download.path();
  const long = await tasks(page);
  console.log(`10,000 conversations in ${took} ms; heap ${weights.join(', ')} bytes; tasks over 50 ms: ${long.join(', ') || 'none'}`);
  expect(Math.max(0, ...long)).toBeLessThan(100);
});

test('cancelling is seen within 200 ms and ends the worker', async ({ page }, info) => {
  const file = info.outputPath('large.jsonl');
  writeFileSync(file, batch(10_000));
  await open(page);
  await page.locator('input[type=file][multiple]').setInputFiles(file);
  await expect(page.locator('dd').first()).not.toHaveText('0');
  const [worker] = page.workers();
  const closed = new Promise<number>((resolve) => worker?.once('close', () => resolve(Date.now())));
  const cancelled = Date.now();
  const took = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const begun = performance.now();
        const button = [...document.querySelectorAll('button')].find(({ textContent }) => textContent?.includes('取消'));
        new MutationObserver((_, observer) => {
          if (document.querySelector('progress') !== null) return;
          observer.disconnect();
          resolve(performance.now() - begun);
        }).observe(document.body, { subtree: true, childList: true });
        button?.click();
      }),
  );
  expect(took).toBeLessThan(200);
  const gone = (await closed) - cancelled;
  console.log(`cancel: the page after ${Math.round(took)} ms, the worker gone after ${gone} ms`);
  expect(gone).toBeLessThan(400);
  await expect(page.getByRole('button', { name: '试用内置样例' })).toBeVisible();
  await page.getByRole('button', { name: '试用内置样例' }).click();
  await inspected(page);
});
