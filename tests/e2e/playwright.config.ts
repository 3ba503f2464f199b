import { defineConfig } from '@playwright/test';

import { config } from './chromium';

export default defineConfig({
  ...config,
  testMatch: '**/*.spec.ts',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 2,
});
