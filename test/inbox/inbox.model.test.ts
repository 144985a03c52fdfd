import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { ApiError } from '../../src/api/api-error';
import type { Delivery } from '../../src/inbox/delivery';
import type { Stop } from '../../src/inbox/listener';
import { CHANNEL, RecordedLine, listener } from '../support/recorded-line';

const STEP = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), chat: fc.constantFrom(7, 8) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('drop' as const, 'open' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('deploy' as const, 'stop' as const, 'return' as const) }) },
  fc.record({ do: fc.constantFrom('restart' as const, 'crash' as const, 'outage' as const) }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(10, 1_000, 6_000, 60_000, 700_000) }),
  },
);

type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;

/** A line, its listener and its Node-RED under any sequence of steps. */
class Play {
  readonly line = new RecordedLine();
  readonly got: Delivery[] = [];
  isOpen = false;
  hasCrashed = false;
  hadOutage = false;
  #run = 0;
  #stop: Stop | undefined;

  constructor(private readonly ack: 'sent' | 'done') {}

  async begin(): Promise<void> {
    this.listen();
    await this.open();
    await this.line.clock.pass(2_000);
  }

  async take(step: Step): Promise<void> {
    const { line } = this;
    if (step.do === 'write') this.write(step.chat);
    else if (step.do === 'drop') this.drop();
    else if (step.do === 'open') await this.open();
    else if (step.do === 'deploy') this.leave('restarting');
    else if (step.do === 'stop') this.leave('now');
    else if (step.do === 'return') await this.return();
    else if (step.do === 'restart') await this.restart(() => line.close());
    else if (step.do === 'crash') {
      this.hasCrashed = true;
      await this.restart(() => Promise.resolve());
    } else if (step.do === 'outage') {
      this.hadOutage = true;
      line.failure = line.failure ? undefined : ApiError.unreachable('api.example', undefined);
    } else if (step.do === 'turn') await turn();
    else if ('ms' in step) await this.pass(step.ms);
  }

  /** Nothing is in the way any more: all that was written has to come. */
  async end(): Promise<void> {
    this.line.failure = undefined;
    this.listen();
    await this.open();
    for (let minutes = 0; minutes < 20; minutes += 1) await this.pass(60_000);
    await this.line.close();
  }

  /** The fake clock is much faster than the event loop, in which each message takes a turn. */
  private async pass(ms: number): Promise<void> {
    for (let turns = 0; turns < 2 * this.line.written.length; turns += 1) await turn();
    await this.line.clock.pass(ms);
  }

  private write(chat: number): void {
    const id = `${chat}/${this.line.written.length}`;
    const isReceived = this.isOpen && this.line.harness.socket.channels.includes(CHANNEL);
    if (isReceived) this.line.say(id, { chat: { id: chat } });
    else this.line.write(id, { chat: { id: chat } });
  }

  private async open(): Promise<void> {
    if (this.isOpen) return;
    this.isOpen = true;
    await this.line.harness.open();
  }

  private drop(): void {
    if (this.isOpen) this.line.harness.drop();
    this.isOpen = false;
  }

  private listen(): void {
    if (this.#stop) return;
    const spy = listener({ ack: this.ack });
    const { line } = this;
    const run = this.#run;
    const { harness } = line;
    spy.onItem = (delivery) => {
      if (run !== this.#run) return;
      this.got.push(delivery);
      const { deliveryToken } = delivery;
      if (deliveryToken !== undefined) setImmediate(() => harness.deliveries.acknowledge(deliveryToken, 'done'));
    };
    this.#stop = harness.inbox.add(spy);
  }

  private async return(): Promise<void> {
    this.listen();
    // The server announces nothing before it has confirmed the subscription.
    if (!this.line.harness.socket.channels.includes(CHANNEL)) await this.line.clock.settle();
  }

  private leave(how: 'restarting' | 'now'): void {
    this.#stop?.(how);
    this.#stop = undefined;
  }

  private async restart(end: () => Promise<void>): Promise<void> {
    this.isOpen = false;
    await end();
    if (!this.hasCrashed) await turn();
    this.#run += 1;
    this.#stop = undefined;
    this.line.start();
    this.listen();
    await this.line.clock.settle();
  }
}

describe('an inbox under any sequence of messages, drops, outages, deploys, restarts and crashes', () => {
  for (const ack of ['sent', 'done'] as const) {
    it(`loses nothing, repeats only what is marked, and keeps the order of each chat with ack: ${ack}`, async () => {
      const steps = fc.array(STEP, { maxLength: 30, size: 'max' });
      await fc.assert(
        fc.asyncProperty(steps, async (sequence) => {
          const play = new Play(ack);
          await play.begin();
          for (const step of sequence) await play.take(step);
          await play.end();
          const ids = play.got.map(({ item }) => String(item.id));
          const written = play.line.written.map(({ id }) => String(id));
          assert.deepEqual([...new Set(ids)].sort(), [...written].sort(), 'lost');
          for (const [at, { item, recovered, attempt = 1 }] of play.got.entries()) {
            if (!ids.slice(0, at).includes(String(item.id))) continue;
            assert.ok(recovered || attempt > 1, `${String(item.id)} came twice, unmarked`);
            assert.ok(play.hasCrashed || ack === 'done', `${String(item.id)} came twice without a crash`);
          }
          if (play.hadOutage) return;
          for (const chat of ['7', '8']) {
            const of = (all: string[]): string[] => [...new Set(all)].filter((id) => id.startsWith(chat));
            assert.deepEqual(of(ids), of(written), 'out of order');
          }
        }),
        { numRuns: 150 },
      );
    });
  }
});
