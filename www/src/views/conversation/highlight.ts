/**
 * Evidence is marked with the CSS Custom Highlight API: ranges over text nodes, nothing added to the
 * document. Offsets are UTF-16, as the report states them and as ranges count.
 */

export type Mark = 'critical' | 'major' | 'minor' | 'hint' | 'observed' | 'selected';

export interface Span {
  mark: Mark;
  /** Position of the message. */
  position: number;
  start: number;
  end: number;
}

const MARKS: Mark[] = ['observed', 'hint', 'minor', 'major', 'critical', 'selected'];

export function paint(root: HTMLElement, spans: readonly Span[]): void {
  if (!('highlights' in CSS)) return;
  const texts = new Map<number, Text | undefined>();
  MARKS.forEach((mark, priority) => {
    const highlight = new Highlight();
    highlight.priority = priority;
    for (const span of spans) {
      if (span.mark !== mark) continue;
      if (!texts.has(span.position)) texts.set(span.position, textOf(root, span.position));
      const text = texts.get(span.position);
      if (text === undefined) continue;
      const range = new StaticRange({
        startContainer: text,
        startOffset: Math.min(span.start, text.length),
        endContainer: text,
        endOffset: Math.min(span.end, text.length),
      });
      highlight.add(range);
    }
    CSS.highlights.set(mark, highlight);
  });
}

export function wipe(): void {
  if (!('highlights' in CSS)) return;
  for (const mark of MARKS) CSS.highlights.delete(mark);
}

/** The message and the place in its text under a point of the screen. */
export function under(x: number, y: number): { position: number; offset: number } | undefined {
  const caret = document.caretPositionFromPoint?.(x, y);
  const range = caret === undefined ? document.caretRangeFromPoint?.(x, y) : undefined;
  const node = caret?.offsetNode ?? range?.startContainer;
  const offset = caret?.offset ?? range?.startOffset;
  const holder = node?.parentElement?.closest<HTMLElement>('[data-text]');
  if (holder === null || holder === undefined || offset === undefined) return undefined;
  return { position: Number(holder.dataset['text']), offset };
}

function textOf(root: HTMLElement, position: number): Text | undefined {
  const holder = root.querySelector(`[data-text="${position}"]`);
  for (const child of holder?.childNodes ?? []) {
    if (child.nodeType === Node.TEXT_NODE && (child as Text).length > 0) return child as Text;
  }
  return undefined;
}
