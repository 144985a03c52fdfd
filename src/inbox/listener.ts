import type { ChannelAddress, Item, Meta } from '../events';
import type { ChatAppError } from '../errors';
import type { Status } from '../status';

/** How events come in. */
export type Receive = 'socket' | 'both' | 'webhook';

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
  /**
   * `in`: what customers send. Items with the side `out` are left out, and events about outgoing messages
   * (`messageStatus`). `out` is the reverse. Items that belong to neither direction pass.
   */
  readonly direction: 'any' | 'in' | 'out';
  /** With the direction `in`: events about outgoing messages pass all the same. Nodes before version 1 rely on it. */
  readonly keepStatuses?: boolean;
  /** Items sent by this app (`app_…`) are dropped, but not the statuses of its messages. */
  readonly ignoreApp?: string;
  /** Items of chats with several people are dropped, as far as ChatApp says so. */
  readonly skipGroups?: boolean;
  /** Messages that come again because they were edited are dropped. Those that were missed and fetched later pass. */
  readonly skipEdited?: boolean;
}

/** One item on its way to one listener. Ids are strings; what neither meta, channel nor item tells is absent. */
export interface Delivery {
  readonly event: string;
  readonly channel: string;
  readonly item: Item;
  readonly meta: Meta;
  readonly licenseId?: string;
  readonly messengerType?: string;
  readonly companyId?: string;
  readonly userId?: string;
  readonly chatId?: string;
  readonly messageId?: string;
  /** When it reached this machine, ms since the epoch. */
  readonly receivedAt: number;
  /** True where it was fetched after a gap. */
  readonly recovered: boolean;
  /** Present, and true, for what was made up to try a flow. */
  readonly sample?: true;
  /** The number of this attempt, from 1. @default 1 */
  readonly attempt?: number;
  /** What this try is settled by; present for a listener with `ack: 'done'`. */
  readonly deliveryToken?: string;
  /** Present where one envelope brought the listener several items: `id` is the same for all of them. */
  readonly part?: { readonly id: string; readonly index: number; readonly count: number };
}

export interface Listener extends ItemFilter {
  /** A name that stays the same across restarts: the listener then also gets what came while it was away. */
  readonly id?: string;
  readonly channel: ChannelChoice;
  /**
   * When an item counts as delivered: once the next nodes have got it (default), or once it was settled by its
   * `deliveryToken`.
   */
  readonly ack?: 'sent' | 'done';
  /** How long an item may stay unsettled before it is tried again, in s; default 60. */
  readonly ackSeconds?: number;
  /** How many items may be unsettled at a time with `ack: 'done'`; default 100. */
  readonly inFlight?: number;
  /** Called once for each attempt to deliver an item. The listener may keep and change what it gets: nobody else has it. */
  onItem(delivery: Delivery): void;
  /**
   * Called before `onItem`. The result is called one turn of the event loop later: false if a deploy has closed a node to
   * which the item was sent before that node got it; then the item is delivered again. Without it, all items arrive.
   */
  trackDelivery?(delivery: Delivery): () => boolean;
  /** Called at once, and then at each change. */
  onStatus(status: Status): void;
  /**
   * What concerns its channels: `CHANNEL_REFUSED`, `PAYLOAD_INVALID`, `RECOVERY_FAILED`, `DELIVERY_FAILED`. Once for
   * each incident. `delivery` is the one that could not be delivered (`DELIVERY_FAILED`).
   */
  onError(error: ChatAppError, delivery?: Delivery): void;
}

/**
 * Ends listening. `now`, the default, keeps what is pending; the next listener with the same id also gets the messages
 * of the time in between. `restarting` keeps all that comes in between, however long it takes. `disabled` keeps what is
 * pending, but nothing of the time in between. `removed` forgets all: a later listener with this id starts from nothing.
 */
export type Stop = (how?: 'now' | 'restarting' | 'disabled' | 'removed') => void;
