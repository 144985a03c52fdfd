import type { LineNaming } from '../channels/line-names';
import type { SubscriptionState } from '../channels/subscription';
import { shownTime, type Clock } from '../clock';
import { failureOf } from '../error-log';
import { parseChannelName } from '../events';
import type { ChannelHealth, GapHealth, WebhookHealth } from '../health';
import type { CallbackState } from '../webhook/callback-state';
import type { Channel } from './channel';
import type { Gap } from './gaps';

export interface ChannelSurroundings {
  readonly gap: Gap | undefined;
  readonly naming: LineNaming | undefined;
  readonly clock: Clock;
}

/** The state of a channel, to be shown; `undefined` for a name that is no channel's. */
export function channelHealthOf(channel: Channel, surroundings: ChannelSurroundings): ChannelHealth | undefined {
  const address = parseChannelName(channel.name);
  if (!address) return undefined;
  const { naming, clock } = surroundings;
  const { counts, subscribers } = channel.inbox;
  const { hours, skipped } = counts;
  const gap = gapHealthOf(channel, surroundings);
  const { lastEventAt, callback } = channel;
  return {
    channel: channel.name,
    ...address,
    ...naming,
    ...stateOf(channel),
    ...(callback && { webhook: webhookHealthOf(callback) }),
    ...(lastEventAt > 0 && { lastEvent: shownTime(clock, lastEventAt - clock.monotonic()) }),
    ...(hours && { hours }),
    ...(gap && { gap }),
    skipped,
    listeners: [...subscribers].map(({ id }) => id),
  };
}

const STATES: Readonly<Record<SubscriptionState['kind'], ChannelHealth['state']>> = {
  idle: 'disconnected',
  authorising: 'subscribing',
  subscribed: 'receiving',
  waiting: 'waiting',
  refused: 'refused',
  tokenInvalid: 'tokenInvalid',
};

function stateOf({ isReceived, subscription, failure }: Channel): Pick<ChannelHealth, 'state' | 'failure' | 'nextTry'> {
  if (isReceived) return { state: 'receiving' };
  const isFailing = 'nextTry' in subscription;
  return {
    state: STATES[subscription.kind],
    ...(isFailing && { nextTry: subscription.nextTry }),
    ...(isFailing && failure && { failure: failureOf(failure) }),
  };
}

function webhookHealthOf(callback: CallbackState): WebhookHealth {
  return {
    state: callback.kind,
    ...(callback.kind === 'taken' && { host: callback.host }),
    ...('error' in callback && { failure: failureOf(callback.error) }),
    ...(callback.kind === 'failed' && { nextTry: callback.nextTry }),
  };
}

/** A gap that begins again whenever it is filled, since only webhooks bring events, is none to be shown. */
function gapHealthOf(channel: Channel, { gap }: ChannelSurroundings): GapHealth | undefined {
  const { filler, isReceived } = channel;
  if (!gap || (gap.isRoutine && isReceived)) return undefined;
  const progress = filler.progress?.state ?? { chatsFound: 0, chatsDone: 0, messages: 0 };
  const { failure } = filler;
  return {
    from: gap.from * 1_000,
    isFilling: filler.isRunning,
    ...progress,
    ...(failure && { failure: failureOf(failure) }),
  };
}
