import type { Simulator } from '../../../simulator';
import { isRecord } from '../../../simulator/json';
import { channelsOf } from '../traffic';

/** What a client must know to listen to a simulator. It can be written as JSON. */
export interface ClientSettings {
  readonly url: string;
  readonly socketUrl: string;
  readonly appKey: string;
  readonly accessToken: string;
  readonly email: string;
  readonly password: string;
  readonly appId: string;
  readonly channels: readonly string[];
  readonly tuning: Tuning;
}

/** Settings that only our own client has. */
export interface Tuning {
  /** In ms; default: as users have it. */
  readonly pingEvery?: number;
  readonly pongWithin?: number;
  /** Waits of a minute and more take so many times less. */
  readonly hurry?: number;
  /** By which ways events come; default: by the socket alone. */
  readonly receive?: 'both' | 'webhook';
  /** Of this machine, free: where callbacks come in. */
  readonly callbackPort?: number;
  /** Where it remembers beyond its end; default: in memory. */
  readonly folder?: string;
}

/** What a client tells of itself. */
export type Report =
  | { readonly kind: 'came'; readonly number: number; readonly at: number }
  /** Whether it believes that it is connected. */
  | { readonly kind: 'state'; readonly isUp: boolean }
  /** The code of an error that a flow would get. */
  | { readonly kind: 'error'; readonly code: string }
  /** What became of texts that it was to send. */
  | { readonly kind: 'sent'; readonly sentTexts: readonly SentText[] };

/** A text that was to be sent: ChatApp has it, or has not, or perhaps. */
export interface SentText {
  readonly text: string;
  readonly outcome: 'taken' | 'refused' | 'uncertain';
}

/** Where texts are to go, and which. */
export interface Letters {
  readonly licenseId: string;
  readonly messengerType: string;
  readonly chatId: string;
  readonly texts: readonly string[];
}

export type Tell = (report: Report) => void;

export function settingsFor(simulator: Simulator, tuning: Tuning): ClientSettings {
  const { url, socketUrl, appKey, account } = simulator;
  const { accessToken, email, password, appId } = account;
  return { url, socketUrl, appKey, accessToken, email, password, appId, channels: channelsOf(simulator), tuning };
}

/** The settings that a process was started with. */
export function readSettings(value: unknown): ClientSettings {
  const text = (name: string): string => {
    const found = isRecord(value) ? value[name] : undefined;
    if (typeof found !== 'string') throw new Error(`${name} is missing`);
    return found;
  };
  const { channels, tuning } = isRecord(value) ? value : {};
  return {
    url: text('url'),
    socketUrl: text('socketUrl'),
    appKey: text('appKey'),
    accessToken: text('accessToken'),
    email: text('email'),
    password: text('password'),
    appId: text('appId'),
    channels: Array.isArray(channels) ? channels.filter((channel) => typeof channel === 'string') : [],
    tuning: isRecord(tuning) ? tuning : {},
  };
}

export function isLetters(value: unknown): value is Letters {
  return isRecord(value) && typeof value.chatId === 'string' && Array.isArray(value.texts);
}

export function isReport(value: unknown): value is Report {
  if (!isRecord(value)) return false;
  if (value.kind === 'came') return typeof value.number === 'number' && typeof value.at === 'number';
  if (value.kind === 'sent') return Array.isArray(value.sentTexts);
  if (value.kind === 'state') return typeof value.isUp === 'boolean';
  return value.kind === 'error' && typeof value.code === 'string';
}
