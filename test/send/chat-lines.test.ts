import assert from 'node:assert/strict';
import { ChatAppError } from '../../src/errors';
import { ChatLines, MAX_WAITING_PER_CHAT, MAX_WAITING } from '../../src/send/chat-lines';
import { codeOf } from '../support/errors';

/** A task that the test ends. */
function task(): { run: () => Promise<void>; end: () => void; begun: boolean } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const made = {
    begun: false,
    end,
    run: () => {
      made.begun = true;
      return ended;
    },
  };
  return made;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the lines of chats', () => {
  it('let a task begin when the one before it in its chat has ended, however it ends', async () => {
    const lines = new ChatLines();
    const [first, second, third] = [task(), task(), task()];
    const failing = lines.run('a', () => first.run().then(() => Promise.reject(new Error('failed'))));
    const rest = [lines.run('a', second.run), lines.run('a', third.run)];
    assert.deepEqual([first.begun, second.begun], [true, false]);
    first.end();
    await assert.rejects(failing, /failed/);
    await turn();
    assert.deepEqual([second.begun, third.begun], [true, false]);
    second.end();
    third.end();
    await Promise.all(rest);
  });

  it('do not wait for each other', async () => {
    const lines = new ChatLines();
    const stuck = task();
    void lines.run('a', stuck.run);
    assert.equal(await lines.run('b', () => Promise.resolve('done')), 'done');
    stuck.end();
  });

  it('hold so many for a chat, and refuse what is more, at once', async () => {
    const lines = new ChatLines();
    const stuck = task();
    void lines.run('a', stuck.run);
    const waiting = Array.from({ length: MAX_WAITING_PER_CHAT }, () => lines.run('a', () => Promise.resolve()));
    assert.equal(await codeOf(lines.run('a', () => Promise.resolve())), 'SEND_REFUSED.busy');
    assert.equal(await lines.run('b', () => Promise.resolve('free')), 'free');
    stuck.end();
    await Promise.all(waiting);
    assert.equal(await lines.run('a', () => Promise.resolve('free again')), 'free again');
  });

  it('hold so many for all chats together, in whatever chats they are', async () => {
    for (const chats of [MAX_WAITING / MAX_WAITING_PER_CHAT, MAX_WAITING]) {
      const lines = new ChatLines();
      const stuck = task();
      const runs = Array.from({ length: MAX_WAITING }, (_, index) => lines.run(`chat ${index % chats}`, stuck.run));
      assert.equal(await codeOf(lines.run('one more', () => Promise.resolve())), 'SEND_REFUSED.busy');
      assert.equal(await codeOf(lines.run('chat 0', () => Promise.resolve())), 'SEND_REFUSED.busy');
      stuck.end();
      await Promise.all(runs);
      const again = task();
      const all = Array.from({ length: MAX_WAITING }, (_, index) => lines.run(`chat ${index}`, again.run));
      again.end();
      await Promise.all(all);
    }
  });

  it('refuse what waits when they are cleared, and let go on what runs', async () => {
    const lines = new ChatLines();
    const running = task();
    const first = lines.run('a', running.run);
    const waiting = lines.run('a', () => assert.fail('it must not begin'));
    assert.ok(lines.isWanted('a'));
    lines.clear(ChatAppError.of('SEND_REFUSED', 'closed'));
    assert.equal(await codeOf(waiting), 'SEND_REFUSED.closed');
    assert.ok(!lines.isWanted('a'));
    running.end();
    await first;
  });

  it('once cleared hold as many as before', async () => {
    const lines = new ChatLines();
    const stuck = task();
    const codes: Promise<string>[] = [];
    for (let round = 0; round <= MAX_WAITING / MAX_WAITING_PER_CHAT; round += 1) {
      void lines.run(`chat ${round}`, stuck.run);
      for (let count = 0; count < MAX_WAITING_PER_CHAT; count += 1) {
        codes.push(codeOf(lines.run(`chat ${round}`, () => Promise.resolve())));
      }
      lines.clear(ChatAppError.of('SEND_REFUSED', 'closed'));
    }
    stuck.end();
    assert.deepEqual(new Set(await Promise.all(codes)), new Set(['SEND_REFUSED.closed']));
  });
});
