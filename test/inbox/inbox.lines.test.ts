import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import type { Line } from '../../src/api/lines';
import { ChatAppError } from '../../src/errors';
import { InboxHarness, lineChannel } from '../support/inbox-harness';
import { ListenerSpy } from '../support/listener-spy';

const MINUTE = 60_000;
const WHATSAPP: Line = { licenseId: '50101', messengerType: 'grWhatsApp' };
const TELEGRAM: Line = { licenseId: '50101', messengerType: 'telegram' };
const OTHER: Line = { licenseId: '50102', messengerType: 'telegram' };
const LINES = [WHATSAPP, TELEGRAM, OTHER];

function everyLine(licenseId?: string, messengerType?: string): ListenerSpy {
  return new ListenerSpy({
    type: 'messenger',
    ...(licenseId !== undefined && { licenseId }),
    ...(messengerType !== undefined && { messengerType }),
  });
}

/** A harness with a socket and one listener to every line. */
async function opened(
  lines: InboxHarness['lines'],
  spy = everyLine(),
): Promise<{ harness: InboxHarness; spy: ListenerSpy }> {
  const harness = new InboxHarness();
  harness.lines = lines;
  harness.inbox.add(spy);
  await harness.open();
  return { harness, spy };
}

const sorted = (channels: readonly string[]): string[] => [...channels].sort();
const channelsOf = (lines: readonly Line[]): string[] => sorted(lines.map(lineChannel));

