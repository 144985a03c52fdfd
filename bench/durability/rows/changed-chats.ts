import { setTimeout as delay } from 'node:timers/promises';
import { MESSAGES } from '../../../test/scenarios/server/faults';
import { Rig } from '../rig';
import { atMost, type Figure } from '../row';
import { Traffic } from '../traffic';
import { report } from './report';

const LISTENER = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp' };
/** Chats that are being read when Node-RED stops are read again. */
const AT_A_TIME = 5;

/** Many chats change while the socket is away; half-way through fetching them, Node-RED is started again. */
export async function changedChats(chats: number): Promise<Figure[]> {
  const rig = await Rig.start();
  try {
    const { chatapp } = rig;
    const traffic = new Traffic(chatapp, chatapp.addLine(50_001), chats);
    await rig.deploy([LISTENER]);
    await rig.within(30, () => chatapp.pusher.subscribed.length > 0);
    await delay(6_000);
    chatapp.pusher.refuses = 'down';
    chatapp.pusher.drop();
    await chatapp.pusher.untilClosed();
    traffic.write(chats);
    await delay(1_000);
    const subscriptions = chatapp.pusher.subscribed.length;
    chatapp.pusher.refuses = undefined;
    await rig.within(120, () => chatapp.pusher.subscribed.length > subscriptions);
    const subscribed = performance.now();
    await rig.within(60, () => rig.deliveries.length > 0);
    const first = (performance.now() - subscribed) / 1_000;
    await rig.within(120, () => rig.deliveries.length > chats / 2);
    await rig.stop('SIGTERM');
    const [read, before] = [rig.deliveries.length, chatapp.asked(MESSAGES).length];
    await rig.start();
    await rig.within(300, () => traffic.isComplete(rig.deliveries));
    const again = chatapp.asked(MESSAGES).length - before - (chats - read);
    await delay(2_000);
    rig.read();
    const { lost, doubled } = traffic.tally(rig.deliveries);
    report('changed chats', lost, doubled, rig.deliveries);
    const what = `${chats} chats changed in a gap`;
    return [
      atMost(`${what}: first message after subscribing`, first, 2, ' s'),
      atMost(`${what}, restart half-way: chats read again`, again, AT_A_TIME),
      atMost(`${what}, restart half-way: lost`, lost.length, 0),
      atMost(`${what}, restart half-way: doubled`, doubled.length, 0),
    ];
  } finally {
    await rig.close();
  }
}
