// What holds for the second module: it opens workbooks and archives, writes the report as one, costs a hostile file
// next to nothing, and stays small. It is loaded when the first such file is dropped.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { brotliCompressSync, constants, crc32 as nodeCrc, deflateRawSync } from 'node:zlib';

import { program, report } from './native.mjs';

const FOLDER = new URL('../../pkg/wasm/', import.meta.url);
const FIXTURES = new URL('../fixtures/', import.meta.url);
/** With brotli at 11. */
const BUDGET = 1_000_000;

const bytes = await readFile(new URL('sheets_bg.wasm', FOLDER));
let count = 0;

/** Bindings with an instance of their own, and its memory. */
async function fresh() {
  count += 1;
  const bindings = await import(new URL(`sheets.js?instance=${count}`, FOLDER).href);
  const { memory } = bindings.initSync({ module: bytes });
  return { ...bindings, memory };
}

const text = (member) => new TextDecoder().decode(member.bytes);

function crc32(data) {
  if (nodeCrc !== undefined) return nodeCrc(data);
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A zip of `[name, content, claimed size]`. */
function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, content, claimed] of files) {
    const stored = content instanceof Buffer ? content : deflateRawSync(Buffer.from(content));
    const common = Buffer.alloc(26);
    common.set([20, 0, 0, 8, 8]);
    common.writeUInt32LE(typeof content === 'string' ? crc32(Buffer.from(content)) : 0, 10);
    common.writeUInt32LE(stored.length, 14);
    common.writeUInt32LE(claimed ?? Buffer.byteLength(content), 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), stored]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, place, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const all = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(all.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, all, end]);
}

/** A workbook with one sheet. */
const book = (rows) =>
  zip([
    ['xl/workbook.xml', '<workbook><sheets><sheet name="S" id="r1"/></sheets></workbook>'],
    ['xl/_rels/workbook.xml.rels', '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'],
    ['xl/worksheets/sheet1.xml', `<worksheet><sheetData>${rows}</sheetData></worksheet>`],
  ]);

test('the module stays within its budget and names no folder of the machine that built it', () => {
  const compressed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  console.log(`sheets: ${compressed.length} bytes with brotli, ${bytes.length} bytes as it is`);
  assert.ok(compressed.length <= BUDGET, `${compressed.length} bytes`);
  const strings = bytes.toString('latin1');
  assert.ok(!strings.includes(homedir()), homedir());
  assert.doesNotMatch(strings, /\/(home|Users|root)\/[\w.-]+\/|\.cargo\/registry/);
});

test('the module imports nothing but its bindings, which fetch nothing by themselves', async () => {
  const module = await WebAssembly.compile(bytes);
  const foreign = WebAssembly.Module.imports(module).filter(({ module }) => module !== './sheets_bg.js');
  assert.deepEqual(foreign, []);
  assert.doesNotMatch(await readFile(new URL('sheets.js', FOLDER), 'utf8'), /import\.meta\.url/);
});

test('a workbook, old and new, and an archive of them', async () => {
  const { expand } = await fresh();
  const old = await readFile(new URL('sheets/chat.xls', FIXTURES));
  const opened = expand('chat.xls', old);
  assert.deepEqual(opened.members.map(({ name }) => name), ['chat.xls!聊天记录']);
  assert.match(text(opened.members[0]), /^会话ID,发送时间,角色,发送人,内容,订单号,备注\nc0,2024-05-06 10:00:00,客户,tb8801/);
  assert.ok(opened.members[0].rows instanceof Uint32Array && opened.members[0].rows.length > 0);
  const inexact = opened.diagnostics.find(({ code }) => code === 'number-inexact');
  assert.deepEqual([inexact.line, inexact.field], [2, '聊天记录!F2']);

  const all = expand('all.zip', zip([['五月/a.csv', 'a,b\n'], ['五月/b.jpg', 'x']]));
  assert.deepEqual(all.members.map(({ name }) => name), ['all.zip/五月/a.csv']);
  assert.deepEqual(all.diagnostics.map(({ code }) => code), ['file-skipped']);
  const one = expand('b.xlsx', book('<row r="7"><c r="B7"><v>600123456789012345</v></c></row>'));
  assert.equal(text(one.members[0]), ',600123456789012345\n');
  assert.deepEqual([...one.members[0].rows], [1, 7]);
});

test('a far cell and bombs take neither time nor memory', async () => {
  const packed = deflateRawSync(Buffer.alloc(128 << 20, '0'));
  for (const [name, hostile, code] of [
    ['far.xlsx', book('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'), undefined],
    ['bomb.zip', zip([['a.csv', Buffer.alloc(523_000), 512 << 20]]), 'archive-ratio'],
    ['bomb.xlsx', zip([['xl/workbook.xml', Buffer.alloc(523_000), 512 << 20]]), 'archive-ratio'],
    ['lie.zip', zip([['a.csv', packed, 900]]), undefined],
  ]) {
    const { expand, memory } = await fresh();
    const begun = performance.now();
    const { members, diagnostics } = expand(name, hostile);
    const took = performance.now() - begun;
    console.log(`${name}: ${took.toFixed(1)} ms, ${memory.buffer.byteLength >> 20} MiB, ${diagnostics.map((one) => one.code)}`);
    assert.ok(took < 200, `${name}: ${took} ms`);
    assert.ok(memory.buffer.byteLength < 64 << 20, `${name}: ${memory.buffer.byteLength}`);
    assert.equal(members.length, name === 'far.xlsx' ? 1 : 0, name);
    if (code !== undefined) assert.equal(diagnostics[0].code, code);
  }
});

test('the report as a workbook has the same bytes as the command line gives', async () => {
  const { ReportSheets, expand } = await fresh();
  const chats = await readFile(new URL('cases/05-taobao.json', FIXTURES));
  const whole = JSON.parse((await report('05-taobao.json', chats, 'taobao')).toString('utf8'));
  const frame = JSON.stringify({ ...whole, conversations: [] });
  const cut = frame.indexOf('"conversations":[') + '"conversations":['.length;
  const encode = (value) => new TextEncoder().encode(value);
  const sheets = new ReportSheets(encode(frame.slice(0, cut)), encode(frame.slice(cut)), false);
  for (const one of whole.conversations) sheets.add(encode(JSON.stringify(one)));
  const made = sheets.finish();
  const folder = await mkdtemp(join(tmpdir(), 'zhijian-'));
  try {
    await writeFile(join(folder, '05-taobao.json'), chats);
    const args = ['inspect', '05-taobao.json', '--standard', 'taobao', '--format', 'xlsx', '--output', 'r.xlsx', '--lang', 'zh'];
    await promisify(execFile)(await program(), args, { cwd: folder });
    assert.ok(Buffer.from(made).equals(await readFile(join(folder, 'r.xlsx'))));
  } finally {
    await rm(folder, { recursive: true });
  }
  const { members, diagnostics } = expand('r.xlsx', made);
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(members.map(({ name }) => name.split('!')[1]), ['客服', '会话', '明细', '统计', '提示']);
  assert.match(text(members[2]), /^会话,文件,客服,消息序号,规则/);
});
