import type { AccountLine, Line } from '../api/lines';
import type { LineNaming } from '../channels/line-names';
import { ErrorReporter } from '../channels/error-reporter';
import { ChatAppError } from '../errors';
import type { EventKey, EventSource } from '../events';
import type { ChannelHealth } from '../health';
import { runInBackground } from '../log';
import type { SocketReceiver } from '../socket/socket';
import type { SupervisorState } from '../socket/supervisor';
import type { Callbacks } from '../webhook/callbacks';
import type { CallbackOutcome as CallbackOutcome } from '../webhook/webhook-receiver';
import { channelHealthOf } from './channel-health';
import { Channels, type ChannelsOptions } from './channels';
import { ChosenChannels } from './chosen-channels';
import { CrossSourceDeduplicator } from './cross-source-deduplicator';
import { InboxState, type InboxStateOptions } from './inbox-state';
import { DeadLetterBox } from './dead-letter-box';
import type { Delivery } from './delivery';
import type { Listener, Stop } from './listener';
import { MissingEvents } from './missing-events';
import type { OwnState } from './own-state';
import { StatusUpdates } from './status-updates';
import type { Subscriber } from './subscriber';
import { Subscribers, type SubscribersOptions } from './subscribers';

/** By how much ChatApp's time may differ as two instances know it, in s. */
const TIME_TOLERANCE = 5;

export interface InboxOptions
  extends
    Omit<ChannelsOptions, OwnOptions>,
    Pick<
      InboxStateOptions,
      'records' | 'isShared' | 'ownRecords' | 'scope' | 'earlierPositions' | 'findAccount' | 'retention' | 'onNotice'
    > {
  readonly readLines: () => Promise<AccountLine[]>;
  readonly makeQueue: SubscribersOptions['makeQueue'];
  readonly errors: SubscribersOptions['errors'];
  /** True while nothing can be stored: the statuses show it. */
  readonly isUnstored: () => boolean;
  /** What concerns the whole connection; once for each incident. */
  readonly onError: (error: ChatAppError) => void;
  /** The last subscriber is gone. */
  readonly onEmpty: () => void;
}

/** What the inbox gives its channels itself. */
type OwnOptions =
  | 'gaps'
  | 'seenChats'
  | 'accountLines'
  | 'reporter'
  | 'deduplicator'
  | 'crossSource'
  | 'store'
  | 'unsecured'
  | 'bursts'
  | 'onSecured'
  | 'onSubscriber'
  | 'onState';

/** Brings each event of each source to all subscribers that want it, once, across deploys and restarts. */
export class Inbox implements SocketReceiver {
  readonly #state: InboxState;
  readonly #subscribers: Subscribers;
  readonly #missingEvents: MissingEvents;
  readonly #channels: Channels;
  readonly #chosen: ChosenChannels;
  readonly #statuses: StatusUpdates;
  #opening: Promise<void> | undefined;
  /** True once it is known what an earlier run has left: before that, nothing is received. */
  #isOpen = false;
  /** False while another instance records what is received. */
  #isRecording: boolean;
  #socket: SupervisorState = { kind: 'idle' };
  readonly deadLetters: DeadLetterBox;

