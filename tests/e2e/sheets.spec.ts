// Workbooks and archives in the page: opened by a module of their own, which is fetched when there is one.
import { readFileSync } from 'node:fs';
import { crc32 as nodeCrc } from 'node:zlib';

import { expect, test } from './fixtures';
import { drop, inspected, open, samples, save } from './zhijian';

const old = readFileSync(new URL('../fixtures/sheets/chat.xls', import.meta.url));
const CHAT = '会话ID,时间,角色,发送人,内容\nz1,2024-05-06 10:00:00,客户,tb8802,在吗\nz1,2024-05-06 10:00:05,客服,小迪,在的，请问有什么可以帮您\n';

function crc32(bytes: Buffer): number {
  if (nodeCrc !== undefined) return nodeCrc(bytes);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A zip of one file, as it is. */
function zip(name: string, content: string): Buffer {
  const [path, bytes] = [Buffer.from(name), Buffer.from(content)];
  const common = Buffer.alloc(26);
  common.set([20, 0, 0, 8]);
  common.writeUInt32LE(crc32(bytes), 10);
  common.writeUInt32LE(bytes.length, 14);
  common.writeUInt32LE(bytes.length, 18);
  common.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, path, bytes]);
  const entry = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, Buffer.alloc(14), path]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, entry, end]);
}

test('a workbook and an archive are inspected, sheet by sheet and file by file', async ({ page, fetched }) => {
  await open(page);
  await page.locator('#standard').selectOption('taobao');
  const second = () => fetched.paths.filter((path) => /sheets_bg.*\.wasm$/.test(path)).length;
  expect(second(), 'it waits until it is needed').toBe(0);
  await drop(page, [
    { name: 'chat.xls', content: old },
    { name: '五月.zip', content: zip('店铺/一.csv', CHAT) },
    { name: 'broken.xlsx', content: Buffer.from('PK\x03\x04 and nothing else') },
  ]);
  await inspected(page);
  expect(second()).toBe(1);
  await page.getByRole('link', { name: '会话', exact: true }).click();
  await expect(page.locator('tr.row', { hasText: 'z1' })).toBeVisible();
  await expect(page.locator('tr.row', { hasText: 'c9' })).toBeVisible();
  // What was said is read again from what was in the archive.
  await page.locator('tr.row', { hasText: 'z1' }).locator('a').first().click();
  await expect(page.getByText('在的，请问有什么可以帮您')).toBeVisible();
});

test('the report is saved as a workbook', async ({ page }) => {
  await samples(page, 'taobao');
  const { name, bytes } = await save(page, 'XLSX');
  expect(name).toBe('zhijian-taobao.xlsx');
  expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
  expect(bytes.includes('xl/worksheets/sheet5.xml')).toBe(true);
  // The page goes on with it as with any other file.
  await expect(page.getByRole('button', { name: '导出' })).toBeEnabled();
});
