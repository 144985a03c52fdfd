import assert from 'node:assert/strict';
import { pause, systemClock } from '../../src/clock';
import { Lease } from '../../src/cluster/lease';
import type { ReadyNats } from '../../src/cluster/nats-client';
import { silentLog } from '../../src/log';
import { ClusterNats, JumpingClock, until } from '../support/cluster-nats';

class Instance {
  readonly clock = new JumpingClock();
  readonly lease: Lease;
  readonly roles: string[] = [];
  mayLead = true;
  takeoverDelay = 0;

  constructor(
    readonly id: string,
    readonly nats: ReadyNats,
  ) {
    this.lease = new Lease(nats, {
      instance: id,
      mayLead: () => this.mayLead,
      takeoverDelay: () => this.takeoverDelay,
      clock: this.clock,
      random: Math.random,
      log: silentLog,
      onLead: () => this.roles.push('leader'),
      onStandby: () => this.roles.push('standby'),
    });
    this.lease.start();
  }
}

describe('The lease', () => {
  let nats: ClusterNats;
  let instances: Instance[];

  beforeEach(async function () {
    const opened = await ClusterNats.open();
    if (!opened) return this.skip();
    nats = opened;
    instances = await Promise.all(['a', 'b', 'c'].map(async (id) => new Instance(id, await nats.connect())));
  });

  afterEach(async () => {
    await Promise.all(instances.map(({ lease }) => lease.release()));
    await nats.end();
  });

  const leaders = (): Instance[] => instances.filter(({ lease }) => lease.leads);

  /** Waits until one leads; fails if two ever do. */
  const leader = async (other?: Instance): Promise<{ leader: Instance; took: number }> => {
    let max = 0;
    const took = await until(() => {
      max = Math.max(max, leaders().length);
      return leaders().some((instance) => instance !== other);
    }, 'one leads');
    assert.equal(max, 1, 'two lead');
    const [found] = leaders();
    assert.ok(found);
    return { leader: found, took };
  };

  it('is left by one that waits longer to the others, as long as one of them may lead', async () => {
    const { leader: first } = await leader();
    const [next, last] = instances.filter((instance) => instance !== first);
    assert.ok(next && last);
    last.takeoverDelay = 1_000;
    await first.lease.release();
    assert.equal((await leader(first)).leader, next);
    next.mayLead = false;
    assert.equal((await leader(next)).leader, last);
  });

  it('makes one instance the leader', async () => {
    const { leader: first } = await leader();
    // Longer than a term.
    await pause(systemClock, 1_500);
    assert.deepEqual(leaders(), [first]);
    assert.deepEqual(
      instances.map(({ roles }) => roles).filter(({ length }) => length > 0),
      [['leader']],
    );
  });

  it('passes to another instance at once if the leader stops', async () => {
    const times: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      const { leader: first } = await leader();
      instances.splice(instances.indexOf(first), 1);
      await first.lease.release();
      const { took } = await leader(first);
      times.push(took);
      assert.ok(took < 1_500, `${took} ms`);
    }
  });

  it('passes to another instance within 3 s if the leader is killed', async () => {
    const { leader: first } = await leader();
    instances.splice(instances.indexOf(first), 1);
    await first.nats.connection.close();
    const { took } = await leader(first);
    assert.ok(took > 1_000 && took < 10_000, `${took} ms`);
    await until(() => !first.lease.leads, 'the first one notices');
    assert.deepEqual(first.roles, ['leader', 'standby']);
    await first.lease.release();
  });

  it('ends by the monotonic clock for a leader that was frozen', async () => {
    const { leader: first } = await leader();
    first.clock.jump(5_000);
    assert.equal(first.lease.leads, false);
    await until(() => first.roles.includes('standby'), 'it is reported');
    await leader();
    assert.deepEqual(first.roles.slice(0, 2), ['leader', 'standby']);
  });

  it('is left by a leader that receives nothing', async () => {
    const { leader: first } = await leader();
    first.mayLead = false;
    const { took } = await leader(first);
    assert.ok(took < 10_000, `${took} ms`);
    assert.deepEqual(first.roles, ['leader', 'standby']);
  });

  it('is nobody’s while no instance receives anything', async () => {
    for (const instance of instances) instance.mayLead = false;
    await pause(systemClock, 500);
    assert.deepEqual(leaders(), []);
    const [, second] = instances;
    assert.ok(second);
    second.mayLead = true;
    assert.equal((await leader()).leader, second);
  });

  it('ends while NATS is away, and has one leader when it is back', async () => {
    for (let round = 0; round < 3; round += 1) {
      await leader();
      await nats.server.kill();
      await until(() => leaders().length === 0, 'nobody leads', 2_000);
      await nats.server.start();
      const { took } = await leader();
      assert.ok(took < 10_000, `${took} ms`);
    }
  });

  it('has one leader after the bucket was deleted and made again', async () => {
    const { leader: first } = await leader();
    const { manager, names } = await nats.connect();
    const { config } = await manager.streams.info(`KV_${names.bucket}`);
    await manager.streams.delete(`KV_${names.bucket}`);
    await until(() => leaders().length === 0, 'nobody leads');
    await manager.streams.add(config);
    const { leader: next } = await leader();
    instances.splice(instances.indexOf(next), 1);
    await next.lease.release();
    const { took } = await leader(next);
    assert.ok(took < 10_000, `${took} ms`);
    assert.ok(first.roles.includes('standby'));
  });
});
