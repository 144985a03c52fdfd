import { Deliveries } from './delivery/deliveries';
import { PendingLimits, STORED, UNSTORED } from './delivery/pending-limits';
import { detail } from './error-details';
import { ChatAppError } from './errors';
import type { Receive } from './inbox/listener';
import { Inbox } from './inbox/inbox';
import { Retention } from './inbox/retention';
import type { Instance, InstanceOptions } from './instance';
import type { Credentials } from './session/credentials';
import { inboxNameOf, positionsNameOf, secretNameOf } from './stored-names';
import { WebhookReceiver } from './webhook/webhook-receiver';
import { webhookOf } from './webhook/webhook';
import { WebhookSecret } from './webhook/webhook-secret';

export interface SingleInstanceOptions extends InstanceOptions {
  readonly credentials: Credentials;
  readonly receive: Receive;
  /** The public address below which callbacks come in; empty if none do. */
  readonly baseUrl: string;
  /** How long pending events and dead letters are kept. */
  readonly keepHours: number;
  /** True while nothing can be stored. */
  readonly isUnstored: () => boolean;
}

/** The only Node-RED on the account, as far as it knows: all that it receives goes through its inbox. */
export function singleInstance(options: SingleInstanceOptions): Instance {
  const { id, account, requests, store, counts, errors, credentials, receive, baseUrl, keepHours } = options;
  const { hours, clock, random, log, onError, onNotice, onEmpty, isUnstored } = options;
  const { session, api } = account;
  const webhookSecret = new WebhookSecret(credentials, store, secretNameOf(id), log);
  const secret = (): Promise<string> => webhookSecret.get();
  const knownTime = (): number | undefined => (api.hasTime ? api.time : undefined);
  const retention = new Retention({ hours: keepHours, serverTime: knownTime, clock });
  const limits = new PendingLimits({ stored: STORED, unstored: UNSTORED, retention, clock, onError });
  const deliveries = new Deliveries({ clock, random, log, limits, counts, onNotice });
  const inbox = new Inbox({
    ...requests.inbox,
    ...(receive !== 'socket' && { webhook: { ...requests.callbacks, receive, baseUrl, secret } }),
    ...(store.records && { records: store.records }),
    scope: inboxNameOf(id),
    earlierPositions: () => store.read(positionsNameOf(id)),
    findAccount: () => session.findAccountId(),
    makeQueue: (subscriber, pending) => deliveries.open(subscriber, pending),
    serverTime: () => api.time,
    mayRecord: () => api.hasTime,
    isUnstored,
    counts,
    errors,
    onNotice,
    hours,
    retention,
    clock,
    random,
    log,
    onError,
    onEmpty,
  });
  const { callbacks } = inbox;
  const receiver =
    callbacks &&
    new WebhookReceiver({
      secret,
      ready: () => inbox.ready(),
      formerSecret: () => webhookSecret.former,
      isKnown: (line) => inbox.hasLine(line),
      onCallback: (line, body) => inbox.receiveCallback(line, body),
      clock,
      log,
    });
  const params = { field: 'receive', ...detail('wanted', 'needsSocket') };
  const needsSocket = ChatAppError.of('CONFIG_INVALID', 'malformed', params);

  return {
    receiver: inbox,
    webhook: receiver && webhookOf(receiver, callbacks, webhookSecret),
    listen(listener) {
      if (receive === 'webhook' && listener.channel.type !== 'messenger') {
        listener.onStatus({ kind: 'configInvalid' });
        listener.onError(needsSocket);
        return () => undefined;
      }
      if (receive !== 'webhook') options.onWanted();
      return inbox.add(listener);
    },
    acknowledge: (deliveryToken, outcome, failure) => deliveries.acknowledge(deliveryToken, outcome, failure),
    forgetMissing: (isThere) => inbox.forgetMissing(isThere),
    health(namingOf) {
      const deadLetters = inbox.deadLetters.counts;
      const listeners = inbox.subscribers.map(({ id: node, status, listener: { ack = 'sent' } }) => {
        const queue = deliveries.healthOf(node) ?? { waiting: 0, inFlight: 0 };
        return { node, status, ack, ...queue, deadLetters: deadLetters.get(node) ?? 0 };
      });
      return { channels: inbox.channelHealth(namingOf), listeners };
    },
    deadLetters: inbox.deadLetters,
    fetchMissing: (channel) => inbox.fetchMissing(channel),
    showAll: () => inbox.showAll(),
    flush: () => inbox.flush(),
    async leave(how) {
      await inbox.close();
      if (how === 'removed') await callbacks?.removeAll();
    },
    close: () => Promise.resolve(),
  };
}
