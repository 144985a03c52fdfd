import type { ConsumerInfo, JsMsg } from '@nats-io/jetstream';
import { pause, type Timer } from '../clock';
import { within } from '../deadline';
import type { DeliveryQueue } from '../delivery/delivery-queue';
import type { PendingStore } from '../inbox/pending-event';
import { runInBackground, type Log } from '../log';
import { EventReceiver, type EventReceiverOptions, type ReceivedEvent } from './event-receiver';
import { HeldEvents, type Held } from './held-events';
import { ACK_WAIT, type MemberObserver, type Members } from './members';
import type { ReadyNats } from './nats-client';
import { ensureConsumer, findConsumer, PartitionConsumer } from './partition-consumer';
import { Resequencer } from './resequencer';
import { WaitingReport, type WaitingReportOptions } from './waiting-report';

/** How often the wait of NATS for events that are being handled is extended, in ms. */
const WORKING_EVERY = 500;
/** How often the events that wait in NATS are counted, in ms. */
const LOOK_EVERY = 5_000;
const RETRY_AFTER = 1_000;
const ANSWER_WITHIN = 1_000;
/** After so long NATS has counted all acknowledgements that were sent, in ms. */
const SETTLED_AFTER = 50;
/** How long a partition that another member gets waits for what flows work on, in ms. */
const HAND_OVER_WITHIN = 5_000;

export interface ListenerConsumersOptions extends WaitingReportOptions, EventReceiverOptions {
  /** The consumers cannot be made or used; it is tried again. */
  readonly onFailure: (error: unknown) => void;
  readonly log: Log;
}

/** A partition that this instance claims. */
interface Claim {
  readonly partition: number;
  state: 'waiting' | 'open' | 'releasing';
  /** What was received for it goes this way to the queue. */
  readonly order: Resequencer;
  consumer?: PartitionConsumer;
  /** Resolves when another member may have it. */
  released?: Promise<void>;
}

type Queue = Pick<DeliveryQueue, 'add' | 'withdraw'>;

/** Receives the events of a listener from the partitions that this instance has, and adds them to the listener's queue. */
export class ListenerConsumers implements MemberObserver {
  readonly #claims = new Map<number, Claim>();
  readonly #held: HeldEvents;
  readonly #receiver: EventReceiver;
  readonly #report: WaitingReport;
  #queue: Queue | undefined;
  #leave: (() => void) | undefined;
  #timer: Timer | undefined;
  #isStopped = false;
  #lookedAt = -Infinity;

