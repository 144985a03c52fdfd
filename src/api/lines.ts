import { isMessengerType } from '../events';
import { isRecord, isYes, listIn, type JsonRecord } from '../events/json';
import { ApiError } from './api-error';
import type { ApiClient } from './client';
import { idOf, known, wordsOf, type LineEntry, type MessengerEntry } from './entry';

/** One messenger in one line: what one messenger channel carries. */
export interface Line {
  readonly licenseId: string;
  readonly messengerType: string;
}

/** A line as ChatApp's list of the account's lines has it. */
export interface AccountLine extends Line {
  /** ChatApp brings no events of it. */
  readonly isInactive?: true;
}

/** The name of a line, such as `50101/telegram`. */
export function lineName({ licenseId, messengerType }: Line): string {
  return `${licenseId}/${messengerType}`;
}

/** The line of such a name; `undefined` if it is none. */
export function lineNamed(name = ''): Line | undefined {
  const [licenseId, messengerType] = name.split('/');
  return licenseId === undefined || messengerType === undefined ? undefined : { licenseId, messengerType };
}

const LICENSES = '/v1/licenses';

/**
 * Every messenger of every line that the account may read.
 * @throws ApiError
 */
export async function readLines(api: ApiClient, token: string): Promise<AccountLine[]> {
  return messengerLines(await readLineEntries(api, token));
}

/** Every messenger of these lines. */
export function messengerLines(entries: readonly LineEntry[]): AccountLine[] {
  return entries.flatMap(({ licenseId, messengers, isInactive }) =>
    messengers.map(({ type }) => ({ licenseId, messengerType: type, ...(isInactive && { isInactive }) })),
  );
}

/**
 * Every line that the account may read, with its messengers and their names, in ChatApp's order.
 * @throws ApiError
 */
export async function readLineEntries(api: ApiClient, token: string): Promise<LineEntry[]> {
  const body = await api.read({ path: LICENSES, token });
  const licences = listIn(isRecord(body) ? body.data : undefined);
  if (!licences) throw ApiError.unreadable(LICENSES, 200);
  return licences.flatMap((licence) => (isRecord(licence) ? lineOf(licence) : []));
}

function lineOf({ licenseId: id, licenseName, messenger, active }: JsonRecord): LineEntry[] {
  const licenseId = idOf(id);
  if (licenseId === undefined) return [];
  const usable = (listIn(messenger) ?? [messenger]).flatMap((one) => (isRecord(one) ? messengerOf(one) : []));
  const inactive = active !== undefined && active !== null && !isYes(active) ? ({ isInactive: true } as const) : {};
  return [{ licenseId, ...known({ name: wordsOf(licenseName) }), messengers: usable, ...inactive }];
}

function messengerOf({ type, name, info }: JsonRecord): MessengerEntry[] {
  if (typeof type !== 'string' || !isMessengerType(type)) return [];
  const phone = isRecord(info) ? info.phone : undefined;
  return [{ type, ...known({ name: wordsOf(name), phone: wordsOf(phone) }) }];
}
