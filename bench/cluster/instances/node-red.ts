import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { linkPackage, startNodeRed } from '../../../scripts/demo/node-red';
import type { Launch } from './process';
import type { InstanceSettings } from './settings';

/** A real Node-RED, with a flow of ordinary nodes. An instance keeps its user directory when it restarts. */
export const launchNodeRed: Launch = async (settings, notes, instance) => {
  const folder = join(dirname(notes), `node-red-${instance}`);
  await mkdir(folder, { recursive: true });
  await linkPackage(folder);
  const { email, password, appId } = settings;
  await writeFile(join(folder, 'flows.json'), JSON.stringify(flowOf(settings, notes)));
  await writeFile(join(folder, 'flows_cred.json'), JSON.stringify({ chatapp: { email, password, appId } }));
  const nodeRed = await startNodeRed({ folder, port: 0 });
  return {
    gone: nodeRed.ended,
    kill: () => {
      if (nodeRed.pid !== undefined) process.kill(nodeRed.pid, 'SIGKILL');
    },
    stop: () => void nodeRed.stop(),
  };
};

/** One message at a time is written down, takes a while, is written down once more, and is done. */
function flowOf({ url, socketUrl, servers, replicas, handleMs }: InstanceSettings, notes: string): object[] {
  const place = { z: 'tab', x: 100, y: 100 };
  const file = { type: 'file', ...place, filename: notes, filenameType: 'str', appendNewline: true };
  const write = { ...file, createDir: false, overwriteFile: 'false', encoding: 'none' };
  const delay = { type: 'delay', ...place, timeoutUnits: 'milliseconds', nbRateUnits: '1', rateUnits: 'second' };
  return [
    { id: 'tab', type: 'tab', label: 'bench' },
    {
      id: 'chatapp',
      type: 'chatapp-connection',
      auth: 'account',
      apiUrl: url,
      socketUrl,
      cluster: servers.join(', '),
      replicas: String(replicas),
    },
    {
      id: 'listener',
      type: 'chatapp-messenger',
      ...place,
      connection: 'chatapp',
      events: ['message'],
      ack: 'done',
      wires: [['turn']],
    },
    { id: 'turn', ...delay, pauseType: 'rate', rate: String(1_000 / handleMs), drop: false, wires: [['took']] },
    { id: 'took', type: 'function', ...place, outputs: 1, func: TOOK, wires: [['write took']] },
    { id: 'write took', ...write, wires: [['work']] },
    { id: 'work', ...delay, pauseType: 'delay', timeout: String(handleMs), wires: [['did']] },
    { id: 'did', type: 'function', ...place, outputs: 1, func: DID, wires: [['write did']] },
    { id: 'write did', ...write, wires: [['done']] },
    { id: 'done', type: 'chatapp-done', ...place, wires: [] },
    { id: 'failure', type: 'catch', ...place, scope: null, wires: [['failed']] },
    { id: 'failed', type: 'function', ...place, outputs: 1, func: FAILED, wires: [['write failed']] },
    { id: 'write failed', ...write, wires: [[]] },
  ];
}

const TOOK = `
const [, digits] = /^№ (\\d+)$/.exec(msg.payload.message.text) || [];
msg.number = digits === undefined ? undefined : Number(digits);
const what = digits === undefined ? { kind: 'warm' } : { kind: 'took', number: msg.number, attempt: msg.chatapp.attempt, recovered: msg.chatapp.recovered };
msg.payload = JSON.stringify({ ...what, at: Date.now() });
return msg;
`;

const DID = `
const what = msg.number === undefined ? { kind: 'warm' } : { kind: 'did', number: msg.number };
msg.payload = JSON.stringify({ ...what, at: Date.now() });
return msg;
`;

const FAILED = `
return { payload: JSON.stringify({ kind: 'error', code: msg.error.code || 'unknown', at: Date.now() }) };
`;
