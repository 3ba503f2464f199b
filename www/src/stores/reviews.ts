/**
 * Decisions on findings, found again in another inspection of the same files. The thing to get right:
 * places in an inspection mean nothing in the next. A conversation is the same when file and id are, a
 * finding when its rule, its message and its words are; where they are not, the decision is not guessed.
 */
import type { Finding, Inspection, Review } from 'zhijian';

/** One decision, by its place in an inspection. */
export interface Change {
  index: number;
  finding: number;
  from: Review;
  to: Review;
}

/** One decision, by what it is about. */
export interface Decided {
  file: string;
  conversation: string;
  /** Which of the conversations of that id in that file, and which of the findings that look the same. */
  nth: [conversation: number, finding: number];
  finding: string;
  rule: string;
  from: Review;
  to: Review;
}

export type Reviewed = Pick<Inspection, 'length' | 'id' | 'file' | 'conversation' | 'review'>;

/** Decisions as they are in the inspection after, those that were lost before among them; and those that have no place in it. */
export async function carried(before: Reviewed, after: Reviewed, history: readonly Change[], lost: readonly Decided[]): Promise<{ history: Change[]; lost: Decided[] }> {
  if (history.length === 0 && lost.length === 0) return { history: [], lost: [] };
  const wanted = [...lost, ...(await described(before, history))];
  const places = placesIn(after, new Set(wanted.map(({ file }) => file)));
  const found: { history: Change[]; lost: Decided[] } = { history: [], lost: [] };
  const last = new Map<number, Map<number, Review>>();
  for (const one of wanted) {
    const index = places.get(placeOf(one.file, one.conversation))?.[one.nth[0]];
    const findings = index === undefined ? [] : (await after.conversation(index)).findings;
    const same = findings.flatMap((finding, at) => (finding.review !== undefined && looks(finding) === one.finding ? [at] : []));
    const finding = same[one.nth[1]];
    if (index === undefined || finding === undefined) {
      found.lost.push(one);
      continue;
    }
    found.history.push({ index, finding, from: one.from, to: one.to });
    if (!last.has(index)) last.set(index, new Map());
    last.get(index)!.set(finding, one.to);
  }
  for (const [index, decisions] of last) {
    const all = [...decisions].flatMap(([finding, review]) => (review === 'pending' ? [] : [{ finding, review }]));
    if (all.length > 0) await after.review(index, all);
  }
  return found;
}

/** Of decisions that were lost, what they came to. */
export function outcome(lost: readonly Decided[]): Decided[] {
  const last = new Map(lost.map((one) => [JSON.stringify([one.file, one.conversation, one.nth, one.finding]), one]));
  return [...last.values()].filter(({ to }) => to !== 'pending');
}

async function described(inspection: Reviewed, history: readonly Change[]): Promise<Decided[]> {
  const all: Decided[] = [];
  const places = placesIn(inspection, new Set(history.map(({ index }) => inspection.file(index))));
  for (const { index, finding: at, from, to } of history) {
    const { findings } = await inspection.conversation(index);
    const finding = looks(findings[at]!);
    const [file, conversation] = [inspection.file(index), inspection.id(index)];
    const nth = places.get(placeOf(file, conversation))!.indexOf(index);
    const alike = findings.slice(0, at).filter((one) => one.review !== undefined && looks(one) === finding).length;
    all.push({ file, conversation, nth: [nth, alike], finding, rule: findings[at]!.rule, from, to });
  }
  return all;
}

function looks({ rule, message, span, quote }: Finding): string {
  return JSON.stringify([rule, message, span?.start, quote]);
}

function placeOf(file: string, id: string): string {
  return JSON.stringify([file, id]);
}

/** The conversations of some files, by file and id. */
function placesIn(inspection: Reviewed, files: ReadonlySet<string>): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (let index = 0; index < inspection.length; index += 1) {
    const file = inspection.file(index);
    if (!files.has(file)) continue;
    const key = placeOf(file, inspection.id(index));
    const same = places.get(key);
    if (same === undefined) places.set(key, [index]);
    else same.push(index);
  }
  return places;
}
