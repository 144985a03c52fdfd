import { createConnection } from '../../../src/connection';
import { systemClock, type Clock } from '../../../src/clock';
import { fileStore, memoryStore } from '../../../src/store';
import { numberIn } from '../numbers';
import type { ClientSettings, Tell } from './settings';

/** Waits shorter than this stay as they are, in ms. */
const LONG = 60_000;

/** Our own client, on every line of the account. The result ends it. */
export function listenAsOurs({ tuning, ...settings }: ClientSettings, tell: Tell): () => Promise<void> {
  const { url, socketUrl, appKey, email, password, appId } = settings;
  const { pingEvery, pongWithin, folder, hurry = 1 } = tuning;
  const store = folder === undefined ? memoryStore() : fileStore(folder);
  const connection = createConnection({
    id: 'bench',
    store,
    apiUrl: url,
    socketUrl,
    appKey,
    credentials: { kind: 'account', email, password, appId },
    clock: hurried(hurry),
    ...(pingEvery !== undefined && { pingEvery }),
    ...(pongWithin !== undefined && { pongWithin }),
    onError: ({ code }) => tell({ kind: 'error', code }),
  });
  const stop = connection.listen({
    id: 'listener',
    channel: { type: 'messenger' },
    events: [],
    direction: 'any',
    onItem: ({ event, item }) => {
      const number = numberIn(event, item);
      if (number !== undefined) tell({ kind: 'came', number, at: Date.now() });
    },
    onStatus: ({ kind }) => tell({ kind: 'state', isUp: kind === 'listening' }),
    onError: ({ code }) => tell({ kind: 'error', code }),
  });
  return async () => {
    stop();
    await connection.close();
  };
}

function hurried(times: number): Clock {
  return { ...systemClock, after: (delay, run) => systemClock.after(delay < LONG ? delay : delay / times, run) };
}
