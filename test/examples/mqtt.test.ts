import assert from 'node:assert/strict';
import { isRecord } from '../../src/events/json';
import { ALL_NODES, startNodeRedChild } from '../support/node-red-child';
import { doneBy, ERRORS, lastStatus, pressUntil, SharedWork, statusesOf } from './shared-work';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const OTHER_LINE = { licenseId: '50102', messengerType: 'instagram' } as const;

describe('the examples of shared work by MQTT', () => {
  let shared: SharedWork;

  before(async () => {
    shared = await SharedWork.start();
  });

  after(() => shared.close());

  beforeEach(() => shared.useNewTopics());

  afterEach(() => shared.clear());

  it('hands a worker the whole msg of the listener', async () => {
    const flow = await shared.share();
    const worker = await shared.work(shared.workers[0]);
    shared.stage.announce(
      'chatTag',
      { type: 'messenger', ...LINE },
      { type: 'add', tag: { id: 6 }, chat: { id: '7' } },
    );
    await shared.settled(flow, () => worker.shown().length > 0);
    const [msg] = worker.shown();
    assert.ok(isRecord(msg) && isRecord(msg.chatapp));
    assert.deepEqual([msg.topic, msg.payload], ['chatTag', { type: 'add', tag: { id: 6 }, chat: { id: '7' } }]);
    const { event, licenseId, messengerType, chatId, recovered } = msg.chatapp;
    assert.deepEqual(
      [event, licenseId, messengerType, chatId, recovered],
      ['chatTag', '50101', 'telegram', '7', false],
    );
  });

  it('has a topic for each line, messenger and event', async () => {
    await shared.share();
    const ofLine = await shared.work(shared.workers[0], { SUBSCRIPTION: `$share/one-line/${shared.root}/50102/#` });
    const ofEvent = await shared.work(shared.workers[1], {
      SUBSCRIPTION: `$share/one-event/${shared.root}/+/telegram/messageSystem`,
    });
    const expected = [
      shared.stage.simulator.message(OTHER_LINE).id,
      shared.stage.simulator.message({ ...LINE, type: 'system' }).id,
    ];
    shared.stage.simulator.message(LINE);
    await shared.inAnyOf('both', () => doneBy(ofLine).length > 0 && doneBy(ofEvent).length > 0);
    assert.deepEqual([...doneBy(ofLine), ...doneBy(ofEvent)], expected);
  });

  it('keeps what comes while the broker is away, shows it, and sends it when the broker is back', async () => {
    const flow = await shared.share({ RESEND_SECONDS: 60 });
    const worker = await shared.work(shared.workers[0]);
    shared.stage.simulator.message(LINE);
    await shared.settled(flow, () => worker.shown().length === 1);
    await shared.proxy.down();
    await shared.stage.nodeRed.until('no broker', () => lastStatus(flow) === 'no broker, 0 waiting');
    const ids = ['one', 'two', 'three'].map((text) => shared.stage.simulator.message({ ...LINE, text }).id);
    await shared.stage.nodeRed.until('what waits', () => lastStatus(flow) === 'no broker, 3 waiting');
    await shared.proxy.up();
    await shared.settled(flow, () => worker.shown().length >= 4);
    assert.deepEqual(doneBy(worker).slice(1), ids);
  });

  it('keeps what nobody works on, over a deploy as well, until a worker comes', async () => {
    const before = await shared.share();
    const { id } = shared.stage.simulator.message(LINE);
    await shared.stage.nodeRed.until('what waits', () => lastStatus(before) === '1 waiting');
    const after = await shared.share();
    const worker = await shared.work(shared.workers[0]);
    await pressUntil(after, () => doneBy(worker).includes(id));
    await shared.settled(after, () => true);
  });

  it('sends again what a worker has failed at', async () => {
    const flow = await shared.share({ RESEND_SECONDS: 0.2 });
    const func = `if (context.get('failed')) return msg;\ncontext.set('failed', true);\nthrow new Error('not today');`;
    const worker = await shared.work(shared.workers[0], {}, (node) =>
      node.name === 'your work here' ? { ...node, func } : node,
    );
    const { id } = shared.stage.simulator.message(LINE);
    await shared.workers[0].until('the error', () => worker.errors().length > 0);
    assert.match(JSON.stringify(worker.errors()[0]), /not today/);
    assert.deepEqual(doneBy(worker), []);
    await pressUntil(flow, () => doneBy(worker).length > 0);
    assert.ok(doneBy(worker).includes(id));
    await shared.settled(flow, () => true);
  });

  it('tells of an event that was sent ten times in vain, and keeps it', async () => {
    const flow = await shared.share({ RESEND_SECONDS: 0.01 });
    shared.stage.simulator.message(LINE);
    await pressUntil(flow, () => flow.shown(ERRORS).length > 0);
    assert.match(
      JSON.stringify(flow.shown(ERRORS)[0]),
      new RegExp(`Sent 10 times.*${shared.root}/50101/telegram/message"`),
    );
    assert.equal(lastStatus(flow), '1 waiting');
  });

  it('gives workers no more events ahead of their reports than they shall have at once', async () => {
    const flow = await shared.share({ AT_ONCE: 3, RESEND_SECONDS: 60 });
    const worker = await shared.work(shared.workers[0], {}, (node) =>
      node.name === 'your work here' ? { ...node, wires: [[]] } : node,
    );
    for (let count = 0; count < 10; count++) shared.stage.simulator.message(LINE);
    await shared.stage.nodeRed.until('all of them', () => lastStatus(flow) === '10 waiting');
    await shared.workers[0].until('its share', () => worker.count() >= 3);
    const before = statusesOf(flow).length;
    await flow.press('every 5 seconds');
    await shared.stage.nodeRed.until('the look', () => statusesOf(flow).length > before);
    assert.equal(worker.count(), 3);
  });

  describe('where the broker knows shared subscriptions', () => {
    before(function () {
      if (shared.broker.shares) return;
      console.log(
        '      skipped: no MQTT broker answers here, Mosquitto is not installed (apt-get install mosquitto), and aedes, ' +
          'which stands in for it, knows no shared subscriptions',
      );
      this.skip();
    });

    it('gives every event to one of the workers, and to each of them some', async () => {
      const flow = await shared.share();
      const [one, other] = await Promise.all(shared.workers.map((worker) => shared.work(worker)));
      assert.ok(one && other);
      const ids = Array.from({ length: 20 }, () => shared.stage.simulator.message(LINE).id);
      await shared.settled(flow, () => doneBy(one).length + doneBy(other).length >= ids.length);
      assert.deepEqual([...doneBy(one), ...doneBy(other)].sort(), [...ids].sort());
      assert.ok(doneBy(one).length > 0 && doneBy(other).length > 0);
    });

    it('sends again, to another worker, what a worker had in its hands when it was killed', async () => {
      const flow = await shared.share({ RESEND_SECONDS: 1 });
      const doomed = await startNodeRedChild(undefined, {}, ALL_NODES);
      try {
        // It takes events, and nothing comes of them.
        const stuck = await shared.work(doomed, {}, (node) =>
          node.name === 'your work here' ? { ...node, wires: [[]] } : node,
        );
        const other = await shared.work(shared.workers[0]);
        const ids = Array.from({ length: 10 }, () => shared.stage.simulator.message(LINE).id);
        await doomed.until('events in its hands', () => stuck.count() > 0);
        assert.ok(doomed.pid !== undefined);
        process.kill(doomed.pid, 'SIGKILL');
        await pressUntil(flow, () => new Set(doneBy(other)).size === ids.length);
        assert.deepEqual([...new Set(doneBy(other))].sort(), [...ids].sort());
        await shared.settled(flow, () => true);
      } finally {
        await doomed.stop();
      }
    });
  });
});
