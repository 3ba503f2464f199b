/**
 * Small files are read many at once, and while those before them are judged: a read of its own costs
 * more than judging what was read. The thing to get right: one file that cannot be read spoils the read
 * of all; then each is read by itself, so that the reason is told of the one it holds for.
 */

/** Files of the first read, which is waited for, and of the largest. */
const FEW = 8;
const MANY = 64;
/** Bytes read at once. */
const BYTES = 1 << 20;

interface Bundle {
  places: ReadonlyMap<File, [start: number, end: number]>;
  bytes: Promise<Uint8Array | undefined>;
  /** How many files of the list it takes. */
  length: number;
}

export class Ahead {
  private count = FEW;
  private current: Bundle | undefined;
  private next: Bundle | undefined;

  /** `together` reads files one after another, as one. */
  constructor(
    private readonly together: (files: File[]) => Promise<Uint8Array>,
    private readonly most: number,
  ) {}

  /** The bytes of the first of these files, all of which are wanted, in this order; nothing when it has to be read by itself. */
  async first(files: readonly { file: File }[]): Promise<Uint8Array | undefined> {
    const { file } = files[0]!;
    if (this.current?.places.has(file) !== true) {
      this.current = this.next?.places.has(file) === true ? this.next : this.read(files, 0);
      this.next = this.read(files, this.current.length);
    }
    const bytes = await this.current.bytes;
    const place = this.current.places.get(file);
    return place && bytes?.subarray(...place);
  }

  private read(files: readonly { file: File }[], from: number): Bundle {
    const places = new Map<File, [number, number]>();
    let size = 0;
    let length = 0;
    for (let at = from; at < files.length && length < this.count && size < BYTES; at += 1, length += 1) {
      const { file } = files[at]!;
      // Nothing is what a file that has gone shows of itself.
      if (file.size > this.most || file.size === 0 || places.has(file)) break;
      places.set(file, [size, (size += file.size)]);
    }
    if (length < 2) return { places: new Map(), bytes: Promise.resolve(undefined), length: Math.max(1, length) };
    this.count = Math.min(MANY, this.count * 2);
    const bytes = this.together([...places.keys()]).then(
      (all) => (all.length === size ? all : undefined),
      () => undefined,
    );
    return { places, bytes, length };
  }
}
