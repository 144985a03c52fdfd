import { startPair } from '../pair';
import type { Outcome, Share } from '../row';
import { SUBJECTS } from '../subjects/names';
import { sharesOf } from './buckets';

/** Where the time of a busy Node-RED goes: with this package, and with pusher-js in a minimal node. */
export async function profile(count: number, rounds: number): Promise<Outcome> {
  const shares: Share[] = [];
  for (const name of ['node', 'pusher-js node'] as const) {
    const pair = await startPair(name);
    try {
      await pair.subscribed(1, 30_000);
      const run = async (): Promise<void> => void (await pair.run({ kind: 'burst', mix: 'messages', count }));
      // What is compiled only now would count as work of the engine.
      await run();
      const found = await pair.subject.profile?.(async () => {
        for (let round = 0; round < rounds; round += 1) await run();
      });
      for (const [bucket, share] of sharesOf(found)) shares.push({ subject: SUBJECTS[name], bucket, share });
    } finally {
      await pair.stop();
    }
  }
  return { rows: [], measurements: [], shares };
}
