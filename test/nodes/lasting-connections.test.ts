import assert from 'node:assert/strict';
import {
  LastingConnections,
  type MakeConnection,
  type Teller,
} from '../../nodes/chatapp-connection/lasting-connections';
import { ChatAppError } from '../../src/errors';
import { silentLog } from '../../src/log';
import { memoryStore } from '../../src/store';

const silent: Teller = { onError: () => undefined, log: silentLog };
const tell = (told: string[], name: string): Teller => ({
  ...silent,
  onError: ({ code }) => void told.push(`${name} ${code}`),
});

/** Makes connections that write down what is done with them. */
function maker(
  done: string[],
  closing: Promise<void> = Promise.resolve(),
): { make: MakeConnection; tellers: Teller[] } {
  const tellers: Teller[] = [];
  const make: MakeConnection = (teller, settled) => {
    const name = tellers.push(teller);
    void settled(memoryStore())
      .read('x')
      .then(() => done.push(`${name} reads`));
    return {
      listen: () => () => undefined,
      send: () => Promise.reject(new Error('nothing is sent here')),
      settle: () => false,
      webhook: undefined,
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
  return { make, tellers };
}

describe('the connections of nodes', () => {
  it('go on with the node that comes back, and speak to it', async () => {
    const told: string[] = [];
    const { make, tellers } = maker([]);
    const connections = new LastingConnections();
    const first = connections.take('a', 'settings', tell(told, 'old'), make);
    await connections.release('a', 'mayReturn');
    assert.equal(connections.take('a', 'settings', tell(told, 'new'), make), first);
    tellers[0]?.onError(ChatAppError.of('TOKEN_INVALID', 'pasted'));
    assert.deepEqual(told, ['new TOKEN_INVALID']);
    await connections.release('a', 'forGood');
  });

  it('write what they know when their node is closed, and end with a node that is removed', async () => {
    const done: string[] = [];
    const connections = new LastingConnections();
    connections.take('a', 'settings', silent, maker(done).make);
    await connections.release('a', 'mayReturn');
    await connections.release('a', 'forGood');
    assert.deepEqual(
      done.filter((entry) => entry !== '1 reads'),
      ['1 flushes', '1 closes'],
    );
  });

  it('end at once where all flows do', async () => {
    const done: string[] = [];
    const connections = new LastingConnections();
    connections.take('a', 'settings', silent, maker(done).make);
    await connections.release('a', 'now');
    assert.ok(done.includes('1 closes'));
    assert.equal(connections.find('a'), undefined);
  });

  it('are others where the settings are: the new one reads only what the old one has written', async () => {
    const done: string[] = [];
    let close = (): void => undefined;
    const { make } = maker(done, new Promise((resolve) => (close = resolve)));
    const connections = new LastingConnections();
    const first = connections.take('a', 'before', silent, make);
    const second = connections.take('a', 'after', silent, make);
    assert.notEqual(first, second);
    await new Promise(setImmediate);
    assert.deepEqual(done, ['1 reads']);
    close();
    await new Promise(setImmediate);
    await connections.release('a', 'forGood');
    assert.deepEqual(done, ['1 reads', '1 closes', '2 reads', '2 closes']);
  });
});
