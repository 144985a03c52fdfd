import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { Copies, type Copy } from '../support/copies';
import { Heard } from '../support/heard';
import { CHANNEL, ids } from '../support/history-line';

/** Two copies for a minute: the first leads, the second stands by. */
async function two(): Promise<{ copies: Copies; first: Copy; second: Copy }> {
  const copies = new Copies();
  const first = await copies.start();
  const second = await copies.start();
  await first.takeOver();
  await copies.pass(60_000);
  return { copies, first, second };
}

describe('of two copies', () => {
  it('the one that stands by hears all, fetches nothing, and saves nothing', async () => {
    const { copies, first, second } = await two();
    await copies.pass(2_000);
    copies.line.queries.length = 0;
    const saved = await copies.line.store.read('positions');
    first.isDeaf = true;
    second.stage.drop();
    copies.line.write('missed');
    await second.stage.open();
    copies.say('1');
    await copies.pass(5_000);
    assert.deepEqual(ids(second.heard), ['1']);
    assert.equal(copies.line.queries.length, 0);
    assert.equal(await copies.line.store.read('positions'), saved);
    assert.equal(second.heard.status?.kind, 'listening');
  });

  it('the second takes over where the first died: nothing is lost, nothing doubled, nothing waits', async () => {
    const { copies, first, second } = await two();
    for (const id of ['1', '2']) copies.say(id);
    await copies.pass(5_000);
    copies.say('published, position not saved');
    first.isStuck = true;
    copies.say('not published');
    first.die();
    copies.say('nobody leads');
    await copies.pass(3_000);
    let answer = (): void => undefined;
    copies.line.gate = new Promise((resolve) => (answer = resolve));
    assert.equal((await second.takeOver()).size, 0);
    copies.say('live');
    const all = ['1', '2', 'published, position not saved', 'not published', 'nobody leads', 'live'];
    assert.deepEqual(copies.published, all);
    answer();
    await copies.pass(60_000);
    assert.deepEqual(copies.published, all);
  });

  it('the second, which has heard all, lacks nothing while it looks once more: a third need not have heard more', async () => {
    const { copies, first, second } = await two();
    first.die();
    copies.line.gate = new Promise(() => undefined);
    await second.takeOver();
    await copies.pass(1_000);
    assert.ok(copies.line.queries.length > 0, 'it looks');
    assert.ok(second.stage.feed.isWhole());
  });

  it('the second fetches what the first was deaf to, though it had heard it once and let it go', async () => {
    const { copies, first, second } = await two();
    copies.say('1');
    await copies.pass(2_000);
    first.isDeaf = true;
    copies.say('let go');
    await copies.pass(20_000);
    first.die();
    copies.say('kept');
    await second.takeOver();
    await copies.pass(1_000);
    assert.deepEqual(copies.published, ['1', 'kept', 'let go recovered']);
  });

  it('the second, just restarted, fetches what it did not hear, and that comes before what it heard', async () => {
    const { copies, first, second } = await two();
    copies.say('1');
    await copies.pass(5_000);
    second.die();
    first.isStuck = true;
    copies.say('2');
    await copies.pass(1_000);
    copies.say('3');
    const third = await copies.start();
    await copies.pass(1_000);
    copies.say('4');
    await copies.pass(1_000);
    first.die();
    copies.say('5');
    await copies.line.clock.pass(3_000);
    let answer = (): void => undefined;
    copies.line.gate = new Promise((resolve) => (answer = resolve));
    assert.deepEqual([...(await third.takeOver()).keys()], [CHANNEL]);
    copies.say('6');
    assert.deepEqual(copies.published, ['1']);
    answer();
    await copies.line.clock.settle();
    assert.deepEqual(copies.published, ['1', '2 recovered', '3 recovered', '4', '5', '6']);
    assert.deepEqual(third.heard.codes, []);
  });

  it('the second looks into the chats that were written to while it reads: these move, and may hide what was missed', async () => {
    const { copies, first, second } = await two();
    copies.say('1');
    await copies.pass(2_000);
    first.die();
    let answer = (): void => undefined;
    copies.line.gate = new Promise((resolve) => (answer = resolve));
    await second.takeOver();
    copies.say('2', { chat: { id: 8 } });
    assert.deepEqual([...(copies.line.queries.at(-1)?.alsoChats?.() ?? [])], ['8']);
    answer();
    await copies.line.clock.settle();
    assert.deepEqual([...(copies.line.queries.at(-1)?.alsoChats?.() ?? [])], []);
    assert.deepEqual(copies.published, ['1', '2']);
  });

  it('any fetches after an hour without both what was said, once, as after a restart', async () => {
    const { copies, first, second } = await two();
    copies.say('1');
    await copies.pass(5_000);
    first.die();
    second.die();
    copies.line.write('2');
    await copies.pass(3_600_000);
    const third = await copies.start();
    copies.say('3');
    await copies.pass(3_000);
    await third.takeOver();
    await copies.pass(60_000);
    assert.deepEqual(copies.published, ['1', '2 recovered', '3']);
  });

  it('the first may lead again: what came in between is not given out again', async () => {
    const { copies, first, second } = await two();
    copies.say('1');
    first.standBy();
    copies.say('2');
    await copies.pass(3_000);
    await second.takeOver();
    await copies.pass(2_000);
    copies.say('3');
    // By then the first has forgotten what it heard, but for the last seconds.
    for (let hour = 0; hour < 2; hour += 1) await copies.pass(3_600_000);
    copies.say('4');
    await copies.pass(2_000);
    second.die();
    copies.say('5');
    assert.equal((await first.takeOver()).size, 0);
    copies.say('6');
    await copies.pass(60_000);
    assert.deepEqual(copies.published, ['1', '2', '3', '4', '5', '6']);
  });

  it('the first may lead again at once: it goes on without holding anything', async () => {
    const { copies, first } = await two();
    copies.say('1');
    first.standBy();
    copies.say('2');
    assert.equal((await first.takeOver()).size, 0);
    copies.say('3');
    await copies.pass(60_000);
    assert.deepEqual(copies.published, ['1', '2', '3']);
  });

  it('the second does not repeat what came live during a long recovery of the first', async () => {
    const { copies, first, second } = await two();
    copies.say('1');
    first.stage.drop();
    copies.line.write('missed');
    copies.line.trouble = ApiError.unreachable('api.example', undefined);
    await first.stage.open();
    copies.say('live');
    await copies.pass(300_000);
    copies.say('last');
    await copies.pass(5_000);
    assert.deepEqual(copies.published, ['1', 'live', 'last']);
    first.die();
    copies.line.trouble = undefined;
    await second.takeOver();
    await copies.pass(60_000);
    assert.deepEqual(copies.published, ['1', 'live', 'last', 'missed recovered']);
  });

  it('the second saves what the first published last: a third does not give it out again', async () => {
    const { copies, first, second } = await two();
    copies.say('1');
    await copies.pass(5_000);
    copies.say('position not saved');
    first.die();
    await second.takeOver();
    await copies.pass(600_000);
    copies.publishElsewhere();
    second.die();
    const third = await copies.start();
    await third.takeOver();
    await copies.pass(60_000);
    assert.deepEqual(copies.published, ['1', 'position not saved', 'elsewhere']);
  });

  it('the second gets for a listener what was said before the second began', async () => {
    const copies = new Copies();
    const first = await copies.start();
    await first.takeOver();
    await copies.pass(60_000);
    first.isDeaf = true;
    copies.say('missed');
    await copies.pass(60_000);
    const second = await copies.start();
    await copies.pass(20_000);
    first.die();
    await second.takeOver();
    await copies.line.clock.settle();
    assert.deepEqual(copies.published, ['missed recovered']);
  });

  it('the second begins where it was itself, if the first is lost before it has saved anything', async () => {
    const copies = new Copies();
    copies.line.write('before');
    await copies.pass(5_000);
    const second = await copies.start();
    await copies.pass(5_000);
    second.isDeaf = true;
    copies.say('missed by all');
    await second.takeOver();
    await copies.line.clock.settle();
    assert.deepEqual(copies.published, ['missed by all recovered']);
  });
});

