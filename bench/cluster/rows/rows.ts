import { median } from 'simple-statistics';
import type { Row } from '../../speed/row';
import { launchNodeRed } from '../instances/node-red';
import { failLeader, killInstances, killNats, killServer, type Fault } from '../faults';
import { delay } from './delay';
import { isUnharmed, runUnderFaults, type Outcome, type RunOptions, wordsFor } from './under-faults';
import { failover } from './failover';
import { throughput, type Work } from './throughput';
import { natsFailures } from './failures';

/** More about a row, for a closer look. */
export interface Measured extends Row {
  readonly remarks: readonly string[];
}

/** In ms. */
const KILL_EVERY = 3_000;
const LONG: Omit<RunOptions, 'faults'> = {
  instances: 3,
  servers: 1,
  messages: 25_000,
  keylessEvery: 5,
  chats: 500,
  talking: 20,
  perSecond: 150,
  quiet: 120_000,
  keep: true,
};

/** What is measured, in the order of the table. `npm run cluster -- --only <name>` measures one of them. */
export const ROWS: Readonly<Record<string, () => Promise<Measured>>> = {
  kills: async () => {
    const outcome = await underFaults({}, killInstances(KILL_EVERY));
    return {
      figure:
        '3 instances, 20,000 messages and 5,000 events without key, 5 ms each; `kill -9` of a random one every 3 s',
      target: 'none lost, none out of order within its chat; repeated only what was in flight at a kill, and marked',
      ...measured(outcome, isUnharmed(outcome)),
    };
  },
  clocks: async () => {
    const options = { messages: 8_000, hasWrongClock: true } as const;
    const outcome = await underFaults(options, failLeader(6_000, 10));
    return {
      figure: 'clocks wrong by ± 10 s or ± 1 h that step every 3 s; 10 failovers, half of them by `kill -9`',
      target: 'none lost, none out of order, none repeated unmarked',
      ...measured(outcome, outcome.lost.length + outcome.outOfOrder.length + outcome.unmarked.length === 0),
    };
  },
  nats: async () => {
    const outcome = await underFaults({ messages: 10_000 }, killNats(7_000, 1_000, 10));
    return {
      figure: 'the only NATS server is killed 10 times under load',
      target: 'none lost, none repeated unmarked',
      ...measured(outcome, outcome.lost.length + outcome.unmarked.length === 0),
    };
  },
  servers: async () => {
    const outcome = await underFaults({ servers: 3 }, killInstances(KILL_EVERY), killServer(20_000, 30_000));
    return {
      figure: 'as the first row with three NATS servers, and one of them is killed for 30 s',
      target: 'none lost',
      ...measured(outcome, outcome.lost.length === 0),
    };
  },
  failure: async () => {
    const failures = await natsFailures();
    const words = failures.map(({ what, reportedAfter, lost }) => `${what}: ${seconds(reportedAfter)}, ${lost} lost`);
    return {
      figure: 'NATS is full; a permission is missing; no consumer may be made: until it is reported',
      target: '≤ 20 s, none lost once it is fixed',
      measured: words.join('; '),
      reached: failures.every(({ reportedAfter, lost }) => reportedAfter <= 20_000 && lost === 0),
      remarks: failures.map(({ what, errors }) => `${what}: ${errors}`),
    };
  },
  'node-red': async () => {
    const options = { messages: 6_000, keylessEvery: 0, perSecond: 60, launch: launchNodeRed };
    const outcome = await underFaults(options, killInstances(10_000));
    return {
      figure: '3 Node-REDs, 6,000 messages in 500 chats, each done after 5 ms; `kill -9` of a random one every 10 s',
      target: 'as the first row',
      ...measured(outcome, isUnharmed(outcome)),
    };
  },
  failover: async () => {
    const killed = await failover('kill', 5);
    const stopped = await failover('end', 5);
    const [longest, longestStop] = [Math.max(...killed), Math.max(...stopped)];
    return {
      figure: 'until events are handled again after the leader was killed / stopped',
      target: '≤ 3 s / ≤ 0.5 s',
      measured: `${seconds(longest)} / ${seconds(longestStop)}, the longest of 5`,
      reached: longest <= 3_000 && longestStop <= 500,
      remarks: [`killed: ${killed.map(seconds).join(', ')}`, `stopped: ${stopped.map(seconds).join(', ')}`],
    };
  },
  throughput: () => ratio('5 ms for each event, one at a time', 2.7, { handleMs: 5, isParallel: false, ...SLOW }),
  parallel: () =>
    ratio('100 ms for each event, many at the same time', 2.5, { handleMs: 100, isParallel: true, ...FAST }),
  delay: async () => {
    const { direct, shared } = await delay(1, 10, 3);
    const added = shared.p50 - direct.p50;
    return {
      figure: 'added delay at 100/s, p50, over a client without NATS',
      target: '≤ 2.5 ms',
      measured: `${added.toFixed(2)} ms`,
      reached: added <= 2.5,
      remarks: [
        `p50 ${direct.p50.toFixed(2)} → ${shared.p50.toFixed(2)} ms, p99 ${direct.p99.toFixed(2)} → ${shared.p99.toFixed(2)} ms`,
      ],
    };
  },
};

const SLOW = { messages: 6_000, perSecond: 900 };
const FAST = { messages: 12_000, perSecond: 3_500 };

/** Three instances against one, in turns: what else the machine does disturbs both alike. */
async function ratio(what: string, goal: number, work: Work): Promise<Measured> {
  const rounds: { one: number; three: number }[] = [];
  for (let round = 0; round < 3; round += 1) {
    rounds.push({
      one: await throughput(1, { ...work, messages: work.messages / 3 }),
      three: await throughput(3, work),
    });
  }
  const middle = median(rounds.map(({ one, three }) => three / one));
  const words = rounds.map(({ one, three }) => `${Math.round(three)}/s and ${Math.round(one)}/s`);
  return {
    figure: `events/s if the flow takes ${what}: three instances against one`,
    target: `≥ ${goal} ×`,
    measured: `${middle.toFixed(2)} ×, the middle of ${rounds.length} (${words.join('; ')})`,
    reached: middle >= goal,
    remarks: [],
  };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function underFaults(options: Partial<RunOptions>, ...faults: readonly Fault[]): Promise<Outcome> {
  return runUnderFaults({ ...LONG, ...options, faults });
}

function measured(outcome: Outcome, reached: boolean): Pick<Measured, 'measured' | 'reached' | 'remarks'> {
  const errors = [...outcome.errors].map(([code, times]) => `${code} ${times} ×`);
  const crashed = outcome.crashes === 0 ? [] : [`${outcome.crashes} instances ended by themselves`];
  const remarks = [
    `${outcome.logins} logins`,
    `errors: ${errors.join(', ') || 'none'}`,
    ...crashed,
    ...outcome.stories,
  ];
  return { measured: wordsFor(outcome), reached, remarks };
}
