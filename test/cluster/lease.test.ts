import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pause, systemClock, type Clock } from '../../src/clock';
import { Engine } from '../../src/cluster/engine';
import { Lease } from '../../src/cluster/lease';
import { ClusterNames } from '../../src/cluster/names';
import { silentLog } from '../../src/log';
import { FakeBucket, reached, type Way } from '../support/fake-bucket';
import { FakeClock } from '../support/fake-clock';
import { startNats, type Nats } from '../support/nats';

const QUICK: Way = () => ({ there: 2, back: 2 });
const LOST: Way = () => ({ there: Infinity, back: 0 });

/** One copy, its network, and whether its process gets to do anything. */
class Copy {
  readonly told: string[] = [];
  way = QUICK;
  hears = true;
  readonly lease: Lease;
  #blockedUntil = 0;

  constructor(
    readonly name: string,
    readonly clock: FakeClock,
    bucket: FakeBucket,
  ) {
    const after: Clock['after'] = (delay, run) => clock.after(delay, () => this.#whenFree(run));
    // What NATS does on the way there, it does whatever this process does.
    const net = reached(bucket, { after: (delay, run) => clock.after(delay, run) }, () => this.way());
    this.lease = new Lease(
      {
        get: (key) => net.get(key).finally(() => this.#free()),
        put: (key, data, options) => net.put(key, data, options).finally(() => this.#free()),
      },
      {
        copy: name,
        clock: { now: () => clock.now(), monotonic: () => clock.monotonic(), after },
        steady: () => clock.now(),
        random: Math.random,
        log: silentLog,
        mayLead: () => this.hears,
        onLead: (lastSign) => this.told.push(lastSign === undefined ? 'leads' : 'leads after'),
        onStandBy: () => this.told.push('stands by'),
        onSign: () => (this.signs += 1),
      },
    );
    this.lease.start();
  }

  signs = 0;

  block(ms: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, this.clock.now() + ms);
  }

  #whenFree(run: () => void): void {
    const wait = this.#blockedUntil - this.clock.now();
    if (wait > 0) this.clock.after(wait, () => this.#whenFree(run));
    else run();
  }

  #free(): Promise<void> {
    return new Promise((resolve) => this.#whenFree(resolve));
  }
}

describe('the lease', () => {
  let clock: FakeClock;
  let bucket: FakeBucket;
  let copies: Copy[];
  const open = (count: number): void => {
    copies = Array.from({ length: count }, (_, index) => new Copy(`copy-${index}`, clock, bucket));
  };
  const leaders = (): Copy[] => copies.filter(({ lease }) => lease.leads);
  const leader = (): Copy => {
    const [first, ...more] = leaders();
    assert.ok(first && more.length === 0, `${leaders().length} lead`);
    return first;
  };
  /** Lets time go by in small steps and makes sure that nobody leads beside another; resolves after `ms` or `until`. */
  const pass = async (ms: number, until: () => boolean = () => false): Promise<number> => {
    for (let gone = 0; gone < ms; gone += 25) {
      if (until()) return gone;
      await clock.pass(25);
      assert.ok(leaders().length <= 1, `${leaders().length} lead at once`);
    }
    return ms;
  };
  beforeEach(() => {
    clock = new FakeClock();
    bucket = new FakeBucket();
  });
  afterEach(() => Promise.all(copies.map(({ lease }) => [lease.release(), clock.pass(5_000)]).flat()));

  it('is one copy’s, within a second, and stays with it', async () => {
    open(3);
    await pass(1_000, () => leaders().length === 1);
    const first = leader();
    await pass(60_000);
    assert.deepEqual([leader(), first.told], [first, ['leads']]);
    for (const copy of copies) assert.equal(copy.signs > 50, copy !== first);
  });

  it('is taken over within 5 s where the one who leads is gone', async () => {
    open(3);
    await pass(5_000);
    const first = leader();
    first.way = LOST;
    assert.ok((await pass(5_000, () => leaders().some((copy) => copy !== first))) < 5_000);
    assert.deepEqual(leader().told, ['leads after']);
    assert.deepEqual(first.told, ['leads', 'stands by']);
  });

  it('is taken over at once where it was given back', async () => {
    open(3);
    await pass(5_000);
    const first = leader();
    const released = first.lease.release();
    assert.equal(first.lease.leads, false, 'from the first moment');
    assert.ok((await pass(5_000, () => leaders().length === 1)) <= 1_000);
    await released;
    assert.deepEqual(first.told, ['leads'], 'who ends is told nothing any more');
  });

  it('is given up by a copy that hears nothing, which is no sign of a lead: not to that copy, nor to others', async () => {
    open(2);
    await pass(5_000);
    const first = leader();
    const other = copies.find((copy) => copy !== first);
    assert.ok(other);
    const before = other.signs;
    // Its last renewal has just been seen.
    await pass(1_000, () => other.signs > before);
    for (const copy of copies) copy.hears = false;
    const seen = [first.signs, other.signs];
    await pass(3_000);
    assert.deepEqual(first.told, ['leads', 'stands by']);
    assert.deepEqual([first.signs, other.signs], seen);
    first.hears = true;
    await pass(2_000);
    assert.deepEqual(first.told, ['leads', 'stands by', 'leads']);
  });

  it('is over for a process that was busy for too long, before any of its timers have had their turn', async () => {
    open(2);
    await pass(5_000);
    const first = leader();
    first.block(8_000);
    await pass(2_100);
    assert.equal(first.lease.leads, false);
    assert.ok((await pass(3_000, () => leaders().length === 1)) < 3_000);
    await pass(10_000);
    assert.notEqual(leader(), first);
    assert.deepEqual(first.told, ['leads', 'stands by']);
  });

  it('comes back to whoever had it when NATS was away for all, and that is told anew', async () => {
    open(1);
    await pass(2_000);
    const [only] = copies;
    assert.ok(only);
    only.way = LOST;
    await pass(10_000);
    assert.deepEqual(only.told, ['leads', 'stands by']);
    only.way = QUICK;
    await pass(2_000);
    assert.deepEqual(only.told, ['leads', 'stands by', 'leads']);
  });

  it('is told as lost and won again where a term has ended unnoticed', async () => {
    open(1);
    await pass(2_000);
    await clock.stall(2_500);
    await pass(1_500);
    assert.deepEqual(leader().told, ['leads', 'stands by', 'leads']);
  });

  it('survives an answer that is lost now and then without another leader', async () => {
    open(2);
    await pass(2_000);
    const first = leader();
    let count = 0;
    first.way = () => ({ there: 2, back: (count += 1) % 4 === 0 ? Infinity : 2 });
    await pass(60_000);
    assert.deepEqual([leader(), first.told], [first, ['leads']]);
  });

  it('is one copy’s though several servers accept what all of them write in the same moment', async () => {
    bucket = new FakeBucket({ clock, lag: () => 50 });
    open(3);
    await pass(2_000);
    leader();
    for (let turn = 0; turn < 20; turn += 1) {
      for (const copy of copies) copy.way = LOST;
      await pass(5_000);
      assert.deepEqual(leaders(), []);
      // All of them find the lease void at once.
      for (const copy of copies) copy.way = QUICK;
      await pass(3_000);
      leader();
    }
  });

  it('is not confirmed by a copy that was busy until another one could take over', async () => {
    for (let busy = 2_500; busy < 4_500; busy += 20) {
      clock = new FakeClock();
      bucket = new FakeBucket({ clock, lag: () => 60 });
      open(2);
      const [first, second] = copies;
      assert.ok(first && second);
      second.way = LOST;
      // The first has written its name by now, and does not get to confirm it.
      await pass(200);
      first.block(busy);
      second.way = QUICK;
      await pass(8_000);
      leader();
      const released = Promise.all(copies.map(({ lease }) => lease.release()));
      await clock.pass(3_000);
      await released;
    }
  });

  it('is never two copies’ at once, whatever is late, lost or busy, and one’s again soon after', async function () {
    const delay = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 6_000 }), fc.constant(Infinity));
    const lag = fc.array(fc.oneof(fc.constant(0), fc.nat(150)), { minLength: 1, maxLength: 5 });
    const moment = fc.record({
      copy: fc.nat(2),
      way: fc.constantFrom('quick', 'odd', 'odd', 'lost'),
      delays: fc.array(delay, { minLength: 2, maxLength: 9 }),
      block: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(6_000) }),
      lasts: fc.nat(4_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { minLength: 5, maxLength: 15 }), lag, async (moments, lags) => {
        clock = new FakeClock();
        let writes = 0;
        bucket = new FakeBucket({ clock, lag: () => lags[(writes += 1) % lags.length] ?? 0 });
        open(3);
        for (const { copy: index, way, delays, block, lasts } of moments) {
          const copy = copies[index];
          assert.ok(copy);
          let asked = 0;
          const next = (): number => delays[(asked += 1) % delays.length] ?? 0;
          copy.way = way === 'quick' ? QUICK : way === 'lost' ? LOST : () => ({ there: next(), back: next() });
          copy.block(block);
          await pass(lasts);
        }
        for (const copy of copies) copy.way = QUICK;
        // What is still under way from before may come late, and a process may still be busy.
        await pass(12_000);
        await pass(5_000, () => leaders().length === 1);
        leader();
        const released = Promise.all(copies.map(({ lease }) => lease.release()));
        await clock.pass(10_000);
        await released;
      }),
      { numRuns: 40 },
    );
  });
});

