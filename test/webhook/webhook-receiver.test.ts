import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { WebhookReceiver, type CallbackRequest, type CallbackOutcome } from '../../src/webhook/webhook-receiver';
import { FakeClock } from '../support/fake-clock';

const SECRET = 'x'.repeat(43);
const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const MB = 1024 * 1024;

describe('the receiver for callbacks', () => {
  let clock: FakeClock;
  let log: string[];
  let taken: unknown[];
  let standing: CallbackOutcome;
  let ready: Promise<void>;
  let receiver: WebhookReceiver;
  beforeEach(() => {
    clock = new FakeClock();
    log = [];
    taken = [];
    standing = 'taken';
    ready = Promise.resolve();
    const write = (line: string): void => void log.push(line);
    receiver = new WebhookReceiver({
      secret: () => Promise.resolve(SECRET),
      ready: () => ready,
      isKnown: () => standing,
      onCallback: (_line, data) => {
        taken.push(data);
        return Promise.resolve(standing);
      },
      clock,
      log: { debug: write, info: write, warn: write },
    });
  });
  const request = (body: string | CallbackRequest['body'], more: Partial<CallbackRequest> = {}): CallbackRequest => ({
    method: 'POST',
    secret: SECRET,
    ...LINE,
    body: typeof body === 'string' ? Readable.from([Buffer.from(body)]) : body,
    unanswered: new AbortController().signal,
    ...more,
  });
  /** The status of the answer; undefined if none comes however long the clock runs. */
  const statusOf = async (answer: Promise<number>): Promise<number | undefined> => {
    let status: number | undefined;
    void answer.then((known) => (status = known));
    for (let turn = 0; turn < 50 && status === undefined; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.pass(1);
    }
    return status;
  };
  const ask = (
    body: string | CallbackRequest['body'],
    more: Partial<CallbackRequest> = {},
  ): Promise<number | undefined> => {
    return statusOf(receiver.answer(request(body, more)));
  };

  it('unpacks what came as gzip, but no more than 1 MB of it', async () => {
    const packed = (text: string): CallbackRequest['body'] => Readable.from([gzipSync(text)]);
    assert.equal(await ask(packed('{"data":[{}]}')), 200);
    assert.equal(await receiver.answer(request(packed(`"${'x'.repeat(40 * MB)}"`))), 413);
    assert.equal(await receiver.answer(request(Readable.from([gzipSync('{}').subarray(0, 12)]))), 400);
    assert.equal(await ask({ parsed: gzipSync('{"data":[{"id":1}]}') }), 200);
    assert.deepEqual(taken, [{ data: [{}] }, { data: [{ id: 1 }] }]);
  });

  it('hands over what ChatApp sends, and then answers 200', async () => {
    assert.equal(await ask('{"data":[],"meta":{}}'), 200);
    assert.deepEqual(taken, [{ data: [], meta: {} }]);
    assert.deepEqual(log, []);
  });

  describe('where a parser has read the body before', () => {
    const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

    it('hands the parsed value itself over', async () => {
      const parsed = { data: [{ id: '1' }], meta: {} };
      assert.equal(await ask({ parsed }), 200);
      assert.equal(taken[0], parsed);
    });

    it('parses texts and bytes, and refuses what is not JSON', async () => {
      assert.equal(await ask({ parsed: '{"data":[]}' }), 200);
      assert.equal(await ask({ parsed: Buffer.from('{"data":[]}') }), 200);
      assert.deepEqual(taken, [{ data: [] }, { data: [] }]);
      assert.equal(await ask({ parsed: 'data=1' }), 400);
    });

    it('answers a probe with 200 and hands nothing over', async () => {
      for (const parsed of [{}, [], null, '', Buffer.alloc(0)]) assert.equal(await ask({ parsed }), 200);
      assert.deepEqual(taken, []);
    });

    it('looks at nothing of it without the secret and a line that is listened to', async () => {
      const untouchable = new Proxy(
        {},
        { get: () => assert.fail('it was read'), ownKeys: () => assert.fail('it was read') },
      );
      assert.equal(await ask({ parsed: untouchable }, { secret: 'guess' }), 404);
      standing = 'unknown';
      assert.equal(await ask({ parsed: untouchable }), 404);
    });

    it('survives JSON that is nested 20,000 deep, and lets its listeners report it', async () => {
      assert.equal(await ask({ parsed: nested(20_000) }, { secret: 'guess' }), 404);
      assert.equal(await ask({ parsed: nested(20_000) }), 200);
      assert.equal(taken.length, 1);
    });

    it('takes 1 MB and not a byte more', async () => {
      assert.equal(await ask({ parsed: { data: 'x'.repeat(MB) } }), 413);
    });
  });

  it('answers nothing before it can hand over', async () => {
    let open = (): void => undefined;
    ready = new Promise((resolve) => (open = resolve));
    const answer = receiver.answer(request('{"data":[]}'));
    assert.equal(await statusOf(answer), undefined);
    assert.deepEqual(taken, []);
    open();
    assert.equal(await statusOf(answer), 200);
    assert.equal(taken.length, 1);
  });

  for (const probe of ['', ' \n', '[]', '{}', 'null', '""']) {
    it(`takes ${JSON.stringify(probe)} for a probe`, async () => {
      assert.equal(await ask(probe), 200);
      assert.deepEqual(taken, []);
    });
  }

  it('knows nobody with a wrong secret, whatever it looks like, and reads not a byte of theirs', async () => {
    for (const secret of ['', 'x', 'y'.repeat(43), `${SECRET}x`, SECRET.toUpperCase(), 'x'.repeat(10_000), '%00']) {
      const body = Readable.from([Buffer.from('{"data":[]}')]);
      assert.equal(await ask(body, { secret }), 404);
      assert.equal(body.readableDidRead, false);
    }
    assert.deepEqual(taken, []);
  });

  it('lets nothing in but a POST', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', '']) assert.equal(await ask('', { method }), 404);
  });

  it('knows no line that nobody listens to; asks ChatApp to repeat one that may still be added', async () => {
    standing = 'unknown';
    assert.equal(await ask('{"data":[]}'), 404);
    standing = 'notYet';
    assert.equal(await ask('{"data":[]}'), 503);
    standing = 'taken';
    assert.equal(await ask('{"data":[]}', { licenseId: '../1' }), 404);
    assert.equal(await ask('{"data":[]}', { messengerType: 'a.b' }), 404);
    assert.deepEqual(taken, []);
  });

  it('refuses what is not JSON', async () => {
    for (const body of ['{', 'data=1', '<xml/>']) assert.equal(await ask(body), 400);
  });

  it('takes 1 MB and not a byte more, announced or not, and stops reading', async () => {
    assert.equal(await ask(JSON.stringify('x'.repeat(MB - 2))), 200);
    assert.equal(await ask('{}', { length: MB + 1 }), 413);
    let given = 0;
    const endless = new Readable({
      read() {
        given += 1;
        this.push(Buffer.alloc(64 * 1024, 32));
      },
    });
    assert.equal(await ask(endless), 413);
    assert.ok(given < 30, `${given} pieces were read`);
    assert.ok(!endless.destroyed, 'its sender could not be answered any more');
  });

  it('waits 10 s for a body, and notices when it is broken off', async () => {
    const slow = new PassThrough();
    slow.write('{"data"');
    const answer = receiver.answer(request(slow));
    await new Promise((resolve) => setImmediate(resolve));
    await clock.pass(10_000);
    assert.equal(await answer, 408);
    const broken = new PassThrough();
    const other = receiver.answer(request(broken));
    await new Promise((resolve) => setImmediate(resolve));
    broken.destroy(new Error('ECONNRESET'));
    assert.equal(await other, 408);
    assert.deepEqual(taken, []);
  });

  it('has 100 at work at most, and is open again when one is done', async () => {
    const bodies = Array.from({ length: 100 }, () => new PassThrough());
    const answers = bodies.map((body) => receiver.answer(request(body)));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await receiver.answer(request('{"data":[]}')), 503);
    bodies[0]?.end('no json');
    assert.equal(await answers[0], 400);
    assert.equal(await ask('{"data":[]}'), 200);
    for (const body of bodies) body.end();
    await Promise.all(answers);
  });

  it('keeps 16 MB in memory at most', async () => {
    const bodies = Array.from({ length: 17 }, () => new PassThrough());
    const answers = bodies.map((body) => receiver.answer(request(body)));
    for (const body of bodies) body.write(Buffer.alloc(MB, 32));
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await receiver.answer(request('{"data":[]}')), 503);
    for (const body of bodies) body.end();
    await Promise.all(answers);
    assert.equal(await ask('{"data":[]}'), 200);
  });

  it('writes each kind of refusal once in 5 min, however many come, and how many there were', async () => {
    for (let count = 0; count < 500; count += 1) await receiver.answer(request('', { secret: 'guess' }));
    await ask('{');
    assert.equal(log.length, 2);
    await clock.pass(5 * 60_000);
    await receiver.answer(request('', { secret: 'guess' }));
    assert.match(log[2] ?? '', /wrong secret, like 499 before/);
    assert.ok(!log.join().includes('guess') && !log.join().includes(SECRET));
  });

  it('counts these 5 min whatever happens to the wall clock', async () => {
    await ask('{');
    for (const days of [1, -2]) {
      clock.setTo(clock.now() + days * 86_400_000);
      await ask('{');
    }
    assert.equal(log.length, 1);
    await clock.pass(5 * 60_000);
    await ask('{');
    assert.equal(log.length, 2);
  });

  describe('where its answer does not arrive', () => {
    const BODY = '{"data":[{"chat":{"id":7}}],"meta":{"type":"chatRead"}}';
    const notReceived = async (body = BODY): Promise<void> => {
      const gone = new AbortController();
      await ask(body, { unanswered: gone.signal });
      gone.abort();
    };

    it('drops the one repeat that follows, and no more', async () => {
      await notReceived();
      assert.equal(await ask(BODY), 200);
      assert.equal(taken.length, 1);
      await ask(BODY);
      assert.equal(taken.length, 2);
    });

    it('drops the repeat if the wall clock is set meanwhile', async () => {
      await notReceived();
      clock.setTo(clock.now() + 86_400_000);
      await ask(BODY);
      assert.equal(taken.length, 1);
    });

    it('drops the repeat also where ChatApp hung up before it was accepted, and both are in progress', async () => {
      let open = (): void => undefined;
      ready = new Promise((resolve) => (open = resolve));
      const gone = new AbortController();
      const first = receiver.answer(request(BODY, { unanswered: gone.signal }));
      await new Promise((resolve) => setImmediate(resolve));
      gone.abort();
      const second = receiver.answer(request(BODY));
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      open();
      assert.deepEqual([await statusOf(first), await statusOf(second), taken.length], [200, 200, 1]);
    });

    it('takes equal bodies that were answered for two announcements', async () => {
      await ask(BODY);
      await ask(BODY);
      assert.equal(taken.length, 2);
    });

    it('accepts other bodies, other lines and later ones', async () => {
      await notReceived();
      await ask(BODY.replace('7', '8'));
      await ask(BODY, { messengerType: 'grWhatsApp' });
      await clock.pass(10 * 60_000);
      await ask(BODY);
      assert.equal(taken.length, 4);
    });

    it('forgets what was never accepted', async () => {
      standing = 'unknown';
      await notReceived();
      standing = 'taken';
      await ask(BODY);
      assert.equal(taken.length, 1);
    });
  });
});
