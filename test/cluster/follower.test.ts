import assert from 'node:assert/strict';
import { headers } from '@nats-io/transport-node';
import { systemClock } from '../../src/clock';
import { EVENT_HEADER, type EventHeader } from '../../src/cluster/event-message';
import { Follower } from '../../src/cluster/follower';
import type { ReadyNats } from '../../src/cluster/nats-client';
import { silentLog } from '../../src/log';
import { ClusterNats, CLUSTER, until } from '../support/cluster-nats';

describe('The follower of an instance', () => {
  let nats: ClusterNats;
  let ready: ReadyNats;
  let published: number;
  let seen: number[];
  let follower: Follower;

  beforeEach(async function () {
    const opened = await ClusterNats.open();
    if (!opened) return this.skip();
    nats = opened;
    ready = await nats.connect();
    published = 0;
    seen = [];
    follower = new Follower(ready, {
      instance: 'this',
      onEvent: (_, { id }) => seen.push(id),
      onOwnEvent: () => undefined,
      onEarlierEvent: () => undefined,
      onFailure: (error) => assert.fail(String(error)),
      clock: systemClock,
      log: silentLog,
    });
  });
  afterEach(async () => {
    await follower.stop();
    await nats.end();
  });

  const publish = async (): Promise<void> => {
    published += 1;
    const header: EventHeader = {
      instance: 'other',
      channel: 'channel',
      event: 'message',
      source: 'socket',
      id: published,
      edit: 0,
      shares: 1,
    };
    const messageHeaders = headers();
    messageHeaders.set(EVENT_HEADER, JSON.stringify(header));
    await ready.js.publish(CLUSTER.events('listener', 1), '', { headers: messageHeaders });
  };

  it('reads each event once, although some arrive before an answer about the stream that is older', async () => {
    await follower.start(undefined);
    await publish();
    await until(() => seen.length === 1, 'the first event is read');
    const { streams } = ready.manager;
    const info = streams.info.bind(streams);
    let answers = 0;
    streams.info = async (stream) => {
      const answer = await info(stream);
      await publish();
      await until(() => seen.length >= published, 'the next event is read');
      answers += 1;
      return answer;
    };
    await until(() => answers === 3, 'it has asked three times');
    assert.deepEqual(seen, [1, 2, 3, 4]);
  });

  it('reads what NATS skips, and goes on behind what was removed', async () => {
    const { consumers } = ready.js;
    const getPushConsumer = consumers.getPushConsumer.bind(consumers);
    let [skipped, opened] = [0, 0];
    consumers.getPushConsumer = async (...args) => {
      opened += 1;
      if (opened === 2) await ready.manager.streams.deleteMessage(CLUSTER.stream, 4);
      const consumer = await getPushConsumer(...args);
      const consume = consumer.consume.bind(consumer);
      consumer.consume = (options) =>
        consume({
          ...options,
          callback: (message) => {
            // As a NATS that was killed: the first reader does not get these.
            if (skipped < 3 && message.seq >= 3) skipped += 1;
            else void options?.callback?.(message);
          },
        });
      return consumer;
    };
    await follower.start(undefined);
    for (let count = 0; count < 8; count += 1) await publish();
    await until(() => seen.at(-1) === 8, 'all are read');
    assert.deepEqual([skipped, seen], [3, [1, 2, 3, 5, 6, 7, 8]]);
  });
});
