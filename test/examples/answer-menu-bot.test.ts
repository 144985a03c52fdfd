import assert from 'node:assert/strict';
import type { ExampleSettings } from '../support/example-stage';
import { describeAnswering, KEPT, LINE, REFUSAL, SAMPLE, type AnsweringRun } from './answering';

const MENU = JSON.stringify([
  { words: '1 hours', title: 'Opening hours', text: 'From 9 to 18.' },
  { words: '2 delivery', title: 'Delivery', text: 'Within two days.' },
]);
const WORDS = {
  MENU,
  GREETING: 'Hello!',
  PERSON_WORDS: '0 person',
  PERSON_TITLE: 'A person',
  PERSON_TEXT: 'One moment.',
} as const;
const WHOLE = 'Hello!\n1 Opening hours\n2 Delivery\n0 A person';
const WANTED = 'a person is wanted: connect e-mail or Slack here';
const HOUR = 60 * 60_000;

describeAnswering('answer/menu-bot', (here) => {
  let others = 0;
  const run = (more: ExampleSettings['variables'] = {}): Promise<AnsweringRun> => here().run({ ...WORDS, ...more });

  it('gives the menu to whoever writes, and an answer out of it by number or word, however it is written', async () => {
    const flow = await run();
    for (const text of ['hello', '1', ' 2. ', 'Delivery!', 'HOURS', '12']) flow.write('a', text);
    assert.deepEqual(await flow.untilAnswered('a', 6), [
      WHOLE,
      'From 9 to 18.',
      'Within two days.',
      'Within two days.',
      'From 9 to 18.',
      WHOLE,
    ]);
  });

  it('gives the menu for what has no text, and nothing to edits and groups', async () => {
    const flow = await run();
    flow.write('a', '', { type: 'voice' });
    flow.write('a', '1', { edited: true });
    flow.write('group', '1', { chat: { type: 'group' } });
    // Answers to several chats are sent at once, and arrive in any order.
    await flow.untilAnswered('a', 1);
    await done(flow);
    assert.deepEqual([flow.answers('a'), flow.answers('group')], [[WHOLE], []]);
  });

  it('hands over to a person who is asked for: one alert, one answer, and then silence', async () => {
    const flow = await run({ SILENT_HOURS: 2 });
    const start = Date.now();
    flow.write('a', '0', { chat: { name: 'Ольга' } });
    assert.deepEqual(await flow.untilAnswered('a', 1), ['One moment.']);
    flow.write('a', 'are you there?');
    flow.write('a', '0', { heardAt: start + 1.9 * HOUR });
    await done(flow);
    assert.equal(flow.answers('a').length, 1);
    await flow.untilShown(WANTED);
    assert.deepEqual(flow.shown(WANTED), ['Ольга wants a person (line 50101, telegram): 0']);
    flow.write('a', '1', { heardAt: start + 2.1 * HOUR });
    assert.deepEqual(await flow.untilAnswered('a', 2), ['One moment.', 'From 9 to 18.']);
  });

  it('is silent where a colleague writes to the customer, by whatever app, and begins to count anew each time', async () => {
    const flow = await run({ SILENT_HOURS: 2 });
    const start = Date.now();
    flow.write('a', 'this is Dana', { side: 'out', heardAt: start });
    flow.write('a', 'and again', { side: 'out', fromApp: { id: 'bitrix' }, heardAt: start + HOUR });
    flow.write('a', 'hi Dana', { heardAt: start + 2.9 * HOUR });
    await done(flow);
    assert.deepEqual(flow.answers('a'), []);
    flow.write('a', '1', { heardAt: start + 3.1 * HOUR });
    await flow.untilAnswered('a', 1);
    assert.deepEqual(flow.shown(WANTED), []);
  });

  it('comes back when a colleague writes the word for it, or the chat is closed', async () => {
    const flow = await run({ BOT_WORD: '/bot' });
    for (const chat of ['a', 'b', 'c']) flow.write(chat, 'this is Dana', { side: 'out' });
    flow.write('a', '/bot', { side: 'out' });
    const channel = { type: 'messenger', ...LINE } as const;
    here().stage.announce('chatStatus', channel, { type: 'close', chat: { id: flow.idOf('b') } });
    here().stage.announce('chatStatus', channel, { type: 'open', chat: { id: flow.idOf('c') } });
    for (const chat of ['a', 'b', 'c']) flow.write(chat, '1');
    await Promise.all([flow.untilAnswered('a', 1), flow.untilAnswered('b', 1), done(flow)]);
    assert.deepEqual(flow.answers('c'), []);
  });

  it('does not come back by a picture of a colleague where there is no word for it', async () => {
    const flow = await run({ BOT_WORD: '' });
    flow.write('a', 'this is Dana', { side: 'out' });
    flow.write('a', '', { side: 'out', type: 'image' });
    flow.write('a', '1');
    await done(flow);
    assert.deepEqual(flow.answers('a'), []);
  });

  it('answers neither itself nor is silenced by its own answers', async () => {
    const flow = await run();
    const before = flow.sends();
    flow.write('a', '1');
    await flow.untilAnswered('a', 1);
    await flow.untilHeard();
    flow.write('a', '2');
    assert.deepEqual(await flow.untilAnswered('a', 2), ['From 9 to 18.', 'Within two days.']);
    await flow.untilHeard();
    assert.equal(flow.sends() - before, 2);
  });

  it('knows its own answers also where it hears what its own app sent', async () => {
    const flow = await here().run(WORDS, (node) => ('ignoreOwn' in node ? { ...node, ignoreOwn: false } : node));
    const before = flow.sends();
    flow.write('a', '1');
    await flow.untilAnswered('a', 1);
    await flow.untilHeard();
    flow.write('a', '2');
    await flow.untilAnswered('a', 2);
    await flow.untilHeard();
    assert.equal(flow.sends() - before, 2);
  });

  it('does not talk for ever with another bot: after 20 answers within an hour a person is wanted', async () => {
    const flow = await run();
    const start = Date.now();
    for (let count = 1; count <= 25; count += 1) flow.write('a', `I am a bot too (${count})`, { heardAt: start });
    await flow.untilAnswered('a', 20);
    await flow.untilShown(WANTED);
    assert.deepEqual(flow.shown(WANTED), [
      'a has had 20 answers within an hour (line 50101, telegram): I am a bot too (21)',
    ]);
    await done(flow);
    assert.equal(flow.answers('a').length, 20);
    // A person may well ask as often within a day.
    for (let count = 0; count < 25; count += 1) {
      flow.write('b', '1', { heardAt: count < 20 ? start + HOUR : start + 2.1 * HOUR });
    }
    await flow.untilAnswered('b', 25);
  });

  it('calls a person, and does not answer, where a message was fetched too late', async () => {
    const flow = await run({ ANSWER_WITHIN_MINUTES: 60 });
    const start = Date.now();
    const seconds = Math.floor(start / 1000);
    flow.write('a', '1', { time: seconds - 61 * 60, heardAt: start });
    flow.write('b', '1', { time: seconds - 59 * 60, heardAt: start });
    await flow.untilAnswered('b', 1);
    await flow.untilShown(WANTED);
    assert.deepEqual(flow.shown(WANTED), ['a has been waiting for an answer (line 50101, telegram): 1']);
    assert.deepEqual(flow.answers('a'), []);
  });

  it('answers what was missed in an outage, in its order', async () => {
    const flow = await run();
    here().stage.simulator.dropAll();
    flow.write('a', '2');
    flow.write('a', '1');
    assert.deepEqual(await flow.untilAnswered('a', 2), ['Within two days.', 'From 9 to 18.']);
  });

  it('forgets no person over a deploy', async () => {
    const flow = await run();
    flow.write('a', '0');
    await flow.untilAnswered('a', 1);
    await flow.redeploy();
    flow.write('a', 'hello?');
    await done(flow);
    assert.equal(flow.answers('a').length, 1);
  });

  it('keeps and shows an answer that was refused, and goes on', async () => {
    here().stage.simulator.faults.answerWith('send', REFUSAL, 1);
    const flow = await run();
    flow.write('a', '1');
    await flow.untilShown(KEPT);
    const [kept] = flow.kept();
    assert.match(String(kept?.reason), /^SEND_REFUSED: ./);
    assert.equal(kept?.text, 'From 9 to 18.');
    flow.write('a', '2');
    assert.deepEqual(await flow.untilAnswered('a', 1), ['Within two days.']);
  });

  it('sends nothing twice where nobody knows whether it arrived', async () => {
    here().stage.simulator.faults.answerWith('send', 'accept and hang up', 1);
    const flow = await run();
    const before = flow.sends();
    flow.write('a', '1');
    await flow.untilShown(KEPT);
    assert.match(String(flow.kept()[0]?.reason), /^SEND_UNCERTAIN: ./);
    flow.write('a', '2');
    assert.deepEqual(await flow.untilAnswered('a', 2), ['From 9 to 18.', 'Within two days.']);
    assert.equal(flow.sends() - before, 2);
  });

  it('sends nothing to the made-up chat of a sample', async () => {
    const flow = await run({ ANSWER_WITHIN_MINUTES: 100_000_000 });
    const before = flow.sends();
    await flow.pressSample();
    await flow.untilShown(SAMPLE);
    assert.equal(flow.sends(), before);
  });

  for (const [variable, wrong] of [
    ['MENU', '[]'],
    ['MENU', '[{ "words": "1" }]'],
    ['SILENT_HOURS', 'long'],
    ['ANSWER_WITHIN_MINUTES', 0],
  ] as const) {
    it(`says so where ${variable} is wrong: ${wrong}`, async () => {
      const flow = await run({ [variable]: wrong });
      flow.write('a', 'hello');
      await flow.untilError(new RegExp(variable));
    });
  }

  /** Resolves once the bot is done with what was written so far: it has answered somebody who wrote later. */
  async function done(flow: AnsweringRun): Promise<void> {
    others += 1;
    flow.write(`other-${others}`, 'hello');
    await flow.untilAnswered(`other-${others}`, 1);
    await flow.untilHeard();
  }
});
