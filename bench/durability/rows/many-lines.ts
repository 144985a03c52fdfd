import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { channelOf } from '../../../test/scenarios/server/chatapp';
import { Rig } from '../rig';
import { atMost, type Figure } from '../row';
import { Traffic } from '../traffic';

const LISTENER = { id: 'one' };
const IDLE_SECONDS = 15;
const BUSY_SECONDS = 60;

/** What one message a second costs a listener to many lines. */
export async function manyLines(count: number): Promise<Figure[]> {
  const rig = await Rig.start();
  try {
    const { chatapp } = rig;
    const lines = Array.from({ length: count }, (_, index) => chatapp.addLine(60_000 + index));
    const traffic = lines.map((line) => new Traffic(chatapp, line, 1));
    const idle = await usedWithin(rig, IDLE_SECONDS, () => undefined);
    await rig.deploy([LISTENER]);
    const isComplete = (): boolean => lines.every((line) => chatapp.pusher.isSubscribed(channelOf(line)));
    await rig.within(300, isComplete);
    // The gaps of new lines are over.
    await delay(75_000);
    const busy = await usedWithin(rig, BUSY_SECONDS, (second) => traffic[(second * 37) % count]?.write(1));
    const what = `one message a second over ${count} lines`;
    return [
      atMost(`${what}: written`, busy.bytes / 1_000, 5, ' KB/s'),
      atMost(`${what}: main thread`, busy.cpu - idle.cpu, 2, ' ms/s'),
    ];
  } finally {
    await rig.close();
  }
}

interface Used {
  /** Bytes passed to write() in a second, without what collectors print. */
  readonly bytes: number;
  /** CPU time of the main thread in a second, in ms. */
  readonly cpu: number;
}

async function usedWithin(rig: Rig, seconds: number, each: (second: number) => void): Promise<Used> {
  const [bytes, cpu] = [await bytesWritten(rig), await cpuUsed(rig)];
  for (let second = 0; second < seconds; second += 1) {
    each(second);
    await delay(1_000);
  }
  return { bytes: ((await bytesWritten(rig)) - bytes) / seconds, cpu: ((await cpuUsed(rig)) - cpu) / seconds };
}

async function bytesWritten(rig: Rig): Promise<number> {
  const text = await readFile(`/proc/${rig.pid}/io`, 'utf8');
  return Number(/^wchar: (\d+)$/m.exec(text)?.[1]) - rig.printed;
}

async function cpuUsed({ pid }: Rig): Promise<number> {
  const text = await readFile(`/proc/${pid}/task/${pid}/schedstat`, 'utf8');
  return Number(text.split(' ')[0]) / 1e6;
}
