import { eventsOf } from '../../../src/events/catalogue';
import type { ChannelType } from '../../../src/events/channels';
import { messengerName } from '../../../src/api/messenger-names';
import { chosenEvents } from './outputs';

/** Gives the text for a key, with `__name__` filled from `params`. Passed in, so that labels can be tried without an editor. */
export type Text = (key: string, params?: Readonly<Record<string, string | number>>) => string;

/** What things are called in the account; undefined where that is not known. */
export interface Names {
  line(licenseId: string): string | undefined;
  messenger(licenseId: string, messengerType: string): string | undefined;
  company(companyId: string): string | undefined;
  /** `companyId` is undefined where any company will do. */
  user(userId: string, companyId: string | undefined): string | undefined;
}

/** The saved properties that a listener's label is made of. Hand-made flows may hold anything in them. */
export interface LabelSettings {
  readonly name?: unknown;
  readonly events?: unknown;
  readonly licenseId?: unknown;
  readonly messengerType?: unknown;
  readonly companyId?: unknown;
  readonly userId?: unknown;
}

/** The name, or `message · Support line · Telegram`, `messages · all lines`, `3 events · line 1229`. */
export function messengerLabel(settings: LabelSettings, names: Names, text: Text): string {
  const [line, messenger] = lineWords(settings, names, text);
  return labelOf(settings, 'messenger', [line || text('label.allLines'), messenger], text);
}

/** The name, or `all events · Flowers & Co`, `all events · company 2224`. */
export function companyLabel(settings: LabelSettings, names: Names, text: Text): string {
  const id = show(settings.companyId);
  if (id === '') return show(settings.name) || text('label.anyCompany');
  return labelOf(settings, 'company', [named(names.company(id)) ?? text('label.company', { id })], text);
}

/** The name, or `all events · João Lima`, `all events · user 685`. */
export function userLabel(settings: LabelSettings, names: Names, text: Text): string {
  const id = show(settings.userId);
  if (id === '') return show(settings.name) || text('label.anyUser');
  return labelOf(settings, 'user', [named(names.user(id, undefined)) ?? text('label.user', { id })], text);
}

/** The name, or `all events · Flowers & Co · João Lima`, `all events · company 2224 · user 685`. */
export function employeeLabel(settings: LabelSettings, names: Names, text: Text): string {
  const company = show(settings.companyId);
  const user = show(settings.userId);
  if (company === '' || user === '') return show(settings.name) || text('label.anyEmployee');
  const companyName = named(names.company(company)) ?? text('label.company', { id: company });
  const userName = named(names.user(user, company)) ?? text('label.user', { id: user });
  return labelOf(settings, 'employee', [companyName, userName], text);
}

/** The name, or `done`, `failed`, `give up`. */
export function doneLabel({ name, outcome }: LabelSettings & { readonly outcome?: unknown }, text: Text): string {
  const does = outcome === 'failed' || outcome === 'giveUp' ? outcome : 'done';
  return show(name) || text(`chatapp-done.does.${does}`);
}

/** `Support line` or `line 1229`, and `Telegram`; an empty text for what is not chosen. */
export function lineWords(settings: LabelSettings, names: Names, text: Text): [line: string, messenger: string] {
  const line = show(settings.licenseId);
  const type = show(settings.messengerType);
  const lineName = line === '' ? '' : (named(names.line(line)) ?? text('label.line', { id: line }));
  // Without a line, what the type is usually called will do.
  const name = line === '' || type === '' ? undefined : names.messenger(line, type);
  return [lineName, named(messengerName({ type, ...(name !== undefined && { name }) })) ?? type];
}

/** The CSS class of a label: italic for a name that someone gave, as with Node-RED's own nodes. */
export function labelStyle({ name }: LabelSettings): string {
  return show(name) === '' ? '' : 'node_label_italic';
}

/** Longer names are cut, in characters. */
const LONGEST_NAME = 40;

function labelOf(settings: LabelSettings, type: ChannelType, where: readonly string[], text: Text): string {
  return show(settings.name) || [eventWords(settings.events, type, text), ...where].filter(Boolean).join(' · ');
}

/** `message` for one event, `messages` where all are of that group, else how many there are. */
function eventWords(saved: unknown, type: ChannelType, text: Text): string {
  const chosen = chosenEvents(saved, type);
  const [first, ...others] = chosen;
  if (first === undefined) return text('label.allEvents');
  if (others.length === 0) return first;
  const groupOf = new Map(eventsOf(type).map(({ name, group }) => [name, group]));
  const group = groupOf.get(first);
  const isOneGroup = group !== undefined && others.every((name) => groupOf.get(name) === group);
  if (isOneGroup) return text(`listener.group.${group}`).toLowerCase();
  return text('label.events', { number: chosen.length });
}

/** A name on one line, cut where it is long; undefined for none. */
function named(name: string | undefined): string | undefined {
  const characters = Array.from((name ?? '').replace(/\s+/g, ' ').trim());
  if (characters.length === 0) return undefined;
  const isLong = characters.length > LONGEST_NAME;
  return isLong
    ? `${characters
        .slice(0, LONGEST_NAME - 1)
        .join('')
        .trimEnd()}…`
    : characters.join('');
}

/** A setting as it is shown: without blanks around it, and nothing where it is no text. */
export function show(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}
