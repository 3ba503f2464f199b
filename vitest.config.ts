import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte({ configFile: './www/svelte.config.js' })],
  test: {
    include: ['pkg/src/**/*.test.ts', 'www/src/**/*.test.ts'],
    environment: 'node',
  },
});
