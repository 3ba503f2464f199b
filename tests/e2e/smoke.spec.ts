// That the page arrives at all: whole, small, and with nothing but its own files.
import { accessibility, expect, test } from './fixtures';

/** Bytes of JavaScript before the first drop, as they are. Styles are not counted. */
const SCRIPT_BUDGET = 100_000;

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

for (const locale of ['zh-CN', 'zh-TW', 'en-GB']) {
  test.describe(locale, () => {
    test.use({ locale });
    test('the JavaScript fetched before the first drop stays within its budget', async ({ page, fetched }) => {
      await page.goto('./');
      await expect(page.locator('#standard option').nth(1)).toBeAttached();
      // Whatever the page fetches by itself afterwards counts too.
      await page.waitForTimeout(1000);
      await page.waitForLoadState('networkidle');
      const { scripts, styles } = await fetched.code();
      console.log(`${locale}: scripts ${scripts.raw} bytes, ${scripts.gzip} with gzip (${scripts.files.length} files); styles ${styles.raw} bytes`);
      expect(scripts.raw).toBeGreaterThan(0);
      expect(scripts.raw).toBeLessThanOrEqual(SCRIPT_BUDGET);
      expect(page.workers(), 'no worker waits before there is work').toHaveLength(0);
      expect(fetched.paths.filter((path) => path.endsWith('.txt')), 'the dictionary waits until it is needed').toEqual([]);
    });
  });
}

test('the standards can be chosen before there is an engine', async ({ page, troubles }) => {
  troubles.expect(/\.wasm|net::ERR_FAILED/);
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto('./');
  await page.locator('#standard').selectOption('taobao');
  await expect(page.locator('.dimensions li').first()).toBeVisible();
  await page.getByRole('button', { name: '试用内置样例' }).click();
  await expect(page.getByRole('alert')).toContainText('质检引擎没有载入');
});
