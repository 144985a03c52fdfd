import { eventsOf } from '../../../../src/events/catalogue';
import type { ChannelType } from '../../../../src/events/channels';
import { lineWords, named, show, type LabelSettings, type Names, type Text } from '../account/labels';
import { chosenEvents } from './outputs';

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
