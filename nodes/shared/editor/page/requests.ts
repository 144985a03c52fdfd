import { isRecord } from '../../../../src/events/json';
import type { AccountFailure } from '../../account-answers';
import { errorText } from '../../error-text';
import { text } from './text';

/** How errors hold times. */
const ISO_TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** What Node-RED answered: a status, 0 where nothing came, and the JSON, if it was JSON. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** When it was sent, by the clock of Node-RED's machine, in ms since the epoch; undefined if it does not say so. */
  readonly sentAt?: number | undefined;
}

interface Request {
  /** Relative to the editor. */
  readonly url: string;
  readonly type: 'GET' | 'POST';
  /** Sent as JSON. */
  readonly body?: object;
  /** In ms. */
  readonly timeout: number;
  /** For an answer that is no JSON. */
  readonly dataType?: 'text';
}

/** Asks Node-RED; never rejects. */
export function send({ url, type, body, timeout, dataType }: Request): Promise<Reply> {
  return new Promise((resolve) => {
    $.ajax({
      url,
      type,
      timeout,
      ...(dataType && { dataType }),
      ...(body && { contentType: 'application/json', data: JSON.stringify(body) }),
      success: (answer, _words, answered) => resolve({ status: 200, body: answer, sentAt: sentAt(answered) }),
      error: ({ status, responseJSON }) => resolve({ status, body: responseJSON }),
    });
  });
}

function sentAt(answered: AnsweredRequest): number | undefined {
  const at = Date.parse(answered.getResponseHeader('Date') ?? '');
  return Number.isNaN(at) ? undefined : at;
}

/**
 * Why Node-RED did not do what was asked, and what to do about it, in the editor's language.
 *
 * @param status 0 where it did not answer
 * @param forbidden the key of the words for someone who may not ask for this
 */
export function requestProblem(status: number, body: unknown, forbidden = 'account.forbidden'): string {
  const failure = readFailure(body);
  if (status === 422 && failure) return failureText(failure);
  if (status === 401 || status === 403) return text(forbidden);
  // A proxy in front of a Node-RED that is gone answers for it.
  return status === 0 || status >= 500 ? text('account.noAnswer') : text('account.oddAnswer', { status });
}

/** For promises that nobody waits for: what fails there is a bug. */
export function logBug(error: unknown): void {
  console.error('node-red-chatapp', error);
}

/** The words of an error, with times as people here write them. One that the catalogue does not have is reported by its code. */
export function failureText({ code, reason, params }: AccountFailure): string {
  const shown = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, shownValue(value)]));
  return errorText((key, options) => RED._(key, options), { code, reason, params: shown }) ?? `${code}: ${reason}`;
}

function shownValue(value: string | number): string | number {
  if (typeof value === 'number' || !ISO_TIME.test(value)) return value;
  return new Date(value).toLocaleString(RED.i18n.lang(), { dateStyle: 'short', timeStyle: 'medium' });
}

/** Undefined for an answer that tells of no failure. */
export function readFailure(answer: unknown): AccountFailure | undefined {
  if (!isRecord(answer) || typeof answer.code !== 'string' || typeof answer.reason !== 'string') return undefined;
  const params: [string, string | number][] = [];
  for (const [name, value] of Object.entries(isRecord(answer.params) ? answer.params : {})) {
    if (typeof value === 'string' || typeof value === 'number') params.push([name, value]);
  }
  return { code: answer.code, reason: answer.reason, params: Object.fromEntries(params) };
}
