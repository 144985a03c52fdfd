import assert from 'node:assert/strict';
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { isRecord, type JsonRecord } from '../../src/events/json';
import type { ExampleSettings } from '../support/example-harness';
import { describeAnswering, KEPT, linesOf, REFUSAL, SAMPLE, type AnsweringRun } from './answering';

const NAME = { key: 'name', ask: 'Name?', answer: '\\p{L}{2}', wrong: 'A name, please.' };
const ORDER = { key: 'order', ask: 'Number?', answer: '^\\d{6}$', wrong: 'Six digits, please.' };
const MATTER = { key: 'matter', ask: 'What is it?' };
const WORDS = {
  START_WORDS: 'order заказ',
  CANCEL_WORDS: 'cancel',
  THANKS_TEXT: 'Thanks.',
  CANCELLED_TEXT: 'Nothing noted.',
  GIVEN_UP_TEXT: 'A colleague will write.',
} as const;
const FORM = 'a form: connect your CRM here';
const CLOCK = 'every minute';
const HOUR = 60 * 60_000;

describeAnswering('answer/questions', (here) => {
  const file = (): string => join(here().harness.folder, 'forms.jsonl');
  const run = (more: ExampleSettings['variables'] = {}): Promise<AnsweringRun> => {
    const QUESTIONS = JSON.stringify([NAME, ORDER, MATTER]);
    return here().run({ ...WORDS, QUESTIONS, FORMS_FILE: file(), ...more });
  };

  afterEach(() => rm(file(), { force: true, recursive: true }));

  it('asks one question after the other, and brings the whole form, also into a file', async () => {
    const flow = await run();
    flow.write('a', 'hello');
    flow.write('a', 'Where is my ORDER?', { chat: { name: 'Ольга', phone: '77000000001' } });
    for (const text of ['Ольга', '123456', 'it is late']) flow.write('a', text);
    assert.deepEqual(await flow.untilAnswered('a', 4), ['Name?', 'Number?', 'What is it?', 'Thanks.']);
    await flow.untilShown(FORM);
    const form = formOf(flow);
    const { startedAt, endedAt, ...rest } = form;
    assert.ok(Number(startedAt) <= Number(endedAt));
    assert.deepEqual(rest, {
      outcome: 'complete',
      licenseId: '50101',
      messengerType: 'telegram',
      chatId: flow.idOf('a'),
      name: 'Ольга',
      phone: '77000000001',
      answers: { name: 'Ольга', order: '123456', matter: 'it is late' },
    });
    assert.deepEqual(linesOf(file()), [form]);
    flow.write('a', 'thank you');
    flow.write('b', 'заказ');
    await flow.untilAnswered('b', 1);
    assert.equal(flow.answers('a').length, 4);
  });

  it('keeps the forms of several chats apart', async () => {
    const flow = await run();
    for (const chat of ['a', 'b']) flow.write(chat, 'order');
    flow.write('a', 'Adam');
    flow.write('b', 'Eve');
    flow.write('b', '222222');
    flow.write('a', '111111');
    for (const chat of ['a', 'b']) flow.write(chat, 'help');
    await flow.untilShown(FORM, 2);
    const answers = flow.shown(FORM).map((form) => isRecord(form) && form.answers);
    assert.deepEqual(answers, [
      { name: 'Adam', order: '111111', matter: 'help' },
      { name: 'Eve', order: '222222', matter: 'help' },
    ]);
  });

  it('asks again where an answer does not fit, and gives up after five times running', async () => {
    const flow = await run();
    flow.write('a', 'order');
    for (const text of ['?', 'Adam', 'no', 'no', 'no', 'no', '111111', '']) flow.write('a', text);
    const wrong = 'Six digits, please.';
    const said = ['Name?', 'A name, please.', 'Number?', wrong, wrong, wrong, wrong, 'What is it?', 'What is it?'];
    assert.deepEqual(await flow.untilAnswered('a', 9), said);
    flow.write('b', 'order');
    for (let count = 0; count < 6; count += 1) flow.write('b', '7');
    await flow.untilShown(FORM);
    assert.deepEqual([formOf(flow).outcome, formOf(flow).answers], ['not understood', {}]);
    assert.equal((await flow.untilAnswered('b', 6)).at(-1), 'A colleague will write.');
  });

  it('ends by the word for it, and keeps what was answered', async () => {
    const flow = await run();
    for (const text of ['order', 'Cancel Smith', 'Cancel!']) flow.write('a', text);
    assert.deepEqual(await flow.untilAnswered('a', 3), ['Name?', 'Number?', 'Nothing noted.']);
    await flow.untilShown(FORM);
    assert.deepEqual([formOf(flow).outcome, formOf(flow).answers], ['cancelled', { name: 'Cancel Smith' }]);
    flow.write('a', 'order');
    assert.equal((await flow.untilAnswered('a', 4)).at(-1), 'Name?');
  });

  it('brings a form that was left, once, with what was answered', async () => {
    const flow = await run({ FORM_HOURS: 24 });
    const start = Date.now();
    flow.write('a', 'order', { receivedAt: start });
    flow.write('a', 'Adam', { receivedAt: start + HOUR });
    await flow.untilAnswered('a', 2);
    for (const hours of [24.9, 25, 26]) await look(flow, start + hours * HOUR);
    await flow.untilShown(FORM);
    await flow.untilReceived();
    assert.equal(flow.shown(FORM).length, 1);
    const { outcome, answers, endedAt } = formOf(flow);
    assert.deepEqual([outcome, answers, endedAt], ['left', { name: 'Adam' }, start + 25 * HOUR]);
  });

  it('does not take its own questions for answers, nor what colleagues write, edits and groups', async () => {
    const flow = await run({ QUESTIONS: JSON.stringify([{ ...NAME, ask: 'Your order: name?' }, ORDER]) });
    const before = flow.sends();
    flow.write('a', 'order');
    await flow.untilAnswered('a', 1);
    flow.write('a', 'Dana here', { side: 'out' });
    flow.write('a', 'an old order', { edited: true });
    flow.write('group', 'order', { chat: { type: 'group' } });
    flow.write('b', 'this is an order from us', { side: 'out' });
    await flow.untilReceived();
    flow.write('a', 'Adam');
    assert.deepEqual(await flow.untilAnswered('a', 2), ['Your order: name?', 'Number?']);
    await flow.untilReceived();
    assert.equal(flow.sends() - before, 2);
  });

  it('goes on where it was after a deploy, also with other questions', async () => {
    const flow = await run();
    for (const text of ['order', 'Adam']) flow.write('a', text);
    await flow.untilAnswered('a', 2);
    await flow.redeploy();
    flow.write('a', '111111');
    assert.equal((await flow.untilAnswered('a', 3)).at(-1), 'What is it?');
    const other = await run({ QUESTIONS: JSON.stringify([MATTER, ORDER, { key: 'town', ask: 'Where?' }, NAME]) });
    other.write('a', 'it is late');
    assert.equal((await other.untilAnswered('a', 4)).at(-1), 'Where?');
    other.write('a', 'Porto');
    await other.untilShown(FORM);
    const answers = { name: 'Adam', order: '111111', matter: 'it is late', town: 'Porto' };
    assert.deepEqual(formOf(other).answers, answers);
  });

  it('goes on with what was written in an outage', async () => {
    const flow = await run();
    flow.write('a', 'order');
    await flow.untilAnswered('a', 1);
    here().harness.simulator.dropAll();
    for (const text of ['Adam', '111111', 'late']) flow.write('a', text);
    await flow.untilShown(FORM);
    assert.deepEqual(formOf(flow).answers, { name: 'Adam', order: '111111', matter: 'late' });
  });

  it('keeps and shows a question that was refused, and asks it again before it takes an answer', async () => {
    const flow = await run();
    flow.write('a', 'order');
    await flow.untilAnswered('a', 1);
    here().harness.simulator.faults.answerWith('send', REFUSAL, 1);
    flow.write('a', 'Adam');
    await flow.untilShown(KEPT);
    assert.match(String(flow.kept()[0]?.reason), /^SEND_REFUSED: ./);
    assert.equal(flow.kept()[0]?.text, 'Number?');
    flow.write('a', '999999');
    assert.deepEqual(await flow.untilAnswered('a', 2), ['Name?', 'Number?']);
    for (const text of ['111111', 'late']) flow.write('a', text);
    await flow.untilShown(FORM);
    assert.deepEqual(formOf(flow).answers, { name: 'Adam', order: '111111', matter: 'late' });
  });

  it('repeats no question of which nobody knows whether it arrived', async () => {
    const flow = await run();
    const before = flow.sends();
    here().harness.simulator.faults.answerWith('send', 'accept and hang up', 1);
    flow.write('a', 'order');
    await flow.untilShown(KEPT);
    assert.match(String(flow.kept()[0]?.reason), /^SEND_UNCERTAIN: ./);
    flow.write('a', 'Adam');
    assert.deepEqual(await flow.untilAnswered('a', 2), ['Name?', 'Number?']);
    assert.equal(flow.sends() - before, 2);
  });

  it('shows a form that cannot be written down', async () => {
    const flow = await run({ FORMS_FILE: here().harness.folder });
    for (const text of ['order', 'cancel']) flow.write('a', text);
    await flow.untilError(/EISDIR/);
    await flow.untilShown(FORM);
  });

  it('sends nothing to the made-up chat of a sample', async () => {
    const flow = await run({ START_WORDS: 'доставка' });
    const before = flow.sends();
    await flow.pressSample();
    await flow.untilShown(SAMPLE);
    assert.equal(flow.shown(SAMPLE)[0], 'Name?');
    assert.equal(flow.sends(), before);
  });

  for (const [variable, wrong, reported] of [
    ['QUESTIONS', '[]', /QUESTIONS/],
    ['QUESTIONS', JSON.stringify([{ ...NAME, answer: '(' }]), /regular expression/],
    ['START_WORDS', '', /START_WORDS/],
  ] as const) {
    it(`says so where ${variable} is wrong: ${wrong}`, async () => {
      const flow = await run({ [variable]: wrong });
      flow.write('a', 'order');
      await flow.untilError(reported);
    });
  }

  /** Lets the flow look at who writes no more as if it were `now`. */
  async function look(flow: AnsweringRun, now: number): Promise<void> {
    const looks = (): number => flow.statuses('who writes no more?').length;
    const before = looks();
    await flow.press(CLOCK, { payload: now });
    await here().harness.nodeRed.until('the look', () => looks() > before);
  }
});

function formOf(flow: AnsweringRun): JsonRecord {
  const form = flow.shown(FORM).at(-1);
  return isRecord(form) ? form : assert.fail('there is no form');
}
