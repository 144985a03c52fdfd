import { setTimeout as wait } from 'node:timers/promises';
import { Harness } from '../harness';

const PER_SECOND = 100;
const READY_WITHIN = 60_000;
/** In ms: how long all is well before the next instance dies, so that no failover is under way. */
const CALM = 3_000;

/** How long after the leader was killed, or stopped, events come again, in ms: one figure for each time. */
export async function failover(how: 'kill' | 'end', times: number): Promise<number[]> {
  const harness = await Harness.start({ instances: 3, servers: 1, handleMs: 5, chats: 500 });
  const { instances, tally, traffic } = harness;
  const over = new AbortController();
  const flow = traffic.flow({ count: Infinity, perSecond: PER_SECOND }, over.signal);
  const delays: number[] = [];
  try {
    for (let time = 0; time < times; time += 1) {
      await harness.until(() => instances.areUp && instances.leader !== undefined, READY_WITHIN);
      await wait(CALM);
      const leader = instances.leader ?? 0;
      const killedAt = Date.now();
      await instances[how](leader);
      await harness.until(() => tally.firstAfter(killedAt) !== undefined, READY_WITHIN);
      delays.push((tally.firstAfter(killedAt) ?? Infinity) - killedAt);
      await instances.start(leader);
    }
    return delays;
  } finally {
    over.abort();
    await flow;
    await harness.close();
  }
}
