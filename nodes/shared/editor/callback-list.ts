import { fillItem, type RowActs, type RowExtras } from './callback-item';
import type { CallbackRow } from './callback-rows';
import { make } from './make';

interface Item {
  readonly element: HTMLElement;
  /** What it shows, to tell whether that is news. */
  shown: string;
}

/** The rows of the callbacks, in a list of the open dialog. */
export class CallbackItems {
  private readonly items = new Map<string, Item>();

  constructor(private readonly list: HTMLElement) {}

  /**
   * Shows these rows in this order. One that stays as it is keeps its element, so that whoever is about to press a
   * button there is not disturbed, and only news is read out.
   */
  show(
    rows: readonly CallbackRow[],
    extrasOf: (row: CallbackRow) => RowExtras,
    actsOf: (row: CallbackRow) => RowActs,
  ): void {
    const wanted = rows.map((row) => this.elementOf(row, extrasOf(row), actsOf(row)));
    const now = [...this.list.children];
    if (wanted.length === now.length && wanted.every((item, index) => item === now[index])) return;
    const { activeElement } = document;
    this.list.replaceChildren(...wanted);
    // What is moved loses the focus.
    if (activeElement instanceof HTMLElement && this.list.contains(activeElement)) activeElement.focus();
  }

  /** Puts the focus into a row: at its first button, where it has one. */
  focus(key: string): void {
    const item = this.items.get(key)?.element;
    (item?.querySelector('button') ?? item)?.focus();
  }

  private elementOf(row: CallbackRow, extras: RowExtras, acts: RowActs): HTMLElement {
    const item = this.items.get(row.key) ?? newItem(row);
    this.items.set(row.key, item);
    const shown = JSON.stringify([row, extras]);
    if (item.shown !== shown) fillItem(item.element, row, extras, acts);
    item.shown = shown;
    return item.element;
  }
}

function newItem({ licenseId, messengerType }: CallbackRow): Item {
  const element = make('li', '');
  // The focus may be put here where a row has no button any more.
  element.tabIndex = -1;
  element.dataset.line = licenseId;
  element.dataset.messenger = messengerType;
  return { element, shown: '' };
}
