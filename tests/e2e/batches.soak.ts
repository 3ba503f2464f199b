// What a whole month of a large shop is: half a gigabyte in one file, ten thousand files in one drop. ZHIJIAN_SOAK_MB
// makes the large file smaller, for a look in between.
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Page } from '@playwright/test';

import { expect, test } from './fixtures';
import { MB, choose, digest, done, farCell, line, many, memory, notes, table, tune, watch, zip } from './made';
import { open, save } from './zhijian';

const SIZE = Number(process.env['ZHIJIAN_SOAK_MB'] ?? 500);

test.use({ trace: 'off', screenshot: 'off' });

/** The standard is read while somebody chooses files. */
async function begin(page: Page): Promise<void> {
  await open(page);
  await page.evaluate(() => window.dispatchEvent(new DragEvent('dragover', { cancelable: true })));
  await page.waitForTimeout(3000);
  await page.evaluate(() => window.dispatchEvent(new DragEvent('dragleave')));
  await watch(page);
}

// The lines are short: 590,000 conversations, of which every name is an object of the page's.
for (const [kind, longest] of [['csv', 100], ['jsonl', 150]] as const) {
  test(`${SIZE} MB of ${kind} within 600 MB, and no task of the page over ${longest} ms`, async ({ page, browser }, info) => {
    const path = info.outputPath(`large.${kind}`);
    let conversations = 0;
    if (kind === 'csv') ({ conversations } = table(path, SIZE * MB));
    else {
      let size = 0;
      writeFileSync(path, '');
      while (size < SIZE * MB) {
        let part = '';
        for (let i = 0; i < 5000; i += 1) part += line(conversations++);
        writeFileSync(path, part, { flag: 'a' });
        size += Buffer.byteLength(part);
      }
    }
    await begin(page);
    const watched = await memory(browser, page);
    const before = watched.peak();
    const begun = Date.now();
    await choose(page, path);
    await done(page, 25 * 60_000);
    const took = (Date.now() - begun) / 1000;
    const scanned = watched.peak();
    await expect(page.locator('main').getByText(`${conversations.toLocaleString('en')} 段会话`)).toBeVisible();
    const opened = Date.now();
    await page.goto(`./#/conversation/${conversations - 3}`);
    await expect(page.locator('[data-text="0"]')).toContainText(String(conversations - 3));
    const shown = Date.now() - opened;
    const { tasks, when, begun: at, first } = await notes(page);
    watched.stop();
    console.log(
      `${kind}: ${(statSync(path).size / MB).toFixed(0)} MB, ${conversations} conversations in ${took.toFixed(0)} s; memory ${(before / MB).toFixed(0)} MB before, ` +
        `${(scanned / MB).toFixed(0)} MB at most; first results after ${Math.round(first - at)} ms; a conversation shown after ${shown} ms; tasks over 50 ms: ${when.join(', ') || 'none'}`,
    );
    rmSync(path);
    expect(scanned).toBeLessThan(600 * MB);
    expect(Math.max(0, ...tasks)).toBeLessThan(longest);
  });
}

test('ten thousand files within three times one file of the same bytes', async ({ page }, info) => {
  const { files, one } = many(info.outputDir, 10_000);
  const run = async (what: string | string[]): Promise<{ took: number; first: number; tasks: number[]; when: string[]; hash: string }> => {
    await page.goto('about:blank');
    await begin(page);
    await choose(page, what);
    await done(page, 10 * 60_000);
    const { begun, done: end, first, tasks, when } = await notes(page);
    const report = JSON.parse((await save(page, 'JSON')).bytes.toString()) as { agents: object[] };
    return { took: end - begun, first: first - begun, tasks, when, hash: digest(Buffer.from(JSON.stringify(report.agents))) };
  };
  const single = await run(one);
  const all = await run(files);
  console.log(
    `one file: ${Math.round(single.took)} ms, first results after ${Math.round(single.first)} ms; ten thousand: ${Math.round(all.took)} ms (${(all.took / single.took).toFixed(2)} times), ` +
      `first results after ${Math.round(all.first)} ms; tasks over 50 ms: ${all.when.join(', ') || 'none'}`,
  );
  expect(all.hash).toBe(single.hash);
  expect(all.took).toBeLessThan(3 * single.took);
  expect(Math.max(single.first, all.first)).toBeLessThan(500);
  expect(Math.max(0, ...all.tasks)).toBeLessThan(100);
});

