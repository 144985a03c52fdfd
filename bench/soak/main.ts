import { parseArgs } from 'node:util';
import { TOKENS } from '../faults/list/api';
import { FULL, runSide } from '../faults/side';
import { failureOf, TABLE_HEAD, tableRow } from '../faults/table';
import { type FlowProgress, soakFlow } from './flow';
import { measureLeaks } from './leaks';

const ROUNDS = 1_000;
/** What so many rounds may leave behind, in bytes: less than 1 kB each. */
const MAX_GROWTH = ROUNDS * 1_000;
const MEGABYTE = 1024 * 1024;

void main();

/** Lets events flow for minutes, makes and closes connections, lets tokens expire; exits with 1 where that shows. */
async function main(): Promise<void> {
  const number = (value: string): number => Number(value);
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      rate: { type: 'string', default: '1000' },
      'drop-every': { type: 'string', default: '20' },
    },
  });
  const failures: string[] = [];

  console.log(`${values.rate} events/s for ${values.minutes} min, a drop every ${values['drop-every']} s`);
  const flow = await soakFlow({
    length: number(values.minutes) * 60_000,
    rate: number(values.rate),
    dropEvery: number(values['drop-every']) * 1_000,
    tellEvery: 30_000,
    onProgress: tell,
  });
  tell(flow);
  if (flow.lost + flow.doubled > 0) failures.push(`${flow.lost} lost, ${flow.doubled} doubled`);

  const { grown, instances, resources } = await measureLeaks(ROUNDS);
  console.log(
    `${ROUNDS} connections made and closed: heap grown by ${Math.round(grown / 1000)} kB, ${instances} pusher-js clients left, left over: ${resources.join(', ') || 'nothing'}`,
  );
  if (grown > MAX_GROWTH || instances > 0 || resources.length > 0) failures.push('connections leave something behind');

  console.log(TABLE_HEAD);
  for (const fault of TOKENS) {
    const outcome = await runSide(fault, 'ours', FULL);
    console.log(tableRow(fault, 'ours', outcome));
    const failure = failureOf(fault, outcome);
    if (failure !== undefined) failures.push(`${fault.name}: ${failure}`);
  }
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  process.exit(failures.length === 0 ? 0 : 1);
}

function tell({ after, sent, received, lost, missed, doubled, heap, drops, errors }: FlowProgress): void {
  const reported = errors.size === 0 ? '' : `, errors: ${[...errors].join(', ')}`;
  const mb = (heap / MEGABYTE).toFixed(1);
  console.log(
    `${after} s: ${sent} sent, ${received} received, ${lost} lost, ${missed} missed without a history, ${doubled} doubled, ${drops} drops, heap ${mb} MB${reported}`,
  );
}
