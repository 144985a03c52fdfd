import assert from 'node:assert/strict';
import type { MessageItem, MessageToMake } from '../../simulator/contract';
import { ExampleHarness, type ExampleSettings, type RunningExample } from '../support/example-harness';
import type { FlowNode } from '../support/node-red-child';

const EXAMPLE = 'unanswered/unanswered';
const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const ALERT = 'connect e-mail or Slack here';
const ERRORS = 'read the text and act';
const MINUTE = 60_000;
/** Work all the time: what is tested is not the hours. */
const ALWAYS = { WORK_FROM: '00:00', WORK_TO: '24:00', WORK_DAYS: 'Sun Mon Tue Wed Thu Fri Sat', TIME_ZONE: 'UTC' };

describe('the example of unanswered messages', () => {
  let harness: ExampleHarness;

  before(async () => {
    harness = await ExampleHarness.start();
  });

  after(() => harness.close());

  afterEach(() => harness.deploy([]));

  // The first one: what was said in the second in which a line is first received may come again after a drop.
  it('alerts about what was written and not answered during an outage, and not about what was', async () => {
    const flow = await run({ MINUTES: 15 });
    const before = flow.statuses('note who waits').length;
    harness.simulator.dropAll();
    const asked = message({ chat: '7', text: 'missed' }).time * 1000;
    message({ chat: '8' });
    message({ chat: '8', side: 'out' });
    // They come chat by chat, in whichever order the chats are read.
    await harness.nodeRed.until('all three', () => flow.statuses('note who waits').length - before >= 3);
    await waiting(flow, 1);
    await check(flow, asked + 15 * MINUTE, 1);
    assert.match(String(await alerts(flow, 1)), /: missed$/);
  });

  it('alerts once when nobody has answered in time, and once more for the next question', async () => {
    const flow = await run({ MINUTES: 15 });
    const asked = await write(flow, 1, { text: 'are you open?', chat: { id: '7', name: 'Ольга' } });
    await check(flow, asked + 14.9 * MINUTE, 0);
    await check(flow, asked + 15 * MINUTE, 1);
    await check(flow, asked + 40 * MINUTE, 1);
    const expected = 'Ольга has been waiting for 15 min (line 50101, telegram): are you open?';
    assert.deepEqual(await alerts(flow, 1), [expected]);
    await write(flow, 0, { text: 'we are', chat: '7', side: 'out' });
    const again = await write(flow, 1, { text: 'until when?', chat: '7' });
    await check(flow, again + 20 * MINUTE, 1);
    await alerts(flow, 2);
  });

  it('counts from the first waiting message, by the clock of the machine', async () => {
    const flow = await run({ MINUTES: 2 });
    const now = Math.floor(Date.now() / 1000);
    await write(flow, 1, { text: 'hello', time: now - 150 });
    await write(flow, 1, { text: 'hello?', time: now - 10 });
    await flow.press('every 20 seconds');
    assert.match(String(await alerts(flow, 1)), /3 min .*: hello$/);
  });

  it('keeps chats of several lines apart', async () => {
    const flow = await run({ MINUTES: 15 });
    const asked = await write(flow, 1, { chat: '7' });
    await write(flow, 2, { chat: '7', messengerType: 'grWhatsApp' });
    await write(flow, 1, { chat: '7', side: 'out' });
    await check(flow, asked + 30 * MINUTE, 1);
    assert.match(String(await alerts(flow, 1)), /grWhatsApp/);
  });

  it('takes neither notes of ChatApp nor older messages for an answer, and neither edits nor notes for a question', async () => {
    const flow = await run({ MINUTES: 15 });
    const asked = await write(flow, 1, {});
    message({ side: 'out', type: 'system' });
    await write(flow, 1, { side: 'out', time: asked / 1000 - 60 });
    await check(flow, asked + 15 * MINUTE, 1);
    await write(flow, 0, { side: 'out' });
    message({ type: 'system' });
    await write(flow, 0, { edited: true });
  });

  it('lets a chat wait no more when it is closed', async () => {
    const flow = await run({ MINUTES: 15 });
    await write(flow, 1, { chat: '7' });
    harness.announce('chatStatus', { type: 'messenger', ...LINE }, { type: 'open', chat: { id: '7' } });
    harness.announce('chatStatus', { type: 'messenger', ...LINE }, { type: 'close', chat: { id: '7' } });
    await waiting(flow, 0);
  });

  it('counts the minutes of working hours only, in the time zone of the team', async () => {
    // 20:50 in Greenwich is 17:50 in São Paulo; the 6th of March 2026 is a Friday.
    const settings = { MINUTES: 15, WORK_DAYS: 'Mon Tue Wed Thu Fri', TIME_ZONE: 'America/Sao_Paulo' };
    const flow = await run({ ...settings, WORK_FROM: '09:00', WORK_TO: '18:00' });
    await write(flow, 1, { time: at('2026-03-06T20:50:00Z') / 1000 });
    for (const quiet of ['2026-03-06T21:30Z', '2026-03-07T15:00Z', '2026-03-09T11:59Z', '2026-03-09T12:04Z']) {
      await check(flow, at(quiet), 0);
    }
    await check(flow, at('2026-03-09T12:05:00Z'), 1);
  });

  it('takes a night for the work of the day on which it began', async () => {
    const settings = { MINUTES: 60, WORK_DAYS: 'Fri', TIME_ZONE: 'UTC' };
    const flow = await run({ ...settings, WORK_FROM: '22:00', WORK_TO: '06:00' });
    await write(flow, 1, { time: at('2026-03-06T05:00:00Z') / 1000 });
    // The night to Friday is Thursday's; that to Saturday begins at 22:00.
    await check(flow, at('2026-03-06T22:59Z'), 0);
    await check(flow, at('2026-03-06T23:00Z'), 1);
    await write(flow, 2, { chat: '8', time: at('2026-03-07T05:30:00Z') / 1000 });
    await check(flow, at('2026-03-13T22:29Z'), 1);
    await check(flow, at('2026-03-13T22:30Z'), 2);
  });

  it('remembers waiting customers and sent alerts over a deploy', async () => {
    const before = await run({ MINUTES: 15 });
    const asked = await write(before, 1, { chat: '7' });
    await check(before, asked + 15 * MINUTE, 1);
    const later = await write(before, 2, { chat: '8' });
    const after = await run({ MINUTES: 15 });
    await check(after, later + 15 * MINUTE, 2);
    await alerts(after, 1);
  });

  it('alerts again with the next check where the alert did not get through', async () => {
    const nodes = await imported({ MINUTES: 15 });
    const alert = nodes.find(({ name }) => name === ALERT) ?? assert.fail();
    const func = `if (context.get('tried')) return msg;\ncontext.set('tried', true);\nthrow new Error('no mail today');`;
    const sender = { ...alert, type: 'function', name: 'mail', func, outputs: 1, wires: [['c0ffee']] };
    const mailed = { ...alert, id: 'c0ffee' };
    const flow = await harness.deploy([...nodes.filter((node) => node !== alert), sender, mailed]);
    await flow.untilListening();
    const asked = await write(flow, 1, {});
    await check(flow, asked + 15 * MINUTE, 1);
    await harness.nodeRed.until('the error', () => flow.shown(ERRORS).length > 0);
    assert.match(JSON.stringify(flow.shown(ERRORS)[0]), /no mail today/);
    assert.deepEqual(flow.shown(ALERT), []);
    await check(flow, asked + 16 * MINUTE, 1);
    await alerts(flow, 1);
    await check(flow, asked + 17 * MINUTE, 1);
    await alerts(flow, 1);
  });

  for (const [variable, wrong] of [
    ['WORK_FROM', '9 am'],
    ['WORK_TO', ''],
    ['WORK_DAYS', 'weekdays'],
    ['TIME_ZONE', 'Atlantis'],
  ] as const) {
    it(`says so where ${variable} is wrong, instead of never alerting`, async () => {
      const flow = await run({ MINUTES: 15, [variable]: wrong });
      const asked = await write(flow, 1, {});
      await flow.press('every 20 seconds', { payload: asked });
      const reported = variable === 'TIME_ZONE' ? /time zone/ : new RegExp(variable);
      await harness.nodeRed.until('the error', () =>
        flow.shown(ERRORS).some((error) => reported.test(JSON.stringify(error))),
      );
    });
  }

  async function run(variables: ExampleSettings['variables']): Promise<RunningExample> {
    const flow = await harness.deploy(await imported(variables));
    await flow.untilListening();
    return flow;
  }

  /** The example, in which nobody but the test looks who waits too long. */
  async function imported(variables: ExampleSettings['variables']): Promise<FlowNode[]> {
    const nodes = await harness.imported(EXAMPLE, { variables: { ...ALWAYS, ...variables } });
    return nodes.map((node) => (node.type === 'inject' ? { ...node, once: false, repeat: '' } : node));
  }

  function message(fields: Partial<MessageToMake>): MessageItem {
    return harness.simulator.message({ ...LINE, ...fields });
  }

  /** Writes a message, waits until so many chats wait, and gives its time in ms. */
  async function write(flow: RunningExample, count: number, fields: Partial<MessageToMake>): Promise<number> {
    const before = flow.statuses('note who waits').length;
    const { time } = message(fields);
    await harness.nodeRed.until('the note', () => flow.statuses('note who waits').length > before);
    await waiting(flow, count);
    return time * 1000;
  }

  function waiting(flow: RunningExample, count: number): Promise<void> {
    const text = `${count} waiting`;
    return harness.nodeRed.until(text, () => flow.statuses('note who waits').at(-1)?.text === text);
  }

  /** The alerts, once there are so many. The alert of a check comes after its status. */
  async function alerts(flow: RunningExample, count: number): Promise<unknown[]> {
    await harness.nodeRed.until(`${count} alerts`, () => flow.shown(ALERT).length >= count);
    const shown = flow.shown(ALERT);
    assert.equal(shown.length, count);
    return shown;
  }

  /** Lets the flow look at who waits as if it were `now`; then so many have waited too long. */
  async function check(flow: RunningExample, now: number, count: number): Promise<void> {
    const before = flow.statuses('who waits too long?').length;
    await flow.press('every 20 seconds', { payload: now });
    await harness.nodeRed.until('the check', () => flow.statuses('who waits too long?').length > before);
    assert.equal(flow.statuses('who waits too long?').at(-1)?.text, `${count} waiting too long`);
  }
});

function at(time: string): number {
  return Date.parse(time);
}
