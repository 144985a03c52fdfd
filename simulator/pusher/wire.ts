import type { Envelope, WireOptions } from '../contract';

/** The `data` of a frame that announces an envelope. */
export function frameData(envelope: Envelope, { wire, dataAs }: WireOptions): unknown {
  const bare = { data: envelope.data, meta: envelope.meta };
  const value = wire === 'wrapped' ? { queue: 'socket-events', payload: bare } : bare;
  if (dataAs === 'object') return value;
  return dataAs === 'string' ? JSON.stringify(value) : phpJson(value);
}

/** JSON as PHP's `json_encode` writes it: slashes and everything beyond ASCII are escaped. */
export function phpJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
