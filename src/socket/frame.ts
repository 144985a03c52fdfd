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
 * Reads one text frame. The data of an event is left as it came, mostly a JSON string: whether anybody wants it
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

/** Enough for both names and what stands around them. */
const LONGEST_HEAD = 400;
/** Printable ASCII that JSON writes as it is. */
const PLAIN = '([ !#-\\[\\]-~]+)';
const HEAD = new RegExp(`^\\{(?:"channel":"${PLAIN}",)?"event":"${PLAIN}",(?:"channel":"${PLAIN}",)?"data":`);

/**
 * Channel and event of a frame that begins with them, as those of all known servers do, without reading the rest.
 * Undefined for any other frame, and for those of the protocol itself.
 */
export function peekEvent(frame: Buffer): { readonly channel: string; readonly event: string } | undefined {
  const [, before, event, after] = HEAD.exec(frame.toString('latin1', 0, LONGEST_HEAD)) ?? [];
  const channel = before ?? after;
  return event === undefined || channel === undefined || isOfProtocol(event) ? undefined : { channel, event };
}

function isOfProtocol(event: string): boolean {
  return /^pusher(_internal)?:/.test(event);
}
