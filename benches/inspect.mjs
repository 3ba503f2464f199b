// How fast a million messages are inspected, from file to report, by the program and in the wasm, and how fast two
// libraries for forbidden words pass over the same texts looking for words of the same rules and doing nothing else.
// All in one run, in CPU seconds: compare the figures with each other, not the machines. The program and the wasm must
// give the same number of findings, or nothing is measured.
import { spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { dictionary, engine } from '../tests/wasm/engine.mjs';
import { conversations, write } from './input/messages.mjs';
import { forbidden } from './input/phrases.mjs';

const require = createRequire(import.meta.url);
const program = process.env.ZHIJIAN_RELEASE;
if (!program) throw new Error('ZHIJIAN_RELEASE must name the program built with --release; `cargo xtask bench` does that');
const count = Number(process.env.ZHIJIAN_BENCH_MESSAGES ?? 1_000_000);

const folder = mkdtempSync(join(tmpdir(), 'zhijian-bench-'));
const batch = join(folder, 'batch.jsonl');
const distinct = join(folder, 'distinct.jsonl');

/** Runs the program once: CPU seconds, and the most memory it held where the system says so. */
function inspect(standard, format, input = batch) {
  return new Promise((resolve, reject) => {
    const line = '"$0" inspect "$1" --standard "$2" --format "$3" --output "$4"; code=$?; times; exit $code';
    const child = spawn('sh', ['-c', line, program, input, standard, format, join(folder, 'out')], { stdio: ['ignore', 'pipe', 'pipe'] });
    let peak = 0;
    const watch = setInterval(() => {
      try {
        const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
        const status = readFileSync(`/proc/${children.split(' ')[0]}/status`, 'utf8');
        peak = Math.max(peak, Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0));
      } catch {
        // Over, or not Linux.
      }
    }, 20);
    let out = '';
    let errors = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (errors += data));
    child.on('close', (code) => {
      clearInterval(watch);
      if (code !== 0) return reject(new Error(`${program} ended with ${code}: ${errors}`));
      // The last line of `times` is what the children used: user and system.
      const parts = out.trim().split('\n').at(-1).match(/(\d+)m([\d.]+)s/g) ?? [];
      const seconds = parts.map((part) => part.replace('s', '').split('m').map(Number)).reduce((sum, [m, s]) => sum + m * 60 + s, 0);
      resolve({ seconds, peak: peak / 1024 });
    });
  });
}

async function least(standard, format, input) {
  const rounds = [await inspect(standard, format, input), await inspect(standard, format, input)];
  return { seconds: Math.min(...rounds.map((round) => round.seconds)), peak: Math.max(...rounds.map((round) => round.peak)) };
}

function cpu(work) {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
}

try {
  const figures = write(batch, count);
  const megabytes = figures.text / 1e6;
  const speed = (seconds) => megabytes / seconds;
  const shown = (seconds) => `${speed(seconds).toFixed(1)} MB/s`;
  const times = (one, other) => `${(other / one).toFixed(2)} ×`;
  console.log(`${figures.messages} messages in ${figures.conversations} conversations, ${megabytes.toFixed(1)} MB of text in ${(figures.bytes / 1e6).toFixed(1)} MB of JSONL; MB/s of text, CPU time, file to report`);
  const other = write(distinct, count, { distinct: true });
  const texts = [];
  for (const { texts: some } of conversations(count)) texts.push(...some);

  const { Session } = await engine();
  const words = new TextEncoder().encode(await dictionary());
  const inWasm = (input, standard) => {
    globalThis.gc?.();
    const bytes = readFileSync(input);
    return cpu(() => {
      let findings = 0;
      const session = new Session({ standard });
      session.loadDictionary(words);
      session.add('batch.jsonl', bytes);
      let step;
      do {
        step = session.step(2000);
        const { rows } = session.take();
        for (let i = 1; i < rows.length; i += 15) findings += rows[i];
      } while (!step.done);
      session.summary();
      session.free();
      return findings;
    });
  };
  for (const standard of ['pinduoduo', 'taobao']) {
    const table = await least(standard, 'table');
    const jsonl = await least(standard, 'jsonl');
    let counted = 0;
    for await (const line of createInterface({ input: createReadStream(join(folder, 'out')) })) {
      counted += JSON.parse(line).scores ? JSON.parse(line).findings.length : 0;
    }
    const wasm = inWasm(batch, standard);
    if (counted !== wasm.result) throw new Error(`${standard}: ${wasm.result} findings in wasm, ${counted} natively`);
    const native = Math.max(table.seconds, jsonl.seconds);
    console.log(`${standard}: ${counted} findings; native ${shown(table.seconds)} to a table (${table.peak.toFixed(0)} MB held), ${shown(jsonl.seconds)} to JSONL (${jsonl.peak.toFixed(0)} MB held); wasm ${shown(wasm.seconds)}, ${times(wasm.seconds, native)} native`);

    const alone = await least(standard, 'jsonl', distinct);
    const own = inWasm(distinct, standard);
    const rate = (seconds) => `${(other.text / 1e6 / seconds).toFixed(1)} MB/s`;
    console.log(`  no message twice: native ${rate(alone.seconds)} to JSONL (${alone.peak.toFixed(0)} MB held); wasm ${rate(own.seconds)}, ${times(own.seconds, alone.seconds)} native`);

    const list = forbidden(standard);
    const { Mint } = require('mint-filter');
    const FastScanner = require('fastscan');
    const mint = new Mint(list.words);
    const fast = new FastScanner(list.words);
    const others = [
      ['mint-filter', (text) => mint.filter(text, { replace: false }).words.length],
      ['fastscan', (text) => fast.search(text).length],
    ];
    for (const [name, search] of others) {
      const { result, seconds } = cpu(() => texts.reduce((sum, text) => sum + search(text), 0));
      console.log(`  ${name}, ${list.words.length} of ${list.all} words: ${shown(seconds)}, ${result} hits; native is ${times(native, seconds)}, wasm ${times(wasm.seconds, seconds)} as fast`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
