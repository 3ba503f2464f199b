// What both configurations share: which browser, which address, and how much time.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { type PlaywrightTestConfig } from '@playwright/test';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function chromium(): string {
  const named = process.env['CHROMIUM'];
  if (named) return named;
  for (const name of NAMES) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const file = join(folder, name);
      if (existsSync(file)) return file;
    }
  }
  throw new Error('no Chromium found: install one, or set CHROMIUM to its path');
}

/**
 * `cargo xtask` serves the page itself and names it in ZHIJIAN_URL. Run by hand, Playwright starts a server over what
 * was built last and reads its port from what it prints.
 */
export const config: PlaywrightTestConfig = {
  testDir: '.',
  outputDir: '../../test-results',
  forbidOnly: true,
  fullyParallel: true,
  retries: 0,
  reporter: [['list']],
  use: {
    baseURL: process.env['ZHIJIAN_URL'] ?? `http://127.0.0.1:${process.env['ZHIJIAN_PORT'] ?? 0}/`,
    browserName: 'chromium',
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: chromium(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  ...(process.env['ZHIJIAN_URL']
    ? {}
    : {
        webServer: {
          command: 'cargo xtask serve --no-build --no-open --port 0',
          cwd: join(import.meta.dirname, '../..'),
          wait: { stdout: /http:\/\/127\.0\.0\.1:(?<zhijian_port>\d+)\// },
          timeout: 180_000,
        },
      }),
};
