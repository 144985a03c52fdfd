import { isRecord } from '../../simulator/json';

/** The events of the traffic. Only messages have a history: of the others, what an outage swallows is gone. */
export type NumberedEvent = 'message' | 'chatTag' | 'messageStatus';

/** How a number is written into an item, so that it differs from every other text. */
export function numbered(number: number): string {
  return `№ ${number}`;
}

/** The number in an item, where it has one. */
export function numberIn(event: string, item: unknown): number | undefined {
  if (!isRecord(item)) return undefined;
  const text =
    event === 'message' ? field(item.message, 'text') : event === 'chatTag' ? field(item.tag, 'name') : item.id;
  const [, digits] = typeof text === 'string' ? (/^№ (\d+)$/.exec(text) ?? []) : [];
  return digits === undefined ? undefined : Number(digits);
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}
