/** What the page remembers between visits: language, theme, standard, shortcuts. Never data. */
import { i18n, isLocale, type Locale, preferred } from './i18n.svelte';

export type Theme = 'auto' | 'light' | 'dark';

const KEY = 'zhijian.preferences';

type Store = Pick<Storage, 'getItem' | 'setItem'>;

class Preferences {
  theme = $state<Theme>('auto');
  /** Single-key shortcuts can be turned off: they get in the way of speech input. */
  shortcuts = $state(true);
  standard = $state('');
  observations = $state(false);
  private store: Store | undefined;

  load(store: Store | undefined, languages: readonly string[]): void {
    this.store = store;
    i18n.locale = preferred(languages);
    const saved = read(store);
    if (isLocale(saved['locale'])) i18n.locale = saved['locale'];
    if (saved['theme'] === 'light' || saved['theme'] === 'dark') this.theme = saved['theme'];
    if (saved['shortcuts'] === false) this.shortcuts = false;
    if (typeof saved['standard'] === 'string') this.standard = saved['standard'];
  }

  speak(locale: Locale): void {
    i18n.locale = locale;
    this.save();
  }

  save(): void {
    const { theme, shortcuts, standard } = this;
    try {
      this.store?.setItem(KEY, JSON.stringify({ locale: i18n.locale, theme, shortcuts, standard }));
    } catch {
      // A full or forbidden store costs the preference, nothing else.
    }
  }
}

export const preferences = new Preferences();

function read(store: Store | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(store?.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
