import type { Line } from './api/lines';
import type { LineNaming } from './channels/line-names';
import type { Clock } from './clock';
import type { ConnectionRequests } from './connection-requests';
import type { Failure, Outcome } from './delivery/outcome';
import type { ChatAppError } from './errors';
import type { ErrorLog } from './error-log';
import type { EventCounters } from './event-counters';
import type { ConnectionHealth } from './health';
import type { DeadLetterBox } from './inbox/dead-letter-box';
import type { Listener, Stop } from './inbox/listener';
import type { Log } from './log';
import type { Notice } from './notice';
import type { OpenSession } from './session/sessions';
import type { SocketReceiver } from './socket/socket';
import type { SupervisorState } from './socket/supervisor';
import type { Store } from './store';
import type { Webhook } from './webhook/webhook';

export type InstanceHealth = Pick<ConnectionHealth, 'channels' | 'listeners' | 'cluster'>;

/** Brings events to the listeners of this Node-RED: as the only one on the account, or as one of several. */
export interface Instance {
  readonly receiver: SocketReceiver & { onSocket(state: SupervisorState): void };
  /** Present if events come by webhook. */
  readonly webhook: Webhook | undefined;
  /** @throws RangeError if an id is malformed */
  listen(listener: Listener): Stop;
  acknowledge(deliveryToken: string, outcome: Outcome, failure?: Failure): boolean;
  forgetMissing(isThere: (listener: string) => boolean): Promise<void>;
  /** @param namingOf what the account calls a line */
  health(namingOf: (line: Line) => LineNaming | undefined): InstanceHealth;
  /** Absent if dead letters are kept elsewhere, as `health` says. */
  readonly deadLetters: DeadLetterBox | undefined;
  /** Fetches what the channel misses, or all channels do, now instead of at the next try. */
  fetchMissing(channel?: string): void;
  /** Works out the statuses of all listeners again. */
  showAll(): void;
  flush(): Promise<void>;
  /** Ends listening; `removed` removes the callbacks, too. */
  leave(how: 'now' | 'removed'): Promise<void>;
  /** Called after `leave`, and after sending has ended. */
  close(): Promise<void>;
}

export interface InstanceOptions {
  /** The connection's name in the store. */
  readonly id: string;
  readonly account: OpenSession;
  readonly requests: ConnectionRequests;
  readonly store: Store;
  readonly counts: EventCounters;
  readonly errors: ErrorLog;
  readonly onNotice: (notice: Notice) => void;
  /** How far back missed messages are fetched, in hours. */
  readonly hours: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** What concerns the whole connection; once for each incident. */
  readonly onError: (error: ChatAppError) => void;
  /** A listener needs the socket. */
  readonly onWanted: () => void;
  /** The last listener has gone. */
  readonly onEmpty: () => void;
}
