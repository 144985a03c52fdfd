import { isEnvironment, type Check } from '../form/validate';
import { element, iconButton, make } from '../page/dom';
import { text } from '../page/text';
import { entrySearch, type Entry, type Found } from './entries';
import { PickerList } from './picker-list';

/** What a picker knows of the account. */
export type Content =
  /** `isQuiet` where another field tells so. */
  | { readonly state: 'reading'; readonly isQuiet?: true }
  | { readonly state: 'read'; readonly entries: readonly Entry[] }
  /**
   * `words` may be empty, if another field shows them; `entries` are worth a try all the same. `isHint` if nothing is wrong
   * yet, as in a dialog that was just opened.
   */
  | {
      readonly state: 'problem';
      readonly words: string;
      readonly entries: readonly Entry[];
      readonly isHint?: true;
      /** Nothing was asked yet: another field comes first. */
      readonly isUnscoped?: boolean;
    };

export interface Note {
  readonly words: string;
  readonly kind: 'name' | 'hint' | 'problem';
}

/** The note below a picker's field: the name that belongs to the value, or why it is unknown. */
export function noteOf(content: Content, value: string, check: Check, unknown = text('picker.unknown')): Note {
  if (content.state === 'reading') return { words: content.isQuiet ? '' : text('account.reading'), kind: 'hint' };
  if (content.state === 'problem' && content.words !== '') {
    return { words: content.words, kind: content.isHint ? 'hint' : 'problem' };
  }
  const entry = content.entries.find((one) => one.value === value);
  if (value === '' || isEnvironment(value)) return { words: '', kind: 'hint' };
  if (entry) return { words: [entry.name, ...entry.details].filter(Boolean).join(' · '), kind: 'name' };
  if (content.state === 'problem') return { words: '', kind: 'hint' };
  if (check(value) !== undefined) return { words: text('picker.noId'), kind: 'problem' };
  // The id may be right later, when the account has it.
  return { words: unknown, kind: 'hint' };
}

export interface PickerOptions {
  /** The id of the input. Its list is `<id>-list`, its note `<id>-note`, its buttons `<id>-toggle` and `<id>-refresh`. */
  readonly id: string;
  /** The name of the field. */
  readonly label: string;
  /** What the field may hold. */
  readonly check: Check;
  /** What an empty field means; without it, an empty field means nothing. */
  readonly all?: string;
  /** What a value means that the list does not have. @default the account does not have it */
  readonly unknown?: string;
  /** What stands in the list if nothing was asked yet, since another field comes first. */
  readonly unscoped?: string;
  /** Someone wants the account read again. */
  readonly onRefresh: () => void;
}

const OTHERWISE = { reading: 'account.reading', read: 'picker.nothing', problem: 'picker.unread' } as const;

/** Makes a combobox out of a text field that holds an id: it can be typed as before, and picked by name. */
export class Picker {
  private readonly input: HTMLInputElement;
  private readonly list: PickerList;
  private readonly note: HTMLElement;
  private readonly toggle: HTMLButtonElement;
  private content: Content = { state: 'reading' };
  private search: (query: string) => Found = entrySearch([]);
  /** What the open list was narrowed to. */
  private query = '';

  constructor(private readonly options: PickerOptions) {
    const { id, label } = options;
    const input = element(id);
    if (!(input instanceof HTMLInputElement)) throw new Error(`#${id} is no input`);
    this.input = input;
    this.list = new PickerList(`${id}-list`, label, (entry) => this.pick(entry));
    this.toggle = iconButton(`${id}-toggle`, 'fa-chevron-down', `${text('picker.open')}: ${label}`);
    this.note = make('div', 'chatapp-picker-note');
    this.build();
    this.listen();
    this.show(this.content);
  }

  /** Takes what is known of the account by now. */
  show(content: Content): void {
    this.content = content;
    const entries = content.state === 'reading' ? [] : content.entries;
    const { all } = this.options;
    this.search = entrySearch(all === undefined ? entries : [{ value: '', name: all, details: [] }, ...entries]);
    if (this.isOpen) this.open(this.query);
    this.tell();
  }

  private get isOpen(): boolean {
    return !this.list.element.hidden;
  }

