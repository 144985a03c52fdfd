import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery } from '../../../test/scenarios/harness/delivered';
import { failure } from '../../../test/scenarios/server/faults';
import { Rig } from '../rig';
import { atMost, type Figure } from '../row';
import { numberIn, Traffic } from '../traffic';
import { report } from './report';

const LISTENER = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp' };
const PER_SECOND = 100;
const FAILING = 0.3;
const MAX_DOUBLED = 6;

/** Power cuts at random moments, while some requests for the history fail. */
export async function kills(count: number): Promise<Figure[]> {
  const rig = await Rig.start();
  try {
    const { chatapp } = rig;
    const traffic = new Traffic(chatapp, chatapp.addLine(50_001), 20);
    await rig.deploy([LISTENER]);
    await rig.within(30, () => chatapp.pusher.subscribed.length > 0);
    await delay(1_000);
    const isSpoilt = (): boolean => Math.random() < FAILING;
    chatapp.faults.add(/\/chats/, (right) => (isSpoilt() ? failure(500, 'ApiServerError') : right));
    traffic.start(PER_SECOND, rig.deliveries);
    const marks: number[] = [];
    for (let kill = 1; kill <= count; kill += 1) {
      await delay(Math.random() * 6_000);
      await rig.stop('SIGKILL');
      marks.push(traffic.texts.length);
      await rig.start();
    }
    await delay(1_000);
    traffic.stop();
    await rig.within(300, () => traffic.isComplete(rig.deliveries));
    await delay(5_000);
    rig.read();
    const { written, lost, doubled, unmarked } = traffic.tally(rig.deliveries);
    report('kills', lost, doubled, rig.deliveries);
    const byKill = doubledBy(marks, doubled);
    console.log(`kills: doubled by each: ${byKill.join(' ')}`);
    const what = `${count} kills under ${PER_SECOND} messages/s (${written} messages)`;
    return [
      atMost(`${what}: lost`, lost.length, 0),
      atMost(`${what}: doubled by one kill at most`, Math.max(0, ...byKill), MAX_DOUBLED),
      atMost(`${what}: doubled and not marked`, unmarked.length, 0),
    ];
  } finally {
    await rig.close();
  }
}

/** A message is doubled by the first kill after it was written. */
function doubledBy(marks: readonly number[], doubled: readonly Delivery[]): number[] {
  const counts = marks.map(() => 0);
  for (const { text } of doubled) {
    const kill = marks.findIndex((mark) => numberIn(text) < mark);
    counts[kill] = (counts[kill] ?? 0) + 1;
  }
  return counts;
}
