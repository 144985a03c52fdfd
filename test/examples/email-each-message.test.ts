import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord, parseJson } from '../../src/events/json';
import { ExampleStage } from '../support/example-stage';
import { SmtpFarEnd } from '../support/smtp-far-end';
import { BOLD, mailTo, TEAM } from './mail';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
/** A name that would add a header. */
const EVE = '<u>Eve</u>\r\nBcc: eve@example.com';
const EXAMPLE = 'email/each-message';
const NOT_TAKEN = 'not taken, tried again';
const KEPT = 'not sent, kept in the file';

describe('the example each-message', () => {
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

  const unsent = (): string => join(stage.folder, 'unsent.jsonl');

  it('mails what a customer writes, with chat and line in the subject, and nothing of what we answer', async () => {
    await stage.run(EXAMPLE, mailTo(smtp));
    stage.simulator.message({ ...LINE, side: 'out', text: 'an answer' });
    const chat = { id: '77000000002@c.us', name: 'Ольга & "Söhne"', phone: '77000000002' };
    stage.simulator.message({ ...LINE, text: 'a question', chat });
    await smtp.until(({ mails }) => mails.length > 0);
    const [mail] = smtp.mails;
    assert.equal(mail?.subject, 'ChatApp: Ольга & "Söhne" (line 50101, telegram)');
    assert.deepEqual([mail.from, mail.to], [SmtpFarEnd.LOGIN.userid, TEAM]);
    assert.equal(mail.text, 'a question\n-- \nОльга & "Söhne" 77000000002, line 50101, telegram\n');
    assert.equal(smtp.mails.length, 1);
  });

  it('escapes the text of customers, and leads to pictures by a link', async () => {
    await stage.run(EXAMPLE, mailTo(smtp));
    const file = { link: 'https://files.example/a.jpg?b=1&c="', name: '<i>a</i>.jpg', contentType: 'image/jpeg' };
    const body = { caption: BOLD, file };
    stage.simulator.message({ ...LINE, type: 'image', message: body, chat: { id: '1', name: EVE } });
    await smtp.until(({ mails }) => mails.length > 0);
    const { html = '', text = '', subject = '' } = smtp.mails[0] ?? {};
    assert.deepEqual([...new Set(html.match(/<\w+/g))].sort(), ['<a', '<p']);
    assert.ok(html.includes('Two for &lt;b&gt;5 &amp; &quot;6&quot;&lt;'), html);
    assert.match(html, /<a href="https:[^"]+a\.jpg[^"]+">&lt;i&gt;a/);
    assert.ok(text.startsWith(`${BOLD}\n${file.link}\n`), text);
    assert.equal(subject, 'ChatApp: <u>Eve</u> Bcc: eve@example.com (line 50101, telegram)');
    assert.deepEqual(smtp.mails[0]?.to, TEAM);
  });

  it('tries again while the mail server is down, shows it, and sends each mail once when it is back', async () => {
    await smtp.down();
    const flow = await stage.run(EXAMPLE, mailTo(smtp, { RETRY_SECONDS: 0.05, TRIES: 1000 }));
    stage.simulator.message({ ...LINE, text: 'during the outage' });
    // More tries than the ten after which Node-RED takes an error for a loop.
    await stage.nodeRed.until('12 tries', () => flow.shown(NOT_TAKEN).length >= 12);
    assert.match(String(flow.shown(NOT_TAKEN)[0]), /ECONNREFUSED/);
    assert.match(String(flow.statuses(NOT_TAKEN).at(-1)?.text), /ECONNREFUSED/);
    await smtp.up();
    await smtp.until(({ mails }) => mails.length > 0);
    stage.simulator.message({ ...LINE, text: 'after it' });
    await smtp.until(({ mails }) => mails.length > 1);
    assert.deepEqual(firstLines(smtp), ['during the outage', 'after it']);
  });

  it('keeps in a file, and shows, what was tried often enough', async () => {
    await smtp.down();
    const variables = { RETRY_SECONDS: 0.01, TRIES: 2, UNSENT_FILE: unsent() };
    const flow = await stage.run(EXAMPLE, mailTo(smtp, variables));
    const { id } = stage.simulator.message({ ...LINE, text: 'never sent' });
    await stage.nodeRed.until('the mail in the file', () => flow.shown(KEPT).length > 0);
    assert.equal(flow.shown(NOT_TAKEN).length, 2);
    const kept = lastLine(unsent());
    assert.match(String(kept.reason), /ECONNREFUSED/);
    assert.match(String(kept.text), /^never sent\n/);
    assert.equal(isRecord(kept.chatapp) && kept.chatapp.messageId, id);
  });

  it('keeps in a file, and shows, what is refused for good, without asking twice', async () => {
    smtp.judge(() => 550);
    const flow = await stage.run(EXAMPLE, mailTo(smtp, { RETRY_SECONDS: 0.01, UNSENT_FILE: unsent() }));
    stage.simulator.message({ ...LINE, text: 'refused' });
    await stage.nodeRed.until('the mail in the file', () => flow.shown(KEPT).length > 0);
    assert.match(String(lastLine(unsent()).reason), /550 not taken here/);
    assert.match(String(flow.statuses(KEPT).at(-1)?.text), /Can't send mail/);
    assert.deepEqual(flow.shown(NOT_TAKEN), []);
    // Two recipients, one mail: each was asked about once.
    assert.equal(smtp.asked, 2);
  });

  it('tries again what is refused for now', async () => {
    smtp.judge(() => 451);
    const flow = await stage.run(EXAMPLE, mailTo(smtp, { RETRY_SECONDS: 0.05 }));
    stage.simulator.message({ ...LINE, text: 'later' });
    await stage.nodeRed.until('the refusal', () => flow.shown(NOT_TAKEN).length > 0);
    smtp.judge(() => undefined);
    await smtp.until(({ mails }) => mails.length > 0);
    assert.match(String(flow.shown(NOT_TAKEN)[0]), /451/);
  });

  it('waits for a slow mail server, says so meanwhile, and sends once', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<undefined>((settle) => (release = () => settle(undefined)));
    smtp.judge(() => released);
    const flow = await stage.run(EXAMPLE, mailTo(smtp));
    stage.simulator.message({ ...LINE, text: 'slowly' });
    await smtp.until(({ asked }) => asked > 0);
    const sending = (): boolean => String(flow.statuses('send the mail').at(-1)?.text).includes('sending');
    await stage.nodeRed.until('the word of it', sending);
    release();
    await smtp.until(({ mails }) => mails.length > 0);
    await stage.nodeRed.until('the end of it', () => !sending());
    assert.deepEqual(firstLines(smtp), ['slowly']);
    assert.deepEqual(flow.shown(NOT_TAKEN), []);
  });

  it('keeps the mail where the login of the mail account is wrong', async () => {
    const settings = mailTo(smtp, { UNSENT_FILE: unsent() });
    const wrong = { 'e-mail': { ...SmtpFarEnd.LOGIN, password: 'wrong' } };
    const flow = await stage.run(EXAMPLE, { ...settings, credentials: wrong });
    stage.simulator.message({ ...LINE, text: 'no login' });
    await stage.nodeRed.until('the mail in the file', () => flow.shown(KEPT).length > 0);
    assert.match(String(lastLine(unsent()).reason), /535/);
  });

  it('shows the mail where even the file cannot be written', async () => {
    smtp.judge(() => 550);
    const flow = await stage.run(EXAMPLE, mailTo(smtp, { UNSENT_FILE: stage.folder }));
    stage.simulator.message({ ...LINE, text: 'nowhere to go' });
    await stage.nodeRed.until('the error', () => flow.shown('read the text and act').length > 0);
    assert.match(JSON.stringify(flow.shown('read the text and act')[0]), /EISDIR/);
  });
});

function firstLines({ mails }: SmtpFarEnd): (string | undefined)[] {
  return mails.map(({ text }) => text.split('\n')[0]);
}

function lastLine(file: string): Readonly<Record<string, unknown>> {
  const last = parseJson(readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '');
  assert.ok(isRecord(last));
  return last;
}
