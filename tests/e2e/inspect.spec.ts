// The main job: from a drop to a score that can be defended.
import { expect, test } from './fixtures';
import { drop, inspected, open, pending, samples, save, total, transcript } from './zhijian';

test('samples become agents, conversations and marked evidence', async ({ page }) => {
  await samples(page, 'taobao');
  const agents = page.locator('main table tbody tr');
  expect(await agents.count()).toBeGreaterThanOrEqual(3);
  await expect(page.locator('main table')).toContainText('可评会话');

  await page.getByRole('link', { name: '会话', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: '会话', exact: true })).toBeVisible();
  await page.getByRole('combobox', { name: '显示' }).selectOption('findings');
  await page.getByRole('searchbox').fill('爱买不买');
  await expect(page.locator('tr.row')).toHaveCount(1);
  await page.locator('tr.row a').first().click();

  const quoted = page.locator('[data-finding]:has(blockquote)').filter({ hasText: '爱买不买' }).first();
  await quoted.getByRole('button').first().click();
  await expect(quoted).toHaveAttribute('aria-current', 'true');
  const marked = () =>
    page.evaluate(() => {
      const highlight = CSS.highlights.get('selected');
      return [...(highlight ?? [])].map(({ startContainer, startOffset, endOffset }) => startContainer.textContent?.slice(startOffset, endOffset));
    });
  await expect.poll(marked).toEqual([await quoted.locator('blockquote').textContent()]);
  await expect(page.locator('[data-position].target')).toBeInViewport();
});

test('a click on marked words selects their finding', async ({ page }) => {
  await samples(page, 'taobao');
  await pending(page);
  await page.goto(page.url().replace(/\?.*/, ''));
  await expect(page.locator('[data-finding][aria-current]')).toHaveCount(0);
  await expect.poll(() => page.evaluate(() => CSS.highlights.get('critical')?.size ?? 0)).toBeGreaterThan(0);
  const point = await page.evaluate(() => {
    const [mark] = CSS.highlights.get('critical') ?? [];
    if (mark === undefined) throw new Error('nothing is marked');
    const range = document.createRange();
    range.setStart(mark.startContainer, mark.startOffset);
    range.setEnd(mark.endContainer, mark.endOffset);
    mark.startContainer.parentElement?.scrollIntoView({ block: 'center' });
    const { x, y, width, height } = range.getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2, words: range.toString() };
  });
  await page.mouse.click(point.x, point.y);
  await expect(page.locator('[data-finding][aria-current] blockquote')).toHaveText(point.words);
});

test('the score follows when a critical finding is confirmed, rejected and undone', async ({ page }) => {
  await open(page);
  const rude = transcript('急', [
    { role: 'customer', sender: '买家', after: 0, text: '这个怎么安装' },
    { role: 'agent', sender: '小安', after: 20, text: '您好，欢迎光临，很高兴为您服务。说明书第二页有图，照着做就可以。' },
    { role: 'customer', sender: '买家', after: 30, text: '我看不懂' },
    { role: 'agent', sender: '小安', after: 20, text: '滚' },
  ]);
  await drop(page, [{ name: 'rude.json', content: JSON.stringify(rude) }]);
  await inspected(page);
  await pending(page);
  const before = Number(await total(page).textContent());
  const card = page.locator('[data-finding][aria-current]');
  await card.getByRole('button', { name: '确认' }).click();
  await expect(card).toContainText('已确认');
  await expect.poll(async () => Number(await total(page).textContent())).toBeLessThan(Math.min(before, 60));
  await card.getByRole('button', { name: '误判' }).click();
  await expect(card).toContainText('已判误判');
  await expect.poll(async () => Number(await total(page).textContent())).toBeGreaterThan(before);
  await page.keyboard.press('Control+z');
  await expect(card).toContainText('已确认');
  await page.keyboard.press('Control+z');
  await expect(card).toContainText('待复核');
  await expect(total(page)).toHaveText(String(before));
  await page.keyboard.press('c');
  await expect(card).toContainText('已确认');
});

