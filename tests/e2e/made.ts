// Large files and many files, made the same way every time.
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';

import type { Browser, Page } from '@playwright/test';

import { expect } from './fixtures';

const ASKED = ['请问有货吗', '什么时候发货', '能便宜点吗', '怎么还没到', '尺寸怎么选', '可以退吗', '颜色有偏差吗', '好的谢谢'];
const SAID = ['您好，有货的', '今天下午发出', '不知道，你看物流吧', '亲，稍等我查一下', '哦', '可以的，7 天内都能退换', '祝您生活愉快', '我帮您登记了'];

/** A moment as exports write it: so many seconds after a day in March. */
function moment(seconds: number): string {
  return new Date(Date.UTC(2026, 2, 1) + seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

const GOODS = ['加厚遮光窗帘卧室免打孔成品', '北欧风实木床头柜小户型', '全棉四件套纯色裸睡床单被套', '智能感应夜灯充电款'];

/** The rows of one conversation of a table, which stand together, with what exports say beside. */
export function rows(number: number): string {
  let text = '';
  const beside = `青禾旗舰店,${1_700_000_000_000_000 + number * 37},${GOODS[number % 4]},https://item.example.com/detail/${600_000_000 + number}.html`;
  for (let m = 0; m < 12; m += 1) {
    const customer = m % 2 === 0;
    const at = moment((number % 900_000) * 97 + m * (8 + (number % 50)));
    const who = customer ? `客户,tb${number},${ASKED[(number + m) % 8]}，订单 ${number}` : `客服,青禾旗舰店:小${'安迪雨禾'[number % 4]},${SAID[(number * 5 + m) % 8]}，单号 ${number}`;
    text += `S${number},${at},${who},${beside}\r\n`;
  }
  return text;
}

export const HEADER = '会话ID,时间,角色,发送者,内容,店铺,订单号,商品标题,商品链接\r\n';

/** A table of about so many bytes. */
export function table(path: string, bytes: number): { conversations: number; bytes: number } {
  const file = openSync(path, 'w');
  let size = writeSync(file, HEADER);
  let conversations = 0;
  while (size < bytes) {
    let part = '';
    for (let i = 0; i < 2000 && size + part.length * 2 < bytes; i += 1, conversations += 1) part += rows(conversations);
    if (part === '') part = rows(conversations++);
    size += writeSync(file, part);
  }
  closeSync(file);
  return { conversations, bytes: size };
}

/** The same conversations in so many files, two in each, and in one. */
export function many(folder: string, count: number): { files: string[]; one: string } {
  const small = join(folder, 'small');
  mkdirSync(small, { recursive: true });
  const files: string[] = [];
  const all: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const own = [0, 1].map((i) => line(n * 2 + i)).join('');
    const path = join(small, `f${String(n).padStart(5, '0')}.jsonl`);
    writeFileSync(path, own);
    files.push(path);
    all.push(own);
  }
  const one = join(folder, 'one.jsonl');
  writeFileSync(one, all.join(''));
  return { files, one };
}

/** A conversation as one line of JSON; `filler` makes it long without making it say more. */
export function line(number: number, filler = ''): string {
  const messages = Array.from({ length: 8 }, (_, m) => ({
    role: m % 2 === 0 ? 'customer' : 'agent',
    sender: m % 2 === 0 ? `tb${number}` : `小${'安迪雨禾'[number % 4]}`,
    time: new Date(Date.UTC(2026, 2, 1) + (number * 97 + m * (8 + (number % 70))) * 1000).toISOString(),
    text: `${m % 2 === 0 ? ASKED[(number + m) % 8] : SAID[(number * 5 + m) % 8]} ${number}${filler}`,
  }));
  return `${JSON.stringify({ id: `L${number}`, timezone: '+08:00', messages })}\n`;
}

export function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Sets sizes and faults before the page begins. */
export async function tune(page: Page, tuning: object): Promise<void> {
  await page.addInitScript((value) => Object.assign(globalThis, { zhijianTuning: value }), tuning);
}

export async function choose(page: Page, files: string | string[]): Promise<void> {
  await page.locator('input[type=file][multiple]').first().setInputFiles(files);
}

export async function done(page: Page, timeout: number): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: '客服', exact: true })).toBeVisible({ timeout });
}

