import { Harness } from '../harness';

const ENDS_WITHIN = 120_000;

export interface Work {
  /** How long a flow handles an event, in ms. */
  readonly handleMs: number;
  /** As many at the same time as the flow gets. */
  readonly isParallel: boolean;
  readonly messages: number;
  /** More than the instances can handle. */
  readonly perSecond: number;
}

/** How many messages a second so many instances handle, while there is always one that waits. */
export async function throughput(instances: number, { messages, perSecond, ...work }: Work): Promise<number> {
  const harness = await Harness.start({ instances, servers: 1, chats: 2_000, ...work });
  try {
    const flow = harness.traffic.flow({ count: messages, perSecond });
    // What was handled before the queue is full does not count.
    await harness.until(() => harness.tally.done > messages / 10, ENDS_WITHIN);
    const from = { done: harness.tally.done, at: performance.now() };
    await harness.until(() => harness.tally.done > messages * 0.8, ENDS_WITHIN);
    const rate = ((harness.tally.done - from.done) / (performance.now() - from.at)) * 1_000;
    await flow;
    return rate;
  } finally {
    await harness.close();
  }
}
