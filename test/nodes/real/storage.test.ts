import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackage, startNodeRed, type NodeRedProcess } from '../../../scripts/demo/node-red';
import { startSimulator, type Simulator } from '../../../simulator';
import { connectionTo, debugNode, LEAN_SETTINGS, watchEditor } from '../../support/node-red-child';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

describe('what a real Node-RED stores', function () {
  this.timeout(120_000);
  let simulator: Simulator;
  let folder: string;
  let lines: string[];
  const running: NodeRedProcess[] = [];

  beforeEach(async () => {
    simulator = await startSimulator();
    folder = await mkdtemp(join(tmpdir(), 'chatapp-storage-'));
    lines = [];
    await linkPackage(folder);
    await writeFile(join(folder, 'flows.json'), '[]');
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((nodeRed) => nodeRed.stop()));
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (): Promise<NodeRedProcess> => {
    const nodeRed = await startNodeRed({
      folder,
      port: 0,
      settings: LEAN_SETTINGS,
      onLine: (line) => lines.push(line),
    });
    running.push(nodeRed);
    return nodeRed;
  };
  const deploy = async ({ url }: NodeRedProcess, hasCatch = false): Promise<void> => {
    const headers = { 'content-type': 'application/json', 'node-red-deployment-type': 'full' };
    const body = JSON.stringify([
      { id: 'tab', type: 'tab', label: 'test' },
      connectionTo(simulator, 'one'),
      { id: 'receives', type: 'chatapp-messenger', z: 'tab', x: 1, y: 1, connection: 'one', ...LINE, wires: [[]] },
      // What is caught is not in the log.
      ...(hasCatch ? [{ id: 'catches', type: 'catch', z: 'tab', x: 1, y: 2, scope: null, wires: [['shows']] }] : []),
      { ...debugNode('shows', 'tab'), x: 1, y: 3 },
    ]);
    const answer = await fetch(`${url}/flows`, { method: 'POST', headers, body });
    assert.equal(answer.status, 204, await answer.text());
    await listening();
  };
  const listening = (): Promise<void> => simulator.until((it) => it.subscriptions(CHANNEL) > 0, 30_000);
  const logins = (): number => simulator.requestsTo('/v1/tokens').length;
  const store = join('chatapp', 'log');
  const stored = async (): Promise<string> => {
    const names = (await readdir(join(folder, store))).filter((name) => name.endsWith('.log'));
    const contents = await Promise.all(names.map((name) => readFile(join(folder, store, name), 'latin1')));
    return contents.join('');
  };

  it('lets it start again without a new login, also after it was killed', async () => {
    const first = await start();
    await deploy(first);
    assert.equal(logins(), 1);
    assert.match(await stored(), /"kind":"text","name":"tokens-/);
    process.kill(first.pid ?? 0, 'SIGKILL');
    await simulator.until((it) => it.subscriptions(CHANNEL) === 0, 30_000);
    await start();
    await listening();
    assert.equal(logins(), 1);
  });

  it('is kept in memory while the folder is a file, is reported, and is stored when it can be', async () => {
    await writeFile(join(folder, 'chatapp'), 'not a folder');
    const nodeRed = await start();
    const shown: string[] = [];
    const statuses: string[] = [];
    const editor = await watchEditor(nodeRed.url, (topic, data) => {
      if (topic === 'debug') shown.push(JSON.stringify(data));
      if (topic === 'status/receives') statuses.push(String(data.text));
    });
    try {
      await deploy(nodeRed, true);
      await until(() => shown.some((text) => text.includes('STORE_FAILED')) && statuses.includes('nothing is stored'));
      await rm(join(folder, 'chatapp'));
      // The next try comes within 30 s.
      await until(() => statuses.at(-1) === 'listening');
      assert.equal(shown.filter((text) => text.includes('STORE_FAILED')).length, 1);
      while (!(await stored()).includes(`"name":"tokens-`)) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(logins(), 1);
    } finally {
      editor.terminate();
    }
  });

  it('belongs to the Node-RED that was started last with the same user directory', async () => {
    const former = await start();
    await deploy(former);
    await start();
    await simulator.until((it) => it.subscriptions(CHANNEL) === 2, 30_000);
    simulator.expireAccessToken();
    simulator.dropAll();
    await until(() => lines.some((line) => line.includes('another Node-RED uses the same user directory')));
    await simulator.until((it) => it.subscriptions(CHANNEL) === 2, 30_000);
    assert.equal(lines.filter((line) => line.includes('another Node-RED uses')).length, 1);
  });

  /** Rejects after 60 s. */
  async function until(predicate: () => boolean): Promise<void> {
    const limit = AbortSignal.timeout(60_000);
    while (!predicate()) {
      if (limit.aborted) throw new Error(lines.slice(-15).join('\n'));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});
