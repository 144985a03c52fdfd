import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, type Call, invalid, type Route } from '../api/answer';
import { isOnThisMachine } from '../callbacks/callback-urls';
import type { MessageToMake, Simulator } from '../contract';
import { chatIdOf, CUSTOMERS } from '../history/customers';
import type { History } from '../history/history';
import { isRecord, parseJson } from '../json';
import { channelChoices } from './channels';
import { EVENT_CHOICES, type SampleMaker } from './fire';

const SHOWN_REQUESTS = 40;
const SHOWN_MESSAGES = 30;
const SCRIPTS = ['page.js', 'conversation.js', 'dom.js'];

interface PageRules {
  readonly simulator: () => Simulator;
  readonly history: History;
  readonly samples: SampleMaker;
}

/** The page at `/` and what it asks for. ChatApp has none of this. */
export function pageRoutes(rules: PageRules): Route[] {
  return [
    file('/', 'index.html', 'text/html; charset=utf-8'),
    file('/simulator/page.css', 'page.css', 'text/css; charset=utf-8'),
    ...SCRIPTS.map((name) => file(`/simulator/${name}`, name, 'text/javascript; charset=utf-8')),
    get('/simulator/account', () => accountOf(rules.simulator())),
    get('/simulator/state', () => stateOf(rules.simulator())),
    get('/simulator/chats', ({ query }) => chatsOf(rules.history, query)),
    post('/simulator/message', (body) => write(rules.simulator(), body)),
    post('/simulator/fire', (body) => fire(rules, body)),
  ];
}

/** Read at every request, so that a change to the page shows at the next reload. */
function file(pattern: string, name: string, type: string): Route {
  const headers = {
    'content-type': type,
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:",
  };
  const answer = (): Answer => ({ status: 200, body: readFileSync(join(__dirname, name)), headers });
  return { method: 'GET', pattern, needsToken: false, answer };
}

function get(pattern: string, read: (call: Call) => unknown): Route {
  return { method: 'GET', pattern, needsToken: false, answer: (call) => ({ status: 200, body: read(call) }) };
}

/** JSON alone is taken: a foreign page in the browser cannot send that without being asked for leave first. */
function post(pattern: string, act: (body: Record<string, unknown>) => Answer): Route {
  const answer = ({ headers, body }: Call): Answer => {
    const value = headers['content-type']?.startsWith('application/json') ? parseJson(body.toString()) : undefined;
    return isRecord(value) ? act(value) : invalid('The body is not JSON.');
  };
  return { method: 'POST', pattern, needsToken: false, answer };
}

function accountOf({ url, socketUrl, appKey, account }: Simulator): unknown {
  const { email, password, appId, accessToken, refreshToken } = account;
  const settings = {
    'API URL': url,
    'Socket URL': socketUrl,
    'App key': appKey,
    Email: email,
    Password: password,
    'App id': appId,
    'Access token': accessToken,
    'Refresh token': refreshToken,
  };
  return { settings, channels: channelChoices(account), events: EVENT_CHOICES };
}

function stateOf(simulator: Simulator): unknown {
  const listening = channelChoices(simulator.account)
    .map(({ channel }) => ({ channel, sockets: simulator.subscriptions(channel) }))
    .filter(({ sockets }) => sockets > 0);
  const requests = simulator.requests.slice(-SHOWN_REQUESTS).reverse();
  return { sockets: simulator.sockets, listening, callbacks: callbacksOf(simulator), requests };
}

/** Whose address it is, not the address itself: a secret is part of it. */
function callbacksOf({ account, callbacks }: Simulator): unknown {
  return callbacks.list.map(({ licenseId, messengerType, events, url }) => {
    const line = account.licenses.find((one) => one.licenseId === licenseId);
    const messenger = line?.messenger.find(({ type }) => type === messengerType);
    const last = callbacks.deliveries.findLast(
      (one) => one.licenseId === licenseId && one.messengerType === messengerType,
    );
    return {
      line: line?.licenseName ?? licenseId,
      messenger: messenger?.name ?? messengerType,
      host: URL.canParse(url) ? new URL(url).host : 'nowhere',
      events,
      last: last && { event: last.event, status: last.status, at: last.at },
    };
  });
}

function chatsOf(history: History, query: URLSearchParams): unknown {
  const licenseId = query.get('licenseId') ?? '';
  const messengerType = query.get('messengerType') ?? '';
  const chats = history.chats(licenseId, messengerType).map(({ id, fields, messages }) => {
    const shown = [...messages.values()].slice(-SHOWN_MESSAGES).map(({ item, status }) => ({ ...item, status }));
    return { id, name: typeof fields.name === 'string' ? fields.name : id, messages: shown };
  });
  const others = CUSTOMERS.map((customer) => ({ id: chatIdOf(customer, messengerType), name: customer.name }));
  const newOnes = others.filter(({ id }) => !chats.some((chat) => chat.id === id));
  return [...chats, ...newOnes.map((chat) => ({ ...chat, messages: [] }))];
}

function write(simulator: Simulator, { licenseId, messengerType, chatId, text }: Record<string, unknown>): Answer {
  if (typeof licenseId !== 'number' || typeof messengerType !== 'string') return invalid('Choose a messenger.');
  if (!simulator.account.hasMessenger(String(licenseId), messengerType)) return invalid('There is no such messenger.');
  if (typeof chatId !== 'string' || chatId === '') return invalid('Choose a chat.');
  if (typeof text !== 'string' || text === '') return invalid('Write something.');
  const message = { licenseId, messengerType, chat: chatId, text } satisfies MessageToMake;
  const channel = `private-v1.licenses.${licenseId}.messengers.${messengerType}`;
  const reached = { sockets: simulator.subscriptions(channel), webhooks: webhooksOf(simulator, channel, 'message') };
  return { status: 200, body: { id: simulator.message(message).id, ...reached } };
}

function fire({ simulator, samples }: PageRules, { event, channel }: Record<string, unknown>): Answer {
  const choice = channelChoices(simulator().account).find((one) => one.channel === channel);
  const envelope = typeof event === 'string' && choice ? samples.next(event, choice) : undefined;
  if (!choice || typeof event !== 'string' || !envelope) return invalid('Choose an event and a channel.');
  const webhooks = webhooksOf(simulator(), choice.channel, event);
  return { status: 200, body: { sockets: simulator().announce(choice.channel, event, envelope), webhooks } };
}

/** How many webhook addresses an event on a channel goes to: one or none. */
function webhooksOf({ callbacks }: Simulator, channel: string, event: string): number {
  return callbacks.list.filter(({ licenseId, messengerType, events, url }) => {
    const isThere = channel === `private-v1.licenses.${licenseId}.messengers.${messengerType}`;
    return isThere && events.includes(event) && isOnThisMachine(url);
  }).length;
}
