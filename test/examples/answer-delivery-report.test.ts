import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Faults } from '../../simulator';
import type { ExampleSettings } from '../support/example-stage';
import { describeAnswering, firstIdIn, KEPT, LINE, REFUSAL, type AnsweringRun } from './answering';

const BUTTON = 'send the text';
const FARE = 'how does it fare?';
const CLOCK = 'every 20 seconds';
const LATE = 'late: connect e-mail or Slack here';
const MINUTE = 60_000;

describeAnswering('answer/delivery-report', (here) => {
  let chat: string;
  let first: string;
  const run = (more: ExampleSettings['variables'] = {}): Promise<AnsweringRun> =>
    here().run({ CHAT: chat, TEXT: 'It is on its way.', ...more });
  const faults = (): Faults => here().stage.simulator.faults;
  const tell = (type: string, id = first, more: object = {}): void => {
    const item = { id, type, time: Math.floor(Date.now() / 1000), chat: { id: chat }, fromApp: null, ...more };
    here().stage.announce('messageStatus', { type: 'messenger', ...LINE }, item);
  };

  beforeEach(() => {
    chat = randomUUID();
    first = firstIdIn(here().stage.simulator);
  });

  it('tells that a text was delivered, and then that it was viewed, each once', async () => {
    const flow = await run();
    await flow.press(BUTTON);
    await flow.untilShown('viewed');
    assert.match(
      String(flow.shown('delivered')),
      new RegExp(`^delivered after \\d+ s\\. "It is on its way\\." to ${chat}$`),
    );
    assert.match(String(flow.shown('viewed')), /^viewed after /);
    for (const type of ['viewed', 'delivered', 'sent']) tell(type);
    await heard(flow);
    assert.deepEqual(told(flow), [1, 1, 0, 0]);
  });

  it('tells only the last of what comes out of order', async () => {
    faults().sentMessagesEnd('jumbled');
    const flow = await run();
    await flow.press(BUTTON);
    await flow.untilShown('viewed');
    await heard(flow);
    assert.deepEqual(told(flow), [0, 1, 0, 0]);
  });

  it('tells that a text has failed, and why', async () => {
    faults().sentMessagesEnd('failed');
    const flow = await run();
    await flow.press(BUTTON);
    await flow.untilShown('failed');
    assert.match(String(flow.shown('failed')), /^failed: \w.*\. "It is on its way\." to /);
    await flow.press(CLOCK, { payload: Date.now() + 60 * MINUTE });
    await heard(flow);
    assert.deepEqual(told(flow), [0, 0, 1, 0]);
  });

  it('counts a status that comes before the answer to the send', async () => {
    faults().sentMessagesEnd('silence');
    const flow = await run();
    for (const type of ['viewed', 'delivered', 'sent']) tell(type);
    await heard(flow);
    assert.deepEqual(told(flow), [0, 0, 0, 0]);
    await flow.press(BUTTON);
    await flow.untilShown('viewed');
  });

  it('takes a status too that says of its message that it went out', async () => {
    faults().sentMessagesEnd('silence');
    const flow = await run();
    await flow.press(BUTTON);
    await followed(flow, 1);
    tell('delivered', first, { side: 'out' });
    await heard(flow);
    assert.deepEqual(told(flow), [1, 0, 0, 0]);
  });

  it('calls a text late once, and tells all the same when it is delivered after that', async () => {
    faults().sentMessagesEnd('sent');
    const flow = await run({ LATE_MINUTES: 10 });
    await flow.press(BUTTON);
    await followed(flow, 1);
    const start = Date.now();
    await check(flow, start + 9.9 * MINUTE, 0);
    await check(flow, start + 10.1 * MINUTE, 1);
    await check(flow, start + 30 * MINUTE, 1);
    assert.deepEqual(flow.shown(LATE), [`not delivered for 10 min. "It is on its way." to ${chat}`]);
    tell('delivered');
    await flow.untilShown('delivered');
    tell('sent');
    await heard(flow);
    await check(flow, start + 40 * MINUTE, 0);
    assert.deepEqual(told(flow), [1, 0, 0, 1]);
  });

  it('follows a text no longer than KEEP_HOURS', async () => {
    faults().sentMessagesEnd('delivered');
    const flow = await run({ KEEP_HOURS: 2 });
    await flow.press(BUTTON);
    await flow.untilShown('delivered');
    await check(flow, Date.now() + 119 * MINUTE, 0);
    await check(flow, Date.now() + 121 * MINUTE, 0);
    tell('viewed');
    await heard(flow);
    assert.deepEqual(told(flow), [1, 0, 0, 0]);
  });

  it('tells nothing of what others have sent, and takes no id of another chat for its own', async () => {
    faults().sentMessagesEnd('silence');
    const flow = await run();
    await flow.press(BUTTON);
    await followed(flow, 1);
    const item = { id: first, type: 'viewed', time: 1, chat: { id: 'another' }, fromApp: null };
    here().stage.announce('messageStatus', { type: 'messenger', ...LINE }, item);
    tell('viewed', '2');
    await heard(flow);
    await check(flow, Date.now() + 60 * MINUTE, 1);
    assert.deepEqual(told(flow), [0, 0, 0, 1]);
  });

  it('follows what was sent to a bare phone', async () => {
    const flow = await run({ CHAT: '+7 (700) 123-45-67', MESSENGER: 'grWhatsApp' });
    await flow.press(BUTTON);
    await flow.untilShown('viewed');
    assert.match(String(flow.shown('viewed')), /to 77001234567@c\.us$/);
  });

  it('sends nothing because of what it hears', async () => {
    const flow = await run();
    const before = flow.sends();
    await flow.press(BUTTON);
    await flow.untilShown('viewed');
    await flow.untilHeard();
    await heard(flow);
    assert.equal(flow.sends() - before, 1);
  });

  it('forgets nothing over a deploy', async () => {
    faults().sentMessagesEnd('silence');
    const flow = await run();
    await flow.press(BUTTON);
    await followed(flow, 1);
    await flow.redeploy();
    tell('viewed');
    await flow.untilShown('viewed');
  });

  it('keeps and shows a text that was refused, and does not follow it', async () => {
    faults().answerWith('send', REFUSAL, 1);
    const flow = await run();
    await flow.press(BUTTON);
    await flow.untilShown(KEPT);
    assert.match(String(flow.kept()[0]?.reason), /^SEND_REFUSED: ./);
    assert.equal(flow.kept()[0]?.text, 'It is on its way.');
    await check(flow, Date.now() + 60 * MINUTE, 0);
  });

  it('says what is missing where there is no chat', async () => {
    const flow = await run({ CHAT: '' });
    const before = flow.sends();
    await flow.press(BUTTON);
    await flow.untilShown(KEPT);
    assert.match(String(flow.kept()[0]?.reason), /^SEND_REFUSED: .*chat/i);
    assert.equal(flow.sends(), before);
  });

  it('sends nothing twice where nobody knows whether it arrived', async () => {
    faults().answerWith('send', 'accept and hang up', 1);
    const flow = await run();
    const before = flow.sends();
    await flow.press(BUTTON);
    await flow.untilShown(KEPT);
    assert.match(String(flow.kept()[0]?.reason), /^SEND_UNCERTAIN: ./);
    await heard(flow);
    await check(flow, Date.now() + 60 * MINUTE, 0);
    assert.equal(flow.sends() - before, 1);
  });

  for (const variable of ['LATE_MINUTES', 'KEEP_HOURS'] as const) {
    it(`says so where ${variable} is wrong`, async () => {
      const flow = await run({ [variable]: 0 });
      await flow.press(CLOCK, { payload: Date.now() });
      await flow.untilError(new RegExp(variable));
    });
  }

  /** How many of each the flow has told: delivered, viewed, failed, late. */
  function told(flow: AnsweringRun): number[] {
    return ['delivered', 'viewed', 'failed', LATE].map((name) => flow.shown(name).length);
  }

  function followed(flow: AnsweringRun, count: number): Promise<void> {
    const text = `${count} followed`;
    return here().stage.nodeRed.until(text, () => flow.statuses(FARE).at(-1)?.text === text);
  }

  /** Resolves once the flow is done with the statuses so far. */
  async function heard(flow: AnsweringRun): Promise<void> {
    const before = flow.statuses(FARE).length;
    tell('sent', 'of somebody else');
    await here().stage.nodeRed.until('the status', () => flow.statuses(FARE).length > before);
    await flow.untilHeard();
  }

  /** Lets the flow look at what is late as if it were `now`; then so many are. */
  async function check(flow: AnsweringRun, now: number, count: number): Promise<void> {
    const before = flow.statuses('what is late?').length;
    await flow.press(CLOCK, { payload: now });
    await here().stage.nodeRed.until('the check', () => flow.statuses('what is late?').length > before);
    assert.equal(flow.statuses('what is late?').at(-1)?.text, `${count} late`);
  }
});