  constructor(
    private readonly nats: ReadyNats,
    private readonly members: Members,
    private readonly options: ListenerConsumersOptions,
  ) {
    this.#held = new HeldEvents(nats, { ...options, instance: members.id });
    this.#report = new WaitingReport(nats, this.#held, {
      ...options,
      onMissing: (partition) => {
        const claim = this.#claims.get(partition);
        if (claim) this.#openAgain(claim);
      },
    });
    this.#receiver = new EventReceiver(this.#held, members, options);
  }

  /** Where the queue removes and reads its events. */
  get store(): PendingStore {
    return this.#held;
  }

  /** Resolves when the durable consumers are there: all that is published from now on waits for the listener. */
  async prepare(): Promise<void> {
    try {
      await this.#findStream();
      await Promise.all(this.#partitions.map((partition) => this.#ensure(partition)));
    } catch (error) {
      this.options.onFailure(error);
      throw error;
    }
  }

  /** Receives from now on. @param queue its store has to be `store`, and it may deliver only while `members.isIn()` */
  start(queue: Queue): void {
    this.#queue = queue;
    this.#leave = this.members.join(this.options.listener, this.#receiver.filter, this);
    this.#tickLater();
  }

  /** The filter has another version now. */
  useFilter(version: number): void {
    this.#receiver.filter = version;
    if (this.#leave) this.#leave = this.members.join(this.options.listener, version, this);
  }

  /** Gives all partitions to the other members at once; flows may still work on events that these deliver again. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#held.end();
    this.#report.end();
    this.#receiver.end();
    await Promise.all([...this.#claims.values()].map((claim) => this.#release(claim, 0)));
    this.#timer?.cancel();
    this.#leave?.();
  }

  onChange(): void {
    const { listener } = this.options;
    if (this.#isStopped || !this.members.isIn()) return;
    const assigned = this.members.assigned(listener, this.nats.partitions);
    let isChanged = false;
    for (const claim of this.#claims.values()) {
      const { partition, state } = claim;
      if (!assigned.has(partition)) {
        if (state === 'waiting') isChanged = this.#claims.delete(partition);
        else if (state === 'open') this.#run(this.#release(claim, HAND_OVER_WITHIN), 'Handing over a partition');
      } else if (state === 'waiting' && this.members.mayConsume(listener, partition)) {
        claim.state = 'open';
        this.#run(this.#open(claim), 'Receiving events');
      }
    }
    for (const partition of assigned) {
      if (this.#claims.has(partition) || this.members.isClaimedByOther(listener, partition)) continue;
      this.#claims.set(partition, this.#claimOf(partition));
      isChanged = true;
    }
    if (isChanged) this.#writeClaims();
  }

  /** NATS gives to others what this instance has; flows finish what they work on. */
  onOut(): void {
    for (const { consumer, order } of this.#claims.values()) {
      this.#close(consumer);
      for (const sequence of order.clear()) this.#held.forget(sequence);
    }
    this.#claims.clear();
    this.#discard();
  }

  get #partitions(): number[] {
    return [...Array(this.nats.partitions).keys()];
  }

  #writeClaims(): void {
    this.members.claim(this.options.listener, [...this.#claims.keys()]);
  }

  /** True as long as this instance has the partition by this claim. */
  #isCurrent(claim: Claim): boolean {
    return this.#claims.get(claim.partition) === claim && claim.state !== 'waiting';
  }

  #ensure(partition: number): ReturnType<typeof ensureConsumer> {
    return ensureConsumer(this.nats, this.options.listener, partition, this.#held.partition(partition).handled);
  }

  async #open(claim: Claim): Promise<void> {
    const { partition } = claim;
    try {
      const { last_seq } = await this.#findStream();
      const { handled, waiting } = this.#held.partition(partition);
      const info = await this.#ensure(partition);
      if (await handled.own(last_seq)) waiting.begin();
      handled.raiseFloor(info.ack_floor.stream_seq);
      if (!this.#isCurrent(claim) || claim.state !== 'open') return;
      claim.order.begin(info);
      const receive = (message: JsMsg): void => this.#receive(message, claim);
      claim.consumer = new PartitionConsumer(this.nats, receive, () => this.#openAgain(claim), this.options.log);
      await claim.consumer.open(info);
    } catch (error) {
      this.options.onFailure(error);
      await pause(this.options.clock, RETRY_AFTER);
      this.#openAgain(claim);
    }
  }

  #close(consumer: PartitionConsumer | undefined): void {
    if (consumer) this.#run(consumer.close(), 'Ending to receive events');
  }

  #openAgain(claim: Claim): void {
    this.#close(claim.consumer);
    if (!this.#isCurrent(claim) || claim.state !== 'open') return;
    claim.state = 'waiting';
    this.onChange();
  }

  /** Gives a partition to another member. @param limit how long to wait for what flows work on, in ms */
  #release(claim: Claim, limit: number): Promise<void> {
    claim.released ??= this.#giveBackAll(claim, claim.state === 'open', limit);
    return claim.released;
  }

  async #giveBackAll(claim: Claim, isOpen: boolean, limit: number): Promise<void> {
    const { partition } = claim;
    claim.state = 'releasing';
    claim.order.stop();
    if (isOpen) await this.#giveBackHeld(claim, limit);
    if (this.#claims.get(partition) !== claim) return;
    this.#claims.delete(partition);
    this.#writeClaims();
    this.onChange();
  }

  async #giveBackHeld(claim: Claim, limit: number): Promise<void> {
    const { clock } = this.options;
    const { partition, order } = claim;
    await within(clock, ANSWER_WITHIN, claim.consumer?.close() ?? Promise.resolve()).catch(() => undefined);
    const waiting = new Set(this.#withdraw((held, isInFlight) => held.partition === partition && !isInFlight));
    const isWaiting = ([sequence]: [number, Held]): boolean => waiting.has(sequence) || order.has(sequence);
    await this.#held.until(() => this.#held.in(partition).every(isWaiting), limit);
    const { handled } = this.#held.partition(partition);
    // A flow works on these. A NATS that is killed forgets that it has delivered them.
    const begun = this.#withdraw((held) => held.partition === partition);
    for (const sequence of begun) handled.noteAttempt(sequence, Math.max(1, handled.attemptOf(sequence)));
    // Until this is answered, NATS would deliver to the old request what is given back.
    const isReached = (await this.#stateOf(partition)) !== undefined;
    if (!this.#isCurrent(claim)) return;
    const held = this.#held.in(partition);
    for (const [sequence, { message }] of held) {
      this.#held.forget(sequence);
      message.nak();
    }
    if (!isReached) return;
    // If NATS has sent more than was received, that is delivered again first. Acknowledgements take a moment to count.
    for (const wait of [0, SETTLED_AFTER, ACK_WAIT]) {
      if (wait > 0) await pause(clock, wait);
      if (((await this.#stateOf(partition))?.num_ack_pending ?? 0) <= held.length) break;
    }
    await handled.release().catch(() => undefined);
  }

  /** Undefined if NATS cannot be reached. */
  #stateOf(partition: number): Promise<ConsumerInfo | undefined> {
    const asked = findConsumer(this.nats, this.options.listener, partition);
    return within(this.options.clock, ANSWER_WITHIN, asked).catch(() => undefined);
  }

  #claimOf(partition: number): Claim {
    const order = new Resequencer({
      ...this.options,
      state: () => this.#stateOf(partition),
      countHeld: (last) => this.#held.in(partition).filter(([sequence]) => sequence <= last).length,
      onEvent: (event) => this.#add(event, claim),
    });
    const claim: Claim = { partition, state: 'waiting', order };
    return claim;
  }

  #add(event: ReceivedEvent, claim: Claim): void {
    if (this.#claims.get(claim.partition) !== claim) return this.#held.forget(event.sequence);
    this.#queue?.add(event);
    // Meanwhile, this instance may have noticed that it is out.
    if (this.#claims.get(claim.partition) !== claim) this.#discard();
  }

  /** Takes events out of the queue, not out of what is held. */
  #withdraw(isWithdrawn: (held: Held, isInFlight: boolean) => boolean): readonly number[] {
    const withdrawn = this.#queue?.withdraw((sequence, isInFlight) => {
      const held = this.#held.get(sequence);
      return held !== undefined && isWithdrawn(held, isInFlight);
    });
    return withdrawn ?? [];
  }

  /** Forgets what is in no partition of this instance, except what flows work on: they may still acknowledge it. */
  #discard(): void {
    const discarded = this.#withdraw(({ partition }, isInFlight) => !isInFlight && !this.#claims.has(partition));
    for (const sequence of discarded) this.#held.forget(sequence);
  }

  /** If the stream is another one, its sequences are, too. */
  async #findStream(): Promise<{ readonly first_seq: number; readonly last_seq: number }> {
    const { created, state } = await this.nats.manager.streams.info(this.nats.names.stream);
    if (!this.#held.belongTo(created)) {
      this.#queue?.withdraw(() => true);
      for (const { order } of this.#claims.values()) order.clear();
    }
    return state;
  }

  #receive(message: JsMsg, claim: Claim): void {
    // A process that was frozen must notice that here, before it takes the first event.
    if (!this.members.isIn() || !this.#isCurrent(claim)) return;
    claim.order.onDelivery(message.info.deliverySequence);
    const event = this.#receiver.take(message, claim.partition);
    if (event) claim.order.add(event);
  }

  #tickLater(): void {
    // Also while it stops: what is held until then must not be delivered again before it is given back.
    this.#timer = this.options.clock.after(WORKING_EVERY, () => {
      if (this.members.isIn()) this.#tick();
      this.#tickLater();
    });
  }

  #tick(): void {
    const now = this.options.clock.monotonic();
    // What failed meanwhile, in partitions that others have now, is delivered by them.
    this.#discard();
    this.#held.keep((partition) => this.#claims.has(partition));
    if (this.#isStopped) return;
    for (const { partition, state } of this.#claims.values()) {
      const { handled } = this.#held.partition(partition);
      if (state === 'open') this.#run(handled.saveAt(now), 'Storing what was handled');
    }
    if (now - this.#lookedAt < LOOK_EVERY) return;
    this.#lookedAt = now;
    this.#run(this.#look(), 'Looking what waits in NATS');
  }

  async #look(): Promise<void> {
    const state = await this.#findStream();
    await this.#report.look(state, (partition) => this.#claims.get(partition)?.state === 'open');
  }

  #run(task: Promise<unknown>, name: string): void {
    // What is wrong with NATS is reported by its client.
    const quiet = task.catch(() => this.options.log.debug(`${name} failed`));
    runInBackground(quiet, this.options.log, name);
  }
}
