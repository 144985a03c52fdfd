import type { Listener } from '../../src/inbox/listener';
import type { PendingEvent } from '../../src/inbox/pending-event';
import { Subscriber } from '../../src/inbox/subscriber';
import { nameOf } from './errors';
import { fakeQueue } from './fake-queue';

/** A subscriber whose queue keeps what it gets until the test says that it was delivered. */
export class Reader {
  readonly events: PendingEvent[] = [];
  readonly errors: string[] = [];
  readonly subscriber: Subscriber;

  constructor(settings: Partial<Listener> = {}, onAdd: () => void = () => undefined) {
    const listener: Listener = {
      channel: { type: 'messenger', licenseId: '50101', messengerType: 'telegram' },
      events: [],
      direction: 'any',
      onItem: () => undefined,
      onStatus: () => undefined,
      onError: (error) => this.errors.push(nameOf(error)),
      ...settings,
    };
    const add = (event: PendingEvent): void => {
      this.events.push(event);
      onAdd();
    };
    this.subscriber = new Subscriber(listener, fakeQueue(add));
  }

  get ids(): unknown[] {
    return this.events.map(({ delivery }) => delivery?.item.id);
  }

  /** All that it has got is delivered. */
  deliver(): void {
    for (const { onSecured } of this.events) onSecured?.();
  }
}
