import { make } from '../page/dom';

/** An item of a long list. */
export interface ListItem {
  readonly key: string;
  /** What is drawn, in short: an item is drawn again if this differs. */
  readonly shown: string;
  draw(): HTMLElement;
}

interface Drawn {
  readonly element: HTMLElement;
  readonly shown: string;
}

/** In px. What an item is taken to measure until one was drawn; then it is taken to be like the others. */
const GUESS = 60;
/** In px. What is drawn above and below of what one sees. */
const MARGIN = 300;

/** A list of which only what one sees is drawn. Items keep their elements while nothing about them changes. */
export class WindowedList {
  readonly element = make('div', 'chatapp-list');
  private readonly above = make('div', '');
  private readonly window = make('div', '');
  private readonly below = make('div', '');
  private readonly heights = new Map<string, number>();
  private guess = GUESS;
  private drawn = new Map<string, Drawn>();
  private items: readonly ListItem[] = [];

  constructor() {
    this.window.setAttribute('role', 'list');
    this.element.append(this.above, this.window, this.below);
    this.element.addEventListener('scroll', () => this.draw());
    this.element.addEventListener('keydown', (event) => this.onKey(event));
  }

  show(items: readonly ListItem[]): void {
    this.items = items;
    this.draw();
  }

  /** Draws what one sees. What was drawn is measured, and may show that more or less is seen. */
  draw(): void {
    for (let round = 0; round < 3; round += 1) {
      this.drawRange(...this.range());
      if (!this.measure()) break;
    }
  }

  /** The first item that is seen, or nearly, the one after the last, and where the first begins. */
  private range(): [from: number, to: number] {
    const { scrollTop, clientHeight } = this.element;
    const [first, last] = [scrollTop - MARGIN, scrollTop + clientHeight + MARGIN];
    let top = 0;
    let from = 0;
    let to = 0;
    this.items.forEach((item, index) => {
      const bottom = top + this.heightOf(item);
      if (bottom < first) from = index + 1;
      if (top < last) to = index + 1;
      top = bottom;
    });
    return [Math.min(from, to), to];
  }

  private drawRange(from: number, to: number): void {
    const wanted = this.items.slice(from, to);
    const next = new Map(wanted.map((item): [string, Drawn] => [item.key, this.drawnOf(item)]));
    const elements = [...next.values()].map(({ element }) => element);
    elements.forEach((element, index) => {
      element.setAttribute('aria-setsize', String(this.items.length));
      element.setAttribute('aria-posinset', String(from + index + 1));
    });
    const focused = focusIn(this.window);
    place(this.window, elements);
    this.drawn = next;
    if (focused) restore(next.get(focused.key)?.element, focused);
    this.above.style.height = `${this.sum(0, from)}px`;
    this.below.style.height = `${this.sum(to, this.items.length)}px`;
  }

  private drawnOf(item: ListItem): Drawn {
    const before = this.drawn.get(item.key);
    if (before?.shown === item.shown) return before;
    const element = item.draw();
    element.setAttribute('role', 'listitem');
    element.dataset.key = item.key;
    return { element, shown: item.shown };
  }

  /** True if something measures other than it was taken to. */
  private measure(): boolean {
    let isChanged = false;
    for (const [key, { element }] of this.drawn) {
      const height = element.offsetHeight;
      // Nothing has a height while the tab is not shown.
      if (height === 0 || this.heights.get(key) === height) continue;
      this.heights.set(key, height);
      isChanged = true;
    }
    const all = [...this.heights.values()];
    if (isChanged) this.guess = all.reduce((sum, height) => sum + height, 0) / all.length;
    return isChanged;
  }

  private heightOf({ key }: ListItem): number {
    return this.heights.get(key) ?? this.guess;
  }

  private sum(from: number, to: number): number {
    return this.items.slice(from, to).reduce((height, item) => height + this.heightOf(item), 0);
  }

  /** The arrow keys go from row to row, also to those that are not drawn yet. */
  private onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const key = rowOf(event.target)?.dataset.key;
    if (step === undefined || key === undefined) return;
    event.preventDefault();
    const at = this.items.findIndex((item) => item.key === key);
    for (let index = at + step; index >= 0 && index < this.items.length; index += step) {
      this.scrollTo(index);
      const target = this.drawn.get(this.items[index]?.key ?? '')?.element.querySelector<HTMLElement>('[data-focus]');
      if (target) return target.focus();
    }
  }

  private scrollTo(index: number): void {
    const top = this.sum(0, index);
    const bottom = top + this.sum(index, index + 1);
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) this.element.scrollTop = bottom - clientHeight;
    this.draw();
  }
}

interface Focused {
  readonly key: string;
  readonly name: string | undefined;
}

function rowOf(target: unknown): HTMLElement | null {
  return target instanceof HTMLElement ? target.closest<HTMLElement>('[data-key]') : null;
}

/** Where the focus is, if it is in a row. */
function focusIn(list: HTMLElement): Focused | undefined {
  const { activeElement } = document;
  if (!(activeElement instanceof HTMLElement) || !list.contains(activeElement)) return undefined;
  const key = rowOf(activeElement)?.dataset.key;
  return key === undefined ? undefined : { key, name: activeElement.dataset.focus };
}

/** Puts the focus back where it was, if what had it was drawn again. */
function restore(row: HTMLElement | undefined, { name }: Focused): void {
  if (!row || row.contains(document.activeElement)) return;
  const same = [...row.querySelectorAll<HTMLElement>('[data-focus]')].find((one) => one.dataset.focus === name);
  (same ?? row.querySelector<HTMLElement>('[data-focus]'))?.focus({ preventScroll: true });
}

/** Makes these the children, and moves as few of them as possible: what is moved loses focus and selection. */
function place(list: HTMLElement, elements: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(elements);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  elements.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
}
