// Archives with a password: asked for in one place, tried on all, told when wrong, never kept.
import type { Page } from '@playwright/test';

import { expect, test } from './fixtures';
import { line, zip } from './made';
import { drop, inspected, open } from './zhijian';

const CHAT = '会话ID,时间,角色,发送人,内容\nq1,2024-05-06 10:00:00,客户,tb8803,在吗\nq1,2024-05-06 10:00:05,客服,小迪,在的，请问有什么可以帮您\n';
const locked = (id: string, password: string) => zip([{ name: '一.csv', content: Buffer.from(CHAT.replaceAll('q1', id)) }], password);

const notice = (page: Page) => page.getByRole('region', { name: /压缩包有密码/ });
const dialog = (page: Page) => page.getByRole('dialog', { name: '压缩包的密码' });
const field = (page: Page) => dialog(page).getByLabel('密码', { exact: true });

test('a password is asked for, tried on all archives, and opens them, by keyboard alone', async ({ page }) => {
  test.setTimeout(120_000);
  await open(page);
  await drop(page, [
    { name: 'a.jsonl', content: line(1) },
    { name: '三月.zip', content: locked('q1', 'appkey012345') },
    { name: '四月.zip', content: locked('q2', 'appkey012345') },
    { name: '五月.zip', content: locked('q3', '另一个') },
  ]);
  await inspected(page);
  await expect(notice(page)).toContainText('3 个压缩包有密码，还没有读');
  await expect(notice(page)).toContainText('三月.zip、五月.zip、四月.zip');
  const button = notice(page).getByRole('button', { name: '输入密码…' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeVisible();
  await expect(field(page)).toBeFocused();
  await expect(field(page)).toHaveAttribute('type', 'password');

  // Wrong: told in place, and nothing else has changed.
  await page.keyboard.type('falsch');
  await page.keyboard.press('Enter');
  await expect(dialog(page).getByRole('alert')).toHaveText('密码不对，或压缩包已损坏。');
  await expect(field(page)).toBeFocused();
  await expect(field(page)).toHaveAttribute('aria-invalid', 'true');
  await expect(dialog(page).getByRole('listitem')).toHaveCount(3);

  // What is typed can be looked at.
  await page.keyboard.type('appkey012345');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(field(page)).toHaveAttribute('type', 'text');
  await expect(field(page)).toHaveValue('appkey012345');
  await page.keyboard.press('Space');
  await expect(field(page)).toHaveAttribute('type', 'password');
  await page.keyboard.press('Shift+Tab');

  // Right for two of three: those are read, the other is still asked for.
  await page.keyboard.press('Enter');
  await expect(dialog(page).getByRole('alert')).toHaveText('打开了 2 个；其余 1 个要用另一个密码。');
  await expect(dialog(page).getByRole('listitem')).toHaveText('五月.zip');
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeHidden();
  await expect(button).toBeFocused();
  await expect(notice(page)).toContainText('1 个压缩包');
  await expect(page.locator('main').getByText('3 段会话')).toBeVisible();

  await page.keyboard.press('Enter');
  await expect(field(page)).toHaveValue('');
  await page.keyboard.type('另一个');
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeHidden();
  await expect(notice(page)).toBeHidden();
  await expect(page.locator('#main')).toBeFocused();
  await expect(page.getByText('已打开 1 个压缩包，多了 1 段会话')).toBeAttached();
  await expect(page.locator('main').getByText('4 段会话')).toBeVisible();

  await page.goto('./#/files');
  await expect(page.locator('tr.file')).toHaveCount(4);
  const rows = (await page.locator('tr.file').allInnerTexts()).map((row) => row.replace(/\s+/g, ' ').trim().split(' ').slice(0, 2).join(' '));
  expect(rows).toEqual(['a.jsonl 已质检', '三月.zip/一.csv 已质检', '五月.zip/一.csv 已质检', '四月.zip/一.csv 已质检']);
  await expect(page.locator('.remarks li').filter({ hasText: 'password' })).toHaveCount(0);
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }))).not.toMatch(/appkey|另一个/);

  // A correction of another file leaves what was opened open.
  await page.getByRole('button', { name: 'a.jsonl 的读取方式' }).click();
  await page.getByRole('combobox', { name: '时区' }).selectOption('+09:00');
  await expect(page.getByText('已更正')).toBeVisible();
  await expect(page.locator('tr.file')).toHaveCount(4);
});

test('an archive that is skipped can be opened later, where the files are', async ({ page }) => {
  await open(page);
  await drop(page, [{ name: '三月.zip', content: locked('q1', 'k') }]);
  await expect(page.getByRole('heading', { level: 1, name: '文件与诊断' })).toBeVisible({ timeout: 40_000 });
  await expect(page.locator('.remarks li').filter({ hasText: 'password-needed' })).toContainText('三月.zip');
  await expect(page.locator('tr.file')).toContainText('有密码，未读');
  await notice(page).getByRole('button').click();
  await dialog(page).getByRole('button', { name: '跳过' }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(notice(page).getByRole('button')).toBeFocused();
  await notice(page).getByRole('button').click();
  await field(page).fill('k');
  await dialog(page).getByRole('button', { name: '打开' }).click();
  await expect(page.locator('tr.file')).toContainText('三月.zip/一.csv');
  await expect(page.locator('tr.file')).toContainText('已质检');
  await page.goto('./#/conversation/0');
  await expect(page.getByText('在的，请问有什么可以帮您')).toBeVisible();
});
