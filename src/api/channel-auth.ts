import { isRecord } from '../events/json';
import { ApiError, BROADCASTING_AUTH } from './api-error';
import type { ApiClient } from './client';

/**
 * Asks ChatApp to let one socket join one private channel.
 * @returns the signature to subscribe with, as `key:hex`; good for this socket id alone
 * @throws ApiError
 */
export async function authoriseChannel(
  api: ApiClient,
  token: string,
  socketId: string,
  channel: string,
): Promise<string> {
  const form = { socket_id: socketId, channel_name: channel };
  const answer = await api.request({
    method: 'POST',
    path: BROADCASTING_AUTH,
    form,
    token,
    priority: 'subscribe',
  });
  if (!isRecord(answer) || typeof answer.auth !== 'string' || answer.auth === '') {
    throw ApiError.unreadable(BROADCASTING_AUTH, 200);
  }
  return answer.auth;
}
