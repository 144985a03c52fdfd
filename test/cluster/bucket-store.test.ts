import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { pause, systemClock, type Clock } from '../../src/clock';
import { bucketStore, type BucketStoreOptions } from '../../src/cluster/bucket-store';
import { Engine } from '../../src/cluster/engine';
import { ClusterNames } from '../../src/cluster/names';
import { silentLog } from '../../src/log';
import type { Store } from '../../src/store';
import { hastyClock } from '../support/hasty-clock';
import { startNats, type Nats } from '../support/nats';

const NAMES = new ClusterNames('connection', 'account');
const POSITIONS = 'positions-a%2Fb.json';
const TOKENS = 'tokens-0123.json';
/** More than a message of NATS may hold, even packed. */
const LARGE = randomBytes(1_500_000).toString('base64');

/** For what keeps processors busy, which may not be its own: the limits of the store are another test's matter. */
const slowClock = (): Clock => hastyClock(1 / 20);

/** Resolves when it is let go. */
class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}

interface Copy {
  readonly store: Store;
  readonly engine: Engine;
  readonly role: { leads: boolean; settled: () => Promise<void>; overtaken: number };
}

describe('the store in the bucket', () => {
  let nats: Nats | undefined;
  const engines: Engine[] = [];
  before(async function () {
    nats = await startNats();
    if (nats) return;
    console.log('      no nats-server on this machine');
    this.skip();
  });
  after(() => nats?.end());
  beforeEach(async () => {
    const { manager } = await copy().engine.ready();
    await manager.streams.purge(`KV_${NAMES.bucket}`);
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
  });

  function copy({
    leads = false,
    clock = hastyClock(),
    ...more
  }: Partial<Omit<BucketStoreOptions, 'leads'>> & { leads?: boolean } = {}): Copy {
    const nothing = (): undefined => undefined;
    const engine = new Engine({
      settings: { servers: nats?.servers ?? [] },
      names: NAMES,
      clock,
      log: silentLog,
      onState: nothing,
      onError: nothing,
    });
    engine.start();
    engines.push(engine);
    const role = { leads, settled: () => Promise.resolve(), overtaken: 0 };
    const options = {
      leads: () => role.leads,
      settled: () => role.settled(),
      onOvertaken: () => void (role.overtaken += 1),
      clock,
      ...more,
    };
    return { store: bucketStore(engine, options), engine, role };
  }

  for (const [size, text] of [
    ['a small', 'Привет / «ё» \0 %'],
    ['an empty', ''],
    ['a long', 'long '.repeat(300_000)],
    ['a very long', LARGE],
  ] as const) {
    it(`gives ${size} text of one copy to another, and takes another one for it`, async () => {
      const [one, other] = [copy(), copy()];
      assert.equal(await one.store.read(TOKENS), undefined);
      for (const next of [text, 'short', text, `${text}!`]) {
        await one.store.write(TOKENS, next);
        assert.equal(await other.store.read(TOKENS), next);
      }
    });
  }

  it('leaves nothing of a long text once another has taken its place', async () => {
    const { store, engine } = copy({ leads: true });
    for (let turn = 0; turn < 3; turn += 1) await store.write(POSITIONS, `${LARGE}${turn}`);
    await store.write(POSITIONS, 'short');
    const { manager } = await engine.ready();
    const { state } = await manager.streams.info(`KV_${NAMES.bucket}`, { subjects_filter: '>' });
    assert.equal(state.messages, 1, JSON.stringify(state.subjects));
  });

  it('never gives a mix of two texts', async () => {
    const clock = slowClock();
    const [one, other, reader] = [copy({ clock }), copy({ clock }), copy({ clock })];
    await one.store.write(TOKENS, 'first');
    const texts = ['a', 'b'].map((sign) => Buffer.from(LARGE).fill(sign, 0, 8).toString());
    const over = new AbortController();
    const writing = Promise.all(
      [one, other].map(async ({ store }, index) => {
        for (let turn = 0; turn < 4; turn += 1) await store.write(TOKENS, texts[index] ?? '');
      }),
    ).finally(() => over.abort());
    let reads = 0;
    for (; !over.signal.aborted; reads += 1) {
      const read = await reader.store.read(TOKENS).catch((error: unknown) => {
        assert.match(String(error), /changes too fast/);
        return 'first';
      });
      assert.ok(read === 'first' || texts.includes(read ?? ''), 'one of them');
    }
    await writing;
    assert.ok(reads > 2);
    assert.ok(texts.includes((await reader.store.read(TOKENS)) ?? ''));
  });

  it('takes tokens from every copy, and the last ones count', async () => {
    const [one, other] = [copy(), copy()];
    await one.store.write(TOKENS, 'one');
    await other.store.write(TOKENS, 'other');
    await one.store.write(TOKENS, 'one again');
    await Promise.all([one, other].map(({ store }, index) => store.write(TOKENS, `at once ${index}`)));
    assert.match((await copy().store.read(TOKENS)) ?? '', /at once/);
  });

  it('takes positions only from the copy that leads, and only when what they stand for is settled', async () => {
    const [leader, other] = [copy({ leads: true }), copy()];
    await other.store.write(POSITIONS, 'not this');
    assert.equal(await leader.store.read(POSITIONS), undefined);
    const gate = new Gate();
    leader.role.settled = () => gate.opened;
    const writing = leader.store.write(POSITIONS, 'this');
    await other.store.write(TOKENS, 'something else comes first');
    assert.equal(await other.store.read(POSITIONS), undefined);
    gate.open();
    await writing;
    assert.equal(await other.store.read(POSITIONS), 'this');
    leader.role.settled = () => Promise.reject(new Error('does not lead any more'));
    await leader.store.write(POSITIONS, 'not this');
    leader.role.settled = () => {
      leader.role.leads = false;
      return Promise.resolve();
    };
    await leader.store.write(POSITIONS, 'nor this');
    assert.equal(await other.store.read(POSITIONS), 'this');
    assert.equal(leader.role.overtaken, 0);
  });

  it('does not put positions over those of another copy, and tells of it', async () => {
    const [first, second] = [copy({ leads: true }), copy()];
    await first.store.write(POSITIONS, 'of the first');
    assert.equal(await second.store.read(POSITIONS), 'of the first');
    second.role.leads = true;
    await second.store.write(POSITIONS, 'of the second');
    await first.store.write(POSITIONS, 'late, of the first');
    assert.deepEqual([first.role.overtaken, second.role.overtaken], [1, 0]);
    await second.store.write(POSITIONS, 'more of the second');
    assert.equal(await first.store.read(POSITIONS), 'more of the second');
    await first.store.write(POSITIONS, 'of the first, which leads again');
    assert.deepEqual([first.role.overtaken, second.role.overtaken], [1, 0]);
  });

  it('knows its own positions again whose answer was lost', async () => {
    const { store, engine, role } = copy({ leads: true });
    await store.write(POSITIONS, 'one');
    const { bucket } = await engine.ready();
    const put = bucket.put.bind(bucket);
    bucket.put = async (...all) => {
      await put(...all);
      bucket.put = put;
      throw new Error('TIMEOUT');
    };
    await assert.rejects(store.write(POSITIONS, 'two'));
    await store.write(POSITIONS, 'three');
    assert.deepEqual([await store.read(POSITIONS), role.overtaken], ['three', 0]);
  });

  it('keeps what several connections of one name remember apart by their names', async () => {
    const { store } = copy();
    for (const name of ['tokens-a.b', 'tokens-a/b', 'tokens-a%2Fb', 'tokens-a=2fb', 'tokens-ä', 'tokens-.']) {
      await store.write(name, name);
    }
    for (const name of ['tokens-a.b', 'tokens-a/b', 'tokens-a%2Fb', 'tokens-a=2fb', 'tokens-ä', 'tokens-.']) {
      assert.equal(await store.read(name), name);
    }
  });

  describe('lets one copy at a time', () => {
    const alone = ({ store }: Copy, run: () => Promise<unknown>): Promise<unknown> =>
      store.exclusively?.(TOKENS, run) ?? assert.fail('it has no lock');

    it('do its errand, each in its turn, and gives on what came of it', async () => {
      const copies = Array.from({ length: 5 }, () => copy());
      let running = 0;
      const results = await Promise.all(
        copies.map((one, index) =>
          alone(one, async () => {
            running += 1;
            assert.equal(running, 1);
            await one.store.write(TOKENS, String(index));
            assert.equal(await one.store.read(TOKENS), String(index));
            running -= 1;
            return index;
          }),
        ),
      );
      assert.deepEqual(results, [0, 1, 2, 3, 4]);
    });

    it('also after an errand that failed', async () => {
      const clock = hastyClock();
      const [one, other] = [copy({ clock }), copy({ clock })];
      await assert.rejects(
        alone(one, () => Promise.reject(new Error('refused'))),
        /refused/,
      );
      const before = clock.now();
      assert.equal(await alone(other, () => Promise.resolve('done')), 'done');
      assert.ok(clock.now() - before < 2_000);
    });

    it('and a copy that died with the lock is waited for no longer than it takes to be sure', async () => {
      const clock = hastyClock(10);
      const [dead, alive] = [copy({ clock }), copy({ clock })];
      await Promise.all([dead.engine.ready(), alive.engine.ready()]);
      const gate = new Gate();
      const taken = new Gate();
      const running = alone(dead, () => {
        taken.open();
        return gate.opened;
      });
      await taken.opened;
      // Longer than a lock lasts that nobody extends.
      const early = await Promise.race([
        alone(alive, () => Promise.resolve('too early')).catch(() => 'failed'),
        pause(clock, 40_000).then(() => 'still waits'),
      ]);
      assert.equal(early, 'still waits');
      await alive.engine.close();
      const before = clock.now();
      await dead.engine.close();
      assert.equal(await alone(copy({ clock }), () => Promise.resolve('done')), 'done');
      const waited = clock.now() - before;
      assert.ok(waited > 15_000 && waited < 60_000, `${waited} ms`);
      gate.open();
      await running;
    });
  });

  describe('while NATS is away', () => {
    it('lets nobody wait for longer than 10 s in all, and writes the tokens when it is back', async () => {
      const clock = hastyClock(20);
      const { store, engine } = copy({ clock });
      await store.write(TOKENS, 'old');
      await nats?.kill();
      while (engine.state.kind === 'ready') await pause(systemClock, 10);
      const before = clock.now();
      await assert.rejects(store.read(TOKENS));
      const renewed = await store.exclusively?.(TOKENS, async () => {
        await assert.rejects(store.read(TOKENS));
        await assert.rejects(store.write(TOKENS, 'new'));
        return 'renewed';
      });
      assert.equal(renewed, 'renewed');
      assert.ok(clock.now() - before < 14_000, `${clock.now() - before} ms`);
      await nats?.start();
      while ((await copy().store.read(TOKENS)) !== 'new') await pause(systemClock, 50);
    });

    it('positions wait for it as long as it takes', async () => {
      const clock = hastyClock(50);
      const { store, engine } = copy({ leads: true, clock });
      await store.write(POSITIONS, 'old');
      await nats?.kill();
      while (engine.state.kind === 'ready') await pause(systemClock, 10);
      const reading = store.read(POSITIONS);
      await pause(clock, 30_000);
      await nats?.start();
      assert.equal(await reading, 'old');
    });
  });

  it('has one key for all copies with the same login, which lies in NATS locked', async () => {
    const clock = slowClock();
    const copies = [copy({ clock }), copy({ clock }), copy({ clock })];
    const keys = await Promise.all(copies.map(async ({ store }) => store.key?.('login')));
    assert.equal(new Set(keys).size, 1);
    assert.match(keys[0] ?? '', /^[\w-]{43}$/);
    const { bucket } = await copy().engine.ready();
    const entry = await bucket.get('text.store-key=2ejson');
    assert.ok(entry && !entry.string().includes(keys[0] ?? ''));
  });

  it('makes another key for another login', async () => {
    const { store } = copy({ clock: slowClock() });
    const before = await store.key?.('login');
    assert.notEqual(await store.key?.('another'), before);
  });
});
