import { setMaxListeners } from 'node:events';
import { ApiError } from '../api/api-error';
import type { ChatOrder, SendAnswer } from '../api/chat-order';
import { Semaphore } from '../api/semaphore';
import type { Line } from '../api/lines';
import { pause, shownTime, type Clock } from '../clock';
import { ChatAppError } from '../errors';
import { ChatLines } from './chat-lines';
import { ChatRate } from './chat-rate';
import { FailedRequest, classifyFailure } from './retry-decision';
import { refusalOf, uncertainty } from './refusal';
import { InFlightTasks } from './in-flight-tasks';

/** How many requests are under way at a time: enough for 50 a second where ChatApp takes half a second for each. */
const CONCURRENCY = 25;
/** The waits before another try, in ms, where ChatApp does not ask for a certain one. */
const WAITS = [1_000, 3_000, 9_000, 27_000];
/** No other try begins more than so many ms after the first. */
const TRIED_FOR = 60_000;
/** How long closing waits for what is under way, in ms. */
const CLOSES_WITHIN = 5_000;

export interface SenderOptions {
  /** Asks with the session's token, which is renewed and the question repeated where it is dead. */
  readonly authorised: <T>(ask: (token: string) => Promise<T>) => Promise<T>;
  /** Carries out an order, once; calls `onLeave` when the request begins to leave. */
  readonly carryOut: (token: string, order: ChatOrder, onLeave: () => void) => Promise<SendAnswer>;
  /** The lines of the account. */
  readonly readLines: () => Promise<readonly Line[]>;
  /** Counts the messages to each chat; shared with whatever else sends through the connection. @default its own */
  readonly rate?: ChatRate;
  readonly clock: Clock;
}

export interface SendOptions {
  /** Gets the time of the next try, in ms since the epoch, and `undefined` when it begins. */
  readonly onWait?: (nextTry: number | undefined) => void;
  /**
   * How many messages may go to one chat within a minute, those of other callers included: more are refused
   * (`SEND_REFUSED`, reason `loop`). Marking as read does not count. 0 = no limit.
   * @default 0
   */
  readonly perMinute?: number;
  /** The id of the node that sends, for `health`. */
  readonly node?: string;
}

/** Sends, in order within each chat, and never again what may have arrived. */
export class Sender {
  readonly #chats = new ChatLines();
  readonly #rate: ChatRate;
  readonly #semaphore = new Semaphore(CONCURRENCY);
  readonly #underWay = new InFlightTasks();
  /** Chats whose last order found no way to ChatApp: those behind it get one try each, or they would wait for hours. */
  readonly #cutOff = new Set<string>();
  readonly #closing = new AbortController();

