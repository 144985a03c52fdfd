import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsProgram } from '../../scripts/demo/nats-server';
import { MAIN, startDemo, type DemoRun } from './demo-run';

const isWindows = process.platform === 'win32';

describe('the demo with several copies', function () {
  this.timeout(90_000);
  let folder: string;
  const started: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatapp-demo-'));
  });

  afterEach(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('shares every question among the copies, goes on where one is killed, and ends with all that it has started', async function () {
    if (natsProgram() === undefined) {
      console.log('      skipped: nats-server is not installed (apt-get install nats-server)');
      return this.skip();
    }
    const demo = run(['--copies', '3'], { DEMO_PAUSE: '300' });
    await demo.printed(/Ctrl-C stops all/);
    const copies = [...demo.output().matchAll(/Node-RED (\d) +(http:\S+) +\(process (\d+)\)/g)];
    assert.deepEqual(
      copies.map(([, number]) => number),
      ['1', '2', '3'],
    );
    await demo.until((output) => new Set(doneIn(output).map(({ copy }) => copy)).size === 3);
    const pid = Number(copies[0]?.[3]);
    process.kill(pid, 'SIGKILL');
    await demo.printed(/Node-RED 1 has ended/);
    const before = Math.max(...doneIn(demo.output()).map(({ question }) => question));
    // All that came before, after, and while nobody received.
    await demo.until((output) => {
      const done = new Set(doneIn(output).map(({ question }) => question));
      return Array.from({ length: before + 20 }, (_, index) => index + 1).every((question) => done.has(question));
    });
    const after = demo.output().split('Node-RED 1 has ended')[1] ?? '';
    assert.deepEqual([...new Set(doneIn(after).map(({ copy }) => copy))].sort(), [2, 3]);

    const nats = /nats:\/\/127\.0\.0\.1:(\d+)/.exec(demo.output())?.[1];
    demo.child.kill('SIGINT');
    assert.deepEqual(await demo.ended, [0, null]);
    for (const [, , url = ''] of copies) await assert.rejects(fetch(url));
    await assert.rejects(reach(Number(nats)));
  });

  it('leaves no server behind where it is killed', async function () {
    if (isWindows || natsProgram() === undefined) return this.skip();
    const demo = run(['--copies', '1'], {});
    await demo.printed(/Ctrl-C stops all/);
    const port = Number(/nats:\/\/127\.0\.0\.1:(\d+)/.exec(demo.output())?.[1]);
    demo.child.kill('SIGKILL');
    await demo.ended;
    for (;;) if (!(await reach(port).catch(() => false))) return;
  });

  it('says what to install where there is no NATS server, and does not start', async () => {
    const demo = run(['--copies', '3'], { NATS_SERVER: join(folder, 'no-such-program') });
    assert.deepEqual(await demo.ended, [1, null]);
    assert.match(demo.output(), /apt-get install nats-server[^]+NATS_URL/);
  });

  it('does not start where the number of copies is none', async () => {
    const demo = run(['--copies', 'many'], {});
    assert.deepEqual(await demo.ended, [1, null]);
    assert.match(demo.output(), /--copies is "many"/);
  });

  function run(args: readonly string[], variables: Readonly<Record<string, string>>): DemoRun {
    const demo = startDemo(process.execPath, [...MAIN, ...args], { DEMO_FOLDER: folder, ...variables });
    started.push(demo.child);
    return demo;
  }
});

/** Who has worked on which question, in order. */
function doneIn(output: string): { copy: number; question: number }[] {
  return [...output.matchAll(/^Node-RED (\d) did .*?: (\d+)\. /gm)].map(([, copy, question]) => ({
    copy: Number(copy),
    question: Number(question),
  }));
}

function reach(port: number): Promise<boolean> {
  return new Promise((settle, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
  });
}
