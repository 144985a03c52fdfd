import type { Cluster } from './cluster/cluster';
import { Feed } from './cluster/feed/feed';
import { Positions } from './cluster/feed/positions';
import { within } from './deadline';
import type { Instance, InstanceOptions } from './instance';
import { positionsNameOf } from './stored-names';

/** How long positions may take to get to NATS, in ms: a deploy must not wait for it. */
const FLUSH_WITHIN = 3_000;

export interface ClusterInstance extends Instance {
  /** What receives the events of all instances. */
  readonly feed: Feed;
}

/** One of several Node-REDs that share the account: what it receives goes through NATS. */
export function clusterInstance(cluster: Cluster, options: InstanceOptions): ClusterInstance {
  const { id, account, requests, store, hours, clock, random, log, onError, onEmpty } = options;
  const positions = new Positions(store, positionsNameOf(id), clock, log);
  const feed = new Feed(
    {
      ...requests.inbox,
      readHistory: requests.readHistory,
      leads: () => cluster.leads,
      positions,
      serverTime: () => account.api.time,
      hours,
      clock,
      random,
      log,
      onError,
    },
    onEmpty,
  );
  const flush = (): Promise<void> => within(clock, FLUSH_WITHIN, positions.flush()).catch(() => undefined);
  return {
    feed,
    receiver: feed,
    webhook: undefined,
    listen: (listener) => cluster.listen(listener),
    settle: (deliveryToken, outcome) => cluster.settle(deliveryToken, outcome === 'done' ? 'done' : 'failed'),
    forgetMissing: () => Promise.resolve(),
    showAll: () => undefined,
    flush,
    async leave() {
      await cluster.leave();
      feed.clear();
    },
    async close() {
      await flush();
      await cluster.close();
    },
  };
}
