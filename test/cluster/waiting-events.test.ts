import assert from 'node:assert/strict';
import * as transport from '@nats-io/transport-node';
import { HandledEvents } from '../../src/cluster/handled-events';
import { checkWriting } from '../../src/cluster/health';
import type { ReadyNats } from '../../src/cluster/nats-client';
import { ensureConsumer } from '../../src/cluster/partition-consumer';
import { WaitingEvents } from '../../src/cluster/waiting-events';
import { ClusterNats } from '../support/cluster-nats';

const [LISTENER, PARTITION] = ['listener', 3];

describe('The events that wait in a partition', () => {
  let server: ClusterNats;
  let nats: ReadyNats;
  let events: WaitingEvents;

  beforeEach(async function () {
    const opened = await ClusterNats.open();
    if (!opened) return this.skip();
    server = opened;
    nats = await server.connect();
    await checkHealth();
    events = new WaitingEvents(nats, nats.names.events(LISTENER, PARTITION));
    await infoOf();
  });

  afterEach(() => server.end());

  const checkHealth = (): Promise<void> => checkWriting(nats.js, nats.names.health, transport);
  const publish = (partition = PARTITION): Promise<unknown> =>
    nats.js.publish(nats.names.events(LISTENER, partition), 'event');
  const infoOf = (): ReturnType<typeof ensureConsumer> =>
    ensureConsumer(nats, LISTENER, PARTITION, new HandledEvents(nats, LISTENER, PARTITION, '', 'a'));
  const look = async (handled = 0): Promise<number> => {
    const info = await infoOf();
    const { state } = await nats.manager.streams.info(nats.names.stream);
    return events.look({ ...info, num_pending: info.num_pending - handled }, state, []);
  };

  it('are not taken for dropped if only the health message at the beginning of the stream was replaced', async () => {
    await publish();
    assert.equal(await look(), 0);
    await checkHealth();
    // It is handled between the answers that are compared.
    assert.equal(await look(1), 0);
  });

  it('are not taken for dropped if the stream has dropped events of another partition', async () => {
    await publish(PARTITION + 1);
    await publish();
    assert.equal(await look(), 0);
    await nats.manager.streams.purge(nats.names.stream, { filter: nats.names.events(LISTENER, PARTITION + 1) });
    await checkHealth();
    assert.equal(await look(1), 0);
  });

  it('are counted as dropped once if the stream has dropped them', async () => {
    await publish();
    await publish();
    assert.equal(await look(), 0);
    await nats.manager.streams.purge(nats.names.stream);
    assert.equal(await look(), 2);
    assert.equal(await look(), 0);
  });
});
