import { startPair } from '../pair';
import type { Outcome } from '../row';

/** What a channel with one listener takes of Node-RED's memory. */
export async function memory(count: number): Promise<Outcome> {
  const idle = await heapWith(1);
  const full = await heapWith(count + 1);
  const each = (full - idle) / count / 1_024;
  return {
    measurements: [{ subject: `${count} channels × 1 listener`, figure: 'heap of a channel', unit: 'KB', value: each }],
    rows: [
      {
        figure: `memory: ${count} channels × 1 listener, over a Node-RED with one`,
        target: '≤ 20 KB a channel',
        measured: `${each.toFixed(1)} KB`,
        reached: each <= 20,
      },
    ],
  };
}

async function heapWith(lines: number): Promise<number> {
  const pair = await startPair('node', { lines });
  try {
    await pair.subscribed(lines, lines * 40 + 30_000);
    await pair.subject.heap();
    return await pair.subject.heap();
  } finally {
    await pair.stop();
  }
}
