import { isMessengerType } from '../events';
import { isRecord, type JsonRecord } from '../events/json';
import { ApiError } from './api-error';
import type { ApiClient } from './client';
import { idOf, known, wordsOf, type LineEntry, type MessengerEntry } from './entry';

/** One messenger in one line: what one messenger channel carries. */
export interface Line {
  readonly licenseId: string;
  readonly messengerType: string;
}

const LICENSES = '/v1/licenses';

/**
 * Every messenger of every line that the account may read.
 * @throws ApiError
 */
export async function readLines(api: ApiClient, token: string): Promise<Line[]> {
  const entries = await readLineEntries(api, token);
  return entries.flatMap(({ licenseId, messengers }) =>
    messengers.map(({ type }) => ({ licenseId, messengerType: type })),
  );
}

/**
 * Every line that the account may read, with its messengers and their names, in ChatApp's order.
 * @throws ApiError
 */
export async function readLineEntries(api: ApiClient, token: string): Promise<LineEntry[]> {
  const body = await api.read({ path: LICENSES, token });
  const licences = isRecord(body) ? body.data : undefined;
  if (!Array.isArray(licences)) throw ApiError.unreadable(LICENSES, 200);
  return licences.flatMap((licence: unknown) => (isRecord(licence) ? lineOf(licence) : []));
}

function lineOf({ licenseId: id, licenseName, messenger }: JsonRecord): LineEntry[] {
  const licenseId = idOf(id);
  if (licenseId === undefined) return [];
  const messengers: unknown[] = Array.isArray(messenger) ? messenger : [];
  const usable = messengers.flatMap((one) => (isRecord(one) ? messengerOf(one) : []));
  return [{ licenseId, ...known({ name: wordsOf(licenseName) }), messengers: usable }];
}

function messengerOf({ type, name, info }: JsonRecord): MessengerEntry[] {
  if (typeof type !== 'string' || !isMessengerType(type)) return [];
  const phone = isRecord(info) ? info.phone : undefined;
  return [{ type, ...known({ name: wordsOf(name), phone: wordsOf(phone) }) }];
}
