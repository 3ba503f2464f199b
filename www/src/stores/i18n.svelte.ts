/**
 * The language of the page. Simplified Chinese is the source; the others must have the same keys,
 * which the compiler checks. Words are fetched when somebody speaks a language, those of the first view
 * before the others: nothing can be said before the first `speak` is fulfilled, nor anything of what
 * follows the first view before `more` is.
 */
import type { Bilingual } from 'zhijian';

import type { viewsZhHans } from '../i18n/views-zh-Hans';
import type { zhHans } from '../i18n/zh-Hans';

export type Key = keyof typeof zhHans | keyof typeof viewsZhHans;
type Words = Partial<Record<Key, string>>;
export type Locale = 'zh-Hans' | 'zh-Hant' | 'en';

export const LOCALES: { id: Locale; name: string }[] = [
  { id: 'zh-Hans', name: '简体中文' },
  { id: 'zh-Hant', name: '繁體中文' },
  { id: 'en', name: 'English' },
];

const FETCH: Record<Locale, [first: () => Promise<Words>, views: () => Promise<Words>]> = {
  'zh-Hans': [async () => (await import('../i18n/zh-Hans')).zhHans, async () => (await import('../i18n/views-zh-Hans')).viewsZhHans],
  'zh-Hant': [async () => (await import('../i18n/zh-Hant')).zhHant, async () => (await import('../i18n/views-zh-Hant')).viewsZhHant],
  en: [async () => (await import('../i18n/en')).en, async () => (await import('../i18n/views-en')).viewsEn],
};

class I18n {
  /** Of the words, and with them of everything else that depends on it. */
  locale = $state<Locale>('zh-Hans');
  words = $state.raw<Words>({});
  private wanted: Locale = 'zh-Hans';
  private all = false;

  /** Speaks a language as soon as its words are there; until then, and if they cannot be fetched, the one before. */
  async speak(locale: Locale): Promise<void> {
    this.wanted = locale;
    const { all } = this;
    const parts = await Promise.all(FETCH[locale].slice(0, all ? 2 : 1).map((fetched) => fetched()));
    if (this.wanted !== locale) return;
    if (all !== this.all) return this.speak(locale);
    this.words = Object.assign({}, ...parts);
    this.locale = locale;
  }

  /** From now on there is more to say. */
  async more(): Promise<void> {
    this.all = true;
    // Whoever cannot fetch the words cannot fetch what they are for either.
    await this.speak(this.wanted).catch(() => undefined);
  }
}

export const i18n = new I18n();

/** The words for a key, with `{name}` replaced. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return (i18n.words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
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
