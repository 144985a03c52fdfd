import { setTimeout as wait } from 'node:timers/promises';
import type { Simulator } from '../../simulator';
import { numbered } from '../faults/numbers';
import type { Tally } from './tally';

/** How often messages are announced that are due, in ms. */
const EVERY = 10;
/** So many messages come to a chat at once, so that their order is put to the test. */
const AT_ONCE = 2;
const CONVERSATION = 40;
/** Of the account that the bench makes. */
export const LINE = { licenseId: 50101, messengers: ['grWhatsApp', 'caWhatsApp'] } as const;

export interface TrafficOptions {
  /** In how many chats messages are written. */
  readonly chats: number;
  /** In how many of them at a time: a conversation of 40 messages, and then in others. Default: in all. */
  readonly talking?: number;
  /** Each so many-th event has no key; 0 for none. @default 0 */
  readonly keylessEvery?: number;
}

/** Numbered messages in many chats. */
export class Traffic {
  #number = 0;

  constructor(
    private readonly simulator: Simulator,
    private readonly tally: Tally,
    private readonly options: TrafficOptions,
  ) {}

  /** Announces so many messages at a steady rate. Ends early where the signal says so. */
  async flow({ count, perSecond }: { count: number; perSecond: number }, signal?: AbortSignal): Promise<void> {
    const begun = performance.now();
    for (let sent = 0; sent < count && signal?.aborted !== true; await wait(EVERY)) {
      // A busy machine must not thin out the traffic.
      const due = Math.min(count, Math.ceil(((performance.now() - begun) / 1_000) * perSecond));
      for (; sent < due; sent += 1) this.#announce();
    }
  }

  /** Announces a message that does not count. */
  warm(): void {
    this.simulator.message({ licenseId: LINE.licenseId, messengerType: LINE.messengers[0], text: 'Is anyone there?' });
  }

  #announce(): void {
    const number = this.#number;
    this.#number += 1;
    const { chats, talking = chats } = this.options;
    const begun = Math.floor(number / (talking * CONVERSATION)) * talking;
    const turn = (begun + (Math.floor(number / AT_ONCE) % talking)) % chats;
    const messengerType = LINE.messengers[turn % LINE.messengers.length] ?? LINE.messengers[0];
    const chat = String(77_100_000_000 + turn);
    const { licenseId } = LINE;
    const sentAt = Number(process.hrtime.bigint() / 1_000n);
    const { keylessEvery = 0 } = this.options;
    const isKeyless = keylessEvery > 0 && number % keylessEvery === 0;
    // Messages that are fetched do not hold up events without a history: each kind has an order of its own.
    const order = `${messengerType} ${chat}${isKeyless ? ' tags' : ''}`;
    this.tally.announced({ number, chat: order, isKeyless, at: Date.now() });
    const text = numbered(number);
    if (!isKeyless) {
      this.simulator.message({ licenseId, messengerType, chat, text, sentAt });
      return;
    }
    const item = {
      type: 'add',
      tag: { id: 8, name: text, color: 'aa00bb', sort: 10, category: null },
      chat: { id: chat },
    };
    const channel = `private-v1.licenses.${licenseId}.messengers.${messengerType}`;
    const meta = { type: 'chatTag', licenseId, messengerType };
    this.simulator.announce(channel, 'chatTag', { data: [{ ...item, sentAt }], meta });
  }
}

/** The channels of the traffic. */
export const CHANNELS = LINE.messengers.map((type) => `private-v1.licenses.${LINE.licenseId}.messengers.${type}`);
