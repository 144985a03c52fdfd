import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { natsProgram } from '../../scripts/demo/nats-server';
import { linkPackage, startNodeRed } from '../../scripts/demo/node-red';
import { entriesOf } from '../../scripts/example-flows';
import { startSimulator } from '../../simulator';
import { DEFAULT_API_URL, DEFAULT_SOCKET_URL } from '../../src';
import { HttpStub } from '../support/http-stub';
import { startNats } from '../support/nats';
import { codeBlocks, document } from './documents';
import { ALONE, container, fileText, FOLDER, namesIn, ON_TOP, service } from './scaling-files';

const page = document('docs/scaling.md');
/** What nats-server may be started with. */
const FLAGS = ['config', 'name', 'cluster_name', 'cluster', 'routes'];

describe('the files for several Node-REDs, where NATS is installed', () => {
  let program = '';
  let folder = '';

  before(async function () {
    const found = natsProgram();
    if (found === undefined) {
      console.log('      skipped: nats-server is not installed (apt-get install nats-server)');
      return this.skip();
    }
    program = found;
    folder = await mkdtemp(join(tmpdir(), 'chatapp-scaling-'));
  });

  after(() => (folder === '' ? undefined : rm(folder, { recursive: true, force: true })));

  it('have a configuration that it takes, and start it with flags that it knows', () => {
    takes(join(FOLDER, 'nats.conf'));
    const known = spawnSync(program, ['--help'], { encoding: 'utf8' }).stdout;
    const commands = [
      service(ALONE, 'nats-1').command,
      service(ON_TOP, 'nats-2').command,
      container('StatefulSet').args,
    ];
    const flags = commands.flatMap(entriesOf).flatMap((word) => /^--(\w+)/.exec(String(word))?.[1] ?? []);
    assert.deepEqual([...new Set(flags)].sort(), [...FLAGS].sort());
    for (const flag of flags) assert.match(known, new RegExp(`--${flag === 'name' ? 'server_name' : flag}\\b`));
  });

  it('have neighbours in the page that it takes as well', async () => {
    const [block = '', ...others] = codeBlocks(page, 'conf');
    assert.deepEqual(others, []);
    const file = join(folder, 'accounts.conf');
    await writeFile(file, block);
    takes(file);
  });

  it('have a flow that runs as it is, out of the environment that they give it', async () => {
    const ends: (() => Promise<unknown>)[] = [];
    try {
      const nats = await startNats({ settings: 'authorization { users: [{ user: flows, password: notasecret1 }] }' });
      assert.ok(nats);
      ends.unshift(() => nats.end());
      const api = await HttpStub.start();
      ends.unshift(() => api.down());
      const simulator = await startSimulator();
      ends.unshift(() => simulator.close());
      const { url, socketUrl, account } = simulator;
      const flow = fileText('flows.json').replace(DEFAULT_API_URL, url).replace(DEFAULT_SOCKET_URL, socketUrl);
      await writeFile(join(folder, 'flows.json'), flow);
      await copyFile(join(FOLDER, 'flows_cred.json'), join(folder, 'flows_cred.json'));
      await linkPackage(folder);
      const environment = {
        CHATAPP_EMAIL: account.email,
        CHATAPP_PASSWORD: account.password,
        CHATAPP_APP_ID: account.appId,
        NATS_SERVERS: nats.servers.join(',').replaceAll('nats://', ''),
        NATS_REPLICAS: '1',
        NATS_USER: 'flows',
        NATS_PASSWORD: 'notasecret1',
        WORK_URL: api.url,
      };
      assert.deepEqual(Object.keys(environment).sort(), namesIn(fileText('compose.yaml') + flow));
      const nodeRed = await startNodeRed({ folder, port: 0, environment });
      ends.unshift(() => nodeRed.stop());
      const line = { licenseId: '50101', messengerType: 'telegram' };
      while (api.requests.length === 0) {
        simulator.message({ ...line, text: 'hello' });
        await pause(500);
      }
      assert.match(api.requests[0]?.body ?? '', /hello/);
      assert.equal(await readFile(join(folder, 'flows.json'), 'utf8'), flow);
    } finally {
      for (const end of ends) await end();
    }
  });

  function takes(file: string): void {
    const names = [...readFileSync(file, 'utf8').matchAll(/\$([A-Z_]+)/g)].map(([, name = '']) => name);
    assert.ok(names.length > 0);
    const env = { ...process.env, ...Object.fromEntries(names.map((name) => [name, `a${name.toLowerCase()}`])) };
    const { stderr } = spawnSync(program, ['-t', '-c', file], { env, encoding: 'utf8' });
    assert.match(stderr, /is valid/);
  }
});
