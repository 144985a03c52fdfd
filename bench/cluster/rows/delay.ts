import { median, quantile } from 'simple-statistics';
import { Harness } from '../harness';

const PER_SECOND = 100;
const ALL_WITHIN = 30_000;

/** From the announcement of a message to its flow, in ms. */
export interface Delay {
  readonly p50: number;
  readonly p99: number;
}

/**
 * How late messages are for a client on its own, and for instances with so many NATS servers. They run in turns, so that
 * what the machine does besides hits all alike.
 */
export async function delay(
  servers: 1 | 3,
  seconds: number,
  rounds: number,
): Promise<{ direct: Delay; shared: Delay }> {
  const alone = await Harness.start({ instances: 1, servers: 0, handleMs: 0, chats: 500 });
  const several = await Harness.start({ instances: 3, servers, handleMs: 0, chats: 500 }).catch(closing(alone));
  const found: { direct: Delay; shared: Delay }[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      found.push({ direct: await delayOf(alone, seconds), shared: await delayOf(several, seconds) });
    }
  } finally {
    await alone.close();
    await several.close();
  }
  // The first round only warms up.
  const counted = found.slice(1);
  return { direct: middle(counted.map(({ direct }) => direct)), shared: middle(counted.map(({ shared }) => shared)) };
}

async function delayOf(harness: Harness, seconds: number): Promise<Delay> {
  const { tally, traffic } = harness;
  tally.delays.length = 0;
  await traffic.flow({ count: seconds * PER_SECOND, perSecond: PER_SECOND });
  await harness.until(() => tally.missing === 0, ALL_WITHIN);
  return { p50: quantile(tally.delays, 0.5) / 1_000, p99: quantile(tally.delays, 0.99) / 1_000 };
}

function middle(delays: readonly Delay[]): Delay {
  return { p50: median(delays.map(({ p50 }) => p50)), p99: median(delays.map(({ p99 }) => p99)) };
}

function closing(harness: Harness) {
  return async (error: unknown): Promise<never> => {
    await harness.close();
    throw error;
  };
}
