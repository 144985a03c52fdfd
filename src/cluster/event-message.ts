import { gunzipSync, gzipSync } from 'node:zlib';
import { contentHash, eventKeyOf, type EventSource } from '../events';
import { EVENT_SOURCES } from '../events/event-key';
import { isRecord, parseJson } from '../events/json';
import { asDelivery, type Delivery } from '../inbox/delivery';

/** Instances may have different versions of this package: a message with another version than this is not read. */
const VERSION = 2;
/** NATS takes 1 MB by default. A larger event than this, in bytes, is compressed. */
const LARGE = 512 * 1024;
/** No frame is larger, in bytes, and no event is read that is. */
const MAX_SIZE = 16 * 1024 * 1024;
/** How gzip begins; JSON never does. */
const GZIP = 0x1f;

/** The header with what the others need to know of an event without its body. */
export const EVENT_HEADER = 'Chatapp-Event';

/** What identifies an event of one listener, and who has published it. */
export interface EventHeader {
  /** The instance that has published it. */
  readonly instance: string;
  readonly channel: string;
  readonly event: string;
  readonly source: EventSource;
  /** The id of the event key; of an event that has none, the hash of its content. */
  readonly id: number;
  /** The edit of the event key; absent if it has none: equal events may be different announcements then. */
  readonly edit?: number;
  /** How many listeners get the event, each by a message of its own. */
  readonly shares: number;
  /**
   * All that its instance had received until then is in the stream, by ChatApp's time in unix seconds; absent if that was
   * not known.
   */
  readonly until?: number;
}

/** Identifies an event among those of its listener. */
export function eventIdOf(delivery: Delivery): Pick<EventHeader, 'channel' | 'event' | 'id' | 'edit'> {
  const { channel, event, item } = delivery;
  const key = eventKeyOf(event, item, delivery);
  return key ? { channel, event, id: key.id, edit: key.edit } : { channel, event, id: contentHash(event, item) };
}

/**
 * The body of a message. The event's part is left out: the items of one envelope may go to different instances, and a Join
 * node would wait for the others for ever. The delivery token belongs to a single attempt; an attempt is only there if others
 * were made before the event was published.
 * @throws RangeError if it is larger than 16 MB, and could not be read again
 */
export function encodeEvent({ part: _part, deliveryToken: _deliveryToken, ...delivery }: Delivery): Uint8Array {
  const bytes = Buffer.from(JSON.stringify({ version: VERSION, ...delivery }));
  if (bytes.length > MAX_SIZE) throw new RangeError('The event is larger than 16 MB');
  return bytes.length > LARGE ? gzipSync(bytes) : bytes;
}

/** The event in the body of a message; `undefined` if there is none, or one of another version. */
export function decodeEvent(bytes: Uint8Array): Delivery | undefined {
  const value = parseJson(textOf(bytes));
  return isRecord(value) && value.version === VERSION ? asDelivery(value) : undefined;
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length > MAX_SIZE) return '';
  try {
    return Buffer.from(bytes[0] === GZIP ? gunzipSync(bytes, { maxOutputLength: MAX_SIZE }) : bytes).toString();
  } catch {
    return '';
  }
}

/** The header in this text; `undefined` if it is malformed. */
export function readEventHeader(text: string): EventHeader | undefined {
  const value = parseJson(text);
  if (!isRecord(value)) return undefined;
  const { instance, channel, event, id, edit, shares, until } = value;
  const source = EVENT_SOURCES.find((name) => name === value.source);
  if (typeof instance !== 'string' || typeof channel !== 'string' || typeof event !== 'string') return undefined;
  if (!source || typeof id !== 'number' || typeof shares !== 'number') return undefined;
  return {
    instance,
    channel,
    event,
    source,
    id,
    shares,
    ...(typeof edit === 'number' && { edit }),
    ...(typeof until === 'number' && { until }),
  };
}
