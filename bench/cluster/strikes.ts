import { setTimeout as wait } from 'node:timers/promises';
import type { Scene } from './scene';

/** Something that goes wrong, until the signal ends it. Resolves when all that it ended runs again. */
export type Strike = (scene: Scene, signal: AbortSignal) => Promise<void>;

/** A random copy is killed every `every` ms, and started again at once. */
export function killCopies(every: number): Strike {
  return async ({ copies }, signal) => {
    while (await passes(every, signal)) {
      const running = copies.running;
      const copy = running[Math.floor(Math.random() * running.length)];
      if (copy === undefined) continue;
      await copies.kill(copy);
      await copies.start(copy);
    }
  };
}

/** One of several NATS servers is killed after `after` ms, and is back `away` ms later. */
export function killServer(after: number, away: number): Strike {
  return async ({ nats }, signal) => {
    if (!nats || !(await passes(after, signal))) return;
    const server = Math.floor(Math.random() * nats.servers.length);
    await nats.kill(server);
    await passes(away, signal);
    await nats.start(server);
  };
}

/** All NATS servers are killed after `after` ms, and are back `away` ms later. */
export function killEngine(after: number, away: number): Strike {
  return async ({ nats }, signal) => {
    if (!nats || !(await passes(after, signal))) return;
    const servers = nats.servers.map((_, index) => index);
    await Promise.all(servers.map((server) => nats.kill(server)));
    await passes(away, signal);
    await Promise.all(servers.map((server) => nats.start(server)));
  };
}

/** Resolves with true after `ms`, or at once with false where the signal ends it. */
async function passes(ms: number, signal: AbortSignal): Promise<boolean> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
