import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { chatName } from '../../src/inbox/chats-to-read';
import { BackfillHarness, HOURS, LINE, MINUTE, OTHER } from '../support/backfill-harness';
import { nameOf } from '../support/errors';

const A = chatName(LINE, 'A');
const B = chatName(LINE, 'B');

const refusal = (status = 404): ApiError => ApiError.refused('/chats', { status });
const outage = (): ApiError => ApiError.timeout('chatapp', 1_000);

describe('Backfill of a history that cannot be read', () => {
  let history: BackfillHarness;
  beforeEach(() => (history = new BackfillHarness()));
  afterEach(() => history.abort.abort());

  it('tries an outage again until it is over, and reports it', async () => {
    history.lists.set(LINE, outage());
    const isFilled = history.begin(LINE);
    await history.clock.pass(10 * MINUTE);
    assert.equal(isFilled(), false);
    assert.deepEqual(
      [history.losses, new Set(history.failures), history.successes],
      [[], new Set(['API_FAILED.timeout']), 0],
    );
    history.lists.set(LINE, []);
    await history.clock.pass(30_000);
    assert.deepEqual([isFilled(), history.successes], [true, 1]);
  });

  it('waits between two tries for 1 s, then twice as long each time up to 30 s', async () => {
    history.lists.set(LINE, outage());
    history.begin(LINE);
    await history.clock.pass(61_000);
    assert.equal(history.timesListed(LINE), 7);
    await history.clock.pass(30_000);
    assert.equal(history.timesListed(LINE), 8);
  });

  it('waits for as long as ChatApp asks', async () => {
    history.lists.set(LINE, ApiError.refused('/chats', { status: 429, retryAfter: '100' }));
    history.begin(LINE);
    await history.clock.pass(99_999);
    assert.equal(history.timesListed(LINE), 1);
    await history.clock.pass(1);
    assert.equal(history.timesListed(LINE), 2);
  });

  it('does not tell whose events have to wait while a list is missing', async () => {
    history.lists.set(LINE, [history.chat('A')]).set(OTHER, outage());
    history.begin(LINE, OTHER);
    await history.clock.settle();
    assert.deepEqual(history.callsOf('listed'), []);
    history.lists.set(OTHER, [history.chat('C')]);
    await history.clock.pass(1_000);
    assert.deepEqual(history.callsOf('listed'), [`listed ${chatName(OTHER, 'C')}`]);
  });

  it('reads the other chats and lines if one cannot be read, and only that line again', async () => {
    history.lists.set(LINE, [history.chat('A'), history.chat('B')]).set(OTHER, [history.chat('C')]);
    history.pages.set(A, outage());
    const isFilled = history.begin(LINE, OTHER);
    await history.clock.pass(1_000);
    assert.deepEqual([...history.gap.chats.keys()], [B, chatName(OTHER, 'C')]);
    assert.deepEqual([history.timesListed(LINE), history.timesListed(OTHER)], [2, 1]);
    history.pages.set(A, []);
    await history.clock.pass(2_000);
    assert.ok(isFilled());
  });

  it('gives up a chat that is refused twice, 60 s apart, and reports how many', async () => {
    history.lists.set(LINE, [history.chat('A'), history.chat('B'), history.chat('C')]);
    history.pages.set(A, refusal()).set(B, refusal(403));
    const isFilled = history.begin(LINE);
    await history.clock.pass(MINUTE - 1);
    assert.deepEqual([isFilled(), history.losses, history.failures], [false, [], []]);
    await history.clock.pass(MINUTE);
    assert.ok(isFilled());
    assert.deepEqual(history.losses.map(nameOf), ['RECOVERY_FAILED.chatsRefused']);
    assert.equal(history.losses[0]?.params.count, 2);
    assert.ok(history.gap.chats.has(A));
  });

  it('does not ask for a chat again that it has given up, nor report it again', async () => {
    history.lists.set(LINE, [history.chat('A', history.now + 10 * 60), history.chat('B')]);
    history.pages.set(A, refusal());
    const subject = history.backfill(LINE);
    const filled = subject.fill();
    await history.clock.pass(2 * MINUTE);
    await filled;
    history.reads.clear();
    const confirmed = subject.confirm(history.now);
    await history.clock.pass(MINUTE);
    await confirmed;
    assert.deepEqual([...history.reads.keys()], [B]);
    assert.deepEqual(history.losses.map(nameOf), ['RECOVERY_FAILED.chatsRefused']);
  });

  it('does not take a dead token for a refusal of the chat', async () => {
    history.lists.set(LINE, [history.chat('A')]);
    history.pages.set(A, ApiError.refused('/chats', { status: 401 }));
    const isFilled = history.begin(LINE);
    await history.clock.pass(10 * MINUTE);
    assert.deepEqual([isFilled(), history.losses], [false, []]);
    assert.ok(history.failures.length > 0);
  });

  it('reports a refused list once, and asks for it less and less often, up to 10 min', async () => {
    history.lists.set(LINE, refusal(403)).set(OTHER, [history.chat('C')]);
    const isFilled = history.begin(LINE, OTHER);
    await history.clock.pass(60 * MINUTE);
    assert.deepEqual(history.losses.map(nameOf), ['RECOVERY_FAILED.refused']);
    assert.deepEqual([history.failures, isFilled(), history.gap.chats.size], [[], false, 1]);
    const before = history.timesListed(LINE);
    await history.clock.pass(60 * MINUTE);
    assert.equal(history.timesListed(LINE) - before, 6);
    history.lists.set(LINE, []);
    await history.clock.pass(10 * MINUTE);
    assert.ok(isFilled());
  });

  it('gives up a list that is refused for as long as messages are fetched', async () => {
    history.lists.set(LINE, refusal(403));
    const isFilled = history.begin(LINE);
    await history.clock.pass(HOURS * 60 * MINUTE);
    assert.equal(isFilled(), false);
    await history.clock.pass(10 * MINUTE);
    assert.ok(isFilled());
    assert.equal(history.losses.length, 1);
  });

  it('never gives up a list that leads nowhere, reports it once, and asks for it up to every 10 min', async () => {
    history.lists.set(LINE, ApiError.noProgress('/chats'));
    const isFilled = history.begin(LINE);
    await history.clock.pass(2 * HOURS * 60 * MINUTE);
    assert.deepEqual(history.losses.map(nameOf), ['RECOVERY_FAILED.noProgress']);
    assert.deepEqual([history.failures, isFilled()], [[], false]);
    const before = history.timesListed(LINE);
    await history.clock.pass(60 * MINUTE);
    assert.equal(history.timesListed(LINE) - before, 6);
    history.lists.set(LINE, []);
    await history.clock.pass(10 * MINUTE);
    assert.ok(isFilled());
  });

  it('reports messages of a chat that lead nowhere once, and tries them again', async () => {
    history.lists.set(LINE, [history.chat('A'), history.chat('B')]);
    history.pages.set(A, ApiError.noProgress('/messages'));
    const isFilled = history.begin(LINE);
    await history.clock.pass(60 * MINUTE);
    assert.deepEqual(history.losses.map(nameOf), ['RECOVERY_FAILED.noProgress']);
    assert.deepEqual([isFilled(), [...history.gap.chats.keys()]], [false, [B]]);
    history.pages.set(A, []);
    await history.clock.pass(10 * MINUTE);
    assert.ok(isFilled());
  });

  describe('that lets live events wait', () => {
    it('says that they must not if a list leads nowhere, but no sooner than the other chats are read', async () => {
      history.lists.set(LINE, ApiError.noProgress('/chats')).set(OTHER, [history.chat('C')]);
      history.begin(LINE, OTHER);
      await history.clock.settle();
      assert.deepEqual(history.calls.slice(-2), [`read ${chatName(OTHER, 'C')}`, 'stuck']);
    });

    it('says so if a list is refused, once that is certain', async () => {
      history.lists.set(LINE, refusal(403));
      history.begin(LINE);
      await history.clock.pass(MINUTE - 1);
      assert.deepEqual(history.callsOf('stuck'), []);
      await history.clock.pass(MINUTE);
      assert.ok(history.callsOf('stuck').length > 0);
    });

    it('does not say so while an outage may pass', async () => {
      history.lists.set(LINE, refusal(403)).set(OTHER, outage());
      history.begin(LINE, OTHER);
      await history.clock.pass(10 * MINUTE);
      assert.deepEqual(history.callsOf('stuck'), []);
    });
  });
});
