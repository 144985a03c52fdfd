import type { Reception } from '../../../simulator';
import { type Fault, spell } from '../fault';

/** How many sockets may be opened on a server that turns everyone away for 10 s. */
const MOST_TRIES = 15;

/** Sockets that never come to be. */
export const HANDSHAKES: readonly Fault[] = [
  badReception('never upgraded, 5 s', 'no-upgrade', 5_000),
  badReception('never greeted, 5 s', 'silence', 5_000),
  badReception('first frame is garbage, 3 s', { frame: '<html>Bad Gateway</html>' }, 3_000),
  badReception('first frame is {}, 3 s', { frame: '{}' }, 3_000),
  {
    ...badReception('first frame is 4001, closed, 2 s (5 min take 3 s)', { error: 4001, closes: true }, 2_000),
    tuning: { hurry: 100 },
  },
  badReception('first frame is 4100, open, 3 s', { error: 4100, closes: false }, 3_000),
  {
    ...badReception('first frame is 4200, closed, 10 s', { error: 4200, closes: true }, 10_000),
    check: ({ faults: { received } }) => (received > MOST_TRIES ? `${received} connections` : undefined),
  },
];

function badReception(name: string, reception: Reception, ms: number): Fault {
  return {
    name,
    async happen(scene) {
      await spell(
        ms,
        (it) => {
          it.faults.receiveWith(reception);
          it.dropAll();
        },
        (it) => it.faults.receiveWith(undefined),
      )(scene);
      return `${scene.simulator.faults.received} tries`;
    },
  };
}
