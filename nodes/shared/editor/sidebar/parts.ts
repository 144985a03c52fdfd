import { make } from '../page/dom';
import { text } from '../page/text';
import type { Level } from './levels';

const ICONS: Readonly<Record<Level, string>> = {
  bad: 'fa-times-circle',
  warn: 'fa-exclamation-triangle',
  busy: 'fa-refresh',
  ok: 'fa-check-circle',
  off: 'fa-circle-o',
};

/** The icon of a level, with its word for those who do not see the icon. */
export function levelIcon(level: Level): HTMLElement {
  const icon = make('i', `fa fa-fw ${ICONS[level]}`);
  icon.dataset.level = level;
  icon.setAttribute('role', 'img');
  icon.setAttribute('aria-label', text(`chatapp-sidebar.level.${level}`));
  icon.title = text(`chatapp-sidebar.level.${level}`);
  return icon;
}

/** A name and what is known of it, as a row of a list of facts. */
export interface Fact {
  readonly name: string;
  readonly words: string;
  readonly level?: Level;
  /** Shown if somebody points at it. */
  readonly title?: string;
}

export function factList(facts: readonly Fact[]): HTMLElement {
  const list = make('dl', 'chatapp-facts');
  for (const { name, words, level, title } of facts) {
    const value = make('dd', '', words);
    if (title !== undefined) value.title = title;
    if (level !== undefined && level !== 'off') value.prepend(levelIcon(level), ' ');
    list.append(make('dt', '', name), value);
  }
  return list;
}

/** A small button. `name` tells the buttons of a row apart, and `about` says in which row it is. */
export function actButton(name: string, about: string, act: (button: HTMLButtonElement) => void): HTMLButtonElement {
  const words = text(`chatapp-sidebar.act.${name}`);
  const button = make('button', 'red-ui-button red-ui-button-small', words);
  button.type = 'button';
  button.dataset.focus = name;
  button.setAttribute('aria-label', `${words}: ${about}`);
  button.addEventListener('click', () => act(button));
  return button;
}

/** How far something is. `done` and `total` may both be 0: then nobody knows yet. */
export function progressBar(name: string, done: number, total: number): HTMLElement {
  const bar = make('div', 'chatapp-progress');
  bar.setAttribute('role', 'progressbar');
  bar.setAttribute('aria-label', name);
  const filled = make('span', '');
  if (total > 0) {
    bar.setAttribute('aria-valuemin', '0');
    bar.setAttribute('aria-valuemax', String(total));
    bar.setAttribute('aria-valuenow', String(Math.min(done, total)));
    filled.style.width = `${(100 * Math.min(done, total)) / total}%`;
  } else bar.dataset.unknown = '';
  bar.append(filled);
  return bar;
}

const SVG = 'http://www.w3.org/2000/svg';
/** In px. */
const BAR = 3;
const HEIGHT = 18;

/** A small bar for each hour, the running one last. */
export function hourBars(hours: readonly number[]): Element {
  const total = hours.reduce((sum, count) => sum + count, 0);
  const words = text('chatapp-sidebar.hours', { number: total });
  const most = Math.max(1, ...hours);
  const drawing = document.createElementNS(SVG, 'svg');
  const outline = document.createElementNS(SVG, 'path');
  // Hours without events have a line, so that one sees that there are hours.
  const bars = hours.map((count, hour) => {
    const height = count === 0 ? 1 : Math.max(2, Math.round((HEIGHT * count) / most));
    return `M${BAR * hour} ${HEIGHT}v-${height}h${BAR - 1}v${height}z`;
  });
  outline.setAttribute('d', bars.join(''));
  drawing.setAttribute('class', 'chatapp-hours');
  drawing.setAttribute('width', String(BAR * hours.length));
  drawing.setAttribute('height', String(HEIGHT));
  drawing.setAttribute('role', 'img');
  drawing.setAttribute('aria-label', words);
  const tip = document.createElementNS(SVG, 'title');
  tip.textContent = words;
  drawing.append(tip, outline);
  return drawing;
}
