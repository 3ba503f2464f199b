/** Failures by code, in words. */
import { type Key, t } from './i18n.svelte';
import type { Failed } from './work.svelte';

const KNOWN: Record<string, Key> = {
  'engine-unavailable': 'reason.engine-unavailable',
  'dictionary-unavailable': 'reason.dictionary-unavailable',
  'worker-failed': 'reason.worker-failed',
  terminated: 'reason.terminated',
  trap: 'reason.trap',
  internal: 'reason.trap',
  'samples-unavailable': 'reason.samples-unavailable',
  'nothing-dropped': 'reason.nothing-dropped',
};

export function reason({ code, diagnostics }: Failed): string {
  const key = KNOWN[code];
  if (key !== undefined) return t(key);
  const file = diagnostics[0]?.file;
  if (file === 'profile.toml') return t('reason.profile');
  if (file === 'standard.toml' || code.includes('standard')) return t('reason.standard');
  return t('reason.other', { code });
}
