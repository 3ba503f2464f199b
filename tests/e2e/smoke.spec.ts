// That the page arrives at all: whole, small, and with nothing but its own files.
import { accessibility, expect, test } from './fixtures';

/** Scripts and styles before the first drop, compressed with gzip. 1 KB is 1,000 bytes. */
const CODE_BUDGET = 100_000;

test('the page opens and says what it is', async ({ page }) => {
  await page.goto('./');
  await expect(page).toHaveTitle(/质检/);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('the page is accessible as it opens', async ({ page }) => {
  await page.goto('./');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await accessibility(page)).toEqual([]);
});

test('the code fetched before the first drop stays within its budget', async ({ page, fetched }) => {
  await page.goto('./', { waitUntil: 'networkidle' });
  const code = await fetched.code();
  console.log(`scripts and styles: ${code.gzip} bytes with gzip, ${code.raw} bytes as they are (${code.files.length} files)`);
  expect(code.raw).toBeGreaterThan(0);
  expect(code.gzip).toBeLessThanOrEqual(CODE_BUDGET);
  expect(fetched.paths.filter((path) => path.endsWith('.txt')), 'the dictionary waits until it is needed').toEqual([]);
});
