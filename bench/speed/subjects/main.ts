import { isRecord, parseJson } from '../../../simulator/json';
import { listenAsOurs } from './ours';
import { listenAsEcho } from './echo';
import { listenAsParsedWs, listenAsPusher, listenAsUnparsedWs } from './peers';
import { settledHeap } from './settled-heap';
import { Meter } from './subject';
import { readSubjectSettings } from './names';

const LISTEN = {
  client: listenAsOurs,
  'pusher-js': listenAsPusher,
  'laravel-echo': listenAsEcho,
  'ws parsed': listenAsParsedWs,
  'ws unparsed': listenAsUnparsedWs,
};

/** One subject in a process of its own, which tells each run to its parent. */
const [, , name = '', settings = ''] = process.argv;
const [, listen] = Object.entries(LISTEN).find(([known]) => known === name) ?? [];
if (!listen) throw new Error(`There is no subject "${name}"`);
const meter = new Meter((run) => void process.send?.({ run }));
const send = listen(readSubjectSettings(parseJson(settings)), meter.came);
process.on('message', (wish) => {
  if (isRecord(wish)) return void send?.(Number(wish.send)).then((taken) => process.send?.({ taken }));
  void settledHeap().then((heap) => process.send?.({ heap }));
});
process.once('disconnect', () => process.exit());
