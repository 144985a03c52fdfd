import { parseJson } from '../../../simulator/json';
import { listenAsOurs } from './ours';
import { isLetters, readSettings, type Report } from './settings';
import { listenAsStock } from './stock';

const [, , client, settings = ''] = process.argv;

const tell = (report: Report): void => void process.send?.(report);
const known = readSettings(parseJson(settings));
const ours = client === 'ours' ? listenAsOurs(known, tell) : undefined;
const stop = ours ? () => ours.stop() : listenAsStock(known, tell);

// The parent says when it is over; a parent that is gone says so too.
process.on('message', (wish) => void (isLetters(wish) ? ours?.send(wish) : end()));
process.once('disconnect', () => void end());

async function end(): Promise<void> {
  await stop();
  process.exit();
}
