import Pusher from 'pusher-js';
import { parseJson } from '../../simulator/json';
import { createConnection } from '../../src/connection';
import { type ClientSettings, readSettings } from '../faults/clients/settings';

/** So many rounds before the first look: what is kept once is no leak. */
const WARM_UP = 50;

void main(readSettings(parseJson(process.argv[2] ?? '')), Number(process.argv[3]));

async function main(settings: ClientSettings, rounds: number): Promise<void> {
  for (let round = 0; round < WARM_UP; round += 1) await openAndClose(settings);
  const before = await heap();
  for (let round = 0; round < rounds; round += 1) await openAndClose(settings);
  const after = await heap();
  process.send?.({ grown: after - before, instances: Pusher.instances.length, resources: resources() });
  process.disconnect();
}

/** One connection's life: it is made, listened to, listening, and closed. */
async function openAndClose({ url, socketUrl, appKey, email, password, appId }: ClientSettings): Promise<void> {
  const connection = createConnection({
    apiUrl: url,
    socketUrl,
    appKey,
    credentials: { kind: 'account', email, password, appId },
    onError: fail,
  });
  let stop: () => void = () => undefined;
  await new Promise<void>((resolve) => {
    stop = connection.listen({
      channel: { type: 'messenger', licenseId: '50101', messengerType: 'telegram' },
      events: [],
      direction: 'any',
      onItem: () => undefined,
      onStatus: ({ kind }) => kind === 'listening' && resolve(),
      onError: fail,
    });
  });
  stop();
  await connection.close();
}

function fail(error: Error): never {
  throw error;
}

/** In bytes, when everything has had its turn to end. */
async function heap(): Promise<number> {
  for (let turns = 0; turns < 5; turns += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

/** What keeps this process alive, less its way to its parent. */
function resources(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => resource !== 'PipeWrap');
}
