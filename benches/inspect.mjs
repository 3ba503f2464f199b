// How fast a batch is inspected, in the wasm and by the program, in one run: compare the two, not the machines.
// Times are CPU seconds. Both must give the same number of findings, or nothing is measured.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { dictionary, engine } from '../tests/wasm/engine.mjs';

const program = process.env.ZHIJIAN_RELEASE;
if (!program) throw new Error('ZHIJIAN_RELEASE must name the program built with --release; `cargo xtask bench` does that');

const CUSTOMER = ['在吗', '这款有货吗', '什么时候发货', '能便宜点吗', '好的谢谢', '物流怎么三天没动了', '我要退货', '质量太差了', '尺码偏大吗', '能开发票吗', '👌'];
const AGENT = ['您好，欢迎光临，有什么可以帮您', '有的亲，今天17点前发出', '稍等，我帮您查一下', '不好意思让您久等了', '您看还有别的问题吗', '祝您生活愉快', '不知道', '这款是纯棉的，可以机洗，水温不超过30度', '已经帮您登记了，今天18点前回您', '全网最低价', '亲，在的'];
let seed = 20260301;
const random = (n) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % n;
const lines = [];
for (let i = 0; i < 2000; i += 1) {
  let time = Date.UTC(2024, 4, 6, 2, 0, i);
  const messages = [];
  for (let k = 0; k < 12; k += 1) {
    const agent = k % 2 === 1;
    messages.push({ role: agent ? 'agent' : 'customer', sender: agent ? `客服${i % 40}` : '买家', time: new Date(time).toISOString(), text: (agent ? AGENT : CUSTOMER)[random(agent ? AGENT.length : CUSTOMER.length)] });
    time += [5000, 20000, 40000, 90000, 200000][random(5)];
  }
  lines.push(JSON.stringify({ id: `c${i}`, messages }));
}
const batch = Buffer.from(lines.join('\n'));
const megabytes = batch.length / 1e6;
const folder = mkdtempSync(join(tmpdir(), 'zhijian-bench-'));
try {
  const { Session } = await engine();
  const words = new TextEncoder().encode(await dictionary());
  for (const standard of ['pinduoduo', 'taobao']) {
    const wasm = [];
    let findings = 0;
    for (let round = 0; round < 3; round += 1) {
      const session = new Session({ standard });
      session.loadDictionary(words);
      session.add('batch.jsonl', batch);
      const before = process.cpuUsage();
      findings = 0;
      let step;
      do {
        step = session.step(2000);
        const { rows } = session.take();
        for (let i = 1; i < rows.length; i += 15) findings += rows[i];
      } while (!step.done);
      const { user, system } = process.cpuUsage(before);
      wasm.push((user + system) / 1e6);
      session.free();
    }
    const native = [];
    for (const text of ['', batch.toString()]) {
      writeFileSync(join(folder, 'batch.jsonl'), text || lines[0]);
      const rounds = [0, 1, 2].map(() => {
        const out = execFileSync('sh', ['-c', `"${program}" inspect batch.jsonl --standard ${standard} --format json > out.json; times`], { cwd: folder, encoding: 'utf8' });
        const [minutes, seconds] = (out.trim().split('\n')[1]?.split(' ')[0] ?? '0m0s').replace('s', '').split('m');
        return Number(minutes) * 60 + Number(seconds);
      });
      native.push(Math.min(...rounds));
    }
    const report = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'));
    const counted = report.conversations.reduce((sum, conversation) => sum + conversation.findings.length, 0);
    if (counted !== findings) throw new Error(`${standard}: ${findings} findings in wasm, ${counted} natively`);
    // What the program needs to start and to compile the standard is no part of scanning.
    const scan = Math.max(native[1] - native[0], 1e-3);
    const own = Math.min(...wasm);
    console.log(`${standard}: ${megabytes.toFixed(1)} MB, 24000 messages, ${findings} findings; wasm ${(megabytes / own).toFixed(1)} MB/s, native ${(megabytes / scan).toFixed(1)} MB/s, ratio ${(scan / own).toFixed(2)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