  constructor(private readonly options: InboxOptions) {
    const { clock, webhook, isShared, onError } = options;
    this.#isRecording = !isShared;
    const reporter = new ErrorReporter(clock, onError);
    this.#state = new InboxState({ ...options, hasWebhooks: webhook !== undefined });
    const { store, gaps, seenChats, deduplicator, unsecured, bursts } = this.#state;
    this.#missingEvents = new MissingEvents({
      ...options,
      store,
      hasWebhook: (name) => this.#channels.get(name)?.hasWholeWebhook ?? false,
    });
    // Not while `resume` reads what another instance has written: it begins all channels afterwards.
    const mayRecord = (): boolean => this.#isRecording && options.mayRecord();
    this.#channels = new Channels({
      ...options,
      mayRecord,
      reporter,
      gaps,
      seenChats,
      accountLines: async () => (await options.readLines()).filter(({ isInactive }) => !isInactive),
      deduplicator,
      crossSource: new CrossSourceDeduplicator(clock),
      store,
      unsecured,
      bursts,
      onSecured: (accepted) => this.#state.storeKeys(accepted),
      onSubscriber: (subscriber) => this.#subscribers.save(subscriber),
      onState: ({ inbox }) => inbox.subscribers.forEach((subscriber) => this.#statuses.showSoon(subscriber)),
    });
    this.#chosen = new ChosenChannels({
      ...options,
      channels: this.#channels,
      subscribers: () => this.#subscribers.present,
      onChange: (subscriber) => this.#statuses.show(subscriber),
      onFailure: (error) => reporter.failed('lines', error),
      onSuccess: () => reporter.recovered('lines'),
    });
    this.#subscribers = new Subscribers({
      ...options,
      mayRecord,
      state: this.#state,
      channels: this.#channels,
      chosen: this.#chosen,
      onAttached: (subscriber) => this.#statuses.show(subscriber),
      onChange: () => this.#watchLines(),
      onDropped: (count) => this.#reportDropped(count),
    });
    this.deadLetters = new DeadLetterBox(store, (id) => this.#subscribers.find(id), clock);
    this.#statuses = new StatusUpdates({
      ...options,
      channels: this.#channels,
      chosen: this.#chosen,
      subscribers: this.#subscribers,
      socket: () => this.#socket,
    });
  }

  /** Fetches what the channel misses, or all channels do, now instead of at the next try. */
  fetchMissing(channel?: string): void {
    for (const one of this.#channels.all) if (channel === undefined || one.name === channel) one.fetchMissing();
  }

  /** Present if events come by webhook. */
  get callbacks(): Callbacks | undefined {
    return this.#channels.callbacks;
  }

  /** Resolves when it is known what an earlier run has left. Webhooks have to wait for it. */
  ready(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /**
   * Adds a listener, or goes on with the one that was there under its id.
   * @throws RangeError if an id is malformed
   */
  add(listener: Listener): Stop {
    try {
      const stop = this.#subscribers.add(listener);
      runInBackground(this.ready(), this.options.log, 'Opening the inbox');
      return stop;
    } catch (error) {
      // Its ids are malformed: perhaps nobody listens.
      if (this.#subscribers.isEmpty) this.options.onEmpty();
      throw error;
    }
  }

  /** The socket has changed its state: subscriptions follow it. */
  onSocket(state: SupervisorState): void {
    this.#socket = state;
    if (state.kind !== 'open') this.#missingEvents.onClosed();
    if (this.#isOpen) {
      this.#followSocket();
      if (state.kind === 'open') runInBackground(this.#checkAccount(), this.options.log, 'Checking the account');
    }
    this.showAll();
  }

  /** @param namingOf what the account calls a line */
  channelHealth(namingOf: (line: Line) => LineNaming | undefined): ChannelHealth[] {
    const { clock } = this.options;
    return this.#channels.all.flatMap((channel) => {
      const { line } = channel.inbox;
      const gap = this.#state.gaps.get(channel.name);
      return channelHealthOf(channel, { gap, naming: line && namingOf(line), clock }) ?? [];
    });
  }

  /** Those that listen. */
  get subscribers(): Subscriber[] {
    return this.#subscribers.present;
  }

  /** What all statuses follow from has changed. */
  showAll(): void {
    for (const subscriber of this.#subscribers.present) this.#statuses.show(subscriber);
  }

  onSubscribed(channel: string): void {
    this.#channels.get(channel)?.confirm();
    this.#reportMissing();
  }

  onRefused(channel: string): void {
    this.#channels.get(channel)?.refuse();
  }

  /** True if somebody wants this event. */
  isWanted(channel: string, event: string): boolean {
    return this.#channels.get(channel)?.isWanted(event) ?? false;
  }

  onEvent(name: string, event: string, data: unknown): void {
    const channel = this.#channels.get(name);
    channel?.inbox.receive(event, data, 'socket', channel.mayComeByWebhook);
  }

  /** All that was sent before this ping, in ms (monotonic), has arrived. The API may not have answered yet. */
  onAlive(pingedAt: number): void {
    if (this.#isRecording && this.options.mayRecord()) this.#state.receivedUntil(pingedAt);
    this.#missingEvents.onAlive(pingedAt);
  }

  /** What happens to a callback for this line. */
  hasLine(line: Line): CallbackOutcome {
    if (this.#channels.ofLine(line)) return 'taken';
    return this.#chosen.areUnknown || this.#subscribers.isEmpty ? 'notYet' : 'unknown';
  }

  /** Takes what a callback brought. Resolves when no crash can lose it any more. */
  async receiveCallback(line: Line, body: unknown): Promise<CallbackOutcome> {
    const outcome = this.hasLine(line);
    await this.#channels.ofLine(line)?.receiveCallback(body);
    return outcome;
  }

  /** Drops what waits for listeners that were removed while nobody was there to notice; it is reported by count. */
  async forgetMissing(isThere: (listener: string) => boolean): Promise<void> {
    await this.ready();
    this.#reportDropped(await this.#state.forgetMissing((id) => this.#subscribers.has(id) || isThere(id)));
  }

  /** Writes what must be remembered. Resolves when it is safe to end the process. */
  async flush(): Promise<void> {
    await this.#subscribers.store();
    await this.#state.flush();
  }

  /** Ends listening. What is pending is stored, and the callbacks stay as they are. */
  async close(): Promise<void> {
    this.callbacks?.stop();
    this.#statuses.stop();
    await this.#subscribers.close();
    await this.#state.close();
    if (this.options.mayRecord()) await this.#missingEvents.stop();
    this.options.onEmpty();
  }

  /**
   * From now on this inbox records what is received; until now another instance did, in the same store. What neither has
   * received is fetched.
   * @param until all that the other instance had received until then, in unix seconds, needs no fetching
   * @throws StorageError if the store cannot be read
   */
  async resume(until: number): Promise<void> {
    await this.ready();
    const { gaps } = this.#state;
    await this.#state.reload((channel, time) => this.#wasSubscribedSince(channel, time), until);
    this.#isRecording = true;
    for (const subscriber of this.#subscribers.present) {
      this.#state.restore(subscriber);
      // Since when it listens is lost if this instance did not record any more when it began.
      this.#subscribers.save(subscriber);
    }
    const { receivedUntil } = gaps;
    const isReceived = (name: string): boolean => this.#wasSubscribedSince(name, receivedUntil ?? Infinity);
    if (!this.#channels.names.some(isReceived)) this.#missingEvents.begin(receivedUntil);
    this.#channels.setRecording(true);
    if (this.#channels.names.some((name) => this.#channels.get(name)?.isSubscribed)) this.#reportMissing();
  }

  /** From now on another instance records what is received. */
  pause(): void {
    this.#isRecording = false;
    this.#channels.setRecording(false);
    this.#missingEvents.forget();
  }

  /** Another instance has accepted this event. False if this inbox has accepted it, too. */
  noteAccepted(channel: string, event: string, key: EventKey, source: EventSource): boolean {
    const isNew = this.#state.deduplicator.add(channel, event, key, source);
    if (isNew) this.#state.storeKeys({ channel, event, source, keys: [key] });
    return isNew;
  }

  /** The records that this instance does not share with others, if it has some, and shares its other records. */
  get own(): OwnState | undefined {
    return this.#state.own;
  }

  /** Takes back an accepted event that has to wait for older ones, which are being fetched. False if it has not. */
  takeBack(delivery: Delivery): boolean {
    return this.#channels.get(delivery.channel)?.inbox.takeBack(delivery) ?? false;
  }

  async #open(): Promise<void> {
    await this.#state.open();
    this.#missingEvents.begin(this.#state.gaps.receivedUntil);
    await this.#subscribers.open();
    this.#isOpen = true;
    this.#followSocket();
    this.showAll();
  }

  /** Starts over if it turns out only now that what was stored belongs to another account. */
  async #checkAccount(): Promise<void> {
    if (!(await this.#state.isOtherAccount())) return;
    await this.#state.clear();
    this.#subscribers.clear();
  }

  /** True if this instance has received the channel since this time, in unix seconds, all the time. */
  #wasSubscribedSince(channel: string, time: number): boolean {
    const { serverTime, mayRecord, clock } = this.options;
    const at = clock.monotonic() - (serverTime() - time + TIME_TOLERANCE) * 1_000;
    return mayRecord() && (this.#channels.get(channel)?.wasSubscribedSince(at) ?? false);
  }

  #reportMissing(): void {
    if (this.options.hours > 0 && this.#isRecording) this.#missingEvents.onSubscribed(this.#subscribers.present);
  }

  #followSocket(): void {
    this.#channels.onSocket(this.#socket);
    this.#watchLines();
  }

  #reportDropped(count: number): void {
    if (count > 0) this.options.onError(ChatAppError.of('RECOVERY_FAILED', 'removed', { count }));
  }

  #watchLines(): void {
    this.#chosen.watch(this.#channels.socket.kind === 'open' || (this.callbacks !== undefined && this.#isOpen));
  }
}