test('a message that holds markup stays text', async ({ page }) => {
  await open(page);
  const evil = '<img src=x onerror="globalThis.caught = 1"><script>globalThis.caught = 2</script>';
  await drop(page, [
    {
      name: 'evil.json',
      content: JSON.stringify(
        transcript(evil, [
          { role: 'customer', sender: evil, after: 0, text: evil },
          { role: 'agent', sender: '小安', after: 400, text: `不知道 ${evil}` },
        ]),
      ),
    },
  ]);
  await inspected(page);
  await page.goto('./#/conversation/0');
  await expect(page.locator('[data-text="0"]')).toHaveText(evil);
  await expect(page.locator('[data-text="1"]')).toHaveText(`不知道 ${evil}`);
  expect(await page.evaluate(() => 'caught' in globalThis)).toBe(false);
  await expect(page.locator('#app img')).toHaveCount(0);
});

test('nothing but the page’s own files is fetched during a scan', async ({ page, baseURL }) => {
  await open(page);
  const asked: string[] = [];
  page.context().on('request', (request) => asked.push(request.url()));
  await page.getByRole('button', { name: '试用内置样例' }).click();
  await inspected(page);
  const { origin } = new URL(baseURL ?? page.url());
  const elsewhere = asked.filter((url) => !url.startsWith('blob:') && new URL(url).origin !== origin);
  expect(elsewhere).toEqual([]);
  const paths = asked.filter((url) => !url.startsWith('blob:')).map((url) => new URL(url).pathname);
  expect(paths.filter((path) => !/\/(samples|assets)\//.test(path))).toEqual([]);
  expect(await page.evaluate(() => 'RTCPeerConnection' in globalThis)).toBe(false);
});

test('a key that follows a click at once is meant for what was clicked', async ({ page }) => {
  await samples(page, 'taobao');
  await pending(page);
  await page.keyboard.press('Escape');
  await page.locator('tr.row a').first().click();
  const card = page.locator('[data-finding]', { hasText: '待复核' }).first();
  await expect(card).toBeVisible();
  // Both in one task, before anything that the click sets off later.
  await card.getByRole('button').first().evaluate((button) => {
    (button as HTMLButtonElement).click();
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'c', bubbles: true }));
  });
  await expect(page.locator('[data-finding][aria-current]')).toContainText('已确认');
});

