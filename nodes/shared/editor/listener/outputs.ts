import type { ChannelType } from '../../../../src/events/channels';
import { inOutputOrder } from '../../output-order';

/** The saved properties that say which outputs a listener has. Hand-made flows may hold anything in them. */
export interface OutputSettings {
  readonly events?: unknown;
  readonly separate?: unknown;
}

/**
 * The chosen events in the order of their outputs: as in the catalogue, then those that it does not have for channels of
 * this type, each once. `events` is the saved list, or a text with commas between the names.
 */
export function chosenEvents(events: unknown, type: ChannelType): string[] {
  const list: readonly unknown[] = Array.isArray(events) ? events : typeof events === 'string' ? events.split(',') : [];
  const names = list.flatMap((name) => (typeof name === 'string' ? name.trim() : [])).filter(Boolean);
  return inOutputOrder(names, type);
}

/** The events that have an output of their own; none when everything goes out of the one output. */
export function outputEvents({ events, separate }: OutputSettings, type: ChannelType): string[] {
  return separate === true || separate === 'true' ? chosenEvents(events, type) : [];
}

/** The number of outputs: one for each chosen event if these go separate ways, else one. */
export function outputCount(settings: OutputSettings, type: ChannelType): number {
  return Math.max(1, outputEvents(settings, type).length);
}

/** What the editor shows at an output; undefined where one output carries everything. */
export function outputLabel(settings: OutputSettings, type: ChannelType, index: number): string | undefined {
  return outputEvents(settings, type)[index];
}

/**
 * What the editor expects in the field `outputs` for `after` in place of `before`: where each old output went, so that
 * wires stay with their event. `{"0":"1"}` moves the first output to the second place, `-1` removes it, and an entry
 * whose key is no number is a new output. From one output for everything to separate ones, and back, a plain number
 * says how many there are: the wires of the first output stay with it.
 */
export function outputsField(before: OutputSettings, after: OutputSettings, type: ChannelType): string {
  const was = outputEvents(before, type);
  const is = outputEvents(after, type);
  if (was.length === 0 || is.length === 0) return String(outputCount(after, type));
  const moves = was.map((name, index) => [String(index), String(is.indexOf(name))]);
  const additions = is.filter((name) => !was.includes(name)).map((name) => [`new ${name}`, String(is.indexOf(name))]);
  return JSON.stringify(Object.fromEntries([...moves, ...additions]));
}
