import { make } from '../page/dom';
import { text } from '../page/text';
import type { CallbackRow } from './callback-rows';

interface Item {
  readonly element: HTMLElement;
  /** What it shows, to find out whether that has changed. */
  shown: string;
}

/** The rows of the callbacks, in a list of the open dialog. */
export class CallbackItems {
  private readonly items = new Map<string, Item>();

  constructor(private readonly list: HTMLElement) {}

  /**
   * Shows these rows in this order. One that stays as it is keeps its element, so that a button
   * that is about to be pressed stays, and a screen reader reads out only what is new.
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

/** What a row shows besides how its callback stands. */
export interface RowExtras {
  /** `asking`: the user is asked whether to replace it; `replacing`: the user agreed, and Node-RED replaces it. */
  readonly step?: 'asking' | 'replacing';
  /** Why it was not replaced. */
  readonly problem?: string;
}

/** What the buttons of a row do. */
export interface RowActs {
  /** Someone would like to replace the callback: they are asked. */
  readonly ask: () => void;
  /** The explicit yes. */
  readonly replace: () => void;
  readonly leave: () => void;
}

/** A question with the words of its yes, and what its buttons do. */
interface Question {
  readonly question: string;
  readonly yes: string;
  /** The words of its no, if those for webhooks do not fit. */
  readonly no?: string;
  readonly act: () => void;
  readonly leave: () => void;
}

const ICONS: Readonly<Record<CallbackRow['state'], string>> = {
  set: 'fa-check',
  setting: 'fa-circle-o-notch fa-spin',
  taken: 'fa-user-times',
  failed: 'fa-times',
};

/** Fills the element of a row. Names and hosts come from elsewhere: they are text, whatever they look like. */
export function fillItem(item: HTMLElement, row: CallbackRow, { step, problem }: RowExtras, acts: RowActs): void {
  const icon = make('i', `fa fa-fw ${step === 'replacing' ? ICONS.setting : ICONS[row.state]}`);
  icon.setAttribute('aria-hidden', 'true');
  item.dataset.state = row.state;
  item.replaceChildren(icon, make('b', '', row.name), ' ', make('span', '', row.words));
  if (problem !== undefined) item.append(make('p', 'chatapp-problem', problem));
  if (step === 'replacing') item.append(make('p', '', text('chatapp-connection.callback.replacing')));
  else if (row.question !== undefined && step === 'asking') {
    const yes = text('chatapp-connection.callback.yes');
    item.append(confirmation({ question: row.question, yes, act: acts.replace, leave: acts.leave }));
  } else if (row.question !== undefined) item.append(' ', offer(row.name, acts));
}

function offer(name: string, { ask }: RowActs): HTMLElement {
  const button = textButton(text('chatapp-connection.callback.replace'), ask);
  button.classList.add('red-ui-button-small');
  // Out of sight of the line, the word alone would not say which.
  button.setAttribute('aria-label', `${text('chatapp-connection.callback.replace')}: ${name}`);
  return button;
}

export function confirmation({ question, yes: words, no: noWords, act, leave }: Question): HTMLElement {
  const group = make('div', 'chatapp-question');
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', question);
  const no = textButton(noWords ?? text('chatapp-connection.callback.no'), leave);
  const yes = textButton(words, act);
  yes.classList.add('primary');
  // The harmless answer comes first, and gets the focus.
  group.append(make('p', '', question), no, ' ', yes);
  return group;
}

function textButton(words: string, act: () => void): HTMLButtonElement {
  const button = make('button', 'red-ui-button', words);
  button.type = 'button';
  button.addEventListener('click', act);
  return button;
}
