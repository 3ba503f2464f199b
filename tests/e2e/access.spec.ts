// Everybody can use it: rules of accessibility in both themes, narrow screens, three languages.
import { accessibility, expect, test } from './fixtures';
import { line, zip } from './made';
import { drop, inspected, open, pending, samples } from './zhijian';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every view keeps the rules of accessibility, ${colorScheme}`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await open(page);
    await page.getByText('能读的全部格式').click();
    await expect(page.getByText('ChatLab')).toBeVisible();
    expect(await accessibility(page), 'start').toEqual([]);
    await samples(page, 'taobao');
    expect(await accessibility(page), 'agents').toEqual([]);
    await pending(page);
    expect(await accessibility(page), 'conversation').toEqual([]);
    await page.goto('./#/conversations');
    await expect(page.locator('tr.row').first()).toBeVisible();
    expect(await accessibility(page), 'conversations').toEqual([]);
    await page.goto('./#/files');
    await expect(page.getByRole('heading', { level: 1, name: '文件与诊断' })).toBeVisible();
    expect(await accessibility(page), 'files').toEqual([]);
    await page.getByRole('button', { name: /的读取方式$/ }).first().click();
    await expect(page.getByRole('heading', { name: /^读取方式/ })).toBeVisible();
    await page.locator('.remarks li button').first().click();
    await expect(page.getByRole('region', { name: '原文' })).toContainText(/./);
    expect(await accessibility(page), 'how a file is read').toEqual([]);
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`what asks and what tells keeps the rules of accessibility, ${colorScheme}`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await open(page);
    const rude = '会话ID,时间,角色,发送者,内容\nr1,2026-03-01 10:00:00,客户,买家,快点\nr1,2026-03-01 10:00:20,客服,小安,你脑子有病吧，滚\n';
    await drop(page, [{ name: 'r.csv', content: rude }, { name: '三月.zip', content: zip([{ name: 'a.jsonl', content: Buffer.from(line(1)) }], 'k') }]);
    await inspected(page);
    expect(await accessibility(page), 'archives with a password').toEqual([]);
    await page.getByRole('button', { name: '输入密码…' }).click();
    await page.getByLabel('密码', { exact: true }).fill('falsch');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog').getByRole('alert')).toHaveText(/密码不对/);
    expect(await accessibility(page), 'the dialog').toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    await page.keyboard.press('Escape');
    await page.goto('./#/conversation/0');
    await page.getByRole('tab', { name: '命中' }).click();
    await page.getByRole('button', { name: '确认', exact: true }).first().click();
    await page.goto('./#/files');
    await page.getByRole('button', { name: 'r.csv 的读取方式' }).click();
    await page.getByRole('combobox', { name: '角色 小安' }).selectOption('customer');
    await expect(page.getByRole('region', { name: '1 个复核决定不再适用' })).toBeVisible();
    expect(await accessibility(page), 'lost decisions').toEqual([]);
  });
}

test('a narrow screen shows one part at a time and nothing runs over the edge', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await samples(page, 'taobao');
  const over = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await over()).toBe(0);
  await page.goto('./#/conversation/0');
  await expect(page.locator('[data-text]').first()).toBeVisible();
  expect(await over()).toBe(0);
  await page.getByRole('tab', { name: '得分' }).click();
  await expect(page.locator('[data-total]')).toBeVisible();
  await expect(page.locator('[data-text]').first()).toBeHidden();
});

test('the language is remembered and said', async ({ page }) => {
  await open(page);
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans');
  await page.getByRole('combobox', { name: '语言' }).selectOption('en');
  await expect(page.getByRole('button', { name: 'Try the samples' })).toBeVisible();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('combobox', { name: 'Language' }).selectOption('zh-Hant');
  await expect(page.getByRole('button', { name: '試用內建範例' })).toBeVisible();
});

test('the skip link leads to the content', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: '跳到主要内容' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
});
