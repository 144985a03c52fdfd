import type { Fault, Scenario } from '../fault';

const AWAY = 2_000;
/** Positions are written every second: what two seconds bring, for a busy machine. */
const DOUBLED = 40;

/** Clients that end and come back. */
export const RESTARTS: readonly Fault[] = [
  { name: 'client restarted, 2 s away', inFiles: true, happen: restarted('clean', 0) },
  {
    name: 'client restarted while everything is down',
    inFiles: true,
    async happen({ simulator, client, wait, untilClient }) {
      await simulator.faults.down();
      await wait(500);
      await client.restart('clean', 500);
      await wait(2_000);
      await simulator.faults.up();
      await untilClient(true, 20_000);
      return undefined;
    },
  },
  {
    name: 'client restarted while a gap is filled',
    inFiles: true,
    async happen({ simulator, client, wait, untilClient }) {
      simulator.faults.answerWith('messages', { delayMs: 800 });
      simulator.dropAll();
      await wait(2_000);
      await client.restart('clean', 500);
      await untilClient(true, 10_000);
      simulator.faults.answerWith('messages', undefined);
      return undefined;
    },
  },
  // The earlier run has written its positions at least once.
  { name: 'client killed (SIGKILL), 2 s away', inFiles: true, mayDouble: DOUBLED, happen: restarted('kill', 2_000) },
  {
    name: 'client killed in its first second, 2 s away',
    inFiles: true,
    mayDouble: DOUBLED,
    happen: restarted('kill', 0),
  },
];

function restarted(how: 'clean' | 'kill', after: number): Fault['happen'] {
  return async ({ client, wait, untilClient }: Scenario) => {
    await wait(after);
    await client.restart(how, AWAY);
    await untilClient(true, 10_000);
    return undefined;
  };
}