describe('a listener without a line or a messenger', () => {
  for (const [what, spy, lines] of [
    ['neither: every messenger of every line', everyLine(), LINES],
    ['a line: its messengers', everyLine('50101'), [WHATSAPP, TELEGRAM]],
    ['a messenger: every line that has it', everyLine(undefined, 'telegram'), [TELEGRAM, OTHER]],
    ['empty texts count as none', everyLine('', ''), LINES],
    ['an empty line and a messenger', everyLine('', 'telegram'), [TELEGRAM, OTHER]],
  ] as const) {
    it(`joins what fits – ${what}`, async () => {
      const { harness } = await opened(LINES, spy);
      assert.deepEqual(sorted(harness.socket.channels), channelsOf(lines));
      assert.deepEqual(spy.status, { kind: 'listening', channels: { listening: lines.length, total: lines.length } });
    });
  }

  it('shows at most four statuses a second while 300 channels are being joined, and the last one is right', async () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      licenseId: String(60_000 + index),
      messengerType: 'max',
    }));
    const { harness, spy } = await opened(many);
    await harness.clock.pass(1_000);
    assert.deepEqual(spy.status, { kind: 'listening', channels: { listening: 300, total: 300 } });
    assert.ok(spy.kinds.length < 20, `${spy.kinds.length} statuses`);
  });

  it('shows authorising while the lines are read', async () => {
    const { spy } = await opened(LINES);
    assert.deepEqual([...new Set(spy.kinds)], ['stopped', 'connecting', 'authorising', 'listening']);
  });

  it('joins new lines within 10 min, and leaves those that are gone an hour later', async () => {
    const { harness, spy } = await opened([WHATSAPP, TELEGRAM]);
    harness.lines = [TELEGRAM, OTHER];
    await harness.clock.pass(10 * MINUTE - 1);
    assert.deepEqual(sorted(harness.socket.channels), channelsOf([WHATSAPP, TELEGRAM]));
    await harness.clock.pass(1);
    assert.deepEqual(sorted(harness.socket.channels), channelsOf(LINES));
    assert.deepEqual(harness.socket.unsubscribed, []);
    await harness.clock.pass(60 * MINUTE);
    assert.deepEqual(sorted(harness.socket.channels), channelsOf([TELEGRAM, OTHER]));
    assert.deepEqual(harness.socket.unsubscribed, [lineChannel(WHATSAPP)]);
    assert.deepEqual(spy.status?.channels, { listening: 2, total: 2 });
    harness.lines = LINES;
    await harness.clock.pass(10 * MINUTE);
    assert.equal(harness.socket.subscribed.length, 4, 'the one that stayed was not touched');
  });

  it('keeps a line that is missing in one answer, and goes on receiving it', async () => {
    for (const incomplete of [[TELEGRAM], []]) {
      const { harness, spy } = await opened([WHATSAPP, TELEGRAM]);
      harness.lines = incomplete;
      await harness.clock.pass(10 * MINUTE);
      harness.lines = [WHATSAPP, TELEGRAM];
      await harness.clock.pass(MINUTE);
      assert.equal(harness.reads, 3);
      assert.deepEqual([harness.socket.unsubscribed, spy.status?.channels?.listening], [[], 2]);
      assert.deepEqual([spy.codes, harness.codes], [[], []]);
      await harness.clock.pass(10 * MINUTE - 1);
      assert.equal(harness.reads, 3, 'the usual rhythm is back');
      await harness.clock.pass(1);
      assert.equal(harness.reads, 4);
    }
  });

  it('leaves out a line that is not active, and joins it as soon as it is', async () => {
    const { harness, spy } = await opened([{ ...WHATSAPP, isInactive: true }, TELEGRAM]);
    assert.deepEqual(harness.socket.channels, channelsOf([TELEGRAM]));
    assert.deepEqual([spy.codes, spy.status?.channels], [[], { listening: 1, total: 1 }]);
    harness.lines = [WHATSAPP, TELEGRAM];
    await harness.clock.pass(10 * MINUTE);
    assert.deepEqual(sorted(harness.socket.channels), channelsOf([WHATSAPP, TELEGRAM]));
  });

  it('reports if each line that fits is inactive, unless the line was chosen by its id', async () => {
    const inactive = [{ ...WHATSAPP, isInactive: true as const }, OTHER];
    const { harness, spy } = await opened(inactive, everyLine(undefined, 'grWhatsApp'));
    assert.deepEqual([spy.codes, spy.status?.kind], [['CHANNEL_REFUSED.inactive'], 'refused']);
    const chosen = everyLine('50101');
    harness.inbox.add(chosen);
    await harness.clock.settle();
    assert.deepEqual([chosen.codes, harness.socket.channels], [[], channelsOf([WHATSAPP])]);
  });

  it('joins new lines at once after a reconnect', async () => {
    const { harness } = await opened([TELEGRAM]);
    harness.drop();
    harness.lines = LINES;
    await harness.open();
    assert.deepEqual(sorted(harness.socket.channels), channelsOf(LINES));
  });

  it('has its lines read once, however many others come and go', async () => {
    const { harness } = await opened(LINES);
    const removals = Array.from({ length: 20 }, () => harness.inbox.add(everyLine()));
    removals.push(harness.inbox.add(new ListenerSpy({ type: 'user', userId: '9041' })));
    await harness.clock.settle();
    for (const remove of removals) remove();
    await harness.clock.settle();
    assert.equal(harness.reads, 1);
    await harness.clock.pass(10 * MINUTE);
    assert.equal(harness.reads, 2);
  });

  it('has its lines read once, however many come while they are being read', async () => {
    let answer: (lines: Line[]) => void = () => assert.fail('nobody has asked');
    const { harness } = await opened(new Promise((resolve) => (answer = resolve)));
    const others = Array.from({ length: 20 }, () => everyLine());
    for (const other of others) harness.inbox.add(other);
    answer(LINES);
    await harness.clock.settle();
    assert.equal(harness.reads, 1);
    assert.ok(others.every(({ status }) => status?.channels?.listening === 3));
  });

  it('sees the lines of today when it comes back after a while', async () => {
    const harness = new InboxHarness();
    harness.lines = [TELEGRAM];
    harness.inbox.add(new ListenerSpy({ type: 'user', userId: '9041' }));
    await harness.open();
    const remove = harness.inbox.add(everyLine());
    await harness.clock.settle();
    remove();
    harness.lines = LINES;
    await harness.clock.pass(60 * MINUTE);
    assert.equal(harness.reads, 1, 'nobody needed them meanwhile');
    harness.inbox.add(everyLine());
    await harness.clock.settle();
    assert.deepEqual(sorted(harness.socket.channels), sorted([...channelsOf(LINES), 'private-v1.users.9041']));
    assert.equal(harness.reads, 2);
  });
});

describe('a listener that no line fits', () => {
  it('gets one error, shows refused, and listens as soon as one fits', async () => {
    const { harness, spy } = await opened([TELEGRAM], everyLine('50109'));
    assert.deepEqual(spy.codes, ['CHANNEL_REFUSED.noLine']);
    assert.match(spy.errors[0]?.message ?? '', /line 50109/);
    assert.equal(spy.status?.kind, 'refused');
    await harness.clock.pass(35 * MINUTE);
    assert.equal(spy.codes.length, 1);
    harness.lines = [TELEGRAM, { licenseId: '50109', messengerType: 'email' }];
    await harness.clock.pass(10 * MINUTE);
    assert.equal(spy.status.kind, 'listening');
    harness.lines = [];
    await harness.clock.pass(5 * MINUTE);
    assert.equal(spy.codes.length, 1, 'that is not confirmed yet');
    await harness.clock.pass(60 * MINUTE);
    assert.equal(spy.codes.length, 2, 'that is another incident');
    assert.deepEqual(harness.codes, []);
  });
});

