import assert from 'node:assert/strict';
import type { ScenarioRun } from './harness/scenario';
import { useScenario } from './harness/use-scenario';
import { channelOf, type ChatAppServer } from './server/chatapp';
import type { Line } from './server/history';

describe('a listener that waits for its flow, in a real Node-RED without NATS,', function () {
  this.timeout(60_000);
  let run: ScenarioRun;
  let chatapp: ChatAppServer;
  let line: Line;

  useScenario((started, server) => {
    run = started;
    chatapp = server;
    line = chatapp.addLine(50001);
  });

  const one = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp', ack: 'done', ackSeconds: '60' };
  const listen = async (properties: object = {}): Promise<void> => {
    await run.deploy([{ ...one, ...properties }]);
    assert.ok(await run.within(60, () => chatapp.pusher.isSubscribed(channelOf(line))), 'it does not listen');
  };
  const attempts = (): (number | undefined)[] => run.got('one').map(({ attempt }) => attempt);

  it('gives an event once more, as the second attempt, after a kill', async () => {
    await listen();
    run.say(line, 1);
    await run.within(10, () => attempts().length === 1);
    await run.pass(2);
    await run.stop('SIGKILL');
    await run.start();
    await run.within(60, () => attempts().length > 1);
    assert.deepEqual(attempts(), [1, 2]);
  });

  it('gives an event once more if the flow does not finish it in time', async () => {
    await listen();
    run.say(line, 1);
    await run.within(90, () => attempts().length > 1);
    assert.deepEqual(attempts(), [1, 2]);
  });

  it('keeps the second message of a chat until the first is done', async () => {
    await listen();
    run.say(line, 1, ['another']);
    run.say(line, 2);
    await run.pass(20);
    assert.equal(run.got('one').filter(({ chatId }) => chatId === 'chat').length, 1);
  });

  it('shows below the node how many events wait, and when the next one is delivered again', async () => {
    const texts = (): string[] => run.nodeRed.statuses('one').map(({ text }) => String(text));
    await listen({ ackSeconds: '20' });
    run.say(line, 1, ['another']);
    run.say(line, 2);
    assert.ok(await run.within(15, () => texts().includes('3 waiting')), texts().join());
    assert.ok(await run.within(30, () => texts().some((text) => /^retry \d\d:\d\d \(3\)$/.test(text))), texts().join());
    assert.equal(run.nodeRed.statuses('one').at(-1)?.fill, 'green');
  });

  it('reports an event to Catch that the flow did not finish in five attempts', async () => {
    await listen({ ackSeconds: '5' });
    run.say(line, 1);
    await run.within(1_500, () => run.errors.length > 0);
    assert.deepEqual(run.errors, ['DELIVERY_FAILED']);
    assert.deepEqual(attempts(), [1, 2, 3, 4, 5]);
  });

  it('tells the number of the attempt without waiting for the flow too', async () => {
    await listen({ ack: 'sent' });
    run.say(line, 1);
    await run.within(10, () => attempts().length > 0);
    assert.deepEqual(attempts(), [1]);
  });
});