  private build(): void {
    const { id, label, onRefresh } = this.options;
    const box = make('div', 'chatapp-picker');
    const field = make('div', 'chatapp-picker-field');
    const refresh = iconButton(`${id}-refresh`, 'fa-refresh', `${text('picker.refresh')}: ${label}`);
    refresh.addEventListener('click', onRefresh);
    this.input.replaceWith(box);
    field.append(this.input, this.toggle, refresh, this.list.element);
    box.append(field, this.note);
    this.note.id = `${id}-note`;
    this.note.setAttribute('aria-live', 'polite');
    const roles = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': this.list.element.id };
    for (const [name, value] of Object.entries(roles)) this.input.setAttribute(name, value);
    const tip = this.input.getAttribute('aria-describedby');
    this.input.setAttribute('aria-describedby', [tip, this.note.id].filter(Boolean).join(' '));
    this.input.autocomplete = 'off';
    // As the pattern for comboboxes wants it: the arrow keys do the same from within the field.
    this.toggle.tabIndex = -1;
    this.toggle.setAttribute('aria-controls', this.list.element.id);
    this.close();
  }

  private listen(): void {
    this.input.addEventListener('keydown', (event) => this.press(event));
    this.input.addEventListener('click', () => this.open());
    this.input.addEventListener('input', () => {
      this.open(this.input.value);
      this.tell();
    });
    this.input.addEventListener('change', () => this.tell());
    this.input.addEventListener('blur', () => {
      this.close();
      // What was typed is not under way any more.
      this.tell();
    });
    // Nor does the editor look at it until then.
    const hush = (event: Event): void => {
      if (this.isOpen) event.stopPropagation();
    };
    this.input.parentElement?.addEventListener('keyup', hush, { capture: true });
    this.toggle.addEventListener('mousedown', (event) => event.preventDefault());
    this.toggle.addEventListener('click', () => {
      if (this.isOpen) return this.close();
      this.input.focus();
      this.open();
    });
  }

  /** Opens the list with what fits `query`; without one, with everything. */
  private open(query = ''): void {
    this.query = query;
    this.list.fill(this.search(query), this.input.value, this.otherwise);
    this.list.element.hidden = false;
    // An id that is being typed stands for itself, a name for the first one that has it.
    if (query === '') this.list.goTo(this.input.value);
    else if (!/^(\d+|\$.*)$/.test(query.trim())) this.list.step(1);
    this.reflect();
  }

  /** What stands in the list if nothing is found. */
  private get otherwise(): string {
    const { content, options } = this;
    if (content.state === 'problem' && content.isUnscoped && options.unscoped !== undefined) return options.unscoped;
    return text(OTHERWISE[content.state]);
  }

  private close(): void {
    this.list.element.hidden = true;
    this.reflect();
  }

  private pick({ value }: Entry): void {
    this.input.value = value;
    this.close();
    // The editor looks at the value then, and so does everyone else.
    this.input.dispatchEvent(new Event('change', { bubbles: true }));
  }

  private press(event: KeyboardEvent): void {
    const { key } = event;
    if (event.isComposing) return;
    if (key === 'Tab') return this.close();
    if (key === 'ArrowDown' || key === 'ArrowUp') this.move(key === 'ArrowDown' ? 1 : -1);
    else if (!this.isOpen || (key !== 'Enter' && key !== 'Escape')) return;
    else if (key === 'Enter' && this.list.active) this.pick(this.list.active);
    else this.close();
    // Neither the dialog nor the workspace behind it gets these keys.
    event.preventDefault();
    event.stopPropagation();
  }

  private move(by: 1 | -1): void {
    if (this.isOpen) this.list.step(by);
    else {
      this.open();
      if (!this.list.active) this.list.step(by);
    }
    this.reflect();
  }

  private reflect(): void {
    for (const part of [this.input, this.toggle]) part.setAttribute('aria-expanded', String(this.isOpen));
    const active = this.isOpen ? this.list.activeId : undefined;
    if (active === undefined) this.input.removeAttribute('aria-activedescendant');
    else this.input.setAttribute('aria-activedescendant', active);
  }

  private tell(): void {
    const value = this.input.value.trim();
    // Half a name is no id, and no mistake as long as the list is open.
    const isUnderWay = this.isOpen && this.options.check(value) !== undefined;
    const { words, kind } = noteOf(this.content, isUnderWay ? '' : value, this.options.check, this.options.unknown);
    this.note.textContent = words;
    this.note.dataset.kind = kind;
  }
}
