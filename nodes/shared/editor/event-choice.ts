import { EVENT_GROUPS, eventsOf, type EventGroup } from '../../../src/events/catalogue';
import type { ChannelType } from '../../../src/events/channels';
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
