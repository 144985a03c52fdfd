import { isId, isMessengerType } from '../../../../src/events/channels';
import { isChatId, phoneIn } from '../../../../src/pasted-text';
import { readStatuses } from '../../accepted-statuses';
import {
  MAX_IN_FLIGHT,
  MAX_PARTITIONS,
  MAX_PER_MINUTE,
  MAX_ACK_SECONDS,
  MAX_HOURS,
  MAX_KEEP_HOURS,
} from '../../field-values';
import { readServers } from '../../nats-servers';
import { text } from '../page/text';

/** What may be wrong with a value: the keys under which the messages stand. */
export const PROBLEMS = [
  'missing',
  'id',
  'messengerType',
  'chatId',
  'choice',
  'httpUrl',
  'publicUrl',
  'socketUrl',
  'hours',
  'natsServers',
  'natsLogin',
  'partitions',
  'keepHours',
  'ackSeconds',
  'inFlight',
  'perMinute',
  'statuses',
  'fileAddress',
  'apiPath',
] as const;

export type Problem = (typeof PROBLEMS)[number];

/** Looks at a value as it was saved or typed; undefined means that it is usable. */
export type Check = (value: unknown) => Problem | undefined;

/** Digits. */
export const id: Check = (value) => check(value, 'id', isId);

/** Digits, or nothing: every one that the account has. */
export const idOrAll: Check = (value) => orNothing(value, 'id', isId);

/** Letters and digits, or nothing: every one that the account has. */
export const messengerTypeOrAll: Check = (value) => orNothing(value, 'messengerType', isMessengerType);

/** A chat's id, or a phone however it is written; or nothing: that of the `msg`. */
export const chatIdOrNone: Check = (value) =>
  orNothing(value, 'chatId', (text) => phoneIn(text) !== undefined || isChatId(text));

/** Anything but nothing and blanks. */
export const filled: Check = (value) => check(value, 'missing', (text) => text.trim() !== '');

/** An `http:` or `https:` address, or nothing: ChatApp's own. */
export const httpUrl: Check = (value) => orNothing(value, 'httpUrl', (text) => hasProtocol(text, ['http:', 'https:']));

/** An `http:` or `https:` address to which a path can be added: it has no `?`, no `#` and no login. */
export const publicUrl: Check = (value) => check(value, 'publicUrl', isPublicUrl);

/** A `ws:` or `wss:` address, or nothing: ChatApp's own. */
export const socketUrl: Check = (value) => orNothing(value, 'socketUrl', (text) => hasProtocol(text, ['ws:', 'wss:']));

/** A number of hours from 0 to `MAX_HOURS`, or nothing: the default. */
export const hours: Check = (value) => orNothing(value, 'hours', (text) => isWithin(text, 0, MAX_HOURS));

/** NATS servers, separated by commas or blanks, none of them with a login; or nothing: there is one Node-RED only. */
export const natsServers: Check = (value) => {
  if (isNothing(value) || isEnvironment(value)) return undefined;
  const servers = typeof value === 'string' ? (value.trim() === '' ? [] : readServers(value)) : 'natsServers';
  return typeof servers === 'string' ? servers : undefined;
};

/** On how many servers: 1, 3 or 5, or nothing: 1. */
export const replicas: Check = (value) => orNothing(value, 'choice', (text) => ['1', '3', '5'].includes(text));

/** A whole number of partitions from 1 to `MAX_PARTITIONS`, or nothing: the default. */
export const partitions: Check = (value) => orNothing(value, 'partitions', (text) => isCount(text, MAX_PARTITIONS));

/** A number of hours from 1 to `MAX_KEEP_HOURS`, or nothing: the default. */
export const keepHours: Check = (value) => orNothing(value, 'keepHours', (text) => isWithin(text, 1, MAX_KEEP_HOURS));

/** A number of seconds from 1 to `MAX_ACK_SECONDS`, or nothing: the default. */
export const ackSeconds: Check = (value) =>
  orNothing(value, 'ackSeconds', (text) => isWithin(text, 1, MAX_ACK_SECONDS));

/** A whole number of events from 1 to `MAX_IN_FLIGHT`, or nothing: the default. */
export const inFlight: Check = (value) => orNothing(value, 'inFlight', (text) => isCount(text, MAX_IN_FLIGHT));

/** A number of messages from 0 (no limit) to `MAX_PER_MINUTE`, or nothing: the default. */
export const perMinute: Check = (value) => orNothing(value, 'perMinute', (text) => isWithin(text, 0, MAX_PER_MINUTE));

/** Statuses of HTTP and ranges of them, or nothing: the default. */
export const statuses: Check = (value) => orNothing(value, 'statuses', (text) => readStatuses(text) !== undefined);

/** A web address, one that has places such as `{{payload}}`, or nothing. A path of this machine is none. */
export const fileAddress: Check = (value) =>
  orNothing(value, 'fileAddress', (text) => text.includes('{{') || hasProtocol(text, ['http:', 'https:']));

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

/** A whole number from 1 on. */
function isCount(text: string, most: number): boolean {
  return /^\d+$/.test(text) && isWithin(text, 1, most);
}

function isWithin(text: string, least: number, most: number): boolean {
  return /^\d+(\.\d+)?$/.test(text) && Number(text) >= least && Number(text) <= most;
}

function isPublicUrl(text: string): boolean {
  return hasProtocol(text, ['http:', 'https:']) && !/[?#]/.test(text) && new URL(text).username === '';
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

/** Makes the editor's validator out of `check`. `label` is the key of the field's name, which the message begins with. */
export function validator(label: string, check: Check): Validator {
  // Two parameters, or the editor would show no message.
  return (value, _options) => {
    const problem = check(value);
    return problem === undefined || text(`invalid.${problem}`, { field: text(label) });
  };
}

/** The property of a node that holds the id of its connection. */
export function connectionProperty(): SavedProperty {
  return { value: '', type: 'chatapp-connection', required: true, label: text('listener.label.connection') };
}
