import type { Style } from '../contract';
import { phpJson } from './wire';

export type Frame = Readonly<Record<string, unknown>>;

/** An answer of the app's HTTP API. */
export interface TriggerAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What differs between the two kinds of socket server. */
export interface Dialect {
  encode(frame: Frame): string;
  readonly pong: Frame;
  refused(channelName: string): Frame;
  event(channelName: string, event: string, data: unknown): Frame;
  unknownApp(key: string): Frame;
  /** The close code that follows `unknownApp`; undefined where the socket stays open. */
  readonly unknownAppCloses: number | undefined;
  /** What a client that does not ask for an upgrade gets. */
  readonly withoutUpgrade: number;
  /** The most that one event's data may hold, in bytes. */
  readonly dataLimit: number;
  readonly triggered: TriggerAnswer;
  readonly badSignature: TriggerAnswer;
  readonly badEvent: TriggerAnswer;
  readonly tooBig: TriggerAnswer;
  unknownAppId(appId: string): TriggerAnswer;
}

export const DIALECTS: Readonly<Record<Style, Dialect>> = {
  laravel: {
    encode: phpJson,
    pong: { event: 'pusher:pong' },
    refused: () => ({ event: 'pusher:error', data: { message: 'Invalid Signature', code: 4009 } }),
    event: (channel, event, data) => ({ channel, event, data }),
    unknownApp: (key) => ({
      event: 'pusher:error',
      data: { message: `Could not find app key \`${key}\`.`, code: 4001 },
    }),
    unknownAppCloses: undefined,
    withoutUpgrade: 426,
    dataLimit: 250 * 1024,
    triggered: { status: 200, body: {} },
    badSignature: { status: 401, body: { error: 'Invalid auth signature provided.' } },
    badEvent: { status: 422, body: { error: 'The event has no name, no channel or no data.' } },
    tooBig: { status: 413, body: { error: 'The event is too big.' } },
    unknownAppId: (appId) => ({ status: 401, body: { error: `Unknown app id \`${appId}\` provided.` } }),
  },
  // soketi 1.6.1 answers every one of these with HTTP status 200; the code in the body is the one that counts.
  soketi: {
    encode: (frame) => JSON.stringify(frame),
    pong: { event: 'pusher:pong', data: {} },
    refused: (channel) => ({
      event: 'pusher:subscription_error',
      channel,
      data: { type: 'AuthError', error: 'The connection is unauthorized.', status: 401 },
    }),
    event: (channel, event, data) => ({ event, channel, data }),
    unknownApp: (key) => ({ event: 'pusher:error', data: { code: 4001, message: `App key ${key} does not exist.` } }),
    unknownAppCloses: 4001,
    withoutUpgrade: 404,
    dataLimit: 100 * 1024,
    triggered: { status: 200, body: { ok: true } },
    badSignature: { status: 200, body: { error: 'The secret authentication failed', code: 401 } },
    badEvent: { status: 200, body: { error: 'The received data is incorrect', code: 400 } },
    tooBig: { status: 200, body: { error: 'The event data should be less than 100 KB.', code: 413 } },
    unknownAppId: (appId) => ({ status: 200, body: { error: `The app ${appId} could not be found.`, code: 404 } }),
  },
};
