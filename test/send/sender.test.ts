import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { ChatOrder } from '../../src/api/chat-order';
import { ApiClient } from '../../src/api/client';
import { carryOut } from '../../src/api/sending';
import { silentLog } from '../../src/log';
import { Sender } from '../../src/send/sender';
import { Session } from '../../src/session/session';
import { codeOf, errorOf } from '../support/errors';
import { FakeClock } from '../support/fake-clock';
import { FakeNetwork, ok, refusal, type Outcome, type SentRequest } from '../support/fake-network';

const LINE = { licenseId: '50101', messengerType: 'caWhatsApp' };
const text = (words: string, chatId = '7301'): ChatOrder => ({
  chat: { ...LINE, chatId },
  action: 'text',
  text: words,
  markdown: false,
});
const READ: ChatOrder = { chat: { ...LINE, chatId: '7301' }, action: 'read' };
const SENT = ok({ id: 'wamid.1', chatId: '7301' });
const UNSENT = { unsent: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) };
const RESET = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

interface Harness {
  readonly sender: Sender;
  readonly api: ApiClient;
  readonly clock: FakeClock;
  /** When each request was made, in ms since the first moment, with the text that it carried. */
  readonly sent: { at: number; text: unknown }[];
  readonly network: FakeNetwork;
}

function harness(
  answer: (request: SentRequest, count: number) => Outcome,
  lines: readonly object[] | Error = [],
): Harness {
  const clock = new FakeClock();
  const begin = clock.now();
  const sent: Harness['sent'] = [];
  const network = new FakeNetwork((request, count) => {
    const body: unknown = request.body === undefined ? {} : JSON.parse(request.body);
    sent.push({ at: clock.now() - begin, text: Object(body) instanceof Object && Reflect.get(Object(body), 'text') });
    return answer(request, count);
  });
  const api = new ApiClient({ apiUrl: 'https://api.example.test', network, clock });
  const sender = new Sender({
    authorised: (ask) => ask('token'),
    carryOut: (token, order, onLeave) => carryOut(api, token, order, onLeave),
    readLines: () =>
      lines instanceof Error
        ? Promise.reject(lines)
        : Promise.resolve(lines.map((line) => ({ licenseId: '', messengerType: '', ...line }))),
    clock,
  });
  return { sender, api, clock, sent, network };
}

