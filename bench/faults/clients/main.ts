import { parseJson } from '../../../simulator/json';
import { listenAsOurs } from './ours';
import { isLetters, readSettings, type Report } from './settings';
import { listenAsStock } from './stock';

const [, , client, settings = ''] = process.argv;

const sendReport = (report: Report): void => void process.send?.(report);
const known = readSettings(parseJson(settings));
const ours = client === 'ours' ? listenAsOurs(known, sendReport) : undefined;
const stop = ours ? () => ours.stop() : listenAsStock(known, sendReport);

// The parent sends any other message to end this process. A lost parent ends it too.
process.on('message', (request) => void (isLetters(request) ? ours?.send(request) : end()));
process.once('disconnect', () => void end());

async function end(): Promise<void> {
  await stop();
  process.exit();
}
