import type { Simulator } from '../../../simulator';
import { type Fault, lastingFault } from '../fault';

/** Minutes become seconds. */
const HURRY = { hurry: 100 };
const BOTH = { receive: 'both' } as const;

const closeSocket = (it: Simulator): unknown => it.faults.down('socket');
const open = (it: Simulator): unknown => it.faults.up();

/** Two sources of which one fails: what the other one brings is enough, and nothing comes twice. */
export const WEBHOOKS: readonly Fault[] = [
  {
    name: 'socket and webhooks, socket down for 5 s',
    tuning: BOTH,
    missesNothing: true,
    isSlowForStock: true,
    happen: lastingFault(5_000, closeSocket, open),
  },
  {
    name: 'socket and webhooks, webhooks down for 5 s',
    tuning: BOTH,
    missesNothing: true,
    isOursOnly: true,
    happen: webhooksDown(5_000),
  },
  {
    name: 'socket and webhooks, socket down for 3 s, then webhooks for 3 s',
    tuning: BOTH,
    missesNothing: true,
    isSlowForStock: true,
    async happen(scenario) {
      await lastingFault(3_000, closeSocket, open)(scenario);
      await scenario.untilClient(true, 10_000);
      await scenario.wait(2_000);
      return webhooksDown(3_000)(scenario);
    },
  },
  {
    name: 'socket and webhooks, each callback comes twice, 0.5 s late, 4 s',
    tuning: BOTH,
    missesNothing: true,
    isOursOnly: true,
    happen: lastingFault(
      4_000,
      (it) => it.faults.callbacksAs({ hangUps: 1, delayMs: 500 }),
      (it) => it.faults.callbacksAs(undefined),
    ),
  },
  {
    name: 'socket and webhooks, 5 drops, one a second',
    tuning: BOTH,
    missesNothing: true,
    async happen({ simulator, wait }) {
      for (let drops = 0; drops < 5; drops += 1) {
        simulator.dropAll();
        await wait(1_000);
      }
      return undefined;
    },
  },
  {
    name: 'webhooks alone, down for 5 s (5 min take 3 s)',
    tuning: { receive: 'webhook', ...HURRY },
    isOursOnly: true,
    // Nobody says that callbacks are lost: those after them are there before the look that finds the gap.
    mayDisorder: true,
    happen: webhooksDown(5_000),
  },
];

function webhooksDown(ms: number): Fault['happen'] {
  return lastingFault(
    ms,
    (it) => it.faults.callbacksAs({ down: true }),
    (it) => it.faults.callbacksAs(undefined),
  );
}
