import assert from 'node:assert/strict';
import { ExampleStage } from '../support/example-stage';
import { SmtpFarEnd } from '../support/smtp-far-end';
import { BOLD, mailTo } from './mail';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const OTHER_LINE = { licenseId: '50102', messengerType: 'instagram' } as const;
const EXAMPLE = 'email/digest';
const NOT_ACCEPTED = 'not accepted, still waiting';
const SEND = 'send now, and go on';

describe('the example digest', () => {
  let stage: ExampleStage;
  let smtp: SmtpFarEnd;

  before(async () => {
    stage = await ExampleStage.start();
  });

  after(() => stage.close());

  beforeEach(async () => {
    smtp = await SmtpFarEnd.start(stage.certificate);
  });

  afterEach(async () => {
    // What still waits in the flow's context goes with the flow.
    await stage.deploy([]);
    await smtp.down();
  });

  it('sends one mail for each line, and nothing where nobody wrote', async () => {
    const flow = await stage.run(EXAMPLE, mailTo(smtp));
    await flow.press(SEND);
    stage.simulator.message({ ...LINE, text: BOLD, chat: { id: '1', name: '<u>Eve</u>' } });
    stage.simulator.message({ ...OTHER_LINE, text: 'from afar' });
    stage.simulator.message({ ...LINE, message: { caption: 'look', file: { link: 'https://files.example/b' } } });
    await waiting(flow, 'note it down', 3);
    assert.equal(smtp.mails.length, 0);
    await flow.press(SEND);
    await smtp.until(({ mails }) => mails.length >= 2);
    const [other, one] = [...smtp.mails].sort((a, b) => a.subject.localeCompare(b.subject));
    assert.equal(one?.subject, 'ChatApp: 2 new on line 50101 (telegram)');
    assert.equal(other?.subject, 'ChatApp: 1 new on line 50102 (instagram)');
    assert.deepEqual([...new Set(one.html.match(/<\w+/g))].sort(), ['<a', '<b', '<dd', '<dl', '<dt']);
    assert.ok(one.html.includes('Two for &lt;b&gt;5'), one.html);
    assert.ok(one.text.includes(`<u>Eve</u>\n${BOLD}`), one.text);
    assert.match(one.text, /look https:\/\/files\.example\/b/);
    assert.match(other.text, /from afar/);

    await waiting(flow, 'cross them off', 0);
    await flow.press(SEND);
    stage.simulator.message({ ...LINE, text: 'the next day' });
    await waiting(flow, 'note it down', 1);
    await flow.press(SEND);
    await smtp.until(({ mails }) => mails.length >= 3);
    assert.equal(smtp.mails[2]?.subject, 'ChatApp: 1 new on line 50101 (telegram)');
  });

  it('comes by itself after the minutes of the variable', async () => {
    const flow = await stage.run(EXAMPLE, mailTo(smtp, { DIGEST_MINUTES: 0.002 }));
    stage.simulator.message({ ...LINE, text: 'the first' });
    await waiting(flow, 'cross them off', 0);
    // The first may have come with what is sent at the start.
    stage.simulator.message({ ...LINE, text: 'the second' });
    await smtp.until(({ mails }) => mails.some(({ text }) => text.includes('the second')));
  });

  it('tells what it leaves out where more waits than it holds', async () => {
    const nodes = await stage.imported(EXAMPLE, mailTo(smtp));
    const few = nodes.map((node) =>
      typeof node.func === 'string' ? { ...node, func: node.func.replace('10000', '2') } : node,
    );
    const flow = await stage.deploy(few);
    await flow.untilListening();
    for (const chat of ['one', 'two', 'three']) stage.simulator.message({ ...LINE, chat: { id: chat, name: null } });
    const errors = (): unknown[] => flow.shown('read the text and act');
    await stage.nodeRed.until('the word of it', () => errors().length > 0);
    assert.match(JSON.stringify(errors()), /More than 2 messages wait: one is left out/);
    await waiting(flow, 'note it down', 2);
  });

  for (const [how, trouble, reason] of [
    ['is down', () => smtp.down(), /ECONNREFUSED/],
    ['refuses it', () => smtp.judge(() => 550), /550/],
  ] as const) {
    it(`holds what the mail server did not accept for the next digest, through a deploy, where it ${how}`, async () => {
      await trouble();
      const settings = mailTo(smtp);
      const flow = await stage.run(EXAMPLE, settings);
      stage.simulator.message({ ...LINE, text: 'kept' });
      await waiting(flow, 'note it down', 1);
      await flow.press(SEND);
      await stage.nodeRed.until('the reason', () => flow.shown(NOT_ACCEPTED).length > 0);
      assert.match(String(flow.shown(NOT_ACCEPTED)[0]), reason);
      assert.match(String(flow.statuses(NOT_ACCEPTED).at(-1)?.text), /^Error: /);
      assert.equal(smtp.mails.length, 0);

      smtp.judge(() => undefined);
      await smtp.down();
      await smtp.up();
      const again = await stage.run(EXAMPLE, settings);
      stage.simulator.message({ ...LINE, text: 'and new' });
      await smtp.until(({ mails }) => mails.length > 0);
      await again.press(SEND);
      await waiting(again, 'cross them off', 0);
      const sent = smtp.mails.map(({ text }) => text).join();
      assert.match(sent, /kept/);
    });
  }

  it('crosses off only what its mail held, where more was written while the mail server was slow', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<undefined>((settle) => (release = () => settle(undefined)));
    smtp.judge(() => released);
    const flow = await stage.run(EXAMPLE, mailTo(smtp));
    stage.simulator.message({ ...LINE, text: 'the first' });
    await waiting(flow, 'note it down', 1);
    await flow.press(SEND);
    await smtp.until(({ asked }) => asked > 0);
    stage.simulator.message({ ...LINE, text: 'the second' });
    await waiting(flow, 'note it down', 2);
    release();
    await waiting(flow, 'cross them off', 1);
    await flow.press(SEND);
    await smtp.until(({ mails }) => mails.length > 1);
    assert.match(smtp.mails[1]?.text ?? '', /the second/);
    assert.doesNotMatch(smtp.mails[1]?.text ?? '', /the first/);
  });

  /** Resolves once the function node says that so many messages wait. */
  function waiting(flow: Awaited<ReturnType<ExampleStage['run']>>, name: string, count: number): Promise<void> {
    const text = `${count} waiting`;
    return stage.nodeRed.until(`${name}: ${text}`, () => flow.statuses(name).at(-1)?.text === text);
  }
});
