import assert from 'node:assert/strict';
import type { ExampleSettings } from '../support/example-stage';
import { describeAnswering, KEPT, REFUSAL, SAMPLE, type AnsweringRun } from './answering';

const TEXT = 'We are closed.';
const HOURS = { WORK_FROM: '09:00', WORK_TO: '18:00', WORK_DAYS: 'Mon Tue Wed Thu Fri', TIME_ZONE: 'UTC' };
/** The 6th of March 2026 is a Friday. */
const FRIDAY_NIGHT = at('2026-03-06T22:00Z');
const HOUR = 60 * 60_000;

describeAnswering('answer/out-of-hours', (here) => {
  const run = (more: ExampleSettings['variables'] = {}): Promise<AnsweringRun> =>
    here().run({ ...HOURS, TEXT, ...more });

  it('answers a customer who writes when it is closed, and nobody who writes in working hours', async () => {
    const flow = await run();
    flow.write('day', 'hello', { heardAt: at('2026-03-06T17:59Z') });
    flow.write('night', 'hello', { heardAt: at('2026-03-06T18:00Z') });
    assert.deepEqual(await flow.untilAnswered('night', 1), [TEXT]);
    flow.write('early', 'hello', { heardAt: at('2026-03-09T08:59Z') });
    flow.write('morning', 'hello', { heardAt: at('2026-03-09T09:00Z') });
    flow.write('later', 'hello', { heardAt: at('2026-03-09T18:00Z') });
    await flow.untilAnswered('early', 1);
    await flow.untilAnswered('later', 1);
    assert.deepEqual([...flow.answers('day'), ...flow.answers('morning')], []);
  });

  it('goes by the clock of the machine', async () => {
    const flow = await run({ WORK_DAYS: anotherDay() });
    flow.write('now', 'hello');
    assert.deepEqual(await flow.untilAnswered('now', 1), [TEXT]);
  });

  it('answers a chat once within REPEAT_HOURS, however many messages come, and others besides', async () => {
    const flow = await run({ REPEAT_HOURS: 8 });
    flow.write('a', 'hello', { heardAt: FRIDAY_NIGHT });
    flow.write('a', 'anyone?', { heardAt: FRIDAY_NIGHT });
    flow.write('a', 'still there', { heardAt: FRIDAY_NIGHT + 7.9 * HOUR });
    flow.write('b', 'hello', { heardAt: FRIDAY_NIGHT + 7.9 * HOUR });
    // Answers to several chats are sent at once, and arrive in any order.
    await flow.untilAnswered('a', 1);
    await flow.untilAnswered('b', 1);
    assert.equal(flow.answers('a').length, 1);
    flow.write('a', 'good morning', { heardAt: FRIDAY_NIGHT + 8 * HOUR });
    await flow.untilAnswered('a', 2);
  });

  it('keeps out of a chat in which a colleague answers at night', async () => {
    const flow = await run();
    flow.write('a', 'I am still here', { side: 'out', heardAt: FRIDAY_NIGHT });
    flow.write('a', 'thanks', { heardAt: FRIDAY_NIGHT });
    // What was answered by day does not count.
    flow.write('b', 'good evening', { side: 'out', heardAt: at('2026-03-06T17:50Z') });
    flow.write('b', 'one more thing', { heardAt: at('2026-03-06T18:10Z') });
    await flow.untilAnswered('b', 1);
    assert.deepEqual(flow.answers('a'), []);
  });

  it('does not answer itself, nor edits, nor groups', async () => {
    const flow = await run();
    const before = flow.sends();
    flow.write('a', 'hello', { heardAt: FRIDAY_NIGHT });
    await flow.untilAnswered('a', 1);
    await flow.untilHeard();
    flow.write('b', 'hello', { edited: true, heardAt: FRIDAY_NIGHT });
    flow.write('c', 'hello', { chat: { type: 'group' }, heardAt: FRIDAY_NIGHT });
    flow.write('d', 'hello', { heardAt: FRIDAY_NIGHT });
    await flow.untilAnswered('d', 1);
    await flow.untilHeard();
    assert.equal(flow.sends() - before, 2);
  });

  it('does not answer itself either where it hears what its own app sent', async () => {
    const flow = await here().run({ ...HOURS, TEXT, REPEAT_HOURS: 0.000_001 }, (node) =>
      'ignoreOwn' in node ? { ...node, ignoreOwn: false } : node,
    );
    const before = flow.sends();
    flow.write('a', 'hello', { heardAt: FRIDAY_NIGHT });
    await flow.untilAnswered('a', 1);
    await flow.untilHeard();
    flow.write('b', 'hello', { heardAt: FRIDAY_NIGHT });
    await flow.untilAnswered('b', 1);
    await flow.untilHeard();
    assert.equal(flow.sends() - before, 2);
  });

  it('knows holidays, and the time zone of the team', async () => {
    const flow = await run({ HOLIDAYS: '2026-01-01 2026-03-10', TIME_ZONE: 'America/Sao_Paulo' });
    // 14:00 in Greenwich is 11:00 in São Paulo.
    flow.write('holiday', 'hello', { heardAt: at('2026-03-10T14:00Z') });
    await flow.untilAnswered('holiday', 1);
    flow.write('open', 'hello', { heardAt: at('2026-03-11T20:59Z') });
    flow.write('closed', 'hello', { heardAt: at('2026-03-11T21:00Z') });
    await flow.untilAnswered('closed', 1);
    assert.deepEqual(flow.answers('open'), []);
  });

  it('takes a night for the work of the day on which it began', async () => {
    const flow = await run({ WORK_FROM: '22:00', WORK_TO: '06:00', WORK_DAYS: 'Fri' });
    flow.write('thursday', 'hello', { heardAt: at('2026-03-06T05:00Z') });
    flow.write('open', 'hello', { heardAt: at('2026-03-06T22:00Z') });
    flow.write('open', 'hello', { heardAt: at('2026-03-07T05:59Z') });
    flow.write('saturday', 'hello', { heardAt: at('2026-03-07T06:00Z') });
    await flow.untilAnswered('thursday', 1);
    await flow.untilAnswered('saturday', 1);
    assert.deepEqual(flow.answers('open'), []);
  });

  it('answers what was missed in an outage if it is still closed, and not if it is open by then', async () => {
    const flow = await run();
    here().stage.simulator.dropAll();
    flow.write('open', 'hello', { heardAt: at('2026-03-09T09:00Z'), time: now() });
    flow.write('closed', 'hello', { heardAt: FRIDAY_NIGHT, time: now() });
    await flow.untilAnswered('closed', 1);
    assert.deepEqual(flow.answers('open'), []);
  });

  it('answers nobody twice over a deploy', async () => {
    const flow = await run();
    flow.write('a', 'hello', { heardAt: FRIDAY_NIGHT });
    await flow.untilAnswered('a', 1);
    await flow.redeploy();
    flow.write('a', 'hello?', { heardAt: FRIDAY_NIGHT + HOUR });
    flow.write('b', 'hello', { heardAt: FRIDAY_NIGHT + HOUR });
    await flow.untilAnswered('b', 1);
    assert.equal(flow.answers('a').length, 1);
  });

  it('keeps and shows an answer that was refused, and gives it to the next message', async () => {
    here().stage.simulator.faults.answerWith('send', REFUSAL, 1);
    const flow = await run();
    const before = flow.sends();
    const { id } = flow.write('a', 'hello', { heardAt: FRIDAY_NIGHT });
    await flow.untilShown(KEPT);
    const [kept] = flow.kept();
    assert.match(String(kept?.reason), /^SEND_REFUSED: ./);
    assert.equal(kept?.text, TEXT);
    assert.ok(JSON.stringify(kept).includes(`"${id}"`));
    assert.equal(flow.sends() - before, 1);
    flow.write('a', 'hello?', { heardAt: FRIDAY_NIGHT });
    assert.deepEqual(await flow.untilAnswered('a', 1), [TEXT]);
  });

  for (const [how, answer, arrived] of [
    ['ChatApp takes it and hangs up', 'accept and hang up', 1],
    ['ChatApp has an error of its own', { status: 500, body: 'oops' }, 0],
  ] as const) {
    it(`sends nothing twice where ${how}, and says that nobody knows`, async () => {
      here().stage.simulator.faults.answerWith('send', answer, 1);
      const flow = await run();
      const before = flow.sends();
      flow.write('a', 'hello', { heardAt: FRIDAY_NIGHT });
      await flow.untilShown(KEPT);
      assert.match(String(flow.kept()[0]?.reason), /^SEND_UNCERTAIN: ./);
      flow.write('a', 'hello?', { heardAt: FRIDAY_NIGHT });
      flow.write('b', 'hello', { heardAt: FRIDAY_NIGHT });
      await flow.untilAnswered('b', 1);
      assert.equal(flow.sends() - before, 2);
      assert.equal(flow.answers('a').length, arrived);
    });
  }

  it('sends nothing to the made-up chat of a sample', async () => {
    const flow = await run({ WORK_DAYS: anotherDay() });
    const before = flow.sends();
    await flow.pressSample();
    await flow.untilShown(SAMPLE);
    assert.equal(flow.shown(SAMPLE)[0], TEXT);
    assert.equal(flow.sends(), before);
  });

  for (const [variable, wrong] of [
    ['WORK_FROM', '9 am'],
    ['WORK_DAYS', 'weekdays'],
    ['TIME_ZONE', 'Atlantis'],
    ['REPEAT_HOURS', 0],
  ] as const) {
    it(`says so where ${variable} is wrong, instead of never answering`, async () => {
      const flow = await run({ [variable]: wrong });
      flow.write('a', 'hello', { heardAt: FRIDAY_NIGHT });
      await flow.untilError(variable === 'TIME_ZONE' ? /time zone/ : new RegExp(variable));
    });
  }
});

function at(time: string): number {
  return Date.parse(time);
}

/** A day of the week that is neither today nor next to it. */
function anotherDay(): string {
  return ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][(new Date().getUTCDay() + 3) % 7] ?? '';
}

/** In s since 1970. */
function now(): number {
  return Math.floor(Date.now() / 1000);
}
