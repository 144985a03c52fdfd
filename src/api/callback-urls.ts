import { isMessengerType } from '../events';
import { isRecord, listIn, type JsonRecord } from '../events/json';
import { ApiError } from './api-error';
import type { ApiClient, ApiRequest } from './client';
import { idOf } from './entry';
import type { Line } from './lines';

/** Where ChatApp sends the events of one messenger of a line. It keeps one such address for each. */
export interface CallbackUrl extends Line {
  /** The names of the events that it sends there. */
  readonly events: readonly string[];
  readonly url: string;
}

const CALLBACK_URLS = '/v1/callbackUrls';

/**
 * Every callback URL of the account, also those of other integrations.
 * @throws ApiError
 */
export async function readCallbackUrls(api: ApiClient, token: string): Promise<CallbackUrl[]> {
  const body = await api.read({ path: CALLBACK_URLS, token });
  const entries = listIn(isRecord(body) ? body.data : undefined);
  if (!entries) throw ApiError.unreadable(CALLBACK_URLS, 200);
  return entries.flatMap((entry) => (isRecord(entry) ? callbackUrlOf(entry) : []));
}

/**
 * Lets ChatApp send events to `url`, in place of any other address. ChatApp first tries the address with an empty POST
 * and refuses one that does not answer with 2xx. May be repeated.
 * @throws ApiError
 */
export async function setCallbackUrl(
  api: ApiClient,
  token: string,
  { events, url, ...line }: CallbackUrl,
): Promise<void> {
  await change(api, { method: 'PUT', path: pathOf(line), token, json: { events, url } });
}

/**
 * Lets ChatApp send the messenger's events nowhere any more, also if another integration has set the address. May be repeated.
 * @throws ApiError
 */
export async function removeCallbackUrl(api: ApiClient, token: string, line: Line): Promise<void> {
  await change(api, { method: 'DELETE', path: pathOf(line), token });
}

/** Of a change only the status counts: an answer may do without words. */
async function change(api: ApiClient, request: ApiRequest): Promise<void> {
  try {
    await api.request(request);
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'unreadable' && error.status === 204)) throw error;
  }
}

function pathOf({ licenseId, messengerType }: Line): string {
  return `/v1/licenses/${licenseId}/messengers/${messengerType}/callbackUrl`;
}

function callbackUrlOf({ licenseId: id, messengerType, events, url }: JsonRecord): CallbackUrl[] {
  const licenseId = idOf(id);
  if (licenseId === undefined || typeof messengerType !== 'string' || !isMessengerType(messengerType)) return [];
  // Without an address nothing is sent: the place is free.
  if (typeof url !== 'string' || url === '') return [];
  const names = listIn(events) ?? [];
  return [{ licenseId, messengerType, url, events: names.filter((name) => typeof name === 'string') }];
}
