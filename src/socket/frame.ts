import { isAscii } from 'node:buffer';
import { isRecord, parseJson, type JsonRecord } from '../events/json';

/** What one frame of the Pusher protocol turned out to be. */
export type Frame = EventFrame | ProtocolFrame | { readonly kind: 'noise' };

export interface EventFrame {
  readonly kind: 'event';
  readonly channel: string;
  readonly event: string;
  /** As it came: mostly a JSON string. */
  readonly data: unknown;
}

/** A frame of the protocol itself, its event starting with `pusher:` or `pusher_internal:`. */
export interface ProtocolFrame {
  readonly kind: 'protocol';
  readonly event: string;
  readonly channel?: string;
  /** Parsed, where it came as a JSON string. */
  readonly data: unknown;
}

const NOISE: Frame = { kind: 'noise' };

/**
 * Reads one text frame. The data of an event is left as it came, mostly a JSON string: whether a node wants it
 * parsed is not known here. Whatever is no frame of the protocol is noise; servers and proxies do send such things.
 */
export function readFrame(text: string): Frame {
  const frame = parseJson(text);
  if (!isRecord(frame) || typeof frame.event !== 'string') return NOISE;
  const { event, data } = frame;
  if (isOfProtocol(event)) return protocolFrame(event, frame);
  return typeof frame.channel === 'string' ? { kind: 'event', channel: frame.channel, event, data } : NOISE;
}

function protocolFrame(event: string, { channel, data: raw }: JsonRecord): ProtocolFrame {
  const data = typeof raw === 'string' ? parseJson(raw) : raw;
  return { kind: 'protocol', event, ...(typeof channel === 'string' && { channel }), data };
}

/** How the frame of an event begins. */
export interface Head {
  readonly channel: string;
  readonly event: string;
  /** Where the data begins, in bytes. */
  readonly dataAt: number;
}

const CLOSING_BRACE = 0x7d;
/** Enough for both names and what stands around them. */
const MAX_HEAD_BYTES = 400;
/** Printable ASCII that JSON writes as it is. */
const PLAIN = '([ !#-\\[\\]-~]+)';
const HEAD = new RegExp(`^\\{(?:"channel":"${PLAIN}",)?"event":"${PLAIN}",(?:"channel":"${PLAIN}",)?"data":`);

/** Reads heads, and remembers the last one: mostly the next frame begins with the very same bytes. */
export class HeadReader {
  #head: Head | undefined;
  #bytes = Buffer.alloc(0);

  /** See `peekEvent`. */
  read(frame: Buffer): Head | undefined {
    const bytes = this.#bytes;
    const { length } = bytes;
    if (this.#head && frame.length > length && frame.compare(bytes, 0, length, 0, length) === 0) return this.#head;
    const head = peekEvent(frame);
    if (head) {
      this.#head = head;
      // A copy: the frame is part of a larger piece of memory.
      this.#bytes = Buffer.from(frame.subarray(0, head.dataAt));
    }
    return head;
  }
}

/**
 * The head of a frame that begins with channel and event, as those of all known servers do, without reading the rest.
 * Undefined for any other frame, and for those of the protocol itself.
 */
export function peekEvent(frame: Buffer): Head | undefined {
  const [head = '', before, event, after] = HEAD.exec(frame.toString('latin1', 0, MAX_HEAD_BYTES)) ?? [];
  const channel = before ?? after;
  if (event === undefined || channel === undefined || isOfProtocol(event)) return undefined;
  return { channel, event, dataAt: head.length };
}

/**
 * The data of a frame that ends with it: what `readFrame` gives, without a second reading of all that stands around.
 * Undefined where more follows, or it is no JSON.
 */
export function dataOf(frame: Buffer, { dataAt }: Head): unknown {
  const end = frame.length - 1;
  if (frame[end] !== CLOSING_BRACE) return undefined;
  return parseJson(frame.toString(isAscii(frame) ? 'latin1' : 'utf8', dataAt, end));
}

function isOfProtocol(event: string): boolean {
  return /^pusher(_internal)?:/.test(event);
}
