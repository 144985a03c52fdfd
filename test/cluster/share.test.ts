import assert from 'node:assert/strict';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { ensureConsumers, removeConsumers } from '../../src/cluster/consumers';
import type { ReadyEngine } from '../../src/cluster/engine';
import { partitionOf } from '../../src/cluster/names';
import type { Delivery } from '../../src/inbox/delivery';
import { hastyClock } from '../support/hasty-clock';
import { LISTENER, QUICK, ShareStage, type ShareSeen } from '../support/share-stage';
import { messageIn } from '../support/deliveries';

/** An item stays in hand until its flow says so. */
const DONE = { ack: 'done', ackSeconds: 60 } as const;
const SENT = { ack: 'sent', ackSeconds: 60 } as const;
/** Its seconds go by ten times as fast. */
const HASTY = hastyClock(10);
const ITEMS = 2_000;
const CHATS = 100;

describe('a listener of several copies', function () {
  let copies: ShareStage;

  beforeEach(async function () {
    const opened = await ShareStage.open();
    if (!opened) return this.skip();
    copies = opened;
  });
  afterEach(() => copies.end());

  async function started(engine: ReadyEngine, acknowledgement: typeof DONE | typeof SENT = SENT): Promise<ShareSeen> {
    const seen = copies.share(engine);
    seen.share.configure(acknowledgement);
    await seen.share.start();
    return seen;
  }

  /** Of all copies, in the order in which their flows got it. */
  function handledBy(all: readonly ShareSeen[], then: (seen: ShareSeen, delivery: Delivery) => void): Delivery[] {
    const handled: Delivery[] = [];
    for (const seen of all) {
      seen.onDelivery = (delivery) => {
        handled.push(delivery);
        then(seen, delivery);
      };
    }
    return handled;
  }

  async function publishAll(engine: ReadyEngine, count = ITEMS): Promise<void> {
    for (let id = 1; id <= count; id += CHATS) {
      // The chats at once, each in its order.
      const round = Array.from({ length: CHATS }, (_, chat) => messageIn(`chat-${chat}`, id + chat));
      await Promise.all(round.map((delivery) => copies.publish(engine, delivery)));
    }
  }

  function assertAllInOrder(handled: readonly Delivery[], count = ITEMS): void {
    const known = new Set<string>();
    const latest = new Map<string, number>();
    for (const { chatId = '', messageId = '', attempt = 0 } of handled) {
      assert.ok(!known.has(messageId) || attempt > 1, `${messageId} came twice, and nobody would know`);
      if (known.has(messageId)) continue;
      known.add(messageId);
      assert.ok(Number(messageId) > (latest.get(chatId) ?? 0), `${messageId} came late in ${chatId}`);
      latest.set(chatId, Number(messageId));
    }
    assert.equal(known.size, count);
  }

  function distinct(handled: readonly Delivery[]): number {
    return new Set(handled.map(({ messageId }) => messageId)).size;
  }

  it('a new one gets what comes from now on, one that was there what came meanwhile', async () => {
    const engine = await copies.engine();
    await copies.publish(engine, messageIn('a', 1));
    const first = await started(engine);
    await copies.publish(engine, messageIn('a', 2));
    await first.until(({ tries }) => tries.length === 1);
    // Only in the next turn Node-RED gives it to the flow, and it counts as handled.
    await nextTurn();
    await first.share.stop();
    await copies.publish(engine, messageIn('a', 3));
    await copies.publish(engine, messageIn('b', 4));
    const second = await started(engine);
    await second.until(({ tries }) => tries.length === 2);
    assert.deepEqual([first.tries, [...second.tries].sort()], [['2#1'], ['3#1', '4#1']]);
  });

  it('a new one that nobody has asked for keeps its place when NATS is restarted', async () => {
    const engine = await copies.engine();
    await ensureConsumers(engine, LISTENER, QUICK.ackWait);
    await copies.publish(engine, messageIn('a', 1));
    await copies.nats.kill();
    await copies.nats.start();
    const seen = await started(await copies.engine());
    await seen.until(({ tries }) => tries.length === 1);
  });

  it('three copies share 2,000 items, each chat in order; what one has in hand when it dies, others get', async () => {
    const engine = await copies.engine();
    const mortal = await started(engine, DONE);
    const heir = await started(await copies.engine(), DONE);
    const all = [mortal, heir, await started(await copies.engine(), DONE)];
    let dying: Promise<void> | undefined;
    const handled = handledBy(all, (seen, delivery) => {
      if (seen === mortal && handled.length > ITEMS / 2) dying ??= engine.end();
      else setImmediate(() => seen.done(delivery));
    });
    const publisher = await copies.engine();
    await publishAll(publisher);
    await heir.until(() => distinct(handled) === ITEMS);
    await dying;
    assert.ok(dying);
    assertAllInOrder(handled);
    for (const { deliveries } of all) assert.ok(deliveries.length > ITEMS / 10);
    assert.ok(handled.length < ITEMS + 3 * 16);
  });

  it('NATS breaks down in mid-run: one copy gets everything once and in order', async () => {
    const seen = await started(await copies.engine());
    const handled = await breakDown([seen]);
    assert.equal(handled.length, ITEMS);
    assertAllInOrder(handled);
  });

  it('NATS breaks down in mid-run: two copies get everything and in order', async () => {
    const all = [await started(await copies.engine()), await started(await copies.engine())];
    const handled = await breakDown(all);
    // What NATS had not written down yet may go to the other copy once more.
    const firsts = new Map<string, Delivery>();
    for (const delivery of [...handled].reverse()) firsts.set(delivery.messageId ?? '', delivery);
    assertAllInOrder(handled.filter((delivery) => [...firsts.values()].includes(delivery)));
    assert.ok(handled.length < ITEMS * 1.25, `${handled.length}`);
  });

  async function breakDown(all: readonly ShareSeen[]): Promise<Delivery[]> {
    for (const { share } of all) share.pause();
    await publishAll(await copies.engine());
    let restart: Promise<void> | undefined;
    const handled = handledBy(all, () => {
      if (handled.length === ITEMS / 2) restart = copies.nats.kill().then(() => copies.nats.start());
    });
    for (const { share } of all) share.resume();
    await all[0]?.until(() => distinct(handled) === ITEMS);
    await restart;
    return handled;
  }

  it('five tries that were not settled in time: the item is put aside, told once, and the next one comes', async () => {
    const engine = await copies.engine();
    const seen = copies.share(engine);
    seen.share.configure({ ack: 'done', ackSeconds: 0.05 });
    await seen.share.start();
    seen.onDelivery = (delivery) => {
      if (delivery.messageId === '2') seen.done(delivery);
    };
    await copies.publish(engine, messageIn('a', 1));
    await copies.publish(engine, messageIn('a', 2));
    await seen.until(({ deliveries, errors }) => deliveries.length === 6 && errors.length === 1);
    assert.deepEqual(seen.tries, ['1#1', '1#2', '1#3', '1#4', '1#5', '2#1']);
    assert.deepEqual(seen.errorNames, ['DELIVERY_FAILED.tries']);
    const [late] = seen.deliveries;
    assert.ok(late && !seen.done(late));
    const kept = await engine.manager.streams.getMessage(engine.names.stream, {
      last_by_subj: engine.names.dead(LISTENER),
    });
    assert.deepEqual([kept.header.get('Chatapp-Why'), kept.header.get('Chatapp-Tries')], ['tries', '5']);
    const { num_ack_pending, num_pending } = await engine.manager.consumers.info(
      engine.names.stream,
      engine.names.consumer(LISTENER, partitionOf(messageIn('a', 1))),
    );
    assert.deepEqual([num_ack_pending, num_pending], [0, 0]);
  });

  it('an item that a copy has put aside before it died is not told once more', async () => {
    const engine = await copies.engine();
    const seen = copies.share(engine);
    seen.share.configure({ ack: 'done', ackSeconds: 0.05 });
    await seen.share.start();
    const { seq } = await engine.js.publish(engine.names.dead(LISTENER), '', { msgID: 'dead.2' });
    await copies.publish(engine, messageIn('a', 1));
    await copies.publish(engine, messageIn('a', 2));
    await seen.until(({ errors, deliveries }) => deliveries.length === 10 && errors.length === 1);
    const dead = await engine.manager.streams.info(engine.names.stream, {
      subjects_filter: engine.names.dead(LISTENER),
    });
    assert.deepEqual([seq, seen.errors.length, dead.state.subjects], [1, 1, { [engine.names.dead(LISTENER)]: 2 }]);
  });

  it('an item with which five copies ended is not given to a sixth', async () => {
    const engine = await copies.engine();
    const all = [await started(engine, DONE)];
    await copies.publish(engine, messageIn('a', 1));
    for (let copy = 0; copy < 5; copy += 1) {
      await all[copy]?.until(({ deliveries }) => deliveries.length === 1);
      await all[copy]?.share.stop();
      all.push(await started(engine, DONE));
    }
    await all[5]?.until(({ errors }) => errors.length === 1);
    assert.deepEqual(
      all.map(({ tries }) => tries),
      [['1#1'], ['1#2'], ['1#3'], ['1#4'], ['1#5'], []],
    );
    assert.deepEqual(all[5]?.errorNames, ['DELIVERY_FAILED.tries']);
  });

  it('what failed is tried again at once, and its chat waits for it', async () => {
    const engine = await copies.engine();
    const seen = await started(engine, DONE);
    const times: number[] = [];
    seen.onDelivery = (delivery) => {
      times.push(Date.now());
      seen.share.settle(
        delivery.deliveryToken ?? '',
        delivery.attempt === 1 && delivery.messageId === '1' ? 'failed' : 'done',
      );
    };
    await copies.publish(engine, messageIn('a', 1));
    await copies.publish(engine, messageIn('a', 2));
    await seen.until(({ deliveries }) => deliveries.length === 3);
    assert.deepEqual(seen.tries, ['1#1', '1#2', '2#1']);
    const [first = 0, second = 0] = times;
    assert.ok(second - first < 900, `${second - first} ms`);
  });

  it('what cannot be read is put aside and told once', async () => {
    const engine = await copies.engine();
    const seen = await started(engine);
    const subject = engine.names.events(LISTENER, 3);
    await engine.js.publish(subject, '{"version":0}');
    await seen.until(({ errors }) => errors.length === 1);
    assert.deepEqual([seen.tries, seen.errorNames], [[], ['PAYLOAD_INVALID.unreadable']]);
  });

  it('a flow that throws has handled the item where it was handed over only, else it is tried again', async () => {
    const engine = await copies.engine();
    const seen = await started(engine);
    seen.onDelivery = ({ attempt }) => {
      if (attempt === 1) throw new TypeError('a flow');
    };
    await copies.publish(engine, messageIn('a', 1));
    await copies.publish(engine, messageIn('a', 2));
    await seen.until(({ tries }) => tries.length === 2);
    seen.share.configure(DONE);
    await copies.publish(engine, messageIn('a', 3));
    await seen.until(({ tries }) => tries.length === 4);
    assert.deepEqual(seen.tries, ['1#1', '2#1', '3#1', '3#2']);
  });

  it('an item that takes longer than NATS waits stays where it is, for as long as its copy lives', async () => {
    const [engine, other] = await Promise.all([copies.engine(), copies.engine()]);
    const slow = await started(engine, DONE);
    await copies.publish(engine, messageIn('a', 1));
    await slow.until(({ deliveries }) => deliveries.length === 1);
    const heir = await started(other, DONE);
    await pause(QUICK.ackWait * 3);
    assert.deepEqual([slow.tries, heir.tries], [['1#1'], []]);
    await engine.end();
    await heir.until(({ deliveries }) => deliveries.length === 1);
    assert.deepEqual(heir.tries, ['1#2']);
  });

  it('a copy that ends hands over at once what it has in hand', async () => {
    const [engine, other] = await Promise.all([copies.engine(), copies.engine()]);
    const patient = { ackWait: 60_000, signEvery: 1_000 };
    const [leaving, staying] = [copies.share(engine, patient), copies.share(other, patient)];
    for (const { share } of [leaving, staying]) share.configure(DONE);
    await leaving.share.start();
    await copies.publish(engine, messageIn('a', 1));
    await leaving.until(({ deliveries }) => deliveries.length === 1);
    await staying.share.start();
    await leaving.share.stop();
    await staying.until(({ deliveries }) => deliveries.length === 1);
    assert.deepEqual([leaving.tries, staying.tries], [['1#1'], ['1#2']]);
  });

  it('what a copy is handed in the turn in which it stops, or pauses, another one gets: its flow may not have it', async () => {
    const engine = await copies.engine();
    const first = await started(engine);
    first.onDelivery = () => first.share.pause();
    await copies.publish(engine, messageIn('a', 1));
    await first.until(({ tries }) => tries.length === 1);
    const second = await started(await copies.engine());
    second.onDelivery = () => void second.share.stop();
    await second.until(({ tries }) => tries.length === 1);
    const third = await started(await copies.engine());
    await third.until(({ tries }) => tries.length === 1);
    assert.deepEqual(
      [first, second, third].map(({ tries }) => tries),
      [['1#1'], ['1#2'], ['1#3']],
    );
  });

  it('while it pauses nothing new comes, what is in hand can be settled, and all comes afterwards', async () => {
    const engine = await copies.engine();
    const seen = await started(engine, DONE);
    await copies.publish(engine, messageIn('a', 1));
    await seen.until(({ deliveries }) => deliveries.length === 1);
    seen.share.pause();
    await copies.publish(engine, messageIn('a', 2));
    await copies.publish(engine, messageIn('b', 3));
    await pause(500);
    assert.deepEqual(seen.tries, ['1#1']);
    const [first] = seen.deliveries;
    assert.ok(first && seen.done(first));
    seen.onDelivery = (delivery) => void seen.done(delivery);
    seen.share.resume();
    await seen.until(({ deliveries }) => deliveries.length === 3);
    assert.deepEqual([...seen.tries].sort(), ['1#1', '2#1', '3#1']);
  });

  it('what one copy does not ask for, because it pauses, another one gets', async () => {
    const [engine, other] = await Promise.all([copies.engine(), copies.engine()]);
    const [pausing, busy] = await Promise.all([started(engine), started(other)]);
    pausing.share.pause();
    for (let id = 1; id <= 20; id += 1) await copies.publish(engine, messageIn(`chat-${id}`, id));
    await busy.until(({ deliveries }) => deliveries.length === 20);
    assert.deepEqual(pausing.tries, []);
  });

  it('a listener whose flow stands still keeps nothing from another one', async () => {
    const engine = await copies.engine();
    const [still, busy] = [copies.share(engine), copies.share(engine, QUICK, 'other listener')];
    still.share.configure(DONE);
    await Promise.all([still.share.start(), busy.share.start()]);
    for (let id = 1; id <= 100; id += 1) {
      await copies.publish(engine, messageIn(`chat-${id}`, id));
      await copies.publish(engine, messageIn(`chat-${id}`, id), 'other listener');
    }
    await busy.until(({ deliveries }) => deliveries.length === 100);
    assert.ok(still.deliveries.length <= 16);
  });

  it('consumers that somebody has removed are made again, and nothing that came meanwhile is missing', async () => {
    const engine = await copies.engine();
    const seen = copies.share(engine, QUICK, LISTENER, HASTY);
    await seen.share.start();
    await copies.publish(engine, messageIn('a', 1));
    await seen.until(({ tries }) => tries.length === 1);
    await removeConsumers(engine, LISTENER);
    await removeConsumers(engine, LISTENER);
    await copies.publish(engine, messageIn('a', 2));
    await copies.publish(engine, messageIn('b', 3));
    await seen.until(({ tries }) => tries.length === 3);
    assert.deepEqual([...seen.tries].sort(), ['1#1', '2#1', '3#1']);
  });

  it('with a stream that was lost a listener begins anew', async () => {
    const engine = await copies.engine();
    const seen = copies.share(engine, QUICK, LISTENER, HASTY);
    await seen.share.start();
    for (let id = 1; id <= 10; id += 1) await copies.publish(engine, messageIn('a', id));
    await seen.until(({ tries }) => tries.length === 10);
    const { config } = await engine.manager.streams.info(engine.names.stream);
    await engine.manager.streams.delete(engine.names.stream);
    await engine.manager.streams.add(config);
    await copies.publish(engine, messageIn('a', 11));
    await seen.until(({ tries }) => tries.length === 11);
    assert.equal(seen.tries[10], '11#1');
  });

  it('questions that get lost are asked again', async () => {
    const engine = await copies.engine();
    const lost = new Set<string>();
    const publish: typeof engine.connection.publish = (subject, payload, options) => {
      if (subject.includes('.MSG.NEXT.') && !lost.has(subject)) lost.add(subject);
      else engine.connection.publish(subject, payload, options);
    };
    const seen = copies.share({ ...engine, connection: withPublish(engine, publish) }, QUICK, LISTENER, HASTY);
    await seen.share.start();
    await copies.publish(engine, messageIn('a', 1));
    await seen.until(({ deliveries }) => deliveries.length === 1);
    assert.equal(lost.size, 16);
  });

  /** The engine's connection with something between it and NATS. */
  function withPublish(engine: ReadyEngine, publish: typeof engine.connection.publish): typeof engine.connection {
    return new Proxy(engine.connection, {
      get: (target, name): unknown => (name === 'publish' ? publish : Reflect.get(target, name)),
    });
  }

  it('an answer that gets lost is given again, and the flow does not get the item twice', async () => {
    const engine = await copies.engine();
    let lost = 0;
    const publish: typeof engine.connection.publish = (subject, payload, options) => {
      if (payload === '+ACK' && lost === 0) lost += 1;
      else engine.connection.publish(subject, payload, options);
    };
    const seen = copies.share(
      { ...engine, connection: withPublish(engine, publish) },
      { ackWait: 60_000, signEvery: 250 },
    );
    await seen.share.start();
    await copies.publish(engine, messageIn('a', 1));
    await copies.publish(engine, messageIn('a', 2));
    await seen.until(({ deliveries }) => deliveries.length === 2);
    assert.deepEqual([lost, seen.tries], [1, ['1#1', '2#1']]);
  });
});
