import { parseArgs } from 'node:util';
import { backlog } from './rows/backlog';
import { changedChats } from './rows/changed-chats';
import { deploysAndStops } from './rows/deploys';
import { kills } from './rows/kills';
import { manyLines } from './rows/many-lines';
import { tableOf, type Figure } from './row';

void main();

/** Measures what the texts promise about kills, stops, deploys and backlogs; exits with 1 if a figure is missed. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      kills: { type: 'string', default: '50' },
      stops: { type: 'string', default: '20' },
      deploys: { type: 'string', default: '50' },
      events: { type: 'string', default: '50000' },
      chats: { type: 'string', default: '2000' },
      lines: { type: 'string', default: '1000' },
    },
  });
  const parts: Readonly<Record<string, () => Promise<Figure[]>>> = {
    deploys: () => deploysAndStops(Number(values.stops), Number(values.deploys)),
    kills: () => kills(Number(values.kills)),
    chats: () => changedChats(Number(values.chats)),
    backlog: () => backlog(Number(values.events)),
    lines: () => manyLines(Number(values.lines)),
  };
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(parts)) {
    if (values.only === undefined || values.only === name) figures.push(...(await measure()));
  }
  console.log(tableOf(figures));
  process.exitCode = figures.every(({ isGood }) => isGood) ? 0 : 1;
}
