import { median } from '../figures';
import { BEGIN, END } from '../generator/frames';
import { startPair } from '../pair';
import type { Growth } from '../row';
import { SUBJECTS } from '../subjects/names';
import { LINEAR } from './bounds';

const POINTS = [10, 100, 1_000, 10_000];
const A_CHAT = 100;
const ROUNDS = 3;
/** In ms: fetching takes 10 requests a second at most. */
const WITHIN = 60_000;

/** What it costs to fetch so many missed messages, from the loss of the socket until the last one is there. */
export async function growHistory(): Promise<Growth> {
  const points = [];
  for (const at of POINTS) {
    const costs = [];
    // Once recovered, messages are known: each round has a client of its own.
    for (let round = 0; round < ROUNDS; round += 1) costs.push(await recoveryOf(at));
    points.push({ at, cost: median(costs) });
  }
  return {
    name: 'history',
    axis: 'missed messages',
    cost: 'CPU, ms until all are there',
    bound: LINEAR,
    curves: [{ subject: SUBJECTS.client, points }],
  };
}

/** In ms of CPU. */
async function recoveryOf(messages: number): Promise<number> {
  const chats = Math.ceil(messages / A_CHAT);
  const generator = { chats, messagesPerChat: messages / chats };
  const pair = await startPair('client', { lines: 2, recover: true, generator });
  try {
    await pair.subscribed(2, 30_000);
    // Positions are to be known before the gap.
    await pair.run({ kind: 'burst', mix: 'messages', count: 10 });
    await pair.signal(BEGIN);
    await pair.drop();
    await pair.subscribed(2, 30_000);
    for (const until = Date.now() + WITHIN; Date.now() < until;) {
      const { events, cpu } = await pair.run({ kind: 'signal', event: END });
      if (events >= messages) return cpu / 1_000;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${messages} messages were not fetched within ${WITHIN} ms`);
  } finally {
    await pair.stop();
  }
}
