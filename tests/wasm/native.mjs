// The command-line program, to compare the engine in wasm with: same files in, same bytes out.
//
// `ZHIJIAN_BIN` names it; `cargo xtask` sets it. Without, the newest of `target/{release,debug}/zhijian` is taken, in
// the folder that CARGO_TARGET_DIR names if it does. It must have been built from the same sources as `pkg/wasm`: an
// older one fails these tests, and rightly so. When there is none, the tests fail and say so.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = new URL('../../', import.meta.url).pathname;
const NAME = process.platform === 'win32' ? 'zhijian.exe' : 'zhijian';

/** The path of the program. */
export async function program() {
  const named = process.env.ZHIJIAN_BIN;
  const target = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');
  const places = named ? [resolve(ROOT, named)] : ['release', 'debug'].map((profile) => join(target, profile, NAME));
  const found = [];
  for (const path of places) {
    const file = await stat(path).catch(() => undefined);
    if (file?.isFile()) found.push({ path, time: file.mtimeMs });
  }
  found.sort((a, b) => b.time - a.time);
  if (found.length === 0) {
    throw new Error(`there is no program to compare with (${places.join(', ')}): run \`cargo build\`, or set ZHIJIAN_BIN to its path`);
  }
  return found[0].path;
}

/**
 * The JSON report of a file under a standard, as the program writes it. The report names the file as it was given, so
 * the program is run in the file's folder and given the bare name.
 *
 * @param {string} name
 * @param {Uint8Array | string} content
 * @param {string} standard
 * @returns {Promise<Buffer>}
 */
export async function report(name, content, standard) {
  const path = await program();
  const folder = await mkdtemp(join(tmpdir(), 'zhijian-'));
  try {
    await writeFile(join(folder, name), content);
    const args = ['inspect', name, '--standard', standard, '--format', 'json'];
    const { stdout } = await promisify(execFile)(path, args, { cwd: folder, encoding: 'buffer', maxBuffer: 1 << 28 }).catch((error) => {
      // Findings or unreadable parts of a file may be told by the exit code; the report is there nevertheless.
      if (error.stdout?.length > 0) return error;
      throw error;
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Where two reports part, with a little of both; nothing when they are the same.
 *
 * @param {Buffer} wasm
 * @param {Buffer} native
 */
export function difference(wasm, native) {
  if (wasm.equals(native)) return undefined;
  let at = 0;
  while (at < wasm.length && wasm[at] === native[at]) at += 1;
  const near = (bytes) => bytes.subarray(Math.max(0, at - 120), at + 120).toString('utf8');
  return `the reports differ from byte ${at} on\nwasm:   …${near(wasm)}…\nnative: …${near(native)}…`;
}

/** A transcript of every kind of trouble, one conversation a line: a batch that is always the same. */
export function batch(conversations = 60) {
  const asked = ['请问有货吗', '什么时候发货😀', '能便宜点吗', '怎么还没到，都三天了！', '尺寸怎么選', '我要投訴，转人工', '你好，在吗'];
  const said = ['您好，有货的', '今天下午发出', '不知道，你看物流吧', '亲，稍等我查一下', '哦', '可以的，7 天内都能退换，祝您生活愉快', '加我微.信 ab12345678 聊', '滚', '您的手机号 13812345678 对吗'];
  const lines = [];
  for (let c = 0; c < conversations; c += 1) {
    let time = Date.UTC(2026, 2, 1) + c * 61_000;
    const messages = [];
    for (let m = 0; m < 4 + (c % 9); m += 1) {
      const customer = m % 2 === 0;
      time += 1000 * (5 + ((c * 37 + m * 61) % 400));
      messages.push({
        role: customer ? 'customer' : c % 11 === 5 && m === 1 ? 'bot' : 'agent',
        sender: customer ? `买家${c}` : `客服${c % 4}`,
        ...(c % 13 === 7 ? {} : { time: new Date(time).toISOString() }),
        text: customer ? `${asked[(c + m) % asked.length]}` : `${said[(c * 5 + m) % said.length]}`,
      });
    }
    lines.push(JSON.stringify({ id: `S${c}`, timezone: '+08:00', messages }));
  }
  // One that is no transcript, and one that is cut short.
  lines.splice(10, 0, '[1, 2');
  return lines.join('\n');
}
