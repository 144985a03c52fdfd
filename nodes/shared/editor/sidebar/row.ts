import { make } from '../page/dom';
import { levelIcon } from './parts';
import type { Level } from './levels';
import type { ListItem } from './windowed-list';

/** What a row of the sidebar says. */
export interface Row {
  /** Unique, and the same as long as it is about the same thing. */
  readonly key: string;
  readonly kind: 'connection' | 'channel' | 'listener' | 'sender' | 'cluster' | 'error';
  readonly level: Level;
  /** What it is about, as people call it. */
  readonly title: string;
  /** How it stands, in short. A getter where it takes time: only rows that are drawn or searched need it. */
  readonly words: string;
  /** What belongs to it and is always seen: bars, progress. */
  readonly extras?: () => readonly (Element | undefined)[];
  /** What is seen once it is unfolded. */
  readonly details?: () => readonly (Element | undefined)[];
  /** All that extras and details are made of, to find out whether anything has changed. */
  readonly source: unknown;
  /** Unfolded unless somebody has folded it. */
  readonly startsOpen?: boolean;
}

/** A title above rows. */
export interface Heading {
  readonly key: string;
  readonly heading: string;
}

/** Which rows are unfolded. */
export class OpenRows {
  /** What somebody has folded or unfolded. */
  private readonly chosen = new Map<string, boolean>();

  constructor(private readonly onToggle: () => void) {}

  isOpen({ key, startsOpen = false }: Row): boolean {
    return this.chosen.get(key) ?? startsOpen;
  }

  toggle(row: Row): void {
    this.chosen.set(row.key, !this.isOpen(row));
    this.onToggle();
  }
}

export function headingItem({ key, heading }: Heading): ListItem {
  return {
    key,
    shown: heading,
    draw: () => {
      const element = make('div', 'chatapp-heading');
      element.append(make('h3', '', heading));
      return element;
    },
  };
}

export function rowItem(row: Row, open: OpenRows): ListItem {
  const isOpen = open.isOpen(row);
  return {
    key: row.key,
    // Of 1,000 rows, a few are drawn.
    get shown() {
      const { level, title, words, source } = row;
      return JSON.stringify([level, title, words, isOpen, source]);
    },
    draw: () => drawRow(row, isOpen, open),
  };
}

/** Names come from elsewhere: they are text, whatever they look like. */
function drawRow(row: Row, isOpen: boolean, open: OpenRows): HTMLElement {
  const element = make('div', 'chatapp-row');
  element.dataset.kind = row.kind;
  element.dataset.level = row.level;
  const head = row.details ? foldButton(row, isOpen, open) : make('div', 'chatapp-head');
  const title = make('span', 'chatapp-title', row.title);
  title.title = row.title;
  head.prepend(levelIcon(row.level), title);
  const status = make('div', 'chatapp-status');
  status.append(make('span', 'chatapp-words', row.words), ...present(row.extras?.()));
  element.append(head, status);
  if (isOpen && row.details) {
    const details = make('div', 'chatapp-details');
    details.append(...present(row.details()));
    element.append(details);
  }
  return element;
}

function foldButton(row: Row, isOpen: boolean, open: OpenRows): HTMLButtonElement {
  const button = make('button', 'chatapp-head');
  const arrow = make('i', `fa fa-angle-${isOpen ? 'down' : 'right'} chatapp-arrow`);
  arrow.setAttribute('aria-hidden', 'true');
  button.type = 'button';
  button.dataset.focus = 'head';
  button.setAttribute('aria-expanded', String(isOpen));
  button.append(arrow);
  button.addEventListener('click', () => open.toggle(row));
  return button;
}

function present(elements: readonly (Element | undefined)[] = []): Element[] {
  return elements.filter((element) => element !== undefined);
}
