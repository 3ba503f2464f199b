// Pictures of every view, for looking at: `node tests/e2e/shots.mjs [address] [folder]`. Needs the page to be served.
import { mkdirSync } from 'node:fs';

import { chromium } from '@playwright/test';

const [, , address = 'http://127.0.0.1:8080/', folder = 'test-results/shots'] = process.argv;
const only = process.env['SHOTS']?.split(',');
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

for (const [name, width, height] of [['wide', 1440, 900], ['narrow', 390, 844]]) {
  for (const colorScheme of ['light', 'dark']) {
    for (const locale of ['zh-CN', 'en-GB']) {
      const set = `${name}-${colorScheme}-${locale.slice(0, 2)}`;
      if (only && !only.includes(set)) continue;
      const page = await browser.newPage({ viewport: { width, height }, colorScheme, locale, timezoneId: 'Asia/Shanghai' });
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && console.log(set, message.text()));
      page.on('pageerror', (error) => console.log(set, error.message));
      const shot = async (view) => {
        await page.waitForTimeout(350);
        await page.screenshot({ path: `${folder}/${set}-${view}.png` });
      };
      await page.goto(address);
      await page.locator('#standard option').nth(1).waitFor({ state: 'attached' });
      await shot('start');
      await page.locator('.drop .row button').nth(2).click();
      await page.locator('main table').first().waitFor();
      await shot('agents');
      await page.goto(`${address}#/conversations`);
      await shot('conversations');
      await page.goto(`${address}#/files`);
      await shot('files');
      await page.locator('.how').first().click();
      await page.locator('.remarks li button').first().click();
      await shot('files-reading');
      await page.locator('.remarks').scrollIntoViewIfNeeded();
      await shot('files-remarks');
      for (const index of [1, 3]) {
        await page.goto(`${address}#/conversation/${index}?finding=0`);
        await shot(`conversation-${index}`);
        if (name === 'narrow') {
          await page.getByRole('tab').nth(1).click();
          await shot(`findings-${index}`);
          await page.getByRole('tab').nth(2).click();
          await shot(`score-${index}`);
          await page.getByRole('tab').nth(0).click();
        }
      }
      await page.close();
    }
  }
}
await browser.close();
