import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { responsibleFor } from '../../src/api/changed-chats';
import { chatName } from '../../src/inbox/chats-to-read';
import { BackfillHarness, LINE, MINUTE, OTHER } from '../support/backfill-harness';
import { nameOf } from '../support/errors';

const A = chatName(LINE, 'A');
const C = chatName(OTHER, 'C');

describe("Backfill of an employee's channel", () => {
  let history: BackfillHarness;
  beforeEach(() => (history = new BackfillHarness()));
  afterEach(() => history.abort.abort());

  it('reads the chats of the lines that the account has besides those that the channel has brought', async () => {
    history.accountLines = [OTHER, { ...LINE }];
    history.lists.set(LINE, [history.chat('A')]).set(OTHER, [history.chat('C')]);
    await history.backfill(LINE).fill();
    assert.deepEqual(history.calls.slice(0, 4), [
      'lines',
      'list telegram since 0',
      'list max since 0',
      `listed ${A},${C}`,
    ]);
    assert.deepEqual(history.callsOf('read'), [`read ${A}`, `read ${C}`]);
  });

  it('reads the known lines while the list of lines cannot be read, and the others once it can', async () => {
    history.accountLines = ApiError.timeout('chatapp', 1_000);
    history.lists.set(LINE, [history.chat('A')]).set(OTHER, [history.chat('C')]);
    const isFilled = history.begin(LINE);
    await history.clock.settle();
    assert.deepEqual(history.callsOf('read'), [`read ${A}`]);
    // It is not known yet whose live events have to wait.
    assert.deepEqual([history.callsOf('listed'), isFilled()], [[], false]);
    history.accountLines = [LINE, OTHER];
    await history.clock.pass(MINUTE);
    assert.ok(isFilled());
    assert.deepEqual(history.callsOf('read'), [`read ${A}`, `read ${C}`]);
    assert.equal(history.timesListed(LINE), 1);
    assert.deepEqual(history.losses, []);
  });

  it('reads the known lines and reports it if ChatApp refuses the list of lines', async () => {
    history.accountLines = ApiError.refused('/v1/licenses', { status: 403 });
    history.lists.set(LINE, [history.chat('A')]);
    history.begin(LINE);
    await history.clock.pass(3 * MINUTE);
    assert.deepEqual(history.callsOf('read'), [`read ${A}`]);
    assert.deepEqual(history.losses.map(nameOf), ['RECOVERY_FAILED.refused']);
    assert.ok(history.calls.includes('stuck'));
  });

  it('reads a line from the beginning that only the second list of lines has, even if its chat fails once', async () => {
    history.accountLines = [];
    const subject = history.backfill(LINE);
    await subject.fill();
    history.accountLines = [OTHER];
    history.lists.set(OTHER, [history.chat('C', history.from)]);
    history.pages.set(C, ApiError.timeout('chatapp', 1_000));
    const confirmed = subject.confirm(history.now);
    await history.clock.pass(MINUTE);
    history.pages.set(C, [[{ id: 1 }]]);
    history.reads.clear();
    await history.clock.pass(MINUTE);
    await confirmed;
    assert.deepEqual([...history.reads], [[C, history.from]]);
    assert.deepEqual(history.callsOf('deliver'), ['deliver 1 of max']);
  });

  it('leaves out chats that are not wanted, and reports that once, as missing since the channel was received', async () => {
    history.gap = { ...history.gap, from: history.from - 600 };
    history.lists.set(LINE, [history.chat('A'), history.chat('B')]);
    history.unwanted.add(A);
    const subject = history.backfill(LINE);
    await subject.fill();
    const confirmed = subject.confirm(history.now);
    await history.clock.pass(MINUTE);
    await confirmed;
    assert.deepEqual(history.calls.includes(`read ${A}`), false);
    assert.deepEqual(history.losses.map(nameOf), ['RECOVERY_FAILED.role']);
    const { from, to } = history.losses[0]?.params ?? {};
    const asTime = (seconds: number): string => new Date(seconds * 1_000).toISOString();
    assert.deepEqual([from, to], [asTime(history.from), asTime(history.now)]);
  });

  it('does not report chats as left out that changed before the channel was not received any more', async () => {
    history.lists.set(LINE, [history.chat('A', history.from + 599)]);
    history.unwanted.add(A);
    const subject = history.backfill(LINE);
    await subject.fill();
    const confirmed = subject.confirm(history.now);
    await history.clock.pass(MINUTE);
    await confirmed;
    assert.deepEqual(history.losses, []);
  });

  it('reads a chat from the beginning that is wanted only later', async () => {
    history.lists.set(LINE, [history.chat('A'), history.chat('B')]);
    history.pages.set(chatName(LINE, 'B'), [[{ id: 1 }]]);
    history.unwanted.add(A);
    const subject = history.backfill(LINE);
    await subject.fill();
    history.unwanted.clear();
    history.reads.clear();
    const confirmed = subject.confirm(history.now);
    await history.clock.pass(MINUTE);
    await confirmed;
    assert.deepEqual(
      [...history.reads],
      [
        [A, history.from],
        [chatName(LINE, 'B'), history.now - 120],
      ],
    );
    assert.deepEqual(history.losses, []);
  });
});

describe('responsibleFor', () => {
  it('finds the user in every form that ChatApp may use', () => {
    const forms = [{ id: 685 }, { id: '685' }, 685, '685', null, undefined, {}, { id: null }, ''];
    assert.deepEqual(
      forms.map((responsible) => responsibleFor({ responsible })),
      ['685', '685', '685', '685', undefined, undefined, undefined, undefined, undefined],
    );
    assert.equal(responsibleFor({}), undefined);
  });
});
