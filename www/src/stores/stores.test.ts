import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Agent, Gathered } from 'zhijian';

import observers from '../../../standards/observations.toml?raw';
import { jsonl, rig } from '../../../pkg/src/test/worker';
import { en } from '../i18n/en';
import { zhHans } from '../i18n/zh-Hans';
import { viewsEn } from '../i18n/views-en';
import { viewsZhHans } from '../i18n/views-zh-Hans';
import { viewsZhHant } from '../i18n/views-zh-Hant';
import { zhHant } from '../i18n/zh-Hant';
import { sorted } from './agents';
import { bytes, duration, percent, score, stamp } from './format';
import { i18n, preferred, t } from './i18n.svelte';
import { type Listed, NO_FILTER, select } from './list';
import { KINDS, LABELS, seenAs } from './observed';
import { preferences } from './preferences.svelte';
import { outcome } from './reviews';
import { href, parse, type Route } from './route.svelte';
import { Work } from './work.svelte';

beforeAll(async () => {
  await i18n.speak('zh-Hans');
  await i18n.more();
});
afterEach(() => i18n.speak('zh-Hans'));

describe('words', () => {
  const holes = (words: string) => [...words.matchAll(/\{\w+\}/g)].map(String).sort();
  const [hans, hant, english] = [{ ...zhHans, ...viewsZhHans }, { ...zhHant, ...viewsZhHant }, { ...en, ...viewsEn }];
  it.each(Object.keys(hans) as (keyof typeof hans)[])('%s has the same holes in every language', (key) => {
    expect(holes(hant[key])).toEqual(holes(hans[key]));
    expect(holes(english[key])).toEqual(holes(hans[key]));
    expect([hans[key], hant[key], english[key]].every((words) => words.trim() !== '')).toBe(true);
  });

  it('of the first view come by themselves, the others with them once they are wanted', () => {
    expect(Object.keys(zhHans).filter((key) => key in viewsZhHans)).toEqual([]);
    expect([t('start.title'), t('list.none')]).toEqual([zhHans['start.title'], viewsZhHans['list.none']]);
  });

  it('fill their holes', async () => {
    expect(t('list.count', { n: 3, all: 10 })).toBe('3 / 10 段');
    await i18n.speak('en');
    expect(t('list.count', { n: 3, all: 10 })).toBe('3 of 10');
  });

  it.each([
    [['zh-TW', 'en'], 'zh-Hant'],
    [['zh-Hant-HK'], 'zh-Hant'],
    [['zh-CN'], 'zh-Hans'],
    [['fr-FR', 'en-US'], 'en'],
    [['ja-JP'], 'zh-Hans'],
  ])('%j asks for %s', (languages, locale) => {
    expect(preferred(languages)).toBe(locale);
  });
});

it('everything the engine may see has a name in every language', async () => {
  const all = (key: string) => [...observers.matchAll(new RegExp(`^${key} = "([^"]+)"`, 'gm'))].map(([, id]) => id!);
  expect(all('kind').length).toBeGreaterThan(5);
  expect([...all('kind'), 'reply', 'stage'].filter((id) => !(id in KINDS))).toEqual([]);
  expect([...all('label'), 'presale', 'sale', 'aftersale'].filter((id) => !(id in LABELS))).toEqual([]);
  expect(seenAs({ kind: 'greeting', label: 'presence' })).toBe('问候 · 表示在线');
  await i18n.speak('en');
  expect([seenAs({ kind: 'hold' }), seenAs({ kind: 'new-kind', label: 'new' })]).toEqual(['Asked to wait', 'new-kind · new']);
});

it('the language asked for last is the one spoken', async () => {
  await Promise.all([i18n.speak('en'), i18n.speak('zh-Hant'), i18n.speak('zh-Hans')]);
  expect([i18n.locale, t('remove')]).toEqual(['zh-Hans', zhHans.remove]);
});

describe('figures', () => {
  it('write lengths of time', () => {
    expect([2.25, 27, 60, 98, 7512.4, undefined, NaN].map(duration)).toEqual([
      '2.3 秒', '27 秒', '1 分', '1 分 38 秒', '2 小时 5 分', '—', '—',
    ]);
  });

  it('write times in the zone they came in', () => {
    expect(stamp('2026-03-05T00:30:00.250+08:00')).toBe('2026-03-05 00:30:00');
    expect(stamp(undefined)).toBe('—');
  });

  it('write scores, shares and sizes', () => {
    expect([score(83.456), score(NaN), percent(0.9134), bytes(999), bytes(3417)]).toEqual(['83.5', '—', '91.3%', '999 B', '3.4 KB']);
  });
});

