import { isId, isMessengerType } from '../../../src/events/channels';
import { MOST_HOURS } from '../most-hours';

/** What is wrong with a value. Also the key under which its message stands. */
export type Problem = 'missing' | 'id' | 'messengerType' | 'httpUrl' | 'socketUrl' | 'hours';

/** Looks at a value as it was saved or typed; undefined means that it is usable. */
export type Check = (value: unknown) => Problem | undefined;

/** Digits. */
export const id: Check = (value) => check(value, 'id', isId);

/** Digits, or nothing: every one that the account has. */
export const idOrAll: Check = (value) => orNothing(value, 'id', isId);

/** Letters and digits, or nothing: every one that the account has. */
export const messengerTypeOrAll: Check = (value) => orNothing(value, 'messengerType', isMessengerType);

/** Anything but nothing and blanks. */
export const filled: Check = (value) => check(value, 'missing', (text) => text.trim() !== '');

/** An `http:` or `https:` address, or nothing: ChatApp's own. */
export const httpUrl: Check = (value) => orNothing(value, 'httpUrl', (text) => hasProtocol(text, ['http:', 'https:']));

/** A `ws:` or `wss:` address, or nothing: ChatApp's own. */
export const socketUrl: Check = (value) => orNothing(value, 'socketUrl', (text) => hasProtocol(text, ['ws:', 'wss:']));

/** A number of hours from 0 to `MOST_HOURS`, or nothing: the default. */
export const hours: Check = (value) =>
  orNothing(value, 'hours', (text) => /^\d+(\.\d+)?$/.test(text) && Number(text) <= MOST_HOURS);

/** Whether `value` is `${NAME}` as a whole: Node-RED puts the variable's value in its place when the flow starts. */
export function isEnvironment(value: unknown): value is string {
  return typeof value === 'string' && /^\$\{[^{}]+\}$/.test(value);
}

function check(value: unknown, problem: Problem, isGood: (text: string) => boolean): Problem | undefined {
  if (isEnvironment(value)) return undefined;
  if (isNothing(value)) return 'missing';
  // Flows that were edited by hand may hold numbers where the form saves text.
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && isGood(text) ? undefined : problem;
}

function orNothing(value: unknown, problem: Problem, isGood: (text: string) => boolean): Problem | undefined {
  return isNothing(value) ? undefined : check(value, problem, isGood);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function hasProtocol(text: string, protocols: readonly string[]): boolean {
  // URL drops blanks and line ends without a word.
  if (/\s/.test(text)) return false;
  try {
    const { protocol, hostname } = new URL(text);
    return protocols.includes(protocol) && hostname !== '';
  } catch {
    return false;
  }
}
