import { defineConfig } from '@playwright/test';

import { config } from './chromium';

export default defineConfig({
  ...config,
  testMatch: '**/*.spec.ts',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 2,
  // One measures by the clock, on machines that are shared where this runs unattended.
  retries: process.env['CI'] ? 1 : 0,
  projects: [
    { name: 'page', testIgnore: '**/large.spec.ts' },
    // It measures by the clock, so nothing runs beside it: alone with `--project large --no-deps`.
    { name: 'large', testMatch: '**/large.spec.ts', dependencies: ['page'], fullyParallel: false, workers: 1 },
  ],
});