describe('the lease in a real NATS', () => {
  let nats: Nats | undefined;
  const engines: Engine[] = [];
  const leases: Lease[] = [];
  const leaders = (): Lease[] => leases.filter(({ leads }) => leads);
  /** Resolves when one leads, after so many ms; nobody may lead beside another. */
  const untilLed = async (but?: Lease): Promise<number> => {
    const before = Date.now();
    for (;;) {
      const [leader, ...more] = leaders();
      assert.equal(more.length, 0, 'several lead at once');
      if (leader && leader !== but) return Date.now() - before;
      await pause(systemClock, 10);
    }
  };
  const open = async (servers: number): Promise<void> => {
    nats = await startNats({ servers });
    assert.ok(nats);
    for (let index = 0; index < 3; index += 1) {
      const settings = { servers: nats.servers, replicas: servers === 3 ? 3 : 1 } as const;
      const nothing = (): undefined => undefined;
      const names = new ClusterNames('connection', 'account');
      const engine = new Engine({
        settings,
        names,
        clock: systemClock,
        log: silentLog,
        onState: nothing,
        onError: nothing,
      });
      engines.push(engine);
      engine.start();
      const { bucket } = await engine.ready();
      const lease = new Lease(bucket, {
        copy: `copy-${index}`,
        clock: systemClock,
        random: Math.random,
        log: silentLog,
        onLead: nothing,
        onStandBy: nothing,
        onSign: nothing,
      });
      leases.push(lease);
      lease.start();
    }
  };
  before(async function () {
    const there = await startNats();
    await there?.end();
    if (there) return;
    console.log('      no nats-server on this machine');
    this.skip();
  });
  afterEach(async () => {
    await Promise.all(leases.splice(0).map((lease) => lease.release()));
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
    await nats?.end();
  });

  it('goes on within 5 s when the copy that leads is cut off, and at once when it ends', async () => {
    await open(1);
    await untilLed();
    const first = leases.findIndex(({ leads }) => leads);
    await engines[first]?.close();
    assert.ok((await untilLed(leases[first])) < 5_000);
    const [second] = leaders();
    await second?.release();
    assert.ok((await untilLed()) < 2_000);
  });

  it('is nobody’s 2 s after NATS is gone, and somebody’s soon after it is back', async () => {
    await open(1);
    await untilLed();
    await nats?.kill();
    await pause(systemClock, 2_000);
    assert.deepEqual(leaders(), []);
    await pause(systemClock, 4_000);
    await nats?.start();
    const after = await untilLed();
    assert.ok(after < 5_000, `${after} ms`);
  });

  it('outlives each of three servers', async () => {
    await open(3);
    await untilLed();
    for (const index of [0, 1, 2]) {
      await nats?.kill(index);
      // Longer than a term, so that it is not the one from before; the other servers choose one of them within 10 s.
      for (let turns = 0; turns < 250; turns += 1) {
        assert.ok(leaders().length <= 1);
        await pause(systemClock, 10);
      }
      await untilLed();
      await nats?.start(index);
    }
  });
});
