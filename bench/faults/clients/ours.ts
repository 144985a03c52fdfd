import { createConnection } from '../../../src/connection';
import { systemClock, type Clock } from '../../../src/clock';
import { ChatAppError } from '../../../src/errors';
import type { Status, StatusKind } from '../../../src/status';
import { openStore } from '../../../src/storage/stored-texts';
import { numberIn } from '../numbers';
import { startWebhookServer } from './webhook-server';
import type { ClientSettings, SentText, Letters, Tell } from './settings';

/** Statuses of a listener to which events come, by whatever way. */
const UP: readonly string[] = ['listening', 'webhookOnly', 'socketOnly'] satisfies readonly StatusKind[];
/** Waits shorter than this stay as they are, in ms. */
const LONG = 60_000;

/** Our own client at work. */
export interface OurClient {
  /** Sends texts, all at once, and tells what became of each. */
  send(letters: Letters): Promise<void>;
  stop(): Promise<void>;
}

/** Our own client, on every line of the account. */
export function listenAsOurs(
  { tuning, ...settings }: ClientSettings,
  tell: Tell,
  clock: Clock = systemClock,
): OurClient {
  const { url, socketUrl, appKey, email, password, appId } = settings;
  const { pingEvery, pongWithin, folder, hurry = 1, receive, callbackPort = 0 } = tuning;
  const store = folder === undefined ? undefined : openStore(folder);
  const connection = createConnection({
    id: 'bench',
    ...(store && { store }),
    apiUrl: url,
    socketUrl,
    appKey,
    credentials: { kind: 'account', email, password, appId },
    clock: hurried(clock, hurry),
    ...(receive && { receive, callbackUrl: `http://127.0.0.1:${callbackPort}` }),
    ...(pingEvery !== undefined && { pingEvery }),
    ...(pongWithin !== undefined && { pongWithin }),
    onError: ({ code }) => tell({ kind: 'error', code }),
  });
  const webhookServer = connection.webhook && startWebhookServer(callbackPort, connection.webhook);
  const stop = connection.listen({
    id: 'listener',
    channel: { type: 'messenger' },
    events: [],
    direction: 'any',
    onItem: ({ event, item }) => {
      const number = numberIn(event, item);
      if (number !== undefined) tell({ kind: 'came', number, at: Date.now() });
    },
    onStatus: (status) => tell({ kind: 'state', isUp: isUp(status) }),
    onError: ({ code }) => tell({ kind: 'error', code }),
  });
  return {
    async send({ texts, ...chat }) {
      const orders = texts.map((text) => connection.send({ chat, action: 'text', text, markdown: false }));
      const settled = await Promise.allSettled(orders);
      const sentTexts = settled.map((one, index) => ({ text: texts[index] ?? '', outcome: outcomeOf(one) }));
      tell({ kind: 'sent', sentTexts });
    },
    async stop() {
      stop();
      await connection.close();
      await store?.close();
      webhookServer?.close();
      webhookServer?.closeAllConnections();
    },
  };
}

/** True if all channels are received: what a channel missed before it was received for the first time is not its own. */
function isUp({ kind, channels }: Status): boolean {
  return UP.includes(kind) && channels?.listening === channels?.total;
}

function outcomeOf(sent: PromiseSettledResult<unknown>): SentText['outcome'] {
  if (sent.status === 'fulfilled') return 'taken';
  const reason: unknown = sent.reason;
  return reason instanceof ChatAppError && reason.code === 'SEND_UNCERTAIN' ? 'uncertain' : 'refused';
}

function hurried(clock: Clock, times: number): Clock {
  return { ...clock, after: (delay, run) => clock.after(delay < LONG ? delay : delay / times, run) };
}