describe('what is tried again', () => {
  const PASSING: Readonly<Record<string, Outcome>> = {
    'no connection': UNSENT,
    'status 429': refusal(429, 'ApiTooManyRequestsError'),
    'status 408': { status: 408, text: '' },
    'status 503 with a time to come back at': { status: 503, text: '', headers: { 'Retry-After': '1' } },
  };
  for (const [what, outcome] of Object.entries(PASSING)) {
    it(`${what}: until it comes through`, async () => {
      const { sender, clock, sent } = harness((_request, count) => (count < 4 ? outcome : SENT));
      const sending = sender.send(text('hello'));
      await clock.pass(20_000);
      assert.deepEqual(await sending, {
        data: { id: 'wamid.1', chatId: '7301' },
        messageId: 'wamid.1',
        chatId: '7301',
      });
      assert.equal(sent.length, 4);
      assert.equal(clock.pending, 0);
    });
  }

  it('a connection that is not made in 10 s', async () => {
    const { sender, clock, sent } = harness((_request, count) => (count === 1 ? 'no way' : SENT));
    const sending = sender.send(text('hello'));
    await clock.pass(11_000);
    await sending;
    assert.deepEqual(
      sent.map(({ at }) => at),
      [0, 11_000],
    );
  });

  it('five times at most, with longer and longer waits, and then it says that nothing was sent', async () => {
    const { sender, clock, sent } = harness(() => UNSENT);
    const failing = errorOf(sender.send(text('hello')));
    await clock.pass(60_000);
    const error = await failing;
    assert.equal(`${error.code}.${error.reason}`, 'API_FAILED.unreachable');
    assert.deepEqual(
      sent.map(({ at }) => at),
      [0, 1_000, 4_000, 13_000, 40_000],
    );
  });

  it('as often if the wall clock is set meanwhile', async () => {
    for (const days of [1, -1]) {
      const { sender, clock, sent } = harness(() => UNSENT);
      const failing = codeOf(sender.send(text('hello')));
      await clock.pass(500);
      clock.setTo(clock.now() + days * 86_400_000);
      await clock.pass(59_500);
      assert.deepEqual([await failing, sent.length], ['API_FAILED.unreachable', 5]);
    }
  });

  it('as late as ChatApp asks, but not for ever', async () => {
    const after = (seconds: string): Outcome => refusal(429, 'ApiTooManyRequestsError', { 'Retry-After': seconds });
    const one = harness((_request, count) => (count === 1 ? after('40') : SENT));
    const sending = one.sender.send(text('hello'));
    await one.clock.pass(40_000);
    await sending;
    assert.deepEqual(
      one.sent.map(({ at }) => at),
      [0, 40_000],
    );
    const two = harness(() => after('61'));
    assert.equal(await codeOf(two.sender.send(text('hello'))), 'API_FAILED.refused');
    assert.equal(two.sent.length, 1);
  });

  it('marking as read, whatever happened: twice read is read', async () => {
    for (const outcome of ['hang', RESET, { status: 500, text: '' }, { status: 504, text: '' }] as const) {
      const { sender, clock, sent } = harness((_request, count) => (count === 1 ? outcome : { status: 204, text: '' }));
      const marking = sender.send(READ);
      await clock.pass(32_000);
      assert.deepEqual(await marking, { data: undefined });
      assert.equal(sent.length, 2);
    }
  });

  it('a repetition with a renewed token that did not leave', async () => {
    const outcomes = [refusal(403, 'ApiInvalidTokenError'), UNSENT, SENT];
    const { api, clock, network } = harness((_request, count) => outcomes[count - 1] ?? 'hang');
    const sender = new Sender({
      authorised: (ask) => ask('dead').catch(() => ask('alive')),
      carryOut: (token, order, onLeave) => carryOut(api, token, order, onLeave),
      readLines: () => Promise.resolve([]),
      clock,
    });
    const sending = sender.send(text('hello'));
    await clock.pass(1_000);
    assert.equal((await sending).messageId, 'wamid.1');
    assert.deepEqual(
      network.requests.map(({ headers }) => headers.Authorization),
      ['dead', 'alive', 'dead'],
    );
  });

  it('with a renewed token what was refused without a word about the token, which was dead', async () => {
    for (const refused of [
      { status: 401, text: '<html>' },
      { status: 403, json: {} },
      { status: 419, text: '' },
    ]) {
      const { api, clock, network } = harness(({ headers, url }) => {
        const isAlive = headers.Authorization === 'alive';
        if (url.pathname.endsWith('/refresh')) return ok({ accessToken: 'alive', refreshToken: 'next' });
        if (url.pathname.endsWith('/check')) return isAlive ? ok({}) : { status: 401, text: '' };
        return isAlive ? SENT : refused;
      });
      const credentials = { kind: 'token', accessToken: 'dead', refreshToken: 'refresh' } as const;
      const session = new Session(credentials, api, clock, silentLog);
      const sender = new Sender({
        authorised: (ask) => session.authorised(ask),
        carryOut: (token, order, onLeave) => carryOut(api, token, order, onLeave),
        readLines: () => Promise.resolve([]),
        clock,
      });
      assert.equal((await sender.send(text('hello'))).messageId, 'wamid.1');
      assert.equal(network.requests.filter(({ url }) => url.pathname.endsWith('/text')).length, 2);
    }
  });

  it('tells when the next try is due, and when it begins', async () => {
    const { sender, clock } = harness((_request, count) => (count === 1 ? UNSENT : SENT));
    const spy: (number | undefined)[] = [];
    const begin = clock.now();
    const sending = sender.send(text('hello'), { onWait: (nextTry) => spy.push(nextTry && nextTry - begin) });
    await clock.pass(1_000);
    await sending;
    assert.deepEqual(spy, [1_000, undefined]);
  });
});

