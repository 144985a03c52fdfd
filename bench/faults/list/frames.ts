import { oneTimeFault, type Fault, lastingFault } from '../fault';

const MEGABYTE = 1024 * 1024;
const ODD_FRAMES = [
  '{}',
  '[1]',
  'null',
  '"text"',
  'plain text',
  '',
  '{"event":5,"channel":"private-v1.users.1"}',
  '{"event":"message"}',
  '{"event":"message","channel":null,"data":null}',
  '{"event":"pusher:unknown-event"}',
  '{"event":"pusher_internal:subscription_succeeded"}',
  '{"event":"pusher:error","data":null}',
  Buffer.from([0, 255, 254]),
];

/** Sockets that bring what nobody expects. */
export const FRAMES: readonly Fault[] = [
  {
    name: 'odd frames: {}, [], text, binary, no event',
    happen: oneTimeFault((it) => {
      for (const frame of ODD_FRAMES) it.sendRaw(frame);
    }),
  },
  {
    name: '10 frames of 1 MB of noise',
    happen: oneTimeFault((it) => {
      for (let frames = 0; frames < 10; frames += 1) it.sendRaw('x'.repeat(MEGABYTE));
    }),
  },
  {
    name: 'pusher:error 4009 out of the blue',
    happen: oneTimeFault((it) => it.faults.sayError(4009)),
  },
  {
    name: 'frames split over TCP packets, 4 s',
    happen: lastingFault(
      4_000,
      (it) => it.faults.packetsAs('split'),
      (it) => it.faults.packetsAs(undefined),
    ),
  },
  {
    name: 'frames merged into TCP packets, 4 s',
    async happen({ simulator, wait }) {
      simulator.faults.packetsAs('merged');
      await wait(4_000);
      return undefined;
    },
  },
  {
    name: 'each event three times, 4 s',
    repeats: true,
    happen: lastingFault(
      4_000,
      (it) => it.faults.repeat(3),
      (it) => it.faults.repeat(1),
    ),
  },
  {
    name: 'burst of 5,000 messages',
    happen: ({ traffic }) => {
      traffic.burst(5_000);
      return Promise.resolve(undefined);
    },
  },
  {
    name: 'burst of 2,000 messages while disconnected',
    happen: async ({ simulator, traffic, wait }) => {
      await simulator.faults.down('socket');
      traffic.burst(2_000);
      await wait(1_000);
      await simulator.faults.up();
      return undefined;
    },
  },
];
