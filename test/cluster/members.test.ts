import assert from 'node:assert/strict';
import { Members, type MemberObserver } from '../../src/cluster/members';
import type { ReadyNats } from '../../src/cluster/nats-client';
import { silentLog } from '../../src/log';
import { ClusterNats, JumpingClock, until } from '../support/cluster-nats';

const PARTITIONS = 16;

class Instance implements MemberObserver {
  readonly clock = new JumpingClock();
  readonly members: Members;
  outs = 0;

  constructor(
    readonly id: string,
    readonly nats: ReadyNats,
    filter = 1,
    keepHours = 24,
  ) {
    const log = silentLog;
    this.members = new Members(nats, { instance: id, keepHours, clock: this.clock, log, onChange: () => undefined });
    this.members.start();
    this.members.join('listener', filter, this);
  }

  onChange(): void {
    const assigned = this.assigned;
    const claimed = [...this.claimed].filter((partition) => assigned.has(partition));
    const free = [...assigned].filter((partition) => !this.members.isClaimedByOther('listener', partition));
    const claims = [...new Set([...claimed, ...free])];
    if (claims.length === this.claimed.size && claims.every((partition) => this.claimed.has(partition))) return;
    this.claimed = new Set(claims);
    this.members.claim('listener', claims);
  }

  claimed = new Set<number>();

  onOut(): void {
    this.outs += 1;
    this.claimed.clear();
  }

  get assigned(): ReadonlySet<number> {
    return this.members.assigned('listener', PARTITIONS);
  }

  /** The partitions that it may consume. */
  get consumes(): number[] {
    return Array.from({ length: PARTITIONS }, (_, partition) => partition).filter((partition) =>
      this.members.mayConsume('listener', partition),
    );
  }
}

