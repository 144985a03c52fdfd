import type { ChatAppError } from '../../src/errors';
import type { Delivery } from '../../src/inbox/delivery';
import type { ChannelChoice, ItemFilter, Listener } from '../../src/inbox/listener';
import type { Status } from '../../src/status';
import { Changes } from './changes';
import { nameOf } from './errors';

/** A listener that records what it gets. */
export class ListenerSpy implements Listener {
  readonly events: readonly string[];
  readonly direction: ItemFilter['direction'];
  readonly keepStatuses?: boolean;
  readonly ignoreApp?: string;
  readonly id?: string;
  readonly ack?: 'sent' | 'done';
  readonly deliveries: Delivery[] = [];
  readonly statuses: Status[] = [];
  readonly errors: ChatAppError[] = [];
  readonly #changes = new Changes();

  constructor(
    readonly channel: ChannelChoice,
    {
      events = [],
      direction = 'any',
      keepStatuses,
      ignoreApp,
      id,
      ack,
    }: Partial<ItemFilter> & Pick<Listener, 'id' | 'ack'> = {},
  ) {
    if (id !== undefined) this.id = id;
    if (ack !== undefined) this.ack = ack;
    this.events = events;
    this.direction = direction;
    if (keepStatuses !== undefined) this.keepStatuses = keepStatuses;
    if (ignoreApp !== undefined) this.ignoreApp = ignoreApp;
  }

  onItem(delivery: Delivery): void {
    this.deliveries.push(delivery);
    this.#changes.happened();
  }

  onStatus(status: Status): void {
    this.statuses.push(status);
    this.#changes.happened();
  }

  onError(error: ChatAppError): void {
    this.errors.push(error);
    this.#changes.happened();
  }

  get status(): Status | undefined {
    return this.statuses.at(-1);
  }

  /** The kinds of status so far, in order. */
  get kinds(): string[] {
    return this.statuses.map(({ kind }) => kind);
  }

  /** The errors so far, as `CODE.reason`. */
  get codes(): string[] {
    return this.errors.map(nameOf);
  }

  get items(): unknown[] {
    return this.deliveries.map(({ item }) => item);
  }

  /** Resolves once `holds`. */
  until(holds: (spy: this) => boolean): Promise<void> {
    return this.#changes.until(
      () => holds(this),
      () => ({ kinds: this.kinds, codes: this.codes, items: this.items.length }),
    );
  }
}
