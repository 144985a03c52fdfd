import { parseJson } from '../../../simulator/json';
import { startGenerator } from './generator';
import { isOrder, readSettings } from './orders';

/** The load generator, in a process of its own: it does what its parent orders, one thing at a time. */
void (async () => {
  const generator = await startGenerator(readSettings(parseJson(process.argv[2] ?? '')));
  let done: Promise<unknown> = Promise.resolve();
  process.on('message', (order) => {
    if (!isOrder(order)) return;
    done = done.then(async () => process.send?.({ done: order.kind, ...(await generator.obey(order)) }));
  });
  process.once('disconnect', () => process.exit());
  process.send?.({ url: generator.url });
})();
