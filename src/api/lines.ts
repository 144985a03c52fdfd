import { isId, isMessengerType } from '../events';
import { isRecord } from '../events/json';
import { ApiError } from './api-error';
import type { ApiClient } from './client';

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
  const body = await api.read({ path: LICENSES, token });
  const licences = isRecord(body) ? body.data : undefined;
  if (!Array.isArray(licences)) throw ApiError.unreadable(LICENSES, 200);
  return licences.flatMap((licence: unknown) => (isRecord(licence) ? messengersOf(licence) : []));
}

function messengersOf(licence: Readonly<Record<string, unknown>>): Line[] {
  const licenseId = String(licence.licenseId);
  const messengers: unknown[] = Array.isArray(licence.messenger) ? licence.messenger : [];
  return messengers.flatMap((messenger) => {
    const messengerType = isRecord(messenger) ? messenger.type : undefined;
    const usable = isId(licenseId) && typeof messengerType === 'string' && isMessengerType(messengerType);
    return usable ? [{ licenseId, messengerType }] : [];
  });
}
