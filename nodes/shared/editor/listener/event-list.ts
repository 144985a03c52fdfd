import { EVENT_GROUPS, eventsOf, type EventGroup } from '../../../../src/events/catalogue';
import type { ChannelType } from '../../../../src/events/channels';
import { make } from '../page/dom';
import { text } from '../page/text';
import { chosenEvents } from './outputs';

/** One line of the list of events. */
export interface Choice {
  readonly name: string;
  /** One line of plain words; empty for an event that the catalogue does not know. */
  readonly meaning: string;
  readonly chosen: boolean;
}

export interface ChoiceGroup {
  readonly group: EventGroup | 'other';
  readonly choices: readonly Choice[];
}

/**
 * What there is to choose for a listener on channels of a type, by group. A saved name that the catalogue does not
 * know, or does not expect on these channels, comes last, under `other`: it was meant, and works if ChatApp sends it.
 */
export function choiceGroups(channelType: ChannelType, saved: unknown): ChoiceGroup[] {
  const chosen = chosenEvents(saved, channelType);
  const entries = eventsOf(channelType);
  const known = EVENT_GROUPS.map((group) => ({
    group,
    choices: entries
      .filter((entry) => entry.group === group)
      .map(({ name, meaning }) => ({ name, meaning, chosen: chosen.includes(name) })),
  }));
  const others = chosen.filter((name) => entries.every((entry) => entry.name !== name));
  const other = { group: 'other' as const, choices: others.map((name) => ({ name, meaning: '', chosen: true })) };
  return [...known, other].filter(({ choices }) => choices.length > 0);
}

/** Whether every word of `query` occurs in the event's name or meaning, in upper or lower case. */
export function matches({ name, meaning }: Choice, query: string): boolean {
  const searched = `${name} ${meaning}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => searched.includes(word));
}

/**
 * Builds the list of events in the elements that `listener-fields.html` has for it: groups of check boxes, a search
 * over them, and a line that says what is chosen. `onChange` is called after each tick.
 */
export function showEventList(channelType: ChannelType, saved: unknown, onChange: () => void): void {
  const list = part('list', HTMLElement);
  const search = part('search', HTMLInputElement);
  const none = part('none', HTMLButtonElement);

  const groups = choiceGroups(channelType, saved).map((group) => groupBox(group));
  const rows = groups.flatMap((group) => group.rows);
  const noMatch = make('p', 'chatapp-note', text('listener.events.noMatch'));
  list.replaceChildren(...groups.map((group) => group.box), noMatch);

  const show = (): void => {
    for (const { line, choice } of rows) line.hidden = !matches(choice, search.value);
    for (const group of groups) group.refresh();
    noMatch.hidden = rows.some(({ line }) => !line.hidden);
    const chosen = tickedEvents(channelType).length;
    const key = chosen === 0 ? 'listener.events.every' : 'listener.events.some';
    part('count', HTMLElement).textContent = text(key, { chosen, total: rows.length });
    none.disabled = chosen === 0;
  };
  const changed = (): void => {
    show();
    onChange();
  };
  search.addEventListener('input', show);
  list.addEventListener('change', changed);
  none.addEventListener('click', () => {
    for (const { tick } of rows) tick.checked = false;
    changed();
  });
  show();
}

/** The names of the ticked events in the open dialog, in the order of their outputs. None means every event. */
export function tickedEvents(channelType: ChannelType): string[] {
  const ticks = [...part('list', HTMLElement).querySelectorAll('input')];
  // The check box of a whole group names no event.
  const chosen = ticks.filter((tick) => tick.checked && tick.name !== '');
  return chosenEvents(
    chosen.map((tick) => tick.name),
    channelType,
  );
}

interface GroupBox {
  readonly box: HTMLElement;
  readonly rows: readonly Row[];
  /** Brings the box up to date with its rows. */
  readonly refresh: () => void;
}

interface Row {
  readonly choice: Choice;
  readonly line: HTMLElement;
  readonly tick: HTMLInputElement;
}

/** A group with a check box for all of it; during a search, for all of it that is found. */
function groupBox({ group, choices }: ChoiceGroup): GroupBox {
  const name = text(`listener.group.${group}`);
  const box = make('div', 'chatapp-event-group');
  box.setAttribute('role', 'group');
  box.setAttribute('aria-label', name);
  const rows = choices.map((choice) => row(translated(choice)));
  const all = checkBox('', false);
  const head = make('label', 'chatapp-event chatapp-event-group-name');
  head.append(all, make('span', '', name));
  box.append(head, ...rows.map(({ line }) => line));

  const found = (): HTMLInputElement[] => rows.filter(({ line }) => !line.hidden).map(({ tick }) => tick);
  // Comes before the handler of the whole list, which then sees every tick.
  all.addEventListener('change', () => found().forEach((tick) => (tick.checked = all.checked)));
  const refresh = (): void => {
    const ticks = found();
    box.hidden = ticks.length === 0;
    all.checked = ticks.every((tick) => tick.checked);
    all.indeterminate = !all.checked && ticks.some((tick) => tick.checked);
  };
  return { box, rows, refresh };
}

/** The choice with its meaning in the editor's language. An event that the catalogue does not know has none. */
function translated(choice: Choice): Choice {
  return choice.meaning === '' ? choice : { ...choice, meaning: text(`event.${choice.name}`) };
}

function row(choice: Choice): Row {
  const tick = checkBox(choice.name, choice.chosen);
  const line = make('label', 'chatapp-event');
  line.append(tick, make('span', 'chatapp-event-name', choice.name));
  line.append(make('span', 'chatapp-note', choice.meaning));
  return { choice, line, tick };
}

function checkBox(name: string, checked: boolean): HTMLInputElement {
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.name = name;
  box.checked = checked;
  return box;
}

function part<E extends HTMLElement>(name: string, kind: new () => E): E {
  const found = document.getElementById(`chatapp-events-${name}`);
  if (!(found instanceof kind)) throw new Error(`The form has no #chatapp-events-${name}`);
  return found;
}
