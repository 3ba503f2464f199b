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

  /** Fulfilled when the page has the words it needs to show itself. */
  load(store: Store | undefined, languages: readonly string[]): Promise<void> {
    this.store = store;
    const saved = read(store);
    if (saved['theme'] === 'light' || saved['theme'] === 'dark') this.theme = saved['theme'];
    if (saved['shortcuts'] === false) this.shortcuts = false;
    if (typeof saved['standard'] === 'string') this.standard = saved['standard'];
    return speak(isLocale(saved['locale']) ? saved['locale'] : preferred(languages));
  }

  async speak(locale: Locale): Promise<void> {
    await speak(locale);
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

/** Words that cannot be fetched leave the page in the language it has, or give it one that can. */
async function speak(locale: Locale): Promise<void> {
  try {
    await i18n.speak(locale);
  } catch {
    if (Object.keys(i18n.words).length === 0) await i18n.speak('zh-Hans');
  }
}

function read(store: Store | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(store?.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
