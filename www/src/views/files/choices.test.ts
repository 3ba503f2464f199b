import { describe, expect, it } from 'vitest';
import type { Detection, Diagnostic, FileOutcome } from 'zhijian';

import { missing, otherFormats, Places, reasons, speakers } from './choices';
import { FORMATS } from './formats';

function detected(some: Partial<Detection> = {}): Detection {
  return { confidence: 0, others: [], columns: [], senders: [], unknown: [], date_missing: false, ...some };
}

function outcome(state: FileOutcome['state'], some?: Partial<Detection>): FileOutcome {
  return { path: 'a.txt', size: 9, state, conversations: 0, messages: 0, diagnostics: 1, ...(some === undefined ? {} : { detection: detected(some) }) };
}

describe('formats', () => {
  it('are all offered where none was recognised', () => {
    expect(otherFormats(detected(), undefined)).toEqual({ likely: [], rest: Object.keys(FORMATS) });
  });

  it('are offered once each', () => {
    const found = detected({ format: 'csv', others: [{ format: 'jddc-tsv', confidence: 40 }, { format: 'pasted-text', confidence: 10 }] });
    const plain = otherFormats(found, undefined);
    expect(['csv', ...plain.likely.map(({ format }) => format), ...plain.rest].sort()).toEqual(Object.keys(FORMATS).sort());
    // The one that was stated stands by itself, even where the file could not be read so far.
    const { likely, rest } = otherFormats(detected({ others: found.others }), 'jddc-tsv');
    expect(likely.map(({ format }) => format)).toEqual(['pasted-text']);
    expect(rest).not.toContain('jddc-tsv');
    expect(rest).toContain('csv');
  });
});

describe('senders', () => {
  const senders: Detection['senders'] = [
    { name: '小安', role: 'agent', inferred: false },
    { name: '买家', role: 'customer', inferred: true },
  ];

  it('of whom nothing says who they are come first, whatever is known of some of their messages', () => {
    expect(speakers(detected({ senders, unknown: ['小蜜', '买家'] }))).toEqual([
      { name: '小蜜', inferred: false },
      { name: '买家', inferred: false },
      { name: '小安', role: 'agent', inferred: false },
    ]);
  });

  it('that were told apart stay when there is no room for them', () => {
    expect(speakers(detected({ senders }), [['小蜜', 'bot'], ['小安', 'supervisor']]).at(-1)).toEqual({ name: '小蜜', role: 'bot', inferred: false });
    expect(speakers(detected({ senders }), [['小安', 'agent']])).toHaveLength(2);
  });

  it('keep their places', () => {
    const places = new Places();
    const names = (found: Detection) => places.sorted(speakers(found)).map(({ name }) => name);
    expect(names(detected({ senders, unknown: ['小蜜'] }))).toEqual(['小蜜', '小安', '买家']);
    const told = [...senders, { name: '小蜜', role: 'bot', inferred: false } as const];
    expect(names(detected({ senders: told }))).toEqual(['小蜜', '小安', '买家']);
    expect(names(detected({ senders: [{ name: '新人', role: 'customer', inferred: false }, ...senders] }))).toEqual(['小安', '买家', '新人']);
  });
});

describe('a file of which nothing was read', () => {
  it('wants its format, or the column of texts', () => {
    expect(missing(outcome('failed', {}))).toBe('format');
    expect(missing(outcome('failed', { format: 'csv', columns: [{ name: '说了啥' }, { name: '时间', column: 'time' }] }))).toBe('text');
    expect(missing(outcome('failed', { format: 'csv', columns: [{ name: '内容', column: 'text' }] }))).toBeUndefined();
    expect(missing(outcome('failed', { format: 'whatsapp-text' }))).toBeUndefined();
    expect(missing(outcome('failed'))).toBeUndefined();
    expect(missing(outcome('read', { format: 'csv', columns: [{ name: '时间', column: 'time' }] }))).toBeUndefined();
  });

  it('says why, once for each kind', () => {
    const told = (code: string, severity: Diagnostic['severity'], line: number, file = 'a.txt'): Diagnostic => ({ code, severity, file, line, message: { zh: code, en: code } });
    const all = [told('json-invalid', 'error', 1, 'b.txt'), told('time-invalid', 'warning', 1), told('json-invalid', 'error', 2), told('json-invalid', 'error', 3), told('more-like-this', 'error', 4), told('conversations-missing', 'error', 5)];
    expect(reasons(all, 'a.txt').map(({ code, line }) => [code, line])).toEqual([['json-invalid', 2], ['conversations-missing', 5]]);
    expect(reasons(all, 'c.txt')).toEqual([]);
  });
});
