import assert from 'node:assert/strict';
import { soakFlow } from '../../bench/soak/flow';
import { measureLeaks } from '../../bench/soak/leaks';

const MEGABYTE = 1024 * 1024;

describe('under load', () => {
  it('nothing is lost or doubled while sockets drop', async () => {
    const ignore = (): void => undefined;
    const options = { length: 5_000, rate: 1_000, dropEvery: 2_000, tellEvery: 60_000, onProgress: ignore };
    const { sent, received, lost, doubled, drops, heap } = await soakFlow(options);
    assert.ok(sent > 4_000 && received > 2_000 && drops >= 1, `${sent} sent, ${received} received, ${drops} drops`);
    assert.deepEqual({ lost, doubled }, { lost: 0, doubled: 0 });
    assert.ok(heap < 200 * MEGABYTE, `${Math.round(heap / MEGABYTE)} MB`);
  });

  it('a closed connection leaves nothing behind', async () => {
    const rounds = 200;
    const { grown, instances, resources } = await measureLeaks(rounds);
    assert.deepEqual({ instances, resources }, { instances: 0, resources: [] });
    assert.ok(grown < rounds * 2_000, `the heap has grown by ${grown} bytes`);
  });
});