/** Notes tasks over 50 ms, when a scan was begun, when something was found, and when it was done, in the page's own time. */
export async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const notes = { tasks: [] as number[], when: [] as string[], begun: 0, first: 0, done: 0 };
    Object.assign(globalThis, { notes });
    // Putting thousands of files into the field is the browser's own work; what follows in the same task is the page's.
    new PerformanceObserver((list) => list.getEntries().forEach(({ startTime, duration }) => {
      const from = Math.max(startTime, notes.begun);
      const own = Math.round(startTime + duration - from);
      if (notes.begun === 0 || own < 50) return;
      notes.tasks.push(own);
      notes.when.push(`${own} at ${Math.round(from - notes.begun)}`);
    })).observe({ entryTypes: ['longtask'] });
    document.addEventListener('change', () => (notes.begun ||= performance.now()), true);
    new MutationObserver(() => {
      if (notes.begun === 0) return;
      if (notes.first === 0 && document.querySelector('[data-first]') !== null) notes.first = performance.now();
      if (notes.done === 0 && document.querySelector('main table tbody tr') !== null) notes.done = performance.now();
    }).observe(document.body, { subtree: true, childList: true });
  });
}

export interface Notes {
  tasks: number[];
  /** The same, with when each began. */
  when: string[];
  begun: number;
  first: number;
  done: number;
}

export async function notes(page: Page): Promise<Notes> {
  // What was found may have been shown only with the result.
  const seen = await page.evaluate(() => (globalThis as unknown as { notes: Notes }).notes);
  return { ...seen, first: seen.first === 0 ? seen.done : seen.first };
}

/** Watches the memory of the page's process from now on; the figure is the highest seen, in bytes. */
export async function memory(browser: Browser, page: Page): Promise<{ peak(): number; stop(): void }> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as { processInfo: { type: string; id: number }[] };
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  await page.evaluate(() => 0);
  let peak = 0;
  const look = () => {
    for (const id of renderers) {
      try {
        const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'));
        peak = Math.max(peak, Number(found?.[1] ?? 0) * 1024);
      } catch {
        // It has ended.
      }
    }
  };
  const timer = setInterval(look, 50);
  return {
    peak: () => (look(), peak),
    stop: () => clearInterval(timer),
  };
}

export const MB = 1024 * 1024;

/** The cipher of old that every archiver knows, and the exports with a password use. */
function enciphered(content: Buffer, password: string, check: number): Buffer {
  const keys = Uint32Array.of(0x12345678, 0x23456789, 0x34567890);
  const turn = (crc: number, byte: number) => (crc >>> 8) ^ CRC[(crc ^ byte) & 255]!;
  const take = (byte: number) => {
    keys[0] = turn(keys[0]!, byte);
    keys[1] = Math.imul(keys[1]! + (keys[0] & 255), 134_775_813) + 1;
    keys[2] = turn(keys[2]!, keys[1]! >>> 24);
  };
  for (const byte of Buffer.from(password)) take(byte);
  // Twelve bytes of which only the last says something: whether the password is right.
  const plain = Buffer.concat([Buffer.from('eleven byte'), Buffer.of(check >>> 24), content]);
  return plain.map((byte) => {
    const mixed = (keys[2]! | 2) & 0xffff;
    const cipher = byte ^ ((Math.imul(mixed, mixed ^ 1) >>> 8) & 255);
    take(byte);
    return cipher;
  }) as Buffer;
}

/** A zip of these entries. */
export function zip(entries: { name: string; content: Buffer }[], password?: string): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content } of entries) {
    const path = Buffer.from(name);
    const deflated = deflateRawSync(content, { level: 9 });
    const packed = password === undefined ? deflated : enciphered(deflated, password, crc32(content));
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(password === undefined ? 0x800 : 0x801, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, path, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, path]));
    parts.push(local);
    at += local.length;
  }
  const all = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(all.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, all, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

function crc32(bytes: Buffer): number {
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC[(crc ^ byte) & 255]!;
  return (crc ^ -1) >>> 0;
}

const CRC = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** A sheet of next to nothing, with a cell as far away as there are any. */
export function farCell(): Buffer {
  const xml = (text: string) => Buffer.from(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${text}`);
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  return zip([
    { name: '[Content_Types].xml', content: xml(`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${types}.worksheet+xml"/></Types>`) },
    { name: '_rels/.rels', content: xml(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`) },
    { name: 'xl/workbook.xml', content: xml(`<workbook xmlns="${main}" xmlns:r="${rel}"><sheets><sheet name="聊天" sheetId="1" r:id="r1"/></sheets></workbook>`) },
    { name: 'xl/_rels/workbook.xml.rels', content: xml(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`) },
    { name: 'xl/worksheets/sheet1.xml', content: xml(`<worksheet xmlns="${main}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>内容</t></is></c></row><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>远</t></is></c></row></sheetData></worksheet>`) },
  ]);
}
