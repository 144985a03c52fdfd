import { type Contender, interleaved } from '../rows/interleaved';
import { times } from '../row';
import { compared, type Comparison, RATIOS } from './ratios';

const COUNT = 5_000;
/** Of the first try, and of the second one where the first fails: more rounds, since something may have disturbed it. */
const ROUNDS = [8, 16];

/**
 * Whether nothing has become slow. Only ratios count, of CPU time and within one run, so that neither the machine nor
 * what else it does decides. Prints what it finds.
 */
export async function check(): Promise<boolean> {
  for (const rounds of ROUNDS) {
    const found = await measure(rounds);
    for (const { name, ratio, bound } of found) {
      console.log(`${ratio <= bound ? 'ok  ' : 'SLOW'} ${name}: ${times(ratio)}, at most ${times(bound)}`);
    }
    if (found.every(({ ratio, bound }) => ratio <= bound)) return true;
    console.log(`That was with ${rounds} rounds.`);
  }
  return false;
}

async function measure(rounds: number): Promise<Comparison[]> {
  const messages = { kind: 'burst', mix: 'messages', count: COUNT } as const;
  const all = { kind: 'burst', mix: 'all', count: COUNT } as const;
  const contenders: readonly Contender[] = [
    { key: 'client', name: 'client', order: messages },
    { key: 'ws', name: 'ws parsed', order: messages },
    { key: 'unwanted', name: 'client', settings: { wants: 'none' }, order: messages },
    { key: 'node', name: 'node', order: messages },
    { key: 'pusher-js node', name: 'pusher-js node', order: messages },
    { key: 'one', name: 'client', order: all },
    { key: 'fifty', name: 'client', settings: { listeners: 50 }, order: all },
  ];
  return compared(await interleaved(contenders, rounds), RATIOS);
}
