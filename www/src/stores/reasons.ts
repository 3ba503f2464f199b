/** Failures by code, in words. */
import { type Key, t } from './i18n.svelte';

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

export function reason(code: string): string {
  const key = KNOWN[code];
  if (key !== undefined) return t(key);
  if (code.includes('standard')) return t('reason.standard');
  if (code.includes('profile')) return t('reason.profile');
  return t('reason.other', { code });
}
