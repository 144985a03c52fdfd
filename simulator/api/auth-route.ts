import type { Account } from '../account';
import { channelAuth, type PusherApp } from '../pusher/signature';
import { type Answer, type Call, invalidToken, type Route } from './answer';
import type { Tokens } from './tokens';

/** `POST /broadcasting/auth`. */
export class ChannelAuthorisation {
  readonly route: Route = {
    method: 'POST',
    pattern: '/broadcasting/auth',
    // The token is checked here, with the rest of the request.
    needsToken: false,
    answer: (call) => this.#judge(call),
  };
  readonly #app: PusherApp;
  readonly #account: Account;
  readonly #tokens: Tokens;

  constructor(app: PusherApp, account: Account, tokens: Tokens) {
    this.#app = app;
    this.#account = account;
    this.#tokens = tokens;
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