describe('what may have arrived', () => {
  const UNCERTAIN: Readonly<Record<string, readonly [Outcome, string]>> = {
    'no answer in 30 s': ['hang', 'timeout'],
    'an answer that never ends': [{ endless: true }, 'timeout'],
    'a connection that broke': [RESET, 'lost'],
    'status 500': [{ status: 500, text: '' }, 'server'],
    'status 502': [refusal(502, 'ApiError'), 'server'],
    'status 503 without a word': [{ status: 503, text: '<html>' }, 'server'],
    'status 504': [{ status: 504, text: '' }, 'server'],
    'an answer that is not of the API': [{ text: '<html>Welcome' }, 'unreadable'],
  };
  for (const [what, [outcome, reason]] of Object.entries(UNCERTAIN)) {
    it(`is reported as that and never sent again: ${what}`, async () => {
      const { sender, clock, sent } = harness(() => outcome);
      const code = codeOf(sender.send(text('hello')));
      await clock.pass(120_000);
      assert.equal(await code, `SEND_UNCERTAIN.${reason}`);
      assert.equal(sent.length, 1);
      assert.equal(clock.pending, 0);
    });
  }

  it('gives ChatApp 30 s to answer, and 120 s for a file', async () => {
    const url = 'https://files.example.com/a.pdf';
    const file: ChatOrder = { chat: READ.chat, action: 'file', file: { url, fileName: 'a.pdf' } };
    for (const [order, seconds] of [
      [text('hello'), 30],
      [file, 120],
    ] as const) {
      const { sender, clock } = harness(() => 'hang');
      const reported: unknown[] = [];
      void errorOf(sender.send(order)).then(({ params }) => reported.push(params.seconds));
      await clock.pass(seconds * 1_000 - 1);
      assert.deepEqual(reported, []);
      await clock.pass(1);
      assert.deepEqual(reported, [seconds]);
    }
  });

  it('is sent, where ChatApp says so, however odd the answer looks', async () => {
    for (const json of [{ success: true }, { success: true, data: [] }, { data: { id: {} } }, []]) {
      const { sender } = harness(() => ({ json }));
      const answer = await sender.send(text('hello'));
      assert.equal(answer.messageId, undefined);
    }
    const { sender } = harness(() => ok({ id: 17, chatId: -5 }));
    assert.deepEqual(await sender.send(text('hello')), { data: { id: 17, chatId: -5 }, messageId: '17', chatId: '-5' });
  });
});

describe('what ChatApp refuses', () => {
  const says = (status: number, code: string, message: string): Outcome => ({
    status,
    json: { success: false, error: { code, message } },
  });
  const TEMPLATE: ChatOrder = { chat: READ.chat, action: 'template', id: 'a', params: [] };
  const FILE: ChatOrder = { chat: READ.chat, action: 'file', file: { url: 'https://a.example/b', fileName: 'b' } };
  const CASES: readonly (readonly [what: string, order: ChatOrder, answer: Outcome, code: string])[] = [
    ['a closed window by its code', text('a'), says(422, 'ApiConversationWindowClosedError', ''), 'windowClosed'],
    [
      'a closed window by its words',
      text('a'),
      says(400, 'ApiError', 'more than 24 hours have passed'),
      'windowClosed',
    ],
    ['a closed window in Russian', FILE, says(400, 'ApiError', 'прошло более 24 часов'), 'windowClosed'],
    ['a closed window by WhatsApp’s number', text('a'), says(400, '131047', ''), 'windowClosed'],
    ['an unknown template', TEMPLATE, says(422, 'ApiTemplateNotFoundError', ''), 'templateRefused'],
    ['a template that is not there', TEMPLATE, says(404, 'ApiTemplateNotFoundError', ''), 'templateRefused'],
    ['a file by its words', FILE, says(422, 'ApiValidationError', 'The file is invalid.'), 'fileRefused'],
    ['a file that is too large', FILE, { status: 413, text: '<html>' }, 'fileRefused'],
    ['a chat by its words', text('a'), says(422, 'ApiValidationError', 'No such phone'), 'unknownChat'],
    ['a line that nobody pays for', text('a'), says(402, 'ApiError', ''), 'forbidden'],
    ['an account without the right', text('a'), says(403, 'ApiForbiddenError', ''), 'forbidden'],
    ['anything else', text('a'), says(422, 'ApiValidationError', 'The text is odd.'), 'refused'],
    ['anything else, with status 200', text('a'), says(200, 'ApiSomeError', ''), 'refused'],
    ['a redirection', text('a'), { status: 302, text: '' }, 'refused'],
    ['anything else, though it speaks of a file', text('a'), says(422, 'ApiError', 'No file here'), 'refused'],
    ['a reading, though it speaks of a window', READ, says(422, 'ApiError', 'The window is shut'), 'refused'],
    ['a chat that is not there to be read', READ, says(404, 'ApiNotFoundError', ''), 'unknownChat'],
  ];
  for (const [what, order, answer, reason] of CASES) {
    it(`is reported at once, with what to do: ${what}`, async () => {
      const { sender, sent, clock } = harness(() => answer, [LINE]);
      const error = await errorOf(sender.send(order));
      assert.equal(`${error.code}.${error.reason}`, `SEND_REFUSED.${reason}`);
      assert.doesNotMatch(error.message, /[{}]/, 'every place is filled');
      assert.equal(sent.length, 1);
      assert.equal(clock.pending, 0);
    });
  }

  it('is an unknown line where the account has none such, and an unknown chat where that cannot be reported', async () => {
    const answer = says(404, 'ApiNotFoundError', '');
    const reasons = [[], [{ licenseId: '50101', messengerType: 'telegram' }], [LINE], new Error('no lines')].map(
      (lines) => codeOf(harness(() => answer, lines).sender.send(text('a'))),
    );
    assert.deepEqual(await Promise.all(reasons), [
      'SEND_REFUSED.unknownLine',
      'SEND_REFUSED.unknownLine',
      'SEND_REFUSED.unknownChat',
      'SEND_REFUSED.unknownChat',
    ]);
  });

  it('is reported with ChatApp’s own words, marked as such, whatever the code', async () => {
    const words = 'The messenger is not authorised: scan the QR code with your phone';
    for (const [status, code] of [
      [400, 'REFUSED'],
      [401, 'REFUSED'],
      [403, 'REFUSED'],
      [404, 'REFUSED'],
      [422, 'REFUSED'],
      [500, 'UNCERTAIN'],
    ] as const) {
      const { sender } = harness(() => says(status, 'ApiMessengerNotAuthorizedError', words), [LINE]);
      const error = await errorOf(sender.send(text('a')));
      assert.equal(error.code, `SEND_${code}`);
      assert.ok(error.message.endsWith(` ChatApp says: “${words}”`), error.message);
    }
  });

  it('is reported with words on one line, cut, and without the token', async () => {
    const { sender } = harness(() => says(422, 'ApiError', `a\u200b\n\tb token ${'x'.repeat(400)}`), [LINE]);
    const { params } = await errorOf(sender.send(text('a')));
    assert.equal(params.words, `a b … ${'x'.repeat(293)}…`);
  });

  it('is reported without words where ChatApp gives none', async () => {
    for (const body of ['{}', '{"error":{}}', '{"error":{"message":7}}', '<html>']) {
      const { sender } = harness(() => ({ status: 422, text: body }), [LINE]);
      assert.doesNotMatch((await errorOf(sender.send(text('a')))).message, /says/);
    }
  });

  it('is reported without the chat', async () => {
    const { sender } = harness(() => says(404, 'ApiNotFoundError', 'no'), [LINE]);
    const { message, params } = await errorOf(sender.send(text('a', '79001112233@c.us')));
    assert.doesNotMatch(message + JSON.stringify(params), /79001112233/);
  });
});

