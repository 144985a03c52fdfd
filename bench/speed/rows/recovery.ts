import { quantile } from '../figures';
import { startPair } from '../pair';
import { type Outcome, times } from '../row';

/** Requests a second that fetching what was missed may take; see `rate-limiter.ts`. */
const HISTORY_PER_SECOND = 40;
/** Live events meanwhile, a second. */
const PER_SECOND = 100;
/** So long live events go on when everything should be fetched. */
const MORE_SECONDS = 3;

/**
 * Fetching what was missed on one line, while another one is live: how near the fetching comes to the number of
 * requests that it may make, and what it costs the live events.
 */
export async function recovery(chats: number, messagesPerChat: number): Promise<Outcome> {
  const pair = await startPair('client', { lines: 2, recover: true, generator: { chats, messagesPerChat } });
  try {
    await pair.subscribed(2, 30_000);
    // Positions are to be known before the gap.
    await pair.run({ kind: 'burst', mix: 'messages', count: 10 });
    await pair.requestLog();
    await pair.drop();
    await pair.subscribed(2, 30_000);
    const requests = Math.ceil(chats / 100) + chats;
    const seconds = Math.ceil(requests / HISTORY_PER_SECOND) + MORE_SECONDS;
    const run = await pair.run({ kind: 'pace', perSecond: PER_SECOND, seconds });
    const wanted = PER_SECOND * seconds + chats * messagesPerChat;
    if (run.events !== wanted) throw new Error(`${run.events} of ${wanted} events came`);
    const { history } = await pair.requestLog();
    const rate = (history.length / (Math.max(...history) - Math.min(...history))) * 1_000;
    const late = quantile(run.delays, 0.99) / 1_000;
    return {
      measurements: [
        { subject: 'recovery', figure: 'requests a second', unit: '1/s', value: rate },
        { subject: 'recovery', figure: 'delay of live events meanwhile, p99', unit: 'ms', value: late },
      ],
      rows: [
        {
          figure: `recovery of ${chats * messagesPerChat} missed messages in ${chats} chats`,
          target: '≥ 0.9 of its request budget; live events meanwhile ≤ 50 ms late (p99)',
          measured: `${times(rate / HISTORY_PER_SECOND)}, ${late.toFixed(1)} ms`,
          reached: rate / HISTORY_PER_SECOND >= 0.9 && late <= 50,
        },
      ],
    };
  } finally {
    await pair.stop();
  }
}
