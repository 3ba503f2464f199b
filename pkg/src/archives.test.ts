import { describe, expect, it } from 'vitest';

import { type Opening, isContainer, openAll, unlock, withRows } from './archives';
import type { Connection } from './connection';
import type { Expanded } from './core';
import { EngineError } from './protocol';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Surroundings that open what they are asked to, and what they were asked. */
function surroundings(expand: (name: string, password: string | undefined) => Expanded, passwords: Record<string, string> = {}) {
  const asked = { workers: 0, modules: 0, names: [] as string[] };
  const opening: Opening = {
    spawn: () => {
      asked.workers += 1;
      const connection = {
        closed: false,
        request: async (_: string, { name, password }: { name: string; password?: string }) => {
          asked.names.push(name);
          return expand(name, password);
        },
        terminate: () => (connection.closed = true),
      };
      return connection as unknown as Connection;
    },
    sheets: () => {
      asked.modules += 1;
      return Promise.resolve({} as WebAssembly.Module);
    },
    passwords,
    signal: undefined,
  };
  return { asked, opening };
}

const given = (path: string, content: BlobPart) => ({ path, file: new File([content], path) });
const zip = 'PK\u0003\u0004';

describe('containers', () => {
  it('are known by their first bytes', () => {
    expect(isContainer('a.csv', bytes(zip))).toBe(true);
    expect(isContainer('a.xls', Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0))).toBe(true);
    expect(isContainer('a.xls', bytes('\ufeff\n<html><body><table>'))).toBe(true);
    expect(isContainer('a.xls', bytes('会话ID\t内容'))).toBe(false);
    expect(isContainer('a.txt', bytes('<html><table>'))).toBe(false);
    expect(isContainer('a.json', bytes('{}'))).toBe(false);
    expect(isContainer('a', new Uint8Array())).toBe(false);
  });

  it('give way to what is in them, in their place', async () => {
    const { asked, opening } = surroundings((name) => ({
      members: [{ name: `${name}!S`, bytes: bytes('a,b'), rows: Uint32Array.of(2, 4) }],
      diagnostics: [{ code: 'cells-merged', severity: 'info', file: `${name}!S`, message: { zh: '', en: '' } }],
    }));
    const files = [given('1.json', '{}'), given('2.xlsx', zip), given('3.csv', 'x,y')];
    const opened = await openAll(files, opening);
    expect(opened.files.map(({ path }) => path)).toEqual(['1.json', '2.xlsx!S', '3.csv']);
    expect(await opened.files[1]!.file.text()).toBe('a,b');
    expect(opened.diagnostics.map(({ code }) => code)).toEqual(['cells-merged']);
    expect(withRows(opened.files, new Map([['2.xlsx!S', { zone: '+08:00' }]])).get('2.xlsx!S')).toEqual({ zone: '+08:00', rows: [2, 4] });
    // Again: nothing is opened twice.
    const again = await openAll(files, opening);
    expect(again.files[1]!.file).toBe(opened.files[1]!.file);
    expect(asked).toEqual({ workers: 1, modules: 1, names: ['2.xlsx'] });
  });

  it('are not looked for where there are none, and nothing is fetched', async () => {
    const { asked, opening } = surroundings(() => ({ members: [], diagnostics: [] }));
    await openAll([given('a.jsonl', '{}'), given('b.csv', 'a,b')], opening);
    expect(asked).toEqual({ workers: 0, modules: 0, names: [] });
  });

  it('ask for a password and take it', async () => {
    const expand = (name: string, password: string | undefined): Expanded =>
      password === 'richtig'
        ? { members: [{ name: `${name}/a.csv`, bytes: bytes('a'), rows: new Uint32Array() }], diagnostics: [] }
        : { members: [], diagnostics: [{ code: 'password-needed', severity: 'error', file: name, message: { zh: '', en: '' } }] };
    const file = given('q.zip', zip);
    const locked = await openAll([file], surroundings(expand).opening);
    expect([locked.files, locked.locked]).toEqual([[], [file]]);
    const opened = await openAll([file], surroundings(expand, { 'q.zip': 'richtig' }).opening);
    expect(opened.files.map(({ path }) => path)).toEqual(['q.zip/a.csv']);
    expect(opened.locked).toEqual([]);
  });

  it('try one password on all that are locked, and keep what it opened without it', async () => {
    const expand = (name: string, password: string | undefined): Expanded => {
      const code = password === undefined ? 'password-needed' : 'password-wrong';
      return password === `for ${name}`
        ? { members: [{ name: `${name}/a.csv`, bytes: bytes('a'), rows: new Uint32Array() }], diagnostics: [] }
        : { members: [], diagnostics: [{ code, severity: 'error', file: name, message: { zh: '', en: '' } }] };
    };
    const files = [given('1.zip', zip), given('2.zip', zip), given('3.csv', 'x')];
    const { asked, opening } = surroundings(expand);
    const { locked } = await openAll(files, opening);
    expect(locked.map(({ path }) => path)).toEqual(['1.zip', '2.zip']);
    expect((await unlock(locked, 'wrong', opening)).map(({ path }) => path)).toEqual(['1.zip', '2.zip']);
    const left = await unlock(locked, 'for 2.zip', opening);
    expect(left.map(({ path }) => path)).toEqual(['1.zip']);
    const tried = asked.names.length;
    const again = await openAll(files, opening);
    expect(asked.names.length).toBe(tried);
    expect(again.files.map(({ path }) => path)).toEqual(['2.zip/a.csv', '3.csv']);
    // The one that nobody opened is told as it was before anybody tried.
    expect(again.diagnostics.map(({ code, file }) => [code, file])).toEqual([['password-needed', '1.zip']]);
    expect(await unlock(left, 'for 1.zip', opening)).toEqual([]);
    expect((await openAll(files, opening)).locked).toEqual([]);
  });

  it('that bring the module down cost themselves alone', async () => {
    const { asked, opening } = surroundings((name) => {
      if (name === 'bad.xlsx') throw new EngineError({ code: 'trap', data: { detail: 'unreachable' } });
      return { members: [{ name: `${name}!S`, bytes: bytes('a'), rows: new Uint32Array() }], diagnostics: [] };
    });
    const opened = await openAll([given('bad.xlsx', zip), given('good.xlsx', zip)], opening);
    expect(opened.files.map(({ path }) => path)).toEqual(['good.xlsx!S']);
    expect(opened.diagnostics.map(({ code, file }) => [code, file])).toEqual([['file-trapped', 'bad.xlsx']]);
    expect(asked.workers).toBe(2);
  });
});