describe('the order of messages', () => {
  it('is kept within a chat, whatever the first has to wait for, while other chats go on', async () => {
    const { sender, clock, sent } = harness((_request, count) => (count === 1 ? UNSENT : SENT));
    const all = [
      sender.send(text('a1', 'a')),
      sender.send(text('a2', 'a')),
      sender.send(text('b1', 'b')),
      sender.send(text('a3', 'a')),
    ];
    await clock.settle();
    assert.deepEqual(
      sent.map(({ text: words }) => words),
      ['a1', 'b1'],
    );
    await clock.pass(1_000);
    await Promise.all(all);
    assert.deepEqual(
      sent.map(({ text: words }) => words),
      ['a1', 'b1', 'a1', 'a2', 'a3'],
    );
  });

  it('goes on after one that was refused, and after one of which nobody knows', async () => {
    const outcomes: Outcome[] = [refusal(422, 'ApiError'), RESET, SENT];
    const { sender, clock } = harness((_request, count) => outcomes[count - 1] ?? SENT);
    const codes = [codeOf(sender.send(text('1'))), codeOf(sender.send(text('2')))];
    const third = sender.send(text('3'));
    await clock.settle();
    assert.deepEqual(await Promise.all(codes), ['SEND_REFUSED.refused', 'SEND_UNCERTAIN.lost']);
    assert.equal((await third).messageId, 'wamid.1');
  });

  it('in an outage costs each that waits behind the first one try, not a minute', async () => {
    let isDown = true;
    const { sender, clock, sent } = harness(() => (isDown ? UNSENT : SENT));
    const codes = Array.from({ length: 50 }, (_, index) => codeOf(sender.send(text(`${index}`))));
    await clock.pass(42_000);
    assert.deepEqual(new Set(await Promise.all(codes)), new Set(['API_FAILED.unreachable']));
    assert.equal(sent.length, 5 + 49);
    isDown = false;
    await clock.pass(10_000);
    await sender.send(text('again'));
    isDown = true;
    const failing = codeOf(sender.send(text('has its tries again')));
    await clock.pass(60_000);
    await failing;
    assert.equal(sent.length, 5 + 49 + 1 + 5);
  });

  it('after an outage gives each its tries again, also those that wait', async () => {
    // Five tries for the first, one for the second, which comes through; the third may be tried again.
    const { sender, clock, sent } = harness((_request, count) => (count === 6 || count === 9 ? SENT : UNSENT));
    const first = codeOf(sender.send(text('1')));
    const rest = [sender.send(text('2')), sender.send(text('3'))];
    await clock.pass(60_000);
    assert.equal(await first, 'API_FAILED.unreachable');
    await Promise.all(rest);
    assert.equal(sent.length, 9);
    const alone = harness(() => UNSENT);
    for (const tries of [5, 10]) {
      const failing = codeOf(alone.sender.send(text('alone')));
      await alone.clock.pass(60_000);
      assert.equal(await failing, 'API_FAILED.unreachable');
      assert.equal(alone.sent.length, tries);
    }
  });

  it('is not more than 50 requests a second, for all chats together', async () => {
    const { sender, clock, sent } = harness(() => SENT);
    const all = Promise.all(Array.from({ length: 170 }, (_, index) => sender.send(text('x', `chat${index}`))));
    await clock.pass(5_000);
    await all;
    for (const { at } of sent) {
      assert.ok(sent.filter((other) => other.at >= at && other.at < at + 1_000).length <= 50);
    }
    assert.equal(sent.length, 170);
  });
});