describe('a copy that stands by again', () => {
  it('gives up what it fetches, hands on what waits, and leaves the positions as they are', async () => {
    const { copies, first, second } = await two();
    first.isStuck = true;
    first.stage.drop();
    copies.line.write('missed');
    copies.line.trouble = ApiError.unreachable('api.example', undefined);
    await first.stage.open();
    copies.say('live');
    assert.deepEqual(ids(first.heard), []);
    assert.equal(first.heard.kinds.at(-1), 'recovering');
    first.standBy();
    assert.deepEqual(ids(first.heard), ['live']);
    assert.equal(first.heard.kinds.at(-1), 'listening');
    copies.line.trouble = undefined;
    await copies.pass(60_000);
    assert.deepEqual(ids(first.heard), ['live']);
    await second.takeOver();
    await copies.pass(60_000);
    assert.deepEqual(copies.published.sort(), ['live', 'missed recovered']);
  });

  it('has no trouble with the history any more: another time it is told anew', async () => {
    const { copies, first } = await two();
    copies.line.trouble = ApiError.unreachable('api.example', undefined);
    for (const codes of [['API_FAILED.unreachable'], ['API_FAILED.unreachable', 'API_FAILED.unreachable']]) {
      first.standBy();
      await copies.pass(5_000);
      await first.takeOver();
      await copies.pass(60_000);
      assert.deepEqual(first.stage.codes, codes);
    }
  });

  it('while it takes over does not take over', async () => {
    const { copies, first, second } = await two();
    first.die();
    const { store } = copies.line;
    const memory = store.read.bind(store);
    const read = (): Promise<string | undefined> => memory('positions');
    let answer = (): void => undefined;
    const gate = new Promise<void>((resolve) => (answer = resolve));
    store.read = (name) => gate.then(() => memory(name));
    const taken = second.takeOver();
    second.standBy();
    answer();
    await assert.rejects(taken);
    const saved = await read();
    copies.say('1');
    await copies.pass(60_000);
    assert.equal(await read(), saved);
  });
});

