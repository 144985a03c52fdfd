import { setTimeout as delay } from 'node:timers/promises';
import { Rig, type DeployOptions } from '../rig';
import { atMost, type Figure } from '../row';
import { Traffic } from '../traffic';
import { report } from './report';

const LISTENER = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp', slow: 3 };
const PER_SECOND = 250;

/** Clean stops, and deploys of all kinds, while a flow that takes 3 ms for each message is at work. */
export async function deploysAndStops(stops: number, deploys: number): Promise<Figure[]> {
  return [...(await run('deploys', deploys, deployOnce)), ...(await run('clean stops', stops, stopOnce))];
}

async function run(name: string, rounds: number, once: (rig: Rig, round: number) => Promise<void>): Promise<Figure[]> {
  if (rounds === 0) return [];
  const rig = await Rig.start();
  try {
    const traffic = new Traffic(rig.chatapp, rig.chatapp.addLine(50_001), 20);
    await rig.deploy([LISTENER]);
    await rig.within(30, () => rig.chatapp.pusher.subscribed.length > 0);
    await delay(1_000);
    traffic.start(PER_SECOND, rig.deliveries);
    for (let round = 1; round <= rounds; round += 1) {
      await delay(300 + Math.random() * 1_500);
      rig.read();
      await once(rig, round);
    }
    await delay(1_000);
    traffic.stop();
    await rig.within(120, () => traffic.isComplete(rig.deliveries));
    await delay(3_000);
    rig.read();
    const { written, lost, doubled } = traffic.tally(rig.deliveries);
    report(name, lost, doubled, rig.deliveries);
    const what = `${rounds} ${name} under ${PER_SECOND} messages/s (${written} messages)`;
    return [atMost(`${what}: lost`, lost.length, 0), atMost(`${what}: doubled`, doubled.length, 0)];
  } finally {
    await rig.close();
  }
}

/** Every fifth changes the connection too. */
async function deployOnce(rig: Rig, round: number): Promise<void> {
  const types = ['full', 'flows', 'nodes'] as const;
  const type = types[round % 3] ?? 'full';
  const options: DeployOptions = {
    type,
    connection: { recoverHours: String(24 + Math.floor(round / 5)) },
  };
  await rig.deploy([{ ...LISTENER, name: `round ${round}` }], options);
}

async function stopOnce(rig: Rig): Promise<void> {
  await rig.stop('SIGTERM');
  await rig.start();
}