describe('closing a sender', () => {
  it('refuses what waits, and lets end what is under way', async () => {
    let answer = (_: Outcome): void => undefined;
    const clock = new FakeClock();
    const network = new FakeNetwork(() => new Promise<Outcome>((resolve) => (answer = resolve)));
    const api = new ApiClient({ apiUrl: 'https://api.example.test', network, clock });
    const sender = new Sender({
      authorised: (ask) => ask('token'),
      carryOut: (token, order, onLeave) => carryOut(api, token, order, onLeave),
      readLines: () => Promise.resolve([]),
      clock,
    });
    const first = sender.send(text('1'));
    const second = codeOf(sender.send(text('2')));
    await clock.settle();
    const closing = sender.close();
    assert.equal(await second, 'SEND_REFUSED.closed');
    answer(SENT);
    await first;
    await closing;
    assert.equal(await codeOf(sender.send(text('3'))), 'SEND_REFUSED.closed');
    assert.equal(network.requests.length, 1);
  });

  it('waits 5 s at most, and then tells what is certain and what is not', async () => {
    const { sender, clock } = harness((_request, count) => (count === 1 ? 'hang' : 'no way'));
    const codes = [codeOf(sender.send(text('left', 'a'))), codeOf(sender.send(text('not left', 'b')))];
    await clock.settle();
    let isClosed = false;
    void sender.close().then(() => (isClosed = true));
    await clock.pass(4_999);
    assert.equal(isClosed, false);
    await clock.pass(1);
    assert.equal(isClosed, true);
    assert.deepEqual(await Promise.all(codes), ['SEND_UNCERTAIN.closed', 'SEND_REFUSED.closed']);
  });

  it('ends a pause before another try', async () => {
    const { sender, clock, sent } = harness(() => UNSENT);
    const code = codeOf(sender.send(text('hello')));
    await clock.pass(500);
    await sender.close();
    assert.equal(await code, 'SEND_REFUSED.closed');
    assert.equal(sent.length, 1);
    assert.equal(clock.pending, 0);
  });

  it('many may pause at once without a warning', async () => {
    const { sender, clock } = harness(() => UNSENT);
    const end = new AbortController();
    const warned = once(process, 'warning', { signal: end.signal }).then(
      ([warning]: unknown[]) => String(warning),
      () => 'none',
    );
    const codes = Array.from({ length: 40 }, (_, index) => codeOf(sender.send(text('hello', `chat${index}`))));
    await clock.pass(500);
    await turn();
    await sender.close();
    await Promise.all(codes);
    end.abort();
    assert.equal(await warned, 'none');
  });

  it('also when the API client is closed under it', async () => {
    const { sender, api, clock } = harness((_request, count) => (count === 1 ? 'hang' : 'no way'));
    const codes = [codeOf(sender.send(text('left', 'a'))), codeOf(sender.send(text('not left', 'b')))];
    await clock.settle();
    api.close();
    assert.deepEqual(await Promise.all(codes), ['SEND_UNCERTAIN.closed', 'SEND_REFUSED.closed']);
  });
});
