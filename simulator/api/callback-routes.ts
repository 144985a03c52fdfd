import type { Account } from '../account';
import { isRecord, parseJson } from '../json';
import { type Answer, type Call, invalid, notFound, type Route, success } from './answer';
import { MESSENGER_PATH, messengerOf } from './chat-routes';

const PROBE_TIMEOUT = 5000;

interface CallbackUrl {
  readonly licenseId: number;
  readonly messengerType: string;
  readonly events: readonly string[];
  readonly url: string;
}

/** Webhook addresses: they are probed and kept, one for each messenger. Nothing is ever delivered to them. */
export function callbackRoutes(account: Account): Route[] {
  const kept = new Map<string, CallbackUrl>();
  const pattern = `${MESSENGER_PATH}/callbackUrl`;
  const inMessenger = (answer: Route['answer']): Route['answer'] => {
    return (call) => (account.hasMessenger(...messengerOf(call)) ? answer(call) : notFound());
  };
  return [
    { method: 'GET', pattern: '/v1/callbackUrls', needsToken: true, answer: () => success([...kept.values()]) },
    { method: 'PUT', pattern, needsToken: true, answer: inMessenger((call) => put(call, kept)) },
    {
      method: 'DELETE',
      pattern,
      needsToken: true,
      answer: inMessenger((call) => {
        kept.delete(messengerOf(call).join(' '));
        return success([]);
      }),
    },
  ];
}

async function put(call: Call, kept: Map<string, CallbackUrl>): Promise<Answer> {
  const body = parseJson(call.body.toString());
  const { events, url } = isRecord(body) ? body : {};
  const names = Array.isArray(events) ? events.filter((event) => typeof event === 'string') : [];
  if (names.length === 0) return invalid('The events field is required.');
  if (typeof url !== 'string' || !URL.canParse(url)) return invalid('The url must be a valid URL.');
  if (!isOnThisMachine(new URL(url))) return invalid('The stand-in calls no address outside this machine.');
  if (!(await acceptsProbe(url))) return invalid('The url does not answer with status 2xx.');
  const [licenseId, messengerType] = messengerOf(call);
  const callbackUrl = { licenseId: Number(licenseId), messengerType, events: names, url };
  kept.set(messengerOf(call).join(' '), callbackUrl);
  return success(callbackUrl);
}

function isOnThisMachine({ hostname, protocol }: URL): boolean {
  return /^https?:$/.test(protocol) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** As ChatApp does: a POST with an empty body. */
async function acceptsProbe(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT);
    const answer = await fetch(url, { method: 'POST', redirect: 'manual', signal });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
