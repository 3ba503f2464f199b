// What a person says of a file that was not understood, with a mouse or with keys alone.
import type { Page } from '@playwright/test';

import { accessibility, expect, test } from './fixtures';
import { drop, type Handed, open, save } from './zhijian';

/** Neither its name nor its rows, of which one has another comma, show that it is a table. */
const ODD: Handed = { name: 'odd.txt', content: '编组,时间,谁,说了啥\ng1,2026-03-01 10:00:00,阿圆,在吗\ng1,2026-03-01 10:00:20,小雨,"您好,在的"\n' };
/** 采购 is no role. */
const ROLES: Handed = {
  name: 'roles.csv',
  content: `会话ID,时间,角色,发送者,内容\n${['客户,阿圆,在吗', '采购,小雨,在的', '客服,小迪,您好', '采购,小白,稍等', '采购,小雨,亲'].map((row, n) => `g1,2026-03-01 10:00:0${n},${row}\n`).join('')}`,
};
const CLOCKS: Handed = { name: 'clocks.csv', content: '会话ID,时间,角色,发送者,内容\nt1,10:00:00,客户,阿圆,在吗\nt1,10:00:20,客服,小迪,您好\n' };

async function files(page: Page, handed: Handed[]): Promise<void> {
  await open(page);
  await drop(page, handed);
  await expect(page.getByRole('heading', { level: 1, name: /^(客服|文件与诊断)$/ })).toBeVisible({ timeout: 40_000 });
  await page.goto('./#/files');
  await expect(page.getByRole('heading', { level: 1, name: '文件与诊断' })).toBeVisible();
}

const row = (page: Page, name: string) => page.locator('tr.file', { hasText: name });
const format = (page: Page) => page.getByRole('combobox', { name: /^格式/ });
const role = (page: Page, name: string) => page.getByRole('combobox', { name: `角色 ${name}` });
const heading = (page: Page) => page.getByRole('heading', { name: /^读取方式/ });

async function said(page: Page): Promise<[string, string][]> {
  const [line] = (await save(page, 'JSONL')).bytes.toString('utf8').split('\n');
  return JSON.parse(line!).messages.map(({ role, sender }: { role: string; sender: string }) => [sender, role]);
}

test('a file of no known format is read as what somebody says it is', async ({ page }) => {
  await files(page, [ODD]);
  await expect(page.locator('.remarks li', { hasText: 'format-unknown' })).toHaveCount(1);
  await row(page, 'odd.txt').getByRole('button', { name: '选择格式… odd.txt 的读取方式' }).click();
  await expect(page.getByText('认不出这个文件的格式。知道它是什么，就在下面指定')).toBeVisible();
  await expect(format(page)).toHaveValue('');
  expect(await format(page).locator('option').count()).toBeGreaterThan(30);

  // What it is not gives what there is to tell, in place, and is taken back.
  await format(page).selectOption('chatlab');
  await expect(page.getByRole('button', { name: '撤销更正（1）' })).toBeEnabled();
  await expect(row(page, 'odd.txt')).toContainText('没有读到会话');
  await expect(page.locator('.lead.failed').first()).toContainText('JSON');
  await expect(page.locator('.remarks li', { hasText: 'format-unknown' })).toHaveCount(0);
  await page.getByRole('button', { name: '撤销更正（1）' }).click();
  await expect(page.locator('.remarks li', { hasText: 'format-unknown' })).toHaveCount(1);
  await expect(format(page)).toHaveValue('');

  await format(page).selectOption('csv');
  await expect(page.getByText('也可以在下面直接指明哪一列是消息内容。')).toBeVisible();
  for (const [name, meaning] of [['编组', 'session_id'], ['谁', 'sender'], ['说了啥', 'text']] as const) {
    const column = page.getByRole('combobox', { name: `列的对应 ${name}` });
    await column.selectOption(meaning);
    await expect(column).toHaveValue(meaning);
  }
  await expect(row(page, 'odd.txt')).toContainText('已质检');
  await expect(page.locator('.lead')).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: '格式 你指定的' })).toHaveValue('csv');
  expect(await said(page)).toEqual([['阿圆', 'customer'], ['小雨', 'agent']]);

  await page.getByRole('button', { name: '恢复自动识别' }).click();
  await expect(row(page, 'odd.txt')).toContainText('没有读到会话');
  await expect(page.getByText('认不出这个文件的格式。')).toBeVisible();
});

