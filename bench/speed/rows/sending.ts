import { startPair } from '../pair';
import { type Outcome, times } from '../row';

/** ChatApp takes so many requests a second; a bucket of as many is full at first. */
const PER_SECOND = 50;
/** In ms. */
const SENDING_TAKES = 200;

/** Texts that a flow sends all at once: how near the sending comes to what ChatApp allows. */
export async function sending(count: number): Promise<Outcome> {
  const pair = await startPair('client', { generator: { sendingTakes: SENDING_TAKES } });
  try {
    await pair.subscribed(1, 30_000);
    // What subscribing took of the bucket is in it again.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const taken = await pair.subject.send?.(count);
    const { sent, over } = await pair.requestLog();
    if (taken !== count || sent.length !== count) throw new Error(`${taken ?? 0} of ${count} texts were taken`);
    const took = Math.max(...sent) - Math.min(...sent);
    const allowed = ((count - PER_SECOND) / PER_SECOND) * 1_000;
    return {
      measurements: [{ subject: 'send', figure: `until ${count} texts have left`, unit: 'ms', value: took }],
      rows: [
        {
          figure: `${count} texts sent at once to 100 chats, each taking ${SENDING_TAKES} ms`,
          target: '≥ 0.9 of the 50 requests/s that ChatApp allows; nothing refused with 429',
          measured: `${times(allowed / took)}, ${over} refused`,
          reached: allowed / took >= 0.9 && over === 0,
        },
      ],
    };
  } finally {
    await pair.stop();
  }
}
