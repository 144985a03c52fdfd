import { setTimeout as wait } from 'node:timers/promises';
import { Scene } from '../scene';

const PER_SECOND = 100;
const READY_WITHIN = 60_000;
/** In ms: how long all is well before the next copy dies, so that no take-over is under way. */
const CALM = 3_000;

/** How long after the death of the copy that receives events come again, in ms: one figure for each time. */
export async function takeOver(times: number): Promise<number[]> {
  const scene = await Scene.start({ copies: 3, servers: 3, handleMs: 5, chats: 500 });
  const { copies, tally, traffic } = scene;
  const over = new AbortController();
  const flow = traffic.flow({ count: Infinity, perSecond: PER_SECOND }, over.signal);
  const delays: number[] = [];
  try {
    for (let time = 0; time < times; time += 1) {
      await scene.until(() => copies.areUp && copies.leader !== undefined, READY_WITHIN);
      await wait(CALM);
      const leader = copies.leader ?? 0;
      const killedAt = Date.now();
      await copies.kill(leader);
      await scene.until(() => tally.firstAfter(killedAt) !== undefined, READY_WITHIN);
      delays.push((tally.firstAfter(killedAt) ?? Infinity) - killedAt);
      await copies.start(leader);
    }
    return delays;
  } finally {
    over.abort();
    await flow;
    await scene.close();
  }
}