test('senders whose role nothing says are shown first, and are who somebody says they are', async ({ page }) => {
  await files(page, [ROLES]);
  await page.getByRole('button', { name: 'roles.csv 的读取方式' }).click();
  await expect(page.getByText('2 位发送者看不出是客户还是客服')).toBeVisible();
  const names = page.locator('.senders .name');
  await expect(names).toHaveText(['小雨不明', '小白不明', '阿圆', '小迪']);
  await expect(role(page, '小雨')).toHaveValue('');
  expect(await said(page)).toEqual([['阿圆', 'customer'], ['小迪', 'agent']]);

  // The second does not wait for the first.
  await role(page, '小雨').selectOption('agent');
  await role(page, '小白').selectOption('supervisor');
  await expect(page.getByText(/位发送者看不出/)).toBeHidden();
  // They keep their places, and can be told otherwise.
  await expect(names).toHaveText(['小雨', '小白', '阿圆', '小迪']);
  expect(await said(page)).toEqual([['阿圆', 'customer'], ['小雨', 'agent'], ['小迪', 'agent'], ['小白', 'supervisor'], ['小雨', 'agent']]);
  await role(page, '小雨').selectOption('bot');
  await expect(page.getByRole('button', { name: '撤销更正（3）' })).toBeEnabled();
  expect((await said(page))[1]).toEqual(['小雨', 'bot']);
  for (const n of [3, 2, 1]) await page.getByRole('button', { name: `撤销更正（${n}）` }).click();
  await expect(names).toHaveText(['小雨不明', '小白不明', '阿圆', '小迪']);
  await expect(page.locator('.remarks li', { hasText: 'role-unknown' })).toHaveCount(3);
});

test('the focus stays where a correction was made, by keys alone', async ({ page }) => {
  test.setTimeout(120_000);
  await files(page, [ROLES, CLOCKS]);
  const { keyboard } = page;
  const opener = page.getByRole('button', { name: 'roles.csv 的读取方式' });
  await opener.focus();
  await keyboard.press('Enter');
  await expect(heading(page)).toContainText('roles.csv');

  const zone = page.getByRole('combobox', { name: '时区' });
  await zone.focus();
  for (let press = 0; press < 3; press += 1) await keyboard.press('ArrowDown');
  // Three steps are one choice.
  await expect(page.getByRole('button', { name: '撤销更正（1）' })).toBeEnabled();
  await expect(zone).toBeFocused();
  await expect(zone).toHaveValue('-07:00');
  await role(page, '小雨').focus();
  await keyboard.press('ArrowDown');
  await expect(page.getByText('1 位发送者看不出是客户还是客服')).toBeVisible();
  await expect(role(page, '小雨')).toBeFocused();
  await expect(role(page, '小雨')).not.toHaveValue('');
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await expect(page.getByRole('button', { name: '撤销更正（3）' })).toBeEnabled();
  await expect(role(page, '小雨')).toBeFocused();
  // Whoever goes on before the file has been read stays where they went.
  await keyboard.press('Tab');
  await expect(role(page, '小白')).toBeFocused();
  await keyboard.press('ArrowDown');
  await keyboard.press('Tab');
  await expect(page.getByText(/位发送者看不出/)).toBeHidden();
  await expect(role(page, '阿圆')).toBeFocused();

  // An encoding that makes nothing of it takes the senders away, not the focus.
  const encoding = page.getByRole('combobox', { name: /^编码/ });
  await encoding.focus();
  await keyboard.type('UTF-16LE');
  await expect(row(page, 'roles.csv')).toContainText('没有读到会话');
  await expect(encoding).toBeFocused();
  await page.getByRole('button', { name: '撤销更正（5）' }).focus();
  await keyboard.press('Enter');
  await expect(page.getByRole('button', { name: '撤销更正（4）' })).toBeFocused();
  await expect(row(page, 'roles.csv')).toContainText('已质检');
  // A button that has nothing more to do hands it to the heading.
  await page.getByRole('button', { name: '恢复自动识别' }).focus();
  await keyboard.press('Space');
  await expect(heading(page)).toBeFocused();
  await expect(page.getByText('2 位发送者看不出是客户还是客服')).toBeVisible();
  expect(await accessibility(page)).toEqual([]);
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await expect(heading(page)).toBeHidden();
  await expect(opener).toBeFocused();

  // A date is typed to its end.
  await page.getByRole('button', { name: 'clocks.csv 的读取方式' }).focus();
  await keyboard.press('Enter');
  const date = page.getByLabel('时刻所在的日期');
  await date.focus();
  await keyboard.type('03032026');
  await keyboard.press('Enter');
  await expect(page.getByText('已更正')).toBeVisible();
  await expect(date).toHaveValue('2026-03-03');
  await expect(date).toBeFocused();
});

