import { setTimeout as wait } from 'node:timers/promises';
import type { Harness } from './harness';

/** Something that goes wrong, until the signal ends it. Resolves when all that it ended runs again. */
export type Fault = (harness: Harness, signal: AbortSignal) => Promise<void>;

/** How often it is checked whether an instance may be killed, in ms. */
const CHECK_EVERY = 100;

/**
 * A random instance is killed every `every` ms, and started again at once; never the last one that takes part: what has no
 * history is gone if nobody receives it. On a busy machine, it may take longer until another one takes part again.
 */
export function killInstances(every: number): Fault {
  return async ({ instances }, signal) => {
    for (let killedAt = performance.now(); await passes(CHECK_EVERY, signal);) {
      if (performance.now() - killedAt < every) continue;
      const { running } = instances;
      const victims = running.filter((one) => running.some((other) => other !== one && instances.isUp(other)));
      const victim = victims[Math.floor(Math.random() * victims.length)];
      if (victim === undefined) continue;
      killedAt = performance.now();
      await instances.kill(victim);
      await instances.start(victim);
    }
  };
}

/** The leader is killed, or stopped, `times` times, each time after `after` ms, and started again. */
export function failLeader(after: number, times: number): Fault {
  return async (harness, signal) => {
    const { instances } = harness;
    for (let time = 0; time < times && (await passes(after, signal)); time += 1) {
      await harness.until(() => instances.leader !== undefined);
      const leader = instances.leader ?? 0;
      await (time % 2 === 0 ? instances.kill(leader) : instances.end(leader));
      await instances.start(leader);
    }
  };
}

/** One of several NATS servers is killed after `after` ms, and is back `away` ms later. */
export function killServer(after: number, away: number): Fault {
  return async ({ nats }, signal) => {
    if (!nats || !(await passes(after, signal))) return;
    const server = Math.floor(Math.random() * nats.servers.length);
    await nats.kill(server);
    await passes(away, signal);
    await nats.start(server);
  };
}

/** All NATS servers are killed `times` times, each time after `after` ms, and are back `away` ms later. */
export function killNats(after: number, away: number, times = 1): Fault {
  return async ({ nats }, signal) => {
    for (let time = 0; nats && time < times && (await passes(after, signal)); time += 1) {
      const servers = nats.servers.map((_, index) => index);
      await Promise.all(servers.map((server) => nats.kill(server)));
      await passes(away, signal);
      await Promise.all(servers.map((server) => nats.start(server)));
    }
  };
}

/** Resolves with true after `ms`, or at once with false where the signal ends it. */
async function passes(ms: number, signal: AbortSignal): Promise<boolean> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
