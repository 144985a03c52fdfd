import { oneTimeFault, type Fault, lastingFault } from '../fault';

const CODES = [1000, 1001, 1011, 4009, 4100, 4200, 4201, 4301];
/** Codes that say not to come back. A server that restarts may send them too. */
const REFUSALS = [4000, 4004];
/** For how long a socket must have worked, so that such a code does not count at once; in ms. */
const WORKED = 5_500;

/** Sockets that end. */
export const ENDING_SOCKETS: readonly Fault[] = [
  ...CODES.map((code): Fault => ({
    name: `close ${code}`,
    happen: oneTimeFault((it) => it.dropAll(code)),
    againWithin: 2,
  })),
  ...REFUSALS.map((code): Fault => {
    return {
      name: `close ${code} after 5 s`,
      againWithin: 3,
      async happen({ simulator, wait }) {
        await wait(WORKED);
        simulator.dropAll(code);
        return undefined;
      },
    };
  }),
  { name: 'drop without a close frame (1006)', happen: oneTimeFault((it) => it.dropAll()), againWithin: 2 },
  { name: 'drop in the middle of a frame', happen: oneTimeFault((it) => it.faults.breakOff()), againWithin: 2 },
  {
    name: 'pusher:error 4200, then close',
    happen: oneTimeFault((it) => {
      it.faults.sayError(4200);
      it.dropAll(4200);
    }),
    againWithin: 2,
  },
  {
    name: 'drop, on a server in soketi style with bare objects',
    simulator: { style: 'soketi', wire: 'bare', dataAs: 'object' },
    happen: oneTimeFault((it) => it.dropAll()),
    againWithin: 2,
  },
  {
    name: '5 drops, one a second',
    async happen({ simulator, wait }) {
      for (let drops = 0; drops < 5; drops += 1) {
        simulator.dropAll();
        await wait(1_000);
      }
      return undefined;
    },
  },
];

/** Servers that cannot be reached. */
export const UNREACHABLE: readonly Fault[] = [
  {
    name: 'socket server refuses for 3 s',
    happen: lastingFault(
      3_000,
      (it) => it.faults.down('socket'),
      (it) => it.faults.up(),
    ),
    againWithin: 1.5,
  },
  {
    name: 'socket server refuses for 20 s',
    happen: lastingFault(
      20_000,
      (it) => it.faults.down('socket'),
      (it) => it.faults.up(),
    ),
  },
  {
    name: 'socket server and API refuse for 5 s',
    happen: lastingFault(
      5_000,
      (it) => it.faults.down(),
      (it) => it.faults.up(),
    ),
  },
  {
    name: 'black hole: TCP accepted, nothing more, 5 s',
    happen: lastingFault(
      5_000,
      (it) => it.faults.down('socket', 'mute'),
      (it) => it.faults.up(),
    ),
  },
  ...[404, 502, 503].map((status): Fault => {
    return {
      name: `HTTP ${status} in place of the upgrade, 5 s`,
      happen: lastingFault(
        5_000,
        (it) => {
          it.faults.receiveWith({ status });
          it.dropAll();
        },
        (it) => it.faults.receiveWith(undefined),
      ),
    };
  }),
  {
    name: 'dead peer (frozen, socket stays open)',
    async happen({ simulator, untilClient }) {
      const begun = Date.now();
      simulator.freeze();
      const isNoticed = await untilClient(false, 25_000);
      simulator.dropAll();
      simulator.thaw();
      return isNoticed ? `noticed after ${((Date.now() - begun) / 1000).toFixed(1)} s` : 'not noticed within 25 s';
    },
  },
  {
    name: 'silent unsubscription without pings (after 4 s)',
    simulator: { silentUnsubscribeAfter: 4_000 },
    tuning: { pingEvery: 1_500, pongWithin: 500 },
    happen: async ({ wait }) => {
      await wait(10_000);
      return undefined;
    },
  },
];
