import assert from 'node:assert/strict';
import { ACCOUNT, ConnectionHarness } from './support/connection-harness';
import { FakeClock } from './support/fake-clock';
import { ListenerSpy } from './support/listener-spy';

const MINUTE = 60_000;
const LICENSES = '/v1/licenses';
const TELEGRAM = { licenseId: 50718, messengerType: 'telegram' } as const;
const CHANNEL = 'private-v1.licenses.50718.messengers.telegram';

describe('a connection with a listener to all lines', () => {
  const clock = new FakeClock();
  let harness: ConnectionHarness;
  let spy: ListenerSpy;
  beforeEach(async () => {
    // Time passes in leaps, which no pong could follow, nor the limit of ChatApp's requests.
    harness = await ConnectionHarness.start({ requestsPerSecond: 1_000 }, () => ({
      clock,
      pingEvery: 24 * 60 * MINUTE,
    }));
    spy = new ListenerSpy({ type: 'messenger' });
    await harness.listen(spy);
    await spy.until(({ status }) => status?.channels?.listening === 5);
  });
  afterEach(() => harness.close());

  /** Advances the clock until the lines are read, and waits until the connection has the answer. */
  const readAfter = async (ms: number): Promise<void> => {
    const readings = (): number => harness.log.filter((line) => line.includes(`${LICENSES} answered`)).length;
    const before = readings();
    await clock.pass(ms);
    await harness.simulator.until((it) => it.requestsTo(LICENSES).filter(({ status }) => status > 0).length > before);
    while (readings() === before) await clock.settle();
    await clock.settle();
  };
  const message = (): void => void harness.simulator.message({ ...TELEGRAM, text: 'hello' });

  it('receives each message of a messenger that is missing in one answer of ChatApp', async () => {
    const { simulator } = harness;
    const incomplete = ACCOUNT.licenses.map(({ licenseId }) => ({ licenseId, messenger: [{ type: 'grWhatsApp' }] }));
    simulator.faults.answerWith('lines', { status: 200, body: { success: true, data: incomplete } }, 1);
    message();
    await readAfter(10 * MINUTE);
    message();
    await readAfter(MINUTE);
    message();
    await spy.until(({ items }) => items.length === 3);
    assert.equal(simulator.subscriptions(CHANNEL), 1);
    const { frames } = simulator;
    assert.equal(frames.filter(({ event }) => event === 'pusher:unsubscribe').length, 0);
  });

  it('leaves a line that all answers of an hour lack', async () => {
    const { simulator } = harness;
    simulator.account.removeLine(50718);
    await readAfter(10 * MINUTE);
    for (let minute = 1; minute < 60; minute += 1) await readAfter(MINUTE);
    assert.equal(simulator.subscriptions(CHANNEL), 1);
    await readAfter(MINUTE);
    await simulator.until((it) => it.subscriptions(CHANNEL) === 0);
    assert.deepEqual(spy.codes, ['CHANNEL_REFUSED.noLine']);
  });
});
