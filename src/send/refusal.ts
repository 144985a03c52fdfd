import type { ApiError } from '../api/api-error';
import type { ChatOrder } from '../api/chat-order';
import { ChatAppError } from '../errors';

/** WhatsApp's rule that a text or file may follow the customer's last message for 24 hours only. */
const WINDOW = /window|re-?engag|131047|\b24\s*-?\s*(h|ч)|janela/i;
const TEMPLATE = /template|шаблон|modelo|\b1320\d\d\b/i;
const FILE = /file|media|mime|upload|файл|arquivo/i;
const CHAT = /chat(?!app)|phone|recipient|номер|телефон|чат|telefone|destinat/i;

/**
 * Why ChatApp refuses an order, and what to do. Its codes are not published, so its words are looked at as well, and follow
 * each text: what is guessed may be wrong, and what is not recognised is explained by nothing else.
 * @param knowsLine whether the account has the line; `undefined` where that cannot be found out
 */
export async function refusalOf(
  error: ApiError,
  order: ChatOrder,
  knowsLine: () => Promise<boolean | undefined>,
): Promise<ChatAppError> {
  const { status = 0, params } = error;
  const words = error.words();
  const line = { line: order.chat.licenseId, messenger: order.chat.messengerType, words };
  const answer = { status, apiCode: params.apiCode ?? '', words };
  const isMessage = order.action === 'text' || order.action === 'file';

  if (isMessage && error.says(WINDOW)) return ChatAppError.of('SEND_REFUSED', 'windowClosed', { words });
  if (order.action === 'template' && error.says(TEMPLATE)) {
    return ChatAppError.of('SEND_REFUSED', 'templateRefused', answer);
  }
  if (status === 404) {
    const isUnknown = (await knowsLine()) === false;
    return ChatAppError.of('SEND_REFUSED', isUnknown ? 'unknownLine' : 'unknownChat', line);
  }
  if ([401, 402, 403].includes(status)) return ChatAppError.of('SEND_REFUSED', 'forbidden', { ...line, ...answer });
  const isOfFile = status === 413 || status === 415 || error.says(FILE);
  if ('file' in order && isOfFile) return ChatAppError.of('SEND_REFUSED', 'fileRefused', answer);
  if (error.says(CHAT)) return ChatAppError.of('SEND_REFUSED', 'unknownChat', line);
  return ChatAppError.of('SEND_REFUSED', 'refused', answer);
}

/** What is reported of an order of which nobody knows whether it was carried out. */
export function uncertainty(error: ApiError): ChatAppError {
  const { reason, params, status = 0 } = error;
  switch (reason) {
    case 'timeout':
      return ChatAppError.of('SEND_UNCERTAIN', 'timeout', params);
    case 'unreachable':
      return ChatAppError.of('SEND_UNCERTAIN', 'lost', params);
    case 'refused':
      return ChatAppError.of('SEND_UNCERTAIN', 'server', {
        status,
        apiCode: params.apiCode ?? '',
        words: error.words(),
      });
    case 'closed':
      return ChatAppError.of('SEND_UNCERTAIN', 'closed');
    default:
      return ChatAppError.of('SEND_UNCERTAIN', 'unreadable');
  }
}
