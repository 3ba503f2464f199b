// What the page's tests have in common: how to hand files in, and transcripts made for them.
import type { Page } from '@playwright/test';

import { expect } from './fixtures';

export interface Said {
  role: 'customer' | 'agent' | 'bot' | 'system';
  sender: string;
  /** Seconds after the message before. */
  after: number;
  text: string;
}

export function transcript(id: string, said: Said[], begin = Date.UTC(2026, 2, 1, 2, 0, 0)): object {
  let time = begin;
  const messages = said.map(({ role, sender, after, text }) => {
    time += after * 1000;
    return { role, sender, time: new Date(time).toISOString(), text };
  });
  return { id, channel: 'chat', timezone: '+08:00', messages };
}

export interface Handed {
  name: string;
  content: Buffer | string;
}

/** Drops files on the page as a person would. */
export async function drop(page: Page, files: Handed[]): Promise<void> {
  const plain = files.map(({ name, content }) => ({ name, base64: Buffer.from(content).toString('base64') }));
  await page.evaluate((handed) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of handed) {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      transfer.items.add(new File([bytes], name));
    }
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, plain);
}

export async function open(page: Page): Promise<void> {
  await page.goto('./');
  await expect(page.getByRole('button', { name: '试用内置样例' })).toBeVisible();
  await expect(page.locator('#standard option').nth(1)).toBeAttached();
}

/** Inspects the samples under a standard and waits for the table of agents. */
export async function samples(page: Page, standard?: string): Promise<void> {
  await open(page);
  if (standard !== undefined) await page.locator('#standard').selectOption(standard);
  await page.getByRole('button', { name: '试用内置样例' }).click();
  await inspected(page);
}

/** Opens the first conversation in which a critical finding waits for review, and selects that finding. */
export async function pending(page: Page): Promise<void> {
  await page.getByRole('link', { name: '会话', exact: true }).click();
  await page.getByRole('combobox', { name: '显示' }).selectOption('pending');
  await page.locator('tr.row a').first().click();
  await page.locator('[data-finding]', { hasText: '待复核' }).first().getByRole('button').first().click();
}

/** Saves the report as a person would. */
export async function save(page: Page, format: 'JSON' | 'CSV' | 'JSONL' | 'XLSX'): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole('button', { name: '导出' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#export-menu button').filter({ has: page.getByText(format, { exact: true }) }).click()]);
  const parts: Buffer[] = [];
  for await (const part of await download.createReadStream()) parts.push(part as Buffer);
  return { name: download.suggestedFilename(), bytes: Buffer.concat(parts) };
}

/** Waits for the table of agents, which is what a scan ends with when it read anything. */
export async function inspected(page: Page): Promise<void> {
  // The first inspection compiles a standard and reads the dictionary; a busy machine takes its time.
  await expect(page.getByRole('heading', { level: 1, name: '客服', exact: true })).toBeVisible({ timeout: 40_000 });
}

export const total = (page: Page) => page.locator('[data-total]');
