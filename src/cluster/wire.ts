import { gunzipSync, gzipSync } from 'node:zlib';
import { identityOf } from '../events';
import type { Writable } from '../events/facts';
import { fingerprint } from '../events/fingerprint';
import { isRecord, parseJson } from '../events/json';
import type { Delivery } from '../feed/delivery';

/** During an update copies have different versions of this package: what has another number than this is not read. */
const VERSION = 1;
/** NATS takes 1 MB by default; an item that is larger than this, in bytes, is pressed. */
const LARGE = 512 * 1024;
/** What is unpressed has no more than so many bytes. */
const LARGEST = 256 * 1024 * 1024;
/** How gzip begins; JSON never does. */
const PRESSED = 0x1f;

/** Under which header a mark stands. */
export const MARK_HEADER = 'Chatapp-Mark';

/** What tells an item from others, small enough for a header. */
export interface Mark {
  readonly channel: string;
  /** When it reached the copy that published it, in ms since the epoch, by that copy's clock. */
  readonly receivedAt: number;
  readonly recovered: boolean;
  readonly edited: boolean;
  /** The id of the item's identity; for an item that has none, a fingerprint of all of it. */
  readonly id: number;
  /** The content of the item's identity; absent where it has none: equal ones may be different announcements then. */
  readonly content?: number;
}

/**
 * A delivery as bytes. Its part is left out: the items of one envelope may go to different copies, and a Join node
 * would wait for the others for ever. Attempt and ticket are those of a single try.
 * @throws RangeError where it is nested too deeply
 */
export function encode({ part: _part, attempt: _attempt, ticket: _ticket, ...delivery }: Delivery): Uint8Array {
  const bytes = Buffer.from(JSON.stringify({ version: VERSION, ...delivery }));
  return bytes.length > LARGE ? gzipSync(bytes) : bytes;
}

/** The delivery, or `undefined` where these bytes are none, or those of another version. */
export function decode(bytes: Uint8Array): Delivery | undefined {
  const value = parseJson(textOf(bytes));
  if (!isRecord(value) || value.version !== VERSION) return undefined;
  const { event, channel, item, meta, receivedAt, recovered, sample } = value;
  if (typeof event !== 'string' || typeof channel !== 'string' || !isRecord(item) || !isRecord(meta)) return undefined;
  if (typeof receivedAt !== 'number' || typeof recovered !== 'boolean') return undefined;
  const delivery: Writable<Delivery> = { event, channel, item, meta, receivedAt, recovered };
  for (const name of IDS) {
    const id = value[name];
    if (typeof id === 'string') delivery[name] = id;
    else if (id !== undefined) return undefined;
  }
  if (sample === true) delivery.sample = true;
  return delivery;
}

const IDS = ['licenseId', 'messengerType', 'companyId', 'userId', 'chatId', 'messageId'] as const;

function textOf(bytes: Uint8Array): string {
  try {
    return Buffer.from(bytes[0] === PRESSED ? gunzipSync(bytes, { maxOutputLength: LARGEST }) : bytes).toString();
  } catch {
    return '';
  }
}

/**
 * The mark of a delivery.
 * @throws RangeError where it is nested too deeply
 */
export function markOf({ event, channel, item, meta, receivedAt, recovered }: Delivery): Mark {
  const identity = identityOf(event, item, meta) ?? { id: fingerprint(item, fingerprint(event, 0)) };
  return { channel, receivedAt, recovered, edited: Boolean(item.edited), ...identity };
}

export function writeMark(mark: Mark): string {
  return JSON.stringify(mark);
}

/** The mark, or `undefined` where the text is none. */
export function readMark(text: string): Mark | undefined {
  const value = parseJson(text);
  if (!isRecord(value)) return undefined;
  const { channel, receivedAt, recovered, edited, id, content } = value;
  if (typeof channel !== 'string' || typeof receivedAt !== 'number' || typeof id !== 'number') return undefined;
  if (typeof recovered !== 'boolean' || typeof edited !== 'boolean') return undefined;
  if (content === undefined) return { channel, receivedAt, recovered, edited, id };
  return typeof content === 'number' ? { channel, receivedAt, recovered, edited, id, content } : undefined;
}
