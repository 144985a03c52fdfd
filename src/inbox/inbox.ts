import type { AccountLine, Line } from '../api/lines';
import { ErrorReporter } from '../channels/error-reporter';
import { ChatAppError } from '../errors';
import { runInBackground } from '../log';
import type { SocketHandlers } from '../socket/socket';
import type { SupervisorState } from '../socket/supervisor';
import type { Callbacks } from '../webhook/callbacks';
import type { Reception as CallbackOutcome } from '../webhook/door';
import { Channels, type ChannelsOptions } from './channels';
import { ChosenChannels } from './chosen-channels';
import { CrossSourceDeduplicator } from './cross-source-deduplicator';
import { InboxState, type InboxStateOptions } from './inbox-state';
import type { Listener, Stop } from './listener';
import { Members, type Member, type MembersOptions } from './members';
import { MissingEvents } from './missing-events';
import type { Subscriber } from './subscriber';

export interface InboxOptions
  extends
    Omit<ChannelsOptions, OwnOptions>,
    Pick<InboxStateOptions, 'records' | 'scope' | 'earlierPositions' | 'findAccount'> {
  readonly readLines: () => Promise<AccountLine[]>;
  readonly makeQueue: MembersOptions['makeQueue'];
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
  | 'onAccepted'
  | 'onChats'
  | 'onSubscriber'
  | 'onState';

/** Brings each event of each source to all subscribers that want it, once, across deploys and restarts. */
export class Inbox implements Omit<SocketHandlers, 'onEstablished' | 'onEnd'> {
  readonly #state: InboxState;
  readonly #members: Members;
  readonly #missingEvents: MissingEvents;
  readonly #channels: Channels;
  readonly #chosen: ChosenChannels;
  #opening: Promise<void> | undefined;
  /** True once it is known what an earlier run has left: before that, nothing is received. */
  #isOpen = false;
  #socket: SupervisorState = { kind: 'idle' };

  constructor(private readonly options: InboxOptions) {
    const { clock, webhook, onError } = options;
    const reporter = new ErrorReporter(clock, onError);
    this.#state = new InboxState({ ...options, hasWebhooks: webhook !== undefined });
    this.#members = new Members({ ...options, state: this.#state });
    const { store, gaps, seenChats, deduplicator } = this.#state;
    this.#missingEvents = new MissingEvents({
      ...options,
      store,
      hasWebhook: (name) => this.#channels.get(name)?.hasWholeWebhook ?? false,
    });
    this.#channels = new Channels({
      ...options,
      reporter,
      gaps,
      seenChats,
      accountLines: async () => (await options.readLines()).filter(({ isInactive }) => !isInactive),
      deduplicator,
      crossSource: new CrossSourceDeduplicator(clock),
      store,
      onAccepted: (accepted) => this.#state.accept(accepted),
      onChats: (channel, line, chats) => {
        gaps.addLine(channel, line);
        seenChats.add(channel, chats);
      },
      onSubscriber: (subscriber) => this.#members.save(subscriber),
      onState: ({ inbox }) => this.#showAll(inbox.subscribers),
    });
    this.#chosen = new ChosenChannels({
      ...options,
      channels: this.#channels,
      subscribers: () => this.#members.subscribers,
      onChange: (subscriber) => this.#show(subscriber),
      onFailure: (error) => reporter.failed('lines', error),
      onSuccess: () => reporter.recovered('lines'),
    });
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
    const member = this.#memberOf(listener);
    const { subscriber, queue } = member;
    runInBackground(this.ready(), this.options.log, 'Opening the inbox');
    queue.attach(listener);
    this.#show(subscriber);
    return (how = 'now') => {
      // A later listener with this id has taken its place.
      if (this.#members.find(subscriber.id) !== member || subscriber.listener !== listener) return;
      if (how === 'restarting') {
        queue.detach();
        subscriber.leaveForDeploy();
      } else {
        this.#reportRemoved(this.#remove(member, how === 'forGood'));
        if (how === 'disabled') this.#forget(subscriber);
        if (this.#members.isEmpty) this.options.onEmpty();
      }
    };
  }

  /** The socket has changed its state: subscriptions follow it. */
  onSocket(state: SupervisorState): void {
    this.#socket = state;
    if (state.kind !== 'open') this.#missingEvents.onClosed();
    if (this.#isOpen) {
      this.#followSocket();
      if (state.kind === 'open') runInBackground(this.#checkAccount(), this.options.log, 'Checking the account');
    }
    this.#showAll(this.#members.subscribers);
  }

  onSubscribed(channel: string): void {
    this.#channels.get(channel)?.confirm();
    if (this.options.hours > 0) this.#missingEvents.onSubscribed(this.#members.subscribers);
  }

  onRefused(channel: string): void {
    this.#channels.get(channel)?.refuse();
  }

  /** True if somebody wants this event. */
  isWanted(channel: string, event: string): boolean {
    return this.#channels.get(channel)?.isWanted(event) ?? false;
  }

  onEvent(channel: string, event: string, data: unknown): void {
    this.#channels.get(channel)?.receive(event, data);
  }

  /** The socket was alive when this ping was sent, in ms (monotonic): all that was sent before has arrived. */
  onAlive(pingedAt: number): void {
    this.#state.receivedUntil(pingedAt);
    this.#missingEvents.onAlive(pingedAt);
  }

  /** What happens to a callback for this line. */
  hasLine(line: Line): CallbackOutcome {
    if (this.#channels.ofLine(line)) return 'taken';
    return this.#chosen.areUnknown || this.#members.isEmpty ? 'notYet' : 'unknown';
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
    const count = await this.#state.forgetMissing((id) => this.#members.find(id) !== undefined || isThere(id));
    this.#reportRemoved(count);
  }

  /** Writes what must be remembered. Resolves when it is safe to end the process. */
  async flush(): Promise<void> {
    await this.#members.store();
    await this.#state.flush();
  }

  /** Ends listening. What is pending is stored, and the callbacks stay as they are. */
  async close(): Promise<void> {
    this.callbacks?.stop();
    for (const subscriber of this.#members.subscribers) this.#leaveAll(subscriber, false);
    const closed = this.#members.close();
    this.#watchLines();
    await closed;
    await this.#state.close();
    await this.#missingEvents.stop();
    this.options.onEmpty();
  }

  async #open(): Promise<void> {
    await this.#state.open();
    this.#missingEvents.begin(this.#state.gaps.receivedUntil);
    await this.#members.open();
    this.#isOpen = true;
    this.#followSocket();
    this.#showAll(this.#members.subscribers);
  }

  /** Starts over if it turns out only now that what was stored belongs to another account. */
  async #checkAccount(): Promise<void> {
    if (!(await this.#state.isOtherAccount())) return;
    await this.#state.clear();
    for (const { subscriber, queue } of this.#members.present) {
      const { channels } = subscriber;
      this.#chosen.join(subscriber, new Set());
      queue.clear();
      subscriber.forget();
      this.#chosen.join(subscriber, channels);
    }
  }

  #followSocket(): void {
    this.#channels.onSocket(this.#socket);
    this.#watchLines();
  }

  #memberOf(listener: Listener): Member {
    try {
      return this.#resumeOrBegin(listener);
    } catch (error) {
      // Its ids are malformed: perhaps nobody listens.
      if (this.#members.isEmpty) this.options.onEmpty();
      throw error;
    }
  }

  #resumeOrBegin(listener: Listener): Member {
    const known = this.#members.find(listener.id);
    if (known && isSameChannel(known.subscriber.listener, listener)) {
      this.#resume(known, listener);
      return known;
    }
    const names = ChosenChannels.namedBy(listener.channel);
    if (known) this.#remove(known, true);
    const member = this.#members.add(listener);
    this.#chosen.add(member.subscriber, names);
    this.#watchLines();
    return member;
  }

  #resume(member: Member, listener: Listener): void {
    const { subscriber } = member;
    subscriber.replace(listener, Math.floor(this.options.serverTime()));
    for (const name of subscriber.channels) this.#channels.update(name);
    if (this.#members.return(member)) this.#chosen.add(subscriber, ChosenChannels.namedBy(listener.channel));
    this.#watchLines();
    this.#members.save(subscriber);
  }

  /** Returns how many events were pending and are dropped. */
  #remove(member: Member, isForgotten: boolean): number {
    this.#leaveAll(member.subscriber, isForgotten);
    const count = isForgotten ? this.#members.forget(member) : 0;
    if (!isForgotten) this.#members.leave(member);
    this.#watchLines();
    return count;
  }

  /** It gets nothing of the time until it is back. */
  #forget(subscriber: Subscriber): void {
    subscriber.forget();
    this.#members.save(subscriber);
  }

  #reportRemoved(count: number): void {
    if (count > 0) this.options.onError(ChatAppError.of('RECOVERY_FAILED', 'removed', { count }));
  }

  #leaveAll(subscriber: Subscriber, isForgotten: boolean): void {
    for (const name of subscriber.channels) this.#channels.leave(subscriber, name, isForgotten);
    subscriber.channels = new Set();
  }

  #watchLines(): void {
    this.#chosen.watch(this.#channels.socket.kind === 'open' || (this.callbacks !== undefined && this.#isOpen));
  }

  #showAll(subscribers: Iterable<Subscriber>): void {
    for (const subscriber of subscribers) this.#show(subscriber);
  }

  #show(subscriber: Subscriber): void {
    // A subscriber that has left gets no status, not even while its channels are being closed.
    if (!this.#members.isPresent(subscriber)) return;
    const channels = [...subscriber.channels].flatMap((name) => this.#channels.get(name) ?? []);
    const recovered = channels.flatMap((channel) => channel.recovered ?? []);
    const { webhook } = this.options;
    subscriber.show({
      socket: this.#socket,
      subscriptions: channels.map(({ subscription }) => subscription),
      ...(webhook && { receive: webhook.receive, callbacks: channels.map(({ callback }) => callback) }),
      ...(recovered.length > 0 && { recovered: recovered.reduce((sum, count) => sum + count, 0) }),
      ...(subscriber.choice && { lines: this.#chosen.lines }),
    });
  }
}

function isSameChannel({ channel }: Listener, other: Listener): boolean {
  const parts = (choice: Listener['channel']): string => JSON.stringify(Object.entries(choice).sort());
  return parts(channel) === parts(other.channel);
}
