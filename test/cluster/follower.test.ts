import assert from 'node:assert/strict';
import { headers } from '@nats-io/transport-node';
import { systemClock } from '../../src/clock';
import { EVENT_HEADER, type EventHeader } from '../../src/cluster/event-message';
import { Follower } from '../../src/cluster/follower';
import { silentLog } from '../../src/log';
import { ClusterNats, CLUSTER, until } from '../support/cluster-nats';

describe('The follower of an instance', () => {
  let nats: ClusterNats;

  beforeEach(async function () {
    const opened = await ClusterNats.open();
    if (!opened) return this.skip();
    nats = opened;
  });
  afterEach(() => nats.end());

  it('reads each event once, although some arrive before an answer about the stream that is older', async () => {
    const ready = await nats.connect();
    const seen: number[] = [];
    let published = 0;
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
    const follower = new Follower(ready, {
      instance: 'this',
      onEvent: (_, { id }) => seen.push(id),
      onOwnEvent: () => undefined,
      onEarlierEvent: () => undefined,
      onFailure: (error) => assert.fail(String(error)),
      clock: systemClock,
      log: silentLog,
    });
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
    await follower.stop();
  });
});