describe('addresses', () => {
  const routes: Route[] = [
    { view: 'start' }, { view: 'agents' }, { view: 'conversations' }, { view: 'files' },
    { view: 'conversation', index: 12 }, { view: 'conversation', index: 0, finding: 3 },
  ];
  it.each(routes)('%j comes back', (route) => {
    expect(parse(href(route))).toEqual(route);
  });

  it('that mean nothing lead somewhere', () => {
    expect(parse('')).toEqual({ view: 'start' });
    expect(parse('#/conversation/x')).toEqual({ view: 'conversations' });
    expect(parse('#/conversation/1?finding=-2')).toEqual({ view: 'conversation', index: 1 });
  });
});

describe('the list', () => {
  const columns: Record<string, number[]> = {
    findings: [2, 0, 1, 3], critical: [1, 0, 0, 1], pending: [1, 0, 0, 0], total: [50, 100, NaN, 70], major: [0, 0, 1, 0],
  };
  const listed: Listed = {
    length: 4,
    agentNames: ['张三', '李四'],
    column: (name) => Float64Array.from(columns[name] ?? [0, 0, 0, 0]),
    id: (index) => ['d', 'b', 'c', 'a'][index]!,
    agentsOf: (index) => [[0], [1], [0, 1], []][index]!,
  };
  const order = { by: 'order', descending: false } as const;
  const shown = (filter: object, sort: object = order) => [...select(listed, { ...NO_FILTER, ...filter }, sort as never)];

  it('filters by agent, severity, findings and words', () => {
    expect(shown({})).toEqual([0, 1, 2, 3]);
    expect(shown({ agent: 1 })).toEqual([1, 2]);
    expect(shown({ severity: 'critical' })).toEqual([0, 3]);
    expect(shown({ only: 'findings' })).toEqual([0, 2, 3]);
    expect(shown({ only: 'pending' })).toEqual([0]);
    expect(shown({ only: 'clean' })).toEqual([1]);
    expect(shown({ matches: Uint32Array.of(1, 3), only: 'findings' })).toEqual([3]);
  });

  it('sorts, with what is absent last in either direction', () => {
    expect(shown({}, { by: 'total', descending: false })).toEqual([0, 3, 1, 2]);
    expect(shown({}, { by: 'total', descending: true })).toEqual([1, 3, 0, 2]);
    expect(shown({}, { by: 'id', descending: false })).toEqual([3, 1, 2, 0]);
    expect(shown({}, { by: 'agent', descending: false })).toEqual([1, 0, 2, 3]);
  });

  it('never changes the words found', () => {
    const matches = Uint32Array.of(0, 3);
    select(listed, { ...NO_FILTER, matches }, { by: 'order', descending: true });
    expect([...matches]).toEqual([0, 3]);
  });
});

it('agents without a score come last', () => {
  const agent = (name: string, mean?: number) => ({ agent: name, ...(mean === undefined ? {} : { score: { mean } }), metrics: {} }) as unknown as Agent;
  const agents = [agent('甲'), agent('乙', 60), agent('丙', 90)];
  expect(sorted(agents, 'score', false).map((a) => a.agent)).toEqual(['乙', '丙', '甲']);
  expect(sorted(agents, 'score', true).map((a) => a.agent)).toEqual(['丙', '乙', '甲']);
});

describe('preferences', () => {
  it('survive a store that holds rubbish or forbids', async () => {
    await preferences.load({ getItem: () => '{oops', setItem: () => undefined }, ['en']);
    expect(i18n.locale).toBe('en');
    await preferences.load({ getItem: () => '{"locale":"xx","theme":"dark"}', setItem: () => { throw new Error('full'); } }, ['zh-TW']);
    expect([i18n.locale, preferences.theme]).toEqual(['zh-Hant', 'dark']);
    expect(() => preferences.save()).not.toThrow();
  });
});

