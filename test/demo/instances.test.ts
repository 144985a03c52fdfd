import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { natsProgram } from '../../scripts/demo/nats-server';
import { MAIN, startDemo, type DemoRun } from './demo-run';

const isWindows = process.platform === 'win32';
const SERVER = join(__dirname, '../../scripts/demo/nats-server.ts');
const RUN_WITH_PARENT = join(__dirname, '../../scripts/demo/run-with-parent.mjs');

describe('the demo with several instances', () => {
  let folder: string;
  const started: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatapp-demo-'));
  });

  afterEach(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('shares every question among the instances, continues if one is killed, and ends with all that it has started', async function () {
    if (natsProgram() === undefined) {
      console.log('      skipped: nats-server is not installed (apt-get install nats-server)');
      return this.skip();
    }
    const demo = run(['--instances', '3'], { DEMO_PAUSE: '300' });
    await demo.printed(/Ctrl-C stops all/);
    const instances = [...demo.output().matchAll(/Node-RED (\d) +(http:\S+) +\(process (\d+)\)/g)];
    assert.deepEqual(
      instances.map(([, number]) => number),
      ['1', '2', '3'],
    );
    await demo.until((output) => new Set(doneIn(output).map(({ instance }) => instance)).size === 3);
    const pid = Number(instances[0]?.[3]);
    process.kill(pid, 'SIGKILL');
    await demo.printed(/Node-RED 1 has ended/);
    const before = Math.max(...doneIn(demo.output()).map(({ question }) => question));
    // All that came before, after, and while nobody received.
    await demo.until((output) => {
      const done = new Set(doneIn(output).map(({ question }) => question));
      return Array.from({ length: before + 20 }, (_, index) => index + 1).every((question) => done.has(question));
    });
    const after = demo.output().split('Node-RED 1 has ended')[1] ?? '';
    assert.deepEqual([...new Set(doneIn(after).map(({ instance }) => instance))].sort(), [2, 3]);

    const nats = /nats:\/\/127\.0\.0\.1:(\d+)/.exec(demo.output())?.[1];
    demo.child.kill('SIGINT');
    assert.deepEqual(await demo.ended, [0, null]);
    for (const [, , url = ''] of instances) await assert.rejects(fetch(url));
    await assert.rejects(reach(Number(nats)));
  });

  for (const receiver of ['the process', 'its process group', 'the npm that started it'] as const) {
    it(`leaves neither the NATS server nor a Node-RED behind if ${receiver} gets SIGTERM`, async function () {
      if (isWindows || natsProgram() === undefined) return this.skip();
      const isNpm = receiver === 'the npm that started it';
      const demo = isNpm
        ? begin('npm', ['start', '--silent', '--', '--instances', '2'])
        : run(['--instances', '2'], {});
      await demo.printed(/Ctrl-C stops all/);
      const ports = [...demo.output().matchAll(/(?:nats|http):\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) =>
        Number(port),
      );
      assert.equal(ports.length, 4, 'two Node-REDs, the simulator and NATS');
      const pid = Number(demo.child.pid);
      process.kill(receiver === 'its process group' ? -pid : pid, 'SIGTERM');
      await demo.ended;
      for (const port of ports) while (await reach(port).catch(() => false)) await pause(20);
    });
  }

  it('ends the NATS server if it gets SIGTERM while it starts', async function () {
    if (isWindows || natsProgram() === undefined) return this.skip();
    const demo = run(['--instances', '2'], {});
    await demo.printed(/Starting 2 Node-REDs/);
    assert.ok(demo.child.pid !== undefined);
    process.kill(demo.child.pid, 'SIGTERM');
    await demo.ended;
    // Its folder is named in its command line.
    while (spawnSync('pgrep', ['-f', folder]).status === 0) await pause(50);
  });

  it('says what to install where there is no NATS server, and does not start', async () => {
    const demo = run(['--instances', '3'], { NATS_SERVER: join(folder, 'no-such-program') });
    assert.deepEqual(await demo.ended, [1, null]);
    assert.match(demo.output(), /apt-get install nats-server[^]+NATS_URL/);
  });

  it('does not start if the number of instances is not a number', async () => {
    const demo = run(['--instances', 'many'], {});
    assert.deepEqual(await demo.ended, [1, null]);
    assert.match(demo.output(), /--instances is "many"/);
  });

  function run(args: readonly string[], variables: Readonly<Record<string, string>>): DemoRun {
    return begin(process.execPath, [...MAIN, ...args], variables);
  }

  function begin(command: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}): DemoRun {
    const demo = startDemo(command, args, { DEMO_FOLDER: folder, ...variables });
    started.push(demo.child);
    return demo;
  }
});

describe('the NATS server of the demo', () => {
  let folder: string | undefined;

  before(async function () {
    if (isWindows || natsProgram() === undefined) return this.skip();
    folder = await mkdtemp(join(tmpdir(), 'chatapp-demo-nats-'));
  });

  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const ends: readonly [receiver: string, signal: NodeJS.Signals][] = [
    ['the process', 'SIGKILL'],
    ['the process group', 'SIGTERM'],
    ['the process group', 'SIGHUP'],
    ['the process group', 'SIGKILL'],
  ];
  for (const [receiver, signal] of ends) {
    it(`ends when ${receiver} that started it gets ${signal}`, async () => {
      const script = `require(${JSON.stringify(SERVER)}).startNatsServer(process.argv[1]).then(({ url }) => console.log(url))`;
      const args = ['--require', 'tsx/cjs', '-e', script, join(folder ?? '', `${receiver} ${signal}`)];
      const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'close');
      const printed: unknown[] = await once(child.stdout, 'data');
      process.kill(receiver === 'the process' ? Number(child.pid) : -Number(child.pid), signal);
      await ended;
      const port = Number(new URL(String(printed[0])).port);
      while (await reach(port).catch(() => false)) await pause(20);
    });
  }
});

describe('scripts/demo/run-with-parent.mjs', () => {
  const runWithParent = (): ChildProcess => {
    const program = ['-e', 'console.error("runs"); setInterval(() => undefined, 1_000)'];
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const;
    return spawn(process.execPath, [RUN_WITH_PARENT, process.execPath, ...program], { stdio: [...stdio] });
  };

  it('ends itself and its program when it gets SIGTERM', async function () {
    if (isWindows) return this.skip();
    const child = runWithParent();
    // The program has this pipe as well: it is closed when both are gone.
    const ended = once(child, 'close');
    assert.ok(child.stderr);
    await once(child.stderr, 'data');
    child.kill('SIGTERM');
    await ended;
  });

  it('ends if its parent is gone before it can notice', async () => {
    const child = runWithParent();
    child.stderr?.resume();
    child.disconnect();
    assert.deepEqual(await once(child, 'exit'), [1, null]);
  });
});

/** Who has worked on which question, in order. */
function doneIn(output: string): { instance: number; question: number }[] {
  return [...output.matchAll(/^Node-RED (\d) did .*?: (\d+)\. /gm)].map(([, instance, question]) => ({
    instance: Number(instance),
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
