import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import type { Line } from '../../src/api/lines';
import { ChatAppError } from '../../src/errors';
import { FeedStage, lineChannel } from '../support/feed-stage';
import { Heard } from '../support/heard';

const MINUTE = 60_000;
const WHATSAPP: Line = { licenseId: '50101', messengerType: 'grWhatsApp' };
const TELEGRAM: Line = { licenseId: '50101', messengerType: 'telegram' };
const OTHER: Line = { licenseId: '50102', messengerType: 'telegram' };
const LINES = [WHATSAPP, TELEGRAM, OTHER];

function everyLine(licenseId?: string, messengerType?: string): Heard {
  return new Heard({
    type: 'messenger',
    ...(licenseId !== undefined && { licenseId }),
    ...(messengerType !== undefined && { messengerType }),
  });
}

/** A stage with a socket and one listener to every line. */
async function opened(lines: FeedStage['lines'], heard = everyLine()): Promise<{ stage: FeedStage; heard: Heard }> {
  const stage = new FeedStage();
  stage.lines = lines;
  stage.feed.add(heard);
  await stage.open();
  return { stage, heard };
}

const sorted = (channels: readonly string[]): string[] => [...channels].sort();
const channelsOf = (lines: readonly Line[]): string[] => sorted(lines.map(lineChannel));

describe('a listener without a line or a messenger', () => {
  for (const [what, heard, lines] of [
    ['neither: every messenger of every line', everyLine(), LINES],
    ['a line: its messengers', everyLine('50101'), [WHATSAPP, TELEGRAM]],
    ['a messenger: every line that has it', everyLine(undefined, 'telegram'), [TELEGRAM, OTHER]],
    ['empty texts count as none', everyLine('', ''), LINES],
    ['an empty line and a messenger', everyLine('', 'telegram'), [TELEGRAM, OTHER]],
  ] as const) {
    it(`joins what fits – ${what}`, async () => {
      const { stage } = await opened(LINES, heard);
      assert.deepEqual(sorted(stage.socket.channels), channelsOf(lines));
      assert.deepEqual(heard.status, { kind: 'listening', channels: { listening: lines.length, total: lines.length } });
    });
  }

  it('shows authorising while the lines are read', async () => {
    const { heard } = await opened(LINES);
    assert.deepEqual([...new Set(heard.kinds)], ['stopped', 'connecting', 'authorising', 'listening']);
  });

  it('joins new lines and leaves those that are gone, within 10 min', async () => {
    const { stage, heard } = await opened([WHATSAPP, TELEGRAM]);
    stage.lines = [TELEGRAM, OTHER];
    await stage.clock.pass(10 * MINUTE - 1);
    assert.deepEqual(sorted(stage.socket.channels), channelsOf([WHATSAPP, TELEGRAM]));
    await stage.clock.pass(1);
    assert.deepEqual(sorted(stage.socket.channels), channelsOf([TELEGRAM, OTHER]));
    assert.deepEqual(stage.socket.unsubscribed, [lineChannel(WHATSAPP)]);
    assert.deepEqual(heard.status?.channels, { listening: 2, total: 2 });
    stage.lines = LINES;
    await stage.clock.pass(10 * MINUTE);
    assert.equal(stage.socket.subscribed.length, 4, 'the one that stayed was not touched');
  });

  it('joins new lines at once after a reconnect', async () => {
    const { stage } = await opened([TELEGRAM]);
    stage.drop();
    stage.lines = LINES;
    await stage.open();
    assert.deepEqual(sorted(stage.socket.channels), channelsOf(LINES));
  });

  it('has its lines read once, however many others come and go', async () => {
    const { stage } = await opened(LINES);
    const removals = Array.from({ length: 20 }, () => stage.feed.add(everyLine()));
    removals.push(stage.feed.add(new Heard({ type: 'user', userId: '9041' })));
    await stage.clock.settle();
    for (const remove of removals) remove();
    await stage.clock.settle();
    assert.equal(stage.reads, 1);
    await stage.clock.pass(10 * MINUTE);
    assert.equal(stage.reads, 2);
  });

  it('has its lines read once, however many come while they are being read', async () => {
    let answer: (lines: Line[]) => void = () => assert.fail('nobody has asked');
    const { stage } = await opened(new Promise((resolve) => (answer = resolve)));
    const others = Array.from({ length: 20 }, () => everyLine());
    for (const other of others) stage.feed.add(other);
    answer(LINES);
    await stage.clock.settle();
    assert.equal(stage.reads, 1);
    assert.ok(others.every(({ status }) => status?.channels?.listening === 3));
  });

  it('sees the lines of today when it comes back after a while', async () => {
    const stage = new FeedStage();
    stage.lines = [TELEGRAM];
    stage.feed.add(new Heard({ type: 'user', userId: '9041' }));
    await stage.open();
    const remove = stage.feed.add(everyLine());
    await stage.clock.settle();
    remove();
    stage.lines = LINES;
    await stage.clock.pass(60 * MINUTE);
    assert.equal(stage.reads, 1, 'nobody needed them meanwhile');
    stage.feed.add(everyLine());
    await stage.clock.settle();
    assert.deepEqual(sorted(stage.socket.channels), sorted([...channelsOf(LINES), 'private-v1.users.9041']));
    assert.equal(stage.reads, 2);
  });
});

