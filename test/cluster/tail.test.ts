import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { headers } from 'nats';
import { systemClock as clock } from '../../src/clock';
import { partitionOf } from '../../src/cluster/names';
import { Outbox } from '../../src/cluster/outbox';
import { Published } from '../../src/cluster/published';
import { eventStream, type Post } from '../../src/cluster/stream';
import { readTail } from '../../src/cluster/tail';
import { encode, MARK_HEADER, markOf, writeMark } from '../../src/cluster/wire';
import type { Delivery } from '../../src/inbox/delivery';
import { silentLog } from '../../src/log';
import { messageIn, readIn, shortly } from '../support/deliveries';
import { NatsStage, type Copy } from '../support/nats-stage';

const NOBODY: ReadonlyMap<string, Promise<void>> = new Map();
const LISTENER = 'listener.1';

/** `count` messages in `chats` chats, numbered through from `first`. */
const messages = (count: number, chats: number, first = 0): Delivery[] =>
  Array.from({ length: count }, (_, index) => messageIn(String((first + index) % chats), first + index));

/** What it says, by chat. */
const byChat = (deliveries: readonly Delivery[]): Record<string, string[]> => {
  const chats: Record<string, string[]> = {};
  for (const delivery of deliveries) (chats[delivery.chatId ?? ''] ??= []).push(shortly(delivery));
  return chats;
};

describe('in a real NATS', () => {
  let stage: NatsStage;
  const begun: NatsStage[] = [];

  beforeEach(async function () {
    const opened = await NatsStage.open();
    if (!opened) {
      console.log('      nats-server is not installed: this is not tested');
      return this.skip();
    }
    stage = opened;
    begun.push(stage);
  });

  afterEach(async () => {
    for (const one of begun.splice(0)) await one.end();
  });

  const outboxOf = (copy: string): Outbox => {
    const { names } = stage;
    return new Outbox({
      copy,
      names,
      mayPublish: () => true,
      clock,
      random: Math.random,
      log: silentLog,
      onDropped: () => assert.fail('dropped'),
    });
  };
  const hear = (outbox: Outbox, deliveries: readonly Delivery[]): void => {
    for (const delivery of deliveries) outbox.add(LISTENER, delivery);
  };
  const lead = async (outbox: Outbox, copy: Copy): Promise<void> =>
    outbox.lead(eventStream(copy), await readTail(copy, clock), NOBODY);
  const isPublished = (published: Published, delivery: Delivery): boolean =>
    published.has(stage.names.events(LISTENER, partitionOf(delivery)), markOf(delivery));

  describe('what an outbox publishes', () => {
    it('is there in order, once, as it was', async () => {
      const outbox = outboxOf('one');
      await lead(outbox, await stage.join());
      const heard = [...messages(200, 20), readIn('3'), readIn('3')];
      hear(outbox, heard);
      await outbox.settled();
      assert.deepEqual(byChat(await stage.published()), byChat(heard));
    });

    it('is not lost, doubled or turned round where the server is killed and starts again', async () => {
      const outbox = outboxOf('one');
      await lead(outbox, await stage.join());
      const heard = [...messages(3_000, 60), ...Array.from({ length: 60 }, (_, chat) => readIn(String(chat)))];
      for (let part = 0; part < 3; part += 1) {
        hear(outbox, heard.slice(part * 1_020, (part + 1) * 1_020));
        const before = outbox.size;
        while (outbox.size > before - 300) await wait(1);
        await stage.nats.kill();
        await wait(200);
        await stage.nats.start();
      }
      await outbox.settled();
      assert.deepEqual(byChat(await stage.published()), byChat(heard));
    });

    it('is not taken where somebody else has published on its subject meanwhile', async () => {
      const stream = eventStream(await stage.join());
      const post = (id: string): Post => ({
        subject: stage.names.events(LISTENER, 1),
        id,
        mark: markOf(readIn('1')),
        bytes: encode(readIn('1')),
      });
      assert.equal(await stream.newest(post('a').subject), undefined);
      assert.equal(await stream.publish(post('a'), 0), 1);
      await assert.rejects(stream.publish(post('b'), 0));
      assert.equal(await stream.publish(post('b'), 1), 2);
      assert.deepEqual(await stream.newest(post('a').subject), { seq: 2, id: 'b' });
      await assert.rejects(stream.publish({ ...post('c'), bytes: Buffer.alloc(2_000_000) }, 2), RangeError);
    });

    it('is taken over: nothing is lost, doubled or turned round where one copy ends in the middle', async () => {
      const [one, two] = [outboxOf('one'), outboxOf('two')];
      const engine = await stage.join();
      await lead(one, engine);
      const heard = messages(1_500, 40).flatMap((message, index) => [message, ...(index % 3 ? [] : [readIn('5')])]);
      hear(one, heard);
      hear(two, heard);
      while (one.size > 1_000) await wait(1);
      // Gone without a word; what it had on its way may still come through.
      one.standBy();
      await wait(500);
      assert.ok(one.size > 100);
      await lead(two, await stage.join());
      hear(two, messages(100, 40, 1_500));
      await two.settled();
      assert.deepEqual(byChat(await stage.published()), byChat([...heard, ...messages(100, 40, 1_500)]));
    });
  });

  describe('the tail of the stream', () => {
    it('of an empty stream is empty', async () => {
      const published = await readTail(await stage.join(), clock);
      assert.ok(!isPublished(published, messageIn('1', 1)));
    });

    it('is found behind gaps, dead letters and messages of others', async () => {
      const { js, manager, names } = await stage.join();
      const outbox = outboxOf('one');
      await lead(outbox, { js, manager, names });
      hear(outbox, messages(10, 3));
      await outbox.settled();
      for (const seq of [1, 4, 10]) await manager.streams.deleteMessage(names.stream, seq);
      await js.publish(names.dead(LISTENER), 'dead');
      await js.publish(names.events('other', 1), 'no mark');
      await js.publish(names.dead(LISTENER), 'dead');
      const published = await readTail({ js, manager, names }, clock);
      const known = messages(10, 3).filter((delivery) => isPublished(published, delivery));
      assert.equal(known.length, 7);
    });

    it('holds what was published in the last half minute, however much that is', async () => {
      const engine = await stage.join();
      const [subject, bytes] = [
        stage.names.events(LISTENER, partitionOf(messageIn('1', 1))),
        encode(messageIn('1', 1)),
      ];
      for (let part = 0; part < 15; part += 1) {
        await Promise.all(
          Array.from({ length: 1_000 }, (_, index) => {
            const marked = headers();
            marked.set(MARK_HEADER, writeMark(markOf(messageIn('1', part * 1_000 + index))));
            return engine.js.publish(subject, bytes, { headers: marked });
          }),
        );
      }
      const published = await readTail(engine, clock);
      for (const id of [0, 1, 7_500, 14_999]) assert.ok(isPublished(published, messageIn('1', id)), String(id));
      assert.ok(!isPublished(published, messageIn('1', 15_000)));
    });

    it('ends where NATS does not answer', async () => {
      const engine = await stage.join();
      await stage.nats.kill();
      await assert.rejects(readTail(engine, clock));
    });

    it('leaves no consumer behind', async () => {
      const engine = await stage.join();
      const outbox = outboxOf('one');
      await lead(outbox, engine);
      hear(outbox, messages(10, 3));
      await outbox.settled();
      await readTail(engine, clock);
      let left = Infinity;
      while (left > 0) left = (await engine.manager.streams.info(stage.names.stream)).state.consumer_count;
    });
  });
});
