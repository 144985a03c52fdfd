import assert from 'node:assert/strict';
import { ExampleHarness } from '../support/example-harness';
import { SmtpStub } from '../support/smtp-stub';
import { BOLD, mailTo, TEAM } from './mail';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
/** A name that would add a header. */
const EVE = '<u>Eve</u>\r\nBcc: eve@example.com';

describe('the examples that send mails', () => {
  let harness: ExampleHarness;
  let smtp: SmtpStub;

  before(async () => {
    harness = await ExampleHarness.start();
  });
  after(() => harness.close());
  beforeEach(async () => {
    smtp = await SmtpStub.start(harness.certificate);
  });
  afterEach(async () => {
    await harness.deploy([]);
    await smtp.down();
  });

  it('mail each message as text, whatever a customer writes: email/each-message', async () => {
    await harness.run('email/each-message', mailTo(smtp));
    const file = { link: 'https://files.example/a.jpg?b=1&c=2', name: 'a.jpg' };
    harness.simulator.message({
      ...LINE,
      type: 'image',
      message: { caption: BOLD, file },
      chat: { id: '1', name: EVE },
    });
    await smtp.until(({ mails }) => mails.length > 0);
    const [mail] = smtp.mails;
    assert.deepEqual([mail?.from, mail?.to], [SmtpStub.LOGIN.userid, TEAM]);
    assert.equal(mail?.subject, '<u>Eve</u> Bcc: eve@example.com');
    assert.equal(mail.text.trimEnd(), BOLD);
    assert.deepEqual(mail.html.match(/<\w+/g), ['<p']);
    assert.ok(mail.html.includes('Two for &lt;b>5 &amp; "6"&lt;/b>?'), mail.html);
    assert.ok(mail.html.includes('https://files.example/a.jpg?b=1&amp;c=2'), mail.html);
  });

  it('mail a message again that the mail server did not take at first, once: email/each-message', async () => {
    smtp.judge(() => (smtp.asked > 1 ? undefined : 451));
    await harness.run('email/each-message', mailTo(smtp, { MAIL_TO: TEAM[0] ?? '' }));
    harness.simulator.message({ ...LINE, text: 'one', chat: '1' });
    harness.simulator.message({ ...LINE, text: 'two', chat: '1' });
    await smtp.until(({ mails }) => mails.length > 1);
    assert.deepEqual(
      smtp.mails.map(({ text }) => text.trimEnd()),
      ['one', 'two'],
    );
    assert.equal(smtp.asked, 3);
  });

  it('gather messages into one mail, which comes once more if the server refused it: email/digest', async () => {
    const flow = await harness.run('email/digest', mailTo(smtp, { MAIL_TO: TEAM[0] ?? '' }));
    await flow.press('every 15 minutes');
    for (const [name, text] of [
      ['Ana', 'one'],
      ['Eve <u>', 'two'],
    ] as const) {
      harness.simulator.message({ ...LINE, text, chat: { id: `of ${name}`, name } });
      await harness.nodeRed.until('done', () => String(flow.statuses('done or again').at(-1)?.text).startsWith('done'));
    }
    smtp.judge(() => 550);
    await gathered(2);
    await flow.press('every 15 minutes');
    await harness.nodeRed.until('an alert', () => flow.shown('alert').length > 0);
    assert.equal(smtp.mails.length, 0);
    smtp.judge(() => undefined);
    await flow.press('every 15 minutes');
    await smtp.until(({ mails }) => mails.length > 0);
    await gathered(0);
    await flow.press('every 15 minutes');
    const [mail] = smtp.mails;
    assert.equal(mail?.subject, '2 messages of customers');
    assert.match(mail.text, /^\d\d:\d\d {2}Flower shop, Ana: one\n\d\d:\d\d {2}Flower shop, Eve <u>: two\s*$/);
    assert.equal(smtp.mails.length, 1);
    assert.equal(flow.shown('alert').length, 1);

    async function gathered(count: number): Promise<void> {
      const tab = flow.nodes.find(({ type }) => type === 'tab')?.id ?? '';
      for (;;) {
        const stored = JSON.stringify(await harness.nodeRed.get(`/context/flow/${tab}/digest`));
        if ((stored.match(/Flower shop/g) ?? []).length === count) return;
      }
    }
  });
});
