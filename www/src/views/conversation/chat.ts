/** What the chat shows, in order: messages, and between them days, gaps and waits. Pure. */
import type { Conversation, Finding, TranscriptLine, TranscriptMessage } from 'zhijian';

/** Seconds of silence from which a new session is taken to begin. */
export const SESSION_GAP = 3600;

export interface Marked {
  /** Index in the conversation's findings. */
  index: number;
  finding: Finding;
}

export type Entry =
  | { kind: 'day'; key: string; date: string }
  | { kind: 'gap'; key: string; seconds: number }
  | { kind: 'wait'; key: string; fromFirst: number; fromLast: number | undefined; slow: boolean }
  | { kind: 'message'; key: string; message: TranscriptMessage; findings: Marked[] };

export function entries(transcript: TranscriptLine, conversation: Conversation): Entry[] {
  const findings = new Map<number, Marked[]>();
  conversation.findings.forEach((finding, index) => {
    if (finding.message === undefined) return;
    const list = findings.get(finding.message) ?? [];
    list.push({ index, finding });
    findings.set(finding.message, list);
  });
  const waits = new Map(
    conversation.observations.filter(({ kind, measured }) => kind === 'reply' && measured?.from_first !== undefined).map((seen) => [seen.message, seen]),
  );
  const list: Entry[] = [];
  let day = '';
  let before = NaN;
  for (const message of transcript.messages) {
    const { position, time } = message;
    if (time !== undefined) {
      const now = Date.parse(time);
      const silence = (now - before) / 1000;
      if (silence > SESSION_GAP) list.push({ kind: 'gap', key: `g${position}`, seconds: silence });
      if (time.slice(0, 10) !== day) {
        day = time.slice(0, 10);
        list.push({ kind: 'day', key: `d${position}`, date: day });
      }
      before = now;
    }
    const marked = findings.get(position) ?? [];
    const wait = waits.get(position)?.measured;
    if (wait?.from_first !== undefined) {
      const slow = marked.some(({ finding }) => finding.kind === 'reply');
      const fromLast = wait.from_last === wait.from_first ? undefined : wait.from_last;
      list.push({ kind: 'wait', key: `w${position}`, fromFirst: wait.from_first, fromLast, slow });
    }
    list.push({ kind: 'message', key: `m${position}`, message, findings: marked });
  }
  return list;
}

/** The finding whose words are at this place; the shortest where several are. */
export function findingAt(findings: readonly Marked[], offset: number): number | undefined {
  let best: Marked | undefined;
  for (const marked of findings) {
    const span = marked.finding.span;
    if (span === undefined || offset < span.start || offset > span.end) continue;
    const size = span.end - span.start;
    const least = best?.finding.span;
    if (least === undefined || size < least.end - least.start) best = marked;
  }
  return best?.index;
}
