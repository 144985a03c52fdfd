import assert from 'node:assert/strict';
import { pause, systemClock, type Clock } from '../../src/clock';
import { bucketStore } from '../../src/cluster/bucket-store';
import { silentLog } from '../../src/log';
import type { Store } from '../../src/store';
import { ClientSpy } from '../support/client-spy';
import { scaledClock } from '../support/scaled-clock';
import { startNats, type Nats } from '../support/nats';

const TOKENS = 'tokens-0123.json';

/** Resolves when it is opened. */
class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}

interface Instance {
  readonly store: Store;
  readonly spy: ClientSpy;
}

describe('the store in the bucket', () => {
  let nats: Nats;
  const spies: ClientSpy[] = [];
  before(async function () {
    const started = await startNats();
    if (!started) {
      console.log('      no nats-server on this machine');
      this.skip();
    }
    nats = started;
  });
  after(() => nats.end());
  beforeEach(async () => {
    const kv = await open().spy.client.tokens();
    await kv.put('other', '');
    for await (const key of await kv.keys()) await kv.purge(key);
  });
  afterEach(async () => {
    await Promise.all(spies.splice(0).map(({ client }) => client.close()));
  });

  function open(clock: Clock = systemClock): Instance {
    const spy = new ClientSpy({ servers: nats.servers }, clock);
    spies.push(spy);
    return { store: bucketStore({ tokens: () => spy.client.tokens(), clock, log: silentLog }), spy };
  }
  const exclusively = <T>({ store }: Instance, run: () => Promise<T>): Promise<T> =>
    store.exclusively?.(TOKENS, run) ?? assert.fail('it has no lock');

  for (const [size, text] of [
    ['a small', 'Привет / «ё» \0 %'],
    ['an empty', ''],
    ['a long', 'long '.repeat(50_000)],
  ] as const) {
    it(`gives ${size} text of one instance to another, and replaces it`, async () => {
      const [one, other] = [open(), open()];
      assert.equal(await one.store.read(TOKENS), undefined);
      for (const next of [text, 'short', text, `${text}!`]) {
        await one.store.write(TOKENS, next);
        assert.equal(await other.store.read(TOKENS), next);
      }
    });
  }

  it('takes texts from every instance, and the last one counts', async () => {
    const [one, other] = [open(), open()];
    await one.store.write(TOKENS, 'one');
    await other.store.write(TOKENS, 'other');
    await Promise.all(['first', 'second', 'third'].map((text) => one.store.write(TOKENS, text)));
    assert.equal(await other.store.read(TOKENS), 'third');
  });

  it('keeps names apart that hold any character', async () => {
    const { store } = open();
    const names = ['tokens-a.b', 'tokens-a/b', 'tokens-a%2Fb', 'tokens-a=2fb', 'tokens-ä', 'tokens-.'];
    for (const name of names) await store.write(name, name);
    for (const name of names) assert.equal(await store.read(name), name);
  });

  it('has one key for all instances with the same login; in NATS it is locked', async () => {
    const instances = [open(), open(), open()];
    const keys = await Promise.all(instances.map(async ({ store }) => store.key?.('login')));
    assert.equal(new Set(keys).size, 1);
    assert.match(keys[0] ?? '', /^[\w-]{43}$/);
    const entry = await (await open().spy.client.tokens()).get('text.store-key=2ejson');
    assert.ok(entry && !entry.string().includes(keys[0] ?? ''));
  });

  it('makes another key for another login', async () => {
    const { store } = open();
    const before = await store.key?.('login');
    assert.notEqual(await store.key?.('another'), before);
  });

  describe('lets one instance at a time', () => {
    it('run a task, in turn, and returns its result', async () => {
      const instances = Array.from({ length: 5 }, () => open());
      let running = 0;
      const results = await Promise.all(
        instances.map((one, index) =>
          exclusively(one, async () => {
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

    it('run a task also after one that failed', async () => {
      const [one, other] = [open(), open()];
      await assert.rejects(
        exclusively(one, () => Promise.reject(new Error('refused'))),
        /refused/,
      );
      const begun = performance.now();
      assert.equal(await exclusively(other, () => Promise.resolve('done')), 'done');
      assert.ok(performance.now() - begun < 2_000);
    });

    it('run a task as long as it takes, and waits for one that died no longer than 20 s', async () => {
      const clock = scaledClock(10);
      const [dead, alive] = [open(clock), open(clock)];
      const task = new Gate();
      const begun = new Gate();
      const running = exclusively(dead, () => {
        begun.open();
        return task.opened.then(() => 'late');
      });
      await begun.opened;
      const waiting = exclusively(alive, () => Promise.resolve('taken'));
      const first = await Promise.race([waiting, pause(clock, 40_000).then(() => 'still waits')]);
      assert.equal(first, 'still waits');
      const died = clock.monotonic();
      await dead.spy.client.close();
      assert.equal(await waiting, 'taken');
      const waited = clock.monotonic() - died;
      assert.ok(waited > 14_000 && waited < 25_000, `${waited} ms`);
      task.open();
      assert.equal(await running, 'late');
    });
  });

  it('lets nobody wait for more than 10 s while NATS is away, and writes the text when it is back', async () => {
    const clock = scaledClock(20);
    const { store, spy } = open(clock);
    await spy.client.ready();
    await store.write(TOKENS, 'old');
    await nats.kill();
    await spy.until(({ kinds }) => kinds.at(-1) === 'lost');
    const begun = clock.monotonic();
    await assert.rejects(store.read(TOKENS));
    const renewed = await store.exclusively?.(TOKENS, async () => {
      await assert.rejects(store.read(TOKENS));
      await assert.rejects(store.write(TOKENS, 'new'));
      return 'renewed';
    });
    assert.equal(renewed, 'renewed');
    assert.ok(clock.monotonic() - begun < 14_000, `${clock.monotonic() - begun} ms`);
    await nats.start();
    const other = open();
    while ((await other.store.read(TOKENS)) !== 'new') await pause(systemClock, 50);
  });
});