describe('a listener whom no line fits', () => {
  it('is told once, shows refused, and listens as soon as one fits', async () => {
    const { stage, heard } = await opened([TELEGRAM], everyLine('50109'));
    assert.deepEqual(heard.codes, ['CHANNEL_REFUSED.noLine']);
    assert.match(heard.errors[0]?.message ?? '', /line 50109/);
    assert.equal(heard.status?.kind, 'refused');
    await stage.clock.pass(35 * MINUTE);
    assert.equal(heard.codes.length, 1);
    stage.lines = [TELEGRAM, { licenseId: '50109', messengerType: 'email' }];
    await stage.clock.pass(10 * MINUTE);
    assert.equal(heard.status.kind, 'listening');
    stage.lines = [];
    await stage.clock.pass(10 * MINUTE);
    assert.equal(heard.codes.length, 2, 'that is another incident');
    assert.deepEqual(stage.codes, []);
  });
});

describe('lines that cannot be read', () => {
  const failure = ApiError.refused('/v1/licenses', 500, {}, null);

  it('are asked for with growing waits up to a minute, never in a rush', async () => {
    const { stage, heard } = await opened(failure);
    assert.equal(stage.reads, 1);
    assert.deepEqual(heard.status, { kind: 'waiting', nextTry: stage.clock.now() + 1_000 });
    const reads: number[] = [];
    for (let second = 0; second < 64; second += 1) {
      await stage.clock.pass(1_000);
      reads.push(stage.reads);
    }
    assert.deepEqual(
      [1, 3, 7, 15, 31, 63].map((second) => reads[second - 1]),
      [2, 3, 4, 5, 6, 7],
    );
    await stage.clock.pass(10 * MINUTE);
    assert.equal(stage.reads, 17);
    stage.lines = LINES;
    await stage.clock.pass(MINUTE);
    assert.equal(heard.status.kind, 'listening');
  });

  it('are the connection’s trouble, told once after 15 s', async () => {
    const { stage, heard } = await opened(failure);
    await stage.clock.pass(14_999);
    assert.deepEqual(stage.codes, []);
    await stage.clock.pass(30 * MINUTE);
    assert.deepEqual(stage.codes, ['API_FAILED.refused']);
    assert.deepEqual(heard.codes, []);
  });

  it('end no subscription that works', async () => {
    const { stage, heard } = await opened(LINES);
    stage.lines = failure;
    await stage.clock.pass(30 * MINUTE);
    assert.deepEqual(stage.socket.unsubscribed, []);
    assert.equal(heard.status?.kind, 'listening');
  });

  it('are left alone as long as ChatApp asks for', async () => {
    const { stage } = await opened(ApiError.refused('/v1/licenses', 429, {}, '90'));
    await stage.clock.pass(89_999);
    assert.equal(stage.reads, 1);
    await stage.clock.pass(1);
    assert.equal(stage.reads, 2);
  });

  for (const error of [
    ChatAppError.of('TOKEN_INVALID', 'pasted'),
    ChatAppError.of('LOGIN_REFUSED', 'credentials'),
    ChatAppError.of('TOKEN_QUOTA', 'tokens', { nextTry: 'later' }),
  ]) {
    it(`because of ${error.code} show tokenInvalid, told once and at once`, async () => {
      const { stage, heard } = await opened(error);
      assert.deepEqual(heard.status, { kind: 'tokenInvalid', nextTry: stage.clock.now() + 5 * MINUTE });
      assert.deepEqual(stage.errors, [error]);
      await stage.clock.pass(30 * MINUTE);
      assert.equal(stage.errors.length, 1);
      stage.lines = LINES;
      await stage.clock.pass(5 * MINUTE);
      assert.equal(heard.status.kind, 'listening');
    });
  }

  it('are not read without a socket, nor without somebody who needs them', async () => {
    const { stage } = await opened(LINES);
    stage.drop();
    await stage.clock.pass(60 * MINUTE);
    assert.equal(stage.reads, 1);
    const lonely = new FeedStage();
    lonely.feed.add(new Heard({ type: 'messenger', licenseId: '50101', messengerType: 'telegram' }));
    await lonely.open();
    await lonely.clock.pass(60 * MINUTE);
    assert.equal(lonely.reads, 0);
  });
});

describe('a listener to all lines, while these cannot be read', () => {
  const failure = ApiError.refused('/v1/licenses', 503, {}, null);
  const oneLine = (): Heard => new Heard({ type: 'messenger', ...TELEGRAM });
  const announce = (stage: FeedStage): void => {
    const meta = { type: 'message', licenseId: 50101, messengerType: 'telegram' };
    stage.feed.onEvent(lineChannel(TELEGRAM), 'message', { data: [{ id: '1', chat: { id: 7 } }], meta });
  };

  for (const order of ['before', 'after'] as const) {
    it(`hears the lines that others listen to, where it came ${order} them, and is told of no trouble`, async () => {
      const stage = new FeedStage();
      stage.lines = failure;
      const [all, one] = [everyLine(), oneLine()];
      for (const heard of order === 'before' ? [all, one] : [one, all]) stage.feed.add(heard);
      await stage.open();
      announce(stage);
      assert.deepEqual([all.deliveries.length, one.deliveries.length], [1, 1]);
      assert.deepEqual(all.errors, []);
      stage.lines = LINES;
      await stage.clock.pass(MINUTE);
      announce(stage);
      assert.deepEqual(all.status?.channels, { listening: 3, total: 3 });
    });
  }

  it('hears no line that does not fit', async () => {
    const { stage, heard } = await opened(failure, everyLine(undefined, 'grWhatsApp'));
    stage.feed.add(oneLine());
    await stage.clock.settle();
    announce(stage);
    assert.equal(heard.deliveries.length, 0);
  });
});
