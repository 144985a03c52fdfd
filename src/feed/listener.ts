import type { ChannelAddress } from '../events';
import type { ChatAppError } from '../errors';
import type { Status } from '../status';
import type { Delivery } from './delivery';

/** Where a listener listens: one channel, or all of the account's messenger channels that fit. */
export type ChannelChoice = Exclude<ChannelAddress, { type: 'messenger' }> | LineChoice;

/** Messenger channels; an absent or empty part means: any. */
export interface LineChoice {
  readonly type: 'messenger';
  readonly licenseId?: string;
  readonly messengerType?: string;
}

export interface ItemFilter {
  /** The events that are wanted; empty for every one, known or not. */
  readonly events: readonly string[];
  /** Which side an item must have come from. Items that name no side pass. */
  readonly direction: 'any' | 'in' | 'out';
  /** Items sent by this app (`app_…`) are dropped. */
  readonly ignoreApp?: string;
}

export interface Listener extends ItemFilter {
  /** A name that stays the same across restarts: the listener then also gets what came while it was away. */
  readonly id?: string;
  readonly channel: ChannelChoice;
  /**
   * When an item counts as handled, where several Node-REDs share the work: once it was handed over (default), or once
   * it was settled by its `ticket`.
   */
  readonly ack?: 'sent' | 'done';
  /** How long an item may stay unsettled before it is tried again, in s; default 60. */
  readonly ackSeconds?: number;
  /** Called once for each item. The listener may keep and change what it gets: nobody else has it. */
  onItem(delivery: Delivery): void;
  /** Called at once, and then at each change. */
  onStatus(status: Status): void;
  /**
   * What concerns its channels: `CHANNEL_REFUSED`, `PAYLOAD_INVALID`, `RECOVERY_FAILED`, `DELIVERY_FAILED`. Once for
   * each incident.
   */
  onError(error: ChatAppError): void;
}

/**
 * Ends listening: `now` by default; `restarting` keeps the place and what comes for a listener with the same id, for
 * 10 s; `forGood` also forgets how far it got, so that a later one with this id begins anew.
 */
export type Stop = (how?: 'now' | 'restarting' | 'forGood') => void;
