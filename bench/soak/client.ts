import { parseJson } from '../../simulator/json';
import { listenAsOurs } from '../faults/clients/ours';
import { readSettings } from '../faults/clients/settings';

/** How long numbers are collected before they are reported, in ms. */
const REPORT_EVERY = 50;

let numbers: number[] = [];
const client = listenAsOurs(readSettings(parseJson(process.argv[2] ?? '')), (event) => {
  if (event.kind === 'came') numbers.push(event.number);
  else if (event.kind === 'error') process.send?.({ code: event.code });
});
const timer = setInterval(report, REPORT_EVERY);

process.on('message', (request) => {
  if (request === 'heap') reportHeap();
  else void end();
});
process.once('disconnect', () => process.exit());

function report(): void {
  if (numbers.length === 0) return;
  process.send?.({ numbers });
  numbers = [];
}

function reportHeap(): void {
  globalThis.gc?.();
  process.send?.({ heap: process.memoryUsage().heapUsed });
}

async function end(): Promise<void> {
  clearInterval(timer);
  report();
  await client.stop();
  process.exit();
}
