import type { MessageItem, MessageToMake } from '../message-contract';

/**
 * What is answered in place of the normal answer. A string body goes out as it is, anything else as JSON; with `accepts`
 * what was asked for is done all the same. With `delayMs` alone the answer is the normal one, but late.
 *
 * `hang`                 never answers, and does nothing
 * `hang up`              ends the connection without an answer, and does nothing
 * `accept and hang`      does what was asked for, and never answers
 * `accept and hang up`   does what was asked for, and ends the connection without an answer
 */
export type ApiAnswer =
  | {
      readonly status: number;
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly delayMs?: number;
      readonly accepts?: boolean;
    }
  | { readonly delayMs: number }
  | 'hang'
  | 'hang up'
  | 'accept and hang'
  | 'accept and hang up';

/**
 * A part of the API that can be made to misbehave: `me` tells the account's id, `chats` is the list of chats, `messages` what is in one, `send` every
 * way to write into one, `read` marks one as read; `callbackUrls` is the list of webhook addresses, `callbackUrl` sets
 * and removes one.
 */
export type ApiPart =
  | 'authorisation'
  | 'login'
  | 'refresh'
  | 'check'
  | 'me'
  | 'lines'
  | 'companies'
  | 'templates'
  | 'employees'
  | 'chats'
  | 'messages'
  | 'send'
  | 'read'
  | 'callbackUrls'
  | 'callbackUrl';

/** Makes another body out of that of a normal answer with status 200. */
export type ChangeBody = (body: unknown, query: URLSearchParams) => unknown;

/**
 * How far a message comes that was sent: which `messageStatus` events follow it. A message that `failed` tells why.
 *
 * `silence`   none follows
 * `jumbled`   all of them at once in one envelope, the last one first
 */
export type SendOutcome = 'sent' | 'delivered' | 'viewed' | 'failed' | 'silence' | 'jumbled';

/** How callbacks misbehave. */
export interface CallbackFaults {
  /** How many times each is delivered, one after the other. Default 1. */
  readonly times?: number;
  /** In ms: how long each waits before it leaves. Default 0. */
  readonly delayMs?: number;
  /** None is delivered; what is announced meanwhile never comes. What waits already is dropped too. */
  readonly down?: boolean;
  /** `bare`: `{data, meta}`; `array`: `[{data, meta}]`. Default `bare`. */
  readonly form?: 'bare' | 'array';
  /** How many attempts of each hang up as soon as their body is out, so that they count as failed. Default 0. */
  readonly hangUps?: number;
}

/**
 * What a new socket meets in place of the usual welcome.
 *
 * `no-upgrade`   its request is taken and never answered
 * `silence`      it is upgraded, and then never receives anything
 * `status`       an HTTP answer in place of the upgrade
 * `frame`        a first frame of any text, and then silence
 * `error`        a `pusher:error` of that code; the socket stays open, or is closed with the same code
 */
export type HandshakeFault =
  | 'no-upgrade'
  | 'silence'
  | { readonly status: number }
  | { readonly frame: string }
  | { readonly error: number; readonly closes: boolean };

/** How frames are put into TCP packets: each in several pieces, or several joined and cut where no frame ends. */
export type Packets = 'split' | 'merged';

/** Which port: that of the sockets, that of the API, or both. */
export type Which = 'socket' | 'api' | 'both';

/** How the simulator can be made to misbehave. Each fault lasts until it is ended; `undefined` ends one. */
export interface Faults {
  /** Decides what sockets meet that come from now on; those that are there stay. */
  receiveWith(handshake: HandshakeFault | undefined): void;
  /** How many newcomers met such a handshake so far. */
  readonly received: number;

  /**
   * Ends every connection of a port. New ones are refused; where it is `mute`, they are accepted and nothing more.
   * What is announced goes on into the history. Ports differ only with the option `socketPort`; else this rejects
   * for anything but `both`.
   */
  down(which?: Which, how?: 'refuse' | 'mute'): Promise<void>;
  /** Opens every port again that is down: the same ports, the same state. */
  up(): Promise<void>;

  /** Cuts or joins the TCP packets of all frames to come. */
  packetsAs(packets: Packets | undefined): void;
  /** Delivers every event so many times. */
  repeat(times: number): void;
  /** Ends every socket in the middle of a frame, without a close frame. Returns how many. */
  breakOff(): number;
  /** Sends bytes to every socket past the framing of WebSockets. Returns to how many. */
  sendBytes(bytes: Buffer): number;
  /** Sends a `pusher:error` to every socket. Returns to how many. */
  sayError(code: number): number;
  /** Makes and announces so many messages at once; `text` of the n-th (from 0) is made by `textOf`. */
  burst(count: number, message: MessageToMake, textOf: (index: number) => string): MessageItem[];

  /** Overrides what a part of the API answers: its next `times` requests, by default all to come. */
  answerWith(part: ApiPart, answer: ApiAnswer | undefined, times?: number): void;

  /**
   * Answers requests with a dead token with this instead of `ApiInvalidTokenError`, but not the check of the token
   * itself. A string body goes out as it is, anything else as JSON.
   */
  answerDeadTokensWith(answer: { readonly status: number; readonly body: unknown } | undefined): void;
  /** Changes what a part of the API answers, but for overrides and refusals; `undefined` ends that. */
  changeAnswers(part: ApiPart, change: ChangeBody | undefined): void;

  /** Decides what becomes of the messages that are sent from now on. Usually they are viewed in the end. */
  sentMessagesEnd(outcome: SendOutcome | undefined): void;
  /** How callbacks misbehave from now on, those that wait already too. */
  callbacksAs(faults: CallbackFaults | undefined): void;
}
