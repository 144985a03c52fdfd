import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Outcome } from '../api/answer';
import type { ApiAnswer, ApiPart } from './contract';

const PATHS: Readonly<Record<ApiPart, RegExp>> = {
  authorisation: /^\/broadcasting\/auth$/,
  login: /^\/v1\/tokens$/,
  refresh: /^\/v1\/tokens\/refresh$/,
  check: /^\/v1\/tokens\/check$/,
  lines: /^\/v1\/licenses$/,
  companies: /^\/v1\/companies$/,
  employees: /^\/v1\/companies\/[^/]+\/employees$/,
  chats: /\/chats$/,
  messages: /\/chats\/[^/]+\/messages$/,
  send: /\/chats\/[^/]+\/messages\/[a-z]+$/,
  read: /\/chats\/[^/]+\/read$/,
  callbackUrls: /^\/v1\/callbackUrls$/,
  callbackUrl: /\/callbackUrl$/,
};

/** What a part is told, and for how many more requests. */
interface Order {
  readonly answer: ApiAnswer;
  left: number;
}

/** The parts of the API that are told what to answer. */
export class ApiFaults {
  readonly #orders = new Map<ApiPart, Order>();

  set(part: ApiPart, answer: ApiAnswer | undefined, times = Infinity): void {
    if (answer === undefined) this.#orders.delete(part);
    else this.#orders.set(part, { answer, left: times });
  }

  /** What goes out for a path: its override, or else what `normal` gives. */
  async answer(path: string, normal: () => Promise<Answer>): Promise<Outcome> {
    const told = this.#take(path);
    if (told === undefined) return normal();
    if (told === 'hang' || told === 'hang up') return told;
    if (typeof told === 'string') {
      const { afterwards } = await normal();
      afterwards?.();
      return told === 'accept and hang' ? 'hang' : 'hang up';
    }
    const answer = 'status' in told ? await instead(told, normal) : await normal();
    if (told.delayMs !== undefined) await delay(told.delayMs, undefined, { ref: false });
    return answer;
  }

  #take(path: string): ApiAnswer | undefined {
    const [part, order] = [...this.#orders].find(([one]) => PATHS[one].test(path)) ?? [];
    if (part === undefined || order === undefined) return undefined;
    order.left -= 1;
    if (order.left <= 0) this.#orders.delete(part);
    return order.answer;
  }
}

/** Where it accepts, what the normal answer would have done afterwards is done after this one. */
async function instead(
  { accepts, ...answer }: Extract<ApiAnswer, { status: number }>,
  normal: () => Promise<Answer>,
): Promise<Answer> {
  if (accepts !== true) return answer;
  const { afterwards } = await normal();
  return { ...answer, ...(afterwards && { afterwards }) };
}
