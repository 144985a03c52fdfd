import { setTimeout as delay } from 'node:timers/promises';
import { Rig } from '../rig';
import { atMost, type Figure } from '../row';
import { Traffic } from '../traffic';
import { report } from './report';

const LISTENER = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp', ack: 'done', ackSeconds: '3600' };
const DONE = { id: 'done', type: 'chatapp-done', z: 'tab', name: '', version: 1, outcome: 'done', wires: [] };
const PER_SECOND = 2_000;
const CHATS = 500;

/** A listener whose flow acknowledges nothing until Node-RED has been killed and started again. */
export async function backlog(events: number): Promise<Figure[]> {
  const rig = await Rig.start();
  try {
    const { chatapp } = rig;
    const traffic = new Traffic(chatapp, chatapp.addLine(50_001), CHATS);
    await rig.deploy([{ ...LISTENER, inFlight: '1' }]);
    await rig.within(30, () => chatapp.pusher.subscribed.length > 0);
    await delay(1_000);
    while (traffic.texts.length < events) {
      traffic.write(PER_SECOND / 10);
      await delay(100);
    }
    await rig.within(10, () => rig.deliveries.length > 0);
    // What arrived last is stored within a moment.
    await delay(5_000);
    await rig.stop('SIGKILL');
    const early = rig.deliveries.length;
    await rig.start();
    const atStart = rig.probes.length;
    const acknowledging = { ...LISTENER, inFlight: '100', wires: [['at-one', 'done']] };
    await rig.deploy([acknowledging], { others: [DONE] });
    await rig.within(300, () => traffic.isComplete(rig.deliveries));
    await delay(2_000);
    rig.read();
    const { lost, doubled } = traffic.tally(rig.deliveries);
    report('backlog', lost, doubled.slice(early), rig.deliveries);
    const measured = rig.probes.slice(atStart);
    const what = `${events} events pending with ack: done at a kill`;
    return [
      atMost(`${what}: lost`, lost.length, 0),
      atMost(`${what}: doubled, besides the one in flight`, doubled.length - early, 0),
      atMost(`${what}: memory of the process`, Math.max(...rig.probes.map(({ rss }) => rss)), 250, ' MB'),
      atMost(
        `${what}: longest block of the event loop`,
        Math.max(...measured.map(({ blocked }) => blocked)),
        50,
        ' ms',
      ),
    ];
  } finally {
    await rig.close();
  }
}
