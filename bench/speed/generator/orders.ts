import type { MessengerAddress } from '../../../src/events';
import { isRecord } from '../../../simulator/json';
import type { BEGIN, END, Mix } from './frames';

/** How the simulator of ChatApp answers, besides the frames that it sends. */
export interface GeneratorSettings {
  /** How many lines the account has. */
  readonly lines: number;
  /** How long an authorisation takes, in ms. */
  readonly authorisationTakes: number;
  /** How long it takes to send a message, in ms. */
  readonly sendingTakes: number;
  /** For `recover`: chats with messages in their history, and how many each has. */
  readonly chats: number;
  readonly messagesPerChat: number;
}

/** What the parent orders. Each order is answered with `{ done: kind, … }`. */
export type Order =
  /** Sends `count` frames as fast as they are taken, between the two signals, to so many lines in turns (default: 1). */
  | { readonly kind: 'burst'; readonly mix: Mix; readonly count: number; readonly lines?: number }
  /** Sends messages at a rate, for so many seconds, between the two signals. Every one tells when it was sent. */
  | { readonly kind: 'pace'; readonly perSecond: number; readonly seconds: number }
  /** Sends one of the two signals alone, so that something else may happen between them. */
  | { readonly kind: 'signal'; readonly event: typeof BEGIN | typeof END }
  /** Ends all sockets. */
  | { readonly kind: 'drop' }
  /** Answers what was asked so far, and forgets it. */
  | { readonly kind: 'request-log' };

/** The requests that the simulator got. Times in ms since the epoch. */
export interface RequestLog {
  readonly authorised: readonly { readonly channel: string; readonly at: number }[];
  readonly subscribed: readonly { readonly channel: string; readonly at: number }[];
  readonly history: readonly number[];
  readonly sent: readonly number[];
  /** Requests over 50 within a second, which ChatApp would answer with 429. */
  readonly over: number;
}

export function isOrder(value: unknown): value is Order {
  return isRecord(value) && typeof value.kind === 'string';
}

export function readSettings(value: unknown): GeneratorSettings {
  const number = (name: string): number => {
    const found = isRecord(value) ? value[name] : undefined;
    if (typeof found !== 'number') throw new Error(`${name} is missing`);
    return found;
  };
  return {
    lines: number('lines'),
    authorisationTakes: number('authorisationTakes'),
    sendingTakes: number('sendingTakes'),
    chats: number('chats'),
    messagesPerChat: number('messagesPerChat'),
  };
}

/** The line with this number, from 0. */
export function lineAddress(number: number): MessengerAddress {
  return { type: 'messenger', licenseId: String(60_000 + number), messengerType: 'grWhatsApp' };
}
