import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from '../account';
import type { AuthAnswer } from '../contract';
import { channelAuth, type PusherApp } from '../pusher/signature';
import { type Answer, type Call, HANG, invalidToken, type Route } from './answer';
import type { Tokens } from './tokens';

/** `POST /broadcasting/auth`, and what it is told to answer instead. */
export class ChannelAuthorisation {
  /** Undefined: the normal answer. */
  override: AuthAnswer | undefined;
  readonly route: Route = {
    method: 'POST',
    pattern: '/broadcasting/auth',
    // A dead token is this route's own business: an override comes first.
    needsToken: false,
    answer: (call) => this.#answer(call),
  };
  readonly #app: PusherApp;
  readonly #account: Account;
  readonly #tokens: Tokens;

  constructor(app: PusherApp, account: Account, tokens: Tokens) {
    this.#app = app;
    this.#account = account;
    this.#tokens = tokens;
  }

  async #answer(call: Call): Promise<Answer | typeof HANG> {
    const { override } = this;
    if (override === HANG) return HANG;
    const answer = override && 'status' in override ? { ...override } : this.#judge(call);
    if (override?.delayMs !== undefined) await delay(override.delayMs, undefined, { ref: false });
    return answer;
  }

  #judge(call: Call): Answer {
    if (!this.#tokens.isAlive(call.headers.authorization)) return invalidToken();
    const { socketId, channel } = authForm(call.body);
    const isAllowed = /^\d+\.\d+$/.test(socketId ?? '') && this.#account.mayRead(channel ?? '');
    if (!isAllowed) return { status: 403, body: { message: 'This action is unauthorized.' } };
    return { status: 200, body: { auth: channelAuth(this.#app, socketId ?? '', channel ?? '') } };
  }
}

/** The fields of the form that asks for a channel. */
export function authForm(body: Buffer): { socketId?: string; channel?: string } {
  const form = new URLSearchParams(body.toString());
  const socketId = form.get('socket_id');
  const channel = form.get('channel_name');
  return { ...(socketId === null ? {} : { socketId }), ...(channel === null ? {} : { channel }) };
}