test('the report is what the core wrote, with the reviews in it', async ({ page }) => {
  await samples(page, 'taobao');
  await pending(page);
  await page.keyboard.press('c');
  await expect(page.locator('[data-finding][aria-current]')).toContainText('已确认');

  const json = await save(page, 'JSON');
  expect(json.name).toBe('zhijian-taobao.json');
  const report = JSON.parse(json.bytes.toString('utf8'));
  expect(report.schema).toBe('zhijian-report/1');
  expect(report.offsets).toBe('utf16');
  expect(report.accounting.conversations).toBe(report.conversations.length);
  const reviews = report.conversations.flatMap((one: { findings: { review?: string }[] }) => one.findings.map(({ review }) => review));
  expect(reviews.filter((review: unknown) => review === 'confirmed')).toHaveLength(1);

  const csv = await save(page, 'CSV');
  expect([...csv.bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(csv.bytes.toString('utf8')).toContain('已确认');
});

test('four files in one drop, four outcomes', async ({ page }) => {
  await open(page);
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  const whole = JSON.stringify([
    transcript('整', [
      { role: 'customer', sender: '买家', after: 0, text: '在吗' },
      { role: 'agent', sender: '小安', after: 20, text: '您好，在的' },
    ]),
  ]);
  // 会话ID,时间,角色,发送者,内容 / g1,…,客户,买家,在吗 / g1,…,客服,小安,您好 in GBK.
  const gbk = Buffer.concat([
    Buffer.from('bbe1bbb04944 2c cab1bce4 2c bdc7c9ab 2c b7a2cbcdd5df 2c c4dac8dd 0d0a'.replace(/ /g, ''), 'hex'),
    Buffer.from('g1,2026-03-01 10:00:00,'),
    Buffer.from('bfcdbba7 2c c2f2bcd2 2c d4dac2f0 0d0a'.replace(/ /g, ''), 'hex'),
    Buffer.from('g1,2026-03-01 10:00:20,'),
    Buffer.from('bfcdb7fe 2c d0a1b0b2 2c c4fabac3 0d0a'.replace(/ /g, ''), 'hex'),
  ]);
  await drop(page, [
    { name: 'picture.png', content: png },
    { name: 'empty.csv', content: '' },
    { name: 'cut.json', content: whole.slice(0, -25) },
    { name: 'gbk.csv', content: gbk },
  ]);
  await inspected(page);
  await page.getByRole('link', { name: '文件与诊断' }).click();
  const remark = page.locator('.remarks li');
  /** What became of a file, how many conversations and messages it gave, and every remark: level, code, words. */
  const outcomes: [string, string, [string, string, string][]][] = [
    ['picture.png', '没有读到会话 0 0', [['错误', 'file-not-text', 'PNG']]],
    ['empty.csv', '没有读到会话 0 0', [['错误', 'file-empty', '文件是空的']]],
    ['cut.json', '已质检 1 1', [['错误', 'json-truncated', '文件在这里中断']]],
    ['gbk.csv', '已质检 1 2', [['说明', 'encoding-detected', 'gb18030'], ['说明', 'timezone-assumed', 'Asia/Shanghai']]],
  ];
  for (const [name, became, remarks] of outcomes) {
    const row = page.locator('main table tbody tr', { hasText: name });
    await expect(row, name).toHaveCount(1);
    const cells = await row.locator('td').allInnerTexts();
    expect([cells[0], cells[2], cells[3]].join(' ').replace(/\s+/g, ' ').trim(), name).toBe(became);
    await expect(remark.filter({ hasText: name }), name).toHaveCount(remarks.length);
    for (const [level, code, words] of remarks) {
      const one = remark.filter({ hasText: name }).filter({ hasText: code });
      await expect(one, `${name}: ${code}`).toContainText(level);
      await expect(one, `${name}: ${code}`).toContainText(words);
    }
  }
  await page.goto('./#/conversation/1');
  await expect(page.locator('[data-text]').nth(0)).toHaveText('在吗');
  await expect(page.locator('[data-text]').nth(1)).toHaveText('您好');
});

test('a standard with mistakes names every one with its place', async ({ page }) => {
  await open(page);
  await page.locator('input[type=file][accept=".toml"]').first().setInputFiles({ name: 'own.toml', mimeType: 'text/plain', buffer: Buffer.from('id = 3\nmistake = true\n[[rules.dance]]\n') });
  await page.getByRole('button', { name: '试用内置样例' }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('标准有错');
  await expect(alert.locator('code').first()).toContainText(/:\d+/);
});

test('keys lead through conversations and findings, and back', async ({ page }) => {
  await samples(page, 'taobao');
  await page.getByRole('link', { name: '会话', exact: true }).click();
  await expect(page.locator('tr.row.at')).toHaveCount(1);
  const second = await page.locator('tr.row a').nth(1).textContent();
  await page.keyboard.press('j');
  await expect(page.locator('tr.row.at')).toContainText(second ?? '');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(second ?? '');
  await page.keyboard.press('Shift+K');
  await expect(page).toHaveURL(/conversation\/0/);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { level: 1, name: '会话', exact: true })).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: '键盘快捷键' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.goBack();
  await expect(page).toHaveURL(/conversation\/0/);
});

test('words, agents and severities narrow the list', async ({ page }) => {
  await samples(page, 'taobao');
  await page.getByRole('link', { name: '会话', exact: true }).click();
  await expect(page.locator('tr.row').first()).toBeVisible();
  const all = await page.locator('tr.row').count();
  await page.getByRole('searchbox').fill('窗帘短了');
  await expect(page.locator('tr.row')).toHaveCount(1);
  await page.getByRole('button', { name: '清除筛选' }).click();
  await expect(page.locator('tr.row')).toHaveCount(all);
  await page.getByRole('searchbox').fill('绝无此话');
  await expect(page.getByText('没有符合条件的会话')).toBeVisible();
});
