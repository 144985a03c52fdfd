import { inspect } from 'node:util';
import { isRecord } from '../../src/events/json';
import type { Failure, Outcome } from '../../src';
import { retryAfterOf } from '../../src/retry-delay';
import { isAccepted, type AcceptedStatuses } from '../shared/accepted-statuses';

/** These concern the event itself: another attempt would fail in the same way. 401 and 403 concern the setup. */
const HOPELESS: ReadonlySet<number> = new Set([400, 404, 422]);

/** How much is reported of an answer, and of the words of an error, in characters. */
const MAX_WORDS = 200;

export interface Finding extends Failure {
  readonly outcome: Outcome;
}

/**
 * Finds out from a flow's last message whether the flow has succeeded: from `msg.error`, which a Catch node sets, and
 * `msg.statusCode` of an http request, which is the code of a network error if no server answered.
 */
export function findOutcome(message: object, accepted: AcceptedStatuses): Finding {
  const { status, isOk } = statusIn(message, accepted);
  if (isOk && !hasError(message)) return { outcome: 'done' };
  return {
    ...failureIn(message),
    outcome: isStatus(status) && !isOk && HOPELESS.has(Number(status)) ? 'giveUp' : 'failed',
  };
}

/** What a message says about a failure, whether it is one or not. */
export function failureIn(message: object, accepted: AcceptedStatuses = []): Failure {
  const { status, isOk } = statusIn(message, accepted);
  const answer = isOk || !isStatus(status) ? '' : answerIn(message);
  const cause = [isOk ? '' : `status ${shownText(status)}`, answer, cut(errorIn(message))].filter(
    (part) => part !== '',
  );
  return { retryAfter: waitIn(message), ...(cause.length > 0 && { cause: cause.join(', ') }) };
}

/** The words of an error that came by way of a Catch node. */
export function errorIn(message: object): string {
  const error: unknown = Reflect.get(message, 'error');
  const words = isRecord(error) ? error.message : error;
  return typeof words === 'string' ? words : '';
}

/** The status of a message; none counts as accepted. */
function statusIn(message: object, accepted: AcceptedStatuses): { readonly status: unknown; readonly isOk: boolean } {
  const status: unknown = Reflect.get(message, 'statusCode');
  const isAbsent = status === undefined || status === null || status === '';
  return { status, isOk: isAbsent || (isStatus(status) && isAccepted(Number(status), accepted)) };
}

/** An HTTP status; a flow may have made a text of it. */
function isStatus(value: unknown): boolean {
  return (typeof value === 'number' || typeof value === 'string') && /^\d{3}$/.test(String(value));
}

function hasError(message: object): boolean {
  return Boolean(Reflect.get(message, 'error'));
}

/** The beginning of what a server answered, on one line. */
function answerIn(message: object): string {
  const answer = shownText(Reflect.get(message, 'payload')).replace(/\s+/g, ' ').trim();
  return cut(answer);
}

/** How long the server that failed asks to wait, in ms. The `http request` node puts the headers into the message. */
function waitIn(message: object): number {
  const headers: unknown = Reflect.get(message, 'headers');
  return isRecord(headers) ? (retryAfterOf(headerText(headers['retry-after']), headerText(headers.date)) ?? 0) : 0;
}

function headerText(header: unknown): string {
  return typeof header === 'string' || typeof header === 'number' ? String(header) : '';
}

function cut(text: string): string {
  return text.length <= MAX_WORDS ? text : `${text.slice(0, MAX_WORDS)}…`;
}

/** A value as text; a large one is cut to not much more than is shown. */
function shownText(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, 4 * MAX_WORDS);
  if (Buffer.isBuffer(value)) return value.toString('utf8', 0, 4 * MAX_WORDS);
  return value === undefined || value === null
    ? ''
    : inspect(value, { depth: 4, maxArrayLength: 10, maxStringLength: MAX_WORDS, breakLength: Infinity });
}
