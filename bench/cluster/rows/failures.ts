import { setTimeout as wait } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { DiscardPolicy, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { Harness } from '../harness';

/** Something that NATS cannot do for a while. */
export interface Failure {
  readonly what: string;
  /** In ms; Infinity if it was not reported. */
  readonly reportedAfter: number;
  /** How many of the events that came before, during and after it were not handled. */
  readonly lost: number;
  /** Which errors flows got. */
  readonly errors: string;
}

const PER_SECOND = 20;
const GIVEN_UP = 40_000;
const SETTLED = 40_000;
const EVENTS = 'chatapp-2.*.events.>';
const ALLOWED = 'publish: ">", subscribe: ">"';
const DENIED = 'publish: { deny: ["chatapp-2.>"] }, subscribe: ">"';

interface Case {
  readonly what: string;
  begin(harness: Harness): Promise<void>;
  end(harness: Harness): Promise<void>;
}

const CASES: readonly Case[] = [
  {
    what: 'full',
    // Our stream drops its oldest events if somebody limits it alone: only a limit that refuses new ones is a failure.
    begin: (harness) =>
      withStream(harness, (manager, name, bytes) =>
        manager.streams.update(name, { max_bytes: bytes, discard: DiscardPolicy.New }),
      ),
    end: (harness) =>
      withStream(harness, (manager, name) =>
        manager.streams.update(name, { max_bytes: -1, discard: DiscardPolicy.Old }),
      ),
  },
  {
    what: 'no permission',
    begin: ({ nats }) => restart(nats, accountOf(DENIED)),
    end: ({ nats }) => restart(nats, accountOf(ALLOWED)),
  },
  {
    what: 'no consumers',
    async begin(harness) {
      await restart(harness.nats, accountOf(ALLOWED, 'max_consumers: 1'));
      await withStream(harness, async (manager, name) => {
        for await (const consumer of manager.consumers.list(name)) await manager.consumers.delete(name, consumer.name);
      });
    },
    end: ({ nats }) => restart(nats, accountOf(ALLOWED)),
  },
];

/** Lets events flow while NATS gets into each failure, until that is reported, and while it is fixed. */
export async function natsFailures(): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const one of CASES) {
    const harness = await Harness.start({
      instances: 3,
      servers: 1,
      handleMs: 5,
      chats: 50,
      settings: accountOf(ALLOWED),
    });
    const over = new AbortController();
    const { instances, tally, traffic } = harness;
    try {
      const flow = traffic.flow({ count: Infinity, perSecond: PER_SECOND }, over.signal);
      await wait(3_000);
      const isReported = (): boolean => [...instances.errors.keys()].some((code) => code.startsWith('CLUSTER_FAILED'));
      instances.errors.clear();
      await one.begin(harness);
      const begun = performance.now();
      // A restart of NATS alone is no failure.
      instances.errors.clear();
      await harness.until(isReported, GIVEN_UP).catch(() => undefined);
      const reportedAfter = isReported() ? performance.now() - begun : Infinity;
      await wait(3_000);
      await one.end(harness);
      await wait(5_000);
      over.abort();
      await flow;
      await harness.settled(SETTLED);
      const errors = [...instances.errors].map(([code, times]) => `${code} ${times} ×`).join(', ');
      failures.push({ what: one.what, reportedAfter, lost: tally.missing, errors: errors || 'none' });
    } finally {
      over.abort();
      await harness.close();
    }
  }
  return failures;
}

/** A user without login, with these permissions and limits. */
function accountOf(permissions: string, limits = ''): string {
  const user = `{ user: bench, password: bench, permissions: { ${permissions} } }`;
  return `no_auth_user: bench\naccounts { A { jetstream: { ${limits || 'max_consumers: 1000'} }, users: [${user}] } }`;
}

async function restart(nats: Harness['nats'], settings: string): Promise<void> {
  await nats?.kill();
  await nats?.configure(settings);
  await nats?.start();
}

/** Gives the stream with the events, and how many bytes it has. */
async function withStream(
  { nats }: Harness,
  act: (manager: JetStreamManager, name: string, bytes: number) => Promise<unknown>,
): Promise<void> {
  const client = await connect({ servers: [...(nats?.servers ?? [])] });
  try {
    const manager = await jetstreamManager(client);
    const [name = ''] = await manager.streams.names(EVENTS).next();
    const { state } = await manager.streams.info(name);
    await act(manager, name, state.bytes);
  } finally {
    await client.close();
  }
}
