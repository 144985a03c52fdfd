import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { SAMPLES } from '../../../src/events';
import { type GeneratorSettings, lineAddress } from './orders';
import type { Notes } from './notes';

/** The requests that subscribing and recovering make, answered from what is made up on the spot. */
export function answerRequests(settings: GeneratorSettings, notes: Notes): RequestListener {
  return (request, response) => void answer(settings, notes, request, response);
}

const NOTHING = { success: true, data: { items: [], nextPage: null } };

async function answer(
  settings: GeneratorSettings,
  notes: Notes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator');
  const body = await textOf(request);
  if (!notes.allows()) return send(response, 429, { success: false, error: { code: 'TooManyRequests' } });
  if (pathname === '/broadcasting/auth') {
    notes.authorised(new URLSearchParams(body).get('channel_name') ?? '');
    await wait(settings.authorisationTakes);
    return send(response, 200, { auth: 'key:signature' });
  }
  if (pathname === '/v1/licenses') return send(response, 200, { success: true, data: licences(settings) });
  if (request.method === 'POST' && pathname.endsWith('/messages/text')) {
    notes.sent();
    await wait(settings.sendingTakes);
    return send(response, 200, { success: true, data: { id: 'sent', chatId: '1' } });
  }
  // On the first line nothing is ever missed, on the others whatever was written in the first gap.
  if (!notes.hasDropped || pathname.includes(`/${lineAddress(0).licenseId}/`)) return send(response, 200, NOTHING);
  notes.readHistory();
  const [, chat] = /\/chats\/([^/]+)\/messages$/.exec(pathname) ?? [];
  const page = Number(searchParams.get('nextPage') ?? 0);
  send(response, 200, {
    success: true,
    data: chat === undefined ? chatsPage(settings, page) : messages(settings, Number(chat)),
  });
}

function licences({ lines }: GeneratorSettings): object[] {
  return Array.from({ length: lines }, (_, number) => {
    const { licenseId, messengerType } = lineAddress(number);
    return { licenseId: Number(licenseId), licenseName: null, messenger: [{ type: messengerType, name: 'WhatsApp' }] };
  });
}

function chatsPage({ chats }: GeneratorSettings, page: number): object {
  const from = page * 100;
  const count = Math.max(0, Math.min(100, chats - from));
  const items = Array.from({ length: count }, (_, index) => ({ id: from + index, lastTime: seconds() }));
  return { items, nextPage: from + count < chats ? String(page + 1) : null };
}

function messages({ messagesPerChat }: GeneratorSettings, chat: number): object {
  const items = Array.from({ length: messagesPerChat }, (_, index) => ({
    ...SAMPLES.message[0],
    id: `missed-${chat}-${index}`,
    time: seconds(),
    chat: { ...SAMPLES.message[0].chat, id: chat },
  }));
  return { items, nextPage: null };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Rounded up: never before someone began to listen within this second. */
function seconds(): number {
  return Math.ceil(Date.now() / 1_000);
}
