import { Harness, type HarnessOptions } from '../harness';
import type { Fault } from '../faults';
import type { Figures } from '../tally';

export interface RunOptions extends Omit<HarnessOptions, 'handleMs'> {
  readonly messages: number;
  /** Messages a second. */
  readonly perSecond: number;
  readonly faults: readonly Fault[];
  /** Without a message handled for so long nothing comes any more, in ms. */
  readonly quiet: number;
  /** What the instances wrote stays where a promise was broken. */
  readonly keep?: boolean;
}

export interface Outcome extends Figures {
  readonly kills: number;
  readonly crashes: number;
  /** How often an instance logged in. */
  readonly logins: number;
  /** What flows would have got, and how often. */
  readonly errors: ReadonlyMap<string, number>;
  /** What is known of the first messages with which something went wrong, in words. */
  readonly stories: readonly string[];
}

/** In ms. */
const HANDLE = 5;
const STORIES = 12;

/** Lets messages flow while faults happen to instances and servers, and reports what became of them. */
export async function runUnderFaults({
  faults,
  messages,
  perSecond,
  quiet,
  keep = false,
  ...options
}: RunOptions): Promise<Outcome> {
  const harness = await Harness.start({ ...options, handleMs: HANDLE });
  const over = new AbortController();
  let outcome: Outcome | undefined;
  try {
    const running = faults.map((fault) => fault(harness, over.signal));
    await harness.traffic.flow({ count: messages, perSecond });
    over.abort();
    await Promise.all(running);
    await harness.settled(quiet);
    outcome = outcomeOf(harness);
    return outcome;
  } finally {
    over.abort();
    const isKept = keep && (!outcome || outcome.stories.length > 0);
    if (isKept) console.error(`The notes of the instances are in ${harness.folder}`);
    await harness.close({ keep: isKept });
  }
}

/** Nothing was lost; and nothing disordered, or doubled beyond what was in flight at a kill and is marked. */
export function isUnharmed({ lost, outOfOrder, unmarked, needless, crashes }: Outcome): boolean {
  return lost.length + outOfOrder.length + unmarked.length + needless.length + crashes === 0;
}

/** In words, for the table. */
export function wordsFor({ sent, kills, lost, lostKeyless, outOfOrder, doubled, unmarked, needless }: Outcome): string {
  const wrong = [
    unmarked.length > 0 && `${unmarked.length} of them unmarked`,
    needless.length > 0 && `${needless.length} not in flight at a kill`,
  ].filter((part) => part !== false);
  return [
    `${sent} events, ${kills} kills: ${lost.length} lost${lostKeyless.length > 0 ? `, ${lostKeyless.length} of them without key` : ''}`,
    `${outOfOrder.length} out of order`,
    [`${doubled.length} doubled`, ...(wrong.length > 0 ? wrong : ['all marked and in flight at a kill'])].join(', '),
  ].join('; ');
}

function outcomeOf({ tally, instances, simulator }: Harness): Outcome {
  const figures = tally.figures();
  const { lost, outOfOrder, unmarked, needless } = figures;
  const wrong = [...new Set([...lost, ...outOfOrder, ...unmarked, ...needless])];
  return {
    ...figures,
    kills: instances.kills,
    crashes: instances.crashes,
    errors: instances.errors,
    logins: simulator.requestsTo('/v1/tokens').length,
    stories: wrong.slice(0, STORIES).map((number) => tally.story(number)),
  };
}