describe('lines that cannot be read', () => {
  const failure = ApiError.refused('/v1/licenses', { status: 500 });

  it('are asked for with growing waits up to a minute, never in a rush', async () => {
    const { harness, spy } = await opened(failure);
    assert.equal(harness.reads, 1);
    assert.deepEqual(spy.status, { kind: 'waiting', nextTry: harness.clock.now() + 1_000 });
    const reads: number[] = [];
    for (let second = 0; second < 64; second += 1) {
      await harness.clock.pass(1_000);
      reads.push(harness.reads);
    }
    assert.deepEqual(
      [1, 3, 7, 15, 31, 63].map((second) => reads[second - 1]),
      [2, 3, 4, 5, 6, 7],
    );
    await harness.clock.pass(10 * MINUTE);
    assert.equal(harness.reads, 17);
    harness.lines = LINES;
    await harness.clock.pass(MINUTE);
    assert.equal(spy.status.kind, 'listening');
  });

  it('are an error of the connection, reported once after 15 s', async () => {
    const { harness, spy } = await opened(failure);
    await harness.clock.pass(14_999);
    assert.deepEqual(harness.codes, []);
    await harness.clock.pass(30 * MINUTE);
    assert.deepEqual(harness.codes, ['API_FAILED.refused']);
    assert.deepEqual(spy.codes, []);
  });

  it('end no subscription that works', async () => {
    const { harness, spy } = await opened(LINES);
    harness.lines = failure;
    await harness.clock.pass(30 * MINUTE);
    assert.deepEqual(harness.socket.unsubscribed, []);
    assert.equal(spy.status?.kind, 'listening');
  });

  it('are left alone as long as ChatApp asks for', async () => {
    const { harness } = await opened(ApiError.refused('/v1/licenses', { status: 429, retryAfter: '90' }));
    await harness.clock.pass(89_999);
    assert.equal(harness.reads, 1);
    await harness.clock.pass(1);
    assert.equal(harness.reads, 2);
  });

  for (const error of [
    ChatAppError.of('TOKEN_INVALID', 'pasted'),
    ChatAppError.of('LOGIN_REFUSED', 'credentials'),
    ChatAppError.of('TOKEN_QUOTA', 'tokens', { nextTry: 'later' }),
  ]) {
    it(`because of ${error.code} show tokenInvalid, and are reported once, immediately`, async () => {
      const { harness, spy } = await opened(error);
      assert.deepEqual(spy.status, { kind: 'tokenInvalid', nextTry: harness.clock.now() + 5 * MINUTE });
      assert.deepEqual(harness.errors, [error]);
      await harness.clock.pass(30 * MINUTE);
      assert.equal(harness.errors.length, 1);
      harness.lines = LINES;
      await harness.clock.pass(5 * MINUTE);
      assert.equal(spy.status.kind, 'listening');
    });
  }

  it('are not read without a socket, nor without a listener that needs them', async () => {
    const { harness } = await opened(LINES);
    harness.drop();
    await harness.clock.pass(60 * MINUTE);
    assert.equal(harness.reads, 1);
    const lonely = new InboxHarness();
    lonely.inbox.add(new ListenerSpy({ type: 'messenger', licenseId: '50101', messengerType: 'telegram' }));
    await lonely.open();
    await lonely.clock.pass(60 * MINUTE);
    assert.equal(lonely.reads, 0);
  });
});

describe('a listener to all lines, while these cannot be read', () => {
  const failure = ApiError.refused('/v1/licenses', { status: 503 });
  const oneLine = (): ListenerSpy => new ListenerSpy({ type: 'messenger', ...TELEGRAM });
  const announce = (harness: InboxHarness): void => {
    const meta = { type: 'message', licenseId: 50101, messengerType: 'telegram' };
    harness.inbox.onEvent(lineChannel(TELEGRAM), 'message', { data: [{ id: '1', chat: { id: 7 } }], meta });
  };

  for (const order of ['before', 'after'] as const) {
    it(`gets the events of the lines that others listen to if it came ${order} them, and no error`, async () => {
      const harness = new InboxHarness();
      harness.lines = failure;
      const [all, one] = [everyLine(), oneLine()];
      for (const spy of order === 'before' ? [all, one] : [one, all]) harness.inbox.add(spy);
      await harness.open();
      announce(harness);
      assert.deepEqual([all.deliveries.length, one.deliveries.length], [1, 1]);
      assert.deepEqual(all.errors, []);
      harness.lines = LINES;
      await harness.clock.pass(MINUTE);
      announce(harness);
      assert.deepEqual(all.status?.channels, { listening: 3, total: 3 });
    });
  }

  it('gets no events of a line that does not fit', async () => {
    const { harness, spy } = await opened(failure, everyLine(undefined, 'grWhatsApp'));
    harness.inbox.add(oneLine());
    await harness.clock.settle();
    announce(harness);
    assert.equal(spy.deliveries.length, 0);
  });
});
