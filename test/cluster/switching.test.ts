import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivery } from '../../src/inbox/delivery';
import { openStore, type OpenStore } from '../../src/storage/stored-texts';
import type { Store } from '../../src/store';
import { ClusterHarness, type TestInstance } from '../support/cluster-harness';
import { MemoryRecords } from '../support/memory-records';

describe('A connection whose NATS is switched on and off', function () {
  let harness: ClusterHarness;
  let isStarted = false;
  let folder: string;
  let store: OpenStore;
  let sent: string[];
  let timer: NodeJS.Timeout | undefined;

  before(async function () {
    const started = await ClusterHarness.start();
    if (!started) {
      console.log('      no nats-server: install it, or name it in NATS_SERVER');
      return this.skip();
    }
    harness = started;
    isStarted = true;
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatapp-switching-'));
    store = openStore(folder);
    sent = [];
  });
  afterEach(async () => {
    if (!isStarted) return;
    clearInterval(timer);
    await harness.reset();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  after(async () => {
    if (isStarted) await harness.end();
  });

  it('loses and doubles nothing by deploys and restarts while messages come', async () => {
    let current = harness.addSingle({}, { store });
    // Nothing from before the first start is delivered.
    await harness.until(() => current.status?.kind === 'listening');
    customersWrite();
    await more(40);
    for (let round = 0; round < 2; round += 1) {
      current = await switchTo('NATS', current);
      await more(40);
      current = await restart('NATS', current);
      await more(40);
      current = await switchTo('no NATS', current);
      await more(40);
      current = await restart('no NATS', current);
      await more(40);
    }
    await allHaveCome();
    assert.deepEqual(doubles(), []);
    assert.deepEqual(
      harness.instances.flatMap(({ errors }) => errors),
      [],
    );
  });

  it('delivers with another attempt, and in order, what flows work on at the moment', async () => {
    const kept: Delivery[] = [];
    const isKeeping = { now: true };
    const slow = (): Parameters<ClusterHarness['add']>[0] => ({
      ack: 'done',
      onItem: (delivery) => {
        current.deliveries.push(delivery);
        if (isKeeping.now) kept.push(delivery);
        else current.connection.acknowledge(delivery.deliveryToken ?? '', 'done');
        harness.changes.happened();
      },
    });
    let current = harness.addSingle(slow(), { store });
    await harness.until(() => current.status?.kind === 'listening');
    sent.push(...harness.write(20));
    await harness.until(() => kept.length === 5);
    current = await switchTo('NATS', current, slow());
    await harness.until(() => kept.length === 10);
    assert.deepEqual(kept.map(({ attempt = 1 }) => attempt).toSorted(), [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    current = await switchTo('no NATS', current, slow());
    await harness.until(() => kept.length === 15);
    isKeeping.now = false;
    current = await switchTo('NATS', current, slow());
    await allHaveCome();
    const last = current.messages;
    assert.equal(new Set(last).size, sent.length, 'the last one has got all');
    for (let chat = 0; chat < 5; chat += 1) {
      const written = sent.filter((_, index) => index % 5 === chat);
      assert.deepEqual(
        last.filter((id) => written.includes(id)),
        written,
      );
    }
    assert.deepEqual(unmarkedDoubles(), []);
    assert.deepEqual(current.errors, []);
  });

  it('fetches what was missed between a crash and the switch, in both directions, and nothing else', async () => {
    const records = new MemoryRecords();
    const first = harness.addSingle({}, { store: storeOf(records) });
    await harness.until(() => first.status?.kind === 'listening');
    sent.push(...harness.write(20));
    await harness.until(() => first.messages.length === 20);
    // What was delivered is noted on disk a moment later.
    await first.connection.flush();
    let left = records.copy();
    await first.connection.close();
    sent.push(...harness.write(20));
    const second = harness.add({}, { store: storeOf(left) });
    await harness.until(() => second.messages.length === 20);
    sent.push(...harness.write(20));
    await harness.until(() => second.messages.length === 40);
    await second.connection.close();
    left = left.copy();
    sent.push(...harness.write(20));
    const third = harness.addSingle({}, { store: storeOf(left) });
    await harness.until(() => third.messages.length === 20);
    sent.push(...harness.write(20));
    await harness.until(() => third.messages.length === 40);
    assert.deepEqual(harness.delivered.toSorted(), sent.toSorted());
  });

  it('fetches without NATS what was missed since it was used, if nothing was received before that', async () => {
    const first = harness.add({}, { store });
    await harness.isReady();
    sent.push(...harness.write(20));
    await harness.until(() => first.messages.length === 20);
    await first.connection.close();
    sent.push(...harness.write(20));
    harness.addSingle({}, { store });
    await harness.until(() => ofThisTest(harness.delivered).length >= 40);
    assert.deepEqual(ofThisTest(harness.delivered).toSorted(), sent.toSorted());
  });

  it('leaves to the other instances what waits in NATS if one of them is there', async () => {
    const first = harness.add({ ack: 'done' }, { store });
    await harness.isReady();
    sent.push(...harness.write(30));
    await harness.until(() => first.messages.length === 5);
    const second = harness.add();
    await harness.isReady();
    await first.connection.close('removed');
    await harness.until(() => ofThisTest(second.messages).length >= 30);
    assert.deepEqual(ofThisTest(second.messages).toSorted(), sent.toSorted());
    assert.deepEqual([...first.errors, ...second.errors], []);
  });

  it('reports how many events wait in NATS that nobody takes from there', async () => {
    const one = harness.add({ ack: 'done' }, { store });
    await harness.isReady();
    harness.write(20);
    await harness.until(() => one.messages.length === 5);
    // A stop, after which the settings are others.
    await one.connection.close();
    const other = harness.addSingle({ ack: 'done' }, { store });
    await harness.until(() => other.errors.length > 0);
    assert.deepEqual(other.errors, ['RECOVERY_FAILED.leftBehind']);
    await other.connection.close();
    const again = harness.add({}, { store });
    await harness.until(() => again.messages.length === 20);
  });

  /** A deploy that changes whether the connection uses NATS. */
  async function switchTo(
    next: 'NATS' | 'no NATS',
    current: TestInstance,
    listener: Parameters<ClusterHarness['add']>[0] = {},
  ): Promise<TestInstance> {
    await current.connection.close('removed');
    return next === 'NATS' ? harness.add(listener, { store }) : harness.addSingle(listener, { store });
  }

  async function restart(kind: 'NATS' | 'no NATS', current: TestInstance): Promise<TestInstance> {
    await current.connection.close();
    await store.close();
    store = openStore(folder);
    return kind === 'NATS' ? harness.add({}, { store }) : harness.addSingle({}, { store });
  }

  function customersWrite(): void {
    timer = setInterval(() => sent.push(...harness.write(1)), 10);
  }

  /** So many more messages have come. */
  async function more(count: number): Promise<void> {
    const end = harness.delivered.length + count;
    await harness.until(() => harness.delivered.length >= end);
  }

  async function allHaveCome(): Promise<void> {
    clearInterval(timer);
    await harness.until(() => new Set(harness.delivered).size >= sent.length);
  }

  /** A new connection may also fetch what an earlier test has written in the same second. */
  function ofThisTest(ids: readonly string[]): string[] {
    return ids.filter((id) => sent.includes(id));
  }

  function doubles(): string[] {
    return harness.delivered.filter((id, index, all) => all.indexOf(id) !== index);
  }

  function unmarkedDoubles(): string[] {
    const unmarked = harness.instances.flatMap(({ deliveries }) =>
      deliveries.flatMap(({ messageId = '', attempt = 1, recovered }) => (attempt > 1 || recovered ? [] : [messageId])),
    );
    return unmarked.filter((id, index, all) => all.indexOf(id) !== index);
  }
});

function storeOf(records: MemoryRecords): Store {
  const texts = new Map<string, string>();
  return {
    read: (name) => Promise.resolve(texts.get(name)),
    write: (name, text) => {
      texts.set(name, text);
      return Promise.resolve();
    },
    records,
  };
}
