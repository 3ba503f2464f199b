/** Rows of which only those in sight are made: the virtualiser as state. */
import { elementScroll, observeElementOffset, observeElementRect, type VirtualItem, Virtualizer } from '@tanstack/virtual-core';

export class Rows {
  items = $state.raw<VirtualItem[]>([]);
  total = $state(0);
  private element: HTMLElement | undefined;
  private count = 0;
  private mounted = false;
  private wanted = -1;
  private readonly virtualizer: Virtualizer<HTMLElement, HTMLElement>;

  constructor(private readonly height: number) {
    this.virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.options());
  }

  /** For `{@attach}`: the element that scrolls. */
  attach = (element: HTMLElement): (() => void) => {
    this.element = element;
    let unmount: (() => void) | undefined;
    // Measuring forces a layout of the view that was just made: it has a task of its own.
    const timer = setTimeout(() => {
      unmount = this.virtualizer._didMount();
      this.mounted = true;
      this.virtualizer._willUpdate();
      this.read();
      this.reveal(this.wanted);
    });
    return () => {
      clearTimeout(timer);
      this.mounted = false;
      this.element = undefined;
      unmount?.();
    };
  };

  resize(count: number): void {
    this.count = count;
    this.virtualizer.setOptions(this.options());
    if (!this.mounted) return;
    this.virtualizer._willUpdate();
    this.read();
  }

  /** Scrolls as little as it takes; asking for the first row of what was never scrolled costs no layout. */
  reveal(index: number): void {
    this.wanted = index;
    if (!this.mounted || index < 0 || (index === 0 && !this.virtualizer.scrollOffset)) return;
    this.virtualizer.scrollToIndex(index, { align: 'auto' });
  }

  private options() {
    return {
      count: this.count,
      getScrollElement: () => this.element ?? null,
      estimateSize: () => this.height,
      overscan: 6,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => this.read(),
    };
  }

  private read(): void {
    this.items = this.virtualizer.getVirtualItems();
    this.total = this.virtualizer.getTotalSize();
  }
}
