import type { ClientName } from './clients/client';
import type { Fault } from './fault';
import type { Outcome } from './side';

const HEAD = [
  'fault',
  'client',
  'sent',
  'received',
  'lost',
  'missed',
  'doubled',
  'out of order',
  'again after (s)',
  'all channels (s)',
  'remarks',
];

/** So many lost events are named. */
const NAMED = 8;

/** The head of the table, in Markdown. */
export const TABLE_HEAD = `${row(HEAD)}\n${row(HEAD.map(() => '---'))}`;

/** One client's row for one fault. */
export function tableRow(fault: Fault, client: ClientName, outcome: Outcome): string {
  const { sent, received, lost, missed, doubled, outOfOrder, again, allAgain, crashed, note } = outcome;
  const remarks = [crashed ? 'crashed' : undefined, note, client === 'ours' ? failureOf(fault, outcome) : undefined];
  const said = remarks.filter((remark) => remark !== undefined).join('; ');
  return row(
    [
      fault.name,
      client,
      sent,
      received,
      lost.length,
      missed,
      doubled,
      outOfOrder,
      seconds(again),
      seconds(allAgain),
      said,
    ].map(String),
  );
}

/** What our client did wrong; undefined where it kept its promises. */
export function failureOf(fault: Fault, outcome: Outcome): string | undefined {
  const { lost, missed, doubled, outOfOrder, again, allAgain, crashed, broken, sockets } = outcome;
  const failures = [
    crashed && 'crashed',
    lost.length > 0 && `${lost.length} lost (${lost.slice(0, NAMED).join('; ')}; ${sockets} sockets)`,
    fault.missesNothing && missed > 0 && `${missed} missed`,
    doubled > (fault.mayDouble ?? 0) && `${doubled} doubled`,
    !fault.mayDisorder && outOfOrder > 0 && `${outOfOrder} out of order`,
    allAgain === undefined && 'no events again',
    fault.againWithin !== undefined && (again ?? Infinity) > fault.againWithin * 1000 && 'too slow',
    broken,
  ].filter((failure) => typeof failure === 'string');
  return failures.length === 0 ? undefined : `FAILED: ${failures.join(', ')}`;
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '–' : (ms / 1000).toFixed(1);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
