/**
 * A stand-in for the WebAssembly module, with its surface and none of its judgement: it reads
 * transcript JSON and JSONL, flags a handful of words and late replies, and traps on request.
 */
import { type Batch, COLUMNS, type Core, type Corrections, type Decision, type Outcome, type PartOptions, type Pull, type Session, type StandardInfo, type Step, type TranscriptLine } from '../core';
import type { Agent, Conversation, Diagnostic, Finding, StandardHead } from '../types';

const encode = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const RULES: { words: string; rule: string; severity: Finding['severity']; points: number; clause: string }[] = [
  { words: '滚', rule: 'fake/forbid-abuse', severity: 'critical', points: 10, clause: 'F-001' },
  { words: '不知道', rule: 'fake/forbid-shirk', severity: 'major', points: 10, clause: 'F-002' },
  { words: '哦', rule: 'fake/forbid-curt', severity: 'minor', points: 5, clause: 'F-003' },
];

export const STANDARD: StandardInfo = {
  id: 'fake',
  version: '1.0.0',
  title: { zh: '示例标准', en: 'Example standard' },
  dimensions: [
    { id: 'attitude', title: { zh: '态度', en: 'Attitude' }, weight: 60, source: 'ours' },
    { id: 'timeliness', title: { zh: '时效', en: 'Timeliness' }, weight: 40, source: 'ours' },
  ],
  bands: [
    { id: 'good', title: { zh: '良好', en: 'Good' }, from: 80 },
    { id: 'poor', title: { zh: '不合格', en: 'Poor' }, from: 0 },
  ],
  rules: [
    ...RULES.map(({ rule, severity, clause, words }) => ({
      id: rule,
      title: { zh: `不说“${words}”`, en: `Do not say “${words}”` },
      kind: 'forbid',
      clauses: [clause],
      severity,
      dimension: 'attitude',
      source: 'ours' as const,
      ours: [],
    })),
    {
      id: 'fake/reply-60s',
      title: { zh: '一分钟内回复', en: 'Reply within a minute' },
      kind: 'reply',
      clauses: ['F-010'],
      severity: 'major',
      dimension: 'timeliness',
      source: 'ours',
      ours: [],
    },
  ],
  clauses: [{ id: 'F-010', title: { zh: '一分钟内须有回复', en: 'There is a reply within a minute' } }],
};

export interface FakeOptions {
  /** Called at every step, to waste time or throw. */
  onStep?: (file: string) => void;
  /** Bytes of memory that the core is to have taken. */
  memory?: () => number;
}

export function fakeCore(options: FakeOptions = {}): Core {
  return {
    Session: class extends FakeSession {
      constructor(session: PartOptions) {
        super(session, options);
      }
    },
    standards: () => [STANDARD],
    Hash: class {
      private hash = 7;
      update(bytes: Uint8Array): void {
        for (const byte of bytes) this.hash = (Math.imul(this.hash, 31) + byte) | 0;
      }
      digest(): Uint8Array {
        return new Uint8Array(Int32Array.of(this.hash).buffer);
      }
      free(): void {}
    },
    memory: () => options.memory?.() ?? 0,
    tableOf: (name) => (name.includes('survey') ? 'satisfaction' : undefined),
    check: (toml) => ({ diagnostics: toml.includes('mistake') ? [mistake()] : [] }),
  };
}

function pulled(size: number, pull: Pull, name: string): Uint8Array {
  const parts: number[] = [];
  try {
    while (parts.length < size) {
      const some = pull(parts.length);
      if (some.length === 0) break;
      parts.push(...some);
    }
  } catch (error) {
    const detail = (error as Error).name;
    throw { code: 'file-unreadable', diagnostics: [{ code: 'file-unreadable', severity: 'error', file: name, message: { zh: `（${detail}）`, en: `(${detail})` } }] };
  }
  return Uint8Array.from(parts);
}

/** The transcripts of a file; undefined when it is none. */
function read(name: string, bytes: Uint8Array): TranscriptLine[] | undefined {
  const text = decode(bytes).trim();
  try {
    const values = text.includes('\n{') && !text.startsWith('[') ? text.split('\n').map((line) => JSON.parse(line)) : [JSON.parse(text)].flat();
    return (values as TranscriptLine[]).map((value, i) => ({
      ...value,
      id: value.id ?? `${name}#${i + 1}`,
      file: name,
      messages: value.messages.map((message, position) => ({ ...message, position })),
    }));
  } catch {
    return undefined;
  }
}

function mistake(): Diagnostic {
  return { code: 'unknown-field', severity: 'error', line: 3, column: 1, field: 'mistake', message: { zh: '没有这个字段', en: 'no such field' } };
}

