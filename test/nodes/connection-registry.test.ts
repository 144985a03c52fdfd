import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import {
  ConnectionRegistry,
  type MakeConnection,
  type Reporter,
} from '../../nodes/chatapp-connection/connection-registry';
import { Deploys } from '../../nodes/shared/deploys';
import { ChatAppError } from '../../src/errors';
import { silentLog } from '../../src/log';
import { memoryStore, type Store } from '../../src/store';

const silent: Reporter = { onError: () => undefined, log: silentLog };
const tell = (reported: string[], name: string): Reporter => ({
  ...silent,
  onError: ({ code }) => void reported.push(`${name} ${code}`),
});

/** Makes connections that write down what is done with them. */
function maker(
  done: string[],
  closing: Promise<void> = Promise.resolve(),
): { make: MakeConnection; reporters: Reporter[] } {
  const reporters: Reporter[] = [];
  const make: MakeConnection = (reporter, settled) => {
    const name = reporters.push(reporter);
    void settled(memoryStore())
      .read('x')
      .then(() => done.push(`${name} reads`));
    return {
      listen: () => () => undefined,
      api: { call: () => Promise.reject(new Error('not asked')), pages: () => assert.fail('not asked') },
      send: () => Promise.reject(new Error('nothing is sent here')),
      acknowledge: () => false,
      lineNaming: () => undefined,
      webhook: undefined,
      forgetMissing: () => Promise.resolve(),
      health: () => assert.fail('not asked'),
      deadLetters: undefined,
      fetchMissing: () => assert.fail('not asked'),
      flush: () => {
        done.push(`${name} flushes`);
        return Promise.resolve();
      },
      close: async () => {
        await closing;
        done.push(`${name} closes`);
      },
    };
  };
  return { make, reporters };
}

/** Records that write down what is done with them. */
function recorder(done: string[]): NonNullable<Store['records']> {
  const entry = { sequence: 7, record: {}, raw: Buffer.alloc(0) };
  return {
    append: () => Promise.resolve(done.push('append')),
    read: (sequence) => Promise.resolve(void done.push(`read ${sequence}`)),
    remove: (sequence) => void done.push(`remove ${sequence}`),
    bytesOf: () => 0,
    flush: () => Promise.resolve(void done.push('flush')),
    async *entries() {
      yield await Promise.resolve(entry);
    },
  };
}

describe('the connections of nodes', () => {
  const events = new EventEmitter();
  const deploys = Deploys.of(events);
  const next = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('go on with the node that comes back, and speak to it', async () => {
    const reported: string[] = [];
    const { make, reporters } = maker([]);
    const connections = new ConnectionRegistry(deploys);
    const first = connections.take('a', 'settings', tell(reported, 'old'), make);
    await connections.release('a', 'mayReturn');
    assert.equal(connections.take('a', 'settings', tell(reported, 'new'), make), first);
    reporters[0]?.onError(ChatAppError.of('TOKEN_INVALID', 'pasted'));
    assert.deepEqual(reported, ['new TOKEN_INVALID']);
    await connections.release('a', 'removed');
  });

  it('write what they know when their node is closed, and end with a node that is removed', async () => {
    const done: string[] = [];
    const connections = new ConnectionRegistry(deploys);
    connections.take('a', 'settings', silent, maker(done).make);
    await connections.release('a', 'mayReturn');
    await connections.release('a', 'removed');
    assert.deepEqual(
      done.filter((entry) => entry !== '1 reads'),
      ['1 flushes', '1 closes'],
    );
  });

  it('end when flows have started and no node has taken them, however long that takes', async () => {
    const done: string[] = [];
    const connections = new ConnectionRegistry(deploys);
    connections.take('a', 'settings', silent, maker(done).make);
    await next();
    await connections.release('a', 'mayReturn');
    await next();
    assert.deepEqual(done, ['1 reads', '1 flushes']);
    events.emit('flows:started');
    await next();
    assert.deepEqual(done, ['1 reads', '1 flushes', '1 closes']);
    assert.equal(connections.find('a'), undefined);
  });

  it('end after what else ends when flows have started', async () => {
    const done: string[] = [];
    const connections = new ConnectionRegistry(deploys);
    connections.take('a', 'settings', silent, maker(done).make);
    await next();
    await connections.release('a', 'mayReturn');
    deploys.onNextStart(() => done.push('a listener ends'));
    events.emit('flows:started');
    await next();
    assert.deepEqual(done.slice(-2), ['a listener ends', '1 closes']);
  });

  it('go on if a node has taken them when flows have started', async () => {
    const done: string[] = [];
    const { make } = maker(done);
    const connections = new ConnectionRegistry(deploys);
    const connection = connections.take('a', 'settings', silent, make);
    await connections.release('a', 'mayReturn');
    connections.take('a', 'settings', silent, make);
    events.emit('flows:started');
    await next();
    assert.equal(connections.find('a'), connection);
    await connections.release('a', 'removed');
  });

  it('end at once where all flows do', async () => {
    const done: string[] = [];
    const connections = new ConnectionRegistry(deploys);
    connections.take('a', 'settings', silent, maker(done).make);
    await connections.release('a', 'now');
    assert.ok(done.includes('1 closes'));
    assert.equal(connections.find('a'), undefined);
  });

  it('are others where the settings are: the new one reads only what the old one has written', async () => {
    const done: string[] = [];
    let close = (): void => undefined;
    const { make } = maker(done, new Promise((resolve) => (close = resolve)));
    const connections = new ConnectionRegistry(deploys);
    const first = connections.take('a', 'before', silent, make);
    const second = connections.take('a', 'after', silent, make);
    assert.notEqual(first, second);
    await new Promise(setImmediate);
    assert.deepEqual(done, ['1 reads']);
    close();
    await new Promise(setImmediate);
    await connections.release('a', 'removed');
    assert.deepEqual(done, ['1 reads', '1 closes', '2 reads', '2 closes']);
  });

  it('use the records of their predecessor only after it has closed', async () => {
    const done: string[] = [];
    let close = (): void => undefined;
    const { make } = maker(done, new Promise((resolve) => (close = resolve)));
    const connections = new ConnectionRegistry(deploys);
    connections.take('a', 'before', silent, make);
    connections.take('a', 'after', silent, (reporter, settled) => {
      const { records } = settled({ ...memoryStore(), records: recorder(done) });
      assert.ok(records);
      const all = async (): Promise<void> => {
        for await (const { sequence } of records.entries('kind')) done.push(`entry ${sequence}`);
      };
      records.remove(1);
      Promise.all([records.append({ kind: 'kind' }), records.read(3), records.flush(), all()]).catch(() =>
        done.push('rejects'),
      );
      return make(reporter, settled);
    });
    await next();
    assert.deepEqual(done, ['1 reads']);
    close();
    await next();
    await connections.release('a', 'removed');
    assert.deepEqual(done.slice(0, 2), ['1 reads', '1 closes']);
    assert.deepEqual(done.slice(2, -1).toSorted(), ['2 reads', 'append', 'entry 7', 'flush', 'read 3', 'remove 1']);
  });
});
