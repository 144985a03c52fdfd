import type { Account } from '../account';
import { channelAuth, type PusherApp } from '../pusher/signature';
import type { Answer, Call, Route } from './answer';

/** `POST /broadcasting/auth`. */
export class ChannelAuthorisation {
  readonly route: Route = {
    method: 'POST',
    pattern: '/broadcasting/auth',
    needsToken: true,
    answer: (call) => this.#judge(call),
  };
  readonly #app: PusherApp;
  readonly #account: Account;

  constructor(app: PusherApp, account: Account) {
    this.#app = app;
    this.#account = account;
  }

  #judge(call: Call): Answer {
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
