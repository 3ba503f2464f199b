import { defineConfig } from '@playwright/test';

import { config } from './chromium';

export default defineConfig({
  ...config,
  testMatch: '**/*.soak.ts',
  timeout: 30 * 60_000,
  workers: 1,
  // A trace of hours would itself be the heaviest thing in memory.
  use: { ...config.use, trace: 'off' },
});
