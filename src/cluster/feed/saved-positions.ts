import { entriesOf, isRecord, parseJson } from '../../events/json';
import { LinePosition, OVERLAP } from './line-position';

/** What is remembered of one channel. Times in unix seconds, as ChatApp's messages have them. */
export interface ChannelPosition {
  /** By `<licence>/<messenger>`: an employee channel carries several lines. */
  readonly lines: Map<string, LinePosition>;
  /** Since when each listener listens: older messages are not its own. */
  readonly listeners: Map<string, number>;
  /** Until when the channel is known to have been heard. */
  heard?: number;
}

/** The text under which the channels' positions are kept. */
export function asText(channels: ReadonlyMap<string, ChannelPosition>): string {
  const all = [...channels].map(([name, { lines, listeners, heard }]): [string, unknown] => [
    name,
    { heard, lines: Object.fromEntries(lines), listeners: Object.fromEntries(listeners) },
  ]);
  return JSON.stringify({ version: 1, channels: Object.fromEntries<unknown>(all) });
}

/** The positions in such a text, by channel; what is not one is left out. */
export function fromText(text = '{}'): Map<string, ChannelPosition> {
  const saved = parseJson(text);
  const channels = entriesOf(isRecord(saved) ? saved.channels : undefined);
  return new Map(channels.flatMap(([name, json]) => (isRecord(json) ? [[name, channelOf(json)]] : [])));
}

/**
 * Until when such a text tells all that was delivered, in ms since the epoch; undefined: until it was written. While
 * older messages are missing, so many may be delivered that it names the newest of them only.
 */
export function completeUntil(text?: string): number | undefined {
  const lines = [...fromText(text).values()].flatMap((channel) => [...channel.lines.values()]);
  const missing = lines.flatMap(({ since, time }) => (since < time ? [since - OVERLAP] : []));
  return missing.length === 0 ? undefined : Math.min(...missing) * 1_000;
}

function channelOf(saved: Readonly<Record<string, unknown>>): ChannelPosition {
  const channel: ChannelPosition = { lines: new Map(), listeners: new Map() };
  for (const [line, json] of entriesOf(saved.lines)) {
    const position = LinePosition.fromJSON(json);
    if (position) channel.lines.set(line, position);
  }
  for (const [listener, since] of entriesOf(saved.listeners)) {
    if (typeof since === 'number') channel.listeners.set(listener, since);
  }
  if (typeof saved.heard === 'number') channel.heard = saved.heard;
  return channel;
}
