import { isRecord, isTooDeep } from '../events/json';
import type { ChatOrder, SendAnswer } from './chat-order';
import type { ApiClient, ApiRequest } from './client';
import { multipart } from './multipart';

/** How long ChatApp may take to answer, in ms: it hands a message on before it does, and fetches or takes a file. */
const ANSWER_WITHIN = 30_000;
const FILE_WITHIN = 120_000;

/**
 * Asks ChatApp, once, to carry out an order.
 * @param onLeave called when the request begins to leave; whatever fails before has not reached ChatApp
 * @throws ApiError
 */
export async function carryOut(
  api: ApiClient,
  token: string,
  order: ChatOrder,
  onLeave: () => void,
): Promise<SendAnswer> {
  const within = 'file' in order ? FILE_WITHIN : ANSWER_WITHIN;
  return answerOf(await api.request({ ...(await requestFor(order)), token, within, onLeave, priority: 'send' }));
}

async function requestFor(order: ChatOrder): Promise<ApiRequest> {
  const { licenseId, messengerType, chatId } = order.chat;
  const chat = `/v1/licenses/${licenseId}/messengers/${messengerType}/chats/${encodeURIComponent(chatId)}`;
  if (order.action === 'read') return { method: 'PATCH', path: `${chat}/read` };
  return { method: 'POST', path: `${chat}/messages/${order.action}`, ...(await bodyFor(order)) };
}

async function bodyFor(order: Exclude<ChatOrder, { action: 'read' }>): Promise<Pick<ApiRequest, 'json' | 'body'>> {
  switch (order.action) {
    case 'text': {
      const { text, markdown, tracking, sender } = order;
      // A field that is undefined does not get into the JSON.
      return { json: { text, parseMode: markdown ? 'markdown' : undefined, tracking, sender } };
    }
    case 'file': {
      const { file, caption, sender } = order;
      // Both names of the caption are in use, and it is not documented which one ChatApp reads.
      const fields = {
        fileName: file.fileName,
        ...(caption !== undefined && { caption, text: caption }),
        ...(sender && { sender }),
      };
      return 'url' in file ? { json: { file: file.url, ...fields } } : { body: await multipart(file, fields) };
    }
    case 'template': {
      const { id, params, file, tracking, sender, companyId } = order;
      return {
        json: { template: { id, params }, file: file?.url, fileName: file?.fileName, tracking, sender, companyId },
      };
    }
  }
}

/** What ChatApp has taken is sent, however odd its answer looks: what it does not say is left out. */
function answerOf(body: unknown): SendAnswer {
  const answer = isRecord(body) && 'data' in body ? body.data : body;
  // It becomes part of a message, which Node-RED copies with recursion.
  const data = isTooDeep(answer) ? undefined : answer;
  const messageId = isRecord(data) ? idText(data.id) : undefined;
  const chatId = isRecord(data) ? idText(data.chatId) : undefined;
  return { data, ...(messageId !== undefined && { messageId }), ...(chatId !== undefined && { chatId }) };
}

function idText(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