describe('the work', () => {
  const rude = (): Gathered => ({
    files: [{ path: 'a.jsonl', file: jsonl('a.jsonl', [{ id: 'a', says: ['快点', '滚'] }, { id: 'b', says: ['在吗', '滚'] }]) }],
    skipped: [],
  });

  it('lets a decision be taken back, in order', async () => {
    const work = new Work(rig().engine);
    expect(await work.start(rude(), { standard: 'fake' })).toBe(true);
    const total = (index: number) => work.inspection!.column('total')[index];
    await work.decide(0, 0, 'confirmed');
    await work.decide(1, 0, 'rejected');
    expect([total(0), total(1), work.history.length]).toEqual([40, 100, 2]);
    expect(await work.undo()).toBe(1);
    expect([total(0), total(1)]).toEqual([40, 90]);
    expect(await work.undo()).toBe(0);
    expect([total(0), await work.undo()]).toEqual([90, undefined]);
  });

  it('takes a decision back when it is made twice', async () => {
    const work = new Work(rig().engine);
    await work.start(rude(), { standard: 'fake' });
    await work.decide(0, 0, 'confirmed');
    await work.decide(0, 0, 'confirmed');
    expect((await work.inspection!.conversation(0)).findings[0]!.review).toBe('pending');
  });

  it('says what is wrong with a standard, and can be started again', async () => {
    const work = new Work(rig().engine);
    expect(await work.start(rude(), { standard: 'mistake' })).toBe(false);
    expect([work.phase, work.failed?.diagnostics[0]?.line]).toEqual(['failed', 3]);
    expect(await work.start(rude(), { standard: 'fake' })).toBe(true);
    expect(work.phase).toBe('ready');
  });

  it('reads one file again as somebody knows better, and keeps what it had when that fails', async () => {
    const work = new Work(rig().engine);
    await work.start(rude(), { standard: 'fake' });
    expect(await work.correct('a.jsonl', { format: 'other' })).toBe(true);
    expect([work.phase, work.inspection!.files()[0]!.detection?.format, work.corrections.get('a.jsonl')?.format]).toEqual(['ready', 'other', 'other']);
    const started = work.correct('a.jsonl', undefined);
    work.cancel();
    expect(await started).toBe(false);
    expect([work.phase, work.inspection!.length, work.corrections.get('a.jsonl')?.format]).toEqual(['ready', 2, 'other']);
  });

  it('keeps what was decided when a file is read again, and tells what has no place any more', async () => {
    const said = (name: string, id: string) => ({ path: name, file: jsonl(name, [{ id: `${id}1`, says: ['快点', '滚'] }, { id: `${id}2`, says: ['在吗', '滚', '滚', '滚'] }]) });
    const work = new Work(rig().engine);
    await work.start({ files: [said('a.jsonl', 'a'), said('b.jsonl', 'b')], skipped: [] }, { standard: 'fake' });
    await work.decide(0, 0, 'confirmed');
    await work.decide(1, 1, 'rejected');
    await work.decide(2, 0, 'rejected');
    await work.decide(3, 0, 'confirmed');
    const reviews = async () => {
      const all = await Promise.all([0, 1, 2, 3].map((index) => work.inspection!.conversation(index)));
      return all.map(({ findings }) => findings.map(({ review }) => review));
    };
    const before = await reviews();
    expect(before).toEqual([['confirmed'], ['pending', 'rejected'], ['rejected'], ['confirmed', 'pending']]);
    const totals = [...work.inspection!.column('total')];

    // Of the file that is read in another way, too, what is still there is kept.
    expect(await work.correct('a.jsonl', { format: 'other' })).toBe(true);
    expect(await reviews()).toEqual(before);
    expect([...work.inspection!.column('total')]).toEqual(totals);
    expect([work.history.length, work.lost]).toEqual([4, []]);

    // Nobody there is of the shop now: what was found is gone, and the other file is as it was.
    expect(await work.correct('a.jsonl', { roles: [['小安', 'customer']] })).toBe(true);
    expect((await reviews()).slice(2)).toEqual(before.slice(2));
    expect((await reviews()).slice(0, 2)).toEqual([[], []]);
    expect(work.lost.map(({ file, conversation, rule, to }) => [file, conversation, rule, to])).toEqual([
      ['a.jsonl', 'a1', 'fake/forbid-abuse', 'confirmed'],
      ['a.jsonl', 'a2', 'fake/forbid-abuse', 'rejected'],
    ]);
    expect(outcome(work.lost)).toEqual(work.lost);
    expect(work.history).toMatchObject([{ index: 2, finding: 0 }, { index: 3, finding: 0 }]);

    // As it was read at first, it has its decisions again; and each can be taken back.
    expect(await work.correct('a.jsonl', undefined)).toBe(true);
    expect(await reviews()).toEqual(before);
    expect([work.history.length, work.lost]).toEqual([4, []]);
    for (let left = 4; left > 0; left -= 1) await work.undo();
    expect((await reviews()).flat()).toEqual(Array(6).fill('pending'));
  });

  it('is idle at once when cancelled, whatever the worker does', async () => {
    const work = new Work(rig().engine);
    const started = work.start(rude(), { standard: 'fake' });
    work.cancel();
    expect(work.phase).toBe('idle');
    expect(await started).toBe(false);
    expect([work.phase, work.inspection]).toEqual(['idle', undefined]);
  });
});