  constructor(private readonly options: SenderOptions) {
    this.#rate = options.rate ?? new ChatRate(options.clock);
    // Any number of orders may pause at once, and each listens for the end.
    setMaxListeners(0, this.#closing.signal);
  }

  /**
   * Resolves once ChatApp has taken the order.
   * @throws ChatAppError `SEND_REFUSED`: nothing was sent; `SEND_UNCERTAIN`: it may have been; `API_FAILED`: no try
   *   came through and nothing was sent; `TOKEN_INVALID`, `LOGIN_REFUSED`, `TOKEN_QUOTA`: nobody is logged in
   */
  async send(order: ChatOrder, { onWait = () => undefined, perMinute = 0 }: SendOptions = {}): Promise<SendAnswer> {
    this.#closing.signal.throwIfAborted();
    const { licenseId, messengerType, chatId } = order.chat;
    const chat = JSON.stringify([licenseId, messengerType, chatId]);
    const run = (): Promise<SendAnswer> => this.#chats.run(chat, () => this.#deliver(chat, order, onWait));
    if (order.action === 'read') return run();
    const confirm = this.#rate.accept(order.chat, perMinute);
    try {
      const answer = await run();
      confirm(true);
      return answer;
    } catch (error) {
      confirm(maySent(error));
      throw error;
    }
  }

  /** Refuses what waits, and gives what is under way 5 s to end; what has not by then is reported as uncertain. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const closed = ChatAppError.of('SEND_REFUSED', 'closed');
    this.#closing.abort(closed);
    this.#chats.clear(closed);
    await this.#underWay.end(this.options.clock, CLOSES_WITHIN);
  }

  async #deliver(chat: string, order: ChatOrder, onWait: Required<SendOptions>['onWait']): Promise<SendAnswer> {
    const { clock } = this.options;
    const begun = clock.monotonic();
    try {
      for (let tries = 1; ; tries += 1) {
        try {
          const answer = await this.#semaphore.run(() => this.#attempt(order));
          this.#cutOff.delete(chat);
          return answer;
        } catch (error) {
          const wait = this.#cutOff.has(chat) ? undefined : waitAfter(error, tries, clock.monotonic() - begun);
          if (wait === undefined) throw await this.#verdict(error, chat, order);
          onWait(shownTime(clock, wait));
          await pause(clock, wait, this.#closing.signal);
          onWait(undefined);
        }
      }
    } finally {
      if (!this.#chats.isWanted(chat)) this.#cutOff.delete(chat);
    }
  }

  /** @throws FailedRequest for the order's own request, and whatever the session throws */
  #attempt(order: ChatOrder): Promise<SendAnswer> {
    this.#closing.signal.throwIfAborted();
    const { authorised, carryOut } = this.options;
    let left = false;
    let failure: unknown;
    const attempt = authorised((token) => {
      left = false;
      return carryOut(token, order, () => (left = true)).catch((error: unknown) => {
        failure = error;
        throw error;
      });
    }).catch((error: unknown) => {
      // Whether the token was dead is the session's matter: then nothing was done. It repeats the request with another one.
      if (!(error instanceof ApiError) || error !== failure || error.invalidToken) throw error;
      throw new FailedRequest(error, classifyFailure(error, order, left));
    });
    return this.#underWay.run(attempt, () => ChatAppError.of(left ? 'SEND_UNCERTAIN' : 'SEND_REFUSED', 'closed'));
  }

  /** What is reported of an order that is tried no more. */
  async #verdict(error: unknown, chat: string, order: ChatOrder): Promise<unknown> {
    if (isWorthATry(error)) this.#cutOff.add(chat);
    else this.#cutOff.delete(chat);
    if (!(error instanceof FailedRequest)) return isClosed(error) ? ChatAppError.of('SEND_REFUSED', 'closed') : error;
    switch (error.decision) {
      case 'refused':
        return refusalOf(error.error, order, () => this.#knowsLine(order.chat));
      case 'uncertain':
        return uncertainty(error.error);
      case 'ended':
        return ChatAppError.of('SEND_REFUSED', 'closed');
      case 'again':
        return error.error;
    }
  }

  async #knowsLine({ licenseId, messengerType }: Line): Promise<boolean | undefined> {
    const lines = await this.options.readLines().catch(() => undefined);
    return lines?.some((line) => line.licenseId === licenseId && line.messengerType === messengerType);
  }
}

/** How long to wait after the n-th try, in ms; `undefined` where there is no other. */
function waitAfter(error: unknown, tries: number, passed: number): number | undefined {
  const usual = WAITS[tries - 1];
  if (usual === undefined || !isWorthATry(error)) return undefined;
  const wait = (error instanceof FailedRequest ? error.error : error).retryAfter ?? usual;
  return passed + wait > TRIED_FOR ? undefined : wait;
}

/** Whether another try may help and can double nothing. A renewal of the token that failed has sent nothing either. */
function isWorthATry(error: unknown): error is FailedRequest | ApiError {
  return error instanceof FailedRequest ? error.decision === 'again' : error instanceof ApiError && error.passing;
}

/** Every other error of the closed list says that nothing was sent. */
function maySent(error: unknown): boolean {
  return !(error instanceof ChatAppError) || error.code === 'SEND_UNCERTAIN';
}

function isClosed(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'closed';
}
