import { isRecord } from '../../src/events/json';

/**
 * How long the server that failed asks to wait, in ms; 0 if it does not. The `http request` node puts the header into
 * `msg.headers`, and a Catch node leaves it there. A date counts from the answer's own `date`: the server's clock and ours
 * are never compared.
 */
export function retryAfterOf(message: object): number {
  const headers: unknown = Reflect.get(message, 'headers');
  if (!isRecord(headers)) return 0;
  const text = headerText(headers['retry-after']);
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const wait = Date.parse(text) - Date.parse(headerText(headers.date));
  return wait > 0 ? wait : 0;
}

function headerText(header: unknown): string {
  return typeof header === 'string' || typeof header === 'number' ? String(header).trim() : '';
}
