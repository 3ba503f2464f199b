/** Rows of which only those in sight are made: the virtualiser as state. */
import { elementScroll, observeElementOffset, observeElementRect, type VirtualItem, Virtualizer } from '@tanstack/virtual-core';

export class Rows {
  items = $state.raw<VirtualItem[]>([]);
  total = $state(0);
  private element: HTMLElement | undefined;
  private count = 0;
  private readonly virtualizer: Virtualizer<HTMLElement, HTMLElement>;

  constructor(private readonly height: number) {
    this.virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.options());
  }

  /** For `{@attach}`: the element that scrolls. */
  attach = (element: HTMLElement): (() => void) => {
    this.element = element;
    const unmount = this.virtualizer._didMount();
    this.virtualizer._willUpdate();
    this.read();
    return () => {
      this.element = undefined;
      unmount();
    };
  };

  resize(count: number): void {
    this.count = count;
    this.virtualizer.setOptions(this.options());
    this.virtualizer._willUpdate();
    this.read();
  }

  /** Scrolls as little as it takes; asking for the first row of what was never scrolled costs no layout. */
  reveal(index: number): void {
    if (index < 0 || (index === 0 && !this.virtualizer.scrollOffset)) return;
    this.virtualizer.scrollToIndex(index, { align: 'auto' });
  }

  private options() {
    return {
      count: this.count,
      getScrollElement: () => this.element ?? null,
      estimateSize: () => this.height,
      overscan: 8,
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
