import { gunzipSync, gzipSync } from 'node:zlib';
import { contentHash, eventKeyOf } from '../events';
import { isRecord, parseJson } from '../events/json';
import { asDelivery, type Delivery } from '../inbox/delivery';

/** During an update copies have different versions of this package: what has another number than this is not read. */
const VERSION = 1;
/** NATS takes 1 MB by default; an item that is larger than this, in bytes, is pressed. */
const LARGE = 512 * 1024;
/** What an event may have once it is unpressed, in bytes: no frame and no callback is larger. */
const LARGEST = 16 * 1024 * 1024;
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
  /** The id of the item's key; of an item that has none, the hash of its content. */
  readonly id: number;
  /** The edit of the item's key; absent if it has none: equal ones may be different announcements then. */
  readonly edit?: number;
}

/**
 * A delivery as bytes. Its part is left out: the items of one envelope may go to different copies, and a Join node
 * would wait for the others for ever. Attempt and delivery token are those of a single try.
 * @throws RangeError if it is too large to be read again
 */
export function encode({
  part: _part,
  attempt: _attempt,
  deliveryToken: _deliveryToken,
  ...delivery
}: Delivery): Uint8Array {
  const bytes = Buffer.from(JSON.stringify({ version: VERSION, ...delivery }));
  if (bytes.length > LARGEST) throw new RangeError('The event could not be read again');
  return bytes.length > LARGE ? gzipSync(bytes) : bytes;
}

/** The delivery, or `undefined` where these bytes are none, or those of another version. */
export function decode(bytes: Uint8Array): Delivery | undefined {
  const value = parseJson(textOf(bytes));
  return isRecord(value) && value.version === VERSION ? asDelivery(value) : undefined;
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length > LARGEST) return '';
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
export function markOf(delivery: Delivery): Mark {
  const { event, channel, item, receivedAt, recovered } = delivery;
  const key = eventKeyOf(event, item, delivery);
  const mark = { channel, receivedAt, recovered };
  return key ? { ...mark, id: key.id, edit: key.edit } : { ...mark, id: contentHash(event, item) };
}

export function writeMark(mark: Mark): string {
  return JSON.stringify(mark);
}

/** The mark, or `undefined` where the text is none. */
export function readMark(text: string): Mark | undefined {
  const value = parseJson(text);
  if (!isRecord(value)) return undefined;
  const { channel, receivedAt, recovered, id, edit } = value;
  if (typeof channel !== 'string' || typeof receivedAt !== 'number' || typeof id !== 'number') return undefined;
  if (typeof recovered !== 'boolean') return undefined;
  if (edit === undefined) return { channel, receivedAt, recovered, id };
  return typeof edit === 'number' ? { channel, receivedAt, recovered, id, edit } : undefined;
}
