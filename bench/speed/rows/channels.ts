import { channelName } from '../../../src/events';
import type { RequestLog } from '../generator/orders';
import { lineAddress } from '../generator/orders';
import { startPair } from '../pair';
import { type Outcome, times } from '../row';

const AT_A_TIME = 10;
const PER_SECOND = 50;
/** In ms. */
const AUTHORISATION_TAKES = 50;

/** Subscribing to many channels, and doing so again after a reconnection, while the first ones are busy. */
export async function channels(count: number): Promise<Outcome> {
  const within = count * 40 + 20_000;
  const pair = await startPair('client', { lines: count, generator: { authorisationTakes: AUTHORISATION_TAKES } });
  try {
    const first = await pair.subscribed(count, within);
    // Line 0 gets events; the last ones got none.
    await pair.run({ kind: 'burst', mix: 'messages', count: 100 });
    await pair.requestLog();
    await pair.drop();
    const again = await pair.subscribed(count, within);
    const bound = boundFor(count);
    const ratio = took(first) / bound;
    const busyAt = again.subscribed.findIndex(({ channel }) => channel === channelName(lineAddress(0)));
    return {
      measurements: [
        { subject: `${count} channels`, figure: 'until all are subscribed', unit: 'ms', value: took(first) },
        { subject: `${count} channels`, figure: 'again after a reconnection', unit: 'ms', value: took(again) },
        { subject: `${count} channels`, figure: 'what the bounds allow', unit: 'ms', value: bound },
      ],
      rows: [
        {
          figure: `${count} channels: all subscribed; authorisation 50 ms, 10 at a time, 50 requests/s`,
          target: '≤ 1.1 × the time that those bounds allow; nothing refused with 429',
          measured: `${times(ratio)} (${(took(first) / 1_000).toFixed(1)} s), ${first.over + again.over} refused`,
          reached: ratio <= 1.1 && first.over + again.over === 0,
        },
        {
          figure: 'the same after a reconnection, one channel being busy',
          target: 'recently busy channels first',
          measured: `the busy one was number ${busyAt + 1} of ${count}`,
          reached: busyAt === 0,
        },
      ],
    };
  } finally {
    await pair.stop();
  }
}

/** In ms: a bucket of 50 requests is full at first, then 50 come in each second; 10 at a time take 50 ms. */
function boundFor(count: number): number {
  const byRate = (Math.max(0, count - PER_SECOND) / PER_SECOND) * 1_000;
  return Math.max(byRate, (count / AT_A_TIME) * AUTHORISATION_TAKES);
}

/** From the first authorisation to the last subscription, in ms. */
function took({ authorised, subscribed }: RequestLog): number {
  const begun = Math.min(...authorised.map(({ at }) => at));
  return Math.max(...subscribed.map(({ at }) => at)) - begun;
}
