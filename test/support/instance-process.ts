import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { isRecord } from '../../src/events/json';
import type { Delivery } from '../../src/inbox/delivery';
import { CLUSTER, connectTo } from './cluster-nats';
import { Flows, ListenerInstance } from './listener-instance';

const NAME = 'process';

/** An instance in a process of its own, which can be frozen. What its flow gets and does is noted in `flows`. */
export class InstanceProcess {
  /** How many partitions it said last that it consumes. */
  consumed = 0;
  readonly #child: ChildProcess;

  constructor(url: string, flows: Flows) {
    this.#child = fork(__filename, [url], { execArgv: ['--require', 'tsx/cjs'] });
    this.#child.on('message', (message) => {
      if (!isRecord(message)) return;
      const { consumed, done, given } = message;
      if (typeof consumed === 'number') this.consumed = consumed;
      if (typeof done === 'number') flows.done.add(done);
      if (!isRecord(given)) return;
      const { messageId, chatId, attempt } = given;
      if (typeof attempt !== 'number') return;
      flows.give(NAME, { messageId: String(messageId), chatId: String(chatId), attempt });
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGCONT');
    if (this.#child.connected) this.#child.disconnect();
    await once(this.#child, 'exit');
  }
}

class SentFlows extends Flows {
  override give(_instance: string, { messageId, chatId, attempt = 1 }: Delivery): void {
    process.send?.({ given: { messageId, chatId, attempt } });
  }
}

async function run(url: string): Promise<void> {
  const instance = new ListenerInstance(NAME, await connectTo([url], CLUSTER, 16), new SentFlows());
  instance.onDone = (number) => process.send?.({ done: number });
  instance.takes = 50;
  await instance.start();
  const timer = setInterval(() => process.send?.({ consumed: instance.consumed }), 50);
  await once(process, 'disconnect');
  clearInterval(timer);
  await instance.stop();
  await instance.nats.connection.close();
}

const [url] = process.argv.slice(2);
if (require.main === module && url !== undefined) {
  run(url).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