class FakeSession implements Session {
  private readonly waiting: { name: string; transcripts: TranscriptLine[] }[] = [];
  private diagnostics: Diagnostic[] = [];
  private scores: { agents: string[]; total: number; critical: number }[] = [];
  private untold: FakeSession['scores'] = [];
  private told = { messages: 0, conversations: 0 };
  private format: string | undefined;
  private done: { line: Conversation; transcript: TranscriptLine; row: Float64Array }[] = [];
  private dictionary = false;
  private files = 0;
  private bytesTotal = 0;
  private messages = 0;
  private count = 0;

  constructor(
    private readonly session: PartOptions,
    private readonly options: FakeOptions,
  ) {
    if (session.standard.includes('mistake')) throw { code: 'standard-invalid', diagnostics: [mistake()] };
  }

  add(name: string, bytes: Uint8Array): void {
    this.files += 1;
    this.bytesTotal += bytes.length;
    this.format = 'transcript-json';
    const transcripts = read(name, bytes);
    if (transcripts === undefined) {
      const code = bytes.length === 0 ? 'file-empty' : 'file-unknown';
      this.diagnostics.push({ code, severity: 'error', file: name, line: 1, message: { zh: '读不懂这个文件', en: 'cannot read this file' } });
    }
    this.waiting.push({ name, transcripts: transcripts ?? [] });
  }

  addCorrected(name: string, bytes: Uint8Array, corrections: string | undefined): void {
    this.add(name, bytes);
    if (corrections === undefined) return;
    const { format, roles = [] } = JSON.parse(corrections) as Corrections;
    this.format = format ?? this.format;
    const known = new Map(roles);
    for (const { messages } of this.waiting.at(-1)!.transcripts) {
      for (const message of messages) message.role = known.get(message.sender) ?? message.role;
    }
  }

  addPulled(name: string, size: number, pull: Pull, corrections: string | undefined): void {
    this.addCorrected(name, pulled(size, pull, name), corrections);
  }

  outcome(): Uint8Array {
    const messages = this.messages - this.told.messages;
    const conversations = this.count - this.told.conversations;
    this.told = { messages: this.messages, conversations: this.count };
    const diagnostics = this.diagnostics;
    this.diagnostics = [];
    const detection = { confidence: 95, others: [], columns: [], senders: [], unknown: [], date_missing: false, ...(this.format === undefined ? {} : { format: this.format }) };
    return encode({ accounting: { files: 1, rows: messages, messages, conversations, excluded: [] }, diagnostics, detection } satisfies Outcome);
  }

  absorb(_rows: Float64Array[], _labels: Uint8Array[], tallies: Uint8Array[], outcome: Uint8Array): void {
    for (const tally of tallies) this.scores.push(...(JSON.parse(decode(tally)) as FakeSession['scores']));
    if (outcome.length === 0) return;
    const { accounting, diagnostics } = JSON.parse(decode(outcome)) as Outcome;
    this.files += 1;
    this.messages += accounting.messages;
    this.diagnostics.push(...diagnostics);
  }

  remark(diagnostic: Uint8Array): void {
    this.diagnostics.push(JSON.parse(decode(diagnostic)) as Diagnostic);
  }

  reread(name: string, size: number, pull: Pull, _: string | undefined, ordinal: number, id: string): Uint8Array | undefined {
    const transcript = read(name, pulled(size, pull, name))?.[ordinal];
    return transcript === undefined ? undefined : encode({ ...transcript, id });
  }

  private written: TranscriptLine[] = [];

  clean(name: string, size: number, pull: Pull): void {
    this.written = read(name, pulled(size, pull, name)) ?? [];
  }

  cleaned(): Uint8Array | undefined {
    const next = this.written.shift();
    return next === undefined ? undefined : new TextEncoder().encode(`${JSON.stringify(next)}\n`);
  }

  find(name: string, size: number, pull: Pull, _: string | undefined, words: string): Uint32Array {
    const wanted = words.toLowerCase();
    const has = (text: string) => text.toLowerCase().includes(wanted);
    const all = read(name, pulled(size, pull, name)) ?? [];
    return Uint32Array.from(all.flatMap(({ id, messages }, i) => (has(id) || messages.some(({ text, sender }) => has(text) || has(sender)) ? [i] : [])));
  }

  step(messages: number): Step {
    let left = messages;
    while (left > 0 && this.waiting.length > 0) {
      const head = this.waiting[0]!;
      this.options.onStep?.(head.name);
      const transcript = head.transcripts[0];
      if (transcript === undefined) {
        this.waiting.shift();
        continue;
      }
      if (!this.dictionary && transcript.messages.some(({ text }) => text.includes('滚'))) return this.at(true);
      head.transcripts.shift();
      left -= Math.max(1, transcript.messages.length);
      this.messages += transcript.messages.length;
      this.inspect(transcript);
    }
    return this.at(false);
  }

