// The policy is what keeps a transcript on the machine, so it is tried, not only read.
import { expect, test } from './fixtures';

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'";

test('the page carries its policy before anything else that loads', async ({ page, request }) => {
  await page.goto('./');
  await expect(page.locator('meta[http-equiv="Content-Security-Policy"]')).toHaveAttribute('content', POLICY);
  const html = await (await request.get('./')).text();
  expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.search(/<(script|link|style|img)\b/));
});

test('nothing can be sent elsewhere, not by the page and not by a worker from a blob', async ({ page, troubles }) => {
  troubles.expect(/connect-src|Content Security Policy|Failed to fetch|192\.0\.2\.1/);
  await page.goto('./');
  const fromPage = await page.evaluate(() =>
    fetch('http://192.0.2.1/').then(
      () => 'sent',
      () => 'refused',
    ),
  );
  expect(fromPage).toBe('refused');
  const fromWorker = await page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        const source = "fetch('http://192.0.2.1/').then(() => postMessage('sent'), () => postMessage('refused'))";
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
        worker.onmessage = (event) => resolve(String(event.data));
        worker.onerror = (event) => reject(new Error(event.message));
      }),
  );
  expect(fromWorker).toBe('refused');
  await expect.poll(() => troubles.found.filter((t) => t.startsWith('policy: connect-src')).length).toBeGreaterThan(0);
});

test('no script or style written into the page takes effect', async ({ page, troubles }) => {
  troubles.expect(/script-src|style-src|Content Security Policy/);
  await page.goto('./');
  const took = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.injected = true';
    document.body.append(script);
    const style = document.createElement('style');
    style.textContent = 'body { outline: 7px solid red }';
    document.head.append(style);
    return {
      script: 'injected' in globalThis,
      style: getComputedStyle(document.body).outlineWidth === '7px',
    };
  });
  expect(took).toEqual({ script: false, style: false });
});
