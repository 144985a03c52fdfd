import type { PendingEvent } from '../../src/inbox/pending-event';
import type { SubscriberQueue } from '../../src/inbox/subscriber';

/** Makes a queue that only takes events. */
export function fakeQueue(add: (event: PendingEvent) => void = () => undefined): () => SubscriberQueue {
  const nothing = (): void => undefined;
  return () => ({
    add,
    attach: nothing,
    detach: nothing,
    clear: () => 0,
    store: () => Promise.resolve(),
    close: nothing,
  });
}
