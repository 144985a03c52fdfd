import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, invalidToken, type Outcome } from '../api/answer';
import type { ApiAnswer, ApiPart, ChangeBody } from './contract';

const PATHS: Readonly<Record<ApiPart, RegExp>> = {
  authorisation: /^\/broadcasting\/auth$/,
  login: /^\/v1\/tokens$/,
  refresh: /^\/v1\/tokens\/refresh$/,
  check: /^\/v1\/tokens\/check$/,
  me: /^\/v1\/me$/,
  lines: /^\/v1\/licenses$/,
  companies: /^\/v1\/companies$/,
  employees: /^\/v1\/companies\/[^/]+\/employees$/,
  templates: /\/templates$/,
  chats: /\/chats$/,
  messages: /\/chats\/[^/]+\/messages$/,
  send: /\/chats\/[^/]+\/messages\/[a-z]+$/,
  read: /\/chats\/[^/]+\/read$/,
  callbackUrls: /^\/v1\/callbackUrls$/,
  callbackUrl: /\/callbackUrl$/,
};

/** What a part has to answer, and for how many more requests. */
interface Order {
  readonly answer: ApiAnswer;
  left: number;
}

/** The parts of the API whose answers are set. */
export class ApiFaults {
  readonly #orders = new Map<ApiPart, Order>();
  /** What requests with a dead token are answered with; undefined: as usual. */
  deadTokenAnswer: Answer | undefined;
  readonly #changes = new Map<ApiPart, ChangeBody>();

  set(part: ApiPart, answer: ApiAnswer | undefined, times = Infinity): void {
    if (answer === undefined) this.#orders.delete(part);
    else this.#orders.set(part, { answer, left: times });
  }

  /** The answer to a request with a dead token. The check of a token always says so. */
  deadToken(path: string): Answer {
    return PATHS.check.test(path) ? invalidToken() : (this.deadTokenAnswer ?? invalidToken());
  }

  change(part: ApiPart, change: ChangeBody | undefined): void {
    if (change === undefined) this.#changes.delete(part);
    else this.#changes.set(part, change);
  }

  /** What goes out for a path: its override, or else what `normal` gives, changed if that is wanted. */
  async answer(path: string, query: URLSearchParams, normal: () => Promise<Answer>): Promise<Outcome> {
    const reported = this.#take(path);
    if (reported === undefined) return this.#changed(path, query, await normal());
    if (reported === 'hang' || reported === 'hang up') return reported;
    if (typeof reported === 'string') {
      const { afterwards } = await normal();
      afterwards?.();
      return reported === 'accept and hang' ? 'hang' : 'hang up';
    }
    const answer = 'status' in reported ? await instead(reported, normal) : await normal();
    if (reported.delayMs !== undefined) await delay(reported.delayMs, undefined, { ref: false });
    return answer;
  }

  #changed(path: string, query: URLSearchParams, answer: Answer): Answer {
    const [, change] = [...this.#changes].find(([one]) => PATHS[one].test(path)) ?? [];
    return change && answer.status === 200 ? { ...answer, body: change(answer.body, query) } : answer;
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
