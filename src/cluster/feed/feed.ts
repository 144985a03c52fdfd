import type { AccountLine } from '../../api/lines';
import { AccountLines } from '../../channels/account-lines';
import { ErrorReporter } from '../../channels/error-reporter';
import type { ChatAppError } from '../../errors';
import type { SupervisorState } from '../../socket/supervisor';
import { Absences, type Absence } from './absences';
import { Channels, type ChannelsOptions } from './channels';
import type { LineChoice, Listener, Stop } from '../../inbox/listener';
import { Reception } from './reception';

export interface FeedOptions extends ChannelsOptions {
  readonly readLines: () => Promise<AccountLine[]>;
  /**
   * Present where several copies hear the same: whether this one leads. It then begins standing by: listeners get what
   * comes live, but nothing is fetched, and positions stay, until `takeOver`.
   */
  readonly leads?: () => boolean;
  /** What concerns the whole connection; once for each incident. */
  readonly onError: (error: ChatAppError) => void;
}

/** Brings events from the socket to listeners: one subscription for each channel, however many listen to it. */
export class Feed {
  readonly #channels: Channels;
  readonly #receptions = new Set<Reception>();
  readonly #absences: Absences;
  readonly #lines: AccountLines;

  constructor(
    private readonly options: FeedOptions,
    /** The last listener is gone. */
    private readonly onEmpty: () => void,
  ) {
    const reporter = new ErrorReporter(options.clock, options.onError);
    if (options.leads) options.positions.share(options.leads);
    this.#absences = new Absences(options.clock);
    this.#channels = new Channels(options, reporter, ({ receptions }) => this.#showAll(receptions));
    this.#lines = new AccountLines({
      ...options,
      read: options.readLines,
      onChange: () => this.#onLines(),
      onFailure: (error) => reporter.failed('lines', error),
      onSuccess: () => reporter.recovered('lines'),
    });
  }

  /** Adds a listener; throws RangeError where an id is malformed. One that was away under the same id first gets what came meanwhile. */
  add(listener: Listener): Stop {
    const fresh = new Reception(listener);
    const names = fresh.choice ? undefined : this.#namesOf(fresh);
    const away = this.#absences.end(listener.id);
    const reception = away?.reception ?? fresh;
    reception.listener = listener;
    this.#receptions.add(reception);
    if (names) {
      this.#join(reception, names, true);
      if (this.#lines.state.kind !== 'known') this.#onLines();
    } else if (reception.choice) this.#choose(reception, reception.choice, true);
    if (away) this.#comeBack(away);
    this.#watchLines();
    this.#show(reception);
    return (how = 'now') => {
      // A listener that came back under its id has made this one void.
      if (reception.listener !== listener || !this.#receptions.has(reception)) return;
      if (how === 'restarting') this.#goAway(reception);
      else this.#remove(reception, how === 'forGood');
    };
  }

  /** Removes every listener. */
  clear(): void {
    for (const reception of this.#receptions) this.#remove(reception, false);
  }

  /** The socket has changed its state: subscriptions follow it. */
  onSocket(state: SupervisorState): void {
    this.#channels.onSocket(state);
    this.#watchLines();
    this.#showAll(this.#receptions);
  }

  /**
   * True where this copy hears all that is wanted, and has since `time`, in ms since the epoch; or, without it, has
   * nothing to fetch from before either.
   */
  isWhole(time = -Infinity): boolean {
    const areLinesKnown = !this.#followsLines || this.#lines.state.kind === 'known';
    return this.#receptions.size > 0 && areLinesKnown && this.#channels.areWhole(time);
  }

  /**
   * This copy leads from now on, `leads` being true: goes on from the saved positions, and fetches what all copies have
   * missed. Rejects, with nothing changed, where the positions cannot be read.
   * @param heardBy since when what listeners were given is certain to be kept, in ms since the epoch. What was given
   *   before may have got nowhere: it is given again where the history has it and the saved positions have not.
   * @returns the channels that are heard, but not since then, each with a promise. What is fetched for them goes before
   *   anything live that a listener was given or still is: that is for the caller to keep, until the promise settles.
   *   All is fetched then, or 30 s are over, or nobody wants the channel any more, or this copy stands by again.
   */
  async takeOver(heardBy: number): Promise<ReadonlyMap<string, Promise<void>>> {
    await this.options.positions.takeOver(Math.floor(heardBy / 1_000));
    return this.#channels.takeOver(heardBy);
  }

  /** Another copy leads from now on: gives up what is being fetched, with the positions where they are. */
  standBy(): void {
    this.options.positions.standBy();
    this.#channels.standBy();
  }

  onSubscribed(channel: string): void {
    this.#channels.get(channel)?.confirm();
  }

  onRefused(channel: string): void {
    this.#channels.get(channel)?.refuse();
  }

  /** True where somebody wants this event. The channel counts as heard either way. */
  isWanted(channel: string, event: string): boolean {
    return this.#channels.get(channel)?.hears(event) ?? false;
  }

  onEvent(channel: string, event: string, data: unknown): void {
    this.#channels.get(channel)?.receive(event, data);
  }

  /** The channel of a listener that chooses a single one. */
  #namesOf(reception: Reception): ReadonlySet<string> {
    try {
      return new Set([reception.channelName]);
    } catch (error) {
      // Ids that are none: nobody may have come.
      if (this.#receptions.size === 0) this.onEmpty();
      throw error;
    }
  }

  /** Keeps the listener's place, and what comes for it, for a while. */
  #goAway(reception: Reception): void {
    reception.leave();
    for (const name of reception.channels) this.#channels.get(name)?.leaveOpen();
    this.#absences.begin(reception, () => this.#remove(reception, false));
  }

  #comeBack({ reception, channels }: Absence): void {
    reception.comeBack();
    for (const name of channels) this.#channels.get(name)?.settle();
  }

  #remove(reception: Reception, isForgotten: boolean): void {
    const away = this.#absences.end(reception.id);
    this.#receptions.delete(reception);
    for (const name of reception.channels) this.#channels.leave(reception, name, isForgotten);
    for (const name of away?.channels ?? []) this.#channels.get(name)?.settle();
    this.#watchLines();
    if (this.#receptions.size === 0) this.onEmpty();
  }

  /** True where somebody's channels follow from the account's lines. */
  get #followsLines(): boolean {
    return [...this.#receptions].some(({ choice }) => choice);
  }

  /** Reads the account's lines while there is a socket and someone whose channels follow from them. */
  #watchLines(): void {
    if (this.#followsLines && this.#channels.socket.kind === 'open') this.#lines.start();
    else this.#lines.stop();
  }

  #onLines(): void {
    for (const reception of this.#receptions) {
      if (!reception.choice) continue;
      this.#choose(reception, reception.choice, false);
      this.#show(reception);
    }
  }

  #choose(reception: Reception, choice: LineChoice, isNew: boolean): void {
    const { state } = this.#lines;
    if (state.kind === 'known') return this.#join(reception, reception.channelsAmong(state.lines, choice), isNew);
    // Before the lines are known, those count that others listen to: what comes for these must not pass this one by.
    const fitting = reception.fitting(this.#channels.lines, choice);
    this.#join(reception, new Set([...reception.channels, ...fitting]), isNew);
  }

  /** Makes `names` the channels of the listener: joins the new ones, all where it `isNew`, and leaves the old ones. */
  #join(reception: Reception, names: ReadonlySet<string>, isNew: boolean): void {
    const before = reception.channels;
    reception.channels = names;
    for (const name of names) if (isNew || !before.has(name)) this.#channels.join(reception, name);
    for (const name of before) if (!names.has(name)) this.#channels.leave(reception, name, true);
  }

  #showAll(receptions: Iterable<Reception>): void {
    for (const reception of receptions) this.#show(reception);
  }

  #show(reception: Reception): void {
    // Who has left is told nothing any more, not even that the channel is given up.
    if (!this.#receptions.has(reception)) return;
    const channels = [...reception.channels].flatMap((name) => this.#channels.get(name) ?? []);
    const recovered = channels.flatMap((channel) => channel.recovered ?? []);
    reception.show({
      socket: this.#channels.socket,
      subscriptions: channels.map(({ state }) => state),
      ...(recovered.length > 0 && { recovered: recovered.reduce((sum, count) => sum + count, 0) }),
      ...(reception.choice && { lines: this.#lines.state }),
    });
  }
}
