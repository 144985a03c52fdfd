import type { Account } from '../account';
import type { Broadcaster } from '../broadcaster';
import type { MessageToMake } from '../contract';
import type { History } from '../history/history';
import { isRecord } from '../json';
import type { StatusUpdates } from '../sending/status-updates';
import { type Answer, type Call, invalid, notFound, refusal, type Route, success } from './answer';
import { MESSENGER_PATH, messengerOf } from './chat-routes';
import { readSendBody } from './send-body';
import { type Content, fileContent, templateContent, textContent } from './send-content';
import type { Uploads } from './uploads';

interface SendRules {
  readonly account: Account;
  readonly history: History;
  readonly broadcaster: Broadcaster;
  readonly uploads: Uploads;
  readonly statusUpdates: StatusUpdates;
  /** In ms since the epoch. */
  readonly now: () => number;
}

const WINDOW_MS = 24 * 60 * 60 * 1000;

/**
 * Sending. What is sent enters the history and comes back as an event, as it does at ChatApp, and so does what becomes
 * of it. The codes of the refusals are made up: those of ChatApp are not known.
 */
export function sendRoutes(rules: SendRules): Route[] {
  const route = (kind: string, contentOf: (body: Record<string, unknown>) => Content): Route => ({
    method: 'POST',
    pattern: `${MESSENGER_PATH}/chats/:chatId/messages/${kind}`,
    needsToken: true,
    answer: async (call) => {
      if (!rules.account.hasMessenger(...messengerOf(call))) return notFound();
      const body = await readSendBody(call, rules.uploads);
      if (!body) return invalid('The body is neither JSON nor a form.');
      const content = contentOf(body);
      if (typeof content === 'string') return invalid(content);
      const refused = kind === 'template' ? refusedTemplate(rules.account, content.message) : refusedChat(rules, call);
      if (refused) return refused;
      const { tracking = null, sender = null } = body;
      if (tracking !== null && typeof tracking !== 'string') return invalid('The tracking must be a string.');
      if (![null, 'employee', 'system'].some((one) => one === sender)) return invalid('The sender is invalid.');
      return send(rules, call, { ...content, fromApp: { id: rules.account.appId, tracking, sender } });
    },
  });
  return [route('text', textContent), route('file', fileContent), route('template', templateContent)];
}

function refusedTemplate(account: Account, { template }: Readonly<Record<string, unknown>>): Answer | undefined {
  if (account.maySendTemplate(isRecord(template) ? String(template.id) : '')) return undefined;
  return refusal(422, 'ApiTemplateNotFoundError', 'There is no such template.');
}

/** WhatsApp Cloud API lets a company write freely for 24 h after the customer did; then only templates pass. */
function refusedChat({ history, now }: SendRules, call: Call): Answer | undefined {
  const [licenseId, messengerType] = messengerOf(call);
  if (messengerType !== 'caWhatsApp') return undefined;
  const messages = history.chat(licenseId, messengerType, call.params.chatId ?? '')?.messages.values() ?? [];
  const incoming = [...messages].filter(({ item }) => item.side === 'in');
  if (incoming.some(({ time }) => now() - time * 1000 < WINDOW_MS)) return undefined;
  return refusal(422, 'ApiConversationWindowClosedError', 'The 24-hour window of this chat is closed.');
}

function send({ history, broadcaster, statusUpdates }: SendRules, call: Call, fields: Record<string, unknown>): Answer {
  const [licenseId, messengerType] = messengerOf(call);
  const chat = chatToWriteTo(history, licenseId, messengerType, call.params.chatId ?? '');
  const { item, announce } = broadcaster.prepare({
    ...fields,
    licenseId: Number(licenseId),
    messengerType,
    chat,
    side: 'out',
    fromApi: true,
  });
  const afterwards = (): void => {
    announce();
    statusUpdates.follow(licenseId, messengerType, item);
  };
  return { ...success({ id: item.id, chatId: String(item.chat.id) }), afterwards };
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
