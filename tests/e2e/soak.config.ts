import { defineConfig } from '@playwright/test';

import { config } from './chromium';

export default defineConfig({
  ...config,
  testMatch: '**/*.soak.ts',
  timeout: 30 * 60_000,
  workers: 1,
});
