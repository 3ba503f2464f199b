/**
 * The language of the page. Simplified Chinese is the source; the others must have the same keys,
 * which the compiler checks.
 */
import type { Bilingual } from 'zhijian';

import { en } from '../i18n/en';
import { zhHans } from '../i18n/zh-Hans';
import { zhHant } from '../i18n/zh-Hant';

export type Key = keyof typeof zhHans;
export type Locale = 'zh-Hans' | 'zh-Hant' | 'en';

export const LOCALES: { id: Locale; name: string }[] = [
  { id: 'zh-Hans', name: '简体中文' },
  { id: 'zh-Hant', name: '繁體中文' },
  { id: 'en', name: 'English' },
];

const WORDS: Record<Locale, Record<Key, string>> = { 'zh-Hans': zhHans, 'zh-Hant': zhHant, en };

class I18n {
  locale = $state<Locale>('zh-Hans');
}

export const i18n = new I18n();

/** The words for a key, with `{name}` replaced. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const words = WORDS[i18n.locale][key];
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The words of the report in the page's language; it has no Traditional ones. */
export function say(words: Bilingual): string {
  return i18n.locale === 'en' ? words.en : words.zh;
}

/** The language of what `say` gives, for `lang` where it differs from the page's. */
export function spoken(): string {
  return i18n.locale === 'en' ? 'en' : 'zh-Hans';
}

/** The language a browser's list of preferences asks for. */
export function preferred(languages: readonly string[]): Locale {
  for (const language of languages) {
    const tag = language.toLowerCase();
    if (/^zh\b.*\b(hant|tw|hk|mo)\b/.test(tag)) return 'zh-Hant';
    if (tag.startsWith('zh')) return 'zh-Hans';
    if (tag.startsWith('en')) return 'en';
  }
  return 'zh-Hans';
}

export function isLocale(value: unknown): value is Locale {
  return LOCALES.some(({ id }) => id === value);
}
