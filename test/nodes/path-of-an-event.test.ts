import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import connectionNode from '../../nodes/chatapp-connection/chatapp-connection';
import messengerNode from '../../nodes/chatapp-messenger/chatapp-messenger';
import { fileOfNodeRed } from '../../scripts/demo/which-node-red';
import { startSimulator, type Simulator } from '../../simulator';
import { channelName, sampleEnvelope } from '../../src/events';
import { deploy } from '../support/flow';

const ROOT = resolve(__dirname, '../..');
const LINE = { type: 'messenger', licenseId: '50101', messengerType: 'telegram' } as const;

/** What a reader has to follow from the socket to the flow. */
const MAX_FUNCTIONS = 9;
const MAX_FILES = 6;

describe('the path of an event from the socket to node.send', () => {
  let simulator: Simulator;
  let userDir: string;
  before(async () => {
    simulator = await startSimulator();
    userDir = mkdtempSync(join(tmpdir(), 'chatapp-path-'));
    helper.init(fileOfNodeRed('node-red'), { userDir });
    await helper.startServer();
  });
  after(async () => {
    await deploy([], 'nodes');
    await helper.unload();
    await helper.stopServer();
    await simulator.close();
    rmSync(userDir, { recursive: true, force: true, maxRetries: 5 });
  });

  it(`takes at most ${MAX_FUNCTIONS} functions in at most ${MAX_FILES} files`, async () => {
    const { url, socketUrl, account } = simulator;
    const { email, password, appId } = account;
    const flow = [
      { id: 'connection', type: 'chatapp-connection', auth: 'account', apiUrl: url, socketUrl },
      { ...LINE, id: 'messenger', type: 'chatapp-messenger', connection: 'connection', z: 'tab', wires: [[]] },
      { id: 'tab', type: 'tab' },
    ];
    await helper.load([connectionNode, messengerNode], flow, { connection: { email, password, appId } });
    await simulator.until(() => simulator.subscriptions(channelName(LINE)) > 0);
    const node = helper.getNode('messenger');
    assert.ok(node);
    const path = pathTo(node);
    const { data, meta } = sampleEnvelope('message', LINE);
    simulator.announce(channelName(LINE), 'message', { data, meta: { ...meta } });
    const functions = await path;
    const files = new Set(functions.map(({ file }) => file));
    const text = functions.map(({ name, file }) => `${file}: ${name}`).join('\n');
    assert.deepEqual(
      [functions[0]?.file, functions.at(-1)?.file],
      ['src/socket/gate.ts', 'nodes/shared/listener-node.ts'],
    );
    assert.ok(
      functions.length <= MAX_FUNCTIONS && files.size <= MAX_FILES,
      `${functions.length} in ${files.size}:\n${text}`,
    );
  });
});

interface Call {
  readonly name: string;
  readonly file: string;
}

/** The first time that the node sends: our functions that are being called, the outermost first. */
function pathTo(node: Node): Promise<Call[]> {
  return new Promise((done) => {
    Object.assign(node, { send: () => done(callsOfOurs()) });
  });
}

function callsOfOurs(): Call[] {
  const limit = Error.stackTraceLimit;
  const prepare: unknown = Reflect.get(Error, 'prepareStackTrace');
  const calls: Call[] = [];
  Error.stackTraceLimit = Infinity;
  Error.prepareStackTrace = (_error, sites) => {
    for (const site of sites) {
      calls.push({ name: site.getFunctionName() ?? 'anonymous', file: relative(ROOT, site.getFileName() ?? '') });
    }
  };
  void new Error('for its stack').stack;
  Object.assign(Error, { stackTraceLimit: limit, prepareStackTrace: prepare });
  return calls.filter(({ file }) => /^(src|nodes)\b/.test(file)).reverse();
}