describe('a channel that is filled in a take-over', () => {
  /** A copy that has to fill its channel, and cannot read the history. */
  async function filling(): Promise<{ copies: Copies; copy: Copy; released: Promise<void> | undefined }> {
    const { copies, first, second } = await two();
    first.die();
    second.die();
    const copy = await copies.start();
    copies.line.write('missed');
    copies.line.trouble = ApiError.unreachable('api.example', undefined);
    const released = (await copy.takeOver()).get(CHANNEL);
    return { copies, copy, released };
  }

  it('keeps live events waiting for 30 s at most', async () => {
    const { copies, copy } = await filling();
    copies.say('live');
    await copies.pass(29_000);
    assert.deepEqual(copies.published, []);
    await copies.pass(2_000);
    assert.deepEqual(copies.published, ['live']);
    copies.line.trouble = undefined;
    await copies.pass(60_000);
    assert.deepEqual(copies.published, ['live', 'missed recovered']);
    assert.deepEqual(copy.heard.codes, []);
  });

  it('goes on to wait where the socket drops and comes back meanwhile', async () => {
    const { copies, copy } = await filling();
    copies.say('live');
    copy.stage.drop();
    await copies.pass(1_000);
    await copy.stage.open();
    assert.deepEqual(copies.published, []);
    copies.line.trouble = undefined;
    await copies.pass(5_000);
    assert.deepEqual(copies.published, ['missed recovered', 'live']);
  });

  it('keeps nobody waiting once nobody wants it, or this copy stands by', async () => {
    for (const end of [(copy: Copy) => copy.stage.feed.clear(), (copy: Copy) => copy.standBy()]) {
      const { copy, released } = await filling();
      assert.ok(released);
      end(copy);
      await released;
    }
  });

  it('is looked up before those of which nothing can be missing, the busy ones first', async () => {
    const copies = new Copies();
    const lines = ['quiet', 'busy', 'late'].map((messengerType) => ({
      choice: { type: 'messenger', licenseId: '50101', messengerType } as const,
      name: `private-v1.licenses.50101.messengers.${messengerType}`,
    }));
    const first = await copies.start();
    const second = await copies.start();
    const add = (at: number): void => {
      for (const copy of copies.all)
        copy.stage.feed.add(new Heard(lines[at]?.choice ?? assert.fail(), { id: `${at}` }));
    };
    add(0);
    add(1);
    await first.takeOver();
    await copies.pass(30_000);
    add(2);
    await copies.pass(5_000);
    second.stage.feed.isWanted(lines[1]?.name ?? '', 'message');
    first.die();
    copies.line.queries.length = 0;
    await second.takeOver();
    await copies.line.clock.settle();
    assert.deepEqual(
      copies.line.queries.map(({ line }) => line.messengerType),
      ['late', 'busy', 'telegram', 'quiet'],
    );
  });
});
