import type { HandshakeFault } from '../../../simulator';
import { type Fault, lastingFault } from '../fault';

/** How many sockets may be opened on a server that turns everyone away for 10 s. */
const MAX_TRIES = 15;

/** Sockets that never come to be. */
export const HANDSHAKES: readonly Fault[] = [
  badHandshake('never upgraded, 5 s', 'no-upgrade', 5_000),
  badHandshake('never greeted, 5 s', 'silence', 5_000),
  badHandshake('first frame is garbage, 3 s', { frame: '<html>Bad Gateway</html>' }, 3_000),
  badHandshake('first frame is {}, 3 s', { frame: '{}' }, 3_000),
  {
    ...badHandshake('first frame is 4001, closed, 2 s (5 min take 3 s)', { error: 4001, closes: true }, 2_000),
    tuning: { hurry: 100 },
  },
  badHandshake('first frame is 4100, open, 3 s', { error: 4100, closes: false }, 3_000),
  {
    ...badHandshake('first frame is 4200, closed, 10 s', { error: 4200, closes: true }, 10_000),
    check: ({ faults: { received } }) => (received > MAX_TRIES ? `${received} connections` : undefined),
  },
];

function badHandshake(name: string, handshake: HandshakeFault, ms: number): Fault {
  return {
    name,
    async happen(scenario) {
      await lastingFault(
        ms,
        (it) => {
          it.faults.receiveWith(handshake);
          it.dropAll();
        },
        (it) => it.faults.receiveWith(undefined),
      )(scenario);
      return `${scenario.simulator.faults.received} tries`;
    },
  };
}