test('what somebody stops is shown as it was', async ({ page }) => {
  await files(page, [ROLES]);
  await page.getByRole('button', { name: 'roles.csv 的读取方式' }).click();
  // The button to stop is there as long as the file is read; it is pressed as soon as it comes.
  await page.evaluate(() => {
    new MutationObserver((_, observer) => {
      const stop = [...document.querySelectorAll<HTMLElement>('.foot button')].find((button) => button.textContent === '取消');
      if (stop === undefined) return;
      observer.disconnect();
      stop.focus();
      stop.click();
    }).observe(document.body, { subtree: true, childList: true });
  });
  await format(page).selectOption('chatlab');
  await expect(page.getByRole('button', { name: '取消' })).toBeHidden();
  await expect(format(page)).toHaveValue('');
  await expect(format(page)).toBeFocused();
  await expect(row(page, 'roles.csv')).toContainText('已质检');
  await expect(page.getByRole('button', { name: '撤销更正（0）' })).toBeDisabled();
});

test('the last choice counts, whichever file is shown by then', async ({ page }) => {
  await files(page, [ROLES, { name: 'other.csv', content: String(ROLES.content).replaceAll('g1', 'g2') }]);
  const [first, second] = ['roles.csv', 'other.csv'];
  await page.getByRole('button', { name: `${first} 的读取方式` }).click();
  // Both in one task: the file is still read again for the first when the second is chosen.
  const pick = (values: string[]) =>
    role(page, '小雨').evaluate((select, all) => {
      for (const value of all) {
        (select as HTMLSelectElement).value = value;
        select.dispatchEvent(new Event('change', { bubbles: true }));
      }
    }, values);
  await pick(['agent']);
  await expect(page.getByRole('button', { name: '撤销更正（1）' })).toBeEnabled();
  await pick(['bot', 'agent']);
  await expect(page.getByRole('button', { name: '撤销更正（3）' })).toBeEnabled();
  await expect(role(page, '小雨')).toHaveValue('agent');
  // What is asked for of a file is done when another is shown.
  await pick(['bot', 'customer']);
  await page.getByRole('button', { name: `${second} 的读取方式` }).click();
  await expect(heading(page)).toContainText(second);
  await pick(['supervisor']);
  await expect(page.getByRole('button', { name: '撤销更正（6）' })).toBeEnabled();
  await expect(role(page, '小雨')).toHaveValue('supervisor');
  await page.getByRole('button', { name: `${first} 的读取方式` }).click();
  await expect(role(page, '小雨')).toHaveValue('customer');
});
