import type { Account } from '../account';
import type { Announcer } from '../announcer';
import type { MessageToMake } from '../contract';
import type { History } from '../history/history';
import { type Answer, type Call, invalid, notFound, type Route, success } from './answer';
import { MESSENGER_PATH, messengerOf } from './chat-routes';
import { readSendBody } from './send-body';
import { type Content, fileContent, templateContent, textContent } from './send-content';
import type { Uploads } from './uploads';

interface SendRules {
  readonly account: Account;
  readonly history: History;
  readonly announcer: Announcer;
  readonly uploads: Uploads;
}

/** Sending. What is sent enters the history and comes back as an event, as it does at ChatApp. */
export function sendRoutes(rules: SendRules): Route[] {
  const route = (kind: string, contentOf: (body: Record<string, unknown>) => Content): Route => ({
    method: 'POST',
    pattern: `${MESSENGER_PATH}/chats/:chatId/messages/${kind}`,
    needsToken: true,
    answer: (call) => {
      if (!rules.account.hasMessenger(...messengerOf(call))) return notFound();
      const body = readSendBody(call, rules.uploads);
      if (!body) return invalid('The body is neither JSON nor a form.');
      const content = contentOf(body);
      if (typeof content === 'string') return invalid(content);
      const { tracking = null, sender = null } = body;
      if (tracking !== null && typeof tracking !== 'string') return invalid('The tracking must be a string.');
      if (![null, 'employee', 'system'].some((one) => one === sender)) return invalid('The sender is invalid.');
      return send(rules, call, { ...content, fromApp: { id: rules.account.appId, tracking, sender } });
    },
  });
  return [route('text', textContent), route('file', fileContent), route('template', templateContent)];
}

function send({ history, announcer }: SendRules, call: Call, fields: Record<string, unknown>): Answer {
  const [licenseId, messengerType] = messengerOf(call);
  const chat = chatToWriteTo(history, licenseId, messengerType, call.params.chatId ?? '');
  const { item, announce } = announcer.prepare({
    ...fields,
    licenseId: Number(licenseId),
    messengerType,
    chat,
    side: 'out',
    fromApi: true,
  });
  return { ...success({ id: item.id, chatId: String(item.chat.id) }), afterwards: announce };
}

/** A chat that is known by its id or phone, else a new one. */
function chatToWriteTo(
  history: History,
  licenseId: string,
  messengerType: string,
  idOrPhone: string,
): NonNullable<MessageToMake['chat']> {
  const known = history.chat(licenseId, messengerType, idOrPhone);
  const knownId = known?.fields.id;
  if (typeof knownId === 'string' || typeof knownId === 'number') return { ...known?.fields, id: knownId };
  const isPhone = /^\+?\d{7,15}$/.test(idOrPhone);
  return isPhone && messengerType === 'grWhatsApp' ? `${idOrPhone.replace('+', '')}@c.us` : idOrPhone;
}
