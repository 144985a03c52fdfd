import type { Order } from '../generator/orders';
import { type PairSettings, startPair } from '../pair';
import type { SubjectName } from '../subjects/names';
import type { Run } from '../subjects/subject';

/** One of those that are compared. */
export interface Contender {
  /** Reported apart by it in the result. */
  readonly key: string;
  readonly name: SubjectName;
  readonly settings?: PairSettings;
  /** What it runs, in each round. */
  readonly order: Order;
}

/**
 * Lets contenders run in turns, so that what the machine does besides hits all alike. The first round only warms up.
 * Gives the runs of each, by its key.
 */
export async function interleaved(
  contenders: readonly Contender[],
  rounds: number,
): Promise<ReadonlyMap<string, Run[]>> {
  const pairs = await Promise.all(
    contenders.map(async ({ key, name, settings, order }) => {
      const pair = await startPair(name, settings);
      return { key, pair, order, channels: settings?.lines ?? 1 };
    }),
  );
  const runs = new Map<string, Run[]>(contenders.map(({ key }) => [key, []]));
  try {
    for (const { pair, channels } of pairs) await pair.subscribed(channels, 30_000 + channels * 40);
    for (let round = 0; round <= rounds; round += 1) {
      for (const { key, pair, order } of pairs) {
        const run = await pair.run(order);
        if (round > 0) runs.get(key)?.push(run);
      }
    }
  } finally {
    for (const { pair } of pairs) await pair.stop();
  }
  return runs;
}
