/**
 * How files with a certain header are to be read, kept between visits: names of columns and choices,
 * never anything that stands in a file. Where nothing can be stored, it lasts as long as the page.
 */
import type { Corrections } from 'zhijian';

/** What holds for every file with the same header. Who speaks and on which day does not. */
export type Choices = Pick<Corrections, 'columns' | 'encoding' | 'format' | 'day_first' | 'zone'>;

export interface Remembered {
  fingerprint: string;
  /** The header, so that a person knows which files are meant. */
  names: string[];
  choices: Choices;
}

const KEY = 'zhijian.readings';
/** As many as anybody has kinds of files; the oldest goes first. */
const MOST = 100;

export type Store = Pick<Storage, 'getItem' | 'setItem'>;

export class Memory {
  list = $state.raw<readonly Remembered[]>([]);
  private store: Store | undefined;

  load(store: Store | undefined): void {
    this.store = store;
    try {
      const saved: unknown = JSON.parse(store?.getItem(KEY) ?? '[]');
      this.list = Array.isArray(saved) ? saved.filter(sound) : [];
    } catch {
      this.list = [];
    }
  }

  of(fingerprint: string): Choices | undefined {
    return this.list.find((one) => one.fingerprint === fingerprint)?.choices;
  }

  /** Choices of nothing are none. */
  keep(fingerprint: string, names: string[], choices: Choices | undefined): void {
    const others = this.list.filter((one) => one.fingerprint !== fingerprint);
    const none = choices === undefined || Object.keys(choices).length === 0;
    this.list = none ? others : [...others, { fingerprint, names, choices }].slice(-MOST);
    this.save();
  }

  forget(fingerprint: string): void {
    this.keep(fingerprint, [], undefined);
  }

  private save(): void {
    try {
      this.store?.setItem(KEY, JSON.stringify(this.list));
    } catch {
      // A full or forbidden store costs the memory, nothing else.
    }
  }
}

export const remembered = new Memory();

function sound(value: unknown): value is Remembered {
  const { fingerprint, names, choices } = (value ?? {}) as Partial<Remembered>;
  return typeof fingerprint === 'string' && Array.isArray(names) && names.every((name) => typeof name === 'string') && typeof choices === 'object' && choices !== null;
}

/** The part of corrections that holds for every file with the same header. */
export function choicesOf({ columns, encoding, format, day_first, zone }: Corrections): Choices {
  return {
    ...(columns === undefined ? {} : { columns }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(format === undefined ? {} : { format }),
    ...(day_first === undefined ? {} : { day_first }),
    ...(zone === undefined ? {} : { zone }),
  };
}
