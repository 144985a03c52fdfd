import { ApiError } from '../../src/api/api-error';
import type { CallbackUrl } from '../../src/api/callback-urls';
import type { Line } from '../../src/api/lines';
import type { ChatAppError } from '../../src/errors';
import { lineText, type CallbackState } from '../../src/webhook/callback-state';
import { Callbacks, type CallbacksOptions } from '../../src/webhook/callbacks';
import { nameOf } from './errors';
import { FakeClock } from './fake-clock';

export const BASE = 'https://flows.test/chatapp/callback/main';
export const SECRET = 'x'.repeat(43);
export const TELEGRAM = { licenseId: '50101', messengerType: 'telegram' } as const;
export const WHATSAPP = { licenseId: '50101', messengerType: 'grWhatsApp' } as const;

/** Our address for a line. */
export const address = ({ licenseId, messengerType }: Line, base = BASE, secret = SECRET): string =>
  `${base}/${secret}/${licenseId}/${messengerType}`;

/** ChatApp's list of callback URLs, and all that was asked of it. */
export class WebhookStub {
  readonly clock: FakeClock;
  /** By the line's text. */
  readonly urls = new Map<string, CallbackUrl>();
  readonly asked: string[] = [];
  readonly states: string[] = [];
  readonly errors: ChatAppError[] = [];
  readonly log: string[] = [];
  /** How often the look at the list has succeeded. */
  looks = 0;
  /** Why the list cannot be read, an address not be set, or not be removed. */
  unread: Error | undefined;
  unset: Error | undefined;
  unremoved: Error | undefined;
  /** The events that ChatApp sends by webhook; undefined: any. */
  offered: readonly string[] | undefined;
  /** What an answer waits for. */
  gate: Promise<void> = Promise.resolve();
  readonly callbacks: Callbacks;

  constructor(options: Partial<CallbacksOptions> = {}) {
    this.clock = options.clock instanceof FakeClock ? options.clock : new FakeClock();
    const write = (line: string): void => void this.log.push(line);
    this.callbacks = new Callbacks({
      ...this.api,
      clock: this.clock,
      random: () => 0.5,
      receive: 'webhook',
      log: { debug: write, info: write, warn: write },
      onState: (line, state) => this.states.push(`${line.messengerType} ${reported(state)}`),
      onFailure: (error) => this.errors.push(error),
      onSuccess: () => (this.looks += 1),
      ...options,
    });
  }

  /** What asks ChatApp. */
  get api(): Pick<CallbacksOptions, 'baseUrl' | 'secret' | 'read' | 'set' | 'remove'> {
    return {
      baseUrl: BASE,
      secret: () => Promise.resolve(SECRET),
      read: async () => {
        this.asked.push('GET');
        await this.gate;
        if (this.unread) throw this.unread;
        return [...this.urls.values()];
      },
      set: async (callback) => {
        this.asked.push(`PUT ${callback.messengerType}`);
        await this.gate;
        if (this.unset) throw this.unset;
        const { offered = callback.events } = this;
        if (callback.events.some((event) => !offered.includes(event))) throw unknownEvent();
        this.urls.set(lineText(callback), callback);
      },
      remove: async (line) => {
        this.asked.push(`DELETE ${line.messengerType}`);
        await this.gate;
        if (this.unremoved) throw this.unremoved;
        this.urls.delete(lineText(line));
      },
    };
  }

  /** Somebody else has set this address. */
  plant(line: Line, url = 'https://u:pass@crm.test/hook?key=1', events: readonly string[] = ['message']): void {
    this.urls.set(lineText(line), { ...line, url, events });
  }

  urlOf(line: Line): string | undefined {
    return this.urls.get(lineText(line))?.url;
  }

  /** Advances the clock; returns the requests made since. */
  async pass(ms: number): Promise<string[]> {
    const before = this.asked.length;
    await this.clock.pass(ms);
    return this.asked.slice(before);
  }
}

function unknownEvent(): ApiError {
  const error = { code: 'ApiValidationError', message: 'The selected events.0 is invalid.' };
  return ApiError.refused('/v1/licenses/50101/messengers/telegram/callbackUrl', { status: 422, body: { error } });
}

function reported(state: CallbackState): string {
  return 'error' in state ? `${state.kind} ${nameOf(state.error)}` : state.kind;
}