  take(): Batch {
    const done = this.done;
    this.done = [];
    const lines = done.map(({ line }) => encode(line));
    const transcripts = done.map(({ transcript }) => encode(transcript));
    const rows = new Float64Array(done.length * COLUMNS.length);
    done.forEach(({ row }, i) => rows.set(row, i * COLUMNS.length));
    const labels = encode(done.map(({ line }) => [line.id, line.file, line.agents, 28800]));
    const places = new Float64Array(done.length * 3).fill(NaN);
    const tally = encode(this.untold);
    this.untold = [];
    return { ...packed('lines', lines), ...packed('transcripts', transcripts), labels, rows, places, tally } as unknown as Batch;
  }

  loadDictionary(bytes: Uint8Array): void {
    this.dictionary = bytes.length > 0;
  }

  review(index: number, line: Uint8Array, decisions: Decision[]): { line: Uint8Array; row: Float64Array } {
    const conversation = JSON.parse(decode(line)) as Conversation;
    for (const { finding, review } of decisions) conversation.findings[finding]!.review = review;
    score(conversation);
    this.scores[index] = tally(conversation);
    return { line: encode(conversation), row: figures(conversation, undefined) };
  }

  summary(): Uint8Array {
    const names = [...new Set(this.scores.flatMap(({ agents }) => agents))].sort();
    const agents = names.map((agent): Agent => {
      const own = this.scores.filter(({ agents }) => agents.includes(agent));
      const mean = own.reduce((sum, { total }) => sum + total, 0) / own.length;
      const critical = own.reduce((sum, entry) => sum + entry.critical, 0);
      return {
        agent,
        conversations: own.length,
        assessed: own.length,
        score: own.length > 1 ? { mean, low: Math.max(0, mean - 8), high: Math.min(100, mean + 8) } : { mean },
        score_if_confirmed: mean - critical,
        critical,
        critical_share: own.filter((entry) => entry.critical > 0).length / own.length,
        metrics: {
          'first-human-reply': { value: 42, count: own.length },
          'three-minute-rate': { value: 0.91, count: own.length },
          'average-reply': { value: 61.5, count: own.length },
        },
        by_rule: {},
        findings: [],
        not_assessed: [],
      };
    });
    const accounting = { files: this.files, rows: this.messages, messages: this.messages, conversations: this.scores.length, excluded: [] };
    return encode({ accounting, agents, diagnostics: this.diagnostics, standard: this.head0() });
  }

  head(): Uint8Array {
    return encode(`{"schema":"zhijian-report/1","standard":${JSON.stringify(this.head0())},"conversations":[`);
  }

  tail(): Uint8Array {
    return encode('],"agents":[],"diagnostics":[]}');
  }

  csvHead(): Uint8Array {
    return encode('\uFEFFconversation,rule,quote\r\n');
  }

  csv(line: Uint8Array): Uint8Array {
    const conversation = JSON.parse(decode(line)) as Conversation;
    return encode(conversation.findings.map((finding) => `${conversation.id},${finding.rule},${finding.quote ?? ''}\r\n`).join(''));
  }

  free(): void {
    this.waiting.length = 0;
  }

  private head0(): StandardHead {
    const { id, version, dimensions, bands, rules, clauses } = STANDARD;
    return { id: this.session.standard || id, version, sha256: '0'.repeat(64), dimensions, bands, rules, clauses };
  }

  private at(needsDictionary: boolean): Step {
    const head = this.waiting[0];
    return {
      done: head === undefined,
      needsDictionary,
      messages: this.messages,
      conversations: this.scores.length,
      ...(head === undefined ? {} : { file: head.name }),
      bytesRead: head === undefined ? this.bytesTotal : Math.round(this.bytesTotal / 2),
      bytesTotal: this.bytesTotal,
    };
  }

