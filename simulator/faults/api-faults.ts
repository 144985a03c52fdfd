import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, HANG } from '../api/answer';
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
};

type Outcome = Answer | typeof HANG;

/** The parts of the API that are told what to answer. */
export class ApiFaults {
  readonly #answers = new Map<ApiPart, ApiAnswer>();

  set(part: ApiPart, answer: ApiAnswer | undefined): void {
    if (answer === undefined) this.#answers.delete(part);
    else this.#answers.set(part, answer);
  }

  /** What goes out for a path: its override, or else what `normal` gives. */
  async answer(path: string, normal: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    const [, told] = [...this.#answers].find(([part]) => PATHS[part].test(path)) ?? [];
    if (told === undefined) return normal();
    if (told === HANG) return HANG;
    const answer = 'status' in told ? told : await normal();
    if (told.delayMs !== undefined) await delay(told.delayMs, undefined, { ref: false });
    return answer;
  }
}
