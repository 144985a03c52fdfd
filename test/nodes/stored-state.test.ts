import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { NodeAPI } from 'node-red';
import { StoredState } from '../../nodes/chatapp-connection/stored-state';
import { fileStore, openStore, type RemovableStore } from '../../src';
import { isRecord } from '../../src/events/json';

const DAY = 24 * 60 * 60_000;

describe('what is stored for connections', () => {
  let folder: string;
  let disk: RemovableStore;
  let inFlows: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatapp-state-'));
    disk = fileStore(folder);
    inFlows = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A run of Node-RED. `start` resolves when the folder was looked through after a start of the flows. */
  function nodeRed(run: string, keep = DAY): { readonly state: StoredState; start(): Promise<void> } {
    let starts = 0;
    let reads = 0;
    const events = new EventEmitter();
    const RED: unknown = {
      events,
      log: { info: () => undefined, debug: () => undefined },
      nodes: {
        getNode: () => null,
        eachNode: (visit: (node: object) => void) => inFlows.forEach((id) => visit({ id, type: 'chatapp-connection' })),
      },
    };
    assert.ok(isRuntime(RED));
    const read = (name: string): Promise<string | undefined> => {
      reads += 1;
      return disk.read(name);
    };
    const state = new StoredState(RED, { ...disk, read }, run, keep);
    return {
      state,
      start: async () => {
        starts += 1;
        events.emit('flows:started');
        // The next change begins when this one has ended.
        const before = reads;
        state.note('other', [`ended-${run}-${starts}.json`]);
        while (reads < before + 2) await new Promise((resolve) => setImmediate(resolve));
        while (!(await disk.read('connections.json'))?.includes(`ended-${run}-${starts}`)) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
  }
  const store = async (...files: string[]): Promise<void> => {
    for (const file of files) await disk.write(file, 'x');
  };
  const files = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name !== 'connections.json');

  it('is removed one restart after the connection was deleted, and not before', async () => {
    await store('secret-a.json', 'tokens-1.json', 'kept.json');
    const first = nodeRed('first');
    first.state.note('a', ['secret-a.json', 'tokens-1.json', 'not-there.json']);
    inFlows = ['a'];
    await first.start();
    inFlows = [];
    await first.start();
    await first.start();
    assert.deepEqual((await files()).toSorted(), ['kept.json', 'secret-a.json', 'tokens-1.json']);
    await nodeRed('second').start();
    assert.deepEqual(await files(), ['kept.json']);
  });

  it('is removed a day after the connection was deleted, without a restart', async () => {
    await store('secret-a.json');
    const run = nodeRed('first', 20);
    run.state.note('a', ['secret-a.json']);
    await run.start();
    while ((await files()).length > 0) await new Promise((resolve) => setImmediate(resolve));
    // The index is written last.
    while ((await disk.read('connections.json'))?.includes('"a"'))
      await new Promise((resolve) => setImmediate(resolve));
  });

  it('stays where the connection is in a flow again, or in a subflow', async () => {
    await store('secret-a.json', 'secret-b.json');
    const first = nodeRed('first');
    first.state.note('a', ['secret-a.json']);
    first.state.note('instance-b', ['secret-b.json']);
    await first.start();
    inFlows = ['a', 'b', 'instance'];
    await nodeRed('second').start();
    inFlows = [];
    await nodeRed('third').start();
    assert.deepEqual((await files()).toSorted(), ['secret-a.json', 'secret-b.json']);
  });

  it('is removed from its own folder only, whatever the index names', async () => {
    const outside = `${basename(folder)}.txt`;
    await fileStore(dirname(folder)).write(outside, 'x');
    try {
      const entry = { files: [`../${outside}`], goneSince: 'before' };
      await disk.write('connections.json', JSON.stringify({ a: entry, b: { ...entry, files: ['secret-b.json'] } }));
      await store('secret-b.json');
      await nodeRed('first').start();
      assert.deepEqual(await files(), []);
      assert.equal(await fileStore(dirname(folder)).read(outside), 'x');
    } finally {
      await fileStore(dirname(folder)).remove(outside);
    }
  });

  it('leaves the tokens of an account to its other connections', async () => {
    await store('secret-a.json', 'tokens-1.json');
    const first = nodeRed('first');
    first.state.note('a', ['secret-a.json', 'tokens-1.json']);
    first.state.note('b', ['tokens-1.json']);
    inFlows = ['b'];
    await first.start();
    await nodeRed('second').start();
    assert.deepEqual(await files(), ['tokens-1.json']);
  });
});

describe('what is stored in the log for a connection', () => {
  it('is removed when it was deleted, as soon as the log can be read, and the tokens of an account go with its last one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chatapp-state-'));
    const events = new EventEmitter();
    let inFlows = ['a', 'b'];
    const RED: unknown = {
      events,
      log: { info: () => undefined, debug: () => undefined },
      nodes: {
        getNode: () => null,
        eachNode: (visit: (node: object) => void) => inFlows.forEach((id) => visit({ id, type: 'chatapp-connection' })),
      },
    };
    assert.ok(isRuntime(RED));
    const names = ['tokens-1.json', 'callback-secret-a.json', 'callback-secret-b.json'];
    /** What is left once `isDone` says so of the index, in a run of Node-RED with these connections in its flows. */
    const after = async (run: string, ids: string[], isDone: (index: string) => boolean): Promise<string[]> => {
      inFlows = ids;
      const store = openStore(folder);
      const state = new StoredState(RED, store, run);
      events.emit('flows:started');
      if (run === 'first') {
        state.note('a', ['tokens-1.json', 'callback-secret-a.json']);
        state.note('b', ['tokens-1.json', 'callback-secret-b.json']);
        for (const name of names) await store.write(name, 'x');
      }
      await store.open();
      while (!isDone((await store.read('connections.json')) ?? ''))
        await new Promise((resolve) => setImmediate(resolve));
      const texts = await Promise.all(names.map((name) => store.read(name)));
      await store.close();
      return names.filter((_, at) => texts[at] !== undefined);
    };
    try {
      assert.deepEqual(await after('first', ['a', 'b'], (index) => index.includes('"b"')), names);
      assert.deepEqual(await after('second', ['b'], (index) => index.includes('second')), names);
      assert.deepEqual(await after('third', ['b'], (index) => !index.includes('"a"')), [
        'tokens-1.json',
        'callback-secret-b.json',
      ]);
      assert.deepEqual(await after('fourth', [], (index) => index.includes('fourth')), [
        'tokens-1.json',
        'callback-secret-b.json',
      ]);
      assert.deepEqual(await after('fifth', [], (index) => index === '{}'), []);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

function isRuntime(value: unknown): value is Pick<NodeAPI, 'nodes' | 'events' | 'log'> {
  return isRecord(value);
}
