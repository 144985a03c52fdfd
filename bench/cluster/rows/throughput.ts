import { Scene } from '../scene';

/** Messages a second: more than three copies can handle. */
const PER_SECOND = 1_000;
const ENDS_WITHIN = 120_000;

/** How many messages a second so many copies handle, each message in 5 ms, while there is always one that waits. */
export async function throughput(copies: number, messages: number): Promise<number> {
  const scene = await Scene.start({ copies, servers: 1, handleMs: 5, chats: 500 });
  try {
    await scene.traffic.flow({ count: messages, perSecond: PER_SECOND });
    const from = { done: scene.tally.done, at: performance.now() };
    const left = messages - from.done;
    // The last ones are of a few chats, and do not keep all copies busy.
    await scene.until(() => scene.tally.missing < left / 10, ENDS_WITHIN);
    return ((scene.tally.done - from.done) / (performance.now() - from.at)) * 1_000;
  } finally {
    await scene.close();
  }
}
