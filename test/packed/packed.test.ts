import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startSimulator, type Simulator } from '../../simulator';
import { channelName, sampleEnvelope, type ChannelAddress, type EventName } from '../../src/events';
import { isRecord, parseJson, type JsonRecord } from '../../src/events/json';
import { connectionTo, debugNode, startNodeRedChild, type NodeRedChild } from '../support/node-red-child';

const ROOT = join(__dirname, '../..');
const PACKAGE = '@chatapp-community/node-red-chatapp';
const MAX_BYTES = 400_000;
const MAX_PACKAGES = 12;

const LINE = { type: 'messenger', licenseId: '50101', messengerType: 'grWhatsApp' } as const;
const COMPANY = { type: 'company', companyId: '3001' } as const;
const USER = { type: 'user', userId: '7001' } as const;
const EMPLOYEE = { type: 'employee', companyId: '3001', userId: '7001' } as const;

describe('the package as it is published', () => {
  let folder: string;
  let manifest: JsonRecord;
  let tarball: JsonRecord;
  let simulator: Simulator;
  let nodeRed: NodeRedChild;
  const ends: (() => Promise<void>)[] = [];

  before(async () => {
    manifest = asRecord(parseJson(await readFile(join(ROOT, 'package.json'), 'utf8')));
    folder = await mkdtemp(join(tmpdir(), 'chatapp-packed-'));
    ends.unshift(() => rm(folder, { recursive: true, force: true }));
    // The build is made before the tests: here it would pull dist away from under those that run beside this one.
    const [packed] = asArray(
      parseJson(await npm(ROOT, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder)),
    );
    tarball = asRecord(packed);
    const file = join(folder, String(tarball.filename));
    await npm(folder, 'install', '--prefix', folder, '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', file);
    simulator = await startSimulator();
    ends.unshift(() => simulator.close());
    nodeRed = await startNodeRedChild(folder);
    ends.unshift(() => nodeRed.stop());
    const listener = { z: 'tab', connection: 'simulator', wires: [['shown']] };
    await nodeRed.deploy([
      { id: 'tab', type: 'tab', label: 'Flow' },
      connectionTo(simulator, 'simulator'),
      { ...listener, id: 'messenger', ...LINE, type: 'chatapp-messenger' },
      { ...listener, id: 'company', ...COMPANY, type: 'chatapp-company' },
      { ...listener, id: 'user', ...USER, type: 'chatapp-user' },
      { ...listener, id: 'employee', ...EMPLOYEE, type: 'chatapp-employee' },
      debugNode('shown', 'tab'),
    ]);
    await nodeRed.untilListening('messenger', 'company', 'user', 'employee');
  });

  after(async () => {
    for (const end of ends) await end();
  });

  it('holds what users need and nothing else', () => {
    const paths = asArray(tarball.files).map((file) => String(asRecord(file).path));
    const allowed =
      /^(dist\/.+|examples\/.+\.json|resources\/(editor\.js|.+\.d\.ts)|README(\.[\w-]+)?\.md|LICENSE|SECURITY\.md|package\.json)$/;
    assert.deepEqual(
      paths.filter((path) => !allowed.test(path)),
      [],
    );
    assert.deepEqual(
      paths.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts')),
      [],
    );
    assert.ok(paths.includes('dist/src/index.d.ts') && paths.includes('SECURITY.md'));
    assert.ok(Number(tarball.size) < MAX_BYTES, `${String(tarball.size)} bytes`);
  });

  it('holds no script that nothing loads', async () => {
    const own = join(folder, 'node_modules', PACKAGE);
    const entries = [manifest.main, ...Object.values(asRecord(asRecord(manifest['node-red']).nodes))];
    const loaded = new Set(entries.map((path) => join(own, String(path))));
    // A set that grows while it is walked through is walked through to its end.
    for (const file of loaded) {
      const script = await readFile(file, 'utf8');
      for (const [, path = ''] of script.matchAll(/(?:require|import)\(\s*["'](\.[^"']+)["']\s*\)/g)) {
        loaded.add(createRequire(file).resolve(path));
      }
    }
    const scripts = asArray(tarball.files).map((file) => join(own, String(asRecord(file).path)));
    assert.deepEqual(
      scripts.filter((file) => /[\\/]dist[\\/].*\.js$/.test(file) && !loaded.has(file)),
      [],
    );
  });

  it('gives its exports by name to programs that are ES modules, and to those that are not', async () => {
    const names = 'createConnection, channelName, ChatAppError, STATUS_KINDS';
    const show = `console.log([${names}].map((one) => typeof one).join())`;
    for (const [file, script] of [
      ['module.mjs', `import { ${names} } from '${PACKAGE}'; ${show}`],
      ['script.cjs', `const { ${names} } = require('${PACKAGE}'); ${show}`],
    ] as const) {
      await writeFile(join(folder, file), script);
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, file)]);
      assert.equal(stdout.trim(), 'function,function,function,object', file);
    }
  });

  it('brings few other packages along, and none that only developers need', async () => {
    const lock = asRecord(parseJson(await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8')));
    const installed = Object.keys(asRecord(lock.packages)).map((path) => path.replace(/^.*node_modules\//, ''));
    assert.ok(installed.includes(PACKAGE));
    assert.ok(installed.length <= MAX_PACKAGES, installed.join(', '));
    const forDevelopers = Object.keys(asRecord(manifest.devDependencies));
    assert.deepEqual(
      installed.filter((name) => forDevelopers.includes(name)),
      [],
    );
  });

  it('gives Node-RED all of its nodes, without an error', async () => {
    const sets = asArray(await nodeRed.get('/nodes')).map(asRecord);
    const own = sets.filter((set) => set.module === PACKAGE);
    assert.deepEqual(
      own.flatMap(({ types }) => types).sort(),
      Object.keys(asRecord(asRecord(manifest['node-red']).nodes)).sort(),
    );
    for (const set of own) {
      assert.deepEqual(
        { err: set.err, enabled: set.enabled, version: set.version },
        { err: undefined, enabled: true, version: manifest.version },
      );
    }
  });

  it('turns an event on a messenger channel into a message', async () => {
    const item = simulator.message({ ...LINE, text: 'Ещё букет? 🌷 "да"' });
    const ids = { licenseId: '50101', messengerType: 'grWhatsApp', chatId: item.chat.id, messageId: item.id };
    const meta = { type: 'message', licenseId: '50101', messengerType: 'grWhatsApp' };
    const fields = {
      ...{ chatKey: `50101/grWhatsApp/${item.chat.id}`, text: 'Ещё букет? 🌷 "да"', direction: 'in' },
      ...{ isGroup: false, isEdited: false, time: new Date(item.time * 1_000).toISOString() },
      from: { name: item.chat.name, title: item.chat.name, phone: '+77000000001', username: item.chat.username },
    };
    await arrives(LINE, 'message', item, { ...ids, ...fields, meta });
  });

  it('turns an event on a company channel into a message', async () => {
    await announced(COMPANY, 'employeeStatus', { companyId: '3001' });
  });

  it('turns an event on a user channel into a message', async () => {
    await announced(USER, 'quickResponse', { userId: '7001' });
  });

  it('turns an event on an employee channel into a message', async () => {
    const ids = { companyId: '3001', userId: '7001', licenseId: '50718', messengerType: 'grWhatsApp' };
    const from = { title: '+77000000001', phone: '+77000000001' };
    const chatKey = '50718/grWhatsApp/77000000001@c.us';
    await announced(EMPLOYEE, 'chatTag', { ...ids, chatId: '77000000001@c.us', chatKey, from, isGroup: false });
  });

  async function announced(address: ChannelAddress, event: EventName, ids: JsonRecord): Promise<void> {
    const { data, meta } = sampleEnvelope(event, address);
    simulator.announce(channelName(address), event, { data, meta: { ...meta } });
    await arrives(address, event, data[0], { ...ids, meta });
  }

  /** Waits for the message of the only item of an event and compares all of it. */
  async function arrives(address: ChannelAddress, event: EventName, item: unknown, rest: JsonRecord): Promise<void> {
    const found = (): unknown => nodeRed.shownBy('shown').find((message) => asRecord(message).topic === event);
    await nodeRed.until(event, () => found() !== undefined);
    const { _msgid, chatapp, ...message } = asRecord(found());
    // The names come from the account's list, which nobody waits for.
    const {
      receivedAt,
      lineName: _line,
      messengerName: _messenger,
      connectionName: _name,
      ...reported
    } = asRecord(chatapp);
    assert.equal(typeof _msgid, 'string');
    assert.deepEqual(message, { topic: event, payload: item });
    assert.deepEqual(reported, { event, channel: channelName(address), recovered: false, attempt: 1, ...rest });
    assert.ok(typeof receivedAt === 'number' && Math.abs(Date.now() - receivedAt) < 10_000);
  }
});

/** What npm prints. It runs as if nobody had started it from a script of this package. */
async function npm(folder: string, ...args: readonly string[]): Promise<string> {
  const { npm_config_local_prefix: _prefix, ...env } = process.env;
  const options = { cwd: folder, env, shell: process.platform === 'win32' };
  const { stdout } = await promisify(execFile)('npm', args, options);
  return stdout;
}

function asRecord(value: unknown): JsonRecord {
  assert.ok(isRecord(value));
  return value;
}

function asArray(value: unknown): unknown[] {
  assert.ok(Array.isArray(value));
  return value;
}
