// The page must work from any folder of any static host, under the policy in index.html: no inline script or style,
// nothing from elsewhere. The easy mistake is to let Vite inline an asset: a `data:` address is not `'self'`.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  plugins: [svelte()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
  },
  worker: { format: 'es' },
});
