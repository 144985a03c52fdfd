import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type WebSocket from 'ws';
import { asNodes, entriesOf, examples } from '../../scripts/example-flows';
import { isRecord, parseJson, type JsonRecord } from '../../src/events/json';
import { watchEditor } from '../support/node-red-child';
import { addresses, MAIN, startDemo, type DemoRun } from './demo-run';

const isWindows = process.platform === 'win32';
/** The demo, as a shell starts it. */
const COMMAND = [process.execPath, ...MAIN].map((part) => `'${part}'`).join(' ');

describe('the demo', () => {
  let folder: string;
  const squatters: Server[] = [];
  const started: ChildProcess[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatapp-demo-'));
  });

  after(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    for (const squatter of squatters.splice(0)) squatter.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  describe('at work', () => {
    let demo: DemoRun;
    let editor: string;
    let simulator: string;
    let takenPorts: readonly [string, string];
    let socket: WebSocket;
    /** What the editor was sent since the start: a status may stand for a moment only. */
    const sent: { readonly topic: string; readonly data: JsonRecord }[] = [];
    const changes = new EventEmitter();

    before(async () => {
      const onLoopback = await squat('127.0.0.1');
      // Taken on another address than ours, as by a server that listens on all.
      const elsewhere = process.platform === 'linux' ? await squat('127.0.0.2') : onLoopback;
      takenPorts = [onLoopback, elsewhere];
      demo = run(process.execPath, MAIN, { PORT: onLoopback, SIMULATOR_PORT: elsewhere });
      await demo.printed(/Ctrl-C stops both/);
      ({ editor, simulator } = addresses(demo.output()));
      socket = await watchEditor(editor.replace(/\/$/, ''), (topic, data) => {
        sent.push({ topic, data });
        changes.emit('change');
      });
    });

    after(() => socket.terminate());

    it('passes over taken ports and prints which ports it uses', async () => {
      const [nodeRedPort, simulatorPort] = takenPorts;
      assert.match(demo.output(), new RegExp(`Port ${nodeRedPort} is taken, so Node-RED gets \\d+`));
      assert.match(demo.output(), new RegExp(`Port ${simulatorPort} is taken, so the simulator gets \\d+`));
      assert.match(await (await fetch(editor)).text(), /<title>Node-RED<\/title>/);
      assert.match(await (await fetch(simulator)).text(), /simulator for ChatApp/);
    });

    it('shows events of all channels', async () => {
      const wanted = ['message', 'messageStatus', 'chatTag', 'chatResponsible', 'employeeStatus', 'quickResponse'];
      await seen(wanted, (topic, data) => (topic === 'debug' ? data.topic : undefined));
    });

    it('shows examples of the package at work, each on a tab that is made of the example itself', async () => {
      const shown = ['start/watch-a-line', 'start/route-by-event', 'unanswered/unanswered', 'dashboard/live-inbox'];
      const originals = examples().filter(({ name }) => shown.includes(name));
      assert.equal(originals.length, shown.length);
      const running = asNodes(parseJson(await (await fetch(`${editor}flows`)).text()));
      for (const { name, nodes } of originals) {
        for (const { id, type, func, wires } of nodes) {
          if (type === 'global-config' || type === 'chatapp-connection') continue;
          const copy = running.find((node) => node.id === id) ?? assert.fail(`${name}: there is no ${type} ${id}`);
          assert.deepEqual([copy.type, copy.func, copy.wires], [type, func, wires]);
        }
      }
      const ids = running.flatMap(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);

      const idOf = (label: string): string => running.find(({ name }) => name === label)?.id ?? assert.fail(label);
      const wanted = ['what happened', 'a customer wrote', 'note who waits', 'all that happens'].map(idOf);
      await seen(wanted, (topic, { text }) =>
        typeof text === 'string' && text !== '' ? topic.replace('status/', '') : undefined,
      );
      const inbox = /http:\S+\/dashboard\/chatapp-inbox/.exec(demo.output())?.[0] ?? assert.fail('no page');
      assert.match(await (await fetch(inbox)).text(), /FlowFuse Dashboard/);
    });

    it("answers a customer who writes on the simulator's page, once each time, and leaves chats alone that an employee has", async () => {
      const ask = async (path: string): Promise<unknown> => (await fetch(`${simulator}simulator/${path}`)).json();
      const until = async (holds: () => Promise<boolean>): Promise<void> => {
        while (!(await holds())) await pause(50);
      };
      // Its authorisation would be among the new events too, and before the line is received nothing is answered.
      await until(async () => {
        const state = await ask('state');
        return isRecord(state) && JSON.stringify(state.listening).includes('50102.messengers.telegramBot');
      });
      const place = { licenseId: 50102, messengerType: 'telegramBot', chatId: '77000000001' };
      const write = async (text: string): Promise<void> => {
        const headers = { 'content-type': 'application/json' };
        const body = JSON.stringify({ ...place, text });
        assert.ok((await fetch(`${simulator}simulator/message`, { method: 'POST', headers, body })).ok);
      };
      /** Who wrote in the chat, and what. */
      const written = async (messenger: string): Promise<JsonRecord[]> => {
        const [licenseId = '', messengerType = ''] = messenger.split(' ');
        const chats = await ask(`chats?${new URLSearchParams({ licenseId, messengerType }).toString()}`);
        return entriesOf(chats)
          .flatMap((chat) => (isRecord(chat) ? entriesOf(chat.messages) : []))
          .filter(isRecord);
      };
      const isViewed = ({ status }: JsonRecord): boolean => isRecord(status) && status.type === 'viewed';
      for (const text of ['Hello', 'Are you there?']) {
        const before = (await written('50102 telegramBot')).length;
        await write(text);
        // Viewed: whatever the flow would make of its own answer, it has had the time for.
        await until(async () => (await written('50102 telegramBot')).slice(before + 1).some(isViewed));
      }
      const conversation = await written('50102 telegramBot');
      assert.deepEqual(
        conversation.map(({ side }) => side),
        ['in', 'out', 'in', 'out'],
      );
      assert.match(JSON.stringify(conversation[3]?.message), /Thank you, Anna Beispiel! We have read \\"Are you there/);
      const withEmployee = await written('50101 grWhatsApp');
      assert.ok(withEmployee.some(({ side }) => side === 'in'));
      assert.ok(withEmployee.every(({ fromApp }) => fromApp === null));
    });

    it('ends on Ctrl-C, sooner than in the 15 s that Node-RED gives each node to close', async () => {
      const interrupted = Date.now();
      demo.child.kill('SIGINT');
      assert.deepEqual(await demo.ended, [0, null]);
      assert.ok(Date.now() - interrupted < 15_000);
      await assert.rejects(fetch(editor));
      await assert.rejects(fetch(simulator));
    });

    /** Resolves when the editor was sent all that is `wanted`, as `read` finds it in what it is sent. */
    async function seen(wanted: readonly string[], read: (topic: string, data: JsonRecord) => unknown): Promise<void> {
      const missing = new Set<unknown>(wanted);
      for (let count = 0; missing.size > 0; count++) {
        while (count === sent.length) await once(changes, 'change');
        const { topic, data } = sent[count] ?? assert.fail();
        missing.delete(read(topic, data));
      }
    }
  });

  it('ends when the shell ends in which npm runs it', async function () {
    if (isWindows) return this.skip();
    const shell = run('sh', ['-c', `${COMMAND}; true`], {});
    await shell.printed(/Ctrl-C stops both/);
    const { editor, simulator } = addresses(shell.output());
    shell.child.kill('SIGTERM');
    // The demo has the shell's pipes as well: they are closed when both are gone.
    await shell.ended;
    await assert.rejects(fetch(editor));
    await assert.rejects(fetch(simulator));
  });

  it('ends when the npm is killed that has started it in a shell', async function () {
    if (isWindows) return this.skip();
    const npm = run('sh', ['-c', `sh -c "${COMMAND}; true"; true`], { npm_lifecycle_event: 'start' });
    await npm.printed(/Starting Node-RED/);
    npm.child.kill('SIGKILL');
    await npm.ended;
  });

  it('keeps a flow that someone has changed, says why Node-RED has died, and fails then', async function () {
    if (isWindows) return this.skip();
    const place = { z: 'tab', x: 100, y: 100 };
    const flow = [
      { id: 'tab', type: 'tab', label: 'A flow of my own' },
      { id: 'once', type: 'inject', ...place, props: [], repeat: '', once: true, onceDelay: 0.1, wires: [['end']] },
      {
        id: 'end',
        type: 'exec',
        ...place,
        command: 'kill -9 $PPID',
        addpay: '',
        useSpawn: 'false',
        wires: [[], [], []],
      },
    ];
    const own = join(folder, 'changed');
    await mkdir(own);
    await writeFile(join(own, 'flows.json'), JSON.stringify(flow));
    const demo = run(process.execPath, MAIN, { DEMO_FOLDER: own });
    assert.deepEqual(await demo.ended, [1, null]);
    assert.match(demo.output(), /Node-RED has ended \(SIGKILL\)|Node-RED did not start: SIGKILL/);
    assert.match(demo.output(), /Started flows/);
  });

  it('does not start where a port is no number', async () => {
    const demo = run(process.execPath, MAIN, { PORT: 'eighteen' });
    assert.deepEqual(await demo.ended, [1, null]);
    assert.match(demo.output(), /PORT is "eighteen"/);
  });

  function run(command: string, args: readonly string[], variables: Readonly<Record<string, string>>): DemoRun {
    const demo = startDemo(command, args, { DEMO_FOLDER: folder, ...variables });
    started.push(demo.child);
    return demo;
  }

  /** Takes a port on an address, and gives the port. */
  async function squat(address: string): Promise<string> {
    const server = createServer();
    squatters.push(server);
    server.listen(0, address);
    await once(server, 'listening');
    const bound = server.address();
    assert.ok(typeof bound === 'object' && bound !== null);
    return String(bound.port);
  }
});
