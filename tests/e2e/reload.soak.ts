// Opening the page again and again costs nothing that stays.
import { expect, test } from './fixtures';

test('a hundred reloads leave no memory behind', async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  const heap = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number };
    return usedSize;
  };
  await page.goto('./', { waitUntil: 'networkidle' });
  const before = await heap();
  for (let i = 0; i < 100; i += 1) await page.reload({ waitUntil: 'networkidle' });
  const after = await heap();
  console.log(`heap: ${before} bytes before, ${after} after`);
  expect(after - before).toBeLessThan(2_000_000);
});
