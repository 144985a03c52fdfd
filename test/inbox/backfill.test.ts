import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { chatName } from '../../src/inbox/chats-to-read';
import { BackfillHarness, HOURS, LINE, MINUTE, OTHER } from '../support/backfill-harness';
import { nameOf } from '../support/errors';

const A = chatName(LINE, 'A');
const B = chatName(LINE, 'B');

describe('Backfill', () => {
  let history: BackfillHarness;
  beforeEach(() => (history = new BackfillHarness()));
  afterEach(() => history.abort.abort());

  it('delivers the messages of each changed chat page by page, then notes the chat', async () => {
    history.lists.set(LINE, [history.chat('A')]);
    history.pages.set(A, [[{ id: 1 }, { id: 2 }], [{ id: 3 }]]);
    await history.backfill(LINE).fill();
    assert.deepEqual(history.calls, [
      'list telegram since 0',
      `listed ${A}`,
      'deliver 1,2 of telegram',
      'deliver 3 of telegram',
      `read ${A}`,
    ]);
    assert.equal(history.reads.get(A), history.from);
    assert.equal(history.gap.chats.get(A), history.now);
    assert.deepEqual([history.losses, history.failures, history.successes], [[], [], 1]);
  });

  it('reports which chats are to be read once the lists of all lines are read', async () => {
    history.lists.set(LINE, [history.chat('A')]).set(OTHER, [history.chat('C')]);
    await history.backfill(LINE, OTHER).fill();
    assert.deepEqual(history.calls.slice(0, 3), [
      'list telegram since 0',
      'list max since 0',
      `listed ${A},${chatName(OTHER, 'C')}`,
    ]);
  });

  it('reads the lists of five lines at a time', async () => {
    const lines = Array.from('1234567').map((licenseId) => ({ licenseId, messengerType: `type${licenseId}` }));
    await history.backfill(...lines).fill();
    assert.deepEqual([history.callsOf('list ').length, history.maxListing], [7, 5]);
  });

  it('reads chats first whose live events wait', async () => {
    history.lists.set(
      LINE,
      Array.from('123456')
        .map((id) => history.chat(id))
        .concat(history.chat('A'), history.chat('B')),
    );
    history.waiting.add(B);
    await history.backfill(LINE).fill();
    assert.equal([...history.reads.keys()][0], B);
  });

  it('reads a chat once that the list brings twice', async () => {
    history.lists.set(LINE, [history.chat('A'), history.chat('A')]);
    await history.backfill(LINE).fill();
    assert.deepEqual(history.callsOf('read'), [`read ${A}`]);
  });

  it('goes on where an earlier run was interrupted', async () => {
    history.gap.chats.set(A, history.now - 600).set(B, history.now - 600);
    history.lists.set(LINE, [history.chat('A', history.now - 602), history.chat('B', history.now - 601)]);
    await history.backfill(LINE).fill();
    assert.deepEqual([...history.reads], [[B, history.now - 601]]);
  });

  it('reads once more, 60 s later, what an earlier run may have read while the history lagged behind', async () => {
    history.gap.chats.set(A, history.now - 600);
    history.lists.set(LINE, [history.chat('A', history.now - 700)]);
    const subject = history.backfill(LINE);
    await subject.fill();
    assert.equal(history.reads.size, 0);
    const [started, confirmed] = [history.now, subject.confirm(history.now)];
    await history.clock.pass(MINUTE);
    await confirmed;
    assert.deepEqual([...history.reads], [[A, started - 720]]);
  });

  it('reports once, with their number, that chats without a time were left out', async () => {
    history.lists.set(LINE, [history.chat('A')]).set(OTHER, []);
    history.omitted = 7;
    await history.backfill(LINE, OTHER).fill();
    assert.deepEqual(history.losses.map(nameOf), ['RECOVERY_FAILED.untimed']);
    assert.deepEqual([history.losses[0]?.params.count, history.losses[0]?.params.limit], [7, 1_000]);
  });

  it('reads a chat without a time even if an earlier run has read it', async () => {
    history.gap.chats.set(A, history.now);
    history.lists.set(LINE, [{ id: 'A', lastTime: undefined, entry: {} }]);
    await history.backfill(LINE).fill();
    assert.deepEqual([...history.reads], [[A, history.now - 1]]);
  });

  it('reads the minute before the subscription once more, 60 s later', async () => {
    history.lists.set(LINE, [history.chat('A')]);
    history.pages.set(A, [[{ id: 1, time: history.now }]]);
    const subject = history.backfill(LINE);
    await subject.fill();
    history.reads.clear();
    const confirmed = subject.confirm(history.now);
    await history.clock.pass(MINUTE - 1);
    assert.equal(history.reads.size, 0);
    await history.clock.pass(1);
    await confirmed;
    assert.deepEqual([...history.reads], [[A, history.now - 120]]);
  });

  /** Fills the gap and reads it once more, 60 s later. Resolves with from when on chats were read then. */
  const readOnceMore = async (between: () => void = () => undefined): Promise<[string, number][]> => {
    const subject = history.backfill(LINE);
    await subject.fill();
    history.reads.clear();
    between();
    const confirmed = subject.confirm(history.now);
    await history.clock.pass(MINUTE);
    await confirmed;
    return [...history.reads];
  };

  it('reads a chat once more from where its messages ended if the list says that there are more', async () => {
    const [first, last] = [history.now - 1_800, history.now - 1_200];
    history.lists.set(LINE, [history.chat('A', last), history.chat('B', last), history.chat('C', last)]);
    history.pages.set(A, [[{ id: 1, time: first }]]).set(chatName(LINE, 'C'), [[{ id: 3, time: last }]]);
    assert.deepEqual(await readOnceMore(), [
      [A, first - 1],
      [B, history.from],
    ]);
    assert.equal(history.gap.chats.get(A), first);
  });

  it('reads a chat twice more, minutes later, only if it has changed or its messages lag behind the list', async () => {
    const last = history.now - 60;
    const [same, behind, changed] = ['A', 'B', 'C'];
    history.lists.set(
      LINE,
      [same, behind, changed].map((id) => history.chat(id, last)),
    );
    for (const [id, time] of [
      [same, last],
      [behind, last - 600],
      [changed, last],
    ] as const)
      history.pages.set(chatName(LINE, id), [[{ id: 1, time }]]);
    const subject = history.backfill(LINE);
    await subject.fill();
    const late = subject.confirmLate(history.now);
    history.lists.set(LINE, [history.chat(changed, last + 1), history.chat(same, last), history.chat(behind, last)]);
    const readLate = async (minutes: number): Promise<string[]> => {
      history.reads.clear();
      await history.clock.pass(minutes * MINUTE);
      return [...history.reads.keys()].map((name) => name.split('/').at(-1) ?? '');
    };
    assert.deepEqual(await readLate(4), [changed, behind]);
    assert.deepEqual(await readLate(10), [changed, behind], 'the list is still ahead of both');
    await late;
    assert.equal(history.clock.pending, 0);
  });

  it('does not read a chat again and again while another one fails', async () => {
    history.lists.set(LINE, [history.chat('A'), history.chat('B')]);
    history.pages.set(A, ApiError.timeout('chatapp', 1_000));
    history.begin(LINE);
    await history.clock.pass(MINUTE);
    assert.deepEqual(history.callsOf(`read ${B}`), [`read ${B}`]);
  });

  it('reads a chat from the beginning that the list brings only 60 s later', async () => {
    history.lists.set(LINE, []);
    const read = await readOnceMore(() => history.lists.set(LINE, [history.chat('A', history.now - 1_800)]));
    assert.deepEqual(read, [[A, history.from]]);
  });

  it('reports messages that are too old, and reads the others', async () => {
    history.gap = { ...history.gap, from: history.now - (HOURS + 1) * 3_600 };
    history.lists.set(LINE, [history.chat('A')]);
    await history.backfill(LINE).fill();
    assert.deepEqual(history.losses.map(nameOf), ['RECOVERY_FAILED.tooOld']);
    assert.equal(history.reads.get(A), history.now - HOURS * 3_600);
  });

  it('reports nothing as too old that was received', async () => {
    // A gap begins 10 min before the channel was not received any more.
    history.gap = { ...history.gap, from: history.now - HOURS * 3_600 - 600 };
    await history.backfill(LINE).fill();
    assert.deepEqual(history.losses, []);
  });

  it('fetches 10,000 messages and reports how many chats are incomplete', async () => {
    history.lists.set(
      LINE,
      Array.from('123456789').map((id) => history.chat(id)),
    );
    const many = Array.from({ length: 10_000 }, (_, id) => ({ id }));
    history.pages.set(chatName(LINE, '1'), [many, [{ id: 'beyond' }]]);
    await history.backfill(LINE).fill();
    assert.deepEqual(history.losses.map(nameOf), ['RECOVERY_FAILED.tooMany']);
    // Four were read beside the first one.
    assert.equal(history.losses[0]?.params.count, 5);
    assert.ok(!history.calls.some((call) => call.includes('beyond')));
    assert.equal(history.gap.chats.size, 9);
  });

  it('says of no chat that it was read once it is aborted', async () => {
    history.lists.set(LINE, [history.chat('A')]);
    history.pages.set(A, [[{ id: 1 }], [{ id: 2 }]]);
    history.onDeliver = () => history.abort.abort(new Error('stopped'));
    await assert.rejects(history.backfill(LINE).fill(), { message: 'stopped' });
    assert.deepEqual(history.calls.slice(-1), ['deliver 1 of telegram']);
  });

  it('rejects when it is aborted, and leaves no timer', async () => {
    history.lists.set(LINE, ApiError.timeout('chatapp', 1_000));
    const filled = history.backfill(LINE).fill();
    await history.clock.settle();
    history.abort.abort(new Error('stopped'));
    await assert.rejects(filled, { message: 'stopped' });
    assert.equal(history.clock.pending, 0);
  });
});
