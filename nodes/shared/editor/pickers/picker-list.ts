import { make } from '../page/dom';
import { text } from '../page/text';
import type { Entry, Found } from './entries';

/** The list below a picker's field. Its rows are text only: names are ChatApp's words and may hold anything. */
export class PickerList {
  readonly element: HTMLElement;
  private rows: readonly { readonly entry: Entry; readonly row: HTMLElement }[] = [];
  private at = -1;

  /** `onPick` gets what someone clicks. */
  constructor(id: string, label: string, onPick: (entry: Entry) => void) {
    this.element = make('div', 'chatapp-picker-list');
    this.element.id = id;
    this.element.hidden = true;
    this.element.setAttribute('role', 'listbox');
    this.element.setAttribute('aria-label', label);
    // The field keeps the focus.
    this.element.addEventListener('mousedown', (event) => event.preventDefault());
    this.element.addEventListener('click', ({ target }) => {
      const clicked = this.rows.find(({ row }) => target instanceof Node && row.contains(target));
      if (clicked) onPick(clicked.entry);
    });
  }

  /** Fills the list. `chosen` is the value of the field; `otherwise` stands there if nothing was found. */
  fill({ entries, more }: Found, chosen: string, otherwise: string): void {
    this.rows = entries.map((entry, index) => ({ entry, row: this.option(entry, index, entry.value === chosen) }));
    const rows = this.rows.map(({ row }) => row);
    if (more > 0) rows.push(remark(text('picker.more', { number: more })));
    if (rows.length === 0) rows.push(remark(otherwise));
    this.element.replaceChildren(...rows);
    this.at = -1;
  }

  /** The entry on which the keys stand. */
  get active(): Entry | undefined {
    return this.rows[this.at]?.entry;
  }

  /** The id of its row. */
  get activeId(): string | undefined {
    return this.rows[this.at]?.row.id;
  }

  /** Goes to the entry with this value. False if it is not shown. */
  goTo(value: string): boolean {
    const index = this.rows.findIndex(({ entry }) => entry.value === value);
    this.stand(index);
    return index >= 0;
  }

  /** Goes down (1) or up (-1), and round. From nowhere, it goes to the first or the last. */
  step(by: 1 | -1): void {
    const from = this.at < 0 && by < 0 ? 0 : this.at;
    if (this.rows.length > 0) this.stand((from + by + this.rows.length) % this.rows.length);
  }

  private stand(index: number): void {
    this.rows[this.at]?.row.classList.remove('chatapp-picker-active');
    this.at = index;
    const row = this.rows[index]?.row;
    row?.classList.add('chatapp-picker-active');
    row?.scrollIntoView({ block: 'nearest' });
  }

  private option({ value, name, details }: Entry, index: number, isChosen: boolean): HTMLElement {
    const row = make('div', 'chatapp-picker-row');
    row.id = `${this.element.id}-${index}`;
    row.setAttribute('role', 'option');
    row.setAttribute('aria-selected', String(isChosen));
    const parts = [
      make('span', 'chatapp-picker-value', value),
      make('span', '', name),
      ...details.map((detail) => make('span', 'chatapp-note', detail)),
    ].filter((part) => part.textContent !== '');
    row.append(...parts.flatMap((part, place) => (place === 0 ? [part] : [' · ', part])));
    return row;
  }
}

/** A row that cannot be picked. */
function remark(words: string): HTMLElement {
  const row = make('div', 'chatapp-picker-remark chatapp-note', words);
  row.setAttribute('role', 'option');
  row.setAttribute('aria-disabled', 'true');
  return row;
}
