import type { AccountLine } from '../api/lines';
import { AccountLines, type AccountLinesOptions, type LinesState } from '../channels/account-lines';
import type { Channels } from './channels';
import { channelName } from '../events';
import type { ChannelChoice, LineChoice } from './listener';
import type { Subscriber } from './subscriber';

export interface ChosenChannelsOptions extends Omit<AccountLinesOptions, 'read' | 'onChange'> {
  readonly readLines: () => Promise<AccountLine[]>;
  readonly channels: Channels;
  readonly subscribers: () => readonly Subscriber[];
  /** The channels of a subscriber may have changed. */
  readonly onChange: (subscriber: Subscriber) => void;
}

/** Which channels each subscriber listens to: the one that it names, or those of the account's lines that fit. */
export class ChosenChannels {
  readonly #lines: AccountLines;

  constructor(private readonly options: ChosenChannelsOptions) {
    this.#lines = new AccountLines({ ...options, read: options.readLines, onChange: () => this.#onLines() });
  }

  get lines(): LinesState {
    return this.#lines.state;
  }

  /** True while it is not known whether somebody listens to a line that has no channel yet. */
  get areUnknown(): boolean {
    return this.#followLines && this.#lines.state.kind !== 'known';
  }

  /**
   * The channels that a choice names; `undefined` if they follow from the account's lines.
   * @throws RangeError if an id is malformed
   */
  static namedBy(choice: ChannelChoice): ReadonlySet<string> | undefined {
    if (choice.type !== 'messenger') return new Set([channelName(choice)]);
    const { licenseId, messengerType } = choice;
    if (!licenseId || !messengerType) return undefined;
    return new Set([channelName({ type: 'messenger', licenseId, messengerType })]);
  }

  add(subscriber: Subscriber, names: ReadonlySet<string> | undefined): void {
    if (names) {
      this.join(subscriber, names);
      if (this.#lines.state.kind !== 'known') this.#onLines();
    } else if (subscriber.choice) this.#choose(subscriber, subscriber.choice);
  }

  /** Reads the account's lines if there is a source of events and somebody whose channels follow from them. */
  watch(hasSource: boolean): void {
    if (hasSource && this.#followLines) this.#lines.start();
    else this.#lines.stop();
  }

  /** Makes `names` the channels of the subscriber. */
  join(subscriber: Subscriber, names: ReadonlySet<string>): void {
    const { channels } = this.options;
    const before = subscriber.channels;
    subscriber.channels = names;
    for (const name of names) if (!before.has(name)) channels.join(subscriber, name);
    for (const name of before) {
      if (names.has(name)) continue;
      subscriber.leave(name);
      channels.leave(subscriber, name, true);
    }
  }

  get #followLines(): boolean {
    return this.options.subscribers().some(({ choice }) => choice);
  }

  #onLines(): void {
    for (const subscriber of this.options.subscribers()) {
      if (!subscriber.choice) continue;
      this.#choose(subscriber, subscriber.choice);
      this.options.onChange(subscriber);
    }
  }

  #choose(subscriber: Subscriber, choice: LineChoice): void {
    const { state } = this.#lines;
    if (state.kind === 'known') return this.join(subscriber, subscriber.channelsAmong(state.lines, choice));
    // Before the lines are known, those count that others listen to: what comes for these is for this one too.
    const fitting = subscriber.fitting(this.options.channels.lines, choice);
    this.join(subscriber, new Set([...subscriber.channels, ...fitting]));
  }
}
