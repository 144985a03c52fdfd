import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { asNodes, entriesOf, examples } from '../../scripts/example-flows';
import { isRecord, parseJson, type JsonRecord } from '../../src/events/json';
import { watchEditor } from '../support/node-red-child';
import { addresses, MAIN, startDemo, type DemoRun } from './demo-run';

const isWindows = process.platform === 'win32';

describe('the demo', function () {
  this.timeout(40_000);
  let folder: string;
  const squatters: Server[] = [];
  const started: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatapp-demo-'));
  });

  afterEach(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    for (const squatter of squatters.splice(0)) squatter.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('passes over taken ports and says so, shows events of all channels, and ends on Ctrl-C', async function () {
    const onLoopback = await squat('127.0.0.1');
    // Taken on another address than ours, as by a server that listens on all.
    const elsewhere = process.platform === 'linux' ? await squat('127.0.0.2') : onLoopback;
    const demo = run(process.execPath, MAIN, { PORT: onLoopback, STAND_IN_PORT: elsewhere });
    await demo.printed(/Ctrl-C stops both/);
    assert.match(demo.output(), new RegExp(`Port ${onLoopback} is taken, so Node-RED gets \\d+`));
    assert.match(demo.output(), new RegExp(`Port ${elsewhere} is taken, so the stand-in gets \\d+`));
    const { editor, standIn } = addresses(demo.output());
    assert.match(await (await fetch(editor)).text(), /<title>Node-RED<\/title>/);
    assert.match(await (await fetch(standIn)).text(), /stand-in for ChatApp/);

    const wanted = ['message', 'messageStatus', 'chatTag', 'chatResponsible', 'employeeStatus', 'quickResponse'];
    const seen = new Set<unknown>();
    const allSeen = new Promise<void>((resolve) => {
      void watchEditor(editor.replace(/\/$/, ''), (topic, data) => {
        if (topic === 'debug') seen.add(data.topic);
        if (wanted.every((event) => seen.has(event))) resolve();
      });
    });
    await allSeen;

    const interrupted = Date.now();
    demo.child.kill('SIGINT');
    assert.deepEqual(await demo.ended, [0, null]);
    assert.ok(Date.now() - interrupted < 5_000);
    await assert.rejects(fetch(editor));
    await assert.rejects(fetch(standIn));
  });

  it('shows examples of the package at work, each on a tab that is made of the example itself', async () => {
    const demo = run(process.execPath, MAIN, {});
    await demo.printed(/Ctrl-C stops both/);
    const { editor } = addresses(demo.output());
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
    const seen = new Set<string>();
    await new Promise<void>((resolve) => {
      void watchEditor(editor.replace(/\/$/, ''), (topic, { text }) => {
        if (typeof text === 'string' && text !== '') seen.add(topic.replace('status/', ''));
        if (wanted.every((id) => seen.has(id))) resolve();
      });
    });
    const inbox = /http:\S+\/dashboard\/chatapp-inbox/.exec(demo.output())?.[0] ?? assert.fail('no page');
    assert.match(await (await fetch(inbox)).text(), /FlowFuse Dashboard/);
  });

  it("answers whoever writes on the stand-in's page, once each time, and leaves chats alone that an employee has", async () => {
    const demo = run(process.execPath, MAIN, {});
    await demo.printed(/Ctrl-C stops both/);
    const { standIn } = addresses(demo.output());
    const ask = async (path: string): Promise<unknown> => (await fetch(`${standIn}stand-in/${path}`)).json();
    const until = async (holds: () => Promise<boolean>): Promise<void> => {
      while (!(await holds())) await pause(50);
    };
    // Its authorisation would be among the news too, and before the line is heard nothing is answered.
    await until(async () => {
      const news = await ask('news');
      return isRecord(news) && JSON.stringify(news.listening).includes('50102.messengers.telegramBot');
    });
    const place = { licenseId: 50102, messengerType: 'telegramBot', chatId: '77000000001' };
    const write = async (text: string): Promise<void> => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ ...place, text });
      assert.ok((await fetch(`${standIn}stand-in/message`, { method: 'POST', headers, body })).ok);
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

  it('ends when the shell ends in which npm runs it', async function () {
    if (isWindows) return this.skip();
    const line = [process.execPath, ...MAIN].map((part) => `'${part}'`).join(' ');
    const shell = run('sh', ['-c', `${line}; true`], {});
    await shell.printed(/Ctrl-C stops both/);
    const { editor, standIn } = addresses(shell.output());
    shell.child.kill('SIGTERM');
    // The demo has the shell's pipes as well: they are closed when both are gone.
    await once(shell.child, 'close');
    await assert.rejects(fetch(editor));
    await assert.rejects(fetch(standIn));
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
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'flows.json'), JSON.stringify(flow));
    const demo = run(process.execPath, MAIN, {});
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
