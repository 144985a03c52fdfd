import type { Account } from '../account';
import { isOnThisMachine } from '../callbacks/callback-urls';
import type { CallbackDispatcher } from '../callbacks/dispatcher';
import { isRecord, parseJson } from '../json';
import { type Answer, type Call, invalid, notFound, type Route, success } from './answer';
import { MESSENGER_PATH, messengerOf } from './chat-routes';

/** Webhook addresses: they are probed and kept, one for each messenger. */
export function callbackRoutes(account: Account, dispatcher: CallbackDispatcher): Route[] {
  const pattern = `${MESSENGER_PATH}/callbackUrl`;
  const inMessenger = (answer: Route['answer']): Route['answer'] => {
    return (call) => (account.hasMessenger(...messengerOf(call)) ? answer(call) : notFound());
  };
  return [
    { method: 'GET', pattern: '/v1/callbackUrls', needsToken: true, answer: () => success(dispatcher.urls.list) },
    { method: 'PUT', pattern, needsToken: true, answer: inMessenger((call) => put(call, dispatcher)) },
    {
      method: 'DELETE',
      pattern,
      needsToken: true,
      answer: inMessenger((call) => {
        dispatcher.urls.remove(...messengerOf(call));
        return success([]);
      }),
    },
  ];
}

async function put(call: Call, dispatcher: CallbackDispatcher): Promise<Answer> {
  const { urls, poster } = dispatcher;
  const body = parseJson(call.body.toString());
  const { events, url } = isRecord(body) ? body : {};
  const names = Array.isArray(events) ? events.filter((event) => typeof event === 'string') : [];
  if (names.length === 0) return invalid('The events field is required.');
  const refused = dispatcher.firstRefused(names);
  if (refused !== undefined) return invalid(`The selected events.${refused} is invalid.`);
  if (typeof url !== 'string' || !URL.canParse(url)) return invalid('The url must be a valid URL.');
  if (!isOnThisMachine(url)) return invalid('The simulator calls no address outside this machine.');
  const [licenseId, messengerType] = messengerOf(call);
  const callbackUrl = { licenseId: Number(licenseId), messengerType, events: names, url };
  if (!(await poster.probe(callbackUrl))) return invalid('The url does not answer with status 2xx.');
  urls.set(callbackUrl);
  return success(callbackUrl);
}
