import { Scene, type SceneOptions } from '../scene';
import type { Strike } from '../strikes';
import type { Figures } from '../tally';

export interface StruckOptions extends Omit<SceneOptions, 'handleMs'> {
  readonly messages: number;
  /** Messages a second. */
  readonly perSecond: number;
  readonly strikes: readonly Strike[];
  /** Without a message handled for so long nothing comes any more, in ms. */
  readonly quiet: number;
  /** What the copies wrote stays where a promise was broken. */
  readonly keep?: boolean;
}

export interface Struck extends Figures {
  readonly kills: number;
  readonly crashes: number;
  /** How often anybody logged in. */
  readonly logins: number;
  /** What flows would have got, and how often. */
  readonly errors: ReadonlyMap<string, number>;
  /** What is known of the first messages with which something went wrong, in words. */
  readonly stories: readonly string[];
}

/** In ms. */
const HANDLE = 5;
const STORIES = 12;

/** Lets messages flow while copies and servers are struck, and tells what became of them. */
export async function struck({
  strikes,
  messages,
  perSecond,
  quiet,
  keep = false,
  ...options
}: StruckOptions): Promise<Struck> {
  const scene = await Scene.start({ ...options, handleMs: HANDLE });
  const over = new AbortController();
  let outcome: Struck | undefined;
  try {
    const struck = strikes.map((strike) => strike(scene, over.signal));
    await scene.traffic.flow({ count: messages, perSecond });
    over.abort();
    await Promise.all(struck);
    await scene.settled(quiet);
    outcome = outcomeOf(scene);
    return outcome;
  } finally {
    over.abort();
    const isKept = keep && (!outcome || outcome.stories.length > 0);
    if (isKept) console.error(`The notes of the copies are in ${scene.folder}`);
    await scene.close({ keep: isKept });
  }
}

/** Nothing was lost; and nothing disordered, or doubled beyond what was in hand at a kill and is marked. */
export function isUnharmed({ lost, outOfOrder, unmarked, needless, crashes }: Struck): boolean {
  return lost.length + outOfOrder.length + unmarked.length + needless.length + crashes === 0;
}

/** In words, for the table. */
export function wordsFor({ sent, kills, lost, outOfOrder, doubled, unmarked, needless }: Struck): string {
  const wrong = [
    unmarked.length > 0 && `${unmarked.length} of them unmarked`,
    needless.length > 0 && `${needless.length} not in hand at a kill`,
  ].filter((part) => part !== false);
  return [
    `${sent} messages, ${kills} kills: ${lost.length} lost`,
    `${outOfOrder.length} out of order`,
    [`${doubled.length} doubled`, ...(wrong.length > 0 ? wrong : ['all marked and in hand at a kill'])].join(', '),
  ].join('; ');
}

function outcomeOf({ tally, copies, simulator }: Scene): Struck {
  const figures = tally.figures();
  const { lost, outOfOrder, unmarked, needless } = figures;
  const wrong = [...new Set([...lost, ...outOfOrder, ...unmarked, ...needless])];
  return {
    ...figures,
    kills: copies.kills,
    crashes: copies.crashes,
    errors: copies.errors,
    logins: simulator.requestsTo('/v1/tokens').length,
    stories: wrong.slice(0, STORIES).map((number) => tally.story(number)),
  };
}
