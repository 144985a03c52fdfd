import { oneTimeFault, type Fault, lastingFault } from '../fault';
import { sending } from './sending';

const SERVER_ERROR = { status: 500, body: '' };

/** A few faults that are over in no time, for the tests that run at every change. */
export const SHORT_FAULTS: readonly Fault[] = [
  { name: 'drop', happen: oneTimeFault((it) => it.dropAll()) },
  { name: 'close 4200', happen: oneTimeFault((it) => it.dropAll(4200)) },
  { name: 'drop in the middle of a frame', happen: oneTimeFault((it) => it.faults.breakOff()) },
  {
    name: 'socket server refuses',
    happen: lastingFault(
      600,
      (it) => it.faults.down('socket'),
      (it) => it.faults.up(),
    ),
  },
  {
    name: 'dead peer',
    tuning: { pingEvery: 500, pongWithin: 1_000 },
    async happen({ simulator, untilClient }) {
      simulator.freeze();
      const isNoticed = await untilClient(false, 10_000);
      simulator.dropAll();
      simulator.thaw();
      return isNoticed ? 'noticed' : undefined;
    },
  },
  {
    name: 'authorisation and history fail',
    happen: lastingFault(
      700,
      (it) => {
        for (const part of ['authorisation', 'chats', 'messages'] as const) it.faults.answerWith(part, SERVER_ERROR);
        it.dropAll();
      },
      (it) => {
        for (const part of ['authorisation', 'chats', 'messages'] as const) it.faults.answerWith(part, undefined);
      },
    ),
  },
  {
    name: 'access token expires',
    happen: oneTimeFault((it) => {
      it.expireAccessToken();
      it.dropAll();
    }),
  },
  {
    name: 'each event three times',
    repeats: true,
    happen: lastingFault(
      500,
      (it) => it.faults.repeat(3),
      (it) => it.faults.repeat(1),
    ),
  },
  {
    name: 'socket server refuses, while webhooks come',
    tuning: { receive: 'both' },
    missesNothing: true,
    happen: lastingFault(
      600,
      (it) => it.faults.down('socket'),
      (it) => it.faults.up(),
    ),
  },
  {
    name: 'socket server refuses, while webhooks come late',
    tuning: { receive: 'both' },
    missesNothing: true,
    async happen({ simulator, wait }) {
      // More is announced than leaves, until the end of the run.
      simulator.faults.callbacksAs({ delayMs: 300 });
      await simulator.faults.down('socket');
      await wait(1_200);
      await simulator.faults.up();
      return undefined;
    },
  },
  {
    name: 'webhooks fail, while the socket works',
    tuning: { receive: 'both' },
    missesNothing: true,
    happen: lastingFault(
      600,
      (it) => it.faults.callbacksAs({ down: true }),
      (it) => it.faults.callbacksAs(undefined),
    ),
  },
  sending('API fails in mid-send', async ({ simulator, wait }) => {
    await simulator.faults.down('api');
    await wait(300);
    await simulator.faults.up();
  }),
  {
    name: 'client restarted',
    inFiles: true,
    async happen({ client }) {
      await client.restart('clean', 300);
      return undefined;
    },
  },
];