describe('The members of a cluster', () => {
  let nats: ClusterNats;
  let instances: Instance[];

  beforeEach(async function () {
    const opened = await ClusterNats.open();
    if (!opened) return this.skip();
    nats = opened;
    instances = [];
  });

  afterEach(async () => {
    await Promise.all(instances.map(({ members }) => members.stop()));
    await nats.end();
  });

  const join = async (id: string, filter?: number, keepHours?: number): Promise<Instance> => {
    const instance = new Instance(id, await nats.connect(), filter, keepHours);
    instances.push(instance);
    return instance;
  };
  const leave = (instance: Instance): void => void instances.splice(instances.indexOf(instance), 1);
  const isShared = (): boolean => {
    const all = instances.flatMap(({ consumes }) => consumes);
    return all.length === PARTITIONS && new Set(all).size === PARTITIONS;
  };

  /** Resolves when each partition is consumed by one; fails if one is ever consumed by two. */
  const shared = async (limit?: number): Promise<number> => {
    let twice = 0;
    const took = await until(
      () => {
        const all = instances.flatMap(({ consumes }) => consumes);
        twice = Math.max(twice, all.length - new Set(all).size);
        return isShared();
      },
      'all partitions are consumed',
      limit,
    );
    assert.equal(twice, 0, 'two consume the same partition');
    return took;
  };

  it('know who has joined before them, as long as that one is alive', async () => {
    const first = await join('b');
    await until(() => first.members.isIn(), 'the first one takes part');
    const second = await join('a');
    await until(() => second.members.hasElder && first.members.count === 2, 'the second one knows the first');
    assert.equal(first.members.hasElder, false);
    await first.members.stop();
    await until(() => !second.members.hasElder, 'the second one is the elder now');
  });

  it('share the partitions of a listener, each consumed by one', async () => {
    await Promise.all(['a', 'b', 'c'].map((id) => join(id)));
    await shared();
    await until(() => instances.every(({ consumes }) => consumes.length >= 5), 'each has its share');
    assert.deepEqual(
      instances.map(({ members }) => members.count),
      [3, 3, 3],
    );
  });

  it('take over at once from one that stops', async () => {
    const [first] = await Promise.all(['a', 'b', 'c'].map((id) => join(id)));
    await until(() => isShared() && instances.every(({ consumes }) => consumes.length >= 5), 'each has its share');
    assert.ok(first);
    leave(first);
    await first.members.stop();
    const took = await shared();
    assert.ok(took < 1_500, `${took} ms`);
    assert.equal(instances[0]?.members.count, 2);
  });

  it('take over from one that is killed when its events have been delivered again', async () => {
    const [first] = await Promise.all(['a', 'b', 'c'].map((id) => join(id)));
    await until(() => isShared() && instances.every(({ consumes }) => consumes.length >= 5), 'each has its share');
    assert.ok(first);
    leave(first);
    await first.nats.connection.close();
    const took = await shared();
    // The last heartbeat may be a second old.
    assert.ok(took > 1_500 && took < 10_000, `${took} ms`);
    await first.members.stop();
  });

  it('notice by the monotonic clock that others may count them as dead, and come back', async () => {
    const [first] = await Promise.all(['a', 'b', 'c'].map((id) => join(id)));
    await until(() => isShared() && instances.every(({ consumes }) => consumes.length >= 5), 'each has its share');
    assert.ok(first);
    first.clock.jump(5_000);
    assert.deepEqual(first.consumes, []);
    assert.equal(first.outs, 1);
    await shared();
    await until(() => first.consumes.length >= 5, 'it is back');
  });

  it('keep their partitions while NATS is away for less than a heartbeat', async () => {
    const [first] = await Promise.all(['a', 'b'].map((id) => join(id)));
    await until(() => isShared() && instances.every(({ consumes }) => consumes.length === 8), 'each has its share');
    const before = first?.consumes;
    await nats.server.kill();
    await nats.server.start();
    await shared();
    await until(() => instances.every(({ consumes }) => consumes.length === 8), 'each has its share');
    assert.deepEqual(first?.consumes, before);
  });

  it('find each other again after NATS was away for long', async () => {
    await Promise.all(['a', 'b'].map((id) => join(id)));
    await until(() => isShared() && instances.every(({ consumes }) => consumes.length === 8), 'each has its share');
    await nats.server.kill();
    await until(
      () => instances.every(({ consumes, outs }) => consumes.length === 0 && outs === 1),
      'all are out',
      3_000,
    );
    await nats.server.start();
    await shared();
    await until(() => instances.every(({ consumes }) => consumes.length === 8), 'each has its share');
    assert.deepEqual(
      instances.map(({ members }) => members.count),
      [2, 2],
    );
  });

  it('find each other again after the bucket was deleted and made again', async () => {
    const [first] = await Promise.all(['a', 'b'].map((id) => join(id)));
    await until(() => isShared() && instances.every(({ consumes }) => consumes.length === 8), 'each has its share');
    const { manager, names } = await nats.connect();
    const { config } = await manager.streams.info(`KV_${names.bucket}`);
    await manager.streams.delete(`KV_${names.bucket}`);
    await until(() => (first?.outs ?? 0) > 0, 'it is out');
    await manager.streams.add(config);
    await shared();
    await until(() => instances.every(({ consumes }) => consumes.length === 8), 'each has its share');
  });

  it('prefer those with the newest filter, and use the others if there is none', async () => {
    const old = await join('old', 1);
    await shared();
    const renewed = await join('new', 2);
    await until(() => renewed.consumes.length === PARTITIONS, 'the new one has all');
    assert.deepEqual(old.consumes, []);
    assert.equal(old.members.newestFilter('listener'), 2);
    leave(renewed);
    await renewed.members.stop();
    await shared();
    assert.equal(old.consumes.length, PARTITIONS);
  });

  it('keep events as long as any of them wants', async () => {
    const first = await join('a', 1, 24);
    const second = await join('b', 1, 72);
    await until(() => first.members.maxKeepHours === 72, 'it knows the longer one');
    leave(second);
    await second.members.stop();
    await until(() => first.members.maxKeepHours === 24, 'the other one is gone');
  });
});
