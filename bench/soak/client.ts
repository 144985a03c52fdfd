import { parseJson } from '../../simulator/json';
import { listenAsOurs } from '../faults/clients/ours';
import { readSettings } from '../faults/clients/settings';

/** How long numbers are gathered before they are reported, in ms. */
const GATHERED_FOR = 50;

let numbers: number[] = [];
const client = listenAsOurs(readSettings(parseJson(process.argv[2] ?? '')), (report) => {
  if (report.kind === 'came') numbers.push(report.number);
  else if (report.kind === 'error') process.send?.({ code: report.code });
});
const timer = setInterval(tell, GATHERED_FOR);

process.on('message', (wish) => {
  if (wish === 'heap') tellHeap();
  else void end();
});
process.once('disconnect', () => process.exit());

function tell(): void {
  if (numbers.length === 0) return;
  process.send?.({ numbers });
  numbers = [];
}

function tellHeap(): void {
  globalThis.gc?.();
  process.send?.({ heap: process.memoryUsage().heapUsed });
}

async function end(): Promise<void> {
  clearInterval(timer);
  tell();
  await client.stop();
  process.exit();
}
