import { parseJson } from '../../../simulator/json';
import { listenAsOurs } from './ours';
import { readSettings, type Report } from './settings';
import { listenAsStock } from './stock';

const [, , client, settings = ''] = process.argv;

const listen = client === 'ours' ? listenAsOurs : listenAsStock;
const tell = (report: Report): void => void process.send?.(report);
const stop = listen(readSettings(parseJson(settings)), tell);

// The parent says when it is over; a parent that is gone says so too.
process.once('message', () => void end());
process.once('disconnect', () => void end());

async function end(): Promise<void> {
  await stop();
  process.exit();
}
