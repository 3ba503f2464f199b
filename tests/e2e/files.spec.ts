// How files are read, what became of their rows, and what a person knows better.
import type { Page } from '@playwright/test';

import { expect, test } from './fixtures';
import { drop, type Handed, inspected, open, samples, save } from './zhijian';

const ROWS = 'g1,2026-03-01 10:00:00,阿圆,在吗\ng1,2026-03-01 10:00:20,小雨,您好\n';
/** A header of which nothing can be guessed but the time. */
const ODD: Handed = { name: 'odd.csv', content: `编组,时间,谁,说了啥\n${ROWS}` };

/** Opens the view of files, whatever could be read. */
async function files(page: Page, handed: Handed[]): Promise<void> {
  await drop(page, handed);
  await expect(page.getByRole('heading', { level: 1, name: /^(客服|文件与诊断)$/ })).toBeVisible({ timeout: 40_000 });
  await page.goto('./#/files');
  await expect(page.getByRole('heading', { level: 1, name: '文件与诊断' })).toBeVisible();
}

const row = (page: Page, name: string) => page.locator('tr.file', { hasText: name });

async function how(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: `${name} 的读取方式` }).click();
  await expect(page.locator('#reading-title')).toContainText(name);
}

test('a remark opens the file at its line', async ({ page }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  const bad = '会话ID,时间,角色,发送者,内容\ng1,2026-03-01 10:00:00,客户,tb8801,在吗\ng1,2026-03-01 10:00:10,客服,小迪,\ng1,2026-03-01 10:00:20,客服,小迪,您好\n';
  await files(page, [{ name: 'bad.csv', content: bad }, { name: 'empty.csv', content: '' }]);

  await page.getByRole('button', { name: /^text-missing 1 行/ }).click();
  const text = page.getByRole('region', { name: '原文', exact: true });
  await expect(text.locator('tr[aria-current]')).toHaveAttribute('data-line', '3');
  await expect(text.locator('tr[aria-current] td')).toHaveText('g1,2026-03-01 10:00:10,客服,小迪,');
  await expect(text.locator('tr')).toHaveCount(4);
  await expect(text).toContainText('bad.csv:3');
  await expect(text).toContainText('text-missing');
  await text.getByRole('button', { name: '复制位置' }).click();
  await expect(text.getByRole('button', { name: '已复制' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('bad.csv:3');

  // By level, by code, by file; and from one to the next by keys.
  await page.getByRole('combobox', { name: '代码' }).selectOption('');
  const remarks = page.locator('.remarks li');
  await page.getByRole('combobox', { name: '级别' }).selectOption('error');
  await expect(remarks).toHaveCount(1);
  await expect(remarks).toContainText('file-empty');
  await page.getByRole('combobox', { name: '级别' }).selectOption('');
  await page.getByRole('searchbox', { name: '按文件筛选' }).fill('bad');
  await expect(page.locator('tr.file')).toHaveCount(1);
  await expect(remarks.filter({ hasText: 'empty.csv' })).toHaveCount(0);
  await remarks.locator('button').first().click();
  await page.keyboard.press('ArrowDown');
  await expect(remarks.locator('[aria-current=true]')).toBeFocused();
  await expect(remarks.nth(1).locator('button')).toHaveAttribute('aria-current', 'true');
  await page.getByRole('searchbox', { name: '按文件筛选' }).fill('nothing');
  await expect(page.getByText('没有符合筛选的文件')).toBeVisible();

  await page.getByRole('combobox', { name: '语言' }).selectOption('en');
  await page.getByRole('searchbox', { name: 'Filter by file' }).fill('empty');
  await expect(remarks).toContainText('empty');
});

test('thousands of files and remarks are listed without making them all', async ({ page }) => {
  test.setTimeout(120_000);
  await open(page);
  const many = Array.from({ length: 2000 }, (_, n) => ({ name: `f${String(n).padStart(4, '0')}.txt`, content: `${n}` }));
  await files(page, [...many, ODD]);
  expect(await page.locator('tr.file').count()).toBeLessThan(60);
  expect(await page.locator('.remarks li').count()).toBeLessThan(60);
  await page.locator('.remarks').focus();
  await page.keyboard.press('End');
  await expect(page.locator('.remarks li [aria-current=true]')).toBeInViewport();
  await page.getByRole('region', { name: '每个文件的结果' }).focus();
  await page.keyboard.press('End');
  await expect(row(page, 'odd.csv')).toBeVisible();
});

test('files are filtered by what became of them', async ({ page }) => {
  await open(page);
  const chat = (id: string) => `会话ID,时间,角色,发送者,内容\n${id},2026-03-01 10:00:00,客户,tb1,在吗\n${id},2026-03-01 10:00:20,客服,小安,您好\n`;
  await files(page, [{ name: 'a.csv', content: chat('a') }, { name: 'b.csv', content: chat('b') }, { name: 'same.csv', content: chat('a') }, { name: 'empty.csv', content: '' }]);
  const states = page.getByRole('combobox', { name: '按结果筛选' });
  await expect(states.locator('option')).toHaveText(['全部结果 · 4', '没有读到会话 · 1', '已质检 · 2', '与其他文件相同 · 1']);
  await states.selectOption('read');
  await expect(page.locator('tr.file')).toHaveCount(2);
  await page.getByRole('searchbox', { name: '按文件筛选' }).fill('b');
  await expect(page.locator('tr.file')).toContainText('b.csv');
  await states.selectOption('duplicate');
  await expect(page.getByText('没有符合筛选的文件')).toBeVisible();
  await page.getByRole('searchbox', { name: '按文件筛选' }).fill('');
  await expect(page.locator('tr.file')).toContainText('same.csv');
});

test('decisions stay when a file is read in another way; what has no place any more is told, and comes back', async ({ page }) => {
  test.setTimeout(120_000);
  await open(page);
  const rude = (id: string) => `会话ID,时间,角色,发送者,内容\n${id},2026-03-01 10:00:00,客户,买家,快点\n${id},2026-03-01 10:00:20,客服,小安,你脑子有病吧，滚\n`;
  await files(page, [{ name: 'a.csv', content: rude('a1') }, { name: 'b.csv', content: rude('b1') }]);
  for (const index of [0, 1]) {
    await page.goto(`./#/conversation/${index}`);
    const finding = page.locator('[data-finding]', { hasText: '待复核' }).first();
    await finding.getByRole('button', { name: index === 0 ? '确认' : '误判', exact: true }).click();
    await expect(page.getByRole('button', { name: `撤销（${index + 1}）` })).toBeVisible();
  }
  await page.goto('./#/files');
  await how(page, 'a.csv');
  // Another zone changes no finding.
  await page.getByRole('combobox', { name: '时区' }).selectOption('+09:00');
  await expect(page.getByText('已更正')).toBeVisible();
  await expect(page.getByRole('button', { name: '撤销（2）' })).toBeVisible();
  // Another role does.
  await page.getByRole('combobox', { name: '角色 小安' }).selectOption('customer');
  const lost = page.getByRole('region', { name: '1 个复核决定不再适用' });
  await expect(lost.getByRole('listitem')).toHaveText(/^a1 a\.csv .+ 已确认$/);
  await expect(page.getByRole('button', { name: '撤销（1）' })).toBeVisible();
  await page.goto('./#/conversation/1');
  await expect(page.locator('[data-finding]', { hasText: '已判误判' })).toHaveCount(1);
  await page.goto('./#/files');
  await page.getByRole('button', { name: '撤销更正（2）' }).click();
  await expect(lost).toBeHidden();
  await expect(page.getByRole('button', { name: '撤销（2）' })).toBeVisible();
  await page.goto('./#/conversation/0');
  await expect(page.locator('[data-finding]', { hasText: '已确认' })).toHaveCount(1);
});

for (const [place, days] of [['first', ['03/25/2026', '03/04/2026', '05/04/2026']], ['last', ['03/04/2026', '05/04/2026', '05/25/2026']]] as const) {
  test(`a part that is read again agrees with the whole, where the ${place} date tells the order of day and month`, async ({ page }) => {
    await open(page);
    // Each conversation is read again from its own line, which does not tell.
    const said = (id: number, day: string) => JSON.stringify({ id: `d${id}`, messages: [{ role: 'customer', sender: '买家', time: `${day} 10:00:00`, text: '在吗' }, { role: 'agent', sender: '小安', time: `${day} 10:00:20`, text: '您好' }] });
    await files(page, [{ name: 'days.jsonl', content: `${days.map((day, id) => said(id, day)).join('\n')}\n` }]);
    await page.goto('./#/conversations');
    const rows = page.locator('tr.row');
    await expect(rows).toHaveCount(3);
    await expect(rows.nth(1)).toContainText(days[1] === '03/04/2026' ? '2026-03-04' : '2026-05-04');
    const began = (await rows.allInnerTexts()).map((text) => /\d{4}-\d\d-\d\d/.exec(text)?.[0] ?? '');
    expect(began).toEqual(days.map((day) => day.replace(/(\d+)\/(\d+)\/(\d+)/, '$3-$1-$2')));
    for (const [index, day] of began.entries()) {
      await page.goto(`./#/conversation/${index}`);
      await expect(page.getByRole('list', { name: '聊天记录' })).toContainText(day);
    }
    await page.goto('./#/files');
    await expect(page.locator('.remarks li').filter({ hasText: 'date-order-contradicted' })).toHaveCount(0);
  });
}

test('an encoding is switched and switched back', async ({ page }) => {
  await open(page);
  // 会话ID,时间,角色,发送者,内容 / g1,…,客户,买家,在吗 / g1,…,客服,小安,您好 in GBK.
  const hex = (text: string) => Buffer.from(text.replace(/ /g, ''), 'hex');
  const gbk = Buffer.concat([
    hex('bbe1bbb04944 2c cab1bce4 2c bdc7c9ab 2c b7a2cbcdd5df 2c c4dac8dd 0d0a'),
    Buffer.from('g1,2026-03-01 10:00:00,'),
    hex('bfcdbba7 2c c2f2bcd2 2c d4dac2f0 0d0a'),
    Buffer.from('g1,2026-03-01 10:00:20,'),
    hex('bfcdb7fe 2c d0a1b0b2 2c c4fabac3 0d0a'),
  ]);
  await files(page, [{ name: 'gbk.csv', content: gbk }]);
  await expect(row(page, 'gbk.csv')).toContainText('已质检');
  await how(page, 'gbk.csv');
  const encoding = page.getByRole('combobox', { name: /^编码/ });
  await expect(encoding).toContainText('GB18030', { ignoreCase: true });
  const offered = page.getByRole('button', { name: '改用 Big5' });
  if (await offered.isVisible()) await offered.click();
  else await encoding.selectOption('Big5');
  await expect(row(page, 'gbk.csv')).toContainText('没有读到会话');
  await expect(encoding).toHaveValue('Big5');
  await page.getByRole('button', { name: '撤销更正（1）' }).click();
  await expect(row(page, 'gbk.csv')).toContainText('已质检');
  await expect(encoding).toHaveValue('');
  await expect(page.getByRole('button', { name: '撤销更正（0）' })).toBeDisabled();
});

test('a zone is stated for one file, and the others stay as they are', async ({ page }) => {
  await open(page);
  const table = (id: string) => `会话ID,时间,角色,发送者,内容\n${id},2026-03-01 10:00:00,客户,买家,在吗\n${id},2026-03-01 10:00:20,客服,小安,您好\n`;
  await files(page, [{ name: 'a.csv', content: table('a') }, { name: 'b.csv', content: table('b') }]);
  await how(page, 'a.csv');
  await page.getByRole('combobox', { name: '时区' }).selectOption('+09:00');
  await expect(page.getByText('已更正')).toBeVisible();
  const written = (await save(page, 'JSONL')).bytes.toString('utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
  expect(written.map(({ id, timezone }) => [id, timezone])).toEqual([['a', '+09:00'], ['b', 'Asia/Shanghai']]);
  expect(written[0].messages[1]).toEqual({ id: 1, role: 'agent', sender: '小安', time: '2026-03-01T10:00:20+09:00', text: '您好' });
  await page.getByRole('button', { name: '恢复自动识别' }).click();
  await expect(page.getByText('已更正')).toBeHidden();
});

test('columns and roles are corrected, undone, remembered and forgotten', async ({ page }) => {
  test.setTimeout(120_000);
  await open(page);
  await files(page, [ODD]);
  await expect(row(page, 'odd.csv')).toContainText('没有读到会话');
  await how(page, 'odd.csv');
  for (const [name, meaning] of [['编组', 'session_id'], ['谁', 'sender'], ['说了啥', 'text']] as const) {
    const column = page.getByRole('combobox', { name: `列的对应 ${name}` });
    await column.selectOption(meaning);
    await expect(column).toHaveValue(meaning);
    await expect(column).toBeEnabled();
  }
  await expect(row(page, 'odd.csv')).toContainText('已质检');
  await expect(page.getByRole('combobox', { name: '角色 阿圆' })).toHaveValue('customer');

  await page.getByRole('combobox', { name: '角色 阿圆' }).selectOption('agent');
  await page.getByRole('combobox', { name: '角色 小雨' }).selectOption('customer');
  const roles = async () => {
    const [line] = (await save(page, 'JSONL')).bytes.toString('utf8').split('\n');
    return JSON.parse(line!).messages.map(({ role }: { role: string }) => role);
  };
  await expect(page.getByRole('button', { name: '撤销更正（5）' })).toBeEnabled();
  expect(await roles()).toEqual(['agent', 'customer']);
  await page.getByRole('button', { name: '撤销更正（5）' }).click();
  await page.getByRole('button', { name: '撤销更正（4）' }).click();
  await expect(page.getByRole('button', { name: '撤销更正（3）' })).toBeEnabled();
  expect(await roles()).toEqual(['customer', 'agent']);

  // Another file with the same header, on another visit: names of columns are all that was kept.
  const kept = await page.evaluate(() => localStorage.getItem('zhijian.readings'));
  expect(kept).toContain('说了啥');
  expect(kept).not.toMatch(/阿圆|小雨|在吗/);
  await page.goto('about:blank');
  await open(page);
  await drop(page, [{ name: 'next.csv', content: ODD.content.toString().replace('在吗', '有人吗') }]);
  await inspected(page);
  await page.goto('./#/files');
  await expect(page.getByText('1 个文件按上次的对应读取', { exact: true })).toBeVisible();
  await how(page, 'next.csv');
  await expect(page.locator('.badge')).toHaveText('按上次的对应读取');

  await page.getByRole('button', { name: '键盘快捷键' }).click();
  await page.getByRole('button', { name: /^忘记/ }).click();
  await expect(page.getByText('记住的读取方式')).toBeHidden();
  expect(await page.evaluate(() => localStorage.getItem('zhijian.readings'))).toBe('[]');
});

test('the cleaned transcripts are read again as the same', async ({ page }) => {
  test.setTimeout(120_000);
  await samples(page);
  const first = await save(page, 'JSONL');
  expect(first.name).toBe('zhijian-transcripts.jsonl');
  const figures = async () => {
    await page.goto('./#/files');
    await expect(page.locator('.figures dd').first()).toBeVisible();
    return page.locator('.figures dd').allInnerTexts();
  };
  const [, messages, ...rest] = await figures();
  await page.goto('./#/');
  await drop(page, [{ name: first.name, content: first.bytes }]);
  await inspected(page);
  const again = await figures();
  expect([again[1], again.at(-1)]).toEqual([messages, rest.at(-1)]);
  // Only the places of messages begin anew.
  const plain = (bytes: Buffer) => bytes.toString('utf8').replaceAll(/\{"id":\d+,"role"/g, '{"role"');
  expect(plain((await save(page, 'JSONL')).bytes)).toBe(plain(first.bytes));
});