test('a worker that goes down in the middle is replaced within 100 ms', async ({ page }, info) => {
  const { files } = many(info.outputDir, 3000);
  await tune(page, { workers: 1, standby: 0, trap: { file: 'f02900.jsonl', kind: 'trap' } });
  await begin(page);
  await choose(page, files);
  await done(page, 5 * 60_000);
  const replaced = await page.evaluate(() => performance.getEntriesByName('zhijian-worker-replaced').map(({ duration }) => Math.round(duration)));
  console.log(`replaced after ${replaced.join(', ')} ms`);
  await page.goto('./#/files');
  await expect(page.locator('.remarks li').filter({ hasText: 'engine-trapped' })).toContainText('f02900.jsonl');
  expect(replaced.length).toBe(1);
  expect(replaced[0]).toBeLessThan(100);
});

test('slices and workers change nothing in 20 MB', async ({ browser, page }, info) => {
  mkdirSync(info.outputDir, { recursive: true });
  const files = ['a', 'b', 'c'].map((name) => join(info.outputDir, `${name}.jsonl`));
  for (const [i, path] of files.entries()) {
    let text = '';
    for (let n = 0; n < 2500; n += 1) text += line(i * 10_000 + n, '，'.padEnd(260, '尺码表见详情页。'));
    writeFileSync(path, text);
  }
  await page.goto('./');
  const address = page.url();
  const found = new Map<string, string>();
  for (const workers of [1, 2, 8]) {
    for (const slice of [1, 7, 1 << 16, 4 << 20]) {
      const context = await browser.newContext();
      const other = await context.newPage();
      await tune(other, { workers, slice, pull: slice, whole: 0 });
      await other.goto(address);
      await choose(other, files);
      await done(other, 5 * 60_000);
      found.set(`${workers} workers, slices of ${slice}`, digest((await save(other, 'JSON')).bytes));
      await context.close();
    }
  }
  console.log([...found].map(([how, hash]) => `${hash.slice(0, 12)} ${how}`).join('\n'));
  expect(new Set(found.values()).size).toBe(1);
});

test('a far cell and an archive that swells are refused at once and take no room', async ({ page, browser }, info) => {
  mkdirSync(info.outputDir, { recursive: true });
  const good = join(info.outputDir, 'good.jsonl');
  writeFileSync(good, line(1));
  const bomb = zip([{ name: 'chats.csv', content: Buffer.alloc(500 * MB, '会话ID,内容\n') }]);
  // One that says it holds 1,000 bytes.
  const lying = Buffer.from(bomb);
  lying.writeUInt32LE(1000, 22);
  lying.writeUInt32LE(1000, lying.lastIndexOf('PK\x01\x02', undefined, 'latin1') + 24);
  const run = async (path: string): Promise<{ took: number; memory: number }> => {
    await page.goto('about:blank');
    await begin(page);
    const watched = await memory(browser, page);
    const before = watched.peak();
    await choose(page, path === good ? good : [good, path]);
    await done(page, 60_000);
    watched.stop();
    // In the page's own time: looking at it from outside is done ever more seldom.
    const { begun, done: end } = await notes(page);
    return { took: Math.round(end - begun), memory: watched.peak() - before };
  };
  const alone = await run(good);
  for (const [name, content] of [['far.xlsx', farCell()], ['bomb.zip', bomb], ['lying.zip', lying]] as const) {
    const path = join(info.outputDir, name);
    writeFileSync(path, content);
    const { took, memory: room } = await run(path);
    console.log(`${name}, ${content.length} bytes: ${took - alone.took} ms and ${((room - alone.memory) / MB).toFixed(0)} MB more than without`);
    await page.goto('./#/files');
    await expect(page.locator('.remarks li').filter({ hasText: name }).first()).toBeVisible();
    expect(took - alone.took).toBeLessThan(200);
    expect(room - alone.memory).toBeLessThan(64 * MB);
  }
});
