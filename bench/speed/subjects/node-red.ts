import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackage, startNodeRed } from '../../../scripts/demo/node-red';
import { isRecord, parseJson } from '../../../simulator/json';
import { channelName } from '../../../src/events';
import { BUILT } from '../build';
import { BEGIN, END } from '../generator/frames';
import { lineAddress } from '../generator/orders';
import { readRun, REPORTED } from './names';
import type { Subject, SubjectSettings } from './subject';

export type NodeRedSubjectName = 'node' | 'pusher-js node' | 'drawn by hand';

/** A real Node-RED whose flow counts what comes out of the nodes under test. */
export async function startNodeRedSubject(name: NodeRedSubjectName, settings: SubjectSettings): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-bench-'));
  await linkPackage(folder);
  await linkBenchNodes(folder);
  await writeFile(join(folder, 'flows.json'), JSON.stringify(FLOWS[name](settings)));
  await writeFile(join(folder, 'flows_cred.json'), JSON.stringify({ chatapp: { accessToken: 'of the bench' } }));
  const reported = new EventEmitter();
  const process = await startNodeRed({
    folder,
    port: 0,
    onLine: (line) => {
      const [, json] = line.split(REPORTED);
      if (json !== undefined) reported.emit('reported', parseJson(json));
    },
  });
  const messageFrom = async <T>(read: (value: unknown) => T | undefined): Promise<T> => {
    for (;;) {
      const values: unknown[] = await once(reported, 'reported');
      const found = read(values[0]);
      if (found !== undefined) return found;
    }
  };
  return {
    nextRun: () => messageFrom(readRun),
    heap: async () => {
      const heap = messageFrom((value) => (isRecord(value) && typeof value.heap === 'number' ? value.heap : undefined));
      await fetch(`${process.url}/bench/heap`, { method: 'POST' });
      return heap;
    },
    profile: async (during) => {
      await fetch(`${process.url}/bench/profile/begin`, { method: 'POST' });
      await during();
      const answer = await fetch(`${process.url}/bench/profile/end`, { method: 'POST' });
      return parseJson(await answer.text());
    },
    stop: async () => {
      await process.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const SINK = { id: 'sink', type: 'bench-sink', z: 'tab', x: 500, y: 100, wires: [] };
const TAB = { id: 'tab', type: 'tab', label: 'bench' };

const FLOWS: Record<NodeRedSubjectName, (settings: SubjectSettings) => object[]> = {
  node: ({ url, lines, wants }) => [
    TAB,
    SINK,
    {
      id: 'chatapp',
      type: 'chatapp-connection',
      auth: 'token',
      apiUrl: url,
      socketUrl: url.replace('http', 'ws'),
      appKey: 'ChatsAppApiProdKey',
      recover: false,
    },
    ...Array.from({ length: lines }, (_, line) => ({
      id: `line-${line}`,
      type: 'chatapp-messenger',
      z: 'tab',
      x: 100,
      y: 100,
      connection: 'chatapp',
      licenseId: lineAddress(line).licenseId,
      messengerType: lineAddress(line).messengerType,
      events: wants === 'all' ? [] : [BEGIN, END],
      wires: [['sink']],
    })),
  ],
  'pusher-js node': ({ url }) => [
    TAB,
    SINK,
    { id: 'pusher', type: 'bench-pusher', z: 'tab', x: 100, y: 100, url, wires: [['sink']] },
  ],
  'drawn by hand': ({ url }) => [
    TAB,
    SINK,
    {
      id: 'address',
      type: 'websocket-client',
      path: `${url.replace('http', 'ws')}/app/ChatsAppApiProdKey`,
      wholemsg: 'false',
    },
    { id: 'in', type: 'websocket in', z: 'tab', x: 100, y: 100, client: 'address', wires: [['json']] },
    { id: 'json', type: 'json', z: 'tab', x: 200, y: 100, property: 'payload', action: 'obj', wires: [['speak']] },
    {
      id: 'speak',
      type: 'function',
      z: 'tab',
      x: 300,
      y: 100,
      outputs: 2,
      func: DRAWN_BY_HAND,
      wires: [['sink'], ['out']],
    },
    { id: 'out', type: 'websocket out', z: 'tab', x: 500, y: 200, client: 'address', wires: [] },
  ],
};

/** What a user would write who speaks the protocol without a library: no pings, no outages, no second chance. */
const DRAWN_BY_HAND = `
const frame = msg.payload;
if (frame.event === 'pusher:connection_established') {
    const data = { channel: '${channelName(lineAddress(0))}', auth: 'key:signature' };
    return [null, { payload: JSON.stringify({ event: 'pusher:subscribe', data }) }];
}
if (frame.event.startsWith('pusher')) return null;
const data = JSON.parse(frame.data);
const envelope = data.payload || data;
return [envelope.data.map((item) => ({ topic: frame.event, payload: item })), null];
`;

/** Makes the bench's own nodes known beside the package. */
async function linkBenchNodes(folder: string): Promise<void> {
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await symlink(BUILT.nodes, join(folder, 'node_modules', 'bench-nodes'), 'junction');
  const file = join(folder, 'package.json');
  const manifest = parseJson(await readFile(file, 'utf8'));
  if (!isRecord(manifest) || !isRecord(manifest.dependencies)) throw new Error('There is no package.json');
  const dependencies = { ...manifest.dependencies, 'bench-nodes': `file:${BUILT.nodes}` };
  await writeFile(file, JSON.stringify({ ...manifest, dependencies }));
}
