// Every test in a browser begins here: import `test` and `expect` from this file, not from Playwright. Whatever a test
// is about, it also fails when the page breaks its own policy, reaches for another origin, throws, or logs an error.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

import { type Page, type Response, test as base, expect } from '@playwright/test';

const require = createRequire(import.meta.url);

/** What went wrong in a page, apart from what a test asserts. */
export class Troubles {
  readonly found: string[] = [];
  private readonly expected: RegExp[] = [];

  /** Declares a trouble that a test provokes on purpose. */
  expect(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  add(trouble: string): void {
    this.found.push(trouble);
  }

  get unexpected(): string[] {
    return this.found.filter((trouble) => !this.expected.some((pattern) => pattern.test(trouble)));
  }
}

/** What the page has fetched, in bytes. */
export class Fetched {
  private readonly responses: Response[] = [];

  add(response: Response): void {
    // A worker from a blob is a part of a script that has been counted.
    if (response.url().startsWith('http')) this.responses.push(response);
  }

  get paths(): string[] {
    return this.responses.map((response) => new URL(response.url()).pathname);
  }

  /** Scripts and styles so far: as they lie on the disk, and as a host that compresses with gzip would send them. */
  async code(): Promise<{ scripts: Code; styles: Code }> {
    const code = { scripts: { raw: 0, gzip: 0, files: [] as string[] }, styles: { raw: 0, gzip: 0, files: [] as string[] } };
    for (const response of this.responses) {
      const type = response.headers()['content-type'] ?? '';
      const kind = type.includes('javascript') ? code.scripts : type.includes('css') ? code.styles : undefined;
      if (kind === undefined) continue;
      const body = await response.body();
      kind.raw += body.length;
      kind.gzip += gzipSync(body, { level: 9 }).length;
      kind.files.push(new URL(response.url()).pathname);
    }
    return code;
  }
}

export interface Code {
  raw: number;
  gzip: number;
  files: string[];
}

interface Fixtures {
  troubles: Troubles;
  fetched: Fetched;
}

export const test = base.extend<Fixtures>({
  troubles: [
    async ({ context, baseURL }, use) => {
      const troubles = new Troubles();
      const origin = new URL(baseURL ?? '').origin;
      context.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith('blob:') && !url.startsWith('data:') && new URL(url).origin !== origin) {
          troubles.add(`request to another origin: ${url}`);
        }
      });
      context.on('response', (response) => {
        if (response.status() >= 400) troubles.add(`${response.status()}: ${response.url()}`);
      });
      context.on('weberror', (error) => troubles.add(`uncaught: ${error.error().message}`));
      context.on('console', (message) => {
        // Violations of the policy are logged as errors, those in workers too.
        if (message.type() === 'error' || message.type() === 'warning') {
          troubles.add(`console ${message.type()}: ${message.text()}`);
        }
      });
      await context.exposeBinding('zhijianViolation', (_source, violation: string) => troubles.add(violation));
      await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          const report = (globalThis as unknown as { zhijianViolation(text: string): void }).zhijianViolation;
          report(`policy: ${event.violatedDirective} blocked ${event.blockedURI}`);
        });
      });
      await use(troubles);
      expect(troubles.unexpected, 'the page gave no trouble').toEqual([]);
    },
    { auto: true },
  ],
  fetched: [
    async ({ context }, use) => {
      const fetched = new Fetched();
      context.on('response', (response) => fetched.add(response));
      await use(fetched);
    },
    { auto: true },
  ],
});

/** Violations of accessibility rules, one line each. The page's policy does not hold for what the browser's tools run. */
export async function accessibility(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  return page.evaluate(async () => {
    interface Found {
      violations: { id: string; help: string; nodes: { target: unknown[] }[] }[];
    }
    const { axe } = globalThis as unknown as { axe: { run(): Promise<Found> } };
    const { violations } = await axe.run();
    return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(' ')).join(', ')})`);
  });
}

export { expect };
