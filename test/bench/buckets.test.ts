import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { sharesOf } from '../../bench/speed/profile/buckets';

interface Node {
  readonly name?: string;
  readonly url?: string;
  readonly hits: number;
  readonly lines?: readonly { line: number; ticks: number }[];
}

/** A profile as V8 writes it. */
function profileOf(...nodes: readonly Node[]): object {
  return {
    nodes: nodes.map(({ name = 'work', url = '', hits, lines = [] }) => ({
      callFrame: { functionName: name, url },
      hitCount: hits,
      positionTicks: lines,
    })),
  };
}

describe('the profile', () => {
  it('gives time to whose script it is', () => {
    const shares = sharesOf(
      profileOf(
        { url: 'file:///somewhere/dist/src/cluster/feed/feed.js', hits: 30 },
        { url: 'file:///somewhere/node_modules/ws/lib/receiver.js', hits: 20 },
        { url: 'file:///somewhere/node_modules/pusher-js/dist/node/pusher.js', hits: 5 },
        { url: 'file:///somewhere/node_modules/@node-red/runtime/lib/flows/Flow.js', hits: 15 },
        { url: 'node:net', hits: 10 },
        { name: '(garbage collector)', hits: 10 },
        { name: '(program)', hits: 5 },
        // An engine's own function, whose name every object has.
        { name: 'toString', hits: 5 },
      ),
    );
    const found = Object.fromEntries([...shares].filter(([, share]) => share > 0));
    assert.deepEqual(found, {
      'this package': 0.3,
      ws: 0.2,
      'pusher-js': 0.05,
      'Node-RED': 0.15,
      'Node.js: sockets and streams': 0.1,
      'garbage collection': 0.1,
      'the system and V8 itself': 0.1,
    });
  });

  it('leaves out the time in which nothing was to do', () => {
    const shares = sharesOf(profileOf({ name: '(idle)', hits: 1_000 }, { url: 'node:net', hits: 1 }));
    assert.equal(shares.get('Node.js: sockets and streams'), 1);
  });

  it('tells the lines that parse JSON from the others of their function', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chatapp-profile-'));
    const file = join(folder, 'read.js');
    await writeFile(file, 'function read(text) {\n  const value = JSON.parse(text);\n  return value.data;\n}\n');
    const url = pathToFileURL(file).href;
    const lines = [
      { line: 2, ticks: 6 },
      { line: 3, ticks: 2 },
    ];
    const shares = sharesOf(profileOf({ url, hits: 8, lines }));
    await rm(folder, { recursive: true });
    assert.equal(shares.get('JSON.parse, of frames and of their data'), 0.75);
  });

  it('is refused where it is none', () => {
    assert.throws(() => sharesOf({}), /The profile is empty/);
    assert.throws(() => sharesOf(undefined), /The profile is empty/);
  });
});