  private inspect(transcript: TranscriptLine): void {
    const agents = [...new Set(transcript.messages.filter(({ role }) => role === 'agent').map(({ sender }) => sender))];
    const line: Conversation = {
      id: transcript.id,
      file: transcript.file,
      messages: transcript.messages.length,
      agents,
      findings: [],
      observations: [],
      not_assessed: [
        { rule: 'fake/require-x', dimension: 'timeliness', reason: { zh: '标准没有给出时限', en: 'the standard gives no limit' } },
      ],
      scores: [],
    };
    let first: number | undefined;
    let last: number | undefined;
    transcript.messages.forEach((message, index) => {
      if (message.role === 'customer') {
        first ??= index;
        last = index;
        return;
      }
      if (message.role !== 'agent') return;
      if (first !== undefined && last !== undefined && message.time !== undefined) {
        const since = (at: number) => (Date.parse(message.time!) - Date.parse(transcript.messages[at]!.time!)) / 1000;
        const measured = { from_first: since(first), from_last: since(last) };
        line.observations.push({ kind: 'reply', message: index, related: [first], agent: message.sender, measured });
        if (measured.from_first > 60) {
          line.findings.push({
            rule: 'fake/reply-60s', clauses: ['F-010'], kind: 'reply', severity: 'major', dimension: 'timeliness', agent: message.sender,
            message: index, related: [first], points: 10, measured: { seconds: measured.from_first, limit: 60 },
            why: [{ zh: `等了 ${measured.from_first} 秒，超过 60 秒`, en: `waited ${measured.from_first} s, over 60 s` }], also: [],
            advice: { zh: '先回一句“您好，正在为您查询”。', en: 'Say at once that you are looking.' },
          });
        }
      }
      first = undefined;
      last = undefined;
      for (const { words, rule, severity, points, clause } of RULES) {
        const start = message.text.indexOf(words);
        if (start < 0) continue;
        line.findings.push({
          rule, clauses: [clause], kind: 'forbid', severity, dimension: 'attitude', agent: message.sender, message: index, related: [],
          span: { start, end: start + words.length }, quote: words, points,
          ...(severity === 'critical' ? { review: 'pending' as const } : {}),
          why: [{ zh: `客服说了“${words}”`, en: `the agent said “${words}”` }], also: [],
          advice: { zh: '我马上为您处理。', en: 'I will see to it at once.' },
        });
      }
    });
    score(line);
    this.count += 1;
    if (this.session.part) this.untold.push(tally(line));
    else this.scores.push(tally(line));
    this.done.push({ line, transcript, row: figures(line, transcript) });
  }
}

function packed(name: string, parts: Uint8Array[]): Record<string, unknown> {
  const ends = new Uint32Array(parts.length);
  let total = 0;
  parts.forEach((part, i) => {
    total += part.length;
    ends[i] = total;
  });
  const bytes = new Uint8Array(total);
  parts.forEach((part, i) => bytes.set(part, i === 0 ? 0 : ends[i - 1]!));
  const single = name === 'lines' ? 'line' : 'transcript';
  return { [name]: bytes, [`${single}Ends`]: ends };
}

function score(conversation: Conversation): void {
  conversation.scores = conversation.agents.map((agent) => {
    const deducted = { attitude: 0, timeliness: 0 };
    let confirmed = false;
    let pending = false;
    for (const finding of conversation.findings) {
      if (finding.agent !== agent || finding.review === 'rejected') continue;
      if (finding.review === 'confirmed') confirmed = true;
      if (finding.review === 'pending') pending = true;
      deducted[finding.dimension as 'attitude'] += finding.points;
    }
    if (confirmed) deducted.attitude = 60;
    const total = Math.max(0, 60 - deducted.attitude) + Math.max(0, 40 - deducted.timeliness);
    const if_confirmed = confirmed || pending ? Math.max(0, 40 - deducted.timeliness) : total;
    return {
      agent,
      total,
      total_if_confirmed: if_confirmed,
      coverage: 0.85,
      band: total >= 80 ? 'good' : 'poor',
      dimensions: [
        { id: 'attitude', weight: 60, deducted: deducted.attitude, state: 'assessed' },
        { id: 'timeliness', weight: 40, deducted: deducted.timeliness, state: 'assessed' },
      ],
    };
  });
}

function tally(conversation: Conversation): { agents: string[]; total: number; critical: number } {
  const critical = conversation.findings.filter(({ severity, review }) => severity === 'critical' && review !== 'rejected').length;
  return { agents: conversation.agents, total: conversation.scores[0]?.total ?? 0, critical };
}

function figures(conversation: Conversation, transcript: TranscriptLine | undefined): Float64Array {
  const count = (severity: string) => conversation.findings.filter((finding) => finding.severity === severity).length;
  const score = conversation.scores[0];
  const times = transcript?.messages.flatMap(({ time }) => (time === undefined ? [] : [Date.parse(time)])) ?? [];
  const waits = conversation.observations.flatMap(({ measured }) => (measured?.from_first === undefined ? [] : [measured.from_first]));
  return Float64Array.of(
    conversation.messages, conversation.findings.length, count('critical'), count('major'), count('minor'), count('hint'),
    conversation.not_assessed.length, score?.total ?? NaN, score?.total_if_confirmed ?? NaN, score?.coverage ?? NaN,
    times[0] ?? NaN, times.at(-1) ?? NaN, waits[0] ?? NaN, waits.length > 0 ? Math.max(...waits) : NaN,
    conversation.findings.filter(({ review }) => review === 'pending').length,
  );
}
