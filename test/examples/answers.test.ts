import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageToMake } from '../../simulator/contract';
import { ExampleHarness, type RunningExample } from '../support/example-harness';
import { HttpStub, type FarAnswer } from '../support/http-stub';
import { LINE, REFUSAL, sentBy } from './answering';

/** In a flow, how long it is quiet in a chat, in ms. */
const PAUSE = '12 * 3600000';

describe('the examples that answer customers', () => {
  let harness: ExampleHarness;
  let callbacks: HttpStub;
  /** Takes alerts, and is the AI. */
  let stub: HttpStub;
  let flow: RunningExample;

  before(async () => {
    harness = await ExampleHarness.start();
    callbacks = await HttpStub.start();
    const licenseId = Number(LINE.licenseId);
    harness.simulator.callbacks.plant({ ...LINE, licenseId, events: ['message'], url: callbacks.url });
  });
  after(async () => {
    await harness.close();
    await callbacks.down();
  });
  beforeEach(async () => {
    stub = await HttpStub.start();
  });
  afterEach(async () => {
    harness.simulator.faults.answerWith('send', undefined);
    await harness.deploy([]);
    await stub.down();
  });

  const write = (chat: string, text: string, more: Partial<MessageToMake> = {}): unknown =>
    harness.simulator.message({ ...LINE, chat: { id: chat, name: `of ${chat}` }, text, ...more });
  const answers = (chat: string): string[] => sentBy(harness.simulator, callbacks, chat);
  const untilAnswered = (chat: string, count: number): Promise<void> =>
    callbacks.until(() => answers(chat).length >= count);
  /** Resolves once the flow is done with an event: what it sends for it has been sent. */
  const untilSettled = (text: string): Promise<void> => {
    const isSettled = (name: string): boolean => String(flow.statuses(name).at(-1)?.text).startsWith(text);
    const names = flow.nodes.filter(({ type }) => type === 'chatapp-done').map(({ name }) => String(name));
    return harness.nodeRed.until(`the flow ${text}`, () => names.some(isSettled));
  };
  const alerts = (): string[] => stub.requests.filter(({ path }) => path === '/alert').map(({ body }) => body);

  it('reply to the first message of a conversation, once, and not in groups: answer/auto-reply', async () => {
    flow = await harness.run('answer/auto-reply');
    for (const text of ['one', 'two', 'three']) write('auto-1', text);
    write('auto-group', 'four', { chat: { id: 'auto-group', type: 'group', isGroup: true } });
    write('auto-2', 'five');
    await untilAnswered('auto-2', 1);
    await untilAnswered('auto-1', 1);
    write('auto-1', 'six');
    write('auto-3', 'seven');
    await untilAnswered('auto-3', 1);
    const reply = (chat: string): string => `Hello of ${chat}, thank you for writing. A colleague will answer soon.`;
    for (const chat of ['auto-1', 'auto-2', 'auto-3']) assert.deepEqual(answers(chat), [reply(chat)]);
  });

  it('reply again after a pause: answer/auto-reply', async () => {
    flow = await harness.run('answer/auto-reply', { services: { [PAUSE]: '0' } });
    write('pause', 'one');
    await untilAnswered('pause', 1);
    write('pause', 'two');
    await untilAnswered('pause', 2);
  });

  it('answer when nobody is there, once: answer/out-of-hours', async () => {
    flow = await harness.run('answer/out-of-hours', { variables: { DAYS: '' } });
    write('closed', 'one');
    write('closed', 'two');
    write('closed-2', 'three');
    await untilAnswered('closed', 1);
    await untilAnswered('closed-2', 1);
    await untilSettled('done');
    assert.deepEqual(answers('closed'), [
      'Hello of closed, nobody is here now. We will answer as soon as we are back.',
    ]);
  });

  it('do not answer in working hours: answer/out-of-hours', async () => {
    const variables = { DAYS: '1234567', OPEN: '00:00', CLOSE: '24:00', TIME_ZONE: 'Asia/Tokyo' };
    flow = await harness.run('answer/out-of-hours', { variables });
    write('open', 'one');
    await untilSettled('done');
    assert.deepEqual(answers('open'), []);
  });

  it('answer by numbers, and leave a chat to a person: answer/menu-bot', async () => {
    flow = await harness.run('answer/menu-bot');
    for (const text of ['hello', ' 1. ', '2', '0', 'hello', '1']) write('menu', text);
    write('menu-2', '10');
    await untilAnswered('menu', 4);
    await untilAnswered('menu-2', 1);
    assert.deepEqual(
      answers('menu').map((text) => text.slice(0, 12)),
      ['Hello of men', 'We are open ', 'You find us ', 'A colleague '],
    );
    assert.match(answers('menu-2')[0] ?? '', /^Hello of menu-2! Write a number:\n1 /);
  });

  it('give up what cannot be sent, and alert once: answer/menu-bot', async () => {
    harness.simulator.faults.answerWith('send', REFUSAL);
    flow = await harness.run('answer/menu-bot', { variables: { ALERT_URL: `${stub.url}/alert` } });
    write('refused', 'hello');
    await untilSettled('gave up');
    await stub.until(() => alerts().length > 0);
    assert.match(alerts().join(), /of refused: hello/);
    assert.equal(alerts().length, 1);
    assert.deepEqual(answers('refused'), []);
  });

  const AI = { AI_KEY: 'sk-1', AI_MODEL: 'm', PROMPT: 'Be kind.', PERSON_WORD: 'Person' };
  const says = (content: string): FarAnswer => ({ body: { choices: [{ message: { role: 'assistant', content } }] } });

  it('let an AI answer, with what was said so far: answer/ai', async () => {
    stub.answerWith(() => says('At nine.'));
    flow = await harness.run('answer/ai', { variables: { ...AI, AI_URL: `${stub.url}/ai` } });
    write('ai', 'When do you open?');
    await untilAnswered('ai', 1);
    write('ai', 'And on Sundays?');
    await untilAnswered('ai', 2);
    const [, second] = stub.requests;
    assert.equal(second?.headers.authorization, 'Bearer sk-1');
    assert.deepEqual(second.json, {
      model: 'm',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'When do you open?' },
        { role: 'assistant', content: 'At nine.' },
        { role: 'user', content: 'And on Sundays?' },
      ],
    });
    write('ai', 'I want a PERSON');
    await untilAnswered('ai', 3);
    write('ai', 'are you there?');
    write('ai-2', 'hello');
    await untilAnswered('ai-2', 1);
    assert.deepEqual(answers('ai'), ['At nine.', 'At nine.', 'A colleague will answer soon.']);
  });

  for (const [what, answer] of [
    ['refuses', () => ({ status: 400 })],
    ['is busy', () => ({ status: 429 })],
    ['is down', () => ({ status: 503 })],
    ['breaks off', () => undefined],
    ['hangs', () => new Promise<undefined>(() => undefined)],
  ] as const) {
    it(`hand over to a person, once, if the AI ${what}: answer/ai`, async () => {
      stub.answerWith((request) => (request.path === '/ai' ? answer() : {}));
      const urls = { AI_URL: `${stub.url}/ai`, ALERT_URL: `${stub.url}/alert` };
      flow = await harness.run('answer/ai', { variables: { ...AI, ...urls } });
      const chat = `ai-${what.replaceAll(' ', '-')}`;
      write(chat, 'hello');
      await untilAnswered(chat, 1);
      await untilSettled('done');
      write(chat, 'hello?');
      write(`${chat}-too`, 'hello');
      await untilAnswered(`${chat}-too`, 1);
      assert.deepEqual(answers(chat), ['A colleague will answer soon.']);
      assert.deepEqual(alerts(), []);
    });
  }

  it('write each status into a CSV file: answer/delivery-report', async () => {
    const file = join(harness.folder, 'report.csv');
    flow = await harness.run('answer/delivery-report', { variables: { REPORT_FILE: file } });
    const chat = { id: 'report', name: 'Ana, "the" first', phone: '77000000001' };
    for (const type of ['sent', 'failed']) {
      const item = { id: 'm1', type, time: 1_700_000_000, chat, fromApp: { id: 'a', tracking: 'may' }, error: null };
      harness.announce('messageStatus', { type: 'messenger', ...LINE }, item);
    }
    await harness.nodeRed.until(
      'two rows',
      () => existsSync(file) && readFileSync(file, 'utf8').split('\n').length > 3,
    );
    const row = (status: string): string =>
      `2023-11-14T22:13:20.000Z,Flower shop,"Ana, ""the"" first",+77000000001,m1,${status},may,`;
    const [names, ...rows] = readFileSync(file, 'utf8').trim().split('\n');
    assert.equal(names, 'time,line,customer,phone,message,status,tracking,error');
    assert.deepEqual(rows, [row('sent'), row('failed')]);
    await rm(file);
  });

  it('send a template to each phone of a file, never twice: answer/broadcast', async () => {
    const [recipients, sent] = [join(harness.folder, 'recipients.csv'), join(harness.folder, 'sent.txt')];
    const rows = ['+7 700 000-00-01,Ana', '77000000002,"Eve, 2"', '7 (700) 0000001,Ana again', '77000000003,Bo'];
    await writeFile(recipients, ['phone,name', ...rows].join('\n'));
    const imported = await harness.imported('answer/broadcast', {
      variables: { CSV_FILE: recipients, SENT_FILE: sent },
    });
    const nodes = imported.map((node) => {
      if (node.type === 'delay') return { ...node, nbRateUnits: '0.01' };
      return node.type === 'chatapp-send' ? { ...node, ...LINE, template: 'welcome' } : node;
    });
    flow = await harness.deploy(nodes);
    const paths = (): string[] =>
      harness.simulator.requests.map(({ path }) => path).filter((path) => path.endsWith('/messages/template'));
    const noted = (): string => (existsSync(sent) ? readFileSync(sent, 'utf8') : '');
    await flow.press('send the broadcast');
    await harness.simulator.until(() => paths().length === 3);
    assert.equal(noted(), '77000000001\n77000000002\n77000000003\n');
    await writeFile(recipients, ['phone,name', ...rows, '77000000004,Di'].join('\n'));
    await flow.press('send the broadcast');
    await harness.simulator.until(() => paths().length === 4);
    assert.deepEqual(
      paths().map((path) => /chats\/(\d+)/.exec(path)?.[1]),
      ['77000000001', '77000000002', '77000000003', '77000000004'],
    );
    await rm(sent);
  });
});
