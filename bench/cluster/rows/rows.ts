import { median } from '../../speed/figures';
import type { Row } from '../../speed/row';
import { launchNodeRed } from '../copies/node-red';
import { killCopies, killEngine, killServer, type Strike } from '../strikes';
import { codeLines } from './code-lines';
import { delay } from './delay';
import { isUnharmed, struck, type Struck, type StruckOptions, wordsFor } from './struck';
import { takeOver } from './take-over';
import { throughput } from './throughput';

/** What is told beside a row, for who wants to look closer. */
export interface Measured extends Row {
  readonly remarks: readonly string[];
}

/** In ms. */
const KILL_EVERY = 3_000;
const LONG: Omit<StruckOptions, 'strikes'> = {
  copies: 3,
  servers: 3,
  messages: 20_000,
  chats: 500,
  talking: 20,
  perSecond: 100,
  quiet: 120_000,
  keep: true,
};

/** What is measured, in the order of the table. `npm run cluster -- --only <name>` measures one of them. */
export const ROWS: Readonly<Record<string, () => Promise<Measured>>> = {
  kills: async () => {
    const outcome = await struckBy(killCopies(KILL_EVERY));
    return {
      figure: `3 copies, 20,000 messages in 500 chats, each handled in 5 ms; \`kill -9\` of a random copy every 3 s`,
      target: 'none lost, none out of order within its chat; doubled only what was in hand at a kill, and marked',
      ...measured(outcome, isUnharmed(outcome)),
    };
  },
  server: async () => {
    const outcome = await struckBy(killCopies(KILL_EVERY), killServer(20_000, 30_000));
    return {
      figure: 'the same, and one of the three NATS servers is killed for 30 s',
      target: 'none lost',
      ...measured(outcome, outcome.lost.length === 0),
    };
  },
  engine: async () => {
    const outcome = await struckBy(killCopies(KILL_EVERY), killEngine(20_000, 10_000));
    return {
      figure: 'the same, and all three NATS servers are away for 10 s',
      target: 'none lost',
      ...measured(outcome, outcome.lost.length === 0),
    };
  },
  'node-red': async () => {
    const strikes = [killCopies(10_000)];
    const outcome = await struck({ ...LONG, messages: 6_000, perSecond: 60, strikes, launch: launchNodeRed });
    return {
      figure: '3 Node-REDs, 6,000 messages in 500 chats, each done after 5 ms; `kill -9` of a random one every 10 s',
      target: 'as with copies',
      ...measured(outcome, isUnharmed(outcome)),
    };
  },
  'take-over': async () => {
    const delays = await takeOver(5);
    const seconds = delays.map((ms) => (ms / 1_000).toFixed(1));
    return {
      figure: 'the copy that receives is killed, until an event that came later is handled',
      target: '≤ 5 s',
      measured: `${(Math.max(...delays) / 1_000).toFixed(1)} s, the longest of ${delays.length}`,
      reached: Math.max(...delays) <= 5_000,
      remarks: [`in s: ${seconds.join(', ')}`],
    };
  },
  throughput: async () => {
    const rounds: { one: number; three: number }[] = [];
    // In turns, so that what the machine does besides hits both alike.
    for (let round = 0; round < 3; round += 1) {
      rounds.push({ one: await throughput(1, 2_500), three: await throughput(3, 8_000) });
    }
    const ratio = median(rounds.map(({ one, three }) => three / one));
    const words = rounds.map(({ one, three }) => `${Math.round(three)}/s and ${Math.round(one)}/s`);
    return {
      figure: 'events/s where the flow takes 5 ms for each, one after the other: three copies against one',
      target: '≥ 2.7 ×',
      measured: `${ratio.toFixed(2)} ×, the middle one of ${rounds.length} (${words.join('; ')})`,
      reached: ratio >= 2.7,
      remarks: [],
    };
  },
  delay: async () => {
    const { direct, shared } = await delay(1, 10, 3);
    const three = await delay(3, 10, 1);
    const added = shared.p50 - direct.p50;
    return {
      figure: 'added delay at 100/s, p50, over a client on its own',
      target: '≤ 3 ms',
      measured: `${added.toFixed(2)} ms`,
      reached: added <= 3,
      remarks: [
        `p50 ${direct.p50.toFixed(2)} → ${shared.p50.toFixed(2)} ms, p99 ${direct.p99.toFixed(2)} → ${shared.p99.toFixed(2)} ms`,
        `with three servers and replicas: p50 ${three.direct.p50.toFixed(2)} → ${three.shared.p50.toFixed(2)} ms, p99 ${three.direct.p99.toFixed(2)} → ${three.shared.p99.toFixed(2)} ms`,
      ],
    };
  },
  code: () => {
    const lines = codeLines();
    return Promise.resolve({
      figure: 'lines of code for all this, the done node included',
      target: '< 800',
      measured: String(lines),
      reached: lines < 800,
      remarks: [],
    });
  },
};

function struckBy(...strikes: readonly Strike[]): Promise<Struck> {
  return struck({ ...LONG, strikes });
}

function measured(outcome: Struck, reached: boolean): Pick<Measured, 'measured' | 'reached' | 'remarks'> {
  const errors = [...outcome.errors].map(([code, times]) => `${code} ${times} ×`);
  const crashed = outcome.crashes === 0 ? [] : [`${outcome.crashes} copies ended by themselves`];
  const remarks = [
    `${outcome.logins} logins`,
    `errors: ${errors.join(', ') || 'none'}`,
    ...crashed,
    ...outcome.stories,
  ];
  return { measured: wordsFor(outcome), reached, remarks };
}
