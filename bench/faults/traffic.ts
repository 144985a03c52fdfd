import type { Simulator } from '../../simulator';
import { numbered, type NumberedEvent } from './numbers';
import type { Tally } from './tally';

/** One message every 50 ms. */
const EVERY = 50;
const CHATS = ['77000000001', '77000000002'];

/** Numbered events on every line of a simulator: 20 messages, 5 tags and 5 statuses a second. */
export class Traffic {
  readonly #simulator: Simulator;
  readonly #tally: Tally;
  readonly #lines: readonly { readonly licenseId: number; readonly messengerType: string }[];
  #timer: NodeJS.Timeout | undefined;
  #number = 0;

  constructor(simulator: Simulator, tally: Tally) {
    this.#simulator = simulator;
    this.#tally = tally;
    this.#lines = linesOf(simulator);
  }

  /** How many events were announced. */
  get count(): number {
    return this.#number;
  }

  /** A busy machine thins the traffic out: else it would announce more than it can deliver. */
  start(): void {
    let ticks = 0;
    this.#timer = setInterval(() => {
      this.#tick(ticks);
      ticks += 1;
    }, EVERY);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** So many messages at once, spread over all chats. */
  burst(count: number): void {
    for (let index = 0; index < count; index += 1) this.#announce('message', index);
  }

  #tick(tick: number): void {
    this.#announce('message', tick);
    if (tick % 4 === 1) this.#announce('chatTag', (tick - 1) / 4);
    if (tick % 4 === 3) this.#announce('messageStatus', (tick - 3) / 4);
  }

  /** `turn` walks through the lines first, then through the chats. */
  #announce(event: NumberedEvent, turn: number): void {
    const line = this.#lines[turn % this.#lines.length];
    const chat = CHATS[Math.floor(turn / this.#lines.length) % CHATS.length];
    if (!line || chat === undefined) throw new Error('The account has no line');
    const channel = channelOf(line);
    const at = Date.now();
    const number = this.#number;
    this.#number += 1;
    this.#tally.announced({ number, event, channel, chat: `${channel} ${chat}`, at });
    const text = numbered(number);
    if (event === 'message') this.#simulator.message({ ...line, chat, text });
    else
      this.#simulator.announce(channel, event, { data: [itemOf(event, chat, text)], meta: { type: event, ...line } });
  }
}

/** Every messenger of every line. */
function linesOf({ account }: Simulator): { licenseId: number; messengerType: string }[] {
  return account.licenses.flatMap(({ licenseId, messenger }) =>
    messenger.map(({ type }) => ({ licenseId, messengerType: type })),
  );
}

/** The messenger channels of a simulator's account. */
export function channelsOf(simulator: Simulator): string[] {
  return linesOf(simulator).map(channelOf);
}

function channelOf({ licenseId, messengerType }: { licenseId: number; messengerType: string }): string {
  return `private-v1.licenses.${licenseId}.messengers.${messengerType}`;
}

function itemOf(event: 'chatTag' | 'messageStatus', chatId: string, text: string): object {
  const chat = { id: chatId };
  return event === 'chatTag'
    ? { type: 'add', tag: { id: 8, name: text, color: 'aa00bb', sort: 10, category: null }, chat }
    : { id: text, internalId: null, type: 'delivered', time: Math.floor(Date.now() / 1000), chat, fromApp: null };
}
