/** Single-key shortcuts: never while somebody types, and only where they are wanted. */
import { preferences } from '../stores/preferences.svelte';

export type Shortcuts = Record<string, () => void>;

/** For `<svelte:window onkeydown>`: the pressed key's action, unless the key means something where it was pressed. */
export function press(event: KeyboardEvent, shortcuts: Shortcuts): void {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest('input, textarea, select, dialog, [contenteditable]')) return;
  const command = event.ctrlKey || event.metaKey;
  if (!command && !preferences.shortcuts && event.key.length === 1) return;
  // Enter and space belong to the link or button that has the focus, arrows to a region that scrolls sideways.
  if ((event.key === 'Enter' || event.key === ' ') && target?.closest('a, button, summary, [role=tab]')) return;
  if (event.key.startsWith('Arrow') && target?.closest('[role=tablist]')) return;
  const name = `${command ? 'Ctrl+' : ''}${event.key}`;
  const action = shortcuts[name];
  if (action === undefined) return;
  event.preventDefault();
  action();
}
